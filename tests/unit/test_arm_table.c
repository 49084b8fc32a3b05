/* SPDX-License-Identifier: MIT */
/* test_arm_table.c - the ARM decoder tables as a whole. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* The lifter's private header: the tables are what is tested. */
#include "frontend/arm/lift.h"
#include "tests/unit/row_words.h"

enum { RANDOM_WORDS = 50 }; /* per row */

_Static_assert((unsigned)ROW_EXCEPTIONS <= ROW_WORDS_EXCEPTIONS, "room");

static RowWords words_of(const ArmInsn *row)
{
    RowWords words = { .all = { row->mask, row->match }, .n = row->n_exceptions };

    for (unsigned i = 0; i < row->n_exceptions; i++) {
        words.except[i] = (WordSet){ row->except[i].mask, row->except[i].match };
    }
    return words;
}

static bool overlap(const ArmInsn *a, const ArmInsn *b, uint32_t *word)
{
    RowWords x = words_of(a), y = words_of(b);

    return a->thumb == b->thumb && row_words_overlap(&x, &y, word);
}

Test(arm_table, no_two_rows_match_the_same_word)
{
    unsigned n;
    const ArmInsn *row = arm_rows(&n);

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
static bool draw(const ArmInsn *row, GRand *rand, uint32_t *word)
{
    *word = row->match | (g_rand_int(rand) & ~row->mask);
    if (row->thumb == 2) {
        *word &= 0xffff;
    }
    return arm_row_matches(row, *word);
}

Test(arm_table, every_row_decodes_to_itself)
{
    const uint32_t seed = g_random_int();
    GRand *rand = g_rand_new_with_seed(seed);
    unsigned n;
    const ArmInsn *row = arm_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        unsigned drawn = 0;

        for (unsigned k = 0; k < RANDOM_WORDS; k++) {
            uint32_t word;

            if (draw(&row[i], rand, &word)) {
                drawn++;
                cr_assert(arm_decode(word, row[i].thumb != 0) == &row[i], "%s %s: %08x, seed %u",
                          row[i].info.name, row[i].info.encoding, word, seed);
            }
        }
        cr_expect(ne(u32, drawn, 0), "%s %s", row[i].info.name, row[i].info.encoding);
    }
    g_rand_free(rand);
}

Test(arm_table, every_row_cites_the_manual)
{
    unsigned n;
    const ArmInsn *row = arm_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        cr_expect(g_regex_match_simple("^[AB][0-9]+\\.[0-9]+", row[i].info.spec, 0, 0), "%s %s: %s",
                  row[i].info.name, row[i].info.encoding, row[i].info.spec);
        cr_expect(eq(u32, row[i].ledger, i));
        cr_expect(arm_isa.insn(i) == &row[i].info);
    }
    cr_expect(le(u32, n, VCPU_LEDGER_ROWS));
}

/* The sections of A8.8 are in the order of the alphabet. */
Test(arm_table, the_sections_cited_follow_the_alphabet)
{
    enum { SECTIONS = 427 };
    char letter[SECTIONS] = { 0 }, last = 'A';
    unsigned n, section;
    const ArmInsn *row = arm_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        if (sscanf(row[i].info.spec, "A8.8.%u", &section) == 1) {
            char c = row[i].info.name[0];

            cr_assert(lt(u32, section, SECTIONS), "%s", row[i].info.name);
            cr_expect(letter[section] == 0 || letter[section] == c, "%s", row[i].info.name);
            letter[section] = c;
        }
    }
    for (unsigned i = 0; i < SECTIONS; i++) {
        cr_expect(letter[i] == 0 || letter[i] >= last, "A8.8.%u", i);
        last = letter[i] != 0 ? letter[i] : last;
    }
}

Test(arm_table, t32_words_begin_as_32_bit_instructions_do)
{
    unsigned n;
    const ArmInsn *row = arm_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        if (row[i].thumb == 4) {
            cr_expect(arm_thumb_is_32bit(row[i].match >> 16), "%s", row[i].info.name);
        } else if (row[i].thumb == 2) {
            cr_expect(not(arm_thumb_is_32bit((uint16_t)row[i].match)), "%s", row[i].info.name);
        }
    }
}

Test(arm_table, what_is_no_instruction_is_refused)
{
    cr_expect(arm_decode(0xe7d000f0, false) == NULL);
    cr_expect(arm_decode(0xba80, true) == NULL);
    cr_expect(arm_decode(0xf7e0a000, true) == NULL);
    cr_expect(arm_decode(0xe0000090 | 5u << 20, false) == NULL); /* MLS with S */
}
