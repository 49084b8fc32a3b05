/* SPDX-License-Identifier: MIT */
/* button.c - a push button: pressed from outside, it comes up again by itself. */
#include "devices/button.h"

typedef struct ButtonState {
    uint64_t up_ns; /* guest time when it comes up; 0: it is up */
} ButtonState;

typedef struct Button {
    Device dev;
    ButtonState st;
} Button;

static ButtonState *state(Device *d) { return &((Button *)d)->st; }

static void pin(Device *d, unsigned n, bool level)
{
    (void)n;
    if (level) {
        state(d)->up_ns = clock_now_ns(d->clock) + BUTTON_HELD_MS * UINT64_C(1000000);
    }
}

static void fire(Device *d, unsigned n)
{
    (void)n;
    state(d)->up_ns = 0;
}

static void settle(Device *d)
{
    uint64_t up_ns = state(d)->up_ns;

    irq_set(d->irq[0], up_ns != 0);
    dev_arm(d, 0, up_ns != 0 ? up_ns : CLOCK_NEVER);
}

static const StateField fields[] = { STATE_VAR(Button, st.up_ns) };

const DeviceType button_type = {
    .name = "button",
    .manual = "none: a contact",
    .version = 1,
    .n_irqs = 1,
    .n_pins = 1,
    .n_timers = 1,
    .size = sizeof(Button),
    .state_off = offsetof(Button, st),
    .state_size = sizeof(ButtonState),
    .fields = fields,
    .n_fields = G_N_ELEMENTS(fields),
    .settle = settle,
    .pin = pin,
    .fire = fire,
};
