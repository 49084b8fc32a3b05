/* SPDX-License-Identifier: MIT */
/* gicv2.h - ARM Generic Interrupt Controller, architecture version 2. */
#ifndef DEVICES_GICV2_H
#define DEVICES_GICV2_H

#include "devices/device.h"

enum {
    GICV2_CPUS = 8,         /* the most it can serve */
    GICV2_INTERRUPTS = 288, /* 16 SGIs and 16 PPIs for each CPU, 256 SPIs */
    GICV2_SPIS = GICV2_INTERRUPTS - 32,
    GICV2_PPIS = 16,
};

/* The two windows of the part. */
enum { GICV2_DISTRIBUTOR, GICV2_CPU_INTERFACE };

/* Input pins, true is asserted: SPIs first, then the PPIs CPU by CPU. */
static inline unsigned gicv2_spi_pin(unsigned id) { return id - 32; }
static inline unsigned gicv2_ppi_pin(unsigned cpu, unsigned id)
{
    return GICV2_SPIS + cpu * GICV2_PPIS + id - 16;
}

/* Output lines of CPU @cpu. */
static inline unsigned gicv2_irq_line(unsigned cpu) { return 2 * cpu; }
static inline unsigned gicv2_fiq_line(unsigned cpu) { return 2 * cpu + 1; }

extern const DeviceType gicv2_type;

/* How many CPU interfaces it has, 1 to GICV2_CPUS; 1 unless told. Before dev_reset(). */
void gicv2_set_cpus(Device *d, unsigned n);

#endif
