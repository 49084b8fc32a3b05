/* SPDX-License-Identifier: MIT */
/* paging.h - page tables and control registers for the x86 guest programs. */
#ifndef TESTS_GUEST_X86_PAGING_H
#define TESTS_GUEST_X86_PAGING_H

#include "guest.h"

enum { P = 1, W = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };
enum { CR0_WP = 0x10000, CR4_PSE = 0x10, CR4_PAE = 0x20, CR4_PGE = 0x80 };

#define CR(n) \
    static inline uint32_t get_cr##n(void) \
    { \
        uint32_t v; \
        __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory"); \
        return v; \
    } \
    static inline void set_cr##n(uint32_t v) \
    { \
        __asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory"); \
    }
CR(0)
CR(2)
CR(3)
CR(4)
#undef CR

static inline void invlpg(uint32_t va) { __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory"); }

static inline void paging_on(void) { set_cr0(get_cr0() | 0x80000000); }
static inline void paging_off(void) { set_cr0(get_cr0() & 0x7fffffff); }

static inline uint32_t read32(uint32_t va) { return *(volatile uint32_t *)(uintptr_t)va; }
static inline void write32(uint32_t va, uint32_t v) { *(volatile uint32_t *)(uintptr_t)va = v; }

#endif
