/* SPDX-License-Identifier: MIT */
/* guest.h - what the x86 guest programs share: a state to enter, what ended it, descriptors. */
#ifndef TESTS_GUEST_X86_GUEST_H
#define TESTS_GUEST_X86_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offsets.h"

enum {
    CF = 1,
    ZF = 0x40,
    TF = 0x100,
    IF = 0x200,
    IOPL1 = 0x1000,
    IOPL3 = 0x3000,
    NT = 0x4000,
    RF = 0x10000,
    VM = 0x20000,
    AC = 0x40000,
};

/* Selectors beside those of the four privilege levels, and what set_up() makes of them. */
enum {
    CODE3 = CODE0 + 48 + 3,
    DATA3 = DATA0 + 48 + 3,
    TSS_MAIN = 0x48,
    TSS_OTHER = 0x50, /* free for a program, as all below are */
    TSS_16 = 0x58,
    LDT = 0x60,
    SPARE = 0x68, /* the first of many */
    GDT_ENTRIES = 64,
    LOW = 0x8000, /* where run_low() puts code: segment 0x800 */
    LOW_STACK = 0x9000,
    TEST_STACK = 4096, /* bytes */
};

/* Descriptor bytes 5 and 6, as (6 << 8 | 5): G, D/B, then P, DPL, S, type. */
enum {
    D_CODE = 0xc09a,
    D_DATA = 0xc092,
    D_TSS32 = 0x0089,
    D_TSS16 = 0x0081,
    D_LDT = 0x0082,
    D_DPL1 = 0x20,
    D_DPL3 = 0x60,
};

/* 32-bit task state, Vol. 3 figure 7-2. */
typedef struct Tss {
    uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
    uint32_t r[8], es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, map;
    uint8_t bits[0x2004];
} Tss;

extern Context in, got;
extern uint64_t gdt[GDT_ENTRIES], ldt[8], idt[VECTORS];
extern Tss tss;
extern uint8_t test_stack[TEST_STACK];
extern char inner_top[], handlers[], stack_bottom[];

int main(void);
/** set_up - tables, handlers and the task as main() finds them. */
void set_up(void);
_Noreturn void power_off(void);

/** say - print; of % only %x (8 digits), %h (4 digits), %u and %s. */
void say(const char *format, ...);

/** at - the state `in` at privilege level @cpl, flat, registers 0, its stack test_stack's end. */
void at(unsigned cpl);
/** at_vm86 - the same in virtual-8086 mode with this IOPL; code is run_low()'s. */
void at_vm86(unsigned iopl);
/** run - enter `in` at @code; `got` is the state at the exception or interrupt that ended it. */
void run(const void *code);
/** run_low - the same with up to 256 bytes of @code copied to LOW, EIP 0. */
void run_low(const void *code);
/** again - go on where `got` says. */
void again(void);
/** outcome - one line: the exception and where; "done" if @code came to its end. */
void outcome(const char *what, const void *code, const void *end);
/** ended - the same text without the line's end. */
void ended(const char *what, const void *code, const void *end);

void set_descriptor(uint32_t selector, uint32_t base, uint32_t limit, uint32_t bytes);
void set_call_gate(uint32_t selector, uint32_t to, uint32_t offset, uint32_t type, uint32_t params);
void set_gate(unsigned vector, uint32_t to, uint32_t offset, uint32_t type);
void load_idt(uint32_t limit);

static inline uint32_t addr(const volatile void *p) { return (uint32_t)(uintptr_t)p; }

static inline void load_task(uint32_t selector) { __asm__ volatile("ltr %w0" : : "r"(selector)); }

static inline void out8(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t v;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline void out32(uint16_t port, uint32_t v)
{
    __asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t v)
{
    __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

/* Functions NAME of assembly that end, at NAME_end, with INT3. */
#define SNIPPET(name, code) \
    __asm__(".text\n.balign 16\n.global " #name ", " #name "_end\n" #name ":\n" code "\n" #name \
            "_end: int3\n"); \
    extern char name[], name##_end[]
#define SNIPPET16(name, code) \
    __asm__(".text\n.balign 16\n.global " #name ", " #name "_end\n.code16\n" #name ":\n" code \
            "\n" #name "_end: int3\n.code32\n.space 256\n"); \
    extern char name[], name##_end[]

#endif
