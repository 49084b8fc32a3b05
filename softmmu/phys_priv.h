/* SPDX-License-Identifier: MIT */
/* phys_priv.h - the physical map as the rest of softmmu sees it. */
#ifndef SOFTMMU_PHYS_PRIV_H
#define SOFTMMU_PHYS_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "softmmu/phys.h"

/* A write entry of a view that maps a page, or did: verified when used. */
typedef struct PhysMapping {
    struct PhysMapping *next;
    uint8_t *view; /* base of its tables; borrowed */
    uint32_t page; /* va >> 12 */
    uint32_t zero;
} PhysMapping;

typedef struct PhysListener {
    void (*changed)(void *opaque, Gpa pa, uint64_t bytes);
    void *opaque;
} PhysListener;

struct Phys {
    Log *log;
    GPtrArray *regions;    /* PhysRegion *, owned, by address */
    const PhysRegion *ram; /* the largest RAM, looked at first */
    PhysRegion nothing;    /* the open bus, everywhere; bytes 0: there is none */
    GArray *listeners;     /* PhysListener, owned */
    void (*code_changed)(void *opaque, Gpa pa, uint64_t bytes);
    void *code_opaque;
    void (*table_changes)(void *opaque, Gpa pa);
    void *table_opaque;
    uint64_t code_changes; /* times code_changed() was due */
    uint64_t guest_errors;
    PhysMapping *spare;       /* nodes in no list */
    GPtrArray *mapping_chunk; /* the nodes' memory, owned */
};

/* One bit per granule that [pa, pa + bytes) touches; the bytes are of one page, at least one. */
static inline uint64_t phys_granules(Gpa pa, uint64_t bytes)
{
    unsigned first = (unsigned)(pa & (PHYS_PAGE - 1)) >> PHYS_GRANULE_SHIFT;
    unsigned last = (unsigned)((pa & (PHYS_PAGE - 1)) + bytes - 1) >> PHYS_GRANULE_SHIFT;

    return (UINT64_MAX << first) & (UINT64_MAX >> (63 - last));
}

static inline PhysPage *phys_page_of(const PhysRegion *r, Gpa pa)
{
    return &r->page[(pa - r->base) >> PHYS_PAGE_SHIFT];
}

static inline uint8_t *phys_host_of(const PhysRegion *r, Gpa pa)
{
    return r->host + (pa - r->base);
}

/* The region of RAM or ROM whose memory holds @host; NULL if none. */
const PhysRegion *phys_find_host(const Phys *p, const uint8_t *host);

/* Enters a copy of @region. Errors: as phys_add_memory(). */
bool phys_insert(Phys *p, const PhysRegion *region, GError **error);

/* Memory of its own; NULL with @error set. */
uint8_t *phys_map_memory(const char *name, uint64_t bytes, GError **error);

/* A store to ROM: goes behind it if that is shadowed memory, else it is a mistake of the guest. */
void phys_store_rom(Phys *p, const PhysRegion *r, Gpa pa, uint64_t value, unsigned bytes);

/* Bit of PhysPage.table: whoever stores to the page says so before. */
#define PHYS_TABLE_TRACKED (1u << 31)

/* Whom to tell before a page with PHYS_TABLE_TRACKED changes. */
void phys_set_table_listener(Phys *p, void (*changes)(void *opaque, Gpa pa), void *opaque);
static inline void phys_before_table_store(Phys *p, const PhysRegion *r, Gpa pa)
{
    if ((phys_page_of(r, pa)->table & PHYS_TABLE_TRACKED) != 0) {
        p->table_changes(p->table_opaque, pa);
    }
}

/* Tells the listeners if [pa, pa + bytes), within one page of @r, holds code or page tables. */
void phys_before_store(Phys *p, const PhysRegion *r, Gpa pa, uint64_t bytes);

/* Counts and logs a mistake of the guest. */
void phys_guest_error(Phys *p, const char *what, Gpa pa);

/* Records that write entry @page of the view at @view maps the page of @r at @pa.
 * Cost: a walk over the page's list, stale nodes dropped; a chunk of nodes now and then. */
void phys_note_mapping(Phys *p, const PhysRegion *r, Gpa pa, uint8_t *view, uint32_t page);

/* Forgets all mappings by the @n views whose tables are at @views. Cost: looks at every page. */
void phys_forget_views(Phys *p, uint8_t *const *views, unsigned n);

/* Sets or clears @reason, a VIEW_* bit, in all write entries that map the page of @r at @pa. */
void phys_mark_mappings(Phys *p, const PhysRegion *r, Gpa pa, int64_t reason, bool on);

#endif
