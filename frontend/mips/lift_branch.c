/* SPDX-License-Identifier: MIT */
/* lift_branch.c - jumps, branches, traps, MD00086 chapter 3. */
#include "frontend/mips/lift_int_priv.h"

/* In MIPS32 offsets are words, in microMIPS halfwords. */
static unsigned offset_shift(const MipsLift *l) { return (l->mode & MIPS_MODE_ISA) != 0 ? 1 : 2; }

/* J, JAL, JALX: PC = PC of the slot [31:28] || imm || 0^2; JAL, JALX: r31 = address behind the
 * slot; JALX: to the other ISA mode */
void mips_lift_j(MipsLift *l)
{
    Gva va = (l->next & 0xf0000000u) | mips_field(l, 'i') << 2;

    if (mips_arg(l)) {
        mips_link(l, 31, 4);
    }
    mips_branch(l,
                (MipsBranch){ .cc = IR_const, .to = IR_NONE, .va = va, .isa = mips_arg(l) >> 1 });
}

static void jump(MipsLift *l, IrRef to, unsigned slot)
{
    MipsBranch b = { .cc = IR_const, .to = to, .slot = (uint8_t)slot };
    uint64_t va;

    if (ir_is_const(l->blk, to, &va) && ((l->features & MIPS_ISA16) == 0 || (va & 1) == 0)) {
        b.to = IR_NONE;
        b.va = (Gva)va;
    }
    mips_branch(l, b);
}

/* JR, JR.HB: PC = Rs, bit 0 the ISA mode where there is one */
void mips_lift_jr(MipsLift *l) { jump(l, mips_get_field(l, 's'), 0); }

/* JALR, JALR.HB: Rd = address behind the slot, PC = Rs; in microMIPS the slot has 4 bytes, of JALRS
 * 2. The manual forbids Rd == Rs, because the
 * jump could not be restarted; we raise Reserved Instruction. */
void mips_lift_jalr(MipsLift *l)
{
    unsigned s = mips_field(l, 's'), d = mips_field(l, 'd');
    unsigned slot = (mips_arg(l) & BR_SHORT) != 0 ? 2 : 4;
    IrRef to;

    if (s == d && d != 0) {
        mips_reserved(l);
        return;
    }
    to = mips_get(l, s);
    mips_link(l, d, slot);
    jump(l, to, slot);
}

/* What the comparison of Rs with Rt, or with 0, is in the IR. */
static void compare(MipsLift *l, MipsBranch *b, unsigned op)
{
    static const IrOp ops[] = { IR_eq, IR_ne, IR_les, IR_lts, IR_lts, IR_les };
    IrRef s = mips_get_field(l, 's');
    IrRef t = mips_get_field(l, 't'); /* a row without field t: register 0 */
    bool exchanged = op == BR_GTZ || op == BR_GEZ;

    b->cc = ops[op];
    b->x = exchanged ? t : s;
    b->y = exchanged ? s : t;
}

/* B<cc>{AL}{L} Rs, {Rt,} offset: if Rs cc Rt: PC = PC of the slot + offset * 4, in microMIPS * 2;
 * AL: r31 = address behind the slot, taken or not. The manual forbids AL with Rs = 31, for the same
 * reason as JALR. microMIPS: slots of AL have 4 bytes, of ALS 2; BEQZC and BNEZC have none. */
void mips_lift_branch(MipsLift *l)
{
    unsigned arg = mips_arg(l);
    MipsBranch b = { .to = IR_NONE, .va = l->next + (mips_simm(l) << offset_shift(l)) };

    b.isa = l->mode & MIPS_MODE_ISA;
    b.likely = (arg & BR_LIKELY) != 0;
    b.compact = (arg & BR_COMPACT) != 0;
    if ((arg & BR_LINK) != 0 && mips_field(l, 's') == 31) {
        mips_reserved(l);
        return;
    }
    compare(l, &b, arg & 7);
    if ((arg & BR_LINK) != 0) {
        b.slot = (arg & BR_SHORT) != 0 ? 2 : 4;
        mips_link(l, 31, b.slot);
    }
    mips_branch(l, b);
}

static void trap(MipsLift *l, IrRef a, IrRef b)
{
    IrRef cond;

    switch (mips_arg(l)) {
    case TRAP_EQ: cond = ir_eq(l->blk, T_I32, a, b); break;
    case TRAP_NE: cond = ir_ne(l->blk, T_I32, a, b); break;
    case TRAP_GE: cond = ir_les(l->blk, T_I32, b, a); break;
    case TRAP_GEU: cond = ir_leu(l->blk, T_I32, b, a); break;
    case TRAP_LT: cond = ir_lts(l->blk, T_I32, a, b); break;
    default: cond = ir_ltu(l->blk, T_I32, a, b); break;
    }
    mips_raise_if(l, cond, MIPS_EXC_TR);
}

/* T<cc> Rs, Rt: if Rs cc Rt: Trap exception */
void mips_lift_trap(MipsLift *l)
{
    IrRef a = mips_get_field(l, 's');

    trap(l, a, mips_get_field(l, 't'));
}

/* T<cc>I Rs, imm: the same with a sign-extended immediate, also where the compare is unsigned */
void mips_lift_trap_imm(MipsLift *l)
{
    IrRef a = mips_get_field(l, 's');

    trap(l, a, mips_const(l, mips_simm(l)));
}

/* SYSCALL: its exception is its whole effect: taken at once, not by way of the fault path */
void mips_lift_syscall(MipsLift *l)
{
    IrRef here = ir_const(l->blk, T_I64, ir_pc(l->pc, l->mode));

    ir_call(l->blk, T_NO, MIPS_H_syscall, here, IR_NONE, IR_NONE);
    mips_end_dispatch(l);
}

/* BREAK: the exception of that name */
void mips_lift_break(MipsLift *l) { mips_raise_here(l, MIPS_EXC_BP, 0); }
