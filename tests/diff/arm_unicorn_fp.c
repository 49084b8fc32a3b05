/* SPDX-License-Identifier: MIT */
/* arm_unicorn_fp.c - random VFP and Advanced SIMD instructions on our hosts against Unicorn. */
#include <inttypes.h>
#include <string.h>
#include <unicorn/unicorn.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "base/bits.h"
#include "tests/diff/arm_draw.h"
#include "tests/diff/diff.h"
#include "tests/diff/must.h"
#include "tests/rig/arm_rig.h"

enum {
    N_D = 32,
    N_HOSTS = 2,
    BASE = RIG_DATA + 0x1000,
    VECTORS = RIG_CODE + 0x100,
    DIFFERENCES_MAX = 20,
};

/* N Z C V GE */
#define CPSR_COMPARED 0xf00f0000u

typedef struct State {
    uint32_t r[15], cpsr, fpscr;
    uint64_t d[N_D];
    uint32_t fault; /* ARM_EXC_*; 0: none */
    uint8_t data[RIG_DATA_BYTES];
} State;

typedef struct Runner {
    uc_engine *uc;
    ArmRig *rig[N_HOSTS];
    GRand *rand;
    const ArmInsn *row;
    uint32_t word;
    State start, ours[N_HOSTS], theirs;
    uint64_t insns, faults, unjudged;
} Runner;

/* ---- what the manual leaves open ---- */

static bool named(const Runner *u, const char *prefix)
{
    return g_str_has_prefix(u->row->info.name, prefix);
}

static uint32_t field(const Runner *u, char letter)
{
    return arm_draw_field(u->row, u->word, letter);
}

/* Of element and structure accesses: the pc as base, registers beyond the last. */
static bool open_structure(const Runner *u)
{
    uint32_t arg = u->row->flags >> ROW_ARG_SHIFT, n = arg & 15, apart = 1 + field(u, 's');
    uint32_t groups = 1;

    if (strstr(u->row->info.name, "multiple") != NULL) {
        apart = arg >> 4 & 15;
        groups = arg >> 8;
    } else if (named(u, "VLD1_all")) {
        groups = apart;
    }
    return field(u, 'n') == 15 || field(u, 'd') + (n - 1) * apart + groups > N_D;
}

/* Of the others: the pc as base, none or too many registers. */
static bool open_load(const Runner *u)
{
    bool dbl = strstr(u->row->info.name, "_d") != NULL;
    uint32_t words = field(u, 'i'), d = field(u, 'd');

    if (field(u, 'r') == 15) {
        return true;
    }
    if (named(u, "VLDR") || named(u, "VSTR")) {
        return false;
    }
    if (dbl) {
        return words < 2 || words > 33 || 2 * d + (words & ~1u) > 2 * N_D;
    }
    return words == 0 || (d & 15) * 2 + (d >> 4) + words > 32;
}

static bool open_core_register(const Runner *u, char letter)
{
    uint32_t r = field(u, letter);

    return r == 15 || (r == 13 && u->row->thumb != 0);
}

/* A core register that may not be; the same one or S31 in transfers of two. */
static bool open_transfer(const Runner *u)
{
    bool two = strstr(u->row->info.name, "core2") != NULL;

    if (named(u, "VMRS") && field(u, 't') == 15) {
        return false;
    }
    if (two && (open_core_register(u, 'r') || field(u, 't') == field(u, 'r'))) {
        return true;
    }
    return open_core_register(u, 't') || (two && field(u, 'm') == 31);
}

/* UNPREDICTABLE or with UNKNOWN results, DDI 0406C.d A8.8; or known of the oracle. */
static bool unjudged(const Runner *u)
{
    if (named(u, "VTRN") || named(u, "VUZP") || named(u, "VZIP")) {
        return field(u, 'd') == field(u, 'm');
    }
    if (named(u, "VTB")) {
        uint32_t n = field(u, 'n');

        return (n >> 1 | (n & 1) << 4) + field(u, 'i') + 1 > N_D;
    }
    if (named(u, "VCVT_fixed_fp") || named(u, "VCVT_fp_fixed")) {
        uint32_t i = field(u, 'i');
        bool rounds = named(u, "VCVT_fixed_fp") && (u->start.fpscr >> 22 & 3) != 0;

        /* QEMU 5 rounds as FPSCR says, not to nearest. */
        return rounds || (field(u, 'x') == 0 && ((i & 15) << 1 | i >> 4) > 16);
    }
    if (named(u, "VLDM") || named(u, "VSTM") || named(u, "VLDR") || named(u, "VSTR")) {
        return open_load(u);
    }
    if (named(u, "VLD") || named(u, "VST")) {
        return open_structure(u);
    }
    if (strstr(u->row->info.name, "core") != NULL || named(u, "VMRS") || named(u, "VMSR")) {
        return open_transfer(u);
    }
    return false;
}

/* ---- drawing ---- */

static uint64_t draw_lane(GRand *rand, unsigned bits)
{
    uint64_t any = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);

    switch (g_rand_int_range(rand, 0, 6)) {
    case 0: return 0;
    case 1: return (uint64_t)1 << (bits - 1);
    case 2: return bits_mask(bits - 1);
    case 3: return bits_mask(bits);
    case 4: return any & 0x7f;
    default: return any & bits_mask(bits);
    }
}

static uint64_t draw_vector(GRand *rand)
{
    static const uint32_t floats[] = { 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000,
                                       0x7f800001, 0x00000001, 0x80800000, 0x7f7fffff, 0x4b800000,
                                       0x42280000, 0xc2f6e979, 0x3eaaaaab, 0x4f000000, 0xcf000000 };
    unsigned bits = 8u << g_rand_int_range(rand, 0, 4);
    uint64_t v = 0;

    if (g_rand_int_range(rand, 0, 4) == 0) {
        for (unsigned i = 0; i < 2; i++) {
            v = v << 32 | floats[g_rand_int_range(rand, 0, G_N_ELEMENTS(floats))];
        }
        return v;
    }
    for (unsigned at = 0; at < 64; at += bits) {
        v |= draw_lane(rand, bits) << at;
    }
    if (g_rand_int_range(rand, 0, 8) == 0) { /* a double of moderate size */
        v = (v & ~((uint64_t)0x7e0 << 52)) | (uint64_t)0x3e0 << 52;
    }
    return v;
}

static void draw_state(Runner *u)
{
    State *s = &u->start;
    bool memory = named(u, "VLD") || named(u, "VST");

    for (unsigned i = 0; i < 15; i++) {
        uint32_t at = (uint32_t)g_rand_int_range(u->rand, 0, 64);

        s->r[i] = memory ? BASE + (at << g_rand_int_range(u->rand, 0, 6)) : g_rand_int(u->rand);
    }
    for (unsigned i = 0; i < N_D; i++) {
        s->d[i] = draw_vector(u->rand);
    }
    s->cpsr = ARM_USR | (g_rand_int(u->rand) & CPSR_COMPARED) | (u->row->thumb ? CPSR_T : 0);
    s->fpscr = g_rand_int(u->rand) & (g_rand_boolean(u->rand) ? 0xf7c00000u : 0xf0000000u);
}

static void draw_insn(Runner *u)
{
    unsigned n;
    const ArmInsn *rows = arm_rows(&n);

    do {
        u->row = &rows[g_rand_int_range(u->rand, 0, (gint32)n)];
        u->word = u->row->match | (g_rand_int(u->rand) & ~u->row->mask);
        if (!u->row->thumb && u->row->mask >> 28 == 0 && g_rand_boolean(u->rand)) {
            u->word = (u->word & 0x0fffffff) | 0xe0000000;
        }
    } while (!named(u, "V") || u->row->info.sens != SENS_INNOCUOUS
             || !arm_row_matches(u->row, u->word));
}

/* ---- running ---- */

/* The instruction, and a branch to itself. */
static void code_bytes(const Runner *u, uint8_t code[8])
{
    uint32_t w[2] = { u->word, 0xeafffffe };

    if (u->row->thumb != 0) {
        w[0] = u->word >> 16 | u->word << 16;
        w[1] = 0xe7fee7fe;
    }
    memcpy(code, w, 8);
}

/* Both count: the instruction or the entry to its exception, and the branch behind it or there. */
static void run_ours(Runner *u, unsigned host)
{
    ArmRig *rig = u->rig[host];
    ArmCpu *cpu = rig->cpu;
    State *o = &u->ours[host];
    uint8_t code[8];

    code_bytes(u, code);
    arm_rig_code(rig, RIG_CODE, code, sizeof(code));
    memcpy(rig->data, u->start.data, RIG_DATA_BYTES);
    cpu->cp15.cpacr = 0x00f00000;
    cpu->fpexc = 1u << 30;
    arm_rig_start(rig, u->start.cpsr, RIG_CODE);
    arm_help_fpscr_write(&cpu->v, u->start.fpscr, ir_pc(RIG_CODE, cpu->v.mode), 0);
    memcpy(cpu->r, u->start.r, sizeof(cpu->r));
    memcpy(cpu->d, u->start.d, sizeof(cpu->d));
    cpu->cp15.dfsr = 0;
    arm_rig_run(rig, 2);
    memcpy(o->r, cpu->r, sizeof(cpu->r));
    memcpy(o->d, cpu->d, sizeof(cpu->d));
    memcpy(o->data, rig->data, RIG_DATA_BYTES);
    o->cpsr = arm_cpsr(cpu);
    o->fpscr = (uint32_t)arm_help_fpscr_read(&cpu->v, 0, 0, 0);
    o->fault = 0;
    if ((cpu->cpsr & CPSR_M) != ARM_USR) {
        o->fault = (cpu->cpsr & CPSR_M) == ARM_UND ? ARM_EXC_UNDEF : ARM_EXC_DABT;
    }
}

static int core_register(unsigned i)
{
    return i < 13 ? UC_ARM_REG_R0 + (int)i : i == 13 ? UC_ARM_REG_SP : UC_ARM_REG_LR;
}

static void set_theirs(Runner *u)
{
    uint32_t fpexc = 1u << 30, cpacr = 0x00f00000;
    uint8_t code[8];

    code_bytes(u, code);
    must(uc_mem_write(u->uc, RIG_CODE, code, sizeof(code)), "code");
    must(uc_ctl_remove_cache(u->uc, RIG_CODE, RIG_CODE + sizeof(code)), "cache");
    must(uc_mem_write(u->uc, RIG_DATA, u->start.data, RIG_DATA_BYTES), "data");
    must(uc_reg_write(u->uc, UC_ARM_REG_CPSR, &u->start.cpsr), "cpsr");
    must(uc_reg_write(u->uc, UC_ARM_REG_C1_C0_2, &cpacr), "cpacr");
    must(uc_reg_write(u->uc, UC_ARM_REG_FPEXC, &fpexc), "fpexc");
    must(uc_reg_write(u->uc, UC_ARM_REG_FPSCR, &u->start.fpscr), "fpscr");
    for (unsigned i = 0; i < 15; i++) {
        must(uc_reg_write(u->uc, core_register(i), &u->start.r[i]), "r");
    }
    for (unsigned i = 0; i < N_D; i++) {
        must(uc_reg_write(u->uc, UC_ARM_REG_D0 + (int)i, &u->start.d[i]), "d");
    }
}

static void run_theirs(Runner *u)
{
    State *o = &u->theirs;
    uc_err e;

    set_theirs(u);
    e = uc_emu_start(u->uc, RIG_CODE | (u->row->thumb ? 1 : 0), RIG_CODE + 4, 0, 1);
    o->fault = e == UC_ERR_OK ? 0 : e == UC_ERR_INSN_INVALID ? ARM_EXC_UNDEF : ARM_EXC_DABT;
    for (unsigned i = 0; i < 15; i++) {
        must(uc_reg_read(u->uc, core_register(i), &o->r[i]), "r");
    }
    for (unsigned i = 0; i < N_D; i++) {
        must(uc_reg_read(u->uc, UC_ARM_REG_D0 + (int)i, &o->d[i]), "d");
    }
    must(uc_reg_read(u->uc, UC_ARM_REG_CPSR, &o->cpsr), "cpsr");
    must(uc_reg_read(u->uc, UC_ARM_REG_FPSCR, &o->fpscr), "fpscr");
    must(uc_mem_read(u->uc, RIG_DATA, o->data, RIG_DATA_BYTES), "data");
}

/* ---- comparison ---- */

static void say(GString *s, const char *what, unsigned i, uint64_t ours, uint64_t theirs)
{
    if (ours != theirs) {
        g_string_append_printf(s, "  %s%u: %016" PRIx64 ", unicorn %016" PRIx64 "\n", what, i, ours,
                               theirs);
    }
}

static void compare(const State *a, const State *b, GString *s)
{
    say(s, "fault ", 0, a->fault, b->fault);
    if (a->fault != 0 || b->fault != 0) {
        return;
    }
    for (unsigned i = 0; i < 15; i++) {
        say(s, "r", i, a->r[i], b->r[i]);
    }
    for (unsigned i = 0; i < N_D; i++) {
        say(s, "d", i, a->d[i], b->d[i]);
    }
    say(s, "cpsr ", 0, a->cpsr & CPSR_COMPARED, b->cpsr & CPSR_COMPARED);
    say(s, "fpscr ", 0, a->fpscr, b->fpscr);
    for (unsigned i = 0; i < RIG_DATA_BYTES; i++) {
        say(s, "data ", RIG_DATA + i, a->data[i], b->data[i]);
    }
}

static void report(const Runner *u, const char *why)
{
    uint32_t n = field(u, 'n'), dn = (n >> 1 | n << 4) & 31, dd = field(u, 'd') & 31;
    uint32_t dm = field(u, 'm') & 31;

    g_print("case %" G_GUINT64_FORMAT ": %08x %s %s fpscr %08x d %016" PRIx64 " n %016" PRIx64
            " m %016" PRIx64 "\n%s",
            u->insns, u->word, u->row->info.name, u->row->info.encoding, u->start.fpscr,
            u->start.d[dd], u->start.d[dn], u->start.d[dm], why);
}

static bool differs(Runner *u, GString *why)
{
    g_string_truncate(why, 0);
    for (unsigned i = 0; i < N_HOSTS; i++) {
        run_ours(u, i);
    }
    compare(&u->ours[0], &u->ours[1], why);
    if (why->len > 0) {
        g_string_prepend(why, "  interpreter against JIT, not Unicorn:\n");
        return true;
    }
    if (unjudged(u) || u->rig[0]->cpu->cp15.dfsr % 16 == 1) {
        u->unjudged++; /* QEMU 5 checks alignment neither of VLDR, VLDM nor of :align */
        return false;
    }
    run_theirs(u);
    u->faults += u->ours[0].fault != 0;
    compare(&u->ours[0], &u->theirs, why);
    return why->len > 0;
}

static ArmRig *open_rig(const HostIsa *host)
{
    ArmRig *rig = arm_rig_new(host);
    uint32_t stay[8];

    for (unsigned i = 0; i < G_N_ELEMENTS(stay); i++) {
        stay[i] = 0xeafffffe; /* b . */
    }
    arm_rig_code(rig, VECTORS, stay, sizeof(stay));
    rig->cpu->cp15.vbar = VECTORS;
    return rig;
}

unsigned arm_unicorn_fp(const DiffOptions *options)
{
    Runner *u = g_new0(Runner, 1);
    g_autoptr(GString) why = g_string_new(NULL);
    const uint64_t count = diff_total(options, 2); /* A32 and T32 */
    unsigned bad = 0;

    u->rand = g_rand_new_with_seed(options->seed);
    u->rig[0] = open_rig(&interp_host);
    u->rig[1] = open_rig(&x64_host);
    must(uc_open(UC_ARCH_ARM, UC_MODE_ARM, &u->uc), "open");
    must(uc_ctl_set_cpu_model(u->uc, UC_CPU_ARM_CORTEX_A15), "model");
    must(uc_mem_map(u->uc, RIG_CODE, RIG_CODE_BYTES, UC_PROT_ALL), "map");
    must(uc_mem_map(u->uc, RIG_DATA, RIG_DATA_BYTES, UC_PROT_ALL), "map");
    for (unsigned i = 0; i < RIG_DATA_BYTES; i++) {
        u->start.data[i] = (uint8_t)g_rand_int(u->rand);
    }
    for (; u->insns < count && bad < DIFFERENCES_MAX; u->insns++) {
        draw_insn(u);
        draw_state(u);
        if (u->insns >= options->first && (differs(u, why) || options->verbose)) {
            report(u, why->str);
            bad += why->len > 0;
        }
    }
    g_print("arm fp: seed %u, %" G_GUINT64_FORMAT " instructions, %" G_GUINT64_FORMAT
            " faults, %" G_GUINT64_FORMAT " not judged, %u differences\n",
            options->seed, u->insns, u->faults, u->unjudged, bad);
    uc_close(u->uc);
    arm_rig_free(u->rig[0]);
    arm_rig_free(u->rig[1]);
    g_rand_free(u->rand);
    g_free(u);
    return bad;
}
