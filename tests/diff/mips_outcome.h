/* SPDX-License-Identifier: MIT */
/* mips_outcome.h - what of a MIPS processor is compared with an oracle, and among our hosts. */
#ifndef TESTS_DIFF_MIPS_OUTCOME_H
#define TESTS_DIFF_MIPS_OUTCOME_H

#include "tests/rig/mips_rig.h"

typedef struct MipsOutcome {
    uint32_t r[32], hi, lo, pc;
    bool fault;
    uint8_t data[MIPS_DATA_BYTES];
} MipsOutcome;

/* Appends a line for each difference from Unicorn; @pc: it counts too. */
void mips_outcome_compare(const MipsOutcome *ours, const MipsOutcome *theirs, bool pc,
                          GString *why);

/* The same for every field of the state, and memory; @name is what @b is called. */
void mips_rigs_compare(MipsRig *a, MipsRig *b, const char *name, GString *why);

#endif
