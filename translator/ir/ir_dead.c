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

/* CPU state that is stored again before anyone looks: the latest such stores. */
enum { STORES_MAX = 16 };
typedef struct Stores {
    unsigned n, next;
    struct {
        int32_t from, to;
    } range[STORES_MAX];
} Stores;

/* Whether gst @in is made up for by a later one; else notes it. The Vcpu itself and what lies
 * before it are looked at by others. */
static bool is_stored_again(const IrBlock *blk, const IrInsn *in, Stores *s)
{
    int32_t from = (int32_t)in->imm;
    int32_t to = from + (int32_t)MAX(ir_type_bits(ir_type_of(blk, in->a)) / 8, 1u);

    if (from < (int32_t)sizeof(Vcpu)) {
        return false;
    }
    for (unsigned i = 0; i < s->n; i++) {
        if (s->range[i].from <= from && to <= s->range[i].to) {
            return true;
        }
    }
    s->range[s->next].from = from;
    s->range[s->next].to = to;
    s->next = (s->next + 1) % STORES_MAX;
    s->n = MIN(s->n + 1, (unsigned)STORES_MAX);
    return false;
}

/* What @in reads must have been stored. */
static void note_read(const IrInsn *in, Stores *s)
{
    int32_t from = (int32_t)in->imm, to = from + (int32_t)MAX(ir_type_bits(in->type) / 8, 1u);

    for (unsigned i = 0; i < s->n; i++) {
        if (s->range[i].from < to && from < s->range[i].to) {
            s->range[i].to = s->range[i].from; /* covers nothing */
        }
    }
}

static bool looks_at_state(const IrBlock *blk, const IrInsn *in)
{
    return is_border(blk, in) || in->op == IR_skip
           || (in->op == IR_call && blk->isa->helpers[in->imm].effects != 0);
}

static void walk(const IrBlock *blk, uint8_t *live, bool marks)
{
    uint32_t again = 0; /* globals that are set again before anyone looks */
    Stores stores = { 0 };

    memset(live, 0, blk->n);
    for (unsigned i = blk->n; i-- > 0;) {
        const IrInsn *in = &blk->insn[i];

        if (in->op == IR_set) {
            live[i] = (again >> in->imm & 1) == 0;
            again |= 1u << in->imm;
        } else if (is_border(blk, in) || (marks && in->op == IR_insn)) {
            again = 0;
        }
        if (in->op == IR_gst) {
            live[i] = !is_stored_again(blk, in, &stores);
        } else if (looks_at_state(blk, in) || (marks && in->op == IR_insn)) {
            stores = (Stores){ 0 };
        } else if (in->op == IR_gld && live[i]) {
            note_read(in, &stores);
        }
        if (in->op != IR_set && in->op != IR_gst && has_effect(blk, in)) {
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
