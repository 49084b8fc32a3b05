/* SPDX-License-Identifier: MIT */
/* calls.c - calls through pointers and returns from a recursion. */
#include "tests/bench/bench.h"

enum { CALLS = 6000000, DEPTH = 24 };

typedef uint32_t (*Step)(uint32_t x);

const char bench_name[] = "int.calls";

#define STEP(name, value) \
    __attribute__((noinline)) static uint32_t name(uint32_t x) { return value; }

STEP(add, x + 0x9e3779b9u)
STEP(turn, x << 7 | x >> 25)
STEP(flip, x ^ 0x55aa33ccu)
STEP(times, x * 2654435761u)
STEP(fold, x ^ x >> 15)
STEP(less, x - 77)
STEP(back, x >> 3 | x << 29)
STEP(same, x)

static Step volatile steps[8] = { add, turn, flip, times, fold, less, back, same };

__attribute__((noinline)) static uint32_t climb(uint32_t x, unsigned depth)
{
    if (depth == 0) {
        return x;
    }
    x = climb(x + depth, depth - 1);
    __asm__ volatile("" : "+r"(x));
    return x ^ depth;
}

uint32_t bench_run(void)
{
    uint32_t x = 1;

    for (int i = 0; i < CALLS; i++) {
        x = steps[(x ^ (unsigned)i) & 7](x);
    }
    for (int i = 0; i < CALLS / DEPTH; i++) {
        x = climb(x, DEPTH);
    }
    return x;
}
