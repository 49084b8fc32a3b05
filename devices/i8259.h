/* SPDX-License-Identifier: MIT */
/* i8259.h - the PC's pair of interrupt controllers. */
#ifndef DEVICES_I8259_H
#define DEVICES_I8259_H

#include "devices/device.h"

/* One output line, INTR of the first controller. */

/* Input pins: IRQ0 to IRQ15. Pin 2 is the second controller's and has no effect. */
enum { N_I8259_PINS = 16 };

/* Windows: the first controller's two ports (0x20), the second's (0xa0), ELCR's two (0x4d0). */
extern const DeviceType i8259_type;

/* The processor's interrupt acknowledge: the vector, and what that changes is changed. */
uint8_t i8259_acknowledge(Device *d);

#endif
