/* SPDX-License-Identifier: MIT */
/*
 * lift_int.c - arithmetic and logic of one and two operands.
 *
 * Flags are written behind the store of the result: a store that faults has done nothing.
 */
#include "frontend/x86/lift_int_priv.h"

void x86_set_result_flags(X86Lift *l, const X86Result *r)
{
    ir_set(l->blk, G_FLAGS, r->flags);
    x86_set_pf_af(l, r->value, r->af);
}

X86Result x86_logic_result(X86Lift *l, IrRef value)
{
    IrRef none = ir_const(l->blk, T_FLAGS, 0);

    return (X86Result){ value, ir_fnz(l->blk, ir_type_of(l->blk, value), none, value), IR_NONE };
}

static X86Result arithmetic(X86Lift *l, unsigned op, IrRef a, IrRef b)
{
    IrType t = ir_type_of(l->blk, a);
    IrRef carry = IR_NONE, x;
    IrPair p;

    if (op == ALU_ADC || op == ALU_SBB) {
        carry = x86_cf(l);
    }
    switch (op) {
    case ALU_ADD: p = ir_addf(l->blk, t, a, b); break;
    case ALU_ADC: p = ir_adcf(l->blk, t, a, b, carry); break;
    case ALU_SBB: p = ir_sbbf(l->blk, t, a, b, carry); break;
    default: p = ir_subf(l->blk, t, a, b); break;
    }
    x = ir_xor(l->blk, t, a, b);
    x = ir_xor(l->blk, t, x, p.first);
    return (X86Result){ p.first, p.second, x };
}

/* CF and OF are cleared; AF is undefined: 0. */
static X86Result logic(X86Lift *l, unsigned op, IrRef a, IrRef b)
{
    IrType t = ir_type_of(l->blk, a);
    IrRef r;

    switch (op) {
    case ALU_OR: r = ir_or(l->blk, t, a, b); break;
    case ALU_XOR: r = ir_xor(l->blk, t, a, b); break;
    default: r = ir_and(l->blk, t, a, b); break;
    }
    return x86_logic_result(l, r);
}

static bool is_logic(unsigned op)
{
    return op == ALU_OR || op == ALU_AND || op == ALU_XOR || op == ALU_TEST;
}

/* S, Z, O, P, A of @p, C as it was. */
static X86Result keep_carry(X86Lift *l, IrPair p, IrRef x)
{
    IrRef carry = x86_cf(l);
    IrRef flags = ir_fnzc(l->blk, ir_type_of(l->blk, p.first), p.second, p.first, carry);

    return (X86Result){ p.first, flags, x };
}

static void step(X86Lift *l, bool up)
{
    IrRef a = x86_get(l, 0), x;
    IrType t = ir_type_of(l->blk, a);
    IrRef one = ir_const(l->blk, t, 1);
    IrPair p = up ? ir_addf(l->blk, t, a, one) : ir_subf(l->blk, t, a, one);
    X86Result r;

    x = ir_xor(l->blk, t, a, one);
    x = ir_xor(l->blk, t, x, p.first);
    r = keep_carry(l, p, x);
    x86_put(l, 0, r.value);
    x86_set_result_flags(l, &r);
}

/* INC: first = first + 1 */
void x86_lift_inc(X86Lift *l) { step(l, true); }

/* DEC: first = first - 1 */
void x86_lift_dec(X86Lift *l) { step(l, false); }

/* NOT: first = ~first */
void x86_lift_not(X86Lift *l)
{
    IrRef a = x86_get(l, 0);

    x86_put(l, 0, ir_not(l->blk, ir_type_of(l->blk, a), a));
}

/* NEG: first = 0 - first */
void x86_lift_neg(X86Lift *l)
{
    IrRef a = x86_get(l, 0), zero = ir_const(l->blk, ir_type_of(l->blk, a), 0);
    X86Result r = arithmetic(l, ALU_SUB, zero, a);

    x86_put(l, 0, r.value);
    x86_set_result_flags(l, &r);
}

/* ADD OR ADC SBB AND SUB XOR CMP TEST: first = first op second */
void x86_lift_alu(X86Lift *l)
{
    unsigned op = x86_arg(l);
    IrRef a = x86_get(l, 0), b = x86_get(l, 1);
    X86Result r = is_logic(op) ? logic(l, op, a, b) : arithmetic(l, op, a, b);

    if (op != ALU_CMP && op != ALU_TEST) {
        x86_put(l, 0, r.value);
    }
    x86_set_result_flags(l, &r);
}
