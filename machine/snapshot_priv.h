/* SPDX-License-Identifier: MIT */
/* snapshot_priv.h - a snapshot's sections, and the file that holds them. */
#ifndef MACHINE_SNAPSHOT_PRIV_H
#define MACHINE_SNAPSHOT_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h"

/*
 * The file, little-endian:
 *   magic, 8 bytes     SNAP_MAGIC
 *   version, u32       SNAP_VERSION
 *   sections, u32      how many
 *   for each section   name, SNAP_NAME bytes, zero-padded; bytes, u64; CRC-32 of them, u32
 *   CRC-32 of all that, u32
 *   the sections' bytes, in the order of the table, nothing between and nothing behind
 */
#define SNAP_MAGIC "doppel\x1a\n"
enum { SNAP_MAGIC_BYTES = 8, SNAP_VERSION = 2, SNAP_NAME = 12 };
enum { SNAP_ROW = SNAP_NAME + 8 + 4, SNAP_HEAD = SNAP_MAGIC_BYTES + 4 + 4 };

/* Times and counts in a file are at most this: sums of two do not overflow. */
#define SNAP_MAX_COUNT ((uint64_t)1 << 62)

/* Sets MACHINE_ERROR_SNAPSHOT; returns false. */
bool snap_fail(GError **error, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* Bytes that are read in order. Reading too much gives zeros and sets bad. */
typedef struct SnapIn {
    const uint8_t *p;
    size_t left;
    bool bad;
} SnapIn;

void snap_get(SnapIn *in, void *to, size_t n);
const uint8_t *snap_skip(SnapIn *in, size_t n); /* the @n bytes, or NULL */
uint8_t snap_u8(SnapIn *in);
uint32_t snap_u32(SnapIn *in);
uint64_t snap_u64(SnapIn *in);
/* A name of at most 255 bytes; owned. */
char *snap_name(SnapIn *in);

void snap_add(GByteArray *out, const void *p, size_t n);
void snap_add_u8(GByteArray *out, uint8_t v);
void snap_add_u32(GByteArray *out, uint32_t v);
void snap_add_u64(GByteArray *out, uint64_t v);
void snap_add_name(GByteArray *out, const char *name);

/* A file that is being written: errors are kept until snap_close(). */
typedef struct SnapOut SnapOut;

SnapOut *snap_create(const char *path, unsigned n_sections, GError **error);
void snap_begin(SnapOut *o, const char *name); /* what is put from here on is of this section */
void snap_put(SnapOut *o, const void *p, size_t n);
/* Puts the file in its place, or, if anything went wrong, leaves what was there. */
bool snap_close(SnapOut *o, GError **error);

/* One section of a file that was read; the bytes are borrowed from it. */
typedef struct SnapPart {
    char name[SNAP_NAME + 1];
    const uint8_t *p;
    size_t bytes;
} SnapPart;

/* The whole of a regular file of at most @max bytes. */
bool snap_read(const char *path, uint64_t max, char **data, size_t *bytes, GError **error);
/* Its sections, lengths and checksums seen to be right: SnapPart. NULL with an error. */
GArray *snap_parts(const uint8_t *p, size_t bytes, GError **error);

/* A section's kind. Rows are checked in order, then loaded in order. */
typedef struct SnapSection {
    const char *name;
    void (*save)(Machine *m, SnapOut *out);
    bool (*check)(Machine *m, SnapIn *in, GError **error); /* nothing changes */
    void (*load)(Machine *m, SnapIn *in);                  /* checked */
} SnapSection;

/* snapshot_cpu.c */
void snap_save_cpu(Machine *m, SnapOut *out);
bool snap_check_cpu(Machine *m, SnapIn *in, GError **error);
void snap_load_cpu(Machine *m, SnapIn *in);
void snap_save_views(Machine *m, SnapOut *out);
bool snap_check_views(Machine *m, SnapIn *in, GError **error);
void snap_load_views(Machine *m, SnapIn *in);

/* snapshot_parts.c */
void snap_save_wires(Machine *m, SnapOut *out);
bool snap_check_wires(Machine *m, SnapIn *in, GError **error);
void snap_load_wires(Machine *m, SnapIn *in);
void snap_save_devices(Machine *m, SnapOut *out);
bool snap_check_devices(Machine *m, SnapIn *in, GError **error);
void snap_load_devices(Machine *m, SnapIn *in);
void snap_save_events(Machine *m, SnapOut *out);
bool snap_check_events(Machine *m, SnapIn *in, GError **error);
void snap_load_events(Machine *m, SnapIn *in);
void snap_save_input(Machine *m, SnapOut *out);
bool snap_check_input(Machine *m, SnapIn *in, GError **error);
void snap_load_input(Machine *m, SnapIn *in);

/* snapshot_memory.c */
void snap_save_memory(Machine *m, SnapOut *out);
bool snap_check_memory(Machine *m, SnapIn *in, GError **error);
void snap_load_memory(Machine *m, SnapIn *in);

#endif
