/* SPDX-License-Identifier: MIT */
/* lift_ldm.c - loads and stores of register lists, A8.8.58 to 60, 131, 133, 199 to 202. */
#include "base/bits.h"
#include "frontend/arm/lift_int_priv.h"

/* A list to transfer: registers in rising order to rising addresses. */
typedef struct Transfer {
    uint32_t list; /* bit per register */
    unsigned base; /* register */
    bool up;       /* increment; else decrement */
    bool before;   /* before each access; else after */
    bool wback;
} Transfer;

/* UNPREDICTABLE, we raise UNDEF: an empty list, the pc as base, and in 32-bit T32 forms a list of
 * one, the sp, both lr and pc in a load, the pc in a store, or a written base in the list. */
static bool bad_list(const ArmLift *l, Transfer t, bool load)
{
    if (t.list == 0 || t.base == 15) {
        return true;
    }
    if (l->row->thumb != 4) {
        return false;
    }
    return bits_popcount64(t.list) < 2 || (t.list & 1u << 13) || (!load && (t.list & 1u << 15))
           || (load && t.list >> 14 == 3) || (t.wback && (t.list & 1u << t.base));
}

/* The lowest address. */
static IrRef lowest(ArmLift *l, Transfer t, IrRef base)
{
    uint32_t bytes = 4 * bits_popcount64(t.list);
    uint32_t delta = t.up ? (t.before ? 4 : 0) : (t.before ? 0u - bytes : 4 - bytes);

    return ir_add(l->blk, T_I32, base, arm_const(l, delta));
}

static void write_base(ArmLift *l, Transfer t, IrRef base, IrRef va)
{
    uint32_t bytes = 4 * bits_popcount64(t.list);

    if (t.wback && !t.up && t.before) {
        arm_set(l, t.base, va); /* PUSH: the lowest address is what the base becomes */
    } else if (t.wback) {
        arm_set(l, t.base, ir_add(l->blk, T_I32, base, arm_const(l, t.up ? bytes : 0u - bytes)));
    }
}

/* All loads, then the base, then the registers: a base in the list gets what was loaded. */
static void load_list(ArmLift *l, Transfer t)
{
    IrRef base = arm_get(l, t.base), va = lowest(l, t, base), value[16], run = IR_NONE;
    unsigned n = bits_popcount64(t.list);
    uint64_t memop = arm_memop(l, MO_32, true);
    uint32_t offset = 0;

    if (n > 1) {
        run = ir_run(l->blk, va, memop, 4 * n);
    }
    for (unsigned r = 0; r < 16; r++) {
        if (t.list & 1u << r) {
            value[r] = n > 1 ? ir_rld(l->blk, run, va, memop, offset)
                             : ir_ld(l->blk, T_I32, va, memop | MO_ONLY);
            offset += 4;
        }
    }
    write_base(l, t, base, va);
    for (unsigned r = 0; r < 15; r++) {
        if (t.list & 1u << r) {
            arm_set(l, r, value[r]);
        }
    }
    if (t.list & 1u << 15) {
        arm_load_write_pc(l, value[15]);
    }
}

static void store_list(ArmLift *l, Transfer t)
{
    IrRef base = arm_get(l, t.base), va = lowest(l, t, base), run = IR_NONE;
    unsigned n = bits_popcount64(t.list);
    uint64_t memop = arm_memop(l, MO_32, true);
    uint32_t offset = 0;

    if (n > 1) {
        run = ir_run(l->blk, va, memop | MO_WRITE, 4 * n);
    }
    for (unsigned r = 0; r < 16; r++) {
        if (t.list & 1u << r) {
            IrRef v = arm_get(l, r);

            if (n > 1) {
                ir_rst(l->blk, run, va, v, memop | MO_WRITE, offset);
            } else {
                ir_st(l->blk, va, v, memop | MO_ONLY);
            }
            offset += 4;
        }
    }
    write_base(l, t, base, va);
}

/* Fields of the general forms; the list is the low half of the word. */
static Transfer general(const ArmLift *l)
{
    return (Transfer){ arm_bits(l, 0, 16), arm_field(l, 'n'), arm_field(l, 'u') != 0,
                       arm_field(l, 'p') != 0, arm_field(l, 'w') != 0 };
}

/* LDM{IA,IB,DA,DB} Rn{!}, <list>: for each: R[i] = MemA[address] */
void lift_ldm(ArmLift *l)
{
    Transfer t = general(l);

    if (bad_list(l, t, true)) {
        arm_undefined(l);
        return;
    }
    load_list(l, t);
}

/* STM{IA,IB,DA,DB} Rn{!}, <list>: for each: MemA[address] = R[i] */
void lift_stm(ArmLift *l)
{
    Transfer t = general(l);

    if (bad_list(l, t, false)) {
        arm_undefined(l);
        return;
    }
    store_list(l, t);
}

/* T1: LDM Rn{!}, <list>: writes back unless Rn is in the list */
void lift_ldm_low(ArmLift *l)
{
    Transfer t = { arm_bits(l, 0, 8), arm_field(l, 'n'), true, false, false };

    t.wback = !(t.list & 1u << t.base);
    if (bad_list(l, t, true)) {
        arm_undefined(l);
        return;
    }
    load_list(l, t);
}

/* T1: STM Rn!, <list> */
void lift_stm_low(ArmLift *l)
{
    Transfer t = { arm_bits(l, 0, 8), arm_field(l, 'n'), true, false, true };

    if (bad_list(l, t, false)) {
        arm_undefined(l);
        return;
    }
    store_list(l, t);
}

/* T1: PUSH <list>, lr if bit 8 */
void lift_push(ArmLift *l)
{
    Transfer t = { arm_bits(l, 0, 8) | arm_bit(l, 8) << 14, 13, false, true, true };

    if (bad_list(l, t, false)) {
        arm_undefined(l);
        return;
    }
    store_list(l, t);
}

/* T1: POP <list>, pc if bit 8 */
void lift_pop(ArmLift *l)
{
    Transfer t = { arm_bits(l, 0, 8) | arm_bit(l, 8) << 15, 13, true, false, true };

    if (bad_list(l, t, true)) {
        arm_undefined(l);
        return;
    }
    load_list(l, t);
}
