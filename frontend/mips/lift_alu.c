/* SPDX-License-Identifier: MIT */
/* lift_alu.c - arithmetic, logic, shifts and bit fields, MD00086 chapter 3. */
#include "frontend/mips/lift_int_priv.h"

/* Rd = a + b or a - b, unless that overflows: then Integer Overflow and Rd is as it was */
static IrRef trapping(MipsLift *l, unsigned op, IrRef a, IrRef b)
{
    IrPair p = op == OP_ADDO ? ir_addf(l->blk, T_I32, a, b) : ir_subf(l->blk, T_I32, a, b);

    mips_raise_if(l, ir_fcond(l->blk, T_NO, p.second, CC_O), MIPS_EXC_OV);
    return p.first;
}

static IrRef operate(MipsLift *l, unsigned op, IrRef a, IrRef b)
{
    IrBlock *blk = l->blk;

    switch (op) {
    case OP_ADD: return ir_add(blk, T_I32, a, b);
    case OP_SUB: return ir_sub(blk, T_I32, a, b);
    case OP_AND: return ir_and(blk, T_I32, a, b);
    case OP_OR: return ir_or(blk, T_I32, a, b);
    case OP_XOR: return ir_xor(blk, T_I32, a, b);
    case OP_NOR: return ir_not(blk, T_I32, ir_or(blk, T_I32, a, b));
    case OP_SLT: return ir_zext(blk, T_I32, ir_lts(blk, T_I32, a, b));
    case OP_SLTU: return ir_zext(blk, T_I32, ir_ltu(blk, T_I32, a, b));
    default: return trapping(l, op, a, b);
    }
}

/* ADD, ADDU, SUB, SUBU, AND, OR, XOR, NOR, SLT, SLTU: Rd = Rs op Rt */
void mips_lift_alu_reg(MipsLift *l)
{
    IrRef a = mips_get_field(l, 's');
    IrRef b = mips_get_field(l, 't');
    IrRef v = operate(l, mips_arg(l), a, b);

    if (!l->ended) { /* an overflow that is certain here */
        mips_set_field(l, 'd', v);
    }
}

/* ADDI, ADDIU, SLTI, SLTIU: Rt = Rs op sign-extended imm; ANDI, ORI, XORI: zero-extended */
void mips_lift_alu_imm(MipsLift *l)
{
    unsigned op = mips_arg(l);
    bool logic = op == OP_AND || op == OP_OR || op == OP_XOR;
    IrRef a = mips_get_field(l, 's');
    IrRef v = operate(l, op, a, mips_const(l, logic ? mips_field(l, 'i') : mips_simm(l)));

    if (!l->ended) {
        mips_set_field(l, 't', v);
    }
}

/* LUI: Rt = imm || 0^16 */
void mips_lift_lui(MipsLift *l) { mips_set_field(l, 't', mips_const(l, mips_field(l, 'i') << 16)); }

/* MOVZ, MOVN: if Rt == 0 (!= 0): Rd = Rs */
void mips_lift_movz(MipsLift *l)
{
    IrRef zero = mips_const(l, 0);
    IrRef t = mips_get_field(l, 't');
    IrRef s = mips_get_field(l, 's');
    IrRef d = mips_get_field(l, 'd');
    IrRef cond = mips_arg(l) ? ir_ne(l->blk, T_I32, t, zero) : ir_eq(l->blk, T_I32, t, zero);

    mips_set_field(l, 'd', ir_select(l->blk, T_I32, cond, s, d));
}

static IrRef shift(MipsLift *l, unsigned op, IrRef v, IrRef by)
{
    switch (op) {
    case SH_LL: return ir_shl(l->blk, T_I32, v, by);
    case SH_RL: return ir_shr(l->blk, T_I32, v, by);
    case SH_RA: return ir_sar(l->blk, T_I32, v, by);
    default: return ir_ror(l->blk, T_I32, v, by);
    }
}

/* SLL, SRL, SRA, ROTR: Rd = Rt shifted by sa */
void mips_lift_shift(MipsLift *l)
{
    IrRef v = mips_get_field(l, 't');

    mips_set_field(l, 'd', shift(l, mips_arg(l), v, mips_const(l, mips_field(l, 'h'))));
}

/* SLLV, SRLV, SRAV, ROTRV: Rd = Rt shifted by Rs[4:0] */
void mips_lift_shiftv(MipsLift *l)
{
    IrRef v = mips_get_field(l, 't');
    IrRef by = mips_get_field(l, 's');

    mips_set_field(l, 'd', shift(l, mips_arg(l), v, by));
}

/* CLZ, CLO: Rd = leading zeros (ones) of Rs. Rt should be Rd: not looked at. */
void mips_lift_clz(MipsLift *l)
{
    IrRef v = mips_get_field(l, 's');

    if (mips_arg(l)) {
        v = ir_not(l->blk, T_I32, v);
    }
    mips_set_field(l, 'd', ir_clz(l->blk, T_I32, v));
}

/* EXT: Rt = Rs[lsb + msbd : lsb]. Beyond bit 31 it is UNPREDICTABLE: what is there, zeros above. */
void mips_lift_ext(MipsLift *l)
{
    unsigned msbd = mips_field(l, 'd');
    IrRef v = mips_get_field(l, 's');

    v = ir_shr(l->blk, T_I32, v, mips_const(l, mips_field(l, 'h')));
    v = ir_and(l->blk, T_I32, v, mips_const(l, UINT32_MAX >> (31 - msbd)));
    mips_set_field(l, 't', v);
}

/* INS: Rt[msb : lsb] = Rs[msb - lsb : 0]. With lsb > msb it is UNPREDICTABLE: Rt stays. */
void mips_lift_ins(MipsLift *l)
{
    unsigned msb = mips_field(l, 'd'), lsb = mips_field(l, 'h');
    uint32_t mask;
    IrRef v, old;

    if (lsb > msb) {
        return;
    }
    mask = UINT32_MAX >> (31 - (msb - lsb));
    v = mips_get_field(l, 's');
    old = mips_get_field(l, 't');
    v = ir_and(l->blk, T_I32, v, mips_const(l, mask));
    v = ir_shl(l->blk, T_I32, v, mips_const(l, lsb));
    old = ir_and(l->blk, T_I32, old, mips_const(l, ~(mask << lsb)));
    mips_set_field(l, 't', ir_or(l->blk, T_I32, old, v));
}

/* WSBH: Rd = Rt with the bytes of each halfword swapped */
void mips_lift_wsbh(MipsLift *l)
{
    IrRef v = ir_bswap(l->blk, T_I32, mips_get_field(l, 't'));

    mips_set_field(l, 'd', ir_ror(l->blk, T_I32, v, mips_const(l, 16)));
}

/* SEB, SEH: Rd = Rt's low byte (halfword), sign-extended */
void mips_lift_sext(MipsLift *l)
{
    IrRef v = mips_get_field(l, 't');

    mips_set_field(l, 'd', ir_sext(l->blk, T_I32, v, mips_arg(l)));
}
