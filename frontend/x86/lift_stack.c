/* SPDX-License-Identifier: MIT */
/* lift_stack.c - PUSH, POP and their kin; ENTER and LEAVE; EFLAGS on the stack. */
#include "frontend/x86/lift_int_priv.h"
#include "frontend/x86/x86_priv.h"

enum { OFF_EFLAGS = offsetof(X86Cpu, eflags) };

/* PUSH first */
void x86_lift_push(X86Lift *l)
{
    IrRef v = x86_get(l, 0);

    x86_push(l, v);
}

/* POP first: the address of a memory operand is computed with the pointer moved already */
void x86_lift_pop(X86Lift *l)
{
    unsigned bytes = l->opsize;
    IrRef v = x86_stack_peek(l, 0, bytes);

    if (x86_is_memory(l)) {
        if (l->base == G_ESP) {
            l->disp += bytes;
        }
        x86_put(l, 0, v);
        x86_stack_add(l, bytes);
    } else {
        x86_stack_add(l, bytes);
        x86_put(l, 0, v);
    }
}

/* Offset of the stack's slot @k words below the pointer. */
static IrRef below(X86Lift *l, IrRef sp, unsigned k)
{
    sp = ir_add(l->blk, T_I32, sp, x86_const32(l, 0u - k * l->opsize));
    return (l->mode & MODE_S16) != 0 ? ir_and(l->blk, T_I32, sp, x86_const32(l, 0xffff)) : sp;
}

/* PUSHA: EAX ECX EDX EBX, ESP as it was, EBP ESI EDI */
void x86_lift_pusha(X86Lift *l)
{
    IrRef sp = ir_get(l->blk, G_ESP);

    for (unsigned i = 0; i < 8; i++) {
        IrRef off = below(l, sp, i + 1), v = x86_reg(l, i, l->opsize);

        x86_store(l, SEG_SS, off, v);
    }
    x86_stack_add(l, 0u - 8u * l->opsize);
}

/* POPA: EDI ESI EBP, one left out, EBX EDX ECX EAX */
void x86_lift_popa(X86Lift *l)
{
    IrRef v[8];

    for (unsigned i = 0; i < 8; i++) {
        v[i] = i == 3 ? IR_NONE : x86_stack_peek(l, i * l->opsize, l->opsize);
    }
    x86_stack_add(l, 8u * l->opsize);
    for (unsigned i = 0; i < 8; i++) {
        if (i != 3) {
            x86_set_reg(l, 7 - i, l->opsize, v[i]);
        }
    }
}

/* ENTER size, 0: PUSH EBP, EBP = ESP, ESP -= size. Vol. 2: a write at the new stack pointer must be
 * possible; none is made. */
static void enter_plain(X86Lift *l, uint32_t size)
{
    IrRef sp = ir_get(l->blk, G_ESP), frame = below(l, sp, 1), top;
    unsigned width = (l->mode & MODE_S16) != 0 ? 2 : 4;

    x86_store(l, SEG_SS, frame, x86_reg(l, G_EBP, l->opsize));
    top = ir_add(l->blk, T_I32, frame, x86_const32(l, 0 - size));
    top = width == 2 ? ir_and(l->blk, T_I32, top, x86_const32(l, 0xffff)) : top;
    x86_probe_write(l, SEG_SS, top, l->opsize);
    x86_set_reg(l, G_ESP, width, width == 2 ? ir_trunc(l->blk, T_I16, top) : top);
    if (width == 2) { /* bits 31:16 of ESP are EBP's too, with a 32-bit operand */
        frame = ir_or(l->blk, T_I32, frame, ir_and(l->blk, T_I32, sp, x86_const32(l, 0xffff0000)));
    }
    x86_set_reg(l, G_EBP, l->opsize, l->opsize == 2 ? ir_trunc(l->blk, T_I16, frame) : frame);
}

/* ENTER size, level */
void x86_lift_enter(X86Lift *l)
{
    uint32_t size = l->imm & 0xffff, level = l->imm2 & 31;
    IrRef frame;

    if (level == 0) {
        enter_plain(l, size);
        return;
    }
    frame = x86_const32(l, size | level << 16 | (uint32_t)l->opsize << 24);
    ir_call(l->blk, T_NO, X86_H_enter, frame, IR_NONE, IR_NONE);
}

/* LEAVE: ESP = EBP, POP EBP */
void x86_lift_leave(X86Lift *l)
{
    bool narrow = (l->mode & MODE_S16) != 0;
    IrRef bp = ir_get(l->blk, G_EBP), off = bp, v;

    if (narrow) {
        off = ir_and(l->blk, T_I32, bp, x86_const32(l, 0xffff));
    }
    v = x86_load(l, SEG_SS, off, l->opsize);
    off = ir_add(l->blk, T_I32, off, x86_const32(l, l->opsize));
    x86_set_reg(l, G_ESP, narrow ? 2 : 4, narrow ? ir_trunc(l->blk, T_I16, off) : off);
    x86_set_reg(l, G_EBP, l->opsize, v);
}

/* ---- EFLAGS ---- */

/* PUSHF: VM and RF are pushed as 0 */
void x86_lift_pushf(X86Lift *l)
{
    IrRef v = ir_gld(l->blk, T_I32, OFF_EFLAGS), status = x86_status(l);

    v = ir_and(l->blk, T_I32, v, x86_const32(l, ~(uint32_t)(EFL_STATUS | EFL_VM | EFL_RF)));
    v = ir_or(l->blk, T_I32, v, status);
    v = ir_or(l->blk, T_I32, v, x86_const32(l, EFL_ONE));
    x86_push(l, l->opsize == 2 ? ir_trunc(l->blk, T_I16, v) : v);
    x86_count(l);
}

/* What POPF may write here. Vol. 2 POPF: IOPL at CPL 0 only; IF where CPL <= IOPL; VIF, VIP, VM
 * not. */
static uint32_t writable(const X86Lift *l)
{
    uint32_t mask = EFL_STATUS | EFL_TF | EFL_DF | EFL_NT | EFL_AC | EFL_ID | EFL_RF;

    if (x86_cpl0(l)) {
        mask |= EFL_IOPL;
    }
    if (x86_cpl0(l) || (l->mode & MODE_IO) != 0) {
        mask |= EFL_IF;
    }
    return l->opsize == 2 ? mask & 0xffff : mask;
}

/* POPF: mostly IF and the status flags are all that changes, and that is done here; what would
 * change the mode word goes by helper. */
void x86_lift_popf(X86Lift *l)
{
    const uint32_t mode_bits = EFL_TF | EFL_IOPL | EFL_AC | EFL_VM | EFL_NT;
    uint32_t mask = writable(l) & l->cpu->model->eflags;
    IrRef v = x86_zext(l, x86_stack_peek(l, 0, l->opsize)), old, changed, same, keep;
    IrRef allowed, next = x86_next_pc(l);

    mask &= ~(uint32_t)EFL_RF; /* cleared */
    allowed = x86_const32(l, mask);
    x86_stack_add(l, l->opsize);
    x86_count(l);
    old = ir_gld(l->blk, T_I32, OFF_EFLAGS);
    changed = ir_xor(l->blk, T_I32, old, v);
    changed = ir_and(l->blk, T_I32, changed, x86_const32(l, mask & mode_bits));
    same = ir_eq(l->blk, T_I32, changed, x86_const32(l, 0));
    ir_skip(l->blk, same);
    ir_call(l->blk, T_NO, X86_H_popf, v, allowed, next);
    ir_dispatch(l->blk);
    ir_label(l->blk);
    keep = ir_and(l->blk, T_I32, old, x86_const32(l, ~(mask | EFL_RF)));
    same = ir_and(l->blk, T_I32, v, x86_const32(l, mask & ~(uint32_t)EFL_STATUS));
    keep = ir_or(l->blk, T_I32, keep, same);
    ir_gst(l->blk, OFF_EFLAGS, keep);
    x86_set_status(l, v);
    x86_end_check(l);
}

/* CLI: IF = 0 */
void x86_lift_cli(X86Lift *l)
{
    IrRef v = ir_gld(l->blk, T_I32, OFF_EFLAGS);

    x86_count(l);
    v = ir_and(l->blk, T_I32, v, x86_const32(l, ~(uint32_t)EFL_IF));
    ir_gst(l->blk, OFF_EFLAGS, v);
}

/* STI: IF = 1; interrupts are held off until the next instruction is done */
void x86_lift_sti(X86Lift *l)
{
    IrRef v = ir_gld(l->blk, T_I32, OFF_EFLAGS);

    x86_count(l);
    v = ir_or(l->blk, T_I32, v, x86_const32(l, EFL_IF));
    ir_gst(l->blk, OFF_EFLAGS, v);
    if ((l->mode & MODE_SHADOW) == 0) {
        l->next_mode |= MODE_SHADOW; /* else IF was set by the STI before it: no second shadow */
    }
}

/* CLD, STD */
void x86_lift_direction(X86Lift *l)
{
    IrRef v = ir_gld(l->blk, T_I32, OFF_EFLAGS);

    v = x86_arg(l) ? ir_or(l->blk, T_I32, v, x86_const32(l, EFL_DF))
                   : ir_and(l->blk, T_I32, v, x86_const32(l, ~(uint32_t)EFL_DF));
    ir_gst(l->blk, OFF_EFLAGS, v);
}
