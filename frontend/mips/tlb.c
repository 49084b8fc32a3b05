/* SPDX-License-Identifier: MIT */
/*
 * tlb.c - the TLB, MD00090 4.9 to 4.11, and the shadows of what TLBWR evicted from it.
 *
 * What TLBWR evicts is chosen at random, so software cannot know that it is gone until it looks:
 * the entry lives on as a shadow, which an access may use as if the TLB held it, and saves the
 * guest a refill. It must be gone when the guest may know it is, or says that it should be:
 *   TLBP that misses    drops the shadow that it would have hit;
 *   TLBR                drops all: it shows what the TLB holds;
 *   TLBWI               drops all, unless it only adds rights to the entry that is there: a half
 *   that is not valid grants nothing, so anything may come in its place;
 *   TLBWR               drops what its entry overlaps;
 *   an access that a shadow does not allow drops it, and is a refill.
 * Every mapping in a view comes from an entry or from a shadow; it goes with it.
 */
#include <string.h>

#include "base/bits.h"
#include "frontend/mips/lift.h"
#include "frontend/mips/mips_priv.h"

/* In MipsShadow.hi, beside VPN2 and ASID; the ASID is 0 if GLOBAL. Shadows are of 4 KiB pages. */
enum { SHADOW_VALID = 1 << 12, SHADOW_GLOBAL = 1 << 11, MISS = -1 };

/* In MipsTlb.hi, beside VPN2 and ASID: not written since reset, so no other entry doubles it. */
enum { UNWRITTEN = 1 << 12 };

/* A pair of pages. */
typedef struct Entry {
    uint32_t hi, mask, lo[2];
} Entry;

static bool is_global(const Entry *e) { return (e->lo[0] & e->lo[1] & ENTRYLO_G) != 0; }
static bool is_valid(const Entry *e) { return ((e->lo[0] | e->lo[1]) & ENTRYLO_V) != 0; }
static uint8_t asid_of(const Entry *e) { return (uint8_t)(e->hi & ENTRYHI_ASID); }

static Entry entry_at(const MipsCpu *cpu, unsigned i)
{
    const MipsTlb *t = &cpu->tlb;

    return (Entry){ t->hi[i], t->mask[i], { t->lo0[i], t->lo1[i] } };
}

static void set_entry(MipsCpu *cpu, unsigned i, const Entry *e)
{
    cpu->tlb.hi[i] = e->hi;
    cpu->tlb.mask[i] = e->mask;
    cpu->tlb.lo0[i] = e->lo[0];
    cpu->tlb.lo1[i] = e->lo[1];
}

/* Whether @e maps @va under @asid. */
static bool matches(const Entry *e, uint8_t asid, Gva va)
{
    return ((e->hi ^ va) & ENTRYHI_VPN2 & ~e->mask) == 0 && (is_global(e) || asid_of(e) == asid);
}

/* 4.11: if several match, UNDEFINED there, the first. */
static int find_entry(const MipsCpu *cpu, uint8_t asid, Gva va)
{
    for (unsigned i = 0; i < cpu->model->tlb_entries; i++) {
        if (((cpu->tlb.hi[i] ^ va) & ENTRYHI_VPN2 & ~cpu->tlb.mask[i]) == 0) {
            Entry e = entry_at(cpu, i);

            if (matches(&e, asid, va)) {
                return (int)i;
            }
        }
    }
    return MISS;
}

/* ---- views ---- */

static void flush_page(MipsCpu *cpu, Gva va, uint8_t asid, bool global)
{
    if (global) {
        mmu_flush_va_all(cpu->mmu, va);
    } else {
        mmu_flush_va(cpu->mmu, va, asid);
    }
}

/* What came from both pages of @e; of its extent, whatever part is filled. */
static void flush_pair(MipsCpu *cpu, const Entry *e)
{
    uint32_t page = ((e->mask | 0x1fff) + 1) >> 1;
    Gva va = e->hi & ENTRYHI_VPN2 & ~e->mask;

    flush_page(cpu, va, asid_of(e), is_global(e));
    flush_page(cpu, va + page, asid_of(e), is_global(e));
}

/* ---- shadows ---- */

static Entry shadow_at(const MipsCpu *cpu, unsigned i)
{
    const MipsShadow *s = &cpu->shadow;

    return (Entry){ s->hi[i] & (ENTRYHI_VPN2 | ENTRYHI_ASID), 0, { s->lo0[i], s->lo1[i] } };
}

static unsigned first_of_set(Gva va)
{
    uint32_t vpn2 = va >> 13;

    return ((vpn2 ^ vpn2 >> 9) & (MIPS_SHADOW_SETS - 1)) * MIPS_SHADOW_WAYS;
}

static int find_shadow(const MipsCpu *cpu, uint8_t asid, Gva va)
{
    uint32_t vpn2 = va & ENTRYHI_VPN2, local = vpn2 | SHADOW_VALID | asid;
    uint32_t global = vpn2 | SHADOW_VALID | SHADOW_GLOBAL;
    unsigned first = first_of_set(va);

    for (unsigned i = first; cpu->n_shadows != 0 && i < first + MIPS_SHADOW_WAYS; i++) {
        if (cpu->shadow.hi[i] == local || cpu->shadow.hi[i] == global) {
            return (int)i;
        }
    }
    return MISS;
}

static void forget_shadow(MipsCpu *cpu, unsigned i)
{
    cpu->shadow.hi[i] = cpu->shadow.lo0[i] = cpu->shadow.lo1[i] = 0;
    cpu->n_shadows--;
}

static void drop_shadow(MipsCpu *cpu, unsigned i)
{
    Entry e = shadow_at(cpu, i);

    forget_shadow(cpu, i);
    flush_pair(cpu, &e);
}

static void drop_shadows(MipsCpu *cpu)
{
    if (cpu->n_shadows == 0) {
        return;
    }
    for (unsigned i = 0; i < MIPS_SHADOWS; i++) {
        if ((cpu->shadow.hi[i] & SHADOW_GLOBAL) != 0) {
            drop_shadow(cpu, i);
        }
    }
    memset(&cpu->shadow, 0, sizeof(cpu->shadow));
    cpu->n_shadows = 0;
    mmu_flush_local(cpu->mmu);
}

/* All that any entry or shadow has given. */
static void flush_mapped(MipsCpu *cpu)
{
    drop_shadows(cpu);
    mmu_flush_local(cpu->mmu);
    for (unsigned i = 0; i < cpu->model->tlb_entries; i++) {
        Entry e = entry_at(cpu, i);

        if (is_global(&e)) {
            flush_pair(cpu, &e);
        }
    }
}

/* @e, just evicted, lives on; the set's ways give way in turn. */
static void keep_shadow(MipsCpu *cpu, const Entry *e)
{
    unsigned first = first_of_set(e->hi), at = first + cpu->shadow_next;

    for (unsigned i = first; i < first + MIPS_SHADOW_WAYS; i++) {
        if (cpu->shadow.hi[i] == 0) {
            at = i;
            break;
        }
    }
    if (cpu->shadow.hi[at] != 0) {
        cpu->shadow_next = (cpu->shadow_next + 1) % MIPS_SHADOW_WAYS;
        drop_shadow(cpu, at);
    }
    cpu->shadow.hi[at] = (e->hi & ENTRYHI_VPN2) | SHADOW_VALID
                         | (is_global(e) ? (uint32_t)SHADOW_GLOBAL : asid_of(e));
    cpu->shadow.lo0[at] = e->lo[0];
    cpu->shadow.lo1[at] = e->lo[1];
    cpu->n_shadows++;
}

/* ---- translation ---- */

/* Whether the half @lo allows @access: 0, or the exception. */
static uint32_t check(uint32_t lo, MmuAccess access)
{
    if ((lo & ENTRYLO_V) == 0) {
        return access == ACCESS_WRITE ? MIPS_EXC_TLBS : MIPS_EXC_TLBL;
    }
    return access == ACCESS_WRITE && (lo & ENTRYLO_D) == 0 ? MIPS_EXC_MOD : 0;
}

static uint32_t use(const Entry *e, Gva va, MmuAccess access, MmuMapping *out)
{
    uint32_t page = ((e->mask | 0x1fff) + 1) >> 1, lo = e->lo[(va & page) != 0];
    uint32_t kind = check(lo, access);
    Gpa pa = (Gpa)(lo >> ENTRYLO_PFN_SHIFT) << 12;

    *out = (MmuMapping){
        .pa = (pa & ~(Gpa)(page - 1)) | (va & (page - 1) & ~0xfffu),
        .rights = (uint8_t)(RIGHT_R | RIGHT_X | ((lo & ENTRYLO_D) != 0 ? RIGHT_W : 0)),
        .size_shift = (uint8_t)bits_ctz64(page),
        .global = is_global(e),
    };
    return kind;
}

uint32_t mips_tlb_translate(MipsCpu *cpu, uint8_t asid, Gva va, MmuAccess access, bool probe,
                            MmuMapping *out, uint32_t *syndrome)
{
    int i = find_entry(cpu, asid, va);
    Entry e;

    *syndrome = 0;
    if (i != MISS) {
        e = entry_at(cpu, (unsigned)i);
        return use(&e, va, access, out);
    }
    i = find_shadow(cpu, asid, va);
    if (i != MISS) {
        e = shadow_at(cpu, (unsigned)i);
        if (use(&e, va, access, out) == 0) {
            return 0;
        }
        if (!probe) {
            drop_shadow(cpu, (unsigned)i);
        }
    }
    *syndrome = MIPS_NO_MATCH;
    return access == ACCESS_WRITE ? MIPS_EXC_TLBS : MIPS_EXC_TLBL;
}

/* ---- instructions ---- */

/* What TLBWI and TLBWR write. Bits that the mask covers are not kept, as TLBR shows (MD00086). */
static Entry from_registers(const MipsCpu *cpu)
{
    const MipsCp0 *c = &cpu->cp0;
    uint32_t global = c->entrylo0 & c->entrylo1 & ENTRYLO_G;
    uint32_t page = c->pagemask >> 13 << ENTRYLO_PFN_SHIFT;
    Entry e = { c->entryhi & ~c->pagemask, c->pagemask, { 0, 0 } };

    e.lo[0] = (c->entrylo0 & ~page & ~(uint32_t)ENTRYLO_G) | global;
    e.lo[1] = (c->entrylo1 & ~page & ~(uint32_t)ENTRYLO_G) | global;
    return e;
}

/* Whether nothing that @old allows is otherwise with @new. */
static bool only_adds(const Entry *old, const Entry *new)
{
    if (old->hi != new->hi || old->mask != new->mask || is_global(old) != is_global(new)) {
        return false;
    }
    for (unsigned k = 0; k < 2; k++) {
        if ((old->lo[k] & ENTRYLO_V) != 0
            && (old->lo[k] & ~(uint32_t)ENTRYLO_D) != (new->lo[k] & ~(uint32_t)ENTRYLO_D)) {
            return false;
        }
        if ((old->lo[k] & ENTRYLO_V) != 0 && (old->lo[k] & ~new->lo[k] & ENTRYLO_D) != 0) {
            return false;
        }
    }
    return true;
}

/* Whether another of the @n entries than @i that was written maps part of what @e does. */
static bool doubles(const MipsCpu *cpu, unsigned n, unsigned i, const Entry *e)
{
    for (unsigned k = 0; k < n; k++) {
        Entry other = entry_at(cpu, k);

        if (k != i && (other.hi & UNWRITTEN) == 0
            && ((other.hi ^ e->hi) & ENTRYHI_VPN2 & ~(other.mask | e->mask)) == 0
            && (is_global(&other) || is_global(e) || asid_of(&other) == asid_of(e))) {
            return true;
        }
    }
    return false;
}

/* 4.11, 9.26 TS: cores that look for doubles do it at the write, which is not done then. */
static bool is_refused(MipsCpu *cpu, unsigned i, const Entry *new)
{
    if (doubles(cpu, cpu->model->tlb_entries, i, new)) {
        cpu->cp0.status |= STATUS_TS;
        return true;
    }
    return false;
}

bool mips_tlbwi(MipsCpu *cpu)
{
    unsigned i = cpu->cp0.index & 63;
    Entry new = from_registers(cpu), old;

    if (i >= cpu->model->tlb_entries) { /* 9.1: UNPREDICTABLE: nothing is written */
        return true;
    }
    if (is_refused(cpu, i, &new)) {
        return false;
    }
    old = entry_at(cpu, i);
    if (!only_adds(&old, &new)) {
        drop_shadows(cpu);
        flush_pair(cpu, &old);
    }
    set_entry(cpu, i, &new);
    return true;
}

/* Shadows of the pages that @new maps; what it allows otherwise than they is flushed. */
static void supersede(MipsCpu *cpu, const Entry *new)
{
    unsigned first = first_of_set(new->hi);

    for (unsigned i = first; cpu->n_shadows != 0 && i < first + MIPS_SHADOW_WAYS; i++) {
        Entry e = shadow_at(cpu, i);

        if (cpu->shadow.hi[i] == 0 || ((e.hi ^ new->hi) & ENTRYHI_VPN2) != 0
            || !(is_global(&e) || is_global(new) || asid_of(&e) == asid_of(new))) {
            continue;
        }
        forget_shadow(cpu, i);
        e.hi |= is_global(&e) ? asid_of(new) : 0;
        if (!only_adds(&e, new)) {
            flush_pair(cpu, &e);
        }
    }
}

static void step_random(MipsCpu *cpu)
{
    uint32_t top = cpu->model->tlb_entries - 1;

    cpu->cp0.random = cpu->cp0.random <= cpu->cp0.wired ? top : cpu->cp0.random - 1;
}

uint32_t mips_tlb_random(MipsCpu *cpu)
{
    uint32_t now = cpu->cp0.random;

    step_random(cpu);
    return now;
}

bool mips_tlbwr(MipsCpu *cpu)
{
    unsigned i = mips_tlb_random(cpu);
    unsigned n = cpu->model->tlb_entries;
    Entry new = from_registers(cpu), old = entry_at(cpu, i);

    if (is_refused(cpu, i, &new)) {
        return false;
    }
    if (new.mask != 0) {
        flush_mapped(cpu);
        flush_pair(cpu, &old);
        set_entry(cpu, i, &new);
        return true;
    }
    supersede(cpu, &new);
    set_entry(cpu, i, &new);
    if (only_adds(&old, &new)) {
        return true;
    }
    if (old.mask != 0 || !is_valid(&old) || doubles(cpu, n, MIPS_TLB_MAX, &old)) {
        flush_pair(cpu, &old);
    } else {
        keep_shadow(cpu, &old);
    }
    return true;
}

void mips_tlbp(MipsCpu *cpu)
{
    uint8_t asid = (uint8_t)(cpu->cp0.entryhi & ENTRYHI_ASID);
    Gva va = cpu->cp0.entryhi & ENTRYHI_VPN2;
    int i = find_entry(cpu, asid, va);

    if (i != MISS) {
        cpu->cp0.index = (uint32_t)i;
        return;
    }
    cpu->cp0.index = 1u << 31;
    i = find_shadow(cpu, asid, va);
    if (i != MISS) {
        drop_shadow(cpu, (unsigned)i);
    }
}

void mips_tlbr(MipsCpu *cpu)
{
    unsigned i = cpu->cp0.index & 63;
    Entry e;

    drop_shadows(cpu);
    if (i >= cpu->model->tlb_entries) { /* UNPREDICTABLE: nothing is read */
        return;
    }
    e = entry_at(cpu, i);
    cpu->cp0.entryhi = e.hi & ~(uint32_t)UNWRITTEN;
    cpu->cp0.pagemask = e.mask;
    cpu->cp0.entrylo0 = e.lo[0];
    cpu->cp0.entrylo1 = e.lo[1];
    mips_update(cpu); /* the ASID is EntryHi's */
}

/* Undefined after reset: addresses of kseg0, which are not looked up, so that nothing matches. */
void mips_tlb_reset(MipsCpu *cpu)
{
    memset(&cpu->tlb, 0, sizeof(cpu->tlb));
    memset(&cpu->shadow, 0, sizeof(cpu->shadow));
    cpu->n_shadows = cpu->shadow_next = 0;
    for (unsigned i = 0; i < cpu->model->tlb_entries; i++) {
        cpu->tlb.hi[i] = (0x80000000u + (i << 13)) | UNWRITTEN;
    }
}

static bool entry_is_sound(uint32_t hi, uint32_t mask, uint32_t lo0, uint32_t lo1)
{
    uint32_t above = mask >> 13;

    if ((hi & UNWRITTEN) != 0 && (mask | lo0 | lo1) != 0) {
        return false;
    }
    return (hi & 0x0f00) == 0 && (mask & ~0x1fffe000u) == 0 && (above & (above + 1)) == 0
           && (hi & mask) == 0 && ((lo0 | lo1) & ~(uint32_t)ENTRYLO_MASK) == 0
           && ((lo0 ^ lo1) & ENTRYLO_G) == 0;
}

/* Entry @i of @n; there is nothing beyond them. */
static bool tlb_entry_is_sound(const MipsCpu *saved, unsigned n, unsigned i)
{
    Entry e = entry_at(saved, i);

    if (i >= n) {
        return (e.hi | e.mask | e.lo[0] | e.lo[1]) == 0;
    }
    return entry_is_sound(e.hi, e.mask, e.lo[0], e.lo[1])
           && ((e.hi & UNWRITTEN) != 0 || !doubles(saved, n, i, &e));
}

static bool shadow_is_sound(const MipsShadow *s, unsigned i)
{
    bool global = (s->hi[i] & SHADOW_GLOBAL) != 0;

    return (s->hi[i] & SHADOW_VALID) != 0 && (s->hi[i] & 0x600) == 0
           && global == ((s->lo0[i] & s->lo1[i] & ENTRYLO_G) != 0)
           && first_of_set(s->hi[i]) == i / MIPS_SHADOW_WAYS * MIPS_SHADOW_WAYS
           && (!global || (s->hi[i] & ENTRYHI_ASID) == 0)
           && entry_is_sound(s->hi[i] & ~0x1fffu, 0, s->lo0[i], s->lo1[i]);
}

/* What TLBWI and TLBWR would write is an entry, at an index that there is. */
static bool registers_are_sound(const MipsCp0 *c, unsigned n)
{
    uint32_t lo = c->entrylo0 | c->entrylo1, above = c->pagemask >> 13;

    return c->random < n && c->wired < n
           && (c->entryhi & ~(uint32_t)(ENTRYHI_VPN2 | ENTRYHI_ASID)) == 0
           && (lo & ~(uint32_t)ENTRYLO_MASK) == 0 && (c->pagemask & ~0x1fffe000u) == 0
           && (above & (above + 1)) == 0;
}

bool mips_tlb_is_sound(const MipsCpu *saved, const MipsModel *model)
{
    uint32_t shadows = 0;

    if (!registers_are_sound(&saved->cp0, model->tlb_entries)) {
        return false;
    }
    for (unsigned i = 0; i < MIPS_TLB_MAX; i++) {
        if (!tlb_entry_is_sound(saved, model->tlb_entries, i)) {
            return false;
        }
    }
    for (unsigned i = 0; i < MIPS_SHADOWS; i++) {
        if (saved->shadow.hi[i] != 0 && !shadow_is_sound(&saved->shadow, i)) {
            return false;
        }
        shadows += saved->shadow.hi[i] != 0;
    }
    return shadows == saved->n_shadows;
}

/* ---- routines called by translated code; @a: pc and mode word of what follows ---- */

static void goes_on_at(Vcpu *v, uint64_t next)
{
    v->pc = ir_pc_va(next);
    v->mode = ir_pc_mode(next);
}

/* clang-format off */
#define TLB_READER(name) \
    uint64_t mips_help_##name(Vcpu *v, uint64_t a, uint64_t b, uint64_t c) \
    { \
        (void)b, (void)c; \
        goes_on_at(v, a); \
        mips_##name(mips_cpu(v)); \
        return 0; \
    }
#define TLB_WRITER(name) \
    uint64_t mips_help_##name(Vcpu *v, uint64_t a, uint64_t b, uint64_t c) \
    { \
        (void)b, (void)c; \
        if (mips_##name(mips_cpu(v))) { \
            goes_on_at(v, a); \
        } else { \
            mips_raise(v, MIPS_EXC_MCHECK, 0, 0); \
        } \
        return 0; \
    }
TLB_READER(tlbp)
TLB_READER(tlbr)
TLB_WRITER(tlbwi)
TLB_WRITER(tlbwr)
/* clang-format on */
