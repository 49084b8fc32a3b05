/* SPDX-License-Identifier: MIT */
/*
 * pl011.c - PrimeCell UART (PL011): 16-byte receive FIFO, all interrupts, loopback.
 * Spec: ARM DDI 0183G; UARTCLK is 24 MHz. It identifies as r1p1, whose FIFOs are 16 deep (those of
 * r1p5 are 32), as drivers find it on other emulators' boards.
 * Differs from the part: transmission takes no time, and a UART whose UARTEN is 0 transmits all
 * the same, as an error of the guest: no firmware here enables it, and an early console relies
 * on one that did. A received byte waits at the host until UARTEN and RXE are set.
 * Not modelled: word length and parity (LCR_H is stored), hardware flow control, IrDA, DMA
 * requests (ILPR and DMACR are stored), the test registers, breaks sent.
 */
#include "devices/pl011.h"

enum { FIFO_LEN = 16 };
enum { UARTCLK_HZ = 24000000, TIMEOUT_BITS = 32 };

/* 3.3.1 and 3.3.2: the status bits of UARTRSR; in UARTDR and in the FIFO they are 8 higher. */
enum { RSR_FE = 1u << 0, RSR_PE = 1u << 1, RSR_BE = 1u << 2, RSR_OE = 1u << 3, RSR_ALL = 0xf };
enum { ENTRY_MAX = 0xfff };

enum { /* 3.3.3 */
       FR_CTS = 1u << 0,
       FR_DSR = 1u << 1,
       FR_DCD = 1u << 2,
       FR_RXFE = 1u << 4,
       FR_RXFF = 1u << 6,
       FR_TXFE = 1u << 7,
       FR_RI = 1u << 8,
};

enum { LCR_H_FEN = 1u << 4 }; /* 3.3.7 */

enum { /* 3.3.8 */
       CR_UARTEN = 1u << 0,
       CR_LBE = 1u << 7,
       CR_TXE = 1u << 8,
       CR_RXE = 1u << 9,
       CR_DTR = 1u << 10,
       CR_RTS = 1u << 11,
       CR_OUT1 = 1u << 12,
       CR_OUT2 = 1u << 13,
       CR_MASK = 0xff87,
};

enum { /* 3.3.10 to 3.3.13 */
       INT_RI = 1u << 0,
       INT_CTS = 1u << 1,
       INT_DCD = 1u << 2,
       INT_DSR = 1u << 3,
       INT_MODEM = 0xf,
       INT_RX = 1u << 4,
       INT_TX = 1u << 5,
       INT_RT = 1u << 6,
       INT_FE = 1u << 7,
       INT_PE = 1u << 8,
       INT_BE = 1u << 9,
       INT_OE = 1u << 10,
       INT_ERROR = INT_FE | INT_PE | INT_BE | INT_OE,
       INT_ALL = 0x7ff,
};

typedef struct Pl011State {
    uint64_t timeout_ns; /* of guest time, when RT comes; 0: it does not */
    uint32_t rsr, ilpr, ibrd, fbrd, lcr_h, cr, ifls, imsc, ris, dmacr; /* registers */
    uint32_t modem;          /* the modem lines as last seen, FR bits */
    uint32_t overrun;        /* 0 or 1: the next character carries OE */
    uint32_t head, used;     /* of the FIFO: oldest entry, count */
    uint16_t fifo[FIFO_LEN]; /* 2.4.3: eight bits of data, four of status */
} Pl011State;

typedef struct Pl011 {
    Device dev;
    Pl011State st;
} Pl011;

static Pl011State *state(Device *d) { return &((Pl011 *)d)->st; }
static const Pl011State *cstate(const Device *d) { return &((const Pl011 *)d)->st; }

/* 3.3.7: without FEN the FIFOs are one-byte holding registers. */
static uint32_t depth(const Pl011State *s) { return s->lcr_h & LCR_H_FEN ? FIFO_LEN : 1; }

/* 3.3.9: entries at which the receive interrupt comes. Reserved selections act as 7/8. */
static uint32_t rx_level(const Pl011State *s)
{
    static const uint8_t level[8] = { 2, 4, 8, 12, 14, 14, 14, 14 };

    return s->lcr_h & LCR_H_FEN ? level[s->ifls >> 3 & 7] : 1;
}

/* 3.3.5: 32 bit periods. A divisor of zero is not legal and counts as 1. */
static uint64_t timeout_len_ns(const Pl011State *s)
{
    uint64_t div64 = MAX((uint64_t)s->ibrd << 6 | s->fbrd, 64); /* the divisor in 1/64 */

    return TIMEOUT_BITS * 16 * div64 * (1000000000 / 64) / UARTCLK_HZ;
}

static uint32_t modem_lines(const Device *d)
{
    const Pl011State *s = cstate(d);

    if (s->cr & CR_LBE) {
        /* 3.3.8: the outputs are fed to the inputs */
        return (s->cr & CR_RTS ? FR_CTS : 0u) | (s->cr & CR_DTR ? FR_DSR : 0u)
               | (s->cr & CR_OUT1 ? FR_DCD : 0u) | (s->cr & CR_OUT2 ? FR_RI : 0u);
    }
    return (dev_pin(d, PL011_CTS) ? FR_CTS : 0u) | (dev_pin(d, PL011_DSR) ? FR_DSR : 0u)
           | (dev_pin(d, PL011_DCD) ? FR_DCD : 0u) | (dev_pin(d, PL011_RI) ? FR_RI : 0u);
}

/* 2.8.1: a change of a modem line raises its interrupt. */
static void modem_update(Device *d)
{
    Pl011State *s = state(d);
    uint32_t now = modem_lines(d), changed = now ^ s->modem;

    s->modem = now;
    s->ris |= (changed & FR_CTS ? INT_CTS : 0u) | (changed & FR_DSR ? INT_DSR : 0u)
              | (changed & FR_DCD ? INT_DCD : 0u) | (changed & FR_RI ? INT_RI : 0u);
}

/* ---- receiving ---- */

static bool receiving(const Pl011State *s)
{
    return (s->cr & (CR_UARTEN | CR_RXE)) == (CR_UARTEN | CR_RXE);
}

/* One character with its error bits, from the line or by loopback. */
static void shift_in(Device *d, uint32_t byte, uint32_t errors)
{
    Pl011State *s = state(d);

    if (s->used >= depth(s)) {
        s->overrun = 1; /* 2.4.3: the FIFO keeps what it has */
        s->rsr |= RSR_OE;
        s->ris |= INT_OE;
        return;
    }
    errors |= s->overrun ? RSR_OE : 0u;
    s->overrun = 0;
    s->fifo[(s->head + s->used) % FIFO_LEN] = (uint16_t)(byte | errors << 8);
    s->used++;
    s->ris |= (errors & RSR_FE ? INT_FE : 0u) | (errors & RSR_PE ? INT_PE : 0u)
              | (errors & RSR_BE ? INT_BE : 0u);
    if (s->used >= rx_level(s)) {
        s->ris |= INT_RX;
    }
    s->timeout_ns = clock_now_ns(d->clock) + timeout_len_ns(s);
}

static size_t can_receive(const Device *d)
{
    const Pl011State *s = cstate(d);

    if (!receiving(s) || s->cr & CR_LBE || s->used >= depth(s)) {
        return 0;
    }
    return depth(s) - s->used;
}

static void receive(Device *d, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n && receiving(state(d)) && !(state(d)->cr & CR_LBE); i++) {
        shift_in(d, p[i], 0);
    }
}

/* 3.3.1: a break loads one zero character; its stop bit is missing too. */
static void line_break(Device *d)
{
    if (receiving(state(d)) && !(state(d)->cr & CR_LBE)) {
        shift_in(d, 0, RSR_BE | RSR_FE);
    }
}

/* ---- registers ---- */

static uint64_t dr_read(Device *d, unsigned i)
{
    Pl011State *s = state(d);
    uint32_t entry = s->fifo[s->head];

    (void)i;
    if (s->used == 0) {
        return 0; /* 3.3.1 does not say; zero is our choice */
    }
    s->head = (s->head + 1) % FIFO_LEN;
    s->used--;
    s->rsr = (s->rsr & RSR_OE) | (entry >> 8 & (RSR_FE | RSR_PE | RSR_BE)); /* 3.3.2 */
    if (s->used < rx_level(s)) {
        s->ris &= ~(uint32_t)INT_RX; /* 2.8.2 */
    }
    if (s->used == 0) {
        s->ris &= ~(uint32_t)INT_RT; /* 2.8.4 */
        s->timeout_ns = 0;
    }
    dev_room(d);
    return entry;
}

static void dr_write(Device *d, unsigned i, uint64_t val)
{
    Pl011State *s = state(d);

    (void)i;
    if (!(s->cr & CR_TXE)) {
        dev_guest_error(d, 0, "data written while the transmitter is off, and lost");
        return;
    }
    if (!(s->cr & CR_UARTEN)) {
        dev_guest_error(d, 0, "data written while the UART is off");
    }
    if (!(s->cr & CR_LBE)) {
        dev_put(d, (uint8_t)val);
    } else if (receiving(s)) {
        shift_in(d, (uint8_t)val, 0);
    }
    s->ris |= INT_TX; /* 2.8.3: the FIFO has gone through its level, down to empty */
}

/* 3.3.2: a write of anything clears all the bits. */
static void ecr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i, (void)val;
    state(d)->rsr = 0;
}

static uint64_t fr_read(Device *d, unsigned i)
{
    const Pl011State *s = state(d);

    (void)i;
    return FR_TXFE | s->modem | (s->used == 0 ? FR_RXFE : 0u)
           | (s->used >= depth(s) ? FR_RXFF : 0u);
}

static void control_write(Device *d, unsigned i, uint64_t val)
{
    (void)i, (void)val;
    modem_update(d);
    dev_room(d);
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

/* 3.3.15 to 3.3.22: part 0x011, designer 0x41, revision r1p1 (1), then the PrimeCell number. */
static uint64_t id_read(Device *d, unsigned i)
{
    static const uint8_t id[8] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    (void)d;
    return id[i];
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
    state(d)->ris |= INT_RT;
}

static void settle(Device *d)
{
    const Pl011State *s = state(d);
    uint32_t mis = s->ris & s->imsc;

    irq_set(d->irq[PL011_INTR], mis != 0);
    irq_set(d->irq[PL011_RXINTR], (mis & INT_RX) != 0);
    irq_set(d->irq[PL011_TXINTR], (mis & INT_TX) != 0);
    irq_set(d->irq[PL011_RTINTR], (mis & INT_RT) != 0);
    irq_set(d->irq[PL011_MSINTR], (mis & INT_MODEM) != 0);
    irq_set(d->irq[PL011_EINTR], (mis & INT_ERROR) != 0);
    dev_arm(d, 0, s->timeout_ns ? s->timeout_ns : CLOCK_NEVER);
}

/* 3.2: the modem bits of UARTRIS and UARTFR do not change by a reset; nor do the lines. */
static void reset(Device *d) { state(d)->modem = modem_lines(d); }

/* clang-format off */
#define V(m) REG_VAR(Pl011, st.m)
#define N    REG_32_NARROW
static const RegDef regs[] = {
    /* off   name         shape variable     reset  wmask    w1c read      write          spec */
    { 0x000, "UARTDR",    N, REG_NO_VAR,    0,     0xff,    0,  dr_read,  dr_write,      "3.3.1" },
    { 0x004, "UARTRSR",   N, V(rsr),        0,     0,       0,  NULL,     ecr_write,     "3.3.2" },
    { 0x018, "UARTFR",    N, REG_NO_VAR,    0,     0,       0,  fr_read,  NULL,          "3.3.3" },
    { 0x020, "UARTILPR",  N, V(ilpr),       0,     0xff,    0,  NULL,     NULL,          "3.3.4" },
    { 0x024, "UARTIBRD",  N, V(ibrd),       0,     0xffff,  0,  NULL,     NULL,          "3.3.5" },
    { 0x028, "UARTFBRD",  N, V(fbrd),       0,     0x3f,    0,  NULL,     NULL,          "3.3.6" },
    { 0x02c, "UARTLCR_H", N, V(lcr_h),      0,     0xff,    0,  NULL,     control_write, "3.3.7" },
    { 0x030, "UARTCR",    N, V(cr),         0x300, CR_MASK, 0,  NULL,     control_write, "3.3.8" },
    { 0x034, "UARTIFLS",  N, V(ifls),       0x12,  0x3f,    0,  NULL,     NULL,          "3.3.9" },
    { 0x038, "UARTIMSC",  N, V(imsc),       0,     INT_ALL, 0,  NULL,     NULL,          "3.3.10" },
    { 0x03c, "UARTRIS",   N, V(ris),        0,     0,       0,  NULL,     NULL,          "3.3.11" },
    { 0x040, "UARTMIS",   N, REG_NO_VAR,    0,     0,       0,  mis_read, NULL,          "3.3.12" },
    { 0x044, "UARTICR",   N, REG_NO_VAR,    0,     INT_ALL, 0,  NULL,     icr_write,     "3.3.13" },
    { 0x048, "UARTDMACR", N, V(dmacr),      0,     0x7,     0,  NULL,     NULL,          "3.3.14" },
    { 0xfe0, "UARTID", REG_32_NARROWS(8), REG_NO_VAR, 0, 0, 0, id_read,  NULL,          "3.3.15" },
};

static const StateField fields[] = {
    STATE_VAR(Pl011, st.timeout_ns),
    STATE_VAR_MAX(Pl011, st.modem, FR_CTS | FR_DSR | FR_DCD | FR_RI),
    STATE_VAR_MAX(Pl011, st.overrun, 1),
    STATE_VAR_MAX(Pl011, st.head, FIFO_LEN - 1),
    STATE_VAR_MAX(Pl011, st.used, FIFO_LEN),
    STATE_ARRAY_MAX(Pl011, st.fifo, ENTRY_MAX),
};

const DeviceType pl011_type = {
    .name = "pl011", .manual = "ARM DDI 0183G", .window = 0x1000, .version = 1,
    .n_irqs = 6, .n_pins = 4, .n_timers = 1,
    .settle = settle, .reset = reset, .pin = pin, .fire = fire,
    .can_receive = can_receive, .receive = receive, .line_break = line_break,
    DEVICE_LAYOUT(Pl011, st, regs, fields),
};
/* clang-format on */
