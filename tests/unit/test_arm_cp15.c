/* SPDX-License-Identifier: MIT */
/* test_arm_cp15.c - the table of system registers, access rights, values and effects. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/sys_rig.h"

static SysRig *rig;

static void set_up(void) { rig = sys_rig_new("cortex-a15"); }
static void tear_down(void) { sys_rig_free(rig); }

TestSuite(arm_cp15, .init = set_up, .fini = tear_down);

Test(arm_cp15, no_two_rows_have_one_encoding_and_each_is_found)
{
    for (unsigned i = 0; i < N_CP; i++) {
        const ArmCpReg *r = arm_cp_reg(i);

        cr_expect(eq(ptr, (void *)arm_cp_find(r->cp, r->opc1, r->crn, r->crm, r->opc2), (void *)r),
                  "%s", r->info.name);
        cr_expect(ne(chr, r->info.spec[0], '\0'), "%s", r->info.name);
    }
    cr_expect(eq(ptr, (void *)arm_cp_find(15, 0, 1, 1, 0), NULL), "no SCR: no Security Extensions");
    cr_expect(eq(ptr, (void *)arm_cp_find(15, 4, 1, 1, 0), NULL), "no HCR");
    cr_expect(eq(ptr, (void *)arm_cp_find(14, 6, 1, 0, 0), NULL), "no TEECR");
}

Test(arm_cp15, rows_agree_with_themselves)
{
    for (unsigned i = 0; i < N_CP; i++) {
        const ArmCpReg *r = arm_cp_reg(i);

        cr_expect(eq(int, (r->access.pl1 & CP_R) != 0, r->read.kind != CP_NONE), "%s",
                  r->info.name);
        cr_expect(eq(int, (r->access.pl1 & CP_W) != 0, r->write.kind != CP_NONE), "%s",
                  r->info.name);
        cr_expect(eq(u32, r->access.pl0 & ~r->access.pl1, 0), "%s", r->info.name);
        cr_expect(r->read.kind != CP_FN || r->read.fn != NULL, "%s", r->info.name);
        cr_expect(r->write.kind != CP_FN || r->write.fn != NULL, "%s", r->info.name);
        /* The inline forms are for unconditional storage: a row that moves must call out. */
        cr_expect(r->after == CP_AFTER_NEXT || r->write.kind == CP_FN, "%s", r->info.name);
        cr_expect(r->after != CP_AFTER_MOVES || r->access.pl0 == 0, "%s", r->info.name);
    }
}

/* DDI 0438I and DDI 0464F, tables 4-2, less what model.c says is not there. */
Test(arm_cp15, identification_is_the_processors_less_what_is_not_there)
{
    static const struct {
        unsigned reg;
        uint32_t a15, a7;
    } rows[] = {
        { CP_MIDR, 0x414fc0f0, 0x410fc075 },
        { CP_CTR, 0x8444c004, 0x84448003 },
        { CP_TCMTR, 0, 0 },
        { CP_TLBTR, 0, 0 },
        { CP_MIDR_4, 0x414fc0f0, 0x410fc075 },
        { CP_MPIDR, 0xc0000000, 0xc0000000 },
        { CP_REVIDR, 0, 0 },
        { CP_MIDR_7, 0x414fc0f0, 0x410fc075 },
        { CP_ID_PFR0, 0x00000131, 0x00000131 },
        { CP_ID_PFR1, 0x00010001, 0x00010001 },
        { CP_ID_DFR0, 0x02000005, 0x02000005 },
        { CP_ID_AFR0, 0, 0 },
        { CP_ID_MMFR0, 0x10201105, 0x10101105 },
        { CP_ID_MMFR1, 0x20000000, 0x40000000 },
        { CP_ID_MMFR2, 0x01240000, 0x01240000 },
        { CP_ID_MMFR3, 0x02102211, 0x02102211 },
        { CP_ID_ISAR0, 0x02101110, 0x02101110 },
        { CP_ID_ISAR1, 0x13112111, 0x13112111 },
        { CP_ID_ISAR2, 0x21232041, 0x21232041 },
        { CP_ID_ISAR3, 0x01112131, 0x01112131 },
        { CP_ID_ISAR4, 0x10010142, 0x10010142 },
        { CP_ID_ISAR5, 0, 0 },
        { CP_ID_RESERVED, 0, 0 },
        { CP_CLIDR, 0x0a200023, 0x0a200023 },
        { CP_AIDR, 0, 0 },
        { CP_SCTLR, 0x00c50078, 0x00c50878 },
        { CP_PMCR, 0x410f0000, 0x41070000 },
        { CP_DBGDIDR, 0x35158040, 0x35158005 },
        { CP_DBGDEVID, 0x00100000, 0x00100000 },
        { CP_JIDR, 0, 0 },
        { CP_CPACR, 0, 0 },
        { CP_VBAR, 0, 0 },
    };
    SysRig *a7 = sys_rig_new("cortex-a7");

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *name = arm_cp_reg(rows[i].reg)->info.name;

        cr_expect(eq(u32, (uint32_t)rig_cp_read(rig, rows[i].reg), rows[i].a15), "%s", name);
        cr_expect(eq(u32, (uint32_t)rig_cp_read(a7, rows[i].reg), rows[i].a7), "%s", name);
    }
    sys_rig_free(a7);
    cr_expect(eq(ptr, (void *)arm_cp_find(15, 0, 0, 5, 3), (void *)arm_cp_reg(CP_ID_RESERVED)));
}

/* B4.1.19: bytes of the cache that @ccsidr describes. */
static uint32_t cache_bytes(uint32_t ccsidr)
{
    return ((ccsidr >> 13 & 0x7fff) + 1) * ((ccsidr >> 3 & 0x3ff) + 1) * (16u << (ccsidr & 7));
}

/* One fact stated in two registers is the same fact. */
Test(arm_cp15, identification_agrees_with_itself)
{
    for (unsigned m = 0; arm_models()[m] != NULL; m++) {
        const ArmModel *a = arm_model(arm_models()[m]);

        cr_expect(eq(u32, a->dbgdidr >> 4 & 0xf, a->midr >> 20 & 0xf), "C11.11.15 Variant");
        cr_expect(eq(u32, a->dbgdidr & 0xf, a->midr & 0xf), "C11.11.15 Revision");
        cr_expect(eq(u32, (a->dbgdidr >> 24 & 0xf) + 1, ARM_BREAKPOINTS));
        cr_expect(eq(u32, (a->dbgdidr >> 28) + 1, ARM_WATCHPOINTS));
        cr_expect(eq(u32, a->pmcr >> 24, a->midr >> 24), "IMP");
        cr_expect(eq(u32, a->pmcr >> 16 & 0xff, a->midr >> 4 & 0xff), "IDCODE");
        cr_expect(eq(u32, a->fpsid >> 24, a->midr >> 24));
        cr_expect(eq(u32, a->ctr >> 16 & 0xf, (a->ccsidr[0] & 7) + 2), "DminLine");
        cr_expect(eq(u32, a->ctr & 0xf, (a->ccsidr[1] & 7) + 2), "IminLine");
        cr_expect(eq(u32, cache_bytes(a->ccsidr[0]), 32 << 10));
        cr_expect(eq(u32, cache_bytes(a->ccsidr[1]), 32 << 10));
        cr_expect(eq(u32, cache_bytes(a->ccsidr[2]), m == 0 ? 4 << 20 : 512 << 10));
    }
}

Test(arm_cp15, ccsidr_follows_csselr)
{
    static const uint32_t want[] = { 0x701fe00a, 0x201fe00a, 0x71ffe07a, 0, 0 };

    for (unsigned i = 0; i < G_N_ELEMENTS(want); i++) {
        rig_cp_write(rig, CP_CSSELR, i);
        cr_expect(eq(u32, (uint32_t)rig_cp_read(rig, CP_CCSIDR), want[i]));
    }
}

Test(arm_cp15, writes_keep_to_the_bits_that_exist)
{
    static const struct {
        unsigned reg;
        uint32_t value;
    } rows[] = {
        { CP_SCTLR, 0x72c53c7f }, { CP_CPACR, 0x80f00000 }, { CP_TTBCR, 0xbfc73f87 },
        { CP_DACR, 0xffffffff },  { CP_VBAR, 0xffffffe0 },  { CP_CNTKCTL, 0x3ff },
        { CP_CSSELR, 0xf },       { CP_FCSEIDR, 0 },        { CP_TPIDRPRW, 0xffffffff },
        { CP_PMSELR, 31 },        { CP_PMUSERENR, 1 },      { CP_PMCNTENSET, 0x80000000 },
        { CP_PMCR, 0x410f0039 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        rig_cp_write(rig, rows[i].reg, 0xffffffff);
        cr_expect(eq(u32, (uint32_t)rig_cp_read(rig, rows[i].reg), rows[i].value), "%s",
                  arm_cp_reg(rows[i].reg)->info.name);
    }
    rig_cp_write(rig, CP_TTBCR, 0x7fffffff);
    cr_expect(eq(u32, rig->cpu->cp15.ttbcr, 0x37), "without EAE");
    rig_cp_write(rig, CP_TTBR0_64, UINT64_MAX);
    cr_expect(eq(u64, rig_cp_read(rig, CP_TTBR0_64), 0x00ff00ffffffffff));
    rig_cp_write(rig, CP_TTBR1_64, UINT64_MAX);
    cr_expect(eq(u64, rig_cp_read(rig, CP_TTBR1_64), 0x00ff00ffffffffff));
    rig_cp_write(rig, CP_SCTLR, 0);
    cr_expect(eq(u32, rig->cpu->cp15.sctlr, 0x00c50078), "bits that read as one");
}

Test(arm_cp15, user_mode_reaches_what_the_manual_lets_it_reach)
{
    static const struct {
        unsigned reg, how;
        uint32_t kctl, pmuser;
        bool allowed;
    } rows[] = {
        { CP_TPIDRURW, CP_R, 0, 0, true },      { CP_TPIDRURW, CP_W, 0, 0, true },
        { CP_TPIDRURO, CP_R, 0, 0, true },      { CP_TPIDRURO, CP_W, 0, 0, false },
        { CP_TPIDRPRW, CP_R, 0, 0, false },     { CP_SCTLR, CP_R, 0, 0, false },
        { CP_CP15DMB, CP_W, 0, 0, true },       { CP_CNTVCT, CP_R, 0, 0, false },
        { CP_CNTVCT, CP_R, 2, 0, true },        { CP_CNTPCT, CP_R, 2, 0, false },
        { CP_CNTPCT, CP_R, 1, 0, true },        { CP_CNTFRQ, CP_R, 0, 0, false },
        { CP_CNTFRQ, CP_R, 1, 0, true },        { CP_CNTFRQ, CP_R, 2, 0, true },
        { CP_CNTFRQ, CP_W, 3, 0, false },       { CP_CNTV_CTL, CP_W, 0xff, 0, false },
        { CP_CNTV_CTL, CP_W, 0x100, 0, true },  { CP_CNTP_CTL, CP_W, 0x100, 0, false },
        { CP_CNTP_CVAL, CP_R, 0x200, 0, true }, { CP_PMCCNTR, CP_R, 0, 0, false },
        { CP_PMCCNTR, CP_R, 0, 1, true },       { CP_PMUSERENR, CP_R, 0, 0, true },
        { CP_PMUSERENR, CP_W, 0, 1, false },    { CP_PMINTENSET, CP_R, 0, 1, false },
    };

    arm_set_cpsr(rig->cpu, ARM_USR);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        rig->cpu->cp15.cntkctl = rows[i].kctl;
        rig->cpu->cp15.pmuserenr = rows[i].pmuser;
        cr_expect(eq(int, arm_cp_allowed(rig->cpu, arm_cp_reg(rows[i].reg), rows[i].how),
                     rows[i].allowed),
                  "row %u: %s", i, arm_cp_reg(rows[i].reg)->info.name);
    }
}

Test(arm_cp15, forbidden_and_unknown_registers_are_undefined)
{
    Vcpu *v = &rig->cpu->v;

    arm_set_cpsr(rig->cpu, ARM_USR);
    arm_help_cp_read(v, CP_CNTVCT, 0, 0);
    cr_expect(eq(u32, v->leave, LEAVE_FAULT));
    cr_expect(eq(u32, vcpu_cold(v)->fault.kind, ARM_EXC_UNDEF));
    v->leave = LEAVE_NO;
    arm_help_cp_write(v, 1, CP_CNTV_CTL, 0);
    cr_expect(eq(u32, v->leave, LEAVE_FAULT));
    cr_expect(eq(u32, rig->cpu->timer[ARM_TIMER_VIRT].ctl, 0));
    v->leave = LEAVE_NO;
    arm_help_cp_unknown(v, 0xee110f11, 0x1000, 0);
    cr_expect(eq(u32, v->leave, LEAVE_FAULT));
}

Test(arm_cp15, a_write_that_moves_goes_on_at_the_next_instruction)
{
    Vcpu *v = &rig->cpu->v;

    v->pc = 0;
    arm_help_cp_move(v, SCTLR_A | rig->cpu->cp15.sctlr, CP_SCTLR,
                     ir_pc(0x104, v->mode | MODE_T | 0x4 << MODE_IT_SHIFT));
    cr_expect(eq(u32, v->pc, 0x104));
    cr_expect(
        eq(u32, v->mode, MODE_PRIV | MODE_SVCLIKE | MODE_ALIGN | MODE_T | 0x4 << MODE_IT_SHIFT));
}

Test(arm_cp15, tlb_maintenance_drops_what_it_names)
{
    static const struct {
        unsigned reg;
        uint32_t value;
        unsigned walks; /* of 0x00100000 global, 0x00200000 ASID 1, seen after it */
    } rows[] = {
        { CP_TLBIALL, 0, 2 },           { CP_TLBIMVA, 0x00100001, 1 },
        { CP_TLBIMVA, 0x00100002, 1 },  { CP_TLBIMVA, 0x00200001, 1 },
        { CP_TLBIMVA, 0x00200002, 0 },  { CP_TLBIMVA, 0x002ff001, 1 },
        { CP_TLBIASID, 1, 1 },          { CP_TLBIASID, 2, 0 },
        { CP_TLBIMVAA, 0x00200000, 1 }, { CP_TLBIMVAAIS, 0x00300000, 0 },
    };
    Vcpu *v = &rig->cpu->v;

    rig_poke(rig, RIG_L1 + 4, 0x00100c02);
    rig_poke(rig, RIG_L1 + 8, 0x00220c02);
    rig_cp_write(rig, CP_CONTEXTIDR, 1);
    rig_mmu_on(rig, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t before;

        mmu_load(v, 0x00100000, MO_32);
        mmu_load(v, 0x00200000, MO_32);
        before = mmu_stats(rig->cpu->mmu)->walks;
        rig_cp_write(rig, rows[i].reg, rows[i].value);
        mmu_load(v, 0x00100000, MO_32);
        mmu_load(v, 0x00200000, MO_32);
        cr_expect(eq(u64, mmu_stats(rig->cpu->mmu)->walks - before, rows[i].walks), "row %u", i);
    }
}

Test(arm_cp15, address_translation_fills_par)
{
    rig_poke(rig, RIG_L1 + 4, 0xabc00402); /* PL1 only */
    rig_poke(rig, RIG_L1 + 8, 0xab540c02);
    rig_mmu_on(rig, 1);
    rig_cp_write(rig, CP_ATS1CPW, 0x00123456);
    cr_expect(eq(u32, (uint32_t)rig_cp_read(rig, CP_PAR), 0xabc23000));
    rig_cp_write(rig, CP_ATS1CUR, 0x00123456);
    cr_expect(eq(u32, (uint32_t)rig_cp_read(rig, CP_PAR), 0x0d << 1 | 1));
    rig_cp_write(rig, CP_ATS1CPR, 0x00223456);
    cr_expect(eq(u32, (uint32_t)rig_cp_read(rig, CP_PAR), 0xab050002), "supersection");
    rig_cp_write(rig, CP_ATS1CPR, 0x00323456);
    cr_expect(eq(u32, (uint32_t)rig_cp_read(rig, CP_PAR), 0x05 << 1 | 1));
}

Test(arm_cp15, cycle_counter_counts_what_retires_while_enabled)
{
    uint64_t *now = &vcpu_cold(&rig->cpu->v)->now_count;

    *now = 1000;
    rig_cp_write(rig, CP_PMCNTENSET, 0x80000000);
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMCCNTR), 0));
    rig_cp_write(rig, CP_PMCR, 1);
    *now = 1500;
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMCCNTR), 500));
    rig_cp_write(rig, CP_PMCCNTR, 0xfffffff0);
    *now = 1520;
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMCCNTR), 4));
    rig_cp_write(rig, CP_PMCNTENCLR, 0x80000000);
    *now = 9999;
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMCCNTR), 4));
    rig_cp_write(rig, CP_PMCNTENSET, 0x80000000);
    rig_cp_write(rig, CP_PMCR, 1 | 8 | 4);
    *now += 640;
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMCCNTR), 10), "divided by 64, from zero");
}

/* C12.4.2: set by an overflow whether the counter is watched or not, cleared by a write of one. */
Test(arm_cp15, an_overflow_of_the_cycle_counter_is_remembered)
{
    uint64_t *now = &vcpu_cold(&rig->cpu->v)->now_count;

    *now = 1000;
    rig_cp_write(rig, CP_PMCNTENSET, 0x80000000);
    rig_cp_write(rig, CP_PMCR, 1);
    rig_cp_write(rig, CP_PMCCNTR, 0xfffffff0);
    *now += 15;
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMOVSR), 0));
    *now += 1;
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMOVSR), 0x80000000));
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMCCNTR), 0));
    rig_cp_write(rig, CP_PMOVSR, 0x7fffffff);
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMOVSR), 0x80000000));
    rig_cp_write(rig, CP_PMOVSR, 0x80000000);
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMOVSR), 0));
    *now += 3 * ((uint64_t)1 << 32) + 7;
    rig_cp_write(rig, CP_PMCR, 1 | 4); /* the reset of the counter leaves the flag */
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMCCNTR), 0));
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMOVSR), 0x80000000));
    rig_cp_write(rig, CP_PMOVSR, 0xffffffff);
    rig_cp_write(rig, CP_PMCCNTR, 0xffffffff);
    rig_cp_write(rig, CP_PMCNTENCLR, 0x80000000);
    *now += 100;
    cr_expect(eq(u64, rig_cp_read(rig, CP_PMOVSR), 0), "it stands");
}

Test(arm_cp15, performance_monitors_are_open_to_user_mode_if_pmuserenr_says_so)
{
    static const unsigned open[] = { CP_PMCR,    CP_PMCNTENSET, CP_PMOVSR,    CP_PMSELR,
                                     CP_PMCEID0, CP_PMCCNTR,    CP_PMXEVTYPER };

    arm_set_cpsr(rig->cpu, ARM_USR);
    for (unsigned en = 0; en < 2; en++) {
        rig_cp_write(rig, CP_PMUSERENR, en);
        for (unsigned i = 0; i < G_N_ELEMENTS(open); i++) {
            cr_expect(eq(int, arm_cp_allowed(rig->cpu, arm_cp_reg(open[i]), CP_R), (int)en), "%s",
                      arm_cp_reg(open[i])->info.name);
        }
        cr_expect(arm_cp_allowed(rig->cpu, arm_cp_reg(CP_PMUSERENR), CP_R));
        cr_expect(not(arm_cp_allowed(rig->cpu, arm_cp_reg(CP_PMUSERENR), CP_W)));
        cr_expect(not(arm_cp_allowed(rig->cpu, arm_cp_reg(CP_PMINTENSET), CP_R)));
    }
}

Test(arm_cp15, isr_shows_inputs_and_the_os_lock_its_state)
{
    arm_set_irq(&rig->cpu->v, ARM_LINE_IRQ, true);
    cr_expect(eq(u64, rig_cp_read(rig, CP_ISR), 0x80));
    arm_set_irq(&rig->cpu->v, ARM_LINE_FIQ, true);
    cr_expect(eq(u64, rig_cp_read(rig, CP_ISR), 0xc0));
    rig_cp_write(rig, CP_DBGOSLAR, 0xc5acce55);
    cr_expect(eq(u64, rig_cp_read(rig, CP_DBGOSLSR), 0xa));
    rig_cp_write(rig, CP_DBGOSLAR, 0);
    cr_expect(eq(u64, rig_cp_read(rig, CP_DBGOSLSR), 8));
}
