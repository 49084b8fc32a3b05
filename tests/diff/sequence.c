/* SPDX-License-Identifier: MIT */
/* sequence.c - see sequence.h. */
#include "tests/diff/sequence.h"

#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "base/state.h"
#include "softmmu/mmu.h"

static const char *const way_names[SEQ_N_WAYS] = { "interpreter", "its units", "x64" };

/* ---- state ---- */

static const uint8_t *memory_at(SeqRig rig, const SeqMemory *m)
{
    const PhysRegion *region = phys_find(rig.phys, m->pa);

    return region->host + (m->pa - region->base);
}

/* @all: not only what an instruction that is taken back may have changed */
static void save(const SeqGuest *g, SeqRig rig, bool all, GByteArray *out)
{
    vcpu_fp_sync(rig.v);
    g->isa->settle(rig.v);
    g_byte_array_set_size(out, 0);
    for (unsigned i = 0; i < g->isa->n_fields; i++) {
        state_save(&g->isa->fields[i], rig.v, out);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(g->memory); i++) {
        const SeqMemory *m = &g->memory[i];

        if (m->name && (all || m->taken_back)) {
            g_byte_array_append(out, memory_at(rig, m), m->bytes);
        }
    }
}

static void restore(const SeqGuest *g, SeqRig rig, const GByteArray *in)
{
    const uint8_t *p = in->data;
    GError *error = NULL;

    g->isa->settle(rig.v); /* nothing stays in the host */
    for (unsigned i = 0; i < g->isa->n_fields; i++) {
        state_load(&g->isa->fields[i], rig.v, p);
        p += state_bytes(&g->isa->fields[i]);
    }
    mmu_flush_all(vcpu_cold(rig.v)->mmu); /* a TLB of its own is another now */
    g->isa->loaded(rig.v);
    for (unsigned i = 0; i < G_N_ELEMENTS(g->memory); i++) {
        const SeqMemory *m = &g->memory[i];

        if (m->name && m->taken_back) {
            if (!phys_copy_in(rig.phys, m->pa, p, m->bytes, &error)) {
                g_error("%s", error->message);
            }
            p += m->bytes;
        }
    }
}

static void run_way(const SeqRunner *u, const SeqCase *c, SeqWay w)
{
    const SeqGuest *g = u->guest;

    g->begin(u, c, u->rig[w]);
    for (unsigned i = 0; i < (w == SEQ_STEPS ? c->insns : 1); i++) {
        g->run(u->rig[w], w == SEQ_STEPS ? 1 : c->insns);
    }
    save(g, u->rig[w], true, u->state[w]);
}

/* ---- comparison ---- */

static void say_bytes(GString *s, const char *what, size_t at, const uint8_t *a, const uint8_t *b,
                      size_t n)
{
    for (size_t i = 0; i < n; i += 4) {
        if (memcmp(a + i, b + i, MIN(4, n - i)) != 0) {
            uint32_t x = 0, y = 0;

            memcpy(&x, a + i, MIN(4, n - i));
            memcpy(&y, b + i, MIN(4, n - i));
            g_string_append_printf(s, "  %s+%x: %08x, not %08x\n", what, (unsigned)(at + i), y, x);
        }
    }
}

static void compare(const SeqRunner *u, SeqWay w)
{
    const SeqGuest *g = u->guest;
    const uint8_t *a = u->state[SEQ_STEPS]->data, *b = u->state[w]->data;

    if (memcmp(a, b, u->state[w]->len) == 0) {
        return;
    }
    g_string_append_printf(u->why, " %s:\n", way_names[w]);
    for (unsigned i = 0; i < g->isa->n_fields; i++) {
        size_t n = state_bytes(&g->isa->fields[i]);

        say_bytes(u->why, g->isa->fields[i].name, 0, a, b, n);
        a += n;
        b += n;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(g->memory) && g->memory[i].name; i++) {
        const SeqMemory *m = &g->memory[i];

        say_bytes(u->why, m->name, m->pa, a, b, m->bytes);
        a += m->bytes;
        b += m->bytes;
    }
}

/* Else SeqRunner.why tells the differences. */
static bool agrees(const SeqRunner *u, const SeqCase *c)
{
    g_string_truncate(u->why, 0);
    for (SeqWay w = SEQ_STEPS; w < SEQ_N_WAYS; w++) {
        run_way(u, c, w);
    }
    for (SeqWay w = SEQ_UNITS; w < SEQ_N_WAYS; w++) {
        compare(u, w);
    }
    return u->why->len == 0;
}

/* The smallest case that still differs: fewer instructions run, and some that do nothing. */
static void minimize(SeqRunner *u, SeqCase *c)
{
    const size_t bytes = u->guest->case_bytes;

    for (unsigned n = 1; n < c->insns; n++) {
        memcpy(u->less, c, bytes);
        u->less->insns = n;
        if (!agrees(u, u->less)) {
            memcpy(c, u->less, bytes);
            break;
        }
    }
    for (unsigned i = 0; i < c->n; i++) {
        memcpy(u->less, c, bytes);
        u->guest->blank(u->less, i);
        if (memcmp(u->less, c, bytes) != 0 && !agrees(u, u->less)) {
            memcpy(c, u->less, bytes);
        }
    }
    agrees(u, c);
}

static void report(const SeqRunner *u, const SeqCase *c, const char *why)
{
    g_print("case %" G_GUINT64_FORMAT, u->cases - 1);
    u->guest->report(u, c);
    g_print("%s", why);
}

/* ---- cases ---- */

/* Most random instructions end in an exception; of those, most are drawn again. */
static void draw_case(SeqRunner *u, SeqCase *c)
{
    const SeqGuest *g = u->guest;
    const SeqRig steps = u->rig[SEQ_STEPS];
    unsigned n;

    memset(c, 0, g->case_bytes);
    n = g->start(u, c);
    g->begin(u, c, steps);
    for (unsigned grown = 0, tries = 0; grown < n && tries < g->tries; tries++) {
        SeqGrown how;

        save(g, steps, false, u->before);
        memcpy(u->undone, c, g->case_bytes);
        how = g->grow(u, c);
        if (how == SEQ_LAST || how == SEQ_FULL) {
            break;
        }
        if (how == SEQ_AGAIN) {
            restore(g, steps, u->before);
            memcpy(c, u->undone, g->case_bytes);
        }
        grown += how == SEQ_GROWN;
    }
    g->end(u, c);
}

static void open_runner(SeqRunner *u, uint32_t seed)
{
    const SeqGuest *g = u->guest;

    u->rand = g_rand_new_with_seed(seed);
    u->why = g_string_new(NULL);
    u->before = g_byte_array_new();
    u->drawn = g_malloc0(g->case_bytes);
    u->less = g_malloc0(g->case_bytes);
    u->undone = g_malloc0(g->case_bytes);
    for (SeqWay w = SEQ_STEPS; w < SEQ_N_WAYS; w++) {
        u->rig[w] = g->open(u, w == SEQ_X64 ? &x64_host : &interp_host);
        u->state[w] = g_byte_array_new();
    }
    g->fill(u);
}

static void close_runner(SeqRunner *u)
{
    for (SeqWay w = SEQ_STEPS; w < SEQ_N_WAYS; w++) {
        u->guest->close(u->rig[w]);
        g_byte_array_unref(u->state[w]);
    }
    g_free(u->undone);
    g_free(u->less);
    g_free(u->drawn);
    g_byte_array_unref(u->before);
    g_string_free(u->why, TRUE);
    g_rand_free(u->rand);
}

unsigned seq_run(const SeqGuest *guest, const char *title, void *own, const DiffOptions *options,
                 uint64_t count)
{
    SeqRunner u = { .guest = guest, .own = own };
    unsigned bad = 0;

    open_runner(&u, options->seed);
    while (u.insns < count && bad < guest->differences_max) {
        draw_case(&u, u.drawn);
        u.insns += u.drawn->n;
        if (u.cases++ < options->first) {
            continue;
        }
        if (options->verbose) {
            report(&u, u.drawn, "");
        }
        if (!agrees(&u, u.drawn)) {
            minimize(&u, u.drawn);
            report(&u, u.drawn, u.why->str);
            bad++;
        }
    }
    g_print("%s: seed %u, %" G_GUINT64_FORMAT " instructions in %" G_GUINT64_FORMAT
            " cases, %u differences\n",
            title, options->seed, u.insns, u.cases, bad);
    close_runner(&u);
    return bad;
}
