/* SPDX-License-Identifier: MIT */
/* test_apic.c - what chapter 10 of Intel's SDM volume 3A promises of a local APIC. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/apic.h"
#include "tests/unit/dev_bench.h"

enum { ID = 0x20, VERSION = 0x30, TPR = 0x80, PPR = 0xa0, EOI = 0xb0, LDR = 0xd0, DFR = 0xe0 };
enum { SVR = 0xf0, ISR = 0x100, TMR = 0x180, IRR = 0x200, ESR = 0x280, ICR = 0x300, ICR2 = 0x310 };
enum { TIMER = 0x320, THERMAL = 0x330, LINT0 = 0x350, LINT1 = 0x360, ERROR = 0x370 };
enum { INITIAL = 0x380, CURRENT = 0x390, DIVIDE = 0x3e0 };
enum { MASKED = 1 << 16, BY_1 = 0xb, BY_16 = 0x3 };

static Bench b;
static unsigned ended, nmis, inits;

static void on_end(void *opaque, uint8_t vector)
{
    (void)opaque;
    ended = ended << 8 | vector;
}

static void count_nmi(void *opaque, bool level)
{
    (void)opaque;
    nmis += level;
}

static void count_init(void *opaque, bool level)
{
    (void)opaque;
    inits += level;
}

/* Enabled by software: most of what it does, it does then only. */
static void power_on(void)
{
    ended = nmis = inits = 0;
    bench_on(&b, &apic_type);
    apic_on_end(b.dev, on_end, NULL);
    b.line[APIC_LINE_NMI].sink = count_nmi;
    b.line[APIC_LINE_INIT].sink = count_init;
    wr(&b, SVR, 0x1ff);
}
static void power_off(void) { bench_off(&b); }
TestSuite(apic, .init = power_on, .fini = power_off);

static bool intr(void) { return b.line[APIC_LINE_INTR].level; }

static void send(uint8_t vector, uint8_t mode, bool level)
{
    const ApicMessage m = { .dest = 0, .vector = vector, .mode = mode, .level = level };

    apic_message(b.dev, &m);
}

Test(apic, power_up_state) /* 10.4.7.1 */
{
    dev_reset(b.dev);
    cr_expect(eq(u32, rd(&b, SVR), 0xff));
    cr_expect(eq(u32, rd(&b, DFR), 0xffffffff));
    cr_expect(eq(u32, rd(&b, LDR), 0));
    cr_expect(eq(u32, rd(&b, ID), 0));
    cr_expect(eq(u32, rd(&b, VERSION), 0x00050014));
    for (unsigned at = TIMER; at <= ERROR; at += 0x10) {
        cr_expect(eq(u32, rd(&b, at), MASKED));
    }
    cr_expect(eq(u64, apic_base(b.dev), 0xfee00900));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(apic, disabled_by_software_entries_stay_masked_and_fixed_messages_are_lost) /* 10.4.7.2 */
{
    wr(&b, TIMER, 0x40);
    wr(&b, SVR, 0xff);
    cr_expect(eq(u32, rd(&b, TIMER), MASKED | 0x40));
    wr(&b, TIMER, 0x41);
    cr_expect(eq(u32, rd(&b, TIMER), MASKED | 0x41));
    send(0x50, APIC_FIXED, false);
    cr_expect(eq(u32, rd(&b, IRR + 0x20), 0));
    send(0, APIC_NMI, false);
    cr_expect(eq(u32, nmis, 1));
}

Test(apic, an_interrupt_goes_from_irr_to_isr_and_ends) /* 10.8.4, 10.8.5 */
{
    send(0x51, APIC_FIXED, false);
    cr_expect(intr());
    cr_expect(eq(u32, rd(&b, IRR + 0x20), 1u << 17));
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x51));
    cr_expect(not(intr()));
    cr_expect(eq(u32, rd(&b, IRR + 0x20), 0));
    cr_expect(eq(u32, rd(&b, ISR + 0x20), 1u << 17));
    cr_expect(eq(u32, rd(&b, PPR), 0x50));
    wr(&b, EOI, 0);
    cr_expect(eq(u32, rd(&b, ISR + 0x20), 0));
    cr_expect(eq(u32, ended, 0)); /* an edge: nobody is told */
}

Test(apic, the_end_of_a_level_interrupt_is_broadcast) /* 10.8.5 */
{
    send(0x61, APIC_FIXED, true);
    cr_expect(eq(u32, rd(&b, TMR + 0x30), 2));
    apic_acknowledge(b.dev);
    wr(&b, EOI, 0);
    cr_expect(eq(u32, ended, 0x61));
    send(0x61, APIC_FIXED, false);
    cr_expect(eq(u32, rd(&b, TMR + 0x30), 0));
}

Test(apic, priority_classes_mask_each_other) /* 10.8.3 */
{
    send(0x55, APIC_FIXED, false);
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x55));
    send(0x5f, APIC_FIXED, false);
    cr_expect(not(intr())); /* the same class */
    send(0x60, APIC_FIXED, false);
    cr_expect(intr());
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x60));
    wr(&b, EOI, 0); /* of 0x60 */
    cr_expect(not(intr()));
    wr(&b, EOI, 0); /* of 0x55 */
    cr_expect(intr());
    wr(&b, TPR, 0x50);
    cr_expect(not(intr()));
    cr_expect(eq(u32, rd(&b, PPR), 0x50));
    wr(&b, TPR, 0x4f);
    cr_expect(intr());
}

Test(apic, what_has_gone_is_spurious) /* 10.9 */
{
    send(0x51, APIC_FIXED, false);
    wr(&b, TPR, 0xff);
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0xff));
    cr_expect(eq(u32, rd(&b, ISR + 0x70), 0));
    wr(&b, SVR, 0x13f);
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x3f));
}

Test(apic, one_shot_counts_to_zero_once) /* 10.5.4 */
{
    wr(&b, TIMER, 0x40);
    wr(&b, DIVIDE, BY_1);
    wr(&b, INITIAL, 1000);
    bench_pass(&b, 400);
    cr_expect(eq(u32, rd(&b, CURRENT), 600));
    cr_expect(eq(u32, rd(&b, INITIAL), 1000));
    bench_pass(&b, 599);
    cr_expect(not(intr()));
    bench_pass(&b, 1);
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x40));
    cr_expect(eq(u32, rd(&b, CURRENT), 0));
    wr(&b, EOI, 0);
    bench_pass(&b, 5000);
    cr_expect(not(intr()));
}

Test(apic, every_divider) /* 10.5.4, figure 10-10 */
{
    static const uint8_t code[8] = { 0xb, 0, 1, 2, 3, 8, 9, 10 };

    for (unsigned i = 0; i < 8; i++) {
        wr(&b, DIVIDE, code[i]);
        wr(&b, INITIAL, 100);
        bench_pass(&b, 10 << i);
        cr_expect(eq(u32, rd(&b, CURRENT), 90), "%u", i);
    }
}

Test(apic, periodic_repeats_and_zero_stops_it) /* 10.5.4 */
{
    wr(&b, TIMER, 0x20040);
    wr(&b, DIVIDE, BY_16);
    wr(&b, INITIAL, 100);
    for (unsigned i = 0; i < 3; i++) {
        bench_pass(&b, 1600);
        cr_expect(eq(u32, apic_acknowledge(b.dev), 0x40));
        wr(&b, EOI, 0);
        cr_expect(not(intr()));
    }
    b.now_ns += 100000 + 160; /* events are late: periods nobody saw are one interrupt */
    cr_expect(eq(u32, rd(&b, CURRENT), 40));
    bench_pass(&b, 0);
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x40));
    wr(&b, EOI, 0);
    cr_expect(not(intr()));
    wr(&b, INITIAL, 0);
    bench_pass(&b, 100000);
    cr_expect(not(intr()));
}

Test(apic, a_masked_timer_counts_silently) /* 10.5.1 */
{
    wr(&b, TIMER, MASKED | 0x40);
    wr(&b, DIVIDE, BY_1);
    wr(&b, INITIAL, 1000);
    bench_pass(&b, 2000);
    cr_expect(not(intr()));
    cr_expect(eq(u32, rd(&b, CURRENT), 0));
}

Test(apic, extint_passes_the_pics_request_on) /* 10.5.1 */
{
    wr(&b, LINT0, 0x700);
    cr_expect(not(intr()));
    dev_set_pin(b.dev, APIC_LINT0, true);
    cr_expect(intr());
    cr_expect(eq(u32, apic_acknowledge(b.dev), APIC_ASK_PIC));
    send(0x80, APIC_FIXED, false);
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x80)); /* its own come first */
    dev_set_pin(b.dev, APIC_LINT0, false);
    cr_expect(not(intr()));
    wr(&b, LINT0, MASKED | 0x700);
    dev_set_pin(b.dev, APIC_LINT0, true);
    cr_expect(not(intr()));
    send(0, APIC_EXTINT, false);
    cr_expect(eq(u32, apic_acknowledge(b.dev), APIC_ASK_PIC));
    cr_expect(not(intr()));
}

Test(apic, lint_pins_by_mode) /* 10.5.1 */
{
    wr(&b, LINT1, 0x400); /* NMI */
    dev_set_pin(b.dev, APIC_LINT1, true);
    cr_expect(eq(u32, nmis, 1));
    wr(&b, LINT0, 0x45); /* fixed, edge */
    dev_set_pin(b.dev, APIC_LINT0, true);
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x45));
    wr(&b, EOI, 0);
    cr_expect(not(intr()));
    wr(&b, LINT0, 0x8045); /* fixed, level: still up */
    cr_expect(eq(u32, rd(&b, LINT0), 0xc045));
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x45));
    wr(&b, EOI, 0);
    cr_expect(intr()); /* again, as it is still up */
    dev_set_pin(b.dev, APIC_LINT0, false);
    apic_acknowledge(b.dev);
    wr(&b, EOI, 0);
    cr_expect(not(intr()));
    cr_expect(eq(u32, rd(&b, LINT0), 0x8045));
}

Test(apic, destinations_physical_and_logical) /* 10.6.2 */
{
    /* destination, logical, LDR, DFR, delivered */
    static const uint32_t row[][5] = {
        { 3, 0, 0, 0xffffffff, 1 },
        { 2, 0, 0, 0xffffffff, 0 },
        { 0xff, 0, 0, 0xffffffff, 1 },
        { 0x06, 1, 0x04000000, 0xffffffff, 1 },
        { 0x03, 1, 0x04000000, 0xffffffff, 0 },
        { 0x24, 1, 0x2c000000, 0x0fffffff, 1 },
        { 0x34, 1, 0x2c000000, 0x0fffffff, 0 },
        { 0x21, 1, 0x2c000000, 0x0fffffff, 0 },
        { 0xff, 1, 0x2c000000, 0x0fffffff, 1 },
    };

    wr(&b, ID, 3u << 24);
    for (unsigned i = 0; i < G_N_ELEMENTS(row); i++) {
        ApicMessage m = { .dest = (uint8_t)row[i][0], .vector = 0x40, .logical = row[i][1] != 0 };

        wr(&b, LDR, row[i][2]);
        wr(&b, DFR, row[i][3]);
        apic_message(b.dev, &m);
        cr_expect(eq(u32, intr(), row[i][4]), "%u", i);
        if (intr()) {
            apic_acknowledge(b.dev);
            wr(&b, EOI, 0);
        }
    }
}

Test(apic, interprocessor_interrupts_reach_oneself_only_when_asked) /* 10.6.1 */
{
    wr(&b, ICR, 0x40000 | 0x70); /* self */
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x70));
    wr(&b, EOI, 0);
    wr(&b, ICR, 0xc0000 | 0x70); /* all but self */
    cr_expect(not(intr()));
    wr(&b, ICR, 0x80000 | 0x70); /* all */
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0x70));
    wr(&b, EOI, 0);
    wr(&b, ICR2, 5u << 24);
    wr(&b, ICR, 0x71); /* somebody else */
    cr_expect(not(intr()));
    wr(&b, ICR2, 0);
    wr(&b, ICR, 0x71);
    cr_expect(intr());
    wr(&b, ICR, 0x88500); /* INIT level de-assert, to all */
    cr_expect(eq(u32, inits, 0));
    wr(&b, ICR, 0x4500);
    cr_expect(eq(u32, inits, 1));
    cr_expect(eq(u32, rd(&b, ICR) & 0x1000, 0)); /* never busy */
}

Test(apic, illegal_vectors_are_errors_shown_after_a_write) /* 10.5.3 */
{
    wr(&b, ERROR, 0xfe);
    wr(&b, ICR, 0x40000 | 5);
    cr_expect(eq(u32, rd(&b, ESR), 0));
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0xfe));
    wr(&b, EOI, 0);
    send(9, APIC_FIXED, false);
    cr_expect(eq(u32, apic_acknowledge(b.dev), 0xfe));
    wr(&b, ESR, 0);
    cr_expect(eq(u32, rd(&b, ESR), 0x60));
    wr(&b, ESR, 0);
    cr_expect(eq(u32, rd(&b, ESR), 0));
}

Test(apic, disabled_globally_its_pins_are_intr_and_nmi) /* 10.4.3 */
{
    cr_expect(not(apic_set_base(b.dev, UINT64_C(0x1000000000))));
    cr_expect(not(apic_set_base(b.dev, 0xfee00c00)));
    cr_expect(apic_set_base(b.dev, 0xfee00000));
    cr_expect(eq(u64, apic_base(b.dev), 0xfee00100)); /* the BSP bit is told, not written */
    dev_set_pin(b.dev, APIC_LINT0, true);
    cr_expect(intr());
    cr_expect(eq(u32, apic_acknowledge(b.dev), APIC_ASK_PIC));
    dev_set_pin(b.dev, APIC_LINT1, true);
    cr_expect(eq(u32, nmis, 1));
    send(0x40, APIC_FIXED, false);
    cr_expect(eq(u32, apic_acknowledge(b.dev), APIC_ASK_PIC));
    cr_expect(apic_set_base(b.dev, 0xfee00900));
    cr_expect(eq(u32, rd(&b, SVR), 0xff)); /* back as after power-up */
    cr_expect(not(intr()));
}

Test(apic, virtual_wire) /* MP 1.4, 3.6.2.2 */
{
    dev_reset(b.dev);
    apic_virtual_wire(b.dev);
    dev_set_pin(b.dev, APIC_LINT0, true);
    cr_expect(eq(u32, apic_acknowledge(b.dev), APIC_ASK_PIC));
    dev_set_pin(b.dev, APIC_LINT1, true);
    cr_expect(eq(u32, nmis, 1));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}
