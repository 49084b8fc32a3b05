/* SPDX-License-Identifier: MIT */
/* lift_x87.c - x87 instructions. Spec: SDM Vol. 2, the entry of each; Vol. 1 8. */
#include <string.h>

#include "frontend/x86/lift.h"
#include "frontend/x86/x87_env_priv.h"

/* The opcode as in FOP. */
static unsigned fop(const X86Lift *l) { return (l->opcode & 7u) << 8 | l->modrm; }

/* Transcendental functions are the same on all hosts, and FBLD of digits beyond 9. */
static bool is_portable_only(const X86Lift *l)
{
    static const uint8_t codes[] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff };

    if (l->opcode == 0xdf && l->mod != 3 && l->reg == 4) {
        return true;
    }
    return l->opcode == 0xd9 && memchr(codes, l->modrm, sizeof(codes)) != NULL;
}

/* What helpers are told: a host's x87 may do instead what neither traps nor must be portable. */
static IrRef fop_const(X86Lift *l)
{
    bool by_helper = (l->mode & MODE_X87TRAP) != 0 || is_portable_only(l);

    return x86_const32(l, fop(l) | (by_helper ? IR_X87_BY_HELPER : 0));
}

/* Vol. 3 table 2-2: #NM; and, for an instruction that waits, what is pending. */
static bool begin(X86Lift *l, bool waits)
{
    if ((l->mode & MODE_NOFP) != 0) {
        x86_raise(l, X86_NM);
        return false;
    }
    if (waits && (l->mode & MODE_X87TRAP) != 0) {
        x86_call(l, T_NO, X86_H_x87_wait, IR_NONE, IR_NONE, IR_NONE);
    }
    return true;
}

/* A selector, unless the block has recorded that of the same segment already: what loads segment
 * registers ends units. */
static void record_selector(X86Lift *l, unsigned global, unsigned seg)
{
    int32_t offset = (int32_t)(offsetof(X86Cpu, seg) + seg * sizeof(X86Seg)
                               + offsetof(X86Seg, selector));
    IrRef known = l->blk->known[global];

    if (known != IR_NONE && l->blk->insn[known >> 1].op == IR_gld
        && l->blk->insn[known >> 1].imm == (uint64_t)(int64_t)offset) {
        return;
    }
    ir_set(l->blk, global, ir_gld(l->blk, T_I32, offset));
}

/* FIP, FCS, FOP, and with a memory operand FDP, FDS: behind all that may fault. Vol. 1 8.1.8: not
 * for control instructions. */
static void record(X86Lift *l)
{
    IrRef next = x86_next_eip(l);

    ir_set(l->blk, G_FIP, ir_sub(l->blk, T_I32, next, x86_const32(l, l->length)));
    ir_set(l->blk, G_FOP, x86_const32(l, fop(l)));
    record_selector(l, G_FCS, SEG_CS);
    if (l->mod != 3) {
        ir_set(l->blk, G_FDP, x86_ea(l));
        record_selector(l, G_FDS, l->seg);
    }
}

/* Register forms that neither read nor write general registers or EFLAGS. */
void lift_x87_op(X86Lift *l)
{
    if (begin(l, true)) {
        x86_call(l, T_NO, X86_H_x87_op, fop_const(l), IR_NONE, IR_NONE);
        record(l);
    }
}

/* ZF, PF, CF = the order of ST(0) and ST(i); OF, SF, AF = 0 */
void lift_x87_comi(X86Lift *l)
{
    if (begin(l, true)) {
        IrRef v = x86_call(l, T_I32, X86_H_x87_comi, fop_const(l), IR_NONE, IR_NONE);

        x86_set_order(l, v);
        record(l);
    }
}

/* ST(0) = ST(i) if the condition holds: B, E, BE, U in DA, their opposites in DB */
void lift_x87_cmov(X86Lift *l)
{
    static const uint8_t conditions[] = { 2, 4, 6, 10 };

    if (begin(l, true)) {
        IrRef holds = x86_cond(l, conditions[l->reg & 3] | (l->opcode & 1u));

        holds = ir_zext(l->blk, T_I32, holds);
        x86_call(l, T_NO, X86_H_x87_cmov, fop_const(l), holds, IR_NONE);
        record(l);
    }
}

static IrRef wide(X86Lift *l, IrRef v)
{
    return ir_type_of(l->blk, v) == T_I64 ? v : ir_zext(l->blk, T_I64, v);
}

/* ST(0) = ST(0) op memory; pushes memory */
void lift_x87_load(X86Lift *l)
{
    unsigned bytes = x87_memory_bytes(fop(l));
    IrRef va, low, high = IR_NONE;

    if (!begin(l, true)) {
        return;
    }
    va = x86_operand_linear(l, 0, bytes, false);
    low = ir_ld(l->blk, x86_type(MIN(bytes, 8)), va, x86_memop(l, MIN(bytes, 8)));
    if (bytes == 10) {
        va = ir_add(l->blk, T_I32, va, x86_const32(l, 8));
        high = wide(l, ir_ld(l->blk, T_I16, va, x86_memop(l, 2)));
    }
    x86_call(l, T_NO, X86_H_x87_load, fop_const(l), wide(l, low), high);
    record(l);
}

/* All of it or nothing. */
static void store_bytes(X86Lift *l, IrRef va, unsigned bytes)
{
    IrType t = x86_type(MIN(bytes, 8));
    IrRef low = x86_call(l, t, X86_H_x87_store, fop_const(l), IR_NONE, IR_NONE), high, above;

    if (bytes == 10) {
        ir_ld(l->blk, t, va, x86_memop(l, 8) | MO_WRITE); /* faults now if it is to */
        high = x86_call(l, T_I16, X86_H_x87_store_high, fop_const(l), IR_NONE, IR_NONE);
        above = ir_add(l->blk, T_I32, va, x86_const32(l, 8));
        ir_st(l->blk, above, high, x86_memop(l, 2));
    }
    ir_st(l->blk, va, low, x86_memop(l, MIN(bytes, 8)));
}

/* memory = ST(0), converted; pops. Vol. 1 8.5: an exception that is not masked leaves memory alone,
 * its segment too. */
void lift_x87_store(X86Lift *l)
{
    unsigned bytes = x87_memory_bytes(fop(l));
    bool asks = (l->mode & MODE_X87TRAP) != 0;
    IrRef va, stores;

    if (!begin(l, true)) {
        return;
    }
    if (asks) {
        x86_ea(l); /* for both ways */
        stores = x86_call(l, T_I1, X86_H_x87_stores, fop_const(l), IR_NONE, IR_NONE);
        ir_skip(l->blk, ir_not(l->blk, T_I1, stores));
    }
    va = x86_operand_linear(l, 0, bytes, true);
    if (!asks) {
        x86_check_alignment(l, va, MIN(bytes, 8));
        /* What cannot be stored is found ahead of what the host's x87 cannot undo. Rounded up, for
         * a run is of words. */
        ir_run(l->blk, va, MO_32 | MO_TSO | MO_WRITE, (bytes + 3) & ~3u);
    }
    store_bytes(l, va, bytes);
    if (asks) {
        ir_label(l->blk);
    }
    x86_call(l, T_NO, X86_H_x87_store_done, fop_const(l), IR_NONE, IR_NONE);
    record(l);
}

/* Goes on in the mode with MODE_X87TRAP turned over if @changed. */
static void turn_if(X86Lift *l, IrRef changed)
{
    ir_goto_if(l->blk, changed, l->next, l->next_mode ^ MODE_X87TRAP);
}

/* FCW = m16 */
void lift_x87_ldcw(X86Lift *l)
{
    IrRef v, masks, all, wide_v;

    if (!begin(l, true)) {
        return;
    }
    v = x86_get(l, 0);
    if ((l->mode & MODE_X87TRAP) != 0) {
        turn_if(l, x86_call(l, T_I1, X86_H_x87_set_control, v, IR_NONE, IR_NONE));
        return;
    }
    masks = ir_and(l->blk, T_I16, v, ir_const(l->blk, T_I16, X87_FLAGS));
    all = ir_eq(l->blk, T_I16, masks, ir_const(l->blk, T_I16, X87_FLAGS));
    ir_skip(l->blk, all);
    x86_call(l, T_I1, X86_H_x87_set_control, v, IR_NONE, IR_NONE);
    ir_goto(l->blk, l->next, l->next_mode ^ MODE_X87TRAP);
    ir_label(l->blk);
    wide_v = ir_zext(l->blk, T_I64, v);
    x86_call(l, T_NO, X86_H_x87_ldcw, fop_const(l), wide_v, IR_NONE);
}

/* m16 = FCW */
void lift_x87_stcw(X86Lift *l)
{
    if (begin(l, false)) {
        x86_put(l, 0, x86_call(l, T_I16, X86_H_x87_control, fop_const(l), IR_NONE, IR_NONE));
    }
}

/* m16 or AX = FSW */
void lift_x87_stsw(X86Lift *l)
{
    if (begin(l, false)) {
        /* as FNSTSW m16, also for AX */
        bool by_helper = (l->mode & MODE_X87TRAP) != 0;
        IrRef what = x86_const32(l, 5u << 8 | 7 << 3 | (by_helper ? IR_X87_BY_HELPER : 0));

        x86_put(l, 0, x86_call(l, T_I16, X86_H_x87_status, what, IR_NONE, IR_NONE));
    }
}

/* FSW[7:0] and FSW[15] = 0 */
void lift_x87_clex(X86Lift *l)
{
    if (begin(l, false)) {
        x86_call(l, T_NO, X86_H_x87_clex, fop_const(l), IR_NONE, IR_NONE);
    }
}

/* FCW = 37FH, all else 0, all registers empty */
void lift_x87_init(X86Lift *l)
{
    if (begin(l, false)) {
        turn_if(l, x86_call(l, T_I1, X86_H_x87_init, IR_NONE, IR_NONE, IR_NONE));
    }
}

/* Of the 8087 and 80287; later ones ignore them. */
void lift_x87_nothing(X86Lift *l) { begin(l, false); }

/* Vol. 3 2.5: WAIT looks at MP and TS. */
void lift_x87_fwait(X86Lift *l)
{
    if ((l->mode & MODE_MP_TS) != 0) {
        x86_raise(l, X86_NM);
    } else if ((l->mode & MODE_X87TRAP) != 0) {
        x86_call(l, T_NO, X86_H_x87_wait, IR_NONE, IR_NONE, IR_NONE);
    }
}

static void environment(X86Lift *l, unsigned how, bool waits)
{
    unsigned bytes;
    IrRef va;

    how |= l->opsize == 4 ? X87_ENV_32 : 0;
    how |= (l->mode & (MODE_REAL | MODE_VM)) != 0 ? X87_ENV_REAL : 0;
    bytes = ((how & X87_ENV_32) != 0 ? 28 : 14) + ((how & X87_ENV_ALL) != 0 ? 80 : 0);
    if (begin(l, waits)) {
        va = x86_operand_linear(l, 0, bytes, (how & X87_ENV_LOAD) == 0);
        x86_check_alignment(l, va, l->opsize);
        turn_if(l, x86_call(l, T_I1, X86_H_x87_env, va, x86_const32(l, how), IR_NONE));
    }
}

void lift_x87_ldenv(X86Lift *l) { environment(l, X87_ENV_LOAD, true); }
void lift_x87_stenv(X86Lift *l) { environment(l, 0, false); }
void lift_x87_rstor(X86Lift *l) { environment(l, X87_ENV_LOAD | X87_ENV_ALL, true); }
void lift_x87_save(X86Lift *l) { environment(l, X87_ENV_ALL, false); }

/* Vol. 2, FXSAVE: a misaligned operand is #GP(0), and no exception is waited for. Where alignment
 * is checked it may be #AC(0), as the implementation likes: where not even 4 bytes are aligned. */
static IrRef fx_area(X86Lift *l, bool write)
{
    IrRef va = x86_operand_linear(l, 0, 4, write);

    x86_check_alignment(l, va, 4);
    x86_require_aligned(l, va, 16, X86_GP);
    for (uint32_t k = 0; k < 512; k += 128) { /* checks of limits take up to 255 bytes at once */
        x86_operand_linear(l, k, 128, write);
    }
    return va;
}

/* m512 = x87, MMX, XMM and MXCSR state */
void lift_fxsave(X86Lift *l)
{
    if (begin(l, false)) {
        x86_call(l, T_NO, X86_H_fxsave, fx_area(l, true), IR_NONE, IR_NONE);
    }
}

void lift_fxrstor(X86Lift *l)
{
    static const uint32_t turned[] = { MODE_X87TRAP, MODE_SSETRAP, MODE_X87TRAP | MODE_SSETRAP };
    IrRef changed;

    if (!begin(l, false)) {
        return;
    }
    changed = x86_call(l, T_I32, X86_H_fxrstor, fx_area(l, false), IR_NONE, IR_NONE);
    for (unsigned i = 0; i < G_N_ELEMENTS(turned); i++) {
        IrRef is = ir_eq(l->blk, T_I32, changed, x86_const32(l, i + 1));

        ir_goto_if(l->blk, is, l->next, l->next_mode ^ turned[i]);
    }
}
