/* SPDX-License-Identifier: MIT */
/* echo.S - a guest that sends back what its serial port receives, but for some letters. */
    .syntax unified
    .arm
    .set UART, 0x09000000
    .set FR, 0x18
    .set LCR_H, 0x2c
    .set CR, 0x30

    .text
    .globl _start
_start:
    ldr r4, =UART
    mov r0, #0x10           /* FIFOs on */
    str r0, [r4, #LCR_H]
    ldr r0, =0x301          /* UARTEN, TXE, RXE */
    str r0, [r4, #CR]
    adr r5, ready
    bl text
next:
    ldr r0, [r4, #FR]
    tst r0, #0x10           /* RXFE */
    bne next
    ldr r0, [r4]
    tst r0, #0x400          /* BE: a break */
    movne r0, #'#'
    and r0, r0, #0xff
    cmp r0, #'Q'
    beq off
    cmp r0, #'R'
    beq reset
    cmp r0, #'L'
    beq long
    cmp r0, #'W'
    beq sleep
    str r0, [r4]
    b next

off:
    ldr r0, =0x84000008     /* PSCI SYSTEM_OFF */
    hvc #0
reset:
    ldr r0, =0x84000009     /* PSCI SYSTEM_RESET */
    hvc #0

sleep:
    wfi
    b sleep

/* 10000 numbered lines, then off. */
long:
    mov r6, #0
line:
    mov r7, r6
    mov r8, #10000
    mov r9, #10
digit:
    udiv r0, r7, r8
    mls r7, r0, r8, r7
    add r0, r0, #'0'
    str r0, [r4]
    udiv r8, r8, r9
    cmp r8, #0
    bne digit
    mov r0, #'\n'
    str r0, [r4]
    add r6, r6, #1
    ldr r0, =10000
    cmp r6, r0
    bne line
    b off

text:
    ldrb r0, [r5], #1
    cmp r0, #0
    bxeq lr
    str r0, [r4]
    b text

ready:
    .asciz "READY\n"
    .balign 4
    .ltorg
    .space 64
