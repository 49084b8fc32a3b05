/* SPDX-License-Identifier: MIT */
/* softfp80_rem.c - x87 partial remainders, extraction, comparison, classes. */
#include <glib.h>

#include "translator/ir/softfp80_priv.h"

/* The remainder of @a.sig * 2^@steps by @b.sig, with the low bits of the quotient. */
static uint64_t reduce(uint64_t a, uint64_t b, unsigned steps, uint64_t *quotient)
{
    U128 rest = a;
    uint64_t q = 0;

    for (unsigned i = 0;; i++) {
        q <<= 1;
        if (rest >= b) {
            rest -= b;
            q |= 1;
        }
        if (i == steps) {
            break;
        }
        rest <<= 1;
    }
    *quotient = q;
    return (uint64_t)rest;
}

/* @sig * 2^(@exp - 63), exact. */
static F80 exact(unsigned sign, int exp, uint64_t sig, F80Env *env)
{
    unsigned shift = bits_clz64(sig);

    if (sig == 0) {
        return x_zero(sign);
    }
    return x_round80(64, sign, exp - (int)shift, sig << shift, 0, env);
}

/* A quotient rounded to nearest: the remainder may be on the other side of zero. */
static bool nearest_is_above(uint64_t rest, uint64_t b, bool odd)
{
    return rest > b - rest || (rest == b - rest && odd);
}

/* Both finite and not zero, exponents 0 to 63 apart. */
static F80 rem_whole(XNum a, XNum b, bool nearest, F80Quotient *q, F80Env *env)
{
    uint64_t quotient, rest = reduce(a.sig, b.sig, (unsigned)(a.exp - b.exp), &quotient);
    unsigned sign = a.sign;

    if (nearest && nearest_is_above(rest, b.sig, quotient & 1)) {
        rest = b.sig - rest;
        quotient++;
        sign ^= 1;
    }
    q->low3 = quotient & 7;
    return exact(sign, b.exp, rest, env);
}

/* The dividend is smaller: half of the divisor or more only if the exponents are 1 apart. */
static F80 rem_smaller(F80 a, XNum na, XNum nb, bool nearest, F80Quotient *q, F80Env *env)
{
    if (nearest && na.exp == nb.exp - 1 && na.sig > nb.sig) {
        /* a - b = -(2 * b.sig - a.sig) in units of a's last place */
        U128 rest = ((U128)nb.sig << 1) - na.sig;

        q->low3 = 1;
        return exact(na.sign ^ 1u, na.exp, (uint64_t)rest, env);
    }
    (void)a;
    return exact(na.sign, na.exp, na.sig, env);
}

static F80 rem_finite(F80 a, XNum na, XNum nb, bool nearest, F80Quotient *q, F80Env *env)
{
    int apart = na.exp - nb.exp;
    uint64_t quotient, rest;
    int n;

    if (apart < 0) {
        return rem_smaller(a, na, nb, nearest, q, env);
    }
    if (apart < 64) {
        return rem_whole(na, nb, nearest, q, env);
    }
    /* SDM: an implementation reduces the exponent by 32 to 63 in one step */
    n = (apart & 31) + 32;
    rest = reduce(na.sig, nb.sig, (unsigned)n, &quotient);
    q->partial = 1;
    return exact(na.sign, na.exp - n, rest, env);
}

F80 sfp80_rem(F80 a, F80 b, bool nearest, F80Quotient *q, F80Env *env)
{
    XNum na = x_unpack(a), nb = x_unpack(b);
    F80 r;

    *q = (F80Quotient){ .none = 1 };
    if (x_specials(a, &na, b, &nb, &r, env)) {
        return r;
    }
    if (na.kind == X_INF || nb.kind == X_ZERO) {
        return sfp80_invalid(env);
    }
    if (x_denormal(&na, &nb, env)) {
        return a;
    }
    q->none = 0;
    if (na.kind == X_ZERO) {
        return a;
    }
    if (nb.kind == X_INF) {
        return x_same(a, na);
    }
    return rem_finite(a, na, nb, nearest, q, env);
}

F80 sfp80_extract(F80 a, F80 *exponent, F80Env *env)
{
    XNum n = x_unpack(a);
    F80 r;

    if (x_specials(a, &n, a, NULL, &r, env)) {
        *exponent = r;
        return r;
    }
    if (n.kind == X_INF) {
        *exponent = x_inf(0);
        return a;
    }
    if (n.kind == X_ZERO) {
        env->flags |= F80_ZE;
        *exponent = x_inf(1);
        return a;
    }
    if (x_denormal(&n, NULL, env)) {
        return a;
    }
    *exponent = sfp80_from_int(n.exp);
    return x_pack(n.sign, 0, n.sig);
}

/* |@a| and |@b|, both finite and not zero: -1, 0, 1. */
static int compare_magnitude(XNum a, XNum b)
{
    if (a.exp != b.exp) {
        return a.exp < b.exp ? -1 : 1;
    }
    return a.sig == b.sig ? 0 : a.sig < b.sig ? -1 : 1;
}

static F80Order order(XNum a, XNum b)
{
    int sign_a = a.kind == X_ZERO ? 0 : a.sign != 0 ? -1 : 1;
    int sign_b = b.kind == X_ZERO ? 0 : b.sign != 0 ? -1 : 1;
    int by;

    if (sign_a != sign_b) {
        return sign_a < sign_b ? F80_LT : F80_GT;
    }
    if (sign_a == 0) {
        return F80_EQ;
    }
    if (a.kind != b.kind) {
        by = a.kind == X_INF ? 1 : -1;
    } else {
        by = a.kind == X_INF ? 0 : compare_magnitude(a, b);
    }
    by *= sign_a;
    return by == 0 ? F80_EQ : by < 0 ? F80_LT : F80_GT;
}

F80Order sfp80_compare(F80 a, F80 b, bool quiet, F80Env *env)
{
    XNum na = x_unpack(a), nb = x_unpack(b);
    unsigned kind = MAX(na.kind, nb.kind);

    env->rounded_up = 0;
    if (kind >= X_QNAN) {
        env->flags |= kind == X_QNAN && quiet ? 0 : F80_IE;
        return F80_UN;
    }
    x_denormal(&na, &nb, env);
    return order(na, nb);
}

F80Class sfp80_class(F80 a)
{
    switch (x_unpack(a).kind) {
    case X_ZERO: return F80_ZERO;
    case X_INF: return F80_INFINITY;
    case X_QNAN:
    case X_SNAN: return F80_NAN;
    case X_BAD: return F80_UNSUPPORTED;
    default: return (a.se & X_EXP_ONES) == 0 ? F80_DENORMAL : F80_NORMAL;
    }
}
