/* SPDX-License-Identifier: MIT */
/* cmd_run.c - one run of a machine, from its options to its end. */
#include "machine/cmd.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "machine/channels.h"
#include "machine/monitor.h"
#include "machine/options.h"
#include "machine/snapshot.h"
#include "machine/stats.h"

enum { GIVE_UP_MS = 2000, FORCE_MS = 6000 };

typedef struct Run {
    Options options;
    Machine *m;
    Channels *channels;
    GMainLoop *loop;
    FILE *log; /* of -D; NULL: none */
    gint64 began_us;
} Run;

/* A handler of a deadly signal has no argument: the terminal it must put right is here. */
static Channels *terminal;

static void die(int sig)
{
    if (terminal) {
        channels_restore_terminal(terminal);
    }
    signal(sig, SIG_DFL);
    raise(sig);
}

static int complain(const GError *error)
{
    fprintf(stderr, "doppel: %s\n", error->message);
    return EXIT_FAILURE;
}

/* ---- events ---- */

static gboolean quit_loop(gpointer run)
{
    g_main_loop_quit(((Run *)run)->loop);
    return G_SOURCE_REMOVE;
}

/* The vCPU's thread, when the run is over. */
static void ended(void *run) { g_idle_add(quit_loop, run); }

/* The vCPU may wait for a peer that does not read. */
static gboolean give_up(gpointer run)
{
    channels_give_up(((Run *)run)->channels);
    return G_SOURCE_REMOVE;
}

/* What is wrong with the vCPU is a fault of ours; whoever wants out gets out. */
static gboolean force(gpointer run)
{
    channels_restore_terminal(((Run *)run)->channels);
    fputs("doppel: the virtual CPU does not answer; ended without it\n", stderr);
    _exit(EXIT_FAILURE);
}

static gboolean watch_the_end(gpointer run)
{
    g_timeout_add(GIVE_UP_MS, give_up, run);
    g_timeout_add(FORCE_MS, force, run);
    return G_SOURCE_REMOVE;
}

/* Any thread, when the run has been asked to end. */
static void ending(void *run) { g_idle_add(watch_the_end, run); }

static gboolean told_to_end(gpointer run)
{
    machine_end(((Run *)run)->m, END_QUIT);
    return G_SOURCE_CONTINUE;
}

static void say(const char *text) { fprintf(stderr, "doppel: %s\n", text); }

static uint64_t wall_ns(const Run *r)
{
    return (uint64_t)(g_get_monotonic_time() - r->began_us) * 1000;
}

/* The vCPU's thread, or the main one after the run. False once it has complained. */
static bool write_stats(Machine *m, const Run *r)
{
    g_autoptr(GError) error = NULL;

    if (!stats_write(m, wall_ns(r), r->options.stats_file, &error)) {
        complain(error);
        return false;
    }
    return true;
}

static void write_wanted_stats(Machine *m, void *run) { write_stats(m, run); }

static gboolean stats_wanted(gpointer run)
{
    machine_call(((Run *)run)->m, write_wanted_stats, run);
    return G_SOURCE_CONTINUE;
}

/* The vCPU's thread: a command of -at. */
static void run_command(Machine *m, const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    monitor_run(m, text, out);
    fputs(out->str, stderr);
}

/* ---- the run ---- */

static bool open_log(Run *r, GError **error)
{
    r->options.log.out = stderr;
    if (r->options.log_file) {
        r->log = fopen(r->options.log_file, "w");
        if (r->log == NULL) {
            g_set_error(error, MACHINE_ERROR, MACHINE_ERROR_SETUP, "log file '%s': %s",
                        r->options.log_file, g_strerror(errno));
            return false;
        }
        r->options.log.out = r->log;
    }
    return true;
}

/* A command that is not there is told now, not when its count comes. */
static bool check_commands(const GArray *at, GError **error)
{
    for (guint i = 0; i < at->len; i++) {
        g_autoptr(GString) why = g_string_new(NULL);

        if (!monitor_knows(g_array_index(at, MachineAt, i).command, why)) {
            g_set_error(error, MACHINE_ERROR, MACHINE_ERROR_SETUP, "option -at: %s",
                        g_strchomp(why->str));
            return false;
        }
    }
    return true;
}

/* Those of -at, but for counts that lie before a snapshot's: they have been. */
static void hand_over_commands(Run *r)
{
    GArray *at = r->options.at;

    while (at->len > 0 && g_array_index(at, MachineAt, 0).count < vcpu_retired(r->m->cpu)) {
        g_array_remove_index(at, 0);
    }
    g_array_append_vals(r->m->at, at->data, at->len);
    g_array_set_clear_func(at, NULL); /* the commands are the machine's now */
}

static bool set_up(Run *r, GError **error)
{
    if (!check_commands(r->options.at, error) || !open_log(r, error)
        || (r->options.stats_file && !stats_check(r->options.stats_file, error))) {
        return false;
    }
    r->m = machine_new(&r->options.config, &r->options.log, error);
    r->options.config = (MachineConfig){ 0 };
    if (r->m == NULL) {
        return false;
    }
    r->channels = channels_open(r->m, &r->options, say, error);
    if (r->channels == NULL) {
        return false;
    }
    if (r->options.loadvm && !snapshot_load(r->m, r->options.loadvm, error)) {
        return false;
    }
    hand_over_commands(r);
    r->m->command = run_command;
    r->m->ending = ending;
    r->m->ended = ended;
    r->m->ended_opaque = r;
    return true;
}

static void watch_signals(Run *r)
{
    static const int deadly[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };

    terminal = r->channels;
    for (unsigned i = 0; i < G_N_ELEMENTS(deadly); i++) {
        signal(deadly[i], die);
    }
    g_unix_signal_add(SIGINT, told_to_end, r);
    g_unix_signal_add(SIGTERM, told_to_end, r);
    g_unix_signal_add(SIGHUP, told_to_end, r);
    if (r->options.stats_file) {
        g_unix_signal_add(SIGUSR1, stats_wanted, r);
    }
}

static void tear_down(Run *r)
{
    if (r->channels) {
        channels_free(r->channels);
        terminal = NULL;
    }
    if (r->m) {
        machine_free(r->m);
    }
    if (r->log) {
        fclose(r->log);
    }
    if (r->loop) {
        g_main_loop_unref(r->loop);
    }
    options_clear(&r->options);
}

int cmd_run(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Run r = { 0 };
    int status = EXIT_SUCCESS;

    if (!options_parse(&r.options, argc, argv, &error)) {
        return complain(error);
    }
    if (r.options.answer) {
        fputs(r.options.answer->str, stdout);
    } else if (set_up(&r, &error)) {
        r.loop = g_main_loop_new(NULL, FALSE);
        watch_signals(&r);
        r.began_us = g_get_monotonic_time();
        machine_start(r.m);
        g_main_loop_run(r.loop);
        machine_join(r.m);
        if (r.options.stats_file && !write_stats(r.m, &r)) {
            status = EXIT_FAILURE;
        }
        if (r.m->end == END_FAILED) {
            status = EXIT_FAILURE;
        } else if (r.m->end == END_STATUS) {
            status = (int)r.m->status;
        }
    } else {
        status = EXIT_FAILURE;
    }
    tear_down(&r);
    if (error) {
        complain(error); /* with the terminal as it was */
    }
    return status;
}
