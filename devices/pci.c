/* SPDX-License-Identifier: MIT */
/*
 * pci.c - see pci.h: base addresses, configuration cycles, interrupt lines.
 * Spec: PCI Local Bus Specification 2.2. One bus, without bridges: configuration cycles for others
 * (type 1) find nobody.
 * Not modelled: 64-bit addresses, expansion ROMs, parity and system errors (their enables are
 * stored), latency timers.
 */
#include "devices/pci.h"

#include "base/bits.h"

enum { BAR_IS_IO = 1 }; /* 6.2.5.1 */

bool pci_command(const Device *d, uint32_t bits)
{
    return (pci_word(d, PCI_COMMAND_AT) & bits) == bits;
}

/* 6.2.5.1: the lowest bit that can be written is the size. */
static void bar_place(const Device *d, unsigned b, DevPlace *at)
{
    uint32_t off = PCI_BAR_AT + 4 * b, value = pci_word(d, off);
    uint32_t mask = (uint32_t)dev_row(d->type, off)->wmask;
    bool io = (value & BAR_IS_IO) != 0;

    if (pci_command(d, io ? PCI_IO : PCI_MEMORY)) {
        *at = (DevPlace){ .space = io ? SPACE_PORTS : SPACE_BUS,
                          .base = value & mask,
                          .bytes = mask & -mask };
    }
}

void pci_place(const Device *d, unsigned i, DevPlace *at)
{
    for (unsigned b = 0; i != 0 && b < PCI_BARS; b++) {
        if (d->type->pci->bar[b] == i) {
            bar_place(d, b, at);
        }
    }
}

/* ---- configuration cycles ---- */

void pci_attach(PciBus *bus, unsigned slot, unsigned function, Device *d)
{
    g_assert(slot < PCI_SLOTS && function < PCI_FUNCTIONS && d->type->pci);
    g_assert(bus->function[slot][function] == NULL);
    bus->function[slot][function] = d;
}

static Device *addressed(const PciBus *bus, uint32_t address)
{
    return address >> 16 & 0xff
               ? NULL
               : bus->function[address >> 11 & (PCI_SLOTS - 1)][address >> 8 & (PCI_FUNCTIONS - 1)];
}

uint32_t pci_config_read(PciBus *bus, uint32_t address, unsigned bytes, bool *answered)
{
    Device *d = addressed(bus, address);
    uint32_t off = address & (PCI_CONFIG_BYTES - 1);

    g_assert((off & 3) + bytes <= 4);
    *answered = d != NULL;
    if (d == NULL) {
        return (uint32_t)bits_mask(8 * bytes);
    }
    return dev_row(d->type, off) ? (uint32_t)dev_read(d, off, bytes) : 0;
}

bool pci_config_write(PciBus *bus, uint32_t address, uint32_t value, unsigned bytes)
{
    Device *d = addressed(bus, address);
    uint32_t off = address & (PCI_CONFIG_BYTES - 1), may;
    const RegDef *r = d ? dev_row(d->type, off) : NULL;

    g_assert((off & 3) + bytes <= 4);
    if (r) {
        may = (uint32_t)(r->wmask | r->w1c) >> 8 * (off & 3) & (uint32_t)bits_mask(8 * bytes);
        if (may) {
            dev_write(d, off, bytes, value & may);
        }
    }
    return d != NULL;
}

/* ---- interrupts: 2.2.6, lines of several functions are one by wired-or ---- */

static void pull(void *intx, bool level)
{
    const PciIntx *x = intx;
    const GPtrArray *all = x->bus->intx;

    for (guint i = 0; i < all->len; i++) {
        const PciIntx *other = all->pdata[i];

        level |= other->pin == x->pin && other->line->level;
    }
    dev_set_pin(x->bus->router, x->pin, level);
}

void pci_wire(PciBus *bus, IrqLine *line, unsigned pin)
{
    PciIntx *x = g_new0(PciIntx, 1);

    *x = (PciIntx){ bus, line, pin };
    if (bus->intx == NULL) {
        bus->intx = g_ptr_array_new_with_free_func(g_free);
    }
    g_ptr_array_add(bus->intx, x);
    line->sink = pull;
    line->opaque = x;
}

void pci_bus_clear(PciBus *bus) { g_clear_pointer(&bus->intx, g_ptr_array_unref); }
