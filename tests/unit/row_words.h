/* SPDX-License-Identifier: MIT */
/* row_words.h - sets of words as decoder rows name them: whether two rows have one in common. */
#ifndef TESTS_UNIT_ROW_WORDS_H
#define TESTS_UNIT_ROW_WORDS_H

#include <stdbool.h>
#include <stdint.h>

/* The words w with (w & mask) == match. */
typedef struct WordSet {
    uint32_t mask, match;
} WordSet;

enum { ROW_WORDS_EXCEPTIONS = 16 };

/* A row's words: those of @all but for those of the exceptions. */
typedef struct RowWords {
    WordSet all, except[ROW_WORDS_EXCEPTIONS];
    unsigned n;
} RowWords;

/* Whether a word is in both; it goes to @word. */
bool row_words_overlap(const RowWords *a, const RowWords *b, uint32_t *word);

#endif
