/* SPDX-License-Identifier: MIT */
/*
 * lift_flags.c - the status flags: how instructions leave them (flags.h), and conditions over them.
 *
 * Within a unit a condition is taken straight from the instruction that made it: the builder keeps
 * notes of the FLAGS value that shows SF and ZF now, of that which shows OF, and of that which
 * shows CF, or of CF itself. Where there is no note, at a unit's head mostly, the flags are packed
 * first, by C if they are not.
 */
#include "frontend/x86/flags.h"
#include "frontend/x86/lift_int_priv.h"

/* Of ir_note(). */
enum { NOTE_SZ, NOTE_O, NOTE_C };

static void note_all(X86Lift *l, IrRef flags)
{
    ir_note(l->blk, NOTE_SZ, flags);
    ir_note(l->blk, NOTE_O, flags);
    ir_note(l->blk, NOTE_C, flags);
}

static bool known_kept(X86Lift *l, uint64_t *cc)
{
    IrRef v = ir_known(l->blk, G_KEPT);

    return v != IR_NONE && ir_is_const(l->blk, v, cc);
}

uint32_t x86_kept(unsigned op, IrType t)
{
    return op | (t == T_I32 ? 2u : t == T_I16 ? 1u : 0u) << KEPT_WIDTH_SHIFT;
}

void x86_set_result_flags(X86Lift *l, const X86Result *r)
{
    ir_set(l->blk, G_PF, x86_zext(l, r->x));
    ir_set(l->blk, G_AF, x86_zext(l, r->y));
    if ((r->kept & KEPT_OP) == KEPT_PACKED) {
        ir_set(l->blk, G_FLAGS, r->flags);
    }
    ir_set(l->blk, G_KEPT, x86_const32(l, r->kept));
    note_all(l, r->flags);
}

/* The bits @clear of kept become @set, I32. */
static void change_kept(X86Lift *l, uint32_t clear, IrRef set)
{
    IrRef cc = ir_get(l->blk, G_KEPT);

    cc = ir_and(l->blk, T_I32, cc, x86_const32(l, ~clear));
    ir_set(l->blk, G_KEPT, ir_or(l->blk, T_I32, cc, set));
}

void x86_set_step_flags(X86Lift *l, IrPair p, bool up)
{
    uint32_t set = up ? KEPT_INC : KEPT_DEC;
    IrType t = ir_type_of(l->blk, p.first);

    set |= x86_kept(0, t) >> KEPT_WIDTH_SHIFT << KEPT_STEP_WIDTH_SHIFT;
    ir_set(l->blk, G_STEP, x86_zext(l, p.first));
    change_kept(l, KEPT_STEP | KEPT_ROT_O, x86_const32(l, set));
    ir_note(l->blk, NOTE_SZ, p.second);
    ir_note(l->blk, NOTE_O, p.second);
}

void x86_set_shift_flags(X86Lift *l, unsigned op, IrRef a, IrRef n, IrRef r, IrRef c)
{
    IrRef counted = ir_ne(l->blk, T_I32, n, x86_const32(l, 0)), cc, old, none;
    IrType t = ir_type_of(l->blk, a);
    uint64_t k;

    cc = ir_shl(l->blk, T_I32, n, x86_const32(l, KEPT_COUNT_SHIFT));
    cc = ir_or(l->blk, T_I32, cc, x86_const32(l, x86_kept(op, t)));
    a = x86_zext(l, a);
    if (ir_is_const(l->blk, n, &k)) {
        ir_set(l->blk, G_PF, a);
        ir_set(l->blk, G_KEPT, cc);
        none = ir_const(l->blk, T_FLAGS, 0);
        note_all(l, ir_fnzc(l->blk, t, none, r, c));
    } else {
        old = ir_get(l->blk, G_PF);
        ir_set(l->blk, G_PF, ir_select(l->blk, T_I32, counted, a, old));
        old = ir_get(l->blk, G_KEPT);
        ir_set(l->blk, G_KEPT, ir_select(l->blk, T_I32, counted, cc, old));
        note_all(l, IR_NONE);
    }
    ir_note(l->blk, NOTE_O, IR_NONE);
}

void x86_set_rotate_flags(X86Lift *l, bool left, IrRef n, IrRef r)
{
    IrRef counted = ir_ne(l->blk, T_I32, n, x86_const32(l, 0)), cc, old;
    uint32_t set = (left ? KEPT_ROL : KEPT_ROR) | KEPT_ROT_O;
    uint64_t k;

    set |= x86_kept(0, ir_type_of(l->blk, r)) >> KEPT_WIDTH_SHIFT << KEPT_ROT_WIDTH_SHIFT;
    old = ir_get(l->blk, G_KEPT);
    cc = ir_and(l->blk, T_I32, old, x86_const32(l, ~(uint32_t)(KEPT_ROT | KEPT_C | KEPT_C_IS)));
    cc = ir_or(l->blk, T_I32, cc, x86_const32(l, set));
    r = x86_zext(l, r);
    if (!ir_is_const(l->blk, n, &k)) {
        cc = ir_select(l->blk, T_I32, counted, cc, old);
        old = ir_get(l->blk, G_ROT);
        r = ir_select(l->blk, T_I32, counted, r, old);
    }
    ir_set(l->blk, G_ROT, r);
    ir_set(l->blk, G_KEPT, cc);
    ir_note(l->blk, NOTE_O, IR_NONE);
    ir_note(l->blk, NOTE_C, IR_NONE);
}

void x86_set_packed_unless_zero(X86Lift *l, IrRef n, IrRef flags, IrRef r)
{
    IrRef counted = ir_ne(l->blk, T_I32, n, x86_const32(l, 0)), old;
    uint64_t k;

    if (ir_is_const(l->blk, n, &k)) {
        x86_set_result_flags(l,
                             &(X86Result){ .flags = flags, .x = r, .y = r, .kept = KEPT_PACKED });
        return;
    }
    r = x86_zext(l, r);
    old = ir_get(l->blk, G_FLAGS);
    ir_set(l->blk, G_FLAGS, ir_fselect(l->blk, T_NO, counted, flags, old));
    old = ir_get(l->blk, G_PF);
    ir_set(l->blk, G_PF, ir_select(l->blk, T_I32, counted, r, old));
    old = ir_get(l->blk, G_AF);
    ir_set(l->blk, G_AF, ir_select(l->blk, T_I32, counted, r, old));
    old = ir_get(l->blk, G_KEPT);
    ir_set(l->blk, G_KEPT, ir_select(l->blk, T_I32, counted, x86_const32(l, KEPT_PACKED), old));
    note_all(l, IR_NONE);
}

void x86_set_product_flags(X86Lift *l, bool is_signed, IrRef a, IrRef b)
{
    ir_set(l->blk, G_PF, x86_zext(l, a));
    ir_set(l->blk, G_AF, x86_zext(l, b));
    ir_set(l->blk, G_KEPT,
           x86_const32(l, x86_kept(is_signed ? KEPT_SMUL : KEPT_UMUL, ir_type_of(l->blk, a))));
    note_all(l, IR_NONE);
}

/* The flags as a FLAGS value when nothing is noted: packed if they are not. @but: bits of kept that
 * may be set all the same. */
static IrRef packed_flags(X86Lift *l, uint32_t but)
{
    IrRef cc = ir_get(l->blk, G_KEPT), flags;
    uint64_t k;

    cc = ir_and(l->blk, T_I32, cc, x86_const32(l, ~but));
    if (!ir_is_const(l->blk, cc, &k)) {
        ir_skip(l->blk, ir_eq(l->blk, T_I32, cc, x86_const32(l, 0)));
        ir_call(l->blk, T_NO, X86_H_pack_flags, IR_NONE, IR_NONE, IR_NONE);
        ir_label(l->blk);
    } else if (k != 0) {
        ir_call(l->blk, T_NO, X86_H_pack_flags, IR_NONE, IR_NONE, IR_NONE);
    }
    flags = ir_get(l->blk, G_FLAGS);
    if (but == 0) {
        note_all(l, flags);
    } else {
        ir_note(l->blk, NOTE_C, flags);
    }
    return flags;
}

IrRef x86_cf(X86Lift *l)
{
    IrRef c = ir_noted(l->blk, NOTE_C);

    if (c == IR_NONE) {
        c = packed_flags(l, KEPT_STEP);
    }
    return ir_type_of(l->blk, c) == T_I1 ? c : ir_fcond(l->blk, T_NO, c, CC_C);
}

void x86_set_cf(X86Lift *l, IrRef c)
{
    IrRef bit = ir_zext(l->blk, T_I32, c);

    bit = ir_shl(l->blk, T_I32, bit, x86_const32(l, KEPT_C_IS_SHIFT));
    change_kept(l, KEPT_C | KEPT_C_IS, ir_or(l->blk, T_I32, bit, x86_const32(l, KEPT_C)));
    ir_note(l->blk, NOTE_C, c);
}

/* 1 where the parity of the low byte of @v is even: PF. */
static IrRef parity(X86Lift *l, IrRef v)
{
    IrRef x = ir_shr(l->blk, T_I32, v, x86_const32(l, 4)), even;

    x = ir_xor(l->blk, T_I32, x, v);
    x = ir_and(l->blk, T_I32, x, x86_const32(l, 15));
    even = x86_const32(l, 0x9669); /* bit n: n has an even number of ones */
    even = ir_shr(l->blk, T_I32, even, x);
    return ir_and(l->blk, T_I32, even, x86_const32(l, 1));
}

/* PF, as a value that is 0 or not. */
static IrRef parity_flag(X86Lift *l)
{
    uint64_t cc = 0;
    IrRef v, bit = x86_const32(l, EFL_PF);
    bool known = known_kept(l, &cc) && (cc & KEPT_STEP) == 0;

    switch (known ? cc & KEPT_OP : KEPT_OP) {
    case KEPT_RAW: v = ir_get(l->blk, G_PF); break;
    case KEPT_PACKED:
    case KEPT_ADD:
    case KEPT_SUB: return parity(l, ir_get(l->blk, G_PF));
    default: v = x86_status(l); break;
    }
    return ir_and(l->blk, T_I32, v, bit);
}

/* CF or ZF, from different places. */
static IrRef below_or_equal(X86Lift *l, unsigned cc)
{
    IrRef c = x86_cf(l), z = x86_cond(l, CC_Z), both = ir_or(l->blk, T_I1, c, z);

    return (cc & 1) != 0 ? ir_not(l->blk, T_I1, both) : both;
}

IrRef x86_cond(X86Lift *l, unsigned cc)
{
    IrRef sz, o, c, flags;

    if ((cc & ~1u) == 10) { /* P, NP */
        IrRef p = parity_flag(l), zero = x86_const32(l, 0);

        return cc == 10 ? ir_ne(l->blk, T_I32, p, zero) : ir_eq(l->blk, T_I32, p, zero);
    }
    sz = ir_noted(l->blk, NOTE_SZ);
    o = ir_noted(l->blk, NOTE_O);
    c = ir_noted(l->blk, NOTE_C);
    switch (cc & ~1u) {
    case CC_O: flags = o; break;
    case CC_C: c = x86_cf(l); return cc == CC_NC ? ir_not(l->blk, T_I1, c) : c;
    case CC_BE:
        if (sz != IR_NONE && c != sz) {
            return below_or_equal(l, cc);
        }
        flags = sz;
        break;
    case CC_L:
    case CC_LE: flags = sz == o ? sz : IR_NONE; break;
    default: flags = sz; break;
    }
    if (flags == IR_NONE) {
        flags = packed_flags(l, 0);
    }
    return ir_fcond(l->blk, T_NO, flags, cc);
}

/* Bit @from of @v as bit @to of the result. */
static IrRef move_bit(X86Lift *l, IrRef v, unsigned from, unsigned to)
{
    v = from < to ? ir_shl(l->blk, T_I32, v, x86_const32(l, to - from))
                  : ir_shr(l->blk, T_I32, v, x86_const32(l, from - to));
    return ir_and(l->blk, T_I32, v, x86_const32(l, 1u << to));
}

IrRef x86_status(X86Lift *l)
{
    return ir_call(l->blk, T_I32, X86_H_status, IR_NONE, IR_NONE, IR_NONE);
}

void x86_set_status(X86Lift *l, IrRef v)
{
    IrRef packed = ir_and(l->blk, T_I32, v, x86_const32(l, IR_FL_S | IR_FL_Z)), bit;

    bit = move_bit(l, v, 0, 8);
    packed = ir_or(l->blk, T_I32, packed, bit);
    bit = move_bit(l, v, 11, 16);
    packed = ir_or(l->blk, T_I32, packed, bit);
    ir_set(l->blk, G_PF, v);
    ir_set(l->blk, G_KEPT, x86_const32(l, KEPT_RAW));
    note_all(l, ir_funpack(l->blk, T_NO, packed));
}

void x86_set_zf(X86Lift *l, IrRef z)
{
    IrRef v = x86_status(l);

    v = ir_and(l->blk, T_I32, v, x86_const32(l, EFL_STATUS & ~(uint32_t)EFL_ZF));
    z = ir_zext(l->blk, T_I32, z);
    z = ir_shl(l->blk, T_I32, z, x86_const32(l, 6));
    x86_set_status(l, ir_or(l->blk, T_I32, v, z));
}

void x86_set_order(X86Lift *l, IrRef v)
{
    IrRef packed = ir_and(l->blk, T_I32, v, x86_const32(l, IR_FL_Z));

    packed = ir_or(l->blk, T_I32, packed, move_bit(l, v, 0, 8));
    ir_set(l->blk, G_PF, v);
    ir_set(l->blk, G_KEPT, x86_const32(l, KEPT_RAW));
    note_all(l, ir_funpack(l->blk, T_NO, packed));
}
