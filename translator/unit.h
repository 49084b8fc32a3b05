/* SPDX-License-Identifier: MIT */
/* unit.h - translated units: their key, the hash, links between them, the pages they came from. */
#ifndef TRANSLATOR_UNIT_H
#define TRANSLATOR_UNIT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "softmmu/phys.h"
#include "translator/ir/isa.h"

typedef struct Unit Unit;

/* One site's link: a node in the list of links that end at a unit. */
typedef struct UnitLink {
    Unit *from, *to; /* to NULL: not linked */
    struct UnitLink *next, **at;
} UnitLink;

/* A unit's place in the list of a physical page it has bytes in. */
typedef struct UnitPage {
    Unit *unit;
    Gpa first, last; /* bytes, inclusive; in one page */
    struct UnitPage *next, **at;
} UnitPage;

/* How much a unit runs: window.c. */
typedef struct UnitHeat {
    uint32_t since;        /* when the count began, in budgets that ran out anywhere */
    uint32_t count;        /* of budgets that ran out at its head since then */
    uint32_t total;        /* since it was made hot */
    uint32_t faults, paid; /* host faults of its accesses since then; how many it may have */
    bool diverted;         /* it had more: some go by the tables */
} UnitHeat;

/* Keyed by physical address, virtual address and mode word; straddling ones by their second
 * physical page too. */
struct Unit {
    Gpa pa, guard_pa; /* guard_pa: UNIT_NO_PAGE if all its bytes lie in one page */
    Gva va;
    uint32_t mode;
    uint32_t hash;
    uint16_t n_insns;
    bool hot;  /* made for the view's window */
    bool bulk; /* need not be */
    bool live; /* in the hash; a dropped unit's memory stays until its chunk is reclaimed */
    UnitHeat heat;
    Unit *next;
    UnitLink *incoming;
    UnitPage page[2];
    HostUnit host;
    UnitLink *link; /* one per site; behind it in the same allocation */
};

#define UNIT_NO_PAGE UINT64_MAX

enum { UNIT_BUCKETS = 1 << 16 };

typedef struct UnitTable {
    Unit *bucket[UNIT_BUCKETS];
    uint64_t live;
} UnitTable;

/* A copy of @host with its sites, not yet in any list. Freed by unit_free(). */
Unit *unit_new(const HostUnit *host) G_GNUC_WARN_UNUSED_RESULT;
void unit_free(Unit *u);

/* The live unit with this key; the caller checks guard_pa of a straddling one. */
Unit *unit_find(const UnitTable *t, Gpa pa, Gva va, uint32_t mode);

void unit_insert(UnitTable *t, Unit *u);

/* Enters the @bytes of physical memory at @pa, within one page, as the unit's part number @i. */
void unit_add_page(Phys *phys, Unit *u, unsigned i, Gpa pa, uint32_t bytes);

/**
 * unit_drop - take a unit out of the hash, its pages and all links.
 * Sites of others that were linked to it go back to their stubs. Its code may still be running.
 * Returns: how many links were undone.
 */
unsigned unit_drop(UnitTable *t, Unit *u, Phys *phys, const HostIsa *isa, Host *host,
                   ptrdiff_t to_rw);

/* Links site @i of @from to @to. */
void unit_link(Unit *from, unsigned i, Unit *to, const HostIsa *isa, Host *host, ptrdiff_t to_rw,
               uint32_t fetch);

#endif
