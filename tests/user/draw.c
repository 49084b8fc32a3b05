/* SPDX-License-Identifier: MIT */
/* draw.c - see draw.h. */
#include <stddef.h>

#include "tests/user/draw.h"

static uint32_t state;

void draw_seed(uint32_t seed, uint32_t number)
{
    state = (seed * 0x9e3779b9u) ^ (number * 0x85ebca6bu) ^ 0x2545f491u;
    state ^= state >> 13;
    state |= 1;
    for (unsigned i = 0; i < 4; i++) {
        draw_word();
    }
}

uint32_t draw_word(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return ((state * 2654435761u) >> 7) ^ state;
}

uint32_t draw_below(uint32_t n) { return (draw_word() >> 3) % n; }

bool one_in(uint32_t n) { return draw_below(n) == 0; }

uint32_t draw_selector(bool null)
{
    uint32_t rpl = one_in(8) ? draw_below(4) : 3;

    return null && one_in(16) ? draw_below(4) : draw_below(LDT_ENTRIES) << 3 | 4 | rpl;
}

uint32_t draw_address(void)
{
    switch (draw_below(8)) {
    case 0: return draw_word() & 0xf0003fff;
    case 1: return draw_word() & 0xff;
    case 2: return DATA_BYTES - 32 + draw_below(64);
    case 3: return draw_below(DATA_BYTES);
    case 4: return DATA + DATA_READ_ONLY - 32 + draw_below(64);
    case 5: return DATA + DATA_BYTES - 32 + draw_below(64);
    case 6: return DATA + (draw_below(DATA_BYTES) & ~15u);
    default: return DATA + draw_below(DATA_READ_ONLY);
    }
}

uint32_t draw_operand(void)
{
    static const uint32_t edges[] = { 0,          1,          2,          0x7f,       0x80,
                                      0xff,       0x100,      0x7fff,     0x8000,     0xffff,
                                      0x10000,    0x7fffffff, 0x80000000, 0x80000001, 0xffffff80,
                                      0xffff8000, 0xfffffffe, 0xffffffff, 0x99999999, 0x0f0f0f0f };

    switch (draw_below(4)) {
    case 0: return edges[draw_below(sizeof(edges) / sizeof(edges[0]))];
    case 1: return draw_word() >> draw_below(32);
    case 2: return draw_word() & 0xff;
    default: return draw_word();
    }
}

/* ---- encodings ---- */

static void put(Case *c, uint32_t v, unsigned n)
{
    for (unsigned i = 0; i < n && c->n < sizeof(c->code); i++) {
        c->code[c->n++] = (uint8_t)(v >> 8 * i);
    }
}

static void put_size_prefixes(Case *c)
{
    const Row *row = c->row;

    if (row->prefix == PFX_66 || (row->prefix == PFX_ANY && one_in(row->set == SET_X87 ? 8 : 4))) {
        put(c, 0x66, 1);
        c->opsize16 = row->prefix != PFX_ANY || !c->code16;
    }
    if (one_in(8)) {
        put(c, 0x67, 1);
        c->address16 = !c->code16;
    }
}

/* A second 66, F2 or F3 would choose another instruction of the 0F maps; before what takes LOCK,
 * F2 and F3 are hints to newer processors. */
static void put_prefixes(Case *c)
{
    static const uint8_t overrides[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
    const Row *row = c->row;

    put_size_prefixes(c);
    if (one_in(4)) {
        put(c, overrides[draw_below(sizeof(overrides))], 1);
    }
    if (row->prefix == PFX_F2 || row->prefix == PFX_F3) {
        put(c, row->prefix == PFX_F2 ? 0xf2 : 0xf3, 1);
    } else if (row->prefix == PFX_ANY && row->map == MAP_ONE && (row->flags & LOCKS) == 0
               && (row->flags & REPEATS ? !one_in(3) : one_in(24))) {
        put(c, one_in(2) ? 0xf2 : 0xf3, 1);
    }
    if (one_in((row->flags & LOCKS) != 0 ? 8 : 64)) {
        put(c, 0xf0, 1);
    }
}

static void put_opcode(Case *c)
{
    const Row *row = c->row;
    uint32_t low = row->flags & PLUS_R ? draw_below(8) : row->flags & PLUS_CC ? draw_below(16) : 0;

    if (row->map != MAP_ONE) {
        put(c, 0x0f, 1);
    }
    if (row->map == MAP_0F38 || row->map == MAP_0F3A) {
        put(c, row->map == MAP_0F38 ? 0x38 : 0x3a, 1);
    }
    put(c, row->opcode | low, 1);
}

static bool fits(const Row *row, uint8_t modrm)
{
    return (modrm & row->modrm.mask) == row->modrm.match
           && (row->modrm.kind == 0 || (row->modrm.kind == 2) == (modrm >= 0xc0));
}

static uint32_t displacement(void)
{
    return one_in(4) ? draw_word() & 0xf0003fff : draw_below(128) - 64;
}

/* Vol. 2 2.1.5, table 2-1 */
static void put_memory16(Case *c, uint8_t mod, uint8_t rm)
{
    static const uint8_t registers[] = { 0x48, 0x88, 0x60, 0xa0, 0x40, 0x80, 0x20, 0x08 };

    if (mod == 0 && rm == 6) {
        put(c, draw_address(), 2);
        return;
    }
    c->address |= registers[rm];
    put(c, displacement(), mod);
}

/* Tables 2-2 and 2-3 */
static void put_memory32(Case *c, uint8_t mod, uint8_t rm)
{
    uint8_t base = rm;

    if (rm == 4) {
        uint8_t sib = (uint8_t)draw_word();

        sib = one_in(2) ? (sib & 7) | 0x20 : sib; /* no index */
        put(c, sib, 1);
        base = sib & 7;
        if ((sib & 0x38) != 0x20) {
            c->index = (uint8_t)(1 << (sib >> 3 & 7));
            c->address |= c->index;
        }
    }
    if (mod == 0 && base == 5) {
        put(c, draw_address(), 4);
        return;
    }
    c->address |= (uint8_t)(1 << base);
    put(c, displacement(), mod == 0 ? 0 : mod == 1 ? 1 : 4);
}

static void put_modrm(Case *c)
{
    uint8_t modrm, mod, rm;

    do {
        modrm = (uint8_t)draw_word();
        if (one_in(3) && c->row->modrm.kind == 0) {
            modrm |= 0xc0;
        }
    } while (!fits(c->row, modrm));
    put(c, modrm, 1);
    mod = modrm >> 6;
    rm = modrm & 7;
    if (mod == 3) {
        return;
    }
    if (c->address16) {
        put_memory16(c, mod, rm);
    } else {
        put_memory32(c, mod, rm);
    }
}

/* Far pointers in the code: what is there, and what is not. */
static void put_far_pointer(Case *c)
{
    uint32_t offset = one_in(2) ? draw_word() : one_in(2) ? CODE + 0x40 : 0x44;

    put(c, offset, c->opsize16 ? 2 : 4);
    put(c, draw_selector(true), 2);
}

static void put_immediate(Case *c, char kind, char size)
{
    unsigned n = size == 'b' ? 1 : size == 'w' || c->opsize16 ? 2 : 4;
    uint32_t v = draw_operand();

    switch (kind) {
    case 'I':
        /* The kernels differ in which vectors they let CPL 3 call: 80 is theirs. */
        v = rows_same(c->row->name, "INT") && (v & 0xff) == 0x80 ? 4 : v;
        put(c, v, n);
        c->count = (uint8_t)v;
        break;
    case 'J': put(c, one_in(3) ? v : draw_below(64), n); break;
    case 'A':
        if (size == 'p') { /* not AL, AX */
            put_far_pointer(c);
        }
        break;
    case 'O': put(c, draw_address(), c->address16 ? 2 : 4); break;
    default: break;
    }
}

static void put_immediates(Case *c)
{
    for (const char *word = c->row->operands; *word != '\0';) {
        put_immediate(c, word[0], word[1]);
        while (*word != '\0' && *word++ != ' ') {
        }
    }
}

/* ---- rows ---- */

static bool is_drawn(const Row *row, bool n270, const char *only)
{
    return (row->left_out & LEFT_ALL) == 0 && (n270 || !row->new_feature)
           && (only == NULL || rows_same(row->name, only));
}

bool draw_has(bool n270, const char *only)
{
    unsigned n;
    const Row *rows = rows_all(&n);

    for (unsigned i = 0; i < n; i++) {
        if (is_drawn(&rows[i], n270, only)) {
            return true;
        }
    }
    return false;
}

/* A quarter each: all integer rows, those that depend most on segments, x87, vectors. */
static const Row *draw_row(bool n270, const char *only)
{
    static const uint8_t sets[] = { SET_INTEGER, SET_INTEGER, SET_X87, SET_SIMD };
    unsigned n, quarter = draw_below(4);
    const Row *rows = rows_all(&n), *row;

    do {
        row = &rows[draw_below(n)];
    } while (
        !is_drawn(row, n270, only)
        || (only == NULL
            && (row->set != sets[quarter] || (quarter == 1 && (row->wants & WANTS_OFTEN) == 0))));
    return row;
}

void draw_case(Case *c, bool code16, bool n270, const char *only)
{
    *c = (Case){
        .row = draw_row(n270, only), .code16 = code16, .opsize16 = code16, .address16 = code16
    };
    put_prefixes(c);
    put_opcode(c);
    if (c->row->modrm.present) {
        put_modrm(c);
    }
    put_immediates(c);
    c->step = (c->row->wants & WANTS_STEP) != 0 || one_in(2);
}
