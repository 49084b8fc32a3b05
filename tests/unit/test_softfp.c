/* SPDX-License-Identifier: MIT */
/* test_softfp.c - corner cases of the software FP, by section of the manual. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glib.h>
#include <math.h>

#include "tests/unit/softfp_ops.h"

/* FpFlag, as the tables write them. */
enum {
    NONE = 0,
    IO = FP_INVALID,
    DZ = FP_DIVZERO,
    OF = FP_OVERFLOW | FP_INEXACT,
    UF = FP_UNDERFLOW | FP_INEXACT,
    UFC = FP_UNDERFLOW,
    IX = FP_INEXACT,
    ID = FP_DENORMAL_IN,
    E = FP_UNIMPLEMENTED,
};

/* Environments, as the tables write them. */
enum {
    RN,
    RP,
    RM,
    RZ,
    FZ,
    DN,
    STD,
    AHP,
    AFTER,
    MIPS,
    SSE,
    X87,
    X86FZ,
    TINY,
    FS,
    FSP,
    FN,
    FO,
    TRAPS
};

#define MIPS_RULES .nan_rule = FP_NAN_INVERTED, .int_rule = FP_INT_MOST_POS, .tininess_after = 1

static const FpEnv envs[] = {
    [RN] = { .rounding = FP_RNE },
    [RP] = { .rounding = FP_RP },
    [RM] = { .rounding = FP_RM },
    [RZ] = { .rounding = FP_RZ },
    [FZ] = { .flush_to_zero = FP_FLUSH_BOTH },
    [DN] = { .default_nan = 1 },
    [STD] = { .flush_to_zero = FP_FLUSH_BOTH, .default_nan = 1 },
    [AHP] = { .alt_half = 1 },
    [AFTER] = { .tininess_after = 1 },
    [MIPS] = { .nan_rule = FP_NAN_INVERTED, .int_rule = FP_INT_MOST_POS },
    [SSE] = { .nan_rule = FP_NAN_FIRST, .int_rule = FP_INT_MOST_NEG, .tininess_after = 1 },
    [X87] = { .nan_rule = FP_NAN_LARGER, .int_rule = FP_INT_MOST_NEG, .tininess_after = 1 },
    [TINY] = { MIPS_RULES, .flush_to_zero = FP_TINY_UNIMPLEMENTED },
    [FS] = { MIPS_RULES, .flush_to_zero = FP_FLUSH_INEXACT },
    [FSP] = { MIPS_RULES, .flush_to_zero = FP_FLUSH_INEXACT, .rounding = FP_RP },
    [FN] = { MIPS_RULES, .flush_to_zero = FP_TINY_UNIMPLEMENTED | FP_FLUSH_NEAREST },
    [FO] = { MIPS_RULES, .flush_to_zero = FP_TINY_UNIMPLEMENTED | FP_TINY_PRODUCT },
    [TRAPS] = { MIPS_RULES, .flush_to_zero = FP_FLUSH_INEXACT, .trap = FP_UNDERFLOW | FP_OVERFLOW },
    [X86FZ] = { .nan_rule = FP_NAN_FIRST, .flush_to_zero = FP_FLUSH_OUTPUTS, .tininess_after = 1 },
};

typedef struct Case {
    const char *why;
    SfpOp op;
    unsigned env;
    uint64_t a, b, c;
    uint64_t want;
    uint32_t flags;
} Case;

static void check(const Case *cases, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const Case *c = &cases[i];
        FpEnv env = envs[c->env];

        cr_expect(eq(u64, c->op(c->a, c->b, c->c, &env), c->want), "%s", c->why);
        cr_expect(eq(u32, env.flags, c->flags), "%s, flags", c->why);
    }
}

/* clang-format off */
#define P0    0x00000000u
#define N0    0x80000000u
#define ONE   0x3f800000u
#define INF   0x7f800000u
#define NINF  0xff800000u
#define MAXN  0x7f7fffffu
#define MINN  0x00800000u /* smallest normal */
#define DEN   0x00000001u /* smallest denormal */
#define MAXD  0x007fffffu /* largest denormal */
#define DEF   0x7fc00000u
#define QNAN  0x7fc12345u
#define QNAN2 0xffc54321u
#define SNAN  0x7f812345u
#define SNANQ 0x7fc12345u /* SNAN made quiet */
#define SNAN2 0xff854321u
#define SNAN2Q 0xffc54321u
#define D(x)  UINT64_C(0x##x)

Test(softfp, mips_leaves_denormals_to_software_or_flushes_them)
{
    static const Case cases[] = {
        /* MD00343 5.5.2 */
        { "denormal operand",        op_add32, TINY, ONE, DEN, 0, ONE, E },
        { "tiny product",            op_mul32, TINY, MINN, 0x3f000000, 0, P0, E },
        { "tiny and exact",          op_sub32, TINY, 0x00800001, MINN, 0, P0, E },
        { "rounded up out of it",    op_mul32, TINY, 0x00ffffff, 0x3f000001, 0, 0x00800000, IX },
        { "comparison takes it",     op_compare_quiet32, TINY, DEN, P0, 0, FP_GT, NONE },
        { "negation takes it",       op_neg32, TINY, DEN, 0, 0, 0x80000001, NONE },
        { "flushed operand",         op_add32, FS, ONE, DEN, 0, ONE, IX },
        { "flushed and invalid",     op_div32, FS, DEN, P0, 0, 0x7fbfffff, IX | IO },
        { "flushed result",          op_mul32, FS, MINN, 0x3f000000, 0, P0, UF },
        { "flushed away from zero",  op_mul32, FSP, MINN, 0x3f000000, 0, MINN, UF },
        { "flushed towards zero",    op_mul32, FSP, MINN, 0xbf000000, 0, N0, UF },
        { "flushed comparison",      op_compare_quiet32, FS, DEN, P0, 0, FP_EQ, IX },
        { "flushed negation",        op_neg32, FS, DEN, 0, 0, N0, IX },
        { "to nearest: half",        op_mul32, FN, MINN, 0x3f000000, 0, P0, UF },
        { "to nearest: above half",  op_mul32, FN, MINN, 0x3f000001, 0, MINN, UF },
        { "to nearest: operand",     op_add32, FN, ONE, DEN, 0, ONE, E },
        { "product kept",            op_mac32, FO, MINN, 0x3f000000, MINN, 0x00c00000, NONE },
        { "product kept in vain",    op_mac32, FO, MINN, 0x3f000000, P0, P0, E },
        { "product not kept",        op_mac32, TINY, MINN, 0x3f000000, ONE, ONE, E },
        { "product flushed",         op_mac32, FS, MINN, 0x3f000000, ONE, ONE, UF },
        /* MD00343 5.5.3: a trap sees what was found up to it */
        { "underflow trap, exact",   op_mul32, TRAPS, MINN, 0x3f000000, 0, P0, UFC },
        { "overflow trap, exact",    op_mul32, TRAPS, 0x7f000000, 0x40000000, 0, INF, FP_OVERFLOW },
        { "trap in the product",
          op_mac32, TRAPS, 0x7f000000, 0x40000000, QNAN, INF, FP_OVERFLOW },
        /* MD00082 5.7.2: arithmetic */
        { "negate quiet",            op_neg32, TINY, SNAN, 0, 0, SNAN, NONE },
        { "negate signal",           op_neg32, TINY, QNAN, 0, 0, 0x7fbfffff, IO },
        { "absolute value",
          op_abs64, TINY, D(c000000000000000), 0, 0, D(4000000000000000), NONE },
        { "absolute value, signal",
          op_abs64, TINY, D(fff8000000000000), 0, 0, D(7ff7ffffffffffff), IO },
        { "twice rounded",           op_mac32, TINY, 0x3f800001, 0x3f800001, 0xbf800002, P0, IX },
        { "twice rounded, less",
          op_mas32, TINY, 0x40000000, 0x40400000, ONE, 0x40a00000, NONE },
        { "integer too large",
          op_64_to_i32, TINY, D(c1e0000000200000), FP_RZ, 0, 0x7fffffff, IO },
        { "integer of a denormal",   op_64_to_i32, TINY, D(0000000000000001), FP_RZ, 0, 0, E },
        { "long of infinity",
          op_64_to_i64, TINY, D(fff0000000000000), FP_RZ, 0, INT64_MAX, IO },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(softfp, nan_operands_follow_the_rule_of_the_guest)
{
    static const Case cases[] = {
        /* DDI 0406C.d A2.7.7, FPProcessNaNs() */
        { "quiet op1",               op_add32, RN, QNAN, ONE, 0, QNAN, NONE },
        { "quiet op2",               op_add32, RN, ONE, QNAN2, 0, QNAN2, NONE },
        { "quiet op1 before op2",    op_add32, RN, QNAN2, QNAN, 0, QNAN2, NONE },
        { "signalling op1",          op_add32, RN, SNAN, ONE, 0, SNANQ, IO },
        { "signalling op2 first",    op_add32, RN, QNAN, SNAN2, 0, SNAN2Q, IO },
        { "signalling op1 of two",   op_mul32, RN, SNAN2, SNAN, 0, SNAN2Q, IO },
        { "sub keeps op2's sign",    op_sub32, RN, ONE, QNAN, 0, QNAN, NONE },
        { "default NaN",             op_add32, DN, QNAN2, ONE, 0, DEF, NONE },
        { "default NaN of signals",  op_div32, DN, ONE, SNAN, 0, DEF, IO },
        { "64 bits",                 op_add64, RN, D(3ff0000000000000), D(fff0000000000001), 0,
                                     D(fff8000000000001), IO },
        { "sqrt of a negative NaN",  op_sqrt32, RN, QNAN2, 0, 0, QNAN2, NONE },
        { "sqrt of a signal",        op_sqrt32, RN, SNAN2, 0, 0, SNAN2Q, IO },
        /* FPProcessNaNs3(): addend, op1, op2 */
        { "fma addend first",        op_fma32, RN, QNAN, ONE, QNAN2, QNAN2, NONE },
        { "fma signal op2 first",    op_fma32, RN, QNAN, SNAN, QNAN2, SNANQ, IO },
        { "fma 0 * inf + quiet",     op_fma32, RN, P0, INF, QNAN, DEF, IO },
        { "fma 0 * inf + signal",    op_fma32, RN, P0, INF, SNAN, SNANQ, IO },
        { "fma 0 * inf + 1",         op_fma32, RN, INF, N0, ONE, DEF, IO },
        /* MIPS legacy: quiet bit 0 */
        { "MIPS quiet",              op_add32, MIPS, ONE, SNAN, 0, SNAN, NONE },
        { "MIPS signal",             op_add32, MIPS, SNAN, QNAN, 0, 0x7fbfffff, IO },
        { "MIPS 0 / 0",              op_div64, MIPS, 0, 0, 0, D(7ff7ffffffffffff), IO },
        { "MIPS narrowed to nothing", op_64_to_32, MIPS, D(7ff0000000000001), 0, 0,
            0x7fbfffff, NONE },
        { "MIPS widened", op_32_to_64, MIPS, 0x7fbfffff, 0, 0, D(7ff7ffffe0000000), NONE },
        { "MIPS widened signal",     op_32_to_64, MIPS, QNAN, 0, 0, D(7ff7ffffffffffff), IO },
        /* Intel SDM volume 1, table 4-7 */
        { "SSE first, quiet",        op_add32, SSE, QNAN, SNAN2, 0, QNAN, IO },
        { "SSE first, signal",       op_add32, SSE, SNAN2, QNAN, 0, SNAN2Q, IO },
        { "SSE second",              op_add32, SSE, ONE, SNAN2, 0, SNAN2Q, IO },
        { "SSE default is negative", op_sub32, SSE, INF, INF, 0, 0xffc00000, IO },
        { "SSE fma first is op1",    op_fma32, SSE, QNAN, ONE, QNAN2, QNAN, NONE },
        { "SSE fma 0 * inf + quiet", op_fma32, SSE, P0, INF, QNAN, QNAN, NONE },
        { "x87 quiet beats signal",  op_add32, X87, SNAN2, QNAN, 0, QNAN, IO },
        { "x87 larger significand",  op_add32, X87, QNAN, QNAN2, 0, QNAN2, NONE },
        { "x87 larger signal",       op_add32, X87, SNAN2, SNAN, 0, SNAN2Q, IO },
        { "x87 positive of equals",  op_add32, X87, 0xffc12345, QNAN, 0, QNAN, NONE },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(softfp, invalid_and_division_by_zero)
{
    static const Case cases[] = {
        /* IEEE 754-2008 7.2, 7.3; DDI 0406C.d FPAdd() and so on */
        { "inf - inf",       op_sub32, RN, INF, INF, 0, DEF, IO },
        { "inf + -inf",      op_add32, RN, INF, NINF, 0, DEF, IO },
        { "inf + inf",       op_add32, RN, INF, INF, 0, INF, NONE },
        { "1 - inf",         op_sub32, RN, ONE, INF, 0, NINF, NONE },
        { "-inf + 1",        op_add32, RN, NINF, ONE, 0, NINF, NONE },
        { "0 * inf",         op_mul32, RN, N0, INF, 0, DEF, IO },
        { "inf * -1",        op_mul32, RN, INF, 0xbf800000, 0, NINF, NONE },
        { "flushed * inf",   op_mul32, FZ, DEN, INF, 0, DEF, IO | ID },
        { "denormal * inf",  op_mul32, RN, DEN, INF, 0, INF, NONE },
        { "0 / 0",           op_div32, RN, P0, N0, 0, DEF, IO },
        { "inf / inf",       op_div32, RN, INF, NINF, 0, DEF, IO },
        { "1 / -0",          op_div32, RN, ONE, N0, 0, NINF, DZ },
        { "inf / 0",         op_div32, RN, INF, P0, 0, INF, NONE },
        { "1 / flushed",     op_div32, FZ, ONE, DEN, 0, INF, DZ | ID },
        { "-1 / inf",        op_div32, RN, 0xbf800000, INF, 0, N0, NONE },
        { "0 / -1",          op_div64, RN, 0, D(bff0000000000000), 0, D(8000000000000000), NONE },
        { "sqrt -1",         op_sqrt32, RN, 0xbf800000, 0, 0, DEF, IO },
        { "sqrt -inf",       op_sqrt64, RN, D(fff0000000000000), 0, 0, D(7ff8000000000000), IO },
        { "sqrt -0",         op_sqrt32, RN, N0, 0, 0, N0, NONE },
        { "sqrt -flushed",   op_sqrt32, FZ, 0x80000001, 0, 0, N0, ID },
        { "sqrt inf",        op_sqrt32, RN, INF, 0, 0, INF, NONE },
        { "sqrt 4",          op_sqrt64, RN, D(4010000000000000), 0, 0, D(4000000000000000), NONE },
        { "sqrt 2",          op_sqrt32, RN, 0x40000000, 0, 0, 0x3fb504f3, IX },
        { "fma inf - inf",   op_fma32, RN, INF, ONE, NINF, DEF, IO },
        { "fma inf + 1",     op_fma32, RN, INF, 0xbf800000, ONE, NINF, NONE },
        { "fma 1 + -inf",    op_fma32, RN, ONE, ONE, NINF, NINF, NONE },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(softfp, signs_of_zero)
{
    static const Case cases[] = {
        /* IEEE 754-2008 6.3 */
        { "1 - 1",               op_sub32, RN, ONE, ONE, 0, P0, NONE },
        { "1 - 1 down",          op_sub32, RM, ONE, ONE, 0, N0, NONE },
        { "0 + -0",              op_add32, RN, P0, N0, 0, P0, NONE },
        { "0 + -0 down",         op_add32, RM, P0, N0, 0, N0, NONE },
        { "-0 + -0",             op_add32, RP, N0, N0, 0, N0, NONE },
        { "-0 - 0",              op_sub32, RN, N0, P0, 0, N0, NONE },
        { "0 + 1",               op_add32, RN, P0, ONE, 0, ONE, NONE },
        { "0 - 1",               op_sub32, RN, P0, ONE, 0, 0xbf800000, NONE },
        { "fma 0 * 1 + -0",      op_fma32, RN, P0, ONE, N0, P0, NONE },
        { "fma -0 * 1 + -0",     op_fma32, RN, N0, ONE, N0, N0, NONE },
        { "fma 1 * 1 - 1 down",  op_fma32, RM, ONE, ONE, 0xbf800000, N0, NONE },
        { "fma 0 * 1 + 1",       op_fma32, RN, P0, ONE, ONE, ONE, NONE },
        { "fma 1 * 1 + 0",       op_fma32, RN, ONE, ONE, P0, ONE, NONE },
        { "fma keeps low bits", op_fma32, RN, 0x3f800001, 0x3f800001, 0xbf800002,
            0x28800000, NONE },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(softfp, overflow_underflow_and_flush_to_zero)
{
    static const Case cases[] = {
        /* DDI 0406C.d FPRound() */
        { "overflow near",       op_add32, RN, MAXN, MAXN, 0, INF, OF },
        { "overflow to zero",    op_add32, RZ, MAXN, MAXN, 0, MAXN, OF },
        { "overflow up",         op_add32, RP, MAXN, MAXN, 0, INF, OF },
        { "overflow down",       op_add32, RM, MAXN, MAXN, 0, MAXN, OF },
        { "-overflow up",        op_mul32, RP, 0xff7fffff, MAXN, 0, 0xff7fffff, OF },
        { "-overflow down",      op_mul32, RM, 0xff7fffff, MAXN, 0, NINF, OF },
        { "max + 1/2 ulp - e",   op_add32, RN, MAXN, 0x72ffffff, 0, MAXN, IX },
        { "max + 1/2 ulp",       op_add32, RN, MAXN, 0x73000000, 0, INF, OF },
        { "max + tiny up",       op_add32, RP, MAXN, DEN, 0, INF, OF },
        { "denormals add",       op_add32, RN, MAXD, DEN, 0, MINN, NONE },
        { "exact denormal",      op_mul32, RN, MINN, 0x3f000000, 0, 0x00400000, NONE },
        { "half of the least",   op_mul32, RN, DEN, 0x3f000000, 0, P0, UF },
        { "and up",              op_mul32, RP, DEN, 0x3f000000, 0, DEN, UF },
        { "3/4 of the least",    op_mul32, RN, DEN, 0x3f400000, 0, DEN, UF },
        { "least squared",       op_mul64, RN, 1, 1, 0, 0, UF },
        { "least squared up",    op_mul64, RP, 1, 1, 0, 1, UF },
        /* 2^-126 * (1 - 2^-24): rounds to the least normal, tiny only before */
        { "tiny before",         op_mul32, RN, 0x00ffffff, 0x3f000000, 0, MINN, UF },
        { "not tiny after",      op_mul32, AFTER, 0x00ffffff, 0x3f000000, 0, MINN, UF },
        { "1 - 2^-24 - 2^-47 b", op_mul32, RN, 0x3f7fffff, 0x00800000, 0, MINN, UF },
        { "flush to zero",       op_mul32, FZ, MINN, 0x3f000000, 0, P0, UFC },
        { "flush keeps sign",    op_mul32, FZ, 0x80800000, 0x3f000000, 0, N0, UFC },
        { "flush before round",  op_mul32, FZ, 0x00ffffff, 0x3f000000, 0, P0, UFC },
        { "flush an operand",    op_add32, FZ, 0x80000001, P0, 0, P0, ID },
        { "flush one of two",    op_add32, FZ, ONE, MAXD, 0, ONE, ID },
        { "flush both",          op_add32, FZ, MAXD, MAXD, 0, P0, ID },
        { "flush beside a NaN",  op_add32, FZ, QNAN, DEN, 0, QNAN, ID },
        { "flush 64 bits",       op_add64, FZ, 1, D(3ff0000000000000), 0, D(3ff0000000000000), ID },
        { "flush, but normal",   op_add32, FZ, MINN, MINN, 0, 0x01000000, NONE },
        { "x86 output flush",    op_mul32, X86FZ, MINN, 0x3f000000, 0, P0, UF },
        { "x86 takes denormals", op_add32, X86FZ, MAXD, DEN, 0, MINN, NONE },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(softfp, maximum_minimum_compare)
{
    static const Case cases[] = {
        /* DDI 0406C.d FPMax(), FPMin() */
        { "max",               op_max32, RN, ONE, 0xc0000000, 0, ONE, NONE },
        { "max of negatives",  op_max32, RN, 0xbf800000, 0xc0000000, 0, 0xbf800000, NONE },
        { "max of zeros",      op_max32, RN, N0, P0, 0, P0, NONE },
        { "min of zeros",      op_min32, RN, P0, N0, 0, N0, NONE },
        { "max of -zeros",     op_max32, RM, N0, N0, 0, N0, NONE },
        { "max inf",           op_max32, RN, INF, MAXN, 0, INF, NONE },
        { "min -inf",          op_min64, RN, 1, D(fff0000000000000), 0, D(fff0000000000000), NONE },
        { "min of denormals",  op_min32, RN, DEN, MAXD, 0, DEN, NONE },
        { "max flushed",       op_max32, STD, DEN, 0xbf800000, 0, P0, ID },
        { "max NaN",           op_max32, STD, ONE, QNAN2, 0, DEF, NONE },
        { "max signal",        op_max32, RN, ONE, SNAN, 0, SNANQ, IO },
        { "min 0 and -1",      op_min32, RN, P0, 0xbf800000, 0, 0xbf800000, NONE },
        /* FPCompare() */
        { "lt",                op_compare_quiet32, RN, ONE, 0x40000000, 0, FP_LT, NONE },
        { "gt",                op_compare_quiet32, RN, ONE, NINF, 0, FP_GT, NONE },
        { "eq",                op_compare_quiet32, RN, ONE, ONE, 0, FP_EQ, NONE },
        { "zeros are equal",   op_compare_quiet64, RN, 0, D(8000000000000000), 0, FP_EQ, NONE },
        { "negatives",         op_compare_quiet32, RN, 0xbf800000, 0xc0000000, 0, FP_GT, NONE },
        { "infs",              op_compare_quiet32, RN, INF, INF, 0, FP_EQ, NONE },
        { "-inf inf",          op_compare_signalling32, RN, NINF, INF, 0, FP_LT, NONE },
        { "denormal > 0",      op_compare_quiet32, RN, DEN, P0, 0, FP_GT, NONE },
        { "flushed == 0",      op_compare_quiet32, FZ, DEN, N0, 0, FP_EQ, ID },
        { "quiet NaN, quiet",  op_compare_quiet32, RN, ONE, QNAN, 0, FP_UN, NONE },
        { "quiet NaN, signal", op_compare_signalling32, RN, ONE, QNAN, 0, FP_UN, IO },
        { "signal, quiet",     op_compare_quiet64, RN, D(7ff0000000000001), 0, 0, FP_UN, IO },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(softfp, conversions_between_formats)
{
    static const Case cases[] = {
        /* DDI 0406C.d FPSingleToDouble(), FPDoubleToSingle() */
        { "denormal widened",   op_32_to_64, RN, DEN, 0, 0, D(36a0000000000000), NONE },
        { "and flushed",        op_32_to_64, FZ, 0x80000001, 0, 0, D(8000000000000000), ID },
        { "NaN widened",        op_32_to_64, RN, QNAN2, 0, 0, D(fff8a86420000000), NONE },
        { "signal widened",     op_32_to_64, RN, SNAN, 0, 0, D(7ff82468a0000000), IO },
        { "NaN narrowed",       op_64_to_32, RN, D(fff8a86420000000), 0, 0, QNAN2, NONE },
        { "payload cut off",    op_64_to_32, RN, D(7ff0000000000001), 0, 0, DEF, IO },
        { "default NaN",        op_64_to_32, DN, D(fff8a86420000000), 0, 0, DEF, NONE },
        { "overflow",           op_64_to_32, RN, D(47efffffffffffff), 0, 0, INF, OF },
        { "to denormal",        op_64_to_32, RN, D(36a0000000000000), 0, 0, DEN, NONE },
        { "output flushed",     op_64_to_32, FZ, D(36a0000000000000), 0, 0, P0, UFC },
        /* FPSingleToHalf(), FPHalfToSingle(): not flushed */
        { "half 1",             op_32_to_16, RN, ONE, 0, 0, 0x3c00, NONE },
        { "half max",           op_32_to_16, RN, 0x477fefff, 0, 0, 0x7bff, IX },
        { "half overflow",      op_32_to_16, RN, 0x477ff000, 0, 0, 0x7c00, OF },
        { "half least",         op_32_to_16, FZ, 0x33800000, 0, 0, 0x0001, NONE },
        { "half tie to 0",      op_32_to_16, FZ, 0x33000000, 0, 0, 0x0000, UF },
        { "half input flushed", op_32_to_16, FZ, DEN, 0, 0, 0, ID },
        { "half NaN",           op_32_to_16, RN, QNAN2, 0, 0, 0xfe2a, NONE },
        { "half signal",        op_32_to_16, RN, SNAN, 0, 0, 0x7e09, IO },
        { "half -inf",          op_32_to_16, RN, NINF, 0, 0, 0xfc00, NONE },
        { "from half least",    op_16_to_32, FZ, 0x8001, 0, 0, 0xb3800000, NONE },
        { "from half inf",      op_16_to_32, RN, 0x7c00, 0, 0, INF, NONE },
        { "from half NaN",      op_16_to_32, RN, 0xfe2a, 0, 0, 0xffc54000, NONE },
        { "from half signal",   op_16_to_32, RN, 0x7c01, 0, 0, 0x7fc02000, IO },
        { "from half default",  op_16_to_32, STD, 0xfe2a, 0, 0, DEF, NONE },
        /* alternative half-precision, A2.7.4 */
        { "alt max",            op_32_to_16, AHP, 0x47ffe000, 0, 0, 0x7fff, NONE },
        { "alt rounds to max",  op_32_to_16, AHP, 0x47ffefff, 0, 0, 0x7fff, IX },
        { "alt overflow",       op_32_to_16, AHP, 0x47fff000, 0, 0, 0x7fff, IO },
        { "alt far overflow",   op_32_to_16, AHP, 0xff7fffff, 0, 0, 0xffff, IO },
        { "alt 2^17",           op_32_to_16, AHP, 0x48000000, 0, 0, 0x7fff, IO },
        { "alt inf",            op_32_to_16, AHP, NINF, 0, 0, 0xffff, IO },
        { "alt NaN",            op_32_to_16, AHP, QNAN2, 0, 0, 0x8000, IO },
        { "from alt 0x7c00",    op_16_to_32, AHP, 0x7c00, 0, 0, 0x47800000, NONE },
        { "from alt 0xffff",    op_16_to_32, AHP, 0xffff, 0, 0, 0xc7ffe000, NONE },
        { "half to double",     op_16_to_64, RN, 0x0001, 0, 0, D(3e70000000000000), NONE },
        { "double to half",     op_64_to_16, RN, D(3ff0020000000000), 0, 0, 0x3c00, IX },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(softfp, conversions_to_and_from_integers)
{
    static const Case cases[] = {
        /* DDI 0406C.d FPToFixed() */
        { "1.5 to nearest",     op_32_to_i32, RN, 0x3fc00000, FP_RNE, 0, 2, IX },
        { "2.5 to nearest",     op_32_to_i32, RN, 0x40200000, FP_RNE, 0, 2, IX },
        { "0.5 to nearest",     op_32_to_i32, RN, 0x3f000000, FP_RNE, 0, 0, IX },
        { "0.5 up",             op_32_to_i32, RN, 0x3f000000, FP_RP, 0, 1, IX },
        { "-1.5 truncated",     op_32_to_i32, RN, 0xbfc00000, FP_RZ, 0, 0xffffffff, IX },
        { "-1.5 down",          op_32_to_i32, RM, 0xbfc00000, SFP_CURRENT, 0, 0xfffffffe, IX },
        { "least up",           op_32_to_i32, RP, DEN, SFP_CURRENT, 0, 1, IX },
        { "least flushed",      op_32_to_i32, FZ, DEN, FP_RP, 0, 0, ID },
        { "-0",                 op_32_to_u32, RN, N0, FP_RZ, 0, 0, NONE },
        { "-0.9 unsigned",      op_32_to_u32, RN, 0xbf666666, FP_RZ, 0, 0, IX },
        { "-0.9 unsigned near", op_32_to_u32, RN, 0xbf666666, FP_RNE, 0, 0, IO },
        { "-1 unsigned",        op_32_to_u32, RN, 0xbf800000, FP_RZ, 0, 0, IO },
        { "2^31",               op_32_to_i32, RN, 0x4f000000, FP_RZ, 0, 0x7fffffff, IO },
        { "-2^31",              op_32_to_i32, RN, 0xcf000000, FP_RZ, 0, 0x80000000, NONE },
        { "2^31 unsigned",      op_32_to_u32, RN, 0x4f000000, FP_RZ, 0, 0x80000000, NONE },
        { "2^32 unsigned",      op_32_to_u32, RN, 0x4f800000, FP_RZ, 0, 0xffffffff, IO },
        { "2^31 - 0.5",         op_64_to_i32, RN, D(41dfffffffe00000), FP_RZ, 0, 0x7fffffff, IX },
        { "2^31 - 0.5 near",    op_64_to_i32, RN, D(41dfffffffe00000), FP_RNE, 0, 0x7fffffff, IO },
        { "-2^31 - 0.5",        op_64_to_i32, RN, D(c1e0000000100000), FP_RNE, 0, 0x80000000, IX },
        { "-2^31 - 0.5 down", op_64_to_i32, RM, D(c1e0000000100000), SFP_CURRENT, 0,
            0x80000000, IO },
        { "inf",                op_64_to_u32, RN, D(7ff0000000000000), FP_RZ, 0, 0xffffffff, IO },
        { "-inf",               op_32_to_i32, RN, NINF, FP_RZ, 0, 0x80000000, IO },
        { "NaN",                op_32_to_i32, RN, 0xffc00000, FP_RZ, 0, 0, IO },
        { "2^63",               op_64_to_i64, RN, D(43e0000000000000), FP_RZ, 0, INT64_MAX, IO },
        { "-2^63", op_64_to_i64, RN, D(c3e0000000000000), FP_RZ, 0, D(8000000000000000), NONE },
        { "-2^63 from single",  op_32_to_i64, RN, 0xdf000000, FP_RZ, 0, D(8000000000000000), NONE },
        { "2^52 + 0.5", op_64_to_i64, RN, D(4320000000000001), FP_RNE, 0, D(8000000000000), IX },
        { "x86 out of range",   op_32_to_i32, SSE, 0x4f000000, FP_RZ, 0, 0x80000000, IO },
        { "x86 NaN", op_64_to_i64, SSE, D(7ff8000000000000), FP_RZ, 0, D(8000000000000000), IO },
        { "MIPS out of range",  op_32_to_i32, MIPS, NINF, FP_RZ, 0, 0x7fffffff, IO },
        { "MIPS NaN",           op_32_to_i32, MIPS, QNAN, FP_RZ, 0, 0x7fffffff, IO },
        /* FixedToFP() */
        { "0 down",             op_32_from_i32, RM, 0, 0, 0, P0, NONE },
        { "-1",                 op_32_from_i32, RN, 0xffffffff, 0, 0, 0xbf800000, NONE },
        { "2^32 - 1",           op_32_from_u32, RN, 0xffffffff, 0, 0, 0x4f800000, IX },
        { "2^32 - 1 truncated", op_32_from_u32, RZ, 0xffffffff, 0, 0, 0x4f7fffff, IX },
        { "2^24 + 1 tie",       op_32_from_i32, RN, 0x01000001, 0, 0, 0x4b800000, IX },
        { "-2^31",              op_64_from_i32, RN, 0x80000000, 0, 0, D(c1e0000000000000), NONE },
        { "2^31",               op_64_from_u32, RN, 0x80000000, 0, 0, D(41e0000000000000), NONE },
        { "-2^63", op_64_from_i64, RN, D(8000000000000000), 0, 0, D(c3e0000000000000), NONE },
        { "2^63 - 1",           op_32_from_i64, RN, INT64_MAX, 0, 0, 0x5f000000, IX },
        /* Rounding to an integral value, IEEE 754-2008 5.9 */
        { "rint 2.5",           op_round_int32, RN, 0x40200000, FP_RNE, 1, 0x40000000, IX },
        { "rint 2.5 silent",    op_round_int32, RN, 0x40200000, FP_RNE, 0, 0x40000000, NONE },
        { "rint -0.5",          op_round_int32, RN, 0xbf000000, FP_RNE, 1, N0, IX },
        { "rint -0.5 down",     op_round_int32, RM, 0xbf000000, SFP_CURRENT, 1, 0xbf800000, IX },
        { "rint -0",            op_round_int32, RN, N0, FP_RNE, 1, N0, NONE },
        { "rint inf",           op_round_int32, RN, NINF, FP_RNE, 1, NINF, NONE },
        { "rint signal",        op_round_int32, RN, SNAN, FP_RNE, 1, SNANQ, IO },
        { "rint large", op_round_int64, RN, D(4330000000000001), FP_RZ, 1,
            D(4330000000000001), NONE },
        { "rint 2^52 - 0.5", op_round_int64, RN, D(432fffffffffffff), FP_RNE, 1,
            D(4330000000000000), IX },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(softfp, fixed_point_fractions)
{
    static const struct {
        const char *why;
        uint32_t a;
        SfpFixed to;
        uint64_t want;
        uint32_t flags;
    } to[] = {
        /* DDI 0406C.d A8.8.307: VCVT to fixed-point truncates */
        { "1.5 in s16, 8",     0x3fc00000, { 16, 1, 8, FP_RZ }, 0x180, NONE },
        { "-1.5 in s16, 8",    0xbfc00000, { 16, 1, 8, FP_RZ }, 0xfe80, NONE },
        { "128 in s16, 8",     0x43000000, { 16, 1, 8, FP_RZ }, 0x7fff, IO },
        { "-128 in s16, 8",    0xc3000000, { 16, 1, 8, FP_RZ }, 0x8000, NONE },
        { "-1 in u16, 8",      0xbf800000, { 16, 0, 8, FP_RZ }, 0, IO },
        { "256 in u16, 8",     0x43800000, { 16, 0, 8, FP_RZ }, 0xffff, IO },
        { "2^-33 in u32, 32",  0x2f000000, { 32, 0, 32, FP_RZ }, 0, IX },
        { "2^-33 nearest",     0x2f000000, { 32, 0, 32, FP_RNE }, 0, IX },
        { "2^-33 up",          0x2f000000, { 32, 0, 32, FP_RP }, 1, IX },
        { "1 - 2^-24 in u32",  0x3f7fffff, { 32, 0, 32, FP_RZ }, 0xffffff00, NONE },
        { "1 in u32, 32",      0x3f800000, { 32, 0, 32, FP_RZ }, 0xffffffff, IO },
        { "max in s32, 32",    MAXN,       { 32, 1, 32, FP_RZ }, 0x7fffffff, IO },
    }, from[] = {
        { "0x180 of s16, 8",   0x3fc00000, { 16, 1, 8, FP_RNE }, 0x180, NONE },
        { "0xfe80 of s16, 8",  0xbfc00000, { 16, 1, 8, FP_RNE }, 0xfffe80, NONE },
        { "0xfe80 of u16, 8",  0x437e8000, { 16, 0, 8, FP_RNE }, 0xfffe80, NONE },
        { "1 of u32, 32",      0x2f800000, { 32, 0, 32, FP_RNE }, 1, NONE },
        { "2^25 - 1, 0",       0x4c000000, { 32, 0, 0, FP_RNE }, 0x1ffffff, IX },
        { "2^25 - 1, 0, RZ",   0x4bffffff, { 32, 0, 0, FP_RZ }, 0x1ffffff, IX },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(to); i++) {
        FpEnv env = envs[RN];

        cr_expect(eq(u64, sfp_32_to_fixed(to[i].a, to[i].to, &env), to[i].want), "%s", to[i].why);
        cr_expect(eq(u32, env.flags, to[i].flags), "%s, flags", to[i].why);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(from); i++) {
        FpEnv env = envs[RM]; /* not used */

        cr_expect(eq(u32, sfp_32_from_fixed(from[i].want, from[i].to, &env), from[i].a), "%s",
                  from[i].why);
        cr_expect(eq(u32, env.flags, from[i].flags), "%s, flags", from[i].why);
        cr_expect(eq(u32, env.rounding, FP_RM), "%s, rounding", from[i].why);
    }
}

Test(softfp, estimates_and_steps)
{
    static const Case cases[] = {
        /* DDI 0406C.d FPRecipEstimate(), FPRSqrtEstimate() */
        { "recip 1",            op_recip_estimate32, STD, ONE, 0, 0, 0x3f7f8000, NONE },
        { "recip -2",           op_recip_estimate32, STD, 0xc0000000, 0, 0, 0xbeff8000, NONE },
        { "recip 0",            op_recip_estimate32, STD, N0, 0, 0, NINF, DZ },
        { "recip denormal",     op_recip_estimate32, STD, MAXD, 0, 0, INF, DZ | ID },
        { "recip inf",          op_recip_estimate32, STD, NINF, 0, 0, N0, NONE },
        { "recip 2^126",        op_recip_estimate32, STD, 0x7e800000, 0, 0, P0, UFC },
        { "recip below 2^126",  op_recip_estimate32, STD, 0x7e7fffff, 0, 0, 0x00800000, NONE },
        { "recip least normal", op_recip_estimate32, STD, MINN, 0, 0, 0x7e7f8000, NONE },
        { "recip NaN",          op_recip_estimate32, STD, QNAN2, 0, 0, DEF, NONE },
        { "recip signal",       op_recip_estimate32, STD, SNAN, 0, 0, DEF, IO },
        { "rsqrt 1",            op_rsqrt_estimate32, STD, ONE, 0, 0, 0x3f7f8000, NONE },
        { "rsqrt 4",            op_rsqrt_estimate32, STD, 0x40800000, 0, 0, 0x3eff8000, NONE },
        { "rsqrt 2",            op_rsqrt_estimate32, STD, 0x40000000, 0, 0, 0x3f348000, NONE },
        { "rsqrt -1",           op_rsqrt_estimate32, STD, 0xbf800000, 0, 0, DEF, IO },
        { "rsqrt -0",           op_rsqrt_estimate32, STD, N0, 0, 0, NINF, DZ },
        { "rsqrt -denormal",    op_rsqrt_estimate32, STD, 0x80000001, 0, 0, NINF, DZ | ID },
        { "rsqrt inf",          op_rsqrt_estimate32, STD, INF, 0, 0, P0, NONE },
        { "rsqrt -inf",         op_rsqrt_estimate32, STD, NINF, 0, 0, DEF, IO },
        /* FPRecipStep(), FPRSqrtStep() */
        { "2 - 1 * 1",          op_recip_step32, STD, ONE, ONE, 0, ONE, NONE },
        { "2 - 0 * inf",        op_recip_step32, STD, P0, NINF, 0, 0x40000000, NONE },
        { "2 - inf",            op_recip_step32, STD, ONE, INF, 0, NINF, NONE },
        { "2 - NaN",            op_recip_step32, STD, ONE, SNAN, 0, DEF, IO },
        { "2 - overflow",       op_recip_step32, STD, MAXN, MAXN, 0, NINF, OF },
        { "(3 - 1) / 2",        op_rsqrt_step32, STD, ONE, ONE, 0, ONE, NONE },
        { "(3 - inf * 0) / 2",  op_rsqrt_step32, STD, INF, N0, 0, 0x3fc00000, NONE },
        { "(3 + inf) / 2",      op_rsqrt_step32, STD, NINF, ONE, 0, INF, NONE },
        { "(3 - max) / 2",      op_rsqrt_step32, STD, MAXN, ONE, 0, 0xfeffffff, IX },
        { "(3 - flushed) / 2",  op_rsqrt_step32, STD, DEN, ONE, 0, 0x3fc00000, ID },
        /* UnsignedRecipEstimate(), UnsignedRSqrtEstimate() */
        { "urecpe small",       op_recip_estimate_fixed, STD, 0x7fffffff, 0, 0, 0xffffffff, NONE },
        { "urecpe 1/2",         op_recip_estimate_fixed, STD, 0x80000000, 0, 0, 0xff800000, NONE },
        { "urecpe almost 1",    op_recip_estimate_fixed, STD, 0xffffffff, 0, 0, 0x80000000, NONE },
        { "ursqrte small",      op_rsqrt_estimate_fixed, STD, 0x3fffffff, 0, 0, 0xffffffff, NONE },
        { "ursqrte 1/4",        op_rsqrt_estimate_fixed, STD, 0x40000000, 0, 0, 0xff800000, NONE },
        { "ursqrte 1/2",        op_rsqrt_estimate_fixed, STD, 0x80000000, 0, 0, 0xb4800000, NONE },
        { "ursqrte almost 1",   op_rsqrt_estimate_fixed, STD, 0xffffffff, 0, 0, 0x80000000, NONE },
    };

    check(cases, G_N_ELEMENTS(cases));
}
/* clang-format on */

/* The manual defines them with doubles, A2.7.8: recip_estimate(), recip_sqrt_estimate(). */
Test(softfp, estimates_agree_with_the_formula_in_doubles)
{
    for (uint32_t top = 0x80; top < 0x200; top++) {
        uint32_t a = top << 23 | 0x7fffff;
        double x = a / 4294967296.0;
        double q = x < 0.5 ? floor(x * 512.0) + 0.5 : floor(x * 256.0) + 0.5;
        double r = 1.0 / sqrt(q / (x < 0.5 ? 512.0 : 256.0));

        cr_expect(eq(u32, sfp_rsqrt_estimate_fixed(a), (uint32_t)(256.0 * r + 0.5) << 23));
        if (x >= 0.5) {
            r = 1.0 / ((floor(x * 512.0) + 0.5) / 512.0);
            cr_expect(eq(u32, sfp_recip_estimate_fixed(a), (uint32_t)(256.0 * r + 0.5) << 23));
        }
    }
}

Test(softfp, every_half_goes_to_single_and_back)
{
    for (uint32_t i = 0; i < 0x10000; i++) {
        FpEnv env = { .alt_half = i & 1 };
        uint16_t half = (uint16_t)(i >> 1 | i << 15);
        bool nan = env.alt_half == 0 && (half & 0x7fff) > 0x7c00;
        uint16_t want = nan ? half | 0x200 : half;
        uint16_t got = sfp_32_to_16(sfp_16_to_32(half, &env), &env);

        if (got != want || env.flags != (nan && (half & 0x200) == 0 ? FP_INVALID : 0)) {
            cr_assert(eq(u32, got, want), "0x%04x gave flags 0x%x", half, env.flags);
            cr_assert(false, "0x%04x gave flags 0x%x", half, env.flags);
        }
    }
}

Test(softfp, flags_accumulate)
{
    FpEnv env = { .flags = FP_OVERFLOW };

    sfp_div32(ONE, 0x40400000, &env);
    sfp_add32(ONE, ONE, &env);
    cr_expect(eq(u32, env.flags, FP_OVERFLOW | FP_INEXACT));
}
