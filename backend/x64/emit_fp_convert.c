/* SPDX-License-Identifier: MIT */
/*
 * emit_fp_convert.c - conversions between integers and floating point, and between its formats.
 *
 * As in emit_fp.c: inline under the plain environment, and by the definition where SSE says
 * "integer indefinite", gives a NaN, or may have rounded to the smallest normal number.
 */
#include "backend/x64/x64_priv.h"

/* An unsigned word is a signed doubleword. */
static void from_integer(Gen *g, const IrInsn *in, const Slow *s)
{
    bool dbl = in->type == T_F64;

    x64_rm(&g->as, X64_PXOR, W32, s->dst, x64_reg(s->dst)); /* the old value is not waited for */
    x64_rm(&g->as, dbl ? X64_CVTSI2SD : X64_CVTSI2SS, in->op == IR_fofs ? W32 : W64, s->dst,
           x64_reg(s->value));
}

/* Jumps if operand @x is not from 0 to 2**32: 64 bits would hold it, and find it inexact. */
static uint8_t *test_unsigned(Gen *g, X64Reg x, bool dbl, X64Reg t)
{
    x64_mr(&g->as, X64_MOVD, dbl ? W64 : W32, x64_reg(t), x);
    if (dbl) {
        x64_shift(&g->as, X64_SHR, W64, x64_reg(t), 32);
    }
    x64_mi(&g->as, X64_CMP, W32, x64_reg(t), dbl ? 0x41f00000 : 0x4f800000);
    return x64_jcc(&g->as, X64CC_AE, NULL);
}

static void to_integer(Gen *g, const IrInsn *in, Slow *s, X64Reg t)
{
    bool dbl = in->type == T_F64, is_unsigned = in->op == IR_ftou;
    X64Op op = dbl ? X64_CVTTSD2SI : X64_CVTTSS2SI;

    if (is_unsigned) {
        s->from[1] = test_unsigned(g, s->vec[0], dbl, t);
    }
    x64_rm(&g->as, op, is_unsigned ? W64 : W32, s->dst, x64_reg(s->vec[0]));
    if (!is_unsigned) {
        x64_mi(&g->as, X64_CMP, W32, x64_reg(s->dst), 1); /* overflows for the least number only */
        s->from[1] = x64_jcc(&g->as, X64CC_O, NULL);
    }
}

static void change_format(Gen *g, const IrInsn *in, Slow *s)
{
    bool widens = in->op == IR_fwiden;
    Asm *as = &g->as;

    x64_rm(as, X64_PXOR, W32, s->dst, x64_reg(s->dst));
    x64_rm(as, widens ? X64_CVTSS2SD : X64_CVTSD2SS, W32, s->dst, x64_reg(s->vec[0]));
    x64_rm(as, widens ? X64_UCOMISD : X64_UCOMISS, W32, s->dst, x64_reg(s->dst));
    s->from[1] = x64_jcc(as, X64CC_P, NULL);
    if (!widens) {
        s->from[2] = x64_fp_test_smallest(g, W32, s->dst);
    }
}

void x64_emit_fp_convert(Gen *g, const IrInsn *in)
{
    X64Reg t = x64_temp(g);
    Slow *s = x64_fp_begin_op(g, in);

    s->from[0] = x64_fp_test_control(g, in);
    switch (in->op) {
    case IR_fofs:
    case IR_fofu: from_integer(g, in, s); break;
    case IR_ftos:
    case IR_ftou: to_integer(g, in, s, t); break;
    default:
        g->locked &= (uint16_t) ~(1u << t);
        change_format(g, in, s);
        break;
    }
    s->back = g->as.p;
    x64_csr_unknown(g);
}
