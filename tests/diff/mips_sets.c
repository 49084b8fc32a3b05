/* SPDX-License-Identifier: MIT */
/*
 * mips_sets.c - random instructions of the other MIPS sets, one at a time, on our hosts against
 * each other and against Unicorn, in both byte orders.
 *
 * A case is MIPS32 code that sets registers up which the oracle does not show and jumps, if it
 * must, to the other ISA mode; the instruction, with a slot if it is a branch; and MIPS32 code
 * that brings what it has done into general registers.
 */
#include <string.h>
#include <unicorn/unicorn.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/lift.h"
#include "tests/diff/diff.h"
#include "tests/diff/mips_outcome.h"
#include "tests/diff/must.h"
#include "tests/rig/mips_rig.h"

enum {
    STATUS_EXL = 2,
    STATUS_ERL = 4,
    STATUS_MX = 1 << 24,
    STATUS_FR = 1 << 26,
    STATUS_CU1 = 1 << 29,
    AT = MIPS_CODE + 0x800, /* the instruction, in the other ISA mode */
    HALVES = 16,
    WORDS = 48,
    DIFFERENCES_MAX = 12,
    ORACLE_CASES = 100000, /* after which Unicorn begins anew */
    K0 = 26,
};

/* A set of rows, and who can judge it. */
typedef struct Set {
    const char *name, *model;
    int uc_cpu;
    MipsEncoding enc[2];
    uint32_t features; /* one of which the row asks for; 0: floating point */
    uint32_t status;
} Set;

static const Set sets[] = {
    { "MIPS16e", "24Kf", UC_CPU_MIPS32_24KF, { ENC_M16, ENC_M16X }, MIPS_M16, 0 },
    { "microMIPS", "M14Kc", UC_CPU_MIPS32_M14KC, { ENC_MM16, ENC_MM32 }, MIPS_MM, 0 },
    { "DSP", "74Kf", UC_CPU_MIPS32_74KF, { ENC_M32, ENC_M32 }, MIPS_DSP | MIPS_DSP2, STATUS_MX },
    { "FPU", "24Kf", UC_CPU_MIPS32_24KF, { ENC_M32, ENC_M32 }, 0, STATUS_CU1 | STATUS_FR },
};

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

enum { N_HOSTS = G_N_ELEMENTS(hosts) };

typedef struct Case {
    const MipsInsn *row;
    uint32_t word, r[32], hi, lo;
    uint32_t code[WORDS]; /* MIPS32 at MIPS_CODE */
    uint16_t nop;         /* what halfwords behind the instruction are: of 2 bytes, or 0, of 4 */
    unsigned n_before, n_code;
    bool judged; /* by the oracle, which has other NaNs and denormals */
} Case;

typedef struct Runner {
    const Set *set;
    bool be;
    uc_engine *uc;
    uc_context *reset; /* the only way back out of the other ISA mode */
    MipsRig *steps, *units[N_HOSTS];
    uint8_t start[MIPS_DATA_BYTES];
    MipsOutcome ours, theirs;
    bool away;            /* theirs has gone where there is no memory */
    bool onto_itself;     /* ours has stored onto its own bytes */
    unsigned insns, seen; /* instructions of the case; that the oracle has begun */
    uint64_t faults, unjudged;
} Runner;

/* ---- drawing ---- */

static bool is_one_of(const char *name, const char *const *list)
{
    while (*list && !g_str_equal(*list, name)) {
        list++;
    }
    return *list != NULL;
}

/* Coprocessor 1 and what looks at its conditions. */
static bool is_fp(const MipsInsn *row)
{
    unsigned op = row->match >> 26;

    return row->enc == ENC_M32
           && (op == 0x11 || op == 0x13 || (op >= 0x31 && (op & 3) == 1)
               || g_str_equal(row->info.name, "MOVCI"));
}

static bool in_set(const Set *s, const MipsInsn *row)
{
    static const char *const skipped[] = { "M16_BREAK", "M16_SDBBP", "CFC1", "CTC1", NULL };

    if (s->features == 0) {
        return is_fp(row) && !is_one_of(row->info.name, skipped);
    }
    return (row->enc == s->enc[0] || row->enc == s->enc[1]) && (row->features & s->features) != 0
           && row->info.sens == SENS_INNOCUOUS && !is_one_of(row->info.name, skipped);
}

static const MipsInsn *draw_row(GRand *rand, const Set *s)
{
    unsigned n;
    const MipsInsn *rows = mips_rows(&n), *row;

    do {
        row = &rows[g_rand_int_range(rand, 0, (gint32)n)];
    } while (!in_set(s, row));
    return row;
}

static uint32_t edge(GRand *rand)
{
    static const uint32_t edges[] = { 0,          1,          2,          0x7fffffff, 0x80000000,
                                      0x80000001, 0xffffffff, 0xfffffffe, 0x0000ffff, 0x00008000,
                                      0xffff8000, 0x0000007f, 0xffffff80, 0x7fff7fff, 0x80008000 };

    return g_rand_boolean(rand) ? g_rand_int(rand)
                                : edges[g_rand_int_range(rand, 0, (gint32)G_N_ELEMENTS(edges))];
}

/* Half of the cases have addresses in all registers, most of them aligned. */
static void draw_registers(GRand *rand, Case *c)
{
    bool addresses = g_rand_boolean(rand);

    for (unsigned i = 1; i < 32; i++) {
        c->r[i] = edge(rand);
        if (addresses) {
            uint32_t mask = g_rand_int_range(rand, 0, 6) == 0 ? 0x1fff : 0x1ffc;

            c->r[i] = MIPS_DATA + 0x1000 + (g_rand_int(rand) & mask);
        }
    }
    c->hi = edge(rand);
    c->lo = edge(rand);
}

static bool is_other_isa(const Case *c) { return c->row->enc != ENC_M32; }

/* Some addresses are in the instruction itself or around it: offsets have 12 bits, or few. */
static void draw_near(GRand *rand, Case *c)
{
    uint32_t offset = c->row->enc == ENC_MM32 ? (c->word & 0xfff) - (c->word << 1 & 0x1000) : 0;

    for (unsigned i = 1; i < 32; i++) {
        if (g_rand_boolean(rand)) {
            c->r[i] = AT - offset + (uint32_t)g_rand_int_range(rand, -8, 8);
        }
    }
}

static void emit(Case *c, uint32_t word) { c->code[c->n_code++] = word; }

static bool has_field(const MipsInsn *row, char letter)
{
    for (unsigned i = 0; i < row->n_segments; i++) {
        if (row->segment[i].field == letter - 'a') {
            return true;
        }
    }
    return false;
}

/* UNPREDICTABLE: fields beyond bit 31, or upside down. */
static bool is_bad_field(const Case *c)
{
    uint32_t size = c->word >> 11 & 31, at = c->word >> 6 & 31;

    return (g_str_equal(c->row->info.name, "MM_EXT") && at + size > 31)
           || (g_str_equal(c->row->info.name, "MM_INS") && at > size);
}

/* UNPREDICTABLE: a link into the register that says where to go or whether. */
static bool links_over(const Case *c)
{
    const char *name = c->row->info.name;

    if (g_str_has_prefix(name, "MM_JALR")) {
        return c->row->enc == ENC_MM16 ? (c->word & 31) == 31
                                       : (c->word >> 16 & 31) == (c->word >> 21 & 31);
    }
    return g_str_has_prefix(name, "MM_B") && strstr(name, "AL") && (c->word >> 16 & 31) == 31;
}

/* Reserved encodings that the oracle finds out halfway: SAVE and RESTORE with aregs 15.
 * UNPREDICTABLE: BALIGN by 2. DSP instructions that write register 0: flags are set all the
 * same, but not by the oracle. */
static bool is_reserved(const Case *c)
{
    bool is_dsp = (c->row->features & (MIPS_DSP | MIPS_DSP2)) != 0;
    bool balign_2 = (c->word & 0xfc001fff) == 0x7c001431;

    return (c->row->enc == ENC_M16X && (c->row->match & 0xff00) == 0x6400
            && (c->word >> 16 & 15) == 15)
           || is_bad_field(c) || links_over(c) || balign_2
           || (is_dsp && has_field(c->row, 'd') && (c->word >> 11 & 31) == 0)
           || (is_dsp && has_field(c->row, 't') && (c->word >> 16 & 31) == 0);
}

/* Accumulators and DSPControl are set from registers 16 to 24, and brought there behind it. */
static void emit_dsp(Case *c)
{
    static const uint32_t ac[] = { 1u << 11, 2u << 11, 3u << 11 };

    emit(c, 0x7f1ffcf8); /* wrdsp r24, all */
    for (unsigned i = 0; i < 3; i++) {
        emit(c, 0x00000011 | (16 + 2 * i) << 21 | ac[i]); /* mthi */
        emit(c, 0x00000013 | (17 + 2 * i) << 21 | ac[i]); /* mtlo */
    }
    c->n_before = c->n_code;
    emit(c, c->word);
    if ((c->row->flags & ROW_BRANCH) != 0) {
        emit(c, 0);
        return;
    }
    emit(c, 0x7fffc4b8); /* rddsp r24, all */
    for (unsigned i = 0; i < 3; i++) {
        emit(c, 0x00000010 | (i + 1) << 21 | (16 + 2 * i) << 11); /* mfhi */
        emit(c, 0x00000012 | (i + 1) << 21 | (17 + 2 * i) << 11); /* mflo */
    }
}

enum {
    FP_REGS = 8,
    FP_LOW = 8,
    FP_HIGH = 16,
    MTC1 = 0x44800000,
    MFC1 = 0x44000000,
    HIGH = 3 << 21
};

/* Registers f0 to f7 are set from pairs of general ones, FCSR from 24, and brought back there. */
static void emit_fp_registers(Case *c, uint32_t move)
{
    for (unsigned i = 0; i < FP_REGS; i++) {
        emit(c, move | (FP_LOW + i) << 16 | i << 11);
        emit(c, (move + HIGH) | (FP_HIGH + i) << 16 | i << 11);
    }
}

static void emit_fp(Case *c)
{
    emit_fp_registers(c, MTC1);
    emit(c, 0x44d8f800); /* ctc1 r24, fcsr */
    c->n_before = c->n_code;
    emit(c, c->word);
    if ((c->row->flags & ROW_BRANCH) != 0) {
        emit(c, 0);
        return;
    }
    emit(c, 0x4458f800); /* cfc1 r24, fcsr */
    emit_fp_registers(c, MFC1);
}

/* Fields are numbers of registers that are set up. */
static uint32_t few_registers(const MipsInsn *row, uint32_t word)
{
    for (unsigned i = 0; i < row->n_segments; i++) {
        MipsSegment s = row->segment[i];

        word &= s.n == 5 ? ~(0x18u << s.lo) : UINT32_MAX;
    }
    return word;
}

/* A number of the kind that programs have, or any bits at all. */
static void draw_fp(GRand *rand, Case *c)
{
    static const uint32_t highs[] = { 0x3ff00000, 0x40000000, 0xbff80000, 0x40590000, 0xc0240000,
                                      0x3fe00000, 0x41dfffff, 0x3f800000, 0x40490fdb, 0xc3340000 };

    static const char *const likely[] = { "BC1FL", "BC1TL", NULL };

    /* The oracle begins slots that are not executed. */
    c->judged = g_rand_int_range(rand, 0, 3) != 0 && !is_one_of(c->row->info.name, likely);
    c->r[24] = g_rand_int(rand) & (c->judged ? 0xfe800003 : 0xff600f83);
    for (unsigned i = 0; i < FP_REGS; i++) {
        if (c->judged || g_rand_boolean(rand)) {
            uint32_t high = highs[g_rand_int_range(rand, 0, (gint32)G_N_ELEMENTS(highs))];

            c->r[FP_HIGH + i] = high + (g_rand_int(rand) & 0x0003ffff);
            c->r[FP_LOW + i] = g_rand_boolean(rand) ? high : high + (g_rand_int(rand) & 0x3ffff);
        }
    }
}

/* What of microMIPS the oracle does otherwise: SC and SYNCI do not look at their address, SWM
 * stores halves of its registers. */
static bool is_judged_mm(const Case *c)
{
    static const char *const list[] = { "MM_SC", "MM_SYNCI", "MM_SWM16", "MM_SWM32", NULL };

    return !is_one_of(c->row->info.name, list);
}

/* Links say how long the instruction in their slot is: MD00582, JAL, JALS and others. */
static uint16_t draw_slot(GRand *rand, const MipsInsn *row)
{
    const char *al = strstr(row->info.name, "AL");
    bool is_branch = (row->flags & ROW_BRANCH) != 0;

    if (is_branch && al) {
        return strchr(al, 'S') ? 0x0c00 : 0;
    }
    return g_rand_boolean(rand) ? 0x0c00 : 0;
}

static void draw_case(GRand *rand, const Set *s, Case *c)
{
    memset(c, 0, sizeof(*c));
    c->judged = true;
    c->row = draw_row(rand, s);
    do {
        c->word = c->row->match | (g_rand_int(rand) & ~c->row->mask);
        if (c->row->enc == ENC_M16 || c->row->enc == ENC_MM16) {
            c->word &= 0xffff;
        }
    } while (!mips_row_matches(c->row, c->word) || is_reserved(c));
    draw_registers(rand, c);
    if (is_other_isa(c)) {
        if ((c->row->flags & ROW_BRANCH) == 0 && g_rand_int_range(rand, 0, 16) == 0) {
            draw_near(rand, c);
        }
        c->r[K0] = AT | 1;
        c->nop = s->features == MIPS_MM ? draw_slot(rand, c->row) : 0x6500;
        c->judged = is_judged_mm(c);
        emit(c, 0x03400008); /* jr k0 */
        emit(c, 0);
        c->n_before = 2;
    } else if (s->features != 0) {
        emit_dsp(c);
    } else {
        c->word = few_registers(c->row, c->word);
        draw_fp(rand, c);
        emit_fp(c);
    }
}

/* ---- running ---- */

static bool is_short(const Case *c) { return c->row->enc == ENC_M16 || c->row->enc == ENC_MM16; }

/* The instruction and what does nothing behind it. */
static void put_other(MipsRig *rig, const Case *c)
{
    uint16_t half[HALVES];
    unsigned n = 0;

    if (!is_short(c)) {
        half[n++] = (uint16_t)(c->word >> 16);
    }
    half[n++] = (uint16_t)c->word;
    while (n < HALVES) {
        half[n++] = c->nop;
    }
    mips_rig_halves(rig, AT, half, HALVES);
}

static void set_up(const Runner *u, MipsRig *rig, const Case *c)
{
    MipsCpu *cpu = rig->cpu;

    mips_rig_code(rig, MIPS_CODE, c->code, c->n_code);
    if (is_other_isa(c)) {
        put_other(rig, c);
    }
    memcpy(rig->data, u->start, MIPS_DATA_BYTES);
    memcpy(cpu->r, c->r, sizeof(cpu->r));
    cpu->hi[0] = c->hi;
    cpu->lo[0] = c->lo;
    cpu->btarget = 0;
    memset(cpu->fpr, 0, sizeof(cpu->fpr));
    cpu->cp0.badvaddr = cpu->cp0.epc = cpu->cp0.cause = cpu->cp0.entryhi = cpu->cp0.context = 0;
    mips_rig_start(rig, STATUS_ERL | u->set->status, MIPS_CODE);
}

/* The instruction's bytes as they are now, and how many. */
static unsigned own_bytes(const MipsRig *rig, const Case *c, uint8_t *to)
{
    unsigned n = is_short(c) ? 2 : 4;

    memcpy(to, rig->code + (AT - MIPS_PAGE), n);
    return n;
}

static bool faulted(const MipsCpu *cpu) { return (cpu->cp0.status & STATUS_EXL) != 0; }

/* One at a time, until the instruction and its slot and what follows are done. */
static void run_steps(Runner *u, const Case *c)
{
    MipsRig *rig = u->steps;
    MipsCpu *cpu = rig->cpu;
    MipsOutcome *o = &u->ours;
    bool branch = (c->row->flags & ROW_BRANCH) != 0;
    unsigned n = is_other_isa(c) || branch ? c->n_before + 1 : c->n_code;
    uint8_t before[4], after[4];
    unsigned own = own_bytes(rig, c, before);

    for (u->insns = 0; u->insns < n && !faulted(cpu); u->insns++) {
        mips_rig_run(rig, 1);
    }
    if (!faulted(cpu) && (cpu->v.mode & MIPS_MODE_SLOT) != 0) {
        mips_rig_run(rig, 1);
        u->insns++;
    }
    memcpy(o->r, cpu->r, sizeof(o->r));
    o->hi = cpu->hi[0];
    o->lo = cpu->lo[0];
    o->fault = faulted(cpu);
    own_bytes(rig, c, after);
    u->onto_itself = memcmp(before, after, own) != 0;
    o->pc = cpu->v.pc;
    memcpy(o->data, rig->data, MIPS_DATA_BYTES);
}

static void each_insn(uc_engine *uc, uint64_t address, uint32_t size, void *runner)
{
    Runner *u = runner;

    (void)size;
    if (u->seen++ == u->insns) {
        u->theirs.pc = (uint32_t)address;
        uc_emu_stop(uc);
    }
}

static void run_theirs(Runner *u, const Case *c)
{
    uint32_t pc = MIPS_CODE;
    MipsOutcome *o = &u->theirs;
    uc_err e;

    must(uc_context_restore(u->uc, u->reset), "reset");
    must(uc_mem_write(u->uc, MIPS_PAGE, u->steps->code, MIPS_PAGE_BYTES), "code");
    must(uc_ctl_remove_cache(u->uc, MIPS_PAGE, MIPS_PAGE + MIPS_PAGE_BYTES), "cache");
    must(uc_mem_write(u->uc, MIPS_DATA, u->start, MIPS_DATA_BYTES), "data");
    for (int i = 1; i < 32; i++) {
        must(uc_reg_write(u->uc, UC_MIPS_REG_0 + i, &c->r[i]), "register");
    }
    must(uc_reg_write(u->uc, UC_MIPS_REG_HI, &c->hi), "hi");
    must(uc_reg_write(u->uc, UC_MIPS_REG_LO, &c->lo), "lo");
    must(uc_reg_write(u->uc, UC_MIPS_REG_PC, &pc), "pc");
    u->seen = 0;
    o->pc = 0;
    e = uc_emu_start(u->uc, MIPS_CODE, UINT32_MAX, 0, 0);
    for (int i = 0; i < 32; i++) {
        must(uc_reg_read(u->uc, UC_MIPS_REG_0 + i, &o->r[i]), "register");
    }
    must(uc_reg_read(u->uc, UC_MIPS_REG_HI, &o->hi), "hi");
    must(uc_reg_read(u->uc, UC_MIPS_REG_LO, &o->lo), "lo");
    must(uc_mem_read(u->uc, MIPS_DATA, o->data, MIPS_DATA_BYTES), "data");
    u->away = e != UC_ERR_OK && u->seen == u->insns && !u->ours.fault
              && (c->row->flags & ROW_BRANCH) != 0;
    o->fault = e != UC_ERR_OK && !u->away;
}

/* Invalid and Unimplemented Operation, and tiny integers moved about: NaNs and denormals. */
static bool is_special(const Runner *u, const Case *c)
{
    return u->set->features == 0 && (c->row->flags & ROW_BRANCH) == 0
           && (u->ours.fault || (u->ours.r[24] & (0x30u << 12)) != 0);
}

static void compare_with_oracle(Runner *u, const Case *c, GString *why)
{
    /* A store onto its own bytes is executed again by the oracle, as what it has made of itself. */
    if (!c->judged || is_special(u, c) || u->onto_itself) {
        u->unjudged++;
        return;
    }
    mips_outcome_compare(&u->ours, &u->theirs, !u->ours.fault && !u->away, why);
}

static bool run_case(Runner *u, const Case *c, GString *why)
{
    g_string_truncate(why, 0);
    set_up(u, u->steps, c);
    run_steps(u, c);
    u->faults += u->ours.fault;
    run_theirs(u, c);
    compare_with_oracle(u, c, why);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        set_up(u, u->units[i], c);
        mips_rig_run(u->units[i], u->insns);
        mips_rigs_compare(u->steps, u->units[i], hosts[i]->name, why);
    }
    return why->len == 0;
}

static void report(const Runner *u, const Case *c, const char *why, uint64_t number)
{
    g_print("%s case %" G_GUINT64_FORMAT ", %s-endian: %08x %s\n", u->set->name, number,
            u->be ? "big" : "little", c->word, c->row->info.name);
    for (unsigned i = 0; i < 32; i++) {
        g_print(" r%u %08x%s", i, c->r[i], i % 8 == 7 ? "\n" : "");
    }
    g_print(" hi %08x lo %08x\n%s", c->hi, c->lo, why);
}

static void open_oracle(Runner *u)
{
    uint32_t status = STATUS_ERL | u->set->status;
    uc_hook hook;

    must(uc_open(UC_ARCH_MIPS, UC_MODE_MIPS32 | (u->be ? UC_MODE_BIG_ENDIAN : 0), &u->uc), "open");
    must(uc_ctl_set_cpu_model(u->uc, u->set->uc_cpu), "model");
    must(uc_mem_map(u->uc, MIPS_PAGE, MIPS_PAGE_BYTES, UC_PROT_ALL), "code");
    must(uc_mem_map(u->uc, MIPS_DATA, MIPS_DATA_BYTES, UC_PROT_READ | UC_PROT_WRITE), "data");
    must(uc_hook_add(u->uc, &hook, UC_HOOK_CODE, (void *)(uintptr_t)each_insn, u, 1, 0), "hook");
    must(uc_reg_write(u->uc, UC_MIPS_REG_CP0_STATUS, &status), "status");
    must(uc_context_alloc(u->uc, &u->reset), "context");
    must(uc_context_save(u->uc, u->reset), "context");
}

static void close_oracle(Runner *u)
{
    uc_context_free(u->reset);
    uc_close(u->uc);
}

/* Unicorn 2.0.1 ends in its own page_collection_lock() once it has filled its buffer of code, which
 * is 1 GiB, for the second time: at about a million cases of FPU. */
static void renew_oracle(Runner *u)
{
    close_oracle(u);
    open_oracle(u);
}

static unsigned run_set(const Set *set, bool be, const DiffOptions *options, uint64_t count)
{
    Runner u = { .set = set, .be = be };
    g_autoptr(GString) why = g_string_new(NULL);
    unsigned differences = 0;

    u.steps = mips_rig_new(&interp_host, set->model, be);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        u.units[i] = mips_rig_new(hosts[i], set->model, be);
    }
    open_oracle(&u);
    for (unsigned i = 0; i < MIPS_DATA_BYTES; i++) {
        u.start[i] = (uint8_t)(i * 131 + (i >> 8) * 7 + options->seed);
    }
    for (uint64_t n = 0; n < count && differences < DIFFERENCES_MAX; n++) {
        GRand *rand = g_rand_new_with_seed((guint32)(options->seed * 2654435761u + n));
        Case c;

        if (n > 0 && n % ORACLE_CASES == 0) {
            renew_oracle(&u);
        }
        draw_case(rand, set, &c);
        if (!run_case(&u, &c, why)) {
            report(&u, &c, why->str, n);
            differences++;
        }
        g_rand_free(rand);
    }
    g_print("%s, %s-endian: %" G_GUINT64_FORMAT " instructions, %" G_GUINT64_FORMAT
            " faults, %" G_GUINT64_FORMAT " not judged by Unicorn, %u differences\n",
            set->name, be ? "big" : "little", count, u.faults, u.unjudged, differences);
    close_oracle(&u);
    mips_rig_free(u.steps);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        mips_rig_free(u.units[i]);
    }
    return differences;
}

unsigned mips_sets(const DiffOptions *options)
{
    unsigned differences = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(sets); i++) {
        differences += run_set(&sets[i], false, options,
                               diff_share(options, 2 * G_N_ELEMENTS(sets)));
        differences += run_set(&sets[i], true, options,
                               diff_share(options, 2 * G_N_ELEMENTS(sets)));
    }
    return differences;
}
