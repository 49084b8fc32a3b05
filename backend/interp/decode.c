/* SPDX-License-Identifier: MIT */
/* decode.c - turns a block into the form that is interpreted. */
#include <string.h>

#include "backend/interp/interp_priv.h"
#include "base/bits.h"
#include "softmmu/view.h"

typedef struct Decode {
    const IrBlock *blk;
    Host *h;
    Op *start, *op;
    HostUnit *out;
    unsigned index;   /* of the guest instruction, from 0 */
    unsigned n_slots; /* used so far */
    bool may_leave;   /* an operation since the last mark may have set leave */
    bool skip_leaves; /* may_leave at the open skip */
    Op *skip;         /* the open one */
    uint16_t slot[IR_BLOCK_MAX];
    uint8_t live[IR_BLOCK_MAX];
    uint8_t wanted[IR_BLOCK_MAX]; /* constants that need a slot */
} Decode;

static uint16_t slot_of(const Decode *d, IrRef ref)
{
    return ref == IR_NONE ? 0 : (uint16_t)(d->slot[ref / 2] + ref % 2);
}

static Op *emit(Decode *d, Code code, unsigned dst, unsigned a, unsigned b, uint64_t imm)
{
    d->op->code = (uint16_t)code;
    d->op->dst = (uint16_t)dst;
    d->op->a = (uint16_t)a;
    d->op->b = (uint16_t)b;
    d->op->imm = imm;
    return d->op++;
}

/* ---- pure operations ---- */

/* The code of a pure row for 32 bits; 64 bits have the one behind, constants the second behind. */
static int code32(IrOp op)
{
    switch (op) {
        /* clang-format off */
#define IR_UN(name, dst, a, value)                       case IR_##name: return W32_##name;
#define IR_UNI(name, dst, a, value)                      case IR_##name: return W32_##name;
#define IR_BIN(name, dst, a, b, value)                   case IR_##name: return W32_##name;
#define IR_TRI(name, dst, a, b, c, value)                case IR_##name: return W32_##name;
#define IR_BIN2(name, dst, dst2, a, b, value, value2)    case IR_##name: return W32_##name;
#define IR_TRI2(name, dst, dst2, a, b, c, value, value2) case IR_##name: return W32_##name;
#include "translator/ir/ir_ops.def"
        /* clang-format on */
    default: return -1;
    }
}

/* Whether the code for 32 bits serves an instruction of type @t. */
static bool fits32(IrOp op, IrType t)
{
    switch (op) {
    case IR_and:
    case IR_andc:
    case IR_or:
    case IR_xor:
    case IR_eq:
    case IR_ne:
    case IR_ltu:
    case IR_leu:
    case IR_select:
    case IR_zext:
    case IR_bits: return ir_type_bits(t) <= 32;
    default: return t == T_NO || t == T_I32 || t == T_F32;
    }
}

static bool takes_const(const IrInsn *in)
{
    int code = code32(in->op);

    return code >= 0 && ir_op_info[in->op].src[1] == COL_T && ir_op_info[in->op].src[2] == COL_NO
           && ir_op_info[in->op].dst[1] == COL_NO && fits32(in->op, in->type);
}

/* The mask of flags for which @cc holds. */
static uint64_t holding(IrCc cc)
{
    static const uint32_t all[4] = { IR_FL_Z, IR_FL_S, IR_FL_C, IR_FL_O };
    uint64_t mask = 0;

    for (unsigned i = 0; i < 16; i++) {
        uint32_t flags = 0;

        for (unsigned k = 0; k < 4; k++) {
            flags |= (i >> k & 1) != 0 ? all[k] : 0;
        }
        mask |= (uint64_t)ir_cc_holds(cc, flags) << interp_flags_bit(flags);
    }
    return mask;
}

static uint64_t eval_imm(const Decode *d, const IrInsn *in)
{
    return in->imm | (uint64_t)in->op << 16 | (uint64_t)in->type << 24
           | (uint64_t)slot_of(d, in->c) << 48;
}

static void pure(Decode *d, const IrInsn *in, unsigned dst)
{
    unsigned a = slot_of(d, in->a), b = slot_of(d, in->b);
    bool three = in->c != IR_NONE;
    uint64_t imm = three ? slot_of(d, in->c) : in->imm, k;

    if (ir_op_info[in->op].imm == IMM_LANE) {
        emit(d, CODE_vec, dst, a, b, eval_imm(d, in));
    } else if (in->op == IR_const) {
        emit(d, CODE_const, dst, 0, 0, in->imm);
    } else if (in->op == IR_fcond) {
        emit(d, CODE_holds, dst, a, 0, holding((IrCc)in->imm));
    } else if (in->op == IR_not && in->type == T_I1) {
        emit(d, K32_xor, dst, a, 0, 1);
    } else if (in->op == IR_trunc && ir_type_bits(in->type) < 32) {
        emit(d, CODE_mask, dst, a, 0, bits_mask(ir_type_bits(in->type)));
    } else if (in->b != IR_NONE && takes_const(in) && ir_is_const(d->blk, in->b, &k)) {
        emit(d, (Code)(code32(in->op) + 2), dst, a, 0, k);
    } else if (fits32(in->op, in->type)) {
        emit(d, (Code)code32(in->op), dst, a, b, imm);
    } else if (ir_type_bits(in->type) == 64) {
        emit(d, (Code)(code32(in->op) + 1), dst, a, b, imm);
    } else {
        emit(d, CODE_eval, dst, a, b, eval_imm(d, in));
    }
}

/* ---- state and memory ---- */

static Code load_state(IrType t)
{
    switch (ir_type_bits(t)) {
    case 1: return CODE_gld1;
    case 8: return CODE_gld8;
    case 16: return CODE_gld16;
    case 32: return CODE_get32;
    case 128: return CODE_gld128;
    default: return CODE_get64;
    }
}

static Code store_state(IrType t)
{
    switch (ir_type_bits(t)) {
    case 1:
    case 8: return CODE_set8;
    case 16: return CODE_set16;
    case 32: return CODE_set32;
    case 128: return CODE_gst128;
    default: return CODE_set64;
    }
}

static uint64_t mem_imm(uint64_t memop, IrType type, uint64_t offset)
{
    return (memop & MEM_MEMOP) | ((1u << memop_align(memop)) - 1) << MEM_ALIGN_SHIFT
           | (uint64_t)type << MEM_TYPE_SHIFT | offset << MEM_OFFSET_SHIFT;
}

static void load(Decode *d, unsigned dst, IrRef va, IrType type, uint64_t memop, uint64_t offset)
{
    static const Code plain[] = { CODE_ld8, CODE_ld16, CODE_ld32, CODE_ld64 };
    unsigned size = memop & MO_SIZE;
    Code code = size == MO_128 ? CODE_ld128 : CODE_ldany;

    if (size != MO_128 && (memop & (MO_BE | MO_UNPRIV)) == 0) {
        if ((memop & MO_SIGN) == 0 || 8 * memop_bytes(memop) == ir_type_bits(type)) {
            code = plain[size];
        } else if (type == T_I32) {
            code = size == MO_8 ? CODE_lds8 : CODE_lds16;
        }
    }
    emit(d, code, dst, slot_of(d, va), d->index, mem_imm(memop, type, offset));
}

static void store(Decode *d, IrRef va, IrRef value, uint64_t memop, uint64_t offset)
{
    static const Code plain[] = { CODE_st8, CODE_st16, CODE_st32, CODE_st64 };
    Code code = (memop & MO_SIZE) == MO_128          ? CODE_st128
                : (memop & (MO_BE | MO_UNPRIV)) == 0 ? plain[memop & MO_SIZE]
                                                     : CODE_stany;

    emit(d, code, d->index, slot_of(d, va), slot_of(d, value), mem_imm(memop, T_NO, offset));
}

static void call(Decode *d, const IrInsn *in, unsigned dst)
{
    emit(d, CODE_call, dst, slot_of(d, in->a), slot_of(d, in->b),
         in->imm | (uint64_t)d->index << 32 | (uint64_t)slot_of(d, in->c) << 48);
    if ((d->blk->isa->helpers[in->imm].effects & HELPER_FAULTS) != 0) {
        d->may_leave = true;
    }
}

static void fp(Decode *d, const IrInsn *in, unsigned dst)
{
    bool traps = ir_fp_traps(in);

    if (ir_op_info[in->op].imm == IMM_LANE) {
        emit(d, CODE_vecfp, dst, slot_of(d, in->a), slot_of(d, in->b), eval_imm(d, in));
        return;
    }
    emit(d, traps ? CODE_fptrap : CODE_fp, dst, slot_of(d, in->a), slot_of(d, in->b),
         eval_imm(d, in) | (traps ? (uint64_t)d->index << 32 : 0));
    d->may_leave |= traps;
}

/* ---- control ---- */

static void mark(Decode *d, unsigned n)
{
    d->index = n;
    if (d->may_leave) {
        emit(d, CODE_mark, n, 0, 0, 0);
        d->may_leave = false;
    }
}

static void skip(Decode *d, const IrInsn *in)
{
    d->skip = emit(d, CODE_skip, 0, slot_of(d, in->a), 0, 0);
    d->skip_leaves = d->may_leave;
}

/* Who skips has not passed the marks inside. */
static void label(Decode *d)
{
    d->skip->imm = (uint64_t)(d->op - d->skip);
    d->may_leave |= d->skip_leaves;
}

static void site(Decode *d, Code code, const IrInsn *in)
{
    Gva va = ir_pc_va(in->imm);
    Op *op = emit(d, code, d->index, slot_of(d, in->a), 0, 0);
    uint32_t at = (uint32_t)((uint8_t *)op - (uint8_t *)d->start);
    Op *to = d->op++;

    to->va = va;
    to->mode = ir_pc_mode(in->imm);
    to->fetch = 0;
    to->cross = (va ^ d->blk->pc) >> VIEW_PAGE_SHIFT != 0;
    if (d->out->n_sites < HOST_SITES_MAX) {
        d->out->site[d->out->n_sites++] = (HostSite){
            .code_offset = at + (uint32_t)offsetof(Op, imm),
            .aux_offset = to->cross ? at + (uint32_t)(sizeof(Op) + offsetof(Op, fetch)) : 0,
            .stub_offset = at,
            .va = va,
            .mode = to->mode,
        };
    }
}

static void guard(Decode *d, const IrInsn *in)
{
    uint64_t page = ((uint64_t)ir_pc_va(in->imm) >> VIEW_PAGE_SHIFT) + 1;
    uint32_t want = VIEW_FETCH_OK | (uint32_t)(d->blk->guard_pa >> VIEW_PAGE_SHIFT);

    emit(d, CODE_guard, d->index, 0, 0, want | (page & (VIEW_PAGES - 1)) << 32);
}

static void control(Decode *d, const IrInsn *in)
{
    switch (in->op) {
    case IR_insn: g_assert_not_reached();
    case IR_count: emit(d, CODE_count, 0, 0, 0, in->imm); break;
    case IR_skip: skip(d, in); break;
    case IR_label: label(d); break;
    case IR_guard: guard(d, in); break;
    case IR_goto: site(d, CODE_goto, in); break;
    case IR_gotoif: site(d, CODE_gotoif, in); break;
    case IR_check: site(d, CODE_check, in); break;
    case IR_jump: emit(d, CODE_jump, d->index, slot_of(d, in->a), 0, in->imm); break;
    case IR_dispatch: emit(d, CODE_dispatch, d->index, 0, 0, 0); break;
    case IR_leave: emit(d, CODE_leave, d->index, 0, 0, 0); break;
    default: g_assert_not_reached();
    }
}

static int32_t home(const Decode *d, const IrInsn *in)
{
    return d->blk->isa->globals[in->imm].offset;
}

static uint64_t offset_imm(int32_t offset) { return (uint64_t)(int64_t)offset; }

static void memory(Decode *d, const IrInsn *in, unsigned dst)
{
    IrType type = (IrType)in->type;

    d->may_leave = true;
    switch (in->op) {
    case IR_ld: load(d, dst, in->a, type, in->imm, 0); break;
    case IR_st: store(d, in->a, in->b, in->imm, 0); break;
    case IR_rld: load(d, dst, in->b, T_I32, (uint32_t)in->imm, in->imm >> 32); break;
    case IR_rst: store(d, in->b, in->c, (uint32_t)in->imm, in->imm >> 32); break;
    case IR_cas:
        emit(d, CODE_cas, dst, slot_of(d, in->a), slot_of(d, in->b),
             mem_imm(in->imm, type, d->index) | (uint64_t)slot_of(d, in->c) << 48);
        break;
    case IR_run: break;
    default: g_assert_not_reached();
    }
}

static void state(Decode *d, const IrInsn *in, unsigned dst)
{
    IrType type = in->a == IR_NONE ? (IrType)in->type : ir_type_of(d->blk, in->a);
    unsigned a = slot_of(d, in->a);

    switch (in->op) {
    case IR_get: emit(d, load_state(type), dst, 0, 0, offset_imm(home(d, in))); break;
    case IR_set: emit(d, store_state(type), 0, a, 0, offset_imm(home(d, in))); break;
    case IR_gld: emit(d, load_state(type), dst, 0, 0, in->imm); break;
    case IR_gst: emit(d, store_state(type), 0, a, 0, in->imm); break;
    case IR_retired: emit(d, CODE_retired, dst, 0, 0, d->index); break;
    default: g_assert_not_reached();
    }
}

static void one(Decode *d, const IrInsn *in, unsigned dst)
{
    switch (ir_op_info[in->op].effect) {
    case E_PURE: pure(d, in, dst); break;
    case E_GLOBAL_R:
    case E_GLOBAL_W:
    case E_STATE_R:
    case E_STATE_W: state(d, in, dst); break;
    case E_MEM_R:
    case E_MEM_W: memory(d, in, dst); break;
    case E_FP: fp(d, in, dst); break;
    case E_CALL: call(d, in, dst); break;
    default: control(d, in); break;
    }
}

/* ---- the block ---- */

/* Constants that are not in the immediate of all their users. */
static void want_constants(Decode *d)
{
    memset(d->wanted, 0, d->blk->n);
    for (unsigned i = 0; i < d->blk->n; i++) {
        const IrInsn *in = &d->blk->insn[i];
        IrRef src[3] = { in->a, in->b, in->c };

        for (unsigned k = 0; k < 3 && d->live[i]; k++) {
            if (src[k] != IR_NONE && !(k == 1 && takes_const(in))) {
                d->wanted[src[k] / 2] = 1;
            }
        }
    }
}

static void head(Decode *d)
{
    unsigned flags = (d->h->options.count_units ? HEAD_COUNTS : 0)
                     | (d->h->options.trace ? HEAD_TRACES : 0);

    emit(d, CODE_head, d->blk->n_insns, flags, 0, 0);
}

/* The largest unit that the block can become. */
static size_t bound(const IrBlock *blk)
{
    return (size_t)(2 * blk->n + 2) * sizeof(Op) + (blk->n_insns + 1) * sizeof(InsnMark);
}

/* Two results, or one of two words. */
static bool takes_two(const IrInsn *in)
{
    const IrOpInfo *info = &ir_op_info[in->op];

    return info->dst[1] != COL_NO || info->dst[0] == COL_V128
           || (info->dst[0] == COL_T && in->type == T_V128);
}

static void operations(Decode *d)
{
    unsigned n_insns = 0;

    for (unsigned i = 0; i < d->blk->n; i++) {
        const IrInsn *in = &d->blk->insn[i];
        unsigned dst = 0;

        if (!d->live[i] || (in->op == IR_const && !d->wanted[i])) {
            continue;
        }
        if (in->op == IR_insn) {
            mark(d, n_insns++);
            continue;
        }
        if (ir_op_info[in->op].dst[0] != COL_NO) {
            dst = d->n_slots;
            d->slot[i] = (uint16_t)dst;
            d->n_slots += takes_two(in) ? 2 : 1;
        }
        one(d, in, dst);
    }
}

static uint8_t *marks(const Decode *d)
{
    uint8_t *at = (uint8_t *)d->op;

    for (unsigned i = 0; i < d->blk->n; i++) {
        const IrInsn *in = &d->blk->insn[i];

        if (in->op == IR_insn) {
            InsnMark m = { ir_pc_va(in->imm), ir_pc_mode(in->imm) };

            memcpy(at, &m, sizeof(m));
            at += sizeof(m);
        }
    }
    return at;
}

bool interp_compile(Host *h, const IrBlock *blk, HostCode *code, HostUnit *out)
{
    Decode d;
    uint8_t *rw = code->rw + (-(uintptr_t)code->rw & (sizeof(uint64_t) - 1)), *end;

    if (rw > code->rw_end || (size_t)(code->rw_end - rw) < bound(blk)) {
        return false;
    }
    d.blk = blk;
    d.h = h;
    d.start = d.op = (Op *)(void *)rw;
    d.out = out;
    d.index = 0;
    d.n_slots = 1;
    d.may_leave = false;
    out->n_sites = 0;
    h->to_rx = code->to_rx;
    ir_dead_at_marks(blk, d.live);
    want_constants(&d);
    head(&d);
    operations(&d);
    d.start->b = (uint16_t)(d.op - d.start);
    end = marks(&d);
    code->rw = end;
    out->code = rw + code->to_rx;
    out->code_bytes = (uint32_t)((uint8_t *)d.op - rw);
    out->side = out->code + out->code_bytes;
    out->side_bytes = (uint32_t)(end - (uint8_t *)d.op);
    out->executions = h->options.count_units
                          ? (const uint64_t *)(const void *)(out->code + offsetof(Op, imm))
                          : NULL;
    return true;
}
