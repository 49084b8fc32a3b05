/* SPDX-License-Identifier: MIT */
/* walk_priv.h - entries of page tables: SDM Vol. 3 tables 4-4 to 4-11. */
#ifndef FRONTEND_X86_WALK_PRIV_H
#define FRONTEND_X86_WALK_PRIV_H

#include "frontend/x86/x86_priv.h"

enum {
    PTE_P = 1 << 0,
    PTE_W = 1 << 1,
    PTE_U = 1 << 2,
    PTE_PWT = 1 << 3,
    PTE_PCD = 1 << 4,
    PTE_A = 1 << 5,
    PTE_D = 1 << 6,
    PTE_PS = 1 << 7,
    PTE_G = 1 << 8,
};
#define PTE_NX ((uint64_t)1 << 63)

static inline bool x86_is_pae(const X86Cpu *cpu) { return (cpu->cr4 & CR4_PAE) != 0; }

static inline Gpa x86_a20_masked(const X86Cpu *cpu, Gpa pa) { return pa & ~(Gpa)(~cpu->a20_mask); }

/* The 4 MiB page of a page-directory entry; with PSE-36 its bits 20:13 are address bits 39:32. */
static inline Gpa x86_big_page(uint32_t pde)
{
    return (pde & 0xffc00000) | (Gpa)(pde >> 13 & 0xff) << 32;
}

#endif
