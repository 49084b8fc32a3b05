/* SPDX-License-Identifier: MIT */
/* boot.S - option ROM that starts the kernel which fw_cfg holds, once firmware is done. */
/*
 * Assembled once per KIND of kernel.
 * Spec: BIOS Boot Specification 1.01 (a BEV); QEMU's fw_cfg by DMA; Linux's 16-bit boot protocol;
 * Multiboot 0.6.96; Xen's PVH. All of fw_cfg's items are where machine/pc_firmware.c says.
 */
    .set LINUX, 0
    .set MULTIBOOT, 1
    .set PVH, 2

    /* 64 KiB of low memory that is this program's: what the kernel is told, and the stack. */
    .set SCRATCH, 0x70000
    .set INFO, 0x0                  /* multiboot: information; PVH: start info */
    .set MODULE, 0x80
    .set DMA, 0xc0                  /* the command: control, length, address */
    .set VALUE, 0xd0                /* eight bytes */
    .set MAP, 0x400                 /* memory map: entries of 24 bytes */
    .set MAP_MAX, 64
    .set ENTRY_BYTES, 24
    .set TRAMPOLINE, 0x2000
    .set STACK, 0xfff0

    .set DMA_PORT, 0x514
    .set DMA_READ, 0x02
    .set DMA_READ_SELECTED, 0x0a
    .set DMA_ERROR, 1

    .set KERNEL_ADDR, 0x07
    .set KERNEL_SIZE, 0x08
    .set INITRD_ADDR, 0x0a
    .set INITRD_SIZE, 0x0b
    .set KERNEL_ENTRY, 0x10
    .set KERNEL_DATA, 0x11
    .set INITRD_DATA, 0x12
    .set CMDLINE_ADDR, 0x13
    .set CMDLINE_SIZE, 0x14
    .set CMDLINE_DATA, 0x15
    .set SETUP_ADDR, 0x16
    .set SETUP_SIZE, 0x17
    .set SETUP_DATA, 0x18

    .code16
    .text
    .globl _start
_start:
    .word 0xaa55
    .byte (rom_end - _start) / 512
    /* Initialization, by a far call: there is nothing to do but say "a boot device". */
    mov $0x20, %ax
    lret

    .org 0x1a
    .word pnp - _start

    .balign 16
pnp:
    .ascii "$PnP"
    .byte 1, 2                      /* revision; 32 bytes */
    .word 0                         /* no other header */
    .byte 0
    .byte 0                         /* its checksum: machine/pc_firmware.c */
    .long 0
    .word maker - _start, product - _start
    .byte 0x02, 0x80, 0x00          /* class: other */
    .byte 0x04                      /* an initial program load device */
    .word 0, 0                      /* no BCV, no disconnect vector */
    .word boot - _start             /* BEV */
    .word 0, 0

maker:
    .asciz "doppel"
product:
    .asciz "kernel of -kernel"

/* ---- fw_cfg ---- */

/* Reads %ecx bytes of item %ax to physical address %edi. SCRATCH is %ss. */
read_item:
    pushal
    test %ecx, %ecx
    jz 2f
    shl $16, %eax
    or $DMA_READ_SELECTED, %eax
    bswap %eax
    bswap %ecx
    bswap %edi
    mov %eax, %ss:DMA
    mov %ecx, %ss:DMA + 4
    movl $0, %ss:DMA + 8
    mov %edi, %ss:DMA + 12
    mov $DMA_PORT, %dx
    xor %eax, %eax
    outl %eax, %dx
    mov $SCRATCH + DMA, %eax
    bswap %eax
    add $4, %dx
    outl %eax, %dx                  /* this starts it */
1:  mov %ss:DMA, %eax
    bswap %eax
    test $DMA_ERROR, %al
    jnz fail
    test %eax, %eax
    jnz 1b
2:  popal
    ret

/* %eax = the number that item %ax is. */
read_number:
    push %edi
    push %ecx
    mov $SCRATCH + VALUE, %edi
    mov $4, %ecx
    call read_item
    mov %ss:VALUE, %eax
    pop %ecx
    pop %edi
    ret

/* Reads item \data to the address that item \addr is, as many bytes as item \size is. */
    .macro load addr, size, data
    mov $\addr, %ax
    call read_number
    mov %eax, %edi
    mov $\size, %ax
    call read_number
    mov %eax, %ecx
    mov $\data, %ax
    call read_item
    .endm

/* What is to be loaded does not fit where it should: the next boot device may do better. */
fail:
    int $0x18
1:  hlt
    jmp 1b

/* ---- the boot entry vector ---- */

boot:
    cli
    cld
    mov $SCRATCH >> 4, %ax
    mov %ax, %ss
    mov $STACK, %esp
    mov %ax, %ds
    mov %ax, %es
    load KERNEL_ADDR, KERNEL_SIZE, KERNEL_DATA
    load INITRD_ADDR, INITRD_SIZE, INITRD_DATA
    load CMDLINE_ADDR, CMDLINE_SIZE, CMDLINE_DATA

    .if KIND == LINUX
/* Its 16-bit part is entered behind its first sector, with all segments at its start and a stack
 * below the command line. */
    load SETUP_ADDR, SETUP_SIZE, SETUP_DATA
    mov $CMDLINE_ADDR, %ax
    call read_number
    mov %eax, %ebx
    mov $SETUP_ADDR, %ax
    call read_number
    sub %eax, %ebx
    sub $16, %ebx
    shr $4, %eax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %fs
    mov %ax, %gs
    mov %ax, %ss
    mov %ebx, %esp
    add $0x20, %ax
    push %ax
    push $0
    xor %eax, %eax
    xor %ebx, %ebx
    xor %ecx, %ecx
    xor %edx, %edx
    xor %esi, %esi
    xor %edi, %edi
    xor %ebp, %ebp
    lret
    .else

    .if KIND == MULTIBOOT
    .set LEAD, 4                    /* an entry begins with its size without that */
    .else
    .set LEAD, 0                    /* an entry ends with four bytes of zero */
    .endif

/* ---- what the kernel is told ---- */

    xor %eax, %eax
    xor %di, %di
    mov $MAP / 4, %cx
    rep stosl                       /* all of INFO, MODULE */

    /* The memory map, by INT 15, E820: %ebp counts the entries. */
    xor %ebx, %ebx
    xor %ebp, %ebp
    mov $MAP, %di
1:  mov $0xe820, %eax
    mov $20, %ecx
    mov $0x534d4150, %edx           /* "SMAP" */
    movl $0, (%di)
    movl $0, 20(%di)
    .if KIND == MULTIBOOT
    movl $20, (%di)
    .endif
    add $LEAD, %di
    sti
    int $0x15
    cli
    jc 2f
    cmp $0x534d4150, %eax
    jne 2f
    .if KIND == MULTIBOOT
    /* mem_upper is what lies from 1 MiB on, in KiB. */
    cmpl $0x100000, (%di)
    jne 3f
    cmpl $0, 4(%di)
    jne 3f
    cmpl $1, 16(%di)
    jne 3f
    mov 8(%di), %eax
    shr $10, %eax
    mov %eax, INFO + 8
3:
    .endif
    inc %ebp
    add $ENTRY_BYTES - LEAD, %di
    cmp $MAP_MAX, %ebp
    jae 2f
    test %ebx, %ebx
    jnz 1b
2:
    mov $INITRD_ADDR, %ax
    call read_number
    mov %eax, %esi
    mov $INITRD_SIZE, %ax
    call read_number
    mov %eax, %ecx
    mov $CMDLINE_ADDR, %ax
    call read_number
    mov %eax, %edx

    .if KIND == MULTIBOOT
/* Multiboot 3.3: memory, command line, modules, memory map. */
    movl $0x45, INFO
    int $0x12
    movzwl %ax, %eax
    mov %eax, INFO + 4
    mov %edx, INFO + 16
    test %ecx, %ecx
    jz 1f
    orl $0x08, INFO
    movl $1, INFO + 20
    movl $SCRATCH + MODULE, INFO + 24
    mov %esi, MODULE
    add %ecx, %esi
    mov %esi, MODULE + 4
    mov %edx, %eax                  /* its name is behind the command line */
    shr $4, %eax
    mov %ax, %es
    mov %dx, %di
    and $15, %di
    mov %di, %bx
    xor %al, %al
    mov $0xffff, %cx
    repne scasb
    sub %bx, %di
    movzwl %di, %edi
    add %edx, %edi
    mov %edi, MODULE + 8
1:  imul $ENTRY_BYTES, %ebp, %ebp
    mov %ebp, INFO + 44
    movl $SCRATCH + MAP, INFO + 48
    .else
/* Xen, hvm/start_info.h: magic, version 1, modules, command line, RSDP, memory map. */
    movl $0x336ec578, INFO
    movl $1, INFO + 4
    test %ecx, %ecx
    jz 1f
    movl $1, INFO + 12
    movl $SCRATCH + MODULE, INFO + 16
    mov %esi, MODULE
    mov %ecx, MODULE + 8
1:  mov %edx, INFO + 24
    movl $SCRATCH + MAP, INFO + 40
    mov %ebp, INFO + 48
    /* ACPI 5.2.5.1: the RSDP is on a paragraph of the BIOS area. */
    mov $0xe000, %ax
2:  mov %ax, %es
    cmpl $0x20445352, %es:0         /* "RSD " */
    jne 3f
    cmpl $0x20525450, %es:4         /* "PTR " */
    je 4f
3:  inc %ax
    jnz 2b
4:  movzwl %ax, %eax
    shl $4, %eax
    mov %eax, INFO + 32             /* 0: there is none */
    .endif

/* ---- into protected mode ---- */

    /* The last steps are made in memory that stays where it is. */
    mov $KERNEL_ENTRY, %ax
    call read_number
    mov %eax, %ebp
    mov $SCRATCH >> 4, %ax
    mov %ax, %es
    push %cs
    pop %ds
    mov $trampoline - _start, %si
    mov $TRAMPOLINE, %di
    mov $trampoline_end - trampoline, %cx
    rep movsb
    mov %ax, %ds
    lgdtl TRAMPOLINE + gdt_pointer - trampoline
    mov %cr0, %eax
    or $1, %al
    mov %eax, %cr0
    ljmpl $0x08, $SCRATCH + TRAMPOLINE

    .balign 16
trampoline:
    .code32
    mov $0x10, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    mov %eax, %ss
    mov $SCRATCH + STACK, %esp

    /* What belongs below 640 KiB overwrites firmware's memory: it is loaded now. SETUP_DATA is a list
     * of pieces: address, length, bytes; a length of zero ends it. %ebx is the DMA's control. */
    mov $SETUP_DATA << 16 | DMA_READ_SELECTED, %ebx
1:  mov $SCRATCH + VALUE, %edi
    mov $8, %ecx
    call read_next
    mov SCRATCH + VALUE, %edi
    mov SCRATCH + VALUE + 4, %ecx
    jecxz 2f
    call read_next
    jmp 1b
2:
    .if KIND == MULTIBOOT
    mov $0x2badb002, %eax
    .else
    mov $0x18, %eax
    ltr %ax
    xor %eax, %eax
    .endif
    mov $SCRATCH + INFO, %ebx
    jmp *%ebp

/* The next %ecx bytes of the item to %edi. */
read_next:
    bswap %ebx
    mov %ebx, SCRATCH + DMA
    mov %ecx, %eax
    bswap %eax
    mov %eax, SCRATCH + DMA + 4
    movl $0, SCRATCH + DMA + 8
    mov %edi, %eax
    bswap %eax
    mov %eax, SCRATCH + DMA + 12
    mov $DMA_PORT, %edx
    xor %eax, %eax
    outl %eax, %dx
    mov $SCRATCH + DMA, %eax
    bswap %eax
    add $4, %edx
    outl %eax, %dx
1:  mov SCRATCH + DMA, %eax
    bswap %eax
    test $DMA_ERROR, %al
    jnz 2f
    test %eax, %eax
    jnz 1b
    mov $DMA_READ, %ebx
    ret
2:  hlt                             /* 640 KiB are memory: this is not reached */
    jmp 2b
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff        /* code, 4 GiB */
    .quad 0x00cf93000000ffff        /* data */
    .quad 0x0000890000000067        /* PVH: a task register that says little */
gdt_pointer:
    .word . - gdt - 1
    .long SCRATCH + TRAMPOLINE + gdt - trampoline
trampoline_end:
    .code16
    .endif

    .byte 0                         /* at the end, the ROM's checksum: machine/pc_firmware.c */
    .balign 512, 0
rom_end:
