/* SPDX-License-Identifier: MIT */
/*
 * emit_vec_fp.c - vectors of floating point on SSE, for every environment that rounds to nearest.
 *
 * Inline code neither flushes nor detects invalid operations. Whatever could differ from it is done
 * again by the definition: an operand or result that is a denormal, the smallest normal, infinite
 * or a NaN, and a result that underflowed to zero (DE or UE of MXCSR, which are clear before). The
 * first attempt may have raised what the second does not, so MXCSR is put back: VcpuCold.host_csr
 * has it as it was, alternating between two places so that one store an operation is enough.
 */
#include "backend/x64/x64_priv.h"

enum { CSR_DE_UE = 1 << 1 | 1 << 4, CMP_EQ = 0, CMP_LT = 1, CMP_LE = 2, CMP_UNORD = 3 };

static X64Op sse_op(IrOp op, bool dbl)
{
    switch (op) {
    case IR_vfadd: return dbl ? X64_ADDPD : X64_ADDPS;
    case IR_vfsub: return dbl ? X64_SUBPD : X64_SUBPS;
    case IR_vfmul: return dbl ? X64_MULPD : X64_MULPS;
    case IR_vfdiv: return dbl ? X64_DIVPD : X64_DIVPS;
    case IR_vfsqrt: return dbl ? X64_SQRTPD : X64_SQRTPS;
    default: return dbl ? X64_CMPPD : X64_CMPPS;
    }
}

static bool is_compare(const IrInsn *in)
{
    return in->op == IR_vfceq || in->op == IR_vfcge || in->op == IR_vfcgt;
}

static X64Rm csr_at(unsigned which)
{
    return x64_at(RBP, VCPU_COLD_OFFSET(host_csr) + 4 * (int32_t)which);
}

static void store_csr(Gen *g, unsigned which)
{
    x64_rm(&g->as, X64_STMXCSR, W32, (X64Reg)3, csr_at(which));
}

/* t = the lanes' top bits of @x; the host's flags say whether there is any. */
static void any_lane(Gen *g, X64Reg t, X64Reg x, bool dbl)
{
    x64_rm(&g->as, dbl ? X64_MOVMSKPD : X64_MOVMSKPS, W32, t, x64_reg(x));
    x64_rm(&g->as, X64_TEST, W32, t, x64_reg(t));
}

/* Jumps if a lane of @d is zero or tiny or not finite. The absolute value plus the least exponent
 * is, as a signed number, at most the edge then. xmm2: those lanes. */
static uint8_t *test_result(Gen *g, X64Reg t, X64Reg d, bool dbl)
{
    uint8_t *const *k = &g->h->vec_const[dbl ? VEC_ABS64 : VEC_ABS32];
    Asm *as = &g->as;

    x64_rm(as, X64_MOVAPS, W32, 0, x64_reg(d));
    x64_rm_rip(as, X64_PAND, 0, k[0]);
    x64_rm_rip(as, X64_PADDD, 0, k[1]);
    x64_rm_rip(as, X64_MOVAPS, 2, k[2]);
    x64_rm(as, X64_PCMPGTD, W32, 2, x64_reg(0));
    any_lane(g, t, 2, dbl);
    return x64_jcc(as, X64CC_NE, NULL);
}

/* d = a. Lanes that are not there become the others again, which raise the same twice. */
static void fetch(Gen *g, IrType t, X64Reg d, X64Reg a)
{
    if (t == T_V64) {
        x64_rm_imm(&g->as, X64_PSHUFD, W32, d, x64_reg(a), 0x44);
    } else {
        x64_rm(&g->as, X64_MOVAPS, W32, d, x64_reg(a));
    }
}

static void compare(Gen *g, const IrInsn *in, Slow *s, bool dbl)
{
    X64Op op = sse_op(in->op, dbl);
    IrType t = (IrType)in->type;
    X64Reg d = s->dst;
    Asm *as = &g->as;

    fetch(g, t, 0, s->vec[0]);
    fetch(g, t, 1, s->vec[1]);
    x64_rm(as, X64_MOVAPS, W32, d, x64_reg(0));
    x64_rm_imm(as, op, W32, d, x64_reg(1), CMP_UNORD);
    any_lane(g, s->tmp, d, dbl);
    s->from[1] = x64_jcc(as, X64CC_NE, NULL);
    x64_rm(as, X64_MOVAPS, W32, d, x64_reg(1));
    x64_rm_imm(as, op, W32, d, x64_reg(0),
               in->op == IR_vfceq   ? CMP_EQ
               : in->op == IR_vfcge ? CMP_LE
                                    : CMP_LT);
}

static void compute(Gen *g, const IrInsn *in, Slow *s, bool dbl)
{
    X64Reg d = s->dst, b = s->vec[1];

    fetch(g, (IrType)in->type, d, s->vec[0]);
    if (in->op == IR_vfsqrt) {
        b = d;
    } else if (in->type == T_V64) {
        fetch(g, T_V64, 1, b);
        b = (X64Reg)1;
    }
    x64_rm(&g->as, sse_op(in->op, dbl), W32, d, x64_reg(b));
    s->misaligned = test_result(g, s->tmp, d, dbl);
    s->aligned = g->as.p;
}

/* Nothing is emitted that moves a value behind the first jump. */
static void emit_both(Gen *g, const IrInsn *in)
{
    int32_t control = VCPU_COLD_OFFSET(fp) + (int32_t)(ir_lane_arg(in->imm) * sizeof(FpEnv));
    bool dbl = ir_lane_log2(in->imm) == 3;
    X64Reg t = x64_temp(g), a = x64_vec_use(g, in->a), b = NO_REG, d;
    unsigned after;
    Slow *s;

    b = in->b != IR_NONE ? x64_vec_use(g, in->b) : b;
    d = x64_vec_def(g, (IrRef)(2 * g->i));
    s = x64_new_slow(g, SLOW_VEC_FP);
    s->vec[0] = (uint8_t)a;
    s->vec[1] = (uint8_t)b;
    s->dst = (uint8_t)d;
    s->tmp = (uint8_t)t;
    s->type = in->type;
    s->dst_bits = dbl ? 64 : 32;
    if (g->csr == CSR_UNKNOWN) {
        g->csr = 0;
        store_csr(g, 0);
    }
    s->csr = g->csr;
    after = g->csr ^ 1u;
    s->memop = in->op | (uint32_t)in->type << 8 | (uint32_t)in->imm << 16 | 1u << 30
               | (uint32_t)g->csr << 31;
    x64_mi(&g->as, X64_CMP, W8, x64_at(RBP, control), 0); /* rounding */
    s->from[0] = x64_jcc(&g->as, X64CC_NE, NULL);
    if (is_compare(in)) {
        compare(g, in, s, dbl);
    } else {
        compute(g, in, s, dbl);
    }
    store_csr(g, after);
    x64_mi(&g->as, X64_TEST, W8, csr_at(after), CSR_DE_UE);
    s->from[2] = x64_jcc(&g->as, X64CC_NE, NULL);
    s->back = g->as.p;
    g->csr = (uint8_t)after;
}

/* Lanes that are exactly zero are right if nothing underflowed, which is looked at next. */
static void emit_zero_check(Gen *g, const Slow *s)
{
    bool dbl = s->dst_bits == 64;
    Asm *as = &g->as;

    x64_patch(as, s->misaligned, as->p);
    x64_rm(as, X64_PXOR, W32, 1, x64_reg(1));
    x64_rm_imm(as, dbl ? X64_CMPPD : X64_CMPPS, W32, 1, x64_reg(s->dst), CMP_EQ);
    x64_rm(as, X64_PANDN, W32, 1, x64_reg(2));
    any_lane(g, s->tmp, 1, dbl);
    x64_jcc(as, X64CC_E, s->aligned);
}

static void call_definition(Gen *g, const Slow *s)
{
    Asm *as = &g->as;

    for (unsigned k = 0; k < 2; k++) {
        if (s->vec[k] != NO_REG) {
            x64_mr(as, X64_MOVUPS, W32, x64_at(RBP, VCPU_COLD_OFFSET(host_vec) + 16 * (int32_t)k),
                   s->vec[k]);
        }
    }
    x64_push_imm(as, (int32_t)s->memop);
    x64_call(as, g->h->thunk[THUNK_VEC_FP]);
    x64_rm(as, X64_MOVUPS, W32, s->dst, x64_at(RBP, VCPU_COLD_OFFSET(host_vec)));
}

void x64_emit_vec_fp_slow(Gen *g, const Slow *s)
{
    if (s->misaligned) {
        emit_zero_check(g, s);
    }
    for (unsigned k = 0; k < G_N_ELEMENTS(s->from); k++) {
        if (s->from[k]) {
            x64_patch(&g->as, s->from[k], g->as.p);
        }
    }
    call_definition(g, s);
    x64_jmp(&g->as, s->back);
}

/* Whether the host's flags of environment @env may be gathered with those of environment 0. */
static bool may_inline(const Gen *g, const IrInsn *in)
{
    return ir_lane_arg(in->imm) == 0 || g->blk->isa->fp_flags_shared;
}

void x64_emit_vec_fp(Gen *g, const IrInsn *in)
{
    X64Reg b = NO_REG;
    Slow s;

    x64_save_all_flags(g, in);
    if (may_inline(g, in)) {
        emit_both(g, in);
        return;
    }
    s = (Slow){ .vec = { (uint8_t)x64_vec_use(g, in->a), NO_REG, NO_REG } };
    if (in->b != IR_NONE) {
        b = x64_vec_use(g, in->b);
    }
    s.vec[1] = (uint8_t)b;
    s.dst = (uint8_t)x64_vec_def(g, (IrRef)(2 * g->i));
    s.memop = in->op | (uint32_t)in->type << 8 | (uint32_t)in->imm << 16;
    call_definition(g, &s);
}
