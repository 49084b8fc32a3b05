/* SPDX-License-Identifier: MIT */
/* test_piix.c - what the PIIX data sheets promise of the functions that are there. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/piix.h"
#include "machine/map.h"

static Log quiet;
static uint64_t now_ns;
static Clock clk;
static Map *map;
static PciBus bus;
static Device *isa, *pm, *ide;
static IrqLine line[N_PIIX_LINES], pm_line[N_PIIX4_PM_LINES];
static unsigned resets;

static uint64_t now(void *opaque)
{
    (void)opaque;
    return now_ns;
}

static void count(void *opaque, bool level)
{
    (void)opaque;
    resets += level;
}

static void set_up(void)
{
    clock_init(&clk, now, NULL, NULL);
    map = map_new(&quiet, true);
    isa = dev_new(&piix4_isa_type, "isa");
    pm = dev_new(&piix4_pm_type, "pm");
    ide = dev_new(&piix4_ide_type, "ide");
    isa->map = pm->map = ide->map = map_listener(map);
    isa->clock = pm->clock = &clk;
    map_add_moving(map, "pm", &pm->window[1], "pm");
    map_add_moving(map, "ide", &ide->window[1], "bus-master");
    for (unsigned i = 0; i < N_PIIX_LINES; i++) {
        isa->irq[i] = &line[i];
    }
    for (unsigned i = 0; i < N_PIIX4_PM_LINES; i++) {
        pm->irq[i] = &pm_line[i];
    }
    line[PIIX_RESET].sink = count;
    pci_attach(&bus, 10, 0, isa);
    pci_attach(&bus, 10, 1, ide);
    pci_attach(&bus, 10, 3, pm);
    dev_reset(isa);
    dev_reset(pm);
    dev_reset(ide);
}

static void tear_down(void)
{
    dev_free(isa);
    dev_free(pm);
    dev_free(ide);
    map_free(map);
    clock_clear(&clk);
}

TestSuite(piix, .init = set_up, .fini = tear_down);

enum { IDE = 10 << 11 | 1 << 8, ISA = 10 << 11, PM = 10 << 11 | 3 << 8 };

static uint32_t in(uint32_t at, unsigned bytes)
{
    bool ok;

    return pci_config_read(&bus, at, bytes, &ok);
}
static void out(uint32_t at, uint32_t v, unsigned bytes) { pci_config_write(&bus, at, v, bytes); }
static uint64_t inp(uint32_t at, unsigned n) { return phys_in(map_space(map, SPACE_PORTS), at, n); }
static void outp(uint32_t at, uint32_t v, unsigned n)
{
    phys_out(map_space(map, SPACE_PORTS), at, v, n);
}

Test(piix, functions_say_what_they_are) /* PIIX4 4.1, 7.1 */
{
    cr_expect(eq(u32, in(ISA, 4), 0x71108086));
    cr_expect(eq(u32, in(ISA + 8, 4) >> 8, 0x060100));
    cr_expect(eq(u32, in(ISA + 0xe, 1), 0x80));
    cr_expect(eq(u32, in(PM, 4), 0x71138086));
    cr_expect(eq(u32, in(PM + 8, 4) >> 8, 0x068000));
    cr_expect(eq(u32, (uint32_t)dev_var(isa, 0), 0x71108086));
    cr_expect(eq(u64, piix3_isa_type.regs[0].reset, 0x70008086));
}

Test(piix, isa_interrupts_pass_through)
{
    for (unsigned i = 0; i < 16; i++) {
        dev_set_pin(isa, i, true);
        cr_expect(line[PIIX_TO_PIC + i].level);
        cr_expect(line[PIIX_TO_IOAPIC + i].level);
        dev_set_pin(isa, i, false);
        cr_expect(not(line[PIIX_TO_PIC + i].level));
    }
}

Test(piix, a_pirq_goes_where_its_route_says) /* PIIX4 4.1.10 */
{
    cr_expect(eq(u32, in(ISA + 0x60, 4), 0x80808080));
    dev_set_pin(isa, PIIX_PIRQA + 1, true);
    out(ISA + 0x61, 10, 1);
    cr_expect(line[10].level);
    out(ISA + 0x61, 11, 1);
    cr_expect(not(line[10].level));
    cr_expect(line[11].level);
    out(ISA + 0x61, 8, 1); /* reserved */
    cr_expect(not(line[8].level));
    out(ISA + 0x61, 0x8b, 1);
    cr_expect(not(line[11].level));
    cr_expect(eq(u32, in(ISA + 0x60, 4), 0x80808b80));
}

Test(piix, sci_is_irq_9_beside_others)
{
    dev_set_pin(isa, PIIX_SCI, true);
    dev_set_pin(isa, 9, true);
    dev_set_pin(isa, 9, false);
    cr_expect(line[9].level);
    dev_set_pin(isa, PIIX_SCI, false);
    cr_expect(not(line[9].level));
}

Test(piix, reset_control_resets_by_a_rise) /* PIIX4 4.2.7.3 */
{
    resets = 0;
    dev_write(isa, 0x100, 1, 2);
    cr_expect(eq(uint, resets, 0));
    dev_write(isa, 0x100, 1, 6);
    dev_write(isa, 0x100, 1, 6);
    cr_expect(eq(uint, resets, 1));
    cr_expect(eq(u64, dev_read(isa, 0x100, 1), 6));
    piix_set_reset_control(isa, 0);
    piix_set_reset_control(isa, 4);
    cr_expect(eq(uint, resets, 2));
}

static void enable_pm(void)
{
    out(PM + 0x40, 0x1000, 4);
    out(PM + 0x80, 1, 1);
}

Test(piix, pm_registers_are_where_pmba_says) /* 7.1.9, 7.1.22 */
{
    cr_expect(eq(u32, in(PM + 0x40, 4), 1));
    out(PM + 0x40, 0x1000, 4);
    cr_expect(eq(u64, inp(0x1002, 2), 0xffff));
    out(PM + 0x80, 1, 1);
    cr_expect(eq(u64, inp(0x1002, 2), 0));
    outp(0x1002, 0xffff, 2);
    cr_expect(eq(u64, inp(0x1002, 2), 0x521));
}

Test(piix, timer_counts_at_3_58_mhz_in_24_bits) /* 7.2.4 */
{
    enable_pm();
    cr_expect(eq(u64, inp(0x1008, 4), 0));
    now_ns = 1000000000;
    cr_expect(eq(u64, inp(0x1008, 4), 3579545));
    now_ns = 5000000000;
    cr_expect(eq(u64, inp(0x1008, 4), 5 * 3579545 - (1 << 24)));
}

Test(piix, timer_carry_is_a_system_control_interrupt) /* 7.2.1 to 7.2.3 */
{
    uint64_t carry = ((UINT64_C(1) << 23) * 1000000000 + 3579544) / 3579545;

    enable_pm();
    outp(0x1002, 1, 2);
    cr_expect(eq(u64, clock_next_ns(&clk), carry));
    now_ns = carry;
    clock_fire_due(&clk, now_ns);
    cr_expect(not(pm_line[PIIX4_PM_SCI].level));
    outp(0x1004, 1, 2);
    cr_expect(pm_line[PIIX4_PM_SCI].level);
    cr_expect(eq(u64, inp(0x1000, 2), 1));
    outp(0x1000, 1, 2);
    cr_expect(not(pm_line[PIIX4_PM_SCI].level));
    cr_expect(eq(u64, inp(0x1000, 2), 0));
}

Test(piix, the_power_button_is_one_too) /* 7.2.1 */
{
    enable_pm();
    outp(0x1002, 0x100, 2);
    outp(0x1004, 1, 2);
    dev_set_pin(pm, PIIX4_PM_BUTTON, true);
    dev_set_pin(pm, PIIX4_PM_BUTTON, false);
    cr_expect(eq(u64, inp(0x1000, 2), 0x100));
    cr_expect(pm_line[PIIX4_PM_SCI].level);
}

Test(piix, so_is_the_clocks_alarm) /* 7.2.1: RTC_STS */
{
    enable_pm();
    outp(0x1002, 0x400, 2);
    outp(0x1004, 1, 2);
    dev_set_pin(pm, PIIX4_PM_CLOCK, true);
    dev_set_pin(pm, PIIX4_PM_CLOCK, false);
    cr_expect(eq(u64, inp(0x1000, 2), 0x400));
    cr_expect(pm_line[PIIX4_PM_SCI].level);
    outp(0x1000, 0x400, 2);
    cr_expect(not(pm_line[PIIX4_PM_SCI].level));
}

Test(piix, general_purpose_events_can_be_enabled_and_do_not_come) /* 7.2.5, 7.2.6 */
{
    enable_pm();
    outp(0x100e, 0xffff, 2);
    cr_expect(eq(u64, inp(0x100f, 1), 0x0f));
    cr_expect(eq(u64, inp(0x100e, 2), 0x0f01));
    cr_expect(eq(u64, inp(0x100c, 2), 0));
}

Test(piix, suspend_type_0_turns_the_machine_off) /* 7.2.3 */
{
    enable_pm();
    outp(0x1004, 0x0400 | 0x2000, 2);
    cr_expect(not(pm_line[PIIX4_PM_OFF].level));
    cr_expect(eq(u64, pm->guest_errors, 1));
    cr_expect(eq(u64, inp(0x1004, 2), 0x400));
    outp(0x1004, 0x2000, 2);
    cr_expect(pm_line[PIIX4_PM_OFF].level);
    dev_reset(pm);
    cr_expect(not(pm_line[PIIX4_PM_OFF].level));
}

Test(piix, ide_has_bus_master_registers_and_no_drives) /* chapter 5 */
{
    cr_expect(eq(u32, in(IDE, 4), 0x71118086));
    cr_expect(eq(u32, in(IDE + 8, 4) >> 8, 0x010180));
    out(IDE + 0x20, 0xffffffff, 4);
    cr_expect(eq(u32, in(IDE + 0x20, 4), 0xfff1));
    out(IDE + 0x20, 0x1080, 4);
    out(IDE + 4, 5, 2);
    outp(0x1080, 9, 1);
    cr_expect(eq(u64, inp(0x1080, 1), 9));
    outp(0x108c, 0x12345678, 4);
    cr_expect(eq(u64, inp(0x108c, 4), 0x12345678));
    outp(0x1082, 0x60, 1);
    cr_expect(eq(u64, inp(0x1082, 1), 0x60));
    cr_expect(eq(u64, inp(0x1f7, 1), 0xff));
    out(IDE + 0x40, 0x80008000, 4);
    cr_expect(eq(u32, in(IDE + 0x40, 4), 0x80008000));
}
