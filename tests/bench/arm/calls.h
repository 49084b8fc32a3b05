/* SPDX-License-Identifier: MIT */
/* calls.h - numbers of the system calls that the benchmark programs make, for ARM Linux (EABI). */
#ifndef BENCH_ARM_CALLS_H
#define BENCH_ARM_CALLS_H

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
    CALL_CLOCK_GETTIME = 263,
};

#endif
