/* SPDX-License-Identifier: MIT */
/* mips_draw.c - see mips_draw.h. */
#include "tests/diff/mips_draw.h"

#include <string.h>

bool mips_draw_is_fp(const MipsInsn *row)
{
    unsigned op = row->match >> 26;

    return row->enc == ENC_M32
           && (op == 0x11 || op == 0x13 || (op >= 0x31 && (op & 3) == 1)
               || g_str_equal(row->info.name, "MOVCI"));
}

bool mips_draw_is_cp0_move(const MipsInsn *row)
{
    return row->enc == ENC_M32 && (row->match & 0xff600000) == 0x40000000;
}

bool mips_draw_is_memory(const MipsInsn *row)
{
    unsigned op = row->match >> 26;
    bool indexed = op == 0x13 && (row->match & 0x3f) < 16;
    bool dsp_load = op == 0x1f && (row->match & 0x3f) == 10;
    bool synci = op == 1 && (row->match >> 16 & 31) == 31;

    return row->enc == ENC_M32 && (op >= 0x20 || indexed || dsp_load || synci);
}

static MipsKind kind_of(const MipsInsn *row)
{
    if (row->enc != ENC_M32) {
        return MIPS_KIND_OTHER_ISA;
    }
    if (mips_draw_is_fp(row)) {
        return MIPS_KIND_FPU;
    }
    if ((row->features & (MIPS_DSP | MIPS_DSP2)) != 0) {
        return MIPS_KIND_DSP;
    }
    return row->info.sens == SENS_INNOCUOUS ? MIPS_KIND_INTEGER : MIPS_KIND_SYSTEM;
}

static bool wanted(GRand *rand, const MipsInsn *row, MipsKind kind, uint32_t features)
{
    static const char *const waits = "WAIT";
    MipsKind its = kind_of(row);

    if (strstr(row->info.name, waits) != NULL) {
        return false;
    }
    if ((its == MIPS_KIND_OTHER_ISA) != (kind == MIPS_KIND_OTHER_ISA)) {
        return false;
    }
    if (kind != MIPS_KIND_ANY && its != kind) {
        return false;
    }
    return (row->features & ~features) == 0 || g_rand_int_range(rand, 0, 200) == 0;
}

const MipsInsn *mips_draw_row(GRand *rand, MipsKind kind, uint32_t features)
{
    unsigned n;
    const MipsInsn *rows = mips_rows(&n), *row;

    do {
        row = &rows[g_rand_int_range(rand, 0, (gint32)n)];
    } while (!wanted(rand, row, kind, features));
    return row;
}

uint32_t mips_draw_word(GRand *rand, const MipsInsn *row)
{
    uint32_t word;

    do {
        word = row->match | (g_rand_int(rand) & ~row->mask);
        if (row->enc == ENC_M16 || row->enc == ENC_MM16) {
            word &= 0xffff;
        }
    } while (!mips_row_matches(row, word));
    return word;
}

static bool has_field(const MipsInsn *row, char letter)
{
    for (unsigned i = 0; i < row->n_segments; i++) {
        if (row->segment[i].field == letter - 'a') {
            return true;
        }
    }
    return false;
}

char mips_draw_base(const MipsInsn *row)
{
    if (!mips_draw_is_memory(row)) {
        return 0;
    }
    return has_field(row, 's') ? 's' : 'b';
}

uint32_t mips_draw_near(GRand *rand, const MipsInsn *row, uint32_t word)
{
    uint32_t offset = (uint32_t)g_rand_int_range(rand, -64, 64);

    if (!has_field(row, 'i')) {
        return word;
    }
    offset &= g_rand_int_range(rand, 0, 8) == 0 ? ~0u : ~7u;
    return mips_draw_set_field(row, word, 'i', offset);
}

uint32_t mips_draw_field(const MipsInsn *row, uint32_t word, char letter)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < row->n_segments; i++) {
        MipsSegment s = row->segment[i];

        if (s.field == letter - 'a') {
            v = v << s.n | (word >> s.lo & ((1u << s.n) - 1));
        }
    }
    return v;
}

uint32_t mips_draw_set_field(const MipsInsn *row, uint32_t word, char letter, uint32_t value)
{
    for (unsigned i = row->n_segments; i-- > 0;) {
        MipsSegment s = row->segment[i];
        uint32_t ones = (1u << s.n) - 1;

        if (s.field == letter - 'a') {
            word = (word & ~(ones << s.lo)) | (value & ones) << s.lo;
            value >>= s.n;
        }
    }
    return word;
}
