/* SPDX-License-Identifier: MIT */
/*
 * mips_unicorn.c - random MIPS32 integer instructions on our hosts against each other and against
 * Unicorn, in both byte orders.
 *
 * A case is some instructions, of which the last may be a branch with its slot, and behind them
 * branches to themselves. Our hosts run it and some of what is behind it, and must then agree in
 * every byte; what they have at the case's end is compared with Unicorn's 24Kf.
 */
#include <string.h>
#include <unicorn/unicorn.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/lift.h"
#include "tests/diff/diff.h"
#include "tests/diff/mips_draw.h"
#include "tests/diff/mips_outcome.h"
#include "tests/diff/must.h"
#include "tests/rig/mips_rig.h"

enum {
    CASE_INSNS_MAX = 12,
    BEHIND = 6, /* instructions run behind the case */
    DIFFERENCES_MAX = 20,
    STATUS_EXL = 2,
    STATUS_ERL = 4,
};

static const struct {
    const char *name;
    const HostIsa *isa;
} hosts[] = { { "interpreter", &interp_host }, { "x64", &x64_host } };

enum { N_HOSTS = G_N_ELEMENTS(hosts) };

typedef struct MipsCase {
    uint32_t word[CASE_INSNS_MAX];
    const MipsInsn *row[CASE_INSNS_MAX];
    unsigned n;
    uint32_t r[32], hi, lo;
} MipsCase;

typedef struct Runner {
    bool be;
    uc_engine *uc;
    uc_context *fresh; /* after reset: an exception in a slot leaves traces */
    MipsRig *steps, *units[N_HOSTS];
    uint8_t start[MIPS_DATA_BYTES];
    Gva end; /* of the case */
    MipsOutcome ours, theirs;
    uint64_t insns, cases, faults, unjudged;
} Runner;

/* ---- drawing ---- */

static const char *const skipped[] = {
    "SYSCALL", /* goes to the caller */
    "BREAK",   /* likewise */
    "SYNC",    /* ends its run without a word */
    "SYNCI",   /* likewise */
    "SC",      /* its LLbit outlives a run: drawn with LL */
};

/* Coprocessor 1 and what looks at its conditions. */
static bool is_fp(const MipsInsn *row)
{
    unsigned op = row->match >> 26;

    return op == 0x11 || op == 0x13 || (op >= 0x31 && (op & 3) == 1)
           || strcmp(row->info.name, "MOVCI") == 0;
}

static bool is_fpu(const MipsInsn *row)
{
    unsigned op = row->match >> 26;

    return op == 0x11 || op == 0x13 || op == 0x31 || op == 0x35 || op == 0x39 || op == 0x3d
           || (op == 0 && (row->match & 0x3f) == 1);
}

static bool drawn(const MipsInsn *row)
{
    if (is_fp(row)) {
        return false;
    }
    if (row->info.sens != SENS_INNOCUOUS || row->enc != ENC_M32 || is_fpu(row)
        || (row->features & ~(uint32_t)MIPS_R2) != 0) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(skipped); i++) {
        if (strcmp(row->info.name, skipped[i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool named(const MipsInsn *row, const char *name)
{
    return strcmp(row->info.name, name) == 0;
}

/* UNPREDICTABLE, where the oracle and we may choose freely. */
static bool unpredictable(const MipsInsn *row, uint32_t word)
{
    uint32_t s = mips_draw_field(row, word, 's'), d = mips_draw_field(row, word, 'd');
    uint32_t h = mips_draw_field(row, word, 'h');

    if (named(row, "EXT")) {
        return h + d > 31;
    }
    if (named(row, "INS")) {
        return h > d;
    }
    if (named(row, "JALR") || named(row, "JR")) { /* hints but 0 and HB: it raises RI */
        return (named(row, "JALR") && s == d) || (h & 15) != 0;
    }
    if (named(row, "LL")) { /* its SC shall go to the same place */
        return s == mips_draw_field(row, word, 't');
    }
    if (named(row, "CLZ") || named(row, "CLO")) {
        return mips_draw_field(row, word, 't') != d;
    }
    return g_strrstr(row->info.name, "AL") != NULL && row->info.name[0] == 'B' && s == 31;
}

static bool is_memory(const MipsInsn *row)
{
    unsigned op = row->match >> 26;

    return (op >= 0x20 && op <= 0x2e) || op == 0x30;
}

static uint32_t edge(GRand *rand)
{
    static const uint32_t edges[] = { 0,          1,          2,          0x7fffffff, 0x80000000,
                                      0x80000001, 0xffffffff, 0xfffffffe, 0x0000ffff, 0x00008000,
                                      0xffff8000, 0x0000007f, 0xffffff80, 0x00000020, 0x0000001f };

    return g_rand_int_range(rand, 0, 3) == 0
               ? g_rand_int(rand)
               : edges[g_rand_int_range(rand, 0, (gint32)G_N_ELEMENTS(edges))];
}

static const MipsInsn *draw_row(GRand *rand, bool branch)
{
    unsigned n;
    const MipsInsn *rows = mips_rows(&n), *row;

    do {
        row = &rows[g_rand_int_range(rand, 0, (gint32)n)];
    } while (!drawn(row) || ((row->flags & ROW_BRANCH) != 0) != branch);
    return row;
}

static uint32_t draw_word(GRand *rand, const MipsInsn *row)
{
    uint32_t word;

    do {
        word = row->match | (g_rand_int(rand) & ~row->mask);
    } while (!mips_row_matches(row, word) || unpredictable(row, word));
    return word;
}

static void append(MipsCase *c, const MipsInsn *row, uint32_t word)
{
    c->word[c->n] = word;
    c->row[c->n++] = row;
}

/* Memory is mostly where there is some: the base register is aimed, if no instruction before has
 * written it, and most offsets fit the size. */
static void draw_plain(GRand *rand, MipsCase *c)
{
    const MipsInsn *row = draw_row(rand, false);
    uint32_t word = draw_word(rand, row), s = mips_draw_field(row, word, 's');

    if (is_memory(row)) {
        unsigned aligned = g_rand_int_range(rand, 0, 8) == 0 ? 0 : row->match >> 26 & 3;
        uint32_t at = MIPS_DATA + 64 + (g_rand_int(rand) & 0xfff);

        /* SC checks its address whatever LLbit is, MD00086; the oracle does not. */
        if ((aligned != 0 || named(row, "LL")) && (row->match >> 26 & 3) != 2) {
            at &= ~3u;
            word &= ~3u;
        }
        if (s != 0) {
            c->r[s] = at - (uint32_t)(int32_t)(int16_t)word;
        }
    }
    append(c, row, word);
    if (named(row, "LL")) {
        append(c, mips_decode(ENC_M32, (word & 0x03ffffff) | 0xe0000000),
               (word & 0x03ffffff) | 0xe0000000);
    }
}

/* To one of the branches to themselves behind the case. */
static void draw_branch(GRand *rand, MipsCase *c)
{
    const MipsInsn *row = draw_row(rand, true);
    uint32_t word = draw_word(rand, row), s = mips_draw_field(row, word, 's');
    uint32_t behind = 4 + 2 * (uint32_t)g_rand_int_range(rand, 0, 20);
    Gva target = MIPS_CODE + 4 * (c->n + 2 + behind);
    unsigned at = c->n + 1; /* of the slot */

    if (row->match >> 26 == 2 || row->match >> 26 == 3) {
        word = (word & 0xfc000000) | (target >> 2 & 0x03ffffff);
    } else if (mips_draw_field(row, row->match, 'i') == 0 && row->match >> 26 != 0) {
        word = (word & 0xffff0000) | ((target - (MIPS_CODE + 4 * c->n + 4)) >> 2 & 0xffff);
    } else if (s != 0) {
        c->r[s] = target;
    }
    append(c, row, word);
    do { /* the SC of an LL in the slot may be all that is executed */
        c->n = at;
        draw_plain(rand, c);
    } while (c->n != at + 1);
}

static void draw_case(GRand *rand, MipsCase *c)
{
    unsigned n = g_rand_boolean(rand) ? 1 : (unsigned)g_rand_int_range(rand, 2, 7);

    memset(c, 0, sizeof(*c));
    for (unsigned i = 1; i < 32; i++) {
        c->r[i] = edge(rand);
    }
    c->hi = edge(rand);
    c->lo = edge(rand);
    while (c->n < n) {
        draw_plain(rand, c);
    }
    if (g_rand_int_range(rand, 0, 3) == 0) {
        draw_branch(rand, c);
    }
}

/* ---- running ---- */

static void set_up(MipsRig *rig, const MipsCase *c, unsigned n, const uint8_t *data)
{
    static const uint32_t spin[2] = { 0x1000ffff, 0 };
    MipsCpu *cpu = rig->cpu;

    for (unsigned i = 0; i < 2 * CASE_INSNS_MAX + 60; i += 2) {
        mips_rig_code(rig, MIPS_CODE + 4 * (n + i), spin, 2);
    }
    mips_rig_code(rig, MIPS_CODE, c->word, n);
    memcpy(rig->data, data, MIPS_DATA_BYTES);
    memcpy(cpu->r, c->r, sizeof(cpu->r));
    cpu->hi[0] = c->hi;
    cpu->lo[0] = c->lo;
    cpu->llbit = cpu->llva = cpu->btarget = 0;
    cpu->cp0.badvaddr = cpu->cp0.epc = cpu->cp0.cause = cpu->cp0.entryhi = cpu->cp0.context = 0;
    mips_rig_start(rig, STATUS_ERL, MIPS_CODE);
}

static Gva end_of(unsigned n) { return MIPS_CODE + 4 * n; }

/* Its fetch is still to raise an Address Error. */
static bool is_misaligned(const MipsCpu *cpu)
{
    return (cpu->v.mode & (MIPS_MODE_SLOT | MIPS_MODE_ISA)) == 0 && (cpu->v.pc & 3) != 0;
}

static bool at_end(const MipsCpu *cpu, unsigned n)
{
    return (cpu->v.mode & MIPS_MODE_SLOT) == 0 && cpu->v.pc >= end_of(n) && !is_misaligned(cpu);
}

/* One at a time to the case's end or an exception; then as many more as make @insns. */
static void run_steps(MipsRig *rig, unsigned n, MipsOutcome *o, uint64_t insns)
{
    MipsCpu *cpu = rig->cpu;
    unsigned done = 0;

    while ((done < n || is_misaligned(cpu)) && !at_end(cpu, n)
           && (cpu->cp0.status & STATUS_EXL) == 0) {
        done++;
        mips_rig_run(rig, 1);
    }
    memcpy(o->r, cpu->r, sizeof(o->r));
    o->hi = cpu->hi[0];
    o->lo = cpu->lo[0];
    o->fault = (cpu->cp0.status & STATUS_EXL) != 0;
    o->pc = cpu->v.pc;
    memcpy(o->data, rig->data, MIPS_DATA_BYTES);
    for (; done < insns; done++) {
        mips_rig_run(rig, 1);
    }
}

/* Stops it behind the case; its own pc is of no use then. */
static void each_insn(uc_engine *uc, uint64_t address, uint32_t size, void *runner)
{
    Runner *u = runner;

    (void)size;
    if (address >= u->end) {
        u->theirs.pc = (uint32_t)address;
        uc_emu_stop(uc);
    }
}

static void run_theirs(Runner *u, const MipsCase *c, unsigned n)
{
    uint32_t pc = MIPS_CODE, hi = c->hi, lo = c->lo;
    uc_err e;

    must(uc_context_restore(u->uc, u->fresh), "restore");
    must(uc_mem_write(u->uc, MIPS_PAGE, u->steps->code, MIPS_PAGE_BYTES), "code");
    must(uc_ctl_remove_cache(u->uc, MIPS_PAGE, MIPS_PAGE + MIPS_PAGE_BYTES), "cache");
    must(uc_mem_write(u->uc, MIPS_DATA, u->start, MIPS_DATA_BYTES), "data");
    for (int i = 1; i < 32; i++) {
        must(uc_reg_write(u->uc, UC_MIPS_REG_0 + i, &c->r[i]), "register");
    }
    must(uc_reg_write(u->uc, UC_MIPS_REG_HI, &hi), "hi");
    must(uc_reg_write(u->uc, UC_MIPS_REG_LO, &lo), "lo");
    must(uc_reg_write(u->uc, UC_MIPS_REG_PC, &pc), "pc");
    u->end = end_of(n);
    u->theirs.pc = 0;
    e = uc_emu_start(u->uc, MIPS_CODE, UINT32_MAX, 0, n + 2);
    for (int i = 0; i < 32; i++) {
        must(uc_reg_read(u->uc, UC_MIPS_REG_0 + i, &u->theirs.r[i]), "register");
    }
    must(uc_reg_read(u->uc, UC_MIPS_REG_HI, &u->theirs.hi), "hi");
    must(uc_reg_read(u->uc, UC_MIPS_REG_LO, &u->theirs.lo), "lo");
    must(uc_mem_read(u->uc, MIPS_DATA, u->theirs.data, MIPS_DATA_BYTES), "data");
    u->theirs.fault = e != UC_ERR_OK;
}

static bool run_case(Runner *u, const MipsCase *c, unsigned n, GString *why)
{
    uint64_t insns = n + BEHIND;

    g_string_truncate(why, 0);
    set_up(u->steps, c, n, u->start);
    run_steps(u->steps, n, &u->ours, insns);
    u->faults += u->ours.fault;
    if (!u->ours.fault && u->ours.pc - end_of(n) > MIPS_PAGE_BYTES / 2) {
        u->unjudged++; /* a jump to where there is no code: ours is done, theirs has failed */
    } else {
        run_theirs(u, c, n);
        mips_outcome_compare(&u->ours, &u->theirs, !u->ours.fault, why);
    }
    for (unsigned i = 0; i < N_HOSTS; i++) {
        set_up(u->units[i], c, n, u->start);
        mips_rig_run(u->units[i], insns);
        mips_rigs_compare(u->steps, u->units[i], hosts[i].name, why);
    }
    return why->len == 0;
}

static void report(const Runner *u, const MipsCase *c, unsigned n, const char *why, uint64_t number)
{
    g_print("case %" G_GUINT64_FORMAT ", %s-endian:\n", number, u->be ? "big" : "little");
    for (unsigned i = 0; i < n; i++) {
        g_print("  %08x %s s=%u t=%u d=%u\n", c->word[i], c->row[i]->info.name,
                c->word[i] >> 21 & 31, c->word[i] >> 16 & 31, c->word[i] >> 11 & 31);
    }
    for (unsigned i = 0; i < 32; i++) {
        g_print(" r%u %08x", i, c->r[i]);
    }
    g_print(" hi %08x lo %08x\n%s", c->hi, c->lo, why);
}

/* The shortest beginning of @c that still differs, a branch with its slot. */
static unsigned minimize(Runner *u, const MipsCase *c, GString *why)
{
    for (unsigned n = 1; n < c->n; n++) {
        if ((c->row[n - 1]->flags & ROW_BRANCH) == 0 && !run_case(u, c, n, why)) {
            return n;
        }
    }
    run_case(u, c, c->n, why);
    return c->n;
}

static void open_runner(Runner *u, GRand *rand, bool be)
{
    uc_mode mode = (uc_mode)(UC_MODE_MIPS32 | (be ? UC_MODE_BIG_ENDIAN : UC_MODE_LITTLE_ENDIAN));

    void (*const fn)(uc_engine *, uint64_t, uint32_t, void *) = each_insn;
    void *callback; /* as it wants it: ISO C has no cast for that */
    uc_hook hook;

    memcpy(&callback, &fn, sizeof(callback));
    u->be = be;
    must(uc_open(UC_ARCH_MIPS, mode, &u->uc), "open");
    must(uc_ctl_set_cpu_model(u->uc, UC_CPU_MIPS32_24KF), "model");
    must(uc_hook_add(u->uc, &hook, UC_HOOK_CODE, callback, u, 1, 0), "hook");
    must(uc_mem_map(u->uc, MIPS_PAGE, MIPS_PAGE_BYTES, UC_PROT_ALL), "map");
    must(uc_mem_map(u->uc, MIPS_DATA, MIPS_DATA_BYTES, UC_PROT_ALL), "map");
    must(uc_context_alloc(u->uc, &u->fresh), "context");
    must(uc_context_save(u->uc, u->fresh), "context");
    u->steps = mips_rig_new(&interp_host, "24Kc", be);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        u->units[i] = mips_rig_new(hosts[i].isa, "24Kc", be);
    }
    for (unsigned i = 0; i < MIPS_DATA_BYTES; i++) {
        u->start[i] = (uint8_t)g_rand_int(rand);
    }
}

static void close_runner(Runner *u)
{
    uc_context_free(u->fresh);
    uc_close(u->uc);
    mips_rig_free(u->steps);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        mips_rig_free(u->units[i]);
    }
    g_free(u);
}

static unsigned run(const DiffOptions *options, bool be)
{
    Runner *u = g_new0(Runner, 1);
    GRand *rand = g_rand_new_with_seed(options->seed);
    g_autoptr(GString) why = g_string_new(NULL);
    unsigned bad = 0;

    open_runner(u, rand, be);
    while (u->insns < options->count && bad < DIFFERENCES_MAX) {
        MipsCase c;
        uint64_t number = u->cases++;

        draw_case(rand, &c);
        if (number < options->first) {
            continue;
        }
        u->insns += c.n;
        if (options->verbose) {
            report(u, &c, c.n, "", number);
        }
        if (!run_case(u, &c, c.n, why)) {
            g_print("%s", why->str);
            unsigned n = minimize(u, &c, why);

            report(u, &c, n, why->str, number);
            bad++;
        }
    }
    g_print("mips, %s-endian: seed %u, %" G_GUINT64_FORMAT " instructions in %" G_GUINT64_FORMAT
            " cases, %" G_GUINT64_FORMAT " faults, %" G_GUINT64_FORMAT
            " cases not judged, %u differences\n",
            be ? "big" : "little", options->seed, u->insns, u->cases, u->faults, u->unjudged, bad);
    close_runner(u);
    g_rand_free(rand);
    return bad;
}

unsigned mips_unicorn(const DiffOptions *options)
{
    return run(options, false) + run(options, true);
}
