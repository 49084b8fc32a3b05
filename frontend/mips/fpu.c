/* SPDX-License-Identifier: MIT */
/* fpu.c - FCSR, and what of it and of Status is part of the mode word. */
#include "frontend/mips/mips_priv.h"

/* MD00090 9.26, CU1 and FR; MD00082 5.7.3, Enables: what inline code cannot do. */
uint32_t mips_fp_mode(const MipsCpu *cpu)
{
    uint32_t m = 0;

    if ((cpu->features & MIPS_FPU) != 0 && (cpu->cp0.status & STATUS_CU1) != 0) {
        m |= MIPS_MODE_FP;
        m |= (cpu->cp0.status & STATUS_FR) != 0 ? MIPS_MODE_FR : 0;
        m |= (cpu->fcsr & 0x1fu << 7) != 0 ? MIPS_MODE_FPEXACT : 0;
    }
    return m;
}

uint32_t mips_fcsr(MipsCpu *cpu) { return cpu->fcsr; }

void mips_set_fcsr(MipsCpu *cpu, uint32_t value)
{
    if ((cpu->features & MIPS_FPU) != 0) {
        cpu->fcsr = value & 0xff83ffff;
        mips_update(cpu);
    }
}
