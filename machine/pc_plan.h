/* SPDX-License-Identifier: MIT */
/* pc_plan.h - what -kernel, -initrd and -append are for the board `pc`, and where they go. */
#ifndef MACHINE_PC_PLAN_H
#define MACHINE_PC_PLAN_H

#include "machine/pc_kernel.h"

struct Machine;

/* Where the command line goes, and what is its most with the zero. */
enum { PC_CMDLINE_AT = 0x20000, PC_CMDLINE_MAX = 0x10000 };

typedef struct PcPlan {
    PcKernel kernel;
    uint32_t end;                 /* of RAM that is the kernel's */
    uint32_t kernel_end;          /* first page behind what the kernel needs */
    GBytes *initrd_bytes;         /* owned; NULL: none */
    uint32_t initrd, initrd_size; /* 0: none */
    GBytes *words;                /* owned: the command line, and a module's name, with zeros */
    uint32_t module_name;         /* where that begins in the words */
} PcPlan;

/**
 * pc_plan_make - read the files of @m's config and find them places.
 * @reserve: bytes at the end of RAM that are not the kernel's
 * Errors: MACHINE_ERROR_IMAGE; @p is then cleared.
 */
bool pc_plan_make(PcPlan *p, const struct Machine *m, uint32_t reserve,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void pc_plan_clear(PcPlan *p);

#endif
