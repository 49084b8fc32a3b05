/* SPDX-License-Identifier: MIT */
/* sys_rig.h - an ARM vCPU with 16 MiB of RAM and a clock that a test sets. */
#ifndef TESTS_UNIT_SYS_RIG_H
#define TESTS_UNIT_SYS_RIG_H

#include <stdio.h>

#include "frontend/arm/cp15_priv.h"

enum {
    RIG_RAM_BYTES = 16 << 20,
    RIG_L1 = 0x4000,   /* first-level table of rig_mmu_on() */
    RIG_L1B = 0x14000, /* another, for TTBR1 */
    RIG_L2 = 0x8000,   /* second-level table */
};

typedef struct SysRig {
    Log log;
    Clock clock;
    uint64_t now_ns;
    Phys *phys;
    ArmCpu *cpu;
} SysRig;

static inline uint64_t rig_now(void *opaque) { return ((SysRig *)opaque)->now_ns; }

static inline SysRig *sys_rig_new(const char *model)
{
    SysRig *r = g_new0(SysRig, 1);
    bool ok;

    r->log.out = stderr;
    clock_init(&r->clock, rig_now, NULL, r);
    r->phys = phys_new(&r->log);
    ok = phys_add_memory(r->phys, PHYS_RAM, "ram", 0, RIG_RAM_BYTES, NULL);
    g_assert_true(ok);
    r->cpu = arm_new(model, r->phys, &r->clock, &r->log);
    g_assert_nonnull(r->cpu);
    return r;
}

static inline void sys_rig_free(SysRig *r)
{
    arm_free(r->cpu);
    phys_free(r->phys);
    clock_clear(&r->clock);
    g_free(r);
}

static inline void rig_poke(SysRig *r, Gpa pa, uint32_t value)
{
    phys_write(r->phys, pa, value, 4, NULL);
}

/* Writes CP15 register @reg (CP_*) as the routine of translated code does. */
static inline void rig_cp_write(SysRig *r, unsigned reg, uint64_t value)
{
    arm_cp_write(r->cpu, arm_cp_reg(reg), value);
}

static inline uint64_t rig_cp_read(SysRig *r, unsigned reg)
{
    return arm_cp_read(r->cpu, arm_cp_reg(reg));
}

/* MMU on with the tables at RIG_L1 and @dacr. */
static inline void rig_mmu_on(SysRig *r, uint32_t dacr)
{
    rig_cp_write(r, CP_TTBR0, RIG_L1);
    rig_cp_write(r, CP_DACR, dacr);
    rig_cp_write(r, CP_SCTLR, r->cpu->cp15.sctlr | SCTLR_M);
}

#endif
