/* SPDX-License-Identifier: MIT */
/*
 * pc.c - the board `pc`: i440FX and PIIX3 with PIIX4's power management.
 * The map is QEMU 7.2's, so that its guests and command lines work unchanged. Only what is listed
 * here exists.
 */
#include "machine/pc.h"

#include "devices/apic.h"
#include "devices/fwcfg.h"
#include "devices/hpet.h"
#include "devices/i440fx.h"
#include "devices/i8042.h"
#include "devices/i8237.h"
#include "devices/i8254.h"
#include "devices/i8259.h"
#include "devices/ioapic.h"
#include "devices/mc146818.h"
#include "devices/ns16550.h"
#include "devices/pc_glue.h"
#include "devices/piix.h"
#include "frontend/x86/x86.h"
#include "machine/machine.h"
#include "machine/pc_direct.h"
#include "machine/pc_firmware.h"

enum { SLOT_HOST = 0, SLOT_PIIX = 1, FUNCTION_PM = 3 };
enum { IRQ_KEYBOARD = 1, IRQ_MOUSE = 12, IRQ_FPU = 13, IOAPIC_IRQ0 = 2, N_COMS = 4 };
enum { CONFIG_ADDRESS = 0xcf8, CONFIG_DATA = 0xcfc };

/* ---- parts ---- */

static void setup_host(Machine *m, Device *d)
{
    i440fx_connect(d, &m->pci, m->phys, machine_device(m, "isa"));
}

static void setup_rtc(Machine *m, Device *d)
{
    mc146818_set_epoch_ns(d, (uint64_t)machine_rtc_base(m) * 1000000000u);
    pc_firmware_cmos(m, d);
}

static void setup_pm(Machine *m, Device *d)
{
    (void)m;
    piix4_pm_set_acpi_only(d);
}

static void setup_fwcfg(Machine *m, Device *d) { fwcfg_set_phys(d, m->phys); }

/* I/O APIC and local APIC talk by messages. */
static void send(void *apic, const ApicMessage *message) { apic_message(apic, message); }
static void end(void *ioapic, uint8_t vector) { ioapic_end(ioapic, vector); }

static void setup_apic(Machine *m, Device *d)
{
    Device *ioapic = machine_device(m, "ioapic");

    ioapic_connect(ioapic, send, d);
    apic_on_end(d, end, ioapic);
}

/* clang-format off */
#define COM(n, port, channel) \
    { PART_DEVICE, "com" #n, { AT_PORTS(port, 8) }, &ns16550_type, \
      .wire = { WIRE("glue", 0, PC_GLUE_COM##n) }, .chr = channel, .spec = "COM" #n }
static const BoardPart parts[] = {
    { PART_RAM,    "ram-low", { AT_MEMORY(0, 0) }, .ram_most = PC_LOW_END,
      .spec = "below 640 KiB" },
    { PART_RAM,    "ram", { AT_MEMORY(PC_HIGH_BASE, 0) }, .ram_from = PC_HIGH_BASE,
      .spec = "above 1 MiB" },
    { PART_SHADOW, "shadow-c", { AT_MEMORY(0xc0000, 0x4000), AT_MEMORY(0xc4000, 0x4000),
                                 AT_MEMORY(0xc8000, 0x4000), AT_MEMORY(0xcc000, 0x4000) },
      .spec = "290549 3.2.17: PAM1, PAM2" },
    { PART_SHADOW, "shadow-d", { AT_MEMORY(0xd0000, 0x4000), AT_MEMORY(0xd4000, 0x4000),
                                 AT_MEMORY(0xd8000, 0x4000), AT_MEMORY(0xdc000, 0x4000) },
      .spec = "290549 3.2.17: PAM3, PAM4" },
    { PART_SHADOW, "shadow-e", { AT_MEMORY(0xe0000, 0x4000), AT_MEMORY(0xe4000, 0x4000),
                                 AT_MEMORY(0xe8000, 0x4000), AT_MEMORY(0xec000, 0x4000) },
      .spec = "290549 3.2.17: PAM5, PAM6" },
    { PART_SHADOW, "shadow-f", { AT_MEMORY(0xf0000, 0x10000) }, .spec = "290549 3.2.17: PAM0" },
    { PART_ROM,    "bios", { AT_MEMORY(PC_ROM_BASE, PC_ROM_MAX) }, .image = pc_firmware_image,
      .spec = "SDM 3A 9.1.4: the first instruction is 16 bytes below 4 GiB" },

    { PART_DEVICE, "isa", .type = &piix3_isa_type,
      .pci = true, .slot = SLOT_PIIX, .function = 0,
      .wire = { WIRES("pic", PIIX_TO_PIC, 0, 16),
                WIRE("ioapic", PIIX_TO_IOAPIC, IOAPIC_IRQ0),
                WIRE("ioapic", PIIX_TO_IOAPIC + 1, 1),
                WIRES("ioapic", PIIX_TO_IOAPIC + 3, 3, 13),
                WIRE("machine", PIIX_RESET, MACHINE_RESET) },
      .spec = "PIIX3 function 0; ACPI 6.3 5.2.12.5: IRQ0 is input 2 of the I/O APIC" },
    { PART_DEVICE, "pm", .type = &piix4_pm_type,
      .pci = true, .slot = SLOT_PIIX, .function = FUNCTION_PM,
      .wire = { WIRE("isa", PIIX4_PM_SCI, PIIX_SCI),
                WIRE("machine", PIIX4_PM_OFF, MACHINE_POWER_OFF) }, .setup = setup_pm,
      .spec = "PIIX4 function 3" },
    { PART_DEVICE, "host", { [1] = AT_PORTS(CONFIG_ADDRESS, 8) }, &i440fx_type,
      .pci = true, .slot = SLOT_HOST, .function = 0, .setup = setup_host, .spec = "i440FX" },

    { PART_DEVICE, "pic", { AT_PORTS(0x20, 2), AT_PORTS(0xa0, 2), AT_PORTS(0x4d0, 2) }, &i8259_type,
      .wire = { WIRE("apic", 0, APIC_LINT0) }, .spec = "82371SB" },
    { PART_DEVICE, "pit", { AT_PORTS(0x40, 4), AT_PORTS(0x61, 1) }, &i8254_type,
      .wire = { WIRE("glue", 0, PC_GLUE_TIMER) }, .spec = "82371SB" },
    { PART_DEVICE, "rtc", { AT_PORTS(0x70, 4) }, &mc146818_type,
      .wire = { WIRE("glue", 0, PC_GLUE_CLOCK) }, .setup = setup_rtc, .spec = "MC146818" },
    { PART_DEVICE, "dma", { AT_PORTS(0, 0x10), AT_PORTS(0xc0, 0x20), AT_PORTS(0x80, 0x10) },
      &i8237_type, .spec = "82371SB" },
    { PART_DEVICE, "kbd", { AT_PORTS(0x60, 1), AT_PORTS(0x64, 1) }, &i8042_type,
      .wire = { WIRE("isa", I8042_KEYBOARD, PIIX_IRQ + IRQ_KEYBOARD),
                WIRE("isa", I8042_MOUSE, PIIX_IRQ + IRQ_MOUSE),
                WIRE("glue", I8042_A20, PC_GLUE_A20),
                WIRE("machine", I8042_RESET, MACHINE_RESET) },
      .spec = "i8042" },
    { PART_DEVICE, "glue", { AT_PORTS(0x92, 1), AT_PORTS(0xf0, 1) }, &pc_glue_type,
      .wire = { WIRE("isa", PC_GLUE_IRQ0, PIIX_IRQ), WIRES("isa", PC_GLUE_IRQ3, PIIX_IRQ + 3, 2),
                WIRE("isa", PC_GLUE_IRQ8, PIIX_IRQ + 8),
                WIRE("isa", PC_GLUE_IRQ13, PIIX_IRQ + IRQ_FPU),
                WIRE("cpu", PC_GLUE_IGNNE, X86_LINE_IGNNE),
                WIRE("pm", PC_GLUE_ALARM, PIIX4_PM_CLOCK),
                WIRE("machine", PC_GLUE_RESET, MACHINE_RESET) },
      .spec = "ports 92 and F0" },
    COM(1, 0x3f8, "serial0"), COM(2, 0x2f8, "serial1"),
    COM(3, 0x3e8, "serial2"), COM(4, 0x2e8, "serial3"),

    { PART_DEVICE, "hpet", { AT_MEMORY(PC_HPET_BASE, 0x400) }, &hpet_type,
      .wire = { WIRE("glue", 0, PC_GLUE_HPET_TIMER), WIRE("glue", 8, PC_GLUE_HPET_CLOCK),
                WIRE("glue", HPET_LINE_LEGACY, PC_GLUE_LEGACY), WIRES("ioapic", 16, 16, 8) },
      .spec = "HPET" },
    { PART_DEVICE, "ioapic", { AT_MEMORY(PC_IOAPIC_BASE, 0x20) }, &ioapic_type, .spec = "82093AA" },
    { PART_DEVICE, "apic", { AT_MEMORY(PC_APIC_BASE, 0x1000) }, &apic_type,
      .wire = { WIRE("cpu", APIC_LINE_INTR, X86_LINE_INTR),
                WIRE("cpu", APIC_LINE_NMI, X86_LINE_NMI) },
      .setup = setup_apic, .spec = "SDM 3A chapter 10" },
    { PART_DEVICE, "fw_cfg", { AT_PORTS(0x510, 0xc) }, &fwcfg_type, .setup = setup_fwcfg,
      .spec = "fw_cfg" },
};
/* clang-format on */

/* Slot S, pin P (INTA is 0) drives PIRQ (S + P - 1) modulo 4, as the DSDT says too. */
static unsigned pirq(unsigned slot, unsigned intx) { return PIIX_PIRQA + (slot + intx + 3) % 4; }

/* ---- the processor ---- */

/* What it asks of the board. */
typedef struct PcLinks {
    Machine *m;
    Device *apic, *pic;
    IrqLine *ferr; /* borrowed */
} PcLinks;

static uint8_t acknowledge(void *links)
{
    const PcLinks *l = links;
    unsigned vector = apic_acknowledge(l->apic);

    return vector == APIC_ASK_PIC ? i8259_acknowledge(l->pic) : (uint8_t)vector;
}

/* SDM 3A 5.15: shutdown; chipsets answer it with a reset. Who has no second try is told where it
 * was in any case. */
static void shutdown(void *links)
{
    Machine *m = ((PcLinks *)links)->m;

    if (m->config.no_reboot || log_on(&m->log, LOG_GUEST_ERRORS)) {
        g_autoptr(GString) text = g_string_new("doppel: triple fault\n");

        m->isa->describe(m->cpu, text);
        log_write(&m->log, "%s", text->str);
    }
    machine_request_reset(m);
}

static void ferr(void *links, bool level) { irq_set(((PcLinks *)links)->ferr, level); }

static void apic_base_written(void *links, uint64_t value)
{
    (void)!apic_set_base(((PcLinks *)links)->apic, value);
}

static void a20(void *cpu, bool level) { x86_set_a20(cpu, level); }

static Vcpu *new_cpu(Machine *m)
{
    X86Cpu *cpu = x86_new(m->config.cpu, m->phys, &m->clock, &m->log);
    PcLinks *l = g_new0(PcLinks, 1);

    l->m = m;
    mmu_set_ports(cpu->mmu, map_space(m->map, SPACE_PORTS));
    cpu->board = (X86Board){ acknowledge, shutdown, ferr, apic_base_written, l };
    return &cpu->v;
}

static void free_cpu(Vcpu *v)
{
    g_free(x86_cpu(v)->board.opaque);
    x86_free(x86_cpu(v));
}

static void wire_cpu(Machine *m)
{
    X86Cpu *cpu = x86_cpu(m->cpu);
    PcLinks *l = cpu->board.opaque;
    IrqLine *line = machine_wire(m, "cpu", X86_LINE_INTR);

    l->apic = machine_device(m, "apic");
    l->pic = machine_device(m, "pic");
    l->ferr = machine_wire(m, "glue", PC_GLUE_FERR);
    *line = (IrqLine){ .sink = a20, .opaque = cpu };
    machine_device(m, "glue")->irq[PC_GLUE_A20_OUT] = line;
}

unsigned pc_serial_ports(const Machine *m)
{
    unsigned there = 0;

    for (unsigned n = 0; n < N_COMS; n++) {
        there |= (unsigned)machine_has_serial(m, n) << n;
    }
    return there;
}

/* ---- boot=direct: what firmware does before it starts a kernel ---- */

static void out(Machine *m, uint16_t port, uint32_t value, unsigned bytes)
{
    phys_out(map_space(m->map, SPACE_PORTS), port, value, bytes);
}

static void config(Machine *m, unsigned slot, unsigned function, unsigned reg, uint32_t value,
                   unsigned bytes)
{
    out(m, CONFIG_ADDRESS, 1u << 31 | slot << 11 | function << 8 | (reg & 0xfc), 4);
    out(m, (uint16_t)(CONFIG_DATA + (reg & 3)), value, bytes);
}

static void set_up_chipset(Machine *m)
{
    config(m, SLOT_HOST, 0, 0x59, 0x30, 1); /* PAM0 to PAM6: all is RAM */
    for (unsigned reg = 0x5a; reg <= 0x5f; reg++) {
        config(m, SLOT_HOST, 0, reg, 0x33, 1);
    }
    config(m, SLOT_PIIX, 0, 0x60, 0x0b0b0a0a, 4); /* PIRQRC: 10, 10, 11, 11 */
    out(m, 0x4d1, 0x0c, 1);                       /* ELCR: 10 and 11 are levels */
    config(m, SLOT_PIIX, FUNCTION_PM, 0x40, PC_PM_BASE | 1, 4);
    config(m, SLOT_PIIX, FUNCTION_PM, 0x80, 1, 1); /* PMREGMISC: the ports are there */
    config(m, SLOT_PIIX, FUNCTION_PM, 0x04, 1, 2);
    config(m, SLOT_PIIX, FUNCTION_PM, 0x3c, PC_SCI, 1);
    apic_virtual_wire(machine_device(m, "apic"));
}

static bool boot(Machine *m, GError **error)
{
    if (m->config.dtb) {
        g_set_error(error, MACHINE_ERROR, MACHINE_ERROR_OPTION,
                    "option -dtb: machine pc hands no device tree to its kernel");
        return false;
    }
    if (!m->config.boot_direct) {
        return pc_firmware_boot(m, error);
    }
    set_up_chipset(m);
    pc_firmware_describe(m);
    return pc_direct_boot(m, error);
}

/* A press of the power key: the pin goes up and down again. */
static void power_key(Machine *m)
{
    Device *pm = machine_device(m, "pm");

    dev_set_pin(pm, PIIX4_PM_BUTTON, true);
    dev_set_pin(pm, PIIX4_PM_BUTTON, false);
}

static const char *const cpus[] = { "qemu32",   "486",     "pentium", "pentium2",
                                    "pentium3", "coreduo", "n270",    NULL };

const Board board_pc = {
    .name = "pc",
    .help = "PC: i440FX, PIIX3, PIIX4 power management, APICs, HPET",
    .isa = &x86_isa,
    .default_cpu = "qemu32",
    .cpus = cpus,
    .ram_default = 128u << 20,
    .ram_max = PC_RAM_MAX,
    .ram_min = PC_RAM_MIN,
    .parts = parts,
    .n_parts = G_N_ELEMENTS(parts),
    .takes_bios = true,
    .has_isa = true,
    .serial_slots = true,
    .open_bus = true,
    .pirq_part = "isa",
    .pirq = pirq,
    .new_cpu = new_cpu,
    .free_cpu = free_cpu,
    .boot = boot,
    .wire_cpu = wire_cpu,
    .power_key = power_key,
};
