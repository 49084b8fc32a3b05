/* SPDX-License-Identifier: MIT */
/* gdb_query.c - what the debugger asks about us: abilities, threads, the monitor, how steps go. */
#include <string.h>

#include "machine/gdb_priv.h"
#include "machine/monitor.h"

enum { COMMAND_MAX = 4096, STEP_ENABLE = 1 };

GdbAnswer gdb_do_supported(Gdb *g, GdbText *args, GString *out)
{
    (void)g, (void)args; /* what the debugger can do changes nothing here */
    g_string_append_printf(out,
                           "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;vContSupported+",
                           (unsigned)GDB_PACKET_MAX);
    return GDB_TEXT;
}

/* This answer is acknowledged still. */
GdbAnswer gdb_do_no_ack(Gdb *g, GdbText *args, GString *out)
{
    (void)out;
    if (!gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    g->no_ack = true;
    return GDB_OK;
}

/* ---- threads: one, the vCPU ---- */

bool gdb_take_thread(GdbText *t)
{
    GdbText before = *t;
    uint64_t id;

    if (gdb_take(t, "-1") || (gdb_take_hex(t, &id) && id <= 1)) {
        return true;
    }
    *t = before;
    return false;
}

/* g or c, and a thread: for registers and memory, or for going on. */
GdbAnswer gdb_do_thread(Gdb *g, GdbText *args, GString *out)
{
    (void)g, (void)out;
    if (!gdb_take(args, "g") && !gdb_take(args, "c")) {
        return GDB_E_SYNTAX;
    }
    return gdb_take_thread(args) && gdb_at_end(args) ? GDB_OK : GDB_E_INVALID;
}

GdbAnswer gdb_do_alive(Gdb *g, GdbText *args, GString *out)
{
    (void)g, (void)out;
    return gdb_take_thread(args) && gdb_at_end(args) ? GDB_OK : GDB_E_INVALID;
}

GdbAnswer gdb_do_current(Gdb *g, GdbText *args, GString *out)
{
    (void)g;
    if (!gdb_at_end(args)) {
        return GDB_UNKNOWN;
    }
    g_string_append(out, "QC01");
    return GDB_TEXT;
}

GdbAnswer gdb_do_first_threads(Gdb *g, GdbText *args, GString *out)
{
    (void)g, (void)args;
    g_string_append(out, "m01");
    return GDB_TEXT;
}

GdbAnswer gdb_do_next_threads(Gdb *g, GdbText *args, GString *out)
{
    (void)g, (void)args;
    g_string_append(out, "l");
    return GDB_TEXT;
}

GdbAnswer gdb_do_thread_text(Gdb *g, GdbText *args, GString *out)
{
    g_autofree char *text = g_strdup_printf("CPU#0 %s", g->m->config.cpu);

    if (!gdb_take(args, ",") || !gdb_take_thread(args) || !gdb_at_end(args)) {
        return GDB_E_INVALID;
    }
    gdb_put_bytes(out, text, strlen(text));
    return GDB_TEXT;
}

/* It was there before: leaving detaches. */
GdbAnswer gdb_do_attached(Gdb *g, GdbText *args, GString *out)
{
    (void)g, (void)args;
    g_string_append_c(out, '1');
    return GDB_TEXT;
}

/* ---- the monitor ---- */

/* Console output of the command, in as many packets as it takes. */
static void send_output(Gdb *g, const GString *text)
{
    const gsize most = (GDB_PACKET_MAX - 1) / 2;

    for (gsize from = 0; from < text->len; from += most) {
        g_autoptr(GString) packet = g_string_new("O");

        gdb_put_bytes(packet, text->str + from, MIN(most, text->len - from));
        gdb_send(g, packet->str, packet->len);
    }
}

GdbAnswer gdb_do_monitor(Gdb *g, GdbText *args, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char line[COMMAND_MAX + 1] = { 0 };
    size_t n;

    (void)out;
    if (!gdb_take(args, ",")) {
        return GDB_E_SYNTAX;
    }
    n = (size_t)(args->end - args->p) / 2;
    if (n > COMMAND_MAX || !gdb_take_bytes(args, (uint8_t *)line, n) || !gdb_at_end(args)
        || !g_utf8_validate(line, -1, NULL)) {
        return GDB_E_SYNTAX;
    }
    monitor_ask(g->m, line, text);
    send_output(g, text);
    return GDB_OK;
}

/* ---- how steps go ---- */

GdbAnswer gdb_do_step_bits(Gdb *g, GdbText *args, GString *out)
{
    (void)g, (void)args;
    g_string_append_printf(out, "ENABLE=%x,NOIRQ=%x,NOTIMER=%x", (unsigned)STEP_ENABLE,
                           (unsigned)STEP_NO_IRQ, (unsigned)STEP_NO_TIMER);
    return GDB_TEXT;
}

GdbAnswer gdb_do_step_how(Gdb *g, GdbText *args, GString *out)
{
    (void)args;
    g_string_append_printf(out, "0x%x", g->how | STEP_ENABLE);
    return GDB_TEXT;
}

GdbAnswer gdb_do_set_step_how(Gdb *g, GdbText *args, GString *out)
{
    uint64_t how;

    (void)out;
    if (!(gdb_take(args, "=") || gdb_take(args, ":")) || !gdb_take_hex(args, &how)
        || !gdb_at_end(args)) {
        return GDB_E_SYNTAX;
    }
    if ((how & ~(uint64_t)(STEP_ENABLE | STEP_NO_IRQ | STEP_NO_TIMER)) != 0) {
        return GDB_E_INVALID;
    }
    g->how = (unsigned)how & (STEP_NO_IRQ | STEP_NO_TIMER);
    return GDB_OK;
}
