/* SPDX-License-Identifier: MIT */
/* lift_simd.c - MMX and SSE operations on integer lanes, logic, shuffles. Spec: SDM Vol. 2. */
#include "frontend/x86/lift_sse_priv.h"

enum { LANE8, LANE16, LANE32, LANE64 }; /* for ir_lane() */

static IrType type_of(const X86Lift *l) { return x86_is_mmx(l, 0) ? T_V64 : T_V128; }

static bool begin(X86Lift *l) { return x86_is_mmx(l, 0) ? x86_begin_mmx(l) : x86_begin_sse(l); }

static SimdOp op_of(const X86Lift *l) { return (SimdOp)(x86_arg(l) >> 2); }

/* On bits alone. */
static IrRef logic(IrBlock *blk, SimdOp op, IrType t, IrRef a, IrRef b)
{
    switch (op) {
    case SIMD_AND: return ir_vand(blk, t, a, b, ir_lane(LANE8, 0));
    case SIMD_ANDN: return ir_vandc(blk, t, b, a, ir_lane(LANE8, 0));
    case SIMD_OR: return ir_vor(blk, t, a, b, ir_lane(LANE8, 0));
    case SIMD_XOR: return ir_vxor(blk, t, a, b, ir_lane(LANE8, 0));
    default: g_assert_not_reached();
    }
}

static IrRef rearrange(IrBlock *blk, SimdOp op, IrType t, IrRef a, IrRef b, uint64_t lane)
{
    switch (op) {
    case SIMD_MADD: return ir_vmadd(blk, t, a, b, lane);
    case SIMD_SAD: return ir_vsad(blk, t, a, b, lane);
    case SIMD_MULUE: return ir_vmulue(blk, t, a, b, lane);
    case SIMD_PACKSS: return ir_vpackss(blk, t, a, b, lane);
    case SIMD_PACKUS: return ir_vpackus(blk, t, a, b, lane);
    case SIMD_ZIPL: return ir_vzipl(blk, t, a, b, lane);
    case SIMD_ZIPH: return ir_vziph(blk, t, a, b, lane);
    default: return logic(blk, op, t, a, b);
    }
}

static IrRef compute(IrBlock *blk, SimdOp op, IrType t, IrRef a, IrRef b, uint64_t lane)
{
    switch (op) {
    case SIMD_ADD: return ir_vadd(blk, t, a, b, lane);
    case SIMD_SUB: return ir_vsub(blk, t, a, b, lane);
    case SIMD_MUL: return ir_vmul(blk, t, a, b, lane);
    case SIMD_MULHU: return ir_vmulhu(blk, t, a, b, lane);
    case SIMD_MULHS: return ir_vmulhs(blk, t, a, b, lane);
    case SIMD_ADDQU: return ir_vaddqu(blk, t, a, b, lane);
    case SIMD_SUBQU: return ir_vsubqu(blk, t, a, b, lane);
    case SIMD_ADDQS: return ir_vaddqs(blk, t, a, b, lane);
    case SIMD_SUBQS: return ir_vsubqs(blk, t, a, b, lane);
    case SIMD_AVGU: return ir_vavgu(blk, t, a, b, lane);
    case SIMD_MINU: return ir_vminu(blk, t, a, b, lane);
    case SIMD_MAXU: return ir_vmaxu(blk, t, a, b, lane);
    case SIMD_MINS: return ir_vmins(blk, t, a, b, lane);
    case SIMD_MAXS: return ir_vmaxs(blk, t, a, b, lane);
    case SIMD_CEQ: return ir_vceq(blk, t, a, b, lane);
    case SIMD_CGTS: return ir_vcgts(blk, t, a, b, lane);
    case SIMD_ABS: return ir_vabs(blk, t, b, lane);
    default: return rearrange(blk, op, t, a, b, lane);
    }
}

/* dst = dst op src, lane by lane */
void lift_simd(X86Lift *l)
{
    IrRef a, b;

    if (!begin(l)) {
        return;
    }
    b = x86_simd_get(l, 1);
    a = x86_simd_get(l, 0);
    x86_simd_put(l, 0, compute(l->blk, op_of(l), type_of(l), a, b, ir_lane(x86_arg(l) & 3, 0)));
}

/* dst = dst shifted by the low 64 bits of src */
void lift_simd_shift(X86Lift *l)
{
    uint64_t lane = ir_lane(x86_arg(l) & 3, 0);
    IrType t = type_of(l);
    IrRef a, b;

    if (!begin(l)) {
        return;
    }
    b = x86_simd_get(l, 1);
    b = ir_vlane(l->blk, t, b, ir_lane(LANE64, 0));
    a = x86_simd_get(l, 0);
    switch (op_of(l)) {
    case SIMD_SHL: a = ir_vshlx(l->blk, t, a, b, lane); break;
    case SIMD_SHR: a = ir_vshrx(l->blk, t, a, b, lane); break;
    default: a = ir_vsarx(l->blk, t, a, b, lane); break;
    }
    x86_simd_put(l, 0, a);
}

/* The same by Ib. */
void lift_simd_shift_imm(X86Lift *l)
{
    uint64_t lane = ir_lane(x86_arg(l) & 3, MIN(l->imm, 64));
    IrType t = type_of(l);
    IrRef a;

    if (!begin(l)) {
        return;
    }
    a = x86_simd_get(l, 0);
    switch (op_of(l)) {
    case SIMD_SHL: a = ir_vshl(l->blk, t, a, lane); break;
    case SIMD_SHR: a = ir_vshr(l->blk, t, a, lane); break;
    default: a = ir_vsar(l->blk, t, a, lane); break;
    }
    x86_simd_put(l, 0, a);
}

static IrRef zero_like(X86Lift *l, IrType t, IrRef a)
{
    return ir_vxor(l->blk, t, a, a, ir_lane(LANE8, 0));
}

/* PSRLDQ, PSLLDQ: the whole register by Ib bytes; the argument: to the left */
void lift_simd_bytes(X86Lift *l)
{
    IrRef a, zero;

    if (!begin(l)) {
        return;
    }
    a = x86_simd_get(l, 0);
    zero = zero_like(l, T_V128, a);
    if (l->imm > 15) {
        a = zero;
    } else if (l->imm != 0) {
        a = x86_arg(l) != 0 ? ir_vext(l->blk, T_V128, zero, a, ir_lane(LANE8, 16 - l->imm))
                            : ir_vext(l->blk, T_V128, a, zero, ir_lane(LANE8, l->imm));
    }
    x86_simd_put(l, 0, a);
}

/* dst = 16 or 8 bytes of src and, above it, dst, from byte Ib on */
void lift_palignr(X86Lift *l)
{
    IrType t = type_of(l);
    unsigned bytes = t == T_V64 ? 8 : 16;
    IrRef low, high, zero;

    if (!begin(l)) {
        return;
    }
    low = x86_simd_get(l, 1);
    high = x86_simd_get(l, 0);
    zero = zero_like(l, t, high);
    if (l->imm >= 2 * bytes) {
        low = zero;
    } else if (l->imm > bytes) {
        low = ir_vext(l->blk, t, high, zero, ir_lane(LANE8, l->imm - bytes));
    } else if (l->imm == bytes) {
        low = high;
    } else if (l->imm != 0) {
        low = ir_vext(l->blk, t, low, high, ir_lane(LANE8, l->imm));
    }
    x86_simd_put(l, 0, low);
}

/* SHUFPD's two bits as the four lanes of SHUFPS. */
static unsigned quarters(unsigned imm)
{
    return ((imm & 1) != 0 ? 0xe : 0x4) | ((imm & 2) != 0 ? 0xe0 : 0x40);
}

/* The lanes of src by two bits of Ib each; SHUFPS, SHUFPD: the lower half from dst */
void lift_shuffle(X86Lift *l)
{
    IrRef a, b;

    if (!begin(l)) {
        return;
    }
    b = x86_simd_get(l, 1);
    a = x86_simd_get(l, 0);
    switch (x86_arg(l)) {
    case SHUF_W: b = ir_vshuflo(l->blk, T_V64, b, ir_lane(LANE16, l->imm)); break;
    case SHUF_D: b = ir_vshuf(l->blk, T_NO, b, ir_lane(LANE32, l->imm)); break;
    case SHUF_LW: b = ir_vshuflo(l->blk, T_V128, b, ir_lane(LANE16, l->imm)); break;
    case SHUF_HW: b = ir_vshufhi(l->blk, T_NO, b, ir_lane(LANE16, l->imm)); break;
    case SHUF_PS: b = ir_vshuf2(l->blk, T_NO, a, b, ir_lane(LANE32, l->imm)); break;
    default: b = ir_vshuf2(l->blk, T_NO, a, b, ir_lane(LANE32, quarters(l->imm))); break;
    }
    x86_simd_put(l, 0, b);
}
