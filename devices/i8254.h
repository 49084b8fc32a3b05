/* SPDX-License-Identifier: MIT */
/* i8254.h - the PC's interval timer, with the speaker's control port. */
#ifndef DEVICES_I8254_H
#define DEVICES_I8254_H

#include "devices/device.h"

/* One output line: OUT of counter 0. */

/* Windows: the counters' four ports (0x40), and port 0x61. */
extern const DeviceType i8254_type;

#endif
