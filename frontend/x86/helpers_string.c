/* SPDX-License-Identifier: MIT */
/*
 * helpers_string.c - iterations of REP MOVS, STOS, CMPS and SCAS at once, in the host's memory.
 *
 * Done is what a unit's own iterations would do without a slow path: elements that lie in plain
 * RAM that the view knows, each counted as one instruction, as many as the budget has. The last
 * iteration, the one that ends a comparison, and whatever else there is are left to the unit, which
 * goes on from the registers it finds.
 */
#include <string.h>

#include "frontend/x86/lift_string_priv.h"
#include "frontend/x86/x86_priv.h"

typedef struct Block {
    X86Cpu *cpu;
    unsigned op, bytes; /* StringOp; of an element */
    bool until_equal;   /* REPNE */
    bool down;          /* EFLAGS.DF */
    uint32_t base;      /* of the source's segment */
    uint64_t value;     /* eAX's */
} Block;

/* Elements from @va on, in the direction of DF, that are on its page; none if the first is not. */
static uint32_t on_page(const Block *b, Gva va)
{
    uint32_t at = va % PHYS_PAGE;

    if (at + b->bytes > PHYS_PAGE) {
        return 0;
    }
    return b->down ? at / b->bytes + 1 : (PHYS_PAGE - at) / b->bytes;
}

static void move_one(uint8_t *to, const uint8_t *from, unsigned bytes)
{
    uint32_t v32;
    uint16_t v16;

    switch (bytes) {
    case 1: *to = *from; break;
    case 2:
        memcpy(&v16, from, 2);
        memcpy(to, &v16, 2);
        break;
    default:
        memcpy(&v32, from, 4);
        memcpy(to, &v32, 4);
        break;
    }
}

/* One by one where an element may be read that was written before. */
static void move(const Block *b, uint8_t *to, const uint8_t *from, uint32_t n)
{
    uintptr_t t = (uintptr_t)to, f = (uintptr_t)from, length = (uintptr_t)n * b->bytes;
    ptrdiff_t by = b->down ? -(ptrdiff_t)b->bytes : (ptrdiff_t)b->bytes;
    uintptr_t back = b->down ? length - b->bytes : 0;

    if (t - f >= length && f - t >= length) {
        memcpy(to - back, from - back, length);
        return;
    }
    if (b->down ? t >= f : t <= f) {
        memmove(to - back, from - back, length);
        return;
    }
    for (uint32_t i = 0; i < n; i++, to += by, from += by) {
        move_one(to, from, b->bytes);
    }
}

static void fill(const Block *b, uint8_t *to, uint32_t n)
{
    uint8_t value[4];

    to -= b->down ? (size_t)(n - 1) * b->bytes : 0;
    for (unsigned i = 0; i < 4; i++) {
        value[i] = (uint8_t)(b->value >> 8 * (i % b->bytes));
    }
    if (value[0] == value[1] && value[0] == value[2] && value[0] == value[3]) {
        memset(to, value[0], (size_t)n * b->bytes);
        return;
    }
    for (uint32_t i = 0; i < n; i++, to += b->bytes) {
        memcpy(to, value, b->bytes);
    }
}

/* How many of @n elements a comparison passes, that is goes on behind. */
static uint32_t passed(const Block *b, const uint8_t *x, const uint8_t *y, uint32_t n)
{
    ptrdiff_t by = b->down ? -(ptrdiff_t)b->bytes : (ptrdiff_t)b->bytes;
    ptrdiff_t x_by = b->op == STRING_CMPS ? by : 0;
    uint32_t i = 0;

    while (i < n && (memcmp(x, y, b->bytes) == 0) != b->until_equal) {
        i++;
        x += x_by;
        y += by;
    }
    return i;
}

static const uint8_t *plain(const Block *b, Gva va, bool write)
{
    return mmu_plain(&b->cpu->v, va, write ? ACCESS_WRITE : ACCESS_READ);
}

/* Up to @most elements, all on the pages of the first; how many. */
static uint32_t some(const Block *b, uint32_t most)
{
    bool has_source = b->op == STRING_MOVS || b->op == STRING_CMPS;
    bool writes = b->op == STRING_MOVS || b->op == STRING_STOS;
    Gva si = b->base + b->cpu->r[G_ESI], di = b->cpu->r[G_EDI];
    const uint8_t *from = (const uint8_t *)&b->value, *to;

    most = MIN(most, on_page(b, di));
    to = plain(b, di, writes);
    if (has_source) {
        most = MIN(most, on_page(b, si));
        from = plain(b, si, false);
    }
    if (most == 0 || !to || !from) {
        return 0;
    }
    switch (b->op) {
    case STRING_MOVS: move(b, (uint8_t *)(uintptr_t)to, from, most); return most;
    case STRING_STOS: fill(b, (uint8_t *)(uintptr_t)to, most); return most;
    default: return passed(b, from, to, most);
    }
}

static void advance(const Block *b, uint32_t n)
{
    uint32_t by = b->down ? 0 - n * b->bytes : n * b->bytes;
    X86Cpu *cpu = b->cpu;

    if (b->op == STRING_MOVS || b->op == STRING_CMPS) {
        cpu->r[G_ESI] += by;
    }
    cpu->r[G_EDI] += by;
    cpu->r[G_ECX] -= n;
    cpu->v.budget -= n;
}

/* @a: string_what(). The address size is 32 bits and no segment is checked. */
uint64_t x86_help_string(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    unsigned seg = string_what_seg(a);
    Block block = { .cpu = cpu,
                    .op = string_what_op(a),
                    .bytes = string_what_bytes(a),
                    .until_equal = (a & STRING_UNTIL_EQUAL) != 0,
                    .down = (cpu->eflags & EFL_DF) != 0,
                    .base = seg >= SEG_FS ? cpu->seg[seg].base : 0,
                    .value = cpu->r[G_EAX] };
    uint32_t n = 1;

    (void)b, (void)c;
    while (n != 0 && cpu->r[G_ECX] > 1 && v->budget > 0 && !vcpu_cold(v)->replay.valid) {
        n = some(&block, (uint32_t)MIN((int64_t)cpu->r[G_ECX] - 1, v->budget));
        advance(&block, n);
    }
    return 0;
}
