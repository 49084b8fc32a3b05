/* SPDX-License-Identifier: MIT */
/* unit.c - see unit.h. */
#include "translator/unit.h"

#include <string.h>

Unit *unit_new(const HostUnit *host)
{
    size_t links = sizeof(UnitLink) * host->n_sites, sites = sizeof(HostSite) * host->n_sites;
    char *block = g_malloc0(sizeof(Unit) + links + sites);
    Unit *u = (Unit *)(void *)block;

    u->host = *host;
    u->link = (UnitLink *)(void *)(block + sizeof(Unit));
    u->host.site = (HostSite *)(void *)(block + sizeof(Unit) + links);
    if (host->n_sites > 0) {
        memcpy(u->host.site, host->site, sites);
    }
    u->guard_pa = UNIT_NO_PAGE;
    return u;
}

void unit_free(Unit *u) { g_free(u); }

static uint32_t hash_of(Gpa pa, Gva va, uint32_t mode)
{
    uint64_t h = (pa ^ (uint64_t)va << 20 ^ (uint64_t)mode << 44) * 0x9e3779b97f4a7c15u;

    return (uint32_t)(h >> 32) & (UNIT_BUCKETS - 1);
}

Unit *unit_find(const UnitTable *t, Gpa pa, Gva va, uint32_t mode)
{
    Unit *u = t->bucket[hash_of(pa, va, mode)];

    while (u && (u->pa != pa || u->va != va || u->mode != mode)) {
        u = u->next;
    }
    return u;
}

void unit_insert(UnitTable *t, Unit *u)
{
    u->hash = hash_of(u->pa, u->va, u->mode);
    u->next = t->bucket[u->hash];
    t->bucket[u->hash] = u;
    u->live = true;
    t->live++;
}

static void hash_remove(UnitTable *t, Unit *u)
{
    Unit **at = &t->bucket[u->hash];

    while (*at != u) {
        at = &(*at)->next;
    }
    *at = u->next;
    u->live = false;
    t->live--;
}

static uint64_t granules(Gpa first, Gpa last)
{
    unsigned a = (unsigned)(first % PHYS_PAGE) >> PHYS_GRANULE_SHIFT;
    unsigned b = (unsigned)(last % PHYS_PAGE) >> PHYS_GRANULE_SHIFT;

    return (UINT64_MAX >> (63 - b)) & (UINT64_MAX << a);
}

void unit_add_page(Phys *phys, Unit *u, unsigned i, Gpa pa, uint32_t bytes)
{
    PhysPage *page = phys_page(phys, pa);
    UnitPage *up = &u->page[i];
    UnitPage *head = page->units;

    *up = (UnitPage){ u, pa, pa + bytes - 1, head, (UnitPage **)(void *)&page->units };
    if (head) {
        head->at = &up->next;
    }
    page->units = up;
    phys_code(phys, pa, granules(up->first, up->last));
}

/* Takes the unit out of the page's list; granules that no other unit needs become plain. */
static void page_remove(Phys *phys, UnitPage *up)
{
    PhysPage *page = phys_page(phys, up->first);
    uint64_t gone = granules(up->first, up->last);

    *up->at = up->next;
    if (up->next) {
        up->next->at = up->at;
    }
    for (const UnitPage *k = page->units; k && gone; k = k->next) {
        gone &= ~granules(k->first, k->last);
    }
    if (gone) {
        phys_uncode(phys, up->first, gone);
    }
    up->unit = NULL;
}

static void link_remove(UnitLink *l)
{
    *l->at = l->next;
    if (l->next) {
        l->next->at = l->at;
    }
    l->to = NULL;
}

static unsigned site_of(const UnitLink *l) { return (unsigned)(l - l->from->link); }

unsigned unit_drop(UnitTable *t, Unit *u, Phys *phys, const HostIsa *isa, Host *host,
                   ptrdiff_t to_rw)
{
    unsigned undone = 0;

    hash_remove(t, u);
    for (unsigned i = 0; i < 2; i++) {
        if (u->page[i].unit) {
            page_remove(phys, &u->page[i]);
        }
    }
    while (u->incoming) {
        UnitLink *l = u->incoming;

        isa->link(host, &l->from->host, to_rw, site_of(l), NULL, 0);
        link_remove(l);
        undone++;
    }
    for (unsigned i = 0; i < u->host.n_sites; i++) {
        if (u->link[i].to) {
            isa->link(host, &u->host, to_rw, i, NULL, 0);
            link_remove(&u->link[i]);
            undone++;
        }
    }
    return undone;
}

void unit_link(Unit *from, unsigned i, Unit *to, const HostIsa *isa, Host *host, ptrdiff_t to_rw,
               uint32_t fetch)
{
    UnitLink *l = &from->link[i];

    g_assert(l->to == NULL && from->live && to->live);
    *l = (UnitLink){ from, to, to->incoming, &to->incoming };
    if (to->incoming) {
        to->incoming->at = &l->next;
    }
    to->incoming = l;
    isa->link(host, &from->host, to_rw, i, to->host.code, fetch);
}
