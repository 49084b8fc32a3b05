/* SPDX-License-Identifier: MIT */
/* board.h - a machine as a table of parts and wires. */
#ifndef MACHINE_BOARD_H
#define MACHINE_BOARD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "devices/device.h"
#include "translator/ir/isa.h"

#define BOARD_ERROR (board_error_quark())
GQuark board_error_quark(void);

typedef enum BoardError {
    BOARD_ERROR_TABLE, /* a Board contradicts itself */
} BoardError;

struct Machine;
struct Fdt;

typedef enum PartKind {
    PART_RAM,
    PART_SHADOW, /* each window is RAM over ROM that a bridge switches: phys_add_shadow() */
    PART_ROM,
    PART_DEVICE,
} PartKind;

enum { BOARD_WIRES = 7, BOARD_WINDOWS = 6 };

/* The pins of the part "machine": a high level resets it, or turns it off. */
enum { MACHINE_RESET, MACHINE_POWER_OFF, N_MACHINE_PINS };

/* From output lines of the part to input pins of another; the part "cpu" has the guest's interrupt
 * lines as pins, the part "machine" those above. */
typedef struct BoardWire {
    const char *to; /* NULL: none */
    uint16_t line, pin;
    uint16_t n; /* so many lines to so many pins, from these on; 0: one */
} BoardWire;

typedef struct BoardWindow {
    Gpa base;
    uint64_t size; /* of the guest's view of it; may exceed the part's own window. 0: none */
    DevSpace space;
} BoardWindow;

/* clang-format off */
#define AT_MEMORY(base, size)       { base, size, SPACE_MEMORY }
#define AT_PORTS(base, size)        { base, size, SPACE_PORTS }
#define WIRE(to, line, pin)         { to, line, pin, 1 }
#define WIRES(to, line, pin, n)     { to, line, pin, n }
/* clang-format on */

typedef struct BoardPart {
    PartKind kind;
    const char *name;                  /* unique on the board; the snapshot key */
    BoardWindow window[BOARD_WINDOWS]; /* RAM: window[0], size 0: what the user asks, or of it */
    const DeviceType *type;            /* PART_DEVICE */
    BoardWire wire[BOARD_WIRES];
    uint64_t ram_from, ram_most; /* what begins here, at most so much (0: all) */
    bool pci;                    /* the part is the PCI function @slot.@function */
    uint8_t slot, function;
    /* PART_ROM: what is in it; then it is as large as that, at the end of its window. NULL without
     * @error set: it is not there. NULL: it is all of its window, and empty. */
    GBytes *(*image)(struct Machine *m, GError **error);
    const char *chr; /* host byte channel, "serial0" and so on; NULL: none */
    /* Wiring that the columns cannot say; may be NULL. After dev_new(), before dev_reset(). */
    void (*setup)(struct Machine *m, Device *d);
    /* Appends the part's node to the guest's device tree; NULL: it has none. */
    void (*fdt)(struct Fdt *f, const struct Machine *m, const struct BoardPart *p);
    const char *spec;
} BoardPart;

typedef struct Board {
    const char *name, *help;
    const GuestIsa *isa;
    const char *default_cpu;
    const char *const *cpus;       /* NULL-terminated */
    uint64_t ram_default, ram_max; /* bytes */
    bool takes_bios;               /* -bios: boot() puts it where the CPU starts */
    bool has_isa;                  /* -device adds to its ports */
    bool takes_order;              /* -cpu NAME,endian=: else a kernel says */
    bool serial_slots;             /* a serial port is there if its -serial is; else always */
    uint64_t ram_min;              /* 0: 1 MiB */
    const BoardPart *parts;
    unsigned n_parts;
    bool open_bus; /* where nothing is, reads are all ones and no mistake: phys_open_bus() */
    bool own_bus;  /* PCI memory is a space of its own, which a bridge shows; else it is memory */
    /* With PCI functions that interrupt: the pin of part @pirq_part that INTA to INTD (0 to 3) of
     * @slot goes to; several may share one. */
    const char *pirq_part;
    unsigned (*pirq)(unsigned slot, unsigned intx);
    /* Makes the vCPU, with m->phys, m->clock, m->log at hand. */
    Vcpu *(*new_cpu)(struct Machine *m);
    void (*free_cpu)(Vcpu *v);
    /* Puts the images into memory and registers where they start; at each reset. */
    bool (*boot)(struct Machine *m, GError **error);
    /* Drives the pins of the vCPU's own outputs (timers) into the board; may be NULL. */
    void (*wire_cpu)(struct Machine *m);
    /* The power key, for system_powerdown; may be NULL. */
    void (*power_key)(struct Machine *m);
} Board;

extern const Board board_virt, board_malta, board_pc;

/* All boards, NULL-terminated. */
const Board *const *board_all(void);

/* No two parts overlap, names are unique, wires and windows are right.
 * Errors: BOARD_ERROR_TABLE. */
bool board_check(const Board *b, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Part @name; NULL if there is none. */
const BoardPart *board_part(const Board *b, const char *name);

#endif
