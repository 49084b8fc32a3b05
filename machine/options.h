/* SPDX-License-Identifier: MIT */
/* options.h - the command line of a run. */
#ifndef MACHINE_OPTIONS_H
#define MACHINE_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "devices/host/chardev.h"
#include "machine/machine.h"

/* What the command line says. Everything is owned. */
typedef struct Options {
    MachineConfig config; /* machine_new() takes it over */
    GString *answer; /* what -h, --version or a help value asked for: show it and end; or NULL */
    char *cpu;       /* as written; options_parse() resolves it into config.cpu */
    GPtrArray *serials, *monitors; /* char *, in the order given */
    GPtrArray *chardevs;           /* ChardevSpec * */
    char *gdb;                     /* the channel a debugger uses; NULL: none */
    bool nographic, no_display;
    Log log;        /* categories and filter; out is not set */
    char *log_file; /* NULL: standard error */
    char *stats_file;
    char *loadvm; /* NULL: start at reset */
    GArray *at;   /* MachineAt, in order of count */
} Options;

/**
 * options_parse - read a command line; argv[0] is not looked at.
 * Options have one dash or two. Errors: MACHINE_ERROR_OPTION, BASE_ERROR_VALUE,
 * DEVICE_ERROR_OPTION: one line that names the option; @o is then cleared.
 */
bool options_parse(Options *o, int argc, char *const *argv,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void options_clear(Options *o);

/* Appends one line per option. */
void options_help(GString *out);

#endif
