/* SPDX-License-Identifier: MIT */
/* lift_simd.c - Advanced SIMD data processing by helper, DDI 0406C.d A7.4.1 to A7.4.5. */
#include "frontend/arm/lift_fp_priv.h"

/* Which operands are quadwords: those must have an even number, else the word is UNDEFINED. */
enum { WIDE_D = 1, WIDE_N = 2, WIDE_M = 4, WIDE_ALL = 7 };

static bool odd(const ArmLift *l, char letter) { return (arm_fp_reg(l, letter) & 1) != 0; }

static SimdArgs fields(const ArmLift *l)
{
    return (SimdArgs){
        .d = (uint8_t)arm_fp_reg(l, 'd'),
        .n = (uint8_t)arm_fp_reg(l, 'n'),
        .m = (uint8_t)arm_fp_reg(l, 'm'),
        .size = (uint8_t)arm_field(l, 'z'),
        .regs = arm_field(l, 'q') != 0 ? 2 : 1,
        .is_unsigned = (uint8_t)arm_field(l, 'u'),
    };
}

/* Lifts the row's operation on @s, by its helper if need be; UNDEFINED if a register of the
 * quadwords @wide is odd. */
static void call(ArmLift *l, SimdArgs s, unsigned wide)
{
    if (((wide & WIDE_D) != 0 && odd(l, 'd')) || ((wide & WIDE_N) != 0 && odd(l, 'n'))
        || ((wide & WIDE_M) != 0 && odd(l, 'm'))) {
        arm_undefined(l);
        return;
    }
    if (arm_fp_begin_op(l, true) && !arm_simd_rows(l, arm_arg(l), s)) {
        IrRef args = arm_fp_const(l, simd_pack(s));

        arm_call(l, T_NO, arm_arg(l), args, IR_NONE, IR_NONE);
    }
}

static unsigned all_if_quad(const ArmLift *l) { return arm_field(l, 'q') != 0 ? WIDE_ALL : 0; }

/* Elem[d, e] = op(Elem[n, e], Elem[m, e]), with the old Elem[d, e] as third operand */
void lift_simd_same(ArmLift *l) { call(l, fields(l), all_if_quad(l)); }

/* Elem[d, e] = shift(Elem[m, e], Elem[n, e]) */
void lift_simd_shift_reg(ArmLift *l)
{
    SimdArgs s = fields(l);

    s.n = (uint8_t)arm_fp_reg(l, 'm');
    s.m = (uint8_t)arm_fp_reg(l, 'n');
    call(l, s, all_if_quad(l));
}

/* Elem[d, e] = op(Elem[n:m, 2e], Elem[n:m, 2e+1]) */
void lift_simd_pairs(ArmLift *l) { call(l, fields(l), 0); }

/* Q[d] = op(D[n], D[m]), op(Q[n], D[m]); D[d] = op(Q[n], Q[m]): elements by number */
void lift_simd_longer(ArmLift *l) { call(l, fields(l), WIDE_D); }
void lift_simd_wide(ArmLift *l) { call(l, fields(l), WIDE_D | WIDE_N); }
void lift_simd_narrow(ArmLift *l) { call(l, fields(l), WIDE_N | WIDE_M); }

/* The scalar of A7.4.3: halfwords of D0 to D7, words of D0 to D15. */
static SimdArgs scalar(const ArmLift *l)
{
    SimdArgs s = fields(l);
    unsigned m = s.m, index = m >> 4;

    if (s.size == 1) {
        index = index << 1 | (m >> 3 & 1);
    }
    s.m = s.size == 1 ? m & 7 : m & 15;
    s.operand = (uint8_t)(SIMD_SCALAR + index);
    return s;
}

/* Elem[d, e] = op(Elem[n, e], D[m][x]) */
void lift_simd_same_scalar(ArmLift *l)
{
    call(l, scalar(l), arm_field(l, 'q') != 0 ? WIDE_D | WIDE_N : 0);
}
void lift_simd_longer_scalar(ArmLift *l) { call(l, scalar(l), WIDE_D); }

/* Arguments of what has one operand, the register of field m. */
static SimdArgs one_operand(const ArmLift *l)
{
    SimdArgs s = fields(l);

    s.n = s.m;
    s.operand = SIMD_ZERO;
    return s;
}

static unsigned dm_if_quad(const ArmLift *l)
{
    return arm_field(l, 'q') != 0 ? WIDE_D | WIDE_M : 0;
}

/* Elem[d, e] = op(Elem[m, e]) */
void lift_simd_unary(ArmLift *l) { call(l, one_operand(l), dm_if_quad(l)); }

/* Elem[d, e] = narrow(Elem[Q[m], e]) */
void lift_simd_movn(ArmLift *l) { call(l, one_operand(l), WIDE_M); }

/* Elem[Q[d], e] = lengthen(Elem[D[m], e]) */
void lift_simd_shift_0(ArmLift *l) { call(l, one_operand(l), WIDE_D); }

/* Elem[Q[d], e] = Elem[D[m], e] << its width */
void lift_simd_shll_max(ArmLift *l)
{
    SimdArgs s = one_operand(l);

    s.shift = (uint8_t)(8 << s.size);
    call(l, s, WIDE_D);
}

/* L:imm6: the highest one of its upper four bits is the element's width, A7.4.4. */
static uint32_t shift_field(const ArmLift *l)
{
    return arm_field(l, 'l') << 6 | arm_field(l, 'h') << 3 | arm_field(l, 'j');
}

static SimdArgs shifted(const ArmLift *l, bool right)
{
    SimdArgs s = one_operand(l);
    uint32_t field = shift_field(l);

    s.size = field >= 64 ? 3 : field >= 32 ? 2 : field >= 16 ? 1 : 0;
    s.shift = (uint8_t)(right ? (16u << s.size) - field : field - (8u << s.size));
    return s;
}

/* Elem[d, e] = Elem[m, e] >> n, << n, with the old Elem[d, e] added or inserted into */
void lift_simd_shift_right(ArmLift *l) { call(l, shifted(l, true), dm_if_quad(l)); }
void lift_simd_shift_left(ArmLift *l) { call(l, shifted(l, false), dm_if_quad(l)); }

/* D[d]: narrow(Elem[Q[m], e] >> n); Q[d]: Elem[D[m], e] << n */
void lift_simd_shift_narrow(ArmLift *l) { call(l, shifted(l, true), WIDE_M); }
void lift_simd_shift_long(ArmLift *l) { call(l, shifted(l, false), WIDE_D); }

/* Elem[d, e] = FixedToFP(Elem[m, e], 64 - imm6), FPToFixed(...) */
void lift_simd_vcvt_fixed(ArmLift *l)
{
    SimdArgs s = one_operand(l);

    s.shift = (uint8_t)(32 - arm_field(l, 'i'));
    call(l, s, dm_if_quad(l));
}

static void permute(ArmLift *l, unsigned helper, SimdArgs s, unsigned wide)
{
    if (((wide & WIDE_D) != 0 && odd(l, 'd')) || ((wide & WIDE_M) != 0 && odd(l, 'm'))) {
        arm_undefined(l);
        return;
    }
    if (arm_fp_begin_op(l, true) && !arm_simd_permute_rows(l, helper, s)) {
        IrRef args = arm_fp_const(l, simd_pack(s));

        arm_call(l, T_NO, helper, args, IR_NONE, IR_NONE);
    }
}

/* Elements of each group of 2, 4 or 8 bytes in reverse order */
void lift_simd_vrev(ArmLift *l)
{
    SimdArgs s = fields(l);

    s.shift = (uint8_t)arm_arg(l);
    permute(l, ARM_H_vrev, s, dm_if_quad(l));
}

/* VTRN, VUZP, VZIP: d and m both written; the same register for both is UNKNOWN: as it comes */
void lift_simd_permute(ArmLift *l) { permute(l, arm_arg(l), fields(l), dm_if_quad(l)); }

/* D[d] bytes looked up in 1 to 4 registers from D[n]; beyond D31 is UNPREDICTABLE; UNDEF */
void lift_simd_vtbl(ArmLift *l)
{
    SimdArgs s = fields(l);

    s.regs = (uint8_t)(arm_field(l, 'i') + 1);
    s.shift = (uint8_t)arm_arg(l); /* VTBX: an index out of range keeps the old byte */
    if (s.n + s.regs > 32) {
        arm_undefined(l);
        return;
    }
    permute(l, ARM_H_vtbl, s, 0);
}
