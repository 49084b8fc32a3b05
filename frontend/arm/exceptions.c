/* SPDX-License-Identifier: MIT */
/*
 * exceptions.c - exceptions raised, taken and logged; interrupt inputs.
 * The local exclusive monitor is left alone by entry and return: ARMv7 does not clear it there,
 * which is why handlers execute CLREX (DDI 0406C.d A3.4.5).
 */
#include "frontend/arm/arm_priv.h"

/* B1.9: what entry does, by kind. @lr_arm and @lr_thumb: LR less the address of the instruction. */
static const struct {
    const char *name;
    uint8_t mode;
    uint8_t lr_arm, lr_thumb;
    uint32_t mask; /* CPSR bits set beside I */
} entries[8] = {
    [ARM_EXC_UNDEF] = { "undefined instruction", ARM_UND, 4, 2, 0 },
    [ARM_EXC_SVC] = { "supervisor call", ARM_SVC, 0, 0, 0 }, /* LR is given: helpers_system.c */
    [ARM_EXC_PABT] = { "prefetch abort", ARM_ABT, 4, 4, CPSR_A },
    [ARM_EXC_DABT] = { "data abort", ARM_ABT, 8, 8, CPSR_A },
    [ARM_EXC_IRQ] = { "IRQ", ARM_IRQ, 4, 4, CPSR_A },
    [ARM_EXC_FIQ] = { "FIQ", ARM_FIQ, 4, 4, CPSR_A | CPSR_F },
};

void arm_raise(Vcpu *v, uint32_t kind, Gva address, uint32_t syndrome)
{
    vcpu_cold(v)->fault = (VcpuFault){ .kind = kind, .address = address, .syndrome = syndrome };
    v->leave = LEAVE_FAULT;
}

/* B1.8.1: without the Security Extensions there would be no VBAR; we have it, with reset value 0,
 * as firmware for these processors expects. */
static Gva vector(const ArmCpu *cpu, unsigned kind)
{
    return ((cpu->cp15.sctlr & SCTLR_V) != 0 ? 0xffff0000u : cpu->cp15.vbar) + 4 * kind;
}

static void log_entry(const ArmCpu *cpu, unsigned kind, uint32_t spsr)
{
    const VcpuFault *f = &vcpu_cold((Vcpu *)&cpu->v)->fault;
    Log *log = vcpu_cold((Vcpu *)&cpu->v)->log;

    if (!log_on_at(log, LOG_INT, cpu->v.pc)) {
        return;
    }
    if (kind == ARM_EXC_PABT || kind == ARM_EXC_DABT) {
        log_write(log, "%s at pc %08x psr %08x: address %08x status %#x\n", entries[kind].name,
                  cpu->v.pc, spsr, f->address, f->syndrome);
    } else {
        log_write(log, "%s at pc %08x psr %08x\n", entries[kind].name, cpu->v.pc, spsr);
    }
}

void arm_enter(ArmCpu *cpu, unsigned kind, uint32_t lr, uint32_t spsr)
{
    uint32_t sctlr = cpu->cp15.sctlr, cpsr = arm_cpsr(cpu);

    log_entry(cpu, kind, spsr);
    vcpu_cold(&cpu->v)->exceptions[kind]++;
    cpsr &= ~(uint32_t)(CPSR_M | CPSR_IT | CPSR_J | CPSR_T | CPSR_E);
    cpsr |= entries[kind].mode | CPSR_I | entries[kind].mask;
    cpsr |= (sctlr & SCTLR_TE) != 0 ? CPSR_T : 0;
    cpsr |= (sctlr & SCTLR_EE) != 0 ? CPSR_E : 0;
    arm_set_cpsr(cpu, cpsr);
    cpu->r[14] = lr;
    cpu->spsr_now = spsr;
    cpu->v.pc = vector(cpu, kind);
}

void arm_deliver(Vcpu *v)
{
    ArmCpu *cpu = arm_cpu(v);
    const VcpuFault *f = &vcpu_cold(v)->fault;
    uint32_t psr = arm_cpsr(cpu), kind = f->kind;
    bool thumb = (psr & CPSR_T) != 0;

    g_assert(kind == ARM_EXC_UNDEF || kind == ARM_EXC_PABT || kind == ARM_EXC_DABT);
    if (kind == ARM_EXC_PABT) {
        cpu->cp15.ifsr = f->syndrome;
        cpu->cp15.ifar = f->address;
    } else if (kind == ARM_EXC_DABT) {
        cpu->cp15.dfsr = f->syndrome;
        cpu->cp15.dfar = f->address;
    }
    v->leave = LEAVE_NO;
    v->budget--;
    cpu->halted = 0;
    arm_enter(cpu, kind, v->pc + (thumb ? entries[kind].lr_thumb : entries[kind].lr_arm), psr);
}

/* B1.9.10, B1.9.12: FIQ before IRQ, IMPLEMENTATION DEFINED (B1.8.2) but what everyone does. */
bool arm_interrupt(Vcpu *v)
{
    ArmCpu *cpu = arm_cpu(v);
    unsigned kind;

    if ((cpu->irq_level & 1u << ARM_LINE_FIQ) != 0 && (cpu->cpsr & CPSR_F) == 0) {
        kind = ARM_EXC_FIQ;
    } else if ((cpu->irq_level & 1u << ARM_LINE_IRQ) != 0 && (cpu->cpsr & CPSR_I) == 0) {
        kind = ARM_EXC_IRQ;
    } else {
        return false;
    }
    v->budget--;
    cpu->halted = 0;
    arm_enter(cpu, kind, v->pc + 4, arm_cpsr(cpu));
    return true;
}

/* B1.8.13: WFI ends for an interrupt whatever CPSR masks. */
bool arm_wakes(const Vcpu *v)
{
    const ArmCpu *cpu = (const ArmCpu *)(const void *)v;

    return cpu->irq_level != 0 && cpu->power_off == 0;
}

void arm_set_irq(Vcpu *v, unsigned line, bool level)
{
    ArmCpu *cpu = arm_cpu(v);

    g_assert(line <= ARM_LINE_FIQ);
    cpu->irq_level = (cpu->irq_level & ~(1u << line)) | (uint32_t)level << line;
    v->attention = (v->attention & ~(uint32_t)(ATTN_IRQ | ATTN_FIQ)) | cpu->irq_level;
}
