/* SPDX-License-Identifier: MIT */
/* ns16550.h - UART with FIFOs. */
#ifndef DEVICES_NS16550_H
#define DEVICES_NS16550_H

#include "devices/device.h"

/* Output lines. A board that has the PC's gate puts OUT2 before the interrupt. */
enum { NS16550_INTR, NS16550_OUT2, N_NS16550_LINES };

/* Input pins: the modem lines, true is asserted (the pins of the part are active low). */
enum { NS16550_CTS, NS16550_DSR, NS16550_RI, NS16550_DCD, N_NS16550_PINS };

/* Wires: chr takes the transmitted bytes; dev_receive() and dev_line_break() deliver. */
extern const DeviceType ns16550_type; /* registers side by side, as on ISA */

/* The same part eight bytes apart, on the low byte of a wider bus. */
extern const DeviceType ns16550_wide_type;

/* For a board's setup(): the clock at XIN (8.3); 1.8432 MHz if it is not told. */
void ns16550_set_clock_hz(Device *d, uint32_t hz);

/* For a board's setup(): a peer that is ready asserts CTS, DSR and DCD. */
void ns16550_set_ready(Device *d);

#endif
