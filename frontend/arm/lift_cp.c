/* SPDX-License-Identifier: MIT */
/*
 * lift_cp.c - MRC, MCR, MRRC and MCRR of coprocessors 15 and 14: a row of cp15.def says what to do.
 * A plain register is read, and written if all its bits can be, inline; the rest calls out.
 */
#include "frontend/arm/cp15_priv.h"
#include "frontend/arm/lift_system_priv.h"

/* The row, if the current privilege level may ever do this. Else UNDEFINED, and NULL. */
static const ArmCpReg *find(ArmLift *l, bool wide, unsigned how)
{
    const ArmCpReg *reg;
    IrRef insn, pc;

    if (wide) {
        reg = arm_cp_find(arm_bits(l, 8, 4), arm_bits(l, 4, 4), C64, arm_bits(l, 0, 4), 0);
    } else {
        reg = arm_cp_find(arm_bits(l, 8, 4), arm_bits(l, 21, 3), arm_bits(l, 16, 4),
                          arm_bits(l, 0, 4), arm_bits(l, 5, 3));
    }
    if (reg == NULL) {
        insn = ir_const(l->blk, T_I32, l->word);
        pc = ir_const(l->blk, T_I32, l->pc);
        arm_region(l);
        arm_call(l, T_NO, ARM_H_cp_unknown, insn, pc, IR_NONE);
        ir_leave(l->blk); /* never reached: the call leaves */
        l->ended = true;
        return NULL;
    }
    if (((arm_at_pl1(l) ? reg->access.pl1 : reg->access.pl0) & how) == 0) {
        arm_undefined(l);
        return NULL;
    }
    return reg;
}

/* Whether access needs no check when it runs. */
static bool unconditional(const ArmLift *l, const ArmCpReg *reg)
{
    return arm_at_pl1(l) || reg->access.condition == CP_ALWAYS;
}

/* Registers are counted each for itself, behind the decoder's rows. */
static void count(ArmLift *l, const ArmCpReg *reg)
{
    ir_count(l->blk, 2u * (ARM_N_ROWS + arm_cp_index(reg)) + (arm_at_pl1(l) ? 1 : 0));
}

static IrRef read_register(ArmLift *l, const ArmCpReg *reg, IrType type)
{
    IrRef row, retired;

    count(l, reg);
    if (reg->read.kind == CP_VAR && unconditional(l, reg)) {
        return ir_gld(l->blk, type, (int32_t)reg->read.offset);
    }
    if (reg->read.kind == CP_ZERO && unconditional(l, reg)) {
        return ir_const(l->blk, type, 0);
    }
    row = ir_const(l->blk, T_I32, arm_cp_index(reg));
    retired = ir_retired(l->blk);
    return ir_call(l->blk, type, ARM_H_cp_read, row, retired, IR_NONE);
}

static void write_register(ArmLift *l, const ArmCpReg *reg, IrRef value)
{
    IrRef row = ir_const(l->blk, T_I32, arm_cp_index(reg)), third;

    count(l, reg);
    if (unconditional(l, reg) && (reg->write.kind == CP_VAR || reg->write.kind == CP_ZERO)) {
        if (reg->write.kind == CP_VAR) {
            ir_gst(l->blk, (int32_t)reg->write.offset, value);
        }
        return;
    }
    if (reg->after == CP_AFTER_MOVES) {
        third = arm_next_pc(l);
        ir_call(l->blk, T_NO, ARM_H_cp_move, value, row, third);
        arm_end_dispatch(l);
        return;
    }
    third = ir_retired(l->blk);
    ir_call(l->blk, T_NO, ARM_H_cp_write, value, row, third);
    if (reg->after == CP_AFTER_CHECK) {
        arm_end_check(l);
    }
}

/* MRC: Rt = register; Rt 15 is APSR.NZCV. */
void lift_mrc(ArmLift *l)
{
    const ArmCpReg *reg = find(l, false, CP_R);
    unsigned t = arm_field(l, 't');
    IrRef value;

    if (reg == NULL) {
        return;
    }
    value = read_register(l, reg, T_I32);
    if (t == 15) {
        arm_set_nzcv(l, value);
    } else {
        arm_set(l, t, value);
    }
}

/* MCR: register = Rt */
void lift_mcr(ArmLift *l)
{
    unsigned t = arm_field(l, 't');
    const ArmCpReg *reg;

    if (t == 15) {
        arm_undefined(l); /* A8.8.98: UNPREDICTABLE */
        return;
    }
    reg = find(l, false, CP_W);
    if (reg != NULL) {
        write_register(l, reg, arm_get(l, t));
    }
}

/* MRRC: Rt, Rt2 = low and high half of a register */
void lift_mrrc(ArmLift *l)
{
    unsigned t = arm_field(l, 't'), t2 = arm_field(l, 'r');
    const ArmCpReg *reg;
    IrRef value, high;

    if (t == 15 || t2 == 15 || t == t2) {
        arm_undefined(l); /* A8.8.108: UNPREDICTABLE */
        return;
    }
    reg = find(l, true, CP_R);
    if (reg != NULL) {
        value = read_register(l, reg, T_I64);
        high = arm_high(l, value);
        arm_set(l, t, arm_low(l, value));
        arm_set(l, t2, high);
    }
}

/* MCRR: register = Rt2:Rt */
void lift_mcrr(ArmLift *l)
{
    unsigned t = arm_field(l, 't'), t2 = arm_field(l, 'r');
    const ArmCpReg *reg;
    IrRef low, high;

    if (t == 15 || t2 == 15) {
        arm_undefined(l); /* A8.8.99: UNPREDICTABLE */
        return;
    }
    reg = find(l, true, CP_W);
    if (reg != NULL) {
        low = arm_wide(l, arm_get(l, t), false);
        high = arm_wide(l, arm_get(l, t2), false);
        high = ir_shl(l->blk, T_I64, high, ir_const(l->blk, T_I64, 32));
        write_register(l, reg, ir_or(l->blk, T_I64, low, high));
    }
}
