/* SPDX-License-Identifier: MIT */
/*
 * smc.c - code that changes: by its own stores, through an alias, with data beside it.
 * With the maintenance the manual asks for (ARM DDI 0406C.d A3.5.4), the new code must run.
 */
#include "guest.h"

enum { ALIAS = 0x80000000, CODE = 0x80100000 };
enum { MOV_R0 = 0xe3a00000, BX_LR = 0xe12fff1e, ADD_R0_1 = 0xe2800001, NOP = 0xe320f000 };

/* f(where, what): stores over an instruction of its own unit behind a barrier. */
SNIPPET(
    own, "mov r2, #0\n adr r0, own_patch\n str r1, [r0]\n dsb",
    "mcr p15, 0, r0, c7, c5, 1\n mcr p15, 0, r2, c7, c5, 6\n dsb\n isb\n own_patch:\n mov r0, #1",
    "");
/* Both of a loop's turns change the next one. */
SNIPPET(turns,
        "mov r4, #0\n mov r3, #0\n adr r12, turns_patch\n ldr r2, =0xe2844000\n 1: add r3, r3, #1\n"
        " orr r1, r2, r3\n str r1, [r12]\n dsb\n mcr p15, 0, r12, c7, c5, 1\n dsb\n isb",
        "turns_patch:\n nop\n cmp r3, #200\n blo 1b", "mov r0, r4\n mov r4, #0");

static uint32_t call(uint32_t at)
{
    uint32_t (*f)(uint32_t) = (uint32_t(*)(uint32_t))(uintptr_t)at;

    return f(0);
}

static void put(uint32_t at, uint32_t code, uint32_t word)
{
    write32(at, word);
    __asm__ volatile("dsb" ::: "memory");
    set_icimvau(code & ~63u);
    set_bpiall(0);
}

static uint32_t run_own(uint32_t word)
{
    uint32_t (*f)(uint32_t, uint32_t) = (uint32_t(*)(uint32_t, uint32_t))(uintptr_t)own;

    return f(0, word);
}

/* The same physical code at two addresses, and both written through a third. */
static void aliases(void)
{
    uint32_t page = free_page(0), sum = 0;

    map_page(ALIAS, page | PAGE_RAM);
    map_page(CODE, page | PAGE_RAM);
    for (uint32_t k = 0; k < 100; k++) {
        uint32_t through = k % 3 == 0 ? page : k % 3 == 1 ? ALIAS : CODE;

        put(through, CODE, MOV_R0 | k);
        put(through + 4, CODE, BX_LR);
        set_icimvau(ALIAS);
        sum += call(CODE) + call(ALIAS) * 2;
    }
    say("aliases: %u\n", sum);
}

/* Counters between the instructions of one granule, written by the code beside them. */
static void neighbours(void)
{
    uint32_t at = free_page(4), sum = 0;

    write32(at, 0xe59f1008);      /* ldr r1, [pc, #8] */
    write32(at + 4, 0xe2811003);  /* add r1, r1, #3 */
    write32(at + 8, 0xe58f1000);  /* str r1, [pc] */
    write32(at + 12, 0xea000000); /* b +8 */
    write32(at + 16, 5);
    write32(at + 20, 0xe1a00001); /* mov r0, r1 */
    write32(at + 24, BX_LR);
    __asm__ volatile("dsb" ::: "memory");
    set_iciallu(0);
    for (uint32_t k = 0; k < 1000; k++) {
        sum += call(at);
    }
    say("data beside code: %u, %u\n", sum, read32(at + 16));
}

/* A mapping changes under code: the other page's code must run after the TLB flush. */
static void remapped(void)
{
    uint32_t sum = 0;

    for (uint32_t k = 0; k < 2; k++) {
        put(free_page(6 + k), CODE, MOV_R0 | (k + 1));
        put(free_page(6 + k) + 4, CODE, BX_LR);
    }
    for (uint32_t k = 0; k < 20; k++) {
        map_page(CODE, free_page(6 + k % 2) | PAGE_RAM);
        set_tlbimva(CODE);
        set_iciallu(0);
        sum = sum * 2 + call(CODE) - 1;
    }
    say("remapped: %x\n", sum);
}

/* Byte, halfword, doubleword and multiple stores into code, also across its page's end. */
static void widths(void)
{
    uint32_t at = free_page(8) + 0xffc;

    put(at, at, MOV_R0 | 1);
    put(at + 4, at + 4, BX_LR);
    say("widths: %u", call(at));
    *(volatile uint8_t *)(uintptr_t)at = 2;
    set_icimvau(at & ~63u);
    say(" %u", call(at));
    write16(at, 3);
    set_icimvau(at & ~63u);
    say(" %u", call(at));
    __asm__ volatile("stm %0, {%1, %2}" ::"r"(at), "r"(MOV_R0 | 4), "r"(BX_LR) : "memory");
    set_iciallu(0);
    say(" %u", call(at));
    *(volatile uint32_t *)(uintptr_t)(at + 4) = ADD_R0_1;
    write32(at + 8, BX_LR);
    set_iciallu(0);
    say(" %u", call(at));
    /* Unaligned over the page's end: what was added is 2 now. */
    __asm__ volatile("str %1, [%0]" ::"r"(at + 2), "r"(0x0002e3a0u) : "memory");
    set_iciallu(0);
    say(" %u\n", call(at));
}

int main(void)
{
    mmu_tables();
    mmu_on();
    say("own unit: %u %u %u\n", run_own(MOV_R0 | 7), run_own(MOV_R0 | 8), run_own(MOV_R0 | 8));
    say("turns: %u\n", ((uint32_t(*)(void))(uintptr_t)turns)());
    aliases();
    neighbours();
    remapped();
    widths();
    return 0;
}
