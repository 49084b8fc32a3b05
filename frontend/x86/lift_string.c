/* SPDX-License-Identifier: MIT */
/*
 * lift_string.c - string instructions. With REP an iteration is an instruction of its own: a unit
 * that goes to itself, so that faults, interrupts and counts are exact. Many of them are first
 * offered to a helper that does what needs no more than memory.
 */
#include "frontend/x86/lift_int_priv.h"
#include "frontend/x86/lift_string_priv.h"

enum { MANY = 12 }; /* iterations that are worth a call */

/* Bytes to add to a pointer: the element's, negative under DF. */
static IrRef stride(X86Lift *l, unsigned bytes)
{
    unsigned log = bytes == 1 ? 0 : bytes == 2 ? 1 : 2;
    IrRef df = ir_gld(l->blk, T_I32, offsetof(X86Cpu, eflags)), twice, size;

    df = ir_and(l->blk, T_I32, df, x86_const32(l, EFL_DF));
    twice = ir_shr(l->blk, T_I32, df, x86_const32(l, 9 - log)); /* DF is bit 10 */
    size = x86_const32(l, bytes);
    return ir_sub(l->blk, T_I32, size, twice);
}

static void advance(X86Lift *l, unsigned g, IrRef by)
{
    IrRef v = ir_get(l->blk, g);

    v = ir_add(l->blk, T_I32, v, by);
    x86_set_reg(l, g, l->adsize, l->adsize == 2 ? ir_trunc(l->blk, T_I16, v) : v);
}

void x86_begin_rep(X86Lift *l)
{
    IrRef n;

    if (l->rep == 0) {
        return;
    }
    n = x86_zext(l, x86_reg(l, G_ECX, l->adsize));
    ir_skip(l->blk, ir_ne(l->blk, T_I32, n, x86_const32(l, 0)));
    ir_goto(l->blk, l->next, l->next_mode);
    ir_label(l->blk);
}

/* eCX counted down; whether it is 0 now. */
static IrRef count_down(X86Lift *l)
{
    IrRef n = x86_zext(l, x86_reg(l, G_ECX, l->adsize));

    n = ir_add(l->blk, T_I32, n, x86_const32(l, UINT32_MAX));
    x86_set_reg(l, G_ECX, l->adsize, l->adsize == 2 ? ir_trunc(l->blk, T_I16, n) : n);
    if (l->adsize == 2) {
        n = ir_and(l->blk, T_I32, n, x86_const32(l, 0xffff));
    }
    return ir_eq(l->blk, T_I32, n, x86_const32(l, 0));
}

/* Vol. 3 17.3.1.1: traps, and breakpoints of the instruction itself, find RF set behind every
 * iteration but the last. Where neither can be RF is not seen. */
static void note_more(X86Lift *l)
{
    IrRef v;

    if ((l->mode & (MODE_TF | MODE_BREAK)) != 0) {
        v = ir_gld(l->blk, T_I32, offsetof(X86Cpu, eflags));
        v = ir_or(l->blk, T_I32, v, x86_const32(l, EFL_RF));
        ir_gst(l->blk, offsetof(X86Cpu, eflags), v);
    }
}

void x86_end_rep(X86Lift *l)
{
    IrRef done;

    if (l->rep == 0) {
        return;
    }
    done = count_down(l);
    ir_goto_if(l->blk, done, l->next, l->next_mode);
    note_more(l);
    ir_goto(l->blk, l->pc, l->next_mode);
    l->ended = true;
}

void x86_end_rep_check(X86Lift *l)
{
    IrRef done;

    if (l->rep != 0) {
        done = count_down(l);
        ir_skip(l->blk, done);
        note_more(l);
        ir_check(l->blk, l->pc, l->next_mode);
        ir_label(l->blk);
    }
    x86_end_check(l);
}

/* Iterations but for the last one, if they are many; @seg: of the source. */
static void do_block(X86Lift *l, StringOp op, unsigned bytes, unsigned seg)
{
    IrRef n, what;

    if (l->rep == 0 || l->adsize == 2 || x86_is_checked(l, SEG_ES) || x86_is_checked(l, seg)
        || (l->mode & (MODE_TF | MODE_BREAK | MODE_ALIGN | MODE_TRAP)) != 0) {
        return;
    }
    l->blk->bulk |= l->pc == l->blk->pc; /* the unit of its further iterations, at least */
    n = ir_get(l->blk, G_ECX);
    ir_skip(l->blk, ir_ltu(l->blk, T_I32, n, x86_const32(l, MANY)));
    what = x86_const32(l, string_what(op, bytes, seg, l->rep == 0xf2));
    x86_call(l, T_NO, X86_H_string, what, IR_NONE, IR_NONE);
    ir_label(l->blk);
}

/* MOVS: [ES:eDI] = [DS:eSI] */
void x86_lift_movs(X86Lift *l)
{
    IrRef v, by;

    x86_begin_rep(l);
    do_block(l, STRING_MOVS, x86_size(l, 0), l->seg);
    v = x86_get(l, 1);
    x86_put(l, 0, v);
    by = stride(l, x86_size(l, 0));
    advance(l, G_ESI, by);
    advance(l, G_EDI, by);
    x86_end_rep(l);
}

/* STOS: [ES:eDI] = eAX */
void x86_lift_stos(X86Lift *l)
{
    unsigned bytes = x86_size(l, 0);

    x86_begin_rep(l);
    do_block(l, STRING_STOS, bytes, SEG_ES);
    x86_put(l, 0, x86_reg(l, G_EAX, bytes));
    advance(l, G_EDI, stride(l, bytes));
    x86_end_rep(l);
}

/* LODS: eAX = [DS:eSI] */
void x86_lift_lods(X86Lift *l)
{
    unsigned bytes = x86_size(l, 0);

    x86_begin_rep(l);
    x86_set_reg(l, G_EAX, bytes, x86_get(l, 0));
    advance(l, G_ESI, stride(l, bytes));
    x86_end_rep(l);
}

/* The end of a comparison of @a with @b: flags, and when REPE or REPNE stops. Vol. 2, REP: what
 * suspends it finds the flags from before, so that only the last iteration sets them. */
static void end_compare(X86Lift *l, IrRef a, IrRef b)
{
    IrType t = ir_type_of(l->blk, a);
    IrRef done, until;
    X86Result r;

    if (l->rep != 0) {
        until = l->rep == 0xf2 ? ir_eq(l->blk, t, a, b) : ir_ne(l->blk, t, a, b);
        done = count_down(l);
        ir_skip(l->blk, ir_or(l->blk, T_I1, done, until));
        note_more(l);
        ir_goto(l->blk, l->pc, l->next_mode);
        ir_label(l->blk);
    }
    r = x86_difference(l, a, b);
    x86_set_result_flags(l, &r);
}

/* CMPS: compare [DS:eSI] with [ES:eDI] */
void x86_lift_cmps(X86Lift *l)
{
    IrRef a, b, by;

    x86_begin_rep(l);
    do_block(l, STRING_CMPS, x86_size(l, 0), l->seg);
    b = x86_get(l, 1); /* first, as its page fault shows */
    a = x86_get(l, 0);
    by = stride(l, x86_size(l, 0));
    advance(l, G_ESI, by);
    advance(l, G_EDI, by);
    end_compare(l, a, b);
}

/* SCAS: compare eAX with [ES:eDI] */
void x86_lift_scas(X86Lift *l)
{
    unsigned bytes = x86_size(l, 0);
    IrRef a, b, by;

    x86_begin_rep(l);
    do_block(l, STRING_SCAS, bytes, SEG_ES);
    b = x86_get(l, 0);
    a = x86_reg(l, G_EAX, bytes);
    by = stride(l, bytes);
    advance(l, G_EDI, by);
    end_compare(l, a, b);
}
