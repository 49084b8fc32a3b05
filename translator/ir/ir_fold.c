/* SPDX-License-Identifier: MIT */
/*
 * ir_fold.c - what operations become while a block is built.
 *
 * Constants are computed by ir_eval(), so they are what the rows of ir_ops.def say. Each rewriting
 * leaves fewer operations to look at or a constant nearer the end, so it terminates. FP is never
 * folded: it reads and writes an environment.
 */
#include "base/bits.h"
#include "translator/ir/ir.h"
#include "translator/ir/ir_priv.h"

static bool is_op(const IrBlock *blk, IrRef ref, IrOp op)
{
    return ref % 2 == 0 && ir_def(blk, ref)->op == op;
}

static bool is_value(const IrBlock *blk, IrRef ref, uint64_t value)
{
    uint64_t v;

    return ir_is_const(blk, ref, &v) && v == value;
}

static IrRef make_const(IrBlock *blk, IrType type, uint64_t value)
{
    return ir_append(blk, IR_const, type, IR_NONE, IR_NONE, IR_NONE, value & ir_type_mask(type));
}

static bool commutes(unsigned op)
{
    switch (op) {
    case IR_add:
    case IR_mul:
    case IR_and:
    case IR_or:
    case IR_xor:
    case IR_eq:
    case IR_ne:
    case IR_umul2:
    case IR_smul2:
    case IR_addf:
    case IR_adcf: return true;
    default: return false;
    }
}

/* Constants behind, and whether all operands are. */
static bool constants_last(const IrBlock *blk, IrInsn *in, uint64_t v[3])
{
    bool a = ir_is_const(blk, in->a, &v[0]), b = ir_is_const(blk, in->b, &v[1]);
    bool c = ir_is_const(blk, in->c, &v[2]);

    if (a && !b && in->b != IR_NONE && commutes(in->op)) {
        IrRef swap = in->a;

        in->a = in->b;
        in->b = swap;
        v[1] = v[0];
    }
    return (a || in->a == IR_NONE) && (b || in->b == IR_NONE) && (c || in->c == IR_NONE);
}

/* ---- one operand ---- */

static IrRef fold_not(IrBlock *blk, const IrInsn *in)
{
    const IrInsn *d = ir_def(blk, in->a);

    if (in->a % 2 != 0) {
        return IR_NONE;
    }
    switch (d->op) {
    case IR_not: return d->a;
    case IR_eq: return ir_ne(blk, d->type, d->a, d->b);
    case IR_ne: return ir_eq(blk, d->type, d->a, d->b);
    case IR_ltu: return ir_leu(blk, d->type, d->b, d->a);
    case IR_leu: return ir_ltu(blk, d->type, d->b, d->a);
    case IR_lts: return ir_les(blk, d->type, d->b, d->a);
    case IR_les: return ir_lts(blk, d->type, d->b, d->a);
    case IR_fcond: return ir_fcond(blk, T_NO, d->a, d->imm ^ 1);
    default: return IR_NONE;
    }
}

static IrRef fold_zext(IrBlock *blk, const IrInsn *in)
{
    const IrInsn *d = ir_def(blk, in->a);

    if (is_op(blk, in->a, IR_zext)) {
        return ir_zext(blk, in->type, d->a);
    }
    if (is_op(blk, in->a, IR_trunc) && ir_type_of(blk, d->a) == in->type) {
        IrRef x = d->a, mask = make_const(blk, in->type, ir_type_mask(d->type));

        return ir_and(blk, in->type, x, mask);
    }
    return IR_NONE;
}

static IrRef fold_trunc(IrBlock *blk, const IrInsn *in)
{
    const IrInsn *d = ir_def(blk, in->a);
    IrType from;

    if (is_op(blk, in->a, IR_trunc)) {
        return ir_trunc(blk, in->type, d->a);
    }
    if (is_op(blk, in->a, IR_zext)) {
        from = ir_type_of(blk, d->a);
        return from == in->type  ? d->a
               : from < in->type ? ir_zext(blk, in->type, d->a)
                                 : ir_trunc(blk, in->type, d->a);
    }
    return IR_NONE;
}

static IrRef fold_sext(IrBlock *blk, const IrInsn *in)
{
    const IrInsn *d = ir_def(blk, in->a);
    uint64_t mask, low = bits_mask((unsigned)in->imm);

    if (in->imm == ir_type_bits(in->type)) {
        return in->a;
    }
    if (is_op(blk, in->a, IR_sext)) {
        return d->imm <= in->imm ? in->a : ir_sext(blk, in->type, d->a, in->imm);
    }
    if (is_op(blk, in->a, IR_and) && ir_is_const(blk, d->b, &mask) && (mask & low) == low) {
        return ir_sext(blk, in->type, d->a, in->imm);
    }
    return IR_NONE;
}

static IrRef fold_bits(IrBlock *blk, const IrInsn *in)
{
    const IrInsn *d = ir_def(blk, in->a);

    if (ir_type_of(blk, in->a) == in->type) {
        return in->a;
    }
    return is_op(blk, in->a, IR_bits) ? ir_bits(blk, in->type, d->a) : IR_NONE;
}

static IrRef fold_fpack(IrBlock *blk, const IrInsn *in)
{
    IrRef x, mask;

    if (!is_op(blk, in->a, IR_funpack)) {
        return IR_NONE;
    }
    x = ir_def(blk, in->a)->a;
    mask = make_const(blk, T_I32, IR_FL_ALL);
    return ir_and(blk, T_I32, x, mask);
}

/* A condition that needs only what an operation on flags has kept or been given. */
static IrRef fold_fcond(IrBlock *blk, const IrInsn *in)
{
    const IrInsn *d = ir_def(blk, in->a);
    unsigned cc = in->imm & ~1u;

    if (is_op(blk, in->a, IR_finvc) && cc != CC_BE) {
        return ir_fcond(blk, T_NO, d->a, cc == CC_C ? in->imm ^ 1 : in->imm);
    }
    if (is_op(blk, in->a, IR_fnz) && (cc == CC_C || cc == CC_O)) {
        return ir_fcond(blk, T_NO, d->a, in->imm);
    }
    if (is_op(blk, in->a, IR_fnzc) && cc == CC_O) {
        return ir_fcond(blk, T_NO, d->a, in->imm);
    }
    if (is_op(blk, in->a, IR_fnzc) && cc == CC_C) {
        return in->imm == CC_C ? d->c : ir_not(blk, T_I1, d->c);
    }
    return IR_NONE;
}

/* ---- two operands ---- */

/* Both operands the same value. */
static IrRef fold_twins(IrBlock *blk, const IrInsn *in)
{
    switch (in->op) {
    case IR_and:
    case IR_or: return in->a;
    case IR_sub:
    case IR_xor:
    case IR_andc: return make_const(blk, in->type, 0);
    case IR_eq:
    case IR_leu:
    case IR_les: return make_const(blk, T_I1, 1);
    case IR_ne:
    case IR_ltu:
    case IR_lts: return make_const(blk, T_I1, 0);
    default: return IR_NONE;
    }
}

/* (x op k1) op k2 is x op (k1 op k2). */
static IrRef fold_chain(IrBlock *blk, const IrInsn *in, uint64_t k)
{
    const IrInsn *d = ir_def(blk, in->a);
    uint64_t k1;
    IrRef x, both;

    if (!is_op(blk, in->a, in->op) || !ir_is_const(blk, d->b, &k1)) {
        return IR_NONE;
    }
    x = d->a;
    both = make_const(blk, in->type, ir_eval(in->op, in->type, k1, k, 0, 0).v[0]);
    return ir_emit(blk, in->op, in->type, x, both, IR_NONE, 0);
}

static IrRef fold_and(IrBlock *blk, const IrInsn *in, uint64_t k)
{
    uint64_t from;

    if (k == 0) {
        return in->b;
    }
    if (is_op(blk, in->a, IR_zext)) {
        from = ir_type_mask(ir_type_of(blk, ir_def(blk, in->a)->a));
        if ((k & from) == from) {
            return in->a;
        }
    }
    return k == ir_type_mask(in->type) ? in->a : fold_chain(blk, in, k);
}

static IrRef fold_xor(IrBlock *blk, const IrInsn *in, uint64_t k)
{
    if (k == ir_type_mask(in->type)) {
        return ir_not(blk, in->type, in->a);
    }
    return k == 0 ? in->a : fold_chain(blk, in, k);
}

static IrRef fold_mul(IrBlock *blk, const IrInsn *in, uint64_t k)
{
    if (k == 0) {
        return in->b;
    }
    if (bits_popcount64(k) == 1) {
        return ir_shl(blk, in->type, in->a, make_const(blk, in->type, bits_ctz64(k)));
    }
    return fold_chain(blk, in, k);
}

static IrRef fold_shift(IrBlock *blk, const IrInsn *in, uint64_t k)
{
    uint64_t by = k & (ir_type_bits(in->type) - 1);

    if (by == 0) {
        return in->a;
    }
    return by == k
               ? IR_NONE
               : ir_emit(blk, in->op, in->type, in->a, make_const(blk, in->type, by), IR_NONE, 0);
}

/* eq and ne of an I1, also one that was widened, with a constant. */
static IrRef fold_equal(IrBlock *blk, const IrInsn *in, uint64_t k)
{
    IrRef x = in->a;

    if (is_op(blk, x, IR_zext)) {
        x = ir_def(blk, x)->a;
    }
    if (ir_type_of(blk, x) != T_I1) {
        return IR_NONE;
    }
    if (k > 1) {
        return make_const(blk, T_I1, in->op == IR_ne);
    }
    return (k == 1) == (in->op == IR_eq) ? x : ir_not(blk, T_I1, x);
}

/* The second operand is constant @k, the first is not. */
static IrRef fold_with_const(IrBlock *blk, const IrInsn *in, uint64_t k)
{
    uint64_t all = ir_type_mask(in->type);

    switch (in->op) {
    case IR_add: return k == 0 ? in->a : fold_chain(blk, in, k);
    case IR_sub: return ir_add(blk, in->type, in->a, make_const(blk, in->type, 0 - k));
    case IR_mul: return fold_mul(blk, in, k);
    case IR_udiv:
        if (bits_popcount64(k) != 1) {
            return IR_NONE;
        }
        return ir_shr(blk, in->type, in->a, make_const(blk, in->type, bits_ctz64(k)));
    case IR_and: return fold_and(blk, in, k);
    case IR_andc: return ir_and(blk, in->type, in->a, make_const(blk, in->type, ~k));
    case IR_or: return k == 0 ? in->a : k == all ? in->b : fold_chain(blk, in, k);
    case IR_xor: return fold_xor(blk, in, k);
    case IR_shl:
    case IR_shr:
    case IR_sar:
    case IR_ror: return fold_shift(blk, in, k);
    case IR_eq:
    case IR_ne: return fold_equal(blk, in, k);
    case IR_ltu: return k == 0 ? make_const(blk, T_I1, 0) : IR_NONE;
    case IR_leu: return k == all ? make_const(blk, T_I1, 1) : IR_NONE;
    default: return IR_NONE;
    }
}

/* The first operand is constant @k, the second is not, and the operation does not commute. */
static IrRef fold_const_first(IrBlock *blk, const IrInsn *in, uint64_t k)
{
    switch (in->op) {
    case IR_sub: return k == 0 ? ir_neg(blk, in->type, in->b) : IR_NONE;
    case IR_andc:
        return k == 0                        ? in->a
               : k == ir_type_mask(in->type) ? ir_not(blk, in->type, in->b)
                                             : IR_NONE;
    case IR_udiv:
    case IR_sdiv:
    case IR_shl:
    case IR_shr:
    case IR_sar:
    case IR_ror: return k == 0 ? in->a : IR_NONE;
    case IR_ltu: return k == ir_type_mask(in->type) ? make_const(blk, T_I1, 0) : IR_NONE;
    case IR_leu: return k == 0 ? make_const(blk, T_I1, 1) : IR_NONE;
    default: return IR_NONE;
    }
}

/* ---- three operands ---- */

static IrRef fold_select(IrBlock *blk, const IrInsn *in)
{
    uint64_t k;

    if (ir_is_const(blk, in->a, &k)) {
        return k != 0 ? in->b : in->c;
    }
    if (in->b == in->c) {
        return in->b;
    }
    if (is_op(blk, in->a, IR_not)) {
        return ir_emit(blk, in->op, in->type, ir_def(blk, in->a)->a, in->c, in->b, 0);
    }
    if (in->op == IR_select && is_value(blk, in->b, 1) && is_value(blk, in->c, 0)) {
        return in->type == T_I1 ? in->a : ir_zext(blk, in->type, in->a);
    }
    return IR_NONE;
}

static IrRef fold_by_op(IrBlock *blk, const IrInsn *in)
{
    switch (in->op) {
    case IR_not: return fold_not(blk, in);
    case IR_finvc:
    case IR_neg: return is_op(blk, in->a, in->op) ? ir_def(blk, in->a)->a : IR_NONE;
    case IR_zext: return fold_zext(blk, in);
    case IR_trunc: return fold_trunc(blk, in);
    case IR_sext: return fold_sext(blk, in);
    case IR_bits: return fold_bits(blk, in);
    case IR_funpack: return is_op(blk, in->a, IR_fpack) ? ir_def(blk, in->a)->a : IR_NONE;
    case IR_fpack: return fold_fpack(blk, in);
    case IR_fcond: return fold_fcond(blk, in);
    case IR_select:
    case IR_fselect: return fold_select(blk, in);
    default: return in->b != IR_NONE && in->a == in->b ? fold_twins(blk, in) : IR_NONE;
    }
}

IrRef ir_fold(IrBlock *blk, IrInsn *in)
{
    const IrOpInfo *info = &ir_op_info[in->op];
    uint64_t v[3] = { 0, 0, 0 };
    IrRef r;

    if (info->effect != E_PURE || info->imm == IMM_LANE) {
        return IR_NONE;
    }
    if (in->op == IR_const) {
        in->imm &= ir_type_mask(in->type);
        return IR_NONE;
    }
    if (constants_last(blk, in, v)) {
        IrType type = ir_col_type(info->dst[0], in->type);

        return make_const(blk, type, ir_eval(in->op, in->type, v[0], v[1], v[2], in->imm).v[0]);
    }
    r = fold_by_op(blk, in);
    if (r != IR_NONE || in->b == IR_NONE || in->c != IR_NONE) {
        return r;
    }
    if (ir_is_const(blk, in->b, &v[1])) {
        return fold_with_const(blk, in, v[1]);
    }
    return ir_is_const(blk, in->a, &v[0]) ? fold_const_first(blk, in, v[0]) : IR_NONE;
}

IrPair ir_fold2(IrBlock *blk, IrInsn *in)
{
    const IrOpInfo *info = &ir_op_info[in->op];
    IrPair pair = { IR_NONE, IR_NONE };
    uint64_t v[3] = { 0, 0, 0 };

    if (constants_last(blk, in, v)) {
        IrResult r = ir_eval(in->op, in->type, v[0], v[1], v[2], 0);

        pair.first = make_const(blk, ir_col_type(info->dst[0], in->type), r.v[0]);
        pair.second = make_const(blk, ir_col_type(info->dst[1], in->type), r.v[1]);
    } else if (in->op == IR_adcf && is_value(blk, in->c, 0)) {
        pair = ir_addf(blk, in->type, in->a, in->b);
    } else if (in->op == IR_sbbf && is_value(blk, in->c, 0)) {
        pair = ir_subf(blk, in->type, in->a, in->b);
    }
    return pair;
}
