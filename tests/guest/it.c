/* SPDX-License-Identifier: MIT */
/*
 * it.c - exceptions inside IT blocks: SPSR.IT is the state of the instruction that faulted, or
 * of the
 * next one after SVC, and a return goes on inside the block (ARM DDI 0406C.d A2.5.2, B1.9).
 */
#include "guest.h"

SNIPPET_T(first, "mov r1, #0\n cmp r1, r1\n itttt eq", "ldreq r2, [r0]", "nopeq\n nopeq\n nopeq");
SNIPPET_T(second, "mov r1, #0\n cmp r1, r1\n ittte eq\n nopeq", "ldreq r2, [r0]", "nopeq\n nopne");
SNIPPET_T(last, "mov r1, #0\n cmp r1, r1\n ittte ne\n nopne\n nopne\n nopne", "streq r2, [r0]", "");
SNIPPET_T(skipped, "mov r1, #0\n cmp r1, r1\n itte ne\n nopne", "ldrne r2, [r0]", "nopeq");
SNIPPET_T(undefined, "cmp r1, r1\n itt eq\n nopeq", ".inst.n 0xde00", "nopeq");
SNIPPET_T(svc, "cmp r1, r1\n ittet eq\n nopeq", "svceq #0", "nopne\n nopeq");
/* Returns with bits for what ran: 1 and 8 of 1, 4, 8. */
SNIPPET_T(resumed, "mov r3, #0\n cmp r1, r1\n ittet eq\n orreq r3, r3, #1", "ldreq.w r2, [r0]",
          "orrne r3, r3, #4\n orreq r3, r3, #8\n mov r0, r3");
SNIPPET_T(called, "mov r3, #0\n push {r4, lr}\n cmp r1, r1\n ittet eq\n orreq r3, r3, #1",
          "svceq #1", "orrne r3, r3, #4\n orreq r3, r3, #8\n mov r0, r3\n pop {r4, lr}");
SNIPPET_T(branch, "cmp r1, r1\n ite ne\n movne r0, #1", "bxeq r0", "nop");

#define TRY(name) (attempt(name, 0xb0000000, 0, 0), report(#name, name##_at))

/* Skips the load, or goes on after the SVC. */
static uint32_t next(void)
{
    say("  spsr %x\n", trap.spsr);
    if (trap.kind == TRAP_SVC) {
        return trap.lr;
    }
    map_page(0xb0000000, free_page(0) | PAGE_RAM);
    return trap.lr - 8;
}

int main(void)
{
    uint32_t (*f)(uint32_t) = (uint32_t(*)(uint32_t))(uintptr_t)resumed;

    mmu_tables();
    mmu_on();
    TRY(first);
    TRY(second);
    TRY(last);
    TRY(skipped);
    TRY(undefined);
    TRY(svc);
    attempt(branch, 0xb0000000, 0, 0);
    report("branch", 0);
    trap_hook = next;
    say("resumed: %x\n", f(0xb0000000));
    f = (uint32_t(*)(uint32_t))(uintptr_t)called;
    say("svc: %x\n", f(0));
    return 0;
}
