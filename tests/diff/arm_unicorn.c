/* SPDX-License-Identifier: MIT */
/* arm_unicorn.c - random ARM instructions on our hosts against each other and against Unicorn. */
#include <string.h>
#include <unicorn/unicorn.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/diff/arm_outcome.h"
#include "tests/diff/diff.h"
#include "tests/diff/must.h"

/* Instructions one at a time in the interpreter are what is compared with the oracle; whole units
 * on every host must then give the same. */
static const struct {
    const char *name;
    const HostIsa *isa;
} hosts[] = { { "interpreter", &interp_host }, { "x64", &x64_host } };

enum { N_HOSTS = G_N_ELEMENTS(hosts), DIFFERENCES_MAX = 20 };

typedef struct Runner {
    uc_engine *uc;
    ArmRig *steps, *units[N_HOSTS];
    uint8_t start[RIG_DATA_BYTES]; /* of the data, when the case began */
    uint8_t page[RIG_CODE_BYTES];
    Gva end; /* of the code */
    Outcome ours, theirs;
    uint64_t insns, cases, unjudged, faults;
} Runner;

static const int registers[17] = { UC_ARM_REG_R0,  UC_ARM_REG_R1,  UC_ARM_REG_R2,  UC_ARM_REG_R3,
                                   UC_ARM_REG_R4,  UC_ARM_REG_R5,  UC_ARM_REG_R6,  UC_ARM_REG_R7,
                                   UC_ARM_REG_R8,  UC_ARM_REG_R9,  UC_ARM_REG_R10, UC_ARM_REG_R11,
                                   UC_ARM_REG_R12, UC_ARM_REG_R13, UC_ARM_REG_R14, UC_ARM_REG_R15,
                                   UC_ARM_REG_CPSR };

/* ---- the oracle ---- */

static uint32_t fault_of(uc_err e)
{
    switch (e) {
    case UC_ERR_OK:
    case UC_ERR_FETCH_UNMAPPED:
    case UC_ERR_FETCH_PROT: return 0; /* the branch itself is done */
    case UC_ERR_INSN_INVALID: return ARM_EXC_UNDEF;
    default: return ARM_EXC_DABT;
    }
}

static void run_theirs(Runner *u, const ArmCase *c, unsigned n)
{
    uint32_t value[17];
    void *p[17];
    uint64_t exits[2];
    uc_err e;

    must(uc_mem_write(u->uc, RIG_CODE, u->page, RIG_CODE_BYTES), "code");
    must(uc_ctl_remove_cache(u->uc, RIG_CODE, RIG_CODE + RIG_CODE_BYTES), "cache");
    must(uc_mem_write(u->uc, RIG_DATA, u->start, RIG_DATA_BYTES), "data");
    memcpy(value, c->r, sizeof(c->r));
    value[15] = RIG_CODE;
    value[16] = c->cpsr;
    for (unsigned i = 0; i < 17; i++) {
        p[i] = &value[i];
    }
    must(uc_reg_write(u->uc, UC_ARM_REG_CPSR, &value[16]), "cpsr");
    must(uc_reg_write_batch(u->uc, (int *)registers, p, 15), "registers");
    /* Its count leaves out what a condition skips, so it is told where we stopped; the count is for
     * when it goes elsewhere. */
    exits[0] = u->end;
    exits[1] = u->ours.fault == 0 ? u->ours.pc : exits[0];
    must(uc_ctl_set_exits(u->uc, exits, 2), "exits");
    e = uc_emu_start(u->uc, RIG_CODE | (c->thumb ? 1 : 0), 0, 0, n + 1);
    must(uc_reg_read_batch(u->uc, (int *)registers, p, 17), "registers");
    u->theirs = u->ours; /* what it does not show */
    memcpy(u->theirs.r, value, sizeof(u->theirs.r));
    u->theirs.pc = value[15];
    u->theirs.cpsr = value[16];
    u->theirs.fault = fault_of(e);
    must(uc_mem_read(u->uc, RIG_DATA, u->theirs.data, RIG_DATA_BYTES), "data");
}

/* Why the oracle is not asked about what we have just done, or NULL. */
static const char *not_judged(const Outcome *o)
{
    if (o->fault == ARM_EXC_DABT && o->dfsr % 16 == 1) {
        return "QEMU 5 does not check the alignment of LDM, LDRD and their kin";
    }
    return NULL;
}

/* Whether the oracle stops exactly at the access that faults in @o: it is a load, aligned, and
 * unconditional. */
static bool stops_there(const ArmCase *c, const Outcome *o)
{
    unsigned i = (o->pc - RIG_CODE) / 4;
    bool store = (o->dfsr & 1u << 11) != 0; /* WnR */

    if (store || o->dfar % 4 != 0) {
        return false;
    }
    return c->thumb ? (o->cpsr & CPSR_IT) == 0 : i >= c->n || c->word[i] >> 28 >= 14;
}

static void compare_with_oracle(const Outcome *a, const Outcome *b, const ArmCase *c, GString *s)
{
    /* It forgets the IT state where it stops for a fault. */
    uint32_t compared = CPSR_COMPARED & ~(a->fault != 0 ? (uint32_t)CPSR_IT : 0);

    if (a->fault == ARM_EXC_DABT && !stops_there(c, a)) {
        if (b->fault == 0) {
            g_string_append(s, "  a fault, which unicorn does not see\n");
        }
        return;
    }
    arm_case_compare(a, b, compared, "unicorn", s);
}

/* A8.8.177: Q says whether the sum of both products and Ra overflows; QEMU 5 sets it when the sum
 * of the products alone does. */
static bool only_q_of_smlad(const Runner *u, const ArmCase *c, unsigned n)
{
    Outcome theirs = u->theirs;
    g_autoptr(GString) why = g_string_new(NULL);
    bool smlad = false;

    for (unsigned i = 0; i < n; i++) {
        smlad = smlad || strcmp(c->row[i]->info.name, "SMLAD") == 0;
    }
    theirs.cpsr ^= CPSR_Q;
    if (smlad) {
        compare_with_oracle(&u->ours, &theirs, c, why);
    }
    return smlad && why->len == 0;
}

static void ask_oracle(Runner *u, const ArmCase *c, unsigned n, GString *why)
{
    if (not_judged(&u->ours)) {
        u->unjudged++;
        return;
    }
    run_theirs(u, c, n);
    compare_with_oracle(&u->ours, &u->theirs, c, why);
    if (why->len != 0 && only_q_of_smlad(u, c, n)) {
        g_string_truncate(why, 0);
        u->unjudged++;
    }
}

/* ---- our hosts ---- */

/* Where a unit is left for one of these, the next instruction runs too, and is no part of the case:
 * unless it is a branch to itself, or cannot be fetched or decoded. */
static bool can_run_on(const Runner *u)
{
    Gva pc = u->ours.pc;

    return u->ours.fault != 0 || pc == u->end || pc - RIG_DATA >= RIG_DATA_BYTES;
}

static void run_hosts(Runner *u, const ArmCase *c, unsigned n, GString *why)
{
    for (unsigned i = 0; i < N_HOSTS; i++) {
        Outcome o;

        arm_case_run(u->units[i], c, n, u->start, false, &o);
        if (u->ours.fault == 0 && o.fault != 0 && o.pc == u->ours.pc && o.pc != u->end) {
            o.fault = 0; /* the branch itself is done */
        }
        arm_case_compare(&u->ours, &o, CPSR_COMPARED, hosts[i].name, why);
    }
}

/* Whether the case has become another: it branches back into itself, or stores into itself. */
static bool is_spoilt(const Runner *u)
{
    Gva pc = u->ours.pc;

    return (u->ours.fault == 0 && pc >= RIG_CODE && pc < u->end)
           || memcmp(u->steps->code, u->page, RIG_CODE_BYTES) != 0;
}

/* Runs the first @n instructions everywhere; true if all agree, else @why says what does not. */
static bool run_case(Runner *u, const ArmCase *c, unsigned n, GString *why)
{
    g_string_truncate(why, 0);
    u->end = arm_case_page(c, n, u->page);
    arm_rig_code(u->steps, RIG_CODE, u->page, RIG_CODE_BYTES);
    arm_case_run(u->steps, c, n, u->start, true, &u->ours);
    if (is_spoilt(u)) {
        u->unjudged++;
        return true;
    }
    u->faults += u->ours.fault != 0;
    ask_oracle(u, c, n, why);
    if (can_run_on(u)) {
        for (unsigned i = 0; i < N_HOSTS; i++) {
            arm_rig_code(u->units[i], RIG_CODE, u->page, RIG_CODE_BYTES);
        }
        run_hosts(u, c, n, why);
    }
    return why->len == 0;
}

static void report(const ArmCase *c, unsigned n, const char *why, uint64_t number)
{
    g_print("case %" G_GUINT64_FORMAT ":\n", number);
    for (unsigned i = 0; i < n; i++) {
        g_print("  %08x %s %s\n", c->word[i], c->row[i]->info.name, c->row[i]->info.encoding);
    }
    g_print("  cpsr %08x", c->cpsr);
    for (unsigned i = 0; i < 15; i++) {
        g_print(" r%u %08x", i, c->r[i]);
    }
    g_print("\n%s", why);
}

/* The shortest beginning of @c, with its IT blocks whole, that still differs. */
static unsigned minimize(Runner *u, const ArmCase *c, GString *why)
{
    for (unsigned n = MAX(c->it_end, 1); n < c->n; n++) {
        if (!run_case(u, c, n, why)) {
            return n;
        }
    }
    run_case(u, c, c->n, why);
    return c->n;
}

static void open_runner(Runner *u, GRand *rand)
{
    must(uc_open(UC_ARCH_ARM, UC_MODE_ARM, &u->uc), "open");
    must(uc_ctl_set_cpu_model(u->uc, UC_CPU_ARM_CORTEX_A15), "model");
    must(uc_ctl_exits_enable(u->uc), "exits");
    must(uc_mem_map(u->uc, RIG_CODE, RIG_CODE_BYTES, UC_PROT_ALL), "map");
    must(uc_mem_map(u->uc, RIG_DATA, RIG_DATA_BYTES, UC_PROT_ALL), "map");
    u->steps = arm_rig_new(&interp_host);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        u->units[i] = arm_rig_new(hosts[i].isa);
    }
    for (unsigned i = 0; i < RIG_DATA_BYTES; i++) {
        u->start[i] = (uint8_t)g_rand_int(rand);
    }
}

static void close_runner(Runner *u)
{
    uc_close(u->uc);
    arm_rig_free(u->steps);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        arm_rig_free(u->units[i]);
    }
    g_free(u);
}

unsigned arm_unicorn(const DiffOptions *options)
{
    Runner *u = g_new0(Runner, 1);
    GRand *rand = g_rand_new_with_seed(options->seed);
    g_autoptr(GString) why = g_string_new(NULL);
    const uint64_t count = diff_total(options, 2); /* A32 and T32 */
    unsigned bad = 0;

    open_runner(u, rand);
    while (u->insns < count && bad < DIFFERENCES_MAX) {
        ArmCase c;
        uint64_t number = u->cases++;

        arm_draw_case(rand, &c);
        if (number < options->first) {
            continue;
        }
        u->insns += c.n;
        if (options->verbose) {
            report(&c, c.n, "", number);
        }
        if (!run_case(u, &c, c.n, why)) {
            unsigned n = minimize(u, &c, why);

            report(&c, n, why->str, number);
            bad++;
        }
    }
    g_print("arm: seed %u, %" G_GUINT64_FORMAT " instructions in %" G_GUINT64_FORMAT
            " cases, %" G_GUINT64_FORMAT " faults, %" G_GUINT64_FORMAT
            " cases not judged, %u differences\n",
            options->seed, u->insns, u->cases, u->faults, u->unjudged, bad);
    close_runner(u);
    g_rand_free(rand);
    return bad;
}
