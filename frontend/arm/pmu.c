/* SPDX-License-Identifier: MIT */
/*
 * pmu.c - the performance monitors: a cycle counter that counts instructions retired.
 * Manual: DDI 0406C.d C12. Not modelled: event counters (PMCR.N is 0), overflow and its interrupt.
 */
#include "frontend/arm/cp15_priv.h"

enum { PMCR_E = 1 << 0, PMCR_C = 1 << 2, PMCR_D = 1 << 3, PMCR_WRITE = 0x39 };

#define CCNTR_BIT (1u << 31)

/* What has to be added to the stored value now; 0 while the counter stands. */
static uint64_t running(const ArmCpu *cpu)
{
    uint64_t now = vcpu_cold((Vcpu *)&cpu->v)->now_count;

    if ((cpu->cp15.pmcr & PMCR_E) == 0 || (cpu->cp15.pmcntenset & CCNTR_BIT) == 0) {
        return 0;
    }
    return (cpu->cp15.pmcr & PMCR_D) != 0 ? now / 64 : now;
}

uint64_t arm_pmu_read_ccntr(ArmCpu *cpu) { return (uint32_t)(cpu->cp15.pmccntr + running(cpu)); }

void arm_pmu_write_ccntr(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.pmccntr = (uint32_t)value - running(cpu);
}

void arm_pmu_write_pmcr(ArmCpu *cpu, uint64_t value)
{
    uint64_t count = (value & PMCR_C) != 0 ? 0 : arm_pmu_read_ccntr(cpu);

    cpu->cp15.pmcr = (cpu->cp15.pmcr & ~(uint32_t)PMCR_WRITE) | ((uint32_t)value & PMCR_WRITE);
    arm_pmu_write_ccntr(cpu, count);
}

static void set_enable(ArmCpu *cpu, uint32_t enable)
{
    uint64_t count = arm_pmu_read_ccntr(cpu);

    cpu->cp15.pmcntenset = enable & CCNTR_BIT;
    arm_pmu_write_ccntr(cpu, count);
}

void arm_pmu_write_cntenset(ArmCpu *cpu, uint64_t value)
{
    set_enable(cpu, cpu->cp15.pmcntenset | (uint32_t)value);
}

void arm_pmu_write_cntenclr(ArmCpu *cpu, uint64_t value)
{
    set_enable(cpu, cpu->cp15.pmcntenset & ~(uint32_t)value);
}

void arm_pmu_write_selr(ArmCpu *cpu, uint64_t value) { cpu->cp15.pmselr = value & 31; }

void arm_pmu_write_userenr(ArmCpu *cpu, uint64_t value) { cpu->cp15.pmuserenr = value & 1; }

void arm_pmu_write_intenset(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.pmintenset |= (uint32_t)value & CCNTR_BIT;
}

void arm_pmu_write_intenclr(ArmCpu *cpu, uint64_t value)
{
    cpu->cp15.pmintenset &= ~(uint32_t)value;
}
