/* SPDX-License-Identifier: MIT */
/* blobs.S - what the other sources here are made into, as bytes of the executable. */
    .macro blob name, file
    .globl \name, \name\()_end
\name:
    .incbin "\file"
\name\()_end:
    .byte 0
    .endm

    .section .rodata
    blob rom_pc_dsdt, build/roms/pc/dsdt.aml
    blob rom_pc_linux, "build/roms/pc/boot-linux.bin"
    blob rom_pc_multiboot, "build/roms/pc/boot-multiboot.bin"
    blob rom_pc_pvh, "build/roms/pc/boot-pvh.bin"

    .section .note.GNU-stack, "", @progbits
