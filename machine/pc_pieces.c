/* SPDX-License-Identifier: MIT */
/* pc_pieces.c - see pc_pieces.h. */
#include "machine/pc_pieces.h"

#include <string.h>

#include "machine/machine.h"
#include "machine/pc.h"
#include "machine/pc_plan.h"

/* The option ROM's own memory: roms/pc/boot.S. */
enum { ROM_SCRATCH = 0x70000, ROM_SCRATCH_END = 0x80000 };

typedef struct Images {
    uint8_t *low;    /* PC_LOW_END bytes */
    uint8_t *loaded; /* of each of these, whether it is part of the kernel */
    Gpa first, last; /* of what is above 1 MiB; last < first: nothing is */
    uint8_t *high;   /* NULL: it is being measured */
} Images;

/* What of a piece is at @from or above, and below @end, to image @to of these. */
static void copy_part(uint8_t *to, Gpa from, Gpa end, Gpa at, const uint8_t *p, uint64_t n,
                      uint64_t bytes)
{
    Gpa first = MAX(at, from), last = MIN(at + bytes, end), data = MIN(at + n, end);

    if (first < last) {
        memset(to + (first - from), 0, last - first);
    }
    if (first < data) {
        memcpy(to + (first - from), p + (first - at), data - first);
    }
}

static bool measure(void *images, Gpa at, const uint8_t *p, uint64_t n, uint64_t bytes)
{
    Images *i = images;

    (void)p, (void)n;
    if (at + bytes > LINUX_HIGH) {
        i->first = MIN(i->first, MAX(at, LINUX_HIGH));
        i->last = MAX(i->last, at + bytes - 1);
    }
    return at + bytes - 1 <= UINT32_MAX;
}

static bool copy(void *images, Gpa at, const uint8_t *p, uint64_t n, uint64_t bytes)
{
    const Images *i = images;

    copy_part(i->low, 0, PC_LOW_END, at, p, n, bytes);
    if (at < PC_LOW_END) {
        memset(i->loaded + at, 1, MIN(bytes, PC_LOW_END - at));
    }
    if (i->high) {
        copy_part(i->high, i->first, i->last + 1, at, p, n, bytes);
    }
    return true;
}

static void put32(GByteArray *out, size_t v)
{
    const uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };

    g_byte_array_append(out, b, sizeof(b));
}

static GBytes *list_low(const Images *i)
{
    GByteArray *out = g_byte_array_new();

    for (size_t at = 0, end; at < PC_LOW_END; at = end) {
        for (end = at; end < PC_LOW_END && i->loaded[end] == i->loaded[at]; end++) {
        }
        if (i->loaded[at]) {
            put32(out, at);
            put32(out, end - at);
            g_byte_array_append(out, i->low + at, (guint)(end - at));
        }
    }
    put32(out, 0);
    put32(out, 0);
    return g_byte_array_free_to_bytes(out);
}

/* The first address of [@from, @end) that is part of the kernel; @end if none is. */
static size_t first_loaded(const Images *i, size_t from, size_t end)
{
    const uint8_t *p = memchr(i->loaded + from, 1, end - from);

    return p ? (size_t)(p - i->loaded) : end;
}

static bool leaves_room(const Images *i, const PcKernel *k, const char *path, GError **error)
{
    size_t at = first_loaded(i, PC_CMDLINE_AT, PC_CMDLINE_AT + PC_CMDLINE_MAX);

    if (at == PC_CMDLINE_AT + PC_CMDLINE_MAX) {
        at = first_loaded(i, ROM_SCRATCH, ROM_SCRATCH_END);
    }
    if (at == ROM_SCRATCH_END && k->entry >= PC_LOW_END && k->entry < LINUX_HIGH) {
        at = k->entry;
    }
    if (at != ROM_SCRATCH_END) {
        g_set_error(error, MACHINE_ERROR, MACHINE_ERROR_IMAGE,
                    "kernel '%s': has something at %#zx, where firmware is at work: "
                    "-M pc,boot=direct",
                    path, at);
    }
    return at == ROM_SCRATCH_END;
}

bool pc_pieces_make(PcPieces *p, const PcKernel *k, const char *path, GError **error)
{
    Images i = { .first = UINT64_MAX };
    bool ok = pc_kernel_each(k, path, measure, &i, error);

    *p = (PcPieces){ 0 };
    i.low = g_malloc0(PC_LOW_END);
    i.loaded = g_malloc0(PC_LOW_END);
    i.high = ok && i.first <= i.last ? g_malloc0(i.last - i.first + 1) : NULL;
    ok = ok && pc_kernel_each(k, path, copy, &i, error) && leaves_room(&i, k, path, error);
    if (ok) {
        p->high_at = i.high ? (uint32_t)i.first : LINUX_HIGH;
        p->high = i.high ? g_bytes_new_take(g_steal_pointer(&i.high), i.last - i.first + 1) : NULL;
        p->low = list_low(&i);
    }
    g_free(i.low);
    g_free(i.loaded);
    g_free(i.high);
    return ok;
}

void pc_pieces_clear(PcPieces *p)
{
    g_clear_pointer(&p->high, g_bytes_unref);
    g_clear_pointer(&p->low, g_bytes_unref);
}
