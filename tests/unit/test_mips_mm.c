/* SPDX-License-Identifier: MIT */
/* test_mips_mm.c - microMIPS: what single random instructions do not show. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/lift.h"
#include "tests/rig/mips_rig.h"

enum { TLBL = 2, ADEL = 4, ADES = 5, RI = 10, CPU = 11, NOP = 0x0c00, SPIN = 0xcfff };
enum { ISAONEXC = 1 << 16, BREAK = 0x4680 };
#define AT KSEG0_OF(MIPS_CODE)
#define DATA KSEG0_OF(MIPS_DATA)

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

/* k: two hosts, two byte orders. */
enum { RIGS = 4 };

static MipsRig *rig_at(unsigned k, Gpa pa, const uint16_t *code, unsigned n)
{
    MipsRig *rig = mips_rig_new(hosts[k / 2], "M14Kc", k % 2 != 0);

    mips_rig_start(rig, 0, KSEG0_OF(pa));
    rig->cpu->v.mode |= MIPS_MODE_ISA;
    mips_rig_halves(rig, pa, code, n);
    return rig;
}

#define RUN(k, code) rig_at(k, MIPS_CODE, code, G_N_ELEMENTS(code))

static uint32_t exc_code(const MipsRig *rig) { return rig->cpu->cp0.cause >> 2 & 31; }
static uint32_t delayed(const MipsRig *rig) { return rig->cpu->cp0.cause >> 31; }

/* ---- the table ---- */

Test(mips_mm, every_row_has_the_word_of_an_assembler)
{
    static const struct {
        const char *name;
        uint32_t word;
        bool is_short;
    } words[] = {
#define WORD(row, word) { "MM_" #row, word, sizeof(#word) == sizeof("0x0000") },
#include "tests/unit/mips_mm_words.def"
    };
    unsigned n, rows = 0;
    const MipsInsn *row = mips_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        rows += row[i].enc == ENC_MM16 || row[i].enc == ENC_MM32;
    }
    cr_expect(eq(u32, rows, G_N_ELEMENTS(words)));
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        row = mips_decode(words[i].is_short ? ENC_MM16 : ENC_MM32, words[i].word);
        cr_assert(row != NULL, "%s", words[i].name);
        cr_expect(eq(str, (char *)row->info.name, (char *)words[i].name));
    }
}

Test(mips_mm, what_is_no_instruction_is_reserved)
{
    static const uint16_t codes[][2] = {
        { 0x4720, NOP },    /* POOL16C 11001 */
        { 0x8401, NOP },    /* MOVEP with bit 0 */
        { 0x5c00, 0 },      /* DADDIU */
        { 0x5800, 0 },      /* POOL32S */
        { 0x2005, 0x5000 }, /* LWM32 of nothing */
        { 0x2145, 0x5000 }, /* LWM32 of ten */
        { 0x23e5, 0x1000 }, /* LWP of r31 */
        { 0x20a5, 0x1000 }, /* LWP of its base */
        { 0x4340, 0 },      /* BPOSGE32: no DSP */
        { 0x0000, 0x0400 }, /* SLL with bit 10 */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++) {
        MipsRig *rig = RUN(2, codes[i]);

        mips_rig_run(rig, 1);
        cr_expect(eq(u32, exc_code(rig), RI), "%04x %04x", codes[i][0], codes[i][1]);
        cr_expect(eq(u32, rig->cpu->cp0.epc, AT + 1));
        mips_rig_free(rig);
    }
}

/* MD00090 9.32: Coprocessor Unusable before Reserved Instruction. */
Test(mips_mm, coprocessors_that_are_not_there_are_unusable)
{
    static const struct {
        uint16_t code[2];
        unsigned coprocessor;
    } cases[] = {
        { { 0x5400, 0x0030 }, 1 }, /* ADD.S */
        { { 0x9c05, 0x0000 }, 1 }, /* LWC1 */
        { { 0xbc05, 0x0000 }, 1 }, /* LDC1 */
        { { 0x9805, 0x0000 }, 1 }, /* SWC1 */
        { { 0xb805, 0x0000 }, 1 }, /* SDC1 */
        { { 0x4380, 0x0000 }, 1 }, /* BC1F */
        { { 0x43a0, 0x0000 }, 1 }, /* BC1T */
        { { 0x0125, 0x4d3c }, 2 }, /* MFC2 */
        { { 0x0125, 0xdd3c }, 2 }, /* CTC2 */
        { { 0x2005, 0x0000 }, 2 }, /* LWC2 */
        { { 0x2005, 0xa000 }, 2 }, /* SDC2 */
        { { 0x42a0, 0x0000 }, 2 }, /* BC2T */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        MipsRig *rig = RUN(2, cases[i].code);

        mips_rig_run(rig, 1);
        cr_expect(eq(u32, exc_code(rig), CPU), "%04x", cases[i].code[0]);
        cr_expect(eq(u32, rig->cpu->cp0.cause >> 28 & 3, cases[i].coprocessor));
        mips_rig_free(rig);
    }
}

Test(mips_mm, in_user_mode_coprocessor_0_is_unusable)
{
    unsigned n;
    const MipsInsn *row = mips_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        uint16_t code[2] = { (uint16_t)(row[i].match >> 16), (uint16_t)row[i].match };
        MipsRig *rig;

        if (row[i].enc != ENC_MM32 || row[i].info.sens != SENS_PRIVILEGED) {
            continue;
        }
        rig = mips_rig_new(&interp_host, "M14Kc", false);
        rig->cpu->tlb.hi[0] = MIPS_PAGE;
        rig->cpu->tlb.lo0[0] = MIPS_PAGE >> 12 << 6 | 7;
        rig->cpu->tlb.lo1[0] = (MIPS_PAGE >> 12 | 1) << 6 | 7;
        mips_rig_start(rig, 0x10, MIPS_CODE);
        rig->cpu->v.mode |= MIPS_MODE_ISA;
        mips_rig_halves(rig, MIPS_CODE, code, 2);
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, exc_code(rig), CPU), "%s", row[i].info.name);
        mips_rig_free(rig);
    }
}

/* ---- the ISA mode ---- */

Test(mips_mm, an_exception_enters_the_isa_that_config3_says) /* MD00090 9.45, ISAOnExc */
{
    static const uint16_t code[] = { 0xed01, 0x4680 }; /* li v0, 1; break */

    for (unsigned k = 0; k < 2 * RIGS; k++) {
        MipsRig *rig = RUN(k / 2, code);
        MipsCpu *cpu = rig->cpu;

        cpu->cp0.config3 |= k % 2 != 0 ? ISAONEXC : 0;
        mips_rig_run(rig, 2);
        cr_expect(eq(u32, cpu->r[2], 1));
        cr_expect(eq(u32, cpu->cp0.epc, AT + 3), "bit 0 is the ISA mode");
        cr_expect(eq(u32, exc_code(rig), 9));
        cr_expect(eq(u32, cpu->v.mode & MIPS_MODE_ISA, k % 2));
        mips_rig_free(rig);
    }
}

Test(mips_mm, isaonexc_can_be_written_and_nothing_else_of_config3)
{
    MipsRig *rig = mips_rig_new(&interp_host, "M14Kc", false);
    MipsRig *other = mips_rig_new(&interp_host, "24Kf", false);
    uint32_t before = rig->cpu->cp0.config3, others = other->cpu->cp0.config3;

    rig->cpu->r[8] = other->cpu->r[8] = UINT32_MAX;
    mips_rig_step(rig, 0x40888003); /* mtc0 t0, Config3 */
    mips_rig_step(other, 0x40888003);
    cr_expect(eq(u32, before >> 14 & 3, 2), "MIPS32 and microMIPS, MIPS32 first");
    cr_expect(eq(u32, rig->cpu->cp0.config3, before | ISAONEXC));
    cr_expect(eq(u32, other->cpu->cp0.config3, others));
    mips_rig_free(rig);
    mips_rig_free(other);
}

Test(mips_mm, eret_goes_on_in_the_isa_of_epc_and_errorepc)
{
    static const uint16_t code[] = { 0x0000, 0xf37c }; /* eret */

    for (unsigned k = 0; k < 2 * RIGS; k++) {
        MipsRig *rig = RUN(k / 2, code);
        uint32_t isa = k % 2;

        rig->cpu->cp0.status |= 2;
        rig->cpu->cp0.epc = (AT + 0x40) | isa;
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, rig->cpu->v.pc, AT + 0x40));
        cr_expect(eq(u32, rig->cpu->v.mode & MIPS_MODE_ISA, isa));
        mips_rig_start(rig, 4 | 2, AT);
        rig->cpu->v.mode |= MIPS_MODE_ISA;
        rig->cpu->cp0.errorepc = (AT + 0x80) | isa;
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, rig->cpu->v.pc, AT + 0x80));
        cr_expect(eq(u32, rig->cpu->v.mode & MIPS_MODE_ISA, isa));
        mips_rig_free(rig);
    }
}

Test(mips_mm, jalx_and_jr_change_the_isa)
{
    const uint32_t to = MIPS_CODE + 0x40;
    const uint32_t there[] = { 0x74000000u | (MIPS_CODE + 0x80) >> 2, 0x24030008 }; /* jalx; li */
    const uint16_t code[] = { (uint16_t)(0xf000 | to >> 18), (uint16_t)(to >> 2), 0x3040, 0x0007 };
    static const uint16_t back[] = { 0x459f, 0xee09 }; /* jr ra; li a0, 9 */

    for (unsigned k = 0; k < RIGS; k++) {
        MipsRig *rig = RUN(k, code);

        mips_rig_code(rig, to, there, 2);
        mips_rig_halves(rig, MIPS_CODE + 0x80, back, 2);
        mips_rig_run(rig, 2); /* jalx; addiu v0, zero, 7 */
        cr_expect(eq(u32, rig->cpu->v.pc, KSEG0_OF(to)));
        cr_expect(eq(u32, rig->cpu->v.mode & MIPS_MODE_ISA, 0));
        cr_expect(eq(u32, rig->cpu->r[31], AT + 8 + 1));
        mips_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->v.pc, AT + 0x80));
        cr_expect(eq(u32, rig->cpu->v.mode & MIPS_MODE_ISA, 1));
        cr_expect(eq(u32, rig->cpu->r[31], KSEG0_OF(to) + 8));
        mips_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->v.pc, KSEG0_OF(to) + 8));
        cr_expect(eq(u32, rig->cpu->v.mode & MIPS_MODE_ISA, 0));
        cr_expect(eq(u32, rig->cpu->r[2], 7));
        cr_expect(eq(u32, rig->cpu->r[3], 8));
        cr_expect(eq(u32, rig->cpu->r[4], 9));
        mips_rig_free(rig);
    }
}

/* ---- delay slots ---- */

/* A branch of 2 or 4 bytes, a slot of 2 or 4; taken or not; run at once or one by one. */
Test(mips_mm, slots_have_either_size)
{
    for (unsigned k = 0; k < 16 * RIGS; k++) {
        bool wide = (k & 1) != 0, wide_slot = (k & 2) != 0, taken = (k & 4) != 0;
        uint16_t code[8];
        unsigned n = 0, behind;
        MipsRig *rig;

        if (wide) { /* beq t0, zero, 16 halfwords on */
            code[n++] = 0x9408;
        }
        code[n++] = wide ? 16 : 0x8d90; /* or beqz v1 */
        if (wide_slot) {
            code[n++] = 0x3080; /* addiu a0, zero, 5 */
        }
        code[n++] = wide_slot ? 5 : 0xee05; /* or li a0, 5 */
        behind = n;
        rig = rig_at(k / 16, MIPS_CODE, code, n);
        rig->cpu->r[8] = rig->cpu->r[3] = !taken;
        for (unsigned i = 0; i < 2; i++) {
            mips_rig_run(rig, (k & 8) != 0 ? 1 : 2 * (1 - i));
        }
        cr_expect(eq(u32, rig->cpu->r[4], 5));
        cr_expect(eq(u32, rig->cpu->v.mode & MIPS_MODE_SLOTS, 0));
        cr_expect(eq(u32, rig->cpu->v.pc, AT + (taken ? (wide ? 4 : 2) + 32 : 2 * behind)),
                  "case %u", k);
        mips_rig_free(rig);
    }
}

/* The same where the slot is in the next page, or lies across: its size is found later. */
Test(mips_mm, slots_in_the_next_page)
{
    enum { END = MIPS_PAGE + 0x1000 };

    for (unsigned k = 0; k < 8 * RIGS; k++) {
        bool wide_slot = (k & 1) != 0, taken = (k & 2) != 0, across = (k & 4) != 0 && wide_slot;
        const uint16_t code[] = { 0x8d90, wide_slot ? 0x3080 : 0xee05, wide_slot ? 5 : NOP, NOP };
        const Gpa at = END - (across ? 4 : 2);
        MipsRig *rig = rig_at(k / 8, at, code, 4);

        rig->cpu->r[3] = !taken;
        mips_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->r[4], 5));
        cr_expect(eq(u32, rig->cpu->v.pc,
                     KSEG0_OF(at)
                         + (taken       ? 2 + 32
                            : wide_slot ? 6
                                        : 4)),
                  "case %u", k);
        mips_rig_free(rig);
    }
}

Test(mips_mm, a_fault_in_a_slot_names_the_branch)
{
    static const struct {
        uint16_t code[4];
        unsigned n, size;
    } cases[] = {
        { { 0xcc10, 0xfc44, 0x0001 }, 3, 2 },         /* b; lw v0, 1(a0) */
        { { 0x9400, 0x0010, 0xfc44, 0x0001 }, 4, 4 }, /* beq zero, zero; the same */
        { { 0xad90, 0xfc44, 0x0001 }, 3, 2 },         /* bnez v1, which is 0 */
        { { 0x4028, 0x0010, 0xfc44, 0x0001 }, 4, 4 }, /* bltzal t0 */
        { { 0x4228, 0x0010, BREAK }, 3, 4 },          /* bltzals t0; break */
    };

    for (unsigned k = 0; k < 2 * RIGS * G_N_ELEMENTS(cases); k++) {
        unsigned i = k / (2 * RIGS);
        MipsRig *rig = rig_at(k / 2 % RIGS, MIPS_CODE, cases[i].code, cases[i].n);

        rig->cpu->r[4] = DATA;
        mips_rig_run(rig, k % 2 + 1); /* in one unit, and with the slot alone */
        mips_rig_run(rig, 1 - k % 2);
        cr_expect(eq(u32, exc_code(rig), i == 4 ? 9 : ADEL), "case %u", i);
        cr_expect(eq(u32, rig->cpu->cp0.epc, AT + 1));
        cr_expect(eq(u32, delayed(rig), 1));
        mips_rig_free(rig);
    }
}

/* MD00582 JAL, JALS, JALR, JALRS, BLTZAL, BLTZALS: a slot of the other size is UNPREDICTABLE. */
Test(mips_mm, links_want_slots_of_their_size)
{
    static const uint16_t codes[][4] = {
        { 0xf404, 0xd220, NOP, NOP }, { 0x7404, 0xd220, 0, 0 },     { 0x45c8, NOP, NOP, NOP },
        { 0x45e8, 0, 0, 0 },          { 0x03e8, 0x0f3c, NOP, NOP }, { 0x03e8, 0x4f3c, 0, 0 },
        { 0x4020, 4, NOP, NOP },      { 0x4220, 4, 0, 0 },
    };

    for (unsigned k = 0; k < 2 * RIGS * G_N_ELEMENTS(codes); k++) {
        MipsRig *rig = RUN(k / 2 % RIGS, codes[k / 2 / RIGS]);

        rig->cpu->r[8] = AT + 0x41;
        mips_rig_run(rig, k % 2 + 1);
        mips_rig_run(rig, 1 - k % 2);
        cr_expect(eq(u32, exc_code(rig), RI), "%04x", codes[k / 2 / RIGS][0]);
        cr_expect(eq(u32, rig->cpu->cp0.epc, AT + 1));
        cr_expect(eq(u32, delayed(rig), 1));
        mips_rig_free(rig);
    }
}

Test(mips_mm, a_branch_in_a_slot_is_reserved)
{
    static const uint16_t code[] = { 0xcc10, 0x47e1 }; /* b; jraddiusp */

    for (unsigned k = 0; k < RIGS; k++) {
        MipsRig *rig = RUN(k, code);

        mips_rig_run(rig, 2);
        cr_expect(eq(u32, exc_code(rig), RI));
        cr_expect(eq(u32, delayed(rig), 1));
        mips_rig_free(rig);
    }
}

Test(mips_mm, compact_branches_have_no_slot)
{
    static const uint16_t code[] = { 0x40e2, 0x0008, 0xed03, 0x40a2, 0x0008, SPIN, NOP };

    for (unsigned k = 0; k < RIGS; k++) {
        MipsRig *rig = RUN(k, code); /* beqzc v0; li v0, 3; bnezc v0 */

        rig->cpu->r[2] = 1;
        mips_rig_run(rig, 3);
        cr_expect(eq(u32, rig->cpu->r[2], 3));
        cr_expect(eq(u32, rig->cpu->v.pc, AT + 10 + 16));
        mips_rig_free(rig);
    }
}

/* ---- memory ---- */

Test(mips_mm, what_faults_halfway_leaves_its_registers)
{
    static const uint16_t lwm[] = { 0x2284, 0x5000 }, lwp[] = { 0x2204, 0x1000 };

    for (unsigned k = 0; k < 2 * RIGS; k++) {
        MipsRig *rig = rig_at(k / 2, MIPS_CODE, k % 2 != 0 ? lwm : lwp, 2);
        MipsCpu *cpu = rig->cpu;
        uint32_t r[32];

        for (unsigned i = 1; i < 32; i++) {
            cpu->r[i] = i * 0x01010101;
        }
        /* In kseg2, where the second page has no mapping: the first word is loaded. */
        cpu->tlb.hi[0] = 0xc0000000;
        cpu->tlb.lo0[0] = MIPS_DATA >> 12 << 6 | 7;
        cpu->tlb.lo1[0] = 1;
        cpu->r[4] = 0xc0000ffc;
        memcpy(r, cpu->r, sizeof(r));
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, exc_code(rig), TLBL));
        cr_expect(eq(u32, cpu->cp0.badvaddr, 0xc0001000));
        cr_expect(eq(int, memcmp(r, cpu->r, sizeof(r)), 0));
        mips_rig_free(rig);
    }
}

Test(mips_mm, badvaddr_of_a_partial_access_is_its_own_address)
{
    static const uint16_t codes[][2] = {
        { 0x6104, 0x0001 }, { 0x6104, 0x1001 }, { 0x6104, 0x8001 }, { 0x6104, 0x9001 }
    };

    for (unsigned k = 0; k < RIGS * G_N_ELEMENTS(codes); k++) {
        MipsRig *rig = RUN(k % RIGS, codes[k / RIGS]);

        rig->cpu->r[4] = 0xc0000000;
        mips_rig_run(rig, 1);
        cr_expect(eq(u32, rig->cpu->cp0.badvaddr, 0xc0000001), "%04x", codes[k / RIGS][1]);
        mips_rig_free(rig);
    }
}

Test(mips_mm, swm_stores_from_the_lowest_register_up)
{
    static const uint16_t code[] = { 0x2324, 0xd008 }; /* swm s0-s7, fp, ra, 8(a0) */

    for (unsigned k = 0; k < RIGS; k++) {
        MipsRig *rig = RUN(k, code);
        MipsCpu *cpu = rig->cpu;

        for (unsigned i = 1; i < 32; i++) {
            cpu->r[i] = i * 0x01010101;
        }
        cpu->r[4] = DATA;
        mips_rig_run(rig, 1);
        for (unsigned i = 0; i < 8; i++) {
            cr_expect(eq(u32, mips_rig_word(rig, MIPS_DATA + 8 + 4 * i), (16 + i) * 0x01010101));
        }
        cr_expect(eq(u32, mips_rig_word(rig, MIPS_DATA + 40), 30 * 0x01010101));
        cr_expect(eq(u32, mips_rig_word(rig, MIPS_DATA + 44), 31 * 0x01010101));
        mips_rig_free(rig);
    }
}

Test(mips_mm, sc_stores_where_ll_was)
{
    static const uint16_t code[] = { 0x6044, 0x3004, 0x6064, 0xb004 }; /* ll v0; sc v1, 4(a0) */

    for (unsigned k = 0; k < RIGS; k++) {
        MipsRig *rig = RUN(k, code);

        mips_rig_set_word(rig, MIPS_DATA + 4, 77);
        rig->cpu->r[4] = DATA;
        rig->cpu->r[3] = 78;
        mips_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->r[2], 77));
        cr_expect(eq(u32, rig->cpu->r[3], 1));
        cr_expect(eq(u32, mips_rig_word(rig, MIPS_DATA + 4), 78));
        mips_rig_free(rig);
    }
}

Test(mips_mm, addiupc_is_relative_to_its_own_word)
{
    static const uint16_t code[] = { NOP, 0x7900, 0x0002, 0xcc10, 0x7980, 0x0002 };

    for (unsigned k = 0; k < RIGS; k++) {
        MipsRig *rig = RUN(k, code); /* nop; addiupc v0, 8; b; addiupc v1, 8 */

        mips_rig_run(rig, 4);
        cr_expect(eq(u32, rig->cpu->r[2], AT + 8));
        cr_expect(eq(u32, rig->cpu->r[3], AT + 16));
        mips_rig_free(rig);
    }
}
