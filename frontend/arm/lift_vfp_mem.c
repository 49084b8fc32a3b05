/* SPDX-License-Identifier: MIT */
/* lift_vfp_mem.c - loads and stores of extension registers, DDI 0406C.d A7.6. */
#include "frontend/arm/lift_fp_priv.h"

/* A3.2.1: these are word-aligned whatever SCTLR.A says; a doubleword too. */
static uint64_t memop(const ArmLift *l, unsigned size)
{
    return (arm_memop(l, size, false) & ~(uint64_t)MO_ALIGN) | 2 << MO_ALIGN_SHIFT;
}

static IrRef offset(ArmLift *l, IrRef base, uint32_t by)
{
    return ir_add(l->blk, T_I32, base, ir_const(l->blk, T_I32, by));
}

static int32_t place(const ArmLift *l, bool dbl)
{
    unsigned reg = arm_fp_reg(l, 'd');

    return dbl ? arm_fp_d(reg) : arm_fp_s(arm_fp_single(reg));
}

/* Align(R[n], 4 if it is the pc) + or - imm8:00 */
static IrRef address(ArmLift *l)
{
    unsigned n = arm_field(l, 'r');
    uint32_t imm = 4 * arm_field(l, 'i');
    IrRef base = arm_get(l, n);

    if (n == 15) {
        base = ir_and(l->blk, T_I32, base, ir_const(l->blk, T_I32, ~3u));
    }
    return offset(l, base, arm_field(l, 'u') != 0 ? imm : 0 - imm);
}

/* D[d] or S[d] = MemA[address] */
void lift_vfp_vldr(ArmLift *l)
{
    bool dbl = arm_arg(l) != 0;
    IrRef va, v;

    if (!arm_fp_begin(l)) {
        return;
    }
    va = address(l);
    v = ir_ld(l->blk, dbl ? T_F64 : T_F32, va, memop(l, dbl ? MO_64 : MO_32) | MO_ONLY);
    ir_gst(l->blk, place(l, dbl), v);
}

/* MemA[address] = D[d] or S[d]; the pc as base is UNPREDICTABLE in T32: we raise UNDEF */
void lift_vfp_vstr(ArmLift *l)
{
    bool dbl = arm_arg(l) != 0;
    IrRef va, v;

    if (arm_field(l, 'r') == 15 && l->row->thumb != 0) {
        arm_undefined(l);
        return;
    }
    if (!arm_fp_begin(l)) {
        return;
    }
    va = address(l);
    v = ir_gld(l->blk, dbl ? T_F64 : T_F32, place(l, dbl));
    ir_st(l->blk, va, v, memop(l, dbl ? MO_64 : MO_32) | MO_ONLY);
}

/* A list of registers, as words in memory order. */
typedef struct List {
    unsigned base;  /* core register */
    unsigned first; /* the first word's S register, were there 64 of them */
    unsigned words;
    uint32_t bytes; /* that the base moves: FLDMX and FSTMX count one word more */
    bool down, dbl;
} List;

/* UNPREDICTABLE, we raise UNDEF: no registers, more than 16 doublewords, beyond the last; the pc as
 * base in T32 or with writeback. A8.8.332, A8.8.412 */
static bool list(ArmLift *l, List *out)
{
    unsigned reg = arm_fp_reg(l, 'd');
    uint32_t imm = arm_field(l, 'i');
    bool dbl = (arm_arg(l) & VFP_DOUBLE) != 0, wback = arm_field(l, 'w') != 0;
    List x = { .base = arm_field(l, 'r'), .bytes = 4 * imm, .dbl = dbl };

    x.first = dbl ? 2 * reg : arm_fp_single(reg);
    x.words = dbl ? imm & ~1u : imm;
    x.down = (arm_arg(l) & VFP_DB) != 0;
    if (x.words == 0 || x.words > 32 || x.first + x.words > (dbl ? 64 : 32)
        || (x.base == 15 && (wback || l->row->thumb != 0))) {
        arm_undefined(l);
        return false;
    }
    *out = x;
    return arm_fp_begin(l);
}

/* Where word @i of the list is: big-endian data has a doubleword's upper half first. */
static int32_t word_place(const ArmLift *l, const List *x, unsigned i)
{
    unsigned swap = x->dbl && (l->mode & MODE_E) != 0 ? 1 : 0;

    return arm_fp_s(x->first + (i ^ swap));
}

static IrRef lowest(ArmLift *l, const List *x, IrRef base)
{
    return x->down ? offset(l, base, 0 - x->bytes) : base;
}

static void write_base(ArmLift *l, const List *x, IrRef base)
{
    if (arm_field(l, 'w') != 0) {
        arm_set(l, x->base, offset(l, base, x->down ? 0 - x->bytes : x->bytes));
    }
}

/* for each register of the list: MemA[address] */
void lift_vfp_vldm(ArmLift *l)
{
    List x;
    IrRef base, va, run, v[32];
    uint64_t op = memop(l, MO_32);

    if (!list(l, &x)) {
        return;
    }
    base = arm_get(l, x.base);
    va = lowest(l, &x, base);
    run = ir_run(l->blk, va, op, 4 * x.words);
    for (unsigned i = 0; i < x.words; i++) {
        v[i] = ir_rld(l->blk, run, va, op, 4 * i);
    }
    for (unsigned i = 0; i < x.words; i++) {
        ir_gst(l->blk, word_place(l, &x, i), v[i]);
    }
    write_base(l, &x, base);
}

/* for each register of the list: MemA[address] = it */
void lift_vfp_vstm(ArmLift *l)
{
    List x;
    IrRef base, va, run;
    uint64_t op = memop(l, MO_32) | MO_WRITE;

    if (!list(l, &x)) {
        return;
    }
    base = arm_get(l, x.base);
    va = lowest(l, &x, base);
    run = ir_run(l->blk, va, op, 4 * x.words);
    for (unsigned i = 0; i < x.words; i++) {
        IrRef v = ir_gld(l->blk, T_I32, word_place(l, &x, i));

        ir_rst(l->blk, run, va, v, op, 4 * i);
    }
    write_base(l, &x, base);
}
