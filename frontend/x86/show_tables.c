/* SPDX-License-Identifier: MIT */
/*
 * show_tables.c - what page tables map, as text: for each page, or in ranges of equal rights. The
 * forms are those of QEMU's `info tlb` and `info mem`. Tables in RAM and ROM only are looked at.
 */
#include <inttypes.h>

#include "base/bits.h"
#include "frontend/x86/walk_priv.h"

/* A page, small or big. */
typedef struct Mapped {
    Gva va;
    Gpa pa;
    unsigned size_shift;
    uint64_t entry; /* the last one */
    uint64_t both;  /* bits that are set in all entries of the walk */
} Mapped;

typedef struct Walker {
    const X86Cpu *cpu;
    void (*each)(struct Walker *w, const Mapped *page);
    GString *out;
    /* The range so far, [from, to) with rights @both; 0: there is none. */
    uint64_t from, to, both;
} Walker;

static uint64_t peek_entry(const X86Cpu *cpu, Gpa table, unsigned i)
{
    unsigned bytes = x86_is_pae(cpu) ? 8 : 4;
    uint64_t e = 0;

    /* What is not in memory is not present. */
    if (!phys_copy_out(cpu->phys, x86_a20_masked(cpu, table + i * bytes), &e, bytes, NULL)) {
        return 0;
    }
    return e;
}

static Gpa frame(const X86Cpu *cpu, uint64_t e)
{
    return e & bits_mask(x86_is_pae(cpu) ? cpu->model->physical_bits : 32) & ~(uint64_t)0xfff;
}

static void show_table(Walker *w, uint64_t pde, Gva va)
{
    unsigned n = x86_is_pae(w->cpu) ? 512 : 1024;

    for (unsigned i = 0; i < n; i++) {
        uint64_t e = peek_entry(w->cpu, frame(w->cpu, pde), i);
        const Mapped page = { va + (i << 12), x86_a20_masked(w->cpu, frame(w->cpu, e)), 12, e,
                              e & pde };

        if ((e & PTE_P) != 0) {
            w->each(w, &page);
        }
    }
}

static void show_directory(Walker *w, Gpa at, Gva va)
{
    bool pae = x86_is_pae(w->cpu), big = pae || (w->cpu->cr4 & CR4_PSE) != 0;
    unsigned shift = pae ? 21 : 22;

    for (unsigned i = 0; i < (pae ? 512u : 1024u); i++) {
        uint64_t e = peek_entry(w->cpu, at, i);
        Gpa pa = pae ? frame(w->cpu, e) & ~(Gpa)bits_mask(21) : x86_big_page((uint32_t)e);
        const Mapped page = { va + (i << shift), x86_a20_masked(w->cpu, pa), shift, e, e };

        if ((e & PTE_P) != 0 && big && (e & PTE_PS) != 0) {
            w->each(w, &page);
        } else if ((e & PTE_P) != 0) {
            show_table(w, e, va + (i << shift));
        }
    }
}

static void show_all(Walker *w)
{
    const X86Cpu *cpu = w->cpu;

    if ((cpu->cr0 & CR0_PG) == 0) {
        g_string_append(w->out, "PG disabled\n");
    } else if (!x86_is_pae(cpu)) {
        show_directory(w, cpu->cr3 & 0xfffff000, 0);
    } else {
        for (unsigned i = 0; i < 4; i++) {
            if ((cpu->pdpte[i] & PTE_P) != 0) {
                show_directory(w, frame(cpu, cpu->pdpte[i]), i << 30);
            }
        }
    }
}

/* ---- each page ---- */

static void show_page(Walker *w, const Mapped *page)
{
    static const struct {
        char letter;
        uint64_t bit;
    } bits[] = {
        { 'X', PTE_NX },  { 'G', PTE_G },   { 'P', PTE_PS }, { 'D', PTE_D }, { 'A', PTE_A },
        { 'C', PTE_PCD }, { 'T', PTE_PWT }, { 'U', PTE_U },  { 'W', PTE_W },
    };
    char text[G_N_ELEMENTS(bits) + 1] = { 0 };

    for (unsigned i = 0; i < G_N_ELEMENTS(bits); i++) {
        text[i] = '-';
        if ((page->entry & bits[i].bit) != 0) {
            text[i] = bits[i].letter;
        }
    }
    g_string_append_printf(w->out, "%016" PRIx64 ": %016" PRIx64 " %s\n", (uint64_t)page->va,
                           (uint64_t)page->pa, text);
}

void x86_show_tlb(Vcpu *v, GString *out)
{
    Walker w = { .cpu = x86_cpu(v), .each = show_page, .out = out };

    show_all(&w);
}

/* ---- ranges ---- */

static void end_range(Walker *w)
{
    if (w->both != 0) {
        g_string_append_printf(w->out, "%016" PRIx64 "-%016" PRIx64 " %016" PRIx64 " %cr%c\n",
                               w->from, w->to, w->to - w->from, (w->both & PTE_U) != 0 ? 'u' : '-',
                               (w->both & PTE_W) != 0 ? 'w' : '-');
    }
}

static void add_page(Walker *w, const Mapped *page)
{
    uint64_t both = page->both & (PTE_P | PTE_U | PTE_W);

    if (both != w->both || page->va != w->to) {
        end_range(w);
        w->from = page->va;
        w->both = both;
    }
    w->to = page->va + ((uint64_t)1 << page->size_shift);
}

void x86_show_ranges(Vcpu *v, GString *out)
{
    Walker w = { .cpu = x86_cpu(v), .each = add_page, .out = out };

    show_all(&w);
    end_range(&w);
}
