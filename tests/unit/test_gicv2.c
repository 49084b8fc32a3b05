/* SPDX-License-Identifier: MIT */
/* test_gicv2.c - what IHI 0048B promises, section by section. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/gicv2.h"
#include "tests/unit/dev_bench.h"

enum { D_CTLR = 0x000, TYPER = 0x004, D_IIDR = 0x008, GROUP = 0x080, ENABLE = 0x100 };
enum { DISABLE = 0x180, PEND = 0x200, UNPEND = 0x280, ACTIVATE = 0x300, DEACTIVATE = 0x380 };
enum { PRIO = 0x400, TARGET = 0x800, CONFIG = 0xc00, SGIR = 0xf00, SGI_CLEAR = 0xf10 };
enum { SGI_SET = 0xf20, D_ID = 0xfd0 };
enum { C = 0x10000, C_CTLR = C, PMR = C + 4, BPR = C + 8, IAR = C + 0xc, EOIR = C + 0x10 };
enum { RPR = C + 0x14, HPPIR = C + 0x18, ABPR = C + 0x1c, AIAR = C + 0x20, AEOIR = C + 0x24 };
enum { AHPPIR = C + 0x28, APR = C + 0xd0, NSAPR = C + 0xe0, C_IIDR = C + 0xfc, C_DIR = C + 0x1000 };
enum { NONE = 1023 };

static Bench b;
static void power_on(void) { bench_on(&b, &gicv2_type); }
static void power_off(void) { bench_off(&b); }
TestSuite(gicv2, .init = power_on, .fini = power_off);

static bool irq(void) { return b.line[gicv2_irq_line(b.cpu)].level; }
static bool fiq(void) { return b.line[gicv2_fiq_line(b.cpu)].level; }

static void wr8(uint32_t off, uint8_t val) { dev_write(b.dev, off, 1, val); }
static void set_bit(uint32_t reg, unsigned id) { wr(&b, reg + id / 32 * 4, 1u << id % 32); }
static bool get_bit(uint32_t reg, unsigned id) { return rd(&b, reg + id / 32 * 4) >> id % 32 & 1; }
static void to_group1(unsigned id)
{
    uint32_t off = GROUP + id / 32 * 4;

    wr(&b, off, rd(&b, off) | 1u << id % 32);
}

static void spi(unsigned id, bool level) { dev_set_pin(b.dev, gicv2_spi_pin(id), level); }

/* As Linux sets it up: group 0, mask open. */
static void open_gate(void)
{
    wr(&b, D_CTLR, 1);
    wr(&b, C_CTLR, 1);
    wr(&b, PMR, 0xf0);
}

static void ready(unsigned id, uint8_t prio)
{
    wr8(PRIO + id, prio);
    set_bit(ENABLE, id);
}

static void make_edge(unsigned id)
{
    uint32_t off = CONFIG + id / 16 * 4;

    wr(&b, off, rd(&b, off) | 2u << 2 * (id % 16));
}

/* Several CPUs: the count is of the set-up, before reset. */
static void with_cpus(unsigned n)
{
    gicv2_set_cpus(b.dev, n);
    dev_reset(b.dev);
    for (b.cpu = 0; b.cpu < n; b.cpu++) {
        open_gate();
    }
    b.cpu = 0;
}

Test(gicv2, reset_values_and_identification) /* 4.3.2, 4.3.18 */
{
    static const uint32_t id[12] = { 4, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1 };

    cr_expect(eq(u32, rd(&b, TYPER), 8)); /* 288 interrupts, one CPU */
    cr_expect(eq(u32, rd(&b, D_IIDR), 0x0200143b));
    cr_expect(eq(u32, rd(&b, C_IIDR), 0x0202143b));
    cr_expect(eq(u32, rd(&b, ENABLE), 0xffff));
    cr_expect(eq(u32, rd(&b, CONFIG), 0xaaaaaaaa));
    cr_expect(eq(u32, rd(&b, CONFIG + 4), 0));
    cr_expect(eq(u32, rd(&b, ABPR), 1));
    cr_expect(eq(u32, rd(&b, RPR), 0xff));
    cr_expect(eq(u32, rd(&b, IAR), NONE));
    cr_expect(eq(u32, rd(&b, HPPIR), NONE));
    for (unsigned i = 0; i < 12; i++) {
        cr_expect(eq(u32, rd(&b, D_ID + 4 * i), id[i]));
    }
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(gicv2, windows_are_the_two_parts)
{
    DevWindow *w = &b.dev->window[GICV2_CPU_INTERFACE];

    cr_expect(eq(u64, dev_window_read(&b.dev->window[GICV2_DISTRIBUTOR], 4, 4), 8));
    cr_expect(eq(u64, dev_window_read(w, 0xfc, 4), 0x0202143b));
    dev_window_write(w, 4, 0xa0, 4);
    cr_expect(eq(u32, rd(&b, PMR), 0xa0));
    cr_expect(eq(u64, dev_window_read(&b.dev->window[GICV2_DISTRIBUTOR], 0x100fc, 4), 0));
    cr_expect(eq(u64, b.dev->guest_errors, 1));
}

Test(gicv2, each_gate_holds_the_interrupt_back) /* 2.2 */
{
    static const struct {
        uint32_t reg, closed, opened;
    } gate[] = {
        { D_CTLR, 0, 1 },
        { C_CTLR, 0, 1 },
        { PMR, 0xa0, 0xa1 },
        { ENABLE + 4, 0, 2 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(gate); i++) {
        dev_reset(b.dev);
        open_gate();
        wr8(PRIO + 33, 0xa0);
        for (unsigned k = 0; k < G_N_ELEMENTS(gate); k++) {
            wr(&b, gate[k].reg, k == i ? gate[k].closed : gate[k].opened);
        }
        spi(33, true);
        cr_expect(not(irq()), "gate %u", i);
        cr_expect(eq(u32, rd(&b, IAR), NONE), "gate %u", i);
        cr_expect(get_bit(PEND, 33), "gate %u", i);
        wr(&b, gate[i].reg, gate[i].opened);
        cr_expect(irq(), "gate %u", i);
        spi(33, false);
        cr_expect(not(irq()), "gate %u", i);
    }
}

Test(gicv2, a_level_is_pending_again_until_it_falls) /* 3.2, 1.4.2 */
{
    open_gate();
    ready(33, 0xa0);
    spi(33, true);
    cr_expect(irq());
    cr_expect(eq(u32, rd(&b, IAR), 33));
    cr_expect(not(irq()));
    cr_expect(get_bit(PEND, 33) && get_bit(ACTIVATE, 33));
    cr_expect(eq(u32, rd(&b, RPR), 0xa0));
    wr(&b, EOIR, 33);
    cr_expect(irq());
    cr_expect(eq(u32, rd(&b, IAR), 33));
    spi(33, false);
    wr(&b, EOIR, 33);
    cr_expect(not(irq()));
    cr_expect(not(get_bit(PEND, 33)));
    cr_expect(not(get_bit(ACTIVATE, 33)));
}

Test(gicv2, an_edge_is_kept_and_taken_once)
{
    open_gate();
    make_edge(40);
    ready(40, 0x80);
    spi(40, true);
    spi(40, false);
    cr_expect(irq());
    cr_expect(eq(u32, rd(&b, IAR), 40));
    cr_expect(not(get_bit(PEND, 40)));
    spi(40, true); /* a second edge while active */
    cr_expect(get_bit(PEND, 40));
    cr_expect(not(irq()));
    wr(&b, EOIR, 40);
    cr_expect(eq(u32, rd(&b, IAR), 40));
    wr(&b, EOIR, 40);
    cr_expect(eq(u32, rd(&b, IAR), NONE));
}

Test(gicv2, software_pends_a_level_until_acknowledge_or_clear) /* 4.3.7, 4.3.8 */
{
    open_gate();
    ready(50, 0x80);
    set_bit(PEND, 50);
    cr_expect(irq());
    set_bit(UNPEND, 50);
    cr_expect(not(irq()));
    set_bit(PEND, 50);
    spi(50, true);
    set_bit(UNPEND, 50);
    cr_expect(irq()); /* the input is still there */
    spi(50, false);
    cr_expect(not(irq()));
}

Test(gicv2, priority_then_number_decides) /* 3.3 */
{
    open_gate();
    ready(100, 0x40);
    ready(99, 0x40);
    ready(287, 0x30);
    ready(32, 0x50);
    spi(100, true), spi(99, true), spi(287, true), spi(32, true);
    wr(&b, C_CTLR, 0x201); /* EOImode: drop without deactivation */
    for (unsigned i = 0; i < 4; i++) {
        static const uint32_t order[4] = { 287, 99, 100, 32 };

        cr_expect(eq(u32, rd(&b, HPPIR), order[i]));
        cr_expect(eq(u32, rd(&b, IAR), order[i]));
        wr(&b, EOIR, order[i]);
    }
    cr_expect(not(irq()));
}

Test(gicv2, a_higher_group_priority_preempts_and_returns) /* 3.3.2, 3.3.3 */
{
    open_gate();
    wr(&b, BPR, 3); /* group priority is bits 7 to 4 */
    ready(60, 0x88);
    ready(61, 0x80); /* same group */
    ready(62, 0x70);
    spi(60, true);
    cr_expect(eq(u32, rd(&b, IAR), 60));
    cr_expect(eq(u32, rd(&b, RPR), 0x80));
    spi(61, true);
    cr_expect(not(irq()));
    cr_expect(eq(u32, rd(&b, IAR), NONE));
    cr_expect(eq(u32, rd(&b, HPPIR), 61));
    spi(62, true);
    cr_expect(irq());
    cr_expect(eq(u32, rd(&b, IAR), 62));
    cr_expect(eq(u32, rd(&b, RPR), 0x70));
    cr_expect(eq(u32, rd(&b, APR + 4), 1u << 24 | 0)); /* 0x70 / 2 is bit 56 */
    cr_expect(eq(u32, rd(&b, APR + 8), 1u << 0));      /* 0x80 / 2 is bit 64 */
    spi(62, false);
    wr(&b, EOIR, 62);
    cr_expect(eq(u32, rd(&b, RPR), 0x80));
    wr(&b, EOIR, 60);
    cr_expect(eq(u32, rd(&b, RPR), 0xff));
    cr_expect(irq());
}

Test(gicv2, eoimode_separates_drop_from_deactivation) /* 4.4.5, 4.4.15 */
{
    open_gate();
    wr(&b, C_CTLR, 0x201);
    ready(70, 0x80);
    ready(71, 0x80);
    spi(70, true);
    cr_expect(eq(u32, rd(&b, IAR), 70));
    wr(&b, EOIR, 70);
    cr_expect(eq(u32, rd(&b, RPR), 0xff));
    cr_expect(get_bit(ACTIVATE, 70));
    cr_expect(not(irq()));
    spi(71, true);
    cr_expect(eq(u32, rd(&b, IAR), 71));
    wr(&b, C_DIR, 70);
    cr_expect(not(get_bit(ACTIVATE, 70)));
    wr(&b, EOIR, 71);
    cr_expect(irq());
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(gicv2, nonsense_at_the_end_of_interrupt_is_counted_and_harmless)
{
    open_gate();
    wr(&b, EOIR, NONE); /* spurious: allowed */
    cr_expect(eq(u64, b.dev->guest_errors, 0));
    wr(&b, EOIR, 33);
    wr(&b, EOIR, 700);
    wr(&b, C_DIR, 33);
    cr_expect(eq(u64, b.dev->guest_errors, 3));
    cr_expect(eq(u32, rd(&b, RPR), 0xff));
}

Test(gicv2, group_1_needs_ackctl_or_the_alias) /* 4.4.4, 4.4.11 to 4.4.13 */
{
    open_gate();
    wr(&b, D_CTLR, 3);
    wr(&b, C_CTLR, 3);
    to_group1(45);
    ready(45, 0x60);
    spi(45, true);
    cr_expect(irq());
    cr_expect(eq(u32, rd(&b, IAR), 1022));
    cr_expect(eq(u32, rd(&b, HPPIR), 1022));
    cr_expect(eq(u32, rd(&b, AHPPIR), 45));
    cr_expect(eq(u32, rd(&b, AIAR), 45));
    cr_expect(eq(u32, rd(&b, NSAPR + 4), 1u << 16));
    cr_expect(eq(u32, rd(&b, APR + 4), 0));
    wr(&b, AEOIR, 45);
    cr_expect(eq(u32, rd(&b, NSAPR + 4), 0));
    wr(&b, C_CTLR, 7);
    cr_expect(eq(u32, rd(&b, IAR), 45));
    wr(&b, EOIR, 45);
    cr_expect(eq(u32, rd(&b, RPR), 0xff));
    set_bit(ENABLE, 44);
    set_bit(PEND, 44);
    cr_expect(eq(u32, rd(&b, AIAR), NONE)); /* group 0 is not for the alias */
}

Test(gicv2, group_0_is_an_fiq_if_fiqen) /* 4.4.1 */
{
    open_gate();
    wr(&b, D_CTLR, 3);
    wr(&b, C_CTLR, 0xb);
    ready(45, 0x60);
    spi(45, true);
    cr_expect(fiq() && !irq());
    to_group1(45);
    cr_expect(irq() && !fiq());
}

Test(gicv2, a_group_off_in_the_distributor_does_not_hide_the_other) /* 4.3.1 */
{
    open_gate();
    wr(&b, C_CTLR, 3);
    to_group1(45);
    ready(45, 0x10);
    ready(46, 0x80);
    spi(45, true), spi(46, true);
    cr_expect(eq(u32, rd(&b, IAR), 46));
}

Test(gicv2, binary_points_of_the_groups) /* 3.3.3, table 3-2 */
{
    open_gate();
    wr(&b, D_CTLR, 3);
    wr(&b, C_CTLR, 7);
    wr(&b, ABPR, 0);
    cr_expect(eq(u32, rd(&b, ABPR), 1));
    wr(&b, ABPR, 5); /* bits 7 to 5 */
    for (unsigned id = 80; id < 82; id++) {
        to_group1(id);
        ready(id, id == 80 ? 0x5f : 0x40);
    }
    spi(80, true);
    cr_expect(eq(u32, rd(&b, IAR), 80));
    cr_expect(eq(u32, rd(&b, RPR), 0x40));
    spi(81, true);
    cr_expect(not(irq()));
    wr(&b, C_CTLR, 0x17); /* CBPR: GICC_BPR, 0, for both */
    wr8(PRIO + 81, 0x3e);
    cr_expect(irq());
}

Test(gicv2, an_sgi_carries_its_sender) /* 4.3.15, 4.4.4 */
{
    with_cpus(3);
    wr8(PRIO + 5, 0x20);
    wr(&b, SGIR, 5); /* empty list */
    cr_expect(not(irq()));
    b.cpu = 2;
    wr(&b, SGIR, 1u << 16 | 5); /* to CPU 0 */
    b.cpu = 1;
    wr(&b, SGIR, 1u << 24 | 5); /* to all but itself */
    cr_expect(not(irq()));
    b.cpu = 0;
    cr_expect(irq());
    cr_expect(eq(u32, rd(&b, SGI_SET + 4), 6u << 8));
    cr_expect(eq(u32, rd(&b, IAR), 1u << 10 | 5));
    cr_expect(get_bit(PEND, 5));
    wr(&b, EOIR, 1u << 10 | 5);
    cr_expect(eq(u32, rd(&b, IAR), 2u << 10 | 5));
    wr(&b, EOIR, 2u << 10 | 5);
    cr_expect(eq(u32, rd(&b, IAR), NONE));
    b.cpu = 2;
    cr_expect(eq(u32, rd(&b, IAR), 1u << 10 | 5));
    wr(&b, SGIR, 2u << 24 | 7); /* to itself */
    cr_expect(get_bit(PEND, 7));
    dev_write(b.dev, SGI_CLEAR + 7, 1, 1u << 2);
    cr_expect(not(get_bit(PEND, 7)));
    wr(&b, PEND, 0xffff); /* 4.3.7: not for SGIs */
    cr_expect(eq(u32, rd(&b, PEND) & 0xffff, 0));
}

Test(gicv2, sgis_cannot_be_disabled) /* 4.3.6 */
{
    wr(&b, DISABLE, 0xffffffff);
    cr_expect(eq(u32, rd(&b, ENABLE), 0xffff));
}

Test(gicv2, ppis_are_each_cpus_own_and_levels)
{
    with_cpus(2);
    ready(27, 0x30);
    wr(&b, CONFIG + 4, 0xffffffff);
    cr_expect(eq(u32, rd(&b, CONFIG + 4), 0));
    dev_set_pin(b.dev, gicv2_ppi_pin(1, 27), true);
    cr_expect(not(irq()));
    cr_expect(not(get_bit(PEND, 27)));
    dev_set_pin(b.dev, gicv2_ppi_pin(0, 27), true);
    cr_expect(irq());
    b.cpu = 1;
    cr_expect(get_bit(PEND, 27));
    cr_expect(not(irq())); /* not enabled here */
    ready(27, 0x30);
    cr_expect(irq());
}

Test(gicv2, targets_route_spis) /* 4.3.12 */
{
    with_cpus(2);
    cr_expect(eq(u32, rd(&b, TYPER), 1u << 5 | 8));
    cr_expect(eq(u32, rd(&b, TARGET), 0x01010101));
    ready(90, 0x80);
    spi(90, true);
    cr_expect(not(irq()));
    wr8(TARGET + 90, 0xfe);
    cr_expect(eq(u64, dev_read(b.dev, TARGET + 90, 1), 2));
    cr_expect(not(irq()));
    b.cpu = 1;
    cr_expect(irq());
    cr_expect(eq(u32, rd(&b, TARGET), 0x02020202));
    cr_expect(eq(u32, rd(&b, IAR), 90));
}

Test(gicv2, one_cpu_has_no_targets) /* 4.3.12: RAZ/WI */
{
    wr(&b, TARGET + 64, 0xffffffff);
    cr_expect(eq(u32, rd(&b, TARGET + 64), 0));
    cr_expect(eq(u32, rd(&b, TARGET), 0));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(gicv2, an_active_interrupt_written_by_software_blocks_itself) /* 4.3.9, 4.3.10 */
{
    open_gate();
    ready(33, 0x80);
    set_bit(ACTIVATE, 33);
    spi(33, true);
    cr_expect(not(irq()));
    set_bit(DEACTIVATE, 33);
    cr_expect(irq());
}

Test(gicv2, only_byte_registers_take_bytes) /* 4.1.4 */
{
    wr8(PRIO + 35, 0x11);
    cr_expect(eq(u32, rd(&b, PRIO + 32), 0x11000000));
    wr8(ENABLE + 4, 1);
    dev_read(b.dev, IAR, 2);
    cr_expect(eq(u32, rd(&b, ENABLE + 4), 0));
    cr_expect(eq(u64, b.dev->guest_errors, 2));
}

Test(gicv2, a_level_held_through_reset_and_snapshot_is_still_there)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    spi(33, true);
    dev_reset(b.dev);
    cr_expect(get_bit(PEND, 33));
    open_gate();
    ready(33, 0x80);
    dev_save(b.dev, snap);
    spi(33, false);
    dev_reset(b.dev);
    cr_expect(not(irq()));
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    cr_expect(irq());
    cr_expect(eq(u32, rd(&b, IAR), 33));
}
