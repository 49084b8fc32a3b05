/* SPDX-License-Identifier: MIT */
/* firmware.c - see firmware.h. */
#include "machine/firmware.h"

#include "machine/image.h"

/* Beside the program's directory: where `make install` and tests/boot/fetch.sh may have put it. */
static const char *const beside[] = { "../share/doppel", "../guests/seabios", NULL };
/* Debian's packages. */
static const char *const packages[] = { "/usr/share/seabios", "/usr/share/qemu",
                                        "/usr/lib/u-boot/qemu-x86", NULL };

/* The path of @name in @dir, if it is a file there; else NULL. */
static char *look(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer(&path) : NULL;
}

static char *look_beside(const char *name)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = program ? g_path_get_dirname(program) : NULL;
    char *path = NULL;

    for (unsigned i = 0; dir && path == NULL && beside[i]; i++) {
        g_autofree char *at = g_build_filename(dir, beside[i], NULL);

        path = look(at, name);
    }
    return path;
}

static char *find(const MachineConfig *c, const char *name)
{
    char *path = NULL;

    for (guint i = 0; c->data_dirs && path == NULL && i < c->data_dirs->len; i++) {
        path = look(g_ptr_array_index(c->data_dirs, i), name);
    }
    if (path == NULL) {
        path = look_beside(name);
    }
    for (unsigned i = 0; path == NULL && packages[i]; i++) {
        path = look(packages[i], name);
    }
    return path;
}

GBytes *firmware_read(const MachineConfig *c, const char *name, const char *const *usual,
                      uint64_t most, GError **error)
{
    g_autofree char *path = NULL;

    if (name) {
        path = g_file_test(name, G_FILE_TEST_EXISTS) ? g_strdup(name) : find(c, name);
        return image_file("bios", path ? path : name, most, error);
    }
    for (unsigned i = 0; path == NULL && usual[i]; i++) {
        path = find(c, usual[i]);
    }
    if (path == NULL) {
        g_set_error(error, MACHINE_ERROR, MACHINE_ERROR_IMAGE,
                    "no firmware %s is found: Debian's package seabios has it; -bios FILE and "
                    "-L DIR say where; -M %s,boot=direct does without",
                    usual[0], c->board->name);
        return NULL;
    }
    return image_file("bios", path, most, error);
}
