/* SPDX-License-Identifier: MIT */
/* view.c - see view_priv.h. */
#include "softmmu/view_priv.h"

#include <string.h>
#include <sys/mman.h>

#include "base/bits.h"

/* Our own part of the reserved space, behind the tables that translated code knows. */
enum {
    FILLED_WORDS = VIEW_INFO + VIEW_PAGES,
    LOCAL_WORDS = FILLED_WORDS + VIEW_WORDS * 8,
    SHOWN_WORDS = LOCAL_WORDS + VIEW_WORDS * 8,
    PAGE_BYTES = 8 + 8 + 4 + 1 /* of all tables, for one page */
};

G_STATIC_ASSERT(SHOWN_WORDS + VIEW_WORDS * 8 <= VIEW_SELF);

/* ---- memory ---- */

static uint8_t *reserve(uint64_t bytes)
{
    return mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

void view_map(View *w)
{
    uint8_t *tables = reserve(VIEW_WINDOW + VIEW_WINDOW_BYTES);

    w->has_window = tables != MAP_FAILED;
    if (!w->has_window) {
        tables = reserve(VIEW_BYTES);
    }
    if (tables == MAP_FAILED || mprotect(tables, VIEW_BYTES, PROT_READ | PROT_WRITE) != 0) {
        g_error("no address space for a view");
    }
    madvise(tables, VIEW_BYTES, MADV_NOHUGEPAGE); /* only a hint: an error does not matter */
    w->tables = tables;
    w->filled.word = (uint64_t *)(void *)(tables + FILLED_WORDS);
    w->local.word = (uint64_t *)(void *)(tables + LOCAL_WORDS);
    w->shown.word = (uint64_t *)(void *)(tables + SHOWN_WORDS);
    *view_self(tables) = w;
}

void view_unmap(View *w)
{
    if (w->tables) {
        munmap(w->tables, w->has_window ? VIEW_WINDOW + VIEW_WINDOW_BYTES : VIEW_BYTES);
        w->tables = NULL;
    }
}

uint64_t view_memory(const View *w)
{
    return (uint64_t)w->n_touched * VIEW_GROUP_PAGES * PAGE_BYTES;
}

void view_release(View *w)
{
    g_assert(view_next(w, 0) == VIEW_PAGES);
    if (madvise(w->tables, VIEW_BYTES, MADV_DONTNEED) == 0) {
        *view_self(w->tables) = w;
        memset(w->touched, 0, sizeof(w->touched));
        w->n_touched = 0;
    }
}

static void touch(View *w, uint32_t page)
{
    uint32_t group = page / VIEW_GROUP_PAGES;
    uint64_t bit = (uint64_t)1 << group % 64;

    if ((w->touched[group / 64] & bit) == 0) {
        w->touched[group / 64] |= bit;
        w->n_touched++;
    }
}

/* ---- page sets ---- */

void view_set_add(PageSet *s, uint32_t page)
{
    s->word[page / 64] |= (uint64_t)1 << page % 64;
    s->sum[page / 4096] |= (uint64_t)1 << page / 64 % 64;
}

void view_set_remove(PageSet *s, uint32_t page)
{
    s->word[page / 64] &= ~((uint64_t)1 << page % 64);
    if (s->word[page / 64] == 0) {
        s->sum[page / 4096] &= ~((uint64_t)1 << page / 64 % 64);
    }
}

/* The first page of the set in [@page, @end); @end if there is none. Cost: what lies between. */
static uint32_t next_below(const PageSet *s, uint32_t page, uint32_t end)
{
    uint32_t word = page / 64, sum;
    uint64_t rest;

    if (page >= end) {
        return end;
    }
    rest = s->sum[word / 64] >> word % 64 & 1 ? s->word[word] & UINT64_MAX << page % 64 : 0;
    if (rest != 0) {
        return MIN(word * 64 + bits_ctz64(rest), end);
    }
    word++;
    sum = word / 64;
    if (word * 64 >= end) {
        return end;
    }
    rest = s->sum[sum] & UINT64_MAX << word % 64;
    while (rest == 0) {
        if (++sum * 4096 >= end) {
            return end;
        }
        rest = s->sum[sum];
    }
    word = sum * 64 + bits_ctz64(rest);
    return MIN(word * 64 + bits_ctz64(s->word[word]), end);
}

uint32_t view_set_next(const PageSet *s, uint32_t page) { return next_below(s, page, VIEW_PAGES); }

uint32_t view_next(const View *w, uint32_t page) { return view_set_next(&w->filled, page); }

/* ---- entries ---- */

static unsigned info_size(uint8_t info) { return info >> VIEW_INFO_SIZE_SHIFT; }

ViewEntry view_get(const View *w, uint32_t page)
{
    return (ViewEntry){ .read = *view_slot(w->tables, VIEW_READ, page),
                        .write = *view_slot(w->tables, VIEW_WRITE, page),
                        .fetch = *view_fetch_slot(w->tables, page),
                        .info = *view_info_slot(w->tables, page) };
}

static void write_entries(View *w, uint32_t page, const ViewEntry *e)
{
    *view_slot(w->tables, VIEW_READ, page) = e->read;
    *view_slot(w->tables, VIEW_WRITE, page) = e->write;
    *view_fetch_slot(w->tables, page) = e->fetch;
    *view_info_slot(w->tables, page) = e->info;
}

/* Takes the entries of @page out of the books. */
static void uncount(View *w, uint32_t page, const ViewEntry *old)
{
    view_hide(w, page);
    w->by_size[info_size(old->info)]--;
    w->n_fetch -= old->fetch != 0;
    view_set_remove(&w->filled, page);
    if ((old->info & VIEW_INFO_GLOBAL) == 0) {
        view_set_remove(&w->local, page);
    }
}

bool view_put(View *w, uint32_t page, const ViewEntry *e)
{
    ViewEntry old = { 0 };

    g_assert((e->info & VIEW_INFO_VALID) != 0 && info_size(e->info) < VIEW_SIZES);
    if (view_set_has(&w->filled, page)) {
        old = view_get(w, page);
        uncount(w, page, &old);
    }
    touch(w, page);
    write_entries(w, page, e);
    w->by_size[info_size(e->info)]++;
    w->n_fetch += e->fetch != 0;
    view_set_add(&w->filled, page);
    if ((e->info & VIEW_INFO_GLOBAL) == 0) {
        view_set_add(&w->local, page);
    }
    return old.fetch != 0 && old.fetch != e->fetch;
}

static bool drop_page(View *w, uint32_t page)
{
    const ViewEntry none = { 0 };
    ViewEntry old = view_get(w, page);

    uncount(w, page, &old);
    write_entries(w, page, &none);
    return old.fetch != 0;
}

/* Clears the tables of the 64 pages of one word of the bitmaps. */
static void clear_word(View *w, uint32_t word)
{
    memset(view_slot(w->tables, VIEW_READ, word * 64), 0, 64 * sizeof(int64_t));
    memset(view_slot(w->tables, VIEW_WRITE, word * 64), 0, 64 * sizeof(int64_t));
    memset(view_fetch_slot(w->tables, word * 64), 0, 64 * sizeof(uint32_t));
    memset(view_info_slot(w->tables, word * 64), 0, 64);
    w->filled.word[word] = 0;
    w->local.word[word] = 0;
}

bool view_drop_all(View *w)
{
    bool executable = w->n_fetch != 0;

    view_hide_all(w);
    for (unsigned i = 0; i < VIEW_SUMS; i++) {
        for (uint64_t rest = w->filled.sum[i]; rest != 0; rest &= rest - 1) {
            clear_word(w, i * 64 + bits_ctz64(rest));
        }
    }
    memset(w->filled.sum, 0, sizeof(w->filled.sum));
    memset(w->local.sum, 0, sizeof(w->local.sum));
    memset(w->by_size, 0, sizeof(w->by_size));
    w->n_fetch = 0;
    return executable;
}

bool view_drop_range(View *w, uint32_t first, uint32_t end)
{
    bool executable = false;

    for (uint32_t page = next_below(&w->local, first, end); page < end;
         page = next_below(&w->local, page + 1, end)) {
        executable |= drop_page(w, page);
    }
    return executable;
}

bool view_drop_local(View *w) { return view_drop_range(w, 0, VIEW_PAGES); }

/* Whether filled page @page comes from a mapping of 2^@size pages and may go. */
static bool goes(const View *w, uint32_t page, unsigned size, bool also_local)
{
    uint8_t info = *view_info_slot(w->tables, page);

    return info_size(info) == size && (also_local || (info & VIEW_INFO_GLOBAL) != 0);
}

/* Drops what goes() of the naturally aligned block of 2^@size pages around @page. */
static bool drop_extent(View *w, uint32_t page, unsigned size, bool also_local)
{
    uint32_t first = (uint32_t)((uint64_t)page >> size << size), end = first + (1u << size);
    bool executable = false;

    for (uint32_t i = next_below(&w->filled, first, end); i < end;
         i = next_below(&w->filled, i + 1, end)) {
        if (goes(w, i, size, also_local)) {
            executable |= drop_page(w, i);
        }
    }
    return executable;
}

bool view_drop_at(View *w, Gva va, bool also_local)
{
    uint32_t page = va >> VIEW_PAGE_SHIFT;
    bool executable = false;

    if (view_set_has(&w->filled, page) && goes(w, page, 0, also_local)) {
        executable = drop_page(w, page);
    }
    for (unsigned size = 1; size < VIEW_SIZES; size++) {
        if (w->by_size[size] != 0) {
            executable |= drop_extent(w, page, size, also_local);
        }
    }
    return executable;
}
