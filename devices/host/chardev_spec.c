/* SPDX-License-Identifier: MIT */
/* chardev_spec.c - the command line's descriptions of byte channels. */
#include <string.h>

#include "base/suggest.h"
#include "devices/device.h"
#include "devices/host/chardev.h"

/* The keys that each kind of the long form knows. */
typedef struct LongKind {
    const char *name;
    ChardevKind kind;
    const char *keys[10];
} LongKind;

static const LongKind long_kinds[] = {
    { "null", CHARDEV_NULL, { "id", "mux" } },
    { "stdio", CHARDEV_STDIO, { "id", "mux", "signal" } },
    { "pty", CHARDEV_PTY, { "id", "mux" } },
    { "file", CHARDEV_FILE, { "id", "mux", "path", "append" } },
    { "socket",
      CHARDEV_TCP,
      { "id", "mux", "host", "port", "path", "server", "wait", "nowait", "nodelay" } },
};

static const char *const short_kinds[] = { "null",  "none", "stdio", "pty", "file:",
                                           "unix:", "tcp:", "mon:",  NULL };

static bool G_GNUC_PRINTF(2, 3) fail(GError **error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (error) {
        *error = g_error_new_valist(DEVICE_ERROR, DEVICE_ERROR_OPTION, fmt, ap);
    }
    va_end(ap);
    return false;
}

void chardev_spec_clear(ChardevSpec *spec)
{
    g_free(spec->id);
    g_free(spec->path);
    g_free(spec->host);
    *spec = (ChardevSpec){ 0 };
}

/* Splits at single commas; a doubled one stands for itself. */
static GPtrArray *split(const char *text)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    GString *word = g_string_new(NULL);

    for (; *text; text++) {
        if (text[0] == ',' && text[1] != ',') {
            g_ptr_array_add(words, g_string_free(word, FALSE));
            word = g_string_new(NULL);
            continue;
        }
        text += text[0] == ',';
        g_string_append_c(word, *text);
    }
    g_ptr_array_add(words, g_string_free(word, FALSE));
    return words;
}

static bool parse_bool(const char *what, const char *text, bool *out, GError **error)
{
    if (text == NULL || g_str_equal(text, "on") || g_str_equal(text, "yes")) {
        *out = true;
    } else if (g_str_equal(text, "off") || g_str_equal(text, "no")) {
        *out = false;
    } else {
        return fail(error, "%s is '%s', not on or off", what, text);
    }
    return true;
}

static bool parse_port(const char *text, uint16_t *port, GError **error)
{
    guint64 v;

    if (!g_ascii_string_to_unsigned(text, 10, 0, UINT16_MAX, &v, NULL)) {
        return fail(error, "port '%s' is not a number up to 65535", text);
    }
    *port = (uint16_t)v;
    return true;
}

static void set_text(char **where, const char *text)
{
    g_free(*where);
    *where = g_strdup(text);
}

/* One KEY or KEY=VALUE; @value is NULL for the former, and the key is known to the kind. */
static bool parse_key(ChardevSpec *spec, const char *key, const char *value, GError **error)
{
    bool off;

    if (g_str_equal(key, "server")) {
        return parse_bool(key, value, &spec->server, error);
    }
    if (g_str_equal(key, "wait")) {
        return parse_bool(key, value, &spec->wait, error);
    }
    if (g_str_equal(key, "nowait")) {
        if (!parse_bool(key, value, &off, error)) {
            return false;
        }
        spec->wait = !off;
        return true;
    }
    if (g_str_equal(key, "nodelay")) {
        return parse_bool(key, value, &off, error); /* always so */
    }
    if (g_str_equal(key, "mux")) {
        return parse_bool(key, value, &spec->mux, error);
    }
    if (g_str_equal(key, "append")) {
        return parse_bool(key, value, &spec->append, error);
    }
    if (g_str_equal(key, "signal")) {
        return parse_bool(key, value, &spec->signal, error);
    }
    if (value == NULL || *value == '\0') {
        return fail(error, "%s is without value", key);
    }
    if (g_str_equal(key, "port")) {
        return parse_port(value, &spec->port, error);
    }
    set_text(g_str_equal(key, "id")     ? &spec->id
             : g_str_equal(key, "path") ? &spec->path
                                        : &spec->host,
             value);
    return true;
}

static bool known_key(const char *what, const char *key, const char *const *keys, GError **error)
{
    const char *near;

    if (g_strv_contains(keys, key)) {
        return true;
    }
    near = suggest_nearest(key, keys);
    return fail(error, near ? "%s has no option '%s'; did you mean '%s'?" : "%s has no option '%s'",
                what, key, near);
}

/* The words from number @first on, as keys. */
static bool parse_keys(ChardevSpec *spec, const char *what, GPtrArray *words, guint first,
                       const char *const *keys, GError **error)
{
    for (guint i = first; i < words->len; i++) {
        g_auto(GStrv) half = g_strsplit(g_ptr_array_index(words, i), "=", 2);
        const char *key = half[0] ? half[0] : "";

        if (!known_key(what, key, keys, error)
            || !parse_key(spec, key, half[0] ? half[1] : NULL, error)) {
            return false;
        }
    }
    if (spec->wait && !spec->server) {
        spec->wait = false; /* of servers only */
    }
    return true;
}

/* HOST:PORT, [HOST]:PORT or :PORT. */
static bool parse_address(ChardevSpec *spec, const char *text, GError **error)
{
    const char *colon = strrchr(text, ':');

    if (colon == NULL) {
        return fail(error, "tcp:%s is without port", text);
    }
    g_free(spec->host);
    spec->host = *text == '[' && colon > text && colon[-1] == ']'
                     ? g_strndup(text + 1, (gsize)(colon - text) - 2)
                     : g_strndup(text, (gsize)(colon - text));
    return parse_port(colon + 1, &spec->port, error);
}

static bool parse_socket(ChardevSpec *spec, const char *text, GError **error)
{
    static const char *const keys[] = { "server", "wait", "nowait", "nodelay", NULL };
    g_autoptr(GPtrArray) words = split(strchr(text, ':') + 1);
    const char *first = g_ptr_array_index(words, 0);

    spec->kind = *text == 't' ? CHARDEV_TCP : CHARDEV_UNIX;
    spec->wait = true;
    if (spec->kind == CHARDEV_UNIX && *first == '\0') {
        return fail(error, "unix: is without path");
    }
    if (spec->kind == CHARDEV_UNIX) {
        set_text(&spec->path, first);
    } else if (!parse_address(spec, first, error)) {
        return false;
    }
    return parse_keys(spec, spec->kind == CHARDEV_TCP ? "tcp:" : "unix:", words, 1, keys, error);
}

static bool parse_short(const char *text, ChardevSpec *spec, GError **error)
{
    const char *near;

    spec->signal = !spec->mux; /* with a monitor behind Ctrl-A, Ctrl-C is the guest's */
    if (g_str_has_prefix(text, "tcp:") || g_str_has_prefix(text, "unix:")) {
        return parse_socket(spec, text, error);
    }
    if (g_str_has_prefix(text, "file:")) {
        spec->kind = CHARDEV_FILE;
        spec->path = g_strdup(text + 5);
        return *spec->path ? true : fail(error, "file: is without path");
    }
    if (g_str_equal(text, "none") && !spec->mux) {
        return true;
    }
    /* null, stdio, pty are alike in both forms. */
    for (unsigned i = 0; i < 3; i++) {
        if (g_str_equal(text, long_kinds[i].name)) {
            spec->kind = long_kinds[i].kind;
            return true;
        }
    }
    near = suggest_nearest(text, short_kinds);
    return fail(error,
                near ? "no character device '%s'; did you mean '%s'?" : "no character device '%s'",
                text, near);
}

bool chardev_parse(const char *text, ChardevSpec *spec, GError **error)
{
    *spec = (ChardevSpec){ .kind = CHARDEV_NONE };
    if (g_str_has_prefix(text, "mon:")) {
        spec->mux = true;
        text += 4;
    }
    if (!parse_short(text, spec, error)) {
        chardev_spec_clear(spec);
        return false;
    }
    return true;
}

static const LongKind *find_kind(const char *name, GError **error)
{
    const char *names[G_N_ELEMENTS(long_kinds) + 1] = { NULL }, *near;

    for (unsigned i = 0; i < G_N_ELEMENTS(long_kinds); i++) {
        names[i] = long_kinds[i].name;
        if (g_str_equal(name, names[i])) {
            return &long_kinds[i];
        }
    }
    near = suggest_nearest(name, names);
    fail(error, near ? "no character device '%s'; did you mean '%s'?" : "no character device '%s'",
         name, near);
    return NULL;
}

/* What a kind cannot do without. */
static bool check_option(ChardevSpec *spec, GError **error)
{
    if (spec->id == NULL) {
        return fail(error, "character device is without id");
    }
    if (spec->kind == CHARDEV_FILE && spec->path == NULL) {
        return fail(error, "character device %s is without path", spec->id);
    }
    if (spec->kind == CHARDEV_TCP && spec->path != NULL) {
        spec->kind = CHARDEV_UNIX;
        return spec->host ? fail(error, "character device %s has both path and host", spec->id)
                          : true;
    }
    return true;
}

static bool parse_long(GPtrArray *words, ChardevSpec *spec, GError **error)
{
    const LongKind *k = find_kind(g_ptr_array_index(words, 0), error);
    bool port = false;

    if (k == NULL) {
        return false;
    }
    spec->kind = k->kind;
    spec->wait = k->kind == CHARDEV_TCP;
    spec->signal = true;
    for (guint i = 1; i < words->len; i++) {
        port |= g_str_has_prefix(g_ptr_array_index(words, i), "port=");
    }
    if (!parse_keys(spec, k->name, words, 1, k->keys, error) || !check_option(spec, error)) {
        return false;
    }
    if (spec->kind == CHARDEV_TCP && !port) {
        return fail(error, "character device %s is without path or port", spec->id);
    }
    return true;
}

bool chardev_parse_option(const char *text, ChardevSpec *spec, GError **error)
{
    g_autoptr(GPtrArray) words = split(text);

    *spec = (ChardevSpec){ .kind = CHARDEV_NONE };
    if (!parse_long(words, spec, error)) {
        chardev_spec_clear(spec);
        return false;
    }
    return true;
}
