/* SPDX-License-Identifier: MIT */
/*
 * lift_flags.c - the status flags: where each is kept, and conditions over them.
 *
 * CF, ZF, SF and OF are the global FLAGS. PF and AF are rarely asked for, so what they follow from
 * is kept: G_PF a value whose low byte's parity is PF, G_AF one whose bit 4, exclusive-or that of
 * G_PF, is AF. After x op y = r that costs two values, dead by the next instruction but one.
 */
#include "frontend/x86/lift.h"

void x86_set_pf_af(X86Lift *l, IrRef r, IrRef x)
{
    IrRef pf = x86_zext(l, r), af = x == IR_NONE ? pf : x86_zext(l, x);

    if (x != IR_NONE) {
        af = ir_xor(l->blk, T_I32, af, pf);
    }
    ir_set(l->blk, G_PF, pf);
    ir_set(l->blk, G_AF, af);
}

IrRef x86_cf(X86Lift *l)
{
    IrRef flags = ir_get(l->blk, G_FLAGS);

    return ir_fcond(l->blk, T_NO, flags, CC_C);
}

void x86_set_cf(X86Lift *l, IrRef c)
{
    IrRef flags = ir_get(l->blk, G_FLAGS), packed, bit;

    packed = ir_fpack(l->blk, T_NO, flags);
    packed = ir_and(l->blk, T_I32, packed, x86_const32(l, IR_FL_ALL & ~(uint32_t)IR_FL_C));
    bit = ir_zext(l->blk, T_I32, c);
    bit = ir_shl(l->blk, T_I32, bit, x86_const32(l, 8));
    packed = ir_or(l->blk, T_I32, packed, bit);
    ir_set(l->blk, G_FLAGS, ir_funpack(l->blk, T_NO, packed));
}

void x86_set_szp_c_o(X86Lift *l, IrRef r, IrRef c, IrRef o)
{
    IrRef bit = ir_zext(l->blk, T_I32, o), flags;

    bit = ir_shl(l->blk, T_I32, bit, x86_const32(l, 16));
    flags = ir_funpack(l->blk, T_NO, bit);
    ir_set(l->blk, G_FLAGS, ir_fnzc(l->blk, ir_type_of(l->blk, r), flags, r, c));
    x86_set_pf_af(l, r, IR_NONE);
}

/* 1 where the parity of the low byte of @v is even: PF. */
static IrRef parity(X86Lift *l, IrRef v)
{
    IrRef x = ir_shr(l->blk, T_I32, v, x86_const32(l, 4)), even;

    x = ir_xor(l->blk, T_I32, x, v);
    x = ir_and(l->blk, T_I32, x, x86_const32(l, 15));
    even = x86_const32(l, 0x9669); /* bit n: n has an even number of ones */
    even = ir_shr(l->blk, T_I32, even, x);
    return ir_and(l->blk, T_I32, even, x86_const32(l, 1));
}

IrRef x86_cond(X86Lift *l, unsigned cc)
{
    IrRef flags;

    if ((cc & ~1u) == 10) { /* P, NP */
        IrRef p = parity(l, ir_get(l->blk, G_PF)), zero = x86_const32(l, 0);

        return cc == 10 ? ir_ne(l->blk, T_I32, p, zero) : ir_eq(l->blk, T_I32, p, zero);
    }
    flags = ir_get(l->blk, G_FLAGS);
    return ir_fcond(l->blk, T_NO, flags, cc);
}

/* Bit @from of @v as bit @to of the result. */
static IrRef move_bit(X86Lift *l, IrRef v, unsigned from, unsigned to)
{
    v = from < to ? ir_shl(l->blk, T_I32, v, x86_const32(l, to - from))
                  : ir_shr(l->blk, T_I32, v, x86_const32(l, from - to));
    return ir_and(l->blk, T_I32, v, x86_const32(l, 1u << to));
}

IrRef x86_status(X86Lift *l)
{
    IrRef flags = ir_get(l->blk, G_FLAGS), packed = ir_fpack(l->blk, T_NO, flags), v, bit;
    IrRef pf = ir_get(l->blk, G_PF), af = ir_get(l->blk, G_AF);

    v = ir_and(l->blk, T_I32, packed,
               x86_const32(l, IR_FL_S | IR_FL_Z)); /* where EFLAGS has them */
    bit = move_bit(l, packed, 8, 0);
    v = ir_or(l->blk, T_I32, v, bit);
    bit = move_bit(l, packed, 16, 11);
    v = ir_or(l->blk, T_I32, v, bit);
    af = ir_xor(l->blk, T_I32, af, pf);
    af = ir_and(l->blk, T_I32, af, x86_const32(l, EFL_AF));
    v = ir_or(l->blk, T_I32, v, af);
    pf = parity(l, pf);
    pf = ir_shl(l->blk, T_I32, pf, x86_const32(l, 2));
    return ir_or(l->blk, T_I32, v, pf);
}

void x86_set_status(X86Lift *l, IrRef v)
{
    IrRef packed = ir_and(l->blk, T_I32, v, x86_const32(l, IR_FL_S | IR_FL_Z)), bit, pf, af;

    bit = move_bit(l, v, 0, 8);
    packed = ir_or(l->blk, T_I32, packed, bit);
    bit = move_bit(l, v, 11, 16);
    packed = ir_or(l->blk, T_I32, packed, bit);
    ir_set(l->blk, G_FLAGS, ir_funpack(l->blk, T_NO, packed));
    pf = ir_not(l->blk, T_I32, v);
    pf = move_bit(l, pf, 2, 0); /* a byte of 0 has even parity, one of 1 odd */
    ir_set(l->blk, G_PF, pf);
    af = ir_and(l->blk, T_I32, v, x86_const32(l, EFL_AF));
    ir_set(l->blk, G_AF, af);
}

void x86_set_order(X86Lift *l, IrRef v)
{
    IrRef packed = ir_and(l->blk, T_I32, v, x86_const32(l, IR_FL_Z)), pf;

    packed = ir_or(l->blk, T_I32, packed, move_bit(l, v, 0, 8));
    ir_set(l->blk, G_FLAGS, ir_funpack(l->blk, T_NO, packed));
    pf = ir_not(l->blk, T_I32, v);
    ir_set(l->blk, G_PF, move_bit(l, pf, 2, 0));
    ir_set(l->blk, G_AF, x86_const32(l, 0));
}
