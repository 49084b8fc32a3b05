/* SPDX-License-Identifier: MIT */
/* channels.h - the host byte channels of a run, with the serial ports and monitors on them. */
#ifndef MACHINE_CHANNELS_H
#define MACHINE_CHANNELS_H

#include <glib.h>
#include <stdbool.h>

#include "machine/options.h"

typedef struct Channels Channels;

/**
 * channels_open - open what the options name, and connect it.
 * @say:  told where a pty or a waiting server is, one line; main thread
 * A server that waits has its peer when this returns.
 * Errors: MACHINE_ERROR_OPTION, DEVICE_ERROR_*: naming the thing.
 */
Channels *channels_open(Machine *m, const Options *o, void (*say)(const char *text),
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After the run. Sends what is pending, restores the terminal. */
void channels_free(Channels *c);

/* Nobody waits any more for peers that do not read. */
void channels_give_up(Channels *c);

/* Puts the terminal right; also in a signal handler. */
void channels_restore_terminal(Channels *c);

#endif
