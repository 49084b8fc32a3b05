/* SPDX-License-Identifier: MIT */
/* cpu_state.c - an x86 vCPU: made, reset, saved. */
#include <string.h>

#include "base/error.h"
#include "frontend/x86/x86_priv.h"
#include "frontend/x86/x87_priv.h"

G_STATIC_ASSERT(sizeof(((X86Cpu *)0)->fp) == sizeof(((VcpuCold *)0)->fp));

/* clang-format off */
#define VAR(m)            STATE_VAR(X86Cpu, m)
#define VAR_MAX(m, limit) STATE_VAR_MAX(X86Cpu, m, limit)
#define ARRAY(m)          STATE_ARRAY(X86Cpu, m)
#define ARRAY_MAX(m, x)   STATE_ARRAY_MAX(X86Cpu, m, x)
#define SEG_FIELDS(s) \
    VAR(s.base), VAR(s.limit), VAR_MAX(s.selector, 0xffff), VAR_MAX(s.attr, 0x1ffff), \
    VAR(s.first), VAR(s.last)

/* Every byte that the guest can see; tests/unit/test_x86_state.c checks that none is left out. */
const StateField x86_fields[X86_N_FIELDS] = {
    VAR(v.pc), VAR(v.mode), /* the mode word's shadows, trap and TOP count; the rest follows */
    ARRAY(r), VAR(flags), VAR(pf), VAR(af), VAR(eflags),
    SEG_FIELDS(seg[SEG_ES]), SEG_FIELDS(seg[SEG_CS]), SEG_FIELDS(seg[SEG_SS]),
    SEG_FIELDS(seg[SEG_DS]), SEG_FIELDS(seg[SEG_FS]), SEG_FIELDS(seg[SEG_GS]),
    ARRAY(fpu.mantissa), ARRAY(fpu.exponent), VAR(fpu.control), VAR(fpu.status),
    VAR_MAX(fpu.top, 7), VAR(fpu.tags), VAR_MAX(fpu.opcode, 0x7ff), VAR(fpu.ip), VAR(fpu.dp),
    VAR_MAX(fpu.cs, 0xffff), VAR_MAX(fpu.ds, 0xffff), VAR_MAX(fpu.zero, 0), VAR_MAX(fpu.zero2, 0),
    VAR(mxcsr), VAR_MAX(zero, 0), ARRAY(xmm[0]), ARRAY(xmm[1]), ARRAY(xmm[2]), ARRAY(xmm[3]),
    ARRAY(xmm[4]), ARRAY(xmm[5]), ARRAY(xmm[6]), ARRAY(xmm[7]),
    SEG_FIELDS(ldtr), SEG_FIELDS(tr),
    VAR(gdtr.base), VAR_MAX(gdtr.limit, 0xffff), VAR(idtr.base), VAR_MAX(idtr.limit, 0xffff),
    VAR(cr0), VAR(cr2), VAR(cr3), VAR(cr4), ARRAY(dr), VAR_MAX(cpl, 3),
    VAR_MAX(irq_level, 7), VAR_MAX(nmi_pending, 1), VAR_MAX(nmi_blocked, 1), VAR_MAX(halted, 1),
    VAR(a20_mask), VAR_MAX(shutdown, 1), VAR_MAX(zero3, 0), ARRAY(pdpte),
    VAR(msr.apic_base), VAR(msr.tsc_base), VAR(msr.pat), VAR(msr.efer), VAR(msr.misc_enable),
    VAR(msr.platform_id), VAR(msr.sysenter_cs), VAR(msr.sysenter_esp), VAR(msr.sysenter_eip),
    VAR(msr.mtrr_def_type), ARRAY(msr.mtrr_variable), ARRAY(msr.mtrr_fixed),
    VAR(msr.microcode), VAR(msr.debugctl), VAR_MAX(msr.mcg_status, 7),
    VAR_MAX(n_controls, X86_CONTROLS), VAR_MAX(zero2, 0), ARRAY(control), ARRAY(space),
    VAR_MAX(next_space, X86_SPACES - 1), VAR_MAX(space_now, X86_SPACES - 1), ARRAY(fp),
};
/* clang-format on */

X86Cpu *x86_new(const char *name, Phys *phys, Clock *clock, Log *log)
{
    const X86Model *model = x86_model(name);
    X86Cpu *cpu;

    if (model == NULL) {
        return NULL;
    }
    g_assert(x86_fields[X86_N_FIELDS - 1].name != NULL); /* one too few does not compile */
    cpu = x86_cpu(vcpu_new(sizeof(X86Cpu)));
    cpu->model = model;
    cpu->phys = phys;
    vcpu_cold(&cpu->v)->isa = &x86_isa;
    vcpu_cold(&cpu->v)->clock = clock;
    vcpu_cold(&cpu->v)->log = log;
    cpu->mmu = mmu_new(&cpu->v, phys, &x86_mmu_guest, log);
    x86_reset(&cpu->v);
    return cpu;
}

void x86_free(X86Cpu *cpu)
{
    if (cpu) {
        mmu_free(cpu->mmu);
        vcpu_free(&cpu->v);
    }
}

static void reset_segment(X86Seg *seg, uint32_t selector, uint32_t base, uint32_t attr)
{
    *seg = (X86Seg){ .selector = selector, .base = base, .limit = 0xffff, .attr = attr };
    x86_seg_derive(seg);
}

/* Vol. 3 table 9-1. */
static void set_reset_values(X86Cpu *cpu)
{
    const uint32_t data = SEG_P | SEG_S | SEG_WRITABLE | SEG_ACCESSED;

    x86_set_eflags(cpu, EFL_ONE);
    for (unsigned s = 0; s < N_SEGS; s++) {
        reset_segment(&cpu->seg[s], 0, 0, data);
    }
    reset_segment(&cpu->seg[SEG_CS], 0xf000, 0xffff0000, data | SEG_CODE);
    reset_segment(&cpu->ldtr, 0, 0, SEG_P | 2);
    reset_segment(&cpu->tr, 0, 0, SEG_P | 11);
    cpu->gdtr.limit = cpu->idtr.limit = 0xffff;
    cpu->r[2] = cpu->model->reset_edx;
    cpu->cr0 = CR0_CD | CR0_NW | CR0_ET;
    cpu->dr[6] = 0xffff0ff0;
    cpu->dr[7] = 0x400;
    cpu->a20_mask = UINT32_MAX;
    cpu->mxcsr = 0x1f80;
    cpu->fpu.control = 0x40;
    cpu->fpu.tags = 0;               /* FPU tag word 5555h: valid */
    cpu->msr.apic_base = 0xfee00900; /* enabled, the boot processor's */
    cpu->msr.pat = 0x0007040600070406;
    cpu->msr.misc_enable = 1; /* fast strings */
}

void x86_reset(Vcpu *v)
{
    X86Cpu *cpu = x86_cpu(v);
    uint32_t level = cpu->irq_level;

    for (unsigned i = 0; i < X86_N_FIELDS; i++) {
        memset((char *)v + x86_fields[i].off, 0, state_bytes(&x86_fields[i]));
    }
    memset(vcpu_cold(v)->fp, 0, sizeof(vcpu_cold(v)->fp));
    vcpu_cold(v)->x87.state = X87_IN_GUEST;
    v->attention &= ~(uint32_t)ATTN_HALT;
    cpu->debug_hits = 0;
    cpu->kept = cpu->step = cpu->rot = 0;
    cpu->irq_level = level; /* inputs: driven by others */
    set_reset_values(cpu);
    mmu_flush_all(cpu->mmu);
    x86_update(cpu);
    v->pc = 0xfffffff0;
}

void x86_settle(Vcpu *v)
{
    X86Cpu *cpu = x86_cpu(v);

    x87_state(cpu);
    x86_pack_flags(cpu);
    cpu->halted = (v->attention & ATTN_HALT) != 0;
    memcpy(cpu->fp, vcpu_cold(v)->fp, sizeof(cpu->fp));
}

static const char *unsound(const X86Model *model, const X86Cpu *cpu)
{
    if ((cpu->flags & ~(uint32_t)IR_FL_ALL) != 0) {
        return "flags";
    }
    if ((cpu->eflags & ~(model->eflags | EFL_ONE)) != 0) {
        return "eflags";
    }
    if ((cpu->cr4 & ~model->cr4) != 0) {
        return "cr4";
    }
    if ((cpu->cr0 & CR0_PE) == 0 && ((cpu->cr0 & CR0_PG) != 0 || cpu->cpl != 0)) {
        return "cr0";
    }
    if (x86_vm86(cpu) && cpu->cpl != 3) {
        return "cpl";
    }
    if (cpu->a20_mask != UINT32_MAX && cpu->a20_mask != ~(1u << 20)) {
        return "a20_mask";
    }
    return NULL;
}

bool x86_sound(const Vcpu *live, const Vcpu *saved, GError **error)
{
    const X86Model *model = ((const X86Cpu *)(const void *)live)->model;
    const char *what = unsound(model, (const X86Cpu *)(const void *)saved);

    if (what) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_RANGE, "cpu.%s is not a state of the CPU", what);
    }
    return what == NULL;
}

void x86_loaded(Vcpu *v)
{
    const uint32_t kept = MODE_SHADOW | MODE_SS_SHADOW | MODE_TRAP;
    X86Cpu *cpu = x86_cpu(v);
    X86Seg *all[] = { &cpu->ldtr, &cpu->tr };
    uint32_t mode = v->mode;
    bool nmi = cpu->nmi_pending != 0 && cpu->nmi_blocked == 0;

    memcpy(vcpu_cold(v)->fp, cpu->fp, sizeof(cpu->fp));
    vcpu_cold(v)->x87.state = X87_IN_GUEST;
    cpu->kept = cpu->step = cpu->rot = 0;
    for (unsigned s = 0; s < N_SEGS; s++) {
        x86_seg_derive(&cpu->seg[s]);
    }
    x86_seg_derive(all[0]);
    x86_seg_derive(all[1]);
    v->attention = (v->attention & ~(uint32_t)(ATTN_IRQ | ATTN_HALT))
                   | ((cpu->irq_level & 1u << X86_LINE_INTR) != 0 || nmi ? ATTN_IRQ : 0)
                   | (cpu->halted != 0 ? ATTN_HALT : 0);
    x86_update(cpu);
    v->mode |= mode & kept;
}
