/* SPDX-License-Identifier: MIT */
/* flags.c - PUSHF, POPF, CLI, STI, IRET: what of EFLAGS each privilege sees and may write. */
#include "guest.h"

SNIPPET(pushf32, "pushfl\n pop %eax");
SNIPPET(pushf16, "push $0x5a5a5a5a\n pushfw\n pop %ax\n pop %eax");
SNIPPET(popf32, "push %eax\n popfl\n pushfl\n pop %ebx");
SNIPPET(popf16, "push %ax\n popfw\n pushfl\n pop %ebx");
SNIPPET(cli_, "cli");
SNIPPET(sti_, "sti");
SNIPPET(iret32, "push %eax\n push %cs\n push $1f\n iretl\n1: pushfl\n pop %ebx");
SNIPPET16(v_pushf, "pushfw\n pop %ax");
SNIPPET16(v_pushf32, "pushfl\n pop %eax");
SNIPPET16(v_popf, "push %ax\n popfw\n pushfw\n pop %bx");
SNIPPET16(v_popf32, "push %eax\n popfl\n pushfl\n pop %ebx");
SNIPPET16(v_cli, "cli");
SNIPPET16(v_sti, "sti");
SNIPPET16(v_int, "int $0x40");
SNIPPET16(v_iret, "push %ax\n push %cs\n pushw $1f - v_iret\n iretw\n1: pushfw\n pop %bx");

/* All of EFLAGS but TF. RF of what a fault pushes is debug.c's. */
enum { ALL = 0xfffffeff };

static const char *const where[] = { "CPL 0", "CPL 1", "CPL 2", "CPL 3" };

static void push_and_pop(unsigned cpl, unsigned iopl)
{
    say("%s, IOPL %u\n", where[cpl], iopl);
    at(cpl);
    in.eflags |= iopl * IOPL1 | AC | 0xad5;
    run(pushf32);
    ended(" pushfl", pushf32, pushf32_end);
    say(", %x\n", got.eax);
    for (uint32_t v = 0; v <= 1; v++) {
        at(cpl);
        in.eflags |= iopl * IOPL1 | (v ? 0 : 0x244cd5 & ~IF);
        in.eax = v ? ALL : 0;
        run(popf32);
        ended(v ? " popfl of ones" : " popfl of zeros", popf32, popf32_end);
        say(", %x; at the end %x\n", got.ebx, got.eflags);
        at(cpl);
        in.eflags |= iopl * IOPL1 | (v ? 0 : 0x244cd5 & ~IF);
        in.eax = v ? ALL : 0;
        run(popf16);
        ended(v ? " popfw of ones" : " popfw of zeros", popf16, popf16_end);
        say(", %x; at the end %x\n", got.ebx, got.eflags);
    }
}

static void interrupt_flag(unsigned cpl, unsigned iopl)
{
    at(cpl);
    in.eflags |= iopl * IOPL1;
    run(sti_);
    ended(" sti", sti_, sti__end);
    say(", %x\n", got.eflags & ~RF);
    at(cpl);
    in.eflags |= iopl * IOPL1;
    run(cli_);
    ended(" cli", cli_, cli__end);
    say(", %x\n", got.eflags & ~RF);
}

static void iret(unsigned cpl, unsigned iopl)
{
    at(cpl);
    in.eflags |= iopl * IOPL1;
    in.eax = ALL & ~VM & ~NT;
    run(iret32);
    ended(" iretl", iret32, iret32_end);
    say(", %x\n", got.ebx);
}

static void vm86(const char *what, unsigned iopl, uint32_t eax, const void *code, const void *end)
{
    at_vm86(iopl);
    in.eflags |= 0x40cd5;
    in.eax = eax;
    run_low(code);
    ended(what, code, end);
    say(", eax %x ebx %x eflags %x\n", got.eax, got.ebx, got.eflags & ~RF);
}

int main(void)
{
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        for (unsigned iopl = 0; iopl < 4; iopl++) {
            push_and_pop(cpl, iopl);
            interrupt_flag(cpl, iopl);
            iret(cpl, iopl);
        }
    }
    for (unsigned iopl = 0; iopl < 4; iopl++) {
        say("virtual-8086, IOPL %u\n", iopl);
        vm86(" pushfw", iopl, 0, v_pushf, v_pushf_end);
        vm86(" pushfl", iopl, 0, v_pushf32, v_pushf32_end);
        vm86(" popfw of ones", iopl, ALL, v_popf, v_popf_end);
        vm86(" popfw of zeros", iopl, 0, v_popf, v_popf_end);
        vm86(" popfl of ones", iopl, ALL, v_popf32, v_popf32_end);
        vm86(" cli", iopl, 0, v_cli, v_cli_end);
        vm86(" sti", iopl, 0, v_sti, v_sti_end);
        vm86(" int 0x40", iopl, 0, v_int, v_int_end);
        vm86(" iretw", iopl, ALL, v_iret, v_iret_end);
    }
    return 0;
}
