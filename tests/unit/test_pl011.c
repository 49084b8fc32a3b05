/* SPDX-License-Identifier: MIT */
/* test_pl011.c - what DDI 0183G promises, section by section. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/pl011.h"
#include "tests/unit/dev_bench.h"

enum { DR = 0x00, RSR = 0x04, FR = 0x18, IBRD = 0x24, FBRD = 0x28, LCR_H = 0x2c, CR = 0x30 };
enum { IFLS = 0x34, IMSC = 0x38, RIS = 0x3c, MIS = 0x40, ICR = 0x44, DMACR = 0x48, ID = 0xfe0 };
enum { FR_RXFE = 0x10, FR_RXFF = 0x40, FR_TXFE = 0x80 };
enum { RX = 0x10, TX = 0x20, RT = 0x40, FE = 0x80, BE = 0x200, OE = 0x400 };
enum { ON = 0x301, LOOP = 0x381, FIFO = 0x70 };

static Bench b;
static void power_on(void) { bench_on(&b, &pl011_type); }
static void power_off(void) { bench_off(&b); }
TestSuite(pl011, .init = power_on, .fini = power_off);

/* Enabled, FIFO on, 115200 baud as Linux has it. */
static void enable(void)
{
    wr(&b, IBRD, 13);
    wr(&b, FBRD, 1);
    wr(&b, LCR_H, FIFO);
    wr(&b, CR, ON);
}

static void feed(const char *text) { dev_receive(b.dev, (const uint8_t *)text, strlen(text)); }

Test(pl011, reset_values) /* table 3-1 */
{
    cr_expect(eq(u32, rd(&b, CR), 0x300));
    cr_expect(eq(u32, rd(&b, IFLS), 0x12));
    cr_expect(eq(u32, rd(&b, FR), FR_TXFE | FR_RXFE));
    cr_expect(eq(u32, rd(&b, RIS), 0));
    cr_expect(eq(u32, rd(&b, IMSC), 0));
}

Test(pl011, ids_are_those_of_r1p1_with_its_16_byte_fifos) /* 3.3.15 to 3.3.22 */
{
    static const uint32_t id[8] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    for (unsigned i = 0; i < 8; i++) {
        cr_expect(eq(u32, rd(&b, ID + 4 * i), id[i]));
    }
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(pl011, bytes_and_halfwords_reach_the_registers)
{
    enable();
    dev_write(b.dev, DR, 1, 'A');
    dev_write(b.dev, DR, 2, 'B');
    dev_write(b.dev, DR, 4, 'C');
    cr_expect(eq(str, b.sent->str, "ABC"));
    cr_expect(eq(u64, dev_read(b.dev, FR, 2), FR_TXFE | FR_RXFE));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(pl011, a_disabled_uart_transmits_and_counts_the_mistake)
{
    wr(&b, DR, 'e');
    cr_expect(eq(str, b.sent->str, "e"));
    cr_expect(eq(u64, b.dev->guest_errors, 1));
    wr(&b, CR, 1);
    wr(&b, DR, 'f');
    cr_expect(eq(str, b.sent->str, "e"));
}

Test(pl011, transmit_interrupt_comes_by_transition_not_by_level) /* 2.8.3 */
{
    enable();
    wr(&b, IMSC, TX);
    cr_expect(not(b.line[PL011_INTR].level));
    wr(&b, DR, 'x');
    cr_expect(b.line[PL011_INTR].level);
    cr_expect(b.line[PL011_TXINTR].level);
    wr(&b, ICR, TX);
    cr_expect(not(b.line[PL011_INTR].level));
    cr_expect(eq(u32, rd(&b, RIS), 0));
}

Test(pl011, fifo_keeps_order_and_flags_empty_and_full) /* 3.3.3 */
{
    enable();
    cr_expect(eq(sz, dev_can_receive(b.dev), 16));
    feed("0123456789abcdef");
    cr_expect(eq(sz, dev_can_receive(b.dev), 0));
    cr_expect(eq(u32, rd(&b, FR), FR_TXFE | FR_RXFF));
    for (unsigned i = 0; i < 16; i++) {
        cr_expect(eq(u32, rd(&b, DR), (uint32_t) "0123456789abcdef"[i]));
    }
    cr_expect(eq(u32, rd(&b, FR), FR_TXFE | FR_RXFE));
    cr_expect(lt(uint, 0, b.rooms));
}

Test(pl011, without_fen_one_byte_is_held) /* 3.3.7 */
{
    wr(&b, CR, ON);
    cr_expect(eq(sz, dev_can_receive(b.dev), 1));
    feed("a");
    cr_expect(eq(u32, rd(&b, FR), FR_TXFE | FR_RXFF));
    cr_expect(eq(u32, rd(&b, RIS), RX));
    rd(&b, DR);
    cr_expect(eq(u32, rd(&b, RIS), 0));
}

Test(pl011, nothing_is_taken_until_uarten_and_rxe) /* 3.3.8 */
{
    cr_expect(eq(sz, dev_can_receive(b.dev), 0));
    feed("lost");
    wr(&b, CR, 0x101);
    cr_expect(eq(sz, dev_can_receive(b.dev), 0));
    wr(&b, CR, ON);
    cr_expect(eq(sz, dev_can_receive(b.dev), 1));
    cr_expect(eq(u32, rd(&b, FR), FR_TXFE | FR_RXFE));
}

Test(pl011, receive_interrupt_comes_at_each_trigger_level) /* 3.3.9, 2.8.2 */
{
    static const unsigned level[5] = { 2, 4, 8, 12, 14 };

    enable();
    wr(&b, IMSC, RX);
    for (unsigned sel = 0; sel < 5; sel++) {
        wr(&b, IFLS, sel << 3);
        for (unsigned n = 1; n <= level[sel]; n++) {
            cr_expect(not(b.line[PL011_INTR].level), "select %u, byte %u", sel, n);
            feed("x");
        }
        cr_expect(b.line[PL011_RXINTR].level, "select %u", sel);
        rd(&b, DR);
        cr_expect(not(b.line[PL011_INTR].level), "select %u", sel);
        while (!(rd(&b, FR) & FR_RXFE)) {
            rd(&b, DR);
        }
    }
}

Test(pl011, receive_timeout_comes_32_bit_periods_after_the_last_byte) /* 2.8.4 */
{
    uint64_t ns = 32 * UINT64_C(16) * 1000000000 * (13 * 64 + 1) / 64 / 24000000;

    enable();
    wr(&b, IMSC, RT);
    feed("a");
    bench_pass(&b, ns - 100);
    cr_expect(not(b.line[PL011_INTR].level));
    feed("b");
    bench_pass(&b, ns - 100);
    cr_expect(not(b.line[PL011_INTR].level));
    bench_pass(&b, 200);
    cr_expect(b.line[PL011_INTR].level);
    cr_expect(b.line[PL011_RTINTR].level);
    rd(&b, DR);
    cr_expect(b.line[PL011_INTR].level);
    rd(&b, DR);
    cr_expect(not(b.line[PL011_INTR].level));
    cr_expect(eq(u64, clock_next_ns(&b.clock), CLOCK_NEVER));
}

Test(pl011, timeout_is_cleared_by_icr) /* 2.8.4 */
{
    enable();
    feed("a");
    bench_pass(&b, 1000000);
    cr_expect(eq(u32, rd(&b, RIS), RT));
    wr(&b, ICR, RT);
    bench_pass(&b, 1000000);
    cr_expect(eq(u32, rd(&b, RIS), 0));
    cr_expect(eq(u32, rd(&b, DR), 'a'));
}

Test(pl011, overrun_keeps_the_fifo_and_marks_the_next_byte) /* 2.4.3, 3.3.1, 3.3.2 */
{
    enable();
    feed("0123456789abcdefX");
    cr_expect(eq(u32, rd(&b, RIS) & OE, OE));
    cr_expect(eq(u32, rd(&b, RSR), 8));
    cr_expect(eq(u32, rd(&b, DR), '0'));
    cr_expect(eq(u32, rd(&b, RSR), 8));
    feed("Y");
    wr(&b, RSR, 0);
    cr_expect(eq(u32, rd(&b, RSR), 0));
    for (unsigned i = 1; i < 16; i++) {
        cr_expect(eq(u32, rd(&b, DR), (uint32_t) "0123456789abcdef"[i]));
    }
    cr_expect(eq(u32, rd(&b, DR), 0x800 | 'Y'));
}

Test(pl011, a_break_is_a_zero_with_be_and_fe) /* 3.3.1 */
{
    enable();
    wr(&b, IMSC, BE);
    dev_line_break(b.dev);
    cr_expect(b.line[PL011_EINTR].level);
    cr_expect(eq(u32, rd(&b, RIS), BE | FE));
    cr_expect(eq(u32, rd(&b, DR), 0x500));
    cr_expect(eq(u32, rd(&b, RSR), 5));
}

Test(pl011, loopback_feeds_data_and_modem_lines_back) /* 3.3.8 */
{
    enable();
    wr(&b, CR, LOOP);
    cr_expect(eq(sz, dev_can_receive(b.dev), 0));
    wr(&b, DR, 'L');
    cr_expect(eq(str, b.sent->str, ""));
    cr_expect(eq(u32, rd(&b, DR), 'L'));
    wr(&b, ICR, 0x7ff);
    wr(&b, CR, LOOP | 0x800); /* RTS */
    cr_expect(eq(u32, rd(&b, FR) & 0x107, 1));
    cr_expect(eq(u32, rd(&b, RIS), 2));
    wr(&b, CR, LOOP | 0x3400); /* DTR, OUT1, OUT2 */
    cr_expect(eq(u32, rd(&b, FR) & 0x107, 0x106));
    cr_expect(eq(u32, rd(&b, RIS), 0xf));
}

Test(pl011, a_modem_line_shows_and_interrupts_on_change) /* 2.8.1 */
{
    wr(&b, IMSC, 0xf);
    dev_set_pin(b.dev, PL011_DCD, true);
    cr_expect(eq(u32, rd(&b, FR) & 0x107, 4));
    cr_expect(b.line[PL011_MSINTR].level);
    wr(&b, ICR, 0xf);
    cr_expect(not(b.line[PL011_MSINTR].level));
    dev_set_pin(b.dev, PL011_DCD, false);
    cr_expect(eq(u32, rd(&b, MIS), 4));
}

Test(pl011, mask_gates_the_line_not_the_raw_status) /* 3.3.10 to 3.3.12 */
{
    enable();
    wr(&b, DR, 'x');
    cr_expect(eq(u32, rd(&b, RIS), TX));
    cr_expect(eq(u32, rd(&b, MIS), 0));
    wr(&b, IMSC, TX);
    cr_expect(eq(u32, rd(&b, MIS), TX));
    cr_expect(b.line[PL011_INTR].level);
}

Test(pl011, widths_of_stored_registers) /* 3.3.5, 3.3.6, 3.3.14 */
{
    wr(&b, IBRD, 0xffffffff);
    wr(&b, FBRD, 0xffffffff);
    wr(&b, DMACR, 0xffffffff);
    cr_expect(eq(u32, rd(&b, IBRD), 0xffff));
    cr_expect(eq(u32, rd(&b, FBRD), 0x3f));
    cr_expect(eq(u32, rd(&b, DMACR), 7));
}

Test(pl011, a_snapshot_carries_fifo_interrupt_and_timeout)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    enable();
    wr(&b, IMSC, RT);
    feed("q");
    dev_save(b.dev, snap);
    dev_reset(b.dev);
    cr_expect(eq(u64, clock_next_ns(&b.clock), CLOCK_NEVER));
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    bench_pass(&b, 1000000);
    cr_expect(b.line[PL011_INTR].level);
    cr_expect(eq(u32, rd(&b, DR), 'q'));
}
