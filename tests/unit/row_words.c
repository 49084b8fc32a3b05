/* SPDX-License-Identifier: MIT */
/* row_words.c - see row_words.h. */
#include "tests/unit/row_words.h"

#include <string.h>

/* Whether some word of @p is in none of the @n exceptions. */
static bool avoids(WordSet p, const WordSet *e, unsigned n, uint32_t *word)
{
    uint32_t open;

    while (n > 0 && ((p.match ^ e->match) & p.mask & e->mask) != 0) {
        e++;
        n--;
    }
    if (n == 0) {
        *word = p.match;
        return true;
    }
    open = e->mask & ~p.mask;
    for (uint32_t bit = open & -open; open != 0; open &= open - 1, bit = open & -open) {
        WordSet q = { p.mask | bit, p.match | (~e->match & bit) };

        if (avoids(q, e + 1, n - 1, word)) {
            return true;
        }
    }
    return false;
}

bool row_words_overlap(const RowWords *a, const RowWords *b, uint32_t *word)
{
    WordSet e[2 * ROW_WORDS_EXCEPTIONS];
    WordSet p = { a->all.mask | b->all.mask, a->all.match | b->all.match };

    if (((a->all.match ^ b->all.match) & a->all.mask & b->all.mask) != 0) {
        return false;
    }
    memcpy(e, a->except, sizeof(e[0]) * a->n);
    memcpy(e + a->n, b->except, sizeof(e[0]) * b->n);
    return avoids(p, e, a->n + b->n, word);
}
