/* SPDX-License-Identifier: MIT */
/* serial.c - see serial.h. The channel collects output: a byte costs no system call. */
#include "machine/serial.h"

/* Bytes waiting in the gate at which the channel is paused and goes on. */
enum { WAITING_HIGH = 4096, WAITING_LOW = 1024, REFILL = 8 };

struct Serial {
    Machine *m;
    Device *dev;
    Chardev *chr;
    CharSink sink;
    char *break_name;
    unsigned source, break_source; /* of the gate */
    gint paused;                   /* atomic: the channel was paused after it was full */
};

/* ---- vCPU's thread ---- */

static void put(void *opaque, uint8_t byte) { chardev_write(((Serial *)opaque)->chr, &byte, 1); }

/* The guest has read: what waits is let in now, half a FIFO at a time, not at the slice's end. */
static void go_on(void *opaque)
{
    Serial *s = opaque;

    if (dev_can_receive(s->dev) >= REFILL && gate_waiting(s->m->gate, s->source) > 0) {
        s->m->cpu->attention |= ATTN_STOP;
    }
}

static size_t room(void *opaque) { return dev_can_receive(((Serial *)opaque)->dev); }

static void go_on_if_drained(Serial *s)
{
    if (gate_waiting(s->m->gate, s->source) <= WAITING_LOW
        && g_atomic_int_compare_and_exchange(&s->paused, 1, 0)) {
        chardev_resume_input(s->chr);
    }
}

static void deliver(void *opaque, const uint8_t *p, size_t n)
{
    Serial *s = opaque;

    dev_receive(s->dev, p, n);
    if (g_atomic_int_get(&s->paused)) {
        go_on_if_drained(s);
    }
}

static size_t break_room(void *opaque)
{
    (void)opaque;
    return 1;
}

static void break_deliver(void *opaque, const uint8_t *p, size_t n)
{
    (void)p, (void)n;
    dev_line_break(((Serial *)opaque)->dev);
}

/* ---- main thread ---- */

void serial_input(Serial *s, const uint8_t *p, size_t n)
{
    gate_send(s->m->gate, s->source, p, n);
    if (gate_waiting(s->m->gate, s->source) >= WAITING_HIGH) {
        chardev_pause_input(s->chr);
        g_atomic_int_set(&s->paused, 1);
        go_on_if_drained(s); /* the vCPU may have emptied it meanwhile */
    }
}

void serial_break(Serial *s)
{
    static const uint8_t any = 0;

    gate_send(s->m->gate, s->break_source, &any, 1);
}

Serial *serial_new(Machine *m, Device *dev, Chardev *chr)
{
    Serial *s = g_new0(Serial, 1);
    const GateSink bytes = { room, deliver, s }, line_break = { break_room, break_deliver, s };

    s->m = m;
    s->dev = dev;
    s->chr = chr;
    s->sink = (CharSink){ put, go_on, s };
    s->break_name = g_strconcat(dev->path, ".break", NULL);
    s->source = gate_add(m->gate, dev->path, &bytes);
    s->break_source = gate_add(m->gate, s->break_name, &line_break);
    dev->chr = &s->sink;
    return s;
}

void serial_free(Serial *s)
{
    s->dev->chr = NULL;
    g_free(s->break_name);
    g_free(s);
}
