/* SPDX-License-Identifier: MIT */
/* gicv2_cpu.c - GICv2 CPU interfaces: the choice of an interrupt, its acknowledge, its end. */
#include "devices/gicv2_priv.h"

/* ---- which interrupt is next ---- */

/* Levels of 32 inputs. The pins are in the order of the words, then two CPUs' PPIs a word. */
static uint32_t inputs(const Device *d, unsigned cpu, unsigned w)
{
    if (w > 0) {
        return d->level[w - 1];
    }
    return (d->level[SPI_WORDS + cpu / 2] >> 16 * (cpu % 2)) << 16;
}

uint32_t gic_edge(const Gicv2State *s, unsigned w)
{
    return w == 0 ? SGI_WORD : s->edge.spi[w - 1];
}

/* 1.4.2: pending is the latch, or for a level-sensitive interrupt its input. */
uint32_t gic_pending(Device *d, unsigned cpu, unsigned w)
{
    Gicv2State *s = gic_state(d);

    return *gic_word(&s->latched, cpu, w) | (inputs(d, cpu, w) & ~gic_edge(s, w));
}

/* 4.3.12: with one CPU interface, all interrupts target it. */
static bool targets(Device *d, unsigned cpu, unsigned id)
{
    return id < 32 || gic_cpus(d) == 1 || (gic_state(d)->target[id - 32] >> cpu & 1);
}

/* 4.3.1: interrupts of a group disabled here do not reach the CPU interfaces. */
static uint32_t forwarded(Gicv2State *s, unsigned cpu, unsigned w)
{
    uint32_t group = *gic_word(&s->group, cpu, w);

    return (s->ctlr & CTLR_GRP0 ? ~group : 0u) | (s->ctlr & CTLR_GRP1 ? group : 0u);
}

/* 3.3: the pending interrupt of highest priority, the lowest number among equals. */
static Best highest(Device *d, unsigned cpu)
{
    Gicv2State *s = gic_state(d);
    Best best = { ID_NONE, IDLE, 0 };

    for (unsigned w = 0; w < WORDS; w++) {
        uint32_t bits = gic_pending(d, cpu, w) & *gic_word(&s->enabled, cpu, w)
                        & ~*gic_word(&s->active, cpu, w);

        for (bits = bits ? bits & forwarded(s, cpu, w) : 0; bits; bits &= bits - 1) {
            unsigned id = 32 * w + (unsigned)__builtin_ctz(bits);

            if (*gic_prio(s, cpu, id) < best.prio && targets(d, cpu, id)) {
                best.id = id;
                best.prio = *gic_prio(s, cpu, id);
            }
        }
    }
    best.group = best.id != ID_NONE && gic_test(&s->group, cpu, best.id);
    return best;
}

/* 3.3.3: the part of the priority that decides on preemption. */
static unsigned group_prio(const Interface *c, Best b)
{
    unsigned n = b.group && !(c->ctlr & CTLR_CBPR) ? c->abpr - 1 : c->bpr;

    return b.prio & 0xffu << ((n & 7) + 1);
}

/* The lowest bit of the active priorities of a group; APR_WORDS * 32 if none. */
static unsigned lowest_active(const uint32_t *apr)
{
    for (unsigned k = 0; k < APR_WORDS; k++) {
        if (apr[k]) {
            return 32 * k + (unsigned)__builtin_ctz(apr[k]);
        }
    }
    return 32 * APR_WORDS;
}

/* 4.4.6: one bit for each two priorities, so that none active gives IDLE. */
static unsigned running(const Interface *c)
{
    return 2 * MIN(lowest_active(c->apr[0]), lowest_active(c->apr[1]));
}

static bool group_enabled(const Interface *c, unsigned group) { return c->ctlr >> group & 1; }

/* 3.3: whether the CPU interface signals it. */
static bool signalled(const Interface *c, Best b)
{
    return b.id != ID_NONE && group_enabled(c, b.group) && b.prio < c->pmr
           && group_prio(c, b) < running(c);
}

void gic_settle(Device *d)
{
    for (unsigned cpu = 0; cpu < gic_cpus(d); cpu++) {
        const Interface *c = &gic_state(d)->cpu[cpu];
        Best b = highest(d, cpu);
        bool on = signalled(c, b), fiq = b.group == 0 && (c->ctlr & CTLR_FIQ);

        irq_set(d->irq[gicv2_irq_line(cpu)], on && !fiq);
        irq_set(d->irq[gicv2_fiq_line(cpu)], on && fiq);
    }
}

/* ---- CPU interface ---- */

static Interface *interface(Device *d) { return &gic_state(d)->cpu[gic_self(d)]; }

/* 4.4.4: the SGI's sender, in the bits of IAR; the lowest-numbered first. */
static unsigned sender(Device *d, unsigned cpu, unsigned id)
{
    uint8_t from = id < 16 ? gic_state(d)->sgi_from[cpu][id] : 0;

    return from ? (unsigned)__builtin_ctz(from) : 0;
}

/* 1.4.2: pending becomes active; a level or another sender keeps it pending as well. */
static uint64_t acknowledge(Device *d, Best b)
{
    Gicv2State *s = gic_state(d);
    unsigned cpu = gic_self(d), from = sender(d, cpu, b.id),
             level = group_prio(interface(d), b) / 2;

    interface(d)->apr[b.group][level / 32] |= 1u << level % 32;
    *gic_word(&s->active, cpu, b.id / 32) |= 1u << b.id % 32;
    if (b.id < 16) {
        s->sgi_from[cpu][b.id] &= (uint8_t) ~(1u << from);
    }
    if (b.id >= 16 || s->sgi_from[cpu][b.id] == 0) {
        gic_clear(&s->latched, cpu, b.id);
    }
    return b.id | from << ID_CPU_SHIFT;
}

/* 4.4.4, table 4-34: interrupts of group 1 are acknowledged here only if AckCtl says so. */
uint64_t gicc_iar_read(Device *d, unsigned i)
{
    const Interface *c = interface(d);
    Best b = highest(d, gic_self(d));

    (void)i;
    if (!signalled(c, b)) {
        return ID_NONE;
    }
    return b.group == 0 || c->ctlr & CTLR_ACK ? acknowledge(d, b) : ID_GROUP1;
}

uint64_t gicc_aiar_read(Device *d, unsigned i) /* 4.4.11 */
{
    Best b = highest(d, gic_self(d));

    (void)i;
    return signalled(interface(d), b) && b.group == 1 ? acknowledge(d, b) : ID_NONE;
}

static uint64_t name_of(Device *d, Best b)
{
    return b.id | sender(d, gic_self(d), b.id) << ID_CPU_SHIFT;
}

/* 4.4.7: not subject to the priority mask, nor to what is running. */
uint64_t gicc_hppir_read(Device *d, unsigned i)
{
    const Interface *c = interface(d);
    Best b = highest(d, gic_self(d));

    (void)i;
    if (b.id == ID_NONE || !group_enabled(c, b.group)) {
        return ID_NONE;
    }
    return b.group == 0 || c->ctlr & CTLR_ACK ? name_of(d, b) : ID_GROUP1;
}

uint64_t gicc_ahppir_read(Device *d, unsigned i) /* 4.4.13 */
{
    Best b = highest(d, gic_self(d));

    (void)i;
    return b.id != ID_NONE && b.group == 1 && group_enabled(interface(d), 1) ? name_of(d, b)
                                                                             : ID_NONE;
}

uint64_t gicc_rpr_read(Device *d, unsigned i)
{
    (void)i;
    return MIN(running(interface(d)), 0xff); /* 4.4.6: idle is 0xff */
}

/*
 * 4.4.5: drops the running priority and, without EOImode, deactivates. An identifier other than
 * of the interrupt last acknowledged is UNPREDICTABLE: the highest active priority of its group
 * drops, and the interrupt named is deactivated.
 */
static void end_of_interrupt(Device *d, uint64_t val, uint32_t off, bool only_group1)
{
    Gicv2State *s = gic_state(d);
    unsigned id = val & ID_MASK, cpu = gic_self(d), group, low;
    Interface *c = interface(d);

    if (id >= GICV2_INTERRUPTS) {
        if (id < ID_GROUP1) {
            dev_guest_error(d, off, "end of interrupt %u, which does not exist", id);
        }
        return; /* 4.4.5: the spurious identifiers have no effect */
    }
    group = gic_test(&s->group, cpu, id);
    low = lowest_active(c->apr[group]);
    if ((only_group1 && group == 0) || low == 32 * APR_WORDS) {
        dev_guest_error(d, off, "end of interrupt %u, which is not running", id);
        return;
    }
    c->apr[group][low / 32] &= ~(1u << low % 32);
    if (!(c->ctlr & CTLR_EOIMODE)) {
        gic_clear(&s->active, cpu, id);
    }
}

void gicc_eoir_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    end_of_interrupt(d, val, GICC_BASE + 0x10, false);
}

void gicc_aeoir_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    end_of_interrupt(d, val, GICC_BASE + 0x24, true);
}

/* 4.4.15: without EOImode, or of an interrupt that is not active, UNPREDICTABLE: no effect. */
void gicc_dir_write(Device *d, unsigned i, uint64_t val)
{
    unsigned id = val & ID_MASK;

    (void)i;
    if (id >= GICV2_INTERRUPTS || !(interface(d)->ctlr & CTLR_EOIMODE)) {
        dev_guest_error(d, GICC_BASE + 0x1000, "deactivation of %u is not possible", id);
        return;
    }
    gic_clear(&gic_state(d)->active, gic_self(d), id);
}

uint64_t gicc_ctlr_read(Device *d, unsigned i)
{
    (void)i;
    return interface(d)->ctlr;
}

void gicc_ctlr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    interface(d)->ctlr = val & CTLR_MASK;
}

uint64_t gicc_pmr_read(Device *d, unsigned i)
{
    (void)i;
    return interface(d)->pmr;
}

void gicc_pmr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    interface(d)->pmr = val & 0xff;
}

uint64_t gicc_bpr_read(Device *d, unsigned i)
{
    (void)i;
    return interface(d)->bpr;
}

void gicc_bpr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    interface(d)->bpr = val & 7;
}

uint64_t gicc_abpr_read(Device *d, unsigned i)
{
    (void)i;
    return interface(d)->abpr;
}

void gicc_abpr_write(Device *d, unsigned i, uint64_t val)
{
    (void)i;
    interface(d)->abpr = MAX(val & 7, 1); /* 4.4.8: one above the minimum of GICC_BPR */
}

uint64_t gicc_apr_read(Device *d, unsigned i) { return interface(d)->apr[0][i]; }
void gicc_apr_write(Device *d, unsigned i, uint64_t v) { interface(d)->apr[0][i] = (uint32_t)v; }
uint64_t gicc_nsapr_read(Device *d, unsigned i) { return interface(d)->apr[1][i]; }
void gicc_nsapr_write(Device *d, unsigned i, uint64_t v) { interface(d)->apr[1][i] = (uint32_t)v; }

/* DDI 0471B 3.3.2: GIC-400 r0p1, GICv2, ARM. */
uint64_t gicc_iidr_read(Device *d, unsigned i)
{
    (void)d, (void)i;
    return 0x0202143b;
}
