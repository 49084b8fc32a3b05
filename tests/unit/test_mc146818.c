/* SPDX-License-Identifier: MIT */
/* test_mc146818.c - what the MC146818A data sheet promises, section by section. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/mc146818.h"
#include "tests/unit/dev_bench.h"

enum { SEC, SEC_ALARM, MIN, MIN_ALARM, HOUR, HOUR_ALARM, WDAY, DAY, MONTH, YEAR, A, B, C, D };
enum { SET = 0x80, PIE = 0x40, AIE = 0x20, UIE = 0x10, BINARY = 4, H24 = 2 };
#define SECOND UINT64_C(1000000000)

static Bench b;

/* Guest time 0 is half a second into 2024-02-28 23:59:58, a Wednesday. */
static void power_on(void)
{
    bench_on(&b, &mc146818_type);
    mc146818_set_epoch_ns(b.dev, UINT64_C(1709164798) * SECOND + SECOND / 2);
    dev_reset(b.dev);
}
static void power_off(void) { bench_off(&b); }
TestSuite(mc146818, .init = power_on, .fini = power_off);

static uint8_t in(unsigned r)
{
    dev_write(b.dev, 0, 1, r);
    return (uint8_t)dev_read(b.dev, 1, 1);
}

static void out(unsigned r, unsigned v)
{
    dev_write(b.dev, 0, 1, r);
    dev_write(b.dev, 1, 1, v);
}

static void expect_time(unsigned h, unsigned m, unsigned s, const char *why)
{
    cr_expect(eq(u8, in(HOUR), h), "%s", why);
    cr_expect(eq(u8, in(MIN), m), "%s", why);
    cr_expect(eq(u8, in(SEC), s), "%s", why);
}

static void expect_date(unsigned y, unsigned m, unsigned d, unsigned w, const char *why)
{
    cr_expect(eq(u8, in(YEAR), y), "%s", why);
    cr_expect(eq(u8, in(MONTH), m), "%s", why);
    cr_expect(eq(u8, in(DAY), d), "%s", why);
    cr_expect(eq(u8, in(WDAY), w), "%s", why);
}

Test(mc146818, counts_the_calendar_over_a_leap_day) /* "Time, Calendar, and Alarm Locations" */
{
    expect_time(0x23, 0x59, 0x58, "start");
    expect_date(0x24, 0x02, 0x28, 4, "start");
    bench_pass(&b, 3 * SECOND / 2);
    expect_time(0, 0, 0, "midnight");
    expect_date(0x24, 0x02, 0x29, 5, "leap day");
    bench_pass(&b, 86400 * SECOND);
    expect_date(0x24, 0x03, 0x01, 6, "March");
    cr_expect(eq(u8, in(0x32), 0x20));
}

Test(mc146818, formats_are_bcd_or_binary_12_or_24_hours) /* "Register B" */
{
    out(B, H24 | BINARY);
    expect_time(23, 59, 58, "binary");
    out(B, BINARY);
    expect_time(0x80 | 11, 59, 58, "11 pm");
    out(B, 0);
    expect_time(0x80 | 0x11, 0x59, 0x58, "11 pm, BCD");
    bench_pass(&b, 2 * SECOND);
    expect_time(0x12, 0, 0, "midnight is 12 am");
}

Test(mc146818, set_holds_the_time_and_the_guest_sets_it) /* "SET" */
{
    out(B, SET | H24 | UIE);
    cr_expect(eq(u8, in(B), SET | H24));
    bench_pass(&b, 5 * SECOND);
    expect_time(0x23, 0x59, 0x58, "held");
    out(HOUR, 0x12);
    out(MIN, 0x34);
    out(SEC, 0x56);
    out(DAY, 0x31);
    out(MONTH, 0x12);
    out(YEAR, 0x99);
    out(B, H24);
    expect_time(0x12, 0x34, 0x56, "set");
    expect_date(0x99, 0x12, 0x31, 6, "1999");
    bench_pass(&b, 12 * 3600 * SECOND);
    expect_date(0x00, 0x01, 0x01, 7, "2000");
}

Test(mc146818, a_time_may_be_written_while_the_clock_runs)
{
    out(MIN, 0x10);
    expect_time(0x23, 0x10, 0x58, "the others stay");
    bench_pass(&b, SECOND / 2);
    expect_time(0x23, 0x10, 0x59, "so does the fraction");
}

Test(mc146818, a_divider_reset_starts_half_a_second_before_an_update) /* "Divider" */
{
    out(A, 0x76);
    bench_pass(&b, 7 * SECOND);
    expect_time(0x23, 0x59, 0x58, "held");
    out(A, 0x26);
    bench_pass(&b, SECOND / 2 - 1);
    expect_time(0x23, 0x59, 0x58, "not yet");
    bench_pass(&b, 1);
    expect_time(0x23, 0x59, 0x59, "now");
}

Test(mc146818, uip_comes_244_us_before_an_update_and_stays_for_it) /* "Update Cycle" */
{
    cr_expect(eq(u8, in(A), 0x26));
    bench_pass(&b, SECOND / 2 - 244000 - 1984000 - 1);
    cr_expect(eq(u8, in(A), 0x26));
    bench_pass(&b, 1);
    cr_expect(eq(u8, in(A), 0xa6));
    bench_pass(&b, 244000 + 1984000 - 1);
    cr_expect(eq(u8, in(A), 0xa6));
    bench_pass(&b, 1);
    cr_expect(eq(u8, in(A), 0x26));
    out(A, 0xff);
    cr_expect(eq(u8, in(A), 0x7f));
}

Test(mc146818, updates_interrupt_and_reading_c_ends_it) /* "Register C" */
{
    out(B, H24 | UIE);
    bench_pass(&b, SECOND / 2 - 1);
    cr_expect(not(b.line[0].level));
    bench_pass(&b, 1);
    cr_expect(b.line[0].level);
    cr_expect(eq(u8, in(C), 0xd0));
    cr_expect(eq(u8, in(C), 0));
    cr_expect(not(b.line[0].level));
    bench_pass(&b, SECOND);
    cr_expect(b.line[0].level);
}

Test(mc146818, flags_come_also_without_their_interrupt) /* "Register C" */
{
    bench_pass(&b, SECOND);
    cr_expect(eq(u8, in(C)&0x50, 0x50));
    cr_expect(not(b.line[0].level));
    cr_expect(eq(u64, clock_next_ns(&b.clock), CLOCK_NEVER));
}

Test(mc146818, alarm_comes_once_a_day_or_by_dont_care_codes) /* "Alarm" */
{
    out(SEC_ALARM, 0x02);
    out(MIN_ALARM, 0);
    out(HOUR_ALARM, 0);
    out(B, H24 | AIE);
    bench_pass(&b, 7 * SECOND / 2 - 1);
    cr_expect(not(b.line[0].level));
    bench_pass(&b, 1);
    cr_expect(b.line[0].level);
    cr_expect(eq(u8, in(C)&0xa0, 0xa0));
    bench_pass(&b, 86399 * SECOND);
    cr_expect(not(b.line[0].level));
    bench_pass(&b, SECOND);
    cr_expect(b.line[0].level);
    in(C);
    out(MIN_ALARM, 0xff);
    out(HOUR_ALARM, 0xc0);
    bench_pass(&b, 60 * SECOND);
    cr_expect(b.line[0].level);
}

Test(mc146818, periodic_rates) /* "Register A", table 5 */
{
    static const struct {
        unsigned rs;
        uint64_t hz;
    } rate[] = { { 1, 256 }, { 2, 128 }, { 3, 8192 }, { 6, 1024 }, { 15, 2 } };

    for (unsigned i = 0; i < G_N_ELEMENTS(rate); i++) {
        unsigned n = 0;

        out(A, 0x20 | rate[i].rs);
        out(B, H24 | PIE);
        in(C);
        for (unsigned k = 0; k < 4; k++) {
            bench_pass(&b, SECOND / rate[i].hz + 1);
            n += b.line[0].level;
            cr_expect(eq(u8, in(C)&0xc0, 0xc0));
        }
        cr_expect(eq(uint, n, 4), "rate %u", rate[i].rs);
        bench_pass(&b, SECOND - b.now_ns % SECOND);
    }
    out(A, 0x20);
    in(C);
    bench_pass(&b, SECOND);
    cr_expect(eq(u8, in(C)&0x40, 0));
}

Test(mc146818, memory_is_kept_in_both_banks)
{
    out(14, 0x11);
    out(127, 0x22);
    dev_write(b.dev, 2, 1, 0xff); /* bit 7 is no address */
    dev_write(b.dev, 3, 1, 0x33);
    cr_expect(eq(u8, in(14), 0x11));
    cr_expect(eq(u8, in(127), 0x22));
    cr_expect(eq(u8, dev_read(b.dev, 3, 1), 0x33));
    cr_expect(eq(u8, in(D), 0x80));
    mc146818_set_byte(b.dev, 14, 0x44);
    dev_reset(b.dev);
    cr_expect(eq(u8, in(14), 0x44));
}

Test(mc146818, a_snapshot_keeps_the_date_and_its_alarm)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    out(YEAR, 0x30);
    out(B, H24 | UIE);
    dev_save(b.dev, snap);
    mc146818_set_epoch_ns(b.dev, 0);
    dev_reset(b.dev);
    expect_date(0x70, 0x01, 0x01, 5, "epoch");
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    expect_date(0x30, 0x02, 0x28, 5, "saved");
    bench_pass(&b, SECOND / 2);
    cr_expect(b.line[0].level);
}
