/* SPDX-License-Identifier: MIT */
/*
 * align_fp.c - alignment of the other accesses: words for VLDR and VLDM always, elements if SCTLR.A
 * asks, what :align names always; SWP, SRS, RFE, TBH, LDRHT (DDI 0406C.d A3.2.1, A7.7.1, A8.8.229).
 */
#include "guest.h"

__asm__(".fpu neon-vfpv4");

#define FP(name, insn) SNIPPET(name, "", insn, "")

FP(vldr_s, "vldr s0, [r0]");
FP(vldr_d, "vldr d0, [r0]");
FP(vstr_d, "vstr d0, [r0]");
FP(vldm_d, "vldmia r0!, {d0-d1}");
FP(vstm_s, "vstmia r0!, {s0-s1}");
FP(vld1_8, "vld1.8 {d0}, [r0]!");
FP(vld1_16, "vld1.16 {d0}, [r0]");
FP(vld1_32, "vld1.32 {d0}, [r0]");
FP(vld1_64, "vld1.64 {d0}, [r0]");
FP(vld2_16, "vld2.16 {d0, d1}, [r0]");
FP(vld1_a64, "vld1.8 {d0}, [r0:64]!");
FP(vld1_a128, "vld1.8 {d0, d1}, [r0:128]");
FP(vst4_a256, "vst4.8 {d0, d1, d2, d3}, [r0:256]");
FP(lane_16, "vld1.16 {d0[1]}, [r0]");
FP(lane_a16, "vld1.16 {d0[1]}, [r0:16]");
FP(lane4_a64, "vld4.16 {d0[1], d1[1], d2[1], d3[1]}, [r0:64]");
FP(all_32, "vld1.32 {d0[]}, [r0]");
FP(all_a32, "vld1.32 {d0[]}, [r0:32]");
FP(swp, "swp r1, r2, [r0]");
FP(swpb, "swpb r1, r2, [r0]");
FP(ldrht, "ldrht r1, [r0], #2");
FP(ldrsh, "ldrsh r1, [r0]");
FP(strexh, "strexh r1, r2, [r0]");
SNIPPET(srs, "mov sp, r0", "srsia sp, #0x13", "");
FP(rfe, "rfeia r0");
SNIPPET(pop, "mov r3, sp\n mov sp, r0", "pop {r1}", "mov sp, r3");
SNIPPET(pop2, "mov r3, sp\n mov sp, r0", "pop {r1, r2}", "mov sp, r3");
SNIPPET(fp_on, "mov r0, #0xf00000\n mcr p15, 0, r0, c1, c0, 2\n isb",
        "mov r0, #0x40000000\n vmsr fpexc, r0", "");

#define TRY(name, at) \
    (attempt(name, base + (at), 0, 0), report(#name " " #at, name##_at), \
     say(trap.kind && trap.r[0] != base + (at) ? "base written\n" : ""))

static void all(const char *what, uint32_t base)
{
    say("%s\n", what);
    TRY(vldr_s, 4), TRY(vldr_s, 2), TRY(vldr_d, 4), TRY(vldr_d, 2), TRY(vstr_d, 1);
    TRY(vldm_d, 4), TRY(vldm_d, 2), TRY(vstm_s, 3);
    TRY(vld1_8, 1), TRY(vld1_16, 2), TRY(vld1_16, 1), TRY(vld1_32, 2), TRY(vld1_64, 4);
    TRY(vld2_16, 3);
    TRY(vld1_a64, 8), TRY(vld1_a64, 4), TRY(vld1_a128, 8), TRY(vst4_a256, 16);
    TRY(lane_16, 1), TRY(lane_a16, 1), TRY(lane4_a64, 4), TRY(all_32, 2), TRY(all_a32, 2);
    TRY(swp, 2), TRY(swpb, 1), TRY(ldrht, 1), TRY(ldrsh, 1), TRY(strexh, 1);
    TRY(srs, 2), TRY(rfe, 2), TRY(pop, 2), TRY(pop2, 2);
}

int main(void)
{
    attempt(fp_on, 0, 0, 0);
    mmu_tables();
    mmu_on();
    set_sctlr(get_sctlr() | 1u << 10);
    all("normal memory", free_page(0));
    set_sctlr(get_sctlr() | 2);
    all("SCTLR.A", free_page(0));
    return 0;
}
