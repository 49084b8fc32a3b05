/* SPDX-License-Identifier: MIT */
/* snapshot_cpu.c - the sections of a snapshot that hold the vCPU and its soft-MMU. */
#include <string.h>
#include <zlib.h>

#include "base/state.h"
#include "machine/snapshot_priv.h"

/* ---- cpu: checksum of the layout, then the fields ---- */

/* Of what the rows say: a field renamed, moved or grown is another layout. */
static uint32_t layout(const GuestIsa *isa)
{
    uint32_t crc = 0;

    for (unsigned i = 0; i < isa->n_fields; i++) {
        const StateField *f = &isa->fields[i];
        g_autofree char *row = g_strdup_printf("%s:%u:%u\n", f->name, f->elem, f->count);

        crc = (uint32_t)crc32_z(crc, (const uint8_t *)row, strlen(row));
    }
    return crc;
}

static size_t fields_end(const GuestIsa *isa)
{
    size_t end = 0;

    for (unsigned i = 0; i < isa->n_fields; i++) {
        end = MAX(end, isa->fields[i].off + state_bytes(&isa->fields[i]));
    }
    return end;
}

void snap_save_cpu(Machine *m, SnapOut *out)
{
    g_autoptr(GByteArray) b = g_byte_array_new();

    if (m->isa->settle) {
        m->isa->settle(m->cpu);
    }
    snap_add_u32(b, layout(m->isa));
    for (unsigned i = 0; i < m->isa->n_fields; i++) {
        state_save(&m->isa->fields[i], m->cpu, b);
    }
    snap_put(out, b->data, b->len);
}

/* Whether the fields, each legal alone, are so together: seen on a vCPU made of nothing else. */
static bool fit_together(const Machine *m, SnapIn in, GError **error)
{
    const GuestIsa *isa = m->isa;
    Vcpu *v;
    bool ok;

    if (!isa->sound) {
        return true;
    }
    v = vcpu_new(fields_end(isa));
    for (unsigned i = 0; i < isa->n_fields; i++) {
        state_load(&isa->fields[i], v, snap_skip(&in, state_bytes(&isa->fields[i])));
    }
    ok = isa->sound(m->cpu, v, error);
    vcpu_free(v);
    return ok;
}

bool snap_check_cpu(Machine *m, SnapIn *in, GError **error)
{
    bool same = snap_u32(in) == layout(m->isa);
    SnapIn fields = *in;

    if (!same) {
        return snap_fail(error, "section 'cpu' has another layout: it was saved by another doppel");
    }
    for (unsigned i = 0; i < m->isa->n_fields; i++) {
        const uint8_t *p = snap_skip(in, state_bytes(&m->isa->fields[i]));

        if (p && !state_check(&m->isa->fields[i], "cpu", p, error)) {
            return false;
        }
    }
    return in->bad || fit_together(m, fields, error);
}

void snap_load_cpu(Machine *m, SnapIn *in)
{
    snap_u32(in);
    for (unsigned i = 0; i < m->isa->n_fields; i++) {
        const StateField *f = &m->isa->fields[i];

        state_load(f, m->cpu, snap_skip(in, state_bytes(f)));
    }
    m->cpu->leave = LEAVE_NO;
    vcpu_cold(m->cpu)->host_pc = NULL;
    vcpu_cold(m->cpu)->replay.made = vcpu_cold(m->cpu)->replay.valid = 0;
}

/* ---- views: the pool, then what is filled: entries that a guest can still see ---- */

enum { ENTRY_BYTES = 4 + 4 + 8 + 3 };

static void add_key(GByteArray *b, ViewKey key)
{
    snap_add_u8(b, key.regime);
    snap_add_u8(b, key.asid);
    snap_add_u32(b, key.vmid);
    snap_add_u32(b, key.control);
}

static ViewKey get_key(SnapIn *in)
{
    ViewKey key = { 0 };

    key.regime = snap_u8(in);
    key.asid = snap_u8(in);
    key.vmid = (uint16_t)snap_u32(in);
    key.control = snap_u32(in);
    return key;
}

typedef struct Saved {
    GByteArray *b;
    MmuView view[MMU_VIEWS];
} Saved;

static bool key_equal(ViewKey a, ViewKey b)
{
    return a.regime == b.regime && a.asid == b.asid && a.vmid == b.vmid && a.control == b.control;
}

static void save_entry(void *saved, const MmuEntry *e)
{
    Saved *s = saved;
    uint32_t slot = 0;

    while (s->view[slot].rank == 0 || !key_equal(s->view[slot].key, e->key)) {
        slot++;
    }
    snap_add_u32(s->b, slot);
    snap_add_u32(s->b, e->va);
    snap_add_u64(s->b, e->pa);
    snap_add_u8(s->b, e->rights);
    snap_add_u8(s->b, e->size_shift);
    snap_add_u8(s->b, e->global);
}

void snap_save_views(Machine *m, SnapOut *out)
{
    Saved s = { .b = g_byte_array_new() };
    Mmu *mmu = vcpu_cold(m->cpu)->mmu;

    mmu_views(mmu, s.view);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        snap_add_u32(s.b, s.view[i].rank);
        add_key(s.b, s.view[i].key);
    }
    mmu_each_entry(mmu, save_entry, &s);
    snap_put(out, s.b->data, s.b->len);
    g_byte_array_unref(s.b);
}

static void get_views(SnapIn *in, MmuView view[MMU_VIEWS])
{
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        view[i].rank = snap_u32(in);
        view[i].key = get_key(in);
    }
}

/* The next entry, and in @order a number that grows from one to the next. */
static bool get_entry(SnapIn *in, const MmuView view[MMU_VIEWS], MmuEntry *e, uint64_t *order)
{
    uint32_t slot = snap_u32(in);
    uint8_t global;

    *e = (MmuEntry){ .va = snap_u32(in) };
    e->pa = snap_u64(in);
    e->rights = snap_u8(in);
    e->size_shift = snap_u8(in);
    global = snap_u8(in);
    e->global = global != 0;
    *order = (uint64_t)slot << 32 | e->va;
    if (slot >= MMU_VIEWS || view[slot].rank == 0 || global > 1) {
        return false;
    }
    e->key = view[slot].key;
    return true;
}

bool snap_check_views(Machine *m, SnapIn *in, GError **error)
{
    const Mmu *mmu = vcpu_cold(m->cpu)->mmu;
    MmuView view[MMU_VIEWS];
    uint64_t last = 0, order;
    bool first = true;

    get_views(in, view);
    if (in->bad || !mmu_views_are_sound(view)) {
        return snap_fail(error, "section 'views' has views that no MMU can have");
    }
    for (; in->left >= ENTRY_BYTES; last = order, first = false) {
        MmuEntry e;

        if (!get_entry(in, view, &e, &order) || (!first && order <= last)
            || !mmu_entry_is_sound(mmu, &e)) {
            return snap_fail(error, "section 'views' has an entry that no MMU can have");
        }
    }
    return true;
}

void snap_load_views(Machine *m, SnapIn *in)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(MmuEntry));
    MmuView view[MMU_VIEWS];
    uint64_t order;
    MmuEntry e;

    get_views(in, view);
    while (in->left > 0 && get_entry(in, view, &e, &order)) {
        g_array_append_val(entries, e);
    }
    mmu_restore(vcpu_cold(m->cpu)->mmu, view, (const MmuEntry *)(const void *)entries->data,
                entries->len);
}
