/* SPDX-License-Identifier: MIT */
/* stale.c - page tables changed without INVLPG: a load of CR3 shows them all; Vol. 3 4.10.4.1. */
#include "paging.h"

enum { VA = 0x40000000, FRAME = 0x600000, ROUNDS = 64 };

static __attribute__((aligned(4096))) uint32_t directory[2][1024], first[4][1024], table[2][1024];

static void set_tables(void)
{
    for (uint32_t i = 0; i < 4096; i++) {
        first[i >> 10][i & 1023] = i << 12 | P | W | U;
    }
    for (uint32_t d = 0; d < 2; d++) {
        for (uint32_t i = 0; i < 4; i++) {
            directory[d][i] = addr(first[i]) | P | W | U;
        }
        directory[d][VA >> 22] = addr(table[d]) | P | W | U;
        table[d][0] = (FRAME + 0x1000 * d) | P | W | U;
    }
    for (uint32_t i = 0; i < 8; i++) {
        write32(FRAME + 0x1000 * i, 0xf0f0f000 | i);
    }
}

static uint32_t mistakes;

static void want(const char *what, uint32_t got_, uint32_t wanted)
{
    if (got_ != wanted) {
        say("%s: %x, not %x\n", what, got_, wanted);
        mistakes++;
    }
}

/* The entry of the space that is not active, then of the directory above it. */
static void inactive(uint32_t round)
{
    uint32_t other = 1 - (round & 1);

    set_cr3(addr(directory[round & 1]));
    (void)read32(VA);
    table[other][0] = (FRAME + 0x1000 * (2 + round % 6)) | P | W | U;
    set_cr3(addr(directory[other]));
    want("an inactive entry", read32(VA), 0xf0f0f000 | (2 + round % 6));
    set_cr3(addr(directory[1 - other]));
    directory[other][VA >> 22] = addr(table[1 - other]) | P | W | U;
    set_cr3(addr(directory[other]));
    want("an inactive directory", read32(VA), read32(table[1 - other][0] & ~0xfffu));
    directory[other][VA >> 22] = addr(table[other]) | P | W | U;
}

/* The active one's, through the page tables' own mapping, then CR3 again with the same value. */
static void active(uint32_t round)
{
    set_cr3(addr(directory[0]));
    (void)read32(VA);
    table[0][0] = (FRAME + 0x1000 * (round % 8)) | P | W | U;
    set_cr3(addr(directory[0]));
    want("an active entry", read32(VA), 0xf0f0f000 | (round % 8));
    table[0][0] = (FRAME + 0x1000 * (round % 5)) | P | W | U;
    invlpg(VA);
    want("an active entry, INVLPG", read32(VA), 0xf0f0f000 | (round % 5));
}

SNIPPET(load, "mov (%ebx), %eax");
SNIPPET(store, "mov %eax, (%ebx)");

/* An entry that was absent, or allowed less, needs no INVLPG: absence is not cached. */
static void more(void)
{
    set_cr3(addr(directory[0]));
    table[0][1] = 0;
    invlpg(VA + 0x1000);
    at(3);
    in.ebx = VA + 0x1000;
    run(load);
    outcome("absent", load, load_end);
    table[0][1] = FRAME | P | U;
    at(3);
    in.ebx = VA + 0x1000;
    run(load);
    outcome("present, read-only", load, load_end);
    table[0][1] = FRAME | P | U | W;
    set_cr3(addr(directory[0]));
    at(3);
    in.ebx = VA + 0x1000;
    run(store);
    outcome("writable", store, store_end);
    table[0][1] = FRAME | P | W;
    set_cr3(addr(directory[0]));
    at(3);
    in.ebx = VA + 0x1000;
    run(load);
    outcome("the supervisor's", load, load_end);
    table[0][1] = 0;
    set_cr3(addr(directory[0]));
    at(0);
    in.ebx = VA + 0x1000;
    run(load);
    outcome("absent again", load, load_end);
}

/* Code runs where another space has another page. */
static void code(void)
{
    static const uint8_t answer[] = { 0xb8, 0, 0, 0, 0, 0xc3 }; /* mov $n, %eax; ret */
    uint32_t v;

    for (uint32_t i = 0; i < 2; i++) {
        for (uint32_t k = 0; k < sizeof(answer); k++) {
            ((volatile uint8_t *)(FRAME + 0x10000 + 0x1000 * i))[k] = k == 1 ? i + 1 : answer[k];
        }
        table[i][2] = (FRAME + 0x10000 + 0x1000 * i) | P | W | U;
    }
    for (uint32_t round = 0; round < ROUNDS; round++) {
        set_cr3(addr(directory[round & 1]));
        __asm__ volatile("call *%1" : "=a"(v) : "r"(VA + 0x2000) : "memory");
        want("code", v, (round & 1) + 1);
    }
    table[0][2] = table[1][2];
    set_cr3(addr(directory[0]));
    __asm__ volatile("call *%1" : "=a"(v) : "r"(VA + 0x2000) : "memory");
    want("code of a changed entry", v, 2);
}

int main(void)
{
    set_tables();
    set_cr3(addr(directory[0]));
    paging_on();
    for (uint32_t round = 0; round < ROUNDS; round++) {
        inactive(round);
        active(round);
    }
    more();
    code();
    say("%u mistakes\n", mistakes);
    return 0;
}
