/* SPDX-License-Identifier: MIT */
/* emit_alu.c - integer operations of one instruction or few: sums, logic, shifts, conversions. */
#include "backend/x64/x64_priv.h"
#include "base/bits.h"

static IrRef result(const Gen *g) { return (IrRef)(2 * g->i); }
static uint16_t bit(X64Reg r) { return r == NO_REG ? 0 : (uint16_t)(1u << r); }

/* The register of an operand, for def_over to keep off. */
static uint16_t bit_of(X64Rm rm) { return rm.mem ? 0 : bit(rm.reg); }

void x64_narrow(Gen *g, IrType t, X64Reg r)
{
    if (t == T_I8) {
        x64_rm(&g->as, X64_MOVZX8, W32, r, x64_reg(r));
    } else if (t == T_I16) {
        x64_rm(&g->as, X64_MOVZX16, W32, r, x64_reg(r));
    } else if (t == T_I1) {
        x64_mi(&g->as, X64_AND, W32, x64_reg(r), 1);
    }
}

static X64Op op_of(unsigned op)
{
    switch (op) {
    case IR_add:
    case IR_addf: return X64_ADD;
    case IR_adcf: return X64_ADC;
    case IR_sub:
    case IR_subf: return X64_SUB;
    case IR_sbbf: return X64_SBB;
    case IR_and: return X64_AND;
    case IR_or: return X64_OR;
    default: return X64_XOR;
    }
}

static bool commutes(unsigned op) { return op != IR_sub && op != IR_subf && op != IR_sbbf; }

/* Whether the result can be computed over operand @a without a move. */
static bool in_place(const Gen *g, IrRef ref, IrRef a)
{
    unsigned hint = g->val[ref].hint;
    X64Reg pin = hint == NO_GLOBAL ? NO_REG : g->h->pin[hint], r;

    a = x64_resolve(g, a);
    r = g->val[a].reg;
    if (pin != NO_REG && x64_fits_pin(g, ref, pin)) {
        return r == pin;
    }
    return r != NO_REG && (SCRATCH >> r & 1) != 0 && !x64_live_after(g, a);
}

/* Whether the result is better computed over @b than over @a. */
static bool prefers_b(const Gen *g, IrRef ref, IrRef a, IrRef b)
{
    return in_place(g, ref, b) && !in_place(g, ref, a);
}

/* ---- addition as an address ---- */

/* The operand of a sum that is a small shift left undone, or NULL. */
static const IrInsn *scaled(const Gen *g, IrRef ref)
{
    const IrInsn *in = &g->blk->insn[ref / 2];

    return (g->val[ref].bits & VAL_LAZY) != 0 && in->op == IR_shl ? in : NULL;
}

static void add_scaled(Gen *g, IrRef other, const IrInsn *shl, X64Width w)
{
    unsigned by = (unsigned)g->blk->insn[shl->b / 2].imm;
    X64Reg index = x64_use(g, shl->a), base, d;
    int32_t disp;

    if (x64_imm(g, other, W64, &disp)) {
        d = x64_def_last(g, result(g));
        x64_rm(&g->as, X64_LEA, w, d,
               by == 1 ? x64_index(index, index, 0, disp) : x64_index(NO_REG, index, by, disp));
        return;
    }
    base = x64_use(g, other);
    d = x64_def_last(g, result(g));
    x64_rm(&g->as, X64_LEA, w, d, x64_index(base, index, by, 0));
}

/* a + b without touching flags, into a register that need not hold either. */
static void add_lea(Gen *g, const IrInsn *in, X64Width w)
{
    X64Reg a = x64_use(g, in->a), b, d;
    int32_t imm;

    if (x64_imm(g, in->b, w, &imm)) {
        d = x64_def_last(g, result(g));
        x64_rm(&g->as, X64_LEA, w, d, x64_at(a, imm));
        return;
    }
    b = x64_use(g, in->b);
    d = x64_def_last(g, result(g));
    x64_rm(&g->as, X64_LEA, w, d, x64_index(a, b, 0, 0));
}

static bool is_in_register(const Gen *g, IrRef ref)
{
    return g->val[x64_resolve(g, ref)].reg != NO_REG || x64_const(g, ref, &(uint64_t){ 0 });
}

static void emit_two_address(Gen *g, unsigned op, IrType t, IrRef a, IrRef b)
{
    X64Width w = x64_width(t);
    int32_t imm;
    X64Rm src;
    X64Reg d;

    x64_flags_save(g);
    if (x64_imm(g, b, w, &imm)) {
        d = x64_def_over(g, result(g), a, 0);
        x64_mi(&g->as, op_of(op), w, x64_reg(d), imm);
    } else {
        src = x64_operand(g, b, w);
        d = x64_def_over(g, result(g), a, x64_resolve(g, a) == x64_resolve(g, b) ? 0 : bit_of(src));
        x64_rm(&g->as, op_of(op), w, d, src);
    }
    x64_flags_gone(g);
    if (t >= T_I32 || op == IR_and || op == IR_or || op == IR_xor) {
        g->szof = t >= T_I32 ? result(g) : IR_NONE;
    } else {
        x64_narrow(g, t, d);
    }
}

static void emit_add(Gen *g, const IrInsn *in, IrRef a, IrRef b)
{
    X64Width w = x64_width((IrType)in->type);
    IrInsn sum = *in;

    sum.a = a;
    sum.b = b;
    if (scaled(g, b)) {
        add_scaled(g, a, scaled(g, b), w);
    } else if (scaled(g, a)) {
        add_scaled(g, b, scaled(g, a), w);
    } else if (in->type >= T_I32 && is_in_register(g, a) && is_in_register(g, b)
               && !x64_const(g, a, &(uint64_t){ 0 })
               && (!in_place(g, result(g), a)
                   || (g->eflags != IR_NONE && x64_live_after(g, g->eflags)))) {
        add_lea(g, &sum, w);
    } else {
        emit_two_address(g, IR_add, (IrType)in->type, a, b);
    }
}

/* a - b into b's own pin: neg, add. */
static bool sub_reversed(Gen *g, const IrInsn *in)
{
    IrRef a = x64_resolve(g, in->a), b = x64_resolve(g, in->b);
    X64Width w = x64_width((IrType)in->type);
    X64Reg d;
    X64Rm src;
    int32_t imm;

    if (in->type < T_I32 || a == b || !prefers_b(g, result(g), a, b)) {
        return false;
    }
    x64_flags_save(g);
    if (x64_imm(g, a, w, &imm)) {
        d = x64_def_over(g, result(g), b, 0);
        x64_m(&g->as, X64_NEG, w, x64_reg(d));
        x64_mi(&g->as, X64_ADD, w, x64_reg(d), imm);
    } else {
        src = x64_operand(g, a, w);
        d = x64_def_over(g, result(g), b, bit_of(src));
        x64_m(&g->as, X64_NEG, w, x64_reg(d));
        x64_rm(&g->as, X64_ADD, w, d, src);
    }
    x64_flags_gone(g);
    g->szof = result(g);
    return true;
}

static void emit_andc(Gen *g, const IrInsn *in)
{
    X64Width w = x64_width((IrType)in->type);
    X64Reg a, b, t;

    x64_flags_save(g);
    if ((g->h->features & X64_HAS_BMI1) != 0 && !x64_const(g, in->a, &(uint64_t){ 0 })) {
        b = x64_use(g, in->b);
        a = x64_use(g, in->a);
        t = x64_def_last(g, result(g));
        x64_vex(&g->as, X64_ANDN, w, t, x64_reg(a), b);
    } else {
        t = x64_temp(g);
        x64_copy(g, t, in->b);
        x64_m(&g->as, X64_NOT, w, x64_reg(t));
        a = x64_use(g, in->a);
        x64_rm(&g->as, X64_AND, w, t, x64_reg(a));
        x64_own(g, result(g), t);
    }
    x64_flags_gone(g);
}

void x64_emit_alu(Gen *g, const IrInsn *in)
{
    IrRef a = x64_resolve(g, in->a), b = x64_resolve(g, in->b);

    if (in->op == IR_andc) {
        emit_andc(g, in);
        return;
    }
    if (in->op == IR_sub && sub_reversed(g, in)) {
        return;
    }
    if (commutes(in->op) && a != b && prefers_b(g, result(g), a, b) && !scaled(g, a)
        && !scaled(g, b)) {
        IrRef swap = a;

        a = b;
        b = swap;
    }
    if (in->op == IR_add) {
        emit_add(g, in, a, b);
    } else {
        emit_two_address(g, in->op, (IrType)in->type, a, b);
    }
}

/* ---- arithmetic with FLAGS ---- */

static void compare_only(Gen *g, const IrInsn *in, X64Width w)
{
    int32_t imm;
    X64Reg a;

    if (x64_imm(g, in->b, w, &imm) && imm != 0) {
        x64_mi(&g->as, X64_CMP, w, x64_operand(g, in->a, w), imm);
        return;
    }
    a = x64_use(g, in->a);
    if (x64_imm(g, in->b, w, &imm)) {
        x64_rm(&g->as, X64_TEST, w, a, x64_reg(a));
    } else {
        x64_rm(&g->as, X64_CMP, w, a, x64_operand(g, in->b, w));
    }
}

void x64_emit_arith_flags(Gen *g, const IrInsn *in)
{
    IrRef r = result(g), f = r + 1, a = x64_resolve(g, in->a), b = x64_resolve(g, in->b);
    X64Width w = x64_exact_width((IrType)in->type);
    bool carry = in->op == IR_adcf || in->op == IR_sbbf;
    bool is_imm, zero;
    X64Rm src = x64_at(RSP, 0);
    X64Carry carry_in = { .value = x64_at(RSP, 0) };
    int32_t imm = 0;
    X64Reg d;

    x64_flags_save(g);
    if (in->op == IR_subf && g->val[r].uses == 0) {
        compare_only(g, in, w);
        x64_flags_are(g, f, NEED_ALL);
        g->eflags_zero_co = x64_imm(g, b, w, &imm) && imm == 0;
        return;
    }
    if (!carry && g->val[f].uses == 0) {
        IrInsn plain = *in;

        plain.op = in->op == IR_addf ? IR_add : IR_sub;
        x64_emit_alu(g, &plain);
        return;
    }
    if (commutes(in->op) && a != b && prefers_b(g, r, a, b)) {
        IrRef swap = a;

        a = b;
        b = swap;
    }
    if (carry) {
        carry_in = x64_carry_find(g, in->c);
    }
    is_imm = x64_imm(g, b, w, &imm);
    if (!is_imm) {
        src = x64_operand(g, b, w);
    }
    d = x64_def_over(g, r, a, (a == b ? 0 : bit_of(src)) | bit_of(carry_in.value));
    if (carry) {
        x64_carry(g, carry_in);
    }
    zero = is_imm && imm == 0 && !carry;
    if (zero) {
        x64_rm(&g->as, X64_TEST, w, d, x64_reg(d));
    } else if (is_imm) {
        x64_mi(&g->as, op_of(in->op), w, x64_reg(d), imm);
    } else {
        x64_rm(&g->as, op_of(in->op), w, d, src);
    }
    if (g->val[f].uses != 0) {
        x64_flags_are(g, f, NEED_ALL);
        g->eflags_zero_co = zero;
    } else {
        x64_flags_gone(g);
    }
    if (in->type < T_I32) {
        x64_narrow(g, (IrType)in->type, d);
    }
}

/* ---- shifts ---- */

static X64Op shift_op(unsigned op)
{
    switch (op) {
    case IR_shl: return X64_SHL;
    case IR_shr: return X64_SHR;
    case IR_sar: return X64_SAR;
    default: return X64_ROR;
    }
}

static void sign_extend_narrow(Gen *g, IrType t, X64Reg r)
{
    if (t == T_I8) {
        x64_rm(&g->as, X64_MOVSX8, W32, r, x64_reg(r));
    } else if (t == T_I16) {
        x64_rm(&g->as, X64_MOVSX16, W32, r, x64_reg(r));
    }
}

static void shift_by_constant(Gen *g, const IrInsn *in, unsigned by)
{
    IrType t = (IrType)in->type;
    X64Width w = in->op == IR_ror ? x64_exact_width(t) : x64_width(t);
    X64Reg d;

    if (in->op == IR_ror && (g->h->features & X64_HAS_BMI2) != 0 && t >= T_I32) {
        X64Rm src = x64_operand(g, in->a, w);

        if (!in_place(g, result(g), in->a)) {
            d = x64_def(g, result(g));
            x64_rorx(&g->as, w, d, src, by);
            return;
        }
    }
    x64_flags_save(g);
    d = x64_def_over(g, result(g), in->a, 0);
    if (in->op == IR_sar) {
        sign_extend_narrow(g, t, d);
    }
    x64_shift(&g->as, shift_op(in->op), w, x64_reg(d), by);
    x64_flags_gone(g);
    if (t >= T_I32 && in->op != IR_ror && by != 0) {
        g->szof = result(g);
    }
    if (in->op == IR_shl || in->op == IR_sar) {
        x64_narrow(g, t, d);
    }
}

/* Narrow types: the count is masked to their width first. */
static void shift_narrow(Gen *g, const IrInsn *in)
{
    IrType t = (IrType)in->type;
    X64Reg d;

    x64_flags_save(g);
    x64_take(g, RCX);
    x64_copy(g, RCX, in->b);
    if (in->op != IR_ror) {
        x64_mi(&g->as, X64_AND, W32, x64_reg(RCX), (int32_t)ir_type_bits(t) - 1);
    }
    d = x64_def_over(g, result(g), in->a, bit(RCX));
    if (in->op == IR_sar) {
        sign_extend_narrow(g, t, d);
    }
    x64_shift_cl(&g->as, shift_op(in->op), in->op == IR_ror ? x64_exact_width(t) : W32, x64_reg(d));
    x64_flags_gone(g);
    if (in->op == IR_shl || in->op == IR_sar) {
        x64_narrow(g, t, d);
    }
}

static void shift_bmi2(Gen *g, const IrInsn *in)
{
    X64Op op = in->op == IR_shl ? X64_SHLX : in->op == IR_shr ? X64_SHRX : X64_SARX;
    X64Width w = x64_width((IrType)in->type);
    X64Reg by = x64_use(g, in->b), d;
    X64Rm a = x64_operand(g, in->a, w);

    d = x64_def_last(g, result(g));
    x64_vex(&g->as, op, w, d, a, by);
}

void x64_emit_shift(Gen *g, const IrInsn *in)
{
    IrType t = (IrType)in->type;
    uint64_t by;
    X64Reg d;

    if (x64_const(g, in->b, &by)) {
        shift_by_constant(g, in, (unsigned)by & (ir_type_bits(t) - 1));
        return;
    }
    if (t < T_I32) {
        shift_narrow(g, in);
        return;
    }
    if (in->op != IR_ror && (g->h->features & X64_HAS_BMI2) != 0) {
        shift_bmi2(g, in);
        return;
    }
    x64_flags_save(g);
    x64_use_in(g, RCX, in->b);
    d = x64_def_over(g, result(g), in->a, bit(RCX));
    x64_shift_cl(&g->as, shift_op(in->op), x64_width(t), x64_reg(d));
    x64_flags_gone(g);
}

/* ---- one operand ---- */

static void emit_trunc(Gen *g, const IrInsn *in)
{
    X64Reg d;
    X64Rm a = x64_operand(g, in->a, W32);

    if (in->type == T_I1) {
        x64_flags_save(g);
        d = x64_def_over(g, result(g), in->a, 0);
        x64_mi(&g->as, X64_AND, W32, x64_reg(d), 1);
        x64_flags_gone(g);
        return;
    }
    d = x64_def_last(g, result(g));
    x64_rm(&g->as,
           in->type == T_I8    ? X64_MOVZX8
           : in->type == T_I16 ? X64_MOVZX16
                               : X64_MOV,
           W32, d, a);
}

static void emit_sext(Gen *g, const IrInsn *in)
{
    IrType t = (IrType)in->type;
    X64Width w = x64_width(t);
    unsigned from = (unsigned)in->imm;
    X64Reg d;

    if (from == 8 || from == 16 || (from == 32 && w == W64)) {
        X64Rm a = x64_operand(g, in->a, w);

        d = x64_def_last(g, result(g));
        x64_rm(&g->as, from == 8 ? X64_MOVSX8 : from == 16 ? X64_MOVSX16 : X64_MOVSXD, w, d, a);
    } else {
        unsigned by = (w == W64 ? 64 : 32) - from;

        x64_flags_save(g);
        d = x64_def_over(g, result(g), in->a, 0);
        if (by != 0) {
            x64_shift(&g->as, X64_SHL, w, x64_reg(d), by);
            x64_shift(&g->as, X64_SAR, w, x64_reg(d), by);
        }
        x64_flags_gone(g);
    }
    x64_narrow(g, t, d);
}

/* Leading zeros as bsr gives the index of the highest one. */
static void emit_clz(Gen *g, const IrInsn *in)
{
    IrType t = (IrType)in->type;
    X64Width w = x64_width(t);
    int32_t bits = w == W64 ? 64 : 32, off = bits - (int32_t)ir_type_bits(t);
    X64Reg d, k;
    X64Rm a;

    x64_flags_save(g);
    if ((g->h->features & X64_HAS_LZCNT) != 0) {
        a = x64_operand(g, in->a, w);
        d = x64_def_last(g, result(g));
        x64_rm(&g->as, X64_LZCNT, w, d, a);
    } else {
        a = x64_reg(x64_use(g, in->a));
        k = x64_temp(g);
        x64_mov_imm(&g->as, k, (uint64_t)(2 * bits - 1));
        d = x64_temp(g);
        x64_rm(&g->as, X64_BSR, w, d, a);
        x64_cmov(&g->as, X64CC_E, W32, d, x64_reg(k));
        x64_mi(&g->as, X64_XOR, W32, x64_reg(d), bits - 1);
        x64_own(g, result(g), d);
    }
    if (off != 0) {
        x64_mi(&g->as, X64_SUB, W32, x64_reg(d), off);
    }
    x64_flags_gone(g);
}

static void emit_ctz(Gen *g, const IrInsn *in)
{
    IrType t = (IrType)in->type;
    X64Width w = x64_width(t);
    unsigned bits = ir_type_bits(t);
    X64Reg d, k;

    x64_flags_save(g);
    if (t < T_I32) {
        d = x64_temp(g);
        x64_copy(g, d, in->a);
        x64_mi(&g->as, X64_OR, W32, x64_reg(d), (int32_t)1 << bits); /* stops there */
        x64_rm(&g->as, X64_BSF, W32, d, x64_reg(d));
        x64_own(g, result(g), d);
    } else if ((g->h->features & X64_HAS_BMI1) != 0) {
        X64Rm a = x64_operand(g, in->a, w);

        d = x64_def_last(g, result(g));
        x64_rm(&g->as, X64_TZCNT, w, d, a);
    } else {
        X64Reg a = x64_use(g, in->a);

        k = x64_temp(g);
        x64_mov_imm(&g->as, k, bits);
        d = x64_temp(g);
        x64_rm(&g->as, X64_BSF, w, d, x64_reg(a));
        x64_cmov(&g->as, X64CC_E, W32, d, x64_reg(k));
        x64_own(g, result(g), d);
    }
    x64_flags_gone(g);
}

/* Exchanges neighbouring groups of @by bits under @mask. */
static void swap_groups(Gen *g, X64Reg d, X64Reg t, uint32_t mask, unsigned by)
{
    x64_rm(&g->as, X64_MOV, W32, t, x64_reg(d));
    x64_shift(&g->as, X64_SHR, W32, x64_reg(d), by);
    x64_mi(&g->as, X64_AND, W32, x64_reg(d), (int32_t)mask);
    x64_mi(&g->as, X64_AND, W32, x64_reg(t), (int32_t)mask);
    x64_shift(&g->as, X64_SHL, W32, x64_reg(t), by);
    x64_rm(&g->as, X64_OR, W32, d, x64_reg(t));
}

static void emit_rbit(Gen *g, const IrInsn *in)
{
    X64Reg d, t;

    if (in->type == T_I64) {
        x64_emit_by_definition(g, in);
        return;
    }
    x64_flags_save(g);
    d = x64_temp(g);
    x64_copy(g, d, in->a);
    t = x64_temp(g);
    x64_bswap(&g->as, W32, d);
    swap_groups(g, d, t, 0x0f0f0f0f, 4);
    swap_groups(g, d, t, 0x33333333, 2);
    swap_groups(g, d, t, 0x55555555, 1);
    if (in->type != T_I32) {
        x64_shift(&g->as, X64_SHR, W32, x64_reg(d), 32 - ir_type_bits((IrType)in->type));
    }
    x64_own(g, result(g), d);
    x64_flags_gone(g);
}

static void emit_bswap(Gen *g, const IrInsn *in)
{
    X64Width w = x64_width((IrType)in->type);
    X64Reg d;

    if (in->type == T_I16) {
        x64_flags_save(g);
    }
    d = x64_def_over(g, result(g), in->a, 0);
    if (in->type == T_I16) {
        x64_shift(&g->as, X64_ROL, W16, x64_reg(d), 8);
        x64_flags_gone(g);
    } else if (in->type != T_I8) {
        x64_bswap(&g->as, w, d);
    }
}

static void emit_not_neg(Gen *g, const IrInsn *in)
{
    IrType t = (IrType)in->type;
    X64Reg d;

    if (in->op == IR_neg || t == T_I1) {
        x64_flags_save(g);
    }
    d = x64_def_over(g, result(g), in->a, 0);
    if (t == T_I1) {
        x64_mi(&g->as, X64_XOR, W32, x64_reg(d), 1);
        x64_flags_gone(g);
        return;
    }
    x64_m(&g->as, in->op == IR_neg ? X64_NEG : X64_NOT, x64_width(t), x64_reg(d));
    if (in->op == IR_neg) {
        x64_flags_gone(g);
    }
    x64_narrow(g, t, d);
}

/* Between a general register and an XMM register. */
static void emit_move(Gen *g, const IrInsn *in)
{
    X64Width w = x64_width((IrType)in->type);
    uint64_t k;

    if (!x64_is_vec((IrType)in->type)) {
        X64Reg x = x64_vec_use(g, in->a);

        x64_mr(&g->as, X64_MOVD, w, x64_reg(x64_def(g, result(g))), x);
    } else if (x64_const(g, in->a, &k)) {
        x64_vec_imm(g, x64_vec_def(g, result(g)), k);
    } else {
        X64Rm at = x64_operand(g, in->a, w);

        x64_rm(&g->as, X64_MOVD, w, x64_vec_def(g, result(g)), at);
    }
}

/* The same bits, zero-extended already. */
static void emit_same(Gen *g, const IrInsn *in)
{
    uint64_t k;
    X64Reg r;

    if (x64_is_vec((IrType)in->type) != x64_is_vec(x64_type(g, in->a))) {
        emit_move(g, in);
        return;
    }
    if (x64_is_vec((IrType)in->type)) {
        x64_alias(g, result(g), in->a);
        return;
    }
    if (x64_type(g, in->a) == T_FLAGS || x64_const(g, in->a, &k)) {
        r = x64_def(g, result(g));
        x64_copy(g, r, in->a);
    } else {
        x64_alias(g, result(g), in->a);
    }
}

void x64_emit_unary(Gen *g, const IrInsn *in)
{
    switch (in->op) {
    case IR_not:
    case IR_neg: emit_not_neg(g, in); break;
    case IR_zext:
    case IR_bits:
    case IR_fpack: emit_same(g, in); break;
    case IR_trunc: emit_trunc(g, in); break;
    case IR_sext: emit_sext(g, in); break;
    case IR_clz: emit_clz(g, in); break;
    case IR_ctz: emit_ctz(g, in); break;
    case IR_rbit: emit_rbit(g, in); break;
    default: emit_bswap(g, in); break;
    }
}

/* ---- choice ---- */

/* XMM registers have no conditional move: around a move. */
static void select_vec(Gen *g, const IrInsn *in)
{
    X64Reg b = x64_vec_use(g, in->b), d;
    uint8_t *over;
    X64Cc cc;

    d = x64_vec_def_over(g, result(g), in->c, b);
    cc = x64_cond(g, in->a);
    over = x64_jcc(&g->as, cc ^ 1, NULL);
    x64_rm(&g->as, X64_MOVAPS, W32, d, x64_reg(b));
    x64_patch(&g->as, over, g->as.p);
}

void x64_emit_select(Gen *g, const IrInsn *in)
{
    X64Width w = x64_width((IrType)in->type);
    IrRef b = x64_resolve(g, in->b), c = x64_resolve(g, in->c);
    X64Cc cc;
    X64Rm src;
    X64Reg d;

    if (x64_is_vec((IrType)in->type)) {
        select_vec(g, in);
        return;
    }
    cc = x64_cond(g, in->a);
    x64_release(g, b, c);
    if (prefers_b(g, result(g), c, b)) {
        IrRef swap = b;

        b = c;
        c = swap;
        cc ^= 1;
    }
    src = x64_operand(g, b, w);
    d = x64_def_over(g, result(g), c, bit_of(src));
    x64_cmov(&g->as, cc, w, d, src);
}
