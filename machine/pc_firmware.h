/* SPDX-License-Identifier: MIT */
/* pc_firmware.h - starts the board `pc` by firmware in its ROM, and hands it what it asks for. */
#ifndef MACHINE_PC_FIRMWARE_H
#define MACHINE_PC_FIRMWARE_H

#include <glib.h>
#include <stdbool.h>

#include "devices/device.h"

struct Machine;

/**
 * pc_firmware_image - what is in the ROM below 4 GiB: -bios, or SeaBIOS. Its last 128 KiB appear
 * below 1 MiB, too. NULL without @error set: the machine starts without.
 * Errors: MACHINE_ERROR_IMAGE.
 */
GBytes *pc_firmware_image(struct Machine *m, GError **error);

/* What the clock's memory says of the machine. Before dev_reset(). */
void pc_firmware_cmos(const struct Machine *m, Device *rtc);

/**
 * pc_firmware_boot - fills fw_cfg: the machine, its tables, -kernel, -initrd and -append with the
 * option ROM that starts them. The CPU stays at its reset vector.
 * Errors: MACHINE_ERROR_IMAGE.
 */
bool pc_firmware_boot(struct Machine *m, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a guest's own driver may ask for without firmware, too. */
void pc_firmware_describe(struct Machine *m);

#endif
