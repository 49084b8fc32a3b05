/* SPDX-License-Identifier: MIT */
/* lift.c - what all ARM lifters share: registers, conditions, writes of the pc, calls. */
#include "frontend/arm/lift.h"

/* The mode word of branch targets: no IT state, @thumb as said. */
static uint32_t target_mode(const ArmLift *l, bool thumb)
{
    return (l->mode & ~(uint32_t)(MODE_IT | MODE_T)) | (thumb ? MODE_T : 0);
}

static bool in_thumb(const ArmLift *l) { return (l->mode & MODE_T) != 0; }

/* A2.3: the pc reads as the address of the instruction plus 8, or plus 4 in T32. */
IrRef arm_get(ArmLift *l, unsigned r)
{
    if (r == 15) {
        return ir_const(l->blk, T_I32, (Gva)(l->pc + (in_thumb(l) ? 4 : 8)));
    }
    return ir_get(l->blk, G_R0 + r);
}

void arm_set_global(ArmLift *l, unsigned g, IrRef v)
{
    IrRef when = arm_when(l);

    if (when != IR_NONE) {
        IrRef old = ir_get(l->blk, g);

        v = g == G_FLAGS ? ir_fselect(l->blk, T_NO, when, v, old)
                         : ir_select(l->blk, T_I32, when, v, old);
    }
    ir_set(l->blk, g, v);
}

void arm_set(ArmLift *l, unsigned r, IrRef v)
{
    g_assert(r < 15);
    arm_set_global(l, G_R0 + r, v);
}

/* A8.3. G_FLAGS holds the borrow, so HS is "not below", HI is "above". */
static IrCc condition(unsigned cond)
{
    static const IrCc cc[14] = {
        CC_Z,  CC_NZ, CC_NC, CC_C,  CC_S, CC_NS, CC_O, /* EQ NE CS CC MI PL VS */
        CC_NO, CC_A,  CC_BE, CC_GE, CC_L, CC_G,  CC_LE /* VC HI LS GE LT GT LE */
    };

    g_assert(cond < 14);
    return cc[cond];
}

IrRef arm_cond(ArmLift *l)
{
    IrRef flags = ir_get(l->blk, G_FLAGS);

    return ir_fcond(l->blk, T_NO, flags, condition(l->cond));
}

IrRef arm_cond_not(ArmLift *l)
{
    IrRef flags = ir_get(l->blk, G_FLAGS);

    return ir_fcond(l->blk, T_NO, flags, condition(l->cond ^ 1));
}

IrRef arm_when(ArmLift *l)
{
    if (l->cond == 14 || l->in_skip || !(l->row->flags & ROW_SELECT)) {
        return IR_NONE;
    }
    if (l->when == IR_NONE) {
        l->when = arm_cond(l);
    }
    return l->when;
}

static void open_region(ArmLift *l, IrRef skip)
{
    ir_skip(l->blk, skip);
    l->in_skip = true;
}

void arm_region(ArmLift *l)
{
    if (l->cond != 14 && !l->in_skip) {
        open_region(l, arm_cond_not(l));
    }
}

bool arm_begin_condition(ArmLift *l)
{
    bool select = (l->row->flags & ROW_SELECT) != 0;
    uint64_t known;
    IrRef cond;

    if (l->cond == 14) {
        return true;
    }
    cond = select ? arm_when(l) : arm_cond_not(l);
    if (ir_is_const(l->blk, cond, &known)) {
        l->cond = 14;
        l->when = IR_NONE;
        return (known != 0) == select;
    }
    if (!select) {
        open_region(l, cond);
    }
    return true;
}

IrRef arm_carry(ArmLift *l)
{
    IrRef flags = ir_get(l->blk, G_FLAGS);

    return ir_fcond(l->blk, T_NO, flags, CC_NC);
}

static void jump(ArmLift *l, IrRef target, bool thumb, bool isa_bit)
{
    arm_region(l);
    ir_jump(l->blk, target, target_mode(l, thumb), isa_bit);
    l->ended = true;
}

void arm_bx_write_pc(ArmLift *l, IrRef target)
{
    uint64_t va;

    if (ir_is_const(l->blk, target, &va)) {
        arm_region(l);
        arm_branch_to(l, (Gva)va & ~1u, (va & 1) != 0);
        return;
    }
    jump(l, target, false, true);
}

void arm_branch_write_pc(ArmLift *l, IrRef target)
{
    uint32_t keep = in_thumb(l) ? ~1u : ~3u;
    uint64_t va;

    if (ir_is_const(l->blk, target, &va)) {
        arm_region(l);
        arm_branch_to(l, (Gva)va & keep, in_thumb(l));
        return;
    }
    jump(l, ir_and(l->blk, T_I32, target, ir_const(l->blk, T_I32, keep)), in_thumb(l), false);
}

void arm_alu_write_pc(ArmLift *l, IrRef target)
{
    if (in_thumb(l)) {
        arm_branch_write_pc(l, target);
    } else {
        arm_bx_write_pc(l, target);
    }
}

void arm_load_write_pc(ArmLift *l, IrRef target) { arm_bx_write_pc(l, target); }

/* A conditional branch leaves by the side and the unit runs on, unless it goes backward: then it is
 * a loop, and what follows it begins a unit of its own. */
void arm_branch_to(ArmLift *l, Gva target, bool thumb)
{
    uint32_t mode = target_mode(l, thumb);

    if (l->cond == 14 || l->in_skip) {
        ir_goto(l->blk, target, mode);
        l->ended = true;
        return;
    }
    ir_goto_if(l->blk, arm_when(l), target, mode);
    if (target <= l->pc) {
        arm_end(l);
    }
}

void arm_undefined(ArmLift *l)
{
    arm_region(l);
    ir_call(l->blk, T_NO, ARM_H_undefined, IR_NONE, IR_NONE, IR_NONE);
    ir_leave(l->blk); /* never reached: the call leaves */
    l->ended = true;
}

IrRef arm_call(ArmLift *l, IrType t, unsigned h, IrRef a, IrRef b, IrRef c)
{
    if (arm_isa.helpers[h].effects & HELPER_CALLOUT) {
        ir_count(l->blk, 2u * l->row->ledger + (l->mode & MODE_PRIV ? 1 : 0));
    }
    return ir_call(l->blk, t, h, a, b, c);
}

void arm_end(ArmLift *l)
{
    ir_goto(l->blk, l->next, l->next_mode);
    l->ended = true;
}

void arm_end_check(ArmLift *l)
{
    ir_check(l->blk, l->next, l->next_mode);
    l->ended = true;
}

void arm_end_dispatch(ArmLift *l)
{
    ir_dispatch(l->blk);
    l->ended = true;
}

uint64_t arm_memop(const ArmLift *l, unsigned size, bool aligned)
{
    uint64_t memop = size;

    if (l->mode & MODE_E) {
        memop |= MO_BE;
    }
    if (aligned || (l->mode & MODE_ALIGN)) {
        memop |= (uint64_t)size << MO_ALIGN_SHIFT;
    }
    return memop;
}
