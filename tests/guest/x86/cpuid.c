/* SPDX-License-Identifier: MIT */
/*
 * cpuid.c - every leaf of CPUID of qemu32, and those behind them.
 */
#include "guest.h"

static void leaf(uint32_t n, uint32_t sub)
{
    uint32_t a = n, b, c = sub, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    say("%x %u: %x %x %x %x\n", n, sub, a, b, c, d);
}

static uint32_t most(uint32_t n)
{
    uint32_t a = n, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return a;
}

int main(void)
{
    uint32_t n = most(0);

    for (uint32_t i = 0; i <= n; i++) {
        for (uint32_t sub = 0; sub < (i == 4 ? 4 : 1); sub++) {
            leaf(i, sub);
        }
    }
    leaf(n + 1, 0);
    leaf(0x40000000, 0);
    leaf(0x40000001, 0);
    leaf(0x40000002, 0);
    for (uint32_t i = 0; i < 10; i++) {
        leaf(0x80000000u + i, 0);
    }
    return 0;
}
