/* SPDX-License-Identifier: MIT */
/* phys_track.c - where translated code is in memory: stores to it are noticed in all views. */
#include "softmmu/phys.h"
#include "softmmu/phys_priv.h"
#include "softmmu/view_priv.h"

enum { CHUNK_NODES = 2048 };

/* ---- lists of the write entries that map a page ---- */

static int64_t *write_entry(const PhysMapping *m)
{
    return (int64_t *)(void *)(m->view + VIEW_WRITE) + m->page;
}

/* Whether the entry still maps the page whose memory is at @host. */
static bool is_live(const PhysMapping *m, const uint8_t *host)
{
    int64_t e = *write_entry(m);

    return e != 0 && !(e < 0 && (e & VIEW_IO) != 0)
           && (e & VIEW_ADDEND) + ((int64_t)m->page << PHYS_PAGE_SHIFT) == (int64_t)(intptr_t)host;
}

static PhysMapping *node_new(Phys *p)
{
    PhysMapping *m;

    if (!p->spare) {
        PhysMapping *chunk = g_new0(PhysMapping, CHUNK_NODES);

        g_ptr_array_add(p->mapping_chunk, chunk);
        for (unsigned i = 0; i < CHUNK_NODES; i++) {
            chunk[i].next = p->spare;
            p->spare = &chunk[i];
        }
    }
    m = p->spare;
    p->spare = m->next;
    return m;
}

/* Unlinks *@at and gives it back. */
static void node_drop(Phys *p, PhysMapping **at)
{
    PhysMapping *m = *at;

    *at = m->next;
    m->next = p->spare;
    p->spare = m;
}

/* Walks the list of @page with stale nodes dropped on the way. The list's head is a void pointer in
 * PhysPage: it is taken out before and put back behind. */
void phys_note_mapping(Phys *p, const PhysRegion *r, Gpa pa, uint8_t *view, uint32_t page)
{
    PhysPage *tracked = phys_page_of(r, pa);
    const uint8_t *host = phys_host_of(r, pa & ~(Gpa)(PHYS_PAGE - 1));
    PhysMapping *head = tracked->mappings, **at = &head, *m;
    bool known = false;

    while (*at) {
        if (!is_live(*at, host)) {
            node_drop(p, at);
            continue;
        }
        known |= (*at)->view == view && (*at)->page == page;
        at = &(*at)->next;
    }
    if (!known) {
        m = node_new(p);
        *m = (PhysMapping){ .next = head, .view = view, .page = page };
        head = m;
    }
    tracked->mappings = head;
}

void phys_mark_mappings(Phys *p, const PhysRegion *r, Gpa pa, int64_t reason, bool on)
{
    PhysPage *tracked = phys_page_of(r, pa);
    const uint8_t *host = phys_host_of(r, pa & ~(Gpa)(PHYS_PAGE - 1));
    PhysMapping *head = tracked->mappings, **at = &head;

    while (*at) {
        int64_t *e = write_entry(*at);

        if (!is_live(*at, host)) {
            node_drop(p, at);
            continue;
        }
        if (on) {
            *e |= VIEW_SLOW | reason;
            view_hide_from_stores((*at)->view, (*at)->page);
        } else {
            *e &= ~reason;
            *e = (*e & ~(VIEW_SLOW | VIEW_ADDEND)) == 0 ? *e & VIEW_ADDEND : *e;
        }
        at = &(*at)->next;
    }
    tracked->mappings = head;
}

static bool is_one_of(const uint8_t *view, uint8_t *const *views, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (views[i] == view) {
            return true;
        }
    }
    return false;
}

static void forget_in_page(Phys *p, PhysPage *tracked, uint8_t *const *views, unsigned n)
{
    PhysMapping *head = tracked->mappings, **at = &head;

    while (*at) {
        if (is_one_of((*at)->view, views, n)) {
            node_drop(p, at);
        } else {
            at = &(*at)->next;
        }
    }
    tracked->mappings = head;
}

void phys_forget_views(Phys *p, uint8_t *const *views, unsigned n)
{
    for (unsigned i = 0; i < p->regions->len; i++) {
        const PhysRegion *r = p->regions->pdata[i];

        for (uint64_t k = 0; r->page && k < r->bytes >> PHYS_PAGE_SHIFT; k++) {
            if (r->page[k].mappings) {
                forget_in_page(p, &r->page[k], views, n);
            }
        }
    }
}

/* ---- code ---- */

void phys_set_code_listener(Phys *p, void (*changed)(void *opaque, Gpa pa, uint64_t bytes),
                            void *opaque)
{
    p->code_changed = changed;
    p->code_opaque = opaque;
}

void phys_set_table_listener(Phys *p, void (*changes)(void *opaque, Gpa pa), void *opaque)
{
    p->table_changes = changes;
    p->table_opaque = opaque;
}

void phys_before_store(Phys *p, const PhysRegion *r, Gpa pa, uint64_t bytes)
{
    phys_before_table_store(p, r, pa);
    if ((phys_page_of(r, pa)->code & phys_granules(pa, bytes)) == 0) {
        return;
    }
    p->code_changes++;
    if (p->code_changed) {
        p->code_changed(p->code_opaque, pa, bytes);
    }
}

void phys_code(Phys *p, Gpa pa, uint64_t granules)
{
    const PhysRegion *r = phys_find(p, pa);
    PhysPage *tracked;

    g_assert(r && r->kind != PHYS_IO);
    tracked = phys_page_of(r, pa);
    if (tracked->code == 0 && granules != 0) {
        phys_mark_mappings(p, r, pa, VIEW_CODE, true);
    }
    tracked->code |= granules;
}

void phys_uncode(Phys *p, Gpa pa, uint64_t granules)
{
    const PhysRegion *r = phys_find(p, pa);
    PhysPage *tracked;

    g_assert(r && r->kind != PHYS_IO);
    tracked = phys_page_of(r, pa);
    if (tracked->code != 0 && (tracked->code & ~granules) == 0) {
        phys_mark_mappings(p, r, pa, VIEW_CODE, false);
    }
    tracked->code &= ~granules;
}
