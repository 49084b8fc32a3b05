/* SPDX-License-Identifier: MIT */
/* isa_debug.h - two ports for programs that test a machine: a console and a way out. */
#ifndef DEVICES_ISA_DEBUG_H
#define DEVICES_ISA_DEBUG_H

#include "devices/device.h"

/* Each byte written goes to chr. */
extern const DeviceType isa_debugcon_type;

/* A write ends the run. */
extern const DeviceType isa_debug_exit_type;

/* Told the status of the run: twice the value written, plus one. Before dev_reset(). */
void isa_debug_exit_on_write(Device *d, void (*end)(void *opaque, unsigned status), void *opaque);

#endif
