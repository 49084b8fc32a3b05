/* SPDX-License-Identifier: MIT */
/* ir.c - see ir.h: the table of operations, and the builders. */
#include "translator/ir/ir.h"

#include <string.h>

#include "base/bits.h"
#include "translator/ir/ir_priv.h"
#include "translator/ir/isa.h"

G_DEFINE_QUARK(doppel_ir_error, ir_error)

static const struct {
    char name[8];
    uint8_t bits;
} types[T_N_TYPES] = {
    [T_NO] = { "no", 0 },       [T_I1] = { "i1", 1 },        [T_I8] = { "i8", 8 },
    [T_I16] = { "i16", 16 },    [T_I32] = { "i32", 32 },     [T_I64] = { "i64", 64 },
    [T_F32] = { "f32", 32 },    [T_F64] = { "f64", 64 },     [T_V64] = { "v64", 64 },
    [T_V128] = { "v128", 128 }, [T_FLAGS] = { "flags", 32 },
};

/* clang-format off */
const IrOpInfo ir_op_info[IR_N_OPS] = {
#define IR_ROW(name, d, d2, a, b, c, effect, imm) \
    [IR_##name] = { #name, { COL_##d, COL_##d2 }, { COL_##a, COL_##b, COL_##c }, \
                    E_##effect, IMM_##imm, 0, 0 },
#define IR_PURE(name, d, d2, a, b, c, imm) IR_ROW(name, d, d2, a, b, c, PURE, imm)
#define IR_LEAF(name, dst, value) IR_PURE(name, dst, NO, NO, NO, NO, VALUE)
#define IR_UN(name, dst, a, value) IR_PURE(name, dst, NO, a, NO, NO, NONE)
#define IR_UNI(name, dst, a, value) IR_PURE(name, dst, NO, a, NO, NO, UNI_##name)
#define IR_BIN(name, dst, a, b, value) IR_PURE(name, dst, NO, a, b, NO, NONE)
#define IR_TRI(name, dst, a, b, c, value) IR_PURE(name, dst, NO, a, b, c, NONE)
#define IR_BIN2(name, dst, dst2, a, b, value, value2) IR_PURE(name, dst, dst2, a, b, NO, NONE)
#define IR_TRI2(name, dst, dst2, a, b, c, value, value2) IR_PURE(name, dst, dst2, a, b, c, NONE)
#define IR_FP1(name, dst, a, fn) IR_ROW(name, dst, NO, a, NO, NO, FP, ENV)
#define IR_FP2(name, dst, a, b, fn) IR_ROW(name, dst, NO, a, b, NO, FP, ENV)
#define IR_FP3(name, dst, a, b, c, fn) IR_ROW(name, dst, NO, a, b, c, FP, ENV)
#define IR_VROW(name, d, a, b, c, effect, lanes, arg) \
    [IR_##name] = { #name, { COL_##d, COL_NO }, { COL_##a, COL_##b, COL_##c }, \
                    E_##effect, IMM_LANE, lanes, arg },
#define IR_VL1(name, lanes, arg, value) IR_VROW(name, T, T, NO, NO, PURE, lanes, arg)
#define IR_VL2(name, lanes, arg, value) IR_VROW(name, T, T, T, NO, PURE, lanes, arg)
#define IR_VL3(name, lanes, arg, value) IR_VROW(name, T, T, T, T, PURE, lanes, arg)
#define IR_VX1(name, dst, a, lanes, arg, fn) IR_VROW(name, dst, a, NO, NO, PURE, lanes, arg)
#define IR_VX2(name, dst, a, b, lanes, arg, fn) IR_VROW(name, dst, a, b, NO, PURE, lanes, arg)
#define IR_VF1(name, fn) IR_VROW(name, T, T, NO, NO, FP, 12, 1)
#define IR_VF2(name, fn) IR_VROW(name, T, T, T, NO, FP, 12, 1)
#define IR_VS(name, dst, a, b, lanes, arg, value) IR_VROW(name, dst, a, b, NO, FP, lanes, arg)
#define IR_EFF(name, dst, a, b, c, effect, imm) IR_ROW(name, dst, NO, a, b, c, effect, imm)
#define IMM_UNI_sext IMM_BITS
#define IMM_UNI_fcond IMM_CC
#include "translator/ir/ir_ops.def"
#undef IR_ROW
#undef IR_PURE
#undef IR_VROW
#undef IMM_UNI_sext
#undef IMM_UNI_fcond
};
/* clang-format on */

unsigned ir_type_bits(IrType type) { return types[type].bits; }
const char *ir_type_name(IrType type) { return types[type].name; }

uint64_t ir_type_mask(IrType type)
{
    return type == T_FLAGS ? IR_FL_ALL : bits_mask(MIN(types[type].bits, 64u));
}

void ir_begin(IrBlock *blk, const GuestIsa *isa, Gva pc, uint32_t mode)
{
    blk->isa = isa;
    blk->n = 0;
    blk->n_insns = 0;
    blk->guard_pa = 0;
    blk->guard_next = false;
    blk->pc = pc;
    blk->mode = mode;
    blk->hot = false;
    blk->bulk = false;
    blk->in_region = false;
    blk->set_in_region = 0;
    blk->n_held = 0;
    memset(blk->known, 0xff, sizeof(blk->known));
}

IrRef ir_append(IrBlock *blk, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, uint64_t imm)
{
    g_assert(blk->n < IR_BLOCK_MAX);
    blk->insn[blk->n] = (IrInsn){ (uint8_t)op, (uint8_t)type, a, b, c, imm };
    return (IrRef)(2 * blk->n++);
}

IrRef ir_emit(IrBlock *blk, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, uint64_t imm)
{
    IrInsn in = { (uint8_t)op, (uint8_t)type, a, b, c, imm };
    IrRef r = ir_fold(blk, &in);

    return r != IR_NONE ? r : ir_append(blk, op, type, in.a, in.b, in.c, in.imm);
}

IrPair ir_emit2(IrBlock *blk, IrOp op, IrType type, IrRef a, IrRef b, IrRef c)
{
    IrInsn in = { (uint8_t)op, (uint8_t)type, a, b, c, 0 };
    IrPair r = ir_fold2(blk, &in);

    if (r.first == IR_NONE) {
        r.first = ir_append(blk, op, type, in.a, in.b, in.c, 0);
        r.second = r.first + 1;
    }
    return r;
}

bool ir_is_const(const IrBlock *blk, IrRef ref, uint64_t *value)
{
    if (ref == IR_NONE || ir_def(blk, ref)->op != IR_const) {
        return false;
    }
    *value = ir_def(blk, ref)->imm;
    return true;
}

IrType ir_type_of(const IrBlock *blk, IrRef ref)
{
    const IrInsn *in = ir_def(blk, ref);

    return ir_col_type(ir_op_info[in->op].dst[ref % 2], in->type);
}

static void exit_to(IrBlock *blk, IrOp op, IrRef a, uint64_t imm)
{
    ir_append(blk, op, T_NO, a, IR_NONE, IR_NONE, imm);
}

void ir_insn(IrBlock *blk, Gva pc, uint32_t mode)
{
    blk->n_insns++;
    ir_append(blk, IR_insn, T_NO, IR_NONE, IR_NONE, IR_NONE, ir_pc(pc, mode));
    if (blk->guard_next) {
        blk->guard_next = false;
        ir_guard(blk, pc, mode, blk->guard_pa);
    }
}

/* ---- globals ---- */

IrRef ir_get(IrBlock *blk, unsigned global)
{
    IrRef r = blk->known[global];

    if (r == IR_NONE) {
        r = ir_append(blk, IR_get, blk->isa->globals[global].type, IR_NONE, IR_NONE, IR_NONE,
                      global);
        blk->known[global] = r;
    }
    return r;
}

static bool same_value(const IrBlock *blk, IrRef x, IrRef y)
{
    uint64_t vx, vy;

    return x == y || (ir_is_const(blk, x, &vx) && ir_is_const(blk, y, &vy) && vx == vy);
}

void ir_set(IrBlock *blk, unsigned global, IrRef value)
{
    if (same_value(blk, blk->known[global], value)) {
        return;
    }
    ir_append(blk, IR_set, T_NO, value, IR_NONE, IR_NONE, global);
    blk->known[global] = value;
    blk->set_in_region |= 1u << global;
}

IrRef ir_known(const IrBlock *blk, unsigned global) { return blk->known[global]; }

static unsigned place_of_note(const IrBlock *blk, unsigned n)
{
    g_assert(n < IR_NOTES && blk->isa->n_globals <= IR_GLOBALS_MAX - IR_NOTES);
    return IR_GLOBALS_MAX - 1 - n;
}

void ir_note(IrBlock *blk, unsigned n, IrRef value)
{
    unsigned place = place_of_note(blk, n);

    blk->known[place] = value;
    blk->set_in_region |= 1u << place;
}

IrRef ir_noted(const IrBlock *blk, unsigned n) { return blk->known[place_of_note(blk, n)]; }

/* Something may have changed every global. */
static void forget_globals(IrBlock *blk)
{
    memset(blk->known, 0xff, sizeof(blk->known));
    blk->set_in_region = UINT32_MAX;
}

void ir_skip(IrBlock *blk, IrRef cond)
{
    g_assert(!blk->in_region);
    ir_append(blk, IR_skip, T_NO, cond, IR_NONE, IR_NONE, 0);
    blk->in_region = true;
    blk->set_in_region = 0;
    memcpy(blk->region_known, blk->known, sizeof(blk->known));
}

/* Behind the label only that is known which was known at the skip and is so still. A region that
 * ends by leaving has changed nothing for those who skip it. */
void ir_label(IrBlock *blk)
{
    uint32_t lost = ir_op_info[blk->insn[blk->n - 1].op].effect == E_EXIT ? 0 : blk->set_in_region;

    g_assert(blk->in_region);
    blk->in_region = false;
    blk->n_held = 0;
    memcpy(blk->known, blk->region_known, sizeof(blk->known));
    for (; lost != 0; lost &= lost - 1) {
        blk->known[bits_ctz64(lost)] = IR_NONE;
    }
    ir_append(blk, IR_label, T_NO, IR_NONE, IR_NONE, IR_NONE, 0);
}

/* ---- state, memory, helpers ---- */

/* The guest's own state changes by gst and helpers only; the Vcpu and what lies before it may. */
static bool is_held(IrType t, int32_t offset)
{
    return offset >= (int32_t)sizeof(Vcpu) && types[t].bits >= 32 && t != T_FLAGS;
}

static void hold(IrBlock *blk, IrType t, int32_t offset, IrRef value)
{
    unsigned i = blk->n_held < IR_HELD_MAX ? blk->n_held++ : (unsigned)offset / 8 % IR_HELD_MAX;

    blk->held[i] = (struct IrHeld){ offset, value, types[t].bits / 8 };
}

/* What is in the @bytes bytes at @offset is about to change. */
static void drop_held(IrBlock *blk, int32_t offset, int32_t bytes)
{
    for (unsigned i = 0; i < blk->n_held;) {
        const struct IrHeld *h = &blk->held[i];

        if (h->offset < offset + bytes && offset < h->offset + h->bytes) {
            blk->held[i] = blk->held[--blk->n_held];
        } else {
            i++;
        }
    }
}

/* The value at @offset as one of type @t, if it is known. */
static IrRef find_held(IrBlock *blk, IrType t, int32_t offset)
{
    for (unsigned i = 0; i < blk->n_held; i++) {
        const struct IrHeld *h = &blk->held[i];

        if (h->offset == offset && h->bytes == types[t].bits / 8) {
            return ir_type_of(blk, h->value) == t ? h->value : ir_bits(blk, t, h->value);
        }
    }
    return IR_NONE;
}

IrRef ir_gld(IrBlock *blk, IrType t, int32_t offset)
{
    bool holds = is_held(t, offset);
    IrRef r = holds ? find_held(blk, t, offset) : IR_NONE;

    if (r == IR_NONE) {
        r = ir_append(blk, IR_gld, t, IR_NONE, IR_NONE, IR_NONE, (uint64_t)(int64_t)offset);
        if (holds) {
            hold(blk, t, offset, r);
        }
    }
    return r;
}

void ir_gst(IrBlock *blk, int32_t offset, IrRef value)
{
    IrType t = ir_type_of(blk, value);

    ir_append(blk, IR_gst, T_NO, value, IR_NONE, IR_NONE, (uint64_t)(int64_t)offset);
    drop_held(blk, offset, MAX(types[t].bits / 8, 1));
    if (is_held(t, offset)) {
        hold(blk, t, offset, value);
    }
}

IrRef ir_ld(IrBlock *blk, IrType t, IrRef va, uint64_t memop)
{
    return ir_append(blk, IR_ld, t, va, IR_NONE, IR_NONE, memop);
}

void ir_st(IrBlock *blk, IrRef va, IrRef value, uint64_t memop)
{
    ir_append(blk, IR_st, T_NO, va, value, IR_NONE, memop);
}

IrRef ir_cas(IrBlock *blk, IrType t, IrRef va, IrRef expected, IrRef desired, uint64_t memop)
{
    return ir_append(blk, IR_cas, t, va, expected, desired, memop);
}

IrRef ir_run(IrBlock *blk, IrRef va, uint64_t memop, uint32_t bytes)
{
    return ir_append(blk, IR_run, T_NO, va, IR_NONE, IR_NONE, ir_run_imm(memop, bytes));
}

IrRef ir_rld(IrBlock *blk, IrRef run, IrRef va, uint64_t memop, uint32_t offset)
{
    return ir_append(blk, IR_rld, T_NO, run, va, IR_NONE, ir_run_imm(memop, offset));
}

void ir_rst(IrBlock *blk, IrRef run, IrRef va, IrRef value, uint64_t memop, uint32_t offset)
{
    ir_append(blk, IR_rst, T_NO, run, va, value, ir_run_imm(memop, offset));
}

IrRef ir_call(IrBlock *blk, IrType t, unsigned helper, IrRef a, IrRef b, IrRef c)
{
    IrRef r = ir_append(blk, IR_call, t, a, b, c, helper);

    if (blk->isa->helpers[helper].effects != 0) {
        blk->n_held = 0;
    }
    if ((blk->isa->helpers[helper].effects & HELPER_GLOBALS) != 0) {
        forget_globals(blk);
    }
    return t == T_NO ? IR_NONE : r;
}

IrRef ir_retired(IrBlock *blk)
{
    return ir_append(blk, IR_retired, T_NO, IR_NONE, IR_NONE, IR_NONE, 0);
}

void ir_count(IrBlock *blk, unsigned ledger_index)
{
    ir_append(blk, IR_count, T_NO, IR_NONE, IR_NONE, IR_NONE, ledger_index);
}

/* ---- ways out ---- */

void ir_guard(IrBlock *blk, Gva pc, uint32_t mode, Gpa pa)
{
    blk->guard_pa = pa;
    exit_to(blk, IR_guard, IR_NONE, ir_pc(pc, mode));
}

void ir_guard_next(IrBlock *blk, Gpa pa)
{
    blk->guard_pa = pa;
    blk->guard_next = true;
}

void ir_goto(IrBlock *blk, Gva pc, uint32_t mode)
{
    exit_to(blk, IR_goto, IR_NONE, ir_pc(pc, mode));
}

void ir_goto_if(IrBlock *blk, IrRef cond, Gva pc, uint32_t mode)
{
    exit_to(blk, IR_gotoif, cond, ir_pc(pc, mode));
}

void ir_check(IrBlock *blk, Gva pc, uint32_t mode)
{
    exit_to(blk, IR_check, IR_NONE, ir_pc(pc, mode));
}

void ir_jump(IrBlock *blk, IrRef va, uint32_t mode, bool isa_bit)
{
    exit_to(blk, IR_jump, va, ir_pc(isa_bit ? IR_ISA_BIT : 0, mode));
}

void ir_dispatch(IrBlock *blk) { exit_to(blk, IR_dispatch, IR_NONE, 0); }
void ir_leave(IrBlock *blk) { exit_to(blk, IR_leave, IR_NONE, 0); }

bool ir_ended(const IrBlock *blk)
{
    return !blk->in_region && blk->n > 0 && ir_op_info[blk->insn[blk->n - 1].op].effect == E_EXIT;
}
