/* SPDX-License-Identifier: MIT */
/*
 * test_x64_unit.c - random blocks on the JIT and on the interpreter: everything must be equal.
 *
 * A mismatch prints the block and its code. DOPPEL_FUZZ="SEED COUNT" in the environment tries other
 * blocks than the usual ones.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <inttypes.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "backend/x64/x64.h"
#include "tests/unit/ir_random.h"

/* What a run has left behind. */
typedef struct Outcome {
    HostExit why;
    HostPoint point;
    HarnessCpu cpu;
    uint32_t fault;
    FpEnv fp[2];
    uint64_t ledger[8];
    uint64_t callouts;
} Outcome;

typedef struct Pair {
    Harness *jit, *ref;
} Pair;

static HostUnit *compile(Harness *h, const IrRandom *what)
{
    HostUnit *u;

    h->cache.chunk[0].rw_next = h->cache.chunk[0].rw;
    h->n_units = 0;
    ir_random_block(what, &h->blk);
    u = harness_compile(h);
    for (unsigned k = 0; k < u->n_sites; k++) {
        if (u->site[k].va == h->blk.pc && u->site[k].mode == h->blk.mode) {
            harness_link(h, u, k, u);
        }
    }
    return u;
}

static void reset(Harness *h, uint64_t seed)
{
    memset(h->cold->ledger, 0, sizeof(h->cold->ledger));
    memset(&h->cold->fault, 0, sizeof(h->cold->fault));
    memset(h->cold->fp, 0, sizeof(h->cold->fp));
    h->cold->callouts = 0;
    h->cold->host_pc = NULL;
    h->cold->replay.valid = 0;
    h->v->leave = LEAVE_NO;
    h->v->attention = seed % 8 == 0 ? ATTN_IRQ : 0;
    h->v->pc = 0;
    h->v->mode = 0;
    h->dev_value = seed;
    if (seed % 4 == 0) {
        mmu_flush_all(h->mmu);
    }
    ir_random_state(seed, h);
}

static void run(Harness *h, const HostUnit *u, int64_t budget, Outcome *o)
{
    memset(o, 0, sizeof(*o));
    h->v->limit = 1000;
    o->why = harness_enter(h, u, budget, &o->point);
    o->cpu = *h->cpu;
    o->cpu.flags &= IR_FL_ALL;
    o->fault = h->cold->fault.kind;
    memcpy(o->fp, h->cold->fp, sizeof(o->fp));
    memcpy(o->ledger, h->cold->ledger, sizeof(o->ledger));
    o->callouts = h->cold->callouts;
}

static void describe(GString *text, const char *name, const Outcome *o)
{
    g_string_append_printf(text,
                           "%s: exit %d pc %x mode %x budget %" PRId64 " leave %u point %u/%u",
                           name, (int)o->why, o->cpu.v.pc, o->cpu.v.mode, o->cpu.v.budget,
                           o->cpu.v.leave, o->point.index, o->point.total);
    for (unsigned k = 0; k < 8; k++) {
        g_string_append_printf(text, " r%u=%x", k, o->cpu.r[k]);
    }
    for (unsigned k = 0; k < 4; k++) {
        g_string_append_printf(text, " u%u=%x", k, o->cpu.u[k]);
    }
    g_string_append_printf(text, " f=%x d0=%" PRIx64 " d1=%" PRIx64 " state=%x\n", o->cpu.flags,
                           o->cpu.d[0], o->cpu.d[1], o->cpu.state);
}

static bool same_state(const Pair *p, const Outcome *a, const Outcome *b)
{
    return memcmp(a->cpu.r, b->cpu.r, sizeof(a->cpu.r)) == 0
           && memcmp(a->cpu.u, b->cpu.u, sizeof(a->cpu.u)) == 0 && a->cpu.flags == b->cpu.flags
           && a->cpu.state == b->cpu.state && memcmp(a->cpu.d, b->cpu.d, sizeof(a->cpu.d)) == 0
           && memcmp(a->cpu.bytes, b->cpu.bytes, sizeof(a->cpu.bytes)) == 0
           && memcmp(a->cpu.vec, b->cpu.vec, sizeof(a->cpu.vec)) == 0
           && memcmp(p->jit->ram, p->ref->ram, IR_RANDOM_WINDOW) == 0
           && memcmp(a->fp, b->fp, sizeof(a->fp)) == 0
           && memcmp(a->ledger, b->ledger, sizeof(a->ledger)) == 0 && a->callouts == b->callouts;
}

static bool same_exit(const Outcome *a, const Outcome *b)
{
    bool inside = a->why == HOST_INSIDE;

    if (a->why != b->why || a->cpu.v.budget != b->cpu.v.budget || a->fault != b->fault) {
        return false;
    }
    if (inside) {
        return memcmp(&a->point, &b->point, sizeof(a->point)) == 0;
    }
    return a->cpu.v.pc == b->cpu.v.pc && a->cpu.v.mode == b->cpu.v.mode;
}

/* Runs the block on both. What the JIT leaves to the interpreter is compared with the instructions
 * before that one. */
static bool agree(const Pair *p, IrRandom what, uint64_t state, int64_t budget, GString *text)
{
    HostUnit *u = compile(p->jit, &what), *w;
    Outcome got, want;
    bool stepped, same;

    reset(p->jit, state);
    run(p->jit, u, budget, &got);
    stepped = got.why == HOST_INSIDE && got.cpu.v.leave != LEAVE_FAULT;
    if (stepped && got.cpu.v.budget + got.point.total < budget) {
        return true; /* not in the first round of a loop */
    }
    if (stepped) {
        what.stop = got.point.index;
    }
    w = compile(p->ref, &what);
    reset(p->ref, state);
    run(p->ref, w, budget, &want);
    same = stepped ? want.cpu.v.pc == IR_RANDOM_STOPPED : same_exit(&got, &want);
    if (same && same_state(p, &got, &want)) {
        return true;
    }
    ir_print(&p->ref->blk, text);
    describe(text, "jit", &got);
    describe(text, "ref", &want);
    x64_host.disassemble(p->jit->host, u, text);
    return false;
}

/* The shortest block of the same kind that fails too. */
static void shorten(const Pair *p, IrRandom what, uint64_t state, int64_t budget, GString *text)
{
    for (unsigned n = 1; n < what.insns; n++) {
        IrRandom shorter = { .seed = what.seed, .insns = n, .stop = n };
        g_autoptr(GString) other = g_string_new(NULL);

        if (!agree(p, shorter, state, budget, other)) {
            g_string_assign(text, other->str);
            return;
        }
    }
}

static void fuzz(const HostOptions *options, uint64_t seed, unsigned count)
{
    Pair p = { harness_new(&x64_host, options), harness_new(&interp_host, NULL) };
    const char *env = g_getenv("DOPPEL_FUZZ");
    uint64_t rng;

    if (env) {
        char *rest;

        seed = g_ascii_strtoull(env, &rest, 0);
        count = (unsigned)g_ascii_strtoull(rest, NULL, 0);
    }
    for (unsigned k = 0; k < count; k++) {
        g_autoptr(GString) text = g_string_new(NULL);
        uint64_t state;
        IrRandom what = { .seed = seed + k };
        int64_t budget;
        bool same;

        rng = seed + k;
        what.insns = what.stop = 1 + (unsigned)(ir_random_next(&rng) % (k % 4 == 0 ? 24 : 6));
        state = ir_random_next(&rng);
        budget = (int64_t)(ir_random_next(&rng) % 100);
        same = agree(&p, what, state, budget, text);
        if (!same) {
            shorten(&p, what, state, budget, text);
        }
        cr_assert(same, "seed %" PRIu64 "\n%s", seed + k, text->str);
    }
    harness_free(p.jit);
    harness_free(p.ref);
}

static const HostOptions usual = { .chain = true };
static const HostOptions old_cpu = { .chain = true, .cpu_features_off = UINT32_MAX };
static const HostOptions plain = { .chain = true, .optimise_off = true };

Test(x64_unit, random_blocks_do_what_the_interpreter_does) { fuzz(&usual, 1000000, 4000); }
Test(x64_unit, and_so_they_do_on_an_old_cpu) { fuzz(&old_cpu, 2000000, 2000); }
Test(x64_unit, and_so_they_do_unoptimised) { fuzz(&plain, 3000000, 1000); }
