/* SPDX-License-Identifier: MIT */
/* must.h - Unicorn's calls that cannot fail here. */
#ifndef TESTS_DIFF_MUST_H
#define TESTS_DIFF_MUST_H

#include <glib.h>
#include <unicorn/unicorn.h>

static inline void must(uc_err e, const char *what)
{
    if (e != UC_ERR_OK) {
        g_error("%s: %s", what, uc_strerror(e));
    }
}

#endif
