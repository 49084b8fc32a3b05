/* SPDX-License-Identifier: MIT */
/* arm_sequence.c - long random sequences of all ARM rows, in loops, in units against steps. */
#include <string.h>

#include "tests/diff/arm_draw.h"
#include "tests/diff/sequence.h"
#include "tests/rig/arm_rig.h"

/* Each row of the tables, UNPREDICTABLE words too, for what we do then is ours. */
enum {
    DRAWN_MAX = 24, /* instructions of the table in a case */
    CODE_MAX = 4 * DRAWN_MAX + 8,
    VECTORS = RIG_CODE + 0xf00,
};

typedef struct Word {
    uint32_t word;
    bool half; /* T32 of 16 bits */
} Word;

typedef struct Case {
    SeqCase seq; /* pieces are words */
    bool thumb;
    Word code[CODE_MAX];
    uint32_t cpsr, r[15], fpscr, sctlr, cpacr;
    uint64_t d[32];
} Case;

typedef struct Own {
    uint8_t data[RIG_DATA_BYTES];
} Own;

static ArmRig *rig_of(SeqRig rig) { return rig.rig; }

static Case *case_of(SeqCase *c) { return (Case *)(void *)c; }
static const Case *const_case_of(const SeqCase *c) { return (const Case *)(const void *)c; }

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

static void put(Case *c, uint32_t word, bool half) { c->code[c->seq.n++] = (Word){ word, half }; }

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

    for (unsigned i = 0; i < c->seq.n; i++) {
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
    for (unsigned i = 0; i < c->seq.n; i++) {
        uint32_t w = c->code[i].word;

        w = c->thumb && !c->code[i].half ? w >> 16 | w << 16 : w;
        for (unsigned k = 0; k < (c->code[i].half ? 2 : 4); k++) {
            page[at++] = (uint8_t)(w >> (8 * k));
        }
    }
    arm_rig_code(rig, RIG_CODE, page, sizeof(page));
}

static void begin(const SeqRunner *u, const SeqCase *seq, SeqRig of)
{
    const Case *c = const_case_of(seq);
    const Own *own = u->own;
    ArmRig *rig = rig_of(of);
    ArmCpu *cpu = rig->cpu;

    arm_isa.reset(&cpu->v);
    write_code(c, rig);
    memcpy(rig->data, own->data, RIG_DATA_BYTES);
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

static void run(SeqRig rig, uint64_t insns) { arm_rig_run(rig_of(rig), insns); }

/* ---- growing ---- */

static bool took_undefined(const ArmRig *rig) { return (rig->cpu->cpsr & CPSR_M) == ARM_UND; }

static SeqGrown grow(SeqRunner *u, SeqCase *seq)
{
    ArmRig *rig = rig_of(u->rig[SEQ_STEPS]);
    Case *c = case_of(seq);
    unsigned from = seq->n;

    if (seq->n + 8 >= CODE_MAX) {
        return SEQ_FULL;
    }
    draw_insn(u->rand, c, rig->cpu->r);
    write_code(c, rig);
    arm_rig_run(rig, seq->n - from);
    if (rig->cpu->v.pc == address_of(c, seq->n)) {
        return SEQ_GROWN;
    }
    return one_in(u->rand, took_undefined(rig) ? 60 : 4) ? SEQ_LAST : SEQ_AGAIN;
}

static unsigned start(SeqRunner *u, SeqCase *seq)
{
    unsigned n = one_in(u->rand, 3) ? 1 : 1 + upto(u->rand, DRAWN_MAX - 1);
    Case *c = case_of(seq);

    c->thumb = one_in(u->rand, 2);
    draw_state(u->rand, c);
    return n;
}

static void end(SeqRunner *u, SeqCase *seq)
{
    put_end(u->rand, case_of(seq));
    seq->insns = 1 + upto(u->rand, 4 * seq->n);
}

/* NOP. A8.8.119 */
static void blank(SeqCase *seq, unsigned i)
{
    Case *c = case_of(seq);

    c->code[i].word = c->code[i].half ? 0xbf00 : c->thumb ? 0xf3af8000 : 0xe320f000;
}

static void report(const SeqRunner *u, const SeqCase *seq)
{
    const Case *c = const_case_of(seq);

    (void)u;
    g_print(": %u instructions, cpsr %08x fpscr %08x sctlr %x cpacr %08x\n", seq->insns, c->cpsr,
            c->fpscr, c->sctlr, c->cpacr);
    for (unsigned i = 0; i < seq->n; i++) {
        const ArmInsn *row = arm_decode(c->code[i].word, c->thumb);

        g_print("  %08x %s\n", c->code[i].word, row ? row->info.name : "?");
    }
    for (unsigned i = 0; i < 15; i++) {
        g_print(" r%u %08x", i, c->r[i]);
    }
    g_print("\n");
}

static SeqRig open_rig(const SeqRunner *u, const HostIsa *host)
{
    ArmRig *rig = arm_rig_new(host);

    (void)u;
    return (SeqRig){ rig, &rig->cpu->v, rig->phys };
}

static void close_rig(SeqRig rig) { arm_rig_free(rig_of(rig)); }

static void fill(SeqRunner *u)
{
    Own *own = u->own;

    for (unsigned i = 0; i < RIG_DATA_BYTES; i++) {
        own->data[i] = (uint8_t)g_rand_int(u->rand);
    }
}

unsigned arm_sequence(const DiffOptions *options)
{
    const SeqGuest guest = {
        .isa = &arm_isa,
        .case_bytes = sizeof(Case),
        .memory = { { "data", RIG_DATA, RIG_DATA_BYTES, true },
                    { "code", RIG_CODE, RIG_CODE_BYTES, false } },
        .tries = UINT_MAX,
        .differences_max = 20,
        .open = open_rig,
        .close = close_rig,
        .fill = fill,
        .start = start,
        .begin = begin,
        .run = run,
        .grow = grow,
        .end = end,
        .blank = blank,
        .report = report,
    };
    g_autofree Own *own = g_new0(Own, 1);

    /* A32 and T32 */
    return seq_run(&guest, "arm sequences", own, options, diff_total(options, 2));
}
