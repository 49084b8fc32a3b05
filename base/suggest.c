/* SPDX-License-Identifier: MIT */
/* suggest.c - see suggest.h. */
#include "base/suggest.h"

#include <string.h>

enum { WORD_MAX = 64 };

static unsigned min3(unsigned a, unsigned b, unsigned c) { return MIN(a, MIN(b, c)); }

/* Levenshtein distance; words longer than WORD_MAX count as far. */
static unsigned distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    unsigned row[WORD_MAX + 1];

    if (na > WORD_MAX || nb > WORD_MAX) {
        return WORD_MAX;
    }
    for (size_t k = 0; k <= nb; k++) {
        row[k] = (unsigned)k;
    }
    for (size_t i = 1; i <= na; i++) {
        unsigned corner = row[0];

        row[0] = (unsigned)i;
        for (size_t k = 1; k <= nb; k++) {
            unsigned old = row[k];

            row[k] = min3(old + 1, row[k - 1] + 1, corner + (a[i - 1] != b[k - 1]));
            corner = old;
        }
    }
    return row[nb];
}

const char *suggest_nearest(const char *word, const char *const *known)
{
    unsigned best = (unsigned)strlen(word) / 3 + 2;
    const char *found = NULL;

    for (; *known; known++) {
        unsigned d = distance(word, *known);

        if (d < best) {
            best = d;
            found = *known;
        }
    }
    return found;
}
