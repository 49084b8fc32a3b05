/* SPDX-License-Identifier: MIT */
/* x86_draw.c - see x86_draw.h. */
#include "tests/diff/x86_draw.h"

#include <string.h>

#include "tests/diff/chance.h"
#include "tests/diff/x86_undefined.h"

/* clang-format off */
enum {
#define X86(name, map, opcode, prefix, modrm, operands, lifter, sens, how, flags, feature, spec) +1
    N_INTEGER_ROWS = 0
#include "frontend/x86/x86.def"
};
#undef X86
/* clang-format on */

static bool named(const X86Insn *row, const char *name)
{
    return g_str_equal(row->info.name, name);
}

/* ---- what the host cannot judge ---- */

static const struct {
    const char *name, *why;
} skipped[] = {
    { "SGDT", "UMIP, and the host's tables" },
    { "SIDT", "UMIP, and the host's tables" },
    { "SLDT", "UMIP, and the host's tables" },
    { "STR", "UMIP, and the host's tables" },
    { "SMSW", "UMIP" },
    { "LAR", "the host's descriptors" },
    { "LSL", "the host's descriptors" },
    { "VERR", "the host's descriptors" },
    { "VERW", "the host's descriptors" },
    { "MOV_to_seg", "the host's descriptors" },
    { "POP_seg", "the host's descriptors" },
    { "LES", "the host's descriptors" },
    { "LDS", "the host's descriptors" },
    { "LSS", "the host's descriptors" },
    { "LFS", "the host's descriptors" },
    { "LGS", "the host's descriptors" },
    { "JMP_far", "the host's descriptors" },
    { "CALL_far", "the host's descriptors" },
    { "RET_far", "the host's descriptors" },
    { "IRET", "the host's descriptors" },
    { "INT", "a system call of the host" },
    { "INT1", "the host's kernel takes it for a single step" },
    { "SYSENTER", "a system call of the host" },
    { "SYSEXIT", "a system call of the host" },
    { "CPUID", "the host's model" },
    { "RDTSC", "time" },
    { "RDPMC", "the host's counters" },
    { "UD0", "processors disagree whether it has a ModRM byte" },
};

const char *x86_row_skipped(const X86Insn *row)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(skipped); i++) {
        if (named(row, skipped[i].name)) {
            return skipped[i].why;
        }
    }
    if (row->ledger >= N_INTEGER_ROWS) {
        return "not an integer instruction";
    }
    if (row->map == MAP_0F && (row->opcode == 0x1a || row->opcode == 0x1b)) {
        return "MPX on the host";
    }
    return NULL;
}

/* ---- values ---- */

static uint32_t edge(GRand *rand)
{
    static const uint32_t edges[] = { 0,          1,          2,          0x7f,       0x80,
                                      0xff,       0x100,      0x7fff,     0x8000,     0xffff,
                                      0x10000,    0x7fffffff, 0x80000000, 0x80000001, 0xffffff80,
                                      0xffff8000, 0xfffffffe, 0xffffffff, 0x99999999, 0x0f0f0f0f };

    return edges[g_rand_int_range(rand, 0, G_N_ELEMENTS(edges))];
}

static uint32_t value(GRand *rand)
{
    switch (g_rand_int_range(rand, 0, 4)) {
    case 0: return edge(rand);
    case 1: return g_rand_int(rand) >> g_rand_int_range(rand, 0, 32);
    case 2: return g_rand_int(rand) & 0xff;
    default: return g_rand_int(rand);
    }
}

static uint32_t pointer(GRand *rand, uint32_t data, uint32_t bytes)
{
    uint32_t p = data + 64 + g_rand_int(rand) % (bytes - 128);

    return g_rand_int_range(rand, 0, 4) != 0 ? p & ~3u : p;
}

/* ---- encodings ---- */

static void put(X86Case *c, uint32_t v, unsigned n)
{
    for (unsigned i = 0; i < n && c->n < sizeof(c->code); i++) {
        c->code[c->n++] = (uint8_t)(v >> 8 * i);
    }
}

static bool is_string(const X86Insn *row) { return (row->flags & ROW_REP) != 0; }

static void put_prefixes(GRand *rand, X86Case *c)
{
    const X86Insn *row = c->row;

    if (one_in(rand, (row->flags & ROW_LOCK) != 0 ? 8 : 64)) {
        put(c, 0xf0, 1);
    }
    if (row->prefix == PFX_F2 || row->prefix == PFX_F3) {
        put(c, row->prefix == PFX_F2 ? 0xf2 : 0xf3, 1);
    } else if (row->prefix == PFX_ANY && is_string(row) && !one_in(rand, 3)) {
        put(c, one_in(rand, 2) ? 0xf2 : 0xf3, 1);
    }
    if (row->prefix == PFX_66 || (row->prefix == PFX_ANY && one_in(rand, 3))) {
        put(c, 0x66, 1);
    }
    if (one_in(rand, 24)) {
        put(c, 0x67, 1);
    }
    if (one_in(rand, 16)) {
        static const uint8_t overrides[] = { 0x26, 0x2e, 0x36, 0x3e };

        put(c, overrides[g_rand_int_range(rand, 0, 4)], 1);
    }
}

static void put_opcode(GRand *rand, X86Case *c)
{
    const X86Insn *row = c->row;
    uint8_t opcode = row->opcode;

    opcode |= row->flags & ROW_PLUS_R    ? g_rand_int(rand) & 7
              : row->flags & ROW_PLUS_CC ? g_rand_int(rand) & 15
                                         : 0;
    if (row->map != MAP_ONE) {
        put(c, 0x0f, 1);
    }
    if (row->map == MAP_0F38 || row->map == MAP_0F3A) {
        put(c, row->map == MAP_0F38 ? 0x38 : 0x3a, 1);
    }
    put(c, opcode, 1);
}

static bool has_prefix(const X86Case *c, uint8_t byte)
{
    for (unsigned i = 0; i < c->n; i++) {
        if (c->code[i] == byte) {
            return true;
        }
        if (c->code[i] == 0x0f || c->code[i] == c->row->opcode) {
            break;
        }
    }
    return false;
}

/* ModRM, SIB and displacement; most memory operands are [register + small]. */
static void put_modrm(GRand *rand, X86Case *c, bool address16)
{
    uint8_t modrm = (uint8_t)g_rand_int(rand), mod, rm;

    while (!x86_row_has_modrm(c->row, modrm)) {
        modrm = (uint8_t)g_rand_int(rand);
    }
    put(c, modrm, 1);
    mod = modrm >> 6;
    rm = modrm & 7;
    if (mod == 3) {
        return;
    }
    if (address16) {
        put(c, g_rand_int(rand), mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0);
        return;
    }
    if (rm == 4) {
        uint8_t sib = (uint8_t)g_rand_int(rand);

        sib = one_in(rand, 2) ? (sib & 7) | 0x20 : sib; /* no index */
        put(c, sib, 1);
        rm = sib & 7;
    }
    if (mod == 1) {
        put(c, g_rand_int(rand), 1);
    } else if (mod == 2) {
        put(c, (uint32_t)g_rand_int_range(rand, -64, 64), 4);
    } else if (rm == 5) {
        put(c, 0x20000000u + (g_rand_int(rand) & 0x5fff), 4);
    }
}

static void put_immediates(GRand *rand, X86Case *c, bool opsize16, bool address16)
{
    for (unsigned i = 0; i < X86_OPERANDS; i++) {
        X86Operand o = c->row->operand[i];
        unsigned n = o.size == 'b' ? 1 : o.size == 'w' || opsize16 ? 2 : 4;

        switch (o.kind) {
        case OPD_I:
        case OPD_IS: put(c, value(rand), n); break;
        case OPD_J: put(c, one_in(rand, 3) ? 0 : 0x20 + (g_rand_int(rand) & 0x3f), n); break;
        case OPD_O: put(c, 0x20000000u + (g_rand_int(rand) & 0x5fff), address16 ? 2 : 4); break;
        default: break;
        }
    }
}

static void draw_registers(GRand *rand, uint32_t data, uint32_t bytes, X86Case *c)
{
    for (unsigned i = 0; i < 8; i++) {
        c->r[i] = one_in(rand, 2) ? value(rand) : pointer(rand, data, bytes);
    }
    c->r[G_ESP] = pointer(rand, data, bytes);
    if (is_string(c->row)) {
        c->r[G_ECX] = g_rand_int(rand) % 20;
        c->r[G_ESI] = pointer(rand, data, bytes);
        c->r[G_EDI] = pointer(rand, data, bytes);
        if (!one_in(rand, 4)) {
            c->r[G_EDX] = g_rand_int(rand) & 0xffff;
        }
    }
    c->eflags = (g_rand_int(rand) & (EFL_STATUS | EFL_DF)) | EFL_IF | EFL_ONE;
}

void x86_draw_case(GRand *rand, const X86Insn *row, uint32_t data, uint32_t bytes, X86Case *c)
{
    bool opsize16, address16;

    memset(c, 0, sizeof(*c));
    c->row = row;
    put_prefixes(rand, c);
    opsize16 = has_prefix(c, 0x66);
    address16 = has_prefix(c, 0x67);
    put_opcode(rand, c);
    if (row->modrm.present) {
        put_modrm(rand, c, address16);
    }
    put_immediates(rand, c, opsize16, address16);
    draw_registers(rand, data, bytes, c);
}

/* ---- undefined flags ---- */

/* The masked count of a shift; 0xff if the row is none. */
static unsigned count_of(const X86Case *c)
{
    for (unsigned i = 1; i < 3; i++) {
        X86Operand o = c->row->operand[i];

        if (o.kind == OPD_ONE) {
            return 1;
        }
        if (o.kind == OPD_REG && o.number == G_ECX) {
            return c->r[G_ECX] & 31;
        }
        if (o.kind == OPD_I && o.size == 'b') {
            return c->code[c->n - 1] & 31;
        }
    }
    return 0xff;
}

uint32_t x86_undefined_flags(const X86Case *c)
{
    unsigned bits = c->row->operand[0].size == 'b' ? 8 : has_prefix(c, 0x66) ? 16 : 32;

    return x86_undefined_by(c->row->info.name, count_of(c), bits);
}
