/* SPDX-License-Identifier: MIT */
/* dsp.c - what instructions of the DSP ASE do to general registers, MD00374 chapter 5. */
#include "base/bits.h"
#include "frontend/mips/lift_dsp_priv.h"

/* Bits of DSPControl.ouflag; those of accumulators are 0 to 3. */
enum { OU_ADD = 4, OU_MUL = 5, OU_SHIFT = 6 };

typedef struct Dsp {
    uint32_t *control;
    unsigned op;
} Dsp;

static void overflow(const Dsp *d, unsigned flag)
{
    *d->control |= 1u << (DSPC_OUFLAG_SHIFT + flag);
}

/* @x as a signed number of @bits, or the nearest there is. */
static int64_t saturate(const Dsp *d, int64_t x, unsigned bits, unsigned flag)
{
    int64_t most = ((int64_t)1 << (bits - 1)) - 1;

    if (x > most || x < -most - 1) {
        overflow(d, flag);
        return x > most ? most : -most - 1;
    }
    return x;
}

static int64_t saturate_unsigned(const Dsp *d, int64_t x, unsigned bits, unsigned flag)
{
    int64_t most = ((int64_t)1 << bits) - 1;

    if (x > most || x < 0) {
        overflow(d, flag);
        return x > most ? most : 0;
    }
    return x;
}

static int64_t sign_extend(uint64_t v, unsigned bits) { return (int64_t)bits_sext64(v, bits); }

static int64_t arithmetic_shift(int64_t v, unsigned by)
{
    return (int64_t)bits_sar64((uint64_t)v, by);
}

/* Half of @x, which rounds up if @round. */
static int64_t half(int64_t x, bool round) { return arithmetic_shift(x + round, 1); }

/* ---- one lane of two operands ---- */

static int64_t add_unsigned(const Dsp *d, int64_t sum, unsigned bits, bool sat)
{
    int64_t r = saturate_unsigned(d, sum, bits, OU_ADD);

    return sat ? r : sum;
}

static int64_t add_signed(const Dsp *d, int64_t sum, unsigned bits, bool sat)
{
    int64_t r = saturate(d, sum, bits, OU_ADD);

    return sat ? r : sum;
}

/* A product of fractions of @bits, its upper half. */
static int64_t fraction(const Dsp *d, int64_t a, int64_t b, unsigned bits, bool round)
{
    int64_t least = -((int64_t)1 << (bits - 1)), product;

    if (a == least && b == least) {
        overflow(d, OU_MUL);
        return -least - 1;
    }
    product = (int64_t)((uint64_t)(a * b) << 1);
    return arithmetic_shift(product + (round ? (int64_t)1 << (bits - 1) : 0), bits);
}

static int64_t multiply(const Dsp *d, int64_t product, bool sat)
{
    int64_t r = saturate(d, product, 16, OU_MUL);

    return sat ? r : product;
}

/* @ua, @ub: the lane without sign. */
static int64_t lane(const Dsp *d, uint32_t ua, uint32_t ub, unsigned bits)
{
    int64_t a = sign_extend(ua, bits), b = sign_extend(ub, bits);
    int64_t u = (int64_t)ua, w = (int64_t)ub;

    switch (d->op) {
    case DSP_ADDU_QB:
    case DSP_ADDU_PH: return add_unsigned(d, u + w, bits, false);
    case DSP_ADDU_S_QB:
    case DSP_ADDU_S_PH: return add_unsigned(d, u + w, bits, true);
    case DSP_SUBU_QB:
    case DSP_SUBU_PH: return add_unsigned(d, u - w, bits, false);
    case DSP_SUBU_S_QB:
    case DSP_SUBU_S_PH: return add_unsigned(d, u - w, bits, true);
    case DSP_ADDQ_PH: return add_signed(d, a + b, bits, false);
    case DSP_SUBQ_PH: return add_signed(d, a - b, bits, false);
    case DSP_ADDQ_S_PH:
    case DSP_ADDQ_S_W: return add_signed(d, a + b, bits, true);
    case DSP_SUBQ_S_PH:
    case DSP_SUBQ_S_W: return add_signed(d, a - b, bits, true);
    case DSP_ADDUH_QB: return half(u + w, false);
    case DSP_ADDUH_R_QB: return half(u + w, true);
    case DSP_SUBUH_QB: return half(u - w, false);
    case DSP_SUBUH_R_QB: return half(u - w, true);
    case DSP_ADDQH_PH:
    case DSP_ADDQH_W: return half(a + b, false);
    case DSP_ADDQH_R_PH:
    case DSP_ADDQH_R_W: return half(a + b, true);
    case DSP_SUBQH_PH:
    case DSP_SUBQH_W: return half(a - b, false);
    case DSP_SUBQH_R_PH:
    case DSP_SUBQH_R_W: return half(a - b, true);
    case DSP_MUL_PH: return multiply(d, a * b, false);
    case DSP_MUL_S_PH: return multiply(d, a * b, true);
    case DSP_MULQ_S_PH:
    case DSP_MULQ_S_W: return fraction(d, a, b, bits, false);
    case DSP_MULQ_RS_PH:
    case DSP_MULQ_RS_W: return fraction(d, a, b, bits, true);
    default: return saturate(d, b < 0 ? -b : b, bits, OU_ADD); /* ABSQ_S */
    }
}

/* @a and @b, lane by lane. */
static uint32_t lanes(const Dsp *d, uint32_t a, uint32_t b, unsigned bits)
{
    uint32_t mask = (uint32_t)bits_mask(bits), r = 0;

    for (unsigned at = 0; at < 32; at += bits) {
        r |= ((uint32_t)lane(d, a >> at & mask, b >> at & mask, bits) & mask) << at;
    }
    return r;
}

/* ---- shifts ---- */

static int64_t shift_lane(const Dsp *d, uint32_t v, unsigned by, unsigned bits)
{
    int64_t a = sign_extend(v, bits), r = (int64_t)((uint64_t)a << by);

    switch (d->op) {
    case DSP_SHLL_QB: return add_unsigned(d, 0, bits, false) + (int64_t)((uint64_t)v << by);
    case DSP_SHLL_PH: (void)saturate(d, r, bits, OU_SHIFT); return r;
    case DSP_SHLL_S_PH:
    case DSP_SHLL_S_W: return saturate(d, r, bits, OU_SHIFT);
    case DSP_SHRL_QB:
    case DSP_SHRL_PH: return v >> by;
    case DSP_SHRA_QB:
    case DSP_SHRA_PH: return arithmetic_shift(a, by);
    default: return by == 0 ? a : half(arithmetic_shift(a, by - 1), true); /* SHRA_R */
    }
}

/* SHLL.QB loses bits that are not zero: it is of unsigned numbers. */
static uint32_t shift(const Dsp *d, uint32_t by, uint32_t v, unsigned bits)
{
    uint32_t mask = (uint32_t)bits_mask(bits), r = 0;

    by &= bits - 1;
    for (unsigned at = 0; at < 32; at += bits) {
        uint32_t x = v >> at & mask;

        if (d->op == DSP_SHLL_QB && x << by > mask) {
            overflow(d, OU_SHIFT);
        }
        r |= ((uint32_t)shift_lane(d, x, by, bits) & mask) << at;
    }
    return r;
}

/* ---- comparisons ---- */

/* A bit for each lane of which the relation holds: 0 equal, 1 less, 2 less or equal. */
static uint32_t compare(uint32_t a, uint32_t b, unsigned relation, unsigned bits)
{
    uint32_t mask = (uint32_t)bits_mask(bits), r = 0;

    for (unsigned i = 0; i < 32 / bits; i++) {
        int64_t x = a >> i * bits & mask, y = b >> i * bits & mask;

        if (bits == 16) {
            x = sign_extend((uint64_t)x, bits);
            y = sign_extend((uint64_t)y, bits);
        }
        if ((relation != 1 && x == y) || (relation != 0 && x < y)) {
            r |= 1u << i;
        }
    }
    return r;
}

static uint32_t set_ccond(const Dsp *d, uint32_t bits, uint32_t mask)
{
    *d->control = (*d->control & ~(mask << DSPC_CCOND_SHIFT)) | bits << DSPC_CCOND_SHIFT;
    return bits;
}

static uint32_t pick(const Dsp *d, uint32_t a, uint32_t b, unsigned bits)
{
    uint32_t mask = (uint32_t)bits_mask(bits), from_a = 0;

    for (unsigned i = 0; i < 32 / bits; i++) {
        from_a |= (*d->control >> (DSPC_CCOND_SHIFT + i) & 1) != 0 ? mask << i * bits : 0;
    }
    return (a & from_a) | (b & ~from_a);
}

/* ---- narrowing and widening ---- */

static uint32_t byte(uint32_t v, unsigned i) { return v >> 8 * i & 0xff; }
static uint32_t word_half(uint32_t v, unsigned i) { return v >> 16 * i & 0xffff; }

/* A byte of each half of both: @at(half). */
static uint32_t bytes_of(const Dsp *d, uint32_t a, uint32_t b)
{
    const uint32_t h[4] = { word_half(b, 0), word_half(b, 1), word_half(a, 0), word_half(a, 1) };
    uint32_t r = 0;

    for (unsigned i = 0; i < 4; i++) {
        int64_t x = sign_extend(h[i], 16);

        switch (d->op) {
        case DSP_PRECRQ_QB_PH: x = h[i] >> 8; break;
        case DSP_PRECR_QB_PH: x = h[i] & 0xff; break;
        default: /* PRECRQU_S: above 0x7f80 it is all ones */
            if (x > 0x7f80 || x < 0) {
                overflow(d, OU_SHIFT);
                x = x < 0 ? 0 : 0x7f80;
            }
            x >>= 7;
            break;
        }
        r |= (uint32_t)x << 8 * i;
    }
    return r;
}

static uint32_t rounded_half(const Dsp *d, uint32_t v)
{
    int64_t x = sign_extend(v, 32) + 0x8000;

    if (x > INT32_MAX) {
        overflow(d, OU_SHIFT);
        return 0x7fff;
    }
    return (uint32_t)x >> 16;
}

/* PRECR_SRA */
static uint32_t shifted_half(uint32_t v, unsigned by, bool round)
{
    int64_t x = sign_extend(v, 32);

    return (uint32_t)(by != 0 && round ? half(arithmetic_shift(x, by - 1), true)
                                       : arithmetic_shift(x, by))
           & 0xffff;
}

/* Two bytes made halves, @by bits to the left. */
static uint32_t halves_of(uint32_t v, unsigned high, unsigned low, unsigned by)
{
    return byte(v, high) << by << 16 | byte(v, low) << by;
}

static uint32_t widen(const Dsp *d, uint32_t b)
{
    switch (d->op) {
    case DSP_PRECEQU_PH_QBL: return halves_of(b, 3, 2, 7);
    case DSP_PRECEQU_PH_QBR: return halves_of(b, 1, 0, 7);
    case DSP_PRECEQU_PH_QBLA: return halves_of(b, 3, 1, 7);
    case DSP_PRECEQU_PH_QBRA: return halves_of(b, 2, 0, 7);
    case DSP_PRECEU_PH_QBL: return halves_of(b, 3, 2, 0);
    case DSP_PRECEU_PH_QBR: return halves_of(b, 1, 0, 0);
    case DSP_PRECEU_PH_QBLA: return halves_of(b, 3, 1, 0);
    case DSP_PRECEU_PH_QBRA: return halves_of(b, 2, 0, 0);
    case DSP_PRECEQ_W_PHL: return b & 0xffff0000;
    default: return b << 16; /* PRECEQ.W.PHR */
    }
}

/* ---- whole words ---- */

/* A byte by a half, both unsigned. */
static uint32_t multiply_bytes(const Dsp *d, uint32_t a, uint32_t b, unsigned high)
{
    int64_t x = (int64_t)byte(a, high) * word_half(b, 1);
    int64_t y = (int64_t)byte(a, high - 1) * word_half(b, 0);

    x = saturate_unsigned(d, x, 16, OU_MUL);
    y = saturate_unsigned(d, y, 16, OU_MUL);
    return (uint32_t)x << 16 | (uint32_t)y;
}

static uint32_t multiply_halves(const Dsp *d, uint32_t a, uint32_t b, unsigned i)
{
    int64_t product = sign_extend(word_half(a, i), 16) * sign_extend(word_half(b, i), 16);

    return (uint32_t)saturate(d, 2 * product, 32, OU_MUL);
}

static uint32_t add_carry(const Dsp *d, uint32_t a, uint32_t b, bool sets)
{
    uint64_t sum = (uint64_t)a + b;

    if (sets) {
        *d->control = (*d->control & ~(uint32_t)DSPC_C) | (sum >> 32 != 0 ? DSPC_C : 0);
        return (uint32_t)sum;
    }
    return (uint32_t)add_signed(
        d, sign_extend(a, 32) + sign_extend(b, 32) + ((*d->control & DSPC_C) != 0), 32, false);
}

/* Beyond bit 31, or with a size of 0, it is UNPREDICTABLE: rt stays, but one bit is just cut
 * off. Of pos 5 bits count. */
static uint32_t insert(const Dsp *d, uint32_t a, uint32_t b)
{
    unsigned pos = *d->control & 31;
    unsigned size = (*d->control & DSPC_SCOUNT) >> DSPC_SCOUNT_SHIFT;
    uint32_t mask;

    if (size == 0 || pos + size > 33) {
        return b;
    }
    mask = (uint32_t)(bits_mask(size) << pos);
    return (b & ~mask) | (a << pos & mask);
}

/* APPEND, PREPEND, BALIGN: @b moves to make room for bits of @a. */
static uint32_t join(const Dsp *d, uint32_t a, uint32_t b, unsigned by)
{
    if (d->op == DSP_BALIGN) {
        by *= 8;
        return by == 0 ? b : b << by | a >> (32 - by);
    }
    if (by == 0) {
        return b;
    }
    return d->op == DSP_APPEND ? b << by | (a & (uint32_t)bits_mask(by)) : a << (32 - by) | b >> by;
}

static uint32_t reverse_half(uint32_t v) { return (uint32_t)(bits_reverse64(v & 0xffff) >> 48); }

static uint32_t word(const Dsp *d, uint32_t a, uint32_t b, unsigned imm)
{
    switch (d->op) {
    case DSP_MULEU_S_PH_QBL: return multiply_bytes(d, a, b, 3);
    case DSP_MULEU_S_PH_QBR: return multiply_bytes(d, a, b, 1);
    case DSP_MULEQ_S_W_PHL: return multiply_halves(d, a, b, 1);
    case DSP_MULEQ_S_W_PHR: return multiply_halves(d, a, b, 0);
    case DSP_ADDSC: return add_carry(d, a, b, true);
    case DSP_ADDWC: return add_carry(d, a, b, false);
    case DSP_MODSUB: return a == 0 ? b >> 8 & 0xffff : a - (b & 0xff);
    case DSP_RADDU_W_QB: return byte(a, 0) + byte(a, 1) + byte(a, 2) + byte(a, 3);
    case DSP_CMPU_EQ_QB:
    case DSP_CMPU_LT_QB:
    case DSP_CMPU_LE_QB: return set_ccond(d, compare(a, b, d->op - DSP_CMPU_EQ_QB, 8), 15);
    case DSP_CMP_EQ_PH:
    case DSP_CMP_LT_PH:
    case DSP_CMP_LE_PH: return set_ccond(d, compare(a, b, d->op - DSP_CMP_EQ_PH, 16), 3);
    case DSP_CMPGU_EQ_QB:
    case DSP_CMPGU_LT_QB:
    case DSP_CMPGU_LE_QB: return compare(a, b, d->op - DSP_CMPGU_EQ_QB, 8);
    case DSP_CMPGDU_EQ_QB:
    case DSP_CMPGDU_LT_QB:
    case DSP_CMPGDU_LE_QB: return set_ccond(d, compare(a, b, d->op - DSP_CMPGDU_EQ_QB, 8), 15);
    case DSP_PICK_QB: return pick(d, a, b, 8);
    case DSP_PICK_PH: return pick(d, a, b, 16);
    case DSP_PRECRQ_QB_PH:
    case DSP_PRECR_QB_PH:
    case DSP_PRECRQU_S_QB_PH: return bytes_of(d, a, b);
    case DSP_PACKRL_PH: return a << 16 | b >> 16;
    case DSP_PRECRQ_PH_W: return (a & 0xffff0000) | b >> 16;
    case DSP_PRECRQ_RS_PH_W: return rounded_half(d, a) << 16 | rounded_half(d, b);
    case DSP_PRECR_SRA_PH_W: return shifted_half(b, imm, false) << 16 | shifted_half(a, imm, false);
    case DSP_PRECR_SRA_R_PH_W: return shifted_half(b, imm, true) << 16 | shifted_half(a, imm, true);
    case DSP_REPLV_QB: return (b & 0xff) * 0x01010101;
    case DSP_REPLV_PH: return (b & 0xffff) * 0x00010001;
    case DSP_BITREV: return reverse_half(b);
    case DSP_INSV: return insert(d, a, b);
    case DSP_APPEND:
    case DSP_PREPEND:
    case DSP_BALIGN: return join(d, a, b, imm);
    default: return widen(d, b);
    }
}

/* Bits in a lane, or 0: the operation is on words otherwise. Shifts are @is_shift. */
static unsigned lane_bits(unsigned op, bool *is_shift)
{
    *is_shift = false;
    switch (op) {
    case DSP_ADDU_QB:
    case DSP_SUBU_QB:
    case DSP_ADDU_S_QB:
    case DSP_SUBU_S_QB:
    case DSP_ADDUH_QB:
    case DSP_SUBUH_QB:
    case DSP_ADDUH_R_QB:
    case DSP_SUBUH_R_QB:
    case DSP_ABSQ_S_QB: return 8;
    case DSP_ADDU_PH:
    case DSP_SUBU_PH:
    case DSP_ADDQ_PH:
    case DSP_SUBQ_PH:
    case DSP_ADDU_S_PH:
    case DSP_SUBU_S_PH:
    case DSP_ADDQ_S_PH:
    case DSP_SUBQ_S_PH:
    case DSP_MULQ_S_PH:
    case DSP_MULQ_RS_PH:
    case DSP_ADDQH_PH:
    case DSP_SUBQH_PH:
    case DSP_ADDQH_R_PH:
    case DSP_SUBQH_R_PH:
    case DSP_MUL_PH:
    case DSP_MUL_S_PH:
    case DSP_ABSQ_S_PH: return 16;
    case DSP_ADDQ_S_W:
    case DSP_SUBQ_S_W:
    case DSP_ADDQH_W:
    case DSP_SUBQH_W:
    case DSP_ADDQH_R_W:
    case DSP_SUBQH_R_W:
    case DSP_MULQ_S_W:
    case DSP_MULQ_RS_W:
    case DSP_ABSQ_S_W: return 32;
    default: break;
    }
    *is_shift = true;
    switch (op) {
    case DSP_SHLL_QB:
    case DSP_SHRL_QB:
    case DSP_SHRA_QB:
    case DSP_SHRA_R_QB: return 8;
    case DSP_SHLL_PH:
    case DSP_SHRA_PH:
    case DSP_SHLL_S_PH:
    case DSP_SHRA_R_PH:
    case DSP_SHRL_PH: return 16;
    case DSP_SHLL_S_W:
    case DSP_SHRA_R_W: return 32;
    default: return 0;
    }
}

/* @a: rs, or the shift; @b: rt; @c: see lift_dsp_priv.h. Returns: the result. */
uint64_t mips_help_dsp(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    Dsp d = { &mips_cpu(v)->dspcontrol, (unsigned)c & DSP_OP };
    bool is_shift;
    unsigned bits = lane_bits(d.op, &is_shift);

    if (bits == 0) {
        return word(&d, (uint32_t)a, (uint32_t)b, (unsigned)(c >> DSP_IMM_SHIFT) & 31);
    }
    return is_shift ? shift(&d, (uint32_t)a, (uint32_t)b, bits)
                    : lanes(&d, (uint32_t)a, (uint32_t)b, bits);
}
