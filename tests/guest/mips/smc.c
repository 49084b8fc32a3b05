/* SPDX-License-Identifier: MIT */
/* smc.c - code that is written: SYNCI, JR.HB, by way of kseg0 and kseg1 (MD00086 SYNCI). */
#include "guest.h"

static uint32_t code[32] __attribute__((aligned(32)));

static void sync_code(uint32_t at) { __asm__ volatile("synci 0(%0)\n sync" ::"r"(at) : "memory"); }

static void put(volatile uint32_t *to, uint32_t value)
{
    to[0] = 0x03e00008;         /* jr ra */
    to[1] = 0x24020000 | value; /* li v0, value */
}

/* Writes the instruction behind the next line, with SYNCI, and falls into it. */
SNIPPET(own,
        "la $t0, 1f\n li $t1, 0x24020002\n sw $t1, 0($t0)\n synci 0($t0)\n sync\n"
        " la $t2, 2f\n jr.hb $t2\n nop\n2:",
        "nop", "1: li $v0, 1");

int main(void)
{
    uint32_t at = (uint32_t)(uintptr_t)code, sum = 0;

    for (uint32_t i = 0; i < 100; i++) {
        put((volatile uint32_t *)code, i);
        sync_code(at);
        sum += call(code, 0, 0);
    }
    say("kseg0: %u\n", sum);
    sum = 0;
    for (uint32_t i = 0; i < 100; i++) {
        put((volatile uint32_t *)(at - 0x80000000u + 0xa0000000u), i);
        sync_code(at);
        sum += call(code, 0, 0) + call((void *)(at - 0x80000000u + 0xa0000000u), 0, 0);
    }
    say("kseg1: %u\n", sum);
    say("its own code: %u\n", call(own, 0, 0));
    say("and again: %u\n", call(own, 0, 0));
    return 0;
}
