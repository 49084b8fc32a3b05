/* SPDX-License-Identifier: MIT */
/* emit_vec_priv.h - between the files that do vectors. */
#ifndef BACKEND_X64_EMIT_VEC_PRIV_H
#define BACKEND_X64_EMIT_VEC_PRIV_H

#include "backend/x64/x64_priv.h"

static inline IrRef result(const Gen *g) { return (IrRef)(2 * g->i); }
static inline unsigned lane_of(const IrInsn *in) { return ir_lane_log2(in->imm); }
static inline bool has(const Gen *g, uint32_t feature) { return (g->h->features & feature) != 0; }

static inline void op(Gen *g, X64Op o, X64Reg d, X64Reg s)
{
    x64_rm(&g->as, o, W32, d, x64_reg(s));
}
static inline void op_imm(Gen *g, X64Op o, X64Reg d, X64Reg s, unsigned imm)
{
    x64_rm_imm(&g->as, o, W32, d, x64_reg(s), imm);
}
static inline void move(Gen *g, X64Reg d, X64Reg s)
{
    if (d != s) {
        op(g, X64_MOVAPS, d, s);
    }
}

/* A register for the result of one instruction that begins with @in->a in it and has its other
 * operand in @b, which may then be the same. */
static inline X64Reg over_first(Gen *g, const IrInsn *in, X64Reg *b)
{
    bool same = x64_resolve(g, in->a) == x64_resolve(g, in->b);
    X64Reg d;

    *b = x64_vec_use(g, in->b);
    d = x64_vec_def_over(g, result(g), in->a, same ? NO_REG : *b);
    *b = same ? d : *b;
    return d;
}

/* t = all ones in the lanes of @a that are negative. */
void x64_vec_signs(Gen *g, X64Reg t, X64Reg a, unsigned lane);
/* x, all lanes of which are @k. */
void x64_vec_splat(Gen *g, X64Reg x, uint64_t k);

/* emit_vec_lanes.c: rows that move lanes. False: @in is none, or only the definition knows. */
bool x64_emit_vec_lanes(Gen *g, const IrInsn *in);

#endif
