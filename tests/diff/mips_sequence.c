/* SPDX-License-Identifier: MIT */
/* mips_sequence.c - long random sequences of all MIPS rows, in units against steps. */
#include <string.h>

#include "frontend/mips/cp0_priv.h"
#include "tests/diff/mips_draw.h"
#include "tests/diff/sequence.h"
#include "tests/rig/mips_rig.h"

/* Each row of the tables, UNPREDICTABLE words too, for what we do then is ours. A single step ends
 * between a branch and its slot. Exceptions come back behind what raised them. */
enum {
    DRAWN_MAX = 24, /* instructions of the table in a case */
    CODE_MAX = 6 * DRAWN_MAX + 8,
    HANDLER = 0x180,
    HANDLER_INSNS = 10,
    K0 = 26,
    K1 = 27,
};

typedef struct Case {
    SeqCase seq; /* pieces are words */
    MipsDrawn code[CODE_MAX];
    uint32_t status, ebase, r[32], hi[4], lo[4], fcsr, dspcontrol, entrylo[6];
    uint64_t fpr[32];
    Gva base; /* of the code */
    bool isa; /* in the other ISA mode */
} Case;

/* What a run draws most from; and the model that has it. */
static const struct Table {
    const char *name, *model;
    MipsKind kind;
} tables[] = {
    { "integer", "24Kf", MIPS_KIND_INTEGER },
    { "system", "24Kf", MIPS_KIND_SYSTEM },
    { "FPU", "24Kf", MIPS_KIND_FPU },
    { "MIPS16e", "24Kf", MIPS_KIND_OTHER_ISA },
    { "DSP", "74Kf", MIPS_KIND_DSP },
    { "Release 1", "4Kc", MIPS_KIND_INTEGER },
    { "microMIPS", "M14Kc", MIPS_KIND_OTHER_ISA },
};

typedef struct Own {
    const struct Table *table;
    bool be;
    uint8_t data[MIPS_DATA_BYTES];
} Own;

static MipsRig *rig_of(SeqRig rig) { return rig.rig; }

static Case *case_of(SeqCase *c) { return (Case *)(void *)c; }
static const Case *const_case_of(const SeqCase *c) { return (const Case *)(const void *)c; }

static uint32_t any(GRand *rand) { return g_rand_int(rand); }

/* ---- drawing: state ---- */

static uint32_t pointer(GRand *rand, const Case *c)
{
    uint32_t at = MIPS_DATA + 0x800 + upto(rand, MIPS_DATA_BYTES - 0x1000);

    at = one_in(rand, 60) ? MIPS_CODE + upto(rand, 0x200) : at;
    at = one_in(rand, 6) ? at : at & ~7u;
    return (c->status & STATUS_KSU) == 0 && one_in(rand, 3) ? KSEG0_OF(at) : at;
}

static uint64_t draw_fp(GRand *rand)
{
    static const uint64_t values[] = {
        0x3ff0000000000000, 0xc008000000000000, 0x7ff0000000000000, 0x7ff7ffffffffffff,
        0x7fffffffffffffff, 0x000fffffffffffff, 0x0000000000000001, 0x41dfffffffc00000,
        0x3f800000bf800000, 0x7f8000007fbfffff, 0xff80000000000001, 0x3eaaaaab4b800000,
        0x800000007f7fffff, 0x4f000000cf000000, 0x8000000000000000, 0x0010000000000000,
        0x00800000007fffff, 0x7fefffffffffffff, 0x43e0000000000000, 0xc3e0000000000000,
    };
    uint64_t bits = (uint64_t)any(rand) << 32 | any(rand);

    if (one_in(rand, 3)) {
        return values[upto(rand, G_N_ELEMENTS(values))];
    }
    return one_in(rand, 3) ? bits : (bits & ~((uint64_t)0x7e0 << 52)) | (uint64_t)0x3e0 << 52;
}

static uint32_t draw_status(GRand *rand)
{
    static const uint32_t modes[] = { 0,
                                      0,
                                      STATUS_EXL,
                                      STATUS_ERL,
                                      STATUS_UM,
                                      STATUS_UM,
                                      STATUS_UM | STATUS_RE,
                                      STATUS_UM | STATUS_CU0,
                                      STATUS_R0 };
    uint32_t status = modes[upto(rand, G_N_ELEMENTS(modes))];

    status |= one_in(rand, 20) ? 0 : STATUS_CU1;
    status |= one_in(rand, 20) ? 0 : STATUS_MX;
    return status | (one_in(rand, 2) ? STATUS_FR : 0);
}

static void draw_state(GRand *rand, Case *c)
{
    static const uint32_t edges[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 31, 32, 0xff, 4 };

    c->status = draw_status(rand);
    c->base = (c->status & (STATUS_UM | STATUS_ERL | STATUS_R0)) == 0 ? KSEG0_OF(MIPS_CODE)
                                                                      : (Gva)MIPS_CODE;
    c->ebase = 0x80000000u | MIPS_PAGE;
    for (unsigned i = 1; i < 32; i++) {
        c->r[i] = one_in(rand, 2)   ? pointer(rand, c)
                  : one_in(rand, 2) ? edges[upto(rand, G_N_ELEMENTS(edges))]
                                    : any(rand);
        c->fpr[i] = draw_fp(rand);
    }
    c->fpr[0] = draw_fp(rand);
    for (unsigned i = 0; i < 4; i++) {
        c->hi[i] = one_in(rand, 2) ? edges[upto(rand, G_N_ELEMENTS(edges))] : any(rand);
        c->lo[i] = one_in(rand, 2) ? edges[upto(rand, G_N_ELEMENTS(edges))] : any(rand);
    }
    /* Mostly without enabled traps, and often as programs have it. */
    c->fcsr = any(rand) & (one_in(rand, 4) ? 0xffe00fff : 0xffe0007f);
    c->fcsr = one_in(rand, 2) ? 0 : c->fcsr;
    c->dspcontrol = any(rand) & 0x0fff7fbf;
    for (unsigned i = 0; i < 6; i++) {
        c->entrylo[i] = one_in(rand, 24) ? upto(rand, 4) << 1 : 6;
    }
}

/* ---- the rig ---- */

static bool reversed(const Own *u, const Case *c)
{
    return u->be != ((c->status & (STATUS_UM | STATUS_RE)) == (STATUS_UM | STATUS_RE));
}

static unsigned bytes_of(const Case *c, unsigned words)
{
    unsigned bytes = 0;

    for (unsigned i = 0; i < words; i++) {
        bytes += c->code[i].half ? 2 : 4;
    }
    return bytes;
}

static Gva end_of(const Case *c) { return c->base + bytes_of(c, c->seq.n); }

static void put_half(uint8_t *to, uint32_t half, bool be)
{
    to[be ? 1 : 0] = (uint8_t)half;
    to[be ? 0 : 1] = (uint8_t)(half >> 8);
}

static void put_word(uint8_t *to, uint32_t word, bool be)
{
    put_half(to + (be ? 2 : 0), word & 0xffff, be);
    put_half(to + (be ? 0 : 2), word >> 16, be);
}

/* Words @from and up, in the order in which the guest reads them. */
static void write_code(const Own *u, const Case *c, MipsRig *rig, unsigned from)
{
    uint8_t bytes[4 * CODE_MAX];
    unsigned n = 0, at = bytes_of(c, from);
    bool be = reversed(u, c);
    GError *error = NULL;

    for (unsigned i = from; i < c->seq.n; i++) {
        uint32_t word = c->code[i].word;

        if (c->code[i].half) {
            put_half(bytes + n, word, be);
            n += 2;
        } else if (c->isa) {
            put_half(bytes + n, word >> 16, be);
            put_half(bytes + n + 2, word & 0xffff, be);
            n += 4;
        } else {
            put_word(bytes + n, word, be);
            n += 4;
        }
    }
    if (n > 0 && !phys_copy_in(rig->phys, MIPS_CODE + at, bytes, n, &error)) {
        g_error("%s", error->message);
    }
}

/* Vectors: goes on behind the instruction, or behind the slot that it is in. The rest spins. */
static void write_page(const Own *u, MipsRig *rig)
{
    static const uint32_t handler[] = { 0x401a6800, 0x401b7000, 0x001ad7c2, 0x001ad080,
                                        0x037ad821, 0x277b0004, 0x409b7000, 0x42000018 };
    static const uint32_t refill[] = { 0x1000005f, 0 };
    uint8_t page[MIPS_PAGE_BYTES];
    GError *error = NULL;

    for (unsigned i = 0; i < MIPS_PAGE_BYTES; i += 8) {
        put_word(page + i, 0x1000ffff, u->be);
        put_word(page + i + 4, 0, u->be);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(handler); i++) {
        put_word(page + HANDLER + 4 * i, handler[i], u->be);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(refill); i++) {
        put_word(page + 4 * i, refill[i], u->be);
    }
    if (!phys_copy_in(rig->phys, MIPS_PAGE, page, sizeof(page), &error)) {
        g_error("%s", error->message);
    }
}

/* kuseg is physical memory: code and data, by three wired entries. */
static void map(MipsCpu *cpu, const Case *c)
{
    static const uint32_t pairs[] = { MIPS_PAGE, MIPS_DATA, MIPS_DATA + 0x2000 };

    for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++) {
        cpu->tlb.hi[i] = pairs[i];
        cpu->tlb.lo0[i] = pairs[i] >> 12 << 6 | c->entrylo[2 * i];
        cpu->tlb.lo1[i] = (pairs[i] >> 12 | 1) << 6 | c->entrylo[2 * i + 1];
    }
    cpu->tlb.lo0[0] |= 6; /* the code is there */
    cpu->cp0.wired = G_N_ELEMENTS(pairs);
}

static void begin(const SeqRunner *u, const SeqCase *seq, SeqRig of)
{
    const Case *c = const_case_of(seq);
    const Own *own = u->own;
    MipsRig *rig = rig_of(of);
    MipsCpu *cpu = rig->cpu;

    mips_isa.reset(&cpu->v);
    write_page(own, rig);
    write_code(own, c, rig, 0);
    memcpy(rig->data, own->data, MIPS_DATA_BYTES);
    map(cpu, c);
    cpu->cp0.hwrena = 0xf;
    cpu->cp0.epc = cpu->cp0.errorepc = cpu->cp0.depc = (c->base + 64) | (c->isa ? 1u : 0);
    memcpy(cpu->r, c->r, sizeof(cpu->r));
    memcpy(cpu->hi, c->hi, sizeof(cpu->hi));
    memcpy(cpu->lo, c->lo, sizeof(cpu->lo));
    memcpy(cpu->fpr, c->fpr, sizeof(cpu->fpr));
    cpu->dspcontrol = (cpu->features & MIPS_DSP) != 0 ? c->dspcontrol : 0;
    mips_set_fcsr(cpu, c->fcsr);
    mips_rig_start(rig, c->status & cpu->model->status_write, c->base);
    cpu->cp0.ebase = c->ebase;
    cpu->v.mode |= c->isa ? MIPS_MODE_ISA : 0;
    mips_update(cpu);
    cpu->v.limit = 0;
    cpu->v.budget = 0;
}

static void run(SeqRig rig, uint64_t insns) { mips_rig_run(rig_of(rig), insns); }

/* ---- drawing: code ---- */

static void put(Case *c, const MipsInsn *row, uint32_t word)
{
    bool half = row && (row->enc == ENC_M16 || row->enc == ENC_MM16);

    c->code[c->seq.n++] = (MipsDrawn){ row, word, half };
}

/* LUI, ORI: @r = @value; only in MIPS32. */
static void put_constant(Case *c, unsigned r, uint32_t value)
{
    if (!c->isa) {
        put(c, mips_decode(ENC_M32, 0x3c000000), 0x3c000000 | r << 16 | value >> 16);
        put(c, mips_decode(ENC_M32, 0x34000000), 0x34000000 | r << 21 | r << 16 | (value & 0xffff));
    }
}

static bool is_pointer(uint32_t value)
{
    return (value & 0x7fffffff) - MIPS_DATA - 0x400 < MIPS_DATA_BYTES - 0x800;
}

/* A register that holds an address of data, if there is one: base of a load or store. */
static uint32_t aim(GRand *rand, const MipsInsn *row, uint32_t word, const uint32_t *r)
{
    unsigned start = upto(rand, 32);

    for (unsigned i = 0; i < 32; i++) {
        unsigned n = (start + i) & 31;

        if (is_pointer(r[n])) {
            return mips_draw_set_field(row, word, mips_draw_base(row), n);
        }
    }
    return word;
}

/* A branch's target: some words away; a jump's: in the code. */
static uint32_t lead(GRand *rand, Case *c, const MipsInsn *row, uint32_t word)
{
    Gva to = c->base + 4 * upto(rand, c->seq.n + 8);
    unsigned op = row->match >> 26, s = word >> 21 & 31;

    if (row->enc != ENC_M32) {
        return mips_draw_set_field(row, word, 'i', upto(rand, 8) - (one_in(rand, 3) ? 8 : 0));
    }
    if (op == 2 || op == 3 || op == 0x1d) {
        return (word & 0xfc000000) | (to >> 2 & 0x03ffffff);
    }
    if (op == 0) { /* JR, JALR */
        put_constant(c, s, one_in(rand, 20) ? to | 1 : to);
        return word;
    }
    return (word & 0xffff0000) | ((upto(rand, 8) - upto(rand, c->seq.n + 1)) & 0xffff);
}

static void draw_mtc0(GRand *rand, Case *c, uint32_t *word)
{
    const MipsCp0Reg *reg = mips_cp0_reg(upto(rand, N_CP0));
    uint32_t value = any(rand), r = *word >> 16 & 31;

    if (one_in(rand, 8)) {
        return;
    }
    *word = (*word & ~(31u << 11 | 7u)) | (uint32_t)reg->number << 11 | reg->sel;
    if (reg->number == 12 && reg->sel == 0) {
        value = c->status ^ 1u << upto(rand, 32);
    } else if (reg->number == 14 || reg->number == 24 || reg->number == 30) {
        value = (c->base + 4 * upto(rand, c->seq.n + 8)) | one_in(rand, 20);
    } else if (reg->number == 10) {
        value = (MIPS_DATA & ~0x1fffu) + upto(rand, 4) * 0x2000 + upto(rand, 3);
    } else if (reg->number == 2 || reg->number == 3) {
        value = (MIPS_DATA >> 12) + upto(rand, 4);
        value = value << 6 | upto(rand, 8);
    } else if (reg->number == 5) {
        value = one_in(rand, 2) ? 0 : 0x6000;
    }
    if (r != 0 && (*word >> 21 & 31) == 4) {
        put_constant(c, r, value);
    }
}

/* One instruction, with what it needs before it and a branch's slot. */
static void draw_insn(SeqRunner *u, Case *c, const MipsCpu *cpu, bool slot)
{
    const Own *own = u->own;
    GRand *rand = u->rand;
    MipsKind kind = c->isa ? MIPS_KIND_OTHER_ISA : own->table->kind;
    const MipsInsn *row;
    uint32_t word;

    if (!c->isa && (kind == MIPS_KIND_OTHER_ISA || !one_in(rand, 2))) {
        kind = MIPS_KIND_ANY;
    }
    do {
        row = mips_draw_row(rand, kind, cpu->features);
    } while (slot && (row->flags & ROW_BRANCH) != 0 && !one_in(rand, 40));
    word = mips_draw_word(rand, row);
    if (c->isa && (row->flags & ROW_BRANCH) == 0 && !one_in(rand, 4)) {
        word = mips_draw_near(rand, row, word);
    } else if (mips_draw_is_memory(row) && !one_in(rand, 12)) {
        word = aim(rand, row, mips_draw_near(rand, row, word), cpu->r);
    } else if (mips_draw_is_cp0_move(row)) {
        draw_mtc0(rand, c, &word);
    } else if ((row->flags & (ROW_BRANCH | ROW_ENDS)) == ROW_BRANCH && !slot) {
        word = lead(rand, c, row, word);
        put(c, row, word);
        draw_insn(u, c, cpu, true);
        return;
    }
    put(c, row, word);
}

/* Whether @pc is in the code of @c, or near behind it. */
static bool inside(const Case *c, Gva pc) { return pc - c->base < 4 * CODE_MAX; }

static void go_on_at_end(Case *c, MipsCpu *cpu)
{
    cpu->v.pc = end_of(c);
    cpu->v.mode &= ~(uint32_t)(MIPS_MODE_SLOTS | MIPS_MODE_ISA);
    cpu->v.mode |= c->isa ? MIPS_MODE_ISA : 0;
    mips_update(cpu);
}

/* Appends an instruction and runs it; false if it goes elsewhere than behind itself, or as a
 * branch to somewhere in the code. */
static bool append(SeqRunner *u, Case *c, MipsRig *rig)
{
    MipsCpu *cpu = rig->cpu;
    unsigned from = c->seq.n, before = 0;
    uint32_t exl = cpu->cp0.status & STATUS_EXL;
    bool branch;

    draw_insn(u, c, cpu, false);
    write_code(u->own, c, rig, from);
    while (before < c->seq.n - from && (c->code[from + before].row->flags & ROW_BRANCH) == 0) {
        before++;
    }
    branch = before < c->seq.n - from;
    mips_rig_run(rig, before);
    if (branch) {
        mips_rig_run(rig, 1);
        mips_rig_run(rig, (cpu->v.mode & MIPS_MODE_SLOT) != 0);
        if (inside(c, cpu->v.pc) && (cpu->cp0.status & STATUS_EXL) <= exl) {
            go_on_at_end(c, cpu);
        }
    }
    return cpu->v.pc == end_of(c) && (cpu->v.mode & MIPS_MODE_SLOT) == 0
           && ((cpu->v.mode & MIPS_MODE_ISA) != 0) == c->isa;
}

/* Whether an exception was taken that tells nothing: drawn at random most words raise one. */
static bool is_dull(const MipsCpu *cpu)
{
    uint32_t code = cpu->cp0.cause >> 2 & 31;

    return code == MIPS_EXC_RI || code == MIPS_EXC_CPU || code == MIPS_EXC_BP
           || code == MIPS_EXC_SYS;
}

/* The handler, which comes back if it can. */
static bool comes_back(const Case *c, MipsRig *rig)
{
    for (unsigned i = 0; i < HANDLER_INSNS + 4 && rig->cpu->v.pc != end_of(c); i++) {
        mips_rig_run(rig, 1);
    }
    return rig->cpu->v.pc == end_of(c) && (rig->cpu->v.mode & MIPS_MODE_SLOT) == 0;
}

static SeqGrown grow(SeqRunner *u, SeqCase *seq)
{
    MipsRig *rig = rig_of(u->rig[SEQ_STEPS]);
    Case *c = case_of(seq);

    if (seq->n + 12 >= CODE_MAX) {
        return SEQ_FULL;
    }
    if (append(u, c, rig)) {
        return SEQ_GROWN;
    }
    if (!one_in(u->rand, is_dull(rig->cpu) ? 60 : 5)) {
        return SEQ_AGAIN;
    }
    return comes_back(c, rig) ? SEQ_GROWN : SEQ_LAST;
}

static unsigned start(SeqRunner *u, SeqCase *seq)
{
    unsigned n = one_in(u->rand, 3) ? 1 : 1 + upto(u->rand, DRAWN_MAX - 1);
    const Own *own = u->own;
    Case *c = case_of(seq);

    c->isa = own->table->kind == MIPS_KIND_OTHER_ISA && !one_in(u->rand, 8);
    draw_state(u->rand, c);
    return n;
}

static void end(SeqRunner *u, SeqCase *seq)
{
    Case *c = case_of(seq);

    if (!c->isa) { /* and back to the beginning, on a drawn condition */
        put(c, mips_decode(ENC_M32, 0x14000000),
            0x14000000 | upto(u->rand, 32) << 21 | upto(u->rand, 32) << 16
                | ((0 - seq->n - 1) & 0xffff));
        put(c, mips_decode(ENC_M32, 0x24000000), 0x24000000 | upto(u->rand, 32) << 21 | 1 << 16);
    }
    seq->insns = 1 + upto(u->rand, 4 * seq->n);
}

/* ---- reports ---- */

/* What does nothing, or little, and is as long. */
static uint32_t nop_like(const MipsDrawn *drawn)
{
    switch ((MipsEncoding)drawn->row->enc) {
    case ENC_M16: return 0x6500;
    case ENC_M16X: return 0xf0004800;
    case ENC_MM16: return 0x0c00;
    default: return 0;
    }
}

static void blank(SeqCase *seq, unsigned i)
{
    Case *c = case_of(seq);

    c->code[i].word = nop_like(&c->code[i]);
}

static void report(const SeqRunner *u, const SeqCase *seq)
{
    const Case *c = const_case_of(seq);
    const Own *own = u->own;

    g_print(", %s, %s-endian: %u instructions at %08x, status %08x fcsr %08x dspcontrol %08x\n",
            own->table->name, own->be ? "big" : "little", seq->insns, c->base, c->status, c->fcsr,
            c->dspcontrol);
    for (unsigned i = 0; i < seq->n; i++) {
        g_print("  %08x %s\n", c->code[i].word, c->code[i].word ? c->code[i].row->info.name : "-");
    }
    for (unsigned i = 0; i < 32; i++) {
        g_print(" r%u %08x%s", i, c->r[i], i % 8 == 7 ? "\n" : "");
    }
}

/* ---- runs ---- */

static SeqRig open_rig(const SeqRunner *u, const HostIsa *host)
{
    const Own *own = u->own;
    MipsRig *rig = mips_rig_new(host, own->table->model, own->be);

    return (SeqRig){ rig, &rig->cpu->v, rig->phys };
}

static void close_rig(SeqRig rig) { mips_rig_free(rig_of(rig)); }

static void fill(SeqRunner *u)
{
    Own *own = u->own;

    for (unsigned i = 0; i < MIPS_DATA_BYTES; i++) {
        own->data[i] = (uint8_t)any(u->rand);
    }
}

static unsigned run_table(const struct Table *table, bool be, const DiffOptions *options)
{
    const SeqGuest guest = {
        .isa = &mips_isa,
        .case_bytes = sizeof(Case),
        .memory = { { "data", MIPS_DATA, MIPS_DATA_BYTES, true },
                    { "code", MIPS_PAGE, MIPS_PAGE_BYTES, false } },
        .tries = UINT_MAX,
        .differences_max = 12,
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
    g_autofree char *title = g_strdup_printf("mips sequences, %s, %s-endian", table->name,
                                             be ? "big" : "little");
    g_autofree Own *own = g_new0(Own, 1);

    own->table = table;
    own->be = be;
    return seq_run(&guest, title, own, options, diff_share(options, 2 * G_N_ELEMENTS(tables)));
}

unsigned mips_sequence(const DiffOptions *options)
{
    unsigned bad = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(tables); i++) {
        bad += run_table(&tables[i], false, options);
        bad += run_table(&tables[i], true, options);
    }
    return bad;
}
