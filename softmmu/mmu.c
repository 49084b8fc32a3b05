/* SPDX-License-Identifier: MIT */
/* mmu.c - see mmu.h: the pool of views, filling and invalidation. */
#include "softmmu/mmu.h"

#include <string.h>

#include "softmmu/mmu_priv.h"

/* ---- other memory than before ---- */

typedef struct Changed {
    Gpa pa;
    uint64_t bytes;
    GArray *va; /* Gva */
} Changed;

static void note_changed(void *changed, const MmuEntry *e)
{
    Changed *c = changed;

    if (e->pa - c->pa < c->bytes) {
        g_array_append_val(c->va, e->va);
    }
}

static void memory_changed(void *mmu, Gpa pa, uint64_t bytes)
{
    Changed c = { pa, bytes, g_array_new(FALSE, FALSE, sizeof(Gva)) };

    if (((Mmu *)mmu)->tables->len > 0) { /* some may be there */
        mmu_flush_all(mmu);
    }
    mmu_each_entry(mmu, note_changed, &c);
    for (guint i = 0; i < c.va->len; i++) {
        mmu_flush_va_all(mmu, g_array_index(c.va, Gva, i));
    }
    g_array_unref(c.va);
}

/* ---- life ---- */

Mmu *mmu_new(Vcpu *v, Phys *phys, const MmuGuest *guest, Log *log)
{
    Mmu *m = g_new0(Mmu, 1);

    m->v = v;
    m->phys = phys;
    m->guest = guest;
    m->log = log;
    m->parts = mmu_parts("parts", phys);
    vcpu_cold(v)->mmu = m;
    m->tables = g_ptr_array_new();
    m->out_of_step = g_ptr_array_new();
    phys_add_listener(phys, memory_changed, m);
    phys_set_table_listener(phys, mmu_table_changes, m);
    return m;
}

void mmu_free(Mmu *m)
{
    uint8_t *tables[MMU_VIEWS];

    if (!m) {
        return;
    }
    phys_remove_listener(m->phys, m);
    mmu_forget_tables(m);
    g_ptr_array_unref(m->tables);
    g_ptr_array_unref(m->out_of_step);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        tables[i] = m->view[i].tables;
    }
    phys_forget_views(m->phys, tables, MMU_VIEWS);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        view_unmap(&m->view[i]);
    }
    vcpu_cold(m->v)->mmu = NULL;
    g_free(m);
}

void mmu_set_counter(Mmu *m, uint64_t (*count)(Vcpu *v)) { m->count = count; }

const MmuStats *mmu_stats(const Mmu *m) { return &m->stats; }

/* ---- lookup context ---- */

static void set_context(Mmu *m)
{
    m->v->lookup_ctx = (uint64_t)(m->current->epoch << 16 | m->mode_tag) << 32;
}

/* Epochs have run out: no tag may live on, and counting starts again. */
static void renumber(Mmu *m)
{
    vcpu_forget_lookups(m->v);
    m->last_epoch = 0;
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        if (m->view[i].live) {
            m->view[i].epoch = ++m->last_epoch;
        }
    }
}

void mmu_new_epoch(Mmu *m, View *w)
{
    if (m->last_epoch == MMU_EPOCHS - 1) {
        renumber(m);
    }
    w->epoch = ++m->last_epoch;
    if (m->current) {
        set_context(m);
    }
}

/* ---- the pool ---- */

bool mmu_key_equal(ViewKey a, ViewKey b) { return memcmp(&a, &b, sizeof(a)) == 0; }

static bool is_privileged(ViewKey key) { return (key.regime & VIEW_PRIVILEGED) != 0; }

static void log_key(const Mmu *m, const char *what, ViewKey key)
{
    log_msg(m->log, LOG_MMU, "mmu: %s regime %02x asid %02x vmid %x control %x\n", what, key.regime,
            key.asid, key.vmid, key.control);
}

static void empty_view(Mmu *m, View *w)
{
    uint64_t memory = 0;

    if (view_drop_all(w)) {
        mmu_new_epoch(m, w);
    }
    mmu_tables_forget_view(m, w);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        memory += view_memory(&m->view[i]);
    }
    if (memory > MMU_POOL_BYTES) {
        view_release(w);
    }
}

/* A free view, or the one whose last selection is longest ago, emptied. */
static View *take_view(Mmu *m, View *pool, unsigned n)
{
    View *oldest = &pool[0];

    for (unsigned i = 0; i < n; i++) {
        if (!pool[i].live) {
            oldest = &pool[i];
            break;
        }
        if (pool[i].used < oldest->used) {
            oldest = &pool[i];
        }
    }
    if (oldest->live) {
        log_key(m, "evict", oldest->key);
        m->stats.view_evictions++;
        empty_view(m, oldest);
    } else if (!oldest->tables) {
        view_map(oldest);
    }
    return oldest;
}

static void change_asid(Mmu *m, View *w, uint8_t asid)
{
    log_key(m, "drop local", w->key);
    m->stats.flush_asid_change++;
    w->key.asid = asid;
    if (view_drop_local(w)) {
        mmu_new_epoch(m, w);
    }
}

static void copy_globals(Mmu *m, const View *from, View *to)
{
    for (uint32_t page = view_set_next(&from->filled, 0); page < VIEW_PAGES;
         page = view_set_next(&from->filled, page + 1)) {
        const PhysRegion *r;
        const uint8_t *host;
        ViewEntry e;

        if (view_set_has(&from->local, page)) {
            continue;
        }
        e = view_get(from, page);
        view_put(to, page, &e);
        if (e.write == 0 || (e.write < 0 && (e.write & VIEW_IO) != 0)) {
            continue;
        }
        host = (const uint8_t *)(intptr_t)((e.write & VIEW_ADDEND)
                                           + ((int64_t)page << VIEW_PAGE_SHIFT));
        r = phys_find_host(m->phys, host);
        phys_note_mapping(m->phys, r, r->base + (uint64_t)(host - r->host), to->tables, page);
    }
}

/* Those of the view that was used last of those that differ from @w in vmid only. */
static void share_globals(Mmu *m, const View *pool, unsigned n, View *w)
{
    const View *from = NULL;

    for (unsigned i = 0; i < n; i++) {
        ViewKey key = pool[i].key;

        key.vmid = w->key.vmid;
        if (&pool[i] != w && pool[i].live && mmu_key_equal(key, w->key)
            && (!from || pool[i].used > from->used)) {
            from = &pool[i];
        }
    }
    if (from) {
        copy_globals(m, from, w);
    }
}

/* The view of @key, made if need be, and now the most recently used. */
static View *find_view(Mmu *m, ViewKey key)
{
    bool priv = is_privileged(key);
    View *pool = priv ? m->view : m->view + VIEW_POOL_PRIV, *w;
    unsigned n = priv ? VIEW_POOL_PRIV : VIEW_POOL_USER;

    for (unsigned i = 0; i < n; i++) {
        ViewKey have = pool[i].key;

        w = &pool[i];
        have.asid = priv ? key.asid : have.asid;
        if (w->live && mmu_key_equal(have, key)) {
            w->used = ++m->selections;
            if (w->key.asid != key.asid) {
                change_asid(m, w, key.asid);
            }
            return w;
        }
    }
    w = take_view(m, pool, n);
    w->live = true;
    w->key = key;
    w->used = ++m->selections;
    if (m->guest->shares_globals) {
        share_globals(m, pool, n, w);
    }
    mmu_new_epoch(m, w);
    return w;
}

void mmu_select(Mmu *m, ViewKey key, ViewKey unpriv, uint16_t mode_tag)
{
    g_assert((mode_tag & 1) == 0); /* no tag is all ones */
    m->mode_tag = mode_tag;
    if (!m->current || !mmu_key_equal(m->current->key, key)
        || !mmu_key_equal(m->unpriv->key, unpriv)) {
        View *w = m->previous;

        /* The pools hold at least two each: the second search cannot take the view of the first. */
        m->previous = m->current;
        if (w && w->live && mmu_key_equal(w->key, key)) { /* a system call, or back from one */
            w->used = ++m->selections;
            m->current = w;
        } else {
            m->current = find_view(m, key);
        }
        m->unpriv = mmu_key_equal(key, unpriv) ? m->current : find_view(m, unpriv);
        m->v->view = m->current->tables;
        vcpu_cold(m->v)->unpriv_view = m->unpriv->tables;
    }
    set_context(m);
}

void mmu_set_mode_tag(Mmu *m, uint16_t mode_tag)
{
    g_assert((mode_tag & 1) == 0); /* no tag is all ones */
    m->mode_tag = mode_tag;
    if (m->current) {
        set_context(m);
    }
}

/* ---- filling ---- */

/* Why stores to @page must go slow. */
static int64_t tracked(const PhysPage *page)
{
    int64_t why = page->code != 0 ? VIEW_SLOW | VIEW_CODE : 0;

    return why | ((page->table & PHYS_TABLE_TRACKED) != 0 ? VIEW_SLOW | VIEW_TABLE : 0);
}

ViewEntry mmu_make_entry(const PhysRegion *r, uint32_t page, const MmuMapping *map)
{
    ViewEntry e = { .info = (uint8_t)(VIEW_INFO_VALID | (map->global ? VIEW_INFO_GLOBAL : 0)
                                      | (map->size_shift - VIEW_PAGE_SHIFT)
                                            << VIEW_INFO_SIZE_SHIFT) };
    int64_t slow = VIEW_SLOW | VIEW_IO | (int64_t)(map->pa >> PHYS_PAGE_SHIFT), plain;

    if (r->kind == PHYS_IO || r->answers) {
        e.read = map->rights & RIGHT_R ? slow : 0;
        e.write = map->rights & RIGHT_W ? slow : 0;
        return e;
    }
    plain = (int64_t)(intptr_t)phys_host_of(r, map->pa) - ((int64_t)page << VIEW_PAGE_SHIFT);
    g_assert(plain > 0 && plain <= VIEW_ADDEND);
    e.read = map->rights & RIGHT_R ? plain : 0;
    e.fetch = map->rights & RIGHT_X ? VIEW_FETCH_OK | (uint32_t)(map->pa >> PHYS_PAGE_SHIFT) : 0;
    if ((map->rights & RIGHT_W) != 0) {
        e.write = r->kind == PHYS_ROM ? slow : plain | tracked(phys_page_of(r, map->pa));
    }
    return e;
}

static const uint8_t right_of[] = {
    [ACCESS_READ] = RIGHT_R, [ACCESS_WRITE] = RIGHT_W, [ACCESS_FETCH] = RIGHT_X
};
static const char *const access_name[] = {
    [ACCESS_READ] = "read", [ACCESS_WRITE] = "write", [ACCESS_FETCH] = "fetch"
};

static void log_fill(const Mmu *m, const View *w, Gva va, const MmuMapping *map)
{
    if (log_on_at(m->log, LOG_MMU, va)) {
        log_write(m->log,
                  "mmu: fill %08x -> %09" G_GINT64_MODIFIER "x %c%c%c size 2^%u%s "
                  "regime %02x asid %02x vmid %x control %x\n",
                  va, map->pa, map->rights & RIGHT_R ? 'r' : '-', map->rights & RIGHT_W ? 'w' : '-',
                  map->rights & RIGHT_X ? 'x' : '-', map->size_shift, map->global ? " global" : "",
                  w->key.regime, w->key.asid, w->key.vmid, w->key.control);
    }
}

static void log_fault(const Mmu *m, Gva va, MmuAccess access, const char *what)
{
    if (log_on_at(m->log, LOG_MMU, va)) {
        log_write(m->log, "mmu: %s on %s of %08x\n", what, access_name[access], va);
    }
}

static bool walk(Mmu *m, const View *w, Gva va, MmuAccess access, MmuMapping *map)
{
    *map = (MmuMapping){ 0 };
    m->stats.walks++;
    m->walking = w;
    if (!m->guest->walk(m->v, w->key, va, access, false, map)) {
        m->stats.faults++;
        log_fault(m, va, access, "fault");
        return false;
    }
    g_assert((map->rights & right_of[access]) != 0);
    g_assert((map->pa & (PHYS_PAGE - 1)) == 0);
    g_assert(map->size_shift >= VIEW_PAGE_SHIFT && map->size_shift < VIEW_PAGE_SHIFT + VIEW_SIZES);
    return true;
}

bool mmu_fill(Mmu *m, View *w, Gva va, MmuAccess access)
{
    uint32_t page = va >> VIEW_PAGE_SHIFT;
    const PhysRegion *r;
    MmuMapping map;
    ViewEntry e;
    Gpa pa;

    if (!walk(m, w, va, access, &map)) {
        return false;
    }
    pa = map.pa | (va & (PHYS_PAGE - 1)); /* a device window need not begin with its page */
    r = phys_find(m->phys, pa);
    if (!r || ((r->kind == PHYS_IO || r->answers) && access == ACCESS_FETCH)) {
        mmu_bus_error(m, va, pa, access);
        return false;
    }
    e = mmu_make_entry(r, page, &map);
    m->stats.fills++;
    log_fill(m, w, va, &map);
    if (view_put(w, page, &e)) {
        mmu_new_epoch(m, w);
    }
    if (e.write != 0 && r->kind == PHYS_RAM) {
        phys_note_mapping(m->phys, r, map.pa, w->tables, page);
    }
    return true;
}

void mmu_bus_error(Mmu *m, Gva va, Gpa pa, MmuAccess access)
{
    m->stats.bus_errors++;
    log_fault(m, va, access, "bus error");
    phys_guest_error(m->phys, "nothing answers", pa);
    m->guest->bus_error(m->v, va, pa, access);
}

/* ---- invalidation ---- */

void mmu_flush_all(Mmu *m)
{
    m->stats.flush_all++;
    log_msg(m->log, LOG_MMU, "mmu: flush all\n");
    mmu_forget_tables(m);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        if (m->view[i].live) {
            empty_view(m, &m->view[i]);
        }
    }
}

void mmu_flush_vmid(Mmu *m, uint16_t vmid)
{
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        if (m->view[i].live && m->view[i].key.vmid == vmid) {
            empty_view(m, &m->view[i]);
        }
    }
}

void mmu_flush_asid(Mmu *m, uint8_t asid)
{
    m->stats.flush_asid++;
    log_msg(m->log, LOG_MMU, "mmu: flush asid %02x\n", asid);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        View *w = &m->view[i];

        if (w->live && w->key.asid == asid && view_drop_local(w)) {
            mmu_new_epoch(m, w);
        }
    }
}

void mmu_flush_local(Mmu *m)
{
    m->stats.flush_asid++;
    log_msg(m->log, LOG_MMU, "mmu: flush all asids\n");
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        View *w = &m->view[i];

        if (w->live && view_drop_local(w)) {
            mmu_new_epoch(m, w);
        }
    }
}

/* In privileged views too, what is not global was filled under the view's present ASID. */
void mmu_flush_va(Mmu *m, Gva va, uint8_t asid)
{
    m->stats.flush_va++;
    log_msg(m->log, LOG_MMU, "mmu: flush va %08x asid %02x\n", va, asid);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        View *w = &m->view[i];

        if (w->live && view_drop_at(w, va, w->key.asid == asid)) {
            mmu_new_epoch(m, w);
        }
    }
}

void mmu_flush_va_all(Mmu *m, Gva va)
{
    m->stats.flush_va++;
    log_msg(m->log, LOG_MMU, "mmu: flush va %08x all asids\n", va);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        if (m->view[i].live && view_drop_at(&m->view[i], va, true)) {
            mmu_new_epoch(m, &m->view[i]);
        }
    }
}
