/* SPDX-License-Identifier: MIT */
/* piix.h - the PIIX3 and PIIX4 south bridges: what of their PCI functions is modelled. */
#ifndef DEVICES_PIIX_H
#define DEVICES_PIIX_H

#include "devices/pci.h"

/* Function 0, the ISA bridge. All interrupts of the board pass through it. Input pins: */
enum { PIIX_IRQ = 0, PIIX_PIRQA = 16, PIIX_SCI = 20, N_PIIX_PINS };

/* Output lines: IRQ0 to IRQ15 to the i8259s, the same to an I/O APIC, and a reset of the machine,
 * which is a pulse. */
enum { PIIX_TO_PIC = 0, PIIX_TO_IOAPIC = 16, PIIX_RESET = 32, N_PIIX_LINES };

/* PIIX4 has a second window, the reset control register's port (0xcf9). PIIX3's board has a host
 * bridge around that port; it calls piix_reset_control(). */
extern const DeviceType piix3_isa_type, piix4_isa_type;

uint8_t piix_reset_control(const Device *d);
void piix_set_reset_control(Device *d, uint8_t val);

/* Function 1 of PIIX4, the IDE controller; it has no drives. */
extern const DeviceType piix4_ide_type;

/* Function 3 of PIIX4, power management. Output lines; off is high once the guest has asked. */
enum { PIIX4_PM_SCI, PIIX4_PM_OFF, N_PIIX4_PM_LINES };

/* Input pin: the power button. */
enum { PIIX4_PM_BUTTON, PIIX4_PM_CLOCK, N_PIIX4_PM_PINS };

extern const DeviceType piix4_pm_type;

/* For a board's setup(): reset leaves it in ACPI's mode, where nothing could switch: no SMM. */
void piix4_pm_set_acpi_only(Device *d);

#endif
