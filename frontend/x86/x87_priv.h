/* SPDX-License-Identifier: MIT */
/* x87_priv.h - what x87 instructions do to the x87's state; knows neither memory nor units. */
#ifndef FRONTEND_X86_X87_PRIV_H
#define FRONTEND_X86_X87_PRIV_H

#include "frontend/x86/x86.h"
#include "translator/ir/softfp80.h"

/* Status word, SDM Vol. 1 8.1.3. ES and B follow from the flags and masks and are not stored. */
enum {
    X87_FLAGS = 0x3f,
    X87_SF = 1 << 6,
    X87_ES = 1 << 7,
    X87_C0 = 1 << 8,
    X87_C1 = 1 << 9,
    X87_C2 = 1 << 10,
    X87_TOP_SHIFT = 11,
    X87_C3 = 1 << 14,
    X87_B = 1 << 15,
    X87_CC = X87_C0 | X87_C1 | X87_C2 | X87_C3,
};

/* Control word, 8.1.5: bit 6 reads as 1. */
enum {
    X87_CONTROL_BITS = 0x1f3f,
    X87_CONTROL_ONE = 0x40,
    X87_CONTROL_INIT = 0x37f,
};

/* The opcode as FOP has it, 8.1.9: the low three bits of the first byte and the ModRM byte. */
static inline unsigned x87_esc(unsigned fop) { return fop >> 8 & 7; } /* D8 + this */
static inline unsigned x87_reg(unsigned fop) { return fop >> 3 & 7; }
static inline unsigned x87_rm(unsigned fop) { return fop & 7; }

static inline unsigned x87_physical(const X86Fpu *f, unsigned i) { return (f->top + i) & 7u; }
static inline bool x87_is_empty(const X86Fpu *f, unsigned i)
{
    return (f->tags >> x87_physical(f, i) & 1) != 0;
}
static inline F80 x87_st(const X86Fpu *f, unsigned i)
{
    unsigned r = x87_physical(f, i);

    return (F80){ f->mantissa[r], f->exponent[r] };
}
/* ST(i) = @v, no longer empty. */
static inline void x87_set_st(X86Fpu *f, unsigned i, F80 v)
{
    unsigned r = x87_physical(f, i);

    f->mantissa[r] = v.sig;
    f->exponent[r] = v.se;
    f->tags &= (uint8_t) ~(1u << r);
}
static inline void x87_pop(X86Fpu *f)
{
    f->tags |= (uint8_t)(1u << f->top);
    f->top = (f->top + 1) & 7;
}

/* Whether an exception is pending: flagged and not masked. */
static inline bool x87_pending(const X86Fpu *f)
{
    return (f->status & ~f->control & X87_FLAGS) != 0;
}
/* Whether one can come to be pending: instructions must ask. */
static inline bool x87_can_trap(const X86Fpu *f) { return (~f->control & X87_FLAGS) != 0; }

/* The x87's state in its place, from wherever translated code has left it; for whoever looks at it.
 * */
X86Fpu *x87_state(X86Cpu *cpu);
/* Takes FERR# back if nothing is pending any more, or CR0.NE is 1: Vol. 1 8.7. */
void x87_settle_ferr(X86Cpu *cpu);
/* GuestIsa.x87_image */
void x87_to_image(Vcpu *v);

/* The status word as FNSTSW stores it. */
uint16_t x87_status(const X86Fpu *f);
/* TOP, flags and condition codes of a status word. */
void x87_set_status(X86Fpu *f, uint16_t status);
void x87_set_control(X86Fpu *f, uint16_t control);
/* FNINIT. */
void x87_init(X86Fpu *f);
/* Two bits a register, as FNSTENV stores them; and back. Spec: 8.1.7. */
uint16_t x87_tag_word(const X86Fpu *f);
void x87_set_tag_word(X86Fpu *f, uint16_t word);

/* ---- x87_state.c, for the others ---- */

F80Env x87_env(const X86Fpu *f);
/* Adds what @env raised; C1 is rounded_up. */
void x87_raised(X86Fpu *f, const F80Env *env);
/* A stack fault; true if it is masked, and the operation goes on with the indefinite. */
bool x87_stack_fault(X86Fpu *f, bool overflow);
/* Makes a new ST(0); an overflow if there is no room. */
void x87_push(X86Fpu *f, F80 v);

/* ---- x87_ops.c: register forms, all but those below ---- */

void x87_op(X86Fpu *f, unsigned fop);
/* D8 and its kin by their number: ST(@dest) = ST(0) op @b, or the reverse; compares only set C0 to
 * C3. @b_empty: it is an empty register */
void x87_arith(X86Fpu *f, unsigned op, F80 b, bool b_empty, unsigned dest, unsigned pops,
               F80Env *env);
/* FCOMI, FCOMIP, FUCOMI, FUCOMIP: ZF, PF, CF where EFLAGS has them. */
uint32_t x87_comi(X86Fpu *f, unsigned fop);
/* FCMOVcc, whose condition is @holds. */
void x87_cmov(X86Fpu *f, unsigned fop, bool holds);

/* ---- x87_memory.c ---- */

/* Bytes of the memory operand; 0: environment and the like. */
unsigned x87_memory_bytes(unsigned fop);
/* The forms that read memory: the operand's bytes zero-extended, those above eight in @high. */
void x87_load(X86Fpu *f, unsigned fop, uint64_t low, uint16_t high);

/* What a store to memory stores, without doing anything else; *@stores: false if an exception that
 * is not masked keeps it from storing. */
uint64_t x87_store_value(const X86Fpu *f, unsigned fop, uint16_t *high, bool *stores);
/* All the rest of it. */
void x87_store_done(X86Fpu *f, unsigned fop);

#endif
