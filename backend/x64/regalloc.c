/* SPDX-License-Identifier: MIT */
/* regalloc.c - where values are; see x64_priv.h for the rules. */
#include <string.h>

#include "backend/x64/x64_priv.h"
#include "base/bits.h"

/* Scratch registers in order of preference: rax and rcx have other duties. */
static const uint8_t scratch[] = { RSI, RDX, RCX, RAX };

IrType x64_type(const Gen *g, IrRef ref) { return ir_type_of(g->blk, ref); }

X64Width x64_exact_width(IrType t)
{
    switch (ir_type_bits(t)) {
    case 1:
    case 8: return W8;
    case 16: return W16;
    case 32: return W32;
    default: return W64;
    }
}

IrRef x64_resolve(const Gen *g, IrRef ref)
{
    IrRef same = ref == IR_NONE ? IR_NONE : g->val[ref].same;

    return same == IR_NONE ? ref : same;
}

bool x64_const(const Gen *g, IrRef ref, uint64_t *value)
{
    return ir_is_const(g->blk, x64_resolve(g, ref), value);
}

bool x64_imm(const Gen *g, IrRef ref, X64Width w, int32_t *imm)
{
    uint64_t v;

    if (!x64_const(g, ref, &v)) {
        return false;
    }
    *imm = (int32_t)(uint32_t)v;
    if (w == W8) {
        *imm = (int8_t)(uint8_t)v;
    } else if (w == W16) {
        *imm = (int16_t)(uint16_t)v;
    }
    return w != W64 || (uint64_t)(int64_t)*imm == v;
}

bool x64_live_after(const Gen *g, IrRef ref) { return g->val[ref].last > g->i; }

/* Whether this operation or a later one needs @ref. */
static bool needed(const Gen *g, IrRef ref) { return g->val[ref].last >= g->i; }

X64Rm x64_slot(unsigned slot) { return x64_at(RSP, (int32_t)(8 * slot)); }

X64Rm x64_home(const Gen *g, unsigned global)
{
    return x64_at(RBP, g->h->isa->globals[global].offset);
}

bool x64_slot_free(const Gen *g, unsigned s)
{
    return s >= g->n_slots || g->slot_owner[s] == IR_NONE || !needed(g, g->slot_owner[s]);
}

unsigned x64_new_slot(Gen *g, IrRef ref)
{
    unsigned s = 1;

    while (!x64_slot_free(g, s)) {
        s++;
    }
    if (s >= g->n_slots) {
        g_assert(s < N_SLOTS);
        g->n_slots = s + 1;
    }
    g->slot_owner[s] = ref;
    g->val[ref].slot = (uint8_t)s;
    return s;
}

static void save_slot(Gen *g, IrRef ref, X64Reg r)
{
    unsigned s = x64_new_slot(g, ref);

    x64_mr(&g->as, X64_MOV, W64, x64_slot(s), r);
}

static void lock(Gen *g, X64Reg r) { g->locked |= (uint16_t)(1u << r); }
static bool is_locked(const Gen *g, X64Reg r) { return (g->locked >> r & 1) != 0; }
static bool is_scratch(X64Reg r) { return (unsigned)r < N_REGS && (SCRATCH >> r & 1) != 0; }

/* A scratch register that nobody needs; or NO_REG. */
static X64Reg free_scratch(const Gen *g)
{
    for (unsigned k = 0; k < G_N_ELEMENTS(scratch); k++) {
        X64Reg r = scratch[k];

        if (!is_locked(g, r) && (g->owner[r] == IR_NONE || !needed(g, g->owner[r]))) {
            return r;
        }
    }
    return NO_REG;
}

static X64Reg other_pin(const Gen *g, IrRef v, X64Reg but)
{
    for (unsigned r = 0; r < N_REGS; r++) {
        if (r != but && g->owner[r] == v && !is_scratch(r)) {
            return r;
        }
    }
    return NO_REG;
}

/* Register @r is about to be overwritten: whatever in it is needed moves elsewhere. @after: what
 * this operation needs of it has been fetched. */
static void vacate(Gen *g, X64Reg r, bool after)
{
    IrRef v = g->owner[r];
    Val *val;
    X64Reg to;

    g->owner[r] = IR_NONE;
    if (v == IR_NONE || g->val[v].reg != r) {
        return;
    }
    val = &g->val[v];
    val->reg = NO_REG;
    if (val->last < g->i + after) {
        return;
    }
    val->reg = (uint8_t)other_pin(g, v, r);
    if (val->reg != NO_REG || val->slot != NO_SLOT || val->home != NO_GLOBAL) {
        return;
    }
    to = free_scratch(g);
    if (to == NO_REG || to == r) {
        save_slot(g, v, r);
        return;
    }
    x64_rm(&g->as, X64_MOV, x64_width(x64_type(g, v)), to, x64_reg(r));
    g->owner[to] = v;
    val->reg = (uint8_t)to;
}

void x64_begin_op(Gen *g, unsigned i)
{
    g->i = i;
    g->locked = 0;
    x64_vec_begin_op(g);
    for (unsigned k = 0; k < G_N_ELEMENTS(scratch); k++) {
        IrRef v = g->owner[scratch[k]];

        if (v != IR_NONE && g->val[v].last < i) {
            g->owner[scratch[k]] = IR_NONE;
        }
    }
}

/* The scratch register whose value is cheapest to lose. */
static X64Reg victim(const Gen *g)
{
    X64Reg best = NO_REG;
    unsigned best_cost = 0;

    for (unsigned k = 0; k < G_N_ELEMENTS(scratch); k++) {
        X64Reg r = scratch[k];
        const Val *v;
        unsigned far;

        if (is_locked(g, r)) {
            continue;
        }
        v = &g->val[g->owner[r]];
        far = v->last + (v->slot != NO_SLOT || v->home != NO_GLOBAL ? IR_BLOCK_MAX : 0);
        if (best == NO_REG || far > best_cost) {
            best = r;
            best_cost = far;
        }
    }
    g_assert(best != NO_REG);
    return best;
}

X64Reg x64_temp(Gen *g)
{
    X64Reg r = free_scratch(g);

    if (r == NO_REG) {
        r = victim(g);
    }
    lock(g, r);
    vacate(g, r, false);
    return r;
}

X64Reg x64_take(Gen *g, X64Reg r)
{
    g_assert(is_scratch(r) && !is_locked(g, r));
    lock(g, r);
    vacate(g, r, false);
    return r;
}

X64Rm x64_place(Gen *g, IrRef ref)
{
    const Val *v = &g->val[x64_resolve(g, ref)];

    if (v->reg != NO_REG) {
        return x64_reg(v->reg);
    }
    if (v->slot != NO_SLOT) {
        return x64_slot(v->slot);
    }
    g_assert(v->home != NO_GLOBAL);
    return x64_home(g, v->home);
}

static void load(Gen *g, X64Reg r, IrRef ref)
{
    ref = x64_resolve(g, ref);
    x64_rm(&g->as, X64_MOV, x64_width(x64_type(g, ref)), r, x64_place(g, ref));
}

void x64_copy(Gen *g, X64Reg r, IrRef ref)
{
    uint64_t k;

    if (x64_const(g, ref, &k)) {
        x64_mov_imm(&g->as, r, k);
    } else if (x64_type(g, ref) == T_FLAGS) {
        X64Reg t = x64_flags_value(g, ref);

        x64_rm(&g->as, X64_MOV, W32, r, x64_reg(t));
    } else if (g->val[x64_resolve(g, ref)].reg != r) {
        load(g, r, ref);
    }
}

X64Reg x64_use(Gen *g, IrRef ref)
{
    uint64_t k;
    X64Reg r;
    Val *v;

    ref = x64_resolve(g, ref);
    v = &g->val[ref];
    if (v->reg != NO_REG) {
        lock(g, v->reg);
        return v->reg;
    }
    if (x64_type(g, ref) == T_FLAGS) {
        return x64_flags_value(g, ref);
    }
    r = x64_temp(g);
    if (x64_const(g, ref, &k)) {
        x64_mov_imm(&g->as, r, k);
        return r;
    }
    load(g, r, ref);
    g->owner[r] = ref;
    v->reg = (uint8_t)r;
    return r;
}

X64Reg x64_use_in(Gen *g, X64Reg r, IrRef ref)
{
    if (g->val[x64_resolve(g, ref)].reg == r) {
        lock(g, r);
    } else {
        x64_take(g, r);
        x64_copy(g, r, ref);
    }
    return r;
}

X64Rm x64_operand(Gen *g, IrRef ref, X64Width w)
{
    uint64_t k;
    X64Rm at;

    ref = x64_resolve(g, ref);
    if (x64_const(g, ref, &k)) {
        return x64_reg(x64_use(g, ref));
    }
    at = x64_place(g, ref);
    if (!at.mem || x64_live_after(g, ref)
        || (w == W64 && x64_width(x64_type(g, ref)) != W64 && at.reg == RBP)) {
        return x64_reg(x64_use(g, ref));
    }
    return at;
}

/* ---- results ---- */

bool x64_fits_pin(const Gen *g, IrRef ref, X64Reg pin)
{
    const Val *v = &g->val[ref];
    IrRef old;

    if (v->hint == NO_GLOBAL || pin == NO_REG || g->h->pin[v->hint] != pin) {
        return false;
    }
    old = g->owner[pin];
    return old == IR_NONE || g->val[old].reg != pin || g->val[old].last <= g->i;
}

static X64Reg hinted_pin(const Gen *g, IrRef ref)
{
    unsigned hint = g->val[ref].hint;

    return hint == NO_GLOBAL ? NO_REG : g->h->pin[hint];
}

X64Reg x64_own(Gen *g, IrRef ref, X64Reg r)
{
    lock(g, r);
    g->owner[r] = ref;
    g->val[ref].reg = (uint8_t)r;
    return r;
}

X64Reg x64_def(Gen *g, IrRef ref)
{
    X64Reg pin = hinted_pin(g, ref);

    if (x64_fits_pin(g, ref, pin) && !is_locked(g, pin)) {
        vacate(g, pin, true);
        return x64_own(g, ref, pin);
    }
    return x64_own(g, ref, x64_temp(g));
}

X64Reg x64_def_last(Gen *g, IrRef ref)
{
    x64_release(g, IR_NONE, IR_NONE);
    return x64_def(g, ref);
}

X64Reg x64_def_in(Gen *g, IrRef ref, X64Reg tmp)
{
    X64Reg pin = hinted_pin(g, ref);

    if (x64_fits_pin(g, ref, pin)) {
        vacate(g, pin, true);
        return x64_own(g, ref, pin);
    }
    return x64_own(g, ref, tmp);
}

X64Reg x64_def_over(Gen *g, IrRef ref, IrRef a, uint16_t avoid)
{
    X64Reg pin = hinted_pin(g, ref), r;

    a = x64_resolve(g, a);
    if (x64_fits_pin(g, ref, pin) && (avoid >> pin & 1) == 0) {
        IrRef old = g->owner[pin];

        x64_copy(g, pin, a);
        if (old != a) {
            vacate(g, pin, true);
        } else if (g->val[a].reg == pin) {
            g->val[a].reg = NO_REG; /* it dies here */
        }
        return x64_own(g, ref, pin);
    }
    r = g->val[a].reg;
    if (is_scratch(r) && !x64_live_after(g, a) && (avoid >> r & 1) == 0) {
        g->val[a].reg = NO_REG;
        return x64_own(g, ref, r);
    }
    r = x64_temp(g);
    x64_copy(g, r, a);
    return x64_own(g, ref, r);
}

void x64_alias(Gen *g, IrRef ref, IrRef of)
{
    of = x64_resolve(g, of);
    g->val[ref].same = of;
    g->val[of].last = MAX(g->val[of].last, g->val[ref].last);
}

void x64_release(Gen *g, IrRef keep1, IrRef keep2)
{
    keep1 = x64_resolve(g, keep1);
    keep2 = x64_resolve(g, keep2);
    g->locked = 0;
    for (unsigned k = 0; k < G_N_ELEMENTS(scratch); k++) {
        IrRef v = g->owner[scratch[k]];

        if (v != IR_NONE && v != keep1 && v != keep2 && g->val[v].last <= g->i) {
            g->owner[scratch[k]] = IR_NONE;
            g->val[v].reg = NO_REG;
        }
    }
}

/* ---- globals ---- */

void x64_get(Gen *g, IrRef ref, unsigned global)
{
    X64Reg pin = g->h->pin[global];
    IrRef *holder = pin != NO_REG ? &g->owner[pin] : &g->in_home[global];

    if (*holder != IR_NONE && needed(g, *holder)
        && (pin != NO_REG || g->val[*holder].home == global)) {
        x64_alias(g, ref, *holder);
        return;
    }
    *holder = ref;
    if (pin != NO_REG) {
        g->val[ref].reg = (uint8_t)pin;
    } else {
        g->val[ref].home = (uint8_t)global;
    }
}

/* The home of @global is about to change: what it held is kept elsewhere if needed behind @pos. */
static void home_lost(Gen *g, unsigned global, unsigned pos)
{
    IrRef old = g->in_home[global];
    Val *v;

    g->in_home[global] = IR_NONE;
    if (old == IR_NONE || g->val[old].home != global) {
        return;
    }
    v = &g->val[old];
    if (v->last > pos && v->reg == NO_REG && v->slot == NO_SLOT) {
        X64Reg r = x64_temp(g);

        x64_rm(&g->as, X64_MOV, x64_width(x64_type(g, old)), r, x64_home(g, global));
        if (x64_type(g, old) == T_FLAGS) {
            save_slot(g, old, r);
        } else {
            x64_own(g, old, r);
        }
    }
    v->home = NO_GLOBAL;
}

void x64_home_lost(Gen *g, unsigned global) { home_lost(g, global, g->i); }

static void set_pin(Gen *g, X64Reg pin, IrRef ref)
{
    X64Reg from;
    uint64_t k;

    if (g->owner[pin] == ref) {
        return;
    }
    if (x64_const(g, ref, &k)) {
        vacate(g, pin, true);
        if (k == 0 && g->eflags == IR_NONE && g->szof == IR_NONE) {
            x64_rm(&g->as, X64_XOR, W32, pin, x64_reg(pin));
        } else {
            x64_mov_imm(&g->as, pin, k);
        }
        return;
    }
    from = g->val[ref].reg;
    if (from != NO_REG) {
        lock(g, from);
    }
    vacate(g, pin, true);
    load(g, pin, ref);
    if (from == NO_REG || is_scratch(from)) {
        if (from != NO_REG) {
            g->owner[from] = IR_NONE;
        }
        g->val[ref].reg = (uint8_t)pin;
    }
    g->owner[pin] = ref;
}

static void set_home(Gen *g, unsigned global, IrRef ref)
{
    X64Width w = x64_width(g->h->isa->globals[global].type);
    int32_t imm;

    if (g->in_home[global] == ref && g->val[ref].home == global) {
        return;
    }
    if (x64_imm(g, ref, w, &imm)) {
        x64_home_lost(g, global);
        x64_mi(&g->as, X64_MOV, w, x64_home(g, global), imm);
        return;
    }
    x64_use(g, ref);
    x64_home_lost(g, global);
    x64_mr(&g->as, X64_MOV, w, x64_home(g, global), x64_use(g, ref));
    if (x64_const(g, ref, &(uint64_t){ 0 })) {
        return;
    }
    g->in_home[global] = ref;
    if (g->val[ref].home == NO_GLOBAL) {
        g->val[ref].home = (uint8_t)global;
    }
}

void x64_set(Gen *g, unsigned global, IrRef ref)
{
    X64Reg pin = g->h->pin[global];

    ref = x64_resolve(g, ref);
    if (pin != NO_REG) {
        set_pin(g, pin, ref);
    } else {
        set_home(g, global, ref);
    }
}

/* Values whose only place is a global of @globals get another if they are needed behind @pos. */
static void keep_apart(Gen *g, uint32_t globals, unsigned pos)
{
    for (; globals != 0; globals &= globals - 1) {
        unsigned n = bits_ctz64(globals);
        X64Reg pin;
        IrRef v;

        if (n >= g->h->isa->n_globals) {
            return;
        }
        pin = g->h->pin[n];
        v = pin != NO_REG ? g->owner[pin] : g->in_home[n];
        if (v != IR_NONE && g->val[v].last > pos) {
            if (pin != NO_REG) {
                vacate(g, pin, true);
            } else {
                home_lost(g, n, pos);
            }
        }
        g->locked = 0;
    }
}

void x64_forget_globals(Gen *g)
{
    keep_apart(g, UINT32_MAX, g->i);
    for (unsigned n = 0; n < g->h->isa->n_globals; n++) {
        g->in_home[n] = IR_NONE;
        if (g->h->pin[n] != NO_REG) {
            g->owner[g->h->pin[n]] = IR_NONE;
        }
    }
}

/* ---- regions ---- */

static unsigned region_end(const Gen *g)
{
    unsigned i = g->i;

    while (g->blk->insn[i].op != IR_label) {
        i++;
    }
    return i;
}

static bool region_leaves(const Gen *g, unsigned label)
{
    return ir_op_info[g->blk->insn[label - 1].op].effect == E_EXIT;
}

void x64_region_begin(Gen *g)
{
    unsigned label = region_end(g);
    uint32_t sets = g->region_sets[g->region - 1];

    g->n_aligned_ahead = g->n_aligned;
    g->region--;
    if (!region_leaves(g, label)) {
        keep_apart(g, sets, label);
    }
    if (g->eflags != IR_NONE && g->val[g->eflags].last > label) {
        x64_flags_mem(g, g->eflags);
    }
    x64_vec_keep_behind(g, label);
}

void x64_region_snapshot(Gen *g)
{
    memcpy(g->snap.owner, g->owner, sizeof(g->owner));
    memcpy(g->snap.in_home, g->in_home, sizeof(g->in_home));
    memcpy(g->snap.slot_owner, g->slot_owner, g->n_slots * sizeof(g->slot_owner[0]));
    memset(g->snap.slot_owner + g->n_slots, 0xff,
           (N_SLOTS - g->n_slots) * sizeof(g->slot_owner[0]));
}

/* Moves what both ways to the label need back to where it was at the skip. */
static void reconcile(Gen *g)
{
    for (unsigned k = 0; k < G_N_ELEMENTS(scratch); k++) {
        IrRef v = g->snap.owner[scratch[k]];

        if (v != IR_NONE && needed(g, v) && g->val[v].reg != scratch[k] && is_scratch(g->val[v].reg)
            && g->val[v].slot == NO_SLOT) {
            save_slot(g, v, g->val[v].reg);
            g->val[v].reg = NO_REG;
        }
    }
    for (unsigned k = 0; k < G_N_ELEMENTS(scratch); k++) {
        IrRef v = g->snap.owner[scratch[k]];

        if (v != IR_NONE && needed(g, v) && g->val[v].reg != scratch[k]) {
            if (is_scratch(g->val[v].reg)) {
                g->val[v].reg = NO_REG; /* may be overwritten by now; the slot is good */
            }
            load(g, scratch[k], v);
        }
    }
}

static void restore_registers(Gen *g, uint32_t sets)
{
    for (unsigned r = 0; r < N_REGS; r++) {
        IrRef v = g->owner[r];

        if (v != IR_NONE && v != g->snap.owner[r] && g->val[v].reg == r) {
            g->val[v].reg = NO_REG;
        }
    }
    for (unsigned r = 0; r < N_REGS; r++) {
        IrRef v = g->snap.owner[r];
        unsigned global = g->h->global[r];

        g->owner[r] = IR_NONE;
        if (v == IR_NONE || (global != NO_GLOBAL && (sets >> global & 1) != 0)) {
            continue;
        }
        g->owner[r] = v;
        if (is_scratch(r) || g->val[v].reg == NO_REG) {
            g->val[v].reg = (uint8_t)r;
        }
    }
}

static void restore_memory(Gen *g, uint32_t sets)
{
    for (unsigned s = 1; s < g->n_slots; s++) {
        IrRef v = g->slot_owner[s];

        if (v != g->snap.slot_owner[s]) {
            if (v != IR_NONE && g->val[v].slot == s) {
                g->val[v].slot = NO_SLOT;
            }
            g->slot_owner[s] = g->snap.slot_owner[s];
        }
    }
    for (unsigned n = 0; n < g->h->isa->n_globals; n++) {
        IrRef v = g->in_home[n];

        if (v != IR_NONE && v != g->snap.in_home[n] && g->val[v].home == n) {
            g->val[v].home = NO_GLOBAL;
        }
    }
    for (unsigned n = 0; n < g->h->isa->n_globals; n++) {
        IrRef old = g->snap.in_home[n];

        g->in_home[n] = (sets >> n & 1) != 0 ? IR_NONE : old;
        if (old != IR_NONE && g->in_home[n] == IR_NONE && g->val[old].home == n) {
            g->val[old].home = NO_GLOBAL;
        } else if (g->in_home[n] != IR_NONE && g->val[old].home == NO_GLOBAL) {
            g->val[old].home = (uint8_t)n;
        }
    }
}

void x64_region_end(Gen *g)
{
    bool leaves = region_leaves(g, g->i);
    uint32_t sets = leaves ? 0 : g->region_sets[g->region];

    if (!leaves) {
        reconcile(g);
    }
    g->n_aligned = g->n_aligned_ahead;
    x64_vec_forget(g);
    restore_registers(g, sets);
    restore_memory(g, sets);
    g->eflags = IR_NONE;
    g->szof = IR_NONE;
}
