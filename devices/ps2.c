/* SPDX-License-Identifier: MIT */
/*
 * ps2.c - see ps2.h: the commands and reports of a keyboard and a mouse.
 * Spec: IBM PS/2 Hardware Interface Technical Reference, "Keyboards" and "Mouse"; the wheel:
 * Microsoft's IntelliMouse protocol.
 * Not modelled: scan code set 3, per-key typematic (F7 to FD are acknowledged), repeating keys
 * (that is the host's), the pace of a mouse's reports (the sample rate is stored).
 */
#include "devices/ps2.h"

#include <glib.h>
#include <string.h>

enum { ACK = 0xfa, RESEND = 0xfe, ECHO = 0xee, PASSED = 0xaa, BREAK = 0xf0, EXTENDED = 0xe0 };

static void put(Ps2Queue *q, uint8_t byte)
{
    if (q->used < PS2_QUEUE) {
        q->byte[(q->head + q->used) % PS2_QUEUE] = byte;
        q->used++;
    }
}

static unsigned room(const Ps2Queue *q) { return PS2_QUEUE - q->used; }

uint8_t ps2_take(Ps2Queue *q)
{
    q->last = q->byte[q->head];
    q->head = (q->head + 1) % PS2_QUEUE;
    q->used--;
    return q->last;
}

static void empty(Ps2Queue *q) { q->head = q->used = 0; }

/* ---- keyboard ---- */

static void keyboard_defaults(Ps2Keyboard *k)
{
    k->set = 2;
    k->leds = 0;
}

void ps2_keyboard_reset(Ps2Keyboard *k)
{
    *k = (Ps2Keyboard){ .scanning = 1 };
    keyboard_defaults(k);
}

static void keyboard_parameter(Ps2Keyboard *k, uint8_t byte)
{
    switch (k->command) {
    case 0xed: k->leds = byte & 7; break;
    case 0xf0:
        if (byte == 0) {
            put(&k->out, ACK);
            put(&k->out, k->set);
            return;
        }
        if (byte > 2) {
            put(&k->out, RESEND);
            return;
        }
        k->set = byte;
        break;
    default: break; /* F3: the host repeats keys; FB to FD: one key of set 3 */
    }
    put(&k->out, ACK);
}

void ps2_keyboard_command(Ps2Keyboard *k, uint8_t byte)
{
    if (k->command && byte < 0xed) {
        keyboard_parameter(k, byte);
        k->command = 0;
        return;
    }
    k->command = 0;
    switch (byte) {
    case 0xed: /* LEDs */
    case 0xf0: /* scan code set */
    case 0xf3: /* typematic */
    case 0xfb:
    case 0xfc:
    case 0xfd:
        k->command = byte;
        put(&k->out, ACK);
        break;
    case 0xee: put(&k->out, ECHO); break;
    case 0xf2: /* identify */
        put(&k->out, ACK);
        put(&k->out, 0xab);
        put(&k->out, 0x83);
        break;
    case 0xf4:
        empty(&k->out);
        k->scanning = 1;
        put(&k->out, ACK);
        break;
    case 0xf5:
    case 0xf6:
        empty(&k->out);
        keyboard_defaults(k);
        k->scanning = byte == 0xf6 ? k->scanning : 0;
        put(&k->out, ACK);
        break;
    case 0xf7:
    case 0xf8:
    case 0xf9:
    case 0xfa: put(&k->out, ACK); break;
    case 0xfe: put(&k->out, k->out.last); break;
    case 0xff:
        ps2_keyboard_reset(k);
        put(&k->out, ACK);
        put(&k->out, PASSED);
        break;
    default: put(&k->out, RESEND); break;
    }
}

void ps2_key(Ps2Keyboard *k, uint16_t code, bool down)
{
    uint8_t low = (uint8_t)code;

    if (!k->scanning || room(&k->out) < 3) {
        return; /* a whole code or none */
    }
    if (code >> 8 == EXTENDED) {
        put(&k->out, EXTENDED);
    }
    if (k->set == 1) {
        put(&k->out, ps2_translate(low) | (down ? 0 : 0x80));
        return;
    }
    if (!down) {
        put(&k->out, BREAK);
    }
    put(&k->out, low);
}

/* clang-format off */
uint8_t ps2_translate(uint8_t code)
{
    /* "Keyboard Scan Codes": what set 2 and set 1 call the same key. */
    static const uint8_t table[0x80] = {
        0xff, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58,
        0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59,
        0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a,
        0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b,
        0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c,
        0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d,
        0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e,
        0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f,
        0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60,
        0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61,
        0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e,
        0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76,
        0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b,
        0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f,
        0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45,
        0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54,
    };

    return code < sizeof(table) ? table[code] : code == 0x83 ? 0x41 : code == 0x84 ? 0x54 : code;
}
/* clang-format on */

/* ---- mouse ---- */

enum { DEFAULT_RATE = 100, DEFAULT_RESOLUTION = 2 };

static void mouse_defaults(Ps2Mouse *m)
{
    m->enabled = m->remote = m->wrap = m->scaling = 0;
    m->resolution = DEFAULT_RESOLUTION;
    m->rate = DEFAULT_RATE;
}

void ps2_mouse_reset(Ps2Mouse *m)
{
    *m = (Ps2Mouse){ .zero = 0 };
    mouse_defaults(m);
}

/* What fits of a movement into nine bits; the rest is for the next report. */
static int part(int16_t *moved)
{
    int now = CLAMP(*moved, -256, 255);

    *moved = (int16_t)(*moved - now);
    return now;
}

static void report(Ps2Mouse *m)
{
    int dx = part(&m->dx), dy = part(&m->dy), dz = CLAMP(m->dz, -8, 7);

    put(&m->out, (uint8_t)(0x08 | (m->buttons & 7) | (dx < 0 ? 0x10 : 0) | (dy < 0 ? 0x20 : 0)));
    put(&m->out, (uint8_t)dx);
    put(&m->out, (uint8_t)dy);
    if (m->id == 3) {
        put(&m->out, (uint8_t)dz);
    } else if (m->id == 4) {
        put(&m->out, (uint8_t)((dz & 0xf) | (m->buttons & 0x18) << 1));
    }
    m->dz = (int8_t)(m->dz - dz);
}

/* Reports as long as there is something to report and room for it. */
static void stream(Ps2Mouse *m)
{
    while ((m->dx || m->dy || m->dz) && room(&m->out) >= 4) {
        report(m);
        if (m->id == 0) {
            m->dz = 0;
        }
    }
}

void ps2_move(Ps2Mouse *m, int dx, int dy, int dz, uint8_t buttons)
{
    uint8_t changed = m->buttons ^ (buttons & 0x1f);

    m->dx = (int16_t)CLAMP(m->dx + CLAMP(dx, -9999, 9999), -9999, 9999);
    m->dy = (int16_t)CLAMP(m->dy + CLAMP(dy, -9999, 9999), -9999, 9999);
    m->dz = (int8_t)CLAMP(m->dz + CLAMP(dz, -99, 99), -99, 99);
    m->buttons = buttons & 0x1f;
    if (!m->enabled || m->remote) {
        return;
    }
    if (changed && room(&m->out) >= 4) {
        report(m);
    }
    stream(m);
}

/* Rates 200, 100, 80 and then 200, 200, 80 ask for the wheel and for five buttons. */
static void set_rate(Ps2Mouse *m, uint8_t rate)
{
    if (m->knock[0] == 200 && rate == 80) {
        if (m->knock[1] == 100) {
            m->id = 3;
        } else if (m->knock[1] == 200 && m->id == 3) {
            m->id = 4;
        }
    }
    m->knock[0] = m->knock[1];
    m->knock[1] = m->rate = rate;
}

static void mouse_status(Ps2Mouse *m)
{
    put(&m->out,
        (uint8_t)(m->remote << 6 | m->enabled << 5 | m->scaling << 4 | (m->buttons & 1) << 2
                  | (m->buttons >> 2 & 1) << 1 | (m->buttons >> 1 & 1)));
    put(&m->out, m->resolution);
    put(&m->out, m->rate);
}

static void mouse_do(Ps2Mouse *m, uint8_t byte)
{
    switch (byte) {
    case 0xe6:
    case 0xe7: m->scaling = byte & 1; break;
    case 0xe8:
    case 0xf3: m->command = byte; break;
    case 0xea:
    case 0xf0: m->remote = byte == 0xf0; break;
    case 0xec:
    case 0xee: m->wrap = byte == 0xee; break;
    case 0xf4:
    case 0xf5: m->enabled = byte == 0xf4; break;
    case 0xf6: mouse_defaults(m); break;
    default: break;
    }
}

void ps2_mouse_command(Ps2Mouse *m, uint8_t byte)
{
    static const char known[] = "\xe6\xe7\xe8\xe9\xea\xeb\xec\xee\xf0\xf2\xf3\xf4\xf5\xf6";

    if (m->wrap && byte != 0xec && byte != 0xff) {
        put(&m->out, byte);
        return;
    }
    if (m->command) {
        if (m->command == 0xe8) {
            m->resolution = byte & 3;
        } else {
            set_rate(m, byte);
        }
        m->command = 0;
        put(&m->out, ACK);
        return;
    }
    if (byte == 0xfe) {
        put(&m->out, m->out.last);
        return;
    }
    if (byte == 0xff) {
        ps2_mouse_reset(m);
    } else if (strchr(known, (char)byte) == NULL || byte == 0) {
        put(&m->out, RESEND);
        return;
    }
    empty(&m->out);
    put(&m->out, ACK);
    mouse_do(m, byte);
    switch (byte) {
    case 0xe9: mouse_status(m); break;
    case 0xeb: report(m); break;
    case 0xf2: put(&m->out, m->id); break;
    case 0xff:
        put(&m->out, PASSED);
        put(&m->out, 0);
        break;
    default: break;
    }
}
