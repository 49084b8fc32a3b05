/* SPDX-License-Identifier: MIT */
/* rows.h - the decoder's rows, and what of each the host's processor cannot judge. */
#ifndef TESTS_USER_ROWS_H
#define TESTS_USER_ROWS_H

#include <stdbool.h>
#include <stdint.h>

enum { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A };
enum { PFX_ANY, PFX_NP, PFX_66, PFX_F3, PFX_F2 };
enum { SET_INTEGER, SET_X87, SET_SIMD };

/* Of the flags column of x86.def, those that change what is drawn. */
enum { PLUS_R = 1, PLUS_CC = 2, LOCKS = 4, REPEATS = 8 };

/* What is not compared; bits of Row.left_out. */
enum {
    LEFT_ALL = 1, /* the row is not drawn */
    LEFT_MEMORY = 2,
    LEFT_X87 = 4,
    LEFT_XMM = 8,
    LEFT_BITS_19_16 = 512, /* of general registers */
    /* Only of cases that end in a fault: */
    LEFT_FAULT_CR2 = 16,
    LEFT_FAULT_MEMORY = 32,
    LEFT_FAULT_X87 = 64,
    LEFT_FAULT_REGISTERS = 128,
    LEFT_FAULT_KIND = 256, /* which fault */
};

/* What a row's state has to be like; bits of Row.wants. */
enum {
    WANTS_SELECTORS = 1, /* registers and memory hold selectors of the LDT */
    WANTS_STEP = 2,      /* goes elsewhere, or loads TF: only with TF is the end known */
    WANTS_STRING = 4,    /* ESI and EDI are addresses */
    WANTS_EBX = 8,
    WANTS_EBP = 16,
    WANTS_BIT_OFFSET = 32, /* a register is an offset in bits */
    WANTS_OFTEN = 64,      /* drawn more often */
};

typedef struct Row {
    const char *name;
    uint8_t set, map, opcode, prefix;
    struct {
        uint8_t present, kind, mask, match; /* kind: 0 any, 1 memory, 2 register */
    } modrm;
    const char *operands; /* in the manual's notation */
    uint8_t flags;
    bool new_feature; /* in n270, not in coreduo */
    uint16_t left_out;
    uint8_t wants;
} Row;

/* Fills in what the tables say about a row's name. */
void rows_prepare(void);

/* All rows; @n is set to their number. */
const Row *rows_all(unsigned *n);

bool rows_same(const char *a, const char *b);

/* Writes the table of what is left out by @write. */
void rows_show_left_out(void (*write)(const char *text));

#endif
