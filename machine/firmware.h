/* SPDX-License-Identifier: MIT */
/* firmware.h - where firmware images are looked for. */
#ifndef MACHINE_FIRMWARE_H
#define MACHINE_FIRMWARE_H

#include <glib.h>

#include "machine/machine.h"

/**
 * firmware_read - the bytes of firmware @name, or of the first of the NULL-terminated @usual that
 * there is if @name is NULL; at most @most.
 * A name is a path; else a file in a directory of -L, of this program, or of Debian's packages.
 * Errors: MACHINE_ERROR_IMAGE: "bios 'x': ..."; if nothing usual is there, what to do about it.
 */
GBytes *firmware_read(const MachineConfig *c, const char *name, const char *const *usual,
                      uint64_t most, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
