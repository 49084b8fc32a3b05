/* SPDX-License-Identifier: MIT */
/* gdb.c - the debugger's session: takes packets, finds their command, answers. */
#include "machine/gdb.h"

#include <string.h>

#include "machine/gdb_priv.h"

enum { STALL_MS = 200 }; /* for a peer that does not read */

typedef struct Command {
    const char *name;
    GdbRun run;
} Command;

/* The longest name that a packet begins with counts. gdb's manual, Remote Protocol, Packets. */
/* clang-format off */
static const Command commands[] = {
    { "?",                     gdb_do_why },
    { "c",                     gdb_do_cont },
    { "C",                     gdb_do_cont_signal },
    { "s",                     gdb_do_step },
    { "S",                     gdb_do_step_signal },
    { "vCont",                 gdb_do_vcont },
    { "vCont?",                gdb_do_vcont_query },
    { "Z",                     gdb_do_insert },
    { "z",                     gdb_do_remove },
    { "D",                     gdb_do_detach },
    { "k",                     gdb_do_kill },
    { "vKill",                 gdb_do_kill },
    { "g",                     gdb_do_read_all },
    { "G",                     gdb_do_write_all },
    { "p",                     gdb_do_read_reg },
    { "P",                     gdb_do_write_reg },
    { "m",                     gdb_do_read_memory },
    { "M",                     gdb_do_write_memory },
    { "X",                     gdb_do_write_binary },
    { "qSupported",            gdb_do_supported },
    { "qXfer:features:read",   gdb_do_features },
    { "QStartNoAckMode",       gdb_do_no_ack },
    { "H",                     gdb_do_thread },
    { "T",                     gdb_do_alive },
    { "qC",                    gdb_do_current },
    { "qfThreadInfo",          gdb_do_first_threads },
    { "qsThreadInfo",          gdb_do_next_threads },
    { "qThreadExtraInfo",      gdb_do_thread_text },
    { "qAttached",             gdb_do_attached },
    { "qRcmd",                 gdb_do_monitor },
    /* As QEMU has them. */
    { "qqemu.PhyMemMode",      gdb_do_physical },
    { "Qqemu.PhyMemMode",      gdb_do_set_physical },
    { "qqemu.sstepbits",       gdb_do_step_bits },
    { "qqemu.sstep",           gdb_do_step_how },
    { "Qqemu.sstep",           gdb_do_set_step_how },
};
/* clang-format on */

/* ---- output ---- */

static void write_now(Gdb *g, const char *p, size_t n)
{
    chardev_write(g->chr, (const uint8_t *)p, n);
    chardev_flush(g->chr, STALL_MS);
}

void gdb_send(Gdb *g, const char *data, size_t n)
{
    g_string_truncate(g->sent, 0);
    gdb_frame(g->sent, data, n);
    write_now(g, g->sent->str, g->sent->len);
}

/* ---- commands ---- */

/* A word of several letters ends where another could not go on. */
static bool matches(const char *name, const char *data, size_t n)
{
    size_t length = strlen(name);

    return length <= n && memcmp(name, data, length) == 0
           && (length == 1 || length == n || !g_ascii_isalnum(data[length]));
}

static const Command *find(const char *data, size_t n)
{
    const Command *best = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (matches(commands[i].name, data, n)
            && (best == NULL || strlen(best->name) < strlen(commands[i].name))) {
            best = &commands[i];
        }
    }
    return best;
}

static void obey(Gdb *g, const char *data, size_t n)
{
    static const char *const fixed[] = {
        [GDB_OK] = "OK",        [GDB_UNKNOWN] = "",      [GDB_E_SYNTAX] = "E01",
        [GDB_E_MEMORY] = "E14", [GDB_E_INVALID] = "E22",
    };
    g_autoptr(GString) out = g_string_new(NULL);
    const Command *c = find(data, n);
    GdbAnswer answer = GDB_UNKNOWN;

    if (c) {
        GdbText args = { data + strlen(c->name), data + n };

        answer = c->run(g, &args, out);
    }
    if (answer == GDB_TEXT) {
        gdb_send(g, out->str, out->len);
    } else if (answer != GDB_LATER) {
        gdb_send(g, fixed[answer], strlen(fixed[answer]));
    }
}

/* ---- input ---- */

/* A debugger that sends packets while the guest runs wants it stopped. */
static void halt(Gdb *g)
{
    if (g->running) {
        g->running = false;
        machine_stop(g->m);
    }
}

static void take(Gdb *g, uint8_t byte)
{
    switch (gdb_read(&g->reader, byte)) {
    case GDB_PACKET:
        if (!g->no_ack) {
            chardev_write(g->chr, (const uint8_t *)"+", 1);
        }
        halt(g);
        obey(g, g->reader.data, g->reader.n);
        break;
    case GDB_TOO_LONG:
        if (!g->no_ack) {
            chardev_write(g->chr, (const uint8_t *)"+", 1);
        }
        gdb_send(g, "E22", 3);
        break;
    case GDB_BAD_SUM:
        if (g->no_ack) {
            gdb_send(g, "E01", 3);
        } else {
            write_now(g, "-", 1);
        }
        break;
    case GDB_INTERRUPT:
        if (g->running) {
            machine_stop(g->m);
        }
        break;
    case GDB_NAK:
        if (!g->no_ack) {
            write_now(g, g->sent->str, g->sent->len);
        }
        break;
    case GDB_ACK:
    case GDB_NOTHING: break;
    }
}

void gdb_input(Gdb *g, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        take(g, p[i]);
    }
}

void gdb_peer(Gdb *g, bool open)
{
    g->attached = open;
    g->no_ack = g->running = g->physical = false;
    g->how = STEP_NO_IRQ | STEP_NO_TIMER;
    g->reader.state = 0;
    g_string_truncate(g->sent, 0);
    gdb_forget_breaks(g);
    if (open) {
        machine_stop(g->m);
    }
}

/* ---- stops ---- */

/* The vCPU's thread. */
static void machine_has_stopped(void *gdb) { g_source_set_ready_time(((Gdb *)gdb)->stopped, 0); }

/* The main thread. It may run again by now; then another stop will be told. */
static gboolean tell_stop(gpointer gdb)
{
    Gdb *g = gdb;
    bool stopped, at_break;

    g_source_set_ready_time(g->stopped, -1);
    g_mutex_lock(&g->m->lock);
    stopped = g->m->state == RUN_STOPPED;
    at_break = g->m->at_break;
    g_mutex_unlock(&g->m->lock);
    if (stopped && g->running) {
        g->running = false;
        gdb_stop_reply(g, at_break ? GDB_SIGTRAP : GDB_SIGINT);
    }
    return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer opaque)
{
    (void)source;
    return callback(opaque);
}

Gdb *gdb_new(Machine *m, Chardev *chr)
{
    static GSourceFuncs funcs = { .dispatch = dispatch };
    Gdb *g = g_new0(Gdb, 1);

    g->m = m;
    g->isa = m->isa->debug;
    g->chr = chr;
    g->how = STEP_NO_IRQ | STEP_NO_TIMER;
    g->breaks = g_array_new(FALSE, FALSE, sizeof(GdbBreak));
    g->applied = g_array_new(FALSE, FALSE, sizeof(Gva));
    g->sent = g_string_new(NULL);
    g->stopped = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(g->stopped, tell_stop, g, NULL);
    g_source_attach(g->stopped, NULL);
    m->stopped = machine_has_stopped;
    m->stopped_opaque = g;
    return g;
}

void gdb_free(Gdb *g)
{
    if (g->attached && g->running) {
        gdb_send(g, "W00", 3);
    }
    g->m->stopped = NULL;
    g_source_destroy(g->stopped);
    g_source_unref(g->stopped);
    if (g->target) {
        g_string_free(g->target, TRUE);
    }
    g_string_free(g->sent, TRUE);
    g_array_unref(g->breaks);
    g_array_unref(g->applied);
    g_free(g);
}
