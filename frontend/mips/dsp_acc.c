/* SPDX-License-Identifier: MIT */
/* dsp_acc.c - what instructions of the DSP ASE do with accumulators, MD00374 chapter 5. */
#include "base/bits.h"
#include "frontend/mips/lift_dsp_priv.h"

enum { OU_EXTRACT = 7 };

typedef struct Acc {
    uint32_t *control;
    unsigned op, ac;
    uint32_t s, t;
} Acc;

static void overflow(const Acc *d, unsigned flag)
{
    *d->control |= 1u << (DSPC_OUFLAG_SHIFT + flag);
}

static int64_t half_of(uint32_t v, unsigned i) { return (int64_t)bits_sext64(v >> 16 * i, 16); }
static uint64_t byte_of(uint32_t v, unsigned i) { return v >> 8 * i & 0xff; }

/* Products of halves i of rs and j of rt: of integers, and of fractions. */
static uint64_t integers(const Acc *d, unsigned i, unsigned j)
{
    return (uint64_t)(half_of(d->s, i) * half_of(d->t, j));
}

static uint64_t fractions(const Acc *d, unsigned i, unsigned j)
{
    int64_t product = half_of(d->s, i) * half_of(d->t, j);

    if (product == 0x40000000) {
        overflow(d, d->ac);
        return 0x7fffffff;
    }
    return (uint64_t)product << 1;
}

static uint64_t bytes(const Acc *d, unsigned i)
{
    return byte_of(d->s, i) * byte_of(d->t, i) + byte_of(d->s, i - 1) * byte_of(d->t, i - 1);
}

static uint64_t long_fraction(const Acc *d)
{
    if (d->s == 0x80000000 && d->t == 0x80000000) {
        overflow(d, d->ac);
        return INT64_MAX;
    }
    return (uint64_t)((int64_t)bits_sext64(d->s, 32) * (int64_t)bits_sext64(d->t, 32)) << 1;
}

/* @v as 32 bits, sign-extended, or the nearest. */
static uint64_t saturate32(const Acc *d, uint64_t v)
{
    if (bits_sext64(v, 32) == v) {
        return v;
    }
    overflow(d, d->ac);
    return v >> 63 != 0 ? bits_sext64(0x80000000, 32) : 0x7fffffff;
}

/* @a + @b, or the nearest. */
static uint64_t add_saturated(const Acc *d, uint64_t a, uint64_t b)
{
    uint64_t sum = a + b;

    if (((a ^ sum) & (b ^ sum)) >> 63 == 0) {
        return sum;
    }
    overflow(d, d->ac);
    return a >> 63 != 0 ? (uint64_t)INT64_MIN : (uint64_t)INT64_MAX;
}

/* The same of @a - @b. */
static uint64_t sub_saturated(const Acc *d, uint64_t a, uint64_t b)
{
    uint64_t r = a - b;

    if (((a ^ b) & (a ^ r)) >> 63 == 0) {
        return r;
    }
    overflow(d, d->ac);
    return a >> 63 != 0 ? (uint64_t)INT64_MIN : (uint64_t)INT64_MAX;
}

/* MAQ_SA, sat32AccumulateQ31(): of a sum of 64 bits only bits 32 and 31 are looked at. */
static uint64_t add_to_low(const Acc *d, uint64_t acc, uint64_t product)
{
    return saturate32(d, bits_sext64(acc + product, 33));
}

static uint64_t accumulate(const Acc *d, uint64_t acc)
{
    switch (d->op) {
    case DSP_DPA_W_PH: return acc + integers(d, 1, 1) + integers(d, 0, 0);
    case DSP_DPS_W_PH: return acc - integers(d, 1, 1) - integers(d, 0, 0);
    case DSP_DPAX_W_PH: return acc + integers(d, 1, 0) + integers(d, 0, 1);
    case DSP_DPSX_W_PH: return acc - integers(d, 1, 0) - integers(d, 0, 1);
    case DSP_MULSA_W_PH: return acc + integers(d, 1, 1) - integers(d, 0, 0);
    case DSP_DPAU_H_QBL: return acc + bytes(d, 3);
    case DSP_DPAU_H_QBR: return acc + bytes(d, 1);
    case DSP_DPSU_H_QBL: return acc - bytes(d, 3);
    case DSP_DPSU_H_QBR: return acc - bytes(d, 1);
    case DSP_DPAQ_S_W_PH: return acc + fractions(d, 1, 1) + fractions(d, 0, 0);
    case DSP_DPSQ_S_W_PH: return acc - fractions(d, 1, 1) - fractions(d, 0, 0);
    case DSP_MULSAQ_S_W_PH: return acc + fractions(d, 1, 1) - fractions(d, 0, 0);
    case DSP_DPAQX_S_W_PH: return acc + fractions(d, 1, 0) + fractions(d, 0, 1);
    case DSP_DPSQX_S_W_PH: return acc - fractions(d, 1, 0) - fractions(d, 0, 1);
    case DSP_DPAQX_SA_W_PH: return saturate32(d, acc + fractions(d, 1, 0) + fractions(d, 0, 1));
    case DSP_DPSQX_SA_W_PH: return saturate32(d, acc - fractions(d, 1, 0) - fractions(d, 0, 1));
    case DSP_DPAQ_SA_L_W: return add_saturated(d, acc, long_fraction(d));
    case DSP_DPSQ_SA_L_W: return sub_saturated(d, acc, long_fraction(d));
    case DSP_MAQ_S_W_PHL: return acc + fractions(d, 1, 1);
    case DSP_MAQ_S_W_PHR: return acc + fractions(d, 0, 0);
    case DSP_MAQ_SA_W_PHL: return add_to_low(d, acc, fractions(d, 1, 1));
    default: return add_to_low(d, acc, fractions(d, 0, 0)); /* MAQ_SA.W.PHR */
    }
}

/* @a: rs, from bit 32 rt; @b: the accumulator; @c: see lift_dsp_priv.h. */
uint64_t mips_help_dsp_acc(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    const Acc d = { &mips_cpu(v)->dspcontrol, (unsigned)c & DSP_OP, (unsigned)(c >> DSP_AC_SHIFT),
                    (uint32_t)a, (uint32_t)(a >> 32) };

    return accumulate(&d, b);
}

/* ---- extraction ---- */

static bool is_word(uint64_t v) { return bits_sext64(v, 32) == v; }

/* EXTR: overflow is of the value and of what rounding makes of it, rounded or not. */
static uint32_t extract_word(const Acc *d, uint64_t acc, unsigned by)
{
    uint64_t v = bits_sar64(acc, by), rounded = v;

    if (by != 0) {
        rounded = bits_sar64(bits_sar64(acc, by - 1) + 1, 1);
    }
    /* Only a shift of 0 or 1 can carry out of 64 bits, and then it is no word either. */
    if (!is_word(v) || !is_word(rounded)) {
        overflow(d, OU_EXTRACT);
        if (d->op == DSP_EXTR_RS_W && !is_word(rounded)) {
            return acc >> 63 != 0 ? 0x80000000 : 0x7fffffff;
        }
    }
    return (uint32_t)(d->op == DSP_EXTR_W ? v : rounded);
}

static uint32_t extract_half(const Acc *d, uint64_t acc, unsigned by)
{
    int64_t v = (int64_t)bits_sar64(acc, by);

    if (v > INT16_MAX || v < INT16_MIN) {
        overflow(d, OU_EXTRACT);
        v = v < 0 ? INT16_MIN : INT16_MAX;
    }
    return (uint32_t)v;
}

/* @size + 1 bits from pos down. If there are not so many, rt is UNPREDICTABLE: 0. */
static uint32_t extract_bits(const Acc *d, uint64_t acc, unsigned size)
{
    unsigned pos = *d->control & DSPC_POS;

    if (pos < size) {
        *d->control |= DSPC_EFI;
        return 0;
    }
    *d->control &= ~(uint32_t)DSPC_EFI;
    if (d->op == DSP_EXTPDP) {
        *d->control = (*d->control & ~(uint32_t)DSPC_POS) | ((pos - size - 1) & DSPC_POS);
    }
    return (uint32_t)(acc >> (pos - size) & bits_mask(size + 1));
}

/* @a: the accumulator; @b: shift or size; @c: see lift_dsp_priv.h. Returns: rt. */
uint64_t mips_help_dsp_ext(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    const Acc d = { .control = &mips_cpu(v)->dspcontrol, .op = (unsigned)c & DSP_OP };
    unsigned by = (unsigned)b & 31;

    switch (d.op) {
    case DSP_EXTP:
    case DSP_EXTPDP: return extract_bits(&d, a, by);
    case DSP_EXTR_S_H: return extract_half(&d, a, by);
    default: return extract_word(&d, a, by);
    }
}
