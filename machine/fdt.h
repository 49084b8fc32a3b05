/* SPDX-License-Identifier: MIT */
/* fdt.h - writes the guest's device tree blob, on top of libfdt. */
#ifndef MACHINE_FDT_H
#define MACHINE_FDT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Nodes are open one inside the other; properties go to the innermost. */
typedef struct Fdt Fdt;

Fdt *fdt_begin(void) G_GNUC_WARN_UNUSED_RESULT;
/* The finished blob, owned by the caller; frees @f. */
GByteArray *fdt_end(Fdt *f) G_GNUC_WARN_UNUSED_RESULT;

void fdt_node(Fdt *f, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void fdt_close(Fdt *f);
void fdt_empty(Fdt *f, const char *name);
void fdt_text(Fdt *f, const char *name, const char *value);
/* @values: strings separated and ended by NUL, @bytes of them in all. */
void fdt_texts(Fdt *f, const char *name, const char *values, size_t bytes);
void fdt_bytes(Fdt *f, const char *name, const void *p, size_t n);
/* @n 32-bit cells. */
void fdt_cells(Fdt *f, const char *name, unsigned n, const uint32_t *cells);
static inline void fdt_cell(Fdt *f, const char *name, uint32_t v) { fdt_cells(f, name, 1, &v); }
/* reg of #address-cells = #size-cells = 2. */
void fdt_reg(Fdt *f, unsigned n, const uint64_t *base_size_pairs);

/**
 * fdt_with_chosen - a copy of a blob the user brought, with what booting adds to it.
 * @blob, @bytes: untrusted
 * @bootargs: NULL: left as they are
 * @initrd_start, @initrd_end: 0: none
 * @ram_base, @ram_bytes: for a /memory node if the blob has none
 * Errors: MACHINE_ERROR_IMAGE.
 */
GByteArray *fdt_with_chosen(const uint8_t *blob, size_t bytes, const char *bootargs,
                            uint64_t initrd_start, uint64_t initrd_end, uint64_t ram_base,
                            uint64_t ram_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
