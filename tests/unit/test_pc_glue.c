/* SPDX-License-Identifier: MIT */
/* test_pc_glue.c - shared interrupts, the HPET's legacy replacement, port 0x92. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/pc_glue.h"
#include "tests/unit/dev_bench.h"

static Bench b;
static unsigned resets;

static void on_reset(void *opaque, bool level)
{
    (void)opaque;
    resets += level;
}

static void power_on(void)
{
    resets = 0;
    bench_on(&b, &pc_glue_type);
    b.line[PC_GLUE_RESET].sink = on_reset;
}
static void power_off(void) { bench_off(&b); }
TestSuite(pc_glue, .init = power_on, .fini = power_off);

Test(pc_glue, serial_ports_share_their_interrupts)
{
    dev_set_pin(b.dev, PC_GLUE_COM1, true);
    dev_set_pin(b.dev, PC_GLUE_COM3, true);
    dev_set_pin(b.dev, PC_GLUE_COM1, false);
    cr_expect(b.line[PC_GLUE_IRQ4].level);
    cr_expect(not(b.line[PC_GLUE_IRQ3].level));
    dev_set_pin(b.dev, PC_GLUE_COM3, false);
    cr_expect(not(b.line[PC_GLUE_IRQ4].level));
    dev_set_pin(b.dev, PC_GLUE_COM4, true);
    cr_expect(b.line[PC_GLUE_IRQ3].level);
}

Test(pc_glue, the_hpet_takes_over) /* HPET 1.0a 2.3.5 */
{
    dev_set_pin(b.dev, PC_GLUE_TIMER, true);
    dev_set_pin(b.dev, PC_GLUE_HPET_CLOCK, true);
    cr_expect(b.line[PC_GLUE_IRQ0].level);
    cr_expect(not(b.line[PC_GLUE_IRQ8].level));
    dev_set_pin(b.dev, PC_GLUE_LEGACY, true);
    cr_expect(not(b.line[PC_GLUE_IRQ0].level));
    cr_expect(b.line[PC_GLUE_IRQ8].level);
    cr_expect(not(b.line[PC_GLUE_ALARM].level));
    dev_set_pin(b.dev, PC_GLUE_CLOCK, true);
    cr_expect(b.line[PC_GLUE_ALARM].level);
}

Test(pc_glue, line_20_by_port_or_keyboard_controller) /* 4.4.2 */
{
    cr_expect(not(b.line[PC_GLUE_A20_OUT].level));
    dev_set_pin(b.dev, PC_GLUE_A20, true);
    cr_expect(b.line[PC_GLUE_A20_OUT].level);
    dev_set_pin(b.dev, PC_GLUE_A20, false);
    dev_write(b.dev, 0, 1, 2);
    cr_expect(b.line[PC_GLUE_A20_OUT].level);
    cr_expect(eq(u64, dev_read(b.dev, 0, 1), 2));
}

Test(pc_glue, a_rising_bit_resets) /* 4.4.2 */
{
    dev_write(b.dev, 0, 1, 2);
    cr_expect(eq(u32, resets, 0));
    dev_write(b.dev, 0, 1, 3);
    dev_write(b.dev, 0, 1, 3);
    cr_expect(eq(u32, resets, 1));
}

Test(pc_glue, an_x87_error_is_interrupt_13_until_it_is_ignored) /* 290550 COPROC_ERR */
{
    dev_write(b.dev, 1, 1, 0);
    cr_expect(not(b.line[PC_GLUE_IGNNE].level), "there is no error");
    dev_set_pin(b.dev, PC_GLUE_FERR, true);
    cr_expect(b.line[PC_GLUE_IRQ13].level);
    cr_expect(not(b.line[PC_GLUE_IGNNE].level));
    dev_write(b.dev, 1, 1, 0);
    cr_expect(not(b.line[PC_GLUE_IRQ13].level));
    cr_expect(b.line[PC_GLUE_IGNNE].level);
    dev_set_pin(b.dev, PC_GLUE_FERR, false);
    cr_expect(not(b.line[PC_GLUE_IGNNE].level));
    dev_set_pin(b.dev, PC_GLUE_FERR, true);
    cr_expect(b.line[PC_GLUE_IRQ13].level);
}
