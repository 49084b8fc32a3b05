/* SPDX-License-Identifier: MIT */
/* ir_dead.c - which operations of a block matter, by one backward walk. */
#include <string.h>

#include "translator/ir/ir.h"
#include "translator/ir/isa.h"

/* Whether operation @in must be done though nobody uses what it yields. */
static bool has_effect(const IrBlock *blk, const IrInsn *in)
{
    switch (ir_op_info[in->op].effect) {
    case E_PURE:
    case E_GLOBAL_R:
    case E_STATE_R: return false;
    case E_CALL: return blk->isa->helpers[in->imm].effects != 0;
    default: return true;
    }
}

/* Whether globals may be looked at, or control may come or go, at @in. */
static bool is_border(const IrBlock *blk, const IrInsn *in)
{
    switch (ir_op_info[in->op].effect) {
    case E_MEM_R:
    case E_MEM_W:
    case E_SIDE:
    case E_EXIT: return true;
    case E_MARK: return in->op == IR_label;
    case E_FP: return ir_fp_traps(in);
    case E_CALL:
        return (blk->isa->helpers[in->imm].effects & (HELPER_GLOBALS | HELPER_FAULTS)) != 0;
    default: return false;
    }
}

static void use(uint8_t *live, IrRef ref)
{
    if (ref != IR_NONE) {
        live[ref / 2] = 1;
    }
}

static void walk(const IrBlock *blk, uint8_t *live, bool marks)
{
    uint32_t again = 0; /* globals that are set again before anyone looks */

    memset(live, 0, blk->n);
    for (unsigned i = blk->n; i-- > 0;) {
        const IrInsn *in = &blk->insn[i];

        if (in->op == IR_set) {
            live[i] = (again >> in->imm & 1) == 0;
            again |= 1u << in->imm;
        } else if (is_border(blk, in) || (marks && in->op == IR_insn)) {
            again = 0;
        }
        if (in->op != IR_set && has_effect(blk, in)) {
            live[i] = 1;
        }
        if (live[i]) {
            use(live, in->a);
            use(live, in->b);
            use(live, in->c);
        }
    }
}

void ir_dead(const IrBlock *blk, uint8_t live[IR_BLOCK_MAX]) { walk(blk, live, false); }
void ir_dead_at_marks(const IrBlock *blk, uint8_t live[IR_BLOCK_MAX]) { walk(blk, live, true); }
