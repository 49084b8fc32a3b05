/* SPDX-License-Identifier: MIT */
/* start.S - a MIPS guest program's first instructions, its vectors and attempt(). */
    .set noreorder
    .set noat

    .section .text.start, "ax"
    .global _start
_start:
    la $sp, stack_top
    la $t0, vectors
    mtc0 $t0, $15, 1        # EBase needs BEV set, as reset leaves it
    li $t0, 0x10000000      # CU0; kernel mode, vectors at EBase
    mtc0 $t0, $12
    ehb
    jal main
    addiu $sp, $sp, -16
    jal power_off
    nop
1:  b 1b
    nop

# The TLB refill vector and the general one: the state into `trap`, and back to attempt().
    .balign 4096
vectors:
    b take
    nop
    .org vectors + 0x180
    .global take
take:
    la $k1, trap
    mfc0 $k0, $13
    sw $k0, 0($k1)
    mfc0 $k0, $14
    sw $k0, 4($k1)
    mfc0 $k0, $8
    sw $k0, 8($k1)
    mfc0 $k0, $12
    sw $k0, 12($k1)
    li $k0, 1
    sw $k0, 16($k1)
    la $k0, jump
    lw $sp, 0($k0)
    lw $ra, 4($k0)
    lw $s0, 8($k0)
    lw $s1, 12($k0)
    lw $s2, 16($k0)
    lw $s3, 20($k0)
    lw $s4, 24($k0)
    lw $s5, 28($k0)
    lw $s6, 32($k0)
    lw $s7, 36($k0)
    lw $fp, 40($k0)
    la $k1, trapped
    mtc0 $k1, $14
    ehb
    eret
trapped:
    jr $ra
    li $v0, 1

# attempt(f, a, b): call f(a, b); 0 if it returned, 1 if it trapped.
    .text
    .global attempt
attempt:
    la $t0, jump
    sw $sp, 0($t0)
    sw $ra, 4($t0)
    sw $s0, 8($t0)
    sw $s1, 12($t0)
    sw $s2, 16($t0)
    sw $s3, 20($t0)
    sw $s4, 24($t0)
    sw $s5, 28($t0)
    sw $s6, 32($t0)
    sw $s7, 36($t0)
    sw $fp, 40($t0)
    la $t0, trap
    sw $zero, 16($t0)
    addiu $sp, $sp, -24
    sw $ra, 20($sp)
    move $t9, $a0
    move $a0, $a1
    jalr $t9
    move $a1, $a2
    lw $ra, 20($sp)
    addiu $sp, $sp, 24
    jr $ra
    move $v0, $zero

    .bss
    .balign 8
    .global trap
trap: .space 24
jump: .space 48
    .space 4096
stack_top:
    .space 32
