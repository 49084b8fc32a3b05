/* SPDX-License-Identifier: MIT */
/* sse_lane.c - operands and exceptions of SSE operations. Spec: SDM Vol. 1 10.2.3, 11.5. */
#include "base/bits.h"
#include "translator/ir/softfp80.h"
#include "translator/ir/sse_priv.h"

/* FpEnv's flags as MXCSR has them: but for invalid, all one place up. */
static uint32_t to_mxcsr(uint32_t flags) { return (flags & FP_INVALID) | (flags & 0x1e) << 1; }

SseOp sse_begin(uint32_t mxcsr)
{
    static const uint8_t rounding[] = { FP_RNE, FP_RM, FP_RP, FP_RZ };
    uint32_t masks = mxcsr >> MXCSR_MASKS_SHIFT & MXCSR_FLAGS;
    bool ftz = (mxcsr & MXCSR_FTZ) != 0 && (masks & MXCSR_UE) != 0;

    return (SseOp){ .env = { .rounding = rounding[mxcsr >> 13 & 3],
                             .flush_to_zero = ftz ? FP_FLUSH_OUTPUTS : 0,
                             .tininess_after = 1,
                             .nan_rule = FP_NAN_FIRST,
                             .int_rule = FP_INT_MOST_NEG },
                    .masks = masks,
                    .daz = (mxcsr & MXCSR_DAZ) != 0 };
}

static uint64_t exponent_ones(unsigned bits)
{
    return bits == 32 ? 0x7f800000 : UINT64_C(0x7ff) << 52;
}

static uint64_t magnitude(unsigned bits, uint64_t v) { return v & bits_mask(bits - 1); }

static bool is_nan(unsigned bits, uint64_t v) { return magnitude(bits, v) > exponent_ones(bits); }

static bool is_denormal(unsigned bits, uint64_t v)
{
    return magnitude(bits, v) != 0 && (v & exponent_ones(bits)) == 0;
}

uint64_t sse_operand(const SseOp *s, unsigned bits, uint64_t v)
{
    v &= bits_mask(bits);
    return s->daz && is_denormal(bits, v) ? v & UINT64_C(1) << (bits - 1) : v;
}

void sse_lane_done(SseOp *s, unsigned from, uint64_t a, uint64_t b, unsigned bits, uint64_t r)
{
    uint32_t flags = to_mxcsr(s->env.flags);

    s->env.flags = 0;
    if (from != 0 && (flags & (MXCSR_IE | MXCSR_ZE)) == 0
        && (is_denormal(from, a) || is_denormal(from, b)) && !is_nan(from, a) && !is_nan(from, b)) {
        flags |= MXCSR_DE;
    }
    /* Not masked, tininess alone is an underflow. */
    if ((s->masks & MXCSR_UE) == 0 && bits != 0 && is_denormal(bits, r)) {
        flags |= MXCSR_UE;
    }
    s->flags |= flags;
}

static F80 widened(unsigned bits, uint64_t v, F80Env *env)
{
    F80 r = bits == 32 ? sfp80_operand_f32((uint32_t)v, env) : sfp80_operand_f64(v, env);

    env->denormal = 0;
    return r;
}

/* The 80-bit format has no ends that single and double precision could meet. */
void sse_exact_if_trapped(SseOp *s, unsigned wide, unsigned precision, unsigned bits, uint64_t a,
                          uint64_t b)
{
    F80Env env = { .rounding = s->env.rounding, .precision = (uint8_t)precision, .masks = 0x3f };
    uint32_t trapped = to_mxcsr(s->env.flags) & ~s->masks & (MXCSR_OE | MXCSR_UE);
    F80 x = widened(bits, a, &env), y = widened(bits, b, &env);

    if (trapped == 0) {
        return;
    }
    switch (wide) {
    case SSE_ADD: sfp80_add(x, y, &env); break;
    case SSE_MUL: sfp80_mul(x, y, &env); break;
    case SSE_SUB: sfp80_sub(x, y, &env); break;
    case SSE_DIV: sfp80_div(x, y, &env); break;
    default: sfp80_mul(y, sfp80_from_int(1), &env); break;
    }
    if ((env.flags & F80_PE) == 0) {
        s->env.flags &= ~(uint32_t)FP_INEXACT;
    }
}
