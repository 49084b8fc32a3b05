/* SPDX-License-Identifier: MIT */
/* helpers_x87.c - x87 instructions as translated code calls them; @a is the opcode as in FOP. */
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"
#include "frontend/x86/x87_priv.h"

static X86Fpu *fpu(Vcpu *v) { return x87_state(x86_cpu(v)); }

/* SDM Vol. 1 8.7: a pending exception is #MF; with CR0.NE 0 it goes to the board by FERR#, and the
 * instruction waits for an interrupt unless IGNNE# is asserted. */
uint64_t x86_help_x87_wait(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)a, (void)b, (void)c;
    if (!x87_pending(x87_state(cpu))) {
        return 0;
    }
    if ((cpu->cr0 & CR0_NE) != 0) {
        x86_fault(cpu, X86_MF, 0);
        return 0;
    }
    if (cpu->board.ferr) {
        cpu->board.ferr(cpu->board.opaque, true);
    }
    if ((cpu->irq_level & 1u << X86_LINE_IGNNE) == 0) {
        x86_fault(cpu, X86_FROZEN, 0);
    }
    return 0;
}

uint64_t x86_help_x87_op(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    x87_op(fpu(v), (unsigned)a);
    return 0;
}

uint64_t x86_help_x87_comi(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    return x87_comi(fpu(v), (unsigned)a);
}

/* @b: whether the condition holds */
uint64_t x86_help_x87_cmov(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    x87_cmov(fpu(v), (unsigned)a, b != 0);
    return 0;
}

/* @b, @c: the operand, its bytes 8 and 9 */
uint64_t x86_help_x87_load(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    x87_load(fpu(v), (unsigned)a, b, (uint16_t)c);
    return 0;
}

/* Whether the store is done: always, unless an exception is not masked. */
uint64_t x86_help_x87_stores(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    uint16_t high;
    bool stores;

    (void)b, (void)c;
    x87_store_value(fpu(v), (unsigned)a, &high, &stores);
    return stores;
}

/* What is stored; bytes 8 and 9 of it; and all effects of the store but that on memory. */
uint64_t x86_help_x87_store(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    uint16_t high;
    bool stores;

    (void)b, (void)c;
    return x87_store_value(fpu(v), (unsigned)a, &high, &stores);
}

uint64_t x86_help_x87_store_high(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    uint16_t high;
    bool stores;

    (void)b, (void)c;
    x87_store_value(fpu(v), (unsigned)a, &high, &stores);
    return high;
}

uint64_t x86_help_x87_store_done(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    x87_store_done(fpu(v), (unsigned)a);
    return 0;
}

uint64_t x86_help_x87_status(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    return x87_status(fpu(v));
}

uint64_t x86_help_x87_control(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    return fpu(v)->control;
}

/* FLDCW of @a. Returns: whether MODE_X87TRAP changed. */
uint64_t x86_help_x87_set_control(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    bool before = x87_can_trap(fpu(v));

    (void)b, (void)c;
    x87_set_control(fpu(v), (uint16_t)a);
    x87_settle_ferr(x86_cpu(v));
    return x86_trap_turned(x86_cpu(v), before);
}

/* FLDCW of @b, which masks all exceptions as the one before does. */
uint64_t x86_help_x87_ldcw(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)c;
    x87_set_control(fpu(v), (uint16_t)b);
    return 0;
}

/* Ahead of code that accesses the registers itself. */
uint64_t x86_help_x87_sync(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    x87_state(x86_cpu(v));
    return 0;
}

/* FNCLEX: exceptions, ES, SF and B go. */
uint64_t x86_help_x87_clex(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)a, (void)b, (void)c;
    x87_state(cpu)->status &= (uint16_t) ~(X87_FLAGS | X87_SF);
    x87_settle_ferr(cpu);
    return 0;
}

/* Returns: whether MODE_X87TRAP changed. */
uint64_t x86_help_x87_init(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    bool before = x87_can_trap(fpu(v));

    (void)a, (void)b, (void)c;
    x87_init(fpu(v));
    x87_settle_ferr(x86_cpu(v));
    return x86_trap_turned(x86_cpu(v), before);
}
