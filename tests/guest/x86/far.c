/* SPDX-License-Identifier: MIT */
/* far.c - far JMP, CALL and RET: code segments, call gates, stack switches; Vol. 3 5.8. */
#include "guest.h"

struct {
    uint32_t offset;
    uint16_t selector;
} pointer;

SNIPPET(jump, "ljmp *%cs:pointer");
SNIPPET(call, "push $0x33\n push $0x22\n push $0x11\n lcall *%cs:pointer");
SNIPPET(there, "mov %cs, %eax\n mov %ss, %ebx\n mov %esp, %ecx");
SNIPPET(back, "mov %cs, %eax\n mov %ss, %ebx\n lret $12");
SNIPPET(outward, "push %edx\n push $0x77778888\n push $1\n push $2\n push %eax\n"
                 "push %ebx\n lret $8");
SNIPPET(ret_here, "push %cs\n push $1f\n lret\n ud2\n1:");

enum { D_GATE32 = 0x8c, D_CONFORMING = 4 };

static void go(const char *what, unsigned cpl, uint32_t selector, const void *code)
{
    at(cpl);
    pointer.selector = (uint16_t)selector;
    pointer.offset = addr(there);
    run(code);
    if (got.vector == 3) {
        say("%s: cs %h ss %h, eax %x ebx %x, esp %s\n", what, got.cs, got.ss, got.eax, got.ebx,
            got.ecx - addr(inner_top) + 64 < 65 ? "inner" : "same");
    } else {
        outcome(what, code, code);
    }
}

static void both(const char *what, uint32_t selector)
{
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        say("CPL %u: ", cpl);
        go("jmp", cpl, selector, jump);
        say("CPL %u: ", cpl);
        go("call", cpl, selector, call);
    }
    say("  was %s %h\n", what, selector);
}

static void segments(void)
{
    both("null", 0);
    both("code 0", CODE0);
    both("code 0, RPL 3", CODE0 | 3);
    both("code 3", CODE3);
    both("code 3, RPL 0", CODE3 & ~3);
    both("data 3", DATA3);
    both("beyond", GDT_ENTRIES * 8 + 3);
    set_descriptor(SPARE, 0, 0xfffff, D_CODE | D_CONFORMING);
    both("conforming 0", SPARE | 3);
    set_descriptor(SPARE, 0, 0xfffff, D_CODE | D_CONFORMING | D_DPL1);
    both("conforming 1", SPARE);
    set_descriptor(SPARE, 0, 0xfffff, (D_CODE | D_DPL3) & ~0x80);
    both("absent code 3", SPARE | 3);
    set_descriptor(SPARE, 0, 0xff, 0x409a | D_DPL3);
    both("short code 3", SPARE | 3);
    for (uint32_t type = 0; type < 16; type++) {
        if ((type & 7) == 1 || (type & 7) == 4 || type == 5) {
            continue; /* gates and TSSs */
        }
        set_descriptor(SPARE, 0, 0xffff, 0x80 | D_DPL3 | type);
        both("system", SPARE | 3);
    }
}

static void gates(void)
{
    set_call_gate(SPARE, CODE0, addr(there), D_GATE32 | D_DPL3, 3);
    both("gate 3 to code 0", SPARE | 3);
    set_call_gate(SPARE, CODE0 + 16, addr(there), D_GATE32 | D_DPL3, 0);
    both("gate 3 to code 1", SPARE);
    set_call_gate(SPARE, CODE0, addr(there), D_GATE32, 3);
    both("gate 0 to code 0", SPARE);
    both("gate 0, RPL 3", SPARE | 3);
    set_call_gate(SPARE, CODE0, addr(there), (D_GATE32 | D_DPL3) & ~0x80u, 3);
    both("absent gate", SPARE);
    set_call_gate(SPARE, 0, addr(there), D_GATE32 | D_DPL3, 3);
    both("gate to null", SPARE);
    set_call_gate(SPARE, DATA0, addr(there), D_GATE32 | D_DPL3, 3);
    both("gate to data", SPARE);
    set_call_gate(SPARE, CODE3, addr(there), D_GATE32 | D_DPL3, 3);
    both("gate to code 3", SPARE);
    set_call_gate(SPARE, GDT_ENTRIES * 8, addr(there), D_GATE32 | D_DPL3, 3);
    both("gate to beyond", SPARE);
    set_descriptor(SPARE + 8, 0, 0xfffff, D_CODE & ~0x80);
    set_call_gate(SPARE, SPARE + 8, addr(there), D_GATE32 | D_DPL3, 3);
    both("gate to absent code", SPARE);
    set_descriptor(SPARE + 8, 0, 0xfffff, D_CODE | D_CONFORMING);
    both("gate to conforming 0", SPARE);
}

static void show(const char *what, uint32_t sp, unsigned n)
{
    say("%s", what);
    for (unsigned i = 0; i < n; i++) {
        say(" %x", *(const uint32_t *)(sp + 4 * i));
    }
    say("\n");
}

/* Through a gate to privilege level 0 with three parameters, and back. */
static void inward(void)
{
    set_call_gate(SPARE, CODE0, addr(there), D_GATE32 | D_DPL3, 3);
    go("inward", 3, SPARE | 3, call);
    show(" inner stack", got.ecx, 7);
    say(" return to +%u, esp %x\n", *(uint32_t *)got.ecx - addr(call),
        ((uint32_t *)got.ecx)[5] - addr(test_stack));
    set_call_gate(SPARE, CODE0, addr(back), D_GATE32 | D_DPL3, 3);
    at(3);
    pointer.selector = SPARE;
    in.fs = DATA0 + 16 + 1;
    run(call);
    ended("there and back", call, call_end);
    say(", cs %h ss %h, esp %x, eax %x ebx %x, ds %h fs %h\n", got.cs, got.ss,
        got.esp - addr(test_stack), got.eax, got.ebx, got.ds, got.fs);
}

static void bad_stack(const char *what, uint32_t ss, uint32_t esp)
{
    uint32_t ss0 = tss.ss0, esp0 = tss.esp0;

    set_call_gate(SPARE, CODE0 + 16, addr(there), D_GATE32 | D_DPL3, 3);
    tss.ss1 = ss;
    tss.esp1 = esp;
    go(what, 3, SPARE, call);
    tss.ss0 = ss0;
    tss.esp0 = esp0;
}

static void stacks(void)
{
    uint32_t top = addr(test_stack) + 256;

    bad_stack("inner stack 1", DATA0 + 16 + 1, top);
    bad_stack("inner stack: null", 0, top);
    bad_stack("inner stack: RPL 0", DATA0 + 16, top);
    bad_stack("inner stack: DPL 0", DATA0 + 1, top);
    bad_stack("inner stack: code", CODE0 + 16 + 1, top);
    bad_stack("inner stack: beyond", GDT_ENTRIES * 8 + 1, top);
    set_descriptor(SPARE + 8, 0, 0xfffff, (D_DATA | D_DPL1) & ~0x80);
    bad_stack("inner stack: absent", (SPARE + 8) | 1, top);
    set_descriptor(SPARE + 8, 0, 0xfffff, 0xc090 | D_DPL1);
    bad_stack("inner stack: read-only", (SPARE + 8) | 1, top);
    set_descriptor(TSS_OTHER, addr(&tss), 0x10, D_TSS32);
    load_task(TSS_OTHER);
    bad_stack("inner stack: short TSS", DATA0 + 16 + 1, top);
    set_descriptor(TSS_MAIN, addr(&tss), sizeof(tss) - 1, D_TSS32);
    load_task(TSS_MAIN);
}

static void out_to(const char *what, unsigned cpl, uint32_t cs, uint32_t ss)
{
    at(cpl);
    in.eax = cs;
    in.ebx = addr(there);
    in.edx = ss;
    run(outward);
    if (got.vector == 3) {
        say("%s: cs %h ss %h ds %h es %h esp %x\n", what, got.cs, got.ss, got.ds, got.es, got.esp);
    } else {
        outcome(what, outward, outward);
    }
}

static void returns(void)
{
    at(3);
    run(ret_here);
    outcome("lret, same level", ret_here, ret_here_end);
    out_to("lret to level 3", 0, CODE3, DATA3);
    out_to("lret to level 1", 0, CODE0 + 16 + 1, DATA0 + 16 + 1);
    out_to("lret inward", 3, CODE0, DATA0);
    out_to("lret, CS RPL not DPL", 0, CODE3 & ~1, DATA3);
    out_to("lret, null CS", 0, 0, DATA3);
    out_to("lret, data in CS", 0, DATA3, DATA3);
    out_to("lret, null SS", 0, CODE3, 0);
    out_to("lret, SS of level 0", 0, CODE3, DATA0);
    out_to("lret, SS RPL not CS's", 0, CODE3, DATA3 & ~3);
    out_to("lret, code in SS", 0, CODE3, CODE3);
    set_descriptor(SPARE, 0, 0xfffff, (D_DATA | D_DPL3) & ~0x80);
    out_to("lret, absent SS", 0, CODE3, SPARE | 3);
    set_descriptor(SPARE, 0, 0xfffff, (D_CODE | D_DPL3) & ~0x80);
    out_to("lret, absent CS", 0, SPARE | 3, DATA3);
}

int main(void)
{
    segments();
    gates();
    inward();
    stacks();
    returns();
    return 0;
}
