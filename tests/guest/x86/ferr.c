/* SPDX-License-Identifier: MIT */
/*
 * ferr.c - x87 errors as interrupt 13, with CR0.NE clear; Vol. 1 8.7.2 and appendix D.2: the
 * instruction that finds the error waits for the interrupt, unless port F0 has been written.
 * qemu: no, QEMU 7.2 stops at an assertion when it raises interrupt 13
 */
#include "guest.h"

enum { PIC = 0x20, PIC2 = 0xa0, ERROR_PORT = 0xf0, NE = 0x20, BASE = 0x40 };

static const uint16_t control = 0x37b; /* division by zero is not masked */

SNIPPET(fnop_, "fnop\n nop");
SNIPPET(fwait_, "fwait\n nop");
SNIPPET(fnstsw_, "fnstsw %ax\n nop");
SNIPPET(sti_fnop, "sti\n fnop\n nop");
SNIPPET(out_fnop, "outb %al, $0xf0\n fnop\n fld1\n nop");
SNIPPET(clex_fnop, "fnclex\n fnop\n nop");
SNIPPET(init_fnop, "fninit\n fnop\n nop");

static void out_pics(uint8_t first, uint8_t second, unsigned to)
{
    out8((uint16_t)(PIC + to), first);
    out8((uint16_t)(PIC2 + to), second);
}

/* Edges, vectors from BASE on, and nothing but interrupt 13 let through. */
static void set_up_pics(void)
{
    out_pics(0x11, 0x11, 0);
    out_pics(BASE, BASE + 8, 1);
    out_pics(4, 2, 1);
    out_pics(1, 1, 1);
    out_pics(0xfb, 0xdf, 1);
}

static uint16_t status(void)
{
    uint16_t v;

    __asm__ volatile("fnstsw %0" : "=a"(v));
    return v;
}

static void divide(void)
{
    __asm__ volatile("fninit\n fldcw %0\n fldz\n fld1\n fdiv %%st(1)" : : "m"(control));
}

static void one(const char *what, const void *code, const void *end, uint32_t eflags)
{
    at(0);
    in.eflags |= eflags;
    run(code);
    ended(what, code, end);
    say(", status %h\n", status());
    if (got.vector == BASE + 13) {
        out_pics(0x20, 0x20, 0);
    }
}

int main(void)
{
    uint32_t cr0;

    __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("mov %0, %%cr0" : : "r"(cr0 & ~(uint32_t)NE));
    set_up_pics();
    divide();
    one("fnstsw", fnstsw_, fnstsw__end, IF);
    one("fnop", fnop_, fnop__end, IF);
    out8(ERROR_PORT, 0);
    one("fnop, ignored", fnop_, fnop__end, IF);
    one("fnclex, fnop", clex_fnop, clex_fnop_end, IF);
    divide();
    one("fwait", fwait_, fwait__end, IF);
    one("fninit, fnop", init_fnop, init_fnop_end, IF);
    divide();
    one("sti, fnop", sti_fnop, sti_fnop_end, 0);
    one("out, fnop, fld1", out_fnop, out_fnop_end, IF);
    divide();
    one("fnop", fnop_, fnop__end, IF);
    __asm__ volatile("fninit");
    return 0;
}
