/* SPDX-License-Identifier: MIT */
/* test_arm_system.c - system instructions executed one at a time, in each privilege. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "frontend/arm/arm_priv.h"
#include "frontend/arm/lift.h"
#include "tests/rig/arm_rig.h"

static ArmRig *rig;
static ArmCpu *cpu;

static void set_up(void)
{
    rig = arm_rig_new(&interp_host);
    cpu = rig->cpu;
}

static void tear_down(void) { arm_rig_free(rig); }

TestSuite(arm_system, .init = set_up, .fini = tear_down);

enum { UNDEF = 0x04, SVC = 0x08, PABT = 0x0c, NEXT = RIG_CODE + 4 };

static void step_in(uint32_t cpsr, uint32_t word)
{
    arm_set_cpsr(cpu, cpsr);
    arm_rig_step(rig, word, (cpsr & CPSR_T) != 0);
}

Test(arm_system, one_word_one_row)
{
    /* r0 before and after, CPSR before and after, where it goes. r1 0xdeadbeef, SPSR 0xabcdef10. */
    static const struct {
        const char *why;
        uint32_t word, r0, cpsr, r0_after, cpsr_after, pc;
    } rows[] = {
        { "mrs r0, cpsr", 0xe10f0000, 0, 0xa80501d3, 0xa80501d3, 0xa80501d3, NEXT },
        { "mrs r0, cpsr in User mode", 0xe10f0000, 0, 0x60000010, 0x60000010, 0x60000010, NEXT },
        { "mrs r0, cpsr shows E, not T", 0xf3ef8000, 0, 0x600003f3, 0x600003d3, 0x600003f3, NEXT },
        { "mrs r0, spsr", 0xe14f0000, 0, 0xd3, 0xabcdef10, 0xd3, NEXT },
        { "mrs r0, spsr, T32", 0xf3ff8000, 0, 0xf3, 0xabcdef10, 0xf3, NEXT },
        { "mrs r0, spsr in System mode", 0xe14f0000, 0, 0xdf, 0, 0xdb, UNDEF },
        { "mrs r0, spsr in User mode", 0xe14f0000, 0, 0x10, 0, 0x9b, UNDEF },
        { "msr cpsr_f, r0", 0xe128f000, 0xffffffff, 0xd3, 0xffffffff, 0xf80000d3, NEXT },
        { "msr cpsr_s, r0", 0xe124f000, 0xffffffff, 0xd3, 0xffffffff, 0x000f00d3, NEXT },
        { "msr cpsr_c, r0: masks", 0xe121f000, 0x13, 0xf00000d3, 0x13, 0xf0000013, NEXT },
        { "msr cpsr_c, r0: T stays", 0xe121f000, 0xf3, 0xd3, 0xf3, 0xd3, NEXT },
        { "msr cpsr_c, r0: mode", 0xe121f000, 0x92, 0xd3, 0x92, 0x92, NEXT },
        { "msr cpsr_c, r0: to User mode", 0xe121f000, 0x10, 0xd3, 0x10, 0x10, NEXT },
        { "msr cpsr_c, #0xd2", 0xe321f0d2, 0, 0xd3, 0, 0xd2, NEXT },
        { "msr cpsr_c, r0: no such mode", 0xe121f000, 0x0a, 0xd3, 0x0a, 0x13, NEXT },
        { "msr cpsr_cxsf, r0", 0xe12ff000, 0xffffffd2, 0xd3, 0xffffffd2, 0xf80f03d2, NEXT },
        { "msr cpsr_x, r0", 0xe122f000, 0x300, 0xd3, 0x300, 0x3d3, NEXT },
        { "msreq cpsr_c, r0 not executed", 0x0121f000, 0x10, 0xd3, 0x10, 0xd3, NEXT },
        { "msreq cpsr_c, r0 executed", 0x0121f000, 0x10, 0x400000d3, 0x10, 0x40000010, NEXT },
        { "msr cpsr_cxsf, r0 in User mode: flags and E", 0xe12ff000, 0xffffffff, 0x10, 0xffffffff,
          0xf80f0210, NEXT },
        { "msr cpsr_c, r0 in User mode: nothing", 0xe121f000, 0xd3, 0x10, 0xd3, 0x10, NEXT },
        { "msr cpsr_fc, r0, T32", 0xf3808900, 0xf0000013, 0xf3, 0xf0000013, 0xf0000033, NEXT },
        { "msr spsr_cxsf, r0 in User mode", 0xe16ff000, 1, 0x10, 1, 0x9b, UNDEF },
        { "cpsid if", 0xf10c00c0, 0, 0x13, 0, 0xd3, NEXT },
        { "cpsie i", 0xf1080080, 0, 0xd3, 0, 0x53, NEXT },
        { "cpsie a", 0xf1080100, 0, 0x1d3, 0, 0xd3, NEXT },
        { "cpsid i, #irq", 0xf10e0092, 0, 0x13, 0, 0x92, NEXT },
        { "cps #abt", 0xf1020017, 0, 0x13, 0, 0x17, NEXT },
        { "cpsid if in User mode", 0xf10c00c0, 0, 0x10, 0, 0x10, NEXT },
        { "cps #svc in User mode", 0xf1020013, 0, 0x10, 0, 0x10, NEXT },
        { "cpsid i, T16", 0xb672, 0, 0x33, 0, 0xb3, RIG_CODE + 2 },
        { "cpsie f, T16", 0xb661, 0, 0xf3, 0, 0xb3, RIG_CODE + 2 },
        { "cps #und, T32", 0xf3af811b, 0, 0x33, 0, 0x3b, NEXT },
        { "setend be", 0xf1010200, 0, 0x10, 0, 0x210, NEXT },
        { "setend le", 0xf1010000, 0, 0x210, 0, 0x10, NEXT },
        { "setend be, T16", 0xb658, 0, 0x30, 0, 0x230, RIG_CODE + 2 },
        { "svc", 0xef000000, 0, 0x60000010, 0, 0x60000093, SVC },
        { "svcne not executed", 0x1f000000, 0, 0x60000010, 0, 0x60000010, NEXT },
        { "hvc without firmware", 0xe1400070, 0, 0xd3, 0, 0xdb, UNDEF },
        { "smc in User mode", 0xe1600070, 0, 0x10, 0, 0x9b, UNDEF },
        { "bkpt", 0xe1200070, 0, 0x10, 0, 0x197, PABT },
        { "udf", 0xe7f000f0, 0, 0x10, 0, 0x9b, UNDEF },
        { "mrc midr", 0xee100f10, 0, 0xd3, 0x414fc0f0, 0xd3, NEXT },
        { "mrc midr in User mode", 0xee100f10, 0, 0x10, 0, 0x9b, UNDEF },
        { "mrc midr, T32", 0xee100f10, 0, 0xf3, 0x414fc0f0, 0xf3, NEXT },
        { "mrc tpidruro in User mode", 0xee1d0f70, 0, 0x10, 0x7000, 0x10, NEXT },
        { "mcr tpidruro in User mode", 0xee0d0f70, 0, 0x10, 0, 0x9b, UNDEF },
        { "mrc cntfrq in User mode, CNTKCTL 0", 0xee1e0f10, 0, 0x10, 0, 0x9b, UNDEF },
        { "mcr cp15dmb in User mode", 0xee070fba, 0, 0x10, 0, 0x10, NEXT },
        { "mrc apsr_nzcv, sctlr", 0xee11ff10, 0, 0xf00000d3, 0, 0x000000d3, NEXT },
        { "mrc of no register", 0xee190f10, 0, 0xd3, 0, 0xdb, UNDEF },
        { "mrc scr", 0xee110f11, 0, 0xd3, 0, 0xdb, UNDEF },
        { "mcr midr", 0xee000f10, 0, 0xd3, 0, 0xdb, UNDEF },
        { "mrc p14 dbgdidr", 0xee100e10, 0, 0xd3, 0x35158040, 0xd3, NEXT },
        { "mrc p13", 0xee100d10, 0, 0xd3, 0, 0xdb, UNDEF },
        { "wfe", 0xe320f002, 0, 0x10, 0, 0x10, NEXT },
        { "sev", 0xe320f004, 0, 0x10, 0, 0x10, NEXT },
        { "yield", 0xe320f001, 0, 0x10, 0, 0x10, NEXT },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        arm_reset(&cpu->v);
        arm_set_cpsr(cpu, rows[i].cpsr);
        cpu->cp15.tpidruro = 0x7000;
        cpu->spsr_now = 0xabcdef10;
        cpu->r[0] = rows[i].r0;
        cpu->r[1] = 0xdeadbeef;
        step_in(rows[i].cpsr, rows[i].word);
        cr_expect(eq(u32, cpu->r[0], rows[i].r0_after), "%s", rows[i].why);
        cr_expect(eq(u32, arm_cpsr(cpu), rows[i].cpsr_after), "%s", rows[i].why);
        cr_expect(eq(u32, cpu->v.pc, rows[i].pc), "%s", rows[i].why);
        cr_expect(eq(u32, cpu->r[1], 0xdeadbeef), "%s", rows[i].why);
    }
}

Test(arm_system, spsr_is_written_by_bytes)
{
    static const struct {
        uint32_t word, spsr;
    } rows[] = {
        { 0xe161f000, 0x000000ff }, { 0xe162f000, 0x0000ff00 }, { 0xe164f000, 0x000f0000 },
        { 0xe168f000, 0xff000000 }, { 0xe16ff000, 0xff0fffff }, { 0xe361f0d3, 0x000000d3 },
        { 0xe160f000, 0 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        arm_set_cpsr(cpu, ARM_ABT);
        cpu->spsr_now = 0;
        cpu->r[0] = 0xffffffff;
        step_in(ARM_ABT, rows[i].word);
        cr_expect(eq(u32, cpu->spsr_now, rows[i].spsr), "%08x", rows[i].word);
    }
}

Test(arm_system, exception_return_by_data_processing)
{
    static const struct {
        const char *why;
        uint32_t word, cpsr, spsr, lr, pc, after;
    } rows[] = {
        { "movs pc, lr", 0xe1b0f00e, 0xd3, 0x60000010, 0x9000, 0x9000, 0x60000010 },
        { "movs pc, lr to T32", 0xe1b0f00e, 0xd3, 0x60000030, 0x9003, 0x9002, 0x60000030 },
        { "movs pc, lr into an IT block", 0xe1b0f00e, 0xd3, 0x00000c30, 0x9002, 0x9002,
          0x00000c30 },
        { "subs pc, lr, #4", 0xe25ef004, 0x92, 0x20000010, 0x9004, 0x9000, 0x20000010 },
        { "subs pc, lr, #8", 0xe25ef008, 0x97, 0xd3, 0x9008, 0x9000, 0xd3 },
        { "subseq pc, lr, #8 not executed", 0x025ef008, 0x97, 0xd3, 0x9008, NEXT, 0x97 },
        { "subs pc, lr, #4, T32", 0xf3de8f04, 0xb2, 0x20000010, 0x9004, 0x9000, 0x20000010 },
        { "movs pc, lr in System mode", 0xe1b0f00e, 0xdf, 0x10, 0x9000, 0x9000, 0xdf },
        { "movs pc, lr in User mode", 0xe1b0f00e, 0x10, 0xd3, 0x9000, 0x9000, 0x10 },
        { "adcs pc, lr, #1", 0xe2bef001, 0x200000d3, 0x10, 0x8ffe, 0x9000, 0x10 },
        { "ands pc, lr, lr, lsl #0", 0xe01ef00e, 0xd3, 0x10, 0x9000, 0x9000, 0x10 },
        { "mvns pc, #0", 0xe3f0f000, 0xd3, 0x10, 0, 0xfffffffc, 0x10 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        arm_set_cpsr(cpu, rows[i].cpsr);
        cpu->spsr_now = rows[i].spsr;
        cpu->r[14] = rows[i].lr;
        step_in(rows[i].cpsr, rows[i].word);
        cr_expect(eq(u32, cpu->v.pc, rows[i].pc), "%s", rows[i].why);
        cr_expect(eq(u32, arm_cpsr(cpu), rows[i].after), "%s", rows[i].why);
    }
}

static uint32_t at(Gva va) { return (uint32_t)phys_read(rig->phys, va, 4, NULL); }

static void put(Gva va, uint32_t v) { phys_write(rig->phys, va, v, 4, NULL); }

Test(arm_system, ldm_of_user_registers_reaches_past_the_bank)
{
    static const uint32_t modes[] = { ARM_SVC, ARM_IRQ, ARM_FIQ, ARM_SYS, ARM_USR };

    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        for (unsigned r = 0; r < 15; r++) {
            put(RIG_DATA + 4 * r, 0x100 * i + r);
        }
        arm_set_cpsr(cpu, modes[i]);
        cpu->r[13] = 0xbad;
        cpu->r[0] = RIG_DATA;
        step_in(modes[i], 0xe8d07fff); /* ldmia r0, {r0-r14}^ */
        cr_expect(eq(u32, arm_cpsr(cpu), modes[i]));
        if (i < 3) {
            cr_expect(eq(u32, cpu->r[13], 0xbad), "mode %#x", modes[i]);
        }
        arm_set_cpsr(cpu, ARM_SYS);
        for (unsigned r = 0; r < 15; r++) {
            cr_expect(eq(u32, cpu->r[r], 0x100 * i + r), "r%u, mode %#x", r, modes[i]);
        }
    }
}

Test(arm_system, stm_of_user_registers_reaches_past_the_bank)
{
    static const uint32_t modes[] = { ARM_SVC, ARM_IRQ, ARM_FIQ, ARM_SYS, ARM_USR };

    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        arm_set_cpsr(cpu, ARM_SYS);
        for (unsigned r = 0; r < 15; r++) {
            cpu->r[r] = 0x100 * i + r;
        }
        arm_set_cpsr(cpu, modes[i]);
        cpu->r[0] = RIG_DATA + 60;
        step_in(modes[i], 0xe9407ffe); /* stmdb r0, {r1-r14}^ */
        for (unsigned r = 1; r < 15; r++) {
            cr_expect(eq(u32, at(RIG_DATA + 4 * r), 0x100 * i + r), "r%u, mode %#x", r, modes[i]);
        }
    }
}

Test(arm_system, ldm_with_pc_returns_from_an_exception)
{
    arm_set_cpsr(cpu, ARM_USR);
    cpu->r[13] = 0x1111;
    arm_set_cpsr(cpu, ARM_IRQ | CPSR_I);
    cpu->r[13] = RIG_DATA;
    cpu->spsr_now = 0x60000030;
    put(RIG_DATA, 0xa0);
    put(RIG_DATA + 4, 0xe0);
    put(RIG_DATA + 8, 0x9003);
    step_in(ARM_IRQ | CPSR_I, 0xe8fdc001); /* ldmia sp!, {r0, lr, pc}^ */
    cr_expect(eq(u32, cpu->v.pc, 0x9002));
    cr_expect(eq(u32, arm_cpsr(cpu), 0x60000030));
    cr_expect(eq(u32, cpu->r[0], 0xa0));
    cr_expect(eq(u32, cpu->r[13], 0x1111));
    cr_expect(eq(u32, cpu->sp[BANK_IRQ], RIG_DATA + 12));
    cr_expect(eq(u32, cpu->lr[BANK_IRQ], 0xe0));
}

Test(arm_system, rfe_and_srs_mirror_each_other)
{
    arm_set_cpsr(cpu, ARM_SYS);
    cpu->r[13] = RIG_DATA + 16;
    arm_set_cpsr(cpu, ARM_IRQ);
    cpu->r[13] = 0;
    cpu->r[14] = 0x9000;
    cpu->spsr_now = 0x20000010;
    step_in(ARM_IRQ, 0xf96d051f); /* srsdb sp!, #sys */
    cr_expect(eq(u32, at(RIG_DATA + 8), 0x9000));
    cr_expect(eq(u32, at(RIG_DATA + 12), 0x20000010));
    cr_expect(eq(u32, cpu->r[13], 0));
    cr_expect(eq(u32, cpu->sp[BANK_USR], RIG_DATA + 8));
    arm_set_cpsr(cpu, ARM_SYS);
    step_in(ARM_SYS, 0xf8bd0a00); /* rfeia sp! */
    cr_expect(eq(u32, cpu->v.pc, 0x9000));
    cr_expect(eq(u32, arm_cpsr(cpu), 0x20000010));
    cr_expect(eq(u32, cpu->r[13], RIG_DATA + 16));
    step_in(ARM_USR, 0xf8bd0a00);
    cr_expect(eq(u32, cpu->v.pc, UNDEF));
}

Test(arm_system, a_system_register_is_read_and_written_inline_and_by_callout)
{
    arm_set_cpsr(cpu, ARM_SVC);
    cpu->r[0] = 0x12345678;
    step_in(ARM_SVC, 0xee0d0f90); /* mcr tpidrprw */
    cr_expect(eq(u32, cpu->cp15.tpidrprw, 0x12345678));
    step_in(ARM_SVC, 0xee1d1f90); /* mrc r1 */
    cr_expect(eq(u32, cpu->r[1], 0x12345678));
    cpu->r[0] = 0x55555555;
    step_in(ARM_SVC, 0xee030f10); /* mcr dacr */
    cr_expect(eq(u32, cpu->cp15.dacr, 0x55555555));
    cr_expect(eq(u32, cpu->v.pc, NEXT));
    cpu->r[0] = 0xff;
    cpu->r[2] = 1;
    step_in(ARM_SVC, 0xec420f3e); /* mcrr p15, 3, r0, r2, c14: CNTV_CVAL */
    cr_expect(eq(u64, cpu->timer[ARM_TIMER_VIRT].cval, 0x1000000ff));
    step_in(ARM_SVC, 0xec543f3e); /* mrrc p15, 3, r3, r4, c14 */
    cr_expect(eq(u32, cpu->r[3], 0xff));
    cr_expect(eq(u32, cpu->r[4], 1));
}

/* T32: IT EQ; MSREQ CPSR_c, r0; then the state of the block is right in a handler's eyes. */
Test(arm_system, a_mode_change_in_an_it_block_keeps_its_state)
{
    static const uint16_t code[] = { 0xbf04, 0xf380, 0x8100,
                                     0x2107 }; /* ITT EQ; ..; MOVEQ r1, #7 */

    arm_rig_code(rig, RIG_CODE, code, sizeof(code));
    arm_rig_start(rig, CPSR_Z | CPSR_T | ARM_SVC, RIG_CODE);
    cpu->r[0] = ARM_ABT;
    arm_rig_run(rig, 2);
    cr_expect(eq(u32, arm_cpsr(cpu), CPSR_Z | CPSR_T | 0x0800 | ARM_ABT));
    arm_rig_run(rig, 1);
    cr_expect(eq(u32, cpu->r[1], 7));
    cr_expect(eq(u32, arm_cpsr(cpu), CPSR_Z | CPSR_T | ARM_ABT));
}

Test(arm_system, each_sensitive_instruction_is_in_the_ledger)
{
    static const uint32_t words[] = {
        0xe10f0000, 0xe14f0000, 0xe121f000, 0xe16ff000, 0xf10c0080, 0xf1080080,
        0xe1b0f00e, 0xe8d04000, 0xe9407ffe, 0xe320f003, 0xe320f002,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        const ArmInsn *row = arm_decode(words[i], false);
        const uint64_t *count = &vcpu_cold(&cpu->v)->ledger[2 * row->ledger];
        uint64_t user = count[0], priv = count[1];

        arm_set_cpsr(cpu, ARM_SVC);
        cpu->r[0] = words[i] == 0xe121f000 ? ARM_SVC : RIG_DATA + 64;
        cpu->r[14] = RIG_CODE;
        cpu->spsr_now = ARM_SVC;
        step_in(ARM_SVC, words[i]);
        cpu->v.attention = 0;
        cr_expect(eq(u64, count[1], priv + 1), "%s", row->info.name);
        cr_expect(eq(u64, count[0], user), "%s", row->info.name);
    }
}

Test(arm_system, each_system_register_has_its_own_place_in_the_ledger)
{
    static const struct {
        uint32_t word;
        const char *name;
    } rows[] = {
        { 0xee110f10, "SCTLR" }, { 0xee030f10, "DACR" },    { 0xee0d0f90, "TPIDRPRW" },
        { 0xee100f10, "MIDR" },  { 0xee070f15, "ICIALLU" }, { 0xec510f1e, "CNTVCT" },
    };
    unsigned n_rows;

    arm_rows(&n_rows);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        unsigned k = n_rows;

        while (!g_str_equal(arm_isa.insn(k)->name, rows[i].name)) {
            k++;
        }
        step_in(ARM_SVC, rows[i].word);
        cr_expect(eq(u64, vcpu_cold(&cpu->v)->ledger[2 * k + 1], 1), "%s", rows[i].name);
        cr_expect(eq(u64, vcpu_cold(&cpu->v)->ledger[2 * k], 0), "%s", rows[i].name);
    }
    cr_expect(le(u32, arm_isa.n_insns, VCPU_LEDGER_ROWS));
}
