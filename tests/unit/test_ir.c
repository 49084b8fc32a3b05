/* SPDX-License-Identifier: MIT */
/* test_ir.c - what operations mean, and what they fold to. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/host_harness.h"

typedef struct Case {
    const char *why;
    IrOp op;
    IrType type;
    uint64_t a, b, c, imm, first, second;
} Case;

Test(ir, operations_mean_what_their_rows_say)
{
    enum { S = IR_FL_S, Z = IR_FL_Z, C = IR_FL_C, O = IR_FL_O };
    const uint64_t ones32 = UINT32_MAX, ones64 = UINT64_MAX;
    /* clang-format off */
    const Case cases[] = {
        { "add.i32 wraps at 32",     IR_add, T_I32, ones32, 1, 0, 0, 0, 0 },
        { "add.i8 wraps at 8",       IR_add, T_I8, 0xff, 2, 0, 0, 1, 0 },
        { "add.i64 carries on",      IR_add, T_I64, ones32, 1, 0, 0, 0x100000000, 0 },
        { "not.i1",                  IR_not, T_I1, 1, 0, 0, 0, 0, 0 },
        { "not.i32",                 IR_not, T_I32, 0, 0, 0, 0, ones32, 0 },
        { "neg.i16",                 IR_neg, T_I16, 1, 0, 0, 0, 0xffff, 0 },
        { "shl.i32 masks by 31",     IR_shl, T_I32, 1, 33, 0, 0, 2, 0 },
        { "shl.i64 masks by 63",     IR_shl, T_I64, 1, 33, 0, 0, 0x200000000, 0 },
        { "shr.i8 masks by 7",       IR_shr, T_I8, 0x80, 9, 0, 0, 0x40, 0 },
        { "sar.i32 sign bit 31",     IR_sar, T_I32, 0x80000000, 4, 0, 0, 0xf8000000, 0 },
        { "sar.i64 sign bit 63",     IR_sar, T_I64, 0x80000000, 4, 0, 0, 0x08000000, 0 },
        { "ror.i32 by 0",            IR_ror, T_I32, 0x12345678, 32, 0, 0, 0x12345678, 0 },
        { "ror.i16",                 IR_ror, T_I16, 0x1234, 4, 0, 0, 0x4123, 0 },
        { "udiv by 0",               IR_udiv, T_I32, 7, 0, 0, 0, 0, 0 },
        { "sdiv rounds to 0",        IR_sdiv, T_I32, 0xfffffff9, 2, 0, 0, 0xfffffffd, 0 },
        { "sdiv overflow wraps",     IR_sdiv, T_I32, 0x80000000, ones32, 0, 0, 0x80000000, 0 },
        { "lts.i32 -1 < 0",          IR_lts, T_I32, ones32, 0, 0, 0, 1, 0 },
        { "lts.i64 it is not",       IR_lts, T_I64, ones32, 0, 0, 0, 0, 0 },
        { "les equal",               IR_les, T_I16, 0x8000, 0x8000, 0, 0, 1, 0 },
        { "clz.i16 of 0",            IR_clz, T_I16, 0, 0, 0, 0, 16, 0 },
        { "clz.i32",                 IR_clz, T_I32, 1, 0, 0, 0, 31, 0 },
        { "ctz.i32 of 0",            IR_ctz, T_I32, 0, 0, 0, 0, 32, 0 },
        { "ctz.i32",                 IR_ctz, T_I32, 0x80, 0, 0, 0, 7, 0 },
        { "bswap.i16",               IR_bswap, T_I16, 0x1234, 0, 0, 0, 0x3412, 0 },
        { "bswap.i32",               IR_bswap, T_I32, 0x12345678, 0, 0, 0, 0x78563412, 0 },
        { "rbit.i32",                IR_rbit, T_I32, 1, 0, 0, 0, 0x80000000, 0 },
        { "trunc.i32",               IR_trunc, T_I32, 0x123456789, 0, 0, 0, 0x23456789, 0 },
        { "sext 8 to 32",            IR_sext, T_I32, 0x1280, 0, 0, 8, 0xffffff80, 0 },
        { "andc",                    IR_andc, T_I32, 0xff, 0x0f, 0, 0, 0xf0, 0 },
        { "select",                  IR_select, T_I32, 0, 7, 8, 0, 8, 0 },
        { "umul2.i32",               IR_umul2, T_I32, ones32, ones32, 0, 0, 1, 0xfffffffe },
        { "umul2.i64",               IR_umul2, T_I64, ones64, ones64, 0, 0, 1, ones64 - 1 },
        { "smul2.i32",               IR_smul2, T_I32, ones32, 2, 0, 0, 0xfffffffe, ones32 },
        { "smul2.i64",               IR_smul2, T_I64, ones64, ones64, 0, 0, 1, 0 },
        { "addf zero and carry",     IR_addf, T_I32, ones32, 1, 0, 0, 0, Z | C },
        { "addf overflow",           IR_addf, T_I32, 0x7fffffff, 1, 0, 0, 0x80000000, S | O },
        { "addf.i64 carry",          IR_addf, T_I64, ones64, 1, 0, 0, 0, Z | C },
        { "addf.i8",                 IR_addf, T_I8, 0x80, 0x80, 0, 0, 0, Z | C | O },
        { "subf equal",              IR_subf, T_I32, 5, 5, 0, 0, 0, Z },
        { "subf borrow",             IR_subf, T_I32, 0, 1, 0, 0, ones32, S | C },
        { "subf overflow",           IR_subf, T_I32, 0x80000000, 1, 0, 0, 0x7fffffff, O },
        { "adcf all ones",           IR_adcf, T_I32, ones32, ones32, 1, 0, ones32, S | C },
        { "adcf.i64 carry out",      IR_adcf, T_I64, ones64, 0, 1, 0, 0, Z | C },
        { "sbbf borrow of equals",   IR_sbbf, T_I32, 3, 3, 1, 0, ones32, S | C },
        { "sbbf without borrow",     IR_sbbf, T_I32, 3, 2, 1, 0, 0, Z },
        { "fnz keeps C and O",       IR_fnz, T_I32, S | Z | C | O, 1, 0, 0, C | O, 0 },
        { "fnzc sets C",             IR_fnzc, T_I32, O, 0x80000000, 1, 0, S | C | O, 0 },
        { "finvc",                   IR_finvc, T_NO, S | C, 0, 0, 0, S, 0 },
        { "fselect",                 IR_fselect, T_NO, 1, S, C, 0, S, 0 },
        { "funpack drops the rest",  IR_funpack, T_NO, ones32, 0, 0, 0, S | Z | C | O, 0 },
        { "fcond c",                 IR_fcond, T_NO, C, 0, 0, CC_C, 1, 0 },
        { "fcond be by z",           IR_fcond, T_NO, Z, 0, 0, CC_BE, 1, 0 },
        { "fcond a",                 IR_fcond, T_NO, 0, 0, 0, CC_A, 1, 0 },
        { "fcond l",                 IR_fcond, T_NO, O, 0, 0, CC_L, 1, 0 },
        { "fcond ge",                IR_fcond, T_NO, S | O, 0, 0, CC_GE, 1, 0 },
        { "fcond g not at z",        IR_fcond, T_NO, Z, 0, 0, CC_G, 0, 0 },
    };
    /* clang-format on */

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *c = &cases[i];
        IrResult r = ir_eval(c->op, c->type, c->a, c->b, c->c, c->imm);

        cr_expect(eq(u64, r.v[0], c->first), "%s", c->why);
        cr_expect(eq(u64, r.v[1], c->second), "%s, second result", c->why);
    }
}

Test(ir, floating_point_goes_to_the_software_fp)
{
    FpEnv env = { 0 };

    cr_expect(eq(u64, ir_eval_fp(IR_fadd, T_F32, 0x3f800000, 0x40000000, 0, &env), 0x40400000));
    cr_expect(eq(u64, ir_eval_fp(IR_fcmpq, T_F64, 0, 0x3ff0000000000000, 0, &env), 0), "less");
    cr_expect(eq(u32, env.flags, 0));
    ir_eval_fp(IR_fdiv, T_F64, 0x3ff0000000000000, 0, 0, &env);
    cr_expect(eq(u32, env.flags, FP_DIVZERO));
}

/* ---- folding ---- */

static IrBlock blk;

static void begin(void)
{
    ir_begin(&blk, &harness_isa, 0x1000, 0);
    ir_insn(&blk, 0x1000, 0);
}

static IrRef k32(uint64_t v) { return ir_const(&blk, T_I32, v); }

static void expect_const(const char *why, IrRef ref, IrType type, uint64_t want)
{
    uint64_t got = ~want;

    cr_expect(ir_is_const(&blk, ref, &got), "%s", why);
    cr_expect(eq(u64, got, want), "%s", why);
    cr_expect(eq(int, ir_type_of(&blk, ref), type), "%s", why);
}

static void expect_same(const char *why, IrRef got, IrRef want)
{
    cr_expect(eq(int, got, want), "%s", why);
}

Test(ir, constants_fold_to_constants)
{
    IrPair p;
    IrRef f;

    begin();
    expect_const("cut", ir_const(&blk, T_I8, UINT64_MAX), T_I8, 0xff);
    expect_const("add", ir_add(&blk, T_I32, k32(1), k32(0xffffffff)), T_I32, 0);
    expect_const("eq", ir_eq(&blk, T_I32, k32(1), k32(1)), T_I1, 1);
    expect_const("zext", ir_zext(&blk, T_I64, k32(0x80000000)), T_I64, 0x80000000);
    expect_const("sext", ir_sext(&blk, T_I32, k32(0x80), 8), T_I32, 0xffffff80);
    f = ir_funpack(&blk, T_NO, k32(UINT32_MAX));
    expect_const("flags", f, T_FLAGS, IR_FL_ALL);
    expect_const("cond", ir_fcond(&blk, T_NO, f, CC_Z), T_I1, 1);
    p = ir_subf(&blk, T_I32, k32(3), k32(3));
    expect_const("subf", p.first, T_I32, 0);
    expect_const("subf flags", p.second, T_FLAGS, IR_FL_Z);
}

Test(ir, identities_fold_to_their_operand)
{
    IrRef x, y, z, c, b, f;

    begin();
    x = ir_get(&blk, G_R0);
    y = ir_get(&blk, G_R1);
    f = ir_get(&blk, G_FLAGS);
    expect_same("x + 0", ir_add(&blk, T_I32, x, k32(0)), x);
    expect_same("0 + x", ir_add(&blk, T_I32, k32(0), x), x);
    expect_same("x - 0", ir_sub(&blk, T_I32, x, k32(0)), x);
    expect_same("x & x", ir_and(&blk, T_I32, x, x), x);
    expect_same("x & ones", ir_and(&blk, T_I32, x, k32(UINT32_MAX)), x);
    expect_same("x | 0", ir_or(&blk, T_I32, x, k32(0)), x);
    expect_same("x << 32", ir_shl(&blk, T_I32, x, k32(32)), x);
    expect_same("x * 1", ir_mul(&blk, T_I32, x, k32(1)), x);
    expect_same("not not", ir_not(&blk, T_I32, ir_not(&blk, T_I32, x)), x);
    expect_same("sext of all", ir_sext(&blk, T_I32, x, 32), x);
    expect_const("x ^ x", ir_xor(&blk, T_I32, x, x), T_I32, 0);
    expect_const("x - x", ir_sub(&blk, T_I32, x, x), T_I32, 0);
    expect_const("x & 0", ir_and(&blk, T_I32, x, k32(0)), T_I32, 0);
    expect_const("x == x", ir_eq(&blk, T_I32, x, x), T_I1, 1);
    expect_const("x < x", ir_ltu(&blk, T_I32, x, x), T_I1, 0);
    c = ir_eq(&blk, T_I32, x, y);
    expect_same("select same", ir_select(&blk, T_I32, c, x, x), x);
    expect_same("select of const", ir_select(&blk, T_I32, ir_const(&blk, T_I1, 0), x, y), y);
    z = ir_zext(&blk, T_I32, c);
    expect_same("widened I1 != 0", ir_ne(&blk, T_I32, z, k32(0)), c);
    expect_same("widened I1 & 1", ir_and(&blk, T_I32, z, k32(1)), z);
    b = ir_trunc(&blk, T_I8, x);
    expect_same("trunc zext", ir_trunc(&blk, T_I8, ir_zext(&blk, T_I64, b)), b);
    expect_same("funpack fpack", ir_funpack(&blk, T_NO, ir_fpack(&blk, T_NO, f)), f);
    expect_same("finvc finvc", ir_finvc(&blk, T_NO, ir_finvc(&blk, T_NO, f)), f);
    f = ir_fnzc(&blk, T_I32, f, x, c);
    expect_same("the carry that was put in", ir_fcond(&blk, T_NO, f, CC_C), c);
}

Test(ir, chains_are_shortened)
{
    IrRef x, t;

    begin();
    x = ir_get(&blk, G_R0);
    t = ir_add(&blk, T_I32, x, k32(4));
    t = ir_sub(&blk, T_I32, t, k32(8));
    ir_set(&blk, G_R0, t);
    t = ir_zext(&blk, T_I32, ir_trunc(&blk, T_I8, x));
    ir_set(&blk, G_R1, ir_sext(&blk, T_I32, t, 8));
    ir_set(&blk, G_R0, ir_select(&blk, T_I32, ir_not(&blk, T_I1, ir_ltu(&blk, T_I32, x, t)), x, t));
    ir_st(&blk, t, x, MO_16 | MO_BE);
    ir_goto(&blk, 0x1004, 0);
    harness_expect_verified(&blk);
    harness_expect_text(&blk, "insn 00001000 mode 0\n"
                              "  v1 = get.i32 r0\n"
                              "  v3 = add.i32 v1 #0x4\n"
                              "  v7 = add.i32 v1 #0xfffffffc\n"
                              "  set r0 v7\n"
                              "  v9 = trunc.i8 v1\n"
                              "  v11 = and.i32 v1 #0xff\n"
                              "  v12 = sext.i32 v1 8\n"
                              "  set r1 v12\n"
                              "  v14 = ltu.i32 v1 v11\n"
                              "  v15 = leu.i32 v11 v1\n"
                              "  v16 = select.i32 v15 v1 v11\n"
                              "  set r0 v16\n"
                              "  st v11 v1 16 be\n"
                              "  goto 00001004 mode 0\n");
}

enum { FORM_XK, FORM_KX, FORM_XX, FORM_CHAIN, N_FORMS };

/* The value of @ref, all operations of the block evaluated with r0 == @r0. */
static uint64_t value_of(IrRef ref, uint64_t r0)
{
    uint64_t val[2 * IR_BLOCK_MAX] = { 0 };

    for (unsigned n = 1; n <= ref / 2u; n++) {
        const IrInsn *in = &blk.insn[n];
        uint64_t a = in->a != IR_NONE ? val[in->a] : 0, b = in->b != IR_NONE ? val[in->b] : 0;

        val[2 * n] = in->op == IR_get ? r0 : ir_eval(in->op, in->type, a, b, 0, in->imm).v[0];
    }
    return val[ref];
}

Test(ir, folding_changes_no_value)
{
    static const uint64_t edge[] = {
        0, 1, 2, 31, 32, 0x7f, 0xff, 0x7fffffff, 0x80000000, 0xffffffff
    };
    static const uint8_t ops[] = { IR_add, IR_sub, IR_mul, IR_udiv, IR_sdiv, IR_and, IR_andc,
                                   IR_or,  IR_xor, IR_shl, IR_shr,  IR_sar,  IR_ror, IR_eq,
                                   IR_ne,  IR_ltu, IR_leu, IR_lts,  IR_les };
    enum { N = G_N_ELEMENTS(edge) };

    for (unsigned i = 0; i < G_N_ELEMENTS(ops) * N * N * N_FORMS; i++) {
        unsigned form = i % N_FORMS;
        uint64_t k = edge[i / N_FORMS % N], v = edge[i / N_FORMS / N % N], want;
        IrOp op = ops[i / N_FORMS / N / N];
        IrRef x, r, ck;

        begin();
        x = ir_get(&blk, G_R0);
        ck = k32(k);
        if (form == FORM_CHAIN) {
            r = ir_emit(&blk, op, T_I32, ir_xor(&blk, T_I32, ir_add(&blk, T_I32, x, k32(3)), ck),
                        ck, IR_NONE, 0);
            want = ir_eval(op, T_I32, ((v + 3) & UINT32_MAX) ^ k, k, 0, 0).v[0];
        } else {
            r = ir_emit(&blk, op, T_I32, form == FORM_KX ? ck : x, form == FORM_XK ? ck : x,
                        IR_NONE, 0);
            want = ir_eval(op, T_I32, form == FORM_KX ? k : v, form == FORM_XK ? k : v, 0, 0).v[0];
        }
        cr_assert(eq(u64, value_of(r, v), want), "%s x=%x k=%x form %u", ir_op_info[op].name,
                  (unsigned)v, (unsigned)k, form);
    }
}
