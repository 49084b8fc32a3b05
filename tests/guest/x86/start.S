/* SPDX-License-Identifier: MIT */
/* start.S - an x86 guest program's first instructions, its handlers, enter(). */
#include "offsets.h"

    .section .text.start, "ax"
    .balign 4
    .long 0x1badb002, 0, -0x1badb002    # multiboot 1: an ELF file, no wishes
    .global _start
_start:
    cld
    mov $stack_top, %esp
    call set_up
    call main
    call power_off

# A handler for each vector: its error code, or 0, and its number, then to `take`.
    .text
    .altmacro
    .macro handler n
    .balign 16
    .if (\n == 8) || (\n >= 10 && \n <= 14) || (\n == 17)
    .else
    push $0
    .endif
    push $\n
    .if \n < VECTOR16
    jmp take
    .else
    ljmp $CODE0, $take
    .endif
    .endm
    .global handlers
    .balign 16
handlers:
    .set i, 0
    .rept VECTORS
    handler %i
    .set i, i + 1
    .endr

# The stack is any: only pushed to. The state goes to `got`, the rest is caught()'s.
take:
    push %ds
    push %eax
    mov $DATA0, %eax
    mov %eax, %ds
    mov %ebx, got + C_EBX
    mov %ecx, got + C_ECX
    mov %edx, got + C_EDX
    mov %esi, got + C_ESI
    mov %edi, got + C_EDI
    mov %ebp, got + C_EBP
    pushf
    pop %eax
    mov %eax, got + C_HANDLER_FLAGS
    pop %eax
    mov %eax, got + C_EAX
    pop %eax
    mov %eax, got + C_DS
    mov %es, got + C_ES
    mov %fs, got + C_FS
    mov %gs, got + C_GS
    mov %ss, got + C_SS
    mov %cs, got + C_HANDLER_CS
    mov %esp, got + C_ESP
    mov $DATA0, %eax
    mov %eax, %ss
    mov $catch_top, %esp
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    cld
    call caught
    mov home, %esp
    popf
    popal
    ret

# enter(): goes to the state `in`; back once a handler has been entered.
    .global enter
enter:
    pushal
    pushf
    cli
    mov %esp, home
    testl $0x20000, in + C_EFLAGS
    jz 1f
    pushl in + C_GS
    pushl in + C_FS
    pushl in + C_DS
    pushl in + C_ES
    jmp 2f
1:  testl $3, in + C_CS
    jnz 2f
    mov in + C_ESP, %eax
    mov in + C_SS, %ss
    mov %eax, %esp
    jmp 3f
2:  pushl in + C_SS
    pushl in + C_ESP
3:  pushl in + C_EFLAGS
    pushl in + C_CS
    pushl in + C_EIP
    mov in + C_EAX, %eax
    mov in + C_EBX, %ebx
    mov in + C_ECX, %ecx
    mov in + C_EDX, %edx
    mov in + C_ESI, %esi
    mov in + C_EDI, %edi
    mov in + C_EBP, %ebp
    testl $0x20000, in + C_EFLAGS
    jnz 4f
    mov in + C_ES, %es
    mov in + C_FS, %fs
    mov in + C_GS, %gs
    mov in + C_DS, %ds
4:  iret

    .bss
    .balign 16
    .global in, got, home, inner_top, stack_bottom
in: .space C_SIZE
got: .space C_SIZE
home: .space 4
    .balign 16
    .space 4096
inner_top:
    .space 4096
catch_top:
stack_bottom:
    .space 8192
stack_top:
