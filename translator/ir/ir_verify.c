/* SPDX-License-Identifier: MIT */
/* ir_verify.c - whether a block keeps the rules of the IR. */
#include "base/vcpu.h"
#include "translator/ir/ir.h"
#include "translator/ir/ir_priv.h"
#include "translator/ir/isa.h"

enum {
    MEMOP_BITS = 2 * MO_DOWN - 1,
    RUN_BYTES_MAX = 256,
};

/* What the walk over a block remembers. */
typedef struct Walk {
    const IrBlock *blk;
    unsigned at;
    unsigned n_insns;
    unsigned region;  /* number of the open region; 0 outside */
    unsigned regions; /* so far */
    bool moved;       /* a helper has set pc, mode or view */
    bool guarded;
    uint16_t scope[IR_BLOCK_MAX]; /* the region each operation is in */
} Walk;

static bool is_int(IrType t) { return t >= T_I1 && t <= T_I64; }
static bool is_fp(IrType t) { return t == T_F32 || t == T_F64; }
static bool is_vec(IrType t) { return t == T_V64 || t == T_V128; }

/* Whether a row with a column T has an instruction of type @t. Arithmetic on I1 is not there: only
 * what logic needs. */
static bool row_has_type(const IrOpInfo *info, unsigned op, IrType t)
{
    switch (op) {
    case IR_const: return t != T_NO && t < T_N_TYPES && t != T_V128;
    case IR_not:
    case IR_and:
    case IR_andc:
    case IR_or:
    case IR_xor:
    case IR_eq:
    case IR_ne:
    case IR_trunc: return is_int(t);
    case IR_select:
    case IR_bits: return (is_int(t) || is_fp(t) || t == T_V64) && (op != IR_bits || t != T_I1);
    case IR_gld: return is_int(t) || is_fp(t) || is_vec(t);
    case IR_ld: return t != T_I1 && (is_int(t) || is_fp(t) || is_vec(t));
    case IR_get: return t == T_I32 || t == T_I64 || t == T_FLAGS;
    case IR_call: return t == T_NO || is_int(t) || is_fp(t) || t == T_V64 || t == T_FLAGS;
    default:
        return info->imm == IMM_LANE  ? is_vec(t)
               : info->effect == E_FP ? is_fp(t)
                                      : is_int(t) && t != T_I1;
    }
}

static bool mentions_type(const IrOpInfo *info)
{
    bool typed = info->dst[0] == COL_T;

    for (unsigned i = 0; i < 3; i++) {
        typed |= info->src[i] >= COL_T && info->src[i] <= COL_WIDE;
    }
    return typed;
}

static const char *type_fault(const IrInsn *in)
{
    const IrOpInfo *info = &ir_op_info[in->op];
    bool ok = mentions_type(info) ? row_has_type(info, in->op, in->type) : in->type == T_NO;

    return ok ? NULL : "type is not one the operation has";
}

/* ---- operands ---- */

/* The type of value @ref as the operation at hand sees it; T_NO if it cannot use it. */
static IrType visible_type(const Walk *w, IrRef ref)
{
    unsigned def = ref / 2u;

    if (def >= w->at || (w->scope[def] != 0 && w->scope[def] != w->region)) {
        return T_NO;
    }
    return ir_type_of(w->blk, ref);
}

static bool fits(const Walk *w, IrCol want, IrRef ref)
{
    IrType type = w->blk->insn[w->at].type, have = T_NO;

    if (want == COL_NO || (want == COL_OPT && ref == IR_NONE)) {
        return ref == IR_NONE;
    }
    have = visible_type(w, ref);
    switch (want) {
    case COL_NARROW: return have != T_NO && have < type;
    case COL_WIDE: return have > type && is_int(have);
    case COL_ANY:
    case COL_OPT:
        return have != T_NO
               && (have != T_V128 || w->blk->insn[w->at].op == IR_gst
                   || w->blk->insn[w->at].op == IR_st
                   || ir_op_info[w->blk->insn[w->at].op].imm == IMM_LANE);
    default: return have != T_NO && have == ir_col_type(want, type);
    }
}

static const char *operand_fault(const Walk *w, const IrInsn *in)
{
    const IrOpInfo *info = &ir_op_info[in->op];

    if (!fits(w, info->src[0], in->a) || !fits(w, info->src[1], in->b)
        || !fits(w, info->src[2], in->c)) {
        return "operand is undefined or of the wrong type";
    }
    if (in->op == IR_bits && ir_type_bits(ir_type_of(w->blk, in->a)) != ir_type_bits(in->type)) {
        return "operand has another width";
    }
    return NULL;
}

/* ---- immediates ---- */

static const char *memop_fault(const IrBlock *blk, const IrInsn *in)
{
    unsigned bits = 8 * memop_bytes(in->imm);
    IrType t = in->op == IR_st ? ir_type_of(blk, in->b) : (IrType)in->type;

    if (in->imm > MEMOP_BITS || (in->imm & MO_SIZE) > MO_128
        || ((in->imm & MO_SIZE) == MO_128 && (in->imm & (MO_BE | MO_ONLY | MO_ATOMIC)) != 0)) {
        return "no such memory operation";
    }
    if (bits > ir_type_bits(t) || (!is_int(t) && bits != ir_type_bits(t))) {
        return "access does not fit the type";
    }
    return NULL;
}

static const char *run_fault(const IrBlock *blk, const IrInsn *in)
{
    uint64_t bytes = in->imm >> 32;
    const IrInsn *run = in->op == IR_run ? in : ir_def(blk, in->a);

    if ((uint32_t)in->imm > MEMOP_BITS || (in->imm & MO_SIZE) != MO_32) {
        return "no such memory operation";
    }
    if (run->op != IR_run || (run != in && in->b != run->a)) {
        return "not an access of a run";
    }
    if (in->op != IR_run) {
        return bytes + 4 > run->imm >> 32 ? "access is outside its run" : NULL;
    }
    return bytes < 4 || bytes > RUN_BYTES_MAX ? "run is too long" : NULL;
}

static const char *global_fault(const IrBlock *blk, const IrInsn *in)
{
    IrType t = in->op == IR_set ? ir_type_of(blk, in->a) : (IrType)in->type;

    if (!blk->isa || in->imm >= blk->isa->n_globals || in->imm >= IR_GLOBALS_MAX) {
        return "no such global";
    }
    return t != blk->isa->globals[in->imm].type ? "type is not the global's" : NULL;
}

static const char *value_fault(const IrInsn *in)
{
    return (in->imm & ~ir_type_mask(in->type)) != 0 ? "immediate is too large" : NULL;
}

static const char *lane_fault(const IrInsn *in)
{
    const IrOpInfo *info = &ir_op_info[in->op];

    return in->imm != ir_lane(ir_lane_log2(in->imm), ir_lane_arg(in->imm))
                   || (info->lanes >> ir_lane_log2(in->imm) & 1) == 0
                   || ir_lane_arg(in->imm) > info->max_arg
               ? "no such lanes"
               : NULL;
}

/* Of gld and gst: the guest's vectors are accessed whole. */
static const char *offset_fault(const IrBlock *blk, const IrInsn *in)
{
    int32_t from = (int32_t)in->imm;
    IrType t = in->op == IR_gst ? ir_type_of(blk, in->a) : (IrType)in->type;
    int32_t to = from + (int32_t)MAX(ir_type_bits(t) / 8, 1u);

    if (in->imm != (uint64_t)(int64_t)from) {
        return "immediate is too large";
    }
    if (!blk->isa || to <= blk->isa->vecs
        || from >= blk->isa->vecs + 16 * (int32_t)blk->isa->n_vecs) {
        return NULL;
    }
    return t != T_V128 || (from - blk->isa->vecs) % 16 != 0 ? "part of a vector" : NULL;
}

static const char *imm_fault(const IrBlock *blk, const IrInsn *in)
{
    switch (ir_op_info[in->op].imm) {
    case IMM_NONE: return in->imm != 0 ? "immediate is too large" : NULL;
    case IMM_VALUE: return value_fault(in);
    case IMM_GLOBAL: return global_fault(blk, in);
    case IMM_OFFSET: return offset_fault(blk, in);
    case IMM_MEMOP: return memop_fault(blk, in);
    case IMM_CC: return in->imm > CC_G || (in->imm & ~1u) == 10 ? "no such condition" : NULL;
    case IMM_HELPER: return !blk->isa || in->imm >= blk->isa->n_helpers ? "no such helper" : NULL;
    case IMM_PC: return NULL;
    case IMM_RUN: return run_fault(blk, in);
    case IMM_LEDGER: return in->imm >= 2 * VCPU_LEDGER_ROWS ? "no such ledger row" : NULL;
    case IMM_BITS: return in->imm == 0 || in->imm > ir_type_bits(in->type) ? "no such width" : NULL;
    case IMM_ENV: return in->imm > (1 | IR_FP_TRAPS) ? "no such FP environment" : NULL;
    case IMM_LANE: return lane_fault(in);
    }
    return NULL;
}

/* ---- order ---- */

static const char *region_fault(Walk *w, const IrInsn *in)
{
    if (in->op == IR_skip) {
        if (w->region != 0) {
            return "regions do not nest";
        }
        w->region = ++w->regions;
    } else if (in->op == IR_label) {
        if (w->region == 0) {
            return "label without skip";
        }
        w->region = 0;
        w->moved = false;
    }
    return NULL;
}

static const char *exit_fault(const Walk *w, const IrInsn *in)
{
    unsigned next = w->at + 1;
    bool last = next == w->blk->n;

    if (ir_op_info[in->op].effect != E_EXIT) {
        return last ? "exit must be the last operation" : NULL;
    }
    if (w->region != 0) {
        return last                                ? "region is not closed"
               : w->blk->insn[next].op != IR_label ? "operation behind an exit"
                                                   : NULL;
    }
    return last ? NULL : "operation behind an exit";
}

/* Marks, the guard behind its mark, the exit that belongs to a helper that moves the pc. */
static const char *order_fault(Walk *w, const IrInsn *in)
{
    if ((w->at == 0) != (in->op == IR_insn && w->n_insns == 0)) {
        return "block does not begin with insn";
    }
    if (in->op == IR_insn) {
        w->n_insns++;
    }
    if (in->op == IR_guard) {
        if (w->guarded || w->blk->insn[w->at - 1].op != IR_insn
            || w->blk->insn[w->at - 1].imm != in->imm) {
            return "guard is not behind its insn, or not the only one";
        }
        w->guarded = true;
    }
    if (w->moved && in->op != IR_dispatch && in->op != IR_leave
        && (in->op == IR_insn || ir_op_info[in->op].effect == E_SIDE
            || ir_op_info[in->op].effect == E_EXIT)) {
        return "helper that moves the pc is not followed by dispatch or leave";
    }
    if (in->op == IR_call && (w->blk->isa->helpers[in->imm].effects & HELPER_MOVES) != 0) {
        w->moved = true;
    }
    return NULL;
}

static const char *insn_fault(Walk *w)
{
    const IrInsn *in = &w->blk->insn[w->at];
    const char *fault = NULL;

    if (in->op >= IR_N_OPS) {
        return "no such operation";
    }
    w->scope[w->at] = (uint16_t)w->region;
    fault = type_fault(in);
    fault = fault ? fault : operand_fault(w, in);
    fault = fault ? fault : imm_fault(w->blk, in);
    fault = fault ? fault : order_fault(w, in);
    fault = fault ? fault : region_fault(w, in);
    return fault ? fault : exit_fault(w, in);
}

bool ir_verify(const IrBlock *blk, GError **error)
{
    Walk w = { .blk = blk };
    const char *fault = blk->n == 0 ? "block is empty" : NULL;

    while (!fault && w.at < blk->n) {
        fault = insn_fault(&w);
        w.at += fault == NULL;
    }
    if (!fault && w.n_insns != blk->n_insns) {
        fault = "instructions are miscounted";
    }
    if (fault) {
        g_set_error(error, IR_ERROR, IR_ERROR_INVALID, "v%u: %s", w.at, fault);
    }
    return !fault;
}
