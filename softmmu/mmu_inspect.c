/* SPDX-License-Identifier: MIT */
/* mmu_inspect.c - see mmu.h: looking at translations without changing any. */
#include "softmmu/mmu.h"

#include <string.h>

#include "softmmu/mmu_priv.h"

/* The physical page that an entry other than 0 leads to. */
static Gpa entry_page(const Mmu *m, int64_t e, uint32_t page)
{
    const PhysRegion *r;
    uint8_t *host;

    if (e < 0 && (e & VIEW_IO) != 0) {
        return (Gpa)(e & VIEW_ADDEND) << PHYS_PAGE_SHIFT;
    }
    host = (uint8_t *)(intptr_t)((e & VIEW_ADDEND) + ((int64_t)page << VIEW_PAGE_SHIFT));
    r = phys_find_host(m->phys, host);
    g_assert(r);
    return r->base + (uint64_t)(host - r->host);
}

/* What is filled for @page; false if nothing is. */
static bool describe(const Mmu *m, const View *w, uint32_t page, MmuEntry *out)
{
    ViewEntry e;

    if (view_next(w, page) != page) {
        return false;
    }
    e = view_get(w, page);
    *out = (MmuEntry){ .key = w->key, .va = page << VIEW_PAGE_SHIFT };
    out->rights = (uint8_t)((e.read != 0 ? RIGHT_R : 0) | (e.write != 0 ? RIGHT_W : 0)
                            | (e.fetch != 0 ? RIGHT_X : 0));
    out->pa = e.fetch != 0 ? (Gpa)(e.fetch & ~VIEW_FETCH_OK) << PHYS_PAGE_SHIFT
                           : entry_page(m, e.read != 0 ? e.read : e.write, page);
    out->size_shift = (uint8_t)(VIEW_PAGE_SHIFT + (e.info >> VIEW_INFO_SIZE_SHIFT));
    out->global = (e.info & VIEW_INFO_GLOBAL) != 0;
    return true;
}

bool mmu_probe(Vcpu *v, Gva va, MmuAccess access, MmuMapping *out)
{
    static const uint8_t right[] = {
        [ACCESS_READ] = RIGHT_R, [ACCESS_WRITE] = RIGHT_W, [ACCESS_FETCH] = RIGHT_X
    };
    const Mmu *m = vcpu_cold(v)->mmu;
    MmuEntry e;

    if (!m->current) {
        return false;
    }
    if (describe(m, m->current, va >> VIEW_PAGE_SHIFT, &e) && (e.rights & right[access]) != 0) {
        *out = (MmuMapping){
            .pa = e.pa, .rights = e.rights, .size_shift = e.size_shift, .global = e.global
        };
        return true;
    }
    return m->guest->walk(v, m->current->key, va, access, true, out);
}

size_t mmu_peek(Vcpu *v, Gva va, void *to, size_t bytes)
{
    const Mmu *m = vcpu_cold(v)->mmu;
    size_t done = 0;

    while (done < bytes) {
        Gva at = va + (Gva)done;
        size_t n = MIN(bytes - done, PHYS_PAGE - (at & (PHYS_PAGE - 1)));
        const PhysRegion *r = NULL;
        MmuMapping map;

        if (mmu_probe(v, at, ACCESS_READ, &map) || mmu_probe(v, at, ACCESS_FETCH, &map)) {
            r = phys_find(m->phys, map.pa);
        }
        if (!r || r->kind == PHYS_IO) {
            break;
        }
        memcpy((char *)to + done, phys_host_of(r, map.pa | (at & (PHYS_PAGE - 1))), n);
        done += n;
    }
    return done;
}

void mmu_each_entry(Mmu *m, void (*each)(void *opaque, const MmuEntry *e), void *opaque)
{
    MmuEntry e;

    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        const View *w = &m->view[i];

        for (uint32_t page = w->live ? view_next(w, 0) : VIEW_PAGES; page < VIEW_PAGES;
             page = view_next(w, page + 1)) {
            if (describe(m, w, page, &e)) {
                each(opaque, &e);
            }
        }
    }
}
