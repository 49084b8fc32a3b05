/* SPDX-License-Identifier: MIT */
/*
 * i8259.c - the PC's two 8259A interrupt controllers, cascaded, with the ELCR of the south bridge.
 * Spec: Intel 8259A data sheet (order 231468), whose sections have names; ELCR: Intel 82371AB
 * (PIIX4, order 290562) 4.2.7.
 * Differs from the part: the second controller is always on IR2 of the first, whatever ICW3 says.
 * Not modelled: the CALL sequence of the MCS-80 mode (ICW4's PM bit is taken as set), the buffered
 * mode (pin SP/EN).
 */
#include "devices/i8259.h"

enum { N_CHIPS = 2, LINES = 8, CASCADE = 2, SPURIOUS = 7 };

/* "Initialization Command Words". */
enum { ICW1_IC4 = 1, ICW1_SNGL = 2, ICW1_LTIM = 8, ICW1 = 0x10 };
enum { ICW4_AEOI = 2, ICW4_SFNM = 0x10 };
/* "Operation Command Words". */
enum { OCW3 = 8, OCW3_RIS = 1, OCW3_RR = 2, OCW3_POLL = 4, OCW3_SMM = 0x20, OCW3_ESMM = 0x40 };
enum { OCW2_LEVEL = 7, OCW2_EOI = 0x20, OCW2_SPECIFIC = 0x40, OCW2_ROTATE = 0x80 };

typedef struct I8259Chip {
    uint8_t irr;  /* edges seen and not yet taken */
    uint8_t isr;  /* in service */
    uint8_t imr;  /* masked */
    uint8_t base; /* ICW2: bits 7 to 3 of the vector */
    uint8_t icw1, icw3, icw4;
    uint8_t expect;     /* which ICW is next at the odd port: 2 to 4; 0: none, that is OCW1 */
    uint8_t lowest;     /* line that has the lowest priority now */
    uint8_t read_isr;   /* 0 or 1: what the even port shows */
    uint8_t poll;       /* 0 or 1: the next read is a poll */
    uint8_t special;    /* 0 or 1: special mask mode */
    uint8_t rotate_eoi; /* 0 or 1: rotation in automatic-EOI mode */
    uint8_t last;       /* levels of the inputs as last seen, for edges */
    uint8_t ready;      /* 0 or 1: has been initialized */
    uint8_t zero;
} I8259Chip;

typedef struct I8259State {
    I8259Chip chip[N_CHIPS];
    uint8_t elcr[N_CHIPS];
    uint8_t zero[6];
} I8259State;

typedef struct I8259 {
    Device dev;
    I8259State st;
} I8259;

static I8259State *state(Device *d) { return &((I8259 *)d)->st; }

/* ---- one controller ---- */

/* ELCR 4.2.7: a line that is level-triggered; LTIM is not used with an ELCR. */
static uint8_t levels(const I8259State *s, unsigned c) { return s->elcr[c]; }

/* "Interrupt Request Register": what asks now. */
static uint8_t requests(const I8259State *s, unsigned c)
{
    const I8259Chip *p = &s->chip[c];

    return (uint8_t)((p->irr & ~levels(s, c)) | (p->last & levels(s, c)));
}

/* 0 for the highest priority now. */
static unsigned rank(const I8259Chip *p, unsigned line)
{
    return (line + LINES - p->lowest - 1) % LINES;
}

/* The line of @set with the highest priority; LINES if it is empty. */
static unsigned highest(const I8259Chip *p, uint8_t set)
{
    for (unsigned k = 1; k <= LINES; k++) {
        unsigned line = (p->lowest + k) % LINES;

        if (set >> line & 1) {
            return line;
        }
    }
    return LINES;
}

/* The line that interrupts; LINES: none. "Fully Nested Mode"; "Special Mask Mode": what is in
 * service and masked does not count; "Special Fully Nested Mode": a second controller in service
 * may interrupt again. */
static unsigned winner(const I8259State *s, unsigned c)
{
    const I8259Chip *p = &s->chip[c];
    unsigned line = highest(p, requests(s, c) & (uint8_t)~p->imr), above;
    uint8_t serving = p->isr;

    if (p->special) {
        serving &= (uint8_t)~p->imr;
    }
    if (c == 0 && (p->icw4 & ICW4_SFNM) != 0) {
        serving &= (uint8_t) ~(1u << CASCADE);
    }
    above = highest(p, serving);
    if (line == LINES || !p->ready || (above != LINES && rank(p, above) <= rank(p, line))) {
        return LINES;
    }
    return line;
}

static void rotate(I8259Chip *p, unsigned line) { p->lowest = (uint8_t)line; }

/* "Interrupt Sequence": @line goes into service, or, with automatic EOI, through it. */
static void take(I8259State *s, unsigned c, unsigned line)
{
    I8259Chip *p = &s->chip[c];

    p->irr &= (uint8_t) ~(1u << line);
    if ((p->icw4 & ICW4_AEOI) == 0) {
        p->isr |= (uint8_t)(1u << line);
    } else if (p->rotate_eoi) {
        rotate(p, line);
    }
}

/* ---- the pair ---- */

/* The second one's output is an input of the first. */
static void cascade(I8259State *s)
{
    uint8_t bit = 1u << CASCADE, now = winner(s, 1) != LINES ? bit : 0;

    if (now & ~s->chip[0].last) {
        s->chip[0].irr |= bit;
    }
    if (now == 0) {
        s->chip[0].irr &= (uint8_t)~bit;
    }
    s->chip[0].last = (uint8_t)((s->chip[0].last & ~bit) | now);
}

/* "Interrupt Sequence": a request that has gone gives IR7's vector, and no in-service bit. */
static uint8_t acknowledge(Device *d)
{
    I8259State *s = state(d);
    unsigned line = winner(s, 0);

    if (line == LINES) {
        return s->chip[0].base | SPURIOUS;
    }
    take(s, 0, line);
    if (line != CASCADE) {
        return (uint8_t)(s->chip[0].base | line);
    }
    line = winner(s, 1);
    if (line == LINES) {
        return s->chip[1].base | SPURIOUS;
    }
    take(s, 1, line);
    return (uint8_t)(s->chip[1].base | line);
}

uint8_t i8259_acknowledge(Device *d)
{
    uint8_t vector;

    cascade(state(d));
    vector = acknowledge(d);
    dev_settle(d);
    return vector;
}

/* "Edge triggered": a low level takes an edge's request back, as the part's latch does. */
static void pin(Device *d, unsigned n, bool level)
{
    I8259State *s = state(d);
    I8259Chip *p = &s->chip[n / LINES];
    uint8_t bit = (uint8_t)(1u << n % LINES);

    if (n == CASCADE) {
        return;
    }
    if (level) {
        p->irr |= (uint8_t)(bit & ~p->last);
        p->last |= bit;
    } else {
        p->irr &= (uint8_t)~bit;
        p->last &= (uint8_t)~bit;
    }
}

static void settle(Device *d)
{
    cascade(state(d));
    irq_set(d->irq[0], winner(state(d), 0) != LINES);
}

/* ---- ports ---- */

/* "Initialization": edges must come again, all is unmasked, IR7 has the lowest priority. */
static void initialize(I8259Chip *p, uint8_t icw1)
{
    p->icw1 = icw1;
    p->irr = p->isr = p->imr = 0;
    p->icw4 = 0;
    p->lowest = LINES - 1;
    p->read_isr = p->poll = p->special = p->rotate_eoi = 0;
    p->expect = 2;
    p->ready = 0;
}

/* "OCW2", figure 8. */
static void command2(I8259Chip *p, uint8_t val)
{
    unsigned line = val & OCW2_LEVEL, served;

    switch (val & (OCW2_ROTATE | OCW2_SPECIFIC | OCW2_EOI)) {
    case OCW2_EOI:
    case OCW2_EOI | OCW2_ROTATE:
        served = highest(p, p->special ? p->isr & (uint8_t)~p->imr : p->isr);
        if (served != LINES) {
            p->isr &= (uint8_t) ~(1u << served);
            if (val & OCW2_ROTATE) {
                rotate(p, served);
            }
        }
        break;
    case OCW2_EOI | OCW2_SPECIFIC: p->isr &= (uint8_t) ~(1u << line); break;
    case OCW2_EOI | OCW2_SPECIFIC | OCW2_ROTATE:
        p->isr &= (uint8_t) ~(1u << line);
        rotate(p, line);
        break;
    case OCW2_ROTATE | OCW2_SPECIFIC: rotate(p, line); break;
    case OCW2_ROTATE: p->rotate_eoi = 1; break;
    case 0: p->rotate_eoi = 0; break;
    default: break; /* SPECIFIC alone: no operation */
    }
}

/* "OCW3". */
static void command3(I8259Chip *p, uint8_t val)
{
    if (val & OCW3_POLL) {
        p->poll = 1;
    } else if (val & OCW3_RR) {
        p->read_isr = val & OCW3_RIS;
    }
    if (val & OCW3_ESMM) {
        p->special = (val & OCW3_SMM) != 0;
    }
}

static void command_write(Device *d, unsigned c, uint64_t val)
{
    I8259Chip *p = &state(d)->chip[c];

    if (val & ICW1) {
        initialize(p, (uint8_t)val);
    } else if (val & OCW3) {
        command3(p, (uint8_t)val);
    } else {
        command2(p, (uint8_t)val);
    }
}

static void initialized(I8259Chip *p)
{
    p->expect = 0;
    p->ready = 1;
}

static void data_write(Device *d, unsigned c, uint64_t val)
{
    I8259Chip *p = &state(d)->chip[c];

    switch (p->expect) {
    case 2:
        p->base = val & 0xf8;
        p->expect = p->icw1 & ICW1_SNGL ? 4 : 3;
        break;
    case 3:
        p->icw3 = (uint8_t)val;
        p->expect = 4;
        break;
    case 4:
        p->icw4 = (uint8_t)val;
        initialized(p);
        return;
    default: p->imr = (uint8_t)val; return;
    }
    if (p->expect == 4 && !(p->icw1 & ICW1_IC4)) {
        initialized(p);
    }
}

/* "Poll Command": the read is an acknowledge, and says whether there was something. */
static uint8_t poll(Device *d, unsigned c)
{
    I8259State *s = state(d);
    unsigned line = winner(s, c);

    s->chip[c].poll = 0;
    if (line == LINES) {
        return 0;
    }
    take(s, c, line);
    return (uint8_t)(0x80 | line);
}

static uint64_t command_read(Device *d, unsigned c)
{
    I8259Chip *p = &state(d)->chip[c];

    if (p->poll) {
        return poll(d, c);
    }
    return p->read_isr ? p->isr : requests(state(d), c);
}

static uint64_t data_read(Device *d, unsigned c)
{
    I8259Chip *p = &state(d)->chip[c];

    return p->poll ? poll(d, c) : p->imr;
}

/* Windows lie side by side: the first controller's ports, the second's. */
static uint64_t port_read(Device *d, unsigned i)
{
    return i & 1 ? data_read(d, i / 2) : command_read(d, i / 2);
}

static void port_write(Device *d, unsigned i, uint64_t val)
{
    if (i & 1) {
        data_write(d, i / 2, val);
    } else {
        command_write(d, i / 2, val);
    }
}

/* The levels of the lines are the lines' own; nothing interrupts before an ICW1. */
static void reset(Device *d)
{
    I8259State *s = state(d);

    for (unsigned c = 0; c < N_CHIPS; c++) {
        s->chip[c].lowest = LINES - 1;
    }
    for (unsigned n = 0; n < N_I8259_PINS; n++) {
        if (n != CASCADE && dev_pin(d, n)) {
            s->chip[n / LINES].last |= (uint8_t)(1u << n % LINES);
        }
    }
}

/* clang-format off */
#define V(m)    REG_VAR(I8259, st.m)
#define PORTS_4 1, REG_EXACT, 4, 1
static const RegDef regs[] = {
    /* off name     shape    variable    reset wmask w1c read       write       spec */
    { 0, "PIC",     PORTS_4, REG_NO_VAR, 0,    0xff, 0,  port_read, port_write, "ICW, OCW" },
    { 4, "ELCR1",   REG_8,   V(elcr[0]), 0,    0xf8, 0,  NULL,      NULL,       "PIIX4 4.2.7" },
    { 5, "ELCR2",   REG_8,   V(elcr[1]), 0,    0xde, 0,  NULL,      NULL,       "PIIX4 4.2.7" },
};

#define CHIP(c) \
    STATE_VAR(I8259, st.chip[c].irr), \
    STATE_VAR(I8259, st.chip[c].isr), \
    STATE_VAR(I8259, st.chip[c].imr), \
    STATE_VAR_MAX(I8259, st.chip[c].base, 0xf8), \
    STATE_VAR(I8259, st.chip[c].icw1), \
    STATE_VAR(I8259, st.chip[c].icw3), \
    STATE_VAR(I8259, st.chip[c].icw4), \
    STATE_VAR_MAX(I8259, st.chip[c].expect, 4), \
    STATE_VAR_MAX(I8259, st.chip[c].lowest, LINES - 1), \
    STATE_VAR_MAX(I8259, st.chip[c].read_isr, 1), \
    STATE_VAR_MAX(I8259, st.chip[c].poll, 1), \
    STATE_VAR_MAX(I8259, st.chip[c].special, 1), \
    STATE_VAR_MAX(I8259, st.chip[c].rotate_eoi, 1), \
    STATE_VAR(I8259, st.chip[c].last), \
    STATE_VAR_MAX(I8259, st.chip[c].ready, 1), \
    STATE_VAR_MAX(I8259, st.chip[c].zero, 0)
static const StateField fields[] = {
    CHIP(0), CHIP(1),
    STATE_ARRAY_MAX(I8259, st.zero, 0),
};

static const DevWindowDef windows[] = {
    { .name = "first", .off = 0, .size = 2 },
    { .name = "second", .off = 2, .size = 2 },
    { .name = "elcr", .off = 4, .size = 2 },
};

const DeviceType i8259_type = {
    .name = "i8259", .manual = "Intel 231468", .window = 6, .bus_bytes = 1, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows),
    .n_irqs = 1, .n_pins = N_I8259_PINS,
    .settle = settle, .reset = reset, .pin = pin,
    DEVICE_LAYOUT(I8259, st, regs, fields),
};
/* clang-format on */
