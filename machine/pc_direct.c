/* SPDX-License-Identifier: MIT */
/*
 * pc_direct.c - see pc_direct.h. Linux by the 32-bit boot protocol (Documentation/x86/boot.rst),
 * multiboot 1, PVH (Xen, docs/misc/pvh). Low memory below the EBDA holds what the kernel is told;
 * ACPI's and SMBIOS's tables are at the end of RAM and their anchors in the BIOS area.
 */
#include "machine/pc_direct.h"

#include <string.h>

#include "frontend/x86/x86.h"
#include "machine/machine.h"
#include "machine/pc.h"
#include "machine/pc_plan.h"

enum {
    AT_PARAMS = 0x10000, /* Linux: the "zero page"; others: their information structure */
    AT_MAP = 0x11000,    /* multiboot and PVH: memory map */
    AT_MODULE = 0x11800, /* multiboot and PVH: the one module */
    AT_GDT = 0x11c00,
    AT_RSDP = PC_BIOS_AREA,
    AT_SMBIOS = PC_BIOS_AREA + 0x100,
    SMBIOS_OFFSET = PC_TABLES_BYTES / 2, /* in the tables' memory, behind ACPI's */
};

/* 32-bit boot protocol: selectors of the flat segments. */
enum { BOOT_CS = 0x10, BOOT_DS = 0x18 };

static bool copy_bytes(Machine *m, Gpa at, const GByteArray *b, GError **error)
{
    return phys_copy_in(m->phys, at, b->data, b->len, error);
}

/* ---- tables ---- */

static bool write_tables(Machine *m, GError **error)
{
    Gpa tables = m->config.ram_bytes - PC_TABLES_BYTES;
    PcAcpi acpi;
    PcSmbios smbios;
    bool ok;

    pc_acpi_build(&acpi, m->config.ram_bytes, pc_serial_ports(m));
    pc_acpi_link(&acpi, tables);
    pc_smbios_build(&smbios, m->config.ram_bytes, m->config.cpu);
    pc_smbios_link(&smbios, tables + SMBIOS_OFFSET);
    g_assert(acpi.tables->len <= SMBIOS_OFFSET);
    ok = copy_bytes(m, tables, acpi.tables, error) && copy_bytes(m, AT_RSDP, acpi.rsdp, error)
         && copy_bytes(m, tables + SMBIOS_OFFSET, smbios.tables, error)
         && copy_bytes(m, AT_SMBIOS, smbios.anchor, error);
    pc_acpi_clear(&acpi);
    pc_smbios_clear(&smbios);
    return ok;
}

/* Null, and then code and data of 4 GiB at the selectors of the boot protocol. */
static bool write_gdt(Machine *m, GError **error)
{
    static const uint64_t gdt[4] = { 0, 0, UINT64_C(0x00cf9b000000ffff),
                                     UINT64_C(0x00cf93000000ffff) };

    return phys_copy_in(m->phys, AT_GDT, gdt, sizeof(gdt), error);
}

/* ---- images ---- */

static bool load_kernel(Machine *m, const PcPlan *l, GError **error)
{
    gsize n;
    const uint8_t *p = g_bytes_get_data(l->kernel.bytes, &n);

    if (l->kernel.kind != PC_KERNEL_LINUX) {
        return pc_kernel_load(&l->kernel, m->config.kernel, m->phys, error);
    }
    return phys_copy_in(m->phys, LINUX_HIGH, p + l->kernel.setup_bytes, n - l->kernel.setup_bytes,
                        error);
}

static bool load(Machine *m, const PcPlan *l, GError **error)
{
    return load_kernel(m, l, error)
           && (l->initrd_bytes == NULL
               || phys_copy_in(m->phys, l->initrd, g_bytes_get_data(l->initrd_bytes, NULL),
                               l->initrd_size, error))
           && phys_copy_in(m->phys, PC_CMDLINE_AT, g_bytes_get_data(l->words, NULL),
                           g_bytes_get_size(l->words), error);
}

/* ---- what each kind is told ---- */

static void put(uint8_t *p, size_t at, uint64_t v, unsigned bytes) { memcpy(p + at, &v, bytes); }

/* Linux, Documentation/x86/zero-page.rst. */
static bool tell_linux(Machine *m, const PcPlan *l, GError **error)
{
    enum {
        ACPI_RSDP = 0x70,
        ALT_MEM_K = 0x1e0,
        E820_ENTRIES = 0x1e8,
        VID_MODE = 0x1fa,
        TYPE_OF_LOADER = 0x210,
        LOADFLAGS = 0x211,
        CODE32_START = 0x214,
        RAMDISK_IMAGE = 0x218,
        RAMDISK_SIZE = 0x21c,
        CMD_LINE_PTR = 0x228,
        E820_TABLE = 0x2d0,
        CAN_USE_HEAP = 0x80,
        UNDEFINED_LOADER = 0xff,
        NORMAL_VGA = 0xffff,
    };
    uint8_t page[PHYS_PAGE] = { 0 };
    const uint8_t *file = g_bytes_get_data(l->kernel.bytes, NULL);
    E820Entry map[PC_E820_MAX];
    unsigned n = pc_memory_map(m->config.ram_bytes, map);
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    memcpy(page + LINUX_HEADER, file + LINUX_HEADER, l->kernel.header_bytes);
    pc_memory_map_bytes(map, n, bytes);
    memcpy(page + E820_TABLE, bytes->data, bytes->len);
    put(page, E820_ENTRIES, n, 1);
    put(page, ALT_MEM_K, (l->end - PC_HIGH_BASE) >> 10, 4);
    put(page, ACPI_RSDP, AT_RSDP, 8);
    put(page, VID_MODE, NORMAL_VGA, 2);
    put(page, TYPE_OF_LOADER, UNDEFINED_LOADER, 1);
    page[LOADFLAGS] &= (uint8_t)~CAN_USE_HEAP;
    put(page, CODE32_START, LINUX_HIGH, 4);
    put(page, RAMDISK_IMAGE, l->initrd, 4);
    put(page, RAMDISK_SIZE, l->initrd_size, 4);
    put(page, CMD_LINE_PTR, PC_CMDLINE_AT, 4);
    return phys_copy_in(m->phys, AT_PARAMS, page, sizeof(page), error);
}

/* Multiboot 3.3: the information structure; each map entry has its size in front. */
static bool tell_multiboot(Machine *m, const PcPlan *l, GError **error)
{
    enum { MEMORY = 1, CMDLINE = 1 << 2, MODULES = 1 << 3, MAP = 1 << 6 };
    uint8_t info[88] = { 0 }, module[16] = { 0 };
    E820Entry map[PC_E820_MAX];
    unsigned n = pc_memory_map(m->config.ram_bytes, map);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const uint32_t size = E820_ENTRY_BYTES;

    for (unsigned i = 0; i < n; i++) {
        g_byte_array_append(bytes, (const uint8_t *)&size, 4);
        pc_memory_map_bytes(&map[i], 1, bytes);
    }
    put(info, 0, MEMORY | CMDLINE | MAP | (l->initrd_size ? MODULES : 0), 4);
    put(info, 4, PC_EBDA >> 10, 4);
    put(info, 8, (l->end - PC_HIGH_BASE) >> 10, 4);
    put(info, 16, PC_CMDLINE_AT, 4);
    if (l->initrd_size) {
        put(info, 20, 1, 4);
        put(info, 24, AT_MODULE, 4);
        put(module, 0, l->initrd, 4);
        put(module, 4, l->initrd + l->initrd_size, 4);
        put(module, 8, PC_CMDLINE_AT + l->module_name, 4);
    }
    put(info, 44, bytes->len, 4);
    put(info, 48, AT_MAP, 4);
    return copy_bytes(m, AT_MAP, bytes, error)
           && phys_copy_in(m->phys, AT_MODULE, module, sizeof(module), error)
           && phys_copy_in(m->phys, AT_PARAMS, info, sizeof(info), error);
}

/* Xen, public/arch-x86/hvm/start_info.h, version 1. */
static bool tell_pvh(Machine *m, const PcPlan *l, GError **error)
{
    enum { VERSION = 1 };
    const uint32_t magic = 0x336ec578;
    uint8_t info[56] = { 0 }, module[32] = { 0 };
    E820Entry map[PC_E820_MAX];
    unsigned n = pc_memory_map(m->config.ram_bytes, map);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const uint32_t zero = 0;

    for (unsigned i = 0; i < n; i++) {
        pc_memory_map_bytes(&map[i], 1, bytes);
        g_byte_array_append(bytes, (const uint8_t *)&zero, 4);
    }
    put(info, 0, magic, 4);
    put(info, 4, VERSION, 4);
    if (l->initrd_size) {
        put(info, 12, 1, 4);
        put(info, 16, AT_MODULE, 8);
        put(module, 0, l->initrd, 8);
        put(module, 8, l->initrd_size, 8);
    }
    put(info, 24, PC_CMDLINE_AT, 8);
    put(info, 32, AT_RSDP, 8);
    put(info, 40, AT_MAP, 8);
    put(info, 48, n, 4);
    return copy_bytes(m, AT_MAP, bytes, error)
           && phys_copy_in(m->phys, AT_MODULE, module, sizeof(module), error)
           && phys_copy_in(m->phys, AT_PARAMS, info, sizeof(info), error);
}

/* ---- entry ---- */

enum { EAX = 0, EBX = 3, EBP = 5, ESI = 6, EDI = 7 };

static void enter(Machine *m, const PcKernel *k)
{
    X86Cpu *cpu = x86_cpu(m->cpu);

    cpu->gdtr = (X86Table){ AT_GDT, 4 * 8 - 1 };
    memset(cpu->r, 0, sizeof(cpu->r));
    switch (k->kind) {
    case PC_KERNEL_LINUX: cpu->r[ESI] = AT_PARAMS; break;
    case PC_KERNEL_MULTIBOOT:
        cpu->r[EAX] = 0x2badb002; /* 3.2 */
        cpu->r[EBX] = AT_PARAMS;
        break;
    case PC_KERNEL_PVH: cpu->r[EBX] = AT_PARAMS; break;
    }
    x86_enter_flat(cpu, k->entry, BOOT_CS, BOOT_DS);
}

bool pc_direct_boot(Machine *m, GError **error)
{
    static bool (*const tell[])(Machine * m, const PcPlan *l, GError **error) = {
        [PC_KERNEL_LINUX] = tell_linux,
        [PC_KERNEL_MULTIBOOT] = tell_multiboot,
        [PC_KERNEL_PVH] = tell_pvh,
    };
    PcPlan l;
    bool ok;

    if (!pc_plan_make(&l, m, PC_TABLES_BYTES, error)) {
        return false;
    }
    ok = load(m, &l, error) && tell[l.kernel.kind](m, &l, error) && write_gdt(m, error)
         && write_tables(m, error);
    if (ok) {
        enter(m, &l.kernel);
    }
    pc_plan_clear(&l);
    return ok;
}
