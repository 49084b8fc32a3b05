/* SPDX-License-Identifier: MIT */
/* sse_convert.c - SSE conversions. Spec: SDM Vol. 2, the entry of each. */
#include "translator/ir/ir_vec.h"
#include "translator/ir/softfp.h"
#include "translator/ir/sse_priv.h"

/* To integers no conversion asks for denormals; none does of integers. */

static uint32_t int_of_32(SseOp *s, uint64_t a, bool truncate)
{
    uint32_t x = (uint32_t)sse_operand(s, 32, a);
    uint32_t r = sfp_32_to_i32(x, truncate ? FP_RZ : SFP_CURRENT, &s->env);

    sse_lane_done(s, 0, 0, 0, 0, 0);
    return r;
}

static uint32_t int_of_64(SseOp *s, uint64_t a, bool truncate)
{
    uint32_t r = sfp_64_to_i32(sse_operand(s, 64, a), truncate ? FP_RZ : SFP_CURRENT, &s->env);

    sse_lane_done(s, 0, 0, 0, 0, 0);
    return r;
}

static uint32_t single_of_int(SseOp *s, uint64_t a)
{
    uint32_t r = sfp_32_from_i32((uint32_t)a, &s->env);

    sse_lane_done(s, 0, 0, 0, 0, 0);
    return r;
}

static uint64_t double_of_int(SseOp *s, uint64_t a)
{
    return sfp_64_from_i32((uint32_t)a, &s->env); /* exact */
}

static uint64_t double_of_single(SseOp *s, uint64_t a)
{
    uint64_t x = sse_operand(s, 32, a), r = sfp_32_to_64((uint32_t)x, &s->env);

    sse_lane_done(s, 32, x, x, 0, 0);
    return r;
}

static uint32_t single_of_double(SseOp *s, uint64_t a)
{
    uint64_t x = sse_operand(s, 64, a);
    uint32_t r = sfp_64_to_32(x, &s->env);

    sse_exact_if_trapped(s, SSE_CMP, 24, 64, x, x);
    sse_lane_done(s, 64, x, x, 32, r);
    return r;
}

IrVec sse_widen(SseOp *s, bool scalar, IrVec a, IrVec b)
{
    a.q[0] = double_of_single(s, ir_vec_get(b, 0, 32));
    if (!scalar) {
        a.q[1] = double_of_single(s, ir_vec_get(b, 1, 32));
    }
    return a;
}

IrVec sse_narrow(SseOp *s, bool scalar, IrVec a, IrVec b)
{
    IrVec r = scalar ? a : (IrVec){ { 0, 0 } };

    ir_vec_put(&r, 0, 32, single_of_double(s, b.q[0]));
    if (!scalar) {
        ir_vec_put(&r, 1, 32, single_of_double(s, b.q[1]));
    }
    return r;
}

IrVec sse_from_ints(SseOp *s, unsigned bits, IrVec b)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < 128 / bits; i++) {
        uint64_t x = ir_vec_get(b, i, 32);

        ir_vec_put(&r, i, bits, bits == 32 ? single_of_int(s, x) : double_of_int(s, x));
    }
    return r;
}

IrVec sse_to_ints(SseOp *s, unsigned bits, bool truncate, IrVec b)
{
    IrVec r = { { 0, 0 } };

    for (unsigned i = 0; i < 128 / bits; i++) {
        ir_vec_put(&r, i, 32, sse_to_int(s, bits, truncate, ir_vec_get(b, i, bits)));
    }
    return r;
}

IrVec sse_from_int(SseOp *s, unsigned bits, IrVec a, uint32_t b)
{
    ir_vec_put(&a, 0, bits, bits == 32 ? single_of_int(s, b) : double_of_int(s, b));
    return a;
}

uint32_t sse_to_int(SseOp *s, unsigned bits, bool truncate, uint64_t b)
{
    return bits == 32 ? int_of_32(s, b, truncate) : int_of_64(s, b, truncate);
}
