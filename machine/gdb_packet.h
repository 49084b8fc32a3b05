/* SPDX-License-Identifier: MIT */
/* gdb_packet.h - the packets of gdb's remote protocol, and the words in them. */
#ifndef MACHINE_GDB_PACKET_H
#define MACHINE_GDB_PACKET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GDB_PACKET_MAX = 16384 }; /* bytes between $ and #, without escapes */

/* What a byte completes. */
typedef enum GdbEvent {
    GDB_NOTHING,
    GDB_PACKET,    /* data[0..n) is one, zero-terminated */
    GDB_BAD_SUM,   /* a packet whose checksum is not its own, or no checksum */
    GDB_TOO_LONG,  /* a packet of more than GDB_PACKET_MAX bytes */
    GDB_INTERRUPT, /* Ctrl-C */
    GDB_ACK,
    GDB_NAK, /* the last packet shall be sent again */
} GdbEvent;

/* Zeroed: between two packets. */
typedef struct GdbReader {
    unsigned state;
    size_t n;
    bool too_long, bad_digit;
    uint8_t sum, want;
    char data[GDB_PACKET_MAX + 1];
} GdbReader;

/* Takes whatever comes; nothing before a $ is a packet. */
GdbEvent gdb_read(GdbReader *r, uint8_t byte);

/* Appends $, @n bytes at @data with escapes, # and checksum. */
void gdb_frame(GString *out, const char *data, size_t n);

/* Words still to be read. */
typedef struct GdbText {
    const char *p, *end;
} GdbText;

static inline bool gdb_at_end(const GdbText *t) { return t->p == t->end; }
/* Each takes what it names and returns true, or leaves the text as it is. */
bool gdb_take(GdbText *t, const char *word);
bool gdb_take_hex(GdbText *t, uint64_t *value); /* 1 to 16 digits */
bool gdb_take_bytes(GdbText *t, uint8_t *to, size_t n);

/* Appends two digits a byte. */
void gdb_put_bytes(GString *out, const void *from, size_t n);

#endif
