/* SPDX-License-Identifier: MIT */
/* sse_arith.c - SSE arithmetic and comparisons, lane by lane. */
#include "base/bits.h"
#include "translator/ir/ir_vec.h"
#include "translator/ir/softfp.h"
#include "translator/ir/sse_priv.h"

static uint64_t arith32(unsigned op, uint32_t a, uint32_t b, FpEnv *env)
{
    switch (op) {
    case SSE_ADD: return sfp_add32(a, b, env);
    case SSE_MUL: return sfp_mul32(a, b, env);
    case SSE_SUB: return sfp_sub32(a, b, env);
    case SSE_DIV: return sfp_div32(a, b, env);
    default: return sfp_sqrt32(b, env);
    }
}

static uint64_t arith64(unsigned op, uint64_t a, uint64_t b, FpEnv *env)
{
    switch (op) {
    case SSE_ADD: return sfp_add64(a, b, env);
    case SSE_MUL: return sfp_mul64(a, b, env);
    case SSE_SUB: return sfp_sub64(a, b, env);
    case SSE_DIV: return sfp_div64(a, b, env);
    default: return sfp_sqrt64(b, env);
    }
}

static FpOrder order_of(unsigned bits, uint64_t a, uint64_t b, bool quiet, FpEnv *env)
{
    if (bits == 32) {
        return quiet ? sfp_compare_quiet32((uint32_t)a, (uint32_t)b, env)
                     : sfp_compare_signalling32((uint32_t)a, (uint32_t)b, env);
    }
    return quiet ? sfp_compare_quiet64(a, b, env) : sfp_compare_signalling64(a, b, env);
}

/* MINPS and its kin: the second operand if the two are equal or unordered. */
static uint64_t extreme(unsigned op, unsigned bits, uint64_t a, uint64_t b, FpEnv *env)
{
    FpOrder order = order_of(bits, a, b, false, env);

    return order == (op == SSE_MIN ? FP_LT : FP_GT) ? a : b;
}

/* CMPPS and its kin: EQ LT LE UNORD, then their opposites. */
static uint64_t compare(unsigned bits, uint64_t a, uint64_t b, unsigned predicate, FpEnv *env)
{
    bool quiet = (predicate & 3) == 0 || (predicate & 3) == 3, holds;
    FpOrder order = order_of(bits, a, b, quiet, env);

    switch (predicate & 3) {
    case 0: holds = order == FP_EQ; break;
    case 1: holds = order == FP_LT; break;
    case 2: holds = order == FP_LT || order == FP_EQ; break;
    default: holds = order == FP_UN; break;
    }
    return holds != ((predicate & 4) != 0) ? bits_mask(bits) : 0;
}

static const FpEnv estimate_env = { .flush_to_zero = FP_FLUSH_INPUTS | FP_FLUSH_OUTPUTS,
                                    .tininess_after = 1,
                                    .nan_rule = FP_NAN_FIRST };

/* RCPPS: rounded to nearest, so the error is under 2^-24, where 1.5 * 2^-12 is allowed. Denormals
 * count as zeros, also as results; nothing is raised. */
static uint64_t reciprocal(uint32_t a)
{
    FpEnv env = estimate_env;

    return sfp_div32(0x3f800000, a, &env);
}

/* RSQRTPS: twice rounded in double precision, then to single: under 2^-23. */
static uint64_t reciprocal_root(uint32_t a)
{
    FpEnv env = estimate_env;
    uint64_t x = sfp_32_to_64(a, &env);

    x = sfp_div64(UINT64_C(0x3ff) << 52, sfp_sqrt64(x, &env), &env);
    return sfp_64_to_32(x, &env);
}

static uint64_t lane(SseOp *s, unsigned op, unsigned bits, uint64_t a, uint64_t b, unsigned imm)
{
    uint64_t r;

    if (op == SSE_RCP || op == SSE_RSQRT) {
        return op == SSE_RCP ? reciprocal((uint32_t)b) : reciprocal_root((uint32_t)b);
    }
    a = sse_operand(s, bits, op == SSE_SQRT ? b : a);
    b = sse_operand(s, bits, b);
    switch (op) {
    case SSE_MIN:
    case SSE_MAX: r = extreme(op, bits, a, b, &s->env); break;
    case SSE_CMP: r = compare(bits, a, b, imm, &s->env); break;
    default:
        r = bits == 32 ? arith32(op, (uint32_t)a, (uint32_t)b, &s->env)
                       : arith64(op, a, b, &s->env);
        sse_exact_if_trapped(s, op, bits == 32 ? 24 : 53, bits, a, b);
        break;
    }
    sse_lane_done(s, bits, a, b, op <= SSE_DIV && op != SSE_MIN ? bits : 0, r);
    return r;
}

/* Which operation lane @i is, and of what. */
static uint64_t packed_lane(SseOp *s, SseArith op, unsigned bits, unsigned i, IrVec a, IrVec b,
                            unsigned imm)
{
    unsigned n = 128 / bits, at = 2 * i % n;

    switch (op) {
    case SSE_HADD:
    case SSE_HSUB: {
        IrVec from = i < n / 2 ? a : b;

        return lane(s, op == SSE_HADD ? SSE_ADD : SSE_SUB, bits, ir_vec_get(from, at, bits),
                    ir_vec_get(from, at + 1, bits), imm);
    }
    case SSE_ADDSUB: op = i % 2 == 0 ? SSE_SUB : SSE_ADD; break;
    default: break;
    }
    return lane(s, op, bits, ir_vec_get(a, i, bits), ir_vec_get(b, i, bits), imm);
}

IrVec sse_arith(SseOp *s, SseArith op, unsigned bits, bool scalar, unsigned predicate, IrVec a,
                IrVec b)
{
    IrVec r = a;

    for (unsigned i = 0; i < (scalar ? 1 : 128 / bits); i++) {
        ir_vec_put(&r, i, bits, packed_lane(s, op, bits, i, a, b, predicate));
    }
    return r;
}

/* FpOrder, where EFLAGS has ZF, PF, CF. */
uint32_t sse_order(SseOp *s, unsigned bits, bool signalling, IrVec a, IrVec b)
{
    static const uint32_t codes[] = { 1, 1 << 6, 0, 1 << 6 | 1 << 2 | 1 };
    uint64_t x = sse_operand(s, bits, a.q[0]), y = sse_operand(s, bits, b.q[0]);
    FpOrder order = order_of(bits, x, y, !signalling, &s->env);

    sse_lane_done(s, bits, x, y, 0, 0);
    return codes[order];
}
