/* SPDX-License-Identifier: MIT */
/* softfp_priv.h - numbers taken apart, between the files of the software FP. */
#ifndef TRANSLATOR_IR_SOFTFP_PRIV_H
#define TRANSLATOR_IR_SOFTFP_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bits.h"
#include "base/fpenv.h"

/* A binary interchange format. Spec: IEEE 754-2008 3.4. */
typedef struct Format {
    unsigned fraction_bits;
    unsigned exponent_bits;
} Format;

static const Format HALF = { 10, 5 };
static const Format SINGLE = { 23, 8 };
static const Format DOUBLE = { 52, 11 };

typedef enum NumKind { NUM_ZERO, NUM_FINITE, NUM_INF, NUM_QNAN, NUM_SNAN } NumKind;

/* If finite, sig * 2^(exp - 63), with bit 63 of sig set: the leading one weighs 2^exp. */
typedef struct Num {
    uint64_t sig;
    int exp;
    uint8_t kind;
    uint8_t sign;
} Num;

static inline bool num_is_nan(Num n) { return n.kind >= NUM_QNAN; }

/* The exponent field of infinities and NaNs, in place. */
static inline uint64_t format_exp_ones(Format f)
{
    return bits_mask(f.exponent_bits) << f.fraction_bits;
}

static inline int format_bias(Format f) { return (int)bits_mask(f.exponent_bits - 1); }

/* The exponent of the smallest normal number. */
static inline int format_min_exp(Format f) { return 1 - format_bias(f); }

static inline uint64_t format_sign(Format f, unsigned sign)
{
    return (uint64_t)sign << (f.fraction_bits + f.exponent_bits);
}

static inline uint64_t format_inf(Format f, unsigned sign)
{
    return format_sign(f, sign) | format_exp_ones(f);
}

static inline void fp_raise(FpEnv *env, uint32_t flags) { env->flags |= flags; }

/* FPUnpack(): flushes a denormal operand if the environment says so. */
Num sfp_unpack(Format f, uint64_t bits, FpEnv *env);

/**
 * sfp_round - FPRound(): the nearest number of the format in the current rounding mode.
 * @sig: as in Num; bit 0 stands for any ones below it
 */
uint64_t sfp_round(Format f, unsigned sign, int exp, uint64_t sig, FpEnv *env);

/* Whether cutting @rest off a magnitude rounds it up; half a unit in the last place is @half. */
bool sfp_rounds_up(unsigned rounding, unsigned sign, bool odd, uint64_t rest, uint64_t half);

/* Raises FP_INVALID; returns the default NaN. */
uint64_t sfp_invalid(Format f, FpEnv *env);

/* FPProcessNaNs(): the result if one of @n operands, at most three, is a NaN. */
uint64_t sfp_pick_nan(Format f, const uint64_t *bits, const Num *nums, unsigned n, FpEnv *env);

/* A NaN in another format, keeping the high part of the fraction. */
uint64_t sfp_convert_nan(Format from, Format to, uint64_t bits, Num n, FpEnv *env);

#endif
