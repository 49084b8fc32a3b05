/* SPDX-License-Identifier: MIT */
/* test_mmu_window.c - what a view's window shows, and when it does not show it any more. */
#define _GNU_SOURCE /* pipe2 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <unistd.h>

#include "softmmu/mmu_priv.h"
#include "tests/unit/mmu_rig.h"

enum { RW = RIGHT_R | RIGHT_W, RX = RIGHT_R | RIGHT_X, VA = 0x10000, IO_VA = 0x300000 };

static Rig *rig;

/* VA: 16 pages of RAM; 0x204000: a page that may only be read; IO_VA: a device. */
static void set_up(void)
{
    rig = rig_new();
    for (unsigned i = 0; i < 16; i++) {
        rig_map(rig, 1, VA + i * 4096, RIG_RAM + i * 4096, 12, RW, RW, false);
    }
    rig_map(rig, 1, 0x204000, RIG_RAM + 0x20000, 12, RX, RX, false);
    rig_map(rig, 1, IO_VA, RIG_DEV, 12, RW, RW, false);
    rig_kernel(rig, 1);
}

static void tear_down(void) { rig_free(rig); }

TestSuite(mmu_window, .init = set_up, .fini = tear_down);

static uint8_t *at(Gva va) { return rig->v->view + VIEW_WINDOW + va; }

/* Asks the host, which answers EFAULT where we would be sent a signal. */
static bool reads(Gva va)
{
    int fd[2];
    bool ok;

    cr_assert(eq(int, pipe2(fd, O_NONBLOCK), 0));
    ok = write(fd[1], at(va), 1) == 1;
    close(fd[0]);
    close(fd[1]);
    return ok;
}

static bool writes(Gva va)
{
    int fd[2];
    bool ok;

    cr_assert(eq(int, pipe2(fd, O_NONBLOCK), 0));
    cr_assert(eq(int, (int)write(fd[1], "w", 1), 1));
    ok = read(fd[0], at(va), 1) == 1;
    close(fd[0]);
    close(fd[1]);
    return ok;
}

static MmuWindow fault(Gva va, bool write)
{
    return mmu_window_fault(rig->mmu, at(va), write, true);
}

static void show(Gva va)
{
    mmu_load(rig->v, va, MO_32);
    cr_assert(eq(int, fault(va, false), WINDOW_RETRY));
}

Test(mmu_window, nothing_is_shown_before_the_tables_know_it)
{
    cr_assert(eq(int, (!reads(VA)), 1));
    cr_assert(eq(int, fault(VA, false), WINDOW_TABLES));
    cr_assert(eq(int, (!reads(VA)), 1));
}

Test(mmu_window, a_shown_page_is_the_guest_s_memory)
{
    uint32_t word = 0x12345678;

    show(VA + 0x2000);
    cr_assert(eq(int, (reads(VA + 0x2000) && !reads(VA + 0x1000) && !reads(VA + 0x3000)), 1));
    memcpy(at(VA + 0x2ffc), &word, sizeof(word));
    cr_assert(eq(u64, mmu_load(rig->v, VA + 0x2ffc, MO_32), word));
    phys_zero(rig->phys);
    cr_assert(eq(int, *at(VA + 0x2ffc), 0));
}

Test(mmu_window, neighbours_that_are_known_come_along)
{
    mmu_load(rig->v, VA + 0x1000, MO_32);
    mmu_load(rig->v, VA + 0x3000, MO_32);
    show(VA + 0x2000);
    cr_assert(eq(int, (reads(VA + 0x1000) && reads(VA + 0x3000) && !reads(VA + 0x4000)), 1));
}

Test(mmu_window, invalidation_takes_it_away)
{
    show(VA);
    mmu_flush_va(rig->mmu, VA, 1);
    cr_assert(eq(int, (!reads(VA)), 1));
    show(VA);
    mmu_flush_asid(rig->mmu, 1);
    cr_assert(eq(int, (!reads(VA)), 1));
    show(VA);
    show(VA + 0x8000);
    mmu_flush_all(rig->mmu);
    cr_assert(eq(int, (!reads(VA) && !reads(VA + 0x8000)), 1));
    cr_assert(eq(u32, mmu_stats(rig->mmu)->window_faults, 4));
}

Test(mmu_window, stores_into_code_are_stopped)
{
    show(VA);
    cr_assert(eq(int, (writes(VA)), 1));
    phys_code(rig->phys, RIG_RAM, 1);
    cr_assert(eq(int, (!writes(VA)), 1));
    cr_assert(eq(int, fault(VA, true), WINDOW_NEVER));
    cr_assert(eq(int, fault(VA, false), WINDOW_RETRY));
    cr_assert(eq(int, (reads(VA) && !writes(VA)), 1));
    phys_uncode(rig->phys, RIG_RAM, 1);
    cr_assert(eq(int, fault(VA, true), WINDOW_RETRY));
    cr_assert(eq(int, (writes(VA)), 1));
}

Test(mmu_window, what_may_only_be_read_is_shown_so)
{
    show(0x204000);
    cr_assert(eq(int, (reads(0x204000) && !writes(0x204000)), 1));
    cr_assert(eq(int, fault(0x204000, true), WINDOW_TABLES));
}

Test(mmu_window, devices_are_never_shown)
{
    mmu_load(rig->v, IO_VA, MO_32);
    cr_assert(eq(int, fault(IO_VA, false), WINDOW_NEVER));
    cr_assert(eq(int, (!reads(IO_VA)), 1));
}

Test(mmu_window, an_access_that_is_not_worth_it_shows_nothing)
{
    mmu_load(rig->v, VA, MO_32);
    cr_assert(eq(int, mmu_window_fault(rig->mmu, at(VA), false, false), WINDOW_NEVER));
    cr_assert(eq(int, (!reads(VA)), 1));
    cr_assert(eq(int, fault(VA, false), WINDOW_RETRY));
}

Test(mmu_window, other_addresses_are_not_ours)
{
    cr_assert(eq(int, mmu_window_fault(rig->mmu, rig->v->view, true, true), WINDOW_NOT));
    cr_assert(eq(int, mmu_window_fault(rig->mmu, NULL, false, true), WINDOW_NOT));
    cr_assert(eq(int, mmu_window_fault(rig->mmu, at(UINT32_MAX) + 4, false, true), WINDOW_TABLES));
}
