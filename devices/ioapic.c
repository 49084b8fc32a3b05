/* SPDX-License-Identifier: MIT */
/*
 * ioapic.c - I/O APIC with 24 inputs.
 * Spec: Intel 82093AA (290566-001).
 * Differs from the part: polarity (bit 13 of an entry) is stored and has no effect, because wires
 * carry "asserted", whatever level that is on a real board.
 * Not modelled: the serial bus to the local APICs and its arbitration; a message takes no time, so
 * that the delivery status is always idle.
 */
#include "devices/ioapic.h"

enum { VERSION = 0x11 | (IOAPIC_PINS - 1) << 16 }; /* 3.2.2 */
enum { REG_ID, REG_VERSION, REG_ARBITRATION, REG_TABLE = 0x10 };

/* 3.2.4 */
#define RTE_LOGICAL ((uint64_t)1 << 11)
#define RTE_REMOTE_IRR ((uint64_t)1 << 14)
#define RTE_LEVEL ((uint64_t)1 << 15)
#define RTE_MASKED ((uint64_t)1 << 16)
#define RTE_WRITABLE UINT64_C(0xff0000000001afff)
#define RTE_BITS (RTE_WRITABLE | RTE_REMOTE_IRR)
enum { RTE_MODE_SHIFT = 8, RTE_DEST_SHIFT = 56 };

typedef struct IoApicState {
    uint64_t table[IOAPIC_PINS];
    uint32_t select, id;
} IoApicState;

typedef struct IoApic {
    Device dev;
    void (*send)(void *opaque, const ApicMessage *m);
    void *send_opaque;
    IoApicState st;
} IoApic;

static IoApicState *state(Device *d) { return &((IoApic *)d)->st; }

static void send(Device *d, unsigned n)
{
    const IoApic *a = (const IoApic *)d;
    uint64_t e = a->st.table[n];
    unsigned mode = e >> RTE_MODE_SHIFT & 7;
    const ApicMessage m = {
        .dest = (uint8_t)(e >> RTE_DEST_SHIFT),
        .vector = (uint8_t)e,
        .mode = (uint8_t)mode,
        .logical = (e & RTE_LOGICAL) != 0,
        .level = (e & RTE_LEVEL) != 0 && mode <= APIC_LOWEST,
    };

    if (a->send) {
        a->send(a->send_opaque, &m);
    }
}

/* 3.2.4, bits 14 and 15: a level is sent once and then waits for its end. The other modes are edges
 * whatever the entry says (bits 10:8). */
static void sample(Device *d, unsigned n)
{
    uint64_t *e = &state(d)->table[n];

    if ((*e & (RTE_MASKED | RTE_REMOTE_IRR)) == 0 && (*e & RTE_LEVEL) != 0
        && (*e >> RTE_MODE_SHIFT & 7) <= APIC_LOWEST && dev_pin(d, n)) {
        *e |= RTE_REMOTE_IRR;
        send(d, n);
    }
}

static void pin(Device *d, unsigned n, bool level)
{
    uint64_t e = state(d)->table[n];
    bool edge = (e & RTE_LEVEL) == 0 || (e >> RTE_MODE_SHIFT & 7) > APIC_LOWEST;

    if (level && edge && (e & RTE_MASKED) == 0) {
        send(d, n); /* an edge on a masked pin is lost: bit 16 */
    }
    sample(d, n);
}

void ioapic_end(Device *d, uint8_t vector)
{
    for (unsigned n = 0; n < IOAPIC_PINS; n++) {
        uint64_t *e = &state(d)->table[n];

        if ((*e & RTE_REMOTE_IRR) != 0 && (uint8_t)*e == vector) {
            *e &= ~RTE_REMOTE_IRR;
            sample(d, n);
        }
    }
}

/* ---- registers behind the window ---- */

static uint64_t window_read(Device *d, unsigned i)
{
    const IoApicState *s = state(d);

    (void)i;
    switch (s->select) {
    case REG_ID:
    case REG_ARBITRATION: return s->id; /* 3.2.3: loaded with the ID; nothing rotates it here */
    case REG_VERSION: return VERSION;
    }
    if (s->select < REG_TABLE || s->select >= REG_TABLE + 2 * IOAPIC_PINS) {
        dev_guest_error(d, 0x10, "no register %#x behind the window", s->select);
        return 0;
    }
    return s->table[(s->select - REG_TABLE) / 2] >> (s->select & 1 ? 32 : 0) & UINT32_MAX;
}

static void entry_write(Device *d, unsigned n, bool high, uint32_t val)
{
    uint64_t *e = &state(d)->table[n];
    uint64_t mask = high ? UINT64_C(0xffffffff00000000) : UINT32_MAX;
    uint64_t v = high ? (uint64_t)val << 32 : val;

    *e = (*e & ~(RTE_WRITABLE & mask)) | (v & RTE_WRITABLE & mask);
    if ((*e & RTE_LEVEL) == 0) {
        *e &= ~RTE_REMOTE_IRR; /* it has no meaning for edges; kernels clear it so */
    }
    sample(d, n);
}

static void window_write(Device *d, unsigned i, uint64_t val)
{
    IoApicState *s = state(d);

    (void)i;
    if (s->select == REG_ID) {
        s->id = (uint32_t)val & 0x0f000000;
    } else if (s->select >= REG_TABLE && s->select < REG_TABLE + 2 * IOAPIC_PINS) {
        entry_write(d, (s->select - REG_TABLE) / 2, s->select & 1, (uint32_t)val);
    } else {
        dev_guest_error(d, 0x10, "register %#x behind the window is not writable", s->select);
    }
}

static void reset(Device *d)
{
    for (unsigned n = 0; n < IOAPIC_PINS; n++) {
        state(d)->table[n] = RTE_MASKED;
    }
}

void ioapic_connect(Device *d, void (*send_fn)(void *opaque, const ApicMessage *m), void *opaque)
{
    ((IoApic *)d)->send = send_fn;
    ((IoApic *)d)->send_opaque = opaque;
}

/* clang-format off */
static const RegDef regs[] = {
    { 0x00, "IOREGSEL", REG_32_NARROW, REG_VAR(IoApic, st.select), 0, 0xff, 0, NULL, NULL,
      "3.1.1" },
    { 0x10, "IOWIN", REG_32, REG_NO_VAR, 0, 0xffffffff, 0, window_read, window_write, "3.1.2" },
};

static const StateField fields[] = {
    STATE_VAR_MAX(IoApic, st.id, 0x0f000000),
    STATE_ARRAY_MAX(IoApic, st.table, RTE_BITS),
};

const DeviceType ioapic_type = {
    .name = "ioapic", .manual = "Intel 290566-001", .window = 0x20, .version = 1,
    .n_pins = IOAPIC_PINS, .reset = reset, .pin = pin,
    DEVICE_LAYOUT(IoApic, st, regs, fields),
};
/* clang-format on */
