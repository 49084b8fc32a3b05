/* SPDX-License-Identifier: MIT */
/* stat.c - asks for the attributes of a file. */
#include "tests/bench/bench.h"
#include "calls.h"

enum { ROUNDS = 4000, STAT_BYTES = 256 };

const char bench_name[] = "sys.stat";

uint32_t bench_run(void)
{
    uint64_t attributes[STAT_BYTES / 8];
    uint32_t good = 0;

    for (int i = 0; i < ROUNDS; i++) {
        good += bench_call(CALL_STAT64, (long)"/bin/busybox", (long)attributes, 0, 0, 0, 0) == 0;
    }
    return good;
}
