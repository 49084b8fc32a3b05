/* SPDX-License-Identifier: MIT */
/*
 * pc_glue.c - interrupts that parts share, who drives IRQ0 and IRQ8, the gate of address line 20,
 * port 0x92, and the x87's errors with port 0xf0.
 * Spec: system control port A as in IBM's PS/2 and in chipsets since: Intel 82371MB (MPIIX, order
 * 290525), 4.4.2. Address line 20 is passed on if that port or the keyboard controller says so.
 * FERR# is IRQ13 until port 0xf0 is written; from then on IGNNE# is asserted while FERR# is: Intel
 * 82371FB/82371SB (order 290550), COPROC_ERR.
 */
#include "devices/pc_glue.h"

enum { PORT_RESET = 1, PORT_A20 = 2, PORT_BITS = PORT_RESET | PORT_A20 };

typedef struct GlueState {
    uint32_t port, ignored; /* ignored: IGNNE# */
} GlueState;

typedef struct Glue {
    Device dev;
    GlueState st;
} Glue;

/* A reset comes when the bit rises. */
static void port_write(Device *d, unsigned i, uint64_t val)
{
    GlueState *s = &((Glue *)d)->st;
    bool rises = (~s->port & val & PORT_RESET) != 0;

    (void)i;
    s->port = (uint32_t)val & PORT_BITS;
    if (rises) {
        irq_set(d->irq[PC_GLUE_RESET], true);
        irq_set(d->irq[PC_GLUE_RESET], false);
    }
}

static uint64_t port_read(Device *d, unsigned i)
{
    (void)i;
    return ((Glue *)d)->st.port;
}

static void error_write(Device *d, unsigned i, uint64_t val)
{
    (void)i, (void)val;
    ((Glue *)d)->st.ignored = dev_pin(d, PC_GLUE_FERR);
}

static void settle_error(Device *d)
{
    GlueState *s = &((Glue *)d)->st;

    s->ignored &= dev_pin(d, PC_GLUE_FERR);
    irq_set(d->irq[PC_GLUE_IRQ13], dev_pin(d, PC_GLUE_FERR) && s->ignored == 0);
    irq_set(d->irq[PC_GLUE_IGNNE], s->ignored != 0);
}

static void settle(Device *d)
{
    bool legacy = dev_pin(d, PC_GLUE_LEGACY);

    irq_set(d->irq[PC_GLUE_IRQ0], dev_pin(d, legacy ? PC_GLUE_HPET_TIMER : PC_GLUE_TIMER));
    irq_set(d->irq[PC_GLUE_IRQ8], dev_pin(d, legacy ? PC_GLUE_HPET_CLOCK : PC_GLUE_CLOCK));
    irq_set(d->irq[PC_GLUE_ALARM], dev_pin(d, PC_GLUE_CLOCK));
    irq_set(d->irq[PC_GLUE_IRQ4], dev_pin(d, PC_GLUE_COM1) || dev_pin(d, PC_GLUE_COM3));
    irq_set(d->irq[PC_GLUE_IRQ3], dev_pin(d, PC_GLUE_COM2) || dev_pin(d, PC_GLUE_COM4));
    irq_set(d->irq[PC_GLUE_A20_OUT],
            (((Glue *)d)->st.port & PORT_A20) != 0 || dev_pin(d, PC_GLUE_A20));
    settle_error(d);
}

/* clang-format off */
static const RegDef regs[] = {
    { 0, "PORT92", REG_8, REG_NO_VAR, 0, PORT_BITS, 0, port_read, port_write, "4.4.2" },
    { 1, "COPROC_ERR", REG_8, REG_NO_VAR, 0, 0xff, 0, NULL, error_write, "290550 COPROC_ERR" },
};
static const StateField fields[] = {
    STATE_VAR_MAX(Glue, st.port, PORT_BITS), STATE_VAR_MAX(Glue, st.ignored, 1),
};
static const DevWindowDef windows[] = {
    { .name = "port-92", .size = 1 },
    { .name = "port-f0", .off = 1, .size = 1 },
};

const DeviceType pc_glue_type = {
    .name = "pc-glue", .manual = "Intel 290525", .window = 2, .version = 2, .bus_bytes = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows),
    .n_irqs = N_PC_GLUE_LINES, .n_pins = N_PC_GLUE_PINS, .settle = settle,
    DEVICE_LAYOUT(Glue, st, regs, fields),
};
/* clang-format on */
