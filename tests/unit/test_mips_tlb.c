/* SPDX-License-Identifier: MIT */
/*
 * test_mips_tlb.c - the TLB against a plain model of one, by random instructions and accesses.
 *
 * The model is 16 entries, and a list of what TLBWR has evicted and software cannot yet know to be
 * gone. An access must do as the model's entries say; where none matches it must be a refill, or do
 * as the newest evicted entry that matches would have.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "frontend/mips/mips_priv.h"
#include "tests/rig/mips_rig.h"

enum { ENTRIES = 16, EVICTED_MAX = 4096, STEPS = 200000, PAGES = 4 };
enum { G = 1, V = 2, D = 4 };

typedef struct Pair {
    uint32_t hi, mask, lo[2];
} Pair;

typedef struct Model {
    Pair entry[ENTRIES], evicted[EVICTED_MAX];
    unsigned n_evicted;
    uint64_t refills, shadows; /* accesses that no entry matched, and what became of them */
    uint64_t refused;          /* writes */
} Model;

static MipsRig *rig;
static Model *model;
static GRand *rand_;

static void set_up(void)
{
    rig = mips_rig_new(&interp_host, "24Kc", false);
    model = g_new0(Model, 1);
    rand_ = g_rand_new_with_seed(7);
    for (unsigned i = 0; i < ENTRIES; i++) {
        model->entry[i].hi = 0x80000000u + (i << 13);
    }
    for (unsigned i = 0; i < MIPS_DATA_BYTES; i += 4) {
        mips_rig_set_word(rig, MIPS_DATA + i, MIPS_DATA + i);
    }
    mips_rig_start(rig, 0, KSEG0_OF(MIPS_CODE));
}

static void tear_down(void)
{
    mips_rig_free(rig);
    g_free(model);
    g_rand_free(rand_);
}

TestSuite(mips_tlb, .init = set_up, .fini = tear_down);

static unsigned below(unsigned n) { return (unsigned)g_rand_int_range(rand_, 0, (gint32)n); }

/* ---- the model ---- */

static bool global(const Pair *p) { return (p->lo[0] & p->lo[1] & G) != 0; }
static uint32_t page_of(const Pair *p) { return ((p->mask | 0x1fff) + 1) / 2; }

static bool same_space(const Pair *a, const Pair *b)
{
    return global(a) || global(b) || (a->hi & 0xff) == (b->hi & 0xff);
}

static bool covers(const Pair *p, uint32_t asid, Gva va)
{
    return ((p->hi ^ va) & ~(p->mask | 0x1fff)) == 0 && (global(p) || (p->hi & 0xff) == asid);
}

static bool overlap(const Pair *a, const Pair *b)
{
    return ((a->hi ^ b->hi) & ~(a->mask | b->mask | 0x1fff)) == 0 && same_space(a, b);
}

/* The exception of an access by @p, or 0 and the address. */
static uint32_t result(const Pair *p, Gva va, bool store, Gpa *pa)
{
    uint32_t page = page_of(p), lo = p->lo[(va & page) != 0];

    *pa = ((Gpa)(lo >> 6) << 12 & ~(Gpa)(page - 1)) | (va & (page - 1));
    if ((lo & V) == 0) {
        return store ? MIPS_EXC_TLBS : MIPS_EXC_TLBL;
    }
    return store && (lo & D) == 0 ? MIPS_EXC_MOD : 0;
}

static const Pair *matching(uint32_t asid, Gva va)
{
    for (unsigned i = 0; i < ENTRIES; i++) {
        if (covers(&model->entry[i], asid, va)) {
            return &model->entry[i];
        }
    }
    return NULL;
}

/* Whatever @old allows is just so with @new: asked of every page, not of the bits. */
static bool only_adds(const Pair *old, const Pair *new)
{
    if (old->hi != new->hi || old->mask != new->mask || global(old) != global(new)) {
        return false;
    }
    for (unsigned i = 0; i < 4; i++) {
        Gva va = (old->hi & ~(old->mask | 0x1fff)) + (i & 1 ? page_of(old) : 0);
        Gpa a, b;

        if (result(old, va, i > 1, &a) == 0 && (result(new, va, i > 1, &b) != 0 || a != b)) {
            return false;
        }
        if (result(old, va, false, &a) == 0 && ((old->lo[i & 1] ^ new->lo[i & 1]) & 0x38) != 0) {
            return false; /* the cache attribute is not a right */
        }
    }
    return true;
}

static void forget_overlapping(const Pair *new)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < model->n_evicted; i++) {
        if (!overlap(&model->evicted[i], new)) {
            model->evicted[kept++] = model->evicted[i];
        }
    }
    model->n_evicted = kept;
}

static Pair registers(void)
{
    const MipsCp0 *c = &rig->cpu->cp0;
    uint32_t g = c->entrylo0 & c->entrylo1 & G, low = c->pagemask >> 13 << 6;

    return (Pair){ c->entryhi & ~c->pagemask,
                   c->pagemask,
                   { (c->entrylo0 & ~(low | G)) | g, (c->entrylo1 & ~(low | G)) | g } };
}

/* ---- what is done at random ---- */

/* So few addresses that they meet: 12 pairs of pages and some that larger pages hold, 3 ASIDs. */
static Gva draw_va(void)
{
    return 0x00400000 + (below(12) << 13) + (below(2) << 12) + 4 * below(64);
}

static uint32_t draw_lo(void)
{
    uint32_t pfn = (MIPS_DATA >> 12) + below(PAGES);

    return pfn << 6 | 3 << 3 | (below(5) == 0 ? 0 : V) | (below(3) == 0 ? 0 : D);
}

static void draw_registers(void)
{
    MipsCp0 *c = &rig->cpu->cp0;
    uint32_t g = below(6) == 0;

    c->entryhi = (draw_va() & ~0x1fffu) | (c->entryhi & 0xff);
    c->pagemask = below(40) == 0 ? 0x6000 : 0;
    c->entrylo0 = draw_lo() | g;
    c->entrylo1 = draw_lo() | g;
}

/* Whether another entry than @i has a page of @new: the write is refused. */
static bool doubles(unsigned i, const Pair *new)
{
    for (unsigned k = 0; k < ENTRIES; k++) {
        if (k != i && overlap(&model->entry[k], new)) {
            return true;
        }
    }
    return false;
}

/* Does a write of @new to entry @i: false if it was refused, as it must be for a double. */
static bool written(bool (*insn)(MipsCpu *), unsigned i, const Pair *new)
{
    bool refused = doubles(i, new);

    rig->cpu->cp0.status &= ~(uint32_t)STATUS_TS;
    cr_assert(ne(int, insn(rig->cpu), refused));
    cr_assert(eq(int, (rig->cpu->cp0.status & STATUS_TS) != 0, refused));
    model->refused += refused;
    return !refused;
}

static void write_indexed(void)
{
    MipsCp0 *c = &rig->cpu->cp0;
    uint32_t asid = c->entryhi & 0xff;
    unsigned i = below(ENTRIES);
    Pair new;

    if (below(3) == 0) { /* as a handler does that adds a right */
        c->entryhi = model->entry[i].hi;
        c->pagemask = model->entry[i].mask;
        c->entrylo0 = model->entry[i].lo[0] | (below(2) ? D : 0) | (below(2) ? V : 0);
        c->entrylo1 = model->entry[i].lo[1] | (below(2) ? D : 0);
    } else {
        draw_registers();
    }
    new = registers();
    c->index = i;
    if (!written(mips_tlbwi, i, &new)) {
        c->entryhi = asid;
        return;
    }
    c->entryhi = asid;
    if (!only_adds(&model->entry[i], &new)) {
        model->n_evicted = 0;
    }
    model->entry[i] = new;
}

static void write_random(void)
{
    unsigned i = rig->cpu->cp0.random;
    Pair new, old;

    draw_registers();
    new = registers();
    cr_assert(ge(u32, i, rig->cpu->cp0.wired));
    if (!written(mips_tlbwr, i, &new)) {
        return;
    }
    old = model->entry[i];
    model->entry[i] = new;
    if (model->n_evicted < EVICTED_MAX) {
        model->evicted[model->n_evicted++] = old;
    }
    forget_overlapping(&new);
}

static void probe(void)
{
    MipsCp0 *c = &rig->cpu->cp0;
    Gva va = draw_va() & ~0x1fffu;
    const Pair *p;

    c->entryhi = va | (c->entryhi & 0xff);
    mips_tlbp(rig->cpu);
    p = matching(c->entryhi & 0xff, va);
    if (p) {
        cr_assert(eq(u32, c->index, (uint32_t)(p - model->entry)));
        return;
    }
    cr_assert(eq(u32, c->index >> 31, 1));
    for (unsigned i = model->n_evicted; i-- > 0;) {
        if (covers(&model->evicted[i], c->entryhi & 0xff, va)) {
            model->evicted[i] = model->evicted[--model->n_evicted];
        }
    }
}

static void read_indexed(void)
{
    MipsCp0 *c = &rig->cpu->cp0;
    uint32_t asid = c->entryhi & 0xff;
    unsigned i = below(ENTRIES);

    c->index = i;
    mips_tlbr(rig->cpu);
    cr_assert(eq(u32, c->entryhi, model->entry[i].hi));
    cr_assert(eq(u32, c->pagemask, model->entry[i].mask));
    cr_assert(eq(u32, c->entrylo0, model->entry[i].lo[0]));
    cr_assert(eq(u32, c->entrylo1, model->entry[i].lo[1]));
    model->n_evicted = 0;
    c->entryhi = asid;
    mips_update(rig->cpu);
}

static void change_space(void)
{
    rig->cpu->cp0.entryhi = below(3);
    mips_rig_start(rig, below(2) ? 0x10 : 0, KSEG0_OF(MIPS_CODE));
}

/* An access as translated code makes it, through the view. */
static uint32_t access_ours(Gva va, bool store, Gpa *pa)
{
    Vcpu *v = &rig->cpu->v;
    uint32_t kind;

    *pa = (uint32_t)mmu_load(v, va, MO_32);
    if (v->leave == LEAVE_NO && store) {
        mmu_store(v, va, *pa, MO_32);
    }
    if (v->leave == LEAVE_NO) {
        return 0;
    }
    kind = vcpu_cold(v)->fault.kind | vcpu_cold(v)->fault.syndrome << 8;
    cr_assert(eq(u32, vcpu_cold(v)->fault.address, va));
    v->leave = LEAVE_NO;
    return kind;
}

/* A store is made after a load: then what the load raises counts. */
static uint32_t access_by(const Pair *p, Gva va, bool store, Gpa *pa)
{
    uint32_t kind = result(p, va, false, pa);

    return kind == 0 && store ? result(p, va, true, pa) : kind;
}

static void access_memory(unsigned step)
{
    uint32_t asid = rig->cpu->cp0.entryhi & 0xff, want, got;
    bool store = below(3) == 0;
    Gva va = draw_va();
    const Pair *p = matching(asid, va);
    Gpa pa = 0, at = 0;

    got = access_ours(va, store, &at);
    if (p) {
        want = access_by(p, va, store, &pa);
        cr_assert(eq(u32, got, want), "step %u: %08x asid %u", step, va, asid);
        cr_assert(want != 0 || pa == at, "step %u: %08x asid %u", step, va, asid);
        return;
    }
    model->refills++;
    for (unsigned i = model->n_evicted; i-- > 0;) {
        if (covers(&model->evicted[i], asid, va)) {
            p = &model->evicted[i];
            break;
        }
    }
    if (p && (got & 0xff00) == 0) {
        want = access_by(p, va, store, &pa);
        cr_assert(eq(u32, got, 0), "step %u: %08x", step, va);
        cr_assert(eq(u32, want, 0), "step %u: a shadow allows what its entry did not", step);
        cr_assert(eq(u64, pa, at), "step %u: %08x", step, va);
        model->shadows++;
        return;
    }
    cr_assert(ne(u32, got & 0xff00, 0), "step %u: %08x asid %u", step, va, asid);
}

Test(mips_tlb, it_does_as_a_plain_model_of_it_does)
{
    for (unsigned step = 0; step < STEPS; step++) {
        switch (below(40)) {
        case 0: write_indexed(); break;
        case 1: read_indexed(); break;
        case 2:
        case 3: change_space(); break;
        case 4:
        case 5: probe(); break;
        case 6:
        case 7:
        case 8:
        case 9:
        case 10:
        case 11: write_random(); break;
        case 12: rig->cpu->cp0.wired = below(8); break;
        default: access_memory(step); break;
        }
        if (rig->cpu->cp0.random < rig->cpu->cp0.wired) {
            rig->cpu->cp0.random = ENTRIES - 1; /* as a write to Wired does */
        }
    }
    cr_expect(gt(u64, model->shadows, STEPS / 200), "%u", (unsigned)model->shadows);
    cr_expect(gt(u64, model->refills - model->shadows, STEPS / 200));
    cr_expect(gt(u64, model->refused, STEPS / 200));
    cr_expect(mips_tlb_is_sound(rig->cpu, rig->cpu->model));
}

/* Fills the TLB and more by TLBWR, from 0x400000 on; every page leads to the data. */
static void fill_random(unsigned pairs)
{
    for (unsigned i = 0; i < pairs; i++) {
        rig->cpu->cp0.entryhi = 0x00400000 + (i << 13);
        rig->cpu->cp0.entrylo0 = (MIPS_DATA >> 12) << 6 | V | D;
        rig->cpu->cp0.entrylo1 = (MIPS_DATA >> 12 | 1) << 6 | V | D;
        mips_tlbwr(rig->cpu);
    }
    rig->cpu->cp0.entryhi = 0;
    mips_update(rig->cpu);
}

static bool reads(Gva va)
{
    Gpa pa;

    return access_ours(va, false, &pa) == 0;
}

Test(mips_tlb, what_tlbwr_evicts_stays_usable_until_probed_for)
{
    fill_random(64);
    cr_expect(reads(0x00400000));
    rig->cpu->cp0.entryhi = 0x00400000;
    mips_tlbp(rig->cpu);
    cr_expect(eq(u32, rig->cpu->cp0.index >> 31, 1));
    cr_expect(not(reads(0x00400000)));
    cr_expect(not(reads(0x00401000)), "both pages of the pair");
    cr_expect(reads(0x00402000), "and no other");
}

Test(mips_tlb, tlbr_shows_what_there_is_so_shadows_go)
{
    fill_random(64);
    rig->cpu->cp0.index = 0;
    mips_tlbr(rig->cpu);
    rig->cpu->cp0.entryhi = 0;
    mips_update(rig->cpu);
    cr_expect(not(reads(0x00400000)));
    cr_expect(eq(u32, rig->cpu->n_shadows, 0));
}

Test(mips_tlb, tlbwi_of_another_entry_ends_shadows_and_one_that_adds_a_right_does_not)
{
    MipsCpu *cpu = rig->cpu;

    fill_random(64);
    cpu->cp0.entryhi = cpu->tlb.hi[3];
    cpu->cp0.entrylo0 = cpu->tlb.lo0[3];
    cpu->cp0.entrylo1 = cpu->tlb.lo1[3];
    cpu->cp0.index = 3;
    mips_tlbwi(cpu);
    cr_expect(ne(u32, cpu->n_shadows, 0));
    cpu->cp0.entryhi = 0x80000000;
    mips_tlbwi(cpu);
    cr_expect(eq(u32, cpu->n_shadows, 0));
    cpu->cp0.entryhi = 0;
    mips_update(cpu);
    cr_expect(not(reads(0x00400000)));
}

Test(mips_tlb, shadows_are_kept_by_asid)
{
    fill_random(64);
    rig->cpu->cp0.entryhi = 1;
    mips_update(rig->cpu);
    cr_expect(not(reads(0x00400000)));
    rig->cpu->cp0.entryhi = 0;
    mips_update(rig->cpu);
    cr_expect(reads(0x00400000));
}

Test(mips_tlb, random_stays_at_or_above_wired)
{
    MipsCpu *cpu = rig->cpu;

    cpu->cp0.wired = 5;
    cpu->cp0.random = 15;
    for (unsigned i = 0; i < 100; i++) {
        uint32_t r = mips_tlb_random(cpu);

        cr_expect(ge(u32, r, 5));
        cr_expect(le(u32, r, 15));
    }
}

Test(mips_tlb, a_file_with_unsound_shadows_is_refused)
{
    fill_random(64);
    cr_expect(mips_tlb_is_sound(rig->cpu, rig->cpu->model));
    rig->cpu->n_shadows++;
    cr_expect(not(mips_tlb_is_sound(rig->cpu, rig->cpu->model)));
    rig->cpu->n_shadows--;
    rig->cpu->tlb.mask[0] = 0x4000;
    cr_expect(not(mips_tlb_is_sound(rig->cpu, rig->cpu->model)));
}

Test(mips_tlb, the_monitor_shows_its_entries_by_field_and_changes_nothing)
{
    g_autoptr(GString) out = g_string_new(NULL);
    MipsCp0 *c = &rig->cpu->cp0;
    g_auto(GStrv) line = NULL;

    fill_random(64);
    c->index = 5;
    c->pagemask = 0x6000;
    c->entryhi = 0x00c080a7;
    c->entrylo0 = 0x12345 << 6 | 3 << 3 | V | D;
    c->entrylo1 = 0x23456 << 6 | 2 << 3 | V;
    mips_tlbwi(rig->cpu);
    fill_random(2);
    cr_assert(gt(u32, rig->cpu->n_shadows, 0));
    mips_isa.show_tlb(&rig->cpu->v, out);
    line = g_strsplit(out->str, "\n", -1);
    cr_expect(eq(u32, g_strv_length(line), ENTRIES + 2));
    cr_expect(eq(str, line[0], "index  PageMask   VPN2  ASID  G    PFN0  C D V    PFN1  C D V"));
    cr_expect(eq(str, line[6], "    5  00006000  00604    a7  0  012344  3 1 1  023454  2 0 1"));
    cr_expect(gt(u32, rig->cpu->n_shadows, 0));
}
