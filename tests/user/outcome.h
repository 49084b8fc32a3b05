/* SPDX-License-Identifier: MIT */
/* outcome.h - what a case did, in words with names. */
#ifndef TESTS_USER_OUTCOME_H
#define TESTS_USER_OUTCOME_H

#include "tests/user/calls.h"
#include "tests/user/draw.h"

enum {
    O_TRAP = F_TRAP,
    O_ERROR = F_ERROR,
    O_CR2 = F_ESP_AGAIN, /* in the place of what the frame has twice */
    O_WRITTEN = FRAME_WORDS,
    O_CONTROL,
    O_STATUS,
    O_TAGS,
    O_ST,
    O_MXCSR = O_ST + 8 * 3,
    O_XMM,
    OUTCOME_WORDS = O_XMM + 8 * 4
};

typedef struct Outcome {
    uint32_t w[OUTCOME_WORDS];
} Outcome;

/**
 * outcome_take - what @c did, without what the host cannot judge.
 * @count:   CL at its start
 * @written: state_written()
 */
void outcome_take(Outcome *o, const Case *c, uint32_t count, const SignalFrame *frame,
                  uint32_t written);

uint32_t outcome_sum(const Outcome *o);

/* "st3.1"; @name has room for 8 bytes. */
void outcome_name(unsigned word, char *name);

#endif
