/* SPDX-License-Identifier: MIT */
/* x86_sequence.c - random loops of integer, x87, MMX and SSE rows, in units against steps. */
#include <string.h>

#include "frontend/x86/sse_priv.h"
#include "frontend/x86/x86_priv.h"
#include "frontend/x86/x87_priv.h"
#include "tests/diff/sequence.h"
#include "tests/diff/x86_draw.h"
#include "tests/rig/x86_rig.h"

/* What crosses from one instruction or unit to another is what the runners that ask the host CPU do
 * not see. A case is a loop, which may end in an exception. */
enum {
    DRAWN_MAX = 24,
    CODE_BYTES = 512,
    COUNTER = X86_RIG_DATA + X86_RIG_DATA_BYTES - 64,
    GDT = 0x800,
    IDT = 0x1000,
    HANDLER = X86_RIG_CODE + 0x1000,
};

typedef struct Case {
    SeqCase seq; /* pieces are the drawn instructions */
    uint8_t code[CODE_BYTES];
    unsigned at[DRAWN_MAX + 1]; /* where the drawn instructions begin */
    const X86Insn *row[DRAWN_MAX];
    unsigned bytes; /* of code */
    uint32_t r[8], eflags, mxcsr, control;
    X86Fpu fpu;
    uint64_t xmm[8][2];
} Case;

typedef struct Own {
    const X86Insn *rows;
    unsigned n_rows;
    uint8_t data[X86_RIG_DATA_BYTES], low[X86_RIG_LOW_BYTES];
} Own;

static X86Rig *rig_of(SeqRig rig) { return rig.rig; }

static Case *case_of(SeqCase *c) { return (Case *)(void *)c; }
static const Case *const_case_of(const SeqCase *c) { return (const Case *)(const void *)c; }

/* ---- drawing: state ---- */

/* In the middle of data: displacements go either way. */
static uint32_t pointer(GRand *rand)
{
    uint32_t p = X86_RIG_DATA + 0x800 + upto(rand, X86_RIG_DATA_BYTES - 0x1000);

    return one_in(rand, 4) ? p : p & ~15u;
}

static bool is_pointer(uint32_t p) { return p - X86_RIG_DATA - 0x400 < X86_RIG_DATA_BYTES - 0x800; }

/* Numbers that arithmetic does not only overflow with. */
static uint64_t number(GRand *rand)
{
    static const uint64_t values[] = {
        0,
        0x3f8000003f800000,
        0x3ff0000000000000,
        0xbff0000000000000,
        0x7f800000ff800000,
        0x7ff0000000000000,
        0x7ff8000000000000,
        0x7fc000007fa00000,
        0x0000000100000001,
        0x8000000000000000,
        0x0010000000000000,
        0x0080000000800000,
        0x41dfffffffc00000,
        0x4f0000003f000000,
    };

    switch (upto(rand, 4)) {
    case 0: return values[upto(rand, G_N_ELEMENTS(values))];
    case 1: return (any64(rand) & 0x807fffff807fffff) | 0x3f8000003f800000;
    case 2: return (any64(rand) & 0x800fffffffffffff) | (uint64_t)(0x3f8 + upto(rand, 16)) << 52;
    default: return any64(rand);
    }
}

static void draw_state(GRand *rand, Case *c)
{
    static const uint16_t exponents[] = { 0, 0x3fff, 0xbffe, 0x7fff, 0xffff, 0x4001, 0x0001 };

    for (unsigned i = 0; i < 8; i++) {
        c->r[i] = one_in(rand, 4) ? g_rand_int(rand) : pointer(rand);
        c->xmm[i][0] = number(rand);
        c->xmm[i][1] = number(rand);
        c->fpu.mantissa[i] = number(rand) | UINT64_C(1) << 63;
        c->fpu.exponent[i] = exponents[upto(rand, G_N_ELEMENTS(exponents))];
    }
    c->r[G_ESP] = pointer(rand) & ~15u;
    c->eflags = (g_rand_int(rand) & EFL_STATUS) | EFL_ONE;
    c->mxcsr = 0x1f80 | (one_in(rand, 3) ? g_rand_int(rand) & 0xe07f : 0);
    c->mxcsr &= one_in(rand, 8) ? ~(uint32_t)(0x80u << upto(rand, 6)) : UINT32_MAX;
    c->fpu.control = 0x37f ^ (one_in(rand, 3) ? g_rand_int(rand) & 0xf00 : 0u);
    c->fpu.control ^= one_in(rand, 16) ? 1u << upto(rand, 6) : 0;
    c->fpu.top = (uint8_t)upto(rand, 8);
    c->fpu.tags = (uint8_t)(one_in(rand, 2) ? 0xffu << upto(rand, 9) : g_rand_int(rand));
}

/* ---- the rig ---- */

static void begin(const SeqRunner *u, const SeqCase *seq, SeqRig of)
{
    const Case *c = const_case_of(seq);
    const Own *own = u->own;
    X86Rig *rig = rig_of(of);
    X86Cpu *cpu = rig->cpu;

    x86_isa.reset(&cpu->v);
    x86_enter_flat(cpu, X86_RIG_CODE, 8, 16);
    cpu->gdtr = (X86Table){ GDT, 23 };
    cpu->idtr = (X86Table){ IDT, 0x7ff };
    cpu->cr0 |= CR0_NE;
    cpu->cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    *x87_state(cpu) = c->fpu;
    memcpy(cpu->xmm, c->xmm, sizeof(cpu->xmm));
    x86_set_mxcsr(cpu, c->mxcsr);
    memcpy(cpu->r, c->r, sizeof(c->r));
    x86_set_eflags(cpu, c->eflags);
    x86_update(cpu);
    cpu->v.limit = 0;
    cpu->v.budget = 0;
    x86_rig_write(rig, 0, own->low, X86_RIG_LOW_BYTES);
    x86_rig_write(rig, X86_RIG_DATA, own->data, X86_RIG_DATA_BYTES);
    x86_rig_write32(rig, COUNTER, 3);
    x86_rig_write(rig, X86_RIG_CODE, c->code, CODE_BYTES);
    x86_rig_write(rig, HANDLER, (const uint8_t[]){ 0xeb, 0xfe }, 2);
}

static void run(SeqRig rig, uint64_t insns) { x86_rig_run(rig_of(rig), insns); }

/* ---- drawing: code ---- */

static bool touches_vectors(const X86Insn *row)
{
    for (unsigned i = 0; i < X86_OPERANDS; i++) {
        if (row->operand[i].kind >= OPD_P && row->operand[i].kind <= OPD_U) {
            return true;
        }
    }
    return false;
}

static const X86Insn *draw_row(SeqRunner *u)
{
    const Own *own = u->own;

    for (;;) {
        const X86Insn *row = &own->rows[upto(u->rand, own->n_rows)];
        bool integer = x86_row_skipped(row) == NULL;

        if (row->info.sens != SENS_INNOCUOUS || (row->flags & (ROW_REP | ROW_IO)) != 0
            || (integer && !one_in(u->rand, 3))
            || (!integer && x86_row_skipped(row)[0] != 'n')) { /* "not an integer instruction" */
            continue;
        }
        if (integer || touches_vectors(row) || one_in(u->rand, 2)) {
            return row;
        }
    }
}

static void put(Case *c, const void *bytes, unsigned n)
{
    memcpy(c->code + c->bytes, bytes, n);
    c->bytes += n;
}

/* MOV r32, imm32 */
static void put_constant(Case *c, unsigned r, uint32_t value)
{
    uint8_t bytes[5] = { (uint8_t)(0xb8 + r) };

    memcpy(bytes + 1, &value, sizeof(value));
    put(c, bytes, sizeof(bytes));
}

/* Perhaps behind an instruction that makes a pointer again. */
static SeqGrown grow(SeqRunner *u, SeqCase *seq)
{
    X86Rig *rig = rig_of(u->rig[SEQ_STEPS]);
    Case *c = case_of(seq);
    unsigned from = c->bytes, lost, insns = 1;
    X86Case drawn;

    if (from >= CODE_BYTES - 64) {
        return SEQ_FULL;
    }
    lost = upto(u->rand, 8);
    if (!is_pointer(rig->cpu->r[G_ESP])) {
        lost = G_ESP;
    }
    if (!is_pointer(rig->cpu->r[lost]) && (lost == G_ESP || one_in(u->rand, 2))) {
        put_constant(c, lost, pointer(u->rand));
        insns++;
    }
    x86_draw_case(u->rand, draw_row(u), X86_RIG_DATA, X86_RIG_DATA_BYTES, &drawn);
    put(c, drawn.code, drawn.n);
    c->at[seq->n] = from;
    c->row[seq->n++] = drawn.row;
    x86_rig_write(rig, X86_RIG_CODE + from, c->code + from, c->bytes - from);
    x86_rig_run(rig, insns);
    if (rig->cpu->shutdown == 0 && rig->cpu->v.pc == X86_RIG_CODE + c->bytes) {
        return SEQ_GROWN;
    }
    return one_in(u->rand, 60) ? SEQ_LAST : SEQ_AGAIN; /* an exception, or a jump */
}

static unsigned start(SeqRunner *u, SeqCase *seq)
{
    unsigned n = 1 + upto(u->rand, DRAWN_MAX);

    draw_state(u->rand, case_of(seq));
    return n;
}

/* SUB dword [COUNTER], 1; JNZ to the beginning; then a loop for ever. */
static void put_end(Case *c)
{
    const uint32_t counter = COUNTER, back = 0u - (c->bytes + 13);

    put(c, (const uint8_t[]){ 0x83, 0x2d }, 2);
    put(c, &counter, 4);
    put(c, (const uint8_t[]){ 1, 0x0f, 0x85 }, 3);
    put(c, &back, 4);
    put(c, (const uint8_t[]){ 0xeb, 0xfe }, 2);
}

static void end(SeqRunner *u, SeqCase *seq)
{
    Case *c = case_of(seq);

    c->at[seq->n] = c->bytes;
    put_end(c);
    seq->insns = 1 + upto(u->rand, 4 * seq->n + 8);
}

/* ---- reports ---- */

/* NOPs, as many as there are bytes. */
static void blank(SeqCase *seq, unsigned i)
{
    Case *c = case_of(seq);
    unsigned bytes = c->at[i + 1] - c->at[i];

    memset(c->code + c->at[i], 0x90, bytes);
    seq->insns += bytes - 1;
}

static void report(const SeqRunner *u, const SeqCase *seq)
{
    const Case *c = const_case_of(seq);

    (void)u;
    g_print(": %u instructions, eflags %x mxcsr %x control %x\n", seq->insns, c->eflags, c->mxcsr,
            c->fpu.control);
    for (unsigned i = 0; i < seq->n; i++) {
        g_print(" ");
        for (unsigned k = c->at[i]; k < c->at[i + 1]; k++) {
            g_print(" %02x", c->code[k]);
        }
        g_print("  %s\n", c->row[i]->info.name);
    }
    for (unsigned i = 0; i < 8; i++) {
        g_print(" r%u %08x%s", i, c->r[i], i == 7 ? "\n" : "");
    }
}

/* ---- runs ---- */

/* Flat segments, and a gate for each exception to a loop. */
static void make_tables(uint8_t *low)
{
    static const uint32_t flat[] = { 0xffff, 0xcf9b00, 0xffff, 0xcf9300 };
    static const uint32_t gate[] = { 8u << 16 | (HANDLER & 0xffff),
                                     (HANDLER & 0xffff0000) | 0x8e00 };

    memcpy(low + GDT + 8, flat, sizeof(flat));
    for (unsigned i = 0; i < 32; i++) {
        memcpy(low + IDT + 8 * i, gate, sizeof(gate));
    }
}

static SeqRig open_rig(const SeqRunner *u, const HostIsa *host)
{
    X86Rig *rig = x86_rig_new(host, "n270");

    (void)u;
    return (SeqRig){ rig, &rig->cpu->v, rig->phys };
}

static void close_rig(SeqRig rig) { x86_rig_free(rig_of(rig)); }

static void fill(SeqRunner *u)
{
    Own *own = u->own;

    own->rows = x86_rows(&own->n_rows);
    make_tables(own->low);
    for (unsigned i = 0; i < X86_RIG_DATA_BYTES; i += 8) {
        uint64_t v = number(u->rand);

        memcpy(own->data + i, &v, sizeof(v));
    }
}

unsigned x86_sequence(const DiffOptions *options)
{
    const SeqGuest guest = {
        .isa = &x86_isa,
        .case_bytes = sizeof(Case),
        .memory = { { "data", X86_RIG_DATA, X86_RIG_DATA_BYTES, true },
                    { "low", 0, X86_RIG_LOW_BYTES, true } },
        .tries = 400,
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
    g_autofree Own *own = g_new0(Own, 1);

    return seq_run(&guest, "x86 sequences", own, options, options->count);
}
