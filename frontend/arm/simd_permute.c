/* SPDX-License-Identifier: MIT */
/* simd_permute.c - Advanced SIMD operations that move elements; DDI 0406C.d A8.8. */
#include "frontend/arm/simd_lanes_priv.h"

static unsigned element_bits(SimdArgs s) { return 8u << s.size; }
static unsigned elements(SimdArgs s) { return 64u * s.regs / element_bits(s); }

static I128 element(const uint64_t *reg, SimdArgs s, unsigned i)
{
    return lane_get(reg, i, element_bits(s));
}

static void put(uint64_t *reg, SimdArgs s, unsigned i, I128 v)
{
    lane_put(reg, i, element_bits(s), v);
}

/* Elements in groups of 1 << s.shift bytes, each group backwards. */
uint64_t arm_help_vrev(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    ArmCpu *cpu = arm_cpu(v);
    SimdArgs s = simd_unpack(a);
    unsigned last = (1u << (s.shift - s.size)) - 1; /* of a group */
    uint64_t out[2] = { 0, 0 };

    (void)b, (void)c;
    for (unsigned i = 0; i < elements(s); i++) {
        put(out, s, i, element(&cpu->d[s.m], s, i ^ last));
    }
    memcpy(&cpu->d[s.d], out, 8u * s.regs);
    return 0;
}

/* The operands of VTRN, VUZP, VZIP; @m is written last, should it be the same register. */
typedef struct Both {
    ArmCpu *cpu;
    SimdArgs s;
    uint64_t d[2], m[2], new_d[2], new_m[2];
} Both;

static Both begin(Vcpu *v, uint64_t a)
{
    Both p = { .cpu = arm_cpu(v), .s = simd_unpack(a) };

    memcpy(p.d, &p.cpu->d[p.s.d], 8u * p.s.regs);
    memcpy(p.m, &p.cpu->d[p.s.m], 8u * p.s.regs);
    return p;
}

static uint64_t end(const Both *p)
{
    memcpy(&p->cpu->d[p->s.d], p->new_d, 8u * p->s.regs);
    memcpy(&p->cpu->d[p->s.m], p->new_m, 8u * p->s.regs);
    return 0;
}

/* 2x2 matrices of neighbouring elements, transposed. */
uint64_t arm_help_vtrn(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    Both p = begin(v, a);

    (void)b, (void)c;
    for (unsigned i = 0; i < elements(p.s); i += 2) {
        put(p.new_d, p.s, i, element(p.d, p.s, i));
        put(p.new_d, p.s, i + 1, element(p.m, p.s, i));
        put(p.new_m, p.s, i, element(p.d, p.s, i + 1));
        put(p.new_m, p.s, i + 1, element(p.m, p.s, i + 1));
    }
    return end(&p);
}

/* Element @i of m:d, as one vector. */
static I128 of_both(const Both *p, unsigned i)
{
    unsigned n = elements(p->s);

    return i < n ? element(p->d, p->s, i) : element(p->m, p->s, i - n);
}

/* d: the even elements of m:d; m: the odd ones. */
uint64_t arm_help_vuzp(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    Both p = begin(v, a);

    (void)b, (void)c;
    for (unsigned i = 0; i < elements(p.s); i++) {
        put(p.new_d, p.s, i, of_both(&p, 2 * i));
        put(p.new_m, p.s, i, of_both(&p, 2 * i + 1));
    }
    return end(&p);
}

/* m:d: elements of d and m in turn. */
uint64_t arm_help_vzip(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    Both p = begin(v, a);
    unsigned n = elements(p.s);

    (void)b, (void)c;
    for (unsigned i = 0; i < 2 * n; i++) {
        const uint64_t *from = i % 2 == 0 ? p.d : p.m;

        put(i < n ? p.new_d : p.new_m, p.s, i % n, element(from, p.s, i / 2));
    }
    return end(&p);
}

/* VTBL, VTBX: bytes of the table by the indexes in m; out of range 0, or as they were. */
uint64_t arm_help_vtbl(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    ArmCpu *cpu = arm_cpu(v);
    SimdArgs s = simd_unpack(a);
    uint64_t out = s.shift != 0 ? cpu->d[s.d] : 0;

    (void)b, (void)c;
    for (unsigned i = 0; i < 8; i++) {
        unsigned index = cpu->d[s.m] >> 8 * i & 0xff;

        if (index < 8u * s.regs) {
            lane_put(&out, i, 8, lane_get(&cpu->d[s.n], index, 8));
        }
    }
    cpu->d[s.d] = out;
    return 0;
}

/* Structures of s.n elements in as many registers from s.d, s.m apart: element @i of the stream is
 * element i / n of register i % n. */
uint64_t arm_help_deinterleave(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    ArmCpu *cpu = arm_cpu(v);
    SimdArgs s = simd_unpack(a);
    uint64_t stream[4];

    (void)b, (void)c;
    for (unsigned r = 0; r < s.n; r++) {
        stream[r] = cpu->d[s.d + r * s.m];
    }
    for (unsigned i = 0; i < s.n * 64u / element_bits(s); i++) {
        put(&cpu->d[s.d + i % s.n * s.m], s, i / s.n, element(stream, s, i));
    }
    return 0;
}

/* Returns doubleword @b of the stream that those registers make. */
uint64_t arm_help_interleave(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    ArmCpu *cpu = arm_cpu(v);
    SimdArgs s = simd_unpack(a);
    unsigned per_word = 64 / element_bits(s);
    uint64_t out = 0;

    (void)c;
    for (unsigned e = 0; e < per_word; e++) {
        unsigned i = (unsigned)b * per_word + e;

        put(&out, s, e, element(&cpu->d[s.d + i % s.n * s.m], s, i / s.n));
    }
    return out;
}
