/* SPDX-License-Identifier: MIT */
/* test_machine.c - runs of whole machines: exact counts, commands, resets, repeatability. */
#include <stdio.h>
#include <string.h>

#include "backend/x64/x64.h"
#include "frontend/arm/arm.h"
#include "machine/monitor.h"
#include "machine/stats.h"
#include "tests/unit/machine_rig.h"

/* add r0, r0, #1; b .-4 */
static const uint32_t counting[] = { 0xe2800001, 0xeafffffd };

static void run(Machine *m)
{
    machine_start(m);
    machine_join(m);
}

static uint32_t reg(const Machine *m, unsigned n) { return arm_cpu(m->cpu)->r[n]; }

Test(machine, stop_at_is_exact)
{
    for (uint64_t n = 0; n < 70; n++) {
        MachineConfig c = rig_config();
        Machine *m;

        c.stop_at = n;
        m = rig_machine(&c, counting, G_N_ELEMENTS(counting));
        run(m);
        cr_expect(eq(u64, vcpu_retired(m->cpu), n));
        cr_expect(eq(u32, reg(m, 0), (n + 1) / 2));
        cr_expect(eq(int, m->end, END_STOP_AT));
        machine_free(m);
    }
}

static void record(Machine *m, const char *text)
{
    GString *all = m->ended_opaque;

    g_string_append_printf(all, "%u %s\n", (unsigned)vcpu_retired(m->cpu), text);
}

static void add_at(Machine *m, uint64_t count, const char *command)
{
    MachineAt at = { count, g_strdup(command) };

    g_array_append_val(m->at, at);
}

Test(machine, commands_run_at_their_count)
{
    MachineConfig c = rig_config();
    g_autoptr(GString) all = g_string_new(NULL);
    Machine *m;

    c.stop_at = 1000;
    m = rig_machine(&c, counting, G_N_ELEMENTS(counting));
    m->command = record;
    m->ended_opaque = all;
    add_at(m, 0, "a");
    add_at(m, 7, "b");
    add_at(m, 7, "c");
    add_at(m, 500, "d");
    add_at(m, 2000, "e");
    run(m);
    cr_expect(eq(str, all->str, "0 a\n7 b\n7 c\n500 d\n"));
    machine_free(m);
}

static void run_command(Machine *m, const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    monitor_run(m, text, out);
}

Test(machine, a_stop_at_a_count_stops_at_that_count)
{
    MachineConfig c = rig_config();
    g_autoptr(GString) out = g_string_new(NULL);
    Machine *m = rig_machine(&c, counting, G_N_ELEMENTS(counting));

    m->command = run_command;
    add_at(m, 12345, "stop");
    machine_start(m);
    while (!strstr(out->str, "paused")) {
        g_string_truncate(out, 0);
        monitor_ask(m, "info status", out);
    }
    cr_expect(strstr(out->str, "instructions retired: 12345\n") != NULL, "%s", out->str);
    monitor_ask(m, "quit", out);
    machine_free(m);
}

/* Registers are loaded at RIG_CODE; word 3 on: ldr r0, [pc, #8]; hvc or smc; b . */
static void psci(bool no_reboot, uint32_t function, RunEnd end)
{
    const uint32_t calling[] = { 0xe59f0004, 0xe1400070, 0xeafffffe, function };
    MachineConfig c = rig_config();
    Machine *m;

    c.no_reboot = no_reboot;
    c.stop_at = 1000;
    m = rig_machine(&c, calling, G_N_ELEMENTS(calling));
    run(m);
    cr_expect(eq(int, m->end, end), "%#x", function);
    machine_free(m);
}

Test(machine, power_off_ends_the_run) { psci(false, 0x84000008, END_POWER_OFF); }
Test(machine, reset_ends_it_if_no_reboot_is_wanted) { psci(true, 0x84000009, END_RESET_REFUSED); }

Test(machine, undefined_instructions_with_unmapped_vectors_reach_the_deadline)
{
    static const uint32_t udf[] = { 0xe7f000f0 };
    MachineConfig c = rig_config();
    Machine *m;

    c.stop_at = 100000;
    m = rig_machine(&c, udf, 1);
    run(m);
    cr_expect(eq(u64, vcpu_retired(m->cpu), 100000));
    machine_free(m);
}

/* Stores r0 to RAM as it counts: str r0, [r1]; add r0, r0, #1; b .-8, r1 = pc + 8. */
static const uint32_t storing[] = { 0xe28f1048, 0xe5810000, 0xe2800001, 0xeafffffc };

static void hash_after(uint64_t cache_bytes, bool chain, char hex[65])
{
    MachineConfig c = rig_config();
    Machine *m;

    c.stop_at = 54321;
    c.tr.cache_bytes = cache_bytes;
    c.tr.host.chain = chain;
    m = rig_machine(&c, storing, G_N_ELEMENTS(storing));
    run(m);
    machine_state_hash(m, hex);
    machine_free(m);
}

Test(machine, a_virtual_clock_repeats_a_run_whatever_the_cache)
{
    char first[65], again[65];

    hash_after(0, true, first);
    hash_after(256 << 10, false, again);
    cr_expect(eq(str, first, again));
}

Test(machine, the_state_hash_sees_one_bit)
{
    MachineConfig c = rig_config();
    Machine *m = rig_machine(&c, counting, G_N_ELEMENTS(counting));
    char before[65], after[65];

    machine_state_hash(m, before);
    phys_write(m->phys, 0x40c00000, 1, 1, NULL);
    machine_state_hash(m, after);
    cr_expect(ne(str, before, after));
    phys_write(m->phys, 0x40c00000, 0, 1, NULL);
    machine_state_hash(m, after);
    cr_expect(eq(str, before, after));
    arm_cpu(m->cpu)->r[5] ^= 1;
    machine_state_hash(m, after);
    cr_expect(ne(str, before, after));
    machine_free(m);
}

/* What seven instructions log: nop; mrc p15, 1, r0, c0, c0, 0 (CCSIDR); b .-8. */
static char *logged(const HostIsa *host, uint32_t items, const char *filter)
{
    static const uint32_t code[] = { 0xe1a00000, 0xee300f10, 0xeafffffc };
    MachineConfig c = rig_config();
    char *text = NULL;
    size_t bytes;
    Log log = { .on = items, .out = open_memstream(&text, &bytes) };
    Machine *m;

    c.stop_at = 7;
    c.tr.main = host;
    cr_assert(filter == NULL || log_parse_filter(&log, filter, NULL));
    m = rig_machine_log(&c, code, G_N_ELEMENTS(code), &log);
    run(m);
    machine_free(m);
    fclose(log.out);
    log_clear(&log);
    return text;
}

Test(machine, callouts_and_units_are_logged_as_they_are_executed)
{
    const HostIsa *const hosts[] = { &interp_host, &x64_host };

    for (unsigned i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *callouts = logged(hosts[i], LOG_CALLOUT, NULL);
        g_autofree char *units = logged(hosts[i], LOG_EXEC, NULL);
        g_autofree char *none = logged(hosts[i], LOG_EXEC | LOG_CALLOUT, "0..0xfff");
        const char *second = strstr(callouts, "\ncallout ");

        cr_expect(g_str_has_prefix(callouts, "callout "), "%s", callouts);
        cr_expect(strstr(callouts, " at 0x40008004 mode ") != NULL, "%s", callouts);
        cr_assert(ne(ptr, (void *)second, NULL), "%s", callouts);
        cr_expect(eq(ptr, (void *)strstr(second + 1, "\ncallout "), NULL), "%s", callouts);
        cr_expect(g_str_has_prefix(units, "exec 0x40008000 mode "), "%s", units);
        cr_expect(eq(str, none, ""));
    }
}
