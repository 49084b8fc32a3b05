/* SPDX-License-Identifier: MIT */
/* helpers_sse.c - MXCSR and SSSE3 as translated code calls them. */
#include "base/bits.h"
#include "frontend/x86/lift_sse_priv.h"
#include "frontend/x86/sse_priv.h"
#include "frontend/x86/x86_priv.h"

/* Vol. 3 tables 12-1 and 13-1, with CR0.TS or CR0.EM set. */
uint64_t x86_help_simd_unavailable(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)a, (void)b, (void)c;
    x86_fault(cpu, (cpu->cr0 & CR0_EM) != 0 ? X86_UD : X86_NM, 0);
    return 0;
}

uint64_t x86_help_stmxcsr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    return x86_mxcsr(x86_cpu(v));
}

uint64_t x86_help_ldmxcsr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)b, (void)c;
    if ((a & ~(uint64_t)x86_mxcsr_mask(cpu)) != 0) {
        x86_fault(cpu, X86_GP, 0);
    } else {
        x86_set_mxcsr(cpu, (uint32_t)a);
    }
    return 0;
}

/* ---- SSSE3: vectors as arrays of lanes ---- */

typedef struct Lanes {
    uint64_t q[2];
    unsigned bytes; /* 8 or 16 */
} Lanes;

static uint64_t get(const Lanes *v, unsigned i, unsigned w)
{
    return v->q[i * w / 64] >> i * w % 64 & bits_mask(w);
}

static int32_t get_signed(const Lanes *v, unsigned i, unsigned w)
{
    return (int32_t)bits_sext32((uint32_t)get(v, i, w), w);
}

static void put(Lanes *v, unsigned i, unsigned w, uint64_t x)
{
    v->q[i * w / 64] |= (x & bits_mask(w)) << i * w % 64;
}

static int32_t saturated(int32_t v)
{
    return v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v;
}

static Lanes shuffle(const Lanes *a, const Lanes *b)
{
    Lanes r = { { 0, 0 }, a->bytes };

    for (unsigned i = 0; i < a->bytes; i++) {
        unsigned from = (unsigned)get(b, i, 8);

        put(&r, i, 8, from > 127 ? 0 : get(a, from & (a->bytes - 1), 8));
    }
    return r;
}

/* Sums or differences of neighbours: those of @a, then those of @b. */
static Lanes horizontal(const Lanes *a, const Lanes *b, unsigned w, bool subtract, bool saturate)
{
    unsigned n = a->bytes * 8 / w;
    Lanes r = { { 0, 0 }, a->bytes };

    for (unsigned i = 0; i < n; i++) {
        const Lanes *from = i < n / 2 ? a : b;
        unsigned at = 2 * i % n;
        uint32_t x = (uint32_t)get_signed(from, at, w), y = (uint32_t)get_signed(from, at + 1, w);
        uint32_t sum = subtract ? x - y : x + y;

        put(&r, i, w, saturate ? (uint32_t)saturated((int32_t)sum) : sum);
    }
    return r;
}

/* Lanes of @a with the sign of those of @b. */
static Lanes with_sign(const Lanes *a, const Lanes *b, unsigned w)
{
    Lanes r = { { 0, 0 }, a->bytes };

    for (unsigned i = 0; i < a->bytes * 8 / w; i++) {
        int32_t sign = get_signed(b, i, w);
        uint64_t x = get(a, i, w);

        put(&r, i, w, sign < 0 ? 0 - x : sign == 0 ? 0 : x);
    }
    return r;
}

/* PMADDUBSW: unsigned bytes of @a by signed bytes of @b; PMULHRSW */
static Lanes products(const Lanes *a, const Lanes *b, bool bytes)
{
    Lanes r = { { 0, 0 }, a->bytes };

    for (unsigned i = 0; i < a->bytes / 2; i++) {
        int32_t x;

        if (bytes) {
            x = (int32_t)get(a, 2 * i, 8) * get_signed(b, 2 * i, 8)
                + (int32_t)get(a, 2 * i + 1, 8) * get_signed(b, 2 * i + 1, 8);
            x = saturated(x);
        } else {
            x = get_signed(a, i, 16) * get_signed(b, i, 16);
            x = (int32_t)(((uint32_t)x >> 14) + 1) >> 1;
        }
        put(&r, i, 16, (uint32_t)x);
    }
    return r;
}

static Lanes ssse3(unsigned op, const Lanes *a, const Lanes *b)
{
    switch (op) {
    case SSSE3_PSHUFB: return shuffle(a, b);
    case SSSE3_PHADDW: return horizontal(a, b, 16, false, false);
    case SSSE3_PHADDD: return horizontal(a, b, 32, false, false);
    case SSSE3_PHADDSW: return horizontal(a, b, 16, false, true);
    case SSSE3_PHSUBW: return horizontal(a, b, 16, true, false);
    case SSSE3_PHSUBD: return horizontal(a, b, 32, true, false);
    case SSSE3_PHSUBSW: return horizontal(a, b, 16, true, true);
    case SSSE3_PSIGNB: return with_sign(a, b, 8);
    case SSSE3_PSIGNW: return with_sign(a, b, 16);
    case SSSE3_PSIGND: return with_sign(a, b, 32);
    default: return products(a, b, op == SSSE3_PMADDUBSW);
    }
}

/* @a: sse_what(); @b, @c: the source */
uint64_t x86_help_ssse3(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    bool mmx = (a & SSE_WHAT_MMX) != 0;
    unsigned dst = sse_what_dst(a);
    Lanes x = { { 0, 0 }, mmx ? 8 : 16 }, y = { { b, c }, mmx ? 8 : 16 };

    x.q[0] = mmx ? cpu->fpu.mantissa[dst] : cpu->xmm[dst][0];
    x.q[1] = mmx ? 0 : cpu->xmm[dst][1];
    x = ssse3(sse_what_op(a), &x, &y);
    if (mmx) {
        cpu->fpu.mantissa[dst] = x.q[0];
        cpu->fpu.exponent[dst] = 0xffff;
    } else {
        cpu->xmm[dst][0] = x.q[0];
        cpu->xmm[dst][1] = x.q[1];
    }
    return 0;
}
