/* SPDX-License-Identifier: MIT */
/* monitor_session.c - a monitor on a channel: takes lines, sends answers. */
#include <string.h>

#include "machine/monitor.h"
#include "machine/version.h"

#define PROMPT "(doppel) "

enum { CTRL_C = 3, CTRL_U = 21, ESC = 27, DEL = 127, LINE_BYTES_MAX = 4096 };

struct MonitorSession {
    Machine *m;
    Chardev *chr;
    bool terminal;
    bool greeted;
    unsigned escape; /* 1 behind ESC, 2 within an escape sequence: nothing of it is for us */
    uint8_t last;
    GString *line, *before; /* being typed; the last one, for the arrow up */
};

MonitorSession *monitor_session_new(Machine *m, Chardev *chr, bool terminal)
{
    MonitorSession *s = g_new0(MonitorSession, 1);

    s->m = m;
    s->chr = chr;
    s->terminal = terminal;
    s->line = g_string_new(NULL);
    s->before = g_string_new(NULL);
    return s;
}

void monitor_session_free(MonitorSession *s)
{
    g_string_free(s->line, TRUE);
    g_string_free(s->before, TRUE);
    g_free(s);
}

static void send(MonitorSession *s, const char *text)
{
    if (s->terminal) {
        g_autoptr(GString) lines = g_string_new(text);

        g_string_replace(lines, "\n", "\r\n", 0);
        chardev_write(s->chr, (const uint8_t *)lines->str, lines->len);
    } else {
        chardev_write(s->chr, (const uint8_t *)text, strlen(text));
    }
}

static void echo(MonitorSession *s, const char *text)
{
    if (s->terminal) {
        send(s, text);
    }
}

void monitor_session_show(MonitorSession *s)
{
    g_string_truncate(s->line, 0);
    if (!s->greeted) {
        s->greeted = true;
        send(s, "\ndoppel " DOPPEL_VERSION " monitor, help lists its commands\n");
    } else {
        send(s, "\n");
    }
    send(s, PROMPT);
}

static void run_line(MonitorSession *s)
{
    g_autoptr(GString) out = g_string_new(NULL);

    echo(s, "\n");
    if (s->line->len > 0) {
        g_string_assign(s->before, s->line->str);
    }
    monitor_ask(s->m, s->line->str, out);
    g_string_truncate(s->line, 0);
    send(s, out->str);
    send(s, PROMPT);
}

static void erase(MonitorSession *s, gsize n)
{
    for (gsize i = 0; i < n && s->line->len > 0; i++) {
        g_string_truncate(s->line, s->line->len - 1);
        echo(s, "\b \b");
    }
}

/* ESC [ A is the arrow up; others are swallowed. */
static void take_escape(MonitorSession *s, uint8_t byte)
{
    if (s->escape == 1) {
        s->escape = byte == '[' || byte == 'O' ? 2 : 0;
    } else if (byte >= 0x40) {
        s->escape = 0;
        if (byte == 'A') {
            erase(s, s->line->len);
            g_string_assign(s->line, s->before->str);
            echo(s, s->line->str);
        }
    }
}

static void take(MonitorSession *s, uint8_t byte)
{
    const char text[2] = { (char)byte, '\0' };

    if (s->escape) {
        take_escape(s, byte);
        return;
    }
    switch (byte) {
    case '\n':
    case '\r':
        if (byte == '\r' || s->last != '\r') { /* CR LF is one end of line */
            run_line(s);
        }
        break;
    case '\b':
    case DEL: erase(s, 1); break;
    case CTRL_C:
    case CTRL_U: erase(s, s->line->len); break;
    case ESC: s->escape = 1; break;
    default:
        if (byte >= ' ' && s->line->len < LINE_BYTES_MAX) {
            g_string_append_c(s->line, text[0]);
            echo(s, text);
        }
    }
}

void monitor_session_input(MonitorSession *s, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        take(s, p[i]);
        s->last = p[i];
    }
}
