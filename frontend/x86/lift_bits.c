/* SPDX-License-Identifier: MIT */
/*
 * lift_bits.c - single bits, scans, byte order, decimal adjustment.
 *
 * Undefined flags: BT and its kin leave all but CF. BSF and BSR take SF, ZF and PF from the source
 * and clear the rest; with a source of 0 the destination stays.
 */
#include "frontend/x86/lift_int_priv.h"

/* The word of memory that holds bit @n counted from the operand: a signed offset. */
static IrRef word_of_bit(X86Lift *l, IrRef n, unsigned bytes)
{
    unsigned shift = bytes == 2 ? 4 : 5;
    IrRef words = x86_sext(l, n), off;

    words = ir_sar(l->blk, T_I32, words, x86_const32(l, shift));
    off = ir_shl(l->blk, T_I32, words, x86_const32(l, bytes == 2 ? 1 : 2));
    off = ir_add(l->blk, T_I32, off, x86_ea(l));
    return l->adsize == 2 ? ir_and(l->blk, T_I32, off, x86_const32(l, 0xffff)) : off;
}

/* BT, BTS, BTR, BTC: CF = bit second of first; and that bit set, cleared, inverted */
void x86_lift_bit(X86Lift *l)
{
    unsigned bytes = x86_size(l, 0), op = x86_arg(l);
    bool memory = x86_is_memory(l) && l->row->operand[1].kind == OPD_G;
    IrRef n = x86_get(l, 1), off = IR_NONE, v, mask, c;
    IrType t = x86_type(bytes);

    if (memory) {
        off = word_of_bit(l, n, bytes);
        v = x86_load(l, l->seg, off, bytes);
    } else {
        v = x86_get(l, 0);
    }
    n = x86_zext(l, n);
    n = ir_and(l->blk, T_I32, n, x86_const32(l, 8 * bytes - 1));
    if (t != T_I32) {
        n = ir_trunc(l->blk, t, n);
    }
    c = ir_trunc(l->blk, T_I1, ir_shr(l->blk, t, v, n));
    mask = ir_const(l->blk, t, 1);
    mask = ir_shl(l->blk, t, mask, n);
    switch (op) {
    case BIT_BTS: v = ir_or(l->blk, t, v, mask); break;
    case BIT_BTR: v = ir_andc(l->blk, t, v, mask); break;
    case BIT_BTC: v = ir_xor(l->blk, t, v, mask); break;
    default: break;
    }
    if (op != BIT_BT && memory) {
        x86_store(l, l->seg, off, v);
    } else if (op != BIT_BT) {
        x86_put(l, 0, v);
    }
    x86_set_cf(l, c);
}

/* BSF, BSR: first = number of the lowest, highest one of second */
void x86_lift_scan(X86Lift *l)
{
    IrRef v = x86_get(l, 1), old = x86_get(l, 0), found, n;
    IrType t = ir_type_of(l->blk, v);
    X86Result flags;

    if (x86_arg(l) == SCAN_FORWARD) {
        n = ir_ctz(l->blk, t, v);
    } else {
        n = ir_clz(l->blk, t, v);
        n = ir_xor(l->blk, t, n, ir_const(l->blk, t, ir_type_bits(t) - 1));
    }
    found = ir_ne(l->blk, t, v, ir_const(l->blk, t, 0));
    x86_put(l, 0, ir_select(l->blk, t, found, n, old));
    flags = x86_logic_result(l, v);
    x86_set_result_flags(l, &flags);
}

/* BSWAP: bytes of first in the other order; of 16 bits undefined: 0 */
void x86_lift_bswap(X86Lift *l)
{
    IrRef v = x86_get(l, 0);

    v = l->opsize == 2 ? x86_const(l, 2, 0) : ir_bswap(l->blk, T_I32, v);
    x86_put(l, 0, v);
}

/* DAA, DAS, AAA, AAS: AX and the flags by helper */
void x86_lift_bcd(X86Lift *l)
{
    IrRef ax = x86_zext(l, x86_reg(l, G_EAX, 2)), status = x86_status(l), r, flags;

    r = ir_call(l->blk, T_I64, X86_H_decimal, ax, status, x86_const32(l, x86_arg(l)));
    flags = ir_shr(l->blk, T_I64, r, ir_const(l->blk, T_I64, 32));
    flags = ir_trunc(l->blk, T_I32, flags);
    x86_set_reg(l, G_EAX, 2, ir_trunc(l->blk, T_I16, r));
    x86_set_status(l, flags);
}

/* AAM: AH = AL / first, AL = the remainder; #DE for 0. CF, OF, AF are undefined: 0 */
void x86_lift_aam(X86Lift *l)
{
    IrRef al = x86_reg(l, G_EAX, 1), base = x86_get(l, 0), q, r;
    X86Result flags;

    if (l->imm == 0) {
        x86_raise(l, X86_DE);
        return;
    }
    q = ir_udiv(l->blk, T_I8, al, base);
    r = ir_mul(l->blk, T_I8, q, base);
    r = ir_sub(l->blk, T_I8, al, r);
    x86_set_reg(l, 4, 1, q);
    x86_set_reg(l, 0, 1, r);
    flags = x86_logic_result(l, r);
    x86_set_result_flags(l, &flags);
}

/* AAD: AL = AL + AH * first, AH = 0 */
void x86_lift_aad(X86Lift *l)
{
    IrRef al = x86_reg(l, G_EAX, 1), ah = x86_reg(l, 4, 1), base = x86_get(l, 0), r;
    X86Result flags;

    r = ir_mul(l->blk, T_I8, ah, base);
    r = ir_add(l->blk, T_I8, r, al);
    x86_set_reg(l, G_EAX, 2, ir_zext(l->blk, T_I16, r));
    flags = x86_logic_result(l, r);
    x86_set_result_flags(l, &flags);
}
