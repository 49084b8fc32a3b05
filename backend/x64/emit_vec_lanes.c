/* SPDX-License-Identifier: MIT */
/* emit_vec_lanes.c - vectors of integers: rows that move lanes. */
#include "backend/x64/emit_vec_priv.h"

/* ---- lanes and integers ---- */

static void emit_splat(Gen *g, const IrInsn *in)
{
    static const uint64_t ones[4] = { 0x0101010101010101, 0x0001000100010001, 0x100000001, 1 };
    unsigned lane = lane_of(in);
    X64Reg d, r;
    uint64_t k;

    if (x64_const(g, in->a, &k)) {
        k &= lane == 3 ? UINT64_MAX : ((uint64_t)1 << (8u << lane)) - 1;
        d = x64_vec_def(g, result(g));
        x64_vec_splat(g, d, k * ones[lane]);
        return;
    }
    r = x64_use(g, in->a);
    d = x64_vec_def(g, result(g));
    x64_rm(&g->as, X64_MOVD, W64, d, x64_reg(r));
    if (lane == 0) {
        op(g, X64_PUNPCKLBW, d, d);
    }
    if (lane <= 1) {
        op_imm(g, X64_PSHUFLW, d, d, 0);
    }
    op_imm(g, X64_PSHUFD, d, d, lane == 3 ? 0x44 : 0);
}

static unsigned index_of(const IrInsn *in)
{
    unsigned bytes = in->type == T_V64 ? 8 : 16;

    return ir_lane_arg(in->imm) & ((bytes >> lane_of(in)) - 1);
}

static void emit_lane(Gen *g, const IrInsn *in)
{
    unsigned lane = lane_of(in), n = index_of(in);
    X64Reg a = x64_vec_use(g, in->a), d;

    x64_flags_save(g);
    d = x64_def(g, result(g));
    if (lane >= 2) {
        if (n != 0) {
            op_imm(g, X64_PSHUFD, XMM0, a, lane == 3 ? 0xee : n);
            a = (X64Reg)XMM0;
        }
        x64_mr(&g->as, X64_MOVD, lane == 3 ? W64 : W32, x64_reg(d), a);
        return;
    }
    x64_rm_imm(&g->as, X64_PEXTRW, W32, d, x64_reg(a), lane == 0 ? n / 2 : n);
    if (lane == 0 && n % 2 == 0) {
        x64_rm(&g->as, X64_MOVZX8, W32, d, x64_reg(d));
    } else if (lane == 0) {
        x64_shift(&g->as, X64_SHR, W32, x64_reg(d), 8);
        x64_flags_gone(g);
    }
}

static void emit_set(Gen *g, const IrInsn *in)
{
    static const X64Op insert[4] = { X64_PINSRB, X64_PINSRW, X64_PINSRD, X64_PINSRD };
    unsigned lane = lane_of(in);
    X64Reg b, d;

    if (lane != 1 && !has(g, X64_HAS_SSE41)) {
        x64_vec_by_definition(g, in);
        return;
    }
    b = x64_use(g, in->b);
    d = x64_vec_def_over(g, result(g), in->a, NO_REG);
    x64_rm_imm(&g->as, insert[lane], lane == 3 ? W64 : W32, d, x64_reg(b), index_of(in));
}

static void emit_mask(Gen *g, const IrInsn *in)
{
    unsigned lane = lane_of(in);
    X64Reg a = x64_vec_use(g, in->a), d;

    if (in->type == T_V64) {
        op(g, X64_MOVQ, XMM0, a);
        a = (X64Reg)XMM0;
    }
    d = x64_def(g, result(g));
    x64_rm(&g->as,
           lane == 0   ? X64_PMOVMSKB
           : lane == 2 ? X64_MOVMSKPS
                       : X64_MOVMSKPD,
           W32, d, x64_reg(a));
}

/* ---- halves ---- */

/* What a register of a vector type has above its bits is anything. */
static void emit_zext(Gen *g, const IrInsn *in)
{
    IrType t = x64_type(g, in->a);
    uint64_t k;
    X64Reg d, a;

    if (x64_const(g, in->a, &k)) {
        x64_vec_imm(g, x64_vec_def(g, result(g)), k);
    } else if (x64_is_zero_above(g, in)) {
        x64_alias(g, result(g), in->a);
    } else if (!x64_is_vec(t)) {
        a = x64_use(g, in->a);
        x64_rm(&g->as, X64_MOVD, x64_width(t), x64_vec_def(g, result(g)), x64_reg(a));
    } else if (t == T_F32) {
        a = x64_vec_use(g, in->a);
        d = x64_vec_def(g, result(g));
        op(g, X64_PXOR, d, d);
        op(g, X64_MOVSS, d, a);
    } else {
        a = x64_vec_use(g, in->a);
        op(g, X64_MOVQ, x64_vec_def_from(g, result(g), in->a), a);
    }
}

static void emit_merge(Gen *g, const IrInsn *in)
{
    X64Reg b, d = over_first(g, in, &b);

    op(g, lane_of(in) == 2 ? X64_MOVSS : X64_MOVSD, d, b);
}

static void emit_half(Gen *g, const IrInsn *in)
{
    if (in->op == IR_vlo) {
        x64_alias(g, result(g), in->a);
    } else {
        X64Reg a = x64_vec_use(g, in->a);

        op_imm(g, X64_PSHUFD, x64_vec_def_from(g, result(g), in->a), a, 0xee);
    }
}

static void emit_join(Gen *g, const IrInsn *in)
{
    X64Reg b, d = over_first(g, in, &b);

    op(g, X64_PUNPCKLQDQ, d, b);
}

static const X64Op low[4] = { X64_PUNPCKLBW, X64_PUNPCKLWD, X64_PUNPCKLDQ, X64_PUNPCKLQDQ };
static const X64Op high[4] = { X64_PUNPCKHBW, X64_PUNPCKHWD, X64_PUNPCKHDQ, X64_PUNPCKHQDQ };

/* d = the lower half of @a, widened. XMM0 is lost, @d is not @a. */
static void widen(Gen *g, X64Reg d, X64Reg a, unsigned lane, bool is_signed)
{
    static const X64Op extend[2][3] = { { X64_PMOVZXBW, X64_PMOVZXWD, X64_PMOVZXDQ },
                                        { X64_PMOVSXBW, X64_PMOVSXWD, X64_PMOVSXDQ } };

    if (has(g, X64_HAS_SSE41)) {
        op(g, extend[is_signed][lane], d, a);
        return;
    }
    if (is_signed) {
        x64_vec_signs(g, XMM0, a, lane);
    } else {
        op(g, X64_PXOR, XMM0, XMM0);
    }
    move(g, d, a);
    op(g, low[lane], d, XMM0);
}

static void emit_widen(Gen *g, const IrInsn *in)
{
    X64Reg a = x64_vec_use(g, in->a);

    widen(g, x64_vec_def(g, result(g)), a, lane_of(in), in->op == IR_vwidens);
}

static void emit_mull(Gen *g, const IrInsn *in)
{
    bool is_signed = in->op == IR_vmulls;
    unsigned lane = lane_of(in);
    X64Reg a, b, d;

    if (lane == 2 && is_signed && !has(g, X64_HAS_SSE41)) {
        x64_vec_by_definition(g, in);
        return;
    }
    a = x64_vec_use(g, in->a);
    b = x64_vec_use(g, in->b);
    d = x64_vec_def(g, result(g));
    if (lane == 0) {
        widen(g, XMM1, b, 0, is_signed);
        widen(g, d, a, 0, is_signed);
        op(g, X64_PMULLW, d, XMM1);
    } else if (lane == 1) {
        move(g, XMM0, a);
        op(g, is_signed ? X64_PMULHW : X64_PMULHUW, XMM0, b);
        move(g, d, a);
        op(g, X64_PMULLW, d, b);
        op(g, X64_PUNPCKLWD, d, XMM0);
    } else {
        op_imm(g, X64_PSHUFD, XMM0, b, 0x50);
        op_imm(g, X64_PSHUFD, d, a, 0x50);
        op(g, is_signed ? X64_PMULDQ : X64_PMULUDQ, d, XMM0);
    }
}

/* ---- both vectors to one ---- */

/* The operands where @d and the register given back show them: each in a V128, or, of V64, both in
 * @d, which is then given back too. */
static X64Reg both(Gen *g, const IrInsn *in, X64Reg *d)
{
    X64Reg b;

    *d = over_first(g, in, &b);
    if (in->type == T_V128) {
        return b;
    }
    op(g, X64_PUNPCKLQDQ, *d, b);
    return *d;
}

static void emit_pack(Gen *g, const IrInsn *in)
{
    static const X64Op pack[2][2] = { { X64_PACKSSWB, X64_PACKSSDW },
                                      { X64_PACKUSWB, X64_PACKUSDW } };
    bool to_unsigned = in->op == IR_vpackus;
    unsigned lane = lane_of(in);
    X64Reg d, b;

    if (lane == 3 || (lane == 2 && to_unsigned && !has(g, X64_HAS_SSE41))) {
        x64_vec_by_definition(g, in);
        return;
    }
    b = both(g, in, &d);
    op(g, pack[to_unsigned][lane - 1], d, b);
}

/* Even or odd lanes: made to fit, then packed. */
static void emit_uz(Gen *g, const IrInsn *in)
{
    bool odd = in->op == IR_vuzo;
    unsigned lane = lane_of(in);
    X64Reg d, b = both(g, in, &d), from = b;

    if (lane == 3) {
        op(g, odd ? X64_PUNPCKHQDQ : X64_PUNPCKLQDQ, d, b);
        if (in->type == T_V64 && odd) {
            op_imm(g, X64_PSHUFD, d, d, 0xee);
        }
        return;
    }
    if (lane == 2) {
        op_imm(g, X64_SHUFPS, d, b, odd ? 0xdd : 0x88);
        return;
    }
    if (b != d) {
        move(g, XMM0, b);
        from = (X64Reg)XMM0;
    }
    for (unsigned k = 0; k < (from == d ? 1u : 2u); k++) {
        X64Reg x = k == 0 ? d : from;

        if (!odd) {
            x64_vec_shift(&g->as, lane == 0 ? X64_PSLLW : X64_PSLLD, x, lane == 0 ? 8 : 16);
        }
        x64_vec_shift(&g->as, lane == 0 ? X64_PSRLW : X64_PSRAD, x, lane == 0 ? 8 : 16);
    }
    op(g, lane == 0 ? X64_PACKUSWB : X64_PACKSSDW, d, from);
}

static void emit_zip(Gen *g, const IrInsn *in)
{
    unsigned lane = lane_of(in);
    X64Reg b, d = over_first(g, in, &b);

    if (in->type == T_V128) {
        op(g, in->op == IR_vzipl ? low[lane] : high[lane], d, b);
        return;
    }
    op(g, low[lane], d, b);
    if (in->op == IR_vziph) {
        op_imm(g, X64_PSHUFD, d, d, 0xee);
    }
}

static void emit_ext(Gen *g, const IrInsn *in)
{
    unsigned by = ir_lane_arg(in->imm) & (in->type == T_V64 ? 7 : 15);
    X64Reg a, d;

    if (in->type == T_V64) {
        both(g, in, &d);
        x64_vec_shift(&g->as, X64_PSRLDQ, d, by);
        return;
    }
    a = x64_vec_use(g, in->a);
    d = x64_vec_def_over(g, result(g), in->b, a);
    if (has(g, X64_HAS_SSSE3)) {
        op_imm(g, X64_PALIGNR, d, a, by);
        return;
    }
    move(g, XMM0, a);
    x64_vec_shift(&g->as, X64_PSRLDQ, XMM0, by);
    x64_vec_shift(&g->as, X64_PSLLDQ, d, 16 - by);
    op(g, X64_POR, d, XMM0);
}

/* ---- by number ---- */

static void emit_shuf(Gen *g, const IrInsn *in)
{
    X64Op o = in->op == IR_vshuf ? X64_PSHUFD : in->op == IR_vshuflo ? X64_PSHUFLW : X64_PSHUFHW;
    X64Reg a = x64_vec_use(g, in->a);

    op_imm(g, o, x64_vec_def_from(g, result(g), in->a), a, ir_lane_arg(in->imm));
}

static void emit_shuf2(Gen *g, const IrInsn *in)
{
    X64Reg b, d = over_first(g, in, &b);

    op_imm(g, X64_SHUFPS, d, b, ir_lane_arg(in->imm));
}

/* pshufb looks at bits 7 and 3 to 0 of a number: those from 16 on get bit 7. */
static void emit_tbl(Gen *g, const IrInsn *in)
{
    X64Reg a, d;

    if (!has(g, X64_HAS_SSSE3)) {
        x64_vec_by_definition(g, in);
        return;
    }
    a = x64_vec_use(g, in->b);
    x64_vec_splat(g, XMM0, 0x7070707070707070);
    op(g, X64_PADDUSB, XMM0, a);
    d = x64_vec_def_over(g, result(g), in->a, NO_REG);
    op(g, X64_PSHUFB, d, XMM0);
}

bool x64_emit_vec_lanes(Gen *g, const IrInsn *in)
{
    switch (in->op) {
    case IR_vsplat: emit_splat(g, in); return true;
    case IR_vlane: emit_lane(g, in); return true;
    case IR_vset: emit_set(g, in); return true;
    case IR_vmask: emit_mask(g, in); return true;
    case IR_vzext: emit_zext(g, in); return true;
    case IR_vmerge: emit_merge(g, in); return true;
    case IR_vlo:
    case IR_vhi: emit_half(g, in); return true;
    case IR_vjoin: emit_join(g, in); return true;
    case IR_vwidenu:
    case IR_vwidens: emit_widen(g, in); return true;
    case IR_vmullu:
    case IR_vmulls: emit_mull(g, in); return true;
    case IR_vpackss:
    case IR_vpackus: emit_pack(g, in); return true;
    case IR_vuze:
    case IR_vuzo: emit_uz(g, in); return true;
    case IR_vzipl:
    case IR_vziph: emit_zip(g, in); return true;
    case IR_vext: emit_ext(g, in); return true;
    case IR_vshuf:
    case IR_vshuflo:
    case IR_vshufhi: emit_shuf(g, in); return true;
    case IR_vshuf2: emit_shuf2(g, in); return true;
    case IR_vtbl: emit_tbl(g, in); return true;
    default: return false;
    }
}
