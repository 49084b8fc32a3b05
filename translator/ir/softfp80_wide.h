/* SPDX-License-Identifier: MIT */
/* softfp80_wide.h - numbers of 128 bits, for the transcendental functions. */
#ifndef TRANSLATOR_IR_SOFTFP80_WIDE_H
#define TRANSLATOR_IR_SOFTFP80_WIDE_H

#include "translator/ir/softfp80_priv.h"

/* m * 2^(exp - 127), bit 127 of m set; or zero. An operation is off by at most 2 in the last place,
 * or a division by 8: under 2^-123 of the result. */
typedef struct Wide {
    U128 m;
    int exp;
    unsigned sign;
} Wide;

/* A positive one in a table. */
typedef struct WideConst {
    uint64_t high, low;
    int exp;
} WideConst;

/* 1/n for the first WIDE_ODD odd n, the series of the inverse tangents. */
enum { WIDE_ODD = 21 };
extern const WideConst wide_odd[WIDE_ODD];

Wide wide_of(XNum n);
Wide wide_const(const WideConst *k);
Wide wide_fixed(unsigned sign, U128 v, int exp); /* v * 2^(exp - 127) */
Wide wide_int(int v);
Wide wide_neg(Wide a);
Wide wide_scale(Wide a, int by); /* a * 2^by */
Wide wide_mul(Wide a, Wide b);
Wide wide_add(Wide a, Wide b);
Wide wide_div(Wide a, Wide b);
/* k[0] + k[1] x + ... k[n - 1] x^(n - 1) */
Wide wide_poly(const WideConst *k, unsigned n, Wide x);

/* To a register, in the environment's rounding; what is not exact raises F80_PE. */
F80 wide_round(Wide a, bool is_exact, F80Env *env);

#endif
