/* SPDX-License-Identifier: MIT */
/* sse_priv.h - MXCSR, and the end of an SSE operation that may trap. */
#ifndef FRONTEND_X86_SSE_PRIV_H
#define FRONTEND_X86_SSE_PRIV_H

#include "frontend/x86/x86.h"
#include "translator/ir/sse.h"

/* MXCSR with the flags that are still elsewhere; a value whose reserved bits are clear. Behind the
 * second, x86_sse_can_trap() may say something else: that is in the mode word. */
uint32_t x86_mxcsr(X86Cpu *cpu);
void x86_set_mxcsr(X86Cpu *cpu, uint32_t value);
/* Whether an exception is not masked. */
bool x86_sse_can_trap(const X86Cpu *cpu);
/* The bits that the processor has: MXCSR_MASK. */
uint32_t x86_mxcsr_mask(const X86Cpu *cpu);

/* The flags go to MXCSR. False: #XM or #UD is raised, the result does not count. */
bool x86_sse_end(X86Cpu *cpu, const SseOp *s);

#endif
