/* SPDX-License-Identifier: MIT */
/* pl011.h - PrimeCell UART. */
#ifndef DEVICES_PL011_H
#define DEVICES_PL011_H

#include "devices/device.h"

/* Output lines. A board wires PL011_INTR, or the others one by one. */
enum { PL011_INTR, PL011_RXINTR, PL011_TXINTR, PL011_RTINTR, PL011_MSINTR, PL011_EINTR };

/* Input pins: the modem lines, true is asserted (the pins of the part are active low). */
enum { PL011_CTS, PL011_DSR, PL011_DCD, PL011_RI };

/* Wires: chr takes the transmitted bytes; dev_receive() and dev_line_break() deliver. */
extern const DeviceType pl011_type;

#endif
