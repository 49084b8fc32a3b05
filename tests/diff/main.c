/* SPDX-License-Identifier: MIT */
/* main.c - runs the differential tests: seeded random instructions against outside oracles. */
#include <glib.h>

#include "tests/diff/diff.h"

static const struct {
    const char *name;
    unsigned (*run)(const DiffOptions *options);
} runners[] = {
    { "x86", x86_host },
    { "arm", arm_unicorn },
    { "arm-fp", arm_unicorn_fp },
    { "arm-sequence", arm_sequence },
    { "x87", x87_host },
    { "x87-state", x87_states },
    { "mips", mips_unicorn },
    { "mips-sets", mips_sets },
    { "mips-sequence", mips_sequence },
    { "mips-fp", mips_fp },
    { "mips-system", mips_system },
    { "sse", sse_host },
    { "x86-sequence", x86_sequence },
};

/* NULL is one: all of them. */
static bool is_runner(const char *name)
{
    for (unsigned i = 0; name && i < G_N_ELEMENTS(runners); i++) {
        if (g_str_equal(name, runners[i].name)) {
            return true;
        }
    }
    return name == NULL;
}

static void say_no_runner(const char *name)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(runners); i++) {
        g_string_append_printf(all, " %s", runners[i].name);
    }
    g_printerr("diff: --only: no runner is named '%s'; there are%s\n", name, all->str);
}

int main(int argc, char **argv)
{
    gint64 seed = 1, count = 20000, first = 0;
    gboolean verbose = FALSE, each = FALSE;
    g_autofree char *only = NULL;
    const GOptionEntry entries[] = {
        { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "of the random numbers", "N" },
        { "count", 0, 0, G_OPTION_ARG_INT64, &count,
          "instructions or cases to run; mips-sets, mips-sequence, mips-fp and mips-system divide "
          "them among their tables and byte orders",
          "N" },
        { "each", 0, 0, G_OPTION_ARG_NONE, &each,
          "so many of each table in each byte order; of arm*, twice as many of A32 and T32 "
          "together",
          NULL },
        { "first", 0, 0, G_OPTION_ARG_INT64, &first, "case to begin with", "N" },
        { "only", 0, 0, G_OPTION_ARG_STRING, &only, "one runner, as arm-fp", "NAME" },
        { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "print each case", NULL },
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    DiffOptions options;
    unsigned bad = 0;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        g_printerr("diff: %s\n", error->message);
        return 2;
    }
    if (!is_runner(only)) {
        say_no_runner(only);
        return 2;
    }
    options = (DiffOptions){ (uint32_t)seed, (uint64_t)count, each, (uint64_t)first, verbose };
    for (unsigned i = 0; i < G_N_ELEMENTS(runners); i++) {
        if (!only || g_str_equal(only, runners[i].name)) {
            bad += runners[i].run(&options);
        }
    }
    return bad == 0 ? 0 : 1;
}
