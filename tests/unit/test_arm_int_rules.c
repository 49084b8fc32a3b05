/* SPDX-License-Identifier: MIT */
/* test_arm_int_rules.c - rules of the ARM integer chapters that no single state shows. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "frontend/arm/arm_priv.h"
#include "frontend/arm/lift.h"
#include "tests/rig/arm_rig.h"

static ArmRig *rig;
static ArmCpu *cpu;

static void setup(void)
{
    rig = arm_rig_new(&interp_host);
    cpu = rig->cpu;
}

static void teardown(void) { arm_rig_free(rig); }

TestSuite(arm_rules, .init = setup, .fini = teardown);

static void put32(uint32_t va, uint32_t v) { memcpy(rig->data + (va - RIG_DATA), &v, 4); }

static uint32_t get32(uint32_t va)
{
    uint32_t v;

    memcpy(&v, rig->data + (va - RIG_DATA), 4);
    return v;
}

/* Runs one A32 or T32 instruction in System mode with flags @nzcv (bits 31 to 28). */
static void step(uint32_t word, bool thumb, uint32_t nzcv)
{
    arm_rig_start(rig, ARM_SYS | nzcv | (thumb ? CPSR_T : 0), RIG_CODE);
    arm_rig_step(rig, word, thumb);
}

static void a32(uint32_t word) { step(word, false, 0); }
static void t32(uint32_t word) { step(word, true, 0); }

static bool undefined(void) { return (cpu->cpsr & CPSR_M) == ARM_UND && cpu->v.pc == 4; }
static bool aborted(void) { return (cpu->cpsr & CPSR_M) == ARM_ABT && cpu->v.pc == 0x10; }

/* A8.3, table A8-1. */
static bool holds(unsigned cond, uint32_t psr)
{
    bool n = psr >> 31 & 1, z = psr >> 30 & 1, c = psr >> 29 & 1, v = psr >> 28 & 1, yes = true;

    switch (cond >> 1) {
    case 0: yes = z; break;
    case 1: yes = c; break;
    case 2: yes = n; break;
    case 3: yes = v; break;
    case 4: yes = c && !z; break;
    case 5: yes = n == v; break;
    case 6: yes = n == v && !z; break;
    }
    return (cond & 1) && cond != 15 ? !yes : yes;
}

Test(arm_rules, conditions_select_skip_and_branch)
{
    put32(RIG_DATA, 0x1234);
    for (uint32_t cond = 0; cond < 14; cond++) {
        for (uint32_t nzcv = 0; nzcv < 16; nzcv++) {
            bool yes = holds(cond, nzcv << 28);

            cpu->r[0] = 7;
            cpu->r[1] = RIG_DATA;
            step(cond << 28 | 0x03a00001, false, nzcv << 28); /* mov<c> r0, #1 */
            cr_expect(eq(u32, cpu->r[0], yes ? 1 : 7), "mov %u %x", cond, nzcv);
            step(cond << 28 | 0x05910000, false, nzcv << 28); /* ldr<c> r0, [r1] */
            cr_expect(eq(u32, cpu->r[0], yes ? 0x1234 : 7), "ldr %u %x", cond, nzcv);
            step(cond << 28 | 0x0a000010, false, nzcv << 28); /* b<c> */
            cr_expect(eq(u32, cpu->v.pc, RIG_CODE + (yes ? 0x48 : 4)), "b %u %x", cond, nzcv);
            step(cond << 28 | 0x012fff11, false, nzcv << 28); /* bx<c> r1 */
            cr_expect(eq(u32, cpu->v.pc, yes ? RIG_DATA : RIG_CODE + 4), "bx %u %x", cond, nzcv);
            step(0xd000 | cond << 8 | 0x10, true, nzcv << 28); /* b<c> T1 */
            cr_expect(eq(u32, cpu->v.pc, RIG_CODE + (yes ? 0x24 : 2)), "b T1 %u %x", cond, nzcv);
        }
    }
}

Test(arm_rules, a_conditional_instruction_that_fails_sets_no_flags)
{
    cpu->r[0] = 5;
    cpu->r[1] = 0x80000000;
    step(0x00910001, false, 0); /* addseq r0, r1, r1 */
    cr_expect(eq(u32, cpu->r[0], 5));
    cr_expect(eq(u32, arm_cpsr(cpu), ARM_SYS));
}

Test(arm_rules, unpredictable_encodings_we_make_undefined_are)
{
    static const struct {
        const char *why;
        uint32_t word;
        bool thumb;
    } cases[] = {
        { "UDF", 0xe7f000f0, false },
        { "ldr r0, [pc, #4]!", 0xe5bf0004, false },
        { "ldrb pc, [r1]", 0xe5d1f000, false },
        { "ldrh pc, [r1]", 0xe1d1f0b0, false },
        { "ldrd with odd Rt", 0xe1c110d0, false },
        { "ldrd lr, pc", 0xe1c1e0d0, false },
        { "ldm r1, {}", 0xe8910000, false },
        { "ldm pc", 0xe89f0001, false },
        { "mul pc", 0xe00f0291, false },
        { "add pc by register shift", 0xe081f312, false },
        { "movw pc", 0xe300f001, false },
        { "bfi with msb < lsb", 0xe7c10211, false },
        { "ubfx beyond bit 31", 0xe7ff0251, false },
        { "blx pc", 0xe12fff3f, false },
        { "swp while SCTLR.SW is 0", 0xe1010092, false },
        { "ldrex pc", 0xe191ff9f, false },
        { "add.w pc, r1, r2", 0xeb010f02, true },
        { "ldm.w of one register", 0xe8910001, true },
        { "stm.w with sp", 0xe8812001, true },
        { "pop.w lr and pc", 0xe8bdc000, true },
        { "push {}", 0xb400, true },
        { "UDF", 0xde00, true },
        { "UDF.W", 0xf7f0a000, true },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        cpu->r[1] = RIG_DATA;
        step(cases[i].word, cases[i].thumb, 0);
        cr_expect(undefined(), "%s %08x", cases[i].why, cases[i].word);
        cr_expect(eq(u32, cpu->r[14], RIG_CODE + (cases[i].thumb ? 2 : 4)), "%s", cases[i].why);
    }
}

Test(arm_rules, an_undefined_word_whose_condition_fails_does_nothing)
{
    step(0x07f000f0, false, 0);
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 4));
}

Test(arm_rules, pc_reads_ahead_by_two_instructions)
{
    a32(0xe1a0000f); /* mov r0, pc */
    cr_expect(eq(u32, cpu->r[0], RIG_CODE + 8));
    t32(0x4678); /* mov r0, pc */
    cr_expect(eq(u32, cpu->r[0], RIG_CODE + 4));
    cpu->r[1] = RIG_DATA;
    a32(0xe581f000); /* str pc, [r1] */
    cr_expect(eq(u32, get32(RIG_DATA), RIG_CODE + 8));
}

Test(arm_rules, t32_literals_are_relative_to_an_aligned_pc)
{
    const uint16_t code[] = { 0xbf00, 0xa001, 0x4901 }; /* nop; adr r0, .+8; ldr r1, .+8 */
    const uint32_t literal = 0xcafe1234;

    arm_rig_code(rig, RIG_CODE, code, sizeof(code));
    arm_rig_code(rig, RIG_CODE + 12, &literal, sizeof(literal));
    arm_rig_start(rig, ARM_SYS | CPSR_T, RIG_CODE);
    arm_rig_run(rig, 3);
    cr_expect(eq(u32, cpu->r[0], RIG_CODE + 8));
    cr_expect(eq(u32, cpu->r[1], literal));
}

Test(arm_rules, writes_of_the_pc_change_the_instruction_set_as_the_manual_says)
{
    put32(RIG_DATA, RIG_CODE + 0x41);
    cpu->r[1] = RIG_DATA;
    cpu->r[2] = RIG_CODE + 0x41;
    a32(0xe591f000); /* ldr pc, [r1] */
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 0x40));
    cr_expect(ne(u32, arm_cpsr(cpu) & CPSR_T, 0));
    a32(0xe1a0f002); /* mov pc, r2 */
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 0x40));
    cr_expect(ne(u32, arm_cpsr(cpu) & CPSR_T, 0));
    cpu->r[2] = RIG_CODE + 0x40;
    t32(0x4697); /* mov pc, r2 stays in T32 */
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 0x40));
    cr_expect(ne(u32, arm_cpsr(cpu) & CPSR_T, 0));
    t32(0x4710); /* bx r2 does not */
    cr_expect(eq(u32, arm_cpsr(cpu) & CPSR_T, 0));
    put32(RIG_DATA, RIG_CODE + 0x40);
    cpu->r[13] = RIG_DATA;
    t32(0xbd00); /* pop {pc} neither */
    cr_expect(eq(u32, arm_cpsr(cpu) & CPSR_T, 0));
    cr_expect(eq(u32, cpu->r[13], RIG_DATA + 4));
}

Test(arm_rules, an_a32_instruction_off_a_word_boundary_is_undefined)
{
    arm_rig_start(rig, ARM_SYS, RIG_CODE + 2);
    arm_rig_run(rig, 1);
    cr_expect(undefined());
    cr_expect(eq(u32, cpu->r[14], RIG_CODE + 6));
}

Test(arm_rules, calls_set_the_link_register_only_if_they_are_taken)
{
    cpu->r[14] = 1;
    cpu->r[3] = RIG_CODE + 0x81;
    step(0x0b000010, false, 0); /* bleq */
    cr_expect(eq(u32, cpu->r[14], 1));
    step(0x012fff33, false, 0); /* blxeq r3 */
    cr_expect(eq(u32, cpu->r[14], 1));
    step(0x0b000010, false, CPSR_Z);
    cr_expect(eq(u32, cpu->r[14], RIG_CODE + 4));
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 0x48));
    cpu->r[14] = RIG_CODE + 0x81;
    a32(0xe12fff3e); /* blx lr takes the old value */
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 0x80));
    cr_expect(eq(u32, cpu->r[14], RIG_CODE + 4));
    t32(0xf000f802); /* bl */
    cr_expect(eq(u32, cpu->r[14], RIG_CODE + 5));
}

Test(arm_rules, multi_word_accesses_must_be_aligned_and_single_ones_need_not)
{
    static const struct {
        const char *why;
        uint32_t word;
    } cases[] = {
        { "ldm", 0xe8910005 },    { "stm", 0xe8810005 },    { "ldrd", 0xe1c120d0 },
        { "strd", 0xe1c120f0 },   { "ldrex", 0xe1910f9f },  { "strex", 0xe1810f92 },
        { "strexh", 0xe1e10f92 }, { "ldrexd", 0xe1b12f9f },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        cpu->r[1] = RIG_DATA + 1;
        cpu->cp15.dfsr = cpu->cp15.dfar = 0;
        a32(cases[i].word);
        cr_expect(aborted(), "%s", cases[i].why);
        cr_expect(eq(u32, cpu->cp15.dfsr & 0x40f, 1), "%s", cases[i].why);
        cr_expect(eq(u32, cpu->cp15.dfar, RIG_DATA + 1), "%s", cases[i].why);
    }
    put32(RIG_DATA, 0x44332211);
    put32(RIG_DATA + 4, 0x88776655);
    cpu->r[1] = RIG_DATA + 3;
    a32(0xe5910000); /* ldr r0, [r1] */
    cr_expect(eq(u32, cpu->r[0], 0x77665544));
    cpu->cp15.sctlr |= SCTLR_A;
    arm_update(cpu);
    a32(0xe5910000);
    cr_expect(aborted());
    arm_rig_start(rig, ARM_SYS, RIG_CODE);
    cpu->cp15.sctlr &= ~(uint32_t)SCTLR_A;
}

Test(arm_rules, an_access_that_faults_changes_no_register)
{
    static const struct {
        const char *why;
        uint32_t word;
    } cases[] = {
        { "ldr r0, [r1], #4", 0xe4910004 },      { "ldr r0, [r1, #4]!", 0xe5b10004 },
        { "str r0, [r1], #4", 0xe4810004 },      { "ldrd r2, [r1], #8", 0xe0c120d8 },
        { "ldm r1!, {r0, r2, r3}", 0xe8b1000d }, { "stm r1!, {r0, r2, r3}", 0xe8a1000d },
        { "ldm r1, {r0, r1, r2}", 0xe8910007 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        cpu->r[0] = 10;
        cpu->r[1] = RIG_DATA + RIG_DATA_BYTES - 4; /* the second word is not there */
        cpu->r[2] = 12;
        cpu->r[3] = 13;
        if ((cases[i].word & 0x0e000000) != 0x08000000) {
            cpu->r[1] = RIG_DATA + RIG_DATA_BYTES;
        }
        a32(cases[i].word);
        cr_expect(aborted(), "%s", cases[i].why);
        cr_expect(eq(u32, cpu->r[0], 10), "%s", cases[i].why);
        cr_expect(ge(u32, cpu->r[1], RIG_DATA + RIG_DATA_BYTES - 4), "%s", cases[i].why);
        cr_expect(le(u32, cpu->r[1], RIG_DATA + RIG_DATA_BYTES), "%s", cases[i].why);
        cr_expect(eq(u32, cpu->r[2], 12), "%s", cases[i].why);
        cr_expect(eq(u32, cpu->cp15.dfar,
                     RIG_DATA + RIG_DATA_BYTES + (cases[i].word == 0xe5b10004 ? 4 : 0)),
                  "%s", cases[i].why);
    }
}

Test(arm_rules, a_base_that_is_loaded_gets_what_was_loaded)
{
    put32(RIG_DATA, 0x100);
    put32(RIG_DATA + 4, 0x104);
    cpu->r[1] = RIG_DATA;
    a32(0xe8910003); /* ldm r1, {r0, r1} */
    cr_expect(eq(u32, cpu->r[0], 0x100));
    cr_expect(eq(u32, cpu->r[1], 0x104));
    cpu->r[1] = RIG_DATA;
    t32(0xc903); /* ldm r1, {r0, r1}: no writeback */
    cr_expect(eq(u32, cpu->r[1], 0x104));
    cpu->r[1] = RIG_DATA;
    t32(0xc901); /* ldm r1!, {r0} */
    cr_expect(eq(u32, cpu->r[1], RIG_DATA + 4));
    cpu->r[1] = RIG_DATA;
    a32(0xe4911004); /* ldr r1, [r1], #4, UNPREDICTABLE */
    cr_expect(eq(u32, cpu->r[1], 0x100));
}

Test(arm_rules, a_store_exclusive_needs_the_monitor)
{
    cpu->r[1] = RIG_DATA;
    cpu->r[2] = 0xabcd;
    put32(RIG_DATA, 5);
    a32(0xe1910f9f); /* ldrex r0, [r1] */
    cr_expect(eq(u32, cpu->r[0], 5));
    a32(0xe1810f92); /* strex r0, r2, [r1] */
    cr_expect(eq(u32, cpu->r[0], 0));
    cr_expect(eq(u32, get32(RIG_DATA), 0xabcd));
    cpu->r[2] = 1;
    a32(0xe1810f92); /* the monitor is open now */
    cr_expect(eq(u32, cpu->r[0], 1));
    cr_expect(eq(u32, get32(RIG_DATA), 0xabcd));
    a32(0xe1910f9f);
    cpu->r[1] = RIG_DATA + 4;
    a32(0xe1810f92); /* another address */
    cr_expect(eq(u32, cpu->r[0], 1));
    cpu->r[1] = RIG_DATA;
    a32(0xe1810f92); /* which opened it too */
    cr_expect(eq(u32, cpu->r[0], 1));
    a32(0xe1d10f9f); /* ldrexb */
    a32(0xe1810f92); /* another size */
    cr_expect(eq(u32, cpu->r[0], 1));
    cr_expect(eq(u32, get32(RIG_DATA), 0xabcd));
}

Test(arm_rules, a_store_exclusive_whose_condition_fails_leaves_the_monitor)
{
    cpu->r[1] = RIG_DATA;
    cpu->r[2] = 9;
    a32(0xe1910f9f); /* ldrex r0, [r1] */
    cpu->r[0] = 77;
    step(0x01810f92, false, 0); /* strexeq */
    cr_expect(eq(u32, cpu->r[0], 77));
    step(0x01810f92, false, CPSR_Z);
    cr_expect(eq(u32, cpu->r[0], 0));
    cr_expect(eq(u32, get32(RIG_DATA), 9));
}

Test(arm_rules, swp_exchanges_once_sctlr_allows_it)
{
    cpu->cp15.sctlr |= SCTLR_SW;
    arm_update(cpu);
    put32(RIG_DATA, 0x11223344);
    cpu->r[1] = RIG_DATA;
    cpu->r[2] = 0xaabbccdd;
    a32(0xe1010092); /* swp r0, r2, [r1] */
    cr_expect(eq(u32, cpu->r[0], 0x11223344));
    cr_expect(eq(u32, get32(RIG_DATA), 0xaabbccdd));
    a32(0xe1412092); /* swpb r2, r2, [r1] */
    cr_expect(eq(u32, cpu->r[2], 0xdd));
    cr_expect(eq(u32, get32(RIG_DATA), 0xaabbccdd));
}

static void big(uint32_t word)
{
    arm_rig_start(rig, ARM_SYS | CPSR_E, RIG_CODE);
    arm_rig_step(rig, word, false);
}

Test(arm_rules, big_endian_data_is_reversed_within_each_element)
{
    put32(RIG_DATA, 0x44332211); /* bytes 11 22 33 44 */
    put32(RIG_DATA + 4, 0x88776655);
    cpu->r[1] = RIG_DATA;
    big(0xe5910000); /* ldr */
    cr_expect(eq(u32, cpu->r[0], 0x11223344));
    big(0xe1d100f2); /* ldrsh r0, [r1, #2] */
    cr_expect(eq(u32, cpu->r[0], 0x3344));
    big(0xe1c120d0); /* ldrd r2, r3, [r1] */
    cr_expect(eq(u32, cpu->r[2], 0x11223344));
    cr_expect(eq(u32, cpu->r[3], 0x55667788));
    big(0xe891000c); /* ldm r1, {r2, r3} */
    cr_expect(eq(u32, cpu->r[3], 0x55667788));
    big(0xe1b12f9f); /* ldrexd r2, r3, [r1] */
    cr_expect(eq(u32, cpu->r[2], 0x11223344));
    cr_expect(eq(u32, cpu->r[3], 0x55667788));
    cpu->r[2] = 0x01020304;
    big(0xe1a10f92); /* strexd r0, r2, r3, [r1] */
    cr_expect(eq(u32, cpu->r[0], 0));
    cr_expect(eq(u32, get32(RIG_DATA), 0x04030201));
    cr_expect(eq(u32, get32(RIG_DATA + 4), 0x88776655));
}

Test(arm_rules, smlad_overflows_only_if_the_whole_sum_does)
{
    cpu->r[0] = 0x80008000;
    cpu->r[1] = 0x80008000;
    cpu->r[2] = 0x80000001;
    a32(0xe7032110); /* smlad r3, r0, r1, r2: 2^31 - 2^31 + 1 */
    cr_expect(eq(u32, cpu->r[3], 1));
    cr_expect(eq(u32, arm_cpsr(cpu) & CPSR_Q, 0));
    a32(0xe703f110); /* smuad r3, r0, r1 */
    cr_expect(eq(u32, cpu->r[3], 0x80000000));
    cr_expect(eq(u32, arm_cpsr(cpu) & CPSR_Q, CPSR_Q));
    cpu->r[2] = 1;
    a32(0xe7032110);
    cr_expect(eq(u32, arm_cpsr(cpu) & CPSR_Q, CPSR_Q));
}

/* Puts halfwords at RIG_CODE and runs @n instructions of them. */
static void thumb_code(const uint16_t *code, unsigned bytes, unsigned n)
{
    arm_rig_code(rig, RIG_CODE, code, bytes);
    arm_rig_start(rig, ARM_SYS | CPSR_T, RIG_CODE);
    arm_rig_run(rig, n);
}

Test(arm_rules, it_state_is_carried_from_instruction_to_instruction)
{
    /* itete eq; moveq r0,#1; movne r1,#2; moveq r2,#3; movne r3,#4; movs r4,#0 */
    static const uint16_t code[] = { 0xbf0b, 0x2001, 0x2102, 0x2203, 0x2304, 0x2400 };
    static const uint32_t it[] = { 0x0b, 0x16, 0x0c, 0x18, 0, 0 };

    for (unsigned n = 1; n <= 6; n++) {
        thumb_code(code, sizeof(code), n);
        cr_expect(eq(u32, arm_it_of_psr(arm_cpsr(cpu)), it[n - 1]), "%u", n);
    }
    cr_expect(eq(u32, cpu->r[1], 2));
    cr_expect(eq(u32, cpu->r[2], 0));
    cr_expect(eq(u32, cpu->r[3], 4));
    cr_expect(ne(u32, arm_cpsr(cpu) & CPSR_Z, 0), "outside the block mov sets flags again");
}

Test(arm_rules, a_fault_in_an_it_block_saves_the_it_state)
{
    static const uint16_t code[] = { 0xbf1c, 0x6808, 0x6808 }; /* itt ne; ldrne r0,[r1] twice */

    cpu->r[1] = 0;
    thumb_code(code, sizeof(code), 2);
    cr_expect(aborted());
    cr_expect(eq(u32, arm_it_of_psr(cpu->spsr_now), 0x1c));
    cr_expect(eq(u32, cpu->r[14], RIG_CODE + 2 + 8));
}

Test(arm_rules, what_may_not_be_in_an_it_block_is_undefined_there)
{
    static const uint16_t it[] = { 0xbf18, 0xbf18 }, cbz[] = { 0xbf18, 0xb101 };
    static const uint16_t b[] = { 0xbf18, 0xd001 };

    thumb_code(it, sizeof(it), 2);
    cr_expect(undefined());
    thumb_code(cbz, sizeof(cbz), 2);
    cr_expect(undefined());
    thumb_code(b, sizeof(b), 2);
    cr_expect(undefined());
}

Test(arm_rules, a_branch_that_ends_an_it_block_is_conditional)
{
    static const uint16_t ne[] = { 0xbf18, 0xe010 }, eq[] = { 0xbf08, 0xe010 };
    static const uint16_t bl[] = { 0xbf08, 0xf000, 0xf802 };

    thumb_code(ne, sizeof(ne), 2);
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 2 + 4 + 0x20));
    cr_expect(eq(u32, cpu->v.mode & MODE_IT, 0));
    thumb_code(eq, sizeof(eq), 2);
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 4));
    cpu->r[14] = 3;
    thumb_code(bl, sizeof(bl), 2);
    cr_expect(eq(u32, cpu->r[14], 3));
}

/* ---- what lift() answers ---- */

static IsaLifted lift(IrBlock *blk, uint32_t word, bool thumb, unsigned avail)
{
    uint16_t half[2] = { (uint16_t)word, (uint16_t)(word >> 16) };
    uint8_t code[4];
    IsaLift l = { .blk = blk,
                  .v = &cpu->v,
                  .pc = RIG_CODE,
                  .mode = thumb ? MODE_T : 0,
                  .code = code,
                  .avail = avail,
                  .room = 16 };

    if (thumb && word >> 16 != 0) {
        half[0] = (uint16_t)(word >> 16);
        half[1] = (uint16_t)word;
    }
    memcpy(code, half, 4);
    ir_begin(blk, &arm_isa, l.pc, l.mode);
    return arm_isa.lift(&l);
}

Test(arm_rules, a_unit_runs_on_past_forward_branches_only)
{
    static const struct {
        const char *why;
        uint32_t word;
        bool thumb;
        IsaLifted want;
    } cases[] = {
        { "b forward", 0xea000010, false, LIFTED_END },
        { "beq forward", 0x0a000010, false, LIFTED },
        { "beq backward", 0x0afffff0, false, LIFTED_END },
        { "beq to itself", 0x0afffffe, false, LIFTED_END },
        { "bleq backward", 0x0bfffff0, false, LIFTED },
        { "bl", 0xeb000010, false, LIFTED_END },
        { "bxne lr", 0x112fff1e, false, LIFTED },
        { "bx lr", 0xe12fff1e, false, LIFTED_END },
        { "ldmne sp!, {pc}", 0x18bd8000, false, LIFTED },
        { "addls pc, pc, r3, lsl #2", 0x908ff103, false, LIFTED },
        { "isb", 0xf57ff06f, false, LIFTED_END },
        { "dsb", 0xf57ff04f, false, LIFTED },
        { "undefined", 0xe7f000f0, false, LIFTED_END },
        { "undefined, conditional", 0x17f000f0, false, LIFTED },
        { "cbz", 0xb101, true, LIFTED },
        { "beq.n backward", 0xd0f0, true, LIFTED_END },
        { "tbb", 0xe8d1f002, true, LIFTED_END },
    };
    IrBlock *blk = g_new(IrBlock, 1);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        IsaLifted got = lift(blk, cases[i].word, cases[i].thumb, 4);

        cr_expect(eq(int, got, cases[i].want), "%s", cases[i].why);
        cr_expect(eq(int, ir_ended(blk), got == LIFTED_END), "%s", cases[i].why);
        if (got == LIFTED) {
            ir_goto(blk, RIG_CODE + 4, 0);
        }
        cr_expect(ir_verify(blk, &error), "%s: %s", cases[i].why, error ? error->message : "");
    }
    g_free(blk);
}

Test(arm_rules, half_an_instruction_asks_for_more)
{
    IrBlock *blk = g_new(IrBlock, 1);

    cr_expect(eq(int, lift(blk, 0xf8d10000, true, 2), LIFT_MORE));
    cr_expect(eq(u32, blk->n, 0));
    cr_expect(eq(int, lift(blk, 0xf8d10000, true, 4), LIFTED));
    cr_expect(eq(int, lift(blk, 0x4770, true, 2), LIFTED_END));
    g_free(blk);
}

/* Every row's lifter makes a block that the verifier accepts, whatever its fields. */
Test(arm_rules, every_lifter_makes_valid_ir)
{
    const uint32_t seed = g_random_int();
    GRand *rand = g_rand_new_with_seed(seed);
    IrBlock *blk = g_new(IrBlock, 1);
    unsigned n;
    const ArmInsn *row = arm_rows(&n);

    for (unsigned i = 0; i < n * 40; i++) {
        const ArmInsn *r = &row[i % n];
        uint32_t word = r->match | (g_rand_int(rand) & ~r->mask);
        g_autoptr(GError) error = NULL;

        if (r->thumb == 2) {
            word &= 0xffff;
        }
        if (!arm_row_matches(r, word)) {
            continue;
        }
        if (lift(blk, word, r->thumb != 0, 4) == LIFTED) {
            ir_goto(blk, RIG_CODE + 4, 0);
        }
        cr_assert(le(u32, blk->n, IR_BLOCK_ROOM), "%s %08x, seed %u", r->info.name, word, seed);
        cr_assert(ir_verify(blk, &error), "%s %08x, seed %u: %s", r->info.name, word, seed,
                  error ? error->message : "");
    }
    g_rand_free(rand);
    g_free(blk);
}
