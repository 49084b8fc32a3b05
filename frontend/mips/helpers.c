/* SPDX-License-Identifier: MIT */
/* helpers.c - the table of helpers_all.def. */
#include "frontend/mips/lift_insn_priv.h"

/* clang-format off */
const IrHelper mips_helpers[MIPS_N_HELPERS] = {
#define MIPS_HELPER(name, effects) { #name, mips_help_##name, effects },
#include "frontend/mips/helpers_all.def"
};
/* clang-format on */
