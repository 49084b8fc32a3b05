/* SPDX-License-Identifier: MIT */
/* test_mips_watch.c - watch registers and their exception, MD00090 9.51, 9.52, 6.2; both hosts. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/cp0_priv.h"
#include "tests/rig/mips_rig.h"

enum {
    NOP = 0,
    J_FAR = 0x10000020, /* beq r0, r0, 0x84 on */
    ADDIU_6 = 0x24c60001,
    ERET = 0x42000018,
    CODE = MIPS_CODE,
    DATA_PAIR = 2, /* of the 24K's four: 0 and 1 are for fetches */
};
#define LW_4 0x8c850000u /* lw r5, 0(r4) */
#define SW_4 0xac850000u
#define HI_G (1u << 30)

static MipsRig *both[2];

static void set_up(void)
{
    both[0] = mips_rig_new(&interp_host, "24Kf", false);
    both[1] = mips_rig_new(&x64_host, "24Kf", false);
}

static void tear_down(void)
{
    mips_rig_free(both[0]);
    mips_rig_free(both[1]);
}

TestSuite(mips_watch, .init = set_up, .fini = tear_down);

static void write_cp0(MipsCpu *cpu, unsigned row, uint32_t value)
{
    mips_cp0_write(cpu, mips_cp0_reg(row), value);
}

static void watch(MipsCpu *cpu, unsigned pair, uint32_t lo, uint32_t hi)
{
    write_cp0(cpu, CP0_WatchLo0 + pair, lo);
    write_cp0(cpu, CP0_WatchHi0 + pair, hi);
}

/* Code at kseg0. */
static void start(MipsRig *rig, uint32_t status, const uint32_t *code, unsigned n)
{
    mips_rig_code(rig, CODE, code, n);
    mips_rig_start(rig, status, KSEG0_OF(CODE));
}

static unsigned code_of(const MipsCpu *cpu) { return cpu->cp0.cause >> 2 & 31; }
static bool took(const MipsCpu *cpu)
{
    return vcpu_cold((Vcpu *)(uintptr_t)&cpu->v)->exceptions[MIPS_EXC_WATCH] != 0;
}

static const struct {
    const char *why;
    uint32_t word;
    Gva r4;
    uint32_t lo, hi;
    bool hit;
} rows[] = {
    { "LW", LW_4, 0x80020010, 0x80020012, HI_G, true },
    { "LW, stores only", LW_4, 0x80020010, 0x80020011, HI_G, false },
    { "LW, the word beside", LW_4, 0x80020014, 0x80020012, HI_G, true },
    { "LW, the doubleword beside", LW_4, 0x80020018, 0x80020012, HI_G, false },
    { "LW, masked", LW_4, 0x80020ff8, 0x80020012, HI_G | 0xff8, true },
    { "LW, masked to here", LW_4, 0x80021000, 0x80020012, HI_G | 0xff8, false },
    { "LW, this ASID", LW_4, 0x80020010, 0x80020012, 0x00050000, true },
    { "LW, another ASID", LW_4, 0x80020010, 0x80020012, 0x00060000, false },
    { "SW", SW_4, 0x80020010, 0x80020011, HI_G, true },
    { "SW, loads only", SW_4, 0x80020010, 0x80020012, HI_G, false },
    { "SB", 0xa0850000, 0x80020017, 0x80020013, HI_G, true },
    { "LBU", 0x90850000, 0x80020017, 0x80020013, HI_G, true },
    { "LWL", 0x88850000, 0x80020013, 0x80020012, HI_G, true },
    { "LWR", 0x98850000, 0x80020011, 0x80020012, HI_G, true },
    { "SWL", 0xa8850000, 0x80020013, 0x80020011, HI_G, true },
    { "SWR", 0xb8850000, 0x80020011, 0x80020011, HI_G, true },
    { "LL", 0xc0850000, 0x80020010, 0x80020012, HI_G, true },
    { "SC", 0xe0850000, 0x80020010, 0x80020011, HI_G, true },
    { "LWC1", 0xc4820000, 0x80020010, 0x80020012, HI_G, true },
    { "SDC1", 0xf4820000, 0x80020010, 0x80020011, HI_G, true },
    { "PREF", 0xcc800000, 0x80020010, 0x80020013, HI_G, false },
    { "LW without entry", LW_4, 0x00400010, 0x00400012, HI_G, true }, /* table 6.1: first */
    { "LW misaligned", LW_4, 0x80020011, 0x80020012, HI_G, true },
    { "SW without entry", SW_4, 0x00400010, 0x00400011, HI_G, true },
};

static void check_row(MipsRig *rig, unsigned i, bool slot)
{
    const uint32_t code[] = { slot ? (uint32_t)J_FAR : NOP, rows[i].word, NOP };
    MipsCpu *cpu = rig->cpu;
    uint32_t was = mips_rig_word(rig, MIPS_DATA + 0x10), kind = rows[i].lo & 3;

    write_cp0(cpu, CP0_EntryHi, 5);
    watch(cpu, DATA_PAIR, rows[i].lo, rows[i].hi);
    start(rig, STATUS_CU1, code, 3);
    cpu->r[4] = rows[i].r4;
    cpu->r[5] = 0x5a5a5a5a;
    vcpu_cold(&cpu->v)->exceptions[MIPS_EXC_WATCH] = 0;
    mips_rig_run(rig, 2);
    cr_expect(eq(int, took(cpu), rows[i].hit), "%s", rows[i].why);
    if (rows[i].hit) {
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_WATCH), "%s", rows[i].why);
        cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE) + (slot ? 0 : 4)), "%s", rows[i].why);
        cr_expect(eq(int, (cpu->cp0.cause & CAUSE_BD) != 0, slot), "%s", rows[i].why);
        cr_expect(eq(u32, cpu->cp0.cause & CAUSE_WP, 0), "%s", rows[i].why);
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(MIPS_PAGE) + 0x180), "%s", rows[i].why);
        cr_expect(eq(u32, cpu->r[5], 0x5a5a5a5a), "%s", rows[i].why);
        cr_expect(eq(u32, mips_rig_word(rig, MIPS_DATA + 0x10), was), "%s", rows[i].why);
        cr_expect(ne(u32, cpu->cp0.watchhi[DATA_PAIR] & kind, 0), "%s", rows[i].why);
        cr_expect(eq(u32, cpu->cp0.watchhi[DATA_PAIR] & 7 & ~kind, 0), "%s", rows[i].why);
    }
    watch(cpu, DATA_PAIR, 0, 7);
    cpu->cp0.cause = 0;
}

Test(mips_watch, data_accesses_that_match)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (unsigned k = 0; k < 4; k++) {
            check_row(both[k / 2], i, k % 2 != 0);
        }
    }
}

Test(mips_watch, a_fetch_that_matches)
{
    static const uint32_t code[] = { ADDIU_6, ADDIU_6, ADDIU_6, J_FAR, ADDIU_6, NOP };

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        watch(cpu, 1, KSEG0_OF(CODE + 8) | 4, HI_G);
        start(both[k], 0, code, 6);
        cpu->r[6] = 0;
        mips_rig_run(both[k], 3);
        cr_expect(eq(u32, cpu->r[6], 2));
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_WATCH));
        cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE + 8)));
        cr_expect(eq(u32, cpu->cp0.watchhi[1], 1u << 31 | HI_G | 4));
        watch(cpu, 1, KSEG0_OF(CODE + 16) | 4, HI_G | 7); /* the slot */
        start(both[k], 0, code, 6);
        cpu->r[6] = 0;
        mips_rig_run(both[k], 5);
        cr_expect(eq(u32, cpu->r[6], 3));
        cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE + 12)));
        cr_expect(eq(u32, cpu->cp0.cause & CAUSE_BD, CAUSE_BD));
        watch(cpu, 1, 0, 7);
    }
}

Test(mips_watch, a_fetch_matches_before_it_faults)
{
    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        watch(cpu, 0, 0x00400004, HI_G);
        mips_rig_start(both[k], 0, 0x00400000); /* no entry */
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_WATCH));
        watch(cpu, 0, 0x80400004, HI_G);
        mips_rig_start(both[k], 0, 0x80400002); /* misaligned, and nothing there */
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_WATCH));
        watch(cpu, 0, 0, 7);
        mips_rig_start(both[k], 0, 0x00400000);
        mips_rig_run(both[k], 1);
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_TLBL));
    }
}

/* 9.32, WP: with EXL or ERL the access is made, and the exception taken behind the ERET. */
Test(mips_watch, deferred_while_exl_or_erl)
{
    static const uint32_t code[] = { LW_4, ERET, NOP };

    for (unsigned k = 0; k < 4; k++) {
        MipsRig *rig = both[k / 2];
        MipsCpu *cpu = rig->cpu;
        uint32_t level = k % 2 != 0 ? STATUS_ERL : STATUS_EXL;

        mips_rig_set_word(rig, MIPS_DATA + 0x10, 0x1234);
        watch(cpu, DATA_PAIR, 0x80020012, HI_G);
        start(rig, level, code, 3);
        cpu->r[4] = KSEG0_OF(MIPS_DATA + 0x10);
        cpu->cp0.epc = cpu->cp0.errorepc = KSEG0_OF(CODE + 0x40);
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, cpu->r[5], 0x1234));
        cr_expect(eq(u32, cpu->cp0.cause & CAUSE_WP, CAUSE_WP));
        cr_expect(not(mips_interrupt(&cpu->v)));
        cr_expect(not(mips_wakes(&cpu->v)));
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE + 0x40)));
        cr_expect(mips_interrupt(&cpu->v));
        cr_expect(eq(u32, code_of(cpu), MIPS_EXC_WATCH));
        cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE + 0x40)));
        cr_expect(eq(u32, cpu->cp0.cause & CAUSE_WP, CAUSE_WP)); /* the handler's to clear */
        write_cp0(cpu, CP0_Cause, CAUSE_WP);
        cr_expect(eq(u32, cpu->cp0.cause & CAUSE_WP, CAUSE_WP));
        write_cp0(cpu, CP0_Cause, 0);
        cr_expect(eq(u32, cpu->cp0.cause & CAUSE_WP, 0));
        write_cp0(cpu, CP0_Cause, CAUSE_WP); /* software cannot set it */
        cr_expect(eq(u32, cpu->cp0.cause & CAUSE_WP, 0));
    }
}

/* The same by a write of Status. */
Test(mips_watch, deferred_until_mtc0_clears_exl)
{
    static const uint32_t code[] = { LW_4, 0x40806000, NOP, NOP }; /* mtc0 r0, Status */

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        watch(cpu, DATA_PAIR, 0x80020012, HI_G);
        start(both[k], STATUS_EXL, code, 4);
        cpu->r[4] = KSEG0_OF(MIPS_DATA + 0x10);
        mips_rig_run(both[k], 2);
        cr_expect(mips_interrupt(&cpu->v));
        cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(CODE + 8)));
        watch(cpu, DATA_PAIR, 0, 0);
        write_cp0(cpu, CP0_Cause, 0);
    }
}

Test(mips_watch, an_interrupt_comes_before_a_deferred_one) /* table 6.1 */
{
    MipsCpu *cpu = both[0]->cpu;

    mips_rig_start(both[0], STATUS_IE | 1u << 10, KSEG0_OF(CODE));
    cpu->cp0.cause |= CAUSE_WP;
    mips_set_irq(&cpu->v, 0, true);
    cr_expect(mips_interrupt(&cpu->v));
    cr_expect(eq(u32, code_of(cpu), MIPS_EXC_INT));
    mips_rig_start(both[0], 1u << 10, KSEG0_OF(CODE));
    cr_expect(mips_interrupt(&cpu->v));
    cr_expect(eq(u32, code_of(cpu), MIPS_EXC_WATCH));
}

Test(mips_watch, not_in_debug_mode) /* MD00047 5.3.2 */
{
    static const uint32_t code[] = { LW_4, NOP };

    for (unsigned k = 0; k < 2; k++) {
        MipsCpu *cpu = both[k]->cpu;

        watch(cpu, DATA_PAIR, 0x80020012, HI_G);
        cpu->cp0.debug |= DEBUG_DM;
        start(both[k], 0, code, 2);
        cpu->r[4] = KSEG0_OF(MIPS_DATA + 0x10);
        mips_rig_run(both[k], 2);
        cr_expect(eq(u32, cpu->v.pc, KSEG0_OF(CODE + 8)));
        cr_expect(eq(u32, cpu->cp0.cause & CAUSE_WP, 0));
    }
}

/* Without a pair that can match, units are those of every day. */
Test(mips_watch, the_mode_word_says_when_to_look)
{
    MipsCpu *cpu = both[0]->cpu;

    write_cp0(cpu, CP0_EntryHi, 5);
    cr_expect(eq(u32, cpu->v.mode & MIPS_MODE_WATCH, 0));
    watch(cpu, 0, 0x80020014, 0x00060000);
    cr_expect(eq(u32, cpu->v.mode & MIPS_MODE_WATCH, 0));
    write_cp0(cpu, CP0_EntryHi, 6);
    cr_expect(eq(u32, cpu->v.mode & MIPS_MODE_WATCH, MIPS_MODE_WATCH));
    watch(cpu, 0, 0x80020010, 0x00060000);
    cr_expect(eq(u32, cpu->v.mode & MIPS_MODE_WATCH, 0));
}

Test(mips_watch, what_can_be_written)
{
    MipsRig *old = mips_rig_new(&interp_host, "4Kc", false);
    MipsCpu *cpu = both[0]->cpu;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t m = i < 3 ? 1u << 31 : 0;

        cr_expect(eq(u32, cpu->cp0.watchhi[i], m));
        watch(cpu, i, 0xffffffff, 0xffffffff);
        cr_expect(eq(u32, cpu->cp0.watchlo[i], i < 2 ? 0xfffffffc : 0xfffffffb), "%u", i);
        cr_expect(eq(u32, cpu->cp0.watchhi[i], m | 0x40ff0ff8), "%u", i);
        cr_expect(eq(u32, cpu->cp0.config1 >> 3 & 1, 1));
    }
    cr_expect(ne(ptr, (void *)(uintptr_t)mips_cp0_find(cpu->features, 18, 3), NULL));
    cr_expect(eq(ptr, (void *)(uintptr_t)mips_cp0_find(cpu->features, 18, 4), NULL));
    cpu->cp0.watchhi[2] |= 3;
    write_cp0(cpu, CP0_WatchHi2, 1); /* ones clear */
    cr_expect(eq(u32, cpu->cp0.watchhi[2], 1u << 31 | 2));
    cr_expect(eq(ptr, (void *)(uintptr_t)mips_cp0_find(old->cpu->features, 18, 1), NULL));
    watch(old->cpu, 0, 0xffffffff, 0xffffffff);
    cr_expect(eq(u32, old->cpu->cp0.watchlo[0], 0xffffffff));
    cr_expect(eq(u32, old->cpu->cp0.watchhi[0], 0x40ff0ff8));
    mips_rig_free(old);
}
