/* SPDX-License-Identifier: MIT */
/*
 * msr.c - model-specific registers, the time-stamp counter, performance counters, CPUID.
 * Not modelled: performance events are not counted; microcode is not loaded; MTRRs and PAT are
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
    MSR_TSC = 0x10,
    MSR_APIC_BASE = 0x1b,
    MSR_MTRRCAP = 0xfe,
    MSR_MCG_CAP = 0x179,
    MSR_MCG_STATUS = 0x17a,
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

/* Those that are more than storage. False: not one of them. */
static bool read_special(X86Cpu *cpu, uint32_t n, uint64_t *value)
{
    switch (n) {
    case MSR_TSC: *value = tsc(cpu); return true;
    case MSR_MTRRCAP: /* eight variable ranges, fixed ones, write combining */
        *value = X86_MTRR_VARIABLE | 1 << 8 | 1 << 10;
        return x86_has(cpu, FEAT_P6);
    case MSR_MCG_CAP:
    case MSR_MCG_STATUS: *value = 0; return x86_has(cpu, FEAT_P6); /* no banks */
    case MSR_EFER: *value = cpu->msr.efer; return cpu->model->nx;
    default: return false;
    }
}

static bool write_special(X86Cpu *cpu, uint32_t n, uint64_t value, bool *ok)
{
    switch (n) {
    case MSR_TSC: cpu->msr.tsc_base += value - tsc(cpu); return true;
    case MSR_MCG_STATUS: return x86_has(cpu, FEAT_P6);
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
    default: return false;
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

/* Counter @a; without CR4.PCE it is privileged. */
uint64_t x86_help_rdpmc(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)b, (void)c;
    if (((cpu->cr4 & CR4_PCE) == 0 && cpu->cpl != 0) || a >= G_N_ELEMENTS(cpu->msr.perfctr)) {
        x86_fault(cpu, X86_GP, 0);
        return 0;
    }
    return cpu->msr.perfctr[a];
}

/* ---- CPUID, Vol. 2 ---- */

/* Beyond the highest leaf, that leaf's answer. */
static X86Cpuid leaf_of(const X86Model *m, uint32_t leaf)
{
    const X86Cpuid none = { { 0, 0, 0, 0 } };

    if (leaf >= 0x80000000u) {
        leaf -= 0x80000000u;
        return m->max_extended != 0 && leaf < X86_CPUID_EXTENDED ? m->extended[leaf] : none;
    }
    leaf = MIN(leaf, m->max_leaf);
    return leaf < X86_CPUID_LEAVES ? m->leaf[leaf] : none;
}

uint64_t x86_help_cpuid(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    enum { D_APIC = 1 << 9, APIC_ENABLED = 1 << 11 };
    X86Cpu *cpu = x86_cpu(v);
    uint32_t leaf = cpu->r[G_EAX];
    X86Cpuid r = leaf_of(cpu->model, leaf);

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
