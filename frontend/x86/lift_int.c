/* SPDX-License-Identifier: MIT */
/*
 * lift_int.c - arithmetic and logic of one and two operands.
 *
 * Flags are written behind the store of the result: a store that faults has done nothing.
 */
#include "frontend/x86/flags.h"
#include "frontend/x86/lift_int_priv.h"

X86Result x86_logic_result(X86Lift *l, IrRef value)
{
    IrType t = ir_type_of(l->blk, value);
    IrRef none = ir_const(l->blk, T_FLAGS, 0);

    return (X86Result){ .value = value,
                        .flags = ir_fnz(l->blk, t, none, value),
                        .kept = x86_kept(KEPT_CMP, t),
                        .x = value,
                        .y = ir_const(l->blk, t, 0) };
}

X86Result x86_sum(X86Lift *l, IrRef a, IrRef b)
{
    IrType t = ir_type_of(l->blk, a);
    IrPair p = ir_addf(l->blk, t, a, b);

    return (X86Result){
        .value = p.first, .flags = p.second, .kept = x86_kept(KEPT_ADD, t), .x = p.first, .y = b
    };
}

X86Result x86_difference(X86Lift *l, IrRef a, IrRef b)
{
    IrType t = ir_type_of(l->blk, a);
    IrPair p = ir_subf(l->blk, t, a, b);

    return (X86Result){
        .value = p.first, .flags = p.second, .kept = x86_kept(KEPT_CMP, t), .x = a, .y = b
    };
}

/* ADC, SBB */
static X86Result with_carry(X86Lift *l, unsigned op, IrRef a, IrRef b)
{
    IrType t = ir_type_of(l->blk, a);
    IrRef carry = x86_cf(l);
    IrPair p = op == ALU_ADC ? ir_adcf(l->blk, t, a, b, carry) : ir_sbbf(l->blk, t, a, b, carry);

    /* AF is bit 4 of a ^ b ^ r: r is in pf */
    return (X86Result){ .value = p.first,
                        .flags = p.second,
                        .kept = x86_kept(KEPT_PACKED, T_I8),
                        .x = p.first,
                        .y = ir_xor(l->blk, t, a, b) };
}

static X86Result arithmetic(X86Lift *l, unsigned op, IrRef a, IrRef b)
{
    X86Result r;

    if (op == ALU_ADC || op == ALU_SBB) {
        return with_carry(l, op, a, b);
    }
    if (op == ALU_ADD) {
        return x86_sum(l, a, b);
    }
    r = x86_difference(l, a, b);
    if (op == ALU_SUB) { /* the result is there to stay, the operand is not */
        r.kept = x86_kept(KEPT_SUB, ir_type_of(l->blk, a));
        r.x = r.value;
    }
    return r;
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

static void step(X86Lift *l, bool up)
{
    IrRef a = x86_get(l, 0);
    IrType t = ir_type_of(l->blk, a);
    IrRef one = ir_const(l->blk, t, 1);
    IrPair p = up ? ir_addf(l->blk, t, a, one) : ir_subf(l->blk, t, a, one);

    x86_put(l, 0, p.first);
    x86_set_step_flags(l, p, up);
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
