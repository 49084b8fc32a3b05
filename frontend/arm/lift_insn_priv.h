/* SPDX-License-Identifier: MIT */
/* lift_insn_priv.h - what arm_isa.c takes from the lifters. */
#ifndef FRONTEND_ARM_LIFT_INSN_PRIV_H
#define FRONTEND_ARM_LIFT_INSN_PRIV_H

#include "frontend/arm/lift.h"

/* See GuestIsa. */
IsaLifted arm_lift(IsaLift *l);
const char *arm_row_name(const uint8_t *code, unsigned avail, uint32_t mode);

/* helpers.c */
extern const IrHelper arm_helpers[ARM_N_HELPERS];

#endif
