/* SPDX-License-Identifier: MIT */
/*
 * mmio.c - accesses where nothing is: external aborts (ARM DDI 0406C.d B3.12.5, B3.13.3).
 * With the MMU off no alignment fault hides them. Inside a device's window no abort is asked for,
 * only that the guest goes on.
 */
#include "guest.h"

SNIPPET(ld8, "", "ldrb r1, [r0]", "");
SNIPPET(ld16, "", "ldrh r1, [r0]", "");
SNIPPET(ld32, "", "ldr r1, [r0]", "");
SNIPPET(ld64, "", "ldrd r2, r3, [r0]", "");
SNIPPET(ldm, "", "ldm r0!, {r1-r4}", "");
SNIPPET(st8, "", "strb r1, [r0]", "");
SNIPPET(st16, "", "strh r1, [r0]", "");
SNIPPET(st32, "", "str r1, [r0]", "");
SNIPPET(st64, "", "strd r2, r3, [r0]", "");
SNIPPET(stm, "", "stmdb r0!, {r1-r4}", "");

static const struct {
    const char *name;
    const char *f, *at;
} access[] = {
    { "ldrb", ld8, ld8_at },   { "ldrh", ld16, ld16_at }, { "ldr", ld32, ld32_at },
    { "ldrd", ld64, ld64_at }, { "ldm", ldm, ldm_at },    { "strb", st8, st8_at },
    { "strh", st16, st16_at }, { "str", st32, st32_at },  { "strd", st64, st64_at },
    { "stm", stm, stm_at },
};

enum { WAYS = sizeof(access) / sizeof(access[0]) };

static void hole(uint32_t address)
{
    say("%x\n", address);
    for (unsigned k = 0; k < WAYS; k++) {
        attempt(access[k].f, address, 0, 0);
        report(access[k].name, access[k].at);
        if (trap.r[0] != address) {
            say("base register written: %x\n", trap.r[0]);
        }
    }
}

/* Every offset of a register, and beside registers; writes only where they start nothing. */
static uint32_t window(uint32_t base, uint32_t size, bool writes)
{
    uint32_t traps = 0;

    for (uint32_t offset = 0x80; offset < size; offset += 4) {
        for (unsigned k = 0; k < (writes ? WAYS : 5); k++) {
            traps += attempt(access[k].f, base + offset, 0, 0) && trap.kind != TRAP_DABT;
        }
    }
    return traps;
}

int main(void)
{
    hole(0x0b000000);
    hole(0x09045ff0);
    hole(0x44000000);
    hole(0xfffffff0);
    say("other traps: uart %u", window(UART, 0x1000, true));
    say(", gicd %u", window(GICD, 0x1000, true));
    say(", gicc %u", window(GICC, 0x1000, false));
    say(", rtc %u", window(0x09010000, 0x1000, true));
    say(", gpio %u\n", window(0x09030000, 0x1000, false));
    return 0;
}
