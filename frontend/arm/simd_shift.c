/* SPDX-License-Identifier: MIT */
/* simd_shift.c - Advanced SIMD shifts, and narrowing with saturation; DDI 0406C.d A8.8. */
#include "frontend/arm/simd_lanes_priv.h"

enum { FAR = 120 }; /* no element has anything left after so many places */

/* @x shifted right by @n places, to minus infinity or, if @round, to nearest. */
static I128 right(I128 x, unsigned n, bool round)
{
    n = MIN(n, FAR);
    return (x + (round && n > 0 ? (I128)1 << (n - 1) : 0)) >> n;
}

/* @x shifted left by the signed low byte of @y; right by its opposite. */
static I128 by_register(I128 x, I128 y, bool round)
{
    int n = (int8_t)(uint8_t)y;

    if (n < 0) {
        return right(x, (unsigned)-n, round);
    }
    return n > 63 ? 0 : lane_shl(x, (unsigned)n);
}

/* The same, saturated. A left shift by the width or more overflows whatever is not 0. */
static I128 by_register_sat(const Lane *k, I128 x, I128 y, bool round)
{
    int n = (int8_t)(uint8_t)y;

    if (n < 0) {
        return lane_satq(k, right(x, (unsigned)-n, round));
    }
    if (n >= (int)k->bits) {
        return lane_satq(k, x == 0 ? 0 : x > 0 ? (I128)1 << FAR : -((I128)1 << FAR));
    }
    return lane_satq(k, lane_shl(x, (unsigned)n));
}

static uint64_t low(const Lane *k, I128 x) { return (uint64_t)x & bits_mask(k->bits); }

/* A signed value to an unsigned result. */
static I128 satu(const Lane *k, I128 v) { return lane_saturate(k, v, k->to_bits, true); }

/* clang-format off */
LANE(shl_reg)   { UNUSED(k, d, x, y); return by_register(x, y, false); }
LANE(rshl_reg)  { UNUSED(k, d, x, y); return by_register(x, y, true); }
LANE(qshl_reg)  { UNUSED(k, d, x, y); return by_register_sat(k, x, y, false); }
LANE(qrshl_reg) { UNUSED(k, d, x, y); return by_register_sat(k, x, y, true); }
LANE(shl)       { UNUSED(k, d, x, y); return lane_shl(x, k->shift); }
LANE(qshl)      { UNUSED(k, d, x, y); return lane_satq(k, lane_shl(x, k->shift)); }
LANE(qshlu)     { UNUSED(k, d, x, y); return satu(k, lane_shl(x, k->shift)); }
LANE(shr)       { UNUSED(k, d, x, y); return right(x, k->shift, false); }
LANE(rshr)      { UNUSED(k, d, x, y); return right(x, k->shift, true); }
LANE(sra)       { UNUSED(k, d, x, y); return d + right(x, k->shift, false); }
LANE(rsra)      { UNUSED(k, d, x, y); return d + right(x, k->shift, true); }
LANE(qshr)      { UNUSED(k, d, x, y); return lane_satq(k, right(x, k->shift, false)); }
LANE(qrshr)     { UNUSED(k, d, x, y); return lane_satq(k, right(x, k->shift, true)); }
LANE(qshru)     { UNUSED(k, d, x, y); return satu(k, right(x, k->shift, false)); }
LANE(qrshru)    { UNUSED(k, d, x, y); return satu(k, right(x, k->shift, true)); }
/* clang-format on */

/* Shifted left into the old element's low bits. */
LANE(sli)
{
    uint64_t keep = bits_mask(k->shift);

    UNUSED(k, d, x, y);
    return (I128)((low(k, d) & keep) | (low(k, x) << k->shift & ~keep));
}

/* Shifted right below the old element's high bits; the shift is 1 to 64. */
LANE(sri)
{
    uint64_t put = bits_mask(k->bits - k->shift);

    UNUSED(k, d, x, y);
    return (I128)((low(k, d) & ~put) | (k->shift > 63 ? 0 : low(k, x) >> k->shift));
}

/* clang-format off */
#define SIMD_SHIFT(name, shape, op) LANE_HELPER(name, shape, op)
#include "frontend/arm/simd_ops.def"
/* clang-format on */
