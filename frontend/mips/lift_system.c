/* SPDX-License-Identifier: MIT */
/* lift_system.c - coprocessor 0 and other sensitive instructions, MD00086 chapter 3. */
#include "frontend/mips/cp0_priv.h"
#include "frontend/mips/lift_int_priv.h"

static int32_t offset_of(const MipsCp0Reg *reg) { return (int32_t)reg->offset; }

/* ---- registers ---- */

static const MipsCp0Reg *find(MipsLift *l)
{
    return mips_cp0_find(l->features, mips_field(l, 'd'), mips_field(l, 'n'));
}

static void count_register(MipsLift *l, const MipsCp0Reg *reg)
{
    ir_count(l->blk,
             2u * (MIPS_N_ROWS + mips_cp0_index(reg)) + ((l->mode & MIPS_MODE_PRIV) != 0 ? 1 : 0));
}

static void unknown(MipsLift *l)
{
    IrRef which = mips_const(l, mips_field(l, 'd') << 3 | mips_field(l, 'n'));

    mips_call(l, T_NO, MIPS_H_cp0_unknown, which, mips_const(l, l->pc), IR_NONE);
}

/* MFC0: Rt = CP0[Rd, sel]. A register that is not there is UNDEFINED: it reads as 0. */
void mips_lift_mfc0(MipsLift *l)
{
    const MipsCp0Reg *reg;
    IrRef v;

    if (!mips_cp0_usable(l)) {
        return;
    }
    reg = find(l);
    if (reg == NULL) {
        unknown(l);
        v = mips_const(l, 0);
    } else if (reg->read == NULL) {
        v = ir_gld(l->blk, T_I32, offset_of(reg));
    } else if (mips_cp0_index(reg) == CP0_Cause) {
        v = ir_gld(l->blk, T_I32, offsetof(MipsCpu, cause));
    } else {
        IrRef row = mips_const(l, mips_cp0_index(reg));
        IrRef now = ir_retired(l->blk);

        v = ir_call(l->blk, T_I32, MIPS_H_cp0_read, row, now, IR_NONE);
    }
    if (reg) {
        count_register(l, reg);
    }
    mips_set_field(l, 't', v);
}

/* The part of @v that can be written, the rest as it is. */
static void write_plain(MipsLift *l, const MipsCp0Reg *reg, IrRef v)
{
    IrRef old;

    if (reg->write_mask == 0) {
        return;
    }
    if (reg->write_mask != UINT32_MAX) {
        old = ir_gld(l->blk, T_I32, offset_of(reg));
        old = ir_and(l->blk, T_I32, old, mips_const(l, ~reg->write_mask));
        v = ir_and(l->blk, T_I32, v, mips_const(l, reg->write_mask));
        v = ir_or(l->blk, T_I32, v, old);
    }
    ir_gst(l->blk, offset_of(reg), v);
}

G_STATIC_ASSERT(ATTN_IRQ == 1);

/* Attention follows from what Status, now @status, allows: mips_update_irq(). */
static void update_irq(MipsLift *l, IrRef status)
{
    const int32_t at = offsetof(MipsCpu, v.attention);
    IrBlock *b = l->blk;
    IrRef cause = ir_gld(b, T_I32, offsetof(MipsCpu, cause));
    IrRef wants = ir_and(b, T_I32, cause, ir_or(b, T_I32, status, mips_const(l, CAUSE_WP)));
    IrRef attention = ir_gld(b, T_I32, at);

    wants = ir_and(b, T_I32, wants, mips_const(l, 0xff00 | CAUSE_WP));
    wants = ir_zext(b, T_I32, ir_ne(b, T_I32, wants, mips_const(l, 0)));
    attention = ir_and(b, T_I32, attention, mips_const(l, ~(uint32_t)ATTN_IRQ));
    ir_gst(b, at, ir_or(b, T_I32, attention, wants));
}

/* Status = @v. What handlers and locks do changes IE, IM, CU0, and EXL and KSU in a way that
 * Kernel Mode stays: neither mode word nor view. Anything else is for the helper. */
static void write_status(MipsLift *l, IrRef v, IrRef row)
{
    const uint32_t mask = mips_cpu(l->in->v)->model->status_write;
    const uint32_t easy = mask & (STATUS_IE | STATUS_EXL | STATUS_KSU | STATUS_CU0 | 0xff00);
    const uint32_t other = (mask | STATUS_TS | STATUS_SR | STATUS_NMI) & ~easy;
    const int32_t at = offsetof(MipsCpu, cp0.status);
    IrBlock *b = l->blk;
    IrRef old = ir_gld(b, T_I32, at), diff = ir_xor(b, T_I32, old, v), exl, status, odd;

    status = ir_xor(b, T_I32, old, ir_and(b, T_I32, diff, mips_const(l, easy)));
    exl = ir_and(b, T_I32, status, mips_const(l, STATUS_EXL));
    exl = ir_mul(b, T_I32, exl, mips_const(l, STATUS_KSU / STATUS_EXL));
    odd = ir_andc(b, T_I32, status, exl);
    odd = ir_and(b, T_I32, odd, mips_const(l, STATUS_KSU));
    odd = ir_or(b, T_I32, odd, ir_and(b, T_I32, diff, mips_const(l, other)));
    ir_skip(b, ir_eq(b, T_I32, odd, mips_const(l, 0)));
    ir_call(b, T_NO, MIPS_H_cp0_move, v, row, mips_after(l));
    ir_dispatch(b);
    ir_label(b);
    ir_gst(b, at, status);
    update_irq(l, status);
    mips_end_check(l);
}

/* MTC0: CP0[Rd, sel] = Rt */
void mips_lift_mtc0(MipsLift *l)
{
    const MipsCp0Reg *reg;
    IrRef v;

    if (!mips_cp0_usable(l)) {
        return;
    }
    reg = find(l);
    v = mips_get_field(l, 't');
    if (reg == NULL) {
        unknown(l);
        return;
    }
    count_register(l, reg);
    if (reg->write == NULL) {
        write_plain(l, reg, v);
    } else {
        IrRef row = mips_const(l, mips_cp0_index(reg));

        if (mips_cp0_index(reg) == CP0_Status && (l->mode & MIPS_MODE_PRIV) != 0) {
            write_status(l, v, row);
        } else if (reg->after == CP0_MOVES) {
            ir_call(l->blk, T_NO, MIPS_H_cp0_move, v, row, mips_after(l));
            mips_end_dispatch(l);
        } else {
            ir_call(l->blk, T_NO, MIPS_H_cp0_write, v, row, ir_retired(l->blk));
        }
    }
    if (reg->after == CP0_CHECK) {
        mips_end_check(l);
    }
}

/* RDPGPR, WRPGPR: there is one register set, so the previous one is this one: Rd = Rt */
void mips_lift_rdpgpr(MipsLift *l)
{
    if (mips_cp0_usable(l)) {
        mips_count(l);
        mips_set_field(l, 'd', mips_get_field(l, 't'));
    }
}

/* DI, EI: Rt = Status, Status.IE = 0 (1) */
void mips_lift_di(MipsLift *l)
{
    int32_t at = offsetof(MipsCpu, cp0.status);
    IrRef v, changed;

    if (!mips_cp0_usable(l)) {
        return;
    }
    mips_count(l);
    v = ir_gld(l->blk, T_I32, at);
    changed = mips_arg(l) ? ir_or(l->blk, T_I32, v, mips_const(l, STATUS_IE))
                          : ir_and(l->blk, T_I32, v, mips_const(l, ~(uint32_t)STATUS_IE));
    ir_gst(l->blk, at, changed);
    mips_set_field(l, 't', v);
    if (mips_arg(l)) {
        mips_end_check(l);
    }
}

/* TLBP, TLBR, TLBWI, TLBWR: the argument is the helper */
void mips_lift_tlb(MipsLift *l)
{
    if (mips_cp0_usable(l)) {
        mips_call(l, T_NO, mips_arg(l), mips_after(l), IR_NONE, IR_NONE);
        mips_end_dispatch(l);
    }
}

/* ERET: PC = ErrorEPC or EPC; leaves that level. DERET: PC = DEPC, leaves Debug Mode. */
void mips_lift_eret(MipsLift *l)
{
    if (mips_cp0_usable(l)) {
        mips_call(l, T_NO, MIPS_H_eret, IR_NONE, IR_NONE, IR_NONE);
        mips_end_dispatch(l);
    }
}

/* MD00047: outside Debug Mode DERET is a Reserved Instruction. The helper knows. */
void mips_lift_deret(MipsLift *l)
{
    if (mips_cp0_usable(l)) {
        mips_call(l, T_NO, MIPS_H_deret, IR_NONE, IR_NONE, IR_NONE);
        mips_end_dispatch(l);
    }
}

/* WAIT: nothing runs until an interrupt */
void mips_lift_wait(MipsLift *l)
{
    if (mips_cp0_usable(l)) {
        mips_call(l, T_NO, MIPS_H_wait, mips_after(l), IR_NONE, IR_NONE);
        mips_end_dispatch(l);
    }
}

/* CACHE: with coherent memory what is left is the address of those that look one up (op[4] = 1),
 * which may fault, and that a tag loaded is that of no line: TagLo = 0 */
void mips_lift_cache(MipsLift *l)
{
    unsigned op = mips_field(l, 'k');

    if (!mips_cp0_usable(l)) {
        return;
    }
    mips_count(l);
    if ((op & 16) != 0) {
        ir_ld(l->blk, T_I32, mips_address(l), MO_8 | MO_ONLY);
    } else if (op >> 2 == 1) {
        ir_gst(l->blk, offsetof(MipsCpu, cp0.taglo), mips_const(l, 0));
    }
}

/* RDHWR: Rt = hardware register Rd, if HWREna or coprocessor 0 allow it; else RI. */
void mips_lift_rdhwr(MipsLift *l)
{
    IrRef which = mips_const(l, mips_field(l, 'd'));
    IrRef usable = mips_const(l, (l->mode & MIPS_MODE_CP0) != 0);
    IrRef now = ir_retired(l->blk);

    mips_set_field(l, 't', mips_call(l, T_I32, MIPS_H_rdhwr, which, usable, now));
}

/* SDBBP: Debug Breakpoint exception */
void mips_lift_sdbbp(MipsLift *l)
{
    mips_count(l);
    mips_raise_here(l, MIPS_EXC_DEBUG, DEBUG_DBP);
}
