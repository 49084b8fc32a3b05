/* SPDX-License-Identifier: MIT */
/* options_values.c - options whose value has parts: what each part may be and what it sets. */
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "machine/options_priv.h"
#include "translator/cache.h"

static bool is_help(const char *value)
{
    return g_str_equal(value, "help") || g_str_equal(value, "?");
}

/* ---- -accel ---- */

/* clang-format off */
static const struct {
    const char *name, *help;
    const HostIsa *host;
} accels[] = {
    { "jit",    "translates to code of this host (the default)", &x64_host },
    { "tcg",    "the same, by the name that scripts for QEMU use", &x64_host },
    { "interp", "interprets the intermediate code", &interp_host },
};
/* clang-format on */

static bool accel_name(Options *o, const char *value, GError **error)
{
    const char *names[G_N_ELEMENTS(accels) + 1] = { NULL };
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(accels); i++) {
        names[i] = accels[i].name;
    }
    if (is_help(value)) {
        o->answer = g_string_new("accelerators:\n");
        for (i = 0; i < G_N_ELEMENTS(accels); i++) {
            g_string_append_printf(o->answer, "%-8s %s\n", accels[i].name, accels[i].help);
        }
        return true;
    }
    if (!option_choice("accelerator", value, names, &i, error)) {
        return false;
    }
    o->config.tr.main = accels[i].host;
    o->config.interpret = accels[i].host->interprets;
    return true;
}

static bool accel_thread(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "single", NULL };
    unsigned i;

    (void)o;
    return option_choice("thread", value, known, &i, error);
}

static bool cache_size(Options *o, const char *value, GError **error)
{
    uint64_t bytes;

    if (!option_size("cache size", value, &bytes, error)) {
        return false;
    }
    if (bytes < CACHE_MIN_BYTES || bytes > CACHE_MAX_BYTES) {
        return option_fail(error, "cache size '%s' is out of range: %u KiB to %u MiB", value,
                           (unsigned)CACHE_MIN_BYTES >> 10, (unsigned)CACHE_MAX_BYTES >> 20);
    }
    o->config.tr.cache_bytes = bytes;
    return true;
}

bool option_accel(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = {
        { "accel", accel_name },
        { "thread", accel_thread },
        { "tb-size", cache_size },
        { NULL, NULL },
    };

    return option_keys(o, value, rows, true, error);
}

/* ---- -tcache ---- */

static bool cache_chain(Options *o, const char *value, GError **error)
{
    return option_on_off("chain", value, &o->config.tr.host.chain, error);
}

static bool cache_policy(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "fifo", NULL };
    unsigned i;

    (void)o;
    return option_choice("policy", value, known, &i, error);
}

static bool cache_windows(Options *o, const char *value, GError **error)
{
    static const char *const known[] = {
        [TR_WINDOWS_OFF] = "off", [TR_WINDOWS_HOT] = "on", [TR_WINDOWS_ALWAYS] = "always", NULL
    };
    unsigned i;

    if (!option_choice("windows", value, known, &i, error)) {
        return false;
    }
    o->config.tr.windows = (TrWindows)i;
    return true;
}

bool option_tcache(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = {
        { "size", cache_size },     { "chain", cache_chain }, { "windows", cache_windows },
        { "policy", cache_policy }, { NULL, NULL },
    };

    return option_keys(o, value, rows, false, error);
}

/* ---- -M, -cpu ---- */

static bool machine_name(Options *o, const char *value, GError **error)
{
    const Board *const *all = board_all();
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    unsigned i;

    if (is_help(value)) {
        o->answer = g_string_new("machines:\n");
        for (i = 0; all[i]; i++) {
            g_string_append_printf(o->answer, "%-8s %s\n", all[i]->name, all[i]->help);
        }
        return true;
    }
    for (i = 0; all[i]; i++) {
        g_ptr_array_add(names, (gpointer)(uintptr_t)all[i]->name);
    }
    g_ptr_array_add(names, NULL);
    if (!option_choice("machine", value, (const char *const *)(void *)names->pdata, &i, error)) {
        return false;
    }
    o->config.board = all[i];
    o->config.boot_direct = false; /* another machine's property */
    return true;
}

static bool must_be_off(const char *what, const char *why, const char *value, GError **error)
{
    bool on;

    if (!option_on_off(what, value, &on, error)) {
        return false;
    }
    return on ? option_fail(error, "%s=on is not possible: %s", what, why) : true;
}

static bool machine_virtualization(Options *o, const char *value, GError **error)
{
    (void)o;
    return must_be_off("virtualization", "the CPUs here have no Virtualization Extensions yet",
                       value, error);
}

static bool machine_secure(Options *o, const char *value, GError **error)
{
    (void)o;
    return must_be_off("secure", "the CPUs here have no Security Extensions yet", value, error);
}

static bool machine_gic(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "2", NULL };
    unsigned i;

    (void)o;
    return option_choice("gic-version", value, known, &i, error);
}

/* Whether the board itself enters the kernel, or firmware does. */
static bool machine_boot(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "firmware", "direct", NULL };
    unsigned i;

    if (!option_choice("boot", value, known, &i, error)) {
        return false;
    }
    o->config.boot_direct = i == 1;
    return true;
}

/* clang-format off */
static const OptionKey of_all[] = {
    { "type", machine_name },
    { "accel", accel_name },
    { NULL, NULL },
};
static const OptionKey of_virt[] = {
    { "type", machine_name },
    { "accel", accel_name },
    { "virtualization", machine_virtualization },
    { "secure", machine_secure },
    { "gic-version", machine_gic },
    { NULL, NULL },
};
static const OptionKey of_pc[] = {
    { "type", machine_name },
    { "accel", accel_name },
    { "boot", machine_boot },
    { NULL, NULL },
};
static const struct {
    const char *machine;
    const OptionKey *rows;
} properties[] = {
    { "virt", of_virt },
    { "pc", of_pc },
};
/* clang-format on */

/* The properties of the machine that the value names, or of the one that was chosen before. */
bool option_machine(Options *o, const char *value, GError **error)
{
    g_autofree char *named = option_key_value(value, "type"), *owner = NULL;
    const char *name = named ? named : o->config.board ? o->config.board->name : NULL;
    const OptionKey *rows = of_all;

    for (unsigned i = 0; name && i < G_N_ELEMENTS(properties); i++) {
        if (g_str_equal(properties[i].machine, name)) {
            rows = properties[i].rows;
        }
    }
    owner = name ? g_strdup_printf("machine '%s'", name) : NULL;
    return option_keys_of(o, owner, value, rows, true, error);
}

static void cpu_help(Options *o)
{
    const Board *const *all = board_all();

    o->answer = g_string_new("CPUs:\n");
    for (; *all; all++) {
        for (const char *const *cpu = (*all)->cpus; *cpu; cpu++) {
            g_string_append_printf(o->answer, "%-12s of machine %s%s\n", *cpu, (*all)->name,
                                   g_str_equal(*cpu, (*all)->default_cpu) ? " (its default)" : "");
        }
    }
}

static bool cpu_model(Options *o, const char *value, GError **error)
{
    (void)error;
    if (is_help(value)) {
        cpu_help(o);
        return true;
    }
    g_free(o->cpu);
    o->cpu = g_strdup(value);
    return true;
}

static bool cpu_order(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "little", "big", NULL };
    unsigned i;

    if (!option_choice("endian", value, known, &i, error)) {
        return false;
    }
    o->config.order = i == 0 ? ORDER_LITTLE : ORDER_BIG;
    return true;
}

bool option_cpu(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = {
        { "model", cpu_model },
        { "endian", cpu_order },
        { NULL, NULL },
    };

    return option_keys(o, value, rows, true, error);
}

/* ---- -m, -smp ---- */

static bool memory_size(Options *o, const char *value, GError **error)
{
    if (!option_size("memory size", value, &o->config.ram_bytes, error)) {
        return false;
    }
    return o->config.ram_bytes ? true : option_fail(error, "memory size '%s' is no memory", value);
}

bool option_memory(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = { { "size", memory_size }, { NULL, NULL } };

    return option_keys(o, value, rows, true, error);
}

/* Any of the counts of -smp: only 1 is possible. */
static bool one_cpu(Options *o, const char *value, GError **error)
{
    uint64_t n;

    (void)o;
    if (!option_number("count", value, 0, UINT64_MAX, &n, error)) {
        return false;
    }
    return n == 1 ? true
                  : option_fail(error, "%s virtual CPUs are not possible: there is one only so far",
                                value);
}

bool option_smp(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = {
        { "cpus", one_cpu },    { "sockets", one_cpu }, { "cores", one_cpu },
        { "threads", one_cpu }, { "maxcpus", one_cpu }, { NULL, NULL },
    };

    return option_keys(o, value, rows, true, error);
}

/* ---- time ---- */

static bool clock_kind(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "host", "virtual", NULL };
    unsigned i;

    if (!option_choice("clock", value, known, &i, error)) {
        return false;
    }
    o->config.clock_virtual = i == 1;
    return true;
}

static bool clock_ns(Options *o, const char *value, GError **error)
{
    uint64_t ns;

    if (!option_number("ns", value, 1, 1000000, &ns, error)) {
        return false;
    }
    o->config.ns_per_insn = (uint32_t)ns;
    return true;
}

static bool clock_sleep(Options *o, const char *value, GError **error)
{
    return option_on_off("sleep", value, &o->config.clock_sleep, error);
}

bool option_clock(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = {
        { "kind", clock_kind },
        { "ns", clock_ns },
        { "sleep", clock_sleep },
        { NULL, NULL },
    };

    if (!option_keys(o, value, rows, true, error)) {
        return false;
    }
    if (!o->config.clock_virtual && (o->config.ns_per_insn || o->config.clock_sleep)) {
        return option_fail(error, "ns and sleep belong to -clock virtual");
    }
    return true;
}

/* A date with or without time of day, in UTC. */
static bool parse_date(const char *text, int64_t *out)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autofree char *full = strchr(text, 'T') ? g_strdup(text)
                                              : g_strconcat(text, "T00:00:00", NULL);
    g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(full, utc);

    if (date == NULL) {
        return false;
    }
    *out = g_date_time_to_unix(date);
    return true;
}

static bool rtc_base(Options *o, const char *value, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    int64_t *base = &o->config.rtc_base_s;

    o->config.have_rtc = true;
    *base = g_date_time_to_unix(now);
    if (g_str_equal(value, "localtime")) {
        *base += g_date_time_get_utc_offset(now) / G_USEC_PER_SEC;
    } else if (!g_str_equal(value, "utc") && !parse_date(value, base)) {
        return option_fail(error, "base '%s' is not utc, localtime or a date YYYY-MM-DD[THH:MM:SS]",
                           value);
    }
    return *base >= 0 && *base <= UINT32_MAX
               ? true
               : option_fail(error, "base '%s' is outside 1970 to 2106", value);
}

bool option_rtc(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = { { "base", rtc_base }, { NULL, NULL } };

    return option_keys(o, value, rows, false, error);
}

/* ---- seeing ---- */

static bool stats_file(Options *o, const char *value, GError **error)
{
    (void)error;
    g_free(o->stats_file);
    o->stats_file = g_strdup(value);
    return *value ? true : option_fail(error, "no file is named");
}

static bool stats_detail(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "basic", "full", NULL };
    unsigned i;

    if (!option_choice("detail", value, known, &i, error)) {
        return false;
    }
    o->config.stats_full = i == 1;
    o->config.tr.ledger_units = o->config.tr.host.count_units = i == 1;
    return true;
}

bool option_stats(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = {
        { "file", stats_file },
        { "detail", stats_detail },
        { NULL, NULL },
    };

    return option_keys(o, value, rows, true, error);
}

static gint by_count(gconstpointer a, gconstpointer b)
{
    uint64_t x = ((const MachineAt *)a)->count, y = ((const MachineAt *)b)->count;

    return (x > y) - (x < y);
}

/* COUNT:COMMAND. Commands of one count keep their order: the sort is stable. */
bool option_at(Options *o, const char *value, GError **error)
{
    g_auto(GStrv) half = g_strsplit(value, ":", 2);
    MachineAt at = { 0, NULL };

    if (half[0] == NULL || half[1] == NULL || *half[1] == '\0') {
        return option_fail(error, "'%s' is not COUNT:COMMAND", value);
    }
    if (!option_number("count", half[0], 0, UINT64_MAX, &at.count, error)) {
        return false;
    }
    at.command = g_strdup(half[1]);
    g_array_append_val(o->at, at);
    g_array_sort(o->at, by_count);
    return true;
}

bool option_log(Options *o, const char *value, GError **error)
{
    uint32_t items;

    if (is_help(value)) {
        o->answer = g_string_new("log items:\n");
        log_help(o->answer);
        return true;
    }
    if (!log_parse(value, &items, error)) {
        return false;
    }
    o->log.on |= items;
    return true;
}

/* ---- after all ---- */

/* -serial none leaves its slot empty. */
static void note_serials(Options *o)
{
    o->config.have_serials = o->serials->len > 0;
    for (guint i = 0; i < MIN(o->serials->len, 32); i++) {
        if (!g_str_equal(g_ptr_array_index(o->serials, i), "none")) {
            o->config.serials |= 1u << i;
        }
    }
}

bool option_finish(Options *o, GError **error)
{
    const Board *b = o->config.board;
    unsigned i;

    if (b == NULL) {
        return option_fail(error, "no machine is chosen: -M virt; -M help lists all");
    }
    if (o->cpu) {
        g_autofree char *what = g_strdup_printf("option -cpu: CPU of machine %s", b->name);

        if (!option_choice(what, o->cpu, b->cpus, &i, error)) {
            return false;
        }
        o->config.cpu = b->cpus[i];
    }
    if (o->config.order != ORDER_ANY && !b->takes_order) {
        return option_fail(error, "option -cpu: CPUs of machine %s have no endian=", b->name);
    }
    if (o->config.bios && !b->takes_bios) {
        return option_fail(error, "option -bios: machine %s takes none", b->name);
    }
    if (o->config.bios && o->config.boot_direct) {
        return option_fail(error, "option -bios: boot=direct does without firmware");
    }
    if (o->config.kernel == NULL && (o->config.append || o->config.initrd || o->config.dtb)) {
        return option_fail(error, "option -%s goes with a kernel only: -kernel FILE",
                           o->config.append   ? "append"
                           : o->config.initrd ? "initrd"
                                              : "dtb");
    }
    if (o->config.extra->len > 0 && !b->has_isa) {
        return option_fail(error, "option -device: machine %s has no ISA bus", b->name);
    }
    if (o->config.kernel == NULL && o->config.bios == NULL) {
        return option_fail(error, "no kernel is given: -kernel FILE%s",
                           b->takes_bios ? ", or -bios FILE" : "");
    }
    note_serials(o);
    return true;
}
