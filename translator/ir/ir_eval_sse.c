/* SPDX-License-Identifier: MIT */
/* ir_eval_sse.c - what SSE rows yield, generated from ir_ops.def over sse.h. */
#include "translator/ir/sse.h"

bool ir_is_sse(IrOp op)
{
    /* clang-format off */
    switch (op) {
#define IR_VS(name, dst, a, b, lanes, arg, value) case IR_##name:
#include "translator/ir/ir_ops.def"
        return true;
    default: return false;
    }
    /* clang-format on */
}

static IrVec ir_vec_int(uint32_t v) { return (IrVec){ { v, 0 } }; }

static IrVec eval(IrOp op, IrVec a, IrVec b, unsigned w, unsigned imm, SseOp *s)
{
    /* clang-format off */
    switch (op) {
#define IR_VS(name, dst, a_, b_, lanes, arg, value) case IR_##name: return value;
#include "translator/ir/ir_ops.def"
    default: g_assert_not_reached();
    }
    /* clang-format on */
}

IrVec ir_eval_sse(IrOp op, IrVec a, IrVec b, uint64_t imm, uint32_t *mxcsr)
{
    SseOp s = sse_begin(*mxcsr | MXCSR_MASKS);
    IrVec r = eval(op, a, b, 8u << ir_lane_log2(imm), ir_lane_arg(imm), &s);

    *mxcsr |= s.flags;
    return r;
}
