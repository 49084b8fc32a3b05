/* SPDX-License-Identifier: MIT */
/* x87_ops.c - x87 instructions between registers. Spec: SDM Vol. 2, the entry of each. */
#include "frontend/x86/x87_priv.h"

/* ST(@dest) = @v unless @env's exceptions forbid; then pops. */
static void deliver(X86Fpu *f, const F80Env *env, unsigned dest, F80 v, unsigned pops)
{
    x87_raised(f, env);
    if (sfp80_stopped(env)) {
        return;
    }
    x87_set_st(f, dest, v);
    while (pops-- > 0) {
        x87_pop(f);
    }
}

/* An operand is empty. */
static void underflow(X86Fpu *f, unsigned dest, unsigned pops)
{
    if (x87_stack_fault(f, false)) {
        x87_set_st(f, dest, sfp80_indefinite());
        while (pops-- > 0) {
            x87_pop(f);
        }
    }
}

static void set_order(X86Fpu *f, F80Order order)
{
    static const uint16_t codes[] = { 0, X87_C0, X87_C3, X87_C3 | X87_C2 | X87_C0 };

    f->status = (uint16_t)((f->status & ~(X87_C0 | X87_C2 | X87_C3)) | codes[order]);
}

/* FCOM, FUCOM, FTST. */
static void compare(X86Fpu *f, F80 b, bool b_empty, bool quiet, unsigned pops, F80Env *env)
{
    if (x87_is_empty(f, 0) || b_empty) {
        set_order(f, F80_UN);
        if (!x87_stack_fault(f, false)) {
            return;
        }
    } else {
        set_order(f, sfp80_compare(x87_st(f, 0), b, quiet, env));
        x87_raised(f, env);
        if (sfp80_stopped(env)) {
            return;
        }
    }
    while (pops-- > 0) {
        x87_pop(f);
    }
}

static F80 compute(unsigned op, F80 a, F80 b, F80Env *env)
{
    switch (op) {
    case 0: return sfp80_add(a, b, env);
    case 1: return sfp80_mul(a, b, env);
    case 4: return sfp80_sub(a, b, env);
    case 5: return sfp80_sub(b, a, env);
    case 6: return sfp80_div(a, b, env);
    case 7: return sfp80_div(b, a, env);
    default: g_assert_not_reached();
    }
}

void x87_arith(X86Fpu *f, unsigned op, F80 b, bool b_empty, unsigned dest, unsigned pops,
               F80Env *env)
{
    if (op == 2 || op == 3) {
        compare(f, b, b_empty, false, op - 2 + pops, env);
    } else if (x87_is_empty(f, 0) || b_empty) {
        underflow(f, dest, pops);
    } else {
        F80 r = compute(op, x87_st(f, 0), b, env);

        deliver(f, env, dest, r, pops);
    }
}

static void exchange(X86Fpu *f, unsigned i)
{
    F80 a = x87_st(f, 0), b = x87_st(f, i);

    if (x87_is_empty(f, 0) || x87_is_empty(f, i)) {
        a = x87_is_empty(f, 0) ? sfp80_indefinite() : a;
        b = x87_is_empty(f, i) ? sfp80_indefinite() : b;
        if (!x87_stack_fault(f, false)) {
            return;
        }
    } else {
        f->status &= (uint16_t)~X87_C1;
    }
    x87_set_st(f, 0, b);
    x87_set_st(f, i, a);
}

/* FLD ST(i) */
static void duplicate(X86Fpu *f, unsigned i)
{
    F80 v = x87_st(f, i);

    if (x87_is_empty(f, i)) {
        if (!x87_stack_fault(f, false)) {
            return;
        }
        f->top = (f->top - 1) & 7;
        x87_set_st(f, 0, sfp80_indefinite());
        return;
    }
    f->status &= (uint16_t)~X87_C1;
    x87_push(f, v);
}

/* FST, FSTP ST(i) */
static void store(X86Fpu *f, unsigned i, unsigned pops)
{
    F80 v = x87_st(f, 0);

    if (x87_is_empty(f, 0)) {
        underflow(f, i, pops);
        return;
    }
    f->status &= (uint16_t)~X87_C1;
    x87_set_st(f, i, v);
    while (pops-- > 0) {
        x87_pop(f);
    }
}

/* D9 D8+i, an alias of FSTP ST(i) that knows no underflow. */
static void store_unasked(X86Fpu *f, unsigned i)
{
    if (x87_is_empty(f, 0)) {
        x87_pop(f);
        f->status &= (uint16_t)~X87_C1;
        return;
    }
    store(f, i, 1);
}

/* FCHS, FABS: whatever ST(0) holds. */
static void change_sign(X86Fpu *f, bool negate)
{
    F80 v = x87_st(f, 0);

    if (x87_is_empty(f, 0)) {
        underflow(f, 0, 0);
        return;
    }
    f->status &= (uint16_t)~X87_C1;
    v.se = negate ? v.se ^ 0x8000 : v.se & 0x7fff;
    x87_set_st(f, 0, v);
}

static void examine(X86Fpu *f)
{
    F80 v = x87_st(f, 0);
    unsigned class = x87_is_empty(f, 0) ? F80_EMPTY : sfp80_class(v);
    unsigned cc = ((class & 1) != 0 ? X87_C0 : 0) | ((class & 2) != 0 ? X87_C2 : 0)
                  | ((class & 4) != 0 ? X87_C3 : 0) | (v.se >> 15 != 0 ? X87_C1 : 0);

    f->status = (uint16_t)((f->status & ~X87_CC) | cc);
}

static void set_c2(X86Fpu *f, bool on)
{
    f->status = (uint16_t)((f->status & ~X87_C2) | (on ? X87_C2 : 0));
}

static void partial_remainder(X86Fpu *f, bool nearest)
{
    F80Env env = x87_env(f);
    F80Quotient q;
    unsigned cc;
    F80 r;

    f->status &= (uint16_t)~X87_C2;
    if (x87_is_empty(f, 0) || x87_is_empty(f, 1)) {
        underflow(f, 0, 0);
        return;
    }
    r = sfp80_rem(x87_st(f, 0), x87_st(f, 1), nearest, &q, &env);
    deliver(f, &env, 0, r, 0);
    if (q.none != 0) {
        return;
    }
    cc = ((q.low3 & 4) != 0 ? X87_C0 : 0) | ((q.low3 & 2) != 0 ? X87_C3 : 0)
         | ((q.low3 & 1) != 0 ? X87_C1 : 0) | (q.partial != 0 ? X87_C2 : 0);
    f->status = (uint16_t)((f->status & ~X87_CC) | cc);
}

/* Two results: ST(0) = @first, then @second is pushed. */
static void deliver_two(X86Fpu *f, const F80Env *env, F80 first, F80 second)
{
    x87_raised(f, env);
    if (!sfp80_stopped(env)) {
        x87_set_st(f, 0, first);
        f->top = (f->top - 1) & 7;
        x87_set_st(f, 0, second);
    }
}

/* An instruction that pushes a second result: false if ST(0) is empty or there is no room. */
static bool can_deliver_two(X86Fpu *f)
{
    bool empty = x87_is_empty(f, 0), full = !x87_is_empty(f, 7);

    if (!empty && !full) {
        return true;
    }
    if (x87_stack_fault(f, !empty)) {
        x87_set_st(f, 0, sfp80_indefinite());
        f->top = (f->top - 1) & 7;
        x87_set_st(f, 0, sfp80_indefinite());
    }
    return false;
}

static void extract(X86Fpu *f)
{
    F80Env env = x87_env(f);
    F80 exponent = { 0, 0 }, significand;

    if (can_deliver_two(f)) {
        significand = sfp80_extract(x87_st(f, 0), &exponent, &env);
        deliver_two(f, &env, exponent, significand);
    }
}

static void tangent(X86Fpu *f)
{
    F80Env env = x87_env(f);
    F80 t, one = sfp80_from_int(1);

    if (!can_deliver_two(f)) {
        return;
    }
    set_c2(f, false);
    if (!sfp80_ptan(x87_st(f, 0), &t, &env)) {
        set_c2(f, true);
        f->status &= (uint16_t)~X87_C1;
        return;
    }
    deliver_two(f, &env, t, sfp80_is_nan(t) ? t : one);
}

static void sine_and_cosine(X86Fpu *f)
{
    F80Env env = x87_env(f);
    F80 s, c;

    if (!can_deliver_two(f)) {
        return;
    }
    set_c2(f, false);
    if (!sfp80_sincos(x87_st(f, 0), &s, &c, &env)) {
        set_c2(f, true);
        f->status &= (uint16_t)~X87_C1;
        return;
    }
    deliver_two(f, &env, s, c);
}

static void sine_or_cosine(X86Fpu *f, bool cosine)
{
    F80Env env = x87_env(f);
    F80 r;

    if (x87_is_empty(f, 0)) {
        underflow(f, 0, 0);
        return;
    }
    set_c2(f, false);
    if (!sfp80_sincos(x87_st(f, 0), cosine ? NULL : &r, cosine ? &r : NULL, &env)) {
        set_c2(f, true);
        f->status &= (uint16_t)~X87_C1;
        return;
    }
    deliver(f, &env, 0, r, 0);
}

/* ST(0) = fn(ST(0)) */
static void unary(X86Fpu *f, F80 (*fn)(F80 a, F80Env *env))
{
    F80Env env = x87_env(f);
    F80 r;

    if (x87_is_empty(f, 0)) {
        underflow(f, 0, 0);
        return;
    }
    r = fn(x87_st(f, 0), &env);
    deliver(f, &env, 0, r, 0);
}

/* ST(1) = fn(ST(1), ST(0)), and pops */
static void binary(X86Fpu *f, F80 (*fn)(F80 y, F80 x, F80Env *env))
{
    F80Env env = x87_env(f);
    F80 r;

    if (x87_is_empty(f, 0) || x87_is_empty(f, 1)) {
        underflow(f, 1, 1);
        return;
    }
    r = fn(x87_st(f, 1), x87_st(f, 0), &env);
    deliver(f, &env, 1, r, 1);
}

static void scale(X86Fpu *f)
{
    F80Env env = x87_env(f);
    F80 r;

    if (x87_is_empty(f, 0) || x87_is_empty(f, 1)) {
        underflow(f, 0, 0);
        return;
    }
    r = sfp80_scale(x87_st(f, 0), x87_st(f, 1), &env);
    deliver(f, &env, 0, r, 0);
}

static void rotate(X86Fpu *f, unsigned by)
{
    f->top = (f->top + by) & 7;
    f->status &= (uint16_t)~X87_C1;
}

static void constant(X86Fpu *f, unsigned which)
{
    F80Env env = x87_env(f);

    f->status &= (uint16_t)~X87_C1;
    x87_push(f, sfp80_constant(which, &env));
}

/* D9 E0 to FF */
static void op_d9(X86Fpu *f, unsigned modrm)
{
    F80Env env = x87_env(f);

    switch (modrm) {
    case 0xe0: change_sign(f, true); break;
    case 0xe1: change_sign(f, false); break;
    case 0xe4: compare(f, (F80){ 0, 0 }, false, false, 0, &env); break;
    case 0xe5: examine(f); break;
    case 0xf0: unary(f, sfp80_2xm1); break;
    case 0xf1: binary(f, sfp80_yl2x); break;
    case 0xf2: tangent(f); break;
    case 0xf3: binary(f, sfp80_patan); break;
    case 0xf4: extract(f); break;
    case 0xf5: partial_remainder(f, true); break;
    case 0xf6: rotate(f, 7); break;
    case 0xf7: rotate(f, 1); break;
    case 0xf8: partial_remainder(f, false); break;
    case 0xf9: binary(f, sfp80_yl2xp1); break;
    case 0xfa: unary(f, sfp80_sqrt); break;
    case 0xfb: sine_and_cosine(f); break;
    case 0xfc: unary(f, sfp80_round_int); break;
    case 0xfd: scale(f); break;
    case 0xfe: sine_or_cosine(f, false); break;
    case 0xff: sine_or_cosine(f, true); break;
    default: constant(f, modrm & 7); break; /* E8 to EE */
    }
}

static void free_register(X86Fpu *f, unsigned i, unsigned pops)
{
    f->tags |= (uint8_t)(1u << x87_physical(f, i));
    f->status &= (uint16_t)~X87_C1;
    while (pops-- > 0) {
        x87_pop(f);
    }
}

/* FCOM and FUCOM forms with their pops. */
static void compare_with(X86Fpu *f, unsigned i, bool quiet, unsigned pops)
{
    F80Env env = x87_env(f);

    compare(f, x87_st(f, i), x87_is_empty(f, i), quiet, pops, &env);
}

static void op_dd(X86Fpu *f, unsigned reg, unsigned i)
{
    switch (reg) {
    case 0: free_register(f, i, 0); break;
    case 1: exchange(f, i); break;
    case 2: store(f, i, 0); break;
    case 3: store(f, i, 1); break;
    case 4: compare_with(f, i, true, 0); break;
    case 5: compare_with(f, i, true, 1); break;
    default: g_assert_not_reached();
    }
}

static void op_df(X86Fpu *f, unsigned reg, unsigned i)
{
    switch (reg) {
    case 0: free_register(f, i, 1); break;
    case 1: exchange(f, i); break;
    case 2:
    case 3: store(f, i, 1); break;
    default: g_assert_not_reached();
    }
}

static void op_d9_low(X86Fpu *f, unsigned reg, unsigned i)
{
    switch (reg) {
    case 0: duplicate(f, i); break;
    case 1: exchange(f, i); break;
    case 2: break; /* FNOP */
    case 3: store_unasked(f, i); break;
    default: g_assert_not_reached();
    }
}

/* D8, DC and DE: the same operations with another destination, DE pops too. */
static void op_arith(X86Fpu *f, unsigned esc, unsigned reg, unsigned i)
{
    F80Env env = x87_env(f);
    bool to_top = esc == 0 || reg == 2 || reg == 3;

    x87_arith(f, reg, x87_st(f, i), x87_is_empty(f, i), to_top ? 0 : i, esc == 6, &env);
}

void x87_op(X86Fpu *f, unsigned fop)
{
    unsigned esc = x87_esc(fop), reg = x87_reg(fop), i = x87_rm(fop);

    switch (esc) {
    case 1:
        if (reg >= 4) {
            op_d9(f, fop & 0xff);
        } else {
            op_d9_low(f, reg, i);
        }
        break;
    case 2: compare_with(f, 1, true, 2); break; /* FUCOMPP */
    case 5: op_dd(f, reg, i); break;
    case 7: op_df(f, reg, i); break;
    case 6:
        if (reg == 2) { /* an alias of FCOMP */
            compare_with(f, i, false, 1);
            break;
        }
        op_arith(f, esc, reg, i);
        break;
    default: op_arith(f, esc, reg, i); break;
    }
}

uint32_t x87_comi(X86Fpu *f, unsigned fop)
{
    static const uint32_t codes[] = { 0, EFL_CF, EFL_ZF, EFL_ZF | EFL_PF | EFL_CF };
    F80Env env = x87_env(f);
    unsigned i = x87_rm(fop);
    F80Order order = F80_UN;

    if (x87_is_empty(f, 0) || x87_is_empty(f, i)) {
        if (!x87_stack_fault(f, false)) {
            return codes[order];
        }
    } else {
        order = sfp80_compare(x87_st(f, 0), x87_st(f, i), x87_reg(fop) == 5, &env);
        f->status |= (uint16_t)env.flags; /* C1 stays, as on Intel's processors */
        if (sfp80_stopped(&env)) {
            return codes[order];
        }
    }
    if (x87_esc(fop) == 7) {
        x87_pop(f);
    }
    return codes[order];
}

void x87_cmov(X86Fpu *f, unsigned fop, bool holds)
{
    unsigned i = x87_rm(fop);

    if (x87_is_empty(f, 0) || x87_is_empty(f, i)) {
        underflow(f, 0, 0);
        return;
    }
    if (holds) {
        x87_set_st(f, 0, x87_st(f, i));
    }
}
