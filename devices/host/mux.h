/* SPDX-License-Identifier: MIT */
/* mux.h - one terminal for guest and monitor, told apart by Ctrl-A. */
#ifndef DEVICES_HOST_MUX_H
#define DEVICES_HOST_MUX_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum MuxAction {
    MUX_HELP,   /* Ctrl-A H or ? */
    MUX_QUIT,   /* Ctrl-A X */
    MUX_SWITCH, /* Ctrl-A C: input goes to the other one from now on */
    MUX_BREAK,  /* Ctrl-A B */
} MuxAction;

typedef struct MuxUser {
    /* Bytes typed, for the guest or for the monitor. */
    void (*bytes)(void *opaque, bool monitor, const uint8_t *p, size_t n);
    /* Called after the bytes before it; MUX_SWITCH is done already. */
    void (*action)(void *opaque, MuxAction action);
    void *opaque;
} MuxUser;

/* Zeroed: at the guest. */
typedef struct Mux {
    const MuxUser *user; /* borrowed */
    bool monitor;        /* who gets the input */
    bool escape;         /* Ctrl-A was the last byte */
} Mux;

/* Takes what the terminal gave. Ctrl-A twice is one Ctrl-A; unknown letters are swallowed. */
void mux_input(Mux *m, const uint8_t *p, size_t n);

/* Appends the help that Ctrl-A H shows. */
void mux_help(GString *out);

#endif
