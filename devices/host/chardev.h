/* SPDX-License-Identifier: MIT */
/* chardev.h - byte channels to the host: terminal, file, pty, sockets. */
#ifndef DEVICES_HOST_CHARDEV_H
#define DEVICES_HOST_CHARDEV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ChardevKind {
    CHARDEV_NONE, /* no device is wanted; opens as CHARDEV_NULL */
    CHARDEV_NULL,
    CHARDEV_STDIO,
    CHARDEV_FILE,
    CHARDEV_PTY,
    CHARDEV_TCP,
    CHARDEV_UNIX,
} ChardevKind;

/* What -serial, -monitor or -chardev asks for. Free the strings with chardev_spec_clear(). */
typedef struct ChardevSpec {
    ChardevKind kind;
    bool mux;               /* shared with the monitor by Ctrl-A (mon:, mux=on) */
    bool server;            /* sockets: listen instead of connecting */
    bool wait;              /* servers: chardev_wait() has something to wait for */
    bool append;            /* files: keep what is there */
    bool signal;            /* stdio: Ctrl-C and the like are for doppel; else for the guest */
    char *id, *path, *host; /* owned */
    uint16_t port;
} ChardevSpec;

typedef struct Chardev Chardev;

/* Called in the channel's main context only. */
typedef struct ChardevUser {
    void (*input)(void *opaque, const uint8_t *p, size_t n);
    void (*event)(void *opaque, bool open); /* a peer came or went; may be NULL */
    void *opaque;
} ChardevUser;

/**
 * chardev_parse - the short form of -serial and -monitor.
 * @text: null, none, stdio, pty, file:PATH, tcp:HOST:PORT[,server][,nowait], unix:PATH[...], with
 *        mon: before it for mux
 * chardev_parse_option - the form of -chardev: KIND,id=ID[,KEY=VALUE...]; KIND is null, stdio,
 * pty, file or socket. A comma in a value is doubled.
 * Errors: DEVICE_ERROR_OPTION.
 */
bool chardev_parse(const char *text, ChardevSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool chardev_parse_option(const char *text, ChardevSpec *spec,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void chardev_spec_clear(ChardevSpec *spec);

/**
 * chardev_open - opens the channel; a server listens and does not wait.
 * @context: where input is handled; NULL: the default one
 * Ignores SIGPIPE from then on. A terminal goes to raw mode until chardev_restore_terminal().
 * Errors: DEVICE_ERROR_HOST, naming the thing.
 */
Chardev *chardev_open(const ChardevSpec *spec, GMainContext *context,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* chardev_parse() and chardev_open() in the default context. */
Chardev *chardev_new(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A channel on open descriptors, -1 for none; they stay the caller's. */
Chardev *chardev_from_fds(int in, int out, GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;

/* Writes out what is pending (see chardev_flush()), restores the terminal, closes. */
void chardev_free(Chardev *c);

/* Blocks until the first peer of a server with wait has come; true at once for others. */
bool chardev_wait(Chardev *c, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What it is and where, as pty:/dev/pts/3 or tcp:127.0.0.1:4444. Borrowed. */
const char *chardev_name(const Chardev *c);

/* Whether somebody is at the other end, as far as the host tells. */
bool chardev_connected(Chardev *c);

/* Input is not read until there is a user; then from the main context's next turn. */
void chardev_set_user(Chardev *c, const ChardevUser *user);

/**
 * chardev_write - sends bytes. They are collected for a few ms; the main context sends them.
 * If it does not keep up the caller waits: nothing is lost while there is a peer that reads.
 * Without a peer, or after one that has gone, they are dropped.
 * Threads: any.
 */
void chardev_write(Chardev *c, const uint8_t *p, size_t n);

/* Sends what is pending; gives up when the peer has read nothing for @stall_ms. Threads: any. */
void chardev_flush(Chardev *c, unsigned stall_ms);

/* Whoever waits in chardev_write() stops waiting, for good: the run ends. Threads: any. */
void chardev_give_up(Chardev *c);

/* Back-pressure: what is not read stays with the host. Threads: any. */
void chardev_pause_input(Chardev *c);
void chardev_resume_input(Chardev *c);

/* Undoes raw mode; may be called again, and by a signal handler. */
void chardev_restore_terminal(Chardev *c);

#endif
