/* SPDX-License-Identifier: MIT */
/* mmu_window.c - which pages are worth showing in the current view's window. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <time.h>

#include "softmmu/mmu_priv.h"

static uint64_t host_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Whether there is time for one more; then it is taken. */
static bool pay(Mmu *m)
{
    uint64_t now = host_ns(), burst = (uint64_t)WINDOW_BURST * WINDOW_NS;

    if (m->window_ns + burst < now) {
        m->window_ns = now - burst;
    }
    if (m->window_ns > now) {
        return false;
    }
    m->window_ns += WINDOW_NS;
    return true;
}

static uint32_t pages_shown(const Mmu *m)
{
    uint32_t n = 0;

    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        n += m->view[i].n_shown;
    }
    return n;
}

/* @host is in the window of @w. */
static MmuWindow see_to(Mmu *m, View *w, uint64_t va, bool write)
{
    uint32_t page = (uint32_t)(va >> VIEW_PAGE_SHIFT);
    const PhysRegion *r;
    int64_t e;
    uint32_t n;

    if (va >> 32 != 0) {
        return WINDOW_TABLES; /* over the end of the guest's addresses */
    }
    e = *view_slot(w->tables, write ? VIEW_WRITE : VIEW_READ, page);
    if (e < 0) {
        return WINDOW_NEVER;
    }
    if (!pay(m)) {
        return WINDOW_NEVER;
    }
    if (e == 0 || *view_slot(w->tables, VIEW_READ, page) <= 0) {
        return WINDOW_TABLES;
    }
    r = phys_find_host(m->phys, (const uint8_t *)(intptr_t)(e + (int64_t)va));
    if (!r || r->fd < 0 || pages_shown(m) > WINDOW_PAGES_MAX) {
        return WINDOW_NEVER;
    }
    n = view_show(w, r, page);
    m->stats.window_pages += n;
    return n > 0 ? WINDOW_RETRY : WINDOW_NEVER;
}

MmuWindow mmu_window_fault(Mmu *m, const void *host, bool write, bool worth)
{
    View *w = m->current;
    uint64_t va;

    if (!w || !w->has_window) {
        return WINDOW_NOT;
    }
    va = (uint64_t)((const uint8_t *)host - (w->tables + VIEW_WINDOW));
    if (va >= VIEW_WINDOW_BYTES) {
        return WINDOW_NOT;
    }
    m->stats.window_faults++;
    return worth ? see_to(m, w, va, write) : WINDOW_NEVER;
}

bool mmu_has_windows(const Mmu *m)
{
    return m->current && m->current->has_window && m->phys->ram && m->phys->ram->fd >= 0;
}
