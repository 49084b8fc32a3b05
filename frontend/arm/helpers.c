/* SPDX-License-Identifier: MIT */
/* helpers.c - the table of arm_helpers.def. */
#include "frontend/arm/lift_insn_priv.h"

/* clang-format off */
const IrHelper arm_helpers[ARM_N_HELPERS] = {
#define ARM_HELPER(name, effects) { #name, arm_help_##name, effects },
#include "frontend/arm/arm_helpers.def"
};
/* clang-format on */
