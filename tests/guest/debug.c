/* SPDX-License-Identifier: MIT */
/* debug.c - what tests/boot/gdb.py looks at: a loop, a page elsewhere, a trap, a wait if told. */
#include "guest.h"

enum { VA = 0x80000000 };

SNIPPET(call_svc, "", "svc #42", "");

volatile uint32_t hold; /* set by a debugger: wait for it */
volatile uint32_t turns;
uint32_t values[4] = { 1, 20, 300, 4000 };

__attribute__((noinline)) uint32_t add(uint32_t a, uint32_t b)
{
    __asm__ volatile("" : "+r"(a)); /* each call is made */
    return a + b;
}

__attribute__((noinline)) void spin(void)
{
    while (hold != 0) {
        turns++;
    }
}

int main(void)
{
    uint32_t sum = 0;

    write32(free_page(1), 0x12345678);
    mmu_tables();
    mmu_on();
    map_page(VA, free_page(1) | PAGE_RAM);
    for (uint32_t i = 0; i < 4; i++) {
        sum = add(sum, values[i]);
    }
    say("sum %u, page %x\n", sum, read32(VA));
    attempt(call_svc, 7, 8, 9);
    report("trap", call_svc_at);
    spin();
    say("turns %u\n", turns);
    return 0;
}
