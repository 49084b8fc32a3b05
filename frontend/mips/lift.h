/* SPDX-License-Identifier: MIT */
/* lift.h - what the MIPS lifters share; private to frontend/mips. */
#ifndef FRONTEND_MIPS_LIFT_H
#define FRONTEND_MIPS_LIFT_H

#include "frontend/mips/mips.h"

typedef struct MipsInsn MipsInsn;

enum { MIPS_FIELDS = 26 }; /* 'a' to 'z' */

/* Which words a row is for; insns_all.def. */
typedef enum MipsEncoding { ENC_M32, ENC_M16, ENC_M16X, ENC_MM16, ENC_MM32, N_ENC } MipsEncoding;

/* One instruction being lifted. A lifter may depend on nothing else. */
typedef struct MipsLift {
    IrBlock *blk;
    const MipsInsn *row;
    uint32_t word; /* most significant first in the manual's figures; 16-bit forms: just those */
    uint32_t features;           /* of the model */
    Gva pc;                      /* of the instruction */
    Gva next;                    /* of the one behind it */
    uint32_t mode;               /* mode word of this instruction, its own SLOT bits included */
    uint32_t next_mode;          /* of the one behind it: without SLOT bits */
    bool inlined;                /* in a delay slot behind its branch in the same unit */
    bool ended;                  /* the lifter emitted an EXIT on every path */
    IsaLift *in;                 /* bytes and room; branches look at what follows */
    uint32_t field[MIPS_FIELDS]; /* the fields of the row's pattern, by letter: mips_field() */
} MipsLift;

enum { ROW_SEGMENTS = 12, ROW_EXCEPTIONS = 10 };

/* A run of bits of one field. */
typedef struct MipsSegment {
    uint8_t field, lo, n; /* field: letter less 'a' */
} MipsSegment;

/* Words with (word & mask) == match are not the row's after all. */
typedef struct MipsException {
    uint32_t mask, match;
} MipsException;

/* One decoder row; insns_all.def says what the columns mean. */
struct MipsInsn {
    InsnInfo info;
    const char *bits;
    void (*lift)(MipsLift *l);
    uint32_t flags;       /* ROW_*, ARG() */
    uint32_t features;    /* that the model must have, all of them */
    uint32_t mask, match; /* matches when (word & mask) == match, but for the exceptions */
    uint16_t ledger;      /* index of the row: mips_isa.insn(i) */
    uint8_t enc;          /* MipsEncoding */
    uint8_t n_segments, n_exceptions;
    MipsSegment segment[ROW_SEGMENTS];
    MipsException except[ROW_EXCEPTIONS];
    uint32_t preset[MIPS_FIELDS]; /* fields that the encoding implies */
};

enum {
    ROW_ENDS = 1 << 0,   /* ends the unit: what follows may be pending or be read otherwise */
    ROW_BRANCH = 1 << 1, /* a branch or jump; in a delay slot it is UNPREDICTABLE: RI */
    ROW_ALONE = 1 << 2,  /* in a delay slot not to be put behind its branch; ROW_ENDS implies it */
    ROW_PART = 1 << 3,   /* accesses part of an aligned word: see mips_accesses_part() */
    ROW_ARG_SHIFT = 8,
};

/* In the flags column: which of the operations that share a lifter. */
#define ARG(x) ((uint32_t)(x) << ROW_ARG_SHIFT)
static inline uint32_t mips_arg(const MipsLift *l) { return l->row->flags >> ROW_ARG_SHIFT; }

/* Field @letter of the row's pattern, its bits gathered from left to right; 0 if it has none. */
static inline uint32_t mips_field(const MipsLift *l, char letter) { return l->field[letter - 'a']; }

/* Whether the unit goes on in a slot reached on its own: then it ends with a jump to btarget. */
static inline bool mips_slot_alone(const MipsLift *l)
{
    return (l->mode & (MIPS_MODE_SLOT | MIPS_MODE_SLOT_ON)) == MIPS_MODE_SLOT && !l->inlined;
}

static inline IrRef mips_const(MipsLift *l, uint32_t value)
{
    return ir_const(l->blk, T_I32, value);
}

/* General registers; 0 reads as 0 and a write of it is dropped. By number, and by field. */
IrRef mips_get(MipsLift *l, unsigned r);
void mips_set(MipsLift *l, unsigned r, IrRef v);
static inline IrRef mips_get_field(MipsLift *l, char f) { return mips_get(l, mips_field(l, f)); }
static inline void mips_set_field(MipsLift *l, char f, IrRef v)
{
    mips_set(l, mips_field(l, f), v);
}

/* HI and LO of accumulator @ac, 0 to 3. */
IrRef mips_get_lo(MipsLift *l, unsigned ac);
IrRef mips_get_hi(MipsLift *l, unsigned ac);
void mips_set_lo(MipsLift *l, unsigned ac, IrRef v);
void mips_set_hi(MipsLift *l, unsigned ac, IrRef v);

/* HI:LO as an I64; and set from one. */
IrRef mips_get_acc(MipsLift *l, unsigned ac);
void mips_set_acc(MipsLift *l, unsigned ac, IrRef v);

/* The low and high word of an I64; an I32 made wide. */
IrRef mips_low(MipsLift *l, IrRef v);
IrRef mips_high(MipsLift *l, IrRef v);
IrRef mips_wide(MipsLift *l, IrRef v, bool sign);

/* Field i of 16 bits, sign-extended. */
uint32_t mips_simm(const MipsLift *l);

/* Register of field s plus mips_simm(): where loads and stores go. */
IrRef mips_address(MipsLift *l);

/* Before an access of @bytes at @va is made, and anything written: what watch registers say. */
void mips_watch_access(MipsLift *l, IrRef va, uint32_t bytes, bool write);

/* The memop of a naturally aligned access of log2 size @size here: byte order, alignment rule. */
uint64_t mips_memop(const MipsLift *l, unsigned size);

/* Raises exception @kind with @syndrome, and ends the block (or the region: see ir_skip()). */
void mips_raise_here(MipsLift *l, uint32_t kind, uint32_t syndrome);
/* The same if @cond, and the unit goes on if not. */
void mips_raise_if(MipsLift *l, IrRef cond, uint32_t kind);

/* Reserved Instruction: no such encoding, or not on this model. */
void mips_reserved(MipsLift *l);

/* Coprocessor 0 is usable here; else raises Coprocessor Unusable and gives false. */
bool mips_cp0_usable(MipsLift *l);

/* Calls helper @h; for HELPER_CALLOUT rows counts the ledger. */
IrRef mips_call(MipsLift *l, IrType t, unsigned h, IrRef a, IrRef b, IrRef c);

/* Counts an execution of the row, for sensitive rows that call no helper. */
void mips_count(MipsLift *l);

/* pc and mode word of what follows this instruction, as ir_pc() has them, an I64: constant but in a
 * slot reached on its own. */
IrRef mips_after(MipsLift *l);

/* Ends the unit behind this instruction: plain; after something that may have changed what is
 * pending; after a helper that moved pc, mode or view itself. */
void mips_end(MipsLift *l);
void mips_end_check(MipsLift *l);
void mips_end_dispatch(MipsLift *l);

/* What a branch or jump does. Condition and target are of before its delay slot. */
typedef struct MipsBranch {
    IrOp cc; /* IR_eq, IR_ne, IR_lts, IR_les over x and y; IR_const: always */
    IrRef x, y;
    IrRef to;     /* target with the ISA mode in bit 0; IR_NONE: constant */
    Gva va;       /* constant target */
    uint32_t isa; /* its ISA mode, 0 or 1 */
    bool likely;  /* the slot is executed only if it is taken */
    bool compact; /* there is no slot */
    uint8_t slot; /* bytes its slot's instruction must have; 0: any, or MIPS32's */
} MipsBranch;

/**
 * mips_branch - branch as @b says, with the delay slot's instruction.
 *
 * Lifts the slot's instruction behind the branch, if it is at hand and needs no unit of its own;
 * else the unit ends before it, in MIPS_MODE_SLOT. Whatever the branch writes (its link register)
 * has been written. In a slot itself it is UNPREDICTABLE: the rows have ROW_BRANCH, which raises
 * RI.
 */
void mips_branch(MipsLift *l, MipsBranch b);

/* Link register @r = address behind the slot, which has @slot_bytes; bit 0 is the ISA mode. */
void mips_link(MipsLift *l, unsigned r, unsigned slot_bytes);

/* The decoder. NULL: no instruction. @word as MipsLift has it. */
const MipsInsn *mips_decode(MipsEncoding enc, uint32_t word);
/* Whether @row covers @word. */
bool mips_row_matches(const MipsInsn *row, uint32_t word);
/* All rows, in the order of their ledger numbers. */
const MipsInsn *mips_rows(unsigned *n);

/* The lifters of the rows; helpers, in the order of helpers_all.def. */
/* clang-format off */
enum {
#define MIPS(name, enc, bits, lifter, sens, how, flags, feature, spec) +1
    MIPS_N_ROWS = 0
#include "frontend/mips/insns_all.def"
};
#define MIPS(name, enc, bits, lifter, sens, how, flags, feature, spec) void lifter(MipsLift *l);
#include "frontend/mips/insns_all.def"

typedef enum MipsHelper {
#define MIPS_HELPER(name, effects) MIPS_H_##name,
#include "frontend/mips/helpers_all.def"
    MIPS_N_HELPERS
} MipsHelper;
#define MIPS_HELPER(name, effects) \
    uint64_t mips_help_##name(Vcpu *v, uint64_t a, uint64_t b, uint64_t c);
#include "frontend/mips/helpers_all.def"
/* clang-format on */

#endif
