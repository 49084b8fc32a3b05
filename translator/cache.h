/* SPDX-License-Identifier: MIT */
/* cache.h - the code cache: memory mapped twice, given out in chunks, oldest reclaimed. */
#ifndef TRANSLATOR_CACHE_H
#define TRANSLATOR_CACHE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "translator/ir/isa.h"

enum {
    CACHE_MIN_BYTES = 256 << 10,
    CACHE_MAX_BYTES = 1 << 30,    /* branches in it reach 2 GiB */
    CACHE_STUBS_BYTES = 32 << 10, /* at the start, for the host's entry and exit stubs */
    CACHE_CHUNK_MIN = 28 << 10,
    CACHE_CHUNKS = 16, /* at most; fewer where chunks would be smaller than the minimum */
};

/* Units lie in a chunk in order of their code. */
typedef struct CacheChunk {
    uint8_t *rw, *rw_end, *rw_next;
    GPtrArray *units; /* opaque to the cache; freed by its owner before reuse */
} CacheChunk;

typedef struct Cache {
    uint8_t *rw, *rx;
    uint64_t bytes;
    HostCode stubs; /* what is left of the stub area */
    unsigned n_chunks, current;
    CacheChunk chunk[CACHE_CHUNKS];
} Cache;

/* Maps @bytes twice: read-write and, for machine code, read-execute; never both at once.
 * Errors: TR_ERROR_CACHE. */
bool cache_init(Cache *c, uint64_t bytes, bool executable,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void cache_clear(Cache *c);

static inline ptrdiff_t cache_to_rx(const Cache *c) { return c->rx - c->rw; }

/* Room in the current chunk. */
HostCode cache_room(const Cache *c);

/* Takes what lies before @code->rw out of that room for @unit. */
void cache_take(Cache *c, const HostCode *code, void *unit);

/* Makes the oldest chunk current; the caller has freed its units. */
CacheChunk *cache_oldest(Cache *c);
void cache_reuse_oldest(Cache *c);

/* The chunk whose executable twin holds @pc; NULL if none. */
CacheChunk *cache_chunk_of(Cache *c, const void *pc);

/* Bytes given out and not reclaimed. */
uint64_t cache_used(const Cache *c);

#endif
