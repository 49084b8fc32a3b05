/* SPDX-License-Identifier: MIT */
/* linux_mips.h - starts a kernel the way YAMON, the firmware of MIPS boards, does. */
#ifndef MACHINE_LINUX_MIPS_H
#define MACHINE_LINUX_MIPS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct Machine;

/**
 * linux_mips_boot - load kernel and initrd, make arguments and environment, set the registers.
 * @low_bytes: of RAM from physical 0 on
 * Errors: MACHINE_ERROR_IMAGE. Spec: YAMON User's Manual (MD00008), "Invoking an application".
 */
bool linux_mips_boot(struct Machine *m, uint64_t low_bytes,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
