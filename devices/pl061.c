/* SPDX-License-Identifier: MIT */
/*
 * pl061.c - PrimeCell General Purpose Input/Output (PL061): eight lines, interrupts from inputs.
 * Spec: ARM DDI 0190B.
 * Not modelled: hardware control of lines (a line given to it by GPIOAFSEL drives nothing), the
 * test registers.
 */
#include "devices/pl061.h"

typedef struct Pl061State {
    uint32_t out;                          /* what was written to GPIODATA */
    uint32_t edges;                        /* seen on inputs and not cleared */
    uint32_t dir, is, ibe, iev, ie, afsel; /* registers */
} Pl061State;

typedef struct Pl061 {
    Device dev;
    Pl061State st;
} Pl061;

static Pl061State *state(Device *d) { return &((Pl061 *)d)->st; }

static uint32_t inputs(const Device *d) { return d->level[0] & 0xff; }

/* 3.3.1: outputs read as what they drive, inputs as what drives them; @i is PADDR[9:2]. */
static uint64_t data_read(Device *d, unsigned i)
{
    const Pl061State *s = state(d);

    return ((s->out & s->dir) | (inputs(d) & ~s->dir)) & i;
}

static void data_write(Device *d, unsigned i, uint64_t val)
{
    Pl061State *s = state(d);
    uint32_t mask = i & s->dir; /* 3.3.1: only lines that are outputs */

    s->out = (s->out & ~mask) | ((uint32_t)val & mask);
}

/* 3.3.3, 3.3.5: of a level, what the input is now; of an edge, what was seen. */
static uint32_t raw(Device *d)
{
    const Pl061State *s = state(d);

    return (s->edges & ~s->is) | (~(inputs(d) ^ s->iev) & s->is & ~s->dir & 0xff);
}

static uint64_t ris_read(Device *d, unsigned i)
{
    (void)i;
    return raw(d);
}

static uint64_t mis_read(Device *d, unsigned i)
{
    (void)i;
    return raw(d) & state(d)->ie;
}

static void ic_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    state(d)->edges &= ~(uint32_t)val;
}

/* 3.3.11, 3.3.12: part 0x061, designer 0x41, revision 0, then the PrimeCell number. */
static uint64_t id_read(Device *d, unsigned i)
{
    static const uint8_t id[8] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    (void)d;
    return id[i];
}

/* 3.3.3 to 3.3.5: both edges, or the one that GPIOIEV names. */
static void pin(Device *d, unsigned n, bool level)
{
    Pl061State *s = state(d);
    uint32_t bit = 1u << n;
    bool wanted = (s->ibe & bit) != 0 || ((s->iev & bit) != 0) == level;

    if (wanted && !(s->is & bit) && !(s->dir & bit)) {
        s->edges |= bit;
    }
}

static void settle(Device *d)
{
    const Pl061State *s = state(d);
    uint32_t driven = s->out & s->dir & ~s->afsel;

    irq_set(d->irq[PL061_INTR], (raw(d) & s->ie) != 0);
    for (unsigned n = 0; n < PL061_LINES; n++) {
        irq_set(d->irq[PL061_OUT + n], driven >> n & 1);
    }
}

/* clang-format off */
#define V(m) REG_VAR(Pl061, st.m)
#define N    REG_32_NARROW
#define DATA REG_32_NARROWS(256)
static const RegDef regs[] = {
    /* off   name         shape variable   reset wmask w1c read       write       spec */
    { 0x000, "GPIODATA",  DATA, REG_NO_VAR, 0, 0xff, 0, data_read, data_write, "3.3.1" },
    { 0x400, "GPIODIR",   N, V(dir),       0,    0xff, 0,  NULL,      NULL,       "3.3.2" },
    { 0x404, "GPIOIS",    N, V(is),        0,    0xff, 0,  NULL,      NULL,       "3.3.3" },
    { 0x408, "GPIOIBE",   N, V(ibe),       0,    0xff, 0,  NULL,      NULL,       "3.3.4" },
    { 0x40c, "GPIOIEV",   N, V(iev),       0,    0xff, 0,  NULL,      NULL,       "3.3.5" },
    { 0x410, "GPIOIE",    N, V(ie),        0,    0xff, 0,  NULL,      NULL,       "3.3.6" },
    { 0x414, "GPIORIS",   N, REG_NO_VAR,   0,    0,    0,  ris_read,  NULL,       "3.3.7" },
    { 0x418, "GPIOMIS",   N, REG_NO_VAR,   0,    0,    0,  mis_read,  NULL,       "3.3.8" },
    { 0x41c, "GPIOIC",    N, REG_NO_VAR,   0,    0xff, 0,  NULL,      ic_write,   "3.3.9" },
    { 0x420, "GPIOAFSEL", N, V(afsel),     0,    0xff, 0,  NULL,      NULL,       "3.3.10" },
    { 0xfe0, "GPIOID", REG_32_NARROWS(8), REG_NO_VAR, 0, 0, 0, id_read, NULL,     "3.3.11" },
};

static const StateField fields[] = {
    STATE_VAR_MAX(Pl061, st.out, 0xff),
    STATE_VAR_MAX(Pl061, st.edges, 0xff),
};

const DeviceType pl061_type = {
    .name = "pl061", .manual = "ARM DDI 0190B", .window = 0x1000, .version = 1,
    .n_irqs = 1 + PL061_LINES, .n_pins = PL061_LINES,
    .settle = settle, .pin = pin,
    DEVICE_LAYOUT(Pl061, st, regs, fields),
};
/* clang-format on */
