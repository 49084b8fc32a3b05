/* SPDX-License-Identifier: MIT */
/* copyv.c - copies of blocks, from 64 bytes to half a megabyte, by vectors. */
#include "tests/bench/bench.h"

enum { BIG_BYTES = 512 * 1024, TOTAL_BYTES = 384 * 1024 * 1024 };

typedef uint32_t Words __attribute__((vector_size(16)));

const char bench_name[] = "simd.copy";

static Words from[BIG_BYTES / 16], to[BIG_BYTES / 16];

static void copy(Words *p, const Words *q, size_t bytes)
{
    for (size_t i = 0; i < bytes / 16; i += 4) {
        Words w0 = q[i], w1 = q[i + 1], w2 = q[i + 2], w3 = q[i + 3];

        __asm__ volatile("" ::: "memory");
        p[i] = w0;
        p[i + 1] = w1;
        p[i + 2] = w2;
        p[i + 3] = w3;
    }
}

uint32_t bench_run(void)
{
    static const size_t sizes[] = { 64, 1024, 16384, BIG_BYTES };
    uint32_t sum = 0;

    for (uint32_t i = 0; i < BIG_BYTES / 16; i++) {
        from[i] = (Words){ i, ~i, i * 2654435761u, i << 7 };
    }
    for (unsigned s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t at = 0;

        for (size_t done = 0; done < TOTAL_BYTES / 4; done += sizes[s]) {
            copy(to + at, from + at, sizes[s]);
            from[at][0]++;
            at = (at + sizes[s] / 16) % (BIG_BYTES / 16);
        }
    }
    for (uint32_t i = 0; i < BIG_BYTES / 16; i += 13) {
        sum = bench_mix(sum, to[i][i & 3]);
    }
    return sum;
}
