/* SPDX-License-Identifier: MIT */
/* image_elf.h - the program headers of a 32-bit ELF file, which may be damaged. */
#ifndef MACHINE_IMAGE_ELF_H
#define MACHINE_IMAGE_ELF_H

#include <elf.h>
#include <glib.h>
#include <libelf.h>

/**
 * image_elf_headers - the program headers, for image_elf_header().
 * @elf: the caller's to end, also if this fails; they are valid until then
 * @count: how many
 * Errors: NULL with MACHINE_ERROR_IMAGE: truncated, none, of another size than they are defined.
 */
const Elf32_Phdr *image_elf_headers(GBytes *bytes, Elf **elf, unsigned *count,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Header @i of them, wherever the file has it: e_phoff may be odd. */
Elf32_Phdr image_elf_header(const Elf32_Phdr *headers, unsigned i);

#endif
