/* SPDX-License-Identifier: MIT */
/* test_button.c - a press holds its line for a while, and once more if it is pressed again. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/button.h"
#include "tests/unit/dev_bench.h"

enum { MS = 1000000 };

static Bench b;

static void power_on(void) { bench_on(&b, &button_type); }
static void power_off(void) { bench_off(&b); }

TestSuite(button, .init = power_on, .fini = power_off);

static void press(void)
{
    dev_set_pin(b.dev, 0, true);
    dev_set_pin(b.dev, 0, false);
}

static void at_ms(uint64_t ms)
{
    b.now_ns = ms * MS;
    clock_fire_due(&b.clock, b.now_ns);
}

static bool held(void) { return b.line[0].level; }

Test(button, a_press_is_held_and_ends)
{
    cr_expect(not(held()));
    at_ms(5);
    press();
    cr_expect(held());
    at_ms(5 + BUTTON_HELD_MS - 1);
    cr_expect(held());
    at_ms(5 + BUTTON_HELD_MS);
    cr_expect(not(held()));
    cr_expect(eq(u64, clock_next_ns(&b.clock), CLOCK_NEVER));
}

Test(button, pressed_again_it_is_held_longer)
{
    press();
    at_ms(50);
    press();
    at_ms(BUTTON_HELD_MS);
    cr_expect(held());
    at_ms(50 + BUTTON_HELD_MS);
    cr_expect(not(held()));
}

Test(button, a_reset_lets_it_go)
{
    press();
    dev_reset(b.dev);
    cr_expect(not(held()));
}
