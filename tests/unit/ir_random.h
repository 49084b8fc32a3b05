/* SPDX-License-Identifier: MIT */
/* ir_random.h - random blocks for the made-up guest of host_harness.h, by seed. */
#ifndef TESTS_UNIT_IR_RANDOM_H
#define TESTS_UNIT_IR_RANDOM_H

#include "tests/unit/host_harness.h"

/* What a block may hold. */
typedef struct IrRandom {
    uint64_t seed;
    unsigned insns;  /* guest instructions of the whole block, 1 to 40 */
    unsigned stop;   /* end, with a goto, where instruction @stop would begin; insns: nowhere */
    bool no_devices; /* addresses never reach a device */
} IrRandom;

enum {
    IR_RANDOM_PC = HARNESS_RAM + 0x1f00,
    IR_RANDOM_STOPPED = HARNESS_RAM + 0x1004,
    IR_RANDOM_WINDOW = 0x20000, /* bytes of RAM that blocks reach */
};

/* Fills @blk with a block at IR_RANDOM_PC. */
void ir_random_block(const IrRandom *what, IrBlock *blk);

/* Gives the vCPU random registers, some of them addresses, and memory random bytes. */
void ir_random_state(uint64_t seed, Harness *h);

/* The next of a sequence of random numbers. */
uint64_t ir_random_next(uint64_t *state);

#endif
