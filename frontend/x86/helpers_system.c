/* SPDX-License-Identifier: MIT */
/* helpers_system.c - emulation routines of the system instructions that translated code calls. */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

/* Exception @a, without error code; with error code 0. */
uint64_t x86_help_raise(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    x86_fault(x86_cpu(v), (unsigned)a, 0);
    return 0;
}

uint64_t x86_help_raise_error(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    x86_fault(x86_cpu(v), (unsigned)a, 0);
    return 0;
}

/* Vol. 3 5.3, 5.5: rights of a data access. */
static bool is_allowed(const X86Cpu *cpu, const X86Seg *s, bool write)
{
    bool code = (s->attr & SEG_CODE) != 0;

    if (!x86_has_descriptors(cpu)) {
        return true; /* real mode, CS too */
    }
    if (write) {
        return !code && (s->attr & SEG_WRITABLE) != 0;
    }
    return !code || (s->attr & SEG_WRITABLE) != 0; /* code: readable */
}

/* The linear address of offset @a; @b: segment, bits 15:8 bytes, bit 16 store. */
uint64_t x86_help_segment(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    unsigned n = b & 7;
    const X86Seg *s = &cpu->seg[n];
    uint32_t off = (uint32_t)a, bytes = b >> 8 & 0xff;

    (void)c;
    if (off < s->first || off > s->last || s->last - off < bytes - 1
        || !is_allowed(cpu, s, (b >> 16 & 1) != 0)) {
        x86_fault(cpu, n == SEG_SS ? X86_SS : X86_GP, 0);
        return 0;
    }
    return (uint32_t)(s->base + off);
}
