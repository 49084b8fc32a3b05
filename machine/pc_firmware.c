/* SPDX-License-Identifier: MIT */
/*
 * pc_firmware.c - see pc_firmware.h. SeaBIOS finds memory, ACPI's and SMBIOS's tables, and what to
 * boot as files of fw_cfg; the tables are those of a start without firmware.
 * Spec: "QEMU Firmware Configuration (fw_cfg) Device" (docs/specs/fw_cfg); SeaBIOS, docs/
 * Runtime_config for the files' names.
 */
#include "machine/pc_firmware.h"

#include <string.h>

#include "devices/fwcfg.h"
#include "devices/mc146818.h"
#include "machine/firmware.h"
#include "machine/machine.h"
#include "machine/pc.h"
#include "machine/pc_pieces.h"
#include "machine/pc_plan.h"
#include "machine/roms.h"

enum { ROM_UNIT = 0x10000, LOW_BYTES = 0x20000 };
#define LOW_END 0x100000u

enum { SETUP_AT = 0x10000 };         /* of Linux: its 16-bit part */
enum { FIRMWARE_RESERVE = 0x40000 }; /* at the end of RAM: SeaBIOS's own */

static bool G_GNUC_PRINTF(2, 3) fail(GError **error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (error) {
        *error = g_error_new_valist(MACHINE_ERROR, MACHINE_ERROR_IMAGE, fmt, ap);
    }
    va_end(ap);
    return false;
}

/* ---- the ROM ---- */

/* The last 128 KiB, or all that there is, in the segments below 1 MiB. */
static void show_below_1_mib(Machine *m, const uint8_t *p, gsize n)
{
    gsize low = MIN(n, LOW_BYTES);

    for (gsize at = 0, part; at < low; at += part) {
        Gpa pa = LOW_END - low + at;

        part = pa < PC_BIOS_AREA ? 0x4000 : low - at;
        phys_set_shadow_rom(m->phys, pa, p + n - low + at, part);
    }
}

GBytes *pc_firmware_image(Machine *m, GError **error)
{
    static const char *const usual[] = { "bios-256k.bin", "bios.bin", NULL };
    GBytes *bytes;
    gsize n;
    const uint8_t *p;

    if (m->config.boot_direct) {
        return NULL;
    }
    bytes = firmware_read(&m->config, m->config.bios, usual, PC_ROM_MAX, error);
    if (bytes == NULL) {
        return NULL;
    }
    p = g_bytes_get_data(bytes, &n);
    if (n % ROM_UNIT != 0) {
        fail(error, "bios '%s': its %zu bytes are no ROM: %u KiB or a multiple",
             m->config.bios ? m->config.bios : usual[0], n, ROM_UNIT >> 10);
        g_bytes_unref(bytes);
        return NULL;
    }
    show_below_1_mib(m, p, n);
    return bytes;
}

/* ---- the clock's memory ---- */

static void set_word(Device *rtc, uint8_t at, uint64_t value)
{
    mc146818_set_byte(rtc, at, (uint8_t)value);
    mc146818_set_byte(rtc, at + 1, (uint8_t)(value >> 8));
}

void pc_firmware_cmos(const Machine *m, Device *rtc)
{
    enum { /* RBIL, CMOS.LST; those from 0x34 on are of Bochs and QEMU */
           EQUIPMENT = 0x14,
           BASE_KIB = 0x15,
           EXTENDED_KIB = 0x17,
           EXTENDED_KIB_2 = 0x30,
           ABOVE_16M_64K = 0x34,
           BOOT_3 = 0x38,
           BOOT_1_2 = 0x3d,
           HAS_FPU = 2,
           HAS_MOUSE = 4,
           FLOPPY = 1,
           DISK = 2,
           CDROM = 3,
    };
    uint64_t kib = m->config.ram_bytes >> 10, above = kib > 0x4000 ? (kib - 0x4000) >> 6 : 0;

    mc146818_set_byte(rtc, EQUIPMENT, HAS_FPU | HAS_MOUSE);
    set_word(rtc, BASE_KIB, PC_LOW_END >> 10);
    set_word(rtc, EXTENDED_KIB, MIN(kib - 0x400, 0xffff));
    set_word(rtc, EXTENDED_KIB_2, MIN(kib - 0x400, 0xffff));
    set_word(rtc, ABOVE_16M_64K, MIN(above, 0xffff));
    mc146818_set_byte(rtc, BOOT_1_2, FLOPPY << 4 | DISK);
    mc146818_set_byte(rtc, BOOT_3, CDROM << 4);
}

/* ---- fw_cfg ---- */

void pc_firmware_describe(Machine *m)
{
    Device *d = machine_device(m, "fw_cfg");

    fwcfg_clear(d);
    fwcfg_set_u64(d, FWCFG_RAM_SIZE, m->config.ram_bytes);
    fwcfg_set_u16(d, FWCFG_NO_GRAPHICS, m->config.no_graphics);
    fwcfg_set_u16(d, FWCFG_NB_CPUS, 1);
    fwcfg_set_u16(d, FWCFG_MAX_CPUS, 1);
    fwcfg_set_u16(d, FWCFG_BOOT_MENU, 0);
    fwcfg_set_u32(d, FWCFG_IRQ0_OVERRIDE, 1);
}

static void set_array(Device *d, const char *name, const GByteArray *b)
{
    g_autoptr(GBytes) bytes = g_bytes_new(b->data, b->len);

    fwcfg_set_file(d, name, bytes);
}

static void set_copy(Device *d, const char *name, const void *p, size_t n)
{
    g_autoptr(GBytes) bytes = g_bytes_new(p, n);

    fwcfg_set_file(d, name, bytes);
}

static void tell_memory(const Machine *m, Device *d)
{
    const E820Entry ram = { 0, m->config.ram_bytes, E820_RAM };
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    pc_memory_map_bytes(&ram, 1, bytes);
    set_array(d, "etc/e820", bytes);
}

static void tell_tables(const Machine *m, Device *d)
{
    PcAcpi acpi;
    PcSmbios smbios;

    pc_acpi_build(&acpi, m->config.ram_bytes, pc_serial_ports(m));
    pc_smbios_build(&smbios, m->config.ram_bytes, m->config.cpu);
    set_array(d, "etc/acpi/rsdp", acpi.rsdp);
    set_array(d, "etc/acpi/tables", acpi.tables);
    set_array(d, "etc/table-loader", acpi.loader);
    set_array(d, "etc/smbios/smbios-anchor", smbios.anchor);
    set_array(d, "etc/smbios/smbios-tables", smbios.tables);
    pc_acpi_clear(&acpi);
    pc_smbios_clear(&smbios);
}

/* S0 and S5, without S3 and S4, whose types are told all the same: bit 7 is "supported". */
static void tell_states(Device *d)
{
    static const uint8_t states[] = { 0x80, 0, 0, 1, 2, 0x80 };

    set_copy(d, "etc/system-states", states, sizeof(states));
}

static void tell_console(const Machine *m, Device *d)
{
    static const uint8_t port[8] = { 0xf8, 0x03 };

    if (m->config.no_graphics && machine_has_serial(m, 0)) {
        set_copy(d, "etc/sercon-port", port, sizeof(port));
    }
}

/* ---- the kernel ---- */

/* PnP BIOS 1.0a, 4.5: the header's place is at 0x1a of the ROM, its checksum at 9 of it. The ROM's
 * own is its last byte. */
static void sum_up(uint8_t *rom, size_t n)
{
    enum { PNP_AT = 0x1a, PNP_CHECKSUM = 9, PNP_UNITS = 5 };
    uint8_t *pnp = rom + rom[PNP_AT];

    pnp[PNP_CHECKSUM] = pc_checksum(pnp, (size_t)pnp[PNP_UNITS] * 16);
    rom[n - 1] = pc_checksum(rom, n);
}

static void set_rom(Device *d, PcKernelKind kind)
{
    static const struct {
        const char *file, *order;
        const uint8_t *rom, *end;
    } roms[] = {
        [PC_KERNEL_LINUX] = { "genroms/linuxboot.bin", "/rom@genroms/linuxboot.bin", rom_pc_linux,
                              rom_pc_linux_end },
        [PC_KERNEL_MULTIBOOT] = { "genroms/multiboot.bin", "/rom@genroms/multiboot.bin",
                                  rom_pc_multiboot, rom_pc_multiboot_end },
        [PC_KERNEL_PVH] = { "genroms/pvh.bin", "/rom@genroms/pvh.bin", rom_pc_pvh, rom_pc_pvh_end },
    };
    size_t n = (size_t)(roms[kind].end - roms[kind].rom);
    g_autofree uint8_t *rom = g_memdup2(roms[kind].rom, n);

    sum_up(rom, n);
    set_copy(d, roms[kind].file, rom, n);
    set_copy(d, "bootorder", roms[kind].order, strlen(roms[kind].order) + 1);
}

static void set_item(Device *d, unsigned addr, unsigned size, unsigned data, uint32_t at,
                     GBytes *bytes)
{
    fwcfg_set_u32(d, addr, at);
    fwcfg_set_u32(d, size, bytes ? (uint32_t)g_bytes_get_size(bytes) : 0);
    if (bytes) {
        fwcfg_set(d, data, bytes);
    }
}

static void put(uint8_t *p, size_t at, uint64_t v, unsigned bytes) { memcpy(p + at, &v, bytes); }

/* Linux, Documentation/x86/boot.rst: what a loader writes into the set-up header. */
static GBytes *setup_code(const PcPlan *l)
{
    enum {
        VID_MODE = 0x1fa,
        TYPE_OF_LOADER = 0x210,
        LOADFLAGS = 0x211,
        RAMDISK_IMAGE = 0x218,
        RAMDISK_SIZE = 0x21c,
        HEAP_END_PTR = 0x224,
        CMD_LINE_PTR = 0x228,
        CAN_USE_HEAP = 0x80,
        UNDEFINED_LOADER = 0xff,
        NORMAL_VGA = 0xffff,
    };
    uint32_t n = l->kernel.setup_bytes;
    uint8_t *p = g_memdup2(g_bytes_get_data(l->kernel.bytes, NULL), n);

    put(p, VID_MODE, NORMAL_VGA, 2);
    put(p, TYPE_OF_LOADER, UNDEFINED_LOADER, 1);
    p[LOADFLAGS] |= CAN_USE_HEAP;
    put(p, HEAP_END_PTR, PC_CMDLINE_AT - SETUP_AT - 0x200, 2);
    put(p, RAMDISK_IMAGE, l->initrd, 4);
    put(p, RAMDISK_SIZE, l->initrd_size, 4);
    put(p, CMD_LINE_PTR, PC_CMDLINE_AT, 4);
    return g_bytes_new_take(p, n);
}

static bool set_linux(Device *d, const PcPlan *l, const char *path, GError **error)
{
    enum { SETUP_MAX = PC_CMDLINE_AT - SETUP_AT - 0x1000 };
    uint32_t from = l->kernel.setup_bytes;
    g_autoptr(GBytes) setup = NULL, rest = NULL;

    if (from > SETUP_MAX) {
        return fail(error, "kernel '%s': its %u bytes of set-up code are too many: %u is the most",
                    path, from, SETUP_MAX);
    }
    setup = setup_code(l);
    rest = g_bytes_new_from_bytes(l->kernel.bytes, from, g_bytes_get_size(l->kernel.bytes) - from);
    set_item(d, FWCFG_SETUP_ADDR, FWCFG_SETUP_SIZE, FWCFG_SETUP_DATA, SETUP_AT, setup);
    set_item(d, FWCFG_KERNEL_ADDR, FWCFG_KERNEL_SIZE, FWCFG_KERNEL_DATA, LINUX_HIGH, rest);
    return true;
}

/* Item SETUP_DATA is what the option ROM loads last. */
static bool set_pieces(Device *d, const PcPlan *l, const char *path, GError **error)
{
    PcPieces p;

    if (!pc_pieces_make(&p, &l->kernel, path, error)) {
        return false;
    }
    set_item(d, FWCFG_KERNEL_ADDR, FWCFG_KERNEL_SIZE, FWCFG_KERNEL_DATA, p.high_at, p.high);
    fwcfg_set(d, FWCFG_SETUP_DATA, p.low);
    pc_pieces_clear(&p);
    return true;
}

static bool set_kernel(Device *d, const PcPlan *l, const char *path, GError **error)
{
    bool is_linux = l->kernel.kind == PC_KERNEL_LINUX;

    if (!(is_linux ? set_linux : set_pieces)(d, l, path, error)) {
        return false;
    }
    set_item(d, FWCFG_INITRD_ADDR, FWCFG_INITRD_SIZE, FWCFG_INITRD_DATA, l->initrd,
             l->initrd_bytes);
    set_item(d, FWCFG_CMDLINE_ADDR, FWCFG_CMDLINE_SIZE, FWCFG_CMDLINE_DATA, PC_CMDLINE_AT,
             l->words);
    fwcfg_set_u32(d, FWCFG_KERNEL_ENTRY, l->kernel.entry);
    set_rom(d, l->kernel.kind);
    return true;
}

bool pc_firmware_boot(Machine *m, GError **error)
{
    Device *d = machine_device(m, "fw_cfg");
    PcPlan plan;
    bool ok;

    pc_firmware_describe(m);
    tell_memory(m, d);
    tell_tables(m, d);
    tell_states(d);
    tell_console(m, d);
    if (m->config.kernel == NULL) {
        return true;
    }
    if (!pc_plan_make(&plan, m, FIRMWARE_RESERVE, error)) {
        return false;
    }
    ok = set_kernel(d, &plan, m->config.kernel, error);
    pc_plan_clear(&plan);
    return ok;
}
