/* SPDX-License-Identifier: MIT */
/* trace.c - TF, RF, debug registers, what holds debug exceptions off; Vol. 3 17, 6.8.3. */
#include "guest.h"

uint32_t watched[4];

SNIPPET(plain, "nop\n mov $1, %eax\n add %eax, %eax\n nop");
SNIPPET(by_popf,
        "pushfl\n orl $0x100, (%esp)\n popfl\n nop\n pushfl\n andl $~0x100, (%esp)\n popfl\n"
        "nop\n nop");
SNIPPET(mov_ss, "mov %ss, %eax\n mov %eax, %ss\n nop\n nop");
SNIPPET(pop_ss, "push %ss\n pop %ss\n inc %ecx\n nop");
SNIPPET(lss_, "push %ss\n push %esp\n addl $4, (%esp)\n lss (%esp), %esp\n nop\n nop");
SNIPPET(sti_, "sti\n nop\n nop");
SNIPPET(rep_, "mov $3, %ecx\n rep stosb\n nop");
SNIPPET(int_, "nop\n int $0x40\n nop");
SNIPPET(iret_, "pushfl\n push %cs\n push $1f\n iretl\n nop\n1: nop\n nop");
SNIPPET(iret_rf, "pushfl\n orl $0x10000, (%esp)\n push %cs\n push $1f\n iretl\n nop\n1: nop\n nop");
SNIPPET(jump, "jmp 1f\n nop\n2: ret\n1: call 2b\n nop");
SNIPPET(fault, "nop\n ud2");
SNIPPET(touch,
        "nop\n mov %eax, watched+4\n nop\n mov watched+6, %bl\n nop\n mov %al, watched+3\n nop\n"
        "movw %ax, watched+3\n nop");
SNIPPET(twice, "addl $1, watched+4\n nop\n push watched+4\n nop");
SNIPPET(ports, "outb %al, $0x84\n nop\n inb $0x85, %al\n nop\n outb %al, $0x88\n nop");
SNIPPET(move, "mov $watched+4, %esi\n mov $watched+8, %edi\n movsl\n nop\n mov $watched, %esi\n"
              "mov $4, %ecx\n rep lodsl\n nop");
SNIPPET(to_dr, "mov %eax, %dr0");
SNIPPET(from_dr, "mov %dr7, %eax");
SNIPPET(from_dr4, "mov %dr4, %eax");
SNIPPET(ss_touch, "mov watched+4, %ss\n nop\n nop");

#define DR(n) \
    static uint32_t get_dr##n(void) \
    { \
        uint32_t v; \
        __asm__ volatile("mov %%dr" #n ", %0" : "=r"(v)); \
        return v; \
    } \
    static void set_dr##n(uint32_t v) { __asm__ volatile("mov %0, %%dr" #n : : "r"(v)); }
DR(0)
DR(6)
DR(7)

static void set_de(bool on)
{
    uint32_t v;

    __asm__ volatile("mov %%cr4, %0" : "=r"(v));
    v = on ? v | 8 : v & ~8u;
    __asm__ volatile("mov %0, %%cr4" : : "r"(v));
}

/* Goes on from each #DB up to @most times; says where they were and DR6. */
static void follow(const char *what, const void *code, unsigned most)
{
    uint32_t dr7 = get_dr7();

    say("%s:", what);
    set_dr6(0);
    run(code);
    for (unsigned i = 0; got.vector == 1 && i < most; i++) {
        say(" +%u", got.eip - addr(code));
        say(get_dr6() & 0x4000 ? "s" : "");
        for (unsigned n = 0; n < 4; n++) {
            say(get_dr6() >> n & 1 ? "b" : "");
        }
        say(got.eflags & RF ? "R" : "");
        set_dr6(0);
        set_dr7(dr7);
        got.eflags |= RF;
        again();
    }
    say(", then vector %u at +%u, dr6 %x\n", got.vector, got.eip - addr(code), get_dr6());
}

static void step(const char *what, const void *code)
{
    for (unsigned cpl = 0; cpl < 4; cpl += 3) {
        say("CPL %u ", cpl);
        at(cpl);
        in.edi = addr(watched);
        in.eflags |= TF | IOPL3;
        follow(what, code, 20);
    }
}

static void steps(void)
{
    step("plain", plain);
    step("mov ss", mov_ss);
    step("pop ss", pop_ss);
    step("lss", lss_);
    step("sti", sti_);
    step("rep stosb", rep_);
    step("int 40", int_);
    step("iret", iret_);
    step("iret with RF", iret_rf);
    step("jmp, call, ret", jump);
    step("ud2", fault);
    at(0);
    follow("set by popf", by_popf, 20);
}

/* Breakpoints on execution: a fault ahead of the instruction, RF hides it. */
static void execution(void)
{
    set_dr0(addr(plain) + 1);
    set_dr7(1);
    at(3);
    follow("on the second", plain, 5);
    at(3);
    in.eflags |= TF;
    follow("on the second, TF", plain, 9);
    set_dr0(addr(plain));
    at(3);
    follow("on the first", plain, 5);
    at(3);
    in.eflags |= RF;
    follow("on the first, RF", plain, 5);
    set_dr0(addr(plain) + 2);
    at(3);
    follow("inside the second", plain, 5);
    set_dr0(addr(mov_ss) + 4);
    at(0);
    follow("behind mov ss", mov_ss, 5);
    set_dr0(addr(fault) + 1);
    at(3);
    follow("on ud2", fault, 5);
    say("its RF %u\n", got.eflags >> 16 & 1);
    set_dr0(addr(int_) + 1);
    at(3);
    follow("on int 40", int_, 5);
    say("its RF %u\n", got.eflags >> 16 & 1);
    set_dr7(0);
    at(3);
    run(fault);
    say("RF of a fault %u", got.eflags >> 16 & 1);
    at(3);
    in.eflags |= RF;
    run(int_);
    say(", of int 40 after RF %u\n", got.eflags >> 16 & 1);
}

/* Breakpoints on data: a trap behind the instruction. */
static void data(void)
{
    static const char *const name[] = { "write", "port", "read or write" };

    for (uint32_t kind = 1; kind < 4; kind += 2) {
        for (uint32_t length = 0; length < 4; length += length ? 2 : 1) {
            set_dr0(addr(watched) + 4);
            set_dr7(1 | kind << 16 | length << 18);
            at(3);
            say("%u bytes, ", length + 1);
            follow(name[kind - 1], touch, 9);
        }
    }
    at(3);
    in.eflags |= TF;
    follow("TF too", touch, 12);
    set_dr7(1 | 3u << 16 | 3u << 18);
    at(3);
    follow("add", twice, 9);
    at(3);
    follow("strings", move, 9);
    set_dr7(0);
    watched[1] = DATA0;
    set_dr7(1 | 3u << 16 | 3u << 18);
    at(0);
    follow("mov ss from there", ss_touch, 9);
}

static void port(bool de)
{
    set_dr7(0);
    set_de(de);
    set_dr0(0x84);
    set_dr7(1 | 2u << 16 | 1u << 18);
    at(0);
    follow(de ? "ports 84, 85" : "no DE", ports, 9);
    set_dr7(0);
    set_de(false);
}

static void registers(void)
{
    set_dr6(0xffffffff);
    set_dr7(0xffffdc00);
    say("dr6 %x dr7 %x\n", get_dr6(), get_dr7());
    set_dr6(0);
    set_dr7(0);
    say("dr6 %x dr7 %x dr0 %x\n", get_dr6(), get_dr7(), get_dr0());
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        at(cpl);
        run(to_dr);
        outcome("mov to dr0", to_dr, to_dr_end);
    }
    at(0);
    run(from_dr4);
    ended("dr4", from_dr4, from_dr4_end);
    say(", %x\n", got.eax);
    set_de(true);
    at(0);
    run(from_dr4);
    outcome("dr4, DE", from_dr4, from_dr4_end);
    set_de(false);
    set_dr7(0x2000);
    at(0);
    run(from_dr);
    ended("dr7, GD", from_dr, from_dr_end);
    say(", dr6 %x dr7 %x\n", get_dr6(), get_dr7());
}

int main(void)
{
    registers();
    set_dr6(0);
    steps();
    execution();
    data();
    port(false);
    port(true);
    return 0;
}
