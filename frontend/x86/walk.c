/* SPDX-License-Identifier: MIT */
/*
 * walk.c - paging: 32-bit and PAE walks, rights, accessed and dirty bits, page faults.
 * Manual: SDM Vol. 3 chapter 4.
 * Not modelled: memory types; all RAM is coherent.
 */
#include <string.h>

#include "base/bits.h"
#include "frontend/x86/walk_priv.h"

#define EFER_NXE ((uint64_t)1 << 11)

enum { REGIME_SYSTEM = VIEW_PRIVILEGED | 1, REGIME_USER = 2 };

/* The entries of one walk, and what they say together. */
typedef struct Walk {
    Gpa at[2]; /* addresses of the page-directory and page-table entry; PAE's PDPTEs have no A */
    uint64_t entry[2];
    unsigned n;
    Gva va;
    Gpa base;
    unsigned size_shift; /* of what the entry at hand translates */
    bool writable, user, nx, global;
    bool probe; /* nothing may be marked or noted */
} Walk;

static bool has_nx(const X86Cpu *cpu)
{
    return x86_is_pae(cpu) && cpu->model->nx && (cpu->msr.efer & EFER_NXE) != 0;
}

static uint64_t read_entry(const X86Cpu *cpu, Gpa pa, unsigned bytes)
{
    return phys_read(cpu->phys, x86_a20_masked(cpu, pa), bytes, NULL);
}

/* Takes one entry into account; the error code's P and RSVD bits if the walk ends here, else -1. */
static int add_entry(const X86Cpu *cpu, Walk *w, Gpa at, unsigned bytes, uint64_t reserved)
{
    Gpa pa = x86_a20_masked(cpu, at);
    uint64_t e = w->probe ? read_entry(cpu, at, bytes)
                          : mmu_table_read(cpu->mmu, pa, bytes, w->va, w->size_shift);

    w->at[w->n] = at;
    w->entry[w->n++] = e;
    if ((e & PTE_P) == 0) {
        return 0;
    }
    if ((e & reserved) != 0) {
        return PFE_P | PFE_RSVD;
    }
    w->writable &= (e & PTE_W) != 0;
    w->user &= (e & PTE_U) != 0;
    w->nx |= (e & PTE_NX) != 0;
    w->global = (e & PTE_G) != 0;
    return -1;
}

/* Figure 4-4; with PSE-36 a 4 MiB page has address bits 39:32 in bits 20:13. */
static int walk32(const X86Cpu *cpu, Gva va, Walk *w)
{
    bool pse = (cpu->cr4 & CR4_PSE) != 0;
    uint32_t pde;
    int end;

    w->size_shift = 22;
    end = add_entry(cpu, w, (cpu->cr3 & 0xfffff000) | (va >> 22) << 2, 4, 0);
    pde = (uint32_t)w->entry[0];

    if (end >= 0) {
        return end;
    }
    if (pse && (pde & PTE_PS) != 0) {
        /* 4.3: bits 21 to M - 19 are reserved, M the bits of an address, at most 40 */
        uint32_t reserved = 0x3fe000 & ~(uint32_t)bits_mask(cpu->model->physical_bits - 19);

        w->base = x86_big_page(pde);
        return (pde & reserved) != 0 ? PFE_P | PFE_RSVD : -1;
    }
    w->size_shift = 12;
    end = add_entry(cpu, w, (pde & 0xfffff000) | (va >> 12 & 0x3ff) << 2, 4, 0);
    w->base = w->entry[1] & 0xfffff000;
    return end;
}

/* Figure 4-7. */
static int walk_pae(const X86Cpu *cpu, Gva va, Walk *w)
{
    uint64_t frame = bits_mask(cpu->model->physical_bits) & ~(uint64_t)0xfff;
    uint64_t reserved = ~frame & ~(uint64_t)0xfff & (has_nx(cpu) ? ~PTE_NX : UINT64_MAX);
    uint64_t pdpte = cpu->pdpte[va >> 30];
    int end;

    if ((pdpte & PTE_P) == 0) {
        return 0;
    }
    w->size_shift = 21;
    end = add_entry(cpu, w, (pdpte & frame) | (va >> 21 & 0x1ff) << 3, 8, reserved);
    if (end >= 0) {
        return end;
    }
    if ((w->entry[0] & PTE_PS) != 0) {
        w->base = w->entry[0] & frame & ~(uint64_t)0x1fffff;
        return (w->entry[0] & 0x1fe000) != 0 ? PFE_P | PFE_RSVD : -1;
    }
    w->size_shift = 12;
    end = add_entry(cpu, w, (w->entry[0] & frame) | (va >> 12 & 0x1ff) << 3, 8, reserved);
    w->base = w->entry[1] & frame;
    return end;
}

/* 4.6. */
static unsigned rights_of(const X86Cpu *cpu, const Walk *w, bool supervisor)
{
    unsigned rights = 0;

    if (supervisor) {
        rights = RIGHT_R | (w->writable || (cpu->cr0 & CR0_WP) == 0 ? RIGHT_W : 0);
    } else if (w->user) {
        rights = RIGHT_R | (w->writable ? RIGHT_W : 0);
    }
    return rights | ((rights & RIGHT_R) != 0 && !(w->nx && has_nx(cpu)) ? RIGHT_X : 0);
}

/* 4.8: A in every entry used, D in the last one on a write. */
static void mark(const X86Cpu *cpu, Walk *w, bool write)
{
    unsigned bytes = x86_is_pae(cpu) ? 8 : 4;

    for (unsigned i = 0; i < w->n; i++) {
        uint64_t set = w->entry[i] | PTE_A | (write && i + 1 == w->n ? PTE_D : 0);

        if (set != w->entry[i]) {
            w->entry[i] = set;
            mmu_table_write(cpu->mmu, x86_a20_masked(cpu, w->at[i]), set, bytes);
        }
    }
}

static bool guest_walk(Vcpu *v, ViewKey key, Gva va, MmuAccess access, bool probe, MmuMapping *out)
{
    static const unsigned needed[] = {
        [ACCESS_READ] = RIGHT_R, [ACCESS_WRITE] = RIGHT_W, [ACCESS_FETCH] = RIGHT_X
    };
    X86Cpu *cpu = x86_cpu(v);
    bool supervisor = (key.regime & VIEW_PRIVILEGED) != 0;
    Walk w = { .va = va, .writable = true, .user = true, .probe = probe };
    unsigned rights;
    int end;

    if ((cpu->cr0 & CR0_PG) == 0) {
        *out = (MmuMapping){ .pa = x86_a20_masked(cpu, va & ~(Gpa)0xfff),
                             .rights = RIGHT_R | RIGHT_W | RIGHT_X,
                             .size_shift = 12,
                             .global = true };
        return true;
    }
    end = x86_is_pae(cpu) ? walk_pae(cpu, va, &w) : walk32(cpu, va, &w);
    rights = end < 0 ? rights_of(cpu, &w, supervisor) : 0;
    if ((rights & needed[access]) == 0) {
        if (!probe) {
            uint32_t error = end < 0 ? PFE_P : (uint32_t)end;

            error |= access == ACCESS_WRITE ? PFE_W : 0;
            error |= supervisor ? 0 : PFE_U;
            error |= access == ACCESS_FETCH && has_nx(cpu) ? PFE_I : 0;
            if (access == ACCESS_FETCH) {
                x86_fault_fetch(cpu, va, error);
            } else {
                x86_fault_pf(cpu, va, error);
            }
        }
        return false;
    }
    if (!probe) {
        mark(cpu, &w, access == ACCESS_WRITE);
    }
    if ((w.entry[w.n - 1] & PTE_D) == 0) {
        rights &= ~(unsigned)RIGHT_W; /* the first write walks again, and sets it */
    }
    if (probe && access == ACCESS_WRITE) {
        rights |= RIGHT_W;
    }
    *out = (MmuMapping){
        .pa = x86_a20_masked(cpu, w.base | (va & bits_mask(w.size_shift) & ~(Gpa)0xfff)),
        .rights = (uint8_t)rights,
        .size_shift = (uint8_t)w.size_shift,
        .global = w.global && (cpu->cr4 & CR4_PGE) != 0,
    };
    return true;
}

bool x86_load_pdptes(X86Cpu *cpu, uint32_t cr3)
{
    const uint64_t reserved = 0x1e6 | ~bits_mask(cpu->model->physical_bits); /* 4.4.1 */
    uint64_t e[4];

    for (unsigned i = 0; i < 4; i++) {
        e[i] = read_entry(cpu, (cr3 & 0xffffffe0) + 8 * i, 8);
        if ((e[i] & PTE_P) != 0 && (e[i] & reserved) != 0) {
            return x86_fault(cpu, X86_GP, 0);
        }
    }
    memcpy(cpu->pdpte, e, sizeof(e));
    return true;
}

/* ---- views ---- */

/* What changes the meaning of an entry, in one number. What the TLB is emptied for anyway is in it
 * too, so that a view never outlives its meaning. */
static uint64_t control_word(const X86Cpu *cpu)
{
    if ((cpu->cr0 & CR0_PG) == 0) {
        return 0;
    }
    return (cpu->cr0 & (CR0_PG | CR0_WP))
           | (uint64_t)(cpu->cr4 & (CR4_PSE | CR4_PAE | CR4_PGE)) << 32
           | (has_nx(cpu) ? (uint64_t)1 << 63 : 0);
}

static bool is_space(const X86Cpu *cpu, uint32_t i, const uint64_t *want)
{
    const uint64_t *have = cpu->space + i * X86_SPACE_WORDS;
    uint64_t differ = 0;

    for (unsigned k = 0; k < X86_SPACE_WORDS; k++) {
        differ |= have[k] ^ want[k];
    }
    return differ == 0;
}

/* The number of what CR3 and the PDPTEs say, from 1 up. */
static uint16_t space_id(X86Cpu *cpu)
{
    uint64_t want[X86_SPACE_WORDS] = { 0 };
    uint32_t i = cpu->space_now;

    if (x86_is_pae(cpu)) {
        want[0] = 1; /* no base of a page directory is odd */
        memcpy(want + 1, cpu->pdpte, sizeof(cpu->pdpte));
    } else {
        want[0] = (cpu->cr3 & 0xfffff000) | 2;
    }
    if (is_space(cpu, i, want)) {
        return (uint16_t)(i + 1);
    }
    for (i = 0; i < X86_SPACES && !is_space(cpu, i, want); i++) {
    }
    if (i == X86_SPACES) {
        i = cpu->next_space;
        cpu->next_space = (i + 1) % X86_SPACES;
        mmu_flush_vmid(cpu->mmu, (uint16_t)(i + 1));
        memcpy(cpu->space + i * X86_SPACE_WORDS, want, sizeof(want));
    }
    cpu->space_now = i;
    return (uint16_t)(i + 1);
}

static uint32_t control_id(X86Cpu *cpu)
{
    uint64_t word = control_word(cpu);
    uint32_t i = 0;

    while (i < cpu->n_controls && cpu->control[i] != word) {
        i++;
    }
    if (i == X86_CONTROLS) {
        mmu_flush_all(cpu->mmu);
        i = cpu->n_controls = 0;
        memset(cpu->control, 0, sizeof(cpu->control));
    }
    if (i == cpu->n_controls) {
        cpu->n_controls++;
        cpu->control[i] = word;
    }
    return i;
}

void x86_view_keys(X86Cpu *cpu, ViewKey *system, ViewKey *user)
{
    uint16_t space = (cpu->cr0 & CR0_PG) != 0 ? space_id(cpu) : 0;
    uint32_t control = control_id(cpu);

    *system = view_key(REGIME_SYSTEM, 0, space, control);
    *user = view_key(REGIME_USER, 0, space, control);
}

/* ---- what else the soft-MMU asks ---- */

/* Accesses have an alignment rule where it is checked, Vol. 3 6.15 (#AC); where not, those of 16
 * bytes by SSE alone, Vol. 2 2.4. */
static void guest_misaligned(Vcpu *v, Gva va, MmuAccess access)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)va, (void)access;
    x86_fault(cpu, x86_checks_alignment(cpu) ? X86_AC : X86_GP, 0);
}

/* Nothing drives the bus: reads give ones and writes are lost; an instruction there, FF FF, is
 * undefined. */
static void guest_bus_error(Vcpu *v, Gva va, Gpa pa, MmuAccess access)
{
    (void)va, (void)pa;
    if (access == ACCESS_FETCH) {
        x86_fault(x86_cpu(v), X86_UD, 0);
    }
}

const MmuGuest x86_mmu_guest = {
    .walk = guest_walk,
    .misaligned = guest_misaligned,
    .bus_error = guest_bus_error,
    .shares_globals = true,
};
