/* SPDX-License-Identifier: MIT */
/* lift.c - operands of x86 instructions: registers, memory through segments, the stack. */
#include "frontend/x86/lift.h"

static int32_t seg_offset(unsigned seg, size_t member)
{
    return (int32_t)(offsetof(X86Cpu, seg) + seg * sizeof(X86Seg) + member);
}

/* ---- sizes ---- */

unsigned x86_size(const X86Lift *l, unsigned i)
{
    switch (l->row->operand[i].size) {
    case 'b': return 1;
    case 'w': return 2;
    case 'd': return 4;
    case 'q': return 8;
    case 'x': return 16;
    case 'v':
    case 'z':
    case 'p': return l->opsize;
    case 'y': return 4;
    default: return 0;
    }
}

IrRef x86_zext(X86Lift *l, IrRef v)
{
    return ir_type_of(l->blk, v) == T_I32 ? v : ir_zext(l->blk, T_I32, v);
}

IrRef x86_sext(X86Lift *l, IrRef v)
{
    unsigned bits = ir_type_bits(ir_type_of(l->blk, v));
    IrRef wide = x86_zext(l, v);

    return bits == 32 ? wide : ir_sext(l->blk, T_I32, wide, bits);
}

/* ---- general registers ---- */

/* AH, CH, DH, BH are bits 15 to 8 of the first four. */
static bool is_high(unsigned n, unsigned bytes) { return bytes == 1 && n >= 4; }

IrRef x86_reg(X86Lift *l, unsigned n, unsigned bytes)
{
    IrRef v = ir_get(l->blk, G_EAX + (is_high(n, bytes) ? n - 4 : n));

    if (is_high(n, bytes)) {
        v = ir_shr(l->blk, T_I32, v, x86_const32(l, 8));
    }
    return bytes == 4 ? v : ir_trunc(l->blk, x86_type(bytes), v);
}

void x86_set_reg(X86Lift *l, unsigned n, unsigned bytes, IrRef v)
{
    unsigned g = G_EAX + (is_high(n, bytes) ? n - 4 : n), shift = is_high(n, bytes) ? 8 : 0;
    uint32_t mask = bytes == 1 ? 0xffu << shift : 0xffff;
    IrRef old, wide;

    if (bytes == 4) {
        ir_set(l->blk, g, v);
        return;
    }
    old = ir_get(l->blk, g);
    old = ir_and(l->blk, T_I32, old, x86_const32(l, ~mask));
    wide = x86_zext(l, v);
    if (shift != 0) {
        wide = ir_shl(l->blk, T_I32, wide, x86_const32(l, shift));
    }
    ir_set(l->blk, g, ir_or(l->blk, T_I32, old, wide));
}

/* ---- addresses ---- */

static IrRef cut(X86Lift *l, unsigned adsize, IrRef off)
{
    return adsize == 2 ? ir_and(l->blk, T_I32, off, x86_const32(l, 0xffff)) : off;
}

static IrRef compute_ea(X86Lift *l)
{
    IrRef sum = IR_NONE, term;

    if (l->base >= 0) {
        sum = ir_get(l->blk, G_EAX + (unsigned)l->base);
    }
    if (l->index >= 0) {
        term = ir_get(l->blk, G_EAX + (unsigned)l->index);
        term = ir_shl(l->blk, T_I32, term, x86_const32(l, l->scale));
        sum = sum == IR_NONE ? term : ir_add(l->blk, T_I32, sum, term);
    }
    if (sum == IR_NONE) {
        return x86_const32(l, l->disp);
    }
    return cut(l, l->adsize, ir_add(l->blk, T_I32, sum, x86_const32(l, l->disp)));
}

IrRef x86_ea(X86Lift *l)
{
    if (l->ea == IR_NONE) {
        l->ea = compute_ea(l);
    }
    return l->ea;
}

IrRef x86_ea_plus(X86Lift *l, IrRef off, uint32_t k)
{
    return k == 0 ? off : cut(l, l->adsize, ir_add(l->blk, T_I32, off, x86_const32(l, k)));
}

bool x86_is_checked(const X86Lift *l, unsigned seg)
{
    switch (seg) {
    case SEG_FS: return (l->mode & MODE_FS) != 0;
    case SEG_GS: return (l->mode & MODE_GS) != 0;
    default: return (l->mode & MODE_SEGS) != 0;
    }
}

IrRef x86_translate(X86Lift *l, unsigned seg, IrRef off, unsigned bytes, X86SegUse use)
{
    IrRef va = off, base, what;

    if (x86_is_checked(l, seg)) {
        what = x86_const32(l, seg | bytes << 8 | (uint32_t)use << 16);
        va = ir_call(l->blk, T_I32, X86_H_segment, off, what, IR_NONE);
    } else if (seg == SEG_CS && use == SEG_STORES) {
        /* Vol. 3 5.5: a code segment cannot be written, and flat segments are protected mode's */
        ir_call(l->blk, T_NO, X86_H_raise_error, x86_const32(l, X86_GP), IR_NONE, IR_NONE);
    } else if (seg >= SEG_FS) {
        base = ir_gld(l->blk, T_I32, seg_offset(seg, offsetof(X86Seg, base)));
        va = ir_add(l->blk, T_I32, off, base);
    }
    return va;
}

IrRef x86_linear(X86Lift *l, unsigned seg, IrRef off, unsigned bytes, bool write)
{
    IrRef va = x86_translate(l, seg, off, bytes, write ? SEG_STORES : SEG_LOADS), what;

    if ((l->mode & MODE_BREAK) != 0) {
        what = x86_const32(l, bytes << 8 | (uint32_t)write << 16);
        ir_call(l->blk, T_NO, X86_H_watch, va, what, IR_NONE);
    }
    return va;
}

IrRef x86_operand_linear(X86Lift *l, uint32_t k, unsigned bytes, bool write)
{
    IrRef off = x86_ea(l);

    return x86_linear(l, l->seg, x86_ea_plus(l, off, k), bytes, write);
}

void x86_require_aligned(X86Lift *l, IrRef va, unsigned bytes, unsigned vector)
{
    IrRef low = ir_and(l->blk, T_I32, va, x86_const32(l, bytes - 1));

    x86_raise_if(l, ir_ne(l->blk, T_I32, low, x86_const32(l, 0)), vector);
}

void x86_check_alignment(X86Lift *l, IrRef va, unsigned bytes)
{
    if ((l->mode & MODE_ALIGN) != 0) {
        x86_require_aligned(l, va, bytes, X86_AC);
    }
}

uint64_t x86_memop(const X86Lift *l, unsigned bytes)
{
    unsigned size = bytes == 1 ? MO_8 : bytes == 2 ? MO_16 : bytes == 4 ? MO_32 : MO_64;
    uint64_t memop = size | MO_TSO;

    if ((l->row->flags & (ROW_MANY | ROW_RMW)) == 0) {
        memop |= MO_ONLY;
    }
    if ((l->mode & MODE_ALIGN) != 0) {
        memop |= (uint64_t)size << MO_ALIGN_SHIFT;
    }
    return memop;
}

IrRef x86_load(X86Lift *l, unsigned seg, IrRef off, unsigned bytes)
{
    bool rmw = (l->row->flags & ROW_RMW) != 0;
    IrRef va = x86_linear(l, seg, off, bytes, rmw);

    return ir_ld(l->blk, x86_type(bytes), va, x86_memop(l, bytes) | (rmw ? MO_WRITE : 0));
}

void x86_store(X86Lift *l, unsigned seg, IrRef off, IrRef v)
{
    unsigned bytes = ir_type_bits(ir_type_of(l->blk, v)) / 8;
    IrRef va = x86_linear(l, seg, off, bytes, true);

    ir_st(l->blk, va, v, x86_memop(l, bytes));
}

void x86_probe_write(X86Lift *l, unsigned seg, IrRef off, unsigned bytes)
{
    IrRef va = x86_translate(l, seg, off, bytes, SEG_STORES);

    ir_ld(l->blk, x86_type(bytes), va, x86_memop(l, bytes) | MO_WRITE);
}

/* ---- operands ---- */

/* eSI or eDI, cut to the address size. */
static IrRef string_pointer(X86Lift *l, unsigned g) { return cut(l, l->adsize, ir_get(l->blk, g)); }

static IrRef get_immediate(X86Lift *l, unsigned i)
{
    unsigned bytes = x86_size(l, i);

    return x86_const(l, bytes, l->imm);
}

/* Bytes that Ibs is extended to: those of the other operand, or of the operand size. */
static IrRef get_extended(X86Lift *l)
{
    unsigned bytes = x86_size(l, 0) > 1 ? x86_size(l, 0) : l->opsize;

    return x86_const(l, bytes, (uint32_t)(int32_t)(int8_t)l->imm);
}

static IrRef get_memory(X86Lift *l, unsigned i)
{
    return x86_load(l, l->seg, x86_ea(l), x86_size(l, i));
}

IrRef x86_get(X86Lift *l, unsigned i)
{
    X86Operand o = l->row->operand[i];
    unsigned bytes = x86_size(l, i);

    switch (o.kind) {
    case OPD_E: return l->mod == 3 ? x86_reg(l, l->rm, bytes) : get_memory(l, i);
    case OPD_M: return get_memory(l, i);
    case OPD_R: return x86_reg(l, l->rm, bytes);
    case OPD_G: return x86_reg(l, l->reg, bytes);
    case OPD_Z: return x86_reg(l, l->opcode & 7, bytes);
    case OPD_REG: return x86_reg(l, o.number, bytes);
    case OPD_I: return get_immediate(l, i);
    case OPD_IS: return get_extended(l);
    case OPD_ONE: return x86_const(l, 1, 1);
    case OPD_O: return x86_load(l, l->seg, x86_const32(l, l->disp), bytes);
    case OPD_X: return x86_load(l, l->seg, string_pointer(l, G_ESI), bytes);
    case OPD_Y: return x86_load(l, SEG_ES, string_pointer(l, G_EDI), bytes);
    default: g_assert_not_reached();
    }
}

void x86_put(X86Lift *l, unsigned i, IrRef v)
{
    X86Operand o = l->row->operand[i];
    unsigned bytes = x86_size(l, i);

    switch (o.kind) {
    case OPD_E:
        if (l->mod == 3) {
            x86_set_reg(l, l->rm, bytes, v);
            break;
        }
        /* fall through */
    case OPD_M: x86_store(l, l->seg, x86_ea(l), v); break;
    case OPD_R: x86_set_reg(l, l->rm, bytes, v); break;
    case OPD_G: x86_set_reg(l, l->reg, bytes, v); break;
    case OPD_Z: x86_set_reg(l, l->opcode & 7, bytes, v); break;
    case OPD_REG: x86_set_reg(l, o.number, bytes, v); break;
    case OPD_O: x86_store(l, l->seg, x86_const32(l, l->disp), v); break;
    case OPD_Y: x86_store(l, SEG_ES, string_pointer(l, G_EDI), v); break;
    default: g_assert_not_reached();
    }
}

/* ---- the stack, Vol. 1 6.2 ---- */

static bool stack16(const X86Lift *l) { return (l->mode & MODE_S16) != 0; }

static IrRef stack_cut(X86Lift *l, IrRef sp) { return cut(l, stack16(l) ? 2 : 4, sp); }

/* Makes @sp, cut already, the stack pointer; SP leaves the upper half of ESP alone. */
static void set_sp(X86Lift *l, IrRef sp)
{
    if (stack16(l)) {
        x86_set_reg(l, G_ESP, 2, ir_trunc(l->blk, T_I16, sp));
    } else {
        ir_set(l->blk, G_ESP, sp);
    }
}

static IrRef sp_plus(X86Lift *l, uint32_t k)
{
    IrRef sp = ir_get(l->blk, G_ESP);

    return stack_cut(l, ir_add(l->blk, T_I32, sp, x86_const32(l, k)));
}

void x86_push(X86Lift *l, IrRef v)
{
    unsigned bytes = ir_type_bits(ir_type_of(l->blk, v)) / 8;
    IrRef sp = sp_plus(l, 0 - bytes);

    x86_store(l, SEG_SS, sp, v);
    set_sp(l, sp);
}

void x86_push_word(X86Lift *l, IrRef v)
{
    IrRef sp = sp_plus(l, 0u - l->opsize);

    x86_store(l, SEG_SS, sp, v);
    set_sp(l, sp);
}

IrRef x86_stack_peek(X86Lift *l, uint32_t k, unsigned bytes)
{
    return x86_load(l, SEG_SS, sp_plus(l, k), bytes);
}

void x86_stack_add(X86Lift *l, uint32_t k) { set_sp(l, sp_plus(l, k)); }

IrRef x86_pop(X86Lift *l, unsigned bytes)
{
    IrRef v = x86_stack_peek(l, 0, bytes);

    x86_stack_add(l, bytes);
    return v;
}
