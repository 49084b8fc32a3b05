/* SPDX-License-Identifier: MIT */
/* softfp80.h - what x87 operations mean, over the 80-bit format's bit patterns. */
#ifndef TRANSLATOR_IR_SOFTFP80_H
#define TRANSLATOR_IR_SOFTFP80_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fpenv.h"

/*
 * Pure functions of their operands and the environment, to whose flags they add. All rules are
 * Intel's: which NaN comes out, what counts as a denormal operand, tininess after rounding, and the
 * responses to unmasked exceptions. Spec: SDM volume 1, 4.8, 4.9, 8.3, 8.5. Cost: no allocation.
 */

/* Double extended precision, SDM volume 1, 4.2.2: the leading one is explicit. */
typedef struct F80 {
    uint64_t sig;
    uint16_t se; /* bit 15 sign, 14 to 0 exponent + 16383 */
} F80;

/* Exceptions, where the x87 status word has them (and MXCSR). */
typedef enum F80Flag {
    F80_IE = 1 << 0,
    F80_DE = 1 << 1,
    F80_ZE = 1 << 2,
    F80_OE = 1 << 3,
    F80_UE = 1 << 4,
    F80_PE = 1 << 5,
} F80Flag;

typedef struct F80Env {
    uint8_t rounding;   /* FpRounding */
    uint8_t precision;  /* bits of the significand: 24, 53 or 64 */
    uint8_t masks;      /* F80Flag bits that are masked */
    uint8_t rounded_up; /* out: the last result is larger in magnitude than the exact one (C1) */
    uint32_t flags;     /* F80Flag bits */
    uint8_t denormal;   /* in: the second operand comes from a narrower format and was denormal */
} F80Env;

/* Whether an exception stopped the operation before it had a result. */
static inline bool sfp80_stopped(const F80Env *env)
{
    return (env->flags & ~env->masks & (F80_IE | F80_DE | F80_ZE)) != 0;
}

/* The same of a store to memory, which also does without a result on these two. */
static inline bool sfp80_store_stopped(const F80Env *env)
{
    return (env->flags & ~env->masks & (F80_IE | F80_DE | F80_ZE | F80_OE | F80_UE)) != 0;
}

/* The real indefinite. */
F80 sfp80_indefinite(void);
bool sfp80_is_nan(F80 a); /* quiet, signalling or unsupported */
/* Raises F80_IE; the real indefinite. */
F80 sfp80_invalid(F80Env *env);

/* These obey precision control. */
F80 sfp80_add(F80 a, F80 b, F80Env *env);
F80 sfp80_sub(F80 a, F80 b, F80Env *env);
F80 sfp80_mul(F80 a, F80 b, F80Env *env);
F80 sfp80_div(F80 a, F80 b, F80Env *env);
F80 sfp80_sqrt(F80 a, F80Env *env);
/* These do not. */
F80 sfp80_round_int(F80 a, F80Env *env);
F80 sfp80_scale(F80 a, F80 b, F80Env *env);           /* a * 2^trunc(b) */
F80 sfp80_extract(F80 a, F80 *exponent, F80Env *env); /* the significand */

/* What a partial remainder leaves in the condition codes. */
typedef struct F80Quotient {
    uint8_t low3;    /* the low three bits of the quotient */
    uint8_t partial; /* C2: the reduction is incomplete */
    uint8_t none;    /* there is none: NaNs, invalid operands, stopped */
} F80Quotient;

/* FPREM (@nearest false), FPREM1. */
F80 sfp80_rem(F80 a, F80 b, bool nearest, F80Quotient *q, F80Env *env);

/* Numbered as C3, C2 (in bit 1), C0 stand for: see sfp80_compare(). */
typedef enum F80Order { F80_GT, F80_LT, F80_EQ, F80_UN } F80Order;

/* FCOM and FTST (@quiet false), FUCOM. */
F80Order sfp80_compare(F80 a, F80 b, bool quiet, F80Env *env);

/* FXAM's classes: C3, C2, C0 in bits 2, 1, 0. */
typedef enum F80Class {
    F80_UNSUPPORTED = 0,
    F80_NAN = 1,
    F80_NORMAL = 2,
    F80_INFINITY = 3,
    F80_ZERO = 4,
    F80_EMPTY = 5,
    F80_DENORMAL = 6,
} F80Class;

F80Class sfp80_class(F80 a);

F80 sfp80_from_f32(uint32_t a, F80Env *env);
F80 sfp80_from_f64(uint64_t a, F80Env *env);
/* As operands of arithmetic: raising nothing, signalling NaNs kept, env->denormal set. */
F80 sfp80_operand_f32(uint32_t a, F80Env *env);
F80 sfp80_operand_f64(uint64_t a, F80Env *env);
F80 sfp80_from_int(int64_t a);
F80 sfp80_from_bcd(uint64_t low, uint16_t high);
uint32_t sfp80_to_f32(F80 a, F80Env *env);
uint64_t sfp80_to_f64(F80 a, F80Env *env);
/* @bits is 16, 32 or 64, of which the result's low ones count; @truncate: whatever the mode. */
uint64_t sfp80_to_int(F80 a, unsigned bits, bool truncate, F80Env *env);
/* The ten bytes of packed BCD: the low eight, and the high two in *@high. */
uint64_t sfp80_to_bcd(F80 a, uint16_t *high, F80Env *env);

/*
 * Transcendental functions, softfp80_exp.c and softfp80_trig.c, in portable integer code: the same
 * result on every host. The error before rounding is under 2^-70 of the result, so a result to
 * nearest is within 0.51 units in the last place. Trigonometric arguments are reduced by the 66-bit
 * value of pi that the SDM gives (volume 1, 8.3.8), exactly.
 */
F80 sfp80_2xm1(F80 a, F80Env *env);          /* 2^a - 1, |a| <= 1 */
F80 sfp80_yl2x(F80 y, F80 x, F80Env *env);   /* y * log2(x) */
F80 sfp80_yl2xp1(F80 y, F80 x, F80Env *env); /* y * log2(x + 1) */
F80 sfp80_patan(F80 y, F80 x, F80Env *env);  /* the angle of the point (x, y) */
/* *@sine and *@cosine; either may be NULL. False, and nothing done: |a| >= 2^63 (C2). */
bool sfp80_sincos(F80 a, F80 *sine, F80 *cosine, F80Env *env);
bool sfp80_ptan(F80 a, F80 *tangent, F80Env *env);

/* FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ by the low three bits of the opcode: rounded as
 * the environment says. */
F80 sfp80_constant(unsigned which, const F80Env *env);

#endif
