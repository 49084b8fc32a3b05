/* SPDX-License-Identifier: MIT */
/* simd_lanes_priv.h - a function over elements applied to registers, by shape. */
/* Templates rather than functions: each helper is compiled with its lane function inside. */
#ifndef FRONTEND_ARM_SIMD_LANES_PRIV_H
#define FRONTEND_ARM_SIMD_LANES_PRIV_H

#include "base/bits.h"
#include "frontend/arm/lift_fp_priv.h"

/* Holds every sum, product and shifted value of two 64-bit elements. */
__extension__ typedef __int128 I128;

/* What a lane function may ask beside its operands. */
typedef struct Lane {
    ArmCpu *cpu;
    FpEnv *env;       /* standard FPSCR value */
    unsigned bits;    /* of an operand's element: the narrower one's */
    unsigned to_bits; /* of the result's */
    unsigned shift;
    bool is_unsigned;
} Lane;

/*
 * A lane function: from the old element @d of the result and elements @x, @y, all extended as
 * SimdArgs.is_unsigned says, to the new one, of which the low Lane.to_bits count.
 */
typedef I128 (*LaneFn)(const Lane *k, I128 d, I128 x, I128 y);
#define LANE(name) static I128 name(const Lane *k, I128 d, I128 x, I128 y)
#define UNUSED(k, d, x, y) (void)(k), (void)(d), (void)(x), (void)(y)

enum { FPSCR_QC = 1 << 27 };

/* SatQ() into @bits, A2.2.1; sets FPSCR.QC. */
static inline I128 lane_saturate(const Lane *k, I128 v, unsigned bits, bool is_unsigned)
{
    I128 top = (I128)bits_mask(is_unsigned ? bits : bits - 1);
    I128 bottom = is_unsigned ? 0 : -top - 1, clipped = v < bottom ? bottom : v > top ? top : v;

    if (clipped != v) {
        k->cpu->fpscr |= FPSCR_QC;
    }
    return clipped;
}

/* The same into the result's width, signed or not as the instruction is. */
static inline I128 lane_satq(const Lane *k, I128 v)
{
    return lane_saturate(k, v, k->to_bits, k->is_unsigned);
}

/* @v * 2**n modulo 2**128; @n is 0 to 127. */
static inline I128 lane_shl(I128 v, unsigned n) { return (I128)((U128)v << n); }

/* The @bits bits of the registers at @reg from bit @at on, extended. */
static inline I128 lane_at(const uint64_t *reg, unsigned at, unsigned bits, bool is_unsigned)
{
    uint64_t v = reg[at / 64] >> at % 64 & bits_mask(bits);

    return is_unsigned ? (I128)v : (I128)(int64_t)bits_sext64(v, bits);
}

/* Element @i of @bits bits, zero-extended; and written. */
static inline I128 lane_get(const uint64_t *reg, unsigned i, unsigned bits)
{
    return lane_at(reg, i * bits, bits, true);
}

static inline void lane_put(uint64_t *reg, unsigned i, unsigned bits, I128 v)
{
    unsigned at = i * bits;
    uint64_t mask = bits_mask(bits) << at % 64;

    reg[at / 64] = (reg[at / 64] & ~mask) | ((uint64_t)v << at % 64 & mask);
}

/* The registers of one operation, copied out so that the result may overlap the operands. */
typedef struct LaneOp {
    SimdArgs s;
    Lane k;
    uint64_t d[2], n[2], m[2];
} LaneOp;

/* The second operand: a vector, zero, or a scalar in every element. */
static inline void lane_second(LaneOp *o, const ArmCpu *cpu, unsigned bits)
{
    unsigned index = o->s.operand - SIMD_SCALAR;

    if (o->s.operand == SIMD_VECTOR) {
        o->m[0] = cpu->d[o->s.m];
        o->m[1] = cpu->d[(o->s.m + 1) & 31];
    } else if (o->s.operand >= SIMD_SCALAR) {
        for (unsigned i = 0; i < 128 / bits; i++) {
            lane_put(o->m, i, bits, lane_get(&cpu->d[o->s.m], index, bits));
        }
    }
}

static inline LaneOp lane_begin(Vcpu *v, uint64_t args)
{
    ArmCpu *cpu = arm_cpu(v);
    SimdArgs s = simd_unpack(args);
    unsigned bits = 8u << s.size;
    LaneOp o = { .s = s };

    o.k = (Lane){ .cpu = cpu,
                  .env = &vcpu_cold(v)->fp[1],
                  .bits = bits,
                  .to_bits = bits,
                  .shift = s.shift,
                  .is_unsigned = s.is_unsigned != 0 };
    for (unsigned i = 0; i < 2; i++) {
        o.d[i] = cpu->d[(s.d + i) & 31];
        o.n[i] = cpu->d[(s.n + i) & 31];
    }
    lane_second(&o, cpu, bits);
    return o;
}

static inline void lane_end(const LaneOp *o, unsigned regs)
{
    for (unsigned i = 0; i < regs; i++) {
        o->k.cpu->d[o->s.d + i] = o->d[i];
    }
}

/* Elements of @x_bits and @y_bits to elements of @to_bits, @regs registers of result. */
static inline void lane_map(LaneOp *o, LaneFn fn, unsigned x_bits, unsigned y_bits,
                            unsigned to_bits, unsigned regs)
{
    unsigned x_at = 0, y_at = 0;
    bool u = o->k.is_unsigned;

    o->k.to_bits = to_bits;
    for (unsigned i = 0; i < regs; i++) {
        uint64_t out = 0;

        for (unsigned at = 0; at < 64; at += to_bits, x_at += x_bits, y_at += y_bits) {
            I128 d = lane_at(&o->d[i], at, to_bits, u);
            I128 x = lane_at(o->n, x_at, x_bits, u), y = lane_at(o->m, y_at, y_bits, u);

            out |= ((uint64_t)fn(&o->k, d, x, y) & bits_mask(to_bits)) << at;
        }
        o->d[i] = out;
    }
    lane_end(o, regs);
}

/* Neighbours of @from, @to_bits of result from two of them. */
static inline void lane_pairs(LaneOp *o, LaneFn fn, const uint64_t *from, unsigned to_bits,
                              unsigned regs)
{
    unsigned bits = o->k.bits, x_at = 0;
    bool u = o->k.is_unsigned;

    o->k.to_bits = to_bits;
    for (unsigned i = 0; i < regs; i++) {
        uint64_t out = 0;

        for (unsigned at = 0; at < 64; at += to_bits, x_at += 2 * bits) {
            I128 d = lane_at(&o->d[i], at, to_bits, u);
            I128 x = lane_at(from, x_at, bits, u), y = lane_at(from, x_at + bits, bits, u);

            out |= ((uint64_t)fn(&o->k, d, x, y) & bits_mask(to_bits)) << at;
        }
        o->d[i] = out;
    }
    lane_end(o, regs);
}

/* ---- the shapes of simd_ops.def ---- */

static inline uint64_t lanes_same(Vcpu *v, uint64_t args, LaneFn fn)
{
    LaneOp o = lane_begin(v, args);

    lane_map(&o, fn, o.k.bits, o.k.bits, o.k.bits, o.s.regs);
    return 0;
}

static inline uint64_t lanes_longer(Vcpu *v, uint64_t args, LaneFn fn)
{
    LaneOp o = lane_begin(v, args);

    lane_map(&o, fn, o.k.bits, o.k.bits, 2 * o.k.bits, 2);
    return 0;
}

static inline uint64_t lanes_wide(Vcpu *v, uint64_t args, LaneFn fn)
{
    LaneOp o = lane_begin(v, args);

    lane_map(&o, fn, 2 * o.k.bits, o.k.bits, 2 * o.k.bits, 2);
    return 0;
}

static inline uint64_t lanes_narrow(Vcpu *v, uint64_t args, LaneFn fn)
{
    LaneOp o = lane_begin(v, args);

    lane_map(&o, fn, 2 * o.k.bits, 2 * o.k.bits, o.k.bits, 1);
    return 0;
}

/* Neighbours of the doublewords n, then m. */
static inline uint64_t lanes_pairs(Vcpu *v, uint64_t args, LaneFn fn)
{
    LaneOp o = lane_begin(v, args);

    o.n[1] = o.m[0];
    lane_pairs(&o, fn, o.n, o.k.bits, 1);
    return 0;
}

/* Neighbours of n to elements of twice the width. */
static inline uint64_t lanes_paired(Vcpu *v, uint64_t args, LaneFn fn)
{
    LaneOp o = lane_begin(v, args);

    lane_pairs(&o, fn, o.n, 2 * o.k.bits, o.s.regs);
    return 0;
}

/* A helper of simd_ops.def. */
#define LANE_HELPER(name, shape, op) \
    uint64_t arm_help_##name(Vcpu *v, uint64_t a, uint64_t b, uint64_t c) \
    { \
        (void)b, (void)c; \
        return lanes_##shape(v, a, op); \
    }

#endif
