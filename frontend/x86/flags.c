/* SPDX-License-Identifier: MIT */
/* flags.c - EFLAGS from what they are kept as (flags.h), and back. */
#include "frontend/x86/flags.h"

#include "base/bits.h"
#include "frontend/x86/lift.h"
#include "frontend/x86/x86_priv.h"

static uint32_t flag(bool on, uint32_t bit) { return on ? bit : 0; }

static unsigned width_at(uint32_t cc, unsigned shift) { return 8u << (cc >> shift & 3); }

static bool top_of(uint64_t v, unsigned bits) { return (v >> (bits - 1) & 1) != 0; }

static uint32_t parity_of(uint64_t v) { return flag(bits_popcount64(v & 0xff) % 2 == 0, EFL_PF); }

/* S, Z and P of a result. */
static uint32_t szp(uint64_t r, unsigned bits)
{
    r &= bits_mask(bits);
    return flag(top_of(r, bits), EFL_SF) | flag(r == 0, EFL_ZF) | parity_of(r);
}

static uint32_t packed(const X86Cpu *cpu)
{
    uint32_t v = cpu->flags & (IR_FL_S | IR_FL_Z); /* where EFLAGS has them */

    v |= flag((cpu->flags & IR_FL_C) != 0, EFL_CF) | flag((cpu->flags & IR_FL_O) != 0, EFL_OF);
    return v | parity_of(cpu->pf) | ((cpu->af ^ cpu->pf) & EFL_AF);
}

static uint32_t added(uint64_t a, uint64_t b, unsigned bits)
{
    uint64_t r = a + b;

    return szp(r, bits) | flag((r >> bits & 1) != 0, EFL_CF)
           | flag(top_of((a ^ r) & (b ^ r), bits), EFL_OF) | ((uint32_t)(a ^ b ^ r) & EFL_AF);
}

static uint32_t subtracted(uint64_t a, uint64_t b, unsigned bits)
{
    uint64_t r = a - b;

    return szp(r, bits) | flag(a < b, EFL_CF) | flag(top_of((a ^ b) & (a ^ r), bits), EFL_OF)
           | ((uint32_t)(a ^ b ^ r) & EFL_AF);
}

/* What is not defined is as lift_shift.c says. */
static uint32_t shifted(KeptOp op, uint64_t a, unsigned n, unsigned bits)
{
    uint64_t wide = op == KEPT_SAR ? bits_sext64(a, bits) : a, r;
    bool c, o;

    if (op == KEPT_SHL) {
        r = (uint32_t)(bits == 32 ? a << n : (uint32_t)a << n);
        c = bits == 32 ? (a >> (32 - n) & 1) != 0 : (r >> bits & 1) != 0;
        o = top_of(r, bits) != c;
    } else {
        r = wide >> n;
        c = (wide >> (n - 1) & 1) != 0;
        o = op == KEPT_SHR && top_of(a, bits);
    }
    return szp(r, bits) | flag(c, EFL_CF) | flag(o, EFL_OF);
}

static uint32_t multiplied(KeptOp op, uint64_t a, uint64_t b, unsigned bits)
{
    bool is_signed = op == KEPT_SMUL;
    uint64_t r = is_signed ? bits_sext64(a, bits) * bits_sext64(b, bits) : a * b;
    bool fits = (is_signed ? bits_sext64(r, bits) : r & bits_mask(bits)) == r;

    return szp(r, bits) | flag(!fits, EFL_CF | EFL_OF);
}

static uint32_t by_operation(const X86Cpu *cpu)
{
    unsigned bits = width_at(cpu->kept, KEPT_WIDTH_SHIFT), n = cpu->kept >> KEPT_COUNT_SHIFT & 31;
    uint64_t x = cpu->pf & bits_mask(bits), y = cpu->af & bits_mask(bits);
    KeptOp op = (KeptOp)(cpu->kept & KEPT_OP);

    switch (op) {
    case KEPT_RAW: return cpu->pf & EFL_STATUS;
    case KEPT_ADD: return added((x - y) & bits_mask(bits), y, bits);
    case KEPT_SUB: return subtracted((x + y) & bits_mask(bits), y, bits);
    case KEPT_CMP: return subtracted(x, y, bits);
    case KEPT_SHL:
    case KEPT_SHR:
    case KEPT_SAR: return shifted(op, x, n, bits);
    case KEPT_UMUL:
    case KEPT_SMUL: return multiplied(op, x, y, bits);
    default: return packed(cpu);
    }
}

static uint32_t stepped(const X86Cpu *cpu)
{
    unsigned bits = width_at(cpu->kept, KEPT_STEP_WIDTH_SHIFT);
    uint64_t r = cpu->step & bits_mask(bits), top = (uint64_t)1 << (bits - 1);

    if ((cpu->kept & KEPT_INC) != 0) {
        return szp(r, bits) | flag(r == top, EFL_OF) | flag((r & 15) == 0, EFL_AF);
    }
    return szp(r, bits) | flag(r == top - 1, EFL_OF) | flag((r & 15) == 15, EFL_AF);
}

/* C and O. */
static uint32_t rotated(const X86Cpu *cpu)
{
    unsigned bits = width_at(cpu->kept, KEPT_ROT_WIDTH_SHIFT);
    bool left = (cpu->kept & KEPT_ROL) != 0, top = top_of(cpu->rot, bits);
    bool c = left ? (cpu->rot & 1) != 0 : top;
    bool o = top != (left ? c : top_of(cpu->rot, bits - 1));

    return flag(c, EFL_CF) | flag(o, EFL_OF);
}

uint32_t x86_status_now(const X86Cpu *cpu)
{
    uint32_t v = by_operation(cpu), cc = cpu->kept;

    if ((cc & (KEPT_INC | KEPT_DEC)) != 0) {
        v = (v & EFL_CF) | stepped(cpu);
    }
    if ((cc & (KEPT_ROL | KEPT_ROR)) != 0) {
        uint32_t which = EFL_CF | flag((cc & KEPT_ROT_O) != 0, EFL_OF);

        v = (v & ~which) | (rotated(cpu) & which);
    }
    if ((cc & KEPT_C) != 0) {
        v = (v & ~(uint32_t)EFL_CF) | (cc >> KEPT_C_IS_SHIFT & EFL_CF);
    }
    return v;
}

static void set_status(X86Cpu *cpu, uint32_t v)
{
    cpu->flags = v & (IR_FL_S | IR_FL_Z);
    cpu->flags |= flag((v & EFL_CF) != 0, IR_FL_C) | flag((v & EFL_OF) != 0, IR_FL_O);
    cpu->pf = (v & EFL_PF) != 0 ? 0 : 1;
    cpu->af = (v ^ cpu->pf) & EFL_AF;
    cpu->kept = KEPT_PACKED;
    cpu->step = cpu->rot = 0;
}

void x86_pack_flags(X86Cpu *cpu) { set_status(cpu, x86_status_now(cpu)); }

uint32_t x86_eflags(const X86Cpu *cpu)
{
    return (cpu->eflags & ~(uint32_t)EFL_STATUS) | EFL_ONE | x86_status_now(cpu);
}

void x86_set_eflags(X86Cpu *cpu, uint32_t value)
{
    cpu->eflags = (value & ~(uint32_t)EFL_STATUS) | EFL_ONE;
    set_status(cpu, value);
}

uint64_t x86_help_status(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    return x86_status_now(x86_cpu(v));
}

uint64_t x86_help_pack_flags(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    x86_pack_flags(x86_cpu(v));
    return 0;
}
