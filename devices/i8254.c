/* SPDX-License-Identifier: MIT */
/*
 * i8254.c - the PC's interval timer (8254) at 1.193182 MHz, with the control port of its speaker.
 * Spec: Intel 8254 data sheet (order 231164), whose sections have names; port 0x61: Intel 82371AB
 * (PIIX4, order 290562) 4.2.5.1.
 * GATE of counters 0 and 1 is high; that of counter 2 is a bit of port 0x61. Counts come from the
 * time, so that nothing happens between two edges of OUT that somebody waits for.
 * Differs from the part: a count is loaded when it is written or triggered, not at the next clock;
 * the low clock of OUT 0 in mode 2 is seen by its reader, and by its wire only just before its end.
 * Not modelled: sound; the NMI sources of port 0x61 (their enables are stored).
 */
#include "devices/i8254.h"

enum { N_COUNTERS = 3, HZ = 1193182, NS = 1000000000 };
/* Port 0x61 shows the memory refresh, which goes on every 15 us, as a bit that toggles. */
enum { REFRESH_NS = 15085 };
/* Counter.next_at of a count that waits for a trigger: no time is that late. */
#define AT_TRIGGER UINT64_MAX

/* "Control Word Format". */
enum { CW_BCD = 1, CW_MODE = 0x0e, CW_RW = 0x30, CW_KEPT = 0x3f };
enum { RW_LOW = 1, RW_HIGH = 2, RW_BOTH = 3 };
/* "Read-Back Command". */
enum { RB_NO_COUNT = 0x20, RB_NO_STATUS = 0x10 };
enum { STATUS_OUT = 0x80, STATUS_NULL = 0x40 };
enum { P61_GATE2 = 1, P61_SPEAKER = 2, P61_MASKS = 0xc, P61_REFRESH = 0x10, P61_OUT2 = 0x20 };

typedef struct Counter {
    uint64_t start;   /* tick at which the count in progress began */
    uint64_t held;    /* ticks of it, while it is held */
    uint64_t next_at; /* tick at which @reload takes over; 0: it has; or AT_TRIGGER */
    uint32_t count;   /* length of the count in progress, 1 to 65536 */
    uint32_t reload;  /* the count register, 1 to 65536 */
    uint8_t control;  /* mode, format, BCD as in the control word */
    uint8_t running;  /* 0 or 1: a count is in progress, not held */
    uint8_t loaded;   /* 0 or 1: a count was written since the control word */
    uint8_t armed;    /* 0 or 1: modes 1 and 5 have been triggered */
    uint8_t low;      /* the low byte of a count of which the high one is still to come */
    uint8_t second;   /* 0 or 1: the next write is the high byte */
    uint8_t read_second;
    uint8_t latched; /* bytes of @latch not read yet */
    uint16_t latch;
    uint8_t has_status; /* 0 or 1: @status is read next */
    uint8_t status;
    uint32_t zero;
} Counter;

typedef struct I8254State {
    Counter c[N_COUNTERS];
    uint8_t port61; /* the bits that are kept */
    uint8_t zero[7];
} I8254State;

typedef struct I8254 {
    Device dev;
    I8254State st;
} I8254;

static I8254State *state(Device *d) { return &((I8254 *)d)->st; }

/* ---- time ---- */

static uint64_t tick_now(const Device *d)
{
    uint64_t ns = clock_now_ns(d->clock);

    return ns / NS * HZ + ns % NS * HZ / NS;
}

/* The first time at which tick_now() is @tick. */
static uint64_t tick_ns(uint64_t tick) { return tick / HZ * NS + (tick % HZ * NS + HZ - 1) / HZ; }

/* A stranger's snapshot may say 0. */
static uint32_t length(const Counter *c) { return c->count ? c->count : 65536; }

static unsigned mode(const Counter *c)
{
    unsigned m = (c->control & CW_MODE) >> 1;

    return m > 5 ? m & 3 : m; /* "Control Word Format": 6 and 7 are 2 and 3 */
}

static bool is_periodic(const Counter *c) { return mode(c) == 2 || mode(c) == 3; }

static uint64_t elapsed(const Counter *c, uint64_t now)
{
    return c->running ? now - c->start : c->held;
}

/* Lets a new count take over whose time has come. */
static void roll(Counter *c, uint64_t now)
{
    if (c->next_at != 0 && c->running && now >= c->next_at) {
        c->start = c->next_at;
        c->count = c->reload;
        c->next_at = 0;
    }
}

/* "Mode Definitions". */
static bool out_level(const Counter *c, uint64_t now)
{
    uint64_t t = elapsed(c, now);

    switch (mode(c)) {
    case 0: return c->loaded && t >= length(c);
    case 1: return !c->armed || t >= length(c);
    case 2: return !c->running || t % length(c) != length(c) - 1 || length(c) == 1;
    case 3: return !c->running || t % length(c) < (length(c) + 1) / 2;
    case 4: return !c->loaded || t != length(c);
    default: return !c->armed || t != length(c);
    }
}

/* The counting element. */
static uint16_t value(const Counter *c, uint64_t now)
{
    uint64_t t = elapsed(c, now), v;
    uint32_t whole = c->control & CW_BCD ? 10000 : 65536, half = (length(c) + 1) / 2;

    switch (mode(c)) {
    case 2: v = length(c) - t % length(c); break;
    case 3:
        t %= length(c);
        v = (length(c) & ~1u) - 2 * (t < half ? t : t - half);
        break;
    default: v = (length(c) + whole - t % whole) % whole; break;
    }
    v %= whole;
    return (uint16_t)(c->control & CW_BCD
                          ? v / 1000 << 12 | v / 100 % 10 << 8 | v / 10 % 10 << 4 | v % 10
                          : v);
}

/* The tick of the next edge of OUT behind @now that a wire must see; UINT64_MAX: none. */
static uint64_t next_edge(const Counter *c, uint64_t now)
{
    uint64_t t = elapsed(c, now), half = (length(c) + 1) / 2, within;

    if (!c->running) {
        return UINT64_MAX;
    }
    if (!is_periodic(c)) {
        /* "Mode 4": low for one clock at the end. */
        if (t < length(c)) {
            return c->start + length(c);
        }
        return t == length(c) && mode(c) >= 4 ? c->start + length(c) + 1 : UINT64_MAX;
    }
    within = t % length(c);
    if (mode(c) == 3 && within < half && half < length(c)) {
        return now + half - within;
    }
    return now + length(c) - within;
}

/* ---- starting and stopping ---- */

static bool gate(Device *d, unsigned i) { return i != 2 || (state(d)->port61 & P61_GATE2) != 0; }

static void begin(Counter *c, uint64_t now, bool run)
{
    c->start = now;
    c->held = 0;
    c->count = c->reload;
    c->next_at = 0;
    c->running = run;
}

/* "Gate Pin Operations Summary". */
static void gate_changed(Device *d, unsigned i, bool level)
{
    Counter *c = &state(d)->c[i];
    uint64_t now = tick_now(d);

    roll(c, now);
    if (!c->loaded) {
        return;
    }
    switch (mode(c)) {
    case 0:
    case 4:
        if (!level) {
            c->held = elapsed(c, now);
        } else {
            c->start = now - c->held;
        }
        c->running = level;
        break;
    case 1:
    case 5:
        if (level) {
            begin(c, now, true);
            c->armed = 1;
        }
        break;
    default:
        if (level) {
            begin(c, now, true);
        } else {
            c->held = 0;
            c->running = 0;
        }
        break;
    }
}

/* "Write Operations": BCD digits above 9 count as they are worth. */
static void set_count(Device *d, unsigned i, uint16_t raw)
{
    Counter *c = &state(d)->c[i];
    uint64_t now = tick_now(d), period;
    uint32_t n = raw;

    if (c->control & CW_BCD) {
        n = (uint32_t)((raw >> 12) * 1000 + (raw >> 8 & 15) * 100 + (raw >> 4 & 15) * 10
                       + (raw & 15));
        n = n ? n : 10000;
    }
    c->reload = n ? n : 65536;
    roll(c, now);
    switch (mode(c)) {
    case 0:
    case 4: begin(c, now, gate(d, i)); break;
    case 1:
    case 5: c->next_at = AT_TRIGGER; break; /* "Mode 1", "Mode 5": whatever goes on goes on */
    default:
        if (!c->loaded || !c->running) {
            begin(c, now, gate(d, i));
        } else {
            /* "Mode 2": a new count is loaded at the end of the present one; "Mode 3": of its
             * half, which is the same for its reader at the end. */
            period = (now - c->start) / length(c) + 1;
            c->next_at = c->start + period * length(c);
        }
        break;
    }
    c->loaded = 1;
}

/* ---- ports ---- */

/* "Counter Latch Command": a count latched and not read stays. */
static void latch_count(Device *d, unsigned i)
{
    Counter *c = &state(d)->c[i];
    unsigned rw = (c->control & CW_RW) >> 4;

    roll(c, tick_now(d));
    if (c->latched == 0) {
        c->latch = value(c, tick_now(d));
        c->latched = rw == RW_BOTH ? 2 : 1;
        c->read_second = 0;
    }
}

/* "Read-Back Command", figure 7. NULL COUNT: the count register is not in the counting element. */
static void latch_status(Device *d, unsigned i)
{
    Counter *c = &state(d)->c[i];

    roll(c, tick_now(d));
    if (!c->has_status) {
        c->status = (uint8_t)(c->control | (out_level(c, tick_now(d)) ? STATUS_OUT : 0)
                              | (!c->loaded || c->second || c->next_at ? STATUS_NULL : 0));
        c->has_status = 1;
    }
}

static void read_back(Device *d, uint64_t val)
{
    for (unsigned i = 0; i < N_COUNTERS; i++) {
        if (val >> (i + 1) & 1 && !(val & RB_NO_COUNT)) {
            latch_count(d, i);
        }
        if (val >> (i + 1) & 1 && !(val & RB_NO_STATUS)) {
            latch_status(d, i);
        }
    }
}

static void control_write(Device *d, unsigned r, uint64_t val)
{
    unsigned i = val >> 6 & 3;
    Counter *c = &state(d)->c[i % N_COUNTERS];

    (void)r;
    if (i == N_COUNTERS) {
        read_back(d, val);
    } else if ((val & CW_RW) == 0) {
        latch_count(d, i);
    } else {
        *c = (Counter){ .control = val & CW_KEPT, .count = 1, .reload = 1 };
    }
}

static void counter_write(Device *d, unsigned i, uint64_t val)
{
    Counter *c = &state(d)->c[i];
    unsigned rw = (c->control & CW_RW) >> 4;

    if (rw == RW_BOTH && !c->second) {
        c->low = (uint8_t)val;
        c->second = 1;
        if (mode(c) == 0) { /* "Mode 0": the first byte stops the count, and OUT is low */
            c->running = c->loaded = 0;
            c->held = 0;
        }
        return;
    }
    c->second = 0;
    set_count(d, i, (uint16_t)(rw == RW_LOW ? val : rw == RW_HIGH ? val << 8 : val << 8 | c->low));
}

/* "Read Operations": a status comes first, then what is latched, then the counting element. */
static uint64_t counter_read(Device *d, unsigned i)
{
    Counter *c = &state(d)->c[i];
    unsigned rw = (c->control & CW_RW) >> 4;
    uint16_t v;
    bool high;

    if (c->has_status) {
        c->has_status = 0;
        return c->status;
    }
    roll(c, tick_now(d));
    v = c->latched ? c->latch : value(c, tick_now(d));
    c->latched -= c->latched ? 1 : 0;
    high = rw == RW_HIGH || (rw == RW_BOTH && c->read_second);
    c->read_second = rw == RW_BOTH && !c->read_second;
    return high ? v >> 8 : v & 0xff;
}

static uint64_t port61_read(Device *d, unsigned r)
{
    const I8254State *s = state(d);
    uint64_t ns = clock_now_ns(d->clock);

    (void)r;
    roll(&state(d)->c[2], tick_now(d));
    return s->port61 | (out_level(&s->c[2], tick_now(d)) ? P61_OUT2 : 0u)
           | (ns / REFRESH_NS & 1 ? P61_REFRESH : 0u);
}

static void port61_write(Device *d, unsigned r, uint64_t val)
{
    I8254State *s = state(d);
    uint8_t old = s->port61;

    (void)r;
    s->port61 = val & (P61_GATE2 | P61_SPEAKER | P61_MASKS);
    if ((old ^ s->port61) & P61_GATE2) {
        gate_changed(d, 2, (s->port61 & P61_GATE2) != 0);
    }
}

/* ---- outputs ---- */

/* A period or a strobe has ended; where its low part was not seen, the wire has it now. */
static void fire(Device *d, unsigned n)
{
    (void)n;
    if (mode(&state(d)->c[0]) >= 2) {
        irq_set(d->irq[0], false);
    }
}

static void settle(Device *d)
{
    Counter *c = &state(d)->c[0];
    uint64_t now = tick_now(d), next;

    roll(c, now);
    irq_set(d->irq[0], out_level(c, now));
    next = next_edge(c, now);
    dev_arm(d, 0, next == UINT64_MAX ? CLOCK_NEVER : tick_ns(next));
}

/* "Programming": counts and modes are undefined at power-on; ours stand still in mode 0. */
static void reset(Device *d)
{
    for (unsigned i = 0; i < N_COUNTERS; i++) {
        state(d)->c[i] = (Counter){ .control = RW_BOTH << 4, .count = 1, .reload = 1 };
    }
}

/* clang-format off */
#define COUNTERS 1, REG_EXACT, 3, 1
static const RegDef regs[] = {
    /* off name       shape     variable   reset wmask w1c read         write          spec */
    { 0, "COUNTER", COUNTERS, REG_NO_VAR, 0, 0xff, 0, counter_read, counter_write, "Operations" },
    { 3, "CONTROL", REG_8,    REG_NO_VAR, 0, 0xff, 0, NULL,         control_write, "Control Word" },
    { 4, "NMISC",   REG_8,    REG_NO_VAR, 0, 0xff, 0, port61_read,  port61_write,  "PIIX4 4.2.5" },
};

#define COUNTER(i) \
    STATE_VAR(I8254, st.c[i].start), \
    STATE_VAR(I8254, st.c[i].held), \
    STATE_VAR(I8254, st.c[i].next_at), \
    STATE_VAR_MAX(I8254, st.c[i].count, 65536), \
    STATE_VAR_MAX(I8254, st.c[i].reload, 65536), \
    STATE_VAR_MAX(I8254, st.c[i].control, CW_KEPT), \
    STATE_VAR_MAX(I8254, st.c[i].running, 1), \
    STATE_VAR_MAX(I8254, st.c[i].loaded, 1), \
    STATE_VAR_MAX(I8254, st.c[i].armed, 1), \
    STATE_VAR(I8254, st.c[i].low), \
    STATE_VAR_MAX(I8254, st.c[i].second, 1), \
    STATE_VAR_MAX(I8254, st.c[i].read_second, 1), \
    STATE_VAR_MAX(I8254, st.c[i].latched, 2), \
    STATE_VAR(I8254, st.c[i].latch), \
    STATE_VAR_MAX(I8254, st.c[i].has_status, 1), \
    STATE_VAR(I8254, st.c[i].status), \
    STATE_VAR_MAX(I8254, st.c[i].zero, 0)
static const StateField fields[] = {
    COUNTER(0), COUNTER(1), COUNTER(2),
    STATE_VAR_MAX(I8254, st.port61, P61_GATE2 | P61_SPEAKER | P61_MASKS),
    STATE_ARRAY_MAX(I8254, st.zero, 0),
};

static const DevWindowDef windows[] = {
    { .name = "counters", .off = 0, .size = 4 },
    { .name = "port61", .off = 4, .size = 1 },
};

const DeviceType i8254_type = {
    .name = "i8254", .manual = "Intel 231164", .window = 5, .bus_bytes = 1, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows),
    .n_irqs = 1, .n_timers = 1,
    .settle = settle, .reset = reset, .fire = fire,
    DEVICE_LAYOUT(I8254, st, regs, fields),
};
/* clang-format on */
