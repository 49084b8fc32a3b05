/* SPDX-License-Identifier: MIT */
/* serial.h - a host byte channel on a guest's serial port, through the gate. */
#ifndef MACHINE_SERIAL_H
#define MACHINE_SERIAL_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/host/chardev.h"
#include "machine/machine.h"

typedef struct Serial Serial;

/* Connects @chr to the serial port @dev. All borrowed: freed by serial_free() after the run. Before
 * the run. */
Serial *serial_new(Machine *m, Device *dev, Chardev *chr) G_GNUC_WARN_UNUSED_RESULT;
void serial_free(Serial *s);

/* Main thread: what was typed. The channel is paused while the guest takes too little. */
void serial_input(Serial *s, const uint8_t *p, size_t n);
/* Main thread: a break on the line. */
void serial_break(Serial *s);

#endif
