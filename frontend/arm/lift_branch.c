/* SPDX-License-Identifier: MIT */
/* lift_branch.c - branches, IT, barriers and hints that do nothing, A8.8. */
#include "base/bits.h"
#include "frontend/arm/lift_int_priv.h"

static Gva pc_value(const ArmLift *l) { return (Gva)(l->pc + (l->mode & MODE_T ? 4 : 8)); }

/* The offset of BL, BLX and B.W: s:~(j ^ s):~(k ^ s):i, A8.8.18 T4. */
static uint32_t long_offset(const ArmLift *l, unsigned i_bits)
{
    uint32_t s = arm_field(l, 's'), j = arm_field(l, 'j'), k = arm_field(l, 'k');
    uint32_t top = s << 2 | (~(j ^ s) & 1) << 1 | (~(k ^ s) & 1);

    return bits_sext32(top << i_bits | arm_field(l, 'i'), i_bits + 3);
}

/* B<c> label, A1, T2 and, with the condition in field c, T1: BranchWritePC(PC + imm) */
void lift_b(ArmLift *l)
{
    unsigned bits = l->row->thumb ? (l->row->flags & ROW_NO_COND ? 8 : 11) : 24;
    uint32_t offset = bits_sext32(arm_field(l, 'i'), bits) << (l->row->thumb ? 1 : 2);

    if (l->row->thumb && (l->row->flags & ROW_NO_COND)) {
        if (l->in_it) { /* A8.8.18: UNPREDICTABLE; we raise UNDEF */
            arm_undefined(l);
            return;
        }
        l->cond = arm_field(l, 'c');
        if (!arm_begin_condition(l)) {
            return;
        }
    }
    arm_branch_to(l, pc_value(l) + offset, l->row->thumb != 0);
}

/* B<c>.W label, T3: offset is s:k:j:i6:i11 */
void lift_b_t3(ArmLift *l)
{
    uint32_t top = arm_field(l, 's') << 2 | arm_field(l, 'k') << 1 | arm_field(l, 'j');

    if (l->in_it) { /* A8.8.18: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    l->cond = arm_field(l, 'c');
    if (arm_begin_condition(l)) {
        uint32_t offset = bits_sext32(top << 17 | arm_field(l, 'i'), 20) << 1;

        arm_branch_to(l, pc_value(l) + offset, true);
    }
}

/* B.W label, T4 */
void lift_b_t4(ArmLift *l) { arm_branch_to(l, pc_value(l) + (long_offset(l, 21) << 1), true); }

static void call(ArmLift *l, Gva target, bool thumb)
{
    arm_region(l);
    arm_set(l, 14, arm_const(l, l->next | (l->mode & MODE_T ? 1 : 0)));
    arm_branch_to(l, target, thumb);
}

/* BL label: LR = next, BranchWritePC(PC + imm) */
void lift_bl(ArmLift *l)
{
    if (l->row->thumb) {
        call(l, pc_value(l) + (long_offset(l, 21) << 1), true);
    } else {
        call(l, pc_value(l) + (bits_sext32(arm_field(l, 'i'), 24) << 2), false);
    }
}

/* BLX label: the same and changes between A32 and T32 */
void lift_blx_imm(ArmLift *l)
{
    if (l->row->thumb) {
        call(l, (pc_value(l) & ~3u) + (long_offset(l, 20) << 2), false);
    } else {
        uint32_t half = arm_field(l, 'h') << 1;

        call(l, pc_value(l) + (bits_sext32(arm_field(l, 'i'), 24) << 2) + half, true);
    }
}

/* BX Rm: BXWritePC(Rm). BXJ without Jazelle is the same. */
void lift_bx(ArmLift *l) { arm_bx_write_pc(l, arm_get(l, arm_field(l, 'm'))); }

/* BLX Rm: LR = next, BXWritePC(Rm) */
void lift_blx_reg(ArmLift *l)
{
    IrRef target;

    if (arm_is_pc(l, 'm')) { /* A8.8.26: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    arm_region(l);
    target = arm_get(l, arm_field(l, 'm'));
    arm_set(l, 14, arm_const(l, l->next | (l->mode & MODE_T ? 1 : 0)));
    arm_bx_write_pc(l, target);
}

/* CBZ, CBNZ Rn, label: if (Rn == 0) != o: BranchWritePC(PC + imm), always forward */
void lift_cbz(ArmLift *l)
{
    Gva target = pc_value(l) + (arm_field(l, 'i') << 1);
    uint64_t known;
    IrRef n, cond;

    if (l->in_it) { /* A8.8.29: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    n = arm_get(l, arm_field(l, 'n'));
    cond = arm_field(l, 'o') ? ir_ne(l->blk, T_I32, n, arm_const(l, 0))
                             : ir_eq(l->blk, T_I32, n, arm_const(l, 0));
    if (!ir_is_const(l->blk, cond, &known)) {
        ir_goto_if(l->blk, cond, target, l->mode);
    } else if (known) {
        arm_branch_to(l, target, true);
    }
}

/* TBB, TBH [Rn, Rm]: PC + 2 * MemU[Rn + Rm << h] */
void lift_tbb(ArmLift *l)
{
    unsigned size = arm_arg(l);
    IrRef n, m, v;

    if (arm_is_pc(l, 'm')) { /* A8.8.236: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    n = arm_get(l, arm_field(l, 'n'));
    m = arm_get(l, arm_field(l, 'm'));
    m = ir_shl(l->blk, T_I32, m, arm_const(l, size));
    n = ir_add(l->blk, T_I32, n, m);
    v = ir_ld(l->blk, T_I32, n, arm_memop(l, size, false) | MO_ONLY);
    v = ir_shl(l->blk, T_I32, v, arm_const(l, 1));
    arm_branch_write_pc(l, ir_add(l->blk, T_I32, v, arm_const(l, pc_value(l))));
}

/* IT{x{y{z}}} <firstcond>: ITSTATE = firstcond:mask */
void lift_it(ArmLift *l)
{
    if (l->in_it) { /* A8.8.54: UNPREDICTABLE; we raise UNDEF */
        arm_undefined(l);
        return;
    }
    l->next_mode = (l->mode & ~(uint32_t)MODE_IT) | arm_bits(l, 0, 8) << MODE_IT_SHIFT;
}

/* NOP, PLD, PLDW, PLI, DMB, DSB: nothing to do with one processor and exact memory. ISB (ROW_ENDS):
 * what follows is looked up afresh. */
void lift_nop(ArmLift *l) { (void)l; }
