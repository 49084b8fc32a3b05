/* SPDX-License-Identifier: MIT */
/* test_phys_shadow.c - RAM over ROM, and the open bus, as phys.h promises them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/memop.h"
#include "tests/unit/mmu_rig.h"

enum { SHADOW = 0x60000000, SHADOW_BYTES = 0x4000, VA = 0x8000, NOWHERE = 0x70000000 };
enum { BYTE = 0 }; /* a Memop of one byte */

static Rig *rig;

static void set_up(void)
{
    static const uint8_t rom[4] = { 0x11, 0x22, 0x33, 0x44 };

    rig = rig_new();
    cr_assert(phys_add_shadow(rig->phys, "shadow", SHADOW, SHADOW_BYTES, NULL));
    phys_set_shadow_rom(rig->phys, SHADOW, rom, sizeof(rom));
    rig_map(rig, 0, VA, SHADOW, 12, RIGHT_R | RIGHT_W | RIGHT_X, 0, false);
    rig_kernel(rig, 0);
}
static void tear_down(void) { rig_free(rig); }
TestSuite(phys_shadow, .init = set_up, .fini = tear_down);

static uint64_t load(void) { return mmu_load(rig->v, VA, BYTE); }
static void store(uint8_t v) { mmu_store(rig->v, VA, v, BYTE); }

Test(phys_shadow, reads_see_rom_and_stores_go_nowhere_at_first)
{
    cr_expect(eq(u64, load(), 0x11));
    store(0x99);
    cr_expect(eq(u64, load(), 0x11));
    cr_expect(eq(u64, phys_read(rig->phys, SHADOW + 8, 4, NULL), 0xffffffff));
    phys_write(rig->phys, SHADOW, 0x98, 1, NULL);
    cr_expect(eq(u64, phys_guest_errors(rig->phys), 0));
    phys_shadow(rig->phys, SHADOW, true, true);
    cr_expect(eq(u64, load(), 0));
}

Test(phys_shadow, each_of_the_four_ways)
{
    load();
    phys_shadow(rig->phys, SHADOW, false, true); /* as firmware copies itself */
    store(0x55);
    cr_expect(eq(u64, load(), 0x11));
    phys_shadow(rig->phys, SHADOW, true, false);
    cr_expect(eq(u64, load(), 0x55));
    store(0x66);
    cr_expect(eq(u64, load(), 0x55));
    phys_shadow(rig->phys, SHADOW, true, true);
    store(0x66);
    cr_expect(eq(u64, load(), 0x66));
    phys_shadow(rig->phys, SHADOW, false, false);
    cr_expect(eq(u64, load(), 0x11));
    cr_expect(eq(u64, phys_guest_errors(rig->phys), 0));
}

Test(phys_shadow, code_goes_when_what_is_read_changes)
{
    phys_code(rig->phys, SHADOW + 0x1040, 2);
    phys_shadow(rig->phys, SHADOW, false, true); /* reads see the same */
    cr_expect(eq(u32, rig->changes, 0));
    phys_shadow(rig->phys, SHADOW, true, true);
    cr_expect(eq(u32, rig->changes, 1));
    cr_expect(eq(u64, rig->change_pa, SHADOW + 0x1000));
    cr_expect(eq(u64, phys_page(rig->phys, SHADOW + 0x1000)->code, 0));
}

static void count_entry(void *n, const MmuEntry *e)
{
    (void)e;
    ++*(unsigned *)n;
}

Test(phys_shadow, views_drop_only_what_changed)
{
    unsigned n = 0;

    rig_map(rig, 0, VA + 0x1000, RIG_RAM, 12, RIGHT_R, 0, false);
    load();
    mmu_load(rig->v, VA + 0x1000, BYTE);
    mmu_each_entry(rig->mmu, count_entry, &n);
    cr_expect(eq(u32, n, 2));
    phys_shadow(rig->phys, SHADOW, true, true);
    n = 0;
    mmu_each_entry(rig->mmu, count_entry, &n);
    cr_expect(eq(u32, n, 1));
}

Test(phys_shadow, what_is_kept_is_the_ram)
{
    const PhysRegion *r;

    phys_shadow(rig->phys, SHADOW, true, true);
    store(0x77);
    phys_shadow(rig->phys, SHADOW, false, false);
    r = phys_find(rig->phys, SHADOW);
    cr_expect(eq(u8, r->ram[0], 0x77));
    cr_expect(eq(u8, r->host[0], 0x11));
    phys_zero(rig->phys);
    cr_expect(eq(u8, r->ram[0], 0));
    cr_expect(eq(u8, r->host[0], 0x11));
}

Test(phys_shadow, one_over_another_region_is_refused)
{
    g_autoptr(GError) error = NULL;

    cr_expect(not(phys_add_shadow(rig->phys, "again", SHADOW + 0x1000, 0x1000, &error)));
    cr_expect(eq(str, error->message, "region again overlaps shadow"));
}

Test(phys_shadow, an_open_bus_reads_as_ones_and_is_no_mistake)
{
    bool ok;

    rig_map(rig, 0, VA, NOWHERE, 12, RIGHT_R | RIGHT_W | RIGHT_X, 0, false);
    phys_open_bus(rig->phys);
    cr_expect(eq(u64, load(), 0xff));
    store(1);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u64, phys_read(rig->phys, NOWHERE, 8, &ok), UINT64_MAX));
    cr_expect(ok);
    cr_expect(eq(u64, phys_guest_errors(rig->phys), 0));
    cr_expect(mmu_fetch(rig->v, VA, &(Gpa){ 0 }) == NULL);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_FAULT));
    cr_expect(not(phys_copy_in(rig->phys, NOWHERE, "x", 1, NULL)));
}

Test(phys_shadow, an_access_beyond_a_window_s_end_meets_the_open_bus)
{
    enum { END = RIG_SMALL_DEV + RIG_SMALL_DEV_BYTES, WORD = 2 };
    const Gva end = VA + (END & (PHYS_PAGE - 1));

    rig_map(rig, 0, VA, END & ~(PHYS_PAGE - 1), 12, RIGHT_R | RIGHT_W, 0, false);
    phys_open_bus(rig->phys);
    rig->dev_value = 0x11;
    cr_expect(eq(u64, mmu_load(rig->v, end - 2, WORD), 0xffff2211));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u32, rig->reads, 2));
    mmu_store(rig->v, end - 1, 0x44332277, WORD);
    cr_expect(eq(u32, rig->writes, 1));
    cr_expect(eq(u64, rig->last_value, 0x77));
    cr_expect(eq(u64, mmu_load(rig->v, end, WORD), 0xffffffff));
}
