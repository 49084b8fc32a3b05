/* SPDX-License-Identifier: MIT */
/*
 * emit_vec.c - vectors of integers on SSE2, and on SSSE3 and SSE4.1 where the host has them:
 * arithmetic and shifts.
 *
 * A V64 is the lower half of a register and what is above it anything, so most operations are the
 * same for both types. What has no short sequence is done by its definition.
 */
#include "backend/x64/emit_vec_priv.h"

/* ---- by the definition ---- */

static X64Rm arg_at(unsigned k)
{
    return x64_at(RBP, VCPU_COLD_OFFSET(host_vec) + 16 * (int32_t)k);
}

static void give(Gen *g, IrRef ref, unsigned k)
{
    int32_t imm;

    if (x64_is_vec(x64_type(g, ref))) {
        x64_mr(&g->as, X64_MOVUPS, W32, arg_at(k), x64_vec_use(g, ref));
    } else if (x64_imm(g, ref, W64, &imm)) {
        x64_mi(&g->as, X64_MOV, W64, arg_at(k), imm);
    } else {
        x64_mr(&g->as, X64_MOV, W64, arg_at(k), x64_use(g, ref));
    }
}

void x64_vec_by_definition(Gen *g, const IrInsn *in)
{
    const IrRef refs[3] = { in->a, in->b, in->c };
    IrType t = x64_type(g, result(g));

    x64_save_all_flags(g, in);
    for (unsigned k = 0; k < 3; k++) {
        if (refs[k] != IR_NONE) {
            give(g, refs[k], k);
        }
    }
    x64_vec_keep(g);
    x64_push_imm(&g->as, (int32_t)(in->op | (uint32_t)in->type << 8 | (uint32_t)in->imm << 16));
    x64_call(&g->as, g->h->thunk[THUNK_VEC]);
    x64_vec_forget(g);
    if (x64_is_vec(t)) {
        x64_vec_load(g, T_V128, x64_vec_def(g, result(g)), arg_at(0));
    } else {
        x64_rm(&g->as, X64_MOV, x64_width(t), x64_def_last(g, result(g)), arg_at(0));
    }
}

/* ---- one host instruction ---- */

/* By lane; ADD needs nothing, NONE is not there, the rest needs SSE4.1. */
typedef struct Direct {
    uint8_t op;
    X64Op by_lane[4];
    uint8_t sse41; /* mask of the lanes that need it */
} Direct;

#define NONE X64_N_OPS
static const Direct direct[] = {
    { IR_vand, { X64_PAND, NONE, NONE, NONE }, 0 },
    { IR_vor, { X64_POR, NONE, NONE, NONE }, 0 },
    { IR_vxor, { X64_PXOR, NONE, NONE, NONE }, 0 },
    { IR_vadd, { X64_PADDB, X64_PADDW, X64_PADDD, X64_PADDQ }, 0 },
    { IR_vsub, { X64_PSUBB, X64_PSUBW, X64_PSUBD, X64_PSUBQ }, 0 },
    { IR_vmul, { NONE, X64_PMULLW, X64_PMULLD, NONE }, 4 },
    { IR_vmulhu, { NONE, X64_PMULHUW, NONE, NONE }, 0 },
    { IR_vmulhs, { NONE, X64_PMULHW, NONE, NONE }, 0 },
    { IR_vaddqu, { X64_PADDUSB, X64_PADDUSW, NONE, NONE }, 0 },
    { IR_vsubqu, { X64_PSUBUSB, X64_PSUBUSW, NONE, NONE }, 0 },
    { IR_vaddqs, { X64_PADDSB, X64_PADDSW, NONE, NONE }, 0 },
    { IR_vsubqs, { X64_PSUBSB, X64_PSUBSW, NONE, NONE }, 0 },
    { IR_vavgu, { X64_PAVGB, X64_PAVGW, NONE, NONE }, 0 },
    { IR_vminu, { X64_PMINUB, X64_PMINUW, X64_PMINUD, NONE }, 6 },
    { IR_vmaxu, { X64_PMAXUB, X64_PMAXUW, X64_PMAXUD, NONE }, 6 },
    { IR_vmins, { X64_PMINSB, X64_PMINSW, X64_PMINSD, NONE }, 5 },
    { IR_vmaxs, { X64_PMAXSB, X64_PMAXSW, X64_PMAXSD, NONE }, 5 },
    { IR_vceq, { X64_PCMPEQB, X64_PCMPEQW, X64_PCMPEQD, X64_PCMPEQQ }, 8 },
    { IR_vcgts, { X64_PCMPGTB, X64_PCMPGTW, X64_PCMPGTD, NONE }, 0 },
    { IR_vmulue, { NONE, NONE, X64_PMULUDQ, NONE }, 0 },
    { IR_vmadd, { NONE, X64_PMADDWD, NONE, NONE }, 0 },
    { IR_vsad, { X64_PSADBW, NONE, NONE, NONE }, 0 },
};

static X64Op direct_op(const Gen *g, const IrInsn *in)
{
    for (unsigned k = 0; k < G_N_ELEMENTS(direct); k++) {
        if (direct[k].op == in->op) {
            bool needs = (direct[k].sse41 >> lane_of(in) & 1) != 0;

            return needs && !has(g, X64_HAS_SSE41) ? NONE : direct[k].by_lane[lane_of(in)];
        }
    }
    return NONE;
}

static void emit_direct(Gen *g, const IrInsn *in, X64Op o)
{
    X64Reg b, d = over_first(g, in, &b);

    op(g, o, d, b);
}

/* ---- arithmetic ---- */

static void emit_not(Gen *g, const IrInsn *in)
{
    X64Reg d = x64_vec_def_over(g, result(g), in->a, NO_REG);

    op(g, X64_PCMPEQD, XMM0, XMM0);
    op(g, X64_PXOR, d, XMM0);
}

static void emit_andc(Gen *g, const IrInsn *in)
{
    X64Reg a = x64_vec_use(g, in->a);

    op(g, X64_PANDN, x64_vec_def_over(g, result(g), in->b, a), a);
}

static void emit_bsl(Gen *g, const IrInsn *in)
{
    X64Reg a = x64_vec_use(g, in->a), b = x64_vec_use(g, in->b), c = x64_vec_use(g, in->c), d;

    move(g, XMM0, a);
    op(g, X64_PANDN, XMM0, c);
    move(g, XMM1, b);
    op(g, X64_PAND, XMM1, a);
    d = x64_vec_def(g, result(g));
    move(g, d, XMM0);
    op(g, X64_POR, d, XMM1);
}

void x64_vec_signs(Gen *g, X64Reg t, X64Reg a, unsigned lane)
{
    if (lane == 0) {
        op(g, X64_PXOR, t, t);
        op(g, X64_PCMPGTB, t, a);
        return;
    }
    move(g, t, a);
    if (lane == 1) {
        x64_vec_shift(&g->as, X64_PSRAW, t, 15);
        return;
    }
    x64_vec_shift(&g->as, X64_PSRAD, t, 31);
    if (lane == 3) {
        op_imm(g, X64_PSHUFD, t, t, 0xf5);
    }
}

static void emit_abs(Gen *g, const IrInsn *in)
{
    static const X64Op abs[4] = { X64_PABSB, X64_PABSW, X64_PABSD, NONE };
    static const X64Op sub[4] = { X64_PSUBB, X64_PSUBW, X64_PSUBD, X64_PSUBQ };
    unsigned lane = lane_of(in);
    X64Reg a = x64_vec_use(g, in->a), d;

    if (lane < 3 && has(g, X64_HAS_SSSE3)) {
        op(g, abs[lane], x64_vec_def_from(g, result(g), in->a), a);
        return;
    }
    x64_vec_signs(g, XMM0, a, lane);
    d = x64_vec_def_over(g, result(g), in->a, NO_REG);
    op(g, X64_PXOR, d, XMM0);
    op(g, sub[lane], d, XMM0);
}

/* Bytes: even and odd ones apart. */
static void emit_mul8(Gen *g, const IrInsn *in)
{
    X64Reg b = x64_vec_use(g, in->b), d;

    move(g, XMM1, b);
    x64_vec_shift(&g->as, X64_PSRLW, XMM1, 8);
    d = x64_vec_def_over(g, result(g), in->a, b);
    move(g, XMM0, d);
    x64_vec_shift(&g->as, X64_PSRLW, XMM0, 8);
    op(g, X64_PMULLW, XMM0, XMM1);
    x64_vec_shift(&g->as, X64_PSLLW, XMM0, 8);
    op(g, X64_PMULLW, d, b);
    x64_vec_shift(&g->as, X64_PSLLW, d, 8);
    x64_vec_shift(&g->as, X64_PSRLW, d, 8);
    op(g, X64_POR, d, XMM0);
}

/* Words without SSE4.1: even and odd ones to doublewords, of which the lower halves count. */
static void emit_mul32(Gen *g, const IrInsn *in)
{
    X64Reg b = x64_vec_use(g, in->b), d;

    op_imm(g, X64_PSHUFD, XMM1, b, 0xf5);
    d = x64_vec_def_over(g, result(g), in->a, b);
    op_imm(g, X64_PSHUFD, XMM0, d, 0xf5);
    op(g, X64_PMULUDQ, XMM0, XMM1);
    op(g, X64_PMULUDQ, d, b);
    op_imm(g, X64_PSHUFD, d, d, 0x08);
    op_imm(g, X64_PSHUFD, XMM0, XMM0, 0x08);
    op(g, X64_PUNPCKLDQ, d, XMM0);
}

/* t = 1 << (width - 1) in every lane; of 8 to 32 bits. */
static void sign_bits(Gen *g, X64Reg t, unsigned lane)
{
    op(g, X64_PCMPEQD, t, t);
    if (lane == 2) {
        x64_vec_shift(&g->as, X64_PSLLD, t, 31);
        return;
    }
    x64_vec_shift(&g->as, X64_PSLLW, t, 15);
    if (lane == 0) {
        op(g, X64_PACKSSWB, t, t); /* -32768 becomes -128 */
    }
}

static const X64Op greater[3] = { X64_PCMPGTB, X64_PCMPGTW, X64_PCMPGTD };

/* d = d > b, unsigned or not. XMM0 and XMM1 are lost. */
static void compare(Gen *g, X64Reg d, X64Reg b, unsigned lane, bool is_unsigned)
{
    if (is_unsigned) {
        sign_bits(g, XMM0, lane);
        move(g, XMM1, b);
        op(g, X64_PXOR, XMM1, XMM0);
        op(g, X64_PXOR, d, XMM0);
        b = (X64Reg)XMM1;
    }
    op(g, greater[lane], d, b);
}

static void emit_cgtu(Gen *g, const IrInsn *in)
{
    X64Reg b = x64_vec_use(g, in->b);

    compare(g, x64_vec_def_over(g, result(g), in->a, b), b, lane_of(in), true);
}

static void emit_ceq64(Gen *g, const IrInsn *in)
{
    X64Reg b = x64_vec_use(g, in->b), d = x64_vec_def_over(g, result(g), in->a, b);

    op(g, X64_PCMPEQD, d, b);
    op_imm(g, X64_PSHUFD, XMM0, d, 0xb1);
    op(g, X64_PAND, d, XMM0);
}

/* Minimum and maximum without SSE4.1: chosen by a comparison. */
static void emit_min_max(Gen *g, const IrInsn *in)
{
    bool is_unsigned = in->op == IR_vminu || in->op == IR_vmaxu;
    bool is_max = in->op == IR_vmaxu || in->op == IR_vmaxs;
    X64Reg a = x64_vec_use(g, in->a), b = x64_vec_use(g, in->b), d;

    move(g, XMM2, a);
    compare(g, XMM2, b, lane_of(in), is_unsigned); /* where a is the greater */
    move(g, XMM0, XMM2);
    op(g, X64_PAND, XMM0, is_max ? a : b);
    op(g, X64_PANDN, XMM2, is_max ? b : a);
    d = x64_vec_def(g, result(g));
    move(g, d, XMM0);
    op(g, X64_POR, d, XMM2);
}

/* ---- shifts ---- */

static const X64Op shifts[3][3] = {
    { X64_PSLLW, X64_PSLLD, X64_PSLLQ },
    { X64_PSRLW, X64_PSRLD, X64_PSRLQ },
    { X64_PSRAW, X64_PSRAD, NONE },
};

static unsigned kind_of(unsigned o)
{
    return o == IR_vshl || o == IR_vshlx ? 0 : o == IR_vshr || o == IR_vshrx ? 1 : 2;
}

void x64_vec_splat(Gen *g, X64Reg x, uint64_t k)
{
    x64_vec_imm(g, x, k);
    if (k != 0) {
        op(g, X64_PUNPCKLQDQ, x, x);
    }
}

/* Bytes: as halfwords, without what comes from the neighbour. */
static void shift_bytes(Gen *g, const IrInsn *in, unsigned by)
{
    X64Reg a, d;

    if (in->op == IR_vsar) {
        a = x64_vec_use(g, in->a);
        d = x64_vec_def(g, result(g));
        move(g, XMM0, a);
        op(g, X64_PUNPCKHBW, XMM0, a);
        move(g, d, a);
        op(g, X64_PUNPCKLBW, d, a);
        x64_vec_shift(&g->as, X64_PSRAW, XMM0, 8 + by);
        x64_vec_shift(&g->as, X64_PSRAW, d, 8 + by);
        op(g, X64_PACKSSWB, d, XMM0);
        return;
    }
    x64_vec_splat(g, XMM0,
                  (in->op == IR_vshl ? 0xffu << by & 0xff : 0xffu >> by) * 0x0101010101010101u);
    d = x64_vec_def_over(g, result(g), in->a, NO_REG);
    x64_vec_shift(&g->as, shifts[kind_of(in->op)][0], d, by);
    op(g, X64_PAND, d, XMM0);
}

/* Arithmetic, of doublewords: the sign is taken off after a logical shift. */
static void shift_sar64(Gen *g, const IrInsn *in, unsigned by)
{
    X64Reg d;

    x64_vec_splat(g, XMM0, (uint64_t)1 << (63 - by));
    d = x64_vec_def_over(g, result(g), in->a, NO_REG);
    x64_vec_shift(&g->as, X64_PSRLQ, d, by);
    op(g, X64_PXOR, d, XMM0);
    op(g, X64_PSUBQ, d, XMM0);
}

static void emit_shift(Gen *g, const IrInsn *in)
{
    unsigned lane = lane_of(in), width = 8u << lane, by = ir_lane_arg(in->imm);
    X64Reg d;

    if (by >= width && in->op != IR_vsar) {
        d = x64_vec_def(g, result(g));
        op(g, X64_PXOR, d, d);
        return;
    }
    by = MIN(by, width - 1);
    if (lane == 0) {
        shift_bytes(g, in, by);
    } else if (lane == 3 && in->op == IR_vsar) {
        shift_sar64(g, in, by);
    } else {
        d = x64_vec_def_over(g, result(g), in->a, NO_REG);
        x64_vec_shift(&g->as, shifts[kind_of(in->op)][lane - 1], d, by);
    }
}

static void emit_shift_by(Gen *g, const IrInsn *in)
{
    X64Op o = shifts[kind_of(in->op)][lane_of(in) - 1];
    X64Reg d, by;

    if (o == NONE) {
        x64_vec_by_definition(g, in);
        return;
    }
    by = x64_use(g, in->b);
    x64_rm(&g->as, X64_MOVD, W64, XMM0, x64_reg(by));
    d = x64_vec_def_over(g, result(g), in->a, NO_REG);
    op(g, o, d, XMM0);
}

/* What @in is if it is not one instruction; false: only the definition knows. */
static bool emit_sequence(Gen *g, const IrInsn *in)
{
    unsigned lane = lane_of(in);

    switch (in->op) {
    case IR_vnot: emit_not(g, in); return true;
    case IR_vandc: emit_andc(g, in); return true;
    case IR_vbsl: emit_bsl(g, in); return true;
    case IR_vabs: emit_abs(g, in); return true;
    case IR_vmul:
        if (lane == 0) {
            emit_mul8(g, in);
        } else if (lane == 2) {
            emit_mul32(g, in);
        }
        return lane != 3;
    case IR_vminu:
    case IR_vmaxu:
    case IR_vmins:
    case IR_vmaxs:
        if (lane != 3) {
            emit_min_max(g, in);
        }
        return lane != 3;
    case IR_vcgtu:
        if (lane != 3) {
            emit_cgtu(g, in);
        }
        return lane != 3;
    case IR_vceq: emit_ceq64(g, in); return true;
    case IR_vshl:
    case IR_vshr:
    case IR_vsar: emit_shift(g, in); return true;
    case IR_vshlx:
    case IR_vshrx:
    case IR_vsarx: emit_shift_by(g, in); return true;
    default: return x64_emit_vec_lanes(g, in);
    }
}

void x64_emit_vec(Gen *g, const IrInsn *in)
{
    X64Op o = direct_op(g, in);

    if (o != NONE) {
        emit_direct(g, in, o);
    } else if (!emit_sequence(g, in)) {
        x64_vec_by_definition(g, in);
    }
}
