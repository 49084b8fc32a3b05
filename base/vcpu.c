/* SPDX-License-Identifier: MIT */
/* vcpu.c - see vcpu.h. */
#include "base/vcpu.h"

#include <string.h>

Vcpu *vcpu_new(size_t state_bytes)
{
    char *block = g_aligned_alloc0(1, (VCPU_COLD_BYTES + state_bytes + 63) / 64 * 64, 64);
    Vcpu *v = (Vcpu *)(void *)(block + VCPU_COLD_BYTES);

    vcpu_forget_lookups(v);
    return v;
}

void vcpu_free(Vcpu *v)
{
    if (v) {
        g_aligned_free(vcpu_cold(v));
    }
}

void vcpu_forget_lookups(Vcpu *v)
{
    /* No tag has an all-ones context: mode bytes 0xff are not used by any guest. */
    memset(vcpu_cold(v)->lookup, 0xff, sizeof(vcpu_cold(v)->lookup));
}
