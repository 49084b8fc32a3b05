/* SPDX-License-Identifier: MIT */
/* sse_cvt.c - SSE conversions. Spec: SDM Vol. 2, the entry of each. */
#include "frontend/x86/lift_sse_priv.h"
#include "frontend/x86/sse_priv.h"
#include "translator/ir/softfp.h"

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

    sse_exact_if_trapped(s, FP_CMP, 24, 64, x, x);
    sse_lane_done(s, 64, x, x, 32, r);
    return r;
}

static uint64_t two(uint32_t low, uint32_t high) { return low | (uint64_t)high << 32; }

/* Two lanes of 32 bits from 32 bits each, two from 64 bits each. Named operands: C leaves the order
 * of evaluation open, and lane 0 comes first. */
static uint64_t pair_of_32(SseOp *s, uint64_t a, unsigned op)
{
    bool truncate = op == CVT_TPS2PI || op == CVT_TPS2DQ;
    bool from_int = op == CVT_PI2PS || op == CVT_DQ2PS;
    uint32_t low, high;

    low = from_int ? single_of_int(s, a) : int_of_32(s, a, truncate);
    high = from_int ? single_of_int(s, a >> 32) : int_of_32(s, a >> 32, truncate);
    return two(low, high);
}

static uint64_t pair_of_64(SseOp *s, const uint64_t a[2], unsigned op)
{
    bool truncate = op == CVT_TPD2PI || op == CVT_TPD2DQ;
    uint32_t low, high;

    low = op == CVT_PD2PS ? single_of_double(s, a[0]) : int_of_64(s, a[0], truncate);
    high = op == CVT_PD2PS ? single_of_double(s, a[1]) : int_of_64(s, a[1], truncate);
    return two(low, high);
}

static uint64_t low_32(uint64_t dst, uint32_t v) { return (dst & ~(uint64_t)UINT32_MAX) | v; }

/* @r: the destination before, the result after; what is not written stays. */
static void convert(SseOp *s, unsigned op, const uint64_t a[2], uint64_t r[2])
{
    switch (op) {
    case CVT_PI2PS:
    case CVT_PS2PI:
    case CVT_TPS2PI: r[0] = pair_of_32(s, a[0], op); break;
    case CVT_PD2PI:
    case CVT_TPD2PI: r[0] = pair_of_64(s, a, op); break;
    case CVT_SI2SS: r[0] = low_32(r[0], single_of_int(s, a[0])); break;
    case CVT_SI2SD: r[0] = double_of_int(s, a[0]); break;
    case CVT_SS2SI:
    case CVT_TSS2SI: r[0] = int_of_32(s, a[0], op == CVT_TSS2SI); break;
    case CVT_SD2SI:
    case CVT_TSD2SI: r[0] = int_of_64(s, a[0], op == CVT_TSD2SI); break;
    case CVT_SS2SD: r[0] = double_of_single(s, a[0]); break;
    case CVT_SD2SS: r[0] = low_32(r[0], single_of_double(s, a[0])); break;
    case CVT_PS2PD:
        r[0] = double_of_single(s, a[0]);
        r[1] = double_of_single(s, a[0] >> 32);
        break;
    case CVT_PI2PD:
    case CVT_DQ2PD:
        r[0] = double_of_int(s, a[0]);
        r[1] = double_of_int(s, a[0] >> 32);
        break;
    case CVT_DQ2PS:
    case CVT_PS2DQ:
    case CVT_TPS2DQ:
        r[0] = pair_of_32(s, a[0], op);
        r[1] = pair_of_32(s, a[1], op);
        break;
    default: /* PD2PS, PD2DQ, TPD2DQ */
        r[0] = pair_of_64(s, a, op);
        r[1] = 0;
        break;
    }
}

/* @a: sse_what(CVT_*, ...); @b, @c: the source. Returns: what goes to a general register. */
uint64_t x86_help_sse_cvt(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    SseOp s = sse_begin(cpu);
    unsigned dst = sse_what_dst(a), op = sse_what_op(a);
    const uint64_t source[2] = { b, c };
    uint64_t r[2] = { cpu->xmm[dst][0], cpu->xmm[dst][1] };

    convert(&s, op, source, r);
    if (!sse_end(&s)) {
        return 0;
    }
    if ((a & SSE_WHAT_MMX) != 0) {
        cpu->fpu.mantissa[dst] = r[0];
        cpu->fpu.exponent[dst] = 0xffff;
    } else if (op < CVT_SS2SI || op > CVT_TSD2SI) {
        cpu->xmm[dst][0] = r[0];
        cpu->xmm[dst][1] = r[1];
    }
    return r[0];
}
