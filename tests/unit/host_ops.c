/* SPDX-License-Identifier: MIT */
/* host_ops.c - see host_ops.h. */
#include "tests/unit/host_ops.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* One operation under test: operands come from HarnessCpu.bytes, 8 bytes each, results go to d. */
typedef struct Case {
    IrOp op;
    IrType t;
    uint64_t imm;
    IrType narrow, wide; /* what NARROW and WIDE are */
    bool const_b;
    uint64_t b;
} Case;

static IrType type_of_col(const Case *c, IrCol col)
{
    return col == COL_T        ? c->t
           : col == COL_NARROW ? c->narrow
           : col == COL_WIDE   ? c->wide
                               : (IrType)col;
}

static int32_t operand_at(unsigned i) { return (int32_t)(offsetof(HarnessCpu, bytes) + 8 * i); }

static IrRef operand(Harness *h, const Case *c, unsigned i)
{
    IrCol col = ir_op_info[c->op].src[i];
    IrType t = type_of_col(c, col);

    if (col == COL_NO) {
        return IR_NONE;
    }
    if (t == T_FLAGS) {
        return ir_funpack(&h->blk, T_NO, ir_gld(&h->blk, T_I32, operand_at(i)));
    }
    return i == 1 && c->const_b ? ir_const(&h->blk, t, c->b) : ir_gld(&h->blk, t, operand_at(i));
}

static void result(Harness *h, unsigned i, IrRef r)
{
    if (ir_type_of(&h->blk, r) == T_FLAGS) {
        r = ir_fpack(&h->blk, T_NO, r);
    }
    ir_gst(&h->blk, (int32_t)(offsetof(HarnessCpu, d) + 8 * i), r);
}

static HostUnit *compile(Harness *h, const Case *c)
{
    IrRef src[3];

    h->cache.chunk[0].rw_next = h->cache.chunk[0].rw;
    h->n_units = 0;
    harness_begin(h, HARNESS_RAM, 0);
    for (unsigned i = 0; i < 3; i++) {
        src[i] = operand(h, c, i);
    }
    if (ir_op_info[c->op].dst[1] != COL_NO) {
        IrPair p = ir_emit2(&h->blk, c->op, c->t, src[0], src[1], src[2]);

        result(h, 0, p.first);
        result(h, 1, p.second);
    } else {
        result(h, 0, ir_emit(&h->blk, c->op, c->t, src[0], src[1], src[2], c->imm));
    }
    ir_goto(&h->blk, HARNESS_RAM + 4, 0);
    return harness_compile(h);
}

/* Cuts @v to what the operation sees and puts it where the unit reads it. */
static void give(Harness *h, const Case *c, uint64_t v[3])
{
    for (unsigned i = 0; i < 3; i++) {
        unsigned bits = ir_type_bits(type_of_col(c, ir_op_info[c->op].src[i]));

        v[i] &= bits == 0 ? 0 : UINT64_MAX >> (64 - bits);
        memcpy(h->cpu->bytes + 8 * i, &v[i], sizeof(v[i]));
    }
    h->cpu->d[0] = h->cpu->d[1] = 0;
}

static void expect(Harness *h, const Case *c, const HostUnit *u, uint64_t a, uint64_t b, uint64_t k)
{
    const IrOpInfo *info = &ir_op_info[c->op];
    uint64_t v[3] = { a, c->const_b ? c->b : b, k };
    IrResult want;

    give(h, c, v);
    harness_enter(h, u, 5, NULL);
    want = ir_eval(c->op, c->t, v[0], v[1], v[2], c->imm);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t mask = info->dst[i] == COL_FLAGS ? IR_FL_ALL : UINT64_MAX;

        cr_assert(eq(u64, h->cpu->d[i], want.v[i] & mask),
                  "%s.%s result %u: 0x%" G_GINT64_MODIFIER "x 0x%" G_GINT64_MODIFIER
                  "x 0x%" G_GINT64_MODIFIER "x imm %u%s",
                  info->name, ir_type_name(c->t), i, v[0], v[1], v[2], (unsigned)c->imm,
                  c->const_b ? " (constant)" : "");
    }
}

static const uint64_t edge[] = {
    0,
    1,
    0x1f,
    0x20,
    0x7f,
    0x80,
    0xff,
    0x8000,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0x8000000000000000,
    0x123456789abcdef1,
    0x10140,
    UINT64_MAX,
};

enum { N_EDGES = G_N_ELEMENTS(edge) };

static void over_operands(Harness *h, Case c)
{
    const HostUnit *u = compile(h, &c);

    for (unsigned i = 0; i < N_EDGES * N_EDGES; i++) {
        expect(h, &c, u, edge[i % N_EDGES], edge[i / N_EDGES], edge[(i + i / N_EDGES) % N_EDGES]);
    }
    if (ir_op_info[c.op].src[1] == COL_T) {
        c.const_b = true;
        for (unsigned i = 0; i < N_EDGES; i++) {
            c.b = edge[i] & (UINT64_MAX >> (64 - ir_type_bits(c.t)));
            u = compile(h, &c);
            for (unsigned k = 0; k < N_EDGES; k++) {
                expect(h, &c, u, edge[k], 0, edge[(i + k) % N_EDGES]);
            }
        }
    }
}

/* Whether the verifier has the pure row @op at type @t. */
static bool exists(IrOp op, IrType t)
{
    const IrOpInfo *info = &ir_op_info[op];

    if (info->imm == IMM_LANE) {
        return false;
    }
    if (info->dst[0] != COL_T && info->src[0] != COL_T && info->src[1] != COL_T) {
        return t == T_NO;
    }
    switch (op) {
    case IR_const:
    case IR_bits: return false;
    case IR_not:
    case IR_and:
    case IR_andc:
    case IR_or:
    case IR_xor:
    case IR_eq:
    case IR_ne:
    case IR_trunc:
    case IR_select: return t >= T_I1 && t <= T_I64;
    default: return t >= T_I8 && t <= T_I64;
    }
}

static void over_immediates(Harness *h, Case c)
{
    if (c.op == IR_sext) {
        for (c.imm = 1; c.imm <= ir_type_bits(c.t); c.imm++) {
            over_operands(h, c);
        }
    } else if (c.op == IR_fcond) {
        for (c.imm = CC_O; c.imm <= CC_G; c.imm += c.imm == CC_NS ? 3 : 1) {
            over_operands(h, c);
        }
    } else if (ir_op_info[c.op].src[0] == COL_NARROW) {
        for (c.narrow = T_I1; c.narrow < c.t; c.narrow++) {
            over_operands(h, c);
        }
    } else if (ir_op_info[c.op].src[0] == COL_WIDE) {
        for (c.wide = c.t + 1; c.wide <= T_I64; c.wide++) {
            over_operands(h, c);
        }
    } else {
        over_operands(h, c);
    }
}

void host_ops_expect_pure(Harness *h)
{
    for (unsigned op = 0; op < IR_N_OPS; op++) {
        for (unsigned t = T_NO; t <= T_I64 && ir_op_info[op].effect == E_PURE; t++) {
            if (exists((IrOp)op, (IrType)t)) {
                over_immediates(h, (Case){ .op = (IrOp)op, .t = (IrType)t });
            }
        }
    }
}

/* ---- FP ---- */

/* Zeros, denormals, the smallest normal, ones, the largest, infinities, NaNs; a third to round. */
static const uint32_t edge32[] = {
    0,          0x80000000, 1,          0x007fffff, 0x00800000, 0x3f800000, 0xbf800001,
    0x3eaaaaab, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffc12345,
};
static const uint64_t edge64[] = {
    0,
    0x8000000000000000,
    1,
    0x000fffffffffffff,
    0x0010000000000000,
    0x3ff0000000000000,
    0xbff0000000000001,
    0x3fd5555555555555,
    0x7fefffffffffffff,
    0x7ff0000000000000,
    0xfff0000000000000,
    0x7ff8000000000000,
    0x7ff0000000000001,
    0xfff8000012345678,
};

enum { N_FP_EDGES = G_N_ELEMENTS(edge32) };

/* An operand that is not an edge: any exponent and few bits, or any bits. */
static uint64_t any_operand(const Case *c, uint64_t *seed)
{
    uint64_t r = *seed = *seed * 6364136223846793005u + 1442695040888963407u;

    r ^= r >> 29;
    return c->t == T_NO || (r & 3) != 0 ? r
           : c->t == T_F32              ? r & 0xff800000
                                        : r & 0xfff0000000000000;
}

static void fp_case(Harness *h, const Case *c, const HostUnit *u, const FpEnv *env, uint64_t v[3])
{
    const bool traps = (c->imm & IR_FP_TRAPS) != 0;
    FpEnv *live = &h->cold->fp[c->imm & 1], after = *env;
    uint32_t raised;
    HostExit why;
    uint64_t want;

    give(h, c, v);
    *live = *env;
    why = harness_enter(h, u, 5, NULL);
    after.flags = traps ? 0 : env->flags;
    want = ir_eval_fp(c->op, c->t, v[0], v[1], v[2], &after);
    raised = (after.flags & FP_UNIMPLEMENTED) != 0 ? FP_UNIMPLEMENTED : after.flags;
    if (traps && (raised & env->trap) != 0) {
        want = 0;
        after.flags = env->flags;
        cr_assert(eq(u32, h->cold->fault.syndrome, raised), "%s", ir_op_info[c->op].name);
    } else if (traps) {
        after.flags = env->flags | raised;
    }
    cr_assert(eq(int, why == HOST_INSIDE, traps && (raised & env->trap) != 0));
    h->v->leave = LEAVE_NO;
    cr_assert(eq(u64, h->cpu->d[0], want),
              "%s.%s 0x%" G_GINT64_MODIFIER "x 0x%" G_GINT64_MODIFIER "x 0x%" G_GINT64_MODIFIER "x",
              ir_op_info[c->op].name, ir_type_name(c->t), v[0], v[1], v[2]);
    cr_assert(eq(u32, live->flags, after.flags),
              "%s.%s flags 0x%" G_GINT64_MODIFIER "x 0x%" G_GINT64_MODIFIER
              "x 0x%" G_GINT64_MODIFIER "x",
              ir_op_info[c->op].name, ir_type_name(c->t), v[0], v[1], v[2]);
}

static uint64_t fp_edge(IrType t, unsigned n)
{
    return t == T_I32 ? edge[n] : t == T_F32 ? edge32[n] : edge64[n];
}

static void fp_operands(Harness *h, const Case *c, FpEnv env)
{
    const HostUnit *u = compile(h, c);
    uint64_t seed = c->op + 100 * c->imm;

    for (unsigned i = 0; i < N_FP_EDGES * N_FP_EDGES; i++) {
        unsigned n[3] = { i % N_FP_EDGES, i / N_FP_EDGES, (3 * i + i / N_FP_EDGES) % N_FP_EDGES };
        uint64_t v[3];

        for (unsigned k = 0; k < 3; k++) {
            v[k] = fp_edge(type_of_col(c, ir_op_info[c->op].src[k]), n[k]);
        }
        fp_case(h, c, u, &env, v);
    }
    for (unsigned i = 0; i < 2000 && (c->imm & IR_FP_TRAPS) != 0; i++) {
        uint64_t v[3];

        for (unsigned k = 0; k < 3; k++) {
            v[k] = any_operand(c, &seed);
        }
        fp_case(h, c, u, &env, v);
    }
}

#define MIPS_RULES(flush) \
    .flush_to_zero = (flush), .tininess_after = 1, .nan_rule = FP_NAN_INVERTED, \
    .int_rule = FP_INT_MOST_POS

static IrType fp_type(unsigned op, unsigned i)
{
    const IrOpInfo *info = &ir_op_info[op];
    bool typed = info->dst[0] == COL_T || info->src[0] == COL_T;

    return !typed ? T_NO : i % 2 != 0 ? T_F64 : T_F32;
}

static bool is_scalar_fp(unsigned op)
{
    return ir_op_info[op].effect == E_FP && ir_op_info[op].imm == IMM_ENV;
}

void host_ops_expect_fp(Harness *h)
{
    static const FpEnv envs[] = {
        { 0 },
        { .rounding = FP_RM },
        { .flush_to_zero = 1, .default_nan = 1, .flags = FP_INEXACT },
    };
    /* Operations that may trap, as MIPS has them. */
    static const FpEnv mips[] = {
        { MIPS_RULES(FP_TINY_UNIMPLEMENTED), .trap = FP_UNIMPLEMENTED },
        { MIPS_RULES(FP_TINY_UNIMPLEMENTED), .trap = FP_UNIMPLEMENTED | FP_INEXACT, .slow = 1 },
        { MIPS_RULES(FP_FLUSH_INEXACT), .trap = FP_UNIMPLEMENTED | FP_UNDERFLOW, .slow = 1 },
        { MIPS_RULES(FP_FLUSH_INEXACT), .trap = FP_INVALID, .rounding = FP_RP, .slow = 1 },
    };

    for (unsigned op = 0; op < IR_N_OPS; op++) {
        for (unsigned i = 0; i < 2 * G_N_ELEMENTS(envs) && is_scalar_fp(op); i++) {
            Case c = { .op = (IrOp)op, .t = fp_type(op, i), .imm = i / 2 % 2 };

            fp_operands(h, &c, envs[i / 2]);
        }
        for (unsigned i = 0; i < 2 * G_N_ELEMENTS(mips) && is_scalar_fp(op); i++) {
            Case c = { .op = (IrOp)op, .t = fp_type(op, i), .imm = IR_FP_TRAPS };

            fp_operands(h, &c, mips[i / 2]);
        }
    }
}

/* ---- vectors ---- */

/* One vector row: operands come from HarnessCpu.bytes, 16 bytes each, the result goes to d. */
typedef struct VecCase {
    IrOp op;
    IrType t;
    uint64_t imm;
    bool twins;   /* the second operand is the first */
    bool const_a; /* an integer as first operand is constant */
    IrType any;   /* what an operand ANY is */
    uint64_t k;
} VecCase;

static IrType vec_type(const VecCase *c, IrCol col)
{
    return col == COL_T ? c->t : col == COL_ANY ? c->any : (IrType)col;
}

static HostUnit *vec_compile(Harness *h, const VecCase *c)
{
    const IrOpInfo *info = &ir_op_info[c->op];
    IrRef src[3] = { IR_NONE, IR_NONE, IR_NONE }, r;

    h->cache.chunk[0].rw_next = h->cache.chunk[0].rw;
    h->n_units = 0;
    harness_begin(h, HARNESS_RAM, 0);
    for (unsigned i = 0; i < 3; i++) {
        IrType t = vec_type(c, info->src[i]);
        int32_t at = (int32_t)(offsetof(HarnessCpu, bytes) + 16 * i);

        if (t == T_NO) {
            continue;
        }
        src[i] = i == 0 && c->const_a ? ir_const(&h->blk, t, c->k)
                 : i == 1 && c->twins ? src[0]
                                      : ir_gld(&h->blk, t, at);
    }
    r = ir_emit(&h->blk, c->op, c->t, src[0], src[1], src[2], c->imm);
    ir_gst(&h->blk, (int32_t)offsetof(HarnessCpu, d), r);
    ir_goto(&h->blk, HARNESS_RAM + 4, 0);
    return harness_compile(h);
}

static IrVec cut(IrVec v, IrType t)
{
    if (t != T_V128) {
        v.q[1] = 0;
    }
    if (ir_type_bits(t) < 64) {
        v.q[0] &= ((uint64_t)1 << ir_type_bits(t)) - 1;
    }
    return v;
}

static void vec_expect(Harness *h, const VecCase *c, const HostUnit *u, IrVec v[3], FpEnv env)
{
    const IrOpInfo *info = &ir_op_info[c->op];
    unsigned which = ir_lane_arg(c->imm) & 1;
    IrVec want, got;
    FpEnv after = env;

    for (unsigned i = 0; i < 3; i++) {
        memcpy(h->cpu->bytes + 16 * i, &v[i], sizeof(v[i]));
        v[i] = cut(v[i], vec_type(c, info->src[i]));
    }
    if (c->const_a) {
        v[0] = (IrVec){ { c->k, 0 } };
    }
    if (c->twins) {
        v[1] = v[0];
    }
    h->cpu->d[0] = h->cpu->d[1] = 0;
    if (info->effect == E_FP) {
        h->cold->fp[which] = env;
        want = ir_eval_vec_fp(c->op, c->t, v[0], v[1], c->imm, &after);
    } else {
        want = ir_eval_vec(c->op, c->t, v[0], v[1], v[2], c->imm);
    }
    want = cut(want, vec_type(c, info->dst[0]));
    harness_enter(h, u, 5, NULL);
    memcpy(&got, h->cpu->d, sizeof(got));
    cr_assert(got.q[0] == want.q[0] && got.q[1] == want.q[1]
                  && (info->effect != E_FP || h->cold->fp[which].flags == after.flags),
              "%s.%s imm 0x%x a %016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER
              "x b %016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x: %016" G_GINT64_MODIFIER
              "x%016" G_GINT64_MODIFIER "x, not %016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER
              "x; flags %x, not %x",
              info->name, ir_type_name(c->t), (unsigned)c->imm, v[0].q[1], v[0].q[0], v[1].q[1],
              v[1].q[0], got.q[1], got.q[0], want.q[1], want.q[0], h->cold->fp[which].flags,
              after.flags);
}

/* A vector of lanes of @w bits that are edges more often than not. */
static IrVec vec_draw(GRand *rng, unsigned w, bool fp)
{
    IrVec v = { { 0, 0 } };

    for (unsigned i = 0; i < 128 / w; i++) {
        uint64_t all = g_rand_int(rng) | (uint64_t)g_rand_int(rng) << 32;
        uint64_t x = fp ? (w == 32 ? edge32[all % N_FP_EDGES] : edge64[all % N_FP_EDGES])
                        : edge[all % N_EDGES];

        if (g_rand_int_range(rng, 0, 3) == 0) {
            x = all;
        } else if (fp && g_rand_int_range(rng, 0, 2) == 0) {
            x = w == 32 ? 0x3f800000 + (all & 0x7fffff) : 0x3ff0000000000000 + (all & 0xffffffff);
        } else if (!fp && g_rand_int_range(rng, 0, 2) == 0) {
            x = all & 0xf;
        }
        for (unsigned at = i * w, k = 0; k < w; k += 8, at += 8) {
            v.q[at / 64] |= (x >> k & 0xff) << at % 64;
        }
    }
    return v;
}

static void vec_operands(Harness *h, VecCase c, FpEnv env, GRand *rng)
{
    const IrOpInfo *info = &ir_op_info[c.op];
    unsigned w = 8u << ir_lane_log2(c.imm);
    bool fp = info->effect == E_FP;

    for (unsigned twins = 0; twins < 2; twins++) {
        const HostUnit *u;

        c.twins = twins != 0;
        c.const_a = info->src[0] == COL_I64 && c.twins;
        c.k = vec_draw(rng, 64, false).q[0];
        if (c.twins && info->src[0] != info->src[1] && !c.const_a) {
            return;
        }
        if (c.const_a) {
            c.twins = false;
        }
        u = vec_compile(h, &c);
        for (unsigned n = 0; n < 40; n++) {
            IrVec v[3];

            for (unsigned i = 0; i < 3; i++) {
                v[i] = vec_draw(rng, w, fp);
            }
            if (info->src[1] == COL_I64 && n % 4 != 0) {
                v[1].q[0] &= 0x7f;
            }
            if (fp && n % 4 == 0) {
                v[0] = v[1] = vec_draw(rng, w, false); /* sums of 0 and so on */
                v[1].q[0] ^= (uint64_t)1 << 63 | 1u << 31;
            }
            vec_expect(h, &c, u, v, env);
        }
    }
}

static void extend_any(Harness *h, GRand *rng)
{
    static const IrType types[] = { T_I32, T_I64, T_F32, T_F64, T_V64 };

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        vec_operands(h, (VecCase){ .op = IR_vzext, .any = types[i] }, (FpEnv){ 0 }, rng);
    }
}

void host_ops_expect_vec(Harness *h)
{
    static const IrType types[] = { T_NO, T_V64, T_V128 };
    static const FpEnv envs[] = {
        { 0 },
        { .rounding = FP_RM },
        { .flush_to_zero = FP_FLUSH_BOTH, .default_nan = 1 },
        { .tininess_after = 1, .nan_rule = FP_NAN_FIRST },
    };
    GRand *rng = g_rand_new_with_seed(1);

    for (unsigned op = 0; op < IR_N_OPS; op++) {
        const IrOpInfo *info = &ir_op_info[op];
        bool typed = info->dst[0] == COL_T || info->src[0] == COL_T || info->src[1] == COL_T;

        for (unsigned k = 0; info->imm == IMM_LANE && k < 3 * 4 * 256; k++) {
            VecCase c = { .op = (IrOp)op, .t = types[k % 3], .any = T_V128 };
            unsigned lane = k / 3 % 4, arg = k / 12;

            c.imm = ir_lane(lane, arg);
            if (ir_is_sse((IrOp)op) || (info->lanes >> lane & 1) == 0 || arg > info->max_arg
                || (c.t == T_NO) == typed || (arg > 66 && arg % 7 != 0)) {
                continue;
            }
            vec_operands(h, c, envs[0], rng);
            for (unsigned e = 1; info->effect == E_FP && e < G_N_ELEMENTS(envs); e++) {
                vec_operands(h, c, envs[e], rng);
            }
        }
    }
    extend_any(h, rng);
    g_rand_free(rng);
}

/* ---- SSE ---- */

static void sse_expect(Harness *h, const VecCase *c, const HostUnit *u, IrVec v[2], uint32_t csr)
{
    const IrOpInfo *info = &ir_op_info[c->op];
    uint32_t after = csr;
    IrVec want, got;

    for (unsigned i = 0; i < 2; i++) {
        memcpy(h->cpu->bytes + 16 * i, &v[i], sizeof(v[i]));
        v[i] = cut(v[i], vec_type(c, info->src[i]));
    }
    if (c->twins) {
        v[1] = v[0];
    }
    h->cpu->d[0] = h->cpu->d[1] = 0;
    h->cpu->state = csr;
    want = cut(ir_eval_sse(c->op, v[0], v[1], c->imm, &after), vec_type(c, info->dst[0]));
    harness_enter(h, u, 5, NULL);
    memcpy(&got, h->cpu->d, sizeof(got));
    cr_assert(got.q[0] == want.q[0] && got.q[1] == want.q[1] && h->cpu->state == after,
              "%s imm 0x%x mxcsr %x a %016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER
              "x b %016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x: %016" G_GINT64_MODIFIER
              "x%016" G_GINT64_MODIFIER "x, not %016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER
              "x; mxcsr %x, not %x",
              info->name, (unsigned)c->imm, csr, v[0].q[1], v[0].q[0], v[1].q[1], v[1].q[0],
              got.q[1], got.q[0], want.q[1], want.q[0], h->cpu->state, after);
}

static void sse_operands(Harness *h, VecCase c, GRand *rng)
{
    const HostUnit *u = vec_compile(h, &c);

    for (unsigned n = 0; n < 100; n++) {
        uint32_t csr = 0x1f80 | (g_rand_int(rng) & 0x603f) | (n % 3 == 0 ? 0x8000 : 0)
                       | (n % 5 == 0 ? 0x40 : 0);
        unsigned w = 8u << ir_lane_log2(c.imm);
        IrVec v[2] = { vec_draw(rng, w, true), vec_draw(rng, w, n % 4 != 0) };

        sse_expect(h, &c, u, v, csr);
    }
}

void host_ops_expect_sse(Harness *h)
{
    GRand *rng = g_rand_new_with_seed(2);
    GuestIsa isa = harness_isa;

    isa.mxcsr = offsetof(HarnessCpu, state);
    h->cold->isa = &isa;
    for (unsigned op = 0; op < IR_N_OPS; op++) {
        const IrOpInfo *info = &ir_op_info[op];

        for (unsigned k = 0; ir_is_sse((IrOp)op) && k < 4 * (info->max_arg + 1u); k++) {
            VecCase c = { .op = (IrOp)op, .imm = ir_lane(k % 4, k / 4), .any = T_V128 };

            if ((info->lanes >> k % 4 & 1) != 0) {
                sse_operands(h, c, rng);
                c.twins = info->src[0] == COL_V128 && info->src[1] == COL_ANY;
                sse_operands(h, c, rng);
            }
        }
    }
    h->cold->isa = &harness_isa;
    g_rand_free(rng);
}
