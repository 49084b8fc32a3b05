/* SPDX-License-Identifier: MIT */
/*
 * flags.h - how the status flags are kept: mostly not as flags, but as what they follow from.
 *
 * Most instructions write all six flags, and most of these nobody reads. So an instruction leaves
 * its operation in X86Cpu.kept and up to two of its values in pf and af: three stores, of which
 * constants and values that are there already cost nothing. In the order in which they count:
 *
 *   C given   KEPT_C: CF is KEPT_C_IS
 *   rotated   KEPT_ROL, KEPT_ROR: CF, and with KEPT_ROT_O also OF, by the result in rot
 *   stepped   KEPT_INC, KEPT_DEC: all but CF, by the result in step
 *   operation KeptOp: the rest
 */
#ifndef FRONTEND_X86_FLAGS_H
#define FRONTEND_X86_FLAGS_H

#include <stdint.h>

/* Bits 3 to 0 of kept. */
typedef enum KeptOp {
    KEPT_PACKED, /* CF ZF SF OF are in flags; PF is the parity of pf's low byte, AF is bit 4 of
                  af exclusive-or pf */
    KEPT_RAW,    /* pf has the flags where EFLAGS has them */
    KEPT_ADD,    /* pf = x + af */
    KEPT_SUB,    /* pf = x - af */
    KEPT_CMP,    /* pf - af; of a logic operation af is 0 */
    KEPT_SHL,    /* pf << the count */
    KEPT_SHR,
    KEPT_SAR,
    KEPT_UMUL, /* pf * af */
    KEPT_SMUL,
} KeptOp;

enum {
    KEPT_OP = 15,
    KEPT_WIDTH_SHIFT = 4, /* log2 of the operands' bytes: 0 to 2 */
    KEPT_COUNT_SHIFT = 8, /* 1 to 31 */
    KEPT_INC = 1 << 16,
    KEPT_DEC = 1 << 17,
    KEPT_STEP_WIDTH_SHIFT = 18,
    KEPT_STEP = 15 << 16,
    KEPT_C = 1 << 20,
    KEPT_C_IS_SHIFT = 21,
    KEPT_C_IS = 1 << 21,
    KEPT_ROL = 1 << 22,
    KEPT_ROR = 1 << 23,
    KEPT_ROT_WIDTH_SHIFT = 24,
    KEPT_ROT_O = 1 << 26,
    KEPT_ROT = 31 << 22,
};

#endif
