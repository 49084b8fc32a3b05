/* SPDX-License-Identifier: MIT */
/* mc146818.h - real-time clock with battery-backed memory, as the PC has it. */
#ifndef DEVICES_MC146818_H
#define DEVICES_MC146818_H

#include "devices/device.h"

/* One output line: the interrupt. */

/* One window: the index and data ports (0x70), and those of the upper bank. */
extern const DeviceType mc146818_type;

enum { MC146818_BYTES = 256 };

/* For a board's setup(): calendar time at guest time 0, ns since 1970. */
void mc146818_set_epoch_ns(Device *d, uint64_t ns);

/* For a board's setup(): what reset finds in byte @i of the memory, 14 or above. */
void mc146818_set_byte(Device *d, uint8_t i, uint8_t value);

#endif
