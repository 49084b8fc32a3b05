/* SPDX-License-Identifier: MIT */
/* sse_priv.h - one lane of an SSE operation, between the files of sse.h. */
#ifndef TRANSLATOR_IR_SSE_PRIV_H
#define TRANSLATOR_IR_SSE_PRIV_H

#include "translator/ir/sse.h"

/* An operand of @bits, 32 or 64: zero if it is a denormal and those count as zeros. */
uint64_t sse_operand(const SseOp *s, unsigned bits, uint64_t v);
/* Adds what s->env.flags says of a lane with operands @a and @b and result @r, which is a number of
 * @bits or, 0, something else; DE is from the operands, of @from bits, 0: not asked. */
void sse_lane_done(SseOp *s, unsigned from, uint64_t a, uint64_t b, unsigned bits, uint64_t r);
/* What s->env.flags says of an operation on @bits, in @wide's precision: where an overflow or
 * underflow is not masked, it is inexact if it would be without ends to the exponent. @wide: the
 * operation on the 80-bit format; SSE_ADD to SSE_SQRT, or SSE_CMP for a conversion. */
void sse_exact_if_trapped(SseOp *s, unsigned wide, unsigned precision, unsigned bits, uint64_t a,
                          uint64_t b);

#endif
