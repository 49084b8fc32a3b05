/* SPDX-License-Identifier: MIT */
/* test_i440fx.c - what the data sheet of the 82441FX promises of configuration and memory. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "devices/i440fx.h"
#include "devices/piix.h"
#include "tests/unit/dev_bench.h"

enum { CONFADD = 0x100, CONFDATA = 0x104, PAM0 = 0x59 };
#define ENABLE 0x80000000u

static Bench b, isa;
static PciBus bus;
static Phys *phys;

static void power_on(void)
{
    bus = (PciBus){ 0 };
    bench_on(&b, &i440fx_type);
    bench_on(&isa, &piix3_isa_type);
    phys = phys_new(&b.log);
    for (unsigned i = 0; i < I440FX_SEGMENTS; i++) {
        uint32_t bytes;
        Gpa base = i440fx_segment(i, &bytes);

        cr_assert(phys_add_shadow(phys, "pam", base, bytes, NULL));
    }
    pci_attach(&bus, 0, 0, b.dev);
    pci_attach(&bus, 1, 0, isa.dev);
    i440fx_connect(b.dev, &bus, phys, isa.dev);
    dev_reset(b.dev);
}

static void power_off(void)
{
    bench_off(&b);
    bench_off(&isa);
    pci_bus_clear(&bus);
    phys_free(phys);
}
TestSuite(i440fx, .init = power_on, .fini = power_off);

static uint32_t in(uint32_t off, unsigned bytes) { return (uint32_t)dev_read(b.dev, off, bytes); }
static void out(uint32_t off, uint32_t val, unsigned bytes) { dev_write(b.dev, off, bytes, val); }

static uint32_t config(uint32_t address)
{
    out(CONFADD, ENABLE | address, 4);
    return in(CONFDATA, 4);
}

Test(i440fx, identification) /* 3.2.1 to 3.2.6 */
{
    cr_expect(eq(u32, config(0), 0x12378086));
    cr_expect(eq(u32, config(4), 0x02800006));
    cr_expect(eq(u32, config(8), 0x06000002));
    cr_expect(eq(u32, config(0x800), 0x70008086)); /* PIIX3, function 0 of slot 1 */
    cr_expect(eq(u32, config(0x1000), 0xffffffff));
    cr_expect(eq(u32, config(0x10000), 0xffffffff)); /* another bus */
}

Test(i440fx, configuration_needs_its_enable_bit) /* 3.1.1 */
{
    out(CONFADD, 0, 4);
    cr_expect(eq(u32, in(CONFADD, 4), 0));
    cr_expect(eq(u32, in(CONFDATA, 4), 0xffffffff));
    out(CONFADD, 0xffffffff, 4);
    cr_expect(eq(u32, in(CONFADD, 4), 0x80fffffc));
}

Test(i440fx, bytes_of_a_register) /* 3.1.2 */
{
    out(CONFADD, ENABLE, 4);
    cr_expect(eq(u32, in(CONFDATA + 2, 2), 0x1237));
    cr_expect(eq(u32, in(CONFDATA + 1, 1), 0x80));
    out(CONFADD, ENABLE | 0x58, 4);
    out(CONFDATA + 1, 0x30, 1);
    cr_expect(eq(u32, in(CONFDATA, 4), 0x3000));
    cr_expect(eq(u64, b.dev->guest_errors, 0));
}

Test(i440fx, bytes_do_not_reach_confadd_and_one_is_piix3s) /* 3.1.1 */
{
    out(CONFADD, ENABLE, 4);
    out(CONFADD + 3, 1, 1);
    cr_expect(eq(u32, in(CONFADD, 4), ENABLE));
    cr_expect(eq(u32, in(CONFADD + 3, 1), 0xff));
    out(CONFADD + 1, 2, 1);
    cr_expect(eq(u32, in(CONFADD + 1, 1), 2));
    cr_expect(eq(u8, piix_reset_control(isa.dev), 2));
    cr_expect(eq(u32, in(CONFADD, 4), ENABLE));
}

static char *kind(Gpa pa)
{
    const PhysRegion *r = phys_find(phys, pa);
    bool ram = r->host == r->ram;

    return r->kind == PHYS_RAM ? "ram" : r->store ? "rom, writes ram" : ram ? "ram, read" : "rom";
}

Test(i440fx, attributes_of_each_segment) /* 3.2.17 */
{
    static const struct {
        uint32_t base;
        uint8_t reg, shift;
    } row[I440FX_SEGMENTS] = {
        { 0xf0000, 0x59, 4 }, { 0xc0000, 0x5a, 0 }, { 0xc4000, 0x5a, 4 }, { 0xc8000, 0x5b, 0 },
        { 0xcc000, 0x5b, 4 }, { 0xd0000, 0x5c, 0 }, { 0xd4000, 0x5c, 4 }, { 0xd8000, 0x5d, 0 },
        { 0xdc000, 0x5d, 4 }, { 0xe0000, 0x5e, 0 }, { 0xe4000, 0x5e, 4 }, { 0xe8000, 0x5f, 0 },
        { 0xec000, 0x5f, 4 },
    };

    for (unsigned i = 0; i < I440FX_SEGMENTS; i++) {
        static char *const want[4] = { "rom", "ram, read", "rom, writes ram", "ram" };

        for (unsigned pam = 0; pam < 4; pam++) {
            dev_write(b.dev, row[i].reg, 1, (uint64_t)pam << row[i].shift);
            cr_expect(eq(str, kind(row[i].base), want[pam]), "%x", row[i].base);
        }
        for (unsigned k = 0; k < I440FX_SEGMENTS; k++) {
            cr_expect(eq(str, kind(row[k].base), k == i ? "ram" : "rom"), "%x", row[k].base);
        }
        dev_write(b.dev, row[i].reg, 1, 0);
    }
}

Test(i440fx, a_snapshot_restores_what_memory_is)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();

    dev_write(b.dev, PAM0, 1, 0x30);
    dev_save(b.dev, snap);
    dev_reset(b.dev);
    cr_expect(eq(str, kind(0xf0000), "rom"));
    cr_assert(dev_load(b.dev, snap->data, snap->len, NULL));
    cr_expect(eq(str, kind(0xf0000), "ram"));
}
