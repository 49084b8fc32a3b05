/* SPDX-License-Identifier: MIT */
/* cfi_flash.h - a bank of NOR flash chips with Intel's command set. */
#ifndef DEVICES_CFI_FLASH_H
#define DEVICES_CFI_FLASH_H

#include "devices/device.h"
#include "softmmu/phys.h"

/* A chip type, as its data sheet and its query table say. */
typedef struct CfiChip {
    uint16_t maker, device;
    uint8_t width;        /* bytes of its data bus: 1 or 2 */
    uint32_t bytes;       /* of the chip: a power of two */
    uint32_t block_bytes; /* erased at once: all blocks are alike */
    uint8_t buffer_bytes; /* of a write buffer: a power of two, at most CFI_BUFFER_MAX */
    uint8_t supply;       /* Vcc and Vpp, in BCD */
} CfiChip;

enum { CFI_CHIPS = 4, CFI_BUFFER_MAX = 32, CFI_BLOCKS = 256 };

/* Intel 28F160S5: 16 Mbit, x16. */
extern const CfiChip cfi_28f160s5;

/* The part has no registers: it is the memory of ROM regions, which it takes over by this. */
extern const DeviceType cfi_flash_type;

/**
 * cfi_flash_connect - @n chips of @chip side by side, in the ROM region of @phys at @base.
 * @alias: the bank's other address, where reads see another region's memory, kept the same but for
 *         the word at @alias + @except; 0: it has none
 * Errors: none; the regions are as large as the bank, and nobody else's.
 */
void cfi_flash_connect(Device *d, const CfiChip *chip, unsigned n, Phys *phys, Gpa base, Gpa alias,
                       uint32_t except);

/* Which end of the bus the CPU's low addresses are on. */
void cfi_flash_set_big_endian(Device *d, bool big_endian);

/* All blocks erased, then @n bytes from @from programmed from the start on; whatever is locked. */
void cfi_flash_fill(Device *d, const void *from, size_t n);
/* Whether that was done. */
bool cfi_flash_is_filled(const Device *d);

#endif
