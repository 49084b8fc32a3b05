/* SPDX-License-Identifier: MIT */
/* test_options.c - command lines: what they set, what is wrong with them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "machine/options.h"

/* Parses the words of @line behind a program's name. */
static bool parse(Options *o, const char *line, GError **error)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autofree char **argv = g_new0(char *, g_strv_length(words) + 2);
    int argc = 1;

    argv[0] = "doppel";
    for (unsigned i = 0; words[i]; i++) {
        if (*words[i]) {
            argv[argc++] = words[i];
        }
    }
    return options_parse(o, argc, argv, error);
}

#define GOOD "-M virt -kernel k "

static void expect_good(Options *o, const char *line)
{
    g_autoptr(GError) error = NULL;

    cr_assert(parse(o, line, &error), "%s: %s", line, error ? error->message : "");
}

Test(options, qemus_command_line_for_this_guest_is_taken)
{
    Options o;

    expect_good(&o, "-M virt -cpu cortex-a7 -m 512 -kernel K -initrd I -append console=ttyAMA0 "
                    "-dtb D -nographic -no-reboot -smp 1 -nic none -net none -monitor none "
                    "-serial mon:stdio -display none -accel interp -S");
    cr_expect(eq(ptr, (void *)o.config.board, (void *)&board_virt));
    cr_expect(eq(str, (char *)o.config.cpu, "cortex-a7"));
    cr_expect(eq(u64, o.config.ram_bytes, 512u << 20));
    cr_expect(eq(str, o.config.kernel, "K"));
    cr_expect(eq(str, o.config.initrd, "I"));
    cr_expect(eq(str, o.config.append, "console=ttyAMA0"));
    cr_expect(eq(str, o.config.dtb, "D"));
    cr_expect(o.nographic && o.no_display && o.config.no_reboot && o.config.start_stopped);
    cr_expect(eq(str, g_ptr_array_index(o.serials, 0), "mon:stdio"));
    cr_expect(eq(str, g_ptr_array_index(o.monitors, 0), "none"));
    cr_expect(eq(ptr, (void *)o.config.tr.main, (void *)&interp_host));
    options_clear(&o);
}

Test(options, each_serial_fills_a_slot_but_none)
{
    static const struct {
        const char *words;
        bool have;
        uint32_t serials;
    } cases[] = {
        { "", false, 0 },
        { "-nographic", false, 0 },
        { "-serial none", true, 0 },
        { "-serial stdio", true, 1 },
        { "-serial null -serial null", true, 3 },
        { "-serial none -serial null", true, 2 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *line = g_strconcat(GOOD, cases[i].words, NULL);
        Options o;

        expect_good(&o, line);
        cr_expect(eq(u32, o.config.serials, cases[i].serials), "%s", line);
        cr_expect(o.config.have_serials == cases[i].have, "%s", line);
        options_clear(&o);
    }
}

Test(options, defaults_are_those_of_the_board_and_nothing_else)
{
    Options o;

    expect_good(&o, GOOD);
    cr_expect(eq(ptr, (void *)o.config.cpu, NULL));
    cr_expect(eq(u64, o.config.ram_bytes, 0));
    cr_expect(eq(u64, o.config.stop_at, UINT64_MAX));
    cr_expect(o.config.tr.host.chain && !o.config.tr.host.count_units);
    cr_expect(not(o.config.clock_virtual || o.config.have_seed || o.config.have_rtc));
    options_clear(&o);
}

Test(options, two_dashes_are_as_good_as_one)
{
    Options o;

    expect_good(&o, "--machine virt --kernel k --no-reboot");
    cr_expect(o.config.no_reboot);
    options_clear(&o);
}

Test(options, sizes_have_units_and_are_mib_without)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } sizes[] = {
        { "1", 1u << 20 },          { "512", 512u << 20 },    { "2048K", 2u << 20 },
        { "64M", 64u << 20 },       { "1G", 1u << 30 },       { "2g", 2u << 30 },
        { "size=128", 128u << 20 }, { "size=64k", 64 << 10 }, { "1T", (uint64_t)1 << 40 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *line = g_strdup_printf(GOOD "-m %s", sizes[i].text);
        Options o;

        expect_good(&o, line);
        cr_expect(eq(u64, o.config.ram_bytes, sizes[i].bytes), "%s", sizes[i].text);
        options_clear(&o);
    }
}

Test(options, time_and_inputs)
{
    Options o;

    expect_good(&o, GOOD "-clock virtual,ns=3,sleep=on -seed 0x10 -rtc base=2001-02-03T04:05:06 "
                         "-stop-at 0x100 -tcache size=256K,chain=off,policy=fifo");
    cr_expect(o.config.clock_virtual && o.config.clock_sleep && o.config.have_seed);
    cr_expect(eq(u32, o.config.ns_per_insn, 3));
    cr_expect(eq(u64, o.config.seed, 16));
    cr_expect(o.config.have_rtc);
    cr_expect(eq(i64, o.config.rtc_base_s, 981173106));
    cr_expect(eq(u64, o.config.stop_at, 256));
    cr_expect(eq(u64, o.config.tr.cache_bytes, 256 << 10));
    cr_expect(not(o.config.tr.host.chain));
    options_clear(&o);
}

Test(options, the_date_may_be_the_hosts_or_a_day)
{
    Options o;
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;

    expect_good(&o, GOOD "-rtc base=utc");
    cr_expect(o.config.rtc_base_s >= now && o.config.rtc_base_s <= now + 60);
    options_clear(&o);
    expect_good(&o, GOOD "-rtc base=2020-01-01");
    cr_expect(eq(i64, o.config.rtc_base_s, 1577836800));
    options_clear(&o);
}

Test(options, commands_are_in_order_of_count_and_keep_their_order_within_one)
{
    static const char *const want[] = { "info status", "stop", "cont", "quit" };
    Options o;
    char *argv[] = { "doppel", "-M",     "virt", "-kernel", "k",   "-at",          "7:stop",
                     "-at",    "7:cont", "-at",  "9:quit",  "-at", "0:info status" };

    cr_assert(options_parse(&o, G_N_ELEMENTS(argv), argv, NULL));
    cr_assert(eq(u32, o.at->len, 4));
    for (unsigned i = 0; i < 4; i++) {
        cr_expect(eq(str, g_array_index(o.at, MachineAt, i).command, (char *)want[i]));
    }
    options_clear(&o);
}

Test(options, log_items_add_up_and_statistics_have_detail)
{
    Options o;

    expect_good(&o, GOOD "-d int,mmu -d unimp -D log -dfilter 0x100..0x1ff -stats s,detail=full");
    cr_expect(eq(u32, o.log.on, LOG_INT | LOG_MMU | LOG_UNIMP));
    cr_expect(eq(str, o.log_file, "log"));
    cr_expect(eq(u32, o.log.ranges->len, 1));
    cr_expect(eq(str, o.stats_file, "s"));
    cr_expect(o.config.stats_full && o.config.tr.host.count_units);
    options_clear(&o);
}

Test(options, a_comma_in_a_value_is_doubled)
{
    Options o;

    expect_good(&o, GOOD "-stats a,,b,detail=basic -chardev file,id=c,path=x,,y");
    cr_expect(eq(str, o.stats_file, "a,b"));
    cr_expect(eq(str, ((ChardevSpec *)g_ptr_array_index(o.chardevs, 0))->path, "x,y"));
    options_clear(&o);
}

Test(options, who_asks_for_help_gets_an_answer_and_no_run)
{
    static const struct {
        const char *line, *has;
    } questions[] = {
        { "-h", "-kernel FILE" },      { "--help", "-serial" },
        { "--version", "doppel " },    { "-M help", "virt" },
        { "-cpu help", "cortex-a15" }, { "-d help", "guest_errors" },
        { "-accel help", "interp" },   { "-M virt -cpu ?", "cortex-a7" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(questions); i++) {
        Options o;

        expect_good(&o, questions[i].line);
        cr_assert(ne(ptr, o.answer, NULL), "%s", questions[i].line);
        cr_expect(strstr(o.answer->str, questions[i].has) != NULL, "%s", questions[i].line);
        options_clear(&o);
    }
}

Test(options, every_option_of_the_help_has_help)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) line = NULL;

    options_help(text);
    line = g_strsplit(text->str, "\n", -1);
    for (unsigned i = 0; line[i] && *line[i]; i++) {
        cr_expect(strlen(line[i]) > 30 || (line[i + 1] && line[i + 1][2] == ' '), "%s", line[i]);
        cr_expect(le(u32, strlen(line[i]), 80), "%s", line[i]);
    }
}

/* Each names the option, the value and the nearest; see tests/boot/bad_input.py for all of them. */
Test(options, what_is_wrong_is_named)
{
    static const struct {
        const char *line;
        char *message;
    } wrong[] = {
        { GOOD "-nografic", "unknown option -nografic; did you mean -nographic?" },
        { GOOD "-cpu cortex-a155", "option -cpu: CPU of machine virt 'cortex-a155' is not one of "
                                   "cortex-a7, cortex-a15; did you mean 'cortex-a15'?" },
        { GOOD "-smp 2", "option -smp: 2 virtual CPUs are not possible: there is one only so far" },
        { GOOD "-append", "option -append needs a value: TEXT" },
        { "-kernel k", "no machine is chosen: -M virt; -M help lists all" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        Options o;

        cr_assert(not(parse(&o, wrong[i].line, &error)), "%s", wrong[i].line);
        cr_expect(eq(str, error->message, wrong[i].message));
    }
}
