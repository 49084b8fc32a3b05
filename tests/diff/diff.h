/* SPDX-License-Identifier: MIT */
/* diff.h - what the differential runners are told and answer. */
#ifndef TESTS_DIFF_DIFF_H
#define TESTS_DIFF_DIFF_H

#include <stdbool.h>
#include <stdint.h>

typedef struct DiffOptions {
    uint32_t seed;
    uint64_t count; /* instructions */
    uint64_t first; /* case to begin with, to see one again */
    bool verbose;   /* print each case */
} DiffOptions;

/* A runner prints each difference and returns how many there were. */
unsigned arm_unicorn(const DiffOptions *options);
unsigned arm_unicorn_fp(const DiffOptions *options);
unsigned arm_sequence(const DiffOptions *options);
unsigned x87_host(const DiffOptions *options);
unsigned x86_host(const DiffOptions *options);
unsigned mips_unicorn(const DiffOptions *options);
unsigned mips_fp(const DiffOptions *options);
unsigned mips_system(const DiffOptions *options);
unsigned mips_sequence(const DiffOptions *options);
unsigned x87_states(const DiffOptions *options);
unsigned mips_sets(const DiffOptions *options);
unsigned sse_host(const DiffOptions *options);
unsigned x86_sequence(const DiffOptions *options);

#endif
