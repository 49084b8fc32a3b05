/* SPDX-License-Identifier: MIT */
/* options.c - the table of command line options, and the walk over a command line. */
#include "machine/options.h"

#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "base/suggest.h"
#include "machine/options_priv.h"
#include "machine/version.h"

enum { HELP_HEAD = 26 }; /* columns of the left half of the help */

typedef struct OptionDef {
    const char *name;
    const char *value; /* what it is, for the help; NULL: it takes none */
    OptionApply apply;
    const char *help; /* NULL: another name of the row above */
} OptionDef;

/* ---- options that set one thing ---- */

static bool set_text(char **where, const char *value)
{
    g_free(*where);
    *where = g_strdup(value);
    return true;
}

/* clang-format off */
#define TEXT_OPTION(fn, member) \
    static bool fn(Options *o, const char *value, GError **error) \
    { \
        (void)error; \
        return set_text(&o->member, value); \
    }
#define FLAG_OPTION(fn, member) \
    static bool fn(Options *o, const char *value, GError **error) \
    { \
        (void)value, (void)error; \
        o->member = true; \
        return true; \
    }
#define LIST_OPTION(fn, member) \
    static bool fn(Options *o, const char *value, GError **error) \
    { \
        (void)error; \
        g_ptr_array_add(o->member, g_strdup(value)); \
        return true; \
    }
/* clang-format on */

TEXT_OPTION(kernel, config.kernel)
TEXT_OPTION(initrd, config.initrd)
TEXT_OPTION(append, config.append)
TEXT_OPTION(dtb, config.dtb)
TEXT_OPTION(bios, config.bios)
TEXT_OPTION(log_file, log_file)
TEXT_OPTION(gdb, gdb)
TEXT_OPTION(loadvm, loadvm)
FLAG_OPTION(no_reboot, config.no_reboot)
FLAG_OPTION(start_stopped, config.start_stopped)
LIST_OPTION(data_dir, config.data_dirs)
LIST_OPTION(serial, serials)
LIST_OPTION(monitor, monitors)

static bool nographic(Options *o, const char *value, GError **error)
{
    (void)value, (void)error;
    o->nographic = o->config.no_graphics = true;
    return true;
}

static bool gdb_here(Options *o, const char *value, GError **error)
{
    (void)value;
    return gdb(o, "tcp::1234", error);
}

static bool display(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "none", NULL };
    unsigned i;

    o->no_display = true;
    return option_choice("display", value, known, &i, error);
}

static bool network(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "none", NULL };
    unsigned i;

    (void)o; /* no board has a network card: there is nothing to leave out */
    return option_choice("network card", value, known, &i, error);
}

static void spec_free(gpointer spec)
{
    chardev_spec_clear(spec);
    g_free(spec);
}

static bool chardev(Options *o, const char *value, GError **error)
{
    ChardevSpec *spec = g_new0(ChardevSpec, 1);

    if (!chardev_parse_option(value, spec, error)) {
        g_free(spec);
        return false;
    }
    for (guint i = 0; i < o->chardevs->len; i++) {
        if (g_str_equal(((ChardevSpec *)g_ptr_array_index(o->chardevs, i))->id, spec->id)) {
            option_fail(error, "id '%s' is given twice", spec->id);
            spec_free(spec);
            return false;
        }
    }
    g_ptr_array_add(o->chardevs, spec);
    return true;
}

static bool mon_chardev(Options *o, const char *value, GError **error)
{
    (void)error;
    g_ptr_array_add(o->monitors, g_strconcat("chardev:", value, NULL));
    return true;
}

static bool mon_mode(Options *o, const char *value, GError **error)
{
    static const char *const known[] = { "readline", NULL };
    unsigned i;

    (void)o;
    return option_choice("mode", value, known, &i, error);
}

static bool mon(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = {
        { "chardev", mon_chardev },
        { "mode", mon_mode },
        { NULL, NULL },
    };

    return option_keys(o, value, rows, true, error);
}

static bool icount(Options *o, const char *value, GError **error)
{
    (void)o, (void)value;
    return option_fail(error,
                       "not here: time that follows the instruction count is -clock virtual");
}

static bool seed(Options *o, const char *value, GError **error)
{
    o->config.have_seed = true;
    return option_number("seed", value, 0, UINT64_MAX, &o->config.seed, error);
}

static bool stop_at(Options *o, const char *value, GError **error)
{
    return option_number("count", value, 0, UINT64_MAX, &o->config.stop_at, error);
}

static bool log_filter(Options *o, const char *value, GError **error)
{
    return log_parse_filter(&o->log, value, error);
}

static bool help(Options *o, const char *value, GError **error)
{
    (void)value, (void)error;
    o->answer = g_string_new("usage: doppel -M MACHINE -kernel FILE [OPTION...]\n"
                             "       doppel classify ISA [--format=table|csv|json]\n"
                             "options, with one dash or two:\n");
    options_help(o->answer);
    return true;
}

static bool version(Options *o, const char *value, GError **error)
{
    (void)value, (void)error;
    o->answer = g_string_new("doppel " DOPPEL_VERSION "\n");
    return true;
}

/* ---- the table ---- */

/* clang-format off */
static const OptionDef table[] = {
    { "h",         NULL,            help,          "show this help" },
    { "help",      NULL,            help,          NULL },
    { "version",   NULL,            version,       "show the version" },
    { "M",         "NAME[,KEY=V]",  option_machine, "the machine; help lists them" },
    { "machine",   "NAME[,KEY=V]",  option_machine, NULL },
    { "cpu",       "NAME[,KEY=V]",          option_cpu,    "its CPU; help lists them" },
    { "m",         "SIZE",          option_memory, "memory: MiB, or with K, M, G" },
    { "smp",       "1",             option_smp,    "virtual CPUs: 1 only so far" },
    { "accel",     "jit|tcg|interp", option_accel,  "how guest code runs; help tells more" },
    { "kernel",    "FILE",          kernel,        "ELF file; for ARM also zImage, Image,\n"
                                                   "uImage; for a PC bzImage, multiboot, PVH" },
    { "initrd",    "FILE",          initrd,        "initial ramdisk" },
    { "append",    "TEXT",          append,        "the kernel's command line" },
    { "dtb",       "FILE",          dtb,           "device tree in place of the machine's own" },
    { "bios",      "FILE",          bios,          "firmware, where the CPU starts" },
    { "L",         "DIR",           data_dir,      "look for firmware there first" },
    { "device",    "TYPE[,KEY=V]",  option_device, "add a part; help lists them" },
    { "no-reboot", NULL,            no_reboot,     "end where the guest would reboot" },
    { "nographic", NULL,            nographic,     "serial port and monitor here, by Ctrl-A" },
    { "display",   "none",          display,       "no window; serial ports as -serial says" },
    { "serial",    "CHANNEL",       serial,        "null, stdio, mon:stdio, pty, file:PATH,\n"
                                                   "tcp:HOST:PORT[,server][,nowait],\n"
                                                   "unix:PATH[,...], none, chardev:ID; a PC has\n"
                                                   "as many ports, and one without any -serial" },
    { "monitor",   "CHANNEL",       monitor,       "the same, for the monitor" },
    { "mon",       "chardev=ID",    mon,           "a monitor on that -chardev" },
    { "chardev",   "KIND,id=ID,...", chardev,       "a channel: null, stdio, pty, file, socket" },
    { "nic",       "none",          network,       "no network card: there is none" },
    { "net",       "none",          network,       NULL },
    { "S",         NULL,            start_stopped, "do not start until the monitor's cont\n"
                                                   "or the debugger's continue" },
    { "s",         NULL,            gdb_here,      "the same as -gdb tcp::1234" },
    { "gdb",       "CHANNEL",       gdb,           "wait for a debugger there: tcp:[HOST]:PORT,\n"
                                                   "unix:PATH, stdio, pty, chardev:ID" },
    { "loadvm",    "FILE",          loadvm,        "go on from what savevm saved in that file (a\n"
                                                   "path, not a tag), on the same machine" },
    { "clock",     "host|virtual[,ns=N][,sleep=on|off]", option_clock,
                                                   "what time follows" },
    { "icount",    "...",           icount,        "not here: see -clock virtual" },
    { "seed",      "N",             seed,          "of everything random the guest is given" },
    { "rtc",       "base=DATE",     option_rtc,    "the guest's date at start: utc, localtime,\n"
                                                   "YYYY-MM-DD[THH:MM:SS]" },
    { "stop-at",   "COUNT",         stop_at,       "end when so many instructions have retired" },
    { "at",        "COUNT:COMMAND", option_at,     "run a monitor command at that count; its\n"
                                                   "answer goes to standard error" },
    { "tcache",    "size=SIZE,chain=on|off,windows=on|off|always,policy=fifo", option_tcache,
                                                   "the code cache" },
    { "d",         "ITEM,...",      option_log,    "log; help lists the items" },
    { "D",         "FILE",          log_file,      "where to, instead of standard error" },
    { "dfilter",   "RANGE,...",     log_filter,    "of these guest addresses only: A..B, A+N" },
    { "stats",     "FILE[,detail=full]", option_stats,
                                                   "figures as JSON, at the end and on SIGUSR1" },
};
/* clang-format on */

void options_help(GString *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        const OptionDef *d = &table[i];
        g_autofree char *head = g_strdup_printf("-%s%s%s", d->name, d->value ? " " : "",
                                                d->value ? d->value : "");
        g_auto(GStrv) help = g_strsplit(d->help ? d->help : "the same", "\n", -1);
        bool own_line = strlen(head) > HELP_HEAD;

        g_string_append_printf(out, "  %-*s%s", HELP_HEAD, head, own_line ? "\n" : " ");
        for (unsigned k = 0; help[k]; k++) {
            g_string_append_printf(out, "%*s%s\n", k > 0 || own_line ? HELP_HEAD + 3 : 0, "",
                                   help[k]);
        }
    }
}

static bool unknown(const char *arg, GError **error)
{
    const char *names[G_N_ELEMENTS(table) + 1] = { NULL }, *near;

    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        names[i] = table[i].name;
    }
    near = suggest_nearest(arg + strspn(arg, "-"), names);
    return option_fail(error, "unknown option %s%s%s%s", arg, near ? "; did you mean -" : "",
                       near ? near : "", near ? "?" : "; -h lists all");
}

static const OptionDef *find(const char *arg)
{
    const char *name = arg + (arg[1] == '-' ? 2 : 1);

    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        if (g_str_equal(table[i].name, name)) {
            return &table[i];
        }
    }
    return NULL;
}

/* One option at argv[*i]; *i moves to the last word of it. */
static bool take(Options *o, int argc, char *const *argv, int *i, GError **error)
{
    const char *arg = argv[*i], *value = NULL;
    const OptionDef *d;

    if (arg[0] != '-' || arg[1] == '\0') {
        return option_fail(error, "unexpected word '%s': options begin with -; -h lists all", arg);
    }
    d = find(arg);
    if (d == NULL) {
        return unknown(arg, error);
    }
    if (d->value) {
        if (++*i >= argc) {
            return option_fail(error, "option -%s needs a value: %s", d->name, d->value);
        }
        value = argv[*i];
    }
    if (!d->apply(o, value, error)) {
        g_prefix_error(error, "option -%s: ", d->name);
        return false;
    }
    return true;
}

static void extra_clear(gpointer extra) { g_free(((MachineExtra *)extra)->chardev); }
static void at_clear(gpointer at) { g_free(((MachineAt *)at)->command); }

static void init(Options *o)
{
    *o = (Options){ .config = { .stop_at = UINT64_MAX } };
    o->config.tr.main = &x64_host;
    o->config.tr.interp = &interp_host;
    o->config.tr.host.chain = true;
    o->config.tr.windows = TR_WINDOWS_HOT;
    o->config.data_dirs = g_ptr_array_new_with_free_func(g_free);
    o->config.extra = g_array_new(FALSE, TRUE, sizeof(MachineExtra));
    g_array_set_clear_func(o->config.extra, extra_clear);
    o->serials = g_ptr_array_new_with_free_func(g_free);
    o->monitors = g_ptr_array_new_with_free_func(g_free);
    o->chardevs = g_ptr_array_new_with_free_func(spec_free);
    o->at = g_array_new(FALSE, FALSE, sizeof(MachineAt));
    g_array_set_clear_func(o->at, at_clear);
}

bool options_parse(Options *o, int argc, char *const *argv, GError **error)
{
    bool ok = true;

    init(o);
    for (int i = 1; ok && o->answer == NULL && i < argc; i++) {
        ok = take(o, argc, argv, &i, error);
    }
    ok = ok && (o->answer || option_finish(o, error));
    if (!ok) {
        options_clear(o);
    }
    return ok;
}

void options_clear(Options *o)
{
    machine_config_clear(&o->config);
    if (o->answer) {
        g_string_free(o->answer, TRUE);
    }
    g_free(o->cpu);
    g_free(o->gdb);
    g_free(o->log_file);
    g_free(o->stats_file);
    g_free(o->loadvm);
    log_clear(&o->log);
    g_ptr_array_unref(o->serials);
    g_ptr_array_unref(o->monitors);
    g_ptr_array_unref(o->chardevs);
    g_array_unref(o->at);
    *o = (Options){ 0 };
}
