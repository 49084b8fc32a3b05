/* SPDX-License-Identifier: MIT */
/*
 * tlb.c - after the maintenance the manual asks for, no old translation is seen: by address,
 * ASID and all; DACR and ASID changes need none (ARM DDI 0406C.d B3.9, B3.10).
 */
#include "guest.h"

enum { VA = 0x80000000, GLOBAL = 0x80001000, CODE = 0x80002000 };

SNIPPET(load, "", "ldr r1, [r0]", "");

static uint32_t seen(uint32_t va)
{
    return attempt(load, va, 0, 0) ? 0xf0000000 | trap.dfsr : read32(va);
}

static uint32_t call(uint32_t va) { return ((uint32_t(*)(void))(uintptr_t)va)(); }

static void by_address(void)
{
    uint32_t wrong = 0;

    for (uint32_t k = 0; k < 300; k++) {
        map_page(VA, free_page(k % 3) | (k & 4 ? PAGE_NG : 0) | PAGE_RAM);
        switch (k % 4) {
        case 0: set_tlbimva(VA); break;
        case 1: set_tlbimvaa(VA); break;
        case 2: set_tlbiall(0); break;
        default:
            /* Of ASID 0; the entry before may have been global. */
            set_tlbiasid(0);
            set_tlbimva(VA);
        }
        wrong += read32(VA) != 100 + k % 3;
    }
    say("by address: %u wrong\n", wrong);
    map_page(VA, 0);
    set_tlbimva(VA);
    say("unmapped: %x", seen(VA));
    map_page(VA, free_page(1) | PAGE_RAM);
    /* An entry that faulted is not in a TLB: nothing to maintain. */
    say(", mapped: %x\n", seen(VA));
}

/* Two address spaces differ in one non-global page; the ASID goes with the table's entry. */
static void by_asid(void)
{
    uint32_t wrong = 0;

    /* The page was global; no flush by ASID reaches that entry. */
    set_tlbimva(VA);
    for (uint32_t asid = 1; asid <= 5; asid++) {
        set_contextidr(asid);
        map_page(VA, free_page(asid) | PAGE_RAM | PAGE_NG);
        set_tlbiasid(asid);
        wrong += read32(VA) != 100 + asid;
    }
    for (uint32_t k = 0; k < 200; k++) {
        uint32_t asid = 1 + k * 7 % 5;

        set_contextidr(0);
        map_page(VA, free_page((asid + k / 10) % 6) | PAGE_RAM | PAGE_NG);
        set_tlbiasid(asid);
        set_contextidr(asid);
        wrong += read32(VA) != 100 + (asid + k / 10) % 6;
        wrong += read32(GLOBAL) != 107;
        set_tlbimva(VA | asid);
        map_page(VA, free_page(8) | PAGE_RAM | PAGE_NG);
        set_tlbimva(VA | asid);
        wrong += read32(VA) != 108;
    }
    set_contextidr(0);
    say("by ASID: %u wrong\n", wrong);
}

static void domains(void)
{
    map_section(0x90000000, 0x41000000 | SECTION_RAM | 3 << 5);
    map_section(0x90100000, (0x41000000 | SECTION_RAM | 3 << 5) & ~0xc00u);
    set_tlbiall(0);
    for (uint32_t k = 0; k < 8; k++) {
        set_dacr(1 | (k & 3) << 6);
        if ((k & 3) != 2) {
            say("domain %u: %x %x\n", k & 3, seen(0x90000000), seen(0x90100000));
        }
    }
    set_dacr(1);
}

static void code(void)
{
    uint32_t wrong = 0;

    for (uint32_t k = 0; k < 3; k++) {
        write32(free_page(k) + 0x100, 0xe3a00000 | k);
        write32(free_page(k) + 0x104, 0xe12fff1e);
    }
    set_iciallu(0);
    for (uint32_t k = 0; k < 100; k++) {
        uint32_t asid = 1 + k % 2;

        set_contextidr(0);
        map_page(CODE, free_page(k % 3) | PAGE_RAM | PAGE_NG);
        set_tlbiasid(asid);
        set_bpiall(0);
        set_contextidr(asid);
        wrong += call(CODE + 0x100) != k % 3;
    }
    set_contextidr(0);
    say("code: %u wrong\n", wrong);
}

/* Rights that shrink: a store into what has become read-only must fault after TLBIMVA. */
static void rights(void)
{
    map_page(VA, free_page(0) | PAGE_RAM);
    set_tlbimva(VA);
    write32(VA, 100);
    map_page(VA, free_page(0) | PAGE_RO);
    set_tlbimva(VA);
    say("read-only: %x\n", read32(VA));
}

int main(void)
{
    for (uint32_t k = 0; k < 16; k++) {
        write32(free_page(k), 100 + k);
    }
    mmu_tables();
    map_page(GLOBAL, free_page(7) | PAGE_RAM);
    mmu_on();
    by_address();
    by_asid();
    domains();
    code();
    rights();
    return 0;
}
