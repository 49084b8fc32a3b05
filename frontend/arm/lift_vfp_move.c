/* SPDX-License-Identifier: MIT */
/* lift_vfp_move.c - transfers between core and extension registers, DDI 0406C.d A7.8, A7.9. */
#include <stddef.h>

#include "frontend/arm/lift_fp_priv.h"

/* UNPREDICTABLE, we raise UNDEF: the pc, in T32 also the sp, as a core register. */
static bool bad_core(const ArmLift *l, unsigned r)
{
    return r == 15 || (r == 13 && l->row->thumb != 0);
}

static bool begin(ArmLift *l, unsigned r)
{
    if (bad_core(l, r)) {
        arm_undefined(l);
        return false;
    }
    return arm_fp_begin(l);
}

/* S[n] = R[t], R[t] = S[n] */
void lift_vfp_vmov_single(ArmLift *l)
{
    unsigned t = arm_field(l, 't');
    int32_t s = arm_fp_s(arm_fp_single(arm_fp_reg(l, 'n')));

    if (!begin(l, t)) {
        return;
    }
    if (arm_arg(l) != 0) {
        arm_set(l, t, ir_gld(l->blk, T_I32, s));
    } else {
        ir_gst(l->blk, s, arm_get(l, t));
    }
}

/* S[m], S[m+1] or D[m] = R[t], R[t2] and the other way */
void lift_vfp_vmov_two(ArmLift *l)
{
    unsigned t = arm_field(l, 't'), t2 = arm_field(l, 'r'), m = arm_fp_reg(l, 'm');
    bool to_core = (arm_arg(l) & VMOV_TO_CORE) != 0, dbl = (arm_arg(l) & VFP_DOUBLE) != 0;
    unsigned s = dbl ? 2 * m : arm_fp_single(m);

    /* A8.8.344, 345: S31 or twice the same destination is UNPREDICTABLE; we raise UNDEF. */
    if ((!dbl && s == 31) || (to_core && t == t2) || bad_core(l, t2)) {
        arm_undefined(l);
        return;
    }
    if (!begin(l, t)) {
        return;
    }
    if (to_core) {
        arm_set(l, t, ir_gld(l->blk, T_I32, arm_fp_s(s)));
        arm_set(l, t2, ir_gld(l->blk, T_I32, arm_fp_s(s + 1)));
    } else {
        ir_gst(l->blk, arm_fp_s(s), arm_get(l, t));
        ir_gst(l->blk, arm_fp_s(s + 1), arm_get(l, t2));
    }
}

/* Transfers of less than a word are Advanced SIMD's. */
static bool begin_scalar(ArmLift *l, unsigned r, unsigned size)
{
    if (size == 2 || bad_core(l, r)) {
        return begin(l, r);
    }
    return arm_fp_begin_op(l, true);
}

static const IrType lane_type[] = { T_I8, T_I16, T_I32 };

static int32_t lane(const ArmLift *l, unsigned size)
{
    return arm_fp_d(arm_fp_reg(l, 'n')) + (int32_t)(arm_field(l, 'i') << size);
}

/* Elem[D[n], i] = R[t] */
void lift_vfp_vmov_scalar(ArmLift *l)
{
    unsigned t = arm_field(l, 't'), size = arm_arg(l);
    IrRef v;

    if (!begin_scalar(l, t, size)) {
        return;
    }
    v = arm_get(l, t);
    if (size < 2) {
        v = ir_trunc(l->blk, lane_type[size], v);
    }
    ir_gst(l->blk, lane(l, size), v);
}

/* R[t] = Extend(Elem[D[n], i]) */
void lift_vfp_vmov_to_core(ArmLift *l)
{
    unsigned t = arm_field(l, 't'), size = arm_arg(l);
    IrRef v;

    if (!begin_scalar(l, t, size)) {
        return;
    }
    v = ir_gld(l->blk, lane_type[size], lane(l, size));
    if (size < 2) {
        v = ir_zext(l->blk, T_I32, v);
        if (arm_field(l, 'u') == 0) {
            v = ir_sext(l->blk, T_I32, v, 8u << size);
        }
    }
    arm_set(l, t, v);
}

/* R[t] = FPSCR, or CPSR.NZCV = FPSCR.NZCV if t is 15 */
void lift_vfp_vmrs(ArmLift *l)
{
    static const struct {
        uint32_t mask, right, invert;
    } bit[3] = { { IR_FL_S | IR_FL_Z, 24, 0 }, { IR_FL_C, 21, IR_FL_C }, { IR_FL_O, 12, 0 } };
    unsigned t = arm_field(l, 't');
    IrRef fpscr, flags = IR_NONE;

    if (t != 15 ? !begin(l, t) : !arm_fp_begin(l)) {
        return;
    }
    if (t != 15) {
        arm_set(l, t, arm_call(l, T_I32, ARM_H_fpscr_read, IR_NONE, IR_NONE, IR_NONE));
        return;
    }
    fpscr = ir_gld(l->blk, T_I32, offsetof(ArmCpu, fpscr));
    for (unsigned i = 0; i < G_N_ELEMENTS(bit); i++) {
        IrRef v = ir_shr(l->blk, T_I32, fpscr, ir_const(l->blk, T_I32, bit[i].right));

        v = ir_and(l->blk, T_I32, v, ir_const(l->blk, T_I32, bit[i].mask));
        v = ir_xor(l->blk, T_I32, v, ir_const(l->blk, T_I32, bit[i].invert));
        flags = flags == IR_NONE ? v : ir_or(l->blk, T_I32, flags, v);
    }
    arm_set_global(l, G_FLAGS, ir_funpack(l->blk, T_NO, flags));
}

static IrRef next_pc(ArmLift *l) { return arm_fp_const(l, l->next | (uint64_t)l->next_mode << 32); }

/* FPSCR = R[t]; LEN is part of the mode word, so what follows is another unit */
void lift_vfp_vmsr(ArmLift *l)
{
    unsigned t = arm_field(l, 't');
    IrRef v, next;

    if (!begin(l, t)) {
        return;
    }
    v = arm_get(l, t);
    next = next_pc(l);
    arm_call(l, T_NO, ARM_H_fpscr_write, v, next, IR_NONE);
    arm_end_dispatch(l);
}

/* R[t] = FPSID, MVFR0, MVFR1, FPEXC: at PL1 as CPACR says, whatever FPEXC.EN; B9.3.21 */
void lift_vfp_vmrs_system(ArmLift *l)
{
    unsigned t = arm_field(l, 't');
    IrRef v;

    if (bad_core(l, t) || (l->mode & MODE_PRIV) == 0) {
        arm_undefined(l);
        return;
    }
    v = arm_fp_const(l, arm_arg(l));
    arm_set(l, t, arm_call(l, T_I32, ARM_H_vmrs, v, IR_NONE, IR_NONE));
}

/* FPEXC = R[t]; a write of FPSID has no effect; B9.3.22 */
void lift_vfp_vmsr_system(ArmLift *l)
{
    unsigned t = arm_field(l, 't');
    IrRef v, reg, next;

    if (bad_core(l, t) || (l->mode & MODE_PRIV) == 0) {
        arm_undefined(l);
        return;
    }
    arm_call(l, T_NO, ARM_H_fp_access, IR_NONE, IR_NONE, IR_NONE);
    v = arm_get(l, t);
    reg = arm_fp_const(l, arm_arg(l));
    next = next_pc(l);
    arm_call(l, T_NO, ARM_H_vmsr, v, reg, next);
    arm_end_dispatch(l);
}
