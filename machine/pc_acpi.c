/* SPDX-License-Identifier: MIT */
/*
 * pc_acpi.c - the ACPI tables of the board `pc`, with the script by which firmware links them.
 * Spec: ACPI 6.3, chapter 5; the DSDT is roms/pc/dsdt.asl. The script is that of QEMU's firmware
 * ("etc/table-loader"): commands of 128 bytes that allocate a file, add a file's address to a
 * pointer, and make a checksum.
 */
#include <string.h>

#include "devices/apic.h"
#include "machine/pc.h"
#include "machine/roms.h"

#define TABLES "etc/acpi/tables"
#define RSDP "etc/acpi/rsdp"

enum { HEADER = 36, LENGTH_AT = 4, CHECKSUM_AT = 9 };              /* 5.2.6 */
enum { RSDP_BYTES = 20, RSDP_CHECKSUM_AT = 8, RSDP_RSDT_AT = 16 }; /* 5.2.5.3, revision 0 */
enum { FADT_BYTES = 244, FADT_FACS_AT = 36, FADT_DSDT_AT = 40, FADT_X_DSDT_AT = 140 };
enum { FACS_BYTES = 64, FACS_ALIGN = 64 };

/* ---- bytes ---- */

static void put(GByteArray *b, uint64_t v, unsigned bytes)
{
    g_byte_array_append(b, (const uint8_t *)&v, bytes);
}

static void set(GByteArray *b, size_t at, uint64_t v, unsigned bytes)
{
    g_assert(at + bytes <= b->len);
    memcpy(b->data + at, &v, bytes);
}

static uint64_t get(const GByteArray *b, size_t at, unsigned bytes)
{
    uint64_t v = 0;

    g_assert(at + bytes <= b->len);
    memcpy(&v, b->data + at, bytes);
    return v;
}

static void pad_to(GByteArray *b, size_t len)
{
    static const uint8_t zeros[64];

    while (b->len < len) {
        g_byte_array_append(b, zeros, (guint)MIN(len - b->len, sizeof(zeros)));
    }
}

/* ---- the script ---- */

enum { CMD_ALLOCATE = 1, CMD_POINTER = 2, CMD_CHECKSUM = 3 };
enum { CMD_BYTES = 128, CMD_NAME = 56, ZONE_HIGH = 1, ZONE_FSEG = 2 };

static void put_name(GByteArray *b, const char *name)
{
    char field[CMD_NAME] = { 0 };

    g_strlcpy(field, name, sizeof(field));
    g_byte_array_append(b, (const uint8_t *)field, sizeof(field));
}

static size_t begin_command(PcAcpi *a, unsigned command)
{
    size_t at = a->loader->len;

    put(a->loader, command, 4);
    return at;
}

static void end_command(PcAcpi *a, size_t at) { pad_to(a->loader, at + CMD_BYTES); }

static void cmd_allocate(PcAcpi *a, const char *file, uint32_t align, unsigned zone)
{
    size_t at = begin_command(a, CMD_ALLOCATE);

    put_name(a->loader, file);
    put(a->loader, align, 4);
    put(a->loader, zone, 1);
    end_command(a, at);
}

/* The @bytes at @offset of @file are an offset in the tables. */
static void cmd_pointer(PcAcpi *a, const char *file, size_t offset, unsigned bytes)
{
    size_t at = begin_command(a, CMD_POINTER);

    put_name(a->loader, file);
    put_name(a->loader, TABLES);
    put(a->loader, offset, 4);
    put(a->loader, bytes, 1);
    end_command(a, at);
}

static void cmd_checksum(PcAcpi *a, const char *file, size_t offset, size_t start, size_t length)
{
    size_t at = begin_command(a, CMD_CHECKSUM);

    put_name(a->loader, file);
    put(a->loader, offset, 4);
    put(a->loader, start, 4);
    put(a->loader, length, 4);
    end_command(a, at);
}

/* ---- tables ---- */

static size_t begin_table(PcAcpi *a, const char *signature, unsigned revision)
{
    size_t at = a->tables->len;

    g_byte_array_append(a->tables, (const uint8_t *)signature, 4);
    put(a->tables, 0, 4);
    put(a->tables, revision, 1);
    put(a->tables, 0, 1);
    g_byte_array_append(a->tables,
                        (const uint8_t *)"DOPPEL"
                                         "DOPPELPC",
                        14);
    put(a->tables, 1, 4);
    g_byte_array_append(a->tables, (const uint8_t *)"DOPL", 4);
    put(a->tables, 1, 4);
    return at;
}

static void end_table(PcAcpi *a, size_t at)
{
    size_t n = a->tables->len - at;

    set(a->tables, at + LENGTH_AT, n, 4);
    cmd_checksum(a, TABLES, at + CHECKSUM_AT, at, n);
}

/* 5.2.10: no firmware waking vector, no lock in use. */
static size_t facs(PcAcpi *a)
{
    size_t at;

    pad_to(a->tables, (a->tables->len + FACS_ALIGN - 1) / FACS_ALIGN * FACS_ALIGN);
    at = a->tables->len;
    g_byte_array_append(a->tables, (const uint8_t *)"FACS", 4);
    put(a->tables, FACS_BYTES, 4);
    pad_to(a->tables, at + FACS_BYTES);
    return at;
}

/* Where in the DSDT, as compiled, are these bytes: once. */
static size_t find_in_dsdt(const uint8_t *bytes, size_t n)
{
    size_t all = (size_t)(rom_pc_dsdt_end - rom_pc_dsdt), at = all, found = 0;

    for (size_t i = 0; i + n <= all; i++) {
        if (memcmp(rom_pc_dsdt + i, bytes, n) == 0) {
            at = i;
            found++;
        }
    }
    g_assert(found == 1);
    return at;
}

/* As compiled, but for where PCI's memory begins: minimum, maximum and length of the one descriptor
 * that has these two (6.4.3.5.2); and which serial ports are there: Name (COMS, 0x0f), 20.2.5.1.
 */
static size_t dsdt(PcAcpi *a, uint64_t ram_bytes, unsigned serials)
{
    static const uint8_t range[8] = { 0, 0, 0, 0xe0, 0xff, 0xff, 0xbf, 0xfe };
    static const uint8_t coms[7] = { 0x08, 'C', 'O', 'M', 'S', 0x0a, 0x0f };
    size_t at = a->tables->len, n = (size_t)(rom_pc_dsdt_end - rom_pc_dsdt);
    size_t range_at = at + find_in_dsdt(range, sizeof(range));

    g_byte_array_append(a->tables, rom_pc_dsdt, (guint)n);
    set(a->tables, range_at, ram_bytes, 4);
    set(a->tables, range_at + 12, PC_PCI_END - ram_bytes, 4);
    set(a->tables, at + find_in_dsdt(coms, sizeof(coms)) + 6, serials, 1);
    set(a->tables, at + CHECKSUM_AT, 0, 1);
    cmd_checksum(a, TABLES, at + CHECKSUM_AT, at, n);
    return at;
}

/* 5.2.3.2, in I/O space. */
static void put_port(GByteArray *b, uint16_t port, unsigned bytes)
{
    put(b, 1, 1);
    put(b, 8 * bytes, 1);
    put(b, 0, 1);
    put(b, bytes == 4 ? 3 : bytes, 1); /* access size: 1 byte, 2 word, 3 double word */
    put(b, port, 8);
}

/* 5.2.9 */
enum {
    BOOT_LEGACY = 1u << 0,
    BOOT_8042 = 1u << 1,
    BOOT_NO_VGA = 1u << 2,
    FLAG_WBINVD = 1u << 0,
    FLAG_PROC_C1 = 1u << 2,
    FLAG_NO_SLEEP_BUTTON = 1u << 5,
    FLAG_RESET_REG = 1u << 10,
};

/* The old fields, to offset 116. SMI_CMD is 0: the machine is in ACPI mode from the start. No
 * general-purpose events: nothing raises those of PIIX4. */
static void fadt_legacy(GByteArray *b, size_t at)
{
    set(b, at + 46, PC_SCI, 2);
    set(b, at + 56, PC_PM_EVENT, 4);
    set(b, at + 64, PC_PM_CONTROL, 4);
    set(b, at + 76, PC_PM_TIMER, 4);
    set(b, at + 88, 4, 1);     /* PM1_EVT_LEN */
    set(b, at + 89, 2, 1);     /* PM1_CNT_LEN */
    set(b, at + 91, 4, 1);     /* PM_TMR_LEN */
    set(b, at + 96, 0xfff, 2); /* no C2 */
    set(b, at + 98, 0xfff, 2); /* no C3 */
    set(b, at + 108, PC_CENTURY, 1);
    set(b, at + 109, BOOT_LEGACY | BOOT_8042 | BOOT_NO_VGA, 2);
    set(b, at + 112, FLAG_WBINVD | FLAG_PROC_C1 | FLAG_NO_SLEEP_BUTTON | FLAG_RESET_REG, 4);
}

/* X_FIRMWARE_CTRL stays zero: one of the two names the FACS. */
static size_t fadt(PcAcpi *a, size_t facs_at, size_t dsdt_at)
{
    size_t at = begin_table(a, "FACP", 3);
    GByteArray *b = a->tables;

    pad_to(b, at + 116);
    fadt_legacy(b, at);
    put_port(b, PC_RESET_PORT, 1);
    put(b, PC_RESET_VALUE, 1);
    pad_to(b, at + 148);
    put_port(b, PC_PM_EVENT, 4);
    pad_to(b, at + 172);
    put_port(b, PC_PM_CONTROL, 2);
    pad_to(b, at + 208);
    put_port(b, PC_PM_TIMER, 4);
    pad_to(b, at + FADT_BYTES);
    set(b, at + FADT_FACS_AT, facs_at, 4);
    set(b, at + FADT_DSDT_AT, dsdt_at, 4);
    set(b, at + FADT_X_DSDT_AT, dsdt_at, 8);
    cmd_pointer(a, TABLES, at + FADT_FACS_AT, 4);
    cmd_pointer(a, TABLES, at + FADT_DSDT_AT, 4);
    cmd_pointer(a, TABLES, at + FADT_X_DSDT_AT, 8);
    end_table(a, at);
    return at;
}

/* 5.2.12.5: ISA interrupt @irq is I/O APIC input @gsi. */
static void put_override(GByteArray *b, unsigned irq, unsigned gsi, unsigned flags)
{
    put(b, 2, 1);
    put(b, 10, 1);
    put(b, 0, 1);
    put(b, irq, 1);
    put(b, gsi, 4);
    put(b, flags, 2);
}

static size_t madt(PcAcpi *a)
{
    enum { PCAT_COMPAT = 1, ENABLED = 1, ACTIVE_HIGH_LEVEL = 0xd, ALL = 0xff };
    static const uint8_t level[] = { 5, 9, 10, 11 }; /* SCI and what PCI's may be put on */
    size_t at = begin_table(a, "APIC", 1);
    GByteArray *b = a->tables;

    put(b, PC_APIC_BASE, 4);
    put(b, PCAT_COMPAT, 4);
    put(b, 0, 1), put(b, 8, 1); /* 5.2.12.2: processor 0, APIC ID 0 */
    put(b, 0, 1), put(b, 0, 1), put(b, ENABLED, 4);
    put(b, 1, 1), put(b, 12, 1); /* 5.2.12.3: I/O APIC 0, input 0 is interrupt 0 */
    put(b, 0, 1), put(b, 0, 1), put(b, PC_IOAPIC_BASE, 4), put(b, 0, 4);
    put_override(b, 0, 2, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(level); i++) {
        put_override(b, level[i], level[i], ACTIVE_HIGH_LEVEL);
    }
    put(b, 4, 1), put(b, 6, 1); /* 5.2.12.7: NMI at LINT1 of all */
    put(b, ALL, 1), put(b, 0, 2), put(b, APIC_LINT1, 1);
    end_table(a, at);
    return at;
}

/* IA-PC HPET 1.0a, 3.2.4 */
static size_t hpet(PcAcpi *a)
{
    size_t at = begin_table(a, "HPET", 1);
    GByteArray *b = a->tables;

    put(b, 0x8086a201, 4); /* the low half of its capabilities */
    put(b, 0, 4);          /* in memory */
    put(b, PC_HPET_BASE, 8);
    put(b, 0, 1);
    put(b, 0, 2);
    put(b, 0, 1);
    end_table(a, at);
    return at;
}

/* "Windows ACPI Emulated Devices Table", Microsoft 2009: one read of the timer is enough. */
static size_t waet(PcAcpi *a)
{
    enum { PM_TIMER_GOOD = 1 << 1 };
    size_t at = begin_table(a, "WAET", 1);

    put(a->tables, PM_TIMER_GOOD, 4);
    end_table(a, at);
    return at;
}

static size_t rsdt(PcAcpi *a, const size_t *table, unsigned n)
{
    size_t at = begin_table(a, "RSDT", 1);

    for (unsigned i = 0; i < n; i++) {
        put(a->tables, table[i], 4);
        cmd_pointer(a, TABLES, at + HEADER + 4 * i, 4);
    }
    end_table(a, at);
    return at;
}

static void rsdp(PcAcpi *a, size_t rsdt_at)
{
    g_byte_array_append(a->rsdp, (const uint8_t *)"RSD PTR ", 8);
    put(a->rsdp, 0, 1);
    g_byte_array_append(a->rsdp, (const uint8_t *)"DOPPEL", 6);
    put(a->rsdp, 0, 1); /* revision 0: ACPI 1.0's */
    put(a->rsdp, rsdt_at, 4);
    cmd_pointer(a, RSDP, RSDP_RSDT_AT, 4);
    cmd_checksum(a, RSDP, RSDP_CHECKSUM_AT, 0, RSDP_BYTES);
}

void pc_acpi_build(PcAcpi *a, uint64_t ram_bytes, unsigned serials)
{
    size_t facs_at, dsdt_at, table[4];

    *a = (PcAcpi){ g_byte_array_new(), g_byte_array_new(), g_byte_array_new() };
    cmd_allocate(a, TABLES, FACS_ALIGN, ZONE_HIGH);
    cmd_allocate(a, RSDP, 16, ZONE_FSEG);
    facs_at = facs(a);
    dsdt_at = dsdt(a, ram_bytes, serials);
    table[0] = fadt(a, facs_at, dsdt_at);
    table[1] = madt(a);
    table[2] = hpet(a);
    table[3] = waet(a);
    rsdp(a, rsdt(a, table, G_N_ELEMENTS(table)));
}

void pc_acpi_clear(PcAcpi *a)
{
    g_byte_array_unref(a->rsdp);
    g_byte_array_unref(a->tables);
    g_byte_array_unref(a->loader);
}

/* ---- running the script ---- */

static GByteArray *file_at(PcAcpi *a, size_t name_at)
{
    return strcmp((const char *)a->loader->data + name_at, RSDP) == 0 ? a->rsdp : a->tables;
}

void pc_acpi_link(PcAcpi *a, Gpa tables_at)
{
    for (size_t at = 0; at < a->loader->len; at += CMD_BYTES) {
        GByteArray *file = file_at(a, at + 4);
        size_t arg = at + 4 + CMD_NAME;
        unsigned bytes;
        size_t where, start, n;

        switch (get(a->loader, at, 4)) {
        case CMD_POINTER:
            where = get(a->loader, arg + CMD_NAME, 4);
            bytes = (unsigned)get(a->loader, arg + CMD_NAME + 4, 1);
            set(file, where, get(file, where, bytes) + tables_at, bytes);
            break;
        case CMD_CHECKSUM:
            where = get(a->loader, arg, 4);
            start = get(a->loader, arg + 4, 4);
            n = get(a->loader, arg + 8, 4);
            set(file, where, 0, 1);
            set(file, where, pc_checksum(file->data + start, n), 1);
            break;
        }
    }
}
