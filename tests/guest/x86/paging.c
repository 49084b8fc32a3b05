/* SPDX-License-Identifier: MIT */
/* paging.c - 32-bit paging: rights, error codes, CR2, A and D, WP, PSE, global pages; Vol. 3 4. */
#include "paging.h"

enum { VA = 0x40000000, BIG = 0x48000000, FRAME = 0x600000 };

static __attribute__((aligned(4096))) uint32_t directory[1024], first[4][1024], table[1024];

SNIPPET(load, "mov (%ebx), %eax");
SNIPPET(store, "mov %eax, (%ebx)");
SNIPPET(add, "add %eax, (%ebx)");
SNIPPET(fetch, "jmp *%ebx");
SNIPPET(push_, "mov %ebx, %esp\n push %eax");
SNIPPET(cmpx, "cmpxchg %ecx, (%ebx)");
SNIPPET(fill, "mov %ebx, %edi\n mov $8, %ecx\n cld\n rep stosl");

static void set_tables(void)
{
    for (uint32_t i = 0; i < 4096; i++) {
        first[i >> 10][i & 1023] = i << 12 | P | W | U;
    }
    for (uint32_t i = 0; i < 4; i++) {
        directory[i] = addr(first[i]) | P | W | U;
    }
    directory[VA >> 22] = addr(table) | P | W | U;
}

static void try(const char *what, unsigned cpl, uint32_t va, const void *code, const void *end)
{
    at(cpl);
    in.ebx = va;
    in.ecx = 0x1234;
    run(code);
    ended(what, code, end);
    if (got.vector == 14) {
        say(" cr2 %x", got.cr2);
    }
}

static void rights(uint32_t pde, uint32_t pte, bool wp)
{
    set_cr0(wp ? get_cr0() | CR0_WP : get_cr0() & ~CR0_WP);
    say("pde %h pte %h WP %u\n", pde, pte, wp);
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        directory[VA >> 22] = addr(table) | pde;
        table[1] = FRAME | pte;
        invlpg(VA + 0x1000);
        say(" CPL %u:", cpl);
        try(" load", cpl, VA + 0x1004, load, load_end);
        try(", store", cpl, VA + 0x1008, store, store_end);
        write32(FRAME, 0xccccccccu);
        try(", fetch", cpl, VA + 0x1000, fetch, fetch_end);
        say("\n");
    }
}

static void all_rights(void)
{
    for (uint32_t wp = 0; wp < 2; wp++) {
        for (uint32_t pde = P; pde <= (P | W | U); pde += W) {
            for (uint32_t pte = P; pte <= (P | W | U); pte += W) {
                rights(pde, pte, wp);
            }
        }
    }
    rights(0, P | W | U, true);
    rights(P | W | U, 0, true);
}

/* A load sets A in both entries, a store D in the last; a fault sets none. */
static void bits(void)
{
    directory[VA >> 22] = addr(table) | P | W | U;
    table[1] = FRAME | P | U;
    invlpg(VA + 0x1000);
    try("store that faults", 3, VA + 0x1000, store, store_end);
    say("; pte %h\n", table[1] & D);
    try("load", 3, VA + 0x1000, load, load_end);
    say("; pde %h pte %h\n", directory[VA >> 22] & 0xfff, table[1] & 0xfff);
    table[1] = FRAME | P | W | U;
    invlpg(VA + 0x1000);
    try("load", 3, VA + 0x1000, load, load_end);
    say("; pte %h\n", table[1] & 0xfff);
    try("store", 3, VA + 0x1000, store, store_end);
    say("; pte %h\n", table[1] & 0xfff);
    table[1] = FRAME | P | W | U;
    invlpg(VA + 0x1000);
    at(3);
    in.ebx = VA + 0x1000;
    in.eax = read32(FRAME) + 1;
    run(cmpx);
    say("cmpxchg that fails: pte %h\n", table[1] & 0xfff);
}

/* Across pages: the second is absent. */
static void across(void)
{
    table[1] = FRAME | P | W | U;
    table[2] = 0;
    invlpg(VA + 0x2000);
    write32(FRAME + 0xffc, 0x11111111);
    try("load across", 3, VA + 0x1ffe, load, load_end);
    try("\nstore across", 3, VA + 0x1ffe, store, store_end);
    try("\nadd across", 0, VA + 0x1fff, add, add_end);
    say("\nfirst page has %x\n", read32(FRAME + 0xffc));
    try("push across", 3, VA + 0x2002, push_, push__end);
    say(", esp %x\n", got.esp);
    try("rep stos across", 3, VA + 0x1ff0, fill, fill_end);
    say(", edi %x ecx %x\n", got.edi, got.ecx);
}

static void big(void)
{
    uint32_t value;

    write32(0x800000, 0x08080808);
    write32(0xc00000, 0x0c0c0c0c);
    write32(0x200000, 0x02020202);
    directory[BIG >> 22] = 0x800000 | PS | P | W | U;
    set_cr3(get_cr3());
    try("PS, no PSE", 3, BIG, load, load_end);
    set_cr4(get_cr4() | CR4_PSE);
    try("\nPSE", 3, BIG, load, load_end);
    say(", %x; pde %h\n", got.eax, directory[BIG >> 22] & 0xfff);
    try("store", 3, BIG + 0x3ffffc, store, store_end);
    say("; pde %h\n", directory[BIG >> 22] & 0xfff);
    directory[BIG >> 22] = 0x800000 | 0x200000 | PS | P | W | U;
    invlpg(BIG + 0x100000);
    try("reserved bit 21", 3, BIG, load, load_end);
    directory[BIG >> 22] = 0x800000 | 0x20000 | PS | P | W | U;
    invlpg(BIG + 0x100000);
    try("\nreserved bit 17", 0, BIG, store, store_end);
    directory[BIG >> 22] = 0xc00000 | PS | P | W | U;
    invlpg(BIG + 0x2345);
    value = read32(BIG);
    say("\nINVLPG in the middle: %x\n", value);
    set_cr4(get_cr4() & ~CR4_PSE);
}

/* A global page lives on through CR3, and goes by INVLPG and by CR4.PGE. */
static void global(void)
{
    write32(FRAME, 0xaaaaaaaa);
    write32(FRAME + 0x1000, 0xbbbbbbbb);
    directory[VA >> 22] = addr(table) | P | W | U;
    for (unsigned on = 0; on < 2; on++) {
        set_cr4(on ? get_cr4() | CR4_PGE : get_cr4() & ~CR4_PGE);
        table[1] = FRAME | P | W | U | G;
        invlpg(VA + 0x1000);
        (void)read32(VA + 0x1000);
        table[1] = (FRAME + 0x1000) | P | W | U | G;
        set_cr3(get_cr3());
        say("PGE %u, after CR3: %x", on, read32(VA + 0x1000));
        invlpg(VA + 0x1000);
        say(", after INVLPG: %x", read32(VA + 0x1000));
        table[1] = FRAME | P | W | U | G;
        set_cr4(get_cr4() ^ CR4_PGE);
        say(", after CR4: %x\n", read32(VA + 0x1000));
    }
    set_cr4(get_cr4() & ~CR4_PGE);
}

int main(void)
{
    set_tables();
    set_cr3(addr(directory));
    paging_on();
    all_rights();
    set_cr0(get_cr0() | CR0_WP);
    bits();
    across();
    big();
    global();
    return 0;
}
