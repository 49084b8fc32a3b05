/* SPDX-License-Identifier: MIT */
/* timer.c - Count, Compare and the interrupt of the timer (MD00090 9.15, 9.18, 9.32). */
#include "guest.h"

#define TI (1u << 30)
#define DC (1u << 27)
enum { IP7 = 1 << 15 };

SNIPPET(wait_for_it, "mfc0 $t0, $12\n ori $t0, $t0, 0x8001\n mtc0 $t0, $12\n ehb", "1: b 1b\n nop",
        "");

static void say_pending(const char *what)
{
    uint32_t cause = GET(13, 0);

    say("%s: TI %u, IP7 %u\n", what, (cause & TI) != 0, (cause & IP7) != 0);
}

int main(void)
{
    uint32_t a, b;

    SET(9, 0, 0x1000);
    SET(11, 0, 0x80000000u);
    say_pending("Compare is far");
    a = GET(9, 0);
    b = GET(9, 0);
    say("Count: %s\n", a >= 0x1000 && a < 0x10000000 && b >= a ? "counts" : "does not");
    SET(11, 0, GET(9, 0) + 20000);
    while (!(GET(13, 0) & TI)) {
    }
    say_pending("Count has reached it");
    say("Count: %s\n", (int32_t)(GET(9, 0) - GET(11, 0)) >= 0 ? "is there" : "is not");
    SET(11, 0, GET(11, 0));
    say_pending("Compare is written");
    SET(13, 0, DC);
    a = GET(9, 0);
    for (volatile uint32_t i = 0; i < 1000; i++) {
    }
    say("DC: %s\n", GET(9, 0) == a ? "it stands" : "it counts");
    SET(9, 0, 0xfffff000u);
    say("Count written: %x\n", GET(9, 0));
    SET(13, 0, 0);
    SET(11, 0, 0x00001000);
    say("interrupt: %u", attempt(wait_for_it, 0, 0));
    say(", code %u, IP7 %u\n", trap.cause >> 2 & 31, (trap.cause & IP7) != 0);
    say("beyond the end of Count: %u\n", GET(9, 0) < 0x10000000);
    return 0;
}
