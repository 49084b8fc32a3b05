/* SPDX-License-Identifier: MIT */
/* sort.c - quicksort of words through a comparison function. */
#include "tests/bench/bench.h"

enum { WORDS = 50000, ROUNDS = 8 };

const char bench_name[] = "int.sort";

static uint32_t words[WORDS];

typedef int Compare(const uint32_t *a, const uint32_t *b);

static int ascending(const uint32_t *a, const uint32_t *b) { return (*a > *b) - (*a < *b); }
static int descending(const uint32_t *a, const uint32_t *b) { return (*a < *b) - (*a > *b); }

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t t = *a;

    *a = *b;
    *b = t;
}

static void sort(uint32_t *first, uint32_t *last, Compare *compare)
{
    while (last - first > 1) {
        uint32_t pivot = first[(last - first) / 2];
        uint32_t *i = first, *j = last - 1;

        while (i <= j) {
            while (compare(i, &pivot) < 0) {
                i++;
            }
            while (compare(j, &pivot) > 0) {
                j--;
            }
            if (i <= j) {
                swap(i++, j--);
            }
        }
        sort(first, j + 1, compare);
        first = i;
    }
}

uint32_t bench_run(void)
{
    static Compare *const volatile orders[] = { ascending, descending };
    uint32_t state = 2463534242u, sum = 0;

    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WORDS; i++) {
            words[i] = bench_random(&state);
        }
        sort(words, words + WORDS, orders[round & 1]);
        for (int i = 0; i < WORDS; i += 97) {
            sum = bench_mix(sum, words[i]);
        }
    }
    return sum;
}
