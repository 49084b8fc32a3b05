/* SPDX-License-Identifier: MIT */
/* pc_memory.c - the memory map that the board `pc` tells. */
#include "machine/pc.h"

unsigned pc_memory_map(uint64_t ram_bytes, E820Entry map[PC_E820_MAX])
{
    uint64_t end = ram_bytes - PC_TABLES_BYTES;
    unsigned n = 0;

    map[n++] = (E820Entry){ 0, PC_EBDA, E820_RAM };
    map[n++] = (E820Entry){ PC_EBDA, PC_LOW_END - PC_EBDA, E820_RESERVED };
    map[n++] = (E820Entry){ PC_BIOS_AREA, PC_HIGH_BASE - PC_BIOS_AREA, E820_RESERVED };
    map[n++] = (E820Entry){ PC_HIGH_BASE, end - PC_HIGH_BASE, E820_RAM };
    map[n++] = (E820Entry){ end, PC_TABLES_BYTES, E820_RESERVED };
    map[n++] = (E820Entry){ PC_FLASH_BASE, (UINT64_C(1) << 32) - PC_FLASH_BASE, E820_RESERVED };
    return n;
}

void pc_memory_map_bytes(const E820Entry *map, unsigned n, GByteArray *out)
{
    for (unsigned i = 0; i < n; i++) {
        g_byte_array_append(out, (const uint8_t *)&map[i].base, 8);
        g_byte_array_append(out, (const uint8_t *)&map[i].bytes, 8);
        g_byte_array_append(out, (const uint8_t *)&map[i].type, 4);
    }
}

uint8_t pc_checksum(const uint8_t *p, size_t n)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += p[i];
    }
    return (uint8_t)(0 - sum);
}
