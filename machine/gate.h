/* SPDX-License-Identifier: MIT */
/* gate.h - the one way by which anything from outside reaches the guest. */
#ifndef MACHINE_GATE_H
#define MACHINE_GATE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Other threads put input in; the vCPU's thread takes it out between two instructions, where it is
 * stamped with the retired count. Values drawn rather than sent (seeds, the date) pass by
 * gate_draw(). A listener sees every input with its stamp: that is the replay log.
 */
typedef struct Gate Gate;

/* Where input for one source goes, on the vCPU's thread. */
typedef struct GateSink {
    /* How many bytes it takes now; more wait in the gate. */
    size_t (*room)(void *opaque);
    void (*deliver)(void *opaque, const uint8_t *p, size_t n);
    void *opaque;
} GateSink;

/* @count: the retired count now, asked on the vCPU's thread; @wake: tells the vCPU's thread that
 * there is input, called on any thread. */
Gate *gate_new(uint64_t (*count)(void *opaque), void (*wake)(void *opaque),
               void *opaque) G_GNUC_WARN_UNUSED_RESULT;
void gate_free(Gate *g);

/* A source of input. @name is borrowed and unique. Returns its number. Before the run. */
unsigned gate_add(Gate *g, const char *name, const GateSink *sink);

/* Any thread: @n bytes for source @i. Copied. */
void gate_send(Gate *g, unsigned i, const uint8_t *p, size_t n);

/* Any thread: bytes of source @i that wait; who feeds it pauses above a limit of its own. */
size_t gate_waiting(Gate *g, unsigned i);

/* For snapshots: the sources, and what waits of one (any thread; the caller owns it). */
unsigned gate_sources(const Gate *g);
const char *gate_name(const Gate *g, unsigned i);
GByteArray *gate_peek(Gate *g, unsigned i) G_GNUC_WARN_UNUSED_RESULT;
/* Any thread: what waits of source @i is dropped. */
void gate_empty(Gate *g, unsigned i);

/* vCPU's thread: delivers what waits, as far as the sinks have room. Returns whether bytes remain
 * that only wait for room. */
bool gate_deliver(Gate *g);

/* vCPU's thread or before the run: a value that was drawn outside, 8 bytes or fewer. */
void gate_draw(Gate *g, const char *name, void *value, size_t n);

/* Sees each input as it is let in. */
void gate_listen(Gate *g,
                 void (*seen)(void *opaque, uint64_t count, const char *source, const void *p,
                              size_t n),
                 void *opaque);

#endif
