/* SPDX-License-Identifier: MIT */
/* guest.h - what the MIPS guest programs share: traps and text. */
#ifndef TESTS_GUEST_MIPS_GUEST_H
#define TESTS_GUEST_MIPS_GUEST_H

#include <stdint.h>

/* The last exception. */
typedef struct Trap {
    uint32_t cause, epc, badvaddr, status, taken;
} Trap;

extern volatile Trap trap;

/* Calls @f(a, b): 0 if it returned, 1 if it trapped. */
uint32_t attempt(const void *f, uint32_t a, uint32_t b);
_Noreturn void power_off(void);
int main(void);

/** say - print; of % only %x (8 digits), %u and %s. */
void say(const char *format, ...);
/** report - print what attempt() of @f said, EPC relative to @at. */
void report(const char *what, const void *f, uint32_t a, uint32_t b, const void *at);

/* A function `name` of assembly with the label `name_at` in it. */
#define SNIPPET(name, before, insn, after) SNIPPET_IN("nomicromips", name, before, insn, after)
#define MICRO(name, before, insn, after) SNIPPET_IN("micromips", name, before, insn, after)
#define SNIPPET_IN(isa, name, before, insn, after) \
    __asm__(".text\n.set push\n.set " isa "\n.set noreorder\n.set noat\n.balign 4\n.global " #name \
            "\n" #name ":\n.insn\n" before "\n" #name "_at:\n.insn\n" insn "\n" after \
            "\n jr $ra\n nop\n.set pop\n"); \
    extern char name[], name##_at[]

#endif
