/* SPDX-License-Identifier: MIT */
/* mmu_priv.h - what the pool of views and the slow paths share. */
#ifndef SOFTMMU_MMU_PRIV_H
#define SOFTMMU_MMU_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "softmmu/mmu.h"
#include "softmmu/phys_priv.h"
#include "softmmu/view_priv.h"

enum { MMU_EPOCHS = 1 << 16 };

/* Tables of idle views are given back beyond this. */
enum { MMU_POOL_BYTES = 64 << 20 };

/* Showing a page costs the host some 8 us, hiding it 2 us, so it is done once in WINDOW_NS on
 * average. A process may have 65,530 mappings. */
enum { WINDOW_NS = 100000, WINDOW_BURST = 4096, WINDOW_PAGES_MAX = 24000 };

struct Mmu {
    Vcpu *v;
    Phys *phys;
    const MmuGuest *guest;
    Log *log;
    PhysRegion ports; /* all of them, as one window */
    PhysRegion parts; /* the memory space likewise: what an access beyond a window's end meets */
    uint64_t (*count)(Vcpu *v);
    View *current; /* NULL before the first mmu_select() */
    View *unpriv;
    View *previous; /* what was current before; may have been given to another key since */
    uint64_t selections;
    uint32_t last_epoch; /* the newest one given to a view; 0: none yet */
    uint16_t mode_tag;
    View view[MMU_VIEWS];   /* privileged ones first */
    uint8_t copy[256];      /* of a run of loads over a page's end */
    uint64_t window_ns;     /* host time up to which showing pages is paid for */
    GPtrArray *tables;      /* pages that a walker has read: mmu_tables.c; owned */
    GPtrArray *out_of_step; /* those that have changed since */
    bool untracked;         /* a view holds what did not come through mmu_table_read() */
    const View *walking;    /* the view that the walker, if it is at work, walks for */
    bool own_write;         /* it is the walker that writes */
    MmuStats stats;
};

/* mmu_tables.c: PhysListener of stores to tables; nothing in a view follows from any table. */
void mmu_table_changes(void *mmu, Gpa pa);
void mmu_forget_tables(Mmu *m);
/* @w is empty. */
void mmu_tables_forget_view(Mmu *m, const View *w);

/**
 * mmu_fill - walk for @va and enter what the walk found.
 * Returns: false with leave = LEAVE_FAULT.
 */
bool mmu_fill(Mmu *m, View *w, Gva va, MmuAccess access);

bool mmu_key_equal(ViewKey a, ViewKey b);

/* What was looked up under @w's context is not valid any more. */
void mmu_new_epoch(Mmu *m, View *w);

/* Entries of the page at @map's address of @r as @map allows. */
ViewEntry mmu_make_entry(const PhysRegion *r, uint32_t page, const MmuMapping *map);

/* All of @space as one window: its accesses may be of several there. */
PhysRegion mmu_parts(const char *name, Phys *space);

/* Counts, logs and raises the external abort of an access to @pa, where nothing answers. */
void mmu_bus_error(Mmu *m, Gva va, Gpa pa, MmuAccess access);

#endif
