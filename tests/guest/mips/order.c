/* SPDX-License-Identifier: MIT */
/* order.c - byte order: widths, unaligned halves, partial stores; a device's word (MD00086). */
#include "guest.h"

static uint32_t data[4] = { 0x81828384, 0x85868788, 0x898a8b8c, 0x8d8e8f90 };
static volatile uint32_t out[4];

SNIPPET(left, "move $v0, $a1", "lwl $v0, 0($a0)", "");
SNIPPET(right, "move $v0, $a1", "lwr $v0, 0($a0)", "");
SNIPPET(store_left, "", "swl $a1, 0($a0)", "");
SNIPPET(store_right, "", "swr $a1, 0($a0)", "");

int main(void)
{
    const volatile uint8_t *b = (const uint8_t *)data;
    const volatile uint16_t *h = (const uint16_t *)data;
    uint32_t at = (uint32_t)(uintptr_t)data;

    say("bytes: %x %x %x %x\n", b[0], b[1], b[2], b[3]);
    say("halves: %x %x, signed %x\n", h[0], h[1], (uint32_t)(int16_t)h[0]);
    for (uint32_t k = 0; k < 4; k++) {
        say("lwl %u: %x, lwr %u: %x\n", k, call(left, at + k, 0x11223344), k,
            call(right, at + k, 0x11223344));
    }
    for (uint32_t k = 0; k < 4; k++) {
        out[0] = out[1] = 0x11223344;
        call(store_left, (uint32_t)(uintptr_t)&out[0] + k, 0xa1a2a3a4);
        call(store_right, (uint32_t)(uintptr_t)&out[1] + k, 0xa1a2a3a4);
        say("swl %u: %x, swr %u: %x\n", k, out[0], k, out[1]);
    }
    say("revision: %x\n", *(volatile uint32_t *)0xbfc00010u);
    return 0;
}
