/* SPDX-License-Identifier: MIT */
/* test_pl061.c - what DDI 0190B promises, section by section. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/pl061.h"
#include "tests/unit/dev_bench.h"

enum { DATA = 0, ALL = 0x3fc, DIRECTION = 0x400, IS = 0x404, IBE = 0x408, IEV = 0x40c, IE = 0x410 };
enum { RIS = 0x414, MIS = 0x418, IC = 0x41c, AFSEL = 0x420 };

static Bench b;
static void power_on(void) { bench_on(&b, &pl061_type); }
static void power_off(void) { bench_off(&b); }
TestSuite(pl061, .init = power_on, .fini = power_off);

static bool intr(void) { return b.line[PL061_INTR].level; }

Test(pl061, ids)
{
    static const uint32_t id[8] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    for (unsigned i = 0; i < 8; i++) {
        cr_expect(eq(u32, rd(&b, 0xfe0 + 4 * i), id[i]));
    }
}

Test(pl061, the_address_masks_data) /* 3.3.1 */
{
    wr(&b, DIRECTION, 0xff);
    wr(&b, ALL, 0xf0);
    wr(&b, DATA + (0x81 << 2), 0x0f);
    cr_expect(eq(u32, rd(&b, ALL), 0x71));
    cr_expect(eq(u32, rd(&b, DATA + (0x11 << 2)), 0x11));
    cr_expect(eq(u32, rd(&b, DATA), 0));
    cr_expect(eq(u64, dev_read(b.dev, ALL, 1), 0x71)); /* byte accesses are usual */
}

Test(pl061, outputs_drive_lines_and_inputs_read_pins) /* 3.3.1, 3.3.2 */
{
    wr(&b, DIRECTION, 0x0f);
    wr(&b, ALL, 0x3c);
    dev_set_pin(b.dev, 7, true);
    dev_set_pin(b.dev, 0, true);
    cr_expect(eq(u32, rd(&b, ALL), 0x8c));
    for (unsigned n = 0; n < 8; n++) {
        cr_expect(eq(b.line[PL061_OUT + n].level, n == 2 || n == 3), "line %u", n);
    }
    wr(&b, AFSEL, 4);
    cr_expect(not(b.line[PL061_OUT + 2].level));
    wr(&b, DIRECTION, 0);
    cr_expect(not(b.line[PL061_OUT + 3].level));
    cr_expect(eq(u32, rd(&b, ALL), 0x81));
}

Test(pl061, edges_as_selected) /* 3.3.3 to 3.3.5 */
{
    static const struct {
        uint32_t ibe, iev;
        bool rise, fall;
    } sel[] = { { 0, 0, false, true }, { 0, 8, true, false }, { 8, 0, true, true } };

    wr(&b, IE, 8);
    for (unsigned i = 0; i < G_N_ELEMENTS(sel); i++) {
        wr(&b, IBE, sel[i].ibe);
        wr(&b, IEV, sel[i].iev);
        dev_set_pin(b.dev, 3, true);
        cr_expect(eq(intr(), sel[i].rise), "selection %u", i);
        wr(&b, IC, 8);
        cr_expect(not(intr()));
        dev_set_pin(b.dev, 3, false);
        cr_expect(eq(intr(), sel[i].fall), "selection %u", i);
        wr(&b, IC, 8);
    }
}

Test(pl061, a_level_lasts_as_long_as_the_pin) /* 3.3.3 */
{
    wr(&b, IS, 8);
    wr(&b, IEV, 8);
    wr(&b, IE, 8);
    dev_set_pin(b.dev, 3, true);
    cr_expect(intr());
    wr(&b, IC, 8);
    cr_expect(intr());
    dev_set_pin(b.dev, 3, false);
    cr_expect(not(intr()));
    wr(&b, IEV, 0);
    cr_expect(intr());
}

Test(pl061, mask_gates_the_interrupt_not_the_status) /* 3.3.6 to 3.3.8 */
{
    wr(&b, IEV, 8);
    dev_set_pin(b.dev, 3, true);
    cr_expect(eq(u32, rd(&b, RIS), 8));
    cr_expect(eq(u32, rd(&b, MIS), 0));
    cr_expect(not(intr()));
    wr(&b, IE, 8);
    cr_expect(eq(u32, rd(&b, MIS), 8));
    cr_expect(intr());
}

Test(pl061, an_output_gives_no_interrupt)
{
    wr(&b, IE, 0xff);
    wr(&b, IBE, 0xff);
    wr(&b, DIRECTION, 8);
    wr(&b, ALL, 8);
    dev_set_pin(b.dev, 3, true);
    cr_expect(not(intr()));
}
