/* SPDX-License-Identifier: MIT */
/* monitor.c - the table of the monitor's commands, and those that only steer. */
#include <string.h>

#include "base/suggest.h"
#include "machine/monitor_priv.h"
#include "machine/snapshot.h"

static void do_help(Machine *m, const char *args, GString *out);

static void do_stop(Machine *m, const char *args, GString *out)
{
    (void)args, (void)out;
    machine_stop(m);
}

static void do_cont(Machine *m, const char *args, GString *out)
{
    (void)args, (void)out;
    machine_cont(m);
}

static void do_quit(Machine *m, const char *args, GString *out)
{
    (void)args, (void)out;
    machine_end(m, END_QUIT);
}

static void do_reset(Machine *m, const char *args, GString *out)
{
    (void)args, (void)out;
    machine_request_reset(m);
}

static void do_powerdown(Machine *m, const char *args, GString *out)
{
    (void)args;
    if (m->board->power_key) {
        m->board->power_key(m);
    } else {
        g_string_append_printf(out, "machine '%s' has no power key\n", m->board->name);
    }
}

static void do_savevm(Machine *m, const char *args, GString *out)
{
    g_autoptr(GError) error = NULL;

    if (!snapshot_save(m, args, &error)) {
        g_string_append_printf(out, "%s\n", error->message);
    }
}

static void do_loadvm(Machine *m, const char *args, GString *out)
{
    g_autoptr(GError) error = NULL;

    if (!snapshot_load(m, args, &error)) {
        g_string_append_printf(out, "%s\n", error->message);
    }
}

/* Units that are there were made without what the new items want to see. */
static void do_log(Machine *m, const char *args, GString *out)
{
    g_autoptr(GError) error = NULL;
    uint32_t items = 0;

    if (g_str_equal(args, "help") || *args == '\0') {
        g_string_append(out, "none           nothing\n");
        log_help(out);
        return;
    }
    if (!g_str_equal(args, "none") && !log_parse(args, &items, &error)) {
        g_string_append_printf(out, "%s\n", error->message);
        return;
    }
    if (items & ~m->log_at_start & (LOG_EXEC | LOG_CALLOUT)) {
        g_string_append(out, "exec and callout must be among the items of -d at the start\n");
        return;
    }
    m->log.on = items;
    tr_flush(m->tr);
}

/* clang-format off */
static const MonitorCommand commands[] = {
    { "help", "?",   "[COMMAND]",    "this list, or one line of it", do_help, true },
    { "info", NULL,  "SUBJECT",      "what is known about it; info alone lists the subjects",
      monitor_info, false },
    { "x",    NULL,  "/FMT ADDRESS", "memory at a virtual address, as x/8xw 0xc0008000: count,"
                                     " format x d u o c i s, size b h w g", monitor_x, false },
    { "xp",   NULL,  "/FMT ADDRESS", "memory at a physical address; device registers where reading"
                                     " changes nothing", monitor_xp, false },
    { "stop", NULL,  "",             "stop the machine; its time stands still", do_stop, true },
    { "cont", "c",   "",             "go on", do_cont, true },
    { "system_reset", NULL, "",      "reset the machine", do_reset, false },
    { "system_powerdown", NULL, "",  "press the power key", do_powerdown, false },
    { "savevm", NULL, "FILE",        "save the machine's state to a file: a path, not a tag, which"
                                     " goes to the line's end",
      do_savevm, false },
    { "loadvm", NULL, "FILE",        "go on from a saved state", do_loadvm, false },
    { "log",  NULL,  "ITEM,...",     "log these items from now on; none, help", do_log, false },
    { "quit", "q",   "",             "end the run", do_quit, true },
};
/* clang-format on */

const MonitorCommand *monitor_find(const MonitorCommand *rows, unsigned n, const char *what,
                                   const char *word, GString *out)
{
    g_autofree const char **names = g_new0(const char *, n + 1);
    const char *near;

    for (unsigned i = 0; i < n; i++) {
        if (g_str_equal(rows[i].name, word) || g_strcmp0(rows[i].alias, word) == 0) {
            return &rows[i];
        }
        names[i] = rows[i].name;
    }
    near = suggest_nearest(word, names);
    g_string_append_printf(out, "unknown %s '%s'%s%s%s\n", what, word,
                           near ? "; did you mean '" : "; see help", near ? near : "",
                           near ? "'?" : "");
    return NULL;
}

static void describe(const MonitorCommand *c, GString *out)
{
    g_autofree char *head = g_strdup_printf("%s%s%s %s", c->name, c->alias ? "|" : "",
                                            c->alias ? c->alias : "", c->args);

    g_string_append_printf(out, "%-22s %s\n", head, c->help);
}

static void do_help(Machine *m, const char *args, GString *out)
{
    const MonitorCommand *c;

    (void)m;
    if (*args) {
        c = monitor_find(commands, G_N_ELEMENTS(commands), "command", args, out);
        if (c) {
            describe(c, out);
        }
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        describe(&commands[i], out);
    }
}

bool monitor_surplus(const char *what, const char *words, GString *out)
{
    if (*words) {
        g_string_append_printf(out, "'%s' takes nothing more: '%s' is too much\n", what, words);
    }
    return *words != '\0';
}

/* The command that @line begins with and, in @args (owned), the rest; NULL if there is none, or
 * with words that it does not take. */
static const MonitorCommand *parse(const char *line, char **args, GString *out)
{
    g_autofree char *word = NULL;
    const MonitorCommand *c;
    size_t n;

    line += strspn(line, " \t");
    n = strcspn(line, " \t/"); /* x/8xw is x with /8xw */
    word = g_strndup(line, n);
    *args = g_strstrip(g_strdup(line + n));
    c = n ? monitor_find(commands, G_N_ELEMENTS(commands), "command", word, out) : NULL;
    return c && *c->args == '\0' && monitor_surplus(word, *args, out) ? NULL : c;
}

void monitor_run(Machine *m, const char *line, GString *out)
{
    g_autofree char *args = NULL;
    const MonitorCommand *c = parse(line, &args, out);

    if (c) {
        c->run(m, args, out);
    }
}

bool monitor_knows(const char *line, GString *out)
{
    g_autofree char *args = NULL;

    return parse(line, &args, out) != NULL || line[strspn(line, " \t")] == '\0';
}

typedef struct Question {
    const char *line;
    GString *out;
} Question;

static void answer(Machine *m, void *question)
{
    Question *q = question;

    monitor_run(m, q->line, q->out);
}

void monitor_ask(Machine *m, const char *line, GString *out)
{
    g_autofree char *args = NULL;
    Question q = { line, out };
    const MonitorCommand *c = parse(line, &args, out);

    if (c && c->anywhere) {
        c->run(m, args, out);
    } else if (c) {
        machine_call(m, answer, &q);
    }
}
