/* SPDX-License-Identifier: MIT */
/* test_row_words.c - the check that two decoder rows have no word in common. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/row_words.h"

Test(row_words, the_check_for_overlap_sees_one_and_heeds_exceptions)
{
    RowWords a = { .all = { 0xf0, 0x10 } }, b = { .all = { 0x0f, 0x02 } };
    uint32_t word;

    cr_expect(row_words_overlap(&a, &b, &word));
    cr_expect(eq(u32, word, 0x12));
    a.except[a.n++] = (WordSet){ 0x0f, 0x02 };
    cr_expect(not(row_words_overlap(&a, &b, &word)));
    a.except[0] = (WordSet){ 0x10f, 0x102 };
    cr_expect(row_words_overlap(&a, &b, &word));
    b.all.mask = 0x1f;
    cr_expect(not(row_words_overlap(&a, &b, &word)));
}
