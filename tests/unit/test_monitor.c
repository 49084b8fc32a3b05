/* SPDX-License-Identifier: MIT */
/* test_monitor.c - the monitor's commands and their answers. */
#include <string.h>

#include "machine/monitor.h"
#include "tests/unit/machine_rig.h"

/* nop; udf #0; b .-8; "text", its zero; data */
static const uint32_t code[] = { 0xe320f000, 0xe7f000f0, 0xeafffffc, 0x74786574,
                                 0x22275c00, 0x80000001, 0xffffffff, 0x12345678 };

static Machine *m;

static void set_up(void)
{
    MachineConfig c = rig_config();

    m = rig_machine(&c, code, G_N_ELEMENTS(code));
}

static void tear_down(void) { machine_free(m); }

TestSuite(monitor, .init = set_up, .fini = tear_down);

/* @answer: all of it. */
static void expect_answer(const char *line, char *answer)
{
    g_autoptr(GString) out = g_string_new(NULL);

    monitor_run(m, line, out);
    cr_expect(eq(str, out->str, answer), "%s", line);
}

static void expect_part(const char *line, const char *part)
{
    g_autoptr(GString) out = g_string_new(NULL);

    monitor_run(m, line, out);
    cr_expect(strstr(out->str, part) != NULL, "%s: '%s' without '%s'", line, out->str, part);
}

Test(monitor, memory_is_shown_in_each_format)
{
    expect_answer("xp/2xw 0x40008000", "40008000: 0xe320f000 0xe7f000f0\n");
    expect_answer("xp /1xb 0x40008000", "40008000: 0x00\n");
    expect_answer("xp/2xh 0x40008000", "40008000: 0xf000 0xe320\n");
    expect_answer("xp/1xg 0x40008000", "40008000: 0xe7f000f0e320f000\n");
    expect_answer("xp/1dw 0x40008018", "40008018: -1\n");
    expect_answer("xp/1uw 0x40008018", "40008018: 4294967295\n");
    expect_answer("xp/1dh 0x40008014", "40008014: 1\n");
    expect_answer("xp/2ob 0x40008014", "40008014: 01 00\n");
    expect_answer("xp/4c 0x4000800c", "4000800c: 't' 'e' 'x' 't'\n");
    expect_answer("xp/4cw 0x40008010", "40008010: '\\x00' '\\x5c' '\\x27' '\"'\n");
    expect_answer("xp/1s 0x4000800c", "4000800c: \"text\"\n");
    expect_answer("xp 0x4000801c", "4000801c: 0x12345678\n");
    expect_answer("xp/5xw 0x40008000", "40008000: 0xe320f000 0xe7f000f0 0xeafffffc 0x74786574\n"
                                       "40008010: 0x22275c00\n");
}

Test(monitor, virtual_addresses_may_be_relative_to_the_pc)
{
    expect_answer("x/1xw $pc", "40008000: 0xe320f000\n");
    expect_answer("x/1xw $pc+0x20-4", "4000801c: 0x12345678\n");
}

Test(monitor, instructions_are_disassembled_and_those_that_are_none_are_named)
{
    expect_answer("x/3i 0x40008000", "0x40008000:  e320f000  nop      \n"
                                     "0x40008004:  e7f000f0  udf      #0\n"
                                     "0x40008008:  eafffffc  b        #0x40008000\n");
    expect_part("x/1i 0x40008018", "0x40008018:  ffffffff  (");
}

Test(monitor, what_is_no_memory_is_said_to_be_none)
{
    expect_answer("xp/1xw 0", "00000000: no memory there\n");
    expect_answer("xp/1xw 0x09000030", "09000030: 0x00000300\n"); /* UARTCR */
    expect_answer("xp/1xw 0x09000000", "09000000: of device uart0: to read there may change it\n");
    expect_answer("xp/3xw 0x40fffff8", "40fffff8: 0x00000000 0x00000000\n"
                                       "41000000: no memory there\n");
    expect_answer("xp/1s 0", "00000000: no memory there\n");
    expect_answer("xp/1i 0", "00000000: no memory there\n");
    expect_answer("x/1xw 0x100000000", "100000000: no memory there\n");
}

Test(monitor, wrong_arguments_are_named)
{
    expect_answer("xp/1q 0", "format '/1q' is not /COUNT, one of x d u o c i s, one of b h w g\n");
    expect_answer("xp/1xw here", "'here' is not an address\n");
    expect_answer("xp/1xw", "'' is not an address\n");
    expect_answer("xp/1xw 5+", "'5+' is not an address\n");
    expect_answer("inof", "unknown command 'inof'; did you mean 'info'?\n");
    expect_answer("info regsters", "unknown subject 'regsters'; did you mean 'registers'?\n");
    expect_answer("log mnu", "no log category 'mnu'; did you mean 'mmu'?\n");
    expect_answer("xp /0x 0", "format '/0x': a count is from 1 to 65536\n");
    expect_answer("x/65537xb 0", "format '/65537xb': a count is from 1 to 65536\n");
    expect_answer("", "");
    expect_answer("   ", "");
}

Test(monitor, surplus_words_are_named_and_nothing_is_done)
{
    static const char *const lines[] = { "stop",         "cont",    "c",
                                         "system_reset", "quit",    "system_powerdown",
                                         "info tlb",     "info mem" };
    g_autoptr(GString) out = g_string_new(NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *line = g_strconcat(lines[i], " foo ", NULL);
        const char *name = strrchr(lines[i], ' ');
        g_autofree char *want = g_strdup_printf("'%s' takes nothing more: 'foo' is too much\n",
                                                name ? name + 1 : lines[i]);

        expect_answer(line, want);
        cr_expect(eq(int, m->state, RUN_STOPPED), "%s", line);
    }
    cr_expect(not(monitor_knows("stop now", out)));
    cr_expect(eq(str, out->str, "'stop' takes nothing more: 'now' is too much\n"));
}

Test(monitor, a_guest_without_ranges_names_what_there_is)
{
    expect_answer("info mem", "info mem is not there for guest 'arm': see info tlb\n");
    expect_part("info tlb", "view asid va        pa          rights  mapping\n");
}

Test(monitor, every_subject_of_info_has_an_answer)
{
    g_autoptr(GString) list = g_string_new(NULL);
    g_auto(GStrv) line = NULL;

    monitor_run(m, "info", list);
    line = g_strsplit(g_strchomp(list->str), "\n", -1);
    cr_assert(ge(u32, g_strv_length(line), 8));
    for (unsigned i = 0; line[i]; i++) {
        g_autofree char *ask = g_strndup(line[i], strcspn(line[i] + 5, " ") + 5);
        g_autoptr(GString) out = g_string_new(NULL);

        monitor_run(m, ask, out);
        cr_expect(gt(u32, out->len, 0), "%s", ask);
        cr_expect(not(g_str_has_prefix(out->str, "unknown")), "%s", ask);
    }
    expect_part("info registers", "R15=40008000");
    expect_part("info mtree", "0000000009000000-0000000009000fff (i/o): uart0\n");
    expect_part("info mtree", "0000000040000000-0000000040ffffff (ram): ram\n");
    expect_part("info status", "instructions retired: 0\n");
}

Test(monitor, every_command_of_the_help_has_help)
{
    g_autoptr(GString) list = g_string_new(NULL);
    g_auto(GStrv) line = NULL;

    monitor_run(m, "help", list);
    line = g_strsplit(g_strchomp(list->str), "\n", -1);
    for (unsigned i = 0; line[i]; i++) {
        g_autofree char *ask = g_strndup(line[i], strcspn(line[i], " |"));
        g_autofree char *line_of_it = g_strconcat(line[i], "\n", NULL);
        g_autofree char *help = g_strconcat("help ", ask, NULL);

        expect_answer(help, line_of_it);
    }
}

Test(monitor, log_items_replace_those_before)
{
    expect_answer("log int,mmu", "");
    cr_expect(eq(u32, m->log.on, LOG_INT | LOG_MMU));
    expect_answer("log unimp", "");
    cr_expect(eq(u32, m->log.on, LOG_UNIMP));
    expect_answer("log none", "");
    cr_expect(eq(u32, m->log.on, 0));
    expect_answer("log int,exec", "exec and callout must be among the items of -d at the start\n");
    cr_expect(eq(u32, m->log.on, 0));
}

Test(monitor, stop_cont_and_quit_change_the_state)
{
    monitor_run(m, "cont", NULL);
    cr_expect(eq(int, m->state, RUN_RUNNING));
    monitor_run(m, "stop", NULL);
    cr_expect(eq(int, m->state, RUN_STOPPED));
    monitor_run(m, "c", NULL);
    cr_expect(eq(int, m->state, RUN_RUNNING));
    monitor_run(m, "q", NULL);
    cr_expect(eq(int, m->state, RUN_ENDED));
    cr_expect(eq(int, m->end, END_QUIT));
}

Test(monitor, a_running_machine_answers_and_a_stopped_one_stands_still)
{
    g_autoptr(GString) first = g_string_new(NULL), second = g_string_new(NULL);

    machine_start(m);
    monitor_ask(m, "stop", first);
    monitor_ask(m, "info status", first);
    g_usleep(20000);
    monitor_ask(m, "info status", second);
    cr_expect(eq(str, first->str, second->str));
    cr_expect(g_str_has_prefix(first->str, "VM status: paused\n"));
    monitor_ask(m, "quit", first);
}
