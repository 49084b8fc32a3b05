/* SPDX-License-Identifier: MIT */
/* tr.h - the translator: finds, makes, links, runs and drops units. */
#ifndef TRANSLATOR_TR_H
#define TRANSLATOR_TR_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/vcpu.h"
#include "softmmu/mmu.h"
#include "softmmu/phys.h"
#include "translator/ir/isa.h"

#define TR_ERROR (tr_error_quark())
GQuark tr_error_quark(void);

typedef enum TrError {
    TR_ERROR_CACHE, /* no such code cache can be had */
} TrError;

/* Which units access memory in the view's window (softmmu/view.h) instead of by its tables. */
typedef enum TrWindows { TR_WINDOWS_OFF, TR_WINDOWS_HOT, TR_WINDOWS_ALWAYS } TrWindows;

typedef struct TrOptions {
    uint64_t cache_bytes; /* 0: 64 MiB; at least 256 KiB */
    HostOptions host;
    const HostIsa *main;   /* runs units: the JIT, or the interpreter with -accel interp */
    const HostIsa *interp; /* finishes single instructions and exact deadlines */
    bool ledger_units;     /* detail=full */
    TrWindows windows;
} TrOptions;

typedef struct Translator Translator;

/* Why tr_run() came back. */
typedef enum TrExit {
    TR_BUDGET,    /* the budget is 0: a deadline or the end of the slice */
    TR_ATTENTION, /* v->attention wants the loop, or the bell rings */
    TR_BREAK,     /* there is a breakpoint at v->pc: nothing of that instruction is done */
} TrExit;

/* @phys, @log borrowed. Whether units log their execution and callouts (-d exec, callout) is set
 * here, by what @log has on now. Errors: TR_ERROR_CACHE. */
Translator *tr_new(const TrOptions *options, const GuestIsa *isa, Phys *phys, Log *log,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tr_free(Translator *t);

/* Makes @v run on @t: sets VcpuCold.tr, hooks its soft-MMU. */
void tr_attach(Translator *t, Vcpu *v);

/**
 * tr_run - run guest code until the budget is used up or attention is wanted.
 * @exact: stop at exactly budget 0, the last unit's rest in the interpreter; else at a unit's head
 *         near it (the budget may then be left positive, smaller than a unit)
 * State is exact on return. Exceptions are delivered inside.
 * Threads: the vCPU's own.
 */
TrExit tr_run(Translator *t, Vcpu *v, bool exact);

/* Whenever @bell, read atomically, is not 0 tr_run() comes back with TR_ATTENTION as soon as it is
 * out of translated code, but never before it has run something. Borrowed; NULL: nobody rings. */
void tr_set_bell(Translator *t, const int *bell);

/* Runs one instruction in the interpreter, whatever the budget. */
void tr_step(Translator *t, Vcpu *v);

/**
 * tr_set_breakpoints - the @n addresses that tr_run() stops before, instead of those of before.
 * Guest memory is not touched: a unit ends before such an address, and none starts there. Only
 * units that hold a new one are dropped. tr_step() takes no notice of them.
 */
void tr_set_breakpoints(Translator *t, const Gva *va, unsigned n);

/* Drops all units: after -d or trace options changed, or a debugger wrote memory. */
void tr_flush(Translator *t);

typedef struct TrStats {
    uint64_t units, insns, ir_ops; /* translated */
    uint64_t guest_bytes, host_bytes, side_bytes;
    uint64_t translate_ns;
    /* Units dropped: bytes under them changed, another page came behind a straddling one's first,
     * their part of the cache was reused, tr_flush(). */
    uint64_t invalidated_store, invalidated_remap, evicted, flushed;
    uint64_t lookups, lookup_hits; /* in the unit hash, from C */
    uint64_t links, links_undone;
    uint64_t exits[5];              /* by HostExit */
    uint64_t steps, deadline_insns; /* interpreted singly, and at exact deadlines */
    uint64_t hot, diverted; /* units made for the window; accesses of theirs taken out of it */
    uint64_t live_units, cache_used, cache_bytes;
    /* With HostOptions.count_units: units executed; those of them entered from C. */
    uint64_t executions, entries;
} TrStats;
void tr_stats(const Translator *t, TrStats *out);

#endif
