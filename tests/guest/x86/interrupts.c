/* SPDX-License-Identifier: MIT */
/* interrupts.c - INT n, INT3, INTO, BOUND, exceptions: gates, stacks; Vol. 3 6.12, 6.13. */
#include "guest.h"

uint32_t bounds[2] = { 10, 20 };

SNIPPET(int40, "int $0x40");
SNIPPET(int3_, "int3\n nop");
SNIPPET(int_3, "int $3\n nop");
SNIPPET(into_, "into");
SNIPPET(icebp, ".byte 0xf1");
SNIPPET(bound_, "bound %eax, bounds");
SNIPPET(int16, "int $0x60");
SNIPPET(ud, "ud2");
SNIPPET(int_d, "int $13");
SNIPPET(int_beyond, "int $0x68");
SNIPPET(divide, "xor %edx, %edx\n div %edx");
SNIPPET(lock_nop, "lock nop");
SNIPPET(too_long, ".fill 15, 1, 0x2e\n nop");
SNIPPET(longest, ".fill 14, 1, 0x2e\n nop");

static void show(const char *what, const void *code, const void *end)
{
    ended(what, code, end);
    say(", eflags %x, handler's %x, %s\n", got.eflags & ~RF, got.handler_flags,
        got.outer ? "stack switched" : "same stack");
}

static void each(unsigned cpl)
{
    say("CPL %u\n", cpl);
    at(cpl);
    in.eflags |= IF | IOPL3 | NT | AC;
    run(int40);
    show(" int 40", int40, int40_end);
    at(cpl);
    run(int3_);
    show(" int3", int3_, int3__end);
    at(cpl);
    run(int_3);
    show(" int 3", int_3, int_3_end);
    at(cpl);
    in.eflags |= 0x800;
    run(into_);
    show(" into, OF", into_, into__end);
    at(cpl);
    run(into_);
    show(" into", into_, into__end);
    at(cpl);
    run(icebp);
    show(" int1", icebp, icebp_end);
    for (uint32_t v = 9; v <= 21; v += 6) {
        at(cpl);
        in.eax = v;
        run(bound_);
        show(" bound", bound_, bound__end);
    }
    at(cpl);
    in.eflags |= IF;
    run(int16);
    show(" int by a 16-bit gate", int16, int16_end);
    at(cpl);
    run(ud);
    show(" ud2", ud, ud_end);
    if (cpl != 0) { /* there it is one, without the error code that the handler takes off */
        at(cpl);
        run(int_d);
        show(" int 13", int_d, int_d_end);
    }
    at(cpl);
    run(int_beyond);
    show(" int 68", int_beyond, int_beyond_end);
    at(cpl);
    run(divide);
    show(" div", divide, divide_end);
    at(cpl);
    run(lock_nop);
    show(" lock nop", lock_nop, lock_nop_end);
    at(cpl);
    run(too_long);
    show(" 16 bytes", too_long, too_long_end);
    at(cpl);
    run(longest);
    show(" 15 bytes", longest, longest_end);
}

static void gate(const char *what, uint32_t to, uint32_t type)
{
    set_gate(0x40, to, addr(handlers) + 16 * 0x40, type);
    for (unsigned cpl = 0; cpl < 4; cpl += 3) {
        at(cpl);
        in.eflags |= IF;
        run(int40);
        say("CPL %u: ", cpl);
        show(what, int40, int40_end);
    }
}

static void gates(void)
{
    gate("trap gate", CODE0, 0xef);
    gate("gate of level 0", CODE0, 0x8e);
    gate("absent gate", CODE0, 0x6e);
    gate("absent gate of level 0", CODE0, 0x0e);
    gate("null handler", 0, 0xee);
    gate("handler in data", DATA0, 0xee);
    gate("handler beyond", GDT_ENTRIES * 8, 0xee);
    gate("handler of level 3", CODE3, 0xee);
    set_descriptor(SPARE, 0, 0xfffff, D_CODE & ~0x80);
    gate("absent handler", SPARE, 0xee);
    set_descriptor(SPARE, 0, 0xff, 0x409a);
    gate("handler outside", SPARE, 0xee);
    set_descriptor(SPARE, 0, 0xfffff, D_CODE | 4);
    for (uint32_t type = 0; type < 16; type++) {
        if (type != 5 && (type & 7) < 6) {
            gate("type", CODE0, 0xe0 | type);
        }
    }
    gate("call gate", CODE0, 0xec);
    set_gate(0x40, CODE0, addr(handlers) + 16 * 0x40, 0xee);
}

static void stack(const char *what, uint32_t ss, uint32_t esp)
{
    set_gate(0x40, CODE0 + 16, addr(handlers) + 16 * 0x40, 0xee);
    tss.ss1 = ss;
    tss.esp1 = esp;
    at(3);
    run(int40);
    show(what, int40, int40_end);
    set_gate(6, CODE0 + 16, addr(handlers) + 16 * 6, 0x8e);
    at(3);
    run(ud);
    show("  of an exception", ud, ud_end);
    set_gate(6, CODE0, addr(handlers) + 16 * 6, 0x8e);
}

static void stacks(void)
{
    uint32_t top = addr(test_stack) + 256;

    stack("stack null", 0, top);
    stack("stack of RPL 0", DATA0 + 16, top);
    stack("stack in code", CODE0 + 16 + 1, top);
    stack("stack beyond", GDT_ENTRIES * 8 + 1, top);
    set_descriptor(SPARE, 0, 0xfffff, (D_DATA | D_DPL1) & ~0x80);
    stack("stack absent", SPARE | 1, top);
}

/* What an exception leads to that cannot be entered; Vol. 3 6.15, table 6-5. */
static void doubles(void)
{
    set_gate(0, 0, 0, 0x8e);
    at(3);
    run(divide);
    show("#DE whose handler is null", divide, divide_end);
    set_gate(0, CODE0, addr(handlers), 0x8e);
    set_gate(6, 0, 0, 0x8e);
    at(3);
    run(ud);
    show("#UD whose handler is null", ud, ud_end);
    set_gate(6, CODE0, addr(handlers) + 16 * 6, 0x0e);
    at(3);
    run(ud);
    show("#UD whose gate is absent", ud, ud_end);
    set_gate(11, CODE0, addr(handlers) + 16 * 11, 0x0e);
    at(3);
    run(ud);
    show("and that of #NP too", ud, ud_end);
    set_gate(11, CODE0, addr(handlers) + 16 * 11, 0x8e);
    set_gate(13, CODE0, addr(handlers) + 16 * 13, 0x0e);
    at(3);
    run(int_d);
    show("#GP whose gate is absent", int_d, int_d_end);
    set_gate(6, CODE0, addr(handlers) + 16 * 6, 0x8e);
    load_idt(8 * 0x40 - 1);
    set_gate(13, CODE0, addr(handlers) + 16 * 13, 0x8e);
    at(3);
    run(int40);
    show("int 40 beyond the table", int40, int40_end);
    load_idt(8 * 0x40 + 6);
    at(3);
    run(int40);
    show("int 40 half in the table", int40, int40_end);
}

int main(void)
{
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        each(cpl);
    }
    gates();
    stacks();
    doubles();
    return 0;
}
