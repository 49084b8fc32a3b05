/* SPDX-License-Identifier: MIT */
/* softfp.h - what floating-point operations mean, over integer bit patterns. */
#ifndef TRANSLATOR_IR_SOFTFP_H
#define TRANSLATOR_IR_SOFTFP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fpenv.h"

/*
 * Everything here is a pure function of its operands and the environment, whose flags it
 * adds to. Names end in the format: 16, 32 or 64 bits of IEEE 754-2008 3.4. Negation,
 * absolute value and copies are bit operations; with FP_NAN_INVERTED the first two are arithmetic.
 *
 * With a zeroed FpEnv the operations are those of VFP; with flush_to_zero = FP_FLUSH_BOTH and
 * default_nan = 1 those of Advanced SIMD ("standard FPSCR value").
 * Spec: ARM DDI 0406C.d A2.7, IEEE 754-2008. Cost: no allocation.
 */

/* The four relations of IEEE 754-2008 5.11; the numbers are those of the IR's fcmpq and fcmps. */
typedef enum FpOrder { FP_LT = 0, FP_EQ = 1, FP_GT = 2, FP_UN = 3 } FpOrder;

uint32_t sfp_add32(uint32_t a, uint32_t b, FpEnv *env);
uint64_t sfp_add64(uint64_t a, uint64_t b, FpEnv *env);
uint32_t sfp_sub32(uint32_t a, uint32_t b, FpEnv *env);
uint64_t sfp_sub64(uint64_t a, uint64_t b, FpEnv *env);
uint32_t sfp_mul32(uint32_t a, uint32_t b, FpEnv *env);
uint64_t sfp_mul64(uint64_t a, uint64_t b, FpEnv *env);
uint32_t sfp_div32(uint32_t a, uint32_t b, FpEnv *env);
uint64_t sfp_div64(uint64_t a, uint64_t b, FpEnv *env);
uint32_t sfp_sqrt32(uint32_t a, FpEnv *env);
uint64_t sfp_sqrt64(uint64_t a, FpEnv *env);

/* @a * @b + @addend, rounded once. */
uint32_t sfp_fma32(uint32_t a, uint32_t b, uint32_t addend, FpEnv *env);
uint64_t sfp_fma64(uint64_t a, uint64_t b, uint64_t addend, FpEnv *env);

/* Multiply, round, add, round: @a * @b + @c; mas: @a * @b - @c. Spec: MD00343 5.5.3. */
uint32_t sfp_mac32(uint32_t a, uint32_t b, uint32_t c, FpEnv *env);
uint64_t sfp_mac64(uint64_t a, uint64_t b, uint64_t c, FpEnv *env);
uint32_t sfp_mas32(uint32_t a, uint32_t b, uint32_t c, FpEnv *env);
uint64_t sfp_mas64(uint64_t a, uint64_t b, uint64_t c, FpEnv *env);

/* As arithmetic: a NaN is what the environment's rule makes of it, a signalling one invalid. */
uint32_t sfp_abs32(uint32_t a, FpEnv *env);
uint64_t sfp_abs64(uint64_t a, FpEnv *env);
uint32_t sfp_neg32(uint32_t a, FpEnv *env);
uint64_t sfp_neg64(uint64_t a, FpEnv *env);

/* FPMax() and FPMin(): a NaN operand gives a NaN, -0 is less than +0. */
uint32_t sfp_max32(uint32_t a, uint32_t b, FpEnv *env);
uint64_t sfp_max64(uint64_t a, uint64_t b, FpEnv *env);
uint32_t sfp_min32(uint32_t a, uint32_t b, FpEnv *env);
uint64_t sfp_min64(uint64_t a, uint64_t b, FpEnv *env);

/* The relation of @a to @b. A quiet one raises FP_INVALID for signalling NaNs only. */
FpOrder sfp_compare_quiet32(uint32_t a, uint32_t b, FpEnv *env);
FpOrder sfp_compare_quiet64(uint64_t a, uint64_t b, FpEnv *env);
FpOrder sfp_compare_signalling32(uint32_t a, uint32_t b, FpEnv *env);
FpOrder sfp_compare_signalling64(uint64_t a, uint64_t b, FpEnv *env);

uint64_t sfp_32_to_64(uint32_t a, FpEnv *env);
uint32_t sfp_64_to_32(uint64_t a, FpEnv *env);
uint32_t sfp_16_to_32(uint16_t a, FpEnv *env);
uint16_t sfp_32_to_16(uint32_t a, FpEnv *env);
uint64_t sfp_16_to_64(uint16_t a, FpEnv *env);
uint16_t sfp_64_to_16(uint64_t a, FpEnv *env);

/**
 * SfpFixed - the integer or fixed-point side of a conversion.
 * @bits:          size of the integer, 1 to 64
 * @is_signed:     1 if two's complement
 * @fraction_bits: bits right of the binary point, 0 to 64
 * @rounding:      FpRounding, or SFP_CURRENT for the environment's
 */
typedef struct SfpFixed {
    uint8_t bits;
    uint8_t is_signed;
    uint8_t fraction_bits;
    uint8_t rounding;
} SfpFixed;

enum { SFP_CURRENT = 0xff };

/**
 * sfp_32_to_fixed - round to an integer.
 * Returns: the low @to.bits bits, zeros above. FpEnv.int_rule says what NaNs and values out of
 *          range give; they raise FP_INVALID and not FP_INEXACT.
 * Spec:    ARM DDI 0406C.d A2.7.8, FPToFixed().
 */
uint64_t sfp_32_to_fixed(uint32_t a, SfpFixed to, FpEnv *env);
uint64_t sfp_64_to_fixed(uint64_t a, SfpFixed to, FpEnv *env);

/* The other way; bits of @a above @from.bits are ignored. Spec: ARM DDI 0406C.d, FixedToFP(). */
uint32_t sfp_32_from_fixed(uint64_t a, SfpFixed from, FpEnv *env);
uint64_t sfp_64_from_fixed(uint64_t a, SfpFixed from, FpEnv *env);

/* The plain cases of the above; @rounding is an FpRounding or SFP_CURRENT. */
uint32_t sfp_32_to_i32(uint32_t a, unsigned rounding, FpEnv *env);
uint32_t sfp_32_to_u32(uint32_t a, unsigned rounding, FpEnv *env);
uint64_t sfp_32_to_i64(uint32_t a, unsigned rounding, FpEnv *env);
uint32_t sfp_64_to_i32(uint64_t a, unsigned rounding, FpEnv *env);
uint32_t sfp_64_to_u32(uint64_t a, unsigned rounding, FpEnv *env);
uint64_t sfp_64_to_i64(uint64_t a, unsigned rounding, FpEnv *env);
uint32_t sfp_32_from_i32(uint32_t a, FpEnv *env);
uint32_t sfp_32_from_u32(uint32_t a, FpEnv *env);
uint32_t sfp_32_from_i64(uint64_t a, FpEnv *env);
uint64_t sfp_64_from_i32(uint32_t a, FpEnv *env);
uint64_t sfp_64_from_u32(uint32_t a, FpEnv *env);
uint64_t sfp_64_from_i64(uint64_t a, FpEnv *env);

/* To an integral value in the same format; @exact: whether a change raises FP_INEXACT. */
uint32_t sfp_round_int32(uint32_t a, unsigned rounding, bool exact, FpEnv *env);
uint64_t sfp_round_int64(uint64_t a, unsigned rounding, bool exact, FpEnv *env);

/* Eight-bit estimates and Newton-Raphson steps. Spec: ARM DDI 0406C.d A2.7.8. */
uint32_t sfp_recip_estimate32(uint32_t a, FpEnv *env);
uint32_t sfp_rsqrt_estimate32(uint32_t a, FpEnv *env);
uint32_t sfp_recip_step32(uint32_t a, uint32_t b, FpEnv *env); /* 2 - a * b */
uint32_t sfp_rsqrt_step32(uint32_t a, uint32_t b, FpEnv *env); /* (3 - a * b) / 2 */
uint32_t sfp_recip_estimate_fixed(uint32_t a);                 /* of a 0.32 fixed-point number */
uint32_t sfp_rsqrt_estimate_fixed(uint32_t a);

#endif
