/* SPDX-License-Identifier: MIT */
/* test_pci.c - what PCI 2.2 promises of configuration space, base addresses and interrupts. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/pci.h"
#include "machine/map.h"

typedef struct Card {
    Device dev;
    struct {
        PciHead pci;
        uint32_t own, data, more;
        uint32_t zero;
    } st;
} Card;

/* clang-format off */
static const RegDef regs[] = {
    PCI_HEAD_ROWS(Card, st.pci, 0x56781234, 0x02800000, PCI_IO | PCI_MEMORY | PCI_MASTER,
                  0x02000001, PCI_MULTI_FUNCTION),
    PCI_BAR_ROW(Card, st.pci, 0, 1, 0xffffffe0),
    PCI_BAR_ROW(Card, st.pci, 1, 0, 0xfffff000),
    PCI_BAR_ROW(Card, st.pci, 2, 0, 0), PCI_BAR_ROW(Card, st.pci, 3, 0, 0),
    PCI_BAR_ROW(Card, st.pci, 4, 0, 0), PCI_BAR_ROW(Card, st.pci, 5, 0, 0),
    PCI_TAIL_ROWS(Card, st.pci, 0, 0x100, 0xff),
    { 0x40, "OWN", REG_32_LANES, REG_VAR(Card, st.own), 0x8, 0xf0, 0, NULL, NULL, "1" },
    { 0x100, "DATA", REG_32, REG_VAR(Card, st.data), 0x77, 0xff, 0, NULL, NULL, "1" },
    { 0x200, "MORE", REG_32, REG_VAR(Card, st.more), 0x99, 0xff, 0, NULL, NULL, "1" },
};
static const StateField fields[] = { STATE_VAR_MAX(Card, st.zero, 0) };
static const DevWindowDef windows[] = {
    { .name = "config", .size = PCI_CONFIG_BYTES, .moves = true },
    { .name = "io", .off = 0x100, .size = 0x20, .moves = true },
    { .name = "memory", .off = 0x200, .size = 0x10, .moves = true },
};
static const PciDef pci = { .intx = 1, .line = 0, .bar = { 1, 2 } };
static const DeviceType card = {
    .name = "card", .window = 0x300, .windows = windows, .n_windows = 3, .place = pci_place,
    .pci = &pci, .n_irqs = 1,
    DEVICE_LAYOUT(Card, st, regs, fields),
};
static const DeviceType router = { .name = "router", .n_pins = 4, .size = sizeof(Device),
                                   .state_off = sizeof(Device) };
/* clang-format on */

static Log quiet;
static Map *map;
static PciBus bus;
static Device *d, *r;

static void set_up(void)
{
    map = map_new(&quiet, true);
    d = dev_new(&card, "card");
    d->map = map_listener(map);
    map_add_moving(map, "card", &d->window[1], "io");
    map_add_moving(map, "card", &d->window[2], "memory");
    r = dev_new(&router, "router");
    bus = (PciBus){ .router = r };
    pci_attach(&bus, 3, 1, d);
    dev_reset(d);
}

static void tear_down(void)
{
    pci_bus_clear(&bus);
    dev_free(d);
    dev_free(r);
    map_free(map);
}

TestSuite(pci, .init = set_up, .fini = tear_down);

enum { CARD = 3 << 11 | 1 << 8 };

static uint32_t in(uint32_t at, unsigned bytes)
{
    bool ok;

    return pci_config_read(&bus, at, bytes, &ok);
}
static void out(uint32_t at, uint32_t v, unsigned bytes) { pci_config_write(&bus, at, v, bytes); }
static uint64_t port(uint32_t at) { return phys_in(map_space(map, SPACE_PORTS), at, 4); }
static uint64_t memory(uint32_t at) { return phys_in(map_space(map, SPACE_BUS), at, 4); }

Test(pci, tables_are_sound)
{
    g_autoptr(GError) error = NULL;

    cr_expect(dev_check_type(&card, &error), "%s", error ? error->message : "");
}

Test(pci, where_nobody_is_reads_are_all_ones) /* 6.1 */
{
    bool ok = true;

    cr_expect(eq(u32, pci_config_read(&bus, 4 << 11, 4, &ok), 0xffffffff));
    cr_expect(not(ok));
    cr_expect(eq(u32, pci_config_read(&bus, 3 << 11, 2, &ok), 0xffff));
    cr_expect(eq(u32, pci_config_read(&bus, 1 << 16 | CARD, 1, &ok), 0xff), "another bus");
    cr_expect(not(pci_config_write(&bus, 3 << 11, 0, 4)));
    cr_expect(eq(u32, pci_config_read(&bus, CARD, 4, &ok), 0x56781234));
    cr_expect(ok);
}

Test(pci, any_width_reaches_its_bytes) /* 6.1 */
{
    cr_expect(eq(u32, in(CARD, 2), 0x1234));
    cr_expect(eq(u32, in(CARD + 2, 2), 0x5678));
    cr_expect(eq(u32, in(CARD + 0xb, 1), 0x02));
    cr_expect(eq(u32, in(CARD + 0xe, 1), 0x80));
    out(CARD + 0x3c, 11, 1);
    cr_expect(eq(u32, in(CARD + 0x3c, 4), 0x10b));
    out(CARD + 0xd, 0x40, 1);
    cr_expect(eq(u32, in(CARD + 0xc, 4), 0x804000));
}

Test(pci, reserved_registers_and_bits_are_zero_and_ignore_writes) /* 6.1 */
{
    cr_expect(eq(u32, in(CARD + 0x80, 4), 0));
    out(CARD + 0x80, 0xffffffff, 4);
    out(CARD, 0xffffffff, 4);
    cr_expect(eq(u32, in(CARD, 4), 0x56781234));
    out(CARD + 0x40, 0xffffffff, 4);
    cr_expect(eq(u32, in(CARD + 0x40, 4), 0xf8));
    cr_expect(eq(u64, d->guest_errors, 0));
}

Test(pci, status_bits_are_cleared_by_ones) /* 6.2.3 */
{
    ((Card *)d)->st.pci.command |= 0x20000000;
    out(CARD + 4, 7, 2);
    cr_expect(eq(u32, in(CARD + 4, 4), 0x22800007));
    out(CARD + 6, 0x2000, 2);
    cr_expect(eq(u32, in(CARD + 4, 4), 0x02800007));
}

Test(pci, writing_ones_to_a_base_address_asks_for_its_size) /* 6.2.5.1 */
{
    out(CARD + 0x10, 0xffffffff, 4);
    out(CARD + 0x14, 0xffffffff, 4);
    out(CARD + 0x18, 0xffffffff, 4);
    cr_expect(eq(u32, in(CARD + 0x10, 4), 0xffffffe1));
    cr_expect(eq(u32, in(CARD + 0x14, 4), 0xfffff000));
    cr_expect(eq(u32, in(CARD + 0x18, 4), 0));
    cr_expect(eq(u64, d->guest_errors, 0));
}

Test(pci, windows_follow_base_addresses_when_they_are_enabled) /* 6.2.2, 6.2.5.1 */
{
    out(CARD + 0x10, 0x1000, 4);
    out(CARD + 0x14, 0x80001000, 4);
    cr_expect(eq(u64, port(0x1000), 0xffffffff));
    out(CARD + 4, PCI_IO, 2);
    cr_expect(eq(u64, port(0x1000), 0x77));
    cr_expect(eq(u64, memory(0x80001000), 0xffffffff));
    out(CARD + 4, PCI_IO | PCI_MEMORY, 2);
    cr_expect(eq(u64, memory(0x80001000), 0x99));
    out(CARD + 0x10, 0x2000, 4);
    cr_expect(eq(u64, port(0x1000), 0xffffffff));
    cr_expect(eq(u64, port(0x2000), 0x77));
    out(CARD + 4, 0, 2);
    cr_expect(eq(u64, port(0x2000), 0xffffffff));
}

Test(pci, a_snapshot_puts_windows_where_they_were)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    out(CARD + 0x10, 0x1000, 4);
    out(CARD + 4, PCI_IO, 2);
    dev_save(d, snap);
    dev_reset(d);
    cr_expect(eq(u64, port(0x1000), 0xffffffff));
    cr_assert(dev_load(d, snap->data, snap->len, NULL));
    cr_expect(eq(u64, port(0x1000), 0x77));
}

Test(pci, functions_share_an_interrupt) /* 2.2.6 */
{
    IrqLine a = { 0 }, b = { 0 }, c = { 0 };

    pci_wire(&bus, &a, 1);
    pci_wire(&bus, &b, 1);
    pci_wire(&bus, &c, 2);
    irq_set(&a, true);
    irq_set(&b, true);
    irq_set(&a, false);
    cr_expect(dev_pin(r, 1));
    cr_expect(not(dev_pin(r, 2)));
    irq_set(&b, false);
    cr_expect(not(dev_pin(r, 1)));
    irq_set(&c, true);
    cr_expect(dev_pin(r, 2));
}
