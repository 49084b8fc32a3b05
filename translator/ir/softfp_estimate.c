/* SPDX-License-Identifier: MIT */
/* softfp_estimate.c - eight-bit reciprocal estimates and Newton-Raphson steps. */
#include "translator/ir/softfp.h"
#include "translator/ir/softfp_priv.h"

enum {
    TWO = 0x40000000,
    THREE = 0x40400000,
    ONE_HALF = 0x3f000000,
};

/*
 * recip_estimate() without doubles. The manual divides: x = (q + 0.5) / 512 with q the first
 * nine bits of the operand in [0.5, 1), the result is 1 / x rounded to a multiple of 1/256.
 * @q: 256 to 511. Returns 256 to 511, in units of 1/256.
 */
static uint32_t recip_estimate(uint32_t q)
{
    uint32_t x = 2 * q + 1; /* in units of 1/1024 */

    return ((1u << 19) + x) / (2 * x);
}

/*
 * recip_sqrt_estimate() without doubles. @x is (q + 0.5) / 512 or (q + 0.5) / 256 of the manual in
 * units of 1/1024, in [0.25, 1). The result s, 256 to 511 in units of 1/256, is the largest
 * with s - 0.5 <= 256 / sqrt(x), that is (2s - 1)^2 * x <= 2^28; x is odd or twice an odd
 * number, so the two sides are never equal.
 */
static uint32_t rsqrt_estimate(uint32_t x)
{
    uint32_t s = 256;

    for (uint32_t step = 128; step != 0; step >>= 1) {
        uint32_t root = 2 * (s + step) - 1;

        if (root * root <= (1u << 28) / x) {
            s += step;
        }
    }
    return s;
}

uint32_t sfp_recip_estimate_fixed(uint32_t a)
{
    return a >> 31 == 0 ? UINT32_MAX : recip_estimate(a >> 23) << 23;
}

uint32_t sfp_rsqrt_estimate_fixed(uint32_t a)
{
    if (a >> 30 == 0) {
        return UINT32_MAX;
    }
    if (a >> 31 == 0) {
        return rsqrt_estimate(2 * (a >> 23) + 1) << 23;
    }
    return rsqrt_estimate(4 * (a >> 24) + 2) << 23;
}

/* A denormal operand is a zero: the manual defines the estimates for flush-to-zero only. */
static Num unpack_flushed(uint32_t a, FpEnv *env)
{
    uint8_t flush = env->flush_to_zero;
    Num n;

    env->flush_to_zero |= FP_FLUSH_BOTH;
    n = sfp_unpack(SINGLE, a, env);
    env->flush_to_zero = flush;
    return n;
}

static uint32_t single_of_estimate(unsigned sign, unsigned exponent, uint32_t estimate)
{
    return (uint32_t)format_sign(SINGLE, sign) | exponent << 23 | (estimate & 0xff) << 15;
}

/* FPRecipEstimate(). */
uint32_t sfp_recip_estimate32(uint32_t a, FpEnv *env)
{
    Num n = unpack_flushed(a, env);
    uint64_t bits = a;

    if (num_is_nan(n)) {
        return (uint32_t)sfp_pick_nan(SINGLE, &bits, &n, 1, env);
    }
    if (n.kind == NUM_ZERO) {
        fp_raise(env, FP_DIVZERO);
        return (uint32_t)format_inf(SINGLE, n.sign);
    }
    if (n.kind == NUM_INF) {
        return (uint32_t)format_sign(SINGLE, n.sign);
    }
    /* the result would be denormal */
    if (n.exp >= 126) {
        fp_raise(env, FP_UNDERFLOW);
        return (uint32_t)format_sign(SINGLE, n.sign);
    }
    return single_of_estimate(n.sign, 253 - (a >> 23 & 0xff),
                              recip_estimate((uint32_t)(n.sig >> 55)));
}

/* FPRSqrtEstimate(). */
uint32_t sfp_rsqrt_estimate32(uint32_t a, FpEnv *env)
{
    Num n = unpack_flushed(a, env);
    uint32_t first9 = (uint32_t)(n.sig >> 55);
    uint64_t bits = a;
    uint32_t exponent;

    if (num_is_nan(n)) {
        return (uint32_t)sfp_pick_nan(SINGLE, &bits, &n, 1, env);
    }
    if (n.kind == NUM_ZERO) {
        fp_raise(env, FP_DIVZERO);
        return (uint32_t)format_inf(SINGLE, n.sign);
    }
    if (n.sign != 0) {
        return (uint32_t)sfp_invalid(SINGLE, env);
    }
    if (n.kind == NUM_INF) {
        return 0;
    }
    exponent = a >> 23;
    /* scaled to [0.25, 0.5): q has one bit less */
    if (exponent & 1) {
        return single_of_estimate(0, (380 - exponent) / 2, rsqrt_estimate(2 * (first9 >> 1) + 1));
    }
    return single_of_estimate(0, (380 - exponent) / 2, rsqrt_estimate(4 * (first9 >> 1) + 2));
}

/* 0 and inf: the steps take their product as 0 instead of invalid. */
static bool is_inf_by_zero(Num a, Num b)
{
    return (a.kind == NUM_INF && b.kind == NUM_ZERO) || (a.kind == NUM_ZERO && b.kind == NUM_INF);
}

/* @from - @a * @b, rounded twice; a NaN operand goes through. */
static uint32_t step(uint32_t from, uint32_t a, uint32_t b, FpEnv *env)
{
    uint64_t bits[2] = { a, b };
    uint32_t product = 0;
    Num n[2];

    n[0] = sfp_unpack(SINGLE, a, env);
    n[1] = sfp_unpack(SINGLE, b, env);
    if (num_is_nan(n[0]) || num_is_nan(n[1])) {
        return (uint32_t)sfp_pick_nan(SINGLE, bits, n, 2, env);
    }
    if (!is_inf_by_zero(n[0], n[1])) {
        product = sfp_mul32(a, b, env);
    }
    return sfp_sub32(from, product, env);
}

uint32_t sfp_recip_step32(uint32_t a, uint32_t b, FpEnv *env) { return step(TWO, a, b, env); }

/* FPRSqrtStep(): halving is exact, as 3 - a * b is a multiple of 2^-22 or large. */
uint32_t sfp_rsqrt_step32(uint32_t a, uint32_t b, FpEnv *env)
{
    return sfp_mul32(step(THREE, a, b, env), ONE_HALF, env);
}
