/* SPDX-License-Identifier: MIT */
/* decode.c - turns the rows of the opcode maps into an index, and bytes into fields. */
#include <string.h>

#include "frontend/x86/lift_int_priv.h"
#include "frontend/x86/lift_sse_priv.h"

/* clang-format off */
#define COL_NONE { 0, 0, 0, 0 }
#define COL_RM { 1, 0, 0, 0 }                       /* any ModRM byte */
#define COL_M { 1, 1, 0, 0 }                        /* memory only */
#define COL_R { 1, 2, 0, 0 }                        /* register only */
#define COL_D(n) { 1, 0, 0x38, (n) << 3 }           /* /n */
#define COL_MD(n) { 1, 1, 0x38, (n) << 3 }
#define COL_RD(n) { 1, 2, 0x38, (n) << 3 }
#define COL_B(byte) { 1, 2, 0xff, byte }            /* exactly that byte */

#define TRAPS_INNOCUOUS false
#define TRAPS_PRIVILEGED true
#define TRAPS_SENSITIVE_CONTROL false
#define TRAPS_SENSITIVE_BEHAVIOUR false

#define X86(name, map, opcode, prefix, modrm, operands, lifter, sens, how, flags, feature, spec) \
    { { #name, #map " " #opcode, SENS_##sens, HOW_##how, TRAPS_##sens, spec }, \
      MAP_##map, opcode, PFX_##prefix, COL_##modrm, operands, lifter, flags, FEAT_##feature, \
      { { 0, 0, 0 } }, 0 },
static X86Insn table[] = {
#include "frontend/x86/x86.def"
#include "frontend/x86/x87.def"
#include "frontend/x86/sse.def"
};
#undef X86
/* clang-format on */

enum { N_ROWS = X86_N_ROWS };
G_STATIC_ASSERT(N_ROWS == G_N_ELEMENTS(table));

/* Rows by map and opcode: row[start[key]] to row[start[key + 1] - 1]. */
enum { N_KEYS = X86_N_MAPS * 256 };
static uint16_t start[N_KEYS + 1];
static uint16_t *by_key;

/* ---- operand words ---- */

static const struct {
    const char *word;
    X86Operand operand;
} registers[] = {
    { "AL", { OPD_REG, 'b', 0 } }, { "CL", { OPD_REG, 'b', 1 } },  { "AX", { OPD_REG, 'w', 0 } },
    { "DX", { OPD_REG, 'w', 2 } }, { "eAX", { OPD_REG, 'v', 0 } }, { "ES", { OPD_SEG, 'w', 0 } },
    { "CS", { OPD_SEG, 'w', 1 } }, { "SS", { OPD_SEG, 'w', 2 } },  { "DS", { OPD_SEG, 'w', 3 } },
    { "FS", { OPD_SEG, 'w', 4 } }, { "GS", { OPD_SEG, 'w', 5 } },  { "1", { OPD_ONE, 'b', 0 } },
    { "Ibs", { OPD_IS, 'b', 0 } }, { "ST", { OPD_ST, 0, 0 } },     { "STi", { OPD_ST, 0, 1 } },
};

static const struct {
    char letter;
    X86OperandKind kind;
} kinds[] = {
    { 'E', OPD_E }, { 'G', OPD_G }, { 'M', OPD_M }, { 'R', OPD_R }, { 'I', OPD_I },
    { 'J', OPD_J }, { 'A', OPD_A }, { 'O', OPD_O }, { 'X', OPD_X }, { 'Y', OPD_Y },
    { 'S', OPD_S }, { 'C', OPD_C }, { 'D', OPD_D }, { 'P', OPD_P }, { 'Q', OPD_Q },
    { 'N', OPD_N }, { 'V', OPD_V }, { 'W', OPD_W }, { 'U', OPD_U }, { 'Z', OPD_Z },
};

/* One word of the operand column; an unknown one is our bug. */
static X86Operand parse_word(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(registers); i++) {
        if (g_str_equal(registers[i].word, word)) {
            return registers[i].operand;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].letter == word[0]) {
            g_assert(word[1] == '\0' || strchr("bwdvzqxpsyat", word[1]) != NULL);
            g_assert(word[1] == '\0' || word[2] == '\0');
            return (X86Operand){ (uint8_t)kinds[i].kind, (uint8_t)word[1], 0 };
        }
    }
    g_error("operand %s", word);
}

static void parse_operands(X86Insn *row)
{
    g_auto(GStrv) words = g_strsplit(row->operand_words, " ", 0);

    for (unsigned i = 0; words[i]; i++) {
        g_assert(i < X86_OPERANDS);
        if (words[i][0] != '\0') {
            row->operand[i] = parse_word(words[i]);
        }
    }
}

/* ---- the index ---- */

static unsigned opcodes(const X86Insn *row)
{
    return row->flags & ROW_PLUS_R ? 8 : row->flags & ROW_PLUS_CC ? 16 : 1;
}

static void prepare(void)
{
    static gsize ready;

    if (!g_once_init_enter(&ready)) {
        return;
    }
    for (unsigned i = 0; i < N_ROWS; i++) {
        table[i].ledger = (uint16_t)i;
        parse_operands(&table[i]);
        g_assert(table[i].opcode % opcodes(&table[i]) == 0);
        for (unsigned k = 0; k < opcodes(&table[i]); k++) {
            start[table[i].map * 256u + table[i].opcode + k]++;
        }
    }
    for (unsigned k = 1; k <= N_KEYS; k++) {
        start[k] = (uint16_t)(start[k] + start[k - 1]);
    }
    by_key = g_new(uint16_t, start[N_KEYS]);
    for (unsigned i = N_ROWS; i-- > 0;) {
        for (unsigned k = 0; k < opcodes(&table[i]); k++) {
            by_key[--start[table[i].map * 256u + table[i].opcode + k]] = (uint16_t)i;
        }
    }
    g_once_init_leave(&ready, 1);
}

const X86Insn *x86_rows(unsigned *n)
{
    prepare();
    *n = N_ROWS;
    return table;
}

bool x86_row_has_opcode(const X86Insn *row, uint8_t opcode)
{
    return opcode >= row->opcode && opcode < row->opcode + opcodes(row);
}

bool x86_row_has_modrm(const X86Insn *row, uint8_t modrm)
{
    const X86Modrm *m = &row->modrm;

    return (modrm & m->mask) == m->match && (m->kind == 0 || (m->kind == 2) == (modrm >> 6 == 3));
}

static bool has_prefix(const X86Insn *row, const X86Lift *l)
{
    switch (row->prefix) {
    case PFX_ANY: return true;
    case PFX_NP: return l->rep == 0 && !l->opsize_prefix;
    case PFX_66: return l->rep == 0 && l->opsize_prefix;
    case PFX_F3: return l->rep == 0xf3;
    case PFX_F2: return l->rep == 0xf2;
    }
    return false;
}

/* ---- bytes ---- */

typedef struct Bytes {
    const uint8_t *code;
    unsigned avail, at;
    bool out; /* asked for more than there are */
} Bytes;

static uint32_t take(Bytes *b, unsigned n)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < n; i++) {
        if (b->at >= b->avail || b->at >= X86_INSN_BYTES) {
            b->out = true;
            return 0;
        }
        v |= (uint32_t)b->code[b->at++] << 8 * i;
    }
    return v;
}

static bool is_out(const Bytes *b) { return b->out; }

/* Vol. 2 2.1.1; false at the first byte that is no prefix. */
static bool take_prefix(X86Lift *l, uint8_t byte, bool *adsize)
{
    switch (byte) {
    case 0x26: l->seg_override = SEG_ES; return true;
    case 0x2e: l->seg_override = SEG_CS; return true;
    case 0x36: l->seg_override = SEG_SS; return true;
    case 0x3e: l->seg_override = SEG_DS; return true;
    case 0x64: l->seg_override = SEG_FS; return true;
    case 0x65: l->seg_override = SEG_GS; return true;
    case 0x66: l->opsize_prefix = true; return true;
    case 0x67: *adsize = true; return true;
    case 0xf0: l->lock = true; return true;
    case 0xf2:
    case 0xf3: l->rep = byte; return true;
    default: return false;
    }
}

static void take_opcode(X86Lift *l, Bytes *b, uint8_t first)
{
    l->map = MAP_ONE;
    l->opcode = first;
    if (first != 0x0f) {
        return;
    }
    l->map = MAP_0F;
    l->opcode = (uint8_t)take(b, 1);
    if (l->opcode == 0x38 || l->opcode == 0x3a) {
        l->map = l->opcode == 0x38 ? MAP_0F38 : MAP_0F3A;
        l->opcode = (uint8_t)take(b, 1);
    }
}

/* 16-bit forms, Vol. 2 table 2-1. */
static void take_address16(X86Lift *l, Bytes *b)
{
    static const int8_t base[8] = { G_EBX, G_EBX, G_EBP, G_EBP, G_ESI, G_EDI, G_EBP, G_EBX };
    static const int8_t index[8] = { G_ESI, G_EDI, G_ESI, G_EDI, -1, -1, -1, -1 };

    l->base = base[l->rm];
    l->index = index[l->rm];
    if (l->mod == 0 && l->rm == 6) {
        l->base = -1;
        l->disp = take(b, 2);
    } else if (l->mod == 1) {
        l->disp = (uint32_t)(int32_t)(int8_t)take(b, 1);
    } else if (l->mod == 2) {
        l->disp = take(b, 2);
    }
    l->disp &= 0xffff;
}

/* 32-bit forms, tables 2-2 and 2-3. */
static void take_address32(X86Lift *l, Bytes *b)
{
    l->base = (int8_t)l->rm;
    if (l->rm == 4) {
        uint8_t sib = (uint8_t)take(b, 1);

        l->base = sib & 7;
        l->index = (sib >> 3 & 7) == 4 ? -1 : (int8_t)(sib >> 3 & 7);
        l->scale = sib >> 6;
    }
    if (l->mod == 0 && l->base == 5) {
        l->base = -1;
        l->disp = take(b, 4);
    } else if (l->mod == 1) {
        l->disp = (uint32_t)(int32_t)(int8_t)take(b, 1);
    } else if (l->mod == 2) {
        l->disp = take(b, 4);
    }
}

/* Vol. 2, MOV to and from control registers: mod is ignored and counts as 3. */
static bool ignores_mod(const X86Insn *row)
{
    return row->operand[0].kind == OPD_R || (row->operand[1].kind == OPD_R && row->modrm.kind == 0);
}

static void take_modrm(X86Lift *l, Bytes *b)
{
    l->has_modrm = true;
    l->modrm = (uint8_t)take(b, 1);
    l->mod = ignores_mod(l->row) ? 3 : l->modrm >> 6;
    l->reg = l->modrm >> 3 & 7;
    l->rm = l->modrm & 7;
}

static void take_address(X86Lift *l, Bytes *b)
{
    if (l->mod != 3) {
        if (l->adsize == 2) {
            take_address16(l, b);
        } else {
            take_address32(l, b);
        }
    }
    /* Vol. 2 2.1.5: BP and SP as base mean the stack segment. */
    l->seg = l->base == G_EBP || l->base == G_ESP ? SEG_SS : SEG_DS;
}

static unsigned immediate_bytes(const X86Lift *l, X86Operand o)
{
    switch (o.size) {
    case 'b': return 1;
    case 'w': return 2;
    default: return l->opsize;
    }
}

static void take_immediates(X86Lift *l, Bytes *b)
{
    bool second = false;

    for (unsigned i = 0; i < X86_OPERANDS; i++) {
        X86Operand o = l->row->operand[i];

        switch (o.kind) {
        case OPD_I:
        case OPD_IS:
        case OPD_J:
            *(second ? &l->imm2 : &l->imm) = take(b, immediate_bytes(l, o));
            second = true;
            break;
        case OPD_A:
            l->imm = take(b, l->opsize);
            l->imm2 = take(b, 2);
            break;
        case OPD_O: l->disp = take(b, l->adsize); break;
        default: break;
        }
    }
}

/* An operation of the opcode that has a ModRM byte, or NULL. What is undefined beside it has the
 * same operands: all of them are fetched. */
static const X86Insn *find_kin(const X86Lift *l)
{
    unsigned key = l->map * 256u + l->opcode;

    for (unsigned i = start[key]; i < start[key + 1]; i++) {
        if (table[by_key[i]].modrm.present && has_prefix(&table[by_key[i]], l)) {
            return &table[by_key[i]];
        }
    }
    return NULL;
}

/* The row of what has been taken; the ModRM byte is peeked at: only rows that have one take it. */
static const X86Insn *find_row(const X86Lift *l, const Bytes *b, bool *more)
{
    unsigned key = l->map * 256u + l->opcode;
    bool have = b->at < b->avail && b->at < X86_INSN_BYTES;

    for (unsigned i = start[key]; i < start[key + 1]; i++) {
        const X86Insn *row = &table[by_key[i]];

        if (!has_prefix(row, l)) {
            continue;
        }
        if (!row->modrm.present) {
            return row;
        }
        if (!have) {
            *more = true;
            return NULL;
        }
        if (x86_row_has_modrm(row, b->code[b->at])) {
            return row;
        }
    }
    return NULL;
}

static X86Decoded ran_out(const Bytes *b)
{
    return b->at >= X86_INSN_BYTES ? X86_TOO_LONG : X86_TOO_SHORT;
}

X86Decoded x86_decode(X86Lift *l, const uint8_t *code, unsigned avail)
{
    Bytes b = { code, avail, 0, false };
    bool adsize = false, more = false, code16 = (l->mode & MODE_C16) != 0;
    const X86Insn *row;
    uint8_t byte;

    prepare();
    l->seg_override = l->base = l->index = -1;
    l->seg = SEG_DS;
    do {
        byte = (uint8_t)take(&b, 1);
    } while (!is_out(&b) && take_prefix(l, byte, &adsize));
    l->opsize = code16 != l->opsize_prefix ? 2 : 4;
    l->adsize = code16 != adsize ? 2 : 4;
    take_opcode(l, &b, byte);
    if (is_out(&b)) {
        return ran_out(&b);
    }
    row = find_row(l, &b, &more);
    l->row = row || more ? row : find_kin(l);
    if (l->row && l->row->modrm.present) {
        take_modrm(l, &b);
        take_address(l, &b);
    }
    if (l->row) {
        take_immediates(l, &b);
    }
    if (l->seg_override >= 0) {
        l->seg = (uint8_t)l->seg_override;
    }
    l->row = row;
    l->length = (uint8_t)b.at;
    if (more || is_out(&b)) {
        return ran_out(&b);
    }
    return row ? X86_DECODED : X86_NO_ROW;
}
