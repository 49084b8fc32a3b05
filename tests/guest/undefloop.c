/* SPDX-License-Identifier: MIT */
/*
 * undefloop.c - vectors of undefined instructions: an exception at each instruction, for ever.
 * run: endless
 */
#include "guest.h"

static uint32_t table[8] __attribute__((aligned(32)));

int main(void)
{
    for (unsigned k = 0; k < 8; k++) {
        write32((uint32_t)(uintptr_t)&table[k], 0xe7f000f0);
    }
    set_iciallu(0);
    set_vbar((uint32_t)(uintptr_t)table);
    __asm__ volatile("udf #0");
    return 0;
}
