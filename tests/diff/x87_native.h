/* SPDX-License-Identifier: MIT */
/* x87_native.h - one instruction on the host's own x87. */
#ifndef TESTS_DIFF_X87_NATIVE_H
#define TESTS_DIFF_X87_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/ir/softfp80.h"

/* What FNSAVE writes in 32-bit protected format. Spec: SDM volume 1, figures 8-9 and 8-13. */
typedef struct X87Image {
    uint32_t control, status, tags;
    uint32_t fip, fcs_op, fdp, fds;
    uint8_t st[8][10]; /* ST(0) first */
} X87Image;

static inline F80 x87_get(const X87Image *im, unsigned i)
{
    F80 a;

    __builtin_memcpy(&a.sig, im->st[i], 8);
    __builtin_memcpy(&a.se, im->st[i] + 8, 2);
    return a;
}

static inline void x87_put(X87Image *im, unsigned i, F80 a)
{
    __builtin_memcpy(im->st[i], &a.sig, 8);
    __builtin_memcpy(im->st[i] + 8, &a.se, 2);
}

/* Whether this host has an x87. */
bool x87_native_here(void);

/**
 * x87_native - run one instruction.
 * @code: of @n bytes; a memory operand is [rsi]
 * @memory: what rsi holds
 * @eflags: before it
 * Returns: EFLAGS after it.
 */
uint32_t x87_native(const uint8_t *code, unsigned n, const X87Image *in, void *memory,
                    uint32_t eflags, X87Image *out);

#endif
