/* SPDX-License-Identifier: MIT */
/* lift_mul.c - multiplication and division, A4.4.3, A4.4.7. */
#include "frontend/arm/lift_int_priv.h"

/* In all of these the pc as a register is UNPREDICTABLE, A8.8; we raise UNDEF. */

static IrRef reg(ArmLift *l, char letter) { return arm_get(l, arm_field(l, letter)); }

/* The 16-bit half of Rn or Rm, sign-extended; field letter @top chooses the upper one. */
static IrRef half(ArmLift *l, char letter, bool top)
{
    IrRef v = reg(l, letter);

    return top ? ir_sar(l->blk, T_I32, v, arm_const(l, 16)) : ir_sext(l->blk, T_I32, v, 16);
}

/* MUL{S} Rd, Rn, Rm: Rd = Rn * Rm */
void lift_mul(ArmLift *l)
{
    IrRef n, m, v;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    m = reg(l, 'm');
    v = ir_mul(l->blk, T_I32, n, m);
    if (arm_field(l, 's')) {
        arm_set_nz(l, T_I32, v);
    }
    arm_set(l, arm_field(l, 'd'), v);
}

/* MLA{S}, MLS Rd, Rn, Rm, Ra: Rd = Ra + Rn * Rm, Ra - Rn * Rm (argument 1) */
void lift_mla(ArmLift *l)
{
    IrRef n, m, a, v;

    if (arm_any_pc(l, "dnma")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    m = reg(l, 'm');
    a = reg(l, 'a');
    v = ir_mul(l->blk, T_I32, n, m);
    v = arm_arg(l) ? ir_sub(l->blk, T_I32, a, v) : ir_add(l->blk, T_I32, v, a);
    if (arm_field(l, 's')) {
        arm_set_nz(l, T_I32, v);
    }
    arm_set(l, arm_field(l, 'd'), v);
}

/* RdLo (d) and RdHi (h) as one number. */
static IrRef get_long(ArmLift *l)
{
    IrRef low = arm_wide(l, reg(l, 'd'), false), high = arm_wide(l, reg(l, 'h'), false);

    high = ir_shl(l->blk, T_I64, high, ir_const(l->blk, T_I64, 32));
    return ir_or(l->blk, T_I64, high, low);
}

/* RdLo == RdHi is UNPREDICTABLE; RdHi wins. */
static void set_long(ArmLift *l, IrRef v)
{
    IrRef low = arm_low(l, v), high = arm_high(l, v);

    arm_set(l, arm_field(l, 'd'), low);
    arm_set(l, arm_field(l, 'h'), high);
}

static IrRef long_product(ArmLift *l, bool is_signed)
{
    IrRef n = arm_wide(l, reg(l, 'n'), is_signed), m = arm_wide(l, reg(l, 'm'), is_signed);

    return ir_mul(l->blk, T_I64, n, m);
}

/* UMULL, SMULL (argument 1) {S} RdLo, RdHi, Rn, Rm: RdHi:RdLo = Rn * Rm */
void lift_mull(ArmLift *l)
{
    IrRef v;

    if (arm_any_pc(l, "dhnm")) {
        arm_undefined(l);
        return;
    }
    v = long_product(l, arm_arg(l) != 0);
    if (arm_field(l, 's')) {
        arm_set_nz(l, T_I64, v);
    }
    set_long(l, v);
}

/* UMLAL, SMLAL (argument 1) {S} RdLo, RdHi, Rn, Rm: RdHi:RdLo += Rn * Rm */
void lift_mlal(ArmLift *l)
{
    IrRef v, sum;

    if (arm_any_pc(l, "dhnm")) {
        arm_undefined(l);
        return;
    }
    v = long_product(l, arm_arg(l) != 0);
    sum = get_long(l);
    v = ir_add(l->blk, T_I64, sum, v);
    if (arm_field(l, 's')) {
        arm_set_nz(l, T_I64, v);
    }
    set_long(l, v);
}

/* UMAAL RdLo, RdHi, Rn, Rm: RdHi:RdLo = Rn * Rm + RdHi + RdLo */
void lift_umaal(ArmLift *l)
{
    IrRef v, low, high;

    if (arm_any_pc(l, "dhnm")) {
        arm_undefined(l);
        return;
    }
    v = long_product(l, false);
    low = arm_wide(l, reg(l, 'd'), false);
    high = arm_wide(l, reg(l, 'h'), false);
    v = ir_add(l->blk, T_I64, v, low);
    set_long(l, ir_add(l->blk, T_I64, v, high));
}

/* Rd = v + Ra; Q on signed overflow. */
static void accumulate(ArmLift *l, IrRef v)
{
    IrPair sum = ir_addf(l->blk, T_I32, v, reg(l, 'a'));

    arm_or_q(l, ir_fcond(l->blk, T_NO, sum.second, CC_O));
    arm_set(l, arm_field(l, 'd'), sum.first);
}

/* SMULxy Rd, Rn, Rm: Rd = Rn<half x> * Rm<half y> */
void lift_smulxy(ArmLift *l)
{
    IrRef n, m;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = half(l, 'n', arm_field(l, 'x'));
    m = half(l, 'm', arm_field(l, 'y'));
    arm_set(l, arm_field(l, 'd'), ir_mul(l->blk, T_I32, n, m));
}

/* SMLAxy Rd, Rn, Rm, Ra: Rd = Rn<half x> * Rm<half y> + Ra, Q on overflow */
void lift_smlaxy(ArmLift *l)
{
    IrRef n, m;

    if (arm_any_pc(l, "dnma")) {
        arm_undefined(l);
        return;
    }
    n = half(l, 'n', arm_field(l, 'x'));
    m = half(l, 'm', arm_field(l, 'y'));
    accumulate(l, ir_mul(l->blk, T_I32, n, m));
}

/* Bits 47 to 16 of Rn * Rm<half y>. */
static IrRef word_by_half(ArmLift *l)
{
    IrRef n = arm_wide(l, reg(l, 'n'), true);
    IrRef m = arm_wide(l, half(l, 'm', arm_field(l, 'y')), true);
    IrRef v = ir_mul(l->blk, T_I64, n, m);

    v = ir_shr(l->blk, T_I64, v, ir_const(l->blk, T_I64, 16));
    return arm_low(l, v);
}

/* SMULWy Rd, Rn, Rm: Rd = (Rn * Rm<half y>)<47:16> */
void lift_smulwy(ArmLift *l)
{
    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    arm_set(l, arm_field(l, 'd'), word_by_half(l));
}

/* SMLAWy Rd, Rn, Rm, Ra: Rd = (Rn * Rm<half y>)<47:16> + Ra, Q on overflow */
void lift_smlawy(ArmLift *l)
{
    if (arm_any_pc(l, "dnma")) {
        arm_undefined(l);
        return;
    }
    accumulate(l, word_by_half(l));
}

/* SMLALxy RdLo, RdHi, Rn, Rm: RdHi:RdLo += Rn<half x> * Rm<half y> */
void lift_smlalxy(ArmLift *l)
{
    IrRef n, m, v, sum;

    if (arm_any_pc(l, "dhnm")) {
        arm_undefined(l);
        return;
    }
    n = half(l, 'n', arm_field(l, 'x'));
    m = half(l, 'm', arm_field(l, 'y'));
    v = arm_wide(l, ir_mul(l->blk, T_I32, n, m), true);
    sum = get_long(l);
    set_long(l, ir_add(l->blk, T_I64, sum, v));
}

/* Sum or difference of the two products of halves, 64 bits; field x swaps Rm's halves. */
static IrRef dual_product(ArmLift *l, bool subtract)
{
    IrBlock *b = l->blk;
    bool swap = arm_field(l, 'x') != 0;
    IrRef n0 = half(l, 'n', false), n1 = half(l, 'n', true);
    IrRef m0 = half(l, 'm', swap), m1 = half(l, 'm', !swap);
    IrRef p0 = arm_wide(l, ir_mul(b, T_I32, n0, m0), true);
    IrRef p1 = arm_wide(l, ir_mul(b, T_I32, n1, m1), true);

    return subtract ? ir_sub(b, T_I64, p0, p1) : ir_add(b, T_I64, p0, p1);
}

/* SMLAD, SMLSD (argument 1) {X} Rd, Rn, Rm, Ra, or without Ra SMUAD, SMUSD:
 * Rd = Rn<15:0> * Rm<15:0> +- Rn<31:16> * Rm<31:16> + Ra, Q on overflow */
void lift_smlad(ArmLift *l)
{
    IrBlock *b = l->blk;
    IrRef v, cut;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    v = dual_product(l, arm_arg(l) != 0);
    if (!arm_is_pc(l, 'a')) {
        v = ir_add(b, T_I64, v, arm_wide(l, reg(l, 'a'), true));
    }
    cut = ir_sext(b, T_I64, v, 32);
    arm_or_q(l, ir_ne(b, T_I64, v, cut));
    arm_set(l, arm_field(l, 'd'), arm_low(l, v));
}

/* SMLALD, SMLSLD (argument 1) {X} RdLo, RdHi, Rn, Rm: RdHi:RdLo += the same sum */
void lift_smlald(ArmLift *l)
{
    IrRef v, sum;

    if (arm_any_pc(l, "dhnm")) {
        arm_undefined(l);
        return;
    }
    v = dual_product(l, arm_arg(l) != 0);
    sum = get_long(l);
    set_long(l, ir_add(l->blk, T_I64, sum, v));
}

/* SMMLA, SMMLS (argument 1) {R} Rd, Rn, Rm, Ra, or without Ra SMMUL:
 * Rd = (Ra:0 +- Rn * Rm + round)<63:32> */
void lift_smmla(ArmLift *l)
{
    IrBlock *b = l->blk;
    IrRef v, a;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    v = long_product(l, true);
    if (!arm_is_pc(l, 'a')) {
        a = arm_wide(l, reg(l, 'a'), false);
        a = ir_shl(b, T_I64, a, ir_const(b, T_I64, 32));
        v = arm_arg(l) ? ir_sub(b, T_I64, a, v) : ir_add(b, T_I64, a, v);
    }
    if (arm_field(l, 'r')) {
        v = ir_add(b, T_I64, v, ir_const(b, T_I64, 0x80000000u));
    }
    arm_set(l, arm_field(l, 'd'), arm_high(l, v));
}

/* SDIV, UDIV Rd, Rn, Rm: Rd = Rn / Rm rounded to zero, 0 by 0, A4.4.7: argument 1 is signed.
 * Division by zero does not trap in ARMv7-A. */
void lift_div(ArmLift *l)
{
    IrRef n, m;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    m = reg(l, 'm');
    arm_set(l, arm_field(l, 'd'),
            arm_arg(l) ? ir_sdiv(l->blk, T_I32, n, m) : ir_udiv(l->blk, T_I32, n, m));
}
