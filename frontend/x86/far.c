/* SPDX-License-Identifier: MIT */
/* far.c - transfers between code segments: far JMP, CALL and RET, IRET. SDM Vol. 2, Vol. 3 5.8. */
#include "frontend/x86/x86_priv.h"

enum { TYPE_TSS16 = 1, TYPE_GATE16 = 4, TYPE_TASK_GATE = 5, TYPE_TSS32 = 9, TYPE_GATE32 = 12 };

static bool is_conforming(const X86Descriptor *d) { return (x86_desc_type(d) & SEG_DOWN) != 0; }

static bool is_code(const X86Descriptor *d)
{
    return x86_desc_is_segment(d) && (x86_desc_type(d) & SEG_CODE) != 0;
}

/* CS = @d at privilege level @cpl, and EIP; false with #GP(0) if that is beyond the limit. */
static bool load_code(X86Cpu *cpu, X86Descriptor *d, unsigned cpl, uint32_t eip)
{
    if (eip > x86_desc_limit(d)) {
        return x86_fault(cpu, X86_GP, 0);
    }
    if (!x86_set_accessed(cpu, d)) {
        return false;
    }
    x86_seg_from_descriptor(&cpu->seg[SEG_CS], (d->selector & 0xfffc) | cpl, d->low, d->high);
    x86_set_cpl(cpu, cpl);
    x86_moved(cpu, eip, cpu->v.mode);
    return true;
}

/* Real and virtual-8086 mode. */
static bool load_code_real(X86Cpu *cpu, uint32_t selector, uint32_t eip)
{
    if (eip > cpu->seg[SEG_CS].last) {
        return x86_fault(cpu, X86_GP, 0);
    }
    x86_seg_real(cpu, SEG_CS, selector);
    x86_moved(cpu, eip, cpu->v.mode);
    return true;
}

/* ---- JMP and CALL: what a selector leads to ---- */

/* @selector read into @d; a null one is #GP(0). */
static bool read_target(X86Cpu *cpu, uint32_t selector, X86Descriptor *d)
{
    if ((selector & 0xfffc) == 0) {
        return x86_fault(cpu, X86_GP, 0);
    }
    return x86_read_descriptor(cpu, selector, X86_GP, 0, d);
}

static bool is_present(X86Cpu *cpu, const X86Descriptor *d)
{
    return x86_desc_present(d) || x86_fault(cpu, X86_NP, d->selector & 0xfffc);
}

/* A code segment named directly. */
static bool may_enter(X86Cpu *cpu, const X86Descriptor *d)
{
    unsigned rpl = d->selector & 3, dpl = x86_desc_dpl(d);

    if (is_conforming(d) ? dpl > cpu->cpl : rpl > cpu->cpl || dpl != cpu->cpl) {
        return x86_fault(cpu, X86_GP, d->selector & 0xfffc);
    }
    return is_present(cpu, d);
}

/* Gates and TSSs. */
static bool may_use(X86Cpu *cpu, const X86Descriptor *d)
{
    unsigned dpl = x86_desc_dpl(d);

    if (dpl < cpu->cpl || dpl < (d->selector & 3)) {
        return x86_fault(cpu, X86_GP, d->selector & 0xfffc);
    }
    return is_present(cpu, d);
}

static bool to_task(X86Cpu *cpu, X86Descriptor *d, X86TaskReason reason, uint32_t next)
{
    X86Descriptor tss = *d;

    if (!may_use(cpu, d)) {
        return false;
    }
    if (x86_desc_type(d) == TYPE_TASK_GATE) {
        uint32_t selector = d->low >> 16;

        if ((selector & 4) != 0) {
            return x86_fault(cpu, X86_GP, selector & 0xfffc);
        }
        if (!read_target(cpu, selector, &tss)) {
            return false;
        }
        if (x86_desc_is_segment(&tss) || (x86_desc_type(&tss) & 7) != TYPE_TSS16) {
            return x86_fault(cpu, X86_GP, selector & 0xfffc);
        }
        if (!is_present(cpu, &tss)) {
            return false;
        }
    }
    return x86_task_switch(cpu, &tss, reason, next, -1, 0);
}

/* A call gate: its target in @code, with the offset. */
static bool read_gate(X86Cpu *cpu, const X86Descriptor *gate, X86Descriptor *code, uint32_t *eip)
{
    uint32_t selector = gate->low >> 16;

    if (!may_use(cpu, gate) || !read_target(cpu, selector, code)) {
        return false;
    }
    if (!is_code(code) || x86_desc_dpl(code) > cpu->cpl) {
        return x86_fault(cpu, X86_GP, selector & 0xfffc);
    }
    *eip = gate->low & 0xffff;
    if (x86_desc_type(gate) == TYPE_GATE32) {
        *eip |= gate->high & 0xffff0000;
    }
    return is_present(cpu, code);
}

static bool jump_through_gate(X86Cpu *cpu, const X86Descriptor *gate)
{
    X86Descriptor code;
    uint32_t eip;

    if (!read_gate(cpu, gate, &code, &eip)) {
        return false;
    }
    if (!is_conforming(&code) && x86_desc_dpl(&code) != cpu->cpl) {
        return x86_fault(cpu, X86_GP, code.selector & 0xfffc);
    }
    return load_code(cpu, &code, cpu->cpl, eip);
}

static bool bad_target(X86Cpu *cpu, const X86Descriptor *d)
{
    return x86_fault(cpu, X86_GP, d->selector & 0xfffc);
}

bool x86_far_jump(X86Cpu *cpu, uint32_t selector, uint32_t eip, uint32_t next)
{
    X86Descriptor d;

    if (!x86_has_descriptors(cpu)) {
        return load_code_real(cpu, selector, eip);
    }
    if (!read_target(cpu, selector, &d)) {
        return false;
    }
    if (is_code(&d)) {
        return may_enter(cpu, &d) && load_code(cpu, &d, cpu->cpl, eip);
    }
    if (x86_desc_is_segment(&d)) {
        return bad_target(cpu, &d);
    }
    switch (x86_desc_type(&d)) {
    case TYPE_GATE16:
    case TYPE_GATE32: return jump_through_gate(cpu, &d);
    case TYPE_TASK_GATE:
    case TYPE_TSS16:
    case TYPE_TSS32: return to_task(cpu, &d, TASK_JMP, next);
    default: return bad_target(cpu, &d);
    }
}

static bool push_return(X86Cpu *cpu, X86Stack *s, unsigned bytes, uint32_t next)
{
    return x86_stack_push(cpu, s, bytes, cpu->seg[SEG_CS].selector)
           && x86_stack_push(cpu, s, bytes, next);
}

/* Vol. 3 5.8.5: to a more privileged segment, with parameters. */
static bool call_inner(X86Cpu *cpu, const X86Descriptor *gate, X86Descriptor *code, uint32_t eip,
                       uint32_t next)
{
    unsigned bytes = x86_desc_type(gate) == TYPE_GATE32 ? 4 : 2, n = gate->high & 31;
    X86Stack old = x86_own_stack(cpu), s;
    uint32_t parameter[31];

    if (!x86_inner_stack(cpu, x86_desc_dpl(code), 0, &s)) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!x86_stack_pop(cpu, &old, bytes, &parameter[i])) {
            return false;
        }
    }
    if (!x86_stack_push(cpu, &s, bytes, cpu->seg[SEG_SS].selector)
        || !x86_stack_push(cpu, &s, bytes, cpu->r[4])) {
        return false;
    }
    while (n > 0) {
        if (!x86_stack_push(cpu, &s, bytes, parameter[--n])) {
            return false;
        }
    }
    if (!push_return(cpu, &s, bytes, next) || !load_code(cpu, code, x86_desc_dpl(code), eip)) {
        return false;
    }
    cpu->seg[SEG_SS] = s.seg;
    x86_stack_commit(cpu, &s);
    x86_moved(cpu, eip, cpu->v.mode);
    return true;
}

static bool call_to(X86Cpu *cpu, X86Descriptor *code, unsigned bytes, uint32_t eip, uint32_t next)
{
    X86Stack s = x86_own_stack(cpu);

    if (!push_return(cpu, &s, bytes, next) || !load_code(cpu, code, cpu->cpl, eip)) {
        return false;
    }
    x86_stack_commit(cpu, &s);
    return true;
}

static bool call_through_gate(X86Cpu *cpu, const X86Descriptor *gate, uint32_t next)
{
    X86Descriptor code;
    uint32_t eip;

    if (!read_gate(cpu, gate, &code, &eip)) {
        return false;
    }
    if (!is_conforming(&code) && x86_desc_dpl(&code) < cpu->cpl) {
        return call_inner(cpu, gate, &code, eip, next);
    }
    return call_to(cpu, &code, x86_desc_type(gate) == TYPE_GATE32 ? 4 : 2, eip, next);
}

bool x86_far_call(X86Cpu *cpu, uint32_t selector, uint32_t eip, unsigned bytes, uint32_t next)
{
    X86Stack s = x86_own_stack(cpu);
    X86Descriptor d;

    if (!x86_has_descriptors(cpu)) {
        if (!push_return(cpu, &s, bytes, next) || !load_code_real(cpu, selector, eip)) {
            return false;
        }
        x86_stack_commit(cpu, &s);
        return true;
    }
    if (!read_target(cpu, selector, &d)) {
        return false;
    }
    if (is_code(&d)) {
        return may_enter(cpu, &d) && call_to(cpu, &d, bytes, eip, next);
    }
    if (x86_desc_is_segment(&d)) {
        return bad_target(cpu, &d);
    }
    switch (x86_desc_type(&d)) {
    case TYPE_GATE16:
    case TYPE_GATE32: return call_through_gate(cpu, &d, next);
    case TYPE_TASK_GATE:
    case TYPE_TSS16:
    case TYPE_TSS32: return to_task(cpu, &d, TASK_CALL, next);
    default: return bad_target(cpu, &d);
    }
}

/* ---- RET and IRET ---- */

/* What is popped. */
typedef struct Frame {
    uint32_t eip, cs, eflags, esp, ss;
    X86Descriptor code, stack;
} Frame;

/* EIP and CS, of whose slot 16 bits are read; a processor begins at the far end. */
static bool peek_code(X86Cpu *cpu, const X86Stack *s, unsigned bytes, Frame *f)
{
    return x86_stack_at(cpu, s, bytes, 2, &f->cs) && x86_stack_at(cpu, s, 0, bytes, &f->eip);
}

/* Where to: code that the popped selector's RPL, not below CPL, fits. */
static bool check_return(X86Cpu *cpu, Frame *f)
{
    unsigned rpl = f->cs & 3;

    if (!read_target(cpu, f->cs, &f->code)) {
        return false;
    }
    if (rpl < cpu->cpl || !is_code(&f->code)
        || (is_conforming(&f->code) ? x86_desc_dpl(&f->code) > rpl
                                    : x86_desc_dpl(&f->code) != rpl)) {
        return x86_fault(cpu, X86_GP, f->cs & 0xfffc);
    }
    return is_present(cpu, &f->code);
}

static bool check_outer_stack(X86Cpu *cpu, Frame *f)
{
    unsigned rpl = f->cs & 3, type;

    if (!read_target(cpu, f->ss, &f->stack)) {
        return false;
    }
    type = x86_desc_type(&f->stack);
    if ((f->ss & 3) != rpl || x86_desc_dpl(&f->stack) != rpl || !x86_desc_is_segment(&f->stack)
        || (type & (SEG_CODE | SEG_WRITABLE)) != SEG_WRITABLE) {
        return x86_fault(cpu, X86_GP, f->ss & 0xfffc);
    }
    if (!x86_desc_present(&f->stack)) {
        return x86_fault(cpu, X86_SS, f->ss & 0xfffc);
    }
    return x86_set_accessed(cpu, &f->stack);
}

/* Vol. 2 RET: data segments that the outer level may not have become null. */
static void drop_segments(X86Cpu *cpu)
{
    static const uint8_t data[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };

    for (unsigned i = 0; i < G_N_ELEMENTS(data); i++) {
        X86Seg *s = &cpu->seg[data[i]];
        bool conforming = (s->attr & (SEG_CODE | SEG_DOWN)) == (SEG_CODE | SEG_DOWN);

        if (!conforming && (s->attr >> SEG_DPL_SHIFT & 3) < cpu->cpl) {
            x86_seg_null(s, 0);
        }
    }
}

/* Goes where @f says; @s: the stack behind the frame; @release: bytes to drop from either stack. */
static bool return_to(X86Cpu *cpu, Frame *f, X86Stack *s, unsigned bytes, uint32_t release)
{
    unsigned rpl = f->cs & 3;
    bool outer;

    if (!check_return(cpu, f)) {
        return false;
    }
    outer = rpl > cpu->cpl;
    s->sp += release;
    if (outer
        && (!x86_stack_pop(cpu, s, bytes, &f->esp) || !x86_stack_pop(cpu, s, bytes, &f->ss))) {
        return false;
    }
    f->ss &= 0xffff;
    if (outer && !check_outer_stack(cpu, f)) {
        return false;
    }
    if (!load_code(cpu, &f->code, rpl, f->eip)) {
        return false;
    }
    if (outer) {
        x86_seg_from_descriptor(&cpu->seg[SEG_SS], f->ss, f->stack.low, f->stack.high);
        *s = x86_current_stack(cpu);
        s->sp = f->esp + release;
        drop_segments(cpu);
    }
    x86_stack_commit(cpu, s);
    x86_moved(cpu, f->eip, cpu->v.mode);
    return true;
}

bool x86_far_return(X86Cpu *cpu, unsigned bytes, uint32_t release)
{
    X86Stack s = x86_own_stack(cpu);
    Frame f;

    if (!peek_code(cpu, &s, bytes, &f)) {
        return false;
    }
    x86_stack_drop(&s, 2 * bytes);
    f.ss = 0;
    if (x86_has_descriptors(cpu)) {
        return return_to(cpu, &f, &s, bytes, release);
    }
    if (!load_code_real(cpu, f.cs, f.eip)) {
        return false;
    }
    s.sp += release;
    x86_stack_commit(cpu, &s);
    return true;
}

/* What of EFLAGS IRET writes at this privilege, Vol. 2 IRET. */
static uint32_t iret_mask(const X86Cpu *cpu, unsigned bytes)
{
    uint32_t mask = EFL_STATUS | EFL_TF | EFL_DF | EFL_NT | EFL_RF | EFL_AC | EFL_ID;

    if (cpu->cpl == 0) {
        mask |= EFL_IOPL | EFL_VIF | EFL_VIP;
    }
    if (cpu->cpl <= x86_iopl(cpu)) {
        mask |= EFL_IF;
    }
    return (bytes == 2 ? mask & 0xffff : mask) & cpu->model->eflags;
}

static void set_flags(X86Cpu *cpu, uint32_t value, uint32_t mask)
{
    x86_set_eflags(cpu, (x86_eflags(cpu) & ~mask) | (value & mask));
}

/* Vol. 3 20.2.1. */
static bool to_vm86(X86Cpu *cpu, Frame *f, X86Stack *s)
{
    static const uint8_t order[] = { SEG_SS, SEG_ES, SEG_DS, SEG_FS, SEG_GS };
    uint32_t selector[G_N_ELEMENTS(order)];

    if (!x86_stack_pop(cpu, s, 4, &f->esp)) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        if (!x86_stack_pop(cpu, s, 4, &selector[i])) {
            return false;
        }
    }
    if (f->eip > 0xffff) {
        return x86_fault(cpu, X86_GP, 0); /* Vol. 2 IRET: EIP is not within the CS limit */
    }
    x86_set_eflags(cpu, f->eflags & cpu->model->eflags);
    x86_set_cpl(cpu, 3);
    x86_seg_real(cpu, SEG_CS, f->cs);
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        x86_seg_real(cpu, order[i], selector[i]);
    }
    cpu->r[4] = f->esp;
    x86_moved(cpu, f->eip, cpu->v.mode);
    return true;
}

/* 7.4: back to the task that the link names. */
static bool return_from_task(X86Cpu *cpu, uint32_t next)
{
    uint32_t link;
    X86Descriptor d;

    if (!x86_sys_load(cpu, cpu->tr.base, 2, &link)) {
        return false;
    }
    if ((link & 4) != 0) {
        return x86_fault(cpu, X86_TS, link & 0xfffc);
    }
    if (!x86_read_descriptor(cpu, link, X86_TS, 0, &d)) {
        return false;
    }
    if (x86_desc_is_segment(&d) || (x86_desc_type(&d) & 7) != 3) {
        return x86_fault(cpu, X86_TS, link & 0xfffc);
    }
    return is_present(cpu, &d) && x86_task_switch(cpu, &d, TASK_IRET, next, -1, 0);
}

static bool pop_frame(X86Cpu *cpu, X86Stack *s, unsigned bytes, Frame *f)
{
    if (!x86_stack_at(cpu, s, 2 * bytes, bytes, &f->eflags) || !peek_code(cpu, s, bytes, f)) {
        return false;
    }
    x86_stack_drop(s, 3 * bytes);
    f->ss = 0;
    return true;
}

static bool return_from_interrupt(X86Cpu *cpu, unsigned bytes)
{
    X86Stack s = x86_own_stack(cpu);
    uint32_t mask = iret_mask(cpu, bytes);
    Frame f;

    if (!pop_frame(cpu, &s, bytes, &f)) {
        return false;
    }
    if (!x86_has_descriptors(cpu)) {
        if (x86_vm86(cpu)) {
            mask &= ~(uint32_t)EFL_IOPL;
        }
        if (!load_code_real(cpu, f.cs, f.eip)) {
            return false;
        }
        x86_stack_commit(cpu, &s);
    } else if (bytes == 4 && cpu->cpl == 0 && (f.eflags & EFL_VM) != 0) {
        return to_vm86(cpu, &f, &s);
    } else if (!return_to(cpu, &f, &s, bytes, 0)) {
        return false;
    }
    set_flags(cpu, f.eflags, mask);
    x86_moved(cpu, f.eip, cpu->v.mode);
    return true;
}

bool x86_iret(X86Cpu *cpu, unsigned bytes, uint32_t next)
{
    bool ok = x86_has_descriptors(cpu) && (cpu->eflags & EFL_NT) != 0
                  ? return_from_task(cpu, next)
                  : return_from_interrupt(cpu, bytes);

    if (ok) {
        x86_unblock_nmi(cpu);
    }
    return ok;
}
