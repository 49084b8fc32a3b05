/* SPDX-License-Identifier: MIT */
/* decode.c - turns the patterns of arm.def and thumb.def into masks, fields and an index. */
#include "frontend/arm/lift_fp_priv.h"
#include "frontend/arm/lift_int_priv.h"

#include <string.h>

/* clang-format off */
#define ROW(name, encoding, bits, lifter, sens, how, flags, traps, spec, t) \
    { { #name, encoding, SENS_##sens, HOW_##how, traps, spec }, bits, lifter, flags, \
      0, 0, 0, t, 0, 0, { { 0 } }, { { 0 } }, { 0 } },
#define TRAPS_INNOCUOUS false
#define TRAPS_PRIVILEGED true
#define TRAPS_SENSITIVE_CONTROL false
#define TRAPS_SENSITIVE_BEHAVIOUR false

enum { T32_OF_A32 = 1 }; /* in the thumb column: a T32 row, but the pattern is the A32 one's */

static ArmInsn table[] = {
#define ARM(name, encoding, bits, lifter, sens, how, flags, spec) \
    ROW(name, encoding, bits, lifter, sens, how, flags, TRAPS_##sens, spec, 0)
#include "frontend/arm/arm.def"
#define THUMB(name, encoding, bits, lifter, sens, how, flags, spec) \
    ROW(name, encoding, bits, lifter, sens, how, flags, TRAPS_##sens, spec, 4)
#include "frontend/arm/thumb.def"
#define VFP(name, number, bits, lifter, sens, how, flags, spec) \
    ROW(name, "A" #number, bits, lifter, sens, how, flags, TRAPS_##sens, spec, 0) \
    ROW(name, "T" #number, bits, lifter, sens, how, flags, TRAPS_##sens, spec, T32_OF_A32)
#include "frontend/arm/arm_vfp.def"
#define SIMD(name, number, bits, lifter, flags, spec) \
    ROW(name, "A" #number, bits, lifter, INNOCUOUS, TRANSLATED, (flags) | ROW_NO_COND, \
        TRAPS_INNOCUOUS, spec, 0) \
    ROW(name, "T" #number, bits, lifter, INNOCUOUS, TRANSLATED, flags, \
        TRAPS_INNOCUOUS, spec, T32_OF_A32)
#include "frontend/arm/arm_simd.def"
};
/* clang-format on */

enum { N_ROWS = ARM_N_ROWS };
G_STATIC_ASSERT(N_ROWS == G_N_ELEMENTS(table));

/* Rows by some of their bits: rows row[start[key]] to row[start[key + 1] - 1] may match. */
typedef struct Index {
    uint32_t key_bits; /* of the word */
    unsigned n_keys;
    unsigned (*key)(uint32_t word);
    uint32_t *start;
    uint16_t *row;
} Index;

enum { A32, T16, T32, N_INDEXES };

static unsigned a32_key(uint32_t w)
{
    return (w >> 28 == 15 ? 1u << 12 : 0) | (w >> 16 & 0xff0) | (w >> 4 & 0xf);
}
static unsigned t16_key(uint32_t w) { return w >> 6 & 0x3ff; }
static unsigned t32_key(uint32_t w) { return (w >> 16 & 0x1ff0) | (w >> 4 & 0xf); }

static Index indexes[N_INDEXES] = {
    [A32] = { 0xfff000f0u, 1 << 13, a32_key, NULL, NULL },
    [T16] = { 0x0000ffc0u, 1 << 10, t16_key, NULL, NULL },
    [T32] = { 0x1ff000f0u, 1 << 13, t32_key, NULL, NULL },
};

static unsigned which_index(const ArmInsn *row)
{
    return row->thumb == 0 ? A32 : row->thumb == 2 ? T16 : T32;
}

/* The word with @value in @field of @row's pattern; the field's bits in @mask. */
static uint32_t place(const ArmInsn *row, unsigned field, uint32_t value, uint32_t *mask)
{
    uint32_t word = 0;

    *mask = 0;
    for (unsigned i = row->n_segments; i-- > 0;) {
        ArmSegment seg = row->segment[i];
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

static void except(ArmInsn *row, ArmException e)
{
    g_assert(e.mask != 0 && row->n_exceptions < ROW_EXCEPTIONS);
    row->except[row->n_exceptions++] = e;
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

/* ": z=x": field @to has the bits of field @from. */
static void parse_same(ArmInsn *row, char to, char from)
{
    unsigned n = row->n_segments;

    for (unsigned i = 0; i < n; i++) {
        if (row->segment[i].field == from - 'a') {
            g_assert(row->n_segments < ROW_SEGMENTS);
            row->segment[row->n_segments] = row->segment[i];
            row->segment[row->n_segments++].field = (uint8_t)(to - 'a');
        }
    }
    g_assert(row->n_segments > n);
}

/* "~ x=1 y=2" at @p: an exception. */
static const char *parse_exception(ArmInsn *row, const char *p)
{
    ArmException e = { 0, 0 };

    while (*p == ' ') {
        p++;
    }
    while (*p != '\0' && *p != '~' && *p != ':') {
        unsigned field;
        uint32_t value, mask;

        p = parse_equal(p, &field, &value);
        e.match |= place(row, field, value, &mask);
        e.mask |= mask;
        while (*p == ' ') {
            p++;
        }
    }
    except(row, e);
    return p;
}

/* ": z=3 y=x" at @p: implied fields. */
static const char *parse_implied(ArmInsn *row, const char *p)
{
    while (*p == ' ') {
        p++;
    }
    while (*p != '\0' && *p != '~' && *p != ':') {
        unsigned field;

        if (p[1] == '=' && p[2] >= 'a' && p[2] <= 'z') {
            parse_same(row, p[0], p[2]);
            p += 3;
        } else {
            uint32_t value;

            p = parse_equal(p, &field, &value);
            row->preset[field] = value;
        }
        while (*p == ' ') {
            p++;
        }
    }
    return p;
}

static void parse_clauses(ArmInsn *row, const char *p)
{
    while (*p != '\0') {
        g_assert(*p == '~' || *p == ':');
        p = *p == '~' ? parse_exception(row, p + 1) : parse_implied(row, p + 1);
    }
}

static void add_field_bit(ArmInsn *row, unsigned field, unsigned bit)
{
    ArmSegment *last = row->n_segments ? &row->segment[row->n_segments - 1] : NULL;

    if (last && last->field == field && last->lo == bit + 1) {
        last->lo--;
        last->n++;
        return;
    }
    g_assert(row->n_segments < ROW_SEGMENTS);
    row->segment[row->n_segments++] = (ArmSegment){ (uint8_t)field, (uint8_t)bit, 1 };
}

/* The T32 pattern of a floating-point or Advanced SIMD row, A7.4 to A7.9: the same word but for the
 * top byte. Never freed. */
static const char *t32_pattern(const char *a32)
{
    if (g_str_has_prefix(a32, "cccc")) {
        return g_strdup_printf("1110%s", a32 + 4);
    }
    if (g_str_has_prefix(a32, "11110100")) {
        return g_strdup_printf("11111001%s", a32 + 8);
    }
    g_assert(g_str_has_prefix(a32, "1111001"));
    return g_strdup_printf("111%c1111%s", a32[7], a32 + 8);
}

/* Fills what the pattern says; a wrong length or letter in it is our bug. */
static void parse_bits(ArmInsn *row)
{
    size_t end = strcspn(row->bits, "~:");
    unsigned n = 0, bit;

    for (size_t i = 0; i < end; i++) {
        n += row->bits[i] != ' ';
    }
    g_assert(n == 32 || (n == 16 && row->thumb));
    row->thumb = row->thumb ? (uint8_t)(n / 8) : 0;
    bit = n;
    for (size_t i = 0; i < end; i++) {
        char c = row->bits[i];

        if (c == ' ') {
            continue;
        }
        bit--;
        if (c == '0' || c == '1') {
            row->mask |= 1u << bit;
            row->match |= (uint32_t)(c - '0') << bit;
        } else {
            g_assert(c >= 'a' && c <= 'z');
            add_field_bit(row, (unsigned)(c - 'a'), bit);
        }
    }
    if (!row->thumb && row->mask >> 28 != 15) { /* A5.1: 1111 is the unconditional space */
        g_assert(row->mask >> 28 == 0);
        except(row, (ArmException){ 0xf0000000u, 0xf0000000u });
    }
    parse_clauses(row, row->bits + end);
}

/* Calls @visit for every key that a word of @row can have. */
static void each_key(Index *x, const ArmInsn *row, unsigned number,
                     void (*visit)(Index *x, unsigned key, unsigned row))
{
    uint32_t bits = x->key_bits, open;

    if (!row->thumb && row->mask >> 28 == 0) {
        bits &= 0x0fffffff; /* any condition gives the same key */
    }
    open = bits & ~row->mask;
    for (uint32_t sub = open;; sub = (sub - 1) & open) {
        visit(x, x->key((row->match & bits) | sub), number);
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

static void build_index(Index *x)
{
    x->start = g_new0(uint32_t, x->n_keys + 1);
    for (unsigned i = 0; i < N_ROWS; i++) {
        if (&indexes[which_index(&table[i])] == x) {
            each_key(x, &table[i], i, count_key);
        }
    }
    for (unsigned k = 1; k <= x->n_keys; k++) {
        x->start[k] += x->start[k - 1];
    }
    x->row = g_new(uint16_t, x->start[x->n_keys]);
    for (unsigned i = N_ROWS; i-- > 0;) {
        if (&indexes[which_index(&table[i])] == x) {
            each_key(x, &table[i], i, fill_key);
        }
    }
}

static void prepare(void)
{
    static gsize ready;

    if (g_once_init_enter(&ready)) {
        for (unsigned i = 0; i < N_ROWS; i++) {
            table[i].ledger = (uint16_t)i;
            if (table[i].thumb == T32_OF_A32) {
                table[i].bits = t32_pattern(table[i].bits);
            }
            parse_bits(&table[i]);
        }
        for (unsigned i = 0; i < N_INDEXES; i++) {
            build_index(&indexes[i]);
        }
        g_once_init_leave(&ready, 1);
    }
}

const ArmInsn *arm_rows(unsigned *n)
{
    prepare();
    *n = N_ROWS;
    return table;
}

bool arm_row_matches(const ArmInsn *row, uint32_t word)
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

const ArmInsn *arm_decode(uint32_t word, bool thumb)
{
    const Index *x = &indexes[!thumb ? A32 : word >> 16 ? T32 : T16];
    unsigned key = x->key(word);

    prepare();
    for (uint32_t i = x->start[key]; i < x->start[key + 1]; i++) {
        if (arm_row_matches(&table[x->row[i]], word)) {
            return &table[x->row[i]];
        }
    }
    return NULL;
}
