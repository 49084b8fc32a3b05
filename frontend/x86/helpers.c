/* SPDX-License-Identifier: MIT */
/* helpers.c - the table of x86_helpers.def and x86fp_helpers.def. */
#include "frontend/x86/lift.h"

/* clang-format off */
const IrHelper x86_helpers[X86_N_HELPERS] = {
#define X86_HELPER(name, effects) { #name, x86_help_##name, effects },
#include "frontend/x86/x86_helpers.def"
#include "frontend/x86/x86fp_helpers.def"
};
/* clang-format on */
