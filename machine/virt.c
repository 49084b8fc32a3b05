/* SPDX-License-Identifier: MIT */
/*
 * virt.c - the board `virt`: QEMU's generic ARM machine, its memory map and interrupts.
 * The map is QEMU 7.2's (docs/system/arm/virt.rst and the device tree it generates), so that its
 * guests and command lines work unchanged. Only what is listed here exists.
 */
#include <string.h>

#include "devices/button.h"
#include "devices/gicv2.h"
#include "devices/pl011.h"
#include "devices/pl031.h"
#include "devices/pl061.h"
#include "frontend/arm/arm.h"
#include "machine/fdt.h"
#include "machine/linux_arm.h"
#include "machine/machine.h"
#include "machine/psci.h"

#define RAM_BASE 0x40000000u

enum { PHANDLE_GIC = 1, PHANDLE_CLOCK, PHANDLE_GPIO };
enum { POWER_KEY_PIN = 3, KEY_POWER = 116 };
enum { PPI_VIRT = 27, PPI_HYP = 26, PPI_SEC = 29, PPI_PHYS = 30 }; /* GUESTS: as on the A15 */
enum { FDT_LEVEL_HIGH = 4, FDT_SPI = 0, FDT_PPI = 1 };

/* The first window's base and size, and the others'. */
static void fdt_windows(Fdt *f, const BoardPart *p)
{
    uint64_t pairs[2 * BOARD_WINDOWS];
    unsigned n = 0;

    for (; n < BOARD_WINDOWS && p->window[n].size; n++) {
        pairs[2 * n] = p->window[n].base;
        pairs[2 * n + 1] = p->window[n].size;
    }
    fdt_reg(f, n, pairs);
}

static void fdt_primecell(Fdt *f, const BoardPart *p, const char *part)
{
    g_autofree char *compatible = g_strdup_printf("arm,%s%carm,primecell", part, '\n');
    size_t n = strlen(compatible) + 1;
    const uint32_t irq[3] = { FDT_SPI, p->wire[0].pin, FDT_LEVEL_HIGH };

    *strchr(compatible, '\n') = '\0';
    fdt_node(f, "%s@%x", part, (unsigned)p->window[0].base);
    fdt_texts(f, "compatible", compatible, n);
    fdt_windows(f, p);
    fdt_cells(f, "interrupts", 3, irq);
}

static void fdt_clocks(Fdt *f, bool uart)
{
    static const char uart_names[] = "uartclk\0apb_pclk";
    const uint32_t clocks[2] = { PHANDLE_CLOCK, PHANDLE_CLOCK };

    fdt_cells(f, "clocks", uart ? 2 : 1, clocks);
    if (uart) {
        fdt_texts(f, "clock-names", uart_names, sizeof(uart_names));
    } else {
        fdt_text(f, "clock-names", "apb_pclk");
    }
}

static void fdt_uart(Fdt *f, const Machine *m, const BoardPart *p)
{
    (void)m;
    fdt_primecell(f, p, "pl011");
    fdt_clocks(f, true);
    fdt_close(f);
}

static void fdt_rtc(Fdt *f, const Machine *m, const BoardPart *p)
{
    (void)m;
    fdt_primecell(f, p, "pl031");
    fdt_clocks(f, false);
    fdt_close(f);
}

static void fdt_gpio(Fdt *f, const Machine *m, const BoardPart *p)
{
    const uint32_t key[3] = { PHANDLE_GPIO, POWER_KEY_PIN, 0 };

    (void)m;
    fdt_primecell(f, p, "pl061");
    fdt_clocks(f, false);
    fdt_empty(f, "gpio-controller");
    fdt_cell(f, "#gpio-cells", 2);
    fdt_cell(f, "phandle", PHANDLE_GPIO);
    fdt_close(f);
    fdt_node(f, "gpio-keys");
    fdt_text(f, "compatible", "gpio-keys");
    fdt_node(f, "poweroff");
    fdt_cells(f, "gpios", 3, key);
    fdt_cell(f, "linux,code", KEY_POWER);
    fdt_text(f, "label", "GPIO Key Poweroff");
    fdt_close(f);
    fdt_close(f);
}

static void fdt_gic(Fdt *f, const Machine *m, const BoardPart *p)
{
    (void)m;
    fdt_node(f, "intc@%x", (unsigned)p->window[0].base);
    fdt_text(f, "compatible", "arm,cortex-a15-gic");
    fdt_windows(f, p);
    fdt_empty(f, "interrupt-controller");
    fdt_cell(f, "#interrupt-cells", 3);
    fdt_cell(f, "#address-cells", 2);
    fdt_cell(f, "#size-cells", 2);
    fdt_cell(f, "phandle", PHANDLE_GIC);
    fdt_close(f);
}

static void setup_rtc(Machine *m, Device *d)
{
    pl031_set_epoch_ns(d, (uint64_t)machine_rtc_base(m) * 1000000000u);
}

/* clang-format off */
static const BoardPart parts[] = {
    { PART_DEVICE, "gic",   { AT_MEMORY(0x08000000, 0x10000), AT_MEMORY(0x08010000, 0x10000) },
      &gicv2_type, .wire = { WIRE("cpu", 0, ARM_LINE_IRQ), WIRE("cpu", 1, ARM_LINE_FIQ) },
      .fdt = fdt_gic, .spec = "VIRT_GIC_DIST, VIRT_GIC_CPU" },
    { PART_DEVICE, "uart0", { AT_MEMORY(0x09000000, 0x1000) }, &pl011_type,
      .wire = { WIRE("gic", PL011_INTR, 1) },
      .chr = "serial0", .fdt = fdt_uart, .spec = "VIRT_UART, SPI 1" },
    { PART_DEVICE, "rtc",   { AT_MEMORY(0x09010000, 0x1000) }, &pl031_type,
      .wire = { WIRE("gic", 0, 2) },
      .setup = setup_rtc, .fdt = fdt_rtc, .spec = "VIRT_RTC, SPI 2" },
    { PART_DEVICE, "gpio",  { AT_MEMORY(0x09030000, 0x1000) }, &pl061_type,
      .wire = { WIRE("gic", 0, 7) },
      .fdt = fdt_gpio, .spec = "VIRT_GPIO, SPI 7" },
    { PART_DEVICE, "power-key", .type = &button_type,
      .wire = { WIRE("gpio", 0, POWER_KEY_PIN) }, .spec = "GPIO 3" },
    { PART_RAM,    "ram",   { AT_MEMORY(RAM_BASE, 0) }, .spec = "VIRT_MEM" },
};
/* clang-format on */

/* ---- device tree ---- */

static void fdt_head(Fdt *f)
{
    fdt_text(f, "compatible", "linux,dummy-virt");
    fdt_text(f, "model", "linux,dummy-virt");
    fdt_cell(f, "#address-cells", 2);
    fdt_cell(f, "#size-cells", 2);
    fdt_cell(f, "interrupt-parent", PHANDLE_GIC);
    fdt_node(f, "apb-pclk");
    fdt_text(f, "compatible", "fixed-clock");
    fdt_cell(f, "#clock-cells", 0);
    fdt_cell(f, "clock-frequency", 24000000);
    fdt_text(f, "clock-output-names", "clk24mhz");
    fdt_cell(f, "phandle", PHANDLE_CLOCK);
    fdt_close(f);
}

static void fdt_cpu(Fdt *f, const Machine *m)
{
    g_autofree char *compatible = g_strdup_printf("arm,%s", m->config.cpu);
    /* B8: the flags' upper byte is the mask of CPUs, edge 1, level high 4. */
    const uint32_t flags = 0x100 | FDT_LEVEL_HIGH;
    const uint32_t irqs[12] = { FDT_PPI, PPI_SEC - 16,  flags, FDT_PPI, PPI_PHYS - 16, flags,
                                FDT_PPI, PPI_VIRT - 16, flags, FDT_PPI, PPI_HYP - 16,  flags };

    fdt_node(f, "cpus");
    fdt_cell(f, "#address-cells", 1);
    fdt_cell(f, "#size-cells", 0);
    fdt_node(f, "cpu@0");
    fdt_text(f, "device_type", "cpu");
    fdt_text(f, "compatible", compatible);
    fdt_cell(f, "reg", 0);
    fdt_close(f);
    fdt_close(f);
    fdt_node(f, "timer");
    fdt_text(f, "compatible", "arm,armv7-timer");
    fdt_empty(f, "always-on");
    fdt_cells(f, "interrupts", 12, irqs);
    fdt_close(f);
}

static void fdt_chosen(Fdt *f, Machine *m)
{
    uint8_t rng[32], kaslr[8];

    machine_random(m, rng, sizeof(rng));
    machine_random(m, kaslr, sizeof(kaslr));
    fdt_node(f, "chosen");
    fdt_text(f, "stdout-path", "/pl011@9000000");
    fdt_bytes(f, "rng-seed", rng, sizeof(rng));
    fdt_bytes(f, "kaslr-seed", kaslr, sizeof(kaslr));
    fdt_close(f);
}

static GByteArray *device_tree(Machine *m)
{
    Fdt *f = fdt_begin();
    const uint64_t ram[2] = { RAM_BASE, m->config.ram_bytes };

    fdt_head(f);
    psci_fdt(f);
    fdt_node(f, "memory@%x", RAM_BASE);
    fdt_text(f, "device_type", "memory");
    fdt_reg(f, 1, ram);
    fdt_close(f);
    fdt_cpu(f, m);
    for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (parts[i].fdt) {
            parts[i].fdt(f, m, &parts[i]);
        }
    }
    fdt_chosen(f, m);
    return fdt_end(f);
}

/* ---- the board ---- */

static Vcpu *new_cpu(Machine *m)
{
    ArmCpu *cpu = arm_new(m->config.cpu, m->phys, &m->clock, &m->log);

    cpu->psci = psci_call;
    cpu->psci_opaque = m;
    return &cpu->v;
}

static void free_cpu(Vcpu *v) { arm_free(arm_cpu(v)); }

static void wire_cpu(Machine *m)
{
    static const uint8_t ppi[ARM_N_TIMERS] = { [ARM_TIMER_PHYS] = PPI_PHYS,
                                               [ARM_TIMER_VIRT] = PPI_VIRT,
                                               [ARM_TIMER_HYP] = PPI_HYP,
                                               [ARM_TIMER_SEC] = PPI_SEC };
    ArmCpu *cpu = arm_cpu(m->cpu);

    for (unsigned i = 0; i < ARM_N_TIMERS; i++) {
        cpu->timer_irq[i] = machine_wire(m, "gic", gicv2_ppi_pin(0, ppi[i]));
    }
}

static bool boot(Machine *m, GError **error)
{
    GByteArray *dtb = device_tree(m);
    bool ok;

    ok = linux_arm_boot(m, RAM_BASE, m->config.ram_bytes, dtb, error);
    g_byte_array_unref(dtb);
    return ok;
}

static void power_key(Machine *m)
{
    Device *key = machine_device(m, "power-key");

    dev_set_pin(key, 0, true);
    dev_set_pin(key, 0, false);
}

static const char *const cpus[] = { "cortex-a7", "cortex-a15", NULL };

const Board board_virt = {
    .name = "virt",
    .help = "generic ARM board: GICv2, PL011, PL031, PL061, PSCI",
    .isa = &arm_isa,
    .default_cpu = "cortex-a15",
    .cpus = cpus,
    .ram_default = 128u << 20,
    .ram_max = 3072ull << 20,
    .parts = parts,
    .n_parts = G_N_ELEMENTS(parts),
    .new_cpu = new_cpu,
    .free_cpu = free_cpu,
    .boot = boot,
    .wire_cpu = wire_cpu,
    .power_key = power_key,
};
