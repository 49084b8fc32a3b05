/* SPDX-License-Identifier: MIT */
/* softfp80_convert.c - the 80-bit format from and to integers, BCD, single and double. */
#include <glib.h>

#include "translator/ir/softfp80_priv.h"

/* An IEEE format that memory operands have. */
typedef struct Narrow {
    unsigned fraction_bits, exponent_bits;
} Narrow;

static const Narrow NARROW32 = { 23, 8 };
static const Narrow NARROW64 = { 52, 11 };

/* Exact; env->denormal tells of a denormal. */
static F80 widen(Narrow f, uint64_t a, F80Env *env)
{
    uint64_t fraction = a & bits_mask(f.fraction_bits);
    uint64_t exp = a >> f.fraction_bits & bits_mask(f.exponent_bits);
    unsigned sign = (unsigned)(a >> (f.fraction_bits + f.exponent_bits)) & 1;
    int bias = (int)bits_mask(f.exponent_bits - 1);
    uint64_t sig = fraction << (63 - f.fraction_bits);
    unsigned shift;

    env->rounded_up = env->denormal = 0;
    if (exp == 0) {
        if (fraction == 0) {
            return x_zero(sign);
        }
        env->denormal = 1;
        shift = bits_clz64(sig);
        return x_pack(sign, 1 - bias - (int)shift, sig << shift);
    }
    if (exp != bits_mask(f.exponent_bits)) {
        return x_pack(sign, (int)exp - bias, sig | UINT64_C(1) << 63);
    }
    if (fraction == 0) {
        return x_inf(sign);
    }
    return (F80){ sig | UINT64_C(1) << 63, (uint16_t)(sign << 15 | X_EXP_ONES) };
}

F80 sfp80_operand_f32(uint32_t a, F80Env *env) { return widen(NARROW32, a, env); }

F80 sfp80_operand_f64(uint64_t a, F80Env *env) { return widen(NARROW64, a, env); }

static F80 loaded(F80 a, F80Env *env)
{
    env->flags |= env->denormal != 0 ? F80_DE : 0;
    if (x_unpack(a).kind == X_SNAN) {
        env->flags |= F80_IE;
        a.sig |= UINT64_C(1) << 62;
    }
    return a;
}

F80 sfp80_from_f32(uint32_t a, F80Env *env) { return loaded(widen(NARROW32, a, env), env); }

F80 sfp80_from_f64(uint64_t a, F80Env *env) { return loaded(widen(NARROW64, a, env), env); }

static uint64_t narrow(Narrow f, F80 a, F80Env *env)
{
    int bias = (int)bits_mask(f.exponent_bits - 1);
    uint64_t ones = bits_mask(f.exponent_bits) << f.fraction_bits;
    uint32_t before = env->flags;
    XNum n = x_unpack(a);
    uint64_t sign;
    bool stopped;
    F80 nan;

    if (x_specials(a, &n, a, NULL, &nan, env)) {
        sign = (uint64_t)(nan.se >> 15) << (f.fraction_bits + f.exponent_bits);
        return sign | ones | nan.sig << 1 >> (64 - f.fraction_bits);
    }
    sign = (uint64_t)n.sign << (f.fraction_bits + f.exponent_bits);
    if (n.kind == X_FINITE) {
        env->flags = 0;
        n = x_round((XFormat){ (int)f.fraction_bits + 1, 1 - bias, bias }, n.sign, n.exp, n.sig, 0,
                    env);
        stopped = (env->flags & ~env->masks & (F80_OE | F80_UE)) != 0;
        env->flags &= stopped ? ~(uint32_t)F80_PE : UINT32_MAX;
        env->flags |= before;
        env->rounded_up = stopped ? 0 : env->rounded_up;
        if (stopped) {
            return 0;
        }
    }
    if (n.kind != X_FINITE) {
        return n.kind == X_ZERO ? sign : sign | ones;
    }
    if (n.exp < 1 - bias) {
        return sign
               | bits_shr_sticky64(n.sig >> (63 - f.fraction_bits), (unsigned)(1 - bias - n.exp));
    }
    return sign | (uint64_t)(n.exp + bias) << f.fraction_bits
           | n.sig << 1 >> (64 - f.fraction_bits);
}

uint32_t sfp80_to_f32(F80 a, F80Env *env) { return (uint32_t)narrow(NARROW32, a, env); }

uint64_t sfp80_to_f64(F80 a, F80Env *env) { return narrow(NARROW64, a, env); }

F80 sfp80_from_int(int64_t a)
{
    unsigned sign = a < 0;
    uint64_t magnitude = sign != 0 ? 0 - (uint64_t)a : (uint64_t)a;
    unsigned shift = bits_clz64(magnitude);

    if (a == 0) {
        return x_zero(0);
    }
    return x_pack(sign, 63 - (int)shift, magnitude << shift);
}

/* A magnitude under 2^64 as an integer; *@inexact and env->rounded_up are set. @n is finite. False
 * if it does not fit in 64 bits. */
static bool to_integer(XNum n, unsigned rounding, uint64_t *magnitude, bool *inexact, F80Env *env)
{
    uint64_t kept = 0, rest = 0;
    bool up;

    if (n.exp > 63) {
        return false;
    }
    if (n.kind == X_ZERO) {
        rest = 0;
    } else if (n.exp == 63) {
        kept = n.sig;
    } else if (n.exp >= 0) {
        kept = n.sig >> (63 - n.exp);
        rest = n.sig << (n.exp + 1);
    } else {
        rest = n.exp == -1 ? n.sig : 1; /* below a half all are alike */
    }
    up = x_rounds_up(rounding, n.sign, kept & 1, rest, UINT64_C(1) << 63);
    if (up && kept == UINT64_MAX) {
        return false;
    }
    *magnitude = kept + up;
    *inexact = rest != 0;
    env->rounded_up = up;
    return true;
}

/* The integer indefinite, SDM volume 1, table 4-1. */
static uint64_t integer_invalid(unsigned bits, F80Env *env)
{
    env->flags |= F80_IE;
    env->rounded_up = 0;
    return UINT64_C(1) << (bits - 1);
}

uint64_t sfp80_to_int(F80 a, unsigned bits, bool truncate, F80Env *env)
{
    XNum n = x_unpack(a);
    uint64_t magnitude, limit = (UINT64_C(1) << (bits - 1)) - (n.sign == 0);
    bool inexact;

    env->rounded_up = 0;
    if (n.kind > X_FINITE
        || !to_integer(n, truncate ? FP_RZ : env->rounding, &magnitude, &inexact, env)
        || magnitude > limit) {
        return integer_invalid(bits, env);
    }
    env->flags |= inexact ? F80_PE : 0;
    return n.sign != 0 ? 0 - magnitude : magnitude;
}

F80 sfp80_round_int(F80 a, F80Env *env)
{
    XNum n = x_unpack(a);
    uint64_t magnitude;
    unsigned shift;
    bool inexact;
    F80 r;

    if (x_specials(a, &n, a, NULL, &r, env)) {
        return r;
    }
    if (n.kind != X_FINITE || n.exp >= 63 || x_denormal(&n, NULL, env)) {
        return a;
    }
    to_integer(n, env->rounding, &magnitude, &inexact, env);
    env->flags |= inexact ? F80_PE : 0;
    if (magnitude == 0) {
        return x_zero(n.sign);
    }
    shift = bits_clz64(magnitude);
    return x_pack(n.sign, 63 - (int)shift, magnitude << shift);
}

/* SDM volume 1, 4.7: digits over 9 are undefined; they count as their value. */
F80 sfp80_from_bcd(uint64_t low, uint16_t high)
{
    uint64_t magnitude = (high >> 4 & 15) * 10u + (high & 15);
    F80 r;

    for (int i = 60; i >= 0; i -= 4) {
        magnitude = magnitude * 10 + (low >> i & 15);
    }
    r = sfp80_from_int((int64_t)magnitude);
    r.se |= high & 0x8000;
    return r;
}

static uint64_t digits(uint64_t value, unsigned n)
{
    uint64_t bcd = 0;

    for (unsigned i = 0; i < n; i++) {
        bcd |= value % 10 << (4 * i);
        value /= 10;
    }
    return bcd;
}

uint64_t sfp80_to_bcd(F80 a, uint16_t *high, F80Env *env)
{
    const uint64_t limit = UINT64_C(1000000000000000000), split = UINT64_C(10000000000000000);
    XNum n = x_unpack(a);
    uint64_t magnitude;
    bool inexact;

    env->rounded_up = 0;
    if (n.kind > X_FINITE || !to_integer(n, env->rounding, &magnitude, &inexact, env)
        || magnitude >= limit) {
        env->flags |= F80_IE;
        env->rounded_up = 0;
        *high = 0xffff;
        return UINT64_C(0xc000) << 48;
    }
    env->flags |= inexact ? F80_PE : 0;
    *high = (uint16_t)((unsigned)n.sign << 15 | digits(magnitude / split, 2));
    return digits(magnitude % split, 16);
}

/* The constants' first 64 bits, cut off, and whether what is behind them is at least a half.
 * Spec: SDM volume 1, 8.3.4; all but 1 and 0 are irrational. */
F80 sfp80_constant(unsigned which, const F80Env *env)
{
    static const struct {
        uint64_t sig;
        int exp;
        bool over_half;
    } constants[] = {
        { UINT64_C(0x8000000000000000), 0, false },
        { UINT64_C(0xd49a784bcd1b8afe), 1, false }, /* log2(10) */
        { UINT64_C(0xb8aa3b295c17f0bb), 0, true },  /* log2(e) */
        { UINT64_C(0xc90fdaa22168c234), 1, true },  /* pi */
        { UINT64_C(0x9a209a84fbcff798), -2, true }, /* log10(2) */
        { UINT64_C(0xb17217f7d1cf79ab), -1, true }, /* ln(2) */
    };
    bool up = which != 0
              && (env->rounding == FP_RP
                  || (env->rounding == FP_RNE && which < G_N_ELEMENTS(constants)
                      && constants[which].over_half));

    if (which >= G_N_ELEMENTS(constants)) {
        return x_zero(0);
    }
    return x_pack(0, constants[which].exp, constants[which].sig + up);
}
