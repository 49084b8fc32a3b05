/* SPDX-License-Identifier: MIT */
/*
 * fpu.c - the FPU's control registers, conversions and exceptions, MD00343 chapter 5.
 *
 * FCSR lives in three places: condition codes in MipsCpu.fcc, flags in VcpuCold.fp[0].flags,
 * the rest in MipsCpu.fcsr. Cause is of the last arithmetic instruction: while fp_op is not 0
 * it is what that operation raises when it is done again, under the same rounding.
 */
#include <string.h>

#include "frontend/mips/lift_fpu_priv.h"
#include "frontend/mips/mips_priv.h"
#include "translator/ir/softfp.h"

/* FCSR, MD00343 5.5.1. */
enum {
    FCSR_RM = 3u,
    FCSR_FLAGS_SHIFT = 2,
    FCSR_ENABLES_SHIFT = 7,
    FCSR_CAUSE_SHIFT = 12,
    FCSR_CAUSE = 0x3fu << FCSR_CAUSE_SHIFT,
    FCSR_FN = 1u << 21,
    FCSR_FO = 1u << 22,
    FCSR_FS = 1u << 24,
    FCSR_KEPT = 0x01600f83u | FCSR_CAUSE, /* what MipsCpu.fcsr holds */
};

/* MD00343 table 5.4; FIR is FC, F64, L, W, D, S and the processor's number. */
enum { FIR_FORMATS = 0x01730000, FIR = 0, FCCR = 25, FEXR = 26, FENR = 28, FCSR = 31 };

/* V Z O U I from bit 4 down, and E; the other way for the first five. */
static uint32_t to_mips(uint32_t flags)
{
    return ((flags & FP_INVALID) != 0 ? 16u : 0) | ((flags & FP_DIVZERO) != 0 ? 8u : 0)
           | ((flags & FP_OVERFLOW) != 0 ? 4u : 0) | ((flags & FP_UNDERFLOW) != 0 ? 2u : 0)
           | ((flags & FP_INEXACT) != 0 ? 1u : 0) | ((flags & FP_UNIMPLEMENTED) != 0 ? 32u : 0);
}

static uint32_t from_mips(uint32_t bits)
{
    return ((bits & 16) != 0 ? FP_INVALID : 0u) | ((bits & 8) != 0 ? FP_DIVZERO : 0u)
           | ((bits & 4) != 0 ? FP_OVERFLOW : 0u) | ((bits & 2) != 0 ? FP_UNDERFLOW : 0u)
           | ((bits & 1) != 0 ? FP_INEXACT : 0u);
}

/* MD00090 9.26, CU1 and FR. What else depends on FCSR does so while it runs: see FpEnv.slow. */
uint32_t mips_fp_mode(const MipsCpu *cpu)
{
    if ((cpu->features & MIPS_FPU) == 0 || (cpu->cp0.status & STATUS_CU1) == 0) {
        return 0;
    }
    return MIPS_MODE_FP | ((cpu->cp0.status & STATUS_FR) != 0 ? MIPS_MODE_FR : 0);
}

static FpEnv *fp_env(MipsCpu *cpu) { return &vcpu_cold(&cpu->v)->fp[0]; }

/* The environment that MipsCpu.fcsr asks for. */
static FpEnv env_of(const MipsCpu *cpu, uint32_t flags)
{
    static const uint8_t roundings[] = { FP_RNE, FP_RZ, FP_RP, FP_RM };
    uint32_t fcsr = cpu->fcsr;
    FpEnv env = {
        .rounding = roundings[fcsr & FCSR_RM],
        .flush_to_zero = (fcsr & FCSR_FS) != 0 ? FP_FLUSH_INEXACT : FP_TINY_UNIMPLEMENTED,
        .tininess_after = 1,
        .nan_rule = FP_NAN_INVERTED,
        .int_rule = FP_INT_MOST_POS,
        .flags = flags,
        .trap = from_mips(fcsr >> FCSR_ENABLES_SHIFT) | FP_UNIMPLEMENTED,
    };

    env.flush_to_zero |= (fcsr & FCSR_FN) != 0 ? FP_FLUSH_NEAREST : 0;
    env.flush_to_zero |= (fcsr & FCSR_FO) != 0 ? FP_TINY_PRODUCT : 0;
    /* Inline code rounds to nearest, and what it cannot do by itself must look like a trap. */
    env.slow = env.rounding != FP_RNE || env.flush_to_zero != FP_TINY_UNIMPLEMENTED
               || env.trap != FP_UNIMPLEMENTED;
    return env;
}

static void set_cause(MipsCpu *cpu, uint32_t flags)
{
    cpu->fp_op = 0;
    cpu->fcsr = (cpu->fcsr & ~(uint32_t)FCSR_CAUSE) | to_mips(flags) << FCSR_CAUSE_SHIFT;
}

void mips_fpu_settle(MipsCpu *cpu)
{
    FpEnv env = env_of(cpu, 0);

    if (cpu->fp_op != 0) {
        ir_eval_fp((IrOp)(cpu->fp_op & 0xff), (IrType)(cpu->fp_op >> 8), cpu->fp_a, cpu->fp_b,
                   cpu->fp_c, &env);
        set_cause(cpu, env.flags);
    }
    cpu->fp_a = cpu->fp_b = cpu->fp_c = 0;
}

static uint32_t fccr(const MipsCpu *cpu)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 8; i++) {
        v |= cpu->fcc[i] << i;
    }
    return v;
}

static void set_fccr(MipsCpu *cpu, uint32_t v)
{
    for (unsigned i = 0; i < 8; i++) {
        cpu->fcc[i] = v >> i & 1;
    }
}

uint32_t mips_fcsr(MipsCpu *cpu)
{
    uint32_t cc = fccr(cpu);

    mips_fpu_settle(cpu);
    vcpu_fp_sync(&cpu->v);
    return cpu->fcsr | to_mips(fp_env(cpu)->flags) << FCSR_FLAGS_SHIFT | (cc & 1) << 23
           | (cc >> 1) << 25;
}

void mips_set_fcsr(MipsCpu *cpu, uint32_t value)
{
    if ((cpu->features & MIPS_FPU) == 0) {
        return;
    }
    vcpu_fp_sync(&cpu->v);
    set_fccr(cpu, (value >> 23 & 1) | (value >> 25) << 1);
    cpu->fp_op = 0;
    cpu->fcsr = value & FCSR_KEPT;
    *fp_env(cpu) = env_of(cpu, from_mips(value >> FCSR_FLAGS_SHIFT));
}

/* Without FR an odd register is the upper half of the slot before it. */
static void *word_of(const MipsCpu *cpu, unsigned n)
{
    return (char *)(uintptr_t)&cpu->fpr[n & ~1u] + 4 * (n & 1);
}

uint64_t mips_fpr(const MipsCpu *cpu, unsigned n)
{
    uint32_t word;

    if ((cpu->cp0.status & STATUS_FR) != 0) {
        return cpu->fpr[n];
    }
    memcpy(&word, word_of(cpu, n), sizeof(word));
    return word;
}

void mips_set_fpr(MipsCpu *cpu, unsigned n, uint64_t value)
{
    uint32_t word = (uint32_t)value;

    if ((cpu->cp0.status & STATUS_FR) != 0) {
        cpu->fpr[n] = value;
    } else {
        memcpy(word_of(cpu, n), &word, sizeof(word));
    }
}

bool mips_fpu_is_sound(const MipsCpu *saved)
{
    const FpEnv none = { 0 };
    FpEnv fp[2], want;

    memcpy(fp, saved->fp, sizeof(fp));
    want = env_of(saved, fp[0].flags);
    if (saved->fcsr == 0 && memcmp(&fp[0], &none, sizeof(none)) == 0) {
        want = none; /* there is no FPU */
    }
    for (unsigned i = 0; i < 8; i++) {
        if (saved->fcc[i] > 1) {
            return false;
        }
    }
    return saved->fp_op == 0 && (saved->fcsr & ~(uint32_t)FCSR_KEPT) == 0
           && (fp[0].flags & ~0x1fu) == 0 && memcmp(&fp[0], &want, sizeof(want)) == 0;
}

void mips_fp_trap(Vcpu *v, uint32_t flags)
{
    set_cause(mips_cpu(v), flags);
    mips_raise(v, MIPS_EXC_FPE, 0, 0);
}

/* ---- control registers ---- */

/* MD00343 5.5; register numbers that are not there read as 0 and are not written. */
uint64_t mips_help_cfc1(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    MipsCpu *cpu = mips_cpu(v);
    uint32_t fcsr = mips_fcsr(cpu);

    (void)b, (void)c;
    switch (a) {
    case FIR: return cpu->model->fcr0;
    case FCCR: return fccr(cpu);
    case FEXR: return fcsr & (FCSR_CAUSE | 0x1fu << FCSR_FLAGS_SHIFT);
    case FENR: return (fcsr & 0xf83) | (fcsr & FCSR_FS) >> 22;
    case FCSR: return fcsr;
    default: return 0;
    }
}

/* The value of FCSR after CTC1 of @value to @reg. */
static uint32_t fcsr_after(uint32_t fcsr, uint64_t reg, uint32_t value)
{
    const uint32_t exr = FCSR_CAUSE | 0x1fu << FCSR_FLAGS_SHIFT;

    switch (reg) {
    case FCCR: return (fcsr & 0x017fffffu) | (value & 1) << 23 | (value >> 1 & 0x7f) << 25;
    case FEXR: return (fcsr & ~exr) | (value & exr);
    case FENR: return (fcsr & ~(0xf83u | FCSR_FS)) | (value & 0xf83) | (value & 4) << 22;
    case FCSR: return value;
    default: return fcsr;
    }
}

/* A Cause bit that is written with its Enable, or E, raises the exception: of this instruction, but
 * with the register written (MD00343 5.5.5). */
uint64_t mips_help_ctc1(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    MipsCpu *cpu = mips_cpu(v);
    uint32_t cause, enables;

    (void)c;
    mips_set_fcsr(cpu, fcsr_after(mips_fcsr(cpu), a, (uint32_t)b));
    cause = cpu->fcsr >> FCSR_CAUSE_SHIFT & 0x3f;
    enables = (cpu->fcsr >> FCSR_ENABLES_SHIFT & 0x1f) | 0x20;
    if ((cause & enables) != 0) {
        mips_raise(v, MIPS_EXC_FPE, 0, 0);
    }
    return 0;
}

/* ---- conversions ---- */

static uint64_t to_integer(uint64_t a, unsigned what, FpEnv *env)
{
    SfpFixed to = { (what & CVT_TO) == CVT_W ? 32 : 64, 1, 0, SFP_CURRENT };

    if ((what >> CVT_ROUND_SHIFT & 7) != 0) {
        to.rounding = (uint8_t)((what >> CVT_ROUND_SHIFT & 7) - 1);
    }
    return (what & CVT_FROM_D) != 0 ? sfp_64_to_fixed(a, to, env)
                                    : sfp_32_to_fixed((uint32_t)a, to, env);
}

static uint64_t to_fp(uint64_t a, unsigned what, FpEnv *env)
{
    bool dbl = (what & CVT_TO) == CVT_D;

    if ((what & CVT_FROM_W) != 0) {
        return dbl ? sfp_64_from_i32((uint32_t)a, env) : sfp_32_from_i32((uint32_t)a, env);
    }
    if ((what & CVT_FROM_L) != 0) {
        return dbl ? sfp_64_from_i64(a, env) : sfp_32_from_i64(a, env);
    }
    return dbl ? sfp_32_to_64((uint32_t)a, env) : sfp_64_to_32(a, env);
}

/* MD00343 5.4: a square root, rounded, and its reciprocal, rounded. */
static uint64_t rsqrt(uint64_t a, bool dbl, FpEnv *env)
{
    uint64_t root = dbl ? sfp_sqrt64(a, env) : sfp_sqrt32((uint32_t)a, env);

    if ((env->flags & env->trap) != 0) {
        return 0;
    }
    return dbl ? sfp_div64(0x3ff0000000000000, root, env)
               : sfp_div32(0x3f800000, (uint32_t)root, env);
}

uint64_t mips_help_fp_convert(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    MipsCpu *cpu = mips_cpu(v);
    FpEnv *env = fp_env(cpu);
    uint32_t before = env->flags, raised;
    unsigned what = (unsigned)b;
    uint64_t r;

    (void)c;
    env->flags = 0;
    if ((what & CVT_RSQRT) != 0) {
        r = rsqrt(a, (what & CVT_FROM_D) != 0, env);
    } else {
        r = (what & CVT_TO) >= CVT_W ? to_integer(a, what, env) : to_fp(a, what, env);
    }
    raised = env->flags;
    if (isa_fp_gather(v, env, before)) {
        set_cause(cpu, raised);
    }
    return r;
}
