/* SPDX-License-Identifier: MIT */
/* sse_host.c - random MMX and SSE instructions of the decoder's rows against the host CPU. */
#include <glib.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "frontend/x86/lift.h"
#include "frontend/x86/sse_priv.h"
#include "frontend/x86/x87_priv.h"
#include "tests/diff/diff.h"
#include "tests/diff/sse_native.h"
#include "tests/rig/x86_rig.h"

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

/* Integers, singles and doubles with their edges. */
static uint64_t draw_half(uint64_t *seed)
{
    static const uint32_t singles[] = { 0,          0x80000000, 0x3f800000, 0xbf800000,
                                        0x7f800000, 0xff800000, 0x7fc00001, 0xffc12345,
                                        0x7f812345, 0x00000001, 0x807fffff, 0x00800000,
                                        0x7f7fffff, 0x4f000000, 0xcf000000, 0x3f000001 };
    static const uint64_t doubles[] = {
        UINT64_C(0x7ff0000000000000), UINT64_C(0xfff8000000000001),
        UINT64_C(0x7ff4000000000001), 1,
        UINT64_C(0x800fffffffffffff), UINT64_C(0x0010000000000000),
        UINT64_C(0x7fefffffffffffff), UINT64_C(0x41dfffffffe00000),
        UINT64_C(0xc1e0000000100000), UINT64_C(0x36a0000000000001),
        UINT64_C(0x47efffffffffffff), UINT64_C(0x3ff0000000000000),
        UINT64_C(0x380fffffffffffff), UINT64_C(0x8000000000000000),
        UINT64_C(0xbfe0000000000000), UINT64_C(0x3ca0000000000000)
    };
    uint64_t r = draw(seed), v = draw(seed);

    switch (r & 7) {
    case 0: return doubles[r >> 8 & 15];
    case 1: return singles[r >> 8 & 15] | (uint64_t)singles[r >> 16 & 15] << 32;
    case 2:
        return (v & UINT64_C(0x807fffff807fffff)) | (0x3f800000 + ((r >> 8 & 15) << 23))
               | (uint64_t)(0x3f800000 + ((r >> 16 & 15) << 23)) << 32;
    case 3: return (v & UINT64_C(0x800fffffffffffff)) | (0x3f0 + (r >> 8 & 31)) << 52;
    case 4: return v & UINT64_C(0x00ff00ff00ff00ff);
    case 5: return (v & UINT64_C(0x800fffffffffffff)) | (r >> 8 & 63) << 52;
    case 6: return v & UINT64_C(0x81ffffff81ffffff);
    default: return v;
    }
}

static bool has_kind(const X86Insn *row, X86OperandKind kind)
{
    for (unsigned i = 0; i < X86_OPERANDS; i++) {
        if (row->operand[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static bool touches_vectors(const X86Insn *row)
{
    return has_kind(row, OPD_P) || has_kind(row, OPD_Q) || has_kind(row, OPD_N)
           || has_kind(row, OPD_V) || has_kind(row, OPD_W) || has_kind(row, OPD_U);
}

/* Not judged: estimates have an error bound of their own, the masked moves have their operand at
 * another address. */
static bool is_judged(const X86Insn *row)
{
    const char *name = row->info.name;

    return touches_vectors(row) && row->lift != lift_maskmov && !g_str_has_prefix(name, "RCP")
           && !g_str_has_prefix(name, "RSQRT");
}

/* One encoding of @row: general registers are 0 or 1, memory is [esi]. */
static unsigned encode(const X86Insn *row, uint8_t *code, uint64_t *seed)
{
    static const uint8_t prefixes[] = { 0, 0, 0x66, 0xf3, 0xf2 };
    uint64_t r = draw(seed);
    uint8_t modrm;
    unsigned n = 0;

    if (prefixes[row->prefix] != 0) {
        code[n++] = prefixes[row->prefix];
    }
    code[n++] = 0x0f;
    if (row->map != MAP_0F) {
        code[n++] = row->map == MAP_0F38 ? 0x38 : 0x3a;
    }
    code[n++] = row->opcode;
    do {
        modrm = (uint8_t)draw(seed);
        if (modrm < 0xc0) {
            modrm = (modrm & 0x38) | 6;
        } else if (has_kind(row, OPD_E) || has_kind(row, OPD_R)) {
            modrm &= 0xf9;
        }
        if (has_kind(row, OPD_G)) {
            modrm &= 0xcf;
        }
    } while (!x86_row_has_modrm(row, modrm));
    code[n++] = modrm;
    if (has_kind(row, OPD_I)) {
        code[n++] = (uint8_t)((r & 1) != 0 ? r >> 8 & 31 : r >> 8);
    }
    /* Predicates above 7 are AVX's: bits that SSE ignores may not be. */
    if (g_str_has_prefix(row->info.name, "CMP")) {
        code[n - 1] &= 7;
    }
    return n;
}

static void draw_state(SseNative *s, uint64_t *seed)
{
    uint64_t r = draw(seed);

    memset(s, 0, sizeof(*s));
    s->image.control = 0x37f;
    s->image.status = (uint16_t)((r & 7) << 11);
    s->image.tags = (uint8_t)(r >> 8);
    s->image.mxcsr = (r >> 16 & 0xe040) | ((r >> 32 & 3) == 0 ? r >> 34 & 0x1f80 : 0x1f80);
    s->image.mxcsr |= r >> 48 & s->image.mxcsr >> 7 & 0x3f;
    for (unsigned i = 0; i < 8; i++) {
        s->image.st[i][0] = draw_half(seed);
        s->image.st[i][1] = draw(seed) & 0xffff;
        s->image.xmm[i][0] = draw_half(seed);
        s->image.xmm[i][1] = draw_half(seed);
    }
    for (unsigned i = 0; i < 2; i++) {
        uint64_t v = draw_half(seed);

        memcpy(s->memory + 8 * i, &v, 8);
    }
    s->eax = (uint32_t)draw_half(seed);
    s->ecx = (uint32_t)draw_half(seed);
    s->eflags = (uint32_t)(draw(seed) & EFL_STATUS) | 2;
}

static void put_state(X86Rig *rig, const SseNative *s)
{
    X86Cpu *cpu = rig->cpu;

    *x87_state(cpu) = (X86Fpu){ .control = s->image.control, .top = s->image.status >> 11 & 7 };
    cpu->fpu.tags = (uint8_t)~s->image.tags;
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = (cpu->fpu.top + i) & 7;

        cpu->fpu.mantissa[r] = s->image.st[i][0];
        cpu->fpu.exponent[r] = (uint16_t)s->image.st[i][1];
    }
    memcpy(cpu->xmm, s->image.xmm, sizeof(cpu->xmm));
    x86_set_mxcsr(cpu, s->image.mxcsr);
    cpu->r[0] = s->eax;
    cpu->r[1] = s->ecx;
    cpu->r[G_ESI] = X86_RIG_DATA;
    cpu->r[G_ESP] = X86_RIG_DATA + 0x1000;
    cpu->cr0 |= CR0_NE;
    cpu->cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    x86_set_eflags(cpu, s->eflags);
    x86_update(cpu);
    x86_rig_write(rig, X86_RIG_DATA, s->memory, 16);
}

static void get_state(X86Rig *rig, SseNative *s)
{
    X86Cpu *cpu = rig->cpu;

    x87_state(cpu);
    s->image.status = (uint16_t)(cpu->fpu.status | cpu->fpu.top << 11);
    s->image.tags = (uint8_t)~cpu->fpu.tags;
    for (unsigned i = 0; i < 8; i++) {
        unsigned r = (cpu->fpu.top + i) & 7;

        s->image.st[i][0] = cpu->fpu.mantissa[r];
        s->image.st[i][1] = cpu->fpu.exponent[r];
    }
    memcpy(s->image.xmm, cpu->xmm, sizeof(cpu->xmm));
    s->image.mxcsr = x86_mxcsr(cpu);
    s->eax = cpu->r[0];
    s->ecx = cpu->r[1];
    s->eflags = x86_eflags(cpu);
    memcpy(s->memory, rig->data, 16);
}

static bool same(const SseNative *a, const SseNative *b)
{
    return a->image.status == b->image.status && a->image.tags == b->image.tags
           && a->image.mxcsr == b->image.mxcsr
           && memcmp(a->image.st, b->image.st, sizeof(a->image.st)) == 0
           && memcmp(a->image.xmm, b->image.xmm, 128) == 0 && a->eax == b->eax && a->ecx == b->ecx
           && ((a->eflags ^ b->eflags) & EFL_STATUS) == 0 && memcmp(a->memory, b->memory, 16) == 0;
}

static void show_half(const char *name, unsigned i, uint64_t in, uint64_t ours, uint64_t host)
{
    if (ours != host || in != host) {
        g_printerr("  %s%u %016" G_GINT64_MODIFIER "x ours %016" G_GINT64_MODIFIER
                   "x host %016" G_GINT64_MODIFIER "x\n",
                   name, i, in, ours, host);
    }
}

static void show(const X86Insn *row, const uint8_t *code, unsigned n, const SseNative *in,
                 const SseNative *ours, const SseNative *host, uint64_t at)
{
    const uint64_t *m = (const uint64_t *)(const void *)in->memory;

    g_printerr("%s (case %" G_GUINT64_FORMAT "):", row->info.name, at);
    for (unsigned i = 0; i < n; i++) {
        g_printerr(" %02x", code[i]);
    }
    g_printerr("; mxcsr %04x %04x %04x status %04x %04x %04x tags %02x %02x %02x eax %x %x %x "
               "eflags %x %x\n",
               in->image.mxcsr, ours->image.mxcsr, host->image.mxcsr, in->image.status,
               ours->image.status, host->image.status, in->image.tags, ours->image.tags,
               host->image.tags, in->eax, ours->eax, host->eax, ours->eflags & EFL_STATUS,
               host->eflags & EFL_STATUS);
    g_printerr("  memory %016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x\n", m[0], m[1]);
    for (unsigned i = 0; i < 8; i++) {
        g_printerr("  in xmm%u %016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x\n", i,
                   in->image.xmm[i][0], in->image.xmm[i][1]);
        show_half("low", i, in->image.xmm[i][0], ours->image.xmm[i][0], host->image.xmm[i][0]);
        show_half("high", i, in->image.xmm[i][1], ours->image.xmm[i][1], host->image.xmm[i][1]);
        show_half("st", i, in->image.st[i][0], ours->image.st[i][0], host->image.st[i][0]);
        show_half("exp", i, in->image.st[i][1], ours->image.st[i][1], host->image.st[i][1]);
    }
}

static bool run_case(X86Rig *rig, const X86Insn *row, uint64_t at, uint64_t *seed)
{
    uint64_t *xm = &vcpu_cold(&rig->cpu->v)->exceptions[X86_XM], before = *xm;
    SseNative in, ours, host;
    uint8_t code[18];
    unsigned n = encode(row, code, seed);
    bool ok;

    draw_state(&in, seed);
    ours = host = in;
    ok = sse_native(code, n, &host);
    put_state(rig, &in);
    code[n] = 0xeb; /* a jump to itself ends the unit, so that a host runs what is counted */
    code[n + 1] = 0xfe;
    x86_rig_code(rig, code, n + 2, 2);
    get_state(rig, &ours);
    if (*xm != before) {
        ours.eflags = in.eflags; /* the exception's delivery changes them */
    }
    if (same(&ours, &host) && ok == (*xm == before)) {
        return true;
    }
    if (!ok) {
        g_printerr("host faults; ");
    }
    show(row, code, n, &in, &ours, &host, at);
    return false;
}

/* A processor with a descriptor table and a gate for #XM. */
static X86Rig *rig_with_gate(const HostIsa *host)
{
    enum { GDT = 0x800, IDT = 0x1000, HANDLER = X86_RIG_CODE + 0x1000 };
    X86Rig *rig = x86_rig_new(host, "n270");

    x86_rig_write32(rig, GDT + 8, 0xffff);
    x86_rig_write32(rig, GDT + 12, 0xcf9b00);
    x86_rig_write32(rig, GDT + 16, 0xffff);
    x86_rig_write32(rig, GDT + 20, 0xcf9300);
    x86_rig_write32(rig, IDT + 8 * X86_XM, 8u << 16 | (HANDLER & 0xffff));
    x86_rig_write32(rig, IDT + 8 * X86_XM + 4, (HANDLER & 0xffff0000) | 0x8e00);
    x86_rig_write(rig, HANDLER, (const uint8_t[]){ 0xeb, 0xfe }, 2);
    rig->cpu->gdtr = (X86Table){ GDT, 23 };
    rig->cpu->idtr = (X86Table){ IDT, 0x7ff };
    return rig;
}

unsigned sse_host(const DiffOptions *options)
{
    X86Rig *rigs[] = { rig_with_gate(&interp_host), rig_with_gate(&x64_host) };
    unsigned n_rows, bad = 0;
    const X86Insn *rows = x86_rows(&n_rows);
    g_autofree uint8_t *bad_of = g_new0(uint8_t, n_rows);

    for (uint64_t n = options->first;
         sse_native_here() && n < options->first + options->count && bad < 1000; n++) {
        uint64_t seed = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ options->seed;
        unsigned i;

        draw(&seed);
        do {
            i = (unsigned)(draw(&seed) >> 8) % n_rows;
        } while (!is_judged(&rows[i]));
        if (bad_of[i] < 2 && !run_case(rigs[n % 2], &rows[i], n, &seed)) {
            bad_of[i]++;
            bad++;
        }
    }
    x86_rig_free(rigs[0]);
    x86_rig_free(rigs[1]);
    g_print("sse: %" G_GUINT64_FORMAT " cases against the host, %u differ\n", options->count, bad);
    return bad;
}
