/* SPDX-License-Identifier: MIT */
/* sieve.c - counts primes with a sieve of bytes. */
#include "tests/bench/bench.h"

enum { LIMIT = 200000, ROUNDS = 140 };

const char bench_name[] = "int.sieve";

static uint8_t composite[LIMIT];

static uint32_t count_primes(void)
{
    uint32_t count = 0;

    memset(composite, 0, sizeof composite);
    for (uint32_t i = 2; i < LIMIT; i++) {
        if (composite[i]) {
            continue;
        }
        count++;
        for (uint32_t j = i + i; j < LIMIT; j += i) {
            composite[j] = 1;
        }
    }
    return count;
}

uint32_t bench_run(void)
{
    uint32_t sum = 0;

    for (int i = 0; i < ROUNDS; i++) {
        sum = bench_mix(sum, count_primes());
    }
    return sum;
}
