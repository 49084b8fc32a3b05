/* SPDX-License-Identifier: MIT */
/* helpers_io.c - emulation routines of IN, OUT, INS and OUTS. */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

/* Whether the I/O permission bitmap allows port @a, @b bytes; else #GP(0). */
uint64_t x86_help_check_port(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    bool allowed;

    (void)c;
    if (x86_io_allowed(cpu, (uint32_t)a, (unsigned)b, &allowed) && !allowed) {
        x86_fault(cpu, X86_GP, 0);
    }
    return 0;
}

/* Port @a, @b bytes. */
uint64_t x86_help_in(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    x86_watch_port(x86_cpu(v), (uint32_t)a, (unsigned)b);
    return mmu_in(v, (uint32_t)a, (unsigned)b);
}

/* Writes a port. What the loop wants to look at it sees at the unit's end, which is here. The
 * instruction is not left to the interpreter, as after other accesses: the write may have put other
 * memory where the instruction was. */
static void write_port(X86Cpu *cpu, uint32_t port, uint64_t value, unsigned bytes)
{
    Vcpu *v = &cpu->v;

    x86_watch_port(cpu, port, bytes);
    mmu_out(v, port, value, bytes);
    if (v->leave == LEAVE_AFTER) {
        v->leave = LEAVE_NO;
        vcpu_cold(v)->replay.made = vcpu_cold(v)->replay.valid = 0;
    }
}

/* Port @a = @b, @c bytes. */
uint64_t x86_help_out(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    write_port(x86_cpu(v), (uint32_t)a, b, (unsigned)c);
    return 0;
}

/* ---- strings: one element; what a port has been asked is not asked again, see VcpuReplay ---- */

/* What a lifter's description says. */
typedef struct Element {
    unsigned bytes, adsize, seg;
} Element;

static Element element(uint64_t what)
{
    return (Element){ what & 0xff, what >> 8 & 0xff, what >> 16 & 0xff };
}

/* The linear address of the element at eSI or eDI (@g); false with a fault. */
static bool locate(X86Cpu *cpu, const Element *e, unsigned seg, unsigned g, bool write, Gva *va)
{
    uint32_t off = e->adsize == 2 ? cpu->r[g] & 0xffff : cpu->r[g];
    uint64_t what = seg | e->bytes << 8 | (uint64_t)write << 16;

    *va = (Gva)x86_help_segment(&cpu->v, off, what, 0);
    if (cpu->v.leave != LEAVE_NO) {
        return false;
    }
    x86_help_watch(&cpu->v, *va, what, 0);
    return true;
}

static void advance(X86Cpu *cpu, const Element *e, unsigned g)
{
    uint32_t by = (cpu->eflags & EFL_DF) != 0 ? 0 - e->bytes : e->bytes, v = cpu->r[g] + by;

    cpu->r[g] = e->adsize == 2 ? (cpu->r[g] & 0xffff0000) | (v & 0xffff) : v;
}

/* Whether the access is made and the instruction may go on. */
static bool is_done(Vcpu *v)
{
    return v->leave == LEAVE_NO || (v->leave == LEAVE_AFTER && vcpu_cold(v)->host_pc == NULL);
}

static unsigned memop(unsigned bytes) { return bytes == 1 ? MO_8 : bytes == 2 ? MO_16 : MO_32; }

/* [ES:eDI] = port @a, as @b describes. */
uint64_t x86_help_ins(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    const Element e = element(b);
    uint64_t value;
    Gva va;

    (void)c;
    if (!locate(cpu, &e, SEG_ES, G_EDI, true, &va) || !x86_can_write(cpu, va, e.bytes, false)) {
        return 0;
    }
    x86_watch_port(cpu, (uint32_t)a, e.bytes);
    value = mmu_in(v, (uint32_t)a, e.bytes);
    if (is_done(v)) {
        VcpuLeave after = (VcpuLeave)v->leave;

        v->leave = LEAVE_NO;
        mmu_store(v, va, value, memop(e.bytes));
        v->leave = v->leave == LEAVE_NO ? after : v->leave;
    }
    if (is_done(v)) {
        advance(cpu, &e, G_EDI);
    }
    return 0;
}

/* Port @a = [DS:eSI], as @b describes. */
uint64_t x86_help_outs(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    const Element e = element(b);
    uint64_t value;
    Gva va;

    (void)c;
    if (!locate(cpu, &e, e.seg, G_ESI, false, &va)) {
        return 0;
    }
    value = mmu_load(v, va, memop(e.bytes));
    if (is_done(v)) {
        write_port(cpu, (uint32_t)a, value, e.bytes);
    }
    if (is_done(v)) {
        advance(cpu, &e, G_ESI);
    }
    return 0;
}
