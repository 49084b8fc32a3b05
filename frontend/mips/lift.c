/* SPDX-License-Identifier: MIT */
/* lift.c - what all MIPS lifters share: registers, addresses, exceptions, ends of units. */
#include "frontend/mips/lift.h"

#include "base/bits.h"
#include "frontend/mips/mips_priv.h"

/* ---- registers ---- */

IrRef mips_get(MipsLift *l, unsigned r)
{
    return r == 0 ? mips_const(l, 0) : ir_get(l->blk, MIPS_G_R1 - 1 + r);
}

void mips_set(MipsLift *l, unsigned r, IrRef v)
{
    if (r != 0) {
        ir_set(l->blk, MIPS_G_R1 - 1 + r, v);
    }
}

static int32_t lo_offset(unsigned ac) { return (int32_t)(offsetof(MipsCpu, lo) + 4 * ac); }
static int32_t hi_offset(unsigned ac) { return (int32_t)(offsetof(MipsCpu, hi) + 4 * ac); }

IrRef mips_get_lo(MipsLift *l, unsigned ac)
{
    return ac == 0 ? ir_get(l->blk, MIPS_G_LO) : ir_gld(l->blk, T_I32, lo_offset(ac));
}

IrRef mips_get_hi(MipsLift *l, unsigned ac) { return ir_gld(l->blk, T_I32, hi_offset(ac)); }

void mips_set_lo(MipsLift *l, unsigned ac, IrRef v)
{
    if (ac == 0) {
        ir_set(l->blk, MIPS_G_LO, v);
    } else {
        ir_gst(l->blk, lo_offset(ac), v);
    }
}

void mips_set_hi(MipsLift *l, unsigned ac, IrRef v) { ir_gst(l->blk, hi_offset(ac), v); }

IrRef mips_low(MipsLift *l, IrRef v) { return ir_trunc(l->blk, T_I32, v); }

IrRef mips_high(MipsLift *l, IrRef v)
{
    IrRef by = ir_const(l->blk, T_I64, 32);

    return ir_trunc(l->blk, T_I32, ir_shr(l->blk, T_I64, v, by));
}

IrRef mips_wide(MipsLift *l, IrRef v, bool sign)
{
    IrRef wide = ir_zext(l->blk, T_I64, v);

    return sign ? ir_sext(l->blk, T_I64, wide, 32) : wide;
}

IrRef mips_get_acc(MipsLift *l, unsigned ac)
{
    IrRef hi = mips_wide(l, mips_get_hi(l, ac), false);
    IrRef lo = mips_wide(l, mips_get_lo(l, ac), false);

    hi = ir_shl(l->blk, T_I64, hi, ir_const(l->blk, T_I64, 32));
    return ir_or(l->blk, T_I64, hi, lo);
}

void mips_set_acc(MipsLift *l, unsigned ac, IrRef v)
{
    IrRef lo = mips_low(l, v), hi = mips_high(l, v);

    mips_set_lo(l, ac, lo);
    mips_set_hi(l, ac, hi);
}

/* ---- memory ---- */

uint32_t mips_simm(const MipsLift *l) { return bits_sext32(mips_field(l, 'i'), 16); }

IrRef mips_address(MipsLift *l)
{
    IrRef base = mips_get_field(l, 's');

    return ir_add(l->blk, T_I32, base, mips_const(l, mips_simm(l)));
}

void mips_watch_access(MipsLift *l, IrRef va, uint32_t bytes, bool write)
{
    uint32_t kind = write ? MIPS_WATCH_W : MIPS_WATCH_R;

    if ((l->mode & MIPS_MODE_WATCH) != 0) {
        ir_call(l->blk, T_NO, MIPS_H_watch, va, mips_const(l, kind | bytes << 8), IR_NONE);
    }
}

uint64_t mips_memop(const MipsLift *l, unsigned size)
{
    return size | (uint64_t)size << MO_ALIGN_SHIFT | ((l->mode & MIPS_MODE_BE) != 0 ? MO_BE : 0);
}

/* ---- exceptions ---- */

static void raise_exception(MipsLift *l, uint32_t kind, uint32_t syndrome)
{
    IrRef k = mips_const(l, kind), s = mips_const(l, syndrome);

    ir_call(l->blk, T_NO, MIPS_H_raise, k, s, IR_NONE);
    ir_leave(l->blk); /* never reached: the call leaves */
}

void mips_raise_here(MipsLift *l, uint32_t kind, uint32_t syndrome)
{
    raise_exception(l, kind, syndrome);
    l->ended = true;
}

void mips_raise_if(MipsLift *l, IrRef cond, uint32_t kind)
{
    uint64_t known;

    if (ir_is_const(l->blk, cond, &known)) {
        if (known) {
            mips_raise_here(l, kind, 0);
        }
        return;
    }
    ir_skip(l->blk, ir_not(l->blk, T_I1, cond));
    raise_exception(l, kind, 0);
    ir_label(l->blk);
}

void mips_reserved(MipsLift *l) { mips_raise_here(l, MIPS_EXC_RI, 0); }

bool mips_cp0_usable(MipsLift *l)
{
    if ((l->mode & MIPS_MODE_CP0) == 0) {
        mips_raise_here(l, MIPS_EXC_CPU, 0);
        return false;
    }
    return true;
}

/* ---- calls ---- */

void mips_count(MipsLift *l)
{
    ir_count(l->blk, 2u * l->row->ledger + ((l->mode & MIPS_MODE_PRIV) != 0 ? 1 : 0));
}

IrRef mips_call(MipsLift *l, IrType t, unsigned h, IrRef a, IrRef b, IrRef c)
{
    if ((mips_isa.helpers[h].effects & HELPER_CALLOUT) != 0) {
        mips_count(l);
    }
    return ir_call(l->blk, t, h, a, b, c);
}

/* ---- what follows ---- */

static IrRef branch_target(MipsLift *l)
{
    return ir_gld(l->blk, T_I32, offsetof(MipsCpu, btarget));
}

IrRef mips_after(MipsLift *l)
{
    IrBlock *b = l->blk;
    uint32_t mode = l->next_mode & ~(uint32_t)MIPS_MODE_ISA;
    IrRef to, isa;

    if (!mips_slot_alone(l)) {
        return ir_const(b, T_I64, ir_pc(l->next, l->next_mode));
    }
    to = branch_target(l);
    if ((l->features & MIPS_ISA16) == 0) {
        return ir_or(b, T_I64, mips_wide(l, to, false), ir_const(b, T_I64, ir_pc(0, mode)));
    }
    isa = ir_and(b, T_I32, to, mips_const(l, 1));
    to = mips_wide(l, ir_xor(b, T_I32, to, isa), false);
    isa = ir_shl(b, T_I64, mips_wide(l, isa, false), ir_const(b, T_I64, 32));
    to = ir_or(b, T_I64, to, isa);
    return ir_or(b, T_I64, to, ir_const(b, T_I64, ir_pc(0, mode)));
}

void mips_end(MipsLift *l)
{
    if (mips_slot_alone(l)) {
        bool isa = (l->features & MIPS_ISA16) != 0;

        ir_jump(l->blk, branch_target(l), l->next_mode & ~(uint32_t)MIPS_MODE_ISA, isa);
    } else {
        ir_goto(l->blk, l->next, l->next_mode);
    }
    l->ended = true;
}

void mips_end_check(MipsLift *l)
{
    if (mips_slot_alone(l)) {
        IrRef after = mips_after(l);
        IrRef pc = mips_low(l, after), mode = mips_high(l, after);

        ir_gst(l->blk, offsetof(MipsCpu, v.pc), pc);
        ir_gst(l->blk, offsetof(MipsCpu, v.mode), mode);
        ir_dispatch(l->blk);
    } else {
        ir_check(l->blk, l->next, l->next_mode);
    }
    l->ended = true;
}

void mips_end_dispatch(MipsLift *l)
{
    ir_dispatch(l->blk);
    l->ended = true;
}
