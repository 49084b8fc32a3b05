/* SPDX-License-Identifier: MIT */
/* mips_lift_m16_priv.h - operations that rows of insns_m16.def name in ARG(). */
#ifndef FRONTEND_MIPS_LIFT_M16_PRIV_H
#define FRONTEND_MIPS_LIFT_M16_PRIV_H

#include "frontend/mips/lift_int_priv.h"

enum { M16_RA = 1, M16_LINK = 2, M16_COMPACT = 4 };

#endif
