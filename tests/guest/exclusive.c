/* SPDX-License-Identifier: MIT */
/* exclusive.c - LDREX and STREX: status, memory, and what clears the monitor (DDI 0406C.d A3.4). */
#include "guest.h"

SNIPPET(pair, "", "ldrex r2, [r0]", "strex r12, r1, [r0]\n mov r0, r12");
SNIPPET(alone, "clrex", "strex r2, r1, [r0]", "mov r0, r2");
SNIPPET(cleared, "", "ldrex r2, [r0]", "clrex\n strex r12, r1, [r0]\n mov r0, r12");
SNIPPET(twice, "", "ldrex r2, [r0]",
        "strex r2, r1, [r0]\n add r1, r1, #1\n strex r3, r1, [r0]\n"
        "add r0, r2, r3, lsl #4");
SNIPPET(byte, "", "ldrexb r2, [r0]", "strexb r12, r1, [r0]\n mov r0, r12");
SNIPPET(half, "", "ldrexh r2, [r0]", "strexh r12, r1, [r0]\n mov r0, r12");
SNIPPET(wide, "push {r4, r5}\n mov r5, #9\n mov r4, r1", "ldrexd r2, r3, [r0]",
        "strexd r1, r4, r5, [r0]\n mov r0, r1\n pop {r4, r5}");
SNIPPET_T(thumb, "", "ldrex r2, [r0, #4]", "strex r3, r1, [r0, #4]\n mov r0, r3");
SNIPPET(over_svc, "push {r4, lr}", "ldrex r2, [r0]",
        "svc #0\n strex r12, r1, [r0]\n mov r0, r12\n pop {r4, lr}");

static uint32_t cell[4] __attribute__((aligned(16)));

static void go(const char *what, const void *f)
{
    volatile uint32_t *c = cell;
    uint32_t status;

    c[0] = 0x11111111;
    c[1] = 0x22222222;
    status = ((uint32_t(*)(volatile uint32_t *, uint32_t))(uintptr_t)f)(c, 0x77);
    say("%s: %x %x %x\n", what, status, c[0], c[1]);
}

/* An exception entry need not clear the monitor, so its handler does. */
static uint32_t hook(void)
{
    __asm__ volatile("clrex");
    return trap.lr;
}

static void all(void)
{
    go("pair", pair);
    go("alone", alone);
    go("cleared", cleared);
    go("twice", twice);
    go("byte", byte);
    go("half", half);
    go("wide", wide);
    go("thumb", thumb);
    trap_hook = hook;
    go("over svc", over_svc);
    trap_hook = 0;
}

int main(void)
{
    mmu_tables();
    mmu_on();
    all();
    return 0;
}
