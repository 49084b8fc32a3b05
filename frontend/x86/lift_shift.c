/* SPDX-License-Identifier: MIT */
/*
 * lift_shift.c - shifts and rotates. The count is masked to five bits; a count of 0 leaves the
 * flags.
 *
 * Undefined flags: AF is 0 behind a shift. OF of counts above 1 is what the formula for 1 gives,
 * with the operand for SHR. CF of SHL and SHR by more than the operand's bits is the bit that a
 * longer operand would have there: 0. SHLD and SHRD of 16 bits by more than 16 shift
 * first:second:first.
 */
#include "frontend/x86/flags.h"
#include "frontend/x86/lift_int_priv.h"

/* The masked count, I32. */
static IrRef get_count(X86Lift *l, unsigned operand)
{
    IrRef n = x86_zext(l, x86_get(l, operand));

    return ir_and(l->blk, T_I32, n, x86_const32(l, 31));
}

/* Bit @n, a value of @v's type, as I1. */
static IrRef bit_at(X86Lift *l, IrRef v, IrRef n)
{
    IrType t = ir_type_of(l->blk, v);

    return ir_trunc(l->blk, T_I1, ir_shr(l->blk, t, v, n));
}

static IrRef bit(X86Lift *l, IrRef v, unsigned n)
{
    return bit_at(l, v, ir_const(l->blk, ir_type_of(l->blk, v), n));
}

/* A shift's results and how its flags come out of a count that may be 0. */
typedef struct Shifted {
    IrRef value, c, o;
} Shifted;

static Shifted shift_left(X86Lift *l, IrRef a, IrRef n, unsigned bits)
{
    IrRef wide = x86_zext(l, a), c, r, back;

    r = ir_shl(l->blk, T_I32, wide, n);
    if (bits == 32) {
        back = x86_const32(l, 32);
        back = ir_sub(l->blk, T_I32, back, n);
        c = bit_at(l, wide, back);
    } else {
        c = bit(l, r, bits);
        r = ir_trunc(l->blk, ir_type_of(l->blk, a), r);
    }
    return (Shifted){ r, c, IR_NONE };
}

static Shifted shift_right(X86Lift *l, IrRef a, IrRef n, unsigned bits, bool arithmetic)
{
    IrRef wide = arithmetic ? x86_sext(l, a) : x86_zext(l, a), last, r;

    last = ir_sub(l->blk, T_I32, n, x86_const32(l, 1));
    last = bit_at(l, wide, last);
    r = arithmetic ? ir_sar(l->blk, T_I32, wide, n) : ir_shr(l->blk, T_I32, wide, n);
    if (bits < 32) {
        r = ir_trunc(l->blk, ir_type_of(l->blk, a), r);
    }
    return (Shifted){ r, last, IR_NONE };
}

/* S, Z, P by the value, C and O as said, A 0: unless the count is 0. */
static void set_packed_flags(X86Lift *l, const Shifted *s, IrRef n)
{
    IrRef flags, o = ir_zext(l->blk, T_I32, s->o);

    o = ir_shl(l->blk, T_I32, o, x86_const32(l, 16));
    flags = ir_funpack(l->blk, T_NO, o);
    flags = ir_fnzc(l->blk, ir_type_of(l->blk, s->value), flags, s->value, s->c);
    x86_set_packed_unless_zero(l, n, flags, s->value);
}

/* Whether the count is known to be 0: nothing but the operand's read is left. */
static bool is_zero(X86Lift *l, IrRef n)
{
    uint64_t known;

    return ir_is_const(l->blk, n, &known) && known == 0;
}

/* A shift of @a by a constant 0: memory is written all the same, as its page's rights show. */
static bool keeps(X86Lift *l, IrRef n, IrRef a)
{
    if (!is_zero(l, n)) {
        return false;
    }
    if (x86_is_memory(l)) {
        x86_put(l, 0, a);
    }
    return true;
}

/* SHL, SHR, SAR: first = first shifted by second. OF: flags.c. */
void x86_lift_shift(X86Lift *l)
{
    unsigned bits = 8 * x86_size(l, 0), op = x86_arg(l);
    IrRef n = get_count(l, 1), a = x86_get(l, 0);
    Shifted s;

    if (keeps(l, n, a)) {
        return;
    }
    s = op == SHIFT_SHL ? shift_left(l, a, n, bits) : shift_right(l, a, n, bits, op == SHIFT_SAR);
    x86_put(l, 0, s.value);
    x86_set_shift_flags(l,
                        op == SHIFT_SHL   ? KEPT_SHL
                        : op == SHIFT_SHR ? KEPT_SHR
                                          : KEPT_SAR,
                        a, n, s.value, s.c);
}

/* ROL, ROR: first = first rotated by second; CF is the bit that went round */
void x86_lift_rotate(X86Lift *l)
{
    bool left = x86_arg(l) == SHIFT_ROL;
    IrRef n = get_count(l, 1), a = x86_get(l, 0), by = n, r;
    IrType t = ir_type_of(l->blk, a);

    if (keeps(l, n, a)) {
        return;
    }
    if (left) {
        by = ir_neg(l->blk, T_I32, by);
    }
    if (t != T_I32) {
        by = ir_trunc(l->blk, t, by);
    }
    r = ir_ror(l->blk, t, a, by);
    x86_put(l, 0, r);
    x86_set_rotate_flags(l, left, n, r);
}

/* RCL, RCR: first = first and CF rotated by second; C and O by what the helper says, the others
 * kept */
void x86_lift_rcx(X86Lift *l)
{
    unsigned bits = 8 * x86_size(l, 0);
    IrRef n = get_count(l, 1), a = x86_get(l, 0), what, r, status, changed, counted;

    if (keeps(l, n, a)) {
        return;
    }
    what = x86_cf(l);
    what = ir_zext(l->blk, T_I32, what);
    what = ir_or(l->blk, T_I32, what, x86_const32(l, bits << 8 | (x86_arg(l) == SHIFT_RCL) << 1));
    r = ir_call(l->blk, T_I64, X86_H_rotate_carry, x86_zext(l, a), n, what);
    status = x86_status(l);
    changed = ir_zext(l->blk, T_I32, bit(l, r, 33));
    changed = ir_shl(l->blk, T_I32, changed, x86_const32(l, 11));
    changed = ir_or(l->blk, T_I32, changed, ir_zext(l->blk, T_I32, bit(l, r, 32)));
    what = ir_and(l->blk, T_I32, status, x86_const32(l, EFL_STATUS & ~(uint32_t)(EFL_CF | EFL_OF)));
    changed = ir_or(l->blk, T_I32, what, changed);
    counted = ir_ne(l->blk, T_I32, n, x86_const32(l, 0));
    status = ir_select(l->blk, T_I32, counted, changed, status);
    x86_put(l, 0, ir_trunc(l->blk, ir_type_of(l->blk, a), r));
    x86_set_status(l, status);
}

/* @high:@low of @bits each, in 64 bits; of 16 bits @low:@high:@low, so that counts above 16 wrap.
 * */
static IrRef concatenate(X86Lift *l, IrRef high, IrRef low, unsigned bits)
{
    IrRef a = ir_zext(l->blk, T_I64, high), b = ir_zext(l->blk, T_I64, low), r;

    r = ir_shl(l->blk, T_I64, a, ir_const(l->blk, T_I64, bits));
    r = ir_or(l->blk, T_I64, r, b);
    if (bits == 16) {
        b = ir_shl(l->blk, T_I64, b, ir_const(l->blk, T_I64, 32));
        r = ir_or(l->blk, T_I64, r, b);
    }
    return r;
}

/* SHLD, SHRD: first = first:second, second:first shifted by third */
void x86_lift_double_shift(X86Lift *l)
{
    unsigned bits = 8 * x86_size(l, 0);
    bool left = x86_arg(l) == SHIFT_SHLD;
    IrRef n = get_count(l, 2), a = x86_get(l, 0), b = x86_get(l, 1), wide, both, last, top;
    IrType t = ir_type_of(l->blk, a);
    Shifted s;

    if (keeps(l, n, a)) {
        return;
    }
    wide = ir_zext(l->blk, T_I64, n);
    if (left) {
        /* the top @bits of 2 * @bits, or of 48 */
        both = bits == 16 ? concatenate(l, b, a, 16) : concatenate(l, a, b, 32);
        both = ir_shl(l->blk, T_I64, both, wide);
        last = bit(l, both, bits == 16 ? 48 : 32); /* of 32 bits: found again below */
        if (bits == 32) {
            IrRef back = x86_const32(l, 32);

            back = ir_sub(l->blk, T_I32, back, n);
            last = bit_at(l, a, back);
        }
        both = ir_shr(l->blk, T_I64, both, ir_const(l->blk, T_I64, 32));
    } else {
        both = bits == 16 ? concatenate(l, b, a, 16) : concatenate(l, b, a, 32);
        last = ir_sub(l->blk, T_I64, wide, ir_const(l->blk, T_I64, 1));
        last = bit_at(l, both, last);
        both = ir_shr(l->blk, T_I64, both, wide);
    }
    s.value = ir_trunc(l->blk, t, both);
    s.c = last;
    top = bit(l, s.value, bits - 1);
    s.o = ir_xor(l->blk, T_I1, top, bit(l, a, bits - 1));
    x86_put(l, 0, s.value);
    set_packed_flags(l, &s, n);
}
