/* SPDX-License-Identifier: MIT */
/* test_x86_system.c - x86 system behaviour: gates, privilege, paging, shadows, code that changes.
 * */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/rig/x86_rig.h"

enum { GDT = 0x1000, IDT = 0x1800, TSS = 0x2000, HANDLERS = 0x3000, STACK = 0x5000, PDIR = 0x6000 };
enum {
    KERNEL_CS = 8,
    KERNEL_DS = 16,
    USER_CS = 0x1b,
    USER_DS = 0x23,
    TSS_SEL = 0x28,
    LDT_SEL = 0x30
};

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

static void set_descriptor(X86Rig *rig, unsigned selector, uint32_t base, uint32_t limit,
                           uint32_t rights)
{
    x86_rig_write32(rig, GDT + (selector & 0xf8), (limit & 0xffff) | base << 16);
    x86_rig_write32(rig, GDT + (selector & 0xf8) + 4,
                    (base >> 16 & 0xff) | rights << 8 | (limit & 0xf0000) | (base & 0xff000000));
}

static void set_gate(X86Rig *rig, unsigned vector, uint32_t rights)
{
    uint32_t handler = HANDLERS + 16 * vector;

    x86_rig_write32(rig, IDT + 8 * vector, handler | KERNEL_CS << 16);
    x86_rig_write32(rig, IDT + 8 * vector + 4, rights << 8);
}

/* Tables for a kernel and a user; interrupt gates that the user may call for 3, 4 and 80. */
static X86Rig *start(const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "qemu32");
    X86Cpu *cpu = rig->cpu;

    set_descriptor(rig, KERNEL_CS, 0, 0xfffff, 0xc09b);
    set_descriptor(rig, KERNEL_DS, 0, 0xfffff, 0xc093);
    set_descriptor(rig, USER_CS, 0, 0xfffff, 0xc0fb);
    set_descriptor(rig, USER_DS, 0, 0xfffff, 0xc0f3);
    set_descriptor(rig, TSS_SEL, TSS, 0x67, 0x89);
    for (unsigned i = 0; i < 0x81; i++) {
        set_gate(rig, i, i == 3 || i == 4 || i == 0x80 ? 0xee : 0x8e);
    }
    x86_rig_write32(rig, TSS + 4, STACK);
    x86_rig_write32(rig, TSS + 8, KERNEL_DS);
    x86_rig_write32(rig, TSS + 0x64, 0x68 << 16); /* no I/O permission bitmap */
    cpu->gdtr = (X86Table){ GDT, 0x3f };
    cpu->idtr = (X86Table){ IDT, 0x407 };
    cpu->tr = (X86Seg){ .selector = TSS_SEL, .base = TSS, .limit = 0x67, .attr = 0x8b };
    cpu->r[4] = STACK;
    return rig;
}

static void run(X86Rig *rig, const char *code, unsigned bytes, uint64_t insns)
{
    x86_rig_code(rig, code, bytes, insns);
}
#define RUN(rig, code, insns) run(rig, code, sizeof(code) - 1, insns)

/* To CPL 3 by IRET, at X86_RIG_CODE + @off, stack at the data's end. */
static void to_user(X86Rig *rig, unsigned off)
{
    const uint32_t frame[] = { X86_RIG_CODE + off, USER_CS, 0x202,
                               X86_RIG_DATA + X86_RIG_DATA_BYTES, USER_DS };

    x86_rig_write(rig, STACK - sizeof(frame), frame, sizeof(frame));
    rig->cpu->r[4] = STACK - (uint32_t)sizeof(frame);
    RUN(rig, "\xcf", 1);
}

Test(x86_system, iret_goes_to_user_mode_and_int_comes_back)
{
    for (unsigned i = 0; i < 2; i++) {
        X86Rig *rig = start(hosts[i]);
        X86Cpu *cpu = rig->cpu;

        to_user(rig, 0);
        cr_expect(eq(u32, cpu->cpl, 3));
        cr_expect(eq(u32, cpu->v.pc, X86_RIG_CODE));
        cr_expect(eq(u32, cpu->v.mode & MODE_USER, MODE_USER));
        RUN(rig, "\xcd\x80", 1);
        cr_expect(eq(u32, cpu->cpl, 0));
        cr_expect(eq(u32, cpu->v.pc, HANDLERS + 0x800));
        cr_expect(eq(u32, cpu->r[4], STACK - 20));
        cr_expect(eq(u32, x86_rig_read32(rig, STACK - 20), X86_RIG_CODE + 2));
        cr_expect(eq(u32, x86_rig_read32(rig, STACK - 16), USER_CS));
        x86_rig_free(rig);
    }
}

Test(x86_system, a_gate_bars_the_user_by_its_dpl)
{
    X86Rig *rig = start(&x64_host);

    to_user(rig, 0);
    RUN(rig, "\xcd\x20", 1);
    cr_expect(eq(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_GP));
    cr_expect(eq(u32, x86_rig_read32(rig, rig->cpu->r[4]), 0x20 * 8 + 2));
    cr_expect(eq(u32, x86_rig_read32(rig, rig->cpu->r[4] + 4), X86_RIG_CODE));
    x86_rig_free(rig);
}

Test(x86_system, privileged_instructions_trap_in_user_mode)
{
    static const char *const code[] = { "\xf4",     "\xfa",         "\xfb",
                                        "\x0f\x06", "\x0f\x22\xd8", "\x0f\x20\xc0",
                                        "\x0f\x32", "\xe4\x20",     "\x0f\x09" };

    for (unsigned i = 0; i < G_N_ELEMENTS(code); i++) {
        X86Rig *rig = start(hosts[i & 1]);

        to_user(rig, 0);
        x86_rig_code(rig, code[i], (unsigned)strlen(code[i]), 1);
        cr_expect(eq(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_GP), "%u", i);
        x86_rig_free(rig);
    }
}

/* POPF in user mode leaves IF and IOPL: the critical instruction of the literature. */
Test(x86_system, popf_in_user_mode_silently_keeps_if_and_iopl)
{
    X86Rig *rig = start(&x64_host);
    uint32_t flags = 0x3001;

    to_user(rig, 0);
    rig->cpu->r[4] -= 4;
    x86_rig_write(rig, rig->cpu->r[4], &flags, 4);
    RUN(rig, "\x9d", 1);
    cr_expect(eq(u32, x86_eflags(rig->cpu), EFL_IF | EFL_ONE | EFL_CF));
    x86_rig_free(rig);
}

Test(x86_system, sti_holds_an_interrupt_off_for_one_instruction)
{
    for (unsigned i = 0; i < 2; i++) {
        X86Rig *rig = start(hosts[i]);
        X86Cpu *cpu = rig->cpu;

        x86_isa.set_irq(&cpu->v, X86_LINE_INTR, true);
        RUN(rig, "\xfb\x90\x90", 1);
        cr_expect(not(x86_isa.interrupt(&cpu->v)));
        x86_rig_run(rig, 1);
        cr_expect(eq(u32, cpu->v.pc, X86_RIG_CODE + 2));
        cr_expect(x86_isa.interrupt(&cpu->v) || cpu->shutdown != 0);
        x86_rig_free(rig);
    }
}

Test(x86_system, the_trap_flag_stops_behind_each_instruction)
{
    for (unsigned i = 0; i < 2; i++) {
        X86Rig *rig = start(hosts[i]);

        /* push 102; popf; nop: the trap comes behind the nop */
        RUN(rig, "\x68\x02\x01\x00\x00\x9d\x90\x90", 4);
        cr_expect(eq(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_DB));
        cr_expect(eq(u32, x86_rig_read32(rig, rig->cpu->r[4]), X86_RIG_CODE + 7));
        cr_expect(eq(u32, rig->cpu->dr[6] & 0x4000, 0x4000));
        x86_rig_free(rig);
    }
}

Test(x86_system, an_instruction_breakpoint_is_a_fault_once)
{
    X86Rig *rig = start(&x64_host);

    rig->cpu->dr[0] = X86_RIG_CODE + 1;
    rig->cpu->dr[7] = 0x401;
    x86_update(rig->cpu);
    RUN(rig, "\x90\x90\x90", 2);
    cr_expect(eq(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_DB));
    cr_expect(eq(u32, x86_rig_read32(rig, rig->cpu->r[4]), X86_RIG_CODE + 1));
    cr_expect(eq(u32, rig->cpu->dr[6] & 15, 1));
    cr_expect(eq(u32, x86_rig_read32(rig, rig->cpu->r[4] + 8) & EFL_RF, 0)); /* 17.3.1.1 */
    /* back by IRET with RF in the image, set by the handler: the instruction runs */
    x86_rig_write(rig, HANDLERS + 16 * X86_DB, "\x80\x4c\x24\x0a\x01\xcf", 6);
    x86_rig_run(rig, 3);
    cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 2));
    x86_rig_free(rig);
}

Test(x86_system, a_data_breakpoint_is_a_trap_behind_the_store)
{
    X86Rig *rig = start(&x64_host);

    rig->cpu->dr[1] = X86_RIG_DATA + 4;
    rig->cpu->dr[7] = 0x400 | 1 << 2 | 0xdu << 20; /* 4 bytes, writes */
    rig->cpu->r[3] = X86_RIG_DATA;
    x86_update(rig->cpu);
    RUN(rig, "\x89\x43\x04\x90", 2); /* mov [ebx + 4], eax */
    cr_expect(eq(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_DB));
    cr_expect(eq(u32, x86_rig_read32(rig, rig->cpu->r[4]), X86_RIG_CODE + 3));
    cr_expect(eq(u32, rig->cpu->dr[6] & 15, 2));
    x86_rig_free(rig);
}

/* Identity for the first 4 MiB by a 4 MiB page; 4 KiB tables for the next ones at PDIR + 1000. */
static void start_paging(X86Rig *rig)
{
    x86_rig_write32(rig, PDIR, 0x83);
    x86_rig_write32(rig, PDIR + 4, (PDIR + 0x1000) | 7);
    x86_rig_write32(rig, PDIR + 0x1000, X86_RIG_DATA | 7);
    x86_rig_write32(rig, PDIR + 0x1004, X86_RIG_DATA | 5);
    rig->cpu->cr3 = PDIR;
    rig->cpu->cr4 = CR4_PSE;
    rig->cpu->cr0 |= CR0_PG | CR0_WP;
    x86_update(rig->cpu);
}

Test(x86_system, a_store_to_a_read_only_page_faults_with_its_address)
{
    for (unsigned i = 0; i < 2; i++) {
        X86Rig *rig = start(hosts[i]);

        start_paging(rig);
        rig->cpu->r[3] = 0x401000;
        RUN(rig, "\x8b\x43\x08\x89\x43\x08", 2); /* mov eax, [ebx + 8]; mov [ebx + 8], eax */
        cr_expect(eq(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_PF));
        cr_expect(eq(u32, rig->cpu->cr2, 0x401008));
        cr_expect(eq(u32, x86_rig_read32(rig, rig->cpu->r[4]), 3));
        x86_rig_free(rig);
    }
}

Test(x86_system, the_walk_sets_accessed_and_the_first_store_dirty)
{
    X86Rig *rig = start(&x64_host);

    start_paging(rig);
    rig->cpu->r[3] = 0x400000;
    RUN(rig, "\x8b\x03\x89\x03", 1);
    cr_expect(eq(u32, x86_rig_read32(rig, PDIR + 0x1000) & 0x60, 0x20));
    x86_rig_run(rig, 1);
    cr_expect(eq(u32, x86_rig_read32(rig, PDIR + 0x1000) & 0x60, 0x60));
    x86_rig_free(rig);
}

/* An entry of an inactive table is edited without INVLPG: the load of CR3 makes it count. */
Test(x86_system, a_cr3_load_drops_what_is_not_global)
{
    X86Rig *rig = start(&x64_host);

    start_paging(rig);
    x86_rig_write32(rig, X86_RIG_DATA, 0x11111111);
    x86_rig_write32(rig, X86_RIG_DATA + 0x1000, 0x22222222);
    rig->cpu->r[3] = 0x400000;
    rig->cpu->r[1] = PDIR;
    RUN(rig, "\x8b\x03\x0f\x22\xd9\x8b\x13", 1); /* mov eax, [ebx]; mov cr3, ecx; mov edx, [ebx] */
    x86_rig_write32(rig, PDIR + 0x1000, (X86_RIG_DATA + 0x1000) | 7);
    x86_rig_run(rig, 2);
    cr_expect(eq(u32, rig->cpu->r[0], 0x11111111));
    cr_expect(eq(u32, rig->cpu->r[2], 0x22222222));
    x86_rig_free(rig);
}

Test(x86_system, a_store_into_the_running_unit_counts_at_once)
{
    for (unsigned i = 0; i < 2; i++) {
        X86Rig *rig = start(hosts[i]);

        rig->cpu->r[3] = X86_RIG_CODE;
        /* mov byte [ebx + 5], 41 (inc ecx); nop; inc edx becomes inc ecx */
        RUN(rig, "\xc6\x43\x05\x41\x90\x42\x90", 3);
        cr_expect(eq(u32, rig->cpu->r[1], 1));
        cr_expect(eq(u32, rig->cpu->r[2] & 0xff, rig->cpu->r[2] & 0xff));
        cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 6));
        x86_rig_free(rig);
    }
}

Test(x86_system, rep_counts_each_iteration)
{
    for (unsigned i = 0; i < 2; i++) {
        X86Rig *rig = start(hosts[i]);

        rig->cpu->r[1] = 5;
        rig->cpu->r[7] = X86_RIG_DATA;
        RUN(rig, "\xf3\xaa\x90", 3);
        cr_expect(eq(u32, rig->cpu->r[1], 2));
        cr_expect(eq(u32, rig->cpu->r[7], X86_RIG_DATA + 3));
        cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE));
        x86_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 2));
        x86_rig_free(rig);
    }
}

Test(x86_system, a_segment_limit_is_checked_at_every_access)
{
    X86Rig *rig = start(&x64_host);
    X86Seg *ds = &rig->cpu->seg[SEG_DS];

    ds->base = X86_RIG_DATA;
    ds->limit = ds->last = 0xff;
    x86_update(rig->cpu);
    rig->cpu->r[3] = 0xfc;
    RUN(rig, "\x8b\x03\x8b\x43\x01", 2);
    cr_expect(eq(u32, rig->cpu->v.pc, HANDLERS + 16 * X86_GP));
    cr_expect(eq(u32, x86_rig_read32(rig, rig->cpu->r[4] + 4), X86_RIG_CODE + 2));
    x86_rig_free(rig);
}

Test(x86_system, a_missing_double_fault_handler_shuts_down)
{
    X86Rig *rig = start(&x64_host);

    rig->cpu->idtr.limit = 0;
    RUN(rig, "\x0f\x0b", 1);
    cr_expect(eq(u32, rig->cpu->shutdown, 1));
    x86_rig_free(rig);
}

Test(x86_system, a_far_jump_to_a_tss_switches_tasks)
{
    X86Rig *rig = start(&x64_host);

    set_descriptor(rig, LDT_SEL, TSS + 0x100, 0x67, 0x89);
    x86_rig_write32(rig, TSS + 0x120, X86_RIG_CODE + 0x40); /* EIP */
    x86_rig_write32(rig, TSS + 0x124, 2);
    x86_rig_write32(rig, TSS + 0x128, 0x12345678); /* EAX */
    x86_rig_write32(rig, TSS + 0x138, STACK);
    for (unsigned s = 0; s < 6; s++) {
        x86_rig_write32(rig, TSS + 0x148 + 4 * s, s == 1 ? KERNEL_CS : KERNEL_DS);
    }
    RUN(rig, "\xea\x00\x00\x00\x00\x30\x00", 1);
    cr_expect(eq(u32, rig->cpu->v.pc, X86_RIG_CODE + 0x40));
    cr_expect(eq(u32, rig->cpu->r[0], 0x12345678));
    cr_expect(eq(u32, rig->cpu->tr.selector, LDT_SEL));
    cr_expect(eq(u32, x86_rig_read32(rig, TSS + 0x20), X86_RIG_CODE + 7)); /* the old task's EIP */
    cr_expect(eq(u32, x86_rig_read32(rig, GDT + LDT_SEL + 4) & 0x200, 0x200));
    cr_expect(eq(u32, rig->cpu->cr0 & CR0_TS, CR0_TS));
    x86_rig_free(rig);
}

Test(x86_system, real_mode_adds_sixteen_times_the_selector)
{
    for (unsigned i = 0; i < 2; i++) {
        X86Rig *rig = x86_rig_new(hosts[i], "qemu32");
        /* mov ax, 2000; mov ds, ax; mov byte [12], 5a; call far 9a00:20 */
        static const char code[] = "\xb8\x00\x20\x8e\xd8\xc6\x06\x12\x00\x5a\xea\x20\x00\x00\x9a";

        x86_isa.reset(&rig->cpu->v);
        rig->cpu->seg[SEG_CS].base = X86_RIG_CODE;
        x86_update(rig->cpu);
        x86_rig_write(rig, X86_RIG_CODE, code, sizeof(code));
        rig->cpu->v.pc = X86_RIG_CODE;
        x86_rig_run(rig, 2);
        cr_expect(eq(u32, rig->cpu->seg[SEG_DS].base, 0x20000));
        rig->cpu->seg[SEG_DS].base = X86_RIG_DATA; /* where the rig has RAM */
        x86_rig_run(rig, 2);
        cr_expect(eq(u32, rig->data[0x12], 0x5a));
        cr_expect(eq(u32, rig->cpu->v.pc, 0x9a020));
        x86_rig_free(rig);
    }
}
