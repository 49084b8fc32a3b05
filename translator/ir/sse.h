/* SPDX-License-Identifier: MIT */
/* sse.h - what SSE's floating-point operations mean, over bit patterns and a value of MXCSR. */
#ifndef TRANSLATOR_IR_SSE_H
#define TRANSLATOR_IR_SSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fpenv.h"
#include "translator/ir/ir.h"

/* MXCSR, SDM Vol. 1 10.2.3: flags in bits 0 to 5, masks in 7 to 12. */
enum {
    MXCSR_IE = 1 << 0,
    MXCSR_DE = 1 << 1,
    MXCSR_ZE = 1 << 2,
    MXCSR_OE = 1 << 3,
    MXCSR_UE = 1 << 4,
    MXCSR_PE = 1 << 5,
    MXCSR_FLAGS = 0x3f,
    MXCSR_DAZ = 1 << 6,
    MXCSR_MASKS_SHIFT = 7,
    MXCSR_MASKS = MXCSR_FLAGS << MXCSR_MASKS_SHIFT,
    MXCSR_ROUNDING = 3 << 13,
    MXCSR_FTZ = 1 << 15,
    MXCSR_BEFORE = MXCSR_IE | MXCSR_DE | MXCSR_ZE, /* found before anything is computed */
};

typedef enum SseArith {
    SSE_ADD,
    SSE_MUL,
    SSE_SUB,
    SSE_DIV,
    SSE_MIN,
    SSE_MAX,
    SSE_SQRT,
    SSE_RSQRT,
    SSE_RCP,
    SSE_CMP,
    SSE_UCOMI,
    SSE_COMI,
    SSE_HADD,
    SSE_HSUB,
    SSE_ADDSUB,
} SseArith;

/* An operation: all its lanes' exceptions are gathered before any result counts. */
typedef struct SseOp {
    FpEnv env;             /* as softfp.h wants it, but DAZ is done ahead */
    uint32_t masks, flags; /* of exceptions, both where MXCSR has its flags */
    bool daz;
} SseOp;

/* An operation under @mxcsr. What it raises is in flags when it is done. */
SseOp sse_begin(uint32_t mxcsr);

/**
 * sse_arith - all lanes of @bits, 32 or 64; with @scalar the lowest, the others are @a's.
 * @predicate: of SSE_CMP, 0 to 7: EQ LT LE UNORD, then their opposites
 * No SSE_UCOMI, SSE_COMI. Estimates: SSE_RCP's error is under 2^-24, SSE_RSQRT's under 2^-23.
 * Spec: SDM Vol. 2, the entry of each; Vol. 1 11.5.
 */
IrVec sse_arith(SseOp *s, SseArith op, unsigned bits, bool scalar, unsigned predicate, IrVec a,
                IrVec b);

/* ZF, PF, CF where EFLAGS has them: the order of the lowest lanes. @signalling: as COMISS. */
uint32_t sse_order(SseOp *s, unsigned bits, bool signalling, IrVec a, IrVec b);

/* Conversions. Between the formats: of the lower two lanes, or with @scalar of the lowest, the rest
 * is @a's. Of doubles to narrower lanes: what is above the two is 0. */
IrVec sse_widen(SseOp *s, bool scalar, IrVec a, IrVec b);
IrVec sse_narrow(SseOp *s, bool scalar, IrVec a, IrVec b);
/* Integers of 32 bits from and to numbers of @bits; a scalar is in a general register. */
IrVec sse_from_ints(SseOp *s, unsigned bits, IrVec b);
IrVec sse_to_ints(SseOp *s, unsigned bits, bool truncate, IrVec b);
IrVec sse_from_int(SseOp *s, unsigned bits, IrVec a, uint32_t b);
uint32_t sse_to_int(SseOp *s, unsigned bits, bool truncate, uint64_t b);

#endif
