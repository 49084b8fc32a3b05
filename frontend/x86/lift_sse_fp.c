/* SPDX-License-Identifier: MIT */
/*
 * lift_sse_fp.c - SSE floating point: rows of the IR while all exceptions are masked, else helpers,
 * as estimates always are. Spec: SDM Vol. 2, Vol. 1 11.5.
 */
#include "frontend/x86/lift_sse_priv.h"

enum { LANE32 = 2, LANE64 = 3 };

static bool by_helper(const X86Lift *l) { return (l->mode & MODE_SSETRAP) != 0; }

/* ---- by helpers ---- */

/* The source operand as one or two 64-bit halves: of memory only what the operand has. */
static void get_source(X86Lift *l, IrRef *low, IrRef *high)
{
    X86Operand o = l->row->operand[1];
    IrRef v;

    *high = IR_NONE;
    if (o.kind == OPD_E) {
        *low = ir_zext(l->blk, T_I64, x86_get(l, 1));
    } else if (o.kind == OPD_Q) {
        *low = ir_vlane(l->blk, T_V64, x86_simd_get(l, 1), ir_lane(LANE64, 0));
    } else if (l->mod == 3 || o.size == 'x') {
        v = x86_simd_get(l, 1);
        *low = ir_vlane(l->blk, T_V128, v, ir_lane(LANE64, 0));
        *high = ir_vlane(l->blk, T_V128, v, ir_lane(LANE64, 1));
    } else {
        v = x86_load(l, l->seg, x86_ea(l), x86_size(l, 1));
        *low = ir_type_of(l->blk, v) == T_I32 ? ir_zext(l->blk, T_I64, v) : v;
    }
}

/* @mmx: to MMX operation first, once memory has been read: so do Intel's processors, even if the
 * instruction then raises #XM. */
static IrRef call(X86Lift *l, IrType t, unsigned helper, uint32_t flags, bool mmx)
{
    uint32_t what = sse_what(x86_arg(l), l->reg, l->imm) | flags;
    IrRef low, high;

    get_source(l, &low, &high);
    if (mmx) {
        x86_touch_mmx(l);
    }
    return x86_call(l, t, helper, x86_const32(l, what), low, high);
}

/* ---- by rows ---- */

/* The source operand as a vector that may be narrower than a register. */
static IrRef source(X86Lift *l)
{
    return x86_is_mmx(l, 1) || l->mod == 3 || l->row->operand[1].size == 'x'
               ? x86_simd_get(l, 1)
               : x86_load_vec(l, x86_size(l, 1));
}

static IrRef arith(IrBlock *blk, SseArith op, unsigned lane, bool scalar, unsigned predicate,
                   IrRef a, IrRef b)
{
    uint64_t imm = ir_lane(lane, scalar);

    switch (op) {
    case SSE_ADD: return ir_sseadd(blk, T_NO, a, b, imm);
    case SSE_MUL: return ir_ssemul(blk, T_NO, a, b, imm);
    case SSE_SUB: return ir_ssesub(blk, T_NO, a, b, imm);
    case SSE_DIV: return ir_ssediv(blk, T_NO, a, b, imm);
    case SSE_MIN: return ir_ssemin(blk, T_NO, a, b, imm);
    case SSE_MAX: return ir_ssemax(blk, T_NO, a, b, imm);
    case SSE_SQRT: return ir_ssesqrt(blk, T_NO, a, b, imm);
    case SSE_CMP:
        return ir_ssecmp(blk, T_NO, a, b, ir_lane(lane, (scalar ? 8 : 0) | (predicate & 7)));
    case SSE_HADD: return ir_ssehadd(blk, T_NO, a, b, imm);
    case SSE_HSUB: return ir_ssehsub(blk, T_NO, a, b, imm);
    case SSE_ADDSUB: return ir_sseaddsub(blk, T_NO, a, b, imm);
    default: g_assert_not_reached();
    }
}

/* xmm = xmm op source */
void lift_sse_fp(X86Lift *l)
{
    SseArith op = (SseArith)(x86_arg(l) >> 2);
    unsigned format = x86_arg(l) & 3;
    IrRef a, b;

    if (!x86_begin_sse(l)) {
        return;
    }
    if (by_helper(l) || op == SSE_RCP || op == SSE_RSQRT) {
        call(l, T_NO, X86_H_sse_fp, 0, false);
        return;
    }
    b = source(l);
    a = x86_xmm(l, l->reg);
    x86_set_xmm(l, l->reg, arith(l->blk, op, LANE32 + (format & 1), format >= FP_SS, l->imm, a, b));
}

/* ZF, PF, CF = the order of the low lanes; OF, SF, AF = 0 */
void lift_sse_comi(X86Lift *l)
{
    uint64_t imm = ir_lane(LANE32 + (x86_arg(l) & 1), x86_arg(l) >> 2 == SSE_COMI);
    IrRef v;

    if (!x86_begin_sse(l)) {
        return;
    }
    if (by_helper(l)) {
        v = call(l, T_I32, X86_H_sse_comi, 0, false);
    } else {
        IrRef b = source(l), a = x86_xmm(l, l->reg);

        v = ir_sseorder(l->blk, T_NO, a, b, imm);
    }
    x86_set_order(l, v);
}

/* The lower half of @v and zeros: so that no lane raises anything that is not there. */
static IrRef low_half(X86Lift *l, IrRef v) { return ir_vzext(l->blk, T_NO, v, 0); }

static IrRef lo(X86Lift *l, IrRef v) { return ir_vlo(l->blk, T_NO, v, 0); }

/* An MMX register's new value. */
static IrRef to_mmx(X86Lift *l, SseCvt op, IrRef b)
{
    bool truncates = op == CVT_TPS2PI || op == CVT_TPD2PI;

    if (op == CVT_PS2PI || op == CVT_TPS2PI) {
        b = ir_type_of(l->blk, b) == T_V128 ? lo(l, b) : b;
        return lo(l, ir_ssetov(l->blk, T_NO, low_half(l, b), IR_NONE, ir_lane(LANE32, truncates)));
    }
    return lo(l, ir_ssetov(l->blk, T_NO, b, IR_NONE, ir_lane(LANE64, truncates)));
}

/* An XMM register's new value; @a is the old one. */
static IrRef to_xmm(X86Lift *l, SseCvt op, IrRef a, IrRef b)
{
    IrBlock *blk = l->blk;
    IrRef v;

    switch (op) {
    case CVT_PI2PS:
        v = ir_ssefromv(blk, T_NO, low_half(l, b), IR_NONE, ir_lane(LANE32, 0));
        return ir_vmerge(blk, T_NO, a, v, ir_lane(LANE64, 0));
    case CVT_PI2PD:
    case CVT_DQ2PD: return ir_ssefromv(blk, T_NO, b, IR_NONE, ir_lane(LANE64, 0));
    case CVT_DQ2PS: return ir_ssefromv(blk, T_NO, b, IR_NONE, ir_lane(LANE32, 0));
    case CVT_SI2SS: return ir_ssefromi(blk, T_NO, a, b, ir_lane(LANE32, 0));
    case CVT_SI2SD: return ir_ssefromi(blk, T_NO, a, b, ir_lane(LANE64, 0));
    case CVT_SS2SD:
    case CVT_PS2PD: return ir_ssewiden(blk, T_NO, a, b, ir_lane(LANE32, op == CVT_SS2SD));
    case CVT_SD2SS:
    case CVT_PD2PS: return ir_ssenarrow(blk, T_NO, a, b, ir_lane(LANE64, op == CVT_SD2SS));
    case CVT_PS2DQ:
    case CVT_TPS2DQ: return ir_ssetov(blk, T_NO, b, IR_NONE, ir_lane(LANE32, op == CVT_TPS2DQ));
    default: return ir_ssetov(blk, T_NO, b, IR_NONE, ir_lane(LANE64, op == CVT_TPD2DQ));
    }
}

static IrRef to_int(X86Lift *l, SseCvt op, IrRef b)
{
    bool dbl = op == CVT_SD2SI || op == CVT_TSD2SI;

    return ir_ssetoi(l->blk, T_NO, b, IR_NONE,
                     ir_lane(LANE32 + dbl, op == CVT_TSS2SI || op == CVT_TSD2SI));
}

/* xmm, mm or r32 = source, converted */
void lift_sse_cvt(X86Lift *l)
{
    SseCvt op = (SseCvt)x86_arg(l);
    bool into_mmx = x86_is_mmx(l, 0);
    bool from_mmx = x86_is_mmx(l, 1) && l->mod == 3;
    bool into_int = l->row->operand[0].kind == OPD_G;
    IrRef b;

    if (!x86_begin_sse(l) || ((into_mmx || from_mmx) && !x86_begin_mmx(l))) {
        return;
    }
    if (by_helper(l) && into_int) {
        x86_put(l, 0, call(l, T_I32, X86_H_sse_cvt, 0, false));
        return;
    }
    if (by_helper(l)) {
        call(l, T_NO, X86_H_sse_cvt, into_mmx ? SSE_WHAT_MMX : 0, into_mmx || from_mmx);
        return;
    }
    b = l->row->operand[1].kind == OPD_E ? x86_get(l, 1) : source(l);
    if (from_mmx) {
        x86_touch_mmx(l);
    }
    if (into_int) {
        x86_put(l, 0, to_int(l, op, b));
    } else if (into_mmx) {
        x86_set_mm(l, l->reg, to_mmx(l, op, b));
    } else {
        x86_set_xmm(l, l->reg, to_xmm(l, op, x86_xmm(l, l->reg), b));
    }
}
