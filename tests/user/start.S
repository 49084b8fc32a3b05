/* SPDX-License-Identifier: MIT */
/* start.S - entry, system call, and the two ends of a signal handler, for i386 Linux. */
    .text

/* The kernel's stack is given back later: what it holds is passed on, the program has its own. */
    .global _start
    .type _start, @function
_start:
    mov %esp, %eax
    lea own_stack_end, %esp
    push %eax
    call user_main
    hlt

/* long call(long number, long a, long b, long c, long d, long e, long f) */
    .global call
    .type call, @function
call:
    push %ebp
    push %ebx
    push %esi
    push %edi
    mov 20(%esp), %eax
    mov 24(%esp), %ebx
    mov 28(%esp), %ecx
    mov 32(%esp), %edx
    mov 36(%esp), %esi
    mov 40(%esp), %edi
    mov 44(%esp), %ebp
    int $0x80
    pop %edi
    pop %esi
    pop %ebx
    pop %ebp
    ret

/* A kernel need not clear AC or NT for a handler: they are cleared before anything is accessed. */
    .global on_signal
    .type on_signal, @function
on_signal:
    pushl $2
    popfl
    jmp next_case

    .global from_signal
    .type from_signal, @function
from_signal:
    mov $173, %eax                  /* rt_sigreturn */
    int $0x80

/* What the first case is begun from. */
    .global first_signal
    .type first_signal, @function
first_signal:
    ud2

/* void *memcpy(void *to, const void *from, size_t bytes): compilers call it of themselves. */
    .global memcpy
    .type memcpy, @function
memcpy:
    push %esi
    push %edi
    mov 12(%esp), %edi
    mov 16(%esp), %esi
    mov 20(%esp), %ecx
    mov %ecx, %edx
    shr $2, %ecx
    rep movsl
    mov %edx, %ecx
    and $3, %ecx
    rep movsb
    mov 12(%esp), %eax
    pop %edi
    pop %esi
    ret

/* void *memset(void *to, int byte, size_t bytes) */
    .global memset
    .type memset, @function
memset:
    push %edi
    mov 8(%esp), %edi
    mov 12(%esp), %eax
    mov 16(%esp), %ecx
    rep stosb
    mov 8(%esp), %eax
    pop %edi
    ret

    .bss
    .balign 16
    .skip 65536
own_stack_end:

    .section .note.GNU-stack, "", %progbits
