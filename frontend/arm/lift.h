/* SPDX-License-Identifier: MIT */
/* lift.h - what the ARM lifters share; private to frontend/arm. */
#ifndef FRONTEND_ARM_LIFT_H
#define FRONTEND_ARM_LIFT_H

#include "frontend/arm/arm.h"

typedef struct ArmInsn ArmInsn;

enum { ARM_FIELDS = 26 }; /* 'a' to 'z' */

/* One instruction being lifted. A lifter may depend on nothing else. */
typedef struct ArmLift {
    IrBlock *blk;
    const ArmInsn *row;
    uint32_t
        word; /* A32 word; T32: first halfword in the upper half if 32 bits, else just 16 bits */
    Gva pc;   /* of the instruction */
    Gva next; /* of the one behind it */
    uint32_t mode;              /* mode word of this instruction, with its own IT state */
    uint32_t next_mode;         /* of the one behind it: IT advanced */
    unsigned cond;              /* 0 to 14; 14 always */
    bool in_it;                 /* T32 inside an IT block: most 16-bit forms then set no flags */
    bool ended;                 /* the lifter emitted an EXIT on every path */
    bool in_skip;               /* a skip/label region is open for the condition */
    IrRef when;                 /* arm_when(): the condition of a ROW_SELECT row, once asked for */
    uint32_t field[ARM_FIELDS]; /* the fields of the row's pattern, by letter: arm_field() */
} ArmLift;

enum { ROW_SEGMENTS = 12, ROW_EXCEPTIONS = 8 };

/* A run of bits of one field. */
typedef struct ArmSegment {
    uint8_t field, lo, n; /* field: letter less 'a' */
} ArmSegment;

/* Words with (word & mask) == match are not the row's after all. */
typedef struct ArmException {
    uint32_t mask, match;
} ArmException;

/* One decoder row; arm.def (A32) and thumb.def (T32) say what the columns mean. */
struct ArmInsn {
    InsnInfo info;
    const char *bits;
    void (*lift)(ArmLift *l);
    uint32_t flags;       /* ROW_*, ARG() */
    uint32_t mask, match; /* matches when (word & mask) == match, but for the exceptions */
    uint16_t ledger;      /* index of the row: arm_isa.insn(i) */
    uint8_t thumb;        /* 0 A32, 2 or 4: T32 of that many bytes */
    uint8_t n_segments, n_exceptions;
    ArmSegment segment[ROW_SEGMENTS];
    ArmException except[ROW_EXCEPTIONS];
    uint32_t preset[ARM_FIELDS]; /* fields that the encoding implies */
};

enum {
    ROW_NO_COND = 1 << 0, /* unconditional space, or the condition is part of the encoding */
    ROW_SELECT = 1 << 1,  /* the lifter does its condition by select; else it gets a skip region */
    ROW_ENDS = 1 << 2,    /* ends the unit */
    ROW_IT_S = 1 << 3,    /* T32: field s is "not inside an IT block" */
    ROW_ARG_SHIFT = 8,
};

/* In the flags column: which of the operations that share a lifter. */
#define ARG(x) ((uint32_t)(x) << ROW_ARG_SHIFT)
static inline uint32_t arm_arg(const ArmLift *l) { return l->row->flags >> ROW_ARG_SHIFT; }

/* Field @letter of the row's pattern, its bits gathered from left to right; 0 if it has none. */
static inline uint32_t arm_field(const ArmLift *l, char letter) { return l->field[letter - 'a']; }

/* Field of the word: @n bits from bit @lo. */
static inline uint32_t arm_bits(const ArmLift *l, unsigned lo, unsigned n)
{
    return l->word >> lo & ((1u << n) - 1);
}
static inline uint32_t arm_bit(const ArmLift *l, unsigned i) { return l->word >> i & 1; }

/* Registers. Reading 15 gives pc + 8 or + 4, as a constant; writing 15 is arm_write_pc_*(). */
IrRef arm_get(ArmLift *l, unsigned r);
void arm_set(ArmLift *l, unsigned r, IrRef v);

/* Writes global @g. In a ROW_SELECT row this and arm_set() are the conditional write. */
void arm_set_global(ArmLift *l, unsigned g, IrRef v);

/* What l->cond asks, as an I1; not for 14. arm_cond_not(): the opposite. */
IrRef arm_cond(ArmLift *l);
IrRef arm_cond_not(ArmLift *l);

/* The condition a ROW_SELECT row must obey, asked for once, before flags are written; IR_NONE if it
 * is executed in any case or in a region already. */
IrRef arm_when(ArmLift *l);

/* Makes l->cond hold for what is lifted next, as the row's flags say; false: it never does, there
 * is nothing to lift. A condition over flags that are constant here is settled now. */
bool arm_begin_condition(ArmLift *l);

/* Opens the region that runs only if the condition holds, unless it is open or there is none. */
void arm_region(ArmLift *l);

/* CPSR.C as I1 (the complement of what G_FLAGS holds). */
IrRef arm_carry(ArmLift *l);

/* Ends the unit at an address: BXWritePC (bit 0 chooses T32), BranchWritePC, ALUWritePC,
 * LoadWritePC
 * of A2.3.1; and the constant branch. */
void arm_bx_write_pc(ArmLift *l, IrRef target);
void arm_branch_write_pc(ArmLift *l, IrRef target);
void arm_alu_write_pc(ArmLift *l, IrRef target);
void arm_load_write_pc(ArmLift *l, IrRef target);
void arm_branch_to(ArmLift *l, Gva target, bool thumb);

/* UNDEFINED here: raises Undefined Instruction. */
void arm_undefined(ArmLift *l);

/* Calls helper @h; for HELPER_CALLOUT rows counts the ledger. */
IrRef arm_call(ArmLift *l, IrType t, unsigned h, IrRef a, IrRef b, IrRef c);

/* Ends the unit behind this instruction: plain; after something that may have changed what is
 * pending; after a helper that moved pc, mode or view itself. */
void arm_end(ArmLift *l);
void arm_end_check(ArmLift *l);
void arm_end_dispatch(ArmLift *l);

/* The memop of an access of log2 size @size under this mode word: byte order, SCTLR.A; @aligned:
 * the
 * alignment is demanded whatever SCTLR.A says. */
uint64_t arm_memop(const ArmLift *l, unsigned size, bool aligned);

/* The decoder. A32 words; T32: the first halfword in the upper half if arm_thumb_is_32bit() of it,
 * else the word is just 16 bits. NULL: no instruction. */
const ArmInsn *arm_decode(uint32_t word, bool thumb);
static inline bool arm_thumb_is_32bit(uint16_t first) { return first >= 0xe800; }
/* Whether @row covers @word. */
bool arm_row_matches(const ArmInsn *row, uint32_t word);
/* All rows, in the order of their ledger numbers. */
const ArmInsn *arm_rows(unsigned *n);

/* The lifters of the rows; helpers, in the order of arm_helpers.def. */
/* clang-format off */
enum {
#define ARM(name, encoding, bits, lifter, sens, how, flags, spec) +1
#define THUMB(name, encoding, bits, lifter, sens, how, flags, spec) +1
#define VFP(name, number, bits, lifter, sens, how, flags, spec) +2
#define SIMD(name, number, bits, lifter, flags, spec) +2
    ARM_N_ROWS = 0
#include "frontend/arm/arm.def"
#include "frontend/arm/thumb.def"
#include "frontend/arm/arm_vfp.def"
#include "frontend/arm/arm_simd.def"
};
#define ARM(name, encoding, bits, lifter, sens, how, flags, spec) void lifter(ArmLift *l);
#include "frontend/arm/arm.def"
#define THUMB(name, encoding, bits, lifter, sens, how, flags, spec) void lifter(ArmLift *l);
#include "frontend/arm/thumb.def"
#define VFP(name, number, bits, lifter, sens, how, flags, spec) void lifter(ArmLift *l);
#include "frontend/arm/arm_vfp.def"
#define SIMD(name, number, bits, lifter, flags, spec) void lifter(ArmLift *l);
#include "frontend/arm/arm_simd.def"

typedef enum ArmHelper {
#define ARM_HELPER(name, effects) ARM_H_##name,
#include "frontend/arm/arm_helpers.def"
    ARM_N_HELPERS
} ArmHelper;
#define ARM_HELPER(name, effects) \
    uint64_t arm_help_##name(Vcpu *v, uint64_t a, uint64_t b, uint64_t c);
#include "frontend/arm/arm_helpers.def"
/* clang-format on */

#endif
