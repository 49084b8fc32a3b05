/* SPDX-License-Identifier: MIT */
/*
 * lost.c - the MMU turned on with its table where nothing is: not even what follows is there.
 * run: endless
 */
#include "guest.h"

int main(void)
{
    set_ttbr0(0x0b000000);
    set_dacr(1);
    set_tlbiall(0);
    set_sctlr(get_sctlr() | 1);
    return 0;
}
