/* SPDX-License-Identifier: MIT */
/* guest.h - what the guest programs share: traps, text, page tables and system registers. */
#ifndef TESTS_GUEST_GUEST_H
#define TESTS_GUEST_GUEST_H

#include <stdbool.h>
#include <stdint.h>

/* The last exception: banked state at its vector, the fault registers, r0 to r12 before it. */
typedef struct Trap {
    uint32_t kind, spsr, lr, dfsr, dfar, ifsr, ifar, cpsr, r[13];
} Trap;

enum { TRAP_NONE, TRAP_UNDEF, TRAP_SVC, TRAP_PABT, TRAP_DABT, TRAP_IRQ = 6, TRAP_FIQ };

enum { UART = 0x09000000, GICD = 0x08000000, GICC = 0x08010000 };

/* Descriptor bits, short format (ARM DDI 0406C.d B3.5): normal memory for all, device for all. */
enum { SECTION_RAM = 0x1c0e, SECTION_DEVICE = 0xc16, SECTION_NG = 0x20000 };
enum { PAGE_RAM = 0x7e, PAGE_RO = 0x27e, PAGE_PRIV = 0x5e, PAGE_XN = 1, PAGE_NG = 0x800 };

extern volatile Trap trap;
/* Called with the trap's mode and stack; returns where to go on. Without it attempt() returns 1. */
extern uint32_t (*volatile trap_hook)(void);
extern char vectors[];

uint32_t attempt(const void *f, uint32_t a, uint32_t b, uint32_t c);
_Noreturn void power_off(void);
int main(void);

/** say - print; of % only %x (8 digits), %u and %s. */
void say(const char *format, ...);
/** report - print the last trap, LR relative to @at if not NULL. */
void report(const char *what, const void *at);

/** mmu_tables - identity mapping of 64 MiB of RAM, the UART and the GIC; nothing else. */
void mmu_tables(void);
void mmu_on(void);
void map_section(uint32_t va, uint32_t descriptor);
/** map_page - write one small page's descriptor; flushes nothing. */
void map_page(uint32_t va, uint32_t descriptor);
uint32_t *mmu_l1(void);

/* The n-th page of free RAM. */
static inline uint32_t free_page(uint32_t n) { return 0x41000000 + (n << 12); }

/* A function `name` of assembly with the label `name_at` in it. */
#define SNIPPET_AS(mode, name, before, insn, after) \
    __asm__(".text\n" mode "\n.balign 4\n.global " #name "\n.type " #name ", %function\n" #name \
            ":\n" before "\n" #name "_at:\n" insn "\n" after "\nbx lr\n.ltorg\n.arm\n"); \
    extern char name[], name##_at[]
#define SNIPPET(name, before, insn, after) SNIPPET_AS(".arm", name, before, insn, after)
#define SNIPPET_T(name, before, insn, after) SNIPPET_AS(".thumb", name, before, insn, after)

#define CP15(name, op1, crn, crm, op2) \
    static inline uint32_t get_##name(void) \
    { \
        uint32_t x; \
        __asm__ volatile("mrc p15, " #op1 ", %0, " #crn ", " #crm ", " #op2 \
                         : "=r"(x) \
                         : \
                         : "memory"); \
        return x; \
    } \
    static inline void set_##name(uint32_t x) \
    { \
        __asm__ volatile("mcr p15, " #op1 ", %0, " #crn ", " #crm ", " #op2 "\n dsb\n isb" \
                         : \
                         : "r"(x) \
                         : "memory"); \
    }

CP15(sctlr, 0, c1, c0, 0)
CP15(cpacr, 0, c1, c0, 2)
CP15(ttbr0, 0, c2, c0, 0)
CP15(ttbcr, 0, c2, c0, 2)
CP15(dacr, 0, c3, c0, 0)
CP15(iciallu, 0, c7, c5, 0)
CP15(icimvau, 0, c7, c5, 1)
CP15(bpiall, 0, c7, c5, 6)
CP15(tlbiall, 0, c8, c7, 0)
CP15(tlbimva, 0, c8, c7, 1)
CP15(tlbiasid, 0, c8, c7, 2)
CP15(tlbimvaa, 0, c8, c7, 3)
CP15(vbar, 0, c12, c0, 0)
CP15(contextidr, 0, c13, c0, 1)
CP15(cntfrq, 0, c14, c0, 0)
CP15(cntv_tval, 0, c14, c3, 0)
CP15(cntv_ctl, 0, c14, c3, 1)

static inline void write32(uint32_t address, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)address = value;
}

static inline uint32_t read32(uint32_t address) { return *(volatile uint32_t *)(uintptr_t)address; }

static inline void write16(uint32_t address, uint16_t value)
{
    *(volatile uint16_t *)(uintptr_t)address = value;
}

#endif
