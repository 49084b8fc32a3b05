/* SPDX-License-Identifier: MIT */
/* button.h - a push button. */
#ifndef DEVICES_BUTTON_H
#define DEVICES_BUTTON_H

#include "devices/device.h"

enum { BUTTON_HELD_MS = 100 };

/* Wires: irq[0] is high while the button is held. Its pin rises for a press, of BUTTON_HELD_MS of
 * guest time: what a driver that waits for the contact to come to rest takes for one. */
extern const DeviceType button_type;

#endif
