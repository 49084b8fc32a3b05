/* SPDX-License-Identifier: MIT */
/* gdb_packet.c - see gdb_packet.h. */
#include "machine/gdb_packet.h"

#include <string.h>

/* IDLE is 0: a zeroed reader is idle. */
enum { IDLE, BODY, ESCAPED, SUM_HIGH, SUM_LOW };

enum { CTRL_C = 3, ESCAPE = '}', ESCAPE_XOR = 0x20 };

static void begin(GdbReader *r)
{
    r->state = BODY;
    r->n = 0;
    r->sum = r->want = 0;
    r->too_long = r->bad_digit = false;
}

static GdbEvent between(GdbReader *r, uint8_t byte)
{
    switch (byte) {
    case '$': begin(r); return GDB_NOTHING;
    case '+': return GDB_ACK;
    case '-': return GDB_NAK;
    case CTRL_C: return GDB_INTERRUPT;
    default: return GDB_NOTHING;
    }
}

static void store(GdbReader *r, uint8_t byte)
{
    r->state = BODY;
    if (r->n == GDB_PACKET_MAX) {
        r->too_long = true;
    } else {
        r->data[r->n++] = (char)byte;
    }
}

static void body(GdbReader *r, uint8_t byte)
{
    if (byte == '$') { /* never in a packet: the one before was cut short */
        begin(r);
    } else if (byte == '#') {
        r->state = SUM_HIGH;
    } else {
        r->sum = (uint8_t)(r->sum + byte);
        if (byte == ESCAPE) {
            r->state = ESCAPED;
        } else {
            store(r, byte);
        }
    }
}

static void sum_digit(GdbReader *r, uint8_t byte)
{
    int digit = g_ascii_xdigit_value((char)byte);

    r->bad_digit |= digit < 0;
    r->want = (uint8_t)(r->want << 4 | (digit & 0xf));
}

static GdbEvent end(GdbReader *r)
{
    r->state = IDLE;
    r->data[r->n] = '\0';
    if (r->bad_digit || r->sum != r->want) {
        return GDB_BAD_SUM;
    }
    return r->too_long ? GDB_TOO_LONG : GDB_PACKET;
}

GdbEvent gdb_read(GdbReader *r, uint8_t byte)
{
    switch (r->state) {
    case BODY: body(r, byte); return GDB_NOTHING;
    case ESCAPED:
        r->sum = (uint8_t)(r->sum + byte);
        store(r, byte ^ ESCAPE_XOR);
        return GDB_NOTHING;
    case SUM_HIGH:
        sum_digit(r, byte);
        r->state = SUM_LOW;
        return GDB_NOTHING;
    case SUM_LOW: sum_digit(r, byte); return end(r);
    default: return between(r, byte);
    }
}

void gdb_frame(GString *out, const char *data, size_t n)
{
    uint8_t sum = 0;
    gsize from;

    g_string_append_c(out, '$');
    from = out->len;
    for (size_t i = 0; i < n; i++) {
        if (strchr("#$}*", data[i]) && data[i] != '\0') {
            g_string_append_c(out, ESCAPE);
            g_string_append_c(out, (char)(data[i] ^ ESCAPE_XOR));
        } else {
            g_string_append_c(out, data[i]);
        }
    }
    for (gsize i = from; i < out->len; i++) {
        sum = (uint8_t)(sum + (uint8_t)out->str[i]);
    }
    g_string_append_printf(out, "#%02x", sum);
}

bool gdb_take(GdbText *t, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(t->end - t->p) < n || memcmp(t->p, word, n) != 0) {
        return false;
    }
    t->p += n;
    return true;
}

bool gdb_take_hex(GdbText *t, uint64_t *value)
{
    const char *p = t->p;
    uint64_t v = 0;

    while (p < t->end && g_ascii_isxdigit(*p)) {
        if (v >> 60 != 0) {
            return false;
        }
        v = v << 4 | (unsigned)g_ascii_xdigit_value(*p++);
    }
    if (p == t->p) {
        return false;
    }
    t->p = p;
    *value = v;
    return true;
}

bool gdb_take_bytes(GdbText *t, uint8_t *to, size_t n)
{
    if ((size_t)(t->end - t->p) / 2 < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        int high = g_ascii_xdigit_value(t->p[2 * i]), low = g_ascii_xdigit_value(t->p[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        to[i] = (uint8_t)(high << 4 | low);
    }
    t->p += 2 * n;
    return true;
}

void gdb_put_bytes(GString *out, const void *from, size_t n)
{
    const uint8_t *p = from;

    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(out, "%02x", p[i]);
    }
}
