/* SPDX-License-Identifier: MIT */
/*
 * test_mips_sets.c - each row of MIPS16e, the DSP ASE, the FPU and coprocessor 0 alone.
 *
 * The state before follows from the case's seed: fill(); an even one is of a big-endian processor.
 * The state after is what is different, by name: tests/unit/mips_set_cases.def, made by `make
 * golden`; tests/diff wants the same rows to do as Unicorn and MPFR.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "base/state.h"
#include "frontend/mips/lift.h"
#include "frontend/mips/mips_priv.h"
#include "tests/rig/mips_rig.h"

enum { EACH = 4, ORDERS = 2, RIGS = 2 * ORDERS };
#define FILE_NAME "tests/unit/mips_set_cases.def"

typedef struct Case {
    const char *row;
    unsigned seed;
    uint32_t word;
    const char *after;
} Case;

static const Case cases[] = {
#define CASE(row, seed, word, after) { row, seed, 0x##word, after },
#include "tests/unit/mips_set_cases.def"
    { NULL, 0, 0, NULL },
};

/* What test_mips_int.c has; what stops the processor; what comes with microMIPS. */
static bool is_elsewhere(const MipsInsn *row)
{
    bool integer = row->enc == ENC_M32 && row->info.sens == SENS_INNOCUOUS
                   && (row->features & ~(uint32_t)MIPS_R2) == 0 && row->match >> 26 != 0x11
                   && row->match >> 26 != 0x13 && (row->match >> 26 & 0x33) != 0x31;

    return (integer && !g_str_equal(row->info.name, "MOVCI")) || row->enc == ENC_MM16
           || row->enc == ENC_MM32 || g_str_equal(row->info.name, "WAIT");
}

/* Splitmix: a counter, scrambled. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Registers from 16 up, and every second below, hold addresses of data. */
static void fill(MipsRig *rig, unsigned n)
{
    MipsCpu *cpu = rig->cpu;
    uint64_t seed = n;

    mips_isa.reset(&cpu->v);
    for (unsigned i = 1; i < 32; i++) {
        uint32_t any = (uint32_t)draw(&seed);
        bool address = i >= 16 || i % 2 != 0;

        cpu->r[i] = address ? KSEG0_OF(MIPS_DATA + 0x1000 + (any & 0xffc)) : any;
    }
    for (unsigned i = 0; i < 32; i++) { /* numbers about one */
        cpu->fpr[i] = 0x3ff0000000000000 | (draw(&seed) & 0x803fffff00000000)
                      | (0x3f800000 + (draw(&seed) & 0x80ffffff));
    }
    for (unsigned i = 0; i < 4; i++) {
        cpu->lo[i] = (uint32_t)draw(&seed);
        cpu->hi[i] = (uint32_t)draw(&seed);
    }
    cpu->dspcontrol = (uint32_t)draw(&seed) & 0x0fff7fbf;
    cpu->cp0.epc = cpu->cp0.errorepc = cpu->cp0.depc = KSEG0_OF(MIPS_CODE + 0x40);
    for (unsigned i = 0; i < MIPS_DATA_BYTES; i += 4) {
        mips_rig_set_word(rig, MIPS_DATA + i, 0x01000193 * (i + n));
    }
}

static void put(MipsRig *rig, const MipsInsn *row, uint32_t word)
{
    bool isa = row->enc == ENC_M16 || row->enc == ENC_M16X;
    uint32_t code[4] = { word, 0, 0, 0 };

    if (row->enc == ENC_M16) { /* first halfword, and a nop behind it */
        code[0] = rig->cpu->big_endian != 0 ? word << 16 | 0x6500 : word | 0x65000000;
    } else if (isa && rig->cpu->big_endian == 0) {
        code[0] = word << 16 | word >> 16;
    }
    for (unsigned i = 1; isa && i < G_N_ELEMENTS(code); i++) {
        code[i] = 0x65006500;
    }
    mips_rig_code(rig, MIPS_CODE, code, G_N_ELEMENTS(code));
    mips_rig_start(rig, STATUS_CU1 | STATUS_MX | STATUS_FR, KSEG0_OF(MIPS_CODE));
    rig->cpu->v.mode |= isa ? MIPS_MODE_ISA : 0;
    mips_update(rig->cpu);
}

static GBytes *state_of(MipsRig *rig)
{
    GByteArray *bytes = g_byte_array_new();

    vcpu_fp_sync(&rig->cpu->v);
    mips_isa.settle(&rig->cpu->v);
    for (unsigned i = 0; i < mips_isa.n_fields; i++) {
        const StateField *f = &mips_isa.fields[i];

        g_byte_array_append(bytes, (uint8_t *)rig->cpu + f->off, (guint)state_bytes(f));
    }
    return g_byte_array_free_to_bytes(bytes);
}

/* A changed field of @f, or of its elements, by name: "r[3]=00000001". */
static void say_field(GString *s, const StateField *f, const uint8_t *a, const uint8_t *b)
{
    for (unsigned i = 0; i < f->count; i++, a += f->elem, b += f->elem) {
        uint64_t value = 0;

        if (memcmp(a, b, f->elem) != 0) {
            memcpy(&value, b, f->elem);
            g_string_append_printf(s,
                                   f->count > 1 ? " %s[%u]=%" G_GINT64_MODIFIER "x"
                                                : " %s%.0u=%" G_GINT64_MODIFIER "x",
                                   f->name, f->count > 1 ? i : 0, value);
        }
    }
}

/* What is different behind the instruction. */
static char *outcome(MipsRig *rig, const MipsInsn *row, uint32_t word, unsigned seed)
{
    g_autoptr(GBytes) before = NULL, after = NULL;
    uint32_t data[MIPS_DATA_BYTES / 4];
    GString *s = g_string_new(NULL);
    const uint8_t *a, *b;

    fill(rig, seed);
    put(rig, row, word);
    before = state_of(rig);
    for (unsigned i = 0; i < G_N_ELEMENTS(data); i++) {
        data[i] = mips_rig_word(rig, MIPS_DATA + 4 * i);
    }
    mips_rig_run(rig, 1);
    after = state_of(rig);
    a = g_bytes_get_data(before, NULL);
    b = g_bytes_get_data(after, NULL);
    for (unsigned i = 0; i < mips_isa.n_fields; i++) {
        const StateField *f = &mips_isa.fields[i];

        if (!g_str_equal(f->name, "fp") && !g_str_equal(f->name, "v.mode")) { /* below */
            say_field(s, f, a, b);
        }
        a += state_bytes(f);
        b += state_bytes(f);
    }
    if ((rig->cpu->v.mode & MIPS_MODE_SLOT) != 0) {
        g_string_append(s, " slot");
    }
    if ((rig->cpu->v.mode & MIPS_MODE_ISA) != 0) {
        g_string_append(s, " m16");
    }
    if (mips_fcsr(rig->cpu) != 0) {
        g_string_append_printf(s, " fcsr %x", mips_fcsr(rig->cpu));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(data); i++) {
        uint32_t now = mips_rig_word(rig, MIPS_DATA + 4 * i);

        if (now != data[i]) {
            g_string_append_printf(s, " [%x]=%x", 4 * i, now);
        }
    }
    g_strchug(s->str);
    return g_string_free(s, FALSE);
}

static MipsRig *rig_new(unsigned k)
{
    return mips_rig_new(k / ORDERS == 0 ? &interp_host : &x64_host, "74Kf", k % ORDERS == 0);
}

static const MipsInsn *row_named(const char *name)
{
    unsigned n;
    const MipsInsn *rows = mips_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        if (g_str_equal(rows[i].info.name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

Test(mips_sets, each_instruction_does_as_its_case_says)
{
    for (unsigned k = 0; k < RIGS; k++) {
        MipsRig *rig = rig_new(k);

        for (const Case *c = cases; c->row != NULL; c++) {
            const MipsInsn *row = row_named(c->row);
            g_autofree char *got = NULL;

            if (c->seed % ORDERS != k % ORDERS) {
                continue;
            }
            cr_assert(row != NULL && mips_row_matches(row, c->word), "%s", c->row);
            got = outcome(rig, row, c->word, c->seed);
            cr_expect(eq(str, got, (char *)(uintptr_t)c->after), "%s %08x, rig %u", c->row, c->word,
                      k);
        }
        mips_rig_free(rig);
    }
}

Test(mips_sets, every_row_has_a_case)
{
    unsigned n;
    const MipsInsn *rows = mips_rows(&n);

    for (unsigned i = 0; i < n; i++) {
        const Case *c = cases;

        while (c->row != NULL && !g_str_equal(c->row, rows[i].info.name)) {
            c++;
        }
        cr_expect(c->row != NULL || is_elsewhere(&rows[i]), "%s", rows[i].info.name);
    }
}

/* MFC0 and MTC0 of registers that there are: EntryHi, EPC, Context, Wired. */
static uint32_t of_register(uint32_t word, uint64_t any)
{
    static const uint32_t numbers[] = { 10, 14, 4, 6 };

    return (word & ~0xf807u) | numbers[any & 3] << 11;
}

static uint32_t draw_word(const MipsInsn *row, uint64_t *seed)
{
    uint32_t word;

    do {
        word = row->match | ((uint32_t)draw(seed) & ~row->mask);
        word &= row->enc == ENC_M16 ? 0xffff : UINT32_MAX;
        /* Loads and stores of MIPS32: near, and off a register that is an address. */
        if (row->enc == ENC_M32 && row->match >> 26 >= 0x30) {
            word = (word & ~0xffffu) | (word & 0x78) | 1 << 25;
        }
        if (row->enc == ENC_M32 && (row->match & 0xff600000) == 0x40000000) {
            word = of_register(word, draw(seed));
        }
    } while (!mips_row_matches(row, word));
    return word;
}

/* An exception says less: another word, if there is one that raises none. */
static uint32_t draw_case(MipsRig *rig, const MipsInsn *row, uint64_t *seed, unsigned n)
{
    uint32_t word = 0;

    for (unsigned tries = 0; tries < 60; tries++) {
        g_autofree char *what = NULL;

        word = draw_word(row, seed);
        what = outcome(rig, row, word, n);
        if (strstr(what, "cp0.cause") == NULL && strstr(what, "=") != NULL) {
            break;
        }
    }
    return word;
}

/* As string literals of a line each. */
static void append_text(GString *out, const char *text)
{
    while (strlen(text) > 88) {
        const char *space = g_strrstr_len(text, 88, " ");

        g_string_append_printf(out, "     \"%.*s \"\n", (int)(space - text), text);
        text = space + 1;
    }
    g_string_append_printf(out, "     \"%s\")\n", text);
}

Test(mips_sets_golden, remake)
{
    g_autoptr(GString) text = g_string_new(NULL);
    uint64_t seed = 1;
    unsigned n;
    const MipsInsn *rows = mips_rows(&n);
    MipsRig *rig[ORDERS] = { rig_new(0), rig_new(1) };

    if (g_strcmp0(g_getenv("DOPPEL_GOLDEN"), "remake") == 0) {
        g_string_append(text, "/* SPDX-License-Identifier: MIT */\n"
                              "/* mips_set_cases.def - what each row changes: test_mips_sets.c.\n"
                              " *\n *   CASE(row, seed of the state before, word, what changes)\n"
                              " */\n/* clang-format off */\n");
        for (unsigned i = 0; i < n; i++) {
            for (unsigned k = 0; k < EACH && !is_elsewhere(&rows[i]); k++) {
                MipsRig *r = rig[(k + 1) % ORDERS];
                uint32_t word = draw_case(r, &rows[i], &seed, k + 1);
                g_autofree char *what = outcome(r, &rows[i], word, k + 1);

                g_string_append_printf(text, "CASE(\"%s\", %u, %08x,\n", rows[i].info.name, k + 1,
                                       word);
                append_text(text, what);
            }
        }
        g_string_append(text, "/* clang-format on */\n#undef CASE\n");
        cr_expect(g_file_set_contents(FILE_NAME, text->str, -1, NULL));
    }
    mips_rig_free(rig[0]);
    mips_rig_free(rig[1]);
}
