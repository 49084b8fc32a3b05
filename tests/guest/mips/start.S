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

# The TLB refill vector, the general one, and those of interrupts, 32 bytes apart: the state into `trap`,
# its first column which vector, and back to attempt() in Kernel Mode.
    .balign 4096
vectors:
    b take
    li $k0, 0
    .org vectors + 0x180
    b take
    li $k0, 0x180
    .irp at, 0x200, 0x220, 0x240, 0x260, 0x280, 0x2a0, 0x2c0, 0x2e0
    .org vectors + \at
    b take
    li $k0, \at
    .endr
    .org vectors + 0x300
    .global take
take:
    la $k1, trap
    sw $k0, 20($k1)
    sw $v0, 24($k1)
    mfc0 $k0, $13
    sw $k0, 0($k1)
    mfc0 $k0, $14
    sw $k0, 4($k1)
    mfc0 $k0, $8
    sw $k0, 8($k1)
    mfc0 $k0, $12
    sw $k0, 12($k1)
    ins $k0, $zero, 3, 2    # KSU
    ins $k0, $zero, 0, 1    # IE
    lui $k1, 0x1000
    or $k0, $k0, $k1        # CU0
    mtc0 $k0, $12
    la $k1, trap
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

# attempt_user(f, a, b): f(a, b) in User Mode, which ends with an exception; 1.
    .text
    .global attempt_user
attempt_user:
    la $t0, user_mode
    b 1f
    nop
# attempt(f, a, b): call f(a, b); 0 if it returned, 1 if it trapped.
    .global attempt
attempt:
    la $t0, kernel_mode
1:  la $t1, mode
    sw $t0, 0($t1)
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
    la $t0, mode
    lw $t0, 0($t0)
    jr $t0
    move $a1, $a2
kernel_mode:
    jalr $t9
    nop
    lw $ra, 20($sp)
    addiu $sp, $sp, 24
    jr $ra
    move $v0, $zero

# The program lies in kuseg as in kseg0: map_user() has seen to that.
user_mode:
    ext $t9, $t9, 0, 29
    ext $sp, $sp, 0, 29
    mtc0 $t9, $14
    mfc0 $t0, $12
    ori $t0, $t0, 0x12      # UM, EXL
    ins $t0, $zero, 28, 1   # CU0
    mtc0 $t0, $12
    ehb
    eret

    .bss
    .balign 8
    .global trap
trap: .space 28
mode: .space 4
jump: .space 48
    .space 4096
stack_top:
    .space 32
