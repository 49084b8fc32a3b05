/* SPDX-License-Identifier: MIT */
/* test_interp.c - what the interpreter does with whole units: accounting, ways out, faults. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "tests/unit/host_ops.h"

enum { PC = HARNESS_RAM, NEXT_PAGE = HARNESS_RAM + 0x1000, DATA = HARNESS_RAM + 0x8000 };

static Harness *h;
static IrBlock *b;

static void set_up(void)
{
    h = harness_new(&interp_host, NULL);
    b = &h->blk;
}

static void tear_down(void) { harness_free(h); }

TestSuite(interp, .init = set_up, .fini = tear_down);

static IrRef k32(uint64_t v) { return ir_const(b, T_I32, v); }

/* ---- accounting and exits ---- */

Test(interp, a_unit_counts_its_instructions_at_its_head)
{
    HostUnit *u = harness_three(h, PC, PC + 12);

    harness_expect_at(h, "whole", harness_enter(h, u, 3, NULL), HOST_LINK, PC + 12, 0);
    cr_expect(eq(u32, h->cpu->r[0], 1));
    cr_expect(eq(u32, h->cpu->r[2], 1));
    harness_expect_at(h, "no budget", harness_enter(h, u, 2, NULL), HOST_BUDGET, PC, 2);
    cr_expect(eq(u32, h->cpu->r[0], 1), "nothing of it is done");
}

Test(interp, a_side_exit_gives_back_what_it_has_not_executed)
{
    HostUnit *u = harness_three(h, PC, PC + 12);

    h->cpu->r[1] = 1;
    harness_expect_at(h, "side", harness_enter(h, u, 10, NULL), HOST_LINK, PC + 0x200, 8);
    cr_expect(eq(u32, h->cpu->r[2], 0));
}

Test(interp, an_unlinked_exit_says_which_site_it_is)
{
    HostUnit *u = harness_three(h, PC, PC + 12);

    cr_assert(eq(u32, u->n_sites, 2));
    cr_expect(eq(u32, u->site[1].va, PC + 12));
    harness_enter(h, u, 10, NULL);
    cr_expect(eq(ptr, (void *)(uintptr_t)h->cold->host_pc,
                 (void *)(uintptr_t)(u->code + u->site[1].stub_offset)));
}

Test(interp, a_link_is_followed_until_it_is_undone)
{
    HostUnit *u = harness_three(h, PC, PC);

    h->cpu->r[1] = 5;
    harness_link(h, u, 1, u);
    harness_expect_at(h, "loop", harness_enter(h, u, 100, NULL), HOST_LINK, PC + 0x200, 100 - 14);
    cr_expect(eq(u32, h->cpu->r[0], 5));
    h->cpu->r[1] = 0;
    harness_expect_at(h, "until the budget ends", harness_enter(h, u, 7, NULL), HOST_BUDGET, PC, 1);
    harness_unlink(h, u, 1);
    harness_expect_at(h, "undone", harness_enter(h, u, 100, NULL), HOST_LINK, PC, 97);
}

Test(interp, a_link_into_another_page_looks_at_the_fetch_entry)
{
    HostUnit *u = harness_three(h, PC, NEXT_PAGE),
             *to = harness_three(h, NEXT_PAGE, NEXT_PAGE + 12);
    Gpa pa;

    cr_assert(ne(u32, u->site[1].aux_offset, 0));
    cr_expect(eq(u32, u->site[0].aux_offset, 0), "same page");
    harness_link(h, u, 1, to);
    harness_expect_at(h, "page not known yet", harness_enter(h, u, 10, NULL), HOST_LOOKUP,
                      NEXT_PAGE, 7);
    mmu_fetch(h->v, NEXT_PAGE, &pa);
    harness_expect_at(h, "known", harness_enter(h, u, 10, NULL), HOST_LINK, NEXT_PAGE + 12, 4);
    mmu_flush_all(h->mmu);
    harness_expect_at(h, "gone again", harness_enter(h, u, 10, NULL), HOST_LOOKUP, NEXT_PAGE, 7);
}

Test(interp, a_jump_looks_its_target_up)
{
    HostUnit *to = harness_three(h, PC + 0x40, PC), *u;

    harness_begin(h, PC, 0);
    ir_jump(b, ir_get(b, G_R3), 0, true);
    u = harness_compile(h);
    h->cpu->r[3] = PC + 0x40;
    harness_expect_at(h, "miss", harness_enter(h, u, 10, NULL), HOST_LOOKUP, PC + 0x40, 9);
    harness_remember(h, to, PC + 0x40, 0);
    harness_expect_at(h, "hit", harness_enter(h, u, 10, NULL), HOST_LINK, PC, 6);
    h->cpu->r[3] = PC + 0x41;
    harness_expect_at(h, "the other ISA", harness_enter(h, u, 10, NULL), HOST_LOOKUP, PC + 0x40, 9);
    cr_expect(eq(u32, h->v->mode, 1));
}

Test(interp, check_and_dispatch_look_at_attention)
{
    HostUnit *u, *w;

    harness_begin(h, PC, 0);
    ir_check(b, PC + 4, 0);
    u = harness_compile(h);
    harness_begin(h, PC, 0);
    ir_call(b, T_NO, H_MOVES, k32(PC + 0x80), k32(2), IR_NONE);
    ir_dispatch(b);
    w = harness_compile(h);
    harness_expect_at(h, "check", harness_enter(h, u, 5, NULL), HOST_LINK, PC + 4, 4);
    harness_expect_at(h, "dispatch", harness_enter(h, w, 5, NULL), HOST_LOOKUP, PC + 0x80, 4);
    cr_expect(eq(u32, h->v->mode, 2));
    h->v->attention = ATTN_IRQ;
    harness_expect_at(h, "check, attention", harness_enter(h, u, 5, NULL), HOST_LEAVE, PC + 4, 4);
    harness_expect_at(h, "dispatch, attention", harness_enter(h, w, 5, NULL), HOST_LEAVE, PC + 0x80,
                      4);
}

Test(interp, a_guard_leaves_before_its_instruction)
{
    HostUnit *u;
    Gpa pa;

    harness_begin(h, PC + 0xffa, 0);
    harness_increment(h, 0, 1);
    ir_insn(b, PC + 0xffe, 0);
    ir_guard(b, PC + 0xffe, 0, NEXT_PAGE);
    harness_increment(h, 0, 1);
    ir_goto(b, NEXT_PAGE + 2, 0);
    u = harness_compile(h);
    harness_expect_at(h, "not known", harness_enter(h, u, 5, NULL), HOST_LEAVE, PC + 0xffe, 4);
    cr_expect(eq(u32, h->cpu->r[0], 1));
    mmu_fetch(h->v, NEXT_PAGE, &pa);
    harness_expect_at(h, "as expected", harness_enter(h, u, 5, NULL), HOST_LINK, NEXT_PAGE + 2, 3);
}

Test(interp, a_region_is_skipped_or_not)
{
    HostUnit *u;

    harness_begin(h, PC, 0);
    ir_skip(b, ir_eq(b, T_I32, ir_get(b, G_R0), k32(0)));
    harness_increment(h, 1, 1);
    ir_label(b);
    ir_set(b, G_R2, ir_get(b, G_R1));
    ir_goto(b, PC + 4, 0);
    u = harness_compile(h);
    harness_enter(h, u, 5, NULL);
    cr_expect(eq(u32, h->cpu->r[2], 0), "skipped");
    h->cpu->r[0] = 1;
    harness_enter(h, u, 5, NULL);
    cr_expect(eq(u32, h->cpu->r[2], 1), "not skipped");
}

/* ---- memory ---- */

Test(interp, loads_and_stores_of_every_width)
{
    HostUnit *u;

    harness_begin(h, PC, 0);
    ir_st(b, k32(DATA), ir_const(b, T_I64, 0x8877665544332211), MO_64);
    ir_st(b, k32(DATA + 8), k32(0x80a0f0ff), MO_32 | MO_BE);
    ir_st(b, k32(DATA + 12), k32(0x1234), MO_8);
    ir_st(b, k32(DATA + 13), k32(0x9abc), MO_16);
    ir_set(b, G_R0, ir_ld(b, T_I32, k32(DATA + 1), MO_32));
    ir_set(b, G_R1, ir_ld(b, T_I32, k32(DATA + 7), MO_8 | MO_SIGN));
    ir_set(b, G_R2, ir_ld(b, T_I32, k32(DATA + 6), MO_16 | MO_SIGN | MO_BE));
    ir_set(b, G_R3, ir_ld(b, T_I32, k32(DATA + 8), MO_32));
    ir_set(b, G_R4, ir_ld(b, T_I32, k32(DATA + 12), MO_32));
    ir_set(b, G_D0, ir_ld(b, T_I64, k32(DATA + 4), MO_32 | MO_SIGN));
    ir_set(b, G_D1, ir_ld(b, T_I64, k32(DATA), MO_64));
    ir_goto(b, PC + 4, 0);
    u = harness_compile(h);
    for (unsigned i = 0; i < 2; i++) { /* slow, then fast */
        memset(h->cpu->r, 0, sizeof(h->cpu->r));
        harness_enter(h, u, 5, NULL);
        cr_expect(eq(u32, h->cpu->r[0], 0x55443322));
        cr_expect(eq(u32, h->cpu->r[1], 0xffffff88));
        cr_expect(eq(u32, h->cpu->r[2], 0x7788));
        cr_expect(eq(u32, h->cpu->r[3], 0xfff0a080));
        cr_expect(eq(u32, h->cpu->r[4], 0x009abc34));
        cr_expect(eq(u64, h->cpu->d[0], 0xffffffff88776655));
        cr_expect(eq(u64, h->cpu->d[1], 0x8877665544332211));
    }
    cr_expect(eq(u64, h->cold->slow_loads, 0), "the first store filled both tables");
}

Test(interp, accesses_across_pages_and_misaligned_ones_are_exact)
{
    HostUnit *u, *w;
    HostPoint p;

    harness_begin(h, PC, 0);
    ir_st(b, ir_get(b, G_R0), k32(0x11223344), MO_32);
    ir_set(b, G_R1, ir_ld(b, T_I32, ir_get(b, G_R0), MO_32));
    ir_goto(b, PC + 4, 0);
    u = harness_compile(h);
    h->cpu->r[0] = DATA + 0xffe;
    harness_enter(h, u, 5, NULL);
    cr_expect(eq(u32, h->cpu->r[1], 0x11223344));
    cr_expect(eq(u8, h->ram[DATA - HARNESS_RAM + 0x1001], 0x11));
    harness_begin(h, PC, 0);
    ir_set(b, G_R1, ir_ld(b, T_I32, ir_get(b, G_R0), MO_32 | 2 << MO_ALIGN_SHIFT));
    ir_goto(b, PC + 4, 0);
    w = harness_compile(h);
    h->cpu->r[0] = DATA + 2;
    cr_expect(eq(int, harness_enter(h, w, 5, &p), HOST_INSIDE));
    cr_expect(eq(u32, h->cold->fault.kind, HARNESS_MISALIGNED));
}

Test(interp, a_fault_leaves_earlier_instructions_done_and_the_budget_taken)
{
    HostUnit *u;
    HostPoint p;

    harness_begin(h, PC, 0);
    harness_increment(h, 0, 1);
    ir_insn(b, PC + 4, 6);
    harness_increment(h, 1, 1);
    ir_set(b, G_R2, ir_ld(b, T_I32, ir_get(b, G_R3), MO_32));
    ir_insn(b, PC + 8, 0);
    harness_increment(h, 0, 1);
    ir_goto(b, PC + 12, 0);
    u = harness_compile(h);
    h->cpu->r[3] = 0x80000000;
    cr_expect(eq(int, harness_enter(h, u, 10, &p), HOST_INSIDE));
    cr_expect(eq(u32, h->v->leave, LEAVE_FAULT));
    cr_expect(eq(u32, h->cold->fault.address, 0x80000000));
    cr_expect(eq(i64, h->v->budget, 7), "not given back");
    cr_expect(eq(u32, p.pc, PC + 4));
    cr_expect(eq(u32, p.mode, 6));
    cr_expect(eq(u32, p.index, 1));
    cr_expect(eq(u32, p.total, 3));
    cr_expect(eq(u32, h->v->pc, PC + 4));
    cr_expect(eq(u32, h->cpu->r[0], 1));
}

Test(interp, a_device_that_asks_for_attention_ends_the_unit_behind_the_access)
{
    HostUnit *u;

    harness_begin(h, PC, 0);
    harness_increment(h, 0, 1);
    ir_insn(b, PC + 4, 0);
    ir_set(b, G_R1, ir_ld(b, T_I32, k32(HARNESS_DEV + 4), MO_32));
    harness_increment(h, 0, 1);
    ir_insn(b, PC + 8, 0);
    harness_increment(h, 0, 1);
    ir_goto(b, PC + 12, 0);
    u = harness_compile(h);
    h->dev_value = 0x70;
    harness_expect_at(h, "quiet", harness_enter(h, u, 10, NULL), HOST_LINK, PC + 12, 7);
    h->dev_attention = ATTN_IRQ;
    harness_expect_at(h, "asks", harness_enter(h, u, 10, NULL), HOST_LEAVE, PC + 8, 8);
    cr_expect(eq(u32, h->cpu->r[0], 5));
    cr_expect(eq(u32, h->cpu->r[1], 0x74));
    cr_expect(eq(u64, h->dev_count, 1000 - 10 + 1), "the count at the access");
}

Test(interp, a_skip_past_an_instruction_does_not_lose_the_leaving)
{
    HostUnit *u;

    harness_begin(h, PC, 0);
    ir_st(b, k32(HARNESS_DEV), k32(7), MO_32);
    ir_skip(b, ir_eq(b, T_I32, ir_get(b, G_R0), k32(0)));
    harness_increment(h, 1, 1);
    ir_insn(b, PC + 4, 0);
    harness_increment(h, 1, 1);
    ir_label(b);
    ir_insn(b, PC + 8, 0);
    harness_increment(h, 2, 1);
    ir_goto(b, PC + 12, 0);
    u = harness_compile(h);
    h->dev_attention = ATTN_IRQ;
    harness_expect_at(h, "skipped", harness_enter(h, u, 10, NULL), HOST_LEAVE, PC + 8, 8);
    h->v->attention = 0;
    h->cpu->r[0] = 1;
    harness_expect_at(h, "not skipped", harness_enter(h, u, 10, NULL), HOST_LEAVE, PC + 4, 9);
    cr_expect(eq(u32, h->cpu->r[1], 1));
    cr_expect(eq(u32, h->cpu->r[2], 0));
}

Test(interp, a_store_in_the_last_instruction_leaves_at_the_exit)
{
    HostUnit *u;

    harness_begin(h, PC, 0);
    ir_st(b, k32(HARNESS_DEV), k32(7), MO_32);
    ir_goto(b, PC + 4, 0);
    u = harness_compile(h);
    h->dev_attention = ATTN_IRQ;
    harness_expect_at(h, "asks", harness_enter(h, u, 10, NULL), HOST_LEAVE, PC + 4, 9);
    cr_expect(eq(u64, h->dev_value, 7));
}

Test(interp, a_run_is_loads_and_stores_of_its_own)
{
    HostUnit *u;
    IrRef base, run;

    harness_begin(h, PC, 0);
    base = ir_get(b, G_R0);
    run = ir_run(b, base, MO_32 | MO_WRITE, 8);
    ir_rst(b, run, base, k32(0x11), MO_32, 0);
    ir_rst(b, run, base, k32(0x22), MO_32, 4);
    ir_insn(b, PC + 4, 0);
    run = ir_run(b, base, MO_32, 8);
    ir_set(b, G_R1, ir_rld(b, run, base, MO_32, 4));
    ir_goto(b, PC + 8, 0);
    u = harness_compile(h);
    h->cpu->r[0] = DATA + 0xffc;
    harness_expect_at(h, "crosses a page", harness_enter(h, u, 10, NULL), HOST_LINK, PC + 8, 8);
    cr_expect(eq(u32, h->cpu->r[1], 0x22));
    cr_expect(eq(u8, h->ram[DATA - HARNESS_RAM + 0xffc], 0x11));
}

Test(interp, compare_and_swap_stores_only_if_equal)
{
    HostUnit *u;

    harness_begin(h, PC, 0);
    ir_set(b, G_R1, ir_cas(b, T_I32, k32(DATA), ir_get(b, G_R0), k32(0x155), MO_8 | MO_ATOMIC));
    ir_goto(b, PC + 4, 0);
    u = harness_compile(h);
    h->ram[DATA - HARNESS_RAM] = 0x33;
    harness_enter(h, u, 10, NULL);
    cr_expect(eq(u32, h->cpu->r[1], 0x33));
    cr_expect(eq(u8, h->ram[DATA - HARNESS_RAM], 0x33), "not equal");
    h->cpu->r[0] = 0xff33;
    harness_enter(h, u, 10, NULL);
    cr_expect(eq(u8, h->ram[DATA - HARNESS_RAM], 0x55), "cut to the size");
}

/* ---- helpers and bookkeeping ---- */

Test(interp, helpers_get_their_arguments_and_give_their_result)
{
    HostUnit *u;
    HostPoint p;

    harness_begin(h, PC, 0);
    ir_set(b, G_R0, ir_call(b, T_I32, H_PURE, k32(1), k32(2), k32(3)));
    ir_insn(b, PC + 4, 0);
    ir_set(b, G_D0, ir_call(b, T_I64, H_CALLOUT, IR_NONE, IR_NONE, IR_NONE));
    ir_insn(b, PC + 8, 0);
    ir_set(b, G_D1, ir_retired(b));
    ir_count(b, 3);
    ir_call(b, T_NO, H_FAULTS, ir_get(b, G_R1), IR_NONE, IR_NONE);
    ir_goto(b, PC + 12, 0);
    u = harness_compile(h);
    harness_expect_at(h, "no fault", harness_enter(h, u, 10, NULL), HOST_LINK, PC + 12, 7);
    cr_expect(eq(u32, h->cpu->r[0], 14));
    cr_expect(eq(u64, h->cpu->d[0], 991), "retired before the second");
    cr_expect(eq(u64, h->cpu->d[1], 992), "retired before the third");
    cr_expect(eq(u64, h->cold->callouts, 1));
    cr_expect(eq(u64, h->cold->ledger[3], 1));
    h->cpu->r[1] = 9;
    cr_expect(eq(int, harness_enter(h, u, 10, &p), HOST_INSIDE));
    cr_expect(eq(u32, p.index, 2));
    cr_expect(eq(u32, h->cold->fault.kind, 9));
}

Test(interp, a_unit_that_does_not_fit_is_refused)
{
    uint8_t small[256];
    HostCode code = { small, small + sizeof(small), 0 };
    HostSite site[HOST_SITES_MAX];
    HostUnit u = { .site = site };

    harness_begin(h, PC, 0);
    for (unsigned i = 0; i < 16; i++) {
        harness_increment(h, i % 8, 1);
    }
    ir_goto(b, PC + 4, 0);
    cr_expect(not(interp_host.compile(h->host, b, &code, &u)));
    cr_expect(eq(ptr, code.rw, small), "nothing taken");
}

Test(interp, a_unit_is_shown_as_text)
{
    g_autoptr(GString) text = g_string_new(NULL);

    harness_begin(h, PC, 0);
    harness_increment(h, 0, 1);
    ir_goto(b, PC + 4, 2);
    interp_host.disassemble(h->host, harness_compile(h), text);
    cr_expect(eq(str, text->str,
                 "  head 1 0 6 0x0\n"
                 " get32 1 0 0 0x30\n"
                 "add32k 2 1 0 0x1\n"
                 " set32 0 2 0 0x30\n"
                 "  goto 0 0 0 0x0 to 00100004 mode 2\n"));
}

static unsigned traced;

static void trace(Vcpu *v, Gva pc, uint32_t mode)
{
    (void)v;
    (void)mode;
    traced += pc == PC;
}

Test(interp_options, executions_are_counted_and_traced)
{
    const HostOptions options = { .chain = true, .count_units = true, .trace = trace };
    HostUnit *u;

    h = harness_new(&interp_host, &options);
    b = &h->blk;
    u = harness_three(h, PC, PC);
    harness_link(h, u, 1, u);
    harness_enter(h, u, 31, NULL);
    cr_assert(ne(ptr, (void *)(uintptr_t)u->executions, NULL));
    cr_expect(eq(u64, *u->executions, 10));
    cr_expect(eq(u32, traced, 10));
    harness_free(h);
}

/* ---- operations ---- */

Test(interp, every_pure_operation_agrees_with_its_definition) { host_ops_expect_pure(h); }
Test(interp, every_fp_operation_agrees_with_the_software_fp) { host_ops_expect_fp(h); }
Test(interp, every_vector_operation_agrees_with_its_definition) { host_ops_expect_vec(h); }
Test(interp, every_sse_operation_agrees_with_its_definition) { host_ops_expect_sse(h); }
