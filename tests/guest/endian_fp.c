/* SPDX-License-Identifier: MIT */
/*
 * endian_fp.c - big-endian data in VFP and Advanced SIMD registers: doublewords and words as they
 * are, structures by element (DDI 0406C.d A3.3.1, A8.8.320, A8.8.332, A8.8.333).
 */
#include "guest.h"

__asm__(".fpu neon-vfpv4");

static uint64_t in[8] __attribute__((aligned(64))), out[8] __attribute__((aligned(64)));

#define BIG(name, insns) SNIPPET(name, "setend be", insns, "setend le\n vst1.64 {d0-d3}, [r1]")
#define STORE(name, insns) SNIPPET(name, "vld1.64 {d0-d3}, [r0]\n setend be", insns, "setend le")

BIG(vldr_s, "vldr s0, [r0]\n vldr s3, [r0, #4]");
BIG(vldr_d, "vldr d0, [r0]\n vldr d1, [r0, #12]");
BIG(vldm_s, "vldm r0, {s1-s5}");
BIG(vldm_d, "vldm r0, {d0-d2}");
BIG(vldmdb, "add r0, r0, #24\n vldmdb r0!, {d1-d3}");
BIG(vld1_8, "vld1.8 {d0, d1}, [r0]");
BIG(vld1_16, "vld1.16 {d0, d1}, [r0]");
BIG(vld1_32, "vld1.32 {d0, d1}, [r0]");
BIG(vld1_64, "vld1.64 {d0, d1}, [r0]");
BIG(vld1_odd, "add r0, r0, #3\n vld1.16 {d0}, [r0]\n vld1.32 {d1}, [r0]");
BIG(vld2_8, "vld2.8 {d0, d1}, [r0]");
BIG(vld2_16, "vld2.16 {d0, d2}, [r0]");
BIG(vld3_32, "vld3.32 {d0, d1, d2}, [r0]");
BIG(vld4_16, "vld4.16 {d0, d1, d2, d3}, [r0]");
BIG(lane_8, "vld1.8 {d0[3]}, [r0]");
BIG(lane_16, "vld2.16 {d0[1], d1[1]}, [r0]");
BIG(lane_32, "vld4.32 {d0[1], d1[1], d2[1], d3[1]}, [r0]");
BIG(all_16, "vld1.16 {d0[], d1[]}, [r0]");
BIG(all_32, "vld3.32 {d0[], d1[], d2[]}, [r0]");
STORE(vstr_s, "vstr s0, [r1]\n vstr s1, [r1, #12]");
STORE(vstr_d, "vstr d0, [r1]\n vstr d1, [r1, #16]");
STORE(vstm_s, "vstm r1, {s0-s2}");
STORE(vstm_d, "vstm r1, {d0-d2}");
STORE(vst1_8, "vst1.8 {d0, d1}, [r1]");
STORE(vst1_16, "vst1.16 {d0, d1}, [r1]");
STORE(vst1_64, "vst1.64 {d0, d1}, [r1]");
STORE(vst2_16, "vst2.16 {d0, d1}, [r1]");
STORE(vst3_8, "vst3.8 {d0, d1, d2}, [r1]");
STORE(vst4_32, "vst4.32 {d0, d1, d2, d3}, [r1]");
STORE(st_lane_16, "vst1.16 {d0[2]}, [r1]");
STORE(st_lane_32, "vst3.32 {d0[1], d1[1], d2[1]}, [r1]");
SNIPPET(fp_on, "mov r0, #0xf00000\n mcr p15, 0, r0, c1, c0, 2\n isb",
        "mov r0, #0x40000000\n vmsr fpexc, r0", "vmov.i8 q0, #0xee\n vmov q1, q0");

#define TRY(name) try(#name, name)

static void try(const char *what, const void *f)
{
    volatile uint64_t *o = out;

    for (uint32_t i = 0; i < 8; i++) {
        in[i] = 0x0706050403020100 + i * 0x0808080808080808;
        o[i] = 0;
    }
    attempt(fp_on, 0, 0, 0);
    if (attempt(f, (uint32_t)(uintptr_t)in, (uint32_t)(uintptr_t)out, 0)) {
        report(what, 0);
        return;
    }
    say("%s:", what);
    for (uint32_t i = 0; i < 4; i++) {
        say(" %x%x", (uint32_t)(o[i] >> 32), (uint32_t)o[i]);
    }
    say("\n");
}

int main(void)
{
    mmu_tables();
    mmu_on();
    TRY(vldr_s), TRY(vldr_d), TRY(vldm_s), TRY(vldm_d), TRY(vldmdb);
    TRY(vld1_8), TRY(vld1_16), TRY(vld1_32), TRY(vld1_64), TRY(vld1_odd);
    TRY(vld2_8), TRY(vld2_16), TRY(vld3_32), TRY(vld4_16);
    TRY(lane_8), TRY(lane_16), TRY(lane_32), TRY(all_16), TRY(all_32);
    TRY(vstr_s), TRY(vstr_d), TRY(vstm_s), TRY(vstm_d);
    TRY(vst1_8), TRY(vst1_16), TRY(vst1_64), TRY(vst2_16), TRY(vst3_8), TRY(vst4_32);
    TRY(st_lane_16), TRY(st_lane_32);
    return 0;
}
