/* SPDX-License-Identifier: MIT */
/* ir_eval_vec.c - what vector operations yield, generated from ir_ops.def. */
#include "base/bits.h"
#include "translator/ir/ir_priv.h"
#include "translator/ir/ir_vec.h"
#include "translator/ir/softfp.h"

/* The words of the value columns: saturated to a signed lane. */
#define VEC_ADDQS(x, y) saturated(x, y, x + y, m, true)
#define VEC_SUBQS(x, y) saturated(x, y, x - y, m, false)

/* @r, or what is nearest to it if the sum or difference of @a and @b is out of range. */
static uint64_t saturated(uint64_t a, uint64_t b, uint64_t r, uint64_t mask, bool is_sum)
{
    uint64_t sign = mask ^ mask >> 1;
    bool out = ((a ^ r) & (is_sum ? b ^ r : a ^ b) & sign) != 0;

    return !out ? r : (a & sign) != 0 ? sign : sign - 1;
}

/* clang-format off */
static uint64_t lane(IrOp op, uint64_t a, uint64_t b, uint64_t c, uint64_t w, uint64_t imm)
{
    const uint64_t m = bits_mask((unsigned)w), s = m ^ m >> 1;

    switch (op) {
#define IR_VL1(name, lanes, arg, value) case IR_##name: return value;
#define IR_VL2(name, lanes, arg, value) case IR_##name: return value;
#define IR_VL3(name, lanes, arg, value) case IR_##name: return value;
#include "translator/ir/ir_ops.def"
    default: g_assert_not_reached();
    }
}
/* clang-format on */

/* What concerns more than lanes; NULL for the others. */
static IrVec (*whole(IrOp op))(const IrVecArgs *)
{
    switch (op) {
        /* clang-format off */
#define IR_VX1(name, dst, a, lanes, arg, fn)    case IR_##name: return fn;
#define IR_VX2(name, dst, a, b, lanes, arg, fn) case IR_##name: return fn;
#include "translator/ir/ir_ops.def"
        /* clang-format on */
    default: return NULL;
    }
}

IrVec ir_eval_vec(IrOp op, IrType type, IrVec a, IrVec b, IrVec c, uint64_t imm)
{
    IrVec (*fn)(const IrVecArgs *) = whole(op), r = { { 0, 0 } };
    IrVecArgs x = { a, b, type == T_V64 ? 8 : 16, 8u << ir_lane_log2(imm), ir_lane_arg(imm) };

    if (fn) {
        return fn(&x);
    }
    for (unsigned i = 0; i < 8 * x.bytes / x.w; i++) {
        ir_vec_put(&r, i, x.w,
                   lane(op, ir_vec_get(a, i, x.w), ir_vec_get(b, i, x.w), ir_vec_get(c, i, x.w),
                        x.w, x.arg));
    }
    return r;
}

/* ---- FP ---- */

/* IEEE 754-2008 5.11, as ARM's FPCompareEQ(), FPCompareGE(), FPCompareGT() and x86's CMPPS. */
static uint64_t ir_vec_fceq32(uint32_t a, uint32_t b, FpEnv *env)
{
    return sfp_compare_quiet32(a, b, env) == FP_EQ ? UINT32_MAX : 0;
}

static uint64_t ir_vec_fceq64(uint64_t a, uint64_t b, FpEnv *env)
{
    return sfp_compare_quiet64(a, b, env) == FP_EQ ? UINT64_MAX : 0;
}

static uint64_t ir_vec_fcgt32(uint32_t a, uint32_t b, FpEnv *env)
{
    return sfp_compare_signalling32(a, b, env) == FP_GT ? UINT32_MAX : 0;
}

static uint64_t ir_vec_fcgt64(uint64_t a, uint64_t b, FpEnv *env)
{
    return sfp_compare_signalling64(a, b, env) == FP_GT ? UINT64_MAX : 0;
}

static uint64_t ir_vec_fcge32(uint32_t a, uint32_t b, FpEnv *env)
{
    FpOrder order = sfp_compare_signalling32(a, b, env);

    return order == FP_GT || order == FP_EQ ? UINT32_MAX : 0;
}

static uint64_t ir_vec_fcge64(uint64_t a, uint64_t b, FpEnv *env)
{
    FpOrder order = sfp_compare_signalling64(a, b, env);

    return order == FP_GT || order == FP_EQ ? UINT64_MAX : 0;
}

/* clang-format off */
static uint64_t lane_fp32(IrOp op, uint32_t a, uint32_t b, FpEnv *env)
{
    switch (op) {
#define IR_VF1(name, fn) case IR_##name: return fn##32(a, env);
#define IR_VF2(name, fn) case IR_##name: return fn##32(a, b, env);
#include "translator/ir/ir_ops.def"
    default: g_assert_not_reached();
    }
}

static uint64_t lane_fp64(IrOp op, uint64_t a, uint64_t b, FpEnv *env)
{
    switch (op) {
#define IR_VF1(name, fn) case IR_##name: return fn##64(a, env);
#define IR_VF2(name, fn) case IR_##name: return fn##64(a, b, env);
#include "translator/ir/ir_ops.def"
    default: g_assert_not_reached();
    }
}
/* clang-format on */

IrVec ir_eval_vec_fp(IrOp op, IrType type, IrVec a, IrVec b, uint64_t imm, FpEnv *env)
{
    unsigned w = 8u << ir_lane_log2(imm);
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < ir_type_bits(type) / w; i++) {
        uint64_t x = ir_vec_get(a, i, w), y = ir_vec_get(b, i, w);

        ir_vec_put(&r, i, w,
                   w == 32 ? lane_fp32(op, (uint32_t)x, (uint32_t)y, env)
                           : lane_fp64(op, x, y, env));
    }
    return r;
}
