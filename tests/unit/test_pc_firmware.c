/* SPDX-License-Identifier: MIT */
/* test_pc_firmware.c - the board `pc` with a ROM of our own: where it is, what it is told. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glib/gstdio.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "devices/fwcfg.h"
#include "devices/isa_debug.h"
#include "machine/firmware.h"
#include "machine/machine.h"
#include "machine/pc.h"

enum { ROM_BYTES = 0x20000, LAST_64K = 0x10000, RESET = 0x1fff0, EXIT_PORT = 0x501 };

static Log quiet;
static char *path;
static uint8_t rom[ROM_BYTES];

static void set_up(void)
{
    int fd = g_file_open_tmp("doppelXXXXXX", &path, NULL);

    cr_assert(ge(i32, fd, 0));
    g_close(fd, NULL);
    quiet.out = fopen("/dev/null", "w");
    for (unsigned i = 0; i < ROM_BYTES; i++) {
        rom[i] = (uint8_t)(i >> 12);
    }
    /* jmp far f000:0000 */
    memcpy(rom + RESET, "\xea\0\0\0\xf0", 5);
}
static void tear_down(void)
{
    fclose(quiet.out);
    g_remove(path);
    g_free(path);
}
TestSuite(pc_firmware, .init = set_up, .fini = tear_down);

/* Runs @code at f000:0000, with a way out at EXIT_PORT. */
static Machine *machine_that(const void *code, size_t n, bool no_reboot)
{
    MachineConfig c = { .board = &board_pc,
                        .ram_bytes = 32 << 20,
                        .clock_virtual = true,
                        .stop_at = 100000,
                        .no_reboot = no_reboot };
    const MachineExtra way_out = { &isa_debug_exit_type, EXIT_PORT, 2, NULL };
    g_autoptr(GError) error = NULL;
    Machine *m;

    c.tr.main = c.tr.interp = &interp_host;
    c.tr.host.chain = c.interpret = true;
    c.extra = g_array_new(FALSE, FALSE, sizeof(MachineExtra));
    g_array_append_val(c.extra, way_out);
    memset(rom + LAST_64K, 0, 0x80);
    memcpy(rom + LAST_64K, code, n);
    cr_assert(g_file_set_contents(path, (const char *)rom, sizeof(rom), NULL));
    c.bios = g_strdup(path);
    m = machine_new(&c, &quiet, &error);
    cr_assert(m != NULL, "%s", error ? error->message : "");
    return m;
}

static Machine *machine_with(const void *code, size_t n) { return machine_that(code, n, false); }

static void run(Machine *m)
{
    machine_start(m);
    machine_join(m);
}

static uint64_t ports_in(Machine *m, unsigned port, unsigned bytes)
{
    return phys_in(map_space(m->map, SPACE_PORTS), port, bytes);
}

static void ports_out(Machine *m, unsigned port, uint32_t value, unsigned bytes)
{
    phys_out(map_space(m->map, SPACE_PORTS), port, value, bytes);
}

static void config_out(Machine *m, unsigned reg, uint8_t value)
{
    ports_out(m, 0xcf8, 0x80000000u | (reg & 0xfc), 4);
    ports_out(m, 0xcfc + (reg & 3), value, 1);
}

Test(pc_firmware, the_first_instruction_is_the_rom_s_and_isa_debug_exit_ends_the_run)
{
    /* mov $5, %al; mov $0x501, %dx; out %al, %dx; jmp . */
    Machine *m = machine_with("\xb0\x05\xba\x01\x05\xee\xeb\xfe", 8);

    run(m);
    cr_expect(eq(int, m->end, END_STATUS));
    cr_expect(eq(u32, m->status, 11));
    machine_free(m);
}

Test(pc_firmware, the_rom_is_below_4_gib_and_its_end_below_1_mib)
{
    Machine *m = machine_with("", 0);

    cr_expect(eq(u64, phys_read(m->phys, 0xfffe2000, 1, NULL), 2));
    cr_expect(eq(u64, phys_read(m->phys, 0xfffdffff, 1, NULL), 0xff));
    cr_expect(eq(u64, phys_read(m->phys, 0xe2000, 1, NULL), 2));
    cr_expect(eq(u64, phys_read(m->phys, 0xe7000, 1, NULL), 7));
    cr_expect(eq(u64, phys_read(m->phys, 0xf5000, 1, NULL), 0x15));
    cr_expect(eq(u64, phys_read(m->phys, 0xc8000, 1, NULL), 0xff));
    machine_free(m);
}

Test(pc_firmware, pam_shadows_it_and_a_reset_shows_it_again) /* 290549 3.2.17 */
{
    Machine *m = machine_with("", 0);

    phys_write(m->phys, 0xf5000, 0x99, 1, NULL);
    cr_expect(eq(u64, phys_read(m->phys, 0xf5000, 1, NULL), 0x15));
    config_out(m, 0x59, 0x20); /* writes to RAM, reads of the ROM */
    phys_write(m->phys, 0xf5000, 0x99, 1, NULL);
    cr_expect(eq(u64, phys_read(m->phys, 0xf5000, 1, NULL), 0x15));
    config_out(m, 0x59, 0x10); /* reads of RAM, no writes */
    cr_expect(eq(u64, phys_read(m->phys, 0xf5000, 1, NULL), 0x99));
    phys_write(m->phys, 0xf5000, 0x55, 1, NULL);
    cr_expect(eq(u64, phys_read(m->phys, 0xf5000, 1, NULL), 0x99));
    machine_reset(m);
    cr_expect(eq(u64, phys_read(m->phys, 0xf5000, 1, NULL), 0x15));
    machine_free(m);
}

Test(pc_firmware, the_clock_s_memory_says_how_much_ram_there_is)
{
    static const uint8_t want[][2] = {
        { 0x14, 0x06 }, { 0x15, 0x80 }, { 0x16, 0x02 }, { 0x17, 0x00 }, { 0x18, 0x7c },
        { 0x30, 0x00 }, { 0x31, 0x7c }, { 0x34, 0x00 }, { 0x35, 0x01 }, { 0x5b, 0 },
    };
    Machine *m = machine_with("", 0);

    for (unsigned i = 0; i < G_N_ELEMENTS(want); i++) {
        ports_out(m, 0x70, want[i][0], 1);
        cr_expect(eq(u64, ports_in(m, 0x71, 1), want[i][1]), "%#x", want[i][0]);
    }
    machine_free(m);
}

Test(pc_firmware, fw_cfg_has_what_seabios_asks_for)
{
    static const struct {
        const char *name;
        size_t bytes; /* 0: any */
    } file[] = {
        { "etc/e820", 20 },
        { "etc/acpi/rsdp", 20 },
        { "etc/acpi/tables", 0 },
        { "etc/table-loader", 0 },
        { "etc/smbios/smbios-anchor", 31 },
        { "etc/system-states", 6 },
        { "etc/smbios/smbios-tables", 0 },
    };
    Machine *m = machine_with("", 0);
    Device *d = machine_device(m, "fw_cfg");

    for (unsigned i = 0; i < G_N_ELEMENTS(file); i++) {
        GBytes *bytes = fwcfg_file(d, file[i].name);

        cr_assert(bytes != NULL, "%s", file[i].name);
        cr_expect(g_bytes_get_size(bytes) == file[i].bytes || file[i].bytes == 0);
    }
    cr_expect(fwcfg_file(d, "bootorder") == NULL); /* no kernel */
    cr_expect(fwcfg_file(d, "etc/sercon-port") == NULL);
    ports_out(m, 0x510, FWCFG_IRQ0_OVERRIDE, 2);
    cr_expect(eq(u64, ports_in(m, 0x511, 1), 1));
    machine_free(m);
}

Test(pc_firmware, there_is_no_smm_to_set_up_and_acpi_s_mode_is_on)
{
    Machine *m = machine_with("", 0);

    ports_out(m, 0xcf8, 0x80000b58, 4);
    cr_expect(eq(u64, ports_in(m, 0xcfc, 4), 0x02000000)); /* APMC_EN */
    ports_out(m, 0xcfc, 0, 4);
    cr_expect(eq(u64, ports_in(m, 0xcfc, 4), 0x02000000));
    ports_out(m, 0xcf8, 0x80000b40, 4);
    ports_out(m, 0xcfc, PC_PM_BASE | 1, 4);
    ports_out(m, 0xcf8, 0x80000b80, 4);
    ports_out(m, 0xcfc, 1, 1);
    cr_expect(eq(u64, ports_in(m, PC_PM_CONTROL, 2), 1));
    machine_free(m);
}

/* The ways to reset it, and a jump to itself behind each. */
static const struct {
    const char *name, *code;
    size_t n;
} resets[] = {
    { "keyboard controller", "\xb0\xfe\xe6\x64\xeb\xfe", 6 }, /* mov $0xfe, %al; out %al, $0x64 */
    { "port 92", "\xb0\x01\xe6\x92\xeb\xfe", 6 },
    { "reset control", "\xba\xf9\x0c\xb0\x02\xee\xb0\x06\xee\xeb\xfe", 11 },
    { "triple fault", "\x2e\x0f\x01\x1e\x40\x00\xcc\xeb\xfe", 9 }, /* lidt %cs:0x40; int3 */
};

Test(pc_firmware, each_reset_ends_the_run_with_no_reboot)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(resets); i++) {
        Machine *m = machine_that(resets[i].code, resets[i].n, true);

        run(m);
        cr_expect(eq(int, m->end, END_RESET_REFUSED), "%s", resets[i].name);
        machine_free(m);
    }
}

/* At the second start memory at 0x500 says that it is one. */
Test(pc_firmware, each_reset_starts_the_rom_again_and_keeps_memory)
{
    /* mov 0x500, %al; test %al, %al; jz 1f; mov $0x501, %dx; out %al, %dx; jmp .;
     * 1: movb $7, 0x500 */
    static const char again[] = "\xa0\x00\x05\x84\xc0\x74\x06\xba\x01\x05\xee\xeb\xfe"
                                "\xc6\x06\x00\x05\x07";
    enum { N = sizeof(again) - 1 };

    for (unsigned i = 0; i < G_N_ELEMENTS(resets); i++) {
        char code[64] = { 0 };
        Machine *m;

        memcpy(code, again, N);
        memcpy(code + N, resets[i].code, resets[i].n);
        m = machine_with(code, N + resets[i].n);
        run(m);
        cr_expect(eq(int, m->end, END_STATUS), "%s", resets[i].name);
        cr_expect(eq(u32, m->status, 15), "%s", resets[i].name);
        machine_free(m);
    }
}

Test(pc_firmware, a_triple_fault_shows_the_registers)
{
    static char text[8192];
    Machine *m;

    fclose(quiet.out);
    quiet.out = fmemopen(text, sizeof(text), "w");
    m = machine_that(resets[3].code, resets[3].n, true);
    run(m);
    machine_free(m);
    fclose(quiet.out);
    quiet.out = fopen("/dev/null", "w");
    cr_expect(strstr(text, "triple fault") != NULL, "%s", text);
    cr_expect(strstr(text, "EIP=00000006") != NULL, "%s", text);
}

Test(pc_firmware, firmware_is_looked_for_where_l_says_and_its_absence_says_what_to_do)
{
    static const char *const usual[] = { "no-such-rom.bin", NULL };
    MachineConfig c = { .board = &board_pc };
    g_autofree char *dir = g_path_get_dirname(path), *name = g_path_get_basename(path);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;

    cr_expect(firmware_read(&c, NULL, usual, PC_ROM_MAX, &error) == NULL);
    cr_assert(error != NULL);
    cr_expect(strstr(error->message, "no firmware no-such-rom.bin is found") != NULL);
    cr_expect(strstr(error->message, "boot=direct") != NULL);
    g_clear_error(&error);

    cr_assert(g_file_set_contents(path, "rom", 3, NULL));
    cr_expect(firmware_read(&c, name, usual, PC_ROM_MAX, &error) == NULL);
    cr_expect(strstr(error->message, "no such file") != NULL, "%s", error->message);
    g_clear_error(&error);
    c.data_dirs = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(c.data_dirs, g_strdup("/no/such/place"));
    g_ptr_array_add(c.data_dirs, g_steal_pointer(&dir));
    bytes = firmware_read(&c, name, usual, PC_ROM_MAX, &error);
    cr_expect(bytes && g_bytes_get_size(bytes) == 3);
    g_ptr_array_unref(c.data_dirs);
}
