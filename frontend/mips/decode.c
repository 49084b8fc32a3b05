/* SPDX-License-Identifier: MIT */
/* decode.c - turns the patterns of insns_all.def into masks, fields and an index. */
#include "frontend/mips/lift_dsp_priv.h"
#include "frontend/mips/lift_fpu_priv.h"
#include "frontend/mips/lift_int_priv.h"
#include "frontend/mips/lift_m16_priv.h"

#include <string.h>

/* clang-format off */
#define TRAPS_INNOCUOUS false
#define TRAPS_PRIVILEGED true
#define TRAPS_SENSITIVE_CONTROL false
#define TRAPS_SENSITIVE_BEHAVIOUR false

static MipsInsn table[] = {
#define MIPS(name, enc, bits, lifter, sens, how, flags, feature, spec) \
    { { #name, #enc, SENS_##sens, HOW_##how, TRAPS_##sens, spec }, bits, lifter, flags, feature, \
      0, 0, 0, ENC_##enc, 0, 0, { { 0 } }, { { 0 } }, { 0 } },
#include "frontend/mips/insns_all.def"
};
/* clang-format on */

enum { N_ROWS = MIPS_N_ROWS };
G_STATIC_ASSERT(N_ROWS == G_N_ELEMENTS(table));

static const uint8_t enc_bits[N_ENC] = { 32, 16, 32, 16, 32 };

/* Rows by major opcode, the bits that tell most of what shares one, and its low bits: rows
 * row[start[key]] to row[start[key + 1] - 1] may match. */
typedef struct Index {
    uint32_t key_bits; /* of the word */
    unsigned n_keys;
    unsigned (*key)(uint32_t word);
    uint32_t *start;
    uint16_t *row;
} Index;

/* Opcode and function; bits 25 to 21 are looked at by the rows' masks. */
static unsigned key32(uint32_t w) { return w >> 26 << 6 | (w & 0x3f); }
static unsigned key16(uint32_t w) { return w >> 6 & 0x3ff; }

static Index indexes[N_ENC] = {
    [ENC_M32] = { 0xfc00003fu, 1 << 12, key32, NULL, NULL },
    [ENC_M16] = { 0x0000ffc0u, 1 << 10, key16, NULL, NULL },
    [ENC_M16X] = { 0x0000ffc0u, 1 << 10, key16, NULL, NULL },
    [ENC_MM16] = { 0x0000ffc0u, 1 << 10, key16, NULL, NULL },
    [ENC_MM32] = { 0xfc00003fu, 1 << 12, key32, NULL, NULL },
};

static void add_field_bit(MipsInsn *row, unsigned field, unsigned bit)
{
    MipsSegment *last = row->n_segments > 0 ? &row->segment[row->n_segments - 1] : NULL;

    if (last && last->field == field && last->lo == bit + 1) {
        last->lo--;
        last->n++;
    } else {
        g_assert(row->n_segments < ROW_SEGMENTS);
        row->segment[row->n_segments++] = (MipsSegment){ (uint8_t)field, (uint8_t)bit, 1 };
    }
}

/* The word with @value in @field of @row's pattern; the field's bits in @mask. */
static uint32_t place(const MipsInsn *row, unsigned field, uint32_t value, uint32_t *mask)
{
    uint32_t word = 0;

    *mask = 0;
    for (unsigned i = row->n_segments; i-- > 0;) {
        MipsSegment seg = row->segment[i];
        uint32_t ones = (1u << seg.n) - 1;

        if (seg.field == field) {
            word |= (value & ones) << seg.lo;
            *mask |= ones << seg.lo;
            value >>= seg.n;
        }
    }
    g_assert(*mask != 0 && value == 0);
    return word;
}

/* One "x=12" of an exception or of the implied fields. */
static const char *parse_equal(const char *p, unsigned *field, uint32_t *value)
{
    char *end;

    g_assert(p[0] >= 'a' && p[0] <= 'z' && p[1] == '=' && g_ascii_isdigit(p[2]));
    *field = (unsigned)(p[0] - 'a');
    *value = (uint32_t)g_ascii_strtoull(p + 2, &end, 0);
    g_assert(*end == ' ' || *end == '\0');
    return end;
}

static const char *skip_spaces(const char *p)
{
    while (*p == ' ') {
        p++;
    }
    return p;
}

/* One clause behind the bits: "~ x=1 y=2", an exception, or ": z=3", implied fields. */
static const char *parse_clause(MipsInsn *row, const char *p)
{
    bool excludes = *p++ == '~';
    MipsException e = { 0, 0 };

    for (p = skip_spaces(p); *p != '\0' && *p != '~' && *p != ':'; p = skip_spaces(p)) {
        unsigned field;
        uint32_t value, mask;

        p = parse_equal(p, &field, &value);
        if (excludes) {
            e.match |= place(row, field, value, &mask);
            e.mask |= mask;
        } else {
            row->preset[field] = value;
        }
    }
    if (excludes) {
        g_assert(e.mask != 0 && row->n_exceptions < ROW_EXCEPTIONS);
        row->except[row->n_exceptions++] = e;
    }
    return p;
}

/* Fills what the pattern says; a wrong length or letter in it is our bug. */
static void parse_bits(MipsInsn *row)
{
    const char *p = row->bits;
    unsigned bit = enc_bits[row->enc];

    for (; *p != '\0' && *p != '~' && *p != ':'; p++) {
        if (*p == ' ') {
            continue;
        }
        g_assert(bit > 0);
        bit--;
        if (*p == '0' || *p == '1') {
            row->mask |= 1u << bit;
            row->match |= (uint32_t)(*p - '0') << bit;
        } else {
            g_assert(*p >= 'a' && *p <= 'z');
            add_field_bit(row, (unsigned)(*p - 'a'), bit);
        }
    }
    g_assert(bit == 0);
    while (*p != '\0') {
        p = parse_clause(row, p);
    }
}

/* Calls @visit for every key that a word of @row can have. */
static void each_key(Index *x, const MipsInsn *row, unsigned number,
                     void (*visit)(Index *x, unsigned key, unsigned row))
{
    uint32_t open = x->key_bits & ~row->mask;

    for (uint32_t sub = open;; sub = (sub - 1) & open) {
        visit(x, x->key((row->match & x->key_bits) | sub), number);
        if (sub == 0) {
            break;
        }
    }
}

static void count_key(Index *x, unsigned key, unsigned row)
{
    (void)row;
    x->start[key]++;
}

/* start[key] is where the key's rows end; filling moves it to where they begin. */
static void fill_key(Index *x, unsigned key, unsigned row)
{
    x->row[--x->start[key]] = (uint16_t)row;
}

static void each_row(MipsEncoding enc, void (*visit)(Index *x, unsigned key, unsigned row))
{
    for (unsigned i = N_ROWS; i-- > 0;) {
        if (table[i].enc == enc) {
            each_key(&indexes[enc], &table[i], i, visit);
        }
    }
}

static void build_index(MipsEncoding enc)
{
    Index *x = &indexes[enc];

    x->start = g_new0(uint32_t, x->n_keys + 1);
    each_row(enc, count_key);
    for (unsigned k = 1; k <= x->n_keys; k++) {
        x->start[k] += x->start[k - 1];
    }
    x->row = g_new0(uint16_t, x->start[x->n_keys] + 1);
    each_row(enc, fill_key);
}

static void prepare(void)
{
    static gsize ready;

    if (g_once_init_enter(&ready)) {
        for (unsigned i = 0; i < N_ROWS; i++) {
            table[i].ledger = (uint16_t)i;
            parse_bits(&table[i]);
        }
        for (unsigned e = 0; e < N_ENC; e++) {
            build_index((MipsEncoding)e);
        }
        g_once_init_leave(&ready, 1);
    }
}

const MipsInsn *mips_rows(unsigned *n)
{
    prepare();
    *n = N_ROWS;
    return table;
}

bool mips_row_matches(const MipsInsn *row, uint32_t word)
{
    if ((word & row->mask) != row->match) {
        return false;
    }
    for (unsigned i = 0; i < row->n_exceptions; i++) {
        if ((word & row->except[i].mask) == row->except[i].match) {
            return false;
        }
    }
    return true;
}

const MipsInsn *mips_decode(MipsEncoding enc, uint32_t word)
{
    const Index *x = &indexes[enc];
    unsigned key = x->key(word);

    prepare();
    for (uint32_t i = x->start[key]; i < x->start[key + 1]; i++) {
        if (mips_row_matches(&table[x->row[i]], word)) {
            return &table[x->row[i]];
        }
    }
    return NULL;
}
