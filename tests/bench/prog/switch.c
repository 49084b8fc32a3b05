/* SPDX-License-Identifier: MIT */
/* switch.c - two processes hand a byte to and fro through pipes. */
#include "tests/bench/bench.h"
#include "calls.h"

enum { ROUNDS = 1500 };

const char bench_name[] = "sys.switch";

/* Receives a byte and passes it on, so often; returns how often that went well. */
static uint32_t hand_on(int from, int to)
{
    uint32_t good = 0;
    char byte;

    for (int i = 0; i < ROUNDS; i++) {
        good += bench_call(CALL_READ, from, (long)&byte, 1, 0, 0, 0) == 1;
        good += bench_call(CALL_WRITE, to, (long)&byte, 1, 0, 0, 0) == 1;
    }
    return good;
}

uint32_t bench_run(void)
{
    int there[2], back[2];
    char byte = 1;
    uint32_t good;
    long child;

    bench_call(CALL_PIPE, (long)there, 0, 0, 0, 0, 0);
    bench_call(CALL_PIPE, (long)back, 0, 0, 0, 0, 0);
    child = bench_call(CALL_FORK, 0, 0, 0, 0, 0, 0);
    if (child == 0) {
        hand_on(there[0], back[1]);
        bench_call(CALL_EXIT, 0, 0, 0, 0, 0, 0);
    }
    bench_call(CALL_WRITE, there[1], (long)&byte, 1, 0, 0, 0);
    good = hand_on(back[0], there[1]);
    bench_call(CALL_WAIT4, child, 0, 0, 0, 0, 0);
    return good;
}
