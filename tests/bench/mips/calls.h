/* SPDX-License-Identifier: MIT */
/* calls.h - what of Linux's interface the benchmark programs use, for MIPS (O32). */
#ifndef BENCH_MIPS_CALLS_H
#define BENCH_MIPS_CALLS_H

#include <stdint.h>

enum {
    CALL_EXIT = 4001,
    CALL_FORK = 4002,
    CALL_READ = 4003,
    CALL_WRITE = 4004,
    CALL_OPEN = 4005,
    CALL_CLOSE = 4006,
    CALL_EXECVE = 4011,
    CALL_GETPID = 4020,
    CALL_KILL = 4037,
    CALL_PIPE = 4042,
    CALL_MUNMAP = 4091,
    CALL_WAIT4 = 4114,
    CALL_SIGACTION = 4194, /* rt_sigaction */
    CALL_MMAP2 = 4210,
    CALL_STAT64 = 4213,
    CALL_CLOCK_GETTIME = 4263,
};

enum {
    PRIVATE_ANONYMOUS = 0x802, /* MAP_PRIVATE | MAP_ANONYMOUS */
    SIGNAL_USER = 16,          /* SIGUSR1 */
    SET_BYTES = 16,            /* of a set of signals */
};

typedef struct Action {
    unsigned flags;
    void (*handler)(int);
    uint32_t mask[4];
} Action;

#endif
