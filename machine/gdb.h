/* SPDX-License-Identifier: MIT */
/* gdb.h - a debugger on a channel: gdb's remote protocol, for whatever guest the machine has. */
#ifndef MACHINE_GDB_H
#define MACHINE_GDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/host/chardev.h"
#include "machine/machine.h"

typedef struct Gdb Gdb;

/* Main thread, as all of these; before the run. @m, @chr are borrowed. Takes Machine.stopped. */
Gdb *gdb_new(Machine *m, Chardev *chr) G_GNUC_WARN_UNUSED_RESULT;

/* After the run: tells a debugger that waits for the guest that it has ended. */
void gdb_free(Gdb *g);

/* A debugger came: the machine stops. It went: its breakpoints go, the machine stays as it is. */
void gdb_peer(Gdb *g, bool open);
void gdb_input(Gdb *g, const uint8_t *p, size_t n);

#endif
