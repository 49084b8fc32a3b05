/* SPDX-License-Identifier: MIT */
/* view_window.c - the pages of a view that are mapped at their guest addresses (view.h). */
#include <string.h>
#include <sys/mman.h>

#include "softmmu/phys_priv.h"
#include "softmmu/view_priv.h"

enum { NEIGHBOURS = 64 }; /* pages one mmap() shows at most */

static uint8_t *shown_at(const View *w, uint32_t page)
{
    return w->tables + VIEW_WINDOW + ((uint64_t)page << VIEW_PAGE_SHIFT);
}

/* Whether @page is not shown yet, its entries are plain, at @host, and as writable as @writable. */
static bool belongs(const View *w, uint32_t page, const uint8_t *host, bool writable)
{
    int64_t read = *view_slot(w->tables, VIEW_READ, page);

    return !view_set_has(&w->shown, page) && read > 0
           && read + ((int64_t)page << VIEW_PAGE_SHIFT) == (int64_t)(intptr_t)host
           && (*view_slot(w->tables, VIEW_WRITE, page) > 0) == writable;
}

unsigned view_show(View *w, const PhysRegion *r, uint32_t page)
{
    const uint8_t *host = (const uint8_t *)(intptr_t)(*view_slot(w->tables, VIEW_READ, page)
                                                      + ((int64_t)page << VIEW_PAGE_SHIFT));
    bool writable = *view_slot(w->tables, VIEW_WRITE, page) > 0;
    uint32_t block = page / NEIGHBOURS * NEIGHBOURS, first = page, last = page;
    uint64_t bytes;

    while (first > block && host - PHYS_PAGE >= r->host
           && belongs(w, first - 1, host - PHYS_PAGE, writable)) {
        first--;
        host -= PHYS_PAGE;
    }
    while (last + 1 < block + NEIGHBOURS
           && belongs(w, last + 1, host + (uint64_t)(last + 1 - first) * PHYS_PAGE, writable)
           && host + (uint64_t)(last + 1 - first) * PHYS_PAGE < r->host + r->bytes) {
        last++;
    }
    bytes = (uint64_t)(last + 1 - first) << VIEW_PAGE_SHIFT;
    if (mmap(shown_at(w, first), bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ,
             MAP_SHARED | MAP_FIXED | MAP_NORESERVE | MAP_POPULATE, r->fd, host - r->host)
        == MAP_FAILED) {
        return 0;
    }
    for (uint32_t i = first; i <= last; i++) {
        if (!view_set_has(&w->shown, i)) {
            view_set_add(&w->shown, i);
            w->n_shown++;
        }
    }
    return last + 1 - first;
}

/* Reserved again. The host refuses only when its own tables are at their limit: nothing that was
 * shown may stay, so the whole window goes then. */
static void take_away(View *w, uint32_t page, uint64_t bytes)
{
    uint8_t *at = shown_at(w, page);

    if (mmap(at, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0)
            == MAP_FAILED
        && mmap(shown_at(w, 0), VIEW_WINDOW_BYTES, PROT_NONE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0)
               == MAP_FAILED) {
        g_error("no address space for a view's window");
    }
}

void view_hide(View *w, uint32_t page)
{
    if (w->n_shown != 0 && view_set_has(&w->shown, page)) {
        take_away(w, page, (uint64_t)1 << VIEW_PAGE_SHIFT);
        view_set_remove(&w->shown, page);
        w->n_shown--;
    }
}

void view_hide_all(View *w)
{
    uint32_t first, last;

    if (w->n_shown == 0) {
        return;
    }
    first = last = view_set_next(&w->shown, 0);
    for (uint32_t i = first; i < VIEW_PAGES; i = view_set_next(&w->shown, i + 1)) {
        last = i;
        view_set_remove(&w->shown, i);
    }
    take_away(w, first, (uint64_t)(last + 1 - first) << VIEW_PAGE_SHIFT);
    w->n_shown = 0;
}

void view_hide_from_stores(uint8_t *tables, uint32_t page)
{
    View *w = *view_self(tables);

    /* Shown again for loads when one comes. */
    view_hide(w, page);
}
