/* SPDX-License-Identifier: MIT */
/* draw.h - random numbers, and random instructions of the decoder's rows. */
#ifndef TESTS_USER_DRAW_H
#define TESTS_USER_DRAW_H

#include "tests/user/rows.h"

/* Where a case's memory is. Addresses that a case computes are DATA, or a few multiples of 2^25,
 * plus a little: neither the program nor CODE is there. REP that writes over itself stops where the
 * processor notices (Vol. 3A 8.1.3). */
#define DATA 0x20000000u
#define CODE 0x1a300000u
enum {
    DATA_BYTES = 0x3000,     /* then nothing is mapped */
    DATA_READ_ONLY = 0x2000, /* from here on */
    CODE_BYTES = 0x2000,
    LDT_ENTRIES = 16, /* the last is beyond the limit */
};

typedef struct Case {
    const Row *row;
    uint8_t code[24];
    unsigned n; /* bytes */
    bool code16, opsize16, address16;
    bool step; /* runs with TF */
    uint8_t
        address; /* general registers that are added up to an address; bits in the manual's order */
    uint8_t index; /* of these, the scaled one */
    uint8_t count; /* the last immediate byte */
} Case;

/* Begins the sequence of random numbers of a case. */
void draw_seed(uint32_t seed, uint32_t number);

uint32_t draw_word(void);
uint32_t draw_below(uint32_t n);
bool one_in(uint32_t n);

/* A selector of the LDT; or, if @null may be, a null one. */
uint32_t draw_selector(bool null);

/* An address at which a case has memory, or just not, or a little off a segment's base. */
uint32_t draw_address(void);

/* An operand of an integer instruction. */
uint32_t draw_operand(void);

/**
 * draw_case - draw an instruction.
 * @code16: whether it is for a 16-bit code segment
 * @n270:   whether rows that coreduo has not are drawn
 * @only:   a row's name; NULL: all rows
 */
void draw_case(Case *c, bool code16, bool n270, const char *only);

/* Whether any row would be drawn. */
bool draw_has(bool n270, const char *only);

#endif
