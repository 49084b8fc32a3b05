/* SPDX-License-Identifier: MIT */
/* lift_excl.c - exclusive accesses with the local monitor, A3.4; swaps. */
#include "frontend/arm/lift_int_priv.h"

/* The monitor: G_EXSTATE is the bytes of the exclusive load, 0 when open; G_EXADDR its address. The
 * argument of these lifters is the log2 of the bytes. */
static void open_monitor(ArmLift *l) { arm_set_global(l, G_EXSTATE, arm_const(l, 0)); }

static uint64_t memop(const ArmLift *l)
{
    return arm_memop(l, arm_arg(l), true) | MO_ATOMIC | MO_ONLY;
}

static IrRef address(ArmLift *l)
{
    IrRef base = arm_get(l, arm_field(l, 'n'));

    return ir_add(l->blk, T_I32, base, arm_const(l, arm_field(l, 'i') << 2));
}

/* The second register of a pair: encoded in T32, the next one in A32. */
static unsigned second(const ArmLift *l)
{
    return l->row->thumb ? arm_field(l, 'r') : arm_field(l, 't') + 1;
}

/* A8.8.75: UNPREDICTABLE, we raise UNDEF: the pc anywhere, odd Rt of a pair in A32. */
static bool bad_exclusive(const ArmLift *l)
{
    if (arm_any_pc(l, "ntd")) {
        return true;
    }
    return arm_arg(l) == MO_64 && (second(l) == 15 || (!l->row->thumb && (arm_field(l, 't') & 1)));
}

/* In memory order the first register is at the lower address: the low half, or with big-endian data
 * the high half. */
static void set_pair(ArmLift *l, IrRef v)
{
    IrRef low = arm_low(l, v), high = arm_high(l, v);
    bool be = (l->mode & MODE_E) != 0;

    arm_set(l, arm_field(l, 't'), be ? high : low);
    arm_set(l, second(l), be ? low : high);
}

static IrRef get_pair(ArmLift *l)
{
    IrRef a = arm_wide(l, arm_get(l, arm_field(l, 't')), false);
    IrRef b = arm_wide(l, arm_get(l, second(l)), false);
    bool be = (l->mode & MODE_E) != 0;
    IrRef high = ir_shl(l->blk, T_I64, be ? a : b, ir_const(l->blk, T_I64, 32));

    return ir_or(l->blk, T_I64, high, be ? b : a);
}

/* LDREX{B,H,D} Rt, [Rn]: Rt = MemA[Rn]; the monitor is closed on it */
void lift_ldrex(ArmLift *l)
{
    bool pair = arm_arg(l) == MO_64;
    IrRef va, v;

    if (bad_exclusive(l)) {
        arm_undefined(l);
        return;
    }
    va = address(l);
    v = ir_ld(l->blk, pair ? T_I64 : T_I32, va, memop(l));
    arm_set_global(l, G_EXADDR, va);
    arm_set_global(l, G_EXSTATE, arm_const(l, 1u << arm_arg(l)));
    ir_gst(l->blk, offsetof(ArmCpu, exvalue), pair ? v : ir_zext(l->blk, T_I64, v));
    if (pair) {
        set_pair(l, v);
    } else {
        arm_set(l, arm_field(l, 't'), v);
    }
}

/* Whether the store must be tried: the monitor is ours, or the address is misaligned and must fault
 * (A3.4.5: the alignment check comes first). Sets @passed to the former. */
static IrRef must_store(ArmLift *l, IrRef va, IrRef *passed)
{
    IrBlock *b = l->blk;
    uint32_t bytes = 1u << arm_arg(l);
    IrRef state = ir_get(b, G_EXSTATE);
    IrRef same = ir_eq(b, T_I32, state, arm_const(l, bytes));
    IrRef at = ir_get(b, G_EXADDR);
    IrRef here = ir_eq(b, T_I32, at, va);
    IrRef low;

    *passed = ir_and(b, T_I1, same, here);
    if (bytes == 1) {
        return *passed;
    }
    low = ir_and(b, T_I32, va, arm_const(l, bytes - 1));
    low = ir_ne(b, T_I32, low, arm_const(l, 0));
    return ir_or(b, T_I1, *passed, low);
}

/* [va] = v if @todo. The monitor may be known here: skip takes no constant. */
static void store_if(ArmLift *l, IrRef todo, IrRef va, IrRef v)
{
    uint64_t known;

    if (ir_is_const(l->blk, todo, &known)) {
        if (known) {
            ir_st(l->blk, va, v, memop(l));
        }
        return;
    }
    ir_skip(l->blk, ir_not(l->blk, T_I1, todo));
    ir_st(l->blk, va, v, memop(l));
    ir_label(l->blk);
}

/* STREX{B,H,D} Rd, Rt, [Rn]: if the monitor is ours: MemA[Rn] = Rt, Rd = 0; else Rd = 1; opens it.
 * ROW_SELECT: the store has a region of its own, the rest is selected. */
void lift_strex(ArmLift *l)
{
    IrBlock *b = l->blk;
    unsigned d = arm_field(l, 'd');
    IrRef va, v, passed, todo, failed, when;

    /* A8.8.212: Rd == Rn or Rt is UNPREDICTABLE; we store, then write Rd. */
    if (bad_exclusive(l)) {
        arm_undefined(l);
        return;
    }
    when = arm_when(l);
    va = address(l);
    v = arm_arg(l) == MO_64 ? get_pair(l) : arm_get(l, arm_field(l, 't'));
    todo = must_store(l, va, &passed);
    failed = ir_zext(b, T_I32, ir_not(b, T_I1, passed));
    if (when != IR_NONE) {
        todo = ir_and(b, T_I1, todo, when);
    }
    store_if(l, todo, va, v);
    arm_set(l, d, failed);
    open_monitor(l);
}

/* SWP{B} Rt, Rt2, [Rn]: Rt = MemA[Rn], MemA[Rn] = Rt2. UNDEFINED while SCTLR.SW is 0, B4.1.130 */
void lift_swp(ArmLift *l)
{
    uint64_t m = arm_memop(l, arm_arg(l), true) | MO_ATOMIC;
    IrRef va, v, old;

    if (!(l->mode & MODE_SWP) || arm_any_pc(l, "nrt")) {
        arm_undefined(l);
        return;
    }
    va = arm_get(l, arm_field(l, 'n'));
    v = arm_get(l, arm_field(l, 'r'));
    old = ir_ld(l->blk, T_I32, va, m);
    ir_st(l->blk, va, v, m);
    arm_set(l, arm_field(l, 't'), old);
}
