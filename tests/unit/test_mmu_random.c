/* SPDX-License-Identifier: MIT */
/* test_mmu_random.c - random guests on the soft-MMU against a plain model of TLB and memory. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/bits.h"
#include "softmmu/mmu_priv.h"
#include "tests/unit/mmu_rig.h"

enum { OPS = 30000, CHECK_EVERY = 64, MODEL_PAGES = RIG_RAM_BYTES / 4096, AREAS = 4 };

typedef struct ModelView {
    ViewKey key;
    GArray *entries; /* MmuEntry, at most one a page, in no order */
    uint64_t used;
    uint64_t id; /* another one whenever an executable mapping goes */
} ModelView;

typedef struct Model {
    Rig *rig;
    GRand *rand;
    GPtrArray *view; /* ModelView, owned */
    ModelView *current, *unpriv;
    uint64_t selections, ids, evictions;
    uint8_t *ram;
    uint8_t rom[RIG_ROM_BYTES];
    uint64_t code[MODEL_PAGES];
    unsigned walks, changes, reads, writes, rom_stores;
    GHashTable *context_of; /* id -> context */
    /* What the operation must come to. */
    uint32_t leave, kind, address;
    uint64_t value;
} Model;

static uint32_t below(Model *t, uint32_t n)
{
    return (uint32_t)g_rand_int_range(t->rand, 0, (int)n);
}
static bool one_in(Model *t, uint32_t n) { return below(t, n) == 0; }
static uint64_t any64(Model *t)
{
    uint64_t high = g_rand_int(t->rand);

    return high << 32 | g_rand_int(t->rand);
}

/* ---- the model of the views ---- */

static void view_free(void *view)
{
    g_array_unref(((ModelView *)view)->entries);
    g_free(view);
}

static void lose(Model *t, ModelView *w, unsigned i)
{
    if (g_array_index(w->entries, MmuEntry, i).rights & RIGHT_X) {
        w->id = ++t->ids;
    }
    g_array_remove_index_fast(w->entries, i);
}

static bool covers(const MmuEntry *e, Gva va) { return (e->va ^ va) >> e->size_shift == 0; }

/* Loses entries of @w that hold *@va (any if NULL): global ones if @global, others if @local. */
static void lose_matching(Model *t, ModelView *w, const Gva *va, bool global, bool local)
{
    for (unsigned i = w->entries->len; i-- > 0;) {
        const MmuEntry *e = &g_array_index(w->entries, MmuEntry, i);

        if ((e->global ? global : local) && (!va || covers(e, *va))) {
            lose(t, w, i);
        }
    }
}

static ModelView *model_view(Model *t, ViewKey key)
{
    bool priv = key.regime & VIEW_PRIVILEGED;
    ModelView *w, *oldest = NULL;
    unsigned same = 0;

    for (unsigned i = 0; i < t->view->len; i++) {
        w = t->view->pdata[i];
        if ((w->key.regime & VIEW_PRIVILEGED) != (key.regime & VIEW_PRIVILEGED)) {
            continue;
        }
        same++;
        oldest = !oldest || w->used < oldest->used ? w : oldest;
        if (w->key.regime == key.regime && w->key.control == key.control
            && (priv || w->key.asid == key.asid)) {
            if (w->key.asid != key.asid) {
                lose_matching(t, w, NULL, false, true);
            }
            w->key = key;
            w->used = ++t->selections;
            return w;
        }
    }
    if (same == (priv ? VIEW_POOL_PRIV : VIEW_POOL_USER)) {
        g_ptr_array_remove(t->view, oldest);
        t->evictions++;
    }
    w = g_new0(ModelView, 1);
    *w = (ModelView){ .key = key,
                      .entries = g_array_new(FALSE, TRUE, sizeof(MmuEntry)),
                      .used = ++t->selections,
                      .id = ++t->ids };
    g_ptr_array_add(t->view, w);
    return w;
}

/* ---- the model of an access ---- */

static void expect(Model *t, uint32_t kind, Gva va)
{
    t->leave = LEAVE_FAULT;
    t->kind = kind;
    t->address = va;
}

/* The physical address of @va; false with the fault expected. */
static bool model_find(Model *t, ModelView *w, Gva va, MmuAccess access, Gpa *pa)
{
    static const uint8_t right[] = { RIGHT_R, RIGHT_W, RIGHT_X };
    const PhysRegion *r;
    unsigned old = UINT_MAX;
    MmuMapping map;
    MmuEntry e;

    for (unsigned i = 0; i < w->entries->len; i++) {
        const MmuEntry *have = &g_array_index(w->entries, MmuEntry, i);

        if (have->va >> 12 == va >> 12) {
            old = i;
            if (have->rights & right[access]) {
                *pa = have->pa | (va & 0xfff);
                return true;
            }
        }
    }
    t->walks++;
    if (!rig_walk(t->rig->v, w->key, va, access, true, &map)) {
        expect(t, FAULT_PAGE, va);
        return false;
    }
    *pa = map.pa | (va & 0xfff);
    r = phys_find(t->rig->phys, *pa);
    if (!r || (r->kind == PHYS_IO && access == ACCESS_FETCH)) {
        expect(t, FAULT_BUS, va);
        return false;
    }
    e = (MmuEntry){ w->key, va & ~0xfffu, map.pa, map.rights, map.size_shift, map.global };
    if (r->kind == PHYS_IO) {
        e.rights &= RIGHT_R | RIGHT_W;
    }
    if (old != UINT_MAX) {
        const MmuEntry *have = &g_array_index(w->entries, MmuEntry, old);

        if ((have->rights & RIGHT_X) && !((e.rights & RIGHT_X) && e.pa == have->pa)) {
            w->id = ++t->ids;
        }
        g_array_remove_index_fast(w->entries, old);
    }
    g_array_append_val(w->entries, e);
    return true;
}

/* One random access: what is done, and where its bytes are. */
typedef struct Try {
    enum { LOAD, STORE, CAS } what;
    Gva va;
    uint64_t memop, value, expected;
    unsigned bytes;
    bool inside;
    Gpa pa[8]; /* of each byte */
    bool device, code;
} Try;

static bool is_ram(Gpa pa) { return pa - RIG_RAM < RIG_RAM_BYTES; }
static bool is_rom(Gpa pa) { return pa - RIG_ROM < RIG_ROM_BYTES; }

static uint64_t granule_bit(Gpa pa) { return (uint64_t)1 << (pa >> 6 & 63); }
static uint64_t *code_of(Model *t, Gpa pa) { return &t->code[(pa - RIG_RAM) >> 12]; }

static bool has_code(Model *t, Gpa pa)
{
    return is_ram(pa) && (*code_of(t, pa) & granule_bit(pa)) != 0;
}

static bool model_locate(Model *t, Try *a)
{
    ModelView *w = a->memop & MO_UNPRIV ? t->unpriv : t->current;
    MmuAccess access = a->what == LOAD ? ACCESS_READ : ACCESS_WRITE;
    unsigned align = 1u << memop_align(a->memop);

    if (a->va % align != 0) {
        expect(t, FAULT_ALIGN, a->va);
        return false;
    }
    for (unsigned i = 0; i < a->bytes; i++) {
        Gva va = a->va + i;

        if (i != 0 && (va & 0xfff) != 0) {
            a->pa[i] = a->pa[i - 1] + 1;
        } else if (!model_find(t, w, va, access, &a->pa[i])) {
            return false;
        }
        if (i == 0 || (va & 0xfff) == 0) { /* the whole part must be in one window */
            unsigned part = MIN(a->bytes - i, 4096 - (va & 0xfff));
            const PhysRegion *r = phys_find(t->rig->phys, a->pa[i]);

            if (!r || a->pa[i] + part > r->base + r->bytes) {
                expect(t, FAULT_BUS, va);
                return false;
            }
        }
        a->device |= !is_ram(a->pa[i]) && !is_rom(a->pa[i]);
        a->code |= a->what != LOAD && has_code(t, a->pa[i]);
    }
    return true;
}

/* Device reads that the model makes; @i is the byte's number in the access. */
static uint8_t device_byte(Model *t, const Try *a, unsigned i)
{
    if (a->va % a->bytes != 0) {
        return (uint8_t)(t->rig->dev_value * ++t->reads);
    }
    t->reads += i == 0;
    return (uint8_t)((t->rig->dev_value * t->reads) >> 8 * i);
}

static uint64_t model_read(Model *t, const Try *a)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < a->bytes; i++) {
        uint8_t byte = is_ram(a->pa[i])   ? t->ram[a->pa[i] - RIG_RAM]
                       : is_rom(a->pa[i]) ? t->rom[a->pa[i] - RIG_ROM]
                                          : device_byte(t, a, i);
        unsigned at = a->memop & MO_BE ? a->bytes - 1 - i : i;

        value |= (uint64_t)byte << 8 * at;
    }
    return value;
}

static void model_write(Model *t, const Try *a)
{
    bool told[2] = { false, false }, rom[2] = { false, false }; /* by page */

    for (unsigned i = 0; i < a->bytes; i++) {
        unsigned at = a->memop & MO_BE ? a->bytes - 1 - i : i;
        bool second = (a->va + i) >> 12 != a->va >> 12;

        if (is_ram(a->pa[i])) {
            if (has_code(t, a->pa[i])) {
                *code_of(t, a->pa[i]) &= ~granule_bit(a->pa[i]);
                told[second] = true;
            }
            t->ram[a->pa[i] - RIG_RAM] = (uint8_t)(a->value >> 8 * at);
        } else if (is_rom(a->pa[i])) {
            rom[second] = true;
        } else {
            t->writes += i == 0 || a->va % a->bytes != 0;
        }
    }
    t->changes += told[0] + told[1];
    t->rom_stores += rom[0] + rom[1];
    if (told[0] || told[1]) {
        t->leave = LEAVE_AFTER;
    }
}

/* What @a must do, done to the model. */
static void model_access(Model *t, Try *a)
{
    uint64_t mask = bits_mask(8 * a->bytes), old = 0;
    Vcpu *v = t->rig->v;

    if (!model_locate(t, a)) {
        return;
    }
    if (a->code && a->inside) {
        t->leave = LEAVE_STEP;
        return;
    }
    if (a->what != STORE) {
        old = model_read(t, a);
        t->value = a->memop & MO_SIGN ? bits_sext64(old, 8 * a->bytes) : old;
    }
    if (a->what == STORE || (a->what == CAS && old == (a->expected & mask))) {
        model_write(t, a);
    }
    if (a->device && (t->rig->raise & ~v->attention) != 0) {
        t->leave = LEAVE_AFTER;
    }
}

static uint64_t do_access(Model *t, const Try *a)
{
    Vcpu *v = t->rig->v;

    rig_inside(t->rig, a->inside);
    switch (a->what) {
    case LOAD: return mmu_load(v, a->va, a->memop);
    case STORE: mmu_store(v, a->va, a->value, a->memop); return 0;
    default: return mmu_cas(v, a->va, a->expected, a->value, a->memop);
    }
}

static void compare(Model *t, uint64_t value, const char *what, Gva va)
{
    Rig *r = t->rig;
    const VcpuFault *f = &vcpu_cold(r->v)->fault;

    cr_assert(eq(u32, r->v->leave, t->leave), "%s %08x", what, va);
    if (t->leave == LEAVE_FAULT) {
        cr_assert(eq(u32, f->kind, t->kind), "%s %08x", what, va);
        cr_assert(eq(u32, f->address, t->address), "%s %08x", what, va);
    } else if (t->leave != LEAVE_STEP) {
        cr_assert(eq(u64, value, t->value), "%s %08x", what, va);
    }
    cr_assert(eq(u32, r->walks, t->walks), "%s %08x", what, va);
    cr_assert(eq(u32, r->reads, t->reads), "%s %08x", what, va);
    cr_assert(eq(u32, r->writes, t->writes), "%s %08x", what, va);
    cr_assert(eq(u32, r->changes, t->changes), "%s %08x", what, va);
    cr_assert(eq(u64, mmu_stats(r->mmu)->rom_stores, t->rom_stores), "%s %08x", what, va);
    r->v->leave = LEAVE_NO;
}

/* ---- operations ---- */

/* Few addresses, so that things meet: of each area its first, a middle and its last pages. */
static Gva any_va(Model *t)
{
    static const uint16_t page[] = { 0, 1, 2, 15, 16, 17, 31, 255 };
    static const uint16_t off[] = { 0, 4, 8, 60, 63, 64, 0x7fc, 0x800, 0x8fc, 0xff8, 0xffc };
    Gva va = below(t, AREAS) << 20;

    va += (uint32_t)page[below(t, G_N_ELEMENTS(page))] << 12;
    va += off[below(t, G_N_ELEMENTS(off))];
    return one_in(t, 4) ? va + below(t, 4) : va;
}

static void op_map(Model *t)
{
    static const uint8_t shift[] = { 12, 12, 12, 16, 20, 20 };
    uint8_t kernel = (uint8_t)(below(t, 8) | RIGHT_R);
    uint8_t user = (uint8_t)(kernel & below(t, 8));
    unsigned s = shift[below(t, G_N_ELEMENTS(shift))], asid = below(t, RIG_ASIDS);
    Gva va = any_va(t) & ~(uint32_t)bits_mask(s);
    Gpa pa = RIG_RAM + ((Gpa)below(t, 40) << 12);
    bool global = one_in(t, 3);

    if (s == 20) {
        pa = RIG_RAM + ((Gpa)below(t, 2) << 20);
    } else if (s == 12 && one_in(t, 2)) {
        static const Gpa odd[] = { RIG_ROM,    RIG_DEV,
                                   RIG_DEV,    RIG_SMALL_DEV & ~0xfff,
                                   0x70000000, RIG_RAM + RIG_RAM_BYTES - 4096 };

        pa = odd[below(t, G_N_ELEMENTS(odd))];
    } else if (s == 16) {
        pa &= ~(Gpa)0xffff;
    }
    if (one_in(t, 10)) {
        kernel = user = 0;
    }
    rig_map(t->rig, asid, va, pa, s, kernel, user, global);
}

static void op_access(Model *t)
{
    static const uint32_t extra[] = { 0, MO_BE, MO_SIGN, MO_UNPRIV, MO_ONLY, MO_ONLY | MO_BE };
    Try a = { .what = below(t, 5) < 2 ? LOAD : one_in(t, 4) ? CAS : STORE };
    uint64_t value;

    a.va = any_va(t);
    a.memop = below(t, 4);
    a.memop |= extra[below(t, G_N_ELEMENTS(extra))];
    a.memop |= one_in(t, 4) ? (uint64_t)below(t, 4) << MO_ALIGN_SHIFT : 0;
    a.bytes = memop_bytes(a.memop);
    a.inside = one_in(t, 2);
    a.value = any64(t);
    a.expected = any64(t);
    t->rig->raise = one_in(t, 3) ? ATTN_IRQ : 0;
    t->rig->v->attention = one_in(t, 3) ? ATTN_IRQ : 0;
    if (a.what == CAS && one_in(t, 2)) { /* often right */
        Gpa pa;
        MmuMapping map;

        if (mmu_probe(t->rig->v, a.va, ACCESS_READ, &map)) {
            pa = map.pa | (a.va & 0xfff);
            a.expected = is_ram(pa) ? phys_read(t->rig->phys, pa, a.bytes, NULL) : 0;
        }
    }
    t->rig->count++;
    model_access(t, &a);
    value = do_access(t, &a);
    compare(t, value, "access", a.va);
    if (vcpu_cold(t->rig->v)->replay.valid) {
        cr_assert(eq(u32, t->leave, LEAVE_AFTER));
        t->leave = LEAVE_NO;
        a.inside = false;
        value = do_access(t, &a);
        compare(t, value, "replay", a.va);
        cr_assert(not(vcpu_cold(t->rig->v)->replay.valid));
    }
}

static void op_fetch(Model *t)
{
    Gva va = any_va(t);
    Gpa want = 0, pa = 0;
    const uint8_t *host;
    bool found = model_find(t, t->current, va, ACCESS_FETCH, &want);

    host = mmu_fetch(t->rig->v, va, &pa);
    compare(t, 0, "fetch", va);
    cr_assert(eq(i32, host != NULL, found));
    if (host) {
        cr_assert(eq(u64, pa, want));
        cr_assert(eq(u8, *host, is_ram(pa) ? t->ram[pa - RIG_RAM] : t->rom[pa - RIG_ROM]));
    }
}

static const uint8_t *host_of(Model *t, Gpa pa)
{
    return phys_find(t->rig->phys, pa)->host + (is_ram(pa) ? pa - RIG_RAM : pa - RIG_ROM);
}

/* A run over a page's end is served if both pages are plain: stores only if they are neighbours in
 * the host too, loads from a copy. */
static bool model_run_across(Model *t, Gva va, uint32_t bytes, bool write)
{
    MmuAccess access = write ? ACCESS_WRITE : ACCESS_READ;
    uint32_t rest = 4096 - (va & 0xfff);
    Gpa first = 0, second = 0;
    bool good;

    (void)bytes;
    if (!model_find(t, t->current, va, access, &first)) {
        return false;
    }
    good = model_find(t, t->current, va + rest, access, &second)
           && (is_ram(first) || (is_rom(first) && !write))
           && (is_ram(second) || (is_rom(second) && !write))
           && (!write
               || (*code_of(t, first) == 0 && *code_of(t, second) == 0 && second == first + rest));
    t->leave = good ? LEAVE_NO : LEAVE_STEP;
    return good;
}

static void op_run(Model *t)
{
    Gva va = any_va(t) & ~3u;
    uint32_t bytes = 4 * (1 + below(t, 16));
    bool write = one_in(t, 2), good = false, across = false;
    uint64_t got, memop = MO_32 | 2 << MO_ALIGN_SHIFT | (write ? MO_WRITE : 0);
    Gpa pa = 0;

    if ((va & 0xfff) + bytes > 4096) {
        good = model_run_across(t, va, bytes, write);
        across = true;
    } else if (model_find(t, t->current, va, write ? ACCESS_WRITE : ACCESS_READ, &pa)) {
        good = is_ram(pa) || (is_rom(pa) && !write);
        for (uint32_t i = 0; i < bytes; i += 4) {
            good &= !(write && has_code(t, pa + i));
        }
        t->leave = good ? LEAVE_NO : LEAVE_STEP;
    }
    rig_inside(t->rig, true);
    got = mmu_run(t->rig->v, va, memop, bytes);
    t->value = got;
    compare(t, got, "run", va);
    cr_assert(eq(i32, got != 0, good));
    for (uint32_t i = 0; good && i < bytes; i += 4) {
        const uint8_t *host = (const uint8_t *)(uintptr_t)(got + va + i);

        if (across && (i == 0 || ((va + i) & 0xfff) < 4)) {
            cr_assert(model_find(t, t->current, va + i, write ? ACCESS_WRITE : ACCESS_READ, &pa));
            pa -= i;
        }
        cr_assert(write || across ? memcmp(host, host_of(t, pa + i), 4) == 0
                                  : host == host_of(t, pa + i));
    }
}

static void op_flush(Model *t)
{
    uint8_t asid = (uint8_t)below(t, RIG_ASIDS);
    uint32_t form = below(t, 16);
    Gva va = any_va(t);

    for (unsigned i = 0; i < t->view->len; i++) {
        ModelView *w = t->view->pdata[i];

        if (form == 0) {
            lose_matching(t, w, NULL, true, true);
        } else if (form <= 2) {
            lose_matching(t, w, NULL, false, w->key.asid == asid);
        } else if (form <= 10) {
            lose_matching(t, w, &va, true, w->key.asid == asid);
        } else {
            lose_matching(t, w, &va, true, true);
        }
    }
    if (form == 0) {
        mmu_flush_all(t->rig->mmu);
    } else if (form <= 2) {
        mmu_flush_asid(t->rig->mmu, asid);
    } else if (form <= 10) {
        mmu_flush_va(t->rig->mmu, va, asid);
    } else {
        mmu_flush_va_all(t->rig->mmu, va);
    }
}

static void op_select(Model *t)
{
    uint8_t asid = (uint8_t)below(t, RIG_ASIDS);
    ViewKey user = rig_key(RIG_USER, asid, below(t, 4)), key = user;

    if (!one_in(t, 3)) {
        key = rig_key(RIG_KERNEL, asid, one_in(t, 8) ? below(t, 6) : below(t, 2));
    }
    t->current = model_view(t, key);
    t->unpriv = model_view(t, user);
    mmu_select(t->rig->mmu, key, user, RIG_MODE);
}

static void op_code(Model *t)
{
    Gpa pa = RIG_RAM + ((Gpa)below(t, 48) << 12);
    uint64_t bits = (uint64_t)1 << below(t, 64);

    bits |= (uint64_t)1 << 63 * below(t, 2);
    if (one_in(t, 2)) {
        phys_code(t->rig->phys, pa, bits);
        t->code[(pa - RIG_RAM) >> 12] |= bits;
    } else {
        bits = one_in(t, 2) ? UINT64_MAX : bits;
        phys_uncode(t->rig->phys, pa, bits);
        t->code[(pa - RIG_RAM) >> 12] &= ~bits;
    }
}

/* A device writes memory. */
static void op_dma(Model *t)
{
    Try a = { .what = STORE, .bytes = 8, .value = any64(t) };

    for (unsigned i = 0; i < 8; i++) {
        a.pa[i] = RIG_RAM + ((Gpa)5 << 12) + i;
    }
    model_write(t, &a);
    t->leave = LEAVE_NO;
    phys_write(t->rig->phys, a.pa[0], a.value, 8, NULL);
    compare(t, 0, "dma", 0);
}

/* ---- checks of the whole ---- */

static void collect(void *opaque, const MmuEntry *e) { g_array_append_vals(opaque, e, 1); }

static int by_key_and_va(const void *a, const void *b)
{
    const MmuEntry *x = a, *y = b;
    int keys = memcmp(&x->key, &y->key, sizeof(ViewKey));

    return keys != 0 ? keys : x->va < y->va ? -1 : x->va > y->va;
}

static void check_entries(Model *t)
{
    g_autoptr(GArray) got = g_array_new(FALSE, TRUE, sizeof(MmuEntry));
    g_autoptr(GArray) want = g_array_new(FALSE, TRUE, sizeof(MmuEntry));

    mmu_each_entry(t->rig->mmu, collect, got);
    for (unsigned i = 0; i < t->view->len; i++) {
        const ModelView *w = t->view->pdata[i];

        for (unsigned k = 0; k < w->entries->len; k++) {
            MmuEntry e = g_array_index(w->entries, MmuEntry, k);

            e.key = w->key;
            g_array_append_val(want, e);
        }
    }
    g_array_sort(got, by_key_and_va);
    g_array_sort(want, by_key_and_va);
    cr_assert(eq(u32, got->len, want->len));
    for (unsigned i = 0; i < got->len; i++) {
        const MmuEntry *g = &g_array_index(got, MmuEntry, i);
        const MmuEntry *w = &g_array_index(want, MmuEntry, i);

        cr_assert(eq(i32, by_key_and_va(g, w), 0));
        cr_assert(eq(u64, g->pa, w->pa));
        cr_assert(eq(u8, g->rights, w->rights));
        cr_assert(eq(u8, g->size_shift, w->size_shift));
        cr_assert(eq(i32, g->global, w->global));
    }
}

/* What the view counts is what it has. */
static void check_counts(const View *w)
{
    uint32_t n_fetch = 0, by_size[VIEW_SIZES] = { 0 };

    for (uint32_t page = view_next(w, 0); page < VIEW_PAGES; page = view_next(w, page + 1)) {
        ViewEntry e = view_get(w, page);

        n_fetch += e.fetch != 0;
        by_size[e.info >> VIEW_INFO_SIZE_SHIFT]++;
    }
    cr_assert(eq(u32, w->n_fetch, n_fetch));
    cr_assert(eq(i32, memcmp(w->by_size, by_size, sizeof(by_size)), 0));
}

/* A store is fast exactly if its page of RAM holds no code. */
static void check_code(Model *t, const View *w)
{
    for (uint32_t page = view_next(w, 0); page < VIEW_PAGES; page = view_next(w, page + 1)) {
        ViewEntry e = view_get(w, page);
        const PhysRegion *r;
        Gpa pa;

        if (e.write == 0 || (e.write < 0 && (e.write & VIEW_IO))) {
            continue;
        }
        r = phys_find_host(t->rig->phys,
                           (uint8_t *)(intptr_t)((e.write & VIEW_ADDEND) + ((int64_t)page << 12)));
        pa = r->base; /* what is behind the entry is checked by the values it gives */
        pa += (uint64_t)((e.write & VIEW_ADDEND) + ((int64_t)page << 12) - (intptr_t)r->host);
        cr_assert(eq(i32, e.write < 0, t->code[(pa - RIG_RAM) >> 12] != 0), "page %x", page);
        cr_assert(eq(u64, phys_page(t->rig->phys, pa)->code, t->code[(pa - RIG_RAM) >> 12]));
    }
}

/* Contexts and ids are one to one; ids are never used again. */
static void check_context(Model *t)
{
    gpointer id = GSIZE_TO_POINTER(t->current->id), known;

    if (g_hash_table_lookup_extended(t->context_of, id, NULL, &known)) {
        cr_assert(eq(u64, t->rig->v->lookup_ctx, GPOINTER_TO_SIZE(known)));
    } else {
        GHashTableIter i;

        g_hash_table_iter_init(&i, t->context_of);
        while (g_hash_table_iter_next(&i, NULL, &known)) {
            cr_assert(ne(u64, t->rig->v->lookup_ctx, GPOINTER_TO_SIZE(known)));
        }
        g_hash_table_insert(t->context_of, id, GSIZE_TO_POINTER(t->rig->v->lookup_ctx));
    }
    cr_assert(t->rig->v->view == t->rig->mmu->current->tables);
    cr_assert(vcpu_cold(t->rig->v)->unpriv_view == t->rig->mmu->unpriv->tables);
}

static void check(Model *t)
{
    check_entries(t);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        if (t->rig->mmu->view[i].live) {
            check_code(t, &t->rig->mmu->view[i]);
            check_counts(&t->rig->mmu->view[i]);
        }
    }
    check_context(t);
    cr_assert(eq(u64, mmu_stats(t->rig->mmu)->view_evictions, t->evictions));
}

static void model_start(Model *t, uint32_t seed)
{
    GError *error = NULL;

    *t = (Model){ .rig = rig_new(), .rand = g_rand_new_with_seed(seed) };
    t->view = g_ptr_array_new_with_free_func(view_free);
    t->context_of = g_hash_table_new(NULL, NULL);
    t->ram = g_malloc(RIG_RAM_BYTES);
    for (unsigned i = 0; i < RIG_RAM_BYTES; i++) {
        t->ram[i] = (uint8_t)(i * 5 + (i >> 8) * 3 + (i >> 16));
    }
    for (unsigned i = 0; i < RIG_ROM_BYTES; i++) {
        t->rom[i] = (uint8_t)(i * 11 + 1);
    }
    g_assert_true(phys_copy_in(t->rig->phys, RIG_RAM, t->ram, RIG_RAM_BYTES, &error));
    g_assert_true(phys_copy_in(t->rig->phys, RIG_ROM, t->rom, RIG_ROM_BYTES, &error));
    t->rig->dev_value = 0x0102030405060709u;
    op_select(t);
}

static void model_end(Model *t)
{
    cr_assert(eq(i32, memcmp(phys_find(t->rig->phys, RIG_RAM)->host, t->ram, RIG_RAM_BYTES), 0));
    cr_assert(eq(i32, memcmp(phys_find(t->rig->phys, RIG_ROM)->host, t->rom, RIG_ROM_BYTES), 0));
    g_hash_table_unref(t->context_of);
    g_ptr_array_unref(t->view);
    g_rand_free(t->rand);
    g_free(t->ram);
    rig_free(t->rig);
}

static void run(uint32_t seed)
{
    Model t;

    model_start(&t, seed);
    for (unsigned i = 0; i < OPS; i++) {
        uint32_t op = below(&t, 100);

        t.leave = LEAVE_NO;
        t.value = 0;
        if (op < 60) {
            op_access(&t);
        } else if (op < 75) {
            op_map(&t);
        } else if (op < 80) {
            op_flush(&t);
        } else if (op < 85) {
            op_select(&t);
        } else if (op < 89) {
            op_code(&t);
        } else if (op < 94) {
            op_fetch(&t);
        } else if (op < 99) {
            op_run(&t);
        } else {
            op_dma(&t);
        }
        if (i % CHECK_EVERY == 0) {
            check(&t);
        }
    }
    check(&t);
    model_end(&t);
}

Test(mmu_random, a_plain_model_of_tlb_and_memory_agrees_first_guest) { run(1); }
Test(mmu_random, a_plain_model_of_tlb_and_memory_agrees_second_guest) { run(20250103); }
