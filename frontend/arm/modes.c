/* SPDX-License-Identifier: MIT */
/* modes.c - CPSR, banked registers, and the mode word and view that follow from them. */
#include <string.h>

#include "frontend/arm/arm_priv.h"

/* Bits that ArmCpu.cpsr itself holds. */
#define CPSR_HELD ((uint32_t)(CPSR_M | CPSR_F | CPSR_I | CPSR_A | CPSR_E))

enum { REGIME_PL1 = VIEW_PRIVILEGED | 1, REGIME_PL0 = 2 };

unsigned arm_bank(ArmMode m)
{
    switch (m) {
    case ARM_SVC: return BANK_SVC;
    case ARM_ABT: return BANK_ABT;
    case ARM_UND: return BANK_UND;
    case ARM_IRQ: return BANK_IRQ;
    case ARM_FIQ: return BANK_FIQ;
    case ARM_MON: return BANK_MON;
    case ARM_HYP: return BANK_HYP;
    case ARM_USR:
    case ARM_SYS: break;
    }
    return BANK_USR;
}

bool arm_mode_exists(ArmMode m)
{
    return m == ARM_USR || m == ARM_SYS || (arm_bank(m) != BANK_USR && arm_bank(m) < BANK_MON);
}

uint32_t arm_nzcv(uint32_t flags)
{
    return (flags & IR_FL_S) << 24 | (flags & IR_FL_Z) << 24 | (~flags & IR_FL_C) << 21
           | (flags & IR_FL_O) << 12;
}

uint32_t arm_flags_of_psr(uint32_t psr)
{
    return (psr >> 24 & IR_FL_S) | (psr >> 24 & IR_FL_Z) | (~psr >> 21 & IR_FL_C)
           | (psr >> 12 & IR_FL_O);
}

uint32_t arm_cpsr(const ArmCpu *cpu)
{
    return arm_nzcv(cpu->flags) | (cpu->q & 1) << 27 | (cpu->ge & 0xf) << 16
           | (cpu->cpsr & CPSR_HELD) | arm_it_to_psr(cpu->v.mode >> MODE_IT_SHIFT & 0xff)
           | ((cpu->v.mode & MODE_T) != 0 ? CPSR_T : 0);
}

static void swap_fiq_bank(ArmCpu *cpu, uint32_t *out, const uint32_t *in)
{
    memcpy(out, &cpu->r[8], sizeof(cpu->usr_r8));
    memcpy(&cpu->r[8], in, sizeof(cpu->usr_r8));
}

static void switch_bank(ArmCpu *cpu, ArmMode from, ArmMode to)
{
    unsigned old = arm_bank(from), new = arm_bank(to);

    if (old == new) {
        return;
    }
    cpu->sp[old] = cpu->r[13];
    cpu->lr[old] = cpu->r[14];
    cpu->spsr[old] = cpu->spsr_now;
    cpu->r[13] = cpu->sp[new];
    cpu->r[14] = cpu->lr[new];
    cpu->spsr_now = cpu->spsr[new];
    if (new == BANK_FIQ) {
        swap_fiq_bank(cpu, cpu->usr_r8, cpu->fiq_r8);
    } else if (old == BANK_FIQ) {
        swap_fiq_bank(cpu, cpu->fiq_r8, cpu->usr_r8);
    }
}

uint32_t *arm_banked(ArmCpu *cpu, unsigned r, ArmMode m)
{
    unsigned now = arm_bank(arm_mode(cpu)), bank = arm_bank(m);

    if (r >= 13 && now != bank) {
        return r == 13 ? &cpu->sp[bank] : &cpu->lr[bank];
    }
    if (r >= 8 && r < 13 && (now == BANK_FIQ) != (bank == BANK_FIQ)) {
        return now == BANK_FIQ ? &cpu->usr_r8[r - 8] : &cpu->fiq_r8[r - 8];
    }
    return &cpu->r[r];
}

void arm_set_cpsr(ArmCpu *cpu, uint32_t value)
{
    ArmMode from = arm_mode(cpu), to = (ArmMode)(value & CPSR_M);

    if (!arm_mode_exists(to)) {
        /* B1.3.1: a reserved value in M is UNPREDICTABLE; the mode stays as it is. */
        log_msg(vcpu_cold(&cpu->v)->log, LOG_GUEST_ERRORS, "cpsr: mode %#x does not exist\n", to);
        to = from;
    }
    cpu->flags = arm_flags_of_psr(value);
    cpu->q = value >> 27 & 1;
    cpu->ge = value >> 16 & 0xf;
    cpu->cpsr = (value & CPSR_HELD & ~(uint32_t)CPSR_M) | to;
    cpu->v.mode &= ~(uint32_t)(MODE_IT | MODE_T);
    if ((value & CPSR_T) != 0) {
        cpu->v.mode |= MODE_T | arm_it_of_psr(value) << MODE_IT_SHIFT;
    }
    switch_bank(cpu, from, to);
    arm_update(cpu);
}

/* B1.11.1, B4.1.40: coprocessors 10 and 11 must agree; where they do not, the stricter counts. */
bool arm_fp_allowed(const ArmCpu *cpu)
{
    uint32_t access = cpu->cp15.cpacr >> 20 & cpu->cp15.cpacr >> 22 & 3;

    return access == 3 || (access == 1 && arm_privileged(cpu));
}

/* Whether data processing is not simply allowed: see arm_help_fp_check(). */
static bool fp_check(const ArmCpu *cpu)
{
    return (cpu->fpscr & 7u << 16) != 0 || (cpu->cp15.cpacr & CPACR_ASEDIS) != 0;
}

static uint32_t mode_word(const ArmCpu *cpu)
{
    uint32_t m = cpu->v.mode & (MODE_IT | MODE_T), sctlr = cpu->cp15.sctlr;

    m |= arm_privileged(cpu) ? MODE_PRIV : 0;
    m |= (cpu->cpsr & CPSR_E) != 0 ? MODE_E : 0;
    m |= (sctlr & SCTLR_A) != 0 ? MODE_ALIGN : 0;
    m |= (cpu->fpexc & FPEXC_EN) != 0 && arm_fp_allowed(cpu) ? MODE_FP : 0;
    m |= fp_check(cpu) ? MODE_FPCHECK : 0;
    m |= arm_bank(arm_mode(cpu)) != BANK_USR ? MODE_SVCLIKE : 0;
    m |= arm_mode(cpu) == ARM_FIQ ? MODE_FIQ : 0;
    m |= (sctlr & SCTLR_SW) != 0 ? MODE_SWP : 0;
    return m;
}

enum { CONTROL_LONG = 2 }; /* of a control word; else a bit of SCTLR that it does not hold */

/* All control state that changes what a descriptor means, in one number. Not TTBR0, TTBR1: software
 * that changes them, or the tables, maintains the TLB or changes the ASID (B3.10). Not MAIR0 and
 * MAIR1: there are no memory types. Long descriptors have no domains, and AFE counts as 1. */
static uint64_t control_word(const ArmCp15 *c)
{
    if ((c->sctlr & SCTLR_M) == 0) {
        return 0;
    }
    if ((c->ttbcr & TTBCR_EAE) != 0) {
        return (c->sctlr & (SCTLR_M | SCTLR_EE)) | CONTROL_LONG
               | (uint64_t)(c->ttbcr & TTBCR_LONG_MEANING) << 32;
    }
    return (c->sctlr & (SCTLR_M | SCTLR_EE | SCTLR_AFE)) | (c->ttbcr & TTBCR_SHORT) << 4
           | (uint64_t)c->dacr << 32;
}

/* Two control words used in turn, as DACR's by a kernel, have two ids and so two sets of views. */
static uint32_t control_id(ArmCpu *cpu)
{
    uint64_t word = control_word(&cpu->cp15);
    uint32_t i = 0;

    while (i < cpu->n_controls && cpu->control[i] != word) {
        i++;
    }
    if (i == ARM_CONTROLS) {
        mmu_flush_all(cpu->mmu);
        i = cpu->n_controls = 0;
        memset(cpu->control, 0, sizeof(cpu->control));
    }
    if (i == cpu->n_controls) {
        cpu->n_controls++;
        cpu->control[i] = word;
    }
    return i;
}

/* B3.9.1: with short descriptors CONTEXTIDR holds the ASID, with long ones the TTBR A1 names. */
static uint8_t asid(const ArmCp15 *c)
{
    if ((c->ttbcr & TTBCR_EAE) == 0) {
        return (uint8_t)c->contextidr;
    }
    return (uint8_t)(((c->ttbcr & TTBCR_A1) != 0 ? c->ttbr1 : c->ttbr0) >> 48);
}

ViewKey arm_view_key(ArmCpu *cpu, bool privileged)
{
    uint8_t regime = privileged ? REGIME_PL1 : REGIME_PL0;

    return view_key(regime, asid(&cpu->cp15), 0, control_id(cpu));
}

void arm_update(ArmCpu *cpu)
{
    ViewKey unpriv = arm_view_key(cpu, false), key = unpriv;

    if (arm_privileged(cpu)) {
        key.regime = REGIME_PL1;
    }
    cpu->v.mode = mode_word(cpu);
    mmu_select(cpu->mmu, key, unpriv, cpu->v.mode & ARM_LOOKUP_MODE);
}
