/* SPDX-License-Identifier: MIT */
/* told.c - a kernel for a PC that says on COM1 what it was told, and ends with status 43. */
#include <stdint.h>

enum { COM1 = 0x3f8, LSR = 5, LSR_THRE = 0x20, EXIT_PORT = 0x501, EXIT_VALUE = 21 };
enum { RAM = 1, MULTIBOOT_EAX = 0x2badb002, PVH_MAGIC = 0x336ec578 };

/* Multiboot 0.6.96, 3.1: with addresses where the file is not ELF. */
#if FLAT
#define FLAGS 0x10003
#else
#define FLAGS 0x3
#endif
extern char image_start[], image_end[], bss_end[];
void entry(void);
/* The header's own place, the load address, the ends of data and bss, the entry. */
__attribute__((section(".head"), used)) const struct {
    uint32_t magic, flags, checksum;
    const void *header, *load, *load_end, *bss_end;
    void (*entry)(void);
} header = {
#if PVH
    0,       0,           0,
#else
    0x1badb002, FLAGS,       0u - 0x1badb002u - FLAGS,
#endif
    &header, image_start, image_end, bss_end, entry
};

/* Xen's note 18: the 32-bit entry. */
__attribute__((section(".note"), used)) static const struct {
    uint32_t name, desc, type;
    char text[4];
    void (*entry)(void);
} note = { 4, 4, 18, "Xen", entry };

static uint32_t in_bss[64];
__attribute__((used)) static char stack[4096];

__asm__(".globl entry\n"
        "entry: mov $stack_end, %esp\n"
        "push $0; popf\n"
        "push %ebx; push %eax; call told\n");
__asm__(".globl stack_end\n.set stack_end, stack + 4096\n");

static void out(uint16_t port, uint8_t v) { __asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port)); }

static uint8_t in(uint16_t port)
{
    uint8_t v;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static void say(const char *text)
{
    for (; *text; text++) {
        while ((in(COM1 + LSR) & LSR_THRE) == 0) {
        }
        out(COM1, (uint8_t)*text);
    }
}

static void say_number(const char *what, uint32_t v)
{
    char digits[12], *p = digits + sizeof(digits) - 1;

    *p = '\0';
    do {
        *--p = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    say(what);
    say(p);
}

static uint32_t word(uint32_t at, unsigned i) { return ((const volatile uint32_t *)at)[i]; }

/* @first: of an entry, the word that the base is at. */
static void say_map(uint32_t at, uint32_t n, unsigned first)
{
    uint64_t ram = 0, end = 0;
    uint32_t in_order = 1;

    for (uint32_t i = 0; i < n; i++, at += 24) {
        uint64_t base = word(at, first) | (uint64_t)word(at, first + 1) << 32;
        uint64_t bytes = word(at, first + 2) | (uint64_t)word(at, first + 3) << 32;

        in_order &= base >= end;
        end = base + bytes;
        ram += word(at, first + 4) == RAM ? bytes : 0;
    }
    say_number("map: in order ", in_order);
    say_number(", MiB of RAM ", (uint32_t)((ram + 0xfffff) >> 20));
    say("\n");
}

/* ACPI 5.2.5.3 */
static uint32_t is_rsdp(uint32_t at)
{
    uint8_t sum = 0;

    for (unsigned i = 0; i < 20; i++) {
        sum += ((const volatile uint8_t *)at)[i];
    }
    return word(at, 0) == 0x20445352 && word(at, 1) == 0x20525450 && sum == 0;
}

static uint32_t find_rsdp(void)
{
    uint32_t at = 0xe0000;

    while (at < 0x100000 && !is_rsdp(at)) {
        at += 16;
    }
    return at < 0x100000 ? at : 0;
}

static void say_module(uint32_t start, uint32_t bytes)
{
    say_number("module: bytes ", bytes);
    say(", ");
    say((const char *)start);
}

static void say_state(void)
{
    uint32_t cr0, flags;
    uint16_t cs, ds;

    __asm__ volatile("mov %%cr0, %0; pushf; pop %1" : "=r"(cr0), "=r"(flags));
    __asm__ volatile("mov %%cs, %0; mov %%ds, %1" : "=r"(cs), "=r"(ds));
    say_number("state: protected ", cr0 & 1);
    say_number(", paging ", cr0 >> 31);
    say_number(", interrupts ", flags >> 9 & 1);
    say_number(", bss ", in_bss[0] | in_bss[63]);
    say("\n");
}

__attribute__((used)) void told(uint32_t eax, uint32_t info)
{
    say("\n");
    if (eax == MULTIBOOT_EAX) {
        say("multiboot\ncommand line: ");
        say((const char *)word(info, 4));
        say("\n");
        say_map(word(info, 12), word(info, 11) / 24, 1);
        say_number("memory: lower ", word(info, 1) > 600);
        say_number(", upper ", word(info, 2) > 60000);
        say("\n");
        say_number("modules ", word(info, 0) & 8 ? word(info, 5) : 0);
        say("\n");
        if ((word(info, 0) & 8) && word(info, 5)) {
            uint32_t module = word(info, 6);

            say_module(word(module, 0), word(module, 1) - word(module, 0));
            say("named ");
            say((const char *)word(module, 2));
            say("\n");
        }
        say_number("rsdp ", find_rsdp() != 0);
    } else if (word(info, 0) == PVH_MAGIC) {
        say("pvh\ncommand line: ");
        say((const char *)word(info, 6));
        say("\n");
        say_map(word(info, 10), word(info, 12), 0);
        say_number("modules ", word(info, 3));
        say("\n");
        if (word(info, 3)) {
            say_module(word(word(info, 4), 0), word(word(info, 4), 2));
        }
        say_number("rsdp ", is_rsdp(word(info, 8)));
    } else {
        say("nothing");
    }
    say("\n");
    say_state();
    out(EXIT_PORT, EXIT_VALUE);
    for (;;) {
    }
}
