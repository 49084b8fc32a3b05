/* SPDX-License-Identifier: MIT */
/* classes.c - see classes.h. */
#include "machine/classes.h"

const char *class_name(Sensitivity s)
{
    static const char *const names[N_SENSITIVITIES] = {
        [SENS_INNOCUOUS] = "innocuous",
        [SENS_PRIVILEGED] = "privileged",
        [SENS_SENSITIVE_CONTROL] = "sensitive",
        [SENS_SENSITIVE_BEHAVIOUR] = "sensitive",
    };

    return names[s];
}

const char *class_kind(Sensitivity s)
{
    return s == SENS_SENSITIVE_CONTROL     ? "control"
           : s == SENS_SENSITIVE_BEHAVIOUR ? "behaviour"
                                           : "-";
}

const char *class_handling(Handling h)
{
    static const char *const names[N_HANDLINGS] = {
        [HOW_TRANSLATED] = "translated",
        [HOW_INLINE] = "inline",
        [HOW_CALLOUT] = "callout",
    };

    return names[h];
}
