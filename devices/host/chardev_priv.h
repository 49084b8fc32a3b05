/* SPDX-License-Identifier: MIT */
/* chardev_priv.h - a byte channel from the inside: how its kinds are opened. */
#ifndef DEVICES_HOST_CHARDEV_PRIV_H
#define DEVICES_HOST_CHARDEV_PRIV_H

#include <gio/gio.h>
#include <termios.h>

#include "devices/host/chardev.h"

struct Chardev {
    GMainContext *context; /* owned reference */
    char *name;
    const ChardevUser *user; /* borrowed; main context only */
    bool is_pty;
    gint given_up; /* atomic */

    /* Both ends; -1: none. Main context only, but for fd_out, which the lock guards. */
    int fd_in, fd_out;
    bool own_in, own_out;

    GMutex lock;         /* guards pending, fd_out, source_in, accepter, paused */
    GByteArray *pending; /* output; owned */
    GSource *flusher;    /* sends pending when its time comes */
    GSource *source_in;  /* NULL while not reading */
    bool paused;
    GSource *accepter; /* while a connection, or a pty's other end, is waited for */

    GSocket *listener, *peer; /* owned; NULL: none */
    char *unlink_path;        /* of a Unix server; owned */
    bool must_wait;

    struct termios saved;
    gint raw; /* atomic; @saved is to be restored */
};

/* Takes the two ends into use, which the channel closes if it owns them. */
void chardev_attach_fds(Chardev *c, int in, int out, bool own);
/* The peer has gone: closes its ends. */
void chardev_detach_fds(Chardev *c);
/* A channel with nothing open. Takes @name. */
Chardev *chardev_alloc(GMainContext *context, char *name);
/* Reads if it may: there are a user and an input, and no pause. */
void chardev_listen_in(Chardev *c);

/* Waits by @source, which it takes and attaches, instead of by the one before; NULL: no more. */
void chardev_set_accepter(Chardev *c, GSource *source);

/* chardev_socket.c */
bool chardev_open_socket(Chardev *c, const ChardevSpec *spec, GError **error);
/* The peer of a server has gone: takes the next. */
void chardev_socket_next(Chardev *c);
void chardev_close_socket(Chardev *c);

#endif
