/* SPDX-License-Identifier: MIT */
/* log.c - see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/suggest.h"

/* clang-format off */
static const struct {
    LogCat cat;
    const char *name, *help;
} cats[] = {
    { LOG_IN_ASM,       "in_asm",       "guest code of each unit as it is translated" },
    { LOG_IR,           "ir",           "intermediate representation of each unit" },
    { LOG_OUT_ASM,      "out_asm",      "host code of each unit" },
    { LOG_EXEC,         "exec",         "each unit as it is entered" },
    { LOG_INT,          "int",          "exceptions and interrupts taken" },
    { LOG_MMU,          "mmu",          "soft-MMU fills, faults and invalidations" },
    { LOG_CALLOUT,      "callout",      "each callout as it is executed" },
    { LOG_UNIMP,        "unimp",        "what the guest uses and is not modelled" },
    { LOG_GUEST_ERRORS, "guest_errors", "what the guest does wrong" },
    { LOG_DEVICE,       "device",       "each access to a device register" },
};
/* clang-format on */

bool log_on_at(const Log *log, LogCat cat, Gva va)
{
    if (!log_on(log, cat)) {
        return false;
    }
    for (guint i = 0; log->ranges && i < log->ranges->len; i++) {
        const LogRange *r = &g_array_index(log->ranges, LogRange, i);

        if (va >= r->first && va <= r->last) {
            return true;
        }
    }
    return log->ranges == NULL;
}

void log_write(const Log *log, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(log->out, fmt, ap);
    va_end(ap);
}

static bool parse_one(const char *name, uint32_t *bits, GError **error)
{
    const char *names[G_N_ELEMENTS(cats) + 1] = { NULL }, *near;

    for (unsigned i = 0; i < G_N_ELEMENTS(cats); i++) {
        if (g_str_equal(cats[i].name, name)) {
            *bits |= cats[i].cat;
            return true;
        }
        names[i] = cats[i].name;
    }
    near = suggest_nearest(name, names);
    g_set_error(error, BASE_ERROR, BASE_ERROR_VALUE, "no log category '%s'%s%s%s", name,
                near ? "; did you mean '" : "; see -d help", near ? near : "", near ? "'?" : "");
    return false;
}

bool log_parse(const char *text, uint32_t *bits, GError **error)
{
    g_auto(GStrv) item = g_strsplit(text, ",", -1);
    uint32_t sum = 0;

    for (unsigned i = 0; item[i]; i++) {
        if (!parse_one(item[i], &sum, error)) {
            return false;
        }
    }
    *bits = sum;
    return true;
}

static bool parse_range(const char *text, LogRange *r)
{
    char *end;
    guint64 a = g_ascii_strtoull(text, &end, 0), b;
    char sign = *end;

    if (end == text || a > UINT32_MAX) {
        return false;
    }
    if (g_str_has_prefix(end, "..")) {
        end++;
    } else if (sign != '+' && sign != '-') {
        return false;
    }
    text = end + 1;
    b = g_ascii_strtoull(text, &end, 0);
    if (end == text || *end != '\0' || b > UINT32_MAX) {
        return false;
    }
    if (sign == '+') {
        *r = (LogRange){ (Gva)a, (Gva)MIN(a + b - (b > 0), UINT32_MAX) };
    } else if (sign == '-') {
        *r = (LogRange){ (Gva)(a >= b ? a - b + (b > 0) : 0), (Gva)a };
    } else {
        *r = (LogRange){ (Gva)a, (Gva)b };
    }
    return r->first <= r->last;
}

bool log_parse_filter(Log *log, const char *text, GError **error)
{
    g_auto(GStrv) item = g_strsplit(text, ",", -1);

    for (unsigned i = 0; item[i]; i++) {
        LogRange r;

        if (!parse_range(item[i], &r)) {
            g_set_error(error, BASE_ERROR, BASE_ERROR_VALUE,
                        "address range '%s' is not start..end, start+length or start-length",
                        item[i]);
            return false;
        }
        if (log->ranges == NULL) {
            log->ranges = g_array_new(FALSE, FALSE, sizeof(LogRange));
        }
        g_array_append_val(log->ranges, r);
    }
    return true;
}

void log_help(GString *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cats); i++) {
        g_string_append_printf(out, "%-14s %s\n", cats[i].name, cats[i].help);
    }
}

void log_clear(Log *log)
{
    if (log->ranges) {
        g_array_unref(log->ranges);
        log->ranges = NULL;
    }
}
