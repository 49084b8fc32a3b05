/* SPDX-License-Identifier: MIT */
/* test_i8042.c - the keyboard controller, its keyboard and its mouse, command by command. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/i8042.h"
#include "tests/unit/dev_bench.h"

enum { DATA, COMMAND };

static Bench b;
static void power_on(void) { bench_on(&b, &i8042_type); }
static void power_off(void) { bench_off(&b); }
TestSuite(i8042, .init = power_on, .fini = power_off);

static uint8_t status(void) { return (uint8_t)dev_read(b.dev, COMMAND, 1); }
static uint8_t take(void) { return (uint8_t)dev_read(b.dev, DATA, 1); }
static void command(unsigned v) { dev_write(b.dev, COMMAND, 1, v); }
static void data(unsigned v) { dev_write(b.dev, DATA, 1, v); }

static void to_mouse(unsigned v)
{
    command(0xd4);
    data(v);
}

/* All that comes now, as hexadecimal. */
static char *all(void)
{
    static char text[256];
    char *p = text;

    *p = '\0';
    while (status() & 1) {
        p += g_snprintf(p, 4, "%02x ", take());
    }
    return text;
}

static void plain(void) /* no translation */
{
    command(0x60);
    data(0x07);
}

Test(i8042, controller_commands) /* "Commands" */
{
    command(0xaa);
    cr_expect(eq(str, all(), "55 "));
    command(0xab);
    cr_expect(eq(str, all(), "00 "));
    command(0xa9);
    cr_expect(eq(str, all(), "00 "));
    command(0x20);
    cr_expect(eq(str, all(), "47 "));
    command(0x60);
    data(0x65);
    command(0x20);
    cr_expect(eq(str, all(), "65 "));
    command(0x65);
    data(0x12);
    command(0x25);
    cr_expect(eq(str, all(), "12 "));
    command(0xd0);
    cr_expect(eq(str, all(), "03 "));
}

Test(i8042, status_tells_whose_byte_it_is_and_what_was_written) /* "Status Register" */
{
    cr_expect(eq(u8, status(), 0x14));
    command(0xd3);
    cr_expect(eq(u8, status(), 0x1c));
    data(0xa5);
    cr_expect(eq(u8, status(), 0x35));
    cr_expect(b.line[I8042_MOUSE].level);
    cr_expect(eq(u8, take(), 0xa5));
    command(0xd2);
    data(0x5a);
    cr_expect(eq(u8, status(), 0x15));
    cr_expect(b.line[I8042_KEYBOARD].level);
    cr_expect(not(b.line[I8042_MOUSE].level));
    take();
    cr_expect(not(b.line[I8042_KEYBOARD].level));
}

static unsigned resets;
static void count_resets(void *opaque, bool level)
{
    (void)opaque;
    resets += level;
}

Test(i8042, resets_the_machine) /* "Pulse Output Port", "Write Output Port" */
{
    resets = 0;
    b.line[I8042_RESET].sink = count_resets;
    command(0xfe);
    cr_expect(eq(uint, resets, 1));
    command(0xff);
    cr_expect(eq(uint, resets, 1));
    command(0xd1);
    data(0x02);
    cr_expect(eq(uint, resets, 2));
}

Test(i8042, gates_address_line_20) /* "Output Port" */
{
    cr_expect(b.line[I8042_A20].level);
    command(0xd1);
    data(0x01);
    cr_expect(not(b.line[I8042_A20].level));
    command(0xdf);
    cr_expect(b.line[I8042_A20].level);
    command(0xdd);
    cr_expect(not(b.line[I8042_A20].level));
}

Test(i8042, keyboard_commands)
{
    static const struct {
        unsigned byte;
        char *answer;
    } row[] = {
        { 0xff, "fa aa " }, { 0xf2, "fa ab 83 " }, { 0xee, "ee " }, { 0xed, "fa " },
        { 0x02, "fa " },    { 0xf3, "fa " },       { 0x20, "fa " }, { 0xf0, "fa " },
        { 0x00, "fa 02 " }, { 0xf0, "fa " },       { 0x03, "fe " }, { 0xf5, "fa " },
        { 0xf4, "fa " },    { 0xf6, "fa " },       { 0xfe, "fa " }, { 0x01, "fe " },
    };

    plain();
    for (unsigned i = 0; i < G_N_ELEMENTS(row); i++) {
        data(row[i].byte);
        cr_expect(eq(str, all(), row[i].answer), "row %u", i);
    }
}

Test(i8042, keys_are_set_2_or_translated_to_set_1) /* "Keyboard Scan Codes" */
{
    i8042_key(b.dev, 0x1c, true); /* A */
    i8042_key(b.dev, 0x1c, false);
    i8042_key(b.dev, 0xe075, true); /* up */
    i8042_key(b.dev, 0xe075, false);
    cr_expect(eq(str, all(), "1e 9e e0 48 e0 c8 "));
    plain();
    i8042_key(b.dev, 0x1c, true);
    i8042_key(b.dev, 0x1c, false);
    i8042_key(b.dev, 0xe075, false);
    cr_expect(eq(str, all(), "1c f0 1c e0 f0 75 "));
    data(0xf0);
    data(0x01);
    all();
    i8042_key(b.dev, 0x76, true); /* Esc */
    i8042_key(b.dev, 0x76, false);
    cr_expect(eq(str, all(), "01 81 "));
    data(0xf5);
    all();
    i8042_key(b.dev, 0x76, true);
    cr_expect(eq(str, all(), ""));
}

Test(i8042, a_disabled_interface_keeps_its_bytes)
{
    command(0xad);
    i8042_key(b.dev, 0x1c, true);
    cr_expect(eq(u8, status() & 1, 0));
    command(0xae);
    cr_expect(eq(u8, take(), 0x1e));
}

Test(i8042, each_byte_is_an_edge)
{
    i8042_key(b.dev, 0x1c, true);
    i8042_key(b.dev, 0x1c, false);
    resets = 0;
    b.line[I8042_KEYBOARD].sink = count_resets;
    take();
    cr_expect(eq(uint, resets, 1));
    cr_expect(b.line[I8042_KEYBOARD].level);
    take();
    cr_expect(not(b.line[I8042_KEYBOARD].level));
}

Test(i8042, too_many_keys_lose_whole_codes)
{
    for (unsigned i = 0; i < 100; i++) {
        i8042_key(b.dev, 0xe075, false);
    }
    plain();
    for (unsigned i = 0; i < 3; i++) {
        take();
    }
    cr_expect(eq(u8, status() & 1, 1));
}

Test(i8042, mouse_commands)
{
    static const struct {
        unsigned byte;
        char *answer;
    } row[] = {
        { 0xff, "fa aa 00 " },    { 0xf2, "fa 00 " },       { 0xe9, "fa 00 02 64 " },
        { 0xe8, "fa " },          { 0x03, "fa " },          { 0xf3, "fa " },
        { 0x28, "fa " },          { 0xe7, "fa " },          { 0xf4, "fa " },
        { 0xf0, "fa " },          { 0xe9, "fa 70 03 28 " }, { 0xeb, "fa 08 00 00 " },
        { 0xea, "fa " },          { 0xee, "fa " },          { 0x42, "42 " },
        { 0xec, "fa " },          { 0x42, "fe " },          { 0xf6, "fa " },
        { 0xe9, "fa 00 02 64 " },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(row); i++) {
        to_mouse(row[i].byte);
        cr_expect(eq(str, all(), row[i].answer), "row %u", i);
    }
}

static void rate(unsigned hz)
{
    to_mouse(0xf3);
    to_mouse(hz);
}

Test(i8042, mouse_reports_movement_buttons_and_wheel)
{
    i8042_move(b.dev, 1, 1, 0, 0);
    cr_expect(eq(str, all(), ""), "not enabled");
    to_mouse(0xff);
    to_mouse(0xf4);
    all();
    i8042_move(b.dev, 5, -3, 0, 1);
    cr_expect(eq(str, all(), "29 05 fd "));
    i8042_move(b.dev, -300, 0, 0, 1);
    cr_expect(eq(str, all(), "19 00 00 19 d4 00 "));
    rate(200), rate(100), rate(80);
    all();
    to_mouse(0xf2);
    cr_expect(eq(str, all(), "fa 03 "));
    i8042_move(b.dev, 0, 0, -1, 0);
    cr_expect(eq(str, all(), "08 00 00 ff "));
    rate(200), rate(200), rate(80);
    all();
    to_mouse(0xf2);
    cr_expect(eq(str, all(), "fa 04 "));
    i8042_move(b.dev, 0, 0, 0, 0x10);
    cr_expect(eq(str, all(), "08 00 00 20 "));
}

Test(i8042, a_snapshot_keeps_bytes_on_their_way)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    i8042_key(b.dev, 0x1c, true);
    i8042_key(b.dev, 0x32, true);
    dev_save(b.dev, snap);
    dev_reset(b.dev);
    cr_expect(eq(str, all(), ""));
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    cr_expect(b.line[I8042_KEYBOARD].level);
    cr_expect(eq(str, all(), "1e 30 "));
}
