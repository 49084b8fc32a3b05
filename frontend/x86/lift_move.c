/* SPDX-License-Identifier: MIT */
/* lift_move.c - moves and exchanges that touch no flags. */
#include "frontend/x86/lift_int_priv.h"

/* MOV, MOVNTI first, second: first = second */
void x86_lift_mov(X86Lift *l)
{
    IrRef v = x86_get(l, 1);

    x86_put(l, 0, v);
}

/* NOP, prefetches, cache and memory fences: nothing to do with exact memory. */
void x86_lift_nop(X86Lift *l) { (void)l; }
