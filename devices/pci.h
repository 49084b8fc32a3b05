/* SPDX-License-Identifier: MIT */
/* pci.h - what makes a device a PCI function, and the bus that finds it. */
#ifndef DEVICES_PCI_H
#define DEVICES_PCI_H

#include "devices/device.h"

/*
 * A PCI function is a DeviceType whose configuration space is its window 0: register space from 0
 * to 0xff, rows of 32 bits in lanes. That window is nowhere (it moves, and place() does not say);
 * a bus gets there by number. What no row names reads as zero and ignores writes, as do reserved
 * bits: PCI Local Bus Specification 2.2, 6.1.
 */
enum { PCI_SLOTS = 32, PCI_FUNCTIONS = 8, PCI_BARS = 6, PCI_CONFIG_BYTES = 0x100 };
enum { PCI_COMMAND_AT = 0x04, PCI_BAR_AT = 0x10 };

enum { /* 6.2.2: the command register */
       PCI_IO = 1u << 0,
       PCI_MEMORY = 1u << 1,
       PCI_MASTER = 1u << 2,
       PCI_INVALIDATE = 1u << 4,
       PCI_PARITY = 1u << 6,
       PCI_SERR = 1u << 8,
};
/* 6.2.3: the bits of the status register that ones clear, with the command in the lower half. */
#define PCI_STATUS_W1C 0xf9000000u
enum { PCI_MULTI_FUNCTION = 0x00800000 }; /* 6.2.1: header type, in the word at 0x0c */

typedef struct PciDef {
    uint8_t intx;          /* 6.2.4: 1 to 4: its interrupt is INTA to INTD; 0: it has none */
    uint8_t line;          /* the output line that this is */
    uint8_t bar[PCI_BARS]; /* the window that each base address places; 0: none */
} PciDef;

/* The header of type 0; part of the function's state. */
typedef struct PciHead {
    uint32_t id, command, class_code, misc;
    uint32_t bar[PCI_BARS];
    uint32_t cis, subsystem, rom, capabilities, reserved, interrupt;
} PciHead;

/* clang-format off */
/* Rows of the header at member @m of T: what comes before the base addresses, these, the rest.
 * A base address' write mask says how many bytes it asks for, its reset value of which kind. */
#define PCI_WORD_(T, m, off, name, reset, wmask, w1c, spec) \
    { off, name, REG_32_LANES, REG_VAR(T, m), reset, wmask, w1c, NULL, NULL, spec }
#define PCI_HEAD_ROWS(T, m, id_, command_, command_mask, class_, misc_) \
    PCI_WORD_(T, m.id,         0x00, "PCI_ID",      id_,      0,            0, "PCI 2.2 6.2.1"), \
    PCI_WORD_(T, m.command,    0x04, "PCI_COMMAND", command_, command_mask, PCI_STATUS_W1C, \
              "PCI 2.2 6.2.2, 6.2.3"), \
    PCI_WORD_(T, m.class_code, 0x08, "PCI_CLASS",   class_,   0,            0, "PCI 2.2 6.2.1"), \
    PCI_WORD_(T, m.misc,       0x0c, "PCI_MISC",    misc_,    0xffff,       0, "PCI 2.2 6.2.4")
#define PCI_BAR_ROW(T, m, n, reset, wmask) \
    PCI_WORD_(T, m.bar[n], PCI_BAR_AT + 4 * n, "PCI_BAR" #n, reset, wmask, 0, "PCI 2.2 6.2.5.1")
#define PCI_NO_BARS(T, m) \
    PCI_BAR_ROW(T, m, 0, 0, 0), PCI_BAR_ROW(T, m, 1, 0, 0), PCI_BAR_ROW(T, m, 2, 0, 0), \
    PCI_BAR_ROW(T, m, 3, 0, 0), PCI_BAR_ROW(T, m, 4, 0, 0), PCI_BAR_ROW(T, m, 5, 0, 0)
#define PCI_TAIL_ROWS(T, m, subsystem_, interrupt_, interrupt_mask) \
    PCI_WORD_(T, m.cis,          0x28, "PCI_CIS",       0,          0, 0, "PCI 2.2 6.2.4"), \
    PCI_WORD_(T, m.subsystem,    0x2c, "PCI_SUBSYSTEM", subsystem_, 0, 0, "PCI 2.2 6.2.4"), \
    PCI_WORD_(T, m.rom,          0x30, "PCI_ROM",       0,          0, 0, "PCI 2.2 6.2.5.2"), \
    PCI_WORD_(T, m.capabilities, 0x34, "PCI_CAP",       0,          0, 0, "PCI 2.2 6.2.4"), \
    PCI_WORD_(T, m.reserved,     0x38, "PCI_RESERVED",  0,          0, 0, "PCI 2.2 6.1"), \
    PCI_WORD_(T, m.interrupt,    0x3c, "PCI_INTERRUPT", interrupt_, interrupt_mask, 0, \
              "PCI 2.2 6.2.4")
/* clang-format on */

/* DeviceType.place of a function whose windows but the first are those of its base addresses. */
void pci_place(const Device *d, unsigned i, DevPlace *at);

/* Whether all bits @bits of its command register are set. */
bool pci_command(const Device *d, uint32_t bits);

/* The word of configuration space at @off, by no hook. */
static inline uint32_t pci_word(const Device *d, uint32_t off) { return (uint32_t)dev_var(d, off); }

/* ---- the bus ---- */

typedef struct PciIntx {
    struct PciBus *bus;
    IrqLine *line; /* borrowed */
    unsigned pin;  /* of the router */
} PciIntx;

/* Zeroed at first; pci_bus_clear() frees what it owns. */
typedef struct PciBus {
    Device *function[PCI_SLOTS][PCI_FUNCTIONS]; /* borrowed; NULL: none */
    GPtrArray *intx;                            /* PciIntx *, owned */
    Device *router;                             /* that interrupts go to; borrowed */
} PciBus;

void pci_bus_clear(PciBus *bus);

void pci_attach(PciBus *bus, unsigned slot, unsigned function, Device *d);

/* Makes @line, of a function, one of those that pull pin @pin of bus->router: their OR. */
void pci_wire(PciBus *bus, IrqLine *line, unsigned pin);

/**
 * pci_config_read, pci_config_write - a configuration cycle.
 * @address: as written to CONFIG_ADDRESS (3.2.2.3.2): bus in bits 23 to 16, slot from 11, function
 *           from 8, register from 2; the two lowest bits name the byte
 * @bytes:   1, 2 or 4, not across a word
 * Returns: of a read all ones, of a write false, if nobody is there: a master abort.
 */
uint32_t pci_config_read(PciBus *bus, uint32_t address, unsigned bytes, bool *answered);
bool pci_config_write(PciBus *bus, uint32_t address, uint32_t value, unsigned bytes);

#endif
