/* SPDX-License-Identifier: MIT */
/*
 * astray.c - what must not lead anywhere: VM at level 3, half a null selector.
 * qemu: no, it goes there: VM from any IRET, SYSENTER_CS 3 for a selector; HLT before the trap
 */
#include "guest.h"

SNIPPET(iret_high, "push $0x800\n push $0x800\n push $0x800\n push $0x800\n push $0x900\n"
                   "push $0x800\n push $0x23002\n push $0x800\n push $0x10000\n iretl");
SNIPPET(iret_at_3, "push $0x23202\n push %cs\n push $1f\n iretl\n1: pushfl\n pop %eax");
SNIPPET(halt, "hlt");
SNIPPET(enter_, "sysenter");
SNIPPET(exit_, "sysexit");

static void set_msr(uint32_t n, uint32_t v)
{
    __asm__ volatile("wrmsr" : : "c"(n), "a"(v), "d"(0));
}

int main(void)
{
    at(0);
    run(iret_high);
    outcome("iret to virtual-8086 mode and an EIP above 64 KiB", iret_high, iret_high_end);
    at(3);
    in.eflags |= IOPL3;
    run(iret_at_3);
    ended("iret with VM at level 3", iret_at_3, iret_at_3_end);
    say(", %x\n", got.eax);
    at(0);
    in.eflags |= TF;
    run(halt);
    outcome("hlt with TF", halt, halt_end);
    set_msr(0x174, 3);
    at(3);
    run(enter_);
    outcome("sysenter, SYSENTER_CS 3", enter_, enter__end);
    at(0);
    run(exit_);
    outcome("sysexit, SYSENTER_CS 3", exit_, exit__end);
    return 0;
}
