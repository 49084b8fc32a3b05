/* SPDX-License-Identifier: MIT */
/* lift_mul.c - multiplication, division, HI and LO, MD00086 chapter 3. */
#include "frontend/mips/lift_int_priv.h"

/* MULT, MULTU: HI:LO = Rs * Rt; MADD, MSUB and unsigned: HI:LO += or -= it */
void mips_lift_mult(MipsLift *l)
{
    unsigned op = mips_arg(l) & 3;
    bool is_signed = (mips_arg(l) & MUL_UNSIGNED) == 0;
    IrRef a = mips_get_field(l, 's');
    IrRef b = mips_get_field(l, 't');
    unsigned ac = mips_field(l, 'a'); /* of the DSP ASE's rows; else 0 */
    IrRef acc;

    if (op == MUL_MULT) {
        IrPair p = is_signed ? ir_smul2(l->blk, T_I32, a, b) : ir_umul2(l->blk, T_I32, a, b);

        mips_set_lo(l, ac, p.first);
        mips_set_hi(l, ac, p.second);
        return;
    }
    a = mips_wide(l, a, is_signed);
    b = mips_wide(l, b, is_signed);
    a = ir_mul(l->blk, T_I64, a, b);
    acc = mips_get_acc(l, ac);
    acc = op == MUL_MADD ? ir_add(l->blk, T_I64, acc, a) : ir_sub(l->blk, T_I64, acc, a);
    mips_set_acc(l, ac, acc);
}

/* MUL: Rd = low word of Rs * Rt. HI and LO are UNPREDICTABLE: they stay. */
void mips_lift_mul(MipsLift *l)
{
    IrRef a = mips_get_field(l, 's');
    IrRef b = mips_get_field(l, 't');

    mips_set_field(l, 'd', ir_mul(l->blk, T_I32, a, b));
}

/* DIV, DIVU: LO = Rs / Rt, HI = Rs % Rt. By 0 it is UNPREDICTABLE: as by 1. */
void mips_lift_div(MipsLift *l)
{
    IrBlock *blk = l->blk;
    IrRef a = mips_get_field(l, 's');
    IrRef b = mips_get_field(l, 't');
    IrRef zero = ir_eq(blk, T_I32, b, mips_const(l, 0)), q, back;

    b = ir_select(blk, T_I32, zero, mips_const(l, 1), b);
    q = mips_arg(l) ? ir_udiv(blk, T_I32, a, b) : ir_sdiv(blk, T_I32, a, b);
    back = ir_mul(blk, T_I32, q, b);
    mips_set_lo(l, 0, q);
    mips_set_hi(l, 0, ir_sub(blk, T_I32, a, back));
}

/* MFHI, MFLO: Rd = HI (LO); MTHI, MTLO: HI (LO) = Rs */
void mips_lift_mfhi(MipsLift *l) { mips_set_field(l, 'd', mips_get_hi(l, 0)); }
void mips_lift_mflo(MipsLift *l) { mips_set_field(l, 'd', mips_get_lo(l, 0)); }
void mips_lift_mthi(MipsLift *l) { mips_set_hi(l, 0, mips_get_field(l, 's')); }
void mips_lift_mtlo(MipsLift *l) { mips_set_lo(l, 0, mips_get_field(l, 's')); }
