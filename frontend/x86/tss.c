/* SPDX-License-Identifier: MIT */
/* tss.c - task state segments: task switches, the I/O permission bitmap. SDM Vol. 3 chapter 7. */
#include "frontend/x86/x86_priv.h"

enum {
    TSS_BUSY = 1u << 9, /* of a descriptor's second word */
    TSS_MIN32 = 0x67,
    TSS_MIN16 = 0x2b,
};

/* What a TSS holds of a task's dynamic fields, figure 7-2 and 7-10. */
typedef struct Task {
    uint32_t cr3, eip, eflags, r[8];
    uint32_t seg[N_SEGS]; /* selectors */
    uint32_t ldt;
    bool trap; /* T */
} Task;

static bool is_wide(const X86Descriptor *d) { return (x86_desc_type(d) & 8) != 0; }

/* Offsets; a 16-bit TSS has no CR3, FS, GS. */
static unsigned offset_of_eip(bool wide) { return wide ? 0x20 : 0x0e; }
static unsigned offset_of_register(bool wide, unsigned r)
{
    return wide ? 0x28 + 4 * r : 0x12 + 2 * r;
}
static unsigned offset_of_segment(bool wide, unsigned s)
{
    return wide ? 0x48 + 4 * s : 0x22 + 2 * s;
}
static unsigned offset_of_ldt(bool wide) { return wide ? 0x60 : 0x2a; }
static unsigned segments(bool wide) { return wide ? N_SEGS : 4; }
static unsigned slot(bool wide) { return wide ? 4 : 2; }

static bool read_task(X86Cpu *cpu, Gva base, bool wide, Task *t)
{
    unsigned bytes = slot(wide), at = offset_of_eip(wide);
    uint32_t trap = 0;
    bool ok;

    *t = (Task){ .cr3 = cpu->cr3 };
    ok = x86_sys_load(cpu, base + at, bytes, &t->eip)
         && x86_sys_load(cpu, base + at + bytes, bytes, &t->eflags)
         && x86_sys_load(cpu, base + offset_of_ldt(wide), 2, &t->ldt);
    for (unsigned i = 0; ok && i < 8; i++) {
        ok = x86_sys_load(cpu, base + offset_of_register(wide, i), bytes, &t->r[i]);
        t->r[i] |= wide ? 0 : 0xffff0000; /* 7.6: the upper halves are not defined; as ones */
    }
    for (unsigned i = 0; ok && i < segments(wide); i++) {
        ok = x86_sys_load(cpu, base + offset_of_segment(wide, i), 2, &t->seg[i]);
    }
    if (ok && wide) {
        ok = x86_sys_load(cpu, base + 0x1c, 4, &t->cr3) && x86_sys_load(cpu, base + 0x64, 2, &trap);
        t->trap = (trap & 1) != 0;
    }
    return ok;
}

static bool save_task(X86Cpu *cpu, uint32_t eip, uint32_t eflags)
{
    bool wide = (cpu->tr.attr & 8) != 0, ok;
    unsigned bytes = slot(wide), at = offset_of_eip(wide);
    Gva base = cpu->tr.base;

    ok = x86_sys_store(cpu, base + at, bytes, eip)
         && x86_sys_store(cpu, base + at + bytes, bytes, eflags);
    for (unsigned i = 0; ok && i < 8; i++) {
        ok = x86_sys_store(cpu, base + offset_of_register(wide, i), bytes, cpu->r[i]);
    }
    for (unsigned i = 0; ok && i < segments(wide); i++) {
        ok = x86_sys_store(cpu, base + offset_of_segment(wide, i), 2, cpu->seg[i].selector);
    }
    return ok;
}

/* Sets or clears B of the TSS descriptor that TR, or @selector, names. */
static bool set_busy(X86Cpu *cpu, uint32_t selector, bool busy)
{
    Gva va = cpu->gdtr.base + (selector & 0xfff8) + 4;
    uint32_t high;

    return x86_sys_load(cpu, va, 4, &high)
           && x86_sys_store(cpu, va, 4, busy ? high | TSS_BUSY : high & ~(uint32_t)TSS_BUSY);
}

/* 7.3: all that will be stored can be; @nest: the old task's link too. Else a fault, and nothing
 * is stored. */
static bool can_switch(X86Cpu *cpu, const X86Descriptor *d, bool nest, bool sets_busy)
{
    bool wide = (cpu->tr.attr & 8) != 0;
    unsigned from = offset_of_eip(wide), to = offset_of_segment(wide, segments(wide) - 1) + 2;
    Gva old = cpu->gdtr.base + (cpu->tr.selector & 0xfff8) + 4;

    return x86_can_write(cpu, cpu->tr.base + from, to - from, true)
           && (nest ? x86_can_write(cpu, x86_desc_base(d), 2, true)
                    : x86_can_write(cpu, old, 4, true))
           && (!sets_busy || x86_can_write(cpu, d->va + 4, 4, true));
}

/* ---- the new task's segments: faults belong to the new task ---- */

static bool load_ldt(X86Cpu *cpu, uint32_t selector)
{
    uint32_t error = selector & 0xfffc;
    X86Descriptor d;

    x86_seg_null(&cpu->ldtr, selector);
    if (error == 0) {
        return true;
    }
    if ((selector & 4) != 0) {
        return x86_fault(cpu, X86_TS, error);
    }
    if (!x86_read_descriptor(cpu, selector, X86_TS, 0, &d)) {
        return false;
    }
    if (x86_desc_is_segment(&d) || x86_desc_type(&d) != 2 || !x86_desc_present(&d)) {
        return x86_fault(cpu, X86_TS, error);
    }
    x86_seg_from_descriptor(&cpu->ldtr, selector, d.low, d.high);
    return true;
}

static bool load_code(X86Cpu *cpu, uint32_t selector)
{
    uint32_t error = selector & 0xfffc;
    unsigned type, rpl = selector & 3;
    X86Descriptor d;

    if (error == 0) {
        return x86_fault(cpu, X86_TS, 0);
    }
    if (!x86_read_descriptor(cpu, selector, X86_TS, 0, &d)) {
        return false;
    }
    type = x86_desc_type(&d);
    if (!x86_desc_is_segment(&d) || (type & SEG_CODE) == 0
        || ((type & SEG_DOWN) != 0 ? x86_desc_dpl(&d) > rpl : x86_desc_dpl(&d) != rpl)) {
        return x86_fault(cpu, X86_TS, error);
    }
    if (!x86_desc_present(&d)) {
        return x86_fault(cpu, X86_NP, error);
    }
    if (!x86_set_accessed(cpu, &d)) {
        return false;
    }
    x86_seg_from_descriptor(&cpu->seg[SEG_CS], selector, d.low, d.high);
    return true;
}

/* Table 7-1: what MOV would raise as #GP is #TS here. */
static bool load_other(X86Cpu *cpu, unsigned s, uint32_t selector)
{
    if (x86_load_segment(cpu, s, selector)) {
        return true;
    }
    if (vcpu_cold(&cpu->v)->fault.kind == X86_GP) {
        vcpu_cold(&cpu->v)->fault.kind = X86_TS;
    }
    return false;
}

static bool load_segments(X86Cpu *cpu, const Task *t)
{
    static const uint8_t order[] = { SEG_SS, SEG_DS, SEG_ES, SEG_FS, SEG_GS };

    if (!load_ldt(cpu, t->ldt)) {
        return false;
    }
    if ((t->eflags & EFL_VM) != 0) {
        for (unsigned s = 0; s < N_SEGS; s++) {
            x86_seg_real(cpu, s, t->seg[s]);
        }
        return true;
    }
    if (!load_code(cpu, t->seg[SEG_CS])) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        if (!load_other(cpu, order[i], t->seg[order[i]])) {
            return false;
        }
    }
    return true;
}

/* Everything of the new task that is not checked. */
static void become(X86Cpu *cpu, const Task *t)
{
    for (unsigned i = 0; i < 8; i++) {
        cpu->r[i] = t->r[i];
    }
    x86_set_eflags(cpu, t->eflags & cpu->model->eflags);
    cpu->cpl = x86_vm86(cpu) ? 3 : t->seg[SEG_CS] & 3;
    for (unsigned s = 0; s < N_SEGS; s++) {
        x86_seg_null(&cpu->seg[s], t->seg[s]);
    }
    cpu->cr0 |= CR0_TS;
    cpu->dr[7] &= ~0x155u; /* L0 to L3, LE: 7.3 step 12, 17.2.4 */
}

/* 7.3, the error code of an exception whose gate was a task gate. */
static bool push_error(X86Cpu *cpu, bool wide, int64_t error)
{
    X86Stack s = x86_current_stack(cpu);

    if (error < 0) {
        return true;
    }
    if (!x86_stack_push(cpu, &s, slot(wide), (uint32_t)error)) {
        return false;
    }
    x86_stack_commit(cpu, &s);
    return true;
}

/* 6.13: an error code says so if the switch is that of an event which no instruction asked for. */
static void note_external(X86Cpu *cpu, uint32_t ext)
{
    VcpuFault *f = &vcpu_cold(&cpu->v)->fault;

    if (cpu->v.leave == LEAVE_FAULT && f->kind >= X86_TS && f->kind <= X86_GP) {
        f->syndrome |= ext;
    }
}

/* All that happens in the new task; its exceptions are delivered there. */
static void arrive(X86Cpu *cpu, const Task *t, bool wide, int64_t error, uint32_t ext)
{
    bool ok;

    become(cpu, t);
    if ((cpu->cr0 & CR0_PG) != 0 && wide && t->cr3 != cpu->cr3) {
        if ((cpu->cr4 & CR4_PAE) == 0 || x86_load_pdptes(cpu, t->cr3)) {
            x86_set_cr3(cpu, t->cr3);
        }
        cpu->v.leave = LEAVE_NO;
    }
    x86_update(cpu);
    ok = load_segments(cpu, t);
    x86_update(cpu);
    x86_drop_rf(cpu);
    cpu->v.pc = cpu->seg[SEG_CS].base + t->eip;
    if (ok && push_error(cpu, wide, error)) {
        if (t->eip > cpu->seg[SEG_CS].last) {
            ok = x86_fault(cpu, X86_GP, 0);
        } else if (t->trap) {
            x86_fault(cpu, X86_DB, 0);
            vcpu_cold(&cpu->v)->fault.address = 1u << 15; /* DR6.BT */
        }
    }
    if (cpu->v.leave == LEAVE_FAULT) {
        note_external(cpu, ext);
        x86_deliver(&cpu->v);
    }
}

bool x86_task_switch(X86Cpu *cpu, X86Descriptor *d, X86TaskReason reason, uint32_t eip,
                     int64_t error, uint32_t ext)
{
    bool wide = is_wide(d), nest = reason == TASK_CALL || reason == TASK_EVENT;
    uint32_t old = cpu->tr.selector, eflags = x86_eflags(cpu);
    Gva base = x86_desc_base(d);
    Task t;

    if (vcpu_cold(&cpu->v)->host_pc != NULL) {
        cpu->v.leave = LEAVE_STEP; /* its many stores are made between two instructions */
        return false;
    }
    if (x86_desc_limit(d) < (wide ? TSS_MIN32 : TSS_MIN16)) {
        return x86_fault(cpu, X86_TS, (d->selector & 0xfffc) | ext);
    }
    if (reason == TASK_IRET) {
        eflags &= ~(uint32_t)EFL_NT;
    }
    if (!read_task(cpu, base, wide, &t) || !can_switch(cpu, d, nest, reason != TASK_IRET)
        || !save_task(cpu, eip, eflags) || (!nest && !set_busy(cpu, old, false))
        || (nest && !x86_sys_store(cpu, base, 2, old))
        || (reason != TASK_IRET && !set_busy(cpu, d->selector, true))) {
        return false;
    }
    if (nest) {
        t.eflags |= EFL_NT;
    }
    x86_seg_from_descriptor(&cpu->tr, d->selector, d->low, d->high | TSS_BUSY);
    arrive(cpu, &t, wide, error, ext);
    return true;
}

/* ---- I/O permission, Vol. 1 19.5.2 ---- */

bool x86_io_allowed(X86Cpu *cpu, uint32_t port, unsigned bytes, bool *allowed)
{
    uint32_t map, bits, mask = (1u << bytes) - 1;

    *allowed = false;
    if ((cpu->tr.attr & SEG_UNUSABLE) != 0 || (cpu->tr.attr & 8) == 0
        || cpu->tr.limit < TSS_MIN32) {
        return true;
    }
    if (!x86_sys_load(cpu, cpu->tr.base + 0x66, 2, &map)) {
        return false;
    }
    map += port / 8;
    if (map + 1 > cpu->tr.limit) {
        return true; /* two bytes are read, so that any port's bits are there */
    }
    if (!x86_sys_load(cpu, cpu->tr.base + map, 2, &bits)) {
        return false;
    }
    *allowed = (bits >> port % 8 & mask) == 0;
    return true;
}
