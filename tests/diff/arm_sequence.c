/* SPDX-License-Identifier: MIT */
/* arm_sequence.c - long random sequences of all ARM rows, in loops, on our hosts by whole state. */
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "base/state.h"
#include "tests/diff/arm_draw.h"
#include "tests/diff/diff.h"
#include "tests/rig/arm_rig.h"

/* Each row of the tables, UNPREDICTABLE words too, for what we do then is ours: single steps of the
 * interpreter, which evaluates the definitions of the IR, against units of every host. What the
 * guest can see must be equal to the byte after a drawn count of instructions. */
enum {
    DRAWN_MAX = 24, /* instructions of the table in a case */
    CODE_MAX = 4 * DRAWN_MAX + 8,
    VECTORS = RIG_CODE + 0xf00,
    DIFFERENCES_MAX = 20,
};

typedef struct Word {
    uint32_t word;
    bool half; /* T32 of 16 bits */
} Word;

typedef struct Case {
    bool thumb;
    unsigned n; /* words */
    Word code[CODE_MAX];
    uint32_t cpsr, r[15], fpscr, sctlr, cpacr;
    uint64_t d[32];
    unsigned insns; /* to be run */
} Case;

typedef enum Way { STEPS, UNITS, X64, N_HOSTS } Way;

static const char *const way_names[N_HOSTS] = { "interpreter", "its units", "x64" };

typedef struct Runner {
    GRand *rand;
    ArmRig *rig[N_HOSTS];
    uint8_t data[RIG_DATA_BYTES];
    GByteArray *state[N_HOSTS];
    uint64_t insns, cases;
} Runner;

static uint32_t upto(GRand *rand, uint32_t n)
{
    return (uint32_t)g_rand_int_range(rand, 0, (gint32)n);
}
static bool one_in(GRand *rand, uint32_t n) { return upto(rand, n) == 0; }

/* ---- drawing ---- */

static bool starts(const ArmInsn *row, const char *prefix)
{
    return g_str_has_prefix(row->info.name, prefix);
}

/* A processor that waits runs no instructions; the loop of the machine is not here. */
static bool waits(const ArmInsn *row) { return starts(row, "WF"); }

static bool goes_elsewhere(const ArmInsn *row)
{
    return (row->flags & ROW_ENDS) != 0 || starts(row, "B") || starts(row, "CBZ")
           || starts(row, "TB");
}

static bool is_memory(const ArmInsn *row)
{
    static const char *const names[] = { "LD", "ST", "VLD", "VST", "SWP", "TB", "RFE", "SRS" };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (starts(row, names[i])) {
            return true;
        }
    }
    return false;
}

static bool wanted(GRand *rand, const ArmInsn *row, bool thumb)
{
    if ((row->thumb != 0) != thumb || waits(row)) {
        return false;
    }
    if (row->info.sens == SENS_PRIVILEGED && !one_in(rand, 30)) {
        return false;
    }
    return !goes_elsewhere(row) || one_in(rand, 10);
}

static uint32_t draw_word(GRand *rand, const ArmInsn *row)
{
    uint32_t word;

    do {
        word = row->match | (g_rand_int(rand) & ~row->mask);
        if (row->thumb == 2) {
            word &= 0xffff;
        }
        if (row->thumb == 0 && row->mask >> 28 == 0 && !one_in(rand, 4)) {
            word = (word & 0x0fffffff) | 0xe0000000;
        }
    } while (!arm_row_matches(row, word));
    return word;
}

static void put(Case *c, uint32_t word, bool half) { c->code[c->n++] = (Word){ word, half }; }

/* MOVW, MOVT: @r = @value. A8.8.102, A8.8.106 */
static void put_constant(Case *c, unsigned r, uint32_t value)
{
    for (unsigned top = 0; top < 2; top++) {
        uint32_t x = top != 0 ? value >> 16 : value & 0xffff;

        if (c->thumb) {
            put(c,
                0xf2400000 | top << 23 | (x >> 12) << 16 | (x >> 11 & 1) << 26 | (x >> 8 & 7) << 12
                    | r << 8 | (x & 0xff),
                false);
        } else {
            put(c, 0xe3000000 | top << 22 | (x >> 12) << 16 | r << 12 | (x & 0xfff), false);
        }
    }
}

static uint32_t pointer(GRand *rand)
{
    uint32_t at = RIG_DATA + 0x800 + upto(rand, RIG_DATA_BYTES - 0x1000);

    return one_in(rand, 3) ? at : at & ~(uint32_t)15;
}

static unsigned base_of(const ArmInsn *row, uint32_t word)
{
    const char *name = row->info.name;
    bool listed = strstr(name, "_d") != NULL || strstr(name, "_s") != NULL;

    if (starts(row, "PUSH") || starts(row, "POP")) {
        return 13;
    }
    return arm_draw_field(row, word, listed && name[0] == 'V' ? 'r' : 'n');
}

static bool is_pointer(uint32_t value) { return value - RIG_DATA - 0x400 < RIG_DATA_BYTES - 0x800; }

/* Makes what @word uses for an address one. */
static void aim(GRand *rand, Case *c, const ArmInsn *row, uint32_t word)
{
    unsigned n = base_of(row, word), m = arm_draw_field(row, word, 'm');

    if (m < 13 && m != n && row->info.name[0] != 'V') {
        put_constant(c, m, upto(rand, 32));
    }
    if (n < 15 && (n != 13 || !c->thumb)) {
        put_constant(c, n, pointer(rand));
    }
}

/* @r: what the registers hold */
static void draw_insn(GRand *rand, Case *c, const uint32_t *r)
{
    unsigned n_rows, tries = 12;
    const ArmInsn *rows = arm_rows(&n_rows), *row;
    uint32_t word;

    do {
        row = &rows[upto(rand, n_rows)];
    } while (!wanted(rand, row, c->thumb));
    do {
        word = draw_word(rand, row);
    } while (is_memory(row) && (base_of(row, word) == 15 || !is_pointer(r[base_of(row, word)]))
             && --tries > 0);
    if (is_memory(row) && tries == 0 && !one_in(rand, 8)) {
        aim(rand, c, row, word);
    }
    put(c, word, row->thumb == 2);
}

/* A branch back to the beginning on a drawn condition, and one to itself. */
static void put_end(GRand *rand, Case *c)
{
    uint32_t bytes = 0, cond = upto(rand, 14);

    for (unsigned i = 0; i < c->n; i++) {
        bytes += c->code[i].half ? 2 : 4;
    }
    if (c->thumb) {
        int32_t offset = -(int32_t)bytes - 4;

        put(c,
            0xf0008000 | ((uint32_t)offset >> 20 & 1) << 26 | cond << 22
                | ((uint32_t)offset >> 18 & 1) << 13 | ((uint32_t)offset >> 19 & 1) << 11
                | ((uint32_t)offset >> 12 & 0x3f) << 16 | ((uint32_t)offset >> 1 & 0x7ff),
            false);
        put(c, 0xe7fe, true);
    } else {
        put(c, cond << 28 | 0x0a000000 | (((uint32_t)(-(int32_t)bytes - 8) >> 2) & 0xffffff),
            false);
        put(c, 0xeafffffe, false);
    }
}

static uint64_t draw_lane(GRand *rand)
{
    static const uint64_t values[] = {
        0x3ff0000000000000, 0xc008000000000000, 0x7ff0000000000000, 0x7ff8000000000000,
        0x7ff0000000000001, 0x000fffffffffffff, 0x0000000000000001, 0x41dfffffffc00000,
        0x3f800000bf800000, 0x7f8000007fc00000, 0xff80000000000001, 0x3eaaaaab4b800000,
        0x800000007f7fffff, 0x4f000000cf000000, 0x8000000000000000, 0xffffffffffffffff,
    };
    uint64_t any = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);

    if (one_in(rand, 3)) {
        return values[upto(rand, G_N_ELEMENTS(values))];
    }
    return one_in(rand, 3) ? (any & ~((uint64_t)0x7e0 << 52)) | (uint64_t)0x3e0 << 52 : any;
}

static void draw_state(GRand *rand, Case *c)
{
    static const uint32_t modes[] = { ARM_USR, ARM_USR, ARM_SYS, ARM_SVC, ARM_FIQ, ARM_IRQ };
    static const uint32_t edges[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 31, 32, 0xff, 4 };

    c->cpsr = modes[upto(rand, G_N_ELEMENTS(modes))] | (g_rand_int(rand) & 0xf80f0000)
              | (one_in(rand, 4) ? CPSR_E : 0) | CPSR_A | CPSR_I | CPSR_F | (c->thumb ? CPSR_T : 0);
    for (unsigned i = 0; i < 15; i++) {
        c->r[i] = one_in(rand, 2)   ? pointer(rand)
                  : one_in(rand, 2) ? edges[upto(rand, G_N_ELEMENTS(edges))]
                                    : g_rand_int(rand);
    }
    for (unsigned i = 0; i < 32; i++) {
        c->d[i] = draw_lane(rand);
    }
    c->fpscr = g_rand_int(rand) & (one_in(rand, 20) ? 0xffffffff : 0xfbc0009f);
    c->fpscr &= one_in(rand, 2) ? 0xf80000ff : 0xffffffff;
    c->sctlr = (one_in(rand, 8) ? 1u << 1 : 0) | (one_in(rand, 2) ? 1u << 10 : 0)
               | (one_in(rand, 16) ? 1u << 25 : 0);
    c->cpacr = one_in(rand, 30) ? g_rand_int(rand) & 0x80f00000 : 0x00f00000;
}

/* ---- running ---- */

static Gva address_of(const Case *c, unsigned word)
{
    Gva at = RIG_CODE;

    for (unsigned i = 0; i < word; i++) {
        at += c->code[i].half ? 2 : 4;
    }
    return at;
}

static void write_code(const Case *c, ArmRig *rig)
{
    uint8_t page[RIG_CODE_BYTES];
    unsigned at = 0;

    for (unsigned i = 0; i < RIG_CODE_BYTES; i += 4) {
        memcpy(page + i, (const uint8_t[]){ 0xfe, 0xff, 0xff, 0xea }, 4); /* b . */
    }
    for (unsigned i = 0; i < c->n; i++) {
        uint32_t w = c->code[i].word;

        w = c->thumb && !c->code[i].half ? w >> 16 | w << 16 : w;
        for (unsigned k = 0; k < (c->code[i].half ? 2 : 4); k++) {
            page[at++] = (uint8_t)(w >> (8 * k));
        }
    }
    arm_rig_code(rig, RIG_CODE, page, sizeof(page));
}

static void begin(const Runner *u, const Case *c, ArmRig *rig)
{
    ArmCpu *cpu = rig->cpu;

    arm_isa.reset(&cpu->v);
    write_code(c, rig);
    memcpy(rig->data, u->data, RIG_DATA_BYTES);
    cpu->cp15.vbar = VECTORS;
    cpu->cp15.sctlr |= c->sctlr;
    cpu->cp15.cpacr = c->cpacr;
    cpu->fpexc = 1u << 30;
    arm_rig_start(rig, c->cpsr, RIG_CODE);
    arm_help_fpscr_write(&cpu->v, c->fpscr, ir_pc(RIG_CODE, cpu->v.mode), 0);
    memcpy(cpu->r, c->r, sizeof(cpu->r));
    memcpy(cpu->d, c->d, sizeof(cpu->d));
    cpu->v.limit = 0;
    cpu->v.budget = 0;
}

static void save(ArmRig *rig, GByteArray *out)
{
    vcpu_fp_sync(&rig->cpu->v);
    arm_isa.settle(&rig->cpu->v);
    g_byte_array_set_size(out, 0);
    for (unsigned i = 0; i < arm_isa.n_fields; i++) {
        state_save(&arm_isa.fields[i], rig->cpu, out);
    }
    g_byte_array_append(out, rig->data, RIG_DATA_BYTES);
}

static void restore(ArmRig *rig, const GByteArray *in)
{
    const uint8_t *p = in->data;

    for (unsigned i = 0; i < arm_isa.n_fields; i++) {
        state_load(&arm_isa.fields[i], rig->cpu, p);
        p += state_bytes(&arm_isa.fields[i]);
    }
    arm_isa.loaded(&rig->cpu->v);
    memcpy(rig->data, p, RIG_DATA_BYTES);
}

static void run_way(Runner *u, const Case *c, Way h)
{
    ArmRig *rig = u->rig[h];

    begin(u, c, rig);
    for (unsigned i = 0; i < (h == STEPS ? c->insns : 1); i++) {
        arm_rig_run(rig, h == STEPS ? 1 : c->insns);
    }
    save(rig, u->state[h]);
    g_byte_array_append(u->state[h], rig->code, RIG_CODE_BYTES);
}

/* ---- growing ---- */

/* Appends an instruction and runs it; false if it goes elsewhere than behind itself. */
static bool grow(Runner *u, Case *c)
{
    ArmRig *rig = u->rig[STEPS];
    unsigned from = c->n;

    draw_insn(u->rand, c, rig->cpu->r);
    write_code(c, rig);
    arm_rig_run(rig, c->n - from);
    return rig->cpu->v.pc == address_of(c, c->n);
}

static bool rig_undefined(const ArmRig *rig) { return (rig->cpu->cpsr & CPSR_M) == ARM_UND; }

/* Most random words end in an exception; of those, most are drawn again. */
static void draw_case(Runner *u, Case *c)
{
    unsigned n = one_in(u->rand, 3) ? 1 : 1 + upto(u->rand, DRAWN_MAX - 1);

    memset(c, 0, sizeof(*c));
    c->thumb = one_in(u->rand, 2);
    draw_state(u->rand, c);
    begin(u, c, u->rig[STEPS]);
    for (unsigned grown = 0; grown < n && c->n + 8 < CODE_MAX;) {
        unsigned before = c->n;

        save(u->rig[STEPS], u->state[UNITS]);
        if (grow(u, c)) {
            grown++;
        } else if (one_in(u->rand, rig_undefined(u->rig[STEPS]) ? 60 : 4)) {
            break;
        } else {
            restore(u->rig[STEPS], u->state[UNITS]);
            c->n = before;
        }
    }
    put_end(u->rand, c);
    c->insns = 1 + upto(u->rand, 4 * c->n);
}

/* ---- comparison ---- */

static void say_bytes(GString *s, const char *what, size_t at, const uint8_t *a, const uint8_t *b,
                      size_t n)
{
    for (size_t i = 0; i < n; i += 4) {
        if (memcmp(a + i, b + i, MIN(4, n - i)) != 0) {
            uint32_t x = 0, y = 0;

            memcpy(&x, a + i, MIN(4, n - i));
            memcpy(&y, b + i, MIN(4, n - i));
            g_string_append_printf(s, "  %s+%x: %08x, not %08x\n", what, (unsigned)(at + i), y, x);
        }
    }
}

static void compare(const Runner *u, Way h, GString *s)
{
    const uint8_t *a = u->state[STEPS]->data, *b = u->state[h]->data;

    if (memcmp(a, b, u->state[h]->len) == 0) {
        return;
    }
    g_string_append_printf(s, " %s:\n", way_names[h]);
    for (unsigned i = 0; i < arm_isa.n_fields; i++) {
        size_t n = state_bytes(&arm_isa.fields[i]);

        say_bytes(s, arm_isa.fields[i].name, 0, a, b, n);
        a += n;
        b += n;
    }
    say_bytes(s, "data", RIG_DATA, a, b, RIG_DATA_BYTES);
    say_bytes(s, "code", RIG_CODE, a + RIG_DATA_BYTES, b + RIG_DATA_BYTES, RIG_CODE_BYTES);
}

static bool agrees(Runner *u, const Case *c, GString *why)
{
    g_string_truncate(why, 0);
    for (Way h = STEPS; h < N_HOSTS; h++) {
        run_way(u, c, h);
    }
    for (Way h = UNITS; h < N_HOSTS; h++) {
        compare(u, h, why);
    }
    return why->len == 0;
}

/* ---- the smallest case that still differs ---- */

static void minimize(Runner *u, Case *c, GString *why)
{
    uint32_t nop = c->thumb ? 0xf3af8000 : 0xe320f000;

    for (unsigned n = 1; n < c->insns; n++) {
        Case less = *c;

        less.insns = n;
        if (!agrees(u, &less, why)) {
            *c = less;
            break;
        }
    }
    for (unsigned i = 0; i < c->n; i++) {
        Case less = *c;

        less.code[i].word = c->code[i].half ? 0xbf00 : nop;
        if (less.code[i].word != c->code[i].word && !agrees(u, &less, why)) {
            *c = less;
        }
    }
    agrees(u, c, why);
}

static void report(const Runner *u, const Case *c, const char *why)
{
    g_print("case %" G_GUINT64_FORMAT
            ": %u instructions, cpsr %08x fpscr %08x sctlr %x cpacr %08x\n",
            u->cases - 1, c->insns, c->cpsr, c->fpscr, c->sctlr, c->cpacr);
    for (unsigned i = 0; i < c->n; i++) {
        const ArmInsn *row = arm_decode(c->code[i].word, c->thumb);

        g_print("  %08x %s\n", c->code[i].word, row ? row->info.name : "?");
    }
    for (unsigned i = 0; i < 15; i++) {
        g_print(" r%u %08x", i, c->r[i]);
    }
    g_print("\n%s", why);
}

unsigned arm_sequence(const DiffOptions *options)
{
    Runner *u = g_new0(Runner, 1);
    g_autoptr(GString) why = g_string_new(NULL);
    const uint64_t count = diff_total(options, 2); /* A32 and T32 */
    unsigned bad = 0;

    u->rand = g_rand_new_with_seed(options->seed);
    for (Way h = STEPS; h < N_HOSTS; h++) {
        u->rig[h] = arm_rig_new(h == X64 ? &x64_host : &interp_host);
        u->state[h] = g_byte_array_new();
    }
    for (unsigned i = 0; i < RIG_DATA_BYTES; i++) {
        u->data[i] = (uint8_t)g_rand_int(u->rand);
    }
    while (u->insns < count && bad < DIFFERENCES_MAX) {
        Case c;

        draw_case(u, &c);
        u->insns += c.n;
        if (u->cases++ < options->first) {
            continue;
        }
        if (options->verbose) {
            report(u, &c, "");
        }
        if (!agrees(u, &c, why)) {
            minimize(u, &c, why);
            report(u, &c, why->str);
            bad++;
        }
    }
    g_print("arm sequences: seed %u, %" G_GUINT64_FORMAT " instructions in %" G_GUINT64_FORMAT
            " cases, %u differences\n",
            options->seed, u->insns, u->cases, bad);
    for (Way h = STEPS; h < N_HOSTS; h++) {
        arm_rig_free(u->rig[h]);
        g_byte_array_unref(u->state[h]);
    }
    g_rand_free(u->rand);
    g_free(u);
    return bad;
}
