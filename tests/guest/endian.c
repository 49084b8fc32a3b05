/* SPDX-License-Identifier: MIT */
/* endian.c - SETEND BE: data of every width, also over a page's end; code stays little-endian. */
#include "guest.h"

enum { VA = 0x80000000 };

SNIPPET(loads,
        "push {r4, r5}\n mov r2, r0\n setend be\n ldr r0, [r2]\n ldrh r3, [r2, #4]\n"
        " ldrsh r4, [r2, #6]\n ldrb r5, [r2, #1]\n ldr r12, [r2, #3]",
        "setend le", "stm r1, {r0, r3, r4, r5, r12}\n pop {r4, r5}");
SNIPPET(stores,
        "push {r4, r5, r6, r7}\n ldr r4, =0x01020304\n ldr r5, =0x05060708\n setend be\n"
        " str r4, [r0]\n strh r5, [r0, #4]\n strb r5, [r0, #6]\n str r5, [r0, #9]\n"
        " strd r4, r5, [r0, #16]\n stmdb r0, {r4, r5}",
        "setend le", "pop {r4, r5, r6, r7}");
SNIPPET(multiple,
        "push {r4, r5, r6, r7}\n setend be\n ldm r0, {r4, r5}\n ldrd r6, r7, [r0]\n str r4, [r1]\n"
        " setend le\n strd r6, r7, [r1, #8]\n str r5, [r1, #4]",
        "nop", "pop {r4, r5, r6, r7}");
SNIPPET(exclusive,
        "push {r4, r5, r6, r7}\n setend be\n ldrexd r4, r5, [r0]\n strexd r6, r4, r5, [r0]\n"
        " ldrex r7, [r0]\n strex r6, r7, [r0]",
        "setend le", "stm r1, {r4-r7}\n pop {r4, r5, r6, r7}");
SNIPPET(fault, "setend be", "ldr r1, [r0]", "");

static uint32_t out[8];

static void call(const void *f, uint32_t at)
{
    ((void (*)(uint32_t, uint32_t *))(uintptr_t)f)(at, out);
}

static void show(const char *what, uint32_t at, uint32_t words)
{
    say("%s:", what);
    for (uint32_t k = 0; k < words; k++) {
        say(" %x", read32(at + 4 * k));
    }
    say("\n");
}

static void all(uint32_t at)
{
    uint32_t results = (uint32_t)(uintptr_t)out;

    for (uint32_t k = 0; k < 4; k++) {
        write32(at + 4 * k, 0x81828384 + k * 0x04040404);
    }
    call(loads, at);
    show("loads", results, 5);
    call(multiple, at);
    show("multiple", results, 4);
    call(exclusive, (at & ~7u) + 8);
    show("exclusive", results, 4);
    call(stores, at);
    show("stores", at - 8, 8);
}

int main(void)
{
    mmu_tables();
    mmu_on();
    map_page(VA, free_page(0) | PAGE_RAM);
    map_page(VA + 0x1000, free_page(3) | PAGE_RAM);
    all(VA + 0x40);
    for (uint32_t back = 2; back < 8; back += 2) {
        all(VA + 0x1000 - back / 2 * 4);
    }
    attempt(fault, 0xb0000000, 0, 0);
    report("fault", fault_at);
    say("entry's cpsr.E: %u\n", trap.cpsr >> 9 & 1);
    return 0;
}
