/* SPDX-License-Identifier: MIT */
/*
 * i440fx.c - host bridge: configuration mechanism 1, attributes of the memory below 1 MiB.
 * Spec: Intel 82441FX (PMC) and 82442FX (DBX), order 290549, chapter 3.
 * Not modelled: what the other registers say of DRAM, caches, arbitration and errors (stored);
 * SMRAM (stored; there is no SMM); its lock bits.
 */
#include "devices/i440fx.h"

#include "devices/piix.h"

enum { PAM_READ = 1, PAM_WRITE = 2 }; /* 3.2.17: RE, WE; the upper half's are 4 higher */
enum { RESET_CONTROL_LANE = 1 };
#define CONFADD_ENABLE 0x80000000u

typedef struct I440FxState {
    PciHead pci;
    uint32_t pmccfg, axc, pam_low, pam_high, drb[2], fdhc, smram, err;
    uint32_t confadd;
} I440FxState;

typedef struct I440Fx {
    Device dev;
    PciBus *bus;
    Phys *memory;
    Device *isa;
    I440FxState st;
} I440Fx;

static I440Fx *bridge(Device *d) { return (I440Fx *)d; }

/* ---- 3.1: configuration mechanism 1 ---- */

/* 3.1.1: only double words reach CONFADD; bytes pass to the ISA bus, where 0xcf9 is PIIX3's. */
static uint64_t confadd_read(Device *d, unsigned i)
{
    const I440Fx *b = bridge(d);

    (void)i;
    if (d->access_bytes == 4) {
        return b->st.confadd;
    }
    if (d->access_bytes == 1 && d->access_lane == RESET_CONTROL_LANE && b->isa) {
        return (uint64_t)piix_reset_control(b->isa) << 8 * RESET_CONTROL_LANE;
    }
    return UINT32_MAX;
}

static void confadd_write(Device *d, unsigned i, uint64_t val)
{
    I440Fx *b = bridge(d);

    (void)i;
    if (d->access_bytes == 4) {
        b->st.confadd = (uint32_t)val & (CONFADD_ENABLE | 0xfffffc);
    } else if (d->access_bytes == 1 && d->access_lane == RESET_CONTROL_LANE && b->isa) {
        piix_set_reset_control(b->isa, (uint8_t)(val >> 8 * RESET_CONTROL_LANE));
    }
}

/* 3.1.2 */
static uint64_t confdata_read(Device *d, unsigned i)
{
    const I440Fx *b = bridge(d);
    uint32_t at = b->st.confadd & ~CONFADD_ENABLE;
    bool answered;

    (void)i;
    if ((b->st.confadd & CONFADD_ENABLE) == 0 || b->bus == NULL) {
        return UINT32_MAX;
    }
    return (uint64_t)pci_config_read(b->bus, at | d->access_lane, d->access_bytes, &answered)
           << 8 * d->access_lane;
}

/* Where nobody is, a write goes nowhere: kernels probe. */
static void confdata_write(Device *d, unsigned i, uint64_t val)
{
    I440Fx *b = bridge(d);
    uint32_t at = (b->st.confadd & ~CONFADD_ENABLE) | d->access_lane;

    (void)i;
    if ((b->st.confadd & CONFADD_ENABLE) != 0 && b->bus) {
        (void)!pci_config_write(b->bus, at, (uint32_t)(val >> 8 * d->access_lane), d->access_bytes);
    }
}

/* ---- 3.2.17: programmable attribute map ---- */

/* Segment 12 is PAM0's upper half; the others are PAM1 to PAM6, lower halves first. */
Gpa i440fx_segment(unsigned i, uint32_t *bytes)
{
    *bytes = i + 1 == I440FX_SEGMENTS ? 0x10000 : 0x4000;
    return i + 1 == I440FX_SEGMENTS ? 0xf0000 : 0xc0000 + 0x4000 * i;
}

static unsigned attributes(const I440FxState *s, unsigned i)
{
    uint64_t pam = (uint64_t)s->pam_high << 32 | s->pam_low; /* byte 1 is PAM0 */
    unsigned shift = i + 1 == I440FX_SEGMENTS ? 8 + 4 : 16 + 8 * (i / 2) + 4 * (i & 1);

    return (unsigned)(pam >> shift & (PAM_READ | PAM_WRITE));
}

static void settle(Device *d)
{
    const I440Fx *b = bridge(d);
    uint32_t bytes;

    for (unsigned i = 0; b->memory && i < I440FX_SEGMENTS; i++) {
        unsigned pam = attributes(&b->st, i);

        phys_shadow(b->memory, i440fx_segment(i, &bytes), (pam & PAM_READ) != 0,
                    (pam & PAM_WRITE) != 0);
    }
}

void i440fx_connect(Device *d, PciBus *bus, Phys *memory, Device *isa)
{
    bridge(d)->bus = bus;
    bridge(d)->memory = memory;
    bridge(d)->isa = isa;
}

/* clang-format off */
#define V(m) REG_VAR(I440Fx, st.m)
#define L    REG_32_LANES
#define ANY  0xffffffff
static const RegDef regs[] = {
    PCI_HEAD_ROWS(I440Fx, st.pci, 0x12378086, 0x02800006, 0, 0x06000002, 0),
    PCI_NO_BARS(I440Fx, st.pci),
    /* Subsystem: by which SeaBIOS knows that fw_cfg is there (1af4:1100, as QEMU's). */
    PCI_TAIL_ROWS(I440Fx, st.pci, 0x11001af4, 0, 0),
    /* off  name       shape variable  reset       wmask       w1c read  write  spec */
    { 0x50, "PMCCFG",    L, V(pmccfg),   0x80000000, ANY,        0, NULL, NULL, "3.2.11" },
    { 0x54, "AXC_DRAMC", L, V(axc),      0x01000000, ANY,        0, NULL, NULL, "3.2.14" },
    { 0x58, "PAM0_2",    L, V(pam_low),  0,          0x777770ff, 0, NULL, NULL, "3.2.17" },
    { 0x5c, "PAM3_6",    L, V(pam_high), 0,          0x77777777, 0, NULL, NULL, "3.2.17" },
    { 0x60, "DRB", 4, REG_LANES, 2, 4, V(drb), 0x01010101, ANY,  0, NULL, NULL, "3.2.18" },
    { 0x68, "FDHC",      L, V(fdhc),     0,          0xc0,       0, NULL, NULL, "3.2.19" },
    { 0x70, "MTT_SMRAM", L, V(smram),    0x00021020, 0x0078ffff, 0, NULL, NULL, "3.2.20" },
    { 0x90, "ERR_TRC",   L, V(err),      0,          0xff0000ff, 0, NULL, NULL, "3.2.23" },
    { 0x100, "CONFADD",  L, REG_NO_VAR,  0, ANY, 0, confadd_read,  confadd_write,  "3.1.1" },
    { 0x104, "CONFDATA", L, REG_NO_VAR,  0, ANY, 0, confdata_read, confdata_write, "3.1.2" },
};

static const StateField fields[] = {
    STATE_VAR_MAX(I440Fx, st.confadd, CONFADD_ENABLE | 0xfffffc),
};

static const DevWindowDef windows[] = {
    { .name = "config", .size = PCI_CONFIG_BYTES, .moves = true },
    { .name = "ports", .off = 0x100, .size = 8 },
};

static const PciDef pci = { .intx = 0 };

const DeviceType i440fx_type = {
    .name = "i440fx", .manual = "Intel 290549", .window = 0x108, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows), .place = pci_place, .pci = &pci,
    .settle = settle,
    DEVICE_LAYOUT(I440Fx, st, regs, fields),
};
/* clang-format on */
