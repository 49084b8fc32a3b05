/* SPDX-License-Identifier: MIT */
/* softfp_convert.c - conversions between formats, integers and fixed-point numbers. */
#include "translator/ir/softfp.h"
#include "translator/ir/softfp_priv.h"

#include <glib.h>

/* FPDoubleToSingle() and its kin. */
static uint64_t convert(Format from, Format to, uint64_t a, FpEnv *env)
{
    bool alt_half = to.fraction_bits == HALF.fraction_bits && env->alt_half != 0;
    Num n = sfp_unpack(from, a, env);

    switch (n.kind) {
    case NUM_ZERO: return format_sign(to, n.sign);
    case NUM_FINITE: return sfp_round(to, n.sign, n.exp, n.sig, env);
    case NUM_INF:
        /* FPSingleToHalf(): the largest number there is */
        if (alt_half) {
            fp_raise(env, FP_INVALID);
            return format_sign(to, n.sign) | (format_sign(to, 1) - 1);
        }
        return format_inf(to, n.sign);
    default:
        if (alt_half) {
            fp_raise(env, FP_INVALID);
            return format_sign(to, n.sign);
        }
        return sfp_convert_nan(from, to, a, n, env);
    }
}

uint64_t sfp_32_to_64(uint32_t a, FpEnv *env) { return convert(SINGLE, DOUBLE, a, env); }

uint32_t sfp_64_to_32(uint64_t a, FpEnv *env) { return (uint32_t)convert(DOUBLE, SINGLE, a, env); }

uint32_t sfp_16_to_32(uint16_t a, FpEnv *env) { return (uint32_t)convert(HALF, SINGLE, a, env); }

uint16_t sfp_32_to_16(uint32_t a, FpEnv *env) { return (uint16_t)convert(SINGLE, HALF, a, env); }

uint64_t sfp_16_to_64(uint16_t a, FpEnv *env) { return convert(HALF, DOUBLE, a, env); }

uint16_t sfp_64_to_16(uint64_t a, FpEnv *env) { return (uint16_t)convert(DOUBLE, HALF, a, env); }

static unsigned rounding_of(unsigned rounding, const FpEnv *env)
{
    return rounding == SFP_CURRENT ? env->rounding : rounding;
}

/* |@n| rounded to an integer; @n is finite, its leading one below 2^64. */
static uint64_t round_magnitude(Num n, unsigned rounding, bool *inexact)
{
    unsigned shift = n.exp < -1 ? 65 : (unsigned)(63 - n.exp);
    uint64_t kept, rest;

    *inexact = false;
    if (shift == 0) {
        return n.sig;
    }
    kept = shift > 63 ? 0 : n.sig >> shift;
    rest = shift > 64 ? 1 : n.sig & bits_mask(shift); /* a quarter and less is all the same */
    *inexact = rest != 0;
    return kept
           + sfp_rounds_up(rounding, n.sign, kept & 1, rest, UINT64_C(1) << (MIN(shift, 64) - 1));
}

/* What a NaN or a number out of range converts to. */
static uint64_t out_of_range(SfpFixed to, Num n, FpEnv *env)
{
    uint64_t most_neg = UINT64_C(1) << (to.bits - 1);

    fp_raise(env, FP_INVALID);
    switch (env->int_rule) {
    case FP_INT_MOST_NEG: return most_neg;
    case FP_INT_MOST_POS: return most_neg - 1;
    case FP_INT_SATURATE: break;
    default: g_assert_not_reached();
    }
    if (num_is_nan(n)) {
        return 0;
    }
    if (to.is_signed != 0) {
        return n.sign != 0 ? most_neg : most_neg - 1;
    }
    return n.sign != 0 ? 0 : bits_mask(to.bits);
}

static uint64_t largest_magnitude(SfpFixed to, unsigned sign)
{
    if (to.is_signed == 0) {
        return sign != 0 ? 0 : bits_mask(to.bits);
    }
    return bits_mask(to.bits - 1u) + sign;
}

/* FPToFixed(). */
static uint64_t to_fixed(Format f, uint64_t a, SfpFixed to, FpEnv *env)
{
    Num n = sfp_unpack(f, a, env);
    uint64_t magnitude;
    bool inexact;

    if (n.kind == NUM_ZERO) {
        return 0;
    }
    n.exp += to.fraction_bits;
    if (n.kind != NUM_FINITE || n.exp > 63) {
        return out_of_range(to, n, env);
    }
    magnitude = round_magnitude(n, rounding_of(to.rounding, env), &inexact);
    if (magnitude > largest_magnitude(to, n.sign)) {
        return out_of_range(to, n, env);
    }
    fp_raise(env, inexact ? FP_INEXACT : 0);
    return (n.sign != 0 ? -magnitude : magnitude) & bits_mask(to.bits);
}

/* FixedToFP(): a zero is positive in all rounding modes. */
static uint64_t from_fixed(Format f, uint64_t a, SfpFixed from, FpEnv *env)
{
    unsigned sign = from.is_signed != 0 ? (unsigned)(a >> (from.bits - 1)) & 1 : 0;
    uint64_t magnitude = (sign != 0 ? -a : a) & bits_mask(from.bits);
    unsigned rounding = env->rounding;
    unsigned shift;
    uint64_t r;

    if (magnitude == 0) {
        return 0;
    }
    shift = bits_clz64(magnitude);
    env->rounding = (uint8_t)rounding_of(from.rounding, env);
    r = sfp_round(f, sign, 63 - (int)(shift + from.fraction_bits), magnitude << shift, env);
    env->rounding = (uint8_t)rounding;
    return r;
}

uint64_t sfp_32_to_fixed(uint32_t a, SfpFixed to, FpEnv *env)
{
    return to_fixed(SINGLE, a, to, env);
}

uint64_t sfp_64_to_fixed(uint64_t a, SfpFixed to, FpEnv *env)
{
    return to_fixed(DOUBLE, a, to, env);
}

uint32_t sfp_32_from_fixed(uint64_t a, SfpFixed from, FpEnv *env)
{
    return (uint32_t)from_fixed(SINGLE, a, from, env);
}

uint64_t sfp_64_from_fixed(uint64_t a, SfpFixed from, FpEnv *env)
{
    return from_fixed(DOUBLE, a, from, env);
}

uint32_t sfp_32_to_i32(uint32_t a, unsigned rounding, FpEnv *env)
{
    return (uint32_t)to_fixed(SINGLE, a, (SfpFixed){ 32, 1, 0, (uint8_t)rounding }, env);
}

uint32_t sfp_32_to_u32(uint32_t a, unsigned rounding, FpEnv *env)
{
    return (uint32_t)to_fixed(SINGLE, a, (SfpFixed){ 32, 0, 0, (uint8_t)rounding }, env);
}

uint64_t sfp_32_to_i64(uint32_t a, unsigned rounding, FpEnv *env)
{
    return to_fixed(SINGLE, a, (SfpFixed){ 64, 1, 0, (uint8_t)rounding }, env);
}

uint32_t sfp_64_to_i32(uint64_t a, unsigned rounding, FpEnv *env)
{
    return (uint32_t)to_fixed(DOUBLE, a, (SfpFixed){ 32, 1, 0, (uint8_t)rounding }, env);
}

uint32_t sfp_64_to_u32(uint64_t a, unsigned rounding, FpEnv *env)
{
    return (uint32_t)to_fixed(DOUBLE, a, (SfpFixed){ 32, 0, 0, (uint8_t)rounding }, env);
}

uint64_t sfp_64_to_i64(uint64_t a, unsigned rounding, FpEnv *env)
{
    return to_fixed(DOUBLE, a, (SfpFixed){ 64, 1, 0, (uint8_t)rounding }, env);
}

uint32_t sfp_32_from_i32(uint32_t a, FpEnv *env)
{
    return (uint32_t)from_fixed(SINGLE, a, (SfpFixed){ 32, 1, 0, SFP_CURRENT }, env);
}

uint32_t sfp_32_from_u32(uint32_t a, FpEnv *env)
{
    return (uint32_t)from_fixed(SINGLE, a, (SfpFixed){ 32, 0, 0, SFP_CURRENT }, env);
}

uint32_t sfp_32_from_i64(uint64_t a, FpEnv *env)
{
    return (uint32_t)from_fixed(SINGLE, a, (SfpFixed){ 64, 1, 0, SFP_CURRENT }, env);
}

uint64_t sfp_64_from_i32(uint32_t a, FpEnv *env)
{
    return from_fixed(DOUBLE, a, (SfpFixed){ 32, 1, 0, SFP_CURRENT }, env);
}

uint64_t sfp_64_from_u32(uint32_t a, FpEnv *env)
{
    return from_fixed(DOUBLE, a, (SfpFixed){ 32, 0, 0, SFP_CURRENT }, env);
}

uint64_t sfp_64_from_i64(uint64_t a, FpEnv *env)
{
    return from_fixed(DOUBLE, a, (SfpFixed){ 64, 1, 0, SFP_CURRENT }, env);
}

static uint64_t round_int(Format f, uint64_t a, unsigned rounding, bool exact, FpEnv *env)
{
    Num n = sfp_unpack(f, a, env);
    uint64_t magnitude;
    unsigned shift;
    bool inexact;

    if (num_is_nan(n)) {
        return sfp_pick_nan(f, &a, &n, 1, env);
    }
    if (n.kind == NUM_ZERO) {
        return format_sign(f, n.sign);
    }
    if (n.kind == NUM_INF || n.exp >= (int)f.fraction_bits) {
        return a;
    }
    magnitude = round_magnitude(n, rounding_of(rounding, env), &inexact);
    fp_raise(env, inexact && exact ? FP_INEXACT : 0);
    if (magnitude == 0) {
        return format_sign(f, n.sign);
    }
    shift = bits_clz64(magnitude);
    return sfp_round(f, n.sign, 63 - (int)shift, magnitude << shift, env);
}

uint32_t sfp_round_int32(uint32_t a, unsigned rounding, bool exact, FpEnv *env)
{
    return (uint32_t)round_int(SINGLE, a, rounding, exact, env);
}

uint64_t sfp_round_int64(uint64_t a, unsigned rounding, bool exact, FpEnv *env)
{
    return round_int(DOUBLE, a, rounding, exact, env);
}
