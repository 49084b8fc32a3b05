/* SPDX-License-Identifier: MIT */
/* mmu_restore.c - see mmu.h: the pool of views as a snapshot has it. */
#include "softmmu/mmu.h"
#include "softmmu/mmu_priv.h"

void mmu_views(const Mmu *m, MmuView view[MMU_VIEWS])
{
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        const View *w = &m->view[i];

        view[i] = (MmuView){ 0 };
        if (!w->live) {
            continue;
        }
        view[i] = (MmuView){ w->key, 1 };
        for (unsigned k = 0; k < MMU_VIEWS; k++) {
            view[i].rank += m->view[k].live && m->view[k].used < w->used;
        }
    }
}

/* Whether views @a and @b of one pool cannot be there together. */
static bool collide(const MmuView *a, const MmuView *b)
{
    ViewKey key = b->key;

    if ((key.regime & VIEW_PRIVILEGED) != 0) {
        key.asid = a->key.asid;
    }
    return a->rank != 0 && b->rank != 0 && (a->rank == b->rank || mmu_key_equal(a->key, key));
}

bool mmu_views_are_sound(const MmuView view[MMU_VIEWS])
{
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        bool priv = (view[i].key.regime & VIEW_PRIVILEGED) != 0;

        if (view[i].rank > MMU_VIEWS || (view[i].rank != 0 && priv != (i < VIEW_POOL_PRIV))) {
            return false;
        }
        for (unsigned k = 0; k < i; k++) {
            if (collide(&view[k], &view[i])) {
                return false;
            }
        }
    }
    return true;
}

/* The region in the page at @pa: a device's need not begin with its page. */
static const PhysRegion *region_of_page(const Mmu *m, Gpa pa)
{
    const PhysRegion *r;

    for (unsigned i = 0; (r = phys_region(m->phys, i)) != NULL; i++) {
        if (r->base < pa + PHYS_PAGE && pa < r->base + r->bytes) {
            return r;
        }
    }
    return phys_find(m->phys, pa); /* the open bus, if there is one */
}

bool mmu_entry_is_sound(const Mmu *m, const MmuEntry *e)
{
    const PhysRegion *r = region_of_page(m, e->pa);

    return r && (e->va & (PHYS_PAGE - 1)) == 0 && (e->pa & (PHYS_PAGE - 1)) == 0 && e->rights != 0
           && e->rights <= (RIGHT_R | RIGHT_W | RIGHT_X)
           && !(r->kind == PHYS_IO && (e->rights & RIGHT_X) != 0)
           && e->size_shift >= VIEW_PAGE_SHIFT && e->size_shift < VIEW_PAGE_SHIFT + VIEW_SIZES;
}

static View *live_view(Mmu *m, ViewKey key)
{
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        if (m->view[i].live && mmu_key_equal(m->view[i].key, key)) {
            return &m->view[i];
        }
    }
    g_assert_not_reached();
}

static void restore_entry(Mmu *m, const MmuEntry *e)
{
    const MmuMapping map = {
        .pa = e->pa, .rights = e->rights, .size_shift = e->size_shift, .global = e->global
    };
    const PhysRegion *r = region_of_page(m, e->pa);
    uint32_t page = e->va >> VIEW_PAGE_SHIFT;
    View *w = live_view(m, e->key);
    ViewEntry entry = mmu_make_entry(r, page, &map);

    view_put(w, page, &entry);
    if (entry.write != 0 && r->kind == PHYS_RAM) {
        phys_note_mapping(m->phys, r, map.pa, w->tables, page);
    }
}

void mmu_restore(Mmu *m, const MmuView view[MMU_VIEWS], const MmuEntry *entry, size_t n)
{
    m->current = m->unpriv = NULL;
    mmu_forget_tables(m);
    m->untracked = true;
    m->selections = MMU_VIEWS; /* the highest rank there is */
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        View *w = &m->view[i];

        if (w->live) {
            view_drop_all(w);
        }
        w->live = view[i].rank != 0;
        w->key = view[i].key;
        w->used = view[i].rank;
        if (w->live) {
            if (!w->tables) {
                view_map(w);
            }
            mmu_new_epoch(m, w);
        }
    }
    for (size_t i = 0; i < n; i++) {
        restore_entry(m, &entry[i]);
    }
    vcpu_forget_lookups(m->v);
}
