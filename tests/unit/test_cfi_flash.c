/* SPDX-License-Identifier: MIT */
/* test_cfi_flash.c - Intel's command set as the 28F160S5's data sheet has it, on a bus of 32. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/cfi_flash.h"
#include "tests/unit/dev_bench.h"
#include "tests/unit/mmu_rig.h"

enum { BASE = 0x60000000, ALIAS = 0x61000000, BYTES = 4 << 20, BLOCK = 128 << 10, EXCEPT = 0x10 };
enum { VA = 0x8000, LONG = 2 /* a Memop of four bytes */ };

static Bench b;
static Rig *rig;

static void power_on(void)
{
    rig = rig_new();
    cr_assert(phys_add_memory(rig->phys, PHYS_ROM, "flash", BASE, BYTES, NULL));
    cr_assert(phys_add_memory(rig->phys, PHYS_ROM, "boot", ALIAS, BYTES, NULL));
    bench_on(&b, &cfi_flash_type);
    cfi_flash_connect(b.dev, &cfi_28f160s5, 2, rig->phys, BASE, ALIAS, EXCEPT);
    cfi_flash_fill(b.dev, "doppel", 6);
    dev_reset(b.dev);
}

static void power_off(void)
{
    bench_off(&b);
    rig_free(rig);
}
TestSuite(cfi_flash, .init = power_on, .fini = power_off);

static uint32_t get(uint32_t off) { return (uint32_t)phys_read(rig->phys, BASE + off, 4, NULL); }
static void set(uint32_t off, uint32_t v) { phys_write(rig->phys, BASE + off, v, 4, NULL); }
/* The same command to both chips. */
static void both(uint32_t off, uint32_t cmd) { set(off, cmd | cmd << 16); }

Test(cfi_flash, starts_as_memory)
{
    cr_expect(cfi_flash_is_filled(b.dev));
    cr_expect(eq(u32, get(0), 0x70706f64));
    cr_expect(eq(u32, get(4), 0xffff6c65));
    cr_expect(eq(u32, get(BYTES - 4), 0xffffffff));
}

Test(cfi_flash, identifiers) /* table 12 */
{
    both(0, 0x90);
    cr_expect(eq(u32, get(0), 0x00b000b0));
    cr_expect(eq(u32, get(4), 0x00d000d0));
    cr_expect(eq(u32, get(8), 0));
    both(0x300, 0x60);
    both(0x300, 0x01);
    both(0, 0x90);
    cr_expect(eq(u32, get(8), 0x00010001));
    cr_expect(eq(u32, get(BLOCK + 8), 0));
    both(0, 0xff);
    cr_expect(eq(u32, get(0), 0x70706f64));
}

Test(cfi_flash, query) /* table 11; JESD68 */
{
    static const uint8_t head[] = { 'Q', 'R', 'Y', 1, 0, 0x31, 0 };
    static const struct {
        uint8_t at, is;
    } byte[] = {
        { 0x1b, 0x45 }, { 0x1c, 0x55 }, { 0x27, 21 },   { 0x28, 2 },    { 0x2a, 5 },
        { 0x2c, 1 },    { 0x2d, 31 },   { 0x2e, 0 },    { 0x2f, 0 },    { 0x30, 1 },
        { 0x31, 'P' },  { 0x32, 'R' },  { 0x33, 'I' },  { 0x34, '1' },  { 0x35, '0' },
        { 0x36, 0x0f }, { 0x3b, 3 },    { 0x3d, 0x50 }, { 0x3e, 0x50 }, { 0x40, 0 },
    };

    both(0x154, 0x98);
    for (unsigned i = 0; i < sizeof(head); i++) {
        cr_expect(eq(u32, get(4 * (0x10 + i)), head[i] * 0x10001u));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(byte); i++) {
        cr_expect(eq(u32, get(4 * byte[i].at), byte[i].is * 0x10001u), "offset %#x", byte[i].at);
    }
}

Test(cfi_flash, programming_makes_zeros_only)
{
    both(0x100, 0x40);
    cr_expect(eq(u32, get(0x100), 0x00800080));
    set(0x100, 0x1234ffff);
    cr_expect(eq(u32, get(0), 0x00800080)); /* the status, at any address */
    both(0x100, 0x10);
    set(0x100, 0xffff00ff);
    both(0, 0xff);
    cr_expect(eq(u32, get(0x100), 0x123400ff));
    cr_expect(eq(u32, get(0x104), 0xffffffff));
    cr_expect(eq(u64, phys_read(rig->phys, ALIAS + 0x100, 4, NULL), 0x123400ff));
}

Test(cfi_flash, erasing_a_block)
{
    both(BLOCK + 0x20, 0x40);
    set(BLOCK + 0x20, 0);
    both(0x20, 0x20);
    both(0x20, 0xd0);
    both(0, 0xff);
    cr_expect(eq(u32, get(0), 0xffffffff));
    cr_expect(eq(u32, get(BLOCK + 0x20), 0));
    both(BLOCK, 0x20);
    both(BLOCK, 0xff); /* no confirmation */
    cr_expect(eq(u32, get(0), 0x00b000b0));
    both(0, 0x50);
    cr_expect(eq(u32, get(0), 0x00800080));
    both(0, 0xff);
    cr_expect(eq(u32, get(BLOCK + 0x20), 0));
}

Test(cfi_flash, a_write_buffer) /* 4.8 */
{
    both(0x200, 0xe8);
    cr_expect(eq(u32, get(0x200), 0x00800080)); /* XSR.7 */
    both(0x200, 2);
    set(0x200, 0x11112222);
    set(0x208, 0x55556666);
    set(0x204, 0x33334444);
    cr_expect(eq(u8, ((uint8_t *)phys_find(rig->phys, BASE)->ram)[0x200], 0xff));
    both(0x200, 0xd0);
    both(0, 0xff);
    cr_expect(eq(u32, get(0x200), 0x11112222));
    cr_expect(eq(u32, get(0x204), 0x33334444));
    cr_expect(eq(u32, get(0x208), 0x55556666));
    cr_expect(eq(u32, get(0x20c), 0xffffffff));
}

Test(cfi_flash, a_write_buffer_gone_wrong) /* 4.8 */
{
    both(0x200, 0xe8);
    both(0x200, 16); /* one more than there are */
    cr_expect(eq(u32, get(0), 0x00b000b0));
    both(0, 0x50);
    both(0x200, 0xe8);
    both(0x200, 0);
    set(BLOCK + 0x200, 0); /* another block */
    cr_expect(eq(u32, get(0), 0x00b000b0));
    both(0, 0x50);
    both(0x200, 0xe8);
    both(0x200, 1);
    set(0x200, 0);
    set(0x240, 0); /* behind the buffer's end */
    cr_expect(eq(u32, get(0), 0x00b000b0));
    both(0, 0x50);
    both(0x200, 0xe8);
    both(0x200, 0);
    set(0x200, 0);
    both(0x200, 0xff); /* no confirmation */
    cr_expect(eq(u32, get(0), 0x00b000b0));
    both(0, 0xff);
    cr_expect(eq(u32, get(0x200), 0xffffffff));
}

Test(cfi_flash, locked_blocks_stay)
{
    both(0, 0x60);
    both(0, 0x01);
    both(0, 0x20);
    both(0, 0xd0);
    cr_expect(eq(u32, get(0), 0x00a200a2));
    both(0, 0x50);
    both(0, 0x40);
    set(0, 0);
    cr_expect(eq(u32, get(0), 0x00920092));
    both(0, 0x50);
    both(0, 0xe8);
    both(0, 0);
    set(0, 0);
    both(0, 0xd0);
    cr_expect(eq(u32, get(0), 0x00920092));
    both(0, 0x50);
    both(BLOCK, 0x40);
    set(BLOCK, 0);
    both(0, 0x30); /* the whole chip, but for these */
    both(0, 0xd0);
    cr_expect(eq(u32, get(0), 0x00800080));
    both(0, 0xff);
    cr_expect(eq(u32, get(0), 0x70706f64));
    cr_expect(eq(u32, get(BLOCK), 0xffffffff));
    dev_reset(b.dev);
    both(0, 0x90);
    cr_expect(eq(u32, get(8), 0x00010001)); /* not volatile */
    both(0, 0x60);
    both(0, 0xd0);
    both(0, 0x90);
    cr_expect(eq(u32, get(8), 0));
}

Test(cfi_flash, chips_have_their_own_state)
{
    set(0, 0xff900070);
    cr_expect(eq(u32, get(0), 0x00b00080)); /* status, identifier */
    set(0, 0x00ff0070);
    cr_expect(eq(u32, get(0), 0x70700080));
    set(0, 0xffff0040);
    set(0x40, 0xffff1234);
    set(0, 0x00ff00ff);
    cr_expect(eq(u32, get(0x40), 0xffff1234));
}

Test(cfi_flash, writes_are_of_the_whole_bus)
{
    phys_write(rig->phys, BASE, 0x90, 1, NULL);
    phys_write(rig->phys, BASE, 0x90, 2, NULL);
    phys_write(rig->phys, BASE + 2, 0x900090, 4, NULL);
    cr_expect(eq(u32, get(0), 0x70706f64));
    cr_expect(eq(u64, b.dev->guest_errors, 3));
    phys_write(rig->phys, BASE, UINT64_C(0x0070007000900090), 8, NULL);
    cr_expect(eq(u32, get(0), 0x00800080));
    cr_expect(eq(u64, phys_read(rig->phys, BASE + 2, 1, NULL), 0x80));
    cr_expect(eq(u64, phys_read(rig->phys, BASE + 1, 1, NULL), 0));
}

Test(cfi_flash, big_endian)
{
    cfi_flash_set_big_endian(b.dev, true);
    set(0, 0x90009000); /* as memory holds 0x00900090 */
    cr_expect(eq(u32, get(4), 0xd000d000));
    set(0x40, 0x40004000);
    set(0x40, 0x78563412);
    set(0, 0xff00ff00);
    cr_expect(eq(u32, get(0x40), 0x78563412));
}

Test(cfi_flash, the_alias_keeps_its_word)
{
    const uint32_t revision = 0x420;

    cr_assert(phys_copy_in(rig->phys, ALIAS + EXCEPT, &revision, 4, NULL));
    phys_write(rig->phys, ALIAS + EXCEPT, 0x00400040, 4, NULL);
    phys_write(rig->phys, ALIAS + EXCEPT, 0x12345678, 4, NULL);
    phys_write(rig->phys, ALIAS, 0x00200020, 4, NULL);
    phys_write(rig->phys, ALIAS, 0x00ff00ff, 4, NULL);
    phys_write(rig->phys, ALIAS, 0x00ff00ff, 4, NULL);
    cr_expect(eq(u32, get(EXCEPT), 0x12345678));
    cr_expect(eq(u64, phys_read(rig->phys, ALIAS + EXCEPT, 4, NULL), revision));
}

Test(cfi_flash, nothing_is_executed_while_it_answers)
{
    Gpa pa;

    rig_map(rig, 0, VA, BASE, 12, RIGHT_R | RIGHT_W | RIGHT_X, 0, false);
    rig_kernel(rig, 0);
    cr_expect(ne(ptr, (void *)(uintptr_t)mmu_fetch(rig->v, VA, &pa), NULL));
    phys_code(rig->phys, BASE, 1);
    mmu_store(rig->v, VA, 0x00700070, LONG);
    cr_expect(eq(u32, rig->changes, 1));
    cr_expect(eq(u64, phys_page(rig->phys, BASE)->code, 0));
    cr_expect(eq(u64, mmu_load(rig->v, VA, LONG), 0x00800080));
    rig->v->leave = LEAVE_NO;
    cr_expect(eq(ptr, (void *)(uintptr_t)mmu_fetch(rig->v, VA, &pa), NULL));
    cr_expect(eq(u32, vcpu_cold(rig->v)->fault.kind, FAULT_BUS));
    rig->v->leave = LEAVE_NO;
    mmu_store(rig->v, VA, 0x00ff00ff, LONG);
    cr_expect(eq(u64, mmu_load(rig->v, VA, LONG), 0x70706f64));
    cr_expect(ne(ptr, (void *)(uintptr_t)mmu_fetch(rig->v, VA, &pa), NULL));
}

Test(cfi_flash, a_snapshot_in_the_middle_of_a_command)
{
    g_autoptr(GByteArray) saved = g_byte_array_new();

    both(0x200, 0xe8);
    both(0x200, 1);
    set(0x200, 0x11112222);
    dev_save(b.dev, saved);
    dev_reset(b.dev);
    cr_expect(eq(u32, get(0), 0x70706f64));
    cr_assert(dev_load(b.dev, saved->data, saved->len, NULL));
    cr_expect(eq(u32, get(0), 0x00800080));
    set(0x204, 0x33334444);
    both(0x200, 0xd0);
    both(0, 0xff);
    cr_expect(eq(u32, get(0x200), 0x11112222));
    cr_expect(eq(u32, get(0x204), 0x33334444));
}
