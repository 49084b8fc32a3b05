/* SPDX-License-Identifier: MIT */
/* pc_glue.h - what is soldered between a PC's parts. */
#ifndef DEVICES_PC_GLUE_H
#define DEVICES_PC_GLUE_H

#include "devices/device.h"

/* Input pins. COM1 to COM4 share two interrupts. PC_GLUE_LEGACY: the HPET takes over from timer and
 * clock (HPET 1.0a 2.3.5). */
enum {
    PC_GLUE_COM1,
    PC_GLUE_COM2,
    PC_GLUE_COM3,
    PC_GLUE_COM4,
    PC_GLUE_TIMER,
    PC_GLUE_CLOCK,
    PC_GLUE_HPET_TIMER,
    PC_GLUE_HPET_CLOCK,
    PC_GLUE_LEGACY,
    PC_GLUE_A20,  /* the keyboard controller's */
    PC_GLUE_FERR, /* the processor's FERR#, asserted */
    N_PC_GLUE_PINS,
};

/* Output lines: interrupts; that of the clock, whoever has IRQ8; whether address line 20 is
 * passed on; a reset, which is a pulse. */
enum {
    PC_GLUE_IRQ0,
    PC_GLUE_IRQ3,
    PC_GLUE_IRQ4,
    PC_GLUE_IRQ8,
    PC_GLUE_IRQ13,
    PC_GLUE_IGNNE, /* to the processor, asserted */
    PC_GLUE_ALARM,
    PC_GLUE_A20_OUT,
    PC_GLUE_RESET,
    N_PC_GLUE_LINES,
};

/* Two windows: port 0x92; port 0xf0. */
extern const DeviceType pc_glue_type;

#endif
