/* SPDX-License-Identifier: MIT */
/*
 * align.c - alignment faults: always for LDRD, LDM, LDREX; for all with SCTLR.A, on Device
 * memory and with the MMU off (ARM DDI 0406C.d A3.2.1, B3.12.3). The base is not written.
 */
#include "guest.h"

SNIPPET(ldr, "", "ldr r4, [r0], #4", "");
SNIPPET(ldrh, "", "ldrh r4, [r0], #4", "");
SNIPPET(str, "", "str r4, [r0, #4]!", "");
SNIPPET(ldrd, "", "ldrd r4, r5, [r0], #8", "");
SNIPPET(strd, "", "strd r4, r5, [r0]", "");
SNIPPET(ldm, "", "ldm r0!, {r4, r5}", "");
SNIPPET(stm, "", "stm r0!, {r4, r5}", "");
SNIPPET(ldrex, "", "ldrex r4, [r0]", "");
SNIPPET(ldrexh, "", "ldrexh r4, [r0]", "");
SNIPPET(ldrexd, "", "ldrexd r4, r5, [r0]", "");
SNIPPET(strex, "clrex", "strex r6, r4, [r0]", "");
SNIPPET(swp, "", "ldrexb r4, [r0]", "clrex");
SNIPPET_T(t_ldr, "", "ldr.w r4, [r0], #4", "");
SNIPPET_T(t_ldrd, "", "ldrd r4, r5, [r0]", "");

#define TRY(name, address) \
    (attempt(name, address, 0, 0), report(#name, name##_at), \
     say(trap.kind && trap.r[0] != (address) ? "base written\n" : ""))

static void all(const char *what, uint32_t base)
{
    say("%s\n", what);
    TRY(ldr, base + 1);
    TRY(ldrh, base + 1);
    TRY(ldrh, base + 2);
    TRY(str, base + 2);
    TRY(ldrd, base + 2);
    TRY(ldrd, base + 4);
    TRY(strd, base + 1);
    TRY(ldm, base + 2);
    TRY(stm, base + 3);
    TRY(ldrex, base + 2);
    TRY(ldrexh, base + 1);
    TRY(ldrexd, base + 4);
    TRY(ldrexd, base + 8);
    TRY(strex, base + 1);
    TRY(swp, base + 1);
    TRY(t_ldr, base + 3);
    TRY(t_ldrd, base + 2);
}

int main(void)
{
    all("MMU off", free_page(0));
    mmu_tables();
    mmu_on();
    all("normal memory", free_page(0));
    set_sctlr(get_sctlr() | 2);
    all("SCTLR.A", free_page(0));
    set_sctlr(get_sctlr() & ~2u);
    all("unmapped and unaligned", 0xb0000000);
    return 0;
}
