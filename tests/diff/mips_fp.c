/* SPDX-License-Identifier: MIT */
/*
 * mips_fp.c - the rows of MIPS floating-point arithmetic on our hosts against MPFR: result, FCSR
 * and exception, with any rounding, flushing and enabled traps, FR 0 and 1, both byte orders.
 *
 * What a row computes is told here by its name, not by its lifter; what becomes of flags as MD00343
 * 5.5 has it. Not drawn: FCSR.FO, which is about the middle of a multiply-add, of which MPFR knows
 * nothing (tests/unit/test_mips_fpu.c), and registers and formats that are UNPREDICTABLE.
 */
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/mips_priv.h"
#include "tests/diff/chance.h"
#include "tests/diff/diff.h"
#include "tests/diff/mips_draw.h"
#include "tests/rig/mips_rig.h"
#include "tests/rig/softfp_judge.h"

enum { DIFFERENCES_MAX = 12, RS = 2, RT = 4, RR = 6, RD = 8, QUIET_32 = 1 << 22 };
enum { CAUSE_SHIFT = 12, ENABLES_SHIFT = 7, FLAGS_SHIFT = 2, FCC0 = 1 << 23 };
enum { FN = 1 << 21, FS = 1 << 24 };
enum { I = 1, U = 2, O = 4, Z = 8, V = 16, E = 32 };

#define QUIET_64 (UINT64_C(1) << 51)
#define ONE_64 UINT64_C(0x3ff0000000000000)

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

enum { N_HOSTS = G_N_ELEMENTS(hosts) };

/* What is computed, as the manual calls it. */
typedef enum Kind { ARITH, RECIP, RSQRT, MULADD, ABSNEG, TO_FP, TO_INT, FROM_INT, COMPARE } Kind;

static const struct Row {
    const char *name;
    Kind kind;
    int op; /* JudgeOp; what else the kind distinguishes */
} rows[] = {
    { "ADD_fmt", ARITH, JUDGE_ADD },
    { "SUB_fmt", ARITH, JUDGE_SUB },
    { "MUL_fmt", ARITH, JUDGE_MUL },
    { "DIV_fmt", ARITH, JUDGE_DIV },
    { "SQRT_fmt", ARITH, JUDGE_SQRT },
    { "RECIP_fmt", RECIP, 0 },
    { "RSQRT_fmt", RSQRT, 0 },
    { "MADD_fmt", MULADD, 0 },
    { "MSUB_fmt", MULADD, 1 },
    { "NMADD_fmt", MULADD, 2 },
    { "NMSUB_fmt", MULADD, 3 },
    { "ABS_fmt", ABSNEG, 0 },
    { "NEG_fmt", ABSNEG, 1 },
    { "CVT_S_D", TO_FP, 0 },
    { "CVT_D_S", TO_FP, 1 },
    { "CVT_S_W", FROM_INT, 0 },
    { "CVT_D_W", FROM_INT, 1 },
    { "CVT_S_L", FROM_INT, 2 },
    { "CVT_D_L", FROM_INT, 3 },
    { "ROUND_W_fmt", TO_INT, FP_RNE },
    { "TRUNC_W_fmt", TO_INT, FP_RZ },
    { "CEIL_W_fmt", TO_INT, FP_RP },
    { "FLOOR_W_fmt", TO_INT, FP_RM },
    { "CVT_W_fmt", TO_INT, SFP_CURRENT },
    { "ROUND_L_fmt", TO_INT, FP_RNE | 0x100 },
    { "TRUNC_L_fmt", TO_INT, FP_RZ | 0x100 },
    { "CEIL_L_fmt", TO_INT, FP_RP | 0x100 },
    { "FLOOR_L_fmt", TO_INT, FP_RM | 0x100 },
    { "CVT_L_fmt", TO_INT, SFP_CURRENT | 0x100 },
    { "C_cond_fmt", COMPARE, 0 },
};

typedef struct Case {
    const struct Row *row;
    uint32_t word, fcsr;
    bool dbl; /* what the operands are: field z, or what the name says */
    bool fr;
    uint64_t fpr[32];
} Case;

typedef struct Outcome {
    uint64_t fpr[32];
    uint32_t fcsr, code; /* of an exception; 0: none */
} Outcome;

typedef struct Runner {
    MipsRig *rig[N_HOSTS];
    GRand *rand;
    uint64_t traps, unimplemented;
} Runner;

/* ---- registers ---- */

/* All are even: with FR or without, a word is the lower half. */
static uint64_t get(const uint64_t *fpr, unsigned n, bool wide)
{
    return wide ? fpr[n] : fpr[n] & UINT32_MAX;
}

static void set(uint64_t *fpr, unsigned n, bool wide, uint64_t value)
{
    fpr[n] = wide ? value : (fpr[n] & ~(uint64_t)UINT32_MAX) | (value & UINT32_MAX);
}

/* ---- the judge ---- */

static const Width *width(bool dbl) { return dbl ? &judge_double : &judge_single; }
static uint64_t sign_of(bool dbl) { return UINT64_C(1) << (dbl ? 63 : 31); }
static uint64_t infinity(bool dbl) { return dbl ? UINT64_C(0x7ff) << 52 : UINT64_C(0xff) << 23; }
static bool is_nan(bool dbl, uint64_t v) { return (v & ~sign_of(dbl)) > infinity(dbl); }
static uint64_t default_nan(bool dbl) { return dbl ? UINT64_C(0x7ff7ffffffffffff) : 0x7fbfffff; }

/* With the legacy encoding the bit says that it is signalling. */
static bool is_signalling(bool dbl, uint64_t v)
{
    return is_nan(dbl, v) && (v & (dbl ? QUIET_64 : (uint64_t)QUIET_32)) != 0;
}

static bool is_denormal(bool dbl, uint64_t v)
{
    v &= ~sign_of(dbl);
    return v != 0 && v < (dbl ? UINT64_C(1) << 52 : UINT64_C(1) << 23);
}

static uint32_t to_mips(uint32_t flags)
{
    if ((flags & FP_UNIMPLEMENTED) != 0) {
        return E;
    }
    return ((flags & FP_INVALID) != 0 ? V : 0u) | ((flags & FP_DIVZERO) != 0 ? Z : 0u)
           | ((flags & FP_OVERFLOW) != 0 ? O : 0u) | ((flags & FP_UNDERFLOW) != 0 ? U : 0u)
           | ((flags & FP_INEXACT) != 0 ? I : 0u);
}

static FpEnv env_of(uint32_t fcsr)
{
    static const uint8_t roundings[] = { FP_RNE, FP_RZ, FP_RP, FP_RM };
    FpEnv env = { .rounding = roundings[fcsr & 3] };

    env.flush_to_zero = (fcsr & FS) != 0 ? FP_FLUSH_INEXACT : FP_TINY_UNIMPLEMENTED;
    env.flush_to_zero |= (fcsr & FN) != 0 ? FP_FLUSH_NEAREST : 0;
    env.trap = (fcsr >> ENABLES_SHIFT & O) != 0 ? FP_OVERFLOW : 0;
    env.trap |= (fcsr >> ENABLES_SHIFT & U) != 0 ? FP_UNDERFLOW : 0;
    return env;
}

/* Whether what @env has so far traps: a second step is then not made (5.5.3). */
static bool stops(uint32_t fcsr, const FpEnv *env)
{
    return (to_mips(env->flags) & ((fcsr >> ENABLES_SHIFT & 31) | E)) != 0;
}

static uint64_t judge_muladd(const Case *c, const uint64_t *v, FpEnv *env)
{
    const Width *w = width(c->dbl);
    uint64_t sum[3] = { judge_mips(JUDGE_MUL, w, w, v, env), v[2], 0 }, r;

    if (stops(c->fcsr, env)) {
        return 0;
    }
    r = judge_mips((c->row->op & 1) != 0 ? JUDGE_SUB : JUDGE_ADD, w, w, sum, env);
    return (c->row->op & 2) != 0 ? r ^ sign_of(c->dbl) : r;
}

static uint64_t judge_recip(const Case *c, const uint64_t *v, FpEnv *env)
{
    const Width *w = width(c->dbl);
    uint64_t in[3] = { c->dbl ? ONE_64 : 0x3f800000, v[0], 0 };

    if (c->row->kind == RSQRT) {
        in[1] = judge_mips(JUDGE_SQRT, w, w, v, env);
        if (stops(c->fcsr, env)) {
            return 0;
        }
    }
    return judge_mips(JUDGE_DIV, w, w, in, env);
}

/* 5.5.2: these take denormals as they are, but with FS as zeros. */
static uint64_t flushed(const Case *c, uint64_t v, FpEnv *env)
{
    if ((c->fcsr & FS) != 0 && is_denormal(c->dbl, v)) {
        env->flags |= FP_INEXACT;
        return v & sign_of(c->dbl);
    }
    return v;
}

static uint64_t judge_absneg(const Case *c, uint64_t v, FpEnv *env)
{
    v = flushed(c, v, env);
    if (is_signalling(c->dbl, v)) {
        env->flags |= FP_INVALID;
        return default_nan(c->dbl);
    }
    if (is_nan(c->dbl, v)) {
        return v;
    }
    return c->row->op == 0 ? v & ~sign_of(c->dbl) : v ^ sign_of(c->dbl);
}

static uint64_t judge_to_int(const Case *c, uint64_t v, FpEnv *env)
{
    bool is_l = (c->row->op & 0x100) != 0;
    SfpFixed to = { is_l ? 64 : 32, 1, 0, (uint8_t)c->row->op };
    FpEnv plain = { .rounding = env->rounding };
    uint64_t r;

    if ((c->fcsr & FS) == 0 && is_denormal(c->dbl, v)) {
        env->flags |= FP_UNIMPLEMENTED;
        return 0;
    }
    r = judge_to_fixed(width(c->dbl), flushed(c, v, env), to, &plain);
    env->flags |= plain.flags;
    if ((plain.flags & FP_INVALID) != 0) {
        return is_l ? INT64_MAX : INT32_MAX;
    }
    return r;
}

static uint64_t judge_from_int(const Case *c, uint64_t v, FpEnv *env)
{
    SfpFixed from = { (c->row->op & 2) != 0 ? 64 : 32, 1, 0, SFP_CURRENT };
    FpEnv plain = { .rounding = env->rounding };
    uint64_t r = judge_from_fixed(width((c->row->op & 1) != 0), v, from, &plain);

    env->flags |= plain.flags;
    return r;
}

/* Less 4, equal 2, unordered 1: as the condition's bits. */
static unsigned relation(bool dbl, uint64_t a, uint64_t b)
{
    double x, y;

    if (is_nan(dbl, a) || is_nan(dbl, b)) {
        return 1;
    }
    if (dbl) {
        memcpy(&x, &a, sizeof(x));
        memcpy(&y, &b, sizeof(y));
    } else {
        uint32_t a32 = (uint32_t)a, b32 = (uint32_t)b;
        float x32, y32;

        memcpy(&x32, &a32, sizeof(x32));
        memcpy(&y32, &b32, sizeof(y32));
        x = x32;
        y = y32;
    }
    return x < y ? 4 : x > y ? 0 : 2;
}

static bool judge_compare(const Case *c, const uint64_t *v, FpEnv *env)
{
    uint64_t a = flushed(c, v[0], env), b = flushed(c, v[1], env);
    unsigned r = relation(c->dbl, a, b);

    if (is_signalling(c->dbl, a) || is_signalling(c->dbl, b) || (r == 1 && (c->word & 8) != 0)) {
        env->flags |= FP_INVALID;
    }
    return (r & c->word & 7) != 0;
}

static bool result_is_wide(const Case *c)
{
    switch (c->row->kind) {
    case TO_FP:
    case FROM_INT: return (c->row->op & 1) != 0;
    case TO_INT: return (c->row->op & 0x100) != 0;
    default: return c->dbl;
    }
}

static void judge(const Case *c, Outcome *o)
{
    FpEnv env = env_of(c->fcsr);
    uint64_t v[3] = { get(c->fpr, RS, c->dbl), get(c->fpr, RT, c->dbl), get(c->fpr, RR, c->dbl) };
    uint32_t fcsr = c->fcsr & ~(0x3fu << CAUSE_SHIFT), cause;
    bool holds = false;
    uint64_t r = 0;

    memcpy(o->fpr, c->fpr, sizeof(o->fpr));
    switch (c->row->kind) {
    case ARITH: r = judge_mips((JudgeOp)c->row->op, width(c->dbl), width(c->dbl), v, &env); break;
    case RECIP:
    case RSQRT: r = judge_recip(c, v, &env); break;
    case MULADD: r = judge_muladd(c, v, &env); break;
    case ABSNEG: r = judge_absneg(c, v[0], &env); break;
    case TO_FP: r = judge_mips(JUDGE_CONVERT, width(c->dbl), width(!c->dbl), v, &env); break;
    case TO_INT: r = judge_to_int(c, v[0], &env); break;
    case FROM_INT: r = judge_from_int(c, v[0], &env); break;
    default: holds = judge_compare(c, v, &env); break;
    }
    cause = to_mips(env.flags);
    o->fcsr = fcsr | cause << CAUSE_SHIFT;
    o->code = MIPS_EXC_FPE;
    if ((cause & ((fcsr >> ENABLES_SHIFT & 31) | E)) != 0) {
        return;
    }
    o->code = 0;
    o->fcsr |= cause << FLAGS_SHIFT;
    if (c->row->kind == COMPARE) {
        o->fcsr = (o->fcsr & ~(uint32_t)FCC0) | (holds ? FCC0 : 0);
    } else {
        set(o->fpr, RD, result_is_wide(c), r);
    }
}

/* ---- drawing ---- */

/* Near what matters: one, the ends of the exponent, integers' ends, halves; or anything. */
static uint64_t draw_number(GRand *rand, bool dbl)
{
    static const uint16_t exponents[] = { 0,    0,    1,    2,    1022, 1023, 1024,
                                          1053, 1054, 1085, 1086, 2045, 2046, 2047 };
    static const uint8_t exponents_32[] = { 0,   0,   1,   2,   126, 127, 128,
                                            157, 158, 189, 190, 253, 254, 255 };
    uint64_t bits = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
    unsigned keep = upto(rand, dbl ? 53 : 24), e = upto(rand, G_N_ELEMENTS(exponents));
    unsigned fraction = dbl ? 52 : 23;
    uint64_t exponent = dbl ? exponents[e] : exponents_32[e];

    if (!dbl) {
        bits &= UINT32_MAX;
    }
    if (upto(rand, 2) != 0) {
        bits &= ~(infinity(dbl));
        exponent = upto(rand, 2) != 0 ? exponent : (dbl ? 1023u : 127u) + upto(rand, 40) - 20;
        bits |= exponent << fraction;
    }
    if (upto(rand, 2) != 0) { /* few bits, or few zeros */
        uint64_t low = (UINT64_C(1) << keep) - 1;

        bits = upto(rand, 2) != 0 ? bits & ~low : bits | (low & ((UINT64_C(1) << fraction) - 1));
    }
    return bits;
}

static bool operands_are_wide(const Case *c, const MipsInsn *row)
{
    switch (c->row->kind) {
    case FROM_INT: return (c->row->op & 2) != 0;
    case TO_FP: return c->row->op == 0;
    default: return mips_draw_field(row, c->word, 'z') != 0;
    }
}

static const MipsInsn *named(const char *name)
{
    unsigned n;
    const MipsInsn *row = mips_rows(&n);

    while (!g_str_equal(row->info.name, name)) {
        row++;
    }
    return row;
}

static void draw_case(GRand *rand, Case *c)
{
    const MipsInsn *row;
    bool has_l;

    memset(c, 0, sizeof(*c));
    c->row = &rows[upto(rand, G_N_ELEMENTS(rows))];
    row = named(c->row->name);
    c->word = mips_draw_word(rand, row);
    c->word = mips_draw_set_field(row, c->word, 's', RS);
    c->word = mips_draw_set_field(row, c->word, 't', RT);
    c->word = mips_draw_set_field(row, c->word, 'r', RR);
    c->word = mips_draw_set_field(row, c->word, 'd', RD);
    c->word = mips_draw_set_field(row, c->word, 'c', 0);
    c->dbl = operands_are_wide(c, row);
    has_l = (c->row->kind == TO_INT && (c->row->op & 0x100) != 0)
            || (c->row->kind == FROM_INT && (c->row->op & 2) != 0);
    c->fr = has_l || upto(rand, 2) != 0;
    c->fcsr = g_rand_int(rand) & (0xfe800003u | 31u << FLAGS_SHIFT | FS | FN);
    c->fcsr |= upto(rand, 3) == 0 ? g_rand_int(rand) & 31u << ENABLES_SHIFT : 0;
    c->fcsr &= upto(rand, 2) == 0 ? ~(uint32_t)(FS | FN | 3) : UINT32_MAX;
    for (unsigned i = 0; i < 32; i += 2) {
        c->fpr[i] = draw_number(rand, c->dbl);
        c->fpr[i] |= c->dbl ? 0 : (uint64_t)g_rand_int(rand) << 32;
    }
}

/* ---- running ---- */

static void run(MipsRig *rig, const Case *c, Outcome *o)
{
    MipsCpu *cpu = rig->cpu;

    mips_rig_code(rig, MIPS_CODE, &c->word, 1);
    memcpy(cpu->fpr, c->fpr, sizeof(cpu->fpr));
    cpu->cp0.cause = 0;
    mips_rig_start(rig, STATUS_CU1 | (c->fr ? STATUS_FR : 0), KSEG0_OF(MIPS_CODE));
    mips_set_fcsr(cpu, c->fcsr);
    mips_rig_run(rig, 1);
    memcpy(o->fpr, cpu->fpr, sizeof(o->fpr));
    o->fcsr = mips_fcsr(cpu);
    o->code = (cpu->cp0.status & STATUS_EXL) != 0 ? cpu->cp0.cause >> 2 & 31 : 0;
}

static bool differs(const Case *c, const Outcome *a, const Outcome *b, const char *host, bool be)
{
    if (memcmp(a->fpr, b->fpr, sizeof(a->fpr)) == 0 && a->fcsr == b->fcsr && a->code == b->code) {
        return false;
    }
    g_print("%s, %s-endian: %08x %s%s FR %u, fcsr %08x\n", host, be ? "big" : "little", c->word,
            c->row->name, c->dbl ? ".d" : ".s", c->fr, c->fcsr);
    g_print("  %016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x\n",
            c->fpr[RS], c->fpr[RT], c->fpr[RR]);
    g_print("  result %016" G_GINT64_MODIFIER "x fcsr %08x exception %u\n", a->fpr[RD], a->fcsr,
            a->code);
    g_print("  MPFR   %016" G_GINT64_MODIFIER "x fcsr %08x exception %u\n", b->fpr[RD], b->fcsr,
            b->code);
    return true;
}

static unsigned run_order(const DiffOptions *options, bool be, uint64_t count)
{
    Runner u = { .rand = g_rand_new_with_seed(options->seed) };
    unsigned bad = 0;

    for (unsigned i = 0; i < N_HOSTS; i++) {
        u.rig[i] = mips_rig_new(hosts[i], "24Kf", be);
    }
    for (uint64_t n = 0; n < count && bad < DIFFERENCES_MAX; n++) {
        Outcome want, got;
        Case c;

        draw_case(u.rand, &c);
        judge(&c, &want);
        u.traps += want.code != 0;
        u.unimplemented += (want.fcsr >> CAUSE_SHIFT & E) != 0;
        for (unsigned i = 0; i < N_HOSTS; i++) {
            run(u.rig[i], &c, &got);
            bad += differs(&c, &got, &want, hosts[i]->name, be);
        }
    }
    g_print("mips FP by MPFR, %s-endian: seed %u, %" G_GUINT64_FORMAT
            " instructions, %" G_GUINT64_FORMAT " traps, %" G_GUINT64_FORMAT
            " of them Unimplemented Operation, %u differences\n",
            be ? "big" : "little", options->seed, count, u.traps, u.unimplemented, bad);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        mips_rig_free(u.rig[i]);
    }
    g_rand_free(u.rand);
    return bad;
}

unsigned mips_fp(const DiffOptions *options)
{
    return run_order(options, false, diff_share(options, 2))
           + run_order(options, true, diff_share(options, 2));
}
