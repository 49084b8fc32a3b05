/* SPDX-License-Identifier: MIT */
/*
 * limits.c - limits, types and wrap of accesses through segments, Vol. 3 5.3, 5.5.
 * qemu: no, its translator checks neither limits nor types
 */
#include "guest.h"

static uint32_t data[16];

SNIPPET(load8, "movb %fs:(%ebx), %al");
SNIPPET(load16, "movw %fs:(%ebx), %ax");
SNIPPET(load32, "movl %fs:(%ebx), %eax");
SNIPPET(store32, "movl %eax, %fs:(%ebx)");
SNIPPET(add32, "addl %eax, %fs:(%ebx)");
SNIPPET(ss_load, "movl %ss:(%ebx), %eax");
SNIPPET(cs_load, "movl %cs:(%ebx), %eax");
SNIPPET(cs_store, "movl %eax, %cs:(%ebx)");
SNIPPET(a16_load, "addr16 movl %fs:2(%bx), %eax");
SNIPPET(movs, "movsl %fs:(%esi), %es:(%edi)");
SNIPPET(push_eax, "push %eax");
SNIPPET(call_near, "call . + 5");

static void access(const char *what, uint32_t selector, uint32_t offset, const void *code,
                   const void *end)
{
    at(3);
    in.fs = selector;
    in.ebx = offset;
    run(code);
    outcome(what, code, end);
}

/* '+' for each of a byte, a word and a long that may be read. */
static void limits(const char *what, uint32_t limit, uint32_t bytes)
{
    static const uint32_t offsets[] = { 0,      1,       0xffc,    0xffd,      0xffe,
                                        0xfff,  0x1000,  0x1001,   0xfffc,     0xfffd,
                                        0xffff, 0x10000, 0xffffff, 0x7fffffff, 0xfffffffc };
    static const char *const code[] = { load8, load16, load32 };

    set_descriptor(SPARE, 0x200000, limit, bytes | D_DPL3);
    say("%s\n", what);
    for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        say(" %x ", offsets[i]);
        for (unsigned k = 0; k < 3; k++) {
            at(3);
            in.fs = SPARE | 3;
            in.ebx = offsets[i];
            run(code[k]);
            say(got.vector == 3 ? "+" : got.vector == 13 && got.error == 0 ? "-" : "?");
        }
        say("\n");
    }
}

/* Pushes near the ends of stacks, of 16 and 32 bits, at CPL 3. */
static void stack(const char *what, uint32_t limit, uint32_t bytes, uint32_t esp)
{
    set_descriptor(SPARE, 0x300000, limit, bytes | D_DPL3);
    for (unsigned i = 0; i < 2; i++) {
        at(3);
        in.ss = SPARE | 3;
        in.esp = esp;
        run(i ? call_near : push_eax);
        ended(what, i ? call_near : push_eax, i ? call_near_end : push_eax_end);
        say(", esp %x -> %x\n", esp, got.esp);
    }
}

static void rights(void)
{
    set_descriptor(SPARE, addr(data), 63, 0x4090 | D_DPL3);
    access("read-only data: load", SPARE | 3, 0, load32, load32_end);
    access("read-only data: store", SPARE | 3, 0, store32, store32_end);
    access("read-only data: add", SPARE | 3, 0, add32, add32_end);
    set_descriptor(SPARE, addr(data), 63, 0x409a | D_DPL3);
    access("readable code: load", SPARE | 3, 0, load32, load32_end);
    access("readable code: store", SPARE | 3, 0, store32, store32_end);
    access("null: load", 0, 0, load32, load32_end);
    access("null: store", 3, 0, store32, store32_end);
    access("cs: load", DATA3, addr(data), cs_load, cs_load_end);
    access("cs: store", DATA3, addr(data), cs_store, cs_store_end);
    set_descriptor(SPARE, 0, 0xfffff, (D_CODE & ~2) | D_DPL3);
    at(3);
    in.cs = SPARE | 3;
    in.ebx = addr(data);
    run(cs_load);
    outcome("cs, execute only: load", cs_load, cs_load_end);
    set_descriptor(SPARE, addr(data), 0xffff, 0x4092 | D_DPL3);
    in = (Context){ 0 };
    at(3);
    in.fs = SPARE | 3;
    in.ebx = 0xffff;
    run(a16_load);
    outcome("16-bit address: load wraps", a16_load, a16_load_end);
    set_descriptor(SPARE, addr(data), 3, 0x4092 | D_DPL3);
    at(3);
    in.fs = SPARE | 3;
    in.esi = 4;
    in.edi = addr(data);
    run(movs);
    outcome("movs: source", movs, movs_end);
    at(3);
    in.es = SPARE | 3;
    in.fs = DATA3;
    in.esi = addr(data);
    in.edi = 1;
    run(movs);
    outcome("movs: destination", movs, movs_end);
    say("esi %x edi %x\n", got.esi - addr(data), got.edi);
}

int main(void)
{
    limits("limit 0fff", 0xfff, 0x4092);
    limits("limit 0fff pages", 0xf, 0xc092);
    limits("limit 4 GiB", 0xfffff, 0xc092);
    limits("expand-down from 1000, 64 KiB", 0xfff, 0x0096);
    limits("expand-down from 1000, 4 GiB", 0xfff, 0x4096);
    limits("expand-down from 10000, 64 KiB", 0xffff, 0x0096);
    limits("expand-down, none", 0xfffff, 0xc096);
    rights();
    stack("stack, 32 bits", 0xfff, 0x4092, 0x1000);
    stack("stack, 32 bits", 0xfff, 0x4092, 0x1002);
    stack("stack, 32 bits", 0xfff, 0x4092, 0x2);
    stack("stack, 16 bits", 0xffff, 0x0092, 0x12340002);
    stack("stack, 16 bits", 0xffff, 0x0092, 0x12340000);
    stack("stack, 16 bits", 0xfff, 0x0092, 0x12340000);
    stack("stack, down", 0xfff, 0x4096, 0x1004);
    stack("stack, down", 0xfff, 0x4096, 0x1000);
    stack("stack, down", 0xfff, 0x4096, 0x1006);
    at(3);
    in.ebx = 0xffffffff;
    in.ss = SPARE | 3;
    run(ss_load);
    outcome("ss load", ss_load, ss_load_end);
    return 0;
}
