/* SPDX-License-Identifier: MIT */
/*
 * malta.c - the board `malta`: MIPS's CoreLV card on a Malta board, as QEMU 7.2 has it.
 * Spec: MIPS Malta User's Manual (MD00048) for the board, chapter 3 for the map; the memory map
 * behind the system controller is what its firmware, YAMON, makes. Only what is listed here exists.
 */
#include <string.h>

#include "devices/cfi_flash.h"
#include "devices/gt64120.h"
#include "devices/i8042.h"
#include "devices/i8254.h"
#include "devices/i8259.h"
#include "devices/malta_fpga.h"
#include "devices/mc146818.h"
#include "devices/ns16550.h"
#include "devices/piix.h"
#include "frontend/mips/mips.h"
#include "machine/image.h"
#include "machine/linux_mips.h"
#include "machine/machine.h"

#define LOW_MAX (UINT64_C(256) << 20)
#define HIGH_BASE 0x90000000u
#define FLASH_BASE 0x1e000000u
#define BOOT_BASE 0x1fc00000u

enum { FLASH_BYTES = 4 << 20, FLASH_CHIPS = 2 };
enum { REVISION_AT = 0x10, REVISION_CORE_LV = 0x420 }; /* CoreLV on a Malta */
/* Inputs of the CPU, MD00048: HW0 to HW5 are IP2 to IP7. */
enum { HW_SOUTH_BRIDGE = 0, HW_CBUS_UART = 2, HW_CORE = 3 };

static bool big_endian(const Machine *m) { return mips_cpu(m->cpu)->big_endian != 0; }

/* ---- set-up of the parts ---- */

static void setup_controller(Machine *m, Device *d)
{
    gt64120_set_bus(d, &m->pci, i8259_acknowledge, machine_device(m, "pic"));
    /* What no decoder of the system controller claims is an interrupt, not a bus error. */
    phys_open_bus(m->phys);
}

/* MD00048 chapter 6: reads of the revision's address do not reach the flash, writes do. */
static void setup_flash(Machine *m, Device *d)
{
    cfi_flash_connect(d, &cfi_28f160s5, FLASH_CHIPS, m->phys, FLASH_BASE, BOOT_BASE, REVISION_AT);
}

static void setup_rtc(Machine *m, Device *d)
{
    /* Half a second into the second that the host's date was cut to: right on average, and half a
     * second off the two updates that a kernel waits for to measure its clock. */
    mc146818_set_epoch_ns(d, (uint64_t)machine_rtc_base(m) * 1000000000u + 500000000u);
}

static void setup_uart(Machine *m, Device *d)
{
    (void)m;
    ns16550_set_ready(d);
}

/* clang-format off */
static const BoardPart parts[] = {
    { PART_RAM,    "ram",   { AT_MEMORY(0, 0) }, .ram_most = LOW_MAX, .spec = "MD00048" },
    { PART_RAM,    "high",  { AT_MEMORY(HIGH_BASE, 0) }, .ram_from = LOW_MAX,
      .spec = "above 256 MiB" },
    { PART_ROM,    "flash", { AT_MEMORY(FLASH_BASE, FLASH_BYTES) }, .spec = "MD00048" },
    { PART_ROM,    "boot",  { AT_MEMORY(BOOT_BASE, FLASH_BYTES) }, .spec = "MD00048" },
    { PART_DEVICE, "flash-chips", .type = &cfi_flash_type, .setup = setup_flash,
      .spec = "MD00048 6: blocks of 64 KiB, buffers of 16 words" },
    { PART_DEVICE, "fpga",  { AT_MEMORY(0x1f000000, 0x900), AT_MEMORY(0x1f000940, 0x6c0) },
      &malta_fpga_type, .wire = { WIRE("machine", MALTA_FPGA_RESET, MACHINE_RESET) },
      .spec = "MD00048" },
    { PART_DEVICE, "uart2", { AT_MEMORY(0x1f000900, 0x40) }, &ns16550_wide_type,
      .wire = { WIRE("cpu", NS16550_INTR, HW_CBUS_UART) }, .chr = "serial2",
      .setup = setup_uart, .spec = "MD00048, CBUS UART" },
    { PART_DEVICE, "pic",   { AT_PORTS(0x20, 2), AT_PORTS(0xa0, 2), AT_PORTS(0x4d0, 2) },
      &i8259_type, .wire = { WIRE("cpu", 0, HW_SOUTH_BRIDGE) }, .spec = "PIIX4 4.2" },
    { PART_DEVICE, "gt64120", { AT_MEMORY(0, 0) }, &gt64120_type,
      .wire = { WIRE("cpu", 0, HW_CORE) }, .pci = true, .slot = 0, .function = 0,
      .setup = setup_controller, .spec = "MD00048" },
    { PART_DEVICE, "piix4", { AT_MEMORY(0, 0), AT_PORTS(0xcf9, 1) }, &piix4_isa_type,
      .wire = { WIRES("pic", PIIX_TO_PIC, 0, 16), WIRE("machine", PIIX_RESET, MACHINE_RESET) },
      .pci = true, .slot = 10, .function = 0, .spec = "MD00048, slot 10" },
    { PART_DEVICE, "ide",   { AT_MEMORY(0, 0) }, &piix4_ide_type,
      .pci = true, .slot = 10, .function = 1, .spec = "MD00048, slot 10" },
    { PART_DEVICE, "pm",    { AT_MEMORY(0, 0) }, &piix4_pm_type,
      .wire = { WIRE("piix4", PIIX4_PM_SCI, PIIX_SCI),
                WIRE("machine", PIIX4_PM_OFF, MACHINE_POWER_OFF) },
      .pci = true, .slot = 10, .function = 3, .spec = "MD00048, slot 10" },
    { PART_DEVICE, "pit",   { AT_PORTS(0x40, 4), AT_PORTS(0x61, 1) }, &i8254_type,
      .wire = { WIRE("piix4", 0, 0) }, .spec = "PIIX4 4.2" },
    { PART_DEVICE, "rtc",   { AT_PORTS(0x70, 4) }, &mc146818_type,
      .wire = { WIRE("piix4", 0, 8) }, .setup = setup_rtc, .spec = "PIIX4 4.2.6" },
    { PART_DEVICE, "i8042", { AT_PORTS(0x60, 1), AT_PORTS(0x64, 1) }, &i8042_type,
      .wire = { WIRE("piix4", I8042_KEYBOARD, 1), WIRE("piix4", I8042_MOUSE, 12),
                WIRE("machine", I8042_RESET, MACHINE_RESET) },
      .spec = "MD00048, Super I/O" },
    { PART_DEVICE, "uart0", { AT_PORTS(0x3f8, 8) }, &ns16550_type,
      .wire = { WIRE("piix4", NS16550_INTR, 4) }, .chr = "serial0", .setup = setup_uart,
      .spec = "MD00048, Super I/O" },
    { PART_DEVICE, "uart1", { AT_PORTS(0x2f8, 8) }, &ns16550_type,
      .wire = { WIRE("piix4", NS16550_INTR, 3) }, .chr = "serial1", .setup = setup_uart,
      .spec = "MD00048, Super I/O" },
};
/* clang-format on */

/* ---- starting ---- */

static ByteOrder order_of(const MachineConfig *c)
{
    bool big = false;

    if (c->order != ORDER_ANY) {
        return c->order;
    }
    return c->kernel && image_peek_order(c->kernel, &big) && big ? ORDER_BIG : ORDER_LITTLE;
}

static Vcpu *new_cpu(Machine *m)
{
    bool big = order_of(&m->config) == ORDER_BIG;
    MipsCpu *cpu = mips_new(m->config.cpu, big, m->phys, &m->clock, &m->log);

    malta_fpga_set_big_endian(machine_device(m, "fpga"), big);
    cfi_flash_set_big_endian(machine_device(m, "flash-chips"), big);
    return &cpu->v;
}

static void free_cpu(Vcpu *v) { mips_free(mips_cpu(v)); }

/* What YAMON has done before it starts a kernel. */
static void decode_addresses(Machine *m)
{
    static const uint16_t row[][2] = {
        { 0x068, 0xdf },                  /* registers at 0x1be00000 */
        { 0x048, 0xc0 }, { 0x050, 0x40 }, /* PCI I/O at 0x18000000 */
        { 0x058, 0x80 }, { 0x060, 0x3f }, /* PCI memory at 0x10000000 */
        { 0x080, 0xc1 }, { 0x088, 0x5e }, /* and at 0x18200000 */
    };
    Device *gt = machine_device(m, "gt64120");

    for (unsigned i = 0; i < G_N_ELEMENTS(row); i++) {
        dev_write(gt, 0x1000u + row[i][0], 4, row[i][1]);
    }
}

/* The board's revision lies over the first bytes of the boot flash. */
static bool write_revision(Machine *m, GError **error)
{
    uint32_t word = big_endian(m) ? GUINT32_TO_BE(REVISION_CORE_LV)
                                  : GUINT32_TO_LE(REVISION_CORE_LV);

    return phys_copy_in(m->phys, BOOT_BASE + REVISION_AT, &word, sizeof(word), error);
}

/* The flash is behind a bus of 32 bits: a big-endian image runs on either CPU, which is why QEMU,
 * too, takes images in that order. */
static bool load_bios(Machine *m, GError **error)
{
    g_autoptr(GBytes) bytes = image_file("bios", m->config.bios, FLASH_BYTES, error);
    g_autofree uint32_t *word = NULL;
    const void *p;
    gsize n;

    if (bytes == NULL) {
        return false;
    }
    p = g_bytes_get_data(bytes, &n);
    word = g_malloc((n + 3) / 4 * 4);
    memset(word, 0xff, (n + 3) / 4 * 4);
    memcpy(word, p, n);
    for (gsize i = 0; i < (n + 3) / 4 && !big_endian(m); i++) {
        word[i] = GUINT32_SWAP_LE_BE(word[i]);
    }
    cfi_flash_fill(machine_device(m, "flash-chips"), word, (n + 3) / 4 * 4);
    return true;
}

/* Once: what the guest makes of the flash then survives a reset. */
static bool load_flash(Machine *m, GError **error)
{
    Device *flash = machine_device(m, "flash-chips");

    if (cfi_flash_is_filled(flash)) {
        return true;
    }
    if (m->config.bios) {
        return load_bios(m, error);
    }
    cfi_flash_fill(flash, NULL, 0);
    return true;
}

static bool boot(Machine *m, GError **error)
{
    if (m->config.dtb) {
        g_set_error(error, MACHINE_ERROR, MACHINE_ERROR_IMAGE,
                    "option -dtb: machine malta hands no device tree to its kernel");
        return false;
    }
    if (!load_flash(m, error) || !write_revision(m, error)) {
        return false;
    }
    if (m->config.kernel == NULL) {
        return true; /* the CPU starts at its reset vector, in the flash */
    }
    decode_addresses(m);
    return linux_mips_boot(m, MIN(m->config.ram_bytes, LOW_MAX), error);
}

static void power_key(Machine *m)
{
    Device *pm = machine_device(m, "pm");

    dev_set_pin(pm, PIIX4_PM_BUTTON, true);
    dev_set_pin(pm, PIIX4_PM_BUTTON, false);
}

static const char *const cpus[] = { "4Kc", "4KEc", "24Kc", "24Kf", "74Kf", "M14Kc", NULL };

const Board board_malta = {
    .name = "malta",
    .help = "MIPS Malta: GT-64120, PIIX4, 16550s, i8042",
    .isa = &mips_isa,
    .default_cpu = "24Kf",
    .cpus = cpus,
    .ram_default = 128u << 20,
    .ram_max = 2048ull << 20,
    .takes_bios = true,
    .has_isa = true,
    .takes_order = true,
    .parts = parts,
    .n_parts = G_N_ELEMENTS(parts),
    .own_bus = true,
    .new_cpu = new_cpu,
    .free_cpu = free_cpu,
    .boot = boot,
    .power_key = power_key,
};
