/* SPDX-License-Identifier: MIT */
/*
 * endian_system.c - big-endian data in the system: SCTLR.EE at an entry and in translation tables,
 * SRS, RFE, LDRT's family, SWP, TBH, literals (DDI 0406C.d A3.3.1, B1.9.1, B3.3.3, B9.3).
 */
#include "guest.h"

enum { VA = 0x80000000 };

SNIPPET(svc, "", "svc #0", "");
SNIPPET(svc_be, "setend be", "svc #0", "setend le");
SNIPPET(unprivileged,
        "push {r4-r8}\n mov r2, r0\n setend be\n ldrt r3, [r2], #4\n ldrht r4, [r2], #2\n"
        " ldrsht r5, [r2], #2\n ldrbt r6, [r2], #1\n ldrsbt r7, [r2], #1",
        "strt r3, [r2], #6\n strht r4, [r2], #2\n strbt r6, [r2]",
        "setend le\n stm r1, {r2-r7}\n pop {r4-r8}");
SNIPPET(swap, "setend be\n ldr r3, =0x01020304", "swp r2, r3, [r0]", "setend le\n str r2, [r1]");
SNIPPET(literal, "setend be", "ldr r2, 1f\n b 2f\n1: .word 0x11223344",
        "2: setend le\n str r2, [r1]");
SNIPPET_T(table,
          "setend be\n movs r2, #0\n b 1f\n.balign 4\n2: tbh [pc, r2, lsl #1]\n"
          "3: .inst.n 0x0200\n .inst.n 0x0300\n movs r2, #1\n b 4f\n movs r2, #2\n b 4f\n1: b 2b",
          "4: nop", "setend le\n str r2, [r1]");
SNIPPET(srs, "mov r12, sp\n mov r3, lr\n add sp, r0, #8\n ldr lr, =0x01020304\n setend be",
        "srsdb sp!, #0x13", "setend le\n str sp, [r1]\n mov sp, r12\n mov lr, r3");
SNIPPET(rfe,
        "adr r2, 1f\n rev r2, r2\n ldr r3, =0xd3010060\n str r2, [r0]\n str r3, [r0, #4]\n"
        " setend be",
        "rfeia r0", "1: mrs r2, cpsr\n str r2, [r1]");

static uint32_t out[8];

static void show(const char *what, const void *f, uint32_t at, uint32_t words)
{
    volatile uint32_t *o = out;

    for (uint32_t i = 0; i < 8; i++) {
        write32(at + 4 * i, 0x03020100 + i * 0x04040404);
        o[i] = 0;
    }
    if (attempt(f, at, (uint32_t)(uintptr_t)out, 0)) {
        report(what, 0);
        return;
    }
    say("%s:", what);
    for (uint32_t i = 0; i < words; i++) {
        say(" %x", o[i]);
    }
    say("; memory");
    for (uint32_t i = 0; i < 8; i++) {
        say(" %x", read32(at + 4 * i));
    }
    say("\n");
}

static uint32_t reverse(uint32_t x)
{
    __asm__("rev %0, %0" : "+r"(x));
    return x;
}

static void traps(const char *what)
{
    attempt(svc, 0, 0, 0);
    say("%s: E of the trap %u, of its handler %u;", what, trap.spsr >> 9 & 1, trap.cpsr >> 9 & 1);
    attempt(svc_be, 0, 0, 0);
    say(" big-endian %u, %u\n", trap.spsr >> 9 & 1, trap.cpsr >> 9 & 1);
    __asm__ volatile("setend le");
}

static void turn_tables(void)
{
    uint32_t *l1 = mmu_l1();

    for (uint32_t i = 0; i < 4096; i++) {
        l1[i] = reverse(l1[i]);
    }
}

/* The tables turned round while the MMU is off. A handler would run big-endian: no trap here. */
static void big_tables(void)
{
    uint32_t sctlr = get_sctlr(), value;

    write32(free_page(2), 0x600d600d);
    mmu_l1()[0x900] = SECTION_RAM | 0x41000000;
    set_sctlr(sctlr & ~1u);
    turn_tables();
    set_tlbiall(0);
    set_sctlr(sctlr | 1u << 25);
    value = read32(0x90002000);
    set_sctlr(sctlr & ~1u);
    turn_tables();
    set_tlbiall(0);
    set_sctlr(sctlr);
    say("through big-endian tables: %x\n", value);
}

int main(void)
{
    mmu_tables();
    mmu_on();
    map_page(VA, free_page(1) | PAGE_RAM);
    traps("EE 0");
    show("unprivileged", unprivileged, VA, 6);
    set_sctlr(get_sctlr() | 1u << 10);
    show("swp", swap, VA, 1);
    show("literal", literal, VA, 1);
    show("tbh", table, VA, 1);
    show("srs", srs, VA, 1);
    show("rfe", rfe, VA, 1);
    big_tables();
    return 0;
}
