/* SPDX-License-Identifier: MIT */
/* linux_arm.h - starts a kernel the way 32-bit ARM Linux wants it. */
#ifndef MACHINE_LINUX_ARM_H
#define MACHINE_LINUX_ARM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "machine/image.h"

struct Machine;

extern const ImageGuest linux_arm_images;

/**
 * linux_arm_boot - load kernel, initrd and device tree, set the registers.
 * @ram, @bytes: where RAM is
 * @dtb: the board's own tree; -dtb replaces it. Bootargs and initrd are added to either.
 * Errors: MACHINE_ERROR_IMAGE. Spec: Linux, Documentation/arm/booting.rst.
 */
bool linux_arm_boot(struct Machine *m, Gpa ram, uint64_t bytes, const GByteArray *dtb,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
