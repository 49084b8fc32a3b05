/* SPDX-License-Identifier: MIT */
/* guest.c - text and page tables for the guest programs. */
#include "guest.h"

#include <stdarg.h>

static uint32_t l1[4096] __attribute__((aligned(16384)));
static uint32_t l2[8][256] __attribute__((aligned(1024)));
static unsigned l2_used;

static void put(char c) { write32(UART, (uint8_t)c); }

static void put_string(const char *s)
{
    while (*s) {
        put(*s++);
    }
}

static void put_hex(uint32_t x)
{
    for (int shift = 28; shift >= 0; shift -= 4) {
        put("0123456789abcdef"[x >> shift & 15]);
    }
}

static void put_decimal(uint32_t x)
{
    if (x >= 10) {
        put_decimal(x / 10);
    }
    put((char)('0' + x % 10));
}

void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        switch (*++format) {
        case 'x': put_hex(va_arg(args, uint32_t)); break;
        case 'u': put_decimal(va_arg(args, uint32_t)); break;
        default: put_string(va_arg(args, const char *));
        }
    }
    va_end(args);
}

void report(const char *what, const void *at)
{
    static const char *const kinds[] = {
        "none", "undefined", "svc", "prefetch abort", "data abort", "", "irq", "fiq",
    };
    uint32_t base = (uint32_t)(uintptr_t)at;

    say("%s: %s", what, kinds[trap.kind & 7]);
    if (trap.kind) {
        if (at) {
            say(" lr=at+%u", trap.lr - base);
        } else {
            say(" lr=%x", trap.lr);
        }
        say(" spsr=%x", trap.spsr);
    }
    if (trap.kind == TRAP_PABT) {
        say(" ifsr=%x ifar=%x", trap.ifsr, trap.ifar);
    }
    if (trap.kind == TRAP_DABT) {
        say(" dfsr=%x dfar=%x", trap.dfsr, trap.dfar);
    }
    say("\n");
}

uint32_t *mmu_l1(void) { return l1; }

void map_section(uint32_t va, uint32_t descriptor)
{
    ((volatile uint32_t *)l1)[va >> 20] = descriptor;
    __asm__ volatile("dsb\n isb" ::: "memory");
}

void map_page(uint32_t va, uint32_t descriptor)
{
    volatile uint32_t *entry = &l1[va >> 20];

    if ((*entry & 3) != 1) {
        *entry = (uint32_t)(uintptr_t)l2[l2_used++] | 1;
    }
    ((volatile uint32_t *)(uintptr_t)(*entry & ~0x3ffu))[va >> 12 & 255] = descriptor;
    __asm__ volatile("dsb\n isb" ::: "memory");
}

void mmu_tables(void)
{
    for (uint32_t mib = 0x400; mib < 0x440; mib++) {
        map_section(mib << 20, mib << 20 | SECTION_RAM);
    }
    map_section(UART, UART | SECTION_DEVICE);
    map_section(GICD, GICD | SECTION_DEVICE);
}

void mmu_on(void)
{
    set_ttbcr(0);
    set_ttbr0((uint32_t)(uintptr_t)l1);
    set_dacr(1);
    set_contextidr(0);
    set_tlbiall(0);
    set_sctlr(get_sctlr() | 0x1005);
}
