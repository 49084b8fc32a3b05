/* SPDX-License-Identifier: MIT */
/* test_gate.c - input from outside: order, room, stamps, other threads. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "machine/gate.h"

typedef struct Rig {
    Gate *gate;
    uint64_t count;
    int woken; /* atomic */
    size_t room;
    GString *got;  /* what the sinks were given */
    GString *seen; /* what the listener saw, as text */
} Rig;

static uint64_t count(void *opaque) { return ((Rig *)opaque)->count; }
static void wake(void *opaque) { g_atomic_int_inc(&((Rig *)opaque)->woken); }
static size_t room(void *opaque) { return ((Rig *)opaque)->room; }

static void deliver(void *opaque, const uint8_t *p, size_t n)
{
    Rig *r = opaque;

    cr_assert(le(u64, n, r->room));
    r->room -= n;
    g_string_append_len(r->got, (const char *)p, (gssize)n);
}

static void seen(void *opaque, uint64_t at, const char *source, const void *p, size_t n)
{
    g_string_append_printf(((Rig *)opaque)->seen, "%u %s %.*s\n", (unsigned)at, source, (int)n,
                           (const char *)p);
}

static void set_up(Rig *r)
{
    *r = (Rig){ .room = 1000, .got = g_string_new(NULL), .seen = g_string_new(NULL) };
    r->gate = gate_new(count, wake, r);
    gate_listen(r->gate, seen, r);
}

static void tear_down(Rig *r)
{
    gate_free(r->gate);
    g_string_free(r->got, TRUE);
    g_string_free(r->seen, TRUE);
}

static unsigned add(Rig *r, const char *name)
{
    const GateSink sink = { room, deliver, r };

    return gate_add(r->gate, name, &sink);
}

Test(gate, input_wakes_and_waits_for_the_vcpu)
{
    Rig r;
    unsigned i;

    set_up(&r);
    i = add(&r, "uart");
    gate_send(r.gate, i, (const uint8_t *)"abc", 3);
    cr_expect(eq(i32, r.woken, 1));
    cr_expect(eq(u64, r.got->len, 0));
    cr_expect(eq(u64, gate_waiting(r.gate, i), 3));
    r.count = 77;
    cr_expect(not(gate_deliver(r.gate)));
    cr_expect(eq(str, r.got->str, "abc"));
    cr_expect(eq(str, r.seen->str, "77 uart abc\n"));
    cr_expect(eq(u64, gate_waiting(r.gate, i), 0));
    tear_down(&r);
}

Test(gate, what_has_no_room_stays_in_order_and_is_stamped_when_it_passes)
{
    Rig r;
    unsigned i;

    set_up(&r);
    i = add(&r, "uart");
    r.room = 2;
    gate_send(r.gate, i, (const uint8_t *)"abcde", 5);
    r.count = 10;
    cr_expect(gate_deliver(r.gate));
    r.count = 20;
    cr_expect(gate_deliver(r.gate)); /* still no room */
    r.room = 5;
    gate_send(r.gate, i, (const uint8_t *)"f", 1);
    r.count = 30;
    cr_expect(not(gate_deliver(r.gate)));
    cr_expect(eq(str, r.got->str, "abcdef"));
    cr_expect(eq(str, r.seen->str, "10 uart ab\n30 uart cdef\n"));
    tear_down(&r);
}

Test(gate, sources_do_not_hold_each_other_up)
{
    Rig r, other;
    unsigned a, b;
    GateSink sink = { room, deliver, &other };

    set_up(&r);
    set_up(&other);
    a = add(&r, "a");
    b = gate_add(r.gate, "b", &sink);
    r.room = 0;
    gate_send(r.gate, a, (const uint8_t *)"x", 1);
    gate_send(r.gate, b, (const uint8_t *)"y", 1);
    cr_expect(gate_deliver(r.gate));
    cr_expect(eq(str, other.got->str, "y"));
    cr_expect(eq(str, r.got->str, ""));
    tear_down(&r);
    tear_down(&other);
}

Test(gate, long_input_passes_in_pieces_without_loss)
{
    enum { BYTES = 5000 };
    g_autofree uint8_t *bytes = g_malloc(BYTES);
    Rig r;
    unsigned i;

    set_up(&r);
    i = add(&r, "uart");
    for (unsigned k = 0; k < BYTES; k++) {
        bytes[k] = (uint8_t)(k * 7);
    }
    gate_send(r.gate, i, bytes, BYTES);
    r.room = BYTES;
    cr_expect(not(gate_deliver(r.gate)));
    cr_assert(eq(u64, r.got->len, BYTES));
    cr_expect(memcmp(r.got->str, bytes, BYTES) == 0);
    tear_down(&r);
}

Test(gate, drawn_values_are_seen_too)
{
    Rig r;

    set_up(&r);
    r.count = 5;
    gate_draw(r.gate, "seed", (char[]){ 'q' }, 1);
    cr_expect(eq(str, r.seen->str, "5 seed q\n"));
    tear_down(&r);
}

enum { SENDS = 2000 };

static gpointer sender(gpointer rig)
{
    Rig *r = rig;

    for (unsigned i = 0; i < SENDS; i++) {
        gate_send(r->gate, 0, (const uint8_t *)"z", 1);
    }
    return NULL;
}

Test(gate, other_threads_lose_nothing)
{
    GThread *thread[2];
    Rig r;

    set_up(&r);
    add(&r, "uart");
    for (unsigned i = 0; i < 2; i++) {
        thread[i] = g_thread_new("sender", sender, &r);
    }
    for (unsigned i = 0; i < 1000; i++) {
        r.room = 3;
        gate_deliver(r.gate);
    }
    for (unsigned i = 0; i < 2; i++) {
        g_thread_join(thread[i]);
    }
    r.room = 2 * SENDS;
    gate_deliver(r.gate);
    cr_expect(eq(u64, r.got->len, 2 * SENDS));
    cr_expect(eq(i32, r.woken, 2 * SENDS));
    tear_down(&r);
}

Test(gate, a_source_that_never_had_input_is_passed_over)
{
    Rig r;
    unsigned other;

    set_up(&r);
    add(&r, "quiet");
    other = add(&r, "uart");
    gate_send(r.gate, other, (const uint8_t *)"x", 1);
    cr_expect(not(gate_deliver(r.gate)));
    cr_expect(eq(str, r.got->str, "x"));
    tear_down(&r);
}
