/* SPDX-License-Identifier: MIT */
/* rw.c - reads a byte of /dev/zero, writes a byte to /dev/null. */
#include "tests/bench/bench.h"
#include "calls.h"

enum { ROUNDS = 12000, WRITE_ONLY = 1 };

const char bench_name[] = "sys.rw";

uint32_t bench_run(void)
{
    long zero = bench_call(CALL_OPEN, (long)"/dev/zero", 0, 0, 0, 0, 0);
    long null = bench_call(CALL_OPEN, (long)"/dev/null", WRITE_ONLY, 0, 0, 0, 0);
    uint32_t good = 0;
    char byte = 1;

    for (int i = 0; i < ROUNDS; i++) {
        good += bench_call(CALL_READ, zero, (long)&byte, 1, 0, 0, 0) == 1;
        good += bench_call(CALL_WRITE, null, (long)&byte, 1, 0, 0, 0) == 1;
    }
    return good + (uint32_t)byte;
}
