/* SPDX-License-Identifier: MIT */
/* sse_fp.c - SSE arithmetic and comparisons. Spec: SDM Vol. 2, the entry of each; Vol. 1 11.5. */
#include "base/bits.h"
#include "frontend/x86/lift_sse_priv.h"
#include "frontend/x86/sse_priv.h"
#include "translator/ir/softfp.h"

static uint64_t arith32(unsigned op, uint32_t a, uint32_t b, FpEnv *env)
{
    switch (op) {
    case FP_ADD: return sfp_add32(a, b, env);
    case FP_MUL: return sfp_mul32(a, b, env);
    case FP_SUB: return sfp_sub32(a, b, env);
    case FP_DIV: return sfp_div32(a, b, env);
    default: return sfp_sqrt32(b, env);
    }
}

static uint64_t arith64(unsigned op, uint64_t a, uint64_t b, FpEnv *env)
{
    switch (op) {
    case FP_ADD: return sfp_add64(a, b, env);
    case FP_MUL: return sfp_mul64(a, b, env);
    case FP_SUB: return sfp_sub64(a, b, env);
    case FP_DIV: return sfp_div64(a, b, env);
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

    return order == (op == FP_MIN ? FP_LT : FP_GT) ? a : b;
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
                                    .nan_rule = FP_NAN_SSE };

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

    if (op == FP_RCP || op == FP_RSQRT) {
        return op == FP_RCP ? reciprocal((uint32_t)b) : reciprocal_root((uint32_t)b);
    }
    a = sse_operand(s, bits, op == FP_SQRT ? b : a);
    b = sse_operand(s, bits, b);
    switch (op) {
    case FP_MIN:
    case FP_MAX: r = extreme(op, bits, a, b, &s->env); break;
    case FP_CMP: r = compare(bits, a, b, imm, &s->env); break;
    default:
        r = bits == 32 ? arith32(op, (uint32_t)a, (uint32_t)b, &s->env)
                       : arith64(op, a, b, &s->env);
        sse_exact_if_trapped(s, op, bits == 32 ? 24 : 53, bits, a, b);
        break;
    }
    sse_lane_done(s, bits, a, b, op <= FP_DIV && op != FP_MIN ? bits : 0, r);
    return r;
}

static uint64_t get(const uint64_t q[2], unsigned i, unsigned bits)
{
    return bits == 64 ? q[i] : q[i / 2] >> 32 * (i % 2) & UINT32_MAX;
}

static void put(uint64_t q[2], unsigned i, unsigned bits, uint64_t v)
{
    unsigned at = 32 * (i % 2);

    if (bits == 64) {
        q[i] = v;
    } else {
        q[i / 2] = (q[i / 2] & ~(UINT64_C(0xffffffff) << at)) | v << at;
    }
}

/* Which operation lane @i is, and of what. */
static uint64_t packed_lane(SseOp *s, unsigned op, unsigned bits, unsigned i, const uint64_t a[2],
                            const uint64_t b[2], unsigned imm)
{
    unsigned n = 128 / bits, at = 2 * i % n;

    switch (op) {
    case FP_HADD:
    case FP_HSUB: {
        const uint64_t *from = i < n / 2 ? a : b;

        return lane(s, op == FP_HADD ? FP_ADD : FP_SUB, bits, get(from, at, bits),
                    get(from, at + 1, bits), imm);
    }
    case FP_ADDSUB:
        return lane(s, i % 2 == 0 ? FP_SUB : FP_ADD, bits, get(a, i, bits), get(b, i, bits), imm);
    default: return lane(s, op, bits, get(a, i, bits), get(b, i, bits), imm);
    }
}

/* @a: sse_what(FP(), ...); @b, @c: the source */
uint64_t x86_help_sse_fp(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    SseOp s = sse_begin(cpu);
    unsigned op = sse_what_op(a) >> 2, format = sse_what_op(a) & 3;
    unsigned bits = (format & 1) != 0 ? 64 : 32, n = format >= FP_SS ? 1 : 128 / bits;
    uint64_t *dst = cpu->xmm[sse_what_dst(a)], source[2] = { b, c };
    uint64_t r[2] = { dst[0], dst[1] };

    for (unsigned i = 0; i < n; i++) {
        put(r, i, bits, packed_lane(&s, op, bits, i, dst, source, sse_what_imm(a)));
    }
    if (sse_end(&s)) {
        dst[0] = r[0];
        dst[1] = r[1];
    }
    return 0;
}

/* ZF, PF, CF where EFLAGS has them. */
uint64_t x86_help_sse_comi(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    static const uint32_t codes[] = { EFL_CF, EFL_ZF, 0, EFL_ZF | EFL_PF | EFL_CF };
    X86Cpu *cpu = x86_cpu(v);
    SseOp s = sse_begin(cpu);
    unsigned op = sse_what_op(a) >> 2, bits = (sse_what_op(a) & 1) != 0 ? 64 : 32;
    uint64_t x = sse_operand(&s, bits, cpu->xmm[sse_what_dst(a)][0]);
    uint64_t y = sse_operand(&s, bits, b);
    FpOrder order = order_of(bits, x, y, op == FP_UCOMI, &s.env);

    (void)c;
    sse_lane_done(&s, bits, x, y, 0, 0);
    sse_end(&s);
    return codes[order];
}
