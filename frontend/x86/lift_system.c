/* SPDX-License-Identifier: MIT */
/* lift_system.c - control, debug and model-specific registers; HLT, INVLPG, CPUID, counters. */
#include "frontend/x86/lift_int_priv.h"

static int32_t control_register(unsigned n)
{
    switch (n) {
    case 0: return offsetof(X86Cpu, cr0);
    case 2: return offsetof(X86Cpu, cr2);
    case 3: return offsetof(X86Cpu, cr3);
    default: return offsetof(X86Cpu, cr4);
    }
}

/* MOV first, CRn */
void x86_lift_mov_from_cr(X86Lift *l)
{
    x86_count(l);
    x86_set_reg(l, l->rm, 4, ir_gld(l->blk, T_I32, control_register(l->reg)));
}

/* MOV CRn, second */
void x86_lift_mov_to_cr(X86Lift *l)
{
    IrRef v = x86_reg(l, l->rm, 4), next = x86_next_pc(l);

    x86_call(l, T_NO, X86_H_set_cr, x86_const32(l, l->reg), v, next);
    x86_end_dispatch(l);
}

/* MOV first, DRn; MOV DRn, second */
void x86_lift_mov_from_dr(X86Lift *l)
{
    IrRef n = x86_const32(l, l->reg);

    x86_set_reg(l, l->rm, 4, x86_call(l, T_I32, X86_H_get_dr, n, IR_NONE, IR_NONE));
}

void x86_lift_mov_to_dr(X86Lift *l)
{
    IrRef v = x86_reg(l, l->rm, 4), next = x86_next_pc(l);

    x86_call(l, T_NO, X86_H_set_dr, x86_const32(l, l->reg), v, next);
    x86_end_dispatch(l);
}

/* SMSW: CR0; of memory and 16-bit registers the low half */
void x86_lift_smsw(X86Lift *l)
{
    IrRef v = ir_gld(l->blk, T_I32, offsetof(X86Cpu, cr0));

    if (x86_is_memory(l)) {
        IrRef off = x86_ea(l);

        x86_store(l, l->seg, off, ir_trunc(l->blk, T_I16, v));
    } else {
        x86_set_reg(l, l->rm, l->opsize, l->opsize == 2 ? ir_trunc(l->blk, T_I16, v) : v);
    }
    x86_count(l);
}

/* LMSW: PE MP EM TS = first; PE cannot be cleared */
void x86_lift_lmsw(X86Lift *l)
{
    IrRef v = x86_zext(l, x86_get(l, 0)), next = x86_next_pc(l), old, pe;

    old = ir_gld(l->blk, T_I32, offsetof(X86Cpu, cr0));
    pe = ir_and(l->blk, T_I32, old, x86_const32(l, CR0_PE));
    old = ir_and(l->blk, T_I32, old, x86_const32(l, ~15u));
    v = ir_and(l->blk, T_I32, v, x86_const32(l, 15));
    v = ir_or(l->blk, T_I32, v, pe);
    v = ir_or(l->blk, T_I32, v, old);
    x86_call(l, T_NO, X86_H_set_cr, x86_const32(l, 0), v, next);
    x86_end_dispatch(l);
}

/* CLTS: CR0.TS = 0 */
void x86_lift_clts(X86Lift *l)
{
    IrRef v = ir_gld(l->blk, T_I32, offsetof(X86Cpu, cr0)), next = x86_next_pc(l);

    v = ir_and(l->blk, T_I32, v, x86_const32(l, ~(uint32_t)CR0_TS));
    x86_call(l, T_NO, X86_H_set_cr, x86_const32(l, 0), v, next);
    x86_end_dispatch(l);
}

/* HLT */
void x86_lift_hlt(X86Lift *l)
{
    x86_call(l, T_NO, X86_H_hlt, x86_next_pc(l), IR_NONE, IR_NONE);
    x86_end_dispatch(l);
}

/* INVLPG: no check of the segment's limit */
void x86_lift_invlpg(X86Lift *l)
{
    IrRef off = x86_ea(l), base;

    base = ir_gld(
        l->blk, T_I32,
        (int32_t)(offsetof(X86Cpu, seg) + l->seg * sizeof(X86Seg) + offsetof(X86Seg, base)));
    x86_call(l, T_NO, X86_H_invlpg, ir_add(l->blk, T_I32, off, base), IR_NONE, IR_NONE);
    x86_end_check(l);
}

/* RDTSC, RDPMC, RDMSR: EDX:EAX */
static void set_pair(X86Lift *l, IrRef v)
{
    IrRef high = ir_shr(l->blk, T_I64, v, ir_const(l->blk, T_I64, 32));

    ir_set(l->blk, G_EAX, ir_trunc(l->blk, T_I32, v));
    ir_set(l->blk, G_EDX, ir_trunc(l->blk, T_I32, high));
}

void x86_lift_rdtsc(X86Lift *l)
{
    IrRef retired = ir_retired(l->blk);

    set_pair(l, x86_call(l, T_I64, X86_H_rdtsc, retired, IR_NONE, IR_NONE));
}

void x86_lift_rdpmc(X86Lift *l)
{
    IrRef retired = ir_retired(l->blk), n = ir_get(l->blk, G_ECX);

    set_pair(l, x86_call(l, T_I64, X86_H_rdpmc, n, retired, IR_NONE));
}

void x86_lift_rdmsr(X86Lift *l)
{
    IrRef retired = ir_retired(l->blk), n = ir_get(l->blk, G_ECX);

    set_pair(l, x86_call(l, T_I64, X86_H_rdmsr, n, retired, IR_NONE));
}

void x86_lift_wrmsr(X86Lift *l)
{
    IrRef retired = ir_retired(l->blk), next = x86_next_pc(l);

    x86_call(l, T_NO, X86_H_wrmsr, retired, next, IR_NONE);
    x86_end_dispatch(l);
}

/* CPUID */
void x86_lift_cpuid(X86Lift *l) { x86_call(l, T_NO, X86_H_cpuid, IR_NONE, IR_NONE, IR_NONE); }
