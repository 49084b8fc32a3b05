/* SPDX-License-Identifier: MIT */
/* lift_branch.c - near branches, calls and returns; loops; software interrupts. */
#include "frontend/x86/lift_int_priv.h"

/* EIP after the branch: of the next instruction plus the displacement, cut to the operand size. */
static IrRef target(X86Lift *l)
{
    uint32_t disp = l->row->operand[0].size == 'b' ? (uint32_t)(int32_t)(int8_t)l->imm : l->imm;
    IrRef eip = x86_next_eip(l);

    eip = ir_add(l->blk, T_I32, eip, x86_const32(l, disp));
    return l->opsize == 2 ? ir_and(l->blk, T_I32, eip, x86_const32(l, 0xffff)) : eip;
}

/* Branches if @cond, else goes on. */
static void branch_if(X86Lift *l, IrRef cond)
{
    IrRef eip;
    uint64_t known;

    if (ir_is_const(l->blk, cond, &known)) {
        if (known != 0) {
            eip = target(l);
            x86_jump_eip(l, eip);
        }
        return;
    }
    x86_jump_eip_if(l, cond, target(l));
}

/* Jcc */
void x86_lift_jcc(X86Lift *l) { branch_if(l, x86_cond(l, l->opcode & 15)); }

/* JMP first */
void x86_lift_jmp(X86Lift *l)
{
    IrRef eip = target(l);

    x86_jump_eip(l, eip);
}

void x86_lift_jmp_indirect(X86Lift *l)
{
    IrRef eip = x86_zext(l, x86_get(l, 0));

    x86_jump_eip(l, eip);
}

static void push_next(X86Lift *l)
{
    IrRef next = x86_next_eip(l);

    x86_push(l, l->opsize == 2 ? ir_trunc(l->blk, T_I16, next) : next);
}

/* CALL first: push EIP of the next instruction, branch; a target beyond the segment pushes nothing
 * */
void x86_lift_call(X86Lift *l)
{
    IrRef eip = target(l);

    x86_check_eip(l, eip);
    push_next(l);
    x86_jump_eip(l, eip);
}

void x86_lift_call_indirect(X86Lift *l)
{
    IrRef eip = x86_zext(l, x86_get(l, 0));

    x86_check_eip(l, eip);
    push_next(l);
    x86_jump_eip(l, eip);
}

/* RET first: pop EIP, release bytes */
void x86_lift_ret(X86Lift *l)
{
    IrRef eip = x86_zext(l, x86_stack_peek(l, 0, l->opsize));

    x86_check_eip(l, eip);
    x86_stack_add(l, l->opsize + (l->imm & 0xffff));
    x86_jump_eip(l, eip);
}

/* eCX, by address size, as I32. */
static IrRef counter(X86Lift *l) { return x86_zext(l, x86_reg(l, G_ECX, l->adsize)); }

/* LOOP, LOOPE, LOOPNE: eCX = eCX - 1; branch if it is not 0, and ZF is as asked */
void x86_lift_loop(X86Lift *l)
{
    IrRef n = counter(l), cond, z;

    n = ir_add(l->blk, T_I32, n, x86_const32(l, UINT32_MAX));
    n = l->adsize == 2 ? ir_and(l->blk, T_I32, n, x86_const32(l, 0xffff)) : n;
    cond = ir_ne(l->blk, T_I32, n, x86_const32(l, 0));
    if (x86_arg(l) != LOOP_ALWAYS) {
        z = x86_cond(l, x86_arg(l) == LOOP_E ? CC_Z : CC_NZ);
        cond = ir_and(l->blk, T_I1, cond, z);
    }
    if ((l->mode & MODE_SEGS) != 0) {
        /* eCX is not changed by a branch that faults */
        IrRef eip = target(l), zero = x86_const32(l, 0);

        x86_check_eip(l, ir_select(l->blk, T_I32, cond, eip, zero));
    }
    x86_set_reg(l, G_ECX, l->adsize, l->adsize == 2 ? ir_trunc(l->blk, T_I16, n) : n);
    branch_if(l, cond);
}

/* JCXZ, JECXZ */
void x86_lift_jcxz(X86Lift *l)
{
    IrRef n = counter(l);

    branch_if(l, ir_eq(l->blk, T_I32, n, x86_const32(l, 0)));
}

/* ---- software interrupts ---- */

static void interrupt(X86Lift *l, unsigned vector)
{
    IrRef eip = x86_next_eip(l), next = x86_next_pc(l);

    x86_call(l, T_NO, X86_H_int, x86_const32(l, vector), eip, next);
    ir_dispatch(l->blk);
}

/* INT first, INT3 */
void x86_lift_int(X86Lift *l)
{
    interrupt(l, l->imm & 0xff);
    l->ended = true;
}

void x86_lift_int3(X86Lift *l)
{
    interrupt(l, X86_BP);
    l->ended = true;
}

/* INT1: a debug trap that no gate's DPL bars, and that sets nothing in DR6 */
void x86_lift_int1(X86Lift *l)
{
    IrRef eip = x86_next_eip(l);

    x86_call(l, T_NO, X86_H_int1, eip, x86_next_pc(l), IR_NONE);
    x86_end_dispatch(l);
}

/* INTO: interrupt 4 if OF */
void x86_lift_into(X86Lift *l)
{
    IrRef none = x86_cond(l, CC_NO);
    uint64_t known;

    if (ir_is_const(l->blk, none, &known)) {
        if (known == 0) {
            interrupt(l, X86_OF);
            l->ended = true;
        }
        return;
    }
    ir_skip(l->blk, none);
    interrupt(l, X86_OF);
    ir_label(l->blk);
    x86_end(l);
}

/* BOUND first, second: #BR if first is below the first or above the second of the pair in memory */
void x86_lift_bound(X86Lift *l)
{
    IrRef lower = x86_get(l, 1), off = x86_ea(l), upper, v = x86_get(l, 0), low, high;
    IrType t = ir_type_of(l->blk, v);

    off = x86_ea_plus(l, off, l->opsize);
    upper = x86_load(l, l->seg, off, l->opsize);
    low = ir_lts(l->blk, t, v, lower);
    high = ir_lts(l->blk, t, upper, v);
    x86_raise_if(l, ir_or(l->blk, T_I1, low, high), X86_BR);
}
