/* SPDX-License-Identifier: MIT */
/* offsets.h - what assembly and C agree on: where a Context's members lie, selectors. */
#ifndef TESTS_GUEST_X86_OFFSETS_H
#define TESTS_GUEST_X86_OFFSETS_H

#define C_EAX 0
#define C_ECX 4
#define C_EDX 8
#define C_EBX 12
#define C_ESP 16
#define C_EBP 20
#define C_ESI 24
#define C_EDI 28
#define C_EIP 32
#define C_EFLAGS 36
#define C_ES 40
#define C_CS 44
#define C_SS 48
#define C_DS 52
#define C_FS 56
#define C_GS 60
#define C_HANDLER_FLAGS 64
#define C_HANDLER_CS 68
#define C_SIZE 92

#define VECTORS 0x68
#define VECTOR16 0x60 /* from here on gates are 16-bit ones, to code based at `handlers` */

/* Code and data of privilege level n: CODE0 + 16 * n. */
#define CODE0 0x08
#define DATA0 0x10
#define CODE_HANDLERS 0x1f8

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Behind gs: of the handler that was entered. */
typedef struct Context {
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi, eip, eflags;
    uint32_t es, cs, ss, ds, fs, gs;
    uint32_t handler_flags, handler_cs, vector, error, cr2, outer, handler_esp;
} Context;

#endif

#endif
