/* SPDX-License-Identifier: MIT */
/* lift_ldst.c - loads and stores of one or two registers, A8.8.61 to A8.8.93, A8.8.203 to 222. */
#include "frontend/arm/lift_int_priv.h"

#include "base/bits.h"

/* Where an access goes, and what the base becomes. */
typedef struct Address {
    IrRef va;
    IrRef back; /* IR_NONE: no writeback */
} Address;

/* Fields p (index), u (add), w (writeback) over base n. */
static bool writes_back(const ArmLift *l) { return !arm_field(l, 'p') || arm_field(l, 'w'); }

static Address address(ArmLift *l, IrRef offset)
{
    IrRef base = arm_base(l, arm_field(l, 'n'));
    IrRef moved = arm_field(l, 'u') ? ir_add(l->blk, T_I32, base, offset)
                                    : ir_sub(l->blk, T_I32, base, offset);

    return (Address){ arm_field(l, 'p') ? moved : base, writes_back(l) ? moved : IR_NONE };
}

static Address immediate(ArmLift *l)
{
    return address(l, arm_const(l, arm_field(l, 'i') << arm_field(l, 'k')));
}

static Address shifted(ArmLift *l)
{
    IrRef m = arm_get(l, arm_field(l, 'm'));

    return address(l, arm_shift_imm(l, arm_field(l, 'y'), arm_field(l, 'i'), m, false).value);
}

static void write_back(ArmLift *l, Address a)
{
    if (a.back != IR_NONE) {
        arm_set(l, arm_field(l, 'n'), a.back);
    }
}

/* The argument of a load or store is its Memop size and sign; field q: unprivileged. */
static uint64_t memop(const ArmLift *l)
{
    uint64_t m = arm_memop(l, arm_arg(l) & MO_SIZE, false) | MO_ONLY | (arm_arg(l) & MO_SIGN);

    return arm_field(l, 'q') && (l->mode & MODE_PRIV) ? m | MO_UNPRIV : m;
}

/* UNPREDICTABLE, we raise UNDEF: writeback to the pc, an index that is the pc, a target that is the
 * pc other than of LDR, unprivileged or narrow. */
static bool bad_access(const ArmLift *l, bool load)
{
    bool word = (arm_arg(l) & MO_SIZE) == MO_32;

    if ((writes_back(l) && arm_is_pc(l, 'n')) || arm_is_pc(l, 'm')) {
        return true;
    }
    if (!arm_is_pc(l, 't')) {
        return false;
    }
    return !word || arm_field(l, 'q') || (!load && l->row->thumb);
}

/* Unprivileged accesses are sensitive, and counted. */
static void count(ArmLift *l)
{
    if (arm_field(l, 'q')) {
        ir_count(l->blk, 2u * l->row->ledger + (l->mode & MODE_PRIV ? 1 : 0));
    }
}

/* Rt = [address]; the base first, so that Rn == Rt, UNPREDICTABLE, gives what was loaded. */
static void load(ArmLift *l, Address a)
{
    IrRef v = ir_ld(l->blk, T_I32, a.va, memop(l));

    count(l);
    write_back(l, a);
    if (arm_is_pc(l, 't')) {
        arm_load_write_pc(l, v);
    } else {
        arm_set(l, arm_field(l, 't'), v);
    }
}

/* [address] = Rt */
static void store(ArmLift *l, Address a)
{
    IrRef v = arm_get(l, arm_field(l, 't'));

    ir_st(l->blk, a.va, v, memop(l));
    count(l);
    write_back(l, a);
}

/* LDR{S}{B,H}{T} Rt, [Rn, #imm]: Rt = MemU[Rn + imm] */
void lift_load_imm(ArmLift *l)
{
    if (bad_access(l, true)) {
        arm_undefined(l);
        return;
    }
    load(l, immediate(l));
}

/* LDR{S}{B,H}{T} Rt, [Rn, Rm, shift]: Rt = MemU[Rn + Shift(Rm)] */
void lift_load_reg(ArmLift *l)
{
    if (bad_access(l, true)) {
        arm_undefined(l);
        return;
    }
    load(l, shifted(l));
}

/* STR{B,H}{T} Rt, [Rn, #imm]: MemU[Rn + imm] = Rt */
void lift_store_imm(ArmLift *l)
{
    if (bad_access(l, false)) {
        arm_undefined(l);
        return;
    }
    store(l, immediate(l));
}

/* STR{B,H}{T} Rt, [Rn, Rm, shift]: MemU[Rn + Shift(Rm)] = Rt */
void lift_store_reg(ArmLift *l)
{
    if (bad_access(l, false)) {
        arm_undefined(l);
        return;
    }
    store(l, shifted(l));
}

/* The second register of a pair: encoded in T32, the next one in A32. */
static unsigned second(const ArmLift *l)
{
    return l->row->thumb ? arm_field(l, 'r') : arm_field(l, 't') + 1;
}

/* A8.8.72: UNPREDICTABLE, we raise UNDEF: odd Rt in A32, the pc as Rt, Rt2, Rm or written base. */
static bool bad_pair(const ArmLift *l)
{
    return (!l->row->thumb && (arm_field(l, 't') & 1)) || second(l) >= 15 || arm_is_pc(l, 't')
           || arm_is_pc(l, 'm') || (writes_back(l) && arm_is_pc(l, 'n'));
}

/* Rt = [address], Rt2 = [address + 4]; word alignment is demanded, MemA of A8.8.72 */
static void load_pair(ArmLift *l, Address a)
{
    uint64_t m = arm_memop(l, MO_32, true);
    IrRef run = ir_run(l->blk, a.va, m, 8);
    IrRef v = ir_rld(l->blk, run, a.va, m, 0);
    IrRef v2 = ir_rld(l->blk, run, a.va, m, 4);

    write_back(l, a);
    arm_set(l, arm_field(l, 't'), v);
    arm_set(l, second(l), v2);
}

static void store_pair(ArmLift *l, Address a)
{
    uint64_t m = arm_memop(l, MO_32, true) | MO_WRITE;
    IrRef v = arm_get(l, arm_field(l, 't'));
    IrRef v2 = arm_get(l, second(l));
    IrRef run = ir_run(l->blk, a.va, m, 8);

    ir_rst(l->blk, run, a.va, v, m, 0);
    ir_rst(l->blk, run, a.va, v2, m, 4);
    write_back(l, a);
}

/* LDRD Rt, Rt2, [Rn, #imm]: Rt = MemA[address], Rt2 = MemA[address + 4] */
void lift_ldrd_imm(ArmLift *l)
{
    if (bad_pair(l)) {
        arm_undefined(l);
        return;
    }
    load_pair(l, immediate(l));
}

/* LDRD Rt, Rt2, [Rn, Rm]: the same */
void lift_ldrd_reg(ArmLift *l)
{
    if (bad_pair(l)) {
        arm_undefined(l);
        return;
    }
    load_pair(l, shifted(l));
}

/* STRD Rt, Rt2, [Rn, #imm]: MemA[address] = Rt, MemA[address + 4] = Rt2 */
void lift_strd_imm(ArmLift *l)
{
    if (bad_pair(l)) {
        arm_undefined(l);
        return;
    }
    store_pair(l, immediate(l));
}

/* STRD Rt, Rt2, [Rn, Rm]: the same */
void lift_strd_reg(ArmLift *l)
{
    if (bad_pair(l)) {
        arm_undefined(l);
        return;
    }
    store_pair(l, shifted(l));
}
