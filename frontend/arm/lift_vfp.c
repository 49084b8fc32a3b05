/* SPDX-License-Identifier: MIT */
/* lift_vfp.c - floating-point data processing, DDI 0406C.d A7.5. */
#include <stddef.h>

#include "frontend/arm/lift_fp_priv.h"

unsigned arm_fp_reg(const ArmLift *l, char letter)
{
    uint32_t v = arm_field(l, letter);

    /* N comes behind Vn in the word; D and M come before Vd and Vm. */
    return letter == 'n' ? (v & 1) << 4 | v >> 1 : v;
}

int32_t arm_fp_d(unsigned n) { return (int32_t)(offsetof(ArmCpu, d) + 8 * n); }

/* S[2n] is the low half of D[n]; hosts are little-endian. */
int32_t arm_fp_s(unsigned n) { return (int32_t)(offsetof(ArmCpu, d) + 4 * n); }

bool arm_fp_begin(ArmLift *l)
{
    if ((l->mode & MODE_FP) == 0) {
        arm_undefined(l);
        return false;
    }
    return true;
}

bool arm_fp_begin_op(ArmLift *l, bool simd)
{
    if (!arm_fp_begin(l)) {
        return false;
    }
    if ((l->mode & MODE_FPCHECK) != 0) {
        arm_call(l, T_NO, ARM_H_fp_check, arm_fp_const(l, simd), IR_NONE, IR_NONE);
    }
    return true;
}

static bool is_double(const ArmLift *l) { return arm_field(l, 'z') != 0; }
static IrType fp_type(bool dbl) { return dbl ? T_F64 : T_F32; }
static IrType bits_type(bool dbl) { return dbl ? T_I64 : T_I32; }

static int32_t place(bool dbl, unsigned reg)
{
    return dbl ? arm_fp_d(reg) : arm_fp_s(arm_fp_single(reg));
}

static IrRef read_reg(ArmLift *l, char letter)
{
    bool dbl = is_double(l);

    return ir_gld(l->blk, fp_type(dbl), place(dbl, arm_fp_reg(l, letter)));
}

static IrRef read_bits(ArmLift *l, bool dbl, char letter)
{
    return ir_gld(l->blk, bits_type(dbl), place(dbl, arm_fp_reg(l, letter)));
}

static void write_reg(ArmLift *l, bool dbl, IrRef v)
{
    ir_gst(l->blk, place(dbl, arm_fp_reg(l, 'd')), v);
}

static IrRef sign_mask(ArmLift *l, bool dbl)
{
    return dbl ? ir_const(l->blk, T_I64, (uint64_t)1 << 63) : ir_const(l->blk, T_I32, 1u << 31);
}

/* FPNeg() */
static IrRef negate(ArmLift *l, IrRef x)
{
    bool dbl = is_double(l);
    IrRef bits = ir_bits(l->blk, bits_type(dbl), x);
    IrRef sign = sign_mask(l, dbl);
    IrRef flipped = ir_xor(l->blk, bits_type(dbl), bits, sign);

    return ir_bits(l->blk, fp_type(dbl), flipped);
}

/* D[d] + n * m with two roundings, negated as @op says. */
static IrRef multiply_add(ArmLift *l, VfpOp op, IrRef n, IrRef m)
{
    IrType t = fp_type(is_double(l));
    IrRef addend = read_reg(l, 'd');
    IrRef product = ir_fmul(l->blk, t, n, m, 0);

    if (op == VFP_MLS || op == VFP_NMLA) {
        product = negate(l, product);
    }
    if (op == VFP_NMLA || op == VFP_NMLS) {
        addend = negate(l, addend);
    }
    return ir_fadd(l->blk, t, addend, product, 0);
}

/* The same rounded once. */
static IrRef fused(ArmLift *l, VfpOp op, IrRef n, IrRef m)
{
    IrRef addend = read_reg(l, 'd');

    if (op == VFP_FMS || op == VFP_FNMA) {
        n = negate(l, n);
    }
    if (op == VFP_FNMA || op == VFP_FNMS) {
        addend = negate(l, addend);
    }
    return ir_fma(l->blk, fp_type(is_double(l)), n, m, addend, 0);
}

static IrRef arith(ArmLift *l, VfpOp op, IrRef n, IrRef m)
{
    IrType t = fp_type(is_double(l));

    switch (op) {
    case VFP_ADD: return ir_fadd(l->blk, t, n, m, 0);
    case VFP_SUB: return ir_fsub(l->blk, t, n, m, 0);
    case VFP_MUL: return ir_fmul(l->blk, t, n, m, 0);
    case VFP_NMUL: return negate(l, ir_fmul(l->blk, t, n, m, 0));
    case VFP_DIV: return ir_fdiv(l->blk, t, n, m, 0);
    case VFP_MLA:
    case VFP_MLS:
    case VFP_NMLA:
    case VFP_NMLS: return multiply_add(l, op, n, m);
    default: return fused(l, op, n, m);
    }
}

/* D[d] = D[n] op D[m], or with D[d] as the addend */
void lift_vfp_arith(ArmLift *l)
{
    IrRef n, m;

    if (!arm_fp_begin_op(l, false)) {
        return;
    }
    n = read_reg(l, 'n');
    m = read_reg(l, 'm');
    write_reg(l, is_double(l), arith(l, (VfpOp)arm_arg(l), n, m));
}

/* D[d] = D[m], FPAbs(D[m]), FPNeg(D[m]), FPSqrt(D[m]) */
void lift_vfp_unary(ArmLift *l)
{
    bool dbl = is_double(l);
    IrRef x, sign;

    if (!arm_fp_begin_op(l, false)) {
        return;
    }
    if (arm_arg(l) == VFP_SQRT) {
        x = read_reg(l, 'm');
        write_reg(l, dbl, ir_fsqrt(l->blk, fp_type(dbl), x, 0));
        return;
    }
    x = read_bits(l, dbl, 'm');
    sign = sign_mask(l, dbl);
    if (arm_arg(l) == VFP_ABS) {
        x = ir_andc(l->blk, bits_type(dbl), x, sign);
    } else if (arm_arg(l) == VFP_NEG) {
        x = ir_xor(l->blk, bits_type(dbl), x, sign);
    }
    write_reg(l, dbl, x);
}

/* D[d] = VFPExpandImm(imm8), A7.5.1 */
void lift_vfp_vmov_imm(ArmLift *l)
{
    bool dbl = is_double(l);
    uint64_t imm = arm_field(l, 'i');
    uint64_t sign = imm >> 7, low = imm & 0x3f;
    bool small = (imm & 0x40) != 0; /* bit 6, repeated behind its complement */
    IrRef v;

    if (!arm_fp_begin_op(l, false)) {
        return;
    }
    if (dbl) {
        v = ir_const(l->blk, T_I64, sign << 63 | (small ? 0xffull : 0x100) << 54 | low << 48);
    } else {
        v = ir_const(l->blk, T_I32, sign << 31 | (small ? 0x1full : 0x20) << 25 | low << 19);
    }
    write_reg(l, dbl, v);
}

/* FPSCR.NZCV = FPCompare(D[d], D[m] or 0, E) */
void lift_vfp_vcmp(ArmLift *l)
{
    /* NZCV of less, equal, greater, unordered: A2.7.5, FPCompare(). */
    enum { NZCV = 0x3268, FPSCR = offsetof(ArmCpu, fpscr) };
    IrType t = fp_type(is_double(l));
    IrRef a, b, order, nzcv, rest;

    if (!arm_fp_begin_op(l, false)) {
        return;
    }
    a = read_reg(l, 'd');
    if ((arm_arg(l) & VCMP_ZERO) != 0) {
        b = ir_const(l->blk, bits_type(is_double(l)), 0);
        b = ir_bits(l->blk, t, b);
    } else {
        b = read_reg(l, 'm');
    }
    order = (arm_arg(l) & VCMP_E) != 0 ? ir_fcmps(l->blk, t, a, b, 0)
                                       : ir_fcmpq(l->blk, t, a, b, 0);
    order = ir_shl(l->blk, T_I32, order, ir_const(l->blk, T_I32, 2));
    nzcv = ir_shr(l->blk, T_I32, ir_const(l->blk, T_I32, NZCV), order);
    nzcv = ir_shl(l->blk, T_I32, nzcv, ir_const(l->blk, T_I32, 28));
    rest = ir_gld(l->blk, T_I32, FPSCR);
    rest = ir_and(l->blk, T_I32, rest, ir_const(l->blk, T_I32, 0x0fffffff));
    ir_gst(l->blk, FPSCR, ir_or(l->blk, T_I32, nzcv, rest));
}

/* D[d] = FPSingleToDouble(S[m]), S[d] = FPDoubleToSingle(D[m]) */
void lift_vfp_vcvt_size(ArmLift *l)
{
    bool from_double = is_double(l);
    IrRef x;

    if (!arm_fp_begin_op(l, false)) {
        return;
    }
    x = read_reg(l, 'm');
    x = from_double ? ir_fnarrow(l->blk, T_NO, x, 0) : ir_fwiden(l->blk, T_NO, x, 0);
    write_reg(l, !from_double, x);
}

/* S[d] = FPHalfToSingle(half of S[m]), half of S[d] = FPSingleToHalf(S[m]); i: the upper half */
void lift_vfp_vcvt_half(ArmLift *l)
{
    bool to_half = arm_arg(l) != 0;
    int32_t half = 2 * (int32_t)arm_field(l, 'i');
    IrRef x;

    if (!arm_fp_begin_op(l, false)) {
        return;
    }
    if (to_half) {
        x = read_bits(l, false, 'm');
        x = arm_call(l, T_I32, ARM_H_vcvt_f16_f32, x, IR_NONE, IR_NONE);
        x = ir_trunc(l->blk, T_I16, x);
        ir_gst(l->blk, place(false, arm_fp_reg(l, 'd')) + half, x);
        return;
    }
    x = ir_gld(l->blk, T_I16, place(false, arm_fp_reg(l, 'm')) + half);
    x = ir_zext(l->blk, T_I32, x);
    write_reg(l, false, arm_call(l, T_I32, ARM_H_vcvt_f32_f16, x, IR_NONE, IR_NONE));
}

/* Converts @x, integer or fixed point, to D[d] or S[d]. */
static void from_fixed(ArmLift *l, IrRef x, uint64_t how)
{
    bool dbl = is_double(l);

    how |= dbl ? CVT_DOUBLE : 0;
    x = arm_call(l, bits_type(dbl), ARM_H_vcvt_from_fixed, x, arm_fp_const(l, how), IR_NONE);
    write_reg(l, dbl, x);
}

/* Converts D[letter] or S[letter]; the result is zero-extended or sign-extended to type @t. */
static IrRef to_fixed(ArmLift *l, IrType t, char letter, uint64_t how)
{
    bool dbl = is_double(l);
    IrRef x = read_bits(l, dbl, letter);

    how |= (dbl ? CVT_DOUBLE : 0) | (t == T_I64 ? CVT_WIDE : 0);
    return arm_call(l, t, ARM_H_vcvt_to_fixed, x, arm_fp_const(l, how), IR_NONE);
}

/* D[d] or S[d] = FixedToFP(S[m], 0 fraction bits, rounding as FPSCR says) */
void lift_vfp_vcvt_from_int(ArmLift *l)
{
    bool dbl = is_double(l);
    IrRef x;

    if (arm_fp_begin_op(l, false)) {
        x = read_bits(l, false, 'm');
        x = arm_field(l, 's') != 0 ? ir_fofs(l->blk, fp_type(dbl), x, 0)
                                   : ir_fofu(l->blk, fp_type(dbl), x, 0);
        write_reg(l, dbl, x);
    }
}

/* S[d] = FPToFixed(D[m] or S[m]), to zero or as FPSCR says */
void lift_vfp_vcvt_to_int(ArmLift *l)
{
    bool is_signed = arm_field(l, 's') != 0;
    IrType t = fp_type(is_double(l));
    IrRef x;

    if (!arm_fp_begin_op(l, false)) {
        return;
    }
    if (arm_arg(l) == 0) {
        write_reg(l, false, to_fixed(l, T_I32, 'm', is_signed ? CVT_SIGNED : 0));
        return;
    }
    x = read_reg(l, 'm');
    x = is_signed ? ir_ftos(l->blk, t, x, 0) : ir_ftou(l->blk, t, x, 0);
    write_reg(l, false, x);
}

/* D[d] = FixedToFP(D[d]) to nearest, D[d] = FPToFixed(D[d]) to zero */
void lift_vfp_vcvt_fixed(ArmLift *l)
{
    bool dbl = is_double(l), wide = arm_field(l, 'x') != 0;
    uint32_t i = arm_field(l, 'i'), imm = (i & 15) << 1 | i >> 4, size = wide ? 32 : 16;
    uint64_t how = arm_field(l, 'u') != 0 ? 0 : CVT_SIGNED;

    if (imm > size) { /* A8.8.308: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    if (!arm_fp_begin_op(l, false)) {
        return;
    }
    how |= (wide ? 0 : CVT_16) | (uint64_t)(size - imm) << CVT_FRACTION;
    if (arm_arg(l) != 0) {
        write_reg(l, dbl, to_fixed(l, bits_type(dbl), 'd', how | CVT_ZERO));
    } else {
        IrRef x = read_bits(l, dbl, 'd');

        from_fixed(l, x, how | CVT_NEAREST);
    }
}
