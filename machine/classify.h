/* SPDX-License-Identifier: MIT */
/* classify.h - every instruction of a guest with its class, as text. */
#ifndef MACHINE_CLASSIFY_H
#define MACHINE_CLASSIFY_H

#include <glib.h>

#include "translator/ir/isa.h"

typedef enum ClassifyFormat { CLASSIFY_TABLE, CLASSIFY_CSV, CLASSIFY_JSON } ClassifyFormat;

/* Appends all decoder rows of @isa; for people, what is sensitive by location stands below. */
void classify_isa(const GuestIsa *isa, ClassifyFormat format, GString *out);

#endif
