/* SPDX-License-Identifier: MIT */
/* start.S - entry, system call and block copy of the benchmark programs, for MIPS Linux (O32). */
    .set noreorder
    .set noat
    .text

/* The kernel leaves argc at [sp], argv above it. */
    .global __start
    .type __start, @function
__start:
    lw $a0, 0($sp)
    addiu $a1, $sp, 4
    li $at, -8
    and $sp, $sp, $at
    jal bench_main
    addiu $sp, $sp, -16
    move $a0, $v0
    li $v0, 4001
    syscall

/* long bench_call(long number, long a, long b, long c, long d, long e, long f): the kernel takes
 * four arguments in registers and the rest from the stack, and says in a3 whether v0 is an error.
 * pipe returns its two ends in v0 and v1. */
    .global bench_call
    .type bench_call, @function
bench_call:
    addiu $sp, $sp, -32
    move $v0, $a0
    sw $a1, 32($sp)
    move $a0, $a1
    move $a1, $a2
    move $a2, $a3
    lw $a3, 48($sp)
    lw $t0, 52($sp)
    lw $t1, 56($sp)
    sw $t0, 16($sp)
    sw $t1, 20($sp)
    move $t2, $v0
    sw $t2, 24($sp)
    syscall
    bnez $a3, 2f
    lw $t2, 24($sp)
    li $t1, 4042
    bne $t2, $t1, 1f
    lw $t0, 32($sp)
    sw $v0, 0($t0)
    sw $v1, 4($t0)
    move $v0, $zero
1:  jr $ra
    addiu $sp, $sp, 32
2:  subu $v0, $zero, $v0
    jr $ra
    addiu $sp, $sp, 32

/* void bench_copy(void *to, const void *from, size_t bytes): word aligned, a multiple of 32. */
    .global bench_copy
    .type bench_copy, @function
bench_copy:
1:  lw $t0, 0($a1)
    lw $t1, 4($a1)
    lw $t2, 8($a1)
    lw $t3, 12($a1)
    lw $t4, 16($a1)
    lw $t5, 20($a1)
    lw $t6, 24($a1)
    lw $t7, 28($a1)
    sw $t0, 0($a0)
    sw $t1, 4($a0)
    sw $t2, 8($a0)
    sw $t3, 12($a0)
    sw $t4, 16($a0)
    sw $t5, 20($a0)
    sw $t6, 24($a0)
    sw $t7, 28($a0)
    addiu $a2, $a2, -32
    addiu $a1, $a1, 32
    bnez $a2, 1b
    addiu $a0, $a0, 32
    jr $ra
    nop
