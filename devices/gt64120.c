/* SPDX-License-Identifier: MIT */
/*
 * gt64120.c - system controller GT-64120: decodes the CPU's addresses, is the host bridge of PCI_0.
 * Spec: Galileo Technology GT-64120 data sheet, revision 1.4; register offsets are its own.
 * Registers are little-endian, whatever the CPU is.
 * Differs from the part: RAM, flash and devices are where the board has them (the decoders of
 * SCS, CS and BootCS are stored); an I/O address has 16 bits, which no remapping reaches.
 * Not modelled: PCI_1, SDRAM and device timing, DMA, timers and counters, I2O, accesses of PCI
 * masters, byte swapping on PCI (PCI0_CMD is stored).
 */
#include "devices/gt64120.h"

enum { DECODE_SHIFT = 21, LOW = 0x7fff, HIGH = 0x7f, REMAP = 0x7ff, REGS = 0x1000 };
enum { CONFIG_ENABLE_SHIFT = 31 };

enum { /* 0xc18: interrupt causes */
       CAUSE_SUM = 1u << 0,
       CAUSE_MASTER_ABORT = 1u << 18,
       CAUSE_CPU_SUM = 1u << 30,
       CAUSE_ALL = 0x3dfffffe,
};
#define CAUSE_PCI_SUM (1u << 31)

typedef struct Gt64120State {
    PciHead pci;
    uint32_t cpu, multi_gt;
    uint32_t scs10_ld, scs10_hd, scs32_ld, scs32_hd, cs20_ld, cs20_hd, cs3_ld, cs3_hd;
    uint32_t io_ld, io_hd, m0_ld, m0_hd, m1_ld, m1_hd, isd;
    uint32_t io_remap, m0_remap, m1_remap;
    uint32_t pci_cmd, bare, config_address;
    uint32_t cause, cpu_mask, pci_mask, serr_mask;
    uint32_t zero;
} Gt64120State;

typedef struct Gt64120 {
    Device dev;
    PciBus *bus;
    uint8_t (*acknowledge)(Device *pic);
    Device *pic;
    Gt64120State st;
} Gt64120;

static Gt64120State *state(Device *d) { return &((Gt64120 *)d)->st; }

/* ---- address decoding ---- */

/* "Address Space Decoding": bits 35 to 21 are from LD on, and bits 27 to 21 not above HD. */
static void decode(uint32_t ld, uint32_t hd, DevPlace *at)
{
    uint32_t first = ld & HIGH;

    if (hd >= first) {
        at->base = (uint64_t)ld << DECODE_SHIFT;
        at->bytes = (uint64_t)(hd - first + 1) << DECODE_SHIFT;
    }
}

/* A window to PCI memory at @remap, whose bits 10 to 0 replace the lower ones of LD. */
static void memory_window(uint32_t ld, uint32_t hd, uint32_t remap, DevPlace *at)
{
    decode(ld, hd, at);
    at->shows = true;
    at->to = SPACE_BUS;
    at->to_base = (uint64_t)((ld & ~(uint32_t)REMAP) | remap) << DECODE_SHIFT & UINT32_MAX;
}

static void place(const Device *d, unsigned i, DevPlace *at)
{
    const Gt64120State *s = &((const Gt64120 *)d)->st;

    switch (i) {
    case 1:
        at->base = (uint64_t)s->isd << DECODE_SHIFT;
        at->bytes = REGS;
        break;
    case 2:
        decode(s->io_ld, s->io_hd, at);
        at->shows = true;
        at->to = SPACE_PORTS;
        break;
    case 3: memory_window(s->m0_ld, s->m0_hd, s->m0_remap, at); break;
    case 4: memory_window(s->m1_ld, s->m1_hd, s->m1_remap, at); break;
    default: break;
    }
}

/* "PCI Address Remapping": a write of LD sets the remap register too. */
static void io_ld_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    state(d)->io_remap = val & REMAP;
}

static void m0_ld_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    state(d)->m0_remap = val & REMAP;
}

static void m1_ld_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    state(d)->m1_remap = val & REMAP;
}

/* ---- PCI ---- */

static void answered(Device *d, bool yes) { state(d)->cause |= yes ? 0 : CAUSE_MASTER_ABORT; }

static uint64_t config_read(Device *d, unsigned i)
{
    Gt64120 *x = (Gt64120 *)d;
    uint32_t value;
    bool ok;

    (void)i;
    if (!(x->st.config_address >> CONFIG_ENABLE_SHIFT) || x->bus == NULL) {
        return 0;
    }
    value = pci_config_read(x->bus, x->st.config_address, 4, &ok);
    answered(d, ok);
    return value;
}

/* PCI 2.2 3.2.2.3.2: slot 31, function 7, register 0 is a special cycle, which nobody answers. */
static void config_write(Device *d, unsigned i, uint64_t val)
{
    Gt64120 *x = (Gt64120 *)d;
    uint32_t at = x->st.config_address;

    (void)i;
    if (at >> CONFIG_ENABLE_SHIFT && x->bus && (at & 0xfffc) != (31 << 11 | 7 << 8)) {
        answered(d, pci_config_write(x->bus, at, (uint32_t)val, 4));
    }
}

static uint64_t iack_read(Device *d, unsigned i)
{
    Gt64120 *x = (Gt64120 *)d;

    (void)i;
    return x->acknowledge ? x->acknowledge(x->pic) : 0;
}

void gt64120_set_bus(Device *d, PciBus *bus, uint8_t (*acknowledge)(Device *pic), Device *pic)
{
    Gt64120 *x = (Gt64120 *)d;

    x->bus = bus;
    x->acknowledge = acknowledge;
    x->pic = pic;
}

/* ---- interrupts ---- */

static uint64_t cause_read(Device *d, unsigned i)
{
    const Gt64120State *s = state(d);

    (void)i;
    return s->cause | (s->cause ? CAUSE_SUM : 0) | (s->cause & s->cpu_mask ? CAUSE_CPU_SUM : 0)
           | (s->cause & s->pci_mask ? CAUSE_PCI_SUM : 0);
}

/* 0xc18: zeros clear. */
static void cause_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    state(d)->cause &= (uint32_t)val;
}

static void settle(Device *d) { irq_set(d->irq[0], (state(d)->cause & state(d)->cpu_mask) != 0); }

/* ---- tables ---- */

/* clang-format off */
#define V(m) REG_VAR(Gt64120, st.m)
#define R(off, name, m, reset, wmask, spec) \
    { REGS + off, name, REG_32_LANES, V(m), reset, wmask, 0, NULL, NULL, spec }
#define LD(off, name, m, reset, write) \
    { REGS + off, name, REG_32_LANES, V(m), reset, LOW, 0, NULL, write, #off }
#define ANY 0xffffffff
static const RegDef regs[] = {
    PCI_HEAD_ROWS(Gt64120, st.pci, 0x462011ab, 0x02800000, PCI_IO | PCI_MEMORY | PCI_MASTER |
                  PCI_INVALIDATE | PCI_PARITY | PCI_SERR, 0x06000010, 0),
    PCI_NO_BARS(Gt64120, st.pci),
    PCI_TAIL_ROWS(Gt64120, st.pci, 0, 0x100, 0xff),
    R(0x000, "CPU_CONFIG", cpu, 0x1000, ANY, "0x000"),
    R(0x008, "SCS10_LD", scs10_ld, 0x000, LOW, "0x008"),
    R(0x010, "SCS10_HD", scs10_hd, 0x007, HIGH, "0x010"),
    R(0x018, "SCS32_LD", scs32_ld, 0x008, LOW, "0x018"),
    R(0x020, "SCS32_HD", scs32_hd, 0x00f, HIGH, "0x020"),
    R(0x028, "CS20_LD", cs20_ld, 0x0e0, LOW, "0x028"),
    R(0x030, "CS20_HD", cs20_hd, 0x070, HIGH, "0x030"),
    R(0x038, "CS3BOOT_LD", cs3_ld, 0x0f8, LOW, "0x038"),
    R(0x040, "CS3BOOT_HD", cs3_hd, 0x07f, HIGH, "0x040"),
    LD(0x048, "PCI0IO_LD", io_ld, 0x080, io_ld_write),
    R(0x050, "PCI0IO_HD", io_hd, 0x00f, HIGH, "0x050"),
    LD(0x058, "PCI0M0_LD", m0_ld, 0x090, m0_ld_write),
    R(0x060, "PCI0M0_HD", m0_hd, 0x01f, HIGH, "0x060"),
    R(0x068, "ISD", isd, 0x0a0, LOW, "0x068"),
    LD(0x080, "PCI0M1_LD", m1_ld, 0x790, m1_ld_write),
    R(0x088, "PCI0M1_HD", m1_hd, 0x01f, HIGH, "0x088"),
    R(0x0f0, "PCI0IO_REMAP", io_remap, 0x080, REMAP, "0x0f0"),
    R(0x0f8, "PCI0M0_REMAP", m0_remap, 0x090, REMAP, "0x0f8"),
    R(0x100, "PCI0M1_REMAP", m1_remap, 0x790, REMAP, "0x100"),
    R(0x120, "MULTI_GT", multi_gt, 0x003, 3, "0x120"),
    R(0xc00, "PCI0_CMD", pci_cmd, 0x00010001, ANY, "0xc00"),
    { REGS + 0xc18, "INTRCAUSE", REG_32, V(cause), 0, 0, 0, cause_read, cause_write, "0xc18" },
    R(0xc1c, "CPU_INTRMASK", cpu_mask, 0, CAUSE_ALL, "0xc1c"),
    R(0xc24, "PCI0_INTRMASK", pci_mask, 0, CAUSE_ALL, "0xc24"),
    R(0xc28, "PCI0_SERRMASK", serr_mask, 0, ANY, "0xc28"),
    { REGS + 0xc34, "PCI0_IACK", REG_32_NARROW, REG_NO_VAR, 0, 0, 0, iack_read, NULL, "0xc34" },
    R(0xc3c, "PCI0_BARE", bare, 0, 0x1ff, "0xc3c"),
    R(0xcf8, "PCI0_CFGADDR", config_address, 0, 0x80fffffc, "0xcf8"),
    { REGS + 0xcfc, "PCI0_CFGDATA", REG_32, REG_NO_VAR, 0, ANY, 0, config_read, config_write,
      "0xcfc" },
};

static const StateField fields[] = { STATE_VAR_MAX(Gt64120, st.zero, 0) };

static const DevWindowDef windows[] = {
    { .name = "config", .size = PCI_CONFIG_BYTES, .moves = true },
    { .name = "regs", .off = REGS, .size = REGS, .moves = true },
    { .name = "pci-io", .moves = true },
    { .name = "pci-mem0", .moves = true },
    { .name = "pci-mem1", .moves = true },
};

static const PciDef pci = { .intx = 0 };

const DeviceType gt64120_type = {
    .name = "gt64120", .manual = "GT-64120 1.4", .window = 2 * REGS, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows), .place = place, .pci = &pci,
    .n_irqs = 1, .settle = settle,
    DEVICE_LAYOUT(Gt64120, st, regs, fields),
};
/* clang-format on */
