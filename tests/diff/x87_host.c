/* SPDX-License-Identifier: MIT */
/* x87_host.c - the 80-bit software FP against the host's own x87, results and flags to the bit. */
#include <glib.h>
#include <string.h>

#include "base/bits.h"
#include "tests/diff/diff.h"
#include "tests/diff/x87_native.h"

/* What an operation has and gives. */
typedef struct Case {
    F80 a, b;        /* ST(0), ST(1) */
    uint8_t mem[16]; /* memory operand, in and out */
    F80Env env;
    unsigned cc; /* out: C3 C2 C1 C0 in bits 3 to 0, of those in the row's mask */
    F80 ra, rb;  /* out: ST(0), ST(1); what was pushed is first */
} Case;

enum { C0 = 1, C1 = 2, C2 = 4, C3 = 8 };

typedef struct Row {
    const char *name;
    uint8_t code[3];
    uint8_t n;
    uint8_t cc;    /* the condition codes that mean something */
    uint8_t flags; /* bits of RowFlag */
    void (*run)(Case *c);
} Row;

enum {
    LOADS = 1, /* pushes */
    WIDE = 2,  /* operands far apart matter */
    PI = 4,    /* an argument of moderate size */
};

static void keep(Case *c, F80 r) { c->ra = sfp80_stopped(&c->env) ? c->a : r; }

static unsigned c1(const Case *c) { return c->env.rounded_up != 0 ? C1 : 0; }

#define ARITH(fn, x, y) \
    static void run_##fn##_##x##y(Case *c) \
    { \
        keep(c, sfp80_##fn(c->x, c->y, &c->env)); \
        c->cc = c1(c); \
    }
ARITH(add, a, b)
ARITH(sub, a, b)
ARITH(sub, b, a)
ARITH(mul, a, b)
ARITH(div, a, b)
ARITH(div, b, a)
ARITH(scale, a, b)

static void run_sqrt(Case *c)
{
    keep(c, sfp80_sqrt(c->a, &c->env));
    c->cc = c1(c);
}

static void run_rndint(Case *c)
{
    keep(c, sfp80_round_int(c->a, &c->env));
    c->cc = c1(c);
}

static void rem(Case *c, bool nearest)
{
    F80Quotient q;

    keep(c, sfp80_rem(c->a, c->b, nearest, &q, &c->env));
    c->cc = (q.partial != 0 ? C2 : 0) | ((q.low3 & 4) != 0 ? C0 : 0) | ((q.low3 & 2) != 0 ? C3 : 0)
            | ((q.low3 & 1) != 0 ? C1 : 0);
    if (sfp80_stopped(&c->env)) {
        c->cc = 0;
    }
}

static void run_prem(Case *c) { rem(c, false); }
static void run_prem1(Case *c) { rem(c, true); }

static void run_xtract(Case *c)
{
    F80 e = c->a, s = sfp80_extract(c->a, &e, &c->env);

    if (!sfp80_stopped(&c->env)) {
        c->ra = s;
        c->rb = e;
    } else {
        c->rb = c->b;
        keep(c, s);
    }
}

static void order(Case *c, F80Order o)
{
    static const uint8_t codes[] = { 0, C0, C3, C3 | C2 | C0 };

    c->cc = codes[o];
    c->ra = c->a;
}

static void run_com(Case *c) { order(c, sfp80_compare(c->a, c->b, false, &c->env)); }
static void run_ucom(Case *c) { order(c, sfp80_compare(c->a, c->b, true, &c->env)); }
static void run_tst(Case *c) { order(c, sfp80_compare(c->a, sfp80_from_int(0), false, &c->env)); }

static void run_xam(Case *c)
{
    unsigned k = sfp80_class(c->a);

    c->cc = (k & 1) | ((k & 2) << 1) | ((k & 4) << 1) | (c->a.se >> 15 != 0 ? C1 : 0);
    c->ra = c->a;
}

/* A denormal operand does not stop a load, whatever its mask: so it is on the host. */
static void load(Case *c, F80 r)
{
    bool stopped = (c->env.flags & ~c->env.masks & F80_IE) != 0;

    c->ra = stopped ? c->a : r;
    c->rb = stopped ? c->b : c->a;
}

static void run_fld32(Case *c)
{
    uint32_t m;

    memcpy(&m, c->mem, 4);
    load(c, sfp80_from_f32(m, &c->env));
}

static void run_fld64(Case *c)
{
    uint64_t m;

    memcpy(&m, c->mem, 8);
    load(c, sfp80_from_f64(m, &c->env));
}

static void run_fild64(Case *c)
{
    int64_t m;

    memcpy(&m, c->mem, 8);
    load(c, sfp80_from_int(m));
}

static void run_fbld(Case *c)
{
    uint64_t m;
    uint16_t h;

    memcpy(&m, c->mem, 8);
    memcpy(&h, c->mem + 8, 2);
    load(c, sfp80_from_bcd(m, h));
}

static void store(Case *c, const void *v, unsigned n)
{
    if (!sfp80_store_stopped(&c->env)) {
        memcpy(c->mem, v, n);
    }
    c->cc = c1(c);
    c->ra = c->a;
}

static void run_fst32(Case *c)
{
    uint32_t v = sfp80_to_f32(c->a, &c->env);

    store(c, &v, 4);
}

static void run_fst64(Case *c)
{
    uint64_t v = sfp80_to_f64(c->a, &c->env);

    store(c, &v, 8);
}

static void run_fist16(Case *c)
{
    uint64_t v = sfp80_to_int(c->a, 16, false, &c->env);

    store(c, &v, 2);
}

static void run_fist32(Case *c)
{
    uint64_t v = sfp80_to_int(c->a, 32, false, &c->env);

    store(c, &v, 4);
}

/* What pops leaves ST(1) in ST(0). */
static void popped(Case *c)
{
    c->ra = sfp80_store_stopped(&c->env) ? c->a : c->b;
    c->rb = sfp80_store_stopped(&c->env) ? c->b : (F80){ 0, 0 };
}

static void run_fistp64(Case *c)
{
    uint64_t v = sfp80_to_int(c->a, 64, false, &c->env);

    store(c, &v, 8);
    popped(c);
}

static void run_fisttp32(Case *c)
{
    uint64_t v = sfp80_to_int(c->a, 32, true, &c->env);

    store(c, &v, 4);
    popped(c);
}

static void run_fisttp64(Case *c)
{
    uint64_t v = sfp80_to_int(c->a, 64, true, &c->env);

    store(c, &v, 8);
    popped(c);
}

static void run_fbstp(Case *c)
{
    uint16_t high;
    uint64_t low = sfp80_to_bcd(c->a, &high, &c->env);
    uint8_t v[10];

    memcpy(v, &low, 8);
    memcpy(v + 8, &high, 2);
    store(c, v, 10);
    popped(c);
}

/* clang-format off */
static const Row rows[] = {
    { "fadd",     { 0xd8, 0xc1 }, 2, C1, 0, run_add_ab },
    { "fsub",     { 0xd8, 0xe1 }, 2, C1, 0, run_sub_ab },
    { "fsubr",    { 0xd8, 0xe9 }, 2, C1, 0, run_sub_ba },
    { "fmul",     { 0xd8, 0xc9 }, 2, C1, 0, run_mul_ab },
    { "fdiv",     { 0xd8, 0xf1 }, 2, C1, 0, run_div_ab },
    { "fdivr",    { 0xd8, 0xf9 }, 2, C1, 0, run_div_ba },
    { "fsqrt",    { 0xd9, 0xfa }, 2, C1, 0, run_sqrt },
    { "frndint",  { 0xd9, 0xfc }, 2, C1, 0, run_rndint },
    { "fscale",   { 0xd9, 0xfd }, 2, C1, 0, run_scale_ab },
    { "fprem",    { 0xd9, 0xf8 }, 2, C0 | C1 | C2 | C3, WIDE, run_prem },
    { "fprem1",   { 0xd9, 0xf5 }, 2, C0 | C1 | C2 | C3, WIDE, run_prem1 },
    { "fxtract",  { 0xd9, 0xf4 }, 2, 0, LOADS, run_xtract },
    { "fcom",     { 0xd8, 0xd1 }, 2, C0 | C1 | C2 | C3, 0, run_com },
    { "fucom",    { 0xdd, 0xe1 }, 2, C0 | C1 | C2 | C3, 0, run_ucom },
    { "ftst",     { 0xd9, 0xe4 }, 2, C0 | C1 | C2 | C3, 0, run_tst },
    { "fxam",     { 0xd9, 0xe5 }, 2, C0 | C1 | C2 | C3, 0, run_xam },
    { "fld m32",  { 0xd9, 0x06 }, 2, C1, LOADS, run_fld32 },
    { "fld m64",  { 0xdd, 0x06 }, 2, C1, LOADS, run_fld64 },
    { "fild m64", { 0xdf, 0x2e }, 2, C1, LOADS, run_fild64 },
    { "fbld",     { 0xdf, 0x26 }, 2, C1, LOADS, run_fbld },
    { "fst m32",  { 0xd9, 0x16 }, 2, C1, 0, run_fst32 },
    { "fst m64",  { 0xdd, 0x16 }, 2, C1, 0, run_fst64 },
    { "fist m16", { 0xdf, 0x16 }, 2, C1, 0, run_fist16 },
    { "fist m32", { 0xdb, 0x16 }, 2, C1, 0, run_fist32 },
    { "fistp m64", { 0xdf, 0x3e }, 2, C1, 0, run_fistp64 },
    { "fisttp m32", { 0xdb, 0x0e }, 2, C1, 0, run_fisttp32 },
    { "fisttp m64", { 0xdd, 0x0e }, 2, C1, 0, run_fisttp64 },
    { "fbstp",    { 0xdf, 0x36 }, 2, C1, 0, run_fbstp },
};
/* clang-format on */

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

/* Significands with long runs of zeros or ones, and any. */
static uint64_t draw_sig(uint64_t *seed)
{
    uint64_t r = draw(seed), v = draw(seed);

    switch (r % 8) {
    case 0: return UINT64_C(1) << 63;
    case 1: return UINT64_MAX;
    case 2: return v << (r >> 8) % 64;
    case 3: return ~(v >> (r >> 8) % 64);
    case 4: return UINT64_C(1) << 63 | v >> (r >> 8) % 64;
    case 5: return UINT64_C(1) << 63 | UINT64_C(1) << (r >> 8) % 64;
    default: return v | UINT64_C(1) << 63;
    }
}

static unsigned draw_exp(uint64_t *seed)
{
    uint64_t r = draw(seed);

    switch (r % 16) {
    case 0: return 0;
    case 1: return 0x7fff;
    case 2: return 1 + (r >> 8) % 80;
    case 3: return 0x7ffe - (r >> 8) % 80;
    case 4: return (r >> 8) & 0x7fff;
    case 5: return 0x3f81 - 30 + (r >> 8) % 60; /* single's ends */
    case 6: return 0x407f - 4 + (r >> 8) % 8;
    case 7: return 0x3c01 - 60 + (r >> 8) % 80; /* double's */
    case 8: return 0x43ff - 4 + (r >> 8) % 8;
    case 9: return 0x4000 + (r >> 8) % 70;
    default: return 0x3fff - 16 + (r >> 8) % 48;
    }
}

static F80 draw_operand(uint64_t *seed)
{
    uint64_t r = draw(seed);
    F80 a = { draw_sig(seed), (uint16_t)draw_exp(seed) };

    a.se |= (uint16_t)((r & 1) << 15);
    switch (r >> 8 & 31) {
    case 0: a.sig &= ~(UINT64_C(1) << 63); break; /* denormal or unsupported */
    case 1: a.sig = 0; break;
    case 2: return (F80){ 0, (uint16_t)(r << 15) };
    case 3: return (F80){ UINT64_C(1) << 63, (uint16_t)(r << 15 | 0x7fff) };
    default:
        if ((a.se & 0x7fff) == 0 && (r & 0x10000) != 0) {
            a.sig &= ~(UINT64_C(1) << 63);
        }
    }
    return a;
}

static void draw_case(const Row *row, Case *c, uint64_t *seed)
{
    static const uint8_t precisions[] = { 24, 64, 53, 64 }; /* the reserved value: as 64 */
    uint64_t r = draw(seed), m = draw(seed);

    memset(c, 0, sizeof(*c));
    c->a = draw_operand(seed);
    c->b = draw_operand(seed);
    if ((r >> 40 & 3) == 0) { /* close to each other */
        c->b.se = (uint16_t)((c->a.se + (r >> 44) % 140 - 70) & 0x7fff) | (c->b.se & 0x8000);
    }
    if (strncmp(row->name, "fscale", 6) == 0 && (r >> 50 & 3) != 0) {
        c->b = sfp80_from_int((int64_t)(r >> 16) % 70000 - 35000);
        c->b.sig |= r >> 52 & 1;
    }
    m = (r >> 41 & 7) == 0 ? m & UINT64_C(0x800fffffffffffff) : m;
    m = (r >> 41 & 7) == 1 ? m | UINT64_C(0x7ff0000000000000) : m;
    m = (r >> 41 & 7) == 2 ? m | 0x7f800000 : m;
    m = (r >> 41 & 7) == 3 ? m & UINT64_C(0xfff00000807fffff) : m;
    m = (r >> 41 & 15) == 15 ? 0 : m;
    memcpy(c->mem, &m, 8);
    c->mem[8] = (uint8_t)(r >> 20);
    c->mem[9] = (uint8_t)(r >> 28);
    if (strcmp(row->name, "fbld") == 0) {
        for (unsigned i = 0; i < 9; i++) {
            c->mem[i] = (uint8_t)((c->mem[i] >> 4) % 10 << 4 | (c->mem[i] & 15) % 10);
        }
    }
    c->env.rounding = r >> 4 & 3;
    c->env.precision = precisions[r >> 6 & 3];
    c->env.masks = (r >> 8 & 3) == 0 ? r >> 10 & 0x3f : 0x3f;
}

static uint16_t control_of(const F80Env *env)
{
    static const uint8_t rc[] = { 0, 2, 1, 3 }; /* FpRounding to RC */
    unsigned pc = env->precision == 24 ? 0 : env->precision == 53 ? 2 : 3;

    return (uint16_t)(env->masks | pc << 8 | (unsigned)rc[env->rounding] << 10);
}

static bool same(F80 a, F80 b) { return a.sig == b.sig && a.se == b.se; }

static unsigned cc_of(uint32_t status) { return (status >> 8 & 7) | (status >> 14 & 1) << 3; }

static bool agrees(const Row *row, const Case *c, const X87Image *out, const uint8_t *mem)
{
    bool two = (row->flags & LOADS) != 0;

    return (out->status & 0x3f) == c->env.flags && same(x87_get(out, 0), c->ra)
           && (!two || same(x87_get(out, 1), c->rb))
           && (cc_of(out->status) & row->cc) == (c->cc & row->cc)
           && memcmp(mem, c->mem, sizeof(c->mem)) == 0;
}

static void show(const Row *row, const Case *in, const Case *c, const X87Image *out,
                 const uint8_t *mem, uint64_t n)
{
    F80 a = x87_get(out, 0), b = x87_get(out, 1);

    g_printerr("%s (case %" G_GUINT64_FORMAT "): a %04x:%016" G_GINT64_MODIFIER
               "x b %04x:%016" G_GINT64_MODIFIER "x rounding %u precision %u masks %02x\n",
               row->name, n, in->a.se, in->a.sig, in->b.se, in->b.sig, in->env.rounding,
               in->env.precision, in->env.masks);
    g_printerr("  ours %04x:%016" G_GINT64_MODIFIER "x %04x:%016" G_GINT64_MODIFIER
               "x flags %02x cc %x\n",
               c->ra.se, c->ra.sig, c->rb.se, c->rb.sig, c->env.flags, c->cc & row->cc);
    g_printerr("  host %04x:%016" G_GINT64_MODIFIER "x %04x:%016" G_GINT64_MODIFIER
               "x flags %02x cc %x\n",
               a.se, a.sig, b.se, b.sig, out->status & 0x3f, cc_of(out->status) & row->cc);
    g_printerr("  memory");
    for (unsigned i = 0; i < 10; i++) {
        g_printerr(" %02x/%02x/%02x", in->mem[i], c->mem[i], mem[i]);
    }
    g_printerr("\n");
}

static bool run_case(const Row *row, uint64_t n, uint64_t *seed)
{
    X87Image in = { .tags = 0xfff0 }, out;
    uint8_t mem[16];
    Case c, before;

    draw_case(row, &c, seed);
    before = c;
    in.control = control_of(&c.env);
    in.status = 6 << 11; /* ST(0), ST(1) are R6, R7 */
    in.tags = 0x0fff;
    x87_put(&in, 0, c.a);
    x87_put(&in, 1, c.b);
    memcpy(mem, c.mem, sizeof(mem));
    x87_native(row->code, row->n, &in, mem, 2, &out);
    row->run(&c);
    if (agrees(row, &c, &out, mem)) {
        return true;
    }
    show(row, &before, &c, &out, mem, n);
    return false;
}

unsigned x87_host(const DiffOptions *options)
{
    unsigned bad = 0, bad_row[G_N_ELEMENTS(rows)] = { 0 };

    if (!x87_native_here()) {
        g_print("x87: this host has none\n");
        return 0;
    }
    for (uint64_t n = options->first; n < options->first + options->count && bad < 1000; n++) {
        const Row *row = &rows[n % G_N_ELEMENTS(rows)];
        uint64_t seed = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ options->seed;

        draw(&seed);
        if (bad_row[n % G_N_ELEMENTS(rows)] < 10 && !run_case(row, n, &seed)) {
            bad_row[n % G_N_ELEMENTS(rows)]++;
            bad++;
        }
    }
    g_print("x87: %" G_GUINT64_FORMAT " cases against the host, %u differ\n", options->count, bad);
    return bad;
}
