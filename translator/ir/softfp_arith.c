/* SPDX-License-Identifier: MIT */
/* softfp_arith.c - add, subtract, multiply, divide, square root, fused multiply-add. */
#include "translator/ir/softfp.h"
#include "translator/ir/softfp_priv.h"

/* A finite number with a significand of twice the width: sig * 2^(exp - 127). */
typedef struct Wide {
    U128 sig;
    int exp;
    unsigned sign;
} Wide;

/* x + (-x) and unlike zeros. Spec: IEEE 754-2008 6.3. */
static uint64_t cancelled(Format f, const FpEnv *env)
{
    return format_sign(f, env->rounding == FP_RM);
}

/* Both finite and not zero. */
static uint64_t add_finite(Format f, Num a, Num b, FpEnv *env)
{
    Num high = a.exp > b.exp || (a.exp == b.exp && a.sig >= b.sig) ? a : b;
    Num low = a.exp > b.exp || (a.exp == b.exp && a.sig >= b.sig) ? b : a;
    uint64_t low_sig = bits_shr_sticky64(low.sig >> 1, (unsigned)(high.exp - low.exp));
    uint64_t sum = high.sig >> 1;
    unsigned shift;

    sum = high.sign == low.sign ? sum + low_sig : sum - low_sig;
    if (sum == 0) {
        return cancelled(f, env);
    }
    shift = bits_clz64(sum);
    return sfp_round(f, high.sign, high.exp + 1 - (int)shift, sum << shift, env);
}

/* @a + @b, or @a - @b if @flip is 1; a NaN operand keeps its sign. */
static uint64_t add(Format f, uint64_t a, uint64_t b, unsigned flip, FpEnv *env)
{
    uint64_t bits[2] = { a, b };
    Num n[2];

    n[0] = sfp_unpack(f, a, env);
    n[1] = sfp_unpack(f, b, env);
    if (num_is_nan(n[0]) || num_is_nan(n[1])) {
        return sfp_pick_nan(f, bits, n, 2, env);
    }
    n[1].sign ^= flip;
    if (n[0].kind == NUM_FINITE && n[1].kind == NUM_FINITE) {
        return add_finite(f, n[0], n[1], env);
    }
    if (n[0].kind == NUM_INF && n[1].kind == NUM_INF && n[0].sign != n[1].sign) {
        return sfp_invalid(f, env);
    }
    if (n[0].kind == NUM_INF || n[1].kind == NUM_INF) {
        return format_inf(f, n[0].kind == NUM_INF ? n[0].sign : n[1].sign);
    }
    if (n[0].kind == NUM_ZERO && n[1].kind == NUM_ZERO) {
        return n[0].sign == n[1].sign ? format_sign(f, n[0].sign) : cancelled(f, env);
    }
    n[0] = n[0].kind == NUM_ZERO ? n[1] : n[0];
    return sfp_round(f, n[0].sign, n[0].exp, n[0].sig, env);
}

/* Both finite and not zero. */
static Wide mul_finite(Num a, Num b)
{
    Wide r = { .sig = (U128)a.sig * b.sig, .exp = a.exp + b.exp + 1, .sign = a.sign ^ b.sign };

    if (r.sig >> 127 == 0) {
        r.sig <<= 1;
        r.exp--;
    }
    return r;
}

static uint64_t round_wide(Format f, Wide n, FpEnv *env)
{
    return sfp_round(f, n.sign, n.exp, (uint64_t)(n.sig >> 64) | ((uint64_t)n.sig != 0), env);
}

static uint64_t mul(Format f, uint64_t a, uint64_t b, FpEnv *env)
{
    uint64_t bits[2] = { a, b };
    unsigned sign;
    Num n[2];

    n[0] = sfp_unpack(f, a, env);
    n[1] = sfp_unpack(f, b, env);
    if (num_is_nan(n[0]) || num_is_nan(n[1])) {
        return sfp_pick_nan(f, bits, n, 2, env);
    }
    sign = n[0].sign ^ n[1].sign;
    if (n[0].kind == NUM_FINITE && n[1].kind == NUM_FINITE) {
        return round_wide(f, mul_finite(n[0], n[1]), env);
    }
    if (n[0].kind == NUM_INF || n[1].kind == NUM_INF) {
        if (n[0].kind == NUM_ZERO || n[1].kind == NUM_ZERO) {
            return sfp_invalid(f, env);
        }
        return format_inf(f, sign);
    }
    return format_sign(f, sign);
}

/* Both finite and not zero. */
static uint64_t div_finite(Format f, Num a, Num b, FpEnv *env)
{
    unsigned less = a.sig < b.sig;
    U128 dividend = (U128)a.sig << (63 + less);
    uint64_t quotient = (uint64_t)(dividend / b.sig);

    quotient |= (U128)quotient * b.sig != dividend;
    return sfp_round(f, a.sign ^ b.sign, a.exp - b.exp - (int)less, quotient, env);
}

static uint64_t div(Format f, uint64_t a, uint64_t b, FpEnv *env)
{
    uint64_t bits[2] = { a, b };
    unsigned sign;
    Num n[2];

    n[0] = sfp_unpack(f, a, env);
    n[1] = sfp_unpack(f, b, env);
    if (num_is_nan(n[0]) || num_is_nan(n[1])) {
        return sfp_pick_nan(f, bits, n, 2, env);
    }
    sign = n[0].sign ^ n[1].sign;
    if (n[0].kind == NUM_FINITE && n[1].kind == NUM_FINITE) {
        return div_finite(f, n[0], n[1], env);
    }
    /* 0 / 0, inf / inf */
    if (n[0].kind == n[1].kind) {
        return sfp_invalid(f, env);
    }
    if (n[0].kind == NUM_ZERO || n[1].kind == NUM_INF) {
        return format_sign(f, sign);
    }
    fp_raise(env, n[0].kind == NUM_INF ? 0 : FP_DIVZERO);
    return format_inf(f, sign);
}

/* Digit by digit: each step takes two bits of the radicand and finds one of the root. */
static uint64_t sqrt_finite(Format f, Num a, FpEnv *env)
{
    unsigned odd = (unsigned)a.exp & 1;
    unsigned n = f.fraction_bits + 3;
    uint64_t radicand = odd != 0 ? a.sig : a.sig >> 1;
    uint64_t root = 0;
    uint64_t rest = 0;

    for (unsigned i = 0; i < n; i++) {
        uint64_t trial = root << 2 | 1;

        rest = rest << 2 | radicand >> 62;
        radicand <<= 2;
        root <<= 1;
        if (rest >= trial) {
            rest -= trial;
            root |= 1;
        }
    }
    root = root << (64 - n) | ((rest | radicand) != 0);
    return sfp_round(f, 0, (a.exp - (int)odd) / 2, root, env);
}

static uint64_t square_root(Format f, uint64_t a, FpEnv *env)
{
    Num n = sfp_unpack(f, a, env);

    if (num_is_nan(n)) {
        return sfp_pick_nan(f, &a, &n, 1, env);
    }
    if (n.kind == NUM_ZERO) {
        return format_sign(f, n.sign);
    }
    if (n.sign != 0) {
        return sfp_invalid(f, env);
    }
    return n.kind == NUM_INF ? format_inf(f, 0) : sqrt_finite(f, n, env);
}

/* Both finite and not zero, with at least 22 zeros at the end of sig: room for a carry and a sticky
 * bit. */
static uint64_t add_wide(Format f, Wide a, Wide b, FpEnv *env)
{
    bool swap = a.exp < b.exp || (a.exp == b.exp && a.sig < b.sig);
    Wide high = swap ? b : a;
    Wide low = swap ? a : b;
    U128 low_sig = bits_shr_sticky128(low.sig >> 1, (unsigned)(high.exp - low.exp));
    unsigned shift;

    high.sig >>= 1;
    high.exp++;
    high.sig = high.sign == low.sign ? high.sig + low_sig : high.sig - low_sig;
    if (high.sig == 0) {
        return cancelled(f, env);
    }
    shift = high.sig >> 64 != 0 ? bits_clz64((uint64_t)(high.sig >> 64))
                                : 64 + bits_clz64((uint64_t)high.sig);
    high.sig <<= shift;
    high.exp -= (int)shift;
    return round_wide(f, high, env);
}

/* FPMulAdd() after NaNs and 0 * inf; the operands are @n[0] * @n[1] + @n[2]. */
static uint64_t fma_numbers(Format f, const Num *n, FpEnv *env)
{
    bool inf = n[0].kind == NUM_INF || n[1].kind == NUM_INF;
    bool zero = n[0].kind == NUM_ZERO || n[1].kind == NUM_ZERO;
    unsigned sign = n[0].sign ^ n[1].sign;
    Wide addend = { .sig = (U128)n[2].sig << 64, .exp = n[2].exp, .sign = n[2].sign };

    if (inf && n[2].kind == NUM_INF && sign != n[2].sign) {
        return sfp_invalid(f, env);
    }
    if (inf || n[2].kind == NUM_INF) {
        return format_inf(f, inf ? sign : n[2].sign);
    }
    if (zero && n[2].kind == NUM_ZERO) {
        return sign == n[2].sign ? format_sign(f, sign) : cancelled(f, env);
    }
    if (zero) {
        return round_wide(f, addend, env);
    }
    if (n[2].kind == NUM_ZERO) {
        return round_wide(f, mul_finite(n[0], n[1]), env);
    }
    return add_wide(f, mul_finite(n[0], n[1]), addend, env);
}

static uint64_t fma_nan(Format f, const uint64_t *bits, const Num *n, FpEnv *env)
{
    uint64_t addend_first[3] = { bits[2], bits[0], bits[1] };
    Num n_first[3] = { n[2], n[0], n[1] };

    if (env->nan_rule == FP_NAN_SIGNALLING) {
        return sfp_pick_nan(f, addend_first, n_first, 3, env);
    }
    return sfp_pick_nan(f, bits, n, 3, env);
}

static uint64_t multiply_add(Format f, uint64_t a, uint64_t b, uint64_t addend, FpEnv *env)
{
    uint64_t bits[3] = { a, b, addend };
    bool inf_by_zero;
    Num n[3];

    for (unsigned i = 0; i < 3; i++) {
        n[i] = sfp_unpack(f, bits[i], env);
    }
    inf_by_zero = (n[0].kind == NUM_INF && n[1].kind == NUM_ZERO)
                  || (n[0].kind == NUM_ZERO && n[1].kind == NUM_INF);
    /* FPMulAdd(): 0 * inf + a quiet NaN is invalid there; IEEE 754-2008 7.2 c leaves it open. */
    if (inf_by_zero
        && (!num_is_nan(n[2]) || (n[2].kind == NUM_QNAN && env->nan_rule == FP_NAN_SIGNALLING))) {
        return sfp_invalid(f, env);
    }
    if (num_is_nan(n[0]) || num_is_nan(n[1]) || num_is_nan(n[2])) {
        return fma_nan(f, bits, n, env);
    }
    return fma_numbers(f, n, env);
}

/* The product's exponent has no ends: FP_TINY_PRODUCT. Both finite and not zero. */
static Num tiny_product(Format f, Num a, Num b, FpEnv *env)
{
    Wide exact = mul_finite(a, b);
    FpEnv unbounded = { .rounding = env->rounding, .tininess_after = 1 };
    int exp = exact.exp;
    uint64_t bits;
    Num n;

    /* Near one the format rounds as it would anywhere. */
    exact.exp = 0;
    bits = round_wide(f, exact, &unbounded);
    fp_raise(env, unbounded.flags);
    n = sfp_unpack(f, bits, &unbounded);
    n.exp += exp;
    return n;
}

/* The last two steps of a multiply-add, of a product that is no number of the format. */
static uint64_t add_to_tiny(Format f, Num product, uint64_t c, unsigned flip, FpEnv *env)
{
    Num n = sfp_unpack(f, c, env);

    if (num_is_nan(n)) {
        return sfp_pick_nan(f, &c, &n, 1, env);
    }
    n.sign ^= flip;
    switch (n.kind) {
    case NUM_INF: return format_inf(f, n.sign);
    case NUM_ZERO: return sfp_round(f, product.sign, product.exp, product.sig, env);
    default: return add_finite(f, product, n, env);
    }
}

/* MD00343 5.5.3: a trap of the multiplication comes before anything the addition does. */
static uint64_t twice_rounded(Format f, uint64_t a, uint64_t b, uint64_t c, unsigned flip,
                              FpEnv *env)
{
    FpEnv unused = *env;
    Num x = sfp_unpack(f, a, &unused), y = sfp_unpack(f, b, &unused);
    uint64_t product;

    if ((env->flush_to_zero & FP_TINY_PRODUCT) != 0 && x.kind == NUM_FINITE && y.kind == NUM_FINITE
        && mul_finite(x, y).exp < format_min_exp(f)) {
        x = tiny_product(f, x, y, env);
        return (env->flags & env->trap) != 0 ? 0 : add_to_tiny(f, x, c, flip, env);
    }
    product = mul(f, a, b, env);
    return (env->flags & env->trap) != 0 ? product : add(f, product, c, flip, env);
}

uint32_t sfp_add32(uint32_t a, uint32_t b, FpEnv *env)
{
    return (uint32_t)add(SINGLE, a, b, 0, env);
}

uint64_t sfp_add64(uint64_t a, uint64_t b, FpEnv *env) { return add(DOUBLE, a, b, 0, env); }

uint32_t sfp_sub32(uint32_t a, uint32_t b, FpEnv *env)
{
    return (uint32_t)add(SINGLE, a, b, 1, env);
}

uint64_t sfp_sub64(uint64_t a, uint64_t b, FpEnv *env) { return add(DOUBLE, a, b, 1, env); }

uint32_t sfp_mul32(uint32_t a, uint32_t b, FpEnv *env) { return (uint32_t)mul(SINGLE, a, b, env); }

uint64_t sfp_mul64(uint64_t a, uint64_t b, FpEnv *env) { return mul(DOUBLE, a, b, env); }

uint32_t sfp_div32(uint32_t a, uint32_t b, FpEnv *env) { return (uint32_t)div(SINGLE, a, b, env); }

uint64_t sfp_div64(uint64_t a, uint64_t b, FpEnv *env) { return div(DOUBLE, a, b, env); }

uint32_t sfp_sqrt32(uint32_t a, FpEnv *env) { return (uint32_t)square_root(SINGLE, a, env); }

uint64_t sfp_sqrt64(uint64_t a, FpEnv *env) { return square_root(DOUBLE, a, env); }

uint32_t sfp_fma32(uint32_t a, uint32_t b, uint32_t addend, FpEnv *env)
{
    return (uint32_t)multiply_add(SINGLE, a, b, addend, env);
}

uint64_t sfp_fma64(uint64_t a, uint64_t b, uint64_t addend, FpEnv *env)
{
    return multiply_add(DOUBLE, a, b, addend, env);
}

uint32_t sfp_mac32(uint32_t a, uint32_t b, uint32_t c, FpEnv *env)
{
    return (uint32_t)twice_rounded(SINGLE, a, b, c, 0, env);
}

uint64_t sfp_mac64(uint64_t a, uint64_t b, uint64_t c, FpEnv *env)
{
    return twice_rounded(DOUBLE, a, b, c, 0, env);
}

uint32_t sfp_mas32(uint32_t a, uint32_t b, uint32_t c, FpEnv *env)
{
    return (uint32_t)twice_rounded(SINGLE, a, b, c, 1, env);
}

uint64_t sfp_mas64(uint64_t a, uint64_t b, uint64_t c, FpEnv *env)
{
    return twice_rounded(DOUBLE, a, b, c, 1, env);
}
