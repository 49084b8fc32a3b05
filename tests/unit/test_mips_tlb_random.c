/* SPDX-License-Identifier: MIT */
/*
 * test_mips_tlb_random.c - loads, stores and fetches in every segment and mode, by instructions, on
 * both hosts, between random changes of the TLB, against a plain model of segments and TLB.
 *
 * DOPPEL_TLB_STEPS sets the number of steps, DOPPEL_TLB_SEED the seed. What TLBWR evicted may live
 * on until software can know that it is gone: test_mips_tlb.c.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/mips_priv.h"
#include "tests/rig/mips_rig.h"

enum { ENTRIES = 16, EVICTED_MAX = 8192, STEPS = 60000, RIGS = 2, SPACES = 3 };
enum { G = 1, V = 2, D = 4, VPN2_BITS = 13 };
enum { A0 = 4, V0 = 2, V1 = 3 };

/* What is executed: at MIPS_CODE, in kseg0 or by entry 0, which is wired. */
enum { LOAD = 0, STORE = 4, FETCH = 8, CHANGE = 0x20, PROBE = 0x40, READ = 0x60, WIRED = 0x80 };
#define USER_PAGE 0x70000000u
#define USER_CODE (USER_PAGE + (MIPS_CODE - MIPS_PAGE))
#define KERNEL_CODE KSEG0_OF(MIPS_CODE)

static const uint32_t accesses[] = {
    0x8c820000, /* lw v0, 0(a0) */
    0xac830000, /* sw v1, 0(a0) */
    0x00800008, /* jr a0 */
    0,
};
/* mtc0 a0, entryhi; a1, entrylo0; a2, entrylo1; a3, pagemask; t0, index; then what is asked for */
static const uint32_t change[] = { 0x40845000, 0x40851000, 0x40861800, 0x40872800, 0x40880000, 0 };
static const uint32_t probe[] = { 0x40845000, 0x42000008, 0x40020000 };
static const uint32_t read_back[] = { 0x40880000, 0x42000001, 0x40045000,
                                      0x40051000, 0x40061800, 0x40072800 };
static const uint32_t wire[] = { 0x40883000 };
enum { TLBWI = 0x42000002, TLBWR = 0x42000006 };

typedef struct Pair {
    uint32_t hi, mask, lo[2];
} Pair;

/* What an access comes to. */
typedef struct Result {
    uint32_t code; /* Cause.ExcCode; 0: none */
    bool refill;   /* by that vector */
    Gpa pa;
} Result;

static MipsRig *rig[RIGS];
static GRand *rand_;
static Pair entry[ENTRIES], evicted[EVICTED_MAX];
static bool is_written[ENTRIES]; /* since reset */
static unsigned n_evicted, wired, asid;
static uint32_t status;
static uint64_t refills, shadows, faults, made, refused;
static unsigned stores;
static unsigned now; /* step */

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = g_getenv(name);

    return text != NULL ? g_ascii_strtoull(text, NULL, 0) : otherwise;
}

static unsigned below(unsigned n) { return (unsigned)g_rand_int_range(rand_, 0, (gint32)n); }

/* An instruction that tells by v0 where it is: ori v0, zero, x. */
static uint32_t word_of(uint32_t x) { return 0x34020000 | (x & 0xffff); }

static void set_up(void)
{
    static const HostIsa *const hosts[RIGS] = { &interp_host, &x64_host };

    rand_ = g_rand_new_with_seed((guint32)from_environment("DOPPEL_TLB_SEED", 11));
    n_evicted = stores = now = 0;
    refills = shadows = faults = made = refused = 0;
    status = asid = 0;
    wired = 1;
    for (unsigned i = 0; i < ENTRIES; i++) {
        entry[i] = (Pair){ .hi = 0x80000000u + (i << VPN2_BITS) };
        is_written[i] = i == 0;
    }
    entry[0] = (Pair){ USER_PAGE, 0, { MIPS_PAGE >> 12 << 6 | V | G, 0 } };
    entry[0].lo[1] = entry[0].lo[0] + (1 << 6);
    for (unsigned k = 0; k < RIGS; k++) {
        rig[k] = mips_rig_new(hosts[k], "24Kc", k != 0);
        mips_rig_code(rig[k], MIPS_CODE, accesses, G_N_ELEMENTS(accesses));
        mips_rig_code(rig[k], MIPS_CODE + CHANGE, change, G_N_ELEMENTS(change));
        mips_rig_code(rig[k], MIPS_CODE + PROBE, probe, G_N_ELEMENTS(probe));
        mips_rig_code(rig[k], MIPS_CODE + READ, read_back, G_N_ELEMENTS(read_back));
        mips_rig_code(rig[k], MIPS_CODE + WIRED, wire, G_N_ELEMENTS(wire));
        rig[k]->cpu->tlb.hi[0] = entry[0].hi;
        rig[k]->cpu->tlb.lo0[0] = entry[0].lo[0];
        rig[k]->cpu->tlb.lo1[0] = entry[0].lo[1];
        rig[k]->cpu->cp0.wired = wired;
        for (unsigned i = 0; i < MIPS_DATA_BYTES; i += 4) {
            mips_rig_set_word(rig[k], MIPS_DATA + i, word_of(i >> 2));
        }
    }
}

static void tear_down(void)
{
    for (unsigned k = 0; k < RIGS; k++) {
        mips_rig_free(rig[k]);
    }
    g_rand_free(rand_);
}

TestSuite(mips_tlb_random, .init = set_up, .fini = tear_down, .timeout = 3600);

/* ---- the model ---- */

static bool global(const Pair *p) { return (p->lo[0] & p->lo[1] & G) != 0; }
static uint32_t page_of(const Pair *p) { return ((p->mask | 0x1fff) + 1) / 2; }

static bool covers(const Pair *p, Gva va)
{
    return ((p->hi ^ va) & ~(p->mask | 0x1fff)) == 0 && (global(p) || (p->hi & 0xff) == asid);
}

static bool overlap(const Pair *a, const Pair *b)
{
    return ((a->hi ^ b->hi) & ~(a->mask | b->mask | 0x1fff)) == 0
           && (global(a) || global(b) || (a->hi & 0xff) == (b->hi & 0xff));
}

static bool is_memory(Gpa pa)
{
    return pa - MIPS_DATA < MIPS_DATA_BYTES || pa - MIPS_PAGE < MIPS_PAGE_BYTES;
}

/* MD00090 6.2.14: nothing answers. */
static Result at(Gpa pa, MmuAccess access)
{
    uint32_t code = access == ACCESS_FETCH ? MIPS_EXC_IBE : MIPS_EXC_DBE;

    return (Result){ .code = is_memory(pa) ? 0 : code, .pa = pa };
}

/* By an entry: 4.11. */
static Result by(const Pair *p, Gva va, MmuAccess access)
{
    uint32_t page = page_of(p), lo = p->lo[(va & page) != 0];

    if ((lo & V) == 0) {
        return (Result){ .code = access == ACCESS_WRITE ? MIPS_EXC_TLBS : MIPS_EXC_TLBL };
    }
    if (access == ACCESS_WRITE && (lo & D) == 0) {
        return (Result){ .code = MIPS_EXC_MOD };
    }
    return at(((Gpa)(lo >> 6) << 12 & ~(Gpa)(page - 1)) | (va & (page - 1)), access);
}

static const Pair *matching(const Pair *p, unsigned n, Gva va)
{
    while (n-- > 0) {
        if (covers(&p[n], va)) {
            return &p[n];
        }
    }
    return NULL;
}

static bool is_kernel(void)
{
    return (status & (STATUS_EXL | STATUS_ERL)) != 0 || (status & STATUS_KSU) == 0;
}

/* Whether @va is mapped; if not, @r is what becomes of it. Table 4.1. */
static bool is_mapped(Gva va, MmuAccess access, Result *r)
{
    bool sseg = va >= 0xc0000000u && va < 0xe0000000u;

    if (!is_kernel()) {
        r->code = access == ACCESS_WRITE ? MIPS_EXC_ADES : MIPS_EXC_ADEL;
        return va < 0x80000000u || (sseg && (status & STATUS_KSU) == STATUS_R0);
    }
    if (va < 0x80000000u && (status & STATUS_ERL) != 0) {
        *r = at(va, access);
        return false;
    }
    if (va >= 0x80000000u && va < 0xc0000000u) {
        *r = at(va & 0x1fffffff, access);
        return false;
    }
    return true;
}

/* What @va comes to; if no entry matches, whether a shadow may do what is in @shadow. */
static Result expected(Gva va, MmuAccess access, Result *shadow, bool *may)
{
    Result r = { 0 };
    const Pair *p;

    *may = false;
    if (!is_mapped(va, access, &r)) {
        return r;
    }
    p = matching(entry, ENTRIES, va);
    if (p != NULL) {
        return by(p, va, access);
    }
    p = matching(evicted, n_evicted, va); /* the newest */
    if (p != NULL) {
        *shadow = by(p, va, access);
        *may = shadow->code == 0 || shadow->code == MIPS_EXC_DBE || shadow->code == MIPS_EXC_IBE;
    }
    r.code = access == ACCESS_WRITE ? MIPS_EXC_TLBS : MIPS_EXC_TLBL;
    r.refill = (status & STATUS_EXL) == 0;
    return r;
}

static void forget_overlapping(const Pair *new)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < n_evicted; i++) {
        if (!overlap(&evicted[i], new)) {
            evicted[kept++] = evicted[i];
        }
    }
    n_evicted = kept;
}

/* Whatever @old allows is just so with @new. */
static bool only_adds(const Pair *old, const Pair *new)
{
    if (old->hi != new->hi || old->mask != new->mask || global(old) != global(new)) {
        return false;
    }
    for (unsigned k = 0; k < 2; k++) {
        uint32_t kept = (old->lo[k] & V) == 0 ? 0 : ~(uint32_t)D | (old->lo[k] & D);

        if (((old->lo[k] ^ new->lo[k]) & kept) != 0) {
            return false;
        }
    }
    return true;
}

/* ---- the processors ---- */

/* Status, the ASID, and where to go on. */
static void start(MipsRig *r, uint32_t with, Gva pc)
{
    r->cpu->cp0.entryhi = asid;
    mips_rig_start(r, with, pc);
}

/* Runs @n instructions at @offset of the kernel's code on both, which must then agree. */
static void run_kernel_to(Gva end, unsigned offset, unsigned n, const uint32_t *a)
{
    for (unsigned k = 0; k < RIGS; k++) {
        for (unsigned i = 0; i < 5; i++) {
            rig[k]->cpu->r[A0 + i] = a[i];
        }
        start(rig[k], 0, KERNEL_CODE + offset);
        mips_rig_run(rig[k], n);
        cr_assert(eq(u32, rig[k]->cpu->v.pc, end), "step %u", now);
    }
    cr_assert(eq(u32, rig[0]->cpu->cp0.random, rig[1]->cpu->cp0.random));
    cr_assert(eq(u32, rig[0]->cpu->n_shadows, rig[1]->cpu->n_shadows), "step %u", now);
}

static void run_kernel(unsigned offset, unsigned n, const uint32_t *a)
{
    run_kernel_to(KERNEL_CODE + offset + 4 * n, offset, n, a);
}

static Gva draw_va(void)
{
    static const uint32_t areas[] = { 0x00400000, 0x00400000, 0x00400000, 0x7f000000,
                                      0xc0400000, 0xe0400000, 0xbfff0000 };
    Gva va = areas[below(G_N_ELEMENTS(areas))] + (below(12) << 13) + (below(2) << 12)
             + 4 * below(64);

    switch (below(16)) {
    case 0: return KSEG0_OF(MIPS_DATA + 4 * below(MIPS_DATA_BYTES / 4));
    case 1: return 0xa0000000u + MIPS_DATA + 4 * below(MIPS_DATA_BYTES / 4);
    case 2: return MIPS_DATA + 4 * below(MIPS_DATA_BYTES / 4);
    case 3: return va + (1u << (12 + below(15)));
    default: return va;
    }
}

/* Mostly where an entry is, or was. */
static Gva draw_used(void)
{
    const Pair *p = n_evicted != 0 && below(3) == 0 ? &evicted[below(n_evicted)]
                                                    : &entry[below(ENTRIES)];

    if (below(3) == 0 || (p->hi & ~0x1fffu) == USER_PAGE) {
        return draw_va();
    }
    return (p->hi & ~0x1fffu) + below(2) * page_of(p) + 4 * below(MIPS_DATA_BYTES / 4) % page_of(p);
}

/* Valid as a rule, in the data as a rule. */
static uint32_t draw_lo(void)
{
    uint32_t pfn = below(30) == 0 ? 0x300 + below(4) : (MIPS_DATA >> 12) + below(4);

    return pfn << 6 | 3 << 3 | (below(5) == 0 ? 0 : V) | (below(3) == 0 ? 0 : D);
}

static Pair draw_pair(void)
{
    uint32_t mask = below(12) == 0 ? ((1u << 2 * (1 + below(8))) - 1) << 13 : 0;
    uint32_t g = below(6) == 0, low = mask >> 13 << 6;
    Pair p = { (draw_va() & ~0x1fffu & ~mask) | below(SPACES), mask, { draw_lo(), draw_lo() } };

    p.lo[0] = (p.lo[0] & ~low) | g;
    p.lo[1] = (p.lo[1] & ~low) | g;
    return p;
}

static bool doubles(unsigned i, const Pair *new)
{
    for (unsigned k = 0; k < ENTRIES; k++) {
        if (k != i && is_written[k] && overlap(&entry[k], new)) {
            return true;
        }
    }
    return false;
}

/* Writes @p to entry @i: false if it is a double, which must end in a Machine Check. */
static bool write_pair(uint32_t insn, unsigned i, const Pair *p)
{
    uint32_t a[5] = { p->hi, p->lo[0], p->lo[1], p->mask, i };
    Gva vector = KSEG0_OF(MIPS_PAGE + 0x180);

    for (unsigned k = 0; k < RIGS; k++) {
        mips_rig_code(rig[k], MIPS_CODE + CHANGE + 20, &insn, 1);
    }
    if (!doubles(i, p)) {
        run_kernel(CHANGE, 6, a);
        is_written[i] = true;
        return true;
    }
    refused++;
    run_kernel_to(vector, CHANGE, 6, a);
    for (unsigned k = 0; k < RIGS; k++) {
        const MipsCp0 *c = &rig[k]->cpu->cp0;

        cr_assert(eq(u32, c->cause >> 2 & 31, MIPS_EXC_MCHECK), "step %u", now);
        cr_assert(eq(u32, c->epc, KERNEL_CODE + CHANGE + 20), "step %u", now);
        cr_assert(ne(u32, c->status & STATUS_TS, 0), "step %u", now);
    }
    return false;
}

static void write_indexed(void)
{
    unsigned i = 1 + below(ENTRIES - 1);
    Pair new = draw_pair();

    if (below(3) == 0) { /* as a handler does that adds a right */
        new = entry[i];
        new.lo[0] |= below(2) != 0 ? D | V : D;
        new.lo[1] |= below(2) != 0 ? D : 0;
    }
    if (!write_pair(TLBWI, i, &new)) {
        return;
    }
    if (!only_adds(&entry[i], &new)) {
        n_evicted = 0;
    }
    entry[i] = new;
}

static void write_random(void)
{
    unsigned i = rig[0]->cpu->cp0.random;
    Pair new = draw_pair(), old = entry[i];

    cr_assert(ge(u32, i, wired));
    if (!write_pair(TLBWR, i, &new)) {
        return;
    }
    entry[i] = new;
    if (n_evicted < EVICTED_MAX) {
        evicted[n_evicted++] = old;
    }
    forget_overlapping(&new);
}

/* As a kernel empties it: every entry its own address of kseg0. */
static void empty(void)
{
    for (unsigned i = wired; i < ENTRIES; i++) {
        Pair none = { .hi = 0x80000000u + (i << VPN2_BITS) };

        if (write_pair(TLBWI, i, &none)) {
            n_evicted = only_adds(&entry[i], &none) ? n_evicted : 0;
            entry[i] = none;
        }
    }
}

static void look_for(void)
{
    uint32_t a[5] = { (draw_va() & ~0x1fffu) | asid };
    const Pair *p = matching(entry, ENTRIES, a[0] & ~0x1fffu);

    run_kernel(PROBE, 3, a);
    for (unsigned k = 0; k < RIGS; k++) {
        uint32_t index = rig[k]->cpu->r[V0];

        cr_assert(eq(u32, index >> 31, p == NULL), "step %u: %08x", now, a[0]);
        cr_assert(p == NULL || index == (uint32_t)(p - entry), "step %u: %08x", now, a[0]);
    }
    for (unsigned i = n_evicted; p == NULL && i-- > 0;) {
        if (covers(&evicted[i], a[0] & ~0x1fffu)) { /* keeps the others' order */
            memmove(&evicted[i], &evicted[i + 1], sizeof(Pair) * (--n_evicted - i));
        }
    }
}

static void read_entry(void)
{
    unsigned i = below(ENTRIES);
    uint32_t a[5] = { 0, 0, 0, 0, i };

    run_kernel(READ, 6, a);
    for (unsigned k = 0; k < RIGS; k++) {
        const uint32_t *r = &rig[k]->cpu->r[A0];

        cr_assert(eq(u32, r[0], entry[i].hi), "step %u", now);
        cr_assert(eq(u32, r[1], entry[i].lo[0]), "step %u", now);
        cr_assert(eq(u32, r[2], entry[i].lo[1]), "step %u", now);
        cr_assert(eq(u32, r[3], entry[i].mask), "step %u", now);
    }
    n_evicted = 0;
}

static void set_wired(void)
{
    uint32_t a[5] = { 0, 0, 0, 0, 1 + below(8) };

    run_kernel(WIRED, 1, a);
    wired = a[4];
    cr_assert(eq(u32, rig[1]->cpu->cp0.random, ENTRIES - 1)); /* 9.9 */
}

static void change_mode(void)
{
    static const uint32_t modes[] = {
        0, STATUS_UM, STATUS_UM, STATUS_R0, STATUS_ERL, STATUS_EXL, STATUS_UM | STATUS_EXL
    };

    status = modes[below(G_N_ELEMENTS(modes))];
    asid = below(SPACES);
}

/* ---- accesses ---- */

static Result outcome(MipsRig *r, unsigned what, Gva va)
{
    const MipsCp0 *c = &r->cpu->cp0;
    Gva pc = r->cpu->v.pc;
    Result got = { 0 };

    if (pc != KSEG0_OF(MIPS_PAGE) && pc != KSEG0_OF(MIPS_PAGE + 0x180)) {
        got.pa = what == FETCH ? (r->cpu->r[V0] & 0xffff) * 4 : 0;
        return got;
    }
    got.code = c->cause >> 2 & 31;
    got.refill = pc == KSEG0_OF(MIPS_PAGE);
    if (got.code != MIPS_EXC_DBE && got.code != MIPS_EXC_IBE) {
        cr_assert(eq(u32, c->badvaddr, va), "step %u", now);
    }
    if (got.code == MIPS_EXC_MOD || got.code == MIPS_EXC_TLBL || got.code == MIPS_EXC_TLBS) {
        cr_assert(eq(u32, c->entryhi, (va & ~0x1fffu) | asid), "step %u", now);
        cr_assert(eq(u32, c->context & 0x7fffff, va >> 13 << 4), "step %u", now);
    }
    return got;
}

static void check_done(unsigned k, unsigned what, Gva va, Gpa pa, uint32_t value)
{
    uint32_t there;

    if (pa - MIPS_DATA >= MIPS_DATA_BYTES) {
        return; /* code, which is not written: see draw */
    }
    there = mips_rig_word(rig[k], pa);
    if (what == STORE) {
        cr_assert(eq(u32, there, value), "step %u: store to %08x", now, va);
    } else {
        uint32_t want = what == LOAD ? there : there & 0xffff;

        cr_assert(eq(u32, rig[k]->cpu->r[V0], want), "step %u: %08x", now, va);
    }
}

static void access_memory(void)
{
    static const unsigned kinds[] = { LOAD, LOAD, STORE, FETCH };
    static const MmuAccess as[] = {
        [LOAD] = ACCESS_READ, [STORE] = ACCESS_WRITE, [FETCH] = ACCESS_FETCH
    };
    unsigned what = kinds[below(4)];
    uint32_t value = word_of(stores++);
    Result want, shadow = { 0 }, got[RIGS];
    Gva va = draw_used();
    bool may;

    want = expected(va, as[what], &shadow, &may);
    for (unsigned k = 0; k < RIGS; k++) {
        rig[k]->cpu->r[A0] = va;
        rig[k]->cpu->r[V1] = value;
        rig[k]->cpu->r[V0] = 0;
        start(rig[k], status, (is_kernel() ? KERNEL_CODE : USER_CODE) + what);
        mips_rig_run(rig[k], what == FETCH ? 3 : 1);
        got[k] = outcome(rig[k], what, va);
        if (may && !(got[k].code == want.code && got[k].refill == want.refill)) {
            want = shadow;
            may = false;
            shadows++;
        }
        cr_assert(eq(u32, got[k].code, want.code), "step %u: rig %u, %08x, %u, status %x", now, k,
                  va, what, status);
        cr_assert(eq(int, got[k].refill, want.refill), "step %u: rig %u, %08x", now, k, va);
        if (want.code == 0) {
            check_done(k, what, va, want.pa, value);
        }
    }
    cr_assert(eq(u32, got[0].code, got[1].code), "step %u", now);
    refills += want.refill;
    faults += want.code != 0;
    made += want.code == 0;
}

/* What a debugger reads is what the guest would, and changes nothing. */
static void peek(void)
{
    Gva va = draw_used();
    Result shadow = { 0 }, want;
    uint32_t word;
    bool may;

    want = expected(va, ACCESS_READ, &shadow, &may);
    for (unsigned k = 0; k < RIGS; k++) {
        uint32_t n = rig[k]->cpu->n_shadows;
        bool there;

        start(rig[k], status, KERNEL_CODE);
        there = mmu_peek(&rig[k]->cpu->v, va, &word, 4) == 4;
        cr_assert(there == (want.code == 0) || (there && may), "step %u: %08x", now, va);
        cr_assert(eq(u32, rig[k]->cpu->n_shadows, n), "step %u", now);
    }
}

Test(mips_tlb_random, every_access_does_as_a_plain_model_says)
{
    unsigned steps = (unsigned)from_environment("DOPPEL_TLB_STEPS", STEPS);

    for (now = 0; now < steps; now++) {
        switch (below(40)) {
        case 0: write_indexed(); break;
        case 1:
            if (below(20) == 0) {
                empty();
            }
            break;
        case 2:
        case 3:
        case 4: change_mode(); break;
        case 5:
        case 6: look_for(); break;
        case 7: peek(); break;
        case 8:
            if (below(4) == 0) {
                read_entry();
            }
            break;
        case 9:
            if (below(10) == 0) {
                set_wired();
            }
            break;
        case 10:
        case 11:
        case 12:
        case 13:
        case 14:
        case 15:
        case 16: write_random(); break;
        default: access_memory(); break;
        }
    }
    for (unsigned i = 0; i < ENTRIES; i++) {
        cr_expect(eq(u32, rig[0]->cpu->tlb.hi[i] & ~0x1000u, entry[i].hi));
        cr_expect(eq(u32, rig[1]->cpu->tlb.lo1[i], entry[i].lo[1]));
    }
    cr_log_info("%u steps: %u accesses made, %u faults, %u refills, %u by shadows\n", steps,
                (unsigned)made, (unsigned)faults, (unsigned)refills, (unsigned)shadows);
    cr_expect(gt(u64, made, steps / 10));
    cr_expect(gt(u64, refills, steps / 40));
    cr_expect(gt(u64, shadows, steps / 200), "%u", (unsigned)shadows);
    cr_expect(gt(u64, refused, steps / 200), "%u", (unsigned)refused);
    cr_expect(mips_tlb_is_sound(rig[0]->cpu, rig[0]->cpu->model));
    cr_expect(mips_tlb_is_sound(rig[1]->cpu, rig[1]->cpu->model));
}
