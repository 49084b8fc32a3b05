/* SPDX-License-Identifier: MIT */
/*
 * hpet.c - high precision event timer: a 64-bit counter at 100 MHz, three timers.
 * Spec: IA-PC HPET 1.0a. All timers are 64 bits wide and can be periodic; they may be routed to
  * I/O APIC inputs 16 to 23.
 * Differs from the part: an edge-triggered interrupt keeps its line up until the timer's next one
  * or until the timer is disabled, so that a controller that samples the line sees it.
 * Not modelled: FSB interrupts (capability bit clear).
 */
#include "devices/hpet.h"

enum { TICK_NS = 10, ROUTES = 0x00ff0000 };
/* 2.3.4: vendor, legacy replacement, 64-bit counter, number of the last timer, revision. */
#define GCAP_LOW (0x80860000u | 1u << 15 | 1u << 13 | (HPET_TIMERS - 1) << 8 | 1)
#define GCAP_HIGH (TICK_NS * 1000000u) /* femtoseconds a tick */

enum { CONF_ENABLE = 1u << 0, CONF_LEGACY = 1u << 1 }; /* 2.3.5 */

enum { /* 2.3.8 */
       TN_LEVEL = 1u << 1,
       TN_ENABLE = 1u << 2,
       TN_PERIODIC = 1u << 3,
       TN_PERIODIC_CAP = 1u << 4,
       TN_SIZE_CAP = 1u << 5,
       TN_VAL_SET = 1u << 6,
       TN_32 = 1u << 8,
       TN_ROUTE_SHIFT = 9,
       TN_WRITABLE = TN_LEVEL | TN_ENABLE | TN_PERIODIC | TN_VAL_SET | TN_32 | 0x1fu << 9,
};

/* One timer; in the order of the rows and fields. */
typedef struct HpetState {
    uint64_t counter;               /* while it stands; while it runs, its value at origin_ns */
    uint64_t origin_ns;             /* guest time */
    uint64_t match_ns[HPET_TIMERS]; /* guest time of the next match; CLOCK_NEVER: none */
    uint64_t cmp[HPET_TIMERS];
    uint64_t period[HPET_TIMERS];
    uint32_t tconf[HPET_TIMERS];
    uint32_t conf, status;
    uint32_t high;     /* a bit a timer: its edge-triggered line is up */
    uint32_t set_high; /* a bit a timer: a write of the comparator's high half completes it */
    uint32_t zero;
} HpetState;

typedef struct Hpet {
    Device dev;
    HpetState st;
} Hpet;

static HpetState *state(Device *d) { return &((Hpet *)d)->st; }

static bool running(const HpetState *s) { return (s->conf & CONF_ENABLE) != 0; }

static uint64_t counter(Device *d)
{
    const HpetState *s = state(d);

    return running(s) ? s->counter + (clock_now_ns(d->clock) - s->origin_ns) / TICK_NS : s->counter;
}

/* 2.3.9.2.3: which bits of counter and comparator are compared. */
static uint64_t width_mask(const HpetState *s, unsigned n)
{
    return s->tconf[n] & TN_32 ? UINT32_MAX : UINT64_MAX;
}

/* Finds the time at which the counter is next equal to the comparator; @from is a counter value, a
 * match at it counts. */
static void plan(Device *d, unsigned n, uint64_t from)
{
    HpetState *s = state(d);
    uint64_t ticks = (s->cmp[n] - from) & width_mask(s, n);
    uint64_t at = from - s->counter + ticks; /* ticks since origin_ns */

    s->match_ns[n] = CLOCK_NEVER;
    if (running(s) && at >= ticks && at < UINT64_MAX / TICK_NS - s->origin_ns / TICK_NS - 1) {
        s->match_ns[n] = s->origin_ns + at * TICK_NS;
    }
}

static void plan_all(Device *d)
{
    for (unsigned n = 0; n < HPET_TIMERS; n++) {
        plan(d, n, counter(d));
    }
}

/* 2.3.9.2.2: a periodic comparator moves on by its period. Matches nobody could see are one. */
static void advance(Device *d, unsigned n)
{
    HpetState *s = state(d);
    uint64_t mask = width_mask(s, n), period = s->period[n] & mask, now = counter(d);
    uint64_t behind = (now - s->cmp[n]) & mask;

    if ((s->tconf[n] & TN_PERIODIC) != 0 && period != 0) {
        s->cmp[n] = (s->cmp[n] + (behind / period + 1) * period) & mask;
    }
    plan(d, n, now + 1);
    s->match_ns[n] = MAX(s->match_ns[n], clock_now_ns(d->clock) + 1);
}

static unsigned route(const HpetState *s, unsigned n)
{
    if ((s->conf & CONF_LEGACY) != 0 && n < 2) {
        return n == 0 ? 0 : 8; /* 2.3.5: IRQ0 and IRQ8 */
    }
    return s->tconf[n] >> TN_ROUTE_SHIFT & 0x1f;
}

static void fire(Device *d, unsigned n)
{
    HpetState *s = state(d);
    unsigned line = route(s, n);

    if ((s->tconf[n] & TN_LEVEL) != 0) {
        s->status |= 1u << n; /* 2.3.6: whether it is enabled or not */
    } else if ((s->tconf[n] & TN_ENABLE) != 0 && line < HPET_ROUTES) {
        irq_set(d->irq[line], false); /* settle() raises it: a new edge */
        s->high |= 1u << n;
    }
    advance(d, n);
}

/* ---- registers; the 64-bit ones in two halves, @i & 1 is the high one ---- */

static uint64_t half(uint64_t v, unsigned i) { return i & 1 ? v >> 32 : v & UINT32_MAX; }

static void set_half(uint64_t *v, unsigned i, uint64_t val)
{
    *v = i & 1 ? (*v & UINT32_MAX) | val << 32 : (*v & ~(uint64_t)UINT32_MAX) | val;
}

static uint64_t gcap_read(Device *d, unsigned i)
{
    (void)d;
    return i ? GCAP_HIGH : GCAP_LOW;
}

static uint64_t conf_read(Device *d, unsigned i) { return i ? 0 : state(d)->conf; }

static void conf_write(Device *d, unsigned i, uint64_t val)
{
    HpetState *s = state(d);
    uint64_t now = counter(d);

    if (i == 1) {
        return;
    }
    if (((s->conf ^ val) & CONF_ENABLE) != 0) {
        s->counter = now;
        s->origin_ns = clock_now_ns(d->clock);
        s->conf = (uint32_t)val & (CONF_ENABLE | CONF_LEGACY);
        plan_all(d);
    }
    s->conf = (uint32_t)val & (CONF_ENABLE | CONF_LEGACY);
}

static uint64_t status_read(Device *d, unsigned i) { return i ? 0 : state(d)->status; }

static void status_write(Device *d, unsigned i, uint64_t val)
{
    if (i == 0) {
        state(d)->status &= ~(uint32_t)val;
    }
}

static uint64_t counter_read(Device *d, unsigned i) { return half(counter(d), i); }

/* 2.3.7: to be written while it stands only. */
static void counter_write(Device *d, unsigned i, uint64_t val)
{
    HpetState *s = state(d);

    if (running(s)) {
        dev_guest_error(d, 0xf0, "the counter is written while it runs");
        s->counter = counter(d);
        s->origin_ns = clock_now_ns(d->clock);
    }
    set_half(&s->counter, i, val);
    plan_all(d);
}

static uint64_t tconf_read(Device *d, unsigned n, unsigned i)
{
    return i ? ROUTES
             : (state(d)->tconf[n] & ~(uint32_t)TN_VAL_SET) | TN_PERIODIC_CAP | TN_SIZE_CAP;
}

static void tconf_write(Device *d, unsigned n, unsigned i, uint64_t val)
{
    HpetState *s = state(d);
    unsigned old = route(s, n);

    if (i == 1) {
        return;
    }
    s->tconf[n] = (uint32_t)val & TN_WRITABLE;
    if ((val & TN_32) != 0) {
        s->cmp[n] &= UINT32_MAX; /* 2.3.9.2.3 */
        s->period[n] &= UINT32_MAX;
    }
    if ((s->tconf[n] & (TN_ENABLE | TN_LEVEL)) != TN_ENABLE || route(s, n) != old) {
        s->high &= ~(1u << n);
    }
    plan(d, n, counter(d));
}

/* 2.3.9.2.2: in periodic mode a write gives the period; with TN_VAL_SET the comparator too. That
 * bit falls with the write of the low half; a high half that follows still belongs to it. */
static void cmp_write(Device *d, unsigned n, unsigned i, uint64_t val)
{
    HpetState *s = state(d);
    bool both = (s->tconf[n] & TN_VAL_SET) != 0 || (i == 1 && (s->set_high >> n & 1) != 0);

    if ((s->tconf[n] & TN_32) != 0 && i == 1) {
        return;
    }
    s->set_high &= ~(1u << n);
    s->set_high |= both && i == 0 ? 1u << n : 0;
    s->tconf[n] &= ~(uint32_t)TN_VAL_SET;
    if ((s->tconf[n] & TN_PERIODIC) == 0 || both) {
        set_half(&s->cmp[n], i, val);
    }
    if ((s->tconf[n] & TN_PERIODIC) != 0) {
        set_half(&s->period[n], i, val);
    }
    plan(d, n, counter(d));
}

/* clang-format off */
#define TIMER(n) \
    static uint64_t tconf##n##_read(Device *d, unsigned i) { return tconf_read(d, n, i); } \
    static void tconf##n##_write(Device *d, unsigned i, uint64_t v) { tconf_write(d, n, i, v); } \
    static uint64_t cmp##n##_read(Device *d, unsigned i) { return half(state(d)->cmp[n], i); } \
    static void cmp##n##_write(Device *d, unsigned i, uint64_t v) { cmp_write(d, n, i, v); }
/* clang-format on */
TIMER(0)
TIMER(1)
TIMER(2)

static void settle(Device *d)
{
    const HpetState *s = state(d);
    uint32_t up = 0;

    for (unsigned n = 0; n < HPET_TIMERS; n++) {
        uint32_t from = s->tconf[n] & TN_LEVEL ? s->status : s->high;

        if ((from >> n & 1) != 0 && (s->tconf[n] & TN_ENABLE) != 0) {
            up |= 1u << route(s, n);
        }
        dev_arm(d, n, s->match_ns[n]);
    }
    for (unsigned i = 0; i < HPET_ROUTES; i++) {
        irq_set(d->irq[i], (up >> i & 1) != 0);
    }
    irq_set(d->irq[HPET_LINE_LEGACY], (s->conf & CONF_LEGACY) != 0);
}

static void reset(Device *d)
{
    for (unsigned n = 0; n < HPET_TIMERS; n++) {
        state(d)->match_ns[n] = CLOCK_NEVER;
        state(d)->cmp[n] = UINT64_MAX; /* 2.3.9 */
    }
}

/* clang-format off */
#define PAIR 4, REG_SPAN, 2, 4, REG_NO_VAR, 0
#define ANY  0xffffffff
#define CONF (TN_WRITABLE | TN_PERIODIC_CAP | TN_SIZE_CAP) /* drivers write back these two */
#define TN(off, n) \
    { (off),     "TIMER" #n "_CONF", PAIR, CONF, 0, tconf##n##_read, tconf##n##_write, "2.3.8" }, \
    { (off) + 8, "TIMER" #n "_COMPARATOR", PAIR, ANY,   0, cmp##n##_read, cmp##n##_write, "2.3.9" }
static const RegDef regs[] = {
    { 0x000, "GCAP_ID",      PAIR, 0,   0, gcap_read,    NULL,          "2.3.4" },
    { 0x010, "GEN_CONF",     PAIR, 3,   0, conf_read,    conf_write,    "2.3.5" },
    { 0x020, "GINTR_STA",    PAIR, ANY, 0, status_read,  status_write,  "2.3.6" },
    { 0x0f0, "MAIN_COUNTER", PAIR, ANY, 0, counter_read, counter_write, "2.3.7" },
    TN(0x100, 0), TN(0x120, 1), TN(0x140, 2),
};

static const StateField fields[] = {
    STATE_VAR(Hpet, st.counter), STATE_VAR(Hpet, st.origin_ns), STATE_ARRAY(Hpet, st.match_ns),
    STATE_ARRAY(Hpet, st.cmp), STATE_ARRAY(Hpet, st.period),
    STATE_ARRAY_MAX(Hpet, st.tconf, TN_WRITABLE), STATE_VAR_MAX(Hpet, st.conf, 3),
    STATE_VAR_MAX(Hpet, st.status, 7), STATE_VAR_MAX(Hpet, st.high, 7),
    STATE_VAR_MAX(Hpet, st.set_high, 7),
    STATE_VAR_MAX(Hpet, st.zero, 0),
};

const DeviceType hpet_type = {
    .name = "hpet", .manual = "IA-PC HPET 1.0a", .window = 0x400, .version = 1,
    .n_irqs = HPET_LINES, .n_timers = HPET_TIMERS,
    .settle = settle, .reset = reset, .fire = fire,
    DEVICE_LAYOUT(Hpet, st, regs, fields),
};
/* clang-format on */
