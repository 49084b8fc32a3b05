/* SPDX-License-Identifier: MIT */
/* lift_move.c - moves, conversions and exchanges. */
#include "frontend/x86/lift_int_priv.h"

/* MOV, MOVNTI first, second: first = second */
void x86_lift_mov(X86Lift *l)
{
    IrRef v = x86_get(l, 1);

    x86_put(l, 0, v);
}

/* MOVZX, MOVSX: first = second, extended */
void x86_lift_movzx(X86Lift *l)
{
    IrRef v = x86_zext(l, x86_get(l, 1));

    x86_put(l, 0, l->opsize == 2 ? ir_trunc(l->blk, T_I16, v) : v);
}

void x86_lift_movsx(X86Lift *l)
{
    IrRef v = x86_sext(l, x86_get(l, 1));

    x86_put(l, 0, l->opsize == 2 ? ir_trunc(l->blk, T_I16, v) : v);
}

/* MOVBE: first = second, its bytes in the other order */
void x86_lift_movbe(X86Lift *l)
{
    IrRef v = x86_get(l, 1);

    x86_put(l, 0, ir_bswap(l->blk, ir_type_of(l->blk, v), v));
}

/* LEA: first = the offset of second */
void x86_lift_lea(X86Lift *l)
{
    IrRef v = x86_ea(l);

    x86_put(l, 0, l->opsize == 2 ? ir_trunc(l->blk, T_I16, v) : v);
}

/* XCHG: first and second change places */
void x86_lift_xchg(X86Lift *l)
{
    IrRef a = x86_get(l, 0), b = x86_get(l, 1);

    x86_put(l, 0, b);
    x86_put(l, 1, a);
}

/* XADD: second = first, first = first + second */
void x86_lift_xadd(X86Lift *l)
{
    IrRef a = x86_get(l, 0), b = x86_get(l, 1);
    X86Result r = x86_sum(l, a, b);

    if (x86_is_memory(l)) {
        x86_put(l, 0, r.value);
        x86_put(l, 1, a);
    } else {
        x86_put(l, 1, a);
        x86_put(l, 0, r.value);
    }
    x86_set_result_flags(l, &r);
}

/* CMPXCHG: if eAX == first then first = second, else eAX = first; memory is written in any case */
void x86_lift_cmpxchg(X86Lift *l)
{
    unsigned bytes = x86_size(l, 0);
    IrRef a = x86_get(l, 0), b = x86_get(l, 1), acc = x86_reg(l, G_EAX, bytes), equal, new;
    IrType t = ir_type_of(l->blk, a);
    X86Result r = x86_difference(l, acc, a);

    equal = ir_eq(l->blk, t, acc, a);
    new = ir_select(l->blk, t, equal, b, a);
    acc = ir_select(l->blk, t, equal, acc, a);
    if (x86_is_memory(l)) {
        x86_put(l, 0, new);
        x86_set_reg(l, 0, bytes, acc);
    } else {
        x86_set_reg(l, 0, bytes, acc);
        x86_put(l, 0, new);
    }
    x86_set_result_flags(l, &r);
}

/* CMPXCHG8B: if EDX:EAX == first then first = ECX:EBX, else EDX:EAX = first; only ZF changes */
void x86_lift_cmpxchg8b(X86Lift *l)
{
    IrRef old = x86_get(l, 0), low = ir_get(l->blk, G_EAX), high = ir_get(l->blk, G_EDX);
    IrRef want = ir_zext(l->blk, T_I64, high), new, equal, half;
    IrRef b = ir_get(l->blk, G_EBX), c = ir_get(l->blk, G_ECX);
    IrRef shift = ir_const(l->blk, T_I64, 32);

    want = ir_shl(l->blk, T_I64, want, shift);
    half = ir_zext(l->blk, T_I64, low);
    want = ir_or(l->blk, T_I64, want, half);
    new = ir_zext(l->blk, T_I64, c);
    new = ir_shl(l->blk, T_I64, new, shift);
    half = ir_zext(l->blk, T_I64, b);
    new = ir_or(l->blk, T_I64, new, half);
    equal = ir_eq(l->blk, T_I64, want, old);
    x86_put(l, 0, ir_select(l->blk, T_I64, equal, new, old));
    /* equal or not, EDX:EAX is now what was there */
    ir_set(l->blk, G_EAX, ir_trunc(l->blk, T_I32, old));
    half = ir_shr(l->blk, T_I64, old, shift);
    ir_set(l->blk, G_EDX, ir_trunc(l->blk, T_I32, half));
    x86_set_zf(l, equal);
}

/* CMOVcc: if the condition holds, first = second; second is read in any case */
void x86_lift_cmov(X86Lift *l)
{
    IrRef v = x86_get(l, 1), old = x86_get(l, 0), cond = x86_cond(l, l->opcode & 15);

    x86_put(l, 0, ir_select(l->blk, ir_type_of(l->blk, v), cond, v, old));
}

/* SETcc: first = the condition */
void x86_lift_setcc(X86Lift *l)
{
    IrRef cond = x86_cond(l, l->opcode & 15);

    x86_put(l, 0, ir_zext(l->blk, T_I8, cond));
}

/* CBW, CWDE: AX = AL, EAX = AX, sign-extended */
void x86_lift_cbw(X86Lift *l)
{
    IrRef v = x86_sext(l, x86_reg(l, G_EAX, l->opsize / 2u));

    x86_set_reg(l, G_EAX, l->opsize, l->opsize == 2 ? ir_trunc(l->blk, T_I16, v) : v);
}

/* CWD, CDQ: DX, EDX = the sign of AX, EAX */
void x86_lift_cwd(X86Lift *l)
{
    IrRef v = x86_reg(l, G_EAX, l->opsize), top;
    IrType t = x86_type(l->opsize);

    top = ir_const(l->blk, t, 8 * l->opsize - 1u);
    x86_set_reg(l, G_EDX, l->opsize, ir_sar(l->blk, t, v, top));
}

/* XLAT: AL = [eBX + AL] */
void x86_lift_xlat(X86Lift *l)
{
    IrRef off = x86_zext(l, x86_reg(l, G_EAX, 1)), base = ir_get(l->blk, G_EBX);

    off = ir_add(l->blk, T_I32, off, base);
    if (l->adsize == 2) {
        off = ir_and(l->blk, T_I32, off, x86_const32(l, 0xffff));
    }
    x86_set_reg(l, G_EAX, 1, x86_load(l, l->seg, off, 1));
}

/* SAHF: SF ZF AF PF CF = AH */
void x86_lift_sahf(X86Lift *l)
{
    IrRef o = ir_zext(l->blk, T_I32, x86_cond(l, CC_O)), ah = x86_zext(l, x86_reg(l, 4, 1));

    o = ir_shl(l->blk, T_I32, o, x86_const32(l, 11));
    ah = ir_and(l->blk, T_I32, ah, x86_const32(l, EFL_STATUS & 0xff));
    x86_set_status(l, ir_or(l->blk, T_I32, ah, o));
}

/* LAHF: AH = SF ZF AF PF CF */
void x86_lift_lahf(X86Lift *l)
{
    IrRef status = x86_status(l);

    status = ir_or(l->blk, T_I32, status, x86_const32(l, EFL_ONE));
    x86_set_reg(l, 4, 1, ir_trunc(l->blk, T_I8, status));
}

/* CMC, CLC, STC */
void x86_lift_carry(X86Lift *l)
{
    IrRef c;

    if (x86_arg(l) == CARRY_CMC) {
        c = x86_cf(l);
        c = ir_not(l->blk, T_I1, c);
    } else {
        c = ir_const(l->blk, T_I1, x86_arg(l) == CARRY_STC);
    }
    x86_set_cf(l, c);
}

/* SALC: AL = CF ? FF : 0 */
void x86_lift_salc(X86Lift *l)
{
    IrRef c = ir_zext(l->blk, T_I8, x86_cf(l));

    x86_set_reg(l, G_EAX, 1, ir_neg(l->blk, T_I8, c));
}

/* NOP, prefetches, cache and memory fences: nothing to do with exact memory. */
void x86_lift_nop(X86Lift *l) { (void)l; }

/* CLFLUSH: the address is read as one byte, for its faults */
void x86_lift_clflush(X86Lift *l)
{
    IrRef va = x86_translate(l, l->seg, x86_ea(l), 1, SEG_FLUSHES);

    ir_ld(l->blk, T_I8, va, x86_memop(l, 1));
}

/* UD0, UD1, UD2 */
void x86_lift_ud(X86Lift *l) { x86_undefined(l); }
