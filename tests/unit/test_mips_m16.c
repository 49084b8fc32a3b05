/* SPDX-License-Identifier: MIT */
/* test_mips_m16.c - MIPS16e by section of MD00076: what single random instructions do not show. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/rig/mips_rig.h"

enum { RI = 10, ADES = 5 };
#define AT KSEG0_OF(MIPS_CODE)

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

static MipsRig *rig_new(unsigned k, const uint16_t *code, unsigned n)
{
    MipsRig *rig = mips_rig_new(hosts[k / 2], "24Kf", k % 2 != 0);

    mips_rig_start(rig, 0, AT);
    rig->cpu->v.mode |= MIPS_MODE_ISA;
    mips_rig_halves(rig, MIPS_CODE, code, n);
    return rig;
}

#define RUN(k, code) rig_new(k, code, G_N_ELEMENTS(code))

Test(mips_m16, an_exception_has_the_isa_mode_in_epc_and_enters_mips32) /* 3.12 */
{
    static const uint16_t code[] = { 0x6a01, 0xe808 | 0x1f };

    for (unsigned k = 0; k < 4; k++) {
        MipsRig *rig = RUN(k, code); /* li v0, 1; then what is not an instruction */

        mips_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->r[2], 1));
        cr_expect(eq(u32, rig->cpu->cp0.epc, AT + 3));
        cr_expect(eq(u32, rig->cpu->cp0.cause >> 2 & 31, RI));
        cr_expect(eq(u32, rig->cpu->v.mode & MIPS_MODE_ISA, 0));
        mips_rig_free(rig);
    }
}

Test(mips_m16, jalx_and_jr_change_the_isa_mode) /* 3.7 */
{
    for (unsigned k = 0; k < 4; k++) {
        const uint32_t to = MIPS_CODE + 0x40;
        /* jalx; its slot: li v0, 7 */
        const uint16_t code[] = { (uint16_t)(0x1c00 | (to >> 2 >> 16 & 31) << 5
                                             | (to >> 2 >> 21 & 31)),
                                  (uint16_t)(to >> 2), 0x6a07 };
        /* jr ra; slot: addiu v1, zero, 8 */
        static const uint32_t target[] = { 0x03e00008, 0x24030008 };
        MipsRig *rig = RUN(k, code);

        mips_rig_code(rig, to, target, 2);
        mips_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->v.pc, KSEG0_OF(to)));
        cr_expect(eq(u32, rig->cpu->v.mode & MIPS_MODE_ISA, 0));
        cr_expect(eq(u32, rig->cpu->r[31], AT + 6 + 1));
        mips_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->v.pc, AT + 6));
        cr_expect(eq(u32, rig->cpu->v.mode & MIPS_MODE_ISA, 1));
        cr_expect(eq(u32, rig->cpu->r[2], 7));
        cr_expect(eq(u32, rig->cpu->r[3], 8));
        mips_rig_free(rig);
    }
}

Test(mips_m16, pc_in_a_delay_slot_is_that_of_the_jump) /* 3.9 */
{
    static const uint16_t code[] = { 0x6500, 0xe820, 0x0a01 }; /* nop; jr ra; addiu v0, pc, 4 */

    for (unsigned k = 0; k < 4; k++) {
        MipsRig *rig = RUN(k, code);

        rig->cpu->r[31] = AT + 0x101;
        mips_rig_run(rig, 3);
        cr_expect(eq(u32, rig->cpu->r[2], AT + 4));
        cr_expect(eq(u32, rig->cpu->v.pc, AT + 0x100));
        mips_rig_free(rig);
    }
}

Test(mips_m16, an_extended_instruction_in_a_delay_slot_is_reserved) /* 3.11: UNPREDICTABLE */
{
    static const uint16_t code[] = { 0xe820, 0xf000, 0x6a01 };

    for (unsigned k = 0; k < 4; k++) {
        MipsRig *rig = RUN(k, code);

        rig->cpu->r[31] = AT + 0x101;
        mips_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->cp0.cause >> 2 & 31, RI));
        cr_expect(eq(u32, rig->cpu->cp0.epc, AT + 1));
        cr_expect(eq(u32, rig->cpu->cp0.cause >> 31, 1), "BD");
        mips_rig_free(rig);
        rig = RUN(k, code); /* and apart from its branch */
        rig->cpu->r[31] = AT + 0x101;
        mips_rig_run(rig, 1);
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, rig->cpu->cp0.cause >> 2 & 31, RI));
        cr_expect(eq(u32, rig->cpu->cp0.epc, AT + 1));
        mips_rig_free(rig);
    }
}

/* RESTORE ra, s0, s1, 64: ra first, which is the highest. Neither page is there. */
Test(mips_m16, restore_begins_with_the_highest_word) /* SAVE, RESTORE: Operation */
{
    static const uint16_t code[] = { 0x6478 };

    for (unsigned k = 0; k < 4; k++) {
        MipsRig *rig = RUN(k, code);

        rig->cpu->r[29] = 0xc0000fc4;
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, rig->cpu->cp0.badvaddr, 0xc0001000));
        mips_rig_free(rig);
    }
}

Test(mips_m16, asmacro_and_64_bit_instructions_are_reserved) /* 3.15 */
{
    static const uint16_t codes[][2] = {
        { 0xf000, 0xe001 },        { 0x3801, 0x6500 }, { 0x4011, 0x6500 },
        { 0xe800 | 0x1d, 0x6500 }, { 0xf800, 0x6500 }, { 0xb801, 0x6500 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++) {
        MipsRig *rig = rig_new(2, codes[i], 2);

        mips_rig_run(rig, 1);
        cr_expect(eq(u32, rig->cpu->cp0.cause >> 2 & 31, RI), "%04x", codes[i][0]);
        mips_rig_free(rig);
    }
}

Test(mips_m16, save_that_faults_leaves_the_stack_pointer)
{
    static const uint16_t code[] = { 0x64f1 }; /* save ra, s0, s1, 8 */

    for (unsigned k = 0; k < 4; k++) {
        MipsRig *rig = RUN(k, code);

        rig->cpu->r[29] = KSEG0_OF(MIPS_DATA) + 0x102;
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, rig->cpu->r[29], KSEG0_OF(MIPS_DATA) + 0x102));
        cr_expect(eq(u32, rig->cpu->cp0.cause >> 2 & 31, ADES));
        cr_expect(eq(u32, rig->cpu->cp0.badvaddr, KSEG0_OF(MIPS_DATA) + 0x102 - 4), "ra is first");
        mips_rig_free(rig);
    }
}
