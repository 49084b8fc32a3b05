/* SPDX-License-Identifier: MIT */
/*
 * gicv2.c - Generic Interrupt Controller v2: distributor and CPU interfaces.
 * Spec: ARM IHI 0048B.b, without Security Extensions, with interrupt grouping. Identification
 * is GIC-400's (DDI 0471B). 256 priorities; SGIs cannot be disabled; PPIs are level-sensitive.
 * Not modelled: virtualization extensions, bypass of the legacy interrupt inputs (the bits of
 * GICC_CTLR are stored), lockable SPIs.
 */
#include "devices/gicv2_priv.h"

static void pin(Device *d, unsigned n, bool level)
{
    Gicv2State *s = gic_state(d);

    if (level && n < GICV2_SPIS) {
        s->latched.spi[n / 32] |= s->edge.spi[n / 32] & 1u << n % 32;
    }
}

/* ---- distributor; rows of one bit an interrupt, @i is the word ---- */

static uint64_t typer_read(Device *d, unsigned i)
{
    (void)i;
    return (WORDS - 1) | (gic_cpus(d) - 1) << 5; /* 4.3.2: no security extension, no LSPIs */
}

/* DDI 0471B 3.2.2. */
static uint64_t gicd_iidr_read(Device *d, unsigned i)
{
    (void)d, (void)i;
    return 0x0200143b;
}

static uint64_t group_read(Device *d, unsigned i)
{
    return *gic_word(&gic_state(d)->group, gic_self(d), i);
}

static void group_write(Device *d, unsigned i, uint64_t val)
{
    *gic_word(&gic_state(d)->group, gic_self(d), i) = (uint32_t)val;
}

static uint64_t enable_read(Device *d, unsigned i)
{
    return *gic_word(&gic_state(d)->enabled, gic_self(d), i);
}

static void enable_write(Device *d, unsigned i, uint64_t val)
{
    *gic_word(&gic_state(d)->enabled, gic_self(d), i) |= (uint32_t)val;
}

/* 4.3.6: whether SGIs can be disabled is IMPLEMENTATION DEFINED. */
static void disable_write(Device *d, unsigned i, uint64_t val)
{
    *gic_word(&gic_state(d)->enabled, gic_self(d), i) &= ~(uint32_t)val | (i == 0 ? SGI_WORD : 0u);
}

static uint64_t pending_read(Device *d, unsigned i) { return gic_pending(d, gic_self(d), i); }

/* 4.3.7, 4.3.8: the bits of SGIs are read-only here. */
static uint32_t settable(unsigned i) { return i == 0 ? ~(uint32_t)SGI_WORD : UINT32_MAX; }

static void pend_write(Device *d, unsigned i, uint64_t val)
{
    *gic_word(&gic_state(d)->latched, gic_self(d), i) |= (uint32_t)val & settable(i);
}

static void unpend_write(Device *d, unsigned i, uint64_t val)
{
    *gic_word(&gic_state(d)->latched, gic_self(d), i) &= ~((uint32_t)val & settable(i));
}

static uint64_t active_read(Device *d, unsigned i)
{
    return *gic_word(&gic_state(d)->active, gic_self(d), i);
}

static void activate_write(Device *d, unsigned i, uint64_t val)
{
    *gic_word(&gic_state(d)->active, gic_self(d), i) |= (uint32_t)val;
}

static void deactivate_write(Device *d, unsigned i, uint64_t val)
{
    *gic_word(&gic_state(d)->active, gic_self(d), i) &= ~(uint32_t)val;
}

static uint64_t prio_read(Device *d, unsigned i) { return *gic_prio(gic_state(d), gic_self(d), i); }

static void prio_write(Device *d, unsigned i, uint64_t val)
{
    *gic_prio(gic_state(d), gic_self(d), i) = (uint8_t)val;
}

/* 4.3.12: the first 32 tell the reader its own number; RAZ/WI with one CPU interface. */
static uint64_t target_read(Device *d, unsigned i)
{
    if (gic_cpus(d) == 1) {
        return 0;
    }
    return i < 32 ? 1u << gic_self(d) : gic_state(d)->target[i - 32];
}

static void target_write(Device *d, unsigned i, uint64_t val)
{
    if (i >= 32 && gic_cpus(d) > 1) {
        gic_state(d)->target[i - 32] = val & ((1u << gic_cpus(d)) - 1);
    }
}

/* 4.3.13: two bits an interrupt, the upper one is edge-triggered; @i is 16 interrupts. */
static uint64_t config_read(Device *d, unsigned i)
{
    uint32_t half = gic_edge(gic_state(d), i / 2) >> 16 * (i % 2), val = 0;

    for (unsigned k = 0; k < 16; k++) {
        val |= (half >> k & 1) << (2 * k + 1);
    }
    return val;
}

/* Those of SGIs and, our choice, of PPIs are read-only. The lower bit is reserved. */
static void config_write(Device *d, unsigned i, uint64_t val)
{
    uint32_t half = 0, *edge;

    if (i < 2) {
        return;
    }
    for (unsigned k = 0; k < 16; k++) {
        half |= (uint32_t)(val >> (2 * k + 1) & 1) << k;
    }
    edge = &gic_state(d)->edge.spi[i / 2 - 1];
    *edge = (*edge & 0xffffu << 16 * (1 - i % 2)) | half << 16 * (i % 2);
}

static void send_sgi(Device *d, unsigned to, unsigned id, unsigned from)
{
    Gicv2State *s = gic_state(d);

    s->sgi_from[to][id] |= (uint8_t)(1u << from);
    s->latched.own[to] |= 1u << id;
}

/* 4.3.15 */
static void sgir_write(Device *d, unsigned i, uint64_t val)
{
    unsigned from = gic_self(d), list = val >> 16 & 0xff;

    (void)i;
    switch (val >> 24 & 3) {
    case 0: break;
    case 1: list = 0xff & ~(1u << from); break;
    case 2: list = 1u << from; break;
    case 3: dev_guest_error(d, 0xf00, "reserved target list filter"); return;
    }
    for (unsigned to = 0; to < gic_cpus(d); to++) {
        if (list >> to & 1) {
            send_sgi(d, to, val & 0xf, from);
        }
    }
}

static uint64_t sgi_pending_read(Device *d, unsigned i)
{
    return gic_state(d)->sgi_from[gic_self(d)][i];
}

static void sgi_clear_write(Device *d, unsigned i, uint64_t val) /* 4.3.16 */
{
    uint8_t *from = &gic_state(d)->sgi_from[gic_self(d)][i];

    *from &= (uint8_t)~val;
    if (*from == 0) {
        gic_clear(&gic_state(d)->latched, gic_self(d), i);
    }
}

static void sgi_set_write(Device *d, unsigned i, uint64_t val) /* 4.3.17 */
{
    for (unsigned from = 0; from < gic_cpus(d); from++) {
        if (val >> from & 1) {
            send_sgi(d, gic_self(d), i, from);
        }
    }
}

/* DDI 0471B 3.2: peripheral identification 4 to 7, 0 to 3, then the component's. */
static uint64_t id_read(Device *d, unsigned i)
{
    static const uint8_t id[12] = { 0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1 };

    (void)d;
    return id[i];
}

static void reset(Device *d)
{
    Gicv2State *s = gic_state(d);

    for (unsigned cpu = 0; cpu < CPUS; cpu++) {
        s->enabled.own[cpu] = SGI_WORD;
        s->cpu[cpu].abpr = 1; /* 4.4.8 */
    }
}

void gicv2_set_cpus(Device *d, unsigned n)
{
    g_assert(n >= 1 && n <= GICV2_CPUS);
    ((Gicv2 *)d)->n_cpus = n;
}

/* clang-format off */
#define WORD       REG_32
#define WORD_ARRAY REG_32_ARRAY
#define BYTE_ARRAY REG_8_ARRAY
#define BITMAP     REG_32_ARRAY(WORDS)
#define BYTES      REG_8_ARRAY(GICV2_INTERRUPTS)
#define ANY        0xffffffff
#define APRS       REG_32_ARRAY(APR_WORDS)
/* Rows without a variable: banked registers, and views of bits kept elsewhere. */
#define R(off, name, shape, wmask, read, write, spec) \
    { off, name, shape, REG_NO_VAR, 0, wmask, 0, read, write, spec }
#define C(off, name, shape, wmask, read, write, spec) \
    { GICC_BASE + (off), name, shape, REG_NO_VAR, 0, wmask, 0, read, write, spec }

static const RegDef regs[] = {
    { 0x000, "GICD_CTLR", WORD, REG_VAR(Gicv2, st.ctlr), 0, 3, 0, NULL, NULL, "4.3.1" },
    R(0x004, "GICD_TYPER", WORD, 0, typer_read, NULL, "4.3.2"),
    R(0x008, "GICD_IIDR", WORD, 0, gicd_iidr_read, NULL, "4.3.3"),
    R(0x080, "GICD_IGROUPR", BITMAP, ANY, group_read, group_write, "4.3.4"),
    R(0x100, "GICD_ISENABLER", BITMAP, ANY, enable_read, enable_write, "4.3.5"),
    R(0x180, "GICD_ICENABLER", BITMAP, ANY, enable_read, disable_write, "4.3.6"),
    R(0x200, "GICD_ISPENDR", BITMAP, ANY, pending_read, pend_write, "4.3.7"),
    R(0x280, "GICD_ICPENDR", BITMAP, ANY, pending_read, unpend_write, "4.3.8"),
    R(0x300, "GICD_ISACTIVER", BITMAP, ANY, active_read, activate_write, "4.3.9"),
    R(0x380, "GICD_ICACTIVER", BITMAP, ANY, active_read, deactivate_write, "4.3.10"),
    R(0x400, "GICD_IPRIORITYR", BYTES, 0xff, prio_read, prio_write, "4.3.11"),
    R(0x800, "GICD_ITARGETSR", BYTES, 0xff, target_read, target_write, "4.3.12"),
    R(0xc00, "GICD_ICFGR", WORD_ARRAY(2 * WORDS), ANY, config_read, config_write, "4.3.13"),
    R(0xf00, "GICD_SGIR", WORD, 0x03ff800f, NULL, sgir_write, "4.3.15"),
    R(0xf10, "GICD_CPENDSGIR", BYTE_ARRAY(16), 0xff, sgi_pending_read, sgi_clear_write, "4.3.16"),
    R(0xf20, "GICD_SPENDSGIR", BYTE_ARRAY(16), 0xff, sgi_pending_read, sgi_set_write, "4.3.17"),
    R(0xfd0, "GICD_ID", WORD_ARRAY(12), 0, id_read, NULL, "4.3.18"),

    C(0x00, "GICC_CTLR", WORD, CTLR_MASK, gicc_ctlr_read, gicc_ctlr_write, "4.4.1"),
    C(0x04, "GICC_PMR", WORD, 0xff, gicc_pmr_read, gicc_pmr_write, "4.4.2"),
    C(0x08, "GICC_BPR", WORD, 7, gicc_bpr_read, gicc_bpr_write, "4.4.3"),
    C(0x0c, "GICC_IAR", WORD, 0, gicc_iar_read, NULL, "4.4.4"),
    C(0x10, "GICC_EOIR", WORD, 0x1fff, NULL, gicc_eoir_write, "4.4.5"),
    C(0x14, "GICC_RPR", WORD, 0, gicc_rpr_read, NULL, "4.4.6"),
    C(0x18, "GICC_HPPIR", WORD, 0, gicc_hppir_read, NULL, "4.4.7"),
    C(0x1c, "GICC_ABPR", WORD, 7, gicc_abpr_read, gicc_abpr_write, "4.4.8"),
    C(0x20, "GICC_AIAR", WORD, 0, gicc_aiar_read, NULL, "4.4.11"),
    C(0x24, "GICC_AEOIR", WORD, 0x1fff, NULL, gicc_aeoir_write, "4.4.12"),
    C(0x28, "GICC_AHPPIR", WORD, 0, gicc_ahppir_read, NULL, "4.4.13"),
    C(0xd0, "GICC_APR", APRS, ANY, gicc_apr_read, gicc_apr_write, "4.4.9"),
    C(0xe0, "GICC_NSAPR", APRS, ANY, gicc_nsapr_read, gicc_nsapr_write, "4.4.10"),
    C(0xfc, "GICC_IIDR", WORD, 0, gicc_iidr_read, NULL, "4.4.14"),
    C(0x1000, "GICC_DIR", WORD, 0x1fff, NULL, gicc_dir_write, "4.4.15"),
};

#define BITS(m) STATE_ARRAY(Gicv2, st.m.own), STATE_ARRAY(Gicv2, st.m.spi)
/* The members of the whole array, row after row. */
#define TABLE(m, cell) \
    { #m, offsetof(Gicv2, st.m), sizeof(((Gicv2 *)0)->st.cell), \
      sizeof(((Gicv2 *)0)->st.m) / (sizeof(((Gicv2 *)0)->st.cell)), \
      UINT64_MAX >> (64 - 8 * sizeof(((Gicv2 *)0)->st.cell)) }
static const StateField fields[] = {
    BITS(enabled), BITS(group), BITS(active), BITS(latched), BITS(edge),
    TABLE(prio, prio[0][0]), STATE_ARRAY(Gicv2, st.spi_prio), STATE_ARRAY(Gicv2, st.target),
    TABLE(sgi_from, sgi_from[0][0]), TABLE(cpu, cpu[0].ctlr),
};

static const DevWindowDef windows[] = {
    [GICV2_DISTRIBUTOR]   = { "distributor", 0, 0x1000, false },
    [GICV2_CPU_INTERFACE] = { "cpu-interface", GICC_BASE, 0x2000, false },
};

const DeviceType gicv2_type = {
    .name = "gicv2", .manual = "ARM IHI 0048B", .window = GICC_BASE + 0x2000, .version = 1,
    .windows = windows, .n_windows = G_N_ELEMENTS(windows),
    .n_irqs = 2 * CPUS, .n_pins = GICV2_SPIS + GICV2_PPIS * CPUS,
    .settle = gic_settle, .reset = reset, .pin = pin,
    DEVICE_LAYOUT(Gicv2, st, regs, fields),
};
/* clang-format on */
