/* SPDX-License-Identifier: MIT */
/* open.c - opens a file and closes it. */
#include "tests/bench/bench.h"
#include "calls.h"

enum { ROUNDS = 4000 };

const char bench_name[] = "sys.open";

uint32_t bench_run(void)
{
    uint32_t good = 0;

    for (int i = 0; i < ROUNDS; i++) {
        long fd = bench_call(CALL_OPEN, (long)"/bin/busybox", 0, 0, 0, 0, 0);

        good += fd >= 0;
        good += bench_call(CALL_CLOSE, fd, 0, 0, 0, 0, 0) == 0;
    }
    return good;
}
