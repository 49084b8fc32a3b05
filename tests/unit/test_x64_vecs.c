/* SPDX-License-Identifier: MIT */
/* test_x64_vecs.c - vectors of a guest in host registers: over units, and where C sees them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/x64/x64.h"
#include "tests/unit/host_harness.h"

enum { PC = HARNESS_RAM, LANE8 = 0 };

static Harness *h;
static IrBlock *b;

static void set_up(void)
{
    h = harness_new(&x64_host, NULL);
    b = &h->blk;
    for (unsigned k = 0; k < 5; k++) {
        h->cpu->vec[k][0] = 0x100 + k;
        h->cpu->vec[k][1] = 0x200 + k;
    }
}

static void tear_down(void) { harness_free(h); }

TestSuite(x64_vecs, .init = set_up, .fini = tear_down);

static int32_t at(unsigned n) { return (int32_t)(offsetof(HarnessCpu, vec) + 16 * n); }

/* vec[to] += vec[from], by bytes */
static void add(unsigned to, unsigned from)
{
    IrRef x = ir_gld(b, T_V128, at(to)), y = ir_gld(b, T_V128, at(from));

    ir_gst(b, at(to), ir_vadd(b, T_V128, x, y, ir_lane(LANE8, 0)));
}

static void expect(const char *why, unsigned n, uint64_t low, uint64_t high)
{
    cr_expect(eq(u64, h->cpu->vec[n][0], low), "%s: vec[%u], low", why, n);
    cr_expect(eq(u64, h->cpu->vec[n][1], high), "%s: vec[%u], high", why, n);
}

/* The unit ends by going to @to. */
static HostUnit *compile_to(Gva to)
{
    ir_goto(b, to, 0);
    return harness_compile(h);
}

/* With a budget of 10, of which @left are left at @pc. */
static void run(const char *why, HostUnit *u, Gva pc, int64_t left)
{
    harness_expect_at(h, why, harness_enter(h, u, 10, NULL), HOST_LINK, pc, left);
}

Test(x64_vecs, outside_units_they_are_in_memory)
{
    HostUnit *u;

    harness_begin(h, PC, 0);
    add(0, 1);
    add(4, 0);
    u = compile_to(PC + 0x40);
    run("end", u, PC + 0x40, 9);
    expect("added", 0, 0x201, 0x401);
    expect("added", 4, 0x305, 0x605);
    cr_expect(eq(u32, h->cold->vecs_in_host, 0));
    h->cpu->vec[1][0] = 3;
    run("again", u, PC + 0x40, 9);
    expect("what C wrote is seen", 0, 0x204, 0x602);
    harness_expect_at(h, "no budget", harness_enter(h, u, 0, NULL), HOST_BUDGET, PC, 0);
    expect("nothing done", 0, 0x204, 0x602);
    cr_expect(eq(u32, h->cold->vecs_in_host, 0));
}

Test(x64_vecs, they_stay_over_linked_units)
{
    HostUnit *first, *plain, *last;

    harness_begin(h, PC, 0);
    add(2, 3);
    first = compile_to(PC + 0x40);
    harness_begin(h, PC + 0x40, 0);
    harness_increment(h, 0, 1);
    plain = compile_to(PC + 0x80);
    harness_begin(h, PC + 0x80, 0);
    add(1, 2);
    last = compile_to(PC);
    harness_link(h, first, 0, plain);
    harness_link(h, plain, 0, last);
    run("three", first, PC, 7);
    expect("the first", 2, 0x205, 0x405);
    expect("the last", 1, 0x306, 0x606);
    harness_unlink(h, plain, 0);
    run("two", first, PC + 0x80, 8);
    expect("left from a unit without vectors", 2, 0x308, 0x608);
    expect("not come to the last", 1, 0x306, 0x606);
}

Test(x64_vecs, a_helper_sees_and_changes_them)
{
    HostUnit *u;

    harness_begin(h, PC, 0);
    add(1, 0);
    ir_call(b, T_I32, H_STATE, ir_const(b, T_I32, 1), IR_NONE, IR_NONE); /* 1 and 2 exchanged */
    add(2, 0);
    u = compile_to(PC + 0x40);
    run("end", u, PC + 0x40, 9);
    expect("exchanged", 1, 0x102, 0x202);
    expect("added twice", 2, 0x301, 0x601);
}

/* The upper half lies in a page that is not there. */
Test(x64_vecs, a_load_that_faults_half_way_changes_nothing)
{
    HostPoint point;
    HostUnit *u;
    IrRef v;

    harness_begin(h, PC, 0);
    add(0, 1);
    ir_insn(b, PC + 4, 0);
    v = ir_ld(b, T_V128, ir_get(b, G_R0), MO_128);
    ir_gst(b, at(3), v);
    u = compile_to(PC + 0x40);
    h->cpu->r[0] = HARNESS_RAM + HARNESS_RAM_BYTES - 8;
    cr_expect(eq(int, harness_enter(h, u, 10, &point), HOST_INSIDE));
    cr_expect(eq(u32, point.index, 1));
    expect("the instruction before", 0, 0x201, 0x401);
    expect("the one that faults", 3, 0x103, 0x203);
    cr_expect(eq(u32, h->cold->vecs_in_host, 0));
}

Test(x64_vecs, a_load_by_way_of_c_leaves_the_others_alone)
{
    HostUnit *u;
    IrRef v, w;

    harness_begin(h, PC, 0);
    w = ir_vxor(b, T_V128, ir_gld(b, T_V128, at(0)), ir_gld(b, T_V128, at(1)), ir_lane(LANE8, 0));
    add(4, 3);
    v = ir_ld(b, T_V64, ir_get(b, G_R0), MO_64);
    ir_gst(b, at(2), ir_vzext(b, T_NO, v, 0));
    ir_gst(b, at(1), w);
    u = compile_to(PC + 0x40);
    h->cpu->r[0] = HARNESS_RAM + 0x8000;
    h->ram[0x8000] = 0x77;
    run("end", u, PC + 0x40, 9);
    cr_expect(eq(u64, h->cold->slow_loads, 1));
    expect("ahead", 4, 0x207, 0x407);
    expect("loaded", 2, 0x77, 0);
    expect("a value over the call", 1, 0x001, 0x001);
    expect("not changed", 3, 0x103, 0x203);
}
