/* SPDX-License-Identifier: MIT */
/* lift_fpu_move.c - floating-point moves, loads, stores and branches, MD00086 chapter 3. */
#include <stddef.h>

#include "base/bits.h"
#include "frontend/mips/lift_fpu_priv.h"

static bool is_double(const MipsLift *l) { return mips_field(l, 'z') != 0; }
static IrType bits_type(bool wide) { return wide ? T_I64 : T_I32; }

static int32_t place(const MipsLift *l, bool wide, char field)
{
    unsigned r = mips_field(l, field);

    return wide ? mips_fp_wide_at(l, r) : mips_fp_word_at(l, r);
}

static uint32_t bit_of(const MipsLift *l, char field) { return 1u << mips_field(l, field); }

IrRef mips_get_fcc(MipsLift *l, unsigned cc)
{
    return ir_gld(l->blk, T_I32, (int32_t)(offsetof(MipsCpu, fcc) + 4 * cc));
}

/* ---- conditions ---- */

/* if FCC[cc] = tf: branch */
void mips_lift_bc1(MipsLift *l)
{
    MipsBranch b = { .cc = (mips_arg(l) & BC1_TRUE) != 0 ? IR_ne : IR_eq, .to = IR_NONE };

    if (!mips_fp_usable(l)) {
        return;
    }
    b.x = mips_get_fcc(l, mips_field(l, 'c'));
    b.y = mips_const(l, 0);
    b.likely = (mips_arg(l) & BC1_LIKELY) != 0;
    b.va = l->next + (mips_simm(l) << 2);
    mips_branch(l, b);
}

/* Whether FCC[cc] is what field y says. */
static IrRef as_asked(MipsLift *l)
{
    IrRef fcc = mips_get_fcc(l, mips_field(l, 'c')), zero = mips_const(l, 0);

    return mips_field(l, 'y') != 0 ? ir_ne(l->blk, T_I32, fcc, zero)
                                   : ir_eq(l->blk, T_I32, fcc, zero);
}

/* if FCC[cc] = tf: Rd = Rs */
void mips_lift_movci(MipsLift *l)
{
    IrRef cond, rs, rd;

    if (!mips_fp_usable(l)) {
        return;
    }
    cond = as_asked(l);
    rs = mips_get_field(l, 's');
    rd = mips_get_field(l, 'd');
    mips_set_field(l, 'd', ir_select(l->blk, T_I32, cond, rs, rd));
}

/* if @cond: fd = fs */
static void move_if(MipsLift *l, IrRef cond)
{
    bool dbl = is_double(l);
    IrRef fs = ir_gld(l->blk, bits_type(dbl), place(l, dbl, 's'));
    IrRef fd = ir_gld(l->blk, bits_type(dbl), place(l, dbl, 'd'));

    ir_gst(l->blk, place(l, dbl, 'd'), ir_select(l->blk, bits_type(dbl), cond, fs, fd));
}

/* if FCC[cc] = tf: fd = fs */
void mips_lift_movcf(MipsLift *l)
{
    if (mips_fp_begin(l, bit_of(l, 's') | bit_of(l, 'd'), is_double(l), false)) {
        move_if(l, as_asked(l));
    }
}

/* if Rt = 0, or not 0: fd = fs */
void mips_lift_fp_movz(MipsLift *l)
{
    IrRef rt, zero;

    if (mips_fp_begin(l, bit_of(l, 's') | bit_of(l, 'd'), is_double(l), false)) {
        rt = mips_get_field(l, 't');
        zero = mips_const(l, 0);
        move_if(l,
                mips_arg(l) != 0 ? ir_ne(l->blk, T_I32, rt, zero) : ir_eq(l->blk, T_I32, rt, zero));
    }
}

/* ---- moves ---- */

/* fd = fs, whatever it is */
void mips_lift_fp_mov(MipsLift *l)
{
    bool dbl = is_double(l);

    if (mips_fp_begin(l, bit_of(l, 's') | bit_of(l, 'd'), dbl, false)) {
        ir_gst(l->blk, place(l, dbl, 'd'), ir_gld(l->blk, bits_type(dbl), place(l, dbl, 's')));
    }
}

/* Where MFHC1 and MTHC1 go: without FR the odd register of the pair; an odd @r is UNPREDICTABLE and
 * means its pair. */
static int32_t high_at(const MipsLift *l)
{
    unsigned r = mips_field(l, 's');

    return mips_fp_wide_at(l, (l->mode & MIPS_MODE_FR) != 0 ? r : r & ~1u) + 4;
}

/* Rt = fs, fs = Rt; a word or the upper one */
void mips_lift_mfc1(MipsLift *l)
{
    int32_t at;

    if (!mips_fp_usable(l)) {
        return;
    }
    at = (mips_arg(l) & MFC1_HIGH) != 0 ? high_at(l) : place(l, false, 's');
    if ((mips_arg(l) & MFC1_TO) != 0) {
        ir_gst(l->blk, at, mips_get_field(l, 't'));
    } else {
        mips_set_field(l, 't', ir_gld(l->blk, T_I32, at));
    }
}

/* Rt = FP_Control[fs] */
void mips_lift_cfc1(MipsLift *l)
{
    if (mips_fp_usable(l)) {
        IrRef n = mips_const(l, mips_field(l, 's'));

        mips_set_field(l, 't', mips_call(l, T_I32, MIPS_H_cfc1, n, IR_NONE, IR_NONE));
    }
}

/* FP_Control[fs] = Rt */
void mips_lift_ctc1(MipsLift *l)
{
    if (mips_fp_usable(l)) {
        IrRef n = mips_const(l, mips_field(l, 's'));
        IrRef v = mips_get_field(l, 't');

        mips_call(l, T_NO, MIPS_H_ctc1, n, v, IR_NONE);
    }
}

/* ---- memory ---- */

static IrRef address(MipsLift *l)
{
    IrRef base = mips_get_field(l, 'b');

    if ((mips_arg(l) & FM_INDEX) != 0) {
        IrRef index = mips_get_field(l, 'x');

        base = ir_add(l->blk, T_I32, base, index);
    } else {
        base = ir_add(l->blk, T_I32, base, mips_const(l, mips_simm(l)));
    }
    /* LUXC1: the low three bits of the address are ignored. */
    return (mips_arg(l) & FM_UNALIGNED) != 0 ? ir_and(l->blk, T_I32, base, mips_const(l, ~7u))
                                             : base;
}

/* ft = [base + offset], [base + offset] = ft, or + index */
void mips_lift_fp_mem(MipsLift *l)
{
    bool dbl = (mips_arg(l) & FM_DOUBLE) != 0;
    uint64_t memop = mips_memop(l, dbl ? MO_64 : MO_32) | MO_ONLY;
    IrRef va, v;

    if (!mips_fp_begin(l, bit_of(l, 't'), dbl, (mips_arg(l) & FM_UNALIGNED) != 0)) {
        return;
    }
    va = address(l);
    mips_watch_access(l, va, 1, (mips_arg(l) & FM_STORE) != 0);
    if ((mips_arg(l) & FM_STORE) != 0) {
        v = ir_gld(l->blk, bits_type(dbl), place(l, dbl, 't'));
        ir_st(l->blk, va, v, memop);
    } else {
        v = ir_ld(l->blk, bits_type(dbl), va, memop);
        ir_gst(l->blk, place(l, dbl, 't'), v);
    }
}

/* A hint: nothing, but without the coprocessor. */
void mips_lift_prefx(MipsLift *l) { (void)mips_fp_usable(l); }
