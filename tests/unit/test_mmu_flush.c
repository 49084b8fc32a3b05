/* SPDX-License-Identifier: MIT */
/* test_mmu_flush.c - which invalidation drops what, and what the lookup context makes of it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "softmmu/mmu_priv.h"
#include "tests/unit/mmu_rig.h"

enum { RW = RIGHT_R | RIGHT_W, RX = RIGHT_R | RIGHT_X, RWX = RIGHT_R | RIGHT_W | RIGHT_X };

static Rig *rig;

/* 0x00010000 RAM + 0 .. 64 KiB, small pages, ASID 1   0x00200000 ROM   0x00204000 read-only RAM
 * 0x00100000 RAM + 1 MiB, a global section */
static void set_up(void)
{
    rig = rig_new();
    for (unsigned i = 0; i < 16; i++) {
        rig_map(rig, 1, 0x10000 + i * 4096, RIG_RAM + i * 4096, 12, RWX, RW, false);
    }
    rig_map(rig, 1, 0x100000, RIG_RAM + 0x100000, 20, RWX, 0, true);
    rig_map(rig, 1, 0x200000, RIG_ROM, 12, RWX, 0, false);
    rig_map(rig, 1, 0x204000, RIG_RAM + 0x4000, 12, RX, RIGHT_R, false);
    rig_kernel(rig, 1);
}

static void tear_down(void) { rig_free(rig); }

TestSuite(mmu_flush, .init = set_up, .fini = tear_down);

static void poke(Gpa pa, uint64_t value) { phys_write(rig->phys, pa, value, 8, NULL); }
static uint64_t load(Gva va) { return mmu_load(rig->v, va, MO_32); }

static int64_t entry(uint32_t table, Gva va)
{
    return *view_slot(rig->v->view, table, va >> VIEW_PAGE_SHIFT);
}

static uint32_t fetch_entry(Gva va) { return *view_fetch_slot(rig->v->view, va >> 12); }

/* Maps what was at @va elsewhere and says whether an access sees that. */
static bool forgot(Gva va, unsigned asid)
{
    RigPage *p = rig_page(rig, asid, va), old = *p;
    unsigned walks = rig->walks;

    p->pa ^= 0x8000;
    load(va);
    *p = old;
    rig_leave(rig);
    return rig->walks != walks;
}

Test(mmu_flush, flush_by_address_drops_the_whole_section_and_nothing_else)
{
    load(0x100000);
    load(0x1ff000);
    load(0x10000);
    load(0x200000);
    mmu_flush_va(rig->mmu, 0x180000, 3); /* a page of it that was never entered; another ASID */
    cr_expect(eq(i64, entry(VIEW_READ, 0x100000), 0));
    cr_expect(eq(i64, entry(VIEW_READ, 0x1ff000), 0));
    cr_expect(eq(u32, fetch_entry(0x1ff000), 0));
    cr_expect(not(forgot(0x10000, 1)));
    cr_expect(not(forgot(0x200000, 1)));
}

Test(mmu_flush, flush_by_address_matches_the_asid_unless_global)
{
    load(0x10000);
    load(0x11000);
    mmu_flush_va(rig->mmu, 0x10000, 2);
    cr_expect(not(forgot(0x10000, 1)));
    mmu_flush_va(rig->mmu, 0x10fff, 1);
    cr_expect(forgot(0x10000, 1));
    cr_expect(not(forgot(0x11000, 1)));
    mmu_flush_va_all(rig->mmu, 0x11000);
    cr_expect(forgot(0x11000, 1));
}

Test(mmu_flush, flush_reaches_views_that_are_not_current)
{
    rig_user(rig, 1);
    load(0x10000);
    rig_user(rig, 2);
    mmu_flush_va(rig->mmu, 0x10000, 1);
    rig_user(rig, 1);
    cr_expect(forgot(0x10000, 1));
    load(0x11000);
    rig_user(rig, 2);
    mmu_flush_asid(rig->mmu, 2);
    rig_user(rig, 1);
    cr_expect(not(forgot(0x11000, 1)));
    rig_user(rig, 2);
    mmu_flush_asid(rig->mmu, 1);
    rig_user(rig, 1);
    cr_expect(forgot(0x11000, 1));
}

Test(mmu_flush, flush_by_asid_keeps_global_entries_and_flush_all_does_not)
{
    load(0x10000);
    load(0x100000);
    mmu_flush_asid(rig->mmu, 1);
    cr_expect(not(forgot(0x100000, 1)));
    cr_expect(forgot(0x10000, 1));
    load(0x10000);
    mmu_flush_all(rig->mmu);
    cr_expect(forgot(0x10000, 1));
    cr_expect(forgot(0x100000, 1));
}

Test(mmu_flush, a_privileged_view_keeps_what_is_global_when_the_asid_changes)
{
    uint8_t *view = rig->v->view;

    load(0x10000);
    load(0x100000);
    rig_kernel(rig, 2);
    cr_expect(rig->v->view == view);
    cr_expect(lt(i64, 0, entry(VIEW_READ, 0x100000)));
    cr_expect(eq(i64, entry(VIEW_READ, 0x10000), 0));
    cr_expect(eq(u64, mmu_stats(rig->mmu)->flush_asid_change, 1));
    load(0x10000);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_FAULT), "ASID 2 has nothing there");
}

Test(mmu_flush, user_views_are_kept_by_asid_and_the_oldest_goes)
{
    rig_user(rig, 1);
    load(0x10000);
    for (unsigned i = 0; i < VIEW_POOL_USER - 1; i++) {
        mmu_select(rig->mmu, rig_key(RIG_USER, 2, i), rig_key(RIG_USER, 2, i), RIG_MODE);
    }
    rig_user(rig, 1);
    cr_expect(not(forgot(0x10000, 1)));
    cr_expect(eq(u64, mmu_stats(rig->mmu)->view_evictions, 0));
    for (unsigned i = 0; i < VIEW_POOL_USER; i++) {
        mmu_select(rig->mmu, rig_key(RIG_USER, 3, i), rig_key(RIG_USER, 3, i), RIG_MODE);
    }
    rig_user(rig, 1);
    cr_expect(forgot(0x10000, 1));
    cr_expect(eq(u64, mmu_stats(rig->mmu)->view_evictions, VIEW_POOL_USER + 1));
}

Test(mmu_flush, what_is_filled_stays_until_it_is_dropped)
{
    poke(RIG_RAM + 0x9000, 0x99);
    load(0x10000);
    rig_map(rig, 1, 0x10000, RIG_RAM + 0x9000, 12, RIGHT_R, 0, false);
    cr_expect(eq(u64, load(0x10000), 0));
    mmu_store(rig->v, 0x10000, 5, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u64, phys_read(rig->phys, RIG_RAM, 8, NULL), 5));
    mmu_flush_va(rig->mmu, 0x10000, 1);
    cr_expect(eq(u64, load(0x10000), 0x99));
}

Test(mmu_flush, tables_of_empty_views_are_given_back_beyond_a_limit)
{
    uint64_t memory = 0;

    for (Gva va = 0; va < RIG_PAGES * 4096; va += 1 << 21) {
        rig_map(rig, 1, va, RIG_RAM, 12, RWX, RW, true);
    }
    for (unsigned i = 0; i < 4; i++) {
        mmu_select(rig->mmu, rig_key(RIG_KERNEL, 1, i), rig_key(RIG_USER, 1, 0), RIG_MODE);
        for (Gva group = 0; group < 2048; group++) {
            load(group << 21);
        }
    }
    cr_assert(eq(u64, mmu_stats(rig->mmu)->fills, 4 * 2048));
    mmu_flush_all(rig->mmu);
    for (unsigned i = 0; i < MMU_VIEWS; i++) {
        memory += view_memory(&rig->mmu->view[i]);
    }
    cr_expect(le(u64, memory, MMU_POOL_BYTES));
    cr_expect(lt(u64, 0, memory), "not more than needed");
    load(0);
    cr_expect(lt(i64, 0, entry(VIEW_READ, 0)));
    cr_expect(eq(i64, entry(VIEW_READ, 0x200000), 0));
}

/* ---- lookup context ---- */

Test(mmu_flush, the_context_changes_when_an_executable_mapping_goes_and_only_then)
{
    uint64_t before = rig->v->lookup_ctx, user;

    cr_expect(eq(u64, before >> 32 & 0xff, RIG_MODE));
    cr_expect(eq(u64, before & UINT32_MAX, 0));
    load(0x10000);
    rig_map(rig, 1, 0x20a000, RIG_RAM, 12, RW, 0, false);
    load(0x20a000);
    cr_expect(eq(u64, rig->v->lookup_ctx, before), "filling");
    mmu_flush_va(rig->mmu, 0x20a000, 1);
    mmu_flush_va(rig->mmu, 0x11000, 1);
    cr_expect(eq(u64, rig->v->lookup_ctx, before), "not executable; not filled");
    mmu_flush_va(rig->mmu, 0x10000, 1);
    cr_expect(ne(u64, rig->v->lookup_ctx, before), "flush by address");
    before = rig->v->lookup_ctx;
    load(0x10000);
    mmu_flush_asid(rig->mmu, 1);
    cr_expect(ne(u64, rig->v->lookup_ctx, before), "flush by ASID");
    before = rig->v->lookup_ctx;
    load(0x100000);
    mmu_flush_all(rig->mmu);
    cr_expect(ne(u64, rig->v->lookup_ctx, before), "flush all");
    before = rig->v->lookup_ctx;
    mmu_flush_all(rig->mmu);
    cr_expect(eq(u64, rig->v->lookup_ctx, before), "nothing to flush");
    rig_user(rig, 1);
    user = rig->v->lookup_ctx;
    cr_expect(ne(u64, user, before), "another view");
    rig_kernel(rig, 1);
    cr_expect(eq(u64, rig->v->lookup_ctx, before), "and back");
    load(0x10000);
    rig_kernel(rig, 2);
    cr_expect(ne(u64, rig->v->lookup_ctx, before), "dropped with its ASID");
    mmu_set_mode_tag(rig->mmu, 0x7f7e);
    cr_expect(eq(u64, rig->v->lookup_ctx >> 32 & 0xffff, 0x7f7e));
}

Test(mmu_flush, the_context_changes_when_a_fill_replaces_an_executable_mapping)
{
    uint64_t before = rig->v->lookup_ctx;

    load(0x204000);
    mmu_store(rig->v, 0x204000, 0, MO_32);
    rig_leave(rig);
    rig_map(rig, 1, 0x204000, RIG_RAM + 0x4000, 12, RWX, 0, false);
    mmu_store(rig->v, 0x204000, 0, MO_32);
    cr_expect(eq(u64, rig->v->lookup_ctx, before), "the same page");
    rig_map(rig, 1, 0x204000, RIG_RAM + 0x4000, 12, RX, 0, false);
    mmu_flush_all(rig->mmu);
    load(0x204000);
    before = rig->v->lookup_ctx;
    rig_map(rig, 1, 0x204000, RIG_RAM + 0x5000, 12, RWX, 0, false);
    mmu_store(rig->v, 0x204000, 0, MO_32);
    cr_expect(ne(u64, rig->v->lookup_ctx, before), "another page");
}

Test(mmu_flush, a_view_that_is_used_again_for_another_key_has_a_new_context)
{
    uint64_t seen[2 * VIEW_POOL_USER];

    for (unsigned i = 0; i < G_N_ELEMENTS(seen); i++) {
        mmu_select(rig->mmu, rig_key(RIG_USER, 1, i), rig_key(RIG_USER, 1, i), RIG_MODE);
        seen[i] = rig->v->lookup_ctx;
        for (unsigned k = 0; k < i; k++) {
            cr_expect(ne(u64, seen[i], seen[k]));
        }
    }
}

Test(mmu_flush, when_epochs_run_out_all_lookups_are_forgotten)
{
    VcpuCold *cold = vcpu_cold(rig->v);
    uint64_t user;

    rig->mmu->last_epoch = MMU_EPOCHS - 2;
    cold->lookup[5].tag = 42;
    load(0x10000);
    mmu_flush_all(rig->mmu);
    cr_expect(eq(u64, rig->v->lookup_ctx >> 48, MMU_EPOCHS - 1));
    cr_expect(eq(u64, cold->lookup[5].tag, 42));
    load(0x10000);
    mmu_flush_all(rig->mmu);
    cr_expect(eq(u64, cold->lookup[5].tag, UINT64_MAX));
    cr_expect(lt(u64, rig->v->lookup_ctx >> 48, 10));
    user = rig->v->lookup_ctx;
    rig_user(rig, 1);
    cr_expect(ne(u64, rig->v->lookup_ctx, user), "all views have numbers of their own");
}
