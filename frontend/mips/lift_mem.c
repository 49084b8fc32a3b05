/* SPDX-License-Identifier: MIT */
/* lift_mem.c - loads and stores, LL and SC, MD00086 chapter 3. */
#include "frontend/mips/lift_int_priv.h"

/* LB, LBU, LH, LHU, LW: Rt = [Rs + offset] */
void mips_lift_load(MipsLift *l)
{
    uint64_t memop = mips_memop(l, mips_arg(l) & MO_SIZE) | (mips_arg(l) & MO_SIGN) | MO_ONLY;
    IrRef va = mips_address(l);

    mips_watch_access(l, va, 1, false);
    mips_set_field(l, 't', ir_ld(l->blk, T_I32, va, memop));
}

/* SB, SH, SW: [Rs + offset] = Rt */
void mips_lift_store(MipsLift *l)
{
    IrRef va = mips_address(l);
    IrRef v = mips_get_field(l, 't');

    mips_watch_access(l, va, 1, true);
    ir_st(l->blk, va, v, mips_memop(l, mips_arg(l)) | MO_ONLY);
}

/* 8 times the byte of the word that @va is in, counted from its most significant end. */
static IrRef bits_above(MipsLift *l, IrRef va)
{
    IrRef at = ir_and(l->blk, T_I32, va, mips_const(l, 3));

    if ((l->mode & MIPS_MODE_BE) == 0) {
        at = ir_xor(l->blk, T_I32, at, mips_const(l, 3));
    }
    return ir_shl(l->blk, T_I32, at, mips_const(l, 3));
}

/* LWL: the part of the aligned word from the addressed byte to its least significant end goes to
 * the most significant end of Rt; LWR: from its most significant end to the addressed byte, to the
 * least significant end. The rest of Rt stays. */
void mips_lift_lwl(MipsLift *l)
{
    IrBlock *b = l->blk;
    bool right = mips_arg(l) != 0;
    IrRef va = mips_address(l);
    IrRef above = bits_above(l, va);
    IrRef old = mips_get_field(l, 't');
    IrRef word, mask, by = above;

    mips_watch_access(l, va, 1, false);
    /* A fault's BadVAddr is va all the same: exceptions.c. */
    va = ir_and(b, T_I32, va, mips_const(l, ~3u));
    word = ir_ld(b, T_I32, va, mips_memop(l, MO_32) | MO_ONLY);
    if (right) {
        by = ir_xor(b, T_I32, above, mips_const(l, 24));
        word = ir_shr(b, T_I32, word, by);
        mask = ir_shr(b, T_I32, mips_const(l, UINT32_MAX), by);
    } else {
        word = ir_shl(b, T_I32, word, by);
        mask = ir_shl(b, T_I32, mips_const(l, UINT32_MAX), by);
    }
    old = ir_andc(b, T_I32, old, mask);
    mips_set_field(l, 't', ir_or(b, T_I32, old, word));
}

/* SWL, SWR: the same the other way: only those bytes of memory change */
void mips_lift_swl(MipsLift *l)
{
    IrRef va = mips_address(l);
    IrRef v = mips_get_field(l, 't');
    IrRef be = mips_const(l, (l->mode & MIPS_MODE_BE) != 0);

    mips_watch_access(l, va, 1, true);
    mips_call(l, T_NO, mips_arg(l) ? MIPS_H_swr : MIPS_H_swl, va, v, be);
}

/* LL: Rt = [Rs + offset], LLbit = 1 */
void mips_lift_ll(MipsLift *l)
{
    IrRef va = mips_address(l), v;

    mips_watch_access(l, va, 1, false);
    v = ir_ld(l->blk, T_I32, va, mips_memop(l, MO_32) | MO_ATOMIC | MO_ONLY);
    ir_gst(l->blk, offsetof(MipsCpu, llbit), mips_const(l, 1));
    ir_gst(l->blk, offsetof(MipsCpu, llva), va);
    mips_set_field(l, 't', v);
}

/* [va] = v if @todo, else only the exceptions of that; skip takes no constant. */
static void store_if(MipsLift *l, IrRef todo, IrRef va, IrRef v)
{
    uint64_t memop = mips_memop(l, MO_32) | MO_ATOMIC | MO_ONLY, known;
    bool is_known = ir_is_const(l->blk, todo, &known);

    if (!is_known) {
        ir_skip(l->blk, ir_not(l->blk, T_I1, todo));
    }
    if (!is_known || known) {
        ir_st(l->blk, va, v, memop);
    }
    if (!is_known) {
        ir_label(l->blk);
        ir_skip(l->blk, todo);
    }
    if (!is_known || !known) {
        ir_call(l->blk, T_NO, MIPS_H_sc_failed, va, IR_NONE, IR_NONE);
    }
    if (!is_known) {
        ir_label(l->blk);
    }
}

/* SC: if LLbit: [Rs + offset] = Rt; Rt = LLbit. Elsewhere than the LL it is UNPREDICTABLE: it
 * fails. What the address raises it raises in any case. */
void mips_lift_sc(MipsLift *l)
{
    IrBlock *b = l->blk;
    IrRef va = mips_address(l);
    IrRef v = mips_get_field(l, 't');
    IrRef bit = ir_gld(b, T_I32, offsetof(MipsCpu, llbit));
    IrRef at = ir_gld(b, T_I32, offsetof(MipsCpu, llva));
    IrRef ours = ir_ne(b, T_I32, bit, mips_const(l, 0)), todo, low;

    mips_watch_access(l, va, 1, true);
    ours = ir_and(b, T_I1, ours, ir_eq(b, T_I32, at, va));
    low = ir_and(b, T_I32, va, mips_const(l, 3));
    todo = ir_or(b, T_I1, ours, ir_ne(b, T_I32, low, mips_const(l, 0)));
    store_if(l, todo, va, v);
    mips_set_field(l, 't', ir_zext(b, T_I32, ours));
    ir_gst(b, offsetof(MipsCpu, llbit), mips_const(l, 0));
}

/* SYNCI: caches are coherent with code; what is left is the address, which may fault */
void mips_lift_synci(MipsLift *l)
{
    IrRef va = mips_address(l);

    mips_watch_access(l, va, 1, false);
    ir_ld(l->blk, T_I32, va, MO_8 | MO_ONLY);
}

/* PREF, SYNC, EHB: nothing to do with exact memory and no pipeline; PREF never faults */
void mips_lift_nop(MipsLift *l) { (void)l; }
