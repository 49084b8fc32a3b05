/* SPDX-License-Identifier: MIT */
/* malta_fpga.h - the board registers of MIPS Malta. */
#ifndef DEVICES_MALTA_FPGA_H
#define DEVICES_MALTA_FPGA_H

#include "devices/device.h"

/* Output line: reset of the machine, a pulse. */
enum { MALTA_FPGA_RESET, N_MALTA_FPGA_LINES };

/* Windows: the registers below the CBUS UART (0x1f000000) and those behind it (0x1f000940). */
extern const DeviceType malta_fpga_type;

/* For a board's setup(): STATUS says that the CPU is big-endian. */
void malta_fpga_set_big_endian(Device *d, bool big_endian);

#endif
