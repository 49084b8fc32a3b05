/* SPDX-License-Identifier: MIT */
/* simd_int.c - Advanced SIMD integer operations, element by element; DDI 0406C.d A8.8. */
#include "frontend/arm/simd_lanes_priv.h"

/* clang-format off */
LANE(add)     { UNUSED(k, d, x, y); return x + y; }
LANE(sub)     { UNUSED(k, d, x, y); return x - y; }
LANE(add_acc) { UNUSED(k, d, x, y); return d + x + y; }
LANE(hadd)    { UNUSED(k, d, x, y); return (x + y) >> 1; }
LANE(rhadd)   { UNUSED(k, d, x, y); return (x + y + 1) >> 1; }
LANE(hsub)    { UNUSED(k, d, x, y); return (x - y) >> 1; }
LANE(qadd)    { UNUSED(k, d, x, y); return lane_satq(k, x + y); }
LANE(qsub)    { UNUSED(k, d, x, y); return lane_satq(k, x - y); }
LANE(cgt)     { UNUSED(k, d, x, y); return -(x > y); }
LANE(cge)     { UNUSED(k, d, x, y); return -(x >= y); }
LANE(ceq)     { UNUSED(k, d, x, y); return -(x == y); }
LANE(cle)     { UNUSED(k, d, x, y); return -(x <= y); }
LANE(clt)     { UNUSED(k, d, x, y); return -(x < y); }
LANE(tst)     { UNUSED(k, d, x, y); return -((x & y) != 0); }
LANE(max)     { UNUSED(k, d, x, y); return x > y ? x : y; }
LANE(min)     { UNUSED(k, d, x, y); return x < y ? x : y; }
LANE(abd)     { UNUSED(k, d, x, y); return x > y ? x - y : y - x; }
LANE(aba)     { return d + abd(k, d, x, y); }
LANE(mul)     { UNUSED(k, d, x, y); return x * y; }
LANE(mla)     { UNUSED(k, d, x, y); return d + x * y; }
LANE(mls)     { UNUSED(k, d, x, y); return d - x * y; }
LANE(mag)     { UNUSED(k, d, x, y); return x < 0 ? -x : x; }
LANE(neg)     { UNUSED(k, d, x, y); return -x; }
LANE(qabs)    { return lane_satq(k, mag(k, d, x, y)); }
LANE(qneg)    { UNUSED(k, d, x, y); return lane_satq(k, -x); }
LANE(qdmulh)  { UNUSED(k, d, x, y); return lane_satq(k, (2 * x * y) >> k->bits); }
LANE(qdmull)  { UNUSED(k, d, x, y); return lane_satq(k, 2 * x * y); }
LANE(qdmlal)  { return lane_satq(k, d + qdmull(k, d, x, y)); }
LANE(qdmlsl)  { return lane_satq(k, d - qdmull(k, d, x, y)); }
LANE(addhn)   { UNUSED(k, d, x, y); return (x + y) >> k->bits; }
LANE(subhn)   { UNUSED(k, d, x, y); return (x - y) >> k->bits; }
/* clang-format on */

/* Half a unit of what is cut off. */
static I128 half(const Lane *k) { return (I128)1 << (k->bits - 1); }

LANE(qrdmulh)
{
    UNUSED(k, d, x, y);
    return lane_satq(k, (2 * x * y + half(k)) >> k->bits);
}

LANE(raddhn)
{
    UNUSED(k, d, x, y);
    return (x + y + half(k)) >> k->bits;
}

LANE(rsubhn)
{
    UNUSED(k, d, x, y);
    return (x - y + half(k)) >> k->bits;
}

/* PolynomialMult(), A2.8.1, of 8-bit operands. */
LANE(mulp)
{
    I128 product = 0;

    UNUSED(k, d, x, y);
    for (unsigned i = 0; i < 8; i++) {
        product ^= (x >> i & 1) != 0 ? lane_shl(y, i) : 0;
    }
    return product;
}

LANE(clz)
{
    UNUSED(k, d, x, y);
    return bits_clz64((uint64_t)x & bits_mask(k->bits)) - (64 - k->bits);
}

/* Bits below the sign that equal it. */
LANE(cls)
{
    UNUSED(k, d, x, y);
    return bits_clz64((uint64_t)(x ^ (x >> 1)) & bits_mask(k->bits - 1)) - (65 - k->bits);
}

LANE(cnt)
{
    UNUSED(k, d, x, y);
    return bits_popcount64((uint64_t)x & bits_mask(k->bits));
}

/* clang-format off */
#define SIMD_INT(name, shape, op) LANE_HELPER(name, shape, op)
#include "frontend/arm/simd_ops.def"
/* clang-format on */
