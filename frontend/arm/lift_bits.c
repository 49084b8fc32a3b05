/* SPDX-License-Identifier: MIT */
/* lift_bits.c - extension, reversal, bit fields, packing and saturation, A4.4.4 to A4.4.6. */
#include "frontend/arm/lift_int_priv.h"

#include "base/bits.h"

/* In all of these the pc as Rd, Rn or Rm is UNPREDICTABLE, A8.8; we raise UNDEF. */

static IrRef reg(ArmLift *l, char letter) { return arm_get(l, arm_field(l, letter)); }

/* CLZ Rd, Rm: Rd = CountLeadingZeroBits(Rm) */
void lift_clz(ArmLift *l)
{
    if (arm_any_pc(l, "dm")) {
        arm_undefined(l);
        return;
    }
    arm_set(l, arm_field(l, 'd'), ir_clz(l->blk, T_I32, reg(l, 'm')));
}

/* RBIT Rd, Rm: Rd = Rm reversed by bit */
void lift_rbit(ArmLift *l)
{
    if (arm_any_pc(l, "dm")) {
        arm_undefined(l);
        return;
    }
    arm_set(l, arm_field(l, 'd'), ir_rbit(l->blk, T_I32, reg(l, 'm')));
}

/* REV Rd, Rm: Rd = Rm reversed by byte */
void lift_rev(ArmLift *l)
{
    if (arm_any_pc(l, "dm")) {
        arm_undefined(l);
        return;
    }
    arm_set(l, arm_field(l, 'd'), ir_bswap(l->blk, T_I32, reg(l, 'm')));
}

/* REV16 Rd, Rm: each half of Rm reversed by byte */
void lift_rev16(ArmLift *l)
{
    IrRef v;

    if (arm_any_pc(l, "dm")) {
        arm_undefined(l);
        return;
    }
    v = ir_bswap(l->blk, T_I32, reg(l, 'm'));
    arm_set(l, arm_field(l, 'd'), ir_ror(l->blk, T_I32, v, arm_const(l, 16)));
}

/* REVSH Rd, Rm: Rd = SignExtend(Rm<7:0>:Rm<15:8>) */
void lift_revsh(ArmLift *l)
{
    IrRef v;

    if (arm_any_pc(l, "dm")) {
        arm_undefined(l);
        return;
    }
    v = ir_bswap(l->blk, T_I32, reg(l, 'm'));
    arm_set(l, arm_field(l, 'd'), ir_sar(l->blk, T_I32, v, arm_const(l, 16)));
}

/* ROR(Rm, 8r), its low @bits extended. */
static IrRef extended(ArmLift *l, unsigned bits, bool is_signed)
{
    IrRef v = ir_ror(l->blk, T_I32, reg(l, 'm'), arm_const(l, arm_field(l, 'r') * 8));

    return is_signed ? ir_sext(l->blk, T_I32, v, bits)
                     : ir_and(l->blk, T_I32, v, arm_const(l, (1u << bits) - 1));
}

/* SXTAB, SXTAH, UXTAB, UXTAH Rd, Rn, Rm, ror #8r; SXTB ... without Rn:
 * Rd = Rn + Extend(ROR(Rm)); the argument is a Memop size and sign */
void lift_extend(ArmLift *l)
{
    IrRef v, n;

    if (arm_any_pc(l, "dm")) {
        arm_undefined(l);
        return;
    }
    v = extended(l, 8u << (arm_arg(l) & MO_SIZE), (arm_arg(l) & MO_SIGN) != 0);
    if (!arm_is_pc(l, 'n')) {
        n = reg(l, 'n');
        v = ir_add(l->blk, T_I32, n, v);
    }
    arm_set(l, arm_field(l, 'd'), v);
}

/* The low and high 16-bit halves of two values, as one. */
static IrRef join(ArmLift *l, IrRef low, IrRef high)
{
    low = ir_and(l->blk, T_I32, low, arm_const(l, 0xffff));
    high = ir_shl(l->blk, T_I32, high, arm_const(l, 16));
    return ir_or(l->blk, T_I32, high, low);
}

/* SXTAB16, UXTAB16 Rd, Rn, Rm, ror #8r; SXTB16, UXTB16 without Rn: each half of
 * Rd = half of Rn + Extend(byte 0 or 2 of ROR(Rm)); the argument's sign bit */
void lift_extend16(ArmLift *l)
{
    IrBlock *b = l->blk;
    bool is_signed = (arm_arg(l) & MO_SIGN) != 0;
    IrRef v, low, high, n;

    if (arm_any_pc(l, "dm")) {
        arm_undefined(l);
        return;
    }
    v = ir_ror(b, T_I32, reg(l, 'm'), arm_const(l, arm_field(l, 'r') * 8));
    high = ir_shr(b, T_I32, v, arm_const(l, 16));
    low = is_signed ? ir_sext(b, T_I32, v, 8) : ir_and(b, T_I32, v, arm_const(l, 0xff));
    high = is_signed ? ir_sext(b, T_I32, high, 8) : ir_and(b, T_I32, high, arm_const(l, 0xff));
    if (!arm_is_pc(l, 'n')) {
        n = reg(l, 'n');
        low = ir_add(b, T_I32, n, low);
        n = ir_shr(b, T_I32, n, arm_const(l, 16));
        high = ir_add(b, T_I32, n, high);
    }
    arm_set(l, arm_field(l, 'd'), join(l, low, high));
}

/* PKHBT, PKHTB (field t) Rd, Rn, Rm, shift: halves of Rn and of Shift(Rm) */
void lift_pkh(ArmLift *l)
{
    IrBlock *b = l->blk;
    bool tb = arm_field(l, 't') != 0;
    IrRef n, v;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    v = reg(l, 'm');
    v = arm_shift_imm(l, tb ? SHIFT_ASR : SHIFT_LSL, arm_field(l, 'i'), v, false).value;
    n = ir_and(b, T_I32, n, arm_const(l, tb ? 0xffff0000u : 0xffff));
    v = ir_and(b, T_I32, v, arm_const(l, tb ? 0xffff : 0xffff0000u));
    arm_set(l, arm_field(l, 'd'), ir_or(b, T_I32, n, v));
}

/* BFC Rd, #lsb, #width: Rd<msb:lsb> = 0. BFI Rd, Rn, ...: = Rn<width-1:0>. BFC has n == 15. */
void lift_bfi(ArmLift *l)
{
    IrBlock *b = l->blk;
    unsigned lsb = arm_field(l, 'i'), msb = arm_field(l, 'w');
    uint32_t ones, mask;
    IrRef v, n;

    if (arm_is_pc(l, 'd') || msb < lsb) { /* A8.8.20: msb < lsb is UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    ones = (uint32_t)bits_mask(msb - lsb + 1);
    mask = ones << lsb;
    v = ir_and(b, T_I32, reg(l, 'd'), arm_const(l, ~mask));
    if (!arm_is_pc(l, 'n')) {
        n = ir_and(b, T_I32, reg(l, 'n'), arm_const(l, ones));
        n = ir_shl(b, T_I32, n, arm_const(l, lsb));
        v = ir_or(b, T_I32, v, n);
    }
    arm_set(l, arm_field(l, 'd'), v);
}

/* SBFX, UBFX Rd, Rn, #lsb, #width: Rd = Extend(Rn<msb:lsb>); argument 1 is signed */
void lift_bfx(ArmLift *l)
{
    IrBlock *b = l->blk;
    unsigned lsb = arm_field(l, 'i'), width = arm_field(l, 'w') + 1;
    IrRef v;

    if (arm_any_pc(l, "dn") || lsb + width > 32) { /* A8.8.246: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    v = ir_shr(b, T_I32, reg(l, 'n'), arm_const(l, lsb));
    v = arm_arg(l) ? ir_sext(b, T_I32, v, width)
                   : ir_and(b, T_I32, v, arm_const(l, (uint32_t)bits_mask(width)));
    arm_set(l, arm_field(l, 'd'), v);
}

/* @v held between @low and @high, signed; Q if it was not. */
static IrRef clamp(ArmLift *l, IrRef v, uint32_t low, uint32_t high)
{
    IrBlock *b = l->blk;
    IrRef under = ir_lts(b, T_I32, v, arm_const(l, low));
    IrRef over = ir_lts(b, T_I32, arm_const(l, high), v);
    IrRef out = ir_select(b, T_I32, under, arm_const(l, low), v);

    out = ir_select(b, T_I32, over, arm_const(l, high), out);
    arm_or_q(l, ir_or(b, T_I1, under, over));
    return out;
}

/* The bounds of saturation: signed to sat_imm + 1 bits, unsigned to sat_imm bits (field w). */
static IrRef saturate(ArmLift *l, IrRef v, bool is_signed)
{
    uint32_t top = (uint32_t)bits_mask(arm_field(l, 'w'));

    return clamp(l, v, is_signed ? ~top : 0, top);
}

/* SSAT (argument 1), USAT Rd, #imm, Rn, shift: Rd = Sat(Shift(Rn)), Q if it saturates; field z is
 * ASR */
void lift_sat(ArmLift *l)
{
    IrRef v;

    if (arm_any_pc(l, "dn")) {
        arm_undefined(l);
        return;
    }
    v = reg(l, 'n');
    v = arm_shift_imm(l, arm_field(l, 'z') ? SHIFT_ASR : SHIFT_LSL, arm_field(l, 'i'), v, false)
            .value;
    arm_set(l, arm_field(l, 'd'), saturate(l, v, arm_arg(l) != 0));
}

/* SSAT16 (argument 1), USAT16 Rd, #imm, Rn: each half, as signed, saturated */
void lift_sat16(ArmLift *l)
{
    bool is_signed = arm_arg(l) != 0;
    IrRef n, low, high;

    if (arm_any_pc(l, "dn")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    low = ir_sext(l->blk, T_I32, n, 16);
    high = ir_sar(l->blk, T_I32, n, arm_const(l, 16));
    low = saturate(l, low, is_signed);
    high = saturate(l, high, is_signed);
    arm_set(l, arm_field(l, 'd'), join(l, low, high));
}

/* a + b or a - b saturated to 32 bits; Q if it was. */
static IrRef saturating(ArmLift *l, IrRef a, IrRef v, bool subtract)
{
    IrBlock *b = l->blk;
    IrPair r = subtract ? ir_subf(b, T_I32, a, v) : ir_addf(b, T_I32, a, v);
    IrRef over = ir_fcond(b, T_NO, r.second, CC_O);
    IrRef sign = ir_sar(b, T_I32, r.first, arm_const(l, 31)); /* of the wrapped result */
    IrRef limit = ir_xor(b, T_I32, sign, arm_const(l, 0x80000000u));

    arm_or_q(l, over);
    return ir_select(b, T_I32, over, limit, r.first);
}

/* QADD, QSUB, QDADD, QDSUB Rd, Rm, Rn: Rd = Sat(Rm +- Rn) or Sat(Rm +- Sat(2 * Rn)), Q; argument:
 * bit 0 subtracts, bit 1 doubles */
void lift_qadd(ArmLift *l)
{
    IrRef m, n;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    m = reg(l, 'm');
    n = reg(l, 'n');
    if (arm_arg(l) & 2) {
        n = saturating(l, n, n, false);
    }
    arm_set(l, arm_field(l, 'd'), saturating(l, m, n, (arm_arg(l) & 1) != 0));
}
