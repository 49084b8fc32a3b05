/* SPDX-License-Identifier: MIT */
/* stats.c - see stats.h. A member here without a row in docs/STATS.md fails a test. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "machine/stats.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <time.h>

#include "machine/classes.h"
#include "machine/version.h"

enum { FORMAT = 1 }; /* goes up when a member changes its meaning */

/* One figure of a group. */
typedef struct Figure {
    const char *name;
    uint64_t value;
} Figure;

static void add_text(JsonBuilder *b, const char *name, const char *value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_string_value(b, value);
}

static void add_count(JsonBuilder *b, const char *name, uint64_t value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_int_value(b, (gint64)value);
}

static void add_ratio(JsonBuilder *b, const char *name, uint64_t part, uint64_t whole)
{
    json_builder_set_member_name(b, name);
    json_builder_add_double_value(b, whole ? (double)part / (double)whole : 0);
}

static void begin(JsonBuilder *b, const char *name)
{
    json_builder_set_member_name(b, name);
    json_builder_begin_object(b);
}

static void add_figures(JsonBuilder *b, const Figure *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        add_count(b, f[i].name, f[i].value);
    }
}

static uint64_t cpu_ns(clockid_t which)
{
    struct timespec ts;

    return clock_gettime(which, &ts) == 0 ? (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec
                                          : 0;
}

/* ---- the groups ---- */

static void add_run(JsonBuilder *b, Machine *m, uint64_t wall_ns)
{
    static const char *const ends[] = {
        [END_NONE] = "running",    [END_POWER_OFF] = "power off", [END_RESET_REFUSED] = "reset",
        [END_STOP_AT] = "stop-at", [END_QUIT] = "quit",           [END_FAILED] = "failed",
    };

    add_text(b, "doppel", DOPPEL_VERSION);
    add_count(b, "format", FORMAT);
    add_text(b, "detail", m->config.stats_full ? "full" : "basic");
    add_text(b, "machine", m->board->name);
    add_text(b, "cpu", m->config.cpu);
    add_text(b, "accel", m->config.interpret ? "interp" : "jit");
    add_text(b, "clock", m->config.clock_virtual ? "virtual" : "host");
    add_text(b, "end", ends[m->end]);
    add_count(b, "insns", vcpu_retired(m->cpu));
    add_count(b, "guest_ns", machine_now_ns(m));
    add_count(b, "wall_ns", wall_ns);
    add_count(b, "cpu_ns", cpu_ns(CLOCK_PROCESS_CPUTIME_ID));
}

static void add_translation(JsonBuilder *b, const TrStats *s)
{
    const Figure made[] = {
        { "units", s->units },           { "insns", s->insns },
        { "ir_ops", s->ir_ops },         { "guest_bytes", s->guest_bytes },
        { "host_bytes", s->host_bytes }, { "side_bytes", s->side_bytes },
        { "ns", s->translate_ns },
    };
    const Figure dropped[] = {
        { "store", s->invalidated_store },
        { "remap", s->invalidated_remap },
        { "evicted", s->evicted },
        { "flushed", s->flushed },
    };
    const Figure cache[] = {
        { "bytes", s->cache_bytes },
        { "used_bytes", s->cache_used },
        { "live_units", s->live_units },
    };

    begin(b, "translated");
    add_figures(b, made, G_N_ELEMENTS(made));
    add_ratio(b, "expansion", s->host_bytes, s->guest_bytes);
    add_ratio(b, "ns_per_insn", s->translate_ns, s->insns);
    json_builder_end_object(b);
    begin(b, "dropped");
    add_figures(b, dropped, G_N_ELEMENTS(dropped));
    json_builder_end_object(b);
    begin(b, "cache");
    add_figures(b, cache, G_N_ELEMENTS(cache));
    json_builder_end_object(b);
}

static void add_dispatch(JsonBuilder *b, const TrStats *s)
{
    const Figure links[] = { { "made", s->links }, { "undone", s->links_undone } };
    const Figure exits[] = {
        { "budget", s->exits[HOST_BUDGET] }, { "link", s->exits[HOST_LINK] },
        { "lookup", s->exits[HOST_LOOKUP] }, { "leave", s->exits[HOST_LEAVE] },
        { "inside", s->exits[HOST_INSIDE] },
    };
    const Figure interpreted[] = {
        { "steps", s->steps },
        { "deadline_insns", s->deadline_insns },
    };

    begin(b, "lookups");
    add_count(b, "count", s->lookups);
    add_count(b, "hits", s->lookup_hits);
    add_ratio(b, "hit_rate", s->lookup_hits, s->lookups);
    json_builder_end_object(b);
    begin(b, "links");
    add_figures(b, links, G_N_ELEMENTS(links));
    json_builder_end_object(b);
    begin(b, "exits");
    add_figures(b, exits, G_N_ELEMENTS(exits));
    json_builder_end_object(b);
    begin(b, "interpreted");
    add_figures(b, interpreted, G_N_ELEMENTS(interpreted));
    json_builder_end_object(b);
}

static void add_windows(JsonBuilder *b, Machine *m, const TrStats *t)
{
    const MmuStats *s = mmu_stats(vcpu_cold(m->cpu)->mmu);
    const Figure windows[] = {
        { "units", t->hot },
        { "diverted", t->diverted },
        { "faults", s->window_faults },
        { "pages", s->window_pages },
    };

    begin(b, "windows");
    add_figures(b, windows, G_N_ELEMENTS(windows));
    json_builder_end_object(b);
}

static void add_memory(JsonBuilder *b, Machine *m)
{
    const VcpuCold *cold = vcpu_cold(m->cpu);
    const MmuStats *s = mmu_stats(cold->mmu);
    const Figure slow[] = {
        { "loads", cold->slow_loads },
        { "stores", cold->slow_stores },
        { "runs", cold->slow_runs },
        { "device_accesses", cold->device_accesses },
    };
    const Figure mmu[] = {
        { "walks", s->walks },
        { "fills", s->fills },
        { "faults", s->faults },
        { "view_evictions", s->view_evictions },
        { "table_syncs", s->table_syncs },
        { "table_drops", s->table_drops },
    };
    const Figure flushes[] = {
        { "all", s->flush_all },
        { "asid", s->flush_asid },
        { "va", s->flush_va },
        { "asid_change", s->flush_asid_change },
    };
    const Figure errors[] = {
        { "misaligned", s->misaligned },
        { "bus_errors", s->bus_errors },
        { "rom_stores", s->rom_stores },
        { "physical", phys_guest_errors(m->phys) },
    };

    begin(b, "slow_paths");
    add_figures(b, slow, G_N_ELEMENTS(slow));
    json_builder_end_object(b);
    begin(b, "mmu");
    add_figures(b, mmu, G_N_ELEMENTS(mmu));
    json_builder_end_object(b);
    begin(b, "flushes");
    add_figures(b, flushes, G_N_ELEMENTS(flushes));
    json_builder_end_object(b);
    begin(b, "guest_errors");
    add_figures(b, errors, G_N_ELEMENTS(errors));
    for (guint i = 0; i < m->devices->len; i++) {
        const Device *d = g_ptr_array_index(m->devices, i);

        add_count(b, d->path, d->guest_errors);
    }
    json_builder_end_object(b);
}

static void add_exceptions(JsonBuilder *b, Machine *m)
{
    begin(b, "exceptions");
    for (unsigned i = 0; i < m->isa->n_exceptions; i++) {
        if (m->isa->exceptions[i]) {
            add_count(b, m->isa->exceptions[i], vcpu_cold(m->cpu)->exceptions[i]);
        }
    }
    json_builder_end_object(b);
}

static void add_ledger_row(JsonBuilder *b, const InsnInfo *row, const uint64_t *count)
{
    json_builder_begin_object(b);
    add_text(b, "instruction", row->name);
    add_text(b, "encoding", row->encoding);
    add_text(b, "class", class_name(row->sens));
    add_text(b, "kind", class_kind(row->sens));
    add_text(b, "handled", class_handling(row->how));
    add_count(b, "user", count[0]);
    add_count(b, "privileged", count[1]);
    json_builder_end_object(b);
}

static void add_ledger(JsonBuilder *b, Machine *m)
{
    const VcpuCold *cold = vcpu_cold(m->cpu);

    add_count(b, "callouts", cold->callouts);
    json_builder_set_member_name(b, "ledger");
    json_builder_begin_array(b);
    for (unsigned i = 0; i < m->isa->n_insns; i++) {
        if (cold->ledger[2 * i] || cold->ledger[2 * i + 1]) {
            add_ledger_row(b, m->isa->insn(i), &cold->ledger[2 * i]);
        }
    }
    json_builder_end_array(b);
}

static void add_full(JsonBuilder *b, Machine *m, const TrStats *s)
{
    uint64_t inside = s->executions - MIN(s->entries, s->executions);
    char hex[65];

    machine_state_hash(m, hex);
    begin(b, "full");
    add_count(b, "executions", s->executions);
    add_count(b, "entries", s->entries);
    add_count(b, "chained", inside);
    add_ratio(b, "chained_rate", inside, s->executions);
    add_ratio(b, "hit_rate", s->executions - MIN(s->units, s->executions), s->executions);
    add_text(b, "state_hash", hex);
    json_builder_end_object(b);
}

/* ---- all ---- */

void stats_text(Machine *m, uint64_t wall_ns, GString *out)
{
    g_autoptr(JsonBuilder) b = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;
    TrStats s;

    tr_stats(m->tr, &s);
    json_builder_begin_object(b);
    add_run(b, m, wall_ns);
    add_translation(b, &s);
    add_dispatch(b, &s);
    add_memory(b, m);
    add_windows(b, m, &s);
    add_exceptions(b, m);
    add_ledger(b, m);
    if (m->config.stats_full) {
        add_full(b, m, &s);
    }
    json_builder_end_object(b);
    root = json_builder_get_root(b);
    text = json_to_string(root, TRUE);
    g_string_append_printf(out, "%s\n", text);
}

/* To what is no file, as /dev/stdout, there is nothing to replace. */
static bool write_through(const char *path, const GString *text, GError **error)
{
    FILE *out = fopen(path, "w");
    bool ok = out && fwrite(text->str, 1, text->len, out) == text->len;

    if (out) {
        ok = fclose(out) == 0 && ok;
    }
    if (!ok) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "statistics file '%s': %s",
                    path, g_strerror(errno));
    }
    return ok;
}

bool stats_write(Machine *m, uint64_t wall_ns, const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    stats_text(m, wall_ns, text);
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        return write_through(path, text, error);
    }
    return g_file_set_contents(path, text->str, (gssize)text->len, error);
}

bool stats_check(const char *path, GError **error)
{
    FILE *out = fopen(path, "a");

    if (out == NULL) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "statistics file '%s': %s",
                    path, g_strerror(errno));
        return false;
    }
    fclose(out);
    return true;
}
