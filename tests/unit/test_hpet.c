/* SPDX-License-Identifier: MIT */
/* test_hpet.c - what the IA-PC HPET specification promises, section by section. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/hpet.h"
#include "tests/unit/dev_bench.h"

enum { CAP = 0, CONF = 0x10, STATUS = 0x20, COUNTER = 0xf0, T0 = 0x100, T1 = 0x120, CMP = 8 };
enum { LEVEL = 2, ENABLE = 4, PERIODIC = 8, VAL_SET = 0x40, NARROW = 0x100 };

static Bench b;
static unsigned rises[HPET_LINES];

static void on_line(void *opaque, bool level) { *(unsigned *)opaque += level; }

static void power_on(void)
{
    bench_on(&b, &hpet_type);
    for (unsigned i = 0; i < HPET_LINES; i++) {
        rises[i] = 0;
        b.line[i].sink = on_line;
        b.line[i].opaque = &rises[i];
    }
}
static void power_off(void) { bench_off(&b); }
TestSuite(hpet, .init = power_on, .fini = power_off);

static uint64_t rd64(uint32_t off) { return dev_read(b.dev, off, 8); }
static void wr64(uint32_t off, uint64_t val) { dev_write(b.dev, off, 8, val); }
static uint32_t route(unsigned n) { return n << 9; }

Test(hpet, capabilities) /* 2.3.4 */
{
    cr_expect(eq(u64, rd64(CAP), UINT64_C(0x009896808086a201)));
    cr_expect(eq(u32, rd(&b, CAP + 4), 10000000)); /* fs: 100 MHz */
    cr_expect(eq(u64, rd64(T0), UINT64_C(0x00ff000000000030)));
    wr(&b, CAP, 0);
    cr_expect(eq(u64, b.dev->guest_errors, 1));
}

Test(hpet, the_counter_counts_while_enabled_and_is_written_while_not) /* 2.3.5, 2.3.7 */
{
    bench_pass(&b, 1000);
    cr_expect(eq(u64, rd64(COUNTER), 0));
    wr64(COUNTER, UINT64_C(0xfffffff0));
    wr(&b, CONF, 1);
    bench_pass(&b, 1000);
    cr_expect(eq(u64, rd64(COUNTER), UINT64_C(0x100000054)));
    cr_expect(eq(u32, rd(&b, COUNTER + 4), 1));
    wr(&b, CONF, 0);
    bench_pass(&b, 1000);
    cr_expect(eq(u64, rd64(COUNTER), UINT64_C(0x100000054)));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(hpet, one_shot_edge) /* 2.3.9.2.1 */
{
    wr(&b, T0, ENABLE | route(2));
    wr64(T0 + CMP, 100);
    wr(&b, CONF, 1);
    bench_pass(&b, 999);
    cr_expect(eq(u32, rises[2], 0));
    bench_pass(&b, 1);
    cr_expect(eq(u32, rises[2], 1));
    cr_expect(eq(u32, rd(&b, STATUS), 0)); /* 2.3.6: levels only */
    bench_pass(&b, 1000000);
    cr_expect(eq(u32, rises[2], 1));
    wr64(T0 + CMP, rd64(COUNTER) + 10);
    bench_pass(&b, 100);
    cr_expect(eq(u32, rises[2], 2)); /* a new edge, though the line was up */
    wr(&b, T0, route(2));
    cr_expect(not(b.line[2].level));
}

Test(hpet, level_stays_until_its_status_is_cleared) /* 2.3.6 */
{
    wr(&b, T1, ENABLE | LEVEL | route(16));
    wr64(T1 + CMP, 5);
    wr(&b, CONF, 1);
    bench_pass(&b, 50);
    cr_expect(b.line[16].level);
    cr_expect(eq(u32, rd(&b, STATUS), 2));
    wr(&b, STATUS, 1);
    cr_expect(b.line[16].level);
    wr(&b, STATUS, 2);
    cr_expect(not(b.line[16].level));
}

Test(hpet, a_disabled_level_timer_shows_its_status_alone) /* 2.3.8 */
{
    wr(&b, T1, LEVEL | route(16));
    wr64(T1 + CMP, 5);
    wr(&b, CONF, 1);
    bench_pass(&b, 50);
    cr_expect(eq(u32, rd(&b, STATUS), 2));
    cr_expect(not(b.line[16].level));
}

Test(hpet, periodic_by_two_writes_of_half_the_width) /* 2.3.9.2.2 */
{
    wr(&b, T0, ENABLE | PERIODIC | VAL_SET | NARROW | route(2));
    wr(&b, T0 + CMP, 50);
    cr_expect(eq(u32, rd(&b, T0) & VAL_SET, 0));
    wr(&b, T0 + CMP, 20);
    cr_expect(eq(u32, rd(&b, T0 + CMP), 50));
    wr(&b, CONF, 1);
    bench_pass(&b, 500);
    cr_expect(eq(u32, rises[2], 1));
    cr_expect(eq(u32, rd(&b, T0 + CMP), 70));
    bench_pass(&b, 1000);
    cr_expect(eq(u32, rises[2], 6));
    b.now_ns += 1000; /* late: what nobody saw is one */
    bench_pass(&b, 0);
    cr_expect(eq(u32, rises[2], 7));
    cr_expect(eq(u32, rd(&b, T0 + CMP), 270));
}

Test(hpet, periodic_by_one_wide_write) /* 2.3.9.2.2 */
{
    wr(&b, T0, ENABLE | PERIODIC | VAL_SET | route(2));
    wr64(T0 + CMP, UINT64_C(0x200000000));
    cr_expect(eq(u64, rd64(T0 + CMP), UINT64_C(0x200000000)));
    wr64(T0 + CMP, 7);
    cr_expect(eq(u64, rd64(T0 + CMP), UINT64_C(0x200000000)));
}

Test(hpet, a_32_bit_timer_matches_once_a_wrap) /* 2.3.9.2.3 */
{
    wr(&b, T0, ENABLE | NARROW | route(2));
    wr(&b, T0 + CMP, 10);
    wr64(COUNTER, 20);
    wr(&b, CONF, 1);
    bench_pass(&b, UINT64_C(10) * ((UINT64_C(1) << 32) - 10) - 1);
    cr_expect(eq(u32, rises[2], 0));
    bench_pass(&b, 1);
    cr_expect(eq(u32, rises[2], 1));
    cr_expect(eq(u32, rd(&b, T0 + CMP + 4), 0));
}

Test(hpet, legacy_replacement) /* 2.3.5 */
{
    wr(&b, T0, ENABLE | route(20));
    wr(&b, T1, ENABLE | route(21));
    wr64(T0 + CMP, 1);
    wr64(T1 + CMP, 1);
    cr_expect(not(b.line[HPET_LINE_LEGACY].level));
    wr(&b, CONF, 3);
    cr_expect(b.line[HPET_LINE_LEGACY].level);
    bench_pass(&b, 10);
    cr_expect(eq(u32, rises[0], 1));
    cr_expect(eq(u32, rises[8], 1));
    cr_expect(eq(u32, rises[20] + rises[21], 0));
}
