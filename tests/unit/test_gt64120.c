/* SPDX-License-Identifier: MIT */
/* test_gt64120.c - what the GT-64120 data sheet promises of decoding, PCI and interrupts. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/gt64120.h"
#include "devices/malta_fpga.h"
#include "machine/map.h"
#include "tests/unit/dev_bench.h"

static Log quiet;
static Map *map;
static PciBus bus;
static Device *d;
static IrqLine line;

static uint8_t vector(Device *pic)
{
    (void)pic;
    return 0x21;
}

static void set_up(void)
{
    map = map_new(&quiet, true);
    d = dev_new(&gt64120_type, "gt");
    d->map = map_listener(map);
    d->irq[0] = &line;
    for (unsigned i = 1; i < gt64120_type.n_windows; i++) {
        map_add_moving(map, "gt", &d->window[i], gt64120_type.windows[i].name);
    }
    gt64120_set_bus(d, &bus, vector, NULL);
    pci_attach(&bus, 0, 0, d);
    dev_reset(d);
}

static void tear_down(void)
{
    dev_free(d);
    map_free(map);
}

TestSuite(gt64120, .init = set_up, .fini = tear_down);

static uint64_t base = 0x14000000;
static uint32_t in(uint32_t r)
{
    return (uint32_t)phys_read(map_space(map, SPACE_MEMORY), base + r, 4, NULL);
}
static void out(uint32_t r, uint32_t v)
{
    phys_write(map_space(map, SPACE_MEMORY), base + r, v, 4, NULL);
}
static char *at(Gpa pa)
{
    const PhysRegion *r = phys_find(map_space(map, SPACE_MEMORY), pa);

    return (char *)(uintptr_t)(r ? r->name : "");
}

Test(gt64120, registers_are_where_isd_says) /* 0x068 */
{
    cr_expect(eq(u32, in(0x68), 0xa0));
    out(0x68, 0xdf);
    cr_expect(eq(str, at(0x14000000), ""));
    base = 0x1be00000;
    cr_expect(eq(u32, in(0x68), 0xdf));
}

Test(gt64120, windows_to_pci_are_decoded) /* "Address Space Decoding" */
{
    cr_expect(eq(str, at(0x10000000), "gt.pci-io"));
    cr_expect(eq(str, at(0x12000000), "gt.pci-mem0"));
    out(0x68, 0xdf);
    base = 0x1be00000;
    out(0x48, 0xc0);
    out(0x50, 0x40);
    out(0x58, 0x80);
    out(0x60, 0x3f);
    cr_expect(eq(str, at(0x18000000), "gt.pci-io"));
    cr_expect(eq(str, at(0x181fffff), "gt.pci-io"));
    cr_expect(eq(str, at(0x18200000), ""));
    cr_expect(eq(str, at(0x17ffffff), "gt.pci-mem0"));
    cr_expect(eq(u32, in(0xf0), 0xc0));
    cr_expect(eq(u32, in(0xf8), 0x80));
    out(0x60, 0); /* below the low end */
    cr_expect(eq(str, at(0x10000000), "gt.pci-mem0"));
    out(0x58, 0x81);
    cr_expect(eq(str, at(0x10200000), ""));
}

static uint64_t seen;
static uint64_t probe_read(void *opaque, uint64_t off, unsigned bytes)
{
    (void)opaque, (void)bytes;
    return seen = off;
}
static void probe_write(void *opaque, uint64_t off, uint64_t value, unsigned bytes)
{
    (void)opaque, (void)bytes, (void)value;
    seen = off;
}

Test(gt64120, windows_show_ports_and_remapped_memory) /* "PCI Address Remapping" */
{
    const PhysIo io = { probe_read, probe_write, NULL };

    cr_assert(phys_add_io(map_space(map, SPACE_PORTS), "p", 0, 0x10000, &io, NULL));
    cr_assert(phys_add_io(map_space(map, SPACE_BUS), "m", 0x40000000, 0x10000000, &io, NULL));
    phys_read(map_space(map, SPACE_MEMORY), 0x100003f8, 1, NULL);
    cr_expect(eq(u64, seen, 0x3f8));
    out(0xf8, 0x210);
    phys_read(map_space(map, SPACE_MEMORY), 0x12001234, 4, NULL);
    cr_expect(eq(u64, seen, 0x02001234));
}

Test(gt64120, configuration_cycles) /* 0xcf8, 0xcfc */
{
    out(0xcf8, 0x80000000);
    cr_expect(eq(u32, in(0xcfc), 0x462011ab));
    out(0xcf8, 0);
    cr_expect(eq(u32, in(0xcfc), 0), "not enabled");
    cr_expect(eq(u32, in(0xc18), 0));
    out(0xcf8, 0x80005000);
    cr_expect(eq(u32, in(0xcfc), 0xffffffff));
    cr_expect(eq(u32, in(0xc18), 0x00040001));
    out(0xc1c, 1 << 18);
    cr_expect(line.level);
    cr_expect(eq(u32, in(0xc18), 0x40040001));
    out(0xc18, ~(1u << 18));
    cr_expect(not(line.level));
    cr_expect(eq(u32, in(0xc18), 0));
    out(0xcf8, 0x8000ff00); /* a special cycle */
    out(0xcfc, 0x00120002);
    cr_expect(eq(u32, in(0xc18), 0));
    out(0xcf8, 0x80000004);
    out(0xcfc, 7);
    cr_expect(eq(u32, in(0xcfc), 0x02800007));
}

Test(gt64120, interrupt_acknowledge_asks_the_controller) /* 0xc34 */
{
    cr_expect(eq(u32, in(0xc34), 0x21));
}

/* ---- the board's registers beside it ---- */

static unsigned resets;
static void count(void *opaque, bool level)
{
    (void)opaque;
    resets += level;
}

Test(malta_fpga, registers) /* MD00048 chapter 4 */
{
    Bench b;

    bench_on(&b, &malta_fpga_type);
    wr(&b, 0x408, 0x5a);
    cr_expect(eq(u32, rd(&b, 0x408), 0x5a));
    for (unsigned i = 0; i < 8; i++) {
        wr(&b, 0x418 + 8 * i, 'a' + i);
        cr_expect(eq(u32, rd(&b, 0x418 + 8 * i), 'a' + i));
    }
    cr_expect(eq(u32, rd(&b, 0x200), 0));
    cr_expect(eq(u32, rd(&b, 0x208), 0));
    malta_fpga_set_big_endian(b.dev, true);
    cr_expect(eq(u32, rd(&b, 0x208), 2));
    wr(&b, 0xb10, 1);
    cr_expect(eq(u32, rd(&b, 0xb00), 3));
    wr(&b, 0xb08, 3);
    cr_expect(eq(u32, rd(&b, 0xb00), 1));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
    bench_off(&b);
}

Test(malta_fpga, the_magic_number_resets) /* MD00048 4.6 */
{
    Bench b;

    bench_on(&b, &malta_fpga_type);
    resets = 0;
    b.line[MALTA_FPGA_RESET].sink = count;
    wr(&b, 0x500, 0x41);
    cr_expect(eq(uint, resets, 0));
    wr(&b, 0x500, 0x42);
    cr_expect(eq(uint, resets, 1));
    bench_off(&b);
}
