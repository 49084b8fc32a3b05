/* SPDX-License-Identifier: MIT */
/* test_mips_align.c - accesses of one unit whose addresses hang together: each one that is not
 * aligned is an Address Error, whatever was tested before it. MD00090 4.1. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/mips_priv.h"
#include "tests/rig/mips_rig.h"

enum { CODE_WORDS = 6, BASE = 4, INDEX = 8 };
#define LW(t, s, offset) (0x8c000000u | (s) << 21 | (t) << 16 | ((offset)&0xffffu))
#define LH(t, s, offset) (0x84000000u | (s) << 21 | (t) << 16 | ((offset)&0xffffu))
#define SW(t, s, offset) (0xac000000u | (s) << 21 | (t) << 16 | ((offset)&0xffffu))
#define ADDIU(t, s, i) (0x24000000u | (s) << 21 | (t) << 16 | ((i)&0xffffu))
#define ADDU(d, s, t) (0x00000021u | (s) << 21 | (t) << 16 | (d) << 11)
#define SUBU(d, s, t) (0x00000023u | (s) << 21 | (t) << 16 | (d) << 11)
#define SLL(d, t, by) (0x00000000u | (t) << 16 | (d) << 11 | (by) << 6)
#define ANDI(t, s, i) (0x30000000u | (s) << 21 | (t) << 16 | (i))
#define MOVN(d, s, t) (0x0000000bu | (s) << 21 | (t) << 16 | (d) << 11)
#define BNEL(s, t, offset) (0x54000000u | (s) << 21 | (t) << 16 | (offset))

typedef struct Sequence {
    const char *what;
    uint32_t word[CODE_WORDS];
} Sequence;

static const Sequence sequences[] = {
    { "one base", { LW(5, 4, 0), LW(6, 4, 8), LW(7, 4, -4), SW(5, 4, 12), LH(6, 4, 2) } },
    { "an offset that breaks it", { LW(5, 4, 0), LW(6, 4, 6), LW(7, 4, 4) } },
    { "a base that is off", { LW(5, 4, 2), LW(6, 4, 6), LW(7, 4, 4) } },
    { "halves say less than words", { LH(5, 4, 0), LH(6, 4, 2), LW(7, 4, 4), LH(6, 4, 8) } },
    { "a base moved on",
      { LW(5, 4, 0), ADDIU(4, 4, 4), LW(6, 4, 0), ADDIU(4, 4, 2), LW(7, 4, 0) } },
    { "scaled index", { LW(5, 4, 0), SLL(9, 8, 2), ADDU(9, 9, 4), LW(6, 9, 0), SW(6, 9, 4) } },
    { "index not scaled", { LW(5, 4, 0), ADDU(9, 8, 4), LW(6, 9, 0), LW(7, 4, 4) } },
    { "scaled too little", { LW(5, 4, 0), SLL(9, 8, 1), SUBU(9, 4, 9), LW(6, 9, 0), LH(7, 9, 0) } },
    { "masked", { LW(5, 4, 0), ANDI(9, 8, 0xc), ADDU(9, 9, 4), LW(6, 9, 0) } },
    { "masked too little", { LW(5, 4, 0), ANDI(9, 8, 0xe), ADDU(9, 9, 4), LW(6, 9, 0) } },
    { "the loaded one is another", { LW(5, 4, 0), LW(6, 4, 4), ADDU(4, 4, 8), LW(7, 4, 0) } },
    { "chosen", { LW(5, 4, 0), MOVN(4, 8, 8), ADDU(4, 4, 10), LW(6, 4, 0) } },
    { "only on one way", { BNEL(8, 0, 2), LW(5, 4, 0), LW(6, 4, 4), LW(7, 4, 0) } },
};

static void begin(MipsRig *rig, const Sequence *s, uint32_t base, uint32_t index)
{
    MipsCpu *cpu = rig->cpu;

    mips_rig_code(rig, MIPS_CODE, s->word, CODE_WORDS);
    mips_rig_start(rig, 0, KSEG0_OF(MIPS_CODE));
    for (unsigned i = 0; i < 32; i += 4) {
        mips_rig_set_word(rig, MIPS_DATA + 0x100 + i - 16, 0x01010101 * (i + 1));
    }
    for (unsigned r = 1; r < 32; r++) {
        cpu->r[r] = 0;
    }
    cpu->r[BASE] = KSEG0_OF(MIPS_DATA) + 0x100 + base;
    cpu->r[INDEX] = index;
    cpu->r[10] = KSEG0_OF(MIPS_DATA) + 0x100;
    cpu->cp0.badvaddr = 0;
    cpu->cp0.epc = 0;
    cpu->cp0.cause = 0;
    mips_rig_run(rig, CODE_WORDS);
}

static void compare(const MipsCpu *a, const MipsCpu *b, const char *what, uint32_t base,
                    uint32_t index)
{
    cr_expect(eq(u32, a->v.pc, b->v.pc), "%s, %u, %u", what, base, index);
    cr_expect(eq(u32, a->cp0.badvaddr, b->cp0.badvaddr), "%s, %u, %u", what, base, index);
    cr_expect(eq(u32, a->cp0.epc, b->cp0.epc), "%s, %u, %u", what, base, index);
    cr_expect(eq(u32, a->cp0.cause, b->cp0.cause), "%s, %u, %u", what, base, index);
    for (unsigned r = 1; r < 32; r++) {
        cr_expect(eq(u32, a->r[r], b->r[r]), "%s, %u, %u: r%u", what, base, index, r);
    }
}

Test(mips_align, each_access_of_a_unit_is_held_to_its_rule)
{
    for (unsigned be = 0; be < 2; be++) {
        MipsRig *one = mips_rig_new(&interp_host, "24Kc", be);
        MipsRig *other = mips_rig_new(&x64_host, "24Kc", be);

        for (unsigned i = 0; i < G_N_ELEMENTS(sequences); i++) {
            for (unsigned k = 0; k < 5 * 6; k++) {
                begin(one, &sequences[i], k % 5, k / 5);
                begin(other, &sequences[i], k % 5, k / 5);
                compare(other->cpu, one->cpu, sequences[i].what, k % 5, k / 5);
            }
        }
        mips_rig_free(one);
        mips_rig_free(other);
    }
}

Test(mips_align, the_first_that_is_not_aligned_is_the_one_that_faults)
{
    MipsRig *rig = mips_rig_new(&x64_host, "24Kc", false);

    begin(rig, &sequences[1], 0, 0);
    cr_expect(eq(u32, rig->cpu->cp0.epc, KSEG0_OF(MIPS_CODE) + 4));
    cr_expect(eq(u32, rig->cpu->cp0.badvaddr, KSEG0_OF(MIPS_DATA) + 0x106));
    cr_expect(eq(u32, rig->cpu->cp0.cause >> 2 & 31, MIPS_EXC_ADEL));
    mips_rig_free(rig);
}
