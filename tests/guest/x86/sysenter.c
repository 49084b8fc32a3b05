/* SPDX-License-Identifier: MIT */
/* sysenter.c - SYSENTER and SYSEXIT, Vol. 2 and Vol. 3 5.8.7. */
#include "guest.h"

SNIPPET(enter_, "mov $0x11, %ebx\n sysenter");
SNIPPET(inside, "mov %cs, %eax\n mov %ss, %ebx\n mov %esp, %ecx\n pushf\n pop %edx");
SNIPPET(exit_, "sysexit");
SNIPPET(outside, "mov %cs, %eax\n mov %ss, %ebx\n mov %esp, %esi\n pushf\n pop %edi");
SNIPPET16(v_enter, "sysenter");

static void set_msr(uint32_t n, uint32_t v)
{
    __asm__ volatile("wrmsr" : : "c"(n), "a"(v), "d"(0));
}

static void show(const char *what, const void *code, const void *end)
{
    ended(what, code, end);
    say(": cs %h ss %h, eax %x ebx %x ecx %x edx %x esi %x edi %x\n", got.cs, got.ss, got.eax,
        got.ebx, got.ecx, got.edx, got.esi, got.edi);
}

static void in_from(unsigned cpl, uint32_t eflags)
{
    say("CPL %u ", cpl);
    at(cpl);
    in.eflags |= eflags;
    run(enter_);
    show("sysenter", inside, inside_end);
}

static void out_from(unsigned cpl)
{
    say("CPL %u ", cpl);
    at(cpl);
    in.edx = addr(outside);
    in.ecx = addr(test_stack) + 512;
    run(exit_);
    show("sysexit", outside, outside_end);
}

int main(void)
{
    uint32_t stack = 0x9100;

    in_from(3, 0);
    out_from(0);
    set_msr(0x174, CODE0);
    set_msr(0x175, stack);
    set_msr(0x176, addr(inside));
    /* The selectors follow SYSENTER_CS; what they name does not count. */
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        in_from(cpl, IF | IOPL3 | AC | 0x8d5);
    }
    in_from(3, NT);
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        out_from(cpl);
    }
    at_vm86(0);
    run_low(v_enter);
    show("virtual-8086 sysenter", inside, inside_end);
    set_msr(0x174, CODE0 | 3);
    in_from(3, 0);
    return 0;
}
