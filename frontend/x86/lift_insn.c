/* SPDX-License-Identifier: MIT */
/* lift_insn.c - one x86 instruction: decoded, allowed or not, lifted, and where it goes on. */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

static const X86Insn no_row = {
    .info = { "undefined", "-", SENS_INNOCUOUS, HOW_TRANSLATED, false, "Vol. 3 6.15 #UD" },
};

/* ---- what lifters share ---- */

static bool has_error_code(unsigned vector) { return vector >= X86_DF && vector != X86_MF; }

/* The call leaves; what is lifted behind it is never reached. */
static void raise_here(X86Lift *l, unsigned vector)
{
    unsigned h = has_error_code(vector) ? X86_H_raise_error : X86_H_raise;
    IrRef v = x86_const32(l, vector);

    ir_call(l->blk, T_NO, h, v, IR_NONE, IR_NONE);
}

void x86_raise(X86Lift *l, unsigned vector)
{
    raise_here(l, vector);
    ir_leave(l->blk);
    l->ended = true;
}

void x86_undefined(X86Lift *l) { x86_raise(l, X86_UD); }
void x86_gp0(X86Lift *l) { x86_raise(l, X86_GP); }

void x86_raise_if(X86Lift *l, IrRef cond, unsigned vector)
{
    uint64_t known;

    if (ir_is_const(l->blk, cond, &known)) {
        if (known != 0) {
            raise_here(l, vector);
        }
        return;
    }
    ir_skip(l->blk, ir_not(l->blk, T_I1, cond));
    raise_here(l, vector);
    ir_label(l->blk);
}

void x86_count(X86Lift *l) { ir_count(l->blk, 2u * l->row->ledger + (x86_cpl0(l) ? 1 : 0)); }

IrRef x86_call(X86Lift *l, IrType t, unsigned h, IrRef a, IrRef b, IrRef c)
{
    IrRef r = ir_call(l->blk, t, h, a, b, c);

    if (x86_helpers[h].effects & HELPER_CALLOUT) {
        x86_count(l); /* behind it: once, also if the interpreter must do it again */
    }
    return r;
}

IrRef x86_next_pc(X86Lift *l) { return ir_const(l->blk, T_I64, ir_pc(l->next, l->mode)); }
IrRef x86_this_pc(X86Lift *l) { return ir_const(l->blk, T_I64, ir_pc(l->pc, l->mode)); }

void x86_end(X86Lift *l)
{
    ir_goto(l->blk, l->next, l->next_mode);
    l->ended = true;
}

void x86_end_check(X86Lift *l)
{
    ir_check(l->blk, l->next, l->next_mode);
    l->ended = true;
}

void x86_end_dispatch(X86Lift *l)
{
    ir_dispatch(l->blk);
    l->ended = true;
}

static IrRef cs_member(X86Lift *l, size_t member)
{
    return ir_gld(l->blk, T_I32, (int32_t)(offsetof(X86Cpu, seg[SEG_CS]) + member));
}

static bool has_flat_cs(const X86Lift *l) { return (l->mode & MODE_SEGS) == 0; }

IrRef x86_next_eip(X86Lift *l)
{
    IrRef next = x86_const32(l, l->next), base;

    if (has_flat_cs(l)) {
        return next;
    }
    base = cs_member(l, offsetof(X86Seg, base));
    return ir_sub(l->blk, T_I32, next, base);
}

/* An interrupt that was held off is taken behind this instruction. */
static bool was_in_shadow(const X86Lift *l)
{
    return (l->mode & (MODE_SHADOW | MODE_SS_SHADOW)) != 0;
}

void x86_goto(X86Lift *l, Gva target)
{
    if (was_in_shadow(l)) {
        ir_check(l->blk, target, l->next_mode);
    } else {
        ir_goto(l->blk, target, l->next_mode);
    }
    l->ended = true;
}

void x86_check_eip(X86Lift *l, IrRef eip)
{
    if (!has_flat_cs(l)) {
        ir_call(l->blk, T_I32, X86_H_check_eip, eip, IR_NONE, IR_NONE);
    }
}

/* The linear address of @eip, which is in the segment. */
static IrRef linear_eip(X86Lift *l, IrRef eip)
{
    return has_flat_cs(l) ? eip : ir_call(l->blk, T_I32, X86_H_check_eip, eip, IR_NONE, IR_NONE);
}

/* EXIT to a linear address that is computed. */
static void jump(X86Lift *l, IrRef va)
{
    if (was_in_shadow(l)) {
        IrRef mode = x86_const32(l, l->next_mode);

        ir_call(l->blk, T_NO, X86_H_go, va, mode, IR_NONE);
        ir_dispatch(l->blk);
    } else {
        ir_jump(l->blk, va, l->next_mode, false);
    }
}

void x86_jump_eip(X86Lift *l, IrRef eip)
{
    IrRef va = linear_eip(l, eip);
    uint64_t known;

    if (ir_is_const(l->blk, va, &known)) {
        x86_goto(l, (Gva)known);
        return;
    }
    jump(l, va);
    l->ended = true;
}

/* A forward branch leaves by the side and the unit runs on; one backward is a loop, and what
 * follows it begins a unit of its own. */
void x86_jump_eip_if(X86Lift *l, IrRef cond, IrRef eip)
{
    uint64_t known;

    if (ir_is_const(l->blk, eip, &known) && has_flat_cs(l) && !was_in_shadow(l)) {
        ir_goto_if(l->blk, cond, (Gva)known, l->next_mode);
        if ((Gva)known <= l->pc) {
            x86_end(l);
        }
        return;
    }
    ir_skip(l->blk, ir_not(l->blk, T_I1, cond));
    jump(l, linear_eip(l, eip));
    ir_label(l->blk);
    x86_goto(l, l->next);
}

/* ---- before the instruction ---- */

/* Debug exceptions that are due ahead of it, Vol. 3 17.3. */
static void debug_traps(X86Lift *l)
{
    if ((l->mode & (MODE_TRAP | MODE_BREAK)) != 0) {
        IrRef pc = x86_this_pc(l);

        ir_call(l->blk, T_NO, X86_H_debug, pc, IR_NONE, IR_NONE);
    }
}

/* Fetching beyond the code segment's limit. */
static void check_fetch(X86Lift *l)
{
    IrRef last, end, base;

    if (has_flat_cs(l)) {
        return;
    }
    base = cs_member(l, offsetof(X86Seg, base));
    last = cs_member(l, offsetof(X86Seg, last));
    end = x86_const32(l, l->pc + l->length - 1);
    end = ir_sub(l->blk, T_I32, end, base);
    x86_raise_if(l, ir_ltu(l->blk, T_I32, last, end), X86_GP);
}

static bool lock_is_allowed(const X86Lift *l)
{
    return !l->lock || ((l->row->flags & ROW_LOCK) != 0 && x86_is_memory(l));
}

static bool has_feature(const X86Lift *l)
{
    return (l->cpu->model->features >> l->row->feature & 1) != 0;
}

/* What the row and the mode forbid, in the order of Vol. 2's exception lists: #UD before #GP. */
static int forbidden(const X86Lift *l)
{
    uint32_t flags = l->row->flags;

    if (!has_feature(l) || !lock_is_allowed(l)
        || ((flags & ROW_PROTECTED) != 0 && (l->mode & (MODE_REAL | MODE_VM)) != 0)) {
        return X86_UD;
    }
    if ((l->row->info.sens == SENS_PRIVILEGED && (flags & (ROW_IOPL | ROW_IO)) == 0 && !x86_cpl0(l))
        || ((flags & ROW_IOPL) != 0 && !x86_cpl0(l) && (l->mode & MODE_IO) == 0)
        || ((flags & ROW_VM_IOPL) != 0 && (l->mode & MODE_VM) != 0 && (l->mode & MODE_IO) == 0)) {
        return X86_GP;
    }
    return -1;
}

static void lift_row(X86Lift *l)
{
    int vector = forbidden(l);

    if (vector >= 0) {
        x86_raise(l, (unsigned)vector);
        return;
    }
    l->row->lift(l);
    if (!l->ended && (l->row->flags & ROW_ENDS) != 0) {
        x86_end(l);
    }
}

/* The mode word of the next instruction, as far as this one says nothing else. */
static uint32_t next_mode(uint32_t mode)
{
    mode &= ~(uint32_t)(MODE_SHADOW | MODE_SS_SHADOW | MODE_TRAP);
    return (mode & MODE_TF) != 0 ? mode | MODE_TRAP : mode;
}

IsaLifted x86_lift(IsaLift *in)
{
    X86Lift l = { .blk = in->blk, .cpu = x86_cpu(in->v), .pc = in->pc, .mode = in->mode };
    X86Decoded how = x86_decode(&l, in->code, in->avail);

    if (how == X86_TOO_SHORT) {
        return LIFT_MORE;
    }
    if (in->blk->n_insns > 0 && how == X86_DECODED && l.rep != 0 && (l.row->flags & ROW_REP) != 0) {
        return LIFT_BEFORE; /* so that it can go back to itself */
    }
    l.ea = IR_NONE;
    l.next = l.pc + l.length;
    l.next_mode = next_mode(l.mode);
    if (l.row == NULL) {
        l.row = &no_row;
    }
    ir_insn(l.blk, l.pc, l.mode);
    debug_traps(&l);
    check_fetch(&l);
    if (how == X86_DECODED) {
        lift_row(&l);
    } else {
        x86_raise(&l, how == X86_TOO_LONG ? X86_GP : X86_UD);
    }
    if (!l.ended && was_in_shadow(&l)) {
        x86_end_check(&l);
    }
    in->pc = l.next;
    in->mode = l.next_mode;
    return l.ended ? LIFTED_END : LIFTED;
}

const char *x86_row_name(const uint8_t *code, unsigned avail, uint32_t mode)
{
    X86Lift l = { .mode = mode };

    return x86_decode(&l, code, avail) == X86_DECODED ? l.row->info.name : no_row.info.name;
}
