/* SPDX-License-Identifier: MIT */
/* lift_int_priv.h - what the lifters of the integer chapters share. */
#ifndef FRONTEND_ARM_LIFT_INT_PRIV_H
#define FRONTEND_ARM_LIFT_INT_PRIV_H

#include "frontend/arm/lift.h"

/* Data-processing operations: the argument of lift_dp_*; numbered as A32's opcode, table A5-3. */
typedef enum DpOp {
    DP_AND,
    DP_EOR,
    DP_SUB,
    DP_RSB,
    DP_ADD,
    DP_ADC,
    DP_SBC,
    DP_RSC,
    DP_TST,
    DP_TEQ,
    DP_CMP,
    DP_CMN,
    DP_ORR,
    DP_MOV,
    DP_BIC,
    DP_MVN,
    DP_ORN, /* T32 only */
} DpOp;

/* Shift types as encoded, A8.4.1; ROR by 0 is RRX. The argument of lift_shift_*. */
typedef enum ShiftType { SHIFT_LSL, SHIFT_LSR, SHIFT_ASR, SHIFT_ROR } ShiftType;

/* A second operand. */
typedef struct ArmOperand {
    IrRef value;
    IrRef borrow; /* complement of the shifter's carry out, I1; IR_NONE: C stays */
} ArmOperand;

/* Shifts @x by an encoded immediate (0 of LSR and ASR is 32); the carry only if @carry. */
ArmOperand arm_shift_imm(ArmLift *l, ShiftType type, unsigned n, IrRef x, bool carry);
/* Shifts @x by the low byte of @by. */
ArmOperand arm_shift_reg(ArmLift *l, ShiftType type, IrRef by, IrRef x, bool carry);

static inline IrRef arm_const(ArmLift *l, uint32_t v) { return ir_const(l->blk, T_I32, v); }

/* Whether field @letter is the pc. */
static inline bool arm_is_pc(const ArmLift *l, char letter) { return arm_field(l, letter) == 15; }

/* Whether one of the fields @letters is the pc. */
bool arm_any_pc(const ArmLift *l, const char *letters);

/* The pc as a base of loads and ADR: Align(PC, 4). */
IrRef arm_base(ArmLift *l, unsigned n);

/* Sets N and Z from @v of type @t; C and V stay. */
void arm_set_nz(ArmLift *l, IrType t, IrRef v);

/* Q |= @saturated, an I1. */
void arm_or_q(ArmLift *l, IrRef saturated);

/* @v sign-extended or zero-extended to 64 bits. */
IrRef arm_wide(ArmLift *l, IrRef v, bool is_signed);
/* Halves of an I64. */
IrRef arm_low(ArmLift *l, IrRef wide);
IrRef arm_high(ArmLift *l, IrRef wide);

#endif
