/* SPDX-License-Identifier: MIT */
/* test_arm_simd.c - Advanced SIMD instructions in both instruction sets. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>

#include "backend/interp/interp.h"
#include "frontend/arm/lift.h"
#include "tests/rig/arm_rig.h"

enum { N_D = 32, BASE = RIG_DATA + 0x800 };

static ArmRig *rig_with_fp(void)
{
    ArmRig *rig = arm_rig_new(&interp_host);

    rig->cpu->cp15.cpacr = 0x00f00000;
    rig->cpu->fpexc = 1u << 30;
    arm_rig_start(rig, ARM_SYS, RIG_CODE);
    return rig;
}

/* The T32 word of an A32 one, DDI 0406C.d A7.4, A7.7. */
static uint32_t t32(uint32_t word)
{
    if (word >> 24 == 0xf4) {
        return (word & 0x00ffffff) | 0xf9000000;
    }
    return (word & 0x00ffffff) | 0xef000000 | (word >> 24 & 1) << 28;
}

static void step(ArmRig *rig, uint32_t word, bool thumb)
{
    arm_rig_start(rig, ARM_SYS | (thumb ? CPSR_T : 0), RIG_CODE);
    arm_rig_step(rig, thumb ? t32(word) : word, thumb);
}

static bool undefined(const ArmRig *rig) { return (rig->cpu->cpsr & CPSR_M) == ARM_UND; }
static bool aborted(const ArmRig *rig) { return (rig->cpu->cpsr & CPSR_M) == ARM_ABT; }

/* ---- data processing ---- */

typedef enum Operands { INT, FLOAT, TABLE, N_OPERANDS } Operands;

static const uint64_t operands[N_OPERANDS][6] = {
    [INT] = { 0x80017ffe00ff0180, 0x7fffffff80000000, 0x7f80ff01807f0034, 0xfffe8000123480ff,
              0x0203fc7f81ff0740, 0x80008000fedc7f01 },
    [FLOAT] = { 0x3f800000c0200000, 0x4b000000bf000000, 0x40490fdb7f800000, 0xbf3504f33eaaaaab,
                0xc11000003f000000, 0x3f99999a3e99999a },
    [TABLE] = { 0x80017ffe00ff0180, 0x7fffffff80000000, 0x7f80ff01807f0034, 0xfffe8000123480ff,
                0x0503120010ff1f07, 0x80008000fedc7f01 },
};

/* clang-format off */
static const struct {
    const char *text;
    uint32_t word;
    Operands operands;
    uint64_t d0, d1;
    uint32_t fpscr;
} cases[] = {
#define SIMD_CASE(text, word, operands, d0, d1, fpscr) { text, word, operands, d0, d1, fpscr },
#include "tests/unit/arm_simd_cases.def"
};
/* clang-format on */

static void run_cases(bool thumb)
{
    ArmRig *rig = rig_with_fp();
    ArmCpu *cpu = rig->cpu;

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *text = cases[i].text;

        memcpy(cpu->d, operands[cases[i].operands], sizeof(operands[0]));
        arm_help_fpscr_write(&cpu->v, 0, ir_pc(RIG_CODE, 0), 0);
        step(rig, cases[i].word, thumb);
        cr_expect(eq(u64, cpu->d[0], cases[i].d0), "%s", text);
        cr_expect(eq(u64, cpu->d[1], cases[i].d1), "%s", text);
        cr_expect(eq(u32, (uint32_t)arm_help_fpscr_read(&cpu->v, 0, 0, 0), cases[i].fpscr), "%s",
                  text);
        cr_expect(eq(u32, cpu->v.pc, RIG_CODE + 4), "%s", text);
    }
    arm_rig_free(rig);
}

Test(arm_simd, a32_data_processing_gives_what_was_captured) { run_cases(false); }
Test(arm_simd, t32_data_processing_gives_what_was_captured) { run_cases(true); }

Test(arm_simd, every_data_processing_row_has_a_case)
{
    unsigned n;
    const ArmInsn *row = arm_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        bool found = false, thumb = row[i].thumb != 0;
        bool simd = thumb ? (row[i].match >> 24 & 0xef) == 0xef : row[i].match >> 25 == 0x79;

        if (row[i].info.name[0] != 'V' || !simd) {
            continue;
        }
        for (unsigned k = 0; k < G_N_ELEMENTS(cases) && !found; k++) {
            found = arm_row_matches(&row[i], thumb ? t32(cases[k].word) : cases[k].word);
        }
        cr_expect(found, "%s %s", row[i].info.name, row[i].info.encoding);
    }
}

/* Those that write both registers: VSWP, VTRN, VUZP, VZIP. */
Test(arm_simd, permutations_write_their_second_register_too)
{
    static const struct {
        const char *why;
        uint32_t word;
        uint64_t d4, d5;
    } rows[] = {
        { "vswp d0, d4", 0xf3b20004, 0x80017ffe00ff0180, 0x80008000fedc7f01 },
        { "vswp q0, q2", 0xf3b20044, 0x80017ffe00ff0180, 0x7fffffff80000000 },
        { "vtrn.8 d0, d4", 0xf3b20084, 0x0280fc7f81000701, 0x80008000fedc7f01 },
        { "vtrn.16 q0, q2", 0xf3b600c4, 0x0203800181ff00ff, 0x80007ffffedc8000 },
        { "vuzp.8 d0, d4", 0xf3b20104, 0x02fc8107807f0001, 0x80008000fedc7f01 },
        { "vuzp.16 q0, q2", 0xf3b60144, 0x7fff8000800100ff, 0x8000fedc020381ff },
        { "vzip.8 d0, d4", 0xf3b20184, 0x02800301fc7f7ffe, 0x80008000fedc7f01 },
        { "vzip.16 q0, q2", 0xf3b601c4, 0xfedc80007f010000, 0x80007fff8000ffff },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        memcpy(rig->cpu->d, operands[INT], sizeof(operands[0]));
        step(rig, rows[i].word, false);
        cr_expect(eq(u64, rig->cpu->d[4], rows[i].d4), "%s", rows[i].why);
        cr_expect(eq(u64, rig->cpu->d[5], rows[i].d5), "%s", rows[i].why);
    }
    arm_rig_free(rig);
}

Test(arm_simd, odd_registers_of_quadwords_are_undefined)
{
    static const uint32_t words[] = {
        0xf2021044, /* vhadd.s8 q0.5, q1, q2 */
        0xf2030044, /* vhadd.s8 q0, q1.5, q2 */
        0xf2020045, /* vhadd.s8 q0, q1, q2.5 */
        0xf2821004, /* vaddl.s8 q0.5, d2, d4 */
        0xf2830104, /* vaddw.s8 q0, q1.5, d4 */
        0xf2820405, /* vaddhn.i16 d0, q1, q2.5 */
        0xf3b60205, /* vmovn.i32 d0, q2.5 */
        0xf2b20804, /* vext.8 d0, d2, d4, #8 */
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        step(rig, words[i], false);
        cr_expect(undefined(rig), "%08x", words[i]);
    }
    arm_rig_free(rig);
}

/* Result and operand may be the same: nothing is read after it was overwritten. */
Test(arm_simd, results_may_overlap_operands)
{
    ArmRig *rig = rig_with_fp();
    uint64_t *d = rig->cpu->d;

    d[0] = 0x0807060504030201;
    step(rig, 0xf2800000, false); /* vaddl.s8 q0, d0, d0 */
    cr_expect(eq(u64, d[0], 0x0008000600040002));
    cr_expect(eq(u64, d[1], 0x0010000e000c000a));
    d[0] = 0x0001000200030004;
    d[1] = 0x0005000600070008;
    step(rig, 0xf3b21200, false); /* vmovn.i16 d1, q0 */
    cr_expect(eq(u64, d[1], 0x0506070801020304));
    d[0] = 0x0706050403020100;
    step(rig, 0xf3b00800, false); /* vtbl.8 d0, {d0}, d0 */
    cr_expect(eq(u64, d[0], 0x0706050403020100));
    arm_rig_free(rig);
}

/* ---- element and structure loads and stores: the operation of the manual, byte by byte ---- */

/* The byte at offset @i of the data: all differ over 251. */
static uint8_t pattern(unsigned i) { return (uint8_t)(i * 37 % 251); }

static void set_up(ArmRig *rig)
{
    for (unsigned i = 0; i < RIG_DATA_BYTES; i++) {
        rig->data[i] = pattern(i);
    }
    for (unsigned i = 0; i < N_D; i++) {
        rig->cpu->d[i] = 0x1111111111111111u * (i & 15) + 0x0123456789abcdefu;
    }
    memset(rig->cpu->r, 0, sizeof(rig->cpu->r));
    rig->cpu->r[1] = BASE;
    rig->cpu->r[2] = 0x100;
}

static uint8_t byte_of(const uint64_t *d, unsigned reg, unsigned i)
{
    return (uint8_t)(d[reg] >> 8 * i);
}

static void set_byte(uint64_t *d, unsigned reg, unsigned i, uint8_t v)
{
    d[reg] = (d[reg] & ~((uint64_t)0xff << 8 * i)) | (uint64_t)v << 8 * i;
}

/* One element of @bytes between memory and element @e of D[@reg]. */
static void move_element(bool load, uint64_t *d, uint8_t *mem, unsigned reg, unsigned e,
                         unsigned bytes, bool big)
{
    for (unsigned b = 0; b < bytes; b++) {
        unsigned at = big ? bytes - 1 - b : b;

        if (load) {
            set_byte(d, reg, e * bytes + b, mem[at]);
        } else {
            mem[at] = byte_of(d, reg, e * bytes + b);
        }
    }
}

typedef struct Form {
    uint32_t type; /* bits 11 to 8 */
    unsigned n, apart, groups;
} Form;

static const Form forms[] = {
    { 7, 1, 1, 1 }, { 10, 1, 1, 2 }, { 6, 1, 1, 3 }, { 2, 1, 1, 4 }, { 8, 2, 1, 1 }, { 9, 2, 2, 1 },
    { 3, 2, 2, 2 }, { 4, 3, 1, 1 },  { 5, 3, 2, 1 }, { 0, 4, 1, 1 }, { 1, 4, 2, 1 },
};

static void check(ArmRig *rig, const uint64_t *d, const uint8_t *data, uint32_t r1, uint32_t word)
{
    cr_expect(rig->cpu->r[1] == r1, "%08x: base %08x", word, rig->cpu->r[1]);
    for (unsigned i = 0; i < N_D; i++) {
        cr_expect(rig->cpu->d[i] == d[i], "%08x: d%u %016" PRIx64 " should be %016" PRIx64, word, i,
                  rig->cpu->d[i], d[i]);
    }
    cr_expect(memcmp(rig->data, data, RIG_DATA_BYTES) == 0, "%08x: memory", word);
}

/* VLDn, VSTn {from d@first}, [r1]@rm */
static void multiple(ArmRig *rig, const Form *f, unsigned size, bool load, unsigned rm, bool big,
                     bool thumb)
{
    static uint8_t data[RIG_DATA_BYTES];
    const unsigned first = 13;
    uint64_t d[N_D];
    uint32_t word = 0xf4010000 | (load ? 1u << 21 : 0) | first << 12 | f->type << 8 | size << 6
                    | rm;
    uint32_t bytes = 8 * f->n * f->groups;
    unsigned at = BASE - RIG_DATA;

    set_up(rig);
    memcpy(data, rig->data, sizeof(data));
    memcpy(d, rig->cpu->d, sizeof(d));
    for (unsigned g = 0; g < f->groups; g++) {
        for (unsigned e = 0; e < 8u >> size; e++) {
            for (unsigned i = 0; i < f->n; i++, at += 1u << size) {
                move_element(load, d, data + at, first + g + i * f->apart, e, 1u << size, big);
            }
        }
    }
    arm_rig_start(rig, ARM_SYS | (thumb ? CPSR_T : 0) | (big ? CPSR_E : 0), RIG_CODE);
    rig->cpu->r[13] = 0;
    arm_rig_step(rig, thumb ? t32(word) : word, thumb);
    check(rig, d, data, BASE + (rm == 15 ? 0 : rm == 13 ? bytes : 0x100), word);
}

Test(arm_simd, multiple_structures_go_where_the_manual_says)
{
    static const unsigned rm[] = { 15, 13, 2 };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < G_N_ELEMENTS(forms) * 4; i++) {
        const Form *f = &forms[i / 4];
        unsigned size = i % 4;

        if (size == 3 && f->n > 1) {
            continue;
        }
        for (unsigned k = 0; k < 24; k++) {
            multiple(rig, f, size, k & 1, rm[k / 8], k & 2, k & 4);
        }
    }
    arm_rig_free(rig);
}

/* Bits 7 to 4 of a lane form: lane 1, @apart registers, no alignment. */
static uint32_t index_align(unsigned size, unsigned apart)
{
    return (1u << (size + 1) | (size == 0 ? 0 : (apart - 1) << size)) << 4;
}

static void lane(ArmRig *rig, unsigned n, unsigned size, unsigned apart, bool load, bool big)
{
    static uint8_t data[RIG_DATA_BYTES];
    const unsigned first = 20, at = BASE - RIG_DATA;
    uint64_t d[N_D];
    uint32_t word = 0xf481000d | (load ? 1u << 21 : 0) | 1u << 22 | (first - 16) << 12
                    | (size << 2 | (n - 1)) << 8 | index_align(size, apart);

    set_up(rig);
    memcpy(data, rig->data, sizeof(data));
    memcpy(d, rig->cpu->d, sizeof(d));
    for (unsigned i = 0; i < n; i++) {
        move_element(load, d, data + at + (i << size), first + i * apart, 1, 1u << size, big);
    }
    arm_rig_start(rig, ARM_SYS | (big ? CPSR_E : 0), RIG_CODE);
    arm_rig_step(rig, word, false);
    check(rig, d, data, BASE + (n << size), word);
}

Test(arm_simd, single_lanes_go_where_the_manual_says)
{
    ArmRig *rig = rig_with_fp();

    for (unsigned n = 1; n <= 4; n++) {
        for (unsigned size = 0; size < 3; size++) {
            for (unsigned k = 0; k < 4; k++) {
                lane(rig, n, size, 1, k & 1, k & 2);
                if (n > 1 && size > 0) {
                    lane(rig, n, size, 2, k & 1, k & 2);
                }
            }
        }
    }
    arm_rig_free(rig);
}

static void all_lanes(ArmRig *rig, unsigned n, unsigned size, unsigned two)
{
    const unsigned first = 8, at = BASE - RIG_DATA;
    uint64_t d[N_D];
    uint32_t word = 0xf4a10c0f | first << 12 | (n - 1) << 8 | size << 6 | two << 5;
    unsigned apart = n == 1 ? 1 : 1 + two, copies = n == 1 ? 1 + two : 1;

    set_up(rig);
    memcpy(d, rig->cpu->d, sizeof(d));
    for (unsigned i = 0; i < n * copies; i++) {
        unsigned from = n == 1 ? at : at + (i << size), reg = first + i * apart;

        for (unsigned e = 0; e < 8u >> size; e++) {
            move_element(true, d, rig->data + from, reg, e, 1u << size, false);
        }
    }
    step(rig, word, false);
    check(rig, d, rig->data, BASE, word);
}

Test(arm_simd, loads_to_all_lanes_fill_them)
{
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < 4 * 3 * 2; i++) {
        all_lanes(rig, 1 + i / 6, i / 2 % 3, i % 2);
    }
    arm_rig_free(rig);
}

Test(arm_simd, alignment_is_checked_where_it_is_named_or_asked_for)
{
    static const struct {
        const char *why;
        uint32_t word, offset;
        bool sctlr_a, faults;
    } rows[] = {
        { "vld1.8 {d0}, [r1] at odd", 0xf421070f, 1, false, false },
        { "vld1.8 {d0}, [r1] at odd, SCTLR.A", 0xf421070f, 1, true, false },
        { "vld1.32 {d0}, [r1] at half", 0xf421078f, 2, false, false },
        { "vld1.32 {d0}, [r1] at half, SCTLR.A", 0xf421078f, 2, true, true },
        { "vld1.8 {d0}, [r1:64] at 4", 0xf421071f, 4, false, true },
        { "vld1.8 {d0}, [r1:64] at 8", 0xf421071f, 8, false, false },
        { "vld1.8 {d0-d3}, [r1:256] at 16", 0xf421023f, 16, false, true },
        { "vld1.8 {d0-d3}, [r1:256] at 32", 0xf421023f, 32, false, false },
        { "vst2.16 {d0-d3}, [r1:128] at 8", 0xf401036f, 8, false, true },
        { "vld1.16 {d0[0]}, [r1:16] at 1", 0xf4a1041f, 1, false, true },
        { "vld1.16 {d0[0]}, [r1] at 1", 0xf4a1040f, 1, false, false },
        { "vld4.32 {d0[0]..}, [r1:128] at 8", 0xf4a10b2f, 8, false, true },
        { "vld4.32 {d0[0]..}, [r1:64] at 8", 0xf4a10b1f, 8, false, false },
        { "vld4.32 {d0[]..}, [r1:128] at 8", 0xf4a10fdf, 8, false, true },
        { "vld2.8 {d0[],d1[]}, [r1:16] at 1", 0xf4a10d1f, 1, false, true },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        rig->cpu->cp15.sctlr = (rig->cpu->cp15.sctlr & ~2u) | (rows[i].sctlr_a ? 2 : 0);
        set_up(rig);
        rig->cpu->cp15.dfsr = 0;
        arm_rig_start(rig, ARM_SYS, RIG_CODE);
        rig->cpu->r[1] = BASE + rows[i].offset;
        arm_rig_step(rig, rows[i].word, false);
        cr_expect(aborted(rig) == rows[i].faults, "%s", rows[i].why);
        if (rows[i].faults) {
            cr_expect(eq(u32, rig->cpu->cp15.dfsr & 0x40f, 1), "%s", rows[i].why);
            cr_expect(eq(u32, rig->cpu->cp15.dfar, BASE + rows[i].offset), "%s", rows[i].why);
        }
    }
    arm_rig_free(rig);
}

Test(arm_simd, an_abort_in_the_middle_changes_no_register)
{
    ArmRig *rig = rig_with_fp();
    uint64_t d[N_D];

    set_up(rig);
    memcpy(d, rig->cpu->d, sizeof(d));
    rig->cpu->r[1] = RIG_DATA + RIG_DATA_BYTES - 16;
    arm_rig_step(rig, 0xf421000d, false); /* vld4.8 {d0-d3}, [r1]! */
    cr_expect(aborted(rig));
    cr_expect(eq(u32, rig->cpu->r[1], RIG_DATA + RIG_DATA_BYTES - 16));
    for (unsigned i = 0; i < N_D; i++) {
        cr_expect(eq(u64, rig->cpu->d[i], d[i]), "d%u", i);
    }
    arm_rig_free(rig);
}

Test(arm_simd, base_pc_and_registers_beyond_the_last_are_undefined)
{
    static const uint32_t words[] = {
        0xf42f070f, /* vld1.8 {d0}, [pc] */
        0xf461f20f, /* vld1.8 {d31..} */
        0xf461d00f, /* vld4.8 {d29..d32} */
        0xf4e1f90f, /* vld2.32 {d31[0], d32[0]} */
        0xf3bf0980, /* vtbl.8 d0, {d31, d32}, d0 */
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        set_up(rig);
        step(rig, words[i], false);
        cr_expect(undefined(rig), "%08x", words[i]);
    }
    arm_rig_free(rig);
}

Test(arm_simd, access_is_denied_without_EN_CPACR_or_with_ASEDIS)
{
    static const struct {
        const char *why;
        uint32_t cpacr, fpexc, word;
        bool denied;
    } rows[] = {
        { "vadd.i8 d0, d2, d4", 0x00f00000, 1u << 30, 0xf2020804, false },
        { "FPEXC.EN 0", 0x00f00000, 0, 0xf2020804, true },
        { "CPACR 0", 0, 1u << 30, 0xf2020804, true },
        { "ASEDIS", 0x80f00000, 1u << 30, 0xf2020804, true },
        { "ASEDIS, vld1", 0x80f00000, 1u << 30, 0xf421070f, true },
        { "ASEDIS, vorr", 0x80f00000, 1u << 30, 0xf2220114, true },
        { "ASEDIS, vadd.f32 s0, s0, s0 is not Advanced SIMD", 0x80f00000, 1u << 30, 0xee300a00,
          false },
    };
    ArmRig *rig = rig_with_fp();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        set_up(rig);
        rig->cpu->cp15.cpacr = rows[i].cpacr;
        rig->cpu->fpexc = rows[i].fpexc;
        arm_rig_start(rig, ARM_SYS, RIG_CODE);
        rig->cpu->r[1] = BASE;
        arm_rig_step(rig, rows[i].word, false);
        cr_expect(undefined(rig) == rows[i].denied, "%s", rows[i].why);
    }
    arm_rig_free(rig);
}
