/* SPDX-License-Identifier: MIT */
/*
 * emit_call.c - helpers, and operations done by C.
 *
 * Arguments are pushed; the thunk keeps every register but what the helper may change, and leaves
 * the result just below the stack pointer, where nothing overwrites it (System V ABI 3.2.2, red
 * zone).
 */
#include "backend/x64/x64_priv.h"

static void push_const(Gen *g, uint64_t k)
{
    x64_push_imm(&g->as, (int32_t)(uint32_t)k);
    if ((uint64_t)(int64_t)(int32_t)(uint32_t)k != k) {
        x64_mi(&g->as, X64_MOV, W32, x64_at(RSP, 4), (int32_t)(k >> 32));
    }
}

/* In a register: it was fetched before the first push. The host's flags survive. */
static void push_vec(Gen *g, IrRef ref)
{
    X64Reg x = x64_vec_use(g, ref);

    x64_push_imm(&g->as, 0);
    x64_vec_store(g, x64_type(g, ref), x64_at(RSP, 0), x);
}

/* Pushes @ref, zero-extended, when @depth words have been pushed. */
static void push(Gen *g, IrRef ref, unsigned depth)
{
    uint64_t k;
    X64Rm at;

    if (ref == IR_NONE) {
        x64_push_imm(&g->as, 0);
        return;
    }
    if (x64_const(g, ref, &k)) {
        push_const(g, k);
        return;
    }
    ref = x64_resolve(g, ref);
    if (x64_is_vec(x64_type(g, ref))) {
        push_vec(g, ref);
        return;
    }
    at = x64_place(g, ref);
    if (!at.mem) {
        x64_push(&g->as, at.reg);
        return;
    }
    if (at.reg == RSP) {
        at.disp += (int32_t)(8 * depth);
    }
    x64_m(&g->as, X64_PUSH, W32, at);
    if (x64_width(x64_type(g, ref)) == W32) {
        x64_mi(&g->as, X64_MOV, W32, x64_at(RSP, 4), 0);
    }
}

static bool is_flags(const Gen *g, IrRef ref)
{
    return ref != IR_NONE && x64_type(g, ref) == T_FLAGS && !x64_const(g, ref, &(uint64_t){ 0 });
}

/* Ahead of anything that overwrites the host's flags. */
void x64_save_all_flags(Gen *g, const IrInsn *in)
{
    const IrRef refs[3] = { in->a, in->b, in->c };

    x64_flags_save(g);
    for (unsigned k = 0; k < 3; k++) {
        if (is_flags(g, refs[k])) {
            x64_flags_mem(g, refs[k]);
        }
    }
    x64_flags_gone(g);
}

/* Pushes the operands and @desc; calls @thunk. */
static void call(Gen *g, Thunk thunk, const IrInsn *in, uint32_t desc)
{
    const IrRef refs[3] = { in->a, in->b, in->c };
    X64Reg temps[3] = { NO_REG, NO_REG, NO_REG };

    for (unsigned k = 0; k < 3; k++) {
        if (is_flags(g, refs[k])) {
            temps[k] = x64_flags_value(g, refs[k]);
        } else if (refs[k] != IR_NONE && x64_is_vec(x64_type(g, refs[k]))) {
            x64_vec_use(g, refs[k]);
        }
    }
    x64_vec_keep(g);
    for (unsigned k = 0; k < 3; k++) {
        if (temps[k] != NO_REG) {
            x64_push(&g->as, temps[k]);
        } else {
            push(g, refs[k], k);
        }
    }
    x64_push_imm(&g->as, (int32_t)desc);
    x64_call(&g->as, g->h->thunk[thunk]);
    x64_vec_forget(g);
}

/* The result, from below the stack. */
static void fetch_result(Gen *g, IrType t)
{
    IrRef ref = (IrRef)(2 * g->i);
    X64Rm at = x64_at(RSP, -8);
    X64Reg d;

    if (t == T_NO || g->val[ref].uses == 0) {
        return;
    }
    if (t == T_FLAGS) {
        d = x64_temp(g);
        x64_rm(&g->as, X64_MOV, W32, d, at);
        x64_flags_from_reg(g, ref, d);
        return;
    }
    if (x64_is_vec(t)) {
        x64_vec_load(g, t, x64_vec_def(g, ref), at);
        return;
    }
    d = x64_def_last(g, ref);
    x64_rm(&g->as,
           t == T_I1 || t == T_I8 ? X64_MOVZX8
           : t == T_I16           ? X64_MOVZX16
                                  : X64_MOV,
           x64_width(t), d, at);
}

void x64_emit_call(Gen *g, const IrInsn *in)
{
    uint32_t effects = g->blk->isa->helpers[in->imm].effects;
    Thunk thunk = (effects & HELPER_GLOBALS) != 0 ? THUNK_CALL_GLOBALS
                  : effects != 0                  ? THUNK_CALL
                                                  : THUNK_CALL_PURE;

    if (x64_emit_x87(g, in)) {
        return;
    }
    g->x87_live &= effects == 0;
    x64_save_all_flags(g, in);
    if ((effects & HELPER_CALLOUT) != 0) {
        x64_m(&g->as, X64_INC, W64, x64_at(RBP, VCPU_COLD_OFFSET(callouts)));
        if (g->h->options.callout) {
            x64_vec_keep_behind(g, g->i - 1);
            x64_vec_forget(g);
            x64_push_imm(&g->as, (int32_t)g->pc);
            x64_push_imm(&g->as, (int32_t)in->imm);
            x64_call(&g->as, g->h->callout);
        }
    }
    if (thunk == THUNK_CALL_GLOBALS) {
        x64_forget_globals(g);
    }
    call(g, thunk, in, (uint32_t)in->imm | (g->blk->n_insns - g->insn) << 16);
    if (effects != 0) {
        x64_point(g, g->insn, g->pc, g->mode);
    }
    fetch_result(g, (IrType)in->type);
}

/* memory[a] == b: memory[a] = c. */
void x64_emit_cas(Gen *g, const IrInsn *in)
{
    x64_save_all_flags(g, in);
    call(g, THUNK_CAS, in, (uint32_t)in->imm & ~(uint32_t)MO_SIGN);
    x64_point(g, g->insn, g->pc, g->mode);
    fetch_result(g, (IrType)in->type);
}

void x64_emit_by_definition(Gen *g, const IrInsn *in)
{
    x64_save_all_flags(g, in);
    call(g, THUNK_EVAL, in, in->op | (uint32_t)in->type << 8 | (uint32_t)in->imm << 16);
    fetch_result(g, (IrType)in->type);
}
