/* SPDX-License-Identifier: MIT */
/* softfp_round.c - numbers taken apart, rounded and put together; the rules for NaNs. */
#include "translator/ir/softfp_priv.h"

#include <glib.h>

static bool flushes(Format f, FpEnv *env, unsigned what)
{
    return (env->flush_to_zero & what) != 0 && f.fraction_bits != HALF.fraction_bits;
}

static bool is_quiet(Format f, uint64_t bits, const FpEnv *env)
{
    unsigned top = (unsigned)(bits >> (f.fraction_bits - 1)) & 1;

    return top != (env->nan_rule == FP_NAN_INVERTED);
}

/* The alternative half-precision format numbers on where others have infinities and NaNs. */
static bool has_specials(Format f, const FpEnv *env)
{
    return f.fraction_bits != HALF.fraction_bits || env->alt_half == 0;
}

static Num unpack_denormal(Format f, uint64_t fraction, unsigned sign, FpEnv *env)
{
    Num n = { .kind = NUM_ZERO, .sign = (uint8_t)sign };
    unsigned shift;

    if (fraction == 0) {
        return n;
    }
    if (flushes(f, env, FP_FLUSH_BOTH | FP_FLUSH_INPUTS)) {
        fp_raise(env, flushes(f, env, FP_FLUSH_BOTH) ? FP_DENORMAL_IN : 0);
        return n;
    }
    if (flushes(f, env, FP_FLUSH_INEXACT | FP_TINY_UNIMPLEMENTED)) {
        fp_raise(env, flushes(f, env, FP_FLUSH_INEXACT) ? FP_INEXACT : FP_UNIMPLEMENTED);
        return n;
    }
    shift = bits_clz64(fraction);
    n.kind = NUM_FINITE;
    n.sig = fraction << shift;
    n.exp = format_min_exp(f) + 63 - (int)(shift + f.fraction_bits);
    return n;
}

Num sfp_unpack(Format f, uint64_t bits, FpEnv *env)
{
    uint64_t fraction = bits & bits_mask(f.fraction_bits);
    uint64_t exp = bits >> f.fraction_bits & bits_mask(f.exponent_bits);
    unsigned sign = (unsigned)(bits >> (f.fraction_bits + f.exponent_bits)) & 1;
    Num n = { .kind = NUM_FINITE, .sign = (uint8_t)sign };

    if (exp == 0) {
        return unpack_denormal(f, fraction, sign, env);
    }
    if (exp == bits_mask(f.exponent_bits) && has_specials(f, env)) {
        n.kind = fraction == 0 ? NUM_INF : is_quiet(f, bits, env) ? NUM_QNAN : NUM_SNAN;
        return n;
    }
    n.sig = (UINT64_C(1) << f.fraction_bits | fraction) << (63 - f.fraction_bits);
    n.exp = (int)exp - format_bias(f);
    return n;
}

bool sfp_rounds_up(unsigned rounding, unsigned sign, bool odd, uint64_t rest, uint64_t half)
{
    switch (rounding) {
    case FP_RNE: return rest > half || (rest == half && odd);
    case FP_RP: return rest != 0 && sign == 0;
    case FP_RM: return rest != 0 && sign != 0;
    case FP_RZ: return false;
    default: g_assert_not_reached();
    }
}

/* @rest: what the significand lost, which is all that a trap sees of inexactness. */
static uint64_t overflow(Format f, unsigned sign, uint64_t rest, FpEnv *env)
{
    bool to_inf = env->rounding == FP_RNE || env->rounding == (sign == 0 ? FP_RP : FP_RM);

    /* FPRound(): saturates, without Inexact */
    if (!has_specials(f, env)) {
        fp_raise(env, FP_INVALID);
        return format_sign(f, sign) | (format_sign(f, 1) - 1);
    }
    fp_raise(env, FP_OVERFLOW);
    fp_raise(env, (env->trap & FP_OVERFLOW) == 0 || rest != 0 ? FP_INEXACT : 0);
    return format_inf(f, sign) - !to_inf;
}

/* Whether the number would be in the denormal range if the exponent had no lower end. */
static bool is_tiny(Format f, unsigned sign, int exp, uint64_t sig, const FpEnv *env)
{
    unsigned drop = 63 - f.fraction_bits;
    uint64_t rest = sig & bits_mask(drop);

    if (exp >= format_min_exp(f)) {
        return false;
    }
    if (env->tininess_after == 0 || exp < format_min_exp(f) - 1 || ~sig >> drop != 0) {
        return true;
    }
    return !sfp_rounds_up(env->rounding, sign, true, rest, UINT64_C(1) << (drop - 1));
}

/* MD00343 5.5.2 and 5.5.3: a tiny result, and the exceptions in the order of their detection. */
static uint64_t without_denormals(Format f, unsigned sign, int exp, uint64_t sig, FpEnv *env)
{
    uint64_t smallest = UINT64_C(1) << f.fraction_bits;
    bool away = env->rounding == (sign == 0 ? FP_RP : FP_RM);

    if (!flushes(f, env, FP_FLUSH_INEXACT | FP_FLUSH_NEAREST)) {
        fp_raise(env, FP_UNIMPLEMENTED);
        return format_sign(f, sign);
    }
    if (env->rounding == FP_RNE && flushes(f, env, FP_FLUSH_NEAREST)) {
        away = exp == format_min_exp(f) - 1 && sig > UINT64_C(1) << 63;
    }
    fp_raise(env, FP_UNDERFLOW);
    if ((env->trap & FP_UNDERFLOW) == 0 || (sig & bits_mask(63 - f.fraction_bits)) != 0) {
        fp_raise(env, FP_INEXACT);
    }
    return format_sign(f, sign) | (away ? smallest : 0);
}

uint64_t sfp_round(Format f, unsigned sign, int exp, uint64_t sig, FpEnv *env)
{
    unsigned drop = 63 - f.fraction_bits;
    bool tiny = is_tiny(f, sign, exp, sig, env);
    int over_min = MIN(exp, format_bias(f) + 2) - format_min_exp(f);
    uint64_t kept, rest;

    if (tiny && flushes(f, env, FP_FLUSH_BOTH | FP_FLUSH_OUTPUTS)) {
        fp_raise(env, FP_UNDERFLOW);
        fp_raise(env, flushes(f, env, FP_FLUSH_OUTPUTS) ? FP_INEXACT : 0);
        return format_sign(f, sign);
    }
    if (tiny && flushes(f, env, FP_TINY_UNIMPLEMENTED | FP_FLUSH_INEXACT | FP_FLUSH_NEAREST)) {
        return without_denormals(f, sign, exp, sig, env);
    }
    if (over_min < 0) {
        sig = bits_shr_sticky64(sig, (unsigned)-over_min);
        over_min = 0;
    }
    kept = sig >> drop;
    rest = sig & bits_mask(drop);
    kept += sfp_rounds_up(env->rounding, sign, kept & 1, rest, UINT64_C(1) << (drop - 1));
    /* The leading one of a normal number counts the exponent up, so does a carry. */
    kept += (uint64_t)over_min << f.fraction_bits;
    if (kept >= (has_specials(f, env) ? format_exp_ones(f) : format_sign(f, 1))) {
        return overflow(f, sign, rest, env);
    }
    if (rest != 0) {
        fp_raise(env, tiny ? FP_UNDERFLOW | FP_INEXACT : FP_INEXACT);
    }
    return format_sign(f, sign) | kept;
}

static uint64_t default_nan(Format f, const FpEnv *env)
{
    uint64_t quiet = UINT64_C(1) << (f.fraction_bits - 1);

    switch (env->nan_rule) {
    case FP_NAN_SIGNALLING: return format_inf(f, 0) | quiet;
    case FP_NAN_INVERTED: return format_inf(f, 0) | (quiet - 1);
    default: return format_inf(f, 1) | quiet;
    }
}

uint64_t sfp_invalid(Format f, FpEnv *env)
{
    fp_raise(env, FP_INVALID);
    return default_nan(f, env);
}

/* The first operand of the kind, or @n. */
static unsigned first_of(NumKind kind, const Num *nums, unsigned n)
{
    unsigned i = 0;

    while (i < n && nums[i].kind != kind) {
        i++;
    }
    return i;
}

/* Intel SDM volume 1, table 4-7: of two alike the larger significand, then the positive one. */
static unsigned largest_of(NumKind kind, Format f, const uint64_t *bits, const Num *nums,
                           unsigned n)
{
    uint64_t fraction = bits_mask(f.fraction_bits);
    unsigned best = n;

    for (unsigned i = 0; i < n; i++) {
        if (nums[i].kind != kind) {
            continue;
        }
        if (best == n || (bits[i] & fraction) > (bits[best] & fraction)
            || ((bits[i] & fraction) == (bits[best] & fraction) && nums[best].sign != 0)) {
            best = i;
        }
    }
    return best;
}

/* The operand that gives the NaN, or @n for the default NaN. */
static unsigned choose_nan(Format f, const uint64_t *bits, const Num *nums, unsigned n,
                           const FpEnv *env)
{
    unsigned snan = first_of(NUM_SNAN, nums, n);
    unsigned qnan = first_of(NUM_QNAN, nums, n);

    if (env->default_nan != 0) {
        return n;
    }
    switch (env->nan_rule) {
    case FP_NAN_SIGNALLING: return snan < n ? snan : qnan;
    case FP_NAN_INVERTED: return snan < n ? n : qnan;
    case FP_NAN_FIRST: return MIN(snan, qnan);
    case FP_NAN_LARGER: return largest_of(qnan < n ? NUM_QNAN : NUM_SNAN, f, bits, nums, n);
    default: g_assert_not_reached();
    }
}

uint64_t sfp_pick_nan(Format f, const uint64_t *bits, const Num *nums, unsigned n, FpEnv *env)
{
    uint64_t quiet = UINT64_C(1) << (f.fraction_bits - 1);
    unsigned chosen = choose_nan(f, bits, nums, n, env);

    if (first_of(NUM_SNAN, nums, n) < n) {
        fp_raise(env, FP_INVALID);
    }
    if (chosen == n) {
        return default_nan(f, env);
    }
    return env->nan_rule == FP_NAN_INVERTED ? bits[chosen] : bits[chosen] | quiet;
}

uint64_t sfp_convert_nan(Format from, Format to, uint64_t bits, Num n, FpEnv *env)
{
    uint64_t nan = sfp_pick_nan(from, &bits, &n, 1, env);
    uint64_t fraction = nan & bits_mask(from.fraction_bits);

    if (env->default_nan != 0) {
        return default_nan(to, env);
    }
    fraction = fraction << (63 - from.fraction_bits) >> (63 - to.fraction_bits);
    /* With the quiet bit inverted the bits kept may be zero, which would be an infinity. */
    if (fraction == 0 || (env->nan_rule == FP_NAN_INVERTED && n.kind == NUM_SNAN)) {
        return default_nan(to, env);
    }
    return format_inf(to, n.sign) | fraction;
}
