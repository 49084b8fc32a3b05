/* SPDX-License-Identifier: MIT */
/* view_priv.h - one view: its tables, and which of their pages are in use. */
#ifndef SOFTMMU_VIEW_PRIV_H
#define SOFTMMU_VIEW_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "softmmu/mmu.h"
#include "softmmu/phys.h"
#include "softmmu/view.h"

enum {
    VIEW_SIZES = 21,       /* mappings of 2^12 to 2^32 bytes */
    VIEW_WORDS = 1 << 14,  /* of a bitmap with a bit per page */
    VIEW_SUMS = 1 << 8,    /* of a bitmap with a bit per word of that */
    VIEW_GROUP_PAGES = 512 /* whose read entries are one host page */
};

/* A set of pages, in two levels. */
typedef struct PageSet {
    uint64_t *word; /* VIEW_WORDS; behind the view's tables */
    uint64_t sum[VIEW_SUMS];
} PageSet;

/* The entries of one page, as in view.h. */
typedef struct ViewEntry {
    int64_t read, write;
    uint32_t fetch;
    uint8_t info;
} ViewEntry;

typedef struct View {
    uint8_t *tables; /* NULL until first used */
    ViewKey key;
    bool live;
    uint32_t epoch; /* 24 bits, of the lookup context; unique among all views and times */
    uint64_t used;  /* when last selected, counted in selections */
    PageSet filled; /* pages that have entries */
    PageSet local;  /* those of them that are not global */
    uint32_t by_size[VIEW_SIZES]; /* filled pages, by log2 of their mapping's pages */
    uint32_t n_fetch;             /* pages with a fetch entry */
    uint32_t n_touched;           /* groups of pages whose tables may take memory */
    uint64_t touched[VIEW_PAGES / VIEW_GROUP_PAGES / 64];
    bool has_window;
    uint32_t n_shown; /* pages in the window */
    PageSet shown;
} View;

/* Where a view's tables name it. */
enum { VIEW_SELF = VIEW_BYTES - 8 };

static inline View **view_self(uint8_t *tables) { return (View **)(void *)(tables + VIEW_SELF); }

/* Reserves address space. */
void view_map(View *w);
void view_unmap(View *w);

/* Host memory that the tables may take. */
uint64_t view_memory(const View *w);
/* Gives it back; the view must be empty. */
void view_release(View *w);

static inline int64_t *view_slot(uint8_t *tables, uint32_t table, uint32_t page)
{
    return (int64_t *)(void *)(tables + table) + page;
}
static inline uint32_t *view_fetch_slot(uint8_t *tables, uint32_t page)
{
    return (uint32_t *)(void *)(tables + VIEW_FETCH) + page;
}
static inline uint8_t *view_info_slot(uint8_t *tables, uint32_t page)
{
    return tables + VIEW_INFO + page;
}

ViewEntry view_get(const View *w, uint32_t page);

/* All that follow return true if an executable mapping went. */

/* Sets the entries of @page, whatever was there. */
bool view_put(View *w, uint32_t page, const ViewEntry *e);
/* Cost: what is filled, not what there is. */
bool view_drop_all(View *w);
bool view_drop_local(View *w);
/* Those of pages [@first, @end) that are not global. */
bool view_drop_range(View *w, uint32_t first, uint32_t end);
/* Drops every filled page whose mapping's extent holds @va; only global ones unless @also_local. */
bool view_drop_at(View *w, Gva va, bool also_local);

/* The first filled page from @page on; VIEW_PAGES if there is none. */
uint32_t view_next(const View *w, uint32_t page);

/* ---- the window: view_window.c ---- */

/**
 * view_show - map the page of the plain entry at @page of @w, which is in RAM of @r, into the
 * window, together with neighbours that are plain and lie beside it in the host's memory too.
 * Returns: pages shown; 0 if the host would not.
 * Cost: one mmap(). Threads: any place where translated code may fault.
 */
unsigned view_show(View *w, const PhysRegion *r, uint32_t page);

/* The window's part of an entry that goes, or is not plain any more. Cost if not shown: a test. */
void view_hide(View *w, uint32_t page);
void view_hide_all(View *w);
/* Stores to the page must be seen again. */
void view_hide_from_stores(uint8_t *tables, uint32_t page);

/* Does not touch words that were never written: that would cost a host page fault. */
static inline bool view_set_has(const PageSet *s, uint32_t page)
{
    return (s->sum[page / 4096] >> page / 64 % 64 & 1) != 0
           && (s->word[page / 64] >> page % 64 & 1) != 0;
}
void view_set_add(PageSet *s, uint32_t page);
void view_set_remove(PageSet *s, uint32_t page);
/* The first page of the set from @page on; VIEW_PAGES if there is none. */
uint32_t view_set_next(const PageSet *s, uint32_t page);

#endif
