/* SPDX-License-Identifier: MIT */
/* low.S - a multiboot kernel for a PC with a part where firmware keeps its own: 42 if it is there. */
    .text
    .balign 4
    .long 0x1badb002, 0, -0x1badb002
    .globl _start
_start:
    mov $low, %esi
    mov $copy, %edi
    mov $low_end - low, %ecx
    cld
    repe cmpsb
    mov $42, %eax
    je 1f
    mov %ecx, %eax
1:  mov $0x501, %dx
    out %al, %dx                    /* ends, with twice that and one as status */
2:  hlt
    jmp 2b
copy:
    .fill 0x600, 1, 0x5a
    .section .low, "aw", @progbits
low:
    .fill 0x600, 1, 0x5a
low_end:
    .section .note.GNU-stack, "", @progbits
