/* SPDX-License-Identifier: MIT */
/* softfp_compare.c - comparisons, maximum, minimum, sign. */
#include "translator/ir/softfp.h"
#include "translator/ir/softfp_priv.h"

/* -1, 0 or 1 as @a's magnitude is less, equal or greater. Neither is a NaN. */
static int compare_magnitude(Num a, Num b)
{
    /* zero < finite < infinity */
    if (a.kind != b.kind) {
        return a.kind < b.kind ? -1 : 1;
    }
    if (a.kind != NUM_FINITE) {
        return 0;
    }
    if (a.exp != b.exp) {
        return a.exp < b.exp ? -1 : 1;
    }
    return (a.sig > b.sig) - (a.sig < b.sig);
}

static FpOrder order(Num a, Num b)
{
    int magnitude = compare_magnitude(a, b);

    if (a.kind == NUM_ZERO && b.kind == NUM_ZERO) {
        return FP_EQ;
    }
    if (a.sign != b.sign) {
        return a.sign != 0 ? FP_LT : FP_GT;
    }
    if (magnitude == 0) {
        return FP_EQ;
    }
    return (magnitude < 0) != (a.sign != 0) ? FP_LT : FP_GT;
}

/* MD00343 5.5.2, note 1: comparisons, negation and absolute value take denormals. */
static Num unpack_tiny(Format f, uint64_t bits, FpEnv *env)
{
    FpEnv takes = *env;
    Num n;

    takes.flush_to_zero &= (uint8_t)~FP_TINY_UNIMPLEMENTED;
    n = sfp_unpack(f, bits, &takes);
    env->flags = takes.flags;
    return n;
}

/* FPCompare(). */
static FpOrder compare(Format f, uint64_t a, uint64_t b, bool signal, FpEnv *env)
{
    Num x = unpack_tiny(f, a, env);
    Num y = unpack_tiny(f, b, env);

    if (num_is_nan(x) || num_is_nan(y)) {
        if (signal || x.kind == NUM_SNAN || y.kind == NUM_SNAN) {
            fp_raise(env, FP_INVALID);
        }
        return FP_UN;
    }
    return order(x, y);
}

/* FPMax() and FPMin(): the operand whose relation to the other is @want. */
static uint64_t choose(Format f, uint64_t a, uint64_t b, FpOrder want, FpEnv *env)
{
    uint64_t bits[2] = { a, b };
    unsigned sign;
    Num n[2];

    n[0] = sfp_unpack(f, a, env);
    n[1] = sfp_unpack(f, b, env);
    if (num_is_nan(n[0]) || num_is_nan(n[1])) {
        return sfp_pick_nan(f, bits, n, 2, env);
    }
    if (n[0].kind == NUM_ZERO && n[1].kind == NUM_ZERO) {
        sign = want == FP_GT ? n[0].sign & n[1].sign : n[0].sign | n[1].sign;
        return format_sign(f, sign);
    }
    n[0] = order(n[0], n[1]) == want ? n[0] : n[1];
    switch (n[0].kind) {
    case NUM_ZERO: return format_sign(f, n[0].sign);
    case NUM_INF: return format_inf(f, n[0].sign);
    default: return sfp_round(f, n[0].sign, n[0].exp, n[0].sig, env);
    }
}

uint32_t sfp_max32(uint32_t a, uint32_t b, FpEnv *env)
{
    return (uint32_t)choose(SINGLE, a, b, FP_GT, env);
}

uint64_t sfp_max64(uint64_t a, uint64_t b, FpEnv *env) { return choose(DOUBLE, a, b, FP_GT, env); }

uint32_t sfp_min32(uint32_t a, uint32_t b, FpEnv *env)
{
    return (uint32_t)choose(SINGLE, a, b, FP_LT, env);
}

uint64_t sfp_min64(uint64_t a, uint64_t b, FpEnv *env) { return choose(DOUBLE, a, b, FP_LT, env); }

FpOrder sfp_compare_quiet32(uint32_t a, uint32_t b, FpEnv *env)
{
    return compare(SINGLE, a, b, false, env);
}

FpOrder sfp_compare_quiet64(uint64_t a, uint64_t b, FpEnv *env)
{
    return compare(DOUBLE, a, b, false, env);
}

FpOrder sfp_compare_signalling32(uint32_t a, uint32_t b, FpEnv *env)
{
    return compare(SINGLE, a, b, true, env);
}

FpOrder sfp_compare_signalling64(uint64_t a, uint64_t b, FpEnv *env)
{
    return compare(DOUBLE, a, b, true, env);
}

/* @bits with sign @sign, done as an arithmetic operation. */
static uint64_t with_sign(Format f, uint64_t bits, unsigned sign, FpEnv *env)
{
    Num n = unpack_tiny(f, bits, env);

    if (num_is_nan(n)) {
        return sfp_pick_nan(f, &bits, &n, 1, env);
    }
    bits = n.kind == NUM_ZERO ? 0 : bits & (format_sign(f, 1) - 1);
    return format_sign(f, sign) | bits;
}

uint32_t sfp_abs32(uint32_t a, FpEnv *env) { return (uint32_t)with_sign(SINGLE, a, 0, env); }

uint64_t sfp_abs64(uint64_t a, FpEnv *env) { return with_sign(DOUBLE, a, 0, env); }

uint32_t sfp_neg32(uint32_t a, FpEnv *env)
{
    return (uint32_t)with_sign(SINGLE, a, a >> 31 ^ 1, env);
}

uint64_t sfp_neg64(uint64_t a, FpEnv *env)
{
    return with_sign(DOUBLE, a, (unsigned)(a >> 63) ^ 1, env);
}
