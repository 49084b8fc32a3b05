/* SPDX-License-Identifier: MIT */
/* test_fwcfg.c - items by port and by DMA. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/fwcfg.h"
#include "tests/unit/dev_bench.h"

enum { SELECTOR = 0, DATA = 1, DMA_HIGH = 4, DMA_LOW = 8 };
enum { COMMAND = 0x1000, BUFFER = 0x2000 };

static Bench b;
static Phys *phys;

static void power_on(void)
{
    bench_on(&b, &fwcfg_type);
    phys = phys_new(&b.log);
    cr_assert(phys_add_memory(phys, PHYS_RAM, "ram", 0, 0x10000, NULL));
    fwcfg_set_phys(b.dev, phys);
    fwcfg_clear(b.dev);
}
static void power_off(void)
{
    bench_off(&b);
    phys_free(phys);
}
TestSuite(fwcfg, .init = power_on, .fini = power_off);

static void choose(uint16_t key) { dev_write(b.dev, SELECTOR, 2, key); }
static uint8_t next(void) { return (uint8_t)dev_read(b.dev, DATA, 1); }

static uint32_t next_be32(void)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 4; i++) {
        v = v << 8 | next();
    }
    return v;
}

static void add_file(const char *name, const char *text)
{
    GBytes *bytes = g_bytes_new(text, strlen(text));

    fwcfg_set_file(b.dev, name, bytes);
    g_bytes_unref(bytes);
}

/* Big-endian words to the command, then its address to the port. Returns the control word after. */
static uint32_t command(uint32_t control, uint32_t length, uint32_t address)
{
    const uint32_t word[4] = { GUINT32_TO_BE(control), GUINT32_TO_BE(length), 0,
                               GUINT32_TO_BE(address) };
    uint32_t result;

    cr_assert(phys_copy_in(phys, COMMAND, word, sizeof(word), NULL));
    dev_write(b.dev, DMA_HIGH, 4, 0);
    dev_write(b.dev, DMA_LOW, 4, GUINT32_TO_BE(COMMAND));
    cr_assert(phys_copy_out(phys, COMMAND, &result, 4, NULL));
    return GUINT32_FROM_BE(result);
}

Test(fwcfg, signature_and_features)
{
    choose(FWCFG_SIGNATURE);
    cr_expect(eq(u32, next_be32(), 0x51454d55)); /* QEMU */
    cr_expect(eq(u8, next(), 0));                /* behind the end */
    choose(FWCFG_ID);
    cr_expect(eq(u8, next(), 3));
    choose(0x7777);
    cr_expect(eq(u8, next(), 0));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(fwcfg, a_selector_may_come_in_two_bytes)
{
    dev_write(b.dev, SELECTOR, 1, FWCFG_ID);
    dev_write(b.dev, SELECTOR + 1, 1, 0);
    cr_expect(eq(u8, next(), 3));
    dev_write(b.dev, DATA, 1, 9); /* not a selector: the item is read-only */
    choose(FWCFG_ID);
    cr_expect(eq(u8, next(), 3));
}

Test(fwcfg, numbers_are_little_endian)
{
    fwcfg_set_u16(b.dev, FWCFG_NB_CPUS, 0x0102);
    fwcfg_set_u64(b.dev, FWCFG_RAM_SIZE, UINT64_C(0x0807060504030201));
    choose(FWCFG_NB_CPUS);
    cr_expect(eq(u8, next(), 2));
    cr_expect(eq(u8, next(), 1));
    choose(FWCFG_RAM_SIZE);
    cr_expect(eq(u32, next_be32(), 0x01020304));
}

Test(fwcfg, the_directory_lists_files)
{
    add_file("etc/one", "1");
    add_file("etc/two", "22");
    add_file("etc/one", "111");
    choose(FWCFG_DIRECTORY);
    cr_expect(eq(u32, next_be32(), 2));
    cr_expect(eq(u32, next_be32(), 3));
    cr_expect(eq(u32, next_be32(), FWCFG_FILE_FIRST << 16));
    for (const char *p = "etc/one"; *p; p++) {
        cr_expect(eq(u8, next(), (uint8_t)*p));
    }
    for (unsigned i = 7; i < FWCFG_NAME_BYTES; i++) {
        cr_expect(eq(u8, next(), 0));
    }
    cr_expect(eq(u32, next_be32(), 2));
    cr_expect(eq(sz, g_bytes_get_size(fwcfg_file(b.dev, "etc/two")), 2));
    cr_expect(fwcfg_file(b.dev, "etc/three") == NULL);
    choose(FWCFG_FILE_FIRST + 1);
    cr_expect(eq(u8, next(), '2'));
}

Test(fwcfg, dma_selects_skips_and_reads_zeros_behind_the_end)
{
    char got[8];

    add_file("etc/one", "abcdef");
    memset(got, 'x', sizeof(got));
    cr_assert(phys_copy_in(phys, BUFFER, got, sizeof(got), NULL));
    cr_expect(eq(u32, command(FWCFG_FILE_FIRST << 16 | 8 | 4, 2, 0), 0));
    cr_expect(eq(u32, command(2, 5, BUFFER), 0));
    cr_assert(phys_copy_out(phys, BUFFER, got, sizeof(got), NULL));
    cr_expect(zero(memcmp(got, "cdef\0xxx", 8)));
}

Test(fwcfg, dma_says_its_name)
{
    cr_expect(eq(u64, dev_read(b.dev, DMA_HIGH, 4), 0x554d4551)); /* "QEMU" in memory order */
    cr_expect(eq(u64, dev_read(b.dev, DMA_LOW, 4), 0x47464320));
}

Test(fwcfg, dma_beyond_memory_or_a_write_fails_and_harms_nobody)
{
    add_file("etc/one", "abcdef");
    cr_expect(eq(u32, command(FWCFG_FILE_FIRST << 16 | 8 | 2, 6, 0xfffe), 1));
    cr_expect(eq(u32, command(2, UINT32_MAX, 0), 1));
    cr_expect(eq(u32, command(16, 4, BUFFER), 1));
    dev_write(b.dev, DMA_LOW, 4, GUINT32_TO_BE(0x20000)); /* the command itself is nowhere */
    cr_expect(eq(u64, b.dev->guest_errors, 1));
}
