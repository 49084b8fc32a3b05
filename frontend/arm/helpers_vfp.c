/* SPDX-License-Identifier: MIT */
/* helpers_vfp.c - floating-point system registers, checks of access, conversions. */
#include "base/bits.h"
#include "frontend/arm/arm_priv.h"
#include "frontend/arm/lift_fp_priv.h"
#include "translator/ir/softfp.h"

/* B4.1.58. No trapped exceptions: their enables are RAZ/WI on these processors. */
enum {
    FPSCR_FLAGS = 0x9f,
    FPSCR_LEN = 7 << 16,
    FPSCR_HELD = 0x7ff << 16 & ~(1 << 19), /* AHP to LEN, but for bit 19 */
};
#define FPSCR_NZCVQC 0xf8000000u

uint32_t arm_fpscr(ArmCpu *cpu)
{
    const FpEnv *fp = vcpu_cold(&cpu->v)->fp;

    vcpu_fp_sync(&cpu->v);
    return cpu->fpscr | ((fp[0].flags | fp[1].flags) & FPSCR_FLAGS);
}

uint64_t arm_help_fpscr_read(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    return arm_fpscr(arm_cpu(v));
}

/* A2.7.1: the standard FPSCR value takes AHP from FPSCR. */
void arm_set_fpscr(ArmCpu *cpu, uint32_t value)
{
    FpEnv *fp = vcpu_cold(&cpu->v)->fp;
    uint32_t old = cpu->fpscr;

    vcpu_fp_sync(&cpu->v);
    cpu->fpscr = value & (FPSCR_NZCVQC | FPSCR_HELD);
    fp[0].rounding = value >> 22 & 3;
    fp[0].flush_to_zero = (value & 1u << 24) != 0 ? FP_FLUSH_BOTH : 0;
    fp[0].default_nan = value >> 25 & 1;
    fp[0].alt_half = fp[1].alt_half = value >> 26 & 1;
    fp[0].flags = value & FPSCR_FLAGS;
    fp[1].flags = 0;
    if (((old ^ cpu->fpscr) & FPSCR_LEN) != 0) {
        arm_update(cpu);
    }
}

/* FPSCR = @a; @b: pc and mode word of the next instruction. Of FPSCR, LEN is in the mode word. */
uint64_t arm_help_fpscr_write(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)c;
    v->pc = ir_pc_va(b);
    v->mode = ir_pc_mode(b);
    arm_set_fpscr(arm_cpu(v), (uint32_t)a);
    return 0;
}

/* Undefined Instruction if CPACR denies the registers to PL1: what else FPEXC.EN would forbid is
 * allowed. B1.11.3 */
uint64_t arm_help_fp_access(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    if (!arm_fp_allowed(arm_cpu(v))) {
        arm_raise(v, ARM_EXC_UNDEF, 0, 0);
    }
    return 0;
}

/* What data processing asks under MODE_FPCHECK; @a: 1 if it is Advanced SIMD. These processors have
 * no short vectors: with FPSCR.LEN set, FPEXC.DEX is set and the instruction UNDEFINED (Cortex-A15
 * TRM DDI 0438I 10.1, Cortex-A7 FPU TRM DDI 0463F 1.1). Advanced SIMD knows no LEN, but ASEDIS. */
uint64_t arm_help_fp_check(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    ArmCpu *cpu = arm_cpu(v);

    (void)b, (void)c;
    if (a != 0 ? (cpu->cp15.cpacr & CPACR_ASEDIS) != 0 : (cpu->fpscr & FPSCR_LEN) != 0) {
        cpu->fpexc |= a != 0 ? 0 : FPEXC_DEX;
        arm_raise(v, ARM_EXC_UNDEF, 0, 0);
    }
    return 0;
}

/* System register @a. */
uint64_t arm_help_vmrs(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    const ArmCpu *cpu = arm_cpu(v);

    (void)b, (void)c;
    if (!arm_fp_allowed(cpu)) {
        arm_raise(v, ARM_EXC_UNDEF, 0, 0);
        return 0;
    }
    switch (a) {
    case VFP_FPSID: return cpu->model->fpsid;
    case VFP_MVFR0: return cpu->model->mvfr[0];
    case VFP_MVFR1: return cpu->model->mvfr[1];
    case VFP_FPEXC: return cpu->fpexc;
    default: g_assert_not_reached();
    }
}

/* System register @b = @a; @c: pc and mode word of the next instruction. FPEXC.EX is RAZ/WI, for
 * nothing is asynchronous here. FPSID cannot be written. */
uint64_t arm_help_vmsr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    v->pc = ir_pc_va(c);
    v->mode = ir_pc_mode(c);
    if (b == VFP_FPEXC) {
        arm_cpu(v)->fpexc = a & (FPEXC_EN | FPEXC_DEX);
        arm_update(arm_cpu(v));
    }
    return 0;
}

/* ---- conversions: FPSCR's environment ---- */

uint64_t arm_help_vcvt_f32_f16(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    return sfp_16_to_32((uint16_t)a, &vcpu_cold(v)->fp[0]);
}

uint64_t arm_help_vcvt_f16_f32(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    return sfp_32_to_16((uint32_t)a, &vcpu_cold(v)->fp[0]);
}

static SfpFixed fixed(uint64_t how)
{
    return (SfpFixed){
        .bits = (how & CVT_16) != 0 ? 16 : 32,
        .is_signed = (how & CVT_SIGNED) != 0,
        .fraction_bits = (uint8_t)(how >> CVT_FRACTION),
        .rounding = (how & CVT_NEAREST) != 0 ? FP_RNE
                    : (how & CVT_ZERO) != 0  ? FP_RZ
                                             : SFP_CURRENT,
    };
}

/* The floating-point number @a as the integer @b says, extended. */
uint64_t arm_help_vcvt_to_fixed(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    FpEnv *env = &vcpu_cold(v)->fp[0];
    SfpFixed to = fixed(b);
    uint64_t x = (b & CVT_DOUBLE) != 0 ? sfp_64_to_fixed(a, to, env)
                                       : sfp_32_to_fixed((uint32_t)a, to, env);

    (void)c;
    if (to.is_signed != 0) {
        x = bits_sext64(x, to.bits);
    }
    return (b & CVT_WIDE) != 0 ? x : (uint32_t)x;
}

/* The integer @a of kind @b as a floating-point number. */
uint64_t arm_help_vcvt_from_fixed(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    FpEnv *env = &vcpu_cold(v)->fp[0];
    SfpFixed from = fixed(b);

    (void)c;
    return (b & CVT_DOUBLE) != 0 ? sfp_64_from_fixed(a, from, env)
                                 : sfp_32_from_fixed(a, from, env);
}
