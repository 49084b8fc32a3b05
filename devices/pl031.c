/* SPDX-License-Identifier: MIT */
/*
 * pl031.c - PrimeCell Real Time Clock (PL031): seconds, and an interrupt when they match.
 * Spec: ARM DDI 0224B. Reset is a power-on reset: calendar time is again that of the set-up, and
 * the counter runs, as a battery or firmware would have it; so RTCCR reads as one.
 * Differs from the part: a value written to RTCLR counts at once, not from the next second.
 */
#include "devices/pl031.h"

enum { NS = 1000000000 };
/* The year 2116; below it, no sum of times here overflows. */
#define EPOCH_MAX_NS (UINT64_C(1) << 62)

typedef struct Pl031State {
    uint64_t epoch_ns; /* calendar time at guest time 0 */
    uint64_t match_ns; /* guest time when the counter becomes RTCMR */
    uint32_t offset;   /* what the guest has set the counter ahead by, s */
    uint32_t mr, lr, imsc, ris;
    uint32_t zero;
} Pl031State;

typedef struct Pl031 {
    Device dev;
    uint64_t epoch_ns; /* of the set-up */
    Pl031State st;
} Pl031;

static Pl031State *state(Device *d) { return &((Pl031 *)d)->st; }

/* Calendar seconds without the guest's offset. */
static uint64_t seconds(Device *d) { return (state(d)->epoch_ns + clock_now_ns(d->clock)) / NS; }

static uint32_t counter(Device *d) { return (uint32_t)seconds(d) + state(d)->offset; }

/* Finds the next second, after this one, in which the counter is RTCMR. */
static void plan(Device *d)
{
    Pl031State *s = state(d);
    uint32_t wait = s->mr - counter(d);
    uint64_t ticks = wait ? wait : UINT64_C(1) << 32;

    s->match_ns = (seconds(d) + ticks) * NS - s->epoch_ns;
}

static uint64_t dr_read(Device *d, unsigned i)
{
    (void)i;
    return counter(d);
}

/* 3.3.2, 3.3.3: a match by writing counts as one. */
static void moved(Device *d)
{
    if (counter(d) == state(d)->mr) {
        state(d)->ris = 1;
    }
    plan(d);
}

static void mr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i, (void)val;
    moved(d);
}

static void lr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    state(d)->offset = (uint32_t)val - (uint32_t)seconds(d);
    moved(d);
}

/* 3.3.4: once enabled, it stays so until reset. */
static uint64_t cr_read(Device *d, unsigned i)
{
    (void)d, (void)i;
    return 1;
}

static uint64_t mis_read(Device *d, unsigned i)
{
    (void)i;
    return state(d)->ris & state(d)->imsc;
}

static void icr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    state(d)->ris &= ~(uint32_t)val;
}

/* 3.3.9: part 0x031, designer 0x41, revision 0, then the PrimeCell number. */
static uint64_t id_read(Device *d, unsigned i)
{
    static const uint8_t id[8] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    (void)d;
    return id[i];
}

static void fire(Device *d, unsigned n)
{
    (void)n;
    state(d)->ris = 1;
    plan(d);
}

static void settle(Device *d)
{
    irq_set(d->irq[0], (state(d)->ris & state(d)->imsc) != 0);
    dev_arm(d, 0, state(d)->match_ns);
}

static void reset(Device *d)
{
    state(d)->epoch_ns = ((Pl031 *)d)->epoch_ns;
    plan(d);
}

void pl031_set_epoch_ns(Device *d, uint64_t ns) { ((Pl031 *)d)->epoch_ns = MIN(ns, EPOCH_MAX_NS); }

/* clang-format off */
#define V(m) REG_VAR(Pl031, st.m)
#define N    REG_32_NARROW
#define ANY  0xffffffff
static const RegDef regs[] = {
    /* off   name      shape variable    reset wmask w1c read      write       spec */
    { 0x000, "RTCDR",   N, REG_NO_VAR,   0,    0,    0,  dr_read,  NULL,       "3.3.1" },
    { 0x004, "RTCMR",   N, V(mr),        0,    ANY,  0,  NULL,     mr_write,   "3.3.2" },
    { 0x008, "RTCLR",   N, V(lr),        0,    ANY,  0,  NULL,     lr_write,   "3.3.3" },
    { 0x00c, "RTCCR",   N, REG_NO_VAR,   0,    1,    0,  cr_read,  dev_ignore, "3.3.4" },
    { 0x010, "RTCIMSC", N, V(imsc),      0,    1,    0,  NULL,     NULL,       "3.3.5" },
    { 0x014, "RTCRIS",  N, V(ris),       0,    0,    0,  NULL,     NULL,       "3.3.6" },
    { 0x018, "RTCMIS",  N, REG_NO_VAR,   0,    0,    0,  mis_read, NULL,       "3.3.7" },
    { 0x01c, "RTCICR",  N, REG_NO_VAR,   0,    1,    0,  NULL,     icr_write,  "3.3.8" },
    { 0xfe0, "RTCID", REG_32_NARROWS(8), REG_NO_VAR, 0, 0, 0, id_read, NULL,   "3.3.9" },
};

static const StateField fields[] = {
    STATE_VAR_MAX(Pl031, st.epoch_ns, EPOCH_MAX_NS),
    STATE_VAR(Pl031, st.match_ns),
    STATE_VAR(Pl031, st.offset),
    STATE_VAR_MAX(Pl031, st.zero, 0),
};

const DeviceType pl031_type = {
    .name = "pl031", .manual = "ARM DDI 0224B", .window = 0x1000, .version = 1,
    .n_irqs = 1, .n_timers = 1,
    .settle = settle, .reset = reset, .fire = fire,
    DEVICE_LAYOUT(Pl031, st, regs, fields),
};
/* clang-format on */
