/* SPDX-License-Identifier: MIT */
/* lift_simd_move.c - Advanced SIMD that is bits only: logic, immediates, extract, duplicate. */
#include "frontend/arm/lift_fp_priv.h"

static unsigned regs(const ArmLift *l) { return arm_field(l, 'q') != 0 ? 2 : 1; }

/* False, with Undefined Instruction raised, if one of @letters is an odd quadword, or no access. */
static bool begin(ArmLift *l, const char *letters)
{
    for (; regs(l) == 2 && *letters != '\0'; letters++) {
        if ((arm_fp_reg(l, *letters) & 1) != 0) {
            arm_undefined(l);
            return false;
        }
    }
    return arm_fp_begin_op(l, true);
}

static IrRef get(ArmLift *l, char letter, unsigned i)
{
    return ir_gld(l->blk, T_I64, arm_fp_d(arm_fp_reg(l, letter) + i));
}

static void put(ArmLift *l, unsigned i, IrRef v)
{
    ir_gst(l->blk, arm_fp_d(arm_fp_reg(l, 'd') + i), v);
}

/* @x where @mask is 1, else @y. */
static IrRef choose(ArmLift *l, IrRef mask, IrRef x, IrRef y)
{
    IrRef ones = ir_and(l->blk, T_I64, x, mask);
    IrRef zeros = ir_andc(l->blk, T_I64, y, mask);

    return ir_or(l->blk, T_I64, ones, zeros);
}

static IrRef bitwise(ArmLift *l, SimdBits op, IrRef d, IrRef n, IrRef m)
{
    switch (op) {
    case SIMD_AND: return ir_and(l->blk, T_I64, n, m);
    case SIMD_BIC: return ir_andc(l->blk, T_I64, n, m);
    case SIMD_ORR: return ir_or(l->blk, T_I64, n, m);
    case SIMD_ORN: return ir_or(l->blk, T_I64, n, ir_not(l->blk, T_I64, m));
    case SIMD_EOR: return ir_xor(l->blk, T_I64, n, m);
    case SIMD_BSL: return choose(l, d, n, m);
    case SIMD_BIT: return choose(l, m, n, d);
    case SIMD_BIF: return choose(l, m, d, n);
    case SIMD_MVN: return ir_not(l->blk, T_I64, m);
    case SIMD_MOV: return m;
    }
    g_assert_not_reached();
}

/* D[d] = D[n] op D[m] */
void lift_simd_bitwise(ArmLift *l)
{
    SimdBits op = (SimdBits)arm_arg(l);
    bool uses_d = op == SIMD_BSL || op == SIMD_BIT || op == SIMD_BIF;

    if (!begin(l, op == SIMD_MVN ? "dm" : "dnm")) {
        return;
    }
    for (unsigned i = 0; i < regs(l); i++) {
        IrRef d = uses_d ? get(l, 'd', i) : IR_NONE;
        IrRef n = op == SIMD_MVN ? IR_NONE : get(l, 'n', i);
        IrRef m = get(l, 'm', i);

        put(l, i, bitwise(l, op, d, n, m));
    }
}

static uint64_t repeat32(uint64_t v) { return v << 32 | v; }
static uint64_t repeat16(uint64_t v) { return repeat32(v << 16 | v); }

/* Each bit of @imm as eight. */
static uint64_t bytes_of_bits(uint64_t imm)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < 8; i++) {
        v |= (imm >> i & 1) * (uint64_t)0xff << 8 * i;
    }
    return v;
}

/* AdvSIMDExpandImm(), A7.4.6; @op is bit 5 of the word. */
static uint64_t expand_imm(bool op, unsigned cmode, uint64_t imm)
{
    unsigned shift = 8 * (cmode >> 1 & 3);

    switch (cmode >> 1) {
    case 0:
    case 1:
    case 2:
    case 3: return repeat32(imm << shift);
    case 4:
    case 5: return repeat16(imm << 8 * (cmode >> 1 & 1));
    case 6: return repeat32((cmode & 1) != 0 ? imm << 16 | 0xffff : imm << 8 | 0xff);
    default: break;
    }
    if ((cmode & 1) == 0) {
        return op ? bytes_of_bits(imm) : repeat16(imm << 8 | imm);
    }
    return repeat32((imm & 0x80) << 24 | ((imm & 0x40) != 0 ? 0x3e000000u : 0x40000000u)
                    | (imm & 0x3f) << 19);
}

/* D[d] = imm64, NOT imm64, D[d] OR imm64, D[d] AND NOT imm64 */
void lift_simd_imm(ArmLift *l)
{
    SimdBits op = (SimdBits)arm_arg(l);
    uint64_t imm = expand_imm(arm_bit(l, 5) != 0, arm_bits(l, 8, 4), arm_field(l, 'i'));

    if (!begin(l, "d")) {
        return;
    }
    for (unsigned i = 0; i < regs(l); i++) {
        IrRef n = op == SIMD_ORR || op == SIMD_BIC ? get(l, 'd', i) : IR_NONE;
        IrRef m = arm_fp_const(l, imm);

        put(l, i, bitwise(l, op, IR_NONE, n, m));
    }
}

/* D[d] and D[m] exchanged */
void lift_simd_vswp(ArmLift *l)
{
    if (!begin(l, "dm")) {
        return;
    }
    for (unsigned i = 0; i < regs(l); i++) {
        IrRef d = get(l, 'd', i);
        IrRef m = get(l, 'm', i);

        put(l, i, m);
        ir_gst(l->blk, arm_fp_d(arm_fp_reg(l, 'm') + i), d);
    }
}

/* Bytes @at to @at + 7 of @lo and the doubleword @hi above it. */
static IrRef extract(ArmLift *l, IrRef lo, IrRef hi, unsigned at)
{
    IrRef low, high;

    if (at == 0) {
        return lo;
    }
    low = ir_shr(l->blk, T_I64, lo, arm_fp_const(l, 8 * at));
    high = ir_shl(l->blk, T_I64, hi, arm_fp_const(l, 64 - 8 * at));
    return ir_or(l->blk, T_I64, low, high);
}

/* D[d] = bytes imm4 and up of D[m]:D[n]; a D form that begins beyond D[n] is UNDEFINED */
void lift_simd_vext(ArmLift *l)
{
    unsigned n = regs(l), imm = arm_field(l, 'i');
    IrRef word[4], out[2];

    if (imm >= 8 * n) {
        arm_undefined(l);
        return;
    }
    if (!begin(l, "dnm")) {
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        word[i] = get(l, 'n', i);
        word[n + i] = get(l, 'm', i);
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned first = i + imm / 8;

        out[i] = extract(l, word[first], word[MIN(first + 1, 2 * n - 1)], imm % 8);
    }
    for (unsigned i = 0; i < n; i++) {
        put(l, i, out[i]);
    }
}

/* The low 8 << @size bits of @v, zeros above, in every element. */
static IrRef spread(ArmLift *l, IrRef v, unsigned size)
{
    static const uint64_t ones[] = { 0x0101010101010101, 0x0001000100010001, 0x0000000100000001 };

    return ir_mul(l->blk, T_I64, v, arm_fp_const(l, ones[size]));
}

static const IrType lane_type[] = { T_I8, T_I16, T_I32 };

/* Elem[d, e] = D[m][i] */
void lift_simd_vdup(ArmLift *l)
{
    unsigned size = arm_arg(l);
    IrRef v;

    if (!begin(l, "d")) {
        return;
    }
    v = ir_gld(l->blk, lane_type[size],
               arm_fp_d(arm_fp_reg(l, 'm')) + (int32_t)(arm_field(l, 'i') << size));
    v = spread(l, ir_zext(l->blk, T_I64, v), size);
    for (unsigned i = 0; i < regs(l); i++) {
        put(l, i, v);
    }
}

/* Elem[n, e] = R[t]; the pc, in T32 also the sp, is UNPREDICTABLE: we raise UNDEF */
void lift_simd_vdup_core(ArmLift *l)
{
    unsigned size = arm_arg(l), t = arm_field(l, 't');
    IrRef v;

    if (t == 15 || (t == 13 && l->row->thumb != 0)) {
        arm_undefined(l);
        return;
    }
    if (!begin(l, "n")) {
        return;
    }
    v = arm_get(l, t);
    if (size < 2) {
        v = ir_and(l->blk, T_I32, v, ir_const(l->blk, T_I32, size == 0 ? 0xff : 0xffff));
    }
    v = spread(l, ir_zext(l->blk, T_I64, v), size);
    for (unsigned i = 0; i < regs(l); i++) {
        ir_gst(l->blk, arm_fp_d(arm_fp_reg(l, 'n') + i), v);
    }
}
