/* SPDX-License-Identifier: MIT */
/* test_board.c - tables of boards: those there are, and how a wrong one is found. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "devices/pl011.h"
#include "machine/board.h"

Test(board, every_board_is_right)
{
    for (const Board *const *b = board_all(); *b; b++) {
        g_autoptr(GError) error = NULL;
        bool cpu = false;

        cr_expect(board_check(*b, &error), "%s", error ? error->message : "");
        for (const char *const *name = (*b)->cpus; *name; name++) {
            cpu |= g_str_equal(*name, (*b)->default_cpu);
        }
        cr_expect(cpu, "%s: its default CPU is one of its CPUs", (*b)->name);
        cr_expect(le(u64, (*b)->ram_default, (*b)->ram_max));
    }
}

Test(board, parts_are_found_by_name)
{
    cr_expect(eq(str, (char *)board_part(&board_virt, "uart0")->type->name, "pl011"));
    cr_expect(eq(ptr, (void *)board_part(&board_virt, "uart7"), NULL));
}

static const DevWindowDef two[2] = { { .name = "one" }, { .name = "two" } };
static const DeviceType split_type = {
    .name = "split", .windows = two, .n_windows = 2, .n_irqs = 1, .n_pins = 1
};

/* A right board that each case breaks at one place. */
static BoardPart parts[4];
static const BoardPart right[4] = {
    { .kind = PART_RAM, .name = "ram", .window = { AT_MEMORY(0x40000000, 0) }, .spec = "s" },
    { .kind = PART_DEVICE,
      .name = "a",
      .window = { AT_MEMORY(0x1000, 0x1000) },
      .type = &pl011_type,
      .wire = { WIRE("cpu", 0, 0) },
      .spec = "s" },
    { .kind = PART_DEVICE,
      .name = "b",
      .window = { AT_MEMORY(0x2000, 0x1000) },
      .type = &pl011_type,
      .wire = { WIRE("a", 0, 1) },
      .spec = "s" },
    { .kind = PART_DEVICE,
      .name = "c",
      .window = { AT_MEMORY(0x4000, 0x1000), AT_MEMORY(0x5000, 0x1000) },
      .type = &split_type,
      .wire = { WIRE("b", 0, 0) },
      .spec = "s" },
};

static void overlap_io(void) { parts[2].window[0].base = 0x1fff; }
static void overlap_ram(void) { parts[2].window[0].base = 0x400fffff; }
static void overlap_window(void) { parts[2].window[0].base = 0x5800; }
static void same_name(void) { parts[2].name = "a"; }
static void same_pin(void) { parts[2].wire[0] = (BoardWire)WIRE("cpu", 0, 0); }
static void no_part(void) { parts[2].wire[0].to = "nobody"; }
static void to_ram(void) { parts[2].wire[0].to = "ram"; }
static void no_line(void) { parts[2].wire[0].line = 6; }
static void no_pin(void) { parts[2].wire[0].pin = 4; }
static void no_cpu_pin(void) { parts[1].wire[0].pin = 8; }
static void no_type(void) { parts[2].type = NULL; }
static void ram_type(void) { parts[0].type = &pl011_type; }
static void no_window(void) { parts[2].window[0].size = 0; }
static void one_window(void) { parts[3].window[1].size = 0; }
static void wide_wire(void) { parts[2].wire[0] = (BoardWire)WIRES("cpu", 0, 0, 2); }
static void wide_overflow(void) { parts[2].wire[0] = (BoardWire)WIRES("cpu", 0, 3, 6); }
static void not_pci(void) { parts[2].pci = true; }
static void no_spec(void) { parts[2].spec = NULL; }
static void nothing(void) {}

static const struct {
    void (*damage)(void);
    char *message; /* NULL: none */
} cases[] = {
    { nothing, NULL },
    { overlap_io, "board bad: b overlaps a" },
    { overlap_ram, "board bad: b overlaps ram" },
    { overlap_window, "board bad: c overlaps b" },
    { same_name, "board bad: two parts are named a" },
    { same_pin, "board bad: b and a both drive cpu pin 0" },
    { no_part, "board bad: b is wired to no part nobody" },
    { to_ram, "board bad: b is wired to ram, which has no pins" },
    { no_line, "board bad: b line 6 to a pin 1: no such line or pin" },
    { no_pin, "board bad: b line 0 to a pin 4: no such line or pin" },
    { no_cpu_pin, "board bad: a line 0 to cpu pin 8: no such line or pin" },
    { no_type, "board bad: b: a device has a type, RAM has none" },
    { ram_type, "board bad: ram: a device has a type, RAM has none" },
    { no_window, "board bad: b: the part has 1 windows" },
    { one_window, "board bad: c: the part has 2 windows" },
    { wide_wire, "board bad: b and a both drive cpu pin 0" },
    { wide_overflow, "board bad: b line 0 to cpu pin 3: no such line or pin" },
    { not_pci, "board bad: b: not a PCI function" },
    { no_spec, "board bad: b: no spec" },
};

Test(board, a_wrong_table_is_found_out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Board bad = { .name = "bad", .parts = parts, .n_parts = 4, .ram_max = 1 << 20 };
        g_autoptr(GError) error = NULL;

        memcpy(parts, right, sizeof(parts));
        cases[i].damage();
        cr_expect(eq(int, board_check(&bad, &error), cases[i].message == NULL));
        if (cases[i].message) {
            cr_assert(ne(ptr, error, NULL), "%s", cases[i].message);
            cr_expect(eq(str, error->message, cases[i].message));
        }
    }
}
