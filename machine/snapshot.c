/* SPDX-License-Identifier: MIT */
/* snapshot.c - see snapshot.h: what sections there are, and the order of things. */
#include "machine/snapshot.h"

#include <string.h>

#include "machine/snapshot_priv.h"

enum { RAND_DRAWS_MAX = 1 << 24 }; /* each reset draws some; a load draws them again */
enum { FILE_SLACK_BYTES = 64 << 20 };

/* ---- machine: what it is, time, and what else is the machine's own ---- */

typedef struct Own {
    char *board, *cpu;
    uint64_t ram_bytes;
    uint8_t boot_direct, clock_virtual;
    uint32_t ns_per_insn;
    uint64_t retired, now_ns, idle_ns;
    uint8_t reset_wanted, have_seed;
    uint64_t seed, rand_draws, rtc_base_s;
    GPtrArray *devices; /* char *, owned: paths, in the machine's order */
} Own;

static void own_clear(Own *o)
{
    g_free(o->board);
    g_free(o->cpu);
    g_ptr_array_unref(o->devices);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Own, own_clear)

static uint32_t ns_per_insn(const Machine *m) { return MAX(1, m->config.ns_per_insn); }

static void save_own(Machine *m, SnapOut *out)
{
    g_autoptr(GByteArray) b = g_byte_array_new();

    snap_add_name(b, m->board->name);
    snap_add_name(b, m->config.cpu);
    snap_add_u64(b, m->config.ram_bytes);
    snap_add_u8(b, m->config.boot_direct);
    snap_add_u8(b, m->config.clock_virtual);
    snap_add_u32(b, ns_per_insn(m));
    snap_add_u64(b, vcpu_retired(m->cpu));
    snap_add_u64(b, machine_now_ns(m));
    snap_add_u64(b, m->idle_ns);
    snap_add_u8(b, m->reset_wanted);
    snap_add_u8(b, m->config.have_seed);
    snap_add_u64(b, m->config.seed);
    snap_add_u64(b, m->rand_draws);
    snap_add_u64(b, (uint64_t)m->rtc_base_s);
    snap_add_u32(b, m->paths->len);
    for (guint i = 0; i < m->paths->len; i++) {
        snap_add_name(b, m->paths->pdata[i]);
    }
    snap_put(out, b->data, b->len);
}

static Own get_own(SnapIn *in)
{
    Own o = { 0 };

    o.board = snap_name(in);
    o.cpu = snap_name(in);
    o.ram_bytes = snap_u64(in);
    o.boot_direct = snap_u8(in);
    o.clock_virtual = snap_u8(in);
    o.ns_per_insn = snap_u32(in);
    o.retired = snap_u64(in);
    o.now_ns = snap_u64(in);
    o.idle_ns = snap_u64(in);
    o.reset_wanted = snap_u8(in);
    o.have_seed = snap_u8(in);
    o.seed = snap_u64(in);
    o.rand_draws = snap_u64(in);
    o.rtc_base_s = snap_u64(in);
    o.devices = g_ptr_array_new_with_free_func(g_free);
    for (uint32_t n = snap_u32(in); n > 0 && !in->bad; n--) {
        g_ptr_array_add(o.devices, snap_name(in));
    }
    return o;
}

static bool same(const char *what, const char *theirs, const char *ours, GError **error)
{
    g_autofree char *shown = g_strescape(theirs, NULL);

    return g_str_equal(theirs, ours)
           || snap_fail(error, "is of %s '%s'; this is '%s'", what, shown, ours);
}

static bool same_clock(const Machine *m, const Own *o, GError **error)
{
    if (o->clock_virtual != m->config.clock_virtual) {
        return snap_fail(error, "was made with -clock %s; this is -clock %s",
                         o->clock_virtual ? "virtual" : "host",
                         m->config.clock_virtual ? "virtual" : "host");
    }
    if (o->clock_virtual && o->ns_per_insn != ns_per_insn(m)) {
        return snap_fail(error, "was made with -clock virtual,ns=%u; this is ns=%u", o->ns_per_insn,
                         ns_per_insn(m));
    }
    return true;
}

/* Whether no sum or product of the times overflows, and flags are flags. */
static bool own_is_sound(const Own *o)
{
    return o->boot_direct <= 1 && o->clock_virtual <= 1 && o->ns_per_insn != 0
           && o->retired <= SNAP_MAX_COUNT / o->ns_per_insn && o->now_ns <= SNAP_MAX_COUNT
           && o->idle_ns <= SNAP_MAX_COUNT && o->reset_wanted <= 1 && o->have_seed <= 1
           && o->rand_draws <= RAND_DRAWS_MAX && o->rtc_base_s <= UINT32_MAX;
}

/* The first of @paths that is not in @others; NULL if all are. */
static const char *one_not_in(const GPtrArray *paths, GPtrArray *others)
{
    for (guint i = 0; i < paths->len; i++) {
        if (!g_ptr_array_find_with_equal_func(others, paths->pdata[i], g_str_equal, NULL)) {
            return paths->pdata[i];
        }
    }
    return NULL;
}

/* Options may add devices, or leave them out. */
static bool same_devices(const Machine *m, const Own *o, GError **error)
{
    const char *more = one_not_in(m->paths, o->devices), *less = one_not_in(o->devices, m->paths);

    if (more) {
        return snap_fail(error, "is of a machine without %s; this has it", more);
    }
    if (less) {
        g_autofree char *shown = g_strescape(less, NULL);

        return snap_fail(error, "is of a machine with %s; this has none", shown);
    }
    for (guint i = 0; i < m->paths->len; i++) {
        if (m->paths->len != o->devices->len
            || !g_str_equal(o->devices->pdata[i], m->paths->pdata[i])) {
            return snap_fail(error, "is of a machine with its devices in another order");
        }
    }
    return true;
}

static const char *const boot_names[] = { "firmware", "direct" };

static bool check_own(Machine *m, SnapIn *in, GError **error)
{
    g_auto(Own) o = get_own(in);

    if (!same("machine", o.board, m->board->name, error)
        || !same("CPU", o.cpu, m->config.cpu, error)) {
        return false;
    }
    if (o.ram_bytes != m->config.ram_bytes) {
        return snap_fail(error,
                         "has %" G_GUINT64_FORMAT " KiB of memory; this machine has "
                         "%" G_GUINT64_FORMAT,
                         o.ram_bytes >> 10, m->config.ram_bytes >> 10);
    }
    if (!own_is_sound(&o)) {
        return snap_fail(error, "section 'machine' has values that no machine can have");
    }
    if (o.boot_direct != m->config.boot_direct) {
        return snap_fail(error, "was made with -M %s,boot=%s; this is boot=%s", o.board,
                         boot_names[o.boot_direct != 0], boot_names[m->config.boot_direct]);
    }
    return same_clock(m, &o, error) && same_devices(m, &o, error);
}

/* A reset after the load gives the guest what one without it would have given. */
static void load_inputs(Machine *m, const Own *o)
{
    m->config.have_seed = o->have_seed != 0;
    m->config.seed = o->seed;
    m->rand_draws = o->rand_draws;
    machine_seed(m);
    m->config.have_rtc = true;
    m->config.rtc_base_s = (int64_t)o->rtc_base_s;
    for (unsigned i = 0; i < m->board->n_parts; i++) {
        const BoardPart *p = &m->board->parts[i];

        if (p->kind == PART_DEVICE && p->setup) {
            p->setup(m, machine_device(m, p->name));
        }
    }
}

static void load_own(Machine *m, SnapIn *in)
{
    g_auto(Own) o = get_own(in);

    load_inputs(m, &o);
    vcpu_set_limit(m->cpu, o.retired);
    m->cpu->budget = 0;
    vcpu_cold(m->cpu)->now_count = o.retired;
    m->idle_ns = o.idle_ns;
    m->start_ns = m->config.clock_virtual ? 0 : o.now_ns;
    machine_origin(m);
    m->reset_wanted = o.reset_wanted != 0;
}

/* ---- all of it ---- */

/* clang-format off */
/* Loaded in this order: time first, for all that settles by it; views when devices have said what
 * is memory, which drops entries; events when all has settled. */
static const SnapSection sections[] = {
    { "machine", save_own,          check_own,          load_own },
    { "memory",  snap_save_memory,  snap_check_memory,  snap_load_memory },
    { "cpu",     snap_save_cpu,     snap_check_cpu,     snap_load_cpu },
    { "wires",   snap_save_wires,   snap_check_wires,   snap_load_wires },
    { "devices", snap_save_devices, snap_check_devices, snap_load_devices },
    { "views",   snap_save_views,   snap_check_views,   snap_load_views },
    { "events",  snap_save_events,  snap_check_events,  snap_load_events },
    { "input",   snap_save_input,   snap_check_input,   snap_load_input },
};
/* clang-format on */

enum { N_SECTIONS = G_N_ELEMENTS(sections) };

static bool save(Machine *m, const char *path, GError **error)
{
    SnapOut *out;

    if (m->end != END_NONE) {
        return snap_fail(error, "the run has ended");
    }
    out = snap_create(path, N_SECTIONS, error);
    if (!out) {
        return false;
    }
    vcpu_cold(m->cpu)->now_count = vcpu_retired(m->cpu);
    for (unsigned i = 0; i < N_SECTIONS; i++) {
        snap_begin(out, sections[i].name);
        sections[i].save(m, out);
    }
    return snap_close(out, error);
}

bool snapshot_save(Machine *m, const char *path, GError **error)
{
    bool ok = save(m, path, error);

    if (!ok) {
        g_prefix_error(error, "snapshot '%s': ", path);
    }
    return ok;
}

static bool check_part(Machine *m, const SnapSection *s, const SnapPart *part, GError **error)
{
    SnapIn in = { part->p, part->bytes, false };

    if (!g_str_equal(part->name, s->name)) {
        return snap_fail(error, "has no section '%s' where it belongs", s->name);
    }
    if (!s->check(m, &in, error)) {
        return false;
    }
    return (!in.bad && in.left == 0)
           || snap_fail(error, "section '%s' is not as long as it should be", s->name);
}

static bool check(Machine *m, const GArray *parts, GError **error)
{
    if (parts->len != N_SECTIONS) {
        return snap_fail(error, "has %u sections, not %d", parts->len, N_SECTIONS);
    }
    for (unsigned i = 0; i < N_SECTIONS; i++) {
        if (!check_part(m, &sections[i], &g_array_index(parts, SnapPart, i), error)) {
            return false;
        }
    }
    return true;
}

static bool load(Machine *m, const char *path, GError **error)
{
    g_autofree char *data = NULL;
    g_autoptr(GArray) parts = NULL;
    size_t bytes = 0;

    if (m->end != END_NONE) {
        return snap_fail(error, "the run has ended");
    }
    if (!snap_read(path, m->config.ram_bytes + m->config.ram_bytes / 64 + FILE_SLACK_BYTES, &data,
                   &bytes, error)) {
        return false;
    }
    parts = snap_parts((const uint8_t *)data, bytes, error);
    if (!parts || !check(m, parts, error)) {
        return false;
    }
    for (unsigned i = 0; i < N_SECTIONS; i++) {
        const SnapPart *part = &g_array_index(parts, SnapPart, i);

        sections[i].load(m, &(SnapIn){ part->p, part->bytes, false });
    }
    m->cpu->attention |= ATTN_PLAN;
    return true;
}

bool snapshot_load(Machine *m, const char *path, GError **error)
{
    bool ok = load(m, path, error);

    if (!ok) {
        g_prefix_error(error, "snapshot '%s': ", path);
    }
    return ok;
}
