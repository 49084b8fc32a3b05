/* SPDX-License-Identifier: MIT */
/* options_keys.c - numbers, sizes, choices and KEY=VALUE lists of option values. */
#include <string.h>

#include "base/suggest.h"
#include "machine/options_priv.h"

bool option_fail(GError **error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (error) {
        *error = g_error_new_valist(MACHINE_ERROR, MACHINE_ERROR_OPTION, fmt, ap);
    }
    va_end(ap);
    return false;
}

bool option_choice(const char *what, const char *value, const char *const *known, unsigned *index,
                   GError **error)
{
    g_autofree char *all = g_strjoinv(", ", (char **)(uintptr_t)known);
    const char *near;

    for (unsigned i = 0; known[i]; i++) {
        if (g_str_equal(known[i], value)) {
            *index = i;
            return true;
        }
    }
    near = suggest_nearest(value, known);
    return option_fail(error, "%s '%s' is not one of %s%s%s%s", what, value, all,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

bool option_on_off(const char *what, const char *value, bool *out, GError **error)
{
    static const char *const words[] = { "off", "on", NULL };
    unsigned i;

    if (!option_choice(what, value, words, &i, error)) {
        return false;
    }
    *out = i == 1;
    return true;
}

bool option_number(const char *what, const char *value, uint64_t min, uint64_t max, uint64_t *out,
                   GError **error)
{
    bool hex = g_str_has_prefix(value, "0x");
    guint64 v;

    if (!g_ascii_string_to_unsigned(value + (hex ? 2 : 0), hex ? 16 : 10, min, max, &v, NULL)) {
        return max == UINT64_MAX
                   ? option_fail(error, "%s '%s' is not a number of %" G_GUINT64_FORMAT " or more",
                                 what, value, min)
                   : option_fail(error,
                                 "%s '%s' is not a number from %" G_GUINT64_FORMAT
                                 " to %" G_GUINT64_FORMAT,
                                 what, value, min, max);
    }
    *out = v;
    return true;
}

bool option_size(const char *what, const char *value, uint64_t *out, GError **error)
{
    static const char units[] = "KMGT";
    size_t digits = strspn(value, "0123456789");
    g_autofree char *number = g_strndup(value, digits);
    const char *unit = value[digits] ? strchr(units, g_ascii_toupper(value[digits])) : units + 1;
    unsigned shift;
    guint64 v;

    if (unit == NULL || (value[digits] && value[digits + 1])
        || !g_ascii_string_to_unsigned(number, 10, 0, UINT64_MAX, &v, NULL)) {
        return option_fail(error, "%s '%s' is not a number of MiB, or one with K, M, G or T", what,
                           value);
    }
    shift = 10 * (unsigned)(unit - units + 1);
    if (v > UINT64_MAX >> shift) {
        return option_fail(error, "%s '%s' is out of range", what, value);
    }
    *out = v << shift;
    return true;
}

/* The next item up to a single comma; NULL at the end. */
static char *next_item(const char **text)
{
    GString *item;

    if (*text == NULL) {
        return NULL;
    }
    item = g_string_new(NULL);
    for (; **text && (**text != ',' || (*text)[1] == ','); (*text)++) {
        *text += **text == ',';
        g_string_append_c(item, **text);
    }
    *text = **text ? *text + 1 : NULL;
    return g_string_free(item, FALSE);
}

static bool apply_key(Options *o, const char *owner, const char *key, const char *value,
                      const OptionKey *rows, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *near;

    for (; rows->key; rows++) {
        if (g_str_equal(rows->key, key)) {
            return rows->apply(o, value, error);
        }
        g_ptr_array_add(names, (gpointer)(uintptr_t)rows->key);
    }
    g_ptr_array_add(names, NULL);
    near = suggest_nearest(key, (const char *const *)(void *)names->pdata);
    return option_fail(error, "%s%sno property '%s'%s%s%s", owner ? owner : "",
                       owner ? " has " : "", key, near ? "; did you mean '" : "", near ? near : "",
                       near ? "'?" : "");
}

bool option_keys_of(Options *o, const char *owner, const char *text, const OptionKey *rows,
                    bool implied, GError **error)
{
    for (bool first = true; text; first = false) {
        g_autofree char *item = next_item(&text);
        char *equals = strchr(item, '=');
        const char *key = item, *value = "on";

        if (equals) {
            *equals = '\0';
            value = equals + 1;
        } else if (first && implied) {
            key = rows[0].key;
            value = item;
        }
        if (!apply_key(o, owner, key, value, rows, error)) {
            return false;
        }
    }
    return true;
}

bool option_keys(Options *o, const char *text, const OptionKey *rows, bool implied, GError **error)
{
    return option_keys_of(o, NULL, text, rows, implied, error);
}

char *option_key_value(const char *text, const char *key)
{
    size_t n = strlen(key);
    char *item;

    for (bool first = true; (item = next_item(&text)) != NULL; first = false) {
        if (first && strchr(item, '=') == NULL) {
            return item;
        }
        if (strncmp(item, key, n) == 0 && item[n] == '=') {
            memmove(item, item + n + 1, strlen(item + n + 1) + 1);
            return item;
        }
        g_free(item);
    }
    return NULL;
}
