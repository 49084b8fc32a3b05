/* SPDX-License-Identifier: MIT */
/*
 * pc_pieces.h - a multiboot or PVH kernel as the option ROM loads it: what is above 1 MiB first,
 * what is below when nobody needs firmware any more. What lies from 640 KiB to 1 MiB is not loaded:
 * that is no memory, or firmware's, with the tables that the kernel is told of; QEMU's firmware has
 * it write-protected. Linkers put a file's headers there (ld -Ttext 0x100000).
 */
#ifndef MACHINE_PC_PIECES_H
#define MACHINE_PC_PIECES_H

#include "machine/pc_kernel.h"

typedef struct PcPieces {
    uint32_t high_at;
    GBytes *high; /* owned; NULL: nothing is there */
    /* Owned: for each piece its address and its length, 4 bytes each, little-endian, then so many
     * bytes; a length of zero ends it. */
    GBytes *low;
} PcPieces;

/* Errors: MACHINE_ERROR_IMAGE: where it wants to be, the option ROM is. */
bool pc_pieces_make(PcPieces *p, const PcKernel *k, const char *path,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void pc_pieces_clear(PcPieces *p);

#endif
