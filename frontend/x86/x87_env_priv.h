/* SPDX-License-Identifier: MIT */
/* x87_env_priv.h - the formats in which the x87's state lies in memory. */
#ifndef FRONTEND_X86_X87_ENV_PRIV_H
#define FRONTEND_X86_X87_ENV_PRIV_H

#include "frontend/x86/x87_priv.h"

/* What helper x87_env is asked. */
typedef enum X87EnvHow {
    X87_ENV_32 = 1 << 0,   /* the 32-bit formats */
    X87_ENV_REAL = 1 << 1, /* those of real and virtual-8086 mode */
    X87_ENV_LOAD = 1 << 2,
    X87_ENV_ALL = 1 << 3, /* FRSTOR and FNSAVE: the registers too */
} X87EnvHow;

#endif
