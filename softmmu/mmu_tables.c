/* SPDX-License-Identifier: MIT */
/*
 * mmu_tables.c - which pages a page walker has read, and what of them has changed since.
 *
 * While a page of tables is in step, stores to it are looked for: its write entries in all views
 * carry VIEW_TABLE. The first store copies it, and from then on it is out of step and stores to it
 * are fast. What views hold follows, entry by entry, from the page while that is in step, else from
 * the copy. mmu_sync_tables() finds the entries that differ, drops what followed from them, and the
 * page is in step again.
 */
#include <string.h>

#include "base/bits.h"
#include "softmmu/mmu.h"
#include "softmmu/mmu_priv.h"

enum {
    TABLE_USES = 4,   /* places in the address space that one page of tables serves at once */
    TABLE_STALE = 16, /* changed entries from which on a page of tables is likely none any more */
    TABLE_IDLE = 4    /* changes in a row without a walk from which on likewise */
};

/* Entry n of the page translates [va + (n << shift), va + ((n + 1) << shift)). */
typedef struct TableUse {
    Gva va;
    uint16_t shift;
    uint16_t views; /* that have walked there: bits by their places in the pool */
} TableUse;

G_STATIC_ASSERT(MMU_VIEWS <= 16);

typedef struct Table {
    Gpa pa;
    const PhysRegion *region;
    unsigned entry; /* bytes of one */
    unsigned n_uses;
    TableUse use[TABLE_USES];
    bool out_of_step;
    bool walked;   /* since it was last found out of step */
    unsigned idle; /* how often in a row it was found changed, but not walked */
    uint8_t *copy; /* NULL before it is first needed; owned */
} Table;

/* PhysPage.table: 0, or a table's index in Mmu.tables plus 1, and whether it is in step. */
enum { INDEX = (int)(PHYS_TABLE_TRACKED - 1u) };

static Table *table_of(const Mmu *m, const PhysPage *page)
{
    return page->table == 0 ? NULL : g_ptr_array_index(m->tables, (page->table & INDEX) - 1);
}

static PhysPage *page_of(const Table *t) { return phys_page_of(t->region, t->pa); }

/* ---- what followed from entries ---- */

/* Global entries stay, as they do when CR3 is loaded: they wait for an invalidation of their own.
 * Others follow from nothing but what their own view's walks have read. */
static void drop_pages(Mmu *m, unsigned views, uint32_t first, uint64_t n)
{
    uint32_t end = (uint32_t)MIN(first + n, VIEW_PAGES);

    for (; views != 0; views &= views - 1) {
        View *w = &m->view[bits_ctz64(views)];

        if (w->live && view_drop_range(w, first, end)) {
            mmu_new_epoch(m, w);
        }
    }
}

static void drop_entry(Mmu *m, const Table *t, unsigned n)
{
    for (unsigned i = 0; i < t->n_uses; i++) {
        const TableUse *u = &t->use[i];
        Gva va = u->va + (Gva)((uint64_t)n << u->shift);

        m->stats.table_drops++;
        drop_pages(m, u->views, va >> VIEW_PAGE_SHIFT, (uint64_t)1 << (u->shift - VIEW_PAGE_SHIFT));
    }
}

static uint64_t span(const Table *t, uint32_t shift)
{
    return (uint64_t)(PHYS_PAGE / t->entry) << shift;
}

static void drop_use(Mmu *m, const Table *t, const TableUse *u)
{
    drop_pages(m, u->views, u->va >> VIEW_PAGE_SHIFT, span(t, u->shift) >> VIEW_PAGE_SHIFT);
}

void mmu_tables_forget_view(Mmu *m, const View *w)
{
    uint16_t others = (uint16_t) ~(1u << (w - m->view));

    for (guint i = 0; i < m->tables->len; i++) {
        Table *t = g_ptr_array_index(m->tables, i);

        for (unsigned k = 0; k < t->n_uses; k++) {
            t->use[k].views &= others;
        }
    }
}

/* ---- in step and out of it ---- */

static void track(Mmu *m, Table *t)
{
    t->out_of_step = false;
    page_of(t)->table |= PHYS_TABLE_TRACKED;
    phys_mark_mappings(m->phys, t->region, t->pa, VIEW_TABLE, true);
}

static void untrack(Mmu *m, Table *t)
{
    page_of(t)->table &= ~PHYS_TABLE_TRACKED;
    phys_mark_mappings(m->phys, t->region, t->pa, VIEW_TABLE, false);
}

void mmu_table_changes(void *mmu, Gpa pa)
{
    Mmu *m = mmu;
    const PhysRegion *r = phys_find(m->phys, pa);
    Table *t = table_of(m, phys_page_of(r, pa));

    if (m->own_write) {
        return;
    }
    if (!t->copy) {
        t->copy = g_malloc(PHYS_PAGE);
    }
    memcpy(t->copy, phys_host_of(r, t->pa), PHYS_PAGE);
    t->out_of_step = true;
    g_ptr_array_add(m->out_of_step, t);
    untrack(m, t);
}

static Table *new_table(Mmu *m, const PhysRegion *r, Gpa pa, unsigned entry)
{
    Table *t = g_new0(Table, 1);

    t->pa = pa & ~(Gpa)(PHYS_PAGE - 1);
    t->region = r;
    t->entry = entry;
    g_ptr_array_add(m->tables, t);
    page_of(t)->table = m->tables->len;
    track(m, t);
    return t;
}

/* Nothing follows from @t any more. The last table takes its place. */
static void forget(Mmu *m, Table *t)
{
    unsigned i = (page_of(t)->table & INDEX) - 1;
    Table *last = g_ptr_array_index(m->tables, m->tables->len - 1);

    if (!t->out_of_step) {
        untrack(m, t);
    }
    page_of(last)->table = (page_of(last)->table & PHYS_TABLE_TRACKED) | (i + 1);
    page_of(t)->table = 0;
    g_ptr_array_index(m->tables, i) = last;
    g_ptr_array_set_size(m->tables, (int)m->tables->len - 1);
    g_free(t->copy);
    g_free(t);
}

void mmu_forget_tables(Mmu *m)
{
    g_ptr_array_set_size(m->out_of_step, 0);
    while (m->tables->len > 0) {
        forget(m, g_ptr_array_index(m->tables, m->tables->len - 1));
    }
    m->untracked = false;
}

/* ---- the walker ---- */

static void add_use(Mmu *m, Table *t, Gva va, unsigned shift)
{
    uint16_t view = (uint16_t)(1u << (m->walking - m->view));
    TableUse u = { (Gva)(va & ~(span(t, shift) - 1)), (uint16_t)shift, view };

    for (unsigned i = 0; i < t->n_uses; i++) {
        if (t->use[i].va == u.va && t->use[i].shift == u.shift) {
            t->use[i].views |= view;
            return;
        }
    }
    if (t->n_uses == TABLE_USES) {
        drop_use(m, t, &t->use[0]);
        memmove(&t->use[0], &t->use[1], (TABLE_USES - 1) * sizeof(u));
        t->n_uses--;
    }
    t->use[t->n_uses++] = u;
}

uint64_t mmu_table_read(Mmu *m, Gpa pa, unsigned bytes, Gva va, unsigned shift)
{
    const PhysRegion *r = phys_find(m->phys, pa);
    unsigned off = (unsigned)(pa & (PHYS_PAGE - 1));
    uint64_t value = 0;
    const uint8_t *host;
    Table *t;

    if (!r || r->kind != PHYS_RAM) {
        m->untracked = true;
        return phys_read(m->phys, pa, bytes, NULL);
    }
    t = table_of(m, phys_page_of(r, pa));
    if (!t) {
        t = new_table(m, r, pa, bytes);
    }
    g_assert(t->entry == bytes);
    t->walked = true;
    add_use(m, t, va, shift);
    host = phys_host_of(r, pa);
    if (t->out_of_step && memcmp(t->copy + off, host, bytes) != 0) {
        drop_entry(m, t, off / bytes);
        memcpy(t->copy + off, host, bytes);
    }
    memcpy(&value, host, bytes);
    return value;
}

void mmu_table_write(Mmu *m, Gpa pa, uint64_t value, unsigned bytes)
{
    const PhysPage *page = phys_page(m->phys, pa);
    Table *t = page ? table_of(m, page) : NULL;

    m->own_write = true;
    phys_write(m->phys, pa, value, bytes, NULL);
    m->own_write = false;
    if (t && t->out_of_step) {
        memcpy(t->copy + (pa & (PHYS_PAGE - 1)), &value, bytes);
    }
}

/* ---- back in step ---- */

static unsigned drop_changed(Mmu *m, Table *t)
{
    const uint8_t *now = phys_host_of(t->region, t->pa);
    unsigned changed = 0;

    for (unsigned line = 0; line < PHYS_PAGE; line += 64) {
        if (memcmp(now + line, t->copy + line, 64) == 0) {
            continue;
        }
        for (unsigned off = line; off < line + 64; off += t->entry) {
            if (memcmp(now + off, t->copy + off, t->entry) != 0) {
                drop_entry(m, t, off / t->entry);
                changed++;
            }
        }
    }
    return changed;
}

/* A page that changes and is not walked is likely a page of tables no more. Not at once: a page
 * directory changes when its process ends and again when another is made of it, and to forget it
 * drops all that views hold. */
static void sync(Mmu *m, Table *t)
{
    unsigned changed = drop_changed(m, t);

    t->idle = t->walked ? 0 : t->idle + (changed > 0);
    t->walked = false;
    if (changed >= TABLE_STALE || t->idle >= TABLE_IDLE) {
        for (unsigned i = 0; i < t->n_uses; i++) {
            drop_use(m, t, &t->use[i]);
        }
        forget(m, t);
        return;
    }
    track(m, t);
}

void mmu_sync_tables(Mmu *m)
{
    m->stats.table_syncs++;
    if (m->untracked) {
        mmu_forget_tables(m);
        mmu_flush_local(m);
        return;
    }
    for (guint i = 0; i < m->out_of_step->len; i++) {
        sync(m, g_ptr_array_index(m->out_of_step, i));
    }
    g_ptr_array_set_size(m->out_of_step, 0);
}
