/* SPDX-License-Identifier: MIT */
/* emit_mul.c - multiplication, division, and what is evaluated by its definition. */
#include "backend/x64/x64_priv.h"

static IrRef result(const Gen *g) { return (IrRef)(2 * g->i); }

static void emit_single(Gen *g, const IrInsn *in)
{
    IrType t = (IrType)in->type;
    X64Width w = x64_width(t);
    IrRef a = in->a, b = in->b;
    X64Rm src;
    X64Reg d;
    int32_t imm;

    x64_flags_save(g);
    if (x64_imm(g, b, w, &imm)) {
        src = x64_operand(g, a, w);
        d = x64_def_last(g, result(g));
        x64_imul_imm(&g->as, w, d, src, imm);
    } else {
        bool same = x64_resolve(g, a) == x64_resolve(g, b);

        src = x64_operand(g, b, w);
        if (!src.mem && x64_fits_pin(g, result(g), src.reg)) {
            IrRef swap = a;

            a = b;
            b = swap;
            src = x64_operand(g, b, w);
        }
        d = x64_def_over(g, result(g), a, same || src.mem ? 0 : (uint16_t)(1u << src.reg));
        x64_rm(&g->as, X64_IMUL, w, d, src);
    }
    x64_flags_gone(g);
    x64_narrow(g, t, d);
}

/* The operand in a temp, extended from @t to 64 bits. */
static X64Reg widened(Gen *g, IrRef ref, IrType t, bool is_signed)
{
    X64Reg r = x64_temp(g);

    x64_copy(g, r, ref);
    if (is_signed) {
        x64_rm(&g->as,
               t == T_I8    ? X64_MOVSX8
               : t == T_I16 ? X64_MOVSX16
                            : X64_MOVSXD,
               W64, r, x64_reg(r));
    }
    return r;
}

/* Both halves out of one 64-bit product. */
static void emit_narrow_pair(Gen *g, const IrInsn *in)
{
    IrType t = (IrType)in->type;
    unsigned bits = ir_type_bits(t);
    IrRef lo = result(g), hi = lo + 1;
    bool is_signed = in->op == IR_smul2;
    X64Reg p = widened(g, in->a, t, is_signed), q = widened(g, in->b, t, is_signed);
    X64Reg d;

    x64_rm(&g->as, X64_IMUL, W64, p, x64_reg(q));
    if (g->val[lo].uses != 0) {
        x64_release(g, IR_NONE, IR_NONE);
        g->locked = (uint16_t)(1u << p);
        d = x64_def(g, lo);
        x64_rm(&g->as,
               t == T_I8    ? X64_MOVZX8
               : t == T_I16 ? X64_MOVZX16
                            : X64_MOV,
               W32, d, x64_reg(p));
    }
    if (g->val[hi].uses != 0) {
        x64_shift(&g->as, X64_SHR, W64, x64_reg(p), bits);
        x64_narrow(g, t, p);
        x64_own(g, hi, p);
    }
}

/* rdx:rax = rax * r/m. */
static void emit_wide_pair(Gen *g, const IrInsn *in)
{
    IrRef lo = result(g), hi = lo + 1;
    X64Reg r;

    x64_take(g, RAX);
    x64_take(g, RDX);
    x64_copy(g, RAX, in->a);
    r = x64_use(g, in->b);
    x64_m(&g->as, in->op == IR_smul2 ? X64_IMUL1 : X64_MUL, W64, x64_reg(r));
    if (g->val[lo].uses != 0) {
        x64_own(g, lo, RAX);
    }
    if (g->val[hi].uses != 0) {
        x64_own(g, hi, RDX);
    }
}

void x64_emit_mul(Gen *g, const IrInsn *in)
{
    if (in->op == IR_mul || g->val[result(g) + 1].uses == 0) {
        emit_single(g, in);
        return;
    }
    x64_flags_save(g);
    if (in->type == T_I64) {
        emit_wide_pair(g, in);
    } else {
        emit_narrow_pair(g, in);
    }
    x64_flags_gone(g);
}

/* The dividend in rdx:rax, sign- or zero-extended from @t to 64 bits, the divisor in rcx. */
static void fetch_division(Gen *g, const IrInsn *in, bool is_signed)
{
    IrType t = (IrType)in->type;

    x64_take(g, RAX);
    x64_take(g, RDX);
    x64_take(g, RCX);
    x64_copy(g, RAX, in->a);
    x64_copy(g, RCX, in->b);
    for (unsigned k = 0; is_signed && t != T_I64 && k < 2; k++) {
        X64Reg r = k == 0 ? RAX : RCX;

        x64_rm(&g->as,
               t == T_I8    ? X64_MOVSX8
               : t == T_I16 ? X64_MOVSX16
                            : X64_MOVSXD,
               W64, r, x64_reg(r));
    }
}

/* A zero divisor gives 0 and -1 the negated dividend: neither is left to the host's divide. Signed
 * ones are done in 64 bits, where only that of two 64-bit numbers can overflow. */
void x64_emit_div(Gen *g, const IrInsn *in)
{
    bool is_signed = in->op == IR_sdiv;
    X64Width w = is_signed ? W64 : x64_width((IrType)in->type);
    uint8_t *zero, *one = NULL, *end = NULL;
    Asm *as = &g->as;

    x64_flags_save(g);
    fetch_division(g, in, is_signed);
    x64_rm(as, X64_TEST, w, RCX, x64_reg(RCX));
    zero = x64_jcc(as, X64CC_E, NULL);
    if (is_signed) {
        x64_mi(as, X64_CMP, W64, x64_reg(RCX), -1);
        one = x64_jcc(as, X64CC_E, NULL);
        x64_cdq(as, W64);
        x64_m(as, X64_IDIV, W64, x64_reg(RCX));
    } else {
        x64_rm(as, X64_XOR, W32, RDX, x64_reg(RDX));
        x64_m(as, X64_DIV, w, x64_reg(RCX));
    }
    end = x64_jmp(as, NULL);
    x64_patch(as, zero, as->p);
    x64_mov_imm(as, RAX, 0);
    if (one) {
        x64_patch(as, one, as->p);
        x64_m(as, X64_NEG, W64, x64_reg(RAX)); /* 0 stays 0 */
    }
    x64_patch(as, end, as->p);
    if (in->type == T_I32 && is_signed) {
        x64_rm(as, X64_MOV, W32, RAX, x64_reg(RAX));
    }
    x64_narrow(g, (IrType)in->type, RAX);
    x64_own(g, result(g), RAX);
    x64_flags_gone(g);
}
