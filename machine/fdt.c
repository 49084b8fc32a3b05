/* SPDX-License-Identifier: MIT */
/* fdt.c - see fdt.h. */
#include "machine/fdt.h"

#include <libfdt.h>
#include <stdarg.h>
#include <string.h>

#include "machine/machine.h"

enum { BLOB_BYTES = 64 << 10, CELLS_MAX = 64, ROOM_FOR_CHOSEN = 8 << 10 };

struct Fdt {
    GByteArray *blob;
};

/* Everything fits or it is our bug: the tree of a board is small and of our making. */
static void must(int err) { g_assert_cmpint(err, ==, 0); }

Fdt *fdt_begin(void)
{
    Fdt *f = g_new0(Fdt, 1);

    f->blob = g_byte_array_new();
    g_byte_array_set_size(f->blob, BLOB_BYTES);
    must(fdt_create(f->blob->data, BLOB_BYTES));
    must(fdt_finish_reservemap(f->blob->data));
    must(fdt_begin_node(f->blob->data, ""));
    return f;
}

GByteArray *fdt_end(Fdt *f)
{
    GByteArray *blob = f->blob;

    must(fdt_end_node(blob->data));
    must(fdt_finish(blob->data));
    g_byte_array_set_size(blob, fdt_totalsize(blob->data));
    g_free(f);
    return blob;
}

void fdt_node(Fdt *f, const char *fmt, ...)
{
    g_autofree char *name = NULL;
    va_list ap;

    va_start(ap, fmt);
    name = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    must(fdt_begin_node(f->blob->data, name));
}

void fdt_close(Fdt *f) { must(fdt_end_node(f->blob->data)); }

void fdt_bytes(Fdt *f, const char *name, const void *p, size_t n)
{
    must(fdt_property(f->blob->data, name, p, (int)n));
}

void fdt_empty(Fdt *f, const char *name) { fdt_bytes(f, name, NULL, 0); }
void fdt_text(Fdt *f, const char *name, const char *value)
{
    fdt_bytes(f, name, value, strlen(value) + 1);
}
void fdt_texts(Fdt *f, const char *name, const char *values, size_t bytes)
{
    fdt_bytes(f, name, values, bytes);
}

void fdt_cells(Fdt *f, const char *name, unsigned n, const uint32_t *cells)
{
    fdt32_t be[CELLS_MAX];

    g_assert(n <= CELLS_MAX);
    for (unsigned i = 0; i < n; i++) {
        be[i] = cpu_to_fdt32(cells[i]);
    }
    fdt_bytes(f, name, be, n * sizeof(be[0]));
}

void fdt_reg(Fdt *f, unsigned n, const uint64_t *pairs)
{
    uint32_t cells[CELLS_MAX];

    g_assert(4 * n <= CELLS_MAX);
    for (unsigned i = 0; i < 2 * n; i++) {
        cells[2 * i] = (uint32_t)(pairs[i] >> 32);
        cells[2 * i + 1] = (uint32_t)pairs[i];
    }
    fdt_cells(f, "reg", 4 * n, cells);
}

static int find_or_add(void *blob, const char *name)
{
    g_autofree char *path = g_strdup_printf("/%s", name);
    int node = fdt_path_offset(blob, path);

    return node >= 0 ? node : fdt_add_subnode(blob, 0, name);
}

/* Whether some node says it is memory. */
static bool has_memory(const void *blob)
{
    return fdt_node_offset_by_prop_value(blob, -1, "device_type", "memory", 7) >= 0;
}

static int add_memory(void *blob, uint64_t base, uint64_t bytes)
{
    g_autofree char *name = g_strdup_printf("memory@%" G_GINT64_MODIFIER "x", base);
    int ac = fdt_address_cells(blob, 0), sc = fdt_size_cells(blob, 0);
    fdt32_t reg[4];
    int n = 0, node, err;

    if (ac < 1 || ac > 2 || sc < 1 || sc > 2) {
        return -FDT_ERR_BADNCELLS;
    }
    if (ac == 2) {
        reg[n++] = cpu_to_fdt32((uint32_t)(base >> 32));
    }
    reg[n++] = cpu_to_fdt32((uint32_t)base);
    if (sc == 2) {
        reg[n++] = cpu_to_fdt32((uint32_t)(bytes >> 32));
    }
    reg[n++] = cpu_to_fdt32((uint32_t)bytes);
    node = fdt_add_subnode(blob, 0, name);
    if (node < 0) {
        return node;
    }
    err = fdt_setprop_string(blob, node, "device_type", "memory");
    return err ? err : fdt_setprop(blob, node, "reg", reg, n * (int)sizeof(reg[0]));
}

static int add_chosen(void *blob, const char *bootargs, uint64_t start, uint64_t end)
{
    int node = find_or_add(blob, "chosen"), err = node < 0 ? node : 0;

    if (!err && bootargs) {
        err = fdt_setprop_string(blob, node, "bootargs", bootargs);
    }
    if (!err && end > start) {
        err = fdt_setprop_u64(blob, node, "linux,initrd-start", start);
        err = err ? err : fdt_setprop_u64(blob, node, "linux,initrd-end", end);
    }
    return err;
}

GByteArray *fdt_with_chosen(const uint8_t *blob, size_t bytes, const char *bootargs,
                            uint64_t initrd_start, uint64_t initrd_end, uint64_t ram_base,
                            uint64_t ram_bytes, GError **error)
{
    size_t room = bytes + (bootargs ? strlen(bootargs) : 0) + ROOM_FOR_CHOSEN;
    g_autoptr(GByteArray) out = g_byte_array_new();
    int err = bytes > (16u << 20) ? -FDT_ERR_BADSTATE : fdt_check_full(blob, bytes);

    if (!err) {
        g_byte_array_set_size(out, (guint)room);
        err = fdt_open_into(blob, out->data, (int)room);
    }
    if (!err) {
        err = add_chosen(out->data, bootargs, initrd_start, initrd_end);
    }
    if (!err && !has_memory(out->data)) {
        err = add_memory(out->data, ram_base, ram_bytes);
    }
    if (err) {
        g_set_error(error, MACHINE_ERROR, MACHINE_ERROR_IMAGE,
                    "is not a sound device tree blob: %s", fdt_strerror(err));
        return NULL;
    }
    fdt_pack(out->data);
    g_byte_array_set_size(out, fdt_totalsize(out->data));
    return g_steal_pointer(&out);
}
