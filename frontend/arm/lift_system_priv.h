/* SPDX-License-Identifier: MIT */
/* lift_system_priv.h - what the lifters of system instructions share. */
#ifndef FRONTEND_ARM_LIFT_SYSTEM_PRIV_H
#define FRONTEND_ARM_LIFT_SYSTEM_PRIV_H

#include "base/bits.h"
#include "frontend/arm/arm_priv.h"
#include "frontend/arm/lift_int_priv.h"

/* Whether the instruction runs at PL1. */
bool arm_at_pl1(const ArmLift *l);

/* Address and mode word of the next instruction, as an I64: ir_pc(). */
IrRef arm_next_pc(ArmLift *l);

/* Counts the row in the ledger, where no callout does. */
void arm_count_inline(ArmLift *l);

/* N, Z, C and V from bits 31 to 28 of @v. */
void arm_set_nzcv(ArmLift *l, IrRef v);

#endif
