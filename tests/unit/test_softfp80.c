/* SPDX-License-Identifier: MIT */
/* test_softfp80.c - the x87 arithmetic against MPFR, and its rules for special operands. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glib.h>
#include <mpfr.h>

#include "base/bits.h"
#include "translator/ir/softfp80.h"

enum { ALL = 0x3f, BIG = 400 };

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

/* A normal number with an exponent from @low to @high. */
static F80 draw_number(uint64_t *seed, int low, int high)
{
    uint64_t r = draw(seed), sig = draw(seed);
    int exp = low + (int)((r >> 8) % (unsigned)(high - low + 1));

    sig = (r & 3) == 0 ? sig >> (r >> 40) % 63 : sig;
    sig = (r & 3) == 1 ? ~(sig >> (r >> 40) % 63) : sig;
    return (F80){ sig | UINT64_C(1) << 63,
                  (uint16_t)((r >> 2 & 1) << 15 | (unsigned)(exp + 16383)) };
}

static void to_mpfr(mpfr_t x, F80 a)
{
    mpfr_set_ui_2exp(x, a.sig, MAX(a.se & 0x7fff, 1) - 16383 - 63, MPFR_RNDN);
    mpfr_setsign(x, x, a.se >> 15, MPFR_RNDN);
}

static double ulps(F80 got, const mpfr_t want)
{
    int exp = MAX(got.se & 0x7fff, 1) - 16383 - 63;
    double off;
    mpfr_t d;

    mpfr_init2(d, BIG);
    to_mpfr(d, got);
    mpfr_sub(d, d, want, MPFR_RNDN);
    mpfr_mul_2si(d, d, -exp, MPFR_RNDN);
    off = mpfr_get_d(d, MPFR_RNDN);
    mpfr_clear(d);
    return off;
}

typedef enum Fn { F2XM1, YL2X, YL2XP1, PATAN, SIN, COS, TAN, N_FNS } Fn;

static const char *const fn_names[] = { "f2xm1", "fyl2x", "fyl2xp1", "fpatan",
                                        "fsin",  "fcos",  "fptan" };

/* The remainder by a half of the SDM's pi, whose quarter turns are added back as true ones. */
static void reduced(mpfr_t r, const mpfr_t x)
{
    mpfr_t quarter, true_quarter;
    long quotient;

    mpfr_inits2(BIG, quarter, true_quarter, (mpfr_ptr)NULL);
    mpfr_set_str(quarter, "3243f6a8885a308d3@-16", 16, MPFR_RNDN);
    mpfr_div_2ui(quarter, quarter, 1, MPFR_RNDN);
    mpfr_remquo(r, &quotient, x, quarter, MPFR_RNDN);
    mpfr_const_pi(true_quarter, MPFR_RNDN);
    mpfr_div_2ui(true_quarter, true_quarter, 1, MPFR_RNDN);
    mpfr_mul_si(true_quarter, true_quarter, quotient % 4, MPFR_RNDN);
    mpfr_add(r, r, true_quarter, MPFR_RNDN);
    mpfr_clears(quarter, true_quarter, (mpfr_ptr)NULL);
}

static void true_value(Fn fn, mpfr_t r, const mpfr_t a, const mpfr_t b)
{
    switch (fn) {
    case F2XM1:
        mpfr_const_log2(r, MPFR_RNDN);
        mpfr_mul(r, r, a, MPFR_RNDN);
        mpfr_expm1(r, r, MPFR_RNDN);
        break;
    case YL2X:
        mpfr_log2(r, a, MPFR_RNDN);
        mpfr_mul(r, r, b, MPFR_RNDN);
        break;
    case YL2XP1: {
        mpfr_t ln2;

        mpfr_init2(ln2, BIG);
        mpfr_const_log2(ln2, MPFR_RNDN);
        mpfr_log1p(r, a, MPFR_RNDN);
        mpfr_mul(r, r, b, MPFR_RNDN);
        mpfr_div(r, r, ln2, MPFR_RNDN);
        mpfr_clear(ln2);
        break;
    }
    case PATAN: mpfr_atan2(r, b, a, MPFR_RNDN); break;
    case SIN:
        reduced(r, a);
        mpfr_sin(r, r, MPFR_RNDN);
        break;
    case COS:
        reduced(r, a);
        mpfr_cos(r, r, MPFR_RNDN);
        break;
    case TAN:
        reduced(r, a);
        mpfr_tan(r, r, MPFR_RNDN);
        break;
    default: g_assert_not_reached();
    }
}

static F80 our_value(Fn fn, F80 a, F80 b, F80Env *env)
{
    F80 r = a;

    switch (fn) {
    case F2XM1: return sfp80_2xm1(a, env);
    case YL2X: return sfp80_yl2x(b, a, env);
    case YL2XP1: return sfp80_yl2xp1(b, a, env);
    case PATAN: return sfp80_patan(b, a, env);
    case SIN: g_assert(sfp80_sincos(a, &r, NULL, env)); return r;
    case COS: g_assert(sfp80_sincos(a, NULL, &r, env)); return r;
    case TAN: g_assert(sfp80_ptan(a, &r, env)); return r;
    default: g_assert_not_reached();
    }
}

static void draw_arguments(Fn fn, uint64_t *seed, F80 *a, F80 *b)
{
    bool near = (draw(seed) & 3) != 0;

    *b = draw_number(seed, -300, 300);
    switch (fn) {
    case F2XM1: *a = draw_number(seed, near ? -8 : -300, -1); break;
    case YL2X:
        *a = draw_number(seed, near ? -1 : -16000, near ? 0 : 16000);
        a->se &= 0x7fff;
        break;
    case YL2XP1: *a = draw_number(seed, near ? -6 : -300, -3); break;
    case PATAN:
        *b = draw_number(seed, near ? -3 : -300, near ? 3 : 300);
        *a = draw_number(seed, near ? -3 : -300, near ? 3 : 300);
        break;
    default: *a = draw_number(seed, near ? -6 : -300, near ? 4 : 62); break;
    }
}

static void run_case(Fn fn, uint64_t *seed)
{
    uint64_t r = draw(seed);
    F80Env env = { .rounding = r & 3, .precision = 64, .masks = ALL };
    mpfr_t x, y, want;
    double off, limit = env.rounding == FP_RNE ? 0.51 : 1.0;
    F80 a, b, got;

    draw_arguments(fn, seed, &a, &b);
    got = our_value(fn, a, b, &env);
    mpfr_inits2(BIG, x, y, want, (mpfr_ptr)NULL);
    to_mpfr(x, a);
    to_mpfr(y, b);
    true_value(fn, want, x, y);
    off = ulps(got, want);
    cr_assert(off <= limit && off >= -limit,
              "%s(%04x:%016" G_GINT64_MODIFIER "x, %04x:%016" G_GINT64_MODIFIER
              "x) rounding %u is %04x:%016" G_GINT64_MODIFIER "x, off by %g",
              fn_names[fn], a.se, a.sig, b.se, b.sig, env.rounding, got.se, got.sig, off);
    cr_assert(0 == (env.flags & ~(uint32_t)F80_PE), "%s raises %x", fn_names[fn], env.flags);
    cr_assert(off == 0 || (env.flags & F80_PE) != 0, "%s is not exact", fn_names[fn]);
    mpfr_clears(x, y, want, (mpfr_ptr)NULL);
}

Test(softfp80, transcendental_functions_are_within_their_bound)
{
    const char *more = g_getenv("SOFTFP_CASES");
    uint64_t n = more ? g_ascii_strtoull(more, NULL, 10) : 2000;
    uint64_t seed = 88172645463325252;

    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
    for (uint64_t i = 0; i < n; i++) {
        for (Fn fn = F2XM1; fn < N_FNS; fn++) {
            run_case(fn, &seed);
        }
    }
}

/* ---- arithmetic: MPFR at the precision and exponent range of the format ---- */

typedef enum Op { ADD, SUB, MUL, DIV, SQRT, N_OPS } Op;

static int compute(Op op, mpfr_t r, const mpfr_t x, const mpfr_t y, mpfr_rnd_t rnd)
{
    switch (op) {
    case ADD: return mpfr_add(r, x, y, rnd);
    case SUB: return mpfr_sub(r, x, y, rnd);
    case MUL: return mpfr_mul(r, x, y, rnd);
    case DIV: return mpfr_div(r, x, y, rnd);
    case SQRT: return mpfr_sqrt(r, x, rnd);
    default: g_assert_not_reached();
    }
}

static F80 run_op(Op op, F80 a, F80 b, F80Env *env)
{
    switch (op) {
    case ADD: return sfp80_add(a, b, env);
    case SUB: return sfp80_sub(a, b, env);
    case MUL: return sfp80_mul(a, b, env);
    case DIV: return sfp80_div(a, b, env);
    case SQRT: return sfp80_sqrt(a, env);
    default: g_assert_not_reached();
    }
}

static F80 from_mpfr(const mpfr_t r)
{
    F80 v = { 0, (uint16_t)(mpfr_signbit(r) != 0 ? 0x8000 : 0) };
    int exp;
    mpfr_t m;

    if (mpfr_zero_p(r)) {
        return v;
    }
    if (mpfr_inf_p(r)) {
        return (F80){ UINT64_C(1) << 63, v.se | 0x7fff };
    }
    exp = MAX((int)mpfr_get_exp(r) - 1, -16382);
    mpfr_init2(m, 64);
    mpfr_abs(m, r, MPFR_RNDN);
    mpfr_mul_2si(m, m, 63 - exp, MPFR_RNDN);
    v.sig = mpfr_get_ui(m, MPFR_RNDN);
    v.se |= v.sig >> 63 != 0 ? (uint16_t)(exp + 16383) : 0;
    mpfr_clear(m);
    return v;
}

static F80 judge(Op op, F80 a, F80 b, F80Env *env)
{
    static const mpfr_rnd_t directions[] = { MPFR_RNDN, MPFR_RNDU, MPFR_RNDD, MPFR_RNDZ };
    mpfr_rnd_t rnd = directions[env->rounding];
    mpfr_t x, y, r;
    bool tiny;
    int t;
    F80 v;

    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
    mpfr_inits2(64, x, y, (mpfr_ptr)NULL);
    mpfr_init2(r, env->precision);
    to_mpfr(x, a);
    to_mpfr(y, b);
    t = compute(op, r, x, y, rnd);
    tiny = mpfr_regular_p(r) != 0 && mpfr_get_exp(r) - 1 < -16382;
    mpfr_clear_flags();
    mpfr_set_emin(-16382 - env->precision + 2);
    mpfr_set_emax(16384);
    t = mpfr_check_range(r, t, rnd);
    t = mpfr_subnormalize(r, t, rnd);
    env->flags |= mpfr_overflow_p() != 0 ? F80_OE : 0;
    env->flags |= t != 0 ? F80_PE : 0;
    env->flags |= t != 0 && tiny ? F80_UE : 0;
    env->rounded_up = mpfr_signbit(r) != 0 ? t < 0 : t > 0;
    v = from_mpfr(r);
    mpfr_clears(x, y, r, (mpfr_ptr)NULL);
    return v;
}

Test(softfp80, arithmetic_agrees_with_mpfr)
{
    static const uint8_t precisions[] = { 24, 53, 64, 64 };
    const char *more = g_getenv("SOFTFP_CASES");
    uint64_t n = more ? g_ascii_strtoull(more, NULL, 10) : 20000;
    uint64_t seed = 88172645463325252;

    for (uint64_t i = 0; i < n; i++) {
        Op op = (Op)(i % N_OPS);
        uint64_t r = draw(&seed);
        int centre = (r >> 8 & 3) == 0 ? -16300 : (r >> 8 & 3) == 1 ? 16300 : 0;
        F80 a = draw_number(&seed, centre - 70, centre + 70);
        F80 b = draw_number(&seed, op == ADD || op == SUB ? centre - 70 : -90,
                            op == ADD || op == SUB ? centre + 70 : 90);
        F80Env env = { .rounding = r & 3, .precision = precisions[r >> 4 & 3], .masks = ALL };
        F80Env other = env;
        F80 got, want;

        a.se &= op == SQRT ? 0x7fff : 0xffff;
        got = run_op(op, a, b, &env);
        want = judge(op, a, b, &other);
        cr_assert(got.sig == want.sig && got.se == want.se && env.flags == other.flags
                      && env.rounded_up == other.rounded_up,
                  "op %u a %04x:%016" G_GINT64_MODIFIER "x b %04x:%016" G_GINT64_MODIFIER
                  "x rounding %u precision %u: %04x:%016" G_GINT64_MODIFIER
                  "x %02x, MPFR %04x:%016" G_GINT64_MODIFIER "x %02x",
                  op, a.se, a.sig, b.se, b.sig, env.rounding, env.precision, got.se, got.sig,
                  env.flags, want.se, want.sig, other.flags);
    }
}

/* ---- special operands ---- */

static const F80 zero = { 0, 0 }, one = { UINT64_C(1) << 63, 0x3fff };
static const F80 inf = { UINT64_C(1) << 63, 0x7fff };
static const F80 quiet = { UINT64_C(0xc000000000000123), 0x7fff };
static const F80 quiet_larger = { UINT64_C(0xc000000000000456), 0xffff };
static const F80 signalling = { UINT64_C(0xa000000000000789), 0x7fff };
static const F80 unnormal = { 1, 0x4000 };
static const F80 pseudo_denormal = { UINT64_C(1) << 63, 0 };

static void expect(const char *what, F80 got, F80 want, uint32_t flags, uint32_t want_flags)
{
    cr_expect(got.sig == want.sig && got.se == want.se && flags == want_flags,
              "%s: %04x:%016" G_GINT64_MODIFIER "x flags %02x", what, got.se, got.sig, flags);
}

static F80Env fresh(void) { return (F80Env){ .precision = 64, .masks = ALL }; }

#define CHECK(what, expression, want, want_flags) \
    do { \
        F80Env env = fresh(); \
        F80 got_ = expression; \
        expect(what, got_, want, env.flags, want_flags); \
    } while (0)

Test(softfp80, the_larger_significand_of_two_nans_comes_out)
{
    const F80 quieted = { signalling.sig | UINT64_C(1) << 62, signalling.se };

    CHECK("two quiet", sfp80_add(quiet, quiet_larger, &env), quiet_larger, 0);
    CHECK("quiet before signalling", sfp80_mul(signalling, quiet, &env), quiet, F80_IE);
    CHECK("signalling", sfp80_div(one, signalling, &env), quieted, F80_IE);
    CHECK("unsupported", sfp80_add(quiet, unnormal, &env), sfp80_indefinite(), F80_IE);
}

Test(softfp80, invalid_and_zero_divide_come_before_denormal_operands)
{
    CHECK("inf - inf", sfp80_sub(inf, inf, &env), sfp80_indefinite(), F80_IE);
    CHECK("0 * inf", sfp80_mul(zero, inf, &env), sfp80_indefinite(), F80_IE);
    CHECK("denormal / 0", sfp80_div(pseudo_denormal, zero, &env), inf, F80_ZE);
    CHECK("0 / denormal", sfp80_div(zero, pseudo_denormal, &env), zero, F80_DE);
}

Test(softfp80, an_unmasked_overflow_wraps_the_exponent)
{
    const F80 huge = { UINT64_C(1) << 63, 0x7ffe };
    F80Env env = fresh();
    F80 r;

    env.masks = ALL & ~F80_OE;
    r = sfp80_mul(huge, huge, &env);
    expect("wrapped", r, (F80){ UINT64_C(1) << 63, 2 * 0x7ffe - 0x3fff - 24576 }, env.flags,
           F80_OE);
    cr_expect(not(sfp80_stopped(&env)));
    cr_expect(sfp80_store_stopped(&env));
}

Test(softfp80, transcendental_functions_know_their_special_operands)
{
    const F80 pi = { UINT64_C(0xc90fdaa22168c235), 0x4000 };
    const F80 minus_inf = { inf.sig, 0xffff }, minus_zero = { 0, 0x8000 };

    CHECK("2^1 - 1", sfp80_2xm1(one, &env), one, 0);
    CHECK("2^-inf - 1", sfp80_2xm1(minus_inf, &env), ((F80){ one.sig, 0xbfff }), 0);
    CHECK("log2(0)", sfp80_yl2x(one, zero, &env), minus_inf, F80_ZE);
    CHECK("0 * log2(0)", sfp80_yl2x(zero, zero, &env), sfp80_indefinite(), F80_IE);
    CHECK("log2(-1)", sfp80_yl2x(one, (F80){ one.sig, 0xbfff }, &env), sfp80_indefinite(), F80_IE);
    CHECK("log2(1)", sfp80_yl2x(one, one, &env), zero, 0);
    CHECK("atan2(0, -0)", sfp80_patan(zero, minus_zero, &env), pi, F80_PE);
    CHECK("atan2(0, 1)", sfp80_patan(zero, one, &env), zero, 0);
    CHECK("log2(1 + 0)", sfp80_yl2xp1(one, minus_zero, &env), minus_zero, 0);
}

Test(softfp80, an_angle_of_2_to_the_63_is_not_reduced)
{
    F80Env env = fresh();
    F80 s = one;

    cr_expect(not(sfp80_sincos((F80){ UINT64_C(1) << 63, 0x3fff + 63 }, &s, NULL, &env)));
    cr_expect(eq(u32, env.flags, 0));
    cr_expect(sfp80_sincos((F80){ UINT64_MAX, 0x3fff + 62 }, &s, NULL, &env));
}
