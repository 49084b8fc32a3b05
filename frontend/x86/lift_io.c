/* SPDX-License-Identifier: MIT */
/* lift_io.c - IN, OUT, INS, OUTS: ports by IOPL and the I/O permission bitmap, Vol. 1 19.5. */
#include "frontend/x86/lift_int_priv.h"

/* Raises #GP(0) where neither IOPL nor the bitmap allows the port. */
static void check_port(X86Lift *l, IrRef port, unsigned bytes)
{
    bool always = x86_cpl0(l) || ((l->mode & MODE_IO) != 0 && (l->mode & MODE_VM) == 0);

    if (!always) {
        ir_call(l->blk, T_NO, X86_H_check_port, port, x86_const32(l, bytes), IR_NONE);
    }
}

/* The port operand, I32: an immediate byte or DX. */
static IrRef port_of(X86Lift *l, unsigned operand) { return x86_zext(l, x86_get(l, operand)); }

/* IN first, second: first = port second */
void x86_lift_in(X86Lift *l)
{
    unsigned bytes = x86_size(l, 0);
    IrRef port = port_of(l, 1), v;

    check_port(l, port, bytes);
    v = x86_call(l, x86_type(bytes), X86_H_in, port, x86_const32(l, bytes), IR_NONE);
    x86_set_reg(l, G_EAX, bytes, v);
    x86_end_check(l);
}

/* OUT first, second: port first = second */
void x86_lift_out(X86Lift *l)
{
    unsigned bytes = x86_size(l, 1);
    IrRef port = port_of(l, 0), v = x86_zext(l, x86_get(l, 1));

    check_port(l, port, bytes);
    x86_call(l, T_NO, X86_H_out, port, v, x86_const32(l, bytes));
    x86_end_check(l);
}

/* What the helper of a string form is told: bytes, address bytes, segment. */
static IrRef describe(X86Lift *l)
{
    return x86_const32(l, x86_size(l, 0) | (uint32_t)l->adsize << 8 | (uint32_t)l->seg << 16);
}

static void string(X86Lift *l, unsigned helper)
{
    IrRef port = x86_zext(l, x86_reg(l, G_EDX, 2));

    check_port(l, port, x86_size(l, 0)); /* with eCX 0 too */
    x86_begin_rep(l);
    x86_call(l, T_NO, helper, port, describe(l), IR_NONE);
    x86_end_rep_check(l);
}

/* INS: [ES:eDI] = port DX */
void x86_lift_ins(X86Lift *l) { string(l, X86_H_ins); }

/* OUTS: port DX = [DS:eSI] */
void x86_lift_outs(X86Lift *l) { string(l, X86_H_outs); }
