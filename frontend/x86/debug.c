/* SPDX-License-Identifier: MIT */
/*
 * debug.c - debug registers: breakpoints, and the trap behind an instruction.
 * Manual: SDM Vol. 3 chapter 17. Units lifted in MODE_BREAK and MODE_TRAP ask here.
 */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

enum { DR6_BD = 1 << 13, DR6_BS = 1 << 14, DR7_GD = 1 << 13 };

static bool is_enabled(const X86Cpu *cpu, unsigned n) { return (cpu->dr[7] >> 2 * n & 3) != 0; }
static unsigned kind_of(const X86Cpu *cpu, unsigned n) { return cpu->dr[7] >> (16 + 4 * n) & 3; }
static unsigned last_of(const X86Cpu *cpu, unsigned n) { return cpu->dr[7] >> (18 + 4 * n) & 3; }

/* 17.2.3: a fault or trap says which; BD, BS, BT only ever are set. */
void x86_debug_exception(X86Cpu *cpu, uint32_t dr6)
{
    cpu->dr[6] = (cpu->dr[6] & ~15u) | dr6;
    cpu->dr[7] &= ~(uint32_t)DR7_GD;
}

static uint32_t instruction_hits(const X86Cpu *cpu, Gva va)
{
    uint32_t hits = 0;

    for (unsigned n = 0; n < 4; n++) {
        if (is_enabled(cpu, n) && kind_of(cpu, n) == 0 && cpu->dr[n] == va) {
            hits |= 1u << n;
        }
    }
    return hits;
}

/* DR6 bits of what is due ahead of the instruction at @va: the trap of the one before, then its own
 * breakpoint. 6.8.3: nothing behind a load of SS; 17.3.1.1: no breakpoint with RF. */
static uint32_t due(const X86Cpu *cpu, Gva va, uint32_t mode)
{
    uint32_t dr6 = cpu->debug_hits | ((mode & MODE_TRAP) != 0 ? DR6_BS : 0);

    if ((mode & MODE_SS_SHADOW) != 0) {
        return 0;
    }
    if (dr6 == 0 && (mode & MODE_BREAK) != 0 && (cpu->eflags & EFL_RF) == 0) {
        dr6 = instruction_hits(cpu, va);
    }
    return dr6;
}

static void raise_db(X86Cpu *cpu, uint32_t dr6)
{
    x86_fault(cpu, X86_DB, 0);
    vcpu_cold(&cpu->v)->fault.address = dr6;
}

/* Ahead of the instruction at @a. */
uint64_t x86_help_debug(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    uint32_t mode = ir_pc_mode(a), dr6 = due(cpu, ir_pc_va(a), mode);

    (void)b, (void)c;
    if ((mode & MODE_SS_SHADOW) != 0) {
        return 0;
    }
    cpu->debug_hits = 0;
    if (dr6 != 0) {
        raise_db(cpu, dr6);
    } else if ((mode & MODE_BREAK) != 0) {
        cpu->eflags &= ~(uint32_t)EFL_RF;
    }
    return 0;
}

/* Table 6-2: traps on the instruction before, its own breakpoint, CS's limit, the page. */
void x86_fault_fetch(X86Cpu *cpu, Gva va, uint32_t error)
{
    const X86Seg *cs = &cpu->seg[SEG_CS];
    uint32_t dr6 = due(cpu, cpu->v.pc, cpu->v.mode);

    if (dr6 != 0) {
        raise_db(cpu, dr6);
    } else if (va - cs->base > cs->last) {
        x86_fault(cpu, X86_GP, 0);
    } else {
        x86_fault_pf(cpu, va, error);
    }
}

/* 17.2.4: with CR4.DE, R/W 10 is a breakpoint on ports. */
void x86_watch_port(X86Cpu *cpu, uint32_t port, unsigned bytes)
{
    for (unsigned n = 0; (cpu->cr4 & CR4_DE) != 0 && n < 4; n++) {
        unsigned length = last_of(cpu, n) + 1u;
        uint32_t first = cpu->dr[n] & ~(length - 1);

        if (is_enabled(cpu, n) && kind_of(cpu, n) == 2
            && (port - first < length || first - port < bytes)) {
            cpu->debug_hits |= 1u << n;
        }
    }
}

bool x86_trap_is_due(const X86Cpu *cpu)
{
    return (cpu->v.mode & MODE_TRAP) != 0
           || ((cpu->v.mode & MODE_BREAK) != 0 && cpu->debug_hits != 0);
}

/* An access to @b bits 15:8 bytes at @a; bit 16: a store. Table 17-1; ranges are aligned. */
uint64_t x86_help_watch(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    Gva va = (Gva)a, bytes = b >> 8 & 0xff;
    bool write = (b >> 16 & 1) != 0;

    (void)c;
    for (unsigned n = 0; n < 4; n++) {
        unsigned kind = kind_of(cpu, n), length = last_of(cpu, n) + 1u;
        Gva first = cpu->dr[n] & ~(Gva)(length - 1);

        if (is_enabled(cpu, n) && (kind == 3 || (kind == 1 && write))
            && (va - first < length || first - va < bytes)) {
            cpu->debug_hits |= 1u << n;
        }
    }
    return 0;
}
