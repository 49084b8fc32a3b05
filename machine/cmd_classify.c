/* SPDX-License-Identifier: MIT */
/* cmd_classify.c - doppel classify ISA [--format=table|csv|json]. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/arm/arm.h"
#include "frontend/mips/mips.h"
#include "frontend/x86/x86_isa.h"
#include "machine/classify.h"
#include "machine/cmd.h"
#include "machine/options_priv.h"

static const GuestIsa *const isas[] = { &arm_isa, &mips_isa, &x86_isa };

static int usage(void)
{
    fputs("usage: doppel classify ISA [--format=table|csv|json]\n"
          "ISA is one of:\n",
          stdout);
    for (unsigned i = 0; i < G_N_ELEMENTS(isas); i++) {
        printf("  %s\n", isas[i]->name);
    }
    fputs("Prints every decoder row: Popek and Goldberg's class (innocuous, privileged or "
          "sensitive), the\n"
          "kind of a sensitive one (control, behaviour), whether it traps or runs in user mode, "
          "how it is\n"
          "handled (translated, inline, callout), and the section of the manual.\n",
          stdout);
    return EXIT_SUCCESS;
}

static const GuestIsa *find_isa(const char *name, GError **error)
{
    const char *names[G_N_ELEMENTS(isas) + 1] = { NULL };
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(isas); i++) {
        names[i] = isas[i]->name;
    }
    return option_choice("instruction set", name, names, &i, error) ? isas[i] : NULL;
}

static bool parse_format(const char *word, ClassifyFormat *format, GError **error)
{
    static const char *const names[] = { "table", "csv", "json", NULL };
    unsigned i;

    if (!g_str_has_prefix(word, "--format=")) {
        return option_fail(error, "unknown option %s; did you mean --format=?", word);
    }
    if (!option_choice("format", strchr(word, '=') + 1, names, &i, error)) {
        return false;
    }
    *format = (ClassifyFormat)i;
    return true;
}

static bool parse(int argc, char **argv, const GuestIsa **isa, ClassifyFormat *format,
                  GError **error)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            if (!parse_format(argv[i], format, error)) {
                return false;
            }
        } else if (*isa) {
            return option_fail(error, "one instruction set at a time, not '%s' too", argv[i]);
        } else if ((*isa = find_isa(argv[i], error)) == NULL) {
            return false;
        }
    }
    return *isa ? true : option_fail(error, "which instruction set? see doppel classify help");
}

int cmd_classify(int argc, char **argv)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    ClassifyFormat format = CLASSIFY_TABLE;
    const GuestIsa *isa = NULL;

    if (argc > 1
        && (g_str_equal(argv[1], "help") || g_str_equal(argv[1], "--help")
            || g_str_equal(argv[1], "-h"))) {
        return usage();
    }
    if (!parse(argc, argv, &isa, &format, &error)) {
        fprintf(stderr, "doppel: classify: %s\n", error->message);
        return EXIT_FAILURE;
    }
    classify_isa(isa, format, out);
    fputs(out->str, stdout);
    return EXIT_SUCCESS;
}
