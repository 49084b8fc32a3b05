/* SPDX-License-Identifier: MIT */
/* snapshot_parts.c - the sections of a snapshot that hold devices, wires, events and input. */
#include <string.h>

#include "machine/snapshot_priv.h"

/* ---- wires: a level each ---- */

void snap_save_wires(Machine *m, SnapOut *out)
{
    for (guint i = 0; i < m->wires->len; i++) {
        const IrqLine *line = g_ptr_array_index(m->wires, i);
        uint8_t level = line->level;

        snap_put(out, &level, 1);
    }
}

bool snap_check_wires(Machine *m, SnapIn *in, GError **error)
{
    for (guint i = 0; i < m->wires->len; i++) {
        if (snap_u8(in) > 1) {
            return snap_fail(error, "section 'wires' has a level that is none");
        }
    }
    return true;
}

/* Silently: both ends of a wire come from the snapshot. */
void snap_load_wires(Machine *m, SnapIn *in)
{
    for (guint i = 0; i < m->wires->len; i++) {
        ((IrqLine *)g_ptr_array_index(m->wires, i))->level = snap_u8(in) != 0;
    }
}

/* ---- devices: path, length and state of each ---- */

void snap_save_devices(Machine *m, SnapOut *out)
{
    g_autoptr(GByteArray) b = g_byte_array_new();

    for (guint i = 0; i < m->devices->len; i++) {
        const Device *d = g_ptr_array_index(m->devices, i);
        g_autoptr(GByteArray) state = g_byte_array_new();

        dev_save(d, state);
        snap_add_name(b, d->path);
        snap_add_u32(b, state->len);
        snap_add(b, state->data, state->len);
    }
    snap_put(out, b->data, b->len);
}

static const uint8_t *next_device(SnapIn *in, char **path, uint32_t *bytes)
{
    *path = snap_name(in);
    *bytes = snap_u32(in);
    return snap_skip(in, *bytes);
}

bool snap_check_devices(Machine *m, SnapIn *in, GError **error)
{
    for (guint i = 0; i < m->devices->len; i++) {
        const Device *d = g_ptr_array_index(m->devices, i);
        g_autofree char *path = NULL;
        uint32_t bytes;
        const uint8_t *p = next_device(in, &path, &bytes);

        if (!p || !g_str_equal(path, d->path)) {
            return snap_fail(error, "section 'devices' lacks %s", d->path);
        }
        if (!dev_check(d, p, bytes, error)) {
            return false;
        }
    }
    return true;
}

void snap_load_devices(Machine *m, SnapIn *in)
{
    for (guint i = 0; i < m->devices->len; i++) {
        g_autofree char *path = NULL;
        uint32_t bytes;
        const uint8_t *p = next_device(in, &path, &bytes);

        if (!dev_load(g_ptr_array_index(m->devices, i), p, bytes, NULL)) {
            g_assert_not_reached(); /* checked */
        }
    }
}

/* ---- events: owner, number and deadline of each that is armed, the first to fire first ---- */

#define OWNER_CPU UINT32_MAX
enum { EVENT_BYTES = 4 + 4 + 8 };

typedef struct Armed {
    uint32_t owner, n; /* owner: OWNER_CPU, or the device's place */
    const Event *event;
} Armed;

/* Event @n of @owner; NULL if there is none. */
static Event *find_event(const Machine *m, uint32_t owner, uint32_t n)
{
    const Device *d;

    if (owner == OWNER_CPU) {
        return m->isa->event ? m->isa->event(m->cpu, n) : NULL;
    }
    if (owner >= m->devices->len) {
        return NULL;
    }
    d = g_ptr_array_index(m->devices, owner);
    return n < d->type->n_timers ? &d->timer[n].event : NULL;
}

static void collect(const Machine *m, uint32_t owner, GArray *out)
{
    Armed a = { owner, 0, NULL };

    for (; (a.event = find_event(m, owner, a.n)) != NULL; a.n++) {
        if (event_armed(a.event)) {
            g_array_append_val(out, a);
        }
    }
}

static gint by_turn(gconstpointer a, gconstpointer b)
{
    const Event *x = ((const Armed *)a)->event, *y = ((const Armed *)b)->event;

    if (x->when_ns != y->when_ns) {
        return x->when_ns < y->when_ns ? -1 : 1;
    }
    return x->sequence < y->sequence ? -1 : 1;
}

void snap_save_events(Machine *m, SnapOut *out)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Armed));
    g_autoptr(GByteArray) b = g_byte_array_new();

    collect(m, OWNER_CPU, all);
    for (guint i = 0; i < m->devices->len; i++) {
        collect(m, i, all);
    }
    g_assert(all->len == m->clock.heap->len); /* an event nobody saves would be lost */
    g_array_sort(all, by_turn);
    for (guint i = 0; i < all->len; i++) {
        const Armed *a = &g_array_index(all, Armed, i);

        snap_add_u32(b, a->owner);
        snap_add_u32(b, a->n);
        snap_add_u64(b, a->event->when_ns);
    }
    snap_put(out, b->data, b->len);
}

bool snap_check_events(Machine *m, SnapIn *in, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);
    uint64_t last = 0;

    while (in->left >= EVENT_BYTES) {
        uint32_t owner = snap_u32(in), n = snap_u32(in);
        uint64_t when = snap_u64(in);
        Event *e = find_event(m, owner, n);

        if (!e || when < last || when == CLOCK_NEVER || !g_hash_table_add(seen, e)) {
            return snap_fail(error, "section 'events' has an event that is none");
        }
        last = when;
    }
    return true;
}

/* All state is there: what follows from it is made. That arms events in an order of its own, so
 * they are armed again in the order in which they were to fire. */
void snap_load_events(Machine *m, SnapIn *in)
{
    if (m->isa->loaded) {
        m->isa->loaded(m->cpu);
    }
    while (m->clock.heap->len > 0) {
        event_cancel(&m->clock, g_ptr_array_index(m->clock.heap, 0));
    }
    while (in->left > 0) {
        uint32_t owner = snap_u32(in), n = snap_u32(in);

        event_arm(&m->clock, find_event(m, owner, n), snap_u64(in));
    }
}

/* ---- input: what waits in the gate ---- */

void snap_save_input(Machine *m, SnapOut *out)
{
    g_autoptr(GByteArray) b = g_byte_array_new();

    for (unsigned i = 0; i < gate_sources(m->gate); i++) {
        g_autoptr(GByteArray) waiting = gate_peek(m->gate, i);

        if (waiting->len > 0) {
            snap_add_name(b, gate_name(m->gate, i));
            snap_add_u32(b, waiting->len);
            snap_add(b, waiting->data, waiting->len);
        }
    }
    snap_put(out, b->data, b->len);
}

/* The number of source @name; as many as there are if there is none. */
static unsigned find_source(const Machine *m, const char *name)
{
    unsigned i = 0;

    while (i < gate_sources(m->gate) && !g_str_equal(gate_name(m->gate, i), name)) {
        i++;
    }
    return i;
}

bool snap_check_input(Machine *m, SnapIn *in, GError **error)
{
    while (in->left > 0 && !in->bad) {
        g_autofree char *name = snap_name(in);

        snap_skip(in, snap_u32(in));
        if (!in->bad && find_source(m, name) == gate_sources(m->gate)) {
            g_autofree char *shown = g_strescape(name, NULL);

            return snap_fail(error, "input waits for '%s', which has no channel here", shown);
        }
    }
    return true;
}

void snap_load_input(Machine *m, SnapIn *in)
{
    for (unsigned i = 0; i < gate_sources(m->gate); i++) {
        gate_empty(m->gate, i);
    }
    while (in->left > 0) {
        g_autofree char *name = snap_name(in);
        uint32_t n = snap_u32(in);

        gate_send(m->gate, find_source(m, name), snap_skip(in, n), n);
    }
}
