/* SPDX-License-Identifier: MIT */
/*
 * pmu.c - the performance monitors: a cycle counter that counts instructions retired.
 * Manual: DDI 0406C.d C12. Not modelled: event counters (PMCR.N is 0), PMCCFILTR, the interrupt.
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

/* The counter has 32 bits; what it has counted beyond them is the overflow flag. */
static uint64_t counted(const ArmCpu *cpu) { return cpu->cp15.pmccntr + running(cpu); }

uint64_t arm_pmu_read_ccntr(ArmCpu *cpu) { return (uint32_t)counted(cpu); }

uint64_t arm_pmu_read_ovsr(ArmCpu *cpu)
{
    return cpu->cp15.pmovsr | (counted(cpu) >> 32 != 0 ? CCNTR_BIT : 0);
}

/* Only writes move the flag into storage: a read, which a debugger may make, changes nothing. */
static void set_count(ArmCpu *cpu, uint64_t count)
{
    cpu->cp15.pmccntr = (uint32_t)count - running(cpu);
}

static void keep_flag(ArmCpu *cpu) { cpu->cp15.pmovsr = (uint32_t)arm_pmu_read_ovsr(cpu); }

void arm_pmu_write_ccntr(ArmCpu *cpu, uint64_t value)
{
    keep_flag(cpu);
    set_count(cpu, value);
}

void arm_pmu_write_ovsr(ArmCpu *cpu, uint64_t value)
{
    keep_flag(cpu);
    set_count(cpu, arm_pmu_read_ccntr(cpu));
    cpu->cp15.pmovsr &= ~(uint32_t)value;
}

void arm_pmu_write_pmcr(ArmCpu *cpu, uint64_t value)
{
    uint64_t count = arm_pmu_read_ccntr(cpu);

    keep_flag(cpu);
    cpu->cp15.pmcr = (cpu->cp15.pmcr & ~(uint32_t)PMCR_WRITE) | ((uint32_t)value & PMCR_WRITE);
    set_count(cpu, (value & PMCR_C) != 0 ? 0 : count);
}

static void set_enable(ArmCpu *cpu, uint32_t enable)
{
    uint64_t count = arm_pmu_read_ccntr(cpu);

    keep_flag(cpu);
    cpu->cp15.pmcntenset = enable & CCNTR_BIT;
    set_count(cpu, count);
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
