/* SPDX-License-Identifier: MIT */
/* guest.c - what the x86 guest programs share; see guest.h. */
#include "guest.h"

#include <stdarg.h>

_Static_assert(offsetof(Context, handler_flags) == C_HANDLER_FLAGS, "offsets.h");
_Static_assert(sizeof(Context) == C_SIZE, "offsets.h");

enum { COM1 = 0x3f8, CONFIG = 0xcf8, PM = 0x600 };

uint64_t gdt[GDT_ENTRIES], ldt[8], idt[VECTORS];
Tss tss;
__attribute__((aligned(4096))) uint8_t test_stack[TEST_STACK];

void enter(void);
void caught(void);

/* ---- text ---- */

static void put(char c) { out8(COM1, (uint8_t)c); }

static void number(uint32_t v, uint32_t base, uint32_t digits)
{
    char text[12];
    uint32_t n = 0;

    do {
        text[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v || n < digits);
    while (n > 0) {
        put(text[--n]);
    }
}

void say(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
        } else if (*++format == 'x') {
            number(va_arg(ap, uint32_t), 16, 8);
        } else if (*format == 'h') {
            number(va_arg(ap, uint32_t) & 0xffff, 16, 4);
        } else if (*format == 'u') {
            number(va_arg(ap, uint32_t), 10, 1);
        } else {
            for (const char *s = va_arg(ap, const char *); *s; s++) {
                put(*s);
            }
        }
    }
    va_end(ap);
}

/* PIIX4's power management, 00:01.3: soft-off. */
_Noreturn void power_off(void)
{
    out32(CONFIG, 0x80000b40);
    out32(CONFIG + 4, PM | 1);
    out32(CONFIG, 0x80000b80);
    out8(CONFIG + 4, 1);
    out16(PM + 4, 0x2000);
    for (;;) {
    }
}

/* ---- descriptors ---- */

void set_descriptor(uint32_t selector, uint32_t base, uint32_t limit, uint32_t bytes)
{
    uint64_t *table = selector & 4 ? ldt : gdt;
    uint32_t high = (base & 0xff000000) | (base >> 16 & 0xff) | (limit & 0xf0000) | bytes << 8;

    table[selector >> 3] = (uint64_t)high << 32 | base << 16 | (limit & 0xffff);
}

void set_call_gate(uint32_t selector, uint32_t to, uint32_t offset, uint32_t type, uint32_t params)
{
    uint64_t *table = selector & 4 ? ldt : gdt;
    uint32_t high = (offset & 0xffff0000) | type << 8 | params;

    table[selector >> 3] = (uint64_t)high << 32 | to << 16 | (offset & 0xffff);
}

void set_gate(unsigned vector, uint32_t to, uint32_t offset, uint32_t type)
{
    idt[vector] = (uint64_t)((offset & 0xffff0000) | type << 8) << 32 | to << 16
                  | (offset & 0xffff);
}

static void load_table(bool interrupts, const void *table, uint32_t limit)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) pointer = { (uint16_t)limit, addr(table) };

    if (interrupts) {
        __asm__ volatile("lidt %0" : : "m"(pointer));
    } else {
        __asm__ volatile("lgdt %0" : : "m"(pointer));
    }
}

void load_idt(uint32_t limit) { load_table(true, idt, limit); }

/* Exceptions that no program may enter by INT have gates of privilege level 0. */
static void set_handlers(void)
{
    for (unsigned v = 0; v < VECTORS; v++) {
        uint32_t dpl = v == 3 || v == 4 || v >= 0x20 ? D_DPL3 : 0;

        if (v < VECTOR16) {
            set_gate(v, CODE0, addr(handlers) + 16 * v, 0x8e | dpl);
        } else {
            set_gate(v, CODE_HANDLERS, 16 * v, 0x86 | dpl);
        }
    }
    load_idt(sizeof(idt) - 1);
}

void set_up(void)
{
    for (uint32_t cpl = 0; cpl < 4; cpl++) {
        set_descriptor(CODE0 + 16 * cpl, 0, 0xfffff, D_CODE | cpl << 5);
        set_descriptor(DATA0 + 16 * cpl, 0, 0xfffff, D_DATA | cpl << 5);
    }
    set_descriptor(TSS_MAIN, addr(&tss), sizeof(tss) - 1, D_TSS32);
    set_descriptor(CODE_HANDLERS, addr(handlers), 0xffff, D_CODE);
    set_descriptor(LDT, addr(ldt), sizeof(ldt) - 1, D_LDT);
    load_table(false, gdt, sizeof(gdt) - 1);
    __asm__ volatile("ljmp %0, $1f\n1: mov %1, %%ds\n mov %1, %%es\n mov %1, %%fs\n"
                     "mov %1, %%gs\n mov %1, %%ss"
                     :
                     : "i"(CODE0), "r"(DATA0));
    tss.ss0 = DATA0;
    tss.esp0 = addr(inner_top);
    tss.map = sizeof(tss);
    load_task(TSS_MAIN);
    __asm__ volatile("lldt %w0" : : "r"(LDT));
    set_handlers();
    out8(0x21, 0xff); /* no interrupt but what a program asks for */
    out8(0xa1, 0xff);
}

/* ---- entering, and what comes back ---- */

void at(unsigned cpl)
{
    uint32_t data = DATA0 + 16 * cpl + cpl;

    in = (Context){ .cs = CODE0 + 16 * cpl + cpl,
                    .eflags = 2,
                    .esp = addr(test_stack) + TEST_STACK };
    in.ds = in.es = in.fs = in.gs = in.ss = data;
}

void at_vm86(unsigned iopl)
{
    in = (Context){ .cs = LOW >> 4, .eflags = VM | IOPL1 * iopl | 2, .esp = 0x800 };
    in.ds = in.es = in.fs = in.gs = LOW >> 4;
    in.ss = LOW_STACK >> 4;
}

void run(const void *code)
{
    in.eip = addr(code);
    enter();
}

void run_low(const void *code)
{
    const uint8_t *from = code;

    for (unsigned i = 0; i < 256; i++) {
        ((volatile uint8_t *)LOW)[i] = from[i];
    }
    in.eip = 0;
    enter();
}

void again(void)
{
    in = got;
    enter();
}

static uint32_t stack_address(void)
{
    const uint64_t *table = got.ss & 4 ? ldt : gdt;
    uint32_t low = (uint32_t)table[got.ss >> 3], high = (uint32_t)(table[got.ss >> 3] >> 32);
    uint32_t base = low >> 16 | (high & 0xff) << 16 | (high & 0xff000000);

    return base + (high & 1u << 22 ? got.esp : got.esp & 0xffff);
}

/* The frame that the handler found on the stack it was entered on, of 16 or of 32 bits. */
static uint32_t pop(uint32_t *from, unsigned bytes)
{
    uint32_t v = bytes == 2 ? *(const uint16_t *)*from : *(const uint32_t *)*from;

    *from += bytes;
    return v;
}

void caught(void)
{
    uint32_t sp = stack_address(), start = sp;
    unsigned bytes;

    got.handler_esp = got.esp;
    got.vector = pop(&sp, 4);
    got.error = pop(&sp, 4);
    bytes = got.vector >= VECTOR16 ? 2 : 4;
    got.eip = pop(&sp, bytes);
    got.cs = pop(&sp, bytes) & 0xffff;
    got.eflags = pop(&sp, bytes);
    got.outer = (got.eflags & VM) || (got.cs & 3) > (got.handler_cs & 3);
    got.esp += sp - start;
    if (got.outer) {
        got.esp = pop(&sp, bytes);
        got.ss = pop(&sp, bytes) & 0xffff;
    }
    if (got.eflags & VM) {
        got.es = pop(&sp, bytes) & 0xffff;
        got.ds = pop(&sp, bytes) & 0xffff;
        got.fs = pop(&sp, bytes) & 0xffff;
        got.gs = pop(&sp, bytes) & 0xffff;
    }
    __asm__ volatile("mov %%cr2, %0" : "=r"(got.cr2));
}

static bool has_error(unsigned v) { return v == 8 || (v >= 10 && v <= 14) || v == 17; }

void ended(const char *what, const void *code, const void *end)
{
    static const char *const names[20] = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9",
        "#TS", "#NP", "#SS", "#GP", "#PF", "15",  "#MF", "#AC", "#MC", "#XM",
    };
    bool low = (got.eflags & VM) || got.cs == LOW >> 4;
    uint32_t eip = got.eip - (low ? 0 : addr(code)), last = addr(end) - addr(code);

    say("%s: ", what);
    if (got.vector == 3 && eip == last + 1) {
        say("done");
        return;
    }
    if (got.vector < 20) {
        say("%s", names[got.vector]);
    } else {
        say("interrupt %u", got.vector);
    }
    if (has_error(got.vector)) {
        say("(%h)", got.error);
    }
    if (eip < 0x400) {
        say(" at +%u", eip);
    } else {
        say(" at %x", got.eip);
    }
}

void outcome(const char *what, const void *code, const void *end)
{
    ended(what, code, end);
    say("\n");
}
