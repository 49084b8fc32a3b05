/* SPDX-License-Identifier: MIT */
/* ir.h - blocks of typed single-assignment operations, and how to build them. */
#ifndef TRANSLATOR_IR_IR_H
#define TRANSLATOR_IR_IR_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/memop.h"

#define IR_ERROR (ir_error_quark())
GQuark ir_error_quark(void);

typedef enum IrError {
    IR_ERROR_INVALID, /* a block breaks a rule of the IR */
} IrError;

/* clang-format off */
typedef enum IrOp {
#define IR_LEAF(name, dst, value)                            IR_##name,
#define IR_UN(name, dst, a, value)                           IR_##name,
#define IR_UNI(name, dst, a, value)                          IR_##name,
#define IR_BIN(name, dst, a, b, value)                       IR_##name,
#define IR_TRI(name, dst, a, b, c, value)                    IR_##name,
#define IR_BIN2(name, dst, dst2, a, b, value, value2)        IR_##name,
#define IR_TRI2(name, dst, dst2, a, b, c, value, value2)     IR_##name,
#define IR_FP1(name, dst, a, fn)                             IR_##name,
#define IR_FP2(name, dst, a, b, fn)                          IR_##name,
#define IR_FP3(name, dst, a, b, c, fn)                       IR_##name,
#define IR_VL1(name, lanes, arg, value)                      IR_##name,
#define IR_VL2(name, lanes, arg, value)                      IR_##name,
#define IR_VL3(name, lanes, arg, value)                      IR_##name,
#define IR_VX1(name, dst, a, lanes, arg, fn)                 IR_##name,
#define IR_VX2(name, dst, a, b, lanes, arg, fn)              IR_##name,
#define IR_VF1(name, fn)                                     IR_##name,
#define IR_VF2(name, fn)                                     IR_##name,
#define IR_VS(name, dst, a, b, lanes, arg, value)            IR_##name,
#define IR_EFF(name, dst, a, b, c, effect, imm)              IR_##name,
#include "translator/ir/ir_ops.def"
    IR_N_OPS
} IrOp;
/* clang-format on */

/* ir.c has the widths and names. Integer types are in order of width. FLAGS is opaque: 32 bits in
 * the layout of IrFlags wherever it is stored. */
typedef enum IrType {
    T_NO,
    T_I1,
    T_I8,
    T_I16,
    T_I32,
    T_I64,
    T_F32,
    T_F64,
    T_V64,
    T_V128,
    T_FLAGS,
    T_N_TYPES
} IrType;

/* The .def columns name these without their prefix. */
typedef enum IrCol {
    COL_NO = T_NO,
    COL_I1 = T_I1,
    COL_I32 = T_I32,
    COL_I64 = T_I64,
    COL_F32 = T_F32,
    COL_F64 = T_F64,
    COL_V64 = T_V64,
    COL_V128 = T_V128,
    COL_FLAGS = T_FLAGS,
    COL_T = T_N_TYPES,
    COL_NARROW,
    COL_WIDE,
    COL_ANY,
    COL_OPT,
} IrCol;

typedef enum IrImm {
    IMM_NONE,
    IMM_VALUE,
    IMM_GLOBAL,
    IMM_OFFSET,
    IMM_MEMOP,
    IMM_CC,
    IMM_HELPER,
    IMM_PC,
    IMM_RUN,
    IMM_LEDGER,
    IMM_BITS,
    IMM_ENV,
    IMM_LANE,
} IrImm;

typedef enum IrEffect {
    E_PURE,
    E_GLOBAL_R,
    E_GLOBAL_W,
    E_STATE_R,
    E_STATE_W,
    E_MEM_R,
    E_MEM_W,
    E_FP,
    E_CALL,
    E_MARK,
    E_SIDE,
    E_EXIT,
} IrEffect;

/*
 * The neutral layout of FLAGS in memory and in fpack's result. Only these bits mean anything: where
 * FLAGS are stored, others may hold anything; whoever shows or hashes them masks with IR_FL_ALL.
 * Each byte can be written on its own (x86: lahf's AH into byte 0, setc, seto).
 */
typedef enum IrFlags {
    IR_FL_S = 1u << 7,  /* sign */
    IR_FL_Z = 1u << 6,  /* zero */
    IR_FL_C = 1u << 8,  /* carry, or borrow of a subtraction; byte 1 is 0 or 1 */
    IR_FL_O = 1u << 16, /* signed overflow; byte 2 is 0 or 1 */
    IR_FL_ALL = IR_FL_S | IR_FL_Z | IR_FL_C | IR_FL_O,
} IrFlags;

/* Conditions over FLAGS, numbered as x86's cc; P and NP (10, 11) are not there yet. */
typedef enum IrCc {
    CC_O = 0,
    CC_NO = 1,
    CC_C = 2,  /* unsigned below after subf */
    CC_NC = 3, /* unsigned above or equal after subf */
    CC_Z = 4,
    CC_NZ = 5,
    CC_BE = 6, /* C or Z: unsigned below or equal after subf */
    CC_A = 7,  /* neither */
    CC_S = 8,
    CC_NS = 9,
    CC_L = 12, /* S != O */
    CC_GE = 13,
    CC_LE = 14, /* Z or S != O */
    CC_G = 15,
} IrCc;

/* Whether @cc holds for @flags in the layout of IrFlags. */
bool ir_cc_holds(IrCc cc, uint32_t flags);

/* RUN: memop bits below, bytes (run) or offset (rld, rst) from bit 32. */
static inline uint64_t ir_run_imm(uint64_t memop, uint32_t bytes)
{
    return memop | (uint64_t)bytes << 32;
}

/* LANE: log2 of a lane's bytes, and the argument; of a vector FP row the FP environment. */
static inline uint64_t ir_lane(unsigned lane, unsigned arg) { return lane | (uint64_t)arg << 8; }
static inline unsigned ir_lane_log2(uint64_t imm) { return (unsigned)imm & 3; }
static inline unsigned ir_lane_arg(uint64_t imm) { return (unsigned)(imm >> 8) & 0xff; }

/* PC: a guest address and a mode word. */
enum { IR_ISA_BIT = 1 }; /* in the pc of jump's immediate */
static inline uint64_t ir_pc(Gva pc, uint32_t mode) { return pc | (uint64_t)mode << 32; }
static inline Gva ir_pc_va(uint64_t imm) { return (Gva)imm; }
static inline uint32_t ir_pc_mode(uint64_t imm) { return (uint32_t)(imm >> 32); }

typedef struct IrOpInfo {
    const char *name;
    IrCol dst[2], src[3];
    IrEffect effect;
    IrImm imm;
    uint8_t lanes, max_arg; /* LANE: which sizes there are, the largest argument */
} IrOpInfo;

extern const IrOpInfo ir_op_info[IR_N_OPS];

/* A value: twice the index of the operation, plus 1 for its second result. */
typedef uint16_t IrRef;
enum { IR_NONE = 0xffff };

typedef struct IrPair {
    IrRef first, second;
} IrPair;

typedef struct IrInsn {
    uint8_t op, type; /* IrOp, IrType */
    IrRef a, b, c;    /* IR_NONE where absent */
    uint64_t imm;
} IrInsn;

enum {
    IR_BLOCK_MAX = 2048, /* operations */
    IR_BLOCK_ROOM = 256, /* the lifter may rely on this many for one instruction */
    IR_GLOBALS_MAX = 32, /* with the notes: see ir_note() */
    IR_NOTES = 4,
    IR_HELD_MAX = 16, /* values of CPU state that the builder remembers */
};

typedef struct IrGlobal IrGlobal;
typedef struct GuestIsa GuestIsa;

/*
 * One unit's worth of IR. Begun by ir_begin(), filled by a lifter through the builders below, ended
 * by an EXIT. Reused from unit to unit: nothing is allocated.
 */
typedef struct IrBlock {
    const GuestIsa *isa; /* for globals and helpers */
    unsigned n;          /* operations */
    unsigned n_insns;    /* guest instructions: IR_insn marks */
    Gpa guard_pa;        /* of IR_guard */
    bool guard_next;     /* the next ir_insn() is followed by a guard */
    Gva pc;              /* the unit's first instruction */
    uint32_t mode;
    bool hot;  /* runs so much that memory is better accessed in windows (softmmu/view.h) */
    bool bulk; /* a frontend's: a helper does most of what it runs, so that this is not worth it */
    /* Builder's memory; of no meaning once ended. */
    IrRef known[IR_GLOBALS_MAX]; /* the value each global holds here; IR_NONE: unknown */
    uint32_t set_in_region;      /* globals written since skip */
    bool in_region;
    IrRef region_known[IR_GLOBALS_MAX]; /* known[] when the region began */
    unsigned n_held;                    /* the same for state, as gld and gst had it last */
    struct IrHeld {
        int32_t offset;
        IrRef value;
        uint8_t bytes;
    } held[IR_HELD_MAX];
    IrInsn insn[IR_BLOCK_MAX];
} IrBlock;

/* Starts an empty block for a unit at @pc in @mode. */
void ir_begin(IrBlock *blk, const GuestIsa *isa, Gva pc, uint32_t mode);

/**
 * ir_emit - append an operation, folded if it can be.
 *
 * Pure operations on constants become constants, identities become their operand, commutative
 * operands are ordered constant last; so what is returned may be an earlier value. Two-result
 * operations are folded when all operands are constant. A constant of type FLAGS is in
 * the layout of IrFlags and has no other bits; constants of other types are cut to their width. sub
 * and andc of a constant become add and and.
 * Operands that @op does not have must be IR_NONE.
 * Cost: no allocation.
 */
IrRef ir_emit(IrBlock *blk, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, uint64_t imm);
IrPair ir_emit2(IrBlock *blk, IrOp op, IrType type, IrRef a, IrRef b, IrRef c);

/* clang-format off */
/* One builder per pure row: ir_add(blk, T_I32, x, y), ir_const(blk, T_I64, 7). */
#define IR_LEAF(name, dst, value) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, uint64_t imm) \
    { return ir_emit(blk, IR_##name, t, IR_NONE, IR_NONE, IR_NONE, imm); }
#define IR_UN(name, dst, a, value) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x) \
    { return ir_emit(blk, IR_##name, t, x, IR_NONE, IR_NONE, 0); }
#define IR_UNI(name, dst, a, value) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x, uint64_t imm) \
    { return ir_emit(blk, IR_##name, t, x, IR_NONE, IR_NONE, imm); }
#define IR_BIN(name, dst, a, b, value) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x, IrRef y) \
    { return ir_emit(blk, IR_##name, t, x, y, IR_NONE, 0); }
#define IR_TRI(name, dst, a, b, c, value) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x, IrRef y, IrRef z) \
    { return ir_emit(blk, IR_##name, t, x, y, z, 0); }
#define IR_BIN2(name, dst, dst2, a, b, value, value2) \
    static inline IrPair ir_##name(IrBlock *blk, IrType t, IrRef x, IrRef y) \
    { return ir_emit2(blk, IR_##name, t, x, y, IR_NONE); }
#define IR_TRI2(name, dst, dst2, a, b, c, value, value2) \
    static inline IrPair ir_##name(IrBlock *blk, IrType t, IrRef x, IrRef y, IrRef z) \
    { return ir_emit2(blk, IR_##name, t, x, y, z); }
#define IR_FP1(name, dst, a, fn) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x, unsigned env) \
    { return ir_emit(blk, IR_##name, t, x, IR_NONE, IR_NONE, env); }
#define IR_FP2(name, dst, a, b, fn) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x, IrRef y, unsigned env) \
    { return ir_emit(blk, IR_##name, t, x, y, IR_NONE, env); }
#define IR_FP3(name, dst, a, b, c, fn) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x, IrRef y, IrRef z, unsigned env) \
    { return ir_emit(blk, IR_##name, t, x, y, z, env); }
/* ir_vadd(blk, T_V128, x, y, ir_lane(2, 0)) */
#define IR_VL1(name, lanes, arg, value) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x, uint64_t lane) \
    { return ir_emit(blk, IR_##name, t, x, IR_NONE, IR_NONE, lane); }
#define IR_VL2(name, lanes, arg, value) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x, IrRef y, uint64_t lane) \
    { return ir_emit(blk, IR_##name, t, x, y, IR_NONE, lane); }
#define IR_VL3(name, lanes, arg, value) \
    static inline IrRef ir_##name(IrBlock *blk, IrType t, IrRef x, IrRef y, IrRef z, \
                                  uint64_t lane) \
    { return ir_emit(blk, IR_##name, t, x, y, z, lane); }
#define IR_VX1(name, dst, a, lanes, arg, fn) IR_VL1(name, lanes, arg, fn)
#define IR_VX2(name, dst, a, b, lanes, arg, fn) IR_VL2(name, lanes, arg, fn)
#define IR_VF1(name, fn) IR_VL1(name, 12, 1, fn)
#define IR_VF2(name, fn) IR_VL2(name, 12, 1, fn)
#define IR_VS(name, dst, a, b, lanes, arg, value) IR_VL2(name, lanes, arg, value)
#include "translator/ir/ir_ops.def"
/* clang-format on */
/* fcond, funpack, fnz, fnzc, fselect and the eq..les rows also go through the builders above: the
 * type argument is the type the row calls T, T_NO where it mentions none (fcond, funpack, fpack,
 * fselect). */

/* Builders of the rows with effects. */
void ir_insn(IrBlock *blk, Gva pc, uint32_t mode); /* begins a guest instruction */
IrRef ir_get(IrBlock *blk, unsigned global);       /* of the type the global was declared with */
void ir_set(IrBlock *blk, unsigned global, IrRef value);
IrRef ir_known(const IrBlock *blk, unsigned global); /* its value; IR_NONE if a get would load it */
/* The frontend's own notes of values, forgotten where values of globals are; @n: 0 to
 * IR_NOTES - 1. A block begins with IR_NONE in all. */
void ir_note(IrBlock *blk, unsigned n, IrRef value);
IrRef ir_noted(const IrBlock *blk, unsigned n);
IrRef ir_gld(IrBlock *blk, IrType t, int32_t offset);
void ir_gst(IrBlock *blk, int32_t offset, IrRef value);
IrRef ir_ld(IrBlock *blk, IrType t, IrRef va, uint64_t memop);
void ir_st(IrBlock *blk, IrRef va, IrRef value, uint64_t memop);
IrRef ir_cas(IrBlock *blk, IrType t, IrRef va, IrRef expected, IrRef desired, uint64_t memop);
IrRef ir_run(IrBlock *blk, IrRef va, uint64_t memop, uint32_t bytes);
IrRef ir_rld(IrBlock *blk, IrRef run, IrRef va, uint64_t memop, uint32_t offset);
void ir_rst(IrBlock *blk, IrRef run, IrRef va, IrRef value, uint64_t memop, uint32_t offset);
IrRef ir_call(IrBlock *blk, IrType t, unsigned helper, IrRef a, IrRef b, IrRef c);
IrRef ir_retired(IrBlock *blk);
void ir_count(IrBlock *blk, unsigned ledger_index);
void ir_skip(IrBlock *blk, IrRef cond); /* constant conditions must not be given: fold before */
void ir_label(IrBlock *blk);
void ir_guard(IrBlock *blk, Gva pc, uint32_t mode, Gpa pa);
/* The same, right behind the mark of the instruction that the caller is going to have lifted. */
void ir_guard_next(IrBlock *blk, Gpa pa);
void ir_goto(IrBlock *blk, Gva pc, uint32_t mode);
void ir_goto_if(IrBlock *blk, IrRef cond, Gva pc, uint32_t mode);
void ir_check(IrBlock *blk, Gva pc, uint32_t mode);
void ir_jump(IrBlock *blk, IrRef va, uint32_t mode, bool isa_bit);
void ir_dispatch(IrBlock *blk);
void ir_leave(IrBlock *blk);

/* Whether the last operation leaves the block outside a region. */
bool ir_ended(const IrBlock *blk);

/* Whether @ref is a constant, and which. */
bool ir_is_const(const IrBlock *blk, IrRef ref, uint64_t *value);

/* The type of value @ref. */
IrType ir_type_of(const IrBlock *blk, IrRef ref);
unsigned ir_type_bits(IrType type);
const char *ir_type_name(IrType type);

/* What a pure operation yields; v[1] only of a two-result row. */
typedef struct IrResult {
    uint64_t v[2];
} IrResult;

/* The value of a pure operation on types of at most 64 bits; operands zero-extended. */
IrResult ir_eval(IrOp op, IrType type, uint64_t a, uint64_t b, uint64_t c, uint64_t imm);

/* In the immediate of an FP row: it is a fault point, and has no effect but a guest exception if it
 * raises a flag of FpEnv.trap. Other traps' flags and FP_UNIMPLEMENTED do not gather. */
enum { IR_FP_TRAPS = 2 };
static inline bool ir_fp_traps(const IrInsn *in)
{
    return ir_op_info[in->op].imm == IMM_ENV && (in->imm & IR_FP_TRAPS) != 0;
}
/* A value of V64 (upper half 0) or V128. */
typedef struct IrVec {
    uint64_t q[2];
} IrVec;

/* The value of a pure vector row. Operands and results that are integers are in q[0]. */
IrVec ir_eval_vec(IrOp op, IrType type, IrVec a, IrVec b, IrVec c, uint64_t imm);

struct FpEnv;
/* Whether @op is a row of SSE; and its value under the MXCSR in @mxcsr, to whose flags it adds. */
bool ir_is_sse(IrOp op);
IrVec ir_eval_sse(IrOp op, IrVec a, IrVec b, uint64_t imm, uint32_t *mxcsr);

/* The value of a vector FP row; adds to the flags of @env. */
IrVec ir_eval_vec_fp(IrOp op, IrType type, IrVec a, IrVec b, uint64_t imm, struct FpEnv *env);

/* The value of an FP row; adds to the flags of @env. */
uint64_t ir_eval_fp(IrOp op, IrType type, uint64_t a, uint64_t b, uint64_t c, struct FpEnv *env);

/* Types, operands defined before use, regions closed, one EXIT at the end and that last, globals
 * and helpers that exist. Errors: IR_ERROR_INVALID, which outside tests is a bug of ours. */
bool ir_verify(const IrBlock *blk, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends the block as text; the same block gives the same text on every host. */
void ir_print(const IrBlock *blk, GString *out);

/**
 * ir_dead - marks what must be done, one backward walk.
 * @live: live[i] is set to 1 where operation i matters, else to 0: it has an effect, or a value
 *        of it is used by one that matters. A set whose global is set again before any fault point,
 *        call that sees globals or may fault, side exit, region border or end of block does not;
 *        nor does a gst of the guest's state whose bytes are stored again before any of these, a
 *        gld of them or any call with effects.
 */
void ir_dead(const IrBlock *blk, uint8_t live[IR_BLOCK_MAX]);

/* The same for who may leave between any two instructions: each insn mark is a border too. */
void ir_dead_at_marks(const IrBlock *blk, uint8_t live[IR_BLOCK_MAX]);

#endif
