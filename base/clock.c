/* SPDX-License-Identifier: MIT */
/* clock.c - see clock.h. A binary heap of borrowed events. */
#include "base/clock.h"

static Event *at(const Clock *c, uint32_t i) { return g_ptr_array_index(c->heap, i); }

static bool before(const Event *a, const Event *b)
{
    return a->when_ns != b->when_ns ? a->when_ns < b->when_ns : a->sequence < b->sequence;
}

static void place(Clock *c, Event *e, uint32_t i)
{
    g_ptr_array_index(c->heap, i) = e;
    e->index = i;
}

static void sift_up(Clock *c, Event *e)
{
    uint32_t i = e->index;

    for (; i > 0 && before(e, at(c, (i - 1) / 2)); i = (i - 1) / 2) {
        place(c, at(c, (i - 1) / 2), i);
    }
    place(c, e, i);
}

static void sift_down(Clock *c, Event *e)
{
    uint32_t i = e->index, n = c->heap->len;

    for (;;) {
        uint32_t k = 2 * i + 1;

        if (k + 1 < n && before(at(c, k + 1), at(c, k))) {
            k++;
        }
        if (k >= n || !before(at(c, k), e)) {
            break;
        }
        place(c, at(c, k), i);
        i = k;
    }
    place(c, e, i);
}

void clock_init(Clock *c, uint64_t (*now)(void *opaque), void (*closer)(void *opaque), void *opaque)
{
    *c = (Clock){ .now = now, .closer = closer, .opaque = opaque };
    c->heap = g_ptr_array_sized_new(16);
}

void clock_clear(Clock *c) { g_clear_pointer(&c->heap, g_ptr_array_unref); }

void event_init(Event *e, void (*fire)(void *opaque), void *opaque)
{
    *e = (Event){ .fire = fire, .opaque = opaque, .index = CLOCK_NEVER_INDEX };
}

void event_cancel(Clock *c, Event *e)
{
    uint32_t i = e->index;
    Event *last;

    if (i == CLOCK_NEVER_INDEX) {
        return;
    }
    e->index = CLOCK_NEVER_INDEX;
    last = at(c, c->heap->len - 1);
    g_ptr_array_set_size(c->heap, (gint)c->heap->len - 1);
    if (last != e) {
        place(c, last, i);
        sift_up(c, last);
        sift_down(c, last);
    }
}

void event_arm(Clock *c, Event *e, uint64_t when_ns)
{
    uint64_t was = clock_next_ns(c);

    event_cancel(c, e);
    if (when_ns == CLOCK_NEVER) {
        return;
    }
    e->when_ns = when_ns;
    e->sequence = c->next_sequence++;
    g_ptr_array_add(c->heap, e);
    e->index = c->heap->len - 1;
    sift_up(c, e);
    if (when_ns < was && c->closer) {
        c->closer(c->opaque);
    }
}

uint64_t clock_next_ns(const Clock *c)
{
    return c->heap->len > 0 ? at(c, 0)->when_ns : CLOCK_NEVER;
}

void clock_fire_due(Clock *c, uint64_t now_ns)
{
    while (c->heap->len > 0 && at(c, 0)->when_ns <= now_ns) {
        Event *e = at(c, 0);

        event_cancel(c, e);
        e->fire(e->opaque);
    }
}
