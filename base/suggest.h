/* SPDX-License-Identifier: MIT */
/* suggest.h - the known word nearest to one that was mistyped. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <glib.h>

/* The one of the NULL-terminated @known with the least edit distance to @word; NULL if none is
 * near enough to be meant. Borrowed from @known. */
const char *suggest_nearest(const char *word, const char *const *known);

#endif
