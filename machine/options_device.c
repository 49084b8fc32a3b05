/* SPDX-License-Identifier: MIT */
/* options_device.c - the option -device: which parts there are and what their keys set. */
#include <string.h>

#include "devices/isa_debug.h"
#include "machine/options_priv.h"

enum { PORTS = 0x10000 };

/* clang-format off */
static const struct {
    const DeviceType *type;
    uint16_t port;
    unsigned bytes;
    bool sends; /* to a chardev */
    const char *help;
} parts[] = {
    { &isa_debugcon_type,   0xe9,  1, true,  "sends what is written: iobase=, chardev=" },
    { &isa_debug_exit_type, 0x501, 2, false, "ends the run with status 2 * value + 1: iobase=, "
                                             "iosize=" },
};
/* clang-format on */

/* The one being described: the last. */
static MachineExtra *extra(Options *o)
{
    return &g_array_index(o->config.extra, MachineExtra, o->config.extra->len - 1);
}

static unsigned row_of(const MachineExtra *x)
{
    unsigned i = 0;

    while (parts[i].type != x->type) {
        i++;
    }
    return i;
}

static bool no_such_key(const MachineExtra *x, const char *key, GError **error)
{
    return option_fail(error, "%s has no property '%s'", x->type->name, key);
}

static bool type(Options *o, const char *value, GError **error)
{
    const char *names[G_N_ELEMENTS(parts) + 1] = { NULL };
    MachineExtra x = { 0 };
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(parts); i++) {
        names[i] = parts[i].type->name;
    }
    if (g_str_equal(value, "help") || g_str_equal(value, "?")) {
        o->answer = g_string_new("devices:\n");
        for (i = 0; i < G_N_ELEMENTS(parts); i++) {
            g_string_append_printf(o->answer, "%-15s %s\n", names[i], parts[i].help);
        }
        return true;
    }
    if (!option_choice("device", value, names, &i, error)) {
        return false;
    }
    x = (MachineExtra){ .type = parts[i].type, .port = parts[i].port, .bytes = parts[i].bytes };
    g_array_append_val(o->config.extra, x);
    return true;
}

static bool iobase(Options *o, const char *value, GError **error)
{
    uint64_t port;

    if (!option_number("iobase", value, 0, PORTS - 1, &port, error)) {
        return false;
    }
    extra(o)->port = (uint16_t)port;
    return true;
}

static bool iosize(Options *o, const char *value, GError **error)
{
    uint64_t bytes;

    if (parts[row_of(extra(o))].sends) {
        return no_such_key(extra(o), "iosize", error);
    }
    if (!option_number("iosize", value, 1, 4, &bytes, error)) {
        return false;
    }
    extra(o)->bytes = (unsigned)bytes;
    return true;
}

static bool chardev(Options *o, const char *value, GError **error)
{
    if (!parts[row_of(extra(o))].sends) {
        return no_such_key(extra(o), "chardev", error);
    }
    g_free(extra(o)->chardev);
    extra(o)->chardev = g_strdup(value);
    return true;
}

bool option_device(Options *o, const char *value, GError **error)
{
    static const OptionKey rows[] = {
        { "driver", type },     { "iobase", iobase }, { "iosize", iosize },
        { "chardev", chardev }, { NULL, NULL },
    };
    guint n = o->config.extra->len;

    /* The type comes first: the other keys are of it. */
    if (strchr(value, '=') && strcspn(value, "=") < strcspn(value, ",")
        && !g_str_has_prefix(value, "driver=")) {
        return option_fail(error, "no device is named before '%s'; help lists them", value);
    }
    if (!option_keys(o, value, rows, true, error) || o->config.extra->len == n) {
        return o->answer != NULL;
    }
    if (o->config.extra->len > n + 1) {
        return option_fail(error, "more than one device is named");
    }
    if (extra(o)->port + extra(o)->bytes > PORTS) {
        return option_fail(error, "%u ports from 0x%x on reach behind the last, 0xffff",
                           extra(o)->bytes, extra(o)->port);
    }
    if (parts[row_of(extra(o))].sends && extra(o)->chardev == NULL) {
        return option_fail(error, "%s needs chardev=ID", extra(o)->type->name);
    }
    return true;
}
