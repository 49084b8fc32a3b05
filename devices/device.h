/* SPDX-License-Identifier: MIT */
/* device.h - what every device model is made of: registers, state, wires. */
#ifndef DEVICES_DEVICE_H
#define DEVICES_DEVICE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/irq.h"
#include "base/log.h"
#include "base/state.h"

struct PciDef;

#define DEVICE_ERROR (device_error_quark())
GQuark device_error_quark(void);

typedef enum DeviceError {
    DEVICE_ERROR_TABLE,    /* a DeviceType contradicts itself */
    DEVICE_ERROR_SNAPSHOT, /* not a snapshot of this type and version */
    DEVICE_ERROR_OPTION,   /* a description of a host side that makes no sense */
    DEVICE_ERROR_HOST,     /* the host refused what a host side needs */
} DeviceError;

typedef struct Device Device;

/* Which accesses a row takes besides aligned ones of its own width. */
typedef enum RegAccess {
    REG_EXACT,  /* none */
    REG_NARROW, /* smaller: a write at its offset is zero-extended, a read takes any bytes of it */
    REG_LANES,  /* smaller, at any offset in it: a write replaces only the bytes addressed */
    REG_SPAN,   /* larger: neighbours in the row at once, the lowest index in the low bits */
    REG_WIDE,   /* larger, at its offset: on the low lanes of a wider bus; the others are zero */
} RegAccess;

/*
 * A register, or an array of equal registers. Rows are in offset order. The columns width to
 * stride are written as one REG_* word, var and var_bytes as REG_VAR() or REG_NO_VAR.
 */
typedef struct RegDef {
    uint32_t off; /* bytes from the start of the register space */
    const char *name;
    uint8_t width;      /* bytes of one register: 1, 2, 4 or 8 */
    uint8_t access;     /* RegAccess */
    uint16_t count;     /* registers in the row */
    uint16_t stride;    /* bytes from one to the next */
    uint16_t var;       /* offset in the device of the variable behind it */
    uint16_t var_bytes; /* width * count; 0: no variable */
    uint64_t reset;
    uint64_t wmask; /* bits a guest write replaces */
    uint64_t w1c;   /* bits a guest write of 1 clears */
    /* NULL: the variable, else zero. @i is the index in the row. */
    uint64_t (*read)(Device *d, unsigned i);
    /* NULL: nothing beyond the masks. Gets the value as written, after the masks had effect. */
    void (*write)(Device *d, unsigned i, uint64_t val);
    const char *spec; /* section of the data sheet */
} RegDef;

/* clang-format off */
#define REG_8                1, REG_EXACT, 1, 1
#define REG_8_WIDE(bus)      1, REG_WIDE, 1, bus
#define REG_16               2, REG_EXACT, 1, 2
#define REG_32               4, REG_EXACT, 1, 4
#define REG_64               8, REG_EXACT, 1, 8
#define REG_32_NARROW        4, REG_NARROW, 1, 4
#define REG_32_LANES         4, REG_LANES, 1, 4
#define REG_8_ARRAY(n)       1, REG_SPAN, n, 1
#define REG_32_ARRAY(n)      4, REG_EXACT, n, 4
#define REG_32_NARROWS(n)    4, REG_NARROW, n, 4

#define REG_VAR(T, m)        offsetof(T, m), sizeof(((T *)0)->m)
#define REG_NO_VAR           0, 0
/* clang-format on */

/* The spaces a window can lie in. On many boards the bus is the memory. */
typedef enum DevSpace { SPACE_MEMORY, SPACE_PORTS, SPACE_BUS, N_SPACES } DevSpace;

/* A part of the register space that a board maps on its own, as a GIC's CPU interface; or that the
 * part maps by its own registers, as a PCI function its BARs: see DeviceType.place. */
typedef struct DevWindowDef {
    const char *name;
    uint32_t off; /* in the register space of the rows */
    uint32_t size;
    bool moves; /* place() says where it is */
} DevWindowDef;

/* Where a window is now. One with @shows is a bridge's: not registers, but the addresses of space
 * @to from @to_base on. */
typedef struct DevPlace {
    DevSpace space;
    uint64_t base, bytes; /* bytes 0: nowhere */
    bool shows;
    DevSpace to;
    uint64_t to_base;
} DevPlace;

/* A type is data and a few functions: no class, no inheritance, no registration. */
typedef struct DeviceType {
    const char *name;
    const char *manual; /* the data sheet that the rows' sections are in */
    uint32_t window;    /* bytes of the register space */
    const DevWindowDef *windows;
    /* Where window @i, one that moves, is now: from the state alone, asked whenever that has
     * settled. @at is zeroed. Set if some window moves. */
    void (*place)(const Device *d, unsigned i, DevPlace *at);
    unsigned n_windows; /* 0: the register space is one window */
    unsigned bus_bytes; /* wider accesses come as several, the lowest first; 0: as they are */
    unsigned n_irqs;    /* output lines */
    unsigned n_pins;    /* input pins */
    unsigned n_timers;
    size_t size;      /* bytes, of the struct that starts with a Device */
    size_t state_off; /* the part of it that reset clears and snapshots hold */
    size_t state_size;
    uint8_t version; /* of the snapshot layout */
    const RegDef *regs;
    unsigned n_regs;
    const StateField *fields; /* state that is not behind a register */
    unsigned n_fields;
    const struct PciDef *pci; /* of a PCI function: devices/pci.h; else NULL */

    /* All may be NULL. settle() follows each of the others and each register access. */
    void (*settle)(Device *d); /* drives outputs and timers from the state; idempotent */
    void (*reset)(Device *d);  /* what the reset column cannot say: values of the set-up */
    void (*pin)(Device *d, unsigned n, bool level); /* input pin @n changed */
    void (*fire)(Device *d, unsigned n);            /* timer @n has expired */
    size_t (*can_receive)(const Device *d);         /* bytes it has room for now */
    void (*receive)(Device *d, const uint8_t *p, size_t n);
    void (*line_break)(Device *d); /* a break on the serial line */
    void (*release)(Device *d);    /* gives back what its wiring owns; no settle() */
} DeviceType;

/* clang-format off */
/* Fills the size and table members of a DeviceType. */
#define DEVICE_LAYOUT(T, st, regs_, fields_) \
    .size = sizeof(T), .state_off = offsetof(T, st), \
    .state_size = sizeof(((T *)0)->st), \
    .regs = regs_, .n_regs = G_N_ELEMENTS(regs_), \
    .fields = fields_, .n_fields = G_N_ELEMENTS(fields_)
/* clang-format on */

/* Where a byte channel delivers. Borrowed by devices. */
typedef struct CharSink {
    void (*put)(void *opaque, uint8_t byte);
    void (*room)(void *opaque); /* can_receive() grew: offer bytes again, later; may be NULL */
    void *opaque;
} CharSink;

/* Who is making the present access. Borrowed by devices. */
typedef struct DevGuest {
    uint32_t (*pc)(void *opaque);  /* of the access, for messages; may be NULL */
    unsigned (*cpu)(void *opaque); /* index of the CPU, for banked registers; NULL: 0 */
    void *opaque;
} DevGuest;

typedef struct DevTimer {
    Event event;
    Device *dev;
    unsigned n;
} DevTimer;

/* One window of one device, as a board's memory map sees it. */
typedef struct DevWindow {
    Device *dev;
    uint32_t off, size;
    DevPlace at; /* of one that moves; derived from the state */
} DevWindow;

/* Who keeps the memory map. Borrowed by devices. */
typedef struct DevMap {
    void (*moved)(void *opaque, const DevWindow *w); /* w->at has changed */
    void *opaque;
} DevMap;

/* An input pin, as the IrqLine that drives it sees it. */
typedef struct DevPin {
    Device *dev;
    unsigned n;
} DevPin;

enum { DEV_SITES = 64 };

/* Wires and bookkeeping; what the guest can see is in the part's own state struct. */
struct Device {
    const DeviceType *type;
    const char *path;      /* "board/name"; borrowed from the board */
    const Log *log;        /* borrowed from the machine; NULL: silent */
    Clock *clock;          /* borrowed from the machine; needed if the type has timers */
    const DevGuest *guest; /* borrowed from the machine; NULL: unknown */
    const DevMap *map;     /* borrowed from the machine; NULL: windows that move are nowhere */
    const CharSink *chr;   /* borrowed from the board; NULL: bytes go nowhere */
    IrqLine **irq;         /* type->n_irqs lines, borrowed from the board; NULL: no wire */
    uint32_t *level;       /* of the input pins, 32 a word; survives reset, in the snapshot */
    DevTimer *timer;       /* type->n_timers */
    DevPin *pin;           /* type->n_pins */
    DevWindow *window;     /* dev_n_windows() */
    uint8_t access_bytes;  /* of the access to a row's hook, and */
    uint8_t access_lane;   /* its first byte's place in the register */
    uint64_t guest_errors; /* accesses the data sheet does not allow */
    uint64_t *site;        /* those logged: DEV_SITES hashed keys, 0 is free */
    unsigned n_sites;
};

/* Not yet wired, not yet reset. @path is borrowed. Free with dev_free(), before the clock. */
Device *dev_new(const DeviceType *type, const char *path) G_GNUC_WARN_UNUSED_RESULT;
void dev_free(Device *d);
void dev_reset(Device *d);

/**
 * dev_read, dev_write - a guest access.
 * @off:  bytes from the start of the register space
 * @size: 1, 2, 4 or 8 bytes
 * Never fail: an access the data sheet does not allow is counted in guest_errors and logged
 * once a site (guest pc and kind), reads as zero and writes nothing.
 * With -d device every access is logged by register name.
 * Cost: a binary search in the rows; no allocation but for a line that is logged.
 */
uint64_t dev_read(Device *d, uint32_t off, unsigned size);
void dev_write(Device *d, uint32_t off, unsigned size, uint64_t val);

/* The same, as callbacks of a memory map; @window is a DevWindow, @off counts from its start. */
uint64_t dev_window_read(void *window, uint64_t off, unsigned size);
void dev_window_write(void *window, uint64_t off, uint64_t val, unsigned size);

/* Makes outputs, timers and windows follow the state. */
void dev_settle(Device *d);

/* Drives input pin @n; a level it already has is no change. */
void dev_set_pin(Device *d, unsigned n, bool level);
static inline bool dev_pin(const Device *d, unsigned n) { return d->level[n / 32] >> n % 32 & 1; }
/* Makes @line drive input pin @n of @d. */
void dev_wire(IrqLine *line, Device *d, unsigned n);

/* Windows of a part: one if it names none, none if it has no register space at all. */
static inline unsigned dev_n_windows(const DeviceType *t)
{
    return t->n_windows ? t->n_windows : t->window ? 1 : 0;
}

/* The row of the register at @off, whatever lane of it; NULL if there is none. */
const RegDef *dev_row(const DeviceType *type, uint32_t off);

/* The variable behind the register at @off, by no hook; 0 if there is none. */
uint64_t dev_var(const Device *d, uint32_t off);

/* What a read of @size bytes at @off would give, if that read does nothing else; else false. */
bool dev_peek(const Device *d, uint32_t off, unsigned size, uint64_t *value);

/* Arms timer @n for guest time @when_ns, or cancels it (CLOCK_NEVER); no effect if it is so. */
void dev_arm(Device *d, unsigned n, uint64_t when_ns);

/* Bytes the device takes now; and their delivery, which may be of more: that is an overrun. */
size_t dev_can_receive(const Device *d);
void dev_receive(Device *d, const uint8_t *p, size_t n);
void dev_line_break(Device *d);

/* For models: sends a byte, tells the channel of room, names the accessing CPU. */
void dev_put(Device *d, uint8_t byte);
void dev_room(Device *d);
unsigned dev_cpu(const Device *d);

/* For models: what the guest did is counted, and logged once a site. */
void dev_guest_error(Device *d, uint32_t off, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/* For rows that the data sheet says ignore writes: unlike a NULL hook, not an error. */
void dev_ignore(Device *d, unsigned i, uint64_t val);

/* Appends the snapshot to @out. */
void dev_save(const Device *d, GByteArray *out);

/* Whether dev_load() would take @in. */
bool dev_check(const Device *d, const uint8_t *in, size_t n,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * dev_load - replace the state of @d by a snapshot, then settle.
 * @in: untrusted bytes
 * @n:  how many
 * Returns: true; or false with @error set and @d unchanged.
 * Errors: DEVICE_ERROR_SNAPSHOT, BASE_ERROR_RANGE.
 */
bool dev_load(Device *d, const uint8_t *in, size_t n, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * dev_check_type - the promises of a type's tables: offsets in order and in the window, masks
 * within the width and disjoint, variables of the right size, a spec for each row, windows in
 * the register space, and every byte of the state in exactly one register or field.
 * Errors: DEVICE_ERROR_TABLE.
 */
bool dev_check_type(const DeviceType *type, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends the name of the register at @off, as UARTDR or GICD_IPRIORITYR[37]; else "?". */
void dev_reg_name(const DeviceType *type, uint32_t off, GString *out);

/* Appends one line per row: offset, name, width, reset value, masks, section. */
void dev_describe(const DeviceType *type, GString *out);

#endif
