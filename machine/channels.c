/* SPDX-License-Identifier: MIT */
/* channels.c - see channels.h. What there is by default is QEMU's rule for -nographic. */
#include "machine/channels.h"

#include <string.h>
#include <unistd.h>

#include "devices/host/mux.h"
#include "machine/gdb.h"
#include "machine/monitor.h"
#include "machine/serial.h"

typedef struct Channel {
    Channels *all;
    Chardev *chr;
    char *text; /* owned: what it was opened by */
    bool is_stdio;
    bool terminal; /* who types there sees only what is sent back */
    bool shared;   /* Ctrl-A tells its users apart */
    ChardevUser user;
    MuxUser mux_user;
    Mux mux;
    Serial *serial;          /* NULL: none */
    MonitorSession *session; /* NULL: none */
    Gdb *gdb;                /* NULL: none; else nobody else is here */
    CharSink sink;           /* of parts that only send */
} Channel;

struct Channels {
    Machine *m;
    const Options *options;
    void (*say)(const char *text);
    GPtrArray *list; /* Channel *, owned */
};

static bool G_GNUC_PRINTF(2, 3) fail(GError **error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (error) {
        *error = g_error_new_valist(MACHINE_ERROR, MACHINE_ERROR_OPTION, fmt, ap);
    }
    va_end(ap);
    return false;
}

/* ---- input ---- */

static void type(void *opaque, bool monitor, const uint8_t *p, size_t n)
{
    Channel *ch = opaque;

    if (monitor && ch->session) {
        monitor_session_input(ch->session, p, n);
    } else if (!monitor && ch->serial) {
        serial_input(ch->serial, p, n);
    }
}

static void show_help(Channel *ch)
{
    g_autoptr(GString) text = g_string_new("\n");

    mux_help(text);
    chardev_write(ch->chr, (const uint8_t *)text->str, text->len);
}

static void switch_focus(Channel *ch)
{
    if (ch->session == NULL || ch->serial == NULL) {
        ch->mux.monitor = ch->serial == NULL;
    } else if (ch->mux.monitor) {
        monitor_session_show(ch->session);
    } else {
        chardev_write(ch->chr, (const uint8_t *)"\n", 1);
    }
}

static void act(void *opaque, MuxAction action)
{
    Channel *ch = opaque;

    switch (action) {
    case MUX_HELP: show_help(ch); break;
    case MUX_QUIT: machine_end(ch->all->m, END_QUIT); break;
    case MUX_SWITCH: switch_focus(ch); break;
    case MUX_BREAK:
        if (ch->serial) {
            serial_break(ch->serial);
        }
        break;
    }
}

static void input(void *opaque, const uint8_t *p, size_t n)
{
    Channel *ch = opaque;

    if (ch->gdb) {
        gdb_input(ch->gdb, p, n);
    } else if (ch->shared) {
        mux_input(&ch->mux, p, n);
    } else {
        type(ch, ch->session != NULL, p, n);
    }
}

static void event(void *opaque, bool open)
{
    Channel *ch = opaque;

    if (ch->gdb) {
        gdb_peer(ch->gdb, open);
    }
    if (open && ch->session && (!ch->shared || ch->mux.monitor)) {
        monitor_session_show(ch->session);
    }
}

/* ---- opening ---- */

static const ChardevSpec *spec_by_id(const Options *o, const char *id, GError **error)
{
    for (guint i = 0; i < o->chardevs->len; i++) {
        const ChardevSpec *spec = g_ptr_array_index(o->chardevs, i);

        if (g_str_equal(spec->id, id)) {
            return spec;
        }
    }
    fail(error, "no -chardev has id '%s'", id);
    return NULL;
}

static bool announce(Channels *c, Channel *ch, const ChardevSpec *spec, const char *what,
                     GError **error)
{
    g_autofree char *text = NULL;

    if (spec->kind == CHARDEV_PTY) {
        text = g_strdup_printf("char device redirected to %s (label %s)",
                               strchr(chardev_name(ch->chr), ':') + 1, what);
    } else if (spec->wait) {
        text = g_strdup_printf("waiting for connection on: %s", chardev_name(ch->chr));
    }
    if (text) {
        c->say(text);
    }
    return chardev_wait(ch->chr, error);
}

static Channel *open_channel(Channels *c, const ChardevSpec *spec, const char *text,
                             const char *what, GError **error)
{
    Channel *ch;
    Chardev *chr;

    for (guint i = 0; i < c->list->len; i++) {
        ch = g_ptr_array_index(c->list, i);
        if (spec->kind == CHARDEV_STDIO && ch->is_stdio) {
            fail(error, "stdio is in use already; mon:stdio shares it");
            return NULL;
        }
    }
    chr = chardev_open(spec, NULL, error);
    if (chr == NULL) {
        return NULL;
    }
    ch = g_new0(Channel, 1);
    ch->all = c;
    ch->chr = chr;
    ch->text = g_strdup(text);
    ch->is_stdio = spec->kind == CHARDEV_STDIO;
    ch->terminal = ch->is_stdio ? isatty(STDIN_FILENO) != 0 : spec->kind == CHARDEV_PTY;
    ch->shared = spec->mux;
    ch->mux_user = (MuxUser){ type, act, ch };
    ch->mux.user = &ch->mux_user;
    ch->user = (ChardevUser){ input, event, ch };
    g_ptr_array_add(c->list, ch);
    return announce(c, ch, spec, what, error) ? ch : NULL;
}

static Channel *reuse(Channels *c, const char *text)
{
    for (guint i = 0; i < c->list->len; i++) {
        Channel *ch = g_ptr_array_index(c->list, i);

        if (g_str_equal(ch->text, text)) {
            return ch;
        }
    }
    return NULL;
}

/* The channel that @text names; *out NULL: none is wanted. @mon: set if it asks for a monitor. */
static bool channel_for(Channels *c, const char *text, const char *what, Channel **out, bool *mon,
                        GError **error)
{
    ChardevSpec own = { 0 };
    const ChardevSpec *spec = &own;
    bool by_id = g_str_has_prefix(text, "chardev:"), wanted;

    *mon = g_str_has_prefix(text, "mon:");
    *out = by_id ? reuse(c, text) : NULL;
    if (*out) {
        return (*out)->shared ? true
                              : fail(error, "%s: in use already; mux=on would share it", text);
    }
    if (by_id) {
        spec = spec_by_id(c->options, text + strlen("chardev:"), error);
        if (spec == NULL) {
            return false;
        }
    } else if (!chardev_parse(text, &own, error)) {
        return false;
    }
    wanted = spec->kind != CHARDEV_NONE;
    if (wanted) {
        *out = open_channel(c, spec, text, what, error);
    }
    chardev_spec_clear(&own);
    return *out != NULL || !wanted;
}

/* ---- connecting ---- */

static bool uses_stdio(const Options *o, const GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++) {
        const char *text = g_ptr_array_index(texts, i);

        if (g_str_equal(text, "stdio") || g_str_equal(text, "mon:stdio")) {
            return true;
        }
        if (g_str_has_prefix(text, "chardev:")) {
            const ChardevSpec *spec = spec_by_id(o, text + strlen("chardev:"), NULL);

            if (spec && spec->kind == CHARDEV_STDIO) {
                return true;
            }
        }
    }
    return false;
}

static void add_monitor(Channel *ch)
{
    ch->session = monitor_session_new(ch->all->m, ch->chr, ch->terminal);
}

/* Serial port number @i, as the board's column chr names them; NULL: there are fewer. */
static Device *serial_port(const Machine *m, guint i)
{
    g_autofree char *name = g_strdup_printf("serial%u", i);

    for (unsigned k = 0; k < m->board->n_parts; k++) {
        const BoardPart *p = &m->board->parts[k];

        if (p->chr && g_str_equal(p->chr, name)) {
            return machine_device(m, p->name);
        }
    }
    return NULL;
}

static bool connect_serial(Channels *c, guint i, const char *text, GError **error)
{
    g_autofree char *what = g_strdup_printf("serial%u", i);
    Device *port = serial_port(c->m, i);
    Channel *ch;
    bool mon;

    if (!channel_for(c, text, what, &ch, &mon, error)) {
        g_prefix_error(error, "option -serial: ");
        return false;
    }
    if (ch == NULL) {
        return true;
    }
    if (port == NULL) {
        return fail(error, "option -serial: machine '%s' has no %s", c->m->board->name, what);
    }
    if (ch->serial) {
        return fail(error, "option -serial: %s has a serial port already", text);
    }
    ch->serial = serial_new(c->m, port, ch->chr);
    if (mon) {
        add_monitor(ch);
    }
    return true;
}

/* ---- parts of -device: they only send ---- */

static void put(void *ch, uint8_t byte) { chardev_write(((Channel *)ch)->chr, &byte, 1); }

static bool connect_extra(Channels *c, guint i, GError **error)
{
    const MachineExtra *x = &g_array_index(c->m->config.extra, MachineExtra, i);
    guint first = c->m->devices->len - c->m->config.extra->len;
    g_autofree char *text = g_strconcat("chardev:", x->chardev, NULL);
    Channel *ch;
    bool mon;

    if (x->chardev == NULL) {
        return true;
    }
    if (!channel_for(c, text, x->type->name, &ch, &mon, error)) {
        g_prefix_error(error, "option -device: ");
        return false;
    }
    if (ch) {
        ch->sink = (CharSink){ put, NULL, ch };
        ((Device *)g_ptr_array_index(c->m->devices, first + i))->chr = &ch->sink;
    }
    return true;
}

static bool connect_extras(Channels *c, GError **error)
{
    for (guint i = 0; c->m->config.extra && i < c->m->config.extra->len; i++) {
        if (!connect_extra(c, i, error)) {
            return false;
        }
    }
    return true;
}

static bool connect_monitor(Channels *c, const char *text, GError **error)
{
    Channel *ch;
    bool mon;

    if (!channel_for(c, text, "monitor", &ch, &mon, error)) {
        g_prefix_error(error, "option -monitor: ");
        return false;
    }
    if (ch && ch->session) {
        return fail(error, "option -monitor: %s has a monitor already", text);
    }
    if (ch) {
        add_monitor(ch);
    }
    return true;
}

/* A debugger is waited for without stopping the machine from starting: -S does that. */
static bool connect_gdb(Channels *c, const char *text, GError **error)
{
    bool listens = g_str_has_prefix(text, "tcp:") || g_str_has_prefix(text, "unix:"), mon;
    g_autofree char *server = g_strconcat(text, listens ? ",server,nowait" : "", NULL);
    Channel *ch;

    if (!channel_for(c, server, "gdb", &ch, &mon, error)) {
        g_prefix_error(error, "option -gdb: ");
        return false;
    }
    if (ch && ch->shared) {
        return fail(error, "option -gdb: %s: a debugger does not share its channel", text);
    }
    if (ch) {
        ch->gdb = gdb_new(c->m, ch->chr);
    }
    return true;
}

/* What is not said: with -nographic, and where no display is asked for, the terminal is used. */
static bool connect_default(Channels *c, GError **error)
{
    const Options *o = c->options;
    bool here = o->nographic || !o->no_display;

    if (here && o->serials->len == 0 && o->monitors->len == 0) {
        return connect_serial(c, 0, "mon:stdio", error);
    }
    if (here && o->serials->len == 0 && !uses_stdio(o, o->monitors)) {
        return connect_serial(c, 0, "stdio", error);
    }
    if (o->nographic && o->monitors->len == 0 && !uses_stdio(o, o->serials)) {
        return connect_monitor(c, "stdio", error);
    }
    return true;
}

static bool connect_all(Channels *c, GError **error)
{
    const Options *o = c->options;

    for (guint i = 0; i < o->serials->len; i++) {
        if (!connect_serial(c, i, g_ptr_array_index(o->serials, i), error)) {
            return false;
        }
    }
    for (guint i = 0; i < o->monitors->len; i++) {
        if (!connect_monitor(c, g_ptr_array_index(o->monitors, i), error)) {
            return false;
        }
    }
    return connect_extras(c, error) && connect_default(c, error)
           && (o->gdb == NULL || connect_gdb(c, o->gdb, error));
}

static void start(Channels *c)
{
    for (guint i = 0; i < c->list->len; i++) {
        Channel *ch = g_ptr_array_index(c->list, i);

        ch->mux.monitor = ch->serial == NULL;
        if (ch->session && ch->serial == NULL && chardev_connected(ch->chr)) {
            monitor_session_show(ch->session);
        }
        if (ch->gdb && chardev_connected(ch->chr)) {
            gdb_peer(ch->gdb, true);
        }
        chardev_set_user(ch->chr, &ch->user);
    }
}

Channels *channels_open(Machine *m, const Options *o, void (*say)(const char *text), GError **error)
{
    Channels *c = g_new0(Channels, 1);

    c->m = m;
    c->options = o;
    c->say = say;
    c->list = g_ptr_array_new();
    if (!connect_all(c, error)) {
        channels_free(c);
        return NULL;
    }
    start(c);
    return c;
}

void channels_free(Channels *c)
{
    if (c == NULL) {
        return;
    }
    for (guint i = 0; i < c->list->len; i++) {
        Channel *ch = g_ptr_array_index(c->list, i);

        g_clear_pointer(&ch->gdb, gdb_free); /* it may have something to say still */
        chardev_free(ch->chr);
        g_clear_pointer(&ch->serial, serial_free);
        g_clear_pointer(&ch->session, monitor_session_free);
        g_free(ch->text);
        g_free(ch);
    }
    g_ptr_array_unref(c->list);
    g_free(c);
}

void channels_give_up(Channels *c)
{
    for (guint i = 0; i < c->list->len; i++) {
        chardev_give_up(((Channel *)g_ptr_array_index(c->list, i))->chr);
    }
}

void channels_restore_terminal(Channels *c)
{
    for (guint i = 0; i < c->list->len; i++) {
        chardev_restore_terminal(((Channel *)g_ptr_array_index(c->list, i))->chr);
    }
}
