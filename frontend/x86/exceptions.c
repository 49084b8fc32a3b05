/* SPDX-License-Identifier: MIT */
/*
 * exceptions.c - exceptions and interrupts: raised, combined, entered through the mode's table.
 * Manual: SDM Vol. 3 chapter 6; 20.1.4 and 20.3 for real and virtual-8086 mode.
 */
#include "frontend/x86/x86_priv.h"

static const char *const names[X86_N_COUNTS] = {
    [X86_DE] = "#DE", [X86_DB] = "#DB", [X86_NMI] = "NMI",          [X86_BP] = "#BP",
    [X86_OF] = "#OF", [X86_BR] = "#BR", [X86_UD] = "#UD",           [X86_NM] = "#NM",
    [X86_DF] = "#DF", [X86_TS] = "#TS", [X86_NP] = "#NP",           [X86_SS] = "#SS",
    [X86_GP] = "#GP", [X86_PF] = "#PF", [X86_MF] = "#MF",           [X86_AC] = "#AC",
    [X86_MC] = "#MC", [X86_XM] = "#XM", [X86_FROZEN] = "x87 waits",
};

/* Vector 2's fault record is no exception's: nothing raises it. */
enum { NO_ERROR_CODE = -1 };

bool x86_fault(X86Cpu *cpu, unsigned vector, uint32_t error)
{
    vcpu_cold(&cpu->v)->fault = (VcpuFault){ .kind = vector, .syndrome = error };
    cpu->v.leave = LEAVE_FAULT;
    return false;
}

bool x86_fault_pf(X86Cpu *cpu, Gva va, uint32_t error)
{
    x86_fault(cpu, X86_PF, error);
    vcpu_cold(&cpu->v)->fault.address = va;
    return false;
}

/* Table 6-1. */
static bool has_error_code(unsigned vector)
{
    return vector == X86_DF || (vector >= X86_TS && vector <= X86_PF) || vector == X86_AC;
}

/* ---- real mode ---- */

static bool enter_real(X86Cpu *cpu, unsigned vector, uint32_t eip)
{
    X86Stack s = x86_current_stack(cpu);
    uint32_t flags = x86_eflags(cpu), ip, cs;

    if (4 * vector + 3 > cpu->idtr.limit) {
        return x86_fault(cpu, X86_GP, 8 * vector + 2); /* the double fault's cause; 20.1.4 */
    }
    if (!x86_sys_load(cpu, cpu->idtr.base + 4 * vector, 2, &ip)
        || !x86_sys_load(cpu, cpu->idtr.base + 4 * vector + 2, 2, &cs)
        || !x86_stack_push(cpu, &s, 2, flags)
        || !x86_stack_push(cpu, &s, 2, cpu->seg[SEG_CS].selector)
        || !x86_stack_push(cpu, &s, 2, eip)) {
        return false;
    }
    x86_stack_commit(cpu, &s);
    cpu->eflags &= ~(uint32_t)(EFL_TF | EFL_IF | EFL_RF | EFL_AC);
    x86_seg_real(cpu, SEG_CS, cs);
    x86_update(cpu);
    cpu->v.pc = cpu->seg[SEG_CS].base + ip;
    return true;
}

/* ---- protected mode ---- */

enum { GATE_TASK = 5, GATE_INT16 = 6, GATE_TRAP16 = 7, GATE_INT32 = 14, GATE_TRAP32 = 15 };

/* One entry through a gate. */
typedef struct Entry {
    X86EventKind kind;
    unsigned vector;
    int64_t error;
    uint32_t eip; /* to return to */
    uint32_t ext; /* of error codes */
    X86Descriptor gate, code;
    unsigned cpl;   /* the handler's */
    unsigned bytes; /* of a stack slot */
} Entry;

/* 6.12.1: the gate, and what its type and DPL allow. */
static bool find_gate(X86Cpu *cpu, Entry *e)
{
    uint32_t error = 8 * e->vector + 2 + e->ext;
    unsigned type;

    if (8 * e->vector + 7 > cpu->idtr.limit) {
        return x86_fault(cpu, X86_GP, error);
    }
    e->gate = (X86Descriptor){ .selector = 8 * e->vector + 2,
                               .va = cpu->idtr.base + 8 * e->vector };
    if (!x86_sys_load(cpu, e->gate.va, 4, &e->gate.low)
        || !x86_sys_load(cpu, e->gate.va + 4, 4, &e->gate.high)) {
        return false;
    }
    type = x86_desc_type(&e->gate);
    if (x86_desc_is_segment(&e->gate)
        || !(type == GATE_TASK || type == GATE_INT16 || type == GATE_TRAP16 || type == GATE_INT32
             || type == GATE_TRAP32)) {
        return x86_fault(cpu, X86_GP, error);
    }
    if (e->kind == EVENT_SOFTWARE && x86_desc_dpl(&e->gate) < cpu->cpl) {
        return x86_fault(cpu, X86_GP, error);
    }
    return x86_desc_present(&e->gate) || x86_fault(cpu, X86_NP, error);
}

static bool enter_task(X86Cpu *cpu, const Entry *e)
{
    uint32_t selector = e->gate.low >> 16, error = (selector & 0xfffc) | e->ext;
    X86Descriptor tss;

    if ((selector & 4) != 0) {
        return x86_fault(cpu, X86_GP, error);
    }
    if (!x86_read_descriptor(cpu, selector, X86_GP, e->ext, &tss)) {
        return false;
    }
    if (x86_desc_is_segment(&tss) || (x86_desc_type(&tss) & 7) != 1) {
        return x86_fault(cpu, X86_GP, error);
    }
    if (!x86_desc_present(&tss)) {
        return x86_fault(cpu, X86_NP, error);
    }
    return x86_task_switch(cpu, &tss, TASK_EVENT, e->eip, e->error, e->ext);
}

static bool find_handler(X86Cpu *cpu, Entry *e)
{
    uint32_t selector = e->gate.low >> 16, error = (selector & 0xfffc) | e->ext;
    unsigned dpl;

    if ((selector & 0xfffc) == 0) {
        return x86_fault(cpu, X86_GP, e->ext);
    }
    if (!x86_read_descriptor(cpu, selector, X86_GP, e->ext, &e->code)) {
        return false;
    }
    dpl = x86_desc_dpl(&e->code);
    if (!x86_desc_is_segment(&e->code) || (x86_desc_type(&e->code) & SEG_CODE) == 0
        || dpl > cpu->cpl) {
        return x86_fault(cpu, X86_GP, error);
    }
    if (!x86_desc_present(&e->code)) {
        return x86_fault(cpu, X86_NP, error);
    }
    e->cpl = (x86_desc_type(&e->code) & SEG_DOWN) != 0 ? cpu->cpl : dpl;
    if (x86_vm86(cpu) && e->cpl != 0) {
        return x86_fault(cpu, X86_GP, error); /* 20.3.1: only to privilege level 0 */
    }
    return true;
}

/* 20.3.1.1: what virtual-8086 mode leaves on the stack first. */
static bool push_vm86_segments(X86Cpu *cpu, X86Stack *s, unsigned bytes)
{
    static const uint8_t order[] = { SEG_GS, SEG_FS, SEG_DS, SEG_ES };

    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        if (!x86_stack_push(cpu, s, bytes, cpu->seg[order[i]].selector)) {
            return false;
        }
    }
    return true;
}

static bool push_frame(X86Cpu *cpu, const Entry *e, X86Stack *s, bool inner)
{
    uint32_t flags = x86_eflags(cpu);

    if (inner
        && ((x86_vm86(cpu) && !push_vm86_segments(cpu, s, e->bytes))
            || !x86_stack_push(cpu, s, e->bytes, cpu->seg[SEG_SS].selector)
            || !x86_stack_push(cpu, s, e->bytes, cpu->r[4]))) {
        return false;
    }
    return x86_stack_push(cpu, s, e->bytes, flags)
           && x86_stack_push(cpu, s, e->bytes, cpu->seg[SEG_CS].selector)
           && x86_stack_push(cpu, s, e->bytes, e->eip)
           && (e->error < 0 || x86_stack_push(cpu, s, e->bytes, (uint32_t)e->error));
}

/* The stack of a handler that is no more privileged. INT n pushes there as any instruction does; an
 * exception's pushes are not checked: #AC for those of #AC would never end. */
static X86Stack own_stack(const X86Cpu *cpu, const Entry *e)
{
    return e->kind == EVENT_SOFTWARE ? x86_own_stack(cpu) : x86_current_stack(cpu);
}

static bool enter_handler(X86Cpu *cpu, Entry *e)
{
    uint32_t offset = (e->gate.low & 0xffff) | (e->gate.high & 0xffff0000);
    bool was_vm86 = x86_vm86(cpu), inner = e->cpl < cpu->cpl;
    unsigned type = x86_desc_type(&e->gate);
    X86Stack s = own_stack(cpu, e);
    X86Seg code;

    s.error = e->ext;
    e->bytes = type >= GATE_INT32 ? 4 : 2;
    offset = e->bytes == 2 ? offset & 0xffff : offset;
    if (inner && !x86_inner_stack(cpu, e->cpl, e->ext, &s)) {
        return false;
    }
    x86_seg_from_descriptor(&code, (e->code.selector & 0xfffc) | e->cpl, e->code.low, e->code.high);
    if (!push_frame(cpu, e, &s, inner) || !x86_set_accessed(cpu, &e->code)) {
        return false;
    }
    if (offset > code.last) {
        return x86_fault(cpu, X86_GP, e->ext);
    }
    code.attr |= SEG_ACCESSED;
    if (inner) {
        cpu->seg[SEG_SS] = s.seg;
    }
    if (was_vm86) {
        x86_seg_null(&cpu->seg[SEG_ES], 0);
        x86_seg_null(&cpu->seg[SEG_DS], 0);
        x86_seg_null(&cpu->seg[SEG_FS], 0);
        x86_seg_null(&cpu->seg[SEG_GS], 0);
    }
    cpu->eflags &= ~(uint32_t)(EFL_TF | EFL_NT | EFL_RF | EFL_VM);
    if ((type & 1) == 0) {
        cpu->eflags &= ~(uint32_t)EFL_IF;
    }
    cpu->seg[SEG_CS] = code;
    x86_set_cpl(cpu, e->cpl);
    x86_stack_commit(cpu, &s);
    x86_update(cpu);
    cpu->v.pc = code.base + offset;
    return true;
}

bool x86_event(X86Cpu *cpu, X86EventKind kind, unsigned vector, int64_t error, uint32_t eip)
{
    Entry e = {
        .kind = kind, .vector = vector, .error = error, .eip = eip, .ext = kind != EVENT_SOFTWARE
    };

    if (!x86_protected(cpu)) {
        return enter_real(cpu, vector, eip);
    }
    if (!find_gate(cpu, &e)) {
        return false;
    }
    if (x86_desc_type(&e.gate) == GATE_TASK) {
        return enter_task(cpu, &e);
    }
    return find_handler(cpu, &e) && enter_handler(cpu, &e);
}

/* ---- exceptions met on the way, 6.15 #DF ---- */

static bool is_contributory(unsigned vector)
{
    return vector == X86_DE || (vector >= X86_TS && vector <= X86_GP);
}

static bool doubles(unsigned first, unsigned second)
{
    return (is_contributory(first) && is_contributory(second))
           || (first == X86_PF && (second == X86_PF || is_contributory(second)));
}

/* Nothing can be entered any more: 6.15 #DF, shutdown. */
static void shut_down(X86Cpu *cpu)
{
    log_msg(vcpu_cold(&cpu->v)->log, LOG_GUEST_ERRORS, "triple fault at %08x\n", cpu->v.pc);
    if (cpu->board.shutdown) {
        cpu->board.shutdown(cpu->board.opaque);
        cpu->v.attention |= ATTN_PLAN;
    }
    cpu->shutdown = 1;
    cpu->v.attention |= ATTN_HALT;
}

static void log_entry(const X86Cpu *cpu, const char *what, unsigned vector, const VcpuFault *f)
{
    Log *log = vcpu_cold((Vcpu *)&cpu->v)->log;

    if (log_on_at(log, LOG_INT, cpu->v.pc)) {
        log_write(log, "%s %u at %04x:%08x cpl %u eflags %08x: error %04x address %08x\n", what,
                  vector, cpu->seg[SEG_CS].selector, x86_eip(cpu), cpu->cpl, x86_eflags(cpu),
                  f ? f->syndrome : 0, f ? f->address : 0);
    }
}

/* Enters the handler of @vector, or that of what comes of trying. */
static void enter(X86Cpu *cpu, X86EventKind kind, unsigned vector, int64_t error, uint32_t eip)
{
    const VcpuFault *f = &vcpu_cold(&cpu->v)->fault;

    while (!x86_event(cpu, kind, vector, error, eip)) {
        unsigned next = f->kind;

        cpu->v.leave = LEAVE_NO;
        log_entry(cpu, "nested", next, f);
        if (vector == X86_DF && kind == EVENT_EXCEPTION
            && (is_contributory(next) || next == X86_PF)) {
            shut_down(cpu);
            return;
        }
        if (next == X86_PF) {
            cpu->cr2 = f->address;
        }
        if (kind == EVENT_EXCEPTION && doubles(vector, next)) {
            next = X86_DF;
            error = 0;
        } else {
            error = has_error_code(next) && x86_protected(cpu) ? (int64_t)f->syndrome
                                                               : NO_ERROR_CODE;
        }
        kind = EVENT_EXCEPTION;
        vector = next;
        vcpu_cold(&cpu->v)->exceptions[vector]++;
    }
}

/* 17.3.1.1, 6.8.3: faults set RF in the image that is saved, so that the instruction's own
 * breakpoint does not raise again. */
static bool sets_rf(unsigned vector) { return vector != X86_DB && vector != X86_DF; }

/* Vol. 1 8.7.2, D.2.1.3: with FERR# asserted the processor stops before the instruction until an
 * interrupt comes, also behind STI. */
static void freeze(X86Cpu *cpu)
{
    cpu->v.mode &= ~(uint32_t)(MODE_SHADOW | MODE_SS_SHADOW);
    if (!x86_wakes(&cpu->v)) {
        cpu->halted = 1;
        cpu->v.attention |= ATTN_HALT;
    }
}

void x86_deliver(Vcpu *v)
{
    X86Cpu *cpu = x86_cpu(v);
    const VcpuFault f = vcpu_cold(v)->fault;
    int64_t error = NO_ERROR_CODE;

    v->leave = LEAVE_NO;
    v->budget--;
    cpu->debug_hits = 0; /* of an instruction that is not over */
    log_entry(cpu, names[f.kind], f.kind, &f);
    vcpu_cold(v)->exceptions[f.kind]++;
    if (f.kind == X86_FROZEN) {
        freeze(cpu);
        return;
    }
    if (f.kind == X86_PF) {
        cpu->cr2 = f.address;
    } else if (f.kind == X86_DB) {
        x86_debug_exception(cpu, f.address);
    }
    if (has_error_code(f.kind) && x86_protected(cpu)) {
        error = f.syndrome;
    }
    if (sets_rf(f.kind)) {
        cpu->eflags |= EFL_RF;
    }
    enter(cpu, EVENT_EXCEPTION, f.kind, error, x86_eip(cpu));
}

/* ---- interrupts ---- */

static bool is_held_off(const X86Cpu *cpu)
{
    return (cpu->v.mode & (MODE_SHADOW | MODE_SS_SHADOW)) != 0
           || x86_trap_is_due(cpu); /* 6.9: that of the instruction before comes first */
}

static void level_to_attention(X86Cpu *cpu)
{
    bool any = (cpu->irq_level & 1u << X86_LINE_INTR) != 0
               || (cpu->nmi_pending != 0 && cpu->nmi_blocked == 0);

    cpu->v.attention = (cpu->v.attention & ~(uint32_t)ATTN_IRQ) | (any ? ATTN_IRQ : 0);
}

void x86_unblock_nmi(X86Cpu *cpu)
{
    cpu->nmi_blocked = 0;
    level_to_attention(cpu);
}

bool x86_interrupt(Vcpu *v)
{
    X86Cpu *cpu = x86_cpu(v);
    unsigned vector = X86_NMI;

    if (cpu->shutdown != 0 || is_held_off(cpu)) {
        return false;
    }
    if (cpu->nmi_pending != 0 && cpu->nmi_blocked == 0) {
        cpu->nmi_pending = 0;
        cpu->nmi_blocked = 1; /* until IRET, 6.7.1 */
        level_to_attention(cpu);
    } else if ((cpu->irq_level & 1u << X86_LINE_INTR) != 0 && (cpu->eflags & EFL_IF) != 0) {
        vector = cpu->board.ack ? cpu->board.ack(cpu->board.opaque) : 0xff;
    } else {
        return false;
    }
    v->budget--;
    cpu->halted = 0;
    log_entry(cpu, "interrupt", vector, NULL);
    vcpu_cold(v)->exceptions[vector == X86_NMI ? X86_NMI : X86_COUNT_IRQ]++;
    enter(cpu, EVENT_IRQ, vector, NO_ERROR_CODE, x86_eip(cpu));
    return true;
}

/* Vol. 2 HLT: an enabled interrupt or an NMI ends it. */
bool x86_wakes(const Vcpu *v)
{
    const X86Cpu *cpu = (const X86Cpu *)(const void *)v;

    if (cpu->shutdown != 0) {
        return false;
    }
    return (cpu->nmi_pending != 0 && cpu->nmi_blocked == 0)
           || ((cpu->irq_level & 1u << X86_LINE_INTR) != 0 && (cpu->eflags & EFL_IF) != 0);
}

void x86_set_irq(Vcpu *v, unsigned line, bool level)
{
    X86Cpu *cpu = x86_cpu(v);
    uint32_t bit = 1u << line;

    g_assert(line <= X86_LINE_IGNNE);
    if (line == X86_LINE_NMI && level && (cpu->irq_level & bit) == 0) {
        cpu->nmi_pending = 1;
    }
    cpu->irq_level = (cpu->irq_level & ~bit) | (level ? bit : 0);
    level_to_attention(cpu);
}
