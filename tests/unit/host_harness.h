/* SPDX-License-Identifier: MIT */
/* host_harness.h - a made-up guest for tests of the IR and of every backend. */
#ifndef TESTS_UNIT_HOST_HARNESS_H
#define TESTS_UNIT_HOST_HARNESS_H

#include "base/vcpu.h"
#include "softmmu/mmu.h"
#include "translator/cache.h"
#include "translator/ir/ir.h"
#include "translator/ir/isa.h"

/* The made-up guest's state. */
typedef struct HarnessCpu {
    Vcpu v;
    uint32_t r[8];
    uint32_t flags;
    uint32_t state; /* not a global */
    uint32_t u[4];
    uint64_t d[2];
    uint8_t bytes[64];  /* for gld and gst of every width */
    uint64_t vec[5][2]; /* GuestIsa.vecs */
} HarnessCpu;

/* G_R0 to G_R7 are pinned in this order, the others are not. G_U0 to G_U3 are words as they are. */
/* clang-format off */
enum {
    G_R0, G_R1, G_R2, G_R3, G_R4, G_R5, G_R6, G_R7, G_FLAGS, G_D0, G_D1,
    G_U0, G_U1, G_U2, G_U3, HARNESS_N_GLOBALS
};
/* clang-format on */

enum {
    H_PURE,    /* a + 2 * b + 3 * c */
    H_STATE,   /* state = a; the old one; vec[1] is exchanged with vec[2] */
    H_GLOBALS, /* r[7] += a, then r[7] */
    H_FAULTS,  /* raises fault kind a unless a is 0; else b */
    H_MOVES,   /* pc = a, mode = b */
    H_CALLOUT, /* a callout that gives now_count */
    H_LEAVE,   /* leave = a, nothing else */
    HARNESS_N_HELPERS
};

extern const GuestIsa harness_isa;

/* A vCPU of the made-up guest, zeroed, with budget 1000. */
HarnessCpu *harness_cpu_new(void);
void harness_cpu_free(HarnessCpu *cpu);

/*
 * A vCPU with memory, and one host to run hand-made blocks on. Virtual memory, mapped by pages of
 * 4 KiB and walked on first use:
 *
 *   HARNESS_RAM     1 MiB of RAM, at the same physical address, readable, writable, executable
 *   HARNESS_ALIAS   the first 64 KiB of it again
 *   HARNESS_RO      the first page of it, read-only
 *   HARNESS_DEV     a page of device; an access counts, and sets attention to dev_attention
 *
 * Anything else raises fault kind HARNESS_UNMAPPED; a misaligned access HARNESS_MISALIGNED.
 */
enum {
    HARNESS_RAM = 0x100000,
    HARNESS_RAM_BYTES = 1 << 20,
    HARNESS_ALIAS = 0x400000,
    HARNESS_ALIAS_BYTES = 64 << 10,
    HARNESS_RO = 0x500000,
    HARNESS_DEV = 0x600000,
    HARNESS_UNITS_MAX = 16,
};

enum { HARNESS_UNMAPPED = 4, HARNESS_MISALIGNED = 5, HARNESS_BUS_ERROR = 6, HARNESS_FP_TRAP = 7 };

typedef struct Harness {
    HarnessCpu *cpu;
    Vcpu *v; /* its */
    VcpuCold *cold;
    Phys *phys;
    Mmu *mmu;
    Log log;
    uint8_t *ram;                                         /* host address of HARNESS_RAM */
    uint64_t dev_reads, dev_writes, dev_value, dev_count; /* dev_count: now_count at the last one */
    uint32_t dev_attention;
    const HostIsa *isa;
    Host *host;
    Cache cache;
    IrBlock blk; /* to build blocks in */
    unsigned n_units;
    HostUnit unit[HARNESS_UNITS_MAX];
    HostSite site[HARNESS_UNITS_MAX][HOST_SITES_MAX];
} Harness;

/* @options may be NULL: all off but chain. */
Harness *harness_new(const HostIsa *isa, const HostOptions *options);
void harness_free(Harness *h);

/* Empties h->blk for a unit at @pc and begins its first instruction. */
IrBlock *harness_begin(Harness *h, Gva pc, uint32_t mode);

/* Verifies and compiles h->blk. */
HostUnit *harness_compile(Harness *h);

/* Links site @i of @from to @to. */
void harness_link(Harness *h, const HostUnit *from, unsigned i, const HostUnit *to);
void harness_unlink(Harness *h, const HostUnit *from, unsigned i);

/* Enters @u in the inline lookup hash, for its pc and mode. */
void harness_remember(Harness *h, const HostUnit *u, Gva pc, uint32_t mode);

/* Runs from @u's head with @budget instructions left. HOST_INSIDE: also recovers, with @point (may
 * be NULL) set and the budget still as the unit left it. */
HostExit harness_enter(Harness *h, const HostUnit *u, int64_t budget, HostPoint *point);

/* r[reg] += by, in the block that is being built */
void harness_increment(Harness *h, unsigned reg, uint32_t by);

/* Three instructions: r0 += 1; leave for @pc + 0x200 if r0 == r1; r2 += 1, then on to @next. */
HostUnit *harness_three(Harness *h, Gva pc, Gva next);

/* What a run came to: @got is @want, the guest is at @pc, @budget is left and nothing to leave. */
void harness_expect_at(const Harness *h, const char *why, HostExit got, HostExit want, Gva pc,
                       int64_t budget);

void harness_expect_verified(const IrBlock *blk);
void harness_expect_text(const IrBlock *blk, const char *want);

#endif
