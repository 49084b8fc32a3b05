/* SPDX-License-Identifier: MIT */
/* softfp80_round.c - 80-bit numbers taken apart, rounded and put together; NaNs. */
#include <glib.h>

#include "translator/ir/softfp80_priv.h"

XNum x_unpack(F80 a)
{
    XNum n = { .sig = a.sig, .sign = a.se >> 15, .kind = X_FINITE };
    int exp = a.se & X_EXP_ONES;
    unsigned shift;

    if (exp == 0) {
        /* A pseudo-denormal has the weight of exponent 1. */
        shift = bits_clz64(a.sig);
        n.kind = a.sig == 0 ? X_ZERO : X_FINITE;
        n.denormal = a.sig != 0;
        n.sig = a.sig == 0 ? 0 : a.sig << shift;
        n.exp = X_MIN_EXP - (int)shift;
        return n;
    }
    n.exp = exp - X_BIAS;
    if (a.sig >> 63 == 0) {
        n.kind = X_BAD;
    } else if (exp == X_EXP_ONES) {
        n.kind = a.sig << 1 == 0 ? X_INF : (a.sig >> 62 & 1) != 0 ? X_QNAN : X_SNAN;
    }
    return n;
}

bool x_rounds_up(unsigned rounding, unsigned sign, bool odd, uint64_t rest, uint64_t half)
{
    switch (rounding) {
    case FP_RNE: return rest > half || (rest == half && odd);
    case FP_RP: return rest != 0 && sign == 0;
    case FP_RM: return rest != 0 && sign != 0;
    case FP_RZ: return false;
    default: g_assert_not_reached();
    }
}

/* A significand cut to a precision. */
typedef struct Cut {
    uint64_t sig;
    bool carry; /* it became 2^64: sig is 2^63 */
    bool inexact;
    bool up;
} Cut;

static Cut cut(unsigned precision, unsigned sign, uint64_t sig, uint64_t low, unsigned rounding)
{
    unsigned drop = 64 - precision;
    uint64_t rest, unit;
    Cut c = { 0 };

    if (drop == 0) {
        rest = low;
        unit = 1;
    } else {
        rest = (sig & bits_mask(drop)) << precision | (low != 0);
        unit = UINT64_C(1) << drop;
        sig &= ~bits_mask(drop);
    }
    c.inexact = rest != 0;
    c.up = x_rounds_up(rounding, sign, (sig & unit) != 0, rest, UINT64_C(1) << 63);
    c.sig = sig + (c.up ? unit : 0);
    if (c.up && c.sig == 0) {
        c.carry = true;
        c.sig = UINT64_C(1) << 63;
    }
    return c;
}

static void took(F80Env *env, Cut c)
{
    env->flags |= c.inexact ? F80_PE : 0;
    env->rounded_up = c.up;
}

/* Sig and low shifted right, sticky. */
static void shift_right(uint64_t *sig, uint64_t *low, unsigned n)
{
    U128 v = bits_shr_sticky128((U128)*sig << 64 | *low, n);

    *sig = (uint64_t)(v >> 64);
    *low = (uint64_t)v;
}

static XNum overflow(XFormat f, unsigned sign, Cut c, int exp, F80Env *env)
{
    bool to_inf = env->rounding == FP_RNE || env->rounding == (sign == 0 ? FP_RP : FP_RM);

    env->flags |= F80_OE;
    if ((env->masks & F80_OE) == 0) {
        took(env, c);
        return (XNum){ .kind = X_FINITE, .sign = (uint8_t)sign, .exp = exp, .sig = c.sig };
    }
    env->flags |= F80_PE;
    env->rounded_up = to_inf;
    if (to_inf) {
        return (XNum){ .kind = X_INF, .sign = (uint8_t)sign };
    }
    return (XNum){ .kind = X_FINITE,
                   .sign = (uint8_t)sign,
                   .exp = f.max_exp,
                   .sig = ~bits_mask(64 - (unsigned)f.precision) };
}

static XNum tiny_result(XFormat f, unsigned sign, int exp, uint64_t sig, uint64_t low, bool tiny,
                        F80Env *env)
{
    XNum n = { .kind = X_FINITE, .sign = (uint8_t)sign };
    unsigned shift;
    Cut c;

    shift_right(&sig, &low, (unsigned)MIN(f.min_exp - exp, 200));
    c = cut((unsigned)f.precision, sign, sig, low, env->rounding);
    env->flags |= tiny && c.inexact ? F80_UE : 0;
    took(env, c);
    shift = bits_clz64(c.sig);
    n.kind = c.sig == 0 ? X_ZERO : X_FINITE;
    n.sig = c.sig == 0 ? 0 : c.sig << shift;
    n.exp = f.min_exp - (int)shift;
    return n;
}

XNum x_round(XFormat f, unsigned sign, int exp, uint64_t sig, uint64_t low, F80Env *env)
{
    Cut c = cut((unsigned)f.precision, sign, sig, low, env->rounding);
    int rounded_exp = exp + c.carry;

    if (rounded_exp > f.max_exp) {
        return overflow(f, sign, c, rounded_exp, env);
    }
    if (rounded_exp < f.min_exp && (env->masks & F80_UE) == 0) {
        env->flags |= F80_UE;
    } else if (exp < f.min_exp) {
        return tiny_result(f, sign, exp, sig, low, rounded_exp < f.min_exp, env);
    }
    took(env, c);
    return (XNum){ .kind = X_FINITE, .sign = (uint8_t)sign, .exp = rounded_exp, .sig = c.sig };
}

static F80 pack(XNum n)
{
    if (n.kind == X_INF) {
        return x_inf(n.sign);
    }
    if (n.kind == X_ZERO) {
        return x_zero(n.sign);
    }
    if (n.exp < X_MIN_EXP) {
        n.sig >>= X_MIN_EXP - n.exp;
        return (F80){ n.sig, (uint16_t)(n.sign << 15) };
    }
    return x_pack(n.sign, n.exp, n.sig);
}

/* An unmasked response: the exponent is wrapped. What only FSCALE can do, be out of range even
 * then, gives an infinity or zero: seen on Intel's processors; the SDM has it for FSCALE's overflow
 * only. */
static XNum wrap(XNum n, int by, F80Env *env)
{
    n.exp += by;
    if (n.exp > X_BIAS || n.exp < X_MIN_EXP) {
        n.kind = n.exp > X_BIAS ? X_INF : X_ZERO;
        env->flags |= F80_PE;
        env->rounded_up = n.kind == X_INF;
    }
    return n;
}

F80 x_round80(int precision, unsigned sign, int exp, uint64_t sig, uint64_t low, F80Env *env)
{
    uint32_t before = env->flags;
    XNum n;

    env->flags = 0;
    n = x_round((XFormat){ precision, X_MIN_EXP, X_BIAS }, sign, exp, sig, low, env);
    if ((env->flags & ~env->masks & F80_OE) != 0) {
        n = wrap(n, -X_WRAP, env);
    } else if ((env->flags & ~env->masks & F80_UE) != 0) {
        n = wrap(n, X_WRAP, env);
    }
    env->flags |= before;
    return pack(n);
}

F80 sfp80_indefinite(void) { return (F80){ UINT64_C(3) << 62, 0xffff }; }

F80 sfp80_invalid(F80Env *env)
{
    env->flags |= F80_IE;
    return sfp80_indefinite();
}

bool sfp80_is_nan(F80 a) { return x_unpack(a).kind >= X_QNAN; }

static F80 quieted(F80 a) { return (F80){ a.sig | UINT64_C(1) << 62, a.se }; }

/* SDM volume 1, table 4-7; of equal significands the positive one. */
static F80 larger(F80 a, F80 b)
{
    if (a.sig != b.sig) {
        return a.sig > b.sig ? a : b;
    }
    return a.se < b.se ? a : b;
}

static F80 pick_nan(F80 a, const XNum *na, F80 b, const XNum *nb)
{
    bool a_nan = na->kind >= X_QNAN, b_nan = nb != NULL && nb->kind >= X_QNAN;

    if (!a_nan || !b_nan) {
        return quieted(a_nan ? a : b);
    }
    if (na->kind != nb->kind) {
        return na->kind == X_QNAN ? a : b;
    }
    return quieted(larger(a, b));
}

bool x_specials(F80 a, const XNum *na, F80 b, const XNum *nb, F80 *result, F80Env *env)
{
    unsigned kind = nb == NULL ? na->kind : MAX(na->kind, nb->kind);

    env->rounded_up = 0;
    if (kind < X_QNAN) {
        return false;
    }
    if (kind == X_BAD) {
        *result = sfp80_invalid(env);
        return true;
    }
    env->flags |= kind == X_SNAN ? F80_IE : 0;
    *result = pick_nan(a, na, b, nb);
    return true;
}

bool x_denormal(const XNum *na, const XNum *nb, F80Env *env)
{
    if (na->denormal != 0 || env->denormal != 0 || (nb != NULL && nb->denormal != 0)) {
        env->flags |= F80_DE;
        return (env->masks & F80_DE) == 0;
    }
    return false;
}
