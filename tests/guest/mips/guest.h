/* SPDX-License-Identifier: MIT */
/* guest.h - what the MIPS guest programs share: traps and text. */
#ifndef TESTS_GUEST_MIPS_GUEST_H
#define TESTS_GUEST_MIPS_GUEST_H

#include <stdint.h>

/* The last exception: registers, and the offset of the vector. */
typedef struct Trap {
    uint32_t cause, epc, badvaddr, status, taken, vector, v0;
} Trap;

extern volatile Trap trap;

/* Calls @f(a, b): 0 if it returned, 1 if it trapped. */
uint32_t attempt(const void *f, uint32_t a, uint32_t b);
/* The same in User Mode, until it traps; map_user() must have been called. */
uint32_t attempt_user(const void *f, uint32_t a, uint32_t b);
/* The program at the same physical addresses in kuseg: entry 0 of the TLB. */
void map_user(void);
/* Every entry is one of kseg0, which is not looked up. */
void clear_tlb(void);
_Noreturn void power_off(void);
int main(void);

/** say - print; of % only %x (8 digits), %u and %s. */
void say(const char *format, ...);
/** report - print what attempt() of @f said, EPC relative to @at. */
void report(const char *what, const void *f, uint32_t a, uint32_t b, const void *at);

static inline uint32_t call(const void *f, uint32_t a, uint32_t b)
{
    return ((uint32_t(*)(uint32_t, uint32_t))(uintptr_t)f)(a, b);
}

/* Coprocessor 0. */
#define GET(reg, sel) \
    __extension__({ \
        uint32_t v_; \
        __asm__ volatile("mfc0 %0, $" #reg ", " #sel : "=r"(v_)); \
        v_; \
    })
#define SET(reg, sel, v) __asm__ volatile("mtc0 %0, $" #reg ", " #sel "\n ehb" ::"r"(v) : "memory")
enum { EXL = 2, ERL = 4 };

/* Entry @i of the TLB. */
static inline void set_entry(uint32_t i, uint32_t hi, uint32_t mask, uint32_t lo0, uint32_t lo1)
{
    uint32_t old = GET(10, 0);

    SET(0, 0, i);
    SET(10, 0, hi);
    SET(5, 0, mask);
    SET(2, 0, lo0);
    SET(3, 0, lo1);
    __asm__ volatile("tlbwi\n ehb" ::: "memory");
    SET(5, 0, 0);
    SET(10, 0, old);
}

/* A function `name` of assembly with the label `name_at` in it. */
#define SNIPPET(name, before, insn, after) SNIPPET_IN("nomicromips", name, before, insn, after)
#define MICRO(name, before, insn, after) SNIPPET_IN("micromips", name, before, insn, after)
#define SNIPPET_IN(isa, name, before, insn, after) \
    __asm__(".text\n.set push\n.set " isa "\n.set noreorder\n.set noat\n.balign 4\n.global " #name \
            "\n" #name ":\n.insn\n" before "\n" #name "_at:\n.insn\n" insn "\n" after \
            "\n jr $ra\n nop\n.set pop\n"); \
    extern char name[], name##_at[]

#endif
