/* SPDX-License-Identifier: MIT */
/* state.h - segments, memory and registers that a case begins with. */
#ifndef TESTS_USER_STATE_H
#define TESTS_USER_STATE_H

#include "tests/user/calls.h"
#include "tests/user/draw.h"

/* Maps memory and writes the LDT; false: the kernel refuses. */
bool state_prepare(uint32_t seed);

/* Gives back what the kernel mapped: the same addresses are free for every kernel. */
void state_unmap_rest(void);

/* Draws an instruction and puts it and all it finds into memory and @frame. */
void state_draw(Case *c, SignalFrame *frame, bool n270, const char *only);

/* Checksum of what the last case wrote. */
uint32_t state_written(void);

#endif
