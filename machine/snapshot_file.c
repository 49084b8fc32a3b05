/* SPDX-License-Identifier: MIT */
/* snapshot_file.c - the container of a snapshot: sections with lengths and checksums. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "machine/snapshot_priv.h"

bool snap_fail(GError **error, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (error) {
        *error = g_error_new_valist(MACHINE_ERROR, MACHINE_ERROR_SNAPSHOT, fmt, ap);
    }
    va_end(ap);
    return false;
}

/* ---- bytes ---- */

const uint8_t *snap_skip(SnapIn *in, size_t n)
{
    const uint8_t *p = in->p;

    if (in->bad || n > in->left) {
        in->bad = true;
        return NULL;
    }
    in->p += n;
    in->left -= n;
    return p;
}

void snap_get(SnapIn *in, void *to, size_t n)
{
    const uint8_t *p = snap_skip(in, n);

    if (p) {
        memcpy(to, p, n);
    } else {
        memset(to, 0, n);
    }
}

uint8_t snap_u8(SnapIn *in)
{
    uint8_t v;

    snap_get(in, &v, sizeof(v));
    return v;
}

uint32_t snap_u32(SnapIn *in)
{
    uint32_t v;

    snap_get(in, &v, sizeof(v));
    return v;
}

uint64_t snap_u64(SnapIn *in)
{
    uint64_t v;

    snap_get(in, &v, sizeof(v));
    return v;
}

char *snap_name(SnapIn *in)
{
    size_t n = snap_u8(in);
    const uint8_t *p = snap_skip(in, n);

    return p ? g_strndup((const char *)p, n) : g_strdup("");
}

void snap_add(GByteArray *out, const void *p, size_t n) { g_byte_array_append(out, p, (guint)n); }
void snap_add_u8(GByteArray *out, uint8_t v) { snap_add(out, &v, sizeof(v)); }
void snap_add_u32(GByteArray *out, uint32_t v) { snap_add(out, &v, sizeof(v)); }
void snap_add_u64(GByteArray *out, uint64_t v) { snap_add(out, &v, sizeof(v)); }

void snap_add_name(GByteArray *out, const char *name)
{
    size_t n = MIN(strlen(name), 255);

    snap_add_u8(out, (uint8_t)n);
    snap_add(out, name, n);
}

/* ---- writing ---- */

typedef struct Row {
    char name[SNAP_NAME];
    uint64_t bytes;
    uint32_t crc;
} Row;

struct SnapOut {
    char *path, *temporary;
    FILE *file;
    int error; /* errno of the first failure; 0: none */
    unsigned n_rows, rows_max;
    Row *row;
};

static size_t table_bytes(unsigned n) { return SNAP_HEAD + (size_t)n * SNAP_ROW + 4; }

static void write_out(SnapOut *o, const void *p, size_t n)
{
    if (o->error == 0 && n > 0 && fwrite(p, 1, n, o->file) != n) {
        o->error = errno;
    }
}

/* Replacing a device file by a plain one would harm more than the snapshot. */
static bool may_be_written(const char *path, GError **error)
{
    if (*path == '\0') {
        return snap_fail(error, "has no name");
    }
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        return snap_fail(error, "is not a regular file");
    }
    return true;
}

SnapOut *snap_create(const char *path, unsigned n_sections, GError **error)
{
    SnapOut *o;
    int fd;

    if (!may_be_written(path, error)) {
        return NULL;
    }
    o = g_new0(SnapOut, 1);
    o->path = g_strdup(path);
    o->temporary = g_strconcat(path, ".newXXXXXX", NULL);
    o->rows_max = n_sections;
    o->row = g_new0(Row, n_sections);
    fd = g_mkstemp_full(o->temporary, O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0) {
        o->error = errno;
        snap_close(o, error);
        return NULL;
    }
    o->file = fdopen(fd, "w+");
    g_assert(o->file);
    if (fseek(o->file, (long)table_bytes(n_sections), SEEK_SET) != 0) {
        o->error = errno;
    }
    return o;
}

void snap_begin(SnapOut *o, const char *name)
{
    g_assert(o->n_rows < o->rows_max && strlen(name) <= SNAP_NAME);
    memcpy(o->row[o->n_rows++].name, name, strlen(name));
}

void snap_put(SnapOut *o, const void *p, size_t n)
{
    Row *r = &o->row[o->n_rows - 1];

    r->crc = (uint32_t)crc32_z(r->crc, p, n);
    r->bytes += n;
    write_out(o, p, n);
}

static void write_table(SnapOut *o)
{
    g_autoptr(GByteArray) head = g_byte_array_new();

    snap_add(head, SNAP_MAGIC, SNAP_MAGIC_BYTES);
    snap_add_u32(head, SNAP_VERSION);
    snap_add_u32(head, o->n_rows);
    for (unsigned i = 0; i < o->n_rows; i++) {
        snap_add(head, o->row[i].name, SNAP_NAME);
        snap_add_u64(head, o->row[i].bytes);
        snap_add_u32(head, o->row[i].crc);
    }
    snap_add_u32(head, (uint32_t)crc32_z(0, head->data, head->len));
    if (fseek(o->file, 0, SEEK_SET) != 0) {
        o->error = o->error ? o->error : errno;
    }
    write_out(o, head->data, head->len);
}

bool snap_close(SnapOut *o, GError **error)
{
    bool ok;

    if (o->file) {
        write_table(o);
        if (fclose(o->file) != 0 && o->error == 0) {
            o->error = errno;
        }
        if (o->error == 0 && g_rename(o->temporary, o->path) != 0) {
            o->error = errno;
        }
        if (o->error != 0) {
            g_unlink(o->temporary);
        }
    }
    ok = o->error == 0 || snap_fail(error, "%s", g_strerror(o->error));
    g_free(o->path);
    g_free(o->temporary);
    g_free(o->row);
    g_free(o);
    return ok;
}

/* ---- reading ---- */

bool snap_read(const char *path, uint64_t max, char **data, size_t *bytes, GError **error)
{
    g_autoptr(GError) why = NULL;
    GStatBuf st;

    if (g_stat(path, &st) != 0) {
        return snap_fail(error, "%s", errno == ENOENT ? "no such file" : g_strerror(errno));
    }
    if ((st.st_mode & S_IFMT) != S_IFREG) {
        return snap_fail(error, "is not a regular file");
    }
    if ((uint64_t)st.st_size > max) {
        return snap_fail(error, "is larger than any snapshot of this machine");
    }
    if (!g_file_get_contents(path, data, bytes, &why)) {
        return snap_fail(error, "%s", why->message);
    }
    return true;
}

/* The rows of the table as parts; their bytes follow one another up to the file's end. */
static bool take_parts(SnapIn *table, const uint8_t *p, size_t left, GArray *parts, GError **error)
{
    for (guint i = 0; i < parts->len; i++) {
        SnapPart *part = &g_array_index(parts, SnapPart, i);
        uint64_t bytes;
        uint32_t crc;

        snap_get(table, part->name, SNAP_NAME);
        bytes = snap_u64(table);
        crc = snap_u32(table);
        if (bytes > left) {
            return snap_fail(error, "is truncated in section '%s'", part->name);
        }
        part->p = p;
        part->bytes = (size_t)bytes;
        if (crc32_z(0, p, part->bytes) != crc) {
            return snap_fail(error, "section '%s' is damaged", part->name);
        }
        p += part->bytes;
        left -= part->bytes;
    }
    return left == 0 || snap_fail(error, "has %" G_GSIZE_FORMAT " bytes too many", left);
}

GArray *snap_parts(const uint8_t *p, size_t bytes, GError **error)
{
    SnapIn in = { p, bytes, false };
    const uint8_t *magic = snap_skip(&in, SNAP_MAGIC_BYTES);
    uint32_t version = snap_u32(&in), n = snap_u32(&in);
    GArray *parts;
    size_t head;

    if (bytes == 0 || memcmp(p, SNAP_MAGIC, MIN(bytes, SNAP_MAGIC_BYTES)) != 0) {
        snap_fail(error, "is not a snapshot of doppel");
        return NULL;
    }
    if (!magic || in.bad || n > in.left / SNAP_ROW || in.left - n * (size_t)SNAP_ROW < 4) {
        snap_fail(error, "is truncated in its head");
        return NULL;
    }
    if (version != SNAP_VERSION) {
        snap_fail(error, "is of version %u; this doppel reads version %d", version, SNAP_VERSION);
        return NULL;
    }
    head = table_bytes(n);
    if (crc32_z(0, p, head - 4) != snap_u32(&(SnapIn){ p + head - 4, 4, false })) {
        snap_fail(error, "its head is damaged");
        return NULL;
    }
    parts = g_array_new(FALSE, TRUE, sizeof(SnapPart));
    g_array_set_size(parts, n);
    if (!take_parts(&in, p + head, bytes - head, parts, error)) {
        g_array_unref(parts);
        return NULL;
    }
    return parts;
}
