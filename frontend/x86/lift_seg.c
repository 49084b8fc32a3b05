/* SPDX-License-Identifier: MIT */
/*
 * lift_seg.c - segment registers, far transfers, and what asks about selectors.
 * A helper loads the hidden part; where the mode word changes, the unit ends.
 */
#include "frontend/x86/lift_int_priv.h"

static int32_t selector_of(unsigned seg)
{
    return (int32_t)(offsetof(X86Cpu, seg) + seg * sizeof(X86Seg) + offsetof(X86Seg, selector));
}

/* PUSH first: of a 32-bit slot only the selector's 16 bits are written */
void x86_lift_push_seg(X86Lift *l)
{
    IrRef v = ir_gld(l->blk, T_I32, selector_of(l->row->operand[0].number));

    x86_push_word(l, ir_trunc(l->blk, T_I16, v));
    x86_count(l);
}

/* The selector at @offset to memory, or to a register of the operand size, zero-extended. */
static void put_selector(X86Lift *l, int32_t offset)
{
    IrRef v = ir_gld(l->blk, T_I32, offset);

    if (x86_is_memory(l)) {
        IrRef off = x86_ea(l);

        x86_store(l, l->seg, off, ir_trunc(l->blk, T_I16, v));
    } else {
        x86_set_reg(l, l->rm, l->opsize, l->opsize == 2 ? ir_trunc(l->blk, T_I16, v) : v);
    }
    x86_count(l);
}

/* MOV first, Sreg */
void x86_lift_mov_from_seg(X86Lift *l)
{
    if (l->reg >= N_SEGS) {
        x86_undefined(l);
        return;
    }
    put_selector(l, selector_of(l->reg));
}

/* Loads @seg. Returns: whether the mode word must change, for end_load(). */
static IrRef load_segment(X86Lift *l, unsigned seg, IrRef selector)
{
    IrRef n = x86_const32(l, seg), mode = x86_const32(l, l->mode);

    return x86_call(l, T_I32, X86_H_load_segment, n, selector, mode);
}

/* The end of an instruction that has loaded @seg. In a flat system the mode word stays, and the
 * unit goes on. @shadow: MOV and POP, whose load of SS holds off what comes between it and the
 * next instruction. */
static void end_load(X86Lift *l, unsigned seg, IrRef changed, bool shadow)
{
    const uint32_t rare = MODE_TF | MODE_TRAP | MODE_BREAK | MODE_SHADOW | MODE_SS_SHADOW;
    bool may_stay = seg != SEG_SS && (l->mode & rare) == 0;
    IrRef next = x86_next_pc(l), holds = x86_const32(l, shadow && seg == SEG_SS);

    if (may_stay) {
        ir_skip(l->blk, ir_eq(l->blk, T_I32, changed, x86_const32(l, 0)));
    }
    ir_call(l->blk, T_NO, X86_H_segment_loaded, next, holds, IR_NONE);
    ir_dispatch(l->blk);
    if (may_stay) {
        ir_label(l->blk);
    }
    l->ended = !may_stay;
}

/* MOV Sreg, second; CS cannot be loaded so */
void x86_lift_mov_to_seg(X86Lift *l)
{
    IrRef changed;

    if (l->reg >= N_SEGS || l->reg == SEG_CS) {
        x86_undefined(l);
        return;
    }
    changed = load_segment(l, l->reg, x86_zext(l, x86_get(l, 1)));
    end_load(l, l->reg, changed, true);
}

/* POP first */
void x86_lift_pop_seg(X86Lift *l)
{
    IrRef v = x86_zext(l, x86_stack_peek(l, 0, 2)), sp, changed;
    unsigned seg = l->row->operand[0].number;
    bool narrow = (l->mode & MODE_S16) != 0; /* the stack that is popped from */

    changed = load_segment(l, seg, v);
    sp = ir_get(l->blk, G_ESP);
    sp = ir_add(l->blk, T_I32, sp, x86_const32(l, l->opsize));
    x86_set_reg(l, G_ESP, narrow ? 2 : 4, narrow ? ir_trunc(l->blk, T_I16, sp) : sp);
    end_load(l, seg, changed, true);
}

/* The selector behind the offset of a far pointer in memory. */
static IrRef far_selector(X86Lift *l)
{
    IrRef off = x86_ea(l);

    off = x86_ea_plus(l, off, l->opsize);
    return x86_zext(l, x86_load(l, l->seg, off, 2));
}

/* LDS LES LFS LGS LSS: third:first = second */
void x86_lift_load_far(X86Lift *l)
{
    IrRef v = x86_get(l, 1), selector = far_selector(l), changed;
    unsigned seg = l->row->operand[2].number;

    changed = load_segment(l, seg, selector);
    x86_put(l, 0, v);
    end_load(l, seg, changed, false);
}

/* ---- far transfers ---- */

static void transfer(X86Lift *l, IrRef selector, IrRef eip)
{
    uint32_t what = (uint32_t)l->opsize << 16 | x86_arg(l) << 24;
    IrRef next = x86_next_pc(l);

    selector = ir_or(l->blk, T_I32, selector, x86_const32(l, what));
    x86_call(l, T_NO, X86_H_far, selector, eip, next);
    x86_end_dispatch(l);
}

/* JMP, CALL selector:offset */
void x86_lift_far(X86Lift *l)
{
    IrRef selector = x86_const32(l, l->imm2), eip = x86_const32(l, l->imm);

    transfer(l, selector, eip);
}

void x86_lift_far_indirect(X86Lift *l)
{
    IrRef eip = x86_zext(l, x86_get(l, 0)), selector = far_selector(l);

    transfer(l, selector, eip);
}

/* RET far: pop EIP and CS, release bytes */
void x86_lift_ret_far(X86Lift *l)
{
    IrRef bytes = x86_const32(l, l->opsize), release = x86_const32(l, l->imm & 0xffff);

    x86_call(l, T_NO, X86_H_ret_far, bytes, release, x86_next_pc(l));
    x86_end_dispatch(l);
}

/* IRET */
void x86_lift_iret(X86Lift *l)
{
    IrRef bytes = x86_const32(l, l->opsize);

    x86_call(l, T_NO, X86_H_iret, bytes, x86_next_pc(l), IR_NONE);
    x86_end_dispatch(l);
}

/* SYSENTER, SYSEXIT */
void x86_lift_sysenter(X86Lift *l)
{
    if ((l->mode & MODE_REAL) != 0) {
        x86_gp0(l);
        return;
    }
    x86_call(l, T_NO, X86_H_sysenter, x86_next_pc(l), IR_NONE, IR_NONE);
    x86_end_dispatch(l);
}

void x86_lift_sysexit(X86Lift *l)
{
    if ((l->mode & MODE_REAL) != 0) {
        x86_gp0(l);
        return;
    }
    x86_call(l, T_NO, X86_H_sysexit, x86_next_pc(l), IR_NONE, IR_NONE);
    x86_end_dispatch(l);
}

/* ---- questions about selectors: ZF says whether there is an answer ---- */

/* LAR, LSL: first = access rights, limit of selector second */
void x86_lift_lar(X86Lift *l)
{
    IrRef selector = x86_zext(l, x86_get(l, 1)), old = x86_get(l, 0), r, ok, v;

    r = x86_call(l, T_I64, X86_H_ask_selector, selector, x86_const32(l, x86_arg(l)), IR_NONE);
    ok = ir_shr(l->blk, T_I64, r, ir_const(l->blk, T_I64, 32));
    ok = ir_trunc(l->blk, T_I1, ok);
    v = ir_trunc(l->blk, x86_type(l->opsize), r);
    x86_put(l, 0, ir_select(l->blk, x86_type(l->opsize), ok, v, old));
    x86_set_zf(l, ok);
}

/* VERR, VERW first: whether it may be read, written */
void x86_lift_ver(X86Lift *l)
{
    IrRef selector = x86_zext(l, x86_get(l, 0)), r;

    r = x86_call(l, T_I64, X86_H_ask_selector, selector, x86_const32(l, 2 + x86_arg(l)), IR_NONE);
    r = ir_shr(l->blk, T_I64, r, ir_const(l->blk, T_I64, 32));
    x86_set_zf(l, ir_trunc(l->blk, T_I1, r));
}

/* ARPL first, second: RPL of first at least that of second */
void x86_lift_arpl(X86Lift *l)
{
    IrRef a = x86_get(l, 0), b = x86_get(l, 1), three = x86_const(l, 2, 3), less, raised;

    b = ir_and(l->blk, T_I16, b, three);
    less = ir_and(l->blk, T_I16, a, three);
    less = ir_ltu(l->blk, T_I16, less, b);
    raised = ir_andc(l->blk, T_I16, a, three);
    raised = ir_or(l->blk, T_I16, raised, b);
    if (x86_is_memory(l)) {
        ir_skip(l->blk, ir_not(l->blk, T_I1, less)); /* no write where nothing changes */
        x86_put(l, 0, raised);
        ir_label(l->blk);
    } else {
        x86_put(l, 0, ir_select(l->blk, T_I16, less, raised, a));
    }
    x86_set_zf(l, less);
}

/* ---- table registers ---- */

/* SLDT, STR */
void x86_lift_store_selector(X86Lift *l)
{
    put_selector(l, x86_arg(l) ? (int32_t)offsetof(X86Cpu, tr.selector)
                               : (int32_t)offsetof(X86Cpu, ldtr.selector));
}

static int32_t table(const X86Lift *l)
{
    return x86_arg(l) ? (int32_t)offsetof(X86Cpu, idtr) : (int32_t)offsetof(X86Cpu, gdtr);
}

/* SGDT, SIDT: limit and base; 24 bits of it with 16-bit operands */
void x86_lift_store_table(X86Lift *l)
{
    IrRef off = x86_ea(l),
          base = ir_gld(l->blk, T_I32, table(l) + (int32_t)offsetof(X86Table, base));
    IrRef limit = ir_gld(l->blk, T_I32, table(l) + (int32_t)offsetof(X86Table, limit)), at;

    if (l->opsize == 2) {
        base = ir_and(l->blk, T_I32, base, x86_const32(l, 0xffffff));
    }
    at = x86_ea_plus(l, off, 2);
    x86_probe_write(l, l->seg, at, 4);
    x86_store(l, l->seg, off, ir_trunc(l->blk, T_I16, limit));
    x86_store(l, l->seg, at, base);
    x86_count(l);
}

/* LGDT, LIDT */
void x86_lift_load_table(X86Lift *l)
{
    IrRef off = x86_ea(l), limit = x86_zext(l, x86_load(l, l->seg, off, 2)), base;

    base = x86_load(l, l->seg, x86_ea_plus(l, off, 2), 4);
    if (l->opsize == 2) {
        base = ir_and(l->blk, T_I32, base, x86_const32(l, 0xffffff));
    }
    ir_gst(l->blk, table(l) + (int32_t)offsetof(X86Table, limit), limit);
    ir_gst(l->blk, table(l) + (int32_t)offsetof(X86Table, base), base);
    x86_count(l);
}

/* LLDT, LTR */
void x86_lift_lldt(X86Lift *l)
{
    x86_call(l, T_NO, X86_H_lldt, x86_zext(l, x86_get(l, 0)), IR_NONE, IR_NONE);
}

void x86_lift_ltr(X86Lift *l)
{
    x86_call(l, T_NO, X86_H_ltr, x86_zext(l, x86_get(l, 0)), IR_NONE, IR_NONE);
}
