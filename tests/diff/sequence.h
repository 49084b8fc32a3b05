/* SPDX-License-Identifier: MIT */
/* sequence.h - random programs in units against single steps; what each guest gives for it. */
#ifndef TESTS_DIFF_SEQUENCE_H
#define TESTS_DIFF_SEQUENCE_H

#include "softmmu/phys.h"
#include "tests/diff/chance.h"
#include "tests/diff/diff.h"
#include "translator/ir/isa.h"

/* Each case is run in single steps of the interpreter, which evaluates the definitions of the IR,
 * and in units of every host. What the guest can see must be equal to the byte after a drawn count
 * of instructions: registers by the rows of its state, and memory. */

/* What a guest's case begins with. It is copied whole: no pointers to what changes. */
typedef struct SeqCase {
    unsigned n;     /* pieces of code, which are reported and made to do nothing one by one */
    unsigned insns; /* to be run */
} SeqCase;

/* A processor with memory; @rig is the guest's. */
typedef struct SeqRig {
    void *rig;
    Vcpu *v;
    Phys *phys;
} SeqRig;

typedef enum SeqWay { SEQ_STEPS, SEQ_UNITS, SEQ_X64, SEQ_N_WAYS } SeqWay;

/* Memory that is compared. */
typedef struct SeqMemory {
    const char *name; /* NULL: none */
    uint32_t pa, bytes;
    bool taken_back; /* with an instruction that is drawn again: stores go there */
} SeqMemory;

struct SeqGuest;

typedef struct SeqRunner {
    const struct SeqGuest *guest;
    void *own; /* the guest's: what is the same in all cases */
    GRand *rand;
    SeqRig rig[SEQ_N_WAYS];
    GByteArray *state[SEQ_N_WAYS], *before;
    SeqCase *drawn, *less, *undone;
    GString *why;          /* lines of differences */
    uint64_t insns, cases; /* drawn; insns: pieces of code */
} SeqRunner;

/* What came of an instruction that was drawn and run. */
typedef enum SeqGrown {
    SEQ_GROWN, /* the case goes on behind it */
    SEQ_LAST,  /* the case ends with it */
    SEQ_AGAIN, /* it is taken back, another is to be drawn */
    SEQ_FULL,  /* nothing was drawn: there is no room */
} SeqGrown;

/* All draw from SeqRunner.rand only. */
typedef struct SeqGuest {
    const GuestIsa *isa;
    size_t case_bytes;
    SeqMemory memory[2];
    unsigned tries;           /* instructions drawn for a case at the most */
    unsigned differences_max; /* reports after which a run ends */

    SeqRig (*open)(const SeqRunner *u, const HostIsa *host);
    void (*close)(SeqRig rig);
    /* Fills @own, once the rigs are there. */
    void (*fill)(SeqRunner *u);

    /* Draws the state @c, all zeroes, begins in; returns how many instructions it is to have. */
    unsigned (*start)(SeqRunner *u, SeqCase *c);
    /* Everything in @rig as @c wants it, with what there is of its code. */
    void (*begin)(const SeqRunner *u, const SeqCase *c, SeqRig rig);
    /* Exactly @insns instructions, exceptions counted as one each. */
    void (*run)(SeqRig rig, uint64_t insns);
    /* Appends an instruction to @c, with what it needs before it, and runs that in steps. */
    SeqGrown (*grow)(SeqRunner *u, SeqCase *c);
    /* Appends what makes a loop of @c; draws SeqCase.insns. */
    void (*end)(SeqRunner *u, SeqCase *c);

    /* Makes piece @i of @c do nothing, or little. */
    void (*blank)(SeqCase *c, unsigned i);
    /* Prints @c, behind its number on the same line. */
    void (*report)(const SeqRunner *u, const SeqCase *c);
} SeqGuest;

/**
 * seq_run - draws and compares cases until they have @count pieces of code.
 * @title: what the line of figures at the end begins with
 * @own:   for SeqRunner.own; borrowed
 * Returns: differences, each printed.
 */
unsigned seq_run(const SeqGuest *guest, const char *title, void *own, const DiffOptions *options,
                 uint64_t count);

#endif
