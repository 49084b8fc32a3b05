/* SPDX-License-Identifier: MIT */
/* pl061.h - PrimeCell General Purpose Input/Output. */
#ifndef DEVICES_PL061_H
#define DEVICES_PL061_H

#include "devices/device.h"

/* Output lines: the interrupt, then GPOUT[0] to GPOUT[7]; low where a pin is no output. */
enum { PL061_INTR, PL061_OUT, PL061_LINES = 8 };

/* Input pins 0 to 7 are GPIN; they are low unless driven. */
extern const DeviceType pl061_type;

#endif
