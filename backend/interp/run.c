/* SPDX-License-Identifier: MIT */
/* run.c - the interpreter's loop. */
#include <string.h>

#include "backend/interp/interp_priv.h"
#include "base/bits.h"
#include "softmmu/mmu.h"
#include "translator/ir/ir_meaning.h"

typedef struct Run {
    Vcpu *v;
    Host *h;
    const InsnMark *marks; /* of the unit that runs */
    unsigned n;            /* its instructions */
    HostExit why;
    uint64_t slot[2 * IR_BLOCK_MAX];
} Run;

/* ---- ways out; NULL with why set, or where to go on ---- */

static const Op *out(Run *r, HostExit why)
{
    r->why = why;
    return NULL;
}

static const Op *out_at(Run *r, HostExit why, Gva pc, uint32_t mode)
{
    r->v->pc = pc;
    r->v->mode = mode;
    return out(r, why);
}

/* Leaves in front of instruction @index. */
static const Op *out_before(Run *r, unsigned index)
{
    r->v->leave = LEAVE_NO;
    r->v->budget += r->n - index;
    return out_at(r, HOST_LEAVE, r->marks[index].pc, r->marks[index].mode);
}

/* Leaves inside instruction @index, which has raised an exception. */
static const Op *out_inside(Run *r, unsigned index)
{
    vcpu_cold(r->v)->host_pc = &r->marks[index];
    return out_at(r, HOST_INSIDE, r->marks[index].pc, r->marks[index].mode);
}

static void credit(Run *r, unsigned index) { r->v->budget += r->n - (index + 1); }

static uint64_t count_at(const Run *r, unsigned index)
{
    return r->v->limit - (uint64_t)r->v->budget - (r->n - index);
}

static uint32_t fetch_entry(const Vcpu *v, uint32_t page)
{
    uint32_t entry;

    memcpy(&entry, v->view + VIEW_FETCH + (size_t)page * sizeof(entry), sizeof(entry));
    return entry;
}

/* goto, gotoif taken, check: to the constant target behind @op. */
static const Op *follow(Run *r, const Op *op)
{
    const Op *to = op + 1;
    Vcpu *v = r->v;

    credit(r, op->dst);
    if (v->leave != LEAVE_NO) {
        v->leave = LEAVE_NO;
        return out_at(r, HOST_LEAVE, to->va, to->mode);
    }
    if (op->imm == 0) {
        vcpu_cold(v)->host_pc = op;
        return out_at(r, HOST_LINK, to->va, to->mode);
    }
    if (to->cross != 0 && fetch_entry(v, to->va >> VIEW_PAGE_SHIFT) != to->fetch) {
        return out_at(r, HOST_LOOKUP, to->va, to->mode);
    }
    return (const Op *)(uintptr_t)op->imm;
}

static const Op *check(Run *r, const Op *op)
{
    if (r->v->attention != 0) {
        credit(r, op->dst);
        r->v->leave = LEAVE_NO;
        return out_at(r, HOST_LEAVE, op[1].va, op[1].mode);
    }
    return follow(r, op);
}

/* To v->pc, v->mode by way of the hash. */
static const Op *look_up(Run *r)
{
    Vcpu *v = r->v;
    uint32_t low = v->pc | (v->mode & 1);
    uint64_t tag = v->lookup_ctx | low;
    const VcpuLookup *e = &vcpu_cold(v)->lookup[vcpu_lookup_slot(low)];

    if (v->leave != LEAVE_NO) {
        v->leave = LEAVE_NO;
        return out(r, HOST_LEAVE);
    }
    /* With chain off the hash may hold another host's code. */
    return r->h->options.chain && e->tag == tag
                   && (v->mode & ~(uint32_t)(r->h->isa->lookup_mode | 1)) == 0
               ? e->code
               : out(r, HOST_LOOKUP);
}

static const Op *jump(Run *r, const Op *op)
{
    Gva va = (Gva)r->slot[op->a];
    uint32_t mode = ir_pc_mode(op->imm);

    if ((op->imm & IR_ISA_BIT) != 0) {
        mode = (mode & ~1u) | (va & 1);
        va &= ~(Gva)1;
    }
    credit(r, op->dst);
    r->v->pc = va;
    r->v->mode = mode;
    return look_up(r);
}

static const Op *dispatch(Run *r, const Op *op)
{
    credit(r, op->dst);
    if (r->v->attention != 0) {
        r->v->leave = LEAVE_NO;
        return out(r, HOST_LEAVE);
    }
    return look_up(r);
}

static const Op *leave(Run *r, const Op *op)
{
    credit(r, op->dst);
    r->v->leave = LEAVE_NO;
    return out(r, HOST_LEAVE);
}

static const Op *guard(Run *r, const Op *op)
{
    bool same = fetch_entry(r->v, (uint32_t)(op->imm >> 32)) == (uint32_t)op->imm;

    return same ? op + 1 : out_before(r, op->dst);
}

static void instrument(Run *r, const Op *op)
{
    if ((op->a & HEAD_COUNTS) != 0) {
        Op *rw = (Op *)((uintptr_t)op - (uintptr_t)r->h->to_rx);

        rw->imm++;
    }
    if ((op->a & HEAD_TRACES) != 0) {
        r->h->options.trace(r->v, r->marks[0].pc, r->marks[0].mode);
    }
}

static const Op *head(Run *r, const Op *op)
{
    Vcpu *v = r->v;

    r->marks = (const InsnMark *)(const void *)(op + op->b);
    r->n = op->dst;
    v->budget -= r->n;
    if (v->budget < 0) {
        v->budget += r->n;
        return out_at(r, HOST_BUDGET, r->marks[0].pc, r->marks[0].mode);
    }
    if (op->a != 0) {
        instrument(r, op);
    }
    return op + 1;
}

/* ---- memory ---- */

static Gva address(const Run *r, const Op *op)
{
    return (Gva)(r->slot[op->a] + (op->imm >> MEM_OFFSET_SHIFT & 0xffff));
}

/* Where plain RAM is that the access may use at once; NULL: the slow path knows. */
static inline uint8_t *plain(const Vcpu *v, size_t table, Gva va, uint64_t imm, unsigned bytes)
{
    int64_t e;

    memcpy(&e, v->view + table + (size_t)(va >> VIEW_PAGE_SHIFT) * sizeof(e), sizeof(e));
    if (e <= 0 || (va & (imm >> MEM_ALIGN_SHIFT & 0xff)) != 0
        || (va & ((1u << VIEW_PAGE_SHIFT) - 1)) > (1u << VIEW_PAGE_SHIFT) - bytes) {
        return NULL;
    }
    return (uint8_t *)(uintptr_t)(uint64_t)(e + va);
}

/* False if the access has raised an exception, with everything ready to leave. */
static bool accessed(Run *r, unsigned index)
{
    if (r->v->leave == LEAVE_FAULT) {
        out_inside(r, index);
        return false;
    }
    return true;
}

static bool load_slowly(Run *r, const Op *op)
{
    IrType type = (IrType)(op->imm >> MEM_TYPE_SHIFT & 0xff);
    uint64_t value;

    vcpu_cold(r->v)->now_count = count_at(r, op->b);
    value = mmu_load(r->v, address(r, op), op->imm & MEM_MEMOP);
    r->slot[op->dst] = value & bits_mask(ir_type_bits(type));
    return accessed(r, op->b);
}

static bool store_slowly(Run *r, const Op *op)
{
    vcpu_cold(r->v)->now_count = count_at(r, op->dst);
    mmu_store(r->v, address(r, op), r->slot[op->b], op->imm & MEM_MEMOP);
    return accessed(r, op->dst);
}

static inline bool load(Run *r, const Op *op, unsigned bytes)
{
    const uint8_t *host = plain(r->v, VIEW_READ, address(r, op), op->imm, bytes);
    uint64_t value = 0;

    if (!host) {
        return load_slowly(r, op);
    }
    memcpy(&value, host, bytes);
    r->slot[op->dst] = value;
    return true;
}

/* From 8 or 16 bits, signed, to 32. */
static inline bool load_signed(Run *r, const Op *op, unsigned bytes)
{
    bool done = load(r, op, bytes);

    r->slot[op->dst] = bits_sext32((uint32_t)r->slot[op->dst], 8 * bytes);
    return done;
}

static inline bool store(Run *r, const Op *op, unsigned bytes)
{
    uint8_t *host = plain(r->v, VIEW_WRITE, address(r, op), op->imm, bytes);

    if (!host) {
        return store_slowly(r, op);
    }
    memcpy(host, &r->slot[op->b], bytes);
    return true;
}

/* In two halves: the first has the alignment demanded of the whole. */
static bool load_128(Run *r, const Op *op)
{
    uint64_t memop = (op->imm & MEM_MEMOP & ~(uint64_t)MO_SIZE) | MO_64 | MO_HALF;
    uint64_t value[2];
    const uint8_t *host = plain(r->v, VIEW_READ, address(r, op), op->imm, 16);

    if (host && (memop & MO_UNPRIV) == 0) {
        memcpy(&r->slot[op->dst], host, 16);
        return true;
    }
    vcpu_cold(r->v)->now_count = count_at(r, op->b);
    for (unsigned i = 0; i < 2; i++) {
        value[i] = mmu_load(r->v, address(r, op) + 8 * i, memop);
        if (!accessed(r, op->b)) {
            return false;
        }
        memop &= ~(uint64_t)(MO_ALIGN | MO_HALF);
    }
    memcpy(&r->slot[op->dst], value, 16);
    return true;
}

static bool store_128(Run *r, const Op *op)
{
    uint64_t memop = (op->imm & MEM_MEMOP & ~(uint64_t)MO_SIZE) | MO_64 | MO_HALF;
    uint8_t *host = plain(r->v, VIEW_WRITE, address(r, op), op->imm, 16);

    if (host && (memop & MO_UNPRIV) == 0) {
        memcpy(host, &r->slot[op->b], 16);
        return true;
    }
    vcpu_cold(r->v)->now_count = count_at(r, op->dst);
    for (unsigned i = 0; i < 2; i++) {
        mmu_store(r->v, address(r, op) + 8 * i, r->slot[op->b + i], memop);
        if (!accessed(r, op->dst)) {
            return false;
        }
        memop &= ~(uint64_t)(MO_ALIGN | MO_HALF);
    }
    return true;
}

static bool compare_and_swap(Run *r, const Op *op)
{
    unsigned index = op->imm >> MEM_OFFSET_SHIFT & 0xffff;
    uint64_t memop = op->imm & MEM_MEMOP, cut = bits_mask(8 * memop_bytes(memop)), old;

    vcpu_cold(r->v)->now_count = count_at(r, index);
    old = mmu_cas(r->v, (Gva)r->slot[op->a], r->slot[op->b] & cut, r->slot[op->imm >> 48] & cut,
                  memop);
    r->slot[op->dst] = old & bits_mask(ir_type_bits((IrType)(op->imm >> MEM_TYPE_SHIFT & 0xff)));
    return accessed(r, index);
}

/* ---- the rest ---- */

static bool call(Run *r, const Op *op)
{
    const IrHelper *helper = &r->h->isa->helpers[(uint32_t)op->imm & 0xffff];
    unsigned index = op->imm >> 32 & 0xffff;
    VcpuCold *cold = vcpu_cold(r->v);

    if (helper->effects != 0) {
        cold->now_count = count_at(r, index);
        cold->callouts += (helper->effects & HELPER_CALLOUT) != 0;
    }
    if ((helper->effects & HELPER_CALLOUT) != 0 && r->h->options.callout) {
        r->h->options.callout(r->v, r->marks[index].pc, (uint32_t)op->imm & 0xffff);
    }
    r->slot[op->dst] = helper->fn(r->v, r->slot[op->a], r->slot[op->b], r->slot[op->imm >> 48]);
    return (helper->effects & HELPER_FAULTS) == 0 || accessed(r, index);
}

static void eval(Run *r, const Op *op)
{
    IrOp what = (IrOp)(op->imm >> 16 & 0xff);
    IrType type = (IrType)(op->imm >> 24 & 0xff);
    IrResult res = ir_eval(what, type, r->slot[op->a], r->slot[op->b], r->slot[op->imm >> 48],
                           op->imm & 0xffff);

    r->slot[op->dst] = res.v[0];
    if (ir_op_info[what].dst[1] != COL_NO) {
        r->slot[op->dst + 1] = res.v[1];
    }
}

static void eval_fp(Run *r, const Op *op)
{
    r->slot[op->dst] = isa_do_fp(r->v, (IrOp)(op->imm >> 16 & 0xff), (IrType)(op->imm >> 24 & 0xff),
                                 r->slot[op->a], r->slot[op->b], r->slot[op->imm >> 48], op->imm);
}

static bool eval_fp_trap(Run *r, const Op *op)
{
    eval_fp(r, op);
    return accessed(r, op->imm >> 32 & 0xffff);
}

static IrVec vec_of(const Run *r, IrCol col, IrType type, unsigned slot)
{
    bool wide = col == COL_V128 || col == COL_ANY || (col == COL_T && type == T_V128);

    return (IrVec){ { r->slot[slot], wide ? r->slot[slot + 1] : 0 } };
}

static void eval_vec(Run *r, const Op *op, bool fp)
{
    IrOp what = (IrOp)(op->imm >> 16 & 0xff);
    const IrOpInfo *info = &ir_op_info[what];
    IrType type = (IrType)(op->imm >> 24 & 0xff);
    uint64_t imm = op->imm & 0xffff;
    IrVec a = vec_of(r, info->src[0], type, op->a), b = vec_of(r, info->src[1], type, op->b);
    IrVec c = vec_of(r, info->src[2], type, op->imm >> 48);
    IrVec d = fp ? isa_do_vec_fp(r->v, what, type, a, b, imm)
                 : ir_eval_vec(what, type, a, b, c, imm);

    r->slot[op->dst] = d.q[0];
    if (info->dst[0] == COL_V128 || (info->dst[0] == COL_T && type == T_V128)) {
        r->slot[op->dst + 1] = d.q[1];
    }
}

static inline uint64_t state_load(const Vcpu *v, uint64_t offset, unsigned bytes)
{
    uint64_t value = 0;

    memcpy(&value, (const char *)v + (int32_t)offset, bytes);
    return value;
}

static inline void state_store(Vcpu *v, uint64_t offset, const uint64_t *value, unsigned bytes)
{
    memcpy((char *)v + (int32_t)offset, value, bytes);
}

/* A slot's number; where the immediate is a value, some slot's, which is not used. */
enum { SLOT = 2 * IR_BLOCK_MAX - 1 };
G_STATIC_ASSERT((SLOT & (SLOT + 1)) == 0);

/* The words of the value columns, for one width. */
#define WIDTH_32 const uint64_t w = 32, m = UINT32_MAX, s = 0x80000000u
#define WIDTH_64 const uint64_t w = 64, m = UINT64_MAX, s = (uint64_t)1 << 63
#define OPERANDS(b_, c_, imm_) \
    const uint64_t a = slot[op->a], b = b_, c = c_, imm = imm_; \
    (void)a, (void)b, (void)c, (void)imm, (void)w, (void)m, (void)s

/* clang-format off */
#define ONE(code_, width, cut, b_, val) \
    case code_: { width; OPERANDS(b_, slot[op->imm & SLOT], op->imm); \
                  slot[op->dst] = (cut)(val); break; }
#define TWO(code_, width, cut, val, val2) \
    case code_: { width; OPERANDS(slot[op->b], slot[op->imm & SLOT], op->imm); \
                  slot[op->dst] = (cut)(val); slot[op->dst + 1] = (cut)(val2); break; }
#define BOTH(name, val) \
    ONE(W32_##name, WIDTH_32, uint32_t, slot[op->b], val) \
    ONE(W64_##name, WIDTH_64, uint64_t, slot[op->b], val)

HostExit interp_enter(Host *h, Vcpu *v, const void *entry)
{
    Run r;
    const Op *op = entry;
    uint64_t *const slot = r.slot;

    r.v = v;
    r.h = h;
    slot[0] = 0;
    vcpu_cold(v)->host_pc = NULL;
    for (;;) {
        switch (op->code) {
#define IR_UN(name, dst, a_, val)              BOTH(name, val)
#define IR_UNI(name, dst, a_, val)             BOTH(name, val)
#define IR_BIN(name, dst, a_, b_, val)         BOTH(name, val) \
                                               ONE(K32_##name, WIDTH_32, uint32_t, op->imm, val)
#define IR_TRI(name, dst, a_, b_, c_, val)     BOTH(name, val)
#define IR_BIN2(name, dst, dst2, a_, b_, val, val2) \
    TWO(W32_##name, WIDTH_32, uint32_t, val, val2) TWO(W64_##name, WIDTH_64, uint64_t, val, val2)
#define IR_TRI2(name, dst, dst2, a_, b_, c_, val, val2) \
    TWO(W32_##name, WIDTH_32, uint32_t, val, val2) TWO(W64_##name, WIDTH_64, uint64_t, val, val2)
#include "translator/ir/ir_ops.def"
        case CODE_const: slot[op->dst] = op->imm; break;
        case CODE_mask: slot[op->dst] = slot[op->a] & op->imm; break;
        case CODE_holds: slot[op->dst] = op->imm >> interp_flags_bit(slot[op->a]) & 1; break;
        case CODE_eval: eval(&r, op); break;
        case CODE_fp: eval_fp(&r, op); break;
        case CODE_fptrap: if (!eval_fp_trap(&r, op)) { return r.why; } break;
        case CODE_vec: eval_vec(&r, op, false); break;
        case CODE_vecfp: eval_vec(&r, op, true); break;
        case CODE_gld128: memcpy(&slot[op->dst], (char *)v + (int32_t)op->imm, 16); break;
        case CODE_gst128: state_store(v, op->imm, &slot[op->a], 16); break;
        case CODE_ld128: if (!load_128(&r, op)) { return r.why; } break;
        case CODE_st128: if (!store_128(&r, op)) { return r.why; } break;
        case CODE_get32: slot[op->dst] = state_load(v, op->imm, 4); break;
        case CODE_get64: slot[op->dst] = state_load(v, op->imm, 8); break;
        case CODE_gld1: slot[op->dst] = state_load(v, op->imm, 1) & 1; break;
        case CODE_gld8: slot[op->dst] = state_load(v, op->imm, 1); break;
        case CODE_gld16: slot[op->dst] = state_load(v, op->imm, 2); break;
        case CODE_set8: state_store(v, op->imm, &slot[op->a], 1); break;
        case CODE_set16: state_store(v, op->imm, &slot[op->a], 2); break;
        case CODE_set32: state_store(v, op->imm, &slot[op->a], 4); break;
        case CODE_set64: state_store(v, op->imm, &slot[op->a], 8); break;
        case CODE_ld8: if (!load(&r, op, 1)) { return r.why; } break;
        case CODE_ld16: if (!load(&r, op, 2)) { return r.why; } break;
        case CODE_ld32: if (!load(&r, op, 4)) { return r.why; } break;
        case CODE_ld64: if (!load(&r, op, 8)) { return r.why; } break;
        case CODE_lds8: if (!load_signed(&r, op, 1)) { return r.why; } break;
        case CODE_lds16: if (!load_signed(&r, op, 2)) { return r.why; } break;
        case CODE_ldany: if (!load_slowly(&r, op)) { return r.why; } break;
        case CODE_st8: if (!store(&r, op, 1)) { return r.why; } break;
        case CODE_st16: if (!store(&r, op, 2)) { return r.why; } break;
        case CODE_st32: if (!store(&r, op, 4)) { return r.why; } break;
        case CODE_st64: if (!store(&r, op, 8)) { return r.why; } break;
        case CODE_stany: if (!store_slowly(&r, op)) { return r.why; } break;
        case CODE_cas: if (!compare_and_swap(&r, op)) { return r.why; } break;
        case CODE_call: if (!call(&r, op)) { return r.why; } break;
        case CODE_retired: slot[op->dst] = count_at(&r, (unsigned)op->imm); break;
        case CODE_count: vcpu_cold(v)->ledger[op->imm]++; break;
        case CODE_mark: if (v->leave != LEAVE_NO) { out_before(&r, op->dst); return r.why; } break;
        case CODE_skip: op += slot[op->a] != 0 ? op->imm : 1; continue;
        case CODE_gotoif: op = slot[op->a] != 0 ? follow(&r, op) : op + 2; goto moved;
        case CODE_head: op = head(&r, op); goto moved;
        case CODE_guard: op = guard(&r, op); goto moved;
        case CODE_goto: op = follow(&r, op); goto moved;
        case CODE_check: op = check(&r, op); goto moved;
        case CODE_jump: op = jump(&r, op); goto moved;
        case CODE_dispatch: op = dispatch(&r, op); goto moved;
        case CODE_leave: op = leave(&r, op); goto moved;
        default: g_assert_not_reached();
        }
        op++;
        continue;
    moved:
        if (!op) {
            return r.why;
        }
    }
}
/* clang-format on */
