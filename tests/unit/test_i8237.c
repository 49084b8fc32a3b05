/* SPDX-License-Identifier: MIT */
/* test_i8237.c - the registers of the PC's DMA controllers. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/i8237.h"
#include "tests/unit/dev_bench.h"

enum { HIGH = 0x20, PAGES = 0x40 };

static Bench b;
static void power_on(void) { bench_on(&b, &i8237_type); }
static void power_off(void) { bench_off(&b); }
TestSuite(i8237, .init = power_on, .fini = power_off);

static uint8_t in(uint32_t off) { return (uint8_t)dev_read(b.dev, off, 1); }
static void out(uint32_t off, uint8_t val) { dev_write(b.dev, off, 1, val); }

Test(i8237, address_and_count_go_through_the_flip_flop)
{
    out(0xc, 0);
    out(4, 0x34); /* channel 2 */
    out(4, 0x12);
    out(5, 0xff);
    out(5, 0x01);
    cr_expect(eq(u8, in(4), 0x34));
    cr_expect(eq(u8, in(4), 0x12));
    cr_expect(eq(u8, in(5), 0xff));
    out(0xc, 0);
    cr_expect(eq(u8, in(5), 0xff));
    cr_expect(eq(u8, in(5), 0x01));
}

Test(i8237, the_second_controllers_registers_are_two_bytes_apart)
{
    out(HIGH + 0x18, 0);
    out(HIGH + 2 * 3, 0x78);
    out(HIGH + 2 * 3, 0x56);
    cr_expect(eq(u8, in(HIGH + 6), 0x78));
    cr_expect(eq(u8, in(HIGH + 6), 0x56));
    in(HIGH + 7);
    cr_expect(eq(u64, b.dev->guest_errors, 1));
}

Test(i8237, masks_and_requests)
{
    cr_expect(eq(u8, in(0xf), 0xff)); /* a reset masks all */
    out(0xe, 0);
    cr_expect(eq(u8, in(0xf), 0xf0));
    out(0xa, 6);
    cr_expect(eq(u8, in(0xf), 0xf4));
    out(0xa, 2);
    out(0xf, 9);
    cr_expect(eq(u8, in(0xf), 0xf9));
    out(9, 5);
    cr_expect(eq(u8, in(8), 0x20));
    out(9, 1);
    cr_expect(eq(u8, in(8), 0));
}

Test(i8237, master_clear)
{
    out(0xe, 0);
    out(9, 4);
    in(0); /* the flip-flop is now high */
    out(0, 0xaa);
    out(0xd, 0);
    cr_expect(eq(u8, in(8), 0));
    cr_expect(eq(u8, in(0xf), 0xff));
    out(0, 0x11);
    cr_expect(eq(u8, in(0), 0xaa)); /* high byte: the write was of the low one */
}

Test(i8237, pages_hold_what_is_written)
{
    for (unsigned i = 0; i < 16; i++) {
        out(PAGES + i, (uint8_t)(0x80 + i));
    }
    for (unsigned i = 0; i < 16; i++) {
        cr_expect(eq(u8, in(PAGES + i), 0x80 + i));
    }
}
