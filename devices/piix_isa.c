/* SPDX-License-Identifier: MIT */
/*
 * piix_isa.c - the ISA bridge of PIIX3 and PIIX4: routes interrupts, resets the machine.
 * Spec: Intel 82371AB (PIIX4, order 290562) chapter 4; Intel 82371FB/82371SB (PIIX3, order 290550)
 * chapter 2. The ISA bus itself is the space of ports. Its other parts (i8259, i8254, MC146818,
 * ELCR) are devices of their own.
 * Not modelled: positive decode and timing of ISA cycles (IORT, XBCS, TOM are stored), serial
 * interrupts (SERIRQC is stored), DMA, SMI, the pins GENCFG selects (stored). Registers that are
 * not here read as zero.
 */
#include "devices/piix.h"

enum { N_PIRQS = 4, SCI_IRQ = 9, N_IRQS = 16 };
enum { PIRQRC_OFF = 0x80, PIRQRC_IRQ = 0x0f }; /* PIIX4 4.1.10 */
/* The interrupts a PIRQ may be: 3 to 7, 9 to 12, 14, 15. */
enum { PIRQ_TARGETS = 0xdef8 };
enum { RC_HARD = 2, RC_RESET = 4 }; /* PIIX4 4.2.7.3 */

typedef struct PiixState {
    PciHead pci;
    uint32_t iort, pirqrc, serirqc, tom, gencfg, rtccfg;
    uint32_t rc;
    uint32_t zero;
} PiixState;

typedef struct Piix {
    Device dev;
    PiixState st;
} Piix;

static const PiixState *cstate(const Device *d) { return &((const Piix *)d)->st; }

/* ---- interrupts ---- */

/* PIIX4 4.1.10: a PIRQ is one of the ISA interrupts, or disabled. */
static uint32_t routed(const Device *d)
{
    uint32_t irqs = 0;

    for (unsigned i = 0; i < N_PIRQS; i++) {
        uint32_t route = cstate(d)->pirqrc >> 8 * i & 0xff;

        if (!(route & PIRQRC_OFF) && dev_pin(d, PIIX_PIRQA + i)) {
            irqs |= 1u << (route & PIRQRC_IRQ) & PIRQ_TARGETS;
        }
    }
    return irqs;
}

static void settle(Device *d)
{
    uint32_t irqs = (d->level[0] & 0xffff) | routed(d);

    irqs |= dev_pin(d, PIIX_SCI) ? 1u << SCI_IRQ : 0u;
    for (unsigned i = 0; i < N_IRQS; i++) {
        irq_set(d->irq[PIIX_TO_PIC + i], irqs >> i & 1);
        irq_set(d->irq[PIIX_TO_IOAPIC + i], irqs >> i & 1);
    }
}

/* ---- reset control ---- */

uint8_t piix_reset_control(const Device *d) { return (uint8_t)cstate(d)->rc; }

/* A reset is the rise of RCPU; a soft one, which is of the CPU alone, is one of all here. */
void piix_set_reset_control(Device *d, uint8_t val)
{
    PiixState *s = &((Piix *)d)->st;
    bool rise = (val & RC_RESET) != 0 && (s->rc & RC_RESET) == 0;

    s->rc = val & (RC_HARD | RC_RESET);
    if (rise) {
        irq_set(d->irq[PIIX_RESET], true);
        irq_set(d->irq[PIIX_RESET], false);
    }
}

static uint64_t rc_read(Device *d, unsigned i)
{
    (void)i;
    return piix_reset_control(d);
}

static void rc_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    piix_set_reset_control(d, (uint8_t)val);
}

/* ---- tables ---- */

/* clang-format off */
#define V(m) REG_VAR(Piix, st.m)
#define L    REG_32_LANES
#define HEAD(id) \
    PCI_HEAD_ROWS(Piix, st.pci, id, 0x02800007, PCI_SERR | 8, 0x06010002, PCI_MULTI_FUNCTION), \
    PCI_NO_BARS(Piix, st.pci), \
    PCI_TAIL_ROWS(Piix, st.pci, 0, 0, 0)
#define ROWS \
    /* off  name      shape variable  reset       wmask       w1c rd    wr    spec */ \
    { 0x4c, "IORT",     L, V(iort),    0x0003004d, 0x07ff007f, 0, NULL, NULL, "PIIX4 4.1.8" }, \
    { 0x60, "PIRQRC",   L, V(pirqrc),  0x80808080, 0x8f8f8f8f, 0, NULL, NULL, "PIIX4 4.1.10" }, \
    { 0x64, "SERIRQC",  L, V(serirqc), 0x10,       0xff,       0, NULL, NULL, "PIIX4 4.1.11" }, \
    { 0x68, "TOM",      L, V(tom),     0x0200,     0xfe00,     0, NULL, NULL, "PIIX4 4.1.12" }, \
    { 0xb0, "GENCFG",   L, V(gencfg),  0,          0xffffffff, 0, NULL, NULL, "PIIX4 4.1.20" }, \
    { 0xc8, "RTCCFG",   L, V(rtccfg),  0x21000000, 0x3d000000, 0, NULL, NULL, "PIIX4 4.1.22" }, \
    { 0x100, "RC", REG_8, REG_NO_VAR, 0, 6, 0, rc_read, rc_write, "PIIX4 4.2.7.3" }
static const RegDef regs3[] = { HEAD(0x70008086), ROWS };
static const RegDef regs4[] = { HEAD(0x71108086), ROWS };

static const StateField fields[] = {
    STATE_VAR_MAX(Piix, st.rc, RC_HARD | RC_RESET),
    STATE_VAR_MAX(Piix, st.zero, 0),
};

static const DevWindowDef windows[] = {
    { .name = "config", .size = PCI_CONFIG_BYTES, .moves = true },
    { .name = "reset", .off = 0x100, .size = 1 },
};

static const PciDef pci = { .intx = 0 };

#define TYPE(name_, manual_, rows, n) \
    .name = name_, .manual = manual_, .window = 0x101, .version = 1, \
    .windows = windows, .n_windows = n, .place = pci_place, .pci = &pci, \
    .n_irqs = N_PIIX_LINES, .n_pins = N_PIIX_PINS, .settle = settle, \
    DEVICE_LAYOUT(Piix, st, rows, fields)
const DeviceType piix3_isa_type = { TYPE("piix3-isa", "Intel 290550", regs3, 1) };
const DeviceType piix4_isa_type = { TYPE("piix4-isa", "Intel 290562", regs4, 2) };
/* clang-format on */
