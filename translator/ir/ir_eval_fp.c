/* SPDX-License-Identifier: MIT */
/* ir_eval_fp.c - what FP operations yield, generated from ir_ops.def over the software FP. */
#include "translator/ir/ir.h"
#include "translator/ir/isa.h"
#include "translator/ir/softfp.h"

/* Conversions; the 32 and 64 in a name are the row's type. */
static uint32_t ir_fp_of_s32(uint32_t a, FpEnv *env) { return sfp_32_from_i32(a, env); }
static uint64_t ir_fp_of_s64(uint64_t a, FpEnv *env) { return sfp_64_from_i32((uint32_t)a, env); }
static uint32_t ir_fp_of_u32(uint32_t a, FpEnv *env) { return sfp_32_from_u32(a, env); }
static uint64_t ir_fp_of_u64(uint64_t a, FpEnv *env) { return sfp_64_from_u32((uint32_t)a, env); }
static uint32_t ir_fp_to_s32(uint32_t a, FpEnv *env) { return sfp_32_to_i32(a, FP_RZ, env); }
static uint32_t ir_fp_to_s64(uint64_t a, FpEnv *env) { return sfp_64_to_i32(a, FP_RZ, env); }
static uint32_t ir_fp_to_u32(uint32_t a, FpEnv *env) { return sfp_32_to_u32(a, FP_RZ, env); }
static uint32_t ir_fp_to_u64(uint64_t a, FpEnv *env) { return sfp_64_to_u32(a, FP_RZ, env); }

/* Rows without a type of their own are evaluated as of 64 bits. */
static uint64_t ir_fp_widen64(uint64_t a, FpEnv *env) { return sfp_32_to_64((uint32_t)a, env); }
static uint32_t ir_fp_narrow64(uint64_t a, FpEnv *env) { return sfp_64_to_32(a, env); }
#define ir_fp_widen32(a, env) ir_fp_widen64(a, env)
#define ir_fp_narrow32(a, env) ir_fp_narrow64(a, env)

/* clang-format off */
static uint32_t eval32(IrOp op, uint32_t a, uint32_t b, uint32_t c, FpEnv *env)
{
    switch (op) {
#define IR_FP1(name, dst, a_, fn)         case IR_##name: return (uint32_t)fn##32(a, env);
#define IR_FP2(name, dst, a_, b_, fn)     case IR_##name: return (uint32_t)fn##32(a, b, env);
#define IR_FP3(name, dst, a_, b_, c_, fn) case IR_##name: return (uint32_t)fn##32(a, b, c, env);
#include "translator/ir/ir_ops.def"
    default: g_assert_not_reached();
    }
}

static uint64_t eval64(IrOp op, uint64_t a, uint64_t b, uint64_t c, FpEnv *env)
{
    switch (op) {
#define IR_FP1(name, dst, a_, fn)         case IR_##name: return (uint64_t)fn##64(a, env);
#define IR_FP2(name, dst, a_, b_, fn)     case IR_##name: return (uint64_t)fn##64(a, b, env);
#define IR_FP3(name, dst, a_, b_, c_, fn) case IR_##name: return (uint64_t)fn##64(a, b, c, env);
#include "translator/ir/ir_ops.def"
    default: g_assert_not_reached();
    }
}
/* clang-format on */

uint64_t ir_eval_fp(IrOp op, IrType type, uint64_t a, uint64_t b, uint64_t c, FpEnv *env)
{
    return type == T_F32 ? eval32(op, (uint32_t)a, (uint32_t)b, (uint32_t)c, env)
                         : eval64(op, a, b, c, env);
}

bool isa_fp_gather(Vcpu *v, FpEnv *env, uint32_t before)
{
    uint32_t raised = (env->flags & FP_UNIMPLEMENTED) != 0 ? FP_UNIMPLEMENTED : env->flags;

    if ((raised & env->trap) != 0) {
        env->flags = before;
        vcpu_cold(v)->isa->fp_trap(v, raised);
        return false;
    }
    env->flags = before | raised;
    return true;
}

IrVec isa_do_vec_fp(Vcpu *v, IrOp op, IrType type, IrVec a, IrVec b, uint64_t imm)
{
    VcpuCold *cold = vcpu_cold(v);

    if (ir_is_sse(op)) {
        return ir_eval_sse(op, a, b, imm, (uint32_t *)(void *)((char *)v + cold->isa->mxcsr));
    }
    return ir_eval_vec_fp(op, type, a, b, imm, &cold->fp[ir_lane_arg(imm) & 1]);
}

uint64_t isa_do_fp(Vcpu *v, IrOp op, IrType type, uint64_t a, uint64_t b, uint64_t c, uint64_t imm)
{
    FpEnv *env = &vcpu_cold(v)->fp[imm & 1];
    uint32_t before = env->flags;
    uint64_t r;

    if ((imm & IR_FP_TRAPS) == 0) {
        return ir_eval_fp(op, type, a, b, c, env);
    }
    env->flags = 0;
    r = ir_eval_fp(op, type, a, b, c, env);
    isa_fp_gather(v, env, before);
    return r;
}
