/* SPDX-License-Identifier: MIT */
/* lift_sse_fp.c - SSE floating point, by helpers that know MXCSR. Spec: SDM Vol. 2, Vol. 1 11.5. */
#include "frontend/x86/lift_sse_priv.h"

enum { LANE64 = 3 };

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

/* xmm = xmm op source */
void lift_sse_fp(X86Lift *l)
{
    if (x86_begin_sse(l)) {
        call(l, T_NO, X86_H_sse_fp, 0, false);
    }
}

/* ZF, PF, CF = the order of the low lanes; OF, SF, AF = 0 */
void lift_sse_comi(X86Lift *l)
{
    if (x86_begin_sse(l)) {
        x86_set_status(l, call(l, T_I32, X86_H_sse_comi, 0, false));
    }
}

/* xmm, mm or r32 = source, converted */
void lift_sse_cvt(X86Lift *l)
{
    bool to_mmx = x86_is_mmx(l, 0);
    bool from_mmx = x86_is_mmx(l, 1) && l->mod == 3;
    IrRef r;

    if (!x86_begin_sse(l) || ((to_mmx || from_mmx) && !x86_begin_mmx(l))) {
        return;
    }
    if (l->row->operand[0].kind == OPD_G) {
        r = call(l, T_I32, X86_H_sse_cvt, 0, false);
        x86_put(l, 0, r);
        return;
    }
    call(l, T_NO, X86_H_sse_cvt, to_mmx ? SSE_WHAT_MMX : 0, to_mmx || from_mmx);
}
