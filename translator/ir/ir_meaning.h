/* SPDX-License-Identifier: MIT */
/* ir_meaning.h - the words that the value columns of ir_ops.def are written in. */
#ifndef TRANSLATOR_IR_IR_MEANING_H
#define TRANSLATOR_IR_IR_MEANING_H

#include "base/bits.h"
#include "translator/ir/ir.h"

/* The words of the value columns of FLAGS. */
#define FL_C IR_FL_C
#define FL_O IR_FL_O
#define FL_ALL IR_FL_ALL
#define FL_OF_VALUE(v) ir_flags_of_value(v, s)
#define FL_OF_ADD(x, y, carry) ir_flags_of_add(x, y, carry, m)
#define FL_OF_SUB(x, y, borrow) ir_flags_of_sub(x, y, borrow, m)

static inline uint64_t ir_flags_of_value(uint64_t v, uint64_t sign)
{
    return ((v & sign) != 0 ? IR_FL_S : 0) | (v == 0 ? IR_FL_Z : 0);
}

static inline uint64_t ir_flags_of_add(uint64_t a, uint64_t b, uint64_t carry, uint64_t mask)
{
    uint64_t sign = mask ^ mask >> 1, r = (a + b + carry) & mask;
    bool out = carry != 0 ? r <= a : r < a;

    return ir_flags_of_value(r, sign) | (out ? IR_FL_C : 0)
           | (((a ^ r) & (b ^ r) & sign) != 0 ? IR_FL_O : 0);
}

static inline uint64_t ir_flags_of_sub(uint64_t a, uint64_t b, uint64_t borrow, uint64_t mask)
{
    uint64_t sign = mask ^ mask >> 1, r = (a - b - borrow) & mask;
    bool out = borrow != 0 ? a <= b : a < b;

    return ir_flags_of_value(r, sign) | (out ? IR_FL_C : 0)
           | (((a ^ b) & (a ^ r) & sign) != 0 ? IR_FL_O : 0);
}

#endif
