/* SPDX-License-Identifier: MIT */
/* start.S - entry, system call and block copy of the benchmark programs, for i386 Linux. */
    .text

/* The kernel leaves argc at (%esp), argv above it, behind it the environment and behind that the
 * auxiliary vector, whose AT_SYSINFO (32) is how this kernel wants to be called. */
    .global _start
    .type _start, @function
_start:
    mov (%esp), %eax
    lea 4(%esp), %edx
    lea 4(%edx,%eax,4), %ecx
1:  mov (%ecx), %ebx
    add $4, %ecx
    test %ebx, %ebx
    jnz 1b
2:  mov (%ecx), %ebx
    cmp $32, %ebx
    je 3f
    add $8, %ecx
    test %ebx, %ebx
    jnz 2b
    jmp 4f
3:  mov 4(%ecx), %ebx
    mov %ebx, call_kernel
4:  and $-16, %esp
    sub $8, %esp
    push %edx
    push %eax
    call bench_main
    mov %eax, %ebx
    mov $1, %eax
    int $0x80

/* long bench_call(long number, long a, long b, long c, long d, long e, long f) */
    .global bench_call
    .type bench_call, @function
bench_call:
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
    call *call_kernel
    pop %edi
    pop %esi
    pop %ebx
    pop %ebp
    ret

by_interrupt:
    int $0x80
    ret

/* void bench_copy(void *to, const void *from, size_t bytes): word aligned, a multiple of 32. */
    .global bench_copy
    .type bench_copy, @function
bench_copy:
    push %esi
    push %edi
    mov 12(%esp), %edi
    mov 16(%esp), %esi
    mov 20(%esp), %ecx
    shr $2, %ecx
    rep movsl
    pop %edi
    pop %esi
    ret

    .data
    .balign 4
call_kernel:
    .long by_interrupt

    .section .note.GNU-stack, "", %progbits
