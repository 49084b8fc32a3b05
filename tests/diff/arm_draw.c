/* SPDX-License-Identifier: MIT */
/* arm_draw.c - see arm_draw.h. */
#include "tests/diff/arm_draw.h"

#include <string.h>

#include "tests/rig/arm_rig.h"

/* What the oracle, Unicorn 2.0 with the Cortex-A15 of QEMU 5, cannot judge. */
static const struct {
    const char *name, *why;
} skipped[] = {
    { "SWP", "its Cortex-A15 has none" },
    { "SWPB", "its Cortex-A15 has none" },
    { "ISB", "ends its run without a word" },
    { "YIELD", "ends its run without a word" },
    { "SVC", "goes to the caller" },
    { "BKPT", "goes to the caller" },
    { "SETEND", "keeps the byte order for the next run" },
};

const char *arm_row_skipped(const ArmInsn *row)
{
    bool unprivileged = row->preset['q' - 'a'] != 0;

    if (row->info.sens != SENS_INNOCUOUS && !unprivileged) {
        return "sensitive";
    }
    if (row->info.name[0] == 'V') {
        return "floating point and vectors have other judges";
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(skipped); i++) {
        if (strcmp(row->info.name, skipped[i].name) == 0) {
            return skipped[i].why;
        }
    }
    return NULL;
}

uint32_t arm_draw_field(const ArmInsn *row, uint32_t word, char letter)
{
    uint32_t v = row->preset[letter - 'a'];

    for (unsigned i = 0; i < row->n_segments; i++) {
        ArmSegment s = row->segment[i];

        if (s.field == letter - 'a') {
            v = v << s.n | (word >> s.lo & ((1u << s.n) - 1));
        }
    }
    return v;
}

static bool named(const ArmInsn *row, const char *prefix)
{
    return g_str_has_prefix(row->info.name, prefix);
}

static bool has_field(const ArmInsn *row, char letter)
{
    for (unsigned i = 0; i < row->n_segments; i++) {
        if (row->segment[i].field == letter - 'a') {
            return true;
        }
    }
    return row->preset[letter - 'a'] != 0;
}

static bool is_exclusive(const ArmInsn *row) { return named(row, "LDREX") || named(row, "STREX"); }

static bool is_list(const ArmInsn *row)
{
    return named(row, "LDM") || named(row, "STM") || named(row, "PUSH") || named(row, "POP");
}

static bool is_memory(const ArmInsn *row)
{
    return named(row, "LDR") || named(row, "STR") || is_list(row) || named(row, "TB");
}

static bool is_hint(const ArmInsn *row)
{
    return named(row, "PL") || named(row, "HINT") || named(row, "NOP") || named(row, "D");
}

static bool is_branch(const ArmInsn *row)
{
    static const char *const names[] = { "B",   "BL",  "BLX_imm", "BLX_reg", "BX",
                                         "BXJ", "CBZ", "TBB",     "TBH" };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(row->info.name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static uint32_t list_of(const ArmInsn *row, uint32_t word)
{
    uint32_t list = word & (row->thumb == 2 ? 0xff : 0xffff);

    if (named(row, "PUSH")) {
        list |= (word >> 8 & 1) << 14;
    } else if (named(row, "POP")) {
        list |= (word >> 8 & 1) << 15;
    }
    return list;
}

/* Whether the instruction may go somewhere else than behind itself. */
static bool leaves(const ArmInsn *row, uint32_t word)
{
    if (is_branch(row)) {
        return true;
    }
    if (is_list(row)) {
        return (list_of(row, word) & 0x8000) != 0;
    }
    if (is_hint(row)) {
        return false;
    }
    return arm_draw_field(row, word, 'd') == 15
           || (named(row, "LDR") && arm_draw_field(row, word, 't') == 15);
}

/* UNPREDICTABLE by DDI 0406C.d, where the oracle and we may choose freely: of lists. */
static bool unpredictable_list(const ArmInsn *row, uint32_t word)
{
    uint32_t list = list_of(row, word), n = arm_draw_field(row, word, 'n');
    bool load = named(row, "LDM") || named(row, "POP"), w = arm_draw_field(row, word, 'w') != 0;
    bool t1_stack = named(row, "PUSH") || named(row, "POP");

    if (list == 0 || (!t1_stack && n == 15)) {
        return true;
    }
    if (row->thumb == 2) {
        return named(row, "STM") && (list & 1u << n) && (list & ((1u << n) - 1));
    }
    if (w && (list & 1u << n) && (load || row->thumb || (list & ((1u << n) - 1)))) {
        return true;
    }
    return row->thumb == 4
           && ((list & (list - 1)) == 0 || (list & 0x2000) || (!load && (list & 0x8000))
               || (load && list >> 14 == 3));
}

/* Of loads and stores of one or two registers. */
static bool unpredictable_access(const ArmInsn *row, uint32_t word)
{
    uint32_t n = arm_draw_field(row, word, 'n'), t = arm_draw_field(row, word, 't');
    uint32_t m = arm_draw_field(row, word, 'm'), r = arm_draw_field(row, word, 'r');
    uint32_t d = arm_draw_field(row, word, 'd');
    bool pair = named(row, "LDRD") || named(row, "STRD") || named(row, "LDREXD")
                || named(row, "STREXD");
    bool w = (has_field(row, 'w') || has_field(row, 'p'))
             && (!arm_draw_field(row, word, 'p') || arm_draw_field(row, word, 'w'));
    bool load = named(row, "LDR"), word_access = row->flags >> ROW_ARG_SHIFT == MO_32 && !pair;

    if (!row->thumb && pair) {
        r = t + 1;
    }
    if (w && (n == 15 || n == t || (pair && n == r))) {
        return true;
    }
    if (has_field(row, 'm') && (m == 15 || (w && m == n) || (row->thumb && m == 13))) {
        return true;
    }
    if (pair
        && ((!row->thumb && (t & 1)) || r >= 15 || t == 15
            || (row->thumb && (t == 13 || r == 13 || (load && t == r))))) {
        return true;
    }
    if (named(row, "LDRD") && has_field(row, 'm') && (m == t || m == r)) {
        return true;
    }
    if (named(row, "STREX")
        && (d == n || d == t || (pair && d == r) || d == 15 || n == 15 || t == 15
            || (row->thumb && (d == 13 || t == 13)))) {
        return true;
    }
    if (named(row, "LDREX") && (n == 15 || t == 15 || (row->thumb && t == 13))) {
        return true;
    }
    if (row->thumb == 4 && t == 13 && !(word_access && !row->preset['q' - 'a'])) {
        return true;
    }
    if (!load && n == 15) {
        return true; /* or it writes into the case itself */
    }
    return t == 15 && (!word_access || row->preset['q' - 'a'] || (!load && row->thumb));
}

/* Of data processing in T32: most of r13 and r15. */
static bool bad_thumb_register(const ArmInsn *row, uint32_t word)
{
    static const char letters[] = "dnmarh";
    static const char *const sp_reads[] = { "ADD", "SUB", "CMP", "CMN" };
    bool sp_form = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(sp_reads); i++) {
        sp_form = sp_form || named(row, sp_reads[i]);
    }
    for (const char *p = letters; *p; p++) {
        uint32_t v = arm_draw_field(row, word, *p);

        if (!has_field(row, *p) || row->preset[*p - 'a'] != 0) {
            continue;
        }
        if (v == 15 || (v == 13 && !(sp_form && (*p == 'n' || *p == 'd')))) {
            return true;
        }
    }
    return sp_form && arm_draw_field(row, word, 'd') == 13 && arm_draw_field(row, word, 'n') != 13;
}

static bool unpredictable_dp(const ArmInsn *row, uint32_t word)
{
    uint32_t d = arm_draw_field(row, word, 'd'), h = arm_draw_field(row, word, 'h');
    uint32_t i = arm_draw_field(row, word, 'i'), w = arm_draw_field(row, word, 'w');
    static const char letters[] = "dnmarh";
    bool plain = named(row, "MOV_") || (g_str_has_suffix(row->info.name, "_imm") && !row->thumb)
                 || (g_str_has_suffix(row->info.name, "_reg") && !row->thumb
                     && !has_field(row, 'r'))
                 || named(row, "RRX");

    if (has_field(row, 'h') && d == h) {
        return true;
    }
    if ((named(row, "BF") && w < i) || ((named(row, "SBFX") || named(row, "UBFX")) && i + w > 31)) {
        return true;
    }
    if (row->thumb == 4) {
        /* ThumbExpandImm of a doubled zero. */
        return bad_thumb_register(row, word)
               || (g_str_has_suffix(row->info.name, "_imm") && i >> 10 == 0 && i >> 8 != 0
                   && (i & 0xff) == 0);
    }
    if (row->thumb == 2) {
        uint32_t n = arm_draw_field(row, word, 'n'), m = arm_draw_field(row, word, 'm');

        return (named(row, "ADD_reg") || named(row, "CMP_reg")) && has_field(row, 'm')
               && ((n == 15 && m == 15) || (named(row, "CMP_reg") && (n == 15 || m == 15)));
    }
    for (const char *p = letters; *p; p++) {
        if (!plain && has_field(row, *p) && row->preset[*p - 'a'] == 0
            && arm_draw_field(row, word, *p) == 15) {
            return true;
        }
    }
    return named(row, "MOVW") && d == 15;
}

static bool unpredictable(const ArmInsn *row, uint32_t word)
{
    if (is_hint(row)) {
        return false;
    }
    if (named(row, "MSR")) {
        uint32_t n = arm_draw_field(row, word, 'n');

        return n == 15 || (row->thumb && n == 13);
    }
    if (is_list(row)) {
        return unpredictable_list(row, word);
    }
    if (named(row, "TB")) {
        uint32_t m = arm_draw_field(row, word, 'm');

        return m == 13 || m == 15 || arm_draw_field(row, word, 'n') == 13;
    }
    if (is_memory(row)) {
        return unpredictable_access(row, word);
    }
    if (is_branch(row)) {
        return has_field(row, 'm') && arm_draw_field(row, word, 'm') == 15;
    }
    return unpredictable_dp(row, word);
}

/* In an IT block only conditional instructions, and what leaves only at its end. */
static bool allowed_in_it(const ArmInsn *row)
{
    return !is_branch(row) && !(row->flags & ROW_NO_COND) && !named(row, "IT")
           && !(named(row, "MOV_reg") && row->thumb == 2 && (row->flags & ROW_IT_S));
}

static uint32_t edge(GRand *rand)
{
    static const uint32_t edges[] = { 0,          1,          2,          0x7f,       0x80,
                                      0xff,       0x7fff,     0x8000,     0xffff,     0x10000,
                                      0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
                                      31,         32,         33,         0x7fff7fff, 0x80008000,
                                      0x55555555, 0x80000000, 0x00ff00ff, 0xffff0000, 0x7f808001 };

    return g_rand_boolean(rand) ? edges[g_rand_int_range(rand, 0, G_N_ELEMENTS(edges))]
                                : g_rand_int(rand);
}

static uint32_t pointer(GRand *rand)
{
    uint32_t p = RIG_DATA + 0x400 + (uint32_t)g_rand_int_range(rand, 0, RIG_DATA_BYTES - 0x800);

    return g_rand_int_range(rand, 0, 4) == 0 ? p : p & ~7u;
}

/* Sets the registers that @word takes for addresses to something an address may be. */
static void aim(GRand *rand, ArmCase *c, const ArmInsn *row, uint32_t word)
{
    uint32_t n = row->thumb == 2 && (named(row, "PUSH") || named(row, "POP"))
                     ? 13
                     : arm_draw_field(row, word, 'n');
    uint32_t m = arm_draw_field(row, word, 'm');

    if (is_memory(row) && n < 15) {
        c->r[n] = pointer(rand);
        if (is_list(row) || is_exclusive(row) || named(row, "LDRD") || named(row, "STRD")) {
            c->r[n] &= ~7u;
        }
        if (has_field(row, 'm') && m < 15 && m != n) {
            c->r[m] = (uint32_t)g_rand_int_range(rand, 0, 16);
        }
    } else if (is_branch(row) && has_field(row, 'm') && m < 15) {
        uint32_t to = RIG_CODE + 4 * (uint32_t)g_rand_int_range(rand, 64, 256);

        c->r[m] = g_rand_boolean(rand) ? to | 1 : to;
    }
}

static uint32_t draw_word(GRand *rand, const ArmInsn *row)
{
    uint32_t word;

    do {
        word = row->match | (g_rand_int(rand) & ~row->mask);
        if (row->thumb == 2) {
            word &= 0xffff;
        }
        if (!row->thumb && row->mask >> 28 == 0 && g_rand_boolean(rand)) {
            word = (word & 0x0fffffff) | 0xe0000000;
        }
    } while (!arm_row_matches(row, word));
    return word;
}

static unsigned exclusive_size(const ArmInsn *row) { return row->flags >> ROW_ARG_SHIFT; }

/* A3.4.5: a store-exclusive of another size than the load's is not told to pass or to fail. */
static bool other_size(const ArmCase *c, const ArmInsn *row)
{
    for (unsigned i = 0; i < c->n; i++) {
        if (is_exclusive(row) && is_exclusive(c->row[i])
            && exclusive_size(row) != exclusive_size(c->row[i])) {
            return true;
        }
    }
    return false;
}

typedef enum Place { PLACE_ANY, PLACE_INSIDE, PLACE_IT } Place;

static void draw_insn(GRand *rand, ArmCase *c, Place place)
{
    unsigned n_rows;
    const ArmInsn *rows = arm_rows(&n_rows), *row;
    uint32_t word;

    do {
        row = &rows[g_rand_int_range(rand, 0, (gint32)n_rows)];
        word = row->match;
        if ((row->thumb != 0) != c->thumb || arm_row_skipped(row) || named(row, "IT")
            || other_size(c, row) || (place == PLACE_IT && !allowed_in_it(row))) {
            continue;
        }
        word = draw_word(rand, row);
        if (!unpredictable(row, word) && (place == PLACE_ANY || !leaves(row, word))) {
            break;
        }
    } while (true);
    aim(rand, c, row, word);
    c->word[c->n] = word;
    c->row[c->n++] = row;
}

/* IT and the instructions it covers. */
static void draw_it(GRand *rand, ArmCase *c)
{
    unsigned length = (unsigned)g_rand_int_range(rand, 1, 5);
    uint32_t cond = (uint32_t)g_rand_int_range(rand, 0, 14), mask = 0;

    for (unsigned i = 1; i < length; i++) {
        mask |= (uint32_t)g_rand_int_range(rand, 0, 2) << (4 - i);
    }
    mask |= 1u << (4 - length);
    c->word[c->n] = 0xbf00 | cond << 4 | mask;
    c->row[c->n] = arm_decode(c->word[c->n], true);
    c->n++;
    for (unsigned i = 0; i < length; i++) {
        draw_insn(rand, c, PLACE_IT);
    }
    c->it_end = c->n;
}

static void append(ArmCase *c, uint32_t word)
{
    c->word[c->n] = word;
    c->row[c->n++] = arm_decode(word, c->thumb);
}

/* A load-exclusive and a store-exclusive of the same size and base. */
static void draw_exclusive_pair(GRand *rand, ArmCase *c)
{
    unsigned n_rows;
    const ArmInsn *rows = arm_rows(&n_rows), *row;
    uint32_t load, store, base = 0x000f0000;

    do {
        row = &rows[g_rand_int_range(rand, 0, (gint32)n_rows)];
    } while (!named(row, "LDREX") || (row->thumb != 0) != c->thumb);
    do {
        load = draw_word(rand, row);
    } while (unpredictable(row, load));
    aim(rand, c, row, load);
    append(c, load);
    if (has_field(row, 'i')) {
        base |= 0xff; /* T1: the offset */
    }
    do {
        row = &rows[g_rand_int_range(rand, 0, (gint32)n_rows)];
    } while (!named(row, "STREX") || (row->thumb != 0) != c->thumb || other_size(c, row));
    do {
        store = (draw_word(rand, row) & ~base) | (load & base);
    } while (!arm_row_matches(row, store) || unpredictable(row, store));
    append(c, store);
}

/* Its monitor outlives a run: a case with exclusive accesses opens it first. */
static void open_monitor(ArmCase *c)
{
    uint32_t clrex = c->thumb ? 0xf3bf8f2f : 0xf57ff01f;

    memmove(c->word + 1, c->word, sizeof(c->word[0]) * c->n);
    memmove(c->row + 1, c->row, sizeof(c->row[0]) * c->n);
    c->word[0] = clrex;
    c->row[0] = arm_decode(clrex, c->thumb);
    c->n++;
    c->it_end += c->it_end > 0;
}

void arm_draw_case(GRand *rand, ArmCase *c)
{
    unsigned n = g_rand_boolean(rand) ? 1 : (unsigned)g_rand_int_range(rand, 2, 7);

    memset(c, 0, sizeof(*c));
    c->thumb = g_rand_boolean(rand);
    for (unsigned i = 0; i < 15; i++) {
        c->r[i] = g_rand_int_range(rand, 0, 8) == 0 ? pointer(rand) : edge(rand);
    }
    c->cpsr = ARM_USR | (g_rand_int(rand) & 0xf80f0000u) | (c->thumb ? CPSR_T : 0);
    if (g_rand_int_range(rand, 0, 40) == 0) {
        draw_exclusive_pair(rand, c);
    }
    while (c->n < n) {
        if (c->thumb && g_rand_int_range(rand, 0, 6) == 0 && c->n + 5 < CASE_INSNS_MAX - 1) {
            draw_it(rand, c);
        } else {
            draw_insn(rand, c, c->n + 1 == n ? PLACE_ANY : PLACE_INSIDE);
        }
    }
    for (unsigned i = 0; i < c->n; i++) {
        if (is_exclusive(c->row[i])) {
            open_monitor(c);
            break;
        }
    }
}
