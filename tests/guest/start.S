/* SPDX-License-Identifier: MIT */
/* start.S - a guest program's first instructions, its vectors and attempt(). */
    .syntax unified
    .arm
    .arch_extension virt
    .arch_extension sec

    .macro stack mode, top
    cps #\mode
    ldr sp, =\top
    .endm

    .section .text.start, "ax"
    .global _start
_start:
    cpsid aif
    stack 0x11, stack_fiq
    stack 0x12, stack_irq
    stack 0x17, stack_abt
    stack 0x1b, stack_und
    stack 0x1f, stack_usr
    stack 0x13, stack_svc
    ldr r0, =vectors
    mcr p15, 0, r0, c12, c0, 0
    isb
    bl main
    .global power_off
power_off:
    ldr r0, =0x84000008     @ PSCI SYSTEM_OFF
    hvc #0
    b .

    .balign 32
    .global vectors
vectors:
    b .
    b take_und
    b take_svc
    b take_pabt
    b take_dabt
    b .
    b take_irq
    b take_fiq

    .macro take name, kind
take_\name:
    push {r0-r12, lr}
    mov r1, #\kind
    b take
    .endm
    take und, 1
    take svc, 2
    take pabt, 3
    take dabt, 4
    take irq, 6
    take fiq, 7

@ Fills in `trap`; then the hook says where to go on, or without one attempt() returns.
take:
    ldr r3, =trap
    mrs r2, spsr
    stm r3!, {r1, r2, lr}
    mrc p15, 0, r4, c5, c0, 0
    mrc p15, 0, r5, c6, c0, 0
    mrc p15, 0, r6, c5, c0, 1
    mrc p15, 0, r7, c6, c0, 2
    mrs r8, cpsr
    stm r3!, {r4-r8}
    ldm sp, {r0, r1, r2, r4, r5, r6, r7, r8, r9, r10, r11, r12}
    stm r3!, {r0, r1, r2, r4, r5, r6, r7, r8, r9, r10, r11, r12}
    ldr r0, [sp, #48]
    str r0, [r3]
    ldr r4, =trap_hook
    ldr r4, [r4]
    cmp r4, #0
    beq leave
    blx r4
    str r0, [sp, #52]
    pop {r0-r12, lr}
    movs pc, lr
leave:
    add sp, sp, #56
    cps #0x13
    ldr r0, =jump
    ldm r0, {r4-r11, sp, lr}
    mov r0, #1
    bx lr

@ attempt(f, a, b, c): call f(a, b, c) with NZCVQ clear; 0 if it returned, 1 if it trapped.
    .text
    .global attempt
attempt:
    ldr r12, =jump
    stm r12, {r4-r11, sp, lr}
    push {r4-r12, lr}
    mov r12, r0
    mov r4, #0
    ldr r5, =trap
    str r4, [r5]
    msr cpsr_f, r4
    mov r0, r1
    mov r1, r2
    mov r2, r3
    blx r12
    mov r0, #0
    pop {r4-r12, pc}

@ Where a trap outside of attempt() ends.
stray:
    ldr sp, =stack_svc
    ldr r0, =stray_text
    mov r1, #0
    bl report
    b power_off

    .section .rodata
stray_text: .asciz "stray"
    .data
    .balign 8
jump:
    .space 36
    .word stray
    .bss
    .balign 8
    .global trap, trap_hook, stack_fiq, stack_irq, stack_usr
trap: .space 84
trap_hook: .space 4
    .balign 8
    .space 1024
stack_fiq: .space 1024
stack_irq: .space 1024
stack_abt: .space 1024
stack_und: .space 1024
stack_usr: .space 4096
stack_svc:
