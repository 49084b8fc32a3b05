/* SPDX-License-Identifier: MIT */
/* helpers_sse.c - MXCSR, and SSE operations that may trap or are estimates. */
#include <string.h>

#include "frontend/x86/lift_sse_priv.h"
#include "frontend/x86/sse_priv.h"
#include "frontend/x86/x86_priv.h"

/* Vol. 3 tables 12-1 and 13-1, with CR0.TS or CR0.EM set. */
uint64_t x86_help_simd_unavailable(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);

    (void)a, (void)b, (void)c;
    x86_fault(cpu, (cpu->cr0 & CR0_EM) != 0 ? X86_UD : X86_NM, 0);
    return 0;
}

/* Whether all @b bytes at linear address @a can be written; as on processors, the upper half of
 * sixteen is asked first. */
uint64_t x86_help_maskmov(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    Gva va = (Gva)a;

    (void)c;
    if (b == 8 || x86_can_write(cpu, va + 8, 8, false)) {
        x86_can_write(cpu, va, 8, false);
    }
    return 0;
}

uint64_t x86_help_stmxcsr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    return x86_mxcsr(x86_cpu(v));
}

/* Returns: whether MODE_SSETRAP changed. */
uint64_t x86_help_ldmxcsr(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    bool before = x86_sse_can_trap(cpu);

    (void)b, (void)c;
    if ((a & ~(uint64_t)x86_mxcsr_mask(cpu)) != 0) {
        x86_fault(cpu, X86_GP, 0);
        return 0;
    }
    x86_set_mxcsr(cpu, (uint32_t)a);
    return x86_sse_can_trap(cpu) != before;
}

static IrVec get_xmm(const X86Cpu *cpu, unsigned n)
{
    return (IrVec){ { cpu->xmm[n][0], cpu->xmm[n][1] } };
}

static void put_xmm(X86Cpu *cpu, unsigned n, IrVec v)
{
    memcpy(cpu->xmm[n], v.q, sizeof(cpu->xmm[n]));
}

/* @a: sse_what(FP(), ...); @b, @c: the source */
uint64_t x86_help_sse_fp(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    SseOp s = sse_begin(cpu->mxcsr);
    SseArith op = (SseArith)(sse_what_op(a) >> 2);
    unsigned format = sse_what_op(a) & 3, bits = (format & 1) != 0 ? 64 : 32;
    IrVec r = get_xmm(cpu, sse_what_dst(a));

    r = sse_arith(&s, op, bits, format >= FP_SS, sse_what_imm(a), r, (IrVec){ { b, c } });
    if (x86_sse_end(cpu, &s)) {
        put_xmm(cpu, sse_what_dst(a), r);
    }
    return 0;
}

/* ZF, PF, CF where EFLAGS has them. */
uint64_t x86_help_sse_comi(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    SseOp s = sse_begin(cpu->mxcsr);
    unsigned bits = (sse_what_op(a) & 1) != 0 ? 64 : 32;
    uint32_t r = sse_order(&s, bits, sse_what_op(a) >> 2 == SSE_COMI, get_xmm(cpu, sse_what_dst(a)),
                           (IrVec){ { b, 0 } });

    (void)c;
    x86_sse_end(cpu, &s);
    return r;
}

/* @old: the destination; of what goes to a general or MMX register only q[0] counts. */
static IrVec convert(SseOp *s, SseCvt op, IrVec old, IrVec b)
{
    IrVec r = old;

    switch (op) {
    case CVT_PI2PS: r.q[0] = sse_from_ints(s, 32, (IrVec){ { b.q[0], 0 } }).q[0]; return r;
    case CVT_DQ2PS: return sse_from_ints(s, 32, b);
    case CVT_PI2PD:
    case CVT_DQ2PD: return sse_from_ints(s, 64, b);
    case CVT_PS2PI:
    case CVT_TPS2PI: return sse_to_ints(s, 32, op == CVT_TPS2PI, (IrVec){ { b.q[0], 0 } });
    case CVT_PS2DQ:
    case CVT_TPS2DQ: return sse_to_ints(s, 32, op == CVT_TPS2DQ, b);
    case CVT_PD2PI:
    case CVT_PD2DQ: return sse_to_ints(s, 64, false, b);
    case CVT_TPD2PI:
    case CVT_TPD2DQ: return sse_to_ints(s, 64, true, b);
    case CVT_SI2SS:
    case CVT_SI2SD: return sse_from_int(s, op == CVT_SI2SS ? 32 : 64, old, (uint32_t)b.q[0]);
    case CVT_SS2SI:
    case CVT_TSS2SI: r.q[0] = sse_to_int(s, 32, op == CVT_TSS2SI, b.q[0]); return r;
    case CVT_SD2SI:
    case CVT_TSD2SI: r.q[0] = sse_to_int(s, 64, op == CVT_TSD2SI, b.q[0]); return r;
    case CVT_SS2SD:
    case CVT_PS2PD: return sse_widen(s, op == CVT_SS2SD, old, b);
    default: return sse_narrow(s, op == CVT_SD2SS, old, b);
    }
}

/* @a: sse_what(CVT_*, ...); @b, @c: the source. Returns: what goes to a general register. */
uint64_t x86_help_sse_cvt(Vcpu *v, uint64_t a, uint64_t b, uint64_t c)
{
    X86Cpu *cpu = x86_cpu(v);
    SseOp s = sse_begin(cpu->mxcsr);
    unsigned dst = sse_what_dst(a), op = sse_what_op(a);
    IrVec r = convert(&s, (SseCvt)op, get_xmm(cpu, dst), (IrVec){ { b, c } });

    if (!x86_sse_end(cpu, &s)) {
        return 0;
    }
    if ((a & SSE_WHAT_MMX) != 0) {
        cpu->fpu.mantissa[dst] = r.q[0];
        cpu->fpu.exponent[dst] = 0xffff;
    } else if (op < CVT_SS2SI || op > CVT_TSD2SI) {
        put_xmm(cpu, dst, r);
    }
    return r.q[0];
}
