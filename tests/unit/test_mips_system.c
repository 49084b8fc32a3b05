/* SPDX-License-Identifier: MIT */
/* test_mips_system.c - exceptions, delay slots, interrupts, coprocessor 0, on both hosts. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/cp0_priv.h"
#include "tests/rig/mips_rig.h"

/* MD00086: words of instructions with their fields in place. */
enum {
    NOP = 0,
    ADDIU_6 = 0x24c60001, /* addiu r6, r6, 1 */
    J_FAR = 0x10000020,   /* beq r0, r0, 0x84 on */
    SYSCALL = 0x0000000c,
    BREAK = 0x0000000d,
    ADD_OV = 0x00842020,
    /* add r4, r4, r4 */ /* lw r5, 0(r4) */
    ERET = 0x42000018,
    WAIT = 0x42000020,
    EI = 0x41646020, /* ei r4 */
    DI = 0x41646000,
    SDBBP = 0x7000003f,
    DERET = 0x4200001f,
};
#define LW_4 0x8c850000u
#define SW_4 0xac850000u
#define LWL_4 0x88850000u /* lwl r5, 0(r4) */
#define LL_4 0xc0850000u
#define SC_4 0xe0850000u

enum { CODE = MIPS_CODE, USER = STATUS_UM };

static MipsRig *both[2];

static void set_up(void)
{
    both[0] = mips_rig_new(&interp_host, "24Kc", false);
    both[1] = mips_rig_new(&x64_host, "24Kc", false);
}

static void tear_down(void)
{
    mips_rig_free(both[0]);
    mips_rig_free(both[1]);
}

TestSuite(mips_system, .init = set_up, .fini = tear_down);

static uint32_t mfc0(unsigned t, unsigned number, unsigned sel)
{
    return 0x40000000 | t << 16 | number << 11 | sel;
}
static uint32_t mtc0(unsigned t, unsigned number, unsigned sel)
{
    return 0x40800000 | t << 16 | number << 11 | sel;
}

/* Code at kseg0, in Kernel Mode. */
static void start(MipsRig *rig, uint32_t status, const uint32_t *code, unsigned n)
{
    mips_rig_code(rig, CODE, code, n);
    mips_rig_start(rig, status, KSEG0_OF(CODE));
}

static unsigned code_of(const MipsCpu *cpu) { return cpu->cp0.cause >> 2 & 31; }
static bool in_slot(const MipsCpu *cpu) { return (cpu->cp0.cause & CAUSE_BD) != 0; }

typedef struct Raise {
    const char *why;
    uint32_t word, r4;
    unsigned code;
    Gva badvaddr; /* 0: not set */
    unsigned vector;
} Raise;

static const Raise raises[] = {
    { "system call", SYSCALL, 0, MIPS_EXC_SYS, 0, 0x180 },
    { "breakpoint", BREAK, 0, MIPS_EXC_BP, 0, 0x180 },
    { "trap", 0x00000034, 0, MIPS_EXC_TR, 0, 0x180 },
    { "overflow", ADD_OV, 0x7fffffff, MIPS_EXC_OV, 0, 0x180 },
    { "reserved", 0x00000005, 0, MIPS_EXC_RI, 0, 0x180 },
    { "MIPS64", 0xdc850000, 0, MIPS_EXC_RI, 0, 0x180 },
    { "coprocessor 2", 0x48000000, 0, MIPS_EXC_CPU, 0, 0x180 },
    { "misaligned load", LW_4, 0x80020002, MIPS_EXC_ADEL, 0x80020002, 0x180 },
    { "misaligned store", SW_4, 0x80020001, MIPS_EXC_ADES, 0x80020001, 0x180 },
    { "load without entry", LW_4, 0x00400004, MIPS_EXC_TLBL, 0x00400004, 0 },
    { "store without entry", SW_4, 0xc0400004, MIPS_EXC_TLBS, 0xc0400004, 0 },
    { "LWL without entry", LWL_4, 0x00400007, MIPS_EXC_TLBL, 0x00400007, 0 },
    { "SWL without entry", 0xa8850000, 0x00400006, MIPS_EXC_TLBS, 0x00400006, 0 },
    { "load of an invalid page", LW_4, 0x00600004, MIPS_EXC_TLBL, 0x00600004, 0x180 },
    { "store to a clean page", SW_4, 0x00601000, MIPS_EXC_MOD, 0x00601000, 0x180 },
    { "SWR to a clean page", 0xb8850000, 0x00601003, MIPS_EXC_MOD, 0x00601003, 0x180 },
    { "bus error", LW_4, 0xa7000000, MIPS_EXC_DBE, 0, 0x180 },
};

static void map_some(MipsRig *rig)
{
    rig->cpu->tlb.hi[0] = 0x00600000;
    rig->cpu->tlb.lo0[0] = 0;
    rig->cpu->tlb.lo1[0] = (MIPS_DATA >> 12) << 6 | ENTRYLO_V;
}

static void check_raise(MipsRig *rig, const Raise *c, bool slot)
{
    const uint32_t code[] = { slot ? (uint32_t)J_FAR : NOP, c->word, NOP };
    MipsCpu *cpu = rig->cpu;
    uint64_t before;

    map_some(rig);
    start(rig, 0, code, 3);
    cpu->cp0.badvaddr = 0;
    cpu->r[4] = c->r4;
    before = vcpu_retired(&cpu->v);
    mips_rig_run(rig, 2);
    cr_expect(eq(u64, vcpu_retired(&cpu->v), before + 2), "%s", c->why);
    cr_expect(eq(u32, code_of(cpu), c->code), "%s", c->why);
    cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE) + (slot ? 0 : 4)), "%s", c->why);
    cr_expect(eq(int, in_slot(cpu), slot), "%s", c->why);
    cr_expect(eq(u32, cpu->cp0.badvaddr, c->badvaddr), "%s", c->why);
    cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(MIPS_PAGE) + c->vector), "%s", c->why);
    cr_expect(eq(u32, cpu->cp0.status & STATUS_EXL, STATUS_EXL), "%s", c->why);
    cr_expect(eq(u32, cpu->v.mode & MIPS_MODE_SLOTS, 0), "%s", c->why);
    if (c->code <= MIPS_EXC_TLBS) {
        cr_expect(eq(u32, cpu->cp0.entryhi, c->badvaddr & 0xffffe000), "%s", c->why);
        cr_expect(eq(u32, cpu->cp0.context, c->badvaddr >> 13 << 4), "%s", c->why);
    }
}

Test(mips_system, exceptions_say_where_why_and_in_a_delay_slot_that_they_are)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(raises); i++) {
        for (unsigned k = 0; k < 4; k++) {
            check_raise(both[k / 2], &raises[i], k % 2 != 0);
        }
    }
}

Test(mips_system, a_nested_exception_keeps_epc_and_goes_to_the_general_vector)
{
    static const uint32_t code[] = { LW_4, NOP };

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        start(both[k], STATUS_EXL, code, 2);
        cpu->cp0.epc = 0x1234;
        cpu->r[4] = 0x00800000;
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->cp0.epc, 0x1234));
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(MIPS_PAGE) + 0x180));
        cr_expect(eq(u32, cpu->cp0.badvaddr, 0x00800000));
    }
}

Test(mips_system, bev_and_ebase_say_where_vectors_are)
{
    static const uint32_t code[] = { SYSCALL, NOP };
    MipsCpu *cpu = both[0]->cpu;

    start(both[0], STATUS_BEV, code, 2);
    mips_rig_run(both[0], 1);
    cr_expect(eq(u32, cpu->v.pc, 0xbfc00380));
    start(both[0], 0, code, 2);
    cpu->cp0.ebase = 0x80123000;
    mips_rig_run(both[0], 1);
    cr_expect(eq(u32, cpu->v.pc, 0x80123180));
}

Test(mips_system, a_branch_whose_slot_is_reached_alone_goes_where_it_should)
{
    static const uint32_t taken[] = { J_FAR, ADDIU_6, NOP };
    static const uint32_t not_taken[] = { 0x14000020, ADDIU_6, NOP }; /* bne r0, r0 */
    static const uint32_t jr[] = { 0x00800008, ADDIU_6, NOP };        /* jr r4 */

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        start(both[k], 0, taken, 3);
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE) + 4));
        cr_expect(eq(u32, cpu->v.mode & MIPS_MODE_SLOTS, MIPS_MODE_SLOT));
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE) + 0x84));
        start(both[k], 0, not_taken, 3);
        mips_rig_run(both[k], 1);
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE) + 8));
        start(both[k], 0, jr, 3);
        cpu->r[4] = KSEG0_OF(CODE) + 0x40;
        mips_rig_run(both[k], 1);
        cpu->r[4] = 0; /* what it was when the jump was executed counts */
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE) + 0x40));
        cr_expect(eq(u32, cpu->v.mode & MIPS_MODE_SLOTS, 0));
    }
}

/* The branch is the last word of a page, its slot the first of the next. */
Test(mips_system, a_slot_may_be_on_the_next_page)
{
    static const uint32_t code[] = { J_FAR, ADDIU_6 };
    const Gpa at = MIPS_PAGE + 0xffc;

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        mips_rig_code(both[k], at, code, 2);
        mips_rig_start(both[k], 0, KSEG0_OF(at));
        cpu->r[6] = 0;
        mips_rig_run(both[k], 2);
        cr_expect(eq(u32, cpu->r[6], 1));
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(at) + 0x84));
    }
}

/* A store in a slot into the code that runs: the unit is left, and the slot executed by itself. */
Test(mips_system, a_slot_may_overwrite_code)
{
    static const uint32_t code[] = { J_FAR, SW_4, ADDIU_6, NOP };

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;
        uint64_t before;

        start(both[k], 0, code, 4);
        cpu->r[4] = KSEG0_OF(CODE) + 8;
        cpu->r[5] = 0x11111111;
        before = vcpu_retired(&cpu->v);
        mips_rig_run(both[k], 2);
        cr_expect(eq(u64, vcpu_retired(&cpu->v), before + 2));
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE) + 0x84));
        cr_expect(eq(u32, *(uint32_t *)(void *)(both[k]->code + 0x408), 0x11111111));
    }
}

Test(mips_system, a_branch_in_a_slot_is_reserved)
{
    static const uint32_t code[] = { J_FAR, J_FAR };

    for (unsigned k = 0; k < 2; k++) {
        start(both[k], 0, code, 2);
        mips_rig_run(both[k], 2);
        cr_expect(eq(u32, code_of(both[k]->cpu), MIPS_EXC_RI));
        cr_expect(in_slot(both[k]->cpu));
    }
}

Test(mips_system, system_instructions_work_in_slots)
{
    const uint32_t code[] = { J_FAR, mtc0(4, 12, 0), NOP };

    for (unsigned k = 0; k < 2; k++) {
        start(both[k], 0, code, 3);
        both[k]->cpu->r[4] = 0x0000ff00;
        mips_rig_run(both[k], 2);
        cr_expect(eq(u32, both[k]->cpu->cp0.status, 0xff00));
        cr_expect(eq(u32, both[k]->cpu->v.pc, KSEG0_OF(CODE) + 0x84));
    }
}

/* ---- interrupts ---- */

static void take_irq(MipsRig *rig)
{
    rig->cpu->v.pc = KSEG0_OF(CODE);
    mips_interrupt(&rig->cpu->v);
}

Test(mips_system, an_interrupt_is_taken_if_ie_im_exl_erl_allow)
{
    static const struct {
        uint32_t status;
        bool taken;
    } rows[] = {
        { STATUS_IE | 1u << 10, true },
        { STATUS_IE | 1u << 11, false },
        { 1u << 10, false },
        { STATUS_IE | STATUS_EXL | 1u << 10, false },
        { STATUS_IE | STATUS_ERL | 1u << 10, false },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        MipsCpu *cpu = both[0]->cpu;

        mips_set_irq(&cpu->v, 0, true);
        mips_rig_start(both[0], rows[i].status, KSEG0_OF(CODE));
        cr_expect(eq(int, mips_interrupt(&cpu->v), rows[i].taken), "%u", i);
        if (rows[i].taken) {
            cr_expect(eq(u32, code_of(cpu), MIPS_EXC_INT));
            cr_expect(eq(u32, mips_cause(cpu) & 0xff00, 1u << 10));
            cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE)));
        }
    }
}

Test(mips_system, iv_and_intctl_spread_interrupts)
{
    MipsCpu *cpu = both[0]->cpu;

    mips_rig_start(both[0], STATUS_IE | 0xff00, KSEG0_OF(CODE));
    mips_set_irq(&cpu->v, 3, true);
    take_irq(both[0]);
    cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(MIPS_PAGE) + 0x180));
    mips_rig_start(both[0], STATUS_IE | 0xff00, KSEG0_OF(CODE));
    cpu->cp0.cause |= CAUSE_IV;
    take_irq(both[0]);
    cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(MIPS_PAGE) + 0x200));
    mips_rig_start(both[0], STATUS_IE | 0xff00, KSEG0_OF(CODE));
    cpu->cp0.intctl |= 1 << 5;
    take_irq(both[0]);
    cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(MIPS_PAGE) + 0x200 + 5 * 0x20));
    mips_rig_start(both[0], STATUS_BEV | STATUS_IE | 0xff00, KSEG0_OF(CODE));
    take_irq(both[0]);
    cr_expect(eq(u32, cpu->v.pc, 0xbfc00400));
}

Test(mips_system, an_interrupt_between_branch_and_slot_restarts_the_branch)
{
    static const uint32_t code[] = { J_FAR, ADDIU_6 };
    MipsCpu *cpu = both[1]->cpu;

    start(both[1], STATUS_IE | 1u << 8, code, 2);
    mips_rig_run(both[1], 1);
    cpu->cp0.cause |= 1u << 8;
    mips_update_irq(cpu);
    cr_expect(mips_interrupt(&cpu->v));
    cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE)));
    cr_expect(in_slot(cpu));
}

Test(mips_system, count_meets_compare_and_compare_clears_the_interrupt)
{
    MipsRig *rig = both[0];
    MipsCpu *cpu = rig->cpu;

    mips_cp0_write(cpu, mips_cp0_reg(CP0_Count), 1000);
    mips_cp0_write(cpu, mips_cp0_reg(CP0_Compare), 1016); /* 16 ticks: 100 ns */
    rig->now_ns = 99;
    clock_fire_due(&rig->clock, rig->now_ns);
    cr_expect(eq(u32, mips_cause(cpu) & CAUSE_TI, 0));
    rig->now_ns = 100;
    clock_fire_due(&rig->clock, rig->now_ns);
    cr_expect(eq(u32, mips_count_read(cpu), 1016));
    cr_expect(ne(u32, mips_cause(cpu) & CAUSE_TI, 0));
    cr_expect(ne(u32, mips_cause(cpu) & 1u << 15, 0));
    mips_cp0_write(cpu, mips_cp0_reg(CP0_Compare), 0);
    cr_expect(eq(u32, mips_cause(cpu) & (CAUSE_TI | 1u << 15), 0));
    mips_cp0_write(cpu, mips_cp0_reg(CP0_Cause), CAUSE_DC);
    rig->now_ns = 1000;
    cr_expect(eq(u32, mips_count_read(cpu), 1016), "Cause.DC stops it");
    mips_cp0_write(cpu, mips_cp0_reg(CP0_Cause), 0);
    rig->now_ns = 1100;
    cr_expect(eq(u32, mips_count_read(cpu), 1032));
}

Test(mips_system, wait_halts_until_an_interrupt_that_im_allows)
{
    static const uint32_t code[] = { WAIT, NOP };
    MipsCpu *cpu = both[1]->cpu;

    start(both[1], 1u << 10, code, 2);
    vcpu_set_limit(&cpu->v, vcpu_retired(&cpu->v) + 100);
    tr_run(both[1]->tr, &cpu->v, true);
    cr_expect(ne(u32, cpu->v.attention & ATTN_HALT, 0));
    cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE) + 4));
    cr_expect(not(mips_wakes(&cpu->v)));
    mips_set_irq(&cpu->v, 1, true);
    cr_expect(not(mips_wakes(&cpu->v)));
    mips_set_irq(&cpu->v, 0, true);
    cr_expect(mips_wakes(&cpu->v));
}

Test(mips_system, ei_and_di_give_the_old_status)
{
    static const uint32_t code[] = { EI, DI, NOP };

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        start(both[k], 0x400, code, 3);
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->r[4], 0x400));
        cr_expect(eq(u32, cpu->cp0.status, 0x401));
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->r[4], 0x401));
        cr_expect(eq(u32, cpu->cp0.status, 0x400));
    }
}

Test(mips_system, eret_leaves_the_error_level_first)
{
    static const uint32_t code[] = { ERET, NOP };

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        start(both[k], STATUS_ERL | STATUS_EXL | USER, code, 2);
        cpu->cp0.epc = 0x00400000;
        cpu->cp0.errorepc = KSEG0_OF(CODE);
        cpu->llbit = 1;
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE)));
        cr_expect(eq(u32, cpu->cp0.status, STATUS_EXL | USER));
        cr_expect(eq(u32, cpu->llbit, 0));
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->v.pc, 0x00400000));
        cr_expect(eq(u32, cpu->v.mode & MIPS_MODE_PRIV, 0));
    }
}

Test(mips_system, a_return_to_a_misaligned_address_is_an_address_error)
{
    static const uint32_t code[] = { ERET, NOP };

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        start(both[k], STATUS_EXL, code, 2);
        cpu->cp0.epc = KSEG0_OF(CODE) + 2;
        mips_rig_run(both[k], 2);
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_ADEL));
        cr_expect(eq(u32, cpu->cp0.badvaddr, KSEG0_OF(CODE) + 2));
        cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE) + 2));
    }
}

Test(mips_system, sc_stores_only_behind_its_ll)
{
    static const uint32_t code[] = { LL_4, ADDIU_6, SC_4, NOP };

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        start(both[k], 0, code, 4);
        cpu->r[4] = KSEG0_OF(MIPS_DATA);
        mips_rig_set_word(both[k], MIPS_DATA, 77);
        mips_rig_run(both[k], 2);
        cr_expect(eq(u32, cpu->r[5], 77));
        cpu->r[5] = 78;
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->r[5], 1));
        cr_expect(eq(u32, mips_rig_word(both[k], MIPS_DATA), 78));
        cpu->v.pc = KSEG0_OF(CODE) + 8;
        cpu->r[5] = 79;
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, cpu->r[5], 0));
        cr_expect(eq(u32, mips_rig_word(both[k], MIPS_DATA), 78));
    }
}

/* MD00047: to Debug Mode and back. */
Test(mips_system, sdbbp_enters_debug_mode_and_deret_leaves_it)
{
    static const uint32_t code[] = { J_FAR, SDBBP };
    MipsCpu *cpu = both[1]->cpu;

    start(both[1], USER | STATUS_EXL, code, 2);
    mips_rig_run(both[1], 2);
    cr_expect(eq(u32, cpu->v.pc, 0xbfc00480));
    cr_expect(eq(u32, cpu->cp0.depc, KSEG0_OF(CODE)));
    cr_expect(ne(u32, cpu->cp0.debug & DEBUG_DM, 0));
    cr_expect(ne(u32, cpu->cp0.debug & DEBUG_DBD, 0));
    cr_expect(ne(u32, cpu->cp0.debug & DEBUG_DBP, 0));
    mips_rig_code(both[1], CODE, (const uint32_t[]){ DERET, mtc0(4, 23, 0), mfc0(5, 23, 0) }, 3);
    cpu->v.pc = KSEG0_OF(CODE) + 4;
    cpu->r[4] = 0xfdffffff;
    mips_rig_run(both[1], 2);
    cr_expect(eq(u32, cpu->r[5], 0xc2008202), "DBD, DM, CountDM, version 1, NoSSt, DBp; no SSt");
    cpu->v.pc = KSEG0_OF(CODE);
    mips_rig_run(both[1], 1);
    cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE)));
    cr_expect(eq(u32, cpu->cp0.debug & DEBUG_DM, 0));
    mips_rig_run(both[1], 1);
    cr_expect(eq(u32, code_of(cpu), MIPS_EXC_RI), "outside Debug Mode it is reserved");
}

/* ---- user mode ---- */

static void map_user(MipsRig *rig)
{
    rig->cpu->tlb.hi[0] = MIPS_PAGE;
    rig->cpu->tlb.lo0[0] = MIPS_PAGE >> 12 << 6 | ENTRYLO_V | ENTRYLO_G;
    rig->cpu->tlb.lo1[0] = (MIPS_PAGE >> 12 | 1) << 6 | ENTRYLO_V | ENTRYLO_G;
}

static void run_user(MipsRig *rig, uint32_t status, uint32_t word)
{
    map_user(rig);
    mips_rig_code(rig, CODE, &word, 1);
    mips_rig_start(rig, status, CODE);
    mips_rig_run(rig, 1);
}

/* MD00086 SC: the address is translated before LLbit is looked at. */
Test(mips_system, sc_that_stores_nothing_raises_what_its_address_does)
{
    static const struct {
        Gva at;
        unsigned code;
    } rows[] = {
        { MIPS_PAGE, MIPS_EXC_MOD },
        { 0x7fff0000, MIPS_EXC_TLBS },
        { 0x80000000, MIPS_EXC_ADES },
    };

    for (unsigned k = 0; k < 2 * G_N_ELEMENTS(rows); k++) {
        MipsRig *rig = both[k % 2];
        MipsCpu *cpu = rig->cpu;

        cpu->r[4] = rows[k / 2].at;
        cpu->r[5] = 77;
        run_user(rig, USER, SC_4);
        cr_expect(eq(u32, code_of(cpu), rows[k / 2].code), "%08x", rows[k / 2].at);
        cr_expect(eq(u32, cpu->cp0.badvaddr, rows[k / 2].at));
        cr_expect(eq(u32, cpu->r[5], 77));
    }
}

Test(mips_system, rdhwr_is_allowed_by_hwrena_and_by_coprocessor_0)
{
    static const uint32_t step = 0x7c04083b; /* rdhwr r4, $1 */

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        run_user(both[k], USER, step);
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_RI));
        cpu->cp0.hwrena = 2;
        run_user(both[k], USER, step);
        cr_expect(eq(u32, cpu->r[4], 32));
        cpu->cp0.hwrena = 0;
        run_user(both[k], USER | STATUS_CU0, step);
        cr_expect(eq(u32, cpu->v.pc, CODE + 4));
        run_user(both[k], USER | STATUS_CU0, 0x7c04e83b);
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_RI), "24Kc has no UserLocal");
    }
}

Test(mips_system, kernel_segments_are_address_errors_in_user_mode)
{
    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        cpu->r[4] = 0x80020000;
        run_user(both[k], USER, LW_4);
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_ADEL));
        cr_expect(eq(u32, cpu->cp0.badvaddr, 0x80020000));
        mips_rig_start(both[k], USER, KSEG0_OF(CODE));
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_ADEL));
        cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE)));
    }
}

Test(mips_system, cu0_lets_user_mode_use_coprocessor_0)
{
    MipsCpu *cpu = both[0]->cpu;

    run_user(both[0], USER, mfc0(4, 15, 0));
    cr_expect(eq(u32, code_of(cpu), MIPS_EXC_CPU));
    cr_expect(eq(u32, cpu->cp0.cause >> 28 & 3, 0));
    run_user(both[0], USER | STATUS_CU0, mfc0(4, 15, 0));
    cr_expect(eq(u32, cpu->r[4], cpu->cp0.prid));
    run_user(both[0], USER | STATUS_CU0, 0x44000000);
    cr_expect(eq(u32, code_of(cpu), MIPS_EXC_CPU));
    cr_expect(eq(u32, cpu->cp0.cause >> 28 & 3, 1), "without an FPU");
}

/* MD00090 9.26, RE */
Test(mips_system, re_turns_the_byte_order_of_user_mode_round)
{
    MipsCpu *cpu = both[1]->cpu;
    uint32_t turned = GUINT32_SWAP_LE_BE(0x24040007u); /* addiu r4, r0, 7 */

    run_user(both[1], USER | STATUS_RE, turned);
    cr_expect(eq(u32, cpu->r[4], 7));
}

/* ---- registers ---- */

Test(mips_system, mtc0_changes_the_bits_of_the_mask_only)
{
    static const struct {
        const char *why;
        unsigned number, sel;
        uint32_t written, read;
    } rows[] = {
        { "Index", 0, 0, 0xffffffff, 0xf },
        { "EntryLo0", 2, 0, 0xffffffff, 0x03ffffff },
        { "Context", 4, 0, 0xffffffff, 0xff800000 },
        { "PageMask, all", 5, 0, 0xffffffff, 0x1fffe000 },
        { "PageMask, 16 KiB", 5, 0, 0x6000, 0x6000 },
        { "PageMask, half a pair", 5, 0, 0x2000, 0 },
        { "Wired", 6, 0, 0xffffffff, 0xf },
        { "HWREna", 7, 0, 0xffffffff, 0xf },
        { "BadVAddr", 8, 0, 0x12345678, 0 },
        { "EntryHi", 10, 0, 0xffffffff, 0xffffe0ff },
        { "IntCtl", 12, 1, 0xffffffff, 0xe00003e0 },
        { "SRSCtl", 12, 2, 0xffffffff, 0 },
        { "Cause", 13, 0, 0xffffffff, 0x08800300 },
        { "EPC", 14, 0, 0x12345679, 0x12345679 },
        { "PRId", 15, 0, 0, 0x0001937c },
        { "EBase", 15, 1, 0xffffffff, 0xbffff000 },
        { "no register", 20, 0, 0xffffffff, 0 },
    };

    for (unsigned k = 0; k < 2; k++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
            const uint32_t code[] = { mtc0(4, rows[i].number, rows[i].sel),
                                      mfc0(5, rows[i].number, rows[i].sel) };
            MipsCpu *cpu = both[k]->cpu;

            mips_reset(&cpu->v);
            start(both[k], 0, code, 2);
            cpu->r[4] = rows[i].written;
            mips_rig_run(both[k], 2);
            if (rows[i].number == 15 && rows[i].sel == 1) {
                cr_expect(eq(u32, cpu->r[5] & 0xc0000000, 0x80000000), "%s", rows[i].why);
            }
            cr_expect(eq(u32, cpu->r[5], rows[i].read), "%s", rows[i].why);
        }
    }
}

Test(mips_system, no_two_registers_have_one_number)
{
    for (unsigned i = 0; i < N_CP0; i++) {
        for (unsigned k = 0; k < i; k++) {
            const MipsCp0Reg *a = mips_cp0_reg(i), *b = mips_cp0_reg(k);

            cr_expect(a->number != b->number || a->sel != b->sel, "%s and %s", a->info.name,
                      b->info.name);
        }
        cr_expect(mips_cp0_find(UINT32_MAX, mips_cp0_reg(i)->number, mips_cp0_reg(i)->sel)
                  == mips_cp0_reg(i));
    }
}

Test(mips_system, each_model_is_what_its_config_says)
{
    const char *const *names = mips_models();

    for (unsigned i = 0; names[i]; i++) {
        MipsRig *rig = mips_rig_new(&interp_host, names[i], i % 2 != 0);
        const MipsCpu *cpu = rig->cpu;

        cr_expect(eq(u32, cpu->cp0.config >> 15 & 1, i % 2), "%s", names[i]);
        cr_expect(eq(u32, cpu->cp0.config >> 10 & 7, (cpu->features & MIPS_R2) != 0), "%s",
                  names[i]);
        cr_expect(eq(u32, (cpu->cp0.config1 >> 25 & 63) + 1, cpu->model->tlb_entries), "%s",
                  names[i]);
        cr_expect(eq(u32, cpu->cp0.config1 & 1, (cpu->features & MIPS_FPU) != 0), "%s", names[i]);
        cr_expect(eq(u32, cpu->cp0.config1 >> 2 & 1, (cpu->features & MIPS_M16) != 0), "%s",
                  names[i]);
        cr_expect(eq(u32, cpu->cp0.config1 >> 31, (cpu->features & MIPS_CONFIG23) != 0), "%s",
                  names[i]);
        cr_expect(eq(u32, cpu->cp0.config3 >> 14 & 3, (cpu->features & MIPS_MM) != 0 ? 2 : 0), "%s",
                  names[i]);
        cr_expect(eq(u32, cpu->cp0.config3 >> 13 & 1, (cpu->features & MIPS_USERLOCAL) != 0), "%s",
                  names[i]);
        cr_expect(ne(u32, cpu->features & MIPS_ISA16, MIPS_ISA16), "%s", names[i]);
        mips_rig_free(rig);
    }
}
