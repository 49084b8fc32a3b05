/* SPDX-License-Identifier: MIT */
/* test_pl031.c - what DDI 0224B promises, section by section. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/pl031.h"
#include "tests/unit/dev_bench.h"

enum { DR = 0, MR = 4, LR = 8, CR = 0xc, IMSC = 0x10, RIS = 0x14, MIS = 0x18, ICR = 0x1c };
#define SECOND UINT64_C(1000000000)
#define EPOCH UINT64_C(1700000000)

static Bench b;

/* Guest time 0 is half a second into the second EPOCH. */
static void power_on(void)
{
    bench_on(&b, &pl031_type);
    pl031_set_epoch_ns(b.dev, EPOCH * SECOND + SECOND / 2);
    dev_reset(b.dev);
}
static void power_off(void) { bench_off(&b); }
TestSuite(pl031, .init = power_on, .fini = power_off);

Test(pl031, ids)
{
    static const uint32_t id[8] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    for (unsigned i = 0; i < 8; i++) {
        cr_expect(eq(u32, rd(&b, 0xfe0 + 4 * i), id[i]));
    }
}

Test(pl031, counts_calendar_seconds) /* 3.3.1 */
{
    cr_expect(eq(u32, rd(&b, DR), EPOCH));
    bench_pass(&b, SECOND / 2 - 1);
    cr_expect(eq(u32, rd(&b, DR), EPOCH));
    bench_pass(&b, 1);
    cr_expect(eq(u32, rd(&b, DR), EPOCH + 1));
    wr(&b, DR, 5);
    cr_expect(eq(u32, rd(&b, DR), EPOCH + 1));
    cr_expect(eq(u64, b.dev->guest_errors, 1));
}

Test(pl031, load_sets_the_counter_which_goes_on) /* 3.3.3 */
{
    wr(&b, LR, 1000);
    cr_expect(eq(u32, rd(&b, LR), 1000));
    cr_expect(eq(u32, rd(&b, DR), 1000));
    bench_pass(&b, 7 * SECOND);
    cr_expect(eq(u32, rd(&b, DR), 1007));
    wr(&b, LR, 0xffffffff);
    bench_pass(&b, 2 * SECOND);
    cr_expect(eq(u32, rd(&b, DR), 1));
}

Test(pl031, match_interrupts_in_its_second_once) /* 3.3.2, 3.3.5 to 3.3.8 */
{
    wr(&b, IMSC, 1);
    wr(&b, MR, EPOCH + 3);
    bench_pass(&b, 5 * SECOND / 2 - 1);
    cr_expect(not(b.line[0].level));
    bench_pass(&b, 1);
    cr_expect(b.line[0].level);
    cr_expect(eq(u32, rd(&b, RIS), 1));
    cr_expect(eq(u32, rd(&b, MIS), 1));
    wr(&b, ICR, 1);
    cr_expect(not(b.line[0].level));
    bench_pass(&b, 100 * SECOND);
    cr_expect(not(b.line[0].level));
}

Test(pl031, a_match_missed_by_late_events_is_not_lost)
{
    wr(&b, IMSC, 1);
    wr(&b, MR, EPOCH + 1);
    b.now_ns += 5 * SECOND; /* the event is due and has not fired */
    rd(&b, DR);
    bench_pass(&b, 0);
    cr_expect(b.line[0].level);
}

Test(pl031, matching_now_interrupts_now)
{
    wr(&b, MR, 50);
    wr(&b, LR, 50);
    cr_expect(eq(u32, rd(&b, RIS), 1));
    cr_expect(eq(u32, rd(&b, MIS), 0));
    cr_expect(not(b.line[0].level));
    wr(&b, IMSC, 1);
    cr_expect(b.line[0].level);
}

Test(pl031, stays_enabled) /* 3.3.4 */
{
    wr(&b, CR, 0);
    cr_expect(eq(u32, rd(&b, CR), 1));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(pl031, a_snapshot_keeps_calendar_and_alarm)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    wr(&b, IMSC, 1);
    wr(&b, LR, 100);
    wr(&b, MR, 102);
    dev_save(b.dev, snap);
    pl031_set_epoch_ns(b.dev, 0);
    dev_reset(b.dev);
    cr_expect(eq(u32, rd(&b, DR), 0));
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    cr_expect(eq(u32, rd(&b, DR), 100));
    bench_pass(&b, 2 * SECOND);
    cr_expect(b.line[0].level);
}
