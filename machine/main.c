/* SPDX-License-Identifier: MIT */
/* main.c - doppel's main: a verb of its own, or the options of a run. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/suggest.h"
#include "machine/cmd.h"

/* clang-format off */
static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} verbs[] = {
    { "classify", cmd_classify },
    { "run",      cmd_run },
};
/* clang-format on */

int main(int argc, char **argv)
{
    const char *names[G_N_ELEMENTS(verbs) + 1] = { NULL }, *near;

    if (argc < 2 || argv[1][0] == '-') {
        return cmd_run(argc, argv);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (g_str_equal(verbs[i].name, argv[1])) {
            return verbs[i].run(argc - 1, argv + 1);
        }
        names[i] = verbs[i].name;
    }
    near = suggest_nearest(argv[1], names);
    fprintf(stderr, "doppel: unknown command '%s'%s%s%s\n", argv[1],
            near ? "; did you mean '" : "; options begin with -, -h lists all", near ? near : "",
            near ? "'?" : "");
    return EXIT_FAILURE;
}
