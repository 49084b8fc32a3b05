/* SPDX-License-Identifier: MIT */
/* lift_shift.c - the barrel shifter, A8.4. */
#include "frontend/arm/lift_int_priv.h"

/* Not bit @i of @x, as an I1. */
static IrRef bit_clear(ArmLift *l, IrRef x, unsigned i)
{
    IrRef bit = ir_and(l->blk, T_I32, x, arm_const(l, 1u << i));

    return ir_eq(l->blk, T_I32, bit, arm_const(l, 0));
}

static ArmOperand rrx(ArmLift *l, IrRef x, bool carry)
{
    IrRef in = ir_zext(l->blk, T_I32, arm_carry(l));
    IrRef top = ir_shl(l->blk, T_I32, in, arm_const(l, 31));
    IrRef rest = ir_shr(l->blk, T_I32, x, arm_const(l, 1));

    return (ArmOperand){ ir_or(l->blk, T_I32, rest, top), carry ? bit_clear(l, x, 0) : IR_NONE };
}

ArmOperand arm_shift_imm(ArmLift *l, ShiftType type, unsigned n, IrRef x, bool carry)
{
    ArmOperand out = { x, IR_NONE };
    unsigned last = type == SHIFT_LSL ? 32 - n : n == 0 ? 31 : n - 1; /* bit shifted out last */

    if (n == 0 && type == SHIFT_LSL) {
        return out;
    }
    if (n == 0 && type == SHIFT_ROR) {
        return rrx(l, x, carry);
    }
    switch (type) {
    case SHIFT_LSL: out.value = ir_shl(l->blk, T_I32, x, arm_const(l, n)); break;
    case SHIFT_LSR:
        out.value = n == 0 ? arm_const(l, 0) : ir_shr(l->blk, T_I32, x, arm_const(l, n));
        break;
    case SHIFT_ASR: out.value = ir_sar(l->blk, T_I32, x, arm_const(l, n == 0 ? 31 : n)); break;
    case SHIFT_ROR: out.value = ir_ror(l->blk, T_I32, x, arm_const(l, n)); break;
    }
    if (carry) {
        out.borrow = bit_clear(l, x, last);
    }
    return out;
}

/* The value of a shift by @by, 0 to 255. */
static IrRef shift_value(ArmLift *l, ShiftType type, IrRef by, IrRef x)
{
    IrBlock *b = l->blk;
    IrRef fits = ir_ltu(b, T_I32, by, arm_const(l, 32)), v;

    switch (type) {
    case SHIFT_LSL:
        v = ir_shl(b, T_I32, x, by);
        return ir_select(b, T_I32, fits, v, arm_const(l, 0));
    case SHIFT_LSR:
        v = ir_shr(b, T_I32, x, by);
        return ir_select(b, T_I32, fits, v, arm_const(l, 0));
    case SHIFT_ASR:
        v = ir_select(b, T_I32, fits, by, arm_const(l, 31));
        return ir_sar(b, T_I32, x, v);
    case SHIFT_ROR: return ir_ror(b, T_I32, x, by);
    }
    g_assert_not_reached();
}

/* Not the carry out of a shift by @by, 1 to 255. */
static IrRef shift_borrow(ArmLift *l, ShiftType type, IrRef by, IrRef x, IrRef shifted)
{
    IrBlock *b = l->blk;
    IrRef at, clear, within;

    if (type == SHIFT_ROR) {
        return bit_clear(l, shifted, 31);
    }
    within = ir_leu(b, T_I32, by, arm_const(l, 32));
    if (type == SHIFT_ASR) {
        by = ir_select(b, T_I32, within, by, arm_const(l, 32));
    }
    at = type == SHIFT_LSL ? ir_sub(b, T_I32, arm_const(l, 32), by)
                           : ir_sub(b, T_I32, by, arm_const(l, 1));
    clear = bit_clear(l, ir_shr(b, T_I32, x, at), 0);
    if (type == SHIFT_ASR) {
        return clear;
    }
    return ir_select(b, T_I1, within, clear, ir_const(b, T_I1, 1));
}

ArmOperand arm_shift_reg(ArmLift *l, ShiftType type, IrRef by, IrRef x, bool carry)
{
    ArmOperand out = { x, IR_NONE };

    by = ir_and(l->blk, T_I32, by, arm_const(l, 0xff));
    out.value = shift_value(l, type, by, x);
    if (carry) {
        IrRef borrow = shift_borrow(l, type, by, x, out.value);
        IrRef old = ir_fcond(l->blk, T_NO, ir_get(l->blk, G_FLAGS), CC_C);
        IrRef none = ir_eq(l->blk, T_I32, by, arm_const(l, 0));

        out.borrow = ir_select(l->blk, T_I1, none, old, borrow);
    }
    return out;
}
