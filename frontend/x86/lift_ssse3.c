/* SPDX-License-Identifier: MIT */
/* lift_ssse3.c - SSSE3, composed of rows for lanes. Spec: SDM Vol. 2, the entry of each. */
#include "frontend/x86/lift_sse_priv.h"

enum { LANE8, LANE16, LANE32 }; /* for ir_lane() */

/* Each byte of @a by the low bits of that of @b; 0 if its top bit is set. */
static IrRef shuffle(IrBlock *blk, IrType t, IrRef a, IrRef b)
{
    uint64_t used = t == T_V64 ? 0x87 : 0x8f;
    IrRef mask = ir_vsplat(blk, t, ir_const(blk, T_I64, used), ir_lane(LANE8, 0));

    if (t == T_V64) {
        a = ir_vzext(blk, T_NO, a, 0);
    }
    b = ir_vand(blk, t, b, mask, ir_lane(LANE8, 0));
    return ir_vtbl(blk, t, a, b, ir_lane(LANE8, 0));
}

/* Sums or differences of neighbours. */
static IrRef horizontal(IrBlock *blk, unsigned op, IrType t, IrRef a, IrRef b)
{
    bool doublewords = op == SSSE3_PHADDD || op == SSSE3_PHSUBD;
    uint64_t lane = ir_lane(doublewords ? LANE32 : LANE16, 0);
    IrRef even = ir_vuze(blk, t, a, b, lane), odd = ir_vuzo(blk, t, a, b, lane);

    switch (op) {
    case SSSE3_PHADDW:
    case SSSE3_PHADDD: return ir_vadd(blk, t, even, odd, lane);
    case SSSE3_PHADDSW: return ir_vaddqs(blk, t, even, odd, lane);
    case SSSE3_PHSUBSW: return ir_vsubqs(blk, t, even, odd, lane);
    default: return ir_vsub(blk, t, even, odd, lane);
    }
}

/* Lanes of @a with the sign of those of @b; 0 where that is 0. */
static IrRef with_sign(IrBlock *blk, IrType t, IrRef a, IrRef b, uint64_t lane)
{
    IrRef zero = ir_vxor(blk, t, b, b, ir_lane(LANE8, 0));
    IrRef negative = ir_vcgts(blk, t, zero, b, lane), none = ir_vceq(blk, t, b, zero, lane);

    a = ir_vxor(blk, t, a, negative, ir_lane(LANE8, 0));
    a = ir_vsub(blk, t, a, negative, lane);
    return ir_vandc(blk, t, a, none, ir_lane(LANE8, 0));
}

/* Unsigned bytes of @a by signed ones of @b, which fit words; neighbours added. */
static IrRef multiply_add(IrBlock *blk, IrType t, IrRef a, IrRef b)
{
    uint64_t lane = ir_lane(LANE16, 0), by8 = ir_lane(LANE16, 8);
    IrRef even = ir_vshr(blk, t, ir_vshl(blk, t, a, by8), by8), odd = ir_vshr(blk, t, a, by8);
    IrRef even_b = ir_vsar(blk, t, ir_vshl(blk, t, b, by8), by8);

    even = ir_vmul(blk, t, even, even_b, lane);
    odd = ir_vmul(blk, t, odd, ir_vsar(blk, t, b, by8), lane);
    return ir_vaddqs(blk, t, even, odd, lane);
}

/* PMULHRSW: bits 30 to 15 of the products, rounded by bit 14 */
static IrRef multiply_round(IrBlock *blk, IrType t, IrRef a, IrRef b)
{
    uint64_t lane = ir_lane(LANE16, 0);
    IrRef high = ir_vmulhs(blk, t, a, b, lane), low = ir_vmul(blk, t, a, b, lane);
    IrRef round = ir_vshl(blk, t, low, ir_lane(LANE16, 1));

    high = ir_vshl(blk, t, high, ir_lane(LANE16, 1));
    low = ir_vshr(blk, t, low, ir_lane(LANE16, 15));
    high = ir_vor(blk, t, high, low, ir_lane(LANE8, 0));
    return ir_vadd(blk, t, high, ir_vshr(blk, t, round, ir_lane(LANE16, 15)), lane);
}

static IrRef compute(IrBlock *blk, unsigned op, IrType t, IrRef a, IrRef b)
{
    switch (op) {
    case SSSE3_PSHUFB: return shuffle(blk, t, a, b);
    case SSSE3_PSIGNB: return with_sign(blk, t, a, b, ir_lane(LANE8, 0));
    case SSSE3_PSIGNW: return with_sign(blk, t, a, b, ir_lane(LANE16, 0));
    case SSSE3_PSIGND: return with_sign(blk, t, a, b, ir_lane(LANE32, 0));
    case SSSE3_PMADDUBSW: return multiply_add(blk, t, a, b);
    case SSSE3_PMULHRSW: return multiply_round(blk, t, a, b);
    default: return horizontal(blk, op, t, a, b);
    }
}

/* dst = dst op src */
void lift_ssse3(X86Lift *l)
{
    bool mmx = x86_is_mmx(l, 0);
    IrRef a, b;

    if (!(mmx ? x86_begin_mmx(l) : x86_begin_sse(l))) {
        return;
    }
    b = x86_simd_get(l, 1);
    a = x86_simd_get(l, 0);
    x86_simd_put(l, 0, compute(l->blk, x86_arg(l), mmx ? T_V64 : T_V128, a, b));
}
