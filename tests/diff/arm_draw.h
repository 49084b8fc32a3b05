/* SPDX-License-Identifier: MIT */
/* arm_draw.h - random ARM instructions and states, drawn from the decoder's rows. */
#ifndef TESTS_DIFF_ARM_DRAW_H
#define TESTS_DIFF_ARM_DRAW_H

#include "frontend/arm/lift.h"

enum { CASE_INSNS_MAX = 12 };

/* One experiment: a few instructions and the state they begin in. */
typedef struct ArmCase {
    bool thumb;
    unsigned n; /* instructions */
    uint32_t word[CASE_INSNS_MAX];
    const ArmInsn *row[CASE_INSNS_MAX];
    uint32_t r[15];
    uint32_t cpsr;
    unsigned it_end; /* instructions up to the end of the last IT block */
} ArmCase;

/* Why @row is not given to the oracle; NULL: it is. */
const char *arm_row_skipped(const ArmInsn *row);

/* Draws a case; only INNOCUOUS rows and those of unprivileged accesses, in User mode. */
void arm_draw_case(GRand *rand, ArmCase *c);

/* Field @letter of @word; 0 if @row has none. */
uint32_t arm_draw_field(const ArmInsn *row, uint32_t word, char letter);

#endif
