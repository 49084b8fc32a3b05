/* SPDX-License-Identifier: MIT */
/* lift_string_priv.h - what the helper of string instructions with REP is told. */
#ifndef FRONTEND_X86_LIFT_STRING_PRIV_H
#define FRONTEND_X86_LIFT_STRING_PRIV_H

#include "frontend/x86/lift.h"

typedef enum StringOp { STRING_MOVS, STRING_STOS, STRING_CMPS, STRING_SCAS } StringOp;
enum { STRING_UNTIL_EQUAL = 1 << 16 };

static inline uint32_t string_what(StringOp op, unsigned bytes, unsigned seg, bool until_equal)
{
    return op | bytes << 4 | seg << 8 | (until_equal ? STRING_UNTIL_EQUAL : 0);
}
static inline StringOp string_what_op(uint64_t what) { return (StringOp)(what & 15); }
static inline unsigned string_what_bytes(uint64_t what) { return what >> 4 & 15; }
static inline unsigned string_what_seg(uint64_t what) { return what >> 8 & 15; }

#endif
