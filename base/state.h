/* SPDX-License-Identifier: MIT */
/* state.h - members of a struct described as data, saved and loaded from it. */
#ifndef BASE_STATE_H
#define BASE_STATE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct StateField {
    const char *name;
    uint16_t off;   /* bytes from the start of the owner */
    uint8_t elem;   /* bytes per element: 1, 2, 4 or 8 */
    uint16_t count; /* elements */
    uint64_t max;   /* largest legal element; a load refuses larger */
} StateField;

/* clang-format off */
/* The sizes come from the declaration, so they cannot disagree with it. */
#define STATE_SIZE_(T, m) sizeof(((T *)0)->m)
#define STATE_MAX_(bytes) (UINT64_MAX >> (64 - 8 * (bytes)))

#define STATE_VAR(T, m) \
    { #m, offsetof(T, m), STATE_SIZE_(T, m), 1, STATE_MAX_(STATE_SIZE_(T, m)) }
#define STATE_VAR_MAX(T, m, limit) \
    { #m, offsetof(T, m), STATE_SIZE_(T, m), 1, limit }
#define STATE_ARRAY(T, m) STATE_ARRAY_MAX(T, m, STATE_MAX_(STATE_SIZE_(T, m[0])))
#define STATE_ARRAY_MAX(T, m, limit) \
    { #m, offsetof(T, m), STATE_SIZE_(T, m[0]), \
      STATE_SIZE_(T, m) / STATE_SIZE_(T, m[0]), limit }
/* clang-format on */

static inline size_t state_bytes(const StateField *f) { return (size_t)f->elem * f->count; }

/* Appends state_bytes(@f) bytes to @out, little-endian. */
void state_save(const StateField *f, const void *owner, GByteArray *out);

/* Whether each element at @in is legal for @f; @who goes into the message.
 * Errors: BASE_ERROR_RANGE. */
bool state_check(const StateField *f, const char *who, const uint8_t *in,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Stores the elements at @in, which state_check() has accepted. */
void state_load(const StateField *f, void *owner, const uint8_t *in);

#endif
