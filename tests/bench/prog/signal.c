/* SPDX-License-Identifier: MIT */
/* signal.c - a process sends itself a signal and handles it. */
#include "tests/bench/bench.h"
#include "calls.h"

enum { ROUNDS = 4000 };

const char bench_name[] = "sys.signal";

/* Action is the kernel's struct sigaction, not the C library's. */
static volatile uint32_t handled;

static void count(int number) { handled += number == SIGNAL_USER; }

uint32_t bench_run(void)
{
    Action action = { .handler = count };
    long self = bench_call(CALL_GETPID, 0, 0, 0, 0, 0, 0);

    bench_call(CALL_SIGACTION, SIGNAL_USER, (long)&action, 0, SET_BYTES, 0, 0);
    for (int i = 0; i < ROUNDS; i++) {
        bench_call(CALL_KILL, self, SIGNAL_USER, 0, 0, 0, 0);
    }
    return handled;
}
