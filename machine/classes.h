/* SPDX-License-Identifier: MIT */
/* classes.h - Popek and Goldberg's classes in words. */
#ifndef MACHINE_CLASSES_H
#define MACHINE_CLASSES_H

#include "translator/ir/isa.h"

/* innocuous, privileged or sensitive; control, behaviour or "-"; translated, inline or callout. */
const char *class_name(Sensitivity s);
const char *class_kind(Sensitivity s);
const char *class_handling(Handling h);

#endif
