/* SPDX-License-Identifier: MIT */
/* mips_draw.h - random words of the MIPS decoder's rows. */
#ifndef TESTS_DIFF_MIPS_DRAW_H
#define TESTS_DIFF_MIPS_DRAW_H

#include <glib.h>

#include "frontend/mips/lift.h"

typedef struct MipsDrawn {
    const MipsInsn *row;
    uint32_t word;
    bool half; /* of 16 bits */
} MipsDrawn;

/* Parts of the tables. */
typedef enum MipsKind {
    MIPS_KIND_ANY, /* of MIPS32 */
    MIPS_KIND_INTEGER,
    MIPS_KIND_SYSTEM,
    MIPS_KIND_FPU,
    MIPS_KIND_DSP,
    MIPS_KIND_OTHER_ISA, /* MIPS16e, microMIPS */
} MipsKind;

/* Whether coprocessor 1 does it, or it looks at its conditions. */
bool mips_draw_is_fp(const MipsInsn *row);
/* Loads, stores and what else has an address. */
bool mips_draw_is_memory(const MipsInsn *row);
/* MFC0, MTC0 */
bool mips_draw_is_cp0_move(const MipsInsn *row);

/* A row that a model with @features has, mostly; never WAIT, behind which nothing runs. */
const MipsInsn *mips_draw_row(GRand *rand, MipsKind kind, uint32_t features);

/* Any word of @row. */
uint32_t mips_draw_word(GRand *rand, const MipsInsn *row);

/* Letter of the field that is the base register of a load or store; 0 if none is. */
char mips_draw_base(const MipsInsn *row);

/* @word of a load or store with a small offset, aligned mostly. */
uint32_t mips_draw_near(GRand *rand, const MipsInsn *row, uint32_t word);

uint32_t mips_draw_field(const MipsInsn *row, uint32_t word, char letter);

/* @word with @value, cut to what there is room for, in field @letter, if @row has it. */
uint32_t mips_draw_set_field(const MipsInsn *row, uint32_t word, char letter, uint32_t value);

#endif
