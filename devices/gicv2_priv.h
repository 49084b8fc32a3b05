/* SPDX-License-Identifier: MIT */
/* gicv2_priv.h - the state of a GICv2, as its distributor and its CPU interfaces share it. */
#ifndef DEVICES_GICV2_PRIV_H
#define DEVICES_GICV2_PRIV_H

#include "devices/gicv2.h"

enum { CPUS = GICV2_CPUS, SPI_WORDS = GICV2_SPIS / 32, WORDS = SPI_WORDS + 1 };
enum { GICC_BASE = 0x10000 }; /* of the CPU interface in our register space */

enum { ID_GROUP1 = 1022, ID_NONE = 1023, ID_MASK = 0x3ff, ID_CPU_SHIFT = 10 };
enum { IDLE = 0x100 }; /* running priority of a CPU without active interrupt */
enum { APR_WORDS = 4 };
enum { SGI_WORD = 0xffff }; /* of the first 32: SGIs, the rest are PPIs */

enum { /* 4.4.1 */
       CTLR_GRP0 = 1u << 0,
       CTLR_GRP1 = 1u << 1,
       CTLR_ACK = 1u << 2,
       CTLR_FIQ = 1u << 3,
       CTLR_CBPR = 1u << 4,
       CTLR_EOIMODE = 1u << 9,
       CTLR_MASK = 0x3ff,
};

/* One bit an interrupt; the first 32 are banked. */
typedef struct Bits {
    uint32_t own[CPUS];
    uint32_t spi[SPI_WORDS];
} Bits;

/* The registers of one CPU interface. */
typedef struct Interface {
    uint32_t ctlr, pmr, bpr, abpr;
    uint32_t apr[2][APR_WORDS]; /* by group: GICC_APRn, GICC_NSAPRn */
} Interface;

typedef struct Gicv2State {
    uint32_t ctlr; /* GICD_CTLR */
    Bits enabled, group, active;
    Bits latched; /* pending but for the level of the input */
    Bits edge;    /* edge-triggered; banked words unused: SGIs are, PPIs are not */
    uint8_t prio[CPUS][32], spi_prio[GICV2_SPIS];
    uint8_t target[GICV2_SPIS];
    uint8_t sgi_from[CPUS][16]; /* CPUs that have sent each SGI */
    Interface cpu[CPUS];
} Gicv2State;

typedef struct Gicv2 {
    Device dev;
    unsigned n_cpus;
    Gicv2State st;
} Gicv2;

/* An interrupt chosen for a CPU. */
typedef struct Best {
    unsigned id; /* ID_NONE: there is none */
    unsigned prio;
    unsigned group;
} Best;

static inline Gicv2State *gic_state(Device *d) { return &((Gicv2 *)d)->st; }

static inline unsigned gic_cpus(const Device *d) { return MAX(1, ((const Gicv2 *)d)->n_cpus); }

/* The CPU that makes the present access. */
static inline unsigned gic_self(const Device *d) { return MIN(dev_cpu(d), gic_cpus(d) - 1); }

static inline uint32_t *gic_word(Bits *b, unsigned cpu, unsigned w)
{
    return w == 0 ? &b->own[cpu] : &b->spi[w - 1];
}

static inline bool gic_test(Bits *b, unsigned cpu, unsigned id)
{
    return *gic_word(b, cpu, id / 32) >> id % 32 & 1;
}

static inline void gic_clear(Bits *b, unsigned cpu, unsigned id)
{
    *gic_word(b, cpu, id / 32) &= ~(1u << id % 32);
}

static inline uint8_t *gic_prio(Gicv2State *s, unsigned cpu, unsigned id)
{
    return id < 32 ? &s->prio[cpu][id] : &s->spi_prio[id - 32];
}

/* Edge-triggered ones, and pending ones, of 32 interrupts of a CPU. */
uint32_t gic_edge(const Gicv2State *s, unsigned w);
uint32_t gic_pending(Device *d, unsigned cpu, unsigned w);
void gic_settle(Device *d);

/* Register hooks of the CPU interface. */
uint64_t gicc_iar_read(Device *d, unsigned i);
uint64_t gicc_aiar_read(Device *d, unsigned i);
uint64_t gicc_hppir_read(Device *d, unsigned i);
uint64_t gicc_ahppir_read(Device *d, unsigned i);
uint64_t gicc_rpr_read(Device *d, unsigned i);
void gicc_eoir_write(Device *d, unsigned i, uint64_t val);
void gicc_aeoir_write(Device *d, unsigned i, uint64_t val);
void gicc_dir_write(Device *d, unsigned i, uint64_t val);
uint64_t gicc_ctlr_read(Device *d, unsigned i);
void gicc_ctlr_write(Device *d, unsigned i, uint64_t val);
uint64_t gicc_pmr_read(Device *d, unsigned i);
void gicc_pmr_write(Device *d, unsigned i, uint64_t val);
uint64_t gicc_bpr_read(Device *d, unsigned i);
void gicc_bpr_write(Device *d, unsigned i, uint64_t val);
uint64_t gicc_abpr_read(Device *d, unsigned i);
void gicc_abpr_write(Device *d, unsigned i, uint64_t val);
uint64_t gicc_apr_read(Device *d, unsigned i);
void gicc_apr_write(Device *d, unsigned i, uint64_t val);
uint64_t gicc_nsapr_read(Device *d, unsigned i);
void gicc_nsapr_write(Device *d, unsigned i, uint64_t val);
uint64_t gicc_iidr_read(Device *d, unsigned i);

#endif
