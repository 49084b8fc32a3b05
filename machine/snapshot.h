/* SPDX-License-Identifier: MIT */
/* snapshot.h - the whole state of a machine in a file. */
#ifndef MACHINE_SNAPSHOT_H
#define MACHINE_SNAPSHOT_H

#include <glib.h>
#include <stdbool.h>

#include "machine/machine.h"

/*
 * A run that goes on from a snapshot is, with -clock virtual, the run that was saved, to the bit.
 * Not in the file: statistics, what only the host side knows (channels, options), and the images a
 * reset loads again.
 */

/**
 * snapshot_save - write the state of @m to @path; a file that is there is replaced once all is
 * written.
 * Threads: the vCPU's, between two instructions; or before the run.
 * Errors: MACHINE_ERROR_SNAPSHOT: "snapshot 'x': ..."; the file at @path is then as it was.
 */
bool snapshot_save(Machine *m, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_load - make the state of @m that of the file at @path, which is not trusted: all of it
 * is checked before anything changes.
 * @m: same board, CPU model, memory size and clock as the one saved; it goes on running or stays
 *     stopped as it is
 * Threads: as snapshot_save().
 * Errors: MACHINE_ERROR_SNAPSHOT, DEVICE_ERROR_SNAPSHOT, BASE_ERROR_RANGE, with @m unchanged.
 */
bool snapshot_load(Machine *m, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
