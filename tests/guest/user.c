/* SPDX-License-Identifier: MIT */
/*
 * user.c - User mode: MSR and CPS of the control bits do nothing, CP15 is undefined but for its
 * thread registers and barriers, kernel pages are out of reach (DDI 0406C.d B1.5, B3.7.1, B9.3).
 */
#include "guest.h"

enum { PRIVATE = 0x80000000, OPEN = 0x80001000 };

#define USER(name, insn, after) SNIPPET(name, "cps #0x10", insn, after "\n mrs r2, cpsr\n svc #0")

USER(msr_c, "msr cpsr_c, #0xd3", "");
USER(msr_f, "msr cpsr_fc, r1", "");
USER(cps, "cpsie aif", "");
USER(cps_mode, "cps #0x13", "");
USER(setend, "setend be", "mrs r3, cpsr\n setend le");
USER(mrc_sctlr, "mrc p15, 0, r1, c1, c0, 0", "");
USER(mcr_ttbr, "mcr p15, 0, r1, c2, c0, 0", "");
USER(tlbi, "mcr p15, 0, r1, c8, c7, 0", "");
USER(iciallu, "mcr p15, 0, r1, c7, c5, 0", "");
USER(isb, ".inst 0xee071f95", "");
USER(tpidrurw, "mcr p15, 0, r1, c13, c0, 2", "");
USER(tpidruro_read, "mrc p15, 0, r1, c13, c0, 3", "");
USER(tpidruro, "mcr p15, 0, r1, c13, c0, 3", "");
USER(tpidrprw, "mrc p15, 0, r1, c13, c0, 4", "");
USER(cntvct, "mrrc p15, 1, r1, r3, c14", "");
USER(midr, "mrc p15, 0, r1, c0, c0, 0", "");
USER(smc, ".inst 0xe1600070", "");
USER(hvc, ".inst 0xe1400070", "");
USER(load_private, "ldr r1, [r0]", "");
USER(store_private, "str r1, [r0]", "");
USER(load_open, "ldr r1, [r0]", "");
USER(go, "bx r0", "");
SNIPPET(ldrt, "", "ldrt r1, [r0]", "");
SNIPPET(strt, "", "strt r1, [r0]", "");
SNIPPET(ldr, "", "ldr r1, [r0]", "");

#define TRY(name, address) (attempt(name, address, 0xf00000d3, 0), report(#name, name##_at), more())

static void more(void)
{
    if (trap.kind == TRAP_SVC) {
        say("  cpsr %x\n", trap.r[2]);
    }
}

int main(void)
{
    mmu_tables();
    map_page(PRIVATE, free_page(0) | PAGE_PRIV);
    map_page(OPEN, free_page(1) | PAGE_RO);
    mmu_on();
    TRY(msr_c, 0);
    TRY(msr_f, 0);
    TRY(cps, 0);
    TRY(cps_mode, 0);
    TRY(setend, 0);
    say("  between %x\n", trap.r[3]);
    TRY(mrc_sctlr, 0);
    TRY(mcr_ttbr, 0);
    TRY(tlbi, 0);
    TRY(iciallu, 0);
    TRY(isb, 0);
    TRY(tpidrurw, 0);
    TRY(tpidruro_read, 0);
    TRY(tpidruro, 0);
    TRY(tpidrprw, 0);
    TRY(cntvct, 0);
    TRY(midr, 0);
    TRY(smc, 0);
    TRY(hvc, 0);
    TRY(load_private, PRIVATE);
    TRY(store_private, PRIVATE);
    TRY(store_private, OPEN);
    TRY(load_open, OPEN);
    attempt(go, PRIVATE, 0, 0);
    report("go", 0);
    TRY(ldrt, PRIVATE);
    TRY(strt, PRIVATE);
    TRY(strt, OPEN);
    TRY(ldr, PRIVATE);
    return 0;
}
