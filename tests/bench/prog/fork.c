/* SPDX-License-Identifier: MIT */
/* fork.c - a process forks, its child ends. */
#include "tests/bench/bench.h"
#include "calls.h"

enum { ROUNDS = 500 };

const char bench_name[] = "sys.fork";

uint32_t bench_run(void)
{
    uint32_t good = 0;

    for (int i = 0; i < ROUNDS; i++) {
        int status = -1;
        long child = bench_call(CALL_FORK, 0, 0, 0, 0, 0, 0);

        if (child == 0) {
            bench_call(CALL_EXIT, 3, 0, 0, 0, 0, 0);
        }
        good += bench_call(CALL_WAIT4, child, (long)&status, 0, 0, 0, 0) == child
                && status == 3 << 8;
    }
    return good;
}
