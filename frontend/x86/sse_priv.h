/* SPDX-License-Identifier: MIT */
/* sse_priv.h - MXCSR, and one SSE floating-point operation in progress. */
#ifndef FRONTEND_X86_SSE_PRIV_H
#define FRONTEND_X86_SSE_PRIV_H

#include "frontend/x86/x86.h"

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
    MXCSR_FTZ = 1 << 15,
    MXCSR_BEFORE = MXCSR_IE | MXCSR_DE | MXCSR_ZE, /* found before anything is computed */
};

/* MXCSR with the exceptions that are still elsewhere; a value whose reserved bits are clear. */
uint32_t x86_mxcsr(X86Cpu *cpu);
void x86_set_mxcsr(X86Cpu *cpu, uint32_t value);
/* The bits that the processor has: MXCSR_MASK. */
uint32_t x86_mxcsr_mask(const X86Cpu *cpu);

/* An operation: all its lanes' exceptions are gathered before any result counts. */
typedef struct SseOp {
    X86Cpu *cpu;
    FpEnv env; /* as softfp.h wants it, but DAZ is done ahead */
    uint32_t masks, flags;
    bool daz;
} SseOp;

SseOp sse_begin(X86Cpu *cpu);
/* An operand of @bits, 32 or 64: zero if it is a denormal and those count as zeros. */
uint64_t sse_operand(const SseOp *s, unsigned bits, uint64_t v);
/* Adds what s->env.flags says of a lane with operands @a and @b and result @r, which is a number of
 * @bits or, 0, something else; DE is from the operands, of @from bits, 0: not asked. */
void sse_lane_done(SseOp *s, unsigned from, uint64_t a, uint64_t b, unsigned bits, uint64_t r);
/* What s->env.flags says of an operation on @bits, in @wide's precision: where an overflow or
 * underflow is not masked, it is inexact if it would be without ends to the exponent. @wide: the
 * operation on the 80-bit format; FP_ADD to FP_SQRT, or FP_CMP for a conversion. */
void sse_exact_if_trapped(SseOp *s, unsigned wide, unsigned precision, unsigned bits, uint64_t a,
                          uint64_t b);
/* The flags go to MXCSR. False: #XM or #UD is raised, the result does not count. */
bool sse_end(SseOp *s);

bool sse_is_nan(unsigned bits, uint64_t v);

#endif
