/* SPDX-License-Identifier: MIT */
/* lift_fpu_priv.h - what the floating-point lifters and routines share. */
#ifndef FRONTEND_MIPS_LIFT_FPU_PRIV_H
#define FRONTEND_MIPS_LIFT_FPU_PRIV_H

#include "frontend/mips/lift.h"

/* ---- ARG() of the rows ---- */

enum { FMA_SUB = 1, FMA_NEG = 2 };
enum { BC1_TRUE = 1, BC1_LIKELY = 2 };
enum { MFC1_TO = 1, MFC1_HIGH = 2 };
enum { FM_STORE = 1, FM_DOUBLE = 2, FM_INDEX = 4, FM_UNALIGNED = 8 };

/* What a conversion does; also the argument of its routine. */
enum {
    CVT_S = 0,
    CVT_D = 1,
    CVT_W = 2,
    CVT_L = 3,
    CVT_TO = 3,
    CVT_ROUND_SHIFT = 2, /* FpRounding + 1; 0: as FCSR says */
    CVT_NEAREST = (FP_RNE + 1) << CVT_ROUND_SHIFT,
    CVT_UP = (FP_RP + 1) << CVT_ROUND_SHIFT,
    CVT_DOWN = (FP_RM + 1) << CVT_ROUND_SHIFT,
    CVT_ZERO = (FP_RZ + 1) << CVT_ROUND_SHIFT,
    CVT_FROM_D = 1 << 5,
    CVT_FROM_W = 1 << 6,
    CVT_FROM_L = 1 << 7,
    CVT_RSQRT = 1 << 8, /* in its format */
};

/* ---- lifters ---- */

/* Whether coprocessor 1 is usable here; if not, the exception is raised. */
bool mips_fp_usable(MipsLift *l);

/* The same for an instruction with registers @regs, a bit each, of 64 bits if @wide; those must
 * be even in the model of 32 registers of 32 bits, and @only64 says that the instruction is not
 * in it. */
bool mips_fp_begin(MipsLift *l, uint32_t regs, bool wide, bool only64);

/* Where register @r is: all of it (64 bits), or what single precision sees. */
int32_t mips_fp_wide_at(const MipsLift *l, unsigned r);
int32_t mips_fp_word_at(const MipsLift *l, unsigned r);

/* Condition code @cc, 0 or 1. */
IrRef mips_get_fcc(MipsLift *l, unsigned cc);

#endif
