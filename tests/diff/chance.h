/* SPDX-License-Identifier: MIT */
/* chance.h - what the runners draw with. */
#ifndef TESTS_DIFF_CHANCE_H
#define TESTS_DIFF_CHANCE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* 0 to @n - 1 */
static inline uint32_t upto(GRand *rand, uint32_t n)
{
    return (uint32_t)g_rand_int_range(rand, 0, (gint32)n);
}

static inline bool one_in(GRand *rand, uint32_t n) { return upto(rand, n) == 0; }

static inline uint64_t any64(GRand *rand)
{
    return (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
}

#endif
