/* SPDX-License-Identifier: MIT */
/* sse_state.c - MXCSR. Spec: SDM Vol. 1 10.2.3. */
#include "frontend/x86/x87_env_priv.h"

/* FpEnv's flags as MXCSR has them: denormal is bit 1, the others move up by one behind it. */
static uint32_t to_mxcsr(uint32_t flags)
{
    return (flags & FP_INVALID) | (flags & 0x1e) << 1 | ((flags & FP_DENORMAL_IN) != 0 ? 2 : 0);
}

uint32_t x86_mxcsr(X86Cpu *cpu)
{
    FpEnv *fp = vcpu_cold(&cpu->v)->fp;

    vcpu_fp_sync(&cpu->v);
    cpu->mxcsr |= to_mxcsr(fp[0].flags);
    fp[0].flags = 0;
    return cpu->mxcsr;
}

void x86_set_mxcsr(X86Cpu *cpu, uint32_t value)
{
    static const uint8_t rounding[] = { FP_RNE, FP_RM, FP_RP, FP_RZ };
    bool underflow_masked = (value & 1 << 11) != 0;
    FpEnv *fp = vcpu_cold(&cpu->v)->fp;

    vcpu_fp_sync(&cpu->v);
    cpu->mxcsr = value;
    fp[0] = (FpEnv){
        .rounding = rounding[value >> 13 & 3],
        .flush_to_zero = ((value & 1 << 6) != 0 ? FP_FLUSH_INPUTS : 0)
                         | ((value & 1 << 15) != 0 && underflow_masked ? FP_FLUSH_OUTPUTS : 0),
        .tininess_after = 1,
        .nan_rule = FP_NAN_SSE,
        .int_rule = FP_INT_MOST_NEG,
    };
}
