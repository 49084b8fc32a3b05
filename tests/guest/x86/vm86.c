/* SPDX-License-Identifier: MIT */
/* vm86.c - into virtual-8086 mode and out of it; segments and faults there; Vol. 3 chapter 20. */
#include "guest.h"

SNIPPET16(look, "mov %cs, %ax\n mov %ss, %bx\n mov %sp, %cx\n mov %ds, %dx\n smsw %si");
SNIPPET16(load_far, "mov $0x1234, %ax\n mov %ax, %es\n mov %es, %bx\n movw %es:0x10, %cx");
SNIPPET16(load_fs, "mov $0xf000, %ax\n mov %ax, %fs\n mov %fs, %bx");
SNIPPET16(last_byte, "movb 0xffff, %al");
SNIPPET16(last_word, "movw 0xffff, %ax");
SNIPPET16(far_jump, "ljmp $0x801, $2f - far_jump - 16\n .balign 32\n2: mov %cs, %bx");
SNIPPET16(far_call, "lcall $0x801, $2f - far_call - 16\n mov %ax, %dx\n jmp 3f\n .balign 32\n"
                    "2: mov %cs, %ax\n lret\n3:");
SNIPPET16(int_40, "int $0x40");
SNIPPET16(int_3, "int3\n nop");
SNIPPET16(ud, "ud2");
SNIPPET16(lidt_, "lidt 0x100");
SNIPPET16(lmsw_, "lmsw %ax");
SNIPPET16(clts_, "clts");
SNIPPET16(str_, "str %ax");
SNIPPET16(to_cr3, "mov %eax, %cr3");
SNIPPET16(sysenter_, "sysenter");

static void one(const char *what, unsigned iopl, const void *code, const void *end)
{
    at_vm86(iopl);
    in.eflags |= IF;
    in.es = 0x1111;
    in.fs = 0x2222;
    in.gs = 0x3333;
    run_low(code);
    ended(what, code, end);
    say(", eflags %x cs %h ss %h esp %x, %h %h %h %h, %h\n", got.eflags & ~RF, got.cs, got.ss,
        got.esp, got.eax, got.ebx, got.ecx, got.edx, got.es);
}

int main(void)
{
    one("look", 3, look, look_end);
    say("ds %h es %h fs %h gs %h, handler's eflags %x\n", got.ds, got.es, got.fs, got.gs,
        got.handler_flags);
    one("load es", 0, load_far, load_far_end);
    one("load fs", 0, load_fs, load_fs_end);
    one("last byte", 0, last_byte, last_byte_end);
    one("beyond the segment", 0, last_word, last_word_end);
    one("far jmp", 0, far_jump, far_jump_end);
    one("far call", 0, far_call, far_call_end);
    for (unsigned iopl = 0; iopl < 4; iopl += 3) {
        one("int 40", iopl, int_40, int_40_end);
        one("int3", iopl, int_3, int_3_end);
        one("ud2", iopl, ud, ud_end);
        one("lidt", iopl, lidt_, lidt__end);
        one("lmsw", iopl, lmsw_, lmsw__end);
        one("clts", iopl, clts_, clts__end);
        one("str", iopl, str_, str__end);
        one("mov to cr3", iopl, to_cr3, to_cr3_end);
        one("sysenter", iopl, sysenter_, sysenter__end);
    }
    set_gate(0x40, CODE0 + 16, addr(handlers) + 16 * 0x40, 0xee);
    one("int 40, handler of level 1", 3, int_40, int_40_end);
    set_descriptor(SPARE, 0, 0xfffff, D_CODE | 4);
    set_gate(0x40, SPARE, addr(handlers) + 16 * 0x40, 0xee);
    one("int 40, conforming handler", 3, int_40, int_40_end);
    set_gate(0x40, CODE0, addr(handlers) + 16 * 0x40, 0x8e);
    one("int 40, gate of level 0", 3, int_40, int_40_end);
    return 0;
}
