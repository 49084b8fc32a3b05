/* SPDX-License-Identifier: MIT */
/*
 * timer.c - the virtual timer through the GIC: the interrupt comes at the same instruction each
 * time. The counts are those of a virtual clock.
 * qemu: no, its clock is the host's
 */
#include "guest.h"

enum { TIMER = 27, IAR = GICC + 0x0c, EOIR = GICC + 0x10 };

static volatile uint32_t taken, id;

/* Counts in r0 until the interrupt's handler clears r1's word. */
SNIPPET(count, "mov r0, #0\n cpsie i", "1: add r0, r0, #1\n ldr r3, [r1]\n cmp r3, #0\n beq 1b",
        "cpsid i");
/* WFI with interrupts masked wakes up, and takes none. */
SNIPPET(sleep, "cpsid aif", "wfi", "mov r0, #1");

static uint32_t irq(void)
{
    id = read32(IAR);
    set_cntv_ctl(0);
    write32(EOIR, id);
    taken++;
    return trap.lr - 4;
}

static void arm_timer(uint32_t ticks)
{
    taken = 0;
    set_cntv_tval(ticks);
    set_cntv_ctl(1);
}

int main(void)
{
    write32(GICD + 0x100, 1u << TIMER);
    write32(GICD, 1);
    write32(GICC + 4, 0xff);
    write32(GICC, 1);
    trap_hook = irq;
    say("frequency %u\n", get_cntfrq());
    for (uint32_t ticks = 10; ticks <= 100000; ticks *= 10) {
        uint32_t turns;

        arm_timer(ticks);
        turns = ((uint32_t(*)(uint32_t, volatile uint32_t *))(uintptr_t)count)(0, &taken);
        say("%u ticks: %u turns, interrupt %u, at +%u, spsr %x\n", ticks, turns, id,
            trap.lr - (uint32_t)(uintptr_t)count_at, trap.spsr & ~0xf0000000u);
    }
    arm_timer(1000000);
    say("wfi: %u", ((uint32_t(*)(void))(uintptr_t)sleep)());
    say(", taken %u, pending %x", taken, read32(GICD + 0x200) >> TIMER & 1);
    say(", istatus %u", get_cntv_ctl() >> 2);
    __asm__ volatile("cpsie i\n nop\n cpsid i" ::: "memory");
    say(", taken %u\n", taken);
    return 0;
}
