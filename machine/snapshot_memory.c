/* SPDX-License-Identifier: MIT */
/* snapshot_memory.c - the section of a snapshot that holds RAM and ROM, compressed. */
#include <string.h>
#include <zstd.h>

#include "machine/snapshot_priv.h"

/*
 * One zstd frame of runs of pages that are not all zero, by address: physical address, u64; bytes,
 * u64, a multiple of the page size; the bytes. A run of no bytes is the last.
 */
enum { LEVEL = 1, RUN_MAX_BYTES = 1 << 20, CHUNK_BYTES = 1 << 17 };

static const uint8_t zero_page[PHYS_PAGE];

/* ---- saving ---- */

typedef struct Packer {
    ZSTD_CCtx *z;
    SnapOut *out;
    uint8_t chunk[CHUNK_BYTES];
} Packer;

static void pack(Packer *k, const void *p, size_t n, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = { p, n, 0 };
    size_t rest;

    do {
        ZSTD_outBuffer to = { k->chunk, sizeof(k->chunk), 0 };

        rest = ZSTD_compressStream2(k->z, &to, &in, how);
        g_assert(!ZSTD_isError(rest)); /* only for want of memory or wrong use */
        snap_put(k->out, k->chunk, to.pos);
    } while (how == ZSTD_e_end ? rest != 0 : in.pos < in.size);
}

static void pack_run(Packer *k, uint64_t pa, const uint8_t *p, uint64_t bytes)
{
    uint64_t head[2] = { pa, bytes };

    pack(k, head, sizeof(head), ZSTD_e_continue);
    pack(k, p, bytes, ZSTD_e_continue);
}

static bool is_zero(const uint8_t *page) { return memcmp(page, zero_page, PHYS_PAGE) == 0; }

static void pack_region(Packer *k, const PhysRegion *r)
{
    uint64_t off = 0, end;

    while (off < r->bytes) {
        if (is_zero(r->ram + off)) {
            off += PHYS_PAGE;
            continue;
        }
        end = off + PHYS_PAGE;
        while (end < r->bytes && end - off < RUN_MAX_BYTES && !is_zero(r->ram + end)) {
            end += PHYS_PAGE;
        }
        pack_run(k, r->base + off, r->ram + off, end - off);
        off = end;
    }
}

void snap_save_memory(Machine *m, SnapOut *out)
{
    g_autofree Packer *k = g_new0(Packer, 1);
    const uint64_t last[2] = { 0, 0 };
    const PhysRegion *r;

    k->out = out;
    k->z = ZSTD_createCCtx();
    g_assert(k->z);
    ZSTD_CCtx_setParameter(k->z, ZSTD_c_compressionLevel, LEVEL);
    for (unsigned i = 0; (r = phys_region(m->phys, i)) != NULL; i++) {
        if (r->ram) {
            pack_region(k, r);
        }
    }
    pack(k, last, sizeof(last), ZSTD_e_end);
    ZSTD_freeCCtx(k->z);
}

/* ---- loading ---- */

typedef struct Unpacker {
    ZSTD_DCtx *z;
    ZSTD_inBuffer in;
    size_t hint; /* what the last call returned: 0 at the end of a frame */
} Unpacker;

/* The next @n bytes; false if there are not so many. */
static bool unpack(Unpacker *k, void *to, size_t n)
{
    ZSTD_outBuffer out = { to, n, 0 };

    while (out.pos < n) {
        size_t in_was = k->in.pos, out_was = out.pos;

        k->hint = ZSTD_decompressStream(k->z, &out, &k->in);
        if (ZSTD_isError(k->hint) || (k->in.pos == in_was && out.pos == out_was)) {
            return false;
        }
    }
    return true;
}

/* Whether the frame ends here, and with it the section. */
static bool at_end(Unpacker *k)
{
    uint8_t more;
    ZSTD_outBuffer out = { &more, 1, 0 };

    if (k->hint != 0) {
        k->hint = ZSTD_decompressStream(k->z, &out, &k->in);
    }
    return k->hint == 0 && out.pos == 0 && k->in.pos == k->in.size;
}

/* Reads a run's bytes to where they belong, or, when only checking, to nowhere. */
static bool unpack_run(Unpacker *k, uint8_t *to, uint64_t bytes, bool store, uint8_t *nowhere)
{
    uint64_t n;

    for (uint64_t done = 0; done < bytes; done += n) {
        n = MIN(bytes - done, CHUNK_BYTES);
        if (!unpack(k, store ? to + done : nowhere, n)) {
            return false;
        }
    }
    return true;
}

static const char *unpack_all(const Machine *m, Unpacker *k, bool store, uint8_t *nowhere)
{
    uint64_t head[2], from = 0;

    for (;;) {
        const PhysRegion *r;

        if (!unpack(k, head, sizeof(head))) {
            return "cannot be unpacked";
        }
        if (head[1] == 0) {
            return head[0] == 0 && at_end(k) ? NULL : "does not end where it should";
        }
        r = phys_find(m->phys, head[0]);
        if (head[0] < from || head[0] % PHYS_PAGE != 0 || head[1] % PHYS_PAGE != 0 || !r || !r->ram
            || head[1] > r->bytes - (head[0] - r->base)) {
            return "has pages that are not memory, or not in order";
        }
        from = head[0] + head[1];
        if (!unpack_run(k, r->ram + (head[0] - r->base), head[1], store, nowhere)) {
            return "cannot be unpacked";
        }
    }
}

/* What is wrong with the section; NULL if nothing is. */
static const char *walk(const Machine *m, const SnapIn *in, bool store)
{
    g_autofree uint8_t *nowhere = g_malloc(CHUNK_BYTES);
    Unpacker k = { .in = { in->p, in->left, 0 }, .hint = 1 };
    const char *why;

    k.z = ZSTD_createDCtx();
    g_assert(k.z);
    why = unpack_all(m, &k, store, nowhere);
    ZSTD_freeDCtx(k.z);
    return why;
}

bool snap_check_memory(Machine *m, SnapIn *in, GError **error)
{
    const char *why = walk(m, in, false);

    snap_skip(in, in->left);
    return why == NULL || snap_fail(error, "section 'memory' %s", why);
}

void snap_load_memory(Machine *m, SnapIn *in)
{
    tr_flush(m->tr);
    phys_zero(m->phys);
    g_assert(walk(m, in, true) == NULL);
}
