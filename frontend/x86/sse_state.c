/* SPDX-License-Identifier: MIT */
/* sse_state.c - MXCSR, and what SSE operations raise. Spec: SDM Vol. 1 10.2.3, 11.5. */
#include "frontend/x86/sse_priv.h"
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

uint32_t x86_mxcsr(X86Cpu *cpu)
{
    vcpu_fp_sync(&cpu->v);
    return cpu->mxcsr;
}

/* Ahead: no flag of before may be added. Behind: the host rounds as said from now on. */
void x86_set_mxcsr(X86Cpu *cpu, uint32_t value)
{
    vcpu_fp_sync(&cpu->v);
    cpu->mxcsr = value;
    vcpu_fp_sync(&cpu->v);
}

bool x86_sse_can_trap(const X86Cpu *cpu) { return (~cpu->mxcsr & MXCSR_MASKS) != 0; }

/* 11.6.6: DAZ came with SSE2. */
uint32_t x86_mxcsr_mask(const X86Cpu *cpu)
{
    return x86_has(cpu, FEAT_SSE2) ? 0xffff : 0xffff & ~(uint32_t)MXCSR_DAZ;
}

bool x86_sse_end(X86Cpu *cpu, const SseOp *s)
{
    uint32_t flags = s->flags, trapped = flags & ~s->masks;

    if ((trapped & MXCSR_BEFORE) != 0) {
        flags &= MXCSR_BEFORE;
    }
    cpu->mxcsr |= flags;
    if (trapped != 0) {
        x86_fault(cpu, (cpu->cr4 & CR4_OSXMMEXCPT) != 0 ? X86_XM : X86_UD, 0);
    }
    return trapped == 0;
}
