/* SPDX-License-Identifier: MIT */
/* softfp80_priv.h - 80-bit numbers taken apart, between the files of the x87 arithmetic. */
#ifndef TRANSLATOR_IR_SOFTFP80_PRIV_H
#define TRANSLATOR_IR_SOFTFP80_PRIV_H

#include "base/bits.h"
#include "translator/ir/softfp80.h"

enum {
    X_BIAS = 16383,
    X_EXP_ONES = 0x7fff,
    X_MIN_EXP = -16382,
    X_WRAP = 24576, /* SDM volume 1, 8.5.4: what unmasked responses add to the exponent */
};

typedef enum XKind { X_ZERO, X_FINITE, X_INF, X_QNAN, X_SNAN, X_BAD } XKind;

/* If finite, sig * 2^(exp - 63), bit 63 of sig set. */
typedef struct XNum {
    uint64_t sig;
    int exp;
    uint8_t kind;
    uint8_t sign;
    uint8_t denormal; /* or pseudo-denormal */
} XNum;

/* A range of exponents and a precision to round to. */
typedef struct XFormat {
    int precision;
    int min_exp, max_exp;
} XFormat;

static inline F80 x_pack(unsigned sign, int exp, uint64_t sig)
{
    return (F80){ .sig = sig, .se = (uint16_t)(sign << 15 | (unsigned)(exp + X_BIAS)) };
}

static inline F80 x_zero(unsigned sign) { return (F80){ 0, (uint16_t)(sign << 15) }; }

static inline F80 x_inf(unsigned sign)
{
    return (F80){ UINT64_C(1) << 63, (uint16_t)(sign << 15 | X_EXP_ONES) };
}

/* An operation that leaves finite @a, unpacked @n, as it is. A denormal is no underflow then, even
 * if that is unmasked; a pseudo-denormal becomes the normal number. Seen on Intel's processors. */
static inline F80 x_same(F80 a, XNum n)
{
    return n.exp < X_MIN_EXP ? a : x_pack(n.sign, n.exp, n.sig);
}

XNum x_unpack(F80 a);

/**
 * x_round - the number of @f nearest to one in the current rounding mode.
 * @sig: leading one in bit 63; @low: the 64 bits behind it, bit 0 of which stands for any below
 * Returns: unpacked: X_ZERO, X_FINITE (denormals of @f too) or X_INF; with an unmasked overflow or
 *          underflow the number rounded for any exponent, which the caller scales or drops.
 */
XNum x_round(XFormat f, unsigned sign, int exp, uint64_t sig, uint64_t low, F80Env *env);

/* The same to a register, with @precision bits; unmasked responses scaled. */
F80 x_round80(int precision, unsigned sign, int exp, uint64_t sig, uint64_t low, F80Env *env);

/* What one or two operands give that are not numbers: true, and *@result. @b may be NULL. */
bool x_specials(F80 a, const XNum *na, F80 b, const XNum *nb, F80 *result, F80Env *env);

/* Raises F80_DE for a denormal operand; true if that stops the operation. */
bool x_denormal(const XNum *na, const XNum *nb, F80Env *env);

bool x_rounds_up(unsigned rounding, unsigned sign, bool odd, uint64_t rest, uint64_t half);

#endif
