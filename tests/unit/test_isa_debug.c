/* SPDX-License-Identifier: MIT */
/* test_isa_debug.c - the debug console and the way out. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/isa_debug.h"
#include "tests/unit/dev_bench.h"

static Bench b;
static void power_off(void) { bench_off(&b); }
TestSuite(isa_debug, .fini = power_off);

static void on_end(void *opaque, unsigned status) { *(unsigned *)opaque = status; }

Test(isa_debug, the_console_sends_and_reads_as_e9)
{
    bench_on(&b, &isa_debugcon_type);
    cr_expect(eq(u64, dev_read(b.dev, 0, 1), 0xe9));
    dev_write(b.dev, 0, 1, 'a');
    dev_write(b.dev, 0, 1, 'b');
    cr_expect(eq(str, b.sent->str, "ab"));
}

Test(isa_debug, the_way_out_doubles_and_adds_one)
{
    unsigned status = 0;

    bench_on(&b, &isa_debug_exit_type);
    dev_write(b.dev, 0, 1, 5); /* nobody listens */
    isa_debug_exit_on_write(b.dev, on_end, &status);
    dev_write(b.dev, 0, 1, 0x10);
    cr_expect(eq(u32, status, 0x21));
    dev_write(b.dev, 0, 4, 0);
    cr_expect(eq(u32, status, 1));
}
