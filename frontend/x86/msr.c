/* SPDX-License-Identifier: MIT */
/*
 * msr.c - model-specific registers, the time-stamp counter, performance counters, CPUID.
 * Machine checks, Vol. 3 chapter 15: nothing here fails, so there are no banks of errors, #MC is
 * never raised, and IA32_MCG_STATUS is only what the guest makes it.
 * Not modelled: performance counters: they and what they are to count read as zero and ignore
 * writes, by which kernels see that they do not work; microcode is not loaded; MTRRs and PAT are
 * storage.
 */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

typedef struct Msr {
    const char *name;
    uint32_t number, count;
    size_t offset;
    uint64_t mask;
    X86Feature feature;
} Msr;

/* clang-format off */
static const Msr msrs[] = {
#define MSR(name, number, count, stride, member, mask, feature) \
    { #name, number, count, offsetof(X86Cpu, msr.member), mask, FEAT_##feature },
#include "frontend/x86/msr.def"
};
/* clang-format on */

enum {
    MSR_P5_MC_ADDR = 0,
    MSR_P5_MC_TYPE = 1,
    MSR_TSC = 0x10,
    MSR_APIC_BASE = 0x1b,
    MSR_MTRRCAP = 0xfe,
    MSR_MCG_CAP = 0x179,
    MSR_PMC0 = 0xc1,
    MSR_PERFEVTSEL0 = 0x186,
    N_COUNTERS = 2,
    APIC_BASE_BSP = 1 << 8,
};
#define MSR_EFER 0xc0000080u
#define EFER_NXE ((uint64_t)1 << 11)

/* 1 GHz: a tick a nanosecond of guest time. */
static uint64_t tsc(const X86Cpu *cpu)
{
    return clock_now_ns(vcpu_cold((Vcpu *)&cpu->v)->clock) + cpu->msr.tsc_base;
}

static uint64_t *find(X86Cpu *cpu, uint32_t n, const Msr **row)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(msrs); i++) {
        const Msr *m = &msrs[i];

        if (n - m->number < m->count && x86_has(cpu, m->feature)) {
            *row = m;
            return (uint64_t *)(void *)((char *)cpu + m->offset) + (n - m->number);
        }
    }
    return NULL;
}

static bool is_counter(const X86Cpu *cpu, uint32_t n)
{
    return x86_has(cpu, FEAT_PMC)
           && (n - MSR_PMC0 < N_COUNTERS || n - MSR_PERFEVTSEL0 < N_COUNTERS);
}

/* Those that are more than storage. False: not one of them. */
static bool read_special(X86Cpu *cpu, uint32_t n, uint64_t *value)
{
    switch (n) {
    case MSR_TSC: *value = tsc(cpu); return true;
    case MSR_MTRRCAP: /* eight variable ranges, fixed ones, write combining */
        *value = X86_MTRR_VARIABLE | 1 << 8 | 1 << 10;
        return x86_has(cpu, FEAT_P6);
    case MSR_MCG_CAP: *value = 0; return x86_has(cpu, FEAT_P6); /* no banks */
    case MSR_P5_MC_ADDR:
    case MSR_P5_MC_TYPE: *value = 0; return true; /* Vol. 3 15.10.2: nothing latched */
    case MSR_EFER: *value = cpu->msr.efer; return cpu->model->nx;
    default: *value = 0; return is_counter(cpu, n);
    }
}

static bool write_special(X86Cpu *cpu, uint32_t n, uint64_t value, bool *ok)
{
    switch (n) {
    case MSR_TSC: cpu->msr.tsc_base += value - tsc(cpu); return true;
    case MSR_EFER:
        if (!cpu->model->nx) {
            return false;
        }
        *ok = (value & ~EFER_NXE) == 0;
        if (*ok && cpu->msr.efer != value) {
            cpu->msr.efer = value;
            mmu_flush_all(cpu->mmu);
        }
        return true;
    default: return is_counter(cpu, n);
    }
}

static bool write_msr(X86Cpu *cpu, uint32_t n, uint64_t value)
{
    const Msr *row;
    uint64_t *at;
    bool ok = true;

    if (write_special(cpu, n, value, &ok)) {
        return ok;
    }
    at = find(cpu, n, &row);
    if (at == NULL || (value & ~row->mask & ~*at) != 0) {
        return false;
    }
    *at = (*at & ~row->mask) | (value & row->mask);
    if (n == MSR_APIC_BASE && cpu->board.apic_base) {
        cpu->board.apic_base(cpu->board.opaque, *at);
    }
    return true;
}

static void log_unknown(X86Cpu *cpu, const char *what, uint32_t n)
{
    log_msg(vcpu_cold(&cpu->v)->log, LOG_GUEST_ERRORS, "%s: model-specific register %#x\n", what,
            n);
}

/* EDX:EAX of MSR @a; @b: retired count. */
uint64_t x86_help_rdmsr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    uint64_t value = 0, *at;
    const Msr *row;

    (void)c;
    vcpu_cold(v)->now_count = b;
    if (read_special(cpu, (uint32_t)a, &value)) {
        return value;
    }
    at = find(cpu, (uint32_t)a, &row);
    if (at == NULL) {
        log_unknown(cpu, "rdmsr", (uint32_t)a);
        x86_fault(cpu, X86_GP, 0);
        return 0;
    }
    return *at;
}

/* MSR ECX = EDX:EAX; @a: retired count; @b: pc of the next instruction. */
uint64_t x86_help_wrmsr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    uint32_t n = cpu->r[G_ECX];

    (void)c;
    vcpu_cold(v)->now_count = a;
    if (!write_msr(cpu, n, (uint64_t)cpu->r[G_EDX] << 32 | cpu->r[G_EAX])) {
        log_unknown(cpu, "wrmsr", n);
        x86_fault(cpu, X86_GP, 0);
        return 0;
    }
    x86_over(cpu, b);
    return 0;
}

/* ---- counters ---- */

/* @a: retired count. CR4.TSD makes it privileged. */
uint64_t x86_help_rdtsc(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)b, (void)c;
    if ((cpu->cr4 & CR4_TSD) != 0 && cpu->cpl != 0) {
        x86_fault(cpu, X86_GP, 0);
        return 0;
    }
    vcpu_cold(v)->now_count = a;
    return tsc(cpu);
}

/* Counter @a, which counts nothing; without CR4.PCE it is privileged. */
uint64_t x86_help_rdpmc(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)b, (void)c;
    if (((cpu->cr4 & CR4_PCE) == 0 && cpu->cpl != 0) || a >= N_COUNTERS) {
        x86_fault(cpu, X86_GP, 0);
        return 0;
    }
    return 0;
}

/* ---- CPUID, Vol. 2 ---- */

#define LEAF_HYPERVISOR 0x40000000u
#define LEAF_EXTENDED 0x80000000u

/* Leaf 4: the caches of leaf 2's descriptors 2C, 30 and 7D. */
static const X86Cpuid caches[] = {
    { { 0x00000121, 0x01c0003f, 0x0000003f, 1 } }, /* level 1, data: 8 ways, 64 sets of 64 bytes */
    { { 0x00000122, 0x01c0003f, 0x0000003f, 1 } }, /* level 1, instructions */
    { { 0x00000143, 0x01c0003f, 0x00000fff, 1 } }, /* level 2: 8 ways, 4096 sets */
};

/* What a hypervisor says of itself: the highest of its leaves and its name; an interface to guests
 * it has not. */
static const X86Cpuid hypervisor[] = {
    { { LEAF_HYPERVISOR + 1, 0x70706f64, 0x6f646c65, 0x6c657070 } }, /* "doppeldoppel" */
    { { 0, 0, 0, 0 } },
};

/* Beyond the highest leaf of its kind, the answer of the highest basic one. */
static X86Cpuid leaf_of(const X86Model *m, uint32_t leaf, uint32_t sub)
{
    const X86Cpuid none = { { 0, 0, 0, 0 } };

    if (leaf - LEAF_HYPERVISOR < G_N_ELEMENTS(hypervisor)) {
        return hypervisor[leaf - LEAF_HYPERVISOR];
    }
    if (leaf >= LEAF_EXTENDED && leaf <= m->max_extended) {
        return m->extended[leaf - LEAF_EXTENDED];
    }
    leaf = MIN(leaf, m->max_leaf);
    if (leaf == 4) {
        return sub < G_N_ELEMENTS(caches) ? caches[sub] : none;
    }
    return leaf < X86_CPUID_LEAVES ? m->leaf[leaf] : none;
}

uint64_t x86_help_cpuid(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    enum { D_APIC = 1 << 9, APIC_ENABLED = 1 << 11 };
    X86Cpu *cpu = x86_cpu(v);
    uint32_t leaf = cpu->r[G_EAX];
    X86Cpuid r = leaf_of(cpu->model, leaf, cpu->r[G_ECX]);

    (void)a, (void)b, (void)c;
    if (leaf == 1 && (cpu->msr.apic_base & APIC_ENABLED) == 0) {
        r.r[3] &= ~(uint32_t)D_APIC;
    }
    cpu->r[G_EAX] = r.r[0];
    cpu->r[G_EBX] = r.r[1];
    cpu->r[G_ECX] = r.r[2];
    cpu->r[G_EDX] = r.r[3];
    return 0;
}
