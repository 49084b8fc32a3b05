/* SPDX-License-Identifier: MIT */
/* i440fx.h - the PC's host bridge: PCI configuration, and memory below 1 MiB. */
#ifndef DEVICES_I440FX_H
#define DEVICES_I440FX_H

#include "devices/pci.h"
#include "softmmu/phys.h"

/* Windows: its configuration space; ports 0xcf8 to 0xcff. */
extern const DeviceType i440fx_type;

/* The memory it switches between RAM and ROM: 16 KiB each from 0xc0000, and the last 64 KiB. */
enum { I440FX_SEGMENTS = 13 };
Gpa i440fx_segment(unsigned i, uint32_t *bytes);

/* Before dev_reset(); all borrowed. @memory: where the segments have been added, by
 * phys_add_shadow(). @isa: the PIIX whose reset control register lies among this part's ports. */
void i440fx_connect(Device *d, PciBus *bus, Phys *memory, Device *isa);

#endif
