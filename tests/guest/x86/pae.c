/* SPDX-License-Identifier: MIT */
/*
 * pae.c - PAE paging: PDPTEs, large pages, reserved bits, NX; Vol. 3 4.4, 4.6, 4.7.
 * cpu: coreduo
 */
#include "paging.h"

enum { VA = 0x40000000, BIG = 0x40200000, FRAME = 0x600000 };
#define NX (1ull << 63)

static __attribute__((aligned(4096))) uint64_t pdpt[4], low[512], high[512], table[512];

SNIPPET(load, "mov (%ebx), %eax");
SNIPPET(store, "mov %eax, (%ebx)");
SNIPPET(fetch, "jmp *%ebx");
SNIPPET(set3, "mov %eax, %cr3");

static void set_efer(uint32_t v) { __asm__ volatile("wrmsr" : : "c"(0xc0000080u), "a"(v), "d"(0)); }

static void set_tables(void)
{
    for (uint32_t i = 0; i < 8; i++) {
        low[i] = i << 21 | PS | P | W | U;
    }
    pdpt[0] = addr(low) | P;
    pdpt[1] = addr(high) | P;
    high[0] = addr(table) | P | W | U;
}

static void try(const char *what, unsigned cpl, uint32_t va, const void *code, const void *end)
{
    at(cpl);
    in.ebx = va;
    run(code);
    ended(what, code, end);
    if (got.vector == 14) {
        say(" cr2 %x", got.cr2);
    }
    say(code == fetch ? "\n" : ",");
}

static void entry(const char *what, uint64_t pde, uint64_t pte)
{
    high[0] = (pde & PS ? 0 : addr(table)) | pde;
    table[1] = FRAME | pte;
    set_cr3(get_cr3());
    say("%s\n", what);
    for (unsigned cpl = 0; cpl < 4; cpl += 3) {
        try(" load", cpl, VA + 0x1004, load, load_end);
        try(" store", cpl, VA + 0x1008, store, store_end);
        try(" fetch", cpl, VA + 0x1000, fetch, fetch_end);
    }
}

static void entries(bool nx)
{
    const uint64_t all = P | W | U;

    set_efer(nx ? 0x800 : 0);
    say("NXE %u\n", nx);
    write32(FRAME, 0xcccccccc);
    entry("all rights", all, all);
    entry("NX in the table", all, all | NX);
    entry("NX in the directory", all | NX, all);
    entry("absent", all, W | U);
    entry("absent and NX", all, W | U | NX);
    entry("bit 32 in the table", all, all | 1ull << 32);
    entry("bit 51 in the directory", all | 1ull << 51, all);
    entry("bit 62", all, all | 1ull << 62);
    entry("supervisor, NX", all, P | W | NX);
}

static void large(void)
{
    write32(0x800004, 0x88888888);
    high[1] = 0x800000 | PS | P | W | U;
    set_cr3(get_cr3());
    try("2 MiB load", 3, BIG + 4, load, load_end);
    say(" %x; pde %x\n", got.eax, (uint32_t)high[1]);
    high[1] = 0x800000 | 0x2000 | PS | P | W | U;
    set_cr3(get_cr3());
    try("reserved bit 13", 3, BIG + 4, load, load_end);
    say("\n");
}

static void pdptes(void)
{
    try("no PDPTE", 3, 0x80000000, load, load_end);
    say("\n");
    for (uint64_t bit = 2; bit < 0x400; bit <<= 1) {
        pdpt[2] = addr(high) | P | bit;
        at(0);
        in.eax = addr(pdpt);
        run(set3);
        ended("PDPTE with a reserved bit", set3, set3_end);
        say(" %h\n", (uint32_t)bit);
    }
    pdpt[2] = addr(high) | P | 1ull << 40;
    at(0);
    in.eax = addr(pdpt);
    run(set3);
    outcome("PDPTE with bit 40", set3, set3_end);
    /* They are read with CR3, not at each access. */
    pdpt[2] = 0;
    set_cr3(addr(pdpt));
    pdpt[1] = 0;
    try("PDPTE gone, CR3 not loaded", 3, BIG, load, load_end);
    pdpt[1] = addr(high) | P;
    say("\n");
}

int main(void)
{
    set_tables();
    set_cr3(addr(pdpt));
    set_cr4(get_cr4() | CR4_PAE);
    set_cr0(get_cr0() | CR0_WP);
    paging_on();
    entries(false);
    entries(true);
    large();
    pdptes();
    return 0;
}
