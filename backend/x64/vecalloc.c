/* SPDX-License-Identifier: MIT */
/*
 * vecalloc.c - where values of F32, F64, V64 and V128 are: XMM registers and slots.
 *
 * xmm3 to xmm15 hold values; xmm0 to xmm2 are free within every operation. What a register has
 * above its value's bits is anything. At a call values that are needed behind it must be kept, and
 * at a region's border none is.
 *
 * For guests that have vectors as state xmm8 to xmm15 are these, the pins (vecpins.c): at a fault
 * point, and wherever a unit is left or entered. A value may be in pins and be computed there.
 */
#include "backend/x64/x64_priv.h"

bool x64_is_vec(IrType t) { return t == T_F32 || t == T_F64 || t == T_V64 || t == T_V128; }

static void lock(Gen *g, unsigned x) { g->vec_locked |= (uint16_t)(1u << x); }
static bool is_locked(const Gen *g, unsigned x) { return (g->vec_locked >> x & 1) != 0; }

static bool is_const(const Gen *g, IrRef ref) { return x64_const(g, ref, &(uint64_t){ 0 }); }

/* Two neighbouring slots that nobody needs. */
static unsigned slot_pair(Gen *g, IrRef ref)
{
    unsigned s = 1;

    while (s < g->n_slots && !(x64_slot_free(g, s) && x64_slot_free(g, s + 1))) {
        s++;
    }
    g_assert(s + 1 < N_SLOTS);
    g->n_slots = MAX(g->n_slots, s + 2);
    g->slot_owner[s] = g->slot_owner[s + 1] = ref;
    g->val[ref].slot = (uint8_t)s;
    return s;
}

static void keep_in_slot(Gen *g, unsigned x)
{
    IrRef v = g->vec_owner[x];

    if (g->val[v].slot != NO_SLOT || is_const(g, v)) {
        return;
    }
    if (x64_type(g, v) == T_V128) {
        x64_mr(&g->as, X64_MOVUPS, W32, x64_slot(slot_pair(g, v)), (X64Reg)x);
    } else {
        x64_mr(&g->as, X64_MOVQ_ST, W32, x64_slot(x64_new_slot(g, v)), (X64Reg)x);
    }
}

static void drop(Gen *g, unsigned x)
{
    IrRef v = g->vec_owner[x];

    g->vec_owner[x] = IR_NONE;
    if (v != IR_NONE && g->val[v].vec == x) {
        g->val[v].vec = NO_REG;
    }
}

static bool needed(const Gen *g, unsigned x, unsigned from)
{
    IrRef v = g->vec_owner[x];

    return v != IR_NONE && g->val[v].vec == x && g->val[v].last >= from;
}

/* A register for a value of this operation; what is in it and needed moves to a slot. */
static unsigned take(Gen *g)
{
    unsigned best = N_VECS;

    for (unsigned x = FIRST_VEC; x < g->h->vec_end; x++) {
        if (is_locked(g, x)) {
            continue;
        }
        if (!needed(g, x, g->i)) {
            best = x;
            break;
        }
        if (best == N_VECS || g->val[g->vec_owner[x]].last > g->val[g->vec_owner[best]].last) {
            best = x;
        }
    }
    g_assert(best < N_VECS);
    if (needed(g, best, g->i)) {
        keep_in_slot(g, best);
    }
    drop(g, best);
    lock(g, best);
    return best;
}

static X64Reg own(Gen *g, IrRef ref, unsigned x)
{
    g->vec_owner[x] = ref;
    g->val[ref].vec = (uint8_t)x;
    return (X64Reg)x;
}

void x64_vec_load(Gen *g, IrType t, X64Reg x, X64Rm at)
{
    switch (t) {
    case T_F32: x64_rm(&g->as, X64_MOVD, W32, x, at); break;
    case T_V128: x64_rm(&g->as, X64_MOVUPS, W32, x, at); break;
    default: x64_rm(&g->as, X64_MOVQ, W32, x, at); break;
    }
}

void x64_vec_store(Gen *g, IrType t, X64Rm at, X64Reg x)
{
    switch (t) {
    case T_F32: x64_mr(&g->as, X64_MOVD, W32, at, x); break;
    case T_V128: x64_mr(&g->as, X64_MOVUPS, W32, at, x); break;
    default: x64_mr(&g->as, X64_MOVQ_ST, W32, at, x); break;
    }
}

void x64_vec_imm(Gen *g, X64Reg x, uint64_t k)
{
    X64Reg t;

    if (k == 0) {
        x64_rm(&g->as, X64_PXOR, W32, x, x64_reg(x));
        return;
    }
    t = x64_temp(g);
    x64_mov_imm(&g->as, t, k);
    x64_rm(&g->as, X64_MOVD, W64, x, x64_reg(t));
    g->locked &= (uint16_t) ~(1u << t);
}

X64Reg x64_vec_use(Gen *g, IrRef ref)
{
    uint64_t k;
    unsigned x;
    Val *v;

    ref = x64_resolve(g, ref);
    v = &g->val[ref];
    if (v->vec != NO_REG) {
        lock(g, v->vec);
        return (X64Reg)v->vec;
    }
    x = take(g);
    if (x64_const(g, ref, &k)) {
        x64_vec_imm(g, (X64Reg)x, k);
    } else {
        g_assert(v->slot != NO_SLOT);
        x64_vec_load(g, x64_type(g, ref) == T_V128 ? T_V128 : T_V64, (X64Reg)x, x64_slot(v->slot));
    }
    return own(g, ref, x);
}

/* ---- results ---- */

static bool is_pin(const Gen *g, unsigned x) { return x >= g->h->vec_end; }

/* The pin that should hold result @ref, or NO_REG. */
static X64Reg hinted(const Gen *g, IrRef ref)
{
    unsigned hint = g->val[ref].hint;

    return hint == NO_GLOBAL || hint < IR_GLOBALS_MAX ? NO_REG
                                                      : FIRST_VEC_PIN + hint - IR_GLOBALS_MAX;
}

static unsigned other_pin(const Gen *g, IrRef v, unsigned but)
{
    for (unsigned x = g->h->vec_end; x < N_VECS; x++) {
        if (x != but && g->vec_owner[x] == v) {
            return x;
        }
    }
    return NO_REG;
}

/* Pin @x is about to be overwritten: what is in it and needed behind this operation, which has
 * fetched what it needs, gets another place. */
static void vacate(Gen *g, X64Reg x)
{
    IrRef v = g->vec_owner[x];
    unsigned to;

    g->vec_owner[x] = IR_NONE;
    if (v == IR_NONE || g->val[v].vec != x) {
        return;
    }
    g->val[v].vec = NO_REG;
    if (!x64_live_after(g, v)) {
        return;
    }
    to = other_pin(g, v, x);
    if (to != NO_REG) {
        g->val[v].vec = (uint8_t)to;
    } else if (g->val[v].slot == NO_SLOT) {
        to = take(g);
        x64_rm(&g->as, X64_MOVAPS, W32, (X64Reg)to, x64_reg(x));
        own(g, v, to);
    }
}

static X64Reg own_pin(Gen *g, IrRef ref, X64Reg pin)
{
    vacate(g, pin);
    lock(g, pin);
    return own(g, ref, pin);
}

X64Reg x64_vec_def(Gen *g, IrRef ref)
{
    X64Reg pin = hinted(g, ref);

    return pin != NO_REG && !is_locked(g, pin) ? own_pin(g, ref, pin) : own(g, ref, take(g));
}

X64Reg x64_vec_def_from(Gen *g, IrRef ref, IrRef a)
{
    X64Reg pin = hinted(g, ref), x = x64_vec_use(g, a);

    return pin != NO_REG && x == pin ? own_pin(g, ref, pin) : x64_vec_def(g, ref);
}

X64Reg x64_vec_def_over(Gen *g, IrRef ref, IrRef a, X64Reg avoid)
{
    X64Reg pin = hinted(g, ref), x, d;

    a = x64_resolve(g, a);
    x = x64_vec_use(g, a);
    if (pin != NO_REG && pin != avoid && (pin == x || !is_locked(g, pin))) {
        d = own_pin(g, ref, pin);
        if (d != x) {
            x64_rm(&g->as, X64_MOVAPS, W32, d, x64_reg(x));
        }
        return d;
    }
    if (!x64_live_after(g, a) && x != avoid && !is_pin(g, x)) {
        drop(g, x);
        return own(g, ref, x);
    }
    d = (X64Reg)take(g);
    x64_rm(&g->as, X64_MOVAPS, W32, d, x64_reg(x));
    return own(g, ref, d);
}

bool x64_is_zero_above(const Gen *g, const IrInsn *in)
{
    IrType t;

    if (in->op != IR_vzext || g->blk->insn[in->a / 2u].op != IR_ld) {
        return false;
    }
    t = x64_type(g, in->a);
    return x64_is_vec(t) && t != T_V128;
}

/* ---- the guest's vectors ---- */

void x64_vec_get(Gen *g, IrRef ref, X64Reg pin)
{
    IrRef holder = g->vec_owner[pin];

    if (holder != IR_NONE && g->val[holder].last >= g->i) {
        x64_alias(g, ref, holder);
        return;
    }
    own(g, ref, pin);
}

void x64_vec_set(Gen *g, X64Reg pin, IrRef ref)
{
    unsigned from;

    ref = x64_resolve(g, ref);
    if (g->vec_owner[pin] == ref) {
        return;
    }
    from = x64_vec_use(g, ref);
    vacate(g, pin);
    x64_rm(&g->as, X64_MOVAPS, W32, pin, x64_reg((X64Reg)from));
    if (is_pin(g, from)) {
        g->vec_owner[pin] = ref;
    } else {
        drop(g, from);
        own(g, ref, pin);
    }
}

void x64_vec_begin_op(Gen *g) { g->vec_locked = 0; }

static void lose(Gen *g, unsigned from)
{
    for (unsigned x = FIRST_VEC; x < N_VECS; x++) {
        if (needed(g, x, from)) {
            keep_in_slot(g, x);
        }
    }
}

void x64_vec_forget(Gen *g)
{
    for (unsigned x = FIRST_VEC; x < N_VECS; x++) {
        drop(g, x);
    }
    x64_csr_unknown(g);
}

void x64_vec_keep(Gen *g) { lose(g, g->i + 1); }
void x64_vec_keep_behind(Gen *g, unsigned pos) { lose(g, pos + 1); }

bool x64_vec_any(const Gen *g)
{
    for (unsigned x = FIRST_VEC; x < N_VECS; x++) {
        if (needed(g, x, g->i + 1)) {
            return true;
        }
    }
    return false;
}
