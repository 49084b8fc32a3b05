/* SPDX-License-Identifier: MIT */
/*
 * emit_sse.c - SSE rows: the host's own instructions.
 *
 * MXCSR is the guest's with all exceptions masked (emit_fp.c), so results and flags are what the
 * definition says, and the flags are the host's until somebody asks.
 */
#include "backend/x64/emit_vec_priv.h"

/* By format: packed singles, packed doubles, scalar single, scalar double. */
static const X64Op arith[][4] = {
    [IR_sseadd - IR_sseadd] = { X64_ADDPS, X64_ADDPD, X64_ADDSS, X64_ADDSD },
    [IR_ssesub - IR_sseadd] = { X64_SUBPS, X64_SUBPD, X64_SUBSS, X64_SUBSD },
    [IR_ssemul - IR_sseadd] = { X64_MULPS, X64_MULPD, X64_MULSS, X64_MULSD },
    [IR_ssediv - IR_sseadd] = { X64_DIVPS, X64_DIVPD, X64_DIVSS, X64_DIVSD },
    [IR_ssemin - IR_sseadd] = { X64_MINPS, X64_MINPD, X64_MINSS, X64_MINSD },
    [IR_ssemax - IR_sseadd] = { X64_MAXPS, X64_MAXPD, X64_MAXSS, X64_MAXSD },
    [IR_ssesqrt - IR_sseadd] = { X64_SQRTPS, X64_SQRTPD, X64_SQRTSS, X64_SQRTSD },
    [IR_ssecmp - IR_sseadd] = { X64_CMPPS, X64_CMPPD, X64_CMPSS, X64_CMPSD },
    [IR_ssehadd - IR_sseadd] = { X64_HADDPS, X64_HADDPD, X64_N_OPS, X64_N_OPS },
    [IR_ssehsub - IR_sseadd] = { X64_HSUBPS, X64_HSUBPD, X64_N_OPS, X64_N_OPS },
    [IR_sseaddsub - IR_sseadd] = { X64_ADDSUBPS, X64_ADDSUBPD, X64_N_OPS, X64_N_OPS },
};

static bool is_double(const IrInsn *in) { return lane_of(in) == 3; }

static void emit_arith(Gen *g, const IrInsn *in)
{
    unsigned arg = ir_lane_arg(in->imm), scalar = in->op == IR_ssecmp ? arg >> 3 : arg;
    X64Op o = arith[in->op - IR_sseadd][2 * scalar + is_double(in)];
    X64Reg b = x64_vec_use(g, in->b), d;

    if (in->op == IR_ssesqrt && scalar == 0) {
        op(g, o, x64_vec_def_from(g, result(g), in->b), b);
        return;
    }
    d = over_first(g, in, &b);
    if (in->op == IR_ssecmp) {
        op_imm(g, o, d, b, arg & 7);
    } else {
        op(g, o, d, b);
    }
}

static void emit_horizontal(Gen *g, const IrInsn *in)
{
    if (has(g, X64_HAS_SSE3)) {
        emit_arith(g, in);
    } else {
        x64_vec_by_definition(g, in);
    }
}

/* Between the formats: all of the lower half, or over @in->a the lowest lane. */
static void emit_format(Gen *g, const IrInsn *in)
{
    bool widens = in->op == IR_ssewiden;
    X64Reg b = x64_vec_use(g, in->b);

    if (ir_lane_arg(in->imm) == 0) {
        op(g, widens ? X64_CVTPS2PD : X64_CVTPD2PS, x64_vec_def_from(g, result(g), in->b), b);
    } else {
        op(g, widens ? X64_CVTSS2SD : X64_CVTSD2SS, x64_vec_def_over(g, result(g), in->a, b), b);
    }
}

static void emit_ints(Gen *g, const IrInsn *in)
{
    static const X64Op to[2][2] = { { X64_CVTPS2DQ, X64_CVTTPS2DQ },
                                    { X64_CVTPD2DQ, X64_CVTTPD2DQ } };
    X64Reg a = x64_vec_use(g, in->a), d = x64_vec_def_from(g, result(g), in->a);

    if (in->op == IR_ssetov) {
        op(g, to[is_double(in)][ir_lane_arg(in->imm)], d, a);
    } else {
        op(g, is_double(in) ? X64_CVTDQ2PD : X64_CVTDQ2PS, d, a);
    }
}

static void emit_from_int(Gen *g, const IrInsn *in)
{
    X64Reg b = x64_use(g, in->b), d = x64_vec_def_over(g, result(g), in->a, NO_REG);

    op(g, is_double(in) ? X64_CVTSI2SD : X64_CVTSI2SS, d, b);
}

static void emit_to_int(Gen *g, const IrInsn *in)
{
    static const X64Op to[2][2] = { { X64_CVTSS2SI, X64_CVTTSS2SI },
                                    { X64_CVTSD2SI, X64_CVTTSD2SI } };
    X64Reg a = x64_vec_use(g, in->a);

    op(g, to[is_double(in)][ir_lane_arg(in->imm)], x64_def(g, result(g)), a);
}

static void emit_order(Gen *g, const IrInsn *in)
{
    static const X64Op order[2][2] = { { X64_UCOMISS, X64_COMISS }, { X64_UCOMISD, X64_COMISD } };
    X64Reg a, b;

    x64_save_all_flags(g, in);
    a = x64_vec_use(g, in->a);
    b = x64_vec_use(g, in->b);
    op(g, order[is_double(in)][ir_lane_arg(in->imm)], a, b);
    x64_give_order(g);
}

void x64_emit_sse(Gen *g, const IrInsn *in)
{
    switch (in->op) {
    case IR_ssehadd:
    case IR_ssehsub:
    case IR_sseaddsub: emit_horizontal(g, in); break;
    case IR_ssewiden:
    case IR_ssenarrow: emit_format(g, in); break;
    case IR_ssefromv:
    case IR_ssetov: emit_ints(g, in); break;
    case IR_ssefromi: emit_from_int(g, in); break;
    case IR_ssetoi: emit_to_int(g, in); break;
    case IR_sseorder: emit_order(g, in); break;
    default: emit_arith(g, in); break;
    }
}
