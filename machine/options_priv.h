/* SPDX-License-Identifier: MIT */
/* options_priv.h - how the values of options are taken apart. */
#ifndef MACHINE_OPTIONS_PRIV_H
#define MACHINE_OPTIONS_PRIV_H

#include "machine/options.h"

/* Takes the value of an option, or of one key of it. */
typedef bool (*OptionApply)(Options *o, const char *value, GError **error);

/* One KEY=VALUE of an option's value. */
typedef struct OptionKey {
    const char *key;
    OptionApply apply;
} OptionKey;

/* Sets an error of one line; returns false. */
bool option_fail(GError **error, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/**
 * option_keys - a value of the form [VALUE,]KEY=VALUE,...
 * @rows: what keys there are, up to one without name; a first item without '=' is that of rows[0]
 *        if @implied. A key without value is KEY=on. A comma in a value is doubled.
 * Errors: an unknown key names the nearest.
 */
bool option_keys(Options *o, const char *text, const OptionKey *rows, bool implied, GError **error);
/* The same; the error begins with @owner, whose keys they are, as "machine 'pc'". NULL: nobody. */
bool option_keys_of(Options *o, const char *owner, const char *text, const OptionKey *rows,
                    bool implied, GError **error);
/* What such a value says of @key, which a first item without '=' is of (owned); NULL: nothing. */
char *option_key_value(const char *text, const char *key);

/* Which of the NULL-terminated @known it is: @index. @what goes into the message. */
bool option_choice(const char *what, const char *value, const char *const *known, unsigned *index,
                   GError **error);
bool option_on_off(const char *what, const char *value, bool *out, GError **error);
bool option_number(const char *what, const char *value, uint64_t min, uint64_t max, uint64_t *out,
                   GError **error);
/* Bytes: digits with K, M, G or T; without, in MiB. */
bool option_size(const char *what, const char *value, uint64_t *out, GError **error);

/* options_values.c: the options whose values need more than the table says. */
bool option_machine(Options *o, const char *value, GError **error);
bool option_cpu(Options *o, const char *value, GError **error);
bool option_device(Options *o, const char *value, GError **error);
bool option_memory(Options *o, const char *value, GError **error);
bool option_smp(Options *o, const char *value, GError **error);
bool option_accel(Options *o, const char *value, GError **error);
bool option_clock(Options *o, const char *value, GError **error);
bool option_rtc(Options *o, const char *value, GError **error);
bool option_tcache(Options *o, const char *value, GError **error);
bool option_stats(Options *o, const char *value, GError **error);
bool option_at(Options *o, const char *value, GError **error);
bool option_log(Options *o, const char *value, GError **error);

/* After all options: the CPU of the board, and what must be there. */
bool option_finish(Options *o, GError **error);

#endif
