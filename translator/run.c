/* SPDX-License-Identifier: MIT */
/* run.c - the dispatcher: enters units, and does what they come back for. */
#include "translator/run_priv.h"
#include "translator/window.h"

/* A site that wants to be linked to the next unit. */
typedef struct Pending {
    Unit *from; /* NULL: none */
    unsigned site;
} Pending;

/* The unit a host address belongs to: of the cache, or the one in the scratch buffer. */
static const HostUnit *host_unit(Translator *t, const void *host_pc)
{
    return &tr_unit_at(t, host_pc)->host;
}

uint64_t tr_count_here(Vcpu *v)
{
    Translator *t = vcpu_cold(v)->tr;
    HostPoint p;

    t->options.main->locate(t->main, v, host_unit(t, vcpu_cold(v)->host_pc), &p);
    return vcpu_retired(v) - (p.total - p.index);
}

/* The instruction that made them is over: no other takes their values. */
static void forget_accesses(Vcpu *v) { vcpu_cold(v)->replay.made = vcpu_cold(v)->replay.valid = 0; }

/* Raises what fetching or an instruction left in the fault record. */
static void deliver(Translator *t, Vcpu *v)
{
    v->leave = LEAVE_NO;
    forget_accesses(v);
    t->isa->deliver(v);
}

/* Back from inside a unit: state becomes exact at the instruction; what is not retired is given
 * back. Returns: the instruction's index in the unit. */
static unsigned come_out(Translator *t, const HostIsa *isa, Host *host, Vcpu *v, const HostUnit *u)
{
    HostPoint p;

    isa->recover(host, v, u, &p);
    v->budget += p.total - p.index;
    v->pc = p.pc;
    v->mode = p.mode;
    vcpu_cold(v)->host_pc = NULL;
    (void)t;
    return p.index;
}

/* Lifts at most @insns instructions and interprets them once. The block may leave earlier. */
static void interpret(Translator *t, Vcpu *v, unsigned insns)
{
    const HostIsa *isa = t->options.interp;
    HostCode code = t->scratch_code;
    HostUnit u = { .site = t->site };
    HostExit why;
    Formed f;

    if (!tr_form_block(t, v, insns, &f)) {
        deliver(t, v);
        return;
    }
    if (!isa->compile(t->interp, &t->blk, &code, &u)) {
        g_assert_not_reached(); /* the scratch holds the largest block */
    }
    why = isa->enter(t->interp, v, u.code);
    g_assert(why != HOST_BUDGET);
    if (why == HOST_INSIDE) {
        VcpuLeave leave = (VcpuLeave)v->leave;

        come_out(t, isa, t->interp, v, &u);
        g_assert(leave == LEAVE_FAULT);
        deliver(t, v);
    }
    forget_accesses(v);
}

/* Exactly @insns more instructions, fewer if attention or a breakpoint comes up. */
static void interpret_exactly(Translator *t, Vcpu *v, int64_t insns)
{
    uint64_t until = vcpu_retired(v) + (uint64_t)insns;
    uint64_t limit = v->limit;

    t->stats.deadline_insns += (uint64_t)insns;
    while (vcpu_retired(v) < until) {
        uint64_t left = until - vcpu_retired(v);

        interpret(t, v, (unsigned)MIN(left, TR_UNIT_INSNS));
        if (v->attention || v->limit != limit || tr_break_at(t, v->pc)) {
            break;
        }
    }
}

/* The head of a unit of @insns must find that many; more must not be there, for an instruction that
 * repeats itself would use them. Without budget the loop plans anew. */
static void step(Translator *t, Vcpu *v, unsigned insns)
{
    uint64_t limit = v->limit, just = vcpu_retired(v) + insns;
    bool plenty = v->budget > 0;

    t->stats.steps++;
    vcpu_set_limit(v, just);
    interpret(t, v, insns);
    if (plenty && v->limit == just) {
        vcpu_set_limit(v, limit);
    }
}

void tr_step(Translator *t, Vcpu *v) { step(t, v, 1); }

/* Whether the site's own page rule allows a link to @to. */
static bool may_link(const Unit *from, unsigned site, const Unit *to)
{
    const HostSite *s = &from->host.site[site];

    return from->live && to->live && from->link[site].to == NULL && s->va == to->va
           && s->mode == to->mode
           && (s->aux_offset != 0 || (from->pa ^ to->pa) >> PHYS_PAGE_SHIFT == 0);
}

static Pending pending_at(Translator *t, const void *host_pc)
{
    Unit *u = tr_unit_at(t, host_pc);
    uint32_t off = (uint32_t)((const uint8_t *)host_pc - u->host.code);

    for (unsigned i = 0; t->options.host.chain && i < u->host.n_sites; i++) {
        if (u->host.site[i].stub_offset == off) {
            return (Pending){ u, i };
        }
    }
    return (Pending){ NULL, 0 };
}

/* Of the page that @u begins in. */
static uint32_t fetch_entry(const Unit *u)
{
    return VIEW_FETCH_OK | (uint32_t)(u->pa >> PHYS_PAGE_SHIFT);
}

static void link_pending(Translator *t, Pending *p, Unit *to)
{
    if (p->from && may_link(p->from, p->site, to)) {
        unit_link(p->from, p->site, to, t->options.main, t->main, -cache_to_rx(&t->cache),
                  fetch_entry(to));
        t->stats.links++;
    }
    p->from = NULL;
}

static void remember_lookup(const Translator *t, Vcpu *v, const Unit *u)
{
    g_assert(((v->lookup_ctx >> 32 ^ v->mode) & t->isa->lookup_mode) == 0);
    if ((v->mode & ~(uint32_t)(t->isa->lookup_mode | 1)) == 0) {
        vcpu_remember_lookup(v, v->pc | (v->mode & 1), fetch_entry(u), u->host.code);
    }
}

/* A fault point was left: fault, single step, or the rest of an instruction. */
static void come_out_of_unit(Translator *t, Vcpu *v)
{
    VcpuLeave leave = (VcpuLeave)v->leave;
    const HostUnit *u = host_unit(t, vcpu_cold(v)->host_pc);
    unsigned index = come_out(t, t->options.main, t->main, v, u), again = 0;
    VcpuReplay *r = &vcpu_cold(v)->replay;
    Gva pc;

    v->leave = LEAVE_NO;
    if (leave == LEAVE_FAULT) {
        deliver(t, v);
        return;
    }
    r->valid = r->count == vcpu_retired(v) ? r->made : 0;
    if (index > 0 && t->isa->rewind) { /* a unit's first is behind no branch of it */
        again = t->isa->rewind(v);
        v->budget += again;
    }
    pc = v->pc;
    step(t, v, again + 1);
    t->stepped_on = v->pc - pc <= TR_INSN_BYTES_MAX;
}

static bool rings(const Translator *t) { return t->bell && g_atomic_int_get(t->bell) != 0; }

TrExit tr_run(Translator *t, Vcpu *v, bool exact)
{
    Pending pending = { NULL, 0 };
    bool want_lookup = false;

    while (v->budget > 0) {
        uint64_t reclaims = t->reclaims;
        Unit *u;
        HostExit why;

        if (tr_break_at(t, v->pc)) {
            return TR_BREAK;
        }
        u = tr_find_or_make(t, v);
        t->stepped_on = false;
        if (u == NULL) {
            deliver(t, v);
            pending.from = NULL;
            continue;
        }
        if (t->reclaims != reclaims) {
            pending.from = NULL; /* its chunk may be gone */
        }
        link_pending(t, &pending, u);
        if (want_lookup && t->options.host.chain) {
            remember_lookup(t, v, u);
        }
        want_lookup = false;
        t->stats.entries += v->budget >= u->n_insns; /* else its head finds too little */
        tr_window_begin(v);
        why = t->options.main->enter(t->main, v, u->host.code);
        tr_window_end();
        t->stats.exits[why]++;
        switch (why) {
        case HOST_BUDGET:
            tr_note_heat(t, v);
            if (v->budget > 0 && exact) {
                interpret_exactly(t, v, v->budget);
                break;
            }
            return TR_BUDGET;
        case HOST_LINK: pending = pending_at(t, vcpu_cold(v)->host_pc); break;
        case HOST_LOOKUP: want_lookup = true; break;
        case HOST_LEAVE: break;
        case HOST_INSIDE: come_out_of_unit(t, v); break;
        default: g_assert_not_reached();
        }
        vcpu_cold(v)->host_pc = NULL;
        if ((v->attention && why != HOST_LINK && why != HOST_LOOKUP) || rings(t)) {
            return TR_ATTENTION;
        }
    }
    return TR_BUDGET;
}
