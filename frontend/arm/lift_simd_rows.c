/* SPDX-License-Identifier: MIT */
/*
 * lift_simd_rows.c - Advanced SIMD done by the IR's vector rows; DDI 0406C.d A8.8.
 *
 * For each helper of simd_ops.def that has such a form: the same result. The others stay helpers.
 */
#include <stddef.h>

#include "frontend/arm/lift_fp_priv.h"

enum { ENV = 1, QC = 27 }; /* the standard FPSCR value; the cumulative saturation bit */

/* An instruction being lifted. */
typedef struct Op {
    ArmLift *l;
    IrBlock *b;
    SimdArgs s;
    IrType t;   /* of the result */
    uint64_t x; /* lanes of its width, and of twice that */
    uint64_t xx;
    bool u;
    IrRef d, n, m; /* the old result and the operands, as vectors of that type */
} Op;

static IrRef reg(const Op *o, IrType t, unsigned r) { return ir_gld(o->b, t, arm_fp_d(r)); }

static IrRef splat(const Op *o, IrType t, uint64_t v, unsigned lane)
{
    return ir_vsplat(o->b, t, arm_fp_const(o->l, v), ir_lane(lane, 0));
}

/* The second operand: a vector of type @t, zero, or a scalar in every lane. */
static IrRef second_of(const Op *o, IrType t)
{
    static const IrType lane_type[] = { T_I8, T_I16, T_I32, T_I64 };
    unsigned z = o->s.size;
    IrRef v;

    switch (o->s.operand) {
    case SIMD_VECTOR: return reg(o, t, o->s.m);
    case SIMD_ZERO: return splat(o, t, 0, z);
    default:
        v = ir_gld(o->b, lane_type[z],
                   arm_fp_d(o->s.m) + (int32_t)((o->s.operand - SIMD_SCALAR) << z));
        if (z < 3) {
            v = ir_zext(o->b, T_I64, v);
        }
        return ir_vsplat(o->b, t, v, o->x);
    }
}

static IrRef put(const Op *o, IrRef v)
{
    ir_gst(o->b, arm_fp_d(o->s.d), v);
    return v;
}

/* ---- lanes of one width ---- */

static IrRef invert(const Op *o, IrRef v) { return ir_vnot(o->b, o->t, v, 0); }

static IrRef greater(const Op *o, IrRef n, IrRef m)
{
    return o->u ? ir_vcgtu(o->b, o->t, n, m, o->x) : ir_vcgts(o->b, o->t, n, m, o->x);
}

static IrRef larger(const Op *o, IrType t, IrRef n, IrRef m)
{
    return o->u ? ir_vmaxu(o->b, t, n, m, o->x) : ir_vmaxs(o->b, t, n, m, o->x);
}

static IrRef smaller(const Op *o, IrType t, IrRef n, IrRef m)
{
    return o->u ? ir_vminu(o->b, t, n, m, o->x) : ir_vmins(o->b, t, n, m, o->x);
}

static IrRef distance(const Op *o, IrType t, IrRef n, IrRef m)
{
    IrRef high = larger(o, t, n, m), low = smaller(o, t, n, m);

    return ir_vsub(o->b, t, high, low, o->x);
}

static IrRef right(const Op *o, IrType t, IrRef v, uint64_t lanes, unsigned by)
{
    lanes = ir_lane(ir_lane_log2(lanes), by);
    return o->u ? ir_vshr(o->b, t, v, lanes) : ir_vsar(o->b, t, v, lanes);
}

/* Half the sum, rounded down or up, without the carry: the bits both have and half of the others;
 * the bits either has less half of the others. */
static IrRef half_sum(const Op *o, IrRef n, IrRef m, bool up)
{
    IrRef others = right(o, o->t, ir_vxor(o->b, o->t, n, m, 0), o->x, 1), base;

    if (up && o->u && o->s.size <= 1) {
        return ir_vavgu(o->b, o->t, n, m, o->x);
    }
    base = up ? ir_vor(o->b, o->t, n, m, 0) : ir_vand(o->b, o->t, n, m, 0);
    return up ? ir_vsub(o->b, o->t, base, others, o->x) : ir_vadd(o->b, o->t, base, others, o->x);
}

/* Sets FPSCR.QC if the saturated result is not the wrapped one. */
static IrRef saturated(const Op *o, IrRef sat, IrRef wrapped)
{
    enum { FPSCR = offsetof(ArmCpu, fpscr) };
    uint32_t all = o->t == T_V128 ? 0xffff : 0xff;
    IrRef same = ir_vmask(o->b, o->t, ir_vceq(o->b, o->t, sat, wrapped, o->x), 0), bit, fpscr;

    bit = ir_zext(o->b, T_I32, ir_ne(o->b, T_I32, same, ir_const(o->b, T_I32, all)));
    bit = ir_shl(o->b, T_I32, bit, ir_const(o->b, T_I32, QC));
    fpscr = ir_gld(o->b, T_I32, FPSCR);
    ir_gst(o->b, FPSCR, ir_or(o->b, T_I32, fpscr, bit));
    return sat;
}

static IrRef saturating(const Op *o, unsigned helper, IrRef n, IrRef m)
{
    IrRef sat, wrapped;

    if (o->s.size > 1) {
        return IR_NONE;
    }
    if (helper == ARM_H_vqadd) {
        wrapped = ir_vadd(o->b, o->t, n, m, o->x);
        sat = o->u ? ir_vaddqu(o->b, o->t, n, m, o->x) : ir_vaddqs(o->b, o->t, n, m, o->x);
    } else {
        wrapped = ir_vsub(o->b, o->t, n, m, o->x);
        sat = o->u ? ir_vsubqu(o->b, o->t, n, m, o->x) : ir_vsubqs(o->b, o->t, n, m, o->x);
    }
    return saturated(o, sat, wrapped);
}

/* Products of doublewords and polynomials are not here. */
static IrRef product(const Op *o) { return ir_vmul(o->b, o->t, o->n, o->m, o->x); }

static IrRef same_int(const Op *o, unsigned helper)
{
    IrType t = o->t;
    IrRef both;

    switch (helper) {
    case ARM_H_vadd: return ir_vadd(o->b, t, o->n, o->m, o->x);
    case ARM_H_vsub: return ir_vsub(o->b, t, o->n, o->m, o->x);
    case ARM_H_vmul: return product(o);
    case ARM_H_vmla: return ir_vadd(o->b, t, o->d, product(o), o->x);
    case ARM_H_vmls: return ir_vsub(o->b, t, o->d, product(o), o->x);
    case ARM_H_vhadd: return half_sum(o, o->n, o->m, false);
    case ARM_H_vrhadd: return half_sum(o, o->n, o->m, true);
    case ARM_H_vqadd:
    case ARM_H_vqsub: return saturating(o, helper, o->n, o->m);
    case ARM_H_vcgt: return greater(o, o->n, o->m);
    case ARM_H_vclt: return greater(o, o->m, o->n);
    case ARM_H_vcge: return invert(o, greater(o, o->m, o->n));
    case ARM_H_vcle: return invert(o, greater(o, o->n, o->m));
    case ARM_H_vceq: return ir_vceq(o->b, t, o->n, o->m, o->x);
    case ARM_H_vtst:
        both = ir_vand(o->b, t, o->n, o->m, 0);
        return invert(o, ir_vceq(o->b, t, both, splat(o, t, 0, 0), o->x));
    case ARM_H_vmax: return larger(o, t, o->n, o->m);
    case ARM_H_vmin: return smaller(o, t, o->n, o->m);
    case ARM_H_vabd: return distance(o, t, o->n, o->m);
    case ARM_H_vaba: return ir_vadd(o->b, t, o->d, distance(o, t, o->n, o->m), o->x);
    case ARM_H_vabs: return ir_vabs(o->b, t, o->n, o->x);
    case ARM_H_vneg: return ir_vsub(o->b, t, splat(o, t, 0, 0), o->n, o->x);
    default: return IR_NONE;
    }
}

/* ---- shifts by a constant ---- */

/* Shifted right by 1 to the width; rounded: the last bit shifted out is added. */
static IrRef rounded(const Op *o, IrType t, IrRef v, uint64_t lanes, bool round)
{
    unsigned by = o->s.shift, lane = ir_lane_log2(lanes), width = 8u << lane;
    IrRef r = right(o, t, v, lanes, by), last;

    if (!round || by == 0) {
        return r;
    }
    last = ir_vshl(o->b, t, v, ir_lane(lane, width - by));
    last = ir_vshr(o->b, t, last, ir_lane(lane, width - 1));
    return ir_vadd(o->b, t, r, last, ir_lane(lane, 0));
}

/* Inserted: bits of the old lanes that are kept are those of @keep. */
static IrRef insert(const Op *o, IrRef v, uint64_t keep)
{
    IrRef mask = splat(o, o->t, keep, o->s.size);

    return ir_vbsl(o->b, o->t, mask, o->d, v, 0);
}

static IrRef shifted(const Op *o, unsigned helper)
{
    unsigned z = o->s.size, by = o->s.shift, width = 8u << z;
    uint64_t ones = width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;

    switch (helper) {
    case ARM_H_vshli: return ir_vshl(o->b, o->t, o->n, ir_lane(z, by));
    case ARM_H_vshr: return right(o, o->t, o->n, o->x, by);
    case ARM_H_vrshr: return rounded(o, o->t, o->n, o->x, true);
    case ARM_H_vsra: return ir_vadd(o->b, o->t, o->d, right(o, o->t, o->n, o->x, by), o->x);
    case ARM_H_vrsra: return ir_vadd(o->b, o->t, o->d, rounded(o, o->t, o->n, o->x, true), o->x);
    case ARM_H_vsli:
        return insert(o, ir_vshl(o->b, o->t, o->n, ir_lane(z, by)), ((uint64_t)1 << by) - 1);
    case ARM_H_vsri:
        return insert(o, ir_vshr(o->b, o->t, o->n, ir_lane(z, by)),
                      by == width ? ones : ones & ~(ones >> by));
    default: return IR_NONE;
    }
}

/* ---- lanes of different widths ---- */

static IrRef widened(const Op *o, IrRef v)
{
    return o->u ? ir_vwidenu(o->b, T_NO, v, o->x) : ir_vwidens(o->b, T_NO, v, o->x);
}

static IrRef wide_product(const Op *o)
{
    IrRef n = reg(o, T_V64, o->s.n), m = second_of(o, T_V64);

    return o->u ? ir_vmullu(o->b, T_NO, n, m, o->x) : ir_vmulls(o->b, T_NO, n, m, o->x);
}

static IrRef wide_distance(const Op *o)
{
    IrRef n = reg(o, T_V64, o->s.n), m = second_of(o, T_V64);

    return ir_vwidenu(o->b, T_NO, distance(o, T_V64, n, m), o->x);
}

static IrRef longer(const Op *o, unsigned helper)
{
    IrRef n, m;

    switch (helper) {
    case ARM_H_vaddl:
    case ARM_H_vsubl:
    case ARM_H_vaddw:
    case ARM_H_vsubw:
        n = helper == ARM_H_vaddw || helper == ARM_H_vsubw ? reg(o, T_V128, o->s.n)
                                                           : widened(o, reg(o, T_V64, o->s.n));
        m = widened(o, second_of(o, T_V64));
        return helper == ARM_H_vaddl || helper == ARM_H_vaddw ? ir_vadd(o->b, T_V128, n, m, o->xx)
                                                              : ir_vsub(o->b, T_V128, n, m, o->xx);
    case ARM_H_vmull: return wide_product(o);
    case ARM_H_vabdl: return wide_distance(o);
    case ARM_H_vmlal:
    case ARM_H_vmlsl:
        m = wide_product(o);
        n = reg(o, T_V128, o->s.d);
        return helper == ARM_H_vmlal ? ir_vadd(o->b, T_V128, n, m, o->xx)
                                     : ir_vsub(o->b, T_V128, n, m, o->xx);
    case ARM_H_vabal:
        m = wide_distance(o);
        return ir_vadd(o->b, T_V128, reg(o, T_V128, o->s.d), m, o->xx);
    case ARM_H_vshll:
        return ir_vshl(o->b, T_V128, widened(o, reg(o, T_V64, o->s.n)),
                       ir_lane(o->s.size + 1u, o->s.shift));
    default: return IR_NONE;
    }
}

/* The lower or upper halves of the lanes of @v. */
static IrRef halves(const Op *o, IrRef v, bool upper)
{
    v = upper ? ir_vuzo(o->b, T_V128, v, v, o->x) : ir_vuze(o->b, T_V128, v, v, o->x);
    return ir_vlo(o->b, T_NO, v, 0);
}

static IrRef narrower(const Op *o, unsigned helper)
{
    IrRef n = IR_NONE, v;

    switch (helper) {
    case ARM_H_vshrn:
    case ARM_H_vrshrn:
        n = reg(o, T_V128, o->s.n);
        return halves(o, rounded(o, T_V128, n, o->xx, helper == ARM_H_vrshrn), false);
    case ARM_H_vaddhn:
    case ARM_H_vraddhn:
    case ARM_H_vsubhn:
    case ARM_H_vrsubhn: break;
    default: return IR_NONE;
    }
    n = reg(o, T_V128, o->s.n);
    v = reg(o, T_V128, o->s.m);
    v = helper == ARM_H_vaddhn || helper == ARM_H_vraddhn ? ir_vadd(o->b, T_V128, n, v, o->xx)
                                                          : ir_vsub(o->b, T_V128, n, v, o->xx);
    if (helper == ARM_H_vraddhn || helper == ARM_H_vrsubhn) {
        IrRef half = splat(o, T_V128, (uint64_t)1 << ((8u << o->s.size) - 1), o->s.size + 1u);

        v = ir_vadd(o->b, T_V128, v, half, o->xx);
    }
    return halves(o, v, true);
}

/* Neighbours of one register, added to lanes of twice the width. */
static IrRef paired(const Op *o, unsigned helper)
{
    unsigned width = 8u << o->s.size, lane = o->s.size + 1u;
    IrRef v, low, sum;

    if (helper != ARM_H_vpaddl && helper != ARM_H_vpadal) {
        return IR_NONE;
    }
    v = o->n;
    low = ir_vshl(o->b, o->t, v, ir_lane(lane, width));
    low = right(o, o->t, low, o->xx, width);
    sum = ir_vadd(o->b, o->t, low, right(o, o->t, v, o->xx, width), o->xx);
    return helper == ARM_H_vpadal ? ir_vadd(o->b, o->t, o->d, sum, o->xx) : sum;
}

/* Neighbours of n, then of m. */
static IrRef pairs(const Op *o, unsigned helper)
{
    IrRef n, m, even, odd;

    switch (helper) {
    case ARM_H_vpadd:
    case ARM_H_vpmax:
    case ARM_H_vpmin:
    case ARM_H_vpaddf: break;
    default: return IR_NONE;
    }
    n = reg(o, T_V64, o->s.n);
    m = reg(o, T_V64, o->s.m);
    even = ir_vuze(o->b, T_V64, n, m, o->x);
    odd = ir_vuzo(o->b, T_V64, n, m, o->x);
    switch (helper) {
    case ARM_H_vpadd: return ir_vadd(o->b, T_V64, even, odd, o->x);
    case ARM_H_vpmax: return larger(o, T_V64, even, odd);
    case ARM_H_vpmin: return smaller(o, T_V64, even, odd);
    default: return ir_vfadd(o->b, T_V64, even, odd, ir_lane(2, ENV));
    }
}

/* ---- floating point, under the standard FPSCR value ---- */

static IrRef magnitude(const Op *o, IrRef v)
{
    return ir_vand(o->b, o->t, v, splat(o, o->t, 0x7fffffff, 2), 0);
}

/* Default NaNs have no sign that could be negated: D - product is D + -product. */
static IrRef fp(const Op *o, unsigned helper)
{
    const uint64_t x = ir_lane(2, ENV);
    IrBlock *b = o->b;
    IrType t = o->t;
    IrRef n, m;

    switch (helper) {
    case ARM_H_vaddf: return ir_vfadd(b, t, o->n, o->m, x);
    case ARM_H_vsubf: return ir_vfsub(b, t, o->n, o->m, x);
    case ARM_H_vmulf: return ir_vfmul(b, t, o->n, o->m, x);
    case ARM_H_vmlaf: m = ir_vfmul(b, t, o->n, o->m, x); return ir_vfadd(b, t, o->d, m, x);
    case ARM_H_vmlsf: m = ir_vfmul(b, t, o->n, o->m, x); return ir_vfsub(b, t, o->d, m, x);
    case ARM_H_vabdf: return magnitude(o, ir_vfsub(b, t, o->n, o->m, x));
    case ARM_H_vceqf: return ir_vfceq(b, t, o->n, o->m, x);
    case ARM_H_vcgef: return ir_vfcge(b, t, o->n, o->m, x);
    case ARM_H_vcgtf: return ir_vfcgt(b, t, o->n, o->m, x);
    case ARM_H_vclef: return ir_vfcge(b, t, o->m, o->n, x);
    case ARM_H_vcltf: return ir_vfcgt(b, t, o->m, o->n, x);
    case ARM_H_vacge:
    case ARM_H_vacgt:
        n = magnitude(o, o->n);
        m = magnitude(o, o->m);
        return helper == ARM_H_vacge ? ir_vfcge(b, t, n, m, x) : ir_vfcgt(b, t, n, m, x);
    case ARM_H_vabsf: return magnitude(o, o->n);
    case ARM_H_vnegf: return ir_vxor(b, t, o->n, splat(o, t, 0x80000000, 2), 0);
    default: return IR_NONE;
    }
}

bool arm_simd_rows(ArmLift *l, unsigned helper, SimdArgs s)
{
    Op o = { .l = l,
             .b = l->blk,
             .s = s,
             .t = s.regs == 2 ? T_V128 : T_V64,
             .x = ir_lane(s.size & 3, 0),
             .xx = ir_lane((s.size + 1u) & 3, 0),
             .u = s.is_unsigned != 0,
             .d = IR_NONE };
    static IrRef (*const by_shape[])(const Op *, unsigned) = { same_int, shifted, longer, narrower,
                                                               paired,   pairs,   fp };

    /* what is not used goes away again */
    o.d = reg(&o, o.t, s.d);
    o.n = reg(&o, o.t, s.n);
    o.m = second_of(&o, o.t);
    for (unsigned k = 0; k < G_N_ELEMENTS(by_shape); k++) {
        IrRef r = by_shape[k](&o, helper);

        if (r != IR_NONE) {
            put(&o, r);
            return true;
        }
    }
    return false;
}

/* ---- permutations ---- */

/* Lanes of each group of 1 << shift bytes, backwards. */
static IrRef reversed(const Op *o, IrRef v)
{
    unsigned z = o->s.size, group = o->s.shift;

    if (z == 0) { /* bytes of halfwords first */
        IrRef up = ir_vshl(o->b, o->t, v, ir_lane(1, 8)),
              down = ir_vshr(o->b, o->t, v, ir_lane(1, 8));

        v = ir_vor(o->b, o->t, up, down, 0);
    }
    if (group == 1) {
        return v;
    }
    if (z == 2) {
        IrRef up = ir_vshl(o->b, o->t, v, ir_lane(3, 32));

        return ir_vor(o->b, o->t, up, ir_vshr(o->b, o->t, v, ir_lane(3, 32)), 0);
    }
    v = ir_vshuflo(o->b, o->t, v, ir_lane(1, group == 3 ? 0x1b : 0xb1));
    return o->t == T_V64 ? v : ir_vshufhi(o->b, T_NO, v, ir_lane(1, group == 3 ? 0x1b : 0xb1));
}

/* Even lanes of both, odd lanes of both: as lanes of twice the width. */
static void transpose(const Op *o, IrRef d, IrRef m, IrRef out[2])
{
    unsigned width = 8u << o->s.size, lane = o->s.size + 1u;
    IrRef low = splat(o, o->t, ((uint64_t)1 << width) - 1, lane);
    IrRef up = ir_vshl(o->b, o->t, m, ir_lane(lane, width));
    IrRef down = ir_vshr(o->b, o->t, d, ir_lane(lane, width));

    out[0] = ir_vbsl(o->b, o->t, low, d, up, 0);
    out[1] = ir_vbsl(o->b, o->t, low, down, m, 0);
}

/* VTBL with one to four registers; @l's register numbers do not pass D31. */
static IrRef look_up(const Op *o)
{
    IrRef n = reg(o, o->s.regs == 1 ? T_V64 : T_V128, o->s.n), m = reg(o, T_V64, o->s.m);
    IrRef far, v;

    if (o->s.regs == 1) {
        n = ir_vjoin(o->b, T_NO, n, splat(o, T_V64, 0, 0), 0);
    }
    v = ir_vtbl(o->b, T_V64, n, m, 0);
    if (o->s.regs <= 2) {
        return v;
    }
    if (o->s.regs == 3) {
        far = reg(o, T_V64, o->s.n + 2u);
        far = ir_vjoin(o->b, T_NO, far, splat(o, T_V64, 0, 0), 0);
    } else {
        far = reg(o, T_V128, o->s.n + 2u);
    }
    m = ir_vsub(o->b, T_V64, m, splat(o, T_V64, 16, 0), 0);
    return ir_vor(o->b, T_V64, v, ir_vtbl(o->b, T_V64, far, m, 0), 0);
}

bool arm_simd_permute_rows(ArmLift *l, unsigned helper, SimdArgs s)
{
    Op o = {
        .l = l, .b = l->blk, .s = s, .t = s.regs == 2 ? T_V128 : T_V64, .x = ir_lane(s.size, 0)
    };
    IrRef d, m, out[2];

    switch (helper) {
    case ARM_H_vrev:
        m = reversed(&o, reg(&o, o.t, s.m));
        put(&o, m);
        return true;
    case ARM_H_vtbl:
        o.t = T_V64;
        if (s.shift != 0) {
            return false;
        }
        put(&o, look_up(&o));
        return true;
    case ARM_H_vtrn:
    case ARM_H_vuzp:
    case ARM_H_vzip: break;
    default: return false;
    }
    d = reg(&o, o.t, s.d);
    m = reg(&o, o.t, s.m);
    if (helper == ARM_H_vtrn) {
        transpose(&o, d, m, out);
    } else if (helper == ARM_H_vuzp) {
        out[0] = ir_vuze(o.b, o.t, d, m, o.x);
        out[1] = ir_vuzo(o.b, o.t, d, m, o.x);
    } else {
        out[0] = ir_vzipl(o.b, o.t, d, m, o.x);
        out[1] = ir_vziph(o.b, o.t, d, m, o.x);
    }
    put(&o, out[0]);
    ir_gst(o.b, arm_fp_d(s.m), out[1]);
    return true;
}
