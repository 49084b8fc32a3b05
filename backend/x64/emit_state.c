/* SPDX-License-Identifier: MIT */
/* emit_state.c - globals, CPU state, counts and regions. */
#include "backend/x64/x64_priv.h"

static void load_state(Gen *g, IrType t, IrRef ref, X64Rm at)
{
    X64Reg d;

    if (x64_is_vec(t)) {
        x64_vec_load(g, t, x64_vec_def(g, ref), at);
        return;
    }
    d = x64_def(g, ref);
    switch (ir_type_bits(t)) {
    case 1:
    case 8: x64_rm(&g->as, X64_MOVZX8, W32, d, at); break;
    case 16: x64_rm(&g->as, X64_MOVZX16, W32, d, at); break;
    default: x64_rm(&g->as, X64_MOV, x64_width(t), d, at); break;
    }
    if (t == T_I1) {
        x64_flags_save(g);
        x64_narrow(g, t, d);
        x64_flags_gone(g);
    }
}

static void store_state(Gen *g, IrRef ref, X64Rm at)
{
    X64Width w = x64_exact_width(x64_type(g, ref));
    int32_t imm;

    if (x64_imm(g, ref, w, &imm)) {
        x64_mi(&g->as, X64_MOV, w, at, imm);
    } else if (x64_is_vec(x64_type(g, ref))) {
        x64_vec_store(g, x64_type(g, ref), at, x64_vec_use(g, ref));
    } else {
        X64Reg r = x64_use(g, ref);

        x64_mr(&g->as, X64_MOV, w, at, r);
    }
}

/* Retired count at the unit's head, and the instructions before this one. */
static void emit_retired(Gen *g)
{
    int32_t ahead = (int32_t)(g->blk->n_insns - g->insn);
    X64Reg d;

    x64_flags_save(g);
    d = x64_def(g, (IrRef)(2 * g->i));
    x64_rm(&g->as, X64_MOV, W64, d, x64_at(RBP, (int32_t)offsetof(Vcpu, limit)));
    x64_rm(&g->as, X64_SUB, W64, d, x64_reg(R15));
    x64_mi(&g->as, X64_SUB, W64, x64_reg(d), ahead);
    x64_flags_gone(g);
}

void x64_emit_state(Gen *g, const IrInsn *in)
{
    X64Reg pin = x64_vec_pin(g->h, (int32_t)in->imm); /* of gld and gst */
    X64Cc cc;

    switch (in->op) {
    case IR_const: break;
    case IR_get: x64_get(g, (IrRef)(2 * g->i), (unsigned)in->imm); break;
    case IR_set:
        if (in->imm == g->h->flags_global) {
            x64_flags_set(g, in->a);
        } else {
            x64_set(g, (unsigned)in->imm, in->a);
        }
        break;
    case IR_gld:
        if (pin != NO_REG) {
            x64_vec_get(g, (IrRef)(2 * g->i), pin);
        } else {
            load_state(g, (IrType)in->type, (IrRef)(2 * g->i), x64_at(RBP, (int32_t)in->imm));
        }
        break;
    case IR_gst:
        if (pin != NO_REG) {
            x64_vec_set(g, pin, in->a);
        } else {
            store_state(g, in->a, x64_at(RBP, (int32_t)in->imm));
        }
        break;
    case IR_retired: emit_retired(g); break;
    case IR_count:
        x64_flags_save(g);
        x64_m(&g->as, X64_INC, W64, x64_at(RBP, VCPU_COLD_OFFSET(ledger) + 8 * (int32_t)in->imm));
        x64_flags_gone(g);
        break;
    case IR_skip:
        g->x87_live = false;
        x64_region_begin(g);
        cc = x64_cond(g, in->a);
        x64_region_snapshot(g);
        g->skip = x64_jcc(&g->as, cc, NULL);
        break;
    default: /* IR_label */
        g->x87_live = false;
        x64_region_end(g);
        x64_patch(&g->as, g->skip, g->as.p);
        break;
    }
}
