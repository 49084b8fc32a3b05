/* SPDX-License-Identifier: MIT */
/* tr_priv.h - the translator's own struct, shared by its files. */
#ifndef TRANSLATOR_TR_PRIV_H
#define TRANSLATOR_TR_PRIV_H

#include "translator/cache.h"
#include "translator/tr.h"
#include "translator/unit.h"

enum {
    TR_UNIT_INSNS = 128,          /* a unit's size limit */
    TR_UNIT_INSNS_BEHIND = 8,     /* of one made where a step led: it may end at a step likewise */
    TR_INSN_BYTES_MAX = 16,       /* of the longest instruction there is, and more */
    TR_SCRATCH_BYTES = 256 << 10, /* for units that run once, in the interpreter */
    TR_VCPUS_MAX = 8,
};

struct Translator {
    TrOptions options;
    const GuestIsa *isa;
    Phys *phys; /* borrowed, as log */
    Log *log;
    Host *main, *interp; /* instances of options.main, options.interp */
    Cache cache;
    uint8_t *scratch;      /* of the interpreter: stubs and one unit */
    HostCode scratch_code; /* behind its stubs */
    Vcpu *vcpu[TR_VCPUS_MAX];
    unsigned n_vcpus;
    bool stepped_on;   /* the unit to be found is behind an instruction that was stepped */
    uint64_t reclaims; /* chunks emptied for reuse: units of before may be gone */
    TrStats stats;
    HostSite site[HOST_SITES_MAX]; /* compile()'s output */
    IrBlock blk;                   /* the block being made */
    const int *bell;               /* see tr_set_bell(); may be NULL */
    GHashTable *breakpoints;       /* set of GUINT_TO_POINTER(va); NULL: none */
    UnitTable table;
};

/* Whether tr_run() must stop before the instruction at @va. Cost without any: a test. */
static inline bool tr_break_at(const Translator *t, Gva va)
{
    return t->breakpoints && g_hash_table_contains(t->breakpoints, GUINT_TO_POINTER(va));
}

/* What form_block() found out about the bytes it used. */
typedef struct Formed {
    Gpa pa;              /* of the first byte */
    Gpa guard_pa;        /* page of the bytes on the next page, or UNIT_NO_PAGE */
    uint32_t bytes;      /* on the first page */
    uint32_t bytes_next; /* on the next one */
} Formed;

/**
 * form_block - lift a unit of at most @insns instructions at v->pc, v->mode into t->blk.
 * Returns: false with leave = LEAVE_FAULT if the first instruction cannot be fetched.
 */
bool tr_form_block(Translator *t, Vcpu *v, unsigned insns, Formed *f) G_GNUC_WARN_UNUSED_RESULT;

/* Logs the block just formed, and the code made of it, as -d in_asm, ir, out_asm ask. */
void tr_show_block(const Translator *t, const uint8_t *bytes, const Formed *f);
void tr_show_code(const Translator *t, const HostUnit *u);

/* HostOptions.trace and callout, for -d exec and -d callout. */
void tr_show_exec(Vcpu *v, Gva pc, uint32_t mode);
void tr_show_callout(Vcpu *v, Gva pc, uint32_t helper);

#endif
