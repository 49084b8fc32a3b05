/* SPDX-License-Identifier: MIT */
/*
 * piix4_pm.c - power management of PIIX4 (function 3): timer, power button, alarm, soft-off.
 * Spec: Intel 82371AB (PIIX4, order 290562) chapter 7.
 * Differs from the part: soft-off is at once; the part waits for the CPU's stop grant cycle.
 * Not modelled: the other suspend states, device monitors, GPIO, the SMBus controller, SMI: there
 * is no SMM. DEVACTB says that the APM port raises SMI already, by which firmware knows that it has
 * nothing to set up.
 * Configuration registers that are not here read as zero.
 */
#include "devices/piix.h"

enum { TIMER_HZ = 3579545, NS = 1000000000, TIMER_MASK = 0xffffff, TIMER_TOP = 23 };

/* 7.2: I/O registers. */
enum { STS_TMROF = 1 << 0, STS_BM = 1 << 4, STS_GBL = 1 << 5, STS_BUTTON = 1 << 8 };
enum { STS_RTC = 1 << 10, STS_RESUME = 1 << 15 };
enum { STS_ALL = STS_TMROF | STS_BM | STS_GBL | STS_BUTTON | STS_RTC | STS_RESUME };
enum { EN_ALL = STS_TMROF | STS_GBL | STS_BUTTON | STS_RTC };
enum { CNTRL_SCI_EN = 1, CNTRL_SUS_TYP = 7 << 10, CNTRL_SUS_EN = 1 << 13 };
enum { CNTRL_WRITE = 7 | CNTRL_SUS_TYP | CNTRL_SUS_EN };

/* Thermal, USB, GPI, ring and lid: nothing here raises them. */
enum { GP_ALL = 1 << 0 | 0xf << 8 };

enum { PMBA = 0xffc0, PM_BYTES = 0x40, PMREGMISC_ON = 1, DEVACTB_APMC = 1 << 25 };

typedef struct PmState {
    PciHead pci;
    uint64_t seen; /* tick up to which STS_TMROF says what happened */
    uint32_t pmba, pmregmisc;
    uint16_t sts, en, cntrl;
    uint16_t off; /* 0 or 1: the guest has turned the machine off */
    uint16_t gpsts, gpen;
    uint32_t zero;
} PmState;

typedef struct Pm {
    Device dev;
    bool acpi_only; /* of the set-up */
    PmState st;
} Pm;

static PmState *state(Device *d) { return &((Pm *)d)->st; }
static const PmState *cstate(const Device *d) { return &((const Pm *)d)->st; }

/* ---- the timer: 7.2.4 ---- */

static uint64_t tick_now(const Device *d)
{
    uint64_t ns = clock_now_ns(d->clock);

    return ns / NS * TIMER_HZ + ns % NS * TIMER_HZ / NS;
}

static uint64_t tick_ns(uint64_t tick)
{
    return tick / TIMER_HZ * NS + (tick % TIMER_HZ * NS + TIMER_HZ - 1) / TIMER_HZ;
}

/* 7.2.1: each change of the highest bit is a carry. */
static void catch_up(Device *d)
{
    PmState *s = state(d);
    uint64_t now = tick_now(d);

    if (now >> TIMER_TOP != s->seen >> TIMER_TOP) {
        s->sts |= STS_TMROF;
    }
    s->seen = now;
}

static uint64_t timer_read(Device *d, unsigned i)
{
    (void)i;
    return tick_now(d) & TIMER_MASK;
}

/* ---- registers ---- */

static uint64_t devactb_read(Device *d, unsigned i)
{
    (void)d, (void)i;
    return DEVACTB_APMC;
}

static uint64_t sts_read(Device *d, unsigned i)
{
    (void)i;
    catch_up(d);
    return state(d)->sts;
}

/* 7.2.3: type 0 is soft-off. */
static void cntrl_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    state(d)->cntrl &= (uint16_t)~CNTRL_SUS_EN; /* reads as zero */
    if (!(val & CNTRL_SUS_EN)) {
        return;
    }
    if ((val & CNTRL_SUS_TYP) == 0) {
        state(d)->off = 1;
    } else {
        dev_guest_error(d, 0x104, "suspend type %u is not modelled",
                        (unsigned)(val & CNTRL_SUS_TYP) >> 10);
    }
}

static void place(const Device *d, unsigned i, DevPlace *at)
{
    const PmState *s = cstate(d);

    if (i == 1 && (s->pmregmisc & PMREGMISC_ON) != 0) {
        *at = (DevPlace){ .space = SPACE_PORTS, .base = s->pmba & PMBA, .bytes = PM_BYTES };
    }
}

/* ---- outputs ---- */

static void pin(Device *d, unsigned n, bool level)
{
    static const uint16_t sts[] = { [PIIX4_PM_BUTTON] = STS_BUTTON, [PIIX4_PM_CLOCK] = STS_RTC };

    state(d)->sts |= level ? sts[n] : 0;
}

static void fire(Device *d, unsigned n)
{
    (void)n;
    catch_up(d);
}

static void settle(Device *d)
{
    const PmState *s = state(d);
    bool wait = (s->en & STS_TMROF) != 0 && (s->sts & STS_TMROF) == 0;

    irq_set(d->irq[PIIX4_PM_SCI], (s->cntrl & CNTRL_SCI_EN) != 0 && (s->sts & s->en) != 0);
    irq_set(d->irq[PIIX4_PM_OFF], s->off);
    dev_arm(d, 0, wait ? tick_ns(((s->seen >> TIMER_TOP) + 1) << TIMER_TOP) : CLOCK_NEVER);
}

static void reset(Device *d)
{
    state(d)->seen = tick_now(d);
    state(d)->cntrl = ((Pm *)d)->acpi_only ? CNTRL_SCI_EN : 0;
}

void piix4_pm_set_acpi_only(Device *d) { ((Pm *)d)->acpi_only = true; }

/* clang-format off */
#define V(m)     REG_VAR(Pm, st.m)
#define L        REG_32_LANES
#define REG_16_L 2, REG_LANES, 1, 2
static const RegDef regs[] = {
    PCI_HEAD_ROWS(Pm, st.pci, 0x71138086, 0x02800000, PCI_IO, 0x06800003, 0),
    PCI_NO_BARS(Pm, st.pci),
    PCI_TAIL_ROWS(Pm, st.pci, 0, 0x100, 0xff),
    /* off  name         shape variable  reset wmask w1c read      write        spec */
    { 0x40, "PMBA",      L, V(pmba),      1,    PMBA, 0,  NULL,     NULL,        "7.1.9" },
    { 0x58, "DEVACTB",   L, REG_NO_VAR, 0, 0, 0, devactb_read, NULL,         "7.1.14" },
    { 0x80, "PMREGMISC", L, V(pmregmisc), 0,    PMREGMISC_ON, 0, NULL, NULL,     "7.1.22" },
    { 0x100, "PMSTS",   REG_16_L, V(sts),   0, 0,          STS_ALL, sts_read, NULL, "7.2.1" },
    { 0x102, "PMEN",    REG_16_L, V(en),    0, EN_ALL,     0,       NULL,     NULL, "7.2.2" },
    { 0x104, "PMCNTRL", REG_16_L, V(cntrl), 0, CNTRL_WRITE, 0, NULL, cntrl_write,    "7.2.3" },
    { 0x108, "PMTMR",   REG_32_NARROW, REG_NO_VAR, 0, 0,   0, timer_read,     NULL, "7.2.4" },
    { 0x10c, "GPSTS",   REG_16_L, V(gpsts), 0, 0,          GP_ALL,  NULL,     NULL, "7.2.5" },
    { 0x10e, "GPEN",    REG_16_L, V(gpen),  0, GP_ALL,     0,       NULL,     NULL, "7.2.6" },
};

static const StateField fields[] = {
    STATE_VAR(Pm, st.seen),
    STATE_VAR_MAX(Pm, st.off, 1),
    STATE_VAR_MAX(Pm, st.zero, 0),
};

static const DevWindowDef windows[] = {
    { .name = "config", .size = PCI_CONFIG_BYTES, .moves = true },
    { .name = "pm", .off = 0x100, .size = PM_BYTES, .moves = true },
};

static const PciDef pci = { .intx = 0 };

const DeviceType piix4_pm_type = {
    .name = "piix4-pm", .manual = "Intel 290562", .window = 0x140, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows), .place = place, .pci = &pci,
    .n_irqs = N_PIIX4_PM_LINES, .n_pins = N_PIIX4_PM_PINS, .n_timers = 1,
    .settle = settle, .reset = reset, .pin = pin, .fire = fire,
    DEVICE_LAYOUT(Pm, st, regs, fields),
};
/* clang-format on */
