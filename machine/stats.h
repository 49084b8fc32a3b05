/* SPDX-License-Identifier: MIT */
/* stats.h - a run's figures as JSON; docs/STATS.md says what each is. */
#ifndef MACHINE_STATS_H
#define MACHINE_STATS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine/machine.h"

/* Appends the figures so far. @wall_ns: host time since the run began. Threads: the vCPU's own, or
 * any after the run. */
void stats_text(Machine *m, uint64_t wall_ns, GString *out);

/* Writes them to @path, whole or not at all. Errors: G_FILE_ERROR. */
bool stats_write(Machine *m, uint64_t wall_ns, const char *path,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the file can be written, before a run is spent on it. Errors: G_FILE_ERROR. */
bool stats_check(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
