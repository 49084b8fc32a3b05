/* SPDX-License-Identifier: MIT */
/* fpenv.h - the control and status of one floating-point environment. */
#ifndef BASE_FPENV_H
#define BASE_FPENV_H

#include <stddef.h>
#include <stdint.h>

typedef enum FpRounding { FP_RNE, FP_RP, FP_RM, FP_RZ } FpRounding;

/* Bits of FpEnv.flush_to_zero: what becomes of denormals. Half precision is never flushed.
 * Where FP_TINY_UNIMPLEMENTED or FP_FLUSH_INEXACT is set, operands and tiny results raise
 * FP_UNIMPLEMENTED, or become zeros. A result rounded away from zero becomes the smallest normal
 * number instead; with FP_FLUSH_NEAREST, also alone, one rounded to nearest becomes the nearer of
 * the two. With FP_TINY_PRODUCT the product inside a multiply-add may be tiny (MD00343 5.5.2). */
typedef enum FpFlush {
    FP_FLUSH_BOTH = 1 << 0,         /* operands, raising DENORMAL_IN, and results, UNDERFLOW only */
    FP_FLUSH_INPUTS = 1 << 1,       /* operands, raising nothing */
    FP_FLUSH_OUTPUTS = 1 << 2,      /* results, raising underflow and inexact */
    FP_TINY_UNIMPLEMENTED = 1 << 3, /* operands and results are not implemented */
    FP_FLUSH_INEXACT = 1 << 4,      /* operands, raising inexact, and results, underflow too */
    FP_FLUSH_NEAREST = 1 << 5,
    FP_TINY_PRODUCT = 1 << 6,
} FpFlush;

/* Which NaN a NaN operand gives, which quiet bit means quiet, and what the default NaN is. */
typedef enum FpNanRule {
    FP_NAN_SIGNALLING, /* first signalling, else first quiet operand; an addend counts first */
    FP_NAN_INVERTED,   /* quiet bit inverted; a signalling operand gives the default NaN */
    FP_NAN_LARGER,     /* quiet before signalling, then the larger significand */
    FP_NAN_FIRST,      /* first operand that is a NaN; here and above the default is negative */
} FpNanRule;

/* What an integer conversion gives for a NaN or a value out of range. */
typedef enum FpIntRule {
    FP_INT_SATURATE, /* the nearest integer there is, 0 for a NaN */
    FP_INT_MOST_NEG, /* only the top bit set */
    FP_INT_MOST_POS, /* all but the top bit set */
} FpIntRule;

/* Cumulative exception flags, FpEnv.flags: each where FPSCR has it. */
typedef enum FpFlag {
    FP_INVALID = 1u << 0,
    FP_DIVZERO = 1u << 1,
    FP_OVERFLOW = 1u << 2,
    FP_UNDERFLOW = 1u << 3,
    FP_INEXACT = 1u << 4,
    FP_UNIMPLEMENTED = 1u << 5, /* comes alone, never gathered */
    FP_DENORMAL_IN = 1u << 7,   /* an input was flushed */
} FpFlag;

/* Plain data, 16 bytes, guest-visible: the vCPU holds two (scalar, standard NEON). */
typedef struct FpEnv {
    uint8_t rounding;       /* FpRounding */
    uint8_t flush_to_zero;  /* FpFlush bits */
    uint8_t default_nan;    /* every NaN result is the default NaN */
    uint8_t tininess_after; /* tininess is detected after rounding */
    uint8_t nan_rule;       /* FpNanRule */
    uint8_t alt_half;       /* half precision without infinities and NaNs */
    uint8_t int_rule;       /* FpIntRule */
    uint8_t slow;           /* operations that may trap are not to be done by inline code */
    uint32_t flags;         /* FpFlag bits, only ever set by operations */
    uint32_t trap;          /* FpFlag bits that trap, of an operation that may (IR_FP_TRAPS) */
} FpEnv;

_Static_assert(sizeof(FpEnv) == 16 && offsetof(FpEnv, flags) == 8, "backends know the layout");

#endif
