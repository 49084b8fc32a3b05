/* SPDX-License-Identifier: MIT */
/* cpu_state.c - a MIPS vCPU: made, reset, saved. */
#include <string.h>

#include "base/error.h"
#include "frontend/mips/cp0_priv.h"

G_STATIC_ASSERT(sizeof(((MipsCpu *)0)->fp) == sizeof(((VcpuCold *)0)->fp));

/* clang-format off */
#define VAR(m)            STATE_VAR(MipsCpu, m)
#define VAR_MAX(m, limit) STATE_VAR_MAX(MipsCpu, m, limit)
#define ARRAY(m)          STATE_ARRAY(MipsCpu, m)

/* Every byte that the guest can see; tests/unit/test_mips_state.c checks that none is left out. */
const StateField mips_fields[MIPS_N_FIELDS] = {
    VAR(v.pc), VAR(v.mode), /* the mode word's ISA and SLOT bits count, the rest follows */
    ARRAY(r), ARRAY(lo), ARRAY(hi), VAR(btarget), VAR_MAX(llbit, 1), VAR(llva), VAR(fcsr),
    ARRAY(fcc), VAR(fp_op), VAR(fp_a), VAR(fp_b), VAR(fp_c),
    VAR_MAX(zero, 0), VAR(dspcontrol), VAR_MAX(irq_level, 63), VAR_MAX(halted, 1),
    VAR_MAX(big_endian, 1), ARRAY(fpr),
    VAR(cp0.index), VAR_MAX(cp0.random, MIPS_TLB_MAX - 1), VAR(cp0.entrylo0), VAR(cp0.entrylo1),
    VAR(cp0.context), VAR(cp0.userlocal), VAR(cp0.pagemask), VAR_MAX(cp0.wired, MIPS_TLB_MAX - 1),
    VAR(cp0.hwrena), VAR(cp0.badvaddr), VAR(cp0.count), VAR(cp0.entryhi), VAR(cp0.compare),
    VAR(cp0.status), VAR(cp0.intctl), VAR(cp0.srsctl), VAR(cp0.srsmap), VAR(cp0.cause),
    VAR(cp0.epc), VAR(cp0.prid), VAR(cp0.ebase), VAR(cp0.config), VAR(cp0.config1),
    VAR(cp0.config2), VAR(cp0.config3), VAR(cp0.config7), VAR(cp0.lladdr), VAR(cp0.debug),
    VAR(cp0.depc), VAR(cp0.errctl), VAR(cp0.cacheerr), VAR(cp0.taglo), VAR(cp0.datalo),
    VAR(cp0.dtaglo), VAR(cp0.ddatalo), VAR(cp0.datahi), VAR(cp0.errorepc), VAR(cp0.desave),
    ARRAY(cp0.watchlo), ARRAY(cp0.watchhi),
    ARRAY(tlb.hi), ARRAY(tlb.mask), ARRAY(tlb.lo0), ARRAY(tlb.lo1),
    VAR_MAX(shadow_next, MIPS_SHADOW_WAYS - 1), VAR_MAX(n_shadows, MIPS_SHADOWS),
    ARRAY(fp), ARRAY(shadow.hi), ARRAY(shadow.lo0), ARRAY(shadow.lo1),
};
/* clang-format on */

MipsCpu *mips_new(const char *name, bool big_endian, Phys *phys, Clock *clock, Log *log)
{
    const MipsModel *model = mips_model(name);
    MipsCpu *cpu;

    if (model == NULL) {
        return NULL;
    }
    g_assert(mips_fields[MIPS_N_FIELDS - 1].name != NULL); /* one too few does not compile */
    cpu = mips_cpu(vcpu_new(sizeof(MipsCpu)));
    cpu->model = model;
    cpu->features = model->features;
    cpu->big_endian = big_endian;
    cpu->phys = phys;
    vcpu_cold(&cpu->v)->isa = &mips_isa;
    vcpu_cold(&cpu->v)->clock = clock;
    vcpu_cold(&cpu->v)->log = log;
    cpu->mmu = mmu_new(&cpu->v, phys, &mips_mmu_guest, log);
    mips_timer_init(cpu);
    mips_reset(&cpu->v);
    return cpu;
}

void mips_free(MipsCpu *cpu)
{
    if (cpu) {
        mips_timer_clear(cpu);
        mmu_free(cpu->mmu);
        vcpu_free(&cpu->v);
    }
}

/* MD00090 6.2.2, Reset exception */
void mips_reset(Vcpu *v)
{
    MipsCpu *cpu = mips_cpu(v);
    uint32_t level = cpu->irq_level, big_endian = cpu->big_endian;

    for (unsigned i = 0; i < MIPS_N_FIELDS; i++) {
        memset((char *)v + mips_fields[i].off, 0, state_bytes(&mips_fields[i]));
    }
    memset(vcpu_cold(v)->fp, 0, sizeof(vcpu_cold(v)->fp));
    v->attention &= ~(uint32_t)ATTN_HALT;
    cpu->irq_level = level; /* inputs: driven by others */
    cpu->big_endian = big_endian;
    mips_cp0_reset(cpu);
    mips_set_fcsr(cpu, 0);
    mips_tlb_reset(cpu);
    v->pc = 0xbfc00000u;
    mmu_flush_all(cpu->mmu);
    mips_update(cpu);
    mips_timer_settle(cpu);
}

void mips_settle(Vcpu *v)
{
    MipsCpu *cpu = mips_cpu(v);

    cpu->halted = (v->attention & ATTN_HALT) != 0;
    if ((v->mode & (MIPS_MODE_SLOT | MIPS_MODE_SLOT_ON)) != MIPS_MODE_SLOT) {
        cpu->btarget = 0; /* of a branch that is done */
    }
    mips_fpu_settle(cpu);
    memcpy(cpu->fp, vcpu_cold(v)->fp, sizeof(cpu->fp));
}

/* The SLOT bits that mips_branch() makes. */
static bool mode_is_sound(uint32_t mode)
{
    uint32_t wants = mode & (MIPS_MODE_SLOT_OF_2 | MIPS_MODE_SLOT_OF_4 | MIPS_MODE_SLOT_ON);

    return ((mode & MIPS_MODE_SLOTS) == 0 || (mode & MIPS_MODE_SLOT) != 0)
           && (wants & (wants - 1)) == 0;
}

/* @cpu is nothing but fields. */
static const char *unsound(const MipsCpu *cpu, const MipsModel *model)
{
    if (!mode_is_sound(cpu->v.mode)) {
        return "mode";
    }
    if (cpu->r[0] != 0) {
        return "r";
    }
    if (!mips_fpu_is_sound(cpu)) {
        return "fcsr";
    }
    return mips_tlb_is_sound(cpu, model) ? NULL : "tlb";
}

bool mips_sound(const Vcpu *live, const Vcpu *saved, GError **error)
{
    const MipsCpu *cpu = (const MipsCpu *)(const void *)live;
    const char *what = unsound((const MipsCpu *)(const void *)saved, cpu->model);

    if (what) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_RANGE, "cpu.%s is not a state of the CPU", what);
    }
    return what == NULL;
}

Event *mips_event(Vcpu *v, unsigned i) { return i == 0 ? &mips_cpu(v)->timer_event : NULL; }

void mips_loaded(Vcpu *v)
{
    MipsCpu *cpu = mips_cpu(v);

    memcpy(vcpu_cold(v)->fp, cpu->fp, sizeof(cpu->fp));
    v->attention = (v->attention & ~(uint32_t)ATTN_HALT) | (cpu->halted != 0 ? ATTN_HALT : 0);
    mips_update(cpu);
    mips_timer_settle(cpu);
}
