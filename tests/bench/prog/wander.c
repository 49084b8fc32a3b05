/* SPDX-License-Identifier: MIT */
/* wander.c - accesses all over four megabytes, each place told by the last one. */
#include "tests/bench/bench.h"

enum { WORDS = 1 << 20, STEPS = 1500000 };

const char bench_name[] = "mem.wander";

static uint32_t memory[WORDS];

uint32_t bench_run(void)
{
    uint32_t at = 1, sum = 0, state = 5;

    for (uint32_t i = 0; i < WORDS; i++) {
        memory[i] = bench_random(&state);
    }
    for (int step = 0; step < STEPS; step++) {
        uint32_t next = (memory[at] ^ sum) & (WORDS - 1);

        sum = bench_mix(sum, memory[next]);
        memory[at] = sum;
        at = next;
    }
    return sum;
}
