/* SPDX-License-Identifier: MIT */
/* softfp80_exp.c - F2XM1, FYL2X, FYL2XP1. Special operands: SDM volume 2, their tables. */
#include "translator/ir/softfp80_wide.h"

/* clang-format off */
static const WideConst LN2 = { UINT64_C(0xb17217f7d1cf79ab), UINT64_C(0xc9e3b39803f2f6af), -1 };
static const WideConst LOG2_E = { UINT64_C(0xb8aa3b295c17f0bb), UINT64_C(0xbe87fed0691d3e89), 0 };

/* 1/n! from n = 1 */
static const WideConst FACTORIALS[] = {
    { UINT64_C(0x8000000000000000), UINT64_C(0x0000000000000000), 0 }, /* 1 */
    { UINT64_C(0x8000000000000000), UINT64_C(0x0000000000000000), -1 }, /* 2 */
    { UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xaaaaaaaaaaaaaaab), -3 }, /* 3 */
    { UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xaaaaaaaaaaaaaaab), -5 }, /* 4 */
    { UINT64_C(0x8888888888888888), UINT64_C(0x8888888888888889), -7 }, /* 5 */
    { UINT64_C(0xb60b60b60b60b60b), UINT64_C(0x60b60b60b60b60b6), -10 }, /* 6 */
    { UINT64_C(0xd00d00d00d00d00d), UINT64_C(0x00d00d00d00d00d0), -13 }, /* 7 */
    { UINT64_C(0xd00d00d00d00d00d), UINT64_C(0x00d00d00d00d00d0), -16 }, /* 8 */
    { UINT64_C(0xb8ef1d2ab6399c7d), UINT64_C(0x560e4472800b8ef2), -19 }, /* 9 */
    { UINT64_C(0x93f27dbbc4fae397), UINT64_C(0x780b69f5333c725b), -22 }, /* 10 */
    { UINT64_C(0xd7322b3faa271c7f), UINT64_C(0x3a3f25c1bee38f10), -26 }, /* 11 */
    { UINT64_C(0x8f76c77fc6c4bdaa), UINT64_C(0x26d4c3d67f425f60), -29 }, /* 12 */
    { UINT64_C(0xb092309d43684be5), UINT64_C(0x1c198e91d7b4269e), -33 }, /* 13 */
};

/* clang-format on */

/* e^x - 1 for |x| < 0.7: of x/64 by its series, whose rest is under x^13/14! there; then doubled
 * six times by e^2x - 1 = (e^x - 1)(e^x + 1). */
static Wide expm1_of(Wide x)
{
    Wide h = wide_scale(x, -6);
    Wide e = wide_mul(h, wide_poly(FACTORIALS, 13, h));

    for (unsigned i = 0; i < 6; i++) {
        e = wide_mul(e, wide_add(e, wide_int(2)));
    }
    return e;
}

F80 sfp80_2xm1(F80 a, F80Env *env)
{
    XNum n = x_unpack(a);
    F80 r;

    if (x_specials(a, &n, a, NULL, &r, env)) {
        return r;
    }
    if (n.kind == X_INF) {
        return n.sign == 0 ? a : x_pack(1, 0, UINT64_C(1) << 63);
    }
    if (n.kind == X_ZERO || x_denormal(&n, NULL, env)) {
        return a;
    }
    if (n.exp >= 0) {
        /* -1 gives -1/2 and 1 gives 1. SDM volume 2, F2XM1: beyond them the result is undefined; it
         * is the operand, inexact. */
        bool one = n.exp == 0 && n.sig << 1 == 0;

        env->flags |= one ? 0 : F80_PE;
        return one && n.sign != 0 ? x_pack(1, -1, n.sig) : a;
    }
    return wide_round(expm1_of(wide_mul(wide_of(n), wide_const(&LN2))), false, env);
}

/* log2(1 + u), 1 + u between the roots of 1/2 and 2: 2 artanh(u / (2 + u)) by its series, whose
 * rest is under 2^-105 of the sum. */
static Wide log2_near(Wide u)
{
    Wide s = wide_div(u, wide_add(wide_int(2), u));
    Wide sum = wide_mul(s, wide_poly(wide_odd, WIDE_ODD, wide_mul(s, s)));

    return wide_scale(wide_mul(sum, wide_const(&LOG2_E)), 1);
}

/* log2(x), @x not zero; *@is_exact if it is an integer. */
static Wide log2_of(Wide x, bool *is_exact)
{
    /* over the root of 2 halve once more */
    int exp = x.exp + ((uint64_t)(x.m >> 64) > UINT64_C(0xb504f333f9de6484));
    Wide u = wide_add(wide_scale(x, -exp), wide_int(-1));

    *is_exact = u.m == 0;
    if (u.m == 0) {
        return wide_int(exp);
    }
    return exp == 0 ? log2_near(u) : wide_add(wide_int(exp), log2_near(u));
}

/* The product of @y and a logarithm that is not finite or is zero. */
static F80 times_special(XNum y, XNum log, F80Env *env)
{
    unsigned sign = y.sign ^ log.sign;

    if ((y.kind == X_INF && log.kind == X_ZERO) || (y.kind == X_ZERO && log.kind == X_INF)) {
        return sfp80_invalid(env);
    }
    return y.kind == X_INF || log.kind == X_INF ? x_inf(sign) : x_zero(sign);
}

F80 sfp80_yl2x(F80 y, F80 x, F80Env *env)
{
    XNum nx = x_unpack(x), ny = x_unpack(y);
    bool is_exact;
    Wide log;
    F80 r;

    if (x_specials(x, &nx, y, &ny, &r, env)) {
        return r;
    }
    if (nx.sign != 0 && nx.kind != X_ZERO) {
        return sfp80_invalid(env);
    }
    if (nx.kind == X_ZERO) {
        if (ny.kind == X_FINITE) {
            env->flags |= F80_ZE;
        }
        return times_special(ny, (XNum){ .kind = X_INF, .sign = 1 }, env);
    }
    if (nx.kind == X_INF) {
        if (ny.kind != X_ZERO && x_denormal(&nx, &ny, env)) {
            return x;
        }
        return times_special(ny, nx, env);
    }
    log = log2_of(wide_of(nx), &is_exact);
    if (log.m == 0 && ny.kind == X_INF) {
        return sfp80_invalid(env);
    }
    if (x_denormal(&nx, &ny, env)) {
        return x;
    }
    if (ny.kind != X_FINITE) {
        return ny.kind == X_INF ? x_inf(ny.sign ^ log.sign) : x_zero(ny.sign ^ log.sign);
    }
    return wide_round(wide_mul(wide_of(ny), log), is_exact, env);
}

/* log2(1 + x), x finite, not zero, over -1. */
static Wide log2p1_of(Wide x, bool *is_exact)
{
    *is_exact = false;
    /* Within 1/4 of 1 the small number itself is what counts. */
    return x.exp < -2 ? log2_near(x) : log2_of(wide_add(wide_int(1), x), is_exact);
}

/* SDM volume 2, FYL2XP1: beyond 1 - the root of 1/2 the result is undefined; it is the true one,
 * and @x, inexact, where there is none. */
F80 sfp80_yl2xp1(F80 y, F80 x, F80Env *env)
{
    XNum nx = x_unpack(x), ny = x_unpack(y);
    bool is_exact;
    Wide log;
    F80 r;

    if (x_specials(x, &nx, y, &ny, &r, env)) {
        return r;
    }
    if (nx.sign != 0 && nx.kind == X_INF) {
        return sfp80_invalid(env);
    }
    if ((nx.kind == X_ZERO && ny.kind == X_INF) || (nx.kind == X_INF && ny.kind == X_ZERO)) {
        return sfp80_invalid(env);
    }
    if (x_denormal(&nx, &ny, env)) {
        return x;
    }
    if (nx.kind != X_FINITE || ny.kind != X_FINITE) {
        return times_special(ny, nx, env);
    }
    if (nx.sign != 0 && nx.exp >= 0) {
        env->flags |= F80_PE;
        return x;
    }
    log = log2p1_of(wide_of(nx), &is_exact);
    return wide_round(wide_mul(wide_of(ny), log), is_exact, env);
}
