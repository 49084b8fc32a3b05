/* SPDX-License-Identifier: MIT */
/* map.h - the address spaces of a machine: where its parts' windows lie, also those that move. */
#ifndef MACHINE_MAP_H
#define MACHINE_MAP_H

#include <glib.h>
#include <stdbool.h>

#include "devices/device.h"
#include "softmmu/phys.h"

typedef struct Map Map;

/* @own_bus: SPACE_BUS is a space of its own. Its memory space is map_space(.., SPACE_MEMORY). */
Map *map_new(Log *log, bool own_bus) G_GNUC_WARN_UNUSED_RESULT;
void map_free(Map *map);

Phys *map_space(const Map *map, DevSpace space);

/* The region that answers at *@pa of memory. Where that is a bridge's window, what lies behind it,
 * and @pa is set to the address there. NULL if nothing answers. */
const PhysRegion *map_find(const Map *map, Gpa *pa);

/* What the windows of devices tell when they have moved. */
const DevMap *map_listener(Map *map);

/**
 * map_add_fixed - a window of @d that the board has put somewhere.
 * @bytes: of the guest's view of it
 * Errors: PHYS_ERROR_*.
 */
bool map_add_fixed(Map *map, const char *name, DevWindow *w, DevSpace space, Gpa base,
                   uint64_t bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A window that moves. Those added first win where guests put one over the other, and fixed ones
 * over all: what does not fit beside these is nowhere. */
void map_add_moving(Map *map, const char *part, const DevWindow *w, const char *name);

#endif
