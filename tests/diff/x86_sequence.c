/* SPDX-License-Identifier: MIT */
/* x86_sequence.c - random loops of integer, x87, MMX and SSE rows, on our hosts by whole state. */
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "base/state.h"
#include "frontend/x86/sse_priv.h"
#include "frontend/x86/x86_priv.h"
#include "frontend/x86/x87_priv.h"
#include "tests/diff/diff.h"
#include "tests/diff/x86_draw.h"
#include "tests/rig/x86_rig.h"

/* Single steps of the interpreter, which evaluates the definitions of the IR, against its units and
 * those of the JIT: what crosses from one instruction or unit to another is what the runners that
 * ask the host CPU do not see. A case is a loop; what the guest can see, and memory, must be equal
 * to the byte after a drawn count of instructions, which may end in an exception. */
enum {
    DRAWN_MAX = 24,
    CODE_BYTES = 512,
    TRIES = 400,
    DIFFERENCES_MAX = 12,
    COUNTER = X86_RIG_DATA + X86_RIG_DATA_BYTES - 64,
    GDT = 0x800,
    IDT = 0x1000,
    HANDLER = X86_RIG_CODE + 0x1000,
};

typedef struct Case {
    uint8_t code[CODE_BYTES];
    unsigned at[DRAWN_MAX + 1]; /* where the drawn instructions begin */
    const X86Insn *row[DRAWN_MAX];
    unsigned drawn, n; /* instructions; bytes */
    uint32_t r[8], eflags, mxcsr, control;
    X86Fpu fpu;
    uint64_t xmm[8][2];
    unsigned insns;
} Case;

typedef enum Way { STEPS, UNITS, X64, N_WAYS } Way;

static const char *const way_names[N_WAYS] = { "interpreter", "its units", "x64" };

typedef struct Runner {
    GRand *rand;
    const X86Insn *rows;
    unsigned n_rows;
    X86Rig *rig[N_WAYS];
    uint8_t data[X86_RIG_DATA_BYTES], low[X86_RIG_LOW_BYTES];
    GByteArray *state[N_WAYS], *before;
    uint64_t insns, cases;
} Runner;

static uint32_t upto(Runner *u, uint32_t n)
{
    return (uint32_t)g_rand_int_range(u->rand, 0, (gint32)n);
}

static bool one_in(Runner *u, uint32_t n) { return upto(u, n) == 0; }

static uint64_t any64(Runner *u)
{
    return (uint64_t)g_rand_int(u->rand) << 32 | g_rand_int(u->rand);
}

/* ---- drawing: state ---- */

/* In the middle of data: displacements go either way. */
static uint32_t pointer(Runner *u)
{
    uint32_t p = X86_RIG_DATA + 0x800 + upto(u, X86_RIG_DATA_BYTES - 0x1000);

    return one_in(u, 4) ? p : p & ~15u;
}

static bool is_pointer(uint32_t p) { return p - X86_RIG_DATA - 0x400 < X86_RIG_DATA_BYTES - 0x800; }

/* Numbers that arithmetic does not only overflow with. */
static uint64_t number(Runner *u)
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

    switch (upto(u, 4)) {
    case 0: return values[upto(u, G_N_ELEMENTS(values))];
    case 1: return (any64(u) & 0x807fffff807fffff) | 0x3f8000003f800000;
    case 2: return (any64(u) & 0x800fffffffffffff) | (uint64_t)(0x3f8 + upto(u, 16)) << 52;
    default: return any64(u);
    }
}

static void draw_state(Runner *u, Case *c)
{
    static const uint16_t exponents[] = { 0, 0x3fff, 0xbffe, 0x7fff, 0xffff, 0x4001, 0x0001 };

    for (unsigned i = 0; i < 8; i++) {
        c->r[i] = one_in(u, 4) ? g_rand_int(u->rand) : pointer(u);
        c->xmm[i][0] = number(u);
        c->xmm[i][1] = number(u);
        c->fpu.mantissa[i] = number(u) | UINT64_C(1) << 63;
        c->fpu.exponent[i] = exponents[upto(u, G_N_ELEMENTS(exponents))];
    }
    c->r[G_ESP] = pointer(u) & ~15u;
    c->eflags = (g_rand_int(u->rand) & EFL_STATUS) | EFL_ONE;
    c->mxcsr = 0x1f80 | (one_in(u, 3) ? g_rand_int(u->rand) & 0xe07f : 0);
    c->mxcsr &= one_in(u, 8) ? ~(uint32_t)(0x80u << upto(u, 6)) : UINT32_MAX;
    c->fpu.control = 0x37f ^ (one_in(u, 3) ? g_rand_int(u->rand) & 0xf00 : 0u);
    c->fpu.control ^= one_in(u, 16) ? 1u << upto(u, 6) : 0;
    c->fpu.top = (uint8_t)upto(u, 8);
    c->fpu.tags = (uint8_t)(one_in(u, 2) ? 0xffu << upto(u, 9) : g_rand_int(u->rand));
}

/* ---- the rig ---- */

static void begin(const Runner *u, const Case *c, X86Rig *rig)
{
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
    x86_rig_write(rig, 0, u->low, X86_RIG_LOW_BYTES);
    x86_rig_write(rig, X86_RIG_DATA, u->data, X86_RIG_DATA_BYTES);
    x86_rig_write32(rig, COUNTER, 3);
    x86_rig_write(rig, X86_RIG_CODE, c->code, CODE_BYTES);
    x86_rig_write(rig, HANDLER, (const uint8_t[]){ 0xeb, 0xfe }, 2);
}

static void save(X86Rig *rig, GByteArray *out)
{
    vcpu_fp_sync(&rig->cpu->v);
    x86_isa.settle(&rig->cpu->v);
    g_byte_array_set_size(out, 0);
    for (unsigned i = 0; i < x86_isa.n_fields; i++) {
        const StateField *f = &x86_isa.fields[i];

        g_byte_array_append(out, (uint8_t *)rig->cpu + f->off, (guint)state_bytes(f));
    }
    g_byte_array_append(out, rig->data, X86_RIG_DATA_BYTES);
    g_byte_array_append(out, rig->low, X86_RIG_LOW_BYTES);
}

static void restore(X86Rig *rig, const GByteArray *in)
{
    const uint8_t *p = in->data;

    x87_state(rig->cpu);
    for (unsigned i = 0; i < x86_isa.n_fields; i++) {
        const StateField *f = &x86_isa.fields[i];

        memcpy((uint8_t *)rig->cpu + f->off, p, state_bytes(f));
        p += state_bytes(f);
    }
    mmu_flush_all(rig->cpu->mmu);
    x86_isa.loaded(&rig->cpu->v);
    x86_rig_write(rig, X86_RIG_DATA, p, X86_RIG_DATA_BYTES);
    x86_rig_write(rig, 0, p + X86_RIG_DATA_BYTES, X86_RIG_LOW_BYTES);
}

static void run_way(Runner *u, const Case *c, Way w)
{
    X86Rig *rig = u->rig[w];

    begin(u, c, rig);
    for (unsigned i = 0; i < (w == STEPS ? c->insns : 1); i++) {
        x86_rig_run(rig, w == STEPS ? 1 : c->insns);
    }
    save(rig, u->state[w]);
}

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

static const X86Insn *draw_row(Runner *u)
{
    for (;;) {
        const X86Insn *row = &u->rows[upto(u, u->n_rows)];
        bool integer = x86_row_skipped(row) == NULL;

        if (row->info.sens != SENS_INNOCUOUS || (row->flags & (ROW_REP | ROW_IO)) != 0
            || (integer && !one_in(u, 3))
            || (!integer && x86_row_skipped(row)[0] != 'n')) { /* "not an integer instruction" */
            continue;
        }
        if (integer || touches_vectors(row) || one_in(u, 2)) {
            return row;
        }
    }
}

static void put(Case *c, const void *bytes, unsigned n)
{
    memcpy(c->code + c->n, bytes, n);
    c->n += n;
}

/* MOV r32, imm32 */
static void put_constant(Case *c, unsigned r, uint32_t value)
{
    uint8_t bytes[5] = { (uint8_t)(0xb8 + r) };

    memcpy(bytes + 1, &value, sizeof(value));
    put(c, bytes, sizeof(bytes));
}

/* Appends an instruction, perhaps behind one that makes a pointer again, and runs it; false if it
 * goes elsewhere than behind itself. */
static bool grow(Runner *u, Case *c)
{
    X86Rig *rig = u->rig[STEPS];
    unsigned from = c->n, lost = upto(u, 8), insns = 1;
    X86Case drawn;

    if (!is_pointer(rig->cpu->r[G_ESP])) {
        lost = G_ESP;
    }
    if (!is_pointer(rig->cpu->r[lost]) && (lost == G_ESP || one_in(u, 2))) {
        put_constant(c, lost, pointer(u));
        insns++;
    }
    x86_draw_case(u->rand, draw_row(u), X86_RIG_DATA, X86_RIG_DATA_BYTES, &drawn);
    put(c, drawn.code, drawn.n);
    c->row[c->drawn] = drawn.row;
    x86_rig_write(rig, X86_RIG_CODE + from, c->code + from, c->n - from);
    x86_rig_run(rig, insns);
    return rig->cpu->shutdown == 0 && rig->cpu->v.pc == X86_RIG_CODE + c->n;
}

/* SUB dword [COUNTER], 1; JNZ to the beginning; then a loop for ever. */
static void put_end(Case *c)
{
    const uint32_t counter = COUNTER, back = 0u - (c->n + 13);

    put(c, (const uint8_t[]){ 0x83, 0x2d }, 2);
    put(c, &counter, 4);
    put(c, (const uint8_t[]){ 1, 0x0f, 0x85 }, 3);
    put(c, &back, 4);
    put(c, (const uint8_t[]){ 0xeb, 0xfe }, 2);
}

static void draw_case(Runner *u, Case *c)
{
    unsigned n = 1 + upto(u, DRAWN_MAX);
    X86Rig *rig = u->rig[STEPS];

    memset(c, 0, sizeof(*c));
    draw_state(u, c);
    begin(u, c, rig);
    for (unsigned tries = 0; c->drawn < n && c->n < CODE_BYTES - 64 && tries < TRIES; tries++) {
        unsigned before = c->n;

        save(rig, u->before);
        c->at[c->drawn] = before;
        if (grow(u, c)) {
            c->drawn++;
        } else if (one_in(u, 60)) { /* an exception, or a jump */
            c->drawn++;
            break;
        } else {
            restore(rig, u->before);
            memset(c->code + before, 0, CODE_BYTES - before);
            c->n = before;
        }
    }
    c->at[c->drawn] = c->n;
    put_end(c);
    c->insns = 1 + upto(u, 4 * c->drawn + 8);
}

/* ---- comparison ---- */

static void say_bytes(GString *s, const char *what, const uint8_t *a, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i += 4) {
        if (memcmp(a + i, b + i, MIN(4, n - i)) != 0) {
            uint32_t x = 0, y = 0;

            memcpy(&x, a + i, MIN(4, n - i));
            memcpy(&y, b + i, MIN(4, n - i));
            g_string_append_printf(s, "  %s+%x: %08x, not %08x\n", what, (unsigned)i, y, x);
        }
    }
}

static void compare(const Runner *u, Way w, GString *s)
{
    const uint8_t *a = u->state[STEPS]->data, *b = u->state[w]->data;

    if (memcmp(a, b, u->state[w]->len) == 0) {
        return;
    }
    g_string_append_printf(s, " %s:\n", way_names[w]);
    for (unsigned i = 0; i < x86_isa.n_fields; i++) {
        size_t n = state_bytes(&x86_isa.fields[i]);

        say_bytes(s, x86_isa.fields[i].name, a, b, n);
        a += n;
        b += n;
    }
    say_bytes(s, "data", a, b, X86_RIG_DATA_BYTES);
    a += X86_RIG_DATA_BYTES;
    say_bytes(s, "low", a, b + X86_RIG_DATA_BYTES, X86_RIG_LOW_BYTES);
}

static bool agrees(Runner *u, const Case *c, GString *why)
{
    g_string_truncate(why, 0);
    for (Way w = STEPS; w < N_WAYS; w++) {
        run_way(u, c, w);
    }
    for (Way w = UNITS; w < N_WAYS; w++) {
        compare(u, w, why);
    }
    return why->len == 0;
}

/* The smallest case that still differs: fewer instructions run, and some that do nothing. */
static void minimize(Runner *u, Case *c, GString *why)
{
    for (unsigned n = 1; n < c->insns; n++) {
        Case less = *c;

        less.insns = n;
        if (!agrees(u, &less, why)) {
            *c = less;
            break;
        }
    }
    for (unsigned i = 0; i < c->drawn; i++) {
        Case less = *c;

        memset(less.code + c->at[i], 0x90, c->at[i + 1] - c->at[i]);
        less.insns += c->at[i + 1] - c->at[i] - 1;
        if (!agrees(u, &less, why)) {
            *c = less;
        }
    }
    agrees(u, c, why);
}

static void report(const Runner *u, const Case *c, const char *why)
{
    g_print("case %" G_GUINT64_FORMAT ": %u instructions, eflags %x mxcsr %x control %x\n",
            u->cases - 1, c->insns, c->eflags, c->mxcsr, c->fpu.control);
    for (unsigned i = 0; i < c->drawn; i++) {
        g_print(" ");
        for (unsigned k = c->at[i]; k < c->at[i + 1]; k++) {
            g_print(" %02x", c->code[k]);
        }
        g_print("  %s\n", c->row[i]->info.name);
    }
    for (unsigned i = 0; i < 8; i++) {
        g_print(" r%u %08x%s", i, c->r[i], i == 7 ? "\n" : "");
    }
    g_print("%s", why);
}

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

static void open_runner(Runner *u, const DiffOptions *options)
{
    u->rand = g_rand_new_with_seed(options->seed);
    u->rows = x86_rows(&u->n_rows);
    u->before = g_byte_array_new();
    make_tables(u->low);
    for (Way w = STEPS; w < N_WAYS; w++) {
        u->rig[w] = x86_rig_new(w == X64 ? &x64_host : &interp_host, "n270");
        u->state[w] = g_byte_array_new();
    }
    for (unsigned i = 0; i < X86_RIG_DATA_BYTES; i += 8) {
        uint64_t v = number(u);

        memcpy(u->data + i, &v, sizeof(v));
    }
}

static void close_runner(Runner *u)
{
    for (Way w = STEPS; w < N_WAYS; w++) {
        x86_rig_free(u->rig[w]);
        g_byte_array_unref(u->state[w]);
    }
    g_byte_array_unref(u->before);
    g_rand_free(u->rand);
}

unsigned x86_sequence(const DiffOptions *options)
{
    g_autofree Runner *u = g_new0(Runner, 1);
    g_autoptr(GString) why = g_string_new(NULL);
    unsigned bad = 0;

    open_runner(u, options);
    while (u->insns < options->count && bad < DIFFERENCES_MAX) {
        Case c;

        draw_case(u, &c);
        u->insns += c.drawn;
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
    g_print("x86 sequences: seed %u, %" G_GUINT64_FORMAT " instructions in %" G_GUINT64_FORMAT
            " cases, %u differences\n",
            options->seed, u->insns, u->cases, bad);
    close_runner(u);
    return bad;
}
