/* SPDX-License-Identifier: MIT */
/* test_arm_walk_lpae.c - long-descriptor walks, by the sections of DDI 0406C.d B3. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/sys_rig.h"

/* Tables: one per level for each TTBR. */
enum { T0_L1 = 0x4000, T0_L2 = 0x5000, T0_L3 = 0x6000, T1_L1 = 0x7000, T1_L2 = 0x8000 };

/* Descriptors, B3.6.1 and B3.6.2. */
#define BLOCK 1ull
#define TABLE 3ull
#define PAGE 3ull
#define AP(ap) ((uint64_t)(ap) << 6) /* AP[2:1] */
#define AF (1ull << 10)
#define NG (1ull << 11)
#define HINT (1ull << 52)
#define PXN (1ull << 53)
#define XN (1ull << 54)
#define PXN_TABLE (1ull << 59)
#define XN_TABLE (1ull << 60)
#define AP_TABLE(ap) ((uint64_t)(ap) << 61)
#define NS_TABLE (1ull << 63)
#define RW (AP(1) | AF)

#define EAE 0x80000000u
#define NOWHERE 0x80000000u /* no RAM there */

static SysRig *rig;

static void set_up(void)
{
    rig = sys_rig_new("cortex-a15");
    rig_cp_write(rig, CP_TTBCR, EAE);
    rig_cp_write(rig, CP_TTBR0_64, T0_L1);
    rig_cp_write(rig, CP_TTBR1_64, T1_L1);
    rig_cp_write(rig, CP_SCTLR, rig->cpu->cp15.sctlr | SCTLR_M);
}

static void tear_down(void) { sys_rig_free(rig); }

TestSuite(arm_walk_lpae, .init = set_up, .fini = tear_down);

static void put(Gpa table, unsigned index, uint64_t descriptor)
{
    phys_write(rig->phys, table + 8 * index, descriptor, 8, NULL);
}

static bool walk(bool priv, Gva va, MmuAccess access, MmuMapping *m, uint32_t *fsr)
{
    *m = (MmuMapping){ 0 };
    *fsr = 0;
    return arm_translate(rig->cpu, priv, va, access, m, fsr);
}

/* The status of a read at PL1, 0 if it does not fault; *@m as the walk left it. */
static uint32_t status(Gva va, MmuMapping *m)
{
    uint32_t fsr;

    return walk(true, va, ACCESS_READ, m, &fsr) ? 0 : fsr;
}

/* Rights that a reader finds: R 1, W 2, X 4; 0 if he may not read. */
static unsigned rights_found(bool priv)
{
    MmuMapping m;
    uint32_t fsr;

    return walk(priv, 0x40000000, ACCESS_READ, &m, &fsr) ? m.rights : 0;
}

/* 0x40000000 is mapped by @l1, @l2 and @l3; the tables' addresses are added to what is a table. */
static void map(uint64_t l1, uint64_t l2, uint64_t l3)
{
    put(T0_L1, 1, (l1 & 3) == TABLE && (l1 & 0xfffffff000) == 0 ? l1 | T0_L2 : l1);
    put(T0_L2, 0, (l2 & 3) == TABLE && (l2 & 0xfffffff000) == 0 ? l2 | T0_L3 : l2);
    put(T0_L3, 0, l3);
}

Test(arm_walk_lpae, blocks_and_pages_give_address_size_and_global)
{
    static const struct {
        const char *why;
        uint64_t l1, l2, l3;
        Gva va;
        Gpa pa;
        unsigned shift;
        bool global;
    } rows[] = {
        { "1 GiB block", 0x9a40000000 | RW | BLOCK, 0, 0, 0x52345678, 0x9a52345000, 30, true },
        { "1 GiB block, nG", 0x9a40000000 | RW | BLOCK | NG, 0, 0, 0x52345678, 0x9a52345000, 30,
          false },
        { "2 MiB block", TABLE, 0xfedca00000 | RW | BLOCK, 0, 0x40123456, 0xfedcb23000, 21, true },
        { "2 MiB block, nG", TABLE, 0xfedca00000 | RW | BLOCK | NG, 0, 0x40123456, 0xfedcb23000, 21,
          false },
        { "page", TABLE, TABLE, 0x8765432000 | RW | PAGE, 0x40000abc, 0x8765432000, 12, true },
        { "page, nG", TABLE, TABLE, 0x8765432000 | RW | PAGE | NG, 0x40000abc, 0x8765432000, 12,
          false },
        { "contiguous hint is one", TABLE, TABLE, 0x8765432000 | RW | PAGE | HINT, 0x40000000,
          0x8765432000, 12, true },
        { "bits 51:40 are ignored", TABLE, TABLE, 0xfff8765432000 | RW | PAGE, 0x40000000,
          0x8765432000, 12, true },
        { "low bits of a block's address are ignored", TABLE, 0xfedcbff000 | RW | BLOCK, 0,
          0x40000000, 0xfedca00000, 21, true },
        { "NSTable is ignored", NS_TABLE | TABLE, NS_TABLE | TABLE, 0x1000 | RW | PAGE, 0x40000000,
          0x1000, 12, true },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        MmuMapping m;

        map(rows[i].l1, rows[i].l2, rows[i].l3);
        cr_expect(eq(u32, status(rows[i].va, &m), 0), "%s", rows[i].why);
        cr_expect(eq(u64, m.pa, rows[i].pa), "%s", rows[i].why);
        cr_expect(eq(u32, m.size_shift, rows[i].shift), "%s", rows[i].why);
        cr_expect(eq(int, m.global, rows[i].global), "%s", rows[i].why);
    }
}

Test(arm_walk_lpae, each_level_is_indexed_by_its_nine_bits)
{
    MmuMapping m;

    put(T0_L1, 3, T0_L2 | TABLE);
    put(T0_L2, 0x155, T0_L3 | TABLE);
    put(T0_L3, 0x1ab, 0x7654321000 | RW | PAGE);
    cr_expect(eq(u32, status(3u << 30 | 0x155 << 21 | 0x1ab << 12 | 0xfff, &m), 0));
    cr_expect(eq(u64, m.pa, 0x7654321000));
}

/* B3.13.4: the status of each fault has the level at which it was found. */
Test(arm_walk_lpae, each_fault_has_its_status_and_level)
{
    static const struct {
        const char *why;
        uint64_t l1, l2, l3;
        MmuAccess access;
        uint32_t fsr;
    } rows[] = {
        { "level 1 invalid", 0, 0, 0, ACCESS_READ, 0x205 },
        { "level 1 invalid, write: WnR", 0, 0, 0, ACCESS_WRITE, 0xa05 },
        { "level 1 invalid, fetch", 0, 0, 0, ACCESS_FETCH, 0x205 },
        { "level 1, 0b10", 2, 0, 0, ACCESS_READ, 0x205 },
        { "level 2 invalid", TABLE, 0, 0, ACCESS_READ, 0x206 },
        { "level 2, 0b10", TABLE, 2, 0, ACCESS_FETCH, 0x206 },
        { "level 3 invalid", TABLE, TABLE, 0, ACCESS_WRITE, 0xa07 },
        { "level 3, 0b10", TABLE, TABLE, 2, ACCESS_READ, 0x207 },
        { "level 3, 0b01: no block", TABLE, TABLE, RW | BLOCK, ACCESS_READ, 0x207 },
        { "access flag, level 1", AP(1) | BLOCK, 0, 0, ACCESS_READ, 0x209 },
        { "access flag, level 2", TABLE, AP(1) | BLOCK, 0, ACCESS_WRITE, 0xa0a },
        { "access flag, level 3", TABLE, TABLE, AP(1) | PAGE, ACCESS_FETCH, 0x20b },
        { "access flag before rights", TABLE, TABLE, AP(2) | PAGE, ACCESS_WRITE, 0xa0b },
        { "permission, level 1", AP(3) | AF | BLOCK, 0, 0, ACCESS_WRITE, 0xa0d },
        { "permission, level 2", TABLE, AP(2) | AF | BLOCK, 0, ACCESS_WRITE, 0xa0e },
        { "permission, level 3", TABLE, TABLE, AP(2) | AF | PAGE, ACCESS_WRITE, 0xa0f },
        { "XN, level 1", RW | XN | BLOCK, 0, 0, ACCESS_FETCH, 0x20d },
        { "XN, level 2", TABLE, RW | XN | BLOCK, 0, ACCESS_FETCH, 0x20e },
        { "PXN, level 3", TABLE, TABLE, RW | PXN | PAGE, ACCESS_FETCH, 0x20f },
        { "APTable, found at level 3", AP_TABLE(2) | TABLE, TABLE, RW | PAGE, ACCESS_WRITE, 0xa0f },
        { "level 2 table where nothing is", NOWHERE | TABLE, 0, 0, ACCESS_READ, 0x216 },
        { "level 3 table where nothing is", TABLE, NOWHERE | TABLE, 0, ACCESS_WRITE, 0xa17 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        MmuMapping m;
        uint32_t fsr;

        map(rows[i].l1, rows[i].l2, rows[i].l3);
        cr_expect(not(walk(true, 0x40000000, rows[i].access, &m, &fsr)), "%s", rows[i].why);
        cr_expect(eq(u32, fsr, rows[i].fsr), "%s", rows[i].why);
    }
}

Test(arm_walk_lpae, a_first_table_where_nothing_is_aborts_at_its_level)
{
    MmuMapping m;

    rig_cp_write(rig, CP_TTBR0_64, NOWHERE);
    cr_expect(eq(u32, status(0x40000000, &m), 0x215));
    rig_cp_write(rig, CP_TTBCR, EAE | 2);
    cr_expect(eq(u32, status(0, &m), 0x216));
}

/* B3.7.1: AP[2:1]. B3.7.2: XN stops all, PXN stops PL1. */
Test(arm_walk_lpae, rights_follow_ap_xn_and_pxn_for_each_privilege)
{
    static const struct {
        uint64_t bits;
        unsigned priv, user;
    } rows[] = {
        { AP(0), 7, 0 },       { AP(1), 7, 7 },       { AP(2), 5, 0 },      { AP(3), 5, 5 },
        { AP(1) | XN, 3, 3 },  { AP(1) | PXN, 3, 7 }, { AP(3) | XN, 1, 1 }, { AP(3) | PXN, 1, 5 },
        { AP(0) | PXN, 3, 0 }, { AP(2) | XN, 1, 0 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        map(rows[i].bits | AF | BLOCK, 0, 0);
        cr_expect(eq(u32, rights_found(true), rows[i].priv), "1 GiB, row %u", i);
        cr_expect(eq(u32, rights_found(false), rows[i].user), "1 GiB, row %u, user", i);
        map(TABLE, rows[i].bits | AF | BLOCK, 0);
        cr_expect(eq(u32, rights_found(true), rows[i].priv), "2 MiB, row %u", i);
        cr_expect(eq(u32, rights_found(false), rows[i].user), "2 MiB, row %u, user", i);
        map(TABLE, TABLE, rows[i].bits | AF | PAGE);
        cr_expect(eq(u32, rights_found(true), rows[i].priv), "page, row %u", i);
        cr_expect(eq(u32, rights_found(false), rows[i].user), "page, row %u, user", i);
    }
}

/* B3.6.2, B3.7.1: what a table takes away, nothing below it gives back. */
Test(arm_walk_lpae, tables_limit_what_is_below_them)
{
    static const struct {
        const char *why;
        uint64_t l1, l2;
        unsigned priv, user;
    } rows[] = {
        { "none", 0, 0, 7, 7 },
        { "APTable 1 at level 1: no user", AP_TABLE(1), 0, 7, 0 },
        { "APTable 1 at level 2", 0, AP_TABLE(1), 7, 0 },
        { "APTable 2: read-only", AP_TABLE(2), 0, 5, 5 },
        { "APTable 3: both", AP_TABLE(3), 0, 5, 0 },
        { "APTable 1 and 2 add up", AP_TABLE(1), AP_TABLE(2), 5, 0 },
        { "XNTable at level 1", XN_TABLE, 0, 3, 3 },
        { "XNTable at level 2", 0, XN_TABLE, 3, 3 },
        { "PXNTable at level 1", PXN_TABLE, 0, 3, 7 },
        { "PXNTable at level 2", 0, PXN_TABLE, 3, 7 },
        { "all", AP_TABLE(3) | XN_TABLE | PXN_TABLE, 0, 1, 0 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        map(rows[i].l1 | TABLE, rows[i].l2 | TABLE, RW | PAGE);
        cr_expect(eq(u32, rights_found(true), rows[i].priv), "%s", rows[i].why);
        cr_expect(eq(u32, rights_found(false), rows[i].user), "%s", rows[i].why);
    }
}

/* B3.7.4: with long descriptors SCTLR.AFE is not looked at. DACR does not exist for them. */
Test(arm_walk_lpae, afe_and_dacr_change_nothing)
{
    MmuMapping m;

    map(RW | BLOCK, 0, 0);
    rig_cp_write(rig, CP_DACR, 0);
    cr_expect(eq(u32, status(0x40000000, &m), 0));
    rig_cp_write(rig, CP_SCTLR, rig->cpu->cp15.sctlr | SCTLR_AFE);
    cr_expect(eq(u32, status(0x40000000, &m), 0));
    map(AP(1) | BLOCK, 0, 0);
    cr_expect(eq(u32, status(0x40000000, &m), 0x209));
    rig_cp_write(rig, CP_SCTLR, rig->cpu->cp15.sctlr & ~SCTLR_AFE);
    cr_expect(eq(u32, status(0x40000000, &m), 0x209));
}

/* B3.6.4: which TTBR; none is a translation fault of level 1. */
Test(arm_walk_lpae, t0sz_and_t1sz_split_the_address_space)
{
    enum { TTBR0 = 0, TTBR1 = 1, NONE = 2 };
    static const struct {
        unsigned t0, t1;
        Gva va;
        unsigned which;
    } rows[] = {
        { 0, 0, 0, TTBR0 },          { 0, 0, 0xffffffff, TTBR0 }, { 1, 0, 0x7fffffff, TTBR0 },
        { 1, 0, 0x80000000, TTBR1 }, { 0, 1, 0x7fffffff, TTBR0 }, { 0, 1, 0x80000000, TTBR1 },
        { 1, 1, 0x7fffffff, TTBR0 }, { 1, 1, 0x80000000, TTBR1 }, { 2, 1, 0x3fffffff, TTBR0 },
        { 2, 1, 0x40000000, NONE },  { 2, 1, 0x80000000, TTBR1 }, { 7, 7, 0x01ffffff, TTBR0 },
        { 7, 7, 0x02000000, NONE },  { 7, 7, 0xfdffffff, NONE },  { 7, 7, 0xfe000000, TTBR1 },
        { 3, 0, 0x20000000, TTBR1 }, { 0, 2, 0xbfffffff, TTBR0 }, { 0, 2, 0xc0000000, TTBR1 },
    };

    /* Tables in which nothing is valid, at addresses where nothing answers or something does. */
    rig_cp_write(rig, CP_TTBR0_64, NOWHERE);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        unsigned t = rows[i].which == TTBR0 ? rows[i].t0 : rows[i].t1, level = t < 2 ? 1 : 2;
        uint32_t want = rows[i].which == TTBR0   ? 0x214 | level
                        : rows[i].which == TTBR1 ? 0x204 | level
                                                 : 0x205;
        MmuMapping m;

        rig_cp_write(rig, CP_TTBCR, EAE | rows[i].t0 | rows[i].t1 << 16);
        cr_expect(eq(u32, status(rows[i].va, &m), want), "row %u", i);
    }
}

/* B3.6.5, B3.6.6: from a size of 2 on the walk begins at level 2, in a table that shrinks. */
Test(arm_walk_lpae, a_smaller_region_begins_at_level_2_with_a_smaller_table)
{
    static const struct {
        unsigned size, index;
        Gpa table;
        Gva va;
    } rows[] = {
        { 0, 3, 0x4fe0, 0xc0000000 },     { 1, 1, 0x4ff0, 0x7fffffff },
        { 2, 0x1ff, 0x4000, 0x3fffffff }, { 3, 0xff, 0x4800, 0x1fffffff },
        { 4, 0x7f, 0x4c00, 0x0fffffff },  { 5, 0x3f, 0x4e00, 0x07ffffff },
        { 6, 0x1f, 0x4f00, 0x03ffffff },  { 7, 0x0f, 0x4f80, 0x01ffffff },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        Gpa want = rows[i].size < 2 ? 0x4000000000 : 0x4000000000 | (rows[i].va & 0x1ff000);
        MmuMapping m;

        want |= rows[i].size < 2 ? rows[i].va & 0x3ffff000 : 0;
        put(rows[i].table, rows[i].index, 0x4000000000 | RW | BLOCK);
        rig_cp_write(rig, CP_TTBCR, EAE | rows[i].size);
        /* What lies below the table's alignment is ignored. */
        rig_cp_write(rig, CP_TTBR0_64, rows[i].table | 8);
        cr_expect(eq(u32, status(rows[i].va, &m), 0), "size %u", rows[i].size);
        cr_expect(eq(u64, m.pa, want), "size %u", rows[i].size);
        cr_expect(eq(u32, m.size_shift, rows[i].size < 2 ? 30 : 21), "size %u", rows[i].size);
        put(rows[i].table, rows[i].index, 0);
    }
}

Test(arm_walk_lpae, the_upper_region_indexes_by_what_is_below_its_ones)
{
    MmuMapping m;

    rig_cp_write(rig, CP_TTBCR, EAE | 2 << 16);
    rig_cp_write(rig, CP_TTBR1_64, T1_L2);
    put(T1_L2, 1, 0x1200000000 | RW | BLOCK);
    cr_expect(eq(u32, status(0xc0234567, &m), 0));
    cr_expect(eq(u64, m.pa, 0x1200034000));
    /* As Linux does: the lowest level-1 entries belong to TTBR0, so TTBR1's table begins later. */
    rig_cp_write(rig, CP_TTBCR, EAE | 1 << 16);
    rig_cp_write(rig, CP_TTBR1_64, T1_L1 | 0x10);
    put(T1_L1, 3, 0x5540000000 | RW | BLOCK);
    cr_expect(eq(u32, status(0xc0000000, &m), 0));
    cr_expect(eq(u64, m.pa, 0x5540000000));
}

Test(arm_walk_lpae, epd_switches_walks_off)
{
    MmuMapping m;

    put(T0_L1, 0, RW | BLOCK);
    put(T1_L1, 1, RW | BLOCK);
    rig_cp_write(rig, CP_TTBCR, EAE | 1 | 1 << 16);
    cr_expect(eq(u32, status(0, &m), 0));
    cr_expect(eq(u32, status(0xc0000000, &m), 0));
    rig_cp_write(rig, CP_TTBCR, EAE | 1 | 1 << 16 | 1 << 7);
    cr_expect(eq(u32, status(0, &m), 0x205));
    cr_expect(eq(u32, status(0xc0000000, &m), 0));
    rig_cp_write(rig, CP_TTBCR, EAE | 1 | 1 << 16 | 1 << 23);
    cr_expect(eq(u32, status(0, &m), 0));
    cr_expect(eq(u32, status(0xc0000000, &m), 0x205));
}

Test(arm_walk_lpae, descriptors_are_big_endian_with_sctlr_ee)
{
    MmuMapping m;

    map(GUINT64_SWAP_LE_BE(0x3340000000 | RW | BLOCK), 0, 0);
    rig_cp_write(rig, CP_SCTLR, rig->cpu->cp15.sctlr | SCTLR_EE);
    cr_expect(eq(u32, status(0x40000000, &m), 0));
    cr_expect(eq(u64, m.pa, 0x3340000000));
}

/* B4.1.51: the format of every status, also of faults that no walk found. */
Test(arm_walk_lpae, other_faults_have_the_long_status_too)
{
    static const struct {
        uint32_t ttbcr, alignment, external, debug;
    } rows[] = { { EAE, 0xa21, 0x210, 0x222 }, { 0, 0x801, 0x008, 0x002 } };
    Vcpu *v = &rig->cpu->v;

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        rig_cp_write(rig, CP_TTBCR, rows[i].ttbcr);
        arm_mmu_guest.misaligned(v, 0x13, ACCESS_WRITE);
        cr_expect(eq(u32, vcpu_cold(v)->fault.syndrome, rows[i].alignment));
        arm_mmu_guest.bus_error(v, 0x1000, NOWHERE, ACCESS_READ);
        cr_expect(eq(u32, vcpu_cold(v)->fault.syndrome, rows[i].external));
        arm_help_bkpt(v, 0, 0, 0);
        cr_expect(eq(u32, vcpu_cold(v)->fault.syndrome, rows[i].debug));
    }
}

/* B3.9.1: A1 names the TTBR that holds the ASID; CONTEXTIDR does not. */
Test(arm_walk_lpae, the_asid_is_that_of_the_ttbr_that_a1_names)
{
    rig_cp_write(rig, CP_CONTEXTIDR, 0x33);
    rig_cp_write(rig, CP_TTBR0_64, (uint64_t)0x11 << 48 | T0_L1);
    rig_cp_write(rig, CP_TTBR1_64, (uint64_t)0x22 << 48 | T1_L1);
    cr_expect(eq(u32, arm_view_key(rig->cpu, false).asid, 0x11));
    rig_cp_write(rig, CP_TTBCR, EAE | 1 << 22);
    cr_expect(eq(u32, arm_view_key(rig->cpu, false).asid, 0x22));
    rig_cp_write(rig, CP_TTBR1_64, (uint64_t)0x44 << 48 | T1_L1);
    cr_expect(eq(u32, arm_view_key(rig->cpu, false).asid, 0x44));
    rig_cp_write(rig, CP_TTBR1, 0);
    cr_expect(eq(u32, arm_view_key(rig->cpu, false).asid, 0x44), "MCR leaves the upper half");
    rig_cp_write(rig, CP_TTBCR, 0);
    cr_expect(eq(u32, arm_view_key(rig->cpu, false).asid, 0x33));
}

Test(arm_walk_lpae, a_new_asid_in_ttbr0_hides_only_what_is_not_global)
{
    const MmuStats *stats = mmu_stats(rig->cpu->mmu);
    Vcpu *v = &rig->cpu->v;
    uint64_t before;

    map(TABLE, RW | BLOCK, 0);
    put(T0_L2, 1, RW | NG | BLOCK);
    mmu_load(v, 0x40000000, MO_32);
    mmu_load(v, 0x40200000, MO_32);
    before = stats->walks;
    rig_cp_write(rig, CP_TTBR0_64, (uint64_t)1 << 48 | T0_L1);
    mmu_load(v, 0x40000000, MO_32);
    cr_expect(eq(u64, stats->walks, before));
    mmu_load(v, 0x40200000, MO_32);
    cr_expect(eq(u64, stats->walks, before + 1));
}

Test(arm_walk_lpae, control_states_with_another_meaning_have_other_views)
{
    static const struct {
        uint32_t ttbcr;
        bool other;
    } rows[] = {
        { EAE, false },          { EAE | 1, true },         { EAE | 1 << 16, true },
        { EAE | 1 << 7, true },  { EAE | 1u << 23, true },  { EAE | 1 << 22, false },
        { EAE | 3 << 8, false }, { EAE | 3u << 28, false }, { 0, true },
    };
    uint32_t first = arm_view_key(rig->cpu, false).control;

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        rig_cp_write(rig, CP_TTBCR, rows[i].ttbcr);
        cr_expect(eq(int, arm_view_key(rig->cpu, false).control != first, rows[i].other), "row %u",
                  i);
    }
    rig_cp_write(rig, CP_TTBCR, EAE);
    rig_cp_write(rig, CP_DACR, 0x55);
    rig_cp_write(rig, CP_PRRR, 0xff440400);
    cr_expect(eq(u32, arm_view_key(rig->cpu, false).control, first),
              "DACR and MAIR0 do not matter");
}

/* B4.1, PAR with long descriptors. */
Test(arm_walk_lpae, address_translation_fills_the_64_bits_of_par)
{
    static const struct {
        const char *why;
        uint64_t leaf;
        unsigned reg;
        uint64_t par;
    } rows[] = {
        { "write-back, Inner Shareable", 0x7654321000 | RW | 3 << 8 | 1 << 2 | PAGE, CP_ATS1CPR,
          0xff00007654321980 },
        { "Device is Outer Shareable", 0x7654321000 | RW | 2 << 2 | PAGE, CP_ATS1CPW,
          0x0400007654321900 },
        { "Non-cacheable too", 0x7654321000 | RW | 3 << 8 | 3 << 2 | PAGE, CP_ATS1CPR,
          0x4400007654321900 },
        { "MAIR1", 0x7654321000 | RW | 3 << 8 | 5 << 2 | PAGE, CP_ATS1CUW, 0xbb00007654321980 },
        { "permission, level 3", 0x1000 | AP(0) | AF | PAGE, CP_ATS1CUR, 0x81f },
        { "access flag, level 3", 0x1000 | AP(1) | PAGE, CP_ATS1CPR, 0x817 },
        { "translation, level 3", 0, CP_ATS1CPW, 0x80f },
    };

    rig_cp_write(rig, CP_PRRR, 0x4404ff00);
    rig_cp_write(rig, CP_NMRR, 0x0000bb00);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        map(TABLE, TABLE, rows[i].leaf);
        rig_cp_write(rig, rows[i].reg, 0x40000abc);
        cr_expect(eq(u64, rig_cp_read(rig, CP_PAR_64), rows[i].par), "%s", rows[i].why);
        cr_expect(eq(u32, (uint32_t)rig_cp_read(rig, CP_PAR), (uint32_t)rows[i].par), "%s",
                  rows[i].why);
    }
    rig_cp_write(rig, CP_SCTLR, rig->cpu->cp15.sctlr & ~(uint32_t)SCTLR_M);
    rig_cp_write(rig, CP_ATS1CPR, 0xfedcba98);
    cr_expect(eq(u64, rig_cp_read(rig, CP_PAR_64), 0xfedcb900), "no MMU: Strongly-ordered");
}

Test(arm_walk_lpae, faults_reach_dfsr_and_ifsr)
{
    Vcpu *v = &rig->cpu->v;

    map(TABLE, TABLE, AP(3) | AF | XN | PAGE);
    mmu_store(v, 0x40000123, 1, MO_8);
    cr_assert(eq(u32, v->leave, LEAVE_FAULT));
    arm_deliver(v);
    cr_expect(eq(u64, rig_cp_read(rig, CP_DFSR), 0xa0f));
    cr_expect(eq(u64, rig_cp_read(rig, CP_DFAR), 0x40000123));
    v->pc = 0x40000004;
    mmu_fetch(v, v->pc, &(Gpa){ 0 });
    cr_assert(eq(u32, v->leave, LEAVE_FAULT));
    arm_deliver(v);
    cr_expect(eq(u64, rig_cp_read(rig, CP_IFSR), 0x20f));
    cr_expect(eq(u64, rig_cp_read(rig, CP_IFAR), 0x40000004));
}
