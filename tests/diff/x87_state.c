/* SPDX-License-Identifier: MIT */
/* x87_state.c - x87 instructions against the host's own x87: the whole state, stack faults too. */
#include <glib.h>
#include <string.h>

#include "frontend/x86/x87_priv.h"
#include "tests/diff/diff.h"
#include "tests/diff/x87_native.h"
#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/rig/x86_rig.h"

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

static F80 draw_register(uint64_t *seed)
{
    uint64_t r = draw(seed), sig = draw(seed);
    unsigned exp = 0x3fff - 20 + (r >> 8) % 60;

    switch (r & 15) {
    case 0: exp = 0; break;
    case 1: exp = 0x7fff; break;
    case 2: exp = r >> 8 & 0x7fff; break;
    case 3: return (F80){ 0, (uint16_t)(r >> 8 & 0x8000) };
    case 4: return (F80){ UINT64_C(1) << 63, (uint16_t)(r >> 8 | 0x7fff) };
    case 5: return sfp80_from_int((int64_t)(r >> 40));
    default: break;
    }
    sig |= (r >> 4 & 15) == 0 ? 0 : UINT64_C(1) << 63;
    return (F80){ sig, (uint16_t)((r >> 40 & 0x8000) | exp) };
}

static void draw_state(X86Fpu *f, uint64_t *seed)
{
    uint64_t r = draw(seed);

    memset(f, 0, sizeof(*f));
    for (unsigned i = 0; i < 8; i++) {
        F80 v = draw_register(seed);

        f->mantissa[i] = v.sig;
        f->exponent[i] = v.se;
    }
    x87_set_control(f, (uint16_t)((r & 0xf00) | ((r >> 12 & 3) == 0 ? r >> 16 & 0x3f : 0x3f)));
    x87_set_status(f, (uint16_t)(r >> 24));
    f->status &= (uint16_t)(~X87_FLAGS | f->control);
    f->tags = (uint8_t)((r >> 40 & 3) == 0   ? r >> 48
                        : (r >> 40 & 3) == 1 ? 0
                                             : 1u << (r >> 48 & 7));
}

static void to_image(const X86Fpu *f, X87Image *im)
{
    memset(im, 0, sizeof(*im));
    im->control = f->control;
    im->status = x87_status(f);
    im->tags = x87_tag_word(f);
    for (unsigned i = 0; i < 8; i++) {
        x87_put(im, i, x87_st(f, i));
    }
}

/* What the host leaves in a register that is empty means nothing. */
static bool same(const X86Fpu *f, const X87Image *host)
{
    X87Image ours;

    to_image(f, &ours);
    if (ours.control != (host->control & 0xffff) || ours.status != (host->status & 0xffff)
        || ours.tags != (host->tags & 0xffff)) {
        return false;
    }
    for (unsigned i = 0; i < 8; i++) {
        if (!x87_is_empty(f, i) && memcmp(ours.st[i], host->st[i], 10) != 0) {
            return false;
        }
    }
    return true;
}

/* Transcendental functions have an error bound of their own. */
static bool is_transcendental(unsigned fop)
{
    static const uint8_t codes[] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff };

    return x87_esc(fop) == 1 && memchr(codes, (int)(fop & 0xff), sizeof(codes)) != NULL;
}

/* The forms that x87_priv.h covers. */
static bool is_covered(unsigned fop)
{
    unsigned modrm = fop & 0xff, reg = x87_reg(fop);

    if (modrm < 0xc0) {
        return x87_rm(fop) == 6 && modrm < 0x40 && x87_memory_bytes(fop) != 0;
    }
    switch (x87_esc(fop)) {
    case 1:
        return (reg != 2 || modrm == 0xd0) && modrm != 0xe2 && modrm != 0xe3 && modrm != 0xe6
               && modrm != 0xe7 && modrm != 0xef && !is_transcendental(fop);
    case 2: return reg < 4 || modrm == 0xe9;
    case 3: return reg < 4 || reg == 5 || reg == 6;
    case 5: return reg < 6;
    case 6: return reg != 3 || modrm == 0xd9;
    case 7: return reg < 4 || reg == 5 || reg == 6;
    default: return true;
    }
}

/* The instruction as the guest's, its operand at DATA. */
static void run(X86Rig *rig, const X86Fpu *f, const uint8_t *code, uint8_t *memory,
                uint32_t *eflags)
{
    /* A jump to itself ends the unit, so that a host runs what is counted. */
    const uint8_t unit[] = { code[0], code[1], 0xeb, 0xfe };
    X86Cpu *cpu = rig->cpu;

    *x87_state(cpu) = *f;
    cpu->r[G_ESI] = X86_RIG_DATA;
    x86_set_eflags(cpu, *eflags);
    x86_update(cpu);
    x86_rig_write(rig, X86_RIG_DATA, memory, 16);
    x86_rig_code(rig, unit, sizeof(unit), 2);
    x87_state(cpu);
    g_assert_cmpuint(cpu->v.pc, ==, X86_RIG_CODE + 2);
    memcpy(memory, rig->data, 16);
    *eflags = x86_eflags(cpu);
}

static void show(unsigned fop, const X87Image *in, const X87Image *ours, const X87Image *host,
                 uint64_t n)
{
    g_printerr("%02x %02x (case %" G_GUINT64_FORMAT "): control %04x status %04x, ours %04x, host "
               "%04x; tags %04x %04x %04x\n",
               0xd8 + x87_esc(fop), fop & 0xff, n, in->control, in->status, ours->status,
               host->status & 0xffff, in->tags, ours->tags, host->tags & 0xffff);
    for (unsigned i = 0; i < 8; i++) {
        F80 a = x87_get(in, i), b = x87_get(ours, i), c = x87_get(host, i);

        g_printerr("  ST(%u) %04x:%016" G_GINT64_MODIFIER "x %04x:%016" G_GINT64_MODIFIER
                   "x %04x:%016" G_GINT64_MODIFIER "x\n",
                   i, a.se, a.sig, b.se, b.sig, c.se, c.sig);
    }
}

static bool run_case(X86Rig *rig, unsigned fop, uint64_t n, uint64_t *seed)
{
    const uint8_t code[2] = { (uint8_t)(0xd8 + x87_esc(fop)), (uint8_t)fop };
    uint64_t memory[2] = { draw(seed), draw(seed) }, theirs[2];
    uint32_t eflags = (uint32_t)(draw(seed) & (EFL_STATUS)) | 2, host_eflags;
    X87Image in, ours, host;
    X86Fpu f;

    draw_state(&f, seed);
    if (x87_esc(fop) == 7 && x87_reg(fop) == 4 && (fop & 0xff) < 0xc0) {
        memory[0] &= UINT64_C(0x7777777777777777); /* digits beyond 9 are undefined */
        memory[1] &= UINT64_C(0xffffffffffff8077);
    } else if ((draw(seed) & 7) == 0) {
        memory[0] &= UINT64_C(0x800fffff807fffff);
    } else if ((draw(seed) & 7) == 0) {
        memory[0] |= UINT64_C(0x7ff000007f800000);
    }
    memcpy(theirs, memory, sizeof(memory));
    to_image(&f, &in);
    host_eflags = x87_native(code, 2, &in, theirs, eflags, &host);
    run(rig, &f, code, (uint8_t *)memory, &eflags);
    f = rig->cpu->fpu;
    if (same(&f, &host) && memcmp(memory, theirs, sizeof(memory)) == 0
        && ((eflags ^ host_eflags) & EFL_STATUS) == 0) {
        return true;
    }
    to_image(&f, &ours);
    show(fop, &in, &ours, &host, n);
    g_printerr("  memory %016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x eflags %x %x\n",
               memory[0], theirs[0], eflags, host_eflags);
    return false;
}

unsigned x87_states(const DiffOptions *options)
{
    static uint8_t bad_of[2048];
    X86Rig *rigs[] = { x86_rig_new(&interp_host, "n270"), x86_rig_new(&x64_host, "n270") };
    unsigned bad = 0;

    if (!x87_native_here()) {
        return 0;
    }
    for (uint64_t n = options->first; n < options->first + options->count && bad < 1000; n++) {
        uint64_t seed = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ options->seed;
        unsigned fop;

        draw(&seed);
        do {
            fop = (unsigned)draw(&seed) & 0x7ff;
        } while (!is_covered(fop));
        if (bad_of[fop] < 3 && !run_case(rigs[n % 2], fop, n, &seed)) {
            bad_of[fop]++;
            bad++;
        }
    }
    x86_rig_free(rigs[0]);
    x86_rig_free(rigs[1]);
    g_print("x87 state: %" G_GUINT64_FORMAT " cases against the host, %u differ\n", options->count,
            bad);
    return bad;
}
