/* SPDX-License-Identifier: MIT */
/* pipe.c - a byte through a pipe and back out in one process. */
#include "tests/bench/bench.h"
#include "calls.h"

enum { ROUNDS = 8000 };

const char bench_name[] = "sys.pipe";

uint32_t bench_run(void)
{
    int ends[2];
    char byte = 1;
    uint32_t good = bench_call(CALL_PIPE, (long)ends, 0, 0, 0, 0, 0) == 0;

    for (int i = 0; i < ROUNDS; i++) {
        good += bench_call(CALL_WRITE, ends[1], (long)&byte, 1, 0, 0, 0) == 1;
        good += bench_call(CALL_READ, ends[0], (long)&byte, 1, 0, 0, 0) == 1;
    }
    return good;
}
