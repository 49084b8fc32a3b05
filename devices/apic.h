/* SPDX-License-Identifier: MIT */
/* apic.h - local APIC, and the messages by which interrupts reach it. */
#ifndef DEVICES_APIC_H
#define DEVICES_APIC_H

#include "devices/device.h"

/* SDM 3A 10.6.1: delivery modes, of messages, of the ICR and of LVT entries alike. */
typedef enum ApicMode {
    APIC_FIXED,
    APIC_LOWEST,
    APIC_SMI,
    APIC_RESERVED,
    APIC_NMI,
    APIC_INIT,
    APIC_STARTUP,
    APIC_EXTINT,
} ApicMode;

/* An interrupt on its way to the local APICs. */
typedef struct ApicMessage {
    uint8_t dest; /* an APIC ID, or a logical destination */
    uint8_t vector;
    uint8_t mode; /* ApicMode */
    bool logical; /* what @dest is */
    bool level;   /* level-triggered: its end is broadcast */
} ApicMessage;

/* Output lines. APIC_LINE_NMI and APIC_LINE_INIT are pulsed. */
enum { APIC_LINE_INTR, APIC_LINE_NMI, APIC_LINE_INIT };

/* Input pins. */
enum { APIC_LINT0, APIC_LINT1 };

/* 10.4.4: bits of IA32_APIC_BASE. */
enum { APIC_BASE_BSP = 1u << 8, APIC_BASE_ENABLE = 1u << 11 };
#define APIC_BASE_DEFAULT 0xfee00000u

/* What apic_acknowledge() says instead of a vector: the i8259's is wanted. */
enum { APIC_ASK_PIC = 256 };

extern const DeviceType apic_type;

/* Told the vector of each level-triggered interrupt at its end. Before dev_reset(). */
void apic_on_end(Device *d, void (*end)(void *opaque, uint8_t vector), void *opaque);

/* Delivers @m if it is for this APIC. */
void apic_message(Device *d, const ApicMessage *m);

/**
 * apic_acknowledge - the CPU takes the interrupt that APIC_LINE_INTR announces.
 * Returns: a vector, the spurious one if what was announced has gone; or APIC_ASK_PIC.
 */
unsigned apic_acknowledge(Device *d);

/* IA32_APIC_BASE. A write of a reserved bit is refused: the CPU raises #GP. A move of the registers
 * and their going with APIC_BASE_ENABLE are the board's: it reads the value again. */
uint64_t apic_base(const Device *d);
bool apic_set_base(Device *d, uint64_t value) G_GNUC_WARN_UNUSED_RESULT;

/* What firmware leaves behind (MP specification 1.4, 3.6.2.2: virtual wire): the APIC enabled,
 * LINT0 as ExtINT, LINT1 as NMI. For a board that starts a kernel without firmware. */
void apic_virtual_wire(Device *d);

#endif
