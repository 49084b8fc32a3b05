/* SPDX-License-Identifier: MIT */
/* copy.c - copies of blocks, from 64 bytes to half a megabyte, several words at a time. */
#include "tests/bench/bench.h"

enum { BIG_BYTES = 512 * 1024, TOTAL_BYTES = 384 * 1024 * 1024 };

const char bench_name[] = "mem.copy";

static uint32_t from[BIG_BYTES / 4], to[BIG_BYTES / 4];

uint32_t bench_run(void)
{
    static const size_t sizes[] = { 64, 1024, 16384, BIG_BYTES };
    uint32_t sum = 0;

    for (uint32_t i = 0; i < BIG_BYTES / 4; i++) {
        from[i] = i * 2654435761u;
    }
    for (unsigned s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t offset = 0;

        for (size_t done = 0; done < TOTAL_BYTES / 4; done += sizes[s]) {
            bench_copy((char *)to + offset, (char *)from + offset, sizes[s]);
            from[offset / 4]++;
            offset = (offset + sizes[s]) % BIG_BYTES;
        }
    }
    for (uint32_t i = 0; i < BIG_BYTES / 4; i += 13) {
        sum = bench_mix(sum, to[i]);
    }
    return sum;
}
