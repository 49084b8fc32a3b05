/* SPDX-License-Identifier: MIT */
/* liveness.c - one backward walk: last uses, hints for registers, what may be done lazily. */
#include "backend/x64/x64_priv.h"

#include <string.h>

/* What the walk knows about the operations behind the one at hand. */
typedef struct Walk {
    Gen *g;
    unsigned barrier;      /* the next one that looks at globals, or may */
    unsigned vec_barrier;  /* at the guest's vectors */
    uint16_t get[N_HINTS]; /* the next get and set of each global, gld and gst of each vector */
    uint16_t set[N_HINTS];
    uint32_t sets; /* globals set in the region */
    unsigned regions;
} Walk;

static bool is_barrier(const Gen *g, const IrInsn *in)
{
    switch (ir_op_info[in->op].effect) {
    case E_MEM_R:
    case E_MEM_W: return in->op != IR_rld && in->op != IR_rst;
    case E_SIDE:
    case E_EXIT: return true;
    case E_MARK: return in->op == IR_label;
    case E_FP: return ir_fp_traps(in);
    case E_CALL:
        return (g->blk->isa->helpers[in->imm].effects & (HELPER_GLOBALS | HELPER_FAULTS)) != 0;
    default: return false;
    }
}

/* A use of @ref at @pos that allows what @bits say. */
static void use(Gen *g, IrRef ref, unsigned pos, unsigned bits)
{
    Val *v;

    if (ref == IR_NONE) {
        return;
    }
    v = &g->val[ref];
    v->last = MAX(v->last, pos);
    v->uses = v->uses < 2 ? v->uses + 1 : 2;
    v->bits &= bits;
}

static void use_flags(Gen *g, IrRef ref, unsigned pos, unsigned need)
{
    if (need != 0) {
        use(g, ref, pos, 0);
        g->val[ref].need |= need;
    }
}

static bool is_small_shift(const Gen *g, const IrInsn *in)
{
    uint64_t by;

    return in->op == IR_shl && in->type >= T_I32 && ir_is_const(g->blk, in->b, &by) && by <= 3;
}

static bool is_lazy(const Gen *g, const IrInsn *in, const Val *v)
{
    switch (in->op) {
    case IR_fcond: return (v->bits & VAL_FUSED) != 0;
    case IR_eq:
    case IR_ne:
    case IR_ltu:
    case IR_leu:
    case IR_lts:
    case IR_les: return (v->bits & VAL_FUSED) != 0 && v->uses == 1;
    case IR_shl: return (v->bits & VAL_SCALED) != 0 && v->uses == 1 && is_small_shift(g, in);
    case IR_and: return (v->bits & VAL_TESTED) != 0 && v->uses == 1;
    default: return false;
    }
}

static bool is_zero(const Gen *g, IrRef ref)
{
    uint64_t k;

    return ir_is_const(g->blk, ref, &k) && k == 0;
}

/* Whether the I1 operand of @in may be a condition that is not in a register. */
static void use_operands(Gen *g, const IrInsn *in, unsigned i, unsigned pos)
{
    const Val *v = &g->val[2 * i];

    switch (in->op) {
    case IR_fcond: use_flags(g, in->a, pos, x64_cc_needs((unsigned)in->imm)); return;
    case IR_fnz:
        use_flags(g, in->a, pos, v->need & (NEED_C | NEED_O));
        use(g, in->b, pos, VAL_TESTED);
        return;
    case IR_fnzc:
        use_flags(g, in->a, pos, v->need & NEED_O);
        use(g, in->b, pos, VAL_TESTED);
        if ((v->need & NEED_C) != 0) {
            use(g, in->c, pos, VAL_FUSED);
        }
        return;
    case IR_finvc: use_flags(g, in->a, pos, v->need); return;
    case IR_fselect:
        use(g, in->a, pos, VAL_FUSED);
        use_flags(g, in->b, pos, v->need);
        use_flags(g, in->c, pos, v->need);
        return;
    case IR_select: use(g, in->a, pos, VAL_FUSED); break;
    case IR_skip:
    case IR_gotoif: use(g, in->a, pos, VAL_FUSED); return;
    case IR_adcf:
    case IR_sbbf:
        use(g, in->a, pos, 0);
        use(g, in->b, pos, 0);
        use(g, in->c, pos, VAL_FUSED);
        return;
    case IR_add:
        /* one of them */
        use(g, in->a, pos,
            in->type >= T_I32 && g->blk->insn[in->b / 2].op != IR_shl ? VAL_SCALED : 0);
        use(g, in->b, pos, in->type >= T_I32 ? VAL_SCALED : 0);
        return;
    case IR_eq:
    case IR_ne: use(g, in->a, pos, is_zero(g, in->b) ? VAL_TESTED : 0); break;
    default: use(g, in->a, pos, 0); break;
    }
    use(g, in->b, pos, 0);
    use(g, in->c, pos, 0);
    for (unsigned k = 0; k < 3; k++) {
        IrRef ref = k == 0 ? in->a : k == 1 ? in->b : in->c;

        if (ref != IR_NONE && ir_type_of(g->blk, ref) == T_FLAGS) {
            g->val[ref].need = NEED_ALL;
        }
    }
}

/* A hint holds if nothing between definition and set looks at the global. */
static void settle_hint(const Walk *w, Val *v)
{
    if (v->hint != NO_GLOBAL
        && (v->set > (v->hint < IR_GLOBALS_MAX ? w->barrier : w->vec_barrier)
            || v->set > w->get[v->hint] || v->set != w->set[v->hint])) {
        v->hint = NO_GLOBAL;
    }
}

/* C that is called may look at the guest's vectors; what a region does must not be done ahead. */
static bool is_vec_barrier(const Gen *g, const IrInsn *in)
{
    return in->op == IR_skip || is_barrier(g, in)
           || (in->op == IR_call && g->blk->isa->helpers[in->imm].effects != 0);
}

/* What gld or gst @in means to hints; NO_GLOBAL: nothing. */
static uint8_t vec_hint(const Gen *g, const IrInsn *in)
{
    X64Reg pin = x64_vec_pin(g->h, (int32_t)in->imm);

    return pin == NO_REG ? NO_GLOBAL : (uint8_t)(IR_GLOBALS_MAX + pin - FIRST_VEC_PIN);
}

static void note_state(Walk *w, const IrInsn *in, unsigned i)
{
    uint8_t hint = vec_hint(w->g, in);

    if (hint == NO_GLOBAL) {
        return;
    }
    if (in->op == IR_gld) {
        w->get[hint] = (uint16_t)i;
        return;
    }
    w->g->val[in->a].hint = hint;
    w->g->val[in->a].set = (uint16_t)i;
    w->set[hint] = (uint16_t)i;
}

static void note_set(Walk *w, const IrInsn *in, unsigned i)
{
    const Host *h = w->g->h;
    Val *v = &w->g->val[in->a];

    if (h->pin[in->imm] != NO_REG || in->imm == h->flags_global) {
        v->hint = (uint8_t)in->imm;
        v->set = (uint16_t)i;
    }
    w->set[in->imm] = (uint16_t)i;
    w->sets |= 1u << in->imm;
}

static bool is_unused(const Gen *g, const IrInsn *in, unsigned i)
{
    switch (ir_op_info[in->op].effect) {
    case E_PURE:
    case E_GLOBAL_R:
    case E_STATE_R: return g->val[2 * i].uses == 0 && g->val[2 * i + 1].uses == 0;
    default: return false;
    }
}

/* The operand that result @v of vector operation @in is computed over should be there already, if
 * it dies here. */
static void hint_operand(Gen *g, const IrInsn *in, unsigned i, const Val *v)
{
    IrRef ref = in->op == IR_vandc || in->op == IR_vext ? in->b : in->a;

    if (ir_op_info[in->op].imm == IMM_LANE && ref != IR_NONE && x64_type(g, ref) == T_V128
        && g->val[ref].last == i && g->val[ref].hint == NO_GLOBAL) {
        g->val[ref].hint = v->hint;
        g->val[ref].set = v->set;
    }
}

static void visit(Walk *w, unsigned i)
{
    Gen *g = w->g;
    const IrInsn *in = &g->blk->insn[i];
    Val *v = &g->val[2 * i];
    unsigned pos = i;

    if (is_unused(g, in, i)) {
        g->live[i] = 0;
        return;
    }
    settle_hint(w, &v[0]);
    settle_hint(w, &v[1]);
    if (is_lazy(g, in, v)) {
        v->bits |= VAL_LAZY;
        v->hint = NO_GLOBAL;
        pos = v->last;
    }
    use_operands(g, in, i, pos);
    if (in->op == IR_zext || in->op == IR_bits || x64_is_zero_above(g, in)) {
        g->val[in->a].hint = v->hint;
        g->val[in->a].set = v->set;
    }
    if (v->hint != NO_GLOBAL && v->hint >= IR_GLOBALS_MAX) {
        hint_operand(g, in, i, v);
    }
    if (is_barrier(g, in)) {
        w->barrier = i;
    }
    if (is_vec_barrier(g, in)) {
        w->vec_barrier = i;
    }
    switch (in->op) {
    case IR_set: note_set(w, in, i); break;
    case IR_get: w->get[in->imm] = (uint16_t)i; break;
    case IR_gld:
    case IR_gst: note_state(w, in, i); break;
    case IR_call:
        if ((g->blk->isa->helpers[in->imm].effects & HELPER_GLOBALS) != 0) {
            w->sets = UINT32_MAX;
        }
        break;
    case IR_label: w->sets = 0; break;
    case IR_skip: g->region_sets[w->regions++] = w->sets; break;
    default: break;
    }
}

void x64_liveness(Gen *g)
{
    static const Val nothing = {
        .same = IR_NONE,
        .reg = NO_REG,
        .slot = NO_SLOT,
        .home = NO_GLOBAL,
        .hint = NO_GLOBAL,
        .vec = NO_REG,
        .bits = VAL_FUSED | VAL_SCALED | VAL_TESTED,
    };
    Walk w = { .g = g, .barrier = NO_POS, .vec_barrier = NO_POS };
    unsigned n = g->blk->n;

    memset(w.get, 0xff, sizeof(w.get));
    memset(w.set, 0xff, sizeof(w.set));
    for (unsigned i = 0; i < 2 * n; i++) {
        g->val[i] = nothing;
    }
    if (g->h->options.optimise_off) {
        memset(g->live, 1, n);
    } else {
        ir_dead(g->blk, g->live);
    }
    for (unsigned i = n; i-- > 0;) {
        if (g->live[i]) {
            visit(&w, i);
        }
    }
    g->region = w.regions;
}
