/* SPDX-License-Identifier: MIT */
/* lift_sse_priv.h - the operations of MMX and SSE rows, and what their lifters and helpers share.
 * */
#ifndef FRONTEND_X86_LIFT_SSE_PRIV_H
#define FRONTEND_X86_LIFT_SSE_PRIV_H

#include "frontend/x86/lift.h"
#include "translator/ir/sse.h"

/* Operations on lanes of 1 << lane bytes. */
typedef enum SimdOp {
    SIMD_ADD,
    SIMD_SUB,
    SIMD_MUL,
    SIMD_MULHU,
    SIMD_MULHS,
    SIMD_MULUE,
    SIMD_ADDQU,
    SIMD_SUBQU,
    SIMD_ADDQS,
    SIMD_SUBQS,
    SIMD_AVGU,
    SIMD_MINU,
    SIMD_MAXU,
    SIMD_MINS,
    SIMD_MAXS,
    SIMD_CEQ,
    SIMD_CGTS,
    SIMD_AND,
    SIMD_ANDN,
    SIMD_OR,
    SIMD_XOR,
    SIMD_ABS,
    SIMD_MADD,
    SIMD_SAD,
    SIMD_PACKSS,
    SIMD_PACKUS,
    SIMD_ZIPL,
    SIMD_ZIPH,
    SIMD_SHL,
    SIMD_SHR,
    SIMD_SAR,
} SimdOp;
#define SIMD(op, lane) (SIMD_##op << 2 | (lane))

enum { SSE_ALIGNED = 1 };
enum { DUP_D, DUP_SL, DUP_SH };
enum { SHUF_W, SHUF_D, SHUF_LW, SHUF_HW, SHUF_PS, SHUF_PD };

/* As the last byte of the opcode. */
enum {
    SSSE3_PSHUFB,
    SSSE3_PHADDW,
    SSSE3_PHADDD,
    SSSE3_PHADDSW,
    SSSE3_PMADDUBSW,
    SSSE3_PHSUBW,
    SSSE3_PHSUBD,
    SSSE3_PHSUBSW,
    SSSE3_PSIGNB,
    SSSE3_PSIGNW,
    SSSE3_PSIGND,
    SSSE3_PMULHRSW
};

typedef enum SseFormat { FP_PS, FP_PD, FP_SS, FP_SD } SseFormat;
#define FP(op, format) (SSE_##op << 2 | FP_##format)

typedef enum SseCvt {
    CVT_PI2PS,
    CVT_PI2PD,
    CVT_SI2SS,
    CVT_SI2SD,
    CVT_PS2PI,
    CVT_TPS2PI,
    CVT_PD2PI,
    CVT_TPD2PI,
    CVT_SS2SI,
    CVT_TSS2SI,
    CVT_SD2SI,
    CVT_TSD2SI,
    CVT_PS2PD,
    CVT_PD2PS,
    CVT_SS2SD,
    CVT_SD2SS,
    CVT_DQ2PS,
    CVT_PS2DQ,
    CVT_TPS2DQ,
    CVT_DQ2PD,
    CVT_PD2DQ,
    CVT_TPD2DQ,
} SseCvt;

/* What helpers are told: the operation, the number of the destination register, an immediate byte.
 * */
static inline uint32_t sse_what(unsigned op, unsigned dst, unsigned imm)
{
    return op | dst << 8 | imm << 16;
}
static inline unsigned sse_what_op(uint64_t what) { return what & 0xff; }
static inline unsigned sse_what_dst(uint64_t what) { return what >> 8 & 7; }
static inline unsigned sse_what_imm(uint64_t what) { return what >> 16 & 0xff; }
enum { SSE_WHAT_MMX = 1 << 12 }; /* the destination is an MMX register */

/* ---- lift_sse_move.c ---- */

/* Whether MMX, SSE instructions may run; else what they raise is lifted. */
bool x86_begin_mmx(X86Lift *l);
bool x86_begin_sse(X86Lift *l);
/* x87 to MMX operation: TOP = 0, all registers valid. Behind all that may fault. */
void x86_touch_mmx(X86Lift *l);

IrRef x86_xmm(X86Lift *l, unsigned n);
void x86_set_xmm(X86Lift *l, unsigned n, IrRef v);
IrRef x86_mm(X86Lift *l, unsigned n);
/* Touches MMX too. */
void x86_set_mm(X86Lift *l, unsigned n, IrRef v);
/* Sixteen bytes of memory; @aligned: #GP(0) unless on a 16-byte boundary. */
IrRef x86_load128(X86Lift *l, bool aligned);
/* 4 or 8 bytes of the memory operand: F32, V64. */
IrRef x86_load_vec(X86Lift *l, unsigned bytes);
void x86_store128(X86Lift *l, IrRef v, bool aligned);

/* Operand @i: V64 of kinds P, Q, N; V128 of V, U, W, in memory aligned. */
IrRef x86_simd_get(X86Lift *l, unsigned i);
void x86_simd_put(X86Lift *l, unsigned i, IrRef v);
/* Whether operand @i is an MMX register or could be. */
bool x86_is_mmx(const X86Lift *l, unsigned i);

#endif
