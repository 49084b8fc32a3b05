/* SPDX-License-Identifier: MIT */
/* test_phys.c - what softmmu/phys.h promises. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/unit/mmu_rig.h"

static Rig *rig;

static void set_up(void) { rig = rig_new(); }
static void tear_down(void) { rig_free(rig); }

TestSuite(phys, .init = set_up, .fini = tear_down);

static void expect_refusal(PhysKind kind, Gpa base, uint64_t bytes, int code, const char *why)
{
    const PhysIo io = { .read = rig_read, .write = rig_write, .opaque = rig };
    g_autoptr(GError) error = NULL;
    bool ok = kind == PHYS_IO ? phys_add_io(rig->phys, "new", base, bytes, &io, &error)
                              : phys_add_memory(rig->phys, kind, "new", base, bytes, &error);

    cr_expect(not(ok), "%s", why);
    cr_expect(g_error_matches(error, PHYS_ERROR, code), "%s: %s", why, error ? error->message : "");
}

Test(phys, regions_that_cannot_be_are_refused)
{
    expect_refusal(PHYS_RAM, RIG_RAM, 4096, PHYS_ERROR_OVERLAP, "same base");
    expect_refusal(PHYS_RAM, RIG_RAM - 4096, 8192, PHYS_ERROR_OVERLAP, "reaches into RAM");
    expect_refusal(PHYS_IO, RIG_RAM + RIG_RAM_BYTES - 1, 1, PHYS_ERROR_OVERLAP, "last byte");
    expect_refusal(PHYS_RAM, RIG_DEV & ~0xfffu, 4096, PHYS_ERROR_OVERLAP, "page of a window");
    expect_refusal(PHYS_RAM, RIG_SMALL_DEV & ~0xfffu, 4096, PHYS_ERROR_OVERLAP, "part of a page");
    expect_refusal(PHYS_IO, RIG_SMALL_DEV + 0xff, 4, PHYS_ERROR_OVERLAP, "two windows");
    expect_refusal(PHYS_RAM, 0x60000000, 0, PHYS_ERROR_SIZE, "empty");
    expect_refusal(PHYS_IO, 0x60000000, 0, PHYS_ERROR_SIZE, "empty window");
    expect_refusal(PHYS_RAM, 0x60000000, 4095, PHYS_ERROR_SIZE, "not pages");
    expect_refusal(PHYS_ROM, 0x60000800, 4096, PHYS_ERROR_SIZE, "not at a page");
    expect_refusal(PHYS_RAM, 0xfffffffffffff000u, 8192, PHYS_ERROR_SIZE, "wraps");
}

Test(phys, two_windows_may_share_a_page)
{
    rig_add(rig, PHYS_IO, "beside", RIG_SMALL_DEV + RIG_SMALL_DEV_BYTES, 0x10);
    cr_assert(eq(str, (char *)phys_find(rig->phys, RIG_SMALL_DEV + 0x100)->name, "beside"));
    cr_assert(eq(str, (char *)phys_find(rig->phys, RIG_SMALL_DEV + 0xff)->name, "small"));
}

Test(phys, find_knows_first_and_last_byte_of_each_region)
{
    const PhysRegion *r;

    for (unsigned i = 0; (r = phys_region(rig->phys, i)) != NULL; i++) {
        const PhysRegion *next = phys_region(rig->phys, i + 1);

        cr_expect(phys_find(rig->phys, r->base) == r);
        cr_expect(phys_find(rig->phys, r->base + r->bytes - 1) == r);
        cr_expect(phys_find(rig->phys, r->base + r->bytes) != r);
        cr_expect(next == NULL || r->base < next->base);
    }
    cr_expect(phys_find(rig->phys, RIG_RAM - 1) == NULL);
    cr_expect(phys_find(rig->phys, RIG_SMALL_DEV - 1) == NULL);
    cr_expect(phys_find(rig->phys, UINT64_MAX) == NULL);
    cr_expect(phys_page(rig->phys, RIG_DEV) == NULL);
    cr_expect(phys_page(rig->phys, RIG_RAM + 4096) == &phys_find(rig->phys, RIG_RAM)->page[1]);
}

Test(phys, accesses_are_little_endian_and_say_whether_anything_answers)
{
    bool ok = false;

    phys_write(rig->phys, RIG_RAM + 8, 0x1122334455667788u, 8, &ok);
    cr_expect(ok);
    cr_expect(eq(u64, phys_read(rig->phys, RIG_RAM + 8, 2, NULL), 0x7788));
    cr_expect(eq(u64, phys_read(rig->phys, RIG_RAM + 12, 4, &ok), 0x11223344));
    phys_write(rig->phys, RIG_RAM + 9, 0xabcdef, 1, &ok);
    cr_expect(eq(u64, phys_read(rig->phys, RIG_RAM + 8, 8, &ok), 0x112233445566ef88u));
    cr_expect(ok);
    cr_expect(eq(u64, phys_guest_errors(rig->phys), 0));
    cr_expect(eq(u64, phys_read(rig->phys, 0x60000000, 4, &ok), 0));
    cr_expect(not(ok));
    phys_write(rig->phys, RIG_RAM + RIG_RAM_BYTES - 2, 0, 4, &ok);
    cr_expect(not(ok), "half in, half out");
    cr_expect(eq(u64, phys_guest_errors(rig->phys), 2));
}

Test(phys, devices_are_accessed_by_offset_and_size)
{
    bool ok = false;

    rig->dev_value = 0x55;
    cr_expect(eq(u64, phys_read(rig->phys, RIG_SMALL_DEV + 6, 2, &ok), 0x55));
    cr_expect(ok);
    cr_expect(eq(u64, rig->last_off, 6));
    cr_expect(eq(u32, rig->last_bytes, 2));
    phys_write(rig->phys, RIG_DEV + 0xffc, 0x1234, 4, &ok);
    cr_expect(eq(u64, rig->last_off, 0xffc));
    cr_expect(eq(u64, rig->last_value, 0x1234));
    phys_read(rig->phys, RIG_SMALL_DEV + 0xfe, 4, &ok);
    cr_expect(not(ok), "beyond the window");
    cr_expect(eq(u32, rig->reads, 1));
}

Test(phys, the_guest_cannot_write_rom_but_a_loader_can)
{
    const uint32_t word = 0xdeadbeef;
    g_autoptr(GError) error = NULL;
    bool ok = false;

    phys_write(rig->phys, RIG_ROM + 4, 0x11, 4, &ok);
    cr_expect(ok);
    cr_expect(eq(u64, phys_guest_errors(rig->phys), 1));
    cr_expect(eq(u64, phys_read(rig->phys, RIG_ROM + 4, 4, NULL), 0));
    cr_assert(phys_copy_in(rig->phys, RIG_ROM + 4, &word, 4, &error));
    cr_expect(eq(u64, phys_read(rig->phys, RIG_ROM + 4, 4, NULL), 0xdeadbeef));
}

Test(phys, a_copy_that_leaves_memory_copies_nothing)
{
    uint8_t in[8192], out[8192] = { 0 };
    g_autoptr(GError) error = NULL;

    memset(in, 0x5a, sizeof(in));
    cr_expect(not(phys_copy_in(rig->phys, RIG_RAM2 + RIG_RAM2_BYTES - 8191, in, 8192, &error)));
    cr_assert(g_error_matches(error, PHYS_ERROR, PHYS_ERROR_RANGE));
    cr_expect(eq(u64, phys_read(rig->phys, RIG_RAM2 + RIG_RAM2_BYTES - 8, 8, NULL), 0));
    g_clear_error(&error);
    cr_expect(not(phys_copy_out(rig->phys, RIG_DEV, out, 4, &error)));
    g_clear_error(&error);
    cr_assert(phys_copy_in(rig->phys, RIG_RAM + 100, in, 8192, &error));
    cr_assert(phys_copy_out(rig->phys, RIG_RAM + 101, out, 8192, &error));
    cr_expect(eq(u32, memcmp(in, out, 8191), 0));
    cr_expect(eq(u8, out[8191], 0));
}

Test(phys, a_copy_may_go_through_neighbouring_regions)
{
    uint8_t in[8192], out[8192] = { 0 };
    g_autoptr(GError) error = NULL;

    rig_add(rig, PHYS_ROM, "behind", RIG_RAM2 + RIG_RAM2_BYTES, 4096);
    for (unsigned i = 0; i < sizeof(in); i++) {
        in[i] = (uint8_t)(i * 7 + i / 256);
    }
    cr_assert(phys_copy_in(rig->phys, RIG_RAM2 + RIG_RAM2_BYTES - 4096, in, 8192, &error));
    cr_assert(phys_copy_out(rig->phys, RIG_RAM2 + RIG_RAM2_BYTES - 4096, out, 8192, &error));
    cr_expect(eq(u32, memcmp(in, out, 8192), 0));
}

Test(phys, writes_from_outside_tell_of_code_before_it_changes_and_only_there)
{
    uint8_t zeros[8192] = { 0 };
    g_autoptr(GError) error = NULL;

    phys_write(rig->phys, RIG_RAM + 0x1040, 0x77, 1, NULL);
    phys_code(rig->phys, RIG_RAM + 0x1000, 1u << 1 | 1u << 3);
    phys_write(rig->phys, RIG_RAM + 0x103f, 1, 1, NULL);
    phys_write(rig->phys, RIG_RAM + 0x1080, 1, 8, NULL);
    cr_expect(eq(u32, rig->changes, 0));
    phys_write(rig->phys, RIG_RAM + 0x1040, 1, 1, NULL);
    cr_expect(eq(u32, rig->changes, 1));
    cr_expect(eq(u64, rig->change_pa, RIG_RAM + 0x1040));
    cr_expect(eq(u64, rig->change_bytes, 1));
    cr_expect(eq(u64, rig->change_was, 0x77), "told before");
    cr_expect(eq(u64, phys_page(rig->phys, RIG_RAM + 0x1000)->code, 1u << 3));
    cr_assert(phys_copy_in(rig->phys, RIG_RAM + 0x800, zeros, 8192, &error));
    cr_expect(eq(u32, rig->changes, 2));
    cr_expect(eq(u64, rig->change_pa, RIG_RAM + 0x1000), "a page at a time");
    cr_expect(eq(u64, rig->change_bytes, 0x1000));
    cr_expect(eq(u64, phys_page(rig->phys, RIG_RAM + 0x1000)->code, 0));
}

Test(phys, a_store_across_two_pages_tells_of_code_in_the_second)
{
    phys_code(rig->phys, RIG_RAM + 0x2000, 1);
    phys_write(rig->phys, RIG_RAM + 0x1ffc, 0, 4, NULL);
    cr_expect(eq(u32, rig->changes, 0));
    phys_write(rig->phys, RIG_RAM + 0x1ffe, 0, 4, NULL);
    cr_expect(eq(u32, rig->changes, 1));
    cr_expect(eq(u64, rig->change_pa, RIG_RAM + 0x2000));
}

/* ---- a space of I/O ports ---- */

Test(phys, ports_where_nothing_answers_are_all_ones_and_no_mistake)
{
    cr_expect(eq(u64, phys_in(rig->phys, 0x60000000, 4), 0xffffffff));
    cr_expect(eq(u64, phys_in(rig->phys, 0x60000000, 1), 0xff));
    phys_out(rig->phys, 0x60000000, 1, 4);
    cr_expect(eq(u64, phys_guest_errors(rig->phys), 0));
}

Test(phys, a_port_access_no_window_holds_is_done_in_parts)
{
    rig->dev_value = 0x55;
    cr_expect(eq(u64, phys_in(rig->phys, RIG_SMALL_DEV + 0xfe, 4), 0xffff0055));
    cr_expect(eq(u32, rig->last_bytes, 2));
    phys_out(rig->phys, RIG_SMALL_DEV - 1, 0x332211, 4);
    cr_expect(eq(u32, rig->writes, 2));
    cr_expect(eq(u64, rig->last_off, 1));
    cr_expect(eq(u64, rig->last_value, 0x33));
    cr_expect(eq(u32, rig->last_bytes, 2));
}

Test(phys, a_window_taken_away_is_not_there)
{
    phys_remove_io(rig->phys, RIG_SMALL_DEV);
    cr_expect(phys_find(rig->phys, RIG_SMALL_DEV) == NULL);
    cr_expect(phys_find(rig->phys, RIG_DEV) != NULL);
    rig_add(rig, PHYS_IO, "again", RIG_SMALL_DEV, 0x10);
    cr_expect(eq(str, (char *)phys_find(rig->phys, RIG_SMALL_DEV)->name, "again"));
}
