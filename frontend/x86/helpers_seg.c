/* SPDX-License-Identifier: MIT */
/* helpers_seg.c - emulation routines of what loads, asks about or goes through selectors. */
#include "frontend/x86/lift_int_priv.h"
#include "frontend/x86/x86_priv.h"

/* Segment register @a = selector @b, in mode @c. Returns: whether the mode word must change. */
uint64_t x86_help_load_segment(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    return x86_load_segment(cpu, (unsigned)a, (uint32_t)b)
           && !x86_segment_fits(cpu, (unsigned)a, (uint32_t)c);
}

/* The instruction that loaded a segment register is over; @a: pc of the next one; @b: it is MOV or
 * POP, and the register SS. */
uint64_t x86_help_segment_loaded(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    x86_over(x86_cpu(v), a);
    if (b != 0) {
        /* Vol. 3 6.8.3: nor is the trap of this instruction taken before the next is over */
        v->mode = (v->mode & ~(uint32_t)MODE_TRAP) | MODE_SS_SHADOW;
    }
    return 0;
}

/* JMP, CALL to selector @a bits 15:0 with operands of @a bits 23:16 bytes, offset @b; bits 31:24:
 * FAR_*. @c: pc of the next instruction. */
uint64_t x86_help_far(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    uint32_t selector = a & 0xffff, bytes = a >> 16 & 0xff, eip = (uint32_t)b, next;

    next = ir_pc_va(c) - cpu->seg[SEG_CS].base;
    v->mode = ir_pc_mode(c);
    if (a >> 24 == FAR_JMP) {
        x86_far_jump(cpu, selector, eip, next);
    } else {
        x86_far_call(cpu, selector, eip, bytes, next);
    }
    return 0;
}

/* RET of @a bytes, releasing @b; @c: pc of the next instruction. */
uint64_t x86_help_ret_far(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    v->mode = ir_pc_mode(c);
    x86_far_return(x86_cpu(v), (unsigned)a, (uint32_t)b);
    return 0;
}

/* IRET of @a bytes; @b: pc of the next instruction. */
uint64_t x86_help_iret(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)c;
    v->mode = ir_pc_mode(b);
    x86_iret(cpu, (unsigned)a, ir_pc_va(b) - cpu->seg[SEG_CS].base);
    return 0;
}

/* INT @a; @b: EIP of the next instruction; @c: its pc. */
uint64_t x86_help_int(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    v->mode = ir_pc_mode(c);
    if (x86_event(cpu, EVENT_SOFTWARE, (unsigned)a, -1, (uint32_t)b)) {
        vcpu_cold(v)->exceptions[X86_COUNT_INT]++;
    }
    return 0;
}

/* INT1; @a: EIP of the next instruction; @b: its pc. */
uint64_t x86_help_int1(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)c;
    v->mode = ir_pc_mode(b);
    if (x86_event(cpu, EVENT_EXCEPTION, X86_DB, -1, (uint32_t)a)) {
        vcpu_cold(v)->exceptions[X86_DB]++;
    }
    return 0;
}

/* ---- SYSENTER, SYSEXIT, Vol. 3 5.8.7 ---- */

/* Flat segments of privilege level @cpl: CS = @selector, SS the one behind it. */
static void flat(X86Cpu *cpu, uint32_t selector, uint32_t cpl)
{
    const uint32_t common = SEG_P | cpl << SEG_DPL_SHIFT | SEG_S | SEG_WRITABLE | SEG_ACCESSED
                            | SEG_DB | SEG_G;

    cpu->seg[SEG_CS] = (X86Seg){ .selector = (selector & 0xfffc) | cpl,
                                 .limit = UINT32_MAX,
                                 .attr = common | SEG_CODE };
    cpu->seg[SEG_SS] = (X86Seg){ .selector = ((selector & 0xfffc) + 8) | cpl,
                                 .limit = UINT32_MAX,
                                 .attr = common };
    x86_seg_derive(&cpu->seg[SEG_CS]);
    x86_seg_derive(&cpu->seg[SEG_SS]);
    x86_set_cpl(cpu, cpl);
}

static bool has_target(X86Cpu *cpu)
{
    return (cpu->msr.sysenter_cs & 0xfffc) != 0 || x86_fault(cpu, X86_GP, 0);
}

uint64_t x86_help_sysenter(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)b, (void)c;
    if (!has_target(cpu)) {
        return 0;
    }
    v->mode = ir_pc_mode(a);
    cpu->eflags &= ~(uint32_t)(EFL_VM | EFL_IF | EFL_RF);
    flat(cpu, (uint32_t)cpu->msr.sysenter_cs, 0);
    cpu->r[4] = (uint32_t)cpu->msr.sysenter_esp;
    x86_moved(cpu, (uint32_t)cpu->msr.sysenter_eip, v->mode);
    return 0;
}

uint64_t x86_help_sysexit(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)b, (void)c;
    if (!has_target(cpu)) {
        return 0;
    }
    v->mode = ir_pc_mode(a);
    flat(cpu, (uint32_t)cpu->msr.sysenter_cs + 16, 3);
    cpu->r[4] = cpu->r[1];
    x86_moved(cpu, cpu->r[2], v->mode);
    return 0;
}

/* ---- LAR, LSL, VERR, VERW ---- */

enum { ASK_RIGHTS, ASK_LIMIT, ASK_READ, ASK_WRITE };

/* Which types have an answer: bit n for system type n. */
static bool is_known(const X86Descriptor *d, unsigned what)
{
    const uint32_t rights = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12;
    const uint32_t limit = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11;
    unsigned type = x86_desc_type(d);

    if (!x86_desc_is_segment(d)) {
        return ((what == ASK_RIGHTS ? rights : what == ASK_LIMIT ? limit : 0) >> type & 1) != 0;
    }
    switch (what) {
    case ASK_READ: return (type & SEG_CODE) == 0 || (type & SEG_WRITABLE) != 0;
    case ASK_WRITE: return (type & (SEG_CODE | SEG_WRITABLE)) == SEG_WRITABLE;
    default: return true;
    }
}

static bool is_visible(const X86Cpu *cpu, const X86Descriptor *d)
{
    unsigned dpl = x86_desc_dpl(d);

    if (x86_desc_is_segment(d)
        && (x86_desc_type(d) & (SEG_CODE | SEG_DOWN)) == (SEG_CODE | SEG_DOWN)) {
        return true;
    }
    return dpl >= cpu->cpl && dpl >= (d->selector & 3);
}

/* Selector @a, ASK_* @b: the value, and bit 32 if there is one. */
uint64_t x86_help_ask_selector(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    X86Descriptor d;
    bool valid;

    (void)c;
    if ((a & 0xfffc) == 0 || !x86_probe_descriptor(cpu, (uint32_t)a, &d, &valid) || !valid
        || !is_known(&d, (unsigned)b) || !is_visible(cpu, &d)) {
        return 0;
    }
    return (b == ASK_RIGHTS ? d.high & 0x00f0ff00 : x86_desc_limit(&d)) | (uint64_t)1 << 32;
}

/* ---- LLDT, LTR ---- */

enum { TYPE_LDT = 2, TSS_BUSY = 1 << 9 };

uint64_t x86_help_lldt(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    uint32_t selector = (uint32_t)a, error = selector & 0xfffc;
    X86Descriptor d;

    (void)b, (void)c;
    if (error == 0) {
        x86_seg_null(&cpu->ldtr, selector);
    } else if ((selector & 4) != 0) {
        x86_fault(cpu, X86_GP, error);
    } else if (x86_read_descriptor(cpu, selector, X86_GP, 0, &d)) {
        if (x86_desc_is_segment(&d) || x86_desc_type(&d) != TYPE_LDT) {
            x86_fault(cpu, X86_GP, error);
        } else if (!x86_desc_present(&d)) {
            x86_fault(cpu, X86_NP, error);
        } else {
            x86_seg_from_descriptor(&cpu->ldtr, selector, d.low, d.high);
        }
    }
    return 0;
}

uint64_t x86_help_ltr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    uint32_t selector = (uint32_t)a, error = selector & 0xfffc;
    X86Descriptor d;

    (void)b, (void)c;
    if ((selector & 4) != 0 || error == 0) {
        x86_fault(cpu, X86_GP, error);
    } else if (x86_read_descriptor(cpu, selector, X86_GP, 0, &d)) {
        if (x86_desc_is_segment(&d) || (x86_desc_type(&d) & 7) != 1) {
            x86_fault(cpu, X86_GP, error);
        } else if (!x86_desc_present(&d)) {
            x86_fault(cpu, X86_NP, error);
        } else if (x86_sys_store(cpu, d.va + 4, 4, d.high | TSS_BUSY)) {
            x86_seg_from_descriptor(&cpu->tr, selector, d.low, d.high | TSS_BUSY);
        }
    }
    return 0;
}
