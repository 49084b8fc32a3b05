/* SPDX-License-Identifier: MIT */
/* mux.c - see mux.h. */
#include "devices/host/mux.h"

enum { CTRL_A = 1 };

/* clang-format off */
static const struct {
    char key;
    MuxAction action;
    const char *help;
} keys[] = {
    { 'h', MUX_HELP,   "print this help" },
    { 'x', MUX_QUIT,   "end the emulation" },
    { 'c', MUX_SWITCH, "switch between console and monitor" },
    { 'b', MUX_BREAK,  "send a break to the guest" },
};
/* clang-format on */

void mux_help(GString *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_string_append_printf(out, "C-a %c    %s\n", keys[i].key, keys[i].help);
    }
    g_string_append(out, "C-a C-a  send C-a\n");
}

static void act(Mux *m, uint8_t byte)
{
    char key = byte == '?' ? 'h' : g_ascii_tolower((char)byte);

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].key == key) {
            m->monitor ^= keys[i].action == MUX_SWITCH;
            m->user->action(m->user->opaque, keys[i].action);
        }
    }
}

void mux_input(Mux *m, const uint8_t *p, size_t n)
{
    size_t start = 0; /* of bytes not yet handed on */

    for (size_t i = 0; i < n; i++) {
        if (m->escape) {
            m->escape = false;
            start = i + 1;
            if (p[i] == CTRL_A) {
                start = i; /* itself */
            } else {
                act(m, p[i]);
            }
        } else if (p[i] == CTRL_A) {
            m->escape = true;
            if (i > start) {
                m->user->bytes(m->user->opaque, m->monitor, p + start, i - start);
            }
            start = i + 1;
        }
    }
    if (n > start) {
        m->user->bytes(m->user->opaque, m->monitor, p + start, n - start);
    }
}
