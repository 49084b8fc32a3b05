/* SPDX-License-Identifier: MIT */
/* monitor_priv.h - the monitor's commands. */
#ifndef MACHINE_MONITOR_PRIV_H
#define MACHINE_MONITOR_PRIV_H

#include "machine/monitor.h"

typedef struct MonitorCommand {
    const char *name, *alias; /* alias: may be NULL */
    const char *args, *help;  /* @args "": further words are too many */
    /* @args: what follows the name, without spaces around it. */
    void (*run)(Machine *m, const char *args, GString *out);
    bool
        anywhere; /* needs no state of the vCPU: runs on any thread, also while the vCPU is stuck */
} MonitorCommand;

/* The row of @word; NULL with a line in @out that names the nearest. @what: "command". */
const MonitorCommand *monitor_find(const MonitorCommand *rows, unsigned n, const char *what,
                                   const char *word, GString *out);

/* Whether there are @words behind @what, which takes none; @out says so. */
bool monitor_surplus(const char *what, const char *words, GString *out);

/* monitor_info.c: the subjects of info. */
void monitor_info(Machine *m, const char *args, GString *out);

/* monitor_memory.c; @args begin with the format, as /4xw. */
void monitor_x(Machine *m, const char *args, GString *out);
void monitor_xp(Machine *m, const char *args, GString *out);

#endif
