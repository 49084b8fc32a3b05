/* SPDX-License-Identifier: MIT */
/*
 * mips_system.c - random sequences of coprocessor 0 instructions on our hosts against Unicorn.
 *
 * A case is MTC0 and MFC0 of any register, TLB instructions and the other system rows that do not
 * go elsewhere, behind them MFC0 of everything. It runs in ERL, where nothing is translated.
 */
#include <string.h>
#include <unicorn/unicorn.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/mips/cp0_priv.h"
#include "tests/diff/chance.h"
#include "tests/diff/diff.h"
#include "tests/diff/must.h"
#include "tests/rig/mips_rig.h"

enum { DRAWN_MAX = 16, WORDS = 256, DIFFERENCES_MAX = 12, SET_UP = 4 };
enum {
    MFC0 = 0x40000000,
    MTC0 = 0x40800000,
    TLBR = 0x42000001,
    TLBWI = 0x42000002,
    TLBP = 0x42000008,
    DI = 0x41606000,
    EI = 0x41606020,
    RDPGPR = 0x41400000,
    WRPGPR = 0x41c00000,
    RDHWR = 0x7c00003b
};

static const HostIsa *const hosts[] = { &interp_host, &x64_host };

enum { N_HOSTS = G_N_ELEMENTS(hosts) };

/* What the oracle cannot tell, or not as the manual has it: it has no row here, and a reason. */
typedef struct Reg {
    uint8_t number, sel;
    uint32_t compared; /* bits of what is read */
    uint32_t written;  /* bits that a case may change */
} Reg;

static const Reg regs[] = {
    /* Random (1) steps as it is looked at; Count (9) is time; Compare (11) with it. */
    { 0, 0, 0x8000000f, 0x0000000f },
    { 2, 0, UINT32_MAX, UINT32_MAX },
    { 3, 0, UINT32_MAX, UINT32_MAX },
    { 4, 0, UINT32_MAX, UINT32_MAX },
    { 5, 0, UINT32_MAX, UINT32_MAX },
    { 6, 0, UINT32_MAX, 0x0000000f },
    { 7, 0, UINT32_MAX, UINT32_MAX },
    { 8, 0, UINT32_MAX, UINT32_MAX },
    { 10, 0, UINT32_MAX, UINT32_MAX },
    /* ERL stays, and what moves the code: KSU and RE. RP is none of the oracle's; TS, SR and NMI
     * can be cleared and not set, MD00090 9.26, and it sets them. */
    { 12, 0, UINT32_MAX, UINT32_MAX & ~0x0a38001cu },
    { 12, 1, 0xe00003e0,
      UINT32_MAX }, /* IPPCI: which interrupt is that of counters that are not there */
    /* With one register set they are 0, MD00090 9.28 and 9.29; it keeps what is written. */
    { 12, 2, UINT32_MAX, 0 },
    { 12, 3, UINT32_MAX, 0 },
    { 13, 0, UINT32_MAX, ~(1u << 22) }, /* WP: from 0 to 1 is UNPREDICTABLE, MD00090 9.32 */
    { 14, 0, UINT32_MAX, UINT32_MAX },
    { 15, 0, 0xff00ff00, UINT32_MAX }, /* another revision of the same processor */
    { 15, 1, 0xfffff000, UINT32_MAX }, /* its CPUNum is that of no processor */
    { 16, 0, UINT32_MAX, UINT32_MAX },
    { 16, 1, 0xfe000000, UINT32_MAX }, /* caches, and what else it has: features of a model */
    { 16, 2, 0x80000000, UINT32_MAX },
    { 16, 3, 0, UINT32_MAX },
    { 17, 0, UINT32_MAX, UINT32_MAX },
    { 24, 0, UINT32_MAX, UINT32_MAX },
    { 26, 0, UINT32_MAX, UINT32_MAX },
    { 27, 0, UINT32_MAX, UINT32_MAX },
    { 28, 0, 0xfffffcf6, UINT32_MAX }, /* bits without a meaning in the tag */
    { 28, 1, UINT32_MAX, UINT32_MAX },
    { 29, 1, UINT32_MAX, UINT32_MAX },
    { 30, 0, UINT32_MAX, UINT32_MAX },
    { 31, 0, UINT32_MAX, UINT32_MAX },
};

enum { N_REGS = G_N_ELEMENTS(regs) };

/* The registers are read in two halves, into r1 and up; each half is a run of its own. */
typedef struct Case {
    uint32_t word[WORDS], r[32];
    unsigned n, n_drawn;
} Case;

typedef struct Runner {
    const char *model;
    bool be;
    uc_engine *uc;
    uc_context *reset;
    MipsRig *rig[N_HOSTS];
    unsigned seen, insns;
} Runner;

/* ---- drawing ---- */

static void emit(Case *c, uint32_t word) { c->word[c->n++] = word; }

static void emit_constant(Case *c, unsigned r, uint32_t value)
{
    emit(c, 0x3c000000 | r << 16 | value >> 16);
    emit(c, 0x34000000 | r << 21 | r << 16 | (value & 0xffff));
}

static uint32_t move(uint32_t op, unsigned r, const Reg *reg)
{
    return op | r << 16 | (uint32_t)reg->number << 11 | reg->sel;
}

/* Few addresses, so that probes hit; a page mask of those that are not UNDEFINED, and addresses
 * that it does not cut, for the oracle keeps what the manual says is not kept. */
static uint32_t draw_value(GRand *rand, const Reg *reg)
{
    uint32_t value = g_rand_int(rand) & reg->written;

    switch (reg->number) {
    case 2:
    case 3: return upto(rand, 2) != 0 ? value : value & ~0x003fffc0u;
    case 5: return upto(rand, 2) != 0 ? 0 : ((1u << 2 * upto(rand, 9)) - 1) << 13;
    case 10: return (1 + upto(rand, 4)) << 29 | upto(rand, 3) | (value & 0x1f00);
    case 12: return reg->sel == 0 ? value | STATUS_ERL : value;
    default: return value;
    }
}

static void emit_mtc0(GRand *rand, Case *c, const Reg *reg)
{
    unsigned r = 1 + upto(rand, 25);

    emit_constant(c, r, draw_value(rand, reg));
    emit(c, move(MTC0, r, reg));
}

static void emit_read(Case *c, unsigned r, const Reg *reg)
{
    emit(c, move(MFC0, r, reg));
    emit_constant(c, 31, reg->compared);
    if (reg->number == 0) {            /* behind a TLBP that has missed the rest is UNPREDICTABLE */
        emit(c, 0x0000f7c3 | r << 16); /* sra r30, r, 31 */
        emit(c, 0x03c0f027);           /* nor r30, r30, r0 */
        emit_constant(c, 31, 0x80000000);
        emit(c, 0x33de000f); /* andi r30, r30, 15 */
        emit(c, 0x03fef825); /* or r31, r31, r30 */
    }
    emit(c, 0x00000024 | r << 21 | 31 << 16 | r << 11); /* and */
}

static const Reg *find(unsigned number)
{
    const Reg *reg = regs;

    while (reg->number != number || reg->sel != 0) {
        reg++;
    }
    return reg;
}

/* The first entries of the TLB, so that what reset leaves is not seen. None doubles another: each
 * is in its own 512 MiB, more than a page can have. */
static void emit_set_up(GRand *rand, Case *c)
{
    static const uint8_t numbers[] = { 2, 3, 5 };

    for (unsigned i = 0; i < SET_UP; i++) {
        emit_constant(c, 1, (draw_value(rand, find(10)) & 0x1fffffff) | i << 29);
        emit(c, move(MTC0, 1, find(10)));
        for (unsigned k = 0; k < G_N_ELEMENTS(numbers); k++) {
            emit_mtc0(rand, c, find(numbers[k]));
        }
        emit_constant(c, 1, i);
        emit(c, move(MTC0, 1, find(0)));
        emit(c, TLBWI);
    }
}

static void draw_insn(GRand *rand, Case *c)
{
    static const uint8_t hardware[] = { 1, 3 }; /* SYNCI_Step, CCRes: but for number and time */
    unsigned r = 1 + upto(rand, 25);

    switch (upto(rand, 12)) {
    case 0:
    case 1:
    case 2:
    case 3: emit_mtc0(rand, c, &regs[upto(rand, N_REGS)]); break;
    case 4: emit_read(c, r, &regs[upto(rand, N_REGS)]); break;
    case 5: emit(c, (upto(rand, 2) != 0 ? DI : EI) | r << 16); break;
    case 6: emit(c, RDHWR | r << 16 | (uint32_t)hardware[upto(rand, 2)] << 11); break;
    case 7:
        emit(c, (upto(rand, 2) != 0 ? RDPGPR : WRPGPR) | r << 16 | (1 + upto(rand, 25)) << 11);
        break;
    case 8: emit(c, TLBP); break;
    default: /* of an entry that is set up */
        emit_constant(c, r, upto(rand, SET_UP));
        emit(c, move(MTC0, r, find(0)));
        emit(c, upto(rand, 2) != 0 ? TLBWI : TLBR);
        break;
    }
}

static void draw_case(GRand *rand, Case *c)
{
    unsigned half = upto(rand, 2) * (N_REGS / 2), end = half != 0 ? N_REGS : N_REGS / 2;

    memset(c, 0, sizeof(*c));
    for (unsigned i = 1; i < 32; i++) {
        c->r[i] = g_rand_int(rand);
    }
    emit_set_up(rand, c);
    c->n_drawn = c->n;
    for (unsigned n = 1 + upto(rand, DRAWN_MAX); n > 0; n--) {
        draw_insn(rand, c);
    }
    c->n_drawn = c->n - c->n_drawn;
    for (unsigned i = half; i < end; i++) {
        emit_read(c, 1 + i - half, &regs[i]);
    }
}

/* ---- running ---- */

/* False: a TLB entry was to double another, which ends the case by a Machine Check. */
static bool run_ours(MipsRig *rig, const Case *c, uint32_t *r)
{
    MipsCpu *cpu = rig->cpu;

    mips_isa.reset(&cpu->v);
    mips_rig_code(rig, MIPS_CODE, c->word, c->n);
    memcpy(cpu->r, c->r, sizeof(cpu->r));
    cpu->cp0.status = STATUS_ERL | STATUS_BEV;
    cpu->v.pc = MIPS_CODE;
    mips_update(cpu);
    mips_rig_run(rig, c->n);
    memcpy(r, cpu->r, sizeof(cpu->r));
    return (cpu->cp0.status & STATUS_TS) == 0; /* no case sets it */
}

static void each_insn(uc_engine *uc, uint64_t address, uint32_t size, void *runner)
{
    Runner *u = runner;

    (void)size, (void)address;
    if (u->seen++ == u->insns) {
        uc_emu_stop(uc);
    }
}

static bool run_theirs(Runner *u, const Case *c, uint32_t *r)
{
    uint32_t pc = MIPS_CODE, status = STATUS_ERL | STATUS_BEV;
    uc_err e;

    must(uc_context_restore(u->uc, u->reset), "reset");
    must(uc_mem_write(u->uc, MIPS_PAGE, u->rig[0]->code, MIPS_PAGE_BYTES), "code");
    must(uc_ctl_remove_cache(u->uc, MIPS_PAGE, MIPS_PAGE + MIPS_PAGE_BYTES), "cache");
    must(uc_reg_write(u->uc, UC_MIPS_REG_CP0_STATUS, &status), "status");
    for (int i = 1; i < 32; i++) {
        must(uc_reg_write(u->uc, UC_MIPS_REG_0 + i, &c->r[i]), "register");
    }
    must(uc_reg_write(u->uc, UC_MIPS_REG_PC, &pc), "pc");
    u->seen = 0;
    u->insns = c->n;
    e = uc_emu_start(u->uc, MIPS_CODE, UINT32_MAX, 0, 0);
    for (int i = 0; i < 32; i++) {
        must(uc_reg_read(u->uc, UC_MIPS_REG_0 + i, &r[i]), "register");
    }
    return e == UC_ERR_OK;
}

static bool differs(const Case *c, const uint32_t *a, const uint32_t *b, const char *host)
{
    const Reg *first = (c->word[c->n - 4] >> 11 & 31) == regs[N_REGS - 1].number ? &regs[N_REGS / 2]
                                                                                 : regs;

    if (memcmp(a, b, 32 * sizeof(*a)) == 0) {
        return false;
    }
    g_print("%s:\n", host);
    for (unsigned i = c->n - 4 * (N_REGS / 2 + 1) - c->n_drawn; i < c->n; i++) {
        g_print(" %08x%s", c->word[i], i % 8 == 7 ? "\n" : "");
    }
    for (unsigned i = 1; i < 32; i++) {
        const Reg *reg = i <= N_REGS / 2 ? &first[i - 1] : NULL;

        if (a[i] != b[i]) {
            g_print("\n  r%u, register %u, %u: %08x, unicorn %08x", i, reg ? reg->number : 0,
                    reg ? reg->sel : 0, a[i], b[i]);
        }
    }
    g_print("\n");
    return true;
}

static unsigned run_order(const DiffOptions *options, bool be, uint64_t count)
{
    Runner u = { .model = "24Kf", .be = be };
    GRand *rand = g_rand_new_with_seed(options->seed);
    uint64_t insns = 0, failed = 0, doubles = 0;
    unsigned bad = 0;
    uc_hook hook;

    must(uc_open(UC_ARCH_MIPS, UC_MODE_MIPS32 | (be ? UC_MODE_BIG_ENDIAN : 0), &u.uc), "open");
    must(uc_ctl_set_cpu_model(u.uc, UC_CPU_MIPS32_24KF), "model");
    must(uc_mem_map(u.uc, MIPS_PAGE, MIPS_PAGE_BYTES, UC_PROT_ALL), "code");
    must(uc_hook_add(u.uc, &hook, UC_HOOK_CODE, (void *)(uintptr_t)each_insn, &u, 1, 0), "hook");
    must(uc_context_alloc(u.uc, &u.reset), "context");
    must(uc_context_save(u.uc, u.reset), "context");
    for (unsigned i = 0; i < N_HOSTS; i++) {
        u.rig[i] = mips_rig_new(hosts[i], u.model, be);
    }
    while (insns < count && bad < DIFFERENCES_MAX) {
        uint32_t ours[32], theirs[32];
        Case c;

        draw_case(rand, &c);
        if (run_ours(u.rig[0], &c, ours)) {
            insns += c.n_drawn;
            failed += !run_theirs(&u, &c, theirs);
            bad += differs(&c, ours, theirs, hosts[0]->name);
        } else { /* the oracle does not look for doubles, and goes on */
            doubles++;
        }
        run_ours(u.rig[1], &c, theirs);
        bad += differs(&c, ours, theirs, hosts[1]->name);
    }
    g_print("mips system, %s-endian: seed %u, %" G_GUINT64_FORMAT
            " instructions, %" G_GUINT64_FORMAT " faults of the oracle, %" G_GUINT64_FORMAT
            " cases of a Machine Check not judged, %u differences\n",
            be ? "big" : "little", options->seed, insns, failed, doubles, bad);
    uc_context_free(u.reset);
    uc_close(u.uc);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        mips_rig_free(u.rig[i]);
    }
    g_rand_free(rand);
    return bad;
}

unsigned mips_system(const DiffOptions *options)
{
    return run_order(options, false, diff_share(options, 2))
           + run_order(options, true, diff_share(options, 2));
}
