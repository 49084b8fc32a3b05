/* SPDX-License-Identifier: MIT */
/* pc_direct.h - starts a kernel on the board `pc` without firmware (boot=direct). */
#ifndef MACHINE_PC_DIRECT_H
#define MACHINE_PC_DIRECT_H

#include <glib.h>
#include <stdbool.h>

struct Machine;

/**
 * pc_direct_boot - loads -kernel, -initrd and -append, writes the tables that firmware would, and
 * leaves the CPU at the kernel's 32-bit entry.
 * Errors: MACHINE_ERROR_IMAGE, and those of the map.
 */
bool pc_direct_boot(struct Machine *m, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
