/* SPDX-License-Identifier: MIT */
/* helpers_system.c - emulation routines of the system instructions that translated code calls. */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

/* Exception @a, without error code; with error code 0. */
uint64_t x86_help_raise(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    x86_fault(x86_cpu(v), (unsigned)a, 0);
    return 0;
}

uint64_t x86_help_raise_error(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    x86_fault(x86_cpu(v), (unsigned)a, 0);
    return 0;
}

/* Vol. 3 5.3, 5.5: rights of a data access. */
static bool is_allowed(const X86Cpu *cpu, const X86Seg *s, X86SegUse use)
{
    bool code = (s->attr & SEG_CODE) != 0;

    if (!x86_has_descriptors(cpu)) {
        return true; /* real mode, CS too */
    }
    if (use == SEG_STORES) {
        return !code && (s->attr & SEG_WRITABLE) != 0;
    }
    return !code || use == SEG_FLUSHES || (s->attr & SEG_WRITABLE) != 0; /* code: readable */
}

/* The linear address of offset @a; @b: segment, bits 15:8 bytes, bits 23:16 X86SegUse. */
uint64_t x86_help_segment(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    unsigned n = b & 7;
    const X86Seg *s = &cpu->seg[n];
    uint32_t off = (uint32_t)a, bytes = b >> 8 & 0xff;

    (void)c;
    if (!x86_seg_holds(s, off, bytes) || !is_allowed(cpu, s, (X86SegUse)(b >> 16 & 0xff))) {
        x86_fault(cpu, n == SEG_SS ? X86_SS : X86_GP, 0);
        return 0;
    }
    return (uint32_t)(s->base + off);
}

/* The linear address of EIP @a; #GP(0) beyond the limit. */
uint64_t x86_help_check_eip(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)b, (void)c;
    if (a > cpu->seg[SEG_CS].last) {
        x86_fault(cpu, X86_GP, 0);
        return 0;
    }
    return (uint32_t)(cpu->seg[SEG_CS].base + a);
}

/* On at linear address @a in mode @b. */
uint64_t x86_help_go(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    v->pc = (Gva)a;
    v->mode = (uint32_t)b;
    return 0;
}

void x86_over(X86Cpu *cpu, uint64_t pc)
{
    cpu->v.mode = ir_pc_mode(pc);
    x86_update(cpu);
    cpu->v.pc = ir_pc_va(pc);
    if ((ir_pc_mode(pc) & MODE_TF) != 0) {
        cpu->v.mode |= MODE_TRAP;
    }
}

/* EFLAGS = @a where @b allows, RF cleared; @c: pc of the next instruction. */
uint64_t x86_help_popf(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    uint32_t mask = (uint32_t)b, old = x86_eflags(cpu) & ~(uint32_t)EFL_RF;

    x86_set_eflags(cpu, (old & ~mask) | ((uint32_t)a & mask));
    x86_over(cpu, c);
    return 0;
}

/* ---- control registers, Vol. 2 MOV-Control Registers ---- */

static bool set_cr0(X86Cpu *cpu, uint32_t value)
{
    const uint32_t known = CR0_PG | CR0_CD | CR0_NW | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_TS
                           | CR0_EM | CR0_MP | CR0_PE;

    value &= known; /* reserved bits are ignored */
    if (((value & CR0_PG) != 0 && (value & CR0_PE) == 0)
        || ((value & CR0_NW) != 0 && (value & CR0_CD) == 0)) {
        return x86_fault(cpu, X86_GP, 0);
    }
    if ((value & CR0_PG) != 0 && (cpu->cr0 & CR0_PG) == 0 && (cpu->cr4 & CR4_PAE) != 0
        && !x86_load_pdptes(cpu, cpu->cr3)) {
        return false;
    }
    x86_set_cr0(cpu, value);
    return true;
}

static bool pae_is_on(const X86Cpu *cpu)
{
    return (cpu->cr0 & CR0_PG) != 0 && (cpu->cr4 & CR4_PAE) != 0;
}

static bool set_cr3(X86Cpu *cpu, uint32_t value)
{
    if (pae_is_on(cpu) && !x86_load_pdptes(cpu, value)) {
        return false;
    }
    x86_set_cr3(cpu, value);
    return true;
}

static bool set_cr4(X86Cpu *cpu, uint32_t value)
{
    const uint32_t paging = CR4_PAE | CR4_PSE | CR4_PGE;

    if ((value & ~cpu->model->cr4) != 0) {
        return x86_fault(cpu, X86_GP, 0);
    }
    if ((cpu->cr0 & CR0_PG) != 0 && (value & CR4_PAE) != 0 && ((value ^ cpu->cr4) & paging) != 0
        && !x86_load_pdptes(cpu, cpu->cr3)) {
        return false;
    }
    x86_set_cr4(cpu, value);
    return true;
}

/* CR@a = @b; @c: pc of the next instruction. */
uint64_t x86_help_set_cr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    uint32_t value = (uint32_t)b;
    bool ok = true;

    switch (a) {
    case 0: ok = set_cr0(cpu, value); break;
    case 2: cpu->cr2 = value; break;
    case 3: ok = set_cr3(cpu, value); break;
    default: ok = set_cr4(cpu, value); break;
    }
    if (ok) {
        x86_over(cpu, c);
    }
    return 0;
}

/* ---- debug registers, Vol. 3 17.2 ---- */

enum { DR6_BD = 1 << 13, DR7_GD = 1 << 13 };

/* The register that @n names: 4 and 5 are 6 and 7, or with CR4.DE #UD; -1 with a fault raised. */
static int debug_register(X86Cpu *cpu, unsigned n)
{
    if (n == 4 || n == 5) {
        if ((cpu->cr4 & CR4_DE) != 0) {
            x86_fault(cpu, X86_UD, 0);
            return -1;
        }
        n += 2;
    }
    if ((cpu->dr[7] & DR7_GD) != 0) {
        x86_fault(cpu, X86_DB, 0);
        vcpu_cold(&cpu->v)->fault.address = DR6_BD;
        return -1;
    }
    return (int)n;
}

uint64_t x86_help_get_dr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    int n = debug_register(x86_cpu(v), (unsigned)a);

    (void)b, (void)c;
    return n < 0 ? 0 : x86_cpu(v)->dr[n];
}

/* DR@a = @b; @c: pc of the next instruction. */
uint64_t x86_help_set_dr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    int n = debug_register(cpu, (unsigned)a);
    uint32_t value = (uint32_t)b;

    if (n < 0) {
        return 0;
    }
    if (n == 6) {
        value = (value & 0xe00f) | 0xffff0ff0; /* fixed bits */
    } else if (n == 7) {
        value = (value & 0xffff27ff) | 0x400;
    }
    cpu->dr[n] = value;
    x86_over(cpu, c);
    return 0;
}

/* ---- the rest ---- */

/* HLT; @a: pc of the next instruction. */
uint64_t x86_help_hlt(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)b, (void)c;
    x86_over(cpu, a);
    if (!x86_wakes(v) && !x86_trap_is_due(cpu)) {
        cpu->halted = 1;
        v->attention |= ATTN_HALT;
    }
    return 0;
}

/* INVLPG of linear address @a. */
uint64_t x86_help_invlpg(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    mmu_flush_va(x86_cpu(v)->mmu, (Gva)a, 0);
    return 0;
}
