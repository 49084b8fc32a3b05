/* SPDX-License-Identifier: MIT */
/* test_ioapic.c - what the data sheet of the 82093AA promises. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/ioapic.h"
#include "tests/unit/dev_bench.h"

enum { SELECT = 0, WINDOW = 0x10 };
enum { LOGICAL = 0x800, LEVEL = 0x8000, REMOTE = 0x4000, MASKED = 0x10000 };

static Bench b;
static ApicMessage last;
static unsigned sent;

static void on_message(void *opaque, const ApicMessage *m)
{
    (void)opaque;
    last = *m;
    sent++;
}

static void power_on(void)
{
    sent = 0;
    bench_on(&b, &ioapic_type);
    ioapic_connect(b.dev, on_message, NULL);
}
static void power_off(void) { bench_off(&b); }
TestSuite(ioapic, .init = power_on, .fini = power_off);

static uint32_t get(uint32_t reg)
{
    wr(&b, SELECT, reg);
    return rd(&b, WINDOW);
}

static void set(uint32_t reg, uint32_t val)
{
    wr(&b, SELECT, reg);
    wr(&b, WINDOW, val);
}

Test(ioapic, identification_and_version) /* 3.2.1 to 3.2.3 */
{
    cr_expect(eq(u32, get(0), 0));
    set(0, 0xffffffff);
    cr_expect(eq(u32, get(0), 0x0f000000));
    cr_expect(eq(u32, get(2), 0x0f000000));
    cr_expect(eq(u32, get(1), 0x00170011));
    set(1, 0);
    cr_expect(eq(u32, get(0x40), 0));
    cr_expect(eq(u64, b.dev->guest_errors, 2));
}

Test(ioapic, entries_are_masked_at_reset_and_hold_their_writable_bits) /* 3.2.4 */
{
    for (unsigned i = 0; i < IOAPIC_PINS; i++) {
        cr_expect(eq(u32, get(0x10 + 2 * i), MASKED));
        cr_expect(eq(u32, get(0x11 + 2 * i), 0));
    }
    set(0x3e, 0xffffffff);
    set(0x3f, 0xffffffff);
    cr_expect(eq(u32, get(0x3e), 0x1afff));
    cr_expect(eq(u32, get(0x3f), 0xff000000));
}

Test(ioapic, an_edge_is_one_message) /* 3.2.4 */
{
    set(0x13, 0x05000000);
    set(0x12, LOGICAL | 0x100 | 0x31);
    dev_set_pin(b.dev, 1, true);
    cr_expect(eq(u32, sent, 1));
    cr_expect(eq(u8, last.vector, 0x31));
    cr_expect(eq(u8, last.dest, 5));
    cr_expect(eq(u8, last.mode, APIC_LOWEST));
    cr_expect(last.logical);
    cr_expect(not(last.level));
    dev_set_pin(b.dev, 1, false);
    dev_set_pin(b.dev, 1, true);
    cr_expect(eq(u32, sent, 2));
}

Test(ioapic, an_edge_on_a_masked_pin_is_lost) /* 3.2.4, bit 16 */
{
    set(0x12, MASKED | 0x31);
    dev_set_pin(b.dev, 1, true);
    set(0x12, 0x31);
    cr_expect(eq(u32, sent, 0));
}

Test(ioapic, a_level_is_sent_once_until_its_end) /* 3.2.4, bits 14 and 15 */
{
    set(0x22, LEVEL | 0x51);
    dev_set_pin(b.dev, 9, true);
    cr_expect(eq(u32, sent, 1));
    cr_expect(last.level);
    cr_expect(eq(u32, get(0x22), LEVEL | REMOTE | 0x51));
    dev_set_pin(b.dev, 9, false);
    dev_set_pin(b.dev, 9, true);
    cr_expect(eq(u32, sent, 1));
    ioapic_end(b.dev, 0x50);
    cr_expect(eq(u32, sent, 1));
    ioapic_end(b.dev, 0x51); /* still up: again */
    cr_expect(eq(u32, sent, 2));
    dev_set_pin(b.dev, 9, false);
    ioapic_end(b.dev, 0x51);
    cr_expect(eq(u32, sent, 2));
    cr_expect(eq(u32, get(0x22), LEVEL | 0x51));
}

Test(ioapic, a_level_waits_for_its_mask) /* 3.2.4, bit 16 */
{
    set(0x22, MASKED | LEVEL | 0x51);
    dev_set_pin(b.dev, 9, true);
    cr_expect(eq(u32, sent, 0));
    set(0x22, LEVEL | 0x51);
    cr_expect(eq(u32, sent, 1));
}

Test(ioapic, an_entry_made_edge_forgets_its_remote_irr)
{
    set(0x22, LEVEL | 0x51);
    dev_set_pin(b.dev, 9, true);
    set(0x22, MASKED | 0x51);
    set(0x22, MASKED | LEVEL | 0x51);
    cr_expect(eq(u32, get(0x22), MASKED | LEVEL | 0x51));
}

Test(ioapic, an_nmi_is_an_edge_whatever_the_entry_says) /* 3.2.4, bits 10 to 8 */
{
    set(0x10, LEVEL | 0x400);
    dev_set_pin(b.dev, 0, true);
    cr_expect(eq(u32, sent, 1));
    cr_expect(eq(u8, last.mode, APIC_NMI));
    cr_expect(not(last.level));
}
