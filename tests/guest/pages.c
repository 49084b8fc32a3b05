/* SPDX-License-Identifier: MIT */
/*
 * pages.c - accesses over a page's end: the pages are not neighbours in memory, or one is not
 * there.
 * An access that faults has changed neither its first page, nor a register, nor its base (B1.9.8).
 */
#include "guest.h"

enum { VA = 0x80000000, MIDDLE = VA + 0x1000, FIRST = 1, SECOND = 5 };

SNIPPET(ldr, "", "ldr r4, [r0]", "mov r0, r4\n str r4, [r1]");
SNIPPET(ldrh, "", "ldrh r4, [r0]", "str r4, [r1]");
SNIPPET(str, "", "str r1, [r0]", "");
SNIPPET(strh, "", "strh r1, [r0]", "");
SNIPPET(str_pre, "", "str r1, [r0, #2]!", "");
SNIPPET(ldm, "mov r4, #0x44\n mov r5, #0x55\n mov r6, #0x66", "ldmia r0!, {r4-r6}",
        "stm r1, {r4-r6}");
SNIPPET(stm, "mov r4, #0x44\n mov r5, #0x55\n mov r6, #0x66", "stmia r0!, {r4-r6}", "");
SNIPPET(stmdb, "mov r4, #0x44\n mov r5, #0x55\n mov r6, #0x66", "stmdb r0!, {r4-r6}", "");
SNIPPET(ldm_base, "mov r4, #0x44", "ldmib r0, {r0, r4}", "");
SNIPPET(strd, "mov r4, #0x44\n mov r5, #0x55", "strd r4, r5, [r0]", "");
SNIPPET(ldrd, "mov r4, #0x44\n mov r5, #0x55", "ldrd r4, r5, [r0], #8", "stm r1, {r4, r5}");
SNIPPET_T(t_push, "mov r4, #0x44\n mov r5, #0x55\n mov r12, sp\n mov sp, r0", "push.w {r4, r5, lr}",
          "mov sp, r12");

static uint32_t result[4];

static void fill(void)
{
    for (uint32_t k = 0; k < 32; k++) {
        write32(free_page(FIRST) + 4096 - 32 * 4 + k * 4, 0x11000000 + k);
        write32(free_page(SECOND) + k * 4, 0x22000000 + k);
    }
}

/* What of the 16 bytes on each side has been written. */
static void changes(void)
{
    for (uint32_t k = 24; k < 32; k++) {
        uint32_t x = read32(free_page(FIRST) + 4096 - 32 * 4 + k * 4);

        if (x != 0x11000000 + k) {
            say("  first page +%u: %x\n", 0xf80 + k * 4, x);
        }
    }
    for (uint32_t k = 0; k < 8; k++) {
        uint32_t x = read32(free_page(SECOND) + k * 4);

        if (x != 0x22000000 + k) {
            say("  second page +%u: %x\n", k * 4, x);
        }
    }
}

static void go(const char *what, const void *f, const void *at, uint32_t address, bool load)
{
    fill();
    for (uint32_t k = 0; k < 4; k++) {
        write32((uint32_t)(uintptr_t)&result[k], 0);
    }
    say("%x ", address);
    attempt(f, address, load ? (uint32_t)(uintptr_t)result : 0xa1b2c3d4, 0);
    report(what, at);
    if (trap.kind) {
        say("  r0 %x r4 %x r5 %x r6 %x\n", trap.r[0], trap.r[4], trap.r[5], trap.r[6]);
    } else if (load) {
        volatile uint32_t *r = result;

        say("  %x %x %x\n", r[0], r[1], r[2]);
    }
    changes();
}

static void all(const char *what)
{
    say("%s\n", what);
    for (uint32_t back = 1; back < 4; back++) {
        go("ldr", ldr, ldr_at, MIDDLE - back, true);
        go("str", str, str_at, MIDDLE - back, false);
    }
    go("ldrh", ldrh, ldrh_at, MIDDLE - 1, true);
    go("strh", strh, strh_at, MIDDLE - 1, false);
    go("str!", str_pre, str_pre_at, MIDDLE - 4, false);
    go("ldm", ldm, ldm_at, MIDDLE - 4, true);
    go("ldm", ldm, ldm_at, MIDDLE - 8, true);
    go("stm", stm, stm_at, MIDDLE - 4, false);
    go("stmdb", stmdb, stmdb_at, MIDDLE + 4, false);
    go("strd", strd, strd_at, MIDDLE - 4, false);
    go("ldrd", ldrd, ldrd_at, MIDDLE - 4, true);
    go("push", t_push, t_push_at, MIDDLE + 8, false);
    go("ldm base", ldm_base, ldm_base_at, MIDDLE - 8, false);
}

int main(void)
{
    mmu_tables();
    mmu_on();
    map_page(VA, free_page(FIRST) | PAGE_RAM);
    map_page(MIDDLE, free_page(SECOND) | PAGE_RAM);
    all("both pages");
    map_page(MIDDLE, 0);
    set_tlbimva(MIDDLE);
    all("no second page");
    map_page(MIDDLE, free_page(SECOND) | PAGE_RO);
    all("second page read-only");
    map_page(MIDDLE, free_page(SECOND) | PAGE_RAM);
    map_page(VA, 0);
    set_tlbiall(0);
    all("no first page");
    return 0;
}
