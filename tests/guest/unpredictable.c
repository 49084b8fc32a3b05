/* SPDX-License-Identifier: MIT */
/*
 * unpredictable.c - what docs/ARM.md says of encodings that the manual leaves UNPREDICTABLE: each
 * runs, and shows its exception, or r0 and r2 to r7 (of a base: less the base) and flags after it.
 */
#include "guest.h"

__asm__(".fpu neon-vfpv4");

#define BEFORE \
    "push {r4-r7}\n mov r12, r1\n mov r2, #2\n mov r3, r0\n mov r4, #4\n mov r5, r0\n mov r6, " \
    "#6\n" \
    " mov r7, #7\n"
#define AFTER "mrs r1, cpsr\n stm r12, {r0-r7}\n pop {r4-r7}"
#define A(name, text, word) \
    SNIPPET(a_##name, BEFORE, ".inst " #word, AFTER); \
    NAMED(a_##name, text)
#define T2(name, text, half) \
    SNIPPET_T(t_##name, BEFORE, ".inst.n " #half, AFTER); \
    NAMED(t_##name, text)
#define T4(name, text, word) \
    SNIPPET_T(t_##name, BEFORE, ".inst.w " #word, AFTER); \
    NAMED(t_##name, text)
#define IT(name, text, insn) \
    SNIPPET_T(t_##name, BEFORE "cmp r7, r7\n .inst.n 0xbf04", insn, "nop\n" AFTER); \
    NAMED(t_##name, text)
#define IN(mode, name, text, word) \
    SNIPPET(m_##name, BEFORE "cps #" #mode "\n mov lr, pc", ".inst " #word, \
            "mov r4, #0x44\n cps #0x13\n" \
            " ldr lr, =leave_here\n ldr lr, [lr]\n" AFTER); \
    NAMED(m_##name, text)
#define NAMED(name, what) static const char name##_text[] = what

/* A8.8, A32 */
A(ldr_base, "ldr r3, [r3], #4", 0xe4933004);
A(ldr_pc_base, "ldr r3, [pc, #4]!", 0xe5bf3004);
A(ldrb_pc, "ldrb pc, [r0]", 0xe5d0f000);
A(ldrt_base, "ldrt r3, [r3]", 0xe4b33000);
A(str_base, "str r3, [r3], #4", 0xe4833004);
A(strb_pc, "strb pc, [r0]", 0xe5c0f000);
A(ldrd_odd, "ldrd r3, r4, [r0]", 0xe1c030d0);
A(ldrd_base, "ldrd r4, r5, [r5], #8", 0xe0c540d8);
A(ldrd_lr, "ldrd lr, pc, [r0]", 0xe1c0e0d0);
A(strd_odd, "strd r3, r4, [r0]", 0xe1c030f0);
A(ldm_none, "ldm r0, {}", 0xe8900000);
A(ldm_base, "ldm r0!, {r0, r3}", 0xe8b00009);
A(ldm_pc, "ldm pc, {r3}", 0xe89f0008);
A(stm_base, "stm r3!, {r2, r3}", 0xe8a3000c);
A(mul_pc, "mul pc, r2, r4", 0xe00f0492);
A(umull_same, "umull r3, r3, r2, r6", 0xe0833692);
A(bfi, "bfi r4, r2, #4 to 1", 0xe7c14212);
A(bfc, "bfc r4, #4 to 1", 0xe7c1421f);
A(sbfx, "sbfx r4, r2, #4, #32", 0xe7bf4252);
A(clz_pc, "clz pc, r2", 0xe16fff12);
A(strex_rt, "strex r4, r4, [r0]", 0xe1804f94);
A(strex_rn, "strex r0, r4, [r0]", 0xe1800f94);
A(ldrexd_odd, "ldrexd r3, r4, [r0]", 0xe1b03f9f);
A(swp_base, "swp r0, r2, [r0]", 0xe1000092);
A(blx_pc, "blx pc", 0xe12fff3f);
A(movw_pc, "movw pc, #1", 0xe300f001);
A(add_pc_rsr, "add pc, r2, r4, lsl r6", 0xe082f614);
A(mov_pc_rsr, "lsl pc, r2, r4", 0xe1a0f412);
A(ssat_pc, "ssat pc, #2, r2", 0xe6a1f012);
A(msr_none, "msr cpsr_, r2", 0xe120f002);
A(mrs_pc, "mrs pc, cpsr", 0xe10ff000);
A(mcr_pc, "mcr p15, 0, pc, c13, c0, 4", 0xee0dff90);
A(mrrc_same, "mrrc p15, 1, r4, r4, c14", 0xec544f1e);
A(rfe_pc, "rfeia pc", 0xf89f0a00);
A(srs_mode, "srsia sp, #0x10", 0xf8cd0510);
A(ldm_user_back, "ldm r0!, {r3}^", 0xe8f00008);
A(cps_none, "cpsie, no flags", 0xf1080000);
A(cps_mode, "cps #0x13 without M", 0xf1000013);

/* A8.8, T32 */
T4(ldm_one, "ldm.w r0, {r3}", 0xe8900008);
T4(ldm_sp, "ldm.w r0, {r3, sp}", 0xe8902008);
T4(ldm_lr_pc, "ldm.w r0, {lr, pc}", 0xe890c000);
T4(stm_base, "stm.w r3!, {r2, r3}", 0xe8a3000c);
T4(and_sp, "and.w r4, sp, r2", 0xea0d0402);
T4(mov_pc, "mov.w pc, r2", 0xea4f0f02);
T4(imm, "mov.w r4, #0x00000000, doubled", 0xf04f1400);
T4(ldrd_same, "ldrd r4, r4, [r0]", 0xe9d04400);
T4(ldrd_base, "ldrd r4, r5, [r5], #8", 0xe8f54502);
T4(strex_rt, "strex r4, r4, [r0]", 0xe8404400);
T2(cmp_low, "cmp r2, r4, as of high registers", 0x4522);
T2(cmp_pc, "cmp r2, pc", 0x457a);
T2(blx_pc, "blx pc", 0x47f8);
T2(push_none, "push {}", 0xb400);
T2(pop_none, "pop {}", 0xbc00);
IT(it_it, "it in an IT block", ".inst.n 0xbf08");
IT(it_setend, "setend in an IT block", ".inst.n 0xb650");
IT(it_cbz, "cbz in an IT block", ".inst.n 0xb107");
IT(it_b, "b in the middle of an IT block", ".inst.n 0xe7ff");
IT(it_cps, "cps in an IT block", ".inst.n 0xb662");

/* Without an SPSR */
IN(0x1f, mrs_spsr, "System mode: mrs r4, spsr", 0xe14f4000);
IN(0x1f, msr_spsr, "System mode: msr spsr_c, #0x13", 0xe361f013);
IN(0x1f, srs, "System mode: srsia sp, #0x13", 0xf8cd0513);
IN(0x1f, ldm_user, "System mode: ldm r0, {r4}^", 0xe8d00010);

/* VFP and Advanced SIMD */
A(vldm_none, "vldm r0, {}", 0xec900b00);
A(vldm_17, "vldm r0, {d0-d16}", 0xec900b22);
A(vldm_beyond, "vldm r0, {s31, s32}", 0xecd0fa02);
A(vmov_same, "vmov r4, r4, s0, s1", 0xec544a10);
A(vmov_s31, "vmov s31, s32, r2, r4", 0xec442a3f);
A(vmrs_sp, "vmrs pc, fpexc", 0xeef8fa10);
A(vmov_pc, "vmov pc, s0", 0xee10fa10);
A(vld1_pc, "vld1.8 {d0}, [pc]", 0xf42f070f);
A(vld4_beyond, "vld4.8 {d29-d32}, [r0]", 0xf460d00f);
A(vtbl_beyond, "vtbl.8 d0, {d31, d32}, d1", 0xf3bf09a1);
A(vcvt_size, "vcvt.s16.f32 s0, s0, #-1", 0xeebe0a68);
SNIPPET(fp_on, "mov r0, #0xf00000\n mcr p15, 0, r0, c1, c0, 2\n isb",
        "mov r0, #0x40000000\n vmsr fpexc, r0", "");

uint32_t leave_here;
static uint32_t out[8];

/* @f(@at, out); LR on the way back is kept for those that change it. */
SNIPPET(through, "push {r4, lr}\n mov r4, r2\n ldr r3, =leave_here\n adr r12, 1f\n str r12, [r3]",
        "blx r4", "1: pop {r4, lr}");

static void try(const char *text, const void *f, const void *at)
{
    volatile uint32_t *o = out;
    uint32_t base = free_page(1) + 0x100;

    for (uint32_t i = 0; i < 16; i++) {
        write32(base + 4 * i, 0x100 + i);
    }
    o[1] = 0xffffffff;
    if (attempt(through, base, (uint32_t)(uintptr_t)out, (uint32_t)(uintptr_t)f)) {
        if (trap.lr - (uint32_t)(uintptr_t)at > 8) {
            say("%s: goes elsewhere\n", text);
        } else {
            report(text, at);
        }
        return;
    }
    say("%s:", text);
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t v = o[i];

        if (i == 1) {
            say(" (%x)", v & 0xf80003ff);
        } else if (v - base < 0x100) {
            say(" +%x", v - base);
        } else {
            say(" %x", v);
        }
    }
    say("; memory %x %x\n", read32(base), read32(base + 4));
}

#define TRY(name) try(name##_text, name, name##_at)

int main(void)
{
    attempt(fp_on, 0, 0, 0);
    mmu_tables();
    mmu_on();
    TRY(a_ldr_base), TRY(a_ldr_pc_base), TRY(a_ldrb_pc), TRY(a_ldrt_base), TRY(a_str_base);
    TRY(a_strb_pc), TRY(a_ldrd_odd), TRY(a_ldrd_base), TRY(a_ldrd_lr), TRY(a_strd_odd);
    TRY(a_ldm_none), TRY(a_ldm_base), TRY(a_ldm_pc), TRY(a_stm_base), TRY(a_mul_pc);
    TRY(a_umull_same), TRY(a_bfi), TRY(a_bfc), TRY(a_sbfx), TRY(a_clz_pc), TRY(a_strex_rt);
    TRY(a_strex_rn), TRY(a_ldrexd_odd);
    set_sctlr(get_sctlr() | 1u << 10);
    TRY(a_swp_base), TRY(a_blx_pc), TRY(a_movw_pc), TRY(a_add_pc_rsr), TRY(a_mov_pc_rsr);
    TRY(a_ssat_pc), TRY(a_msr_none), TRY(a_mrs_pc), TRY(a_mcr_pc), TRY(a_mrrc_same);
    TRY(a_srs_mode), TRY(a_ldm_user_back), TRY(a_cps_none), TRY(a_cps_mode);
    TRY(t_ldm_one), TRY(t_ldm_sp), TRY(t_ldm_lr_pc), TRY(t_stm_base), TRY(t_and_sp);
    TRY(t_mov_pc), TRY(t_imm), TRY(t_ldrd_same), TRY(t_ldrd_base);
    TRY(t_strex_rt), TRY(t_cmp_low), TRY(t_cmp_pc);
    TRY(t_blx_pc), TRY(t_push_none), TRY(t_pop_none);
    TRY(t_it_it), TRY(t_it_setend), TRY(t_it_cbz), TRY(t_it_b), TRY(t_it_cps);
    TRY(m_mrs_spsr), TRY(m_msr_spsr), TRY(m_srs), TRY(m_ldm_user);
    TRY(a_vldm_none), TRY(a_vldm_17), TRY(a_vldm_beyond), TRY(a_vmov_same), TRY(a_vmov_s31);
    TRY(a_vmrs_sp), TRY(a_vmov_pc), TRY(a_vld1_pc), TRY(a_vld4_beyond), TRY(a_vtbl_beyond);
    TRY(a_vcvt_size), TRY(a_rfe_pc);
    return 0;
}
