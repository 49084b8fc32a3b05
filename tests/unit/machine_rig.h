/* SPDX-License-Identifier: MIT */
/* machine_rig.h - a machine for tests: board virt with a few instructions as its kernel. */
#ifndef TESTS_UNIT_MACHINE_RIG_H
#define TESTS_UNIT_MACHINE_RIG_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glib/gstdio.h>

#include "backend/interp/interp.h"
#include "machine/machine.h"

enum { RIG_CODE = 0x40008000, RIG_WORDS = 64 };

/* A config of a machine that interprets, on a virtual clock, with the default memory of 16 MiB. */
static inline MachineConfig rig_config(void)
{
    MachineConfig c = {
        .board = &board_virt, .ram_bytes = 16 << 20, .clock_virtual = true, .stop_at = UINT64_MAX
    };

    c.tr.main = c.tr.interp = &interp_host;
    c.tr.host.chain = true;
    c.interpret = true;
    return c;
}

/* A machine that starts at the first of @n words of @code, at RIG_CODE. */
static inline Machine *rig_machine_log(MachineConfig *c, const uint32_t *code, unsigned n,
                                       const Log *log)
{
    uint32_t words[RIG_WORDS] = { 0 };
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    Machine *m;
    int fd = g_file_open_tmp("doppelXXXXXX", &path, NULL);

    cr_assert(ge(i32, fd, 0));
    for (unsigned i = 0; i < n; i++) {
        words[i] = code[i];
    }
    cr_assert(g_file_set_contents(path, (const char *)words, sizeof(words), NULL));
    c->kernel = g_strdup(path);
    m = machine_new(c, log, &error);
    cr_assert(ne(ptr, m, NULL), "%s", error ? error->message : "");
    g_close(fd, NULL);
    g_remove(path);
    return m;
}

static inline Machine *rig_machine(MachineConfig *c, const uint32_t *code, unsigned n)
{
    const Log log = { .out = stderr };

    return rig_machine_log(c, code, n, &log);
}

#endif
