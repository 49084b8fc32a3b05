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

static IrType type(const ArmLift *l) { return regs(l) == 2 ? T_V128 : T_V64; }

static IrRef get(ArmLift *l, char letter)
{
    return ir_gld(l->blk, type(l), arm_fp_d(arm_fp_reg(l, letter)));
}

static void put(ArmLift *l, IrRef v) { ir_gst(l->blk, arm_fp_d(arm_fp_reg(l, 'd')), v); }

static IrRef bitwise(ArmLift *l, SimdBits op, IrRef d, IrRef n, IrRef m)
{
    IrType t = type(l);

    switch (op) {
    case SIMD_AND: return ir_vand(l->blk, t, n, m, 0);
    case SIMD_BIC: return ir_vandc(l->blk, t, n, m, 0);
    case SIMD_ORR: return n == m ? m : ir_vor(l->blk, t, n, m, 0);
    case SIMD_ORN: return ir_vor(l->blk, t, n, ir_vnot(l->blk, t, m, 0), 0);
    case SIMD_EOR: return ir_vxor(l->blk, t, n, m, 0);
    case SIMD_BSL: return ir_vbsl(l->blk, t, d, n, m, 0);
    case SIMD_BIT: return ir_vbsl(l->blk, t, m, n, d, 0);
    case SIMD_BIF: return ir_vbsl(l->blk, t, m, d, n, 0);
    case SIMD_MVN: return ir_vnot(l->blk, t, m, 0);
    case SIMD_MOV: return m;
    }
    g_assert_not_reached();
}

/* D[d] = D[n] op D[m] */
void lift_simd_bitwise(ArmLift *l)
{
    SimdBits op = (SimdBits)arm_arg(l);
    bool uses_d = op == SIMD_BSL || op == SIMD_BIT || op == SIMD_BIF;
    IrRef d, n, m;

    if (!begin(l, op == SIMD_MVN ? "dm" : "dnm")) {
        return;
    }
    d = uses_d ? get(l, 'd') : IR_NONE;
    n = op == SIMD_MVN ? IR_NONE : get(l, 'n');
    m = get(l, 'm');
    put(l, bitwise(l, op, d, n, m));
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
    IrRef n, m;

    if (!begin(l, "d")) {
        return;
    }
    n = op == SIMD_ORR || op == SIMD_BIC ? get(l, 'd') : IR_NONE;
    m = ir_vsplat(l->blk, type(l), arm_fp_const(l, op == SIMD_MVN ? ~imm : imm), ir_lane(3, 0));
    put(l, bitwise(l, op == SIMD_MVN ? SIMD_MOV : op, IR_NONE, n, m));
}

/* D[d] and D[m] exchanged */
void lift_simd_vswp(ArmLift *l)
{
    IrRef d, m;

    if (!begin(l, "dm")) {
        return;
    }
    d = get(l, 'd');
    m = get(l, 'm');
    put(l, m);
    ir_gst(l->blk, arm_fp_d(arm_fp_reg(l, 'm')), d);
}

/* D[d] = bytes imm4 and up of D[m]:D[n]; a D form that begins beyond D[n] is UNDEFINED */
void lift_simd_vext(ArmLift *l)
{
    unsigned imm = arm_field(l, 'i');
    IrRef n, m;

    if (imm >= 8 * regs(l)) {
        arm_undefined(l);
        return;
    }
    if (!begin(l, "dnm")) {
        return;
    }
    n = get(l, 'n');
    m = get(l, 'm');
    put(l, ir_vext(l->blk, type(l), n, m, ir_lane(0, imm)));
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
    put(l, ir_vsplat(l->blk, type(l), ir_zext(l->blk, T_I64, v), ir_lane(size, 0)));
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
    v = ir_vsplat(l->blk, type(l), ir_zext(l->blk, T_I64, v), ir_lane(size, 0));
    ir_gst(l->blk, arm_fp_d(arm_fp_reg(l, 'n')), v);
}
