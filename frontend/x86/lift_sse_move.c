/* SPDX-License-Identifier: MIT */
/* lift_sse_move.c - MMX and SSE registers, and moves between them and memory. */
#include "frontend/x86/lift_sse_priv.h"

enum { LANE8, LANE16, LANE32, LANE64 }; /* for ir_lane() */

/* ---- what all lifters begin with ---- */

/* Vol. 3 tables 12-1 and 13-1: CR0.EM is #UD, CR0.TS #NM. */
static bool available(X86Lift *l)
{
    if ((l->mode & MODE_NOFP) != 0) {
        x86_call(l, T_NO, X86_H_simd_unavailable, IR_NONE, IR_NONE, IR_NONE);
        ir_leave(l->blk);
        l->ended = true;
        return false;
    }
    return true;
}

/* MMX registers are accessed where the guest's state has them. */
static void bring_registers(X86Lift *l)
{
    IrRef where = ir_gld(l->blk, T_I32, VCPU_COLD_OFFSET(x87.state));

    ir_skip(l->blk, ir_eq(l->blk, T_I32, where, x86_const32(l, X87_IN_GUEST)));
    x86_call(l, T_NO, X86_H_x87_sync, IR_NONE, IR_NONE, IR_NONE);
    ir_label(l->blk);
}

bool x86_begin_mmx(X86Lift *l)
{
    if (!available(l)) {
        return false;
    }
    if ((l->mode & MODE_X87TRAP) != 0) {
        x86_call(l, T_NO, X86_H_x87_wait, IR_NONE, IR_NONE, IR_NONE);
    }
    bring_registers(l);
    return true;
}

bool x86_begin_sse(X86Lift *l)
{
    if ((l->mode & MODE_NOSSE) != 0) {
        x86_undefined(l);
        return false;
    }
    return available(l);
}

/* ---- registers ---- */

static int32_t xmm_offset(unsigned n) { return (int32_t)(offsetof(X86Cpu, xmm) + 16 * n); }
static int32_t mm_offset(unsigned n) { return (int32_t)(offsetof(X86Cpu, fpu.mantissa) + 8 * n); }

IrRef x86_xmm(X86Lift *l, unsigned n) { return ir_gld(l->blk, T_V128, xmm_offset(n)); }
void x86_set_xmm(X86Lift *l, unsigned n, IrRef v) { ir_gst(l->blk, xmm_offset(n), v); }
IrRef x86_mm(X86Lift *l, unsigned n) { return ir_gld(l->blk, T_V64, mm_offset(n)); }

void x86_touch_mmx(X86Lift *l)
{
    IrRef zero = ir_const(l->blk, T_I8, 0);

    ir_gst(l->blk, (int32_t)offsetof(X86Cpu, fpu.top), zero);
    ir_gst(l->blk, (int32_t)offsetof(X86Cpu, fpu.tags), zero);
}

/* Vol. 3 12.2: the exponent and sign become ones. */
void x86_set_mm(X86Lift *l, unsigned n, IrRef v)
{
    ir_gst(l->blk, mm_offset(n), v);
    ir_gst(l->blk, (int32_t)(offsetof(X86Cpu, fpu.exponent) + 2 * n),
           ir_const(l->blk, T_I16, 0xffff));
    x86_touch_mmx(l);
}

/* ---- memory ---- */

/* The manual does not say which comes first, #GP(0) of a misaligned operand or #SS(0): on
 * processors the former does. */
static void check_stack128(X86Lift *l)
{
    int32_t offset = (int32_t)(offsetof(X86Cpu, seg) + SEG_SS * sizeof(X86Seg)
                               + offsetof(X86Seg, base));
    IrRef low = x86_ea(l);

    low = ir_add(l->blk, T_I32, low, ir_gld(l->blk, T_I32, offset));
    x86_require_aligned(l, low, 16, X86_GP);
}

/* Address and Memop of sixteen bytes. A misaligned operand is #GP(0), by way of the Memop's rule
 * unless that means #AC here: guest_misaligned() in walk.c. */
static IrRef address128(X86Lift *l, bool aligned, bool write, uint64_t *memop)
{
    IrRef va;

    if (aligned && l->seg == SEG_SS && x86_is_checked(l, SEG_SS)) {
        check_stack128(l);
    }
    va = x86_operand_linear(l, 0, 16, write);
    *memop = MO_128 | MO_TSO;
    if (aligned && (l->mode & MODE_ALIGN) != 0) {
        x86_require_aligned(l, va, 16, X86_GP);
    } else if (aligned) {
        *memop |= (uint64_t)4 << MO_ALIGN_SHIFT;
    }
    return va;
}

IrRef x86_load128(X86Lift *l, bool aligned)
{
    uint64_t memop;
    IrRef va = address128(l, aligned, false, &memop);

    return ir_ld(l->blk, T_V128, va, memop);
}

void x86_store128(X86Lift *l, IrRef v, bool aligned)
{
    uint64_t memop;
    IrRef va = address128(l, aligned, true, &memop);

    ir_st(l->blk, va, v, memop);
}

IrRef x86_load_vec(X86Lift *l, unsigned bytes)
{
    IrRef va = x86_operand_linear(l, 0, bytes, false);

    return ir_ld(l->blk, bytes == 4 ? T_F32 : T_V64, va, x86_memop(l, bytes));
}

static void store64(X86Lift *l, IrRef v)
{
    IrRef va = x86_operand_linear(l, 0, 8, true);

    ir_st(l->blk, va, v, x86_memop(l, 8));
}

bool x86_is_mmx(const X86Lift *l, unsigned i)
{
    uint8_t k = l->row->operand[i].kind;

    return k == OPD_P || k == OPD_Q || k == OPD_N;
}

static IrRef v64_of(X86Lift *l, IrRef v32)
{
    return ir_bits(l->blk, T_V64, ir_zext(l->blk, T_I64, v32));
}

/* PUNPCKL of MMX reads the half that it uses. */
static IrRef load_mmx(X86Lift *l, unsigned bytes)
{
    return bytes == 4 ? v64_of(l, x86_load(l, l->seg, x86_ea(l), 4)) : x86_load_vec(l, 8);
}

IrRef x86_simd_get(X86Lift *l, unsigned i)
{
    switch (l->row->operand[i].kind) {
    case OPD_P: return x86_mm(l, l->reg);
    case OPD_V: return x86_xmm(l, l->reg);
    case OPD_N: return x86_mm(l, l->rm);
    case OPD_U: return x86_xmm(l, l->rm);
    case OPD_Q: return l->mod == 3 ? x86_mm(l, l->rm) : load_mmx(l, x86_size(l, i));
    case OPD_W: return l->mod == 3 ? x86_xmm(l, l->rm) : x86_load128(l, true);
    default: g_assert_not_reached();
    }
}

void x86_simd_put(X86Lift *l, unsigned i, IrRef v)
{
    switch (l->row->operand[i].kind) {
    case OPD_P: x86_set_mm(l, l->reg, v); break;
    case OPD_V: x86_set_xmm(l, l->reg, v); break;
    case OPD_N: x86_set_mm(l, l->rm, v); break;
    case OPD_U: x86_set_xmm(l, l->rm, v); break;
    default: g_assert_not_reached();
    }
}

static bool begin(X86Lift *l)
{
    return x86_is_mmx(l, 0) || x86_is_mmx(l, 1) ? x86_begin_mmx(l) : x86_begin_sse(l);
}

/* ---- parts of XMM registers; always accessed whole, which lets hosts keep them ---- */

static IrRef half(X86Lift *l, unsigned n, unsigned upper)
{
    IrRef v = x86_xmm(l, n);

    return upper != 0 ? ir_vhi(l->blk, T_NO, v, 0) : ir_vlo(l->blk, T_NO, v, 0);
}

/* @v with zeros above it. */
static void set_zext(X86Lift *l, unsigned n, IrRef v)
{
    x86_set_xmm(l, n, ir_vzext(l->blk, T_NO, v, 0));
}

static void store_vec(X86Lift *l, IrRef v, unsigned bytes)
{
    IrRef va = x86_operand_linear(l, 0, bytes, true);

    ir_st(l->blk, va, v, x86_memop(l, bytes));
}

/* The lowest lane, of @bytes, as an integer. */
static IrRef low_int(X86Lift *l, IrType t, IrRef v, unsigned bytes)
{
    v = ir_vlane(l->blk, t, v, ir_lane(bytes == 4 ? LANE32 : LANE64, 0));
    return bytes == 4 ? ir_trunc(l->blk, T_I32, v) : v;
}

/* ---- moves; Vol. 2, the entry of each ---- */

/* xmm = xmm or m128; m128 = xmm; the argument: aligned */
void lift_sse_mov(X86Lift *l)
{
    bool aligned = x86_arg(l) != 0, load = l->row->operand[0].kind == OPD_V;
    IrRef v;

    if (!x86_begin_sse(l)) {
        return;
    }
    if (l->mod == 3) {
        v = x86_xmm(l, load ? l->rm : l->reg);
        x86_set_xmm(l, load ? l->reg : l->rm, v);
    } else if (load) {
        x86_set_xmm(l, l->reg, x86_load128(l, aligned));
    } else {
        x86_store128(l, x86_xmm(l, l->reg), aligned);
    }
}

/* mm = mm or m64; m64 = mm */
void lift_mmx_mov(X86Lift *l)
{
    bool load = l->row->operand[0].kind == OPD_P;

    if (!x86_begin_mmx(l)) {
        return;
    }
    if (load) {
        x86_set_mm(l, l->reg, x86_simd_get(l, 1));
    } else if (l->mod == 3) {
        x86_set_mm(l, l->rm, x86_mm(l, l->reg));
    } else {
        store64(l, x86_mm(l, l->reg));
        x86_touch_mmx(l);
    }
}

/* The low lane; a load from memory clears the others. */
void lift_sse_movs(X86Lift *l)
{
    bool load = l->row->operand[0].kind == OPD_V;
    unsigned bytes = x86_size(l, load ? 1 : 0), from = load ? l->rm : l->reg;
    IrRef v;

    if (!x86_begin_sse(l)) {
        return;
    }
    if (load && l->mod != 3) {
        set_zext(l, l->reg, x86_load_vec(l, bytes));
        return;
    }
    v = x86_xmm(l, from);
    if (l->mod == 3) {
        unsigned to = load ? l->reg : l->rm;
        uint64_t lane = ir_lane(bytes == 4 ? LANE32 : LANE64, 0);

        x86_set_xmm(l, to, ir_vmerge(l->blk, T_NO, x86_xmm(l, to), v, lane));
    } else if (bytes == 4) {
        x86_store(l, l->seg, x86_ea(l), low_int(l, T_V128, v, 4));
    } else {
        store_vec(l, ir_vlo(l->blk, T_NO, v, 0), 8);
    }
}

/* One half from or to memory; the argument: the upper one */
void lift_sse_half(X86Lift *l)
{
    IrRef v;

    if (!x86_begin_sse(l)) {
        return;
    }
    if (l->row->operand[0].kind != OPD_V) {
        store_vec(l, half(l, l->reg, x86_arg(l)), 8);
        return;
    }
    v = x86_load_vec(l, 8);
    x86_set_xmm(l, l->reg,
                x86_arg(l) != 0
                    ? ir_vjoin(l->blk, T_NO, half(l, l->reg, 0), v, 0)
                    : ir_vmerge(l->blk, T_NO, x86_xmm(l, l->reg), v, ir_lane(LANE64, 0)));
}

/* MOVHLPS: the lower half = the source's upper; MOVLHPS: the other way */
void lift_sse_cross(X86Lift *l)
{
    IrRef a, b;

    if (!x86_begin_sse(l)) {
        return;
    }
    a = x86_xmm(l, l->reg);
    b = x86_xmm(l, l->rm);
    x86_set_xmm(l, l->reg,
                x86_arg(l) != 0 ? ir_vzipl(l->blk, T_V128, a, b, ir_lane(LANE64, 0))
                                : ir_vziph(l->blk, T_V128, b, a, ir_lane(LANE64, 0)));
}

/* mm, xmm = r/m32, zero-extended; r/m32 = mm, xmm */
void lift_movd(X86Lift *l)
{
    bool mmx = x86_is_mmx(l, 0) || x86_is_mmx(l, 1);
    IrRef v;

    if (!(mmx ? x86_begin_mmx(l) : x86_begin_sse(l))) {
        return;
    }
    if (l->row->operand[0].kind == OPD_E) {
        v = mmx ? low_int(l, T_V64, x86_mm(l, l->reg), 4)
                : low_int(l, T_V128, x86_xmm(l, l->reg), 4);
        x86_put(l, 0, v);
        if (mmx) {
            x86_touch_mmx(l);
        }
        return;
    }
    v = x86_get(l, 1);
    if (mmx) {
        x86_set_mm(l, l->reg, v64_of(l, v));
    } else {
        set_zext(l, l->reg, v);
    }
}

/* xmm = xmm/m64, zero-extended; xmm/m64 = xmm */
void lift_sse_movq(X86Lift *l)
{
    bool load = l->row->operand[0].kind == OPD_V;
    IrRef v;

    if (!x86_begin_sse(l)) {
        return;
    }
    if (l->mod != 3 && !load) {
        store_vec(l, half(l, l->reg, 0), 8);
        return;
    }
    v = l->mod != 3 ? x86_load_vec(l, 8) : half(l, load ? l->rm : l->reg, 0);
    set_zext(l, load ? l->reg : l->rm, v);
}

/* xmm = mm, zero-extended */
void lift_movq2dq(X86Lift *l)
{
    if (x86_begin_sse(l) && x86_begin_mmx(l)) {
        set_zext(l, l->reg, x86_mm(l, l->rm));
        x86_touch_mmx(l);
    }
}

/* mm = xmm's lower half */
void lift_movdq2q(X86Lift *l)
{
    if (x86_begin_sse(l) && x86_begin_mmx(l)) {
        x86_set_mm(l, l->reg, half(l, l->rm, 0));
    }
}

/* [DS:eDI] = the bytes whose mask byte has its top bit set. Vol. 2 leaves open whether others can
 * fault: as on processors they do. */
void lift_maskmov(X86Lift *l)
{
    unsigned bytes = x86_is_mmx(l, 0) ? 8 : 16;
    IrRef value, mask, base, va, byte, top;

    if (!begin(l)) {
        return;
    }
    l->seg = l->seg_override >= 0 ? (uint8_t)l->seg_override : SEG_DS;
    value = x86_simd_get(l, 0);
    mask = x86_simd_get(l, 1);
    base = ir_get(l->blk, G_EDI);
    base = l->adsize == 2 ? ir_and(l->blk, T_I32, base, x86_const32(l, 0xffff)) : base;
    va = x86_translate(l, l->seg, base, bytes, SEG_STORES);
    x86_check_alignment(l, va, 8);
    x86_call(l, T_NO, X86_H_maskmov, va, x86_const32(l, bytes), IR_NONE);
    for (unsigned i = 0; i < bytes; i++) {
        IrType t = bytes == 8 ? T_V64 : T_V128;

        top = ir_vlane(l->blk, t, mask, ir_lane(LANE8, i));
        top = ir_trunc(l->blk, T_I8, top);
        byte = ir_vlane(l->blk, t, value, ir_lane(LANE8, i));
        byte = ir_trunc(l->blk, T_I8, byte);
        ir_skip(l->blk, ir_ltu(l->blk, T_I8, top, ir_const(l->blk, T_I8, 0x80)));
        x86_store(l, l->seg, x86_ea_plus(l, base, i), byte);
        ir_label(l->blk);
    }
    if (bytes == 8) {
        x86_touch_mmx(l);
    }
}

/* MOVDDUP, MOVSLDUP, MOVSHDUP: the even or the odd lanes twice */
void lift_sse_dup(X86Lift *l)
{
    IrRef v;

    if (!x86_begin_sse(l)) {
        return;
    }
    if (x86_arg(l) == DUP_D) {
        v = l->mod == 3 ? half(l, l->rm, 0) : x86_load_vec(l, 8);
        x86_set_xmm(l, l->reg, ir_vjoin(l->blk, T_NO, v, v, 0));
        return;
    }
    v = x86_simd_get(l, 1);
    x86_set_xmm(l, l->reg,
                ir_vshuf(l->blk, T_NO, v, ir_lane(LANE32, x86_arg(l) == DUP_SL ? 0xa0 : 0xf5)));
}

/* r32 = the top bits of the lanes, whose size is the argument */
void lift_movmsk(X86Lift *l)
{
    IrType t = x86_is_mmx(l, 1) ? T_V64 : T_V128;

    if (begin(l)) {
        IrRef v = x86_simd_get(l, 1);

        x86_put(l, 0, ir_vmask(l->blk, t, v, ir_lane(x86_arg(l), 0)));
        if (t == T_V64) {
            x86_touch_mmx(l);
        }
    }
}

/* r32 = word Ib of the register */
void lift_pextrw(X86Lift *l)
{
    IrType t = x86_is_mmx(l, 1) ? T_V64 : T_V128;
    unsigned n = l->imm & (t == T_V64 ? 3 : 7);

    if (begin(l)) {
        IrRef v = x86_simd_get(l, 1);

        v = ir_vlane(l->blk, t, v, ir_lane(LANE16, n));
        x86_put(l, 0, ir_trunc(l->blk, T_I32, v));
        if (t == T_V64) {
            x86_touch_mmx(l);
        }
    }
}

/* word Ib of the register = r32, m16 */
void lift_pinsrw(X86Lift *l)
{
    IrType t = x86_is_mmx(l, 0) ? T_V64 : T_V128;
    unsigned n = l->imm & (t == T_V64 ? 3 : 7);
    IrRef v, old;

    if (!begin(l)) {
        return;
    }
    v = ir_zext(l->blk, T_I64, x86_get(l, 1));
    old = x86_simd_get(l, 0);
    x86_simd_put(l, 0, ir_vset(l->blk, t, old, v, ir_lane(LANE16, n)));
}

/* All x87 registers are empty. */
void lift_emms(X86Lift *l)
{
    if (x86_begin_mmx(l)) {
        x86_touch_mmx(l);
        ir_gst(l->blk, (int32_t)offsetof(X86Cpu, fpu.tags), ir_const(l->blk, T_I8, 0xff));
    }
}

/* MXCSR = m32; #GP(0) if a reserved bit is set */
void lift_ldmxcsr(X86Lift *l)
{
    if (x86_begin_sse(l)) {
        IrRef v = x86_get(l, 0);

        v = x86_call(l, T_I1, X86_H_ldmxcsr, v, IR_NONE, IR_NONE);
        ir_goto_if(l->blk, v, l->next, l->next_mode ^ MODE_SSETRAP);
    }
}

void lift_stmxcsr(X86Lift *l)
{
    if (x86_begin_sse(l)) {
        x86_put(l, 0, x86_call(l, T_I32, X86_H_stmxcsr, IR_NONE, IR_NONE, IR_NONE));
    }
}
