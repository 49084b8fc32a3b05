/* SPDX-License-Identifier: MIT */
/* exclusive.c - LL and SC; an exception between them (MD00086). */
#include "guest.h"

static volatile uint32_t word = 5;

SNIPPET(add, "1: ll $v0, 0($a0)\n addu $v1, $v0, $a1", "sc $v1, 0($a0)", "beqz $v1, 1b\n nop");
SNIPPET(again, "ll $v0, 0($a0)\n sc $a1, 0($a0)\n li $v0, 0x55", "sc $v0, 0($a0)", "");
SNIPPET(odd, "", "ll $v0, 1($a0)", "");
SNIPPET(odd_sc, "ll $v0, 0($a0)", "sc $v0, 2($a0)", "");
/* ERET clears LLbit. */
SNIPPET(over_eret,
        "ll $v0, 0($a0)\n mfc0 $t0, $12\n ori $t0, $t0, 2\n mtc0 $t0, $12\n"
        " la $t1, 1f\n mtc0 $t1, $14\n ehb\n eret\n1:",
        "sc $a1, 0($a0)", "move $v0, $a1");

int main(void)
{
    uint32_t at = (uint32_t)(uintptr_t)&word;

    say("before: %u\n", call(add, at, 3));
    say("after: %u\n", word);
    say("second SC: %u, word %x\n", call(again, at, 0x77), word);
    say("SC behind ERET: %u, word %x\n", call(over_eret, at, 0x99), word);
    report("LL to half a word", odd, 0x80200000, 0, odd_at);
    report("SC to half a word", odd_sc, 0x80200000, 0, odd_sc_at);
    return 0;
}
