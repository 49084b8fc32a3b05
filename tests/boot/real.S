/* SPDX-License-Identifier: MIT */
/* real.S - a ROM that tries what firmware does in real mode; the status is the first bad check. */
/*
 * Ends by isa-debug-exit with the number of the check that failed, or 0x2a if all are good.
 * Spec: Intel SDM 3B chapter 20 (real mode), 3A 9.9 (switching), 2A and 2B for the instructions.
 */
    .set EXIT_PORT, 0x501
    .set GOOD, 0x2a
    .set STACK, 0x7c00
    .set DATA, 0x1000               /* segment 0 */
    .set CHECK, 0x900               /* number of the check under way */
    .set SEEN, 0x902                /* what the last handler left */
    .set SEEN_IP, 0x904

    .code16
    .text
    .globl _start
_start:

    /* A check begins with its number, ends with one condition that must hold. */
    .macro check n
    movw $\n, %ss:CHECK
    .endm
    .macro want cc
    j\cc 9f
    jmp bad
9:
    .endm
    .macro vector n, handler
    movw $\handler, %ss:(4 * \n)
    movw %cs, %ss:(4 * \n + 2)
    .endm

start:
    cli
    cld
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $STACK, %esp

    check 1                         /* 3A 9.1.1: CR0 after reset; the far jump has come here */
    mov %cr0, %eax
    cmp $0x60000010, %eax
    want e
    mov %cs, %ax
    cmp $0xf000, %ax
    want e

    check 2                         /* INT n and IRET: 16-bit frame, IF and TF cleared in it */
    vector 0x40, on_int
    sti
    std
    int $0x40
after_int:
    cmpw $after_int, SEEN_IP
    want e
    testw $0x200, SEEN              /* the handler's flags */
    want z
    pushf
    pop %ax
    and $0x600, %ax
    cmp $0x600, %ax                 /* IF and DF are back */
    want e
    cli
    cld

    check 3                         /* faults push the instruction's own address; IVT, 20.1.4 */
    vector 6, on_fault
    movw $1f, SEEN
0:  ud2
1:  cmpw $0b, SEEN_IP
    want e
    vector 0, on_fault
    movw $1f, SEEN
    xor %cx, %cx
0:  div %cx
1:  cmpw $0b, SEEN_IP
    want e

    .ifndef QEMU                    /* it checks no limits */
    check 4                         /* 20.1: a word at offset 0xffff is beyond the limit: 13 */
    vector 13, on_fault
    movw $0, SEEN_IP
    movw $1f, SEEN
    mov $0xffff, %bx
0:  mov (%bx), %ax
1:  cmpw $0b, SEEN_IP
    want e

    .endif

    check 5                         /* far calls and returns, of both operand sizes */
    mov %sp, %bp
    push $1
    push $2
    lcall $0xf000, $far_16          /* takes four bytes away */
    cmp %sp, %bp
    want e
    cmp $0x1616, %ax
    want e
    lcalll $0xf000, $far_32
    cmp %sp, %bp
    want e
    cmp $0x3232, %ax
    want e

    check 6                         /* LGDT of a 16-bit operand: 24 bits of base */
    lgdtw %cs:odd_gdt
    sgdtl DATA
    cmpw $0x1234, DATA
    want e
    cmpl $0x00563412, DATA + 2
    want e

    check 7                         /* LIDT moves the table in real mode, too */
    movw $on_moved, 0x2000 + 4 * 0x41
    movw %cs, 0x2000 + 4 * 0x41 + 2
    lidtw %cs:moved_idt
    movw $0, SEEN
    int $0x41
    lidtw %cs:low_idt
    cmpw $0x4141, SEEN
    want e

    check 8                         /* string instructions wrap at 64 KiB by SI and DI */
    mov $0x1000, %ax
    mov %ax, %es
    movb $0x11, %es:0xfffe
    movb $0x22, %es:0xffff
    movb $0x33, %es:0x0000
    movb $0x44, %es:0x0001
    push %ds
    mov %ax, %ds
    mov $0xfffe, %si
    mov $0x8000, %di
    mov $4, %cx
    rep movsb
    cmp $2, %si
    want e
    pop %ds
    cmpl $0x44332211, %es:0x8000
    want e
    test %cx, %cx
    want z

    check 9                         /* the same by an address size of 32 bits */
    xor %esi, %esi
    mov $0x8000, %si
    mov $0x9000, %edi
    mov $1, %ecx
    addr32 rep movsl %es:(%esi), %es:(%edi)
    cmpl $0x44332211, %es:0x9000
    want e
    mov $5, %cx
    mov $0x8000, %di
    mov $0x44, %al
    repne scasb
    cmp $0x8004, %di
    want e
    xor %ax, %ax
    mov %ax, %es

    check 10                        /* OUTS with REP: the last byte is there */
    movl $0x77665544, DATA
    mov $DATA, %si
    mov $4, %cx
    mov $0x81, %dx                  /* a page register of DMA */
    rep outsb
    in $0x81, %al
    cmp $0x77, %al
    want e

    check 11                        /* 20.1: no A20, no 21st bit */
    movb $0x5a, 0x500
    mov $0xffff, %ax
    mov %ax, %es
    mov $0xd1, %al                  /* the keyboard controller's half of the gate */
    out %al, $0x64
    mov $0xdd, %al
    out %al, $0x60
    in $0x92, %al
    and $0xfc, %al
    out %al, $0x92
    movb $0xa5, %es:0x510
    cmpb $0xa5, 0x500
    want e
    in $0x92, %al
    and $0xfe, %al
    or $2, %al
    out %al, $0x92
    movb $0x77, %es:0x510
    cmpb $0xa5, 0x500
    want e
    xor %ax, %ax
    mov %ax, %es

    check 12                        /* 9.9.1, 9.9.2: into protected mode and back, FS stays large */
    lgdtl %cs:flat_gdt
    mov %cr0, %eax
    or $1, %al
    mov %eax, %cr0
    ljmpl $0x08, $0xf0000 + in_32
back_16:
    mov $0x20, %ax
    mov %ax, %ds
    mov %ax, %ss
    mov %ax, %es
    mov %cr0, %eax
    and $0xfe, %al
    mov %eax, %cr0
    ljmp $0xf000, $in_real
in_real:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    cmp $0x32323232, %ecx
    want e
    check 13                        /* the limit that FS got is still there, with base 0 */
    mov $0x200000, %ebx
    movl $0xcafef00d, %fs:(%ebx)
    addr32 cmpl $0xcafef00d, %fs:(%ebx)
    want e
    .ifndef QEMU
    check 14                        /* and through other code of that address, by its own limit */
    movw $0, SEEN_IP
    movw $1f, SEEN
0:  addr32 mov (%ebx), %al
1:  cmpw $0b, SEEN_IP
    want e

    .endif

    check 15                        /* PUSHA, POPA, ENTER, LEAVE, PUSH SP */
    mov %sp, %bp
    pusha
    popa
    cmp %sp, %bp
    want e
    push %sp
    pop %ax
    cmp %ax, %bp
    want e
    enter $8, $0
    mov %sp, %ax
    add $10, %ax
    leave
    cmp %ax, %sp
    want e

    check 16                        /* SMSW, LMSW: it sets PE, and does not clear it */
    smsw %ax
    test $1, %al
    want z
    lgdtl %cs:flat_gdt
    or $1, %al
    lmsw %ax
    and $0xfe, %al
    lmsw %ax
    smsw %ax
    test $1, %al
    want nz
    mov %cr0, %eax
    and $0xfe, %al
    mov %eax, %cr0
    ljmp $0xf000, $1f
1:
    check 17                        /* LOOP counts CX or ECX as the address size says */
    mov $0x10002, %ecx
    xor %dx, %dx
1:  inc %dx
    loop 1b
    cmp $2, %dx
    want e
    cmp $0x10000, %ecx
    want e
    mov $GOOD, %al
    jmp end

bad:
    mov %ss:CHECK, %al
end:
    mov $EXIT_PORT, %dx
    out %al, %dx
1:  hlt
    jmp 1b

/* ---- handlers: the frame is IP, CS, FLAGS ---- */

on_int:
    push %bp
    mov %sp, %bp
    push %ax
    mov 2(%bp), %ax
    mov %ax, %ss:SEEN_IP
    pushf
    pop %ax
    mov %ax, %ss:SEEN
    pop %ax
    pop %bp
    iret

/* Goes on at the address in SEEN. */
on_fault:
    push %bp
    mov %sp, %bp
    push %ax
    mov 2(%bp), %ax
    mov %ax, %ss:SEEN_IP
    mov %ss:SEEN, %ax
    mov %ax, 2(%bp)
    pop %ax
    pop %bp
    iret

on_moved:
    movw $0x4141, %ss:SEEN
    iret

far_16:
    mov $0x1616, %ax
    lret $4
far_32:
    mov $0x3232, %ax
    lretl

    .code32
in_32:
    mov $0x10, %eax
    mov %eax, %fs
    mov %eax, %ds
    mov $0x32323232, %ecx
    ljmp $0x18, $back_16
    .code16

odd_gdt:
    .word 0x1234
    .long 0xab563412
moved_idt:
    .word 0x3ff
    .long 0x2000
low_idt:
    .word 0x3ff
    .long 0
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff        /* 0x08: code, 32 bits, flat */
    .quad 0x00cf93000000ffff        /* 0x10: data, flat */
    .quad 0x00009b0f0000ffff        /* 0x18: code, 16 bits, at 0xf0000 */
    .quad 0x000093000000ffff        /* 0x20: data, 64 KiB at 0 */
flat_gdt:
    .word . - gdt - 1
    .long 0xf0000 + gdt

    .org 0xfff0
    ljmp $0xf000, $start
    .org 0x10000
