/* SPDX-License-Identifier: MIT */
/* test_mmu.c - what softmmu/mmu.h promises, case by case. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "softmmu/mmu_priv.h"
#include "tests/unit/mmu_rig.h"

enum { RW = RIGHT_R | RIGHT_W, RX = RIGHT_R | RIGHT_X, RWX = RIGHT_R | RIGHT_W | RIGHT_X };

static Rig *rig;

/*
 * 0x00010000 RAM + 0 .. 64 KiB, small pages, RWX, RW for the user, ASID 1
 * 0x00100000 RAM + 1 MiB, a global section, RWX, nothing for the user
 * 0x00200000 ROM, small page, RWX     0x00201000 device     0x00202000 page of the small device
 * 0x00203000 nothing there            0x00204000 read-only
 */
static void set_up(void)
{
    rig = rig_new();
    for (unsigned i = 0; i < 16; i++) {
        rig_map(rig, 1, 0x10000 + i * 4096, RIG_RAM + i * 4096, 12, RWX, RW, false);
    }
    rig_map(rig, 1, 0x100000, RIG_RAM + 0x100000, 20, RWX, 0, true);
    rig_map(rig, 1, 0x200000, RIG_ROM, 12, RWX, 0, false);
    rig_map(rig, 1, 0x201000, RIG_DEV, 12, RWX, RW, false);
    rig_map(rig, 1, 0x202000, RIG_SMALL_DEV & ~0xfffu, 12, RWX, 0, false);
    rig_map(rig, 1, 0x203000, 0x70000000, 12, RWX, 0, false);
    rig_map(rig, 1, 0x204000, RIG_RAM + 0x4000, 12, RX, RIGHT_R, false);
    rig_kernel(rig, 1);
}

static void tear_down(void) { rig_free(rig); }

TestSuite(mmu, .init = set_up, .fini = tear_down);

static void poke(Gpa pa, uint64_t value) { phys_write(rig->phys, pa, value, 8, NULL); }
static uint64_t look(Gpa pa) { return phys_read(rig->phys, pa, 8, NULL); }
static uint64_t load(Gva va) { return mmu_load(rig->v, va, MO_32); }

static int64_t entry(uint32_t table, Gva va)
{
    return *view_slot(rig->v->view, table, va >> VIEW_PAGE_SHIFT);
}

static uint32_t fetch_entry(Gva va) { return *view_fetch_slot(rig->v->view, va >> 12); }

static void expect_fault(uint32_t kind, Gva va, const char *why)
{
    const VcpuFault *f = &vcpu_cold(rig->v)->fault;

    cr_expect(eq(u32, rig_leave(rig), LEAVE_FAULT), "%s", why);
    cr_expect(eq(u32, f->kind, kind), "%s", why);
    cr_expect(eq(u32, f->address, va), "%s", why);
}

/* ---- filling ---- */

Test(mmu, one_walk_fills_read_write_fetch_and_info)
{
    poke(RIG_RAM + 0x1008, 0x1234);
    cr_expect(eq(u64, load(0x11008), 0x1234));
    mmu_store(rig->v, 0x11008, 0x5678, MO_32);
    cr_expect(eq(u32, rig->walks, 1));
    cr_expect(eq(u64, look(RIG_RAM + 0x1008), 0x5678));
    cr_expect(lt(i64, 0, entry(VIEW_READ, 0x11000)));
    cr_expect(eq(i64, entry(VIEW_READ, 0x11000), entry(VIEW_WRITE, 0x11000)));
    cr_expect(eq(u32, fetch_entry(0x11000), VIEW_FETCH_OK | (RIG_RAM + 0x1000) >> 12));
    cr_expect(eq(u8, *view_info_slot(rig->v->view, 0x11), VIEW_INFO_VALID));
    load(0x101000);
    cr_expect(eq(u8, *view_info_slot(rig->v->view, 0x101),
                 VIEW_INFO_VALID | VIEW_INFO_GLOBAL | 8 << VIEW_INFO_SIZE_SHIFT));
    cr_expect(eq(u64, mmu_stats(rig->mmu)->fills, 2));
}

Test(mmu, rom_is_read_and_fetched_but_stores_are_counted_and_ignored)
{
    const uint32_t word = 0xcafe;
    GError *error = NULL;
    Gpa pa = 0;

    cr_assert(phys_copy_in(rig->phys, RIG_ROM, &word, 4, &error));
    cr_expect(eq(u64, load(0x200000), 0xcafe));
    cr_expect(lt(i64, 0, entry(VIEW_READ, 0x200000)));
    cr_expect(lt(i64, entry(VIEW_WRITE, 0x200000), 0));
    mmu_store(rig->v, 0x200000, 1, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u64, load(0x200000), 0xcafe));
    cr_expect(eq(u64, mmu_stats(rig->mmu)->rom_stores, 1));
    cr_expect(eq(u8, *mmu_fetch(rig->v, 0x200000, &pa), 0xfe));
    cr_expect(eq(u64, pa, RIG_ROM));
}

Test(mmu, device_pages_are_slow_and_not_executable)
{
    Gpa pa;

    load(0x201000);
    cr_expect(eq(i64, entry(VIEW_READ, 0x201000), VIEW_SLOW | VIEW_IO | RIG_DEV >> 12));
    cr_expect(eq(i64, entry(VIEW_WRITE, 0x201000), VIEW_SLOW | VIEW_IO | RIG_DEV >> 12));
    cr_expect(eq(u32, fetch_entry(0x201000), 0));
    cr_expect(mmu_fetch(rig->v, 0x201000, &pa) == NULL);
    expect_fault(FAULT_BUS, 0x201000, "fetch from a device");
}

Test(mmu, where_nothing_answers_is_a_bus_error)
{
    load(0x203004);
    expect_fault(FAULT_BUS, 0x203004, "hole");
    mmu_store(rig->v, 0x202000, 0, MO_32);
    expect_fault(FAULT_BUS, 0x202000, "before the window in its page");
    load(0x202800);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    load(0x2028fe);
    expect_fault(FAULT_BUS, 0x2028fe, "half beyond the window");
    load(0x202900);
    expect_fault(FAULT_BUS, 0x202900, "behind the window, page filled");
    cr_expect(eq(u32, rig->reads, 1));
    cr_expect(eq(u64, mmu_stats(rig->mmu)->bus_errors, 4));
}

Test(mmu, rights_are_those_of_the_view)
{
    load(0x204000);
    cr_expect(eq(i64, entry(VIEW_WRITE, 0x204000), 0));
    mmu_store(rig->v, 0x204004, 1, MO_32);
    expect_fault(FAULT_PAGE, 0x204004, "read-only");
    cr_expect(lt(i64, 0, entry(VIEW_READ, 0x204000)), "a fault leaves what is filled");
    mmu_load(rig->v, 0x100000, MO_32 | MO_UNPRIV);
    expect_fault(FAULT_PAGE, 0x100000, "kernel only");
    mmu_store(rig->v, 0x10000, 1, MO_32 | MO_UNPRIV);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(i64, entry(VIEW_WRITE, 0x10000), 0),
              "filled in the user's view, not the kernel's");
    rig_user(rig, 1);
    cr_expect(lt(i64, 0, entry(VIEW_WRITE, 0x10000)));
    cr_expect(eq(u32, fetch_entry(0x10000), 0));
}

Test(mmu, fetch_gives_host_and_physical_address)
{
    Gpa pa = 0;
    const uint8_t *host;

    poke(RIG_RAM + 0x100010, 0x8877665544332211u);
    host = mmu_fetch(rig->v, 0x100012, &pa);
    cr_assert(host != NULL);
    cr_expect(eq(u8, *host, 0x33));
    cr_expect(eq(u64, pa, RIG_RAM + 0x100012));
    cr_expect(mmu_fetch(rig->v, 0x300000, &pa) == NULL);
    expect_fault(FAULT_PAGE, 0x300000, "not mapped");
}

/* 0x1fff8 is the last doubleword that is mapped there. */
Test(mmu, half_of_a_wide_access_faults_where_the_other_half_would)
{
    poke(RIG_RAM + 0xfff8, 0x1234);
    for (unsigned known = 0; known < 2; known++) {
        mmu_store(rig->v, 0x1fff8, 0x5678, MO_64 | MO_HALF);
        expect_fault(FAULT_PAGE, 0x20000, "store");
        cr_expect(eq(u64, look(RIG_RAM + 0xfff8), 0x1234), "%u", known);
        mmu_load(rig->v, 0x1fff8, MO_64 | MO_HALF);
        expect_fault(FAULT_PAGE, 0x20000, "load");
        cr_expect(eq(u64, mmu_load(rig->v, 0x1fff8, MO_64), 0x1234));
    }
}

/* ---- values ---- */

Test(mmu, loads_apply_size_sign_and_byte_order)
{
    static const struct {
        uint64_t memop, want;
    } row[] = {
        { MO_8, 0xf8 },
        { MO_8 | MO_SIGN, 0xfffffffffffffff8u },
        { MO_16, 0xe7f8 },
        { MO_16 | MO_SIGN, 0xffffffffffffe7f8u },
        { MO_16 | MO_BE, 0xf8e7 },
        { MO_16 | MO_BE | MO_SIGN, 0xfffffffffffff8e7u },
        { MO_32, 0xc5d6e7f8 },
        { MO_32 | MO_SIGN, 0xffffffffc5d6e7f8u },
        { MO_32 | MO_BE, 0xf8e7d6c5 },
        { MO_64, 0x0123a4b5c5d6e7f8u },
        { MO_64 | MO_BE, 0xf8e7d6c5b5a42301u },
        { MO_64 | MO_BE | MO_SIGN, 0xf8e7d6c5b5a42301u },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(row); i++) {
        for (Gva va = 0x10ff8; va <= 0x11000; va++) { /* also misaligned and across the page */
            poke(RIG_RAM + va - 0x10000, 0x0123a4b5c5d6e7f8u);
            cr_expect(eq(u64, mmu_load(rig->v, va, row[i].memop), row[i].want), "row %u at %x", i,
                      va);
        }
    }
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
}

Test(mmu, stores_write_their_bytes_and_no_other)
{
    static const struct {
        uint64_t memop, want;
    } row[] = {
        { MO_8, 0xffffffffffffff88u },          { MO_16, 0xffffffffffff7788u },
        { MO_16 | MO_BE, 0xffffffffffff8877u }, { MO_32, 0xffffffff55667788u },
        { MO_32 | MO_BE, 0xffffffff88776655u }, { MO_64, 0x1122334455667788u },
        { MO_64 | MO_BE, 0x8877665544332211u },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(row); i++) {
        for (Gva va = 0x10ff8; va <= 0x11000; va++) {
            poke(RIG_RAM + va - 0x10000, UINT64_MAX);
            mmu_store(rig->v, va, 0x1122334455667788u, row[i].memop);
            cr_expect(eq(u64, look(RIG_RAM + va - 0x10000), row[i].want), "row %u at %x", i, va);
        }
    }
}

Test(mmu, the_alignment_fault_comes_before_the_page_fault)
{
    mmu_load(rig->v, 0x300002, MO_32 | 2 << MO_ALIGN_SHIFT);
    expect_fault(FAULT_ALIGN, 0x300002, "unmapped and misaligned");
    mmu_store(rig->v, 0x10004, 0, MO_64 | 2 << MO_ALIGN_SHIFT);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO), "the rule may be weaker than the size");
    mmu_store(rig->v, 0x10004, 0, MO_64 | 3 << MO_ALIGN_SHIFT);
    expect_fault(FAULT_ALIGN, 0x10004, "store");
    cr_expect(eq(u64, mmu_stats(rig->mmu)->misaligned, 2));
    cr_expect(eq(u32, rig->walks, 1));
}

Test(mmu, a_store_across_pages_writes_nothing_if_the_second_faults)
{
    *rig_page(rig, 1, 0x11000) = (RigPage){ 0 };
    mmu_store(rig->v, 0x10ffd, UINT64_MAX, MO_64);
    expect_fault(FAULT_PAGE, 0x11000, "address of the first byte that fails");
    cr_expect(eq(u64, look(RIG_RAM + 0xff8), 0));
    mmu_load(rig->v, 0xffff, MO_16);
    expect_fault(FAULT_PAGE, 0xffff, "the first page fails");
}

Test(mmu, half_a_store_across_pages_writes_nothing_if_the_other_half_faults)
{
    *rig_page(rig, 1, 0x11000) = (RigPage){ 0 };
    mmu_store(rig->v, 0x10ff0, 0, MO_64); /* now the view has the first page */
    mmu_store(rig->v, 0x10ff6, UINT64_MAX, MO_64 | MO_HALF);
    expect_fault(FAULT_PAGE, 0x11000, "the other half");
    cr_expect(eq(u64, look(RIG_RAM + 0xff6), 0));
}

Test(mmu, an_access_wraps_at_the_end_of_the_address_space)
{
    rig->last = (RigPage){ .pa = RIG_RAM + 0x5000, .kernel = RW, .shift = 12 };
    rig_map(rig, 1, 0, RIG_RAM + 0x7000, 12, RW, 0, false);
    mmu_store(rig->v, 0xfffffffe, 0xaabbccdd, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u64, look(RIG_RAM + 0x5ff8), 0xccdd000000000000u));
    cr_expect(eq(u64, look(RIG_RAM + 0x7000), 0xaabb));
    cr_expect(eq(u64, load(0xfffffffe), 0xaabbccdd));
}

Test(mmu, cas_stores_only_if_equal_and_gives_the_old_value)
{
    poke(RIG_RAM + 8, 0x11223344);
    cr_expect(eq(u64, mmu_cas(rig->v, 0x10008, 0x11223345, 9, MO_32), 0x11223344));
    cr_expect(eq(u64, look(RIG_RAM + 8), 0x11223344));
    cr_expect(eq(u64, mmu_cas(rig->v, 0x10008, 0x44332211, 0xa0b0c0d0, MO_32 | MO_BE), 0x44332211));
    cr_expect(eq(u64, look(RIG_RAM + 8), 0xd0c0b0a0));
    cr_expect(eq(u64, mmu_cas(rig->v, 0x10008, 0xffffffffd0c0b0a0u, 1, MO_32 | MO_SIGN),
                 0xffffffffd0c0b0a0u));
    cr_expect(eq(u64, look(RIG_RAM + 8), 1));
    mmu_cas(rig->v, 0x204008, 5, 6, MO_32);
    expect_fault(FAULT_PAGE, 0x204008, "read-only, though it would not have stored");
    mmu_cas(rig->v, 0x1000a, 0, 0, MO_32 | 2 << MO_ALIGN_SHIFT);
    expect_fault(FAULT_ALIGN, 0x1000a, "misaligned");
}

/* ---- runs ---- */

Test(mmu, run_serves_plain_ram_of_one_page_and_leaves_the_rest)
{
    uint64_t write = MO_32 | MO_WRITE | 2 << MO_ALIGN_SHIFT;
    uint8_t *host = phys_find(rig->phys, RIG_RAM)->host;

    cr_expect(eq(u64, mmu_run(rig->v, 0x10fc0, write, 64), (uint64_t)(uintptr_t)host - 0x10000));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(ne(u64, mmu_run(rig->v, 0x10fc4, write, 64), 0), "pages that are neighbours");
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u64, mmu_run(rig->v, 0x10fc2, write, 8), 0));
    expect_fault(FAULT_ALIGN, 0x10fc2, "misaligned");
    cr_expect(eq(u64, mmu_run(rig->v, 0x204000, write, 8), 0));
    expect_fault(FAULT_PAGE, 0x204000, "read-only");
    cr_expect(ne(u64, mmu_run(rig->v, 0x204000, MO_32, 8), 0));
    cr_expect(eq(u64, mmu_run(rig->v, 0x201000, MO_32, 8), 0));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_STEP), "device");
    cr_expect(eq(u64, mmu_run(rig->v, 0x200000, write, 8), 0));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_STEP), "ROM");
    cr_expect(eq(u32, rig->reads, 0));
    phys_code(rig->phys, RIG_RAM, 1u << 2);
    cr_expect(ne(u64, mmu_run(rig->v, 0x10040, write, 64), 0), "beside code");
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u64, mmu_run(rig->v, 0x10044, write, 64), 0));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_STEP), "code");
    cr_expect(ne(u64, mmu_run(rig->v, 0x10044, MO_32, 64), 0), "reading code");
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
}

/* ---- devices ---- */

Test(mmu, a_device_is_asked_once_with_the_guests_size)
{
    rig->dev_value = 0xf1f2f3f4;
    cr_expect(eq(u64, mmu_load(rig->v, 0x201010, MO_32 | MO_SIGN), 0xfffffffff1f2f3f4u));
    cr_expect(eq(u32, rig->reads, 1));
    cr_expect(eq(u32, rig->last_bytes, 4));
    mmu_store(rig->v, 0x201012, 0xaabbccdd, MO_16 | MO_BE);
    cr_expect(eq(u32, rig->writes, 1));
    cr_expect(eq(u32, rig->last_bytes, 2));
    cr_expect(eq(u64, rig->last_off, 0x12));
    cr_expect(eq(u64, rig->last_value, 0xddcc));
    mmu_store(rig->v, 0x201013, 0xaabbccdd, MO_32);
    cr_expect(eq(u32, rig->writes, 5), "misaligned: bytes");
    cr_expect(eq(u32, rig->last_bytes, 1));
    cr_expect(eq(u64, rig->last_value, 0xaa));
    cr_expect(eq(u64, rig->last_off, 0x16));
    cr_expect(eq(u64, vcpu_cold(rig->v)->device_accesses, 3));
}

Test(mmu, a_unit_is_left_at_an_instruction_with_too_many_device_accesses)
{
    VcpuCold *cold = vcpu_cold(rig->v);

    rig->dev_value = 7;
    for (unsigned insn = 0; insn < 3; insn++) {
        rig->count++;
        rig_inside(rig, true);
        cr_expect(eq(u64, load(0x201000), 7 * (insn + 1)));
        mmu_store(rig->v, 0x201000, 1, MO_32);
        cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
        cr_expect(eq(u64, cold->now_count, rig->count));
    }
    load(0x201000);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_STEP));
    mmu_cas(rig->v, 0x201000, 1, 1, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_STEP));
    cr_expect(eq(u32, rig->reads + rig->writes, 6));
    cr_expect(eq(u32, cold->replay.made, 2));
    cr_expect(eq(u64, cold->replay.count, rig->count));
}

Test(mmu, both_accesses_of_an_instruction_are_made_once)
{
    VcpuCold *cold = vcpu_cold(rig->v);

    rig->dev_value = 7;
    rig_inside(rig, true);
    load(0x201000);
    rig->raise = ATTN_IRQ;
    mmu_store(rig->v, 0x201000, 1, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER));
    cr_expect(eq(u32, cold->replay.valid, 2));
    rig_inside(rig, false);
    cr_expect(eq(u64, load(0x201000), 7));
    mmu_store(rig->v, 0x201000, 1, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u32, rig->reads, 1));
    cr_expect(eq(u32, rig->writes, 1));
    cr_expect(eq(u32, cold->replay.valid, 0));
    load(0x201000);
    cr_expect(eq(u32, rig->reads, 2));
}

Test(mmu, a_port_access_is_a_device_access)
{
    VcpuCold *cold = vcpu_cold(rig->v);

    mmu_set_ports(rig->mmu, rig->phys);
    rig->dev_value = 7;
    cr_expect(eq(u64, mmu_in(rig->v, RIG_SMALL_DEV, 2), 7));
    cr_expect(eq(u32, rig->last_bytes, 2));
    mmu_out(rig->v, RIG_SMALL_DEV + 4, 0x11223344, 4);
    cr_expect(eq(u64, rig->last_value, 0x11223344));
    cr_expect(eq(u64, mmu_in(rig->v, 0x60000000, 1), 0xff));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cold->host_pc = rig;
    rig->raise = ATTN_IRQ;
    mmu_in(rig->v, RIG_SMALL_DEV, 1);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER));
    cr_expect(eq(u32, cold->replay.valid, 1));
    cold->host_pc = NULL;
    cr_expect(eq(u64, mmu_in(rig->v, RIG_SMALL_DEV, 1), 14), "the replayed value");
    cr_expect(eq(u32, rig->reads, 2));
}

Test(mmu, a_device_access_inside_a_unit_knows_the_time_and_leaves_only_for_attention)
{
    VcpuCold *cold = vcpu_cold(rig->v);

    rig->dev_value = 7;
    rig_inside(rig, true);
    cr_expect(eq(u64, mmu_load(rig->v, 0x201000, MO_32 | MO_ONLY), 7));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u64, cold->now_count, 1234));
    rig->raise = ATTN_IRQ;
    mmu_load(rig->v, 0x201000, MO_32 | MO_ONLY);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER));
    cr_expect(eq(u32, cold->replay.valid, 1));
    cr_expect(eq(u32, rig->reads, 2));
    rig_inside(rig, false);
    cr_expect(eq(u64, mmu_load(rig->v, 0x201000, MO_32 | MO_ONLY), 14), "the replayed value");
    cr_expect(eq(u32, rig->reads, 2), "not asked again");
    cr_expect(eq(u32, cold->replay.valid, 0));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    rig_inside(rig, true);
    mmu_load(rig->v, 0x201000, MO_32 | MO_ONLY);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO), "attention that was up already");
}

Test(mmu, a_device_store_is_not_repeated_after_attention)
{
    rig->raise = ATTN_PLAN;
    rig_inside(rig, true);
    mmu_store(rig->v, 0x201000, 3, MO_32 | MO_ONLY);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER));
    rig_inside(rig, false);
    mmu_store(rig->v, 0x201000, 3, MO_32 | MO_ONLY);
    cr_expect(eq(u32, rig->writes, 1));
    rig->v->attention = 0;
    mmu_store(rig->v, 0x201000, 3, MO_32 | MO_ONLY);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER), "the interpreter too hears of attention");
    cr_expect(eq(u32, vcpu_cold(rig->v)->replay.valid, 0));
    cr_expect(eq(u32, rig->writes, 2));
}

/* ---- code ---- */

Test(mmu, code_makes_stores_slow_in_every_view_and_fast_again)
{
    rig_map(rig, 1, 0x208000, RIG_RAM + 0x3000, 12, RWX, RW, true);
    mmu_store(rig->v, 0x13000, 1, MO_32);
    mmu_store(rig->v, 0x208000, 1, MO_32);
    mmu_store(rig->v, 0x13000, 1, MO_32 | MO_UNPRIV);
    cr_expect(lt(i64, 0, entry(VIEW_WRITE, 0x13000)));
    phys_code(rig->phys, RIG_RAM + 0x3000, 1u << 5);
    cr_expect(lt(i64, entry(VIEW_WRITE, 0x13000), 0));
    cr_expect(lt(i64, entry(VIEW_WRITE, 0x208000), 0));
    cr_expect(lt(i64, 0, entry(VIEW_READ, 0x208000)));
    cr_expect(lt(i64, *view_slot(vcpu_cold(rig->v)->unpriv_view, VIEW_WRITE, 0x13), 0));
    phys_code(rig->phys, RIG_RAM + 0x3000, 1u << 7);
    phys_uncode(rig->phys, RIG_RAM + 0x3000, 1u << 5);
    cr_expect(lt(i64, entry(VIEW_WRITE, 0x13000), 0), "a granule is left");
    phys_uncode(rig->phys, RIG_RAM + 0x3000, 1u << 7);
    cr_expect(lt(i64, 0, entry(VIEW_WRITE, 0x13000)));
    cr_expect(eq(i64, entry(VIEW_WRITE, 0x13000), entry(VIEW_READ, 0x13000)));
    cr_expect(eq(i64, entry(VIEW_WRITE, 0x208000), entry(VIEW_READ, 0x208000)));
    cr_expect(lt(i64, 0, *view_slot(vcpu_cold(rig->v)->unpriv_view, VIEW_WRITE, 0x13)));
}

Test(mmu, a_page_with_code_is_slow_from_its_fill_on)
{
    phys_code(rig->phys, RIG_RAM + 0x3000, 1);
    load(0x13000);
    cr_expect(
        eq(i64, entry(VIEW_WRITE, 0x13000), VIEW_SLOW | VIEW_CODE | entry(VIEW_READ, 0x13000)));
    phys_uncode(rig->phys, RIG_RAM + 0x3000, UINT64_MAX);
    cr_expect(lt(i64, 0, entry(VIEW_WRITE, 0x13000)));
}

Test(mmu, an_entry_that_was_remapped_is_not_marked_for_its_old_page)
{
    mmu_store(rig->v, 0x13000, 1, MO_32);
    rig_map(rig, 1, 0x13000, RIG_RAM + 0x9000, 12, RWX, RW, false);
    mmu_flush_va(rig->mmu, 0x13000, 1);
    mmu_store(rig->v, 0x13000, 1, MO_32);
    phys_code(rig->phys, RIG_RAM + 0x3000, 1);
    cr_expect(lt(i64, 0, entry(VIEW_WRITE, 0x13000)));
    cr_expect(phys_page(rig->phys, RIG_RAM + 0x3000)->mappings == NULL, "pruned");
    phys_code(rig->phys, RIG_RAM + 0x9000, 1);
    cr_expect(lt(i64, entry(VIEW_WRITE, 0x13000), 0));
}

Test(mmu, a_mapping_is_noted_once_however_often_it_is_filled)
{
    const PhysMapping *m;

    for (unsigned i = 0; i < 10; i++) {
        mmu_store(rig->v, 0x13000, 1, MO_32);
        mmu_flush_all(rig->mmu);
    }
    mmu_store(rig->v, 0x13000, 1, MO_32);
    m = phys_page(rig->phys, RIG_RAM + 0x3000)->mappings;
    cr_assert(m != NULL);
    cr_expect(m->next == NULL);
}

Test(mmu, a_store_beside_code_is_done_and_one_into_it_tells_first)
{
    phys_code(rig->phys, RIG_RAM + 0x3000, 1u << 1);
    poke(RIG_RAM + 0x30c0, 0x99);
    phys_code(rig->phys, RIG_RAM + 0x3000, 1u << 3);
    rig_inside(rig, true);
    mmu_store(rig->v, 0x1303c, 0x11, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u64, phys_read(rig->phys, RIG_RAM + 0x303c, 4, NULL), 0x11));
    mmu_store(rig->v, 0x130bd, 0x22222222, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_STEP), "its last byte is in granule 3");
    cr_expect(eq(u64, phys_read(rig->phys, RIG_RAM + 0x30c0, 1, NULL), 0x99), "nothing done");
    cr_expect(eq(u32, rig->changes, 0));
    rig_inside(rig, false);
    mmu_store(rig->v, 0x130bd, 0x22222222, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER));
    cr_expect(eq(u32, rig->changes, 1));
    cr_expect(eq(u64, rig->change_pa, RIG_RAM + 0x30bd));
    cr_expect(eq(u64, rig->change_bytes, 4));
    cr_expect(eq(u64, phys_read(rig->phys, RIG_RAM + 0x30bd, 4, NULL), 0x22222222));
    cr_expect(eq(u64, vcpu_cold(rig->v)->slow_stores, 3));
    mmu_store(rig->v, 0x130c0, 1, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO), "the listener has dropped the granule");
}

Test(mmu, cas_on_code_tells_only_if_it_stores)
{
    phys_code(rig->phys, RIG_RAM + 0x3000, 1);
    mmu_cas(rig->v, 0x13000, 1, 2, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(u32, rig->changes, 0));
    rig_inside(rig, true);
    mmu_cas(rig->v, 0x13000, 0, 2, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_STEP));
    rig_inside(rig, false);
    cr_expect(eq(u64, mmu_cas(rig->v, 0x13000, 0, 2, MO_32), 0));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER));
    cr_expect(eq(u32, rig->changes, 1));
    cr_expect(eq(u64, look(RIG_RAM + 0x3000), 2));
}

Test(mmu, a_store_across_pages_finds_code_in_the_second)
{
    phys_code(rig->phys, RIG_RAM + 0x3000, 1);
    mmu_store(rig->v, 0x12ffe, 0xaabbccdd, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER));
    cr_expect(eq(u64, rig->change_pa, RIG_RAM + 0x3000));
    cr_expect(eq(u64, rig->change_bytes, 2));
    cr_expect(eq(u64, look(RIG_RAM + 0x3000), 0xaabb));
}

Test(mmu, a_store_across_pages_finds_code_in_the_first)
{
    phys_code(rig->phys, RIG_RAM + 0x2000, (uint64_t)1 << 63);
    rig_inside(rig, true);
    mmu_store(rig->v, 0x12ffe, 0xaabbccdd, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_STEP));
    cr_expect(eq(u64, look(RIG_RAM + 0x3000), 0));
    rig_inside(rig, false);
    mmu_store(rig->v, 0x12ffe, 0xaabbccdd, MO_32);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER));
    cr_expect(eq(u64, rig->change_pa, RIG_RAM + 0x2ffe));
}

Test(mmu, a_device_that_writes_to_code_ends_the_unit)
{
    rig->dma = RIG_RAM + 0x3080;
    rig_inside(rig, true);
    mmu_store(rig->v, 0x201000, 0x55, MO_32 | MO_ONLY);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    phys_code(rig->phys, RIG_RAM + 0x3000, 1u << 2);
    mmu_store(rig->v, 0x201000, 0x66, MO_32 | MO_ONLY);
    cr_expect(eq(u32, rig_leave(rig), LEAVE_AFTER));
    cr_expect(eq(u64, rig->change_was, 0x55));
    cr_expect(eq(u32, vcpu_cold(rig->v)->replay.valid, 1));
}

Test(mmu, code_is_tracked_in_the_views_of_two_vcpus_and_one_may_go)
{
    static const MmuGuest guest = { rig_walk, rig_misaligned, rig_bus_error, false };
    Vcpu *other = vcpu_new(sizeof(Vcpu));
    ViewKey key = rig_key(RIG_KERNEL, 1, 0);
    Mmu *mmu = mmu_new(other, rig->phys, &guest, &rig->log);
    const PhysMapping *m;

    vcpu_cold(other)->machine = rig;
    mmu_select(mmu, key, key, RIG_MODE);
    mmu_store(rig->v, 0x13000, 1, MO_32);
    mmu_store(other, 0x13000, 1, MO_32);
    phys_code(rig->phys, RIG_RAM + 0x3000, 1);
    cr_expect(lt(i64, entry(VIEW_WRITE, 0x13000), 0));
    cr_expect(lt(i64, *view_slot(other->view, VIEW_WRITE, 0x13), 0));
    mmu_free(mmu);
    vcpu_free(other);
    m = phys_page(rig->phys, RIG_RAM + 0x3000)->mappings;
    cr_assert(m != NULL);
    cr_expect(m->next == NULL);
    phys_uncode(rig->phys, RIG_RAM + 0x3000, 1);
    cr_expect(lt(i64, 0, entry(VIEW_WRITE, 0x13000)));
}

/* ---- looking ---- */

Test(mmu, probe_and_peek_change_nothing)
{
    uint8_t bytes[8192];
    MmuMapping map;

    poke(RIG_RAM + 0x1000, 0x77);
    cr_expect(mmu_probe(rig->v, 0x11234, ACCESS_WRITE, &map));
    cr_expect(eq(u64, map.pa, RIG_RAM + 0x1000));
    cr_expect(eq(u8, map.rights, RWX));
    cr_expect(not(mmu_probe(rig->v, 0x204000, ACCESS_WRITE, &map)));
    cr_expect(eq(sz, mmu_peek(rig->v, 0x10ff8, bytes, 64), 64));
    cr_expect(eq(u8, bytes[8], 0x77));
    cr_expect(eq(sz, mmu_peek(rig->v, 0x1f000, bytes, 8192), 4096), "to the last mapped byte");
    cr_expect(eq(sz, mmu_peek(rig->v, 0x200ff0, bytes, 32), 16), "not into a device");
    cr_expect(eq(u32, rig->walks, 0));
    cr_expect(eq(u32, rig->reads, 0));
    cr_expect(eq(u32, rig_leave(rig), LEAVE_NO));
    cr_expect(eq(i64, entry(VIEW_READ, 0x11000), 0));
    cr_expect(eq(u64, mmu_stats(rig->mmu)->walks, 0));
}

Test(mmu, probe_sees_what_the_guest_would)
{
    MmuMapping map;

    load(0x10000);
    rig_map(rig, 1, 0x10000, RIG_RAM + 0x9000, 12, RWX, 0, true);
    cr_assert(mmu_probe(rig->v, 0x10000, ACCESS_READ, &map));
    cr_expect(eq(u64, map.pa, RIG_RAM), "the entry that is live");
    cr_expect(not(map.global));
    mmu_flush_all(rig->mmu);
    cr_assert(mmu_probe(rig->v, 0x10000, ACCESS_READ, &map));
    cr_expect(eq(u64, map.pa, RIG_RAM + 0x9000));
}

static void collect(void *opaque, const MmuEntry *e) { g_array_append_vals(opaque, e, 1); }

Test(mmu, each_entry_gives_all_that_is_live)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(MmuEntry));
    const MmuEntry *e;

    load(0x201000);
    load(0x204000);
    load(0x105000);
    mmu_load(rig->v, 0x13000, MO_32 | MO_UNPRIV);
    mmu_each_entry(rig->mmu, collect, found);
    cr_assert(eq(u32, found->len, 4));
    e = &g_array_index(found, MmuEntry, 0);
    cr_expect(eq(u32, e[0].va, 0x105000));
    cr_expect(eq(u64, e[0].pa, RIG_RAM + 0x105000));
    cr_expect(eq(u8, e[0].size_shift, 20));
    cr_expect(e[0].global);
    cr_expect(eq(u64, e[1].pa, RIG_DEV));
    cr_expect(eq(u8, e[1].rights, RW));
    cr_expect(eq(u64, e[2].pa, RIG_RAM + 0x4000));
    cr_expect(eq(u8, e[2].rights, RX));
    cr_expect(eq(u8, e[3].key.regime, RIG_USER));
    cr_expect(eq(u8, e[3].key.asid, 1));
    cr_expect(eq(u8, e[3].rights, RW));
}

Test(mmu, log_tells_of_fills_faults_and_flushes)
{
    char *text = NULL;
    size_t bytes = 0;

    rig->log.out = open_memstream(&text, &bytes);
    load(0x100000);
    fflush(rig->log.out);
    cr_expect(eq(sz, bytes, 0), "only when asked");
    rig->log.on = LOG_MMU;
    load(0x205000);
    load(0x1ff000);
    mmu_flush_va(rig->mmu, 0x1ff000, 1);
    fclose(rig->log.out);
    cr_expect(eq(str, text,
                 "mmu: fault on read of 00205000\n"
                 "mmu: fill 001ff000 -> 0401ff000 rwx size 2^20 global regime 82 asid 01 vmid 0 "
                 "control 0\n"
                 "mmu: flush va 001ff000 asid 01\n"));
    g_free(text);
}
