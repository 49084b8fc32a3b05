/* SPDX-License-Identifier: MIT */
/* pc_kernel.h - what kind of file a kernel for the board `pc` is, and what its header says. */
#ifndef MACHINE_PC_KERNEL_H
#define MACHINE_PC_KERNEL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "softmmu/phys.h"

typedef enum PcKernelKind {
    PC_KERNEL_LINUX,     /* a bzImage */
    PC_KERNEL_MULTIBOOT, /* version 1: an ELF file, or loaded as its header says */
    PC_KERNEL_PVH,       /* an ELF file with Xen's note of a 32-bit entry */
} PcKernelKind;

typedef struct PcKernel {
    PcKernelKind kind;
    GBytes *bytes; /* owned; the whole file */
    uint32_t entry;

    /* PC_KERNEL_LINUX: Documentation/x86/boot.rst */
    uint32_t setup_bytes;   /* real-mode part, from the start of the file */
    uint32_t header_bytes;  /* of the set-up header, from LINUX_HEADER on */
    uint32_t memory_end;    /* first address behind all that it needs before it is in control */
    uint32_t initrd_max;    /* the initrd's last byte at most */
    uint32_t cmdline_bytes; /* at most, without the zero */

    /* PC_KERNEL_MULTIBOOT without an ELF header: file offset, and addresses. */
    bool flat;
    uint32_t load_offset, load, load_end, bss_end;
    bool align_modules; /* flags bit 0 */
} PcKernel;

enum { LINUX_HEADER = 0x1f1, LINUX_HIGH = 0x100000 };

/**
 * pc_kernel_read - read a kernel and check all of its header that somebody relies on.
 * Errors: MACHINE_ERROR_IMAGE: "kernel 'x': ..." for files that are missing, empty, truncated,
 * contradict themselves, or are for another architecture (named).
 */
bool pc_kernel_read(PcKernel *k, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void pc_kernel_clear(PcKernel *k);

/* What is loaded of a multiboot or PVH kernel: the first and the last byte's address. */
bool pc_kernel_span(const PcKernel *k, const char *path, Gpa *first, Gpa *last,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Who is given what is to be loaded, piece by piece: @n bytes of the file and zeros behind them, in
 * all @bytes. False: it does not fit into memory. */
typedef bool (*PcKernelPut)(void *opaque, Gpa at, const uint8_t *p, uint64_t n, uint64_t bytes);
/* All of a multiboot or PVH kernel, in the file's order; a later piece may overlap earlier ones. */
bool pc_kernel_each(const PcKernel *k, const char *path, PcKernelPut put, void *opaque,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Copies a multiboot or PVH kernel to where it belongs. */
bool pc_kernel_load(const PcKernel *k, const char *path, Phys *phys,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
