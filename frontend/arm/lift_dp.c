/* SPDX-License-Identifier: MIT */
/* lift_dp.c - data processing: arithmetic, logic, moves, A8.6 of the A32 and T32 tables A5, A6. */
#include "base/bits.h"
#include "frontend/arm/lift_int_priv.h"

bool arm_any_pc(const ArmLift *l, const char *letters)
{
    for (; *letters; letters++) {
        if (arm_is_pc(l, *letters)) {
            return true;
        }
    }
    return false;
}

IrRef arm_base(ArmLift *l, unsigned n)
{
    return n == 15 ? arm_const(l, (l->pc & ~3u) + (l->mode & MODE_T ? 4 : 8)) : arm_get(l, n);
}

void arm_set_nz(ArmLift *l, IrType t, IrRef v)
{
    arm_set_global(l, G_FLAGS, ir_fnz(l->blk, t, ir_get(l->blk, G_FLAGS), v));
}

void arm_or_q(ArmLift *l, IrRef saturated)
{
    IrRef q = ir_get(l->blk, G_Q), bit = ir_zext(l->blk, T_I32, saturated);

    arm_set_global(l, G_Q, ir_or(l->blk, T_I32, q, bit));
}

IrRef arm_wide(ArmLift *l, IrRef v, bool is_signed)
{
    IrRef wide = ir_zext(l->blk, T_I64, v);

    return is_signed ? ir_sext(l->blk, T_I64, wide, 32) : wide;
}

IrRef arm_low(ArmLift *l, IrRef wide) { return ir_trunc(l->blk, T_I32, wide); }

IrRef arm_high(ArmLift *l, IrRef wide)
{
    IrRef high = ir_shr(l->blk, T_I64, wide, ir_const(l->blk, T_I64, 32));

    return ir_trunc(l->blk, T_I32, high);
}

static bool is_compare(DpOp op) { return op >= DP_TST && op <= DP_CMN; }

static bool is_logical(DpOp op)
{
    return op == DP_AND || op == DP_EOR || op == DP_TST || op == DP_TEQ || op >= DP_ORR;
}

static IrRef logical(ArmLift *l, DpOp op, IrRef a, IrRef b)
{
    switch (op) {
    case DP_AND:
    case DP_TST: return ir_and(l->blk, T_I32, a, b);
    case DP_EOR:
    case DP_TEQ: return ir_xor(l->blk, T_I32, a, b);
    case DP_ORR: return ir_or(l->blk, T_I32, a, b);
    case DP_BIC: return ir_andc(l->blk, T_I32, a, b);
    case DP_MOV: return b;
    case DP_MVN: return ir_not(l->blk, T_I32, b);
    case DP_ORN: return ir_or(l->blk, T_I32, a, ir_not(l->blk, T_I32, b));
    default: g_assert_not_reached();
    }
}

static IrRef borrow_in(ArmLift *l)
{
    IrRef flags = ir_get(l->blk, G_FLAGS);

    return ir_fcond(l->blk, T_NO, flags, CC_C);
}

/* a + b with flags. a - (-b) is the same, borrow for carry, unless b is 0 or its own negative. */
static IrPair add_flags(ArmLift *l, IrRef a, IrRef b)
{
    uint64_t k;
    IrPair sum;

    if (ir_is_const(l->blk, b, &k) && (k & INT32_MAX) != 0) {
        return ir_subf(l->blk, T_I32, a, arm_const(l, 0 - (uint32_t)k));
    }
    sum = ir_addf(l->blk, T_I32, a, b);
    sum.second = ir_finvc(l->blk, T_NO, sum.second);
    return sum;
}

/* Sum or difference with flags; a + b + C is a - ~b - borrow. */
static IrPair arithmetic_flags(ArmLift *l, DpOp op, IrRef a, IrRef b)
{
    IrRef in;

    switch (op) {
    case DP_SUB:
    case DP_CMP: return ir_subf(l->blk, T_I32, a, b);
    case DP_RSB: return ir_subf(l->blk, T_I32, b, a);
    case DP_ADD:
    case DP_CMN: return add_flags(l, a, b);
    case DP_ADC:
        in = borrow_in(l);
        b = ir_not(l->blk, T_I32, b);
        return ir_sbbf(l->blk, T_I32, a, b, in);
    case DP_SBC: return ir_sbbf(l->blk, T_I32, a, b, borrow_in(l));
    case DP_RSC: return ir_sbbf(l->blk, T_I32, b, a, borrow_in(l));
    default: g_assert_not_reached();
    }
}

static IrRef arithmetic(ArmLift *l, DpOp op, IrRef a, IrRef b)
{
    IrRef in;

    switch (op) {
    case DP_SUB: return ir_sub(l->blk, T_I32, a, b);
    case DP_RSB: return ir_sub(l->blk, T_I32, b, a);
    case DP_ADD: return ir_add(l->blk, T_I32, a, b);
    case DP_ADC:
        in = ir_zext(l->blk, T_I32, arm_carry(l));
        a = ir_add(l->blk, T_I32, a, b);
        return ir_add(l->blk, T_I32, a, in);
    case DP_SBC:
        in = ir_zext(l->blk, T_I32, borrow_in(l));
        a = ir_sub(l->blk, T_I32, a, b);
        return ir_sub(l->blk, T_I32, a, in);
    case DP_RSC:
        in = ir_zext(l->blk, T_I32, borrow_in(l));
        a = ir_sub(l->blk, T_I32, b, a);
        return ir_sub(l->blk, T_I32, a, in);
    default: g_assert_not_reached();
    }
}

/* Flags of a logical operation: N and Z of the result, C of the shifter, V kept. */
static IrRef logical_flags(ArmLift *l, IrRef result, IrRef borrow)
{
    IrRef old = ir_get(l->blk, G_FLAGS);

    return borrow == IR_NONE ? ir_fnz(l->blk, T_I32, old, result)
                             : ir_fnzc(l->blk, T_I32, old, result, borrow);
}

/* Rd = Rn op operand; flags if @s. */
static void operate(ArmLift *l, DpOp op, bool s, IrRef a, ArmOperand b)
{
    IrRef result, flags = IR_NONE;

    if (is_logical(op)) {
        result = logical(l, op, a, b.value);
        if (s) {
            flags = logical_flags(l, result, b.borrow);
        }
    } else if (s) {
        IrPair p = arithmetic_flags(l, op, a, b.value);

        result = p.first;
        flags = p.second;
    } else {
        result = arithmetic(l, op, a, b.value);
    }
    if (s) {
        arm_set_global(l, G_FLAGS, flags);
    }
    if (is_compare(op)) {
        return;
    }
    if (arm_is_pc(l, 'd')) {
        arm_alu_write_pc(l, result);
    } else {
        arm_set(l, arm_field(l, 'd'), result);
    }
}

/* Rn, of those that have one. */
static IrRef first(ArmLift *l, DpOp op)
{
    return op == DP_MOV || op == DP_MVN ? IR_NONE : arm_get(l, arm_field(l, 'n'));
}

static bool sets_flags(const ArmLift *l, DpOp op) { return is_compare(op) || arm_field(l, 's'); }

/* A6.3: Rd == PC in a 32-bit T32 form is UNPREDICTABLE; we raise UNDEF. */
static bool bad_target(const ArmLift *l, DpOp op)
{
    return l->row->thumb == 4 && !is_compare(op) && arm_is_pc(l, 'd');
}

static ArmOperand constant(ArmLift *l, uint32_t v, bool carry)
{
    IrRef borrow = carry ? ir_const(l->blk, T_I1, ~v >> 31) : IR_NONE;

    return (ArmOperand){ arm_const(l, v), borrow };
}

static uint32_t rotate(uint32_t v, unsigned n) { return n == 0 ? v : v >> n | v << (32 - n); }

/* A5.2.4 ARMExpandImm_C */
static ArmOperand arm_expand(ArmLift *l, uint32_t i)
{
    unsigned n = i >> 8 << 1;

    return constant(l, rotate(i & 0xff, n), n != 0);
}

/* A6.3.2 ThumbExpandImm_C; the doubled forms of imm8 == 0 are UNPREDICTABLE, we give 0. */
static ArmOperand thumb_expand(ArmLift *l, uint32_t i)
{
    static const uint32_t times[4] = { 0x1, 0x00010001, 0x01000100, 0x01010101 };

    if (i >> 10 == 0) {
        return constant(l, (i & 0xff) * times[i >> 8], false);
    }
    return constant(l, rotate((i & 0x7f) | 0x80, i >> 7), true);
}

/* <op>{S} Rd, Rn, #const: Rd = Rn op const */
void lift_dp_imm(ArmLift *l)
{
    DpOp op = arm_arg(l);
    uint32_t i = arm_field(l, 'i');
    ArmOperand b = l->row->thumb ? thumb_expand(l, i) : arm_expand(l, i);

    if (bad_target(l, op)) {
        arm_undefined(l);
        return;
    }
    operate(l, op, sets_flags(l, op), first(l, op), b);
}

/* <op>{S} Rd, Rn, #imm: Rd = Rn op imm, not expanded; the pc is Align(PC, 4): ADR */
void lift_dp_plain(ArmLift *l)
{
    DpOp op = arm_arg(l);
    uint32_t i = arm_field(l, 'i') << arm_field(l, 'k');

    if (bad_target(l, op)) {
        arm_undefined(l);
        return;
    }
    operate(l, op, sets_flags(l, op), op == DP_MOV ? IR_NONE : arm_base(l, arm_field(l, 'n')),
            constant(l, i, false));
}

/* <op>{S} Rd, Rn, Rm, shift #n: Rd = Rn op Shift(Rm, n) */
void lift_dp_reg(ArmLift *l)
{
    DpOp op = arm_arg(l);
    bool s = sets_flags(l, op);
    IrRef a, m;

    if (bad_target(l, op)) {
        arm_undefined(l);
        return;
    }
    a = first(l, op);
    m = arm_get(l, arm_field(l, 'm'));
    operate(l, op, s, a,
            arm_shift_imm(l, arm_field(l, 'y'), arm_field(l, 'i'), m, s && is_logical(op)));
}

/* <op>{S} Rd, Rn, Rm, shift Rs: Rd = Rn op Shift(Rm, Rs<7:0>) */
void lift_dp_rsr(ArmLift *l)
{
    DpOp op = arm_arg(l);
    bool s = sets_flags(l, op);
    IrRef a, m, by;

    if (arm_any_pc(l, "dnmr")) { /* A8.8: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    a = first(l, op);
    m = arm_get(l, arm_field(l, 'm'));
    by = arm_get(l, arm_field(l, 'r'));
    operate(l, op, s, a, arm_shift_reg(l, arm_field(l, 'y'), by, m, s && is_logical(op)));
}

/* MOV, LSL, LSR, ASR, ROR{S} Rd, Rm, #n; RRX: Rd = Shift(Rm, n) */
void lift_shift_imm(ArmLift *l)
{
    bool s = arm_field(l, 's') != 0;
    IrRef m;

    if (bad_target(l, DP_MOV)) {
        arm_undefined(l);
        return;
    }
    m = arm_get(l, arm_field(l, 'm'));
    operate(l, DP_MOV, s, IR_NONE, arm_shift_imm(l, arm_arg(l), arm_field(l, 'i'), m, s));
}

/* LSL, LSR, ASR, ROR{S} Rd, Rm, Rs: Rd = Shift(Rm, Rs<7:0>) */
void lift_shift_reg(ArmLift *l)
{
    bool s = arm_field(l, 's') != 0;
    IrRef m, by;

    if (arm_any_pc(l, "dmr")) { /* A8.8.95: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    m = arm_get(l, arm_field(l, 'm'));
    by = arm_get(l, arm_field(l, 'r'));
    operate(l, DP_MOV, s, IR_NONE, arm_shift_reg(l, arm_arg(l), by, m, s));
}

/* The immediate of MOVW and MOVT; T32 has its top in a field of its own. */
static uint32_t imm16(const ArmLift *l) { return arm_field(l, 'j') << 12 | arm_field(l, 'i'); }

/* MOVW Rd, #imm16: Rd = imm16 */
void lift_movw(ArmLift *l)
{
    if (arm_is_pc(l, 'd')) { /* A8.8.102: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    arm_set(l, arm_field(l, 'd'), arm_const(l, imm16(l)));
}

/* MOVT Rd, #imm16: Rd<31:16> = imm16 */
void lift_movt(ArmLift *l)
{
    IrRef low;

    if (arm_is_pc(l, 'd')) { /* A8.8.106: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    low = arm_get(l, arm_field(l, 'd'));
    low = ir_and(l->blk, T_I32, low, arm_const(l, 0xffff));
    arm_set(l, arm_field(l, 'd'), ir_or(l->blk, T_I32, low, arm_const(l, imm16(l) << 16)));
}
