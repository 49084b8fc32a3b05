/* SPDX-License-Identifier: MIT */
/* flash.c - the board's flash, 32 bits wide: query, program, erase (Intel 290609). */
#include "guest.h"

#define FLASH 0xbe000000u /* KSEG1 */
#ifdef __MIPSEB__
enum { LOW = 2 };
#else
enum { LOW = 0 };
#endif
enum { PLACE = 0x200000 };

static void out(uint32_t at, uint32_t v) { *(volatile uint32_t *)(FLASH + at) = v; }
static uint32_t in(uint32_t at) { return *(volatile uint32_t *)(FLASH + at); }
static void both(uint32_t at, uint32_t command) { out(at, command * 0x10001); }

int main(void)
{
    both(0, 0xff);
    say("erased: %x\n", in(PLACE));
    both(0x154, 0x98);
    say("query: %x %x %x\n", in(0x40), in(0x44), in(0x48));
    both(0, 0xff);
    both(PLACE, 0x40);
    out(PLACE, 0x12345678);
    say("status: %x\n", in(PLACE));
    both(PLACE, 0xff);
    say("programmed: %x, a half %x\n", in(PLACE), *(volatile uint16_t *)(FLASH + PLACE + LOW));
    say("the other address: %x\n", *(volatile uint32_t *)(0xbfc00000u + PLACE));
    both(PLACE, 0x20);
    both(PLACE, 0xd0);
    say("status: %x\n", in(PLACE));
    both(PLACE, 0xff);
    say("erased: %x\n", in(PLACE));
    return 0;
}
