/* SPDX-License-Identifier: MIT */
/*
 * emit_fp.c - scalar floating point on SSE, with the definition as its slow path.
 *
 * Inline code runs only under the environment whose control bytes are all zero: round to nearest,
 * no flushing, NaNs as the operands are: what MXCSR says while units run, too. Its exception flags
 * gather in MXCSR and move to FpEnv.flags in x64_fp_sync(). SSE's flags are the guest's but for:
 *   NaN results, which differ in sign and choice of operand: done again by the definition;
 *   tininess, which SSE detects after rounding and ARM before (A2.7.3): a result that equals the
 *   smallest normal number is done again too. The sum of two numbers is exact where it is tiny.
 * What the first attempt raised, the second raises as well.
 *
 * An operation that may trap (IR_FP_TRAPS) must not be tried and then left: it would have raised
 * flags. It is done inline only if FpEnv.slow is 0 and its operands are zeros or within bounds that
 * rule out denormals, tiny results, infinities and NaNs, so that nothing it may raise traps.
 */
#include <xmmintrin.h>

#include "backend/x64/x64_priv.h"

enum { MXCSR_RESET = 0x1f80, MXCSR_FLAGS = 0x3f, SLOW_MAX = 4 };

/* SDM volume 1, 10.2.3: IE DE ZE OE UE PE. What is invalid is done again by the definition, which
 * knows what a signalling NaN is. */
static uint32_t flags_of(unsigned csr)
{
    return ((csr & 1u << 2) != 0 ? FP_DIVZERO : 0u) | ((csr & 1u << 3) != 0 ? FP_OVERFLOW : 0u)
           | ((csr & 1u << 4) != 0 ? FP_UNDERFLOW : 0u) | ((csr & 1u << 5) != 0 ? FP_INEXACT : 0u);
}

void x64_fp_begin(Vcpu *v)
{
    _mm_setcsr(MXCSR_RESET);
    vcpu_cold(v)->fp_sync = x64_fp_sync;
}

void x64_fp_sync(Vcpu *v)
{
    unsigned csr = _mm_getcsr();

    if ((csr & MXCSR_FLAGS) != 0) {
        vcpu_cold(v)->fp[0].flags |= flags_of(csr);
        _mm_setcsr(MXCSR_RESET);
    }
}

void x64_fp_end(Vcpu *v)
{
    x64_fp_sync(v);
    vcpu_cold(v)->fp_sync = NULL;
}

/* Where an operand was when the operation began. */
typedef struct Operand {
    bool absent, is_const;
    uint64_t k;
    X64Rm at;
} Operand;

static Operand find(Gen *g, IrRef ref)
{
    Operand o = { .absent = ref == IR_NONE };

    if (!o.absent) {
        o.is_const = x64_const(g, ref, &o.k);
        if (!o.is_const) {
            o.at = x64_place(g, x64_resolve(g, ref));
        }
    }
    return o;
}

static void push_operand(Gen *g, const Operand *o, X64Width w, unsigned depth)
{
    X64Rm at = o->at;

    if (o->absent || o->is_const) {
        x64_push_const(g, o->absent ? 0 : o->k);
        return;
    }
    if (!at.mem) {
        x64_push(&g->as, at.reg);
        return;
    }
    if (at.reg == RSP) {
        at.disp += (int32_t)(8 * depth);
    }
    x64_m(&g->as, X64_PUSH, W32, at);
    if (w == W32) {
        x64_mi(&g->as, X64_MOV, W32, x64_at(RSP, 4), 0);
    }
}

static void load_xmm(Gen *g, unsigned xmm, const Operand *o, X64Width w, X64Reg tmp)
{
    if (o->is_const) {
        x64_mov_imm(&g->as, tmp, o->k);
        x64_rm(&g->as, X64_MOVD, w, (X64Reg)xmm, x64_reg(tmp));
    } else {
        x64_rm(&g->as, X64_MOVD, w, (X64Reg)xmm, o->at);
    }
}

/* The operation by its definition; its result is then just below the stack pointer. */
static void call_definition(Gen *g, const IrInsn *in, const Operand o[3], X64Width w)
{
    for (unsigned k = 0; k < 3; k++) {
        push_operand(g, &o[k], w, k);
    }
    x64_push_imm(&g->as, (int32_t)(in->op | (uint32_t)in->type << 8 | (uint32_t)in->imm << 16));
    if ((in->imm & IR_FP_TRAPS) != 0) {
        x64_call(&g->as, g->h->thunk[THUNK_FP_TRAP]);
        x64_point(g, g->insn, g->pc, g->mode);
    } else {
        x64_call(&g->as, g->h->thunk[THUNK_FP]);
    }
}

static X64Op sse_op(IrOp op, X64Width w)
{
    switch (op) {
    case IR_fmac:
    case IR_fadd: return w == W64 ? X64_ADDSD : X64_ADDSS;
    case IR_fmas:
    case IR_fsub: return w == W64 ? X64_SUBSD : X64_SUBSS;
    case IR_fmul: return w == W64 ? X64_MULSD : X64_MULSS;
    case IR_fdiv: return w == W64 ? X64_DIVSD : X64_DIVSS;
    case IR_fsqrt: return w == W64 ? X64_SQRTSD : X64_SQRTSS;
    case IR_fcmpq: return w == W64 ? X64_UCOMISD : X64_UCOMISS;
    case IR_fcmps: return w == W64 ? X64_COMISD : X64_COMISS;
    default: return X64_N_OPS;
    }
}

/* Jumps if |xmm0| is the smallest normal number; @t is free. */
static uint8_t *test_smallest(Gen *g, X64Width w, X64Reg t)
{
    Asm *as = &g->as;

    x64_mr(as, X64_MOVD, w, x64_reg(t), 0);
    x64_rm(as, X64_ADD, w, t, x64_reg(t)); /* the sign goes */
    if (w == W64) {
        x64_shift(as, X64_ROL, W64, x64_reg(t), 11);
        x64_mi(as, X64_CMP, W64, x64_reg(t), 1);
    } else {
        x64_mi(as, X64_CMP, W32, x64_reg(t), 1 << 24);
    }
    return x64_jcc(as, X64CC_E, NULL);
}

/* Jumps if any control byte of environment 0 is not zero, or, of an operation that may trap, if it
 * is not for inline code. */
static uint8_t *test_control(Gen *g, const IrInsn *in)
{
    if ((in->imm & IR_FP_TRAPS) != 0) {
        x64_mi(&g->as, X64_CMP, W8,
               x64_at(RBP, VCPU_COLD_OFFSET(fp) + (int32_t)offsetof(FpEnv, slow)), 0);
        return x64_jcc(&g->as, X64CC_NE, NULL);
    }
    x64_mi(&g->as, X64_CMP, W32, x64_at(RBP, VCPU_COLD_OFFSET(fp)), 0);
    return x64_jcc(&g->as, X64CC_NE, NULL);
}

/* 0 less, 1 equal, 2 greater, of the flags of a comparison that was not unordered. */
static void order_of_flags(Gen *g, X64Reg d, X64Reg t)
{
    Asm *as = &g->as;

    x64_setcc(as, X64CC_AE, x64_reg(d));
    x64_setcc(as, X64CC_A, x64_reg(t));
    x64_rm(as, X64_MOVZX8, W32, d, x64_reg(d));
    x64_rm(as, X64_MOVZX8, W32, t, x64_reg(t));
    x64_rm(as, X64_ADD, W32, d, x64_reg(t));
}

static bool is_compare(const IrInsn *in) { return in->op == IR_fcmpq || in->op == IR_fcmps; }

static bool can_be_tiny(const IrInsn *in) { return in->op == IR_fmul || in->op == IR_fdiv; }

/* All but the end of the inline way; jumps out of it in @slow. The result is in xmm0, or, of a
 * comparison, in @t. */
static unsigned emit_inline(Gen *g, const IrInsn *in, const Operand o[3], X64Width w, X64Reg t,
                            X64Reg t2, uint8_t *slow[SLOW_MAX])
{
    Asm *as = &g->as;
    unsigned n = 0;

    slow[n++] = test_control(g, in);
    load_xmm(g, 0, &o[0], w, t);
    if (!o[1].absent) {
        load_xmm(g, 1, &o[1], w, t);
    }
    if (is_compare(in)) {
        x64_rm(as, sse_op(in->op, w), W32, 0, x64_reg(1));
        slow[n++] = x64_jcc(as, X64CC_P, NULL);
        order_of_flags(g, t, t2);
        return n;
    }
    x64_rm(as, sse_op(in->op, w), W32, 0, x64_reg(in->op == IR_fsqrt ? 0 : 1));
    x64_rm(as, w == W64 ? X64_UCOMISD : X64_UCOMISS, W32, 0, x64_reg(0));
    slow[n++] = x64_jcc(as, X64CC_P, NULL);
    if (can_be_tiny(in)) {
        slow[n++] = test_smallest(g, w, t);
    }
    return n;
}

/* ---- operations that may trap ---- */

/* Exponent fields from @low to @high; whether a zero will do, too; whether only if positive. */
typedef struct Bounds {
    uint16_t low, high;
    bool zero, positive;
} Bounds;

/*
 * Sums of numbers are denormal only if an operand is within p of the smallest normal one. A product
 * of two numbers above the root of the smallest is above the smallest; so is a quotient if besides
 * the divisor is below the root of the largest. The product in a multiply-add must itself be a fit
 * operand of the sum. Overflow is the same here and there.
 */
static Bounds bounds_of(const IrInsn *in, X64Width w, unsigned operand)
{
    const bool d = w == W64;
    const uint16_t last = d ? 2046 : 254;

    switch (in->op) {
    case IR_fadd:
    case IR_fsub: return (Bounds){ d ? 54 : 25, last, true, false };
    case IR_fmul: return (Bounds){ d ? 512 : 64, last, true, false };
    case IR_fdiv:
        return operand == 0 ? (Bounds){ d ? 512 : 64, last, true, false }
                            : (Bounds){ 1, d ? 1533 : 189, false, false };
    case IR_fmac:
    case IR_fmas:
        return operand == 2 ? (Bounds){ d ? 54 : 25, last, true, false }
                            : (Bounds){ d ? 540 : 77, last, true, false };
    case IR_fsqrt: return (Bounds){ 1, last, true, true };
    default: return (Bounds){ 0, last, false, false }; /* fabs, fneg: no NaN */
    }
}

/* The upper half, or all 32 bits, of operand @o. */
static void load_high(Gen *g, X64Reg t, const Operand *o, X64Width w)
{
    Asm *as = &g->as;
    X64Rm at = o->at;

    if (o->is_const) {
        x64_mov_imm(as, t, w == W64 ? o->k >> 32 : o->k);
    } else if (w == W32) {
        x64_rm(as, X64_MOV, W32, t, at);
    } else if (at.mem) {
        at.disp += 4;
        x64_rm(as, X64_MOV, W32, t, at);
    } else {
        x64_rm(as, X64_MOV, W64, t, at);
        x64_shift(as, X64_SHR, W64, x64_reg(t), 32);
    }
}

/* Jumps if the operand is out of bounds. */
static uint8_t *test_bounds(Gen *g, const Operand *o, Bounds b, X64Width w, X64Reg t)
{
    const unsigned shift = w == W64 ? 20 : 23, twice = b.positive ? 0 : 1;
    const uint32_t low = (uint32_t)b.low << (shift + twice);
    const uint32_t span = (uint32_t)(b.high - b.low + 1) << (shift + twice);
    Asm *as = &g->as;

    load_high(g, t, o, w);
    if (b.positive) {
        x64_mi(as, X64_SUB, W32, x64_reg(t), (int32_t)low);
    } else {
        x64_rm(as, X64_LEA, W32, t, x64_index(t, t, 0, (int32_t)(0 - low)));
    }
    x64_mi(as, X64_CMP, W32, x64_reg(t), (int32_t)span);
    return x64_jcc(as, X64CC_AE, NULL);
}

/* Goes back to @back if the operand is a zero. */
static void test_zero(Gen *g, const Operand *o, X64Width w, X64Reg t, const uint8_t *back)
{
    if (o->is_const) {
        x64_mov_imm(&g->as, t, o->k);
    } else {
        x64_rm(&g->as, X64_MOV, w, t, o->at);
    }
    x64_rm(&g->as, X64_ADD, w, t, x64_reg(t));
    x64_jcc(&g->as, X64CC_E, back);
}

/* fabs, fneg: operand 0 in @t with its sign changed. */
static void change_sign(Gen *g, const IrInsn *in, const Operand *o, X64Width w, X64Reg t)
{
    Asm *as = &g->as;

    if (o->is_const) {
        x64_mov_imm(as, t, o->k);
    } else {
        x64_rm(as, X64_MOV, w, t, o->at);
    }
    if (in->op == IR_fabs) {
        x64_rm(as, X64_ADD, w, t, x64_reg(t));
        x64_shift(as, X64_SHR, w, x64_reg(t), 1);
    } else {
        x64_shift(as, X64_ROL, w, x64_reg(t), 1);
        x64_mi(as, X64_XOR, w, x64_reg(t), 1);
        x64_shift(as, X64_ROR, w, x64_reg(t), 1);
    }
}

/* The result, of operands that are within bounds, in @t. */
static void compute(Gen *g, const IrInsn *in, const Operand o[3], X64Width w, X64Reg t)
{
    Asm *as = &g->as;

    if (in->op == IR_fabs || in->op == IR_fneg) {
        change_sign(g, in, &o[0], w, t);
        return;
    }
    load_xmm(g, 0, &o[0], w, t);
    if (!o[1].absent) {
        load_xmm(g, 1, &o[1], w, t);
    }
    if (!o[2].absent) {
        x64_rm(as, w == W64 ? X64_MULSD : X64_MULSS, W32, 0, x64_reg(1));
        load_xmm(g, 1, &o[2], w, t);
    }
    x64_rm(as, sse_op(in->op, w), W32, 0, x64_reg(o[1].absent ? 0 : 1));
    x64_mr(as, X64_MOVD, w, x64_reg(t), 0);
}

/* Behind the inline way: zeros go back to it, all else falls through to the definition. */
static void emit_zeros(Gen *g, const IrInsn *in, const Operand *o, unsigned n, X64Width w, X64Reg t,
                       uint8_t *const *out, const uint8_t *const *back)
{
    uint8_t *on[3] = { NULL };

    for (unsigned k = 0; k < n; k++) {
        x64_patch(&g->as, out[k], g->as.p);
        if (bounds_of(in, w, k).zero) {
            test_zero(g, &o[k], w, t, back[k]);
        }
        if (k + 1 < n) {
            on[k] = x64_jmp(&g->as, NULL);
        }
    }
    for (unsigned k = 0; k + 1 < n; k++) {
        x64_patch(&g->as, on[k], g->as.p);
    }
}

static void emit_trapping(Gen *g, const IrInsn *in, X64Width w, IrRef ref)
{
    Asm *as = &g->as;
    X64Reg t = x64_temp(g);
    const Operand o[3] = { find(g, in->a), find(g, in->b), find(g, in->c) };
    const uint8_t *back[3] = { NULL };
    uint8_t *out[3] = { NULL }, *slow, *done;
    unsigned n = 0;

    slow = test_control(g, in);
    while (n < 3 && !o[n].absent) {
        out[n] = test_bounds(g, &o[n], bounds_of(in, w, n), w, t);
        back[n] = as->p;
        n++;
    }
    compute(g, in, o, w, t);
    done = x64_jmp(as, NULL);
    emit_zeros(g, in, o, n, w, t, out, back);
    x64_patch(as, slow, as->p);
    call_definition(g, in, o, w);
    x64_rm(as, X64_MOV, w, t, x64_at(RSP, -8));
    x64_patch(as, done, as->p);
    x64_own(g, ref, t);
}

/* ---- both kinds ---- */

/* Both ways meet with the result in a register. Registers are taken before the operands are looked
 * for: what is moved out of the way is so on both ways. */
static void emit_both(Gen *g, const IrInsn *in, X64Width w, IrRef ref)
{
    Asm *as = &g->as;
    X64Reg t = x64_temp(g), t2 = is_compare(in) ? x64_temp(g) : t;
    const Operand o[3] = { find(g, in->a), find(g, in->b), find(g, in->c) };
    uint8_t *slow[SLOW_MAX], *done;
    unsigned n = emit_inline(g, in, o, w, t, t2, slow);

    if (!is_compare(in)) {
        x64_mr(as, X64_MOVD, w, x64_reg(t), 0);
    }
    done = x64_jmp(as, NULL);
    for (unsigned k = 0; k < n; k++) {
        x64_patch(as, slow[k], as->p);
    }
    call_definition(g, in, o, w);
    x64_rm(as, X64_MOV, is_compare(in) ? W32 : w, t, x64_at(RSP, -8));
    x64_patch(as, done, as->p);
    x64_own(g, ref, t);
}

/* Whether there is an inline way for the operation in the environment that is the guest's own. */
static bool is_inline(const Gen *g, const IrInsn *in, X64Width w)
{
    bool traps = in->imm == IR_FP_TRAPS;

    if ((in->imm & ~(uint64_t)IR_FP_TRAPS) != 0 || g->val[2 * g->i].uses == 0) {
        return false;
    }
    switch (in->op) {
    case IR_fmac:
    case IR_fmas:
    case IR_fabs:
    case IR_fneg: return traps;
    default: return sse_op(in->op, w) != X64_N_OPS;
    }
}

void x64_emit_fp(Gen *g, const IrInsn *in)
{
    const IrRef ref = (IrRef)(2 * g->i);
    const X64Width w = in->type == T_F64 ? W64 : W32;

    x64_save_all_flags(g, in);
    if (is_inline(g, in, w) && in->imm == IR_FP_TRAPS && !is_compare(in)) {
        emit_trapping(g, in, w, ref);
    } else if (is_inline(g, in, w)) {
        emit_both(g, in, w, ref);
    } else {
        const Operand o[3] = { find(g, in->a), find(g, in->b), find(g, in->c) };

        call_definition(g, in, o, w);
        if (g->val[ref].uses != 0) {
            x64_rm(&g->as, X64_MOV, is_compare(in) ? W32 : w, x64_def_last(g, ref),
                   x64_at(RSP, -8));
        }
    }
}
