/* SPDX-License-Identifier: MIT */
/*
 * endless.c - vectors unmapped: each fault's vector faults again, for ever.
 * run: endless
 */
#include "guest.h"

int main(void)
{
    mmu_tables();
    set_vbar(0xa0000000);
    mmu_on();
    return (int)read32(0xb0000000);
}
