/* SPDX-License-Identifier: MIT */
/* clock.h - guest time and the events that wait for it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NEVER_INDEX UINT32_MAX /* an event that is not in the heap */
#define CLOCK_NEVER UINT64_MAX       /* a deadline that does not come */

/*
 * Something that happens at a point of guest time. Embedded in its owner; zeroed, then
 * event_init(). Events fire on the vCPU's thread between two instructions, ordered by
 * (when, sequence of arming), with the machine lock held.
 */
typedef struct Event {
    void (*fire)(void *opaque);
    void *opaque;
    uint64_t when_ns;  /* guest time; meaningful while armed */
    uint64_t sequence; /* of arming; orders equal deadlines */
    uint32_t index;    /* in the clock's heap; CLOCK_NEVER_INDEX: not armed */
} Event;

typedef struct Clock Clock;
struct Clock {
    /* Guest time in ns now, exact to the instruction in virtual mode. The machine supplies it. */
    uint64_t (*now)(void *opaque);
    /* Told when the earliest deadline moved closer; may be NULL. The vCPU re-plans its slice. */
    void (*closer)(void *opaque);
    void *opaque;
    GPtrArray *heap; /* Event *, borrowed; owned array */
    uint64_t next_sequence;
};

void clock_init(Clock *c, uint64_t (*now)(void *opaque), void (*closer)(void *opaque),
                void *opaque);
void clock_clear(Clock *c);

static inline uint64_t clock_now_ns(const Clock *c) { return c->now(c->opaque); }

void event_init(Event *e, void (*fire)(void *opaque), void *opaque);

/* Arms @e for @when_ns, in the past too (it then fires at once, between two instructions).
 * Re-arming moves it. CLOCK_NEVER cancels. Cost: O(log n), no allocation once warm. */
void event_arm(Clock *c, Event *e, uint64_t when_ns);
void event_cancel(Clock *c, Event *e);
static inline bool event_armed(const Event *e) { return e->index != CLOCK_NEVER_INDEX; }

/* Deadline of the earliest event, CLOCK_NEVER if none. */
uint64_t clock_next_ns(const Clock *c);

/* Fires all events due at @now_ns, earliest first; those armed meanwhile too. */
void clock_fire_due(Clock *c, uint64_t now_ns);

#endif
