/* SPDX-License-Identifier: MIT */
/* softfp80_arith.c - x87 add, subtract, multiply, divide, square root, scale. */
#include <glib.h>

#include "translator/ir/softfp80_priv.h"

static F80 cancelled(const F80Env *env) { return x_zero(env->rounding == FP_RM); }

static F80 round_num(XNum n, F80Env *env)
{
    return x_round80(env->precision, n.sign, n.exp, n.sig, 0, env);
}

/* Both finite and not zero. */
static F80 add_finite(XNum a, XNum b, F80Env *env)
{
    bool swap = a.exp < b.exp || (a.exp == b.exp && a.sig < b.sig);
    XNum high = swap ? b : a, low = swap ? a : b;
    U128 sum = (U128)high.sig << 62;
    U128 addend = bits_shr_sticky128((U128)low.sig << 62, (unsigned)(high.exp - low.exp));
    unsigned shift;

    sum = high.sign == low.sign ? sum + addend : sum - addend;
    if (sum == 0) {
        return cancelled(env);
    }
    shift = sum >> 64 != 0 ? bits_clz64((uint64_t)(sum >> 64)) : 64 + bits_clz64((uint64_t)sum);
    sum <<= shift;
    return x_round80(env->precision, high.sign, high.exp + 2 - (int)shift, (uint64_t)(sum >> 64),
                     (uint64_t)sum, env);
}

static F80 add(F80 a, F80 b, unsigned flip, F80Env *env)
{
    XNum na = x_unpack(a), nb = x_unpack(b);
    F80 r;

    if (x_specials(a, &na, b, &nb, &r, env)) {
        return r;
    }
    nb.sign ^= flip;
    if (na.kind == X_INF && nb.kind == X_INF && na.sign != nb.sign) {
        return sfp80_invalid(env);
    }
    if (x_denormal(&na, &nb, env)) {
        return a;
    }
    if (na.kind == X_INF || nb.kind == X_INF) {
        return x_inf(na.kind == X_INF ? na.sign : nb.sign);
    }
    if (na.kind == X_ZERO && nb.kind == X_ZERO) {
        return na.sign == nb.sign ? x_zero(na.sign) : cancelled(env);
    }
    if (na.kind == X_ZERO || nb.kind == X_ZERO) {
        return round_num(na.kind == X_ZERO ? nb : na, env);
    }
    return add_finite(na, nb, env);
}

F80 sfp80_add(F80 a, F80 b, F80Env *env) { return add(a, b, 0, env); }

F80 sfp80_sub(F80 a, F80 b, F80Env *env) { return add(a, b, 1, env); }

F80 sfp80_mul(F80 a, F80 b, F80Env *env)
{
    XNum na = x_unpack(a), nb = x_unpack(b);
    unsigned sign = na.sign ^ nb.sign, small;
    U128 p;
    F80 r;

    if (x_specials(a, &na, b, &nb, &r, env)) {
        return r;
    }
    if ((na.kind == X_INF && nb.kind == X_ZERO) || (na.kind == X_ZERO && nb.kind == X_INF)) {
        return sfp80_invalid(env);
    }
    if (x_denormal(&na, &nb, env)) {
        return a;
    }
    if (na.kind == X_INF || nb.kind == X_INF) {
        return x_inf(sign);
    }
    if (na.kind == X_ZERO || nb.kind == X_ZERO) {
        return x_zero(sign);
    }
    p = (U128)na.sig * nb.sig;
    small = p >> 127 == 0;
    p <<= small;
    return x_round80(env->precision, sign, na.exp + nb.exp + 1 - (int)small, (uint64_t)(p >> 64),
                     (uint64_t)p, env);
}

/* Both finite and not zero. */
static F80 div_finite(XNum a, XNum b, F80Env *env)
{
    unsigned less = a.sig < b.sig;
    U128 dividend = (U128)a.sig << (63 + less);
    uint64_t quotient = (uint64_t)(dividend / b.sig);
    uint64_t rest = (uint64_t)(dividend - (U128)quotient * b.sig);
    uint64_t half = rest > b.sig - rest ? UINT64_C(1) << 63 : 0;

    return x_round80(env->precision, a.sign ^ b.sign, a.exp - b.exp - (int)less, quotient,
                     half | (rest != 0), env);
}

F80 sfp80_div(F80 a, F80 b, F80Env *env)
{
    XNum na = x_unpack(a), nb = x_unpack(b);
    unsigned sign = na.sign ^ nb.sign;
    F80 r;

    if (x_specials(a, &na, b, &nb, &r, env)) {
        return r;
    }
    if (na.kind == nb.kind && na.kind != X_FINITE) {
        return sfp80_invalid(env);
    }
    if (nb.kind == X_ZERO && na.kind == X_FINITE) {
        env->flags |= F80_ZE;
        return x_inf(sign);
    }
    if (x_denormal(&na, &nb, env)) {
        return a;
    }
    if (na.kind == X_INF || nb.kind == X_ZERO) {
        return x_inf(sign);
    }
    if (na.kind == X_ZERO || nb.kind == X_INF) {
        return x_zero(sign);
    }
    return div_finite(na, nb, env);
}

/* The integer square root of a radicand of at least 2^126, and what is left over. */
static uint64_t root_of(U128 radicand, U128 *rest)
{
    U128 root = 0, left = 0;

    for (unsigned i = 0; i < 64; i++) {
        U128 trial = root << 2 | 1;

        left = left << 2 | (radicand >> 126);
        radicand <<= 2;
        root <<= 1;
        if (left >= trial) {
            left -= trial;
            root |= 1;
        }
    }
    *rest = left;
    return (uint64_t)root;
}

F80 sfp80_sqrt(F80 a, F80Env *env)
{
    XNum n = x_unpack(a);
    unsigned odd = (unsigned)n.exp & 1;
    uint64_t root, low;
    U128 rest;
    F80 r;

    if (x_specials(a, &n, a, NULL, &r, env)) {
        return r;
    }
    if (n.kind == X_ZERO) {
        return a;
    }
    if (n.sign != 0) {
        return sfp80_invalid(env);
    }
    if (x_denormal(&n, NULL, env) || n.kind == X_INF) {
        return a;
    }
    root = root_of((U128)n.sig << (63 + odd), &rest);
    /* (root + 1/2)^2 = root^2 + root + 1/4 */
    low = (rest > root ? UINT64_C(1) << 63 : 0) | (rest != 0);
    return x_round80(env->precision, 0, (n.exp - (int)odd) / 2, root, low, env);
}

/* trunc(@n), within what can matter. */
static int scale_steps(XNum n)
{
    int steps;

    if (n.kind == X_ZERO || n.exp < 0) {
        return 0;
    }
    steps = n.exp > 17 ? 1 << 18 : (int)(n.sig >> (63 - n.exp));
    return n.sign != 0 ? -steps : steps;
}

/* One operand is infinite. */
static F80 scale_inf(F80 a, XNum na, XNum nb, F80Env *env)
{
    if (nb.kind != X_INF) {
        return x_denormal(&na, &nb, env) ? a : x_inf(na.sign);
    }
    if (nb.sign == 0 ? na.kind == X_ZERO : na.kind == X_INF) {
        return sfp80_invalid(env);
    }
    if (x_denormal(&na, &nb, env)) {
        return a;
    }
    return nb.sign == 0 ? x_inf(na.sign) : x_zero(na.sign);
}

F80 sfp80_scale(F80 a, F80 b, F80Env *env)
{
    XNum na = x_unpack(a), nb = x_unpack(b);
    F80 r;

    if (x_specials(a, &na, b, &nb, &r, env)) {
        return r;
    }
    if (na.kind == X_INF || nb.kind == X_INF) {
        return scale_inf(a, na, nb, env);
    }
    if (x_denormal(&na, &nb, env) || na.kind == X_ZERO) {
        return a;
    }
    if (nb.kind == X_ZERO) {
        return x_same(a, na);
    }
    return x_round80(64, na.sign, na.exp + scale_steps(nb), na.sig, 0, env);
}
