/* SPDX-License-Identifier: MIT */
/* test_i8259.c - what the 8259A data sheet promises, section by section. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/i8259.h"
#include "tests/unit/dev_bench.h"

enum { CMD1, DATA1, CMD2, DATA2, ELCR1, ELCR2 };
enum { EOI = 0x20, READ_IRR = 0x0a, READ_ISR = 0x0b, POLL = 0x0c };

static Bench b;

static uint8_t in(unsigned r) { return (uint8_t)dev_read(b.dev, r, 1); }
static void out(unsigned r, unsigned v) { dev_write(b.dev, r, 1, v); }
static void irq(unsigned n, bool level) { dev_set_pin(b.dev, n, level); }
static uint8_t ack(void) { return i8259_acknowledge(b.dev); }
static bool intr(void) { return b.line[0].level; }

/* As a PC's kernel does; all lines open. @icw4 of the first controller. */
static void init(unsigned icw4)
{
    out(CMD1, 0x11);
    out(DATA1, 0x30);
    out(DATA1, 0x04);
    out(DATA1, icw4);
    out(CMD2, 0x11);
    out(DATA2, 0x38);
    out(DATA2, 0x02);
    out(DATA2, 1);
}

static void power_on(void)
{
    bench_on(&b, &i8259_type);
    init(1);
}
static void power_off(void) { bench_off(&b); }
TestSuite(i8259, .init = power_on, .fini = power_off);

Test(i8259, nothing_interrupts_before_initialization)
{
    dev_reset(b.dev);
    irq(1, true);
    cr_expect(not(intr()));
    out(CMD1, 0x11);
    cr_expect(not(intr()));
}

Test(i8259, vector_is_base_and_line) /* "Interrupt Sequence", ICW2 */
{
    irq(1, true);
    cr_expect(intr());
    cr_expect(eq(u8, ack(), 0x31));
    cr_expect(not(intr()));
    irq(8, true);
    cr_expect(not(intr()), "line 2 is below line 1, which is in service");
    out(CMD1, EOI);
    cr_expect(intr());
    cr_expect(eq(u8, ack(), 0x38));
}

Test(i8259, an_edge_is_one_request) /* "Edge and Level Triggered Modes" */
{
    irq(3, true);
    cr_expect(eq(u8, ack(), 0x33));
    out(CMD1, EOI);
    cr_expect(not(intr()));
    irq(3, false);
    irq(3, true);
    cr_expect(intr());
}

Test(i8259, initialization_wants_new_edges) /* "Initialization" */
{
    irq(3, true);
    init(1);
    cr_expect(not(intr()));
    irq(3, false);
    irq(3, true);
    cr_expect(intr());
}

Test(i8259, elcr_makes_a_line_a_level) /* PIIX4 4.2.7 */
{
    out(ELCR2, 0xff);
    cr_expect(eq(u8, in(ELCR2), 0xde));
    out(ELCR1, 0xff);
    cr_expect(eq(u8, in(ELCR1), 0xf8));
    irq(10, true);
    cr_expect(eq(u8, ack(), 0x3a));
    out(CMD2, EOI);
    out(CMD1, EOI);
    cr_expect(intr());
    irq(10, false);
    cr_expect(not(intr()));
}

Test(i8259, a_request_that_has_gone_is_spurious) /* "Interrupt Sequence" */
{
    irq(3, true);
    irq(3, false);
    cr_expect(not(intr()));
    cr_expect(eq(u8, ack(), 0x37));
    out(CMD1, READ_ISR);
    cr_expect(eq(u8, in(CMD1), 0));
}

Test(i8259, masked_lines_wait) /* OCW1 */
{
    out(DATA1, 0xff);
    irq(4, true);
    cr_expect(not(intr()));
    out(CMD1, READ_IRR);
    cr_expect(eq(u8, in(CMD1), 0x10));
    cr_expect(eq(u8, in(DATA1), 0xff));
    out(DATA1, 0xef);
    cr_expect(eq(u8, ack(), 0x34));
    cr_expect(eq(u8, in(CMD1), 0));
    out(CMD1, READ_ISR);
    cr_expect(eq(u8, in(CMD1), 0x10));
}

Test(i8259, lower_lines_come_first_and_interrupt_higher_ones) /* "Fully Nested Mode" */
{
    irq(5, true);
    irq(3, true);
    cr_expect(eq(u8, ack(), 0x33));
    cr_expect(not(intr()));
    irq(1, true);
    cr_expect(eq(u8, ack(), 0x31));
    out(CMD1, EOI);
    cr_expect(not(intr()));
    out(CMD1, EOI);
    cr_expect(eq(u8, ack(), 0x35));
}

Test(i8259, a_specific_eoi_ends_that_line) /* OCW2 */
{
    irq(5, true);
    ack();
    irq(1, true);
    ack();
    out(CMD1, 0x60 | 5);
    out(CMD1, READ_ISR);
    cr_expect(eq(u8, in(CMD1), 2));
}

Test(i8259, rotation_gives_the_last_one_served_the_lowest_priority) /* OCW2 */
{
    irq(4, true);
    ack();
    out(CMD1, 0xa0);
    irq(3, true);
    irq(5, true);
    cr_expect(eq(u8, ack(), 0x35));
    out(CMD1, 0xe0 | 5);
    irq(4, false);
    irq(4, true);
    cr_expect(eq(u8, ack(), 0x33));
    out(CMD1, 0xc0 | 2); /* set priority: 3 is the highest */
    out(CMD1, EOI);
    irq(3, false);
    irq(3, true);
    cr_expect(eq(u8, ack(), 0x33));
}

Test(i8259, automatic_eoi_leaves_nothing_in_service) /* ICW4 */
{
    init(3);
    irq(4, true);
    cr_expect(eq(u8, ack(), 0x34));
    out(CMD1, READ_ISR);
    cr_expect(eq(u8, in(CMD1), 0));
}

Test(i8259, special_mask_mode_lets_lower_ones_in) /* "Special Mask Mode" */
{
    irq(1, true);
    ack();
    irq(4, true);
    cr_expect(not(intr()));
    out(DATA1, 0x02);
    out(CMD1, 0x68);
    cr_expect(eq(u8, ack(), 0x34));
    out(CMD1, 0x48);
    cr_expect(not(intr()));
}

Test(i8259, special_fully_nested_mode_lets_the_slave_in_again)
{
    irq(12, true);
    ack();
    irq(9, true);
    cr_expect(not(intr()));
    out(CMD2, EOI);
    out(CMD1, EOI);
    ack();
    init(0x11);
    irq(12, false);
    irq(12, true);
    ack();
    irq(9, false);
    irq(9, true);
    cr_expect(intr());
    cr_expect(eq(u8, ack(), 0x39));
}

Test(i8259, poll_is_an_acknowledge) /* "Poll Command" */
{
    out(CMD1, POLL);
    cr_expect(eq(u8, in(CMD1), 0));
    irq(14, true);
    out(CMD1, POLL);
    cr_expect(eq(u8, in(CMD1), 0x82));
    out(CMD2, POLL);
    cr_expect(eq(u8, in(CMD2), 0x86));
    out(CMD2, READ_ISR);
    cr_expect(eq(u8, in(CMD2), 0x40));
    cr_expect(not(intr()));
}

Test(i8259, a_snapshot_keeps_what_is_in_service)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    irq(4, true);
    ack();
    irq(1, true);
    dev_save(b.dev, snap);
    dev_reset(b.dev);
    cr_expect(not(intr()));
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    cr_expect(intr());
    cr_expect(eq(u8, ack(), 0x31));
}
