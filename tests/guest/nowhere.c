/* SPDX-License-Identifier: MIT */
/* nowhere.c - branches to where no code can be: prefetch aborts (ARM DDI 0406C.d B1.9.4, B3.13). */
#include "guest.h"

SNIPPET(go, "msr cpsr_f, #0x80000000", "bx r0", "");

static void branch(const char *what, uint32_t target)
{
    attempt(go, target, 0, 0);
    report(what, 0);
}

int main(void)
{
    branch("hole, MMU off", 0x0b000010);
    branch("hole, MMU off, T32", 0x0b000013);
    branch("above RAM, MMU off", 0x44000000);
    mmu_tables();
    map_page(0x80000000, free_page(0) | PAGE_RAM | PAGE_XN);
    map_page(0x80001000, 0x0b000000 | PAGE_RAM);
    map_page(0x80002000, free_page(0) | (PAGE_RAM & ~0x30));
    map_section(0x81000000, 0x0b000001);
    map_section(0x82000000, 0x40000000 | SECTION_RAM | 1 << 5);
    mmu_on();
    branch("no section", 0xb0000000);
    branch("no section, T32", 0xb0000003);
    branch("top", 0xfffffffc);
    branch("no page", 0x80003ffc);
    branch("execute never", 0x80000004);
    branch("page of a hole", 0x80001008);
    branch("no access", 0x8000200c);
    branch("table in a hole", 0x81000000);
    branch("domain without access", 0x82000000);
    branch("device", UART);
    return 0;
}
