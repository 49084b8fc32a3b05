/* SPDX-License-Identifier: MIT */
/* gt64120.h - system controller of MIPS boards: address decoding, PCI host bridge. */
#ifndef DEVICES_GT64120_H
#define DEVICES_GT64120_H

#include "devices/pci.h"

/* One output line, the interrupt to the CPU. All windows move. It is PCI function 0.0 too. */
extern const DeviceType gt64120_type;

/* For a board's setup(): the bus that its configuration cycles go to, and who answers interrupt
 * acknowledge cycles. All borrowed. */
void gt64120_set_bus(Device *d, PciBus *bus, uint8_t (*acknowledge)(Device *pic), Device *pic);

#endif
