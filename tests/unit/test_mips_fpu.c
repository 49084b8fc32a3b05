/* SPDX-License-Identifier: MIT */
/* test_mips_fpu.c - floating-point instructions, each alone, on all hosts and byte orders. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/rig/mips_rig.h"

enum {
    ERL = 4,
    BEV = 1 << 22,
    FR = 1 << 26,
    CU1 = 1 << 29,
    ON = ERL | CU1,
    FPE = 15,
    CPU = 11,
    RI = 10
};

/* FCSR fields, and the words of instructions. */
enum { IX = 1, U = 2, O = 4, Z = 8, V = 16, E = 32 };
#define CAUSE(x) ((uint32_t)(x) << 12)
#define ENABLE(x) ((uint32_t)(x) << 7)
#define FLAG(x) ((uint32_t)(x) << 2)
#define BOTH(x) (CAUSE(x) | FLAG(x))
#define FCC0 (1u << 23)
#define FMT(fmt, ft, fs, fd, fn) \
    (0x44000000u | (uint32_t)(fmt) << 21 | (ft) << 16 | (fs) << 11 | (fd) << 6 | (fn))
#define S 16
#define D 17
#define W 20
#define L 21
#define CTC1(rt, reg) (0x44c00000u | (rt) << 16 | (reg) << 11)
#define CFC1(rt, reg) (0x44400000u | (rt) << 16 | (reg) << 11)

#define QNAN32 0x7fbfffffu
#define QNAN64 UINT64_C(0x7ff7ffffffffffff)
#define ONE64 UINT64_C(0x3ff0000000000000)
#define TWO64 UINT64_C(0x4000000000000000)
#define HALF64 UINT64_C(0x3fe0000000000000)
#define INF64 UINT64_C(0x7ff0000000000000)
#define MIN64 UINT64_C(0x0010000000000000)
#define KEPT UINT64_C(0x5555555566666666) /* what the destination holds before */

/* Operands in f2, f4, f6, result in f8. */
typedef struct Case {
    const char *why;
    uint32_t word;
    uint32_t fcsr; /* before */
    uint64_t a, b, c;
    uint64_t want;
    uint32_t fcsr_after;
    bool traps;
} Case;

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

static MipsRig *rig_new(unsigned host, bool big_endian)
{
    MipsRig *rig = mips_rig_new(hosts[host], "24Kf", big_endian);

    mips_rig_start(rig, ON | FR, MIPS_CODE);
    return rig;
}

static void set_fcsr(MipsRig *rig, uint32_t value)
{
    rig->cpu->r[1] = value & ~0x20000u & ~CAUSE(0x3f);
    mips_rig_step(rig, CTC1(1, 31));
}

static uint32_t fcsr(MipsRig *rig)
{
    uint32_t status = rig->cpu->cp0.status;
    Gva pc = rig->cpu->v.pc;
    uint32_t value;

    mips_rig_start(rig, ON | FR, MIPS_CODE);
    mips_rig_step(rig, CFC1(2, 31));
    value = rig->cpu->r[2];
    mips_rig_start(rig, status, pc);
    return value;
}

static unsigned exc_code(const MipsRig *rig) { return rig->cpu->cp0.cause >> 2 & 31; }

static void run(MipsRig *rig, const Case *c)
{
    MipsCpu *cpu = rig->cpu;

    mips_rig_start(rig, ON | FR, MIPS_CODE);
    set_fcsr(rig, c->fcsr);
    cpu->cp0.cause = 0;
    cpu->fpr[2] = c->a;
    cpu->fpr[4] = c->b;
    cpu->fpr[6] = c->c;
    cpu->fpr[8] = KEPT;
    mips_rig_start(rig, CU1 | FR, KSEG0_OF(MIPS_CODE));
    mips_rig_code(rig, MIPS_CODE, &c->word, 1);
    mips_rig_run(rig, 1);
    cr_expect(eq(u64, cpu->fpr[8], c->traps ? KEPT : c->want), "%s", c->why);
    cr_expect(eq(u32, exc_code(rig), c->traps ? FPE : 0), "%s, exception", c->why);
    cr_expect(eq(u32, cpu->v.pc, c->traps ? KSEG0_OF(MIPS_PAGE + 0x180) : KSEG0_OF(MIPS_CODE) + 4),
              "%s, pc", c->why);
    if (c->traps) {
        cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(MIPS_CODE)), "%s, EPC", c->why);
    }
    cr_expect(eq(u32, fcsr(rig), c->fcsr_after), "%s, FCSR", c->why);
}

static void check(const Case *cases, unsigned n)
{
    for (unsigned k = 0; k < 4; k++) {
        MipsRig *rig = rig_new(k / 2, k % 2 != 0);

        for (unsigned i = 0; i < n; i++) {
            run(rig, &cases[i]);
        }
        mips_rig_free(rig);
    }
}

#define HIGH(x) (KEPT >> 32 << 32 | (x)) /* of a word result the upper half stays */
/* clang-format off */
Test(mips_fpu, arithmetic)
{
    static const Case cases[] = {
        /* MD00086, ADD.fmt and so on */
        { "add.d",    FMT(D, 4, 2, 8, 0), 0, ONE64, ONE64, 0, TWO64, 0, false },
        { "add.s",    FMT(S, 4, 2, 8, 0), 0, 0x3f800000, 0x3f800000, 0, HIGH(0x40000000), 0,
          false },
        { "sub.d",    FMT(D, 4, 2, 8, 1), 0, TWO64, ONE64, 0, ONE64, 0, false },
        { "mul.s",    FMT(S, 4, 2, 8, 2), 0, 0x40000000, 0x40400000, 0, HIGH(0x40c00000), 0,
          false },
        { "div.d",    FMT(D, 4, 2, 8, 3), 0, ONE64, TWO64, 0, HALF64, 0, false },
        { "div.d inexact", FMT(D, 4, 2, 8, 3), 0, ONE64, 0x4008000000000000, 0, 0x3fd5555555555555,
          BOTH(IX), false },
        { "sqrt.d",   FMT(D, 0, 2, 8, 4), 0, 0x4010000000000000, 0, 0, TWO64, 0, false },
        { "abs.d",    FMT(D, 0, 2, 8, 5), 0, ONE64 | INT64_MIN, 0, 0, ONE64, 0, false },
        { "neg.s",    FMT(S, 0, 2, 8, 7), 0, 0x3f800000, 0, 0, HIGH(0xbf800000), 0, false },
        { "mov.d",    FMT(D, 0, 2, 8, 6), BOTH(V), 0x7fffffffffffffff, 0, 0, 0x7fffffffffffffff,
          FLAG(V), false },
        { "recip.d",  FMT(D, 0, 2, 8, 0x15), 0, TWO64, 0, 0, HALF64, 0, false },
        { "recip.s of 0", FMT(S, 0, 2, 8, 0x15), 0, 0, 0, 0, HIGH(0x7f800000), BOTH(Z), false },
        { "rsqrt.d",  FMT(D, 0, 2, 8, 0x16), 0, 0x4010000000000000, 0, 0, HALF64, 0, false },
        { "rsqrt.d of -1", FMT(D, 0, 2, 8, 0x16), 0, ONE64 | INT64_MIN, 0, 0, QNAN64, BOTH(V),
          false },
        { "madd.d",   0x4cc41221, 0, TWO64, ONE64, ONE64, 0x4008000000000000, 0, false },
        { "msub.d",   0x4cc41229, 0, TWO64, ONE64, ONE64, ONE64, 0, false },
        { "nmadd.d",  0x4cc41231, 0, TWO64, ONE64, ONE64, 0xc008000000000000, 0, false },
        { "nmsub.s",  0x4cc41238, 0, 0x40000000, 0x3f800000, 0x3f800000, HIGH(0xbf800000), 0,
          false },
        { "overflow", FMT(D, 4, 2, 8, 2), 0, 0x7fe0000000000000, 0x4010000000000000, 0, INF64,
          BOTH(O | IX), false },
        { "towards 0", FMT(D, 4, 2, 8, 2), 1, 0x7fe0000000000000, 0x4010000000000000, 0,
          0x7fefffffffffffff, 1 | BOTH(O | IX), false },
        { "invalid",  FMT(D, 4, 2, 8, 1), 0, INF64, INF64, 0, QNAN64, BOTH(V), false },
        { "0 * inf",  FMT(S, 4, 2, 8, 2), 0, 0, 0x7f800000, 0, HIGH(QNAN32), BOTH(V), false },
        { "0 * 1",    FMT(S, 4, 2, 8, 2), 0, 0x80000000, 0x3f800000, 0, HIGH(0x80000000), 0,
          false },
        { "signal",   FMT(D, 4, 2, 8, 0), 0, 0x7ff8000000000000, ONE64, 0, QNAN64, BOTH(V), false },
        { "quiet",    FMT(D, 4, 2, 8, 0), 0, ONE64, 0x7ff0000000000001, 0, 0x7ff0000000000001, 0,
          false },
        /* flags gather, Cause does not */
        { "flags",    FMT(D, 4, 2, 8, 0), FLAG(V | O), ONE64, ONE64, 0, TWO64, FLAG(V | O), false },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(mips_fpu, exceptions_that_trap_leave_everything_but_cause)
{
    static const Case cases[] = {
        /* MD00343 5.5.3 and 5.5.5 */
        { "inexact",  FMT(D, 4, 2, 8, 3), ENABLE(IX), ONE64, 0x4008000000000000, 0, 0,
          ENABLE(IX) | CAUSE(IX), true },
        { "exact",    FMT(D, 4, 2, 8, 3), ENABLE(IX), ONE64, TWO64, 0, HALF64, ENABLE(IX), false },
        { "division by zero", FMT(D, 4, 2, 8, 3), ENABLE(Z) | FLAG(O), ONE64, 0, 0, 0,
          ENABLE(Z) | CAUSE(Z) | FLAG(O), true },
        { "invalid",  FMT(S, 0, 2, 8, 4), ENABLE(V), 0xbf800000, 0, 0, 0, ENABLE(V) | CAUSE(V),
          true },
        { "overflow", FMT(S, 4, 2, 8, 2), ENABLE(O), 0x7f7fffff, 0x7f7fffff, 0, 0,
          ENABLE(O) | CAUSE(O | IX), true },
        { "rsqrt of 0", FMT(D, 0, 2, 8, 0x16), ENABLE(Z), 0, 0, 0, 0, ENABLE(Z) | CAUSE(Z), true },
        { "conversion", FMT(D, 0, 2, 8, 0x24), ENABLE(IX), 0x3ff8000000000000, 0, 0, 0,
          ENABLE(IX) | CAUSE(IX), true },
        { "denormal operand", FMT(D, 4, 2, 8, 0), FLAG(IX), 1, ONE64, 0, 0, FLAG(IX) | CAUSE(E),
          true },
        { "tiny product", FMT(D, 4, 2, 8, 2), 0, MIN64, HALF64, 0, 0, CAUSE(E), true },
        { "tiny sum",  FMT(D, 4, 2, 8, 1), 0, MIN64 | 1, MIN64, 0, 0, CAUSE(E), true },
        { "tiny, narrowed", FMT(D, 0, 2, 8, 0x20), 0, 0x3800000000000001, 0, 0, 0, CAUSE(E), true },
        { "denormal integer", FMT(S, 0, 2, 8, 0x24), 0, 1, 0, 0, 0, CAUSE(E), true },
        { "denormal moved", FMT(D, 0, 2, 8, 6), 0, 1, 0, 0, 1, 0, false },
        { "denormal negated", FMT(D, 0, 2, 8, 7), 0, 1, 0, 0, 1 | (uint64_t)INT64_MIN, 0, false },
        { "flushed operand", FMT(D, 4, 2, 8, 0), 1 << 24, 1, ONE64, 0, ONE64, 1 << 24 | BOTH(IX),
          false },
        { "flushed result", FMT(D, 4, 2, 8, 2), 1 << 24, MIN64, HALF64, 0, 0,
          1 << 24 | BOTH(U | IX), false },
        { "flushed up", FMT(D, 4, 2, 8, 2), 1 << 24 | 2, MIN64, HALF64, 0, MIN64,
          1 << 24 | 2 | BOTH(U | IX), false },
        { "nearest",  FMT(D, 4, 2, 8, 2), 1 << 21, MIN64, 0x3fe8000000000000, 0, MIN64,
          1 << 21 | BOTH(U | IX), false },
        { "product kept", 0x4cc41221, 1 << 22, MIN64, HALF64, MIN64, 0x0018000000000000, 1 << 22,
          false },
    };

    check(cases, G_N_ELEMENTS(cases));
}

Test(mips_fpu, conversions)
{
    static const Case cases[] = {
        { "cvt.s.d",  FMT(D, 0, 2, 8, 0x20), 0, ONE64, 0, 0, HIGH(0x3f800000), 0, false },
        { "cvt.s.w",  FMT(W, 0, 2, 8, 0x20), 0, 0xffffffff, 0, 0, HIGH(0xbf800000), 0, false },
        { "cvt.s.l",  FMT(L, 0, 2, 8, 0x20), 0, INT64_MAX, 0, 0, HIGH(0x5f000000), BOTH(IX),
          false },
        { "cvt.d.s",  FMT(S, 0, 2, 8, 0x21), 0, 0x3f800000, 0, 0, ONE64, 0, false },
        { "cvt.d.w",  FMT(W, 0, 2, 8, 0x21), 0, 0x80000000, 0, 0, 0xc1e0000000000000, 0, false },
        { "cvt.d.l",  FMT(L, 0, 2, 8, 0x21), 0, UINT64_MAX, 0, 0, 0xbff0000000000000, 0, false },
        { "cvt.w.d",  FMT(D, 0, 2, 8, 0x24), 0, 0x4004000000000000, 0, 0, HIGH(2), BOTH(IX),
          false },
        { "cvt.w.d up", FMT(D, 0, 2, 8, 0x24), 2, 0x4004000000000000, 0, 0, HIGH(3), 2 | BOTH(IX),
          false },
        { "cvt.l.s",  FMT(S, 0, 2, 8, 0x25), 3, 0xbfc00000, 0, 0, UINT64_MAX - 1, 3 | BOTH(IX),
          false },
        { "round.w.d", FMT(D, 0, 2, 8, 0x0c), 1, 0x400c000000000000, 0, 0, HIGH(4), 1 | BOTH(IX),
          false },
        { "trunc.w.s", FMT(S, 0, 2, 8, 0x0d), 0, 0xc07fffff, 0, 0, HIGH(0xfffffffd), BOTH(IX),
          false },
        { "ceil.w.d",  FMT(D, 0, 2, 8, 0x0e), 0, 0x3ff0000000000001, 0, 0, HIGH(2), BOTH(IX),
          false },
        { "floor.w.s", FMT(S, 0, 2, 8, 0x0f), 0, 0xbf000000, 0, 0, HIGH(0xffffffff), BOTH(IX),
          false },
        { "round.l.d", FMT(D, 0, 2, 8, 0x08), 0, 0x3fe0000000000000, 0, 0, 0, BOTH(IX), false },
        { "trunc.l.d", FMT(D, 0, 2, 8, 0x09), 0, 0xc340000000000000, 0, 0, 0xffe0000000000000, 0,
          false },
        { "ceil.l.s",  FMT(S, 0, 2, 8, 0x0a), 0, 0x3f000000, 0, 0, 1, BOTH(IX), false },
        { "floor.l.d", FMT(D, 0, 2, 8, 0x0b), 0, 0xbfe0000000000000, 0, 0, UINT64_MAX, BOTH(IX),
          false },
        { "too large", FMT(D, 0, 2, 8, 0x0d), 0, 0xc1e0000000200000, 0, 0, HIGH(0x7fffffff),
          BOTH(V), false },
        { "NaN",       FMT(S, 0, 2, 8, 0x25), 0, 0x7f800001, 0, 0, INT64_MAX, BOTH(V), false },
    };

    check(cases, G_N_ELEMENTS(cases));
}
/* clang-format on */

/* C.cond.fmt: FCC, then what a condition does. */
Test(mips_fpu, comparisons_set_one_condition_code)
{
    static const struct {
        uint64_t a, b;
        unsigned relation; /* bit: 0 unordered, 1 equal, 2 less */
    } pairs[] = {
        { ONE64, TWO64, 4 },           { TWO64, ONE64, 0 }, { ONE64, ONE64, 2 },
        { 0, (uint64_t)INT64_MIN, 2 }, { 1, 0, 0 },         { ONE64, 0x7ff0000000000001, 1 },
    };

    for (unsigned k = 0; k < 2; k++) {
        MipsRig *rig = rig_new(k, false);

        for (unsigned i = 0; i < G_N_ELEMENTS(pairs) * 16 * 8; i++) {
            unsigned p = i / 128, cond = i % 16, cc = i / 16 % 8;
            uint32_t bit = cc == 0 ? FCC0 : 1u << (24 + cc), want;
            bool set = (cond & pairs[p].relation) != 0;

            mips_rig_start(rig, ON | FR, MIPS_CODE);
            set_fcsr(rig, i % 2 != 0 ? 0xfe800000 : 0);
            rig->cpu->fpr[2] = pairs[p].a;
            rig->cpu->fpr[4] = pairs[p].b;
            mips_rig_step(rig, FMT(D, 4, 2, 0, 0x30 | cond) | cc << 8);
            want = i % 2 != 0 ? 0xfe800000 : 0;
            want = (set ? want | bit : want & ~bit);
            want |= pairs[p].relation == 1 && cond >= 8 ? BOTH(V) : 0;
            cr_assert(eq(u32, fcsr(rig), want), "pair %u cond %u cc %u", p, cond, cc);
        }
        mips_rig_free(rig);
    }
}

Test(mips_fpu, conditions_move_and_branch)
{
    for (unsigned k = 0; k < 2; k++) {
        for (unsigned on = 0; on < 2; on++) {
            MipsRig *rig = rig_new(k, false);
            MipsCpu *cpu = rig->cpu;
            /* bc1t 3, +2; addiu r5, r0, 1; addiu r6, r0, 1; addiu r7, r0, 1 */
            static const uint32_t branch[] = { 0x450d0002, 0x24050001, 0x24060001, 0x24070001 };
            static const uint32_t likely[] = { 0x450e0002, 0x24050001, 0x24060001, 0x24070001 };

            set_fcsr(rig, on != 0 ? 1u << 27 : 0);
            cpu->r[3] = 33;
            cpu->r[4] = 44;
            mips_rig_step(rig, 0x006d2001); /* movt r4, r3, 3 */
            cr_expect(eq(u32, cpu->r[4], on != 0 ? 33 : 44));
            cpu->fpr[2] = ONE64;
            cpu->fpr[8] = TWO64;
            mips_rig_step(rig, FMT(D, 12, 2, 8, 0x11)); /* movf.d f8, f2, 3 */
            cr_expect(eq(u64, cpu->fpr[8], on != 0 ? TWO64 : ONE64));
            cpu->r[9] = on;
            cpu->fpr[8] = TWO64;
            mips_rig_step(rig, FMT(D, 9, 2, 8, 0x13)); /* movn.d f8, f2, r9 */
            cr_expect(eq(u64, cpu->fpr[8], on != 0 ? ONE64 : TWO64));
            cpu->fpr[8] = TWO64;
            mips_rig_step(rig, FMT(D, 9, 2, 8, 0x12)); /* movz.d f8, f2, r9 */
            cr_expect(eq(u64, cpu->fpr[8], on != 0 ? TWO64 : ONE64));
            cpu->r[5] = cpu->r[6] = cpu->r[7] = 0;
            mips_rig_code(rig, MIPS_CODE, branch, 4);
            mips_rig_start(rig, ON | FR, MIPS_CODE);
            mips_rig_run(rig, 3);
            cr_expect(eq(u32, cpu->r[5], 1));
            cr_expect(eq(u32, cpu->r[6], on ^ 1));
            cr_expect(eq(u32, cpu->r[7], on));
            cpu->r[5] = cpu->r[6] = cpu->r[7] = 0;
            mips_rig_code(rig, MIPS_CODE, likely, 4); /* bc1fl 3 */
            mips_rig_start(rig, ON | FR, MIPS_CODE);
            mips_rig_run(rig, 3);
            cr_expect(eq(u32, cpu->r[5], on ^ 1));
            cr_expect(eq(u32, cpu->r[6], on));
            cr_expect(eq(u32, cpu->r[7], 1));
            mips_rig_free(rig);
        }
    }
}

Test(mips_fpu, loads_and_stores_obey_the_byte_order)
{
    for (unsigned k = 0; k < 4; k++) {
        bool big = k % 2 != 0;
        MipsRig *rig = rig_new(k / 2, big);
        MipsCpu *cpu = rig->cpu;
        uint64_t value = UINT64_C(0x1122334455667788);
        uint64_t in_memory = big ? GUINT64_SWAP_LE_BE(value) : value;

        cpu->r[3] = MIPS_DATA;
        cpu->r[4] = 8;
        memcpy(rig->data + 8, &in_memory, 8);
        mips_rig_step(rig, 0xd4680008); /* ldc1 f8, 8(r3) */
        cr_expect(eq(u64, cpu->fpr[8], value));
        mips_rig_step(rig, 0xf4680010); /* sdc1 f8, 16(r3) */
        cr_expect(zero(i32, memcmp(rig->data + 16, &in_memory, 8)));
        cpu->fpr[9] = KEPT;
        mips_rig_step(rig, 0xc4690008); /* lwc1 f9, 8(r3) */
        cr_expect(eq(u64, cpu->fpr[9], HIGH(big ? 0x11223344 : 0x55667788)));
        mips_rig_step(rig, 0x4c640000 | 10 << 6); /* lwxc1 f10, r4(r3) */
        cr_expect(eq(u32, (uint32_t)cpu->fpr[10], big ? 0x11223344 : 0x55667788));
        mips_rig_step(rig, 0x4c640001 | 11 << 6); /* ldxc1 f11, r4(r3) */
        cr_expect(eq(u64, cpu->fpr[11], value));
        cpu->r[4] = 15;
        mips_rig_step(rig, 0x4c640005 | 12 << 6); /* luxc1 f12, r4(r3): of 8 */
        cr_expect(eq(u64, cpu->fpr[12], value));
        mips_rig_step(rig, 0x4c64400d | 8 << 11); /* suxc1 f8 */
        cpu->r[4] = 24;
        mips_rig_step(rig, 0x4c640009 | 8 << 11); /* sdxc1 f8, r4(r3) */
        cr_expect(zero(i32, memcmp(rig->data + 24, &in_memory, 8)));
        mips_rig_step(rig, 0x4c640008 | 9 << 11); /* swxc1 f9, r4(r3) */
        cr_expect(eq(u32, mips_rig_word(rig, MIPS_DATA + 24), (uint32_t)cpu->fpr[9]));
        mips_rig_step(rig, 0xe4690020); /* swc1 f9, 32(r3) */
        cr_expect(eq(u32, mips_rig_word(rig, MIPS_DATA + 32), (uint32_t)cpu->fpr[9]));
        mips_rig_free(rig);
    }
}

/* MD00082 5.3: 32 registers of 32 bits, doubles in even pairs. */
Test(mips_fpu, without_fr_doubles_are_in_pairs)
{
    for (unsigned k = 0; k < 2; k++) {
        MipsRig *rig = rig_new(k, false);
        MipsCpu *cpu = rig->cpu;

        mips_rig_start(rig, ON, MIPS_CODE);
        cpu->r[3] = 0x3ff00000;
        cpu->r[4] = 0;
        mips_rig_step(rig, 0x44840000 | 2 << 11); /* mtc1 r4, f2 */
        mips_rig_step(rig, 0x44830000 | 3 << 11); /* mtc1 r3, f3 */
        mips_rig_step(rig, FMT(D, 2, 2, 8, 0));   /* add.d f8, f2, f2 */
        mips_rig_step(rig, 0x44050000 | 9 << 11); /* mfc1 r5, f9 */
        cr_expect(eq(u32, cpu->r[5], 0x40000000));
        mips_rig_step(rig, 0x44660000 | 8 << 11); /* mfhc1 r6, f8 */
        cr_expect(eq(u32, cpu->r[6], 0x40000000));
        mips_rig_step(rig, 0x44e40000 | 8 << 11); /* mthc1 r4, f8 */
        mips_rig_step(rig, 0x44050000 | 9 << 11);
        cr_expect(eq(u32, cpu->r[5], 0));
        cr_expect(eq(u32, exc_code(rig), 0));
        mips_rig_start(rig, CU1, KSEG0_OF(MIPS_CODE));
        mips_rig_code(rig, MIPS_CODE, &(uint32_t){ FMT(D, 2, 2, 9, 0) }, 1);
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, exc_code(rig), RI), "odd");
        mips_rig_start(rig, CU1, KSEG0_OF(MIPS_CODE));
        mips_rig_code(rig, MIPS_CODE, &(uint32_t){ FMT(L, 0, 2, 8, 0x21) }, 1);
        cpu->cp0.cause = 0;
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, exc_code(rig), RI), "format L");
        mips_rig_free(rig);
    }
}

Test(mips_fpu, control_registers)
{
    MipsRig *rig = rig_new(1, false);
    MipsCpu *cpu = rig->cpu;
    static const struct {
        unsigned reg;
        uint32_t read; /* with all of FCSR set but what traps */
    } regs[] = { { 25, 0xff }, { 26, 0x0001f07c }, { 28, 0x7 }, { 31, 0xffe1f07f }, { 7, 0 } };

    mips_rig_step(rig, CFC1(2, 0));
    cr_expect(eq(u32, cpu->r[2], 0x0173937c), "FIR");
    cpu->r[1] = ~ENABLE(0x1f) & ~CAUSE(E);
    mips_rig_step(rig, CTC1(1, 31));
    for (unsigned i = 0; i < G_N_ELEMENTS(regs); i++) {
        mips_rig_step(rig, CFC1(2, regs[i].reg));
        cr_expect(eq(u32, cpu->r[2], regs[i].read), "register %u", regs[i].reg);
    }
    cpu->r[1] = 0;
    mips_rig_step(rig, CTC1(1, 26)); /* FEXR */
    cr_expect(eq(u32, fcsr(rig), 0xffe00003));
    mips_rig_step(rig, CTC1(1, 25)); /* FCCR */
    cr_expect(eq(u32, fcsr(rig), 0x01600003));
    mips_rig_step(rig, CTC1(1, 28)); /* FENR */
    cr_expect(eq(u32, fcsr(rig), 0x00600000));
    /* A Cause bit that is written with its Enable. */
    mips_rig_start(rig, CU1 | FR, KSEG0_OF(MIPS_CODE));
    cpu->r[1] = CAUSE(O) | ENABLE(O);
    mips_rig_code(rig, MIPS_CODE, &(uint32_t){ CTC1(1, 31) }, 1);
    mips_rig_run(rig, 1);
    cr_expect(eq(u32, exc_code(rig), FPE));
    cr_expect(eq(u32, cpu->cp0.epc, KSEG0_OF(MIPS_CODE)));
    cr_expect(eq(u32, fcsr(rig), CAUSE(O) | ENABLE(O)));
    mips_rig_free(rig);
}

Test(mips_fpu, without_cu1_the_coprocessor_is_unusable)
{
    static const uint32_t words[] = {
        FMT(D, 4, 2, 8, 0), FMT(22, 4, 2, 8, 0), CFC1(2, 31), 0xd4680008,
        0x4cc41221,         0x450d0002,          0x006d2001,  0x4c64000f,
    };

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(words); i++) {
        MipsRig *rig = mips_rig_new(&x64_host, i % 2 != 0 ? "24Kc" : "24Kf", false);

        mips_rig_start(rig, i % 2 != 0 ? CU1 : 0, KSEG0_OF(MIPS_CODE));
        if (i % 2 != 0) {
            mips_rig_start(rig, 0, KSEG0_OF(MIPS_CODE));
        }
        mips_rig_code(rig, MIPS_CODE, &words[i / 2], 1);
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, exc_code(rig), CPU), "0x%08x", words[i / 2]);
        cr_expect(eq(u32, rig->cpu->cp0.cause >> 28 & 3, 1));
        mips_rig_free(rig);
    }
}

/* MD00343 5.3: paired single is not there. */
Test(mips_fpu, paired_single_is_reserved)
{
    static const uint32_t words[] = { FMT(22, 4, 2, 8, 0), 0x4cc4121e, 0x4cc41226 };

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        MipsRig *rig = rig_new(1, false);

        mips_rig_start(rig, CU1 | FR, KSEG0_OF(MIPS_CODE));
        mips_rig_code(rig, MIPS_CODE, &words[i], 1);
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, exc_code(rig), RI), "0x%08x", words[i]);
        mips_rig_free(rig);
    }
}
