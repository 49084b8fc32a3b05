/* SPDX-License-Identifier: MIT */
/* exec.c - a process forks, its child runs a program. */
#include "tests/bench/bench.h"
#include "calls.h"

enum { ROUNDS = 160 };

const char bench_name[] = "sys.exec";

uint32_t bench_run(void)
{
    static char *const args[] = { "exec", "child", NULL };
    static char *const none[] = { NULL };
    uint32_t good = 0;

    for (int i = 0; i < ROUNDS; i++) {
        int status = -1;
        long child = bench_call(CALL_FORK, 0, 0, 0, 0, 0, 0);

        if (child == 0) {
            bench_call(CALL_EXECVE, (long)"/proc/self/exe", (long)args, (long)none, 0, 0, 0);
            bench_call(CALL_EXIT, 1, 0, 0, 0, 0, 0);
        }
        good += bench_call(CALL_WAIT4, child, (long)&status, 0, 0, 0, 0) == child && status == 0;
    }
    return good;
}
