/* SPDX-License-Identifier: MIT */
/* cache.c - see cache.h. */
#define _GNU_SOURCE /* memfd_create */
#include "translator/cache.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "translator/tr.h"

static bool fail(GError **error, const char *what)
{
    g_set_error(error, TR_ERROR, TR_ERROR_CACHE, "code cache: %s: %s", what, g_strerror(errno));
    return false;
}

static bool map_twice(Cache *c, int fd, bool executable, GError **error)
{
    int prot = executable ? PROT_READ | PROT_EXEC : PROT_READ;

    if (ftruncate(fd, (off_t)c->bytes) != 0) {
        return fail(error, "cannot size its memory");
    }
    c->rw = mmap(NULL, c->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (c->rw == MAP_FAILED) {
        c->rw = NULL;
        return fail(error, "cannot map it writable");
    }
    c->rx = mmap(NULL, c->bytes, prot, MAP_SHARED, fd, 0);
    if (c->rx == MAP_FAILED) {
        c->rx = NULL;
        return fail(error, executable ? "cannot map it executable" : "cannot map it");
    }
    return true;
}

static void lay_out_chunks(Cache *c)
{
    uint64_t room = c->bytes - CACHE_STUBS_BYTES, each;

    c->n_chunks = (unsigned)CLAMP(room / CACHE_CHUNK_MIN, 1, CACHE_CHUNKS);
    each = room / c->n_chunks & ~(uint64_t)63;
    for (unsigned i = 0; i < c->n_chunks; i++) {
        CacheChunk *k = &c->chunk[i];

        k->rw = k->rw_next = c->rw + CACHE_STUBS_BYTES + i * each;
        k->rw_end = k->rw + each;
        k->units = g_ptr_array_new();
    }
}

bool cache_init(Cache *c, uint64_t bytes, bool executable, GError **error)
{
    int fd = memfd_create("doppel-code", MFD_CLOEXEC);
    bool ok;

    *c = (Cache){ .bytes = bytes & ~(uint64_t)4095 };
    if (fd < 0) {
        return fail(error, "cannot make its memory");
    }
    ok = map_twice(c, fd, executable, error);
    close(fd);
    if (!ok) {
        cache_clear(c);
        return false;
    }
    c->stubs = (HostCode){ c->rw, c->rw + CACHE_STUBS_BYTES, cache_to_rx(c) };
    lay_out_chunks(c);
    return true;
}

void cache_clear(Cache *c)
{
    for (unsigned i = 0; i < c->n_chunks; i++) {
        g_ptr_array_unref(c->chunk[i].units);
    }
    if (c->rw) {
        munmap(c->rw, c->bytes);
    }
    if (c->rx) {
        munmap(c->rx, c->bytes);
    }
    *c = (Cache){ 0 };
}

HostCode cache_room(const Cache *c)
{
    const CacheChunk *k = &c->chunk[c->current];

    return (HostCode){ k->rw_next, k->rw_end, cache_to_rx(c) };
}

void cache_take(Cache *c, const HostCode *code, void *unit)
{
    CacheChunk *k = &c->chunk[c->current];

    g_assert(code->rw >= k->rw_next && code->rw <= k->rw_end);
    k->rw_next = k->rw + (((size_t)(code->rw - k->rw) + 15) & ~(size_t)15);
    k->rw_next = MIN(k->rw_next, k->rw_end);
    g_ptr_array_add(k->units, unit);
}

CacheChunk *cache_oldest(Cache *c) { return &c->chunk[(c->current + 1) % c->n_chunks]; }

void cache_reuse_oldest(Cache *c)
{
    CacheChunk *k = cache_oldest(c);

    g_ptr_array_set_size(k->units, 0);
    k->rw_next = k->rw;
    c->current = (c->current + 1) % c->n_chunks;
}

CacheChunk *cache_chunk_of(Cache *c, const void *pc)
{
    const uint8_t *rw = (const uint8_t *)pc - cache_to_rx(c);

    for (unsigned i = 0; i < c->n_chunks; i++) {
        if (rw >= c->chunk[i].rw && rw < c->chunk[i].rw_end) {
            return &c->chunk[i];
        }
    }
    return NULL;
}

uint64_t cache_used(const Cache *c)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < c->n_chunks; i++) {
        sum += (uint64_t)(c->chunk[i].rw_next - c->chunk[i].rw);
    }
    return sum;
}
