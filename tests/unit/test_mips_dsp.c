/* SPDX-License-Identifier: MIT */
/* test_mips_dsp.c - the DSP ASE: what it needs, its flags where the outside oracle is silent. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/lift.h"
#include "tests/rig/mips_rig.h"

enum { ERL = 4, MX = 1 << 24, DSPDIS = 26, RI = 10 };

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

static unsigned exc_code(const MipsRig *rig) { return rig->cpu->cp0.cause >> 2 & 31; }

/* MD00374 4.2: without Status.MX; and without the ASE the encoding is reserved. */
Test(mips_dsp, each_row_needs_status_mx)
{
    unsigned n;
    const MipsInsn *rows = mips_rows(&n);

    for (unsigned k = 0; k < 2; k++) {
        MipsRig *rig = mips_rig_new(&interp_host, k != 0 ? "24Kf" : "74Kf", false);

        for (unsigned i = 0; i < n; i++) {
            if ((rows[i].features & (MIPS_DSP | MIPS_DSP2)) == 0) {
                continue;
            }
            mips_rig_start(rig, 0, KSEG0_OF(MIPS_CODE));
            mips_rig_code(rig, MIPS_CODE, &(uint32_t){ rows[i].match | 1u << 11 }, 1);
            mips_rig_run(rig, 1);
            if (mips_row_matches(&rows[i], rows[i].match | 1u << 11)) {
                cr_expect(eq(u32, exc_code(rig), k != 0 ? RI : DSPDIS), "%s", rows[i].info.name);
            }
        }
        mips_rig_free(rig);
    }
}

typedef struct Case {
    const char *why;
    uint32_t word; /* on rs = r1, rt = r2, rd = r3, ac1 */
    uint32_t control, s, t, want, control_after;
} Case;

/* clang-format off */
static const Case cases[] = {
    /* MD00374 chapter 5 */
    { "addq.ph overflows",     0x7c221a90, 0, 0x7fff0001, 0x00010001, 0x80000002, 1 << 20 },
    { "addq_s.ph",             0x7c221b90, 0, 0x7fff8000, 0x0001ffff, 0x7fff8000, 1 << 20 },
    { "addu_s.qb",             0x7c221910, 0, 0xff01807f, 0x01017f01, 0xff02ff80, 1 << 20 },
    { "subu.qb",               0x7c221850, 0, 0x00010203, 0x01010101, 0xff000102, 1 << 20 },
    { "absq_s.ph",             0x7c021a52, 0, 0, 0x8000ffff, 0x7fff0001, 1 << 20 },
    { "mulq_rs.ph",            0x7c221fd0, 0, 0x80004000, 0x80004000, 0x7fff2000, 1 << 21 },
    { "shll_s.ph by 1",        0x7c221b13, 0, 0, 0x40002000, 0x7fff4000, 1 << 22 },
    { "shra_r.ph by 1",        0x7c221b53, 0, 0, 0x0003fffd, 0x0002ffff, 0 },
    { "cmpu.lt.qb",            0x7c220051, 0xf << 24, 0x00ff0102, 0x01000202, 0, 0xa << 24 },
    { "cmpgdu.le.qb",          0x7c221e91, 0, 0x00ff0102, 0x01000202, 0xb, 0xb << 24 },
    { "pick.ph",               0x7c221ad1, 2 << 24, 0x11112222, 0x33334444, 0x11114444, 2 << 24 },
    { "addsc carries",         0x7c221c10, 0, 0xffffffff, 1, 0, 1 << 13 },
    { "addwc takes it",        0x7c221c50, 1 << 13, 1, 1, 3, 1 << 13 },
    { "modsub wraps",          0x7c221c90, 0, 0, 0x00123402, 0x1234, 0 },
    { "precrqu_s.qb.ph",       0x7c221bd1, 0, 0x7fff8000, 0x00800100, 0xff000102, 1 << 22 },
    { "preceu.ph.qbla",        0x7c021f92, 0, 0, 0x12345678, 0x00120056, 0 },
    { "bitrev",                0x7c021ed2, 0, 0, 0x12340001, 0x8000, 0 },
    { "repl.ph -1",            0x7fff1a92, 0, 0, 0, 0xffffffff, 0 },
    { "rddsp",                 0x7c041cb8, 0x00ff2fbf, 0, 0, 0x2000,
      0x00ff2fbf },
};
/* clang-format on */

Test(mips_dsp, results_and_flags)
{
    for (unsigned k = 0; k < 2; k++) {
        MipsRig *rig = mips_rig_new(hosts[k], "74Kf", false);
        MipsCpu *cpu = rig->cpu;

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
            const Case *c = &cases[i];

            mips_rig_start(rig, ERL | MX, MIPS_CODE);
            cpu->r[1] = c->s;
            cpu->r[2] = c->t;
            cpu->r[3] = 0;
            cpu->dspcontrol = c->control;
            mips_rig_step(rig, c->word);
            cr_expect(eq(u32, cpu->r[3], c->want), "%s", c->why);
            cr_expect(eq(u32, cpu->dspcontrol, c->control_after), "%s, DSPControl", c->why);
        }
        mips_rig_free(rig);
    }
}

Test(mips_dsp, flags_are_set_though_the_result_goes_nowhere)
{
    MipsRig *rig = mips_rig_new(&x64_host, "74Kf", false);

    mips_rig_start(rig, ERL | MX, MIPS_CODE);
    rig->cpu->r[1] = 0x7fffffff;
    rig->cpu->r[2] = 1;
    mips_rig_step(rig, 0x7c220590); /* addq_s.w r0, r1, r2 */
    cr_expect(eq(u32, rig->cpu->r[0], 0));
    cr_expect(eq(u32, rig->cpu->dspcontrol, 1 << 20));
    mips_rig_free(rig);
}

Test(mips_dsp, bposge32_branches_on_pos)
{
    static const uint32_t code[] = { 0x041c0002, 0x24050001, 0x24060001, 0x24070001 };

    for (unsigned k = 0; k < 4; k++) {
        MipsRig *rig = mips_rig_new(hosts[k / 2], "74Kf", false);

        mips_rig_start(rig, ERL | MX, MIPS_CODE);
        rig->cpu->dspcontrol = k % 2 != 0 ? 32 : 31;
        mips_rig_code(rig, MIPS_CODE, code, 4);
        mips_rig_run(rig, 3);
        cr_expect(eq(u32, rig->cpu->r[5], 1));
        cr_expect(eq(u32, rig->cpu->r[6], k % 2 == 0));
        cr_expect(eq(u32, rig->cpu->r[7], k % 2 != 0));
        mips_rig_free(rig);
    }
}
