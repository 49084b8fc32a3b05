/* SPDX-License-Identifier: MIT */
/* start.S - entry, system call and block copy of the benchmark programs, for ARM Linux (EABI). */
    .syntax unified
    .arm
    .text

/* The kernel leaves argc at [sp], argv above it. */
    .global _start
    .type _start, %function
_start:
    ldr r0, [sp]
    add r1, sp, #4
    bic sp, sp, #7
    bl bench_main
    mov r7, #1
    svc #0

/* long bench_call(long number, long a, long b, long c, long d, long e, long f) */
    .global bench_call
    .type bench_call, %function
bench_call:
    push {r4, r5, r7, lr}
    mov r7, r0
    mov r0, r1
    mov r1, r2
    mov r2, r3
    ldr r3, [sp, #16]
    ldr r4, [sp, #20]
    ldr r5, [sp, #24]
    svc #0
    pop {r4, r5, r7, pc}

/* void bench_copy(void *to, const void *from, size_t bytes): word aligned, a multiple of 32. */
    .global bench_copy
    .type bench_copy, %function
bench_copy:
    push {r4-r10, lr}
1:  ldmia r1!, {r3-r10}
    stmia r0!, {r3-r10}
    subs r2, r2, #32
    bne 1b
    pop {r4-r10, pc}

    .section .note.GNU-stack, "", %progbits
