/* SPDX-License-Identifier: MIT */
/* watch.c - watch registers: data, fetches, ASIDs, deferred ones (MD00090 9.51, 9.52, 6.2). */
#include "guest.h"

#define MTC0(reg, sel, v) __asm__ volatile("mtc0 %0, $" #reg ", " #sel "\n ehb" ::"r"(v))
#define MFC0(reg, sel) \
    ({ \
        uint32_t v_; \
        __asm__ volatile("mfc0 %0, $" #reg ", " #sel : "=r"(v_)); \
        v_; \
    })
enum { I = 4, R = 2, W = 1, STATUS_EXL = 2, CAUSE_WP = 1 << 22 };
#define G (1u << 30)

static volatile uint32_t data[4] __attribute__((aligned(8)));

SNIPPET(load, "", "lw $v0, 0($a0)", "");
SNIPPET(load_slot, "", "b 1f\n lw $v0, 0($a0)", "1:");
SNIPPET(store, "", "sb $a1, 0($a0)", "");
SNIPPET(nothing, "", "addiu $v0, $a0, 0", "");

static void data_pair(uint32_t lo, uint32_t hi)
{
    MTC0(19, 2, hi | 7);
    MTC0(18, 2, lo);
}

static void fetch_pair(uint32_t lo, uint32_t hi)
{
    MTC0(19, 0, hi | 7);
    MTC0(18, 0, lo);
}

static void deferred(uint32_t at)
{
    uint32_t status = MFC0(12, 0);

    MTC0(12, 0, status | STATUS_EXL);
    data[0] = 7;
    say("WP %u, stored %u\n", (MFC0(13, 0) & CAUSE_WP) != 0, data[0]);
    data_pair(0, 0);
    MTC0(13, 0, 0);
    MTC0(12, 0, status);
    say("WP %u, at %u\n", (MFC0(13, 0) & CAUSE_WP) != 0, at & 7);
}

int main(void)
{
    uint32_t at = (uint32_t)(uintptr_t)data;

    data_pair(at | R, G);
    report("a load", load, at + 4, 0, load_at);
    say("which: %u\n", MFC0(19, 2) & 7);
    report("a load in a slot", load_slot, at, 0, load_slot_at);
    report("a load beside", load, at + 8, 0, load_at);
    report("a store", store, at, 1, store_at);
    data_pair(at | W, G);
    report("a store that is watched", store, at + 7, 1, store_at);
    data_pair(at | W, 5 << 16);
    report("another ASID", store, at, 1, store_at);
    MTC0(10, 0, 5);
    report("this ASID", store, at, 1, store_at);
    data_pair(at | W, G);
    deferred(at);
    fetch_pair((uint32_t)(uintptr_t)nothing_at | I, G);
    report("a fetch", nothing, 0, 0, nothing_at);
    fetch_pair(0, 0);
    report("no longer", nothing, 0, 0, nothing_at);
    return 0;
}
