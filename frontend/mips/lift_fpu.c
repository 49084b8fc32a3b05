/* SPDX-License-Identifier: MIT */
/* lift_fpu.c - floating-point arithmetic, conversions and comparisons, MD00086 chapter 3. */
#include <stddef.h>

#include "frontend/mips/lift_fpu_priv.h"

/* ---- registers ---- */

bool mips_fp_usable(MipsLift *l)
{
    if ((l->mode & MIPS_MODE_FP) == 0) {
        mips_raise_here(l, MIPS_EXC_CPU, 1);
        return false;
    }
    return true;
}

bool mips_fp_begin(MipsLift *l, uint32_t regs, bool wide, bool only64)
{
    if (!mips_fp_usable(l)) {
        return false;
    }
    /* MD00082 5.3: odd registers of pairs, and format L without 64-bit registers, are
     * UNPREDICTABLE: Reserved Instruction. */
    if ((l->mode & MIPS_MODE_FR) == 0 && (only64 || (wide && (regs & 0xaaaaaaaau) != 0))) {
        mips_reserved(l);
        return false;
    }
    return true;
}

/* Without FR an even register and the next are the halves of one slot. What is left in
 * registers when FR changes is UNPREDICTABLE (MD00090 9.26). */
int32_t mips_fp_wide_at(const MipsLift *l, unsigned r)
{
    (void)l;
    return (int32_t)(offsetof(MipsCpu, fpr) + 8 * r);
}

int32_t mips_fp_word_at(const MipsLift *l, unsigned r)
{
    bool fr = (l->mode & MIPS_MODE_FR) != 0;

    return (int32_t)(offsetof(MipsCpu, fpr) + (fr ? 8 * r : 8 * (r & ~1u) + 4 * (r & 1)));
}

static int32_t place(const MipsLift *l, bool wide, unsigned r)
{
    return wide ? mips_fp_wide_at(l, r) : mips_fp_word_at(l, r);
}

static uint32_t bit_of(const MipsLift *l, char field) { return 1u << mips_field(l, field); }

static bool is_double(const MipsLift *l) { return mips_field(l, 'z') != 0; }
static IrType fp_type(bool dbl) { return dbl ? T_F64 : T_F32; }
static IrType bits_type(bool wide) { return wide ? T_I64 : T_I32; }

static IrRef get_reg(MipsLift *l, char field)
{
    bool dbl = is_double(l);

    return ir_gld(l->blk, fp_type(dbl), place(l, dbl, mips_field(l, field)));
}

static void set_reg(MipsLift *l, IrRef v)
{
    ir_gst(l->blk, place(l, is_double(l), mips_field(l, 'd')), v);
}

/* ---- arithmetic ---- */

/* FCSR.Cause is of the last operation: it is recorded, and done again when someone looks. */
static void record(MipsLift *l, IrOp op, const IrRef *v, unsigned n)
{
    static const int32_t at[3] = { offsetof(MipsCpu, fp_a), offsetof(MipsCpu, fp_b),
                                   offsetof(MipsCpu, fp_c) };
    uint32_t type = is_double(l) ? T_F64 : T_F32;

    ir_gst(l->blk, offsetof(MipsCpu, fp_op), mips_const(l, op | type << 8));
    for (unsigned i = 0; i < n; i++) {
        ir_gst(l->blk, at[i], v[i]);
    }
}

/* fd = fs op ft, op fs */
void mips_lift_fp_arith(MipsLift *l)
{
    const IrOp op = (IrOp)mips_arg(l);
    const bool binary = op == IR_fadd || op == IR_fsub || op == IR_fmul || op == IR_fdiv;
    IrRef v[2] = { IR_NONE, IR_NONE };
    uint32_t regs = bit_of(l, 's') | bit_of(l, 'd') | (binary ? bit_of(l, 't') : 0);

    if (!mips_fp_begin(l, regs, is_double(l), false)) {
        return;
    }
    v[0] = get_reg(l, 's');
    if (binary) {
        v[1] = get_reg(l, 't');
    }
    record(l, op, v, binary ? 2 : 1);
    set_reg(l, ir_emit(l->blk, op, fp_type(is_double(l)), v[0], v[1], IR_NONE, IR_FP_TRAPS));
}

/* fd = 1 / fs; MD00343 5.4: as exact as a division */
void mips_lift_fp_recip(MipsLift *l)
{
    bool dbl = is_double(l);
    IrRef v[2];

    if (!mips_fp_begin(l, bit_of(l, 's') | bit_of(l, 'd'), dbl, false)) {
        return;
    }
    v[0] = dbl ? ir_const(l->blk, T_I64, 0x3ff0000000000000) : mips_const(l, 0x3f800000);
    v[0] = ir_bits(l->blk, fp_type(dbl), v[0]);
    v[1] = get_reg(l, 's');
    record(l, IR_fdiv, v, 2);
    set_reg(l, ir_fdiv(l->blk, fp_type(dbl), v[0], v[1], IR_FP_TRAPS));
}

/* fd = (fs * ft + fr), or -, or the negative of that: its sign bit changed, whatever it is */
void mips_lift_fp_madd(MipsLift *l)
{
    bool dbl = is_double(l), sub = (mips_arg(l) & FMA_SUB) != 0;
    uint32_t regs = bit_of(l, 's') | bit_of(l, 't') | bit_of(l, 'r') | bit_of(l, 'd');
    IrRef v[3], r, sign;

    if (!mips_fp_begin(l, regs, dbl, false)) {
        return;
    }
    v[0] = get_reg(l, 's');
    v[1] = get_reg(l, 't');
    v[2] = get_reg(l, 'r');
    record(l, sub ? IR_fmas : IR_fmac, v, 3);
    r = ir_emit(l->blk, sub ? IR_fmas : IR_fmac, fp_type(dbl), v[0], v[1], v[2], IR_FP_TRAPS);
    if ((mips_arg(l) & FMA_NEG) != 0) {
        sign = dbl ? ir_const(l->blk, T_I64, (uint64_t)1 << 63) : mips_const(l, 1u << 31);
        r = ir_bits(l->blk, bits_type(dbl), r);
        r = ir_xor(l->blk, bits_type(dbl), r, sign);
    }
    set_reg(l, r);
}

/* ---- conversions ---- */

/* fd = convert_rounded(fs) */
void mips_lift_fp_convert(MipsLift *l)
{
    uint32_t what = mips_arg(l) | (is_double(l) ? CVT_FROM_D : 0);
    bool from = (what & (CVT_FROM_D | CVT_FROM_L)) != 0;
    bool to = (what & CVT_RSQRT) != 0 ? from : (what & CVT_TO) == CVT_D || (what & CVT_TO) == CVT_L;
    bool has_l = (what & CVT_FROM_L) != 0 || (what & CVT_TO) == CVT_L;
    uint32_t regs = (from ? bit_of(l, 's') : 0) | (to ? bit_of(l, 'd') : 0);
    IrRef v;

    if (!mips_fp_begin(l, regs, true, has_l)) {
        return;
    }
    v = ir_gld(l->blk, bits_type(from), place(l, from, mips_field(l, 's')));
    v = mips_call(l, bits_type(to), MIPS_H_fp_convert, v, mips_const(l, what), IR_NONE);
    ir_gst(l->blk, place(l, to, mips_field(l, 'd')), v);
}

/* ---- comparisons ---- */

/* Whether relation @r (0 less, 1 equal, 2 greater, 3 unordered) is one that @cond names. */
static IrRef holds(MipsLift *l, unsigned cond, IrRef r)
{
    uint32_t relations = (cond & 4) >> 2 | (cond & 2) | (cond & 1) << 3;
    IrRef by;

    switch (relations) {
    case 0: return mips_const(l, 0);
    case 1: return ir_zext(l->blk, T_I32, ir_eq(l->blk, T_I32, r, mips_const(l, 0)));
    case 2: return ir_zext(l->blk, T_I32, ir_eq(l->blk, T_I32, r, mips_const(l, 1)));
    case 3: return ir_zext(l->blk, T_I32, ir_leu(l->blk, T_I32, r, mips_const(l, 1)));
    case 8: return ir_zext(l->blk, T_I32, ir_eq(l->blk, T_I32, r, mips_const(l, 3)));
    default:
        by = ir_shr(l->blk, T_I32, mips_const(l, relations), r);
        return ir_and(l->blk, T_I32, by, mips_const(l, 1));
    }
}

/* FCC[cc] = fs cond ft */
void mips_lift_fp_compare(MipsLift *l)
{
    const bool dbl = is_double(l);
    const unsigned cond = mips_field(l, 'n');
    const IrOp op = (cond & 8) != 0 ? IR_fcmps : IR_fcmpq;
    IrRef v[2], r;

    if (!mips_fp_begin(l, bit_of(l, 's') | bit_of(l, 't'), dbl, false)) {
        return;
    }
    v[0] = get_reg(l, 's');
    v[1] = get_reg(l, 't');
    record(l, op, v, 2);
    r = ir_emit(l->blk, op, fp_type(dbl), v[0], v[1], IR_NONE, IR_FP_TRAPS);
    r = holds(l, cond & 7, r);
    ir_gst(l->blk, (int32_t)(offsetof(MipsCpu, fcc) + 4 * mips_field(l, 'c')), r);
}
