/* SPDX-License-Identifier: MIT */
/* softfp_judge.c - MPFR as a second opinion on the software FP. */
#include <glib.h>
#include <mpfr.h>

#include "tests/rig/softfp_judge.h"

const Width judge_half = { 11, 16, 15 };
const Width judge_single = { 24, 32, 127 };
const Width judge_double = { 53, 64, 1023 };

static int min_exp(const Width *w) { return 1 - w->max_exp; }

static uint64_t low_bits(int n) { return n == 0 ? 0 : UINT64_MAX >> (64 - n); }

static uint64_t sign_bit(const Width *w) { return UINT64_C(1) << (w->bits - 1); }

static uint64_t infinity(const Width *w)
{
    return low_bits(w->bits - w->precision) << (w->precision - 1);
}

static bool is_nan(const Width *w, uint64_t v) { return (v & ~sign_bit(w)) > infinity(w); }

static uint64_t quiet_bit(const Width *w) { return UINT64_C(1) << (w->precision - 2); }

static bool is_signalling(const Width *w, uint64_t v)
{
    return is_nan(w, v) && (v & quiet_bit(w)) == 0;
}

/* Flushes an operand as ARM does. */
static uint64_t flush(const Width *w, uint64_t v, FpEnv *env)
{
    uint64_t magnitude = v & ~sign_bit(w);

    if (env->flush_to_zero == 0 || w->bits == 16 || magnitude == 0
        || magnitude > low_bits(w->precision - 1)) {
        return v;
    }
    env->flags |= FP_DENORMAL_IN;
    return v & sign_bit(w);
}

/* Not for NaNs. */
static void to_mpfr(mpfr_t x, const Width *w, uint64_t v)
{
    uint64_t fraction = v & low_bits(w->precision - 1);
    int exp = (int)(v >> (w->precision - 1) & low_bits(w->bits - w->precision));

    if ((v & ~sign_bit(w)) == infinity(w)) {
        mpfr_set_inf(x, 1);
    } else {
        fraction |= exp != 0 ? UINT64_C(1) << (w->precision - 1) : 0;
        exp = MAX(exp, 1);
        mpfr_set_ui_2exp(x, fraction, exp - w->max_exp - (w->precision - 1), MPFR_RNDN);
    }
    mpfr_setsign(x, x, (v & sign_bit(w)) != 0, MPFR_RNDN);
}

/* @x is a number of the format, or a NaN. */
static uint64_t from_mpfr(const mpfr_t x, const Width *w)
{
    uint64_t sign = mpfr_signbit(x) != 0 ? sign_bit(w) : 0;
    uint64_t significand;
    mpfr_t scaled;
    int exp;

    if (mpfr_nan_p(x)) {
        return infinity(w) | quiet_bit(w);
    }
    if (mpfr_inf_p(x)) {
        return sign | infinity(w);
    }
    if (mpfr_zero_p(x)) {
        return sign;
    }
    exp = MAX((int)mpfr_get_exp(x) - 1, min_exp(w));
    mpfr_init2(scaled, w->precision);
    mpfr_abs(scaled, x, MPFR_RNDN);
    mpfr_mul_2si(scaled, scaled, w->precision - 1 - exp, MPFR_RNDN);
    significand = mpfr_get_ui(scaled, MPFR_RNDN);
    mpfr_clear(scaled);
    return sign | (((uint64_t)(exp - min_exp(w)) << (w->precision - 1)) + significand);
}

static mpfr_rnd_t direction(unsigned rounding)
{
    static const mpfr_rnd_t directions[] = { MPFR_RNDN, MPFR_RNDU, MPFR_RNDD, MPFR_RNDZ };

    return directions[rounding];
}

unsigned judge_operands(JudgeOp op)
{
    return op == JUDGE_FMA ? 3 : op == JUDGE_SQRT || op == JUDGE_CONVERT ? 1 : 2;
}

static int compute(JudgeOp op, mpfr_t r, mpfr_t *x, mpfr_rnd_t rnd)
{
    switch (op) {
    case JUDGE_ADD: return mpfr_add(r, x[0], x[1], rnd);
    case JUDGE_SUB: return mpfr_sub(r, x[0], x[1], rnd);
    case JUDGE_MUL: return mpfr_mul(r, x[0], x[1], rnd);
    case JUDGE_DIV: return mpfr_div(r, x[0], x[1], rnd);
    case JUDGE_SQRT: return mpfr_sqrt(r, x[0], rnd);
    case JUDGE_FMA: return mpfr_fma(r, x[0], x[1], x[2], rnd);
    case JUDGE_CONVERT: return mpfr_set(r, x[0], rnd);
    default: g_assert_not_reached();
    }
}

static void any_exponent(void)
{
    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
}

/* Whether @r is below the smallest normal number, and not zero. */
static bool is_tiny(const mpfr_t r, const Width *w)
{
    return mpfr_regular_p(r) != 0 && mpfr_get_exp(r) <= min_exp(w);
}

/* Brings @r, an operation's result for any exponent, and its @ternary into the format's range. */
static uint64_t deliver(mpfr_t r, int ternary, const Width *w, bool tiny, FpEnv *env)
{
    mpfr_rnd_t rnd = direction(env->rounding);
    uint64_t bits;

    mpfr_set_emin(min_exp(w) - w->precision + 2);
    mpfr_set_emax(w->max_exp + 1);
    ternary = mpfr_check_range(r, ternary, rnd);
    ternary = mpfr_subnormalize(r, ternary, rnd);
    env->flags |= mpfr_overflow_p() != 0 ? FP_OVERFLOW : 0;
    env->flags |= mpfr_divby0_p() != 0 ? FP_DIVZERO : 0;
    env->flags |= mpfr_nan_p(r) != 0 ? FP_INVALID : 0;
    env->flags |= ternary != 0 ? FP_INEXACT : 0;
    env->flags |= ternary != 0 && tiny ? FP_UNDERFLOW : 0;
    any_exponent();
    bits = from_mpfr(r, w);
    return bits;
}

static uint64_t round_op(JudgeOp op, const Width *w, mpfr_t *x, FpEnv *env)
{
    mpfr_rnd_t rnd = direction(env->rounding);
    uint64_t bits;
    mpfr_t r;
    bool tiny;

    mpfr_init2(r, w->precision);
    /* Rounded towards zero a number is below a power of two just when the exact one is. */
    compute(op, r, x, env->tininess_after != 0 ? rnd : MPFR_RNDZ);
    tiny = is_tiny(r, w);
    if (tiny && env->flush_to_zero != 0 && w->bits != 16) {
        env->flags |= FP_UNDERFLOW;
        bits = mpfr_signbit(r) != 0 ? sign_bit(w) : 0;
    } else {
        mpfr_clear_flags();
        bits = deliver(r, compute(op, r, x, rnd), w, tiny, env);
    }
    mpfr_clear(r);
    return bits;
}

/* Of the first NaN that @signalling asks for, the quiet form in format @to; or 0. */
static uint64_t first_nan(const Width *from, const Width *to, const uint64_t *v, unsigned n,
                          bool signalling)
{
    int shift = to->precision - from->precision;
    uint64_t fraction;

    for (unsigned i = 0; i < n; i++) {
        if (is_nan(from, v[i]) && is_signalling(from, v[i]) == signalling) {
            fraction = v[i] & low_bits(from->precision - 1);
            fraction = shift < 0 ? fraction >> -shift : fraction << shift;
            return ((v[i] & sign_bit(from)) != 0 ? sign_bit(to) : 0) | infinity(to) | fraction
                   | quiet_bit(to);
        }
    }
    return 0;
}

/* ARM's FPProcessNaNs(); 0 if there is no NaN. @v is in the order that counts. */
static uint64_t nan_result(const Width *from, const Width *to, const uint64_t *v, unsigned n,
                           FpEnv *env)
{
    uint64_t snan = first_nan(from, to, v, n, true);
    uint64_t qnan = first_nan(from, to, v, n, false);

    env->flags |= snan != 0 ? FP_INVALID : 0;
    if (env->default_nan != 0 && (snan | qnan) != 0) {
        return infinity(to) | quiet_bit(to);
    }
    return snan != 0 ? snan : qnan;
}

static bool is_inf_by_zero(const Width *w, uint64_t a, uint64_t b)
{
    a &= ~sign_bit(w);
    b &= ~sign_bit(w);
    return (a == infinity(w) && b == 0) || (b == infinity(w) && a == 0);
}

uint64_t judge_op(JudgeOp op, const Width *from, const Width *to, const uint64_t *v, FpEnv *env)
{
    unsigned n = judge_operands(op);
    uint64_t in[3] = { 0 }, order[3] = { 0 }, bits;
    mpfr_t x[3];

    for (unsigned i = 0; i < n; i++) {
        in[i] = flush(from, v[i], env);
        order[(i + (n == 3)) % n] = in[i]; /* an addend counts first */
    }
    bits = nan_result(from, to, order, n, env);
    if (bits != 0) {
        if (n == 3 && is_inf_by_zero(from, in[0], in[1]) && !is_signalling(from, in[2])) {
            env->flags |= FP_INVALID;
            return infinity(to) | quiet_bit(to);
        }
        return bits;
    }
    any_exponent();
    for (unsigned i = 0; i < n; i++) {
        mpfr_init2(x[i], 64);
        to_mpfr(x[i], from, in[i]);
    }
    bits = round_op(op, to, x, env);
    for (unsigned i = 0; i < n; i++) {
        mpfr_clear(x[i]);
    }
    return bits;
}

/* The result of numbers with an exponent without ends. */
typedef struct Unbounded {
    bool tiny, negative;
    bool upper_half; /* it is nearer to the smallest normal number than to zero */
    bool exact;      /* it needed no rounding */
} Unbounded;

static Unbounded unbounded(JudgeOp op, const Width *from, const Width *to, const uint64_t *v,
                           unsigned rounding)
{
    unsigned n = judge_operands(op);
    Unbounded u;
    mpfr_t x[3], r, exact;

    any_exponent();
    mpfr_inits2(64, x[0], x[1], x[2], (mpfr_ptr)NULL);
    for (unsigned i = 0; i < n; i++) {
        to_mpfr(x[i], from, v[i]);
    }
    mpfr_init2(r, to->precision);
    mpfr_init2(exact, 256);
    u.exact = compute(op, r, x, direction(rounding)) == 0;
    compute(op, exact, x, MPFR_RNDN);
    u.tiny = is_tiny(r, to);
    u.negative = mpfr_signbit(r) != 0;
    mpfr_abs(exact, exact, MPFR_RNDN);
    u.upper_half = mpfr_cmp_ui_2exp(exact, 1, min_exp(to) - 1) > 0;
    mpfr_clears(x[0], x[1], x[2], r, exact, (mpfr_ptr)NULL);
    return u;
}

static bool is_denormal(const Width *w, uint64_t v)
{
    v &= ~sign_bit(w);
    return v != 0 && v <= low_bits(w->precision - 1);
}

static uint64_t mips_default(const Width *w) { return infinity(w) | (quiet_bit(w) - 1); }

/* Operands as MIPS takes them; false if the result is settled. */
static bool mips_operands(const Width *from, uint64_t *v, unsigned n, FpEnv *env)
{
    for (unsigned i = 0; i < n; i++) {
        if (is_denormal(from, v[i]) && (env->flush_to_zero & FP_TINY_UNIMPLEMENTED) != 0) {
            env->flags |= FP_UNIMPLEMENTED;
            return false;
        }
        if (is_denormal(from, v[i]) && (env->flush_to_zero & FP_FLUSH_INEXACT) != 0) {
            env->flags |= FP_INEXACT;
            v[i] &= sign_bit(from);
        }
    }
    return true;
}

uint64_t judge_mips(JudgeOp op, const Width *from, const Width *to, const uint64_t *v, FpEnv *env)
{
    FpEnv plain = { .rounding = env->rounding, .tininess_after = 1 };
    unsigned n = judge_operands(op);
    bool quiet = false;
    Unbounded u;
    uint64_t in[3] = { v[0], v[1], v[2] }, bits = 0;

    if (!mips_operands(from, in, n, env)) {
        return 0;
    }
    for (unsigned i = n; i-- > 0;) {
        quiet |= is_nan(from, in[i]);
        bits = is_nan(from, in[i]) ? in[i] : bits;
    }
    for (unsigned i = 0; i < n; i++) {
        if (is_nan(from, in[i]) && !is_signalling(from, in[i])) { /* as others see it */
            env->flags |= FP_INVALID;
            return mips_default(to);
        }
    }
    if (quiet && from == to) {
        return bits;
    }
    if (quiet) {
        n = (unsigned)(to->precision - from->precision);
        in[0] = bits & low_bits(from->precision - 1);
        in[0] = to->precision > from->precision ? in[0] << n : in[0] >> (0 - n);
        bits = (bits & sign_bit(from)) != 0 ? sign_bit(to) | infinity(to) : infinity(to);
        return in[0] != 0 ? bits | in[0] : mips_default(to);
    }
    u = unbounded(op, from, to, in, env->rounding);
    if (u.tiny) {
        bool away = env->rounding == (u.negative ? FP_RM : FP_RP);

        if ((env->flush_to_zero & (FP_FLUSH_INEXACT | FP_FLUSH_NEAREST)) == 0) {
            env->flags |= FP_UNIMPLEMENTED;
            return 0;
        }
        if ((env->flush_to_zero & FP_FLUSH_NEAREST) != 0 && env->rounding == FP_RNE) {
            away = u.upper_half;
        }
        env->flags |= FP_UNDERFLOW;
        env->flags |= u.exact && (env->trap & FP_UNDERFLOW) != 0 ? 0 : FP_INEXACT;
        return (u.negative ? sign_bit(to) : 0)
               | (away ? UINT64_C(1) << (to->precision - 1) : UINT64_C(0));
    }
    bits = judge_op(op, from, to, in, &plain);
    if (u.exact && (plain.flags & env->trap & FP_OVERFLOW) != 0) {
        plain.flags &= ~(uint32_t)FP_INEXACT;
    }
    env->flags |= plain.flags;
    return is_nan(to, bits) ? mips_default(to) : bits;
}

/* Sets @low and @high to the ends of an integer format. */
static void fixed_range(SfpFixed to, mpfr_t low, mpfr_t high)
{
    mpfr_set_ui_2exp(high, 1, to.bits - to.is_signed, MPFR_RNDN);
    mpfr_set_zero(low, 1);
    if (to.is_signed != 0) {
        mpfr_neg(low, high, MPFR_RNDN);
    }
    mpfr_sub_ui(high, high, 1, MPFR_RNDN);
}

static uint64_t integer_bits(const mpfr_t r, SfpFixed to)
{
    bool negative = mpfr_signbit(r) != 0;
    uint64_t magnitude;
    mpfr_t positive;

    mpfr_init2(positive, 64);
    mpfr_abs(positive, r, MPFR_RNDN);
    magnitude = mpfr_get_ui(positive, MPFR_RNDN);
    mpfr_clear(positive);
    return (negative ? 0 - magnitude : magnitude) & low_bits(to.bits);
}

uint64_t judge_to_fixed(const Width *from, uint64_t a, SfpFixed to, FpEnv *env)
{
    unsigned rounding = to.rounding == SFP_CURRENT ? env->rounding : to.rounding;
    mpfr_t x, r, low, high;
    uint64_t bits;

    a = flush(from, a, env);
    if (is_nan(from, a)) {
        env->flags |= FP_INVALID;
        return 0;
    }
    any_exponent();
    mpfr_inits2(64, x, r, low, high, (mpfr_ptr)NULL);
    to_mpfr(x, from, a);
    mpfr_mul_2ui(x, x, to.fraction_bits, MPFR_RNDN);
    mpfr_rint(r, x, direction(rounding));
    fixed_range(to, low, high);
    if (mpfr_cmp(r, low) < 0 || mpfr_cmp(r, high) > 0) {
        env->flags |= FP_INVALID;
        mpfr_set(r, mpfr_cmp(r, low) < 0 ? low : high, MPFR_RNDN);
    } else {
        env->flags |= mpfr_cmp(r, x) != 0 ? FP_INEXACT : 0;
    }
    bits = integer_bits(r, to);
    mpfr_clears(x, r, low, high, (mpfr_ptr)NULL);
    return bits;
}

uint64_t judge_from_fixed(const Width *to, uint64_t a, SfpFixed from, FpEnv *env)
{
    unsigned own = env->rounding;
    uint64_t bits;
    mpfr_t x[1];

    a = a << (64 - from.bits);
    any_exponent();
    mpfr_init2(x[0], 64);
    if (from.is_signed != 0) {
        mpfr_set_si(x[0], (int64_t)a, MPFR_RNDN);
    } else {
        mpfr_set_ui(x[0], a, MPFR_RNDN);
    }
    mpfr_div_2ui(x[0], x[0], 64 - from.bits + from.fraction_bits, MPFR_RNDN);
    if (from.rounding != SFP_CURRENT) {
        env->rounding = from.rounding;
    }
    bits = round_op(JUDGE_CONVERT, to, x, env);
    env->rounding = (uint8_t)own;
    mpfr_clear(x[0]);
    return bits;
}

uint64_t judge_round_int(const Width *w, uint64_t a, unsigned rounding, FpEnv *env)
{
    uint64_t bits;
    mpfr_t x, r;

    a = flush(w, a, env);
    bits = nan_result(w, w, &a, 1, env);
    if (bits != 0) {
        return bits;
    }
    any_exponent();
    mpfr_inits2(64, x, r, (mpfr_ptr)NULL);
    to_mpfr(x, w, a);
    mpfr_rint(r, x, direction(rounding));
    env->flags |= mpfr_inf_p(x) == 0 && mpfr_cmp(r, x) != 0 ? FP_INEXACT : 0;
    bits = from_mpfr(r, w);
    mpfr_clears(x, r, (mpfr_ptr)NULL);
    return bits;
}
