/* SPDX-License-Identifier: MIT */
/* test_arm_vfp.c - floating-point instructions in both instruction sets. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>

#include "backend/interp/interp.h"
#include "frontend/arm/lift.h"
#include "tests/rig/arm_rig.h"

enum { BASE = RIG_DATA + 0x800, CPACR_ALL = 0x00f00000 };
#define EN (1u << 30)

static ArmRig *rig_with_fp(void)
{
    ArmRig *rig = arm_rig_new(&interp_host);

    rig->cpu->cp15.cpacr = CPACR_ALL;
    rig->cpu->fpexc = EN;
    arm_rig_start(rig, ARM_SYS, RIG_CODE);
    return rig;
}

/* DDI 0406C.d A7.5 to A7.9: unconditional A32 words are T32 words. */
static void step(ArmRig *rig, uint32_t word, bool thumb)
{
    arm_rig_start(rig, ARM_SYS | (thumb ? CPSR_T : 0), RIG_CODE);
    arm_rig_step(rig, word, thumb);
}

static bool undefined(const ArmRig *rig) { return (rig->cpu->cpsr & CPSR_M) == ARM_UND; }
static bool aborted(const ArmRig *rig) { return (rig->cpu->cpsr & CPSR_M) == ARM_ABT; }

static uint32_t fpscr(ArmRig *rig) { return (uint32_t)arm_help_fpscr_read(&rig->cpu->v, 0, 0, 0); }

static void set_fpscr(ArmRig *rig, uint32_t value)
{
    arm_help_fpscr_write(&rig->cpu->v, value, ir_pc(RIG_CODE, rig->cpu->v.mode), 0);
}

static uint64_t f64(double x)
{
    uint64_t v;

    memcpy(&v, &x, sizeof(v));
    return v;
}

static uint32_t f32(float x)
{
    uint32_t v;

    memcpy(&v, &x, sizeof(v));
    return v;
}

/* ---- data processing: d0 op= d1, d2 and s0 op= s2, s4 ---- */

enum { INEXACT = 1 << 4, INVALID = 1 << 0, DIV0 = 1 << 1 };

static const struct {
    const char *text;
    uint32_t word; /* single precision; bit 8 makes it double */
    double d, n, m, result;
    uint32_t flags;
} arith[] = {
    { "vmla", 0xee010a02, 10, 1.5, -0.75, 8.875, 0 },
    { "vmls", 0xee010a42, 10, 1.5, -0.75, 11.125, 0 },
    { "vnmls", 0xee110a02, 10, 1.5, -0.75, -11.125, 0 },
    { "vnmla", 0xee110a42, 10, 1.5, -0.75, -8.875, 0 },
    { "vmul", 0xee210a02, 10, 1.5, -0.75, -1.125, 0 },
    { "vnmul", 0xee210a42, 10, 1.5, -0.75, 1.125, 0 },
    { "vadd", 0xee310a02, 10, 1.5, -0.75, 0.75, 0 },
    { "vsub", 0xee310a42, 10, 1.5, -0.75, 2.25, 0 },
    { "vdiv", 0xee810a02, 10, 1.5, -0.75, -2, 0 },
    { "vdiv by zero", 0xee810a02, 10, 1.5, 0, (double)INFINITY, DIV0 },
    { "vfnms", 0xee910a02, 10, 1.5, -0.75, -11.125, 0 },
    { "vfnma", 0xee910a42, 10, 1.5, -0.75, -8.875, 0 },
    { "vfma", 0xeea10a02, 10, 1.5, -0.75, 8.875, 0 },
    { "vfms", 0xeea10a42, 10, 1.5, -0.75, 11.125, 0 },
    { "vmov", 0xeeb00a42, 10, 1.5, -0.75, -0.75, 0 },
    { "vabs", 0xeeb00ac2, 10, 1.5, -0.75, 0.75, 0 },
    { "vneg", 0xeeb10a42, 10, 1.5, -0.75, 0.75, 0 },
    { "vneg of zero", 0xeeb10a42, 10, 1.5, 0, -0.0, 0 },
    { "vsqrt", 0xeeb10ac2, 10, 1.5, 6.25, 2.5, 0 },
    { "vmov #1.0", 0xeeb70a00, 10, 1.5, 0, 1, 0 },
    { "vmov #-0.3125", 0xeebd0a04, 10, 1.5, 0, -0.3125, 0 },
    { "vmov #31.0", 0xeeb30a0f, 10, 1.5, 0, 31, 0 },
};

static void set_single(ArmCpu *cpu, unsigned s, float x)
{
    uint64_t keep = s % 2 != 0 ? 0xffffffff : ~(uint64_t)0xffffffff;

    cpu->d[s / 2] = (cpu->d[s / 2] & keep) | (uint64_t)f32(x) << 32 * (s % 2);
}

static void run_arith(ArmRig *rig, unsigned i, bool dbl, bool thumb)
{
    ArmCpu *cpu = rig->cpu;

    memset(cpu->d, 0x55, sizeof(cpu->d));
    set_fpscr(rig, 0);
    if (dbl) {
        cpu->d[0] = f64(arith[i].d);
        cpu->d[1] = f64(arith[i].n);
        cpu->d[2] = f64(arith[i].m);
        step(rig, arith[i].word | 1u << 8, thumb);
        cr_expect(eq(u64, cpu->d[0], f64(arith[i].result)), "%s.f64", arith[i].text);
    } else {
        set_single(cpu, 0, (float)arith[i].d);
        set_single(cpu, 2, (float)arith[i].n);
        set_single(cpu, 4, (float)arith[i].m);
        step(rig, arith[i].word, thumb);
        cr_expect(eq(u64, cpu->d[0], 0x5555555500000000 | f32((float)arith[i].result)), "%s.f32",
                  arith[i].text);
    }
    cr_expect(eq(u32, fpscr(rig), arith[i].flags), "%s", arith[i].text);
}

Test(arm_vfp, arithmetic_gives_the_listed_results)
{
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < G_N_ELEMENTS(arith); i++) {
        for (unsigned k = 0; k < 4; k++) {
            run_arith(rig, i, k & 1, k & 2);
        }
    }
    arm_rig_free(rig);
}

/* Odd singles and the doubles above d15 are reached by the D, N and M bits. */
Test(arm_vfp, register_numbers_take_their_bit_from_the_right_side)
{
    ArmRig *rig = rig_with_fp();
    ArmCpu *cpu = rig->cpu;

    set_single(cpu, 3, 1);
    set_single(cpu, 5, 2);
    step(rig, 0xee710aa2, false); /* vadd.f32 s1, s3, s5 */
    cr_expect(eq(u64, cpu->d[0] >> 32, f32(3)));
    cpu->d[17] = f64(1);
    cpu->d[18] = f64(2);
    step(rig, 0xee710ba2, false); /* vadd.f64 d16, d17, d18 */
    cr_expect(eq(u64, cpu->d[16], f64(3)));
    arm_rig_free(rig);
}

/* 1 + 2**-30 squared, less 1 + 2**-29: only one rounding sees the 2**-60. */
Test(arm_vfp, fused_forms_round_once_and_the_others_twice)
{
    ArmRig *rig = rig_with_fp();
    ArmCpu *cpu = rig->cpu;
    double x = 1 + 0x1p-30;

    cpu->d[0] = f64(-(1 + 0x1p-29));
    cpu->d[1] = cpu->d[2] = f64(x);
    step(rig, 0xeea10b02, false); /* vfma.f64 d0, d1, d2 */
    cr_expect(eq(u64, cpu->d[0], f64(0x1p-60)));
    cr_expect(eq(u32, fpscr(rig), 0));
    cpu->d[0] = f64(-(1 + 0x1p-29));
    step(rig, 0xee010b02, false); /* vmla.f64 d0, d1, d2 */
    cr_expect(eq(u64, cpu->d[0], 0));
    cr_expect(eq(u32, fpscr(rig), INEXACT));
    arm_rig_free(rig);
}

/* ---- compare ---- */

Test(arm_vfp, compare_sets_the_flags_and_vmrs_hands_them_over)
{
    static const struct {
        const char *why;
        uint32_t word; /* double; of d0 with d1 or 0 */
        double a, b;
        uint32_t nzcv, flags;
    } rows[] = {
        { "vcmp less", 0xeeb40b41, 1, 2, 0x8, 0 },
        { "vcmp equal", 0xeeb40b41, 2, 2, 0x6, 0 },
        { "vcmp greater", 0xeeb40b41, 3, 2, 0x2, 0 },
        { "vcmp unordered", 0xeeb40b41, (double)NAN, 2, 0x3, 0 },
        { "vcmpe unordered", 0xeeb40bc1, (double)NAN, 2, 0x3, INVALID },
        { "vcmp #0", 0xeeb50b40, -1, 9, 0x8, 0 },
        { "vcmp #0 of -0", 0xeeb50b40, -0.0, 9, 0x6, 0 },
        { "vcmpe #0", 0xeeb50bc0, (double)NAN, 9, 0x3, INVALID },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        unsigned k = i / 2;

        set_fpscr(rig, 0);
        rig->cpu->d[0] = f64(rows[k].a);
        rig->cpu->d[1] = f64(rows[k].b);
        step(rig, rows[k].word, i % 2);
        cr_expect(eq(u32, fpscr(rig), rows[k].nzcv << 28 | rows[k].flags), "%s", rows[k].why);
        step(rig, 0xeef1fa10, i % 2); /* vmrs APSR_nzcv, fpscr */
        cr_expect(eq(u32, arm_cpsr(rig->cpu) >> 28, rows[k].nzcv), "%s", rows[k].why);
        set_single(rig->cpu, 0, (float)rows[k].a);
        set_single(rig->cpu, 2, (float)rows[k].b);
        step(rig, rows[k].word & ~(1u << 8), i % 2);
        cr_expect(eq(u32, fpscr(rig), rows[k].nzcv << 28 | rows[k].flags), "%s", rows[k].why);
    }
    arm_rig_free(rig);
}

/* ---- conversions ---- */

Test(arm_vfp, conversions_give_the_listed_results)
{
    static const struct {
        const char *text;
        uint32_t word; /* from d1 or s2 to d0 or s0 */
        uint64_t from, to;
        uint32_t fpscr_in, flags;
    } rows[] = {
        { "vcvt.f64.f32 d0, s2", 0xeeb70ac1, 0x3fc00000, 0x3ff8000000000000, 0, 0 },
        { "vcvt.f32.f64 s0, d1", 0xeeb70bc1, 0x3ff8000000000000, 0x3fc00000, 0, 0 },
        { "vcvtb.f32.f16 s0, s2", 0xeeb20a41, 0xffff3e00, 0x3fc00000, 0, 0 },
        { "vcvtt.f32.f16 s0, s2", 0xeeb20ac1, 0x3e00ffff, 0x3fc00000, 0, 0 },
        { "vcvtt.f32.f16 s0, s2, AHP", 0xeeb20ac1, 0x7c000000, 0x47800000, 1u << 26, 0 },
        { "vcvtb.f16.f32 s0, s2", 0xeeb30a41, 0x3fc00000, 0x55553e00, 0, 0 },
        { "vcvtt.f16.f32 s0, s2", 0xeeb30ac1, 0x3fc00000, 0x3e005555, 0, 0 },
        { "vcvt.f32.s32 s0, s2", 0xeeb80ac1, 0xfffffffe, 0xc0000000, 0, 0 },
        { "vcvt.f32.u32 s0, s2", 0xeeb80a41, 0xffffffff, 0x4f800000, 0, INEXACT },
        { "vcvt.f32.u32 s0, s2 to zero", 0xeeb80a41, 0xffffffff, 0x4f7fffff, 3u << 22, INEXACT },
        { "vcvt.f64.s32 d0, s2", 0xeeb80bc1, 0xfffffffe, 0xc000000000000000, 0, 0 },
        { "vcvt.s32.f32 s0, s2", 0xeebd0ac1, 0xbfc00000, 0xffffffff, 0, INEXACT },
        { "vcvtr.s32.f32 s0, s2", 0xeebd0a41, 0xbfc00000, 0xfffffffe, 0, INEXACT },
        { "vcvtr.s32.f32 s0, s2 up", 0xeebd0a41, 0xbfc00000, 0xffffffff, 1u << 22, INEXACT },
        { "vcvt.u32.f32 s0, s2", 0xeebc0ac1, 0xbfc00000, 0, 0, INVALID },
        { "vcvt.s32.f64 s0, d1", 0xeebd0bc1, 0x41efffffffe00000, 0x7fffffff, 0, INVALID },
        { "vcvt.u32.f64 s0, d1", 0xeebc0bc1, 0x41efffffffe00000, 0xffffffff, 0, 0 },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        uint64_t want = rows[i / 2].to;
        bool dbl = want >> 32 != 0;

        memset(rig->cpu->d, 0x55, sizeof(rig->cpu->d));
        set_fpscr(rig, rows[i / 2].fpscr_in);
        rig->cpu->d[1] = rows[i / 2].from;
        step(rig, rows[i / 2].word, i % 2);
        cr_expect(eq(u64, rig->cpu->d[0], dbl ? want : want | 0x5555555500000000), "%s",
                  rows[i / 2].text);
        cr_expect(eq(u32, fpscr(rig), rows[i / 2].flags | rows[i / 2].fpscr_in), "%s",
                  rows[i / 2].text);
    }
    arm_rig_free(rig);
}

Test(arm_vfp, fixed_point_converts_in_place_to_zero_and_to_nearest)
{
    static const struct {
        const char *text;
        uint32_t word; /* of d0 or s0 */
        uint64_t from, to;
        uint32_t fpscr_in;
    } rows[] = {
        { "vcvt.f32.s16 s0, s0, #8", 0xeeba0a44, 0xabcdff80, 0xbf000000, 0 },
        { "vcvt.f32.u16 s0, s0, #8", 0xeebb0a44, 0xabcdff80, 0x437f8000, 0 },
        { "vcvt.f32.s32 s0, s0, #1, to nearest", 0xeeba0aef, 0x7fffffff, 0x4e800000, 3u << 22 },
        { "vcvt.f64.u32 d0, d0, #31", 0xeebb0bc0 | 1u << 5, 0x9999999980000000, 0x3ff0000000000000,
          0 },
        { "vcvt.s16.f32 s0, s0, #8", 0xeebe0a44, 0xbf000000, 0xffffff80, 0 },
        { "vcvt.u16.f32 s0, s0, #8", 0xeebf0a44, 0x447a0000, 0x0000ffff, 0 },
        { "vcvt.s32.f64 d0, d0, #1", 0xeebe0bef, 0xbffc000000000000, 0xfffffffffffffffd, 0 },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        bool dbl = (rows[i / 2].word & 1u << 8) != 0;
        uint64_t high = dbl ? 0 : (uint64_t)0x77777777 << 32;

        set_fpscr(rig, rows[i / 2].fpscr_in);
        rig->cpu->d[0] = rows[i / 2].from | high;
        step(rig, rows[i / 2].word, i % 2);
        cr_expect(eq(u64, rig->cpu->d[0], rows[i / 2].to | high), "%s", rows[i / 2].text);
    }
    step(rig, 0xeeba0a68, false); /* more fraction bits than 16: imm4:i is 17 */
    cr_expect(undefined(rig));
    arm_rig_free(rig);
}

/* ---- transfers ---- */

Test(arm_vfp, transfers_move_what_they_name_and_nothing_else)
{
    static const struct {
        const char *text;
        uint32_t word;
        uint32_t r0, r1; /* behind it; before: 0x80818283, 0x90919293 */
        uint64_t d0, d1; /* behind it; before: 0x0706050403020100, 0x8f8e8d8c8b8a8988 */
    } rows[] = {
        { "vmov s1, r0", 0xee000a90, 0x80818283, 0x90919293, 0x8081828303020100,
          0x8f8e8d8c8b8a8988 },
        { "vmov r0, s2", 0xee110a10, 0x8b8a8988, 0x90919293, 0x0706050403020100,
          0x8f8e8d8c8b8a8988 },
        { "vmov s1, s2, r0, r1", 0xec410a30, 0x80818283, 0x90919293, 0x8081828303020100,
          0x8f8e8d8c90919293 },
        { "vmov r0, r1, s1, s2", 0xec510a30, 0x07060504, 0x8b8a8988, 0x0706050403020100,
          0x8f8e8d8c8b8a8988 },
        { "vmov d0, r0, r1", 0xec410b10, 0x80818283, 0x90919293, 0x9091929380818283,
          0x8f8e8d8c8b8a8988 },
        { "vmov r0, r1, d1", 0xec510b11, 0x8b8a8988, 0x8f8e8d8c, 0x0706050403020100,
          0x8f8e8d8c8b8a8988 },
        { "vmov.8 d0[5], r0", 0xee600b30, 0x80818283, 0x90919293, 0x0706830403020100,
          0x8f8e8d8c8b8a8988 },
        { "vmov.16 d0[1], r0", 0xee000b70, 0x80818283, 0x90919293, 0x0706050482830100,
          0x8f8e8d8c8b8a8988 },
        { "vmov.32 d1[1], r0", 0xee210b10, 0x80818283, 0x90919293, 0x0706050403020100,
          0x808182838b8a8988 },
        { "vmov.s8 r0, d1[2]", 0xee510b50, 0xffffff8a, 0x90919293, 0x0706050403020100,
          0x8f8e8d8c8b8a8988 },
        { "vmov.u8 r0, d1[7]", 0xeef10b70, 0x0000008f, 0x90919293, 0x0706050403020100,
          0x8f8e8d8c8b8a8988 },
        { "vmov.s16 r0, d1[3]", 0xee310b70, 0xffff8f8e, 0x90919293, 0x0706050403020100,
          0x8f8e8d8c8b8a8988 },
        { "vmov.u16 r0, d1[0]", 0xee910b30, 0x00008988, 0x90919293, 0x0706050403020100,
          0x8f8e8d8c8b8a8988 },
        { "vmov.32 r0, d0[1]", 0xee300b10, 0x07060504, 0x90919293, 0x0706050403020100,
          0x8f8e8d8c8b8a8988 },
        { "vdup.8 d0, r0", 0xeec00b10, 0x80818283, 0x90919293, 0x8383838383838383,
          0x8f8e8d8c8b8a8988 },
        { "vdup.16 q0, r0", 0xeea00b30, 0x80818283, 0x90919293, 0x8283828382838283,
          0x8283828382838283 },
        { "vdup.32 q0, r0", 0xeea00b10, 0x80818283, 0x90919293, 0x8081828380818283,
          0x8081828380818283 },
    };
    ArmRig *rig = rig_with_fp();
    ArmCpu *cpu = rig->cpu;

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        cpu->r[0] = 0x80818283;
        cpu->r[1] = 0x90919293;
        cpu->d[0] = 0x0706050403020100;
        cpu->d[1] = 0x8f8e8d8c8b8a8988;
        step(rig, rows[i / 2].word, i % 2);
        cr_expect(eq(u32, cpu->r[0], rows[i / 2].r0), "%s", rows[i / 2].text);
        cr_expect(eq(u32, cpu->r[1], rows[i / 2].r1), "%s", rows[i / 2].text);
        cr_expect(eq(u64, cpu->d[0], rows[i / 2].d0), "%s", rows[i / 2].text);
        cr_expect(eq(u64, cpu->d[1], rows[i / 2].d1), "%s", rows[i / 2].text);
    }
    arm_rig_free(rig);
}

/* ---- loads and stores ---- */

static void set_data(ArmRig *rig)
{
    for (unsigned i = 0; i < RIG_DATA_BYTES; i++) {
        rig->data[i] = (uint8_t)i;
    }
    memset(rig->cpu->d, 0x55, sizeof(rig->cpu->d));
    memset(rig->cpu->r, 0, sizeof(rig->cpu->r));
    rig->cpu->r[1] = BASE;
}

Test(arm_vfp, loads_fill_their_registers_and_move_the_base)
{
    static const struct {
        const char *text;
        uint32_t word;
        uint32_t r1; /* less BASE */
        uint64_t d0, d1, d2;
        bool big;
    } rows[] = {
        { "vldr s1, [r1, #4]", 0xedd10a01, 0, 0x0706050455555555, 0x5555555555555555,
          0x5555555555555555, false },
        { "vldr d1, [r1, #-4]", 0xed111b01, 0, 0x5555555555555555, 0x03020100fffefdfc,
          0x5555555555555555, false },
        { "vldr d1, [r1, #4], big-endian", 0xed911b01, 0, 0x5555555555555555, 0x0405060708090a0b,
          0x5555555555555555, true },
        { "vldmia r1, {s1-s3}", 0xecd10a03, 0, 0x0302010055555555, 0x0b0a090807060504,
          0x5555555555555555, false },
        { "vldmia r1!, {d0-d1}", 0xecb10b04, 16, 0x0706050403020100, 0x0f0e0d0c0b0a0908,
          0x5555555555555555, false },
        { "vldmdb r1!, {s0}", 0xed310a01, 0xfffffffc, 0x55555555fffefdfc, 0x5555555555555555,
          0x5555555555555555, false },
        { "vldmdb r1!, {d1-d2}", 0xed311b04, 0xfffffff0, 0x5555555555555555, 0xf7f6f5f4f3f2f1f0,
          0xfffefdfcfbfaf9f8, false },
        { "fldmiax r1!, {d0}", 0xecb10b03, 12, 0x0706050403020100, 0x5555555555555555,
          0x5555555555555555, false },
        { "vldmia r1, {d0}, big-endian", 0xec910b02, 0, 0x0001020304050607, 0x5555555555555555,
          0x5555555555555555, true },
        { "vldmia r1, {s0-s1}, big-endian", 0xec910a02, 0, 0x0405060700010203, 0x5555555555555555,
          0x5555555555555555, true },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        unsigned k = i / 2;
        bool thumb = i % 2;

        set_data(rig);
        arm_rig_start(rig, ARM_SYS | (thumb ? CPSR_T : 0) | (rows[k].big ? CPSR_E : 0), RIG_CODE);
        arm_rig_step(rig, rows[k].word, thumb);
        cr_expect(eq(u32, rig->cpu->r[1], BASE + rows[k].r1), "%s", rows[k].text);
        cr_expect(eq(u64, rig->cpu->d[0], rows[k].d0), "%s", rows[k].text);
        cr_expect(eq(u64, rig->cpu->d[1], rows[k].d1), "%s", rows[k].text);
        cr_expect(eq(u64, rig->cpu->d[2], rows[k].d2), "%s", rows[k].text);
    }
    arm_rig_free(rig);
}

Test(arm_vfp, stores_write_their_registers_and_move_the_base)
{
    static const struct {
        const char *text;
        uint32_t word, r1; /* less BASE */
        int32_t at;        /* of what is written, from BASE */
        unsigned n;
        uint8_t bytes[16];
        bool big;
    } rows[] = {
        { "vstr s1, [r1, #4]", 0xedc10a01, 0, 4, 4, { 4, 5, 6, 7 }, false },
        { "vstr d0, [r1, #-8]", 0xed010b02, 0, -8, 8, { 0, 1, 2, 3, 4, 5, 6, 7 }, false },
        { "vstr d0, [r1], big-endian", 0xed810b00, 0, 0, 8, { 7, 6, 5, 4, 3, 2, 1, 0 }, true },
        { "vstmia r1!, {s1-s2}", 0xece10a02, 8, 0, 8, { 4, 5, 6, 7, 8, 9, 10, 11 }, false },
        { "vstmdb r1!, {s1}", 0xed610a01, 0xfffffffc, -4, 4, { 4, 5, 6, 7 }, false },
        { "vstmdb r1!, {d0-d1}",
          0xed210b04,
          0xfffffff0,
          -16,
          16,
          { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
          false },
        { "vstmia r1, {d0}, big-endian", 0xec810b02, 0, 0, 8, { 7, 6, 5, 4, 3, 2, 1, 0 }, true },
        { "fstmiax r1!, {d0}", 0xeca10b03, 12, 0, 8, { 0, 1, 2, 3, 4, 5, 6, 7 }, false },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        unsigned k = i / 2;
        bool thumb = i % 2;
        uint8_t *out = rig->data + BASE - RIG_DATA + rows[k].at;

        set_data(rig);
        memset(rig->data, 0xee, RIG_DATA_BYTES);
        rig->cpu->d[0] = 0x0706050403020100;
        rig->cpu->d[1] = 0x0f0e0d0c0b0a0908;
        arm_rig_start(rig, ARM_SYS | (thumb ? CPSR_T : 0) | (rows[k].big ? CPSR_E : 0), RIG_CODE);
        arm_rig_step(rig, rows[k].word, thumb);
        cr_expect(eq(u32, rig->cpu->r[1], BASE + rows[k].r1), "%s", rows[k].text);
        cr_expect(memcmp(out, rows[k].bytes, rows[k].n) == 0, "%s", rows[k].text);
        cr_expect(eq(u8, out[-1], 0xee), "%s", rows[k].text);
        cr_expect(eq(u8, out[rows[k].n], 0xee), "%s", rows[k].text);
    }
    arm_rig_free(rig);
}

/* A3.2.1: whatever SCTLR.A says. */
Test(arm_vfp, loads_and_stores_must_be_word_aligned)
{
    static const uint32_t words[] = {
        0xed910a00, /* vldr s0, [r1] */
        0xed910b00, /* vldr d0, [r1] */
        0xed810b00, /* vstr d0, [r1] */
        0xec910b04, /* vldmia r1, {d0-d1} */
        0xec810a02, /* vstmia r1, {s0-s1} */
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(words); i++) {
        uint32_t va = BASE + (i % 2 != 0 ? 4 : 2);

        set_data(rig);
        arm_rig_start(rig, ARM_SYS, RIG_CODE);
        rig->cpu->cp15.dfsr = 0;
        rig->cpu->r[1] = va;
        arm_rig_step(rig, words[i / 2], false);
        cr_expect(aborted(rig) == (i % 2 == 0), "%08x", words[i / 2]);
        cr_expect(eq(u32, rig->cpu->cp15.dfsr & 0xf, i % 2 == 0), "%08x", words[i / 2]);
    }
    arm_rig_free(rig);
}

Test(arm_vfp, an_abort_in_a_list_changes_no_register)
{
    ArmRig *rig = rig_with_fp();

    set_data(rig);
    arm_rig_start(rig, ARM_SYS, RIG_CODE);
    rig->cpu->r[1] = RIG_DATA + RIG_DATA_BYTES - 8;
    arm_rig_step(rig, 0xecb10b04, false); /* vldmia r1!, {d0-d1} */
    cr_expect(aborted(rig));
    cr_expect(eq(u32, rig->cpu->r[1], RIG_DATA + RIG_DATA_BYTES - 8));
    cr_expect(eq(u64, rig->cpu->d[0], 0x5555555555555555));
    cr_expect(eq(u64, rig->cpu->d[1], 0x5555555555555555));
    arm_rig_free(rig);
}

Test(arm_vfp, what_is_unpredictable_is_undefined)
{
    static const struct {
        const char *text;
        uint32_t word;
        bool thumb;
    } rows[] = {
        { "vldmia r1, {}", 0xec910a00, false },
        { "vldmia r1, {d0-d16}", 0xec910b22, false },
        { "vldmia r1, {s31-s32}", 0xecd1fa02, false },
        { "vldmia r1, {d31-d32}", 0xecd1fb04, false },
        { "vldmia pc!, {d0}", 0xecbf0b02, false },
        { "vldmia pc, {d0} in T32", 0xec9f0b02, true },
        { "vstr d0, [pc] in T32", 0xed8f0b00, true },
        { "vmov s0, pc", 0xee00fa10, false },
        { "vmov s0, sp in T32", 0xee00da10, true },
        { "vmov s31, s32, r0, r1", 0xec410a3f, false },
        { "vmov r0, r0, d0", 0xec500b10, false },
        { "vdup.8 d0, pc", 0xeec0fb10, false },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        set_data(rig);
        step(rig, rows[i].word, rows[i].thumb);
        cr_expect(undefined(rig), "%s", rows[i].text);
    }
    arm_rig_free(rig);
}

/* ---- system registers ---- */

Test(arm_vfp, fpscr_keeps_what_exists_and_steers_the_operations)
{
    ArmRig *rig = rig_with_fp();
    ArmCpu *cpu = rig->cpu;

    cpu->r[0] = 0xffffffff;
    step(rig, 0xeee10a10, false); /* vmsr fpscr, r0 */
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 4));
    step(rig, 0xeef11a10, false); /* vmrs r1, fpscr */
    cr_expect(eq(u32, cpu->r[1], 0xfff7009f));
    cpu->r[0] = 2u << 22; /* to minus infinity */
    step(rig, 0xeee10a10, true);
    cpu->d[1] = f64(1);
    cpu->d[2] = f64(-3);
    step(rig, 0xee810b02, false); /* vdiv.f64 d0, d1, d2 */
    cr_expect(eq(u64, cpu->d[0], 0xbfd5555555555556));
    step(rig, 0xeef11a10, true);
    cr_expect(eq(u32, cpu->r[1], 2u << 22 | INEXACT));
    cpu->r[0] = 1u << 25 | 1u << 24; /* DN, FZ */
    step(rig, 0xeee10a10, false);
    cpu->d[1] = 1;
    cpu->d[2] = 0x7ff0dead00000000;
    step(rig, 0xee310b02, false); /* vadd.f64: denormal + signalling NaN */
    cr_expect(eq(u64, cpu->d[0], 0x7ff8000000000000));
    cr_expect(eq(u32, fpscr(rig), 1u << 25 | 1u << 24 | INVALID | 1u << 7));
    arm_rig_free(rig);
}

Test(arm_vfp, flags_of_advanced_simd_and_vfp_are_one_register)
{
    ArmRig *rig = rig_with_fp();
    ArmCpu *cpu = rig->cpu;

    cpu->d[2] = 0x7f8000017f800001; /* signalling NaNs */
    step(rig, 0xf2020d02, false);   /* vadd.f32 d0, d2, d2 */
    cr_expect(eq(u32, fpscr(rig), INVALID));
    cr_expect(eq(u64, cpu->d[0], 0x7fc000007fc00000));
    cpu->r[0] = 0;
    step(rig, 0xeee10a10, false); /* vmsr fpscr, r0 */
    cr_expect(eq(u32, fpscr(rig), 0));
    arm_rig_free(rig);
}

Test(arm_vfp, id_registers_are_those_of_the_processor)
{
    static const struct {
        const char *text;
        uint32_t word, value;
    } rows[] = {
        { "vmrs r0, fpsid", 0xeef00a10, 0x410430f0 },
        { "vmrs r0, mvfr1", 0xeef60a10, 0x11111111 },
        { "vmrs r0, mvfr0", 0xeef70a10, 0x10110222 },
        { "vmrs r0, fpexc", 0xeef80a10, 0x40000000 },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        step(rig, rows[i / 2].word, i % 2);
        cr_expect(eq(u32, rig->cpu->r[0], rows[i / 2].value), "%s", rows[i / 2].text);
    }
    arm_rig_free(rig);
}

/* B1.11.3, table B1-22 */
Test(arm_vfp, access_follows_privilege_CPACR_and_EN)
{
    static const struct {
        const char *why;
        uint32_t cpsr, cpacr, fpexc, word;
        bool denied;
    } rows[] = {
        { "vadd, all allowed", ARM_USR, CPACR_ALL, EN, 0xee300a00, false },
        { "vadd, EN 0", ARM_SVC, CPACR_ALL, 0, 0xee300a00, true },
        { "vadd, PL1 only, at PL0", ARM_USR, 0x00500000, EN, 0xee300a00, true },
        { "vadd, PL1 only, at PL1", ARM_SVC, 0x00500000, EN, 0xee300a00, false },
        { "vadd, CPACR 0", ARM_SVC, 0, EN, 0xee300a00, true },
        { "vldr, EN 0", ARM_SVC, CPACR_ALL, 0, 0xed910a00, true },
        { "vmrs fpscr, EN 0", ARM_SVC, CPACR_ALL, 0, 0xeef11a10, true },
        { "vmrs fpscr at PL0", ARM_USR, CPACR_ALL, EN, 0xeef12a10, false },
        { "vmrs fpexc, EN 0", ARM_SVC, CPACR_ALL, 0, 0xeef82a10, false },
        { "vmrs fpexc, CPACR 0", ARM_SVC, 0, 0, 0xeef82a10, true },
        { "vmrs fpexc at PL0", ARM_USR, CPACR_ALL, EN, 0xeef82a10, true },
        { "vmrs mvfr0, EN 0", ARM_SVC, CPACR_ALL, 0, 0xeef72a10, false },
        { "vmrs fpsid at PL0", ARM_USR, CPACR_ALL, EN, 0xeef02a10, true },
        { "vmsr fpexc, EN 0", ARM_SVC, CPACR_ALL, 0, 0xeee82a10, false },
        { "vmsr fpexc, CPACR 0", ARM_SVC, 0, 0, 0xeee82a10, true },
        { "vmsr fpexc at PL0", ARM_USR, CPACR_ALL, EN, 0xeee82a10, true },
        { "vmsr fpsid", ARM_SVC, CPACR_ALL, 0, 0xeee02a10, false },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        unsigned k = i / 2;

        set_data(rig);
        rig->cpu->cp15.cpacr = rows[k].cpacr;
        rig->cpu->fpexc = rows[k].fpexc;
        arm_rig_start(rig, rows[k].cpsr | (i % 2 != 0 ? CPSR_T : 0), RIG_CODE);
        rig->cpu->r[1] = BASE;
        arm_rig_step(rig, rows[k].word, i % 2);
        cr_expect(undefined(rig) == rows[k].denied, "%s", rows[k].why);
    }
    arm_rig_free(rig);
}

/* The next instruction of the same unit sees the new access. */
Test(arm_vfp, writing_fpexc_takes_effect_at_once)
{
    static const uint32_t code[] = {
        0xeee80a10, /* vmsr fpexc, r0 */
        0xee310a02, /* vadd.f32 s0, s2, s4 */
        0xeee81a10, /* vmsr fpexc, r1 */
        0xee310a02, /* vadd.f32 s0, s2, s4 */
    };
    ArmRig *rig = rig_with_fp();
    ArmCpu *cpu = rig->cpu;

    cpu->fpexc = 0;
    arm_rig_start(rig, ARM_SVC, RIG_CODE);
    cpu->r[0] = EN;
    cpu->r[1] = 0;
    set_single(cpu, 2, 1);
    set_single(cpu, 4, 2);
    arm_rig_code(rig, RIG_CODE, code, sizeof(code));
    arm_rig_run(rig, 3);
    cr_expect(eq(u32, (uint32_t)cpu->d[0], f32(3)));
    cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 12));
    arm_rig_run(rig, 1);
    cr_expect(undefined(rig));
    cr_expect(eq(u32, cpu->r[14], RIG_CODE + 16));
    arm_rig_free(rig);
}

/* Short vectors are not in these processors. */
Test(arm_vfp, data_processing_with_LEN_is_undefined_and_sets_DEX)
{
    ArmRig *rig = rig_with_fp();
    ArmCpu *cpu = rig->cpu;

    cpu->r[0] = 1u << 16;
    step(rig, 0xeee10a10, false); /* vmsr fpscr, r0 */
    step(rig, 0xee310a02, false); /* vadd.f32 s0, s2, s4 */
    cr_expect(undefined(rig));
    cr_expect(eq(u32, cpu->fpexc, EN | 1u << 29));
    step(rig, 0xf2020804, false); /* vadd.i8 d0, d2, d4 */
    cr_expect(not(undefined(rig)));
    step(rig, 0xee000a90, false); /* vmov s1, r0 */
    cr_expect(not(undefined(rig)));
    arm_rig_free(rig);
}

/* A condition covers the whole instruction. */
Test(arm_vfp, conditions_hold_for_A32_words_and_IT_blocks)
{
    static const uint16_t it_eq[] = { 0xbf08, 0xef02, 0x0804 }; /* it eq; vaddeq.i8 d0, d2, d4 */
    ArmRig *rig = rig_with_fp();
    ArmCpu *cpu = rig->cpu;

    for (unsigned z = 0; z < 2; z++) {
        cpu->d[0] = 0;
        cpu->d[1] = f64(1);
        arm_rig_start(rig, ARM_SYS | (z ? CPSR_Z : 0), RIG_CODE);
        arm_rig_step(rig, 0x0e310b01, false); /* vaddeq.f64 d0, d1, d1 */
        cr_expect(eq(u64, cpu->d[0], z ? f64(2) : 0));
        cpu->d[0] = 0;
        cpu->d[2] = cpu->d[4] = 1;
        arm_rig_code(rig, RIG_CODE, it_eq, sizeof(it_eq));
        arm_rig_start(rig, ARM_SYS | CPSR_T | (z ? CPSR_Z : 0), RIG_CODE);
        arm_rig_run(rig, 2);
        cr_expect(eq(u64, cpu->d[0], z ? 2 : 0));
        cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 6));
    }
    arm_rig_free(rig);
}
