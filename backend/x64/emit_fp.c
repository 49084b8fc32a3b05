/* SPDX-License-Identifier: MIT */
/*
 * emit_fp.c - scalar floating point on SSE, with the definition as its slow path.
 *
 * Inline code runs only under an environment that rounds to nearest, flushes nothing and takes NaNs
 * as the operands are: what MXCSR says while units run, too. Its exception flags gather in MXCSR
 * and move to FpEnv.flags in x64_fp_sync(). SSE's flags are the guest's but for:
 *   NaN results, which differ in sign and choice of operand, and unordered comparisons: done again
 *   by the definition, which alone knows what is invalid;
 *   tininess, which SSE detects after rounding and ARM before (A2.7.3): a result that equals the
 *   smallest normal number is done again too. The sum of two numbers is exact where it is tiny.
 * What the first attempt raised, the second raises as well. Operations that may trap are in
 * emit_fp_trap.c.
 */
#include <string.h>
#include <xmmintrin.h>

#include "backend/x64/x64_priv.h"
#include "translator/ir/sse.h"

enum { MXCSR_RESET = MXCSR_MASKS };

/* SDM volume 1, 10.2.3: IE DE ZE OE UE PE. What is invalid is done again by the definition, which
 * knows what a signalling NaN is. */
static uint32_t flags_of(unsigned csr)
{
    return ((csr & 1u << 2) != 0 ? FP_DIVZERO : 0u) | ((csr & 1u << 3) != 0 ? FP_OVERFLOW : 0u)
           | ((csr & 1u << 4) != 0 ? FP_UNDERFLOW : 0u) | ((csr & 1u << 5) != 0 ? FP_INEXACT : 0u);
}

/* A guest's MXCSR, with all exceptions masked, is the host's while units run. */
static uint32_t *guest_mxcsr(Vcpu *v)
{
    int32_t at = vcpu_cold(v)->isa->mxcsr;

    return at != 0 ? (uint32_t *)(void *)((char *)v + at) : NULL;
}

void x64_fp_begin(Vcpu *v)
{
    _mm_setcsr(MXCSR_RESET);
    vcpu_cold(v)->fp_sync = x64_fp_sync;
    if (guest_mxcsr(v)) {
        x64_fp_sync(v);
    }
}

void x64_fp_sync(Vcpu *v)
{
    uint32_t *mxcsr = guest_mxcsr(v);
    unsigned csr = _mm_getcsr();

    if (mxcsr) {
        *mxcsr |= csr & MXCSR_FLAGS;
        _mm_setcsr((*mxcsr & (MXCSR_DAZ | MXCSR_ROUNDING | MXCSR_FTZ)) | MXCSR_RESET);
    } else if ((csr & MXCSR_FLAGS) != 0) {
        vcpu_cold(v)->fp[0].flags |= flags_of(csr);
        _mm_setcsr(MXCSR_RESET);
    }
}

void x64_fp_restore(Vcpu *v, unsigned which)
{
    VcpuCold *cold = vcpu_cold(v);

    _mm_setcsr(cold->host_csr[which]);
    x64_fp_sync(v);
    cold->host_csr[0] = cold->host_csr[1] = MXCSR_RESET;
}

void x64_fp_end(Vcpu *v)
{
    x64_fp_sync(v);
    vcpu_cold(v)->fp_sync = NULL;
    if (guest_mxcsr(v)) {
        _mm_setcsr(MXCSR_RESET);
    }
}

/* Rounding, flushing and default NaN are the first three bytes of the control word; of operations
 * that may trap there is a byte that says it all. */
uint8_t *x64_fp_test_control(Gen *g, const IrInsn *in)
{
    int32_t at = VCPU_COLD_OFFSET(fp);

    if (ir_fp_traps(in)) {
        at += (int32_t)offsetof(FpEnv, slow);
        x64_mi(&g->as, X64_CMP, W8, x64_at(RBP, at), 0);
        return x64_jcc(&g->as, X64CC_NE, NULL);
    }
    x64_mi(&g->as, X64_TEST, W32, x64_at(RBP, at), 0x00ffffff);
    return x64_jcc(&g->as, X64CC_NE, NULL);
}

X64Op x64_fp_op(IrOp op, X64Width w)
{
    switch (op) {
    case IR_fmac:
    case IR_fadd: return w == W64 ? X64_ADDSD : X64_ADDSS;
    case IR_fmas:
    case IR_fsub: return w == W64 ? X64_SUBSD : X64_SUBSS;
    case IR_fmul: return w == W64 ? X64_MULSD : X64_MULSS;
    case IR_fdiv: return w == W64 ? X64_DIVSD : X64_DIVSS;
    case IR_fsqrt: return w == W64 ? X64_SQRTSD : X64_SQRTSS;
    case IR_fma: return w == W64 ? X64_VFMA213SD : X64_VFMA213SS;
    case IR_fcmpq: return w == W64 ? X64_UCOMISD : X64_UCOMISS;
    case IR_fcmps: return w == W64 ? X64_COMISD : X64_COMISS;
    default: return X64_N_OPS;
    }
}

static bool is_compare(const IrInsn *in) { return in->op == IR_fcmpq || in->op == IR_fcmps; }

static bool can_be_tiny(const IrInsn *in)
{
    return in->op == IR_fmul || in->op == IR_fdiv || in->op == IR_fma;
}

/* Jumps if |@x| is the smallest normal number. */
uint8_t *x64_fp_test_smallest(Gen *g, X64Width w, X64Reg x)
{
    X64Reg t = x64_temp(g);
    Asm *as = &g->as;

    x64_mr(as, X64_MOVD, w, x64_reg(t), x);
    x64_rm(as, X64_ADD, w, t, x64_reg(t)); /* the sign goes */
    if (w == W64) {
        x64_shift(as, X64_ROL, W64, x64_reg(t), 11);
        x64_mi(as, X64_CMP, W64, x64_reg(t), 1);
    } else {
        x64_mi(as, X64_CMP, W32, x64_reg(t), 1 << 24);
    }
    return x64_jcc(as, X64CC_E, NULL);
}

/* 0 less, 1 equal, 2 greater, of the flags of a comparison that was not unordered. */
static void order_of_flags(Gen *g, X64Reg d, X64Reg t)
{
    Asm *as = &g->as;

    x64_setcc(as, X64CC_AE, x64_reg(d));
    x64_setcc(as, X64CC_A, x64_reg(t));
    x64_rm(as, X64_MOVZX8, W32, d, x64_reg(d));
    x64_rm(as, X64_MOVZX8, W32, t, x64_reg(t));
    x64_rm(as, X64_ADD, W32, d, x64_reg(t));
}

static void compare(Gen *g, const IrInsn *in, X64Width w, Slow *s)
{
    X64Reg t = x64_temp(g), d = s->dst;

    x64_rm(&g->as, x64_fp_op(in->op, w), W32, s->vec[0], x64_reg(s->vec[1]));
    s->from[1] = x64_jcc(&g->as, X64CC_P, NULL);
    order_of_flags(g, d, t);
}

static void compute(Gen *g, const IrInsn *in, X64Width w, Slow *s)
{
    X64Op op = x64_fp_op(in->op, w);
    X64Reg d = s->dst;
    Asm *as = &g->as;

    x64_rm(as, X64_MOVAPS, W32, d, x64_reg(s->vec[0]));
    if (in->op == IR_fma) {
        x64_vex(as, op, w, d, x64_reg(s->vec[2]), s->vec[1]);
    } else {
        x64_rm(as, op, W32, d, x64_reg(in->op == IR_fsqrt ? d : s->vec[1]));
    }
    x64_rm(as, w == W64 ? X64_UCOMISD : X64_UCOMISS, W32, d, x64_reg(d));
    s->from[1] = x64_jcc(as, X64CC_P, NULL);
    if (can_be_tiny(in)) {
        s->from[2] = x64_fp_test_smallest(g, w, d);
    }
}

/* The operation by its definition; its result is then just below the stack pointer. */
void x64_fp_call_definition(Gen *g, const Slow *s)
{
    Asm *as = &g->as;

    x64_rm(as, X64_LEA, W64, RSP, x64_at(RSP, -24));
    if (s->value != NO_REG) { /* an integer */
        x64_mr(as, X64_MOV, W64, x64_at(RSP, 16), s->value);
    }
    for (unsigned k = 0; k < 3; k++) {
        if (s->vec[k] != NO_REG) {
            x64_mr(as, X64_MOVQ_ST, W32, x64_at(RSP, 16 - 8 * (int32_t)k), s->vec[k]);
        }
    }
    x64_push_imm(as, (int32_t)s->memop);
    if ((s->memop >> 16 & IR_FP_TRAPS) != 0) {
        x64_call(as, g->h->thunk[THUNK_FP_TRAP]);
        x64_point(g, s->insn, s->pc, s->mode);
    } else {
        x64_call(as, g->h->thunk[THUNK_FP]);
    }
    if (x64_is_vec((IrType)s->type)) {
        x64_vec_load(g, (IrType)s->type, s->dst, x64_at(RSP, -8));
    } else {
        x64_rm(as, X64_MOV, W32, s->dst, x64_at(RSP, -8));
    }
}

void x64_emit_fp_slow(Gen *g, const Slow *s)
{
    for (unsigned k = 0; k < G_N_ELEMENTS(s->from); k++) {
        if (s->from[k]) {
            x64_patch(&g->as, s->from[k], g->as.p);
        }
    }
    x64_fp_call_definition(g, s);
    x64_jmp(&g->as, s->back);
}

/* Fetches the operands and says what the slow part is to do. */
Slow *x64_fp_begin_op(Gen *g, const IrInsn *in)
{
    const IrRef refs[3] = { in->a, in->b, in->c };
    uint8_t vec[3] = { NO_REG, NO_REG, NO_REG }, integer = NO_REG;
    IrRef ref = (IrRef)(2 * g->i);
    Slow *s;

    for (unsigned k = 0; k < 3; k++) {
        if (refs[k] != IR_NONE && x64_is_vec(x64_type(g, refs[k]))) {
            vec[k] = (uint8_t)x64_vec_use(g, refs[k]);
        } else if (refs[k] != IR_NONE) {
            integer = (uint8_t)x64_use(g, refs[k]);
        }
    }
    s = x64_new_slow(g, SLOW_FP);
    memcpy(s->vec, vec, sizeof(vec));
    s->value = integer;
    s->memop = in->op | (uint32_t)in->type << 8 | (uint32_t)in->imm << 16;
    s->type = (uint8_t)x64_type(g, ref);
    s->dst = (uint8_t)(x64_is_vec((IrType)s->type) ? x64_vec_def(g, ref)
                                                   : x64_own(g, ref, x64_temp(g)));
    return s;
}

/* Registers are taken before the first jump: what is moved out of the way is so on both ways. */
static void emit_both(Gen *g, const IrInsn *in, X64Width w)
{
    X64Reg room = x64_temp(g);
    Slow *s = x64_fp_begin_op(g, in);

    g->locked &= (uint16_t) ~(1u << room);
    s->from[0] = x64_fp_test_control(g, in);
    if (is_compare(in)) {
        compare(g, in, w, s);
    } else {
        compute(g, in, w, s);
    }
    s->back = g->as.p;
    x64_csr_unknown(g);
}

/* A slow part that is always taken. */
static void by_definition(Gen *g, const IrInsn *in)
{
    Slow *s = x64_fp_begin_op(g, in);

    s->from[0] = x64_jmp(&g->as, NULL);
    s->back = g->as.p;
}

/* Whether there is an inline way for the operation in the environment that is the guest's own. */
static bool is_inline(const Gen *g, const IrInsn *in, X64Width w)
{
    if ((in->imm & ~(uint64_t)IR_FP_TRAPS) != 0) {
        return false;
    }
    switch (in->op) {
    case IR_fmac:
    case IR_fmas:
    case IR_fabs:
    case IR_fneg: return ir_fp_traps(in);
    case IR_fofs:
    case IR_fofu:
    case IR_ftos:
    case IR_ftou:
    case IR_fwiden:
    case IR_fnarrow: return !ir_fp_traps(in);
    case IR_fma: return !ir_fp_traps(in) && (g->h->features & X64_HAS_FMA) != 0;
    default: return x64_fp_op(in->op, w) != X64_N_OPS;
    }
}

void x64_emit_fp(Gen *g, const IrInsn *in)
{
    const X64Width w = in->type == T_F64 ? W64 : W32;

    x64_save_all_flags(g, in);
    if (!is_inline(g, in, w)) {
        by_definition(g, in);
    } else if (in->op >= IR_fofs && in->op <= IR_fnarrow) {
        x64_emit_fp_convert(g, in);
    } else if (ir_fp_traps(in) && !is_compare(in)) {
        x64_emit_fp_trap(g, in, w);
    } else {
        emit_both(g, in, w);
    }
}
