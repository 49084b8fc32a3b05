/* SPDX-License-Identifier: MIT */
/* ports.S - a multiboot kernel for a PC: which COM ports have a scratch register is its status. */
    .text
    .balign 4
    .long 0x1badb002, 0, -0x1badb002
    .globl _start
_start:
    xor %edi, %edi
    xor %ecx, %ecx
1:  movzwl ports(, %ecx, 2), %edx
    mov $0x5a, %al                  /* a 16550's register 7 holds what is written to it */
    out %al, %dx
    in %dx, %al
    cmp $0x5a, %al
    jne 2f
    bts %ecx, %edi
2:  inc %ecx
    cmp $4, %ecx
    jb 1b
    mov $0x501, %dx
    mov %edi, %eax
    out %al, %dx                    /* ends, with twice that and one as status */
3:  hlt
    jmp 3b
ports:
    .word 0x3ff, 0x2ff, 0x3ef, 0x2ef
    .section .note.GNU-stack, "", @progbits
