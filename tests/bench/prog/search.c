/* SPDX-License-Identifier: MIT */
/* search.c - looks for words in a text, plainly and by Horspool's skips. */
#include "tests/bench/bench.h"

enum { BYTES = 60000, ROUNDS = 220, MAX_WORD = 12 };

const char bench_name[] = "int.search";

static uint8_t text[BYTES];

static uint32_t plain(const uint8_t *word, int length)
{
    uint32_t found = 0;

    for (int i = 0; i + length <= BYTES; i++) {
        int j = 0;

        while (j < length && text[i + j] == word[j]) {
            j++;
        }
        found += j == length;
    }
    return found;
}

static uint32_t horspool(const uint8_t *word, int length)
{
    uint8_t skip[256];
    uint32_t found = 0;

    memset(skip, length, sizeof skip);
    for (int i = 0; i < length - 1; i++) {
        skip[word[i]] = (uint8_t)(length - 1 - i);
    }
    for (int i = 0; i + length <= BYTES; i += skip[text[i + length - 1]]) {
        found += memcmp(text + i, word, (size_t)length) == 0;
    }
    return found;
}

uint32_t bench_run(void)
{
    uint32_t state = 99, sum = 0;

    for (int i = 0; i < BYTES; i++) {
        text[i] = (uint8_t)("etaoin shrdlu"[bench_random(&state) % 13]);
    }
    for (int round = 0; round < ROUNDS; round++) {
        int length = 2 + round % (MAX_WORD - 2);
        const uint8_t *word = text + round * 1009 % (BYTES - MAX_WORD);

        sum = bench_mix(sum, plain(word, length));
        sum = bench_mix(sum, horspool(word, length));
        sum = bench_mix(sum, horspool(word, 3));
    }
    return sum;
}
