/* SPDX-License-Identifier: MIT */
/* test_pc_tables.c - memory map, ACPI and SMBIOS of the board `pc`, as a kernel reads them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "machine/pc.h"

enum { MIB = 1 << 20, TABLES = 0x1ffe0000, ANCHOR = 31 };

static uint32_t at32(const GByteArray *b, size_t at)
{
    uint32_t v;

    cr_assert(le(sz, at + 4, b->len));
    memcpy(&v, b->data + at, 4);
    return v;
}

static uint8_t sum(const uint8_t *p, size_t n) { return (uint8_t)(0 - pc_checksum(p, n)); }

/* The table at physical @pa. */
static const uint8_t *table(const PcAcpi *a, uint32_t pa, const char *signature, uint32_t *n)
{
    const uint8_t *p;

    cr_assert(ge(u32, pa, TABLES));
    *n = at32(a->tables, pa - TABLES + 4);
    p = a->tables->data + (pa - TABLES);
    cr_assert(le(u64, (uint64_t)(pa - TABLES) + *n, a->tables->len));
    cr_expect(zero(memcmp(p, signature, 4)), "%s", signature);
    return p;
}

Test(pc_tables, the_memory_map_is_in_order_and_ends_with_ram_and_flash)
{
    static const uint64_t sizes[] = { 16 * MIB, 512 * MIB, PC_RAM_MAX };

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        E820Entry map[PC_E820_MAX];
        unsigned n = pc_memory_map(sizes[i], map);
        uint64_t end = 0, ram = 0;

        for (unsigned k = 0; k < n; k++) {
            cr_expect(ge(u64, map[k].base, end));
            end = map[k].base + map[k].bytes;
            ram += map[k].type == E820_RAM ? map[k].bytes : 0;
        }
        cr_expect(eq(u64, end, UINT64_C(1) << 32));
        cr_expect(eq(u64, ram, sizes[i] - MIB + PC_EBDA - PC_TABLES_BYTES));
    }
}

Test(pc_tables, acpi_is_found_from_its_pointer_and_sums_to_zero)
{
    static const char *const signatures[] = { "FACP", "APIC", "HPET", "WAET" };
    PcAcpi a;
    uint32_t rsdt_at, n, len;
    const uint8_t *rsdt;

    pc_acpi_build(&a, 512 * MIB, 1);
    pc_acpi_link(&a, TABLES);
    cr_assert(eq(u32, a.rsdp->len, 20));
    cr_expect(zero(memcmp(a.rsdp->data, "RSD PTR ", 8)));
    cr_expect(zero(sum(a.rsdp->data, 20)));
    rsdt_at = at32(a.rsdp, 16);
    rsdt = table(&a, rsdt_at, "RSDT", &n);
    cr_expect(zero(sum(rsdt, n)));
    cr_assert(eq(u32, n, 36 + 4 * 4));
    for (unsigned i = 0; i < 4; i++) {
        const uint8_t *t = table(&a, at32(a.tables, rsdt_at - TABLES + 36 + 4 * i), signatures[i],
                                 &len);

        cr_expect(zero(sum(t, len)), "%s", signatures[i]);
    }
    pc_acpi_clear(&a);
}

Test(pc_tables, the_fadt_names_facs_dsdt_and_ports)
{
    PcAcpi a;
    uint32_t rsdt_at, fadt_at, facs, n;
    const uint8_t *t;

    pc_acpi_build(&a, 512 * MIB, 1);
    pc_acpi_link(&a, TABLES);
    rsdt_at = at32(a.rsdp, 16) - TABLES;
    fadt_at = at32(a.tables, rsdt_at + 36) - TABLES;
    cr_expect(eq(u32, at32(a.tables, fadt_at + 4), 244));
    cr_expect(eq(u32, at32(a.tables, fadt_at + 56), PC_PM_BASE));
    cr_expect(eq(u32, at32(a.tables, fadt_at + 172 + 4), PC_PM_CONTROL));
    cr_expect(eq(u32, at32(a.tables, fadt_at + 48), 0)); /* no SMI_CMD */
    cr_expect(zero(at32(a.tables, fadt_at + 132)));      /* no second name of the FACS */
    cr_expect(zero(at32(a.tables, fadt_at + 80)));       /* no events that nothing raises */
    cr_expect(zero(a.tables->data[fadt_at + 92]));
    cr_expect(zero(at32(a.tables, fadt_at + 220)));
    t = table(&a, at32(a.tables, fadt_at + 36), "FACS", &n);
    facs = (uint32_t)(t - a.tables->data);
    cr_expect(zero(facs % 64));
    t = table(&a, at32(a.tables, fadt_at + 40), "DSDT", &n);
    cr_expect(zero(sum(t, n)));
    cr_expect(eq(u32, at32(a.tables, fadt_at + 140), at32(a.tables, fadt_at + 40)));
    pc_acpi_clear(&a);
}

Test(pc_tables, pcis_memory_begins_where_ram_ends)
{
    static const uint8_t want[16] = { 0, 0, 0, 0x20, 0xff, 0xff, 0xbf, 0xfe,
                                      0, 0, 0, 0,    0,    0,    0xc0, 0xde };
    unsigned found = 0;
    PcAcpi a;

    pc_acpi_build(&a, 512 * MIB, 1);
    for (unsigned i = 0; i + 16 <= a.tables->len; i++) {
        found += memcmp(a.tables->data + i, want, 16) == 0;
    }
    cr_expect(eq(u32, found, 1));
    pc_acpi_clear(&a);
}

/* ACPI 6.3, 20.2.5.1: Name (COMS, byte), by which the ports' _STA goes. */
Test(pc_tables, the_dsdt_says_which_serial_ports_are_there)
{
    for (uint8_t serials = 0; serials < 16; serials++) {
        const uint8_t want[] = { 0x08, 'C', 'O', 'M', 'S', 0x0a, serials };
        unsigned found = 0;
        PcAcpi a;

        pc_acpi_build(&a, 512 * MIB, serials);
        for (unsigned i = 0; i + sizeof(want) <= a.tables->len; i++) {
            found += memcmp(a.tables->data + i, want, sizeof(want)) == 0;
        }
        cr_expect(eq(u32, found, 1));
        pc_acpi_clear(&a);
    }
}

Test(pc_tables, the_loaders_script_is_whole_commands)
{
    PcAcpi a;

    pc_acpi_build(&a, 512 * MIB, 1);
    cr_expect(zero(a.loader->len % 128));
    cr_expect(eq(u32, at32(a.loader, 0), 1)); /* both files are allocated first */
    cr_expect(eq(u32, at32(a.loader, 128), 1));
    for (unsigned at = 256; at < a.loader->len; at += 128) {
        cr_expect(at32(a.loader, at) == 2 || at32(a.loader, at) == 3);
    }
    pc_acpi_clear(&a);
}

/* Walks by the lengths in the structures, as a kernel does. */
Test(pc_tables, smbios_walks_to_its_end)
{
    static const uint8_t types[] = { 0, 1, 3, 4, 16, 17, 19, 32, 127 };
    PcSmbios s;
    uint32_t at = 0;
    unsigned n = 0, largest = 0;

    pc_smbios_build(&s, 512 * MIB, "qemu32");
    pc_smbios_link(&s, 0x12345678);
    for (; at < s.tables->len && n < G_N_ELEMENTS(types); n++) {
        uint32_t start = at;

        cr_expect(eq(u8, s.tables->data[at], types[n]));
        at += s.tables->data[at + 1];
        while (at + 1 < s.tables->len && (s.tables->data[at] || s.tables->data[at + 1])) {
            at++;
        }
        at += 2;
        largest = MAX(largest, at - start);
    }
    cr_expect(eq(u32, at, s.tables->len));
    cr_expect(zero(sum(s.anchor->data, ANCHOR)));
    cr_expect(zero(sum(s.anchor->data + 16, ANCHOR - 16)));
    cr_expect(eq(u32, at32(s.anchor, 0x18), 0x12345678));
    cr_expect(eq(u32, at32(s.anchor, 0x16) & 0xffff, s.tables->len));
    cr_expect(eq(u8, s.anchor->data[0x1c], n));
    cr_expect(eq(u8, s.anchor->data[8], largest));
    pc_smbios_clear(&s);
}
