/* SPDX-License-Identifier: MIT */
/* x86_draw.h - random IA-32 instructions and states, drawn from the decoder's rows. */
#ifndef TESTS_DIFF_X86_DRAW_H
#define TESTS_DIFF_X86_DRAW_H

#include "frontend/x86/lift.h"

/* One experiment: an instruction and the registers it finds. */
typedef struct X86Case {
    const X86Insn *row;
    uint8_t code[16];
    unsigned n; /* bytes */
    uint32_t r[8], eflags;
} X86Case;

/* Why @row is not given to the host; NULL: it is. */
const char *x86_row_skipped(const X86Insn *row);

/**
 * x86_draw_case - draw an instruction of @row and the state it begins in.
 * @data, @bytes: linear address and size of what most addresses point to
 */
void x86_draw_case(GRand *rand, const X86Insn *row, uint32_t data, uint32_t bytes, X86Case *c);

/* Status flags that @c leaves undefined. */
uint32_t x86_undefined_flags(const X86Case *c);

#endif
