/* SPDX-License-Identifier: MIT */
/* dev_bench.h - a device on a bench: stepped clock, observed lines, collected output. */
#ifndef TESTS_UNIT_DEV_BENCH_H
#define TESTS_UNIT_DEV_BENCH_H

#include <string.h>

#include "devices/device.h"

enum { BENCH_LINES = 64 };

typedef struct Bench {
    uint64_t now_ns;
    Clock clock;
    Log log;
    char text[8192]; /* of the log */
    IrqLine line[BENCH_LINES];
    CharSink sink;
    GString *sent;
    unsigned rooms; /* times the device told of room */
    uint32_t pc;
    unsigned cpu;
    DevGuest guest;
    Device *dev;
} Bench;

static inline uint64_t bench_now(void *b) { return ((Bench *)b)->now_ns; }
static inline uint32_t bench_pc(void *b) { return ((Bench *)b)->pc; }
static inline unsigned bench_cpu(void *b) { return ((Bench *)b)->cpu; }
static inline void bench_room(void *b) { ((Bench *)b)->rooms++; }

static inline void bench_put(void *b, uint8_t byte)
{
    g_string_append_c(((Bench *)b)->sent, (char)byte);
}

/* A reset device of @type, fully wired. */
static inline void bench_on(Bench *b, const DeviceType *type)
{
    *b = (Bench){ .pc = 0x8000 };
    clock_init(&b->clock, bench_now, NULL, b);
    b->log.out = fmemopen(b->text, sizeof(b->text), "w");
    b->sent = g_string_new(NULL);
    b->sink = (CharSink){ bench_put, bench_room, b };
    b->guest = (DevGuest){ bench_pc, bench_cpu, b };
    b->dev = dev_new(type, "test/dev");
    b->dev->log = &b->log;
    b->dev->clock = &b->clock;
    b->dev->chr = &b->sink;
    b->dev->guest = &b->guest;
    for (unsigned i = 0; i < type->n_irqs; i++) {
        b->dev->irq[i] = &b->line[i];
    }
    dev_reset(b->dev);
}

static inline void bench_off(Bench *b)
{
    dev_free(b->dev);
    clock_clear(&b->clock);
    fclose(b->log.out);
    g_string_free(b->sent, TRUE);
}

/* Lets @ns of guest time pass, each event at its time. */
static inline void bench_pass(Bench *b, uint64_t ns)
{
    uint64_t end = b->now_ns + ns;

    while (clock_next_ns(&b->clock) <= end) {
        b->now_ns = MAX(b->now_ns, clock_next_ns(&b->clock));
        clock_fire_due(&b->clock, b->now_ns);
    }
    b->now_ns = end;
}

/* What was logged since the bench was set up. */
static inline char *bench_log(Bench *b)
{
    fflush(b->log.out);
    return b->text;
}

static inline uint32_t rd(Bench *b, uint32_t off) { return (uint32_t)dev_read(b->dev, off, 4); }
static inline void wr(Bench *b, uint32_t off, uint32_t val) { dev_write(b->dev, off, 4, val); }

#endif
