/* SPDX-License-Identifier: MIT */
/* test_ns16550.c - what the PC16550D data sheet promises, section by section. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/ns16550.h"
#include "tests/unit/dev_bench.h"

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR, THR = RBR, FCR = IIR };
enum { DR = 1, OE = 2, FE = 8, BI = 0x10, THRE = 0x20, TEMT = 0x40, IN_FIFO = 0x80 };
enum { NONE = 1, MODEM = 0, TX = 2, RX = 4, LINE = 6, TIMEOUT = 0xc, FIFOS = 0xc0 };
enum { EMPTY = THRE | TEMT };

static Bench b;
static void power_on(void) { bench_on(&b, &ns16550_type); }
static void power_off(void) { bench_off(&b); }
TestSuite(ns16550, .init = power_on, .fini = power_off);

static uint8_t in(unsigned r) { return (uint8_t)dev_read(b.dev, r, 1); }
static void out(unsigned r, unsigned v) { dev_write(b.dev, r, 1, v); }
static void feed(const char *text) { dev_receive(b.dev, (const uint8_t *)text, strlen(text)); }

/* 115200 baud, 8N1. */
static void set_line(void)
{
    out(LCR, 0x83);
    out(0, 1);
    out(1, 0);
    out(LCR, 3);
}

Test(ns16550, reset_values) /* table III */
{
    cr_expect(eq(u8, in(IER), 0));
    cr_expect(eq(u8, in(IIR), NONE));
    cr_expect(eq(u8, in(LCR), 0));
    cr_expect(eq(u8, in(MCR), 0));
    cr_expect(eq(u8, in(LSR), EMPTY));
    cr_expect(eq(u8, in(MSR), 0));
}

Test(ns16550, dlab_shows_the_divisor) /* 8.3 */
{
    out(IER, 5);
    out(LCR, 0x80);
    out(0, 0x34);
    out(1, 0x12);
    cr_expect(eq(u8, in(0), 0x34));
    cr_expect(eq(u8, in(1), 0x12));
    out(LCR, 3);
    cr_expect(eq(u8, in(1), 5));
    cr_expect(eq(str, b.sent->str, ""));
}

Test(ns16550, ier_has_four_bits) /* 8.7 */
{
    out(IER, 0xff);
    cr_expect(eq(u8, in(IER), 0xf));
}

Test(ns16550, scratch_keeps_a_byte) /* 8.10 */
{
    out(SCR, 0xa5);
    cr_expect(eq(u8, in(SCR), 0xa5));
}

Test(ns16550, sends_at_once) /* 8.4 */
{
    out(THR, 'h');
    out(THR, 'i');
    cr_expect(eq(str, b.sent->str, "hi"));
    cr_expect(eq(u8, in(LSR), EMPTY));
}

Test(ns16550, transmitter_interrupt_comes_when_enabled_and_after_each_byte) /* 8.6, table IV */
{
    out(IER, 2);
    cr_expect(b.line[NS16550_INTR].level);
    cr_expect(eq(u8, in(IIR), TX));
    cr_expect(not(b.line[NS16550_INTR].level));
    cr_expect(eq(u8, in(IIR), NONE));
    out(THR, 'x');
    cr_expect(b.line[NS16550_INTR].level);
    cr_expect(eq(u8, in(IIR), TX));
    out(IER, 0);
    out(IER, 2);
    cr_expect(eq(u8, in(IIR), TX));
}

Test(ns16550, one_byte_without_fifos_and_overrun_replaces_it) /* 8.4 */
{
    cr_expect(eq(sz, dev_can_receive(b.dev), 1));
    feed("a");
    cr_expect(eq(sz, dev_can_receive(b.dev), 0));
    cr_expect(eq(u8, in(LSR), EMPTY | DR));
    feed("b");
    cr_expect(eq(u8, in(LSR), EMPTY | DR | OE));
    cr_expect(eq(u8, in(LSR), EMPTY | DR));
    cr_expect(eq(u8, in(RBR), 'b'));
    cr_expect(eq(u8, in(LSR), EMPTY));
    cr_expect(lt(uint, 0, b.rooms));
}

Test(ns16550, fifos_keep_order_and_overrun_loses_the_new_byte) /* 8.4, 8.5 */
{
    out(FCR, 1);
    cr_expect(eq(u8, in(IIR), FIFOS | NONE));
    cr_expect(eq(sz, dev_can_receive(b.dev), 16));
    feed("0123456789abcdefX");
    cr_expect(eq(u8, in(LSR), EMPTY | DR | OE));
    for (unsigned i = 0; i < 16; i++) {
        cr_expect(eq(u8, in(RBR), (uint8_t) "0123456789abcdef"[i]));
    }
    cr_expect(eq(u8, in(LSR), EMPTY));
}

Test(ns16550, receiver_interrupts_at_its_trigger_level) /* 8.5, 8.6 */
{
    static const unsigned level[4] = { 1, 4, 8, 14 };

    out(IER, 1);
    for (unsigned sel = 0; sel < 4; sel++) {
        out(FCR, sel << 6 | 3);
        for (unsigned n = 1; n <= level[sel]; n++) {
            cr_expect(not(b.line[NS16550_INTR].level), "select %u, byte %u", sel, n);
            feed("x");
        }
        cr_expect(b.line[NS16550_INTR].level, "select %u", sel);
        cr_expect(eq(u8, in(IIR), FIFOS | RX));
        in(RBR);
        cr_expect(not(b.line[NS16550_INTR].level), "select %u", sel);
    }
}

Test(ns16550, clearing_the_receiver_needs_fcr0) /* 8.5 */
{
    out(FCR, 1);
    feed("abc");
    out(FCR, 3);
    cr_expect(eq(u8, in(LSR), EMPTY));
    feed("abc");
    out(FCR, 1);
    cr_expect(eq(u8, in(LSR), EMPTY | DR));
    out(FCR, 0);
    cr_expect(eq(u8, in(LSR), EMPTY));
    cr_expect(eq(u8, in(IIR), NONE));
}

Test(ns16550, time_out_comes_four_characters_after_the_last) /* 8.11 */
{
    uint64_t ns = UINT64_C(4) * 10 * 16 * 1000000000 / 1843200;

    set_line();
    out(FCR, 0xc1);
    out(IER, 1);
    feed("a");
    bench_pass(&b, ns - 10);
    cr_expect(not(b.line[NS16550_INTR].level));
    feed("b");
    bench_pass(&b, ns - 10);
    cr_expect(not(b.line[NS16550_INTR].level));
    bench_pass(&b, 20);
    cr_expect(b.line[NS16550_INTR].level);
    cr_expect(eq(u8, in(IIR), FIFOS | TIMEOUT));
    in(RBR);
    cr_expect(not(b.line[NS16550_INTR].level));
    bench_pass(&b, ns + 10);
    cr_expect(eq(u8, in(IIR), FIFOS | TIMEOUT));
    in(RBR);
    cr_expect(eq(u64, clock_next_ns(&b.clock), CLOCK_NEVER));
}

Test(ns16550, a_break_shows_with_its_character) /* 8.4 */
{
    out(FCR, 1);
    out(IER, 4);
    feed("a");
    dev_line_break(b.dev);
    cr_expect(not(b.line[NS16550_INTR].level));
    cr_expect(eq(u8, in(LSR), EMPTY | DR | IN_FIFO));
    cr_expect(eq(u8, in(RBR), 'a'));
    cr_expect(b.line[NS16550_INTR].level);
    cr_expect(eq(u8, in(IIR), FIFOS | LINE));
    cr_expect(eq(u8, in(LSR), EMPTY | DR | BI | FE | IN_FIFO));
    cr_expect(not(b.line[NS16550_INTR].level));
    cr_expect(eq(u8, in(LSR), EMPTY | DR));
    cr_expect(eq(u8, in(RBR), 0));
}

Test(ns16550, interrupts_have_an_order) /* 8.6, table IV */
{
    out(FCR, 0x41);
    out(IER, 0xf);
    dev_set_pin(b.dev, NS16550_CTS, true);
    feed("abcd");
    feed("abcdefghijklm");
    cr_expect(eq(u8, in(IIR), FIFOS | LINE));
    in(LSR);
    cr_expect(eq(u8, in(IIR), FIFOS | RX));
    out(FCR, 3);
    cr_expect(eq(u8, in(IIR), FIFOS | TX));
    cr_expect(eq(u8, in(IIR), FIFOS | MODEM));
    in(MSR);
    cr_expect(eq(u8, in(IIR), FIFOS | NONE));
}

Test(ns16550, modem_lines_show_and_keep_their_changes) /* 8.9 */
{
    dev_set_pin(b.dev, NS16550_DCD, true);
    dev_set_pin(b.dev, NS16550_DSR, true);
    cr_expect(eq(u8, in(MSR), 0xaa));
    cr_expect(eq(u8, in(MSR), 0xa0));
    dev_set_pin(b.dev, NS16550_RI, true);
    cr_expect(eq(u8, in(MSR), 0xe0)); /* TERI: only the end of a ring */
    dev_set_pin(b.dev, NS16550_RI, false);
    cr_expect(eq(u8, in(MSR), 0xa4));
}

Test(ns16550, lines_that_were_ready_are_no_change_after_reset)
{
    ns16550_set_ready(b.dev);
    dev_reset(b.dev);
    cr_expect(eq(u8, in(MSR), 0xb0));
}

Test(ns16550, loopback_feeds_data_and_modem_lines_back) /* 8.8 */
{
    out(MCR, 0x10);
    cr_expect(eq(sz, dev_can_receive(b.dev), 0));
    out(THR, 'L');
    cr_expect(eq(str, b.sent->str, ""));
    cr_expect(eq(u8, in(RBR), 'L'));
    in(MSR);
    out(MCR, 0x1a); /* RTS, OUT2 */
    cr_expect(eq(u8, in(MSR), 0x99));
    out(MCR, 0x15); /* DTR, OUT1 */
    cr_expect(eq(u8, in(MSR)&0xf0, 0x60));
    cr_expect(not(b.line[NS16550_OUT2].level));
    out(MCR, 0xff);
    cr_expect(eq(u8, in(MCR), 0x1f));
    out(MCR, 8);
    cr_expect(b.line[NS16550_OUT2].level);
}

Test(ns16550, a_wide_access_on_an_8_bit_bus_is_several)
{
    dev_write(b.dev, LCR, 2, 0x1b03);
    cr_expect(eq(u8, in(LCR), 3));
    cr_expect(eq(u8, in(MCR), 0x1b));
    cr_expect(eq(u64, dev_read(b.dev, LCR, 2), 0x1b03));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(ns16550, eight_bytes_apart_on_a_wider_bus)
{
    Bench w;

    bench_on(&w, &ns16550_wide_type);
    wr(&w, 8 * LCR, 3);
    cr_expect(eq(u32, rd(&w, 8 * LCR), 3));
    dev_write(w.dev, 8 * THR, 1, 'a');
    dev_write(w.dev, 8 * THR, 4, 'b');
    cr_expect(eq(str, w.sent->str, "ab"));
    cr_expect(eq(u64, dev_read(w.dev, 8 * LSR, 8), EMPTY));
    cr_expect(eq(u64, w.dev->guest_errors, 0));
    rd(&w, 8 * LSR + 4);
    cr_expect(eq(u64, w.dev->guest_errors, 1));
    bench_off(&w);
}

Test(ns16550, a_snapshot_carries_fifo_and_time_out)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    set_line();
    out(FCR, 0xc1);
    out(IER, 1);
    feed("q");
    dev_save(b.dev, snap);
    dev_reset(b.dev);
    cr_expect(eq(u64, clock_next_ns(&b.clock), CLOCK_NEVER));
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    bench_pass(&b, 1000000);
    cr_expect(b.line[NS16550_INTR].level);
    cr_expect(eq(u8, in(RBR), 'q'));
}
