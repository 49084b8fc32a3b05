/* SPDX-License-Identifier: MIT */
/* test_x86_debug.c - single steps, RF and interrupt shadows, SDM Vol. 3 chapter 17 and 6.8.3. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/x86/x86_priv.h"
#include "tests/rig/x86_rig.h"

enum { GDT = 0x1000, IDT = 0x1800, HANDLERS = 0x3000, STACK = 0x5000, CS = 8, DS = 16 };

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

static X86Rig *start(const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "qemu32");

    for (unsigned s = CS; s <= DS; s += 8) {
        x86_rig_write32(rig, GDT + s, 0xffff);
        x86_rig_write32(rig, GDT + s + 4, s == CS ? 0xcf9b00 : 0xcf9300);
    }
    for (unsigned v = 0; v < 0x41; v++) {
        x86_rig_write32(rig, IDT + 8 * v, (HANDLERS + 16 * v) | CS << 16);
        x86_rig_write32(rig, IDT + 8 * v + 4, 0x8e00);
    }
    rig->cpu->gdtr = (X86Table){ GDT, 0x17 };
    rig->cpu->idtr = (X86Table){ IDT, 0x207 };
    rig->cpu->seg[SEG_SS].selector = DS;
    x86_rig_write32(rig, STACK, STACK);
    x86_rig_write32(rig, STACK + 4, DS);
    rig->cpu->r[0] = DS;
    rig->cpu->r[4] = STACK;
    return rig;
}

/* EIP and EFLAGS of the frame that the handler of @vector has just found; 0 if none did. */
static uint32_t caught(const X86Rig *rig, unsigned vector, unsigned at)
{
    bool there = rig->cpu->v.pc == HANDLERS + 16 * vector;

    cr_expect(there, "at %x", rig->cpu->v.pc);
    return there ? x86_rig_read32(rig, rig->cpu->r[4] + at) : 0;
}

/* @code, TF set if @tf, until the trap behind @insns instructions: at offset @offset. */
static void trap(const char *code, unsigned bytes, bool tf, unsigned insns, uint32_t offset)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(hosts); i++) {
        X86Rig *rig = start(hosts[i]);

        x86_set_eflags(rig->cpu, EFL_ONE | (tf ? EFL_TF : 0));
        x86_update(rig->cpu);
        x86_rig_code(rig, code, bytes, insns + 1);
        cr_expect(eq(u32, caught(rig, X86_DB, 0), X86_RIG_CODE + offset));
        cr_expect(eq(u32, rig->cpu->dr[6], 0xffff4ff0));
        x86_rig_free(rig);
    }
}
#define TRAP(code, tf, insns, offset) trap(code, sizeof(code) - 1, tf, insns, offset)

Test(x86_debug, a_step_is_behind_the_instruction_that_began_with_tf)
{
    TRAP("\x90\x90", true, 1, 1);
    TRAP("\x68\x02\x01\x00\x00\x9d\x90\x90", false, 3, 7); /* push 102h; popf; nop */
    TRAP("\x68\x02\x00\x00\x00\x9d\x90", true, 1, 5);
}

Test(x86_debug, a_step_out_of_tf_traps_and_one_into_it_does_not)
{
    static const uint32_t frame[] = { X86_RIG_CODE + 1, CS, EFL_ONE | EFL_TF };

    for (unsigned i = 0; i < G_N_ELEMENTS(hosts); i++) {
        X86Rig *rig = start(hosts[i]);

        rig->cpu->dr[7] = 0x401; /* a breakpoint elsewhere changes nothing */
        x86_rig_write(rig, STACK - 12, frame, sizeof(frame));
        rig->cpu->r[4] = STACK - 12;
        x86_update(rig->cpu);
        x86_rig_code(rig, "\xcf\x90\x90", 3, 3);
        cr_expect(eq(u32, caught(rig, X86_DB, 0), X86_RIG_CODE + 2));
        x86_rig_free(rig);
        rig = start(hosts[i]);
        x86_rig_write32(rig, STACK - 4, EFL_ONE);
        rig->cpu->r[4] = STACK - 4;
        x86_set_eflags(rig->cpu, EFL_ONE | EFL_TF);
        x86_update(rig->cpu);
        x86_rig_code(rig, "\x9d\x90", 2, 2);
        cr_expect(eq(u32, caught(rig, X86_DB, 0), X86_RIG_CODE + 1));
        x86_rig_free(rig);
    }
}

Test(x86_debug, mov_ss_holds_the_trap_off_and_lss_does_not)
{
    TRAP("\x8e\xd0\x90\x90", true, 2, 3);
    TRAP("\x16\x17\x90\x90", true, 1, 1);
    TRAP("\x0f\xb2\x24\x24\x90", true, 1, 4);
}

Test(x86_debug, faults_push_rf_and_int_does_not)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(hosts); i++) {
        X86Rig *rig = start(hosts[i]);

        x86_rig_code(rig, "\x0f\x0b", 2, 1);
        cr_expect(eq(u32, caught(rig, X86_UD, 8) & EFL_RF, EFL_RF));
        x86_rig_free(rig);
        rig = start(hosts[i]);
        x86_rig_code(rig, "\xcd\x40", 2, 1);
        cr_expect(eq(u32, caught(rig, 0x40, 8), EFL_ONE));
        x86_rig_free(rig);
    }
}

/* 17.3.1.1: the trap behind an IRET that loads RF has it in its image; else nothing sees it. */
Test(x86_debug, iret_keeps_rf_for_its_trap)
{
    for (unsigned i = 0; i < 8; i++) {
        bool tf = (i & 2) != 0, rf = (i & 4) != 0;
        uint32_t frame[] = { X86_RIG_CODE + 2, CS, EFL_ONE | (rf ? EFL_RF : 0) };
        X86Rig *rig = start(hosts[i & 1]);

        x86_rig_write(rig, STACK - 12, frame, sizeof(frame));
        rig->cpu->r[4] = STACK - 12;
        x86_set_eflags(rig->cpu, EFL_ONE | (tf ? EFL_TF : 0));
        x86_update(rig->cpu);
        x86_rig_code(rig, "\xcf\x90\x90\x90", 4, 2);
        if (tf) {
            cr_expect(eq(u32, caught(rig, X86_DB, 0), X86_RIG_CODE + 2));
            cr_expect(eq(u32, caught(rig, X86_DB, 8), EFL_ONE | (rf ? EFL_RF : 0)));
        } else {
            cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 3));
        }
        cr_expect(zero(u32, rig->cpu->eflags & EFL_RF));
        x86_rig_free(rig);
    }
}

Test(x86_debug, only_the_first_sti_makes_a_shadow)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(hosts); i++) {
        X86Rig *rig = start(hosts[i]);

        x86_isa.set_irq(&rig->cpu->v, X86_LINE_INTR, true);
        x86_rig_code(rig, "\xfb\xfb\xfb\x90", 4, 1);
        cr_expect(not(x86_isa.interrupt(&rig->cpu->v)));
        x86_rig_run(rig, 1);
        cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 2));
        cr_expect(x86_isa.interrupt(&rig->cpu->v));
        x86_rig_free(rig);
    }
}

Test(x86_debug, ports_are_watched_with_de)
{
    for (unsigned de = 0; de < 2; de++) {
        X86Rig *rig = start(&x64_host);

        rig->cpu->cr4 |= de ? CR4_DE : 0;
        rig->cpu->dr[0] = 0x84;
        rig->cpu->dr[7] = 0x401 | 2u << 16;
        x86_update(rig->cpu);
        x86_rig_code(rig, "\xe6\x84\x90\x90", 4, 2);
        if (de) {
            cr_expect(eq(u32, caught(rig, X86_DB, 0), X86_RIG_CODE + 2));
            cr_expect(eq(u32, rig->cpu->dr[6], 0xffff0ff1));
        } else {
            cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 3));
        }
        x86_rig_free(rig);
    }
}

/* ---- faults on fetching ---- */

enum { PDIR = 0x8000, PTAB = 0x9000, MISSING = X86_RIG_CODE + 0x1000 };

/* All is mapped but the page at MISSING; @code is up to @beyond bytes before it. */
static X86Rig *start_missing(const HostIsa *host, const char *code, unsigned bytes, uint32_t beyond)
{
    X86Rig *rig = start(host);
    X86Cpu *cpu = rig->cpu;

    x86_rig_write32(rig, PDIR, PTAB | 3);
    for (uint32_t page = 0; page < 0x400; page++) {
        x86_rig_write32(rig, PTAB + 4 * page, page == MISSING >> 12 ? 0 : page << 12 | 3);
    }
    cpu->cr3 = PDIR;
    x86_set_cr0(cpu, cpu->cr0 | CR0_PG);
    x86_rig_write(rig, MISSING - beyond, code, bytes);
    cpu->v.pc = MISSING - beyond;
    return rig;
}

typedef struct Fetch {
    const char *code;
    uint8_t bytes, before; /* the missing page */
    uint8_t vector;
    int8_t eip; /* saved, from MISSING */
    bool tf;
    uint32_t last; /* offset in CS; 0: all are valid */
    uint32_t breakpoint, dr6;
} Fetch;

/* Two instructions, an exception counted as one. */
static void fetch(const Fetch *f)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(hosts); i++) {
        X86Rig *rig = start_missing(hosts[i], f->code, f->bytes, f->before);
        X86Cpu *cpu = rig->cpu;
        bool has_error = f->vector == X86_GP || f->vector == X86_PF;

        if (f->last != 0) {
            cpu->seg[SEG_CS].limit = f->last;
            cpu->seg[SEG_CS].attr &= ~(uint32_t)SEG_G;
            x86_seg_derive(&cpu->seg[SEG_CS]);
        }
        x86_set_eflags(cpu, EFL_ONE | (f->tf ? EFL_TF : 0));
        cpu->dr[0] = f->breakpoint;
        cpu->dr[7] = f->breakpoint != 0 ? 0x401 : 0x400;
        x86_update(cpu);
        x86_rig_run(rig, 2);
        cr_expect(eq(u32, caught(rig, f->vector, has_error ? 4 : 0), MISSING + (uint32_t)f->eip),
                  "host %u", i);
        if (f->vector == X86_DB) {
            cr_expect(eq(u32, cpu->dr[6], f->dr6));
        } else if (has_error) {
            cr_expect(eq(u32, caught(rig, f->vector, 0), 0));
            cr_expect(eq(u32, cpu->cr2, f->vector == X86_PF ? MISSING : 0));
        }
        x86_rig_free(rig);
    }
}

/* Table 6-2 */
Test(x86_debug, a_trap_comes_before_faults_on_fetching_the_next_instruction)
{
    static const Fetch cases[] = {
        { "\x90", 1, 1, X86_DB, 0, true, 0, 0, 0xffff4ff0 },
        { "\xeb\x10", 2, 4, X86_DB, 14, true, 0, 0, 0xffff4ff0 },
        { "\x90\xb8", 2, 2, X86_DB, -1, true, 0, 0, 0xffff4ff0 }, /* mov eax, ... */
        { "\x90", 1, 1, X86_DB, 0, true, MISSING - 1, 0, 0xffff4ff0 },
        { "\x90\xb8", 2, 2, X86_DB, -1, true, MISSING - 1, 0, 0xffff4ff0 },
        { "\x90", 1, 1, X86_DB, 0, false, 0, MISSING, 0xffff0ff1 },
        { "\x90", 1, 1, X86_DB, 0, false, MISSING - 1, MISSING, 0xffff0ff1 },
        { "\x90", 1, 1, X86_PF, 0, false, 0, MISSING + 1, 0 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        fetch(&cases[i]);
    }
}

Test(x86_debug, the_limit_of_cs_comes_before_the_page)
{
    static const Fetch cases[] = {
        { "\x90\xb8", 2, 2, X86_GP, -1, false, MISSING - 1, 0, 0 },
        { "\x90\x66\xb8", 3, 3, X86_GP, -2, false, MISSING - 2, 0, 0 },
        { "\x90", 1, 1, X86_GP, 0, false, MISSING - 1, 0, 0 },
        { "\x90\xb8", 2, 2, X86_PF, -1, false, MISSING + 3, 0, 0 },
        { "\x90", 1, 1, X86_PF, 0, false, MISSING, 0, 0 },
        { "\x90\xb8", 2, 2, X86_PF, -1, false, 0, 0, 0 },
        /* undefined beside what is defined: address and immediate are fetched too */
        { "\x90\x8f\xbf", 3, 3, X86_GP, -2, false, MISSING - 1, 0, 0 },
        { "\x90\x8f\xbf", 3, 3, X86_PF, -2, false, 0, 0, 0 },
        { "\x90\x0f\xba\x05\x00\x00\x00", 7, 7, X86_PF, -6, false, 0, 0, 0 },
        { "\x90\xff\x78", 3, 3, X86_PF, -2, false, 0, 0, 0 },
        { "\x90\xc7\xc8\x00\x00\x00", 6, 6, X86_PF, -5, false, 0, 0, 0 },
        { "\x90\xff\xff", 3, 3, X86_UD, -2, false, 0, 0, 0 },
        { "\x90\x0f\x20\x34", 4, 4, X86_UD, -3, false, 0, 0, 0 }, /* CR6; mod is ignored */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        fetch(&cases[i]);
    }
}

/* ---- RF and REP, 17.3.1.1 ---- */

static X86Rig *start_rep(const HostIsa *host, uint32_t count)
{
    X86Rig *rig = start(host);

    rig->cpu->r[0] = 0;
    rig->cpu->r[1] = count;
    rig->cpu->r[2] = 0x80;
    rig->cpu->r[6] = X86_RIG_DATA;
    rig->cpu->r[7] = X86_RIG_DATA + 0x100;
    return rig;
}

static void step_rep(const HostIsa *host, uint8_t opcode, uint32_t count)
{
    X86Rig *rig = start_rep(host, count);
    uint8_t code[] = { 0xf3, opcode, 0x90 };

    x86_set_eflags(rig->cpu, EFL_ONE | EFL_TF);
    x86_update(rig->cpu);
    x86_rig_code(rig, code, sizeof(code), 2);
    cr_expect(eq(u32, caught(rig, X86_DB, 0), X86_RIG_CODE + (count > 1 ? 0 : 2)), "%x", opcode);
    cr_expect(eq(u32, caught(rig, X86_DB, 8) & EFL_RF, count > 1 ? EFL_RF : 0), "%x", opcode);
    cr_expect(eq(u32, rig->cpu->eflags & EFL_RF, 0));
    x86_rig_free(rig);
}

Test(x86_debug, a_step_between_iterations_pushes_rf)
{
    static const uint8_t opcodes[] = { 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac,
                                       0xad, 0xae, 0xaf, 0x6c, 0x6d, 0x6e, 0x6f };

    for (unsigned i = 0; i < G_N_ELEMENTS(opcodes) * G_N_ELEMENTS(hosts) * 3; i++) {
        step_rep(hosts[i / 3 % G_N_ELEMENTS(hosts)], opcodes[i / 3 / G_N_ELEMENTS(hosts)], i % 3);
    }
}

Test(x86_debug, a_breakpoint_on_rep_is_not_met_between_iterations)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(hosts); i++) {
        X86Rig *rig = start_rep(hosts[i], 3);

        rig->cpu->dr[0] = X86_RIG_CODE;
        rig->cpu->dr[7] = 0x401;
        x86_set_eflags(rig->cpu, EFL_ONE | EFL_RF); /* as the breakpoint's handler leaves it */
        x86_update(rig->cpu);
        x86_rig_code(rig, "\xf3\xa4\x90\x90", 4, 4);
        cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 3));
        cr_expect(eq(u32, rig->cpu->eflags & EFL_RF, 0));
        x86_rig_free(rig);
    }
}
