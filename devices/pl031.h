/* SPDX-License-Identifier: MIT */
/* pl031.h - PrimeCell Real Time Clock. */
#ifndef DEVICES_PL031_H
#define DEVICES_PL031_H

#include "devices/device.h"

/* Wires: irq[0] is RTCINTR. */
extern const DeviceType pl031_type;

/* Calendar time at guest time 0, in ns since 1970, before 2116; from the next dev_reset() on. */
void pl031_set_epoch_ns(Device *d, uint64_t ns);

#endif
