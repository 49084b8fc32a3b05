/* SPDX-License-Identifier: MIT */
/* x87_env.c - the x87's environment and whole state in memory. Spec: SDM Vol. 1 8.1.10, 10.5. */
#include <string.h>

#include "frontend/x86/lift.h"
#include "frontend/x86/sse_priv.h"
#include "frontend/x86/x86_priv.h"
#include "frontend/x86/x87_env_priv.h"

enum {
    FXSAVE_BYTES = 512,
    FXSAVE_ST = 32,
    FXSAVE_XMM = 160,
};

/* Memory as the program sees it, at a linear address that its segment allows. False: leave is set,
 * and what this instruction does is done again or not at all. */
static bool is_done(X86Cpu *cpu)
{
    if (cpu->v.leave == LEAVE_AFTER && vcpu_cold(&cpu->v)->host_pc == NULL) {
        return true;
    }
    return cpu->v.leave == LEAVE_NO;
}

/* Where @bytes, at most a page, are if both ends are plain RAM on one stretch of the host's memory;
 * else NULL. */
static uint8_t *plain(X86Cpu *cpu, Gva va, unsigned bytes, MmuAccess access)
{
    uint8_t *first = mmu_plain(&cpu->v, va, access);
    uint8_t *last = mmu_plain(&cpu->v, va + bytes - 1, access);

    return first && last && (uintptr_t)last - (uintptr_t)first == bytes - 1 ? first : NULL;
}

static bool copy_in(X86Cpu *cpu, Gva va, uint8_t *to, unsigned bytes)
{
    const uint8_t *from = plain(cpu, va, bytes, ACCESS_READ);

    if (from) {
        memcpy(to, from, bytes);
        return true;
    }
    for (unsigned i = 0; i < bytes; i += 2) {
        uint16_t w = (uint16_t)mmu_load(&cpu->v, va + i, MO_16 | MO_TSO);

        if (!is_done(cpu)) {
            return false;
        }
        memcpy(to + i, &w, 2);
    }
    return true;
}

/* All of it or nothing. */
static bool copy_out(X86Cpu *cpu, Gva va, const uint8_t *from, unsigned bytes)
{
    uint8_t *to = plain(cpu, va, bytes, ACCESS_WRITE);

    if (to) {
        memcpy(to, from, bytes);
        return true;
    }
    if (!x86_can_write(cpu, va, bytes, false)) {
        return false;
    }
    for (unsigned i = 0; i < bytes; i += 2) {
        uint16_t w;

        memcpy(&w, from + i, 2);
        mmu_store(&cpu->v, va + i, w, MO_16 | MO_TSO);
        if (!is_done(cpu)) {
            return false;
        }
    }
    return true;
}

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static unsigned get16(const uint8_t *p) { return p[0] | (unsigned)p[1] << 8; }

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v & 0xffff);
    put16(p + 2, v >> 16);
}

static uint32_t get32(const uint8_t *p) { return get16(p) | (uint32_t)get16(p + 2) << 16; }

static uint32_t linear(uint32_t selector, uint32_t offset) { return (selector << 4) + offset; }

/* Figures 8-9 to 8-12. Reserved halves of the 32-bit formats are ones. */
static void put_env(const X86Fpu *f, unsigned how, uint8_t *p)
{
    bool wide = (how & X87_ENV_32) != 0;
    unsigned step = wide ? 4 : 2;
    const uint32_t words[] = { f->control, x87_status(f), x87_tag_word(f) };
    uint32_t ip = linear(f->cs, f->ip), dp = linear(f->ds, f->dp);

    memset(p, 0xff, wide ? 28 : 14);
    for (unsigned i = 0; i < 3; i++) {
        put16(p + step * i, words[i]);
    }
    p += 3 * step;
    if ((how & X87_ENV_REAL) == 0) {
        put16(p, f->ip & 0xffff);
        put16(p + step, f->cs);
        put16(p + 2 * step, f->dp & 0xffff);
        put16(p + 3 * step, f->ds);
        if (wide) {
            put32(p, f->ip);
            put16(p + 6, f->opcode);
            put32(p + 8, f->dp);
        }
    } else if (wide) {
        put16(p, ip & 0xffff);
        put32(p + 4, (ip >> 16) << 12 | f->opcode);
        put16(p + 8, dp & 0xffff);
        put32(p + 12, (dp >> 16) << 12);
    } else {
        put16(p, ip & 0xffff);
        put16(p + 2, (ip >> 4 & 0xf000) | f->opcode);
        put16(p + 4, dp & 0xffff);
        put16(p + 6, dp >> 4 & 0xf000);
    }
}

static void get_env(X86Fpu *f, unsigned how, const uint8_t *p)
{
    bool wide = (how & X87_ENV_32) != 0;
    unsigned step = wide ? 4 : 2;

    x87_set_control(f, (uint16_t)get16(p));
    x87_set_status(f, (uint16_t)get16(p + step));
    x87_set_tag_word(f, (uint16_t)get16(p + 2 * step));
    p += 3 * step;
    f->cs = f->ds = f->opcode = 0;
    if ((how & X87_ENV_REAL) == 0) {
        f->ip = wide ? get32(p) : get16(p);
        f->cs = get16(p + step);
        f->opcode = wide ? get16(p + 6) & 0x7ff : 0;
        f->dp = wide ? get32(p + 8) : get16(p + 4);
        f->ds = get16(p + 3 * step);
    } else if (wide) {
        f->ip = get16(p) | (get32(p + 4) >> 12 & 0xffff) << 16;
        f->opcode = get16(p + 4) & 0x7ff;
        f->dp = get16(p + 8) | (get32(p + 12) >> 12 & 0xffff) << 16;
    } else {
        f->ip = get16(p) | (get16(p + 2) & 0xf000) << 4;
        f->opcode = get16(p + 2) & 0x7ff;
        f->dp = get16(p + 4) | (get16(p + 6) & 0xf000) << 4;
    }
}

static void put_st(const X86Fpu *f, uint8_t *p, unsigned step)
{
    for (unsigned i = 0; i < 8; i++) {
        F80 v = x87_st(f, i);

        memcpy(p + step * i, &v.sig, 8);
        put16(p + step * i + 8, v.se);
    }
}

static void get_st(X86Fpu *f, const uint8_t *p, unsigned step)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = x87_physical(f, i);

        memcpy(&f->mantissa[r], p + step * i, 8);
        f->exponent[r] = (uint16_t)get16(p + step * i + 8);
    }
}

/* @a: linear address; @b: X87EnvHow. Returns: whether MODE_X87TRAP changed. */
uint64_t x86_help_x87_env(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    X86Fpu *f = x87_state(cpu);
    unsigned env = (b & X87_ENV_32) != 0 ? 28 : 14, bytes = env + ((b & X87_ENV_ALL) != 0 ? 80 : 0);
    bool before = x87_can_trap(f);
    uint8_t buffer[108];

    (void)c;
    if ((b & X87_ENV_LOAD) != 0) {
        if (copy_in(cpu, (Gva)a, buffer, bytes)) {
            get_env(f, (unsigned)b, buffer);
            if ((b & X87_ENV_ALL) != 0) {
                get_st(f, buffer + env, 10);
            }
            x87_settle_ferr(cpu);
        }
        return x86_trap_turned(cpu, before);
    }
    put_env(f, (unsigned)b, buffer);
    put_st(f, buffer + env, 10);
    if (!copy_out(cpu, (Gva)a, buffer, bytes)) {
        return 0;
    }
    if ((b & X87_ENV_ALL) != 0) {
        x87_init(f);
    } else {
        f->control |= X87_FLAGS; /* FNSTENV masks them */
    }
    x87_settle_ferr(cpu);
    return x86_trap_turned(cpu, before);
}

/* Vol. 2, FXSAVE: the operand has 512 bytes. Processors ask for the last ones first. */
enum { FX_LAST = 510 };

/* Table 3-43 of Vol. 2. @a: linear address. */
uint64_t x86_help_fxsave(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    X86Fpu *f = x87_state(cpu);
    bool sse = (cpu->cr4 & CR4_OSFXSR) != 0;
    unsigned bytes = sse ? FXSAVE_XMM + 128 : FXSAVE_XMM;
    uint8_t buffer[FXSAVE_BYTES];

    (void)b, (void)c;
    /* What is reserved keeps what memory holds; a fault is that of a write. */
    if (!x86_can_write(cpu, (Gva)a + FX_LAST, 2, false) || !x86_can_write(cpu, (Gva)a, bytes, false)
        || !copy_in(cpu, (Gva)a, buffer, bytes)) {
        return 0;
    }
    put16(buffer, f->control);
    put16(buffer + 2, x87_status(f));
    put16(buffer + 4, ~f->tags & 0xffu);
    put16(buffer + 6, f->opcode);
    put32(buffer + 8, f->ip);
    put32(buffer + 12, f->cs);
    put32(buffer + 16, f->dp);
    put32(buffer + 20, f->ds);
    if (x86_has(cpu, FEAT_SSE)) {
        put32(buffer + 24, x86_mxcsr(cpu));
        put32(buffer + 28, x86_mxcsr_mask(cpu));
    }
    put_st(f, buffer + FXSAVE_ST, 16);
    memcpy(buffer + FXSAVE_XMM, cpu->xmm, sse ? 128 : 0);
    copy_out(cpu, (Gva)a, buffer, bytes);
    return 0;
}

/* Returns: whether MODE_X87TRAP changed, in bit 0; MODE_SSETRAP, in bit 1. */
uint64_t x86_help_fxrstor(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    X86Fpu *f = x87_state(cpu);
    bool sse = (cpu->cr4 & CR4_OSFXSR) != 0;
    bool before = x87_can_trap(f), sse_before = x86_sse_can_trap(cpu);
    uint8_t buffer[FXSAVE_BYTES], last[2];

    (void)b, (void)c;
    if (!copy_in(cpu, (Gva)a + FX_LAST, last, 2)
        || !copy_in(cpu, (Gva)a, buffer, sse ? FXSAVE_XMM + 128 : FXSAVE_XMM)) {
        return 0;
    }
    if (sse && (get32(buffer + 24) & ~x86_mxcsr_mask(cpu)) != 0) {
        x86_fault(cpu, X86_GP, 0);
        return 0;
    }
    x87_set_control(f, (uint16_t)get16(buffer));
    x87_set_status(f, (uint16_t)get16(buffer + 2));
    f->tags = (uint8_t)~buffer[4];
    f->opcode = get16(buffer + 6) & 0x7ff;
    f->ip = get32(buffer + 8);
    f->cs = get16(buffer + 12);
    f->dp = get32(buffer + 16);
    f->ds = get16(buffer + 20);
    get_st(f, buffer + FXSAVE_ST, 16);
    x87_settle_ferr(cpu);
    if (sse) {
        memcpy(cpu->xmm, buffer + FXSAVE_XMM, 128);
        x86_set_mxcsr(cpu, get32(buffer + 24));
    }
    return (x86_trap_turned(cpu, before) ? 1 : 0) | (x86_sse_can_trap(cpu) != sse_before ? 2 : 0);
}
