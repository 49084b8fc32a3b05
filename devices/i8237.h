/* SPDX-License-Identifier: MIT */
/* i8237.h - the PC's two DMA controllers and their page registers. */
#ifndef DEVICES_I8237_H
#define DEVICES_I8237_H

#include "devices/device.h"

/* The three windows of the part: ports 00-0f, c0-df and 80-8f of a PC. */
enum { I8237_LOW, I8237_HIGH, I8237_PAGES };

extern const DeviceType i8237_type;

#endif
