/* SPDX-License-Identifier: MIT */
/*
 * emit_mem.c - guest memory: the inline sequence, and behind the unit what it leaves to C.
 *
 * Table entries > 0 are addends of plain RAM (softmmu/view.h). The slow part pushes its arguments
 * and calls a thunk that keeps every register.
 */
#include "backend/x64/x64_priv.h"
#include "base/bits.h"
#include "softmmu/view.h"

static X64Op extension(unsigned from_bits, bool is_signed)
{
    switch (from_bits) {
    case 8: return is_signed ? X64_MOVSX8 : X64_MOVZX8;
    case 16: return is_signed ? X64_MOVSX16 : X64_MOVZX16;
    default: return X64_MOVSXD;
    }
}

Slow *x64_new_slow(Gen *g, SlowKind kind)
{
    Slow *s = &g->slow[g->n_slow++];

    *s = (Slow){
        .kind = (uint8_t)kind,
        .dst = NO_REG,
        .value = NO_REG,
        .insn = (uint16_t)g->insn,
        .pc = g->pc,
        .mode = g->mode,
        .type = T_I64,
        .keeps_vecs = x64_vec_any(g),
        .vec = { NO_REG, NO_REG, NO_REG },
    };
    return s;
}

/* An access being emitted: all registers are chosen ahead of the first jump to the slow part. */
typedef struct Inline {
    Slow *s;
    IrRef ref; /* the address */
    X64Reg va, tmp, view;
} Inline;

static Inline begin(Gen *g, SlowKind kind, IrRef ref, uint64_t memop)
{
    Inline a = { .ref = ref, .view = R14 };

    a.va = x64_use(g, ref);
    a.tmp = x64_temp(g);
    if ((memop & MO_UNPRIV) != 0) {
        a.view = x64_temp(g);
    }
    a.s = x64_new_slow(g, kind);
    a.s->va = (uint8_t)a.va;
    a.s->memop = (uint32_t)memop;
    a.s->tmp = (uint8_t)a.tmp;
    return a;
}

/* Jumps to the slow part if the address is not a multiple of @align, a power of two. What its rule
 * demands of that, it is from here on. */
static void test_alignment(Gen *g, const Inline *a, uint32_t align)
{
    uint32_t rule = MIN(align, 1u << memop_align(a->s->memop));

    if (align > 1 && !(a->ref != IR_NONE && x64_is_aligned(g, a->ref, align))) {
        x64_mi(&g->as, X64_TEST, W8, x64_reg(a->va), (int32_t)(align - 1));
        a->s->misaligned = x64_jcc(&g->as, X64CC_NE, NULL);
        if (a->ref != IR_NONE && rule > 1) {
            x64_now_aligned(g, a->ref, rule);
        }
    }
    a->s->aligned = g->as.p;
}

/* tmp = the addend of the address, or off to the slow part. */
static void look_up(Gen *g, const Inline *a, bool write)
{
    int32_t table = write ? VIEW_WRITE : VIEW_READ;
    X64Rm entry = x64_index(a->view, a->tmp, 3, table);
    uint64_t k;

    if (a->ref != IR_NONE && x64_const(g, a->ref, &k)) {
        entry = x64_at(a->view, table + (int32_t)(k >> VIEW_PAGE_SHIFT) * 8);
    } else {
        x64_rm(&g->as, X64_MOV, W32, a->tmp, x64_reg(a->va));
        x64_shift(&g->as, X64_SHR, W32, x64_reg(a->tmp), VIEW_PAGE_SHIFT);
    }
    if (a->view != R14) {
        x64_rm(&g->as, X64_MOV, W64, a->view, x64_at(RBP, VCPU_COLD_OFFSET(unpriv_view)));
    }
    x64_rm(&g->as, X64_MOV, W64, a->tmp, entry);
    x64_rm(&g->as, X64_TEST, W64, a->tmp, x64_reg(a->tmp));
    a->s->from[0] = x64_jcc(&g->as, X64CC_LE, NULL);
}

/* What inline code demands: the rule's alignment and no crossing of a page. */
static uint32_t alignment(uint64_t memop)
{
    return MAX(memop_bytes(memop), 1u << memop_align(memop));
}

/* Whether the access is made in the window: it must be one instruction that leaves everything as it
 * was when the host stops it. */
static bool in_window(const Gen *g, uint64_t memop)
{
    bool swaps = (memop & MO_BE) != 0 && memop_bytes(memop) > 1;

    return g->blk->hot && (memop & MO_UNPRIV) == 0
           && (!swaps || (memop_bytes(memop) >= 4 && (g->h->features & X64_HAS_MOVBE) != 0));
}

/* Whether the host's flags survive the access: no test is made of the address. */
static bool leaves_flags(const Gen *g, uint64_t memop)
{
    return in_window(g, memop) && memop_align(memop) == 0;
}

static void flags_save(Gen *g, uint64_t memop)
{
    if (!leaves_flags(g, memop)) {
        x64_flags_save(g);
    }
}

static void flags_gone(Gen *g, uint64_t memop)
{
    if (!leaves_flags(g, memop)) {
        x64_flags_gone(g);
    }
}

/*
 * How the access goes on, as it is or in the window. There the host tests what is mapped and
 * takes what crosses a page; only the alignment rule is tested here. The register for the addend is
 * taken all the same, for the way by the tables behind the unit.
 */
static X64Rm access_at(Gen *g, Inline *a, bool write)
{
    uint32_t rule = 1u << memop_align(a->s->memop);

    a->s->keeps_flags = leaves_flags(g, a->s->memop) && x64_flags_any(g);
    if (!in_window(g, a->s->memop)) {
        test_alignment(g, a, alignment(a->s->memop));
        look_up(g, a, write);
        return x64_index(a->tmp, a->va, 0, 0);
    }
    if (rule > 1) {
        test_alignment(g, a, rule);
        a->s->unruly = a->s->misaligned;
        a->s->misaligned = NULL;
    }
    a->s->site = g->as.p;
    return x64_index(R14, a->va, 0, VIEW_WINDOW);
}

/* ---- load ---- */

static void swap_bytes(Gen *g, unsigned bits, X64Reg r)
{
    if (bits == 16) {
        x64_shift(&g->as, X64_ROL, W16, x64_reg(r), 8);
    } else if (bits >= 32) {
        x64_bswap(&g->as, bits == 64 ? W64 : W32, r);
    }
}

/* d = memory as @memop says, extended to type @t. */
static void load(Gen *g, IrType t, uint64_t memop, X64Reg d, X64Rm at)
{
    unsigned bits = 8 * memop_bytes(memop), to = ir_type_bits(t);
    bool is_signed = (memop & MO_SIGN) != 0 && to > bits, swap = (memop & MO_BE) != 0 && bits > 8;
    X64Width w = bits == 64 ? W64 : W32;

    if (swap && bits >= 32 && (g->h->features & X64_HAS_MOVBE) != 0) {
        x64_rm(&g->as, X64_MOVBE, w, d, at);
        swap = false;
    } else if (bits >= 32 && !(is_signed && !swap)) {
        x64_rm(&g->as, X64_MOV, w, d, at);
    } else if (swap || !is_signed) {
        x64_rm(&g->as, extension(bits, false), W32, d, at);
    } else {
        x64_rm(&g->as, extension(bits, true), to == 64 ? W64 : W32, d, at);
        x64_narrow(g, t, d);
        return;
    }
    if (swap) {
        swap_bytes(g, bits, d);
    }
    if (is_signed) {
        x64_rm(&g->as, extension(bits, true), to == 64 ? W64 : W32, d, x64_reg(d));
        x64_narrow(g, t, d);
    }
}

/* The load of @s, whose address and result are in registers, from @at. */
static void load_at(Gen *g, const Slow *s, X64Rm at)
{
    IrType t = (IrType)s->access_type;

    if (!x64_is_vec(t)) {
        load(g, t, s->memop, s->dst, at);
    } else if ((s->memop & MO_BE) == 0) {
        x64_vec_load(g, t, s->dst, at);
    } else { /* by way of the addend's register */
        load(g, t == T_F32 ? T_I32 : T_I64, s->memop & ~(uint32_t)MO_SIGN, s->tmp, at);
        x64_rm(&g->as, X64_MOVD, W64, s->dst, x64_reg(s->tmp));
    }
}

void x64_emit_ld(Gen *g, const IrInsn *in)
{
    IrType t = (IrType)in->type;
    unsigned bits = 8 * memop_bytes(in->imm), to = ir_type_bits(t);
    uint64_t memop = to > bits ? in->imm : in->imm & ~(uint64_t)MO_SIGN;
    X64Rm at;
    Inline a;

    flags_save(g, memop);
    a = begin(g, SLOW_LOAD, in->a, memop);
    a.s->access_type = (uint8_t)t;
    if (x64_is_vec(t)) {
        a.s->type = (uint8_t)t;
        a.s->dst = (uint8_t)x64_vec_def(g, (IrRef)(2 * g->i));
    } else {
        a.s->dst = (uint8_t)x64_def_in(g, (IrRef)(2 * g->i), a.tmp);
        a.s->from_bits = (memop & MO_SIGN) != 0 ? (uint8_t)bits : 0;
        a.s->dst_bits = (uint8_t)to;
    }
    at = access_at(g, &a, false);
    load_at(g, a.s, at);
    a.s->back = g->as.p;
    flags_gone(g, memop);
}

/* ---- store ---- */

static uint64_t bytes_swapped(uint64_t k, unsigned bits) { return bits_bswap64(k) >> (64 - bits); }

/* @va: the address, which must not be swapped when it is what is stored. */
static Stored value_to_store(Gen *g, IrRef ref, IrRef va, uint64_t memop)
{
    unsigned bits = 8 * memop_bytes(memop);
    bool swap = (memop & MO_BE) != 0 && bits > 8;
    Stored v = { NO_REG, NO_REG, 0, 0, x64_width(x64_type(g, ref)) == W64 };
    uint64_t k;

    if (x64_const(g, ref, &k) && x64_is_vec(x64_type(g, ref)) && bits == 64) {
        v.reg = x64_temp(g);
        x64_mov_imm(&g->as, v.reg, k);
        return v;
    }
    if (x64_const(g, ref, &k) && (bits < 64 || (k <= INT32_MAX && !swap))) {
        k &= bits_mask(bits);
        v.imm = (int32_t)(uint32_t)k;
        v.imm_in_order = swap ? (int32_t)(uint32_t)bytes_swapped(k, bits) : v.imm;
        return v;
    }
    if (x64_is_vec(x64_type(g, ref))) {
        X64Reg x = x64_vec_use(g, ref);

        v.reg = x64_temp(g);
        x64_mr(&g->as, X64_MOVD, bits == 64 ? W64 : W32, x64_reg(v.reg), x);
        return v;
    }
    v.reg = x64_use(g, ref);
    if (swap && (g->h->features & X64_HAS_MOVBE) == 0
        && x64_resolve(g, ref) == x64_resolve(g, va)) {
        v.swapped = x64_temp(g);
    }
    return v;
}

/* Its own inverse. A 64-bit value keeps its upper half. */
static void swap_in_place(Gen *g, unsigned bits, const Stored *v)
{
    if (bits == 32 && v->wide) {
        x64_bswap(&g->as, W64, v->reg);
        x64_shift(&g->as, X64_ROL, W64, x64_reg(v->reg), 32);
    } else {
        swap_bytes(g, bits, v->reg);
    }
}

static void store(Gen *g, uint64_t memop, X64Rm at, const Stored *v)
{
    unsigned bits = 8 * memop_bytes(memop);
    X64Width w = bits == 8 ? W8 : bits == 16 ? W16 : bits == 32 ? W32 : W64;

    bool swap = (memop & MO_BE) != 0 && bits > 8;

    if (v->reg == NO_REG) {
        x64_mi(&g->as, X64_MOV, w, at, v->imm_in_order);
    } else if (v->swapped != NO_REG) {
        x64_rm(&g->as, X64_MOV, W64, v->swapped, x64_reg(v->reg));
        swap_bytes(g, bits, v->swapped);
        x64_mr(&g->as, X64_MOV, w, at, v->swapped);
    } else if (swap && (g->h->features & X64_HAS_MOVBE) == 0) {
        swap_in_place(g, bits, v);
        x64_mr(&g->as, X64_MOV, w, at, v->reg);
        swap_in_place(g, bits, v); /* and back */
    } else {
        x64_mr(&g->as, swap ? X64_MOVBE : X64_MOV, w, at, v->reg);
    }
}

/* The store of @s, whose address and value are in registers, to @at. */
static void store_at(Gen *g, const Slow *s, X64Rm at)
{
    if (x64_is_vec((IrType)s->type)) {
        x64_vec_store(g, (IrType)s->type, at, s->value);
    } else {
        store(g, s->memop, at, &s->stored);
    }
}

void x64_emit_st(Gen *g, const IrInsn *in)
{
    IrType t = x64_type(g, in->b);
    bool vec = x64_is_vec(t) && (in->imm & MO_BE) == 0 && !x64_const(g, in->b, &(uint64_t){ 0 });
    Stored v = { 0 };
    X64Reg x = NO_REG;
    X64Rm at;
    Inline a;

    flags_save(g, in->imm);
    if (vec) {
        x = x64_vec_use(g, in->b);
    } else {
        v = value_to_store(g, in->b, in->a, in->imm);
    }
    a = begin(g, SLOW_STORE, in->a, in->imm);
    a.s->value = (uint8_t)(vec ? x : v.reg);
    a.s->type = (uint8_t)(vec ? t : T_I64);
    a.s->imm = v.imm;
    a.s->stored = v;
    at = access_at(g, &a, true);
    store_at(g, a.s, at);
    a.s->back = g->as.p;
    flags_gone(g, in->imm);
}

/* ---- runs ---- */

void x64_emit_run(Gen *g, const IrInsn *in)
{
    uint32_t bytes = (uint32_t)(in->imm >> 32), memop = (uint32_t)in->imm;
    Asm *as = &g->as;
    Inline a;

    x64_flags_save(g);
    a = begin(g, SLOW_RUN, in->a, memop);
    a.s->memop |= bytes << 16;
    x64_mi(as, X64_TEST, W8, x64_reg(a.va), 3);
    a.s->from[1] = x64_jcc(as, X64CC_NE, NULL);
    if (bytes > 4) {
        x64_rm(as, X64_LEA, W32, a.tmp, x64_at(a.va, (int32_t)bytes - 4));
        x64_rm(as, X64_XOR, W32, a.tmp, x64_reg(a.va));
        x64_shift(as, X64_SHR, W32, x64_reg(a.tmp), VIEW_PAGE_SHIFT);
        a.s->from[2] = x64_jcc(as, X64CC_NE, NULL);
    }
    look_up(g, &a, (memop & MO_WRITE) != 0);
    a.s->dst = (uint8_t)x64_own(g, (IrRef)(2 * g->i), a.tmp);
    a.s->back = as->p;
    x64_flags_gone(g);
}

void x64_emit_rld(Gen *g, const IrInsn *in)
{
    X64Reg token = x64_use(g, in->a), va = x64_use(g, in->b), d;

    d = x64_def_last(g, (IrRef)(2 * g->i));
    load(g, T_I32, (uint32_t)in->imm & ~(uint32_t)MO_SIGN, d,
         x64_index(token, va, 0, (int32_t)(in->imm >> 32)));
}

void x64_emit_rst(Gen *g, const IrInsn *in)
{
    Stored v = value_to_store(g, in->c, in->b, (uint32_t)in->imm);
    X64Reg token = x64_use(g, in->a), va;

    va = x64_use(g, in->b);
    store(g, (uint32_t)in->imm, x64_index(token, va, 0, (int32_t)(in->imm >> 32)), &v);
}

/* ---- the slow parts ---- */

/* A misaligned access that its rule allows and that does not cross a page may go the fast way. */
static void emit_misaligned(Gen *g, const Slow *s)
{
    uint32_t size = memop_bytes(s->memop), rule = 1u << memop_align(s->memop);
    uint8_t *bad = NULL;
    Asm *as = &g->as;

    x64_patch(as, s->misaligned, as->p);
    if (rule >= size) {
        return; /* on into what follows */
    }
    if (rule > 1) {
        x64_mi(as, X64_TEST, W8, x64_reg(s->va), (int32_t)(rule - 1));
        bad = x64_jcc(as, X64CC_NE, NULL);
    }
    x64_rm(as, X64_LEA, W32, s->tmp, x64_at(s->va, (int32_t)size - 1));
    x64_rm(as, X64_XOR, W32, s->tmp, x64_reg(s->va));
    x64_shift(as, X64_SHR, W32, x64_reg(s->tmp), VIEW_PAGE_SHIFT);
    x64_jcc(as, X64CC_E, s->aligned);
    if (bad) {
        x64_patch(as, bad, as->p);
    }
}

/* What the load gave, as the inline part would have. */
static void finish_load(Gen *g, const Slow *s)
{
    if (x64_is_vec((IrType)s->type)) {
        x64_rm(&g->as, X64_MOVQ, W32, s->dst, x64_at(RSP, 0));
        x64_rm(&g->as, X64_LEA, W64, RSP, x64_at(RSP, 8));
        return;
    }
    x64_pop(&g->as, s->dst);
    if (s->from_bits != 0) {
        x64_rm(&g->as, extension(s->from_bits, true), s->dst_bits == 64 ? W64 : W32, s->dst,
               x64_reg(s->dst));
        x64_narrow(g, s->dst_bits == 16 ? T_I16 : s->dst_bits == 8 ? T_I8 : T_I64, s->dst);
    }
}

/* One call of C for @s, of the bytes from @ahead on. */
static void call_c(Gen *g, const Slow *s, X64Reg va, uint32_t memop, unsigned ahead)
{
    static const uint8_t thunks[][2] = {
        [SLOW_LOAD] = { THUNK_LOAD, THUNK_LOAD_VECS },
        [SLOW_STORE] = { THUNK_STORE, THUNK_STORE_VECS },
        [SLOW_RUN] = { THUNK_RUN, THUNK_RUN_VECS },
    };
    Asm *as = &g->as;

    x64_push(as, va);
    if (s->kind == SLOW_STORE) {
        if (s->value == NO_REG) {
            x64_push_imm(as, s->imm);
        } else if (x64_is_vec((IrType)s->type)) {
            x64_push_imm(as, 0);
            x64_mr(as,
                   ahead != 0         ? X64_MOVHPS
                   : s->type == T_F32 ? X64_MOVD
                                      : X64_MOVQ_ST,
                   W32, x64_at(RSP, 0), s->value);
        } else {
            x64_push(as, s->value);
        }
    }
    x64_push_imm(as, (int32_t)memop);
    x64_call(as, g->h->thunk[thunks[s->kind][s->keeps_vecs || s->type == T_V128]]);
    x64_point(g, s->insn, s->pc, s->mode);
}

/* In two halves: the first has the alignment demanded of the whole. A load's register changes when
 * both have been read: it may be the guest's own. */
static void call_twice(Gen *g, const Slow *s)
{
    uint32_t memop = (s->memop & ~(uint32_t)MO_SIZE) | MO_64;

    call_c(g, s, s->va, memop | MO_HALF, 0);
    if (s->kind == SLOW_LOAD) {
        x64_pop_mem(&g->as, x64_at(RSP, 0)); /* slot 0: the address is of after it */
    }
    x64_rm(&g->as, X64_LEA, W32, s->tmp, x64_at(s->va, 8));
    call_c(g, s, s->tmp, memop & ~(uint32_t)MO_ALIGN, 8);
    if (s->kind == SLOW_LOAD) {
        x64_rm(&g->as, X64_MOVQ, W32, s->dst, x64_at(RSP, 8));
        x64_rm(&g->as, X64_MOVHPS, W32, s->dst, x64_at(RSP, 0));
        x64_rm(&g->as, X64_LEA, W64, RSP, x64_at(RSP, 8));
    }
}

/* Back into the unit, with the host's flags as they were. */
static void go_back(Gen *g, const Slow *s)
{
    if (s->keeps_flags) {
        x64_push_mem(&g->as, x64_at(RBP, VCPU_COLD_OFFSET(host_flags)));
        x64_popf(&g->as);
    }
    x64_jmp(&g->as, s->back);
}

/* The way by the tables of an access in the window. */
static void emit_elsewhere(Gen *g, Slow *s)
{
    Inline a = { .s = s, .ref = IR_NONE, .va = s->va, .tmp = s->tmp, .view = R14 };
    X64Rm at = x64_index(s->tmp, s->va, 0, 0);

    s->elsewhere = g->as.p;
    if (s->keeps_flags) {
        x64_pushf(&g->as);
        x64_pop_mem(&g->as, x64_at(RBP, VCPU_COLD_OFFSET(host_flags)));
    }
    test_alignment(g, &a, alignment(s->memop));
    look_up(g, &a, s->kind == SLOW_STORE);
    if (s->kind == SLOW_LOAD) {
        load_at(g, s, at);
    } else {
        store_at(g, s, at);
    }
    go_back(g, s);
    if (s->unruly) {
        x64_patch(&g->as, s->unruly, s->elsewhere);
    }
}

static void emit_access(Gen *g, Slow *s)
{
    if (s->site) {
        emit_elsewhere(g, s);
    }
    if (s->misaligned) {
        emit_misaligned(g, s);
    }
    for (unsigned k = 0; k < G_N_ELEMENTS(s->from); k++) {
        if (s->from[k]) {
            x64_patch(&g->as, s->from[k], g->as.p);
        }
    }
    if (s->type == T_V128) {
        call_twice(g, s);
    } else {
        call_c(g, s, s->va, s->memop, 0);
        if (s->kind != SLOW_STORE) {
            finish_load(g, s);
        }
    }
    go_back(g, s);
}

void x64_emit_slow(Gen *g)
{
    for (unsigned k = 0; k < g->n_slow; k++) {
        Slow *s = &g->slow[k];

        switch (s->kind) {
        case SLOW_FP: x64_emit_fp_slow(g, s); break;
        case SLOW_VEC_FP: x64_emit_vec_fp_slow(g, s); break;
        default: emit_access(g, s); break;
        }
    }
}
