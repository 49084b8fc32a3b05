/* SPDX-License-Identifier: MIT */
/* describe.c - registers as text. */
#include "frontend/arm/arm_priv.h"

static const char *mode_name(ArmMode m)
{
    switch (m) {
    case ARM_USR: return "usr";
    case ARM_FIQ: return "fiq";
    case ARM_IRQ: return "irq";
    case ARM_SVC: return "svc";
    case ARM_MON: return "mon";
    case ARM_ABT: return "abt";
    case ARM_HYP: return "hyp";
    case ARM_UND: return "und";
    case ARM_SYS: return "sys";
    }
    return "???";
}

static void describe_cp15(const ArmCp15 *c, GString *out)
{
    int digits = (c->ttbcr & TTBCR_EAE) != 0 ? 16 : 8;

    g_string_append_printf(out,
                           "SCTLR=%08x TTBCR=%08x TTBR0=%0*" G_GINT64_MODIFIER
                           "x TTBR1=%0*" G_GINT64_MODIFIER "x\n",
                           c->sctlr, c->ttbcr, digits, c->ttbr0, digits, c->ttbr1);
    g_string_append_printf(out, "DACR=%08x CONTEXTIDR=%08x VBAR=%08x CPACR=%08x\n", c->dacr,
                           c->contextidr, c->vbar, c->cpacr);
    g_string_append_printf(out, "DFSR=%08x DFAR=%08x IFSR=%08x IFAR=%08x\n", c->dfsr, c->dfar,
                           c->ifsr, c->ifar);
    g_string_append_printf(out, "TPIDRURW=%08x TPIDRURO=%08x TPIDRPRW=%08x\n", c->tpidrurw,
                           c->tpidruro, c->tpidrprw);
}

void arm_describe(Vcpu *v, GString *out)
{
    const ArmCpu *cpu = arm_cpu(v);
    uint32_t psr = arm_cpsr(cpu);
    unsigned bank = arm_bank(arm_mode(cpu));

    for (unsigned i = 0; i < 16; i++) {
        g_string_append_printf(out, "R%02u=%08x%c", i, i < 15 ? cpu->r[i] : v->pc,
                               i % 4 == 3 ? '\n' : ' ');
    }
    g_string_append_printf(out, "PSR=%08x %c%c%c%c %c %s32", psr, (psr & CPSR_N) != 0 ? 'N' : '-',
                           (psr & CPSR_Z) != 0 ? 'Z' : '-', (psr & CPSR_C) != 0 ? 'C' : '-',
                           (psr & CPSR_V) != 0 ? 'V' : '-', (psr & CPSR_T) != 0 ? 'T' : 'A',
                           mode_name(arm_mode(cpu)));
    if (bank != BANK_USR) {
        g_string_append_printf(out, " SPSR=%08x", cpu->spsr_now);
    }
    g_string_append_c(out, '\n');
    describe_cp15(&cpu->cp15, out);
}
