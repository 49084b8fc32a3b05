/* SPDX-License-Identifier: MIT */
/* test_x86_sse.c - MMX and SSE: what is raised, what tests against the host leave out. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/rig/x86_rig.h"

static X86Rig *fresh(const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "n270");

    rig->cpu->cr0 |= CR0_NE;
    rig->cpu->cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    rig->cpu->mxcsr = 0x1f80;
    rig->cpu->fpu.control = 0x37f;
    rig->cpu->r[G_ESI] = rig->cpu->r[G_EDI] = X86_RIG_DATA;
    x86_update(rig->cpu);
    return rig;
}

static void both(void (*test)(X86Rig *rig))
{
    const HostIsa *hosts[] = { &interp_host, &x64_host };

    for (unsigned i = 0; i < 2; i++) {
        X86Rig *rig = fresh(hosts[i]);

        test(rig);
        x86_rig_free(rig);
    }
}

typedef struct Raises {
    const char *why;
    uint8_t code[8];
    uint32_t cr0, cr4_off;
    uint32_t esi;
    unsigned vector; /* X86_N_EXCEPTIONS: none */
} Raises;

/* SDM Vol. 3 tables 12-1 and 13-1; Vol. 2 2.4, exception types. */
static const Raises raises[] = {
    { "SSE with TS", { 0x0f, 0x58, 0xc1 }, CR0_TS, 0, 0, X86_NM },
    { "SSE with EM", { 0x0f, 0x58, 0xc1 }, CR0_EM, 0, 0, X86_UD },
    { "SSE with EM and TS", { 0x0f, 0x58, 0xc1 }, CR0_EM | CR0_TS, 0, 0, X86_UD },
    { "SSE without OSFXSR", { 0x0f, 0x58, 0xc1 }, 0, CR4_OSFXSR, 0, X86_UD },
    { "MMX with TS", { 0x0f, 0xfc, 0xc1 }, CR0_TS, 0, 0, X86_NM },
    { "MMX with EM", { 0x0f, 0xfc, 0xc1 }, CR0_EM, 0, 0, X86_UD },
    { "MMX without OSFXSR", { 0x0f, 0xfc, 0xc1 }, 0, CR4_OSFXSR, 0, X86_N_EXCEPTIONS },
    { "a misaligned operand", { 0x0f, 0x58, 0x06 }, 0, 0, 8, X86_GP },
    { "a misaligned MOVAPS", { 0x0f, 0x29, 0x06 }, 0, 0, 4, X86_GP },
    { "a misaligned MOVUPS", { 0x0f, 0x11, 0x06 }, 0, 0, 4, X86_N_EXCEPTIONS },
    { "a misaligned MOVDQU", { 0xf3, 0x0f, 0x6f, 0x06 }, 0, 0, 1, X86_N_EXCEPTIONS },
    { "a scalar operand anywhere", { 0xf3, 0x0f, 0x58, 0x06 }, 0, 0, 3, X86_N_EXCEPTIONS },
    { "MOVNTDQ misaligned", { 0x66, 0x0f, 0xe7, 0x06 }, 0, 0, 8, X86_GP },
    { "LOCK on SSE", { 0xf0, 0x0f, 0x58, 0x06 }, 0, 0, 0, X86_UD },
};

static void raise_one(const Raises *r, const HostIsa *host)
{
    X86Rig *rig = fresh(host);

    rig->cpu->cr0 |= r->cr0;
    rig->cpu->cr4 &= ~r->cr4_off;
    rig->cpu->r[G_ESI] += r->esi;
    x86_update(rig->cpu);
    x86_rig_code(rig, r->code, sizeof(r->code), 1);
    /* There is no handler: its delivery raises #GP and #DF. */
    for (unsigned k = 0; k < X86_N_EXCEPTIONS; k++) {
        uint64_t n = vcpu_cold(&rig->cpu->v)->exceptions[k];

        if (k == r->vector) {
            cr_expect(n != 0, "%s: %u is not raised", r->why, k);
        } else if (r->vector == X86_N_EXCEPTIONS || (k != X86_GP && k != X86_DF)) {
            cr_expect(n == 0, "%s: %u is raised", r->why, k);
        }
    }
    x86_rig_free(rig);
}

Test(x86_sse, each_instruction_raises_what_its_table_says)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(raises); i++) {
        raise_one(&raises[i], &interp_host);
        raise_one(&raises[i], &x64_host);
    }
}

/* addps xmm0, [ebp] beyond the limit: misaligned, aligned */
static void beyond(X86Rig *rig)
{
    static const uint8_t code[] = { 0x0f, 0x58, 0x45, 0x00 };
    const uint64_t *raised = vcpu_cold(&rig->cpu->v)->exceptions;
    X86Seg *ss = &rig->cpu->seg[SEG_SS];

    ss->limit = ss->last = X86_RIG_DATA;
    rig->cpu->r[G_EBP] = X86_RIG_DATA + 0x108;
    x86_update(rig->cpu);
    x86_rig_code(rig, code, sizeof(code), 1);
    cr_expect(eq(u64, raised[X86_GP], 1));
    cr_expect(zero(u64, raised[X86_SS]));
}

Test(x86_sse, a_misaligned_operand_is_told_ahead_of_the_stacks_limit) { both(beyond); }

/* clflush cs:[esi]; mov al, cs:[esi] */
static void flushes(X86Rig *rig)
{
    static const uint8_t code[] = { 0x2e, 0x0f, 0xae, 0x3e, 0x2e, 0x8a, 0x06 };
    const uint64_t *raised = vcpu_cold(&rig->cpu->v)->exceptions;

    rig->cpu->seg[SEG_CS].attr &= ~(uint32_t)SEG_WRITABLE; /* of code: readable */
    x86_update(rig->cpu);
    x86_rig_code(rig, code, sizeof(code), 1);
    cr_expect(zero(u64, raised[X86_GP]));
    x86_rig_run(rig, 1);
    cr_expect(eq(u64, raised[X86_GP], 1));
}

Test(x86_sse, clflush_may_ask_for_an_execute_only_segment) { both(flushes); }

/* ldmxcsr [esi] */
static void reserved(X86Rig *rig)
{
    static const uint8_t code[] = { 0x0f, 0xae, 0x16 };

    x86_rig_write32(rig, X86_RIG_DATA, 0x11f80);
    x86_rig_code(rig, code, sizeof(code), 1);
    cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_GP], 1));
    cr_expect(eq(u32, rig->cpu->mxcsr, 0x1f80));
}

Test(x86_sse, a_reserved_bit_of_mxcsr_is_refused) { both(reserved); }

enum { ONE = 0x3f800000, THREE = 0x40400000, THIRD_DOWN = 0x3eaaaaaa };

/* ldmxcsr [esi]; divss xmm0, xmm1; stmxcsr [esi + 4]; ldmxcsr [esi + 8]; divss xmm2, xmm1 */
static void control(X86Rig *rig)
{
    static const uint8_t code[] = { 0x0f, 0xae, 0x16, 0xf3, 0x0f, 0x5e, 0xc1, 0x0f, 0xae, 0x5e,
                                    0x04, 0x0f, 0xae, 0x56, 0x08, 0xf3, 0x0f, 0x5e, 0xd1 };

    rig->cpu->xmm[0][0] = rig->cpu->xmm[2][0] = ONE;
    rig->cpu->xmm[1][0] = THREE;
    x86_rig_write32(rig, X86_RIG_DATA, 0x3f80);     /* down */
    x86_rig_write32(rig, X86_RIG_DATA + 8, 0x0f80); /* PM clear */
    x86_rig_code(rig, code, sizeof(code), 4);
    cr_expect(eq(u64, rig->cpu->xmm[0][0], THIRD_DOWN), "rounded as just loaded");
    cr_expect(eq(u32, x86_rig_read32(rig, X86_RIG_DATA + 4), 0x3fa0), "PE is seen");
    cr_expect(eq(u32, rig->cpu->v.mode & MODE_SSETRAP, MODE_SSETRAP));
    cr_expect(eq(u32, rig->cpu->mxcsr, 0x0f80), "no flag of before is left");
    x86_rig_run(rig, 1);
    cr_expect(ne(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_XM], 0));
    cr_expect(eq(u64, rig->cpu->xmm[2][0], ONE), "its result does not count");
    cr_expect(eq(u32, rig->cpu->mxcsr, 0x0fa0));
}

Test(x86_sse, a_loaded_mxcsr_holds_from_the_next_instruction_on) { both(control); }

/* fxrstor [esi]; divss xmm0, xmm1 */
static void restored(X86Rig *rig)
{
    static const uint8_t code[] = { 0x0f, 0xae, 0x0e, 0xf3, 0x0f, 0x5e, 0xc1 };
    enum { MXCSR = 24, XMM0 = 160, XMM1 = 176 };

    x86_rig_write32(rig, X86_RIG_DATA, 0x037f);
    x86_rig_write32(rig, X86_RIG_DATA + MXCSR, 0x0f80);
    x86_rig_write32(rig, X86_RIG_DATA + XMM0, ONE);
    x86_rig_write32(rig, X86_RIG_DATA + XMM1, THREE);
    x86_rig_code(rig, code, sizeof(code), 2);
    cr_expect(ne(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_XM], 0));
    cr_expect(eq(u64, rig->cpu->xmm[0][0], ONE));
}

Test(x86_sse, a_restored_mxcsr_does_too) { both(restored); }

/* divss xmm0, xmm1 with ZM clear and OSXMMEXCPT clear */
static void no_handler(X86Rig *rig)
{
    static const uint8_t code[] = { 0xf3, 0x0f, 0x5e, 0xc1 };

    rig->cpu->cr4 &= ~(uint32_t)CR4_OSXMMEXCPT;
    rig->cpu->mxcsr = 0x1d80;
    rig->cpu->xmm[0][0] = 0x3f800000;
    x86_update(rig->cpu);
    x86_rig_code(rig, code, sizeof(code), 1);
    cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_UD], 1));
    cr_expect(eq(u64, rig->cpu->xmm[0][0], 0x3f800000));
    cr_expect(eq(u32, rig->cpu->mxcsr, 0x1d84));
}

Test(x86_sse, without_OSXMMEXCPT_an_unmasked_exception_is_an_invalid_opcode) { both(no_handler); }

/* maskmovdqu xmm0, xmm1; maskmovq mm0, mm1 */
static void masked(X86Rig *rig)
{
    static const uint8_t code[] = { 0x66, 0x0f, 0xf7, 0xc1, 0x0f, 0xf7, 0xc1 };

    rig->cpu->xmm[0][0] = 0x0807060504030201;
    rig->cpu->xmm[0][1] = 0x100f0e0d0c0b0a09;
    rig->cpu->xmm[1][0] = 0x80007f00ff000080;
    rig->cpu->xmm[1][1] = 0x8000000000000000;
    rig->cpu->fpu.mantissa[0] = 0x2222222222222222;
    rig->cpu->fpu.mantissa[1] = 0x0000000000800000;
    rig->cpu->fpu.tags = 0xff;
    x86_rig_code(rig, code, sizeof(code), 2);
    cr_expect(eq(u32, x86_rig_read32(rig, X86_RIG_DATA), 0x04220001 & 0xffff00ff));
    cr_expect(eq(u32, x86_rig_read32(rig, X86_RIG_DATA + 4), 0x08000000));
    cr_expect(eq(u32, x86_rig_read32(rig, X86_RIG_DATA + 12), 0x10000000));
    cr_expect(eq(u32, rig->cpu->fpu.tags, 0), "MMX operation");
}

Test(x86_sse, masked_moves_write_the_chosen_bytes_only) { both(masked); }

static float as_float(uint32_t v)
{
    float f;

    memcpy(&f, &v, 4);
    return f;
}

/* rcpss xmm0, xmm1; rsqrtss xmm2, xmm1 */
static void estimates(X86Rig *rig)
{
    static const uint8_t code[] = { 0xf3, 0x0f, 0x53, 0xc1, 0xf3, 0x0f, 0x52, 0xd1 };
    const double bound = 1.5 / 4096; /* SDM Vol. 2 */
    uint32_t x = 0x3f800000;

    for (unsigned i = 0; i < 500; i++, x += 0x1234567) {
        double exact = as_float(x & 0x7fffffff);

        if (fpclassify(exact) != FP_NORMAL || exact > 0x1p125 || exact < 0x1p-125) {
            continue;
        }
        rig->cpu->xmm[1][0] = x & 0x7fffffff;
        x86_rig_code(rig, code, sizeof(code), 2);
        cr_assert(fabs(as_float((uint32_t)rig->cpu->xmm[0][0]) * exact - 1) < bound);
        cr_assert(fabs(as_float((uint32_t)rig->cpu->xmm[2][0]) * sqrt(exact) - 1) < bound);
    }
    cr_expect(eq(u32, rig->cpu->mxcsr, 0x1f80), "estimates raise nothing");
}

Test(x86_sse, estimates_are_within_the_manuals_bound) { both(estimates); }

typedef struct Special {
    uint32_t in, rcp, rsqrt;
} Special;

/* The tables of RCPSS and RSQRTSS. */
static void specials(X86Rig *rig)
{
    static const uint8_t code[] = { 0xf3, 0x0f, 0x53, 0xc1, 0xf3, 0x0f, 0x52, 0xd1 };
    static const Special rows[] = {
        { 0, 0x7f800000, 0x7f800000 },
        { 0x80000000, 0xff800000, 0xff800000 },
        { 0x7f800000, 0, 0 },
        { 0x80000001, 0xff800000, 0xff800000 },
        { 0x7f812345, 0x7fc12345, 0x7fc12345 },
        { 0xff800000, 0x80000000, 0xffc00000 },
        { 0xbf800000, 0xbf800000, 0xffc00000 },
        { 0x7f000001, 0, 0x1fb504f2 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        rig->cpu->xmm[1][0] = rows[i].in;
        x86_rig_code(rig, code, sizeof(code), 2);
        cr_expect(eq(u32, (uint32_t)rig->cpu->xmm[0][0], rows[i].rcp), "1 / %x", rows[i].in);
        cr_expect(eq(u32, (uint32_t)rig->cpu->xmm[2][0], rows[i].rsqrt), "root %x", rows[i].in);
    }
}

Test(x86_sse, estimates_of_special_operands_are_the_tables) { both(specials); }
