/* SPDX-License-Identifier: MIT */
/*
 * straddle.c - a 32-bit T32 instruction over a page's end; its second half is unmapped, or changes.
 * The abort is for the second page: IFAR is its address, LR that of the instruction (B1.9.4,
 * B3.13.1).
 */
#include "guest.h"

enum { VA = 0x80000000, AT = VA + 0xffe, BX_LR = 0x4770, NOP = 0xbf00, MOVW_R0 = 0xf240 };

static uint32_t call(void)
{
    uint32_t (*f)(void) = (uint32_t(*)(void))(uintptr_t)(AT - 2 + 1);

    return f();
}

static void put(uint32_t page, uint16_t half)
{
    write16(free_page(page), half);
    write16(free_page(page) + 2, BX_LR);
    set_iciallu(0);
}

static void map_second(uint32_t descriptor)
{
    map_page(VA + 0x1000, descriptor);
    set_tlbimva(VA + 0x1000);
    set_iciallu(0);
}

static void fault(const char *what)
{
    attempt((const void *)(uintptr_t)(AT - 2 + 1), 0, 0, 0);
    report(what, 0);
}

int main(void)
{
    mmu_tables();
    mmu_on();
    write16(free_page(0) + 0xffc, NOP);
    write16(free_page(0) + 0xffe, MOVW_R0);
    map_page(VA, free_page(0) | PAGE_RAM);
    put(1, 0x0011);
    put(2, 0x0022);
    map_second(free_page(1) | PAGE_RAM);
    say("%u", call());
    map_second(free_page(2) | PAGE_RAM);
    say(" %u", call());
    map_second(free_page(1) | PAGE_RAM);
    say(" %u", call());
    put(1, 0x0033);
    say(" %u", call());
    put(2, 0x0044);
    map_second(free_page(2) | PAGE_RAM);
    say(" %u\n", call());
    map_second(0);
    fault("unmapped");
    map_second(free_page(2) | PAGE_RAM | PAGE_XN);
    fault("execute never");
    map_second(free_page(2) | PAGE_RAM);
    say("%u\n", call());
    write16(free_page(0) + 0xffe, BX_LR);
    map_second(0);
    say("16 bits alone: %u\n", attempt((const void *)(uintptr_t)(AT + 1), 0, 0, 0));
    return 0;
}
