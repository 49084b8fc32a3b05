/* SPDX-License-Identifier: MIT */
/*
 * descriptors.c - memory, descriptors and stacks as the processor itself uses them.
 *
 * Its own accesses are the supervisor's whatever the CPL (SDM Vol. 3 4.6.1): they go through what
 * the soft-MMU calls the unprivileged view, which x86_update() makes the supervisor's.
 */
#include <string.h>

#include "frontend/x86/x86_priv.h"

static uint64_t memop(unsigned bytes, bool system)
{
    unsigned size = bytes == 1 ? MO_8 : bytes == 2 ? MO_16 : MO_32;

    return size | MO_TSO | (system ? MO_UNPRIV : 0);
}

/* A store that hits code, or finds an interrupt raised, is done: between two instructions leave
 * then asks for nothing. */
static bool done(X86Cpu *cpu)
{
    if (cpu->v.leave == LEAVE_AFTER && vcpu_cold(&cpu->v)->host_pc == NULL) {
        cpu->v.leave = LEAVE_NO;
    }
    return cpu->v.leave == LEAVE_NO;
}

/* Where the @bytes at @va are if they are plain RAM of one page; else NULL. */
static uint8_t *plain(X86Cpu *cpu, Gva va, unsigned bytes, bool system, MmuAccess access)
{
    return (va & 0xfff) + bytes > 0x1000 ? NULL
           : system                      ? mmu_plain_unpriv(&cpu->v, va, access)
                                         : mmu_plain(&cpu->v, va, access);
}

static bool load(X86Cpu *cpu, Gva va, unsigned bytes, bool system, uint32_t *out)
{
    const uint8_t *host = bytes >= 2 ? plain(cpu, va, bytes, system, ACCESS_READ) : NULL;
    uint16_t half;

    if (host && bytes == 4) {
        memcpy(out, host, 4);
        return true;
    }
    if (host) {
        memcpy(&half, host, 2);
        *out = half;
        return true;
    }
    *out = (uint32_t)mmu_load(&cpu->v, va, memop(bytes, system));
    return done(cpu);
}

static bool store(X86Cpu *cpu, Gva va, unsigned bytes, bool system, uint32_t value)
{
    uint8_t *host = bytes == 4 ? plain(cpu, va, 4, system, ACCESS_WRITE) : NULL;

    if (host) {
        memcpy(host, &value, 4);
        return true;
    }
    mmu_store(&cpu->v, va, value, memop(bytes, system));
    return done(cpu);
}

bool x86_sys_load(X86Cpu *cpu, Gva va, unsigned bytes, uint32_t *out)
{
    return load(cpu, va, bytes, true, out);
}

bool x86_sys_store(X86Cpu *cpu, Gva va, unsigned bytes, uint32_t value)
{
    return store(cpu, va, bytes, true, value);
}

static bool can_write_byte(X86Cpu *cpu, Gva va, bool system)
{
    mmu_run(&cpu->v, va, MO_8 | MO_WRITE | (system ? MO_UNPRIV : 0), 1);
    if (cpu->v.leave == LEAVE_FAULT) {
        return false;
    }
    cpu->v.leave = LEAVE_NO; /* not plain RAM */
    return true;
}

bool x86_can_write(X86Cpu *cpu, Gva va, unsigned bytes, bool system)
{
    Gva last_page = (va + bytes - 1) & ~(Gva)(PHYS_PAGE - 1);

    return can_write_byte(cpu, va, system)
           && (va >= last_page || can_write_byte(cpu, last_page, system));
}

/* ---- descriptors, Vol. 3 3.4.5 ---- */

uint32_t x86_desc_base(const X86Descriptor *d)
{
    return d->low >> 16 | (d->high & 0xff) << 16 | (d->high & 0xff000000);
}

uint32_t x86_desc_limit(const X86Descriptor *d)
{
    uint32_t limit = (d->low & 0xffff) | (d->high & 0xf0000);

    return (d->high & 1u << 23) != 0 ? limit << 12 | 0xfff : limit;
}

bool x86_probe_descriptor(X86Cpu *cpu, uint32_t selector, X86Descriptor *out, bool *valid)
{
    bool local = (selector & 4) != 0;
    uint32_t base = local ? cpu->ldtr.base : cpu->gdtr.base, offset = selector & 0xfff8;
    uint32_t limit = local ? cpu->ldtr.limit : cpu->gdtr.limit;
    const uint8_t *host;

    *valid = !(local && (cpu->ldtr.attr & SEG_UNUSABLE) != 0) && offset + 7 <= limit;
    if (!*valid) {
        return true;
    }
    out->selector = selector;
    out->va = base + offset;
    host = plain(cpu, out->va, 8, true, ACCESS_READ);
    if (host) {
        memcpy(&out->low, host, 4);
        memcpy(&out->high, host + 4, 4);
        return true;
    }
    return x86_sys_load(cpu, out->va, 4, &out->low)
           && x86_sys_load(cpu, out->va + 4, 4, &out->high);
}

bool x86_read_descriptor(X86Cpu *cpu, uint32_t selector, unsigned vector, uint32_t ext,
                         X86Descriptor *out)
{
    bool valid;

    if (!x86_probe_descriptor(cpu, selector, out, &valid)) {
        return false;
    }
    return valid || x86_fault(cpu, vector, (selector & 0xfffc) | ext);
}

bool x86_set_accessed(X86Cpu *cpu, X86Descriptor *d)
{
    if ((d->high & 1u << 8) != 0) {
        return true;
    }
    d->high |= 1u << 8;
    return x86_sys_store(cpu, d->va + 4, 4, d->high);
}

/* ---- segment registers, Vol. 2 MOV and Vol. 3 5.6, 5.7 ---- */

static bool is_writable_data(const X86Descriptor *d)
{
    return x86_desc_is_segment(d) && (x86_desc_type(d) & (SEG_CODE | SEG_WRITABLE)) == SEG_WRITABLE;
}

static bool load_stack(X86Cpu *cpu, uint32_t selector)
{
    uint32_t error = selector & 0xfffc;
    X86Descriptor d;

    if (error == 0) {
        return x86_fault(cpu, X86_GP, 0);
    }
    if (!x86_read_descriptor(cpu, selector, X86_GP, 0, &d)) {
        return false;
    }
    if ((selector & 3) != cpu->cpl || x86_desc_dpl(&d) != cpu->cpl || !is_writable_data(&d)) {
        return x86_fault(cpu, X86_GP, error);
    }
    if (!x86_desc_present(&d)) {
        return x86_fault(cpu, X86_SS, error);
    }
    if (!x86_set_accessed(cpu, &d)) {
        return false;
    }
    x86_seg_from_descriptor(&cpu->seg[SEG_SS], selector, d.low, d.high);
    return true;
}

/* Data, or readable code; only conforming code may be more privileged. */
static bool may_be_data(const X86Cpu *cpu, const X86Descriptor *d)
{
    unsigned type = x86_desc_type(d), rpl = d->selector & 3;

    if (!x86_desc_is_segment(d) || (type & (SEG_CODE | SEG_WRITABLE)) == SEG_CODE) {
        return false;
    }
    if ((type & (SEG_CODE | SEG_DOWN)) == (SEG_CODE | SEG_DOWN)) {
        return true;
    }
    return x86_desc_dpl(d) >= rpl && x86_desc_dpl(d) >= cpu->cpl;
}

static bool load_data(X86Cpu *cpu, unsigned s, uint32_t selector)
{
    uint32_t error = selector & 0xfffc;
    X86Descriptor d;

    if (error == 0) {
        x86_seg_null(&cpu->seg[s], selector);
        return true;
    }
    if (!x86_read_descriptor(cpu, selector, X86_GP, 0, &d)) {
        return false;
    }
    if (!may_be_data(cpu, &d)) {
        return x86_fault(cpu, X86_GP, error);
    }
    if (!x86_desc_present(&d)) {
        return x86_fault(cpu, X86_NP, error);
    }
    if (!x86_set_accessed(cpu, &d)) {
        return false;
    }
    x86_seg_from_descriptor(&cpu->seg[s], selector, d.low, d.high);
    return true;
}

bool x86_load_segment(X86Cpu *cpu, unsigned s, uint32_t selector)
{
    selector &= 0xffff;
    if (!x86_has_descriptors(cpu)) {
        x86_seg_real(cpu, s, selector);
        return true;
    }
    return s == SEG_SS ? load_stack(cpu, selector) : load_data(cpu, s, selector);
}

/* ---- stacks ---- */

static uint32_t stack_mask(const X86Stack *s)
{
    return (s->seg.attr & SEG_DB) != 0 ? UINT32_MAX : 0xffff;
}

X86Stack x86_current_stack(const X86Cpu *cpu)
{
    X86Stack s = { .seg = cpu->seg[SEG_SS], .sp = cpu->r[4] };

    if (x86_vm86(cpu)) {
        s.seg.attr &= ~(uint32_t)SEG_DB;
    }
    return s;
}

X86Stack x86_own_stack(const X86Cpu *cpu)
{
    X86Stack s = x86_current_stack(cpu);

    s.aligned = x86_checks_alignment(cpu);
    return s;
}

/* The segment's limit comes first, then alignment, then the page. */
static bool in_stack(X86Cpu *cpu, const X86Stack *s, uint32_t off, unsigned bytes)
{
    if (!x86_seg_holds(&s->seg, off, bytes)) {
        return x86_fault(cpu, X86_SS, s->error);
    }
    if (s->aligned && ((s->seg.base + off) & (bytes - 1)) != 0) {
        return x86_fault(cpu, X86_AC, 0);
    }
    return true;
}

bool x86_stack_push(X86Cpu *cpu, X86Stack *s, unsigned bytes, uint32_t value)
{
    uint32_t mask = stack_mask(s), sp = (s->sp - bytes) & mask;

    if (!in_stack(cpu, s, sp, bytes) || !store(cpu, s->seg.base + sp, bytes, s->system, value)) {
        return false;
    }
    s->sp = (s->sp & ~mask) | sp;
    return true;
}

bool x86_stack_probe(X86Cpu *cpu, const X86Stack *s, unsigned bytes)
{
    uint32_t sp = (s->sp - bytes) & stack_mask(s);

    return in_stack(cpu, s, sp, bytes) && x86_can_write(cpu, s->seg.base + sp, bytes, s->system);
}

bool x86_stack_at(X86Cpu *cpu, const X86Stack *s, uint32_t k, unsigned bytes, uint32_t *value)
{
    uint32_t sp = (s->sp + k) & stack_mask(s);

    return in_stack(cpu, s, sp, bytes) && load(cpu, s->seg.base + sp, bytes, s->system, value);
}

void x86_stack_drop(X86Stack *s, uint32_t bytes)
{
    uint32_t mask = stack_mask(s);

    s->sp = (s->sp & ~mask) | ((s->sp + bytes) & mask);
}

bool x86_stack_pop(X86Cpu *cpu, X86Stack *s, unsigned bytes, uint32_t *value)
{
    if (!x86_stack_at(cpu, s, 0, bytes, value)) {
        return false;
    }
    x86_stack_drop(s, bytes);
    return true;
}

void x86_stack_commit(X86Cpu *cpu, const X86Stack *s)
{
    uint32_t mask = stack_mask(s);

    cpu->r[4] = (cpu->r[4] & ~mask) | (s->sp & mask);
}

/* Vol. 3 5.8.5, figure 7-2 and 7-10. */
static bool read_tss_stack(X86Cpu *cpu, unsigned dpl, uint32_t ext, uint32_t *ss, uint32_t *esp)
{
    bool wide = (cpu->tr.attr & 8) != 0;
    uint32_t offset = wide ? 4 + 8 * dpl : 2 + 4 * dpl, last = offset + (wide ? 5 : 3);

    if (last > cpu->tr.limit || (cpu->tr.attr & SEG_UNUSABLE) != 0) {
        return x86_fault(cpu, X86_TS, (cpu->tr.selector & 0xfffc) | ext);
    }
    return x86_sys_load(cpu, cpu->tr.base + offset, wide ? 4 : 2, esp)
           && x86_sys_load(cpu, cpu->tr.base + offset + (wide ? 4 : 2), 2, ss);
}

bool x86_inner_stack(X86Cpu *cpu, unsigned dpl, uint32_t ext, X86Stack *out)
{
    uint32_t ss = 0, esp = 0, error;
    X86Descriptor d;

    if (!read_tss_stack(cpu, dpl, ext, &ss, &esp)) {
        return false;
    }
    error = (ss & 0xfffc) | ext;
    if ((ss & 0xfffc) == 0) {
        return x86_fault(cpu, X86_TS, ext);
    }
    if (!x86_read_descriptor(cpu, ss, X86_TS, ext, &d)) {
        return false;
    }
    if ((ss & 3) != dpl || x86_desc_dpl(&d) != dpl || !is_writable_data(&d)) {
        return x86_fault(cpu, X86_TS, error);
    }
    if (!x86_desc_present(&d)) {
        return x86_fault(cpu, X86_SS, error);
    }
    if (!x86_set_accessed(cpu, &d)) {
        return false;
    }
    *out = (X86Stack){ .sp = esp, .system = true, .error = error };
    x86_seg_from_descriptor(&out->seg, ss, d.low, d.high);
    return true;
}
