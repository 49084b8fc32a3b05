/* SPDX-License-Identifier: MIT */
/* debug.c - what tests/boot/gdb_mips.py debugs. */
#include "guest.h"

enum { CU1 = 1 << 29 };

volatile uint32_t values[4] = { 1, 20, 300, 4000 };
volatile uint32_t hold, turns;

/* A branch, its slot, what is jumped over, the target. */
SNIPPET(branch, "li $v0, 1", "b 1f",
        " addiu $v0, $v0, 2\n addiu $v0, $v0, 4\n1: addiu $v0, $v0, 8");
SNIPPET(trap_slot, "", "b 1f", " teq $zero, $zero\n1:");
SNIPPET(fpu, ".set hardfloat\n lui $t0, 0x3ff8\n mtc1 $zero, $f4\n mtc1 $t0, $f5",
        "add.d $f6, $f4, $f4", "mfc1 $v0, $f7");

__attribute__((noinline)) uint32_t add(uint32_t a, uint32_t b)
{
    __asm__ volatile("");
    return a + b;
}

__attribute__((noinline)) void spin(void)
{
    while (hold) {
        turns++;
    }
}

int main(void)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < 4; i++) {
        sum = add(sum, values[i]);
    }
    say("sum %u\n", sum);
    spin();
    SET(12, 0, GET(12, 0) | CU1);
    say("branch %u, fpu %x\n", call(branch, 0, 0), call(fpu, 0, 0));
    report("trap", trap_slot, 0, 0, trap_slot_at);
    say("turns %u\n", turns);
    return 0;
}
