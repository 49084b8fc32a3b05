/* SPDX-License-Identifier: MIT */
/* window.c - see window.h. */
#define _GNU_SOURCE /* REG_RIP, REG_ERR */
#include "translator/window.h"

#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "softmmu/phys.h"
#include "translator/run_priv.h"

enum {
    HEAT_HOT = 8,
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
    switch (mmu_window_fault(vcpu_cold(v)->mmu, address, write)) {
    case WINDOW_RETRY: return true;
    case WINDOW_TABLES: break;
    case WINDOW_NEVER:
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

void tr_note_heat(Translator *t, Vcpu *v)
{
    uint32_t fetch;
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
    if (!u || u->hot || u->guard_pa != UNIT_NO_PAGE || ++u->heat < HEAT_HOT) {
        return;
    }
    install();
    tr_make_hot(t, v, u);
}
