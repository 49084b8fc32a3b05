/* SPDX-License-Identifier: MIT */
/* log.h - the run's log: categories that -d selects, an address filter, one sink. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/addr.h"

/* One bit a category; names, help and order are in log.c's table. */
typedef enum LogCat {
    LOG_IN_ASM = 1u << 0,       /* guest code of each unit when translated */
    LOG_IR = 1u << 1,           /* IR of each unit */
    LOG_OUT_ASM = 1u << 2,      /* host code of each unit */
    LOG_EXEC = 1u << 3,         /* each unit when entered */
    LOG_INT = 1u << 4,          /* exceptions and interrupts taken */
    LOG_MMU = 1u << 5,          /* soft-MMU fills, faults, invalidations */
    LOG_CALLOUT = 1u << 6,      /* each callout executed */
    LOG_UNIMP = 1u << 7,        /* what the guest uses and is not modelled */
    LOG_GUEST_ERRORS = 1u << 8, /* what the guest does wrong */
    LOG_DEVICE = 1u << 9,       /* each access to a device register */
} LogCat;

typedef struct LogRange {
    Gva first, last; /* inclusive */
} LogRange;

/* Hangs off the machine; everything that logs holds a borrowed pointer. */
typedef struct Log {
    uint32_t on;    /* LogCat bits */
    FILE *out;      /* borrowed; stderr unless -D */
    GArray *ranges; /* LogRange, owned; NULL: no filter */
} Log;

/* Whether @cat is on. Cost: one test. */
static inline bool log_on(const Log *log, LogCat cat) { return (log->on & cat) != 0; }

/* Whether @cat is on and guest address @va passes -dfilter. */
bool log_on_at(const Log *log, LogCat cat, Gva va);

/* Writes to the sink whatever the categories; callers test log_on() first. */
void log_write(const Log *log, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* clang-format off */
/* As printf, if @cat is on. Costs one test while off: no formatting, no allocation. */
#define log_msg(log, cat, ...) \
    (log_on((log), (cat)) ? log_write((log), __VA_ARGS__) : (void)0)
/* clang-format on */

/**
 * log_parse - the categories of a -d argument.
 * @text: names separated by commas
 * Errors: BASE_ERROR_VALUE, naming the item and the nearest known one.
 */
bool log_parse(const char *text, uint32_t *cats, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * log_parse_filter - adds the ranges of a -dfilter argument to @log.
 * @text: as QEMU's: start..end, start+len, start-len, separated by commas
 * Errors: BASE_ERROR_VALUE.
 */
bool log_parse_filter(Log *log, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends one line per category, for -d help. */
void log_help(GString *out);

/* Releases the filter; the sink stays open. */
void log_clear(Log *log);

#endif
