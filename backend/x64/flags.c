/* SPDX-License-Identifier: MIT */
/*
 * flags.c - FLAGS values and conditions.
 *
 * A FLAGS value is in the host's flags, in memory (a slot, or the global's home), or in both. In
 * memory it has the layout of IrFlags and only the bits that its users need.
 */
#include "backend/x64/x64_priv.h"

/* The parts of a FLAGS value's four bytes. */
static X64Rm part(X64Rm mem, int32_t byte)
{
    mem.disp += byte;
    return mem;
}

unsigned x64_cc_needs(unsigned cc)
{
    switch (cc & ~1u) {
    case CC_O: return NEED_O;
    case CC_C: return NEED_C;
    case CC_Z:
    case CC_S: return NEED_SZ;
    case CC_BE: return NEED_C | NEED_SZ;
    default: return NEED_SZ | NEED_O;
    }
}

static bool in_memory(const Gen *g, IrRef f)
{
    return g->val[f].slot != NO_SLOT || g->val[f].home != NO_GLOBAL;
}

/* Whether a FLAGS value may be built in the global's home now: it is set next, and what is there is
 * not needed behind this operation. */
static bool home_is_free(const Gen *g, IrRef f)
{
    IrRef old = g->h->flags_global == NO_GLOBAL ? IR_NONE : g->in_home[g->h->flags_global];

    if (g->val[f].hint == NO_GLOBAL || g->val[f].hint != g->h->flags_global
        || g->i > g->val[f].set) {
        return false;
    }
    return old == IR_NONE || !x64_live_after(g, old) || g->val[old].home != g->h->flags_global
           || g->val[old].slot != NO_SLOT;
}

/* Gives @f a place in memory, not yet filled. @now: operands of this operation have been read. */
static X64Rm place(Gen *g, IrRef f, bool now)
{
    unsigned home = g->h->flags_global;
    IrRef old = home == NO_GLOBAL ? IR_NONE : g->in_home[home];

    if (home_is_free(g, f) && (now || old == IR_NONE || g->val[old].last < g->i)) {
        if (old != IR_NONE && g->val[old].home == home) {
            g->val[old].home = NO_GLOBAL;
        }
        g->in_home[home] = f;
        g->val[f].home = (uint8_t)home;
        return x64_home(g, home);
    }
    return x64_slot(x64_new_slot(g, f));
}

/* mem = lahf's AH. The host's flags survive. */
static void store_sz(Gen *g, X64Rm mem)
{
    bool busy = (g->locked & 1u << RAX) != 0;

    if (busy) {
        x64_mr(&g->as, X64_MOV, W64, x64_slot(0), RAX);
    } else {
        x64_take(g, RAX);
    }
    x64_lahf(&g->as);
    x64_mov_ah(&g->as, mem);
    if (busy) {
        x64_rm(&g->as, X64_MOV, W64, RAX, x64_slot(0));
    } else {
        g->locked &= (uint16_t) ~(1u << RAX);
    }
}

static void store(Gen *g, X64Rm mem, unsigned need)
{
    if ((need & NEED_SZ) != 0) {
        store_sz(g, mem);
    }
    if ((need & (NEED_C | NEED_O)) != 0 && g->eflags_zero_co) {
        x64_mi(&g->as, X64_MOV, W16, part(mem, 1), 0);
        return;
    }
    if ((need & NEED_C) != 0) {
        x64_setcc(&g->as, X64CC_B, part(mem, 1));
    }
    if ((need & NEED_O) != 0) {
        x64_setcc(&g->as, X64CC_O, part(mem, 2));
    }
}

X64Rm x64_flags_mem(Gen *g, IrRef f)
{
    uint64_t k;
    const Val *v;

    f = x64_resolve(g, f);
    v = &g->val[f];
    if (!in_memory(g, f)) {
        X64Rm mem = place(g, f, false);

        if (x64_const(g, f, &k)) {
            x64_mi(&g->as, X64_MOV, W32, mem, (int32_t)k);
        } else {
            g_assert(g->eflags == f);
            store(g, mem, v->need & g->eflags_has);
        }
        return mem;
    }
    return v->slot != NO_SLOT ? x64_slot(v->slot) : x64_home(g, v->home);
}

void x64_flags_save(Gen *g)
{
    IrRef f = g->eflags;

    if (f != IR_NONE && x64_live_after(g, f) && !in_memory(g, f)) {
        x64_flags_mem(g, f);
    }
}

void x64_flags_gone(Gen *g)
{
    g->eflags = IR_NONE;
    g->szof = IR_NONE;
}

bool x64_flags_any(const Gen *g) { return g->eflags != IR_NONE || g->szof != IR_NONE; }

void x64_flags_are(Gen *g, IrRef f, unsigned has)
{
    g->eflags = f;
    g->eflags_has = (uint8_t)has;
    g->eflags_zero_co = false;
    g->szof = IR_NONE;
}

X64Reg x64_flags_value(Gen *g, IrRef f)
{
    X64Rm mem = x64_flags_mem(g, f);
    X64Reg r = x64_temp(g);

    x64_flags_save(g);
    x64_rm(&g->as, X64_MOV, W32, r, mem);
    x64_mi(&g->as, X64_AND, W32, x64_reg(r), IR_FL_ALL);
    x64_flags_gone(g);
    return r;
}

void x64_flags_from_reg(Gen *g, IrRef f, X64Reg r)
{
    X64Rm mem;

    x64_flags_save(g);
    x64_mi(&g->as, X64_AND, W32, x64_reg(r), IR_FL_ALL);
    x64_flags_gone(g);
    mem = place(g, f, true);
    x64_mr(&g->as, X64_MOV, W32, mem, r);
}

void x64_flags_set(Gen *g, IrRef f)
{
    unsigned home = g->h->flags_global;
    uint64_t k;
    X64Reg r;

    f = x64_resolve(g, f);
    if (g->in_home[home] == f && g->val[f].home == home) {
        return;
    }
    if (x64_const(g, f, &k)) {
        x64_home_lost(g, home);
        x64_mi(&g->as, X64_MOV, W32, x64_home(g, home), (int32_t)k);
        return;
    }
    if (g->eflags == f && g->eflags_has == NEED_ALL) {
        x64_home_lost(g, home);
        store(g, x64_home(g, home), NEED_ALL);
    } else {
        X64Rm from = x64_flags_mem(g, f);

        x64_home_lost(g, home);
        r = x64_temp(g);
        x64_rm(&g->as, X64_MOV, W32, r, from);
        x64_mr(&g->as, X64_MOV, W32, x64_home(g, home), r);
    }
    g->in_home[home] = f;
    g->val[f].home = (uint8_t)home;
}

/* ---- conditions ---- */

/* What tells condition @cc of the flags in memory at @mem. */
static X64Cc test_memory(Gen *g, X64Rm mem, unsigned cc)
{
    Asm *as = &g->as;
    X64Reg t;

    switch (cc & ~1u) {
    case CC_O: x64_mi(as, X64_CMP, W8, part(mem, 2), 0); break;
    case CC_C: x64_mi(as, X64_CMP, W8, part(mem, 1), 0); break;
    case CC_Z: x64_mi(as, X64_TEST, W8, mem, IR_FL_Z); break;
    case CC_S: x64_mi(as, X64_TEST, W8, mem, IR_FL_S); break;
    case CC_BE:
        t = x64_temp(g);
        x64_rm(as, X64_MOVZX8, W32, t, mem);
        x64_mi(as, X64_AND, W32, x64_reg(t), IR_FL_Z);
        x64_rm(as, X64_OR, W8, t, part(mem, 1));
        break;
    case CC_L:
        t = x64_temp(g);
        x64_rm(as, X64_MOVZX8, W32, t, mem);
        x64_shift(as, X64_SHR, W32, x64_reg(t), 7);
        x64_rm(as, X64_CMP, W8, t, part(mem, 2));
        break;
    default: /* CC_LE */
        t = x64_temp(g);
        x64_rm(as, X64_MOVZX8, W32, t, part(mem, 2));
        x64_shift(as, X64_SHL, W32, x64_reg(t), 7);
        x64_rm(as, X64_XOR, W8, t, mem);
        x64_mi(as, X64_TEST, W8, x64_reg(t), IR_FL_S | IR_FL_Z);
        break;
    }
    return (cc & 1) != 0 ? X64CC_E : X64CC_NE;
}

static X64Cc test_flags(Gen *g, IrRef f, unsigned cc)
{
    unsigned needs = x64_cc_needs(cc);
    X64Rm mem;
    X64Cc r;

    f = x64_resolve(g, f);
    if (g->eflags == f && (g->eflags_has & needs) == needs) {
        return (X64Cc)cc;
    }
    mem = x64_flags_mem(g, f);
    x64_flags_save(g);
    r = test_memory(g, mem, cc);
    x64_flags_gone(g);
    return r;
}

static X64Cc cc_of_compare(unsigned op)
{
    switch (op) {
    case IR_eq: return X64CC_E;
    case IR_ne: return X64CC_NE;
    case IR_ltu: return X64CC_B;
    case IR_leu: return X64CC_BE;
    case IR_lts: return X64CC_L;
    default: return X64CC_LE;
    }
}

/* The condition an unsigned or signed compare has with its operands exchanged. */
static X64Cc exchanged(X64Cc cc)
{
    switch (cc) {
    case X64CC_B: return X64CC_A;
    case X64CC_BE: return X64CC_AE;
    case X64CC_L: return X64CC_G;
    case X64CC_LE: return X64CC_GE;
    default: return cc;
    }
}

/* Sets sign and zero of the host's flags, and carry and overflow to 0, by value @ref. */
static void test_value(Gen *g, IrRef ref, X64Width w)
{
    const IrInsn *in;
    int32_t imm;
    X64Reg a;

    ref = x64_resolve(g, ref);
    in = &g->blk->insn[ref / 2];
    if ((g->val[ref].bits & VAL_LAZY) != 0 && in->op == IR_and) {
        a = x64_use(g, in->a);
        if (x64_imm(g, in->b, w, &imm)) {
            /* the short form, as long as bit 7 is not the sign asked for */
            bool is_short = imm >= 0 && imm <= 127;

            x64_mi(&g->as, X64_TEST, is_short ? W8 : w, x64_reg(a), imm);
        } else {
            x64_rm(&g->as, X64_TEST, w, x64_use(g, in->b), x64_reg(a));
        }
        return;
    }
    a = x64_use(g, ref);
    x64_rm(&g->as, X64_TEST, w, a, x64_reg(a));
}

/* Emits the compare @in itself. */
static X64Cc compare(Gen *g, const IrInsn *in)
{
    X64Width w = x64_exact_width((IrType)in->type);
    X64Cc cc = cc_of_compare(in->op);
    uint64_t k;
    int32_t imm;

    x64_flags_save(g);
    if (x64_const(g, in->b, &k) && k == 0 && (cc == X64CC_E || cc == X64CC_NE || cc == X64CC_L)) {
        if (g->szof == IR_NONE || g->szof != x64_resolve(g, in->a) || cc == X64CC_L) {
            test_value(g, in->a, w);
        }
        cc = cc == X64CC_L ? X64CC_S : cc;
    } else if (x64_imm(g, in->b, w, &imm)) {
        x64_mi(&g->as, X64_CMP, w, x64_operand(g, in->a, w), imm);
    } else if (x64_imm(g, in->a, w, &imm)) {
        x64_mi(&g->as, X64_CMP, w, x64_operand(g, in->b, w), imm);
        cc = exchanged(cc);
    } else {
        X64Reg a = x64_use(g, in->a);

        x64_rm(&g->as, X64_CMP, w, a, x64_operand(g, in->b, w));
    }
    x64_flags_gone(g);
    return cc;
}

X64Cc x64_cond(Gen *g, IrRef ref)
{
    const IrInsn *in;
    X64Reg r;

    ref = x64_resolve(g, ref);
    in = &g->blk->insn[ref / 2];
    if ((g->val[ref].bits & VAL_LAZY) != 0) {
        return in->op == IR_fcond ? test_flags(g, in->a, (unsigned)in->imm) : compare(g, in);
    }
    x64_flags_save(g);
    r = x64_use(g, ref);
    x64_rm(&g->as, X64_TEST, W32, r, x64_reg(r));
    x64_flags_gone(g);
    return X64CC_NE;
}

X64Carry x64_carry_find(Gen *g, IrRef ref)
{
    X64Carry c = { .value = x64_at(RSP, 0) };
    const IrInsn *in;
    IrRef f;

    ref = x64_resolve(g, ref);
    in = &g->blk->insn[ref / 2];
    if ((g->val[ref].bits & VAL_LAZY) == 0) {
        c.value = x64_reg(x64_use(g, ref));
    } else if (in->op == IR_fcond && (in->imm & ~1u) == CC_C) {
        f = x64_resolve(g, in->a);
        c.inverse = in->imm == CC_NC;
        c.there = g->eflags == f && (g->eflags_has & NEED_C) != 0;
        if (!c.there) {
            c.value = part(x64_flags_mem(g, f), 1);
        }
    } else {
        X64Cc cc = x64_cond(g, ref);
        X64Reg t;

        g->locked = 0; /* what the condition needed is done with */
        t = x64_temp(g);
        x64_setcc(&g->as, cc, x64_reg(t));
        c.value = x64_reg(t);
    }
    return c;
}

void x64_carry(Gen *g, X64Carry c)
{
    if (!c.there) {
        x64_mi(&g->as, X64_CMP, W8, c.value, 1); /* borrows if it is 0 */
    }
    if (c.there == c.inverse) {
        x64_cmc(&g->as);
    }
}

void x64_emit_compare(Gen *g, const IrInsn *in)
{
    IrRef ref = (IrRef)(2 * g->i);
    X64Cc cc = in->op == IR_fcond ? test_flags(g, in->a, (unsigned)in->imm) : compare(g, in);
    X64Reg r;

    x64_release(g, IR_NONE, IR_NONE);
    r = x64_def(g, ref);
    x64_setcc(&g->as, cc, x64_reg(r));
    x64_rm(&g->as, X64_MOVZX8, W32, r, x64_reg(r));
}

/* ---- operations on FLAGS ---- */

/* Copies byte @byte of FLAGS @f, whose bit is @need, to @mem. */
static void copy_byte(Gen *g, IrRef f, unsigned need, int32_t byte, X64Rm mem)
{
    X64Rm from;
    X64Reg t;

    if (g->eflags == f && (g->eflags_has & need) != 0) {
        x64_setcc(&g->as, byte == 1 ? X64CC_B : X64CC_O, part(mem, byte));
        return;
    }
    from = x64_flags_mem(g, f);
    if (from.reg == mem.reg && from.disp == mem.disp) {
        return;
    }
    t = x64_temp(g);
    x64_rm(&g->as, X64_MOVZX8, W32, t, part(from, byte));
    x64_mr(&g->as, X64_MOV, W8, part(mem, byte), t);
    g->locked &= (uint16_t) ~(1u << t);
}

/* The place of result @f when it keeps parts of @base: that of @base itself if it may be. */
static X64Rm place_over(Gen *g, IrRef f, IrRef base)
{
    unsigned home = g->h->flags_global;
    bool in_place = home != NO_GLOBAL && g->in_home[home] == base && home_is_free(g, f);
    bool late = home != NO_GLOBAL && g->in_home[home] != base;

    return place(g, f, in_place || late);
}

/* Where FLAGS @f are in memory, before its place is given to another value. */
static void pin_down(Gen *g, IrRef f, unsigned need)
{
    if ((g->eflags != f || (g->eflags_has & need) != need) && need != 0) {
        x64_flags_mem(g, f);
    }
}

static void show_sz(Gen *g, IrRef value, IrRef f, unsigned need, X64Rm mem)
{
    if (g->szof == IR_NONE || g->szof != value) {
        test_value(g, value, x64_exact_width(x64_type(g, value)));
    }
    x64_flags_are(g, f, NEED_SZ);
    if ((need & NEED_SZ) != 0 && mem.mem) {
        store_sz(g, mem);
    }
}

void x64_emit_fnz(Gen *g, const IrInsn *in)
{
    IrRef f = (IrRef)(2 * g->i), base = x64_resolve(g, in->a);
    unsigned need = g->val[f].need, kept = need & (NEED_C | NEED_O);
    X64Rm mem = { .mem = false };

    x64_flags_save(g);
    if (kept != 0) {
        X64Rm from;

        pin_down(g, base, kept);
        from = in_memory(g, base) ? x64_flags_mem(g, base) : mem;
        mem = place_over(g, f, base);
        if (!(from.mem && from.reg == mem.reg && from.disp == mem.disp)) {
            if ((kept & NEED_C) != 0) {
                copy_byte(g, base, NEED_C, 1, mem);
            }
            if ((kept & NEED_O) != 0) {
                copy_byte(g, base, NEED_O, 2, mem);
            }
        }
    }
    show_sz(g, in->b, f, need, mem);
}

void x64_emit_fnzc(Gen *g, const IrInsn *in)
{
    IrRef f = (IrRef)(2 * g->i), base = x64_resolve(g, in->a);
    unsigned need = g->val[f].need;
    X64Rm mem = { .mem = false };
    uint64_t k;

    x64_flags_save(g);
    if ((need & (NEED_C | NEED_O)) != 0) {
        X64Reg c = NO_REG;
        bool is_const = x64_const(g, in->c, &k);

        if ((need & NEED_O) != 0) {
            pin_down(g, base, NEED_O);
        }
        if ((need & NEED_C) != 0 && !is_const) {
            IrRef ref = x64_resolve(g, in->c);

            if ((g->val[ref].bits & VAL_LAZY) != 0) {
                X64Cc cc;

                if ((need & NEED_O) != 0) {
                    x64_flags_mem(g, base); /* the condition may overwrite the host's flags */
                }
                cc = x64_cond(g, ref);
                g->locked = 0;
                c = x64_temp(g);
                x64_setcc(&g->as, cc, x64_reg(c));
            } else {
                c = x64_use(g, ref);
            }
        }
        if ((need & NEED_O) != 0) {
            X64Rm from = in_memory(g, base) ? x64_flags_mem(g, base) : mem;

            mem = place_over(g, f, base);
            if (!(from.mem && from.reg == mem.reg && from.disp == mem.disp)) {
                copy_byte(g, base, NEED_O, 2, mem);
            }
        } else {
            mem = place(g, f, false);
        }
        if (is_const) {
            x64_mi(&g->as, X64_MOV, W8, part(mem, 1), (int32_t)k);
        } else if (c != NO_REG) {
            x64_mr(&g->as, X64_MOV, W8, part(mem, 1), c);
            g->locked &= (uint16_t) ~(1u << c);
        }
    }
    show_sz(g, in->b, f, need, mem);
}

void x64_emit_finvc(Gen *g, const IrInsn *in)
{
    IrRef f = (IrRef)(2 * g->i), a = x64_resolve(g, in->a);
    unsigned need = g->val[f].need;
    X64Rm from, mem;
    X64Reg t;

    x64_flags_save(g);
    if (g->eflags == a && (g->eflags_has & need) == need) {
        if ((need & NEED_C) != 0) {
            x64_cmc(&g->as);
        }
        x64_flags_are(g, f, need);
        return;
    }
    from = x64_flags_mem(g, a);
    x64_flags_gone(g);
    t = x64_temp(g);
    x64_rm(&g->as, X64_MOV, W32, t, from);
    x64_mi(&g->as, X64_XOR, W32, x64_reg(t), IR_FL_C);
    mem = place(g, f, true);
    x64_mr(&g->as, X64_MOV, W32, mem, t);
}

void x64_emit_fselect(Gen *g, const IrInsn *in)
{
    IrRef f = (IrRef)(2 * g->i);
    X64Rm b = x64_flags_mem(g, in->b), c, mem;
    X64Reg t, u;
    X64Cc cc;

    c = x64_flags_mem(g, in->c);
    x64_flags_save(g);
    cc = x64_cond(g, in->a);
    x64_release(g, IR_NONE, IR_NONE);
    t = x64_temp(g);
    u = x64_temp(g);
    x64_rm(&g->as, X64_MOV, W32, t, c);
    x64_rm(&g->as, X64_MOV, W32, u, b);
    x64_cmov(&g->as, cc, W32, t, x64_reg(u));
    mem = place(g, f, true);
    x64_mr(&g->as, X64_MOV, W32, mem, t);
}

void x64_emit_funpack(Gen *g, const IrInsn *in)
{
    X64Reg t = x64_temp(g);

    x64_copy(g, t, in->a);
    x64_flags_from_reg(g, (IrRef)(2 * g->i), t);
}
