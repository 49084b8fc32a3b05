/* SPDX-License-Identifier: MIT */
/* diff.h - what the differential runners are told and answer. */
#ifndef TESTS_DIFF_DIFF_H
#define TESTS_DIFF_DIFF_H

#include <stdbool.h>
#include <stdint.h>

typedef struct DiffOptions {
    uint32_t seed;
    uint64_t count; /* instructions, or cases of the x86 runners that ask the host */
    bool each;      /* of each table and byte order, not of all together */
    uint64_t first; /* case to begin with, to see one again */
    bool verbose;   /* print each case */
} DiffOptions;

/* What is to run of one of the @parts that a runner has by table and byte order. */
static inline uint64_t diff_share(const DiffOptions *options, unsigned parts)
{
    return options->each ? options->count : options->count / parts;
}

/* What is to run in all where a runner draws from @tables at once. */
static inline uint64_t diff_total(const DiffOptions *options, unsigned tables)
{
    return options->each ? options->count * tables : options->count;
}

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
