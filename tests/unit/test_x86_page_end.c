/* SPDX-License-Identifier: MIT */
/*
 * test_x86_page_end.c - operands of several words that a page's end or a segment's limit cuts, and
 * misaligned ones: the fault says why, and nothing of the instruction is done.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/x86/x86_priv.h"
#include "frontend/x86/x87_priv.h"
#include "tests/rig/x86_rig.h"

enum { GDT = 0x1000, IDT = 0x1800, TSS = 0x2000, HANDLERS = 0x3000, STACK = 0x5000, PDIR = 0x6000 };
enum { KERNEL_CS = 8, KERNEL_DS = 16, USER_CS = 0x1b, USER_DS = 0x23 };
/* Two pages, at the data's first two; END lies between them. */
enum { PAGES = 0x400000, END = PAGES + 0x1000 };
enum { ABSENT = 0, READ_ONLY = 5, WRITABLE = 7 };
enum { JMP_SELF = 0xfeeb, FAR_16 = 0xa000 }; /* where a far call of 16 bits goes */

enum {
    READS = 1 << 0, /* does not write */
    KERNEL = 1 << 1,
    ON_STACK = 1 << 2, /* the operand lies below ESP, where a fault may leave anything */
    POPS = 1 << 3,     /* it lies at ESP */
};

typedef struct Case {
    const char *name;
    char code[8]; /* operand at [ebx] */
    unsigned code_bytes;
    unsigned bytes, step; /* of the operand; cut every @step bytes */
    unsigned align;       /* what it must be aligned to; 0: this is not checked */
    unsigned how;
} Case;

#define CODE(bytes) bytes, sizeof(bytes) - 1

static const Case cases[] = {
    { "fxsave", CODE("\x0f\xae\x03"), 512, 16, 4, 0 },
    { "fxrstor", CODE("\x0f\xae\x0b"), 512, 16, 4, READS },
    { "fnsave", CODE("\xdd\x33"), 108, 3, 4, 0 },
    { "frstor", CODE("\xdd\x23"), 108, 3, 4, READS },
    { "fnstenv", CODE("\xd9\x33"), 28, 1, 4, 0 },
    { "fldenv", CODE("\xd9\x23"), 28, 1, 4, READS },
    { "fnsave16", CODE("\x66\xdd\x33"), 94, 2, 2, 0 },
    { "fnstenv16", CODE("\x66\xd9\x33"), 14, 1, 0, 0 },
    { "fstp m80", CODE("\xdb\x3b"), 10, 1, 8, 0 },
    { "fbstp", CODE("\xdf\x33"), 10, 1, 8, 0 },
    { "fld m80", CODE("\xdb\x2b"), 10, 1, 8, READS },
    { "movups", CODE("\x0f\x11\x03"), 16, 1, 0, 0 },
    { "movups load", CODE("\x0f\x10\x03"), 16, 1, 0, READS },
    { "pusha", CODE("\x60"), 32, 4, 4, ON_STACK },
    { "popa", CODE("\x61"), 32, 4, 4, READS | POPS },
    { "enter 8, 0", CODE("\xc8\x08\x00\x00"), 12, 4, 4, ON_STACK },
    { "enter 8, 3", CODE("\xc8\x08\x00\x03"), 24, 4, 4, ON_STACK },
    { "lds", CODE("\xc5\x03"), 6, 1, 0, READS },
    { "les", CODE("\xc4\x03"), 6, 1, 0, READS },
    { "lfs", CODE("\x0f\xb4\x03"), 6, 1, 0, READS },
    { "cmpxchg8b", CODE("\x0f\xc7\x0b"), 8, 1, 0, 0 },
    { "bound", CODE("\x62\x03"), 8, 1, 0, READS },
    { "lgdt", CODE("\x0f\x01\x13"), 6, 1, 0, READS | KERNEL },
    { "lidt", CODE("\x0f\x01\x1b"), 6, 1, 0, READS | KERNEL },
    { "sgdt", CODE("\x0f\x01\x03"), 6, 1, 0, 0 },
    { "sidt", CODE("\x0f\x01\x0b"), 6, 1, 0, 0 },
    { "call far", CODE("\xff\x1b"), 6, 1, 0, READS },
    { "jmp far", CODE("\xff\x2b"), 6, 1, 0, READS },
    { "maskmovq", CODE("\x0f\xf7\xc1"), 8, 1, 8, 0 },
    { "maskmovdqu", CODE("\x66\x0f\xf7\xc1"), 16, 1, 8, 0 },
    { "punpckldq", CODE("\x0f\x62\x03"), 4, 1, 4, READS },
    { "rol by 0", CODE("\xc1\x03\x00"), 4, 1, 4, 0 },
    { "rcr by 32", CODE("\xc1\x1b\x20"), 4, 1, 4, 0 },
    { "sar by 0", CODE("\xc1\x3b\x00"), 4, 1, 4, 0 },
    { "shld by 0", CODE("\x0f\xa4\x03\x00"), 4, 1, 4, 0 },
    { "fst m32", CODE("\xd9\x13"), 4, 1, 4, 0 },
    { "fstp m32", CODE("\xd9\x1b"), 4, 1, 4, 0 },
    { "fst m64", CODE("\xdd\x13"), 8, 1, 8, 0 },
    { "fstp m64", CODE("\xdd\x1b"), 8, 1, 8, 0 },
    { "fist m16", CODE("\xdf\x13"), 2, 1, 2, 0 },
    { "fistp m16", CODE("\xdf\x1b"), 2, 1, 2, 0 },
    { "fist m32", CODE("\xdb\x13"), 4, 1, 4, 0 },
    { "fistp m32", CODE("\xdb\x1b"), 4, 1, 4, 0 },
    { "fistp m64", CODE("\xdf\x3b"), 8, 1, 8, 0 },
    { "fisttp m16", CODE("\xdf\x0b"), 2, 1, 2, 0 },
    { "fisttp m32", CODE("\xdb\x0b"), 4, 1, 4, 0 },
    { "fisttp m64", CODE("\xdd\x0b"), 8, 1, 8, 0 },
    { "fldenv16", CODE("\x66\xd9\x23"), 14, 1, 2, READS },
    { "enter 8, 1", CODE("\xc8\x08\x00\x01"), 16, 4, 4, ON_STACK },
    { "enter16 8, 3", CODE("\x66\xc8\x08\x00\x03"), 16, 2, 2, ON_STACK },
    { "ret far", CODE("\xcb"), 8, 4, 4, READS | POPS },
    { "ret far 8", CODE("\xca\x08\x00"), 8, 4, 4, READS | POPS },
    { "ret far 16", CODE("\x66\xcb"), 4, 2, 2, READS | POPS },
    { "iret", CODE("\xcf"), 12, 4, 4, READS | POPS },
    { "iret 16", CODE("\x66\xcf"), 6, 2, 2, READS | POPS },
    { "call far direct", CODE("\x9a\x00\xa0\x09\x00\x1b\x00"), 8, 4, 4, ON_STACK },
    { "call far 16", CODE("\x66\x9a\x00\xa0\x1b\x00"), 4, 2, 2, ON_STACK },
    { "int 1eh", CODE("\xcd\x1e"), 12, 4, 4,
      ON_STACK }, /* to handlers at CPL 3; Vol. 3 6.15 only */
    { "int 1fh", CODE("\xcd\x1f"), 6, 2, 2, ON_STACK },
};

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

static void set_descriptor(X86Rig *rig, unsigned selector, uint32_t low, uint32_t high)
{
    x86_rig_write32(rig, GDT + (selector & 0xf8), low);
    x86_rig_write32(rig, GDT + (selector & 0xf8) + 4, high);
}

/* A gate to a handler at CPL 3: 32-bit 0eeh, 16-bit 0e6h. */
static void set_user_gate(X86Rig *rig, unsigned vector, unsigned type)
{
    x86_rig_write32(rig, IDT + 8 * vector, (HANDLERS + 16 * vector) | USER_CS << 16);
    x86_rig_write32(rig, IDT + 8 * vector + 4, type << 8);
}

static X86Rig *start(const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "qemu32");
    X86Cpu *cpu = rig->cpu;

    set_descriptor(rig, KERNEL_CS, 0xffff, 0xcf9b00);
    set_descriptor(rig, KERNEL_DS, 0xffff, 0xcf9300);
    set_descriptor(rig, USER_CS, 0xffff, 0xcffb00);
    set_descriptor(rig, USER_DS, 0xffff, 0xcff300);
    for (unsigned i = 0; i < 32; i++) {
        x86_rig_write32(rig, IDT + 8 * i, (HANDLERS + 16 * i) | KERNEL_CS << 16);
        x86_rig_write32(rig, IDT + 8 * i + 4, 0x8e00);
        x86_rig_write32(rig, HANDLERS + 16 * i, JMP_SELF);
    }
    set_user_gate(rig, 0x1e, 0xee);
    set_user_gate(rig, 0x1f, 0xe6);
    x86_rig_write32(rig, FAR_16, JMP_SELF);
    x86_rig_write32(rig, TSS + 4, STACK);
    x86_rig_write32(rig, TSS + 8, KERNEL_DS);
    cpu->tr = (X86Seg){ .selector = 0x28, .base = TSS, .limit = 0x67, .attr = 0x8b };
    x86_rig_write32(rig, PDIR, 0x87);
    x86_rig_write32(rig, PDIR + 4, (PDIR + 0x1000) | 7);
    cpu->cr3 = PDIR;
    cpu->cr4 = CR4_PSE | CR4_OSFXSR;
    cpu->cr0 |= CR0_PG | CR0_WP;
    return rig;
}

static void set_pages(X86Rig *rig, unsigned first, unsigned second)
{
    x86_rig_write32(rig, PDIR + 0x1000, X86_RIG_DATA | first);
    x86_rig_write32(rig, PDIR + 0x1004, (X86_RIG_DATA + 0x1000) | second);
    mmu_flush_all(rig->cpu->mmu);
}

/* Registers and memory that the instruction would change; the operand begins at @va. */
static void prepare(X86Rig *rig, const Case *c, Gva va)
{
    bool user = (c->how & KERNEL) == 0;
    X86Cpu *cpu = rig->cpu;

    x86_enter_flat(cpu, X86_RIG_CODE, user ? USER_CS : KERNEL_CS, user ? USER_DS : KERNEL_DS);
    x86_set_cr0(cpu, cpu->cr0 | CR0_PG | CR0_WP);
    cpu->cpl = user ? 3 : 0;
    for (unsigned s = 0; s < N_SEGS; s++) {
        cpu->seg[s].attr |= cpu->cpl << SEG_DPL_SHIFT;
    }
    cpu->gdtr = (X86Table){ GDT, 0x3f };
    cpu->idtr = (X86Table){ IDT, 0xff };
    memset(rig->data, 0x22, 0x2000);
    memset(rig->data + (va - PAGES), 0x11, c->bytes);
    memset(rig->data + (va - PAGES) + (c->bytes == 512 ? 24 : 0), 0, 4); /* MXCSR */
    x87_state(cpu);
    cpu->fpu.control = 0x37f;
    cpu->fpu.status = 0;
    cpu->fpu.top = 3;
    cpu->fpu.tags = 0xf7;
    cpu->fpu.mantissa[3] = 0x8765432112345678;
    cpu->fpu.exponent[3] = 0x4005;
    cpu->xmm[0][0] = cpu->xmm[0][1] = UINT64_MAX / 3;
    for (unsigned i = 0; i < 8; i++) {
        cpu->r[i] = 0x01010101 * (i + 1);
    }
    cpu->r[G_EBX] = cpu->r[G_EDI] = va;
    cpu->r[G_EBP] = X86_RIG_DATA + 0x8000;
    cpu->r[G_ESP] = !user                      ? STACK
                    : (c->how & ON_STACK) != 0 ? va + c->bytes
                    : (c->how & POPS) != 0     ? va
                                               : X86_RIG_DATA + 0x8000;
    x86_update(cpu);
}

typedef struct Before {
    X86Cpu cpu;
    uint8_t data[0x2000];
} Before;

/* A unit is only entered if the instructions left suffice for it: so handlers stay where they are,
 * as does what comes behind the instruction, and more are executed than a unit has. */
enum { ENOUGH = 1000 };

static void execute(X86Rig *rig, const Case *c, Before *b)
{
    uint8_t code[sizeof(c->code) + 2];

    b->cpu = *rig->cpu;
    memcpy(b->data, rig->data, sizeof(b->data));
    memcpy(code, c->code, c->code_bytes);
    code[c->code_bytes] = JMP_SELF & 0xff;
    code[c->code_bytes + 1] = JMP_SELF >> 8;
    x86_rig_code(rig, code, c->code_bytes + 2, ENOUGH);
}

/* The instruction has raised @vector and done nothing. */
static void expect_nothing_done(X86Rig *rig, const Case *c, const Before *b, unsigned vector,
                                const char *when)
{
    X86Cpu *cpu = rig->cpu;

    cr_expect(eq(u32, cpu->v.pc, HANDLERS + 16 * vector), "%s %s", c->name, when);
    if (cpu->v.pc != HANDLERS + 16 * vector) {
        return;
    }
    cr_expect(eq(u32, x86_rig_read32(rig, cpu->r[G_ESP] + 4), X86_RIG_CODE), "%s %s", c->name,
              when);
    for (unsigned i = 0; i < 8; i++) {
        uint32_t now = i != G_ESP               ? cpu->r[i]
                       : (c->how & KERNEL) != 0 ? cpu->r[i] + 16
                                                : x86_rig_read32(rig, cpu->r[i] + 16);

        cr_expect(eq(u32, now, b->cpu.r[i]), "%s %s: register %u", c->name, when, i);
    }
    x87_state(cpu);
    cr_expect(zero(i32, memcmp(&cpu->xmm, &b->cpu.xmm, sizeof(cpu->xmm))), "%s %s", c->name, when);
    cr_expect(eq(u32, cpu->fpu.control, b->cpu.fpu.control), "%s %s", c->name, when);
    cr_expect(eq(u32, cpu->fpu.status, b->cpu.fpu.status), "%s %s", c->name, when);
    cr_expect(eq(u32, cpu->fpu.top, b->cpu.fpu.top), "%s %s", c->name, when);
    cr_expect(eq(u32, cpu->fpu.tags, b->cpu.fpu.tags), "%s %s", c->name, when);
    cr_expect(eq(u32, cpu->gdtr.base, GDT), "%s %s", c->name, when);
    cr_expect(eq(u32, cpu->idtr.base, IDT), "%s %s", c->name, when);
    for (unsigned s = 0; s < N_SEGS; s++) {
        if (s != SEG_CS && s != SEG_SS) {
            cr_expect(eq(u32, cpu->seg[s].selector, b->cpu.seg[s].selector), "%s %s", c->name,
                      when);
        }
    }
    if ((c->how & ON_STACK) == 0) {
        cr_expect(zero(i32, memcmp(rig->data, b->data, sizeof(b->data))), "%s %s: memory", c->name,
                  when);
    }
}

static void cut_by_page(X86Rig *rig, const Case *c, Gva va, unsigned bad, bool second)
{
    bool user = (c->how & KERNEL) == 0, writes = (c->how & READS) == 0;
    g_autofree char *when = g_strdup_printf("at %08x, page %u is %s", va, second ? 2 : 1,
                                            bad == ABSENT ? "absent" : "read-only");
    uint32_t error = (bad == ABSENT ? 0 : PFE_P) | (user ? PFE_U : 0) | (writes ? PFE_W : 0);
    Before b;

    set_pages(rig, second ? WRITABLE : bad, second ? bad : WRITABLE);
    prepare(rig, c, va);
    execute(rig, c, &b);
    expect_nothing_done(rig, c, &b, X86_PF, when);
    cr_expect(eq(u32, x86_rig_read32(rig, rig->cpu->r[G_ESP]), error), "%s %s", c->name, when);
    cr_expect(eq(u32, rig->cpu->cr2 >> 12, (second ? END : PAGES) >> 12), "%s %s", c->name, when);
}

static void run_cases(const HostIsa *host)
{
    X86Rig *rig = start(host);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *c = &cases[i];

        for (Gva va = END - c->bytes + c->step; va < END; va += c->step) {
            Before b;

            cut_by_page(rig, c, va, ABSENT, true);
            cut_by_page(rig, c, va, ABSENT, false);
            if ((c->how & READS) == 0) {
                cut_by_page(rig, c, va, READ_ONLY, true);
                cut_by_page(rig, c, va, READ_ONLY, false);
            }
            set_pages(rig, WRITABLE, WRITABLE);
            prepare(rig, c, va);
            execute(rig, c, &b);
            cr_expect(ne(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_PF), "%s %08x", c->name, va);
        }
    }
    x86_rig_free(rig);
}

Test(x86_page_end, a_page_that_cannot_be_accessed_interp) { run_cases(&interp_host); }
Test(x86_page_end, a_page_that_cannot_be_accessed_jit) { run_cases(&x64_host); }

/* The limit of the operand's segment lies within the operand. */
Test(x86_page_end, a_segment_that_ends_within)
{
    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        X86Rig *rig = start(hosts[h]);

        set_pages(rig, WRITABLE, WRITABLE);
        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
            const Case *c = &cases[i];
            bool stack = (c->how & (ON_STACK | POPS)) != 0;
            Gva va = PAGES + 0x800;

            for (unsigned cut = c->step; cut < c->bytes; cut += c->step) {
                X86Seg *s = &rig->cpu->seg[stack ? SEG_SS : SEG_DS];
                Before b;

                prepare(rig, c, va);
                if ((c->how & ON_STACK) != 0) { /* expand-down: valid above the limit */
                    s->attr |= SEG_DOWN;
                }
                s->limit = va + cut - 1;
                x86_seg_derive(s);
                x86_update(rig->cpu);
                execute(rig, c, &b);
                expect_nothing_done(rig, c, &b, stack ? X86_SS : X86_GP, "limit");
            }
        }
        x86_rig_free(rig);
    }
}

/* ---- alignment, Vol. 3 6.15, interrupt 17; all was compared with a processor ---- */

static void check_alignment(X86Rig *rig)
{
    rig->cpu->cr0 |= CR0_AM;
    rig->cpu->eflags |= EFL_AC;
    x86_update(rig->cpu);
}

static void run_misaligned(const HostIsa *host)
{
    X86Rig *rig = start(host);

    set_pages(rig, WRITABLE, WRITABLE);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *c = &cases[i];

        for (unsigned off = 0; off < c->align; off++) {
            g_autofree char *when = g_strdup_printf("at %u", off);
            Before b;

            prepare(rig, c, PAGES + 0x800 + off - ((c->how & ON_STACK) != 0 ? c->bytes : 0));
            check_alignment(rig);
            execute(rig, c, &b);
            if (off == 0) {
                cr_expect(ne(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_AC), "%s", c->name);
            } else {
                expect_nothing_done(rig, c, &b, X86_AC, when);
                cr_expect(zero(u32, x86_rig_read32(rig, rig->cpu->r[G_ESP])), "%s", c->name);
            }
        }
    }
    x86_rig_free(rig);
}

Test(x86_page_end, a_misaligned_operand_interp) { run_misaligned(&interp_host); }
Test(x86_page_end, a_misaligned_operand_jit) { run_misaligned(&x64_host); }

/* What an exception pushes for a handler at CPL 3 is not checked: #AC for #AC would never end. */
Test(x86_page_end, an_exception_pushes_misaligned)
{
    const Case c = { "ud2", CODE("\x0f\x0b"), 20, 4, 0, ON_STACK };

    for (unsigned h = 0; h < G_N_ELEMENTS(hosts); h++) {
        X86Rig *rig = start(hosts[h]);
        Before b;

        set_user_gate(rig, X86_UD, 0xee);
        set_user_gate(rig, X86_AC, 0xee);
        set_pages(rig, WRITABLE, WRITABLE);
        prepare(rig, &c, PAGES + 0x801);
        check_alignment(rig);
        execute(rig, &c, &b);
        cr_expect(eq(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_UD));
        cr_expect(eq(u32, rig->cpu->r[G_ESP], PAGES + 0x801 + 20 - 12));
        x86_rig_free(rig);
    }
}

/* FXSAVE and FXRSTOR where 4 bytes are aligned but not 16; the limit of its first word comes first,
 * that of the others last. All was compared with a processor. */
Test(x86_page_end, fxsave_misaligned)
{
    static const struct {
        unsigned off, last, vector; /* @last: of SS, from the operand; 0: far away */
        bool ac;
    } rows[] = {
        { 4, 0, X86_GP, true },    { 8, 0, X86_GP, true },     { 12, 0, X86_GP, true },
        { 1, 0, X86_GP, false },   { 4, 0x80, X86_GP, false }, { 1, 0x80, X86_AC, true },
        { 4, 0x80, X86_GP, true }, { 1, 2, X86_SS, true },     { 4, 2, X86_SS, false },
        { 0, 0x80, X86_SS, true },
    };

    for (unsigned i = 0; i < 4 * G_N_ELEMENTS(rows); i++) {
        bool save = (i & 1) != 0;
        const Case c = { "ss:",           { 0x36, 0x0f, '\xae', save ? 3 : 11 }, 4, 512, 4, 0,
                         save ? 0 : READS };
        X86Rig *rig = start(hosts[i >> 1 & 1]);
        unsigned row = i / 4;
        Before b;

        set_pages(rig, WRITABLE, WRITABLE);
        prepare(rig, &c, PAGES + 0x800 + rows[row].off);
        if (rows[row].ac) {
            check_alignment(rig);
        }
        if (rows[row].last != 0) {
            rig->cpu->seg[SEG_SS].limit = rig->cpu->r[G_EBX] + rows[row].last;
            x86_seg_derive(&rig->cpu->seg[SEG_SS]);
            x86_update(rig->cpu);
        }
        execute(rig, &c, &b);
        expect_nothing_done(rig, &c, &b, rows[row].vector, "row");
        x86_rig_free(rig);
    }
}

/* ENTER's pushes stand, as on a processor, where a frame pointer that it copies or its new stack
 * pointer is misaligned; no register has changed. */
Test(x86_page_end, enter_ends_misaligned)
{
    static const struct {
        Case c;
        unsigned ebp, pushed; /* added to EBP; bytes written below ESP */
    } ends[] = {
        { { "enter 9, 0", CODE("\xc8\x09\x00\x00"), 0, 0, 4, ON_STACK }, 0, 4 },
        { { "enter 9, 1", CODE("\xc8\x09\x00\x01"), 0, 0, 4, ON_STACK }, 0, 8 },
        { { "enter 9, 3", CODE("\xc8\x09\x00\x03"), 0, 0, 4, ON_STACK }, 0, 16 },
        { { "enter 8, 2", CODE("\xc8\x08\x00\x02"), 0, 0, 4, ON_STACK }, 2, 4 },
        { { "enter 8, 3", CODE("\xc8\x08\x00\x03"), 0, 0, 4, ON_STACK }, 1, 4 },
    };

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(ends); i++) {
        const Case *c = &ends[i / 2].c;
        unsigned pushed = ends[i / 2].pushed;
        X86Rig *rig = start(hosts[i % 2]);
        Before b;

        set_pages(rig, WRITABLE, WRITABLE);
        prepare(rig, c, PAGES + 0x800);
        rig->cpu->r[G_EBP] = PAGES + 0x900 + ends[i / 2].ebp;
        check_alignment(rig);
        execute(rig, c, &b);
        expect_nothing_done(rig, c, &b, X86_AC, "its end");
        cr_expect(eq(u32, x86_rig_read32(rig, X86_RIG_DATA + 0x7fc), b.cpu.r[G_EBP]), "%s",
                  c->name);
        cr_expect(zero(i32, memcmp(rig->data, b.data, 0x800 - pushed)), "%s", c->name);
        x86_rig_free(rig);
    }
}

/* ---- frames of RET and IRET ---- */

/* The frame begins @before bytes ahead of the second page, of which nothing is there, or ends
 * behind the first; EIP leads to the user's handler 1eh. */
typedef struct Frame {
    const char *code;
    unsigned at, bytes; /* below END */
    uint32_t word[3];
    unsigned vector;
    uint32_t error, cr2; /* from END */
    unsigned first, second;
} Frame;

enum { TARGET = HANDLERS + 16 * 0x1e };

/* All was compared with a processor: it reads EFLAGS, 16 bits of CS, EIP. */
Test(x86_page_end, frames_are_read_from_the_far_end)
{
    static const Frame frames[] = {
        { "\xcb", 6, 6, { TARGET, USER_CS }, 0x1e, 0, 0, WRITABLE, ABSENT },
        { "\xcb", 6, 6, { TARGET, 0x1234 }, X86_GP, 0x1234, 0, WRITABLE, ABSENT },
        { "\xcb", 5, 5, { TARGET, USER_CS }, X86_PF, PFE_U, 0, WRITABLE, ABSENT },
        { "\xcb", 8, 8, { TARGET, USER_CS }, X86_PF, PFE_U, -4, ABSENT, ABSENT },
        { "\xcb", 4, 8, { TARGET, 0x1234 }, X86_PF, PFE_U, -4, ABSENT, WRITABLE },
        { "\xcf", 12, 12, { TARGET, USER_CS, 2 }, 0x1e, 0, 0, WRITABLE, ABSENT },
        { "\xcf", 10, 10, { TARGET, 0x1234, 2 }, X86_PF, PFE_U, 0, WRITABLE, ABSENT },
        { "\xcf", 12, 12, { TARGET, 0x1234, 2 }, X86_PF, PFE_U, -4, ABSENT, ABSENT },
        { "\xcf", 8, 12, { TARGET, 0x1234, 2 }, X86_PF, PFE_U, -4, ABSENT, WRITABLE },
        { "\xcf", 4, 12, { TARGET, 0x1234, 2 }, X86_PF, PFE_U, -4, ABSENT, WRITABLE },
    };

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(frames); i++) {
        const Frame *f = &frames[i / 2];
        const Case c = { "frame", { f->code[0] }, 1, 32, 4, 0, READS };
        X86Rig *rig = start(hosts[i % 2]);
        X86Cpu *cpu = rig->cpu;
        Before b;

        set_pages(rig, f->first, f->second);
        prepare(rig, &c, PAGES + 0x100);
        cpu->r[G_ESP] = END - f->at;
        memcpy(rig->data + 0x1000 - f->at, f->word, f->bytes);
        execute(rig, &c, &b);
        if (f->vector == 0x1e) {
            cr_expect(eq(u32, cpu->v.pc, TARGET), "frame %u", i / 2);
            cr_expect(eq(u32, cpu->r[G_ESP], END - f->at + (f->code[0] == '\xcb' ? 8 : 12)));
        } else {
            expect_nothing_done(rig, &c, &b, f->vector, f->code[0] == '\xcb' ? "ret" : "iret");
            cr_expect(eq(u32, x86_rig_read32(rig, cpu->r[G_ESP]), f->error), "frame %u", i / 2);
            cr_expect(eq(u32, cpu->cr2, f->vector == X86_PF ? END + f->cr2 : 0), "frame %u", i / 2);
        }
        x86_rig_free(rig);
    }
}

/* 5.3: an access that wraps at 4 GiB leaves an expand-down segment. */
Test(x86_page_end, the_top_of_an_expand_down_segment)
{
    static const Case tops[] = {
        { "push", CODE("\x50"), 4, 1, 0, ON_STACK },
        { "mov", CODE("\x36\x8b\x03"), 4, 1, 0, READS },
        { "mov16", CODE("\x66\x36\x8b\x03"), 2, 1, 0, READS },
        { "mov store", CODE("\x36\x89\x03"), 4, 1, 0, 0 },
        { "enter 0, 0", CODE("\xc8\x00\x00\x00"), 4, 1, 0, ON_STACK },
        { "enter 0, 1", CODE("\xc8\x00\x00\x01"), 4, 1, 0, ON_STACK },
        { "ret", CODE("\xc3"), 4, 1, 0, READS | POPS },
        { "fst m64", CODE("\x36\xdd\x13"), 8, 1, 0, 0 },
        { "movups", CODE("\x36\x0f\x11\x03"), 16, 1, 0, 0 },
    };

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(tops); i++) {
        const Case *c = &tops[i / 2];
        X86Rig *rig = start(hosts[i % 2]);

        set_pages(rig, WRITABLE, WRITABLE);
        for (unsigned off = 1; off <= c->bytes; off++) {
            X86Seg *s = &rig->cpu->seg[SEG_SS];
            Before b;

            prepare(rig, c, PAGES + 0x800);
            s->base = PAGES + 0x800;
            s->limit = 0xfff;
            s->attr |= SEG_DOWN;
            x86_seg_derive(s);
            rig->cpu->r[G_EBX] = 0 - off;
            rig->cpu->r[G_ESP] = ((c->how & ON_STACK) != 0 ? c->bytes : 0) - off;
            x86_update(rig->cpu);
            execute(rig, c, &b);
            if (off < c->bytes) {
                expect_nothing_done(rig, c, &b, X86_SS, "top");
            } else {
                cr_expect(ne(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_SS), "%s", c->name);
            }
        }
        x86_rig_free(rig);
    }
}

static uint32_t busy(const X86Rig *rig, unsigned selector)
{
    return x86_rig_read32(rig, GDT + selector + 4) & 0x200;
}

/* The old task's TSS, or the new one's link, cannot be written: no task is left, none is busy that
 * was not. Vol. 3 7.3: this is checked before anything is stored. */
Test(x86_page_end, a_task_switch_stores_all_or_nothing)
{
    enum { OLD = 0x28, NEW = 0x30, TASK = END - 0x30 };

    for (unsigned i = 0; i < 8; i++) {
        bool call = (i & 1) != 0, second = (i & 2) != 0;
        X86Rig *rig = start(hosts[i >> 2]);
        const Case c = {
            call ? "call" : "jmp", { call ? '\x9a' : '\xea', 0, 0, 0, 0, NEW }, 7, 0, 0, 0,
            KERNEL | READS
        };
        Gva old = call ? TSS : TASK, new = call ? TASK : TSS;
        Before b;

        set_descriptor(rig, OLD, old << 16 | 0x67,
                       (old & 0xff000000) | (old >> 16 & 0xff) | 0x8b00);
        set_descriptor(rig, NEW, new << 16 | 0x67,
                       (new & 0xff000000) | (new >> 16 & 0xff) | 0x8900);
        /* of the new task a call writes the link only, which is on the first page */
        set_pages(rig, second && !call ? WRITABLE : READ_ONLY, second ? READ_ONLY : WRITABLE);
        prepare(rig, &c, PAGES);
        rig->cpu->tr = (X86Seg){ .selector = OLD, .base = old, .limit = 0x67, .attr = 0x8b };
        execute(rig, &c, &b);
        expect_nothing_done(rig, &c, &b, X86_PF, "task switch");
        cr_expect(eq(u32, rig->cpu->tr.selector, OLD));
        cr_expect(eq(u32, busy(rig, OLD), 0x200));
        cr_expect(eq(u32, busy(rig, NEW), 0));
        x86_rig_free(rig);
    }
}
