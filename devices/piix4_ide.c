/* SPDX-License-Identifier: MIT */
/*
 * piix4_ide.c - IDE controller of PIIX4 (function 1), with no drive on its cables.
 * Spec: Intel 82371AB (PIIX4, order 290562) chapter 5. The cables float: nothing answers at the
 * ports of the command blocks, which are all ones. A transfer that is started does not begin.
 * Not modelled: drives; timing (the timing registers are stored).
 */
#include "devices/piix.h"

enum { CHANNELS = 2, BM_BYTES = 16 };
enum { CMD_START = 1, CMD_DIRECTION = 8 };              /* 5.2.1 */
enum { STS_ERROR = 2, STS_IRQ = 4, STS_DRIVES = 0x60 }; /* 5.2.2 */

typedef struct IdeChannel {
    uint8_t command, command_zero, status, status_zero;
    uint32_t table; /* 5.2.3: physical address of the descriptors */
} IdeChannel;

typedef struct IdeState {
    PciHead pci;
    uint32_t idetim, sidetim, udma;
    uint32_t zero;
    IdeChannel channel[CHANNELS];
} IdeState;

typedef struct Ide {
    Device dev;
    IdeState st;
} Ide;

/* clang-format off */
#define V(m) REG_VAR(Ide, st.m)
#define L    REG_32_LANES
#define CHANNEL(n) \
    { 0x100 + 8 * n, "BMIC" #n, REG_8, V(channel[n].command), 0, CMD_START | CMD_DIRECTION, 0, \
      NULL, NULL, "5.2.1" }, \
    { 0x102 + 8 * n, "BMIS" #n, REG_8, V(channel[n].status), 0, STS_DRIVES, STS_ERROR | STS_IRQ, \
      NULL, NULL, "5.2.2" }, \
    { 0x104 + 8 * n, "BMIDTP" #n, L, V(channel[n].table), 0, 0xfffffffc, 0, NULL, NULL, "5.2.3" }
static const RegDef regs[] = {
    PCI_HEAD_ROWS(Ide, st.pci, 0x71118086, 0x02800000, PCI_IO | PCI_MASTER, 0x01018001, 0),
    PCI_BAR_ROW(Ide, st.pci, 0, 0, 0), PCI_BAR_ROW(Ide, st.pci, 1, 0, 0),
    PCI_BAR_ROW(Ide, st.pci, 2, 0, 0), PCI_BAR_ROW(Ide, st.pci, 3, 0, 0),
    PCI_BAR_ROW(Ide, st.pci, 4, 1, 0xfff0), PCI_BAR_ROW(Ide, st.pci, 5, 0, 0),
    PCI_TAIL_ROWS(Ide, st.pci, 0, 0, 0xff),
    { 0x40, "IDETIM",  L, V(idetim),  0, 0xf3fff3ff, 0, NULL, NULL, "5.1.10" },
    { 0x44, "SIDETIM", L, V(sidetim), 0, 0xff,       0, NULL, NULL, "5.1.11" },
    { 0x48, "UDMA",    L, V(udma),    0, 0x3333000f, 0, NULL, NULL, "5.1.12" },
    CHANNEL(0), CHANNEL(1),
};

static const StateField fields[] = {
    STATE_VAR_MAX(Ide, st.zero, 0),
    STATE_VAR_MAX(Ide, st.channel[0].command_zero, 0),
    STATE_VAR_MAX(Ide, st.channel[0].status_zero, 0),
    STATE_VAR_MAX(Ide, st.channel[1].command_zero, 0),
    STATE_VAR_MAX(Ide, st.channel[1].status_zero, 0),
};

static const DevWindowDef windows[] = {
    { .name = "config", .size = PCI_CONFIG_BYTES, .moves = true },
    { .name = "bus-master", .off = 0x100, .size = BM_BYTES, .moves = true },
};

static const PciDef pci = { .bar = { 0, 0, 0, 0, 1, 0 } };

const DeviceType piix4_ide_type = {
    .name = "piix4-ide", .manual = "Intel 290562", .window = 0x110, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows), .place = pci_place, .pci = &pci,
    DEVICE_LAYOUT(Ide, st, regs, fields),
};
/* clang-format on */
