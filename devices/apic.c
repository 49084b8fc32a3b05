/* SPDX-License-Identifier: MIT */
/*
 * apic.c - local APIC in xAPIC mode: priorities, local vector table, timer, interprocessor
 * interrupts, virtual wire.
 * Spec: Intel SDM volume 3A (253668-060), chapter 10. The timer's input clock is 1 GHz.
 * Choices: a new divide value counts on from the present count; a write of the timer's LVT entry
 * that changes between one-shot and periodic does too.
 * Not modelled: TSC-deadline mode and x2APIC (CPUID does not show them), SMI and start-up messages
  * (logged), the thermal sensor and performance counters behind their LVT entries, error bits for
   * illegal registers and for accesses that are not aligned (counted as the guest's mistakes).
 */
#include "devices/apic.h"

#include "base/bits.h"

enum { LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR, N_LVT };
enum { VERSION = 0x14 | (N_LVT - 1) << 16 }; /* 10.4.8: integrated; highest LVT entry */
enum { BROADCAST = 0xff, FIRST_VECTOR = 16, VECTORS = 256, WORDS = VECTORS / 32 };

enum { /* Figure 10-8 */
       LVT_MODE_SHIFT = 8,
       LVT_REMOTE_IRR = 1u << 14,
       LVT_LEVEL = 1u << 15,
       LVT_MASKED = 1u << 16,
       LVT_PERIODIC = 1u << 17,
};

enum { ESR_SEND_VECTOR = 1u << 5, ESR_RECEIVED_VECTOR = 1u << 6 }; /* Figure 10-9 */

enum { /* Figure 10-12 */
       ICR_LOGICAL = 1u << 11,
       ICR_ASSERT = 1u << 14,
       ICR_LEVEL = 1u << 15,
       ICR_SHORTHAND_SHIFT = 18,
};
enum { TO_DESTINATION, TO_SELF, TO_ALL, TO_OTHERS };

enum { SVR_ENABLE = 1u << 8 };           /* Figure 10-23 */
enum { DFR_CLUSTER = 0, DFR_FLAT = 15 }; /* 10.6.2.2: in bits 31 to 28 */

#define BASE_MASK (UINT64_C(0xffffff000) | APIC_BASE_ENABLE | APIC_BASE_BSP)

/* The counters' registers are in the order of the rows. */
typedef struct ApicState {
    uint64_t base;      /* IA32_APIC_BASE */
    uint64_t count_ns;  /* guest time at which the timer's count was @count */
    uint64_t expiry_ns; /* when it reaches zero; CLOCK_NEVER: it is not counting */
    uint32_t id, tpr, ldr, dfr, svr, esr, icr_low, icr_high, initial, divide;
    uint32_t isr[WORDS], tmr[WORDS], irr[WORDS];
    uint32_t lvt[N_LVT];
    uint32_t count;
    uint32_t errors; /* since the last write of the ESR */
    uint32_t extint; /* 0 or 1: an ExtINT message waits for its acknowledge */
    uint32_t zero;
} ApicState;

typedef struct Apic {
    Device dev;
    void (*end)(void *opaque, uint8_t vector);
    void *end_opaque;
    ApicState st;
} Apic;

static ApicState *state(Device *d) { return &((Apic *)d)->st; }
static const ApicState *cstate(const Device *d) { return &((const Apic *)d)->st; }

static bool globally_on(const ApicState *s) { return (s->base & APIC_BASE_ENABLE) != 0; }
static bool software_on(const ApicState *s) { return (s->svr & SVR_ENABLE) != 0; }

/* ---- vectors ---- */

static void set_bit(uint32_t *words, unsigned v) { words[v / 32] |= 1u << v % 32; }
static void clear_bit(uint32_t *words, unsigned v) { words[v / 32] &= ~(1u << v % 32); }
static bool test_bit(const uint32_t *words, unsigned v) { return words[v / 32] >> v % 32 & 1; }

/* The highest vector of a set; 0, which no interrupt has, if it is empty. */
static unsigned highest(const uint32_t *words)
{
    for (unsigned w = WORDS; w-- > 0;) {
        if (words[w] != 0) {
            return w * 32 + 63 - bits_clz64(words[w]);
        }
    }
    return 0;
}

/* 10.8.3.1 */
static unsigned ppr(const ApicState *s)
{
    unsigned isrv = highest(s->isr);

    return s->tpr >> 4 >= isrv >> 4 ? s->tpr : isrv & 0xf0;
}

/* The vector that the CPU is offered; 0: none. */
static unsigned deliverable(const ApicState *s)
{
    unsigned v = highest(s->irr);

    return globally_on(s) && software_on(s) && v >> 4 > ppr(s) >> 4 ? v : 0;
}

static void raise_error(ApicState *s, uint32_t bit);
static void settle(Device *d);

/* 10.8.4: one interrupt into the IRR. */
static void accept(ApicState *s, unsigned v, bool level)
{
    if (v < FIRST_VECTOR) {
        raise_error(s, ESR_RECEIVED_VECTOR);
        return;
    }
    set_bit(s->irr, v);
    if (level) {
        set_bit(s->tmr, v);
    } else {
        clear_bit(s->tmr, v);
    }
}

/* 10.5.3: noted, and told by the error entry of the LVT. The entry's own vector being illegal is no
 * second error. */
static void raise_error(ApicState *s, uint32_t bit)
{
    uint32_t lvt = s->lvt[LVT_ERROR];

    s->errors |= bit;
    if ((lvt & LVT_MASKED) == 0 && (lvt & 0xff) >= FIRST_VECTOR) {
        accept(s, lvt & 0xff, false);
    } else if ((lvt & LVT_MASKED) == 0) {
        s->errors |= ESR_RECEIVED_VECTOR;
    }
}

static void pulse(Device *d, unsigned line)
{
    irq_set(d->irq[line], true);
    irq_set(d->irq[line], false);
}

/* What arrives, of whatever origin. */
static void deliver(Device *d, unsigned mode, unsigned vector, bool level)
{
    switch (mode) {
    case APIC_FIXED:
    case APIC_LOWEST: accept(state(d), vector, level); break;
    case APIC_NMI: pulse(d, APIC_LINE_NMI); break;
    case APIC_INIT: pulse(d, APIC_LINE_INIT); break;
    case APIC_EXTINT: state(d)->extint = 1; break;
    default: dev_guest_error(d, 0x300, "delivery mode %u is not modelled", mode); break;
    }
}

/* ---- timer ---- */

/* 10.5.4: bits 3, 1 and 0; 7 is a division by one. */
static unsigned divide_shift(const ApicState *s)
{
    return (((s->divide & 3) | (s->divide >> 1 & 4)) + 1) & 7;
}

static bool periodic(const ApicState *s) { return (s->lvt[LVT_TIMER] & LVT_PERIODIC) != 0; }

static uint32_t current_count(Device *d)
{
    const ApicState *s = state(d);
    uint64_t gone;

    if (s->expiry_ns == CLOCK_NEVER) {
        return 0;
    }
    gone = (clock_now_ns(d->clock) - s->count_ns) >> divide_shift(s);
    if (gone < s->count) {
        return s->count - (uint32_t)gone;
    }
    if (!periodic(s) || s->initial == 0) {
        return 0;
    }
    /* It has expired and its event has not come yet. */
    return s->initial - (uint32_t)((gone - s->count) % s->initial);
}

/* Counts from @count on. */
static void start(Device *d, uint32_t count)
{
    ApicState *s = state(d);

    s->count = count;
    s->count_ns = clock_now_ns(d->clock);
    s->expiry_ns = count ? s->count_ns + ((uint64_t)count << divide_shift(s)) : CLOCK_NEVER;
}

static void fire(Device *d, unsigned n)
{
    ApicState *s = state(d);
    uint64_t period = (uint64_t)s->initial << divide_shift(s), now = clock_now_ns(d->clock);

    (void)n;
    if ((s->lvt[LVT_TIMER] & LVT_MASKED) == 0) {
        accept(s, s->lvt[LVT_TIMER] & 0xff, false);
    }
    if (!periodic(s) || period == 0) {
        s->expiry_ns = CLOCK_NEVER;
        return;
    }
    /* Periods that nobody could see are one interrupt. */
    s->count_ns = s->expiry_ns;
    if (now > s->count_ns) {
        s->count_ns += (now - s->count_ns) / period * period;
    }
    s->count = s->initial;
    s->expiry_ns = s->count_ns + period;
}

static void initial_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    start(d, (uint32_t)val);
}

static uint64_t current_read(Device *d, unsigned i)
{
    (void)i;
    return current_count(d);
}

static void divide_write(Device *d, unsigned i, uint64_t val)
{
    ApicState *s = state(d);
    uint32_t now = current_count(d);

    (void)i;
    s->divide = (uint32_t)val & 0xb;
    if (s->expiry_ns != CLOCK_NEVER && now != 0) {
        start(d, now);
    }
}

static uint64_t divide_read(Device *d, unsigned i)
{
    (void)i;
    return state(d)->divide;
}

/* ---- local vector table ---- */

static const uint32_t lvt_writable[N_LVT] = {
    [LVT_TIMER] = 0x300ff, [LVT_THERMAL] = 0x107ff, [LVT_PERF] = 0x107ff,
    [LVT_LINT0] = 0x1a7ff, [LVT_LINT1] = 0x1a7ff,   [LVT_ERROR] = 0x100ff,
};

/* Whether LVT entry @i sends what its pin shows, for as long as it shows it. */
static bool lint_is_level(uint32_t lvt)
{
    unsigned mode = lvt >> LVT_MODE_SHIFT & 7;

    return mode == APIC_EXTINT || (mode == APIC_FIXED && (lvt & LVT_LEVEL) != 0);
}

/* 10.5.1: a level-sensitive fixed interrupt is sent once, until its end. */
static void sample_lint(Device *d, unsigned pin)
{
    uint32_t *lvt = &state(d)->lvt[LVT_LINT0 + pin];

    if ((*lvt & (LVT_MASKED | LVT_REMOTE_IRR)) == 0 && dev_pin(d, pin) && lint_is_level(*lvt)
        && (*lvt >> LVT_MODE_SHIFT & 7) == APIC_FIXED && globally_on(state(d))) {
        *lvt |= LVT_REMOTE_IRR;
        accept(state(d), *lvt & 0xff, true);
    }
}

static void pin(Device *d, unsigned n, bool level)
{
    uint32_t lvt = state(d)->lvt[LVT_LINT0 + n];

    if (!globally_on(state(d))) {
        /* 10.4.3: as a CPU without APIC, whose pins are INTR and NMI. */
        if (n == APIC_LINT1 && level) {
            pulse(d, APIC_LINE_NMI);
        }
        return;
    }
    if (level && (lvt & LVT_MASKED) == 0 && !lint_is_level(lvt)) {
        deliver(d, lvt >> LVT_MODE_SHIFT & 7, lvt & 0xff, false);
    }
    sample_lint(d, n);
}

static uint64_t lvt_read(Device *d, unsigned i) { return state(d)->lvt[i]; }

/* 10.4.7.2: while the APIC is disabled by software, entries stay masked. */
static void lvt_set(Device *d, unsigned i, uint32_t val)
{
    ApicState *s = state(d);
    uint32_t *lvt = &s->lvt[i];

    *lvt = (*lvt & LVT_REMOTE_IRR) | (val & lvt_writable[i]) | (software_on(s) ? 0 : LVT_MASKED);
    if (i == LVT_LINT0 || i == LVT_LINT1) {
        if ((*lvt & LVT_LEVEL) == 0) {
            *lvt &= ~(uint32_t)LVT_REMOTE_IRR;
        }
        sample_lint(d, i - LVT_LINT0);
    }
}

static void timer_lvt_write(Device *d, unsigned i, uint64_t val)
{
    uint32_t now = current_count(d);
    bool was = periodic(state(d));

    (void)i;
    lvt_set(d, LVT_TIMER, (uint32_t)val);
    if (was != periodic(state(d)) && now != 0) {
        start(d, now);
    }
}

static uint64_t lvt_first_read(Device *d, unsigned i)
{
    (void)i;
    return state(d)->lvt[LVT_TIMER];
}

static uint64_t lvt_rest_read(Device *d, unsigned i) { return lvt_read(d, i + 1); }
static void lvt_rest_write(Device *d, unsigned i, uint64_t val)
{
    lvt_set(d, i + 1, (uint32_t)val);
}

/* ---- messages ---- */

/* 10.6.2 */
static bool is_for(const ApicState *s, uint8_t dest, bool logical)
{
    unsigned mine = s->ldr >> 24;

    if (!logical) {
        return dest == BROADCAST || dest == s->id >> 24;
    }
    switch (s->dfr >> 28) {
    case DFR_FLAT: return (dest & mine) != 0;
    case DFR_CLUSTER: return (dest >> 4 == mine >> 4 || dest >> 4 == 15) && (dest & mine & 15) != 0;
    default: return false; /* 10.6.2.2 defines no other model */
    }
}

void apic_message(Device *d, const ApicMessage *m)
{
    const ApicState *s = state(d);

    if (!globally_on(s) || !is_for(s, m->dest, m->logical)) {
        return;
    }
    /* 10.4.7.2: disabled by software it takes INIT, NMI, SMI and start-up only. */
    if (!software_on(s) && m->mode <= APIC_LOWEST) {
        return;
    }
    deliver(d, m->mode, m->vector, m->level);
    settle(d);
}

/* 10.6.1 */
static void icr_write(Device *d, unsigned i, uint64_t val)
{
    ApicState *s = state(d);
    unsigned mode = val >> LVT_MODE_SHIFT & 7, to = val >> ICR_SHORTHAND_SHIFT & 3;
    bool mine = to == TO_SELF || to == TO_ALL
                || (to == TO_DESTINATION
                    && is_for(s, (uint8_t)(s->icr_high >> 24), (val & ICR_LOGICAL) != 0));

    (void)i;
    if (mode <= APIC_LOWEST && (val & 0xff) < FIRST_VECTOR) {
        raise_error(s, ESR_SEND_VECTOR);
        return;
    }
    if (mode == APIC_INIT && (val & (ICR_LEVEL | ICR_ASSERT)) == ICR_LEVEL) {
        return; /* 10.6.1: a de-assert synchronises arbitration IDs, which are not there */
    }
    if (mine && mode != APIC_STARTUP && (software_on(s) || mode > APIC_LOWEST)) {
        deliver(d, mode, val & 0xff, false);
    }
}

/* 10.8.5 */
static void eoi_write(Device *d, unsigned i, uint64_t val)
{
    Apic *a = (Apic *)d;
    ApicState *s = &a->st;
    unsigned v = highest(s->isr);

    (void)i, (void)val;
    if (v == 0) {
        return;
    }
    clear_bit(s->isr, v);
    if (!test_bit(s->tmr, v)) {
        return;
    }
    for (unsigned n = 0; n < 2; n++) {
        if ((s->lvt[LVT_LINT0 + n] & 0xff) == v) {
            s->lvt[LVT_LINT0 + n] &= ~(uint32_t)LVT_REMOTE_IRR;
            sample_lint(d, n);
        }
    }
    if (a->end) {
        a->end(a->end_opaque, (uint8_t)v);
    }
}

/* An ExtINT entry that is not masked passes the i8259's request on. */
static bool pic_asks(const Device *d)
{
    const ApicState *s = cstate(d);
    uint32_t lvt = s->lvt[LVT_LINT0];

    if (!globally_on(s)) {
        return dev_pin(d, APIC_LINT0);
    }
    return s->extint
           || ((lvt & LVT_MASKED) == 0 && (lvt >> LVT_MODE_SHIFT & 7) == APIC_EXTINT
               && dev_pin(d, APIC_LINT0));
}

unsigned apic_acknowledge(Device *d)
{
    ApicState *s = state(d);
    unsigned v = deliverable(s);

    if (v != 0) {
        clear_bit(s->irr, v);
        set_bit(s->isr, v);
        settle(d);
        return v;
    }
    if (pic_asks(d)) {
        s->extint = 0;
        settle(d);
        return APIC_ASK_PIC;
    }
    return s->svr & 0xff; /* 10.9 */
}

/* ---- other registers ---- */

static uint64_t version_read(Device *d, unsigned i)
{
    (void)d, (void)i;
    return VERSION;
}

static uint64_t ppr_read(Device *d, unsigned i)
{
    (void)i;
    return ppr(state(d));
}

/* 10.5.3: a write shows what has happened since the one before. */
static void esr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i, (void)val;
    state(d)->esr = state(d)->errors;
    state(d)->errors = 0;
}

/* 10.4.7.2: going off masks the local vector table. */
static void svr_write(Device *d, unsigned i, uint64_t val)
{
    ApicState *s = state(d);

    (void)i, (void)val;
    for (unsigned n = 0; n < N_LVT && !software_on(s); n++) {
        s->lvt[n] |= LVT_MASKED;
    }
}

static void settle(Device *d)
{
    irq_set(d->irq[APIC_LINE_INTR], deliverable(state(d)) != 0 || pic_asks(d));
    dev_arm(d, 0, state(d)->expiry_ns);
}

/* 10.4.7.1 */
static void reset(Device *d)
{
    ApicState *s = state(d);

    s->base = APIC_BASE_DEFAULT | APIC_BASE_ENABLE | APIC_BASE_BSP;
    s->expiry_ns = CLOCK_NEVER;
    for (unsigned i = 0; i < N_LVT; i++) {
        s->lvt[i] = LVT_MASKED;
    }
}

/* ---- for the board ---- */

void apic_on_end(Device *d, void (*end)(void *opaque, uint8_t vector), void *opaque)
{
    ((Apic *)d)->end = end;
    ((Apic *)d)->end_opaque = opaque;
}

uint64_t apic_base(const Device *d) { return cstate(d)->base; }

bool apic_set_base(Device *d, uint64_t value)
{
    ApicState *s = state(d);
    bool was = globally_on(s);

    if ((value & ~BASE_MASK) != 0) {
        return false;
    }
    value = (value & ~(uint64_t)APIC_BASE_BSP) | (s->base & APIC_BASE_BSP); /* 10.4.4: it is told */
    if (was && (value & APIC_BASE_ENABLE) == 0) {
        dev_reset(d); /* 10.4.3: back on, it is as after power-up */
    }
    s->base = value;
    settle(d);
    return true;
}

void apic_virtual_wire(Device *d)
{
    dev_write(d, 0x0f0, 4, SVR_ENABLE | 0xff);
    dev_write(d, 0x350, 4, APIC_EXTINT << LVT_MODE_SHIFT | LVT_LEVEL);
    dev_write(d, 0x360, 4, APIC_NMI << LVT_MODE_SHIFT | LVT_LEVEL);
}

/* clang-format off */
#define V(m) REG_VAR(Apic, st.m)
#define ONE  4, REG_EXACT, 1, 16
#define MANY(n) 4, REG_EXACT, n, 16
#define ANY  0xffffffff
static const RegDef regs[] = {
    /* off   name    shape var          reset wmask       w1c read  write        spec */
    { 0x020, "ID",      ONE, V(id),       0, 0xff000000,   0, NULL, NULL,        "10.4.6" },
    { 0x030, "VERSION", ONE, REG_NO_VAR,  0, 0,            0, version_read, NULL, "10.4.8" },
    { 0x080, "TPR",     ONE, V(tpr),      0, 0xff,         0, NULL, NULL,        "10.8.3.1" },
    { 0x0a0, "PPR",     ONE, REG_NO_VAR,  0, 0,            0, ppr_read, NULL,    "10.8.3.1" },
    { 0x0b0, "EOI",     ONE, REG_NO_VAR,  0, ANY,          0, NULL, eoi_write,   "10.8.5" },
    { 0x0d0, "LDR",     ONE, V(ldr),      0, 0xff000000,   0, NULL, NULL,        "10.6.2.2" },
    { 0x0e0, "DFR",     ONE, V(dfr),    ANY, 0xf0000000,   0, NULL, NULL,        "10.6.2.2" },
    { 0x0f0, "SVR",     ONE, V(svr),   0xff, 0x1ff,        0, NULL, svr_write,   "10.9" },
    { 0x100, "ISR", MANY(8), V(isr),      0, 0,            0, NULL, NULL,        "10.8.4" },
    { 0x180, "TMR", MANY(8), V(tmr),      0, 0,            0, NULL, NULL,        "10.8.4" },
    { 0x200, "IRR", MANY(8), V(irr),      0, 0,            0, NULL, NULL,        "10.8.4" },
    { 0x280, "ESR",     ONE, V(esr),      0, 0,            0, NULL, esr_write,   "10.5.3" },
    { 0x300, "ICR_LOW", ONE, V(icr_low),  0, 0x000ccfff,   0, NULL, icr_write,   "10.6.1" },
    { 0x310, "ICR_HIGH", ONE, V(icr_high), 0, 0xff000000,  0, NULL, NULL,        "10.6.1" },
    { 0x320, "LVT_TIMER", ONE, REG_NO_VAR, 0, 0x300ff, 0, lvt_first_read, timer_lvt_write,
      "10.5.1" },
    { 0x330, "LVT", MANY(5), REG_NO_VAR,  0, 0x1a7ff,      0, lvt_rest_read, lvt_rest_write,
      "10.5.1" },
    { 0x380, "INITIAL_COUNT", ONE, V(initial), 0, ANY,     0, NULL, initial_write, "10.5.4" },
    { 0x390, "CURRENT_COUNT", ONE, REG_NO_VAR, 0, 0,       0, current_read, NULL, "10.5.4" },
    { 0x3e0, "DIVIDE",  ONE, REG_NO_VAR,  0, 0xb, 0, divide_read, divide_write,  "10.5.4" },
};

static const StateField fields[] = {
    STATE_VAR_MAX(Apic, st.base, BASE_MASK),
    STATE_VAR(Apic, st.count_ns), STATE_VAR(Apic, st.expiry_ns), STATE_VAR(Apic, st.count),
    STATE_VAR_MAX(Apic, st.divide, 0xb), STATE_ARRAY_MAX(Apic, st.lvt, 0x3e7ff),
    STATE_VAR_MAX(Apic, st.errors, 0xff), STATE_VAR_MAX(Apic, st.extint, 1),
    STATE_VAR_MAX(Apic, st.zero, 0),
};

const DeviceType apic_type = {
    .name = "apic", .manual = "Intel SDM 3A", .window = 0x1000, .version = 1,
    .n_irqs = 3, .n_pins = 2, .n_timers = 1,
    .settle = settle, .reset = reset, .pin = pin, .fire = fire,
    DEVICE_LAYOUT(Apic, st, regs, fields),
};
/* clang-format on */
