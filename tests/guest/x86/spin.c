/* SPDX-License-Identifier: MIT */
/* spin.c - what tests/boot/gdb.py looks at: a loop, INT and IRET, x87, a wait if told. */
#include "guest.h"

SNIPPET(call_int, "mov $0x1111, %eax\n int $0x41\n mov $0x2222, %ebx");

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

/* A handler that returns. */
__asm__(".text\n.global handler, handler_iret\nhandler: incl turns\nhandler_iret: iretl\n");
extern char handler[], handler_iret[];

int main(void)
{
    uint32_t sum = 0;

    __asm__ volatile("fninit\n fld1\n fldpi");
    for (uint32_t i = 0; i < 4; i++) {
        sum = add(sum, values[i]);
    }
    say("sum %u\n", sum);
    set_gate(0x41, CODE0, addr(handler), 0xee);
    at(3);
    run(call_int);
    ended("int 41", call_int, call_int_end);
    say(", eax %x ebx %x turns %u\n", got.eax, got.ebx, turns);
    spin();
    return 0;
}
