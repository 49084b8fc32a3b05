/* SPDX-License-Identifier: MIT */
/*
 * ns16550.c - UART with 16-byte FIFOs (PC16550D): all interrupts, modem lines, loopback.
 * Spec: National Semiconductor PC16550D, sections of chapter 8.
 * Differs from the part: transmission takes no time, so the transmitter is always empty and its
 * interrupt comes as soon as it is allowed.
 * Not modelled: word length, parity and stuck parity on the line (LCR is stored, and its length
 * counts for the time-out), DMA signalling (TXRDY, RXRDY), breaks sent.
 */
#include "devices/ns16550.h"

enum { FIFO_LEN = 16 };
enum { XIN_HZ = 1843200, TIMEOUT_CHARS = 4 };

enum { IER_RX = 1, IER_TX = 2, IER_LINE = 4, IER_MODEM = 8, IER_ALL = 0xf }; /* 8.7 */

enum { /* 8.6: IIR, interrupts in the order of their priority */
       IIR_NONE = 0x01,
       IIR_MODEM = 0x00,
       IIR_TX = 0x02,
       IIR_RX = 0x04,
       IIR_LINE = 0x06,
       IIR_TIMEOUT = 0x0c,
       IIR_FIFOS = 0xc0,
};

enum { FCR_ON = 1, FCR_CLEAR_RX = 2, FCR_KEPT = 0xc9 }; /* 8.5 */
enum { LCR_LENGTH = 3, LCR_STOP = 4, LCR_PARITY = 8, LCR_DLAB = 0x80 };

enum { /* 8.4 */
       LSR_DR = 1u << 0,
       LSR_OE = 1u << 1,
       LSR_PE = 1u << 2,
       LSR_FE = 1u << 3,
       LSR_BI = 1u << 4,
       LSR_THRE = 1u << 5,
       LSR_TEMT = 1u << 6,
       LSR_FIFO = 1u << 7,
       LSR_ERRORS = LSR_PE | LSR_FE | LSR_BI,
};

enum { /* 8.8 */
       MCR_DTR = 1u << 0,
       MCR_RTS = 1u << 1,
       MCR_OUT1 = 1u << 2,
       MCR_OUT2 = 1u << 3,
       MCR_LOOP = 1u << 4,
       MCR_ALL = 0x1f,
};

enum { /* 8.9: lines in the upper half, their changes in the lower */
       MSR_TERI = 1u << 2,
       MSR_CTS = 1u << 4,
       MSR_DSR = 1u << 5,
       MSR_RI = 1u << 6,
       MSR_DCD = 1u << 7,
       MSR_DELTAS = 0x0f,
};

typedef struct Ns16550State {
    uint64_t timeout_ns; /* of guest time, when the time-out comes; 0: it does not */
    uint8_t ier, lcr, mcr, msr, scr, dll, dlm;
    uint8_t fcr;             /* the bits of FCR_KEPT */
    uint8_t oe;              /* 0 or LSR_OE */
    uint8_t errors;          /* of the oldest character, LSR_ERRORS, until LSR is read */
    uint8_t thre;            /* 0 or 1: the transmitter's interrupt is pending */
    uint8_t timed_out;       /* 0 or 1 */
    uint16_t head, used;     /* of the FIFO: oldest entry, count */
    uint16_t fifo[FIFO_LEN]; /* 8.4: eight bits of data, the errors in the upper byte */
} Ns16550State;

typedef struct Ns16550 {
    Device dev;
    uint32_t xin_hz; /* of the set-up; 0: XIN_HZ */
    Ns16550State st;
} Ns16550;

static Ns16550State *state(Device *d) { return &((Ns16550 *)d)->st; }
static const Ns16550State *cstate(const Device *d) { return &((const Ns16550 *)d)->st; }

static bool fifos(const Ns16550State *s) { return (s->fcr & FCR_ON) != 0; }
static unsigned depth(const Ns16550State *s) { return fifos(s) ? FIFO_LEN : 1; }

/* 8.5: characters at which the receiver interrupts. */
static unsigned trigger(const Ns16550State *s)
{
    static const uint8_t level[4] = { 1, 4, 8, 14 };

    return fifos(s) ? level[s->fcr >> 6] : 1;
}

/* 8.11: four characters' time, of as many bits as they have now. A divisor of 0 counts as 65536. */
static uint64_t timeout_len_ns(const Device *d)
{
    const Ns16550State *s = cstate(d);
    uint64_t divisor = (uint64_t)s->dlm << 8 | s->dll;
    unsigned bits = 1 + 5 + (s->lcr & LCR_LENGTH) + (s->lcr & LCR_PARITY ? 1 : 0)
                    + (s->lcr & LCR_STOP ? 2 : 1);
    uint32_t hz = ((const Ns16550 *)d)->xin_hz;

    return TIMEOUT_CHARS * bits * 16 * (divisor ? divisor : 65536) * UINT64_C(1000000000)
           / (hz ? hz : XIN_HZ);
}

/* ---- modem lines ---- */

/* 8.8: in loopback the outputs are fed to the inputs. */
static uint8_t modem_lines(const Device *d)
{
    const Ns16550State *s = cstate(d);
    bool loop = (s->mcr & MCR_LOOP) != 0;
    bool cts = loop ? (s->mcr & MCR_RTS) != 0 : dev_pin(d, NS16550_CTS);
    bool dsr = loop ? (s->mcr & MCR_DTR) != 0 : dev_pin(d, NS16550_DSR);
    bool ri = loop ? (s->mcr & MCR_OUT1) != 0 : dev_pin(d, NS16550_RI);
    bool dcd = loop ? (s->mcr & MCR_OUT2) != 0 : dev_pin(d, NS16550_DCD);

    return (uint8_t)((cts ? MSR_CTS : 0) | (dsr ? MSR_DSR : 0) | (ri ? MSR_RI : 0)
                     | (dcd ? MSR_DCD : 0));
}

/* 8.9: a change is kept until MSR is read; of RI only the end counts. */
static void modem_update(Device *d)
{
    Ns16550State *s = state(d);
    uint8_t now = modem_lines(d), changed = (now ^ s->msr) & 0xf0;

    if ((now & MSR_RI) != 0) {
        changed &= (uint8_t)~MSR_RI;
    }
    s->msr = (uint8_t)(now | (s->msr & MSR_DELTAS) | changed >> 4);
}

/* ---- receiving ---- */

static uint8_t top_errors(const Ns16550State *s)
{
    return s->used ? (uint8_t)(s->fifo[s->head] >> 8) : 0;
}

/* One character with its errors, from the line or by loopback. */
static void shift_in(Device *d, uint8_t byte, uint8_t errors)
{
    Ns16550State *s = state(d);

    if (s->used >= depth(s)) {
        s->oe = LSR_OE; /* 8.4: with FIFOs the new character is lost, without the old one */
        if (!fifos(s)) {
            s->fifo[s->head] = (uint16_t)(byte | errors << 8);
            s->errors = errors;
        }
        return;
    }
    s->fifo[(s->head + s->used) % FIFO_LEN] = (uint16_t)(byte | errors << 8);
    s->used++;
    if (s->used == 1) {
        s->errors = errors; /* 8.4: errors show when their character is the oldest */
    }
    s->timed_out = 0;
    s->timeout_ns = fifos(s) ? clock_now_ns(d->clock) + timeout_len_ns(d) : 0;
}

static size_t can_receive(const Device *d)
{
    const Ns16550State *s = cstate(d);

    return s->mcr & MCR_LOOP || s->used >= depth(s) ? 0 : depth(s) - s->used;
}

static void receive(Device *d, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n && !(state(d)->mcr & MCR_LOOP); i++) {
        shift_in(d, p[i], 0);
    }
}

/* 8.4: a break is one zero character with its mark, and a framing error. */
static void line_break(Device *d)
{
    if (!(state(d)->mcr & MCR_LOOP)) {
        shift_in(d, 0, LSR_BI | LSR_FE);
    }
}

static uint8_t take_character(Device *d)
{
    Ns16550State *s = state(d);
    uint8_t byte = (uint8_t)s->fifo[s->head];

    if (s->used == 0) {
        return byte; /* the holding register keeps the last character */
    }
    s->used--;
    if (s->used > 0) {
        s->head = (s->head + 1) % FIFO_LEN;
        s->errors = top_errors(s);
        s->timeout_ns = clock_now_ns(d->clock) + timeout_len_ns(d); /* 8.11 */
    } else {
        s->errors = 0;
        s->timeout_ns = 0;
    }
    s->timed_out = 0;
    dev_room(d);
    return byte;
}

static void clear_receiver(Device *d)
{
    Ns16550State *s = state(d);

    s->head = s->used = 0;
    s->fifo[0] = 0;
    s->errors = s->timed_out = 0;
    s->timeout_ns = 0;
    dev_room(d);
}

/* ---- registers ---- */

static bool dlab(Device *d) { return (state(d)->lcr & LCR_DLAB) != 0; }

static uint64_t data_read(Device *d, unsigned i)
{
    (void)i;
    return dlab(d) ? state(d)->dll : take_character(d);
}

static void data_write(Device *d, unsigned i, uint64_t val)
{
    Ns16550State *s = state(d);

    (void)i;
    if (dlab(d)) {
        s->dll = (uint8_t)val;
        return;
    }
    if (s->mcr & MCR_LOOP) {
        shift_in(d, (uint8_t)val, 0);
    } else {
        dev_put(d, (uint8_t)val);
    }
    s->thre = 1; /* 8.6: empty again at once */
}

static uint64_t ier_read(Device *d, unsigned i)
{
    (void)i;
    return dlab(d) ? state(d)->dlm : state(d)->ier;
}

static void ier_write(Device *d, unsigned i, uint64_t val)
{
    Ns16550State *s = state(d);

    (void)i;
    if (dlab(d)) {
        s->dlm = (uint8_t)val;
        return;
    }
    if ((val & IER_TX) != 0 && (s->ier & IER_TX) == 0) {
        s->thre = 1; /* the transmitter is empty, and that is now worth an interrupt */
    }
    s->ier = val & IER_ALL;
}

/* 8.6, table IV. */
static uint8_t interrupt(const Ns16550State *s)
{
    if ((s->ier & IER_LINE) != 0 && (s->oe | s->errors) != 0) {
        return IIR_LINE;
    }
    if ((s->ier & IER_RX) != 0 && s->used >= trigger(s)) {
        return IIR_RX;
    }
    if ((s->ier & IER_RX) != 0 && s->timed_out) {
        return IIR_TIMEOUT;
    }
    if ((s->ier & IER_TX) != 0 && s->thre) {
        return IIR_TX;
    }
    return (s->ier & IER_MODEM) != 0 && (s->msr & MSR_DELTAS) != 0 ? IIR_MODEM : IIR_NONE;
}

static uint64_t iir_read(Device *d, unsigned i)
{
    Ns16550State *s = state(d);
    uint8_t what = interrupt(s);

    (void)i;
    if (what == IIR_TX) {
        s->thre = 0; /* table IV: reading IIR resets it, if it is the source */
    }
    return what | (fifos(s) ? IIR_FIFOS : 0u);
}

/* 8.5: the other bits take effect only together with FCR0; a change of that empties the FIFOs. */
static void fcr_write(Device *d, unsigned i, uint64_t val)
{
    Ns16550State *s = state(d);

    (void)i;
    if (((val ^ s->fcr) & FCR_ON) != 0 || ((val & FCR_ON) != 0 && (val & FCR_CLEAR_RX) != 0)) {
        clear_receiver(d);
    }
    s->fcr = (val & FCR_ON) != 0 ? val & FCR_KEPT : 0;
}

static void mcr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i, (void)val;
    modem_update(d);
    dev_room(d);
}

static uint64_t lsr_read(Device *d, unsigned i)
{
    Ns16550State *s = state(d);
    uint8_t lsr = (uint8_t)(LSR_THRE | LSR_TEMT | (s->used ? LSR_DR : 0) | s->oe | s->errors);

    (void)i;
    for (unsigned k = 0; fifos(s) && k < s->used; k++) {
        if (s->fifo[(s->head + k) % FIFO_LEN] >> 8) {
            lsr |= LSR_FIFO;
        }
    }
    s->oe = 0;
    s->errors = 0;
    if (s->used) {
        s->fifo[s->head] &= 0xff;
    }
    return lsr;
}

static uint64_t msr_read(Device *d, unsigned i)
{
    uint8_t msr = state(d)->msr;

    (void)i;
    state(d)->msr &= (uint8_t)~MSR_DELTAS;
    return msr;
}

/* ---- outputs ---- */

static void pin(Device *d, unsigned n, bool level)
{
    (void)n, (void)level;
    modem_update(d);
}

static void fire(Device *d, unsigned n)
{
    (void)n;
    state(d)->timeout_ns = 0;
    state(d)->timed_out = state(d)->used > 0;
}

static void settle(Device *d)
{
    const Ns16550State *s = state(d);

    irq_set(d->irq[NS16550_INTR], interrupt(s) != IIR_NONE);
    irq_set(d->irq[NS16550_OUT2], (s->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2);
    dev_arm(d, 0, s->timeout_ns ? s->timeout_ns : CLOCK_NEVER);
}

/* Table III: the upper half of MSR is the lines; the divisor has no value of its own. */
static void reset(Device *d) { state(d)->msr = modem_lines(d); }

void ns16550_set_clock_hz(Device *d, uint32_t hz) { ((Ns16550 *)d)->xin_hz = hz; }

void ns16550_set_ready(Device *d)
{
    dev_set_pin(d, NS16550_CTS, true);
    dev_set_pin(d, NS16550_DSR, true);
    dev_set_pin(d, NS16550_DCD, true);
}

/* clang-format off */
#define V(m) REG_VAR(Ns16550, st.m)
#define NONE REG_NO_VAR
#define ROWS(shape, step) \
    /* off      name    shape variable reset wmask    w1c read       write       spec */ \
    { 0 * step, "RBR",  shape, NONE,   0,    0xff,    0,  data_read, data_write, "8.3, T. II" }, \
    { 1 * step, "IER",  shape, NONE,   0,    0xff,    0,  ier_read,  ier_write,  "8.3, 8.7" }, \
    { 2 * step, "IIR",  shape, NONE,   0,    0xff,    0,  iir_read,  fcr_write,  "8.5, 8.6" }, \
    { 3 * step, "LCR",  shape, V(lcr), 0,    0xff,    0,  NULL,      NULL,       "8.1" }, \
    { 4 * step, "MCR",  shape, V(mcr), 0,    MCR_ALL, 0,  NULL,      mcr_write,  "8.8" }, \
    { 5 * step, "LSR",  shape, NONE,   0,    0,       0,  lsr_read,  dev_ignore, "8.4" }, \
    { 6 * step, "MSR",  shape, NONE,   0,    0,       0,  msr_read,  dev_ignore, "8.9" }, \
    { 7 * step, "SCR",  shape, V(scr), 0,    0xff,    0,  NULL,      NULL,       "8.10" },

static const RegDef regs[] = { ROWS(REG_8, 1) };
static const RegDef wide_regs[] = { ROWS(REG_8_WIDE(8), 8) };

static const StateField fields[] = {
    STATE_VAR(Ns16550, st.timeout_ns),
    STATE_VAR_MAX(Ns16550, st.ier, IER_ALL),
    STATE_VAR(Ns16550, st.msr),
    STATE_VAR(Ns16550, st.dll),
    STATE_VAR(Ns16550, st.dlm),
    STATE_VAR(Ns16550, st.fcr),
    STATE_VAR_MAX(Ns16550, st.oe, LSR_OE),
    STATE_VAR_MAX(Ns16550, st.errors, LSR_ERRORS),
    STATE_VAR_MAX(Ns16550, st.thre, 1),
    STATE_VAR_MAX(Ns16550, st.timed_out, 1),
    STATE_VAR_MAX(Ns16550, st.head, FIFO_LEN - 1),
    STATE_VAR_MAX(Ns16550, st.used, FIFO_LEN),
    STATE_ARRAY_MAX(Ns16550, st.fifo, LSR_ERRORS << 8 | 0xff),
};

#define TYPE(name_, rows, bytes, bus) \
    .name = name_, .manual = "PC16550D", .window = bytes, .bus_bytes = bus, .version = 1, \
    .n_irqs = N_NS16550_LINES, .n_pins = N_NS16550_PINS, .n_timers = 1, \
    .settle = settle, .reset = reset, .pin = pin, .fire = fire, \
    .can_receive = can_receive, .receive = receive, .line_break = line_break, \
    DEVICE_LAYOUT(Ns16550, st, rows, fields)

const DeviceType ns16550_type = { TYPE("ns16550", regs, 8, 1) };
const DeviceType ns16550_wide_type = { TYPE("ns16550-wide", wide_regs, 64, 0) };
/* clang-format on */
