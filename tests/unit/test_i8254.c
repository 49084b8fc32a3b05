/* SPDX-License-Identifier: MIT */
/* test_i8254.c - what the 8254 data sheet promises, section by section. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/i8254.h"
#include "tests/unit/dev_bench.h"

enum { CONTROL = 3, PORT61 = 4 };

static Bench b;
static void power_on(void) { bench_on(&b, &i8254_type); }
static void power_off(void) { bench_off(&b); }
TestSuite(i8254, .init = power_on, .fini = power_off);

static uint8_t in(unsigned r) { return (uint8_t)dev_read(b.dev, r, 1); }
static void out(unsigned r, unsigned v) { dev_write(b.dev, r, 1, v); }

/* Lets the guest's time be that of clock @n. */
static uint64_t ns_of(uint64_t n) { return (n * 1000000000 + 1193181) / 1193182; }
static void to_clock(uint64_t n) { bench_pass(&b, ns_of(n) - b.now_ns); }

static void program(unsigned i, unsigned mode, unsigned count)
{
    out(CONTROL, i << 6 | 0x30 | mode << 1);
    out(i, count & 0xff);
    out(i, count >> 8 & 0xff);
}

static unsigned count(unsigned i)
{
    unsigned low;

    out(CONTROL, i << 6);
    low = in(i);
    return low | (unsigned)in(i) << 8;
}

static bool out2(void) { return (in(PORT61)&0x20) != 0; }

Test(i8254, mode_0_goes_high_at_the_end_and_stays) /* "Mode 0" */
{
    program(0, 0, 100);
    cr_expect(not(b.line[0].level));
    to_clock(99);
    cr_expect(not(b.line[0].level));
    cr_expect(eq(uint, count(0), 1));
    to_clock(100);
    cr_expect(b.line[0].level);
    cr_expect(eq(uint, count(0), 0));
    to_clock(101);
    cr_expect(eq(uint, count(0), 0xffff));
    cr_expect(b.line[0].level);
    out(0, 5);
    cr_expect(not(b.line[0].level));
    out(0, 0);
    to_clock(106);
    cr_expect(b.line[0].level);
}

Test(i8254, mode_0_is_held_by_its_gate) /* "Gate Pin Operations Summary" */
{
    out(PORT61, 1);
    program(2, 0, 100);
    to_clock(40);
    out(PORT61, 0);
    to_clock(1000);
    cr_expect(eq(uint, count(2), 60));
    cr_expect(not(out2()));
    out(PORT61, 1);
    to_clock(1061);
    cr_expect(out2());
}

Test(i8254, mode_1_is_a_shot_per_rising_gate) /* "Mode 1" */
{
    program(2, 1, 10);
    cr_expect(out2());
    out(PORT61, 1);
    cr_expect(not(out2()));
    to_clock(5);
    out(PORT61, 0);
    cr_expect(not(out2()));
    out(PORT61, 1);
    to_clock(14);
    cr_expect(not(out2()));
    to_clock(16);
    cr_expect(out2());
}

static unsigned edges;
static void count_edges(void *opaque, bool level)
{
    (void)opaque;
    edges += level;
}

Test(i8254, mode_2_is_an_edge_per_period) /* "Mode 2" */
{
    program(0, 2, 11932);
    edges = 0;
    b.line[0].sink = count_edges;
    cr_expect(b.line[0].level);
    to_clock(11931);
    cr_expect(eq(uint, edges, 0));
    cr_expect(eq(uint, count(0), 1));
    to_clock(11932);
    cr_expect(eq(uint, edges, 1));
    cr_expect(eq(uint, count(0), 11932));
    to_clock(10 * 11932);
    cr_expect(eq(uint, edges, 10));
    b.now_ns = ns_of(20 * 11932 + 5); /* the events are late */
    bench_pass(&b, 0);
    cr_expect(eq(uint, edges, 11));
    to_clock(21 * 11932);
    cr_expect(eq(uint, edges, 12));
}

Test(i8254, a_new_count_waits_for_the_end_of_the_period) /* "Mode 2" */
{
    program(0, 2, 1000);
    to_clock(300);
    out(0, 0xf4);
    out(0, 0x01);
    cr_expect(eq(uint, count(0), 700));
    to_clock(1000);
    cr_expect(eq(uint, count(0), 500));
    to_clock(1499);
    cr_expect(eq(uint, count(0), 1));
}

Test(i8254, mode_3_is_a_square_wave) /* "Mode 3" */
{
    program(0, 3, 10);
    cr_expect(b.line[0].level);
    to_clock(4);
    cr_expect(eq(uint, count(0), 2));
    cr_expect(b.line[0].level);
    to_clock(5);
    cr_expect(not(b.line[0].level));
    cr_expect(eq(uint, count(0), 10));
    to_clock(10);
    cr_expect(b.line[0].level);
    program(0, 3, 5);
    to_clock(12);
    cr_expect(b.line[0].level, "three of five high");
    to_clock(13);
    cr_expect(not(b.line[0].level));
    to_clock(15);
    cr_expect(b.line[0].level);
}

Test(i8254, mode_4_is_one_low_clock) /* "Mode 4" */
{
    program(0, 4, 50);
    cr_expect(b.line[0].level);
    to_clock(50);
    cr_expect(not(b.line[0].level));
    to_clock(51);
    cr_expect(b.line[0].level);
    cr_expect(eq(u64, clock_next_ns(&b.clock), CLOCK_NEVER));
}

Test(i8254, a_strobe_missed_by_late_events_is_not_lost)
{
    program(0, 4, 50);
    edges = 0;
    b.line[0].sink = count_edges;
    b.now_ns = ns_of(500);
    bench_pass(&b, 0);
    cr_expect(eq(uint, edges, 1));
    cr_expect(eq(u64, clock_next_ns(&b.clock), CLOCK_NEVER));
}

Test(i8254, mode_5_is_mode_4_by_the_gate) /* "Mode 5" */
{
    program(2, 5, 50);
    to_clock(100);
    cr_expect(out2());
    out(PORT61, 1);
    to_clock(150);
    cr_expect(not(out2()));
    to_clock(151);
    cr_expect(out2());
}

static uint8_t status(unsigned i)
{
    out(CONTROL, 0xe0 | 2u << i);
    return in(i);
}

/* "Mode 1" and "Mode 5": the counting element is loaded by a trigger, and by nothing else. */
static void expect_the_trigger_to_load(unsigned mode)
{
    unsigned kept = 0x30 | mode << 1, before;

    out(CONTROL, 0x80 | kept);
    before = count(2);
    cr_expect(eq(u8, status(2), 0xc0 | kept), "OUT is high from the control word on");
    out(2, 0x34);
    out(2, 0x12);
    out(CONTROL, 0xc8);
    cr_expect(eq(u8, in(2), 0xc0 | kept), "written is not loaded");
    cr_expect(eq(uint, in(2) | (unsigned)in(2) << 8, before));
    to_clock(7);
    cr_expect(eq(uint, count(2), before));
    cr_expect(eq(u8, status(2), 0xc0 | kept));
    out(PORT61, 1);
    cr_expect(eq(uint, count(2), 0x1234));
    cr_expect(eq(u8, status(2), (mode == 1 ? 0 : 0x80) | kept));
    out(PORT61, 0);
    to_clock(7 + 0x34);
    cr_expect(eq(uint, count(2), 0x1200), "a low gate does not hold it");
}

Test(i8254, mode_1_loads_at_the_trigger) { expect_the_trigger_to_load(1); }
Test(i8254, mode_5_loads_at_the_trigger) { expect_the_trigger_to_load(5); }

/* "Mode 1" and "Mode 5": "the current counting sequence" keeps its length. */
static void expect_a_new_count_to_wait(unsigned mode)
{
    program(2, mode, 100);
    out(PORT61, 1);
    out(PORT61, 0);
    to_clock(40);
    cr_expect(eq(u8, status(2) & 0x40, 0));
    out(2, 20);
    out(2, 0);
    cr_expect(eq(u8, status(2) & 0x40, 0x40));
    cr_expect(eq(uint, count(2), 60));
    to_clock(99);
    cr_expect(eq(int, out2(), mode == 5));
    to_clock(100);
    cr_expect(eq(int, out2(), mode == 1));
    to_clock(101);
    cr_expect(out2());
    cr_expect(eq(uint, count(2), 0xffff), "counts on from its end");
    to_clock(1000);
    cr_expect(eq(u8, status(2) & 0x40, 0x40));
    out(PORT61, 1);
    cr_expect(eq(u8, status(2) & 0x40, 0));
    cr_expect(eq(uint, count(2), 20));
    to_clock(1019);
    cr_expect(eq(int, out2(), mode == 5));
    to_clock(1020);
    cr_expect(eq(int, out2(), mode == 1));
    to_clock(1021);
    cr_expect(out2());
}

Test(i8254, mode_1_takes_a_new_count_at_the_next_trigger) { expect_a_new_count_to_wait(1); }
Test(i8254, mode_5_takes_a_new_count_at_the_next_trigger) { expect_a_new_count_to_wait(5); }

Test(i8254, mode_5_begins_again_at_a_trigger) /* "Mode 5" */
{
    program(2, 5, 50);
    out(PORT61, 1);
    to_clock(30);
    out(PORT61, 0);
    out(PORT61, 1);
    cr_expect(eq(uint, count(2), 50));
    to_clock(50);
    cr_expect(out2());
    to_clock(79);
    cr_expect(out2());
    to_clock(80);
    cr_expect(not(out2()));
    to_clock(81);
    cr_expect(out2());
    to_clock(80 + 65536);
    cr_expect(out2(), "one strobe per trigger");
}

Test(i8254, a_snapshot_keeps_a_count_that_waits_for_a_trigger)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    program(2, 1, 100);
    out(PORT61, 1);
    out(PORT61, 0);
    to_clock(40);
    out(2, 20);
    out(2, 0);
    dev_save(b.dev, snap);
    dev_reset(b.dev);
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    cr_expect(eq(u8, status(2), 0x72));
    cr_expect(eq(uint, count(2), 60));
    out(PORT61, 1);
    cr_expect(eq(u8, status(2), 0x32));
    cr_expect(eq(uint, count(2), 20));
}

Test(i8254, zero_is_65536_and_bcd_10000) /* "Mode Definitions" */
{
    program(0, 2, 0);
    cr_expect(eq(uint, count(0), 0));
    to_clock(1);
    cr_expect(eq(uint, count(0), 0xffff));
    out(CONTROL, 0x31);
    out(0, 0x23);
    out(0, 0x01);
    to_clock(25);
    cr_expect(eq(uint, count(0), 0x0099));
}

Test(i8254, a_latched_count_stays_until_it_is_read) /* "Counter Latch Command" */
{
    program(0, 2, 0x1234);
    to_clock(4);
    out(CONTROL, 0);
    to_clock(100);
    out(CONTROL, 0);
    cr_expect(eq(u8, in(0), 0x30));
    cr_expect(eq(u8, in(0), 0x12));
    cr_expect(eq(u8, in(0), (0x1234 - 100) & 0xff));
}

Test(i8254, read_back_latches_status_and_count) /* "Read-Back Command" */
{
    program(0, 3, 0x200);
    out(CONTROL, 0xc2);
    cr_expect(eq(u8, in(0), 0xb6));
    cr_expect(eq(u8, in(0), 0x00));
    cr_expect(eq(u8, in(0), 0x02));
    out(CONTROL, 0xb4); /* counter 2: nothing loaded */
    out(CONTROL, 0xe8);
    cr_expect(eq(u8, in(2), 0xf4));
    out(0, 0x10);
    out(CONTROL, 0xe2);
    cr_expect(eq(u8, in(0) & 0x40, 0x40), "half a count written");
}

Test(i8254, one_byte_formats) /* "Control Word Format" */
{
    out(CONTROL, 0x14);
    out(0, 0x80);
    cr_expect(eq(u8, in(0), 0x80));
    cr_expect(eq(u8, in(0), 0x80));
    out(CONTROL, 0x24);
    out(0, 0x12);
    cr_expect(eq(u8, in(0), 0x12));
    cr_expect(eq(uint, b.dev->guest_errors, 0));
}

Test(i8254, port_61_toggles_with_the_refresh) /* PIIX4 4.2.5.1 */
{
    cr_expect(eq(u8, in(PORT61)&0x10, 0));
    bench_pass(&b, 15100);
    cr_expect(eq(u8, in(PORT61)&0x10, 0x10));
    out(PORT61, 0xff);
    cr_expect(eq(u8, in(PORT61)&0x0f, 0x0f));
}

Test(i8254, a_snapshot_keeps_the_count)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    program(0, 2, 1000);
    to_clock(300);
    dev_save(b.dev, snap);
    dev_reset(b.dev);
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    cr_expect(eq(uint, count(0), 700));
    cr_expect(eq(u64, clock_next_ns(&b.clock), ns_of(1000)));
}
