/* SPDX-License-Identifier: MIT */
/* ioapic.h - I/O APIC: input pins to messages for the local APICs. */
#ifndef DEVICES_IOAPIC_H
#define DEVICES_IOAPIC_H

#include "devices/apic.h"

enum { IOAPIC_PINS = 24 };

/* Input pins 0 to 23, true is asserted: a board's wires have no polarity. */
extern const DeviceType ioapic_type;

/* Where its messages go. Before dev_reset(). */
void ioapic_connect(Device *d, void (*send)(void *opaque, const ApicMessage *m), void *opaque);

/* A local APIC has ended the interrupt of @vector. */
void ioapic_end(Device *d, uint8_t vector);

#endif
