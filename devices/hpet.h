/* SPDX-License-Identifier: MIT */
/* hpet.h - high precision event timer. */
#ifndef DEVICES_HPET_H
#define DEVICES_HPET_H

#include "devices/device.h"

enum { HPET_TIMERS = 3, HPET_ROUTES = 24 };

/*
 * Output lines: 0 to 23 go to the I/O APIC inputs a timer may be routed to, numbers 0 and 8
  * standing for the ISA interrupts that legacy replacement takes over; then one that is up while
   * it does.
 */
enum { HPET_LINE_LEGACY = HPET_ROUTES, HPET_LINES };

extern const DeviceType hpet_type;

#endif
