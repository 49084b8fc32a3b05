/* SPDX-License-Identifier: MIT */
/*
 * unprivileged.c - LDRT and its family in Supervisor mode: User mode's rights, sizes, signs and
 * post-indexing, in A32 and T32; the base of one that faults is not written (DDI 0406C.d A8.8.71,
 * A8.8.83, A8.8.87, A8.8.91, A8.8.92, A8.8.209, A8.8.219, A8.8.220).
 */
#include "guest.h"

enum { KERNEL = 0x80000000, READABLE = 0x80001000, OPEN = 0x80002000 };
enum { PAGE_USER_READS = 0x6e };

#define A32(name, insn) SNIPPET(name, "mov r2, #4", insn, "")
#define T32(name, insn) SNIPPET_T(name, "movs r2, #4", insn, "nop")

A32(a_ldrt, "ldrt r1, [r0], #4");
A32(a_ldrt_down, "ldrt r1, [r0], #-4");
A32(a_ldrt_reg, "ldrt r1, [r0], r2, lsl #1");
A32(a_ldrbt, "ldrbt r1, [r0], #1");
A32(a_ldrbt_reg, "ldrbt r1, [r0], -r2");
A32(a_ldrht, "ldrht r1, [r0], #2");
A32(a_ldrht_reg, "ldrht r1, [r0], r2");
A32(a_ldrsht, "ldrsht r1, [r0], #-2");
A32(a_ldrsbt, "ldrsbt r1, [r0], r2");
A32(a_strt, "strt r1, [r0], #4");
A32(a_strbt, "strbt r1, [r0], #4");
A32(a_strht, "strht r1, [r0], -r2");
T32(t_ldrt, "ldrt r1, [r0, #4]");
T32(t_ldrbt, "ldrbt r1, [r0, #3]");
T32(t_ldrht, "ldrht r1, [r0, #2]");
T32(t_ldrsht, "ldrsht r1, [r0, #2]");
T32(t_ldrsbt, "ldrsbt r1, [r0, #255]");
T32(t_strt, "strt r1, [r0, #4]");
T32(t_strbt, "strbt r1, [r0, #1]");
T32(t_strht, "strht r1, [r0, #2]");
SNIPPET(ldr, "", "ldr r1, [r0], #4", "");

/* Calls @f(@at, 0xcafef00d) and gives r0 and r1 after it. */
static void call(const void *f, uint32_t at, uint32_t *r0, uint32_t *r1)
{
    register uint32_t a __asm__("r0") = at, b __asm__("r1") = 0xcafef00d;

    __asm__ volatile("push {r2, r3, r12}\n blx %2\n pop {r2, r3, r12}"
                     : "+r"(a), "+r"(b)
                     : "r"(f)
                     : "lr", "cc", "memory");
    *r0 = a;
    *r1 = b;
}

static void one(const char *what, const void *f, const void *insn, uint32_t at)
{
    uint32_t r0, r1;

    if (attempt(f, at, 0xcafef00d, 0)) {
        report(what, insn);
        say(trap.r[0] == at ? "" : "  base written\n");
        return;
    }
    write32(at - 4, 0x80818283), write32(at, 0x84858687), write32(at + 4, 0x88898a8b);
    call(f, at, &r0, &r1);
    say("%s: %x %x; memory %x %x %x\n", what, r0, r1, read32(at - 4), read32(at), read32(at + 4));
}

#define TRY(name) \
    one(#name " kernel", name, name##_at, KERNEL + 0x100), \
        one(#name " readable", name, name##_at, READABLE + 0x100), \
        one(#name " open", name, name##_at, OPEN + 0x100)

int main(void)
{
    mmu_tables();
    mmu_on();
    map_page(KERNEL, free_page(1) | PAGE_PRIV);
    map_page(READABLE, free_page(2) | PAGE_USER_READS);
    map_page(OPEN, free_page(3) | PAGE_RAM);
    TRY(ldr);
    TRY(a_ldrt), TRY(a_ldrt_down), TRY(a_ldrt_reg), TRY(a_ldrbt), TRY(a_ldrbt_reg);
    TRY(a_ldrht), TRY(a_ldrht_reg), TRY(a_ldrsht), TRY(a_ldrsbt);
    TRY(a_strt), TRY(a_strbt), TRY(a_strht);
    TRY(t_ldrt), TRY(t_ldrbt), TRY(t_ldrht), TRY(t_ldrsht), TRY(t_ldrsbt);
    TRY(t_strt), TRY(t_strbt), TRY(t_strht);
    return 0;
}
