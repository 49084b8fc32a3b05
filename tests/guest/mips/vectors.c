/* SPDX-License-Identifier: MIT */
/* vectors.c - where exceptions enter: EBase, the refill vector, IV, vectored interrupts (MD00090
 * 6.1, 6.2.2). */
#include "guest.h"

enum { IV = 1 << 23, SOFT_0 = 1 << 8, SOFT_1 = 1 << 9, IM_SOFT = 3 << 8, IE = 1 };

SNIPPET(load, "", "lw $v0, 0($a0)", "");
SNIPPET(store, "", "sw $v0, 0($a0)", "");
SNIPPET(sys, "", "syscall", "");
/* Opens interrupts and waits for one. */
SNIPPET(open, "mfc0 $t0, $12\n ori $t0, $t0, 0x301\n mtc0 $t0, $12\n ehb", "nop", "nop\n nop");
SNIPPET(nested, "mfc0 $t0, $12\n ori $t0, $t0, 2\n mtc0 $t0, $12\n ehb", "lw $v0, 0($a0)", "");

static void say_where(const char *what, uint32_t trapped)
{
    say("%s: %s, vector %x, code %u\n", what, trapped ? "trapped" : "none", trap.vector,
        trap.cause >> 2 & 31);
}

static void interrupt(const char *what, uint32_t cause, uint32_t spacing)
{
    SET(12, 1, spacing);
    SET(13, 0, cause);
    say_where(what, attempt(open, 0, 0));
    SET(13, 0, 0);
    SET(12, 1, 0);
}

int main(void)
{
    uint32_t epc;

    clear_tlb();
    say_where("system call", attempt(sys, 0, 0));
    say_where("load without an entry", attempt(load, 0x1000, 0));
    say_where("store without an entry", attempt(store, 0x1000, 0));
    say_where("kseg2 without an entry", attempt(load, 0xc0001000, 0));
    set_entry(1, 0x00002000, 0, 0, 0);
    say_where("load, not valid", attempt(load, 0x2000, 0));
    say_where("store, not valid", attempt(store, 0x3000, 0));
    set_entry(1, 0x00002000, 0, 0x00200000 >> 6 | 0x1a, 0);
    say_where("load, clean", attempt(load, 0x2000, 0));
    say_where("store, clean", attempt(store, 0x2000, 0));
    epc = GET(14, 0);
    say_where("load without an entry, EXL set", attempt(nested, 0x1000, 0));
    say("EPC is kept: %u\n", trap.epc == epc);
    interrupt("software interrupt 0", SOFT_0, 0);
    interrupt("software interrupt 0, IV", SOFT_0 | IV, 0);
    interrupt("software interrupt 0, IV, VS 1", SOFT_0 | IV, 0x20);
    interrupt("software interrupt 1, IV, VS 1", SOFT_1 | IV, 0x20);
    interrupt("both, IV, VS 1", SOFT_0 | SOFT_1 | IV, 0x20);
    interrupt("software interrupt 1, VS 1", SOFT_1, 0x20);
    interrupt("none", 0, 0);
    return 0;
}
