/* SPDX-License-Identifier: MIT */
/*
 * x86_host.c - random user-mode IA-32 instructions against the host's own processor: registers,
 * EIP, defined flags, memory, exceptions.
 *
 * The guest has paging on and the same addresses mapped with the same rights, at CPL 3. Its
 * handlers lie in supervisor memory; which one is entered, and the frame it finds, say what was
 * raised. Excluded, with reasons: skipped[] of x86_draw.c, and undefined flags.
 */
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "base/bits.h"
#include "tests/diff/diff.h"
#include "tests/diff/x86_draw.h"
#include "tests/diff/x86_native.h"
#include "tests/rig/x86_rig.h"

enum {
    PAGE_DIRECTORY = 0x1000,
    PAGE_TABLE_LOW = 0x2000, /* the rig's low memory, at SYSTEM */
    PAGE_TABLE = 0x3000,
    GDT = 0x4000,
    IDT = 0x4800,
    TSS = 0x5000,
    HANDLERS = 0x6000,
    STACK = 0x8000,
    GDT_LIMIT = 0x3f,
    KERNEL_CS = 8,
    KERNEL_DS = 16,
    TSS_SELECTOR = 0x38,
    REP_MAX = 64,
};
#define SYSTEM 0xc0000000u

typedef struct Runner {
    X86Rig *rig;
    uint8_t *data, *code; /* guest's */
    const char *name;
} Runner;

static uint8_t *add_ram(X86Rig *rig, const char *name, Gpa base, uint64_t bytes)
{
    GError *error = NULL;

    if (!phys_add_memory(rig->phys, PHYS_RAM, name, base, bytes, &error)) {
        g_error("%s", error->message);
    }
    return phys_find(rig->phys, base)->host;
}

static void set_descriptor(X86Rig *rig, unsigned selector, uint32_t base, uint32_t limit,
                           uint32_t rights)
{
    x86_rig_write32(rig, GDT + (selector & 0xf8), (limit & 0xffff) | base << 16);
    x86_rig_write32(rig, GDT + (selector & 0xf8) + 4,
                    (base >> 16 & 0xff) | rights << 8 | (limit & 0xf0000) | (base & 0xff000000));
}

static void set_tables(X86Rig *rig)
{
    for (unsigned i = 0; i < 16; i++) {
        x86_rig_write32(rig, PAGE_TABLE_LOW + 4 * i, i << 12 | 3);
    }
    for (unsigned i = 0; i < NATIVE_DATA_BYTES / 4096; i++) {
        bool writable = i < (NATIVE_DATA_BYTES - NATIVE_READ_ONLY) / 4096;

        x86_rig_write32(rig, PAGE_TABLE + 4 * i, (NATIVE_DATA + i * 4096) | (writable ? 7 : 5));
    }
    for (unsigned i = 0; i < NATIVE_CODE_BYTES / 4096; i++) {
        x86_rig_write32(rig, PAGE_TABLE + 0x400 + 4 * i, (NATIVE_CODE + i * 4096) | 7);
    }
    x86_rig_write32(rig, PAGE_DIRECTORY + (SYSTEM >> 22) * 4, PAGE_TABLE_LOW | 3);
    x86_rig_write32(rig, PAGE_DIRECTORY + (NATIVE_DATA >> 22) * 4, PAGE_TABLE | 7);
    set_descriptor(rig, KERNEL_CS, 0, 0xfffff, 0xc09b);
    set_descriptor(rig, KERNEL_DS, 0, 0xfffff, 0xc093);
    set_descriptor(rig, NATIVE_CS, 0, 0xfffff, 0xc0fb);
    set_descriptor(rig, NATIVE_DS, 0, 0xfffff, 0xc0f3);
    set_descriptor(rig, TSS_SELECTOR, SYSTEM + TSS, 0x67, 0x8b);
    x86_rig_write32(rig, TSS + 4, SYSTEM + STACK);
    x86_rig_write32(rig, TSS + 8, KERNEL_DS);
    x86_rig_write32(rig, TSS + 0x64, 0x68 << 16); /* no I/O permission bitmap */
    for (unsigned i = 0; i < 32; i++) {
        uint32_t handler = SYSTEM + HANDLERS + 16 * i;

        x86_rig_write32(rig, IDT + 8 * i, (handler & 0xffff) | KERNEL_CS << 16);
        x86_rig_write32(rig, IDT + 8 * i + 4, (handler & 0xffff0000) | 0xee00);
    }
}

static void set_segments(X86Cpu *cpu)
{
    x86_enter_flat(cpu, NATIVE_IP, NATIVE_CS, NATIVE_DS);
    for (unsigned s = 0; s < N_SEGS; s++) {
        cpu->seg[s].attr |= 3 << SEG_DPL_SHIFT;
    }
    for (unsigned s = SEG_FS; s <= SEG_GS; s++) {
        cpu->seg[s] = (X86Seg){ .attr = SEG_UNUSABLE, .first = 1 };
    }
    cpu->tr = (X86Seg){
        .selector = TSS_SELECTOR, .base = SYSTEM + TSS, .limit = 0x67, .attr = 0x8b
    };
    cpu->gdtr = (X86Table){ SYSTEM + GDT, GDT_LIMIT };
    cpu->idtr = (X86Table){ SYSTEM + IDT, 0xff };
    cpu->cr3 = PAGE_DIRECTORY;
    cpu->cr0 |= CR0_PG | CR0_WP;
    cpu->cpl = 3;
}

static Runner new_runner(const HostIsa *host)
{
    Runner r = { .rig = x86_rig_new(host, "n270"), .name = host->name };

    r.data = add_ram(r.rig, "data", NATIVE_DATA, NATIVE_DATA_BYTES);
    r.code = add_ram(r.rig, "code", NATIVE_CODE, NATIVE_CODE_BYTES);
    set_tables(r.rig);
    memset(r.code, 0xcc, NATIVE_CODE_BYTES);
    return r;
}

/* ---- one case ---- */

static void start(Runner *r, const X86Case *c, const uint8_t *image)
{
    X86Cpu *cpu = r->rig->cpu;

    memcpy(r->data, image, NATIVE_DATA_BYTES);
    x86_rig_write(r->rig, NATIVE_IP, c->code, c->n);
    set_segments(cpu);
    memcpy(cpu->r, c->r, sizeof(cpu->r));
    x86_set_eflags(cpu, c->eflags);
    x86_update(cpu);
    cpu->v.pc = NATIVE_IP;
}

static uint32_t frame_word(const Runner *r, const X86Cpu *cpu, unsigned i)
{
    return x86_rig_read32(r->rig, cpu->r[G_ESP] - SYSTEM + 4 * i);
}

static bool has_error_code(int vector)
{
    return vector == X86_DF || (vector >= X86_TS && vector <= X86_PF) || vector == X86_AC;
}

/* What the guest did, as the host tells it. */
static void finish(const Runner *r, NativeState *out)
{
    const X86Cpu *cpu = r->rig->cpu;

    memset(out, 0, sizeof(*out));
    memcpy(out->r, cpu->r, sizeof(out->r));
    out->vector = -1;
    out->eip = cpu->v.pc;
    out->eflags = x86_eflags(cpu);
    if (cpu->cpl == 0) {
        unsigned first;

        out->vector = (int)((cpu->v.pc - SYSTEM - HANDLERS) / 16);
        first = has_error_code(out->vector) ? 1 : 0;
        out->error = first ? frame_word(r, cpu, 0) : 0;
        out->eip = frame_word(r, cpu, first);
        out->eflags = frame_word(r, cpu, first + 2);
        out->r[G_ESP] = frame_word(r, cpu, first + 3);
        out->cr2 = out->vector == X86_PF ? cpu->cr2 : 0;
    }
}

static void run(Runner *r, const X86Case *c, const uint8_t *image, NativeState *out)
{
    X86Cpu *cpu = r->rig->cpu;

    start(r, c, image);
    for (unsigned i = 0; i < REP_MAX; i++) {
        x86_rig_run(r->rig, 1);
        if (cpu->v.pc != NATIVE_IP || cpu->cpl == 0) {
            break;
        }
    }
    finish(r, out);
}

/* ---- comparison ---- */

static void print_case(const X86Case *c)
{
    g_print("%s:", c->row->info.name);
    for (unsigned i = 0; i < c->n; i++) {
        g_print(" %02x", c->code[i]);
    }
    g_print(" eflags %08x", c->eflags);
    for (unsigned i = 0; i < 8; i++) {
        g_print(" %08x", c->r[i]);
    }
    g_print("\n");
}

static bool differs(const char *what, uint32_t host, uint32_t guest)
{
    if (host != guest) {
        g_print("  %s: host %08x, guest %08x\n", what, host, guest);
    }
    return host != guest;
}

static const char *const register_names[] = {
    "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"
};

/* RF is set in frames of faults by the guest and hidden by the host's kernel now and then. */
static uint32_t compared_flags(const X86Case *c, const NativeState *host)
{
    uint32_t mask = EFL_STATUS | EFL_DF | EFL_TF | EFL_NT | EFL_IOPL | EFL_VM;

    return host->vector >= 0 ? mask : mask & ~x86_undefined_flags(c);
}

/* The result of a 16-bit SHLD, SHRD by more than 16 is undefined. */
static bool is_undefined(const X86Case *c)
{
    return (x86_undefined_flags(c) & (EFL_SF | EFL_CF)) == (EFL_SF | EFL_CF)
           && (g_str_equal(c->row->info.name, "SHLD") || g_str_equal(c->row->info.name, "SHRD"));
}

static bool compare(const X86Case *c, const NativeState *host, const NativeState *guest)
{
    uint32_t flags = compared_flags(c, host);
    bool bad = differs("vector", (uint32_t)host->vector, (uint32_t)guest->vector);

    bad |= differs("eip", host->eip, guest->eip);
    bad |= differs("eflags", host->eflags & flags, guest->eflags & flags);
    for (unsigned i = 0; i < 8; i++) {
        bad |= differs(register_names[i], host->r[i], guest->r[i]);
    }
    if (guest->vector == X86_PF && bad) {
        g_print("  guest cr2 %08x error %x\n", guest->cr2, guest->error);
    }
    if (host->vector == X86_PF && !bad) {
        bad |= differs("cr2", host->cr2, guest->cr2);
        bad |= differs("error", host->error & 6, guest->error & 6); /* W, U */
    } else if (host->vector >= 0 && has_error_code(host->vector)) {
        bad |= differs("error", host->error, guest->error);
    }
    return bad;
}

static bool compare_memory(const uint8_t *host, const uint8_t *guest)
{
    for (unsigned i = 0; i < NATIVE_DATA_BYTES; i++) {
        if (host[i] != guest[i]) {
            g_print("  [%08x]: host %02x, guest %02x\n", NATIVE_DATA + i, host[i], guest[i]);
            return true;
        }
    }
    return false;
}

/* POPF and its kin may not set TF, NT or AC on the host. */
static void tame(uint8_t *image, const X86Case *c)
{
    uint32_t off = c->r[G_ESP] - NATIVE_DATA;

    if (g_str_equal(c->row->info.name, "POPF")) {
        image[off + 1] &= 0xbe;
        image[off + 2] = 0;
    }
}

static bool one_case(Runner *r, const X86Case *c, uint8_t *image, bool verbose)
{
    NativeState host = { .eflags = c->eflags }, guest;
    bool bad;

    tame(image, c);
    memcpy(host.r, c->r, sizeof(host.r));
    memcpy(x86_native_data(), image, NATIVE_DATA_BYTES);
    if (verbose) {
        print_case(c);
    }
    x86_native(c->code, c->n, &host);
    if (host.vector == X86_AC || is_undefined(c)) { /* AC: a split lock */
        return false;
    }
    run(r, c, image, &guest);
    bad = compare(c, &host, &guest);
    if (memcmp(x86_native_data(), r->data, NATIVE_DATA_BYTES) != 0) {
        bad |= compare_memory(x86_native_data(), r->data);
    }
    if (bad) {
        g_print("%s: ", r->name);
        print_case(c);
    }
    return bad;
}

unsigned x86_host(const DiffOptions *options)
{
    unsigned n, bad = 0;
    const X86Insn *rows = x86_rows(&n);
    Runner runner[2];
    g_autofree uint8_t *image = g_malloc(NATIVE_DATA_BYTES);

    if (!x86_native_start()) {
        g_print("x86: this host runs no 32-bit code\n");
        return 0;
    }
    runner[0] = new_runner(&interp_host);
    runner[1] = new_runner(&x64_host);
    for (uint64_t i = options->first; i < options->first + options->count; i++) {
        GRand *rand = g_rand_new_with_seed(options->seed + (uint32_t)i * 2654435761u);
        const X86Insn *row;
        X86Case c;

        do {
            row = &rows[g_rand_int(rand) % n];
        } while (x86_row_skipped(row));
        for (unsigned k = 0; k < NATIVE_DATA_BYTES; k += 4) {
            uint32_t w = (uint32_t)i * 0x9e3779b1u + k * 0x85ebca6bu;

            w ^= w >> 15;
            memcpy(image + k, &w, 4);
        }
        x86_draw_case(rand, row, NATIVE_DATA, NATIVE_DATA_BYTES, &c);
        bad += one_case(&runner[i & 1], &c, image, options->verbose);
        g_rand_free(rand);
    }
    x86_rig_free(runner[0].rig);
    x86_rig_free(runner[1].rig);
    g_print("x86: %" G_GUINT64_FORMAT " cases against the host, %u differ\n", options->count, bad);
    return bad;
}
