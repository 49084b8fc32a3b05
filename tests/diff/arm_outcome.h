/* SPDX-License-Identifier: MIT */
/* arm_outcome.h - runs a case on one of our hosts; what of the state is compared. */
#ifndef TESTS_DIFF_ARM_OUTCOME_H
#define TESTS_DIFF_ARM_OUTCOME_H

#include "tests/diff/arm_draw.h"
#include "tests/rig/arm_rig.h"

/* The code page: the case, a branch to itself, and from here on vectors that are the same. */
enum { CASE_VECTORS = RIG_CODE + 0xf00 };

typedef struct Outcome {
    uint32_t r[15], pc, cpsr; /* of an instruction that faults: before it */
    uint32_t fault;           /* ARM_EXC_*; 0: none */
    uint32_t dfsr, dfar, exstate, exaddr;
    uint8_t data[RIG_DATA_BYTES];
} Outcome;

/* N Z C V Q GE IT E T M */
#define CPSR_COMPARED 0xfe0ffe3fu

/* Makes the code page of the first @n instructions of @c; returns where they end. */
Gva arm_case_page(const ArmCase *c, unsigned n, uint8_t page[RIG_CODE_BYTES]);

/**
 * arm_case_run - the first @n instructions of @c on @rig, whose code page is in place.
 * @data:    of RIG_DATA before
 * @stepped: one at a time, up to an exception; else all, and one more, which at the end of the case
 *           is the branch to itself
 */
void arm_case_run(ArmRig *rig, const ArmCase *c, unsigned n, const uint8_t *data, bool stepped,
                  Outcome *out);

/* Appends a line for each difference; @name is what @b is called. */
void arm_case_compare(const Outcome *a, const Outcome *b, uint32_t psr_compared, const char *name,
                      GString *s);

#endif
