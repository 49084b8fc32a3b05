/* SPDX-License-Identifier: MIT */
/* cpu_state.c - an ARM vCPU: made, reset, saved. */
#include <string.h>

#include "base/error.h"
#include "frontend/arm/arm_priv.h"

G_STATIC_ASSERT(sizeof(((ArmCpu *)0)->fp) == sizeof(((VcpuCold *)0)->fp));

/* clang-format off */
#define VAR(m)            STATE_VAR(ArmCpu, m)
#define VAR_MAX(m, limit) STATE_VAR_MAX(ArmCpu, m, limit)
#define ARRAY(m)          STATE_ARRAY(ArmCpu, m)
#define TIMER(i)          VAR(timer[i].cval), VAR_MAX(timer[i].ctl, 3), VAR_MAX(timer[i].zero, 0)

/* Every byte that the guest can see; tests/unit/test_arm_modes.c checks that none is left out. */
const StateField arm_fields[ARM_N_FIELDS] = {
    VAR(v.pc), VAR(v.mode), /* the mode word's IT and T count, the rest follows from other rows */
    ARRAY(r), VAR(flags), VAR_MAX(q, 1), VAR_MAX(ge, 15), VAR(exaddr), VAR(exstate), VAR(exvalue),
    VAR(cpsr), VAR(spsr_now), ARRAY(d), VAR(fpexc), VAR(fpscr), ARRAY(usr_r8), ARRAY(fiq_r8),
    ARRAY(sp), ARRAY(lr), ARRAY(spsr),
    VAR(cp15.ttbr0), VAR(cp15.ttbr1), VAR(cp15.par),
    VAR(cp15.sctlr), VAR(cp15.actlr), VAR(cp15.cpacr), VAR(cp15.ttbcr), VAR(cp15.dacr),
    VAR(cp15.dfsr), VAR(cp15.ifsr), VAR(cp15.dfar), VAR(cp15.ifar), VAR(cp15.adfsr),
    VAR(cp15.aifsr), VAR(cp15.prrr), VAR(cp15.nmrr), VAR(cp15.vbar), VAR(cp15.contextidr),
    VAR(cp15.tpidrurw), VAR(cp15.tpidruro), VAR(cp15.tpidrprw), VAR_MAX(cp15.csselr, 15),
    VAR(cp15.cntkctl), VAR(cp15.cntfrq),
    VAR(cp15.dbgdscr), VAR(cp15.dbgvcr), VAR(cp15.dbgoslock), VAR(cp15.dbgosdlr),
    ARRAY(cp15.dbgbvr), ARRAY(cp15.dbgbcr), ARRAY(cp15.dbgwvr), ARRAY(cp15.dbgwcr),
    VAR(cp15.pmcr), VAR(cp15.pmcntenset), VAR(cp15.pmuserenr), VAR(cp15.pmintenset),
    VAR_MAX(cp15.pmselr, 31), VAR(cp15.pmovsr), VAR_MAX(cp15.zero, 0), VAR(cp15.pmccntr),
    TIMER(ARM_TIMER_PHYS), TIMER(ARM_TIMER_VIRT), TIMER(ARM_TIMER_HYP), TIMER(ARM_TIMER_SEC),
    VAR(cntvoff), VAR_MAX(irq_level, 3), VAR_MAX(halted, 1), VAR_MAX(event, 1),
    VAR_MAX(power_off, 1), VAR_MAX(n_controls, ARM_CONTROLS), VAR_MAX(zero, 0), ARRAY(control),
    ARRAY(fp),
};
/* clang-format on */

ArmCpu *arm_new(const char *name, Phys *phys, Clock *clock, Log *log)
{
    const ArmModel *model = arm_model(name);
    ArmCpu *cpu;

    if (model == NULL) {
        return NULL;
    }
    g_assert(arm_fields[ARM_N_FIELDS - 1].name != NULL); /* one too few does not compile */
    cpu = arm_cpu(vcpu_new(sizeof(ArmCpu)));
    cpu->model = model;
    cpu->phys = phys;
    vcpu_cold(&cpu->v)->isa = &arm_isa;
    vcpu_cold(&cpu->v)->clock = clock;
    vcpu_cold(&cpu->v)->log = log;
    cpu->mmu = mmu_new(&cpu->v, phys, &arm_mmu_guest, log);
    arm_gtimer_init(cpu);
    arm_reset(&cpu->v);
    return cpu;
}

void arm_free(ArmCpu *cpu)
{
    if (cpu) {
        arm_gtimer_clear(cpu);
        mmu_free(cpu->mmu);
        vcpu_free(&cpu->v);
    }
}

/* What is not 0 after reset; UNKNOWN registers are 0. */
static void set_reset_values(ArmCpu *cpu)
{
    const ArmModel *m = cpu->model;

    cpu->cpsr = ARM_SVC | CPSR_A | CPSR_I | CPSR_F; /* B1.9.1, TakeReset() */
    cpu->flags = IR_FL_C;
    cpu->cp15.sctlr = m->sctlr;
    cpu->cp15.prrr = 0x00098aa4; /* DDI 0438I 4.3.47, DDI 0464F 4.3.50 */
    cpu->cp15.nmrr = 0x44e048e0;
    cpu->cp15.cntfrq = CNT_FREQUENCY_HZ; /* firmware's part: UNKNOWN at reset, B8.1.1 */
    cpu->cp15.pmcr = m->pmcr;
}

void arm_reset(Vcpu *v)
{
    ArmCpu *cpu = arm_cpu(v);
    uint32_t level = cpu->irq_level;

    for (unsigned i = 0; i < ARM_N_FIELDS; i++) {
        memset((char *)v + arm_fields[i].off, 0, state_bytes(&arm_fields[i]));
    }
    memset(vcpu_cold(v)->fp, 0, sizeof(vcpu_cold(v)->fp));
    vcpu_cold(v)->fp[1].flush_to_zero = 1; /* A2.7.1: the standard FPSCR value */
    vcpu_cold(v)->fp[1].default_nan = 1;
    v->attention &= ~(uint32_t)ATTN_HALT;
    cpu->irq_level = level; /* inputs: driven by others */
    set_reset_values(cpu);
    v->pc = (cpu->cp15.sctlr & SCTLR_V) != 0 ? 0xffff0000u : 0;
    mmu_flush_all(cpu->mmu);
    arm_update(cpu);
    arm_gtimer_settle(cpu);
}

void arm_settle(Vcpu *v)
{
    ArmCpu *cpu = arm_cpu(v);
    unsigned bank = arm_bank(arm_mode(cpu));
    FpEnv fp[2] = { vcpu_cold(v)->fp[0], vcpu_cold(v)->fp[1] };

    cpu->flags &= IR_FL_ALL;
    cpu->halted = (v->attention & ATTN_HALT) != 0;
    /* The bank that is in: its copies are stale. */
    cpu->sp[bank] = cpu->lr[bank] = cpu->spsr[bank] = 0;
    memset(bank == BANK_FIQ ? cpu->fiq_r8 : cpu->usr_r8, 0, sizeof(cpu->usr_r8));
    /* FPSCR has one set of flags: which environment holds one does not matter. */
    fp[0].flags |= fp[1].flags;
    fp[1].flags = 0;
    memcpy(cpu->fp, fp, sizeof(cpu->fp));
}

/* Whether @e is what arm guests can set: the rest is FP of other guests. */
static bool fp_is_sound(const FpEnv *e)
{
    return e->rounding <= FP_RZ && e->flush_to_zero <= FP_FLUSH_BOTH && e->default_nan <= 1
           && e->tininess_after == 0 && e->nan_rule == FP_NAN_SIGNALLING && e->alt_half <= 1
           && e->int_rule == FP_INT_SATURATE && e->slow == 0 && e->trap == 0
           && (e->flags & ~0x9fu) == 0;
}

static const char *unsound(const ArmCpu *cpu)
{
    FpEnv fp[2];

    memcpy(fp, cpu->fp, sizeof(fp));
    if (!arm_mode_exists(arm_mode(cpu))) {
        return "cpsr";
    }
    if ((cpu->v.mode & MODE_IT) != 0 && (cpu->v.mode & MODE_T) == 0) {
        return "mode";
    }
    if ((cpu->v.pc & ((cpu->v.mode & MODE_T) != 0 ? 1 : 3)) != 0) {
        return "pc";
    }
    if ((cpu->flags & ~(uint32_t)IR_FL_ALL) != 0) {
        return "flags";
    }
    return fp_is_sound(&fp[0]) && fp_is_sound(&fp[1]) ? NULL : "fp";
}

bool arm_sound(const Vcpu *live, const Vcpu *saved, GError **error)
{
    const char *what = unsound((const ArmCpu *)(const void *)saved);

    (void)live;
    if (what) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_RANGE, "cpu.%s is not a state of the CPU", what);
    }
    return what == NULL;
}

Event *arm_event(Vcpu *v, unsigned i)
{
    return i < ARM_N_TIMERS ? &arm_cpu(v)->timer_event[i] : NULL;
}

void arm_loaded(Vcpu *v)
{
    ArmCpu *cpu = arm_cpu(v);

    memcpy(vcpu_cold(v)->fp, cpu->fp, sizeof(cpu->fp));
    v->attention = (v->attention & ~(uint32_t)(ATTN_IRQ | ATTN_FIQ | ATTN_HALT)) | cpu->irq_level
                   | (cpu->halted != 0 ? ATTN_HALT : 0);
    arm_update(cpu);
    arm_gtimer_settle(cpu);
}
