/* SPDX-License-Identifier: MIT */
/* i8042.h - the PC's keyboard controller, with keyboard and mouse. */
#ifndef DEVICES_I8042_H
#define DEVICES_I8042_H

#include "devices/device.h"

/* Output lines: interrupts of the keyboard (IRQ1) and the mouse (IRQ12), the gate of address line
 * 20 (high: open), and the reset of the machine, a pulse. */
enum { I8042_KEYBOARD, I8042_MOUSE, I8042_A20, I8042_RESET, N_I8042_LINES };

/* Windows: the data port (0x60) and the status and command port (0x64). */
extern const DeviceType i8042_type;

/* Input, on the vCPU's thread. @code: of scan code set 2; 0xe0xx with its prefix. */
void i8042_key(Device *d, uint16_t code, bool down);
/* Right, up, wheel towards the hand are positive. @buttons: bits left, right, middle, 4, 5. */
void i8042_move(Device *d, int dx, int dy, int dz, uint8_t buttons);

#endif
