/* SPDX-License-Identifier: MIT */
/* pc.h - the board `pc`: addresses, interrupts, and the tables that firmware and kernels are
 * given. */
#ifndef MACHINE_PC_H
#define MACHINE_PC_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "softmmu/phys.h"

/* Memory as QEMU 7.2's i440FX board has it. roms/pc/dsdt.asl repeats some of these. */
#define PC_LOW_END 0xa0000u    /* of conventional memory */
#define PC_EBDA 0x9fc00u       /* firmware's own */
#define PC_BIOS_AREA 0xf0000u  /* firmware's, with what kernels search there */
#define PC_HIGH_BASE 0x100000u /* of memory above 1 MiB */
#define PC_RAM_MIN 0x400000u
#define PC_RAM_MAX 0xe0000000u /* PCI's memory begins there at the latest */
#define PC_PCI_END 0xfec00000u /* and ends here */
#define PC_IOAPIC_BASE 0xfec00000u
#define PC_HPET_BASE 0xfed00000u
#define PC_APIC_BASE 0xfee00000u
#define PC_FLASH_BASE 0xfffc0000u
#define PC_ROM_BASE 0xff000000u /* firmware's ROM, at the end of 4 GiB */
#define PC_ROM_MAX 0x1000000u
enum { PC_TABLES_BYTES = 0x20000 }; /* kept at the end of RAM, for what is told the kernel */

/* Ports, and the interrupt of ACPI. */
enum {
    PC_PM_BASE = 0x600,
    PC_PM_EVENT = PC_PM_BASE,
    PC_PM_CONTROL = PC_PM_BASE + 4,
    PC_PM_TIMER = PC_PM_BASE + 8,
    PC_SMBUS_BASE = 0x700,
    PC_RESET_PORT = 0xcf9,
    PC_RESET_VALUE = 0x06,
    PC_SCI = 9,
    PC_CENTURY = 0x32, /* of the date, in the clock's memory */
};

struct Machine;

/* Bit N: COM port N + 1 is there. */
unsigned pc_serial_ports(const struct Machine *m);

/* ---- the memory map ---- */

/* Types, ACPI 6.3 table 15-374. */
enum { E820_RAM = 1, E820_RESERVED = 2 };

/* As the BIOS call e820 and the Linux boot parameters have it, little-endian. */
typedef struct E820Entry {
    uint64_t base, bytes;
    uint32_t type;
} E820Entry;

enum { PC_E820_MAX = 8, E820_ENTRY_BYTES = 20 };

/* Fills @map; returns how many entries. What kernels are told; firmware is told of RAM alone. */
unsigned pc_memory_map(uint64_t ram_bytes, E820Entry map[PC_E820_MAX]);

/* Appends the entries as bytes. */
void pc_memory_map_bytes(const E820Entry *map, unsigned n, GByteArray *out);

/* ---- ACPI ---- */

/* Files of fw_cfg: tables that point at each other by offsets, and how to make these addresses. */
typedef struct PcAcpi {
    GByteArray *rsdp, *tables, *loader; /* owned */
} PcAcpi;

/* @serials: bit N: COM port N + 1 is there. */
void pc_acpi_build(PcAcpi *a, uint64_t ram_bytes, unsigned serials);
void pc_acpi_clear(PcAcpi *a);

/* Makes the offsets addresses, as firmware would, for tables at @tables. */
void pc_acpi_link(PcAcpi *a, Gpa tables);

/* ---- SMBIOS ---- */

typedef struct PcSmbios {
    GByteArray *anchor, *tables; /* owned; the anchor's address of the tables is 0 */
} PcSmbios;

void pc_smbios_build(PcSmbios *s, uint64_t ram_bytes, const char *cpu);
void pc_smbios_clear(PcSmbios *s);
void pc_smbios_link(PcSmbios *s, Gpa tables);

/* The byte that makes the sum of @n bytes and itself zero. */
uint8_t pc_checksum(const uint8_t *p, size_t n);

#endif
