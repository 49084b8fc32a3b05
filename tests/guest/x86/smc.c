/* SPDX-License-Identifier: MIT */
/* smc.c - code that writes into itself: what follows is what was written; Vol. 3 8.1.3, 11.6. */
#include "guest.h"

/* Writable: the text is in one segment with the data, and paging is off. */
SNIPPET(ahead, "movl $0x11223344, 1f + 1\n1: mov $0, %eax");
SNIPPET(ahead_opcode, "movb $0x43, 1f\n1: inc %eax\n inc %eax");
SNIPPET(loop_, "mov $5, %ecx\n1: add $1, %eax\n incb 1b + 2\n loop 1b");
SNIPPET(by_stos,
        "mov $1f, %edi\n mov $0x43, %al\n mov $8, %ecx\n xor %ebx, %ebx\n cld\n rep stosb\n"
        "1: .fill 8, 1, 0x42\n nop");
SNIPPET(by_push, "mov %esp, %ebp\n mov $1f + 4, %esp\n push $0x43434343\n1: .fill 4, 1, 0x42\n"
                 "mov %ebp, %esp");
SNIPPET(itself, "xor %ebx, %ebx\n1: movb $0x43, 1b\n inc %ecx\n cmp $2, %ecx\n jb 1b\n nop");
SNIPPET(by_cmpxchg8b, "mov 1f, %eax\n mov 1f + 4, %edx\n mov $0x43434343, %ebx\n mov %ebx, %ecx\n"
                      "lock cmpxchg8b 1f\n xor %ebx, %ebx\n .balign 8, 0x90\n1: .fill 8, 1, 0x42");
SNIPPET(callee, "mov $1, %eax\n ret");
SNIPPET(caller,
        "call callee\n mov %eax, %ebx\n movl $2, callee + 1\n call callee\n add %eax, %ebx\n"
        "movl $4, callee + 1\n call callee\n add %eax, %ebx");

static void one(const char *what, const void *code, const void *end)
{
    at(3);
    run(code);
    ended(what, code, end);
    say(", eax %x ebx %x ecx %x edx %x\n", got.eax, got.ebx, got.ecx, got.edx);
}

int main(void)
{
    one("operand ahead", ahead, ahead_end);
    one("opcode ahead", ahead_opcode, ahead_opcode_end);
    one("loop", loop_, loop__end);
    one("rep stosb", by_stos, by_stos_end);
    one("push", by_push, by_push_end);
    one("itself", itself, itself_end);
    one("cmpxchg8b", by_cmpxchg8b, by_cmpxchg8b_end);
    one("a callee", caller, caller_end);
    return 0;
}
