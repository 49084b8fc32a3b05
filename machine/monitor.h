/* SPDX-License-Identifier: MIT */
/* monitor.h - the commands a user can give a running machine, and a conversation of them. */
#ifndef MACHINE_MONITOR_H
#define MACHINE_MONITOR_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/host/chardev.h"
#include "machine/machine.h"

/**
 * monitor_run - run one command and append its answer.
 * @line: a command with its arguments; an empty one does nothing
 * A command that is wrong is answered with one line that names what is known.
 * Threads: the vCPU's own; others through machine_call() or monitor_ask().
 */
void monitor_run(Machine *m, const char *line, GString *out);

/* Whether @line begins with a command, or is empty; otherwise @out says what is wrong with it. */
bool monitor_knows(const char *line, GString *out);

/* monitor_run() on the vCPU's thread, waited for; what needs no vCPU runs here. */
void monitor_ask(Machine *m, const char *line, GString *out);

/* A monitor on a channel: prompt, line, answer. Main thread. @chr is borrowed. */
typedef struct MonitorSession MonitorSession;

/* @terminal: who types sees only what is sent back, and lines end with CR LF. */
MonitorSession *monitor_session_new(Machine *m, Chardev *chr,
                                    bool terminal) G_GNUC_WARN_UNUSED_RESULT;
void monitor_session_free(MonitorSession *s);

/* Somebody begins to look: greeting and prompt. */
void monitor_session_show(MonitorSession *s);
void monitor_session_input(MonitorSession *s, const uint8_t *p, size_t n);

#endif
