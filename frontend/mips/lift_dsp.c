/* SPDX-License-Identifier: MIT */
/* lift_dsp.c - the DSP ASE, MD00374: operands and destinations; what is done is in dsp*.c. */
#include "frontend/mips/lift_dsp_priv.h"

#include "base/bits.h"

static bool usable(MipsLift *l)
{
    if ((l->mode & MIPS_MODE_DSP) == 0) {
        mips_raise_here(l, MIPS_EXC_DSPDIS, 0);
        return false;
    }
    return true;
}

static IrRef describe(MipsLift *l)
{
    return mips_const(l, (mips_arg(l) & DSP_OP) | mips_field(l, 'h') << DSP_IMM_SHIFT
                             | mips_field(l, 'a') << DSP_AC_SHIFT);
}

/* The shift or size, or rs. */
static IrRef first(MipsLift *l)
{
    return (mips_arg(l) & DSP_SHIFT) != 0 ? mips_const(l, mips_field(l, 'h'))
                                          : mips_get_field(l, 's');
}

/* Rd, or Rt = op(Rs, Rt); where a row has no d the operation changes DSPControl only. */
void mips_lift_dsp(MipsLift *l)
{
    IrRef a, b, v;

    if (!usable(l)) {
        return;
    }
    a = first(l);
    b = mips_get_field(l, 't');
    v = mips_call(l, T_I32, MIPS_H_dsp, a, b, describe(l));
    mips_set_field(l, (mips_arg(l) & DSP_TO_T) != 0 ? 't' : 'd', v);
}

/* Rd = the immediate, replicated */
void mips_lift_dsp_repl(MipsLift *l)
{
    uint32_t i = mips_field(l, 'i');

    if (!usable(l)) {
        return;
    }
    if (mips_arg(l) == DSP_REPL_QB) {
        i *= 0x01010101;
    } else {
        i = (bits_sext32(i, 10) & 0xffff) * 0x00010001;
    }
    mips_set_field(l, 'd', mips_const(l, i));
}

/* ac = op(ac, Rs, Rt) */
void mips_lift_dsp_acc(MipsLift *l)
{
    unsigned ac = mips_field(l, 'a');
    IrRef s, t, both, v;

    if (!usable(l)) {
        return;
    }
    s = mips_wide(l, mips_get_field(l, 's'), false);
    t = mips_wide(l, mips_get_field(l, 't'), false);
    t = ir_shl(l->blk, T_I64, t, ir_const(l->blk, T_I64, 32));
    both = ir_or(l->blk, T_I64, s, t);
    v = mips_get_acc(l, ac);
    v = mips_call(l, T_I64, MIPS_H_dsp_acc, both, v, describe(l));
    mips_set_acc(l, ac, v);
}

/* Rt = op(ac, shift or size) */
void mips_lift_dsp_ext(MipsLift *l)
{
    IrRef by, v;

    if (!usable(l)) {
        return;
    }
    by = first(l);
    v = mips_get_acc(l, mips_field(l, 'a'));
    mips_set_field(l, 't', mips_call(l, T_I32, MIPS_H_dsp_ext, v, by, describe(l)));
}

/* ac = ac >> shift, or << -shift; it is signed, of 6 bits */
void mips_lift_shilo(MipsLift *l)
{
    unsigned ac = mips_field(l, 'a');
    IrBlock *b = l->blk;
    IrRef by, back, v, left, right, is_left;

    if (!usable(l)) {
        return;
    }
    by = ir_sext(b, T_I32, first(l), 6);
    is_left = ir_lts(b, T_I32, by, mips_const(l, 0));
    back = mips_wide(l, ir_neg(b, T_I32, by), false);
    by = mips_wide(l, by, false);
    v = mips_get_acc(l, ac);
    left = ir_shl(b, T_I64, v, back);
    right = ir_shr(b, T_I64, v, by);
    mips_set_acc(l, ac, ir_select(b, T_I64, is_left, left, right));
}

static IrRef control(MipsLift *l) { return ir_gld(l->blk, T_I32, offsetof(MipsCpu, dspcontrol)); }

static void set_control(MipsLift *l, IrRef v) { ir_gst(l->blk, offsetof(MipsCpu, dspcontrol), v); }

/* HI = LO, LO = Rs, pos = pos + 32; from above 32 that is UNPREDICTABLE: pos stays */
void mips_lift_mthlip(MipsLift *l)
{
    unsigned ac = mips_field(l, 'a');
    IrRef s, lo, c, pos;

    if (!usable(l)) {
        return;
    }
    s = mips_get_field(l, 's');
    lo = mips_get_lo(l, ac);
    mips_set_hi(l, ac, lo);
    mips_set_lo(l, ac, s);
    c = control(l);
    pos = ir_and(l->blk, T_I32, c, mips_const(l, DSPC_POS));
    pos = ir_leu(l->blk, T_I32, pos, mips_const(l, 32));
    pos = ir_shl(l->blk, T_I32, ir_zext(l->blk, T_I32, pos), mips_const(l, 5));
    set_control(l, ir_xor(l->blk, T_I32, c, pos));
}

/* MULT to MSUBU of accumulator a */
void mips_lift_dsp_mult(MipsLift *l)
{
    if (usable(l)) {
        mips_lift_mult(l);
    }
}

/* Rd = HI or LO of ac */
void mips_lift_dsp_mfhi(MipsLift *l)
{
    unsigned ac = mips_field(l, 'a');

    if (usable(l)) {
        mips_set_field(l, 'd', mips_arg(l) == DSP_HI ? mips_get_hi(l, ac) : mips_get_lo(l, ac));
    }
}

/* HI or LO of ac = Rs */
void mips_lift_dsp_mthi(MipsLift *l)
{
    unsigned ac = mips_field(l, 'a');

    if (!usable(l)) {
        return;
    }
    if (mips_arg(l) == DSP_HI) {
        mips_set_hi(l, ac, mips_get_field(l, 's'));
    } else {
        mips_set_lo(l, ac, mips_get_field(l, 's'));
    }
}

/* The bits of DSPControl that the mask names. */
static uint32_t named(const MipsLift *l)
{
    static const uint32_t parts[] = { DSPC_POS,    DSPC_SCOUNT, DSPC_C,
                                      DSPC_OUFLAG, DSPC_CCOND,  DSPC_EFI };
    uint32_t bits = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
        bits |= (mips_field(l, 'i') >> i & 1) != 0 ? parts[i] : 0;
    }
    return bits;
}

/* Rd = DSPControl, what the mask names */
void mips_lift_rddsp(MipsLift *l)
{
    if (usable(l)) {
        IrRef v = control(l);

        mips_set_field(l, 'd', ir_and(l->blk, T_I32, v, mips_const(l, named(l))));
    }
}

/* DSPControl, what the mask names = Rs */
void mips_lift_wrdsp(MipsLift *l)
{
    IrRef v, old;

    if (!usable(l)) {
        return;
    }
    v = mips_get_field(l, 's');
    v = ir_and(l->blk, T_I32, v, mips_const(l, named(l)));
    old = control(l);
    old = ir_and(l->blk, T_I32, old, mips_const(l, ~named(l)));
    set_control(l, ir_or(l->blk, T_I32, v, old));
}

/* Rd = [Rs + Rt] */
void mips_lift_dsp_load(MipsLift *l)
{
    uint64_t memop = mips_memop(l, mips_arg(l) & MO_SIZE) | (mips_arg(l) & MO_SIGN) | MO_ONLY;
    IrRef base, index, va;

    if (!usable(l)) {
        return;
    }
    base = mips_get_field(l, 's');
    index = mips_get_field(l, 't');
    va = ir_add(l->blk, T_I32, base, index);
    mips_watch_access(l, va, 1, false);
    mips_set_field(l, 'd', ir_ld(l->blk, T_I32, va, memop));
}

/* if pos >= 32: branch */
void mips_lift_bposge32(MipsLift *l)
{
    MipsBranch b = { .cc = IR_ne, .to = IR_NONE, .va = l->next + (mips_simm(l) << 2) };

    if (!usable(l)) {
        return;
    }
    b.x = ir_and(l->blk, T_I32, control(l), mips_const(l, 32));
    b.y = mips_const(l, 0);
    mips_branch(l, b);
}
