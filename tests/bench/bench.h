/* SPDX-License-Identifier: MIT */
/* bench.h - what a benchmark program defines, what it may call: it has no C library. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* Each program: its class.name, and the work; the checksum depends on nothing but the program. */
extern const char bench_name[];
uint32_t bench_run(void);

/* A system call by its number (calls.h); negative is an error number. */
long bench_call(long number, long a, long b, long c, long d, long e, long f);

/* Copies a multiple of 32 bytes between word-aligned places that do not overlap. */
void bench_copy(void *to, const void *from, size_t bytes);

/* The compiler may call these. */
void *memset(void *to, int byte, size_t bytes);
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

/* The next of a sequence of numbers, all bits usable; *state may start as anything but 0. */
static inline uint32_t bench_random(uint32_t *state)
{
    uint32_t x = *state;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* A step of a checksum (FNV-1a over words). */
static inline uint32_t bench_mix(uint32_t sum, uint32_t word) { return (sum ^ word) * 16777619u; }

#endif
