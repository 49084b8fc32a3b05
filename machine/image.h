/* SPDX-License-Identifier: MIT */
/* image.h - what kind of file a kernel is, and its bytes into guest memory. */
#ifndef MACHINE_IMAGE_H
#define MACHINE_IMAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "softmmu/phys.h"

typedef enum ImageKind {
    IMAGE_ZIMAGE, /* ARM Linux zImage: loaded anywhere, started at its first byte */
    IMAGE_UIMAGE, /* U-Boot legacy image: load and entry address in its header */
    IMAGE_ELF,
    IMAGE_RAW, /* anything else, as an uncompressed Image: text_offset from the start of RAM */
} ImageKind;

/* What a board starts, and what else it can be told from. */
typedef struct ImageGuest {
    const char *name; /* "32-bit ARM", for messages */
    unsigned elf_machine;
    unsigned uimage_arch;  /* U-Boot's number; 0: no uImage */
    bool zimage, raw;      /* IMAGE_ZIMAGE, IMAGE_RAW are kernels for it */
    uint32_t address_mask; /* bits of an ELF file's addresses that are physical */
} ImageGuest;

typedef struct Image {
    ImageKind kind;
    bool big_endian;       /* IMAGE_ELF */
    uint32_t flags;        /* IMAGE_ELF: e_flags */
    uint32_t address_mask; /* IMAGE_ELF: of its guest */
    GBytes *bytes;         /* owned; what is loaded, the uImage's payload unpacked */
    Gpa load, entry;       /* IMAGE_UIMAGE, IMAGE_ELF */
    uint32_t memory_bytes; /* what it needs from its start on, with what it grows to; 0: its size */
} Image;

/**
 * image_read - read a kernel for @guest and say what it is.
 * Errors: MACHINE_ERROR_IMAGE: "kernel 'x': ..." for files that are missing, empty, truncated, for
 * another architecture (named).
 */
bool image_read(Image *img, const char *path, const ImageGuest *guest,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void image_clear(Image *img);

/* The byte order of an ELF file, without a word about what else is wrong: true if it is one. */
bool image_peek_order(const char *path, bool *big_endian);

/* Copies the segments of an ELF image into memory. @first, @last: bytes used. */
bool image_load_elf(const Image *img, Phys *phys, Gpa *first, Gpa *last,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a file that no loader takes is, for a message; NULL: it does not say. Owned by the caller.
 * */
char *image_what(const uint8_t *p, size_t n) G_GNUC_WARN_UNUSED_RESULT;

/* The most that a kernel's file may have. */
#define IMAGE_KERNEL_MAX (UINT64_C(1) << 30)

/**
 * image_file - the whole of a file of at most @most bytes; a larger one is refused unread.
 * @what is for the message: "initrd", "dtb". Errors: MACHINE_ERROR_IMAGE.
 */
GBytes *image_file(const char *what, const char *path, uint64_t most,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
