/* SPDX-License-Identifier: MIT */
/* lift_media.c - parallel additions and subtractions, SEL, sums of differences, A4.4.8. */
#include "frontend/arm/lift_int_priv.h"

/* Of four bytes: the top bits, the others. */
#define TOPS 0x80808080u
#define RESTS 0x7f7f7f7fu

/* In all of these the pc as Rd, Rn or Rm is UNPREDICTABLE, A8.8; we raise UNDEF. */

static IrRef reg(ArmLift *l, char letter) { return arm_get(l, arm_field(l, letter)); }

/* {S,Q,SH,U,UQ,UH}{ADD16,ASX,SAX,SUB16,ADD8,SUB8} Rd, Rn, Rm; S and U forms set GE.
 * The argument is the prefix and the operation as in bits 22 to 20 and 7 to 5 of A32. */
void lift_parallel(ArmLift *l)
{
    IrRef n, m, v;
    unsigned prefix = arm_arg(l) >> 3;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    m = reg(l, 'm');
    v = arm_call(l, T_I64, ARM_H_parallel, n, m, arm_const(l, arm_arg(l)));
    arm_set(l, arm_field(l, 'd'), arm_low(l, v));
    if ((prefix & 3) == 1) {
        arm_set_global(l, G_GE, arm_high(l, v));
    }
}

/* Four bits to the low bits of four bytes: copies at distance 7 meet only where the mask lets
 * pass. */
static IrRef spread(ArmLift *l, IrRef ge)
{
    IrRef v = ir_mul(l->blk, T_I32, ge, arm_const(l, 0x00204081));

    return ir_and(l->blk, T_I32, v, arm_const(l, 0x01010101));
}

/* The opposite: the top bits of four bytes, the others 0, to four bits. */
static IrRef collect(ArmLift *l, IrRef tops)
{
    IrRef v = ir_shr(l->blk, T_I32, tops, arm_const(l, 7));

    v = ir_mul(l->blk, T_I32, v, arm_const(l, 0x10204080));
    return ir_shr(l->blk, T_I32, v, arm_const(l, 28));
}

/* UADD8 Rd, Rn, Rm: bytes added, GE the carries: without the top bits no byte reaches the next */
void lift_uadd8(ArmLift *l)
{
    IrBlock *b = l->blk;
    IrRef n, m, tops, rest, sum, carry;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    m = reg(l, 'm');
    tops = ir_xor(b, T_I32, n, m);
    tops = ir_and(b, T_I32, tops, arm_const(l, TOPS));
    rest = ir_and(b, T_I32, n, arm_const(l, RESTS));
    sum = ir_and(b, T_I32, m, arm_const(l, RESTS));
    sum = ir_add(b, T_I32, rest, sum);
    sum = ir_xor(b, T_I32, sum, tops);
    /* The carry out of a top bit: of n, m and not the sum, two. */
    carry = ir_or(b, T_I32, n, m);
    carry = ir_andc(b, T_I32, carry, sum);
    carry = ir_or(b, T_I32, carry, ir_and(b, T_I32, n, m));
    carry = ir_and(b, T_I32, carry, arm_const(l, TOPS));
    arm_set(l, arm_field(l, 'd'), sum);
    arm_set_global(l, G_GE, collect(l, carry));
}

/* Bytes n - m, and in @kept the top bits of those that need no borrow. */
static IrRef subtract_bytes(ArmLift *l, IrRef n, IrRef m, IrRef *kept)
{
    IrBlock *b = l->blk;
    IrRef unlike = ir_xor(b, T_I32, n, m);
    IrRef tops = ir_not(b, T_I32, unlike);
    IrRef high = ir_or(b, T_I32, n, arm_const(l, TOPS));
    IrRef low = ir_and(b, T_I32, m, arm_const(l, RESTS));
    IrRef v = ir_sub(b, T_I32, high, low);
    IrRef same;

    tops = ir_and(b, T_I32, tops, arm_const(l, TOPS));
    v = ir_xor(b, T_I32, v, tops);
    /* No borrow: n has the top bit and m has not, or both agree and the difference has it not. */
    same = ir_or(b, T_I32, unlike, v);
    same = ir_not(b, T_I32, same);
    *kept = ir_and(b, T_I32, unlike, n);
    *kept = ir_or(b, T_I32, *kept, same);
    *kept = ir_and(b, T_I32, *kept, arm_const(l, TOPS));
    return v;
}

/* USUB8 Rd, Rn, Rm: bytes subtracted, GE where there is no borrow */
void lift_usub8(ArmLift *l)
{
    IrRef n, m, kept, v;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    m = reg(l, 'm');
    v = subtract_bytes(l, n, m, &kept);
    arm_set(l, arm_field(l, 'd'), v);
    arm_set_global(l, G_GE, collect(l, kept));
}

/* All bits of the bytes whose low bits @v has. */
static IrRef whole_bytes(ArmLift *l, IrRef v)
{
    return ir_mul(l->blk, T_I32, v, arm_const(l, 0xff));
}

/* UQSUB8 Rd, Rn, Rm: bytes subtracted, 0 where there is a borrow */
void lift_uqsub8(ArmLift *l)
{
    IrRef n, m, kept, v;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    m = reg(l, 'm');
    v = subtract_bytes(l, n, m, &kept);
    kept = ir_shr(l->blk, T_I32, kept, arm_const(l, 7));
    kept = whole_bytes(l, kept);
    arm_set(l, arm_field(l, 'd'), ir_and(l->blk, T_I32, v, kept));
}

/* SEL Rd, Rn, Rm: each byte from Rn where its GE bit is set, else from Rm */
void lift_sel(ArmLift *l)
{
    IrBlock *b = l->blk;
    IrRef n, m, mask;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    m = reg(l, 'm');
    mask = whole_bytes(l, spread(l, ir_get(b, G_GE)));
    n = ir_and(b, T_I32, n, mask);
    m = ir_andc(b, T_I32, m, mask);
    arm_set(l, arm_field(l, 'd'), ir_or(b, T_I32, n, m));
}

/* USAD8 Rd, Rn, Rm; USADA8 with Ra: Rd = sum of |Rn<byte> - Rm<byte>| + Ra */
void lift_usad8(ArmLift *l)
{
    IrRef n, m, v, a;

    if (arm_any_pc(l, "dnm")) {
        arm_undefined(l);
        return;
    }
    n = reg(l, 'n');
    m = reg(l, 'm');
    v = arm_call(l, T_I32, ARM_H_usad8, n, m, IR_NONE);
    if (!arm_is_pc(l, 'a')) {
        a = reg(l, 'a');
        v = ir_add(l->blk, T_I32, v, a);
    }
    arm_set(l, arm_field(l, 'd'), v);
}
