/* SPDX-License-Identifier: MIT */
/* simd_fp.c - Advanced SIMD floating point, under the standard FPSCR value; DDI 0406C.d A8.8. */
#include "frontend/arm/simd_lanes_priv.h"
#include "translator/ir/softfp.h"

enum { SIGN = 31 };

/* The word of an element. */
static uint32_t w(I128 x) { return (uint32_t)x; }

static uint32_t negated(uint32_t x) { return x ^ 1u << SIGN; }
static uint32_t absolute(uint32_t x) { return x & ~(1u << SIGN); }

static uint32_t product(const Lane *k, I128 x, I128 y) { return sfp_mul32(w(x), w(y), k->env); }

/* FPCompareEQ(): a quiet NaN is no invalid operation; for the others it is. */
static I128 equal(const Lane *k, uint32_t x, uint32_t y)
{
    return -(sfp_compare_quiet32(x, y, k->env) == FP_EQ);
}

static I128 greater(const Lane *k, uint32_t x, uint32_t y, bool or_equal)
{
    FpOrder order = sfp_compare_signalling32(x, y, k->env);

    return -(order == FP_GT || (or_equal && order == FP_EQ));
}

/* Conversions: to zero and to nearest, A2.7.8 with the standard FPSCR value. */
static SfpFixed fixed(const Lane *k, FpRounding rounding)
{
    return (SfpFixed){ .bits = 32,
                       .is_signed = !k->is_unsigned,
                       .fraction_bits = (uint8_t)k->shift,
                       .rounding = (uint8_t)rounding };
}

/* clang-format off */
LANE(fadd)    { UNUSED(k, d, x, y); return sfp_add32(w(x), w(y), k->env); }
LANE(fsub)    { UNUSED(k, d, x, y); return sfp_sub32(w(x), w(y), k->env); }
LANE(fmul)    { UNUSED(k, d, x, y); return product(k, x, y); }
LANE(fmla)    { UNUSED(k, d, x, y); return sfp_add32(w(d), product(k, x, y), k->env); }
LANE(fmls)    { UNUSED(k, d, x, y); return sfp_add32(w(d), negated(product(k, x, y)), k->env); }
LANE(ffma)    { UNUSED(k, d, x, y); return sfp_fma32(w(x), w(y), w(d), k->env); }
LANE(ffms)    { UNUSED(k, d, x, y); return sfp_fma32(negated(w(x)), w(y), w(d), k->env); }
LANE(fabd)    { UNUSED(k, d, x, y); return absolute(sfp_sub32(w(x), w(y), k->env)); }
LANE(fmaxi)   { UNUSED(k, d, x, y); return sfp_max32(w(x), w(y), k->env); }
LANE(fmini)   { UNUSED(k, d, x, y); return sfp_min32(w(x), w(y), k->env); }
LANE(fceq)    { UNUSED(k, d, x, y); return equal(k, w(x), w(y)); }
LANE(fcge)    { UNUSED(k, d, x, y); return greater(k, w(x), w(y), true); }
LANE(fcgt)    { UNUSED(k, d, x, y); return greater(k, w(x), w(y), false); }
LANE(fcle)    { UNUSED(k, d, x, y); return greater(k, w(y), w(x), true); }
LANE(fclt)    { UNUSED(k, d, x, y); return greater(k, w(y), w(x), false); }
LANE(facge)   { UNUSED(k, d, x, y); return greater(k, absolute(w(x)), absolute(w(y)), true); }
LANE(facgt)   { UNUSED(k, d, x, y); return greater(k, absolute(w(x)), absolute(w(y)), false); }
LANE(fmag)    { UNUSED(k, d, x, y); return absolute(w(x)); }
LANE(fneg)    { UNUSED(k, d, x, y); return negated(w(x)); }
LANE(frecps)  { UNUSED(k, d, x, y); return sfp_recip_step32(w(x), w(y), k->env); }
LANE(frsqrts) { UNUSED(k, d, x, y); return sfp_rsqrt_step32(w(x), w(y), k->env); }
LANE(frecpe)  { UNUSED(k, d, x, y); return sfp_recip_estimate32(w(x), k->env); }
LANE(frsqrte) { UNUSED(k, d, x, y); return sfp_rsqrt_estimate32(w(x), k->env); }
LANE(recpe)   { UNUSED(k, d, x, y); return sfp_recip_estimate_fixed(w(x)); }
LANE(rsqrte)  { UNUSED(k, d, x, y); return sfp_rsqrt_estimate_fixed(w(x)); }
LANE(from_half)  { UNUSED(k, d, x, y); return sfp_16_to_32((uint16_t)x, k->env); }
LANE(to_half)    { UNUSED(k, d, x, y); return sfp_32_to_16(w(x), k->env); }
/* clang-format on */

LANE(to_fixed)
{
    UNUSED(k, d, x, y);
    return (I128)sfp_32_to_fixed(w(x), fixed(k, FP_RZ), k->env);
}

LANE(from_fixed)
{
    UNUSED(k, d, x, y);
    return sfp_32_from_fixed((uint64_t)x, fixed(k, FP_RNE), k->env);
}

/* clang-format off */
#define SIMD_FP(name, shape, op) LANE_HELPER(name, shape, op)
#include "frontend/arm/simd_ops.def"
/* clang-format on */
