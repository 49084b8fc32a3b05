/* SPDX-License-Identifier: MIT */
/* softfp80_wide.c - numbers of 128 bits, for the transcendental functions. */
#include "translator/ir/softfp80_wide.h"

/* clang-format off */
const WideConst wide_odd[WIDE_ODD] = {
    { UINT64_C(0x8000000000000000), UINT64_C(0x0000000000000000), 0 }, /* 1 */
    { UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xaaaaaaaaaaaaaaab), -2 }, /* 3 */
    { UINT64_C(0xcccccccccccccccc), UINT64_C(0xcccccccccccccccd), -3 }, /* 5 */
    { UINT64_C(0x9249249249249249), UINT64_C(0x2492492492492492), -3 }, /* 7 */
    { UINT64_C(0xe38e38e38e38e38e), UINT64_C(0x38e38e38e38e38e4), -4 }, /* 9 */
    { UINT64_C(0xba2e8ba2e8ba2e8b), UINT64_C(0xa2e8ba2e8ba2e8ba), -4 }, /* 11 */
    { UINT64_C(0x9d89d89d89d89d89), UINT64_C(0xd89d89d89d89d89e), -4 }, /* 13 */
    { UINT64_C(0x8888888888888888), UINT64_C(0x8888888888888889), -4 }, /* 15 */
    { UINT64_C(0xf0f0f0f0f0f0f0f0), UINT64_C(0xf0f0f0f0f0f0f0f1), -5 }, /* 17 */
    { UINT64_C(0xd79435e50d79435e), UINT64_C(0x50d79435e50d7943), -5 }, /* 19 */
    { UINT64_C(0xc30c30c30c30c30c), UINT64_C(0x30c30c30c30c30c3), -5 }, /* 21 */
    { UINT64_C(0xb21642c8590b2164), UINT64_C(0x2c8590b21642c859), -5 }, /* 23 */
    { UINT64_C(0xa3d70a3d70a3d70a), UINT64_C(0x3d70a3d70a3d70a4), -5 }, /* 25 */
    { UINT64_C(0x97b425ed097b425e), UINT64_C(0xd097b425ed097b42), -5 }, /* 27 */
    { UINT64_C(0x8d3dcb08d3dcb08d), UINT64_C(0x3dcb08d3dcb08d3e), -5 }, /* 29 */
    { UINT64_C(0x8421084210842108), UINT64_C(0x4210842108421084), -5 }, /* 31 */
    { UINT64_C(0xf83e0f83e0f83e0f), UINT64_C(0x83e0f83e0f83e0f8), -6 }, /* 33 */
    { UINT64_C(0xea0ea0ea0ea0ea0e), UINT64_C(0xa0ea0ea0ea0ea0ea), -6 }, /* 35 */
    { UINT64_C(0xdd67c8a60dd67c8a), UINT64_C(0x60dd67c8a60dd67d), -6 }, /* 37 */
    { UINT64_C(0xd20d20d20d20d20d), UINT64_C(0x20d20d20d20d20d2), -6 }, /* 39 */
    { UINT64_C(0xc7ce0c7ce0c7ce0c), UINT64_C(0x7ce0c7ce0c7ce0c8), -6 }, /* 41 */
};
/* clang-format on */

static uint64_t high(U128 v) { return (uint64_t)(v >> 64); }

/* @m * 2^(@exp - 127), not zero, normalized. */
static Wide normal(unsigned sign, int exp, U128 m)
{
    unsigned shift = high(m) != 0 ? bits_clz64(high(m)) : 64 + bits_clz64((uint64_t)m);

    return (Wide){ .m = m << shift, .exp = exp - (int)shift, .sign = sign };
}

Wide wide_of(XNum n) { return (Wide){ .m = (U128)n.sig << 64, .exp = n.exp, .sign = n.sign }; }

Wide wide_const(const WideConst *k)
{
    return (Wide){ .m = (U128)k->high << 64 | k->low, .exp = k->exp };
}

Wide wide_fixed(unsigned sign, U128 v, int exp)
{
    return v == 0 ? (Wide){ .sign = sign } : normal(sign, exp, v);
}

Wide wide_int(int v)
{
    return v == 0 ? (Wide){ 0 } : normal(v < 0, 127, v < 0 ? (U128)(-(int64_t)v) : (U128)v);
}

Wide wide_neg(Wide a)
{
    a.sign ^= 1;
    return a;
}

Wide wide_scale(Wide a, int by)
{
    a.exp += by;
    return a;
}

Wide wide_mul(Wide a, Wide b)
{
    U128 low, mid, mid2, m;

    if (a.m == 0 || b.m == 0) {
        return (Wide){ .sign = a.sign ^ b.sign };
    }
    low = (U128)(uint64_t)a.m * (uint64_t)b.m;
    mid = (U128)high(a.m) * (uint64_t)b.m + high(low);
    mid2 = (U128)(uint64_t)a.m * high(b.m) + (uint64_t)mid;
    m = (U128)high(a.m) * high(b.m) + high(mid) + high(mid2);
    /* exact if the factors are short: then what is cut off is zero */
    m |= ((uint64_t)mid2 | (uint64_t)low) != 0;
    if (m >> 127 == 0) {
        return (Wide){ .m = m << 1, .exp = a.exp + b.exp, .sign = a.sign ^ b.sign };
    }
    return (Wide){ .m = m, .exp = a.exp + b.exp + 1, .sign = a.sign ^ b.sign };
}

Wide wide_add(Wide a, Wide b)
{
    bool swap = a.m == 0 || (b.m != 0 && (a.exp < b.exp || (a.exp == b.exp && a.m < b.m)));
    Wide big = swap ? b : a, small = swap ? a : b;
    U128 other;

    if (small.m == 0) {
        return big;
    }
    other = bits_shr_sticky128(small.m >> 1 | (small.m & 1), (unsigned)(big.exp - small.exp));
    other = big.sign == small.sign ? (big.m >> 1) + other : (big.m >> 1) - other;
    if (other == 0) {
        return (Wide){ 0 };
    }
    return normal(big.sign, big.exp + 1, other);
}

/* One Newton step doubles the 63 good bits of a first guess. */
Wide wide_div(Wide a, Wide b)
{
    uint64_t top = high(b.m);
    U128 guess = top == UINT64_C(1) << 63 ? (U128)1 << 64 : ((U128)1 << 127) / top;
    Wide r = normal(b.sign, 63 - b.exp, guess);
    Wide error;

    if (a.m == 0) {
        return (Wide){ .sign = a.sign ^ b.sign };
    }
    error = wide_mul(b, r);
    error = wide_add(wide_int(1), wide_neg(error));
    r = wide_add(r, wide_mul(r, error));
    return wide_mul(a, r);
}

Wide wide_poly(const WideConst *k, unsigned n, Wide x)
{
    Wide sum = wide_const(&k[n - 1]);

    for (unsigned i = n - 1; i-- > 0;) {
        sum = wide_mul(sum, x);
        sum = wide_add(sum, wide_const(&k[i]));
    }
    return sum;
}

F80 wide_round(Wide a, bool is_exact, F80Env *env)
{
    if (a.m == 0) {
        return x_zero(a.sign);
    }
    return x_round80(64, a.sign, a.exp, high(a.m), (uint64_t)a.m | !is_exact, env);
}
