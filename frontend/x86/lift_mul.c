/* SPDX-License-Identifier: MIT */
/*
 * lift_mul.c - multiplication and division.
 *
 * Undefined flags: after a multiplication SF, ZF and PF are the low half's and AF is 0; a division
 * leaves all as they were.
 */
#include "frontend/x86/lift_int_priv.h"

/* MUL, IMUL: eDX:eAX = eAX * first; AX = AL * first. CF = OF = it does not fit the low half. */
void x86_lift_mul(X86Lift *l)
{
    unsigned bytes = x86_size(l, 0);
    bool is_signed = x86_arg(l) == MUL_IMUL;
    IrRef a = x86_get(l, 0), acc = x86_reg(l, G_EAX, bytes);
    IrType t = x86_type(bytes);
    IrPair p = is_signed ? ir_smul2(l->blk, t, acc, a) : ir_umul2(l->blk, t, acc, a);

    x86_set_reg(l, 0, bytes, p.first);
    x86_set_reg(l, bytes == 1 ? 4 : 2, bytes, p.second); /* AH, DX, EDX */
    x86_set_product_flags(l, is_signed, acc, a);
}

static void multiply(X86Lift *l, IrRef a, IrRef b)
{
    IrPair p = ir_smul2(l->blk, ir_type_of(l->blk, a), a, b);

    x86_put(l, 0, p.first);
    x86_set_product_flags(l, true, a, b);
}

/* IMUL first, second: first = first * second */
void x86_lift_imul2(X86Lift *l)
{
    IrRef b = x86_get(l, 1), a = x86_get(l, 0);

    multiply(l, a, b);
}

/* IMUL first, second, third: first = second * third */
void x86_lift_imul3(X86Lift *l)
{
    IrRef a = x86_get(l, 1), b = x86_get(l, 2);

    multiply(l, a, b);
}

/* eDX:eAX, or AX, in a type twice as wide as the divisor. */
static IrRef dividend(X86Lift *l, unsigned bytes, IrType t)
{
    unsigned bits = 8 * bytes;
    IrRef low, high;

    if (bytes == 1) {
        low = x86_reg(l, G_EAX, 2);
        return low;
    }
    low = ir_zext(l->blk, t, x86_reg(l, G_EAX, bytes));
    high = ir_zext(l->blk, t, x86_reg(l, G_EDX, bytes));
    high = ir_shl(l->blk, t, high, ir_const(l->blk, t, bits));
    return ir_or(l->blk, t, low, high);
}

/* DIV, IDIV: eAX = eDX:eAX / first, eDX = the remainder; #DE if the quotient does not fit. */
void x86_lift_div(X86Lift *l)
{
    unsigned bytes = x86_size(l, 0), bits = 8 * bytes;
    bool is_signed = x86_arg(l) == MUL_IDIV;
    IrType narrow = x86_type(bytes), t = x86_type(2 * bytes);
    IrRef b = x86_get(l, 0), zero = ir_const(l->blk, narrow, 0), a, q, r, fits, back;

    x86_raise_if(l, ir_eq(l->blk, narrow, b, zero), X86_DE);
    a = dividend(l, bytes, t);
    b = ir_zext(l->blk, t, b);
    if (is_signed) {
        b = ir_sext(l->blk, t, b, bits);
    }
    q = is_signed ? ir_sdiv(l->blk, t, a, b) : ir_udiv(l->blk, t, a, b);
    fits = ir_trunc(l->blk, narrow, q);
    back = ir_zext(l->blk, t, fits);
    if (is_signed) {
        back = ir_sext(l->blk, t, back, bits);
    }
    x86_raise_if(l, ir_ne(l->blk, t, back, q), X86_DE);
    r = ir_mul(l->blk, t, q, b);
    r = ir_sub(l->blk, t, a, r);
    r = ir_trunc(l->blk, narrow, r);
    x86_set_reg(l, 0, bytes, fits);
    x86_set_reg(l, bytes == 1 ? 4 : 2, bytes, r);
}
