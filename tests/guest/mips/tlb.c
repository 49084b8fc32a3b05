/* SPDX-License-Identifier: MIT */
/* tlb.c - the TLB, seen by the program that fills it (MD00090 chapter 4). */
#include "guest.h"

enum { G = 1, V = 2, D = 4, CACHED = 3 << 3, IN = CACHED | V, INOUT = IN | D };
enum { A = 0x00300000, B = 0x00304000 }; /* physical */
#define LO(pa, bits) ((uint32_t)(pa) >> 6 | (bits))
#define KSEG0(pa) ((volatile uint32_t *)(0x80000000u + (pa)))

SNIPPET(load, "", "lw $v0, 0($a0)", "");
SNIPPET(store, "", "sw $a1, 0($a0)", "");
SNIPPET(jump, "", "jr $a0\n nop", "");
/* With ERL kuseg is not mapped. */
SNIPPET(load_erl, "mfc0 $t0, $12\n ori $t1, $t0, 4\n mtc0 $t1, $12\n ehb", "lw $v0, 0($a0)",
        "mtc0 $t0, $12\n ehb");

static void try_load(const char *what, uint32_t va)
{
    uint32_t trapped = attempt(load, va, 0);

    if (trapped) {
        say("%s: code %u, vector %x, BadVAddr %x, EntryHi %x, Context %x\n", what,
            trap.cause >> 2 & 31, trap.vector, trap.badvaddr, GET(10, 0), GET(4, 0) & 0x7fffff);
    } else {
        say("%s: %x\n", what, call(load, va, 0));
    }
}

static void try_store(const char *what, uint32_t va, uint32_t value)
{
    if (attempt(store, va, value)) {
        say("%s: code %u, BadVAddr %x\n", what, trap.cause >> 2 & 31, trap.badvaddr);
    } else {
        say("%s: done\n", what);
    }
}

static void probe(const char *what, uint32_t hi)
{
    uint32_t index;

    SET(10, 0, hi);
    __asm__ volatile("tlbp\n ehb");
    index = GET(0, 0);
    say("%s: %s", what, index >> 31 ? "none\n" : "");
    if (!(index >> 31)) {
        say("%u\n", index);
    }
    SET(10, 0, 0);
}

static void page_sizes(void)
{
    for (uint32_t n = 0; n < 8; n++) {
        uint32_t mask = ((1u << 2 * n) - 1) << 13, page = 0x1000u << 2 * n;

        if (page > 0x00400000) {
            break;
        }
        set_entry(1, 0x10000000, mask, LO(A & ~(page - 1), INOUT), LO(B & ~(page - 1), INOUT));
        say("page of %x:\n", page);
        try_load("  even", 0x10000000 + (A & (page - 1)));
        try_load("  odd", 0x10000000 + page + (B & (page - 1)));
        try_load("  behind", 0x10000000 + 2 * page);
        SET(0, 0, 1);
        __asm__ volatile("tlbr\n ehb");
        say("  read: %x %x %x %x\n", GET(10, 0), GET(5, 0), GET(2, 0), GET(3, 0));
        SET(5, 0, 0);
        SET(10, 0, 0);
    }
}

int main(void)
{
    uint32_t least = 63, most = 0;

    *KSEG0(A) = 0xaaaa5555;
    *KSEG0(A + 0x1000) = 0x11112222;
    *KSEG0(B) = 0xbbbb6666;
    clear_tlb();
    SET(10, 0, 7);
    try_load("nothing there", 0x00005678);
    set_entry(3, 0x00004000 | 7, 0, LO(A, IN), LO(B, 0));
    try_load("even page", 0x00004000);
    try_load("odd page, not valid", 0x00005010);
    try_store("even page, clean", 0x00004010, 1);
    set_entry(3, 0x00004000 | 7, 0, LO(A, INOUT), LO(B, INOUT));
    try_store("even page, dirty", 0x00004004, 0x12345678);
    say("there: %x\n", *KSEG0(A + 4));
    try_load("odd page", 0x00005000);
    SET(10, 0, 8);
    try_load("another ASID", 0x00004000);
    set_entry(3, 0x00004000 | 7, 0, LO(A, INOUT | G), LO(B, INOUT));
    SET(10, 0, 8);
    try_load("another ASID, one half global", 0x00004000);
    set_entry(3, 0x00004000 | 7, 0, LO(A, INOUT | G), LO(B, INOUT | G));
    SET(10, 0, 8);
    try_load("another ASID, global", 0x00004000);
    SET(10, 0, 0);
    set_entry(4, 0xc0000000, 0, LO(A, INOUT), LO(B, INOUT));
    set_entry(5, 0xe0000000, 0, LO(B, INOUT), LO(A, INOUT));
    try_load("kseg2", 0xc0000000);
    try_load("kseg3", 0xe0000000);
    try_load("kseg3, nothing there", 0xe0002000);
    try_load("kseg1", 0xa0000000u + A);
    probe("entry of 00004000", 0x00004000);
    probe("entry of c0000000, ASID 0", 0xc0000000);
    probe("entry of c0000000, ASID 1", 0xc0000001);
    say("jump to nowhere: %u", attempt(jump, 0x00008000, 0));
    say(", code %u, EPC %x\n", trap.cause >> 2 & 31, trap.epc);
    say("kuseg with ERL: %x\n", call(load_erl, A, 0));
    page_sizes();
    SET(6, 0, 5);
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t r = GET(1, 0);

        least = r < least ? r : least;
        most = r > most ? r : most;
    }
    say("Random: %u to %u\n", least, most);
    return 0;
}
