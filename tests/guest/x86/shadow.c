/* SPDX-License-Identifier: MIT */
/* shadow.c - when an interrupt that is pending is taken; Vol. 3 6.8.1, 6.8.3; HLT. */
#include "guest.h"

/* The processor's own APIC sends itself vector 40; it is pending before the code begins. */
enum { APIC = (int)0xfee00000, ICR = 0x300, EOI = 0xb0, SVR = 0xf0 };

SNIPPET(sti_, "nop\n sti\n nop\n nop");
SNIPPET(sti_cli, "sti\n cli\n nop");
SNIPPET(sti_jump, "sti\n jmp 1f\n nop\n1: nop");
SNIPPET(sti_sti, "sti\n sti\n sti\n nop");
SNIPPET(sti_ss, "mov %ss, %eax\n sti\n mov %eax, %ss\n nop\n nop");
SNIPPET(ss_, "mov %ss, %eax\n mov %eax, %ss\n nop\n nop");
SNIPPET(popf_, "push $0x202\n popfl\n nop\n nop");
SNIPPET(iret_, "push $0x202\n push %cs\n push $1f\n iretl\n1: nop\n nop");
SNIPPET(hlt_, "sti\n hlt\n nop");
SNIPPET(sti_fault, "sti\n ud2\n nop");
SNIPPET(pop_ss, "push %ss\n sti\n pop %ss\n nop\n nop");
SNIPPET(lss_, "push %ss\n push %esp\n addl $4, (%esp)\n sti\n lss (%esp), %esp\n nop\n nop");

static void apic(uint32_t reg, uint32_t v) { *(volatile uint32_t *)(uintptr_t)(APIC + reg) = v; }

static void one(const char *what, const void *code, const void *end)
{
    at(0);
    apic(ICR, 0x44040); /* fixed, to itself */
    run(code);
    ended(what, code, end);
    say(", IF %u\n", got.eflags >> 9 & 1);
    if (got.vector != 0x40) { /* still pending: take it */
        __asm__ volatile("nop");
        at(0);
        in.eflags |= IF;
        run(ss_);
    }
    apic(EOI, 0);
}

int main(void)
{
    apic(SVR, 0x1ff);
    one("sti", sti_, sti__end);
    one("sti, cli", sti_cli, sti_cli_end);
    one("sti, jmp", sti_jump, sti_jump_end);
    one("sti, sti", sti_sti, sti_sti_end);
    one("sti, mov ss", sti_ss, sti_ss_end);
    one("sti, pop ss", pop_ss, pop_ss_end);
    one("sti, lss", lss_, lss__end);
    one("popf", popf_, popf__end);
    one("iret", iret_, iret__end);
    one("sti, hlt", hlt_, hlt__end);
    one("sti, ud2", sti_fault, sti_fault_end);
    return 0;
}
