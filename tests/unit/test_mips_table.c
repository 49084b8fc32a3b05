/* SPDX-License-Identifier: MIT */
/* test_mips_table.c - the MIPS decoder tables as a whole. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "frontend/mips/lift.h"
#include "tests/rig/mips_rig.h"
#include "tests/unit/row_words.h"

enum { RANDOM_WORDS = 50 }; /* per row */
enum { USER = 0x10, STATUS_EXL = 2 };

_Static_assert((unsigned)ROW_EXCEPTIONS <= ROW_WORDS_EXCEPTIONS, "room");

/* The code page in kuseg, by entry 0 of the TLB. */
static void map_code(MipsRig *rig)
{
    rig->cpu->tlb.hi[0] = MIPS_PAGE;
    rig->cpu->tlb.lo0[0] = MIPS_PAGE >> 12 << 6 | 7;
    rig->cpu->tlb.lo1[0] = (MIPS_PAGE >> 12 | 1) << 6 | 7;
}

static bool was_unusable(const MipsCpu *cpu)
{
    return (cpu->cp0.status & STATUS_EXL) != 0 && (cpu->cp0.cause >> 2 & 31) == MIPS_EXC_CPU;
}

static RowWords words_of(const MipsInsn *row)
{
    RowWords words = { .all = { row->mask, row->match }, .n = row->n_exceptions };

    for (unsigned i = 0; i < row->n_exceptions; i++) {
        words.except[i] = (WordSet){ row->except[i].mask, row->except[i].match };
    }
    return words;
}

static bool overlap(const MipsInsn *a, const MipsInsn *b, uint32_t *word)
{
    RowWords x = words_of(a), y = words_of(b);

    return a->enc == b->enc && row_words_overlap(&x, &y, word);
}

Test(mips_table, no_two_rows_match_the_same_word)
{
    unsigned n;
    const MipsInsn *row = mips_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < i; k++) {
            uint32_t word = 0;

            cr_expect(not(overlap(&row[i], &row[k], &word)), "%s %s and %s %s: %08x",
                      row[i].info.name, row[i].info.encoding, row[k].info.name,
                      row[k].info.encoding, word);
        }
    }
}

/* A word of @row; false if the draw is one of its exceptions. */
static bool draw(const MipsInsn *row, GRand *rand, uint32_t *word)
{
    *word = row->match | (g_rand_int(rand) & ~row->mask);
    if (row->enc == ENC_M16 || row->enc == ENC_MM16) {
        *word &= 0xffff;
    }
    return mips_row_matches(row, *word);
}

Test(mips_table, every_row_decodes_to_itself)
{
    const uint32_t seed = g_random_int();
    GRand *rand = g_rand_new_with_seed(seed);
    unsigned n;
    const MipsInsn *row = mips_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        unsigned drawn = 0;

        for (unsigned k = 0; k < RANDOM_WORDS; k++) {
            uint32_t word;

            if (draw(&row[i], rand, &word)) {
                drawn++;
                cr_assert(mips_decode((MipsEncoding)row[i].enc, word) == &row[i],
                          "%s %s: %08x, seed %u", row[i].info.name, row[i].info.encoding, word,
                          seed);
            }
        }
        cr_expect(ne(u32, drawn, 0), "%s %s", row[i].info.name, row[i].info.encoding);
    }
    g_rand_free(rand);
}

Test(mips_table, every_row_cites_the_manual)
{
    unsigned n;
    const MipsInsn *row = mips_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        cr_expect(gt(u32, strlen(row[i].info.spec), 0), "%s", row[i].info.name);
        cr_expect(eq(u32, row[i].ledger, i));
        cr_expect(mips_isa.insn(i) == &row[i].info);
    }
    cr_expect(le(u32, mips_isa.n_insns, VCPU_LEDGER_ROWS));
}

Test(mips_table, what_is_no_instruction_is_refused)
{
    cr_expect(mips_decode(ENC_M32, 0x00000005) == NULL); /* SPECIAL 5 */
    cr_expect(mips_decode(ENC_M32, 0x04080000 | 7 << 16) == NULL);
    cr_expect(mips_decode(ENC_M32, 0x00200000) == NULL); /* SLL with Rs */
    cr_expect(mips_decode(ENC_M32, 0x60000000) == NULL); /* DADDI */
    cr_expect(mips_decode(ENC_M32, 0xdc000000) == NULL); /* LD */
}

/* Popek and Goldberg's classes: coprocessor 0 traps; what does not and yet shows or changes the
 * machine is RDHWR, where HWREna lets it, and the debugger's breakpoint. */
Test(mips_table, coprocessor_0_is_privileged_and_rdhwr_sensitive)
{
    static const char *const notes[] = { "kseg0 or kseg1", "k0 and k1", "HWREna" };
    unsigned n;
    const MipsInsn *row = mips_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        const char *name = row[i].info.name;
        bool is_cache = g_str_equal(name, "CACHE");
        Sensitivity want = SENS_INNOCUOUS;

        if (row[i].enc == ENC_M32 && (row[i].match >> 26 == 0x10 || is_cache)) {
            want = SENS_PRIVILEGED;
        } else if (g_strrstr(name, "SDBBP") != NULL) {
            want = SENS_SENSITIVE_CONTROL;
        } else if (row[i].enc == ENC_M32 && g_str_equal(name, "RDHWR")) {
            want = SENS_SENSITIVE_BEHAVIOUR;
        }
        if (row[i].enc != ENC_MM16 && row[i].enc != ENC_MM32) {
            cr_expect(eq(int, row[i].info.sens, want), "%s", name);
        }
    }
    for (unsigned i = n; i < mips_isa.n_insns; i++) {
        cr_expect(eq(int, mips_isa.insn(i)->sens, SENS_PRIVILEGED), "%s", mips_isa.insn(i)->name);
        cr_expect(mips_isa.insn(i)->traps_in_user);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(notes); i++) {
        cr_expect(strstr(mips_isa.location, notes[i]) != NULL, "%s", notes[i]);
    }
}

Test(mips_table, privileged_rows_are_unusable_in_user_mode_and_no_others)
{
    unsigned n;
    const MipsInsn *row = mips_rows(&n);
    MipsRig *rig = mips_rig_new(&interp_host, "24Kc", false);
    GRand *rand = g_rand_new_with_seed(1);

    map_code(rig);
    for (unsigned i = 0; i < n; i++) {
        uint32_t word;

        if (row[i].enc != ENC_M32 || (row[i].features & ~(uint32_t)MIPS_R2) != 0) {
            continue;
        }
        while (!draw(&row[i], rand, &word)) {
        }
        mips_rig_code(rig, MIPS_CODE, &word, 1);
        mips_rig_start(rig, USER, MIPS_CODE);
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, was_unusable(rig->cpu), row[i].info.sens == SENS_PRIVILEGED), "%s",
                  row[i].info.name);
    }
    g_rand_free(rand);
    mips_rig_free(rig);
}
