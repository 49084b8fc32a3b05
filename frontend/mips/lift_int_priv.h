/* SPDX-License-Identifier: MIT */
/* lift_int_priv.h - operations that rows of insns.def name in ARG(). */
#ifndef FRONTEND_MIPS_LIFT_INT_PRIV_H
#define FRONTEND_MIPS_LIFT_INT_PRIV_H

#include "frontend/mips/lift.h"

/* Arithmetic and logic; those up to OP_NOR in their own order in both register and immediate form.
 * */
enum { OP_ADD, OP_SUB, OP_AND, OP_OR, OP_XOR, OP_NOR, OP_SLT, OP_SLTU };
enum { OP_ADDO = 8, OP_SUBO }; /* trap on overflow */
enum { SH_LL, SH_RL, SH_RA, SH_ROT };
enum { BR_EQ, BR_NE, BR_LEZ, BR_GTZ, BR_LTZ, BR_GEZ, BR_LIKELY = 8, BR_LINK = 16 };
enum { BR_SHORT = 32, BR_COMPACT = 64 }; /* a slot of 2 bytes, of none */
enum { TRAP_EQ, TRAP_NE, TRAP_GE, TRAP_GEU, TRAP_LT, TRAP_LTU };
enum { MUL_MULT, MUL_MADD, MUL_MSUB, MUL_UNSIGNED = 4 };

#endif
