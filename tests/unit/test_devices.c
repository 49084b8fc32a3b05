/* SPDX-License-Identifier: MIT */
/* test_devices.c - promises every device type keeps, checked from its tables. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/bits.h"
#include "devices/apic.h"
#include "devices/button.h"
#include "devices/cfi_flash.h"
#include "devices/fwcfg.h"
#include "devices/gicv2.h"
#include "devices/gt64120.h"
#include "devices/hpet.h"
#include "devices/i8042.h"
#include "devices/i440fx.h"
#include "devices/i8237.h"
#include "devices/i8254.h"
#include "devices/i8259.h"
#include "devices/ioapic.h"
#include "devices/isa_debug.h"
#include "devices/malta_fpga.h"
#include "devices/mc146818.h"
#include "devices/ns16550.h"
#include "devices/pc_glue.h"
#include "devices/piix.h"
#include "devices/pl011.h"
#include "devices/pl031.h"
#include "devices/pl061.h"
#include "tests/unit/dev_bench.h"

/* clang-format off */
static const DeviceType *const all[] = {
    &apic_type,
    &button_type,
    &cfi_flash_type,
    &fwcfg_type,
    &gicv2_type,
    &gt64120_type,
    &hpet_type,
    &i440fx_type,
    &i8042_type,
    &i8237_type,
    &i8254_type,
    &i8259_type,
    &ioapic_type,
    &isa_debug_exit_type,
    &isa_debugcon_type,
    &malta_fpga_type,
    &mc146818_type,
    &ns16550_type,
    &ns16550_wide_type,
    &pc_glue_type,
    &piix3_isa_type,
    &piix4_ide_type,
    &piix4_isa_type,
    &piix4_pm_type,
    &pl011_type,
    &pl031_type,
    &pl061_type,
};
/* clang-format on */

Test(devices, tables_are_sound)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GError) error = NULL;

        cr_expect(dev_check_type(all[i], &error), "%s", error ? error->message : "");
        cr_expect(all[i]->manual != NULL, "%s", all[i]->name);
    }
}

static void check_masks(Device *d, const RegDef *r)
{
    for (unsigned i = 0; i < r->count && !r->read && !r->write; i++) {
        uint32_t off = r->off + i * r->stride;
        uint64_t ones = bits_mask(8 * r->width);

        dev_write(d, off, r->width, ones);
        cr_expect(eq(u64, dev_read(d, off, r->width), (r->reset | r->wmask) & ~r->w1c), "%s.%s",
                  d->type->name, r->name);
        dev_write(d, off, r->width, 0);
        cr_expect(eq(u64, dev_read(d, off, r->width), r->reset & ~r->wmask & ~r->w1c), "%s.%s",
                  d->type->name, r->name);
    }
}

Test(devices, masks_hold_and_reset_gives_every_register_its_reset_value)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        const DeviceType *t = all[i];
        Bench b;

        bench_on(&b, t);
        for (unsigned k = 0; k < t->n_regs; k++) {
            check_masks(b.dev, &t->regs[k]);
        }
        dev_reset(b.dev);
        for (unsigned k = 0; k < t->n_regs; k++) {
            const RegDef *r = &t->regs[k];

            if (!r->read && r->var_bytes > 0) {
                cr_expect(eq(u64, dev_read(b.dev, r->off, r->width), r->reset), "%s.%s", t->name,
                          r->name);
            }
        }
        bench_off(&b);
    }
}

/* Any accesses, pins, bytes and times at all. */
static void shake(Bench *b, GRand *rand, unsigned steps)
{
    static const RegDef none = { .count = 1, .width = 1 }; /* of a part without registers */
    const DeviceType *t = b->dev->type;

    for (unsigned n = 0; n < steps; n++) {
        const RegDef *r = t->n_regs > 0 ? &t->regs[g_rand_int(rand) % t->n_regs] : &none;
        uint32_t off = r->off + g_rand_int(rand) % r->count * r->stride;
        unsigned size = 1u << g_rand_int(rand) % 4;
        uint64_t val = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
        uint8_t byte = (uint8_t)val;

        switch (g_rand_int(rand) % 8) {
        case 0: dev_read(b->dev, off, size); break;
        case 1: dev_write(b->dev, g_rand_int(rand) % (t->window + 8), size, val); break;
        case 2: dev_read(b->dev, g_rand_int(rand) % (t->window + 8), size); break;
        case 3: dev_receive(b->dev, &byte, 1); break;
        case 4: bench_pass(b, g_rand_int(rand)); break;
        case 5:
            if (t->n_pins > 0) {
                dev_set_pin(b->dev, g_rand_int(rand) % t->n_pins, val & 1);
            }
            break;
        case 6: dev_read(b->dev, off, r->width); break;
        case 7: dev_write(b->dev, off, r->width, val); break;
        }
    }
}

Test(devices, a_snapshot_loaded_into_a_fresh_device_goes_on_the_same_way)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GByteArray) first = g_byte_array_new(), again = g_byte_array_new();
        g_autoptr(GByteArray) end1 = g_byte_array_new(), end2 = g_byte_array_new();
        g_autoptr(GError) error = NULL;
        g_autoptr(GRand) r1 = g_rand_new_with_seed(1 + i), r2 = NULL;
        Bench b1, b2;

        bench_on(&b1, all[i]);
        bench_on(&b2, all[i]);
        shake(&b1, r1, 3000);
        r2 = g_rand_copy(r1);
        dev_save(b1.dev, first);
        b2.now_ns = b1.now_ns;
        cr_assert(dev_load(b2.dev, first->data, first->len, &error), "%s",
                  error ? error->message : "");
        dev_save(b2.dev, again);
        cr_assert(eq(sz, again->len, first->len));
        cr_assert(zero(memcmp(first->data, again->data, first->len)), "%s", all[i]->name);
        for (unsigned k = 0; k < all[i]->n_irqs; k++) {
            cr_expect(eq(b1.line[k].level, b2.line[k].level), "%s line %u", all[i]->name, k);
        }
        shake(&b1, r1, 3000);
        shake(&b2, r2, 3000);
        dev_save(b1.dev, end1);
        dev_save(b2.dev, end2);
        cr_expect(zero(memcmp(end1->data, end2->data, end1->len)), "%s", all[i]->name);
        bench_off(&b1);
        bench_off(&b2);
    }
}

Test(devices, a_snapshot_of_noise_is_refused_or_runs_without_harm)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GByteArray) snap = g_byte_array_new();
        g_autoptr(GRand) rand = g_rand_new_with_seed(7);
        Bench b;

        bench_on(&b, all[i]);
        dev_save(b.dev, snap);
        for (unsigned n = 0; n < 200; n++) {
            g_autoptr(GError) error = NULL;

            for (unsigned k = 0; k < 3; k++) {
                snap->data[1 + g_rand_int(rand) % (snap->len - 1)] = (uint8_t)g_rand_int(rand);
            }
            if (dev_load(b.dev, snap->data, snap->len, &error)) {
                shake(&b, rand, 50);
            }
            g_byte_array_set_size(snap, 0);
            dev_save(b.dev, snap);
        }
        bench_off(&b);
    }
}

Test(devices, every_register_is_described_by_name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GString) text = g_string_new(NULL);

        dev_describe(all[i], text);
        for (unsigned k = 0; k < all[i]->n_regs; k++) {
            cr_expect(strstr(text->str, all[i]->regs[k].name) != NULL);
        }
    }
}

/* ---- the core itself, on an invented part ---- */

typedef struct Toy {
    Device dev;
    struct {
        uint64_t wide;
        uint32_t lanes, narrow, flags;
        uint8_t bytes[12];
        uint32_t pad, more;
    } st;
} Toy;

#define V(m) REG_VAR(Toy, st.m)
static uint64_t toy_double(Device *d, unsigned i)
{
    (void)d;
    return 2 * i;
}

static const RegDef toy_regs[] = {
    { 0x00, "BYTES", REG_8_ARRAY(12), V(bytes), 0x11, 0xff, 0, NULL, NULL, "1" },
    { 0x10, "LANES", REG_32_LANES, V(lanes), 0, 0xffffffff, 0, NULL, NULL, "2" },
    { 0x14, "NARROW", REG_32_NARROW, V(narrow), 0, 0xffffffff, 0, NULL, NULL, "3" },
    { 0x18, "FLAGS", REG_32, V(flags), 0xf0, 0x0f, 0xf0, NULL, NULL, "4" },
    { 0x20, "WIDE", REG_64, V(wide), 0, UINT64_MAX, 0, NULL, NULL, "5" },
    { 0x40, "TWICE", 4, REG_EXACT, 4, 8, REG_NO_VAR, 0, 0, 0, toy_double, NULL, "6" },
};
static const StateField toy_fields[] = { STATE_VAR(Toy, st.pad), STATE_VAR(Toy, st.more) };
static const DeviceType toy = {
    .name = "toy", .window = 0x60, .n_pins = 3, DEVICE_LAYOUT(Toy, st, toy_regs, toy_fields)
};

static Bench bench;
static void toy_on(void) { bench_on(&bench, &toy); }
static void toy_off(void) { bench_off(&bench); }
TestSuite(device, .init = toy_on, .fini = toy_off);

Test(device, toy_is_sound)
{
    g_autoptr(GError) error = NULL;

    cr_expect(dev_check_type(&toy, &error), "%s", error ? error->message : "");
}

Test(device, a_byte_array_takes_aligned_wider_accesses)
{
    dev_write(bench.dev, 4, 4, 0xa4a3a2a1);
    cr_expect(eq(u64, dev_read(bench.dev, 5, 1), 0xa2));
    cr_expect(eq(u64, dev_read(bench.dev, 6, 2), 0xa4a3));
    cr_expect(eq(u64, dev_read(bench.dev, 0, 8), 0xa4a3a2a111111111));
    cr_expect(eq(u64, bench.dev->guest_errors, 0));
    cr_expect(eq(u64, dev_read(bench.dev, 8, 8), 0)); /* beyond its end */
    cr_expect(eq(u64, dev_read(bench.dev, 2, 4), 0)); /* not aligned */
    cr_expect(eq(u64, bench.dev->guest_errors, 2));
}

Test(device, lanes_replace_only_the_bytes_addressed)
{
    dev_write(bench.dev, 0x10, 4, 0x11223344);
    dev_write(bench.dev, 0x12, 1, 0xee);
    cr_expect(eq(u64, dev_read(bench.dev, 0x10, 4), 0x11ee3344));
    cr_expect(eq(u64, dev_read(bench.dev, 0x12, 2), 0x11ee));
    cr_expect(eq(u64, bench.dev->guest_errors, 0));
}

Test(device, a_narrow_write_is_zero_extended)
{
    dev_write(bench.dev, 0x14, 4, 0x11223344);
    dev_write(bench.dev, 0x14, 2, 0xbeef);
    cr_expect(eq(u64, dev_read(bench.dev, 0x14, 4), 0xbeef));
    cr_expect(eq(u64, dev_read(bench.dev, 0x15, 1), 0xbe));
    dev_write(bench.dev, 0x15, 1, 0xff);
    cr_expect(eq(u64, dev_read(bench.dev, 0x14, 4), 0xbeef));
    cr_expect(eq(u64, bench.dev->guest_errors, 1));
}

Test(device, ones_clear_what_ones_clear)
{
    dev_write(bench.dev, 0x18, 4, 0x35);
    cr_expect(eq(u64, dev_read(bench.dev, 0x18, 4), 0xc5));
    cr_expect(eq(u64, dev_read(bench.dev, 0x18, 2), 0));
    cr_expect(eq(u64, bench.dev->guest_errors, 1));
}

Test(device, all_64_bits_go_through)
{
    dev_write(bench.dev, 0x20, 8, 0x8000000000000001);
    cr_expect(eq(u64, dev_read(bench.dev, 0x20, 8), 0x8000000000000001));
}

Test(device, a_stride_leaves_holes_that_are_no_registers)
{
    cr_expect(eq(u64, dev_read(bench.dev, 0x58, 4), 6));
    cr_expect(eq(u64, bench.dev->guest_errors, 0));
    cr_expect(eq(u64, dev_read(bench.dev, 0x54, 4), 0));
    cr_expect(eq(u64, dev_read(bench.dev, 0x5c, 4), 0));
    cr_expect(eq(u64, dev_read(bench.dev, 0xfffffffc, 4), 0));
    cr_expect(eq(u64, bench.dev->guest_errors, 3));
}

Test(device, a_mistake_is_logged_once_a_site_with_the_pc)
{
    bench.log.on = LOG_GUEST_ERRORS;
    rd(&bench, 0x30);
    rd(&bench, 0x30);
    bench.pc = 0x9000;
    rd(&bench, 0x30);
    dev_write(bench.dev, 0x48, 4, 1);
    dev_write(bench.dev, 0x18, 4, 0x100);
    dev_write(bench.dev, 0x18, 1, 0);
    cr_expect(eq(str, bench_log(&bench),
                 "test/dev: no register at offset 0x30, at pc 0x8000\n"
                 "test/dev: no register at offset 0x30, at pc 0x9000\n"
                 "test/dev: TWICE[1] is read-only, at pc 0x9000\n"
                 "test/dev: FLAGS: reserved bits 0x100 written, at pc 0x9000\n"
                 "test/dev: FLAGS takes no 1-byte access at offset 0x18, at pc 0x9000\n"));
    cr_expect(eq(u64, bench.dev->guest_errors, 6));
}

Test(device, sites_without_end_neither_hang_nor_flood)
{
    bench.log.on = LOG_GUEST_ERRORS;
    for (unsigned i = 0; i < 1000; i++) {
        bench.pc = i;
        rd(&bench, 0x30);
    }
    cr_expect(eq(u64, bench.dev->guest_errors, 1000));
    cr_expect(lt(sz, strlen(bench_log(&bench)), DEV_SITES * 80));
}

Test(device, mistakes_are_counted_silently_while_the_log_is_off)
{
    rd(&bench, 0x30);
    cr_expect(eq(str, bench_log(&bench), ""));
    cr_expect(eq(u64, bench.dev->guest_errors, 1));
}

Test(device, pin_levels_survive_reset_and_travel_in_the_snapshot)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    IrqLine line = { 0 };

    dev_wire(&line, bench.dev, 2);
    irq_set(&line, true);
    dev_reset(bench.dev);
    cr_expect(dev_pin(bench.dev, 2));
    dev_save(bench.dev, snap);
    irq_set(&line, false);
    cr_expect(not(dev_pin(bench.dev, 2)));
    cr_assert(dev_load(bench.dev, snap->data, snap->len, NULL));
    cr_expect(dev_pin(bench.dev, 2));
    snap->data[1] |= 1u << 3; /* a pin it does not have */
    cr_expect(not(dev_load(bench.dev, snap->data, snap->len, &error)));
    cr_expect(eq(str, error->message, "test/dev.pins[0] is 0xc, largest is 0x7"));
}

Test(device, a_snapshot_of_another_size_or_version_changes_nothing)
{
    g_autoptr(GByteArray) snap = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    dev_save(bench.dev, snap);
    wr(&bench, 0x10, 0x1234);
    cr_expect(not(dev_load(bench.dev, snap->data, snap->len - 1, &error)));
    cr_expect(eq(str, error->message, "test/dev: not a version 0 snapshot of a toy"));
    snap->data[0] = 9;
    cr_expect(not(dev_load(bench.dev, snap->data, snap->len, NULL)));
    cr_expect(eq(u32, rd(&bench, 0x10), 0x1234));
}

Test(device, a_trace_names_the_register)
{
    bench.log.on = LOG_DEVICE;
    dev_write(bench.dev, 5, 1, 0x7f);
    rd(&bench, 0x4c - 4);
    cr_expect(eq(str, bench_log(&bench),
                 "test/dev: BYTES[5] written 0x7f (1 bytes), at pc 0x8000\n"
                 "test/dev: TWICE[1] reads 0x2 (4 bytes), at pc 0x8000\n"));
}

/* A table with one thing wrong, and what the check says of it. */
typedef struct BadRow {
    RegDef row;
    char *says;
} BadRow;

#define ROW(...) \
    { \
        __VA_ARGS__, NULL, NULL, "-" \
    }
static BadRow bad[] = {
    { ROW(0x5d, "R", REG_32, V(pad), 0, 0, 0), "toy.R: offset is not in the window" },
    { ROW(0x60, "R", REG_32, V(pad), 0, 0, 0), "toy.R: offset is not in the window" },
    { ROW(0x5a, "R", REG_8, REG_NO_VAR, 0, 0, 0), "toy.R: offset is out of order" },
    { ROW(0x5c, "R", 3, 0, 1, 4, REG_NO_VAR, 0, 0, 0), "toy.R: shape is impossible" },
    { ROW(0x5c, "R", 1, REG_SPAN, 2, 2, REG_NO_VAR, 0, 0, 0), "toy.R: shape is impossible" },
    { ROW(0x5c, "R", REG_8, REG_NO_VAR, 0, 0x100, 0), "toy.R: masks are wider than the register" },
    { ROW(0x5c, "R", REG_32, V(pad), 0, 6, 4), "toy.R: masks contradict each other" },
    { ROW(0x5c, "R", REG_32, REG_NO_VAR, 1, 0, 0), "toy.R: masks contradict each other" },
    { ROW(0x5c, "R", REG_8, V(pad), 0, 0, 0), "toy.R: variable has another size" },
    { ROW(0x5c, "R", REG_32, V(pad), 0, 0, 0), "toy: state byte 32 is in 2 fields" },
    { ROW(0x5c, "R", REG_8, 0, 1, 0, 0, 0), "toy.R: variable is outside the state" },
    { { 0x5c, "R", REG_32, REG_NO_VAR, 0, 0, 0, NULL, NULL, NULL }, "toy.R: no spec" },
};

Test(device, each_fault_of_a_table_is_found)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        RegDef rows[G_N_ELEMENTS(toy_regs) + 1];
        DeviceType t = toy;

        memcpy(rows, toy_regs, sizeof(toy_regs));
        rows[G_N_ELEMENTS(toy_regs)] = bad[i].row;
        t.regs = rows;
        t.n_regs++;
        cr_expect(not(dev_check_type(&t, &error)), "%u", i);
        cr_expect(eq(str, error ? error->message : "", bad[i].says));
    }
}

Test(device, a_member_in_no_table_is_found)
{
    g_autoptr(GError) error = NULL;
    DeviceType t = toy;

    t.n_fields = 0;
    cr_expect(not(dev_check_type(&t, &error)));
    cr_expect(eq(str, error->message, "toy: state byte 32 is in 0 fields"));
}
