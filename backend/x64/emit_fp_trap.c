/* SPDX-License-Identifier: MIT */
/*
 * emit_fp_trap.c - floating point that may trap (IR_FP_TRAPS).
 *
 * It must not be tried and then left: it would have raised flags. It is done inline only if
 * FpEnv.slow is 0 and its operands are zeros or within bounds that rule out denormals, tiny
 * results, infinities and NaNs, so that nothing it may raise traps.
 */
#include "backend/x64/x64_priv.h"

/* Exponent fields from @low to @high; whether a zero will do, too; whether only if positive. */
typedef struct Bounds {
    uint16_t low, high;
    bool zero, positive;
} Bounds;

/*
 * Sums of numbers are denormal only if an operand is within p of the smallest normal one. A product
 * of two numbers above the root of the smallest is above the smallest; so is a quotient if besides
 * the divisor is below the root of the largest. The product in a multiply-add must itself be a fit
 * operand of the sum. Overflow is the same here and there.
 */
static Bounds bounds_of(const IrInsn *in, X64Width w, unsigned operand)
{
    const bool d = w == W64;
    const uint16_t last = d ? 2046 : 254;

    switch (in->op) {
    case IR_fadd:
    case IR_fsub: return (Bounds){ d ? 54 : 25, last, true, false };
    case IR_fmul: return (Bounds){ d ? 512 : 64, last, true, false };
    case IR_fdiv:
        return operand == 0 ? (Bounds){ d ? 512 : 64, last, true, false }
                            : (Bounds){ 1, d ? 1533 : 189, false, false };
    case IR_fmac:
    case IR_fmas:
        return operand == 2 ? (Bounds){ d ? 54 : 25, last, true, false }
                            : (Bounds){ d ? 540 : 77, last, true, false };
    case IR_fsqrt: return (Bounds){ 1, last, true, true };
    default: return (Bounds){ 0, last, false, false }; /* fabs, fneg: no NaN */
    }
}

/* Jumps if operand @x is out of bounds. */
static uint8_t *test_bounds(Gen *g, X64Reg x, Bounds b, X64Width w, X64Reg t)
{
    const unsigned shift = w == W64 ? 20 : 23, twice = b.positive ? 0 : 1;
    const uint32_t low = (uint32_t)b.low << (shift + twice);
    const uint32_t span = (uint32_t)(b.high - b.low + 1) << (shift + twice);
    Asm *as = &g->as;

    x64_mr(as, X64_MOVD, w, x64_reg(t), x);
    if (w == W64) {
        x64_shift(as, X64_SHR, W64, x64_reg(t), 32);
    }
    if (b.positive) {
        x64_mi(as, X64_SUB, W32, x64_reg(t), (int32_t)low);
    } else {
        x64_rm(as, X64_LEA, W32, t, x64_index(t, t, 0, (int32_t)(0 - low)));
    }
    x64_mi(as, X64_CMP, W32, x64_reg(t), (int32_t)span);
    return x64_jcc(as, X64CC_AE, NULL);
}

/* fabs, fneg: operand @x with its sign changed, by way of @t. */
static void change_sign(Gen *g, const IrInsn *in, X64Reg d, X64Reg x, X64Width w, X64Reg t)
{
    Asm *as = &g->as;

    x64_mr(as, X64_MOVD, w, x64_reg(t), x);
    if (in->op == IR_fabs) {
        x64_rm(as, X64_ADD, w, t, x64_reg(t));
        x64_shift(as, X64_SHR, w, x64_reg(t), 1);
    } else {
        x64_shift(as, X64_ROL, w, x64_reg(t), 1);
        x64_mi(as, X64_XOR, w, x64_reg(t), 1);
        x64_shift(as, X64_ROR, w, x64_reg(t), 1);
    }
    x64_rm(as, X64_MOVD, w, d, x64_reg(t));
}

/* The result of operands that are within bounds. */
static void compute(Gen *g, const IrInsn *in, const Slow *s, X64Width w, X64Reg t)
{
    X64Reg d = s->dst, b = s->vec[1];
    Asm *as = &g->as;

    if (in->op == IR_fabs || in->op == IR_fneg) {
        change_sign(g, in, d, s->vec[0], w, t);
        return;
    }
    x64_rm(as, X64_MOVAPS, W32, d, x64_reg(s->vec[0]));
    if (s->vec[2] != NO_REG) {
        x64_rm(as, w == W64 ? X64_MULSD : X64_MULSS, W32, d, x64_reg(b));
        b = s->vec[2];
    }
    x64_rm(as, x64_fp_op(in->op, w), W32, d, x64_reg(b == NO_REG ? d : b));
}

/* Behind the inline way: zeros go back to it, all else falls through to the definition. */
static void emit_zeros(Gen *g, const IrInsn *in, const Slow *s, unsigned n, X64Width w, X64Reg t,
                       uint8_t *const *out, const uint8_t *const *back)
{
    uint8_t *on[3] = { NULL };
    Asm *as = &g->as;

    for (unsigned k = 0; k < n; k++) {
        x64_patch(as, out[k], as->p);
        if (bounds_of(in, w, k).zero) {
            x64_mr(as, X64_MOVD, w, x64_reg(t), s->vec[k]);
            x64_rm(as, X64_ADD, w, t, x64_reg(t));
            x64_jcc(as, X64CC_E, back[k]);
        }
        if (k + 1 < n) {
            on[k] = x64_jmp(as, NULL);
        }
    }
    for (unsigned k = 0; k + 1 < n; k++) {
        x64_patch(as, on[k], as->p);
    }
}

void x64_emit_fp_trap(Gen *g, const IrInsn *in, X64Width w)
{
    X64Reg t = x64_temp(g);
    const Slow *s = x64_fp_begin_op(g, in);
    const uint8_t *back[3] = { NULL };
    uint8_t *out[3] = { NULL }, *slow, *done;
    Asm *as = &g->as;
    unsigned n = 0;

    slow = x64_fp_test_control(g, in);
    while (n < 3 && s->vec[n] != NO_REG) {
        out[n] = test_bounds(g, s->vec[n], bounds_of(in, w, n), w, t);
        back[n] = as->p;
        n++;
    }
    compute(g, in, s, w, t);
    done = x64_jmp(as, NULL);
    emit_zeros(g, in, s, n, w, t, out, back);
    x64_patch(as, slow, as->p);
    x64_fp_call_definition(g, s);
    x64_patch(as, done, as->p);
    g->n_slow--; /* it was for here */
    x64_csr_unknown(g);
}
