/* SPDX-License-Identifier: MIT */
/* tr.c - the translator's life: making it, making units, dropping them, its figures. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "translator/tr.h"

#include <string.h>
#include <time.h>

#include "translator/tr_priv.h"
#include "translator/run_priv.h"
#include "translator/window.h"

G_DEFINE_QUARK(doppel_tr_error, tr_error)

static uint64_t host_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* ---- dropping ---- */

/* No lookup hash may name the unit any more. */
static void forget_lookup(Translator *t, const Unit *u)
{
    unsigned slot = vcpu_lookup_slot(u->va | (u->mode & 1));

    for (unsigned i = 0; i < t->n_vcpus; i++) {
        VcpuLookup *e = &vcpu_cold(t->vcpu[i])->lookup[slot];

        if (e->code == u->host.code) {
            *e = (VcpuLookup){ UINT64_MAX, NULL };
        }
    }
}

static void drop(Translator *t, Unit *u)
{
    forget_lookup(t, u);
    t->stats.links_undone += unit_drop(&t->table, u, t->phys, t->options.main, t->main,
                                       -cache_to_rx(&t->cache));
}

/* Bytes under code are about to change: every unit with a granule in them goes. */
static void code_changed(void *opaque, Gpa pa, uint64_t bytes)
{
    Translator *t = opaque;
    const Gpa mask = ~(((Gpa)1 << PHYS_GRANULE_SHIFT) - 1);

    for (Gpa at = pa & ~(Gpa)(PHYS_PAGE - 1); at < pa + bytes; at += PHYS_PAGE) {
        PhysPage *page = phys_page(t->phys, at);
        UnitPage *next;

        for (UnitPage *k = page ? page->units : NULL; k; k = next) {
            next = k->next;
            if ((k->first & mask) < pa + bytes && (k->last | ~mask) >= pa) {
                drop(t, k->unit);
                t->stats.invalidated_store++;
                /* The other part of a straddling unit may have been next. */
                next = page->units;
            }
        }
    }
}

static uint64_t executions(const Unit *u) { return u->host.executions ? *u->host.executions : 0; }

static void empty_chunk(Translator *t, CacheChunk *k, uint64_t *counter)
{
    for (guint i = 0; i < k->units->len; i++) {
        Unit *u = g_ptr_array_index(k->units, i);

        if (u->live) {
            drop(t, u);
            (*counter)++;
        }
        t->stats.executions += executions(u);
        unit_free(u);
    }
    g_ptr_array_set_size(k->units, 0);
}

void tr_flush(Translator *t)
{
    for (unsigned i = 0; i < t->cache.n_chunks; i++) {
        empty_chunk(t, &t->cache.chunk[i], &t->stats.flushed);
        t->cache.chunk[i].rw_next = t->cache.chunk[i].rw;
    }
    t->cache.current = 0;
}

/* Whether @u holds an address of @after that is not in @before. */
static bool holds_new(const Unit *u, GHashTable *before, const Gva *after, unsigned n)
{
    uint32_t bytes = (uint32_t)(u->page[0].last - u->page[0].first) + 1;

    if (u->guard_pa != UNIT_NO_PAGE) {
        bytes += (uint32_t)(u->page[1].last - u->page[1].first) + 1;
    }
    for (unsigned i = 0; i < n; i++) {
        if (after[i] - u->va < bytes
            && !(before && g_hash_table_contains(before, GUINT_TO_POINTER(after[i])))) {
            return true;
        }
    }
    return false;
}

void tr_set_breakpoints(Translator *t, const Gva *va, unsigned n)
{
    GHashTable *before = t->breakpoints;

    t->breakpoints = n > 0 ? g_hash_table_new(NULL, NULL) : NULL;
    for (unsigned i = 0; i < n; i++) {
        g_hash_table_add(t->breakpoints, GUINT_TO_POINTER(va[i]));
    }
    for (unsigned i = 0; n > 0 && i < t->cache.n_chunks; i++) {
        const GPtrArray *units = t->cache.chunk[i].units;

        for (guint k = 0; k < units->len; k++) {
            Unit *u = g_ptr_array_index(units, k);

            if (u->live && holds_new(u, before, va, n)) {
                drop(t, u);
                t->stats.flushed++;
            }
        }
    }
    g_clear_pointer(&before, g_hash_table_unref);
}

/* ---- making ---- */

static void verify(const IrBlock *blk)
{
    g_autoptr(GError) error = NULL;

    if (CONFIG_VERIFY_IR && !ir_verify(blk, &error)) {
        g_autoptr(GString) text = g_string_new(NULL);

        ir_print(blk, text);
        g_error("%s\n%s", error->message, text->str);
    }
}

/* Compiles t->blk into the cache; reclaims the oldest chunk where the current one is full. */
static Unit *compile(Translator *t)
{
    HostUnit out = { .site = t->site };

    for (unsigned tries = 0; tries < 2; tries++) {
        HostCode code = cache_room(&t->cache);

        if (t->options.main->compile(t->main, &t->blk, &code, &out)) {
            Unit *u = unit_new(&out);

            cache_take(&t->cache, &code, u);
            t->stats.host_bytes += u->host.code_bytes;
            t->stats.side_bytes += u->host.side_bytes;
            return u;
        }
        if (t->cache.chunk[t->cache.current].units->len == 0) {
            return NULL; /* larger than an empty chunk */
        }
        empty_chunk(t, cache_oldest(&t->cache), &t->stats.evicted);
        cache_reuse_oldest(&t->cache);
        t->reclaims++;
    }
    return NULL;
}

static void register_unit(Translator *t, Unit *u, const Formed *f)
{
    u->pa = f->pa;
    u->va = t->blk.pc;
    u->mode = t->blk.mode;
    u->n_insns = (uint16_t)t->blk.n_insns;
    u->hot = t->blk.hot;
    u->bulk = t->blk.bulk;
    u->heat.paid = UINT32_MAX;
    u->guard_pa = f->guard_pa;
    unit_insert(&t->table, u);
    unit_add_page(t->phys, u, 0, f->pa, f->bytes);
    if (f->guard_pa != UNIT_NO_PAGE) {
        unit_add_page(t->phys, u, 1, f->guard_pa, f->bytes_next);
    }
    t->stats.units++;
    t->stats.insns += t->blk.n_insns;
    t->stats.ir_ops += t->blk.n;
    t->stats.guest_bytes += f->bytes + f->bytes_next;
}

/* Makes the unit at v->pc; NULL with leave = LEAVE_FAULT. */
static Unit *make(Translator *t, Vcpu *v, bool hot)
{
    uint64_t start = host_ns();
    Unit *u = NULL;
    Formed f;

    for (unsigned insns = t->stepped_on ? TR_UNIT_INSNS_BEHIND : TR_UNIT_INSNS; u == NULL;
         insns /= 2) {
        g_assert(insns > 0); /* one instruction fits the smallest chunk */
        if (!tr_form_block(t, v, insns, &f)) {
            return NULL;
        }
        verify(&t->blk);
        t->blk.hot = hot;
        u = compile(t);
    }
    register_unit(t, u, &f);
    if (t->log->on & (LOG_IN_ASM | LOG_IR | LOG_OUT_ASM)) {
        Gpa pa;
        const uint8_t *bytes = mmu_fetch(v, v->pc, &pa);

        tr_show_block(t, bytes, &f);
        tr_show_code(t, &u->host);
    }
    t->stats.translate_ns += host_ns() - start;
    return u;
}

Unit *tr_find_or_make(Translator *t, Vcpu *v)
{
    Gpa pa, next_pa;
    Unit *u;

    if (mmu_fetch(v, v->pc, &pa) == NULL) {
        return NULL;
    }
    t->stats.lookups++;
    u = unit_find(&t->table, pa, v->pc, v->mode);
    if (u && u->guard_pa != UNIT_NO_PAGE) {
        if (mmu_fetch(v, (v->pc | (PHYS_PAGE - 1)) + 1, &next_pa) == NULL) {
            return NULL;
        }
        if (next_pa != u->guard_pa) {
            drop(t, u);
            t->stats.invalidated_remap++;
            u = NULL;
        }
    }
    if (u) {
        t->stats.lookup_hits++;
        return u;
    }
    return make(t, v, tr_wants_window(t, v));
}

Unit *tr_make_hot(Translator *t, Vcpu *v, Unit *u)
{
    drop(t, u);
    t->stats.hot++;
    u = make(t, v, true);
    if (!u) {
        v->leave = LEAVE_NO; /* it cannot be fetched now: that shows when it is to run */
    }
    return u;
}

Unit *tr_unit_at(Translator *t, const void *host_pc)
{
    CacheChunk *k = cache_chunk_of(&t->cache, host_pc);
    guint low = 0, high;

    g_assert(k && k->units->len > 0);
    high = k->units->len;
    while (high - low > 1) {
        guint mid = low + (high - low) / 2;
        const Unit *u = g_ptr_array_index(k->units, mid);

        if ((const uint8_t *)host_pc >= u->host.code) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return g_ptr_array_index(k->units, low);
}

/* ---- life ---- */

static bool make_hosts(Translator *t, GError **error)
{
    HostOptions *host = &t->options.host, plain = { 0 };
    HostCode code;

    if (!cache_init(&t->cache, t->options.cache_bytes, !t->options.main->interprets, error)) {
        return false;
    }
    if (log_on(t->log, LOG_EXEC)) {
        host->trace = plain.trace = tr_show_exec;
    }
    if (log_on(t->log, LOG_CALLOUT)) {
        host->callout = plain.callout = tr_show_callout;
    }
    t->main = t->options.main->create(t->isa, &t->options.host, &t->cache.stubs);
    t->scratch = g_aligned_alloc0(1, TR_SCRATCH_BYTES, 64);
    code = (HostCode){ t->scratch, t->scratch + TR_SCRATCH_BYTES, 0 };
    t->interp = t->options.interp->create(t->isa, &plain, &code);
    t->scratch_code = code;
    return true;
}

Translator *tr_new(const TrOptions *options, const GuestIsa *isa, Phys *phys, Log *log,
                   GError **error)
{
    Translator *t = g_new0(Translator, 1);

    t->options = *options;
    t->isa = isa;
    t->phys = phys;
    t->log = log;
    t->options.cache_bytes = options->cache_bytes ? options->cache_bytes : 64u << 20;
    if (t->options.cache_bytes < CACHE_MIN_BYTES) {
        g_set_error(error, TR_ERROR, TR_ERROR_CACHE, "code cache: size is below %u KiB",
                    (unsigned)CACHE_MIN_BYTES >> 10);
        g_free(t);
        return NULL;
    }
    if (!make_hosts(t, error)) {
        g_free(t);
        return NULL;
    }
    phys_set_code_listener(phys, code_changed, t);
    return t;
}

void tr_free(Translator *t)
{
    if (t == NULL) {
        return;
    }
    tr_flush(t);
    g_clear_pointer(&t->breakpoints, g_hash_table_unref);
    phys_set_code_listener(t->phys, NULL, NULL);
    t->options.main->destroy(t->main);
    t->options.interp->destroy(t->interp);
    g_aligned_free(t->scratch);
    cache_clear(&t->cache);
    g_free(t);
}

void tr_attach(Translator *t, Vcpu *v)
{
    g_assert(t->n_vcpus < TR_VCPUS_MAX);
    t->vcpu[t->n_vcpus++] = v;
    vcpu_cold(v)->tr = t;
    mmu_set_counter(vcpu_cold(v)->mmu, tr_count_here);
}

void tr_set_bell(Translator *t, const int *bell) { t->bell = bell; }

void tr_stats(const Translator *t, TrStats *out)
{
    *out = t->stats;
    for (unsigned i = 0; i < t->cache.n_chunks; i++) {
        const GPtrArray *units = t->cache.chunk[i].units;

        for (guint k = 0; k < units->len; k++) {
            out->executions += executions(g_ptr_array_index(units, k));
        }
    }
    out->live_units = t->table.live;
    out->cache_used = cache_used(&t->cache);
    out->cache_bytes = t->cache.bytes;
}
