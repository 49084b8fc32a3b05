/* SPDX-License-Identifier: MIT */
/* gdb_run.c - the debugger's commands that stop, step and go on, and its breakpoints. */
#include <string.h>

#include "machine/gdb_priv.h"

void gdb_stop_reply(Gdb *g, unsigned signal)
{
    g_autofree char *text = g_strdup_printf("T%02xthread:01;", signal);

    gdb_send(g, text, strlen(text));
}

/* ---- breakpoints ---- */

static gint by_address(gconstpointer a, gconstpointer b)
{
    const Gva *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static void apply(Machine *m, void *gdb)
{
    const Gdb *g = gdb;

    tr_set_breakpoints(m->tr, (const Gva *)(const void *)g->applied->data, g->applied->len);
}

/* The debugger removes and inserts all at each stop: what counts is what is there on going on. */
static void apply_breaks(Gdb *g)
{
    GArray *now = g_array_new(FALSE, FALSE, sizeof(Gva));

    for (guint i = 0; i < g->breaks->len; i++) {
        g_array_append_val(now, g_array_index(g->breaks, GdbBreak, i).va);
    }
    g_array_sort(now, by_address);
    if (now->len != g->applied->len
        || (now->len > 0 && memcmp(now->data, g->applied->data, now->len * sizeof(Gva)) != 0)) {
        g_array_unref(g->applied);
        g->applied = now;
        machine_call(g->m, apply, g);
    } else {
        g_array_unref(now);
    }
}

void gdb_forget_breaks(Gdb *g)
{
    g_array_set_size(g->breaks, 0);
    apply_breaks(g);
}

/* TYPE,ADDRESS,KIND. Kind is the bytes of the instruction; all that matters is where it starts. */
static GdbAnswer take_break(const Gdb *g, GdbText *args, GdbBreak *out)
{
    uint64_t type, va, kind;

    if (!gdb_take_hex(args, &type) || !gdb_take(args, ",") || !gdb_take_hex(args, &va)
        || !gdb_take(args, ",") || !gdb_take_hex(args, &kind) || !gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    if (type > 1) {
        return GDB_UNKNOWN;
    }
    if (va > UINT32_MAX || kind > g->isa->breakpoint_max) {
        return GDB_E_INVALID;
    }
    *out = (GdbBreak){ (Gva)va, (unsigned)type };
    return GDB_OK;
}

static guint find_break(const Gdb *g, const GdbBreak *b)
{
    guint i = 0;

    while (i < g->breaks->len
           && (g_array_index(g->breaks, GdbBreak, i).va != b->va
               || g_array_index(g->breaks, GdbBreak, i).type != b->type)) {
        i++;
    }
    return i;
}

GdbAnswer gdb_do_insert(Gdb *g, GdbText *args, GString *out)
{
    GdbBreak b;
    GdbAnswer answer = take_break(g, args, &b);

    (void)out;
    if (answer != GDB_OK || find_break(g, &b) < g->breaks->len) {
        return answer;
    }
    if (g->breaks->len == GDB_BREAKPOINTS_MAX) {
        return GDB_E_INVALID;
    }
    g_array_append_val(g->breaks, b);
    return GDB_OK;
}

GdbAnswer gdb_do_remove(Gdb *g, GdbText *args, GString *out)
{
    GdbBreak b;
    GdbAnswer answer = take_break(g, args, &b);
    guint i;

    (void)out;
    if (answer != GDB_OK) {
        return answer;
    }
    i = find_break(g, &b);
    if (i < g->breaks->len) {
        g_array_remove_index_fast(g->breaks, i);
    }
    return GDB_OK; /* again is as once: gdb has two locations at one address */
}

/* ---- going on ---- */

static GdbAnswer go_on(Gdb *g)
{
    apply_breaks(g);
    g->running = true;
    machine_cont(g->m);
    return GDB_LATER;
}

static void step(Machine *m, void *gdb) { machine_step(m, ((Gdb *)gdb)->how); }

/* If the instruction ends the run, the end of the session says so. */
static GdbAnswer step_once(Gdb *g)
{
    machine_stop(g->m);
    machine_call(g->m, step, g);
    if (g->m->end != END_NONE) {
        g->running = true;
        return GDB_LATER;
    }
    gdb_stop_reply(g, GDB_SIGTRAP);
    return GDB_LATER;
}

/* [ADDRESS] */
static GdbAnswer resume(Gdb *g, GdbText *args, bool stepping)
{
    uint64_t va;

    if (!gdb_at_end(args)) {
        if (!gdb_take_hex(args, &va) || !gdb_at_end(args)) {
            return GDB_E_SYNTAX;
        }
        if (!gdb_set_pc(g, va)) {
            return GDB_E_INVALID;
        }
    }
    return stepping ? step_once(g) : go_on(g);
}

/* SIGNAL[;ADDRESS]: a processor has no signals to be given. */
static GdbAnswer resume_signal(Gdb *g, GdbText *args, bool stepping)
{
    uint64_t signal;

    if (!gdb_take_hex(args, &signal) || (gdb_take(args, ";") && gdb_at_end(args))) {
        return GDB_E_SYNTAX;
    }
    return resume(g, args, stepping);
}

GdbAnswer gdb_do_cont(Gdb *g, GdbText *args, GString *out)
{
    (void)out;
    return resume(g, args, false);
}

GdbAnswer gdb_do_step(Gdb *g, GdbText *args, GString *out)
{
    (void)out;
    return resume(g, args, true);
}

GdbAnswer gdb_do_cont_signal(Gdb *g, GdbText *args, GString *out)
{
    (void)out;
    return resume_signal(g, args, false);
}

GdbAnswer gdb_do_step_signal(Gdb *g, GdbText *args, GString *out)
{
    (void)out;
    return resume_signal(g, args, true);
}

GdbAnswer gdb_do_vcont_query(Gdb *g, GdbText *args, GString *out)
{
    (void)g, (void)args;
    g_string_append(out, "vCont;c;C;s;S");
    return GDB_TEXT;
}

/* ACTION[:THREAD]; false if it is not one of ours. */
static bool take_action(GdbText *args, bool *stepping)
{
    bool with_signal;
    uint64_t signal;

    if (gdb_at_end(args)) {
        return false;
    }
    *stepping = *args->p == 's' || *args->p == 'S';
    with_signal = *args->p == 'C' || *args->p == 'S';
    if (!*stepping && !with_signal && *args->p != 'c') {
        return false;
    }
    args->p++;
    return (!with_signal || gdb_take_hex(args, &signal))
           && (!gdb_take(args, ":") || gdb_take_thread(args));
}

/* Of several actions the leftmost that names a thread counts for it: with one thread, the first. */
GdbAnswer gdb_do_vcont(Gdb *g, GdbText *args, GString *out)
{
    bool stepping = false, other, first = true;

    (void)out;
    while (gdb_take(args, ";")) {
        if (!take_action(args, first ? &stepping : &other)) {
            return GDB_E_SYNTAX;
        }
        first = false;
    }
    if (first || !gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    return stepping ? step_once(g) : go_on(g);
}

/* ---- stopping ---- */

GdbAnswer gdb_do_why(Gdb *g, GdbText *args, GString *out)
{
    (void)out;
    if (!gdb_at_end(args)) {
        return GDB_UNKNOWN;
    }
    machine_stop(g->m);
    gdb_stop_reply(g, GDB_SIGTRAP);
    return GDB_LATER;
}

GdbAnswer gdb_do_detach(Gdb *g, GdbText *args, GString *out)
{
    uint64_t process;

    (void)out;
    if (!gdb_at_end(args)
        && (!gdb_take(args, ";") || !gdb_take_hex(args, &process) || !gdb_at_end(args))) {
        return GDB_E_SYNTAX;
    }
    gdb_forget_breaks(g);
    machine_cont(g->m);
    return GDB_OK;
}

GdbAnswer gdb_do_kill(Gdb *g, GdbText *args, GString *out)
{
    bool all = gdb_at_end(args); /* k; vKill;PROCESS is answered, k is not */
    uint64_t process;

    (void)out;
    if (!all && *args->p != ';') {
        return GDB_UNKNOWN;
    }
    if (!all && (!gdb_take(args, ";") || !gdb_take_hex(args, &process) || !gdb_at_end(args))) {
        return GDB_E_SYNTAX;
    }
    machine_end(g->m, END_QUIT);
    return all ? GDB_LATER : GDB_OK;
}
