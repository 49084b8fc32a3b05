/* SPDX-License-Identifier: MIT */
/*
 * test_x86_tables.c - views that outlive CR3 loads, against a plain model of a TLB.
 *
 * The model keeps, for each page and space, every translation that a TLB may still hold: what the
 * tables have said since the page was last invalidated. An access must do as one of them says.
 * SDM Vol. 3 4.10. With PAE the directories follow from the PDPTEs as CR3 was loaded: 4.4.1.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "frontend/x86/x86_priv.h"
#include "tests/rig/x86_rig.h"

enum { P = 1, W = 2, U = 4, PS = 0x80, G = 0x100 };
enum {
    STEPS = 60000,
    N_SPACES = 10, /* more than there are views */
    N_TABLES = 3,
    N_PAGES = 8, /* of the virtual pages that are looked at: half in each of two regions */
    MAY_MAX = 64,
};
/* Where all of the RAM for tables and data is seen. */
#define WINDOW 0xff800000u

/* Physical pages of the rig's data: page directories, page tables, the window's table, data. */
enum { DIRS = X86_RIG_DATA, TABLES = DIRS + N_SPACES * 0x1000, WINDOW_TABLE = TABLES + 0x3000 };
enum { WINDOW_DIR = WINDOW_TABLE + 0x1000, PDPTS = WINDOW_DIR + 0x1000 }; /* of PAE */
enum { DATA = PDPTS + 0x1000, N_DATA = 6 };

/* Of the tables: bytes of an entry, what one of a directory translates. */
typedef struct Format {
    bool pae;
    unsigned entry, region_shift;
} Format;

static const Format plain = { false, 4, 22 }, with_pae = { true, 8, 21 };

/* Where a page leads; what is not allowed is a fault. */
typedef struct Says {
    uint32_t pa; /* 1: not present */
    bool writable, user, global;
} Says;

typedef struct May {
    Says says[MAY_MAX];
    unsigned n;
} May;

static X86Rig *rig;
static GRand *rand_;
static May may[N_PAGES];
static const Format *format;
static uint32_t dir;    /* of the space that is loaded */
static uint64_t reused; /* accesses that needed no walk */

static unsigned below(unsigned n) { return (unsigned)g_rand_int_range(rand_, 0, (gint32)n); }

static uint32_t region(void) { return 1u << format->region_shift; }

static Gva page_va(unsigned i)
{
    return (i / (N_PAGES / 2)) * region() + i % (N_PAGES / 2) * 0x1000;
}

static uint32_t entry_of(uint32_t table, unsigned i) { return table + i * format->entry; }

/* Where the entry of @page in page table @table is. */
static uint32_t pte_of(uint32_t table, Gva va)
{
    return entry_of(table, va >> 12 & (0x1000 / format->entry - 1));
}

static Says now(unsigned i)
{
    Gva va = page_va(i);
    uint32_t pde = x86_rig_read32(rig, entry_of(dir, va >> format->region_shift)), pte;

    if ((pde & P) == 0) {
        return (Says){ .pa = 1 };
    }
    if ((pde & PS) != 0) {
        return (Says){ (pde & -region()) | (va & (region() - 1) & 0xfffff000), (pde & W) != 0,
                       (pde & U) != 0, (pde & G) != 0 };
    }
    pte = x86_rig_read32(rig, pte_of(pde & 0xfffff000, va));
    if ((pte & P) == 0) {
        return (Says){ .pa = 1 };
    }
    return (Says){ pte & 0xfffff000, (pde & pte & W) != 0, (pde & pte & U) != 0, (pte & G) != 0 };
}

static bool same(const Says *a, const Says *b)
{
    return a->pa == b->pa && a->writable == b->writable && a->user == b->user
           && a->global == b->global;
}

static void note(unsigned i)
{
    Says s = now(i);

    for (unsigned k = 0; k < may[i].n; k++) {
        if (same(&may[i].says[k], &s)) {
            return;
        }
    }
    cr_assert(lt(u32, may[i].n, MAY_MAX));
    may[i].says[may[i].n++] = s;
}

static void note_all(void)
{
    for (unsigned i = 0; i < N_PAGES; i++) {
        note(i);
    }
}

/* What may be held of page @i goes, but for global entries if @keep. */
static void invalidate(unsigned i, bool keep)
{
    unsigned n = 0;

    for (unsigned k = 0; k < may[i].n; k++) {
        if (keep && may[i].says[k].global) {
            may[i].says[n++] = may[i].says[k];
        }
    }
    may[i].n = n;
    note(i);
}

static void load_cr3(unsigned to)
{
    uint32_t cr3 = format->pae ? PDPTS + to * 32 : DIRS + to * 0x1000;

    if (format->pae) {
        dir = x86_rig_read32(rig, cr3) & 0xfffff000;
        cr_assert(x86_load_pdptes(rig->cpu, cr3));
    } else {
        dir = cr3;
    }
    x86_set_cr3(rig->cpu, cr3);
    x86_update(rig->cpu);
    for (unsigned i = 0; i < N_PAGES; i++) {
        invalidate(i, true);
    }
}

/* WINDOW_TABLE, in all spaces. */
static void make_window(void)
{
    for (uint32_t k = 0; k < 32; k++) {
        x86_rig_write32(rig, entry_of(WINDOW_TABLE, k),
                        (X86_RIG_DATA + 0x1000 * k) | P | W | G | 0x60);
    }
    for (unsigned s = 0; s < N_SPACES && !format->pae; s++) {
        x86_rig_write32(rig, entry_of(DIRS + s * 0x1000, WINDOW >> 22),
                        WINDOW_TABLE | P | W | 0x20);
    }
    for (unsigned s = 0; s < N_SPACES && format->pae; s++) {
        x86_rig_write32(rig, PDPTS + s * 32, (DIRS + s * 0x1000) | P);
        x86_rig_write32(rig, PDPTS + s * 32 + 24, WINDOW_DIR | P);
    }
    x86_rig_write32(rig, entry_of(WINDOW_DIR, WINDOW >> 21 & 0x1ff), WINDOW_TABLE | P | W | 0x20);
}

static void set_up_as(const Format *f)
{
    format = f;
    rig = x86_rig_new(&interp_host, "qemu32");
    rand_ = g_rand_new_with_seed(11);
    memset(may, 0, sizeof(may));
    reused = 0;
    for (uint32_t pa = 0; pa < X86_RIG_LOW_BYTES; pa += 0x1000) {
        x86_rig_write32(rig, pa, pa);
    }
    make_window();
    for (uint32_t k = 0; k < N_DATA; k++) {
        x86_rig_write32(rig, DATA + 0x1000 * k, DATA + 0x1000 * k);
    }
    x86_set_cr4(rig->cpu, CR4_PSE | CR4_PGE | (f->pae ? CR4_PAE : 0));
    x86_set_cr0(rig->cpu, CR0_PE | CR0_PG | CR0_WP);
    load_cr3(0);
}

static void set_up(void) { set_up_as(&plain); }
static void set_up_pae(void) { set_up_as(&with_pae); }

static void tear_down(void)
{
    x86_rig_free(rig);
    g_rand_free(rand_);
}

TestSuite(x86_tables, .init = set_up, .fini = tear_down);
TestSuite(x86_tables_pae, .init = set_up_pae, .fini = tear_down);

static void set_cpl(unsigned cpl)
{
    x86_set_cpl(rig->cpu, cpl);
    x86_update(rig->cpu);
}

/* By a store through the window, or as a device would. */
static void write_table(uint32_t pa, uint32_t value)
{
    if (below(4) == 0) {
        x86_rig_write32(rig, pa, value);
    } else {
        set_cpl(0);
        mmu_store(&rig->cpu->v, WINDOW + (pa - X86_RIG_DATA), value, MO_32);
        cr_assert(eq(u32, rig->cpu->v.leave, LEAVE_NO));
    }
    note_all();
}

static uint32_t random_flags(void)
{
    return below(8) == 0 ? 0 : P | (below(4) ? W : 0) | (below(4) ? U : 0) | (below(2) ? 0x60 : 0);
}

/* A page table, the directory itself, a large page at 0; a page of data or of tables; with PAE also
 * another directory, for whoever loads CR3 next. */
static void change_entry(void)
{
    unsigned s = below(N_SPACES), what = below(8);
    uint32_t to;

    if (what < 2) {
        to = below(8) == 0   ? 0 | PS | (below(2) ? G : 0)
             : below(8) == 0 ? DIRS + s * 0x1000
                             : TABLES + below(N_TABLES) * 0x1000;
        write_table(entry_of(DIRS + s * 0x1000, below(2)), to | random_flags());
    } else if (what == 2 && format->pae) {
        write_table(PDPTS + s * 32, (DIRS + below(N_SPACES) * 0x1000) | P);
    } else {
        to = below(10) == 0 ? TABLES + below(N_TABLES) * 0x1000 : DATA + below(N_DATA) * 0x1000;
        write_table(entry_of(TABLES + below(N_TABLES) * 0x1000, below(N_PAGES / 2)),
                    to | random_flags() | (below(6) == 0 ? G : 0));
    }
}

static bool allows(const Says *s, bool user, bool store)
{
    return s->pa != 1 && (!user || s->user) && (!store || s->writable);
}

static bool explains(unsigned i, bool user, bool store, bool faults, uint32_t value)
{
    for (unsigned k = 0; k < may[i].n; k++) {
        const Says *s = &may[i].says[k];

        if (faults ? !allows(s, user, store)
                   : allows(s, user, store) && x86_rig_read32(rig, s->pa + 0xff8) == value) {
            return true;
        }
    }
    return false;
}

/* Word 0xff8 of a page: no entry that is used lies there. */
static void access(void)
{
    unsigned i = below(N_PAGES);
    bool user = below(2) != 0, store = below(3) == 0, faults;
    uint32_t token = g_rand_int(rand_), value = token;
    uint64_t walks = mmu_stats(rig->cpu->mmu)->walks;
    Vcpu *v = &rig->cpu->v;

    set_cpl(user ? 3 : 0);
    if (store) {
        mmu_store(v, page_va(i) + 0xff4, token, MO_32);
        faults = v->leave != LEAVE_NO;
    } else {
        value = (uint32_t)mmu_load(v, page_va(i) + 0xff8, MO_32);
        faults = v->leave != LEAVE_NO;
    }
    v->leave = LEAVE_NO;
    if (store && !faults) {
        value = (uint32_t)mmu_load(v, page_va(i) + 0xff8, MO_32);
    }
    reused += mmu_stats(rig->cpu->mmu)->walks == walks;
    cr_assert(explains(i, user, store, faults, value), "page %u user %d store %d faults %d: %x", i,
              user, store, faults, value);
    if (faults) { /* a fault leaves nothing behind: 4.10.4.1 */
        note(i);
    }
}

static void change_and_access(void)
{
    for (uint32_t pa = 0; pa < X86_RIG_LOW_BYTES; pa += 0x1000) {
        x86_rig_write32(rig, pa + 0xff8, pa + 1);
    }
    for (uint32_t pa = TABLES; pa < DATA + N_DATA * 0x1000; pa += 0x1000) {
        bool tables = pa == WINDOW_TABLE || pa == WINDOW_DIR || pa == PDPTS;

        x86_rig_write32(rig, pa + 0xff8, tables ? 0 : pa + 1);
    }
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned what = below(20), i;

        if (what < 3) {
            change_entry();
        } else if (what < 5) {
            load_cr3(below(below(4) ? 3 : N_SPACES));
        } else if (what == 5) {
            i = below(N_PAGES);
            mmu_flush_va(rig->cpu->mmu, page_va(i), 0);
            invalidate(i, false);
        } else {
            access();
        }
        for (i = 0; i < N_PAGES && may[i].n > MAY_MAX / 2; i++) {
            mmu_flush_va(rig->cpu->mmu, page_va(i), 0);
            invalidate(i, false);
        }
    }
    cr_expect(gt(u64, reused, STEPS / 10));
    cr_expect(gt(u64, mmu_stats(rig->cpu->mmu)->table_drops, 1000));
    cr_expect(gt(u64, mmu_stats(rig->cpu->mmu)->view_evictions, 1000));
}

Test(x86_tables, random_changes_of_ten_spaces_do_as_a_tlb_may) { change_and_access(); }
Test(x86_tables_pae, random_changes_of_ten_spaces_do_as_a_tlb_may) { change_and_access(); }

Test(x86_tables, an_inactive_space_whose_entry_is_edited_is_read_anew)
{
    Vcpu *v = &rig->cpu->v;
    uint64_t walks;

    for (unsigned s = 0; s < 2; s++) {
        x86_rig_write32(rig, DIRS + s * 0x1000, (TABLES + s * 0x1000) | P | W | U);
        x86_rig_write32(rig, TABLES + s * 0x1000, (DATA + s * 0x1000) | P | W | U);
    }
    cr_expect(eq(u32, (uint32_t)mmu_load(v, 0, MO_32), DATA));
    load_cr3(1);
    cr_expect(eq(u32, (uint32_t)mmu_load(v, 0, MO_32), DATA + 0x1000));
    walks = mmu_stats(rig->cpu->mmu)->walks;
    load_cr3(0);
    cr_expect(eq(u32, (uint32_t)mmu_load(v, 0, MO_32), DATA));
    cr_expect(eq(u64, mmu_stats(rig->cpu->mmu)->walks, walks), "its view is still there");
    mmu_store(v, WINDOW + (TABLES + 0x1000 - X86_RIG_DATA), (DATA + 0x2000) | P | W | U, MO_32);
    load_cr3(1);
    cr_expect(eq(u32, (uint32_t)mmu_load(v, 0, MO_32), DATA + 0x2000));
}

/* The entry goes and comes back between two loads of CR3, and is walked in between. */
Test(x86_tables, what_was_read_of_a_page_out_of_step_goes_too)
{
    Vcpu *v = &rig->cpu->v;
    Gva entry = WINDOW + (TABLES - X86_RIG_DATA);

    x86_rig_write32(rig, DIRS, TABLES | P | W | U);
    x86_rig_write32(rig, TABLES, DATA | P | W | U);
    x86_rig_write32(rig, TABLES + 4, DATA | P | W | U);
    mmu_load(v, 0x1000, MO_32);
    mmu_store(v, entry, (DATA + 0x1000) | P | W | U | 0x20, MO_32); /* nothing is left to mark */
    cr_expect(eq(u32, (uint32_t)mmu_load(v, 0, MO_32), DATA + 0x1000));
    mmu_store(v, entry, DATA | P | W | U | 0x20, MO_32);
    load_cr3(0);
    cr_expect(eq(u32, (uint32_t)mmu_load(v, 0, MO_32), DATA));
}

/* ---- pages that are tables no more ---- */

static bool is_table(uint32_t pa) { return phys_page(rig->phys, pa)->table != 0; }

static void store_table(uint32_t pa, uint32_t value)
{
    mmu_store(&rig->cpu->v, WINDOW + (pa - X86_RIG_DATA), value, MO_32);
}

/* Two spaces with a table each, both walked; space 0 is loaded. */
static void walk_two(void)
{
    for (unsigned s = 2; s-- > 0;) {
        x86_rig_write32(rig, DIRS + s * 0x1000, (TABLES + s * 0x1000) | P | W | U);
        x86_rig_write32(rig, TABLES + s * 0x1000, (DATA + s * 0x1000) | P | W | U);
        load_cr3(s);
        cr_expect(eq(u32, (uint32_t)mmu_load(&rig->cpu->v, 0, MO_32), DATA + s * 0x1000));
    }
    load_cr3(0);
    cr_expect(is_table(TABLES) && is_table(TABLES + 0x1000));
}

/* What follows from entries that did not change goes too; what other spaces have stays. */
Test(x86_tables, a_page_with_many_changes_is_a_table_no_more)
{
    uint64_t walks;

    walk_two();
    for (unsigned k = 1; k < 16; k++) {
        store_table(TABLES + 0x1000 + 4 * k, 0x12345678);
    }
    load_cr3(0);
    cr_expect(is_table(TABLES + 0x1000), "15");
    for (unsigned k = 1; k < 17; k++) {
        store_table(TABLES + 0x1000 + 4 * k, 0x87654321);
    }
    load_cr3(0);
    cr_expect(not(is_table(TABLES + 0x1000)), "16");
    walks = mmu_stats(rig->cpu->mmu)->walks;
    cr_expect(eq(u32, (uint32_t)mmu_load(&rig->cpu->v, 0, MO_32), DATA));
    cr_expect(eq(u64, mmu_stats(rig->cpu->mmu)->walks, walks));
    store_table(TABLES + 0x1000, (DATA + 0x2000) | P | W | U);
    load_cr3(1);
    cr_expect(eq(u32, (uint32_t)mmu_load(&rig->cpu->v, 0, MO_32), DATA + 0x2000));
    cr_expect(is_table(TABLES + 0x1000), "once more");
}

/* A walk between two changes shows that it still is one. */
Test(x86_tables, a_page_that_changes_and_is_not_walked_is_a_table_no_more)
{
    uint32_t table = TABLES + 0x1000;

    walk_two();
    for (unsigned k = 0; k < 4; k++) {
        cr_expect(is_table(table), "%u", k);
        store_table(table + 4, k + 1);
        load_cr3(0);
    }
    cr_expect(is_table(table), "it was walked before the first");
    load_cr3(1);
    mmu_flush_va(rig->cpu->mmu, 0, 0);
    mmu_load(&rig->cpu->v, 0, MO_32);
    for (unsigned k = 0; k < 5; k++) {
        cr_expect(is_table(table), "%u", k);
        store_table(table + 4, k + 5);
        load_cr3(0);
    }
    cr_expect(not(is_table(table)));
    store_table(table, (DATA + 0x2000) | P | W | U);
    load_cr3(1);
    cr_expect(eq(u32, (uint32_t)mmu_load(&rig->cpu->v, 0, MO_32), DATA + 0x2000));
}

/* A directory that ends its life and begins another, as between two processes, stays one; so do the
 * views of others. */
Test(x86_tables, a_directory_that_is_used_again_stays_one)
{
    uint64_t walks;

    walk_two();
    for (unsigned life = 0; life < 20; life++) {
        store_table(DIRS + 0x1000, 0);
        load_cr3(0);
        store_table(DIRS + 0x1000, TABLES | P | W | U);
        load_cr3(0);
        load_cr3(1);
        cr_expect(eq(u32, (uint32_t)mmu_load(&rig->cpu->v, 0, MO_32), DATA));
        load_cr3(0);
        walks = mmu_stats(rig->cpu->mmu)->walks;
        cr_expect(eq(u32, (uint32_t)mmu_load(&rig->cpu->v, 0, MO_32), DATA));
        cr_expect(eq(u64, mmu_stats(rig->cpu->mmu)->walks, walks));
        cr_expect(is_table(DIRS + 0x1000), "%u", life);
    }
}

/* ---- what the monitor shows ---- */

static void expect_shown(void (*show)(Vcpu *v, GString *out), const char *want)
{
    g_autoptr(GString) out = g_string_new(NULL);

    show(&rig->cpu->v, out);
    cr_expect(eq(str, out->str, (char *)(uintptr_t)want));
}

Test(x86_shown, tables_are_shown_page_by_page_and_in_ranges)
{
    rig = x86_rig_new(&interp_host, "pentium3");
    expect_shown(x86_isa.show_tlb, "PG disabled\n");
    expect_shown(x86_isa.show_ranges, "PG disabled\n");
    rig->cpu->cr3 = DIRS;
    rig->cpu->cr0 |= CR0_PG;
    rig->cpu->cr4 |= CR4_PSE;
    x86_rig_write32(rig, DIRS, TABLES | P | W | U);
    x86_rig_write32(rig, DIRS + 4, 0xfee00000);         /* not present */
    x86_rig_write32(rig, DIRS + 8, 0xfee00000 | P | W); /* a table where no memory is */
    x86_rig_write32(rig, DIRS + 4 * 0x300, 0x00800000 | PS | P | W | G | 0x60);
    x86_rig_write32(rig, DIRS + 4 * 0x301, 0x00c00000 | PS | P | W | 0x18);
    x86_rig_write32(rig, TABLES, 0x5000 | P | W | U);
    x86_rig_write32(rig, TABLES + 4, 0x9000 | P | W | U | 0x60);
    x86_rig_write32(rig, TABLES + 8, 0x7000 | P | U);
    x86_rig_write32(rig, TABLES + 16, 0x8000 | P);
    expect_shown(x86_isa.show_tlb, "0000000000000000: 0000000000005000 -------UW\n"
                                   "0000000000001000: 0000000000009000 ---DA--UW\n"
                                   "0000000000002000: 0000000000007000 -------U-\n"
                                   "0000000000004000: 0000000000008000 ---------\n"
                                   "00000000c0000000: 0000000000800000 -GPDA---W\n"
                                   "00000000c0400000: 0000000000c00000 --P--CT-W\n");
    expect_shown(x86_isa.show_ranges, "0000000000000000-0000000000002000 0000000000002000 urw\n"
                                      "0000000000002000-0000000000003000 0000000000001000 ur-\n"
                                      "0000000000004000-0000000000005000 0000000000001000 -r-\n"
                                      "00000000c0000000-00000000c0800000 0000000000800000 -rw\n");
    x86_rig_free(rig);
}

Test(x86_shown, pae_tables_show_what_must_not_be_executed)
{
    rig = x86_rig_new(&interp_host, "n270");
    rig->cpu->cr0 |= CR0_PG;
    rig->cpu->cr4 |= CR4_PAE;
    rig->cpu->pdpte[3] = DIRS | P;
    x86_rig_write32(rig, DIRS, TABLES | P | W);
    x86_rig_write32(rig, DIRS + 0xff8, 0x00200000 | PS | P | W | U);
    x86_rig_write32(rig, DIRS + 0xffc, 0x80000000);
    x86_rig_write32(rig, TABLES + 8, 0x6000 | P | W);
    x86_rig_write32(rig, TABLES + 12, 0x80000000);
    expect_shown(x86_isa.show_tlb, "00000000c0001000: 0000000000006000 X-------W\n"
                                   "00000000ffe00000: 0000000000200000 X-P----UW\n");
    expect_shown(x86_isa.show_ranges, "00000000c0001000-00000000c0002000 0000000000001000 -rw\n"
                                      "00000000ffe00000-0000000100000000 0000000000200000 urw\n");
    x86_rig_free(rig);
}
