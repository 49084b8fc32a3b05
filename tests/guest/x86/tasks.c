/* SPDX-License-Identifier: MIT */
/* tasks.c - task switches by JMP, CALL, IRET, INT and exceptions; Vol. 3 chapter 7. */
#include "guest.h"

static Tss other;
static uint16_t other16[22];
struct {
    uint32_t offset;
    uint16_t selector;
} pointer;

SNIPPET(jump, "ljmp *%cs:pointer");
SNIPPET(call, "lcall *%cs:pointer\n mov $0x5a5a, %eax");
SNIPPET(int41, "int $0x41\n mov $0x5a5a, %eax");
SNIPPET(ud, "ud2");
SNIPPET(there, "nop\n int3");
SNIPPET(return_, "mov $7, %ebx\n iretl\n mov $8, %ebx\n iretl");
SNIPPET(pops, "pop %ecx\n int3");

static uint32_t type_of(uint32_t selector) { return (uint32_t)(gdt[selector >> 3] >> 40) & 0xff; }

/* A task that begins at @code, at privilege level @cpl. */
static void set_task(const void *code, unsigned cpl)
{
    uint32_t data = DATA0 + 16 * cpl + cpl;

    for (unsigned i = 0; i < sizeof(other) / 4; i++) {
        ((volatile uint32_t *)&other)[i] = 0;
    }
    other.eip = addr(code);
    other.eflags = 2;
    other.cs = CODE0 + 16 * cpl + cpl;
    other.ds = other.es = other.fs = other.gs = other.ss = data;
    other.r[4] = addr(test_stack) + 1024;
    other.r[0] = 0xa0a0a0a0;
    other.r[3] = 0xb0b0b0b0;
    other.ss0 = DATA0;
    other.esp0 = addr(inner_top);
    other.map = 0xffff;
    set_descriptor(TSS_OTHER, addr(&other), 0x67, D_TSS32);
    set_descriptor(TSS_MAIN, addr(&tss), sizeof(tss) - 1, D_TSS32);
    load_task(TSS_MAIN);
}

static void report(const char *what, const void *code, const void *end)
{
    uint32_t tr, cr0;

    __asm__ volatile("str %0" : "=r"(tr));
    __asm__ volatile("mov %%cr0, %0\n clts" : "=r"(cr0));
    ended(what, code, end);
    say(", tr %h cs %h eflags %x eax %x ebx %x, TS %u\n", tr, got.cs, got.eflags & ~RF, got.eax,
        got.ebx, cr0 >> 3 & 1);
    say("  types: main %x other %x; link %h, NT saved: main %u other %u\n", type_of(TSS_MAIN),
        type_of(TSS_OTHER), other.link, tss.eflags >> 14 & 1, other.eflags >> 14 & 1);
}

static void to(const char *what, uint32_t selector, const void *code, const void *end)
{
    at(0);
    pointer.selector = (uint16_t)selector;
    in.eax = 0x11;
    in.ebx = 0x22;
    run(code);
    report(what, code, end);
}

static void switches(void)
{
    set_task(there, 0);
    to("jmp", TSS_OTHER, jump, jump_end);
    say("  saved: eip +%u eax %x cs %h ss %h\n", tss.eip - addr(jump), tss.r[0], tss.cs, tss.ss);
    set_task(there, 3);
    to("jmp to level 3", TSS_OTHER, jump, jump_end);
    set_task(there, 0);
    to("call", TSS_OTHER, call, call_end);
    set_task(return_, 0);
    to("call and iret", TSS_OTHER, call, call_end);
    say("  other stopped at +%u\n", other.eip - addr(return_));
    set_descriptor(TSS_OTHER, addr(&other), 0x67, D_TSS32);
    to("again", TSS_OTHER, call, call_end);
    set_task(return_, 0);
    set_gate(0x41, TSS_OTHER, 0, 0xe5);
    to("int through a task gate", 0, int41, int41_end);
    set_task(pops, 0);
    set_gate(6, TSS_OTHER, 0, 0x85);
    to("#UD through a task gate", 0, ud, ud_end);
    set_gate(6, CODE0, addr(handlers) + 16 * 6, 0x8e);
    set_task(pops, 0);
    set_gate(13, TSS_OTHER, 0, 0x85);
    pointer.selector = GDT_ENTRIES * 8;
    to("#GP through a task gate", GDT_ENTRIES * 8, jump, jump_end);
    say("  error code %x\n", got.ecx);
    set_gate(13, CODE0, addr(handlers) + 16 * 13, 0x8e);
    set_task(there, 0);
    set_call_gate(SPARE, TSS_OTHER, 0, 0x85 | D_DPL3, 0);
    to("jmp to a task gate", SPARE, jump, jump_end);
    set_task(there, 0);
    other.trap = 1;
    to("jmp to a task with T", TSS_OTHER, jump, jump_end);
}

/* Exceptions whose task gates lead to tasks that are none: EXT. */
static void bad_gates(void)
{
    set_task(there, 0);
    set_descriptor(TSS_OTHER, addr(&other), 0x66, D_TSS32);
    set_gate(6, TSS_OTHER, 0, 0x85);
    to("#UD to a short task", 0, ud, ud_end);
    set_task(there, 3);
    other.ds = TSS_MAIN;
    to("#UD to a task with a TSS in DS", 0, ud, ud_end);
    set_gate(6, CODE0, addr(handlers) + 16 * 6, 0x8e);
}

static void wrong(const char *what, uint32_t selector)
{
    to(what, selector, jump, jump_end);
    set_task(there, 3); /* the handler is on an inner stack: SS need not be sound */
}

static void errors(void)
{
    set_task(there, 3);
    set_descriptor(TSS_OTHER, addr(&other), 0x67, D_TSS32 | 2);
    wrong("busy", TSS_OTHER);
    set_descriptor(TSS_OTHER, addr(&other), 0x67, D_TSS32 & ~0x80);
    wrong("absent", TSS_OTHER);
    set_descriptor(TSS_OTHER, addr(&other), 0x66, D_TSS32);
    wrong("short", TSS_OTHER);
    set_descriptor(4, addr(&other), 0x67, D_TSS32);
    wrong("local", 4);
    set_call_gate(SPARE, 4, 0, 0x85, 0);
    wrong("gate to local", SPARE);
    set_call_gate(SPARE, 0, 0, 0x85, 0);
    wrong("gate to null", SPARE);
    other.cs = 3;
    wrong("null CS", TSS_OTHER);
    other.cs = DATA3;
    wrong("data in CS", TSS_OTHER);
    other.cs = CODE0 | 3;
    wrong("CS RPL not DPL", TSS_OTHER);
    other.ss = 0;
    wrong("null SS", TSS_OTHER);
    other.ss = DATA0;
    wrong("SS of level 0", TSS_OTHER);
    other.ds = TSS_MAIN;
    wrong("a TSS in DS", TSS_OTHER);
    set_descriptor(SPARE, 0, 0xfffff, (D_DATA | D_DPL3) & ~0x80);
    other.es = SPARE | 3;
    wrong("absent ES", TSS_OTHER);
    other.ldt = DATA0;
    wrong("data in LDTR", TSS_OTHER);
    set_descriptor(SPARE, 0, 0xff, 0x409a | D_DPL3);
    other.cs = SPARE | 3;
    wrong("EIP beyond CS", TSS_OTHER);
}

/* IRET with NT set: the instruction itself is at level 0, entered by IRET with NT clear. */
SNIPPET(nested_iret, "pushf\n orl $0x4000, (%esp)\n popf\n iretl");

static void links(void)
{
    set_task(there, 0);
    tss.link = DATA0;
    to("iret to data", 0, nested_iret, nested_iret_end);
    set_task(there, 0);
    tss.link = TSS_OTHER;
    to("iret to a task that is not busy", 0, nested_iret, nested_iret_end);
    set_task(there, 0);
    tss.link = 0;
    to("iret to null", 0, nested_iret, nested_iret_end);
    set_task(there, 0);
    set_descriptor(TSS_OTHER, addr(&other), 0x67, D_TSS32 | 2);
    tss.link = TSS_OTHER;
    to("iret to a busy task", 0, nested_iret, nested_iret_end);
}

/* A 16-bit TSS, Vol. 3 figure 7-10: ip at 14, flags, registers, es cs ss ds, ldt. */
static void narrow(void)
{
    set_task(there, 0);
    for (unsigned i = 0; i < 22; i++) {
        other16[i] = 0;
    }
    for (unsigned i = 0; i < 64; i++) {
        ((volatile uint8_t *)LOW)[i] = ((const uint8_t *)there)[i];
    }
    other16[7] = LOW;
    other16[8] = 2;
    other16[9] = 0x1234;           /* AX */
    other16[12] = 0x5678;          /* BX */
    other16[13] = LOW_STACK + 256; /* SP */
    other16[17] = DATA0;
    other16[18] = CODE0;
    set_descriptor(SPARE, 0, 0xffff, 0x92);
    other16[19] = SPARE;
    other16[20] = DATA0;
    set_descriptor(TSS_16, addr(other16), 0x2b, D_TSS16);
    to("jmp to a 16-bit task", TSS_16, jump, jump_end);
    say("  fs %h gs %h ss %h\n", got.fs, got.gs, got.ss);
    set_descriptor(TSS_16, addr(other16), 0x2a, D_TSS16);
    set_task(there, 0);
    to("short 16-bit", TSS_16, jump, jump_end);
}

int main(void)
{
    switches();
    bad_gates();
    errors();
    links();
    narrow();
    return 0;
}
