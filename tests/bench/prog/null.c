/* SPDX-License-Identifier: MIT */
/* null.c - the shortest system call. */
#include "tests/bench/bench.h"
#include "calls.h"

enum { ROUNDS = 40000 };

const char bench_name[] = "sys.null";

uint32_t bench_run(void)
{
    uint32_t good = 0;

    for (int i = 0; i < ROUNDS; i++) {
        good += bench_call(CALL_GETPID, 0, 0, 0, 0, 0, 0) > 0;
    }
    return good;
}
