/* SPDX-License-Identifier: MIT */
/* test_x64_exits.c - units entered, left and linked: what random blocks do not show. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/x64/x64.h"
#include "tests/unit/host_harness.h"

enum { PC = HARNESS_RAM, NEXT_PAGE = HARNESS_RAM + 0x1000, DATA = HARNESS_RAM + 0x8000 };

static Harness *h;
static IrBlock *b;

static void set_up(void)
{
    h = harness_new(&x64_host, NULL);
    b = &h->blk;
}

static void tear_down(void) { harness_free(h); }

TestSuite(x64_exits, .init = set_up, .fini = tear_down);

static IrRef k32(uint64_t v) { return ir_const(b, T_I32, v); }

Test(x64_exits, an_unlinked_exit_says_which_site_it_is)
{
    HostUnit *u = harness_three(h, PC, PC + 12);
    unsigned side = u->site[0].va == PC + 0x200 ? 0 : 1;

    cr_assert(eq(u32, u->n_sites, 2));
    harness_expect_at(h, "end", harness_enter(h, u, 10, NULL), HOST_LINK, PC + 12, 7);
    cr_expect(eq(sz, (const uint8_t *)h->cold->host_pc - u->code, u->site[1 - side].stub_offset));
    h->cpu->r[1] = 2;
    harness_expect_at(h, "side", harness_enter(h, u, 10, NULL), HOST_LINK, PC + 0x200, 8);
    cr_expect(eq(sz, (const uint8_t *)h->cold->host_pc - u->code, u->site[side].stub_offset));
}

static unsigned site_to(const HostUnit *u, Gva va)
{
    unsigned k = 0;

    while (u->site[k].va != va) {
        cr_assert(lt(uint, ++k, u->n_sites));
    }
    return k;
}

Test(x64_exits, a_link_is_followed_until_it_is_undone)
{
    HostUnit *u = harness_three(h, PC, PC + 0x40), *to = harness_three(h, PC + 0x40, PC);
    unsigned there = site_to(u, PC + 0x40), back = site_to(to, PC);

    h->cpu->r[1] = 5;
    harness_link(h, u, there, to);
    harness_link(h, to, back, u);
    harness_expect_at(h, "loop", harness_enter(h, u, 100, NULL), HOST_LINK, PC + 0x200, 100 - 14);
    cr_expect(eq(u32, h->cpu->r[0], 5));
    h->cpu->r[1] = 0;
    harness_expect_at(h, "until the budget ends", harness_enter(h, u, 8, NULL), HOST_BUDGET, PC, 2);
    harness_unlink(h, u, there);
    harness_expect_at(h, "undone", harness_enter(h, u, 100, NULL), HOST_LINK, PC + 0x40, 97);
}

Test(x64_exits, a_loop_to_its_own_head_needs_no_link)
{
    HostUnit *u = harness_three(h, PC, PC);

    h->cpu->r[1] = 5;
    harness_expect_at(h, "loop", harness_enter(h, u, 100, NULL), HOST_LINK, PC + 0x200, 100 - 14);
    cr_expect(eq(u32, h->cpu->r[0], 5));
}

Test(x64_exits, a_link_into_another_page_looks_at_the_fetch_entry)
{
    HostUnit *u = harness_three(h, PC, NEXT_PAGE),
             *to = harness_three(h, NEXT_PAGE, NEXT_PAGE + 12);
    unsigned there = site_to(u, NEXT_PAGE);
    Gpa pa;

    cr_assert(ne(u32, u->site[there].aux_offset, 0));
    cr_expect(eq(u32, u->site[site_to(u, PC + 0x200)].aux_offset, 0), "same page");
    harness_expect_at(h, "unlinked", harness_enter(h, u, 10, NULL), HOST_LINK, NEXT_PAGE, 7);
    harness_link(h, u, there, to);
    harness_expect_at(h, "page not known yet", harness_enter(h, u, 10, NULL), HOST_LOOKUP,
                      NEXT_PAGE, 7);
    harness_remember(h, to, NEXT_PAGE, 0);
    harness_expect_at(h, "but in the hash", harness_enter(h, u, 10, NULL), HOST_LINK,
                      NEXT_PAGE + 12, 4);
    vcpu_forget_lookups(h->v);
    mmu_fetch(h->v, NEXT_PAGE, &pa);
    harness_expect_at(h, "known", harness_enter(h, u, 10, NULL), HOST_LINK, NEXT_PAGE + 12, 4);
    mmu_flush_all(h->mmu);
    harness_expect_at(h, "gone again", harness_enter(h, u, 10, NULL), HOST_LOOKUP, NEXT_PAGE, 7);
    harness_unlink(h, u, there);
    mmu_fetch(h->v, NEXT_PAGE, &pa);
    harness_expect_at(h, "undone", harness_enter(h, u, 10, NULL), HOST_LINK, NEXT_PAGE, 7);
}

Test(x64_exits, a_jump_looks_its_target_up)
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

/* As a new view has one, or one that has lost a page. */
static void begin_epoch(void) { h->v->lookup_ctx += (uint64_t)16 << 48; }

Test(x64_exits, a_lookup_of_another_epoch_holds_while_its_page_is_the_same)
{
    HostUnit *to = harness_three(h, PC + 0x40, PC), *u;
    const VcpuLookup *e = &h->cold->lookup[vcpu_lookup_slot(PC + 0x40)];
    Gpa pa;

    harness_begin(h, PC, 0);
    ir_jump(b, ir_get(b, G_R3), 0, true);
    u = harness_compile(h);
    h->cpu->r[3] = PC + 0x40;
    mmu_fetch(h->v, PC, &pa);
    harness_remember(h, to, PC + 0x40, 0);
    begin_epoch();
    harness_expect_at(h, "another epoch", harness_enter(h, u, 10, NULL), HOST_LINK, PC, 6);
    cr_expect(eq(u64, e->tag, h->v->lookup_ctx | (PC + 0x40)), "and is of this one now");
    begin_epoch();
    h->cpu->r[3] = PC + 0x41;
    harness_expect_at(h, "the other ISA", harness_enter(h, u, 10, NULL), HOST_LOOKUP, PC + 0x40, 9);
    h->cpu->r[3] = PC + 0x40;
    h->v->lookup_ctx ^= (uint64_t)2 << 32;
    harness_expect_at(h, "another mode", harness_enter(h, u, 10, NULL), HOST_LOOKUP, PC + 0x40, 9);
    h->v->lookup_ctx ^= (uint64_t)2 << 32;
    mmu_flush_all(h->mmu);
    begin_epoch();
    harness_expect_at(h, "unknown page", harness_enter(h, u, 10, NULL), HOST_LOOKUP, PC + 0x40, 9);
    mmu_fetch(h->v, PC, &pa);
    harness_expect_at(h, "known again", harness_enter(h, u, 10, NULL), HOST_LINK, PC, 6);
    begin_epoch();
    h->cold->lookup_fetch[vcpu_lookup_slot(PC + 0x40)]++;
    harness_expect_at(h, "another page", harness_enter(h, u, 10, NULL), HOST_LOOKUP, PC + 0x40, 9);
}

Test(x64_exits, goto_and_dispatch_ask_for_lookups_of_another_epoch_too)
{
    HostUnit *u = harness_three(h, PC, NEXT_PAGE),
             *to = harness_three(h, NEXT_PAGE, NEXT_PAGE + 12), *w;
    Gpa pa;

    mmu_fetch(h->v, NEXT_PAGE, &pa);
    harness_remember(h, to, NEXT_PAGE, 0);
    h->isa->link(h->host, u, -cache_to_rx(&h->cache), site_to(u, NEXT_PAGE), u->code, 1);
    begin_epoch();
    harness_expect_at(h, "goto", harness_enter(h, u, 10, NULL), HOST_LINK, NEXT_PAGE + 12, 4);
    harness_begin(h, PC, 0);
    ir_call(b, T_NO, H_MOVES, ir_get(b, G_R5), ir_get(b, G_R6), IR_NONE);
    ir_dispatch(b);
    w = harness_compile(h);
    h->cpu->r[5] = NEXT_PAGE;
    begin_epoch();
    harness_expect_at(h, "dispatch", harness_enter(h, w, 5, NULL), HOST_LINK, NEXT_PAGE + 12, 1);
}

/* As x86's instructions lie. */
Test(x64_exits, targets_at_bytes_next_to_each_other_have_lookups_of_their_own)
{
    enum { N = 512 };
    HostUnit *to[2] = { harness_three(h, PC + 0x80, PC), harness_three(h, PC + 0x81, PC + 4) }, *u;

    harness_begin(h, PC, 0);
    ir_jump(b, ir_get(b, G_R3), 0, false);
    u = harness_compile(h);
    for (unsigned k = 0; k < N; k++) {
        vcpu_remember_lookup(h->v, PC + 0x80 + k, 1, to[k % 2]->code);
    }
    for (unsigned k = 0; k < N; k++) {
        h->cpu->r[3] = PC + 0x80 + k;
        harness_expect_at(h, "hit", harness_enter(h, u, 10, NULL), HOST_LINK, PC + k % 2 * 4, 6);
    }
}

Test(x64_exits, check_and_dispatch_look_at_attention)
{
    HostUnit *to = harness_three(h, PC + 0x80, PC), *u, *w;

    harness_begin(h, PC, 0);
    ir_check(b, PC + 4, 0);
    u = harness_compile(h);
    harness_begin(h, PC, 0);
    ir_call(b, T_NO, H_MOVES, ir_get(b, G_R5), ir_get(b, G_R6), IR_NONE);
    ir_dispatch(b);
    w = harness_compile(h);
    h->cpu->r[5] = PC + 0x80;
    harness_expect_at(h, "check", harness_enter(h, u, 5, NULL), HOST_LINK, PC + 4, 4);
    harness_expect_at(h, "miss", harness_enter(h, w, 5, NULL), HOST_LOOKUP, PC + 0x80, 4);
    harness_remember(h, to, PC + 0x80, 0);
    harness_expect_at(h, "hit", harness_enter(h, w, 5, NULL), HOST_LINK, PC, 1);
    h->cpu->r[6] = 0x100;
    harness_expect_at(h, "a mode that the hash has not", harness_enter(h, w, 5, NULL), HOST_LOOKUP,
                      PC + 0x80, 4);
    cr_expect(eq(u32, h->v->mode, 0x100));
    h->v->attention = ATTN_IRQ;
    harness_expect_at(h, "check, attention", harness_enter(h, u, 5, NULL), HOST_LEAVE, PC + 4, 4);
    harness_expect_at(h, "dispatch, attention", harness_enter(h, w, 5, NULL), HOST_LEAVE, PC + 0x80,
                      4);
}

Test(x64_exits, a_guard_leaves_before_its_instruction)
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

Test(x64_exits, a_device_is_accessed_once_and_at_its_count)
{
    HostUnit *u;
    HostPoint p;

    harness_begin(h, PC, 0);
    harness_increment(h, 0, 1);
    ir_insn(b, PC + 4, 0);
    ir_set(b, G_R1, ir_ld(b, T_I32, k32(HARNESS_DEV + 4), MO_32 | MO_ONLY));
    ir_insn(b, PC + 8, 0);
    harness_increment(h, 0, 1);
    ir_goto(b, PC + 12, 0);
    u = harness_compile(h);
    h->dev_value = 0x70;
    harness_expect_at(h, "quiet", harness_enter(h, u, 10, NULL), HOST_LINK, PC + 12, 7);
    cr_expect(eq(u32, h->cpu->r[1], 0x74));
    cr_expect(eq(u64, h->dev_count, 1000 - 10 + 1), "the count at the access");
    h->dev_attention = ATTN_IRQ;
    cr_expect(eq(int, harness_enter(h, u, 10, &p), HOST_INSIDE));
    cr_expect(eq(u32, h->v->leave, LEAVE_AFTER));
    cr_expect(eq(u32, h->cold->replay.valid, 1));
    cr_expect(eq(u64, h->dev_reads, 2));
    cr_expect(eq(u32, p.index, 1));
    cr_expect(eq(u32, h->cpu->r[0], 3), "the first instruction is done, the third is not");
}

Test(x64_exits, callouts_know_their_count)
{
    HostUnit *u;
    HostPoint p;

    harness_begin(h, PC, 0);
    harness_increment(h, 0, 1);
    ir_insn(b, PC + 4, 0);
    ir_set(b, G_D0, ir_call(b, T_I64, H_CALLOUT, IR_NONE, IR_NONE, IR_NONE));
    ir_insn(b, PC + 8, 0);
    ir_set(b, G_D1, ir_retired(b));
    ir_call(b, T_NO, H_FAULTS, ir_get(b, G_R1), IR_NONE, IR_NONE);
    ir_goto(b, PC + 12, 0);
    u = harness_compile(h);
    harness_expect_at(h, "no fault", harness_enter(h, u, 10, NULL), HOST_LINK, PC + 12, 7);
    cr_expect(eq(u64, h->cpu->d[0], 991), "retired before the second");
    cr_expect(eq(u64, h->cpu->d[1], 992), "retired before the third");
    cr_expect(eq(u64, h->cold->callouts, 1));
    h->cpu->r[1] = 9;
    cr_expect(eq(int, harness_enter(h, u, 10, &p), HOST_INSIDE));
    cr_expect(eq(u32, p.index, 2));
    cr_expect(eq(u32, p.pc, PC + 8));
    cr_expect(eq(u32, h->cold->fault.kind, 9));
}

Test(x64_exits, more_exits_than_sites_go_by_way_of_the_hash)
{
    HostUnit *u;

    harness_begin(h, PC, 0);
    for (unsigned k = 0; k < HOST_SITES_MAX + 8; k++) {
        IrRef x = ir_get(b, G_R0);

        ir_goto_if(b, ir_eq(b, T_I32, x, k32(k + 1)), PC + 0x100 + 4 * k, 0);
    }
    ir_goto(b, PC + 4, 0);
    u = harness_compile(h);
    cr_assert(eq(u32, u->n_sites, HOST_SITES_MAX));
    for (unsigned k = 0; k < HOST_SITES_MAX + 8; k++) {
        h->cpu->r[0] = k + 1;
        harness_enter(h, u, 5, NULL);
        cr_expect(eq(u32, h->v->pc, PC + 0x100 + 4 * k));
    }
    h->cpu->r[0] = 0;
    harness_enter(h, u, 5, NULL);
    cr_expect(eq(u32, h->v->pc, PC + 4));
}

Test(x64_exits, without_room_nothing_is_compiled)
{
    HostCode code = cache_room(&h->cache), before;
    HostSite sites[HOST_SITES_MAX];
    HostUnit u = { .site = sites };
    unsigned needed;
    bool ok;

    harness_three(h, PC, PC + 12);
    ok = x64_host.compile(h->host, b, &code, &u);
    cr_assert(ok);
    needed = (unsigned)(u.side + u.side_bytes - u.code);
    code = before = cache_room(&h->cache);
    for (unsigned bytes = 0; bytes < needed; bytes += 7) {
        code = before;
        code.rw_end = code.rw + bytes;
        ok = x64_host.compile(h->host, b, &code, &u);
        cr_expect(not(ok), "%u bytes", bytes);
        cr_expect(eq(ptr, code.rw, before.rw), "%u bytes", bytes);
    }
}

Test(x64_exits, code_reads_as_text)
{
    g_autoptr(GString) text = g_string_new(NULL);

    x64_host.disassemble(h->host, harness_three(h, PC, PC), text);
    cr_expect(ne(ptr, strstr(text->str, "sub r15, 3"), NULL));
}

static unsigned traced;

static void trace(Vcpu *v, Gva pc, uint32_t mode)
{
    (void)v;
    (void)mode;
    traced += pc == PC;
}

Test(x64_options, executions_are_counted_and_traced)
{
    const HostOptions options = { .chain = true, .count_units = true, .trace = trace };
    HostUnit *u;

    h = harness_new(&x64_host, &options);
    b = &h->blk;
    u = harness_three(h, PC, PC);
    harness_enter(h, u, 31, NULL);
    cr_assert(ne(ptr, (void *)(uintptr_t)u->executions, NULL));
    cr_expect(eq(u64, *u->executions, 10));
    cr_expect(eq(u32, traced, 10));
    cr_expect(eq(u32, h->cpu->r[0], 10));
    harness_free(h);
}

Test(x64_options, without_chaining_every_way_out_asks)
{
    const HostOptions options = { .chain = false };
    HostUnit *to, *u;

    h = harness_new(&x64_host, &options);
    b = &h->blk;
    to = harness_three(h, PC + 0x40, PC);
    harness_begin(h, PC, 0);
    ir_jump(b, ir_get(b, G_R3), 0, true);
    u = harness_compile(h);
    harness_remember(h, to, PC + 0x40, 0);
    h->cpu->r[3] = PC + 0x40;
    harness_expect_at(h, "jump", harness_enter(h, u, 10, NULL), HOST_LOOKUP, PC + 0x40, 9);
    harness_free(h);
}
