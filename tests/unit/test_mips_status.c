/* SPDX-License-Identifier: MIT */
/* test_mips_status.c - MTC0 to Status, inline or not, does what the register's write function does;
 * Cause and Count as code sees them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/cp0_priv.h"
#include "tests/rig/mips_rig.h"

enum { MTC0_STATUS = 0x40846000, MFC0_CAUSE = 0x40046800, MFC0_COUNT = 0x40044800 }; /* r4 */

static void pend(MipsCpu *cpu)
{
    mips_set_irq(&cpu->v, 1, true); /* Cause.IP3 */
    cpu->cp0.entryhi = 0x21;
}

/* From @old, in kseg0, to @value: once in code, once by the function. */
static void check_write(MipsRig *rig, MipsRig *plain, uint32_t old, uint32_t value)
{
    static const uint32_t code[] = { MTC0_STATUS, 0 };
    const MipsCpu *a = rig->cpu, *b = plain->cpu;

    mips_rig_code(rig, MIPS_CODE, code, 2);
    pend(rig->cpu);
    pend(plain->cpu);
    mips_rig_start(rig, old, KSEG0_OF(MIPS_CODE));
    mips_rig_start(plain, old, KSEG0_OF(MIPS_CODE));
    rig->cpu->r[4] = value;
    mips_rig_run(rig, 1);
    mips_cp0_write(plain->cpu, mips_cp0_reg(CP0_Status), value);
    cr_expect(eq(u32, a->v.pc, KSEG0_OF(MIPS_CODE) + 4), "%08x to %08x", old, value);
    cr_expect(eq(u32, a->cp0.status, b->cp0.status), "%08x to %08x", old, value);
    cr_expect(eq(u32, a->v.mode, b->v.mode), "%08x to %08x", old, value);
    cr_expect(eq(u32, a->v.attention, b->v.attention), "%08x to %08x", old, value);
    cr_expect(
        eq(u64, a->v.lookup_ctx & (uint64_t)0xffff << 32, b->v.lookup_ctx & (uint64_t)0xffff << 32),
        "%08x to %08x", old, value);
}

Test(mips_status, mtc0_does_what_the_write_function_does)
{
    static const uint32_t bits[] = { 0,          STATUS_IE,  STATUS_EXL, STATUS_ERL,
                                     STATUS_R0,  STATUS_UM,  0x800,      0xff00,
                                     STATUS_NMI, STATUS_TS,  STATUS_BEV, STATUS_RE,
                                     STATUS_FR,  STATUS_CU0, STATUS_CU1, STATUS_UM | STATUS_EXL,
                                     STATUS_KSU, 1u << 26,   1u << 31,   STATUS_UM | STATUS_CU0,
                                     STATUS_MX };
    static const uint32_t kernel[] = { 0,
                                       STATUS_EXL,
                                       STATUS_EXL | STATUS_UM,
                                       STATUS_ERL,
                                       STATUS_ERL | STATUS_UM,
                                       STATUS_CU0 | STATUS_IE | 0xff00,
                                       STATUS_EXL | STATUS_TS | STATUS_CU1 | STATUS_BEV };
    static const char *const models[] = { "4Kc", "24Kf", "74Kf" };

    for (unsigned m = 0; m < G_N_ELEMENTS(models); m++) {
        MipsRig *plain = mips_rig_new(&interp_host, models[m], false);
        MipsRig *rig[] = { mips_rig_new(&interp_host, models[m], false),
                           mips_rig_new(&x64_host, models[m], false) };

        for (unsigned i = 0; i < G_N_ELEMENTS(bits) * G_N_ELEMENTS(kernel) * 2; i++) {
            uint32_t bit = bits[i / 2 % G_N_ELEMENTS(bits)];
            uint32_t old = kernel[i / 2 / G_N_ELEMENTS(bits)];

            check_write(rig[i % 2], plain, old, bit);
            check_write(rig[i % 2], plain, old, old ^ bit);
        }
        for (unsigned k = 0; k < 2; k++) {
            mips_rig_free(rig[k]);
        }
        mips_rig_free(plain);
    }
}

Test(mips_status, code_sees_the_inputs_in_cause_and_ti_once_count_has_passed_compare)
{
    static const uint32_t code[] = { MFC0_CAUSE, MFC0_COUNT, MFC0_CAUSE };
    const HostIsa *const hosts[] = { &interp_host, &x64_host };

    for (unsigned i = 0; i < 2; i++) {
        MipsRig *rig = mips_rig_new(hosts[i], "24Kc", false);
        MipsCpu *cpu = rig->cpu;

        mips_rig_code(rig, MIPS_CODE, code, 3);
        mips_rig_start(rig, 0, KSEG0_OF(MIPS_CODE));
        mips_cp0_write(cpu, mips_cp0_reg(CP0_Count), 1000);
        mips_cp0_write(cpu, mips_cp0_reg(CP0_Compare), 1016);
        mips_set_irq(&cpu->v, 2, true);
        rig->now_ns = 1000; /* the event would have been due, and nobody has looked */
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, cpu->r[4] & 0x4000ff00, 1u << 12));
        mips_rig_run(rig, 1);
        cr_expect(gt(u32, cpu->r[4], 1016));
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, cpu->r[4] & 0x4000ff00, 0x40009000));
        mips_set_irq(&cpu->v, 2, false);
        mips_rig_free(rig);
    }
}
