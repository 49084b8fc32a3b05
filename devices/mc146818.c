/* SPDX-License-Identifier: MIT */
/*
 * mc146818.c - real-time clock (MC146818A) with 242 bytes of memory, behind the PC's two ports.
 * Spec: Motorola MC146818A data sheet, whose sections have names; the ports and the upper bank:
 * Intel 82371AB (PIIX4, order 290562) 4.2.6.
 * Reset is a power-on reset: date and memory are again those of the set-up, and the clock runs in
 * 24 hours' BCD, as a battery and firmware would have it.
 * Not modelled: daylight saving (DSE is stored), the square wave, divisors for other crystals.
 */
#include "devices/mc146818.h"

#include <string.h>

enum { NS = 1000000000, DAY_S = 86400, CRYSTAL_HZ = 32768, SETTLE_NS = 500000000 };

/* "Update Cycle": with a 32768 Hz crystal UIP comes 244 us ahead of an update, which takes 1984 us;
 * at its end the time is the new one. */
enum { UIP_NS = 244000 + 1984000 };
enum { BANK = 128, CENTURY = 0x32 };

/* Address map: the times, which alternate with their alarms at first. */
enum { SEC, SEC_ALARM, MIN, MIN_ALARM, HOUR, HOUR_ALARM, WDAY, DAY, MONTH, YEAR, N_TIMES };
enum { A = 10, B, C, D, FIRST_RAM };

enum { A_UIP = 0x80, A_DV = 0x70, A_DV_RESET = 0x60, A_RS = 0x0f };
enum { B_24H = 2, B_BINARY = 4, B_UIE = 0x10, B_AIE = 0x20, B_PIE = 0x40, B_SET = 0x80 };
enum { C_UF = 0x10, C_AF = 0x20, C_PF = 0x40, C_IRQF = 0x80, C_FLAGS = 0x70 };
enum { D_VRT = 0x80 };
enum { ALARM_ANY = 0xc0 }; /* "Time, Calendar, and Alarm Locations": from here on it always fits */
enum { HOUR_PM = 0x80 };

/* The years 1970 to 2115; below it, no sum of times here overflows. */
#define EPOCH_MAX_NS (UINT64_C(1) << 62)

typedef struct Mc146818State {
    uint64_t base_ns;             /* calendar time at guest time 0, modulo 2^64; while it runs */
    uint64_t seen_ns;             /* calendar time up to which the flags say what happened */
    uint8_t byte[MC146818_BYTES]; /* the times only while the clock stands still */
    uint8_t index[2];             /* of each bank */
    uint8_t zero[6];
} Mc146818State;

typedef struct Mc146818 {
    Device dev;
    uint64_t epoch_ns; /* of the set-up */
    uint8_t initial[MC146818_BYTES];
    Mc146818State st;
} Mc146818;

static Mc146818State *state(Device *d) { return &((Mc146818 *)d)->st; }

/* ---- calendar ---- */

typedef struct Date {
    int64_t year;                                       /* 1970 and up */
    unsigned month, day, hour, minute, second, weekday; /* from 1, 1, 0, 0, 0, 1 (Sunday) */
} Date;

/* Days since 1970-01-01 of the proleptic Gregorian calendar: years begin in March, so that the leap
 * day is the last. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y % 400;
    int64_t of_year = (153 * ((int64_t)(month + 9) % 12) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static Date date_of(uint64_t seconds)
{
    int64_t days = (int64_t)(seconds / DAY_S), z = days + 719468, era = z / 146097;
    int64_t of_era = z % 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    unsigned rest = (unsigned)(seconds % DAY_S);

    return (Date){ .year = y + era * 400 + (m >= 10),
                   .month = (unsigned)(m < 10 ? m + 3 : m - 9),
                   .day = (unsigned)(of_year - (153 * m + 2) / 5 + 1),
                   .hour = rest / 3600,
                   .minute = rest / 60 % 60,
                   .second = rest % 60,
                   .weekday = (unsigned)((days + 4) % 7 + 1) };
}

/* ---- formats: register B ---- */

static uint8_t encode(const Mc146818State *s, unsigned v)
{
    return (uint8_t)(s->byte[B] & B_BINARY ? v : v / 10 << 4 | v % 10);
}

static unsigned decode(const Mc146818State *s, uint8_t v)
{
    return s->byte[B] & B_BINARY ? v : (unsigned)(v >> 4) * 10 + (v & 15);
}

static uint8_t encode_hour(const Mc146818State *s, unsigned hour)
{
    if (s->byte[B] & B_24H) {
        return encode(s, hour);
    }
    return (uint8_t)(encode(s, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? HOUR_PM : 0));
}

static unsigned decode_hour(const Mc146818State *s, uint8_t v)
{
    if (s->byte[B] & B_24H) {
        return decode(s, v) % 24;
    }
    return decode(s, v & 0x7f) % 12 + (v & HOUR_PM ? 12 : 0);
}

/* ---- running ---- */

static bool runs(const Mc146818State *s)
{
    return !(s->byte[B] & B_SET) && (s->byte[A] & A_DV_RESET) != A_DV_RESET;
}

static uint64_t calendar_ns(Device *d) { return state(d)->base_ns + clock_now_ns(d->clock); }

static uint8_t time_byte(const Mc146818State *s, const Date *t, unsigned i)
{
    switch (i) {
    case SEC: return encode(s, t->second);
    case MIN: return encode(s, t->minute);
    case HOUR: return encode_hour(s, t->hour);
    case WDAY: return encode(s, t->weekday);
    case DAY: return encode(s, t->day);
    case MONTH: return encode(s, t->month);
    case YEAR: return encode(s, (unsigned)(t->year % 100));
    default: return s->byte[i];
    }
}

/* The clock stops: its bytes hold the time. */
static void freeze(Device *d)
{
    Mc146818State *s = state(d);
    Date t = date_of(calendar_ns(d) / NS);

    for (unsigned i = 0; i < N_TIMES; i++) {
        s->byte[i] = time_byte(s, &t, i);
    }
}

/* The clock goes on from its bytes. Two digits of a year are those from 1970 to 2069. */
static void thaw(Device *d, uint64_t fraction_ns)
{
    Mc146818State *s = state(d);
    unsigned yy = decode(s, s->byte[YEAR]) % 100, month = decode(s, s->byte[MONTH]);
    int64_t days = days_of(yy < 70 ? 2000 + yy : 1900 + yy, CLAMP(month, 1, 12),
                           MAX(1u, decode(s, s->byte[DAY])));
    uint64_t seconds = (uint64_t)days * DAY_S + decode_hour(s, s->byte[HOUR]) * 3600
                       + decode(s, s->byte[MIN]) * 60 + decode(s, s->byte[SEC]);

    s->seen_ns = seconds * NS + fraction_ns;
    s->base_ns = s->seen_ns - clock_now_ns(d->clock);
}

/* ---- interrupts: register C ---- */

static bool alarm_fits(const Mc146818State *s, uint64_t second)
{
    unsigned of_day = (unsigned)(second % DAY_S);
    uint8_t at_s = s->byte[SEC_ALARM], at_m = s->byte[MIN_ALARM], at_h = s->byte[HOUR_ALARM];

    return (at_s >= ALARM_ANY || at_s == encode(s, of_day % 60))
           && (at_m >= ALARM_ANY || at_m == encode(s, of_day / 60 % 60))
           && (at_h >= ALARM_ANY || at_h == encode_hour(s, of_day / 3600));
}

/* "Register A": the clock's cycles in a period, as a power of two; 0: there is none. */
static unsigned period_shift(const Mc146818State *s)
{
    unsigned rs = s->byte[A] & A_RS;

    return rs == 0 ? 0 : rs <= 2 ? rs + 6 : rs - 1;
}

static uint64_t cycles(uint64_t ns) { return ns / NS * CRYSTAL_HZ + ns % NS * CRYSTAL_HZ / NS; }

/* Sets the flags of what has happened since they were last looked at. */
static void catch_up(Device *d)
{
    Mc146818State *s = state(d);
    uint64_t now, from, to;
    unsigned shift = period_shift(s);

    if (!runs(s)) {
        return;
    }
    now = calendar_ns(d);
    from = s->seen_ns / NS;
    to = now / NS;
    if (to != from) {
        s->byte[C] |= C_UF;
    }
    if (to - from > DAY_S) {
        from = to - DAY_S; /* it comes every day */
    }
    for (uint64_t t = from + 1; t <= to && !(s->byte[C] & C_AF); t++) {
        s->byte[C] |= alarm_fits(s, t) ? C_AF : 0;
    }
    if (shift && cycles(now) >> shift != cycles(s->seen_ns) >> shift) {
        s->byte[C] |= C_PF;
    }
    s->seen_ns = now;
}

static bool interrupts(const Mc146818State *s) { return (s->byte[C] & s->byte[B] & C_FLAGS) != 0; }

/* The guest time of the next flag that would interrupt. */
static uint64_t next_flag_ns(Device *d)
{
    const Mc146818State *s = state(d);
    uint64_t next = CLOCK_NEVER, cycle;
    unsigned shift = period_shift(s);

    if (!runs(s) || interrupts(s)) {
        return CLOCK_NEVER;
    }
    if (s->byte[B] & (B_UIE | B_AIE)) {
        next = (s->seen_ns / NS + 1) * NS;
    }
    if ((s->byte[B] & B_PIE) != 0 && shift) {
        cycle = ((cycles(s->seen_ns) >> shift) + 1) << shift;
        next = MIN(next, cycle / CRYSTAL_HZ * NS
                             + (cycle % CRYSTAL_HZ * NS + CRYSTAL_HZ - 1) / CRYSTAL_HZ);
    }
    return next == CLOCK_NEVER ? CLOCK_NEVER : next - s->base_ns;
}

/* ---- registers ---- */

static uint8_t byte_read(Device *d, unsigned i)
{
    Mc146818State *s = state(d);
    uint64_t now = calendar_ns(d);
    Date t;
    uint8_t c;

    catch_up(d);
    switch (i) {
    case A: return s->byte[A] | (runs(s) && now % NS >= NS - UIP_NS ? A_UIP : 0u);
    case C:
        c = s->byte[C] | (interrupts(s) ? C_IRQF : 0u);
        s->byte[C] = 0;
        return c;
    case D: return D_VRT;
    default: break;
    }
    if (i >= N_TIMES || !runs(s)) {
        return s->byte[i];
    }
    t = date_of(now / NS);
    return time_byte(s, &t, i);
}

/* Applies a change that may stop the clock or let it go on: "Register A", "Register B". */
static void control_write(Device *d, unsigned i, uint8_t val)
{
    Mc146818State *s = state(d);
    bool ran = runs(s), was_reset = (s->byte[A] & A_DV_RESET) == A_DV_RESET;
    uint64_t fraction = calendar_ns(d) % NS;

    uint8_t a = i == A ? val & 0x7f : s->byte[A], ctl = i == B ? val : s->byte[B];

    if (ctl & B_SET) {
        ctl &= (uint8_t)~B_UIE; /* "SET": it clears UIE */
    }
    if (ran && ((ctl & B_SET) != 0 || (a & A_DV_RESET) == A_DV_RESET)) {
        freeze(d); /* in the format that was */
    }
    s->byte[A] = a;
    s->byte[B] = ctl;
    if (!ran && runs(s)) {
        /* "Divider": the first update comes half a second after its reset ends. */
        thaw(d, was_reset ? NS - SETTLE_NS : fraction);
    }
}

static void byte_write(Device *d, unsigned i, uint8_t val)
{
    Mc146818State *s = state(d);
    bool ran = runs(s);
    uint64_t fraction = calendar_ns(d) % NS;

    catch_up(d);
    switch (i) {
    case A:
    case B: control_write(d, i, val); return;
    case C:
    case D: return; /* read-only: the write has no effect */
    case SEC_ALARM:
    case MIN_ALARM:
    case HOUR_ALARM: s->byte[i] = val; return;
    default: break;
    }
    if (i < N_TIMES && ran) {
        freeze(d);
    }
    s->byte[i] = val;
    if (i < N_TIMES && ran) {
        thaw(d, fraction);
    }
}

/* PIIX4 4.2.6.1: the index port cannot be read back. */
static uint64_t index_read(Device *d, unsigned bank)
{
    (void)d, (void)bank;
    return 0xff;
}

/* Bit 7 of the first index masks NMI, which nothing here raises. */
static void index_write(Device *d, unsigned bank, uint64_t val)
{
    state(d)->index[bank] = val & (BANK - 1);
}

static uint64_t data_read(Device *d, unsigned bank)
{
    return byte_read(d, bank * BANK + state(d)->index[bank]);
}

static void data_write(Device *d, unsigned bank, uint64_t val)
{
    byte_write(d, bank * BANK + state(d)->index[bank], (uint8_t)val);
}

static uint64_t port_read(Device *d, unsigned i)
{
    return i & 1 ? data_read(d, i / 2) : index_read(d, i / 2);
}

static void port_write(Device *d, unsigned i, uint64_t val)
{
    if (i & 1) {
        data_write(d, i / 2, val);
    } else {
        index_write(d, i / 2, val);
    }
}

/* ---- outputs ---- */

static void fire(Device *d, unsigned n)
{
    (void)n;
    catch_up(d);
}

static void settle(Device *d)
{
    irq_set(d->irq[0], interrupts(state(d)));
    dev_arm(d, 0, next_flag_ns(d));
}

static void reset(Device *d)
{
    const Mc146818 *x = (const Mc146818 *)d;
    Mc146818State *s = state(d);

    memcpy(s->byte, x->initial, sizeof(s->byte));
    s->byte[A] = 0x26; /* 32768 Hz, 1024 Hz */
    s->byte[B] = B_24H;
    s->base_ns = x->epoch_ns;
    s->seen_ns = calendar_ns(d);
    if (s->byte[CENTURY] == 0) {
        s->byte[CENTURY] = encode(s, (unsigned)(date_of(s->seen_ns / NS).year / 100));
    }
}

void mc146818_set_epoch_ns(Device *d, uint64_t ns)
{
    ((Mc146818 *)d)->epoch_ns = MIN(ns, EPOCH_MAX_NS);
}

void mc146818_set_byte(Device *d, uint8_t i, uint8_t value)
{
    g_assert(i >= FIRST_RAM);
    ((Mc146818 *)d)->initial[i] = value;
}

/* clang-format off */
#define PORTS_4 1, REG_EXACT, 4, 1
static const RegDef regs[] = {
    /* off name  shape    variable    reset wmask w1c read       write       spec */
    { 0, "RTC",  PORTS_4, REG_NO_VAR, 0,    0xff, 0,  port_read, port_write, "PIIX4 4.2.6" },
};

static const StateField fields[] = {
    STATE_VAR(Mc146818, st.base_ns),
    STATE_VAR(Mc146818, st.seen_ns),
    STATE_ARRAY(Mc146818, st.byte),
    STATE_ARRAY_MAX(Mc146818, st.index, BANK - 1),
    STATE_ARRAY_MAX(Mc146818, st.zero, 0),
};

const DeviceType mc146818_type = {
    .name = "mc146818", .manual = "MC146818A", .window = 4, .bus_bytes = 1, .version = 1,
    .n_irqs = 1, .n_timers = 1,
    .settle = settle, .reset = reset, .fire = fire,
    DEVICE_LAYOUT(Mc146818, st, regs, fields),
};
/* clang-format on */
