/* SPDX-License-Identifier: MIT */
/* test_ir_rules.c - globals, regions, what the verifier refuses, what is dead. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/host_harness.h"

static IrBlock blk;

static void begin(void)
{
    ir_begin(&blk, &harness_isa, 0x1000, 0);
    ir_insn(&blk, 0x1000, 0);
}

static IrRef k32(uint64_t v) { return ir_const(&blk, T_I32, v); }

static void expect_same(const char *why, IrRef got, IrRef want)
{
    cr_expect(eq(int, got, want), "%s", why);
}

static void expect_other(const char *why, IrRef got, IrRef want)
{
    cr_expect(ne(int, got, want), "%s", why);
}

/* ---- globals and regions ---- */

Test(ir_globals, a_written_global_is_read_back_from_its_value)
{
    IrRef x, y;

    begin();
    x = ir_get(&blk, G_R0);
    expect_same("read twice", ir_get(&blk, G_R0), x);
    y = ir_add(&blk, T_I32, x, k32(1));
    ir_set(&blk, G_R0, y);
    expect_same("read after write", ir_get(&blk, G_R0), y);
    ir_call(&blk, T_NO, H_STATE, x, IR_NONE, IR_NONE);
    expect_same("a helper that leaves globals alone", ir_get(&blk, G_R0), y);
    ir_call(&blk, T_NO, H_GLOBALS, x, IR_NONE, IR_NONE);
    expect_other("a helper that may change globals", ir_get(&blk, G_R0), y);
}

Test(ir_globals, a_write_of_what_a_global_holds_is_dropped)
{
    IrRef x;
    unsigned n;

    begin();
    x = ir_get(&blk, G_R0);
    ir_set(&blk, G_R1, x);
    n = blk.n;
    ir_set(&blk, G_R0, x);
    ir_set(&blk, G_R1, x);
    cr_expect(eq(int, blk.n, n));
    ir_set(&blk, G_R0, k32(1));
    cr_expect(eq(int, blk.n, n + 2));
}

Test(ir_globals, a_region_uses_what_was_known_before_and_hands_nothing_out)
{
    IrRef x, inside;

    begin();
    x = ir_get(&blk, G_R0);
    ir_skip(&blk, ir_eq(&blk, T_I32, x, k32(0)));
    expect_same("known before", ir_get(&blk, G_R0), x);
    inside = ir_get(&blk, G_R1);
    ir_set(&blk, G_R0, inside);
    expect_same("written inside", ir_get(&blk, G_R0), inside);
    ir_label(&blk);
    expect_other("first read inside", ir_get(&blk, G_R1), inside);
    expect_other("written inside", ir_get(&blk, G_R0), inside);
    expect_other("old value of what was written inside", ir_get(&blk, G_R0), x);
    ir_goto(&blk, 0, 0);
    harness_expect_verified(&blk);
}

Test(ir_globals, a_region_that_leaves_changes_nothing_behind_it)
{
    IrRef x;

    begin();
    x = ir_get(&blk, G_R0);
    ir_skip(&blk, ir_eq(&blk, T_I32, x, k32(0)));
    ir_set(&blk, G_R0, k32(9));
    ir_goto(&blk, 0x2000, 0);
    cr_expect(not(ir_ended(&blk)));
    ir_label(&blk);
    expect_same("as before the skip", ir_get(&blk, G_R0), x);
    ir_goto(&blk, 0, 0);
    cr_expect(ir_ended(&blk));
    harness_expect_verified(&blk);
}

Test(ir_globals, a_call_inside_a_region_forgets_globals_behind_it)
{
    IrRef x;

    begin();
    x = ir_get(&blk, G_R0);
    ir_skip(&blk, ir_eq(&blk, T_I32, x, k32(0)));
    ir_call(&blk, T_NO, H_GLOBALS, IR_NONE, IR_NONE, IR_NONE);
    ir_label(&blk);
    expect_other("read afresh", ir_get(&blk, G_R0), x);
}

/* ---- verifier ---- */

static void expect_refused(const char *want)
{
    g_autoptr(GError) error = NULL;

    cr_expect(not(ir_verify(&blk, &error)), "%s", want);
    cr_assert(error != NULL, "%s", want);
    cr_expect(error->domain == IR_ERROR);
    cr_expect(eq(str, error->message, (char *)want));
}

static void raw(IrOp op, IrType type, IrRef a, IrRef b, IrRef c, uint64_t imm)
{
    blk.insn[blk.n++] = (IrInsn){ (uint8_t)op, (uint8_t)type, a, b, c, imm };
}

typedef struct Bad {
    IrOp op;
    IrType type;
    IrRef a, b, c;
    uint64_t imm;
    const char *why;
} Bad;

/* v1 an I32, v2 an I64, v3 an I1, v4 FLAGS, v5 a run of 8 bytes; the operation is v6. */
enum { X = 2, W = 4, COND = 6, FLAGS = 8, RUN = 10, NO = IR_NONE };
enum { VEC = offsetof(HarnessCpu, vec) };

static void one_operation(const Bad *bad)
{
    begin();
    raw(IR_get, T_I32, NO, NO, NO, G_R0);
    raw(IR_const, T_I64, NO, NO, NO, 7);
    raw(IR_eq, T_I32, X, X, NO, 0);
    raw(IR_get, T_FLAGS, NO, NO, NO, G_FLAGS);
    raw(IR_run, T_NO, X, NO, NO, ir_run_imm(MO_32, 8));
    raw(bad->op, bad->type, bad->a, bad->b, bad->c, bad->imm);
    ir_goto(&blk, 0, 0);
}

Test(ir_verify, refuses_operations_that_break_a_rule)
{
    static const char operand[] = "v6: operand is undefined or of the wrong type";
    static const char type[] = "v6: type is not one the operation has";
    static const char large[] = "v6: immediate is too large";
    static const char memop[] = "v6: no such memory operation";
    static const char vec[] = "v6: part of a vector";
    /* clang-format off */
    static const Bad bad[] = {
        { IR_add,    T_I32,    X, W, NO, 0,                   operand },
        { IR_add,    T_I32,    X, NO, NO, 0,                  operand },
        { IR_add,    T_I32,    X, X, X, 0,                    operand },
        { IR_not,    T_I32,    12, NO, NO, 0,                 operand },
        { IR_not,    T_I32,    X | 1, NO, NO, 0,              operand },
        { IR_trunc,  T_I32,    X, NO, NO, 0,                  operand },
        { IR_zext,   T_I32,    X, NO, NO, 0,                  operand },
        { IR_select, T_I32,    X, X, X, 0,                    operand },
        { IR_fcond,  T_NO,     X, NO, NO, 0,                  operand },
        { IR_st,     T_NO,     X, NO, NO, MO_32,              operand },
        { IR_bits,   T_F64,    X, NO, NO, 0,                  "v6: operand has another width" },
        { IR_add,    T_I1,     COND, COND, NO, 0,             type },
        { IR_add,    T_NO,     X, X, NO, 0,                   type },
        { IR_add,    T_F32,    X, X, NO, 0,                   type },
        { IR_fadd,   T_I32,    X, X, NO, 0,                   type },
        { IR_set,    T_I32,    X, NO, NO, G_R0,               type },
        { IR_const,  T_I32,    NO, NO, NO, 0x100000000,       large },
        { IR_const,  T_FLAGS,  NO, NO, NO, 1,                 large },
        { IR_add,    T_I32,    X, X, NO, 1,                   large },
        { IR_gld,    T_I32,    NO, NO, NO, 0x80000000,        large },
        { IR_gld,    T_V64,    NO, NO, NO, VEC + 8,           vec },
        { IR_gld,    T_V128,   NO, NO, NO, VEC + 8,           vec },
        { IR_gst,    T_NO,     W, NO, NO, VEC - 4,            vec },
        { IR_sext,   T_I32,    X, NO, NO, 33,                 "v6: no such width" },
        { IR_fcond,  T_NO,     FLAGS, NO, NO, 10,             "v6: no such condition" },
        { IR_fcond,  T_NO,     FLAGS, NO, NO, 16,             "v6: no such condition" },
        { IR_get,    T_I32,    NO, NO, NO, HARNESS_N_GLOBALS, "v6: no such global" },
        { IR_get,    T_I64,    NO, NO, NO, G_R0,              "v6: type is not the global's" },
        { IR_set,    T_NO,     W, NO, NO, G_R0,               "v6: type is not the global's" },
        { IR_call,   T_NO,     NO, NO, NO, HARNESS_N_HELPERS, "v6: no such helper" },
        { IR_count,  T_NO,     NO, NO, NO, 4096,              "v6: no such ledger row" },
        { IR_ld,     T_V128,   X, NO, NO, MO_128 | MO_BE,     memop },
        { IR_ld,     T_V128,   X, NO, NO, MO_128 | MO_ONLY,   memop },
        { IR_ld,     T_I32,    X, NO, NO, MO_128,             "v6: access does not fit the type" },
        { IR_vsplat, T_V128,   W, NO, NO, 4,                  "v6: no such lanes" },
        { IR_vsplat, T_V128,   W, NO, NO, 0x101,              "v6: no such lanes" },
        { IR_vsplat, T_I64,    W, NO, NO, 0,                  type },
        { IR_vsplat, T_V128,   X, NO, NO, 0,                  operand },
        { IR_ld,     T_I32,    X, NO, NO, 1 << 16,            memop },
        { IR_rld,    T_NO,     RUN, X, NO, MO_16,             memop },
        { IR_ld,     T_I32,    X, NO, NO, MO_64,              "v6: access does not fit the type" },
        { IR_st,     T_NO,     X, X, NO, MO_64,               "v6: access does not fit the type" },
        { IR_rld,    T_NO,     W, X, NO, MO_32,               "v6: not an access of a run" },
        { IR_rld,    T_NO,     RUN, X, NO, 5ull << 32 | MO_32, "v6: access is outside its run" },
        { IR_run,    T_NO,     X, NO, NO, 260ull << 32 | MO_32, "v6: run is too long" },
        { IR_label,  T_NO,     NO, NO, NO, 0,                 "v6: label without skip" },
        { IR_goto,   T_NO,     NO, NO, NO, 0,                 "v6: operation behind an exit" },
        { IR_skip,   T_NO,     COND, NO, NO, 0,               "v7: region is not closed" },
        { IR_guard,  T_NO,     NO, NO, NO, 0x1000,
          "v6: guard is not behind its insn, or not the only one" },
        { IR_call,   T_NO,     NO, NO, NO, H_MOVES,
          "v7: helper that moves the pc is not followed by dispatch or leave" },
        { IR_N_OPS,  T_NO,     NO, NO, NO, 0,                 "v6: no such operation" },
    };
    /* clang-format on */

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        one_operation(&bad[i]);
        expect_refused(bad[i].why);
    }
}

Test(ir_verify, accepts_the_frame_its_refusals_are_made_in)
{
    one_operation(&(Bad){ IR_rld, T_NO, RUN, X, NO, ir_run_imm(MO_32, 4), NULL });
    harness_expect_verified(&blk);
}

Test(ir_verify, refuses_blocks_that_break_a_rule)
{
    IrRef inside;

    ir_begin(&blk, &harness_isa, 0x1000, 0);
    expect_refused("v0: block is empty");
    ir_goto(&blk, 0, 0);
    expect_refused("v0: block does not begin with insn");
    begin();
    expect_refused("v0: exit must be the last operation");
    ir_skip(&blk, ir_const(&blk, T_I1, 1));
    raw(IR_skip, T_NO, 2, NO, NO, 0);
    expect_refused("v3: regions do not nest");
    blk.n--;
    inside = ir_get(&blk, G_R0);
    ir_label(&blk);
    ir_set(&blk, G_R1, inside);
    ir_goto(&blk, 0, 0);
    expect_refused("v5: operand is undefined or of the wrong type");
    begin();
    ir_goto(&blk, 0, 0);
    blk.n_insns = 2;
    expect_refused("v2: instructions are miscounted");
}

/* ---- what is dead ---- */

static void expect_live(const char *why, const char *want)
{
    uint8_t live[IR_BLOCK_MAX];
    g_autoptr(GString) got = g_string_new(NULL);

    harness_expect_verified(&blk);
    ir_dead(&blk, live);
    for (unsigned i = 0; i < blk.n; i++) {
        g_string_append_c(got, live[i] ? '1' : '0');
    }
    cr_expect(eq(str, got->str, (char *)want), "%s", why);
}

Test(ir_dead, values_that_nobody_uses)
{
    IrRef x, y;

    begin();
    x = ir_get(&blk, G_R0);
    y = ir_get(&blk, G_R1);
    ir_add(&blk, T_I32, x, y);
    ir_ld(&blk, T_I32, y, MO_32);
    ir_call(&blk, T_I32, H_PURE, x, IR_NONE, IR_NONE);
    ir_call(&blk, T_I32, H_STATE, IR_NONE, IR_NONE, IR_NONE);
    ir_goto(&blk, 0, 0);
    expect_live("insn, get, get, add, ld, pure, state, goto", "10101011");
}

Test(ir_dead, a_set_that_is_set_again)
{
    IrRef x;

    begin();
    x = ir_get(&blk, G_R1);
    ir_set(&blk, G_R0, x);
    ir_insn(&blk, 0x1004, 0);
    ir_set(&blk, G_R0, ir_not(&blk, T_I32, x));
    ir_goto(&blk, 0, 0);
    expect_live("insn, get, set, insn, not, set, goto", "1101111");
}

Test(ir_dead, a_set_is_kept_for_who_may_leave_between_instructions)
{
    uint8_t live[IR_BLOCK_MAX];

    begin();
    ir_set(&blk, G_R0, ir_get(&blk, G_R1));
    ir_set(&blk, G_R0, ir_get(&blk, G_R2));
    ir_insn(&blk, 0x1004, 0);
    ir_set(&blk, G_R0, ir_get(&blk, G_R3));
    ir_goto(&blk, 0, 0);
    ir_dead_at_marks(&blk, live);
    cr_expect(live[2] == 0, "set again in the same instruction");
    cr_expect(live[4] == 1, "set again in the next");
}

Test(ir_dead, a_set_that_may_be_seen_before_it_is_set_again)
{
    enum { N_BETWEEN = 5 };

    for (unsigned i = 0; i < N_BETWEEN; i++) {
        uint8_t live[IR_BLOCK_MAX];
        unsigned set;
        IrRef x, c;

        begin();
        x = ir_get(&blk, G_R1);
        c = ir_eq(&blk, T_I32, x, k32(4));
        set = blk.n;
        ir_set(&blk, G_R0, x);
        switch (i) {
        case 0: ir_ld(&blk, T_I32, x, MO_8); break;
        case 1: ir_call(&blk, T_NO, H_GLOBALS, x, IR_NONE, IR_NONE); break;
        case 2: ir_call(&blk, T_NO, H_FAULTS, x, IR_NONE, IR_NONE); break;
        case 3: ir_goto_if(&blk, c, 0, 0); break;
        case 4:
            ir_skip(&blk, c);
            ir_label(&blk);
            break;
        }
        ir_set(&blk, G_R0, k32(1));
        ir_goto(&blk, 0, 0);
        harness_expect_verified(&blk);
        ir_dead(&blk, live);
        cr_expect(live[set] == 1, "with border %u", i);
    }
}
