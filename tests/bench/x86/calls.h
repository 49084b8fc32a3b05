/* SPDX-License-Identifier: MIT */
/* calls.h - what of Linux's interface the benchmark programs use, for i386. */
#ifndef BENCH_X86_CALLS_H
#define BENCH_X86_CALLS_H

#include <stdint.h>

enum {
    CALL_EXIT = 1,
    CALL_FORK = 2,
    CALL_READ = 3,
    CALL_WRITE = 4,
    CALL_OPEN = 5,
    CALL_CLOSE = 6,
    CALL_EXECVE = 11,
    CALL_GETPID = 20,
    CALL_KILL = 37,
    CALL_PIPE = 42,
    CALL_MUNMAP = 91,
    CALL_WAIT4 = 114,
    CALL_SIGACTION = 174, /* rt_sigaction */
    CALL_MMAP2 = 192,
    CALL_STAT64 = 195,
    CALL_CLOCK_GETTIME = 265,
};

enum {
    PRIVATE_ANONYMOUS = 0x22, /* MAP_PRIVATE | MAP_ANONYMOUS */
    SIGNAL_USER = 10,         /* SIGUSR1 */
    SET_BYTES = 8,            /* of a set of signals */
};

typedef struct Action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint32_t mask[2];
} Action;

#endif
