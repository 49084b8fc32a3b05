/* SPDX-License-Identifier: MIT */
/* test_x86_x87.c - x87 instructions: what is recorded, saved, asked for and raised. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/x86/x86_priv.h"
#include "tests/rig/x86_rig.h"

enum { FINIT_CONTROL = 0x37f };

static uint16_t get16(const X86Rig *rig, unsigned at)
{
    uint16_t v;

    memcpy(&v, rig->data + at, 2);
    return v;
}

static uint32_t get32(const X86Rig *rig, unsigned at)
{
    uint32_t v;

    memcpy(&v, rig->data + at, 4);
    return v;
}

static X86Rig *fresh(const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "n270");

    rig->cpu->cr0 |= CR0_NE;
    rig->cpu->cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    rig->cpu->fpu.control = FINIT_CONTROL;
    rig->cpu->fpu.tags = 0xff;
    rig->cpu->r[G_ESI] = X86_RIG_DATA;
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

/* fild word [esi]; fld1; faddp; fnstenv [esi+16] */
static void records(X86Rig *rig)
{
    static const uint8_t code[] = { 0xdf, 0x06, 0xd9, 0xe8, 0xde, 0xc1, 0xd9, 0x76, 0x10 };
    const uint16_t forty_one = 41;

    x86_rig_write(rig, X86_RIG_DATA, &forty_one, 2);
    x86_rig_code(rig, code, sizeof(code), 4);
    cr_expect(eq(u32, get32(rig, 16), 0xffff0000 | FINIT_CONTROL));
    cr_expect(eq(u32, get32(rig, 20), 0xffff0000 | 7u << 11));
    cr_expect(eq(u32, get32(rig, 24), 0xffff3fff));
    cr_expect(eq(u32, get32(rig, 28), X86_RIG_CODE + 4), "FIP is the last one's");
    cr_expect(eq(u32, get32(rig, 32), 0x6c1u << 16 | rig->cpu->seg[SEG_CS].selector));
    cr_expect(eq(u32, get32(rig, 36), X86_RIG_DATA), "FDP is the last operand's");
    cr_expect(eq(u32, get32(rig, 40), 0xffff0000 | rig->cpu->seg[SEG_DS].selector));
    cr_expect(eq(u64, rig->cpu->fpu.mantissa[7], UINT64_C(42) << 58));
}

Test(x86_x87, the_environment_holds_the_last_instruction_and_operand) { both(records); }

/* fld1; fldz; fdiv st0, st1 with ZE unmasked: fldcw [esi]; fld1; fldz; fdivp; fnop */
static void traps(X86Rig *rig)
{
    static const uint8_t code[] = { 0xd9, 0x2e, 0xd9, 0xe8, 0xd9, 0xee,
                                    0xde, 0xf9, 0xdf, 0xe0, 0xd9, 0xd0 };
    const uint16_t control = FINIT_CONTROL & ~4u;

    x86_rig_write(rig, X86_RIG_DATA, &control, 2);
    x86_rig_code(rig, code, sizeof(code), 4);
    cr_expect(eq(u32, rig->cpu->fpu.top, 6), "nothing is popped");
    cr_expect(eq(u32, rig->cpu->v.mode & MODE_X87TRAP, MODE_X87TRAP));
    x86_rig_run(rig, 1); /* FNSTSW AX does not wait */
    cr_expect(eq(u32, rig->cpu->r[0] & 0x80ff, 0x8084), "ES and B are set");
    cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_MF], 0));
    x86_rig_run(rig, 1);
    cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_MF], 1), "FNOP waits");
}

Test(x86_x87, an_unmasked_exception_is_raised_by_the_next_waiting_instruction) { both(traps); }

/* @opaque: how often it fell and rose; its level. */
static void count_ferr(void *opaque, bool level)
{
    unsigned *levels = opaque;

    levels[level] += levels[2] != level;
    levels[2] = level;
}

/* The same with CR0.NE clear: FERR# falls at the next waiting instruction, which waits for an
 * interrupt or for IGNNE#, Vol. 1 8.7.2; FNCLEX takes it back.
 * fldcw [esi]; fldz; fld1; fdiv st0, st1; fnop; fnclex */
static void ferr(X86Rig *rig)
{
    static const uint8_t code[] = { 0xd9, 0x2e, 0xd9, 0xee, 0xd9, 0xe8,
                                    0xd8, 0xf1, 0xd9, 0xd0, 0xdb, 0xe2 };
    const uint16_t control = FINIT_CONTROL & ~4u;
    unsigned levels[3] = { 0, 0, 0 };

    rig->cpu->cr0 &= ~(uint32_t)CR0_NE;
    rig->cpu->board.ferr = count_ferr;
    rig->cpu->board.opaque = levels;
    x86_rig_write(rig, X86_RIG_DATA, &control, 2);
    x86_rig_code(rig, code, sizeof(code), 4);
    cr_expect(eq(u32, levels[1], 0));
    x86_rig_run(rig, 1);
    cr_expect(eq(u32, levels[1], 1), "FNOP waits");
    cr_expect(eq(u32, levels[0], 0));
    cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 8));
    cr_expect(eq(u32, rig->cpu->v.attention & ATTN_HALT, ATTN_HALT));
    cr_expect(not(x86_isa.wakes(&rig->cpu->v)));
    x86_isa.set_irq(&rig->cpu->v, X86_LINE_INTR, true);
    cr_expect(not(x86_isa.wakes(&rig->cpu->v)), "IF is 0");
    x86_set_eflags(rig->cpu, EFL_ONE | EFL_IF);
    cr_expect(x86_isa.wakes(&rig->cpu->v));
    x86_isa.set_irq(&rig->cpu->v, X86_LINE_INTR, false);
    rig->cpu->v.attention = 0;
    rig->cpu->halted = 0;
    x86_isa.set_irq(&rig->cpu->v, X86_LINE_IGNNE, true);
    x86_rig_run(rig, 1);
    cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 10), "FNOP is done");
    cr_expect(eq(u32, levels[0], 0));
    x86_rig_run(rig, 1);
    cr_expect(eq(u32, levels[0], 1), "FNCLEX");
    cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_MF], 0));
}

Test(x86_x87, without_NE_an_unmasked_exception_is_told_to_the_board) { both(ferr); }

static void raises_nm(X86Rig *rig, uint32_t cr0, const uint8_t *code, unsigned bytes, unsigned n)
{
    rig->cpu->cr0 |= cr0;
    x86_update(rig->cpu);
    x86_rig_code(rig, code, bytes, 1);
    cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_NM], n));
}

static const uint8_t fld1[] = { 0xd9, 0xe8 }, wait[] = { 0x9b };

static void not_available(X86Rig *rig) { raises_nm(rig, CR0_TS, fld1, sizeof(fld1), 1); }
static void emulated(X86Rig *rig) { raises_nm(rig, CR0_EM, fld1, sizeof(fld1), 1); }
static void waits(X86Rig *rig) { raises_nm(rig, CR0_TS, wait, sizeof(wait), 0); }
static void waits_monitored(X86Rig *rig) { raises_nm(rig, CR0_TS | CR0_MP, wait, sizeof(wait), 1); }

Test(x86_x87, with_TS_or_EM_set_the_device_is_not_available)
{
    both(not_available);
    both(emulated);
}

Test(x86_x87, wait_asks_for_TS_and_MP)
{
    both(waits);
    both(waits_monitored);
}

/* fnsave [esi]; frstor [esi] after a change */
static void saves(X86Rig *rig)
{
    static const uint8_t save[] = { 0xdd, 0x36 }, restore[] = { 0xdd, 0x26 };
    X86Fpu before;

    for (unsigned i = 0; i < 8; i++) {
        rig->cpu->fpu.mantissa[i] = UINT64_C(0x8000000000000001) + i;
        rig->cpu->fpu.exponent[i] = (uint16_t)(0x3fff + i);
    }
    rig->cpu->fpu.tags = 0x24;
    rig->cpu->fpu.top = 3;
    rig->cpu->fpu.status = 0x4720;
    rig->cpu->fpu.ip = 0x1234;
    rig->cpu->fpu.opcode = 0x5c1;
    before = rig->cpu->fpu;
    x86_rig_code(rig, save, sizeof(save), 1);
    cr_expect(eq(u32, rig->cpu->fpu.control, FINIT_CONTROL));
    cr_expect(eq(u32, rig->cpu->fpu.tags, 0xff));
    cr_expect(eq(u32, rig->cpu->fpu.ip, 0));
    cr_expect(eq(u32, get32(rig, 28) & 0xff, 4), "ST(0), which is R3, is first");
    x86_rig_code(rig, restore, sizeof(restore), 1);
    cr_expect(memcmp(&rig->cpu->fpu, &before, sizeof(before)) == 0);
}

Test(x86_x87, fnsave_and_frstor_keep_everything) { both(saves); }

/* fnstenv with a 16-bit operand size */
static void saves16(X86Rig *rig)
{
    static const uint8_t code[] = { 0x66, 0xd9, 0x36 };

    rig->cpu->fpu.ip = 0x1234;
    rig->cpu->fpu.cs = 0x23;
    rig->cpu->fpu.dp = 0x5678;
    rig->cpu->fpu.ds = 0x2b;
    x86_rig_code(rig, code, sizeof(code), 1);
    cr_expect(eq(u32, get16(rig, 6), 0x1234));
    cr_expect(eq(u32, get16(rig, 8), 0x23));
    cr_expect(eq(u32, get16(rig, 10), 0x5678));
    cr_expect(eq(u32, get16(rig, 12), 0x2b));
    cr_expect(eq(u32, get16(rig, 14), 0), "nothing behind it is written");
}

Test(x86_x87, the_16_bit_environment_is_14_bytes) { both(saves16); }

/* fxsave [esi]; fninit; fxrstor [esi] */
static void fxsaves(X86Rig *rig)
{
    static const uint8_t code[] = { 0x0f, 0xae, 0x06, 0xdb, 0xe3, 0x0f, 0xae, 0x0e };
    static const uint8_t misaligned[] = { 0x0f, 0xae, 0x46, 0x08 };

    rig->cpu->fpu.top = 6;
    rig->cpu->fpu.tags = 0x3f;
    rig->cpu->fpu.mantissa[6] = UINT64_C(0x8000000000000007);
    rig->cpu->xmm[7][1] = 0x1122334455667788;
    rig->cpu->mxcsr = 0x1f80;
    x86_rig_code(rig, code, 3, 1);
    cr_expect(eq(u32, get16(rig, 2), 6 << 11));
    cr_expect(eq(u32, rig->data[4], 0xc0), "one bit a register, set if it is not empty");
    cr_expect(eq(u32, get32(rig, 24), 0x1f80));
    cr_expect(eq(u32, get32(rig, 28), 0xffff));
    cr_expect(eq(u32, rig->data[32], 7), "ST(0)");
    cr_expect(eq(u32, rig->data[160 + 7 * 16 + 8], 0x88));
    rig->cpu->xmm[7][1] = 0;
    x86_rig_code(rig, code, sizeof(code), 3);
    cr_expect(eq(u32, rig->cpu->fpu.tags, 0x3f));
    cr_expect(eq(u64, rig->cpu->fpu.mantissa[6], UINT64_C(0x8000000000000007)));
    x86_rig_code(rig, misaligned, sizeof(misaligned), 1);
    cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_GP], 1));
}

Test(x86_x87, fxsave_and_fxrstor_keep_everything_on_16_byte_boundaries) { both(fxsaves); }

/* fnstcw [esi]; fldcw [esi+2]; a control word with other masks changes what units ask for */
static void control(X86Rig *rig)
{
    static const uint8_t code[] = { 0xd9, 0x3e, 0xd9, 0x6e, 0x02, 0xd9, 0xe8, 0xd9, 0x2e };
    const uint16_t other = 0xffff, none = 0;

    x86_rig_write(rig, X86_RIG_DATA + 2, &other, 2);
    x86_rig_code(rig, code, sizeof(code), 4);
    cr_expect(eq(u32, rig->cpu->fpu.control, FINIT_CONTROL));
    cr_expect(eq(u32, get16(rig, 0), FINIT_CONTROL));
    x86_rig_write(rig, X86_RIG_DATA + 2, &none, 2);
    x86_rig_code(rig, code, 5, 2);
    cr_expect(eq(u32, rig->cpu->fpu.control, 0x40), "bit 6 is one");
    cr_expect(eq(u32, rig->cpu->v.mode & MODE_X87TRAP, MODE_X87TRAP));
    x86_rig_run(rig, 2);
    cr_expect(eq(u32, rig->cpu->v.mode & MODE_X87TRAP, 0));
}

Test(x86_x87, the_control_word_selects_units_that_ask) { both(control); }

/* fstp tbyte [esi] of which only the first eight bytes can be written */
static void faults(X86Rig *rig)
{
    static const uint8_t code[] = { 0xdb, 0x3e };
    X86Seg *ds = &rig->cpu->seg[SEG_DS];

    ds->limit = ds->last = X86_RIG_DATA + 8;
    rig->cpu->fpu.tags = 0;
    x86_update(rig->cpu);
    x86_rig_code(rig, code, sizeof(code), 1);
    cr_expect(eq(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_GP], 1));
    cr_expect(eq(u32, rig->cpu->fpu.top, 0), "not popped");
    cr_expect(eq(u32, rig->cpu->fpu.ip, 0), "not recorded");
}

Test(x86_x87, a_store_that_faults_does_nothing) { both(faults); }

/* fistp word [esi], of a number too large, where there is no room */
static void stopped(X86Rig *rig)
{
    static const uint8_t code[] = { 0xdf, 0x1e };
    X86Seg *ds = &rig->cpu->seg[SEG_DS];

    ds->limit = ds->last = X86_RIG_DATA;
    rig->cpu->fpu.control = 0x37e;
    rig->cpu->fpu.mantissa[0] = UINT64_C(1) << 63;
    rig->cpu->fpu.exponent[0] = 0x4030;
    rig->cpu->fpu.tags = 0;
    x86_update(rig->cpu);
    x86_rig_code(rig, code, sizeof(code), 1);
    cr_expect(zero(u64, vcpu_cold(&rig->cpu->v)->exceptions[X86_GP]));
    cr_expect(eq(u32, rig->cpu->fpu.status & 0x3f, 1), "invalid");
    cr_expect(eq(u32, rig->cpu->fpu.top, 0), "not popped");
}

Test(x86_x87, a_store_that_an_exception_stops_does_not_ask_the_segment) { both(stopped); }

/* fld1; movq [esi], mm7; movd mm7, eax; fld1 overflows; fnstsw ax; emms; fld1; fstp qword [esi+8];
 * jmp to itself, which ends a unit */
static void mixes(X86Rig *rig)
{
    static const uint8_t code[] = { 0xd9, 0xe8, 0x0f, 0x7f, 0x3e, 0x0f, 0x6e,
                                    0xf8, 0xd9, 0xe8, 0xdf, 0xe0, 0x0f, 0x77,
                                    0xd9, 0xe8, 0xdd, 0x5e, 0x08, 0xeb, 0xfe };

    rig->cpu->r[0] = 7;
    x86_rig_code(rig, code, sizeof(code), 9);
    cr_expect(eq(u32, get32(rig, 4), 0x80000000), "MMX sees the significand");
    cr_expect(eq(u32, rig->cpu->r[0] & 0xffff, 0x3a41), "MMX leaves no register empty");
    cr_expect(eq(u32, get32(rig, 12), 0x3ff00000));
    x86_settle(&rig->cpu->v);
    cr_expect(eq(u32, rig->cpu->fpu.tags, 0xff));
}

Test(x86_x87, mmx_and_x87_share_their_registers) { both(mixes); }

/* fldpi; fstp dword [esi] with DS too short; counted so that a host runs it */
static void faults_in_a_unit(X86Rig *rig)
{
    static const uint8_t code[] = { 0xd9, 0xeb, 0xd9, 0x1e, 0xeb, 0xfe };
    X86Seg *ds = &rig->cpu->seg[SEG_DS];

    ds->limit = ds->last = X86_RIG_DATA + 2;
    x86_update(rig->cpu);
    x86_rig_code(rig, code, sizeof(code), 3);
    x86_settle(&rig->cpu->v);
    cr_expect(eq(u32, rig->cpu->fpu.top, 7), "not popped");
    cr_expect(eq(u32, rig->cpu->fpu.status, 0), "not inexact");
}

Test(x86_x87, a_store_that_faults_in_a_unit_does_nothing) { both(faults_in_a_unit); }
