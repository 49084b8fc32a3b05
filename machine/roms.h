/* SPDX-License-Identifier: MIT */
/* roms.h - what roms/ is made into at build time, as bytes of the executable. */
#ifndef MACHINE_ROMS_H
#define MACHINE_ROMS_H

#include <stdint.h>

extern const uint8_t rom_pc_dsdt[], rom_pc_dsdt_end[]; /* AML of roms/pc/dsdt.asl */

/* roms/pc/boot.S for each kind of kernel; their checksums are not made yet. */
extern const uint8_t rom_pc_linux[], rom_pc_linux_end[];
extern const uint8_t rom_pc_multiboot[], rom_pc_multiboot_end[];
extern const uint8_t rom_pc_pvh[], rom_pc_pvh_end[];

#endif
