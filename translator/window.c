/* SPDX-License-Identifier: MIT */
/* window.c - see window.h. */
#define _GNU_SOURCE /* REG_RIP, REG_ERR */
#include "translator/window.h"

#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "softmmu/phys.h"
#include "translator/run_priv.h"

/* A unit is hot if the budget runs out HEAT_HOT times at its head while it does at most HEAT_SPAN
 * times in all: what takes less of the time gains less than showing pages and hiding them costs. It
 * may then have so many pages shown as is its share of the time, HEAT_FAULTS if it has all of it.
 * Where pages do not stay, as in a kernel that makes processes, that is soon used up. */
enum {
    HEAT_HOT = 8,
    HEAT_SPAN = 256,
    HEAT_FAULTS = 8192,
    PAGE_FAULT_WRITE = 1 << 1 /* of the host's error code: Intel SDM Vol. 3A 4.7 */
};

/* A signal handler has no other way to know whose code runs on this thread. */
static _Thread_local Vcpu *running;
/* Who had the signal before us: told of faults that are not ours. Set once. */
static struct sigaction before;

void tr_window_begin(Vcpu *v) { running = v; }

void tr_window_end(void) { running = NULL; }

/* ---- host faults ---- */

/* True if the fault is seen to, @pc changed if it goes on elsewhere. */
static bool see_to(Vcpu *v, const void *address, bool write, greg_t *pc)
{
    Translator *t = vcpu_cold(v)->tr;
    const void *from = (const void *)*pc, *elsewhere;
    Unit *u;

    if (!cache_chunk_of(&t->cache, from)) {
        return false;
    }
    u = tr_unit_at(t, from);
    elsewhere = t->options.main->elsewhere(t->main, &u->host, from);
    if (!elsewhere) {
        return false;
    }
    switch (mmu_window_fault(vcpu_cold(v)->mmu, address, write, u->heat.faults < u->heat.paid)) {
    case WINDOW_RETRY: u->heat.faults++; return true;
    case WINDOW_TABLES: u->heat.faults++; break;
    case WINDOW_NEVER:
        u->heat.diverted |= u->heat.faults >= u->heat.paid;
        t->options.main->divert(t->main, &u->host, -cache_to_rx(&t->cache), from);
        t->stats.diverted++;
        break;
    default: return false;
    }
    *pc = (greg_t)elsewhere;
    return true;
}

static void pass_on(int number, siginfo_t *info, void *context)
{
    const struct sigaction *old = &before;

    if ((old->sa_flags & SA_SIGINFO) != 0) {
        old->sa_sigaction(number, info, context);
    } else if (old->sa_handler == SIG_DFL || old->sa_handler == SIG_IGN) {
        signal(number, SIG_DFL); /* the instruction is tried again, and ends the process */
    } else {
        old->sa_handler(number);
    }
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    bool write = (c->uc_mcontext.gregs[REG_ERR] & PAGE_FAULT_WRITE) != 0;

    if (!running || !see_to(running, info->si_addr, write, &c->uc_mcontext.gregs[REG_RIP])) {
        pass_on(number, info, context);
    }
}

/* Late, so that whoever wants to be told of real faults has said so already. */
static void install(void)
{
    static gsize done;

    if (g_once_init_enter(&done)) {
        struct sigaction mine = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

        sigemptyset(&mine.sa_mask);
        sigaction(SIGSEGV, &mine, &before);
        g_once_init_leave(&done, 1);
    }
}

/* ---- heat ---- */

static bool possible(const Translator *t, Vcpu *v)
{
    return t->options.windows != TR_WINDOWS_OFF && t->options.main->elsewhere
           && mmu_has_windows(vcpu_cold(v)->mmu);
}

bool tr_wants_window(const Translator *t, Vcpu *v)
{
    if (t->options.windows != TR_WINDOWS_ALWAYS || !possible(t, v)) {
        return false;
    }
    install();
    return true;
}

/* One time more. Returns: how many faults it has earned if it is hot now, else 0. */
static uint32_t warm(const Translator *t, Unit *u)
{
    uint32_t now = (uint32_t)t->stats.exits[HOST_BUDGET];
    UnitHeat *h = &u->heat;

    if (h->count == 0 || now - h->since >= HEAT_SPAN) {
        h->count = 0;
        h->since = now;
    }
    h->total++;
    return ++h->count < HEAT_HOT ? 0 : HEAT_FAULTS * HEAT_HOT / (now - h->since + 1);
}

/* Whether making @u hot is not worth it, or has been done and turned out well or too dear. */
static bool stays(const Unit *u)
{
    return u->bulk || u->guard_pa != UNIT_NO_PAGE
           || (u->hot && (!u->heat.diverted || u->heat.total < u->heat.faults));
}

void tr_note_heat(Translator *t, Vcpu *v)
{
    uint32_t fetch, earned;
    Unit *u;

    if (!possible(t, v)) {
        return;
    }
    /* Only what is in the view already: no fill may depend on what is hot. */
    fetch = ((const uint32_t *)(const void *)(v->view + VIEW_FETCH))[v->pc >> VIEW_PAGE_SHIFT];
    if (fetch == 0) {
        return;
    }
    u = unit_find(&t->table,
                  (Gpa)(fetch & ~VIEW_FETCH_OK) << PHYS_PAGE_SHIFT | (v->pc & (PHYS_PAGE - 1)),
                  v->pc, v->mode);
    earned = u ? warm(t, u) : 0;
    if (earned == 0 || stays(u)) {
        return;
    }
    install();
    u = tr_make_hot(t, v, u);
    if (u) {
        u->heat.paid = earned;
    }
}
